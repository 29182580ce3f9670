//! `cargo xtask bench console`: how fast the console is with 1,000,000 clips, while sixteen bays are busy. The shipped
//! program runs as a daemon; every page is asked for by whoever may see it, at 50 requests a second, over loopback.
//!
//! `SEALDOCK_BENCH=quick` takes some six minutes; `SEALDOCK_BENCH_CLIPS=20000` is for trying it out.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod disk;
#[allow(dead_code)]
mod report;
#[allow(dead_code)]
#[path = "../../crates/store/benches/registers/rows.rs"]
mod rows;

/// Recorders that are busy meanwhile.
#[path = "console/bays.rs"]
mod bays;
/// Requests at a rate.
#[path = "console/load.rs"]
mod load;
/// Which pages there are.
#[allow(dead_code)]
#[path = "console/pages.rs"]
mod pages;
/// A requested clip.
#[path = "console/picture.rs"]
mod picture;
/// Founded, filled, served.
#[path = "console/station.rs"]
mod station;
/// Walls that watch.
#[path = "console/wall.rs"]
mod wall;
/// HTTP.
#[path = "console/web.rs"]
mod web;

use load::{Sample, Target, percentile};
use report::{Table, seconds};
use station::{BAYS, Daemon, Names, Site};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Sizes of it all.
struct Size {
    clips: u64,
    /// Of one recorder.
    card_bytes: usize,
    film_bytes: usize,
    load: Duration,
    facts: usize,
}

impl Size {
    fn asked() -> Size {
        let quick = std::env::var("SEALDOCK_BENCH").is_ok_and(|how| how == "quick");
        let clips =
            std::env::var("SEALDOCK_BENCH_CLIPS").ok().map(|n| n.parse().expect("a number"));
        let (card_mib, film_mib, load, facts) =
            if quick { (48, 128, 30, 8) } else { (96, 256, 90, 20) };
        Size {
            clips: clips.unwrap_or(1_000_000),
            card_bytes: card_mib << 20,
            film_bytes: film_mib << 20,
            load: Duration::from_secs(load),
            facts,
        }
    }
}

fn main() {
    let size = Size::asked();
    let mut table = Table::new();
    disk::machine_facts(&mut table);
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-console");
    removed(&dir);
    let site = Site::found(&dir);
    let slow = bays::Slow::mounted(&site, size.card_bytes);
    site.bays();
    let begun = Instant::now();
    site.fill(size.clips);
    table.fact(format!("{} clips, made in {:.0} s", size.clips, seconds(begun.elapsed())));
    let begun = Instant::now();
    let daemon = site.start();
    table.fact(format!("the daemon answers after {:.2} s", seconds(begun.elapsed())));
    picture::recorded(&site, size.film_bytes);
    let (clip, session) = picture::docked(&site);
    let names = Names { clip, session, clips: size.clips };
    let targets = names.targets(&site, daemon.at);
    floor(&mut table);
    alone(&daemon, &targets, &mut table);
    memory(&daemon, "pages, one after the other", &mut table);
    under_load(&site, (&daemon, slow.as_ref()), &targets, &size, &mut table);
    shown(&daemon, &names, &mut table);
    weighed(&daemon, &targets, &mut table);
    let peak = daemon.peak_mib();
    table.ratio("most memory of the daemon, MiB", peak, Some(256.0));
    drop((daemon, slow));
    removed(&dir);
    table.print();
}

fn removed(dir: &std::path::Path) {
    // Of a run that was broken off.
    for bay in 0..BAYS {
        let mut unmount = std::process::Command::new("umount");
        let _absent = unmount.arg("-q").arg(dir.join(format!("bay{bay}"))).output();
    }
    let _unlocked = std::process::Command::new("chattr").args(["-R", "-i"]).arg(dir).output();
    let _absent = std::fs::remove_dir_all(dir);
}

/// A number of kilobytes of a process, in MiB.
pub fn memory_mib(file: &str, name: &str) -> f64 {
    let status = std::fs::read_to_string(file).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0 kB");
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN)
        / 1024.0
}

fn memory(daemon: &Daemon, when: &str, table: &mut Table) {
    table.fact(format!("most memory after {when}: {:.0} MiB", daemon.peak_mib()));
}

/// What this client and loopback take of it.
fn floor(table: &mut Table) {
    let at = web::floor(20_000).expect("a port is free");
    let target = Target { name: String::new(), path: "/".into(), asker: web::Asker::default() };
    let samples = load::run(at, &[target], &AtomicBool::new(true), 250);
    let of: Vec<f64> = samples.iter().map(|sample| sample.ms).collect();
    table.fact(format!(
        "20 kB from memory by a server that does nothing else: p50 {:.1} ms, p99 {:.1} ms",
        percentile(of.clone(), 50.0),
        percentile(of, 99.0)
    ));
}

/// Each page three times with nothing else to do: what it costs by itself.
fn alone(daemon: &Daemon, targets: &[Target], table: &mut Table) {
    table.fact("page by page, nothing else: best of three, ms; answer, kB".into());
    let mut missing = 0;
    for target in targets {
        let mut best = (f64::INFINITY, 0, 0);
        for _ in 0..3 {
            let start = Instant::now();
            let answer = web::get(daemon.at, &target.path, &target.asker).expect("it answers");
            let ms = start.elapsed().as_secs_f64() * 1000.0;
            if ms < best.0 {
                best = (ms, answer.status, answer.body.len());
            }
        }
        let (ms, status, bytes) = best;
        // A page that is not there would be quick.
        let there = [200, 303].contains(&status);
        let mark = if there { "" } else { " NOT there" };
        table.fact(format!(
            "  {:<52} {status} {ms:>8.1} {:>8.1}{mark}",
            target.name,
            bytes as f64 / 1e3
        ));
        missing += usize::from(!there);
    }
    table.ratio("pages that were not there", missing as f64, Some(0.0));
}

/// Bays without and with the load, walls and pages with both.
fn under_load(
    site: &Site,
    (daemon, slow): (&Daemon, Option<&bays::Slow>),
    targets: &[Target],
    size: &Size,
    table: &mut Table,
) {
    let quiet = slow.map(|slow| {
        slow.slows(daemon.pid());
        slow.recorded(0);
        let took = seconds(slow.docked());
        slow.recorded(1);
        took
    });
    let enough = AtomicBool::new(false);
    let (samples, busy, delays) = std::thread::scope(|scope| {
        let pages = scope.spawn(|| load::run(daemon.at, targets, &enough, 2));
        let bays = scope.spawn(|| slow.map(|slow| seconds(slow.docked())));
        let walls = scope.spawn(|| wall::delays(site, daemon.at, size.facts));
        std::thread::sleep(size.load);
        let (busy, delays) = (bays.join().expect("bays"), walls.join().expect("walls"));
        enough.store(true, Ordering::SeqCst);
        (pages.join().expect("pages"), busy, delays)
    });
    by_page(targets, &samples, table);
    match slow.zip(quiet).zip(busy) {
        Some(((slow, quiet), busy)) => {
            table.fact(format!(
                "{BAYS} bays of 10 MB/s, {} MiB each, own time {:.1} s: {quiet:.2} s alone, {busy:.2} s under load",
                slow.bytes >> 20,
                slow.own_s()
            ));
            table.ratio("ingest under load / alone", busy / quiet, Some(1.05));
        }
        None => {
            table.fact("bays: not measured, wants root, loop devices and the cgroup `blkio`".into())
        }
    }
    table.fact(format!(
        "{} walls, {} facts: p50 {:.0} ms",
        wall::WATCHERS,
        size.facts,
        percentile(delays.clone(), 50.0)
    ));
    table.ratio("the slowest wall behind its fact, ms", percentile(delays, 100.0), Some(500.0));
    memory(daemon, "the load", table);
}

fn by_page(targets: &[Target], samples: &[Sample], table: &mut Table) {
    table.fact(format!(
        "{} answers at {} a second, bays busy, walls watching: p50, p99, max of each page, ms",
        samples.len(),
        load::PER_SECOND
    ));
    let mut slow = 0;
    for (n, target) in targets.iter().enumerate() {
        let of = |sample: &&Sample| sample.target == n;
        let ms: Vec<f64> = samples.iter().filter(of).map(|sample| sample.ms).collect();
        let statuses: BTreeSet<u16> =
            samples.iter().filter(of).map(|sample| sample.status).collect();
        let [p50, p99, max] = [50.0, 99.0, 100.0].map(|of| percentile(ms.clone(), of));
        slow += usize::from(p99 > 100.0);
        let mark = if p99 > 100.0 { " NOT" } else { "" };
        table.fact(format!(
            "  {:<52} {:>4} {p50:>8.1} {p99:>8.1} {max:>8.1} {statuses:?}{mark}",
            target.name,
            ms.len()
        ));
    }
    let all: Vec<f64> = samples.iter().map(|sample| sample.ms).collect();
    table.ratio("all answers together, p99, ms", percentile(all, 99.0), Some(100.0));
    table.ratio("pages whose p99 is above 100 ms", slow as f64, Some(0.0));
    let refused =
        samples.iter().filter(|sample| sample.status == 0 || sample.status >= 500).count();
    table.ratio("answers that were none (503 and the like)", refused as f64, Some(0.0));
}

/// The first two seconds of a clip: read for the first time from a cold disk, then proven already.
fn shown(daemon: &Daemon, names: &Names, table: &mut Table) {
    let asker = station::signed_in(daemon.at, &station::officer(BAYS));
    disk::drop_caches();
    for (when, limit) in [("cold", Some(2.0)), ("again", Some(2.0))] {
        let first = picture::first(daemon.at, &asker, &names.clip);
        table.fact(format!(
            "first picture, {when}: allowed and proven after {:.2} s, first 2 s of film ({:.0} kB) after {:.2} s",
            first.ready_s,
            first.bytes as f64 / 1e3,
            first.piece_s
        ));
        table.ratio(&format!("first picture of a requested clip, {when}, s"), first.piece_s, limit);
    }
}

/// A page with all that it brings along.
fn weighed(daemon: &Daemon, targets: &[Target], table: &mut Table) {
    let mut most = (0, String::new());
    for target in targets.iter().filter(|target| !target.path.starts_with("/api")) {
        let page = web::get(daemon.at, &target.path, &target.asker).expect("it answers").text();
        let assets: BTreeSet<&str> = page
            .split("/static/")
            .skip(1)
            .filter_map(|rest| rest.split(['"', '\'', '?', ')']).next())
            .collect();
        let bytes: usize = assets
            .iter()
            .map(|name| {
                let asset = web::get(daemon.at, &format!("/static/{name}"), &web::Asker::default());
                asset.expect("it answers").body.len()
            })
            .sum();
        if bytes > most.0 {
            most = (bytes, target.name.clone());
        }
    }
    table.ratio(
        &format!("most assets of a page, kB ({})", most.1),
        most.0 as f64 / 1e3,
        Some(200.0),
    );
}
