//! The recorder profiles in force: the built-in ones and the owner's own. Looked at whenever one is needed,
//! so that a file counts from the next plug on; read and tried by their own examples anew only when one changed.

use crate::exit::{CliError, Exit, file_error};
use sealdock_profile::Profiles;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A profile is a page of text.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// Name and text of profile files.
type Files = Vec<(String, String)>;

static BUILT_IN: LazyLock<Arc<Profiles>> = LazyLock::new(|| Arc::new(Profiles::built_in()));
/// The last ones that were read, and of what.
static LAST: Mutex<Option<(Files, Known)>> = Mutex::new(None);

/// What is in force.
#[derive(Debug, Clone)]
pub struct Known {
    pub profiles: Arc<Profiles>,
    /// Why none of the owner's profiles is in force: the file, and what to do. What they would keep on a
    /// recorder is not known then, so nothing is wiped from one at a dock port.
    pub fault: Option<String>,
}

/// The built-in profiles and every `*.toml` in `folder`, or the built-in ones and why.
pub fn known(folder: &Path) -> Known {
    let files = match own(folder) {
        Ok(files) if files.is_empty() => {
            return Known { profiles: Arc::clone(&BUILT_IN), fault: None };
        }
        Ok(files) => files,
        Err(e) => return faulty(&e.message),
    };
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, known)) = &*last
        && *of == files
    {
        return known.clone();
    }
    let known = match Profiles::beside(&files) {
        Ok(profiles) => Known { profiles: Arc::new(profiles), fault: None },
        Err(fault) => faulty(&format!("{}: {}", fault.file, fault.why)),
    };
    *last = Some((files, known.clone()));
    known
}

fn faulty(why: &str) -> Known {
    let fault = format!(
        "自有型号文件有误，仅内置型号有效，坞站端口上的记录仪不清除 / {why}; until it is mended only the built-in profiles are in \
         force and nothing is wiped at dock ports; see `sealdock profile check`"
    );
    Known { profiles: Arc::clone(&BUILT_IN), fault: Some(fault) }
}

fn own(folder: &Path) -> Result<Files, CliError> {
    match folder.symlink_metadata() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        _ => read_all(folder),
    }
}

/// Name and text of every `*.toml` of a directory, by name.
///
/// # Errors
/// The directory or one of the files cannot be read.
pub fn read_all(folder: &Path) -> Result<Files, CliError> {
    let cannot = |e: &std::io::Error| file_error("list", folder, e);
    let entries = std::fs::read_dir(folder).map_err(|e| cannot(&e))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|e| cannot(&e))?;
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// Name and text of one file.
///
/// # Errors
/// It cannot be read, is too large for a profile, or is no text.
pub fn read(path: &Path) -> Result<(String, String), CliError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|e| file_error("read", path, &e))?;
    let refused = |why: &str| CliError::new(Exit::Refused, format!("{} {why}", path.display()));
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(refused(&format!("is larger than {FILE_BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| refused("is not UTF-8 text"))?;
    Ok((path.display().to_string(), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const OWN: &str = "schema = 1\n[profile]\nid = 'acme.x1'\ntitle = 'ACME'\nsources = ['me']\nconfidence = 'reported'\n\
                       [[match]]\nstate = 'storage'\nweight = 40\nusb.vid = 0x7777\n";

    #[test]
    fn a_file_counts_from_the_next_look_on_and_a_faulty_one_takes_all_out_of_force() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("profiles");
        let there = || {
            let known = known(&folder);
            (known.profiles.find("acme.x1").is_some(), known.fault)
        };
        assert_eq!(there(), (false, None), "no folder");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("acme.toml"), OWN).unwrap();
        fs::write(folder.join("notes.txt"), "no profile").unwrap();
        assert_eq!(there(), (true, None));
        for bad in [b"colour = 1".as_slice(), &[0xff], OWN.as_bytes()] {
            fs::write(folder.join("bad.toml"), bad).unwrap();
            let (found, fault) = there();
            let fault = fault.expect("it is said");
            assert!(!found && fault.contains("bad.toml"), "{fault}");
            assert!(known(&folder).profiles.find("cammpro.mc").is_some());
        }
        fs::remove_file(folder.join("bad.toml")).unwrap();
        assert_eq!(there(), (true, None));
        fs::create_dir(folder.join("x.toml")).unwrap();
        assert!(there().1.is_some_and(|fault| fault.contains("x.toml")));
    }
}
