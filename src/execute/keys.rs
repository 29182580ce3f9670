//! A key is replaced, a record is put back: verbs that work while no daemon can run.

use super::{entries, recorded};
use crate::answer::Answer;
use crate::exit::CliError;
use crate::request::Login;
use crate::wire::{self, Open, Replaced, Restoring};
use sealdock_core::actor::Actor;
use sealdock_core::event::{Event, KeyKind};
use sealdock_core::ports::KeyPlace;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_station::Replacing;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// # Errors
/// It is refused, or the disk or the token refuses.
pub fn rotate(
    open: &Open,
    actor: &Arc<Actor>,
    (key, to): (KeyKind, Option<KeyPlace>),
) -> Result<Answer, CliError> {
    let answer = recorded(open, &open.station.rotate_key(actor, key, to)?)?;
    Ok(placed(open, key, answer))
}

/// Where the new key lies, and what could not be destroyed of the old one.
fn placed(open: &Open, key: KeyKind, mut answer: Answer) -> Answer {
    let place = open.keys.home.place(key, open.station.world().signer.public(key));
    answer.json["place"] = json!(place);
    if place == Some(KeyPlace::Token) {
        answer = answer.line(format!("{} key: {}", key.as_str(), KeyPlace::Token.words()));
    }
    left(open, answer)
}

/// Old keys that should be gone from the token.
pub fn left(open: &Open, mut answer: Answer) -> Answer {
    let left = open.keys.left_on_token();
    answer.json["left_on_token"] = json!(left);
    left.into_iter().fold(answer, |answer, text| {
        answer.line(format!("旧密钥未销毁 {text}; it is tried again at the next start"))
    })
}

/// Where each key lies that is in force, by what its file says; also while the token is away.
///
/// # Errors
/// The register of keys cannot be read.
pub fn places(open: &Open) -> Result<Vec<(KeyKind, u64, Option<KeyPlace>)>, CliError> {
    let mut places = Vec::new();
    for kind in [KeyKind::Log, KeyKind::Evidence] {
        let newest = Query::all(&s::KEY_EPOCH).with("kind", kind.as_str()).newest_first().limit(1);
        for row in open.station.rows(&newest)? {
            let public = row.text("public").parse::<sealdock_chain::Digest>().ok();
            let place = public.and_then(|public| open.keys.home.place(kind, public.0));
            places.push((kind, row.int("epoch").unsigned_abs(), place));
        }
    }
    Ok(places)
}

/// In both languages; a file that is missing or not ours to read says nothing.
pub fn words(place: Option<KeyPlace>) -> &'static str {
    place.map_or("?", KeyPlace::words)
}

/// # Errors
/// A daemon runs, or it is refused.
pub fn replace(
    dir: &Path,
    (kind, to): (KeyKind, Option<KeyPlace>),
    why: Replacing,
    who: (Option<Login>, u32),
) -> Result<Answer, CliError> {
    let Replaced { open, appended } = wire::replace(dir, (kind, to), why, who)?;
    let mut answer = placed(&open, kind, recorded(&open, &appended)?);
    if kind == KeyKind::Log {
        let vkey = open.station.log_key(appended.head.checkpoint().size)?.to_string();
        answer.json["vkey"] = json!(vkey);
        answer = answer.line(format!("新公钥 new verifier key: {vkey}")).line(PAPER);
    }
    Ok(answer)
}

/// # Errors
/// As [`wire::restore`].
pub fn restore(wanted: &Restoring, who: (Option<Login>, u32)) -> Result<Answer, CliError> {
    let restored = wire::restore(wanted, who)?;
    let open = wire::open(&wanted.dir, wire::Access::Read)?;
    let mut said = Vec::new();
    let mut answer = Answer::new(json!({})).line(format!(
        "已恢复 restored {} in {}: {} files of the vault",
        restored.origin,
        wanted.dir.display(),
        restored.files
    ));
    for entry in &restored.appended.entries {
        let event = open.station.event(entry.seq)?;
        answer = answer.line(format!("entry {}: {}", entry.seq, entries::sentence(&event)));
        if let Event::StationRestored(e) = &event
            && e.heads.is_empty()
        {
            answer = answer.line(NO_RECEIPT);
        }
        said.push(json!({ "seq": entry.seq, "event": event }));
    }
    let mut rest = serde_json::Value::Null;
    if let Some(rebuilt) = &restored.rebuilt {
        let world = open.station.world();
        let (facts, lines) = super::lost::rest(rebuilt, &*world.ledger.view()?, &*world.vault)?;
        answer = rebuilt.faults.iter().chain(&lines).cloned().fold(answer, Answer::line);
        answer = answer.line(NO_PINS);
        rest = facts;
    }
    answer.json = json!({
        "rest": rest,
        "origin": restored.origin, "vkey": restored.vkey, "files": restored.files, "entries": said,
        "size": restored.appended.head.checkpoint().size,
    });
    Ok(answer
        .line(format!("新公钥 new verifier key: {}", restored.vkey))
        .line(PAPER)
        .line("next: `sealdock check --deep`, then dock the recorders again"))
}

const NO_PINS: &str = "所有口令须重新设置 every PIN is given anew: the operator gives one to a unit head (`sealdock person pin ID --reason TEXT`), who gives the others";

const PAPER: &str = "把它和新的回执打印出来，两人签字，送到每一个持有旧公钥的人手里 print it with a new receipt and bring it to whoever holds the old key";

const NO_RECEIPT: &str =
    "no receipt was brought: whether entries after the copy are lost cannot be told from here";
