//! What the linter says of every bad profile, and that what is built in, the example and the generated
//! files are in order.
#![allow(clippy::unwrap_used)]

use sealdock_profile::{EXAMPLE, Profile, Profiles, check_files};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Bad files by name, and what is said of each.
const BAD: &[(&str, &str)] = &[
    ("unanchored-regex", r#""A1" is not anchored; begin with `^` and end with `$`"#),
    ("unanchored-match", r#""Cam" is not anchored"#),
    ("giant-regex", "is too large; nested repetitions multiply"),
    ("broken-regex", "is no pattern"),
    (
        "example-does-not-match",
        r#"is matched by "no form at all"; change the pattern or the order"#,
    ),
    ("example-says-otherwise", "but the profile finds"),
    ("no-example", "it has no example; add at least one"),
    ("unknown-key", "unknown field `kep`, expected `keep`"),
    ("unknown-schema", "schema 2 is unknown; write schema = 1"),
    ("missing-source", "it names no source"),
    ("no-match", "it has no [[match]], so no device is ever of it"),
    ("duplicate-claim", r#"claims devices that "novatek.ums" claims with the same weight"#),
    ("taken-id", "its id is taken by another profile"),
    ("weight-zero", "weight 0 belongs to the generic profile"),
    ("pair-alone", "state locked by vid and pid alone; add usb.interfaces or scsi.product"),
    ("locked-without-unlock", r#"it has a [[match]] of the state "locked", but no [unlock]"#),
    ("unlock-without-locked", r#"it has an unlock, but no [[match]] of the state "locked""#),
    ("extends-stranger", r#"only "generic.ums" can be extended"#),
    ("secret-literal", r#"step "login" holds what looks like a password; write `secret:ascii`"#),
    ("secret-in-hex", "holds what looks like a password"),
    ("secret-value", r#"secret "000000" is no name"#),
    ("secret-unnamed", "a step sends a secret, but `secret` names none"),
    ("unknown-token", r#"unknown token "crc:16"; write hex:"#),
    ("unknown-op", r#"unknown op "reset""#),
    ("expect-beyond-reply", "expect and capture reach byte 5, the reply has 4; raise `length`"),
    ("policy-auto", r#"policy "auto" is stronger than allowed; at most "bound""#),
    ("clock-policy-auto", r#"clock.set: policy "auto" is stronger than allowed"#),
    ("three-attempts", "attempts must be 1"),
    ("correlate-serial", r#"only "port" can be trusted"#),
    ("standard-request", "is no class or vendor request"),
    ("wrong-direction", "points the other way"),
    ("scsi-write", "SCSI opcode 0x2a is not the vendor's own"),
    ("clock-file-no-time", "the file holds no time; add now:text"),
    ("clock-file-long", "write plain ASCII, at most 64 bytes"),
    ("clock-outside-card", "is no path below the card's root"),
    ("clock-footage", r#""DCIM/set.mp4" is the name of video"#),
    ("any-disk", "by usb.interfaces alone takes every disk"),
    ("probe-outside-card", "name it from the card's root"),
    ("broken-toml", "TOML parse error"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn every_bad_file_is_refused_with_its_reason() {
    for (name, wanted) in BAD {
        let text = read(&format!("fixtures/profiles/bad/{name}.toml"));
        let found = check_files(&[((*name).to_owned(), text)]);
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        assert_eq!(found[0].file, *name);
        assert!(found[0].why.contains(wanted), "{name}: {:?} for {wanted:?}", found[0].why);
    }
}

#[test]
fn every_bad_file_stands_in_the_table() {
    let listed: BTreeSet<String> = BAD.iter().map(|(name, _)| format!("{name}.toml")).collect();
    let folder = std::fs::read_dir(root().join("fixtures/profiles/bad")).unwrap();
    let there = folder.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(listed, there);
}

#[test]
fn faults_of_several_files_are_told_apart() {
    let file = |name: &str| (name.to_owned(), read(&format!("fixtures/profiles/bad/{name}.toml")));
    let twin = ("twin".to_owned(), EXAMPLE.to_owned());
    let all =
        [file("unknown-key"), ("mine".to_owned(), EXAMPLE.to_owned()), twin, file("no-match")];
    let found: Vec<String> = check_files(&all).into_iter().map(|f| f.file).collect();
    assert_eq!(found, ["unknown-key", "twin", "no-match"]);
}

#[test]
fn what_is_built_in_is_in_order() {
    let all = Profiles::built_in();
    assert_eq!(all.lint(), Ok(()));
    let recorders = all.all().iter().filter(|p| p.unsupported().is_none()).count();
    assert!(recorders >= 14, "{recorders}");
    let folder = std::fs::read_dir(root().join("crates/profile/data")).unwrap();
    // The example is no recorder.
    assert_eq!(all.all().len() + 1, folder.count());
    for id in ["axon.body", "motorola.v300", "axis.w100"] {
        assert!(all.find(id).unwrap().unsupported().unwrap().contains("not a USB disk"), "{id}");
    }
}

#[test]
fn the_example_is_a_usable_profile() {
    assert_eq!(check_files(&[("example.toml".to_owned(), EXAMPLE.to_owned())]), []);
    assert!(Profile::parse(EXAMPLE).unwrap().unlock().unwrap().steps.len() > 4);
}

/// A table and what must stand around it so that the parser comes to it.
const TABLES: &[&str] = &[
    "",
    "[profile]",
    "[[match]]",
    "[[match]]\nusb.zzz = 1",
    "[[match]]\nscsi.zzz = 1",
    "[[match]]\nvolume.zzz = 1",
    "[[match]]\nprobe.zzz = 1",
    "[[match]]\nprobe.text.zzz = 1",
    "[unlock]",
    "[unlock.next]",
    "[[unlock.step]]",
    "[unlock]\nstep = [{ setup = { zzz = 1 } }]",
    "[unlock]\nstep = [{ out = { zzz = 1 } }]",
    "[unlock]\nstep = [{ expect = [{ zzz = 1 }] }]",
    "[unlock]\nstep = [{ capture = { x = { zzz = 1 } } }]",
    "[mtp]",
    "[mount]",
    "[identity]",
    "[identity]\ndevice = [{ from = 'file', zzz = 1 }]",
    "[clock]",
    "[clock]\nread = [{ kind = 'log-event', zzz = 1 }]",
    "[clock]\nset = { kind = 'file', zzz = 1 }",
    "[settle]",
    "[[sidecar]]",
    "[wipe]",
    "[marked]",
    "[[media]]",
    "[[name]]",
    "[[name]]\nexamples = [{ zzz = 1 }]",
];

/// The keys of a table, from the parser's own complaint about one that does not exist.
fn keys(table: &str) -> Vec<String> {
    let stray = if table.contains("zzz") { "" } else { "\nzzz = 1" };
    let why = Profile::parse(&format!("{table}{stray}\n")).unwrap_err().to_string();
    let (_, expected) = why
        .split_once("unknown field `zzz`, expected ")
        .unwrap_or_else(|| panic!("{table}: {why}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_is_explained() {
    let page = read("docs/ref/profile-keys.md");
    let mut count = 0;
    for table in TABLES {
        for key in keys(table) {
            count += 1;
            let word = |text: &str| {
                text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|w| w == key)
            };
            assert!(word(EXAMPLE), "example.toml does not show {key:?} of {table:?}");
            assert!(word(&page), "profile-keys.md does not name {key:?} of {table:?}");
        }
    }
    assert!(count > 90, "{count} keys");
}

#[test]
fn generated_files_are_what_is_checked_in() {
    let all = Profiles::built_in();
    for (path, made) in
        [("udev/70-sealdock.hwdb", all.hwdb()), ("docs/ref/recorders.md", all.support_table())]
    {
        assert!(read(path) == made, "{path} is old; run `cargo xtask generate`");
    }
}

#[test]
fn the_hardware_database_is_what_udev_reads() {
    let text = Profiles::built_in().hwdb();
    let mut after_glob = false;
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        match line.strip_prefix(' ') {
            Some(property) => assert!(after_glob && property.starts_with("ID_SEALDOCK_"), "{line}"),
            None if line.is_empty() => after_glob = false,
            None => {
                assert!(line.starts_with("usb:v") && line.ends_with('*'), "{line}");
                after_glob = true;
            }
        }
    }
    assert!(text.contains("usb:v4255p0001*\n ID_SEALDOCK_PROFILE="));
}

/// The pieces of a profile that the guide shows, put together as its reader does.
#[test]
fn the_profile_in_the_guide_is_usable() {
    let page = read("docs/guide/add-a-recorder.md");
    let shown = page
        .split("```")
        .skip(1)
        .step_by(2)
        .filter(|b| b.contains("[[match]]") || b.contains("[[name]]"));
    let pieces: Vec<&str> = shown.collect();
    assert_eq!(pieces.len(), 2);
    let head = "schema = 1\n[profile]\nid = 'acme.x1'\ntitle = 'Acme X1'\nextends = 'generic.ums'\n\
                confidence = 'reported'\nsources = ['its owner']\n";
    let text = format!("{head}{}", pieces.concat());
    assert_eq!(check_files(&[("acme-x1.toml".to_owned(), text.clone())]), []);
    let acme = Profile::parse(&text).unwrap();
    let class = acme.classify(b"ACME/X1_0000042_20260301090000_002.MP4");
    assert_eq!(class.device.as_deref(), Some("0000042"));
    // What it extends still counts.
    assert_eq!(acme.classify(b"LOG/a.txt").stays.as_deref(), Some("profile keeps LOG/**"));
    assert!(acme.classify(b"CT/H_20170817013502_CT00000_123456_0001.MP4").officer.is_some());
}

#[test]
fn a_recorder_that_is_never_emptied_keeps_everything() {
    let head = "schema = 1\n[profile]\nid = 'never.x'\ntitle = 'X'\nextends = 'generic.ums'\n\
                confidence = 'reported'\nsources = ['its owner']\n[wipe]\nkeep = ['**']\n";
    let never = Profile::parse(head).unwrap();
    for name in ["a.mp4", "DCIM/100MEDIA/FILE0001.MP4", "\u{91cd}\u{70b9}/a"] {
        assert_eq!(
            never.classify(name.as_bytes()).stays.as_deref(),
            Some("profile keeps **"),
            "{name}"
        );
    }
}
