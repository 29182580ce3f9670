//! The built-in profile, the linter, and names from strangers.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_profile::Profile;

fn line(name: &str) -> RawLine {
    RawLine {
        raw_name: name.as_bytes().to_vec(),
        kind: LineKind::File,
        size: 1,
        mtime_ms: None,
        file_id: 1,
        changed_ns: None,
        detail: None,
    }
}

const HEAD: &str = r#"
schema = 1
[profile]
id = "test"
title = "Test"
confidence = "guessed"
sources = ["nobody"]
"#;

fn why(rest: &str) -> String {
    match Profile::parse(&format!("{HEAD}{rest}")).and_then(|p| p.check()) {
        Ok(()) => panic!("accepted: {rest}"),
        Err(bad) => bad.to_string(),
    }
}

#[test]
fn every_example_of_the_built_in_profile_holds() {
    let generic = Profile::generic();
    generic.check().unwrap();
    assert_eq!(generic.id(), "generic.ums");
}

#[test]
fn bad_files_are_refused_with_the_reason() {
    let name =
        |regex: &str, rest: &str| format!("[[name]]\nfamily = 'f'\nregex = '{regex}'\n{rest}");
    let example = "examples = [{ path = 'A1.mp4', media = 'other' }]";
    assert!(why("[wipe]\nkep = []").contains("unknown field `kep`"));
    assert!(why(&name("A1", example)).contains("not anchored"));
    assert!(why(&name("^A(1$", example)).contains("is no pattern"));
    assert!(why(&name("^(?P<dev>A1)$", example)).contains("unknown group \"dev\""));
    assert!(why(&name("^(?P<ts>A1)$", example)).contains("go together"));
    assert!(why(&name("^A1$", "examples = []")).contains("no example"));
    assert!(why(&name("^B$", example)).contains("matched by \"no form at all\""));
    let wrong = "examples = [{ path = 'A1.mp4', media = 'video' }]";
    assert!(why(&name(r"^A1\.mp4$", wrong)).contains("but the profile finds"));
    assert!(why("[[media]]\nkind = 'video'\nglob = ['[']").contains("is no glob"));
    let other = HEAD.replace("schema = 1", "schema = 2");
    assert!(Profile::parse(&other).unwrap_err().to_string().contains("schema 2 is unknown"));
    let alone = HEAD.replace("[\"nobody\"]", "[]");
    assert!(Profile::parse(&alone).unwrap_err().to_string().contains("names no source"));
}

#[test]
fn an_earlier_form_that_takes_the_example_is_reported() {
    let text = r#"
[[name]]
family = "wide"
regex = '^.*$'
examples = [{ path = "x", media = "other" }]
[[name]]
family = "narrow"
regex = '^A1$'
examples = [{ path = "A1", media = "other" }]
"#;
    assert!(why(text).contains("is matched by \"wide\""));
}

#[test]
fn media_go_by_extension_whatever_the_case() {
    let generic = Profile::generic();
    for (name, media) in [
        ("a.MP4", "video"),
        ("x/y/z.mOv", "video"),
        ("a.Wav", "audio"),
        ("DCIM/a.JPG", "photo"),
        ("DCIM/firmware.bin", "other"),
        ("mp4", "other"),
        ("", "other"),
    ] {
        assert_eq!(generic.classify(name.as_bytes()).media, media, "{name}");
    }
    assert_eq!(generic.classify(b"DCIM/\xc2\xbc\xcf\xf1.mp4").media, "video");
}

#[test]
fn marks_come_from_folders_and_from_names() {
    let generic = Profile::generic();
    for name in ["DCIM/IMP/a.mp4", "重点/a.mp4", "lock/x/a.mp4", "SD/Event/a.mov"] {
        assert!(generic.classify(name.as_bytes()).marked, "{name}");
    }
    for name in ["IMP.mp4", "DCIM/IMPRESSION/a.mp4", "RO", "DCIM/a_IMP_b.mp4"] {
        assert!(!generic.classify(name.as_bytes()).marked, "{name}");
    }
}

#[test]
fn logs_and_settings_stay() {
    let generic = Profile::generic();
    let stays = |name: &str| generic.classify(name.as_bytes()).stays;
    assert_eq!(stays("log/20260902.txt").as_deref(), Some("profile keeps LOG/**"));
    assert_eq!(stays("ID.txt").as_deref(), Some("profile keeps **/*.txt"));
    assert_eq!(
        stays("System Volume Information/IndexerVolumeGuid").as_deref(),
        Some("profile keeps System Volume Information/**")
    );
    assert_eq!(stays("DCIM/100MEDIA/FILE0001.MP4"), None);
    assert_eq!(stays("DCIM/LOG.mp4"), None);
}

#[test]
fn a_moved_card_shows_two_devices() {
    let generic = Profile::generic();
    let zero = line("A11_0000000_000000_20260902180118_0001.mp4");
    let one = line("A11_1111111_222222_20260902180118_0001.mp4");
    let two = line("DCIM/A11_2222222_222222_20260902180119_0002.mp4");
    let same = generic.identity(&[zero.clone(), one.clone(), one.clone()]);
    assert_eq!((same.devices.len(), same.conflict()), (1, None));
    let moved = generic.identity(&[zero, one, two, line("FILE0001.MP4")]);
    assert_eq!(moved.devices, ["1111111", "2222222"]);
    assert_eq!(moved.officers, ["222222"]);
    assert!(moved.conflict().unwrap().contains("1111111, 2222222"));
}

#[test]
fn a_time_that_cannot_be_is_left_out_and_the_rest_stays() {
    let class = Profile::generic().classify(b"A11_2222222_222222_20269999999999_0001.mp4");
    assert_eq!((class.named_time, class.device.as_deref()), (None, Some("2222222")));
}

proptest! {
    #[test]
    fn no_name_upsets_a_profile(raw: Vec<u8>) {
        use std::sync::OnceLock;
        static GENERIC: OnceLock<Profile> = OnceLock::new();
        let class = GENERIC.get_or_init(Profile::generic).classify(&raw);
        prop_assert!(["video", "audio", "photo", "other"].contains(&class.media.as_str()));
    }

    #[test]
    fn no_file_upsets_the_parser(text in r"(schema = 1\n)?(\[profile\]|\[\[name\]\]|regex = '.*'|.*)*") {
        let _ = Profile::parse(&text);
    }
}
