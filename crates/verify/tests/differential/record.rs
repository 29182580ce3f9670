//! A record of a hundred entries under several keys, whose every head can be signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::Digest;
use sealdock_chain::note::VerifierKey;
use sealdock_chain::tree::{
    NodeSource, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of,
};

/// Entries in the record.
pub const ENTRIES: u64 = 100;

/// Somebody who signs under a name.
pub struct Signer {
    pub name: String,
    key: SigningKey,
}

impl Signer {
    fn new(name: &str, seed: u8) -> Self {
        Signer { name: name.to_owned(), key: SigningKey::from_bytes(&[seed; 32]) }
    }

    pub fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    pub fn vkey(&self) -> String {
        VerifierKey::new(self.name.as_str(), self.public()).unwrap().to_string()
    }

    /// Key id and signature, as a signature line has them before base64.
    pub fn sign(&self, body: &str) -> Vec<u8> {
        let id = *VerifierKey::new(self.name.as_str(), self.public()).unwrap().key_id();
        [id.as_slice(), &self.key.sign(body.as_bytes()).to_bytes()].concat()
    }
}

pub struct Record {
    pub signers: Vec<Signer>,
    pub entries: Vec<Vec<u8>>,
    leaves: Vec<Digest>,
}

impl Record {
    pub fn new() -> Self {
        let entries: Vec<Vec<u8>> =
            (0..ENTRIES).map(|seq| format!("entry {seq}").into_bytes()).collect();
        let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let longest = "o".repeat(255);
        let names = ["test.example/s1", "站点/7", "a", &longest, "e\u{301}.example"];
        let mut signers: Vec<Signer> =
            names.iter().zip(1..).map(|(name, seed)| Signer::new(name, seed)).collect();
        // Base64 of a key may contain a `+`, at which readers split.
        let plus = (0..=255).map(|seed| Signer::new("plus.example", seed));
        signers.extend(plus.filter(|signer| signer.vkey().matches('+').count() > 2).take(1));
        assert_eq!(signers.len(), 6);
        Record { signers, entries, leaves }
    }

    pub fn root(&self, size: u64) -> Digest {
        root_of(self, size).unwrap()
    }

    pub fn inclusion(&self, index: u64, size: u64) -> Vec<String> {
        spelled(&inclusion_proof(self, index, size).unwrap())
    }

    pub fn consistency(&self, old: u64, size: u64) -> Vec<String> {
        spelled(&consistency_proof(self, old, size).unwrap())
    }
}

impl NodeSource for Record {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        if level == 0 {
            return self.leaves.get(usize::try_from(index).ok()?).copied();
        }
        Some(node_hash(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

fn spelled(hashes: &[Digest]) -> Vec<String> {
    hashes.iter().map(|hash| base64(&hash.0)).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
