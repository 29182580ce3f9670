//! Everything about one person: what others wrote about them and what stands under their name, with what they
//! still owe. What they did themselves is [`super::acts_of`].

use super::{Custody, Gap, traces};
use crate::access::Wanted;
use crate::desk::USAGE;
use crate::id::{PersonId, UseId};
use crate::matter::{interruptions, step};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema::{CLIP, DEADLINE, PERSON};
use crate::table::{Query, Row};
use std::collections::BTreeSet;

/// Entries and gaps; `None` where nobody of that id was ever enrolled.
///
/// # Errors
/// The registers cannot be read.
pub fn about_person(registers: &dyn Registers, id: &PersonId) -> PortResult<Option<Custody>> {
    let name = id.as_str();
    let rows = registers.select(&Query::all(&PERSON).with("id", name))?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut entries = traces::entries(registers, traces::OF_PERSON, &name.into())?;
    let footage_of = |wanted: &Wanted| {
        let by_name = |officer: Option<&PersonId>| officer == Some(id);
        Ok(matches!(wanted, Wanted::Query { officer, .. } if by_name(officer.as_ref())))
    };
    traces::requests(registers, footage_of, &mut entries)?;
    let mut gaps = Vec::new();
    if row.int_opt("pin_seq").is_none() && row.text_opt("pin_commitment").is_none() {
        gaps.push(Gap::new(None, "they have no PIN, so nothing can be their own act (002/A6-§18)"));
    }
    for usage in registers.select(&Query::all(&USAGE).with("officer", name))? {
        gaps.extend(owed_of_use(&usage));
    }
    gaps.extend(unexplained_clips(registers, name)?);
    for one in interruptions(registers, None)?.iter().filter(|one| one.unanswered()) {
        let officers = step(registers, one.step)?.map(|step| step.officers).unwrap_or_default();
        if officers.contains(id) {
            let text = format!("interruption {} is not explained (002/A6-§14)", one.id);
            gaps.push(Gap::new(Some(one.id.0), text));
        }
    }
    Ok(Some(Custody { entries: entries.into_iter().collect(), gaps }))
}

fn owed_of_use(usage: &Row) -> Vec<Gap> {
    let (seq, recorder) = (registry::seq(usage), usage.text("recorder"));
    let none = |column| usage.int_opt(column).is_none();
    let gap = |text: String| Gap::new(Some(seq), format!("{}: {text}", UseId(seq)));
    let mut gaps = Vec::new();
    match usage.text("state") {
        "issued" => gaps.push(gap(format!("recorder {recorder} is not back"))),
        "returned" => {
            gaps.push(gap(format!("recorder {recorder} is back and was not docked (002/A6-§19)")))
        }
        _ => {}
    }
    if usage.int("breach") == 1 && none("seen_seq") {
        gaps.push(gap("taken without approval, and the head has not answered (002/A6-§5)".into()));
    }
    if usage.int_opt("late") == Some(1) && none("late_reason_seq") {
        gaps.push(gap("it came back late, and nobody gave the reason".into()));
    }
    gaps
}

/// Clips that missed the deadline which raises the alarm, without a reason.
fn unexplained_clips(registers: &dyn Registers, officer: &str) -> PortResult<Vec<Gap>> {
    let clips = registers.select(&Query::all(&CLIP).with("officer", officer))?;
    let clips: BTreeSet<i64> = clips.iter().map(|row| row.int("seq")).collect();
    let missed = registers.select(&Query::all(&DEADLINE).with("alarm", true))?;
    let theirs = missed.iter().filter(|row| clips.contains(&row.int("clip")));
    let unexplained = theirs.filter(|row| row.int_opt("reason_seq").is_none());
    Ok(unexplained
        .map(|row| {
            let text = format!(
                "clip C{} came late and nobody gave the reason (002/A6-§19)",
                row.int("clip")
            );
            Gap::new(Some(registry::seq(row)), text)
        })
        .collect())
}
