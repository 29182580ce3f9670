//! A recorder is read by the profile that was found for it: what it keeps stays, what its names say is
//! believed; and what it said of itself counts like its file names.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::state::originals;
use common::*;
use sealdock_core::actor::Role;
use sealdock_core::desk::told_last;
use sealdock_core::event::{Event, RecorderTold, Verdict};
use sealdock_core::id::RecorderId;
use sealdock_core::report::custody_of_recorder;
use sealdock_core::schema as s;
use sealdock_core::session::Told;
use sealdock_profile::{Profile, Profiles};
use sealdock_station::Station;
use sealdock_station::dock::{DockReport, DockRequest};
use std::sync::Arc;

const KEEPING: &str = "schema = 1
[profile]
id = 'acme.x1'
title = 'ACME'
sources = ['me']
confidence = 'reported'
[[match]]
state = 'storage'
weight = 40
usb.vid = 0x7777
[wipe]
keep = ['**']
";

/// A built-in profile, and a name that only it understands.
const MODEL: &str = "bodycam.bc-300";
const NAMED: &[u8] = b"DCIM/100/BC_0042_07302017100947_1.MP4";

fn read_by(bench: &Bench, profile: Profile) -> DockReport {
    let station = bench.open();
    let profile = Some(Arc::new(profile));
    let request = DockRequest { profile, ..officers(&station).unwrap() };
    bench.dock_as(&station, &request).unwrap()
}

fn opened_with(bench: &Bench) -> Vec<String> {
    let opened = |event| match event {
        Event::SessionOpened(e) => Some(e.profile),
        _ => None,
    };
    bench.world.ledger.events().into_iter().filter_map(opened).collect()
}

#[test]
fn what_an_owners_profile_keeps_is_stored_and_stays() {
    let bench = Bench::new(Setup::single(), &[(LONG, b"one"), (b"a.mp4", b"two")]);
    let report = read_by(&bench, Profile::parse(KEEPING).unwrap());
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Done, 2, 0), "{report:?}");
    assert_eq!(originals(&bench.card).len(), 2);
    assert!(!bench.story().contains(&"wipe.intended".to_owned()));
    for refusal in bench.rows(&s::WIPE_REFUSAL) {
        assert!(refusal.text("reasons").contains("profile keeps **"), "{refusal:?}");
    }
    assert_eq!(bench.rows(&s::WIPE_REFUSAL).len(), 2);
    assert_eq!(opened_with(&bench), ["acme.x1"]);
    chain::assert_holds(&bench, "after a card that stays");

    let report = bench.visit().unwrap();
    assert_eq!(report.wiped, 2, "by the generic profile they may go: {report:?}");
    assert_eq!(opened_with(&bench), ["acme.x1", "generic.ums"]);
}

#[test]
fn names_and_marks_of_a_built_in_profile_reach_the_clip() {
    let bench = Bench::new(Setup::single(), &[(NAMED, b"footage")]);
    let profile = Profiles::built_in().find(MODEL).unwrap().clone();
    let class = profile.classify(NAMED);
    assert_eq!(class.named_time.as_deref(), Some("2017-07-30T10:09:47"));
    assert_ne!(class, Profile::generic().classify(NAMED), "only this profile knows such names");
    read_by(&bench, profile);
    let clip = &bench.rows(&s::CLIP)[0];
    assert_eq!(clip.text_opt("named_time"), class.named_time.as_deref());
    assert_eq!(opened_with(&bench), [MODEL]);
}

#[test]
fn marks_and_media_of_a_profile_reach_the_clip() {
    let own = "[marked]\nfolders = ['KEY']\n[[media]]\nkind = 'audio'\nglob = ['**/*.xyz']\n";
    let bench = Bench::new(Setup::single(), &[(b"KEY/a.xyz", b"footage")]);
    read_by(&bench, Profile::parse(&format!("{KEEPING}{own}")).unwrap());
    let clip = &bench.rows(&s::CLIP)[0];
    assert_eq!((clip.text("media"), clip.int("marked")), ("audio", 1));
}

fn told(device: Option<&str>, officer: Option<&str>) -> Told {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Told {
        device: text(device),
        officer: text(officer),
        battery_percent: Some(80),
        firmware: Some("1.2".into()),
        source: "unlock".into(),
    }
}

fn dock_told(bench: &Bench, station: &Station, told: Told) -> DockReport {
    dock_said(bench, station, vec![told])
}

fn dock_said(bench: &Bench, station: &Station, told: Vec<Told>) -> DockReport {
    let request = DockRequest { told, ..officers(station).unwrap() };
    bench.dock_as(station, &request).unwrap()
}

#[test]
fn what_it_said_is_in_the_chain_before_its_listing() {
    let bench = Bench::new(Setup::single(), &[(LONG, b"one")]);
    let report = dock_told(&bench, &bench.open(), told(Some(DEVICE), None));
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{report:?}");
    let events = bench.world.ledger.events();
    let at = events.iter().position(|e| matches!(e, Event::RecorderTold(_))).unwrap();
    assert!(matches!(events[at - 1], Event::SessionOpened(_)));
    assert!(matches!(events[at + 1], Event::ListingSigned(_)));
    let expected = RecorderTold {
        session: report.session,
        device: Some(DEVICE.into()),
        officer: None,
        battery_percent: Some(80),
        firmware: Some("1.2".into()),
        source: "unlock".into(),
    };
    assert_eq!(events[at], Event::RecorderTold(expected));
    let row = &bench.rows(&s::RECORDER_TOLD)[0];
    assert_eq!((row.int("seq"), row.int("session")), (at as i64, report.session.0 as i64));
    assert_eq!((row.text_opt("device"), row.text_opt("officer")), (Some(DEVICE), None));
    assert_eq!((row.int("battery_percent"), row.text("firmware")), (80, "1.2"));
    chain::assert_holds(&bench, "after a recorder that said something");
}

#[test]
fn what_it_said_last_is_of_the_recorder_and_in_its_custody() {
    let bench = Bench::new(Setup::single(), &[(LONG, b"one")]);
    let station = bench.open();
    let (first, last) =
        (told(Some(DEVICE), None), Told { battery_percent: Some(7), ..told(None, None) });
    for said in [first, last] {
        dock_told(&bench, &station, said);
    }
    // A docking in which it said nothing takes nothing back.
    bench.dock_as(&station, &officers(&station).unwrap()).unwrap();
    let rows = bench.rows(&s::RECORDER_TOLD);
    let recorder: RecorderId = RECORDER.parse().unwrap();
    let view = station.world().ledger.view().unwrap();
    let found = told_last(&*view, &recorder).unwrap().unwrap();
    assert_eq!((rows.len(), found.int("battery_percent"), &found), (2, 7, &rows[1]));
    let custody = custody_of_recorder(&*view, &recorder).unwrap();
    for row in &rows {
        assert!(custody.entries.contains(&(row.int("seq") as u64)), "{:?}", custody.entries);
    }
    assert_eq!(told_last(&*view, &"R9".parse().unwrap()).unwrap(), None);
}

#[test]
fn numbers_that_it_said_and_that_contradict_are_a_conflict_and_nothing_is_wiped() {
    let log = |device: &str| Told { source: "file".into(), ..told(Some(device), None) };
    for (said, name, why) in [
        (vec![told(Some("J800002"), None)], LONG, "but its files say device J800001"),
        (vec![told(Some("J800002"), None)], b"a.mp4", "enrolled with device J800001"),
        (
            vec![told(Some("R2"), None)],
            b"a.mp4",
            "it said of itself device R2, which is recorder R2",
        ),
        (vec![told(None, Some("officer-2"))], b"a.mp4", "number of officer officer-2"),
        (vec![log("R2")], b"a.mp4", "it said in its log device R2, which is recorder R2"),
        (
            vec![log(DEVICE), told(Some("J800002"), None)],
            b"a.mp4",
            "it said device J800001 in its log, but device J800002 of itself",
        ),
    ] {
        let bench = Bench::new(Setup::single(), &[(name, b"one")]);
        let station = bench.open();
        enrol_recorder(&station, "R2", None);
        enrol(&station, "officer-2", Role::Officer);
        let report = dock_said(&bench, &station, said);
        assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 0), "{why}");
        assert!(report.held[0].1.contains("identity conflict"), "{report:?}");
        assert!(report.held[0].1.contains(why), "{report:?}");
        assert_eq!(originals(&bench.card).len(), 1);
    }
}
