//! A recorder whose files carry the number of another enrolled officer: somebody docks what is not
//! theirs. It is saved, nobody is credited with it, and nothing of it is wiped.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::state::{originals, sound};
use common::*;
use sealdock_chain::digest::Digest;
use sealdock_core::actor::Role;
use sealdock_core::command::Command;
use sealdock_core::event::Verdict;
use sealdock_core::schema as s;
use sealdock_station::Station;
use sealdock_station::dock::{DockReport, DockRequest};

/// The officer whose number [`LONG`] carries.
const NAMED: &str = "123456";
const NAMELESS: &[u8] = b"DCIM/FILE0001.MP4";

/// A card with a file of [`NAMED`] and one of nobody, and a station where `enrolled` are officers.
fn scene(setup: Setup, enrolled: &[&str]) -> (Bench, Station) {
    let bench = Bench::new(setup, &[(LONG, b"named"), (NAMELESS, b"nameless")]);
    let station = bench.open();
    for officer in enrolled {
        enrol(&station, officer, Role::Officer);
    }
    (bench, station)
}

/// Everything is saved, unassigned, and still on the card; the reason names the officer.
fn assert_held(bench: &Bench, report: &DockReport) {
    assert_eq!((report.verdict, report.wiped), (Verdict::Held, 0), "{report:?}");
    assert_eq!(report.held.len(), 2, "the nameless file, too: {report:?}");
    for (name, why) in &report.held {
        assert!(why.contains("identity conflict"), "{name}: {why}");
        assert!(why.contains("number of officer 123456"), "{name}: {why}");
    }
    assert_eq!(originals(&bench.card).len(), 2);
    for bytes in [&b"named"[..], b"nameless"] {
        assert!(sound(&bench.world.vault).contains(&Digest::of(bytes)));
    }
    for clip in bench.rows(&s::CLIP) {
        assert_eq!((clip.text_opt("recorder"), clip.text_opt("officer")), (None, None));
    }
    assert!(!bench.story().contains(&"wipe.intended".to_owned()));
    chain::assert_holds(bench, "after a conflict");
}

#[test]
fn files_of_another_enrolled_officer_are_saved_unassigned_and_never_wiped() {
    let (bench, station) = scene(Setup::single(), &[NAMED]);
    for stored in [2, 0] {
        let report = bench.dock(&station).unwrap();
        assert_eq!(report.stored, stored, "{report:?}");
        assert_held(&bench, &report);
    }
}

#[test]
fn a_clerks_shift_does_not_cover_files_of_another_officer() {
    let (bench, station) = scene(Setup::clerk_shift(), &[NAMED]);
    station.apply(&clerk(&station), Command::OpenShift).unwrap();
    let request = DockRequest { actor: operator(), ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!(bench.rows(&s::SESSION)[0].text("binding"), "clerk-shift");
    assert_held(&bench, &report);
}

#[test]
fn assigning_the_clips_is_not_enough_and_a_clerks_order_is() {
    let (bench, station) = scene(Setup::single(), &[NAMED]);
    let first = bench.dock(&station).unwrap();
    let command = Command::AssignClips {
        clips: clips_of(&first),
        recorder: recorder(RECORDER),
        officer: person(NAMED),
        reason: "asked both".to_owned(),
    };
    station.apply(&clerk(&station), command).unwrap();
    let second = bench.dock(&station).unwrap();
    assert_eq!((second.verdict, second.wiped), (Verdict::Held, 0), "{second:?}");
    let command = Command::OrderWipe { session: second.session, reason: "seen".to_owned() };
    station.apply(&clerk(&station), command).unwrap();
    let third = bench.dock(&station).unwrap();
    assert_eq!((third.verdict, third.wiped), (Verdict::Done, 2), "{third:?}");
}

#[test]
fn the_officer_whose_number_it_is_and_a_number_of_nobody_are_no_conflict() {
    let (bench, station) = scene(Setup::single(), &[NAMED]);
    let actor = station.authenticate(&person(NAMED), PIN).unwrap();
    let own = DockRequest { officer: Some(person(NAMED)), actor, ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &own).unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 2), "{report:?}");

    let (bench, station) = scene(Setup::single(), &["654321"]);
    let report = bench.dock(&station).unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 2), "{report:?}");
}
