//! The chain, walked by a reader who trusts nobody: bytes, links, tree, signed heads, registers.

use super::Bench;
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::{Frontier, leaf_hash};
use sealdock_core::event::{Event, KeyKind};
use sealdock_core::ports::{Finding, Signer};
use sealdock_testkit::world::ORIGIN;
use sealdock_testkit::{Faults, SimSigner};

/// Every entry decodes and links, every head is signed and is the root of its entries, the newest
/// head covers everything, and the registers are what the chain says.
pub fn assert_holds(bench: &Bench, when: &str) {
    assert_eq!(rules_found(bench, when), [], "{when}");
}

/// The same of a chain in which somebody signed what they had no right to; what the walk finds about rights.
pub fn rules_found(bench: &Bench, when: &str) -> Vec<Finding> {
    let ports = bench.world.start(&Faults::none()).unwrap();
    let view = ports.ledger.view().unwrap();
    let size = view.head().unwrap().checkpoint().size;
    let public = SimSigner::open(&bench.world.keys, &Faults::none()).public(KeyKind::Log);
    let key = VerifierKey::new(ORIGIN, public).unwrap();
    let entries = view.entries(0, u32::MAX).unwrap();
    assert_eq!(entries.len() as u64, size, "{when}: the newest head covers every entry");
    let (mut edge, mut prev) = (Frontier::new(), Digest::ZERO);
    let mut heads = view.heads(0, u32::MAX).unwrap().into_iter().peekable();
    for (seq, bytes) in entries.iter().enumerate() {
        let entry = Entry::decode(bytes).unwrap();
        assert_eq!((entry.seq, entry.prev), (seq as u64, prev), "{when}: entry {seq} links");
        serde_json::from_value::<Event>(entry.event).unwrap();
        prev = leaf_hash(bytes);
        edge.push(prev);
        while let Some(head) = heads.next_if(|h| h.checkpoint().size <= seq as u64 + 1) {
            let head = SignedCheckpoint::open(head.note(), &key).unwrap();
            if head.checkpoint().size == seq as u64 + 1 {
                assert_eq!(head.checkpoint().root, edge.root(), "{when}: head of {}", seq + 1);
            }
        }
    }
    assert!(heads.next().is_none(), "{when}: a head is ahead of the chain");
    let report = ports.ledger.verify(false, &mut |_, _| {}).unwrap();
    let (rules, others): (Vec<_>, Vec<_>) =
        report.findings.into_iter().partition(|finding| finding.area == "rules");
    assert_eq!(others, [], "{when}");
    rules
}
