//! The disk under test: its facts, its own rates, a card to read from, and cold caches.

use crate::report::Table;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A scratch place on the disk of the build directory, removed at the end.
pub struct Place {
    pub dir: PathBuf,
    pub master: PathBuf,
    pub bytes: u64,
}

impl Place {
    pub fn make(clips: usize, bytes: usize) -> Place {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-ingest");
        let _ = std::fs::remove_dir_all(&dir);
        let master = dir.join("master");
        std::fs::create_dir_all(&master).expect("the build directory is writable");
        for n in 0..clips {
            random_file(
                &master.join(format!("J800000_00000020261121{n:02}1500_{n:04}.MP4")),
                bytes,
                n as u64,
            );
        }
        sync();
        Place { dir, master, bytes: (clips * bytes) as u64 }
    }

    /// A card: hard links to the master files, so that wiping it costs no copy.
    pub fn card(&self, name: &str) -> PathBuf {
        let card = self.dir.join(name);
        let _ = std::fs::remove_dir_all(&card);
        std::fs::create_dir_all(card.join("DCIM")).expect("scratch is writable");
        for entry in std::fs::read_dir(&self.master).expect("master is there") {
            let path = entry.expect("master can be listed").path();
            let name = path.file_name().expect("a file has a name");
            std::fs::hard_link(&path, card.join("DCIM").join(name)).expect("same disk");
        }
        card
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Bytes that no disk can compress.
pub fn random_file(path: &Path, bytes: usize, seed: u64) {
    let mut file = File::create(path).expect("scratch is writable");
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut block = vec![0u8; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        for word in block.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        let part = left.min(block.len());
        file.write_all(&block[..part]).expect("scratch has room");
        left -= part;
    }
}

pub fn sync() {
    run(&mut Command::new("sync"));
}

/// Nothing that follows is answered from memory.
pub fn drop_caches() {
    sync();
    std::fs::write("/proc/sys/vm/drop_caches", "3").expect("dropping caches needs root");
}

/// Runs to the end; a peer that fails makes the comparison worthless, so it stops everything.
pub fn run(command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let took = start.elapsed();
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    took
}

pub fn machine_facts(table: &mut Table) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .unwrap_or("")
        .trim_start_matches([' ', '\t', ':'])
        .to_owned();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let sha = if cpu.contains("sha_ni") { "with" } else { "without" };
    table.fact(format!(
        "machine: {cores} cores {model} {sha} SHA-NI, kernel {}",
        read("/proc/sys/kernel/osrelease").trim()
    ));
}

/// Bytes per request of the floor, in one huge page: what this disk gives at most. `dd` reads into ordinary
/// pages and is slower, so that its rate would be no floor.
const REQUEST: usize = 2 << 20;

/// Memory that begins with a huge page.
fn huge_page() -> (memmap2::MmapMut, usize) {
    let mut map = memmap2::MmapMut::map_anon(2 * REQUEST).expect("there is memory");
    let _ = map.advise(memmap2::Advice::HugePage);
    let start = map.as_ptr().align_offset(REQUEST);
    map[start..start + REQUEST].fill(7);
    (map, start)
}

fn open_direct(path: &Path, options: &mut std::fs::OpenOptions) -> File {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = i32::try_from(rustix::fs::OFlags::DIRECT.bits()).expect("a flag");
    options.custom_flags(flags).open(path).expect("the disk does direct I/O")
}

/// Every byte of the data set, one request after the other, past the page cache.
pub fn direct_read(place: &Place) -> Duration {
    use std::os::unix::fs::FileExt as _;
    drop_caches();
    let (mut map, at) = huge_page();
    let start = Instant::now();
    for file in std::fs::read_dir(&place.master).expect("master is there") {
        let file = file.expect("master can be listed").path();
        let file = open_direct(&file, File::options().read(true));
        let mut offset = 0;
        loop {
            match file.read_at(&mut map[at..at + REQUEST], offset).expect("the disk reads") {
                0 => break,
                filled => offset += filled as u64,
            }
        }
    }
    start.elapsed()
}

/// `cat` of the data set: through the page cache, with the kernel's read-ahead.
pub fn cached_read(place: &Place) -> Duration {
    drop_caches();
    run(Command::new("sh").arg("-c").arg(format!("cat {}/* > /dev/null", place.master.display())))
}

/// As many bytes to a new file, past the page cache, and a sync.
pub fn direct_write(place: &Place) -> Duration {
    use std::os::unix::fs::FileExt as _;
    let target = place.dir.join("floor");
    let (map, at) = huge_page();
    let start = Instant::now();
    let file = open_direct(&target, File::options().write(true).create_new(true));
    let room = rustix::fs::FallocateFlags::empty();
    rustix::fs::fallocate(&file, room, 0, place.bytes).expect("scratch has room");
    for offset in (0..place.bytes).step_by(REQUEST) {
        file.write_all_at(&map[at..at + REQUEST], offset).expect("scratch has room");
    }
    file.sync_all().expect("the disk syncs");
    let wrote = start.elapsed();
    let _ = std::fs::remove_file(&target);
    wrote
}

/// One SHA-256 over as many bytes, out of memory, on one core.
pub fn hashing(place: &Place) -> Duration {
    use sha2::Digest as _;
    let (map, at) = huge_page();
    let mut hash = sha2::Sha256::new();
    let start = Instant::now();
    for _ in (0..place.bytes).step_by(REQUEST) {
        hash.update(&map[at..at + REQUEST]);
    }
    assert_ne!(hash.finalize()[..], [0; 32]);
    start.elapsed()
}

/// Processor time of all children that have ended (proc(5): `cutime` and `cstime`, in ticks of 10 ms).
pub fn children_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("proc is mounted");
    let after_name = stat.rsplit(')').next().expect("the name is in parentheses");
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(|field| field.parse::<u64>().expect("a number"))
        .sum();
    Duration::from_millis(ticks * 10)
}
