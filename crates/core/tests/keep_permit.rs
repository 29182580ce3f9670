//! Leave to remove comes from an intent that stands proven under a signed head, and from nothing else.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use sealdock_chain::digest::Digest;
use sealdock_chain::note::Checkpoint;
use sealdock_core::event::{Event, ShiftClosed};
use sealdock_core::id::{ClipId, PlanId, ShiftId};
use sealdock_core::keep::{self, Audited, DisposalIntended, DisposalPermit};
use sealdock_core::ports::{Finding, LedgerReport};
use sealdock_testkit::permit::{second_of_two, signed, to_dispose};

fn intent() -> Event {
    keep::Event::DisposalIntended(DisposalIntended {
        clock: None,
        plan: PlanId(3),
        run: 4,
        clips: vec![ClipId(5)],
        sha256: Digest::of(b"content"),
        size: 1234,
        copies: vec!["vault".to_owned()],
        run_clips: 1,
        run_bytes: 1234,
    })
    .into()
}

#[test]
fn a_permit_names_the_content_of_its_intent_and_nothing_else() {
    let (bytes, included, head) = second_of_two(1, intent());
    let permit = DisposalPermit::read_back(&bytes, &included, &head).unwrap();
    assert_eq!((permit.intent(), to_dispose(Digest::ZERO, 1).intent()), (1, 0));
    assert_eq!((permit.sha256(), permit.size()), (Digest::of(b"content"), 1234));
}

#[test]
fn another_entry_another_place_or_another_head_gives_no_permit() {
    let (bytes, included, head) = second_of_two(1, intent());
    let other = Event::ShiftClosed(ShiftClosed { shift: ShiftId(1) });
    let (closed, its_proof, its_head) = second_of_two(1, other);
    assert!(DisposalPermit::read_back(&closed, &its_proof, &its_head).is_none(), "no intent");
    assert!(DisposalPermit::read_back(&bytes, &its_proof, &its_head).is_none(), "not this entry");
    assert!(DisposalPermit::read_back(&bytes, &included, &its_head).is_none(), "another root");
    let Checkpoint { origin, root, .. } = head.checkpoint().clone();
    let longer = signed(Checkpoint { origin, size: 3, root });
    assert!(DisposalPermit::read_back(&bytes, &included, &longer).is_none(), "another size");
    let (elsewhere, included, head) = second_of_two(7, intent());
    assert!(DisposalPermit::read_back(&elsewhere, &included, &head).is_none(), "another number");
}

#[test]
fn only_a_walk_without_a_finding_is_an_audit() {
    let clean = LedgerReport { entries: 7, findings: Vec::new() };
    assert_eq!(Audited::of(&clean).unwrap().entries(), 7);
    let finding = Finding { area: "chain", seq: None, text: "x".to_owned() };
    assert!(Audited::of(&LedgerReport { findings: vec![finding], ..clean }).is_none());
}
