use super::*;
use crate::tree::{empty_root, leaf_hash, node_hash};

const NOTE: &str = "test.example/log\n3\nroot\n\n— test.example/log sig\n";

fn head(size: u64, root: Digest) -> Checkpoint {
    Checkpoint { origin: "test.example/log".into(), size, root }
}

/// From two entries to three, with the two heads.
fn sample() -> (Growth, Checkpoint, Checkpoint) {
    let [a, b, c] = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")];
    let two = node_hash(&a, &b);
    let growth = Growth::new(2, vec![c], NOTE.to_owned());
    (growth, head(2, two), head(3, node_hash(&two, &c)))
}

#[test]
fn growth_reads_back_and_holds_between_its_heads_only() {
    let (growth, old, new) = sample();
    let text = growth.to_string();
    assert!(text.starts_with("old 2\n") && text.ends_with(NOTE));
    let read = Growth::parse(&text).unwrap();
    assert_eq!((&read, read.old(), read.note()), (&growth, 2, NOTE));
    assert_eq!(read.check(&old, &new), Ok(()));
    assert!(read.check(&head(2, leaf_hash(b"a")), &new).is_err());
    assert!(read.check(&old, &head(3, leaf_hash(b"a"))).is_err());
    assert!(read.check(&head(1, old.root), &new).is_err());
}

#[test]
fn from_nothing_or_to_itself_there_is_no_hash() {
    let (_, _, new) = sample();
    for (old, root) in [(0, empty_root()), (3, new.root)] {
        let text = Growth::new(old, Vec::new(), NOTE.to_owned()).to_string();
        assert_eq!(Growth::parse(&text).unwrap().check(&head(old, root), &new), Ok(()), "{old}");
    }
}

#[test]
fn a_flipped_bit_before_the_head_is_refused_or_shows_in_the_old_size() {
    let (growth, old, new) = sample();
    let text = growth.to_string();
    let before = text.find("\n\n").unwrap();
    for bit in 0..before * 8 {
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(edited) = String::from_utf8(bytes) else { continue };
        let holds = Growth::parse(&edited).ok().filter(|read| read.check(&old, &new).is_ok());
        assert!(holds.is_none_or(|read| read.old() != 2), "{edited}");
    }
}

#[test]
fn malformed_texts_are_refused() {
    let (growth, ..) = sample();
    let text = growth.to_string();
    let hash = base64_of(&leaf_hash(b"c").0);
    let lines = |count: usize| format!("{hash}\n").repeat(count);
    let loose = text.replace(&hash, &format!("{}B=", &hash[..hash.len() - 2]));
    assert_ne!(loose, text);
    for (what, edited) in [
        ("empty", String::new()),
        ("no old", text.replacen("old 2\n", "", 1)),
        ("leading zero", text.replacen("old 2", "old 02", 1)),
        ("negative", text.replacen("old 2", "old -2", 1)),
        ("two spaces", text.replacen("old 2", "old  2", 1)),
        ("more than a size", text.replacen("old 2", "old 2 2", 1)),
        ("carriage returns", text.replace('\n', "\r\n")),
        ("an extra line", text.replacen("old 2\n", "old 2\nextra\n", 1)),
        ("a hash cut short", text.replacen(&hash, &hash[4..], 1)),
        ("unused bits set", loose),
        ("64 hashes", text.replacen(&lines(1), &lines(64), 1)),
        ("no head", text.split("\n\n").next().unwrap_or_default().to_owned()),
        ("too long", format!("{text}{}", "x".repeat(NOTE_BYTES_MAX + 4096))),
    ] {
        assert!(Growth::parse(&edited).is_err(), "{what}");
    }
}
