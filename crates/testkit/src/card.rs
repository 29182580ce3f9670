//! The card of a recorder. It outlives docking: a test takes it out, looks at what is left, docks it
//! again, and tells it what to get wrong.

use crate::faults::Faults;
use crate::lock;
use crate::recorder::SimRecorder;
use sealdock_core::listing::{LineKind, RawLine};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// Modification time of files that do not say otherwise: 2026-03-01T08:00:00Z.
pub const MTIME_MS: i64 = 1_772_352_000_000;

/// One thing on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFile {
    pub bytes: Vec<u8>,
    pub kind: LineKind,
    pub mtime_ms: Option<i64>,
    /// Inode or first cluster.
    pub id: u64,
    /// When anything about it changed last. Nobody can set it back.
    pub changed_ns: Option<i128>,
    /// Why it cannot be read, where the recorder says so.
    pub detail: Option<String>,
}

impl CardFile {
    pub(crate) fn line(&self, raw_name: &[u8]) -> RawLine {
        RawLine {
            raw_name: raw_name.to_vec(),
            kind: self.kind,
            size: self.bytes.len() as u64,
            mtime_ms: self.mtime_ms,
            file_id: self.id,
            changed_ns: self.changed_ns,
            detail: self.detail.clone(),
        }
    }
}

/// The card, shared with whoever has it docked. Clones are the same card.
#[derive(Clone)]
pub struct SimCard(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) label: String,
    pub(crate) files: BTreeMap<Vec<u8>, CardFile>,
    pub(crate) epoch: u64,
    pub(crate) plugged: bool,
    pub(crate) calls: u64,
    pub(crate) read_only: bool,
    pub(crate) clock_offset_ms: Option<i64>,
    /// Deleted, but not flushed: a yank brings them back.
    pub(crate) deleted: BTreeMap<Vec<u8>, CardFile>,
    pub(crate) flaws: Flaws,
    next_id: u64,
}

/// What a card gets wrong.
#[derive(Default)]
pub(crate) struct Flaws {
    pub(crate) unstable: BTreeSet<Vec<u8>>,
    pub(crate) bad_sectors: Vec<BadSector>,
    pub(crate) growing: BTreeSet<Vec<u8>>,
    pub(crate) vanishing: BTreeSet<Vec<u8>>,
    pub(crate) appearing: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) stuck: BTreeSet<Vec<u8>>,
    pub(crate) yank_at_call: Option<u64>,
    pub(crate) read_only_at_delete: bool,
    pub(crate) never_cold: bool,
}

/// A sector that cannot be read.
pub(crate) struct BadSector {
    pub(crate) raw_name: Vec<u8>,
    pub(crate) offset: u64,
    pub(crate) sticky: bool,
}

impl State {
    pub(crate) fn put(&mut self, raw_name: &[u8], kind: LineKind, bytes: &[u8]) {
        self.next_id += 1;
        let file = CardFile {
            bytes: bytes.to_vec(),
            kind,
            mtime_ms: Some(MTIME_MS),
            id: self.next_id,
            changed_ns: Some(i128::from(self.next_id)),
            detail: None,
        };
        self.files.insert(raw_name.to_vec(), file);
    }

    pub(crate) fn yank(&mut self) {
        self.plugged = false;
        self.files.append(&mut self.deleted);
    }
}

impl SimCard {
    /// A card with files of the given raw names and bytes, and a clock that runs with the station's.
    pub fn new(label: &str, files: &[(&[u8], &[u8])]) -> SimCard {
        let state = State { label: label.to_owned(), clock_offset_ms: Some(0), ..State::default() };
        let card = SimCard(Arc::new(Mutex::new(state)));
        for (raw_name, bytes) in files {
            card.put(raw_name, bytes);
        }
        card
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// Docks the recorder: a new epoch; whoever had it docked before has lost it.
    pub fn dock(&self, faults: &Faults) -> SimRecorder {
        let mut state = self.state();
        state.yank();
        state.epoch += 1;
        state.plugged = true;
        SimRecorder::new(self.clone(), state.epoch, faults.clone())
    }

    /// Takes the recorder out. Deletions that were not flushed are undone.
    pub fn yank(&self) {
        self.state().yank();
    }

    /// Puts a file on it, or replaces one: a new identity in any case.
    pub fn put(&self, raw_name: &[u8], bytes: &[u8]) {
        self.state().put(raw_name, LineKind::File, bytes);
    }

    /// Puts something on it that is no file.
    pub fn put_odd(&self, raw_name: &[u8], kind: LineKind) {
        self.state().put(raw_name, kind, b"");
    }

    /// Other bytes in the same file, and its time put back: only the change time tells.
    ///
    /// # Panics
    /// There is no such file.
    pub fn overwrite(&self, raw_name: &[u8], bytes: &[u8]) {
        let mut state = self.state();
        state.next_id += 1;
        let now = i128::from(state.next_id);
        let file = state.files.get_mut(raw_name).expect("the file is on the card");
        file.bytes = bytes.to_vec();
        file.changed_ns = Some(now);
    }

    /// Sets the recorder's own file time; `None`: it has none.
    ///
    /// # Panics
    /// There is no such file.
    pub fn set_mtime(&self, raw_name: &[u8], mtime_ms: Option<i64>) {
        let mut state = self.state();
        state.files.get_mut(raw_name).expect("the file is on the card").mtime_ms = mtime_ms;
    }

    /// Takes a file away, as an officer with a card reader would.
    pub fn remove(&self, raw_name: &[u8]) {
        self.state().files.remove(raw_name);
    }

    /// Bytes of a file that is there.
    pub fn bytes(&self, raw_name: &[u8]) -> Option<Vec<u8>> {
        self.state().files.get(raw_name).map(|file| file.bytes.clone())
    }

    /// Everything that is there, by raw name.
    pub fn files(&self) -> BTreeMap<Vec<u8>, CardFile> {
        self.state().files.clone()
    }

    /// Calls to the recorder so far, over all docks.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Mounted read-only; the recorder says so from the start.
    pub fn set_read_only(&self, read_only: bool) {
        self.state().read_only = read_only;
    }

    /// Claims to be writable, and turns read-only at the first deletion.
    pub fn read_only_at_delete(&self) {
        self.state().flaws.read_only_at_delete = true;
    }

    /// How far the recorder's clock is ahead, milliseconds; `None`: it cannot be measured.
    pub fn set_clock_offset(&self, ms: Option<i64>) {
        self.state().clock_offset_ms = ms;
    }

    /// From the first cold reading on, one bit of this file reads differently.
    pub fn unstable(&self, raw_name: &[u8]) {
        self.state().flaws.unstable.insert(raw_name.to_vec());
    }

    /// The 4096 bytes around `offset` cannot be read: for ever (`sticky`), or once.
    pub fn bad_sector(&self, raw_name: &[u8], offset: u64, sticky: bool) {
        let bad = BadSector { raw_name: raw_name.to_vec(), offset, sticky };
        self.state().flaws.bad_sectors.push(bad);
    }

    /// Every reading of this file finds it a little longer afterwards.
    pub fn growing(&self, raw_name: &[u8]) {
        self.state().flaws.growing.insert(raw_name.to_vec());
    }

    /// The file is listed once and then gone.
    pub fn vanishes_after_list(&self, raw_name: &[u8]) {
        self.state().flaws.vanishing.insert(raw_name.to_vec());
    }

    /// The file is there from the end of the next listing on.
    pub fn appears_after_list(&self, raw_name: &[u8], bytes: &[u8]) {
        self.state().flaws.appearing.push((raw_name.to_vec(), bytes.to_vec()));
    }

    /// Deleting this file is acknowledged and does nothing: lying flash.
    pub fn stuck(&self, raw_name: &[u8]) {
        self.state().flaws.stuck.insert(raw_name.to_vec());
    }

    /// The recorder is taken out at its `n`-th call from now, counted from 0.
    pub fn yank_at_call(&self, n: u64) {
        let mut state = self.state();
        state.flaws.yank_at_call = Some(state.calls + n);
    }

    /// What the kernel holds of it cannot be dropped: a second reading would prove nothing.
    pub fn never_cold(&self) {
        self.state().flaws.never_cold = true;
    }

    /// Gets nothing wrong any more.
    pub fn heal(&self) {
        self.state().flaws = Flaws::default();
    }
}
