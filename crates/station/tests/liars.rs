//! Media, ledgers and recorders that lie, fail or change under the station's hands: always a refusal
//! to wipe, never a loss, and never "done" over what is not proven.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::meddled::Meddled;
use common::state::{assert_nothing_lost, assert_wipes_were_earned, originals, rest, sound};
use common::*;
use sealdock_chain::digest::Digest;
use sealdock_core::event::Verdict;
use sealdock_core::ports::{Kind, Place};
use sealdock_station::StationError;
use sealdock_station::dock::{DockReport, DockRequest};
use sealdock_testkit::clips;

const LONG_BYTES: usize = 20_000;

fn long() -> Vec<u8> {
    clips::bytes(3, LONG_BYTES)
}

fn one_file(setup: Setup) -> Bench {
    Bench::new(setup, &[(LONG, &long())])
}

fn two_files() -> Bench {
    Bench::new(Setup::single(), &[(LONG, &long()), (MARKED, b"!")])
}

/// Docks with somebody's hand on the card.
fn dock_meddled(
    bench: &Bench,
    meddle: impl FnOnce(Meddled) -> Meddled,
) -> Result<DockReport, StationError> {
    let station = bench.open();
    let mut recorder = meddle(Meddled::new(bench.plug()));
    let report = station.dock(&officers(&station)?, &mut recorder);
    recorder.assert_all_happened();
    report
}

/// The long file is still on the card as it was, nothing is called done, nothing is lost.
fn assert_kept_back(bench: &Bench, report: &DockReport) {
    assert_eq!(report.verdict, Verdict::Held, "{report:?}");
    assert!(report.summary.contains("需要处理"), "{report:?}");
    assert_eq!(bench.card.bytes(LONG), Some(long()));
    chain::assert_holds(bench, "after a refusal");
}

// The vault.

#[test]
fn a_vault_that_reads_back_wrong_once_is_written_again_and_all_is_well() {
    let bench = one_file(Setup::single());
    bench.world.vault.lie_on_read_back(1);
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1));
    assert_eq!(bench.world.vault.kept()[&Digest::of(&long())], long());
}

#[test]
fn a_vault_that_always_reads_back_wrong_gets_no_custody_and_nothing_is_wiped() {
    let bench = one_file(Setup::single());
    bench.world.vault.lie_on_read_back(u32::MAX);
    for _ in 0..2 {
        let report = bench.visit().unwrap();
        assert_kept_back(&bench, &report);
    }
    assert_eq!(asides(&bench)[0].1, "store-mismatch");
    assert!(rest(&bench).clips.is_empty() && bench.world.vault.kept().is_empty());
}

#[test]
fn a_clip_that_rots_in_the_vault_after_custody_is_noticed_when_its_file_is_docked_again() {
    let bench = one_file(Setup::single());
    let station = bench.open();
    let request = DockRequest { wipe_off: true, ..officers(&station).unwrap() };
    bench.dock_as(&station, &request).unwrap();
    bench.world.vault.rot(&Place::Kept(Digest::of(&long())));
    let report = bench.dock(&station).unwrap();
    assert_kept_back(&bench, &report);
    assert!(report.held[0].1.contains("check --deep"), "{report:?}");
    assert_eq!(bench.card.bytes(LONG), Some(long()));
    assert!(!bench.story().contains(&"wipe.intended".to_owned()));
}

#[test]
fn a_clip_that_rots_right_after_it_was_kept_gets_no_second_copy_and_is_not_wiped() {
    let bench = one_file(Setup::mirrored());
    bench.world.vault.lie_after_keep(1);
    let report = bench.visit().unwrap();
    assert_kept_back(&bench, &report);
}

#[test]
fn a_mirror_that_rots_right_after_keeping_counts_as_no_copy() {
    let bench = one_file(Setup::mirrored());
    bench.world.mirror.lie_after_keep(1);
    let report = bench.visit().unwrap();
    assert_kept_back(&bench, &report);
    assert!(report.held[0].1.contains("one copy only"), "{:?}", report.held);
}

#[test]
fn a_file_of_other_bytes_under_a_clips_name_is_never_taken_for_the_clip() {
    let bench = one_file(Setup::single());
    bench.world.vault.plant(Place::Kept(Digest::of(&long())), b"not the clip");
    let report = bench.visit().unwrap();
    assert_kept_back(&bench, &report);
    assert_eq!(asides(&bench)[0].1, "stored-damaged");
    assert!(rest(&bench).clips.is_empty());
}

#[test]
fn a_full_vault_sets_aside_what_does_not_fit_and_takes_the_rest() {
    let cases: [fn(&Bench); 2] = [
        |bench| bench.world.vault.limit_bytes(10_000),
        |bench| bench.world.vault.lie_full_after(1_000),
    ];
    for (n, fill) in cases.into_iter().enumerate() {
        let bench = two_files();
        fill(&bench);
        let report = bench.visit().unwrap();
        assert_kept_back(&bench, &report);
        assert_eq!((report.stored, report.wiped), (1, 1), "case {n}: the small one fits");
        assert_eq!(asides(&bench)[0].1, "no-space", "case {n}");
        bench.world.vault.limit_bytes(u64::MAX);
        bench.world.vault.lie_full_after(u64::MAX);
        let report = bench.visit().unwrap();
        assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "case {n}");
        assert_eq!(asides(&bench), [], "case {n}: the record of it is settled");
    }
}

#[test]
fn a_vault_without_inodes_takes_nothing_and_everything_stays_on_the_recorder() {
    let bench = two_files();
    bench.world.vault.limit_inodes(0);
    let report = bench.visit().unwrap();
    assert_kept_back(&bench, &report);
    assert_eq!((report.stored, report.aside), (0, 2));
    bench.world.vault.limit_inodes(100);
    assert_eq!(bench.visit().unwrap().verdict, Verdict::Done);
}

// The ledger.

#[test]
fn a_ledger_that_forgets_or_garbles_the_custody_entry_stops_the_station_before_any_wipe() {
    let lies: [fn(&sealdock_testkit::LedgerDisk); 2] =
        [|disk| disk.forgets(1), |disk| disk.garbles(1)];
    for lie in lies {
        let bench = one_file(Setup::single());
        let disk = bench.world.ledger.clone();
        let error = dock_meddled(&bench, |r| r.before("open", 0, move || lie(&disk))).unwrap_err();
        assert!(error.is_fatal() && error.kind() == Kind::Damaged, "{error}");
        assert_eq!(bench.card.bytes(LONG), Some(long()));
    }
}

#[test]
fn a_ledger_that_forgets_or_garbles_the_intent_stops_the_station_before_the_first_deletion() {
    let lies: [fn(&sealdock_testkit::LedgerDisk); 2] =
        [|disk| disk.forgets(1), |disk| disk.garbles(1)];
    for lie in lies {
        let bench = one_file(Setup::single());
        let disk = bench.world.ledger.clone();
        let error = dock_meddled(&bench, |r| r.before("look", 0, move || lie(&disk))).unwrap_err();
        assert!(error.is_fatal() && error.kind() == Kind::Damaged, "{error}");
        assert_eq!(bench.card.bytes(LONG), Some(long()));
    }
}

// The recorder.

#[test]
fn a_file_whose_second_reading_differs_is_never_wiped_and_its_first_reading_is_kept() {
    let bench = one_file(Setup::single());
    bench.card.unstable(LONG);
    for _ in 0..3 {
        let report = bench.visit().unwrap();
        assert_kept_back(&bench, &report);
    }
    let reasons: Vec<String> = asides(&bench).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, ["unstable"], "the newest record of it; earlier ones are settled by it");
    assert!(!bench.story().contains(&"wipe.intended".to_owned()));
    assert_eq!(bench.world.vault.kept()[&Digest::of(&long())], long());
    bench.card.heal();
    assert_eq!(bench.visit().unwrap().verdict, Verdict::Done);
    assert_eq!(rest(&bench).clips.len(), 1, "it was one clip all along");
}

#[test]
fn a_recorder_that_says_deleted_and_keeps_the_file_is_never_called_done() {
    let bench = two_files();
    bench.card.stuck(LONG);
    let report = bench.visit().unwrap();
    assert_kept_back(&bench, &report);
    assert_eq!(report.wiped, 1, "the other one did go");
    let states: Vec<String> = wipes(&bench, report.session).into_iter().map(|w| w.1).collect();
    assert_eq!(states, ["failed", "wiped"]);
    assert!(report.held[0].1.contains("still shows it"), "{:?}", report.held);
}

#[test]
fn a_recorder_that_cannot_be_read_cold_is_not_wiped() {
    let bench = one_file(Setup::single());
    bench.card.never_cold();
    let report = bench.visit().unwrap();
    assert_kept_back(&bench, &report);
    assert!(!bench.story().contains(&"wipe.intended".to_owned()));
    assert_eq!(sound(&bench.world.vault).len(), 1, "it is stored all the same");
}

#[test]
fn a_read_only_recorder_keeps_its_file_and_the_wipe_is_recorded_as_failed() {
    let set: [fn(&Bench); 2] = [|b| b.card.read_only_at_delete(), |b| b.card.set_read_only(true)];
    for set in set {
        let bench = one_file(Setup::single());
        set(&bench);
        let report = bench.visit().unwrap();
        assert_kept_back(&bench, &report);
        let (_, state, reason) = wipes(&bench, report.session).remove(0);
        assert_eq!(state, "failed");
        assert!(reason.unwrap().contains("read-only"));
    }
}

#[test]
fn a_file_that_appears_after_the_listing_is_untouched_and_not_done() {
    let bench = one_file(Setup::single());
    bench.card.appears_after_list(b"DCIM/new.mp4", b"new footage");
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Held, 1), "{report:?}");
    assert!(report.summary.contains("appeared"), "{report:?}");
    assert_eq!(bench.card.bytes(b"DCIM/new.mp4").unwrap(), b"new footage");
    assert_eq!(bench.visit().unwrap().verdict, Verdict::Done);
    assert!(sound(&bench.world.vault).contains(&Digest::of(b"new footage")));
}

#[test]
fn a_file_replaced_between_copy_and_wipe_is_untouched() {
    let others = [clips::bytes(4, LONG_BYTES), clips::bytes(4, LONG_BYTES - 1), long()];
    for call in ["make-cold", "look", "delete"] {
        for other in &others {
            let bench = one_file(Setup::single());
            let (card, put) = (bench.card.clone(), other.clone());
            let report =
                dock_meddled(&bench, |r| r.before(call, 0, move || card.put(LONG, &put))).unwrap();
            assert_eq!((report.verdict, report.wiped), (Verdict::Held, 0), "{call}: {report:?}");
            assert_eq!(bench.card.bytes(LONG).as_ref(), Some(other), "{call}");
            // The recorder would refuse, too; the gate must not leave it to the recorder.
            let intended = bench.story().contains(&"wipe.intended".to_owned());
            assert_eq!(intended, call == "delete", "{call}: the gate saw the change");
            assert!(sound(&bench.world.vault).contains(&Digest::of(&long())), "{call}");
            let again = bench.visit().unwrap();
            assert_eq!((again.verdict, again.wiped), (Verdict::Done, 1), "{call}: {again:?}");
            assert!(sound(&bench.world.vault).contains(&Digest::of(other)), "{call}");
        }
    }
}

#[test]
fn a_file_that_is_put_back_after_its_deletion_is_seen_and_not_done() {
    let bench = one_file(Setup::single());
    let card = bench.card.clone();
    let report =
        dock_meddled(&bench, |r| r.before("list", 1, move || card.put(LONG, b"again"))).unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Held, 0), "{report:?}");
    assert_eq!(bench.card.bytes(LONG).unwrap(), b"again");
    assert!(sound(&bench.world.vault).contains(&Digest::of(&long())));
}

#[test]
fn a_file_that_grows_while_it_is_read_is_set_aside_and_taken_whole_later() {
    let bench = one_file(Setup::single());
    bench.card.growing(LONG);
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored), (Verdict::Held, 0), "{report:?}");
    assert_eq!(asides(&bench)[0].1, "growing");
    bench.card.heal();
    let grown = bench.card.bytes(LONG).unwrap();
    assert!(grown.len() > LONG_BYTES);
    assert_eq!(bench.visit().unwrap().verdict, Verdict::Done);
    assert_eq!(bench.world.vault.kept()[&Digest::of(&grown)], grown);
    assert_eq!(asides(&bench), []);
}

#[test]
fn a_file_that_is_cut_short_while_it_is_read_is_set_aside_as_truncated() {
    let bench = one_file(Setup::single());
    let card = bench.card.clone();
    let report =
        dock_meddled(&bench, |r| r.before("read-at", 0, move || card.put(LONG, &long()[..5_000])))
            .unwrap();
    assert_eq!((report.verdict, report.stored), (Verdict::Held, 0), "{report:?}");
    assert_eq!(asides(&bench)[0].1, "truncated");
    assert_eq!(bench.card.bytes(LONG).unwrap().len(), 5_000);
}

#[test]
fn a_place_that_fails_to_read_once_is_read_again_and_the_clip_is_whole() {
    for reading in [0, 1] {
        let bench = one_file(Setup::single());
        let card = bench.card.clone();
        let report = dock_meddled(&bench, |r| {
            r.before("open", reading, move || card.bad_sector(LONG, 9_000, false))
        })
        .unwrap();
        assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{report:?}");
        assert_eq!(bench.world.vault.kept()[&Digest::of(&long())], long());
    }
}

/// Places that cannot be read, and the holes that are to be told.
#[test]
fn unreadable_places_become_zeroes_that_the_hole_map_names_and_the_rest_is_saved() {
    const TAIL: u64 = LONG_BYTES as u64 - 16_384;
    type Case = (&'static [u64], &'static [(u64, u64)]);
    let cases: [Case; 5] = [
        (&[9_000], &[(8_192, 4_096)]),
        (&[0], &[(0, 4_096)]),
        (&[19_999], &[(16_384, TAIL)]),
        (&[0, 12_288], &[(0, 4_096), (12_288, 4_096)]),
        // A dead region is left in growing steps: what lies behind it may go with it.
        (&[4_096, 8_192], &[(4_096, 12_288)]),
    ];
    for (bad, expected) in cases {
        let bench = two_files();
        for offset in bad {
            bench.card.bad_sector(LONG, *offset, true);
        }
        let report = bench.visit().unwrap();
        assert_kept_back(&bench, &report);
        assert_eq!(report.wiped, 1, "the other file goes its way");
        let kept = partial(&bench);
        assert_eq!(kept.holes, expected, "{bad:?}");
        assert_eq!(kept.bytes_missing, expected.iter().map(|(_, length)| length).sum::<u64>());
        let mut with_holes = long();
        for (start, length) in expected {
            with_holes[*start as usize..(start + length) as usize].fill(0);
        }
        assert_eq!(bench.world.vault.aside()[&kept.sha256], with_holes, "{bad:?}");
        assert!(!rest(&bench).clips.iter().any(|clip| clip.2 == LONG_BYTES as i64));
    }
}

fn partial(bench: &Bench) -> sealdock_core::event::AsideKept {
    use sealdock_core::event::{AsideReason, Event};
    let aside = bench.world.ledger.events().into_iter().find_map(|event| match event {
        Event::ClipSetAside(aside) => Some(aside),
        _ => None,
    });
    let aside = aside.expect("something stands aside");
    assert_eq!(aside.reason, AsideReason::Partial);
    aside.kept.expect("what could be read is kept")
}

#[test]
fn another_file_under_the_name_of_a_partial_clip_does_not_settle_the_record_of_it() {
    let bench = one_file(Setup::single());
    bench.card.bad_sector(LONG, 9_000, true);
    bench.visit().unwrap();
    bench.card.heal();
    bench.card.put(LONG, b"a later recording");
    assert_eq!(bench.visit().unwrap().verdict, Verdict::Done);
    assert_eq!(asides(&bench)[0].1, "partial", "it was never read whole");
    // The same file, readable again, does settle it.
    let bench = one_file(Setup::single());
    bench.card.bad_sector(LONG, 9_000, true);
    bench.visit().unwrap();
    bench.card.heal();
    assert_eq!(bench.visit().unwrap().verdict, Verdict::Done);
    assert_eq!(asides(&bench), []);
}

#[test]
fn a_partial_clip_that_does_not_fit_either_stands_aside_and_the_others_go_on() {
    let bench = two_files();
    bench.card.bad_sector(LONG, 9_000, true);
    bench.world.vault.lie_full_after(5_000);
    let report = bench.visit().unwrap();
    assert_kept_back(&bench, &report);
    assert_eq!((report.stored, report.wiped), (1, 1));
    assert_eq!(asides(&bench)[0].1, "no-space");
}

#[test]
fn a_file_that_vanishes_is_never_missed_silently() {
    // Before it was read: nothing of it could be stored, and the record says so.
    let bench = two_files();
    bench.card.vanishes_after_list(LONG);
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 1));
    assert_eq!(asides(&bench)[0].1, "vanished");
    // In the middle of the copy. The marked file is read first.
    let bench = two_files();
    let card = bench.card.clone();
    let report =
        dock_meddled(&bench, |r| r.before("read-at", 1, move || card.remove(LONG))).unwrap();
    assert_eq!((report.verdict, report.stored), (Verdict::Held, 1));
    assert_eq!(asides(&bench)[0].1, "vanished");
    // In the middle of the second reading: it is in the vault and the record does not call it wiped.
    let bench = one_file(Setup::single());
    let card = bench.card.clone();
    let report =
        dock_meddled(&bench, |r| r.before("read-at", 1, move || card.remove(LONG))).unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 0));
    assert_eq!(asides(&bench)[0].1, "vanished", "gone is not the same as unstable");
    assert!(sound(&bench.world.vault).contains(&Digest::of(&long())));
    // Between the intent and the deletion: it is in the vault, and gone from a fresh listing.
    let bench = one_file(Setup::single());
    let before = originals(&bench.card);
    let card = bench.card.clone();
    let report =
        dock_meddled(&bench, |r| r.before("delete", 0, move || card.remove(LONG))).unwrap();
    assert_eq!(report.verdict, Verdict::Done);
    assert_nothing_lost(&bench, &before, "vanished before its deletion");
    assert_wipes_were_earned(&bench, &before, "vanished before its deletion");
}

#[test]
fn a_recorder_swapped_in_the_bay_is_not_wiped_under_the_proofs_of_the_other() {
    for call in ["look", "delete", "flush"] {
        let bench = one_file(Setup::single());
        let card = bench.card.clone();
        let report = dock_meddled(&bench, |r| {
            r.before(call, 0, move || drop(card.dock(&sealdock_testkit::Faults::none())))
        })
        .unwrap();
        assert_eq!(report.verdict, Verdict::Interrupted, "{call}: {report:?}");
        assert_eq!(bench.card.bytes(LONG), Some(long()), "{call}");
        assert_eq!(bench.visit().unwrap().verdict, Verdict::Done, "{call}");
    }
}

#[test]
fn what_is_no_file_is_seen_and_never_followed() {
    use sealdock_core::listing::LineKind;
    let bench = one_file(Setup::single());
    let odd = [LineKind::Symlink, LineKind::Fifo, LineKind::Socket, LineKind::Device];
    for kind in odd {
        bench.card.put_odd(format!("DCIM/{kind:?}").as_bytes(), kind);
    }
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.wiped, report.aside), (Verdict::Held, 1, 4));
    assert!(asides(&bench).iter().all(|(_, reason)| reason == "not-a-file"));
    assert_eq!(originals(&bench.card).len(), 4);
}

#[test]
fn a_file_that_claims_to_be_larger_than_any_card_is_set_aside_and_the_others_go_on() {
    for size in [u64::MAX, 1 << 53, (1 << 42) + 1] {
        let bench = two_files();
        let report = dock_meddled(&bench, |r| r.claims_size(LONG, size)).unwrap();
        assert_kept_back(&bench, &report);
        assert_eq!((report.stored, report.wiped), (1, 1), "{size}");
        assert_eq!(asides(&bench)[0].1, "unreadable", "{size}");
    }
}

#[test]
fn a_folder_that_cannot_be_read_any_more_does_not_prove_that_its_files_are_gone() {
    // After the deletion: no word on it until the folder can be read again.
    let bench = one_file(Setup::single());
    bench.card.stuck(LONG);
    let report = dock_meddled(&bench, |r| r.folder_fails(1, b"DCIM")).unwrap();
    assert_kept_back(&bench, &report);
    assert_eq!((wipes(&bench, report.session)[0].1.as_str(), report.wiped), ("intended", 0));
    // At the next dock, too.
    let report = dock_meddled(&bench, |r| r.folder_fails(0, b"DCIM")).unwrap();
    assert_kept_back(&bench, &report);
    assert_eq!(rest(&bench).unsettled, 1);
    bench.card.heal();
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{report:?}");
    assert_eq!(rest(&bench).unsettled, 0);
}
