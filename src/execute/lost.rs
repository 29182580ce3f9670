//! Where a record was made from tiles that are not whole: what the rest of them, and the sidecars, still prove. Nothing of
//! it is in the record; it is said, clip by clip.

use crate::exit::CliError;
use sealdock_chain::entry::Entry;
use sealdock_core::event::Event;
use sealdock_core::id::ClipId;
use sealdock_core::naming;
use sealdock_core::ports::{LedgerView, Vault};
use sealdock_station::{Alone, alone};
use sealdock_store::tiles::Rebuilt;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// As facts, and as lines for people.
///
/// # Errors
/// The vault or the registers cannot be read.
pub fn rest(
    rebuilt: &Rebuilt,
    view: &dyn LedgerView,
    vault: &dyn Vault,
) -> Result<(Value, Vec<String>), CliError> {
    let by_entry: BTreeMap<_, _> = rebuilt.proven.iter().filter_map(stored).collect();
    let newest = rebuilt.newest.as_ref().map(|(size, _)| *size);
    let (mut clips, mut lines) = (Vec::new(), Vec::new());
    if let Some(newest) = newest {
        lines.push(format!(
            "记录遗失 the tiles lead to {} of {newest} entries; of the others {} are proven one by one under the head of {newest}, and not put back",
            rebuilt.size,
            rebuilt.proven.len()
        ));
    }
    for one in alone(view, vault)? {
        let named = by_entry.get(&one.sha256);
        let (proof, text) = proof(&one, named, newest.unwrap_or_default());
        clips.push(json!({
            "sha256": one.sha256, "size": one.size, "proof": proof, "whole": one.whole,
            "evidence_epoch": one.signed, "entry": named.map(|(clip, _)| clip.0),
        }));
        lines.push(format!("无记录 no entry in the record names {}: {text}", one.sha256));
    }
    let json = json!({
        "size": rebuilt.size, "newest": newest, "faults": rebuilt.faults,
        "entries_proven": rebuilt.proven.iter().map(|(seq, _)| seq).collect::<Vec<_>>(),
        "clips": clips,
    });
    Ok((json, lines))
}

/// A custody entry among them.
fn stored((seq, bytes): &(u64, Vec<u8>)) -> Option<(sealdock_chain::Digest, (ClipId, String))> {
    let event = Entry::decode(bytes).ok()?.event;
    match serde_json::from_value(event).ok()? {
        Event::ClipStored(e) => Some((e.sha256, (ClipId(*seq), naming::inert(&e.name)))),
        _ => None,
    }
}

/// What speaks for a clip that is in the vault and in no entry of the record.
fn proof(one: &Alone, named: Option<&(ClipId, String)>, newest: u64) -> (&'static str, String) {
    if !one.whole {
        return ("none", "its bytes are not those of its name: nothing proves it".to_owned());
    }
    match (named, one.signed) {
        (Some((clip, name)), _) => (
            "entry",
            format!(
                "proven by its own custody entry {clip} ({name}), under the signed head of {newest} entries"
            ),
        ),
        (None, Some(epoch)) => (
            "sidecar",
            format!(
                "proven by its sidecar alone: a signature of the evidence key, epoch {epoch}; no entry says when or from which recorder"
            ),
        ),
        (None, None) => {
            ("none", "no signature of this station lies beside it: nothing proves it".to_owned())
        }
    }
}
