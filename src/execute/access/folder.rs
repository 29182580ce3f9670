//! A directory that takes a copy. It must be absent or empty, so that nothing of an older copy passes for
//! part of this one.

use super::beneath::Root;
use super::meter::Meter;
use crate::exit::{CliError, Exit, file_error};
use rustix::fs::{Advice, fadvise};
use sealdock_chain::digest::Digest;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_station::viewing::CopyTarget;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Bytes that are read back at once.
const PIECE_BYTES: usize = 1 << 20;

pub struct Folder<'a> {
    told: Meter<'a>,
    dir: PathBuf,
    open: Option<(PathBuf, File)>,
    begun: bool,
    made: bool,
    /// What a copy that broke off left, and this one has not written or found whole yet; `None`: this is no such.
    left: Option<Left>,
}

struct Left {
    root: Root,
    files: BTreeSet<PathBuf>,
}

impl<'a> Folder<'a> {
    pub fn make(dir: &Path, told: Meter<'a>) -> Result<Folder<'a>, CliError> {
        let mut made = false;
        match std::fs::create_dir(dir) {
            Ok(()) => made = true,
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut entries =
                    std::fs::read_dir(dir).map_err(|e| file_error("look into", dir, &e))?;
                if entries.next().is_some() {
                    let text = format!(
                        "{} is not empty; a copy needs a directory of its own",
                        dir.display()
                    );
                    return Err(CliError::new(Exit::Refused, text));
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let text = format!(
                    "{}: the folder above it is not there; make it first. Nothing was copied, and the approval is unspent",
                    dir.display()
                );
                return Err(CliError::new(Exit::Refused, text));
            }
            Err(e) => return Err(file_error("make", dir, &e)),
        }
        Ok(Folder { told, dir: dir.to_owned(), open: None, begun: false, made, left: None })
    }

    /// What a copy that broke off left. Nothing in it is believed: it is read back, or written anew, and what is neither goes.
    ///
    /// # Errors
    /// It is not there, or holds something that no copy writes.
    pub fn go_on(dir: &Path, told: Meter<'a>) -> Result<Folder<'a>, CliError> {
        let root = Root::open(dir).map_err(|e| file_error("go on with", dir, &e))?;
        let mut files = BTreeSet::new();
        gather(dir, &mut files)?;
        let (dir, left) = (dir.to_owned(), Some(Left { root, files }));
        Ok(Folder { told, dir, open: None, begun: true, made: false, left })
    }

    /// Takes away what the broken copy left and this one has no use for.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn sweep(&mut self) -> Result<(), CliError> {
        let Some(Left { root, files }) = self.left.take() else { return Ok(()) };
        for path in files {
            let way = path.strip_prefix(&self.dir).unwrap_or(&path);
            root.remove(way).map_err(|e| file_error("remove", &path, &e))?;
        }
        Ok(())
    }

    /// Has any file been begun?
    pub fn begun(&self) -> bool {
        self.begun
    }

    fn make_folders(&self, file: &Path) -> std::io::Result<()> {
        let between = file.ancestors().skip(1).take_while(|folder| **folder != *self.dir);
        for folder in between.collect::<Vec<_>>().into_iter().rev() {
            match std::fs::create_dir(folder) {
                Ok(()) => sync_dir(folder.parent())?,
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Takes back the directory where nothing came of the copy.
    pub fn undo(&self) {
        if self.made && !self.begun {
            // Whoever put something there meanwhile keeps it.
            let _kept = std::fs::remove_dir(&self.dir);
        }
    }
}

/// Every file below a folder. A link, or anything else that a copy does not write, is somebody's: nothing is gone on with.
fn gather(dir: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), CliError> {
    for entry in std::fs::read_dir(dir).map_err(|e| file_error("look into", dir, &e))? {
        let path = entry.map_err(|e| file_error("look into", dir, &e))?.path();
        let kind = path.symlink_metadata().map_err(|e| file_error("look at", &path, &e))?;
        match (kind.is_dir(), kind.is_file()) {
            (true, _) => gather(&path, files)?,
            (_, true) => drop(files.insert(path)),
            _ => {
                let text = format!(
                    "{} is neither a file nor a folder, and no copy wrote it; begin anew, into another folder",
                    path.display()
                );
                return Err(CliError::new(Exit::Refused, text));
            }
        }
    }
    Ok(())
}

/// Names in this directory are durable.
pub fn sync_dir(dir: Option<&Path>) -> std::io::Result<()> {
    // A relative name of one part lies in the directory where the program runs.
    let dir = dir.filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}

impl CopyTarget for Folder<'_> {
    /// A name with `/` in it lies in folders that are made, and are durable, first.
    fn begin(&mut self, name: &str) -> PortResult<()> {
        let path = self.dir.join(name);
        self.make_folders(&path).map_err(|e| failed("make a folder for", &path, &e))?;
        if let Some(Left { root, files }) = &mut self.left
            && files.remove(&path)
        {
            root.remove(Path::new(name)).map_err(|e| failed("write anew", &path, &e))?;
        }
        let mut how = OpenOptions::new();
        how.read(true).write(true).create_new(true).mode(0o600);
        let file = how.open(&path).map_err(|e| failed("make", &path, &e))?;
        self.begun = true;
        self.open = Some((path, file));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> PortResult<()> {
        let (path, file) = self.open.as_mut().expect("a file was begun");
        file.write_all(bytes).map_err(|e| failed("write", path, &e))?;
        self.told.bytes(bytes.len());
        Ok(())
    }

    /// fsync of the file, then of the directory; then the page cache is dropped and the file read.
    fn finish(&mut self) -> PortResult<Digest> {
        let (path, file) = self.open.take().expect("a file was begun");
        file.sync_all().map_err(|e| failed("sync", &path, &e))?;
        sync_dir(path.parent()).map_err(|e| failed("sync the folder of", &path, &e))?;
        self.read_back(&path, &file)
    }

    fn lies_whole(&mut self, name: &str, size: u64, sha256: Digest) -> PortResult<bool> {
        let path = self.dir.join(name);
        if !self.left.as_ref().is_some_and(|left| left.files.contains(&path)) {
            return Ok(false);
        }
        let file = File::open(&path).map_err(|e| failed("open", &path, &e))?;
        if file.metadata().map_err(|e| failed("look at", &path, &e))?.len() != size {
            return Ok(false);
        }
        // It may never have reached the medium: whoever wrote it was cut off.
        file.sync_all().map_err(|e| failed("sync", &path, &e))?;
        sync_dir(path.parent()).map_err(|e| failed("sync the folder of", &path, &e))?;
        let whole = self.read_back(&path, &file)? == sha256;
        if whole && let Some(left) = &mut self.left {
            left.files.remove(&path);
            self.told.skip(size);
        }
        Ok(whole)
    }
}

impl Folder<'_> {
    /// The digest of what lies on the medium, not of what lies in memory.
    fn read_back(&mut self, path: &Path, file: &File) -> PortResult<Digest> {
        fadvise(file, 0, None, Advice::DontNeed)
            .map_err(|e| failed("drop from memory", path, &e.into()))?;
        let mut file = File::open(path).map_err(|e| failed("read back", path, &e))?;
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
        loop {
            match file.read(&mut piece).map_err(|e| failed("read back", path, &e))? {
                0 => break,
                n => {
                    hash.update(&piece[..n]);
                    self.told.bytes(n);
                }
            }
        }
        self.told.file();
        Ok(Digest(hash.finalize().into()))
    }
}

fn failed(what: &str, path: &Path, e: &std::io::Error) -> PortError {
    let kind = match e.kind() {
        std::io::ErrorKind::StorageFull => Kind::NoSpace,
        std::io::ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
        _ => Kind::Failed,
    };
    PortError::new(kind, format!("cannot {what} {}: {e}", path.display()))
}
