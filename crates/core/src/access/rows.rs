//! Tables of requests, secrecy, viewings and copies, and how an entry changes them.

use super::{Event, Ground, Requested, Viewer, ViewingEnded, ViewingOpened, ViewingServed};
use crate::actor::ActorRecord;
use crate::cells;
use crate::project::{insert, update};
use crate::schema::{int, int_null, table, text, text_null};
use crate::table::{Cell, RowChange, Table};
use crate::time::Stamp;
use sealdock_chain::canon::to_canonical;

table!(
    /// Requests to view or copy, and what became of them.
    pub ACCESS = "access" ["seq"] {
        int("seq"), text("who"), text("purpose"), text_null("person"), text("name"), text("unit"),
        text_null("phone"), text_null("letter"), text("wanted"), text("matter"), text("reason"),
        text("asked_by"), text("asked"), text("state"), text_null("decided_by"), text_null("decided"),
        int_null("decided_seq"), text_null("decision_reason"), text_null("expires"), int_null("times"),
        text_null("revoked_by"), int_null("revoked_seq"), text_null("revoked_reason"),
    } lookup [["state"], ["person"]]
);
table!(
    /// Clips that an approval names, frozen.
    pub ACCESS_CLIP = "access_clip" ["access", "clip"] {
        int("access"), int("clip"), int("seq"),
    } lookup [["clip"]]
);
table!(
    /// Secrecy levels that were set; the last of a clip is in force.
    pub SECRECY = "secrecy" ["seq"] {
        int("seq"), int("clip"), text("level"), text("reason"), text("set_by"), text("set_at"),
    } lookup [["clip"]]
);
table!(
    /// Viewings, one row per clip that was opened.
    pub VIEWING = "viewing" ["seq"] {
        int("seq"), int("clip"), text("ground"), int_null("access"), int_null("number"),
        int_null("duty"), text_null("viewer"), text_null("visitor"), text_null("visitor_unit"),
        text("opened_by"), text("reason"), text_null("matter"), text("opened"),
    } lookup [["clip"], ["access", "clip"], ["viewer"], ["opened"]]
);
table!(
    /// What of an opened clip was shown: a row for each stretch before it was, and one for the end, which has no
    /// stretch of its own.
    pub VIEWING_PART = "viewing_part" ["seq"] {
        int("seq"), int("viewing"), int("clip"), text("shown"), int_null("from_ms"), int_null("to_ms"),
        text("at"),
    } lookup [["viewing"], ["clip"]]
);
table!(
    /// Copies handed out. Without `completed_seq` a copy is unfinished and void.
    pub COPY_OUT = "copy_out" ["seq"] {
        int("seq"), int("access"), int("number"), text("place"), text("carried_by"), text("begun"),
        int_null("files"), int_null("completed_seq"),
    } lookup [["access"], ["begun"]]
);

pub static TABLES: &[&Table] =
    &[&ACCESS, &ACCESS_CLIP, &SECRECY, &VIEWING, &VIEWING_PART, &COPY_OUT];

/// The row changes of one entry.
pub fn project(seq: u64, at: &Stamp, actor: &ActorRecord, event: &Event) -> Vec<RowChange> {
    let wall = || at.wall.rfc3339();
    match event {
        Event::Requested(e) => requested(seq, wall(), actor, e),
        Event::Approved(e) => {
            let mut rows = update(
                &ACCESS,
                cells! { seq: e.access.0 },
                cells! { state: "approved", decided_by: actor.to_string(), decided: wall(),
                decided_seq: seq, decision_reason: e.reason.clone(), expires: e.expires.rfc3339(),
                times: e.times },
            );
            for clip in &e.clips {
                let cells = cells! { access: e.access.0, clip: clip.0, seq: seq };
                rows.extend(insert(&ACCESS_CLIP, cells));
            }
            rows
        }
        Event::Refused(e) => update(
            &ACCESS,
            cells! { seq: e.access.0 },
            cells! { state: "refused", decided_by: actor.to_string(), decided: wall(),
            decided_seq: seq, decision_reason: e.reason.clone() },
        ),
        Event::Revoked(e) => update(
            &ACCESS,
            cells! { seq: e.access.0 },
            cells! { state: "revoked", revoked_by: actor.to_string(), revoked_seq: seq,
            revoked_reason: e.reason.clone() },
        ),
        Event::SecrecySet(e) => insert(
            &SECRECY,
            cells! { seq: seq, clip: e.clip.0, level: e.level.as_str(), reason: e.reason.clone(),
            set_by: actor.to_string(), set_at: wall() },
        ),
        Event::ViewingOpened(e) => viewing(seq, wall(), actor, e),
        Event::ViewingServed(e) => served(seq, wall(), e),
        Event::ViewingEnded(e) => ended(seq, wall(), e),
        Event::CopyCarriedOut(e) => insert(
            &COPY_OUT,
            cells! { seq: seq, access: e.access.0, number: e.number, place: e.to.clone(),
            carried_by: actor.to_string(), begun: wall(), files: Cell::Null,
            completed_seq: Cell::Null },
        ),
        Event::CopyCompleted(e) => update(
            &COPY_OUT,
            cells! { seq: e.copy },
            cells! { files: e.files.len() as u64, completed_seq: seq },
        ),
    }
}

fn requested(seq: u64, wall: String, actor: &ActorRecord, e: &Requested) -> Vec<RowChange> {
    // Canonical, so that a rebuilt row equals the first one to the letter.
    let wanted = serde_json::to_value(&e.wanted)
        .ok()
        .and_then(|value| to_canonical(&value).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    insert(
        &ACCESS,
        cells! {
            seq: seq,
            who: e.who.as_str(),
            purpose: e.purpose.as_str(),
            person: e.applicant.person.as_ref().map(|p| p.as_str()),
            name: e.applicant.name.clone(),
            unit: e.applicant.unit.clone(),
            phone: e.applicant.phone.clone(),
            letter: e.letter.clone(),
            wanted: wanted,
            matter: e.matter.clone(),
            reason: e.reason.clone(),
            asked_by: actor.to_string(),
            asked: wall,
            state: "asked",
            decided_by: Cell::Null,
            decided: Cell::Null,
            decided_seq: Cell::Null,
            decision_reason: Cell::Null,
            expires: Cell::Null,
            times: Cell::Null,
            revoked_by: Cell::Null,
            revoked_seq: Cell::Null,
            revoked_reason: Cell::Null,
        },
    )
}

fn served(seq: u64, wall: String, e: &ViewingServed) -> Vec<RowChange> {
    insert(
        &VIEWING_PART,
        cells! { seq: seq, viewing: e.viewing, clip: e.clip.0, shown: e.shown.as_str(),
        from_ms: e.from_ms, to_ms: e.to_ms, at: wall },
    )
}

fn ended(seq: u64, wall: String, e: &ViewingEnded) -> Vec<RowChange> {
    insert(
        &VIEWING_PART,
        cells! { seq: seq, viewing: e.viewing, clip: e.clip.0, shown: "ended",
        from_ms: Cell::Null, to_ms: Cell::Null, at: wall },
    )
}

fn viewing(seq: u64, wall: String, actor: &ActorRecord, e: &ViewingOpened) -> Vec<RowChange> {
    let (ground, access, number, duty) = match &e.ground {
        Ground::Own => ("own", None, None, None),
        Ground::Duty { duty } => ("duty", None, None, Some(duty.0)),
        Ground::Approval { access, number } => ("approval", Some(access.0), Some(*number), None),
    };
    let (viewer, visitor, unit) = match &e.viewer {
        Viewer::Person { id } => (Some(id.as_str()), None, None),
        Viewer::Visitor { name, unit } => (None, Some(name.clone()), Some(unit.clone())),
    };
    insert(
        &VIEWING,
        cells! { seq: seq, clip: e.clip.0, ground: ground, access: access, number: number,
        duty: duty, viewer: viewer, visitor: visitor, visitor_unit: unit,
        opened_by: actor.to_string(), reason: e.reason.clone(), matter: e.matter.clone(),
        opened: wall },
    )
}
