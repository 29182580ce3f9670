//! Real volumes: images on loop devices, mounted here and unmounted at the end. Needs root, loop
//! devices and ext4; where one is missing the tests fail and say so.

use super::scene::{scratch, shell};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Volume {
    /// Declared before the folder, so that it ends first.
    device: String,
    point: PathBuf,
    _folder: tempfile::TempDir,
}

impl Volume {
    /// An image without a file system, on a loop device.
    pub fn blank(mib: u64) -> Volume {
        let folder = scratch();
        let image = folder.path().join("image");
        std::fs::File::create(&image).unwrap().set_len(mib << 20).unwrap();
        let device = shell("losetup", &["--find", "--show", image.to_str().unwrap()]);
        let point = folder.path().join("CARD");
        std::fs::create_dir(&point).unwrap();
        Volume { device, point, _folder: folder }
    }

    /// A mounted ext4 volume; `inodes` of 0 leaves their number to mkfs.
    pub fn ext4(mib: u64, inodes: u32) -> Volume {
        let volume = Volume::blank(mib);
        let inodes = inodes.to_string();
        let some: &[&str] = if inodes == "0" { &[] } else { &["-N", &inodes] };
        let args = [&["-q", "-m", "0", "-b", "4096"], some, &[&volume.device]].concat();
        shell("mkfs.ext4", &args);
        volume.mount("rw");
        std::fs::remove_dir(volume.point.join("lost+found")).unwrap();
        volume
    }

    pub fn mount(&self, options: &str) {
        shell("mount", &["-t", "ext4", "-o", options, &self.device, self.point.to_str().unwrap()]);
    }

    pub fn unmount(&self) {
        shell("umount", &[self.point.to_str().unwrap()]);
    }

    pub fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        shell("mount", &["-o", &options, self.point.to_str().unwrap()]);
    }

    pub fn point(&self) -> &Path {
        &self.point
    }

    pub fn shown(&self) -> String {
        self.point.display().to_string()
    }

    pub fn device(&self) -> &str {
        &self.device
    }

    /// Bytes and inodes that are free.
    pub fn free(&self) -> (u64, u64) {
        let facts = rustix::fs::statvfs(&self.point).unwrap();
        (facts.f_bavail * facts.f_frsize, facts.f_favail)
    }

    /// Takes room until at most `left` bytes are free.
    pub fn fill(&self, left: u64) {
        let file = std::fs::File::create(self.point.join("ballast")).unwrap();
        let mut size = self.free().0.saturating_sub(left);
        // The map of a large file takes blocks, too.
        while size > 0
            && rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, size).is_err()
        {
            size = size.saturating_sub(4096);
        }
    }

    /// Takes inodes until `left` are free.
    pub fn fill_inodes(&self, left: u64) {
        let spare = self.point.join("spare");
        std::fs::create_dir(&spare).unwrap();
        for n in left..self.free().1 {
            std::fs::write(spare.join(n.to_string()), b"").unwrap();
        }
        assert_eq!(self.free().1, left);
    }

    pub fn relieve(&self) {
        let _none = std::fs::remove_file(self.point.join("ballast"));
        let _none = std::fs::remove_dir_all(self.point.join("spare"));
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg("-l").arg(&self.point).output();
        let _gone = Command::new("losetup").args(["-d", &self.device]).output();
    }
}
