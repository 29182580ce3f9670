//! A reading back tells what the medium holds, not what memory remembers.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use common::{Card, bytes, keep, kept_path, options, read_all, sealed};
use sealdock_core::Digest;
use sealdock_core::ports::{Kind, Place, Vault};
use sealdock_vault::{DiskVault, VaultOptions};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Changes one byte on the medium, behind the back of the file system mounted from it.
fn flip_on_medium(image: &Path, page: &[u8]) {
    let medium = std::fs::read(image).unwrap();
    let at =
        medium.chunks(4096).position(|chunk| chunk == page).expect("the clip is on the medium");
    let image = OpenOptions::new().write(true).open(image).unwrap();
    image.write_all_at(&[page[0] ^ 1], at as u64 * 4096).unwrap();
}

#[test]
fn memory_right_and_medium_wrong_is_noticed() {
    let card = Card::new(16, 64);
    let vault = DiskVault::create_with(&card.vault(), options()).unwrap();
    let clip = bytes(7, 3 << 20);
    let mut copy = sealed(&vault, &clip).unwrap();
    let name = std::fs::read_dir(card.vault().join("incoming")).unwrap().next().unwrap().unwrap();
    let remembered = || std::fs::read(name.path()).unwrap();
    assert!(remembered() == clip, "now memory holds it too");
    flip_on_medium(&card.image(), &clip[8192..12_288]);
    assert!(remembered() == clip, "memory still says that all is well");
    let back = read_all(&mut *copy.read_back().unwrap()).unwrap();
    let wrong: Vec<usize> = (0..clip.len()).filter(|at| back[*at] != clip[*at]).collect();
    assert_eq!(wrong, [8192], "the medium's byte was read");
}

#[test]
fn a_kept_clip_is_checked_against_the_medium_too() {
    let card = Card::new(16, 64);
    let vault = DiskVault::create_with(&card.vault(), options()).unwrap();
    let clip = bytes(8, 1 << 20);
    keep(&vault, &clip).unwrap();
    assert!(std::fs::read(kept_path(&card.vault(), Digest::of(&clip))).unwrap() == clip);
    flip_on_medium(&card.image(), &clip[..4096]);
    let back = read_all(&mut *vault.open(&Place::Kept(Digest::of(&clip))).unwrap()).unwrap();
    assert!(back[0] != clip[0] && back[1..] == clip[1..]);
    assert!(!keep(&vault, &clip).unwrap(), "the name is taken: the rotten file is not replaced");
    let again = read_all(&mut *vault.open(&Place::Kept(Digest::of(&clip))).unwrap()).unwrap();
    assert!(again == back, "and still shows its rot to whoever reads it");
}

/// A file system in memory takes the flag for direct I/O and ignores it.
#[test]
fn where_a_cold_reading_cannot_be_proven_it_is_refused() {
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let at = memory.path().join("vault");
    let error = DiskVault::create_with(&at, options()).unwrap_err();
    assert_eq!(error.kind, Kind::Invalid);
    assert!(error.message.contains("not durable; put the vault on a disk"), "{error}");
    let vault =
        DiskVault::create_with(&at, VaultOptions { allow_volatile: true, ..options() }).unwrap();
    let error = sealed(&vault, b"clip").unwrap().read_back().err().unwrap();
    assert_eq!(error.kind, Kind::Failed);
    assert!(error.message.starts_with("cannot prove a cold reading of incoming/"), "{error}");
    assert!(error.message.ends_with("put the vault on ext4, xfs or btrfs"), "{error}");
}
