//! `restore` and `key replace`: what is done while no daemon can run.

use super::args::{KeyCause, Place, Restore, WhichKey};
use super::people::MaybeAs;
use super::{pin, print, verbs};
use crate::execute::keys;
use crate::exit::{CliError, Exit};
use crate::request::Login;
use crate::wire::Restoring;
use sealdock_core::event::ReplaceCause;
use sealdock_core::time::WallMs;
use sealdock_station::Replacing;
use std::path::Path;

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
