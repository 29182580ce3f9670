//! Somebody writes into a file after its second reading and before its deletion, and puts its time
//! back: same name, size, file id and file time. Only the change time tells, and it is enough.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::meddled::Meddled;
use common::state::{originals, sound};
use common::*;
use sealdock_chain::digest::Digest;
use sealdock_core::command::Command;
use sealdock_core::event::Verdict;
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_station::dock::DockReport;
use sealdock_testkit::clips;

fn first() -> Vec<u8> {
    clips::bytes(3, 20_000)
}

fn other() -> Vec<u8> {
    clips::bytes(4, 20_000)
}

/// Docks, and `bytes` are in the file just before the first call of this kind.
fn dock_struck(bench: &Bench, call: &'static str, bytes: Vec<u8>) -> DockReport {
    let station = bench.open();
    let card = bench.card.clone();
    let before = card.files()[LONG].clone();
    let strike = move || {
        card.overwrite(LONG, &bytes);
        let now = card.files()[LONG].clone();
        assert_eq!((now.id, now.mtime_ms), (before.id, before.mtime_ms), "it shows nowhere else");
        assert_eq!(now.bytes.len(), before.bytes.len(), "it shows nowhere else");
    };
    let mut recorder = Meddled::new(bench.plug()).before(call, 0, strike);
    let report = station.dock(&officers(&station).unwrap(), &mut recorder).unwrap();
    recorder.assert_all_happened();
    report
}

fn intended(bench: &Bench) -> bool {
    bench.story().contains(&"wipe.intended".to_owned())
}

/// What was put there is still there, what was read first is kept, and the next dock takes the rest.
fn assert_nothing_went(bench: &Bench, report: &DockReport, call: &str, there: &[u8]) {
    assert_eq!((report.verdict, report.wiped), (Verdict::Held, 0), "{call}: {report:?}");
    assert_eq!(bench.card.bytes(LONG).as_deref(), Some(there), "{call}");
    assert!(sound(&bench.world.vault).contains(&Digest::of(&first())), "{call}");
    let again = bench.visit().unwrap();
    assert_eq!((again.verdict, again.wiped), (Verdict::Done, 1), "{call}: {again:?}");
    assert!(sound(&bench.world.vault).contains(&Digest::of(there)), "{call}");
    assert!(originals(&bench.card).is_empty(), "{call}");
    chain::assert_holds(bench, call);
}

#[test]
fn other_bytes_written_after_the_second_reading_are_seen_by_the_gate() {
    let bench = Bench::new(Setup::single(), &[(LONG, &first())]);
    let report = dock_struck(&bench, "look", other());
    assert!(!intended(&bench), "the gate does not leave it to the recorder");
    assert!(report.held[0].1.contains("changed since it was listed"), "{:?}", report.held);
    assert_nothing_went(&bench, &report, "look", &other());
}

#[test]
fn other_bytes_written_after_the_permit_are_seen_at_the_deletion() {
    let bench = Bench::new(Setup::single(), &[(LONG, &first())]);
    let report = dock_struck(&bench, "delete", other());
    assert!(intended(&bench), "the gate was passed: this is the last window");
    let (_, state, reason) = wipes(&bench, report.session).remove(0);
    assert_eq!(state, "failed");
    assert!(reason.unwrap().contains("another one than was listed"));
    assert_nothing_went(&bench, &report, "delete", &other());
}

#[test]
fn a_write_of_the_same_bytes_is_a_change_and_earns_the_proofs_anew() {
    for call in ["look", "delete"] {
        let bench = Bench::new(Setup::single(), &[(LONG, &first())]);
        let report = dock_struck(&bench, call, first());
        assert_nothing_went(&bench, &report, call, &first());
    }
}

#[test]
fn without_a_second_reading_the_change_time_is_looked_at_all_the_same() {
    let waived =
        Setup::policy_with("second_reading = { value = true", "second_reading = { value = false");
    for call in ["look", "delete"] {
        let bench = Bench::new(waived.clone(), &[(LONG, &first())]);
        let report = dock_struck(&bench, call, other());
        assert_nothing_went(&bench, &report, call, &other());
    }
}

/// Docks under `setup`; the unit adopts `text` after the gate asked for the rules.
fn adopted_meanwhile(setup: &Setup, text: &str) -> (Bench, DockReport) {
    let bench = Bench::new(setup.clone(), &[(LONG, &first())]);
    let station = std::sync::Arc::new(bench.open());
    let (adopter, text) = (station.clone(), text.to_owned());
    let adopt = move || {
        let command = Command::AdoptPolicy { text };
        adopter.apply(&operator(), command).unwrap();
    };
    let mut recorder = Meddled::new(bench.plug()).before("look", 0, adopt);
    let report = station.dock(&officers(&station).unwrap(), &mut recorder).unwrap();
    recorder.assert_all_happened();
    (bench, report)
}

#[test]
fn a_policy_adopted_between_gate_and_intent_is_obeyed() {
    let waived = "second_reading = { value = false";
    let waiving = Setup::policy_with("second_reading = { value = true", waived);
    let never =
        DEFAULT_POLICY.replacen("mode = { value = \"auto\"", "mode = { value = \"never\"", 1);
    let order =
        DEFAULT_POLICY.replacen("mode = { value = \"auto\"", "mode = { value = \"operator\"", 1);
    for (setup, text, words) in [
        (&waiving, DEFAULT_POLICY, "asks for a second reading"),
        (&Setup::single(), &never, "never wipes"),
        (&Setup::single(), &order, "clerk's order only"),
    ] {
        let (bench, report) = adopted_meanwhile(setup, text);
        assert_eq!((report.verdict, report.wiped), (Verdict::Held, 0), "{words}: {report:?}");
        assert!(report.held[0].1.contains(words), "{:?}", report.held);
        assert!(!intended(&bench), "{words}");
        assert_eq!(bench.card.bytes(LONG), Some(first()), "{words}");
        chain::assert_holds(&bench, words);
    }
}
