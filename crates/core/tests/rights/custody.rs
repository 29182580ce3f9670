//! Cases of the station, its recorders and what happens at a bay. Footage is o1's unless it is said otherwise.

use crate::Case;
use crate::unit::{Unit, pid, software};
use sealdock_core::Digest;
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::command::{Command, Founding, Opening, Restoration};
use sealdock_core::event::{
    AsideDecision, ClipAssigned, ClipDescribed, DeadlineMissed, Event, KeyKind, KeyReplaced,
    KeyRotated, ReplaceCause, SessionClosed, StationRestored, Verdict, WipeCertified, WipeOutcome,
    WipeRefused, WipeSettled,
};
use sealdock_core::id::{AsideId, ClipId, SessionId, ShiftId};
use sealdock_core::import::{self, Cell, Line, Table};
use sealdock_core::listing::Listing;
use sealdock_core::policy::{DEFAULT_POLICY, Deadline, Docking, Policy};
use sealdock_core::session::Told;
use sealdock_core::time::ClockOffset;

const REASON: &str = "said so";

fn enrol(id: &str, role: Role) -> Command {
    Command::EnrolPerson { id: pid(id), name: "Sun".to_owned(), role, pin: None, department: None }
}

fn recorder(id: &str) -> Command {
    Command::EnrolRecorder { id: id.parse().unwrap(), device_id: None, model: None }
}

fn sheet(rows: &[&str]) -> Table {
    let line = |(at, row): (usize, &&str)| Line {
        line: u32::try_from(at).unwrap() + 1,
        cells: row.split(',').map(|cell| Cell::Text(cell.to_owned())).collect(),
    };
    Table { lines: rows.iter().enumerate().map(line).collect() }
}

fn people(row: &str) -> Command {
    Command::Import(import::Command::People { table: sheet(&["id,name,role", row]) })
}

fn recorders(row: &str) -> Command {
    Command::Import(import::Command::Recorders { table: sheet(&["id,model,cabinet", row]) })
}

fn bay() -> Command {
    let (id, kind) = ("bay-1".parse().unwrap(), "folder".to_owned());
    Command::AddBay { id, kind, path: "/bays/1".to_owned() }
}

fn mirror() -> Command {
    Command::NameMirror { place: "/mirror".to_owned() }
}

fn assign(clip: ClipId) -> Command {
    let (recorder, officer) = ("R1".parse().unwrap(), pid("o1"));
    Command::AssignClips { clips: vec![clip], recorder, officer, reason: REASON.to_owned() }
}

/// A clip that a clerk assigned to o1.
fn assigned(unit: &mut Unit) -> ClipId {
    let clip = unit.clip(None);
    let (recorder, officer) = ("R1".parse().unwrap(), pid("o1"));
    let assigned = ClipAssigned { clip, recorder, officer, reason: REASON.to_owned() };
    unit.write(ActorRecord::Person { id: pid("c1") }, Event::ClipAssigned(assigned));
    clip
}

fn reassign(clip: ClipId) -> Command {
    let (recorder, officer) = ("R1".parse().unwrap(), pid("o2"));
    Command::ReassignClips { clips: vec![clip], recorder, officer, reason: REASON.to_owned() }
}

fn decide_aside(aside: AsideId, decision: AsideDecision) -> Command {
    Command::DecideAside { aside, decision, reason: REASON.to_owned() }
}

fn opening(unconfirmed: bool) -> Command {
    Command::OpenSession(Box::new(Opening {
        bay: "bay-1".parse().unwrap(),
        recorder_claim: "R1".parse().unwrap(),
        officer_claim: Some(pid("o1")),
        fingerprint: "folder".to_owned(),
        profile: "generic".to_owned(),
        unconfirmed,
    }))
}

/// A session that is open.
fn session(unit: &mut Unit) -> SessionId {
    SessionId(unit.act(&crate::actor("o1"), opening(false)).unwrap())
}

fn sign(session: SessionId) -> Command {
    let clock = ClockOffset::Unknown { reason: "not asked".to_owned() };
    let listing = Listing { v: 1, at: sealdock_core::time::WallMs(0), clock, lines: Vec::new() };
    let object = Digest::of(b"listing");
    Command::SignListing { session, object, listing: Box::new(listing), conflict: None }
}

fn close(session: SessionId) -> Command {
    Command::CloseSession(SessionClosed {
        session,
        verdict: Verdict::Done,
        summary: "done".to_owned(),
        stored: 0,
        seen: 0,
        aside: 0,
        wiped: 0,
    })
}

fn certify(session: SessionId) -> Command {
    Command::Certify(WipeCertified {
        session,
        object: Digest::of(b"listing"),
        wiped: 0,
        wiped_bytes: 0,
        stayed: 0,
        appeared: 0,
        why_stayed: Vec::new(),
    })
}

/// A clip that missed a deadline.
fn late(unit: &mut Unit) -> ClipId {
    let clip = unit.clip(Some("o1"));
    let (due, stored) = (unit.now, unit.now.plus_ms(1));
    let clock = Deadline::AfterRecording;
    let missed = DeadlineMissed { clip, clock, due, stored, alarm: true };
    unit.write(ActorRecord::System, Event::DeadlineMissed(missed));
    clip
}

fn reason(clip: ClipId) -> Command {
    Command::GiveReason { clip, text: REASON.to_owned(), correcting: None }
}

fn rotation() -> Command {
    Command::RotateKey(KeyRotated {
        key: KeyKind::Log,
        epoch: 2,
        old_public: Digest::of(b"log"),
        new_public: Digest::of(b"next"),
        old_signature: "old".to_owned(),
        new_signature: "new".to_owned(),
    })
}

fn replacement(key: KeyKind, cause: ReplaceCause) -> KeyReplaced {
    KeyReplaced {
        key,
        epoch: 2,
        old_public: Digest::of(key.as_str().as_bytes()),
        new_public: Digest::of(format!("next {}", key.as_str()).as_bytes()),
        cause,
        since: None,
        reason: REASON.to_owned(),
        old_signature: None,
        new_signature: "new".to_owned(),
    }
}

fn restoration(size: u64) -> Command {
    let replaced = |key| replacement(key, ReplaceCause::Restored);
    let restored = StationRestored {
        size,
        root: Digest::of(b"root"),
        from: "/mnt/second".to_owned(),
        heads: Vec::new(),
        lost: None,
        pins_lost: false,
        reason: REASON.to_owned(),
    };
    let keys = [replaced(KeyKind::Log), replaced(KeyKind::Evidence)];
    Command::Restore(Box::new(Restoration { keys, restored }))
}

fn founding() -> Command {
    Command::Found(Box::new(Founding {
        origin: "test.example/s2".to_owned(),
        unit: "Test unit".to_owned(),
        log_vkey: "vkey".to_owned(),
        evidence_key: "key".to_owned(),
        log_public: Digest::of(b"log"),
        evidence_public: Digest::of(b"evidence"),
        software: software(),
        policy: DEFAULT_POLICY.to_owned(),
        copies: None,
    }))
}

fn settled() -> Command {
    Command::SettleWipes {
        settled: vec![WipeSettled {
            session: SessionId(0),
            line: 0,
            outcome: WipeOutcome::Wiped,
            reason: None,
            shown_by: None,
        }],
    }
}

macro_rules! case {
    ($command:literal, $state:literal, $make:expr) => {
        Case { command: $command, state: $state, make: $make }
    };
}

pub const CASES: &[Case] = &[
    case!("adopt-policy", "another text", |_| Command::AdoptPolicy {
        text: DEFAULT_POLICY.replacen("settle_s = { value = 3", "settle_s = { value = 4", 1),
    }),
    case!("adopt-policy", "the text in force", |_| Command::AdoptPolicy {
        text: DEFAULT_POLICY.to_owned(),
    }),
    case!("enrol-person", "an officer", |_| enrol("x1", Role::Officer)),
    case!("enrol-person", "a viewer", |_| enrol("x1", Role::Viewer)),
    case!("enrol-person", "enrolled already", |_| enrol("o2", Role::Officer)),
    case!("enrol-recorder", "new", |_| recorder("R2")),
    case!("enrol-recorder", "new, no unit head yet", |u| {
        u.behead();
        recorder("R2")
    }),
    case!("enrol-recorder", "enrolled already", |_| recorder("R1")),
    case!("import people", "an officer", |_| people("x1,Sun,officer")),
    case!("import people", "a viewer", |_| people("x1,Sun,viewer")),
    case!("import people", "an officer, no unit head yet", |u| {
        u.behead();
        people("x1,Sun,officer")
    }),
    case!("import people", "who stands otherwise in the register", |_| people("o2,Sun,officer")),
    case!("import recorders", "new", |_| recorders("R2,DSJ,")),
    case!("import recorders", "new, with particulars", |_| recorders("R2,DSJ,2")),
    case!("import recorders", "new, no unit head yet", |u| {
        u.behead();
        recorders("R2,DSJ,")
    }),
    case!("add-bay", "new", |_| bay()),
    case!("add-bay", "new, no unit head yet", |u| {
        u.behead();
        bay()
    }),
    case!("open-shift", "none open", |_| Command::OpenShift),
    case!("close-shift", "c1's", |u| Command::CloseShift { shift: u.shift() }),
    case!("close-shift", "none", |_| Command::CloseShift { shift: ShiftId(0) }),
    case!("assign-clips", "unassigned", |u| assign(u.clip(None))),
    case!("assign-clips", "assigned already", |u| assign(u.clip(Some("o1")))),
    case!("reassign-clips", "a clerk assigned it", |u| reassign(assigned(u))),
    case!("reassign-clips", "docked under the officer's PIN", |u| reassign(u.clip(Some("o1")))),
    case!("reassign-clips", "unassigned", |u| reassign(u.clip(None))),
    case!("decide-aside", "open, leave it", |u| {
        let aside = u.aside();
        decide_aside(aside, AsideDecision::Leave)
    }),
    case!("decide-aside", "open, as if it were stored", |u| {
        let aside = u.aside();
        decide_aside(aside, AsideDecision::Stored)
    }),
    case!("decide-aside", "none", |_| decide_aside(AsideId(99), AsideDecision::Leave)),
    case!("give-reason", "late", |u| reason(late(u))),
    case!("give-reason", "in time", |u| reason(u.clip(Some("o1")))),
    case!("order-wipe", "docked", |u| Command::OrderWipe {
        session: session(u),
        reason: REASON.to_owned(),
    }),
    case!("order-wipe", "no such session", |_| Command::OrderWipe {
        session: SessionId(99),
        reason: REASON.to_owned(),
    }),
    case!("accept-single-copy", "undecided", |_| Command::AcceptSingleCopy),
    case!("accept-single-copy", "undecided, no unit head yet", |u| {
        u.behead();
        Command::AcceptSingleCopy
    }),
    case!("name-mirror", "undecided", |_| mirror()),
    case!("name-mirror", "undecided, no unit head yet", |u| {
        u.behead();
        mirror()
    }),
    case!("rotate-key", "the log key", |_| rotation()),
    case!("rotate-key", "the log key, no unit head yet", |u| {
        u.behead();
        rotation()
    }),
    case!("replace-key", "the log key, stolen", |_| {
        Command::ReplaceKey(replacement(KeyKind::Log, ReplaceCause::Stolen))
    }),
    case!("replace-key", "the log key, lost, no unit head yet", |u| {
        u.behead();
        Command::ReplaceKey(replacement(KeyKind::Log, ReplaceCause::Lost))
    }),
    case!("replace-key", "as if after a restore", |_| {
        Command::ReplaceKey(replacement(KeyKind::Log, ReplaceCause::Restored))
    }),
    case!("restore", "from a copy", |u| restoration(u.seq)),
    case!("restore", "from tiles, so that every PIN is lost", |u| {
        let Command::Restore(mut made) = restoration(u.seq) else { unreachable!() };
        made.restored.pins_lost = true;
        Command::Restore(made)
    }),
    case!("restore", "from a copy of a shorter record", |u| restoration(u.seq - 1)),
    case!("found", "founded already", |_| founding()),
    case!("found", "nothing there yet", |u| {
        *u = Unit::unfounded(u.now);
        founding()
    }),
    case!("start", "founded", |_| Command::Start { software: software() }),
    case!("recover", "a session was left open", |u| {
        session(u);
        Command::Recover
    }),
    case!("note-pin-refused", "o2's", |_| Command::NotePinRefused { person: pid("o2") }),
    case!("refuse-dock", "something odd", |_| Command::RefuseDock {
        bay: "bay-1".parse().unwrap(),
        what: "stick".to_owned(),
        reason: REASON.to_owned(),
    }),
    case!("open-session", "brought back by o1, policy officer-pin", |_| opening(false)),
    case!("open-session", "brought back by o1, saved unconfirmed", |_| opening(true)),
    case!("open-session", "brought back by o1, policy clerk-shift, c1's shift open", |u| {
        u.adopt(&Policy::default_text(Docking::ClerkShift));
        u.shift();
        opening(false)
    }),
    case!("open-session", "brought back by o1, everybody's PIN was given by another", |u| {
        u.lend_pins();
        opening(false)
    }),
    case!("open-session", "open already", |u| {
        session(u);
        opening(false)
    }),
    case!("record-told", "session open", |u| told(session(u))),
    case!("record-told", "listed already", |u| {
        let session = session(u);
        u.act(&crate::actor("sys"), sign(session)).unwrap();
        told(session)
    }),
    case!("sign-listing", "session open", |u| sign(session(u))),
    case!("sign-listing", "no such session", |_| sign(SessionId(99))),
    case!("store-clips", "listed", |u| {
        let session = session(u);
        u.act(&crate::actor("sys"), sign(session)).unwrap();
        Command::StoreClips { session, clips: Vec::new() }
    }),
    case!("store-clips", "not listed", |u| {
        let session = session(u);
        Command::StoreClips { session, clips: Vec::new() }
    }),
    case!("set-aside", "session open", |_| Command::SetAside { asides: Vec::new() }),
    case!("describe", "stored", |u| {
        let clip = u.clip(Some("o1"));
        let undescribed = Some("no probe".to_owned());
        Command::Describe { facts: vec![ClipDescribed { clip, facts: None, undescribed }] }
    }),
    case!("refuse-wipes", "stored", |u| {
        let (clip, session) = (u.clip(Some("o1")), session(u));
        let reasons = vec![REASON.to_owned()];
        Command::RefuseWipes { refusals: vec![WipeRefused { session, line: 0, clip, reasons }] }
    }),
    case!("intend-wipes", "session open", |_| Command::IntendWipes { intents: Vec::new() }),
    case!("settle-wipes", "nothing to settle", |_| Command::SettleWipes { settled: Vec::new() }),
    case!("settle-wipes", "no intent", |_| settled()),
    case!("certify", "session open", |u| certify(session(u))),
    case!("certify", "no such session", |_| certify(SessionId(99))),
    case!("close-session", "open", |u| close(session(u))),
    case!("close-session", "closed already", |u| {
        let session = session(u);
        u.act(&crate::actor("sys"), close(session)).unwrap();
        close(session)
    }),
];

fn told(session: SessionId) -> Command {
    let source = "unlock".to_owned();
    Command::RecordTold {
        session,
        told: Told { battery_percent: Some(80), source, ..Told::default() },
    }
}
