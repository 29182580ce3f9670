//! `restore` and `key replace`, which are done while no daemon can run, and the drill for the day of a restore.

use super::args::{As, KeyCause, Place, Restore, WhichKey};
use super::people::MaybeAs;
use super::{pin, print, verbs};
use crate::execute::keys;
use crate::exit::{CliError, Exit};
use crate::request::{DrillAsk, Login, Order, Request};
use crate::wire::Restoring;
use clap::Args;
use sealdock_core::event::ReplaceCause;
use sealdock_core::time::WallMs;
use sealdock_station::Replacing;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct Drill {
    /// An absent or empty directory with room for the whole vault
    #[arg(long, value_name = "DIR", required_unless_present = "removed")]
    pub to: Option<PathBuf>,
    /// From clips, sidecars and tiles alone
    #[arg(long, requires = "to")]
    pub without_database: bool,
    /// Leave the copy there: the record says so, and `status` until it is gone
    #[arg(long, requires = "to")]
    pub keep: bool,
    /// The copy that the drill of this entry left is gone
    #[arg(long, value_name = "ENTRY", conflicts_with = "to", requires = "reason")]
    pub removed: Option<u64>,
    /// How it was removed, or what became of it
    #[arg(long, value_name = "TEXT", requires = "removed")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub by: As,
}

/// # Errors
/// A path or the PIN cannot be read.
pub fn drill_order(drill: Drill) -> Result<Order, CliError> {
    let Drill { to, without_database, keep, removed, reason, by: person } = drill;
    let request = match (to, removed) {
        (Some(to), _) => {
            Request::Drill(DrillAsk { to: verbs::absolute(&to)?, without_database, keep })
        }
        (None, drill) => {
            let command = json!({
                "command": "keep", "act": "remove-drill", "drill": drill, "reason": reason,
            });
            Request::Apply { command }
        }
    };
    verbs::by(person, request)
}

/// # Errors
/// `since` is no moment.
pub fn why(cause: KeyCause, since: Option<&str>, reason: String) -> Result<Replacing, CliError> {
    let cause = match cause {
        KeyCause::Lost => ReplaceCause::Lost,
        KeyCause::Stolen => ReplaceCause::Stolen,
    };
    let moment = |text: &str| {
        WallMs::parse(text).ok_or_else(|| {
            let text = format!("{text:?} is no moment like 2026-11-20T18:00:00+08:00");
            CliError::new(Exit::Usage, text)
        })
    };
    Ok(Replacing { cause, since: since.map(moment).transpose()?, reason })
}

/// # Errors
/// As [`keys::replace`].
pub fn replace(
    station: &Path,
    (key, to, why): (WhichKey, Option<Place>, Replacing),
    by: MaybeAs,
    as_json: bool,
) -> Result<Exit, CliError> {
    let answer = keys::replace(station, (key.kind(), to.map(Place::place)), why, who(by)?)?;
    print::answer(&answer, as_json);
    Ok(answer.exit)
}

/// # Errors
/// As [`keys::restore`].
pub fn restore(station: &Path, args: Restore, as_json: bool) -> Result<Exit, CliError> {
    let receipts = args.pin.iter().map(|file| verbs::read(file)).collect::<Result<_, _>>()?;
    let wanted = Restoring {
        dir: verbs::absolute(station)?,
        from: verbs::absolute(&args.from)?,
        keys: args.keys.as_deref().map(verbs::absolute).transpose()?,
        receipts,
        reason: args.reason,
        immutable: !args.no_immutable_flag,
        without_database: args.without_database,
        token: args.token.on_token()?,
    };
    let answer = keys::restore(&wanted, who(args.by)?)?;
    print::answer(&answer, as_json);
    Ok(answer.exit)
}

/// A person with their PIN, else whoever is logged in.
fn who(by: MaybeAs) -> Result<(Option<Login>, u32), CliError> {
    let login = match by.person {
        Some(person) => {
            let pin = pin::of(person.as_str(), by.pin_file.as_deref())?;
            Some(Login { person, pin })
        }
        None => None,
    };
    Ok((login, rustix::process::getuid().as_raw()))
}
