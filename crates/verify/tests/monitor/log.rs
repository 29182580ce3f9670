//! A record in memory that can be published as tiles at any of its sizes.

use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tiles::{TileKind, TilePlan, entry_bundle, tile_bytes};
use sealdock_chain::tree::{NodeSource, leaf_hash, node_hash, root_of};
use sealdock_chain::{Digest, Entry, sshsig};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const ORIGIN: &str = "test.example/station7";

/// Entries, and the log keys with the entry that began each.
pub struct Log {
    seed: u8,
    keys: Vec<(SigningKey, u64)>,
    entries: Vec<Vec<u8>>,
    leaves: Vec<Digest>,
}

struct Nodes<'l>(&'l [Digest]);

impl NodeSource for Nodes<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        if level == 0 {
            return self.0.get(usize::try_from(index).ok()?).copied();
        }
        Some(node_hash(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

fn signing(seed: u8, kind: u8) -> SigningKey {
    let mut bytes = [5; 32];
    bytes[..2].copy_from_slice(&[seed, kind]);
    SigningKey::from_bytes(&bytes)
}

/// Another story under the same key that begins to differ after so many entries.
pub fn other_story(size: u64, same: u64) -> Log {
    let mut log = Log::new(same);
    while log.size() < size {
        let text = format!("another {}", log.size());
        log.push(json!({ "type": "reason.given", "text": text }));
    }
    log
}

/// Rewrites a file.
pub fn change(path: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    how(&mut bytes);
    fs::write(path, bytes).unwrap();
}

impl Log {
    pub fn new(size: u64) -> Self {
        Self::with_seed(size, 1)
    }

    pub fn with_seed(size: u64, seed: u8) -> Self {
        let (log, evidence) = (signing(seed, 1), signing(seed, 2).verifying_key().to_bytes());
        let public = log.verifying_key().to_bytes();
        let vkey = VerifierKey::new(ORIGIN, public).unwrap().to_string();
        let mut new = Self { seed, keys: vec![(log, 0)], entries: vec![], leaves: vec![] };
        new.push(json!({
            "type": "station.founded", "origin": ORIGIN, "unit": "unit", "log_vkey": vkey,
            "evidence_key": sshsig::public_line(&evidence, ORIGIN),
            "log_public": Digest(public).to_string(), "evidence_public": Digest(evidence).to_string(),
        }));
        new.grown(size - 1)
    }

    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    pub fn first_key(&self) -> VerifierKey {
        VerifierKey::new(ORIGIN, self.keys[0].0.verifying_key().to_bytes()).unwrap()
    }

    /// So many entries more.
    pub fn grown(mut self, by: u64) -> Self {
        for _ in 0..by {
            let text = format!("entry {}", self.size());
            self.push(json!({ "type": "reason.given", "text": text }));
        }
        self
    }

    /// The next key, signed by both, or by the new one alone.
    pub fn rotated(mut self, by_old: bool) -> Self {
        let (old, new) = (&self.keys[self.keys.len() - 1].0, signing(self.seed, 3));
        let hex = |key: &SigningKey| Digest(key.verifying_key().to_bytes()).to_string();
        let (old_public, new_public) = (hex(old), hex(&new));
        let statement = format!(
            "sealdock key rotation v1\n{ORIGIN}\nlog 2\nold {old_public}\nnew {new_public}\n"
        );
        let sign = |key: &SigningKey| hex_of(&key.sign(statement.as_bytes()).to_bytes());
        let event = json!({
            "type": "key.rotated", "key": "log", "epoch": 2, "old_public": old_public,
            "new_public": new_public, "new_signature": sign(&new),
            "old_signature": sign(if by_old { old } else { &new }),
        });
        let seq = self.size();
        self.push(event);
        self.keys.push((new, seq));
        self
    }

    pub fn with_raw(mut self, bytes: Vec<u8>) -> Self {
        self.leaves.push(leaf_hash(&bytes));
        self.entries.push(bytes);
        self
    }

    /// An entry that names another one before it.
    pub fn unlinked(self) -> Self {
        let entry = entry(self.size(), Digest([7; 32]), json!({ "type": "reason.given" }));
        self.with_raw(entry)
    }

    fn push(&mut self, event: Value) {
        let prev = self.leaves.last().copied().unwrap_or(Digest::ZERO);
        let bytes = entry(self.size(), prev, event);
        self.leaves.push(leaf_hash(&bytes));
        self.entries.push(bytes);
    }

    pub fn head(&self, size: u64) -> String {
        let in_force = |(_, since): &&(SigningKey, u64)| *since == 0 || since + 1 < size;
        let (signing, _) = self.keys.iter().rev().find(in_force).unwrap();
        let key = VerifierKey::new(ORIGIN, signing.verifying_key().to_bytes()).unwrap();
        let root = root_of(&Nodes(&self.leaves), size).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
        let signature = signing.sign(checkpoint.body().as_bytes()).to_bytes();
        SignedCheckpoint::assemble(checkpoint, &key, signature).unwrap().note().to_owned()
    }

    /// As `sealdock log export` writes it.
    pub fn publish(&self, folder: &Path, size: u64) {
        for (path, kind) in TilePlan::new(size) {
            let bytes = match kind {
                TileKind::Hashes { level, index, width } => {
                    tile_bytes(&Nodes(&self.leaves), level, index, width).unwrap()
                }
                TileKind::Entries { index, width } => {
                    let first = usize::try_from(index * 256).unwrap();
                    let last = first + usize::try_from(width).unwrap();
                    let entries: Vec<&[u8]> =
                        self.entries[first..last].iter().map(Vec::as_slice).collect();
                    entry_bundle(&entries).unwrap()
                }
            };
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        fs::write(folder.join("checkpoint"), self.head(size)).unwrap();
    }
}

fn entry(seq: u64, prev: Digest, event: Value) -> Vec<u8> {
    let at = json!({ "wall": "2026-11-21T08:00:00Z" });
    Entry { seq, prev, at, actor: json!({ "kind": "station" }), event }.encode().unwrap()
}

fn hex_of(signature: &[u8; 64]) -> String {
    signature.iter().map(|byte| format!("{byte:02x}")).collect()
}
