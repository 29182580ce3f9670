//! Kernel files and what udev noted of a device. Both are root's; neither is a device's own word, except
//! the strings, which are kept as strings.

use crate::error::{Kind, WiperError, WiperResult};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Longest attribute that is read.
const ATTRIBUTE_BYTES_MAX: usize = 64 << 10;

/// One attribute, without its line feed; `None` where there is none.
pub fn attribute(folder: &Path, name: &str) -> Option<String> {
    let bytes = raw_attribute(folder, name)?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.trim_end_matches('\n').to_owned())
}

pub fn raw_attribute(folder: &Path, name: &str) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let file = std::fs::File::open(folder.join(name)).ok()?;
    let mut bytes = Vec::new();
    file.take(ATTRIBUTE_BYTES_MAX as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

pub fn number(folder: &Path, name: &str) -> Option<u64> {
    attribute(folder, name)?.trim().parse().ok()
}

/// The real directory behind a link in sysfs.
///
/// # Errors
/// `Missing`: the kernel does not know it (any more).
pub fn folder(link: &Path) -> WiperResult<PathBuf> {
    std::fs::canonicalize(link).map_err(|_| {
        let what = link.file_name().unwrap_or_default().to_string_lossy().into_owned();
        WiperError::new(Kind::Missing, format!("{what} is gone; plug the recorder in again"))
    })
}

/// What udev noted of a device (`E:` lines of its database), `kind` being `b` or `c`.
pub fn udev(run: &Path, kind: char, device: &Path) -> BTreeMap<String, String> {
    let Some(number) = attribute(device, "dev") else { return BTreeMap::new() };
    let file = run.join("udev/data").join(format!("{kind}{number}"));
    let text = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .filter_map(|line| line.strip_prefix("E:")?.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A device and the number of its plug-in, `1-2.3:17`, as units are named after them: what is asked about
/// an earlier plug-in must never be taken for the one that is there now. Without a number: whichever.
/// udev's path in sysfs does as well; nothing else with a slash is a name.
///
/// # Errors
/// It has no name that a device can have.
pub fn plug_in(text: &str) -> WiperResult<(&str, Option<u64>)> {
    let path = text.strip_prefix("/sys/").and_then(|path| path.rsplit('/').next());
    let last = path.unwrap_or(text);
    let (name, number) = match last.split_once(':') {
        Some((name, number)) => (name, Some(number.parse().ok())),
        None => (last, None),
    };
    match number {
        None if is_plain(name) => Ok((name, None)),
        Some(Some(number)) if is_plain(name) => Ok((name, Some(number))),
        _ => Err(WiperError::new(Kind::Invalid, format!("{text:?} is no name of a device"))),
    }
}

/// The USB device that something in sysfs hangs on.
pub fn usb_device(sys: &Path, of: &Path) -> Option<PathBuf> {
    let top = std::fs::canonicalize(sys).ok()?;
    of.ancestors()
        .take_while(|folder| folder.starts_with(&top))
        .find(|folder| folder.join("busnum").exists() && folder.join("descriptors").exists())
        .map(Path::to_path_buf)
}

/// A kernel name that may become a file name: letters, digits, and what buses put between them.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_become_files() {
        assert!(is_plain("1-2.3") && is_plain("sdb1") && is_plain("mmcblk0p1"));
        for bad in ["", ".", "..", "../x", "a/b", "a b", "-x", "a\0", "工"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn a_plug_in_is_a_name_or_a_path_in_sysfs() {
        assert_eq!(plug_in("1-2.3:17").unwrap(), ("1-2.3", Some(17)));
        assert_eq!(plug_in("/sys/devices/usb1/1-2.3").unwrap(), ("1-2.3", None));
        for bad in ["../sdb:1", "a/sdb", "/dev/sdb", "/sys/", "sdb:", ":1", "sdb:1:2"] {
            assert!(plug_in(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn udevs_notes_are_read_line_by_line() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("udev/data");
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(dir.path().join("dev"), "8:17\n").unwrap();
        std::fs::write(data.join("b8:17"), "S:disk/x\nE:ID_FS_TYPE=vfat\nE:A=b=c\nE:bare\n")
            .unwrap();
        let notes = udev(dir.path(), 'b', dir.path());
        assert_eq!(notes.get("ID_FS_TYPE").map(String::as_str), Some("vfat"));
        assert_eq!(notes.get("A").map(String::as_str), Some("b=c"));
        assert_eq!(notes.len(), 2);
        assert!(udev(dir.path(), 'c', dir.path()).is_empty());
    }
}
