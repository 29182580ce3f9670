//! Holds (002/A6-§24): asked for by anybody of the unit, approved by the department head of the clips'
//! officers, who is not the applicant. It ends the same way.

use super::{Asked, Objection, unless};
use crate::id::{ClipId, HoldId};
use crate::keep::against::not_there;
use crate::keep::event::Event;
use crate::keep::rights::Rights;
use crate::keep::rows::{HOLD, HOLD_CLIP};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::table::{Query, Row};

/// Clips of one hold.
pub(crate) const CLIPS_MOST: usize = 1000;

pub(super) fn objection(asked: &Asked, event: &Event) -> Objection {
    let rights = &asked.rights;
    match event {
        Event::HoldRequested(e) => {
            unless!(rights.serves("asking for a hold"));
            unless!(named(&e.clips, CLIPS_MOST));
            not_there(asked.registers, &e.clips)
        }
        Event::HoldApproved(e) => answered(asked, e.hold, &["requested"], "approving a hold"),
        Event::HoldRefused(e) => {
            unless!(answered(asked, e.hold, &["requested"], "refusing a hold")?);
            not_own(asked, e.hold, "refuses")
        }
        Event::HoldReleaseRequested(e) => {
            unless!(rights.serves("asking for the release of a hold"));
            Ok(in_state(asked.registers, e.hold, &["approved"])?.err())
        }
        Event::HoldReleased(e) => {
            unless!(answered(asked, e.hold, &["release-requested"], "releasing a hold")?);
            not_own(asked, e.hold, "releases")
        }
        Event::HoldReleaseRefused(e) => {
            answered(asked, e.hold, &["release-requested"], "refusing the release of a hold")
        }
        _ => Ok(None),
    }
}

/// What lets a clip go is never for whoever it shows at work, nor for who only stands in for them.
fn not_own(asked: &Asked, hold: HoldId, what: &str) -> Objection {
    for clip in clips_of(asked.registers, hold)? {
        if asked.rights.decides_own(clip)? {
            return Ok(Some(format!(
                "{clip} is footage of whoever acts, or of the one they only stand in for; somebody else {what} hold {hold}"
            )));
        }
    }
    Ok(None)
}

fn answered(asked: &Asked, hold: HoldId, states: &[&str], what: &str) -> Objection {
    let row = match in_state(asked.registers, hold, states)? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    let applicant = row.text_opt("release_by").unwrap_or(row.text("requested_by"));
    if asked.rights.is_named(Some(applicant)) {
        return Ok(Some(format!(
            "the approver is never the applicant (002/A6-§24): another department head or acting deputy answers hold {hold}"
        )));
    }
    let clips = clips_of(asked.registers, hold)?;
    if let Some(person) = Rights::person_named(applicant)
        && asked.rights.only_heads_for(&person, &clips)?
    {
        return Ok(Some(format!(
            "the approver is never the applicant (002/A6-§24): whoever only stands in for {applicant} does not answer hold {hold}"
        )));
    }
    asked.rights.heads_all(&clips, what)
}

/// The row of a hold that is in one of these states.
fn in_state(
    registers: &dyn Registers,
    hold: HoldId,
    states: &[&str],
) -> PortResult<Result<Row, String>> {
    Ok(match registry::by_seq(registers, &HOLD, hold.0)? {
        None => Err(format!("there is no hold {hold}; see `sealdock hold list`")),
        Some(row) if states.contains(&row.text("state")) => Ok(row),
        Some(row) => Err(format!(
            "hold {hold} is {}, not {}; see `sealdock hold list`",
            row.text("state"),
            states.join(" or ")
        )),
    })
}

pub(crate) fn clips_of(registers: &dyn Registers, hold: HoldId) -> PortResult<Vec<ClipId>> {
    let rows = registers.select(&Query::all(&HOLD_CLIP).with("hold", hold.0))?;
    let clip = |row: &Row| ClipId(u64::try_from(row.int("clip")).unwrap_or_default());
    Ok(rows.iter().map(clip).collect())
}

/// At least one, at most so many, none twice.
pub(super) fn named(clips: &[ClipId], most: usize) -> Option<String> {
    let distinct: std::collections::BTreeSet<&ClipId> = clips.iter().collect();
    if clips.is_empty() {
        return Some("no clip is named; see `sealdock clip list`".into());
    }
    if distinct.len() != clips.len() {
        return Some("a clip is named twice".into());
    }
    (clips.len() > most).then(|| format!("{} clips are named; {most} at most at once", clips.len()))
}
