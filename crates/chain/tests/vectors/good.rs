//! Vectors every reader must accept.

use ed25519_dalek::Signer as _;
use sealdock_chain::sshsig::{
    CLIP_NAMESPACE, allowed_signers_line, armor, public_line, signed_bytes,
};
use sealdock_chain::tiles::{TilePlan, entries_path, entry_bundle};
use sealdock_chain::tree::{consistency_proof, inclusion_proof};
use sealdock_chain::{
    CHUNK_BYTES, ChunkTree, Digest, INTENT_VERSION, TlogProof, WipeIntent, to_canonical,
};
use serde_json::{Value, json};

use super::common::{
    EVIDENCE_SEED, LOG_SEED, ORIGIN, Record, evidence_signing, log_key, log_signing,
};

pub const SIZE: u64 = 20;
pub const CONTENT: &str = "these bytes stand for a clip";

pub fn all() -> Vec<(&'static str, Value)> {
    let record = Record::of(SIZE);
    vec![
        ("canonical", canonical()),
        ("entries", entries(&record)),
        ("tree", tree(&record)),
        ("inclusion", inclusion(&record)),
        ("consistency", consistency(&record)),
        ("checkpoint", checkpoint(&record)),
        ("tlog-proof", tlog_proof(&record)),
        ("sshsig", sshsig()),
        ("chunks", chunks()),
        ("tiles", tiles(&record)),
        ("intent", intent()),
    ]
}

fn canonical() -> Value {
    let texts = [
        "null",
        "[ true , false ]",
        "-9007199254740991",
        "{\"b\": 1, \"a\": {\"d\": [], \"c\": {}}}",
        "\"\\u0041\\/\\u00e9\\u2028\"",
        "\"\\u0000\\u0008\\u0009\\u000a\\u000c\\u000d\\u001f\\u007f\\\"\\\\\"",
        "{\"\\ufb33\": 1, \"\\ud83d\\ude00\": 2, \"\\u20ac\": 3, \"\\r\": 4, \"1\": 5}",
        "{\"\": 0, \"A\": 1, \"a\": 2, \"aa\": 3, \"a\\u0000\": 4}",
    ];
    let case = |text: &&str| {
        let value: Value = serde_json::from_str(text).unwrap();
        let canonical = String::from_utf8(to_canonical(&value).unwrap()).unwrap();
        json!({ "json": text, "canonical": canonical })
    };
    json!({
        "what": "RFC 8785: parse `json` and write it canonically; the result is `canonical`",
        "cases": texts.iter().map(case).collect::<Vec<_>>()
    })
}

fn entry_text(record: &Record, seq: u64) -> String {
    String::from_utf8(record.entries[seq as usize].clone()).unwrap()
}

fn entries(record: &Record) -> Value {
    let case =
        |seq: u64| json!({ "entry": entry_text(record, seq), "leaf": record.leaves[seq as usize] });
    json!({
        "what": "entries 0 to 19 of one record; leaf = SHA-256(0x00 ‖ UTF-8 of `entry`), \
                 which is the `prev` of the next",
        "cases": (0..SIZE).map(case).collect::<Vec<_>>()
    })
}

fn tree(record: &Record) -> Value {
    let case = |size: u64| {
        let frontier = &record.frontiers[size as usize];
        json!({ "size": size, "frontier": frontier.nodes(), "root": frontier.root() })
    };
    json!({
        "what": "heads of the tree over the first `size` entries of entries.json, and its \
                 perfect subtrees from left to right",
        "cases": (0..=SIZE).map(case).collect::<Vec<_>>()
    })
}

fn inclusion(record: &Record) -> Value {
    let case = |size: u64, index: u64| {
        json!({
            "index": index, "size": size, "leaf": record.leaves[index as usize],
            "proof": inclusion_proof(record, index, size).unwrap(),
            "root": record.frontiers[size as usize].root()
        })
    };
    let cases = (1..=SIZE).flat_map(|size| (0..size).map(move |index| case(size, index)));
    json!({ "what": "RFC 9162 §2.1.3 inclusion proofs", "cases": cases.collect::<Vec<_>>() })
}

fn consistency(record: &Record) -> Value {
    let case = |new: u64, old: u64| {
        json!({
            "old": old, "old_root": record.frontiers[old as usize].root(),
            "new": new, "new_root": record.frontiers[new as usize].root(),
            "proof": consistency_proof(record, old, new).unwrap()
        })
    };
    let cases = (0..=SIZE).flat_map(|new| (0..=new).map(move |old| case(new, old)));
    json!({
        "what": "RFC 9162 §2.1.4 consistency proofs; empty if `old` is 0 or `new`",
        "cases": cases.collect::<Vec<_>>()
    })
}

fn checkpoint(record: &Record) -> Value {
    let (key, signed) = (log_key(), record.signed(SIZE));
    json!({
        "what": "C2SP checkpoint over the 20 entries of entries.json",
        "seed": hex::encode(LOG_SEED),
        "public": hex::encode(key.public()),
        "origin": ORIGIN,
        "key_id": hex::encode(key.key_id()),
        "vkey": key.to_string(),
        "size": SIZE,
        "root": signed.checkpoint().root,
        "body": signed.checkpoint().body(),
        "note": signed.note()
    })
}

fn tlog_proof(record: &Record) -> Value {
    let index = 11;
    let hashes = inclusion_proof(record, index, SIZE).unwrap();
    json!({
        "what": "c2sp.org/tlog-proof@v1 for one entry, under the key of checkpoint.json",
        "index": index,
        "entry": entry_text(record, index),
        "text": TlogProof::new(index, hashes, record.signed(SIZE)).to_string()
    })
}

fn sshsig() -> Value {
    let public = evidence_signing().verifying_key().to_bytes();
    let sha256 = Digest::of(CONTENT.as_bytes());
    let message = signed_bytes(CLIP_NAMESPACE, &sha256);
    let signature = evidence_signing().sign(&message).to_bytes();
    let allowed = allowed_signers_line("station7", CLIP_NAMESPACE, &public, None, None).unwrap();
    json!({
        "what": "SSHSIG over `content`: ssh-keygen -Y verify -f allowed -I station7 \
                 -n clip@sealdock -s sig < content",
        "seed": hex::encode(EVIDENCE_SEED),
        "public": hex::encode(public),
        "public_line": public_line(&public, "station7"),
        "allowed_signers": allowed,
        "namespace": CLIP_NAMESPACE,
        "content": CONTENT,
        "sha256": sha256,
        "signed_bytes": hex::encode(message),
        "sig": armor(&public, CLIP_NAMESPACE, signature)
    })
}

/// Byte i of a test clip is i mod 251.
pub fn clip(bytes: u64) -> Vec<u8> {
    (0..=250u8).cycle().take(bytes as usize).collect()
}

fn chunks() -> Value {
    let chunk = CHUNK_BYTES as u64;
    let case = |bytes: u64| {
        let clip = clip(bytes);
        let mut tree = ChunkTree::new();
        tree.update(&clip);
        let chunks = tree.finish();
        json!({
            "bytes": bytes, "sha256": Digest::of(&clip), "leaves": chunks.leaves,
            "root": chunks.root
        })
    };
    let sizes = [0, 1, 251, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5];
    json!({
        "what": "chunk trees of clips whose byte i is i mod 251; leaf = SHA-256(0x00 ‖ chunk) \
                 over chunks of 4194304 bytes, root = RFC 6962 tree head over the leaves",
        "cases": sizes.map(case)
    })
}

fn tiles(record: &Record) -> Value {
    let case = |size: u64| {
        let paths: Vec<String> = TilePlan::new(size).map(|(path, _)| path).collect();
        json!({ "size": size, "paths": paths })
    };
    let sizes = [0u64, 1, 255, 256, 257, 700].map(case);
    let path = |index: u64| json!({ "index": index, "path": entries_path(index, 256) });
    let indexes = [0u64, 999, 1000, 1_234_067, 1_000_000_000].map(path);
    let entries: Vec<&[u8]> = record.entries[..3].iter().map(Vec::as_slice).collect();
    json!({
        "what": "c2sp.org/tlog-tiles: the files of a record of each size, and the entry bundle \
                 of the first three entries as hex (u16 big endian length ‖ entry, repeated)",
        "sizes": sizes,
        "full_bundles": indexes,
        "entries": (0..3).map(|seq| entry_text(record, seq)).collect::<Vec<_>>(),
        "bundle": hex::encode(entry_bundle(&entries).unwrap())
    })
}

/// A permission to delete one file, with the name in GBK, as recorders write it.
pub fn wipe_intent() -> WipeIntent {
    WipeIntent {
        version: INTENT_VERSION,
        station: ORIGIN.to_owned(),
        bay: "bay-1".to_owned(),
        volume: "sdb1".to_owned(),
        disk_sequence: 42,
        session: 17,
        number: 3,
        clip: 19,
        name_hex: hex::encode(b"DCIM/\xd6\xb4\xb7\xa8.MP4"),
        size: CONTENT.len() as u64,
        sha256: Digest::of(CONTENT.as_bytes()),
        expires_ms: 1_772_352_060_000,
    }
}

/// When it is spent.
pub const NOW_MS: u64 = 1_772_352_000_000;

fn intent() -> Value {
    let intent = wipe_intent();
    json!({
        "what": "a wipe intent (docs/design/usb.md): `signature` of the log key over `signed_bytes`",
        "public": hex::encode(log_signing().verifying_key().to_bytes()),
        "intent": String::from_utf8(intent.bytes()).unwrap(),
        "signed_bytes": hex::encode(intent.signing_bytes()),
        "signature": hex::encode(log_signing().sign(&intent.signing_bytes()).to_bytes()),
        "now_ms": NOW_MS,
        "name_hex": intent.name_hex,
    })
}
