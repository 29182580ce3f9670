//! What goes in comes back from the medium, at every size, with the modes it must have, and never
//! over anything else.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use common::{bytes, keep, kept_path, options, read_all, sealed, vault, write};
use sealdock_core::Digest;
use sealdock_core::block::Block;
use sealdock_core::ports::{Kind, Place, Vault};
use sealdock_vault::{DiskVault, Flags, VaultOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;

const MIB: usize = 1 << 20;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn every_size_comes_back_and_is_kept_exactly() {
    let (dir, vault) = vault();
    for size in [0, 1, 4095, 4096, 4097, MIB - 1, MIB, MIB + 1, 5 * MIB] {
        let clip = bytes(size as u64, size);
        assert!(keep(&vault, &clip).unwrap(), "{size}: it is new");
        let place = Place::Kept(Digest::of(&clip));
        let mut source = vault.open(&place).unwrap();
        assert_eq!(source.method(), "direct-io");
        assert!(read_all(&mut *source).unwrap() == clip, "{size}");
        assert!(source.unchanged().unwrap());
        assert_eq!(vault.size(&place).unwrap(), Some(size as u64));
        let on_disk =
            std::fs::read(kept_path(&dir.path().join("vault"), Digest::of(&clip))).unwrap();
        assert!(on_disk == clip, "{size}: what others read is the same");
    }
}

#[test]
fn blocks_of_odd_length_are_appended_without_gaps() {
    let (_dir, vault) = vault();
    let clip = bytes(9, 300_000);
    let mut copy = vault.begin(clip.len() as u64).unwrap();
    let mut block = Block::new(65_536);
    for part in clip.chunks(10_001) {
        block.room()[..part.len()].copy_from_slice(part);
        block.set_filled(part.len());
        copy.write(&mut block).unwrap();
    }
    copy.seal().unwrap();
    assert!(read_all(&mut *copy.read_back().unwrap()).unwrap() == clip);
}

#[test]
fn a_source_reads_from_any_offset() {
    let (_dir, vault) = vault();
    let clip = bytes(3, 200_003);
    keep(&vault, &clip).unwrap();
    let mut source = vault.open(&Place::Kept(Digest::of(&clip))).unwrap();
    let mut block = Block::new(70_000);
    for offset in [0usize, 1, 4095, 4097, 131_072, 199_999, 200_002, 200_003, 300_000] {
        let rest = clip.get(offset..).unwrap_or_default();
        let count = source.read_at(offset as u64, &mut block).unwrap();
        assert_eq!(count, rest.len().min(block.capacity()), "from {offset}");
        assert!(block.bytes() == &rest[..count], "from {offset}");
    }
    assert_eq!(source.read_at(u64::MAX, &mut block).unwrap_err().kind, Kind::Invalid);
}

#[test]
fn a_sparse_file_beyond_four_gibibytes_is_read_at_its_far_end() {
    let (dir, vault) = vault();
    let digest = Digest::of(b"a name for it");
    let path = kept_path(&dir.path().join("vault"), digest);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let size = 5u64 << 30;
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(size).unwrap();
    file.write_all_at(b"the end", size - 7).unwrap();
    file.sync_all().unwrap();
    let mut source = vault.open(&Place::Kept(digest)).unwrap();
    let mut block = Block::new(MIB);
    assert_eq!(source.read_at(size - MIB as u64, &mut block).unwrap(), MIB);
    assert!(block.bytes().ends_with(b"\0the end"));
    assert_eq!(source.read_at(size - 7, &mut block).unwrap(), 7);
    assert_eq!(source.read_at(size, &mut block).unwrap(), 0);
    assert_eq!(vault.size(&Place::Kept(digest)).unwrap(), Some(size));
}

#[test]
fn modes_keep_others_out_and_writers_away() {
    let (dir, vault) = vault();
    let root = dir.path().join("vault");
    let clip = bytes(1, 5000);
    let copy = sealed(&vault, &clip).unwrap();
    let under_way = std::fs::read_dir(root.join("incoming")).unwrap().next().unwrap().unwrap();
    assert_eq!(mode(&under_way.path()), 0o600);
    copy.keep(&Place::Kept(Digest::of(&clip))).unwrap();
    let kept = kept_path(&root, Digest::of(&clip));
    assert_eq!(mode(&kept), 0o440);
    vault.put_sidecar(Digest::of(&clip), "chunks", b"tree").unwrap();
    vault.put_object(b"listing").unwrap();
    for directory in
        kept.ancestors().skip(1).take(4).chain([&*root.join("incoming"), &*root.join("objects")])
    {
        assert_eq!(mode(directory), 0o700, "{}", directory.display());
    }
    std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o750)).unwrap();
    let error = DiskVault::open_with(&root, options()).unwrap_err();
    assert!(error.message.contains("open to others (mode 750); run `chmod 700"), "{error}");
}

/// As root on ext4, which is where these tests run, the flag can be set.
#[test]
fn a_kept_clip_is_immutable_where_that_can_be() {
    let card = common::Card::new(16, 64);
    let options = VaultOptions { immutable: true, ..options() };
    let vault = DiskVault::create_with(&card.vault(), options).unwrap();
    keep(&vault, b"clip").unwrap();
    let path = kept_path(&card.vault(), Digest::of(b"clip"));
    let refused = std::fs::remove_file(&path).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied);
    assert!(!keep(&vault, b"clip").unwrap(), "and is still recognised as the same");
}

#[test]
fn the_same_content_again_is_recognised_and_its_copy_removed() {
    let (_dir, vault) = vault();
    let clip = bytes(2, 10_000);
    assert!(keep(&vault, &clip).unwrap());
    assert!(!keep(&vault, &clip).unwrap());
    assert_eq!(vault.inventory().unwrap().len(), 1);
}

#[test]
fn nothing_is_ever_replaced_by_a_copy() {
    for planted in [&b"other bytes, same size!"[..], b"shorter", b""] {
        let (dir, vault) = vault();
        let clip = b"the bytes of the clip..";
        let path = kept_path(&dir.path().join("vault"), Digest::of(clip));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, planted).unwrap();
        assert!(!keep(&vault, clip).unwrap(), "the name is taken");
        assert_eq!(std::fs::read(&path).unwrap(), planted, "it is untouched");
        let mut source = vault.open(&Place::Kept(Digest::of(clip))).unwrap();
        assert_eq!(read_all(&mut *source).unwrap(), planted, "and whoever reads it sees that");
        assert_eq!(vault.inventory().unwrap().len(), 1, "the copy that came too late is gone");
    }
}

#[test]
fn the_order_of_the_steps_cannot_be_changed() {
    let (_dir, vault) = vault();
    let mut copy = vault.begin(4).unwrap();
    assert_eq!(copy.read_back().err().unwrap().kind, Kind::Invalid);
    write(&mut *copy, b"clip").unwrap();
    copy.seal().unwrap();
    assert_eq!(copy.seal().unwrap_err().kind, Kind::Invalid, "one sync, one answer");
    assert_eq!(write(&mut *copy, b"more").unwrap_err().kind, Kind::Invalid);
    let clip = Digest::of(b"clip");
    let wrong = Place::Sidecar(clip, "chunks".into());
    assert_eq!(copy.keep(&wrong).unwrap_err().kind, Kind::Invalid);
    let unsealed = vault.begin(4).unwrap();
    assert_eq!(unsealed.keep(&Place::Kept(clip)).unwrap_err().kind, Kind::Invalid);
    assert_eq!(vault.inventory().unwrap(), [], "what was not kept is gone");
}

#[test]
fn a_change_while_it_is_read_is_seen() {
    let (dir, vault) = vault();
    let clip = bytes(4, 9000);
    keep(&vault, &clip).unwrap();
    let mut source = vault.open(&Place::Kept(Digest::of(&clip))).unwrap();
    assert!(source.unchanged().unwrap());
    let path = kept_path(&dir.path().join("vault"), Digest::of(&clip));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut &file, b"more").unwrap();
    assert!(!source.unchanged().unwrap());
    assert!(read_all(&mut *source).unwrap() == clip, "only what was there when it was opened");
}

#[test]
fn an_object_that_rotted_is_not_taken_for_itself() {
    let (dir, vault) = vault();
    let digest = vault.put_object(b"a listing").unwrap();
    let hex = digest.to_string();
    let path = dir.path().join("vault/objects").join(&hex[..2]).join(&hex);
    std::fs::write(&path, b"a l1sting").unwrap();
    assert_eq!(vault.put_object(b"a listing").unwrap_err().kind, Kind::Damaged);
}

#[test]
fn what_is_too_large_to_read_whole_says_so() {
    let (dir, vault) = vault();
    let digest = Digest::of(b"huge");
    let path = kept_path(&dir.path().join("vault"), digest);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    let error = vault.read(&Place::Kept(digest)).unwrap_err();
    assert_eq!(error.kind, Kind::Invalid);
    assert!(error.message.contains("more than the 64 MiB"), "{error}");
}

#[test]
fn another_file_than_the_one_that_was_read_is_not_moved_aside() {
    let (_dir, vault) = vault();
    let clip = bytes(7, 9_000);
    keep(&vault, &clip).unwrap();
    let place = Place::Kept(Digest::of(&clip));
    let mut file = vault.open(&place).unwrap().identity().unwrap();
    file.inode += 1;
    let damaged = sealdock_testkit::permit::damaged_kept(&clip, b"rotten", Some(file));
    assert_eq!(vault.displace(damaged).unwrap_err().kind, Kind::Failed);
    assert_eq!(vault.size(&place).unwrap(), Some(9_000));
}

/// A restore copies the files and loses their flags; nothing else would set them again.
#[test]
fn flags_that_a_copy_of_the_vault_lost_are_counted_and_set_again() {
    let card = common::Card::new(16, 64);
    let options = || VaultOptions { immutable: true, ..options() };
    let vault = DiskVault::create_with(&card.vault(), options()).unwrap();
    keep(&vault, b"clip").unwrap();
    let object = vault.put_object(b"listing").unwrap();
    vault.put_sidecar(Digest::of(b"clip"), "chunks", b"derived").unwrap();
    assert_eq!(vault.flags().unwrap(), Flags { files: 2, lacking: 0 }, "sidecars have none");
    let copy = card.vault().with_file_name("copy");
    let copied = std::process::Command::new("cp").arg("-a").arg(card.vault()).arg(&copy).status();
    assert!(copied.unwrap().success());
    let restored = DiskVault::open_with(&copy, options()).unwrap();
    assert_eq!(restored.flags().unwrap(), Flags { files: 2, lacking: 2 });
    assert_eq!(restored.set_flags().unwrap(), Flags { files: 2, lacking: 0 });
    let path = kept_path(&copy, Digest::of(b"clip"));
    assert!(std::fs::remove_file(&path).is_err(), "nobody deletes it by accident");
    assert_eq!(restored.read(&Place::Object(object)).unwrap(), b"listing");
    // A vault of a station that wants no flags gets none.
    let plain = VaultOptions { immutable: false, ..options() };
    let other = card.vault().with_file_name("other");
    let vault = DiskVault::create_with(&other, plain).unwrap();
    keep(&vault, b"clip").unwrap();
    assert_eq!(vault.set_flags().unwrap(), Flags { files: 1, lacking: 1 });
}

#[test]
fn a_vault_knows_whether_its_place_still_leads_to_it() {
    let (dir, vault) = vault();
    let at = dir.path().join("vault");
    assert!(vault.is_at(&at));
    std::fs::rename(&at, dir.path().join("away")).unwrap();
    assert!(!vault.is_at(&at), "its disk is away");
    DiskVault::create_with(&at, options()).unwrap();
    assert!(!vault.is_at(&at), "another disk is there");
}
