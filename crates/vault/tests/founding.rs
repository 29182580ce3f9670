//! A vault is told from an empty directory, from somebody else's, and from a disk that is missing;
//! and what a stranger puts into it is seen and never followed.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use common::{Card, dir, keep, options, sealed, vault};
use rustix::fs::{CWD, Mode, mkfifoat};
use sealdock_core::Digest;
use sealdock_core::ports::{Kind, Place, Vault};
use sealdock_vault::{DiskVault, qualify};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

#[test]
fn a_vault_on_a_missing_mount_is_noticed() {
    let card = Card::new(16, 64);
    // A disk that is nothing but vault: its root has lost+found.
    let at = card.mount_point();
    let vault = DiskVault::create_with(&at, options()).unwrap();
    let id = vault.id().to_owned();
    keep(&vault, b"clip").unwrap();
    assert_eq!(DiskVault::open_with(&at, options()).unwrap().id(), id);
    drop(vault);
    card.unmount();
    assert!(at.is_dir(), "the empty mount point is still there");
    let error = DiskVault::open_with(&at, options()).unwrap_err();
    assert_eq!(error.kind, Kind::Missing);
    assert!(error.message.contains("a vault on a missing mount"), "{error}");
    assert_eq!(std::fs::read_dir(&at).unwrap().count(), 0, "and nothing was put there");
}

#[test]
fn only_an_empty_directory_becomes_a_vault_and_only_once() {
    let dir = dir();
    std::fs::write(dir.path().join("thesis.txt"), b"").unwrap();
    let error = DiskVault::create_with(dir.path(), options()).unwrap_err();
    assert!(error.message.contains(r#"is not empty ("thesis.txt")"#), "{error}");
    let at = dir.path().join("vault");
    drop(DiskVault::create_with(&at, options()).unwrap());
    let error = DiskVault::create_with(&at, options()).unwrap_err();
    assert!(error.message.contains("is a vault already; open it instead"), "{error}");
    let error = DiskVault::create_with(&dir.path().join("no/such"), options()).unwrap_err();
    assert_eq!(error.kind, Kind::Missing);
}

#[test]
fn a_marker_that_is_newer_or_broken_is_refused() {
    let (dir, vault) = vault();
    drop(vault);
    let marker = dir.path().join("vault/vault.id");
    for (text, kind) in [
        ("sealdock-vault 2\n0123\n", Kind::Invalid),
        ("", Kind::Damaged),
        ("sealdock-vault 1\nnot an id\n", Kind::Damaged),
    ] {
        std::fs::remove_file(&marker).unwrap();
        std::fs::write(&marker, text).unwrap();
        let error = DiskVault::open_with(&dir.path().join("vault"), options()).unwrap_err();
        assert_eq!(error.kind, kind, "{text:?}: {error}");
    }
    std::fs::remove_file(&marker).unwrap();
    symlink("/etc/hostname", &marker).unwrap();
    let error = DiskVault::open_with(&dir.path().join("vault"), options()).unwrap_err();
    assert_eq!(error.kind, Kind::Damaged, "{error}");
}

#[test]
fn what_strangers_put_there_is_listed_and_never_followed() {
    let (dir, vault) = vault();
    let root = dir.path().join("vault");
    let clip = Digest::of(b"clip").to_string();
    let object = Digest::of(b"object").to_string();
    let shelf = root.join("kept").join(&clip[..2]).join(&clip[2..4]);
    std::fs::create_dir_all(&shelf).unwrap();
    std::fs::create_dir_all(root.join("objects").join(&object[..2])).unwrap();
    std::fs::create_dir_all(root.join("aside/empty/deep")).unwrap();
    symlink("/etc/passwd", shelf.join(&clip)).unwrap();
    mkfifoat(CWD, root.join("objects").join(&object[..2]).join(&object), Mode::RWXU).unwrap();
    std::fs::write(root.join(std::ffi::OsStr::from_bytes(b"\xb8\xdf\n")), b"x").unwrap();
    std::fs::write(root.join("incoming/notes"), b"x").unwrap();
    symlink("/etc", root.join("aside/etc")).unwrap();
    let mut found: Vec<Place> = vault.inventory().unwrap().into_iter().map(|f| f.place).collect();
    found.sort();
    let mut expected: Vec<Place> = [
        format!("kept/{}/{}/{clip}", &clip[..2], &clip[2..4]),
        format!("objects/{}/{object}", &object[..2]),
        r"\xb8\xdf\n".to_owned(),
        "incoming/notes".to_owned(),
        "aside/etc".to_owned(),
    ]
    .map(Place::Foreign)
    .into();
    expected.sort();
    assert_eq!(found, expected);
    for place in [Place::Kept(Digest::of(b"clip")), Place::Object(Digest::of(b"object"))] {
        assert_eq!(vault.open(&place).err().unwrap().kind, Kind::Damaged, "{place:?}");
        assert_eq!(vault.read(&place).unwrap_err().kind, Kind::Damaged);
        assert_eq!(vault.size(&place).unwrap_err().kind, Kind::Damaged);
    }
    assert_eq!(vault.open(&Place::Foreign("aside/etc".into())).err().unwrap().kind, Kind::Invalid);
    assert_eq!(keep(&vault, b"clip").unwrap_err().kind, Kind::Damaged, "not through the link");
    assert_eq!(vault.sweep_incoming().unwrap(), [], "strangers are not swept");
}

#[test]
fn a_link_in_place_of_a_directory_leads_nowhere() {
    let (dir, vault) = vault();
    let clip = Digest::of(b"clip").to_string();
    let outside = dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    symlink(&outside, dir.path().join("vault/kept").join(&clip[..2])).unwrap();
    assert_eq!(keep(&vault, b"clip").unwrap_err().kind, Kind::Damaged);
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn copies_of_a_run_that_was_cut_off_are_swept_those_of_this_run_stay() {
    let (dir, vault) = vault();
    // As a crash does: no destructor runs.
    std::mem::forget(sealed(&vault, b"cut off").unwrap());
    let next = DiskVault::open_with(&dir.path().join("vault"), options()).unwrap();
    let under_way = sealed(&next, b"under way").unwrap();
    let swept = next.sweep_incoming().unwrap();
    assert_eq!(swept.len(), 1);
    assert!(matches!(&swept[0].place, Place::Incoming(_)) && swept[0].size == 7);
    assert!(under_way.keep(&Place::Kept(Digest::of(b"under way"))).unwrap());
    assert_eq!(next.sweep_incoming().unwrap(), []);
}

#[test]
fn a_card_in_a_file_is_the_disk_that_the_file_lies_on() {
    let card = Card::new(16, 64);
    let facts = qualify(&card.mount_point()).unwrap();
    assert_eq!(facts.fs_type, "ext4");
    assert_eq!(facts.mount_point, card.mount_point().canonicalize().unwrap());
    assert_eq!((facts.volatile, facts.read_only), (false, false));
    let system = qualify(card.mount_point().parent().unwrap()).unwrap();
    assert_eq!(facts.disks, system.disks);
    assert_eq!(facts.shares_disk_with(&system), Some(true));
    assert_eq!(system.shares_disk_with(&system), Some(true));
}
