//! What everybody reads a volume through: a read-only loop device over it, which ends with the mount. The
//! read-only flag of a disk stops no write of a file system that is told so (Linux only warns), and FAT does
//! write on a read-only mount: it gives the cluster of a folder back that it cannot read. A read-only loop
//! device refuses (`loop_handle_cmd` and `loop_queue_rq` in drivers/block/loop.c).

use crate::error::{Kind, WiperError, WiperResult};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the kernel writes behind the name of a device node that was removed.
const GONE: &str = " (deleted)";

/// Who runs `losetup`.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// The service manager, in the machine's own mount namespace and with its rights. What is attached inside
    /// the namespace of a unit is called by another name when that unit has ended.
    Manager,
    /// This process.
    Us,
}

/// Puts a read-only loop device over `node`. It reads past the cache of what is below, so that nothing is
/// kept twice and a bad sector spoils no more than itself. What an interrupted run left over it goes first.
///
/// # Errors
/// No loop device to be had, or the node cannot be read.
pub fn attach(by: By, sys: &Path, node: &Path) -> WiperResult<PathBuf> {
    if let Some(left) = over(sys, node)? {
        end_with_last_use(by, &Path::new("/dev").join(left.name))?;
    }
    let mut losetup = losetup(by);
    losetup.args(["--find", "--show", "--read-only", "--direct-io=on"]).arg(node);
    Ok(PathBuf::from(run(&mut losetup, node)?))
}

/// The loop device over `node`, if there is one, goes with its last use; also over a disk of that name that is
/// gone.
///
/// # Errors
/// Sysfs cannot be read, or it stays.
pub fn abandon(by: By, sys: &Path, node: &Path) -> WiperResult<()> {
    let mut gone = node.as_os_str().to_owned();
    gone.push(GONE);
    for node in [node, Path::new(&gone)] {
        if let Some(left) = over(sys, node)? {
            end_with_last_use(by, &Path::new("/dev").join(left.name))?;
        }
    }
    Ok(())
}

/// The loop device goes when nobody uses it any more; at once, if nobody does.
///
/// # Errors
/// It stays.
pub fn end_with_last_use(by: By, device: &Path) -> WiperResult<()> {
    run(losetup(by).arg("--detach").arg(device), device).map(drop)
}

fn losetup(by: By) -> Command {
    const LOSETUP: &str = "/usr/sbin/losetup";
    match by {
        By::Us => Command::new(LOSETUP),
        By::Manager => {
            let mut run = Command::new("/usr/bin/systemd-run");
            run.args(["--no-ask-password", "--quiet", "--collect", "--wait", "--pipe"]);
            run.args(["--description=Loop device over a recorder", "--", LOSETUP]);
            run
        }
    }
}

fn run(command: &mut Command, device: &Path) -> WiperResult<String> {
    let failed = |why: &str| {
        let message = format!(
            "no read-only loop device for {}: {why}; the Debian package `mount` and a kernel with loop devices are needed",
            device.display()
        );
        Err(WiperError::new(Kind::Failed, message))
    };
    match command.env_clear().stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        Ok(output) => failed(String::from_utf8_lossy(&output.stderr).trim()),
        Err(e) => failed(&format!("losetup does not run: {e}")),
    }
}

/// The loop device over a block device, and whether it refuses to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    pub name: String,
    pub read_only: bool,
}

/// Looks for a loop device over `node`; `sys` is where sysfs is.
///
/// # Errors
/// Sysfs cannot be read: nobody knows.
pub fn over(sys: &Path, node: &Path) -> WiperResult<Option<Over>> {
    use std::os::unix::ffi::OsStrExt as _;
    let block = sys.join("block");
    let unknown = |path: &Path, e: std::io::Error| WiperError::file("look at", path, &e);
    for entry in std::fs::read_dir(&block).map_err(|e| unknown(&block, e))? {
        let folder = entry.map_err(|e| unknown(&block, e))?.path();
        let file = folder.join("loop/backing_file");
        let backing = match std::fs::read(&file) {
            Ok(backing) => backing,
            // No loop device, or one that is over nothing.
            Err(e) if is_absent(&e) => continue,
            Err(e) => return Err(unknown(&file, e)),
        };
        if backing.trim_ascii_end() == node.as_os_str().as_bytes() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let read_only = crate::sysfs::number(&folder, "ro") == Some(1);
            return Ok(Some(Over { name, read_only }));
        }
    }
    Ok(None)
}

/// A volume that is shown is shown through a read-only loop device and no other way.
///
/// # Errors
/// It is not.
pub fn guards(sys: &Path, node: &Path) -> WiperResult<()> {
    match over(sys, node)? {
        Some(Over { read_only: true, .. }) => Ok(()),
        other => {
            let message = format!(
                "{} is not mounted through a read-only loop device ({other:?}), so a write could reach it; plug it in again",
                node.display()
            );
            Err(WiperError::new(Kind::Failed, message))
        }
    }
}

/// The kernel answers `ENXIO` in the moment in which a loop device is taken apart.
fn is_absent(e: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(e.kind(), NotFound | NotADirectory)
        || e.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sys(loops: &[(&str, &str, &str)]) -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(sys.path().join("block/sda")).unwrap();
        for (name, backing, ro) in loops {
            let folder = sys.path().join("block").join(name);
            std::fs::create_dir_all(folder.join("loop")).unwrap();
            std::fs::write(folder.join("ro"), ro).unwrap();
            if !backing.is_empty() {
                std::fs::write(folder.join("loop/backing_file"), backing).unwrap();
            }
        }
        sys
    }

    #[test]
    fn a_volume_is_guarded_by_a_read_only_loop_device_over_it_alone() {
        let sdb1 = Path::new("/dev/sdb1");
        for (guarded, backing, ro) in [
            (true, "/dev/sdb1\n", "1\n"),
            (false, "/dev/sdb1\n", "0\n"),
            (false, "/dev/sdb\n", "1\n"),
            (false, "/dev/sdb11\n", "1\n"),
            // The disk that had this name before.
            (false, "/dev/sdb1 (deleted)\n", "1\n"),
            (false, "", "1\n"),
        ] {
            let sys = sys(&[("loop0", "/srv/image\n", "1\n"), ("loop3", backing, ro)]);
            assert_eq!(guards(sys.path(), sdb1).is_ok(), guarded, "{backing:?} {ro:?}");
        }
    }

    #[test]
    fn without_sysfs_nobody_says_that_nothing_is_over_it() {
        let empty = tempfile::tempdir().unwrap();
        assert!(over(empty.path(), Path::new("/dev/sdb1")).is_err());
        assert_eq!(over(sys(&[]).path(), Path::new("/dev/sdb1")).unwrap(), None);
    }
}
