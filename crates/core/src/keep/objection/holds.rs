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
use crate::why;
use crate::why::{Both, Why, Words, spoken};

/// Clips of one hold.
pub(crate) const CLIPS_MOST: usize = 1000;

pub(super) fn objection(asked: &Asked, event: &Event) -> Objection {
    let rights = &asked.rights;
    match event {
        Event::HoldRequested(e) => {
            unless!(rights.serves(Both("申请长期保存", "asking for a hold")));
            unless!(named(&e.clips, CLIPS_MOST));
            not_there(asked.registers, &e.clips)
        }
        Event::HoldApproved(e) => {
            answered(asked, e.hold, &["requested"], Both("批准长期保存", "approving a hold"))
        }
        Event::HoldRefused(e) => {
            unless!(answered(
                asked,
                e.hold,
                &["requested"],
                Both("不批准长期保存", "refusing a hold")
            )?);
            not_own(asked, e.hold, Both("答复", "refuses"))
        }
        Event::HoldReleaseRequested(e) => {
            unless!(rights.serves(Both("申请解除长期保存", "asking for the release of a hold")));
            Ok(in_state(asked.registers, e.hold, &["approved"])?.err())
        }
        Event::HoldReleased(e) => {
            unless!(answered(
                asked,
                e.hold,
                &["release-requested"],
                Both("解除长期保存", "releasing a hold")
            )?);
            not_own(asked, e.hold, Both("解除", "releases"))
        }
        Event::HoldReleaseRefused(e) => answered(
            asked,
            e.hold,
            &["release-requested"],
            Both("不同意解除长期保存", "refusing the release of a hold"),
        ),
        _ => Ok(None),
    }
}

/// What lets a clip go is never for whoever it shows at work, nor for who only stands in for them.
fn not_own(asked: &Asked, hold: HoldId, what: impl Words) -> Objection {
    for clip in clips_of(asked.registers, hold)? {
        if asked.rights.decides_own(clip)? {
            return Ok(Some(why!(
                "K104",
                "{clip:#} 是办理人本人的视频，或其只代行当事人职务；长期保存 {hold:#} 须由他人{what:#}。",
                "{clip} is footage of whoever acts, or of the one they only stand in for; somebody else {what} hold {hold}"
            )));
        }
    }
    Ok(None)
}

fn answered(asked: &Asked, hold: HoldId, states: &[&str], what: impl Words) -> Objection {
    let row = match in_state(asked.registers, hold, states)? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    let applicant = row.text_opt("release_by").unwrap_or(row.text("requested_by"));
    if asked.rights.is_named(Some(applicant)) {
        return Ok(Some(why!(
            "K105",
            "审批人不得是申请人（002/A6-§24）：长期保存 {hold:#} 须由其他部门负责人或代行人答复。",
            "the approver is never the applicant (002/A6-§24): another department head or acting deputy answers hold {hold}"
        )));
    }
    let clips = clips_of(asked.registers, hold)?;
    if let Some(person) = Rights::person_named(applicant)
        && asked.rights.only_heads_for(&person, &clips)?
    {
        return Ok(Some(why!(
            "K106",
            "审批人不得是申请人（002/A6-§24）：只代行 {applicant:#} 职务的人不答复长期保存 {hold:#}。",
            "the approver is never the applicant (002/A6-§24): whoever only stands in for {applicant} does not answer hold {hold}"
        )));
    }
    asked.rights.heads_all(&clips, what)
}

/// How it would have to stand.
fn stated(states: &[&str]) -> Why {
    let chinese: Vec<&str> = states.iter().map(|state| spoken(state).0).collect();
    Why::made("", chinese.join("或"), states.join(" or "))
}

/// The row of a hold that is in one of these states.
fn in_state(
    registers: &dyn Registers,
    hold: HoldId,
    states: &[&str],
) -> PortResult<Result<Row, Why>> {
    Ok(match registry::by_seq(registers, &HOLD, hold.0)? {
        None => Err(why!(
            "K107",
            "没有长期保存 {hold:#}；请在“长期保存”中核对编号。",
            "there is no hold {hold}; see `sealdock hold list`"
        )),
        Some(row) if states.contains(&row.text("state")) => Ok(row),
        Some(row) => Err(why!(
            "K108",
            "长期保存 {hold:#} 现为“{:#}”，不是“{:#}”；请重新打开页面。",
            "hold {hold} is {}, not {}; see `sealdock hold list`",
            spoken(row.text("state")),
            stated(states)
        )),
    })
}

pub(crate) fn clips_of(registers: &dyn Registers, hold: HoldId) -> PortResult<Vec<ClipId>> {
    let rows = registers.select(&Query::all(&HOLD_CLIP).with("hold", hold.0))?;
    let clip = |row: &Row| ClipId(u64::try_from(row.int("clip")).unwrap_or_default());
    Ok(rows.iter().map(clip).collect())
}

/// At least one, at most so many, none twice.
pub(super) fn named(clips: &[ClipId], most: usize) -> Option<Why> {
    let distinct: std::collections::BTreeSet<&ClipId> = clips.iter().collect();
    if clips.is_empty() {
        return Some(why!(
            "K109",
            "没有写明视频；请在“视频”中选择。",
            "no clip is named; see `sealdock clip list`"
        ));
    }
    if distinct.len() != clips.len() {
        return Some(why!("K110", "有一段视频写了两次；请删去一个。", "a clip is named twice"));
    }
    (clips.len() > most).then(|| {
        why!(
            "K111",
            "写了 {:#} 段视频；一次最多 {most:#} 段。",
            "{} clips are named; {most} at most at once",
            clips.len()
        )
    })
}
