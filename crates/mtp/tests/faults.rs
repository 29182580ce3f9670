//! What a recorder can get wrong over MTP, and what may never follow from it.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_core::block::Block;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::{Kind, Recorder};
use sealdock_testkit::permit;
use sealdock_testkit::source::read_whole;

const STORE_READ_ONLY: u16 = 0x200e;
const ACCESS_DENIED: u16 = 0x200f;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// One clip, listed, with a permit for it.
fn permitted(
    recorder: &mut dyn Recorder,
    name: &str,
) -> (RawLine, sealdock_core::custody::WipePermit) {
    let line = line(recorder, name);
    let permit = permit::earn(recorder, &line).unwrap();
    (line, permit)
}

#[test]
fn a_recorder_that_leaves_while_it_is_read_is_gone() {
    let device = Device::one();
    device.put("DCIM/a.mp4", &vec![7; 3 << 20]);
    let mut recorder = device.dock();
    let line = line(&mut recorder, "DCIM/a.mp4");
    let mut source = recorder.open(&line).unwrap();
    let mut block = Block::new(1 << 20);
    assert_eq!(source.read_at(0, &mut block), Ok(1 << 20));
    device.plan(|plan| plan.is_gone = true);
    let error = source.read_at(1 << 20, &mut block).unwrap_err();
    assert!(error.kind == Kind::Failed && error.message.contains("unplugged"), "{error}");
    assert!(source.unchanged().is_err() && recorder.claims().is_err());
    assert!(recorder.list().is_err(), "a recorder that left is no empty one");
    assert!(recorder.make_cold().is_err() && recorder.flush().is_err());
}

#[test]
fn a_recorder_that_leaves_while_it_is_listed_gives_no_shorter_list() {
    let device = Device::one();
    for n in 0..5 {
        device.put(&format!("DCIM/{n}.mp4"), b"clip");
    }
    let questions = {
        let mut recorder = device.dock();
        device.plan(|plan| plan.asked.clear());
        lines(&mut recorder);
        device.asked(GET_INFO).len() as u32
    };
    assert!(questions >= 6);
    for after in 0..questions {
        let mut recorder = device.dock();
        device.plan(|plan| plan.gone_in = Some(after));
        assert!(recorder.list().is_err(), "gone after {after}");
        device.plan(|plan| (plan.is_gone, plan.gone_in) = (false, None));
    }
}

#[test]
fn an_object_that_changed_is_no_longer_the_one_that_was_listed() {
    let device = Device::one();
    device.put("DCIM/a.mp4", b"first bytes");
    let mut recorder = device.dock();
    let listed = line(&mut recorder, "DCIM/a.mp4");
    let mut source = recorder.open(&listed).unwrap();
    assert_eq!(source.unchanged(), Ok(true));
    device.put("DCIM/a.mp4", b"first bytes and more");
    assert_eq!(source.unchanged(), Ok(false));
    assert!(recorder.open(&listed).is_err(), "another size");
    let refused = recorder.delete(permit::earn_for(&listed, b"first bytes"));
    assert!(refused.is_err() && device.at("DCIM/a.mp4").exists());
    std::fs::remove_file(device.at("DCIM/a.mp4")).unwrap();
    assert_eq!(source.unchanged(), Ok(false), "gone is not unchanged");
    assert_eq!(recorder.look(&listed), Ok(None));
}

#[test]
fn bytes_that_changed_behind_the_same_name_size_and_time_are_found_before_the_deletion() {
    let device = Device::one();
    device.put("DCIM/a.mp4", b"the first bytes");
    let at = device.at("DCIM/a.mp4");
    let time = std::fs::metadata(&at).unwrap().modified().unwrap();
    let mut recorder = device.dock();
    let (listed, permit) = permitted(&mut recorder, "DCIM/a.mp4");
    std::fs::write(&at, b"the other bytes").unwrap();
    std::fs::File::options().write(true).open(&at).unwrap().set_modified(time).unwrap();
    assert_eq!(recorder.look(&listed), Ok(Some(listed.clone())), "nothing but the bytes tells");
    let error = recorder.delete(permit).unwrap_err();
    assert!(error.message.contains("other ones than those in custody"), "{error}");
    assert!(at.exists() && device.asked(DELETE).is_empty());
}

#[test]
fn a_folder_that_was_exchanged_above_an_object_is_seen_before_the_deletion() {
    let device = Device::one();
    device.put("DCIM/100/a.mp4", b"clip");
    let mut recorder = device.dock();
    let (_, permit) = permitted(&mut recorder, "DCIM/100/a.mp4");
    device.plan(|plan| plan.rewrite = vec![(GET_INFO, utf16("DCIM"), utf16("ELSE"))]);
    assert_eq!(recorder.delete(permit).unwrap_err().kind, Kind::Missing);
    assert!(device.asked(DELETE).is_empty());
}

#[test]
fn a_recorder_that_refuses_the_deletion_keeps_the_file_and_says_why() {
    let read_only = Device::new(1, |config| config.storages[0].read_only = true);
    let refuses = |code| {
        let device = Device::one();
        device.plan(|plan| plan.refuse = vec![(DELETE, code)]);
        device
    };
    for (device, kind, claims) in [
        (read_only, Kind::ReadOnly, true),
        (refuses(STORE_READ_ONLY), Kind::ReadOnly, false),
        (refuses(ACCESS_DENIED), Kind::Failed, false),
    ] {
        device.put("a.mp4", b"clip");
        let mut recorder = device.dock();
        assert_eq!(recorder.claims().unwrap().read_only, claims);
        let (listed, permit) = permitted(&mut recorder, "a.mp4");
        let error = recorder.delete(permit).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(device.asked(DELETE).is_empty(), claims, "what says no is not even asked");
        recorder.flush().unwrap();
        assert_eq!(lines(&mut recorder), [listed], "and it goes on");
    }
}

#[test]
fn what_is_protected_or_may_hold_more_than_itself_is_not_even_asked_to_go() {
    for (protection, association, kind) in [(1, 0, Kind::ReadOnly), (0, 1, Kind::Invalid)] {
        let device = Device::one();
        device.put("a.mp4", b"clip");
        device.plan(|plan| {
            plan.instead = vec![(GET_INFO, info("a.mp4", protection, association))];
        });
        let mut recorder = device.dock();
        let (_, permit) = permitted(&mut recorder, "a.mp4");
        let error = recorder.delete(permit).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(device.asked(DELETE).is_empty());
    }
}

#[test]
fn a_deletion_that_was_only_acknowledged_is_said() {
    let device = Device::one();
    device.put("a.mp4", b"clip");
    let mut recorder = device.dock();
    let (listed, permit) = permitted(&mut recorder, "a.mp4");
    device.plan(|plan| plan.refuse = vec![(DELETE, 0x2001)]);
    let error = recorder.delete(permit).unwrap_err();
    assert!(error.message.contains("still shows it"), "{error}");
    assert_eq!(recorder.look(&listed), Ok(Some(listed)));
}

#[test]
fn an_answer_to_a_deletion_that_was_lost_leaves_it_unknown_and_ends_the_conversation() {
    let device = Device::one();
    device.put("a.mp4", b"clip");
    device.put("b.mp4", b"clip");
    let mut recorder = device.dock();
    let (_, first) = permitted(&mut recorder, "a.mp4");
    let (_, second) = permitted(&mut recorder, "b.mp4");
    device.plan(|plan| plan.lose_answer = Some(DELETE));
    let error = recorder.delete(first).unwrap_err();
    assert_eq!(error.kind, Kind::Unknown, "{error}");
    device.plan(|plan| (plan.lose_answer, plan.asked) = (None, Vec::new()));
    assert!(recorder.claims().is_err(), "it counts as gone");
    assert!(recorder.delete(second).is_err() && recorder.list().is_err());
    device.plan(|plan| assert_eq!(plan.asked, [], "nothing more is asked of it"));
    drop(recorder);
    let left = lines(&mut device.dock());
    assert_eq!(left.len(), 1, "what went is for the next dock to say");
}

#[test]
fn numbers_that_stand_for_everything_are_never_listed_as_a_file() {
    let device = Device::one();
    device.put("a.mp4", b"clip");
    let handles = [2u32, 0, u32::MAX].iter().flat_map(|n| n.to_le_bytes()).collect();
    device
        .plan(|plan| plan.instead = vec![(GET_HANDLES, handles), (GET_INFO, info("a.mp4", 0, 0))]);
    let mut recorder = device.dock();
    let found = lines(&mut recorder);
    let odd: Vec<_> = found.iter().filter(|l| l.kind == LineKind::Unreadable).collect();
    assert_eq!((found.len(), odd.len()), (2, 2), "{found:?}");
    for odd in odd {
        let mut as_file = RawLine { kind: LineKind::File, size: 4, ..odd.clone() };
        for id in [0, u64::from(u32::MAX), 0x10001 << 32, u64::MAX] {
            as_file.file_id = id;
            assert!(recorder.delete(permit::earn_for(&as_file, b"clip")).is_err());
        }
    }
    assert!(device.asked(DELETE).is_empty());
}

#[test]
fn a_recorder_that_shows_no_store_is_not_an_empty_one() {
    let device = Device::one();
    device.put("a.mp4", b"clip");
    let mut recorder = device.dock();
    let found = lines(&mut recorder);
    device.plan(|plan| plan.instead = vec![(GET_STORES, 0u32.to_le_bytes().to_vec())]);
    let error = recorder.list().unwrap_err();
    assert!(error.kind == Kind::Missing && error.message.contains("File transfer"), "{error}");
    device.plan(|plan| plan.instead.clear());
    assert_eq!(lines(&mut recorder), found);
}

#[test]
fn a_store_that_is_missing_later_hides_its_files_and_is_another_kind_of_place() {
    let device = Device::new(2, |_| ());
    device.put("a.mp4", b"clip");
    let mut recorder = device.dock();
    let both = recorder.claims().unwrap().fingerprint;
    assert_eq!(lines(&mut recorder).len(), 1);
    let one = [1u32, 0x10002].iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    device.plan(|plan| plan.instead = vec![(GET_STORES, one)]);
    assert!(recorder.list().unwrap_err().message.contains("other stores"));
    let first_word = |text: &str| text.split(' ').next().unwrap().to_owned();
    assert_ne!(first_word(&both), first_word(&recorder.claims().unwrap().fingerprint));
}

#[test]
fn what_gives_no_answer_is_a_line_under_its_folder() {
    let device =
        Device::new(1, |config| config.undescribable_objects = vec!["DCIM/secret.mp4".into()]);
    device.put("DCIM/a.mp4", b"clip");
    device.put("DCIM/secret.mp4", b"clip");
    let mut recorder = device.dock();
    let found = lines(&mut recorder);
    let shown: Vec<_> = found.iter().map(|l| (l.raw_name.as_slice(), l.kind)).collect();
    let folder = format!("{BELOW}DCIM");
    let clip = format!("{BELOW}DCIM/a.mp4");
    let expected = [(folder.as_bytes(), LineKind::Unreadable), (clip.as_bytes(), LineKind::File)];
    assert_eq!(shown, expected);
}

#[test]
fn two_objects_of_one_name_stay_two_and_only_the_permitted_one_goes() {
    let device = Device::one();
    device.put("clip1.mp4", b"one");
    device.put("clip2.mp4", b"two");
    device.plan(|plan| plan.rewrite = vec![(GET_INFO, utf16("clip2"), utf16("clip1"))]);
    let mut recorder = device.dock();
    let found = lines(&mut recorder);
    assert!(found.len() == 2 && found[0].raw_name == found[1].raw_name, "{found:?}");
    assert_ne!(found[0].file_id, found[1].file_id);
    let mut bytes = |line: &RawLine| read_whole(&mut *recorder.open(line).unwrap()).unwrap();
    let two = found.iter().find(|line| bytes(line) == b"two").unwrap().clone();
    assert_eq!(recorder.look(&two), Ok(Some(two.clone())));
    let permit = permit::earn(&mut recorder, &two).unwrap();
    recorder.delete(permit).unwrap();
    assert!(device.at("clip1.mp4").exists() && !device.at("clip2.mp4").exists());
    let left = recorder.look(&two).unwrap().expect("the other one has the name");
    assert_ne!(left, two, "and is not taken for it");
}

#[test]
fn an_object_that_goes_on_after_its_size_is_not_called_unchanged() {
    for partial in [true, false] {
        let device = Device::new(1, |config| {
            config.supports_partial_object_64 = partial;
            config.supports_partial_object = partial;
        });
        device.put("a.mp4", &[7; 5000]);
        let size = |bytes: u32| bytes.to_le_bytes().to_vec();
        device.plan(|plan| plan.rewrite = vec![(GET_INFO, size(5000), size(4000))]);
        let mut recorder = device.dock();
        let line = line(&mut recorder, "a.mp4");
        assert_eq!(line.size, 4000);
        let mut source = recorder.open(&line).unwrap();
        let read = read_whole(&mut *source);
        match partial {
            true => assert_eq!(source.unchanged(), Ok(false)),
            false => assert!(read.unwrap_err().message.contains("more bytes"), "sent whole"),
        }
        assert!(recorder.delete(permit::earn_for(&line, &[7; 4000])).is_err());
        assert!(device.at("a.mp4").exists());
    }
}

#[test]
fn an_answer_without_end_is_cut_and_nothing_more_is_asked() {
    let device = Device::one();
    device.put("a.mp4", b"clip");
    let mut recorder = device.dock();
    let line = line(&mut recorder, "a.mp4");
    let mut source = recorder.open(&line).unwrap();
    device.plan(|plan| plan.instead = vec![(0x95c1, vec![0; 1 << 20])]);
    let error = source.read_at(0, &mut Block::new(4096)).unwrap_err();
    assert!(error.message.contains("more than it was asked for"), "{error}");
    assert!(recorder.claims().is_err());
}

#[test]
fn short_pieces_are_put_together() {
    let device = Device::one();
    let bytes: Vec<u8> = (0..20_000u32).map(|n| n as u8).collect();
    device.put("a.mp4", &bytes);
    let mut recorder = device.dock();
    let line = line(&mut recorder, "a.mp4");
    assert!(mtp_rs::virtual_device::force_partial_read_caps(&device.serial, vec![1, 4095, 13]));
    assert_eq!(read_whole(&mut *recorder.open(&line).unwrap()).unwrap(), bytes);
}

#[test]
fn a_clip_of_more_than_4_gib_is_read_at_its_end_or_set_aside() {
    use std::os::unix::fs::FileExt as _;
    let device = Device::one();
    const SIZE: u64 = (4 << 30) + 4096;
    let file = std::fs::File::create(device.at("a.mp4")).unwrap();
    file.set_len(SIZE).unwrap();
    file.write_all_at(b"the end", SIZE - 7).unwrap();
    let mut recorder = device.dock();
    let listed = line(&mut recorder, "a.mp4");
    assert_eq!(listed.size, SIZE);
    let mut block = Block::new(4096);
    recorder.open(&listed).unwrap().read_at(SIZE - 4096, &mut block).unwrap();
    assert!(block.bytes().ends_with(b"the end"));
    drop(recorder);
    device.plan(|plan| plan.refuse = vec![(GET_OBJECT_PROPERTY, 0xa801)]);
    let odd = line(&mut device.dock(), "a.mp4");
    assert!(odd.kind == LineKind::Unreadable && odd.detail.unwrap().contains("4 GiB"));
}

#[test]
fn reading_two_objects_in_turn_gives_each_its_own_bytes() {
    let device = Device::new(1, |config| {
        config.supports_partial_object_64 = false;
        config.supports_partial_object = false;
    });
    let clip = |seed: u8| (0..300_000u32).map(|n| (n as u8).wrapping_mul(seed)).collect::<Vec<_>>();
    device.put("a.mp4", &clip(3));
    device.put("b.mp4", &clip(5));
    let mut recorder = device.dock();
    let names = ["a.mp4", "b.mp4"];
    let lines = names.map(|name| line(&mut recorder, name));
    let mut sources = lines.each_ref().map(|line| recorder.open(line).unwrap());
    let (mut read, mut block) = ([Vec::new(), Vec::new()], Block::new(65_536));
    for _ in 0..6 {
        for (source, bytes) in sources.iter_mut().zip(&mut read) {
            source.read_at(bytes.len() as u64, &mut block).unwrap();
            bytes.extend_from_slice(block.bytes());
        }
        recorder.claims().unwrap();
    }
    assert!(read == [clip(3), clip(5)], "whatever came between");
}

#[test]
fn what_a_profile_keeps_on_a_card_it_keeps_in_a_store() {
    let device = Device::one();
    for name in ["LOG/2026.bin", "MISC/settings.bin", "notes.txt", "DCIM/a.mp4"] {
        device.put(name, b"bytes");
    }
    let profile = sealdock_profile::Profile::generic();
    let class = |line: &RawLine| profile.classify(&line.raw_name);
    let found = lines(&mut device.dock());
    let kept: Vec<bool> = found.iter().map(|line| class(line).stays.is_some()).collect();
    assert_eq!(kept, [false, true, true, true], "{found:?}");
    assert_eq!(class(&found[0]).media, "video");
    assert!(profile.classify(b"storage-1/LOG/2026.bin").stays.is_none(), "no store's number");
}
