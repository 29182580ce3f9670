//! A docked recorder: the port to a [`SimCard`]. When the card is taken out or docked anew, this
//! handle is dead.

use crate::card::{SimCard, State};
use crate::faults::Faults;
use crate::source;
use sealdock_core::block::Block;
use sealdock_core::custody::WipePermit;
use sealdock_core::listing::{LineKind, RawLine, RawListing};
use sealdock_core::ports::{Claims, Kind, PortError, PortResult, Recorder, Source};
use sealdock_core::time::ClockOffset;
use std::ops::Range;

/// What a bad sector makes unreadable, bytes.
const SECTOR_BYTES: u64 = 4096;

/// One docking of a card.
pub struct SimRecorder {
    dock: Dock,
    cold: bool,
}

/// The way to the card, as long as it is docked.
#[derive(Clone)]
struct Dock {
    card: SimCard,
    epoch: u64,
    faults: Faults,
}

fn failed<T>(kind: Kind, message: &str) -> PortResult<T> {
    Err(PortError::new(kind, message))
}

impl Dock {
    fn call<T>(
        &self,
        name: &str,
        effect: impl FnOnce(&mut State) -> PortResult<T>,
    ) -> PortResult<T> {
        self.faults.read(name, || self.on_card(effect))
    }

    fn on_card<T>(&self, effect: impl FnOnce(&mut State) -> PortResult<T>) -> PortResult<T> {
        let mut state = self.card.state();
        if state.flaws.yank_at_call.is_some_and(|at| state.calls >= at) {
            state.flaws.yank_at_call = None;
            state.yank();
        }
        state.calls += 1;
        if !state.plugged || state.epoch != self.epoch {
            return failed(Kind::Failed, "the recorder is no longer docked; dock it again");
        }
        effect(&mut state)
    }
}

impl SimRecorder {
    pub(crate) fn new(card: SimCard, epoch: u64, faults: Faults) -> SimRecorder {
        SimRecorder { dock: Dock { card, epoch, faults }, cold: false }
    }
}

impl Recorder for SimRecorder {
    fn claims(&mut self) -> PortResult<Claims> {
        let epoch = self.dock.epoch;
        self.dock.call("recorder.claims", |state| {
            Ok(Claims {
                label: Some(state.label.clone()),
                fingerprint: format!("simulated card {}", state.label),
                epoch,
                read_only: state.read_only,
            })
        })
    }

    fn list(&mut self) -> PortResult<RawListing> {
        self.dock.call("recorder.list", |state| {
            let lines = state.files.iter().map(|(raw_name, file)| file.line(raw_name)).collect();
            for raw_name in std::mem::take(&mut state.flaws.vanishing) {
                state.files.remove(&raw_name);
            }
            for (raw_name, bytes) in std::mem::take(&mut state.flaws.appearing) {
                state.put(&raw_name, LineKind::File, &bytes);
            }
            Ok(RawListing { lines })
        })
    }

    fn clock(&mut self) -> PortResult<ClockOffset> {
        self.dock.call("recorder.clock", |state| {
            Ok(match state.clock_offset_ms {
                Some(offset_ms) => {
                    ClockOffset::Measured { offset_ms, source: "simulated".to_owned() }
                }
                None => ClockOffset::Unknown { reason: "the card has no clock".to_owned() },
            })
        })
    }

    fn open(&mut self, line: &RawLine) -> PortResult<Box<dyn Source>> {
        let dock = self.dock.clone();
        let cold = self.cold;
        self.dock.call("recorder.open", |state| {
            listed_file(state, line)?;
            Ok(Box::new(CardSource { dock, line: line.clone(), cold }) as Box<dyn Source>)
        })
    }

    fn look(&mut self, line: &RawLine) -> PortResult<Option<RawLine>> {
        self.dock.call("recorder.look", |state| {
            Ok(state.files.get(&line.raw_name).map(|file| file.line(&line.raw_name)))
        })
    }

    fn make_cold(&mut self) -> PortResult<&'static str> {
        self.dock.call("recorder.make-cold", |state| {
            if state.flaws.never_cold {
                return failed(Kind::Failed, "the kernel keeps pages of the card; dock it again");
            }
            Ok(())
        })?;
        self.cold = true;
        Ok("simulated")
    }

    fn delete(&mut self, permit: WipePermit) -> PortResult<()> {
        let dock = &self.dock;
        dock.faults.write("recorder.delete", || dock.on_card(|state| delete(state, permit.file())))
    }

    fn flush(&mut self) -> PortResult<()> {
        let dock = &self.dock;
        dock.faults.write("recorder.flush", || {
            dock.on_card(|state| {
                state.deleted.clear();
                Ok(())
            })
        })
    }
}

/// The file of a line, if it is still that file.
fn listed_file(state: &State, line: &RawLine) -> PortResult<()> {
    let Some(file) = state.files.get(&line.raw_name) else {
        return failed(Kind::Missing, "the file is no longer on the recorder");
    };
    let now = file.line(&line.raw_name);
    if now.kind != LineKind::File {
        return failed(Kind::Invalid, "this is no file and is never opened");
    }
    if !now.same_thing(line) || now.file_id != line.file_id {
        return failed(Kind::Failed, "the file is another one than was listed");
    }
    Ok(())
}

fn delete(state: &mut State, line: &RawLine) -> PortResult<()> {
    listed_file(state, line)?;
    if state.read_only || state.flaws.read_only_at_delete {
        return failed(Kind::ReadOnly, "the recorder is read-only; see its lock switch");
    }
    if state.flaws.stuck.contains(&line.raw_name) {
        return Ok(());
    }
    let file = state.files.remove(&line.raw_name).expect("just looked at");
    state.deleted.insert(line.raw_name.clone(), file);
    Ok(())
}

/// One file of a docked card.
struct CardSource {
    dock: Dock,
    line: RawLine,
    cold: bool,
}

impl Source for CardSource {
    fn identity(&self) -> Option<sealdock_core::ports::FileIdentity> {
        None
    }

    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        let (line, cold) = (&self.line, self.cold);
        self.dock.call("recorder.read-at", |state| {
            let Some(file) = state.files.get(&line.raw_name) else {
                return failed(Kind::Missing, "the file is no longer on the recorder");
            };
            let count = source::fill(&file.bytes, offset, block);
            let read = offset..offset + count as u64;
            meet_bad_sector(state, line, &read)?;
            if cold && state.flaws.unstable.contains(&line.raw_name) && offset == 0 && count > 0 {
                block.room()[count / 2] ^= 1;
            }
            if count > 0 && state.flaws.growing.contains(&line.raw_name) {
                let file = state.files.get_mut(&line.raw_name).expect("just looked at");
                file.bytes.extend_from_slice(b"one frame more");
                file.mtime_ms = file.mtime_ms.map(|ms| ms + 1);
            }
            Ok(count)
        })
    }

    fn unchanged(&mut self) -> PortResult<bool> {
        let line = &self.line;
        self.dock.call("recorder.unchanged", |state| Ok(listed_file(state, line).is_ok()))
    }

    fn method(&self) -> &'static str {
        "simulated"
    }
}

fn meet_bad_sector(state: &mut State, line: &RawLine, read: &Range<u64>) -> PortResult<()> {
    let met = state.flaws.bad_sectors.iter().position(|bad| {
        let start = bad.offset - bad.offset % SECTOR_BYTES;
        bad.raw_name == line.raw_name && start < read.end && read.start < start + SECTOR_BYTES
    });
    let Some(at) = met else { return Ok(()) };
    if !state.flaws.bad_sectors[at].sticky {
        state.flaws.bad_sectors.remove(at);
    }
    failed(Kind::Failed, "input/output error on the card")
}

#[cfg(test)]
mod tests;
