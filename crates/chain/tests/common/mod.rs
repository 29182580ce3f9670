//! A small record with fixed keys and fixed content: the same bytes on every
//! machine, so that vectors can be compared and other tools be asked.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tiles::{TILE_WIDTH, TileKind, TilePlan, entry_bundle, tile_bytes};
use sealdock_chain::tree::{Frontier, NodeSource, leaf_hash, root_of};
use sealdock_chain::{Digest, Entry};
use serde_json::{Value, json};

pub const ORIGIN: &str = "station7.example/bodycam/2026";
pub const LOG_SEED: [u8; 32] = [7; 32];
pub const EVIDENCE_SEED: [u8; 32] = [8; 32];

pub fn log_signing() -> SigningKey {
    SigningKey::from_bytes(&LOG_SEED)
}

pub fn evidence_signing() -> SigningKey {
    SigningKey::from_bytes(&EVIDENCE_SEED)
}

pub fn log_key() -> VerifierKey {
    VerifierKey::new(ORIGIN, log_signing().verifying_key().to_bytes()).unwrap()
}

/// A record held in memory.
#[derive(Default)]
pub struct Record {
    pub entries: Vec<Vec<u8>>,
    pub leaves: Vec<Digest>,
    pub frontiers: Vec<Frontier>,
    nodes: HashMap<(u32, u64), Digest>,
}

impl NodeSource for Record {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        self.nodes.get(&(level, index)).copied()
    }
}

impl Record {
    pub fn of(size: u64) -> Self {
        let mut record = Self { frontiers: vec![Frontier::new()], ..Self::default() };
        for seq in 0..size {
            record.append(seq);
        }
        record
    }

    fn append(&mut self, seq: u64) {
        let prev = self.leaves.last().copied().unwrap_or(Digest::ZERO);
        let entry = Entry { seq, prev, at: at(seq), actor: actor(seq), event: event(seq) };
        let bytes = entry.encode().unwrap();
        let leaf = leaf_hash(&bytes);
        let mut frontier = self.frontiers.last().unwrap().clone();
        frontier.push_with(leaf, |level, index, hash| {
            self.nodes.insert((level, index), hash);
        });
        self.entries.push(bytes);
        self.leaves.push(leaf);
        self.frontiers.push(frontier);
    }

    pub fn signed(&self, size: u64) -> SignedCheckpoint {
        let root = root_of(self, size).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
        let signature = log_signing().sign(checkpoint.body().as_bytes()).to_bytes();
        SignedCheckpoint::assemble(checkpoint, &log_key(), signature).unwrap()
    }

    /// The bytes of one file of the exported folder.
    pub fn file(&self, kind: TileKind) -> Vec<u8> {
        match kind {
            TileKind::Hashes { level, index, width } => {
                tile_bytes(self, level, index, width).unwrap()
            }
            TileKind::Entries { index, width } => {
                let from = (index * TILE_WIDTH) as usize;
                let entries = &self.entries[from..from + width as usize];
                entry_bundle(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap()
            }
        }
    }

    /// Writes checkpoint, tiles, bundles and the verifier key the way an export does.
    pub fn export(&self, folder: &Path) {
        let size = self.entries.len() as u64;
        for (path, kind) in TilePlan::new(size) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, self.file(kind)).unwrap();
        }
        fs::write(folder.join("checkpoint"), self.signed(size).note()).unwrap();
    }
}

fn at(seq: u64) -> Value {
    let (minute, second) = (seq / 60 % 60, seq % 60);
    json!({ "wall": format!("2026-03-01T08:{minute:02}:{second:02}Z"), "mono_ms": 1000 * seq })
}

fn actor(seq: u64) -> Value {
    match seq % 3 {
        0 => json!("station"),
        1 => json!({ "person": "officer-12", "name": "王\u{1f600}" }),
        _ => json!({ "shift": "clerk-3" }),
    }
}

fn event(seq: u64) -> Value {
    match seq % 4 {
        0 => json!({ "type": "note", "text": "line\n\"quoted\" \\ \u{1}\u{7f}" }),
        1 => json!({ "type": "count", "values": [0, -1, 9_007_199_254_740_991_i64] }),
        2 => json!({ "type": "empty", "list": [], "object": {}, "nothing": null, "yes": true }),
        _ => json!({ "type": "keys", "\u{fb33}": 1, "\u{1f600}": 2, "é": 3, "a": 4 }),
    }
}
