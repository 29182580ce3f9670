//! Why a recorder may not be handed out now, whoever does it (002/A6-§5, §8, §18). Asked by the decision, and by
//! `check` of every issue that ever was.

use super::{Asset, Issued, Leftover, RECORDER_CHECK, Usage, asset, designation, leftover};
use crate::clock_state::known_bad;
use crate::id::{PersonId, RecorderId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::time::{Stamp, WallMs};
use crate::why::{Both, Why, halves, listed, spoken};
use crate::{says, why};

/// The use was approved; the recorder is here, checked, empty and for this officer.
pub(super) fn objection(
    registers: &dyn Registers,
    at: &Stamp,
    (usage, e): (&Usage, &Issued),
) -> PortResult<Option<Why>> {
    if usage.state != "approved" || usage.recorder != e.recorder {
        let text = why!(
            "U29",
            "{:#} 不是记录仪 {:#} 的已批准领用（002/A6-§5）。",
            "{} is no approved use of recorder {} (002/A6-§5)",
            e.of,
            e.recorder
        );
        return Ok(Some(text));
    }
    if usage.officer != e.officer {
        return Ok(Some(why!(
            "U30",
            "{:#} 批准给 {:#}，不能发给别人（002/A6-§5）。",
            "{} was approved for {} and is handed out to nobody else (002/A6-§5)",
            e.of,
            usage.officer
        )));
    }
    let Some(asset) = asset(registers, &e.recorder)? else {
        return Ok(Some(why!(
            "U31",
            "记录仪 {:#} 未登记。",
            "recorder {} is not enrolled",
            e.recorder
        )));
    };
    if let Some(why) = not_here(&asset) {
        return Ok(Some(why));
    }
    if let Some(why) = over(registers, usage, at)? {
        return Ok(Some(why));
    }
    if let Some(why) = not_designated(registers, &e.recorder, &e.officer)? {
        return Ok(Some(why));
    }
    if let Some(why) = unchecked(registers, usage, (e.check, at.wall))? {
        return Ok(Some(why));
    }
    known_since(registers, &asset)
}

/// The check may be hours old: what was docked or reported since counts.
fn known_since(registers: &dyn Registers, asset: &Asset) -> PortResult<Option<Why>> {
    let recorder = &asset.recorder;
    if let Some(fault) = asset.fault {
        let text = why!(
            "U32",
            "记录仪 {recorder:#} 已报故障（第 {fault:#} 条），不能发出（002/A6-§8）。",
            "recorder {recorder} is reported faulty (entry {fault}) (002/A6-§8)"
        );
        return Ok(Some(text));
    }
    Ok(match leftover(registers, recorder)? {
        Leftover::Left { why } => Some(why!(
            "U33",
            "记录仪 {recorder:#} 里可能还有未证实入库的资料：{why:#}；请先采集（002/A6-§8、§19）。",
            "something may be on recorder {recorder} that is not proven stored: {why}; dock it first (002/A6-§8, §19)"
        )),
        _ => None,
    })
}

/// A recorder that somebody has is not handed out twice.
fn not_here(asset: &Asset) -> Option<Why> {
    let recorder = &asset.recorder;
    match (asset.state.as_str(), &asset.holder) {
        ("acquired" | "cabinet" | "docked", _) => None,
        ("issued", Some(holder)) => Some(why!(
            "U34",
            "记录仪 {recorder:#} 已发给 {holder:#}，不能再发；须先交回。",
            "recorder {recorder} is issued to {holder}; it is never issued twice: it comes back first"
        )),
        ("returned", _) => Some(why!(
            "U35",
            "记录仪 {recorder:#} 已交回但没有采集；请先采集（002/A6-§19）。",
            "recorder {recorder} was returned and not docked; dock it first (002/A6-§19)"
        )),
        (state, _) => Some(why!(
            "U36",
            "记录仪 {recorder:#} 现为“{state:#}”；请管理员先登记入柜。",
            "recorder {recorder} is {state}; the clerk puts it into the cabinet first: `sealdock recorder store`",
            state = spoken(state)
        )),
    }
}

/// Only to those it is designated to (002/A6-§18).
pub(super) fn not_designated(
    registers: &dyn Registers,
    recorder: &RecorderId,
    officer: &PersonId,
) -> PortResult<Option<Why>> {
    Ok(designation(registers, recorder, officer)?.is_none().then(|| {
        why!("U37", "记录仪 {recorder:#} 没有指定给 {officer:#}（002/A6-§18）；请管理员先在“管理→记录仪”指定。", "recorder {recorder} is not designated to {officer} (002/A6-§18); the clerk does it: `sealdock recorder designate {recorder} --officer {officer} --reason TEXT`")
    }))
}

/// Has the time that was asked for run out? On a clock beyond belief nothing has.
pub(super) fn is_over(registers: &dyn Registers, usage: &Usage, at: &Stamp) -> PortResult<bool> {
    Ok(usage.until <= at.wall && known_bad(registers, at)?.is_none())
}

pub(super) fn over(
    registers: &dyn Registers,
    usage: &Usage,
    at: &Stamp,
) -> PortResult<Option<Why>> {
    let way = Both("请执法人员重新申请", "the officer asks again: `sealdock use request`");
    Ok(is_over(registers, usage, at)?.then(|| {
        why!(
            "U38",
            "{:#} 的领用时间已过（{:#}）；{way:#}",
            "the time of {} is over ({}); {way}",
            usage.of,
            usage.until
        )
    }))
}

/// The pre-use check that the entry names is the newest of this use, passed, and still counts (002/A6-§8).
fn unchecked(
    registers: &dyn Registers,
    usage: &Usage,
    (named, now): (u64, WallMs),
) -> PortResult<Option<Why>> {
    let again = format!("`sealdock recorder check {} --use {} …`", usage.recorder, usage.of);
    let refused = |why: Why| {
        Ok(Some(why!(
            "U71",
            "{why:#}（002/A6-§8）；请先完成使用前检查（“领用与交回”）{again:.0}",
            "{why} (002/A6-§8); {again}"
        )))
    };
    let (Some(seq), Some(at)) = (usage.row.int_opt("check_seq"), usage.row.text_opt("checked"))
    else {
        return refused(why!(
            "U39",
            "记录仪 {:#} 在本次使用前没有检查",
            "recorder {} was not checked before this use",
            usage.recorder
        ));
    };
    if usage.row.int_opt("check_passed") != Some(1) {
        let row = registry::by_seq(registers, &RECORDER_CHECK, seq.unsigned_abs())?;
        let found = row.and_then(|row| row.text_opt("findings").map(str::to_owned));
        let found = found.map_or_else(
            || says!("", ""),
            |what| {
                let all = what.split("; ").map(|one| {
                    let one = halves(one);
                    says!("{one:#}", "{one}")
                });
                let all = listed(&all.collect::<Vec<_>>(), "; ");
                says!("：{all:#}", ": {all}")
            },
        );
        return refused(why!(
            "U40",
            "第 {seq:#} 条的检查发现不合格{found:#}",
            "the check in entry {seq} found something not in order{found}"
        ));
    }
    if seq.unsigned_abs() != named {
        return refused(why!(
            "U41",
            "本次使用前的检查是第 {seq:#} 条，不是第 {named:#} 条",
            "the check before this use is entry {seq}, not entry {named}"
        ));
    }
    let policy = registry::policy(registers)?;
    let age = WallMs::parse(at).map_or(i64::MAX, |at| now.0 - at.0);
    if !(0..=policy.desk.check_ms_max).contains(&age) {
        return refused(why!(
            "U42",
            "第 {seq:#} 条的检查时间太久，已失效",
            "the check in entry {seq} is too old to count"
        ));
    }
    Ok(None)
}
