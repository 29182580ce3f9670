//! Notes, proofs and tiles against two crates of other authors.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::{LOG_SEED, ORIGIN, Record, log_key};
use sealdock_chain::Digest;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::tiles::TileKind;
use sealdock_chain::tree::{
    NodeSource as _, consistency_proof, inclusion_proof, leaf_hash, node_hash, verify_consistency,
    verify_inclusion,
};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Hash, HashReader, Tile, TileHashReader, TileReader};

const SIZE: u64 = 600;

struct Stored<'r>(&'r Record);

impl HashReader for Stored<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let node = |index: &u64| {
            let (level, at) = tlog_tiles::split_stored_hash_index(*index);
            Hash(self.0.node(level.into(), at).unwrap().0)
        };
        Ok(indexes.iter().map(node).collect())
    }
}

impl TileReader for Stored<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let bytes = |tile: &Tile| {
            let (level, index) = (u32::from(tile.level()), tile.level_index());
            self.0.file(TileKind::Hashes { level, index, width: tile.width().into() })
        };
        Ok(tiles.iter().map(bytes).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn theirs(hash: Digest) -> Hash {
    Hash(hash.0)
}

fn ours(hashes: Vec<Hash>) -> Vec<Digest> {
    hashes.into_iter().map(|hash| Digest(hash.0)).collect()
}

#[test]
fn leaf_and_node_hashes_agree() {
    let (a, b) = (leaf_hash(b"a"), leaf_hash(b""));
    assert_eq!(tlog_tiles::record_hash(b"a"), theirs(a));
    assert_eq!(tlog_tiles::record_hash(b""), theirs(b));
    assert_eq!(tlog_tiles::node_hash(theirs(a), theirs(b)), theirs(node_hash(&a, &b)));
}

#[test]
fn proofs_agree_in_both_directions() {
    let record = Record::of(SIZE);
    let stored = Stored(&record);
    for size in (1..40).chain([255, 256, 257, 511, 512, 513, 599, 600]) {
        let root = record.frontiers[size as usize].root();
        assert_eq!(tlog_tiles::tree_hash(size, &stored).unwrap(), theirs(root));
        for at in (0..size).step_by(1 + size as usize / 20) {
            let leaf = record.leaves[at as usize];
            let proof = inclusion_proof(&record, at, size).unwrap();
            let their_proof = tlog_tiles::prove_record(size, at, &stored).unwrap();
            tlog_tiles::check_record(&their_proof, size, theirs(root), at, theirs(leaf)).unwrap();
            assert_eq!(proof, ours(their_proof));
            verify_inclusion(&leaf, at, size, &proof, &root).unwrap();

            let old = at + 1;
            let old_root = record.frontiers[old as usize].root();
            let proof = consistency_proof(&record, old, size).unwrap();
            let their_proof = tlog_tiles::prove_tree(size, old, &stored).unwrap();
            let (head, old_head) = (theirs(root), theirs(old_root));
            tlog_tiles::check_tree(&their_proof, size, head, old, old_head).unwrap();
            assert_eq!(proof, ours(their_proof));
            verify_consistency(old, &old_root, size, &root, &proof).unwrap();
        }
    }
}

#[test]
fn a_reader_that_trusts_only_the_root_takes_our_tiles() {
    let record = Record::of(SIZE);
    let stored = Stored(&record);
    let root = record.frontiers[SIZE as usize].root();
    let authenticated = TileHashReader::new(SIZE, theirs(root), &stored);
    for seq in 0..SIZE {
        let index = tlog_tiles::stored_hash_index(0, seq);
        let hash = authenticated.read_hashes(&[index]).unwrap();
        assert_eq!(ours(hash), [record.leaves[seq as usize]]);
    }
    let lie = TileHashReader::new(SIZE, theirs(Digest::ZERO), &stored);
    assert!(lie.read_hashes(&[0]).is_err());
}

fn they_accept(note: &str) -> bool {
    let verifier = StandardVerifier::new(&log_key().to_string()).unwrap();
    let Ok(parsed) = Note::from_bytes(note.as_bytes()) else { return false };
    let Ok((verified, _)) = parsed.verify(&VerifierList::new(vec![Box::new(verifier)])) else {
        return false;
    };
    !verified.is_empty() && tlog_tiles::Checkpoint::from_bytes(parsed.text()).is_ok()
}

#[test]
fn notes_agree_in_both_directions() {
    let record = Record::of(20);
    let note = record.signed(20).note().to_owned();
    assert!(they_accept(&note));
    let (text, _) = note.split_at(note.find("\n\n").unwrap() + 1);
    let read = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
    assert_eq!((read.origin(), read.size()), (ORIGIN, 20));
    assert_eq!(*read.hash(), theirs(record.frontiers[20].root()));
    assert_eq!(read.extension(), "");

    let private = [&[1], LOG_SEED.as_slice()].concat();
    let skey = format!(
        "PRIVATE+KEY+{ORIGIN}+{}+{}",
        hex::encode(log_key().key_id()),
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, private)
    );
    let signer = signed_note::StandardSigner::new(&skey).unwrap();
    let mut theirs = Note::new(text.as_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&signer]).unwrap();
    assert_eq!(String::from_utf8(theirs.to_bytes()).unwrap(), note);
}

/// We may refuse more than they do, never less.
#[test]
fn what_we_open_they_open() {
    let note = Record::of(3).signed(3).note().to_owned();
    let alphabet = ["\n", " ", "=", "A", "0", "+", "\u{2014}", "\u{2014} w AQIDBAU=\n", "\n\n"];
    let mut opened = 0;
    for (at, _) in note.char_indices().chain([(note.len(), ' ')]) {
        for piece in alphabet {
            let edited = format!("{}{piece}{}", &note[..at], &note[at..]);
            if SignedCheckpoint::open(&edited, &log_key()).is_ok() {
                opened += 1;
                assert!(they_accept(&edited), "{edited}");
            }
        }
    }
    // Only a witness line before or after the station's own line is harmless.
    assert_eq!(opened, 2);
}
