//! What a clerk's signed order answers for, and what it does not.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::{Bench, Setup, clerk, clips_of, officers, operator, person, recorder};
use sealdock_core::command::Command;
use sealdock_core::event::Verdict;
use sealdock_core::id::SessionId;
use sealdock_station::Station;
use sealdock_station::dock::{DockReport, DockRequest};

const CLIP: &[u8] = b"DCIM/FILE0001.MP4";
const MINE: &[u8] = b"DCIM/J800001_12345620260301080000_0001.MP4";
const OTHERS: &[u8] = b"DCIM/J800002_12345620260301080000_0001.MP4";

fn unconfirmed(station: &Station) -> DockRequest {
    DockRequest { unconfirmed: true, actor: operator(), ..officers(station).unwrap() }
}

fn assign(station: &Station, report: &DockReport) {
    let (recorder, officer) = (recorder(common::RECORDER), person(common::OFFICER));
    let reason = "asked both".to_owned();
    let command = Command::AssignClips { clips: clips_of(report), recorder, officer, reason };
    station.apply(&clerk(station), command).unwrap();
}

fn order(station: &Station, session: SessionId) {
    let command = Command::OrderWipe { session, reason: "seen by the clerk".into() };
    station.apply(&clerk(station), command).unwrap();
}

#[test]
fn a_docking_that_nobody_confirmed_wipes_nothing_even_of_clips_that_have_their_owner() {
    let bench = Bench::new(Setup::single(), &[(CLIP, b"footage")]);
    let station = bench.open();
    let kept = DockRequest { wipe_off: true, ..officers(&station).unwrap() };
    assert_eq!(bench.dock_as(&station, &kept).unwrap().verdict, Verdict::Done);
    let report = bench.dock_as(&station, &unconfirmed(&station)).unwrap();
    assert_eq!((report.verdict, report.seen, report.wiped), (Verdict::Held, 1, 0), "{report:?}");
    assert!(report.held[0].1.contains("nobody answers for this docking"), "{:?}", report.held);
    assert!(bench.card.bytes(CLIP).is_some());
    order(&station, report.session);
    let report = bench.dock_as(&station, &unconfirmed(&station)).unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{report:?}");
}

#[test]
fn an_order_alone_does_not_wipe_a_clip_without_owner() {
    let bench = Bench::new(Setup::single(), &[(CLIP, b"footage")]);
    let station = bench.open();
    let report = bench.dock_as(&station, &unconfirmed(&station)).unwrap();
    order(&station, report.session);
    let report = bench.dock_as(&station, &unconfirmed(&station)).unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Held, 0), "{report:?}");
    assert!(report.held[0].1.contains("unassigned"), "{:?}", report.held);
}

#[test]
fn a_card_of_two_recorders_is_wiped_once_a_clerk_assigned_the_clips_and_ordered_it() {
    let bench = Bench::new(Setup::single(), &[(MINE, b"mine"), (OTHERS, b"another's")]);
    let station = bench.open();
    let first = bench.dock(&station).unwrap();
    assert_eq!((first.verdict, first.wiped), (Verdict::Held, 0));
    assign(&station, &first);
    let second = bench.dock(&station).unwrap();
    assert_eq!((second.verdict, second.wiped), (Verdict::Held, 0), "assigning is not enough");
    order(&station, second.session);
    let third = bench.dock(&station).unwrap();
    assert_eq!((third.verdict, third.wiped), (Verdict::Done, 2), "{third:?}");
}

#[test]
fn only_a_clerk_with_their_own_pin_orders_a_wipe() {
    let bench = Bench::new(Setup::single(), &[(CLIP, b"footage")]);
    let station = bench.open();
    let report = bench.dock_as(&station, &unconfirmed(&station)).unwrap();
    let officer = officers(&station).unwrap().actor;
    for (actor, says) in [(operator(), "own PIN"), (officer, "is for a clerk")] {
        let command = Command::OrderWipe { session: report.session, reason: "x".into() };
        let refused = station.apply(&actor, command).unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
    let command = Command::OrderWipe { session: report.session, reason: "  ".into() };
    let refused = station.apply(&clerk(&station), command).unwrap_err().to_string();
    assert!(refused.contains("reason is needed"), "{refused}");
}
