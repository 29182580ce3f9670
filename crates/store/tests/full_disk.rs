//! A disk that fills up: the batch is refused whole, nothing is half there, and it goes on when
//! there is room again.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_core::ports::{Kind, Ledger};
use std::path::Path;
use std::process::Command;

/// A tmpfs of its own, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(kib: u32) -> SmallDisk {
        let dir = tempfile::tempdir().unwrap();
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"])
            .arg(dir.path())
            .status()
            .unwrap();
        assert!(status.success(), "this test mounts a small tmpfs and needs to be root");
        SmallDisk(dir)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

fn fill(dir: &Path) -> std::path::PathBuf {
    let ballast = dir.join("ballast");
    let mut size = 1 << 20;
    let mut file = std::fs::File::create(&ballast).unwrap();
    while size > 0 {
        use std::io::Write as _;
        if file.write_all(&vec![1; size]).is_err() {
            size /= 4;
        }
    }
    ballast
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let disk = SmallDisk::mount(4096);
    let dir = disk.0.path();
    let keys = Keys::new();
    let store = founded(dir, &keys, 2);
    append(&store, vec![session()]).unwrap();
    let ballast = fill(dir);
    let mut refused = None;
    let mut stored = 0;
    for line in 0..2000 {
        match append(&store, vec![clip(3, line, Some(&keys))]) {
            Ok(_) => stored += 1,
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let refused = refused.expect("the disk never filled up");
    assert_eq!(refused.kind, Kind::NoSpace, "{refused}");
    assert!(refused.message.contains("make room"), "{refused}");
    // Readers go on, and so does the next attempt once there is room.
    assert_eq!(store.view().unwrap().head().unwrap().checkpoint().size, 4 + stored);
    assert_eq!(append(&store, vec![clip(3, 9000, None)]).unwrap_err().kind, Kind::NoSpace);
    std::fs::remove_file(ballast).unwrap();
    append(&store, vec![clip(3, 9001, Some(&keys))]).unwrap();
    let report = store.verify(true, &mut |_, _| {}).unwrap();
    assert_eq!((report.entries, report.findings), (5 + stored, vec![]));
    drop(store);
    assert!(open(dir, &keys).unwrap().view().is_ok());
}
