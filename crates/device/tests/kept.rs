//! Volumes that a keeper keeps: what a lost or landed verb leaves, and that nothing is deleted without
//! the looks that every deletion has.
#![allow(clippy::unwrap_used)]

mod common;

use common::keeper::{Fault, KeptCard};
use common::{line, list, read};
use sealdock_core::listing::RawLine;
use sealdock_core::ports::{Kind, PortError, PortResult, Recorder};
use sealdock_device::FolderRecorder;
use sealdock_device::keeper::{NoteBefore, SignedIntent};
use sealdock_profile::{Seen, Volume as SeenVolume, VolumeNotice};
use sealdock_testkit::permit;
use std::sync::Mutex;

const FILES: [(&[u8], &[u8]); 3] =
    [(b"a.mp4", b"first"), (b"d/b.mp4", b"second"), (b"c.txt", b"keep")];

fn card() -> (KeptCard, FolderRecorder) {
    let card = KeptCard::new();
    card.put(&FILES);
    let recorder = FolderRecorder::open(&card.point, card.options()).unwrap();
    (card, recorder)
}

fn wipe(recorder: &mut FolderRecorder, lines: &[RawLine]) -> Vec<PortResult<()>> {
    let permits: Vec<_> = lines.iter().map(|l| permit::earn(&mut *recorder, l).unwrap()).collect();
    permits.into_iter().map(|permit| recorder.delete(permit)).collect()
}

fn names(recorder: &mut dyn Recorder) -> Vec<String> {
    let names = list(recorder).into_iter();
    names.map(|l| String::from_utf8(l.raw_name).unwrap()).filter(|n| n != "lost+found").collect()
}

#[test]
fn a_kept_volume_keeps_the_contract() {
    let cards = Mutex::new(Vec::new());
    sealdock_testkit::suite::recorder(|files| {
        let card = KeptCard::new();
        card.put(files);
        let recorder = Box::new(FolderRecorder::open(&card.point, card.options()).unwrap());
        cards.lock().unwrap().push(card);
        recorder
    });
}

#[test]
fn two_files_go_in_one_act_and_the_card_is_read_only_again() {
    let (card, mut recorder) = card();
    let lines = [line(&mut recorder, b"a.mp4"), line(&mut recorder, b"d/b.mp4")];
    assert_eq!(recorder.make_cold().unwrap(), "remounted");
    assert_eq!(wipe(&mut recorder, &lines), [Ok(()), Ok(())]);
    let while_wiping = recorder.claims().unwrap();
    assert_eq!(while_wiping.epoch, 7, "the recorder is there as long as its keeper answers");
    let error = recorder.look(&lines[0]).unwrap_err();
    assert!(error.message.contains("is being wiped"), "{error}");
    recorder.flush().unwrap();
    assert_eq!(names(&mut recorder), ["c.txt"]);
    assert_eq!(recorder.claims().unwrap(), while_wiping);
    assert_eq!(recorder.make_cold().unwrap(), "remounted");
    assert_eq!(
        card.keeper.verbs(),
        ["open", "cold", "open", "wipe", "wipe", "end", "open", "cold"]
    );
    assert!(std::fs::write(card.point.join("x"), b"").is_err(), "mounted read-only");
}

#[test]
fn a_card_that_could_not_be_made_cold_is_still_there() {
    for fault in [Fault::Lost, Fault::Landed] {
        for verb in ["open", "cold"] {
            let (card, mut recorder) = card();
            card.keeper.fail(verb, fault);
            let error = recorder.make_cold().unwrap_err();
            assert_eq!(error.kind, Kind::Failed, "{verb} {fault:?}");
            assert!(recorder.claims().is_ok(), "{verb} {fault:?}");
            assert_eq!(names(&mut recorder).len(), 3);
            assert_eq!(recorder.make_cold().unwrap(), "remounted", "asked again");
        }
    }
}

#[test]
fn a_file_that_is_being_read_is_no_reason_to_lose_the_card() {
    let (card, mut recorder) = card();
    let a = line(&mut recorder, b"a.mp4");
    let mut source = recorder.open(&a).unwrap();
    let error = recorder.make_cold().unwrap_err();
    assert!(error.message.contains("still being read"), "{error}");
    assert_eq!(read(&mut *source).unwrap(), b"first");
    drop(source);
    assert_eq!(recorder.make_cold().unwrap(), "remounted");
    assert_eq!(card.keeper.verbs(), ["open", "open", "cold"]);
}

#[test]
fn a_deletion_that_was_lost_leaves_the_file_and_the_act_goes_on() {
    for verb in ["open", "wipe"] {
        let (card, mut recorder) = card();
        let lines = [line(&mut recorder, b"a.mp4"), line(&mut recorder, b"d/b.mp4")];
        card.keeper.fail(verb, Fault::Lost);
        let done = wipe(&mut recorder, &lines);
        assert_eq!(done[0].as_ref().unwrap_err().kind, Kind::Failed, "{verb}");
        assert_eq!(done[1], Ok(()), "{verb}");
        assert!(recorder.claims().is_ok());
        recorder.flush().unwrap();
        assert_eq!(names(&mut recorder), ["a.mp4", "c.txt"], "{verb}");
    }
}

#[test]
fn after_a_lost_answer_nothing_more_is_deleted_and_the_recorder_counts_as_gone() {
    let (card, mut recorder) = card();
    let lines = [line(&mut recorder, b"a.mp4"), line(&mut recorder, b"d/b.mp4")];
    card.keeper.fail("wipe", Fault::Landed);
    let done = wipe(&mut recorder, &lines);
    assert_eq!(done[0].as_ref().unwrap_err().kind, Kind::Unknown);
    assert_eq!(done[1].as_ref().unwrap_err().kind, Kind::Failed);
    assert!(recorder.claims().is_err(), "the session ends as interrupted");
    assert!(recorder.flush().is_err());
    assert_eq!(card.keeper.verbs(), ["open", "wipe"]);
    drop(recorder);
    // The next dock: only its listing says what went.
    let mut again = FolderRecorder::open(&card.point, card.options()).unwrap();
    assert_eq!(names(&mut again), ["c.txt", "d/b.mp4"]);
}

#[test]
fn an_end_that_is_not_known_to_be_one_is_an_error() {
    for fault in [Fault::Lost, Fault::Landed] {
        let (card, mut recorder) = card();
        let a = line(&mut recorder, b"a.mp4");
        card.keeper.fail("end", fault);
        assert_eq!(wipe(&mut recorder, &[a]), [Ok(())]);
        assert_eq!(recorder.flush().unwrap_err().kind, Kind::Failed, "{fault:?}");
        drop(recorder);
        let mut again = FolderRecorder::open(&card.point, card.options()).unwrap();
        assert_eq!(names(&mut again), ["c.txt", "d/b.mp4"], "{fault:?}");
    }
}

#[test]
fn another_disk_is_another_recorder() {
    let (card, mut recorder) = card();
    let a = line(&mut recorder, b"a.mp4");
    card.keeper.exchange();
    assert!(recorder.make_cold().unwrap_err().message.contains("another disk"));
    let done = wipe(&mut recorder, std::slice::from_ref(&a));
    assert!(done[0].as_ref().unwrap_err().message.contains("another disk"));
    assert_eq!(names(&mut recorder).len(), 3, "nothing went");
    // What is announced has changed, too: nothing of it is this recorder.
    let sequence = card.announced.disk_sequence + 1;
    card.announce(&VolumeNotice { disk_sequence: sequence, ..card.announced.clone() });
    assert!(FolderRecorder::open(&card.point, card.options()).is_err());
    let mut stale = card.options();
    stale.kept_by.as_mut().unwrap().announced.disk_sequence = sequence;
    let error = FolderRecorder::open(&card.point, stale).unwrap_err();
    assert!(error.message.contains("another disk"), "the kernel knows better: {error}");
    std::fs::remove_file(&card.notice).unwrap();
    let error = FolderRecorder::open(&card.point, card.options()).unwrap_err();
    assert_eq!(error.kind, Kind::Missing, "{error}");
}

#[test]
fn a_file_that_changed_since_it_was_stored_is_not_given_to_the_keeper() {
    let (card, mut recorder) = card();
    let lines = [line(&mut recorder, b"a.mp4"), line(&mut recorder, b"d/b.mp4")];
    let permits = lines.map(|l| permit::earn(&mut recorder, &l).unwrap());
    drop(recorder);
    card.put(&[(b"d/b.mp4", b"SECOND")]);
    let mut recorder = FolderRecorder::open(&card.point, card.options()).unwrap();
    let done = permits.map(|permit| recorder.delete(permit));
    assert_eq!(done[0], Ok(()));
    assert!(done[1].as_ref().unwrap_err().message.contains("another file now"));
    recorder.flush().unwrap();
    assert_eq!(names(&mut recorder), ["c.txt", "d/b.mp4"]);
    assert_eq!(card.keeper.verbs(), ["open", "wipe", "end"]);
}

#[test]
fn the_announcement_speaks_for_the_card() {
    let card = KeptCard::new();
    let seen = Seen {
        vid: 0x4255,
        pid: 1,
        port: "pci-0000:00:04.0-usb-0:1".into(),
        volume: Some(SeenVolume {
            fs: "vfat".into(),
            label: Some("J800001".into()),
            uuid: Some("1234-ABCD".into()),
        }),
        ..Seen::default()
    };
    let mut options = card.options();
    let announced = &mut options.kept_by.as_mut().unwrap().announced;
    (announced.seen, announced.read_only) = (seen, true);
    let claims = FolderRecorder::open(&card.point, options).unwrap().claims().unwrap();
    assert_eq!(claims.label.as_deref(), Some("J800001"));
    assert!(claims.read_only, "its lock switch, not the way it is mounted");
    for part in ["vfat 1234-ABCD 4255:0001 at pci-0000:00:04.0-usb-0:1", "disk "] {
        assert!(claims.fingerprint.contains(part), "{}", claims.fingerprint);
    }
}

#[test]
fn an_empty_mount_point_is_no_empty_card() {
    let card = KeptCard::new();
    common::run("umount", &[card.point.to_str().unwrap()]);
    let error = FolderRecorder::open(&card.point, card.options()).unwrap_err();
    assert!(error.message.starts_with("the recorder was unplugged"), "{error}");
}

/// A note as the test keeper takes it: name and text.
fn note() -> SignedIntent {
    SignedIntent { bytes: b"TIME.TXT 15:30:00".to_vec(), signature: [1; 64], file_bytes: 0 }
}

#[test]
fn a_note_is_written_by_the_keeper_and_the_card_is_the_same_one_afterwards() {
    let (card, mut recorder) = card();
    assert_eq!(recorder.set_clock(|| Ok(note())), Ok(NoteBefore::Absent));
    assert_eq!(std::fs::read(card.point.join("TIME.TXT")).unwrap(), b"15:30:00");
    assert_eq!(recorder.set_clock(|| Ok(note())), Ok(NoteBefore::Earlier));
    assert_eq!(names(&mut recorder), ["TIME.TXT", "a.mp4", "c.txt", "d/b.mp4"]);
    assert_eq!(recorder.claims().unwrap().epoch, 7);
}

#[test]
fn a_note_that_was_lost_refused_or_of_another_disk_is_an_error_and_the_card_is_still_there() {
    let (card, mut recorder) = card();
    card.keeper.fail("clock", Fault::Lost);
    assert_eq!(recorder.set_clock(|| Ok(note())).unwrap_err().kind, Kind::Failed);
    let refused = recorder.set_clock(|| Err(PortError::new(Kind::Invalid, "no clock")));
    assert_eq!(refused.unwrap_err().message, "no clock");
    assert!(!names(&mut recorder).contains(&"TIME.TXT".to_owned()));
    card.keeper.fail("clock", Fault::Landed);
    assert_eq!(recorder.set_clock(|| Ok(note())).unwrap_err().kind, Kind::Unknown);
    assert!(names(&mut recorder).contains(&"TIME.TXT".to_owned()));
    card.keeper.exchange();
    let other = recorder.set_clock(|| panic!("nothing is signed for another disk"));
    assert!(other.unwrap_err().message.contains("unplugged"));
}

#[test]
fn a_folder_that_nobody_keeps_gets_no_note() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = FolderRecorder::open(folder.path(), common::options()).unwrap();
    assert_eq!(recorder.set_clock(|| Ok(note())).unwrap_err().kind, Kind::Invalid);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
