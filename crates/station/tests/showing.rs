//! What of a clip is shown is in the record before it can be made, whatever breaks; the end says what was handed out; and
//! what has lost its right, or was not proven, gives no proof to make a picture with.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::*;
use sealdock_core::access::{self, Command as Do, Level, Shown, Stretch};
use sealdock_core::actor::Role;
use sealdock_core::command::Command;
use sealdock_core::event::Event;
use sealdock_core::id::ClipId;
use sealdock_core::ports::Place;
use sealdock_core::schema as s;
use sealdock_station::Station;
use sealdock_station::viewing::{Showing, Wish};
use sealdock_testkit::faults::Mode;
use sealdock_testkit::{Faults, clips};

const END_MS: u64 = 150_000;

/// Nine MiB: three chunks.
fn bench() -> (Bench, ClipId) {
    let bench = Bench::new(Setup::single(), &[(LONG, &clips::bytes(7, 9 << 20))]);
    let report = bench.visit().unwrap();
    enrol(&bench.open(), "head", Role::UnitHead);
    (bench, clips_of(&report)[0])
}

/// The officer opened their own; nothing was proven yet.
fn opened(station: &Station, clip: ClipId) -> Showing {
    let actor = station.authenticate(&person(OFFICER), PIN).unwrap();
    let wish = Wish { clip, access: None, reason: "to look".to_owned(), matter: None };
    station.show(station.view(&actor, wish).unwrap())
}

fn stretch(from_ms: u64, to_ms: u64) -> Stretch {
    Stretch { from_ms, to_ms }
}

/// What was announced, as the chain has it.
fn announced(bench: &Bench) -> Vec<(Shown, u64, u64)> {
    let station = bench.open();
    let all = 0..bench.story().len() as u64;
    let of = |seq| match station.proven_event(seq).unwrap() {
        Event::Access(access::Event::ViewingServed(e)) => Some((e.shown, e.from_ms, e.to_ms)),
        _ => None,
    };
    all.filter_map(of).collect()
}

fn played(bench: &Bench) -> Vec<Stretch> {
    let station = bench.open();
    let last = bench.story().len() as u64 - 1;
    match station.proven_event(last).unwrap() {
        Event::Access(access::Event::ViewingEnded(e)) => e.played,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stretch_is_in_the_record_before_it_can_be_made_and_no_crash_makes_less_of_it() {
    let (bench, clip) = bench();
    let station = bench.open();
    let showing = opened(&station, clip);
    let why = station.announce(&showing, stretch(0, 2000), END_MS).unwrap_err().to_string();
    assert!(why.contains("was not proven yet"), "{why}");
    let mut heard = Vec::new();
    station.prove_shown(&showing, false, |read, size| heard.push((read, size))).unwrap();
    assert_eq!(heard, [(4 << 20, 9 << 20), (8 << 20, 9 << 20), (9 << 20, 9 << 20)]);
    let minute = |n: u64| (Shown::Played, n * 60_000, (n * 60_000 + 60_000).min(END_MS));
    let proof = station.announce(&showing, stretch(0, 2000), END_MS).unwrap();
    assert_eq!((proof.stretch(), announced(&bench)), (stretch(0, 2000), vec![minute(0)]));
    for from in [2000, 4000, 58_000] {
        station.announce(&showing, stretch(from, from + 2000), END_MS).unwrap();
    }
    assert_eq!(announced(&bench), [minute(0)], "a minute is announced once");
    station.announce(&showing, stretch(148_000, 150_000), END_MS).unwrap();
    station.announce(&showing, stretch(59_000, 61_000), END_MS).unwrap();
    assert_eq!(announced(&bench), [minute(0), minute(2), minute(1)]);
    station.announce_thumbnails(&showing, stretch(0, 0), END_MS).unwrap();
    station.announce_thumbnails(&showing, stretch(75_000, 75_000), END_MS).unwrap();
    assert_eq!(announced(&bench)[3..], [(Shown::Thumbnails, 0, END_MS)]);
    // The daemon was killed here: what was announced stands.
    drop((station, showing));
    assert_eq!(announced(&bench).len(), 4);
    chain::assert_holds(&bench, "after a viewing that a crash ended");
}

#[test]
fn the_end_says_what_was_handed_over_and_nothing_is_handed_over_after_it() {
    let (bench, clip) = bench();
    let station = bench.open();
    let showing = opened(&station, clip);
    station.prove_shown(&showing, false, |_, _| ()).unwrap();
    for (from, to) in [(2000, 4000), (0, 2000), (90_000, 92_000)] {
        station.announce(&showing, stretch(from, to), END_MS).unwrap();
        station.hand_over(&showing, Some(stretch(from, to))).unwrap();
    }
    // Announced and made, but it never left.
    station.announce(&showing, stretch(100_000, 102_000), END_MS).unwrap();
    station.end_showing(&showing, "closed\u{1b}[2J").unwrap();
    assert_eq!(played(&bench), [stretch(0, 4000), stretch(90_000, 92_000)]);
    let before = bench.story().len();
    station.end_showing(&showing, "again").unwrap();
    assert_eq!(bench.story().len(), before, "it ends once");
    assert!(station.hand_over(&showing, Some(stretch(0, 2000))).is_err());
    assert!(station.announce(&showing, stretch(0, 2000), END_MS).is_err());
    assert!(station.still_shown(&showing).is_err());
    chain::assert_holds(&bench, "after a viewing");
}

#[test]
fn what_has_lost_its_right_is_neither_announced_nor_handed_over() {
    let (bench, clip) = bench();
    let station = bench.open();
    let showing = opened(&station, clip);
    station.prove_shown(&showing, false, |_, _| ()).unwrap();
    station.announce(&showing, stretch(0, 2000), END_MS).unwrap();
    let head = station.authenticate(&person("head"), PIN).unwrap();
    let (clips, level) = (vec![clip], Level::StateSecret);
    let secret = Do::SetSecrecy { clips, level, reason: "secret".to_owned() };
    station.apply(&head, Command::Access(secret)).unwrap();
    for refused in [
        station.hand_over(&showing, Some(stretch(0, 2000))),
        station.announce(&showing, stretch(2000, 4000), END_MS).map(drop),
        station.announce_thumbnails(&showing, stretch(0, 0), END_MS).map(drop),
        station.prove_shown(&showing, true, |_, _| ()),
    ] {
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("it ends here") && why.contains("state-secret"), "{why}");
    }
    station.end_showing(&showing, "made secret").unwrap();
    assert_eq!(played(&bench), [], "it was made, and did not leave");
    chain::assert_holds(&bench, "after a right that ended");
}

#[test]
fn a_damaged_file_is_never_proven_wherever_the_damage_is() {
    let (bench, clip) = bench();
    let rows = bench.rows(&s::CLIP);
    let row = rows.iter().find(|row| row.int("seq").unsigned_abs() == clip.0).unwrap();
    bench.world.vault.rot(&Place::Kept(row.text("sha256").parse().unwrap()));
    let station = bench.open();
    let showing = opened(&station, clip);
    let why = station.prove_shown(&showing, false, |_, _| ()).unwrap_err().to_string();
    assert!(why.contains("is not what was taken into custody"), "{why}");
    assert!(station.announce(&showing, stretch(0, 2000), END_MS).is_err());
    assert_eq!(announced(&bench), []);
}

#[test]
fn where_the_entry_cannot_be_written_there_is_no_proof() {
    let (bench, clip) = bench();
    let points = {
        let faults = Faults::none();
        let station = bench.start(&faults).unwrap();
        let showing = opened(&station, clip);
        station.prove_shown(&showing, false, |_, _| ()).unwrap();
        let before = faults.count();
        station.announce(&showing, stretch(0, 2000), END_MS).unwrap();
        before..faults.count()
    };
    assert!(points.len() > 2, "the steps of an announcement can fail: {points:?}");
    let mut failed = 0;
    for point in points {
        let faults = Faults::at(point, Mode::Lost);
        let Ok(station) = bench.start(&faults) else { continue };
        let showing = opened(&station, clip);
        station.prove_shown(&showing, false, |_, _| ()).unwrap();
        let before = announced(&bench).len();
        match station.announce(&showing, stretch(0, 2000), END_MS) {
            Ok(_) => assert_eq!(announced(&bench).len(), before + 1, "a proof without its entry"),
            Err(_) => failed += 1,
        }
    }
    assert!(failed > 0, "no fault was met");
    chain::assert_holds(&bench, "after faults");
}
