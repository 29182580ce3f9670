//! A directory that takes a copy. It must be absent or empty, so that nothing of an older copy passes for
//! part of this one.

use super::meter::Meter;
use crate::exit::{CliError, Exit, file_error};
use rustix::fs::{Advice, fadvise};
use sealdock_chain::digest::Digest;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_station::viewing::CopyTarget;
use sha2::{Digest as _, Sha256};
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
        Ok(Folder { told, dir: dir.to_owned(), open: None, begun: false, made })
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
        fadvise(&file, 0, None, Advice::DontNeed)
            .map_err(|e| failed("drop from memory", &path, &e.into()))?;
        let mut file = File::open(&path).map_err(|e| failed("read back", &path, &e))?;
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
        loop {
            match file.read(&mut piece).map_err(|e| failed("read back", &path, &e))? {
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
