//! The durable system calls of a program, counted and killed by `strace`. Nothing in the product knows
//! of it.
//!
//! `signal=SIGKILL` comes when a call is entered: the process dies and the call has no effect (*lost*).
//! The calls before it have had theirs (*landed*), so killing at each call in turn shows both.

use crate::common_e2e::station::Station;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

/// Every call by which the product changes a disk, or waits for one.
pub const DURABLE: &str = "fallocate,fsync,fdatasync,rename,renameat,renameat2,ftruncate,unlinkat,\
    unlink,mkdirat,mkdir,syncfs,linkat,fchmod,pwrite64";

/// Of these a spread is enough: the database writes in many small calls, and a sync that is not waited
/// for leaves, when only the process dies, the same disk as the changing call after it, which is visited.
const MANY: [&str; 2] = ["pwrite64", "fsync"];
const SPREAD: usize = 20;

/// One place to kill at. Each thread of the program counts for itself, so the first that comes to its
/// `nth` call is meant.
#[derive(Debug, Clone)]
pub struct Place {
    pub call: String,
    pub nth: usize,
}

/// Every place in a run of this line that is not disturbed.
pub fn places(station: &Station, line: &str) -> Vec<Place> {
    let trace = station.folder.join("trace");
    let traced = ["-o", trace.to_str().expect("plain names"), "-e", &format!("trace={DURABLE}")];
    let status =
        strace(station, &traced, line).status().expect("strace: run through cargo xtask test");
    assert!(status.success(), "{line} under strace ended with {status}");
    let counts = counts(&std::fs::read_to_string(&trace).expect("the trace"));
    std::fs::remove_file(&trace).expect("the trace");
    let every = counts.into_iter().flat_map(|(call, count)| {
        let step = if MANY.contains(&call.as_str()) { count.div_ceil(SPREAD) } else { 1 };
        (1..=count).step_by(step).map(move |nth| Place { call: call.clone(), nth })
    });
    every.collect()
}

/// Runs the line and kills it there; `false` if this run never came to that place.
pub fn kill_at(station: &Station, place: &Place, line: &str) -> bool {
    let Place { call, nth } = place;
    let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
    let traced = ["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject];
    let output = strace(station, &traced, line).output().expect("strace");
    let killed = output.status.signal() == Some(9);
    assert!(killed || output.status.success(), "{place:?}: {output:?}");
    killed
}

/// How often the busiest thread makes each call.
fn counts(trace: &str) -> BTreeMap<String, usize> {
    let mut of_threads: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        if call.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            *of_threads.entry((call.to_owned(), thread.to_owned())).or_default() += 1;
        }
    }
    let mut counts = BTreeMap::new();
    for ((call, _), count) in of_threads {
        let most: &mut usize = counts.entry(call).or_default();
        *most = count.max(*most);
    }
    counts
}

fn strace(station: &Station, traced: &[&str], line: &str) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(traced);
    command.arg(env!("CARGO_BIN_EXE_sealdock")).args(line.split(' '));
    station.prepare(&mut command);
    command
}

/// What everything here rests on.
#[test]
fn a_call_at_which_a_process_is_killed_has_no_effect_and_the_one_before_has() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let made = |name: &str| Path::new(&folder.path().join(name)).exists();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=mkdir"]);
    command.args(["-e", "inject=mkdir:signal=SIGKILL:when=2", "mkdir", "one", "two", "three"]);
    let status = command.current_dir(folder.path()).status();
    let status = status.expect("strace: run through cargo xtask test");
    assert_eq!(status.signal(), Some(9), "strace cannot trace here: {status}");
    assert!(made("one") && !made("two") && !made("three"));
}

#[test]
fn calls_are_counted_for_each_thread() {
    let trace = "7 fsync(3) = 0\n8 fsync(3) = 0\n7  fsync(3 <unfinished ...>\n7 <... fsync resumed>) = 0\n\
                 8 mkdirat(3, \"a\", 0700) = 0\n7 --- SIGCHLD {si_signo=SIGCHLD} ---\n";
    let counts = counts(trace);
    assert_eq!(counts, [("fsync".to_owned(), 2), ("mkdirat".to_owned(), 1)].into());
}
