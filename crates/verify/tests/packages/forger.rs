//! What somebody without the station's keys can do, and somebody with keys of their own.

use crate::build::*;
use crate::{is_good, judge, pinned, told, with_key};
use sealdock_chain::Digest;
use sealdock_verify::{Code, Disk, Memory, Trust, Word};
use std::fs;

/// Everything made anew under keys of one's own, with the station's name on it.
#[test]
fn a_history_under_other_keys_is_tampered_for_whoever_has_the_key() {
    let real = package(&usual());
    let forged = package(&Plan { seed: 2, ..usual() });
    let report = judge(&forged.folder, &with_key(real.key())).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::KeyOther]));
    assert_eq!(judge(&forged.folder, &Trust::default()).unwrap().word, Word::Untrusted);
    // The forger puts the real key into the folder: then it signed nothing.
    let mut lying = forged.folder.clone();
    lying.files.insert("keys/log.vkey".into(), format!("{}\n", real.key()).into_bytes());
    assert_eq!(judge(&lying, &with_key(real.key())).unwrap().word, Word::Tampered);
    assert_eq!(judge(&lying, &Trust::default()).unwrap().word, Word::Tampered);
    // A real head held outside contradicts it as well.
    let report = judge(&forged.folder, &pinned(&real, real.sizes.0)).unwrap();
    let parts = told(&report).1.contains(&Code::PinParts);
    assert!(report.word == Word::Tampered && parts, "{report}");
}

/// The station itself writes a second history: sound under its key, and seen by whoever holds the first.
#[test]
fn a_second_history_under_the_right_key_is_seen_only_against_a_pin() {
    let first = package(&usual());
    let second = package(&Plan { clips: vec![b"another clip".to_vec()], ..small() });
    let judged = |trust: &Trust| judge(&second.folder, trust).unwrap().word;
    assert_eq!(judged(&with_key(first.key())), Word::Unanchored);
    assert_eq!(judged(&pinned(&first, second.sizes.0)), Word::Tampered);
    let early = package(&Plan { anchors: vec![5], clips: vec![b"another".to_vec()], ..small() });
    let report = judge(&early.folder, &pinned(&first, 5)).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::PinParts]));
}

/// Replaces a clip and every digest that needs no signature.
fn swap(folder: &mut Memory, depth: usize) {
    let name = data_name(4);
    let old = Digest::of(&folder.files[&name]).to_string();
    folder.files.insert(name, b"another clip".to_vec());
    let new = Digest::of(b"another clip").to_string();
    let mut leaf = vec![0];
    leaf.extend_from_slice(b"another clip");
    let steps: [&dyn Fn(&mut Files); 4] = [
        &|files| replace(files, "manifest-sha256.txt", &old, &new),
        &|files| drop(files.insert("clips/C4/chunks".into(), Digest::of(&leaf).0.to_vec())),
        &|files| {
            let tag = |name: &String| {
                !name.starts_with("data/")
                    && !name.starts_with("handover/")
                    && !name.contains("tagm")
            };
            let tags: Files = files
                .iter()
                .filter(|(name, _)| tag(name))
                .map(|(n, b)| (n.clone(), b.clone()))
                .collect();
            files.insert("tagmanifest-sha256.txt".into(), manifest_of(&tags).into_bytes());
        },
        &|files| replace(files, "handover/completed.json", &old, &new),
    ];
    for step in &steps[..depth] {
        step(&mut folder.files);
    }
}

fn replace(files: &mut Files, name: &str, old: &str, new: &str) {
    let text = String::from_utf8(files[name].clone()).unwrap();
    assert!(text.contains(old));
    files.insert(name.into(), text.replace(old, new).into_bytes());
}

#[test]
fn a_clip_swapped_with_its_digests_is_never_good() {
    let sound = package(&usual());
    for trust in [Trust::default(), with_key(sound.key()), pinned(&sound, sound.sizes.0)] {
        let word = |depth| {
            let mut folder = sound.folder.clone();
            swap(&mut folder, depth);
            judge(&folder, &trust).unwrap().word
        };
        assert_eq!(word(0), Word::Damaged);
        for depth in 1..=4 {
            assert_eq!(word(depth), Word::Tampered, "{depth}");
        }
    }
}

/// Every file on its own, and every pair of an entry with its proof.
#[test]
fn what_is_taken_out_is_missed() {
    let sound = package(&small());
    for trust in [Trust::default(), with_key(sound.key()), pinned(&sound, sound.sizes.0)] {
        for name in sound.folder.files.keys() {
            let mut folder = sound.folder.clone();
            folder.files.remove(name);
            let word = judge(&folder, &trust).unwrap().word;
            assert!(word <= Word::Incomplete, "{name}: {word:?}");
            if let Some(stem) = name.strip_suffix(".json") {
                folder.files.remove(&format!("{stem}.tlog-proof"));
                let word = judge(&folder, &trust).unwrap().word;
                assert!(word <= Word::Incomplete, "{name} and its proof: {word:?}");
            }
        }
    }
}

/// Whole folders at once, and everything.
#[test]
fn a_folder_that_is_gone_is_missed_and_nothing_is_no_package() {
    let sound = package(&small());
    for prefix in
        ["clips/", "record/", "record/listings/", "keys/", "paper/", "handover/", "data/", ""]
    {
        let mut folder = sound.folder.clone();
        folder.files.retain(|name, _| !name.starts_with(prefix));
        for trust in [Trust::default(), pinned(&sound, sound.sizes.0)] {
            let word = judge(&folder, &trust).unwrap().word;
            assert!(word <= Word::Incomplete, "{prefix:?}: {word:?}");
        }
    }
}

/// Files of another sound package of the same station, one by one.
#[test]
fn files_of_another_package_do_not_fit() {
    let sound = package(&small());
    let other = package(&Plan { clips: vec![b"A clip of a few bytes".to_vec()], ..small() });
    let trust = pinned(&sound, sound.sizes.0);
    for (name, bytes) in &other.folder.files {
        let mut folder = sound.folder.clone();
        if folder.files.insert(name.clone(), bytes.clone()).as_ref() != Some(bytes) {
            let word = judge(&folder, &trust).unwrap().word;
            assert!(!is_good(word), "{name}: {word:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_on_a_real_disk_is_refused_even_if_it_leads_to_the_right_bytes() {
    let sound = package(&small());
    let place = tempfile::tempdir().unwrap();
    let root = write(&sound.folder, place.path());
    let trust = pinned(&sound, sound.sizes.0);
    assert_eq!(judge(&Disk::new(&root).unwrap(), &trust).unwrap().word, Word::Anchored);
    let clip = root.join(data_name(4));
    fs::rename(&clip, place.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(place.path().join("elsewhere"), &clip).unwrap();
    let report = judge(&Disk::new(&root).unwrap(), &trust).unwrap();
    let expected = vec![Code::NameRefused, Code::FileMissing];
    assert_eq!(told(&report), (Word::Tampered, expected));
}

/// A folder in memory, on a disk.
pub fn write(folder: &Memory, place: &std::path::Path) -> std::path::PathBuf {
    let root = place.join(&folder.called);
    for (name, bytes) in &folder.files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    root
}
