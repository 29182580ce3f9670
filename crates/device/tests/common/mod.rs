//! Cards for the tests: plain folders, and real volumes on loop devices. These tests need root, loop
//! devices and ext4; where one is missing they fail and say so, they are never skipped.
#![allow(dead_code, clippy::unwrap_used)]

/// A keeper that really acts, and can be told to fail.
pub mod keeper;
/// A recorder that knows one conversation.
pub mod replay;

use sealdock_core::block::Block;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::{PortResult, Recorder, Source};
use sealdock_device::{FolderOptions, FolderRecorder};
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn options() -> FolderOptions {
    FolderOptions { epoch: 7, ..FolderOptions::default() }
}

pub fn remounting() -> FolderOptions {
    FolderOptions { may_remount: true, ..options() }
}

pub fn open(path: &Path) -> FolderRecorder {
    FolderRecorder::open(path, options()).unwrap()
}

pub fn list(recorder: &mut dyn Recorder) -> Vec<RawLine> {
    recorder.list().unwrap().lines
}

pub fn line(recorder: &mut dyn Recorder, name: &[u8]) -> RawLine {
    list(recorder).into_iter().find(|l| l.raw_name == name).expect("the name is listed")
}

pub fn kinds(lines: &[RawLine]) -> Vec<(String, LineKind)> {
    lines.iter().map(|l| (String::from_utf8_lossy(&l.raw_name).into_owned(), l.kind)).collect()
}

pub fn read(source: &mut dyn Source) -> PortResult<Vec<u8>> {
    let (mut bytes, mut block) = (Vec::new(), Block::new(64 * 1024));
    while source.read_at(bytes.len() as u64, &mut block)? > 0 {
        bytes.extend_from_slice(block.bytes());
        if block.bytes().len() < block.capacity() {
            break;
        }
    }
    Ok(bytes)
}

/// Puts files onto a card, with the directories they need.
pub fn put(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

pub fn run(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output();
    let out = out.unwrap_or_else(|e| panic!("this test needs {program}: {e}"));
    assert!(
        out.status.success(),
        "this test needs root, loop devices and ext4; `{program} {args:?}` says: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// An ext4 volume in a file, on a loop device.
pub struct Volume {
    pub dir: tempfile::TempDir,
    pub image: PathBuf,
    pub device: String,
    mounts: Vec<PathBuf>,
}

impl Volume {
    pub fn new() -> Volume {
        let dir = tempfile::tempdir().unwrap();
        let image = dir.path().join("card.img");
        std::fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
        run("mkfs.ext4", &["-q", "-b", "4096", image.to_str().unwrap()]);
        let device = run("losetup", &["--find", "--show", image.to_str().unwrap()]);
        Volume { dir, image, device, mounts: Vec::new() }
    }

    /// A new mount point beside the image.
    pub fn point(&self, name: &str) -> PathBuf {
        let point = self.dir.path().join(name);
        std::fs::create_dir_all(&point).unwrap();
        point
    }

    pub fn mount(&mut self, point: &Path, options: &str) {
        run("mount", &["-t", "ext4", "-o", options, &self.device, point.to_str().unwrap()]);
        self.mounts.push(point.to_owned());
    }

    pub fn mounted(options: &str) -> (Volume, PathBuf) {
        let mut volume = Volume::new();
        let point = volume.point("CARD");
        volume.mount(&point, options);
        (volume, point)
    }

    /// Something may be mounted there when the test ends.
    pub fn unmount_later(&mut self, point: &Path) {
        self.mounts.push(point.to_owned());
    }

    /// A mount that is not of this volume, removed with it.
    pub fn also(&mut self, args: &[&str], point: &Path) {
        run("mount", &[args, &[point.to_str().unwrap()]].concat());
        self.mounts.push(point.to_owned());
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        for point in self.mounts.iter().rev() {
            let _ = Command::new("umount").arg("-l").arg(point).output();
        }
        let _ = Command::new("losetup").args(["-d", &self.device]).output();
    }
}
