use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::tree::{NodeSource, consistency_proof, leaf_hash, node_hash, root_of};

const ORIGIN: &str = "test.example/log";

struct History(Vec<Digest>);

impl NodeSource for History {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        if level == 0 {
            return self.0.get(usize::try_from(index).ok()?).copied();
        }
        Some(node_hash(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

/// Nine entries; the last six are named after the history.
fn history(name: &str) -> History {
    let same = ["a", "b", "c"].map(str::to_owned).into_iter();
    let own = (3..9).map(|at| format!("{name}{at}"));
    History(same.chain(own).map(|entry| leaf_hash(entry.as_bytes())).collect())
}

fn signing(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn key_of(seed: u8, origin: &str) -> VerifierKey {
    VerifierKey::new(origin, signing(seed).verifying_key().to_bytes()).unwrap()
}

fn key() -> VerifierKey {
    key_of(7, ORIGIN)
}

fn head_of(history: &History, size: u64, (seed, origin): (u8, &str)) -> SignedCheckpoint {
    let root = root_of(history, size).unwrap();
    let head = Checkpoint { origin: origin.into(), size, root };
    let signature = signing(seed).sign(head.body().as_bytes()).to_bytes();
    SignedCheckpoint::assemble(head, &key_of(seed, origin), signature).unwrap()
}

fn head(history: &History, size: u64) -> SignedCheckpoint {
    head_of(history, size, (7, ORIGIN))
}

fn other(size: u64, later: u64) -> (Digest, Growth) {
    let history = history("B");
    let hashes = consistency_proof(&history, size, later).unwrap();
    let growth = Growth::new(size, hashes, head(&history, later).note().to_owned());
    (root_of(&history, size).unwrap(), growth)
}

fn proof(size: u64, later: u64) -> Result<Equivocation, EquivocationError> {
    Equivocation::new(head(&history("A"), size), other(size, later), &[key()])
}

#[test]
fn two_histories_are_proven_at_every_size_after_they_part_and_at_none_before() {
    for later in 1..=9 {
        for size in 1..=later {
            let read = proof(size, later);
            if size <= 3 {
                assert_eq!(read, Err(EquivocationError::Same), "{size} {later}");
                continue;
            }
            let proof = read.unwrap();
            let text = proof.to_string();
            assert_eq!(Equivocation::parse(&text, &[key()]).as_ref(), Ok(&proof), "{text}");
            assert_eq!(Equivocation::parse(&text, &[key()]).unwrap().to_string(), text);
            assert_eq!(proof.first().checkpoint().size, size);
            assert_eq!(proof.later().checkpoint().size, later);
            assert_ne!(proof.root(), proof.first().checkpoint().root);
        }
    }
    let nothing = Equivocation::new(head(&history("A"), 0), other(0, 9), &[key()]);
    assert_eq!(nothing, Err(EquivocationError::Empty));
}

#[test]
fn its_bytes_are_those_of_the_page() {
    let (root, growth) = other(4, 9);
    let first = head(&history("A"), 4);
    let text = proof(4, 9).unwrap().to_string();
    let root = base64_of(&root.0);
    assert_eq!(
        text,
        format!("sealdock/equivocation/v1\nroot {root}\n\n{}\n{growth}", first.note())
    );
    let same = proof(4, 4).unwrap().to_string();
    let other = head(&history("B"), 4);
    assert!(same.ends_with(&format!("\n\nold 4\n\n{}", other.note())), "{same}");
}

#[test]
fn any_flipped_bit_makes_it_prove_nothing() {
    let text = proof(5, 9).unwrap().to_string();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            assert!(Equivocation::parse(&flipped, &[key()]).is_err(), "{at}.{bit}: {flipped}");
        }
    }
}

#[test]
fn what_does_not_prove_it_is_refused() {
    let text = proof(5, 9).unwrap().to_string();
    let a = history("A");
    let (root, growth) = other(5, 9);
    let elsewhere = "other.example/log";
    let keys = [key(), key_of(7, elsewhere)];
    let foreign = head_of(&a, 5, (7, elsewhere));
    let refused = Equivocation::new(foreign, (root, growth.clone()), &keys);
    assert_eq!(refused, Err(EquivocationError::OtherRecord));
    // The same history, and a root that it never had.
    let made_up =
        Equivocation::new(head(&history("B"), 5), (leaf_hash(b"x"), growth.clone()), &[key()]);
    assert!(matches!(made_up, Err(EquivocationError::Proof(_))), "{made_up:?}");
    let from_four = Equivocation::new(head(&a, 4), (root, growth), &[key()]);
    assert!(matches!(from_four, Err(EquivocationError::Malformed(_))), "{from_four:?}");
    let stranger = Equivocation::parse(&text, &[key_of(8, ORIGIN)]);
    assert!(matches!(stranger, Err(EquivocationError::Note(_))), "{stranger:?}");
    let first = head(&a, 5).note().to_owned();
    for (what, bad) in [
        ("nothing", String::new()),
        ("another version", text.replace("/v1", "/v2")),
        ("no root", text.replace("root ", "toor ")),
        ("a line feed more", format!("{text}\n")),
        ("an empty line more", format!("{text}\n\n")),
        ("a line before", format!("\n{text}")),
        ("carriage returns", text.replace('\n', "\r\n")),
        ("one head only", text.replace(&format!("{first}\n"), "")),
        ("a sign", text.replace("old 5", "old +5")),
    ] {
        assert_ne!(bad, text, "{what}");
        assert!(Equivocation::parse(&bad, &[key()]).is_err(), "{what}");
    }
    assert!(Equivocation::parse(&text, &[]).is_err());
    let long = format!("{text}{}", "x".repeat(BYTES_MAX));
    let refused = Equivocation::parse(&long, &[key()]);
    assert_eq!(refused, Err(EquivocationError::Malformed("it is too long")));
}

/// A rotated key signs for the same record: who brings both is told of both.
#[test]
fn the_two_heads_may_be_by_two_keys_of_the_reader_s() {
    let first = head_of(&history("A"), 5, (8, ORIGIN));
    let keys = [key(), key_of(8, ORIGIN)];
    let proof = Equivocation::new(first, other(5, 9), &keys).unwrap().to_string();
    assert!(Equivocation::parse(&proof, &keys).is_ok());
    assert!(Equivocation::parse(&proof, &keys[..1]).is_err());
}
