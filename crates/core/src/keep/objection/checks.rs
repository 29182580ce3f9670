//! Spot checks and playback checks (002/A6-§25): by the auditor alone, never on footage of themself. Burnt
//! media (002/A6-§24): by the clerk.

use super::holds::{CLIPS_MOST, clips_of, named};
use super::{Asked, Objection, unless};
use crate::actor::Role;
use crate::id::{CheckId, ClipId, HoldId};
use crate::keep::against::not_there;
use crate::keep::command::{Answer, Item};
use crate::keep::event::{
    CheckAnnounced, CheckAnswered, CheckCorrected, CheckDrawn, CheckKind, Event,
};
use crate::keep::rows::{HOLD, MEDIUM, SPOTCHECK, SPOTCHECK_CLIP};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::table::{Query, Row};
use crate::why;
use crate::why::{Both, Why, spoken};

/// Clips of one check.
pub(crate) const COUNT_MOST: u32 = 500;

/// Entries that must come between an announcement and the draw. Fewer could be written by one person at
/// one sitting.
const AHEAD_LEAST: u64 = 16;

/// And how many may: a check that is drawn after years is none.
const AHEAD_MOST: u64 = 10_000;

pub(super) fn objection(asked: &Asked, event: &Event) -> Objection {
    let rights = &asked.rights;
    let auditor = |what: Both| rights.needs(&[(Role::Auditor, "政策法规科")], what);
    let clerk = |what: Both| rights.needs(&[(Role::Clerk, "管理员")], what);
    match event {
        Event::CheckAnnounced(e) => {
            unless!(auditor(Both("公告抽查", "announcing a spot check")));
            unless!(announced(e));
            alone(asked.registers)
        }
        Event::CheckDrawn(e) => {
            unless!(auditor(Both("抽取", "drawing a spot check")));
            drawn(asked, e)
        }
        Event::CheckAnswered(e) => {
            unless!(auditor(Both("填写抽查结果", "answering a spot check")));
            answered(asked, e)
        }
        Event::CheckCorrected(e) => corrected(asked, e),
        Event::CheckClosed(e) => {
            unless!(auditor(Both("结束抽查", "closing a spot check")));
            closed(asked, e.check)
        }
        Event::MediumBurnt(e) => {
            unless!(clerk(Both("登记刻录介质", "entering a burnt medium")));
            unless!(named(&e.clips, CLIPS_MOST));
            unless!(not_there(asked.registers, &e.clips)?);
            match e.hold {
                Some(hold) => held(asked.registers, hold, &e.clips),
                // Earlier releases let a medium rest on nothing; the decision asks for the hold.
                None => Ok(None),
            }
        }
        Event::MediumReadBack(e) => {
            unless!(clerk(Both("登记介质回读", "entering that a medium was read back")));
            let row = registry::by_seq(asked.registers, &MEDIUM, e.medium.0)?;
            Ok(match row {
                None => Some(why!(
                    "K54",
                    "没有介质 {:#}；请核对编号。",
                    "there is no medium {}; see `sealdock medium list`",
                    e.medium
                )),
                Some(row) if (row.text("digest") == e.digest.to_string()) != e.equal => Some(why!(
                    "K55",
                    "所写“一致”与摘要不符，或相反。",
                    "it says equal where the digests differ, or the other way"
                )),
                Some(_) => None,
            })
        }
        _ => Ok(None),
    }
}

fn announced(e: &CheckAnnounced) -> Option<Why> {
    if e.from >= e.to {
        return Some(why!(
            "K56",
            "抽查范围为空：开始不早于结束；请修改日期。",
            "the check has no clips to draw from: --from is not before --to"
        ));
    }
    if e.count == 0 || e.count > COUNT_MOST {
        return Some(why!(
            "K57",
            "一次抽查 1 至 {COUNT_MOST:#} 段。",
            "a check falls on 1 to {COUNT_MOST} clips"
        ));
    }
    // 002/A6-§25: the playback check is of footage that is used as evidence.
    (e.kind == CheckKind::Playback && e.class.is_none()).then(|| {
        why!("K58", "回放检查针对用作证据的视频：请选择证据类别。", "a playback check (回放检查) is of footage used as evidence: give its class, --class evidence")
    })
}

/// 002/A6-§24: a medium is burnt for a hold that the department head approved, and that names its clips. One of
/// which the release is only asked for still holds.
fn held(registers: &dyn Registers, hold: HoldId, clips: &[ClipId]) -> Objection {
    let row = registry::by_seq(registers, &HOLD, hold.0)?;
    let holds = |row: Row| matches!(row.text("state"), "approved" | "release-requested");
    if !row.is_some_and(holds) {
        return Ok(Some(why!(
            "K59",
            "长期保存 {hold:#} 未批准或已解除；长期保存须部门负责人批准（002/A6-§24）。",
            "hold {hold} is not approved, or was released; long-term keeping needs the department head's approval (002/A6-§24)"
        )));
    }
    let named = clips_of(registers, hold)?;
    Ok(clips.iter().find(|clip| !named.contains(clip)).map(|clip| {
        why!("K60", "长期保存 {hold:#} 不包含 {clip:#}；介质上的每段视频都须在长期保存之列（002/A6-§24）：请先申请长期保存。", "hold {hold} does not name {clip}; a medium is burnt for a hold of every clip on it (002/A6-§24): `sealdock hold request`")
    }))
}

/// What is announced is drawn before another is: else whoever announces could draw the one whose seed they
/// like. One whose size no announcement may name any more holds nothing up.
fn alone(registers: &dyn Registers) -> Objection {
    let open = registers.select(&Query::all(&SPOTCHECK).with("state", "announced"))?;
    let drawn_some_day = |row: &&Row| {
        let at_size = u64::try_from(row.int("at_size")).unwrap_or(u64::MAX);
        at_size <= registry::seq(row).saturating_add(AHEAD_MOST)
    };
    Ok(open.iter().find(drawn_some_day).map(|row| {
        let check = CheckId(registry::seq(row));
        why!("K61", "抽查 {check:#} 已公告未抽取；请任一审计人员先抽取。", "spot check {check} is announced and not drawn; any auditor draws it first: `sealdock spotcheck draw {check}`")
    }))
}

/// Clips of before, drawn by entries to come: why an announcement in entry `own` is none. The entry's own number
/// is not among what `objection` is given, so the decision, the draw and `check` ask it.
pub fn misannounced(own: u64, (to, at_size): (u64, u64)) -> Option<Why> {
    if to > own {
        return Some(why!(
            "K62",
            "只能抽取已有的视频：截止条目最大为 {own:#}，即本条的编号。",
            "only clips that are there can be drawn: --to is at most {own}, the number of this entry"
        ));
    }
    let (least, most) = (own + 1 + AHEAD_LEAST, own.saturating_add(AHEAD_MOST));
    if at_size < least {
        return Some(why!(
            "K63",
            "种子不能事先知道：抽取条目至少为 {least:#}。",
            "the seed must not be known yet: --at-size is at least {least}"
        ));
    }
    (at_size > most).then(|| {
        why!(
            "K64",
            "抽取须在可预见的将来：抽取条目最大为 {most:#}。",
            "a check is drawn in the foreseeable future: --at-size is at most {most}"
        )
    })
}

fn check_in(
    registers: &dyn Registers,
    check: CheckId,
    state: &str,
) -> PortResult<Result<Row, Why>> {
    Ok(match registry::by_seq(registers, &SPOTCHECK, check.0)? {
        None => Err(why!(
            "K65",
            "没有抽查 {check:#}；请在“抽查”中核对编号。",
            "there is no spot check {check}; see `sealdock spotcheck list`"
        )),
        Some(row) if row.text("state") == state => Ok(row),
        Some(row) => Err(why!(
            "K66",
            "抽查 {check:#} 现为“{:#}”，不是“{state:#}”；请重新打开页面。",
            "spot check {check} is {}, not {state}",
            spoken(row.text("state")),
            state = spoken(state)
        )),
    })
}

fn drawn(asked: &Asked, e: &CheckDrawn) -> Objection {
    let row = match check_in(asked.registers, e.check, "announced")? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    let number = |column| u64::try_from(row.int(column)).unwrap_or(u64::MAX);
    // Earlier releases let the draw be further off; only what is too near, or draws from what was to come, is
    // no draw.
    let (to, at_size) = (number("to_seq"), number("at_size").min(e.check.0 + AHEAD_MOST));
    if let Some(why) = misannounced(e.check.0, (to, at_size)) {
        return Ok(Some(why!(
            "K67",
            "抽查 {:#} 的公告不合规则：{why:#}",
            "spot check {} was not announced by the rules: {why}",
            e.check
        )));
    }
    let expected = super::super::decide::draw_again(asked.registers, e.check, &row, &e.root)?;
    Ok((expected != e.clips).then(|| {
        why!(
            "K68",
            "抽查 {:#} 抽到的不是这些视频；请重新抽取。",
            "spot check {} does not fall on these clips; draw again",
            e.check
        )
    }))
}

fn line(registers: &dyn Registers, check: CheckId, clip: ClipId) -> PortResult<Result<Row, Why>> {
    if let Err(why) = check_in(registers, check, "drawn")? {
        return Ok(Err(why));
    }
    let query = Query::all(&SPOTCHECK_CLIP).with("spotcheck", check.0).with("clip", clip.0);
    Ok(registers.select(&query)?.into_iter().next().ok_or_else(|| {
        why!(
            "K69",
            "抽查 {check:#} 没有抽到 {clip:#}。",
            "spot check {check} did not fall on {clip}"
        )
    }))
}

fn answered(asked: &Asked, e: &CheckAnswered) -> Objection {
    let row = match line(asked.registers, e.check, e.clip)? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    if row.int_opt("answered_seq").is_some() {
        return Ok(Some(why!(
            "K70",
            "{:#} 在抽查 {:#} 中已填写结果。",
            "{} is answered already in spot check {}",
            e.clip,
            e.check
        )));
    }
    if asked.rights.owns(e.clip)? {
        return Ok(Some(why!(
            "K71",
            "{:#} 是办理人本人的视频；请由其他审计人员填写。",
            "{} is footage of whoever acts; another auditor answers",
            e.clip
        )));
    }
    if let Some(missing) = Item::ALL.iter().find(|item| !e.answers.contains_key(item)) {
        return Ok(Some(why!(
            "K72",
            "检查表有六项（002/A6-§9 至 §12、§15）；“{:#}”没有填写。",
            "the sheet has six items (002/A6-§9 to §12, §15); {} is not answered",
            missing
        )));
    }
    let broken = e.answers.values().any(|answer| *answer == Answer::No);
    Ok((broken && e.finding.is_none()).then(|| {
        why!(
            "K73",
            "有一项为“否”；请写明发现的问题。",
            "an item is answered with no; say what was found: --finding TEXT"
        )
    }))
}

fn corrected(asked: &Asked, e: &CheckCorrected) -> Objection {
    let row = match line(asked.registers, e.check, e.clip)? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    if row.text_opt("finding").is_none() {
        return Ok(Some(why!(
            "K74",
            "{:#} 没有发现需要整改的问题。",
            "nothing was found on {} that could be corrected",
            e.clip
        )));
    }
    if row.int_opt("corrected_seq").is_some() {
        return Ok(Some(why!(
            "K75",
            "{:#} 的整改已有记录。",
            "the correction of {} stands in the record already",
            e.clip
        )));
    }
    if asked.rights.decides_own(e.clip)? {
        return Ok(Some(why!(
            "K76",
            "{:#} 是办理人本人的视频，或其只代行当事人职务；请由其他部门负责人答复。",
            "{} is footage of whoever acts, or of the one they only stand in for; another department head answers the finding",
            e.clip
        )));
    }
    asked.rights.heads_all(&[e.clip], Both("答复抽查发现的问题", "answering a finding"))
}

fn closed(asked: &Asked, check: CheckId) -> Objection {
    if let Err(why) = check_in(asked.registers, check, "drawn")? {
        return Ok(Some(why));
    }
    let rows = asked.registers.select(&Query::all(&SPOTCHECK_CLIP).with("spotcheck", check.0))?;
    let clip = |row: &Row| ClipId(u64::try_from(row.int("clip")).unwrap_or_default());
    for row in &rows {
        if asked.rights.owns(clip(row))? {
            return Ok(Some(why!(
                "K77",
                "{:#} 是办理人本人的视频；请由其他审计人员结束抽查 {check:#}。",
                "{} is footage of whoever acts; another auditor closes spot check {check}",
                clip(row)
            )));
        }
    }
    if let Some(row) = rows.iter().find(|row| row.int_opt("answered_seq").is_none()) {
        return Ok(Some(why!("K78", "{:#} 还没有填写结果。", "{} is not answered yet", clip(row))));
    }
    let open =
        |row: &&Row| row.text_opt("finding").is_some() && row.int_opt("corrected_seq").is_none();
    Ok(rows.iter().find(open).map(|row| {
        why!(
            "K79",
            "{:#} 的问题还没有由部门负责人答复整改。",
            "the finding on {} is not corrected yet by the department head",
            clip(row)
        )
    }))
}
