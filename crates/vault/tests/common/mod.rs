//! Small vaults, copies in one line, and real ext4 file systems of a few megabytes.
#![allow(clippy::unwrap_used, reason = "these are tests")]
#![allow(dead_code, reason = "every test binary uses its own part")]

use sealdock_core::Digest;
use sealdock_core::block::Block;
use sealdock_core::ports::{Incoming, Place, PortResult, Source, Vault};
use sealdock_vault::{DiskVault, Faults, VaultOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn options() -> VaultOptions {
    VaultOptions { reserve_bytes: 0, immutable: false, ..VaultOptions::default() }
}

pub fn with(faults: Faults) -> VaultOptions {
    VaultOptions { faults, ..options() }
}

/// A vault in a directory of its own on the disk of the build, which must be a real one.
pub fn vault() -> (tempfile::TempDir, DiskVault) {
    let dir = dir();
    let vault = DiskVault::create_with(&dir.path().join("vault"), options()).unwrap();
    (dir, vault)
}

/// Not the system's temporary directory: that one may live in memory.
pub fn dir() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Bytes that repeat nowhere within a page.
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub fn write(copy: &mut dyn Incoming, bytes: &[u8]) -> PortResult<()> {
    let mut block = Block::new(1 << 20);
    for part in bytes.chunks(1 << 20) {
        block.room()[..part.len()].copy_from_slice(part);
        block.set_filled(part.len());
        copy.write(&mut block)?;
    }
    Ok(())
}

pub fn sealed(vault: &dyn Vault, bytes: &[u8]) -> PortResult<Box<dyn Incoming>> {
    let mut copy = vault.begin(bytes.len() as u64)?;
    write(&mut *copy, bytes)?;
    copy.seal()?;
    Ok(copy)
}

/// The whole way of a clip; returns what `keep` said.
pub fn keep(vault: &dyn Vault, bytes: &[u8]) -> PortResult<bool> {
    let mut copy = sealed(vault, bytes)?;
    let back = read_all(&mut *copy.read_back()?)?;
    assert!(back == bytes, "the medium gives back what was written");
    copy.keep(&Place::Kept(Digest::of(bytes)))
}

pub fn read_all(source: &mut dyn Source) -> PortResult<Vec<u8>> {
    let mut block = Block::new(1 << 20);
    let mut all = Vec::new();
    while source.read_at(all.len() as u64, &mut block)? > 0 {
        all.extend_from_slice(block.bytes());
    }
    Ok(all)
}

/// Where a kept clip lies.
pub fn kept_path(vault: &Path, digest: Digest) -> PathBuf {
    let hex = digest.to_string();
    vault.join("kept").join(&hex[..2]).join(&hex[2..4]).join(hex)
}

/// A fresh ext4 of its own on a loop device. Needs root, as CI has it.
pub struct Card {
    dir: tempfile::TempDir,
}

impl Card {
    pub fn new(mebibytes: u64, inodes: u64) -> Card {
        let dir = dir();
        let card = Card { dir };
        let image = std::fs::File::create(card.image()).unwrap();
        image.set_len(mebibytes << 20).unwrap();
        std::fs::create_dir(card.mount_point()).unwrap();
        let inodes = inodes.to_string();
        let shape = ["-q", "-F", "-b", "4096", "-m", "0", "-N", &inodes];
        run(Command::new("mkfs.ext4").args(shape).arg(card.image()));
        run(Command::new("mount").args(["-o", "loop"]).arg(card.image()).arg(card.mount_point()));
        card
    }

    pub fn image(&self) -> PathBuf {
        self.dir.path().join("image")
    }

    pub fn mount_point(&self) -> PathBuf {
        self.dir.path().join("card")
    }

    pub fn vault(&self) -> PathBuf {
        self.mount_point().join("vault")
    }

    pub fn unmount(&self) {
        run(Command::new("umount").arg(self.mount_point()));
    }

    pub fn make_read_only(&self) {
        run(Command::new("mount").args(["-o", "remount,ro"]).arg(self.mount_point()));
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        // Lazily, and without looking at the answer: a failed test may still hold it open, or have
        // unmounted it already.
        let _ = Command::new("umount").arg("-l").arg(self.mount_point()).output();
    }
}

fn run(command: &mut Command) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; install it"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed (these tests need root): {said}");
}
