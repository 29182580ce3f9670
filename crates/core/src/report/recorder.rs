//! The custody of one recorder: every docking and what came of it, with what is missing.

use super::{Custody, Gap, traces, uses};
use crate::access::Wanted;
use crate::desk::{asset, usages_of};
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
    let footage_of = |wanted: &Wanted| {
        Ok(matches!(wanted, Wanted::Query { recorder: Some(recorder), .. } if recorder == id))
    };
    traces::requests(registers, footage_of, &mut entries)?;
    let mut gaps = Vec::new();
    if registers.select(&Query::all(&RECORDER).with("id", name))?.is_empty() {
        gaps.push(Gap::new(None, format!("recorder {name} is not enrolled (002/A6-§6)")));
    }
    gaps.extend(at_the_desk(registers, id)?);
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

/// What the archive of its use leaves open: a fault, a use that is not over, a breach without an answer.
fn at_the_desk(registers: &dyn Registers, id: &RecorderId) -> PortResult<Vec<Gap>> {
    let mut gaps = Vec::new();
    if let Some(seq) = asset(registers, id)?.and_then(|asset| asset.fault) {
        gaps.push(Gap::new(Some(seq), "a fault was reported and is not settled (002/A6-§17)"));
    }
    for usage in usages_of(registers, id)? {
        let gap = |text: &str| Gap::new(Some(usage.of.0), format!("{}: {text}", usage.of));
        match usage.state.as_str() {
            "issued" => gaps.push(gap("it is out and not back")),
            "returned" => gaps.push(gap("it is back by hand and was not docked (002/A6-§19)")),
            "lost" => gaps.push(gap("it was lost with what was on it")),
            _ => {}
        }
        if usage.breach && usage.row.int_opt("seen_seq").is_none() {
            gaps.push(gap("taken without approval, and the head has not answered (002/A6-§5)"));
        }
    }
    Ok(gaps)
}
