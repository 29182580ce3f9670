//! Cases of matters. The matter is of o1 in d1, with one step that must be recorded, and the clip is o1's,
//! unless it is said otherwise.

use crate::Case;
use crate::unit::{Unit, by, person, pid};
use sealdock_core::actor::ActorRecord;
use sealdock_core::command::Command;
use sealdock_core::event::{ClipDescribed, Event};
use sealdock_core::id::{ClipId, InterruptionId, MatterId, StepId};
use sealdock_core::matter::{
    Cause, Command as Do, DEFAULT_STEPS, Manner, MatterKind, MatterRecord,
};
use sealdock_core::time::DAY_MS;

const REASON: &str = "as it was found";

fn say(command: Do) -> Command {
    Command::Matter(command)
}

fn reason() -> String {
    REASON.to_owned()
}

fn record() -> MatterRecord {
    MatterRecord {
        kind: MatterKind::Inspection,
        title: "检查养老机构".to_owned(),
        parties: Vec::new(),
        officers: vec![pid("o1")],
        department: Some("d1".parse().unwrap()),
        case_file: Some("1".to_owned()),
    }
}

/// Done by o1, who may.
fn done(unit: &mut Unit, command: Do) -> u64 {
    unit.act(&person("o1"), say(command)).unwrap()
}

fn matter(unit: &mut Unit) -> MatterId {
    MatterId(done(unit, Do::OpenMatter { record: record() }))
}

fn declare(matter: MatterId, item: &str, manner: Manner) -> Do {
    Do::DeclareStep {
        matter,
        item: item.to_owned(),
        manner,
        place: "某路1号".to_owned(),
        officers: Vec::new(),
        began: None,
        reason: Some(reason()),
    }
}

fn step(unit: &mut Unit) -> (MatterId, StepId) {
    let matter = matter(unit);
    (matter, StepId(done(unit, declare(matter, "inspection", Manner::Continuous))))
}

fn clip(unit: &mut Unit, officer: Option<&str>) -> ClipId {
    let clip = unit.clip(officer);
    let facts = Some(serde_json::json!({ "duration_ms": 1000, "state": "complete" }));
    let described = ClipDescribed { clip, facts, undescribed: None };
    unit.write(ActorRecord::System, Event::ClipDescribed(described));
    clip
}

fn bind(clip: ClipId, step: StepId) -> Do {
    Do::Bind { clips: vec![clip], matter: None, step: Some(step) }
}

fn closed(unit: &mut Unit) -> MatterId {
    let matter = matter(unit);
    done(unit, Do::CloseMatter { matter, ended: None, reason: reason() });
    matter
}

fn file(matter: MatterId, late: Option<&str>) -> Do {
    let reason = late.map(str::to_owned);
    Do::FileMatter { matter, case_file: None, archive: None, reason }
}

/// The step is closed without a clip: one interruption is open.
fn open_question(unit: &mut Unit) -> InterruptionId {
    let (_, step) = step(unit);
    let at = done(unit, Do::CloseStep { step, ended: None });
    InterruptionId(at + 1)
}

fn explain(interruption: InterruptionId, told: &str) -> Do {
    let (cause, text, voice) = (Cause::Battery, reason(), None);
    Do::Explain { interruption, cause, text, voice, told: pid(told) }
}

fn note(interruption: InterruptionId) -> Do {
    Do::Note { interruption, accepted: true, text: reason() }
}

fn adopt() -> Do {
    Do::AdoptSteps { text: DEFAULT_STEPS.to_owned() }
}

fn unbind(clip: ClipId, step: StepId) -> Do {
    Do::Unbind { clip, matter: None, step: Some(step), reason: reason() }
}

macro_rules! case {
    ($command:literal, $state:literal, $make:expr) => {
        Case { command: concat!("matter ", $command), state: $state, make: |u| say($make(u)) }
    };
}

type U<'a> = &'a mut Unit;

pub const CASES: &[Case] = &[
    case!("adopt-steps", "there is a unit head", |_: U| adopt()),
    case!("adopt-steps", "no unit head yet", |u: U| {
        let held = sealdock_core::duty::duties(&u.tables, &pid("u1"), u.now).unwrap();
        let e = sealdock_core::duty::DutyEnded { duty: held[0].duty, reason: reason() };
        u.write(by("u1"), sealdock_core::duty::Event::DutyEnded(e).into());
        adopt()
    }),
    case!("adopt-steps", "in force already", |u: U| {
        u.act(&person("u1"), say(adopt())).unwrap();
        adopt()
    }),
    case!("open-matter", "new", |_: U| Do::OpenMatter { record: record() }),
    case!("open-matter", "its number taken", |u: U| {
        matter(u);
        Do::OpenMatter { record: record() }
    }),
    case!("correct-matter", "open", |u: U| {
        let matter = matter(u);
        Do::CorrectMatter { matter, record: record(), reason: reason() }
    }),
    case!("close-matter", "open", |u: U| {
        Do::CloseMatter { matter: matter(u), ended: None, reason: reason() }
    }),
    case!("close-matter", "with a step that is not closed", |u: U| {
        Do::CloseMatter { matter: step(u).0, ended: None, reason: reason() }
    }),
    case!("close-matter", "closed already", |u: U| {
        Do::CloseMatter { matter: closed(u), ended: None, reason: reason() }
    }),
    case!("file-matter", "closed, in time", |u: U| file(closed(u), None)),
    case!("file-matter", "closed, late, without a reason", |u: U| {
        let matter = closed(u);
        u.now = u.now.plus_ms(40 * DAY_MS);
        file(matter, None)
    }),
    case!("file-matter", "closed, late, with a reason", |u: U| {
        let matter = closed(u);
        u.now = u.now.plus_ms(40 * DAY_MS);
        file(matter, Some(REASON))
    }),
    case!("file-matter", "open", |u: U| file(matter(u), None)),
    case!("watch-filings", "one is overdue", |u: U| {
        closed(u);
        u.now = u.now.plus_ms(40 * DAY_MS);
        Do::WatchFilings
    }),
    case!("watch-filings", "none is due", |_: U| Do::WatchFilings),
    case!("declare-step", "of an open matter", |u: U| {
        declare(matter(u), "inspection", Manner::Continuous)
    }),
    case!("declare-step", "in parts, of an item that is unbroken", |u: U| {
        declare(matter(u), "service-leaving", Manner::InParts)
    }),
    case!("declare-step", "of a closed matter", |u: U| {
        declare(closed(u), "inspection", Manner::Continuous)
    }),
    case!("close-step", "open", |u: U| Do::CloseStep { step: step(u).1, ended: None }),
    case!("bind", "a clip of o1", |u: U| {
        let step = step(u).1;
        bind(clip(u, Some("o1")), step)
    }),
    case!("bind", "a clip of o2, who is no officer of the matter", |u: U| {
        let step = step(u).1;
        bind(clip(u, Some("o2")), step)
    }),
    case!("bind", "an unassigned clip", |u: U| {
        let step = step(u).1;
        bind(clip(u, None), step)
    }),
    case!("unbind", "bound", |u: U| {
        let step = step(u).1;
        let clip = clip(u, Some("o1"));
        done(u, bind(clip, step));
        unbind(clip, step)
    }),
    case!("unbind", "not bound", |u: U| {
        let step = step(u).1;
        unbind(clip(u, Some("o1")), step)
    }),
    case!("mark", "a clip of o1", |u: U| {
        Do::Mark { clip: clip(u, Some("o1")), reason: reason() }
    }),
    case!("mark", "an unassigned clip", |u: U| {
        Do::Mark { clip: clip(u, None), reason: reason() }
    }),
    case!("explain", "open, told to h1", |u: U| explain(open_question(u), "h1")),
    case!("explain", "open, told to the head of another department", |u: U| {
        explain(open_question(u), "h2")
    }),
    case!("explain", "explained already", |u: U| {
        let open = open_question(u);
        done(u, explain(open, "h1"));
        explain(open, "h1")
    }),
    case!("note", "explained by o1", |u: U| {
        let open = open_question(u);
        done(u, explain(open, "h1"));
        note(open)
    }),
    case!("note", "not explained", |u: U| note(open_question(u))),
];
