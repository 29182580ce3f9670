//! Which registers name a clip or a recorder, and in which columns the entries stand. A room that adds a
//! register about either adds a line here, so that its entries appear in the life of the thing.

use crate::access::{SECRECY, VIEWING};
use crate::keep::{CLASSING, DISPOSAL_LINE, KEPT, SPOTCHECK_CLIP};
use crate::matter::{BINDING, INTERRUPTION, MARK};
use crate::ports::{PortResult, Registers};
use crate::schema::{ASIDE, DEADLINE, SESSION, SIGHTING, WIPE, WIPE_ORDER, WIPE_REFUSAL};
use crate::table::{Cell, Query, Table};
use std::collections::BTreeSet;

/// A table, the column that names the thing, and the columns that hold entry numbers.
pub(super) type Trace = (&'static Table, &'static str, &'static [&'static str]);

pub(super) static OF_CLIP: &[Trace] = &[
    (&SIGHTING, "clip", &["seq"]),
    (&WIPE, "clip", &["intended_seq", "result_seq"]),
    (&WIPE_REFUSAL, "clip", &["seq"]),
    (&DEADLINE, "clip", &["seq", "reason_seq"]),
    (&BINDING, "clip", &["seq", "unbound_seq"]),
    (&MARK, "clip", &["seq"]),
    (&VIEWING, "clip", &["seq"]),
    (&SECRECY, "clip", &["seq"]),
    (&CLASSING, "clip", &["seq"]),
    (&SPOTCHECK_CLIP, "clip", &["answered_seq", "corrected_seq"]),
    (&DISPOSAL_LINE, "clip", &["result_seq"]),
    (&KEPT, "seq", &["disposed_seq"]),
    (&INTERRUPTION, "before", &["seq", "explained_seq", "noted_seq"]),
    (&INTERRUPTION, "after", &["seq", "explained_seq", "noted_seq"]),
];

pub(super) static OF_RECORDER: &[Trace] = &[
    (&SESSION, "recorder", &["seq", "closed_seq"]),
    (&SESSION, "recorder_claim", &["seq", "closed_seq"]),
    (&ASIDE, "recorder_claim", &["seq", "decided_seq"]),
    (&WIPE_ORDER, "recorder_claim", &["seq"]),
    (&INTERRUPTION, "recorder", &["seq", "explained_seq", "noted_seq"]),
];

/// Every entry that the traces of a thing name.
pub(super) fn entries(
    registers: &dyn Registers,
    traces: &[Trace],
    thing: &Cell,
) -> PortResult<BTreeSet<u64>> {
    let mut entries = BTreeSet::new();
    for (table, column, seqs) in traces {
        for row in registers.select(&Query::all(table).with(column, thing.clone()))? {
            let named = seqs.iter().filter_map(|seq| row.int_opt(seq));
            entries.extend(named.map(i64::unsigned_abs));
        }
    }
    Ok(entries)
}
