//! The 914 edge cases of Ed25519 (`fixtures/ed25519`), through our verifier and the page's.

use crate::judges::{Answer, page_asked, question};
use sealdock_chain::ed25519;
use serde_json::Value;

/// What verifiers disagree about. Components of small order that cancel out are no fault.
const FAULTS: [&str; 6] = [
    "low_order_A",
    "low_order_R",
    "low_order_residue",
    "non_canonical_A",
    "non_canonical_R",
    "reencoded_k",
];

fn bytes(value: &Value) -> Vec<u8> {
    let hex = value.as_str().unwrap();
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// A strict verifier accepts exactly what has no fault that verifiers disagree about.
#[test]
fn the_914_edge_cases_of_ed25519_are_judged_alike_and_strictly() {
    let text = include_str!("../../../../fixtures/ed25519/vectors.json");
    let vectors: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(vectors.len(), 914);
    let fields = |vector: &Value| {
        [bytes(&vector["key"]), vector["msg"].as_str().unwrap().into(), bytes(&vector["sig"])]
    };
    let questions: Vec<String> =
        vectors.iter().map(|vector| question("signature", &fields(vector))).collect();
    let mut accepted = 0;
    for (vector, page) in vectors.iter().zip(page_asked(&questions)) {
        let [key, message, signature] = fields(vector);
        let (key, signature) = (key.try_into().unwrap(), signature.try_into().unwrap());
        let ours = ed25519::verify(&key, &message, &signature);
        let flags = vector["flags"].as_array().map_or(&[][..], Vec::as_slice);
        let sound = !flags.iter().any(|flag| FAULTS.contains(&flag.as_str().unwrap()));
        assert_eq!(ours.is_ok(), sound, "ours, {vector}");
        assert_eq!(matches!(page, Answer::Accept(_)), sound, "the page's, {vector}");
        accepted += usize::from(sound);
    }
    assert_eq!(accepted, 43);
}
