//! The passkeys of a person, and what can be done to them: one's own are added, named and removed, another's removed with a reason.

use super::reason;
use crate::console::Room;
use crate::exit::CliError;
use sealdock_console::Lang;
use sealdock_console::admin::{Act, Field, Kind, Row, Table};
use sealdock_console::words::passkey as p;
use sealdock_core::duty::{self, Passkey};
use sealdock_core::id::PersonId;
use sealdock_core::registry;
use sealdock_core::time::{WallMs, Zone};

/// Table and forms; none where nobody has any and none can be added.
pub fn of(
    room: &Room,
    lang: Lang,
    (person, own): (&PersonId, bool),
) -> Result<(Option<Table>, Vec<Act>), CliError> {
    let view = room.open.station.world().ledger.view()?;
    let policy = registry::policy(&*view)?;
    let keys = duty::passkeys(&*view, person)?;
    let adds = cfg!(feature = "passkeys") && policy.passkeys;
    if keys.is_empty() && !(own && adds) {
        return Ok((None, Vec::new()));
    }
    let mut acts = Vec::new();
    if own && adds && keys.len() < duty::PASSKEYS_MAX {
        let add = Act::new("add-passkey", p::ADD, vec![Field::text("label", p::LABEL)]);
        acts.push(add.saying(lang.t(p::ADD_WHY).to_owned()));
    }
    if !keys.is_empty() {
        let which = keys.iter().map(|key| (key.seq.to_string(), key.label.clone()));
        let which = Field::text("passkey", p::WHICH).of(Kind::OneOf(which.collect()));
        if own {
            let fields = vec![which.clone(), Field::text("label", p::LABEL)];
            acts.push(Act::new("name-passkey", p::RENAME, fields));
        }
        let why = if own { Vec::new() } else { vec![reason()] };
        let fields = std::iter::once(which).chain(why).collect();
        let removed = Act::new("remove-passkey", p::REMOVE, fields);
        acts.push(if own { removed } else { removed.under(p::PASSKEYS) });
    }
    Ok((Some(table(lang, policy.zone, &keys)), acts))
}

fn table(lang: Lang, zone: Zone, keys: &[Passkey]) -> Table {
    let when = |text: &str| WallMs::parse(text).map_or(text.to_owned(), |at| zone.civil(at));
    let row = |key: &Passkey| {
        let synced = lang.t(if key.synced { p::YES } else { p::NO }).to_owned();
        let never = || lang.t(p::USED_NEVER).to_owned();
        let used = key.used.as_deref().map_or_else(never, when);
        let cells = vec![key.label.clone(), when(&key.added), used, key.party.clone(), synced];
        Row { href: None, cells }
    };
    Table {
        title: Some(p::PASSKEYS),
        heads: vec![p::LABEL, p::ADDED_AT, p::USED_AT, p::FOR_NAME, p::SYNCED],
        rows: keys.iter().map(row).collect(),
        empty: p::NONE,
    }
}
