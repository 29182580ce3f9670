//! A recorder that is a directory: a volume that somebody mounted, or a plain folder.

/// A volume that only the privileged part may make cold and delete from.
mod kept;

use crate::cold::{prove, remount};
use crate::fault::fault;
use crate::file::{FileSource, is_same};
use crate::keeper::Kept;
use crate::name;
use crate::own;
use crate::root::{FACTS, Root, shown};
use crate::{mountinfo, walk};
use kept::Wiping;
use rustix::fs::{AtFlags, StatVfsMountFlags};
use sealdock_core::block::Block;
use sealdock_core::custody::{WholeHash, WipePermit};
use sealdock_core::listing::{LineKind, RawLine, RawListing};
use sealdock_core::naming;
use sealdock_core::ports::{Claims, FileIdentity, Kind, PortError, PortResult, Recorder, Source};
use sealdock_core::time::ClockOffset;
use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A directory that holds a file of this name is a station, never a recorder.
pub const STATION_MARK: &str = "station.toml";

/// Read at once when a file is looked at byte by byte before it is deleted.
const READ_BYTES: usize = 1 << 20;

/// What the station knows about the recorder before it is opened.
#[derive(Debug, Clone, Default)]
pub struct FolderOptions {
    /// The plug-in of the bay this is, from [`crate::bays::BayEvent::Plugged`].
    pub epoch: u64,
    /// The cold second reading may unmount and mount the volume.
    pub may_remount: bool,
    /// Directories of the station (its own, vault, mirror): neither they, nor anything in them, nor
    /// anything that holds them can be a recorder.
    pub never: Vec<PathBuf>,
    /// The volume is kept by the privileged part: it alone makes it cold, and deletes.
    pub kept_by: Option<Kept>,
    /// The file system is taken for the one with this magic number (statfs(2)); else for what it is.
    pub system: Option<u64>,
}

/// An opened recorder.
#[derive(Debug)]
pub struct FolderRecorder {
    /// `None` after a remount that failed: the recorder is gone. `None`, too, while a keeper wipes.
    root: Option<Arc<Root>>,
    wiping: Option<Wiping>,
    path: PathBuf,
    options: FolderOptions,
    cold: bool,
    /// Files and folders of the station itself, by device and inode: a bind mount or a hard link has
    /// another path and is the same thing.
    own: HashSet<FileIdentity>,
    /// The largest file of the last listing, on which a way of cold reading is tried.
    sample: Option<RawLine>,
}

impl FolderRecorder {
    /// Opens the directory at `root`. An empty one is an empty card and fine.
    ///
    /// # Errors
    /// `Missing` if nothing is there; `Invalid` for what cannot be a recorder: a file, the root of the
    /// machine, a station or anything around one.
    pub fn open(root: &Path, options: FolderOptions) -> PortResult<FolderRecorder> {
        let given = shown(root);
        let path = std::fs::canonicalize(root).map_err(|e| {
            let kind = match e.kind() {
                std::io::ErrorKind::NotFound => Kind::Missing,
                _ => Kind::Failed,
            };
            PortError::new(
                kind,
                format!("there is no recorder at {given}: {e}; dock it and try again"),
            )
        })?;
        refuse_what_is_none(&path, &options.never)?;
        let own = own::things(&options.never);
        if own::identity(&path).is_some_and(|root| own.contains(&root)) {
            let message = format!(
                "{} is not a recorder: it is the station's own store under another name",
                shown(&path)
            );
            return Err(PortError::new(Kind::Invalid, message));
        }
        let root = Root::open_as(&path, options.system)?;
        if let Some(kept) = &options.kept_by {
            kept.is_still(&root)?;
        }
        let root = Some(Arc::new(root));
        Ok(FolderRecorder { root, wiping: None, path, options, own, cold: false, sample: None })
    }

    fn root(&self) -> PortResult<&Arc<Root>> {
        self.root.as_ref().ok_or_else(|| {
            let at = shown(&self.path);
            let message = match self.wiping {
                Some(_) => format!("the volume of {at} is being wiped; flush it, then list it again"),
                None => format!(
                    "the recorder was unplugged: its volume at {at} could not be mounted again; dock it again"
                ),
            };
            PortError::new(Kind::Failed, message)
        })
    }

    /// The root alone, to be closed: an open directory keeps a volume busy.
    fn take_root(&mut self) -> PortResult<Root> {
        self.root()?;
        let taken = self.root.take().map(Arc::try_unwrap).expect("looked at a line above");
        taken.map_err(|shared| {
            self.root = Some(shared);
            let message = format!(
                "the recorder at {} cannot be remounted: a file of it is still being read; finish it first",
                shown(&self.path)
            );
            PortError::new(Kind::Failed, message)
        })
    }

    /// Makes sure that the sample is a file that is there: after a wipe the last one may be gone, and
    /// that is no failure.
    fn find_sample(&mut self) -> PortResult<()> {
        if let Some(sample) = &self.sample
            && self.root()?.look(&sample.raw_name)?.is_some_and(|now| is_same(&now, sample))
        {
            return Ok(());
        }
        self.list().map(|_| ())
    }

    /// Unmounts and mounts again where that is possible; `false` leaves everything as it was.
    fn remount(&mut self) -> PortResult<bool> {
        let Some(mount) = remount::volume_of(self.root()?)? else { return Ok(false) };
        let root = self.take_root()?;
        match remount::remount(root, &mount) {
            Ok(remount::Remounted::Cold(root)) => {
                self.root = Some(Arc::new(root));
                Ok(true)
            }
            Ok(remount::Remounted::NotCold(root)) => {
                self.root = Some(Arc::new(root));
                Ok(false)
            }
            Err(error) => {
                // Busy: it is still mounted as it was. Anything else: this is another root now, or none.
                self.root =
                    Root::open(&self.path).ok().filter(|r| r.mount_id == mount.id).map(Arc::new);
                Err(error)
            }
        }
    }

    fn unlink(&mut self, permit: &WipePermit) -> PortResult<()> {
        let listed = permit.file();
        if !self.root()?.looks_suffice() {
            self.expect_bytes(permit)?;
        }
        let root = self.root()?;
        root.attached()?;
        let raw = &listed.raw_name;
        let parts = name::beneath(raw)?;
        let errno = |e| root.fault("delete", raw, e);
        let folder = root.open_folder(parts).map_err(errno)?;
        let stat = rustix::fs::statx(&folder, parts.leaf, AtFlags::SYMLINK_NOFOLLOW, FACTS);
        let now = root.line(raw.clone(), &stat.map_err(errno)?);
        expect_same(listed, Some(&now))?;
        rustix::fs::unlinkat(&folder, parts.leaf, AtFlags::empty()).map_err(errno)
    }

    /// Where a look shows nothing (FAT has no time of change), the file is read once more, just before it
    /// is deleted: what was written to it since the second reading must not go with it.
    fn expect_bytes(&mut self, permit: &WipePermit) -> PortResult<()> {
        let mut source = self.open(permit.file())?;
        let (mut whole, mut block) = (WholeHash::new(false), Block::new(READ_BYTES));
        let mut offset = 0;
        loop {
            let count = source.read_at(offset, &mut block)?;
            whole.update(block.bytes());
            offset += count as u64;
            if count < READ_BYTES {
                break;
            }
        }
        let now = whole.finish();
        if now.sha256() == permit.sha256() && now.size() == permit.file().size {
            return Ok(());
        }
        let message = format!(
            "{} was not deleted: it holds other bytes now than those that were stored; dock the recorder again",
            naming::display(&permit.file().raw_name)
        );
        Err(PortError::new(Kind::Failed, message))
    }
}

/// The last look before a file is deleted: is it still the one that was stored?
fn expect_same(listed: &RawLine, now: Option<&RawLine>) -> PortResult<()> {
    if now.is_some_and(|now| now.kind == LineKind::File && is_same(now, listed)) {
        return Ok(());
    }
    let message = format!(
        "{} was not deleted: it is another file now than the one that was stored; list the recorder again",
        naming::display(&listed.raw_name)
    );
    Err(PortError::new(Kind::Failed, message))
}

fn refuse_what_is_none(path: &Path, never: &[PathBuf]) -> PortResult<()> {
    let refuse = |why: &str| {
        let message = format!("{} is not a recorder: {why}", shown(path));
        Err(PortError::new(Kind::Invalid, message))
    };
    if path == Path::new("/") {
        return refuse("it is the root of this machine; name the recorder's mount point");
    }
    if !path.is_dir() {
        return refuse("it is not a directory; name the folder or mount point of its card");
    }
    if path.join(STATION_MARK).symlink_metadata().is_ok() {
        return refuse("it is a station directory; name the recorder's folder or mount point");
    }
    for ours in never {
        let ours = std::fs::canonicalize(ours).unwrap_or_else(|_| ours.clone());
        if path.starts_with(&ours) || ours.starts_with(path) {
            return refuse(
                "the station keeps its own files there; name the recorder's mount point",
            );
        }
    }
    Ok(())
}

impl Recorder for FolderRecorder {
    fn claims(&mut self) -> PortResult<Claims> {
        if let Some(wiping) = &self.wiping {
            return wiping.claims();
        }
        let root = self.root()?;
        root.attached()?;
        let volume =
            rustix::fs::fstatvfs(root.fd()).map_err(|e| fault("look at", &shown(&self.path), e))?;
        let mount = mountinfo::mounts().ok().into_iter().flatten().find(|m| m.id == root.mount_id);
        let (fs_type, source) = mount.map_or_else(
            || ("unknown".to_owned(), "unknown".to_owned()),
            |m| (m.fs_type.clone(), shown(&m.source)),
        );
        let (major, minor) = root.device;
        let what = if root.is_mount_point { "volume" } else { "folder on" };
        let bytes = volume.f_blocks.saturating_mul(volume.f_frsize);
        if let Some(kept) = &self.options.kept_by {
            return Ok(kept::claims(&kept.announced, &self.options, bytes));
        }
        Ok(Claims {
            label: self.path.file_name().map(|n| naming::display(n.as_bytes())),
            fingerprint: format!("{what} {fs_type} {major}:{minor} {source} {bytes} bytes"),
            epoch: self.options.epoch,
            read_only: volume.f_flag.contains(StatVfsMountFlags::RDONLY),
        })
    }

    fn list(&mut self) -> PortResult<RawListing> {
        let listing = walk::list(self.root()?)?;
        let files = listing.lines.iter().filter(|l| l.kind == LineKind::File && l.size > 0);
        self.sample = files.max_by_key(|l| l.size).cloned();
        Ok(listing)
    }

    fn clock(&mut self) -> PortResult<ClockOffset> {
        Ok(ClockOffset::Unknown { reason: "a mounted folder tells no clock".to_owned() })
    }

    fn open(&mut self, line: &RawLine) -> PortResult<Box<dyn Source>> {
        let root = self.root()?;
        let source = match self.cold {
            true => FileSource::open_cold(root, line)?,
            false => FileSource::open(root, line)?,
        };
        if source.identity().is_some_and(|file| self.own.contains(&file)) {
            let name = naming::display(&line.raw_name);
            let message = format!("{name} is a link to a file of the station itself; remove it");
            return Err(PortError::new(Kind::Invalid, message));
        }
        Ok(Box::new(source))
    }

    fn look(&mut self, line: &RawLine) -> PortResult<Option<RawLine>> {
        self.root()?.look(&line.raw_name)
    }

    fn make_cold(&mut self) -> PortResult<&'static str> {
        self.root()?.attached()?;
        if self.options.kept_by.is_some() {
            return self.kept_cold();
        }
        self.find_sample()?;
        if self.options.may_remount && self.remount()? {
            self.cold = true;
            return Ok("remounted");
        }
        let way = prove(self.root()?, self.sample.as_ref())?;
        match way {
            Some(way) => {
                self.cold = true;
                Ok(way)
            }
            None => {
                let message = format!(
                    "cannot prove a cold second reading of {}: its file system neither reads past the page cache nor lets it be emptied; let the station mount the recorder, or waive the second reading by policy",
                    shown(&self.path)
                );
                Err(PortError::new(Kind::Failed, message))
            }
        }
    }

    fn delete(&mut self, permit: WipePermit) -> PortResult<()> {
        match self.options.kept_by {
            Some(_) => self.kept_delete(permit),
            None => self.unlink(&permit),
        }
    }

    fn flush(&mut self) -> PortResult<()> {
        if let Some(wiping) = self.wiping.take() {
            return self.kept_end(wiping);
        }
        let root = self.root()?;
        root.attached()?;
        rustix::fs::syncfs(root.fd())
            .map_err(|e| root.fault("flush the deletions to", b"the recorder", e))
    }
}
