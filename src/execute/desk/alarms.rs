//! What the desk has to say in `status`: who is proposed as unit head, breaches that no head has answered, recorders that are due or
//! overdue, in other hands, or lost and docked all the same.

use super::super::zone;
use super::uses::breaches;
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::desk::{self, Alarm, Duty};
use sealdock_core::duty::{self, Proposal};
use sealdock_core::id::UseId;
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::schema::SESSION;
use sealdock_core::table::Query;
use sealdock_core::time::HOUR_MS;
use serde_json::{Value, json};

/// Lines for people, facts for scripts.
pub fn alarms(open: &Open) -> Result<(Vec<String>, Value), CliError> {
    let view = open.station.world().ledger.view()?;
    let policy = registry::policy(&*view)?;
    let (zone, now) = (zone(open)?, open.station.world().clock.now());
    let mut lines = Vec::new();
    for row in breaches(open)? {
        let (of, heads) = (UseId(registry::seq(&row)), row.text_opt("alarms").unwrap_or_default());
        let heads = if heads.is_empty() { "nobody: the department has no head" } else { heads };
        lines.push(format!(
            "报警 alarm to {heads}: recorder {} was taken without approval by {} (002/A6-§5), {of}: {}; `sealdock use answer {of} --text … --as ID`",
            row.text("recorder"),
            row.text("officer"),
            row.text("purpose")
        ));
    }
    let proposal = duty::open_proposal(&*view, &now)?;
    lines.extend(proposal.as_ref().map(proposed));
    let due = desk::due(&*view, &policy, &now)?;
    for one in &due {
        let what = match one.what {
            Duty::Return => "交回 back",
            Duty::Docking => "采集 docked",
        };
        let alarm = match one.alarm {
            Alarm::Soon => "即将到期 due soon",
            Alarm::Missed => "报警 alarm, overdue",
        };
        let reason = one.usage.row.text_opt("late_reason");
        let said = reason.map(|why| format!(" ({why})")).unwrap_or_default();
        lines.push(format!(
            "{alarm}: recorder {} of {} to be {what} by {}, {}{said}",
            one.usage.recorder,
            one.usage.officer,
            zone.civil(one.at),
            one.usage.of
        ));
    }
    for usage in desk::usages(&*view, "issued")? {
        if let Some(session) = usage.row.int_opt("other_session") {
            let other = usage.row.text_opt("other_officer").unwrap_or("nobody who is known");
            lines.push(format!(
                "他人插入 recorder {} is out with {} ({}) and was docked by {other} in S{session}",
                usage.recorder, usage.officer, usage.of
            ));
        }
    }
    lines.extend(found_again(&*view)?);
    let waiting = desk::usages(&*view, "requested")?.len();
    if waiting > 0 {
        lines.push(format!("待批准 {waiting} uses wait for their department head"));
    }
    let json = json!({ "lines": lines, "waiting": waiting, "due": due.iter().map(|one| json!({
        "use": one.usage.of, "recorder": one.usage.recorder, "officer": one.usage.officer,
        "what": one.what, "at": one.at, "overdue": one.alarm == Alarm::Missed,
    })).collect::<Vec<_>>() });
    Ok((lines, json))
}

/// Said as long as it stands, so that the unit head hears of it from whoever looks.
fn proposed(one: &Proposal) -> String {
    let hours = one.left_ms.div_euclid(HOUR_MS) + i64::from(one.left_ms % HOUR_MS > 0);
    let when = match hours {
        0 => "can be seconded now".to_owned(),
        hours => format!("can be seconded after {hours} more hours in which the station runs"),
    };
    format!(
        "提名单位负责人 {} proposes {} as unit head, entry {}: {when}; anything that a unit head signs ends it",
        one.by, one.person, one.seq
    )
}

/// Lost by the register, and docked since.
fn found_again(registers: &dyn Registers) -> Result<Vec<String>, CliError> {
    let lost = registers.select(&Query::all(&desk::ASSET).with("state", "lost"))?;
    let mut lines = Vec::new();
    for row in lost {
        let recorder = row.text("recorder");
        let query = Query::all(&SESSION).with("recorder", recorder).newest_first().limit(1);
        let since = registers.select(&query)?.first().map(registry::seq);
        if let Some(session) = since.filter(|seq| *seq as i64 > row.int("state_seq")) {
            lines.push(format!(
                "recorder {recorder} stands as lost and was docked in S{session}; `sealdock recorder store {recorder} --reason …`"
            ));
        }
    }
    Ok(lines)
}
