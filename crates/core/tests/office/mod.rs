//! A small unit on values: commands are decided, their entries projected, and each entry is asked about
//! once more as `check` does, over the registers as they were before it.
#![allow(dead_code, reason = "not every test needs every act")]

use sealdock_core::actor::{Actor, ActorRecord, PersonProof, Role};
use sealdock_core::cells;
use sealdock_core::command::{Command, Opening, Secret, ToStore};
use sealdock_core::custody::{ChunkHash, SourceDigest, StoredDigest, VerifiedCopy, WholeHash};
use sealdock_core::decide::decide;
use sealdock_core::duty;
use sealdock_core::event::{Event, ListingSigned, PolicyAdopted, SessionClosed, Verdict};
use sealdock_core::id::{PersonId, RecorderId, SessionId};
use sealdock_core::listing::{Classified, LineKind, ListedLine};
use sealdock_core::objection::{concerns, objection};
use sealdock_core::policy::{DEFAULT_POLICY, Deadline, Docking, Policy};
use sealdock_core::ports::Context;
use sealdock_core::project::project;
use sealdock_core::registry;
use sealdock_core::schema::{KEY_EPOCH, SESSION};
use sealdock_core::table::RowChange;
use sealdock_core::time::{ClockOffset, Stamp, WallMs};
use sealdock_testkit::tables::MemTables;
use std::str::FromStr;

/// 2026-11-21, 09:00 in the unit.
pub const MORNING: WallMs = WallMs(1_795_222_800_000);
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

pub fn id<T: FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub struct Office {
    pub tables: MemTables,
    pub seq: u64,
    pub now: WallMs,
    pub written: Vec<Event>,
}

impl Office {
    /// A policy and nobody.
    pub fn empty() -> Office {
        Office::under(DEFAULT_POLICY)
    }

    pub fn under(policy: &str) -> Office {
        let mut office =
            Office { tables: MemTables::default(), seq: 1, now: MORNING, written: Vec::new() };
        let key = cells! { kind: "evidence", epoch: 1u32, public: "", since_seq: 0u64 };
        office.tables.apply(RowChange::Insert { table: &KEY_EPOCH, cells: key }).unwrap();
        let sha256 = sealdock_core::Digest::of(policy.as_bytes());
        let event = Event::PolicyAdopted(PolicyAdopted { sha256, text: policy.to_owned() });
        office.write(&ActorRecord::System, event);
        office
    }

    pub fn at(&self) -> Stamp {
        Stamp { boot: "b".to_owned(), mono_ms: 0, wall: self.now }
    }

    pub fn later(&mut self, ms: i64) -> &mut Office {
        self.now = self.now.plus_ms(ms);
        self
    }

    pub fn policy(&self) -> Policy {
        sealdock_core::registry::policy(&self.tables).unwrap()
    }

    /// Appends without deciding. What the station reports of a docking is projected like anything else.
    pub fn write(&mut self, actor: &ActorRecord, event: Event) -> u64 {
        for change in project(self.seq, &self.at(), actor, &event) {
            self.tables.apply(change).unwrap();
        }
        self.written.push(event);
        self.seq += 1;
        self.seq - 1
    }

    /// The first entry's number, or the refusal.
    pub fn act(&mut self, actor: Actor, command: Command) -> Result<u64, String> {
        let context = Context { seq: self.seq, at: self.at() };
        let decision = match decide(&actor, command, &self.tables, &context).unwrap() {
            Ok(decision) => decision,
            Err(refusal) => return Err(refusal.0.to_string()),
        };
        let first = self.seq;
        let record = actor.record();
        for event in decision.events {
            if concerns(&event) {
                let why = objection(&self.tables, &self.at(), &record, &event).unwrap();
                assert_eq!(why, None, "check would object to {event:?}");
            }
            let bytes = serde_json::to_value(&event).unwrap();
            assert_eq!(serde_json::from_value::<Event>(bytes.clone()).unwrap(), event, "{bytes}");
            self.write(&record, event);
        }
        Ok(first)
    }

    /// With their own PIN.
    pub fn person(&mut self, who: &str, command: Command) -> Result<u64, String> {
        self.act(person(who), command)
    }

    pub fn operator(&mut self, command: Command) -> Result<u64, String> {
        self.act(Actor::Operator { uid: 1000 }, command)
    }

    pub fn system(&mut self, command: Command) -> Result<u64, String> {
        self.act(Actor::System, command)
    }

    /// Enrolled by the operator, with a PIN.
    pub fn enrol(&mut self, who: &str, role: Role) {
        self.operator(enrolment(who, role, true)).unwrap();
    }

    /// Chooses a PIN of their own in place of the one they were given.
    pub fn chooses_a_pin(&mut self, who: &str) {
        let pin = Secret(format!("$argon2id$own of {who}"));
        let command = duty::Command::SetPin { person: id(who), pin, reason: None };
        self.person(who, Command::Duty(command)).unwrap();
    }

    /// A session is opened; the answer is its number.
    pub fn dock(&mut self, actor: Actor, recorder: &str, officer: Option<&str>) -> SessionId {
        let unconfirmed = matches!(actor, Actor::Operator { .. });
        let opening = Opening {
            bay: id("b1"),
            recorder_claim: id(recorder),
            officer_claim: officer.map(id),
            fingerprint: String::new(),
            profile: "generic".to_owned(),
            unconfirmed,
        };
        SessionId(self.act(actor, Command::OpenSession(Box::new(opening))).unwrap())
    }

    pub fn close(&mut self, session: SessionId, verdict: Verdict) {
        let closed = SessionClosed {
            session,
            verdict,
            summary: String::new(),
            stored: 0,
            seen: 0,
            aside: 0,
            wiped: 0,
        };
        self.system(Command::CloseSession(closed)).unwrap();
    }

    /// After a while.
    pub fn dock_at(&mut self, recorder: &str, officer: &str, ms: i64) -> SessionId {
        self.later(ms);
        self.dock(person(officer), recorder, Some(officer))
    }

    /// A clip of this session is stored; the answer is when its clock after return ends.
    pub fn store(&mut self, session: SessionId, recorded: Option<WallMs>) -> WallMs {
        let row = registry::by_seq(&self.tables, &SESSION, session.0).unwrap().unwrap();
        if row.text_opt("listing").is_none() {
            self.list(session);
        }
        let bytes = self.seq.to_le_bytes();
        let clip = ToStore {
            line: ListedLine {
                line: u32::try_from(self.seq).unwrap(),
                kind: LineKind::File,
                raw: format!("{:x}", self.seq),
                name: format!("{}.mp4", self.seq),
                size: bytes.len() as u64,
                mtime_ms: recorded.map(|at| at.0),
                detail: None,
                class: Classified {
                    media: "video".to_owned(),
                    marked: false,
                    device: None,
                    officer: None,
                    named_time: None,
                    stays: None,
                },
            },
            copy: verified(&bytes).facts(),
            clock: ClockOffset::Unknown { reason: "a folder".to_owned() },
            copies: vec!["vault".to_owned()],
            read_back: "direct-io".to_owned(),
            sshsig: String::new(),
            known: None,
        };
        let first = self.system(Command::StoreClips { session, clips: vec![clip] }).unwrap();
        let back = usize::try_from(self.seq - first).unwrap();
        let stored = &self.written[self.written.len() - back];
        let Event::ClipStored(stored) = stored else { panic!("{stored:?}") };
        stored.due.iter().find(|due| due.clock == Deadline::AfterReturn).unwrap().at
    }

    fn list(&mut self, session: SessionId) {
        let listing = ListingSigned {
            session,
            object: sealdock_core::Digest::of(b""),
            lines: 0,
            files: 0,
            bytes: 0,
            clock: ClockOffset::Unknown { reason: "a folder".to_owned() },
            conflict: None,
        };
        self.write(&ActorRecord::System, Event::ListingSigned(listing));
    }

    /// Docked and emptied by this officer.
    pub fn empty_out(&mut self, recorder: &str, officer: &str) -> SessionId {
        let session = self.dock(person(officer), recorder, Some(officer));
        self.close(session, Verdict::Done);
        session
    }
}

fn verified(bytes: &[u8]) -> VerifiedCopy {
    let (mut whole, mut chunks) = (WholeHash::new(false), ChunkHash::new());
    whole.update(bytes);
    chunks.update(bytes);
    let mut again = WholeHash::new(false);
    again.update(bytes);
    let source = SourceDigest::earned(whole.finish(), chunks.finish());
    VerifiedCopy::compare(source, &StoredDigest::earned(again.finish())).unwrap()
}

pub fn person(who: &str) -> Actor {
    Actor::Person(PersonProof::assertion(id::<PersonId>(who)))
}

pub fn enrolment(who: &str, role: Role, pin: bool) -> Command {
    Command::EnrolPerson {
        id: id(who),
        name: format!("Name of {who}"),
        role,
        pin: pin.then(|| Secret(format!("$argon2id${who}"))),
        department: None,
    }
}

pub fn recorder(number: &str) -> Command {
    Command::EnrolRecorder { id: id::<RecorderId>(number), device_id: None, model: None }
}

pub fn under_shift() -> String {
    Policy::default_text(Docking::ClerkShift)
}

/// The refusal says this.
#[track_caller]
pub fn refused(result: Result<u64, String>, says: &str) {
    let why = result.expect_err("it should have been refused");
    assert!(why.contains(says), "{why:?} does not say {says:?}");
}
