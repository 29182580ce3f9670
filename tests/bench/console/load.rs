//! Requests that come whether or not the last one was answered: so many each second, page after page.

use crate::web::{self, Asker};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub const PER_SECOND: u64 = 50;
/// Browsers that may wait at once.
const BROWSERS: usize = 96;

/// An address and who asks for it.
#[derive(Clone)]
pub struct Target {
    pub name: String,
    pub path: String,
    pub asker: Asker,
}

#[derive(Clone, Copy)]
pub struct Sample {
    pub target: usize,
    /// From the moment at which it was due, not from that at which somebody got to it.
    pub ms: f64,
    pub status: u16,
}

/// Asks until `enough` is set, and at least `rounds` times for each target where that is not at once.
pub fn run(at: SocketAddr, targets: &[Target], enough: &AtomicBool, rounds: usize) -> Vec<Sample> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let start = Instant::now();
    let least = targets.len() * rounds;
    let browser = || loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        if n >= least && enough.load(Ordering::SeqCst) {
            return;
        }
        let due = start + Duration::from_millis(n as u64 * 1000 / PER_SECOND);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let target = n % targets.len();
        let Target { path, asker, .. } = &targets[target];
        let status = web::get(at, path, asker).map_or(0, |answer| answer.status);
        let ms = due.elapsed().as_secs_f64() * 1000.0;
        all.lock().expect("no browser panics").push(Sample { target, ms, status });
    };
    std::thread::scope(|scope| {
        for _ in 0..BROWSERS {
            scope.spawn(browser);
        }
    });
    all.into_inner().expect("no browser panics")
}

/// The smallest number that so many in a hundred do not exceed.
pub fn percentile(mut of: Vec<f64>, percent: f64) -> f64 {
    of.sort_by(f64::total_cmp);
    let rank = (of.len() as f64 * percent / 100.0).ceil() as usize;
    of.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
