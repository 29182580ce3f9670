//! A station whose key is lost or stolen: opened with the next key in its place, for the one entry that says so.

use super::{Keys, Open, Parts, locked, newest, settled};
use crate::exit::{CliError, Exit};
use crate::home::{Home, Settings};
use crate::request::Login;
use sealdock_core::actor::Actor;
use sealdock_core::event::{KeyKind, ReplaceCause};
use sealdock_core::ports::{Appended, Clock, KeyPlace, Signer};
use sealdock_keys::{Keyring, SystemClock};
use sealdock_station::{Replacing, Station, StationError};
use sealdock_store::lock::StationLock;
use sealdock_store::{Outside, Store};
use std::path::Path;
use std::sync::Arc;

/// What came of it.
pub struct Replaced {
    pub open: Open,
    pub appended: Appended,
}

/// Order: the next key is durable; the entry is written under it; it takes the place of the old file. Cut after
/// the entry, the next start does the last step. It lies where `to` says, without it where the old one lay.
///
/// # Errors
/// A daemon runs; refused; or the disk or the token refuses.
pub fn replace(
    dir: &Path,
    (kind, to): (KeyKind, Option<KeyPlace>),
    why: Replacing,
    (login, uid): (Option<Login>, u32),
) -> Result<Replaced, CliError> {
    let home = Home::new(dir);
    let lock = locked(|| StationLock::exclusive(&home.dir)).map_err(|e| match e.exit {
        Exit::Busy => CliError::new(
            Exit::Busy,
            format!(
                "{}; stop the daemon first: a key is replaced while nothing else is signed",
                e.message
            ),
        ),
        _ => e,
    })?;
    let origin = Store::origin(&home.dir)?;
    let (log, evidence) = (newest(&home, KeyKind::Log)?, newest(&home, KeyKind::Evidence)?);
    let expected = |kind| if kind == KeyKind::Log { log } else { evidence };
    let keys = home.key_home(Settings::read(&home)?.token.as_ref())?;
    if why.cause == ReplaceCause::Lost && Keyring::holds(keys.clone(), kind, expected(kind))? {
        let place = match keys.place(kind, expected(kind)) {
            Some(KeyPlace::File) => home.keys().display().to_string(),
            _ => "on the token".to_owned(),
        };
        let text = format!(
            "the {0} key is not lost: it lies in {place}; `sealdock key rotate {0}` changes it, and if somebody else has it, say --cause stolen",
            kind.as_str(),
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    let signer = Arc::new(Keyring::open_replacing(keys.clone(), (kind, to), expected)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new()?);
    let outside = Outside::new(Arc::clone(&signer) as Arc<dyn Signer>, Arc::clone(&clock));
    let store = Store::open_replacing(&home.dir, outside)?;
    let ports = Arc::clone(&signer) as Arc<dyn Signer>;
    let keys = Keys { home: keys, ring: Some(Arc::clone(&signer)) };
    let parts = Parts { home, lock, origin, keys, signer: ports, clock };
    let open = settled(parts.open(Arc::new(store), replacing)?)?;
    let actor = actor(&open, login, uid)?;
    let appended = open.station.replace_key(&actor, kind, why)?;
    signer.activate(kind, signer.public(kind))?;
    Ok(Replaced { open, appended })
}

/// In the shape of [`Station::open`].
pub(super) fn replacing(
    world: sealdock_station::World,
    origin: String,
) -> Result<Station, StationError> {
    Ok(Station::open_replacing(world, origin))
}

pub(super) fn actor(open: &Open, login: Option<Login>, uid: u32) -> Result<Arc<Actor>, CliError> {
    match login {
        Some(login) => Ok(open.station.authenticate(&login.person, &login.pin.0)?),
        None => Ok(Arc::new(Actor::Operator { uid })),
    }
}
