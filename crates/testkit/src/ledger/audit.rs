//! The walk from entry 0 over a simulated ledger.

use super::disk::{State, read};
use crate::tables::MemTables;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::{Frontier, leaf_hash};
use sealdock_core::objection;
use sealdock_core::ports::{Finding, LedgerReport};
use sealdock_core::project::project;

/// Reads everything again and compares. `deep` checks the signature of every head, not only of the
/// last.
pub(super) fn walk(state: &State, deep: bool, progress: &mut dyn FnMut(u64, u64)) -> LedgerReport {
    let total = state.entries.len() as u64;
    let mut report = LedgerReport { entries: total, findings: Vec::new() };
    let mut find = |area, seq, text: String| report.findings.push(Finding { area, seq, text });
    let (mut edge, mut tables, mut prev) = (Frontier::new(), MemTables::default(), Digest::ZERO);
    let mut heads = state.heads.iter().peekable();
    for seq in 0..=total {
        while let Some(head) = heads.next_if(|head| head.checkpoint().size == seq) {
            let signed = deep || seq == total;
            if head.checkpoint().root != edge.root() || (signed && !is_signed(state, head)) {
                find("head", Some(seq), format!("the head of {seq} entries does not fit"));
            }
        }
        progress(seq, total);
        let Some(bytes) = state.entry(seq) else {
            if seq < total {
                find("chain", Some(seq), format!("entry {seq} is not there"));
            }
            continue;
        };
        match replay(&bytes, seq, prev, &mut tables) {
            Ok(None) => {}
            Ok(Some(why)) => find("rules", Some(seq), format!("entry {seq}: {why}")),
            Err(why) => find("chain", Some(seq), format!("entry {seq}: {why}")),
        }
        prev = leaf_hash(&bytes);
        edge.push(prev);
    }
    for table in sealdock_core::schema::tables() {
        if tables.rows(table) != state.tables.rows(table) {
            let text = format!("{} is not what the chain says; rebuild it", table.name);
            find("register", None, text);
        }
    }
    report
}

/// Projects one entry; says why whoever signed had no right to write it, if so.
fn replay(
    bytes: &[u8],
    seq: u64,
    prev: Digest,
    tables: &mut MemTables,
) -> Result<Option<String>, String> {
    let (entry, (at, actor), event) = read(bytes)?;
    if entry.seq != seq || entry.prev != prev {
        return Err("it does not continue the entry before it".to_owned());
    }
    let objection = match objection::concerns(&event) {
        true => objection::objection(tables, &at, &actor, &event).map_err(|e| e.message)?,
        false => None,
    };
    for change in project(seq, &at, &actor, &event) {
        tables.apply(change).map_err(|e| e.message)?;
    }
    Ok(objection.map(|why| why.to_string()))
}

fn is_signed(state: &State, head: &SignedCheckpoint) -> bool {
    // Before the founding there is no key in the chain to hold the head against.
    let Some(public) = state.log_key_for(head.checkpoint().size) else { return true };
    VerifierKey::new(state.origin.clone(), public)
        .and_then(|key| SignedCheckpoint::open(head.note(), &key))
        .is_ok()
}
