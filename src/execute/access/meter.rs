//! How far a copy has come, for whoever waits for it.

use sealdock_core::id::AccessId;
use sealdock_station::{Carried, Progress};

/// Counts what is written and what is read back.
pub struct Meter<'a> {
    to: &'a dyn Progress,
    so_far: Carried,
}

impl<'a> Meter<'a> {
    /// `bytes` of footage will go out.
    pub fn new(to: &'a dyn Progress, access: AccessId, bytes: u64) -> Meter<'a> {
        Meter { to, so_far: Carried { access, files: 0, done: 0, of: bytes.saturating_mul(2) } }
    }

    pub fn bytes(&mut self, n: u64) {
        let now = &mut self.so_far;
        now.done = now.done.saturating_add(n).min(now.of);
        self.to.carried(now);
    }

    /// So many bytes need not be written.
    pub fn skip(&mut self, bytes: u64) {
        self.so_far.done = self.so_far.done.saturating_add(bytes).min(self.so_far.of);
    }

    pub fn file(&mut self) {
        self.so_far.files += 1;
        self.to.carried(&self.so_far);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_station::Report;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Kept(Mutex<Vec<Carried>>);

    impl Progress for Kept {
        fn report(&self, _: &Report) {}
        fn carried(&self, carried: &Carried) {
            self.0.lock().unwrap().push(*carried);
        }
    }

    #[test]
    fn both_ways_count_and_papers_do_not_go_beyond_the_end() {
        let kept = Kept::default();
        let mut meter = Meter::new(&kept, AccessId(7), 100);
        for n in [60, 40, 100, 5] {
            meter.bytes(n);
        }
        meter.file();
        let heard = kept.0.lock().unwrap();
        let done: Vec<u64> = heard.iter().map(|carried| carried.done).collect();
        assert_eq!(done, [60, 100, 200, 200, 200]);
        assert!(heard.iter().all(|carried| carried.of == 200 && carried.access == AccessId(7)));
        assert_eq!(heard.last().unwrap().files, 1);
    }
}
