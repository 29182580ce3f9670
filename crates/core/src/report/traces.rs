//! Which registers name a clip, a recorder or a person, and in which columns the entries stand. A room that
//! adds a register about any of them adds a line here, so that its entries appear in the life of the thing.

use crate::access::{ACCESS, ACCESS_CLIP, COPY_OUT, SECRECY, VIEWING, VIEWING_PART, Wanted};
use crate::desk::{ASSET, ASSET_CHANGE, DESIGNATION, RECORDER_CHECK, USAGE};
use crate::duty::{DUTY, PERSON_LOCK, PIN_REFUSAL};
use crate::keep::{
    CLASSING, DISPOSAL, DISPOSAL_LINE, DISPOSAL_PLAN, HOLD, HOLD_CLIP, KEPT, MEDIUM, MEDIUM_CLIP,
    SPOTCHECK, SPOTCHECK_CLIP,
};
use crate::matter::{BINDING, INTERRUPTION, MARK};
use crate::ports::{PortResult, Registers};
use crate::registry::damaged;
use crate::schema::{
    ASIDE, ASSIGNMENT, CLIP, DEADLINE, PERSON, RECORDER, SESSION, SHIFT, SIGHTING, WIPE,
    WIPE_ORDER, WIPE_REFUSAL,
};
use crate::table::{Cell, Query, Row, Table};
use std::collections::BTreeSet;

/// A table, the column that names the thing, and the columns that hold entry numbers.
pub(super) type Trace = (&'static Table, &'static str, &'static [&'static str]);

/// A trace by way of another table: the rows of the first that name the thing, the cell of theirs by which
/// the second is looked up.
type Link = ((&'static Table, &'static str, &'static str), Trace);

const OF_USE: &[&str] = &[
    "seq",
    "decided_seq",
    "check_seq",
    "issued_seq",
    "returned_seq",
    "warned_seq",
    "overdue_seq",
    "dock_warned_seq",
    "dock_overdue_seq",
    "late_reason_seq",
    "seen_seq",
];
const OF_ACCESS: &[&str] = &["seq", "decided_seq", "revoked_seq"];

pub(super) static OF_CLIP: &[Trace] = &[
    (&ASSIGNMENT, "clip", &["seq"]),
    (&SIGHTING, "clip", &["seq"]),
    (&WIPE, "clip", &["intended_seq", "result_seq"]),
    (&WIPE_REFUSAL, "clip", &["seq"]),
    (&DEADLINE, "clip", &["seq", "reason_seq"]),
    (&BINDING, "clip", &["seq", "unbound_seq"]),
    (&MARK, "clip", &["seq"]),
    (&VIEWING, "clip", &["seq"]),
    (&VIEWING_PART, "clip", &["seq"]),
    (&SECRECY, "clip", &["seq"]),
    (&CLASSING, "clip", &["seq"]),
    (&SPOTCHECK_CLIP, "clip", &["answered_seq", "corrected_seq"]),
    (&DISPOSAL_LINE, "clip", &["result_seq"]),
    (&KEPT, "seq", &["disposed_seq"]),
    (&INTERRUPTION, "before", &["seq", "explained_seq", "noted_seq"]),
    (&INTERRUPTION, "after", &["seq", "explained_seq", "noted_seq"]),
];

/// Holds, media, checks, plans, approvals and copies name their clips in a table between.
static LINKED_TO_CLIP: &[Link] = &[
    ((&HOLD_CLIP, "clip", "hold"), (&HOLD, "seq", &["seq", "approved_seq", "answered_seq"])),
    ((&MEDIUM_CLIP, "clip", "medium"), (&MEDIUM, "seq", &["seq", "read_seq"])),
    (
        (&SPOTCHECK_CLIP, "clip", "spotcheck"),
        (&SPOTCHECK, "seq", &["seq", "drawn_seq", "closed_seq"]),
    ),
    ((&DISPOSAL_LINE, "clip", "plan"), (&DISPOSAL_PLAN, "seq", &["seq", "approved_seq"])),
    ((&CLIP, "seq", "sha256"), (&DISPOSAL, "sha256", &["seq", "settled_seq"])),
    ((&ACCESS_CLIP, "clip", "access"), (&ACCESS, "seq", OF_ACCESS)),
    ((&ACCESS_CLIP, "clip", "access"), (&COPY_OUT, "access", &["seq", "completed_seq"])),
];

pub(super) static OF_RECORDER: &[Trace] = &[
    (&RECORDER, "id", &["enrolled_seq"]),
    (&ASSET, "recorder", &["state_seq", "fault_seq", "described_seq", "checked_seq"]),
    (&ASSET_CHANGE, "recorder", &["seq"]),
    (&DESIGNATION, "recorder", &["seq", "ended_seq"]),
    (&USAGE, "recorder", OF_USE),
    (&RECORDER_CHECK, "recorder", &["seq"]),
    (&SESSION, "recorder", &["seq", "closed_seq"]),
    (&SESSION, "recorder_claim", &["seq", "closed_seq"]),
    (&ASIDE, "recorder_claim", &["seq", "decided_seq"]),
    (&WIPE_ORDER, "recorder_claim", &["seq"]),
    (&INTERRUPTION, "recorder", &["seq", "explained_seq", "noted_seq"]),
];

/// What others wrote about a person, and what stands under their name.
pub(super) static OF_PERSON: &[Trace] = &[
    (&PERSON, "id", &["enrolled_seq", "pin_seq", "described_seq", "retired_seq"]),
    (&DUTY, "person", &["seq", "ended_seq"]),
    (&PIN_REFUSAL, "person", &["seq"]),
    (&PERSON_LOCK, "person", &["seq", "released_seq"]),
    (&DESIGNATION, "officer", &["seq", "ended_seq"]),
    (&USAGE, "officer", OF_USE),
    (&SESSION, "officer", &["seq", "closed_seq"]),
    (&SHIFT, "clerk", &["seq", "closed_seq"]),
    (&ACCESS, "person", OF_ACCESS),
    (&VIEWING, "viewer", &["seq"]),
    (&INTERRUPTION, "explained_by", &["seq", "explained_seq", "noted_seq"]),
    (&INTERRUPTION, "told", &["seq", "explained_seq", "noted_seq"]),
];

/// Every entry that the traces of a thing name.
pub(super) fn entries(
    registers: &dyn Registers,
    traces: &[Trace],
    thing: &Cell,
) -> PortResult<BTreeSet<u64>> {
    let mut entries = BTreeSet::new();
    for trace in traces {
        follow(registers, *trace, thing, &mut entries)?;
    }
    Ok(entries)
}

/// The entries that name a clip by way of another table.
pub(super) fn linked_to_clip(
    registers: &dyn Registers,
    clip: &Cell,
    entries: &mut BTreeSet<u64>,
) -> PortResult<()> {
    for ((between, column, by), trace) in LINKED_TO_CLIP {
        for row in registers.select(&Query::all(between).with(column, clip.clone()))? {
            follow(registers, *trace, row.cell(by), entries)?;
        }
    }
    Ok(())
}

/// Requests that were put in words `about` takes, whatever became of them, and their copies.
pub(super) fn requests(
    registers: &dyn Registers,
    about: impl Fn(&Wanted) -> PortResult<bool>,
    entries: &mut BTreeSet<u64>,
) -> PortResult<()> {
    for row in registers.select(&Query::all(&ACCESS))? {
        let wanted = serde_json::from_str(row.text("wanted"));
        if about(&wanted.map_err(|_| damaged("access row: wanted"))?)? {
            named(&row, OF_ACCESS, entries);
        }
    }
    Ok(())
}

fn follow(
    registers: &dyn Registers,
    (table, column, seqs): Trace,
    thing: &Cell,
    entries: &mut BTreeSet<u64>,
) -> PortResult<()> {
    for row in registers.select(&Query::all(table).with(column, thing.clone()))? {
        named(&row, seqs, entries);
    }
    Ok(())
}

fn named(row: &Row, seqs: &[&str], entries: &mut BTreeSet<u64>) {
    let seqs = seqs.iter().filter_map(|seq| row.int_opt(seq));
    entries.extend(seqs.map(i64::unsigned_abs));
}
