//! The main job when nothing goes wrong: every file in the vault, proven, in the chain, and gone from
//! the recorder; and every policy under which it stays.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::state::{originals, rest, sound};
use common::*;
use sealdock_chain::digest::Digest;
use sealdock_core::command::Command;
use sealdock_core::event::{Event, Verdict};
use sealdock_core::schema as s;
use sealdock_testkit::clips;

fn three_files(setup: Setup) -> Bench {
    let long = clips::bytes(1, 5 << 20);
    Bench::new(setup, &[(EMPTY, b""), (MARKED, b"!"), (LONG, &long)])
}

/// S7: after export the recorder is emptied; S17: of what is proven stored, and of nothing else.
#[test]
fn three_files_are_docked_proven_and_wiped_and_the_vault_holds_their_very_bytes() {
    let bench = three_files(Setup::single());
    let before = originals(&bench.card);
    let report = bench.visit().unwrap();
    assert_eq!(
        (report.verdict, report.lines, report.stored, report.wiped),
        (Verdict::Done, 3, 3, 3)
    );
    assert!(report.summary.contains("可取走") && report.held.is_empty(), "{report:?}");
    assert_eq!(originals(&bench.card).len(), 0);
    let kept = bench.world.vault.kept();
    assert_eq!(kept.len(), 3);
    for bytes in before.values() {
        assert_eq!(kept.get(&Digest::of(bytes)), Some(bytes));
    }
    let after = rest(&bench);
    assert_eq!((after.clips.len(), after.wiped.len(), after.unsettled), (3, 3, 0));
    assert_eq!((after.open_sessions, after.open_asides, after.unsighted.len()), (0, 0, 0));
    assert!(bench.rows(&s::CLIP).iter().all(|row| row.text_opt("described").is_some()));
    chain::assert_holds(&bench, "after the dock");
}

#[test]
fn entries_stand_in_the_order_of_the_safety_argument() {
    let bench = three_files(Setup::single());
    bench.visit().unwrap();
    let story = bench.story();
    let first = |kind: &str| story.iter().position(|k| k == kind).unwrap();
    let last = |kind: &str| story.iter().rposition(|k| k == kind).unwrap();
    let order = [
        "session.opened",
        "listing.signed",
        "clip.stored",
        "wipe.intended",
        "wipe.settled",
        "wipe.certified",
        "session.closed",
        "clip.described",
    ];
    for pair in order.windows(2) {
        assert!(last(pair[0]) < first(pair[1]), "{pair:?} in {story:?}");
    }
}

#[test]
fn a_marked_file_is_read_before_all_others() {
    let bench = three_files(Setup::single());
    let order = first_reads(&bench);
    assert_eq!(order.first().map(Vec::as_slice), Some(MARKED), "names sort it last: {order:?}");
    let clips = bench.rows(&s::CLIP);
    let marked: Vec<&str> =
        clips.iter().filter(|r| r.int("marked") == 1).map(|r| r.text("name")).collect();
    assert_eq!(marked, [std::str::from_utf8(MARKED).unwrap()]);
}

/// Raw names in the order in which the station opened them.
fn first_reads(bench: &Bench) -> Vec<Vec<u8>> {
    let station = bench.open();
    let mut watched = common::meddled::Meddled::new(bench.plug());
    station.dock(&officers(&station).unwrap(), &mut watched).unwrap();
    watched.opened()
}

#[test]
fn an_emptied_recorder_docks_as_done_with_no_lines() {
    let bench = three_files(Setup::single());
    let station = bench.open();
    bench.dock(&station).unwrap();
    let again = bench.dock(&station).unwrap();
    assert_eq!((again.verdict, again.lines, again.stored, again.wiped), (Verdict::Done, 0, 0, 0));
    assert!(again.summary.contains("empty"), "{}", again.summary);
}

#[test]
fn under_the_policy_clerk_shift_the_open_shift_covers_the_dock_and_every_entry_says_so() {
    let bench = three_files(Setup::clerk_shift());
    let station = bench.open();
    station.apply(&clerk(&station), Command::OpenShift).unwrap();
    let request =
        sealdock_station::dock::DockRequest { actor: operator(), ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 3));
    for event in bench.world.ledger.events() {
        if let Event::ClipStored(clip) = event {
            assert_eq!(clip.binding, "clerk-shift");
            assert_eq!(clip.officer, Some(person(OFFICER)));
        }
    }
}

#[test]
fn under_the_policy_clerk_shift_without_a_shift_footage_is_saved_unassigned_and_stays() {
    let bench = three_files(Setup::clerk_shift());
    let station = bench.open();
    let request =
        sealdock_station::dock::DockRequest { actor: operator(), ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 3, 0));
    assert_eq!(originals(&bench.card).len(), 3);
}

#[test]
fn without_the_officers_pin_nothing_is_read() {
    let bench = three_files(Setup::single());
    let station = bench.open();
    let request =
        sealdock_station::dock::DockRequest { actor: operator(), ..officers(&station).unwrap() };
    let refused = bench.dock_as(&station, &request).unwrap_err().to_string();
    assert!(refused.contains("请本人确认") && refused.contains("002/A6-§18"), "{refused}");
    assert_eq!(bench.card.calls(), 1, "only its claims were asked");
}

#[test]
fn a_dock_with_wiping_switched_off_stores_everything_and_leaves_everything() {
    let bench = three_files(Setup::single());
    let before = originals(&bench.card);
    let station = bench.open();
    let request =
        sealdock_station::dock::DockRequest { wipe_off: true, ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Done, 3, 0));
    assert_eq!(originals(&bench.card), before);
    assert!(!bench.story().contains(&"wipe.intended".to_owned()));
    assert_eq!(sound(&bench.world.vault).len(), 3);
    // The next ordinary dock knows them again, takes nothing twice, and wipes.
    let next = bench.dock(&station).unwrap();
    assert_eq!((next.verdict, next.stored, next.seen, next.wiped), (Verdict::Done, 0, 3, 3));
    assert_eq!(rest(&bench).clips.len(), 3);
}

#[test]
fn a_policy_that_never_wipes_is_obeyed() {
    let bench =
        three_files(Setup::policy_with("mode = { value = \"auto\"", "mode = { value = \"never\""));
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Done, 3, 0));
    assert_eq!(originals(&bench.card).len(), 3);
}

#[test]
fn under_the_policy_operator_a_wipe_waits_for_the_clerks_order_and_names_it() {
    let operator = "mode = { value = \"operator\"";
    let bench = three_files(Setup::policy_with("mode = { value = \"auto\"", operator));
    let station = bench.open();
    let first = bench.dock(&station).unwrap();
    assert_eq!((first.verdict, first.stored, first.wiped), (Verdict::Done, 3, 0));
    let reason = "案件已归档".to_owned();
    let order = Command::OrderWipe { session: first.session, reason };
    let by_officer = officers(&station).unwrap().actor;
    let refused = station
        .apply(&by_officer, Command::OrderWipe { session: first.session, reason: "x".into() });
    assert!(refused.unwrap_err().to_string().contains("is for a clerk"));
    let order = station.apply(&clerk(&station), order).unwrap().entries[0].seq;
    let second = bench.dock(&station).unwrap();
    assert_eq!((second.verdict, second.seen, second.wiped), (Verdict::Done, 3, 3));
    for event in bench.world.ledger.events() {
        if let Event::WipeIntended(intent) = event {
            assert_eq!(intent.order, order.to_string());
        }
    }
}

#[test]
fn with_a_mirror_the_wipe_follows_a_second_copy_that_was_read_back() {
    let bench = three_files(Setup::mirrored());
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 3));
    bench.world.power_cut();
    assert_eq!(bench.world.mirror.kept(), bench.world.vault.kept());
    let copies: Vec<String> =
        bench.rows(&s::CLIP).iter().map(|r| r.text("copies").to_owned()).collect();
    assert_eq!(copies, ["vault+mirror"; 3]);
}

#[test]
fn with_the_mirror_absent_footage_is_stored_and_not_wiped_until_it_is_back() {
    let away = Setup { mirror_there: false, ..Setup::mirrored() };
    let mut bench = three_files(away);
    let before = originals(&bench.card);
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 3, 0));
    assert!(report.held.iter().all(|(_, why)| why.contains("one copy only")), "{:?}", report.held);
    assert_eq!(originals(&bench.card), before);
    assert!(bench.world.mirror.kept().is_empty());
    bench.setup.mirror_there = true;
    let again = bench.visit().unwrap();
    assert_eq!((again.verdict, again.seen, again.wiped), (Verdict::Done, 3, 3));
    assert_eq!(bench.world.mirror.kept(), bench.world.vault.kept());
}

#[test]
fn before_the_unit_decides_on_copies_nothing_is_wiped() {
    let bench = three_files(Setup { copies: None, ..Setup::single() });
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 3, 0));
    assert_eq!(originals(&bench.card).len(), 3);
}
