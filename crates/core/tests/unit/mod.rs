//! A unit on register tables in memory: two departments, somebody in every role, and footage of one officer.
//! What is written goes through the same projection as ever; what is done goes through `decide`.
#![allow(dead_code, reason = "every test binary uses its own part")]

use sealdock_core::Digest;
use sealdock_core::access::{self, Applicant, Asking, Event as Noted, Level, Purpose, Wanted, Who};
use sealdock_core::actor::{Actor, ActorRecord, PersonProof, Role};
use sealdock_core::cells;
use sealdock_core::command::Command;
use sealdock_core::decide::decide;
use sealdock_core::duty;
use sealdock_core::event::{
    ChunkFacts, ClipSetAside, ClipStored, Event, PersonEnrolled, PolicyAdopted, RecorderEnrolled,
    Software, StationFounded,
};
use sealdock_core::id::{AccessId, AsideId, ClipId, PersonId, RecorderId, SessionId, ShiftId};
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::ports::Context;
use sealdock_core::project::project;
use sealdock_core::schema::PERSON;
use sealdock_core::table::{Cell, RowChange};
use sealdock_core::time::{DAY_MS, Stamp, WallMs};
use sealdock_testkit::tables::MemTables;

/// The officer whose footage it is, of department d1.
pub const OWNER: &str = "o1";

/// Everybody, in the order in which the matrix names them: id, role, department of the duty, what they are.
pub const PEOPLE: [(&str, Role, Option<&str>, &str); 17] = [
    ("o1", Role::Officer, None, "officer, own"),
    ("o2", Role::Officer, None, "officer, other"),
    ("c1", Role::Clerk, None, "clerk"),
    ("c2", Role::Clerk, Some("d2"), "clerk, other department"),
    ("h1", Role::DepartmentHead, Some("d1"), "department head"),
    ("h2", Role::DepartmentHead, Some("d2"), "department head, other department"),
    ("l1", Role::LegalHead, None, "legal head"),
    ("q1", Role::PenaltyHead, None, "penalty head"),
    ("p1", Role::PenaltyLeader, None, "penalty leader"),
    ("p2", Role::PenaltyLeader, None, "penalty leader, deputy"),
    ("u1", Role::UnitHead, None, "unit head"),
    ("v1", Role::Viewer, None, "viewer"),
    ("v2", Role::Viewer, Some("d2"), "viewer, other department"),
    ("a1", Role::Auditor, None, "auditor"),
    ("m1", Role::Operator, None, "operator, a person"),
    ("n1", Role::Officer, None, "no duty"),
    ("r1", Role::Officer, None, "retired"),
];

#[derive(Clone)]
pub struct Unit {
    pub tables: MemTables,
    pub seq: u64,
    /// What the station's clock says. Setting it is setting the clock.
    pub now: WallMs,
    mono_ms: u64,
    boots: u32,
}

pub fn software() -> Software {
    Software { name: "sealdock".to_owned(), version: "0".to_owned(), sha256: None }
}

pub fn pid(id: &str) -> PersonId {
    id.parse().unwrap()
}

pub fn by(id: &str) -> ActorRecord {
    ActorRecord::Person { id: pid(id) }
}

pub fn person(id: &str) -> Actor {
    Actor::Person(PersonProof::assertion(pid(id)))
}

impl Unit {
    /// Everybody has a PIN; the footage of [`OWNER`] is not there yet.
    pub fn new() -> Unit {
        let now = WallMs::parse("2026-11-21T08:00:00Z").unwrap();
        let mut unit = Unit::unfounded(now);
        unit.found();
        unit.adopt(DEFAULT_POLICY);
        for (id, name) in [("d1", "执法一科"), ("d2", "执法二科")] {
            let e = duty::DepartmentAdded { id: id.parse().unwrap(), name: name.to_owned() };
            unit.write(ActorRecord::System, duty::Event::DepartmentAdded(e).into());
        }
        let id: RecorderId = "R1".parse().unwrap();
        let recorder = RecorderEnrolled { id, device_id: None, model: None };
        unit.write(ActorRecord::System, Event::RecorderEnrolled(recorder));
        for (id, role, over, _) in PEOPLE {
            unit.enrol(id, role, over);
        }
        let reason = "moved away".to_owned();
        let retired = duty::PersonRetired { person: pid("r1"), reason };
        unit.write(by("u1"), duty::Event::PersonRetired(retired).into());
        unit
    }

    pub fn unfounded(now: WallMs) -> Unit {
        Unit { tables: MemTables::default(), seq: 0, now, mono_ms: 0, boots: 0 }
    }

    fn found(&mut self) {
        let e = StationFounded {
            origin: "test.example/s1".to_owned(),
            unit: "Test unit".to_owned(),
            log_vkey: "vkey".to_owned(),
            evidence_key: "key".to_owned(),
            software: software(),
            log_public: Digest::of(b"log"),
            evidence_public: Digest::of(b"evidence"),
            policy_sha256: Digest::of(DEFAULT_POLICY.as_bytes()),
        };
        self.write(ActorRecord::System, Event::StationFounded(e));
    }

    pub fn adopt(&mut self, text: &str) {
        let sha256 = Digest::of(text.as_bytes());
        let e = Event::PolicyAdopted(PolicyAdopted { sha256, text: text.to_owned() });
        self.write(ActorRecord::System, e);
    }

    fn enrol(&mut self, id: &str, role: Role, over: Option<&str>) {
        let enrolled = self.write(
            ActorRecord::System,
            Event::PersonEnrolled(PersonEnrolled {
                id: pid(id),
                name: format!("name of {id}"),
                role,
                pin_commitment: Some(Digest::of(id.as_bytes())),
            }),
        );
        let record = duty::PersonRecord {
            name: format!("name of {id}"),
            department: Some(over.unwrap_or("d1").parse().unwrap()),
            phone: Some("0734-110".to_owned()),
            ..duty::PersonRecord::default()
        };
        let corrects = enrolled;
        let described = duty::PersonDescribed { person: pid(id), record, corrects, reason: None };
        self.write(by("c1"), duty::Event::PersonDescribed(described).into());
        let deputy = id == "p2";
        if over.is_some() || deputy || id == "n1" {
            // An enrolment is over the whole unit and for good; these hold something narrower.
            self.end(enrolled);
        }
        if over.is_some() || deputy {
            self.appoint(id, role, over, deputy.then(|| "p1".parse().unwrap()));
        }
    }

    pub fn end(&mut self, duty: u64) {
        let duty =
            duty::DutyEnded { duty: format!("D{duty}").parse().unwrap(), reason: "x".into() };
        self.write(ActorRecord::System, duty::Event::DutyEnded(duty).into());
    }

    pub fn appoint(
        &mut self,
        id: &str,
        role: Role,
        over: Option<&str>,
        acting_for: Option<PersonId>,
    ) -> u64 {
        let e = duty::DutyAppointed {
            person: pid(id),
            role,
            department: over.map(|d| d.parse().unwrap()),
            since: None,
            until: acting_for.as_ref().map(|_| self.now.plus_ms(DAY_MS * 3650)),
            acting_for,
            reason: "appointed".to_owned(),
        };
        self.write(by("u1"), duty::Event::DutyAppointed(e).into())
    }

    /// Everybody has forgotten their PIN and was given another.
    pub fn lend_pins(&mut self) {
        for (id, ..) in PEOPLE {
            let pin_commitment = Digest::of(format!("another of {id}").as_bytes());
            let (person, reason) = (pid(id), Some("forgotten".to_owned()));
            let set = duty::PinSet { person, pin_commitment, reason };
            let giver = if id == "u1" { "c1" } else { "u1" };
            self.write(by(giver), duty::Event::PinSet(set).into());
        }
    }

    /// The record was put back without its database: nobody's PIN came with it.
    pub fn lose_pins(&mut self) {
        let event = sealdock_core::event::StationRestored {
            size: self.seq,
            root: Digest::of(b"root"),
            from: "/mnt/second".to_owned(),
            heads: Vec::new(),
            lost: None,
            pins_lost: true,
            reason: "fire".to_owned(),
        };
        self.write(ActorRecord::Operator { uid: 0 }, Event::StationRestored(event));
    }

    /// Nobody heads the unit, nor ever did: it is being set up.
    pub fn behead(&mut self) {
        let held = duty::duties(&self.tables, &pid("u1"), self.now).unwrap();
        self.end(held[0].duty.0);
        let (key, cells) = (cells! { id: "u1" }, cells! { pin_commitment: Cell::Null });
        self.tables.apply(RowChange::Update { table: &PERSON, key, cells }).unwrap();
    }

    pub fn stamp(&self) -> Stamp {
        Stamp { boot: format!("b{}", self.boots), mono_ms: self.mono_ms, wall: self.now }
    }

    pub fn pass_ms(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        self.mono_ms += ms.unsigned_abs();
    }

    /// The machine was off for so long.
    pub fn off(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        self.mono_ms = 0;
        self.boots += 1;
    }

    /// Time goes by.
    pub fn pass(&mut self, days: i64) {
        let ms = days * DAY_MS;
        self.now = self.now.plus_ms(ms);
        self.mono_ms += ms.unsigned_abs();
    }

    /// An entry, whoever writes it and whatever the rules say.
    pub fn write(&mut self, actor: ActorRecord, event: Event) -> u64 {
        let seq = self.seq;
        for change in project(seq, &self.stamp(), &actor, &event) {
            self.tables.apply(change).unwrap();
        }
        self.seq += 1;
        seq
    }

    /// What `decide` says, without anything happening.
    pub fn ask(&self, actor: &Actor, command: Command) -> Result<Vec<Event>, String> {
        let context = Context { seq: self.seq, at: self.stamp() };
        let decided = decide(actor, command, &self.tables, &context);
        let decided = decided.unwrap_or_else(|e| panic!("undecided: {e}"));
        decided.map(|decision| decision.events).map_err(|refusal| refusal.0.to_string())
    }

    /// Decided and recorded; the number of the first entry.
    pub fn act(&mut self, actor: &Actor, command: Command) -> Result<u64, String> {
        let events = self.ask(actor, command)?;
        let first = self.seq;
        for event in events {
            self.write(actor.record(), event);
        }
        Ok(first)
    }

    pub fn acts(&mut self, id: &str, command: access::Command) -> Result<u64, String> {
        self.act(&person(id), Command::Access(command))
    }

    /// Why `id` may not, in the words of the refusal.
    pub fn refusal(&self, id: &str, command: access::Command) -> String {
        self.ask(&person(id), Command::Access(command)).unwrap_err()
    }

    pub fn clip(&mut self, officer: Option<&str>) -> ClipId {
        let stored = self.stored(officer, Digest::of(&self.seq.to_be_bytes()));
        ClipId(self.write(ActorRecord::System, stored))
    }

    /// What would take these bytes into custody.
    pub fn stored(&self, officer: Option<&str>, sha256: Digest) -> Event {
        let at = self.now;
        Event::ClipStored(Box::new(ClipStored {
            session: SessionId(0),
            line: u32::try_from(self.seq).unwrap(),
            recorder_claim: "R1".parse().unwrap(),
            raw: "00".to_owned(),
            name: "a.mp4".to_owned(),
            size: 7,
            sha256,
            chunk: ChunkFacts { size: 4 << 20, root: Digest::ZERO },
            sm3: None,
            mtime_ms: None,
            named_time: None,
            recorded: Some(at),
            due: Vec::new(),
            recorder: Some("R1".parse().unwrap()),
            officer: officer.map(pid),
            media: "video".to_owned(),
            marked: false,
            copies: vec!["vault".to_owned()],
            read_back: "direct-io".to_owned(),
            binding: "officer-pin".to_owned(),
            sshsig: "sig".to_owned(),
            evidence_epoch: 1,
        }))
    }

    /// A clip is gone, whatever the rules say.
    pub fn dispose(&mut self, clip: ClipId) {
        let change = RowChange::Update {
            table: &sealdock_core::keep::KEPT,
            key: vec![("seq", clip.0.into())],
            cells: vec![("state", "disposed".into()), ("disposed_seq", self.seq.into())],
        };
        self.tables.apply(change).unwrap();
    }

    pub fn level(&mut self, clip: ClipId, level: Level) {
        let e = access::SecrecySet { clip, level, reason: "said so".to_owned() };
        self.write(by("u1"), Noted::SecrecySet(e).into());
    }

    /// A request that stands, written by whoever may.
    pub fn asked(&mut self, who: Who, purpose: Purpose, clips: &[ClipId]) -> AccessId {
        let writer = if who == Who::Colleague { "o2" } else { "c1" };
        AccessId(self.acts(writer, asking(who, purpose, clips)).unwrap())
    }

    /// A request that was approved by whoever approves it.
    pub fn approved(&mut self, who: Who, purpose: Purpose, clips: &[ClipId]) -> AccessId {
        let id = self.asked(who, purpose, clips);
        let approver = match access::approver_role(who) {
            Role::UnitHead => "u1",
            _ => "p1",
        };
        self.acts(approver, approve(id)).unwrap();
        id
    }

    /// A session of the recorder, and something of it that stands aside.
    pub fn aside(&mut self) -> AsideId {
        let e = ClipSetAside {
            session: SessionId(0),
            line: None,
            recorder_claim: "R1".parse().unwrap(),
            raw: "01".to_owned(),
            name: "link".to_owned(),
            size: 1,
            mtime_ms: None,
            reason: sealdock_core::event::AsideReason::NotAFile,
            detail: "a symlink".to_owned(),
            kept: None,
        };
        AsideId(self.write(ActorRecord::System, Event::ClipSetAside(e)))
    }

    pub fn shift(&mut self) -> ShiftId {
        ShiftId(self.act(&person("c1"), Command::OpenShift).unwrap())
    }
}

pub fn outsider(name: &str) -> Applicant {
    Applicant {
        person: None,
        name: name.to_owned(),
        unit: "District court".to_owned(),
        phone: Some("0734-119".to_owned()),
    }
}

pub fn asking(who: Who, purpose: Purpose, clips: &[ClipId]) -> access::Command {
    access::Command::Request(Box::new(Asking {
        who,
        purpose,
        applicant: (who != Who::Colleague).then(|| outsider("Zhao")),
        wanted: Wanted::Clips { clips: clips.to_vec() },
        matter: "(2026) 12".to_owned(),
        reason: "hearing".to_owned(),
        letter: None,
    }))
}

pub fn approve(id: AccessId) -> access::Command {
    access::Command::Approve { access: id, clips: None, expires: None, times: None, reason: None }
}

pub fn viewing(clip: ClipId, access: Option<AccessId>) -> access::Command {
    access::Command::OpenViewing { clip, access, reason: "to look".to_owned(), matter: None }
}
