use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::note::Checkpoint;
use crate::tree::{leaf_hash, node_hash};

/// The proof of entry 0 of three.
fn sample() -> (TlogProof, VerifierKey) {
    let signing = SigningKey::from_bytes(&[7; 32]);
    let key = VerifierKey::new("test.example/log", signing.verifying_key().to_bytes()).unwrap();
    let [a, b, c] = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")];
    let root = node_hash(&node_hash(&a, &b), &c);
    let checkpoint = Checkpoint { origin: key.name().into(), size: 3, root };
    let signature = signing.sign(checkpoint.body().as_bytes()).to_bytes();
    let signed = SignedCheckpoint::assemble(checkpoint, &key, signature).unwrap();
    (TlogProof::new(0, vec![b, c], signed), key)
}

#[test]
fn a_proof_file_reads_back_and_proves() {
    let (proof, key) = sample();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n"));
    assert!(text.ends_with(&format!("\n\n{}", proof.signed().note())));
    let read = TlogProof::parse(&text, &key).unwrap();
    assert_eq!(read, proof);
    assert_eq!(read.index(), 0);
    assert_eq!(read.check(b"a").unwrap().leaf(), leaf_hash(b"a"));
    assert!(read.check(b"b").is_err());
}

#[test]
fn a_tree_of_one_has_no_hash_line() {
    let (proof, key) = sample();
    let lonely = TlogProof::new(0, vec![], proof.signed().clone());
    let text = lonely.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n\ntest.example/log\n"));
    let read = TlogProof::parse(&text, &key).unwrap();
    assert_eq!(read.check(b"a"), Err(ProofError::Length(0)));
}

#[test]
fn any_flipped_bit_is_refused() {
    let (proof, key) = sample();
    let text = proof.to_string();
    for bit in 0..text.len() * 8 {
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(edited) = String::from_utf8(bytes) else { continue };
        let proven = TlogProof::parse(&edited, &key).ok().and_then(|read| read.check(b"a").ok());
        assert_eq!(proven, None, "{edited}");
    }
}

#[test]
fn malformed_files_are_refused() {
    let (proof, key) = sample();
    let text = proof.to_string();
    let hash = base64_of(&leaf_hash(b"b").0);
    let head = "c2sp.org/tlog-proof@v1\nindex 0\n";
    let cases = [
        ("empty", String::new()),
        ("other version", text.replace("@v1", "@v2")),
        ("no index", text.replace("index 0\n", "")),
        ("index with leading zero", text.replace("index 0", "index 00")),
        ("negative index", text.replace("index 0", "index -0")),
        ("index and more", text.replace("index 0", "index 0 0")),
        ("carriage returns", text.replace('\n', "\r\n")),
        ("hash cut short", text.replace(&hash, &hash[4..])),
        ("hash without padding", text.replace(&hash, hash.trim_end_matches('='))),
        ("blank line inside", text.replace(&hash, &format!("\n{hash}"))),
        ("no checkpoint", head.to_owned()),
        ("64 hashes", text.replace(&hash, &vec![hash.as_str(); 64].join("\n"))),
        ("too long", format!("{text}{}", "x".repeat(NOTE_BYTES_MAX + 4096))),
        ("checkpoint cut short", text[..text.len() - 1].to_owned()),
    ];
    for (what, text) in cases {
        assert!(TlogProof::parse(&text, &key).is_err(), "{what}: {text}");
    }
    let extra = text.replace("index 0", "extra AAAA\nindex 0");
    assert_eq!(TlogProof::parse(&extra, &key), Err(TlogProofError::Extra));
}

/// Every leaf is the same, so a node is known by its level alone, and a record of any size by its height.
struct Alike(Vec<Digest>);

impl crate::tree::NodeSource for Alike {
    fn node(&self, level: u32, _index: u64) -> Option<Digest> {
        self.0.get(level as usize).copied()
    }
}

/// A district that records two million entries a year would need forty years to get here.
#[test]
fn one_entry_among_eighty_million_is_proven_in_four_kilobytes() {
    const ENTRIES: u64 = 80_000_000;
    let entry = b"an entry";
    let mut levels = vec![leaf_hash(entry)];
    while levels.len() < 27 {
        let below = levels[levels.len() - 1];
        levels.push(node_hash(&below, &below));
    }
    let record = Alike(levels);
    let signing = SigningKey::from_bytes(&[7; 32]);
    // As long as an origin may be.
    let key = VerifierKey::new("o".repeat(255), signing.verifying_key().to_bytes()).unwrap();
    let root = crate::tree::root_of(&record, ENTRIES).unwrap();
    let checkpoint = Checkpoint { origin: key.name().into(), size: ENTRIES, root };
    let signature = signing.sign(checkpoint.body().as_bytes()).to_bytes();
    let signed = SignedCheckpoint::assemble(checkpoint, &key, signature).unwrap();
    for seq in [0, 1, ENTRIES / 2, ENTRIES - 1] {
        let path = crate::tree::inclusion_proof(&record, seq, ENTRIES).unwrap();
        let text = TlogProof::new(seq, path, signed.clone()).to_string();
        assert!(text.len() <= 4096, "{} bytes", text.len());
        let read = TlogProof::parse(&text, &key).unwrap();
        assert!(read.check(entry).is_ok());
        assert!(read.check(b"another").is_err());
    }
}
