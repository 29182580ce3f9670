//! Tables of matters, steps, bindings, marks and interruptions, and how an entry changes them.

use super::{
    Break, Event, InterruptionExplained, InterruptionFound, InterruptionNoted, MatterFiled,
    MatterRecord, StepDeclared,
};
use crate::actor::ActorRecord;
use crate::cells;
use crate::id::PersonId;
use crate::project::{insert, update};
use crate::schema::{int, int_null, table, text, text_null};
use crate::table::{Cell, RowChange, Table};
use crate::time::Stamp;
use std::collections::BTreeSet;

table!(
    /// Every adopted list of what must be recorded; the one in force is the last.
    pub STEP_LIST = "step_list" ["seq"] { int("seq"), text("sha256"), text("body") }
);
table!(
    /// Matters. Parties stand one on a line, officers apart by a blank.
    pub MATTER = "matter" ["seq"] {
        int("seq"), text("kind"), text("title"), text("parties"), text("officers"),
        text_null("department"), text_null("case_file"), text("opened"), text("opened_by"),
        int("record_seq"), text("state"), text_null("ended"), text_null("due"),
        int_null("closed_seq"), int_null("warned_seq"), int_null("missed_seq"),
        text_null("filed"), int_null("late"), text_null("late_reason"), text_null("archive"),
        int_null("filed_seq"),
    } lookup [["state"], ["case_file"]]
);
table!(
    /// The officers that each record of a matter named; the entry of the record is `seq`.
    pub MATTER_OFFICER = "matter_officer" ["seq", "officer"] {
        int("seq"), text("officer"), int("matter"),
    } lookup [["matter"]]
);
table!(
    /// Enforcement steps of matters, as they were declared.
    pub STEP = "step" ["seq"] {
        int("seq"), int("matter"), text("item"), text("name"), int("must"), text("cite"),
        text("manner"), text_null("reason"), text("place"), text("officers"), text("declared"),
        text_null("began"), text_null("ended"), int_null("closed_seq"),
    } lookup [["matter"]]
);
table!(
    /// Which clip belongs to which step; `step` is null: to the matter as a whole.
    pub BINDING = "binding" ["seq"] {
        int("seq"), int("clip"), int("matter"), int_null("step"), text("bound_by"),
        int_null("unbound_seq"),
    } lookup [["clip"], ["matter"], ["step"]]
);
table!(
    /// Marks by people; those of devices stand in `clip`.
    pub MARK = "mark" ["seq"] {
        int("seq"), int("clip"), text("marked_by"), text("at"), text("reason"),
    } lookup [["clip"]]
);
table!(
    /// Interruptions, the explanation of each and what the department head said to it.
    pub INTERRUPTION = "interruption" ["seq"] {
        int("seq"), int("matter"), int("step"), text("kind"), text_null("recorder"),
        int_null("before"), int_null("after"), text_null("since"), text_null("until"),
        text("numbers"), text("detail"), text("state"), text_null("cause"),
        text_null("explanation"), int_null("voice_clip"), int_null("voice_at_ms"),
        text_null("told"), text_null("explained_by"), int_null("explained_seq"), text_null("note"),
        text_null("noted_by"), int_null("noted_seq"),
    } lookup [["state"], ["step"], ["matter"]]
);

pub static TABLES: &[&Table] =
    &[&STEP_LIST, &MATTER, &MATTER_OFFICER, &STEP, &BINDING, &MARK, &INTERRUPTION];

/// The row changes of one entry.
pub fn project(seq: u64, at: &Stamp, actor: &ActorRecord, event: &Event) -> Vec<RowChange> {
    let wall = || at.wall.rfc3339();
    let of_matter = |matter: u64, cells| update(&MATTER, cells! { seq: matter }, cells);
    match event {
        Event::StepsAdopted(e) => insert(
            &STEP_LIST,
            cells! { seq: seq, sha256: e.sha256.to_string(), body: e.text.clone() },
        ),
        Event::MatterOpened(e) => opened(seq, wall(), actor, &e.record),
        Event::MatterCorrected(e) => {
            let mut rows = of_matter(e.matter.0, record(seq, &e.record));
            rows.extend(named(seq, e.matter.0, &e.record));
            rows
        }
        Event::MatterClosed(e) => of_matter(
            e.matter.0,
            cells! { state: "closed", ended: e.ended.rfc3339(), due: e.due.rfc3339(), closed_seq: seq },
        ),
        Event::FilingWarned(e) => of_matter(e.matter.0, cells! { warned_seq: seq }),
        Event::FilingMissed(e) => of_matter(e.matter.0, cells! { missed_seq: seq }),
        Event::MatterFiled(e) => of_matter(e.matter.0, filed(seq, wall(), e)),
        Event::StepDeclared(e) => declared(seq, wall(), e),
        Event::StepClosed(e) => update(
            &STEP,
            cells! { seq: e.step.0 },
            cells! { ended: e.ended.map(|w| w.rfc3339()), closed_seq: seq },
        ),
        Event::ClipBound(e) => insert(
            &BINDING,
            cells! { seq: seq, clip: e.clip.0, matter: e.matter.0, step: e.step.map(|s| s.0),
            bound_by: actor.to_string(), unbound_seq: Cell::Null },
        ),
        Event::ClipUnbound(e) => {
            update(&BINDING, cells! { seq: e.binding }, cells! { unbound_seq: seq })
        }
        Event::ClipMarked(e) => insert(
            &MARK,
            cells! { seq: seq, clip: e.clip.0, marked_by: actor.to_string(), at: wall(),
            reason: e.reason.clone() },
        ),
        Event::InterruptionFound(e) => found(seq, e),
        Event::InterruptionFilled(e) => {
            update(&INTERRUPTION, cells! { seq: e.interruption.0 }, cells! { state: "filled" })
        }
        Event::InterruptionExplained(e) => explained(seq, actor, e),
        Event::InterruptionNoted(e) => noted(seq, actor, e),
    }
}

type Cells = Vec<(&'static str, Cell)>;

fn ids(people: &[PersonId]) -> String {
    people.iter().map(PersonId::as_str).collect::<Vec<_>>().join(" ")
}

fn record(seq: u64, record: &MatterRecord) -> Cells {
    cells! {
        kind: record.kind.as_str(),
        title: record.title.clone(),
        parties: record.parties.join("\n"),
        officers: ids(&record.officers),
        department: record.department.as_ref().map(|d| d.as_str()),
        case_file: record.case_file.clone(),
        record_seq: seq,
    }
}

fn opened(seq: u64, wall: String, actor: &ActorRecord, e: &MatterRecord) -> Vec<RowChange> {
    let mut cells = record(seq, e);
    cells.extend(cells! {
        seq: seq, opened: wall, opened_by: actor.to_string(), state: "open", ended: Cell::Null,
        due: Cell::Null, closed_seq: Cell::Null, warned_seq: Cell::Null, missed_seq: Cell::Null,
        filed: Cell::Null, late: Cell::Null, late_reason: Cell::Null, archive: Cell::Null,
        filed_seq: Cell::Null,
    });
    let mut rows = insert(&MATTER, cells);
    rows.extend(named(seq, seq, e));
    rows
}

/// Who was ever an officer of a matter stays one, whatever a later record says.
fn named(seq: u64, matter: u64, record: &MatterRecord) -> Vec<RowChange> {
    let once: BTreeSet<&str> = record.officers.iter().map(PersonId::as_str).collect();
    once.into_iter()
        .flat_map(|officer| {
            insert(&MATTER_OFFICER, cells! { seq: seq, officer: officer, matter: matter })
        })
        .collect()
}

fn filed(seq: u64, wall: String, e: &MatterFiled) -> Cells {
    cells! { state: "filed", case_file: e.case_file.clone(), filed: wall, late: e.late,
    late_reason: e.reason.clone(), archive: e.archive.clone(), filed_seq: seq }
}

fn declared(seq: u64, wall: String, e: &StepDeclared) -> Vec<RowChange> {
    insert(
        &STEP,
        cells! {
            seq: seq,
            matter: e.matter.0,
            item: e.item.clone(),
            name: e.name.clone(),
            must: e.must,
            cite: e.cite.clone(),
            manner: e.manner.as_str(),
            reason: e.reason.clone(),
            place: e.place.clone(),
            officers: ids(&e.officers),
            declared: wall,
            began: e.began.map(|w| w.rfc3339()),
            ended: Cell::Null,
            closed_seq: Cell::Null,
        },
    )
}

fn found(seq: u64, e: &InterruptionFound) -> Vec<RowChange> {
    let Break { kind, recorder, before, after, since, until, numbers, detail } = &e.found;
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    insert(
        &INTERRUPTION,
        cells! {
            seq: seq,
            matter: e.matter.0,
            step: e.step.0,
            kind: kind.as_str(),
            recorder: recorder.as_ref().map(|r| r.as_str()),
            before: before.map(|c| c.0),
            after: after.map(|c| c.0),
            since: since.map(|w| w.rfc3339()),
            until: until.map(|w| w.rfc3339()),
            numbers: numbers.join(" "),
            detail: detail.clone(),
            state: "open",
            cause: Cell::Null,
            explanation: Cell::Null,
            voice_clip: Cell::Null,
            voice_at_ms: Cell::Null,
            told: Cell::Null,
            explained_by: Cell::Null,
            explained_seq: Cell::Null,
            note: Cell::Null,
            noted_by: Cell::Null,
            noted_seq: Cell::Null,
        },
    )
}

/// Who a person is, bare; other actors in words.
fn person(actor: &ActorRecord) -> String {
    match actor {
        ActorRecord::Person { id } => id.to_string(),
        other => other.to_string(),
    }
}

fn explained(seq: u64, actor: &ActorRecord, e: &InterruptionExplained) -> Vec<RowChange> {
    update(
        &INTERRUPTION,
        cells! { seq: e.interruption.0 },
        cells! {
            state: "explained",
            cause: e.cause.as_str(),
            explanation: e.text.clone(),
            voice_clip: e.voice.map(|v| v.clip.0),
            voice_at_ms: e.voice.map(|v| v.at_ms),
            told: e.told.as_str(),
            explained_by: person(actor),
            explained_seq: seq,
        },
    )
}

fn noted(seq: u64, actor: &ActorRecord, e: &InterruptionNoted) -> Vec<RowChange> {
    let state = if e.accepted { "accepted" } else { "not-accepted" };
    update(
        &INTERRUPTION,
        cells! { seq: e.interruption.0 },
        cells! { state: state, note: e.text.clone(), noted_by: person(actor), noted_seq: seq },
    )
}
