//! `cargo xtask bench export`: an approved copy of 2 GiB as a package, beside `cp`, `sync` and one cold reading of the same
//! clips to the same disk in the same round.

#[allow(dead_code)]
mod disk;
#[allow(dead_code)]
mod report;

use disk::{Place, drop_caches, run, sync};
use report::{Table, median, seconds};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SEALDOCK: &str = env!("CARGO_BIN_EXE_sealdock");
const CLIPS: usize = 4;
const CLIP_BYTES: usize = 512 << 20;
const RUNS: usize = 5;

/// A station with the clips of the card, and a copy of all of them approved once for each run.
const STORY: &str = r#"
umask 077
echo 2580147 > o1.pin; echo 5820741 > c1.pin; echo 7148259 > u1.pin
sealdock init --origin bench.example/s --unit bench --accept-single-copy --no-immutable-flag
sealdock person add o1 --name o1 --role officer --pin-file o1.pin
sealdock person add c1 --name c1 --role clerk --pin-file c1.pin
sealdock recorder add J800000
sealdock person add u1 --name u1 --role unit-head --pin-file u1.pin
sealdock ingest card --recorder J800000 --officer o1 --pin-file o1.pin
CLIPS=$(sealdock clip list --json | jq -r '.clips[] | "--clip C" + (.seq | tostring)')
sealdock access request --who authority --for copy $CLIPS --name Zhao --unit court --phone 0 --matter m --reason r --as c1 --pin-file c1.pin
sealdock access list --json | jq -r '"V" + (.requests[0].seq | tostring)' > request
sealdock access approve $(cat request) --times RUNS --as u1 --pin-file u1.pin
"#;

fn main() {
    let mut table = Table::new();
    disk::machine_facts(&mut table);
    let place = Place::make(CLIPS, CLIP_BYTES);
    place.card("card");
    shell(&place.dir, &STORY.replace("RUNS", &RUNS.to_string()));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for at in 0..RUNS {
        ours.push(timed(&place.dir, || {
            shell(
                &place.dir,
                &format!("sealdock export $(cat request) --to disc{at} --as c1 --pin-file c1.pin"),
            );
        }));
        remove(&place.dir.join(format!("disc{at}")));
        theirs.push(timed(&place.dir, || {
            run(Command::new("cp").arg("-r").args([&place.master, &place.dir.join("copy")]));
            drop_caches();
            shell(&place.dir, "cat copy/* > /dev/null");
        }));
        remove(&place.dir.join("copy"));
    }
    let (ours, theirs) = (seconds(median(ours)), seconds(median(theirs)));
    table.fact(format!("2 GiB: export {ours:.2} s, cp + sync + cold reading {theirs:.2} s"));
    table.ratio("export / (cp + sync + cold reading)", ours / theirs, Some(1.0 / 0.9));
    table.print();
}

fn timed(dir: &Path, work: impl FnOnce()) -> Duration {
    assert!(dir.is_dir());
    drop_caches();
    let begun = Instant::now();
    work();
    sync();
    begun.elapsed()
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("what was made can be removed");
    sync();
}

fn shell(dir: &Path, script: &str) {
    let programs = Path::new(SEALDOCK).parent().expect("a program lies in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-euc", script]).current_dir(dir);
    shell.env("PATH", format!("{}:{path}", programs.display()));
    shell.env("SEALDOCK_STATION", dir.join("station")).env("SEALDOCK_LOG", "error");
    run(&mut shell);
}
