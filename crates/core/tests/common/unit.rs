//! A unit on values: registers in memory, a clock, and decisions that are written as the ledger would.
#![allow(dead_code, reason = "every test binary uses its own part")]

use sealdock_chain::digest::Digest;
use sealdock_core::actor::{Actor, ActorRecord, PersonProof, Role};
use sealdock_core::command::Command;
use sealdock_core::decide::decide;
use sealdock_core::duty::{self, DepartmentAdded, DutyAppointed, PersonDescribed, PersonRecord};
use sealdock_core::event::{ChunkFacts, ClipStored, Event, PersonEnrolled, PolicyAdopted};
use sealdock_core::id::{ClipId, SessionId};
use sealdock_core::keep::{self, Audited};
use sealdock_core::objection;
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::ports::{Context, LedgerReport};
use sealdock_core::project::project;
use sealdock_core::time::{DAY_MS, Stamp, WallMs};
use sealdock_testkit::tables::MemTables;

/// 2026-03-01T08:00:00Z
pub const START: i64 = 1_772_352_000_000;

#[derive(Clone)]
pub struct Unit {
    pub tables: MemTables,
    pub seq: u64,
    pub at: Stamp,
}

pub fn person(id: &str) -> Actor {
    Actor::Person(PersonProof::assertion(id.parse().unwrap()))
}

pub fn operator() -> Actor {
    Actor::Operator { uid: 0 }
}

impl Unit {
    /// Department d1 with its head `dh`, officers `o1` and `o2`; department d2 with head `dh2` and officer
    /// `o3`; the clerks `c1` and `c2`, the legal head `lh`, the unit head `uh`, the auditors `a1` and `a2`,
    /// the operator `op`; `np` is a unit head without a PIN.
    pub fn new() -> Unit {
        let at = Stamp { boot: "boot-1".to_owned(), mono_ms: 1000, wall: WallMs(START) };
        let mut unit = Unit { tables: MemTables::default(), seq: 0, at };
        unit.adopt(DEFAULT_POLICY);
        for id in ["d1", "d2"] {
            let added = DepartmentAdded { id: id.parse().unwrap(), name: id.to_owned() };
            unit.write(&ActorRecord::System, duty::Event::DepartmentAdded(added).into());
        }
        let people = [
            ("o1", Role::Officer, Some("d1")),
            ("o2", Role::Officer, Some("d1")),
            ("o3", Role::Officer, Some("d2")),
            ("c1", Role::Clerk, None),
            ("c2", Role::Clerk, None),
            ("lh", Role::LegalHead, None),
            ("uh", Role::UnitHead, None),
            ("a1", Role::Auditor, None),
            ("a2", Role::Auditor, None),
            ("op", Role::Operator, None),
            ("np", Role::UnitHead, None),
            ("dh", Role::Officer, Some("d1")),
            ("dh2", Role::Officer, Some("d2")),
        ];
        for (id, role, department) in people {
            unit.enrol(id, role, department);
        }
        unit.appoint("dh", Role::DepartmentHead, Some("d1"));
        unit.appoint("dh2", Role::DepartmentHead, Some("d2"));
        unit
    }

    fn enrol(&mut self, id: &str, role: Role, department: Option<&str>) {
        let enrolled = PersonEnrolled {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            role,
            pin_commitment: (id != "np").then(|| Digest::of(id.as_bytes())),
        };
        let corrects = self.write(&ActorRecord::System, Event::PersonEnrolled(enrolled));
        let Some(department) = department else { return };
        let record = PersonRecord {
            name: id.to_owned(),
            department: Some(department.parse().unwrap()),
            ..PersonRecord::default()
        };
        let person = id.parse().unwrap();
        let described = PersonDescribed { person, record, corrects, reason: None };
        self.write(&ActorRecord::System, duty::Event::PersonDescribed(described).into());
    }

    pub fn appoint(&mut self, id: &str, role: Role, department: Option<&str>) {
        let appointed = DutyAppointed {
            person: id.parse().unwrap(),
            role,
            department: department.map(|d| d.parse().unwrap()),
            since: None,
            until: None,
            acting_for: None,
            reason: "test".to_owned(),
        };
        self.write(&ActorRecord::System, duty::Event::DutyAppointed(appointed).into());
    }

    /// Over the whole unit or a department, in the place of whoever holds it.
    pub fn deputise(&mut self, id: &str, role: Role, (department, head): (Option<&str>, &str)) {
        let appointed = DutyAppointed {
            person: id.parse().unwrap(),
            role,
            department: department.map(|d| d.parse().unwrap()),
            since: None,
            until: Some(self.at.wall.plus_ms(3650 * DAY_MS)),
            acting_for: Some(head.parse().unwrap()),
            reason: "test".to_owned(),
        };
        self.write(&ActorRecord::System, duty::Event::DutyAppointed(appointed).into());
    }

    /// The machine is switched off, and on again after so long by its clock.
    pub fn boot(&mut self, after_ms: i64) {
        let (boot, wall) = (format!("boot at {}", self.seq), self.at.wall.plus_ms(after_ms));
        self.at = Stamp { boot, mono_ms: 1000, wall: wall.plus_ms(1000) };
    }

    pub fn adopt(&mut self, text: &str) {
        let sha256 = Digest::of(text.as_bytes());
        let adopted = PolicyAdopted { sha256, text: text.to_owned() };
        self.write(&ActorRecord::System, Event::PolicyAdopted(adopted));
    }

    /// The default policy with one piece exchanged.
    pub fn adopt_with(&mut self, from: &str, to: &str) {
        let text = DEFAULT_POLICY.replacen(from, to, 1);
        assert_ne!(text, DEFAULT_POLICY, "{from}");
        self.adopt(&text);
    }

    pub fn days(&mut self, days: i64) {
        self.pass(days * DAY_MS);
    }

    /// Time passes.
    pub fn pass(&mut self, ms: i64) {
        self.at.wall = self.at.wall.plus_ms(ms);
        self.at.mono_ms = self.at.mono_ms.saturating_add_signed(ms);
    }

    /// Writes an event as it is, whoever may. Returns its entry.
    pub fn write(&mut self, actor: &ActorRecord, event: Event) -> u64 {
        for change in project(self.seq, &self.at, actor, &event) {
            self.tables.apply(change).unwrap();
        }
        self.seq += 1;
        self.seq - 1
    }

    /// A clip of an officer, in custody from now on.
    pub fn clip(&mut self, officer: Option<&str>, bytes: &str) -> ClipId {
        self.clip_in(officer, bytes, "vault")
    }

    pub fn clip_in(&mut self, officer: Option<&str>, bytes: &str, copies: &str) -> ClipId {
        let stored = ClipStored {
            session: SessionId(0),
            line: u32::try_from(self.seq).unwrap(),
            recorder_claim: "R1".parse().unwrap(),
            raw: String::new(),
            name: bytes.to_owned(),
            size: bytes.len() as u64,
            sha256: Digest::of(bytes.as_bytes()),
            chunk: ChunkFacts { size: 4 << 20, root: Digest::of(b"") },
            sm3: None,
            mtime_ms: None,
            named_time: None,
            recorded: None,
            due: Vec::new(),
            recorder: officer.map(|_| "R1".parse().unwrap()),
            officer: officer.map(|id| id.parse().unwrap()),
            media: "video".to_owned(),
            marked: false,
            copies: copies.split('+').map(str::to_owned).collect(),
            read_back: "direct-io".to_owned(),
            binding: "officer-pin".to_owned(),
            sshsig: String::new(),
            evidence_epoch: 1,
        };
        ClipId(self.write(&ActorRecord::System, Event::ClipStored(Box::new(stored))))
    }

    /// Decides and writes. Every event that is written stands the question of `check` as well.
    pub fn does(&mut self, actor: &Actor, command: Command) -> Result<Vec<Event>, String> {
        let context = Context { seq: self.seq, at: self.at.clone() };
        let decided = decide(actor, command, &self.tables, &context).unwrap();
        let events = decided.map_err(|refusal| refusal.0.to_string())?.events;
        let record = actor.record();
        for event in &events {
            assert!(objection::concerns(event));
            let why = objection::objection(&self.tables, &self.at, &record, event).unwrap();
            assert_eq!(why, None, "check would find {event:?}");
            self.write(&record, event.clone());
        }
        Ok(events)
    }

    /// As [`Unit::does`], by the id of a person.
    pub fn by(&mut self, id: &str, command: keep::Command) -> Result<Vec<Event>, String> {
        self.does(&person(id), Command::Keep(command))
    }

    /// The refusal of a command; nothing is written.
    pub fn refused(&mut self, id: &str, command: keep::Command) -> String {
        let before = self.tables.clone();
        let why = self.by(id, command).expect_err("it is refused");
        assert_eq!(self.tables, before, "a refusal changes nothing");
        why
    }

    /// Would `check` find it, had it been written behind the rules?
    pub fn found(&self, actor: &ActorRecord, event: impl Into<Event>) -> Option<String> {
        objection::objection(&self.tables, &self.at, actor, &event.into())
            .unwrap()
            .map(|why| why.to_string())
    }

    pub fn against(&self, clip: ClipId) -> Vec<String> {
        let all = keep::objections(&self.tables, clip, &self.at).unwrap();
        all.iter().map(|why| why.to_string()).collect()
    }

    pub fn class(&mut self, id: &str, clip: ClipId, class: &str) -> Result<Vec<Event>, String> {
        let reason = "test".to_owned();
        self.by(id, keep::Command::Class { clips: vec![clip], class: class.to_owned(), reason })
    }
}

/// A walk over the chain that found nothing.
pub fn audited() -> Audited {
    Audited::of(&LedgerReport { entries: 7, findings: Vec::new() }).expect("nothing was found")
}

pub fn record(id: &str) -> ActorRecord {
    ActorRecord::Person { id: id.parse().unwrap() }
}
