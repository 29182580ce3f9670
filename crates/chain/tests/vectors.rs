//! The checked-in vectors under `fixtures/vectors`: generated again and
//! compared, then read back like a stranger would read them.
//!
//! `SEALDOCK_WRITE_VECTORS=1 cargo test -p sealdock-chain --test vectors`
//! writes them anew; a change in them is a change of the format.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "vectors/bad.rs"]
mod bad;
mod common;
#[path = "vectors/good.rs"]
mod good;

use std::fs;
use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tiles::{TilePlan, entries_in, entries_path};
use sealdock_chain::tree::{Frontier, leaf_hash, verify_consistency, verify_inclusion};
use sealdock_chain::{
    ChunkTree, Digest, Entry, TlogProof, WipeIntent, canon, parse_canonical, sshsig, to_canonical,
};
use serde_json::Value;

fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/vectors"))
        .join(format!("{name}.json"))
}

fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(path(name)).unwrap()).unwrap()
}

fn cases(name: &str) -> Vec<Value> {
    let cases = read(name)["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text<'v>(case: &'v Value, key: &str) -> &'v str {
    case[key].as_str().unwrap_or_else(|| panic!("{key} is missing in {case}"))
}

fn number(case: &Value, key: &str) -> u64 {
    case[key].as_u64().unwrap()
}

fn digest(case: &Value, key: &str) -> Digest {
    text(case, key).parse().unwrap()
}

fn digests(case: &Value, key: &str) -> Vec<Digest> {
    serde_json::from_value(case[key].clone()).unwrap()
}

fn bytes(case: &Value, key: &str) -> Vec<u8> {
    hex::decode(text(case, key)).unwrap()
}

fn array<const N: usize>(case: &Value, key: &str) -> [u8; N] {
    bytes(case, key).try_into().unwrap()
}

#[test]
fn the_files_are_what_the_code_gives() {
    for (name, fresh) in good::all().into_iter().chain(bad::all()) {
        if std::env::var_os("SEALDOCK_WRITE_VECTORS").is_some() {
            let text = serde_json::to_string_pretty(&fresh).unwrap() + "\n";
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), text).unwrap();
        }
        // As values: the order of printed keys depends on features of serde_json.
        assert!(read(name) == fresh, "{name}.json differs from what the code gives");
    }
}

#[test]
fn canonical_forms() {
    for case in cases("canonical") {
        let value: Value = serde_json::from_str(text(&case, "json")).unwrap();
        let canonical = text(&case, "canonical");
        assert_eq!(to_canonical(&value).unwrap(), canonical.as_bytes());
        assert_eq!(parse_canonical(canonical.as_bytes()).unwrap(), value);
    }
    for case in cases("bad-canonical") {
        assert!(canon::parse_canonical(&bytes(&case, "hex")).is_err(), "{}", text(&case, "wrong"));
    }
}

/// S21: a complete chain of data.
#[test]
fn entries_and_their_links() {
    let mut prev = Digest::ZERO;
    for (seq, case) in cases("entries").iter().enumerate() {
        let bytes = text(case, "entry").as_bytes();
        let entry = Entry::decode(bytes).unwrap();
        assert_eq!((entry.seq, entry.prev), (seq as u64, prev));
        prev = leaf_hash(bytes);
        assert_eq!(digest(case, "leaf"), prev);
    }
    for case in cases("bad-entries") {
        assert!(Entry::decode(&bytes(&case, "hex")).is_err(), "{}", text(&case, "wrong"));
    }
}

#[test]
fn trees_and_proofs() {
    let leaves: Vec<Digest> = cases("entries").iter().map(|case| digest(case, "leaf")).collect();
    let mut frontier = Frontier::new();
    for (size, case) in cases("tree").iter().enumerate() {
        assert_eq!(number(case, "size"), size as u64);
        assert_eq!(
            (frontier.nodes(), frontier.root()),
            (&*digests(case, "frontier"), digest(case, "root"))
        );
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf);
        }
    }
    for case in cases("inclusion") {
        inclusion(&case).unwrap();
    }
    for case in cases("consistency") {
        consistency(&case).unwrap();
    }
    for case in cases("bad-inclusion") {
        assert!(inclusion(&case).is_err(), "{}", text(&case, "wrong"));
    }
    for case in cases("bad-consistency") {
        assert!(consistency(&case).is_err(), "{}", text(&case, "wrong"));
    }
}

fn inclusion(case: &Value) -> Result<(), sealdock_chain::ProofError> {
    let (leaf, root, proof) = (digest(case, "leaf"), digest(case, "root"), digests(case, "proof"));
    verify_inclusion(&leaf, number(case, "index"), number(case, "size"), &proof, &root)
}

fn consistency(case: &Value) -> Result<(), sealdock_chain::ProofError> {
    let (old, new) = (digest(case, "old_root"), digest(case, "new_root"));
    verify_consistency(
        number(case, "old"),
        &old,
        number(case, "new"),
        &new,
        &digests(case, "proof"),
    )
}

#[test]
fn checkpoints_and_verifier_keys() {
    let case = read("checkpoint");
    let public = SigningKey::from_bytes(&array(&case, "seed")).verifying_key().to_bytes();
    assert_eq!(public, array(&case, "public"));
    let key: VerifierKey = text(&case, "vkey").parse().unwrap();
    assert_eq!((key.name(), key.key_id()), (text(&case, "origin"), &array(&case, "key_id")));
    let opened = SignedCheckpoint::open(text(&case, "note"), &key).unwrap();
    let origin = text(&case, "origin").to_owned();
    let expected = Checkpoint { origin, size: number(&case, "size"), root: digest(&case, "root") };
    assert_eq!((opened.checkpoint(), expected.body().as_str()), (&expected, text(&case, "body")));
    let proof = read("tlog-proof");
    let included = TlogProof::parse(text(&proof, "text"), &key).unwrap();
    let included = included.check(text(&proof, "entry").as_bytes()).unwrap();
    assert_eq!(included.seq(), number(&proof, "index"));

    for case in cases("bad-checkpoint") {
        let result = SignedCheckpoint::open(text(&case, "note"), &key);
        assert!(result.is_err(), "{}", text(&case, "wrong"));
    }
    for case in cases("bad-vkey") {
        let result: Result<VerifierKey, _> = text(&case, "vkey").parse();
        assert!(result.is_err(), "{}", text(&case, "wrong"));
    }
    for case in cases("bad-tlog-proof") {
        let read = TlogProof::parse(text(&case, "text"), &key).ok();
        let proven = read.and_then(|read| read.check(text(&proof, "entry").as_bytes()).ok());
        assert!(proven.is_none(), "{}", text(&case, "wrong"));
    }
}

/// S21: electronic signature of each clip.
#[test]
fn clip_signatures() {
    let case = read("sshsig");
    let (public, namespace) = (array(&case, "public"), text(&case, "namespace"));
    let sha256 = Digest::of(text(&case, "content").as_bytes());
    assert_eq!(sha256, digest(&case, "sha256"));
    assert_eq!(sshsig::signed_bytes(namespace, &sha256), bytes(&case, "signed_bytes"));
    assert_eq!(sshsig::public_line(&public, "station7"), text(&case, "public_line"));
    sshsig::verify(text(&case, "sig"), &public, namespace, &sha256).unwrap();
    for case in cases("bad-sshsig") {
        let result = sshsig::verify(text(&case, "sig"), &public, namespace, &sha256);
        assert!(result.is_err(), "{}", text(&case, "wrong"));
    }
}

#[test]
fn chunk_trees() {
    for case in cases("chunks") {
        let clip = good::clip(number(&case, "bytes"));
        assert_eq!(Digest::of(&clip), digest(&case, "sha256"));
        let mut tree = ChunkTree::new();
        clip.chunks(100_003).for_each(|piece| tree.update(piece));
        let chunks = tree.finish();
        assert_eq!((chunks.leaves, chunks.root), (digests(&case, "leaves"), digest(&case, "root")));
    }
}

#[test]
fn tile_paths_and_bundles() {
    for case in read("tiles")["sizes"].as_array().unwrap() {
        let paths: Vec<String> =
            TilePlan::new(number(case, "size")).map(|(path, _)| path).collect();
        assert_eq!(serde_json::to_value(paths).unwrap(), case["paths"]);
    }
    let case = read("tiles");
    for full in case["full_bundles"].as_array().unwrap() {
        assert_eq!(entries_path(number(full, "index"), 256), text(full, "path"));
    }
    let bundle = bytes(&case, "bundle");
    let entries: Vec<&str> =
        entries_in(&bundle).unwrap().iter().map(|e| std::str::from_utf8(e).unwrap()).collect();
    assert_eq!(serde_json::to_value(entries).unwrap(), case["entries"]);
}

#[test]
fn intents() {
    let good = read("intent");
    let public = array(&good, "public");
    let verify = |case: &Value| {
        let text = text(case, "intent").as_bytes();
        WipeIntent::verify(text, &array(case, "signature"), &public, number(case, "now_ms"))
    };
    let intent = verify(&good).unwrap();
    assert_eq!(intent.signing_bytes(), bytes(&good, "signed_bytes"));
    assert_eq!(intent.name().unwrap(), bytes(&good, "name_hex"));
    for case in cases("bad-intent") {
        assert!(verify(&case).is_err(), "{}", text(&case, "wrong"));
    }
}
