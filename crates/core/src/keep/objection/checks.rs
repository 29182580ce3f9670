//! Spot checks and playback checks (002/A6-§25): by the auditor alone, never on footage of themself. Burnt
//! media (002/A6-§24): by the clerk.

use super::holds::{CLIPS_MOST, named};
use super::{Asked, Objection, unless};
use crate::actor::Role;
use crate::id::{CheckId, ClipId};
use crate::keep::against::not_there;
use crate::keep::command::{Answer, Item};
use crate::keep::event::{
    CheckAnnounced, CheckAnswered, CheckCorrected, CheckDrawn, CheckKind, Event,
};
use crate::keep::rows::{HOLD, MEDIUM, SPOTCHECK, SPOTCHECK_CLIP};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::table::{Query, Row};

/// Clips of one check.
pub(crate) const COUNT_MOST: u32 = 500;

pub(super) fn objection(asked: &Asked, event: &Event) -> Objection {
    let rights = &asked.rights;
    let auditor = |what: &str| rights.needs(&[(Role::Auditor, "政策法规科")], what);
    let clerk = |what: &str| rights.needs(&[(Role::Clerk, "管理员")], what);
    match event {
        Event::CheckAnnounced(e) => {
            unless!(auditor("announcing a spot check"));
            Ok(announced(e))
        }
        Event::CheckDrawn(e) => {
            unless!(auditor("drawing a spot check"));
            drawn(asked, e)
        }
        Event::CheckAnswered(e) => {
            unless!(auditor("answering a spot check"));
            answered(asked, e)
        }
        Event::CheckCorrected(e) => corrected(asked, e),
        Event::CheckClosed(e) => {
            unless!(auditor("closing a spot check"));
            closed(asked, e.check)
        }
        Event::MediumBurnt(e) => {
            unless!(clerk("entering a burnt medium"));
            unless!(named(&e.clips, CLIPS_MOST));
            unless!(not_there(asked.registers, &e.clips)?);
            let Some(hold) = e.hold else { return Ok(None) };
            let row = registry::by_seq(asked.registers, &HOLD, hold.0)?;
            let approved = row.is_some_and(|row| row.int_opt("approved_seq").is_some());
            Ok((!approved).then(|| {
                format!("hold {hold} is not approved; long-term keeping needs the department head's approval (002/A6-§24)")
            }))
        }
        Event::MediumReadBack(e) => {
            unless!(clerk("entering that a medium was read back"));
            let row = registry::by_seq(asked.registers, &MEDIUM, e.medium.0)?;
            Ok(match row {
                None => {
                    Some(format!("there is no medium {}; see `sealdock medium list`", e.medium))
                }
                Some(row) if (row.text("digest") == e.digest.to_string()) != e.equal => {
                    Some("it says equal where the digests differ, or the other way".into())
                }
                Some(_) => None,
            })
        }
        _ => Ok(None),
    }
}

fn announced(e: &CheckAnnounced) -> Option<String> {
    if e.from >= e.to {
        return Some("the check has no clips to draw from: --from is not before --to".into());
    }
    if e.count == 0 || e.count > COUNT_MOST {
        return Some(format!("a check falls on 1 to {COUNT_MOST} clips"));
    }
    // 002/A6-§25: the playback check is of footage that is used as evidence.
    (e.kind == CheckKind::Playback && e.class.is_none()).then(|| {
        "a playback check (回放检查) is of footage used as evidence: give its class, --class evidence".into()
    })
}

fn check_in(
    registers: &dyn Registers,
    check: CheckId,
    state: &str,
) -> PortResult<Result<Row, String>> {
    Ok(match registry::by_seq(registers, &SPOTCHECK, check.0)? {
        None => Err(format!("there is no spot check {check}; see `sealdock spotcheck list`")),
        Some(row) if row.text("state") == state => Ok(row),
        Some(row) => Err(format!("spot check {check} is {}, not {state}", row.text("state"))),
    })
}

fn drawn(asked: &Asked, e: &CheckDrawn) -> Objection {
    let row = match check_in(asked.registers, e.check, "announced")? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    let expected = super::super::decide::draw_again(asked.registers, e.check, &row, &e.root)?;
    Ok((expected != e.clips)
        .then(|| format!("spot check {} does not fall on these clips; draw again", e.check)))
}

fn line(
    registers: &dyn Registers,
    check: CheckId,
    clip: ClipId,
) -> PortResult<Result<Row, String>> {
    if let Err(why) = check_in(registers, check, "drawn")? {
        return Ok(Err(why));
    }
    let query = Query::all(&SPOTCHECK_CLIP).with("spotcheck", check.0).with("clip", clip.0);
    Ok(registers
        .select(&query)?
        .into_iter()
        .next()
        .ok_or_else(|| format!("spot check {check} did not fall on {clip}")))
}

fn answered(asked: &Asked, e: &CheckAnswered) -> Objection {
    let row = match line(asked.registers, e.check, e.clip)? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    if row.int_opt("answered_seq").is_some() {
        return Ok(Some(format!("{} is answered already in spot check {}", e.clip, e.check)));
    }
    if asked.rights.owns(e.clip)? {
        return Ok(Some(format!("{} is footage of whoever acts; another auditor answers", e.clip)));
    }
    if let Some(missing) = Item::ALL.iter().find(|item| !e.answers.contains_key(item)) {
        return Ok(Some(format!(
            "the sheet has six items (002/A6-§9 to §12, §15); {} is not answered",
            missing.as_str()
        )));
    }
    let broken = e.answers.values().any(|answer| *answer == Answer::No);
    Ok((broken && e.finding.is_none())
        .then(|| "an item is answered with no; say what was found: --finding TEXT".into()))
}

fn corrected(asked: &Asked, e: &CheckCorrected) -> Objection {
    let row = match line(asked.registers, e.check, e.clip)? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    if row.text_opt("finding").is_none() {
        return Ok(Some(format!("nothing was found on {} that could be corrected", e.clip)));
    }
    if row.int_opt("corrected_seq").is_some() {
        return Ok(Some(format!("the correction of {} stands in the record already", e.clip)));
    }
    asked.rights.heads_all(&[e.clip], "answering a finding")
}

fn closed(asked: &Asked, check: CheckId) -> Objection {
    if let Err(why) = check_in(asked.registers, check, "drawn")? {
        return Ok(Some(why));
    }
    let rows = asked.registers.select(&Query::all(&SPOTCHECK_CLIP).with("spotcheck", check.0))?;
    let clip = |row: &Row| ClipId(u64::try_from(row.int("clip")).unwrap_or_default());
    if let Some(row) = rows.iter().find(|row| row.int_opt("answered_seq").is_none()) {
        return Ok(Some(format!("{} is not answered yet", clip(row))));
    }
    let open =
        |row: &&Row| row.text_opt("finding").is_some() && row.int_opt("corrected_seq").is_none();
    Ok(rows.iter().find(open).map(|row| {
        format!("the finding on {} is not corrected yet by the department head", clip(row))
    }))
}
