//! What of the record lies in the second copy as static files, and which drills left a copy of the footage.

use crate::execute::row_json;
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::keep;
use sealdock_core::naming;
use sealdock_core::time::WallMs;
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

/// How many entries the tiles hold, how old their head is, what stands aside there.
pub fn tiles(open: &Open, now: WallMs) -> Result<(Option<String>, Value), CliError> {
    let Some(tiles) = open.mirror().tiles() else { return Ok((None, Value::Null)) };
    let view = open.station.world().ledger.view()?;
    let size = view.head()?.checkpoint().size;
    // A disk that fails is no reason to say nothing about the rest.
    let standing = match tiles.standing(&*view) {
        Ok(standing) => standing,
        Err(e) => return Ok((Some(format!("tiles: {e}")), json!({ "error": e.message }))),
    };
    let since = standing.since.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let age_s = since.map(|at| (now.0 / 1000).saturating_sub_unsigned(at.as_secs()).max(0));
    let behind = size.saturating_sub(standing.size);
    let json = json!({
        "size": standing.size, "behind": behind, "age_s": age_s, "aside": standing.aside,
        "objection": standing.objection,
    });
    let age = age_s.map_or("?".into(), |s| {
        indicatif::HumanDuration(Duration::from_secs(s.unsigned_abs())).to_string()
    });
    let mut line = match standing.objection {
        Some(why) => format!("tiles: {why}"),
        None => format!("tiles: {} of {size} entries in the second copy, {age} old", standing.size),
    };
    if standing.aside > 0 {
        line += &format!(
            "; {} files there were not as the chain says and stand aside in {}: somebody changed them, or the disk fails",
            standing.aside,
            tiles.dir().join("aside").display()
        );
    }
    Ok((Some(line), json))
}

/// Drills whose copy of all footage is, or may be, still there.
pub fn drills(open: &Open) -> Result<(Vec<String>, Value), CliError> {
    let rows = keep::left_open(&*open.station.world().ledger.view()?)?;
    let line = |row: &sealdock_core::table::Row| {
        let (seq, place) = (row.int("seq"), naming::inert(row.text("place")));
        let what = match row.text("state") {
            "begun" => {
                "演练未结束 the drill runs or was cut off, and a copy of the footage may lie in"
            }
            _ => "资料副本仍在 a copy of all footage lies in",
        };
        format!(
            "{what} {place} (entry {seq}); when it is gone: `sealdock drill --removed {seq} --reason TEXT --as ID`"
        )
    };
    let json = rows.iter().map(row_json).collect::<Vec<_>>().into();
    Ok((rows.iter().map(line).collect(), json))
}
