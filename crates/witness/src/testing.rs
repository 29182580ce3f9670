//! Records for tests: entries that begin with a word, so that two words are two histories.

use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::Digest;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::{Frontier, NodeSource, consistency_proof, leaf_hash};
use std::collections::BTreeMap;

pub(crate) const ORIGIN: &str = "pd.example/s1";

pub(crate) fn secret(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn key(seed: u8) -> VerifierKey {
    VerifierKey::new(ORIGIN, secret(seed).verifying_key().to_bytes()).unwrap()
}

/// A record of entries that begin with a word: two words, two histories.
pub(crate) struct Record {
    nodes: BTreeMap<(u32, u64), Digest>,
    roots: Vec<Digest>,
}

impl NodeSource for Record {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        self.nodes.get(&(level, index)).copied()
    }
}

pub(crate) fn record(word: &str, common: u64) -> Record {
    let (mut nodes, mut edge) = (BTreeMap::new(), Frontier::new());
    let mut roots = vec![edge.root()];
    for n in 0..20 {
        let word = if n < common { "common" } else { word };
        let leaf = leaf_hash(format!("{word} {n}").as_bytes());
        edge.push_with(leaf, |level, index, hash| {
            nodes.insert((level, index), hash);
        });
        roots.push(edge.root());
    }
    Record { nodes, roots }
}

impl Record {
    pub(crate) fn head(&self, size: u64) -> Checkpoint {
        let root = self.roots[usize::try_from(size).unwrap()];
        Checkpoint { origin: ORIGIN.into(), size, root }
    }

    pub(crate) fn signed(&self, size: u64, seed: u8) -> SignedCheckpoint {
        let head = self.head(size);
        let signature = secret(seed).sign(head.body().as_bytes()).to_bytes();
        SignedCheckpoint::assemble(head, &key(seed), signature).unwrap()
    }

    pub(crate) fn request(&self, old: u64, new: u64) -> Growth {
        let proof = consistency_proof(self, old, new).unwrap();
        Growth::new(old, proof, self.signed(new, 1).note().to_owned())
    }
}
