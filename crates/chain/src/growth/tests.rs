use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::note::Checkpoint;
use crate::tree::{empty_root, leaf_hash, node_hash};

fn signed(size: u64, root: Digest) -> (SignedCheckpoint, VerifierKey) {
    let signing = SigningKey::from_bytes(&[7; 32]);
    let key = VerifierKey::new("test.example/log", signing.verifying_key().to_bytes()).unwrap();
    let checkpoint = Checkpoint { origin: key.name().into(), size, root };
    let signature = signing.sign(checkpoint.body().as_bytes()).to_bytes();
    (SignedCheckpoint::assemble(checkpoint, &key, signature).unwrap(), key)
}

/// From two entries to three, and the root of the two.
fn sample() -> (Growth, VerifierKey, Digest) {
    let [a, b, c] = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")];
    let two = node_hash(&a, &b);
    let (head, key) = signed(3, node_hash(&two, &c));
    (Growth::new(2, vec![c], head), key, two)
}

#[test]
fn growth_reads_back_and_holds_for_its_old_root_only() {
    let (growth, key, two) = sample();
    let text = growth.to_string();
    assert!(text.starts_with("old 2\n") && text.ends_with(growth.signed().note()));
    let read = Growth::parse(&text, &key).unwrap();
    assert_eq!((&read, read.old()), (&growth, 2));
    assert_eq!(read.check(&two), Ok(()));
    assert!(read.check(&leaf_hash(b"a")).is_err());
}

#[test]
fn from_nothing_or_to_itself_there_is_no_hash() {
    let (growth, key, _) = sample();
    let (same, root) = (growth.signed().clone(), growth.signed().checkpoint().root);
    for (old, root) in [(0, empty_root()), (3, root)] {
        let text = Growth::new(old, Vec::new(), same.clone()).to_string();
        assert_eq!(Growth::parse(&text, &key).unwrap().check(&root), Ok(()), "{old}");
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    let (growth, key, two) = sample();
    let text = growth.to_string();
    for bit in 0..text.len() * 8 {
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(edited) = String::from_utf8(bytes) else { continue };
        let holds = Growth::parse(&edited, &key).ok().filter(|read| read.check(&two).is_ok());
        // Another old size with the same proof would be for another root, so it is told by that alone.
        assert!(holds.is_none_or(|read| read.old() != 2), "{edited}");
    }
}

#[test]
fn malformed_texts_are_refused() {
    let (growth, key, _) = sample();
    let text = growth.to_string();
    for (what, edited) in [
        ("empty", String::new()),
        ("no old", text.replacen("old 2\n", "", 1)),
        ("leading zero", text.replacen("old 2", "old 02", 1)),
        ("negative", text.replacen("old 2", "old -2", 1)),
        ("more than a size", text.replacen("old 2", "old 2 2", 1)),
        ("carriage returns", text.replace('\n', "\r\n")),
        ("an extra line", text.replacen("old 2\n", "old 2\nextra\n", 1)),
        ("64 hashes", text.replacen("old 2\n", &format!("old 2\n{}", lines(63)), 1)),
        ("nothing after it", text.split_inclusive("\n\n").next().unwrap_or_default().to_owned()),
    ] {
        assert!(Growth::parse(&edited, &key).is_err(), "{what}");
    }
}

fn lines(count: usize) -> String {
    format!("{}\n", base64_of(&leaf_hash(b"x").0)).repeat(count)
}
