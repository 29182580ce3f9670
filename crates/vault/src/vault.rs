//! The port's verbs on a directory.

use crate::Digest;
use crate::displace::displace;
use crate::errors::{damaged, invalid, refused};
use crate::flags::{Flags, flags};
use crate::founding::{found, recognise};
use crate::incoming::DiskIncoming;
use crate::inventory::walk;
use crate::layout::{Spot, incoming_name, is_of_run};
use crate::options::VaultOptions;
use crate::removal::remove;
use crate::source::DiskSource;
use crate::tree::{Tree, is_regular, open_file, open_root};
use rustix::fs::{AtFlags, OFlags, StatxFlags, fstat, fstatvfs, renameat, statx};
use sealdock_core::block::Block;
use sealdock_core::custody::DamagedKept;
use sealdock_core::keep::DisposalPermit;
use sealdock_core::ports::{
    Found, Incoming, Kind, Place, PortError, PortResult, Room, Source, Vault,
};
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most that [`Vault::read`] returns, bytes.
const READ_MAX: u64 = 64 << 20;
/// Block for objects and sidecars, bytes.
const BLOCK: usize = 1 << 20;

/// A vault on a directory of a local disk.
#[derive(Debug)]
pub struct DiskVault {
    tree: Arc<Tree>,
    id: String,
    /// As the policy says that is in force; told anew before each docking.
    reserve_bytes: AtomicU64,
    /// Random, so that this run's copies are told from those of a run that was cut off.
    run: u64,
    copies: AtomicU64,
}

impl DiskVault {
    /// Makes a vault in `dir`, which is absent, empty or left by a founding that was cut off.
    ///
    /// # Errors
    /// `Invalid` if the directory holds anything else or lives in memory.
    pub fn create(dir: &Path) -> PortResult<DiskVault> {
        DiskVault::create_with(dir, VaultOptions::default())
    }

    /// [`DiskVault::create`] with other options.
    ///
    /// # Errors
    /// As there.
    pub fn create_with(dir: &Path, options: VaultOptions) -> PortResult<DiskVault> {
        found(dir, &options)?;
        DiskVault::open_with(dir, options)
    }

    /// Opens the vault in `dir`.
    ///
    /// # Errors
    /// `Missing` if there is none, which is also how a disk that is not mounted shows; `Invalid` if it
    /// is open to others or of a newer format; `Damaged` if its marker is.
    pub fn open(dir: &Path) -> PortResult<DiskVault> {
        DiskVault::open_with(dir, VaultOptions::default())
    }

    /// [`DiskVault::open`] with other options.
    ///
    /// # Errors
    /// As there.
    pub fn open_with(dir: &Path, options: VaultOptions) -> PortResult<DiskVault> {
        let (root, id) = recognise(dir, &options.faults)?;
        let mut run = [0; 8];
        getrandom::fill(&mut run).map_err(|error| {
            PortError::new(
                Kind::Failed,
                format!("no randomness to name copies: {error}; try again"),
            )
        })?;
        Ok(DiskVault {
            tree: Arc::new(Tree::open(root, options.faults, options.immutable)?),
            id,
            reserve_bytes: AtomicU64::new(options.reserve_bytes),
            run: u64::from_ne_bytes(run),
            copies: AtomicU64::new(0),
        })
    }

    /// The random id from the marker, 32 hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// From now on clips leave so many bytes free.
    pub fn keep_free(&self, bytes: u64) {
        self.reserve_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Does `dir` still lead to this very vault? Not where its disk went, or was mounted again.
    #[must_use]
    pub fn is_at(&self, dir: &Path) -> bool {
        let facts = |at: &OwnedFd| {
            let asked = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
            let facts = statx(at, "", AtFlags::EMPTY_PATH, asked).ok()?;
            let device = (facts.stx_dev_major, facts.stx_dev_minor);
            Some((device, facts.stx_ino, facts.stx_mnt_id))
        };
        let there = open_root(dir).ok().and_then(|there| facts(&there));
        there.is_some() && there == facts(&self.tree.root)
    }

    /// How many stored files have the immutable flag.
    ///
    /// # Errors
    /// Those of listing.
    pub fn flags(&self) -> PortResult<Flags> {
        flags(&self.tree, false)
    }

    /// Sets the immutable flag on what lacks it, where this vault was opened with it; then as [`DiskVault::flags`].
    ///
    /// # Errors
    /// Those of listing and opening. Where the flag cannot be set, that is no error: the files still lack it.
    pub fn set_flags(&self) -> PortResult<Flags> {
        flags(&self.tree, true)
    }

    /// Removes copies that a run before this one left behind, and says which. Only under the
    /// station's exclusive lock: another running station's copies look the same.
    ///
    /// # Errors
    /// Those of listing and removing.
    pub fn sweep_incoming(&self) -> PortResult<Vec<Found>> {
        let mut swept = Vec::new();
        for found in walk(self.tree.root.as_fd())? {
            if let Place::Incoming(name) = &found.place
                && !is_of_run(name, self.run)
            {
                self.tree.remove_incoming(name)?;
                swept.push(found);
            }
        }
        Ok(swept)
    }

    fn next_copy(&self, size: u64) -> PortResult<DiskIncoming> {
        let count = self.copies.fetch_add(1, Ordering::Relaxed);
        DiskIncoming::begin(&self.tree, incoming_name(self.run, count), size)
    }

    /// Refuses before the first byte what would not fit beside the reserve.
    fn refuse_if_full(&self, size: u64) -> PortResult<()> {
        if i64::try_from(size).is_err() {
            return Err(invalid(format!("no file has {size} bytes; list the recorder again")));
        }
        let room = self.room()?;
        let full = |why: String| Err(PortError::new(Kind::NoSpace, why));
        if room.inodes == 0 {
            return full(
                "cannot take a copy: no inode is free on the vault's disk; remove small files there, \
                 or put the vault on a disk made with more inodes"
                    .to_owned(),
            );
        }
        let reserve_bytes = self.reserve_bytes.load(Ordering::Relaxed);
        if room.bytes < size.saturating_add(reserve_bytes) {
            return full(format!(
                "cannot take a copy of {size} bytes: {} are free on the vault's disk and {} of them \
                 are kept in reserve; free space or put the vault on a larger disk",
                room.bytes, reserve_bytes
            ));
        }
        Ok(())
    }

    /// A whole small file in `incoming/`, not yet synced.
    fn draft(&self, bytes: &[u8]) -> PortResult<DiskIncoming> {
        let mut copy = self.next_copy(bytes.len() as u64)?;
        let mut block = Block::new(BLOCK.min(bytes.len().max(1)));
        for part in bytes.chunks(BLOCK) {
            block.room()[..part.len()].copy_from_slice(part);
            block.set_filled(part.len());
            copy.write(&mut block)?;
        }
        Ok(copy)
    }
}

impl Vault for DiskVault {
    fn begin(&self, size: u64) -> PortResult<Box<dyn Incoming>> {
        self.refuse_if_full(size)?;
        Ok(Box::new(self.next_copy(size)?))
    }

    fn open(&self, place: &Place) -> PortResult<Box<dyn Source>> {
        let spot = Spot::of(place)?;
        let directory = self.tree.directory(&spot)?.ok_or_else(|| missing(&spot))?;
        Ok(Box::new(DiskSource::open(directory.as_fd(), &spot.name, spot.to_string())?))
    }

    fn size(&self, place: &Place) -> PortResult<Option<u64>> {
        let stat = self.tree.look(&Spot::of(place)?)?;
        Ok(stat.map(|stat| stat.st_size.unsigned_abs()))
    }

    fn put_object(&self, bytes: &[u8]) -> PortResult<Digest> {
        let digest = Digest::of(bytes);
        let place = Place::Object(digest);
        let spot = Spot::of(&place)?;
        if self.tree.look(&spot)?.is_none() {
            let mut copy = self.draft(bytes)?;
            copy.seal()?;
            if Box::new(copy).keep(&place)? {
                return Ok(digest);
            }
        }
        if self.read(&place)? != bytes {
            return Err(damaged(spot, "does not hold the bytes its name says"));
        }
        // It may be there only since a run that was cut off before its sync.
        let directory = self.tree.make_directory(&spot)?;
        self.tree.sync_dir(directory.as_fd(), &spot.to_string())?;
        Ok(digest)
    }

    fn read(&self, place: &Place) -> PortResult<Vec<u8>> {
        let spot = Spot::of(place)?;
        let directory = self.tree.directory(&spot)?.ok_or_else(|| missing(&spot))?;
        let file = open_file(directory.as_fd(), &spot.name, OFlags::empty())
            .map_err(|errno| refused("open", &spot, errno))?;
        let stat = fstat(&file).map_err(|errno| refused("look at", &spot, errno))?;
        if !is_regular(&stat) {
            return Err(damaged(spot, "is not a regular file"));
        }
        let mut bytes = Vec::new();
        std::fs::File::from(file).take(READ_MAX + 1).read_to_end(&mut bytes).map_err(|error| {
            PortError::new(Kind::Failed, format!("cannot read {spot}: {error}; see the kernel log"))
        })?;
        if bytes.len() as u64 > READ_MAX {
            return Err(invalid(format!(
                "{spot} has {} bytes, more than the 64 MiB that are read whole; open it as a source",
                stat.st_size
            )));
        }
        Ok(bytes)
    }

    fn put_sidecar(&self, clip: Digest, name: &str, bytes: &[u8]) -> PortResult<()> {
        let spot = Spot::of(&Place::Sidecar(clip, name.to_owned()))?;
        let directory = self.tree.make_directory(&spot)?;
        let copy = self.draft(bytes)?;
        copy.publish(|incoming, draft| {
            // The one rename that replaces: a sidecar is derived and may be made again.
            renameat(incoming, draft, &directory, spot.name.as_str())
        })
    }

    fn inventory(&self) -> PortResult<Vec<Found>> {
        walk(self.tree.root.as_fd())
    }

    fn room(&self) -> PortResult<Room> {
        let facts = fstatvfs(&self.tree.root)
            .map_err(|errno| refused("ask for room on", "the vault's disk", errno))?;
        Ok(Room {
            bytes: facts.f_bavail.saturating_mul(facts.f_frsize),
            // btrfs and others make inodes as they go and report none at all.
            inodes: if facts.f_files == 0 { u64::MAX } else { facts.f_favail },
        })
    }

    fn remove(&self, permit: DisposalPermit) -> PortResult<()> {
        remove(&self.tree, &permit)
    }

    fn displace(&self, damaged: DamagedKept) -> PortResult<()> {
        displace(&self.tree, &damaged)
    }
}

fn missing(spot: &Spot) -> PortError {
    PortError::new(
        Kind::Missing,
        format!("{spot} is not in the vault; run `sealdock check` to see what is"),
    )
}
