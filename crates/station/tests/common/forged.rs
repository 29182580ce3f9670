//! A station with a lawful past, and entries appended to it that no decision would have made: hashed,
//! linked and signed as they should be.

use super::*;
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::{AsideDecision, Binding, SessionOpened, WipeIntended};
use sealdock_core::id::{AsideId, ShiftId};
use sealdock_core::listing::LineKind;
use sealdock_core::ports::{Decision, Finding, Registers};
use sealdock_station::check::{CheckOptions, check};

const OWN: &[u8] = b"DCIM/FILE0001.MP4";
const LATER: &[u8] = b"DCIM/FILE0002.MP4";
const OF_OTHERS: [&[u8]; 2] =
    [b"DCIM/J800008_00000020260301080000_0001.MP4", b"DCIM/J800009_00000020260301080000_0001.MP4"];

/// An entry as somebody with the log key would write it.
pub type Forged = (ActorRecord, Event);

pub struct Past {
    pub bench: Bench,
    pub station: Station,
    /// Docked by the officer, and nothing wiped: the clip has its owner, and a link stands aside.
    pub confirmed: DockReport,
    /// Docked by nobody: the same clip was seen again, and another one has no owner.
    pub unconfirmed: DockReport,
    /// Docked by the officer with files of two other recorders: the first clip was seen once more.
    pub conflicting: DockReport,
    pub closed_shift: ShiftId,
    pub open_shift: ShiftId,
}

impl Past {
    pub fn new(setup: Setup) -> Past {
        let bench = Bench::new(setup, &[(OWN, b"footage")]);
        bench.card.put_odd(b"DCIM/link", LineKind::Symlink);
        let station = bench.open();
        enrol(&station, "officer-2", Role::Officer);
        enrol(&station, "clerk-2", Role::Clerk);
        enrol_without_pin(&station, "officer-no-pin", Role::Officer);
        enrol_without_pin(&station, "clerk-no-pin", Role::Clerk);
        let [closed_shift, open_shift] = [(); 2].map(|()| open_shift(&station));
        let kept = || DockRequest { wipe_off: true, ..officers(&station).unwrap() };
        let confirmed = bench.dock_as(&station, &kept()).unwrap();
        bench.card.put(LATER, b"more footage");
        let nobody = DockRequest { unconfirmed: true, actor: operator(), ..kept() };
        let unconfirmed = bench.dock_as(&station, &nobody).unwrap();
        OF_OTHERS.iter().for_each(|name| bench.card.put(name, name));
        let conflicting = bench.dock_as(&station, &kept()).unwrap();
        assert_eq!((confirmed.stored, unconfirmed.stored, conflicting.stored), (1, 1, 2));
        Past { bench, station, confirmed, unconfirmed, conflicting, closed_shift, open_shift }
    }

    /// What `check` finds, every byte and every signature looked at.
    pub fn findings(&self) -> Vec<Finding> {
        let world = self.station.world();
        let options = CheckOptions { deep: true, pin: None };
        let report = check(&*world.ledger, &*world.vault, None, &options, &mut |_, _, _| ());
        report.unwrap().findings
    }

    /// Appends it under a signed head; its entry number.
    pub fn forge(&self, (actor, event): Forged) -> u64 {
        let decide = Box::new(move |_: &dyn Registers, _: &_| Ok(Ok(Decision::from(vec![event]))));
        let appended = self.station.world().ledger.transact(&actor, decide).unwrap().unwrap();
        appended.entries[0].seq
    }

    pub fn owned(&self) -> ClipId {
        self.confirmed.clips[0].1
    }

    pub fn unowned(&self) -> ClipId {
        let new = self.unconfirmed.clips.iter().find(|(_, clip)| *clip != self.owned());
        new.unwrap().1
    }

    /// A clerk's lawful order; its entry number, as intents name it.
    pub fn order(&self, session: SessionId) -> String {
        let command = Command::OrderWipe { session, reason: "seen by the clerk".to_owned() };
        let appended = self.station.apply(&clerk(&self.station), command).unwrap();
        appended.entries[0].seq.to_string()
    }

    /// A clerk says of every clip without owner whose it is.
    pub fn assign_all(&self) {
        let clips = self.bench.rows(&sealdock_core::schema::CLIP).into_iter();
        let clips = clips.filter(|row| row.text_opt("officer").is_none());
        let command = Command::AssignClips {
            clips: clips.map(|row| ClipId(row.int("seq") as u64)).collect(),
            recorder: recorder(RECORDER),
            officer: person(OFFICER),
            reason: "asked both".to_owned(),
        };
        self.station.apply(&clerk(&self.station), command).unwrap();
    }

    /// A clerk orders that it stays on the recorder.
    pub fn leave_what_stands_aside(&self) {
        let command = Command::DecideAside {
            aside: self.aside(),
            decision: AsideDecision::Leave,
            reason: "a link".to_owned(),
        };
        self.station.apply(&clerk(&self.station), command).unwrap();
    }

    pub fn aside(&self) -> AsideId {
        AsideId(self.bench.rows(&sealdock_core::schema::ASIDE)[0].int("seq") as u64)
    }

    /// A session in which no clip was seen.
    pub fn empty_session(&self) -> SessionId {
        let mut recorder = SimCard::new("empty", &[]).dock(&Faults::none());
        self.station.dock(&officers(&self.station).unwrap(), &mut recorder).unwrap().session
    }

    /// An intent to wipe `clip` as a line of the session of `report`.
    pub fn intent(&self, report: &DockReport, clip: ClipId, order: &str, second: &str) -> Forged {
        let Event::ClipStored(stored) = self.station.event(clip.0).unwrap() else {
            panic!("{clip}")
        };
        let line = report.clips.iter().find(|(_, c)| *c == clip).unwrap().0;
        let intended = WipeIntended {
            session: report.session,
            line,
            clip,
            recorder_claim: stored.recorder_claim,
            raw: stored.raw,
            size: stored.size,
            sha256: stored.sha256,
            second_reading: second.to_owned(),
            order: order.to_owned(),
        };
        (ActorRecord::System, Event::WipeIntended(intended))
    }
}

/// A session of `officer`, opened by `actor`.
pub fn session(actor: ActorRecord, officer: &str, binding: Binding) -> Forged {
    let opened = SessionOpened {
        bay: bay("bay-1"),
        recorder_claim: recorder(RECORDER),
        recorder: Some(recorder(RECORDER)),
        officer_claim: Some(person(officer)),
        officer: Some(person(officer)),
        binding,
        fingerprint: "simulated card".to_owned(),
        profile: "generic.ums".to_owned(),
    };
    (actor, Event::SessionOpened(opened))
}

pub fn open_shift(station: &Station) -> ShiftId {
    let appended = station.apply(&clerk(station), Command::OpenShift).unwrap();
    ShiftId(appended.entries.last().unwrap().seq)
}

fn enrol_without_pin(station: &Station, id: &str, role: Role) {
    let command = Command::EnrolPerson {
        id: person(id),
        name: format!("name of {id}"),
        role,
        pin: None,
        department: None,
    };
    station.apply(&operator(), command).unwrap();
}
