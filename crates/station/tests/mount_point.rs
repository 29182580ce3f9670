//! The empty mount point of a card that was pulled is a folder where the card was a volume: what is
//! missing there was not wiped, and only a medium of the same kind settles an open intent.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::meddled::Meddled;
use common::state::originals;
use common::*;
use sealdock_core::event::Verdict;
use sealdock_core::id::SessionId;
use sealdock_station::dock::DockReport;
use sealdock_testkit::{Faults, SimCard};

const VOLUME: &str = "volume exfat 8:17 /dev/sdb1 64000000000 bytes";
/// The same card in another reader.
const VOLUME_ELSEWHERE: &str = "volume exfat 8:33 /dev/sdc1 64000000000 bytes";
const FOLDER: &str = "folder on ext4 8:1 /dev/sda1 250000000000 bytes";

fn dock(bench: &Bench, card: &SimCard, fingerprint: &str) -> DockReport {
    let station = bench.open();
    let mut recorder = Meddled::new(card.dock(&Faults::none())).says_it_is(fingerprint);
    station.dock(&officers(&station).unwrap(), &mut recorder).unwrap()
}

/// A card of this kind, pulled between the intent and the deletion.
fn pulled(fingerprint: &str) -> (Bench, SessionId) {
    let bench = Bench::new(Setup::single(), &[(LONG, b"footage")]);
    let card = bench.card.clone();
    let station = bench.open();
    let mut recorder =
        Meddled::new(bench.plug()).says_it_is(fingerprint).before("delete", 0, move || card.yank());
    let report = station.dock(&officers(&station).unwrap(), &mut recorder).unwrap();
    recorder.assert_all_happened();
    assert_eq!(report.verdict, Verdict::Interrupted, "{report:?}");
    assert_eq!(state(&bench, report.session), "intended");
    drop(station);
    (bench, report.session)
}

fn state(bench: &Bench, session: SessionId) -> String {
    wipes(bench, session).remove(0).1
}

#[test]
fn an_empty_place_of_another_kind_does_not_show_that_a_file_was_wiped() {
    for (then, now) in [(VOLUME, FOLDER), (FOLDER, VOLUME)] {
        let (bench, session) = pulled(then);
        dock(&bench, &SimCard::new("empty", &[]), now);
        assert_eq!(state(&bench, session), "intended", "{then}, then {now}");
        let report = dock(&bench, &bench.card, then);
        assert_eq!(state(&bench, session), "failed", "the card itself shows the file");
        assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{report:?}");
        assert!(originals(&bench.card).is_empty());
        chain::assert_holds(&bench, then);
    }
}

#[test]
fn an_empty_place_of_the_same_kind_does() {
    for (then, now) in [(VOLUME, VOLUME), (VOLUME, VOLUME_ELSEWHERE), (FOLDER, FOLDER)] {
        let (bench, session) = pulled(then);
        let report = dock(&bench, &SimCard::new("emptied", &[]), now);
        assert_eq!(state(&bench, session), "wiped", "{then}, then {now}");
        assert_eq!(report.verdict, Verdict::Done, "{report:?}");
    }
}

#[test]
fn a_copy_of_the_file_at_a_place_of_another_kind_settles_nothing_either() {
    let (bench, session) = pulled(VOLUME);
    let copied = SimCard::new("copied", &[(LONG, b"footage")]);
    let report = dock(&bench, &copied, FOLDER);
    assert_eq!((report.seen, report.wiped), (1, 1), "the copy goes its own way: {report:?}");
    assert_eq!(state(&bench, session), "intended");
    assert_eq!(bench.card.bytes(LONG).unwrap(), b"footage");
}
