//! When the whole station was last held against its chain, byte by byte.

use crate::execute::row_json;
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::keep::{CHECK_DAYS, check_is_due, newest_deep};
use sealdock_core::time::{HOUR_MS, WallMs};
use serde_json::{Value, json};

/// A line where it is long ago, or found something; and the facts.
pub fn newest(open: &Open, now: WallMs) -> Result<(Option<String>, Value), CliError> {
    let row = newest_deep(&*open.station.world().ledger.view()?)?;
    let made = row.as_ref().and_then(|row| WallMs::parse(row.text("at")));
    let since = match made {
        Some(made) => made,
        None => founded(open)?,
    };
    let due = check_is_due(since, now);
    let days = (now.0 - since.0).max(0) / (24 * HOUR_MS);
    let findings = row.as_ref().map_or(0, |row| row.int("findings"));
    let line = match (findings, due) {
        (1.., _) => Some(format!(
            "上次全面核对有异常 the last full check found {findings} things: `sealdock check --deep` says which"
        )),
        (_, true) => Some(format!(
            "已{days}天未全面核对 no full check for {days} days (more than {CHECK_DAYS}): `sealdock check --deep --as ID`"
        )),
        _ => None,
    };
    let last = row.as_ref().map(row_json);
    Ok((line, json!({ "last": last, "days": days, "due": due })))
}

/// Nothing can be older than the station.
fn founded(open: &Open) -> Result<WallMs, CliError> {
    let first = open.station.entry(0)?;
    Ok(first.at["wall"].as_str().and_then(WallMs::parse).unwrap_or(WallMs(0)))
}
