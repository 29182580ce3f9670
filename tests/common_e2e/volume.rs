//! An ext4 file system on a loop device, mounted. Needs root; where that is missing a test fails and
//! says so.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Unmounted when it is dropped; the kernel then takes the loop device apart.
pub struct Volume {
    image: PathBuf,
    /// Where it is mounted.
    pub point: PathBuf,
    options: &'static str,
}

impl Volume {
    /// Makes `NAME.img` in a folder and mounts it beside, as `NAME`. The image is sparse.
    pub fn mounted(folder: &Path, name: &str, mebibytes: u64) -> Volume {
        Volume::formatted(folder, name, mebibytes, (&[], "loop"))
    }

    /// One that does not wait for the disk below: for tests that kill programs, not machines.
    pub fn hasty(folder: &Path, name: &str, mebibytes: u64) -> Volume {
        Volume::formatted(folder, name, mebibytes, (&["-O", "^has_journal"], "loop,nobarrier"))
    }

    fn formatted(
        folder: &Path,
        name: &str,
        mebibytes: u64,
        (format, options): (&[&str], &'static str),
    ) -> Volume {
        let (image, point) = (folder.join(format!("{name}.img")), folder.join(name));
        let file = std::fs::File::create(&image).expect("an image");
        file.set_len(mebibytes << 20).expect("a sparse image");
        needed(Command::new("mkfs.ext4").arg("-q").args(format).arg(&image));
        std::fs::create_dir(&point).expect("a mount point");
        let volume = Volume { image, point, options };
        volume.mount();
        volume
    }

    pub fn mount(&self) {
        needed(Command::new("mount").args(["-o", self.options]).arg(&self.image).arg(&self.point));
    }

    pub fn unmount(&self) {
        needed(Command::new("umount").arg(&self.point));
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _not_mounted = Command::new("umount").arg("-l").arg(&self.point).output();
    }
}

fn needed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "this test needs root, loop devices and ext4; {command:?} says: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
