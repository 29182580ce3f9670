//! The contract that every recorder keeps, on a plain folder and on a real volume.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Volume, options, remounting};
use sealdock_core::ports::Recorder;
use sealdock_device::{FolderOptions, FolderRecorder};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Mutex;

fn dock(root: &Path, options: FolderOptions, files: &[(&[u8], &[u8])]) -> Box<dyn Recorder> {
    for (name, bytes) in files {
        let path = root.join(OsStr::from_bytes(name));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    Box::new(FolderRecorder::open(root, options).unwrap())
}

#[test]
fn a_folder_keeps_the_contract() {
    let cards = Mutex::new(Vec::new());
    sealdock_testkit::suite::recorder(|files| {
        let card = tempfile::tempdir().unwrap();
        let recorder = dock(card.path(), options(), files);
        cards.lock().unwrap().push(card);
        recorder
    });
}

#[test]
fn a_volume_that_is_remounted_keeps_the_contract() {
    let cards = Mutex::new(Vec::new());
    sealdock_testkit::suite::recorder(|files| {
        let (volume, point) = Volume::mounted("nosuid,nodev,noexec");
        let recorder = dock(&point, remounting(), files);
        cards.lock().unwrap().push(volume);
        recorder
    });
}
