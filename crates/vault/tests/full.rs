//! A full disk, no inodes and a disk that turned read-only, on real file systems: said before data
//! where that can be, never leaving anything behind, and over as soon as there is room.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use common::{Card, bytes, keep, options, sealed};
use sealdock_core::Digest;
use sealdock_core::ports::{Kind, Place, Vault};
use sealdock_vault::{DiskVault, VaultOptions};

const MIB: u64 = 1 << 20;

#[test]
fn a_full_disk_shows_before_the_first_byte() {
    let card = Card::new(16, 64);
    let vault = DiskVault::create_with(&card.vault(), options()).unwrap();
    let error = vault.begin(64 * MIB).err().unwrap();
    assert_eq!(error.kind, Kind::NoSpace);
    assert!(error.message.contains("; free space or"), "{error}");
    // Between asking for room and taking it others may take it: the allocation itself finds out.
    let error = vault.put_object(&bytes(2, 32 << 20)).unwrap_err();
    assert_eq!(error.kind, Kind::NoSpace);
    assert!(error.message.contains("bytes of room for incoming/"), "{error}");
    assert_eq!(vault.inventory().unwrap(), [], "the refused copies are gone");
    assert!(keep(&vault, &bytes(1, 1 << 20)).unwrap(), "a smaller one is taken");
}

#[test]
fn a_file_that_grows_past_the_disk_dies_cleanly() {
    let card = Card::new(16, 64);
    let vault = DiskVault::create_with(&card.vault(), options()).unwrap();
    let mut copy = vault.begin(1).unwrap();
    let error = common::write(&mut *copy, &bytes(1, 32 << 20)).unwrap_err();
    assert_eq!(error.kind, Kind::NoSpace);
    assert!(error.message.contains("copy the file again"), "{error}");
    copy.discard().unwrap();
    assert!(vault.begin(MIB).is_ok(), "its room is free again");
}

#[test]
fn the_reserve_is_for_the_record_not_for_copies() {
    let card = Card::new(16, 64);
    let free = DiskVault::create_with(&card.vault(), options()).unwrap().room().unwrap().bytes;
    let options = VaultOptions { reserve_bytes: free - MIB, ..options() };
    let vault = DiskVault::open_with(&card.vault(), options).unwrap();
    assert!(vault.begin(MIB / 2).is_ok());
    let error = vault.begin(2 * MIB).err().unwrap();
    assert_eq!(error.kind, Kind::NoSpace);
    assert!(error.message.contains("kept in reserve; free space or"), "{error}");
    vault.put_object(&bytes(1, 2 << 20)).unwrap();
    // The unit adopts another reserve while the station runs.
    vault.keep_free(0);
    assert!(vault.begin(2 * MIB).is_ok());
    vault.keep_free(free);
    assert_eq!(vault.begin(1).err().unwrap().kind, Kind::NoSpace);
}

#[test]
fn no_inode_is_no_room() {
    let card = Card::new(16, 32);
    let vault = DiskVault::create_with(&card.vault(), options()).unwrap();
    let copy = sealed(&vault, b"the last that fits").unwrap();
    let mut spare = 0;
    while std::fs::write(card.mount_point().join(format!("{spare}")), b"").is_ok() {
        spare += 1;
    }
    assert_eq!(vault.room().unwrap().inodes, 0);
    let error = vault.begin(1).err().unwrap();
    assert_eq!(error.kind, Kind::NoSpace);
    assert!(error.message.contains("no inode is free"), "{error}");
    // The directories of a clip need inodes too.
    let place = Place::Kept(Digest::of(b"the last that fits"));
    let error = copy.keep(&place).unwrap_err();
    assert_eq!(error.kind, Kind::NoSpace, "{error}");
    assert_eq!(vault.put_object(b"a listing").err().map(|e| e.kind), Some(Kind::NoSpace));
    assert_eq!(vault.inventory().unwrap(), []);
    for name in 0..spare {
        std::fs::remove_file(card.mount_point().join(format!("{name}"))).unwrap();
    }
    assert!(keep(&vault, b"the last that fits").unwrap());
}

#[test]
fn a_disk_that_turns_read_only_is_named_as_such() {
    let card = Card::new(16, 64);
    let vault = DiskVault::create_with(&card.vault(), options()).unwrap();
    keep(&vault, b"kept before").unwrap();
    card.make_read_only();
    let error = vault.begin(1).err().unwrap();
    assert_eq!(error.kind, Kind::ReadOnly);
    assert!(error.message.contains("mount it for writing"), "{error}");
    assert_eq!(vault.put_object(b"x").unwrap_err().kind, Kind::ReadOnly);
    let place = Place::Kept(Digest::of(b"kept before"));
    assert_eq!(vault.read(&place).unwrap(), b"kept before", "what was kept can still be read");
    drop(vault);
    let facts = sealdock_vault::qualify(&card.vault()).unwrap();
    assert!(facts.read_only);
    assert!(DiskVault::open_with(&card.vault(), options()).is_ok(), "and the vault opened");
}
