//! The custody of one recorder: every docking and what came of it, with what is missing.

use super::{Custody, Gap, traces, uses};
use crate::id::RecorderId;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema::{ASIDE, RECORDER, RECORDER_TOLD, SESSION, WIPE};
use crate::table::Query;
use std::collections::BTreeMap;

/// Entries and gaps of the recorder of that number, enrolled or only said to be it.
///
/// # Errors
/// The registers cannot be read.
pub fn custody_of_recorder(registers: &dyn Registers, id: &RecorderId) -> PortResult<Custody> {
    let name = id.as_str();
    let mut entries = traces::entries(registers, traces::OF_RECORDER, &name.into())?;
    let mut gaps = Vec::new();
    match registers.select(&Query::all(&RECORDER).with("id", name))?.first() {
        Some(row) => {
            entries.insert(row.int("enrolled_seq").unsigned_abs());
        }
        None => gaps.push(Gap::new(None, format!("recorder {name} is not enrolled (002/A6-§6)"))),
    }
    // Docked under its own number or under the one it writes into names: one row each.
    let mut sessions = BTreeMap::new();
    for column in ["recorder", "recorder_claim"] {
        for row in registers.select(&Query::all(&SESSION).with(column, name))? {
            sessions.insert(registry::seq(&row), row);
        }
    }
    for (seq, session) in &sessions {
        let gap = |text: String| Gap::new(Some(*seq), text);
        let told = registers.select(&Query::all(&RECORDER_TOLD).with("session", *seq))?;
        entries.extend(told.iter().map(registry::seq));
        gaps.extend(uses::missing_use(registers, name, *seq)?);
        if session.text("binding") == "unassigned" {
            gaps.push(gap("nobody answered for this docking (002/A6-§18)".into()));
        }
        if let Some(conflict) = session.text_opt("conflict") {
            gaps.push(gap(format!("identity conflict: {conflict}")));
        }
        match session.text_opt("verdict") {
            Some("done") => {}
            Some(verdict) => gaps.push(gap(format!("this docking ended {verdict}"))),
            None => gaps.push(gap("this docking is not closed".into())),
        }
    }
    for row in registers.select(&Query::all(&ASIDE).with("recorder_claim", name))? {
        if row.text("state") == "open" {
            let text = format!("{} stands aside: {}", row.text("name"), row.text("reason"));
            gaps.push(Gap::new(Some(registry::seq(&row)), text));
        }
    }
    for state in ["intended", "failed", "unknown"] {
        let query = Query::all(&WIPE).with("recorder_claim", name).with("state", state);
        for row in registers.select(&query)? {
            let text = format!("the wipe of clip C{} is {state}", row.int("clip"));
            gaps.push(Gap::new(row.int_opt("intended_seq").map(i64::unsigned_abs), text));
        }
    }
    Ok(Custody { entries: entries.into_iter().collect(), gaps })
}
