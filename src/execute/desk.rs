//! The desk and the people: what the registers hold, as tables and as facts.

/// What has to be seen at once.
mod alarms;
/// Changes that need a look at a register or the unit's civil time.
mod change;
/// Recorders and their uses.
mod uses;

pub use alarms::alarms;
pub use change::change;
pub use uses::{breaches, words};

use super::{row_json, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::DeskAsk;
use crate::wire::Open;
use sealdock_core::desk::Period;
use sealdock_core::duty::{self, DEPARTMENT, DUTY};
use sealdock_core::id::{DutyId, PersonId};
use sealdock_core::registry;
use sealdock_core::table::Query;
use sealdock_core::time::{DAY_MS, WallMs, Zone};
use serde_json::json;

pub fn read(open: &Open, ask: DeskAsk) -> Result<Answer, CliError> {
    match ask {
        DeskAsk::Departments => departments(open),
        DeskAsk::Passkeys { person } => passkeys(open, &person),
        DeskAsk::Duties { all } => duties(open, all),
        DeskAsk::Roster => roster(open),
        DeskAsk::Recorder { recorder } => uses::recorder(open, &recorder),
        DeskAsk::Uses { all } => uses::list(open, all),
        DeskAsk::Archive { from, to } => uses::archive(open, period(open, from, to)?),
        DeskAsk::Figures { from, to } => uses::figures(open, period(open, from, to)?),
    }
}

fn departments(open: &Open) -> Result<Answer, CliError> {
    let rows = open.station.rows(&Query::all(&DEPARTMENT))?;
    let json = json!({ "departments": rows.iter().map(row_json).collect::<Vec<_>>() });
    let shown = rows.iter().map(|r| vec![r.text("id").into(), r.text("name").into()]).collect();
    Ok(Answer::new(json).table(&["id", "name"], shown, "no department yet"))
}

/// Those that count, of one person.
fn passkeys(open: &Open, person: &PersonId) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let view = open.station.world().ledger.view()?;
    if registry::person(&*view, person)?.is_none() {
        let text = format!("person {person} is not enrolled; see `sealdock person list`");
        return Err(CliError::new(Exit::Missing, text));
    }
    let keys = duty::passkeys(&*view, person)?;
    let facts = |key: &duty::Passkey| {
        json!({ "entry": key.seq, "label": key.label, "party": key.party, "added": key.added,
            "used": key.used, "synced": key.synced, "counter": key.counter })
    };
    let row = |key: &duty::Passkey| {
        let when = |text: &str| super::civil(zone, text);
        let used = key.used.as_deref().map_or("-".into(), when);
        vec![key.seq.to_string(), key.label.clone(), key.party.clone(), when(&key.added), used]
    };
    let json = json!({ "person": person, "passkeys": keys.iter().map(facts).collect::<Vec<_>>() });
    let head = ["entry", "name", "for", "added", "last used"];
    let none = "没有通行密钥 no passkey; one is added in the console";
    Ok(Answer::new(json).table(&head, keys.iter().map(row).collect(), none))
}

/// Passkeys of which somebody may hold a copy, until their owner has another PIN: in words, and for scripts.
pub fn cloned_passkeys(open: &Open) -> Result<(Vec<String>, serde_json::Value), CliError> {
    let all = duty::cloned(&*open.station.world().ledger.view()?)?;
    let line = |(person, label, seq): &(PersonId, String, u64)| {
        format!(
            "通行密钥可能被复制 a passkey of {person} (“{label}”) may have been copied and is void, entry {seq}; {person} chooses another PIN, which ends this warning: `sealdock person pin {person} --as {person}`"
        )
    };
    let facts = |(person, label, seq): &(PersonId, String, u64)| json!({ "person": person, "label": label, "entry": seq });
    Ok((all.iter().map(line).collect(), all.iter().map(facts).collect()))
}

fn duties(open: &Open, all: bool) -> Result<Answer, CliError> {
    let (zone, now) = (zone(open)?, open.station.world().clock.now().wall);
    let view = open.station.world().ledger.view()?;
    let mut rows = view.select(&Query::all(&DUTY))?;
    let mut in_force = std::collections::BTreeSet::new();
    for role in sealdock_core::actor::Role::ALL {
        let held = sealdock_core::duty::holders(&*view, role, now)?;
        in_force.extend(held.into_iter().map(|held| held.duty.0));
    }
    rows.retain(|row| all || in_force.contains(&registry::seq(row)));
    let json = json!({ "duties": rows.iter().map(row_json).collect::<Vec<_>>() });
    let shown = rows
        .iter()
        .map(|row| {
            let or = |column, none: &str| row.text_opt(column).unwrap_or(none).to_owned();
            let time = |column| row.text_opt(column).map_or("-".into(), |t| super::civil(zone, t));
            let stands = match in_force.contains(&registry::seq(row)) {
                true => "在任 in force",
                false => "-",
            };
            vec![
                DutyId(registry::seq(row)).to_string(),
                or("person", "-"),
                or("role", "-"),
                or("department", "全单位 all"),
                time("since"),
                time("until"),
                or("acting_for", "-"),
                stands.into(),
            ]
        })
        .collect();
    let head = ["duty", "person", "role", "over", "since", "until", "deputy of", ""];
    Ok(Answer::new(json).table(&head, shown, "no duty is held"))
}

/// Form 1.
fn roster(open: &Open) -> Result<Answer, CliError> {
    let now = open.station.world().clock.now().wall;
    let rows = sealdock_core::desk::clerk_roster(&*open.station.world().ledger.view()?, now)?;
    let or_dash = |text: &Option<String>| text.clone().unwrap_or("-".into());
    let json = json!({ "clerks": rows.iter().map(|row| json!({
        "person": row.person, "name": row.name, "department": row.department,
        "recorders": row.recorders, "phone": row.phone, "joined": row.joined,
    })).collect::<Vec<_>>() });
    let shown = rows.iter().enumerate().map(|(n, row)| {
        vec![
            (n + 1).to_string(),
            row.name.clone(),
            or_dash(&row.department),
            row.recorders.to_string(),
            or_dash(&row.phone),
            or_dash(&row.joined),
        ]
    });
    let head = ["序号", "管理员姓名", "管理员所属部门", "管理执法仪数量", "联系电话", "入职时间"];
    Ok(Answer::new(json).table(&head, shown.collect(), "no clerk yet"))
}

/// Both days included; this year until today where nothing is said.
pub fn period(open: &Open, from: Option<String>, to: Option<String>) -> Result<Period, CliError> {
    let (zone, now) = (zone(open)?, open.station.world().clock.now().wall);
    let today = zone.civil(now);
    let day = |text: &str| {
        let date = day(text).ok_or_else(|| not_a_time(text))?;
        Ok::<WallMs, CliError>(at(zone, date.at(0, 0, 0, 0)))
    };
    let from = match from {
        Some(from) => day(&from)?,
        None => day(&format!("{}-01-01", today.get(..4).unwrap_or("1970")))?,
    };
    let to = match to {
        Some(to) => day(&to)?,
        None => day(today.get(..10).unwrap_or("1970-01-01"))?,
    };
    Ok(Period { from, to: to.plus_ms(DAY_MS) })
}

/// A day and nothing more: a time of day behind it must not be lost.
fn day(text: &str) -> Option<jiff::civil::Date> {
    text.parse::<jiff::civil::Date>().ok().filter(|day| day.to_string() == text)
}

/// A civil time of the unit.
fn at(zone: Zone, time: jiff::civil::DateTime) -> WallMs {
    let utc = time.to_zoned(jiff::tz::TimeZone::UTC);
    let ms = utc.map_or(i64::MIN, |t| t.timestamp().as_millisecond());
    WallMs(ms).plus_ms(-i64::from(zone.east_minutes) * 60_000)
}

fn not_a_time(text: &str) -> CliError {
    let text = format!("{text:?} is not a time; write 2026-12-01 or '2026-12-01 18:00'");
    CliError::new(Exit::Usage, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_civil_time_is_the_units() {
        let zone = Zone::parse("+08:00").unwrap();
        let noon = "2026-12-01T12:00".parse().unwrap();
        assert_eq!(at(zone, noon).rfc3339(), "2026-12-01T04:00:00.000Z");
        assert_eq!(zone.civil(at(zone, noon)), "2026-12-01 12:00:00");
    }
}
