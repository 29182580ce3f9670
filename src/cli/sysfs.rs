//! What the kernel lists about a plugged USB device, and what stands on a mounted card: facts only, read
//! from files below a given root, so that a test can be the kernel.

use crate::exit::{CliError, Exit, file_error};
use sealdock_profile::{Content, ContentFile, Seen};
use std::io::Read as _;
use std::path::{Path, PathBuf};

const DESCRIPTORS_BYTES_MAX: u64 = 1 << 20;
const STRING_BYTES_MAX: u64 = 4096;
const FILES_MAX: usize = 100_000;
const DEPTH_MAX: usize = 32;

/// Descriptors and strings of a device. Its serial number is left out: a description is shared, and the
/// number is no use to a profile.
pub fn seen(sysfs: &Path, busid: &str) -> Result<Seen, CliError> {
    let letters = |b: u8| b.is_ascii_digit() || b == b'-' || b == b'.';
    if busid.is_empty() || !busid.bytes().all(letters) || !busid.contains('-') {
        let text =
            format!("{busid:?} is no USB device; it is called like 1-2.3, see {}", sysfs.display());
        return Err(CliError::new(Exit::Usage, text));
    }
    let folder = sysfs.join(busid);
    if !folder.exists() {
        let text = format!(
            "no USB device {busid} is plugged in; plug it in and read its number from `dmesg` or {}",
            sysfs.display()
        );
        return Err(CliError::new(Exit::Missing, text));
    }
    let bytes = read(&folder.join("descriptors"), DESCRIPTORS_BYTES_MAX)?;
    let seen = Seen::from_descriptors(&bytes)
        .map_err(|e| CliError::new(Exit::Refused, format!("{busid}: {e}")))?;
    Ok(Seen {
        manufacturer: string(&folder, "manufacturer"),
        product: string(&folder, "product"),
        ..seen
    })
}

/// A string of the device; the kernel has no file where the device has none.
fn string(folder: &Path, name: &str) -> Option<String> {
    let bytes = read(&folder.join(name), STRING_BYTES_MAX).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned())
}

/// Names and sizes of everything on a card, sorted; links are not followed, no file is opened.
pub fn content(card: &Path) -> Result<Content, CliError> {
    let mut files = Vec::new();
    let mut folders: Vec<(PathBuf, String, usize)> = vec![(card.to_path_buf(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| file_error("list", &folder, &e))? {
            let entry = entry.map_err(|e| file_error("list", &folder, &e))?;
            let found = entry.metadata().map_err(|e| file_error("look at", &entry.path(), &e))?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if found.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), format!("{path}/"), depth + 1));
            } else if found.is_file() {
                files.push(ContentFile { path, size: found.len() });
            }
            if files.len() > FILES_MAX {
                let text = format!("{} holds more than {FILES_MAX} files", card.display());
                return Err(CliError::new(Exit::Refused, text));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Content { files, ..Content::default() })
}

pub fn read_text(file: &Path, bytes_max: u64) -> Result<String, CliError> {
    let bytes = read(file, bytes_max)?;
    String::from_utf8(bytes)
        .map_err(|_| CliError::new(Exit::Refused, format!("{} is not UTF-8 text", file.display())))
}

/// A whole file that is not larger than it may be.
fn read(file: &Path, bytes_max: u64) -> Result<Vec<u8>, CliError> {
    let opened = std::fs::File::open(file).map_err(|e| file_error("read", file, &e))?;
    let mut bytes = Vec::new();
    opened.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|e| file_error("read", file, &e))?;
    match bytes.len() as u64 > bytes_max {
        true => Err(CliError::new(
            Exit::Refused,
            format!("{} is larger than {bytes_max} bytes", file.display()),
        )),
        false => Ok(bytes),
    }
}
