//! Tables of people and duties, and how an entry changes them.

use super::succession::as_appointed;
use super::{DutyAppointed, Event};
use crate::actor::ActorRecord;
use crate::cells;
use crate::project::{insert, update};
use crate::schema::{PERSON, int, int_null, table, text, text_null};
use crate::table::{Cell, RowChange, Table};
use crate::time::Stamp;

table!(
    /// Departments of the unit.
    pub DEPARTMENT = "department" ["id"] { text("id"), text("name"), int("added_seq") }
);
table!(
    /// Duties given: a role over a department or the whole unit, from, until, as whose deputy.
    pub DUTY = "duty" ["seq"] {
        int("seq"), text("person"), text("role"), text_null("department"), text_null("since"),
        text_null("until"), text_null("acting_for"), text("given_by"), int_null("ended_seq"),
    } lookup [["person"], ["role"]]
);
table!(
    /// Wrong PINs.
    pub PIN_REFUSAL = "pin_refusal" ["seq"] { int("seq"), text("person"), text("at") }
    lookup [["person"]]
);
table!(
    /// Locks after too many wrong PINs.
    pub PERSON_LOCK = "person_lock" ["seq"] {
        int("seq"), text("person"), int_null("released_seq"),
    } lookup [["person"]]
);

table!(
    /// Who was proposed as unit head where none signed any more; `wall` and `unseen_ms`: when, and for how long the
    /// station had been off by then.
    pub HEAD_PROPOSAL = "head_proposal" ["seq"] {
        int("seq"), text("person"), text("proposed_by"), int("wall"), int("unseen_ms"),
        int_null("seconded_seq"),
    }
);

table!(
    /// Keys of authenticators; `pin_seq` is the entry of the PIN that each was added with, `used` when it was last shown,
    /// `cloned` whether a copy of it was seen.
    pub PASSKEY = "passkey" ["seq"] {
        int("seq"), text("person"), text("label"), text("party"), text("credential"), text("public"),
        int("synced"), int("counter"), int("pin_seq"), text("added"),
        text_null("used"), int("cloned"), int_null("ended_seq"),
    } lookup [["person"], ["credential"]]
);

pub static TABLES: &[&Table] =
    &[&DEPARTMENT, &DUTY, &PIN_REFUSAL, &PERSON_LOCK, &HEAD_PROPOSAL, &PASSKEY];

/// The row changes of one entry.
pub fn project(seq: u64, at: &Stamp, actor: &ActorRecord, event: &Event) -> Vec<RowChange> {
    match event {
        Event::DepartmentAdded(e) => {
            insert(&DEPARTMENT, cells! { id: e.id.as_str(), name: e.name.clone(), added_seq: seq })
        }
        Event::DepartmentRenamed(e) => {
            update(&DEPARTMENT, cells! { id: e.id.as_str() }, cells! { name: e.name.clone() })
        }
        Event::PersonDescribed(e) => update(
            &PERSON,
            cells! { id: e.person.as_str() },
            cells! {
                name: e.record.name.clone(),
                department: e.record.department.as_ref().map(|d| d.as_str()),
                certificate: e.record.certificate.clone(),
                phone: e.record.phone.clone(),
                joined: e.record.joined.clone(),
                described_seq: seq,
            },
        ),
        Event::PersonRetired(e) => {
            update(&PERSON, cells! { id: e.person.as_str() }, cells! { retired_seq: seq })
        }
        Event::PinSet(e) => update(
            &PERSON,
            cells! { id: e.person.as_str() },
            cells! { pin_commitment: e.pin_commitment.to_string(), pin_seq: seq },
        ),
        Event::PersonLocked(e) => insert(
            &PERSON_LOCK,
            cells! { seq: seq, person: e.person.as_str(), released_seq: Cell::Null },
        ),
        Event::PersonReleased(e) => {
            update(&PERSON_LOCK, cells! { seq: e.locked }, cells! { released_seq: seq })
        }
        Event::DutyAppointed(e) => given(seq, actor, e),
        Event::DutyEnded(e) => update(&DUTY, cells! { seq: e.duty.0 }, cells! { ended_seq: seq }),
        Event::HeadProposed(e) => {
            let by = match actor {
                ActorRecord::Person { id } => id.as_str(),
                _ => "",
            };
            insert(
                &HEAD_PROPOSAL,
                cells! { seq: seq, person: e.person.as_str(), proposed_by: by, wall: at.wall.0,
                unseen_ms: e.unseen_ms, seconded_seq: Cell::Null },
            )
        }
        Event::HeadSeconded(e) => {
            let key = cells! { seq: e.proposal };
            let mut rows = update(&HEAD_PROPOSAL, key, cells! { seconded_seq: seq });
            rows.extend(given(seq, actor, &as_appointed(&e.person, e.reason.clone())));
            rows
        }
        event => of_passkey(seq, at, event),
    }
}

fn of_passkey(seq: u64, at: &Stamp, event: &Event) -> Vec<RowChange> {
    match event {
        Event::PasskeyAdded(e) => insert(
            &PASSKEY,
            cells! { seq: seq, person: e.person.as_str(), label: e.label.clone(), party: e.party.clone(),
            credential: e.credential.clone(), public: e.key.clone(), synced: e.synced, counter: u64::from(e.counter), pin_seq: e.pin, added: at.wall.rfc3339(),
            used: Cell::Null, cloned: false, ended_seq: Cell::Null },
        ),
        Event::PasskeyNamed(e) => {
            update(&PASSKEY, cells! { seq: e.passkey }, cells! { label: e.label.clone() })
        }
        Event::PasskeyRemoved(e) => {
            update(&PASSKEY, cells! { seq: e.passkey }, cells! { ended_seq: seq })
        }
        Event::PasskeyUsed(e) => update(
            &PASSKEY,
            cells! { seq: e.passkey },
            cells! { counter: u64::from(e.counter), used: at.wall.rfc3339() },
        ),
        Event::PasskeyCloned(e) => {
            update(&PASSKEY, cells! { seq: e.passkey }, cells! { ended_seq: seq, cloned: true })
        }
        _ => Vec::new(),
    }
}

fn given(seq: u64, actor: &ActorRecord, e: &DutyAppointed) -> Vec<RowChange> {
    insert(
        &DUTY,
        cells! {
            seq: seq,
            person: e.person.as_str(),
            role: e.role.as_str(),
            department: e.department.as_ref().map(|d| d.as_str()),
            since: e.since.map(|w| w.rfc3339()),
            until: e.until.map(|w| w.rfc3339()),
            acting_for: e.acting_for.as_ref().map(|p| p.as_str()),
            given_by: actor.to_string(),
            ended_seq: Cell::Null,
        },
    )
}

/// The duty that comes with an enrolment.
pub(crate) fn with_enrolment(
    seq: u64,
    actor: &ActorRecord,
    e: &crate::event::PersonEnrolled,
) -> Vec<RowChange> {
    insert(
        &DUTY,
        cells! { seq: seq, person: e.id.as_str(), role: e.role.as_str(), department: Cell::Null,
        since: Cell::Null, until: Cell::Null, acting_for: Cell::Null,
        given_by: actor.to_string(), ended_seq: Cell::Null },
    )
}

/// A wrong PIN.
pub(crate) fn pin_refused(seq: u64, at: &Stamp, person: &str) -> Vec<RowChange> {
    insert(&PIN_REFUSAL, cells! { seq: seq, person: person, at: at.wall.rfc3339() })
}
