//! Many bays and slow recorders, in this process: the real vault, store, keys and folder recorders
//! behind a source that is throttled to a recorder's speed.

use crate::disk::{Place, drop_caches, random_file, sync};
use crate::founded::found;
use crate::peers::unlock;
use crate::report::{Table, seconds};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::block::Block;
use sealdock_core::command::{Command, Secret};
use sealdock_core::custody::WipePermit;
use sealdock_core::event::Verdict;
use sealdock_core::listing::{RawLine, RawListing};
use sealdock_core::ports::{Claims, PortResult, Recorder, Source};
use sealdock_core::time::ClockOffset;
use sealdock_device::{FolderOptions, FolderRecorder};
use sealdock_station::Station;
use sealdock_station::dock::DockRequest;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const MB: f64 = 1e6;

/// One recorder at 40 MB/s: the station must not be what is waited for.
pub fn throttled(place: &Place, table: &mut Table) {
    let bench = Bench::new(place, 1);
    let bytes = 128usize << 20;
    let card = bench.card(0, bytes);
    drop_caches();
    let took = bench.dock(0, &card, 40.0 * MB);
    // Two passes over the recorder: the copy and the cold second reading.
    let own = 2.0 * bytes as f64 / (40.0 * MB);
    let deleting = seconds(bench.deleting(&[bench.card(0, bytes)]));
    table.fact(format!("40 MB/s, own time {own:.2} s; deleting such files alone: {deleting:.2} s"));
    table.ratio(
        "ingest from a 40 MB/s recorder / its own time for two passes",
        seconds(took) / own,
        Some(1.02),
    );
    table.ratio(
        "the same / its own time with the deleting",
        seconds(took) / (own + deleting),
        None,
    );
}

/// Sixteen at once at 10 MB/s each.
pub fn sixteen(place: &Place, table: &mut Table) {
    const BAYS: usize = 16;
    let bench = Bench::new(place, BAYS);
    let bytes = 48usize << 20;
    let cards: Vec<PathBuf> = (0..BAYS).map(|n| bench.card(n, bytes)).collect();
    drop_caches();
    let start = Instant::now();
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let bench = &bench;
        let docks: Vec<_> = cards
            .iter()
            .enumerate()
            .map(|(n, card)| scope.spawn(move || bench.dock(n, card, 10.0 * MB)))
            .collect();
        docks.into_iter().map(|dock| dock.join().expect("a dock does not panic")).collect()
    });
    let all = start.elapsed();
    let own = 2.0 * bytes as f64 / (10.0 * MB);
    let slowest = times.into_iter().max().unwrap_or_default();
    let cards: Vec<PathBuf> = (0..BAYS).map(|n| bench.card(n, bytes)).collect();
    let deleting = seconds(bench.deleting(&cards));
    table.fact(format!(
        "16 bays at 10 MB/s, {} MiB each: {:.2} s, slowest bay {:.2} s, own time {own:.2} s, deleting such files alone: {deleting:.2} s",
        bytes >> 20,
        seconds(all),
        seconds(slowest)
    ));
    table.ratio(
        "16 bays at 10 MB/s / one recorder's own time for two passes",
        seconds(all) / own,
        Some(1.10),
    );
    table.ratio("16 bays at 10 MB/s / the slowest bay", seconds(all) / seconds(slowest), None);
    table.ratio(
        "16 bays at 10 MB/s / one recorder's own time with the deleting",
        seconds(all) / (own + deleting),
        None,
    );
    let peak = peak_memory_mib();
    table.ratio("peak memory of 16 bays, MiB", peak, Some(96.0));
}

fn peak_memory_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN)
        / 1024.0
}

struct Bench {
    dir: PathBuf,
    station: Station,
}

impl Bench {
    fn new(place: &Place, recorders: usize) -> Bench {
        let dir = place.dir.join("bays");
        unlock(&dir);
        std::fs::create_dir_all(&dir).expect("scratch is writable");
        let station = found(&dir);
        let operator = Arc::new(Actor::Operator { uid: 0 });
        let apply =
            |command| station.apply(&operator, command).map(drop).expect("set-up is accepted");
        for n in 0..recorders {
            let id = format!("o{n}").parse().expect("an id");
            let pin = Some(Secret("271828".into()));
            apply(Command::EnrolPerson {
                id,
                name: "o".into(),
                role: Role::Officer,
                pin,
                department: None,
            });
            let id = format!("R{n}").parse().expect("an id");
            apply(Command::EnrolRecorder { id, device_id: None, model: None });
        }
        Bench { dir, station }
    }

    fn card(&self, n: usize, bytes: usize) -> PathBuf {
        let card = self.dir.join(format!("card{n}"));
        std::fs::create_dir_all(&card).expect("scratch is writable");
        for part in 0..4 {
            random_file(&card.join(format!("FILE{part:04}.MP4")), bytes / 4, (n * 4 + part) as u64);
        }
        card
    }

    /// What the file system takes to delete the files of these cards, one after the other, as its journal
    /// does with many at once; nothing else runs.
    fn deleting(&self, cards: &[PathBuf]) -> Duration {
        drop_caches();
        let files =
            cards.iter().flat_map(|card| std::fs::read_dir(card).expect("the card is there"));
        let files: Vec<_> = files.map(|file| file.expect("it can be listed").path()).collect();
        let start = Instant::now();
        files.iter().for_each(|file| std::fs::remove_file(file).expect("own file"));
        sync();
        start.elapsed()
    }

    fn dock(&self, n: usize, card: &Path, bytes_per_s: f64) -> Duration {
        let officer = format!("o{n}").parse().expect("an id");
        let actor = self.station.authenticate(&officer, "271828").expect("the right PIN");
        let options = FolderOptions { epoch: 1, ..FolderOptions::default() };
        let inner = FolderRecorder::open(card, options).expect("a card");
        let mut recorder = Throttled { inner, bytes_per_s };
        let request = DockRequest {
            bay: format!("bay{n}").parse().expect("an id"),
            recorder: format!("R{n}").parse().expect("an id"),
            officer: Some(officer),
            actor,
            wipe_off: false,
            unconfirmed: false,
            profile: None,
            told: Vec::new(),
        };
        let start = Instant::now();
        let report = self.station.dock(&request, &mut recorder).expect("the station works");
        let took = start.elapsed();
        assert_eq!(report.verdict, Verdict::Done, "{}", report.summary);
        assert_eq!(report.wiped, 4);
        took
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        unlock(&self.dir);
    }
}

/// A recorder that gives its bytes no faster than a real one.
struct Throttled {
    inner: FolderRecorder,
    bytes_per_s: f64,
}

struct ThrottledSource {
    inner: Box<dyn Source>,
    bytes_per_s: f64,
    start: Instant,
    given: u64,
}

impl Source for ThrottledSource {
    fn identity(&self) -> Option<sealdock_core::ports::FileIdentity> {
        self.inner.identity()
    }

    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        let filled = self.inner.read_at(offset, block)?;
        self.given += filled as u64;
        let due = Duration::from_secs_f64(self.given as f64 / self.bytes_per_s);
        std::thread::sleep(due.saturating_sub(self.start.elapsed()));
        Ok(filled)
    }
    fn unchanged(&mut self) -> PortResult<bool> {
        self.inner.unchanged()
    }
    fn method(&self) -> &'static str {
        self.inner.method()
    }
}

impl Recorder for Throttled {
    fn claims(&mut self) -> PortResult<Claims> {
        self.inner.claims()
    }
    fn list(&mut self) -> PortResult<RawListing> {
        self.inner.list()
    }
    fn clock(&mut self) -> PortResult<ClockOffset> {
        self.inner.clock()
    }
    fn open(&mut self, line: &RawLine) -> PortResult<Box<dyn Source>> {
        let inner = self.inner.open(line)?;
        let (bytes_per_s, start) = (self.bytes_per_s, Instant::now());
        Ok(Box::new(ThrottledSource { inner, bytes_per_s, start, given: 0 }))
    }
    fn look(&mut self, line: &RawLine) -> PortResult<Option<RawLine>> {
        self.inner.look(line)
    }
    fn make_cold(&mut self) -> PortResult<&'static str> {
        self.inner.make_cold()
    }
    fn delete(&mut self, permit: WipePermit) -> PortResult<()> {
        self.inner.delete(permit)
    }
    fn flush(&mut self) -> PortResult<()> {
        self.inner.flush()
    }
}
