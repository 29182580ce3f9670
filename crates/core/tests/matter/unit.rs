//! A small unit whose registers are in memory. What is decided is written, and before every entry it is
//! asked once more, as `check` does, whether whoever wrote it had the right to.

use sealdock_core::actor::{Actor, ActorRecord, PersonProof, Role};
use sealdock_core::command::Command;
use sealdock_core::decide::decide;
use sealdock_core::event::{
    Binding, ChunkFacts, ClipDescribed, ClipStored, Event, ListingSigned, PersonEnrolled,
    PolicyAdopted, SessionClosed, SessionOpened, Verdict,
};
use sealdock_core::id::{ClipId, MatterId, PersonId, SessionId, StepId};
use sealdock_core::matter::{self, MatterKind, MatterRecord};
use sealdock_core::objection::{concerns, objection};
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::ports::Context;
use sealdock_core::project::project;
use sealdock_core::time::{ClockOffset, DAY_MS, Stamp, WallMs};
use sealdock_core::{Digest, duty};
use sealdock_testkit::tables::MemTables;

pub const NOON: &str = "2026-03-02T04:00:00Z";

pub struct Unit {
    pub tables: MemTables,
    pub seq: u64,
    pub now: WallMs,
    /// The docking that clips come from.
    pub session: u64,
}

pub fn id(text: &str) -> PersonId {
    text.parse().unwrap()
}

pub fn at(text: &str) -> WallMs {
    WallMs::parse(text).unwrap()
}

impl Unit {
    /// Departments d1 and d2; officers o1 and o2 of d1, o3 of d2; heads h1 of d1, h2 of d2; clerk c1 of the unit, c2 of d2; unit
    /// head u1; auditor a1; officer o9 without a PIN; one docking of R1.
    pub fn new() -> Unit {
        let now = at(NOON);
        let mut unit = Unit { tables: MemTables::default(), seq: 0, now, session: 0 };
        let text = DEFAULT_POLICY.to_owned();
        let sha256 = Digest::of(text.as_bytes());
        unit.write(&ActorRecord::System, &Event::PolicyAdopted(PolicyAdopted { sha256, text }));
        for department in ["d1", "d2"] {
            let added =
                duty::DepartmentAdded { id: department.parse().unwrap(), name: department.into() };
            unit.write(&ActorRecord::System, &duty::Event::DepartmentAdded(added).into());
        }
        for (person, role, department) in [
            ("o1", Role::Officer, "d1"),
            ("o2", Role::Officer, "d1"),
            ("o3", Role::Officer, "d2"),
            ("o9", Role::Officer, "d1"),
            ("c1", Role::Clerk, "d1"),
            ("u1", Role::UnitHead, "d1"),
            ("a1", Role::Auditor, "d1"),
        ] {
            unit.enrol(person, role, department);
        }
        unit.head("h1", "d1");
        unit.head("h2", "d2");
        unit.over("c2", Role::Clerk, "d2");
        unit.session = unit.dock("R1", "o1", Some(0), "done");
        unit
    }

    pub fn enrol(&mut self, person: &str, role: Role, department: &str) {
        let pin_commitment = (person != "o9").then_some(Digest::ZERO);
        let enrolled = PersonEnrolled { id: id(person), name: person.into(), role, pin_commitment };
        self.write(&ActorRecord::System, &Event::PersonEnrolled(enrolled));
        let record = duty::PersonRecord {
            name: person.into(),
            department: Some(department.parse().unwrap()),
            ..duty::PersonRecord::default()
        };
        let described =
            duty::PersonDescribed { person: id(person), record, corrects: 0, reason: None };
        self.write(&ActorRecord::System, &duty::Event::PersonDescribed(described).into());
    }

    /// A head of one department only.
    fn head(&mut self, person: &str, department: &str) {
        self.over(person, Role::DepartmentHead, department);
    }

    /// Somebody who holds a role over one department only.
    fn over(&mut self, person: &str, role: Role, department: &str) {
        self.enrol(person, Role::Viewer, department);
        let appointed = duty::DutyAppointed {
            person: id(person),
            role,
            department: Some(department.parse().unwrap()),
            since: None,
            until: None,
            acting_for: None,
            reason: "x".into(),
        };
        self.write(&ActorRecord::System, &duty::Event::DutyAppointed(appointed).into());
    }

    pub fn stamp(&self) -> Stamp {
        Stamp { boot: "b".into(), mono_ms: 0, wall: self.now }
    }

    /// Writes an entry; its number.
    pub fn write(&mut self, actor: &ActorRecord, event: &Event) -> u64 {
        let text = serde_json::to_string(event).unwrap();
        let read: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(read, *event, "an entry reads back as itself");
        for change in project(self.seq, &self.stamp(), actor, event) {
            self.tables.apply(change).unwrap();
        }
        self.seq += 1;
        self.seq - 1
    }

    /// A command of this room; the events that were written, or the refusal.
    pub fn act(&mut self, actor: &Actor, command: matter::Command) -> Result<Vec<Event>, String> {
        let context = Context { seq: self.seq, at: self.stamp() };
        let decided = decide(actor, Command::Matter(command), &self.tables, &context).unwrap();
        let events = decided.map_err(|refusal| refusal.0.to_string())?.events;
        for event in &events {
            assert!(concerns(event), "{event:?}");
            let why = objection(&self.tables, &self.stamp(), &actor.record(), event).unwrap();
            assert_eq!(why, None, "what is decided stands up to check: {event:?}");
            self.write(&actor.record(), event);
        }
        Ok(events)
    }

    pub fn by(&mut self, person: &str, command: matter::Command) -> Result<Vec<Event>, String> {
        self.act(&self::person(person), command)
    }

    /// Why `actor` could not have written this, as `check` says it.
    pub fn objects(&self, actor: &ActorRecord, event: matter::Event) -> Option<String> {
        objection(&self.tables, &self.stamp(), actor, &event.into())
            .unwrap()
            .map(|why| why.to_string())
    }

    pub fn later(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
    }

    pub fn days_later(&mut self, days: i64) {
        self.later(days * DAY_MS);
    }

    /// A docking of a recorder; its number.
    pub fn dock(
        &mut self,
        recorder: &str,
        officer: &str,
        offset: Option<i64>,
        verdict: &str,
    ) -> u64 {
        let binding = Binding::OfficerPin { officer: id(officer) };
        self.dock_bound(recorder, officer, (binding, offset), verdict)
    }

    pub fn dock_bound(
        &mut self,
        recorder: &str,
        officer: &str,
        (binding, offset): (Binding, Option<i64>),
        verdict: &str,
    ) -> u64 {
        let opened = SessionOpened {
            bay: "b1".parse().unwrap(),
            recorder_claim: recorder.parse().unwrap(),
            recorder: Some(recorder.parse().unwrap()),
            officer_claim: None,
            officer: Some(id(officer)),
            binding,
            fingerprint: "x".into(),
            profile: "generic".into(),
        };
        let session = self.write(&ActorRecord::System, &Event::SessionOpened(opened));
        let clock = match offset {
            Some(offset_ms) => ClockOffset::Measured { offset_ms, source: "x".into() },
            None => ClockOffset::Unknown { reason: "x".into() },
        };
        let listed = ListingSigned {
            session: SessionId(session),
            object: Digest::ZERO,
            lines: 1,
            files: 1,
            bytes: 1,
            clock,
            conflict: None,
        };
        self.write(&ActorRecord::System, &Event::ListingSigned(listed));
        let verdict = match verdict {
            "done" => Verdict::Done,
            "held" => Verdict::Held,
            _ => return session,
        };
        let closed = SessionClosed {
            session: SessionId(session),
            verdict,
            summary: "x".into(),
            stored: 1,
            seen: 0,
            aside: 0,
            wiped: 1,
        };
        self.write(&ActorRecord::System, &Event::SessionClosed(closed));
        session
    }

    /// A whole video of o1 with R1, ten minutes from `minute` after eight, described.
    pub fn clip(&mut self, name: &'static str, minute: i64) -> ClipId {
        self.clip_of(Clip { name, minute, ..Clip::default() })
    }

    pub fn clip_of(&mut self, clip: Clip) -> ClipId {
        let start = at("2026-03-02T00:00:00Z").plus_ms(clip.minute * 60_000);
        let end = start.plus_ms(600_000);
        let named = clip.minute * 60 + clip.ahead_s;
        let (hour, minute, second) = (8 + named / 3600, named / 60 % 60, named % 60);
        let stored = ClipStored {
            session: SessionId(self.session),
            line: u32::try_from(self.seq).unwrap(),
            recorder_claim: clip.recorder.parse().unwrap(),
            raw: "00".into(),
            name: clip.name.into(),
            size: 1,
            sha256: Digest::of(clip.name.as_bytes()),
            chunk: ChunkFacts { size: 4 << 20, root: Digest::ZERO },
            sm3: None,
            mtime_ms: Some(end.0),
            named_time: Some(format!("2026-03-02T{hour:02}:{minute:02}:{second:02}")),
            recorded: Some(end),
            due: Vec::new(),
            recorder: clip.officer.map(|_| clip.recorder.parse().unwrap()),
            officer: clip.officer.map(id),
            media: clip.media.into(),
            marked: clip.marked,
            copies: vec!["vault".into(), "mirror".into()],
            read_back: "direct-io".into(),
            binding: "officer-pin".into(),
            sshsig: "x".into(),
            evidence_epoch: 1,
        };
        let seq = self.write(&ActorRecord::System, &Event::ClipStored(Box::new(stored)));
        if let Some(facts) = clip.facts {
            let facts = Some(serde_json::from_str(facts).unwrap());
            let described = ClipDescribed { clip: ClipId(seq), facts, undescribed: None };
            self.write(&ActorRecord::System, &Event::ClipDescribed(described));
        }
        ClipId(seq)
    }

    /// A matter of o1 and o2 in d1.
    pub fn matter(&mut self) -> MatterId {
        let seq = self.seq;
        self.by("o1", matter::Command::OpenMatter { record: record() }).unwrap();
        MatterId(seq)
    }

    pub fn step(&mut self, matter: MatterId, item: &str) -> StepId {
        let seq = self.seq;
        self.by("o1", declare(matter, item)).unwrap();
        StepId(seq)
    }

    pub fn bind(&mut self, clips: &[ClipId], step: StepId) -> Vec<Event> {
        self.by("o1", bind(clips, step)).unwrap()
    }

    pub fn close_step(&mut self, step: StepId) -> Vec<Event> {
        self.by("o1", matter::Command::CloseStep { step, ended: None }).unwrap()
    }
}

/// What a test says about a clip.
pub struct Clip {
    pub name: &'static str,
    pub minute: i64,
    /// How far the recorder's clock is ahead.
    pub ahead_s: i64,
    pub recorder: &'static str,
    pub officer: Option<&'static str>,
    pub media: &'static str,
    pub marked: bool,
    pub facts: Option<&'static str>,
}

impl Default for Clip {
    fn default() -> Clip {
        Clip {
            name: "a.mp4",
            minute: 0,
            ahead_s: 0,
            recorder: "R1",
            officer: Some("o1"),
            media: "video",
            marked: false,
            facts: Some(r#"{"duration_ms":600000,"state":"complete"}"#),
        }
    }
}

pub fn person(person: &str) -> Actor {
    Actor::Person(PersonProof::assertion(id(person)))
}

pub fn record() -> MatterRecord {
    MatterRecord {
        kind: MatterKind::Inspection,
        title: "检查养老机构".into(),
        parties: vec!["某养老院".into()],
        officers: vec![id("o1"), id("o2")],
        department: Some("d1".parse().unwrap()),
        case_file: None,
    }
}

pub fn declare(matter: MatterId, item: &str) -> matter::Command {
    matter::Command::DeclareStep {
        matter,
        item: item.into(),
        manner: matter::Manner::Continuous,
        place: "某路1号".into(),
        officers: Vec::new(),
        began: None,
        reason: None,
    }
}

pub fn bind(clips: &[ClipId], step: StepId) -> matter::Command {
    matter::Command::Bind { clips: clips.to_vec(), matter: None, step: Some(step) }
}

pub fn types(events: &[Event]) -> Vec<String> {
    let kind = |event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
    events.iter().map(kind).collect()
}
