//! What the desk has to say in `status`: who is proposed as unit head, breaches that no head has answered, recorders that are due or
//! overdue, in other hands, or lost and docked all the same.

use super::super::sentence::Sentence;
use super::super::zone;
use super::uses::breaches;
use crate::docking::early;
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::desk::{self, Alarm, Duty};
use sealdock_core::duty::{self, Proposal};
use sealdock_core::id::UseId;
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::says;
use sealdock_core::schema::SESSION;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::{HOUR_MS, Zone};
use sealdock_core::why::Both;
use serde_json::{Value, json};

/// Lines for people, facts for scripts.
pub fn alarms(open: &Open) -> Result<(Vec<Sentence>, Value), CliError> {
    let view = open.station.world().ledger.view()?;
    let policy = registry::policy(&*view)?;
    let (zone, now) = (zone(open)?, open.station.world().clock.now());
    let breaches = breaches(open)?;
    let breaches = breaches.iter().map(|row| breach(&*view, row));
    let mut lines = breaches.collect::<Result<Vec<Sentence>, CliError>>()?;
    let proposal = duty::open_proposal(&*view, &now)?;
    lines.extend(proposal.as_ref().map(proposed));
    let due = desk::due(&*view, &policy, &now)?;
    lines.extend(due.iter().map(|one| is_due(zone, one)));
    lines.extend(in_other_hands(&*view)?);
    lines.extend(found_again(&*view)?);
    lines.extend(taken_away(open, &*view)?);
    let waiting = desk::usages(&*view, "requested")?.len();
    if waiting > 0 {
        let why = says!(
            "{waiting} 个领用申请待部门负责人批准",
            "{waiting} uses wait for their department head"
        );
        lines.push(Sentence::marked("待批准", why));
    }
    let said: Vec<String> = lines.iter().map(Sentence::to_string).collect();
    let json = json!({ "lines": said, "waiting": waiting, "due": due.iter().map(|one| json!({
        "use": one.usage.of, "recorder": one.usage.recorder, "officer": one.usage.officer,
        "what": one.what, "at": one.at, "overdue": one.alarm == Alarm::Missed,
    })).collect::<Vec<_>>() });
    Ok((lines, json))
}

/// No head has answered it.
fn breach(registers: &dyn Registers, row: &Row) -> Result<Sentence, CliError> {
    let of = UseId(registry::seq(row));
    let ids: Vec<&str> = row.text_opt("alarms").unwrap_or_default().split_whitespace().collect();
    let heads = ids.iter().map(|id| named(registers, id)).collect::<Result<Vec<_>, _>>()?;
    let heads = heads.join("、");
    let heads = match heads.as_str() {
        "" => Both("该部门没有负责人，请单位负责人过问", "nobody: the department has no head"),
        heads => Both(heads, heads),
    };
    let [recorder, officer, purpose] =
        ["recorder", "officer", "purpose"].map(|column| row.text(column));
    let who = named(registers, officer)?;
    let line = format!(
        "报警 alarm to {}: recorder {recorder} was taken without approval by {officer} (002/A6-§5), {of}: {purpose}; `sealdock use answer {of} --text … --as ID`",
        if ids.is_empty() { heads.1.to_owned() } else { ids.join(" ") }
    );
    let why = says!(
        "报警：{who} 未经批准领用记录仪 {recorder}（{of}，002/A6-§5）：{purpose}。请在“领用与交回”中答复：{heads:#}",
        "Alarm: {who} took recorder {recorder} without approval ({of}, 002/A6-§5): {purpose}. To be answered under “taking out and return” by {heads}"
    );
    Ok(Sentence::worded(line, why))
}

/// By name and number.
fn named(registers: &dyn Registers, id: &str) -> Result<String, CliError> {
    let person = match id.parse() {
        Ok(id) => registry::person(registers, &id)?,
        Err(_) => None,
    };
    Ok(person.map_or_else(|| id.to_owned(), |person| format!("{} {id}", person.name)))
}

/// It is to be back, or docked.
fn is_due(zone: Zone, one: &desk::Due) -> Sentence {
    let what = match one.what {
        Duty::Return => Both("交回", "back"),
        Duty::Docking => Both("采集", "docked"),
    };
    let (mark, alarm) = match one.alarm {
        Alarm::Soon => ("即将到期", Both("即将到期", "due soon")),
        Alarm::Missed => ("报警", Both("已逾期", "alarm, overdue")),
    };
    let (officer, recorder, of) = (&one.usage.officer, &one.usage.recorder, one.usage.of);
    let (at, reason) = (zone.civil(one.at), one.usage.row.text_opt("late_reason"));
    let chinese = reason.map(|why| format!("（{why}）")).unwrap_or_default();
    let english = reason.map(|why| format!(" ({why})")).unwrap_or_default();
    let line = format!(
        "{mark} {alarm}: recorder {recorder} of {officer} to be {what:#} {what} by {at}, {of}{english}"
    );
    let why = says!(
        "{alarm:#}：{officer} 领用的记录仪 {recorder} 应于 {at} 前{what:#}，{of}{chinese}",
        "{alarm}: recorder {recorder} of {officer} to be {what} by {at}, {of}{english}"
    );
    Sentence::worded(line, why)
}

/// Out with one person, docked by another.
fn in_other_hands(registers: &dyn Registers) -> Result<Vec<Sentence>, CliError> {
    let mut lines = Vec::new();
    for usage in desk::usages(registers, "issued")? {
        let Some(session) = usage.row.int_opt("other_session") else { continue };
        let other = match usage.row.text_opt("other_officer") {
            Some(other) => Both(other, other),
            None => Both("身份不明的人", "nobody who is known"),
        };
        let (recorder, officer, of) = (&usage.recorder, &usage.officer, usage.of);
        let why = says!(
            "他人插入：记录仪 {recorder} 由 {officer} 领用（{of}），却由 {other:#} 在 S{session} 采集",
            "recorder {recorder} is out with {officer} ({of}) and was docked by {other} in S{session}"
        );
        lines.push(Sentence::marked("他人插入", why));
    }
    Ok(lines)
}

/// Said as long as it stands, so that the unit head hears of it from whoever looks.
fn proposed(one: &Proposal) -> Sentence {
    let hours = one.left_ms.div_euclid(HOUR_MS) + i64::from(one.left_ms % HOUR_MS > 0);
    let when = match hours {
        0 => says!("现在可以附议", "can be seconded now"),
        hours => says!(
            "采集站再运行 {hours} 小时后可以附议",
            "can be seconded after {hours} more hours in which the station runs"
        ),
    };
    let Proposal { by, person, seq, .. } = one;
    let why = says!(
        "提名单位负责人：{by} 提名 {person}，记录第 {seq} 条；{when:#}；单位负责人签署任何一项，提名即告终止",
        "{by} proposes {person} as unit head, entry {seq}: {when}; anything that a unit head signs ends it"
    );
    Sentence::marked("提名单位负责人", why)
}

/// On record as docked, and not everything was taken.
fn taken_away(open: &Open, registers: &dyn Registers) -> Result<Vec<Sentence>, CliError> {
    let all = early::missed(open, registers)?.into_iter();
    all.map(|one| Ok(Sentence::marked("拔出过早", early::sentence(registers, &one)?))).collect()
}

/// Lost by the register, and docked since.
fn found_again(registers: &dyn Registers) -> Result<Vec<Sentence>, CliError> {
    let lost = registers.select(&Query::all(&desk::ASSET).with("state", "lost"))?;
    let mut lines = Vec::new();
    for row in lost {
        let recorder = row.text("recorder");
        let query = Query::all(&SESSION).with("recorder", recorder).newest_first().limit(1);
        let since = registers.select(&query)?.first().map(registry::seq);
        if let Some(session) = since.filter(|seq| *seq as i64 > row.int("state_seq")) {
            lines.push(Sentence::from(says!(
                "记录仪 {recorder} 登记为遗失，却在 S{session} 采集；请在该记录仪的页面办理“入柜”",
                "recorder {recorder} stands as lost and was docked in S{session}; `sealdock recorder store {recorder} --reason …`"
            )));
        }
    }
    Ok(lines)
}
