//! Vectors every reader must refuse, each naming what is wrong with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use sealdock_chain::sshsig::{CLIP_NAMESPACE, armor, signed_bytes};
use sealdock_chain::tree::{consistency_proof, inclusion_proof};
use sealdock_chain::{Digest, TlogProof};
use serde_json::{Value, json};

use super::common::{ORIGIN, Record, evidence_signing, log_key, log_signing};
use super::good::{CONTENT, NOW_MS, SIZE, wipe_intent};

pub fn all() -> Vec<(&'static str, Value)> {
    let record = Record::of(SIZE);
    vec![
        ("bad-canonical", canonical()),
        ("bad-entries", entries(&record)),
        ("bad-inclusion", inclusion(&record)),
        ("bad-consistency", consistency(&record)),
        ("bad-checkpoint", checkpoint(&record)),
        ("bad-vkey", vkey()),
        ("bad-tlog-proof", tlog_proof(&record)),
        ("bad-sshsig", sshsig()),
        ("bad-intent", intent()),
    ]
}

fn refused(what: &str, key: &str, cases: Vec<(&str, String)>) -> Value {
    let cases: Vec<Value> =
        cases.into_iter().map(|(wrong, text)| json!({ "wrong": wrong, key: text })).collect();
    json!({ "what": what, "cases": cases })
}

fn canonical() -> Value {
    let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
    let cases: Vec<(&str, &[u8])> = vec![
        ("nothing", b""),
        ("key named twice", b"{\"a\":1,\"a\":1}"),
        ("key named twice, once by escape", b"{\"a\":1,\"\\u0061\":1}"),
        ("keys out of order", b"{\"b\":1,\"a\":2}"),
        ("keys in UTF-8 order", "{\"\u{fb33}\":1,\"\u{1f600}\":2}".as_bytes()),
        ("space between", b"[1, 2]"),
        ("line feed at the end", b"[1,2]\n"),
        ("byte order mark", b"\xef\xbb\xbf[]"),
        ("needless escape", b"\"\\u0041\""),
        ("escaped solidus", b"\"\\/\""),
        ("long escape of a line feed", b"\"\\u000a\""),
        ("uppercase escape", b"\"\\u001F\""),
        ("raw control character", b"\"\x01\""),
        ("lone surrogate", b"\"\\ud800\""),
        ("overlong UTF-8", b"\"\xc0\x80\""),
        ("fraction", b"1.5"),
        ("integer with fraction", b"1.0"),
        ("exponent", b"1e3"),
        ("negative zero", b"-0"),
        ("leading zero", b"01"),
        ("2^53", b"9007199254740992"),
        ("-2^53", b"-9007199254740992"),
        ("33 levels", deep.as_bytes()),
        ("two values", b"1 2"),
    ];
    let cases = cases.into_iter().map(|(wrong, bytes)| (wrong, hex::encode(bytes))).collect();
    refused("bytes (hex) that are not canonical JSON of this format", "hex", cases)
}

fn entries(record: &Record) -> Value {
    let first = String::from_utf8(record.entries[0].clone()).unwrap();
    let second = String::from_utf8(record.entries[1].clone()).unwrap();
    let prev = record.leaves[0].to_string();
    let actor = "\"actor\":{\"name\":\"王\u{1f600}\",\"person\":\"officer-12\"},";
    let edit = |from: &str, to: &str| {
        assert!(second.contains(from));
        second.replace(from, to)
    };
    let cases = vec![
        ("not an object", "[]".to_owned()),
        ("line feed at the end", format!("{second}\n")),
        ("keys out of order", edit("\"seq\":1,\"v\":1}", "\"v\":1,\"seq\":1}")),
        ("unknown key", edit("\"v\":1}", "\"v\":1,\"w\":1}")),
        ("no version", edit(",\"v\":1}", "}")),
        ("version 2", edit("\"v\":1}", "\"v\":2}")),
        ("version as text", edit("\"v\":1}", "\"v\":\"1\"}")),
        ("no actor", edit(actor, "")),
        ("seq as text", edit("\"seq\":1", "\"seq\":\"1\"")),
        ("negative seq", edit("\"seq\":1", "\"seq\":-1")),
        ("prev in uppercase", edit(&prev, &prev.to_uppercase())),
        ("prev too short", edit(&prev, &prev[2..])),
        ("prev of zeros after entry 0", edit(&prev, &Digest::ZERO.to_string())),
        ("entry 0 with a predecessor", first.replace(&Digest::ZERO.to_string(), &prev)),
        ("65,536 bytes", {
            let room = 65_536 - edit("\"values\":[0,-1,9007199254740991]", "\"values\":\"\"").len();
            edit("[0,-1,9007199254740991]", &format!("\"{}\"", "x".repeat(room)))
        }),
    ];
    let cases = cases.into_iter().map(|(wrong, text)| (wrong, hex::encode(text))).collect();
    refused("bytes (hex) that are not an entry", "hex", cases)
}

fn inclusion(record: &Record) -> Value {
    let (index, size) = (11u64, SIZE);
    let proof = inclusion_proof(record, index, size).unwrap();
    let (leaf, root) = (record.leaves[index as usize], record.frontiers[size as usize].root());
    let mut flipped = proof.clone();
    flipped[2].0[31] ^= 1;
    let mut swapped = proof.clone();
    swapped.swap(0, 1);
    let longer = [proof.as_slice(), &[Digest::ZERO]].concat();
    let case = |wrong: &str, index: u64, leaf: Digest, proof: &[Digest]| {
        json!({
            "wrong": wrong, "index": index, "size": size, "leaf": leaf, "proof": proof,
            "root": root
        })
    };
    let other = record.leaves[10];
    json!({ "what": "inclusion proofs that prove nothing", "cases": [
        case("one bit flipped in the third hash", index, leaf, &flipped),
        case("two hashes swapped", index, leaf, &swapped),
        case("a hash too many", index, leaf, &longer),
        case("a hash too few", index, leaf, &proof[..proof.len() - 1]),
        case("no hash", index, leaf, &[]),
        case("another entry", index, other, &proof),
        case("another position", 10, leaf, &proof),
        case("outside the tree", size, leaf, &proof),
    ] })
}

fn consistency(record: &Record) -> Value {
    let (old, new) = (11u64, SIZE);
    let proof = consistency_proof(record, old, new).unwrap();
    let (old_root, new_root) =
        (record.frontiers[old as usize].root(), record.frontiers[new as usize].root());
    let mut flipped = proof.clone();
    flipped[0].0[0] ^= 0x80;
    let case = |wrong: &str, ends: [(u64, Digest); 2], proof: &[Digest]| {
        let [(old, old_root), (new, new_root)] = ends;
        json!({
            "wrong": wrong, "old": old, "old_root": old_root, "new": new, "new_root": new_root,
            "proof": proof
        })
    };
    let (a, b) = ((old, old_root), (new, new_root));
    json!({ "what": "consistency proofs that prove nothing", "cases": [
        case("one bit flipped in the first hash", [a, b], &flipped),
        case("a hash too few", [a, b], &proof[..proof.len() - 1]),
        case("a hash too many", [a, b], &[proof.as_slice(), &[Digest::ZERO]].concat()),
        case("history was rewritten: another old root", [(old, Digest::ZERO), b], &proof),
        case("another new root", [a, (new, Digest::ZERO)], &proof),
        case("the tail was cut off: the newer tree is smaller", [b, a], &[]),
        case("same size, other root", [a, (old, new_root)], &[]),
        case("grown from nothing, but the old root is not that of nothing", [(0, old_root), b], &[]),
        case("hashes where none belong", [a, a], &proof),
    ] })
}

/// A note over any text, soundly signed by the log key.
fn signed(body: &str) -> String {
    let signature = log_signing().sign(body.as_bytes()).to_bytes();
    let line = STANDARD.encode([log_key().key_id().as_slice(), &signature].concat());
    format!("{body}\n\u{2014} {ORIGIN} {line}\n")
}

fn checkpoint(record: &Record) -> Value {
    let good = record.signed(SIZE);
    let (note, body) = (good.note(), good.checkpoint().body());
    let own = note.lines().last().unwrap();
    let root = body.lines().last().unwrap();
    let cases = vec![
        ("no signature", format!("{body}\n")),
        ("no final line feed", note.trim_end().to_owned()),
        ("carriage returns", note.replace('\n', "\r\n")),
        ("signature over another size", note.replace("\n20\n", "\n21\n")),
        ("extension line, signed", signed(&format!("{body}extension\n"))),
        ("blank line in the text, signed", signed(&format!("{body}\n{own}\n"))),
        ("other origin, signed", signed(&body.replace("station7", "station8"))),
        ("origin with a space, signed", signed(&body.replace("station7", "station 7"))),
        ("size with leading zero, signed", signed(&body.replace("\n20\n", "\n020\n"))),
        ("size with sign, signed", signed(&body.replace("\n20\n", "\n+20\n"))),
        ("size 2^63, signed", signed(&body.replace("\n20\n", "\n9223372036854775808\n"))),
        ("size 0 with a root, signed", signed(&body.replace("\n20\n", "\n0\n"))),
        ("root without padding, signed", signed(&body.replace('=', ""))),
        ("root of 31 bytes, signed", signed(&body.replace(root, &STANDARD.encode([1; 31])))),
        ("signature without padding", note.replace(own, own.trim_end_matches('='))),
        ("hyphen instead of em dash", note.replace('\u{2014}', "-")),
        ("signature line twice", format!("{note}{own}\n")),
        ("text after the signatures", format!("{note}post scriptum\n")),
        ("witness name with a plus", format!("{note}\u{2014} a+b AQIDBAU=\n")),
        ("more than 16 KiB", format!("{note}\u{2014} w {}\n", "AAAA".repeat(4096))),
    ];
    refused("notes refused under the vkey of checkpoint.json", "note", cases)
}

fn vkey() -> Value {
    let good = log_key().to_string();
    let [name, id, typed]: [&str; 3] = good.splitn(3, '+').collect::<Vec<_>>().try_into().unwrap();
    let of = |public: &[u8; 32]| {
        let id = Digest::of(&[name.as_bytes(), b"\n\x01", public].concat());
        let typed = STANDARD.encode([b"\x01".as_slice(), public].concat());
        format!("{name}+{}+{typed}", hex::encode(&id.0[..4]))
    };
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let mut long_y = [0xff; 32];
    (long_y[0], long_y[31]) = (0xf0, 0x7f);
    let mut off_curve = [0; 32];
    off_curve[0] = 2;
    assert_eq!(of(log_key().public()), good);
    refused(
        "texts that are no verifier key",
        "vkey",
        vec![
            ("two parts", format!("{name}+{id}")),
            ("key id of another name", format!("x{good}")),
            ("key id in uppercase", format!("{name}+{}+{typed}", id.to_uppercase())),
            ("line feed at the end", format!("{good}\n")),
            ("key of small order: the identity", of(&identity)),
            ("key of small order: y = 0", of(&[0; 32])),
            ("key of small order: y = -1", of(&minus_one)),
            ("y not below p", of(&long_y)),
            ("y not on the curve", of(&off_curve)),
        ],
    )
}

fn tlog_proof(record: &Record) -> Value {
    let hashes = inclusion_proof(record, 11, SIZE).unwrap();
    let first = STANDARD.encode(hashes[0].0);
    let good = TlogProof::new(11, hashes, record.signed(SIZE)).to_string();
    refused(
        "proof files that do not prove the entry of tlog-proof.json",
        "text",
        vec![
            ("version 2", good.replace("@v1", "@v2")),
            ("extra line", good.replace("index 11", "extra AAAA\nindex 11")),
            ("index with leading zero", good.replace("index 11", "index 011")),
            ("another index", good.replace("index 11", "index 12")),
            ("hash without padding", good.replace(&first, first.trim_end_matches('='))),
            ("hash replaced", good.replace(&first, &STANDARD.encode([0; 32]))),
            ("hash missing", good.replace(&format!("{first}\n"), "")),
            ("carriage returns", good.replace('\n', "\r\n")),
            ("checkpoint of another size", good.replace("\n20\n", "\n21\n")),
            ("checkpoint cut off", good[..good.len() - 1].to_owned()),
        ],
    )
}

fn sshsig() -> Value {
    let public = evidence_signing().verifying_key().to_bytes();
    let stranger = log_signing().verifying_key().to_bytes();
    let sha256 = Digest::of(CONTENT.as_bytes());
    let sign = |namespace: &str, sha256: &Digest| {
        evidence_signing().sign(&signed_bytes(namespace, sha256)).to_bytes()
    };
    let good = armor(&public, CLIP_NAMESPACE, sign(CLIP_NAMESPACE, &sha256));
    let inner: String = good.lines().filter(|line| !line.starts_with('-')).collect();
    let other = Digest::of(b"other content");
    refused(
        "signatures refused for the content, key and namespace of sshsig.json",
        "sig",
        vec![
            ("over other content", armor(&public, CLIP_NAMESPACE, sign(CLIP_NAMESPACE, &other))),
            ("for another namespace", armor(&public, "file", sign("file", &sha256))),
            ("of one namespace, labelled with the other", {
                armor(&public, CLIP_NAMESPACE, sign("file", &sha256))
            }),
            ("naming another key", armor(&stranger, CLIP_NAMESPACE, sign(CLIP_NAMESPACE, &sha256))),
            ("all in one line", {
                format!("-----BEGIN SSH SIGNATURE-----\n{inner}\n-----END SSH SIGNATURE-----\n")
            }),
            ("carriage returns", good.replace('\n', "\r\n")),
            ("no final line feed", good.trim_end().to_owned()),
            ("text in front", format!("x\n{good}")),
            ("R and S all zero", armor(&public, CLIP_NAMESPACE, [0; 64])),
        ],
    )
}

/// Each is signed over what it says, so that nothing but the named fault can refuse it.
fn intent() -> Value {
    let good = String::from_utf8(wipe_intent().bytes()).unwrap();
    let edit = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    let texts = [
        ("another version", edit("\"version\":1", "\"version\":2")),
        ("unknown key", edit("\"version\":1", "\"version\":1,\"w\":1")),
        ("no bay", edit("\"bay\":\"bay-1\",", "")),
        (
            "keys out of order",
            edit("\"bay\":\"bay-1\",\"clip\":19", "\"clip\":19,\"bay\":\"bay-1\""),
        ),
        ("space between", edit("\"clip\":19", "\"clip\": 19")),
        ("line feed at the end", format!("{good}\n")),
        ("name in uppercase", edit("d6b4", "D6B4")),
        ("name of half a byte", edit("d6b4", "d6b")),
        ("no name", edit(&wipe_intent().name_hex, "")),
        ("size below nothing", edit("\"size\":28", "\"size\":-28")),
        ("size as text", edit("\"size\":28", "\"size\":\"28\"")),
        ("digest in uppercase", edit("\"sha256\":\"", "\"sha256\":\"A")),
        ("not an object", "[]".to_owned()),
    ];
    let sign = |words: &str, text: &str| {
        hex::encode(log_signing().sign(&[words.as_bytes(), text.as_bytes()].concat()).to_bytes())
    };
    const WORDS: &str = "sealdock wipe intent v1\n";
    let case = |wrong: &str, text: &str, signature: String, now: u64| json!({ "wrong": wrong, "intent": text, "signature": signature, "now_ms": now });
    let mut cases: Vec<Value> =
        texts.iter().map(|(wrong, text)| case(wrong, text, sign(WORDS, text), NOW_MS)).collect();
    let other = evidence_signing().sign(&wipe_intent().signing_bytes()).to_bytes();
    cases.push(case("signed with the other key", &good, hex::encode(other), NOW_MS));
    cases.push(case("signed without the words before it", &good, sign("", &good), NOW_MS));
    cases.push(case("expired", &good, sign(WORDS, &good), NOW_MS + 60_000));
    cases.push(case("lives too long", &good, sign(WORDS, &good), NOW_MS - 1));
    json!({ "what": "intents that are worth nothing at `now_ms`", "cases": cases })
}
