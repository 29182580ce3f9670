//! The same bytes through other people's tools and through the shipped binary.

use crate::RUNS;
use crate::disk::{self, Place, drop_caches, run, sync};
use crate::report::{Table, median, seconds};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const SEALDOCK: &str = env!("CARGO_BIN_EXE_sealdock");

/// Everybody once per round, so that a disk whose rate drifts is as kind to one as to the other.
struct Round {
    direct_read: Duration,
    direct_write: Duration,
    cached_read: Duration,
    hashing: Duration,
    protected: Duration,
    single: Duration,
    /// Processor time of the ingest without second reading, all threads together.
    single_cpu: Duration,
    rclone: Duration,
    cp_sha: Duration,
    cp_cold: Duration,
    dc3dd: Duration,
}

impl Round {
    fn run(place: &Place) -> Round {
        let direct_read = disk::direct_read(place);
        let direct_write = disk::direct_write(place);
        let cached_read = disk::cached_read(place);
        let hashing = disk::hashing(place);
        let protected = ingest(place, true);
        let before = disk::children_cpu();
        let single = ingest(place, false);
        let single_cpu = disk::children_cpu() - before;
        let (rclone, cp_sha) = (rclone(place), cp_and_sha256sum(place));
        let (cp_cold, dc3dd) = (cp_and_one_cold_read(place), dc3dd(place));
        Round {
            direct_read,
            direct_write,
            cached_read,
            hashing,
            protected,
            single,
            single_cpu,
            rclone,
            cp_sha,
            cp_cold,
            dc3dd,
        }
    }
}

pub fn compare(place: &Place, table: &mut Table) {
    let rounds: Vec<Round> = (0..RUNS).map(|_| Round::run(place)).collect();
    let time = |of: fn(&Round) -> Duration| seconds(median(rounds.iter().map(of).collect()));
    let (read, write) = (time(|r| r.direct_read), time(|r| r.direct_write));
    let cached = time(|r| r.cached_read);
    let rate = |t: f64| place.bytes as f64 / 1e6 / t;
    table.fact(format!(
        "disk: {:.0} MB/s read past the cache, {:.0} through it, {:.0} direct write; data set {} MiB",
        rate(read),
        rate(cached),
        rate(write),
        place.bytes >> 20
    ));
    let (protected, single) = (time(|r| r.protected), time(|r| r.single));
    let (rclone, cp_sha) = (time(|r| r.rclone), time(|r| r.cp_sha));
    let (cp_cold, dc3dd) = (time(|r| r.cp_cold), time(|r| r.dc3dd));
    for (what, time) in [
        ("sealdock ingest, fully protected", protected),
        ("sealdock ingest, without second reading", single),
        ("its processor time, on all cores together", time(|r| r.single_cpu)),
        ("rclone copy + check --download", rclone),
        ("cp + sync + sha256sum of both sides", cp_sha),
        ("cp + sync + one cold read", cp_cold),
        ("dc3dd hash=sha256 + read back", dc3dd),
    ] {
        table.fact(format!("{what:<64} {time:>6.2} s"));
    }
    // Pass one reads and writes, pass two reads the vault, pass three reads the recorder again.
    let (two_passes, three_passes) = (read * 2.0 + write, read * 3.0 + write);
    table.ratio(
        "protected ingest / (rclone copy + check --download)",
        protected / rclone,
        Some(1.0),
    );
    table.ratio(
        "protected ingest / floor (three passes at the disk's own rate)",
        protected / three_passes,
        Some(1.15),
    );
    table.ratio(
        "without second reading / (cp + sync + one cold read)",
        single / cp_cold,
        Some(1.10),
    );
    table.ratio("without second reading / floor of its two passes", single / two_passes, None);
    table.ratio("that floor / (cp + sync + one cold read)", two_passes / cp_cold, None);
    // Its three passes of SHA-256: whole and chunk tree of what is read, whole of what is read back.
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let hashes = 3.0 * time(|r| r.hashing) / cores;
    table.ratio(
        "three SHA-256 passes on all cores / (cp + sync + one cold read)",
        hashes / cp_cold,
        None,
    );
    table.ratio(
        "protected ingest / its four SHA-256 passes on all cores",
        protected / (4.0 * time(|r| r.hashing) / cores),
        None,
    );
    table.ratio("protected ingest / (cp + sync + sha256sum both)", protected / cp_sha, None);
    table.ratio("protected ingest / dc3dd", protected / dc3dd, None);
}

fn fresh(place: &Place, name: &str) -> PathBuf {
    let dir = place.dir.join(name);
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

fn sealdock(args: &[&str]) {
    run(Command::new(SEALDOCK).args(args));
}

/// One whole ingest by the shipped binary; only the ingest itself is timed.
fn ingest(place: &Place, second_reading: bool) -> Duration {
    let station = fresh(place, "station");
    let station = station.to_str().expect("plain path");
    let pin = place.dir.join("pin");
    std::fs::write(&pin, "271828\n").expect("scratch is writable");
    std::fs::set_permissions(&pin, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("own file");
    let pin = pin.to_str().expect("plain path");
    sealdock(&[
        "init",
        "--station",
        station,
        "--origin",
        "bench.example/s",
        "--unit",
        "bench",
        "--accept-single-copy",
    ]);
    sealdock(&[
        "person",
        "add",
        "o1",
        "--name",
        "o1",
        "--role",
        "officer",
        "--pin-file",
        pin,
        "--station",
        station,
    ]);
    sealdock(&["recorder", "add", "J800000", "--station", station]);
    if !second_reading {
        adopt_without_second_reading(place, station);
    }
    let card = place.card("card");
    drop_caches();
    let start = Instant::now();
    sealdock(&[
        "ingest",
        card.to_str().expect("plain path"),
        "--station",
        station,
        "--recorder",
        "J800000",
        "--officer",
        "o1",
        "--pin-file",
        pin,
    ]);
    sync();
    let took = start.elapsed();
    let left = std::fs::read_dir(card.join("DCIM")).expect("the card is there").count();
    assert_eq!(left, 0, "everything was proven and wiped");
    unlock(Path::new(station));
    took
}

fn adopt_without_second_reading(place: &Place, station: &str) {
    let shown = Command::new(SEALDOCK)
        .args(["policy", "show", "--station", station])
        .output()
        .expect("runs");
    let text = String::from_utf8(shown.stdout).expect("text");
    let changed =
        text.replace("second_reading = { value = true", "second_reading = { value = false");
    assert_ne!(text, changed, "the policy has the switch");
    let file = place.dir.join("policy.toml");
    std::fs::write(&file, changed).expect("scratch is writable");
    sealdock(&["policy", "adopt", file.to_str().expect("plain path"), "--station", station]);
}

/// Kept clips are immutable where the file system can; scratch must go all the same.
pub fn unlock(station: &Path) {
    let _ = Command::new("chattr").args(["-R", "-i"]).arg(station).output();
    let _ = std::fs::remove_dir_all(station);
}

fn rclone(place: &Place) -> Duration {
    let copy = fresh(place, "copy");
    drop_caches();
    let mut took = run(Command::new("rclone")
        .args(["copy", "--config", "/dev/null"])
        .arg(&place.master)
        .arg(&copy));
    let start = Instant::now();
    sync();
    took += start.elapsed();
    drop_caches();
    took + run(Command::new("rclone")
        .args(["check", "--download", "--config", "/dev/null"])
        .arg(&place.master)
        .arg(&copy))
}

fn cp(place: &Place) -> (PathBuf, Duration) {
    let copy = fresh(place, "copy");
    drop_caches();
    let start = Instant::now();
    run(Command::new("cp").arg("-r").arg(&place.master).arg(&copy));
    sync();
    (copy, start.elapsed())
}

fn shell(script: String) -> Duration {
    run(Command::new("sh").arg("-c").arg(script))
}

fn cp_and_sha256sum(place: &Place) -> Duration {
    let (copy, took) = cp(place);
    drop_caches();
    let both = format!("sha256sum {}/* {}/*", place.master.display(), copy.display());
    took + shell(both)
}

fn cp_and_one_cold_read(place: &Place) -> Duration {
    let (copy, took) = cp(place);
    drop_caches();
    took + shell(format!("cat {}/* > /dev/null", copy.display()))
}

fn dc3dd(place: &Place) -> Duration {
    let copy = fresh(place, "copy");
    std::fs::create_dir_all(&copy).expect("scratch is writable");
    drop_caches();
    let script = format!(
        "for f in {}/*; do dc3dd if=$f hof={}/$(basename $f) hash=sha256 log=/dev/null; done; sync",
        place.master.display(),
        copy.display()
    );
    shell(script)
}
