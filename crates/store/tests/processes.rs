//! What needs more than one process: the station lock, and `kill -9` in the middle of appending.
//! Runs itself again as the other process, so it has no test harness.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_core::ports::{Kind, Ledger};
use sealdock_store::lock::StationLock;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, role, dir] = arguments.as_slice()
        && role.starts_with("as-")
    {
        return play(role, Path::new(dir));
    }
    if arguments.iter().any(|a| a == "--list") {
        // What runners that list tests first expect of a program without the usual harness.
        if !arguments.iter().any(|a| a == "--ignored") {
            println!("locks_between_processes: test");
        }
        return;
    }
    the_second_daemon_is_refused_and_told_by_whom();
    readers_share_and_keep_a_daemon_out();
    a_killed_daemon_leaves_no_lock_and_no_half_entry();
    println!("processes: 3 cases passed");
}

/// The other process: says "ready" once it holds what it is to hold, then stays.
fn play(role: &str, dir: &Path) {
    let _lock = match role {
        "as-reader" => StationLock::shared(dir).unwrap(),
        _ => StationLock::exclusive(dir).unwrap(),
    };
    println!("ready");
    if role == "as-writer" {
        let store = open(dir, &Keys::new()).unwrap();
        for n in 1.. {
            enrol(&store, n).unwrap();
            println!("{n}");
        }
    }
    std::thread::sleep(std::time::Duration::from_secs(60));
}

struct Other {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Other {
    fn start(role: &str, dir: &Path) -> Other {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(role)
            .arg(dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        Other { child, lines }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn station() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let _lock = StationLock::make(dir.path()).unwrap();
    drop(founded(dir.path(), &Keys::new(), 1));
    dir
}

fn the_second_daemon_is_refused_and_told_by_whom() {
    let dir = station();
    let daemon = Other::start("as-daemon", dir.path());
    let by = format!("is held by process {}", daemon.child.id());
    for refused in [StationLock::exclusive(dir.path()), StationLock::shared(dir.path())] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind, Kind::Failed);
        assert!(refused.message.contains(&by), "{refused}");
    }
    daemon.kill();
    drop(StationLock::exclusive(dir.path()).unwrap());
}

fn readers_share_and_keep_a_daemon_out() {
    let dir = station();
    let reader = Other::start("as-reader", dir.path());
    let second = StationLock::shared(dir.path()).unwrap();
    let refused = StationLock::exclusive(dir.path()).unwrap_err();
    assert!(refused.message.contains("is being read by another sealdock"), "{refused}");
    reader.kill();
    StationLock::exclusive(dir.path()).unwrap_err();
    drop(second);
    drop(StationLock::exclusive(dir.path()).unwrap());
}

fn a_killed_daemon_leaves_no_lock_and_no_half_entry() {
    for after in [1, 7, 20, 45] {
        let dir = station();
        let mut writer = Other::start("as-writer", dir.path());
        // The last number it said is in custody, whatever it was doing when it was killed.
        let said = writer.lines.by_ref().take(after).last().unwrap().unwrap();
        writer.kill();
        let _lock = StationLock::exclusive(dir.path()).unwrap();
        let store = open(dir.path(), &Keys::new()).unwrap();
        let size = store.view().unwrap().head().unwrap().checkpoint().size;
        assert!(size > said.parse::<u64>().unwrap() + 1, "{said} was said, {size} are there");
        let report = store.verify(true, &mut |_, _| {}).unwrap();
        assert_eq!((report.entries, report.findings), (size, vec![]));
    }
}
