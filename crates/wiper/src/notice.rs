//! Announcements: small files below `/run/sealdock`, written beside and renamed into place. The directory
//! belongs to the daemon's user, so nothing in it is followed.

use crate::error::{WiperError, WiperResult};
use crate::roots::Roots;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use std::io::Write as _;
use std::os::fd::OwnedFd;

/// Resolved by the kernel: nothing upwards, no link of any kind.
pub const STRICT: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Opens a folder below `/run/sealdock`, making it and its parents.
///
/// # Errors
/// A link stands in the way, or the kernel refuses.
pub fn folder(roots: &Roots, parts: &[&str]) -> WiperResult<OwnedFd> {
    let failed = |e| WiperError::kernel("open", &format!("/run/sealdock/{}", parts.join("/")), e);
    let run = rustix::fs::open(&roots.run, FOLDER, Mode::empty()).map_err(failed)?;
    let mut folder = run;
    for part in ["sealdock"].iter().chain(parts) {
        match rustix::fs::mkdirat(&folder, *part, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(e) => return Err(failed(e)),
        }
        folder =
            rustix::fs::openat2(&folder, *part, FOLDER, Mode::empty(), STRICT).map_err(failed)?;
    }
    Ok(folder)
}

/// Puts `NAME.json` into a folder of announcements.
///
/// # Errors
/// It cannot be written.
pub fn write(
    roots: &Roots,
    parts: &[&str],
    name: &str,
    notice: &impl serde::Serialize,
) -> WiperResult<()> {
    let folder = folder(roots, parts)?;
    let failed =
        |e: std::io::Error| WiperError::file("write the announcement of", name.as_ref(), &e);
    let mut text = serde_json::to_vec_pretty(notice).map_err(|e| failed(e.into()))?;
    text.push(b'\n');
    let beside = format!(".{name}.tmp");
    let _left_by_a_crash = rustix::fs::unlinkat(&folder, &beside, AtFlags::empty());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(&folder, &beside, flags, Mode::from_raw_mode(0o644))
        .map_err(|e| failed(e.into()))?;
    std::fs::File::from(file).write_all(&text).map_err(failed)?;
    rustix::fs::renameat(&folder, &beside, &folder, format!("{name}.json"))
        .map_err(|e| failed(e.into()))
}

/// Removes the announcement `NAME.json` of whichever bay has it; says which bays those were.
pub fn remove(roots: &Roots, area: &str, name: &str) -> Vec<String> {
    let mut bays = Vec::new();
    let Ok(entries) = std::fs::read_dir(roots.station().join(area)) else { return bays };
    for entry in entries.flatten() {
        let Ok(bay) = entry.file_name().into_string() else { continue };
        let beneath = format!("sealdock/{area}/{bay}");
        let opened =
            rustix::fs::openat2(CWD, &roots.run, FOLDER, Mode::empty(), ResolveFlags::empty())
                .and_then(|run| rustix::fs::openat2(&run, &beneath, FOLDER, Mode::empty(), STRICT));
        let Ok(folder) = opened else { continue };
        if rustix::fs::unlinkat(&folder, format!("{name}.json"), AtFlags::empty()).is_ok() {
            bays.push(bay);
        }
    }
    bays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_appears_whole_and_goes() {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots::below(dir.path());
        std::fs::create_dir_all(&roots.run).unwrap();
        for turn in 0..2 {
            write(&roots, &["usb", "bay-1"], "1-2", &serde_json::json!({ "turn": turn })).unwrap();
            let path = roots.station().join("usb/bay-1/1-2.json");
            assert!(std::fs::read_to_string(path).unwrap().contains(&format!("\"turn\": {turn}")));
        }
        assert_eq!(remove(&roots, "usb", "1-2"), ["bay-1"]);
        assert_eq!(std::fs::read_dir(roots.station().join("usb/bay-1")).unwrap().count(), 0);
        assert!(remove(&roots, "usb", "1-2").is_empty());
    }

    #[test]
    fn a_link_in_the_daemons_directory_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots::below(dir.path());
        std::fs::create_dir_all(roots.station().join("usb")).unwrap();
        let outside = dir.path().join("outside");
        std::fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, roots.station().join("usb/bay-1")).unwrap();
        assert!(write(&roots, &["usb", "bay-1"], "1-2", &1).is_err());
        std::fs::write(outside.join("1-2.json"), "x").unwrap();
        assert!(remove(&roots, "usb", "1-2").is_empty());
        assert!(outside.join("1-2.json").exists());
    }
}
