//! A block device on a dock port, as the kernel and udev know it. Where it is plugged is looked up anew
//! every time; nobody who asks for a volume can say that it is one of ours.

use crate::admit;
use crate::error::{Kind, WiperError, WiperResult};
use crate::roots::Roots;
use crate::sysfs;
use sealdock_profile::{Place, Scsi, Seen};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Facts of one block device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The kernel's name, `sdb1`.
    pub name: String,
    pub bay: String,
    pub busid: String,
    pub node: PathBuf,
    pub device: (u32, u32),
    /// The kernel's number of this very appearance of the disk.
    pub disk_sequence: u64,
    /// udev's `ID_FS_TYPE`.
    pub fs: Option<String>,
    pub sectors: u64,
    pub read_only: bool,
    /// A whole disk that is divided into partitions: they are the volumes, not it.
    pub divided: bool,
    pub seen: Seen,
}

impl Volume {
    /// Looks a block device up.
    ///
    /// # Errors
    /// `Invalid`: no such name, or on no dock port. `Missing`: gone.
    pub fn find(roots: &Roots, name: &str) -> WiperResult<Volume> {
        if !sysfs::is_plain(name) {
            let message = format!("{name:?} is no name of a volume");
            return Err(WiperError::new(Kind::Invalid, message));
        }
        let folder = sysfs::folder(&roots.sys.join("class/block").join(name))?;
        let notes = sysfs::udev(&roots.run, 'b', &folder);
        let path = notes.get("ID_PATH").cloned().unwrap_or_default();
        let docks = roots.docks()?;
        let Place::Dock(port) = docks.place(&path) else {
            let message = format!("{name} at {path:?} is on no dock port; it is not touched");
            return Err(WiperError::new(Kind::Invalid, message));
        };
        let gone = || {
            let message = format!("{name} is half gone; plug the recorder in again");
            WiperError::new(Kind::Missing, message)
        };
        let disk = disk_of(&folder).ok_or_else(gone)?;
        let usb = sysfs::usb_device(&roots.sys, &folder).ok_or_else(gone)?;
        let sectors = sysfs::number(&folder, "size").unwrap_or(0);
        let divided = disk == folder && is_divided(disk);
        Ok(Volume {
            name: name.to_owned(),
            bay: port.bay.to_string(),
            busid: usb.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            node: roots.dev.join(name),
            device: device(&folder).ok_or_else(gone)?,
            disk_sequence: sysfs::number(disk, "diskseq").ok_or_else(gone)?,
            fs: notes.get("ID_FS_TYPE").filter(|fs| !fs.is_empty()).cloned(),
            sectors,
            read_only: [folder.as_path(), disk].iter().any(|f| sysfs::number(f, "ro") == Some(1)),
            divided,
            seen: seen(&usb, disk, &notes, path).ok_or_else(gone)?,
        })
    }

    /// The device and appearance that make it this volume and no other.
    pub fn identity(&self) -> ((u32, u32), u64) {
        (self.device, self.disk_sequence)
    }
}

/// The whole disk that a partition is of.
fn disk_of(folder: &Path) -> Option<&Path> {
    if folder.join("partition").exists() { folder.parent() } else { Some(folder) }
}

fn is_divided(disk: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(disk) else { return false };
    entries.flatten().any(|entry| entry.path().join("partition").exists())
}

fn device(folder: &Path) -> Option<(u32, u32)> {
    let text = sysfs::attribute(folder, "dev")?;
    let (major, minor) = text.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn seen(usb: &Path, disk: &Path, notes: &BTreeMap<String, String>, path: String) -> Option<Seen> {
    let scsi = |name| sysfs::attribute(disk, name).unwrap_or_default().trim_end().to_owned();
    let text = |key: &str| notes.get(key).map(|text| unescape(text));
    let volume = notes.get("ID_FS_TYPE").filter(|fs| !fs.is_empty()).map(|fs| {
        let (label, uuid) = (text("ID_FS_LABEL_ENC"), text("ID_FS_UUID_ENC"));
        sealdock_profile::Volume { fs: fs.clone(), label, uuid }
    });
    Some(Seen {
        scsi: Some(Scsi {
            vendor: scsi("device/vendor"),
            product: scsi("device/model"),
            sectors: sysfs::number(disk, "size").unwrap_or(0),
        }),
        volume,
        ..admit::seen(usb, &path)?
    })
}

/// udev writes what is no plain letter as `\x20`.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let coded = (*first == b'\\')
            .then(|| tail.strip_prefix(b"x")?.get(..2))
            .flatten()
            .and_then(|hex| hex::decode(hex).ok());
        match coded {
            Some(byte) => {
                bytes.extend_from_slice(&byte);
                rest = &tail[3..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn udevs_escapes_are_taken_back() {
        assert_eq!(unescape(r"NO\x20NAME"), "NO NAME");
        assert_eq!(unescape(r"\xe6\xa1\xa3"), "档");
        assert_eq!(unescape(r"a\x"), r"a\x");
        assert_eq!(unescape(r"a\xzz\"), r"a\xzz\");
    }
}
