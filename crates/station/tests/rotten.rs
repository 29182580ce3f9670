//! The station's stored copy rots while the good original lies on a card: the line stands aside, nothing is
//! wiped, the rest of the card is stored, and the good bytes come back into their place.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::*;
use sealdock_chain::digest::Digest;
use sealdock_core::event::{AsideReason, Event, Verdict};
use sealdock_core::ports::Place;
use sealdock_testkit::{Faults, Mode, clips};

/// So long that its copies are synced by the prover, and not as soon as they are written.
fn long() -> Vec<u8> {
    clips::bytes(3, (2 << 20) + 20_000)
}

fn saved_only(bench: &Bench) {
    let station = bench.open();
    let mut request = officers(&station).unwrap();
    request.wipe_off = true;
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!((report.stored, report.wiped), (1, 0));
}

/// One clip is stored and still on the card; its stored copy rots; another comes onto the card.
fn rotten() -> (Bench, Digest) {
    let bench = Bench::new(Setup::single(), &[(LONG, &long())]);
    saved_only(&bench);
    let sha256 = Digest::of(&long());
    bench.world.vault.rot(&Place::Kept(sha256));
    bench.card.put(MARKED, b"!");
    (bench, sha256)
}

fn damage_entry(bench: &Bench) -> sealdock_core::event::ClipSetAside {
    let mut entries = bench.world.ledger.events().into_iter().filter_map(|event| match event {
        Event::ClipSetAside(aside) => Some(aside),
        _ => None,
    });
    let entry = entries.next().expect("something stands aside");
    assert!(entries.next().is_none(), "once");
    assert_eq!(entry.reason, AsideReason::StoredDamaged);
    entry
}

#[test]
fn a_rotten_stored_copy_holds_its_line_only_and_the_good_bytes_take_its_place() {
    let (bench, sha256) = rotten();
    let bad = bench.world.vault.kept()[&sha256].clone();
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 1), "{report:?}");
    assert_eq!(bench.card.bytes(LONG), Some(long()), "never wiped while its copy was damaged");
    assert_eq!(bench.card.bytes(MARKED), None, "the rest of the card goes its way");
    assert_eq!(bench.world.vault.kept()[&sha256], long(), "the good bytes are kept");
    assert_eq!(
        bench.world.vault.aside()[&Digest::of(&bad)],
        bad,
        "the rotten ones are not deleted"
    );
    let entry = damage_entry(&bench);
    assert!(entry.detail.contains("the stored copy of clip C"), "{}", entry.detail);
    assert_eq!(entry.kept.unwrap().sha256, Digest::of(&bad));
    chain::assert_holds(&bench, "after a rotten copy");
    // The next dock proves everything anew, and then it may go.
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.seen, report.wiped), (Verdict::Done, 1, 1), "{report:?}");
    assert_eq!(asides(&bench), []);
    assert_eq!(bench.rows(&sealdock_core::schema::CLIP).len(), 2, "no clip twice");
}

#[test]
fn a_stored_copy_of_another_length_is_damaged_too() {
    let (bench, sha256) = rotten();
    bench.world.vault.lose(&Place::Kept(sha256));
    bench.world.vault.plant(Place::Kept(sha256), b"cut short");
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 1), "{report:?}");
    assert_eq!(bench.world.vault.kept()[&sha256], long());
    assert_eq!(damage_entry(&bench).kept.unwrap().sha256, Digest::of(b"cut short"));
}

#[test]
fn rot_under_the_same_bytes_with_another_name_is_found_before_anything_rests_on_it() {
    let (bench, sha256) = rotten();
    bench.card.remove(LONG);
    bench.card.put(EMPTY, &long());
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 1), "{report:?}");
    assert_eq!(bench.card.bytes(EMPTY), Some(long()));
    assert_eq!(bench.world.vault.kept()[&sha256], long());
    damage_entry(&bench);
}

#[test]
fn where_the_rotten_file_cannot_be_moved_it_stays_and_the_card_is_not_wiped() {
    let (bench, sha256) = rotten();
    let bad = bench.world.vault.kept()[&sha256].clone();
    bench.world.vault.plant(Place::Aside(Digest::of(&bad)), &bad);
    let report = bench.visit().unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 1), "{report:?}");
    assert_eq!(bench.world.vault.kept()[&sha256], bad, "nothing was replaced");
    assert_eq!(bench.card.bytes(LONG), Some(long()));
    let entry = damage_entry(&bench);
    assert!(entry.detail.contains("was not replaced"), "{}", entry.detail);
}

#[test]
fn a_stop_around_the_move_loses_neither_the_rotten_bytes_nor_the_original() {
    let (bench, _) = rotten();
    let faults = Faults::none();
    bench.dock(&bench.start(&faults).unwrap()).unwrap();
    let log = faults.log();
    let moved = log.iter().position(|call| call == "vault.displace").expect("it is moved");
    let keeps = ["vault.keep", "vault.keep-sync"];
    assert_eq!(log[moved + 1..moved + 3], keeps, "the good bytes follow at once");
    for (at, call) in log.iter().enumerate().skip(moved).take(3) {
        for mode in [Mode::Lost, Mode::Landed] {
            let when = format!("{mode:?} {call}");
            let (bench, sha256) = rotten();
            let bad = bench.world.vault.kept()[&sha256].clone();
            let _ = bench.dock(&bench.start(&Faults::at(at, mode)).unwrap());
            assert_eq!(bench.card.bytes(LONG), Some(long()), "{when}");
            let (kept, aside) = (bench.world.vault.kept(), bench.world.vault.aside());
            assert!(kept.values().chain(aside.values()).any(|bytes| *bytes == bad), "{when}");
            bench.visit().unwrap();
            bench.visit().unwrap();
            assert_eq!(bench.world.vault.kept()[&sha256], long(), "{when}");
            assert_eq!(bench.card.bytes(LONG), None, "{when}: proven anew, it may go");
        }
    }
}
