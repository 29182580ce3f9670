//! Sixteen recorders of 10 MB/s in the bays of the running daemon. Each is a loop device of its own, which the kernel
//! slows down for the daemon (cgroup `blkio`); where that cannot be had, nothing is measured and it is said.

use crate::disk::{drop_caches, random_file, run, sync};
use crate::station::{BAYS, Site, filed, recorder, until};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const BYTES_PER_S: u64 = 10_000_000;
const FILES: usize = 4;
const GROUP: &str = "/sys/fs/cgroup/blkio/sealdock-bench";

/// File systems of recorders, mounted below the bays.
pub struct Slow {
    dir: PathBuf,
    devices: Vec<String>,
    pub bytes: usize,
}

impl Drop for Slow {
    fn drop(&mut self) {
        for (n, device) in self.devices.iter().enumerate() {
            let _gone = Command::new("umount").arg(self.dir.join(format!("bay{n}"))).status();
            let _gone = Command::new("losetup").args(["--detach", device]).status();
        }
        let _gone = std::fs::remove_dir(GROUP);
    }
}

impl Slow {
    /// Before the bays are watched. `None` where the kernel or the rights are not there.
    pub fn mounted(site: &Site, bytes: usize) -> Option<Slow> {
        let root = Path::new("/sys/fs/cgroup/blkio/blkio.throttle.read_bps_device");
        if !root.exists()
            || !Path::new("/dev/loop-control").exists()
            || std::fs::create_dir_all(GROUP).is_err()
        {
            return None;
        }
        let mut slow = Slow { dir: site.dir.clone(), devices: Vec::new(), bytes };
        for n in 0..BAYS {
            let (image, bay) =
                (site.dir.join(format!("card{n}.img")), site.dir.join(format!("bay{n}")));
            let file = std::fs::File::create(&image).expect("scratch is writable");
            file.set_len(bytes as u64 + (32 << 20)).expect("scratch has room");
            run(Command::new("mkfs.ext4").arg("-q").arg(&image));
            let mut attach = Command::new("losetup");
            let made =
                attach.args(["--find", "--show", "--direct-io=on"]).arg(&image).output().ok()?;
            let device = String::from_utf8(made.stdout).ok()?.trim().to_owned();
            slow.devices.push(device.clone());
            run(Command::new("mount").arg(&device).arg(&bay));
            std::fs::create_dir_all(bay.join("in")).expect("it is ours");
            let name = device.rsplit('/').next().unwrap_or_default();
            let number = std::fs::read_to_string(format!("/sys/block/{name}/dev")).ok()?;
            let line = format!("{} {BYTES_PER_S}", number.trim());
            std::fs::write(format!("{GROUP}/blkio.throttle.read_bps_device"), line).ok()?;
        }
        Some(slow)
    }

    pub fn slows(&self, pid: u32) {
        std::fs::write(format!("{GROUP}/cgroup.procs"), pid.to_string()).expect("root may");
    }

    /// One recorder's own time for two passes.
    pub fn own_s(&self) -> f64 {
        2.0 * self.bytes as f64 / BYTES_PER_S as f64
    }

    fn bay(&self, n: usize) -> PathBuf {
        self.dir.join(format!("bay{n}"))
    }

    /// New footage on all of them, outside of their bays.
    pub fn recorded(&self, round: usize) {
        for n in 0..BAYS {
            let card = self.bay(n).join(recorder(n));
            let _none = std::fs::remove_dir_all(self.bay(n).join("in").join(recorder(n)));
            std::fs::create_dir_all(card.join("DCIM")).expect("it is ours");
            for file in 0..FILES {
                let name = filed(n, round * FILES + file);
                let seed = ((round * BAYS + n) * FILES + file) as u64 + 1;
                random_file(&card.join("DCIM").join(name), self.bytes / FILES, seed);
            }
        }
        // The bays forget the recorders that were there.
        std::thread::sleep(Duration::from_secs(6));
        sync();
        drop_caches();
    }

    /// Plugs in all of them and waits until the last file is wiped.
    pub fn docked(&self) -> Duration {
        let start = Instant::now();
        for n in 0..BAYS {
            let name = recorder(n);
            std::fs::rename(self.bay(n).join(&name), self.bay(n).join("in").join(&name))
                .expect("same file system");
        }
        let empty = |n: usize| {
            let folder = self.bay(n).join("in").join(recorder(n)).join("DCIM");
            std::fs::read_dir(folder).is_ok_and(|mut left| left.next().is_none())
        };
        until("the bays", || (0..BAYS).all(empty));
        start.elapsed()
    }
}
