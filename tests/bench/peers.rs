//! The same bytes through other people's tools and through the shipped binary.

use crate::RUNS;
use crate::disk::{Place, direct_passes, drop_caches, run, sync};
use crate::report::{Table, median, seconds};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const SEALDOCK: &str = env!("CARGO_BIN_EXE_sealdock");

pub fn compare(place: &Place, table: &mut Table) {
    let (read, write) = direct_passes(place);
    let rate = |t: Duration| place.bytes as f64 / 1e6 / seconds(t);
    table.fact(format!(
        "disk: {:.0} MB/s direct read, {:.0} MB/s direct write; data set {} MiB",
        rate(read),
        rate(write),
        place.bytes >> 20
    ));
    let protected = times(|| ingest(place, true));
    let single = times(|| ingest(place, false));
    let rclone = times(|| rclone(place));
    let cp_sha = times(|| cp_and_sha256sum(place));
    let cp_cold = times(|| cp_and_one_cold_read(place));
    let dc3dd = times(|| dc3dd(place));
    for (what, time) in [
        ("sealdock ingest, fully protected", protected),
        ("sealdock ingest, without second reading", single),
        ("rclone copy + check --download", rclone),
        ("cp + sync + sha256sum of both sides", cp_sha),
        ("cp + sync + one cold read", cp_cold),
        ("dc3dd hash=sha256 + read back", dc3dd),
    ] {
        table.fact(format!("{what:<64} {:>6.2} s", seconds(time)));
    }
    let over = |a: Duration, b: f64| seconds(a) / b;
    // Pass one reads and writes, pass two reads the vault, pass three reads the recorder again.
    let floor = seconds(read) * 3.0 + seconds(write);
    table.ratio(
        "protected ingest / (rclone copy + check --download)",
        over(protected, seconds(rclone)),
        Some(1.0),
    );
    table.ratio(
        "protected ingest / floor (three passes at the disk's own rate)",
        over(protected, floor),
        Some(1.15),
    );
    table.ratio(
        "without second reading / (cp + sync + one cold read)",
        over(single, seconds(cp_cold)),
        Some(1.10),
    );
    table.ratio(
        "protected ingest / (cp + sync + sha256sum both)",
        over(protected, seconds(cp_sha)),
        None,
    );
    table.ratio("protected ingest / dc3dd", over(protected, seconds(dc3dd)), None);
}

fn times(mut one: impl FnMut() -> Duration) -> Duration {
    median((0..RUNS).map(|_| one()).collect())
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
