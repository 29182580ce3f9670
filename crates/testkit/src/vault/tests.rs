//! The simulated vault keeps the contract, and lies and fails as told.

use super::*;
use crate::clips;
use crate::faults::Mode;
use crate::source::read_whole;
use sealdock_core::block::Block;

fn begun(vault: &SimVault, bytes: &[u8]) -> Box<dyn Incoming> {
    let mut incoming = vault.begin(bytes.len() as u64).unwrap();
    let mut block = Block::new(bytes.len());
    block.room()[..bytes.len()].copy_from_slice(bytes);
    block.set_filled(bytes.len());
    incoming.write(&mut block).unwrap();
    incoming
}

fn keep(vault: &SimVault, bytes: &[u8]) -> PortResult<bool> {
    let mut incoming = begun(vault, bytes);
    incoming.seal()?;
    incoming.keep(&Place::Kept(Digest::of(bytes)))
}

#[test]
fn it_keeps_the_contract() {
    crate::suite::vault(|| Box::new(SimVault::open(&VaultDisk::new(), &Faults::none())));
}

fn suite_on(spoil: fn(&VaultDisk)) {
    crate::suite::vault(|| {
        let disk = VaultDisk::new();
        spoil(&disk);
        Box::new(SimVault::open(&disk, &Faults::none()))
    });
}

#[test]
#[should_panic(expected = "bytes read back equal")]
fn the_suite_finds_a_vault_that_flips_a_bit_on_the_way_back() {
    suite_on(|disk| disk.lie_on_read_back(1));
}

#[test]
#[should_panic(expected = "kept bytes are what was written")]
fn the_suite_finds_a_vault_that_rots() {
    suite_on(|disk| disk.lie_after_keep(1));
}

#[test]
fn a_power_cut_takes_what_was_not_sealed() {
    let disk = VaultDisk::new();
    let vault = SimVault::open(&disk, &Faults::none());
    keep(&vault, b"kept").unwrap();
    let _unsealed = begun(&vault, b"unsealed");
    vault.put_sidecar(Digest::of(b"kept"), "chunks", b"derived").unwrap();
    assert_eq!(disk.places().len(), 3);
    disk.power_cut();
    assert_eq!(disk.places(), [Place::Kept(Digest::of(b"kept"))]);
}

#[test]
fn a_name_is_durable_only_after_its_directory_was_synced() {
    for (mode, survives) in [(Mode::Lost, false), (Mode::Landed, true)] {
        let disk = VaultDisk::new();
        let faults = Faults::none();
        let vault = SimVault::open(&disk, &faults);
        // begin, write, seal, keep, and then the sync of the directory
        faults.also_at(4, mode);
        keep(&vault, b"clip").unwrap_err();
        assert_eq!(faults.fired()[0].0, "vault.keep-sync");
        disk.power_cut();
        assert_eq!(disk.kept().len(), usize::from(survives), "{mode:?}");
    }
}

#[test]
fn a_killed_run_leaves_nothing_under_way_for_the_next() {
    let disk = VaultDisk::new();
    let vault = SimVault::open(&disk, &Faults::none());
    std::mem::forget(begun(&vault, b"half"));
    assert!(matches!(disk.places()[..], [Place::Incoming(_)]));
    SimVault::open(&disk, &Faults::none());
    assert_eq!(disk.places(), []);
}

#[test]
fn a_lie_on_read_back_is_one_bit_and_told_so_often() {
    let disk = VaultDisk::new();
    let vault = SimVault::open(&disk, &Faults::none());
    disk.lie_on_read_back(1);
    let bytes = clips::bytes(1, 100);
    let mut incoming = begun(&vault, &bytes);
    incoming.seal().unwrap();
    let mut read = || read_whole(&mut *incoming.read_back().unwrap()).unwrap();
    let wrong: Vec<bool> = read().iter().zip(&bytes).map(|(a, b)| a != b).collect();
    assert_eq!(wrong.iter().filter(|w| **w).count(), 1);
    assert_eq!(read(), bytes);
}

#[test]
fn rot_after_keep_is_under_the_name_of_the_right_bytes() {
    let disk = VaultDisk::new();
    let vault = SimVault::open(&disk, &Faults::none());
    disk.lie_after_keep(1);
    keep(&vault, b"one").unwrap();
    keep(&vault, b"two").unwrap();
    let kept = disk.kept();
    assert_ne!(kept[&Digest::of(b"one")], b"one");
    assert_eq!(kept[&Digest::of(b"two")], b"two");
}

#[test]
fn a_full_disk_shows_at_the_start_unless_it_lies() {
    let disk = VaultDisk::new();
    let vault = SimVault::open(&disk, &Faults::none());
    disk.limit_bytes(10);
    assert_eq!(vault.begin(11).err().map(|e| e.kind), Some(Kind::NoSpace));
    keep(&vault, b"0123456789").unwrap();
    assert_eq!(vault.put_object(b"x").unwrap_err().kind, Kind::NoSpace);
    let liar = VaultDisk::new();
    liar.lie_full_after(4);
    let vault = SimVault::open(&liar, &Faults::none());
    let mut incoming = begun(&vault, b"1234");
    let mut block = Block::new(1);
    block.set_filled(1);
    assert_eq!(incoming.write(&mut block).unwrap_err().kind, Kind::NoSpace);
    assert!(incoming.seal().is_err(), "a copy with a failed write is dead");
    liar.limit_inodes(0);
    assert_eq!(vault.begin(1).err().map(|e| e.kind), Some(Kind::NoSpace));
}

#[test]
fn a_failed_seal_is_for_good() {
    for mode in [Mode::Lost, Mode::Landed] {
        let faults = Faults::none();
        let vault = SimVault::open(&VaultDisk::new(), &faults);
        let mut incoming = begun(&vault, b"clip");
        faults.next(mode);
        incoming.seal().unwrap_err();
        incoming.seal().unwrap_err();
        assert!(incoming.read_back().is_err());
        assert!(incoming.keep(&Place::Kept(Digest::of(b"clip"))).is_err());
    }
}
