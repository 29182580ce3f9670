//! Within one long clip a session reports nothing; whoever waits still wants to see bytes go by. The
//! meter counts what is read from one recorder and passes reports on with that added.

use sealdock_core::id::{BayId, RecorderId};
use sealdock_core::listing::{LineKind, RawListing};
use sealdock_station::{Progress, Report, Step};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes are told this often.
const EVERY: Duration = Duration::from_millis(100);

/// Lets through what one recorder in one bay reports, and what is read of it in between.
pub struct Meter {
    bay: BayId,
    recorder: RecorderId,
    to: Arc<dyn Progress>,
    state: Mutex<Reading>,
}

#[derive(Default)]
struct Reading {
    last: Option<Report>,
    /// Bytes since the last report; in the second reading since it began.
    bytes: u64,
    /// What the listing holds.
    total: u64,
    told: Option<Instant>,
}

impl Meter {
    pub fn new(bay: BayId, recorder: RecorderId, to: Arc<dyn Progress>) -> Meter {
        Meter { bay, recorder, to, state: Mutex::default() }
    }

    /// The recorder was listed: that much is to be copied.
    pub fn listed(&self, listing: &RawListing) {
        let files = listing.lines.iter().filter(|line| line.kind == LineKind::File);
        let total = files.map(|line| line.size).sum();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).total = total;
    }

    /// So many bytes came from the recorder.
    pub fn read(&self, bytes: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.bytes += bytes as u64;
        if state.told.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        if let Some(report) = state.with_bytes() {
            state.told = Some(Instant::now());
            self.to.report(&report);
        }
    }
}

impl Reading {
    fn with_bytes(&self) -> Option<Report> {
        let mut report = self.last.clone()?;
        // The first clip is being read, and the session reports when it has it.
        if report.step == Step::Listing && self.bytes > 0 {
            (report.step, report.bytes) = (Step::Copying, self.total);
        }
        let before = if report.step == Step::Proving { 0 } else { report.bytes_done };
        report.bytes_done = (before + self.bytes).min(report.bytes);
        Some(report)
    }
}

impl Progress for Meter {
    fn report(&self, report: &Report) {
        if report.bay != self.bay || report.recorder != self.recorder {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let same_step = state.last.as_ref().is_some_and(|last| last.step == report.step);
        if !(same_step && report.step == Step::Proving) {
            state.bytes = 0;
            state.told = None;
        }
        state.last = Some(report.clone());
        if let Some(report) = state.with_bytes() {
            self.to.report(&report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<u64>>);

    impl Progress for Heard {
        fn report(&self, report: &Report) {
            self.0.lock().unwrap().push(report.bytes_done);
        }
    }

    fn report(bay: &str, step: Step, bytes_done: u64) -> Report {
        Report {
            bay: bay.parse().unwrap(),
            recorder: "R1".parse().unwrap(),
            session: None,
            step,
            lines_done: 0,
            lines: 2,
            bytes_done,
            bytes: 100,
            marked_left: 0,
            verdict: None,
            text: String::new(),
        }
    }

    #[test]
    fn bytes_go_by_within_a_clip_and_begin_anew_with_the_second_reading() {
        let heard = Arc::new(Heard::default());
        let to = Arc::clone(&heard) as Arc<dyn Progress>;
        let meter = Meter::new("b1".parse().unwrap(), "R1".parse().unwrap(), to);
        meter.report(&report("b1", Step::Copying, 0));
        meter.read(30);
        meter.report(&report("b2", Step::Copying, 77));
        meter.report(&report("b1", Step::Copying, 60));
        meter.report(&report("b1", Step::Proving, 100));
        meter.read(5);
        meter.report(&report("b1", Step::Proving, 100));
        assert_eq!(*heard.0.lock().unwrap(), [0, 30, 60, 0, 5, 5]);
    }
}
