//! When the daemon is told to stop, running sessions end soon and with the truth: the recorder no
//! longer hands out bytes, which the session takes for a recorder that went away, and is closed as
//! interrupted. Deletions that were begun are finished: they are short, and half of them helps nobody.

use super::Meter;
use sealdock_core::block::Block;
use sealdock_core::custody::WipePermit;
use sealdock_core::listing::{RawLine, RawListing};
use sealdock_core::ports::{Claims, Kind, PortError, PortResult, Recorder, Source};
use sealdock_core::time::ClockOffset;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by everybody who should know that the end is near.
#[derive(Debug, Clone, Default)]
pub struct Stopping(Arc<AtomicBool>);

impl Stopping {
    pub fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn check(&self) -> PortResult<()> {
        match self.has_begun() {
            true => Err(PortError::new(Kind::Failed, "the station is being stopped")),
            false => Ok(()),
        }
    }
}

/// A recorder that can be told to go away.
pub struct Stoppable {
    inner: Box<dyn Recorder>,
    stopping: Stopping,
    meter: Arc<Meter>,
}

impl Stoppable {
    pub fn new(inner: Box<dyn Recorder>, stopping: Stopping, meter: Arc<Meter>) -> Stoppable {
        Stoppable { inner, stopping, meter }
    }
}

impl Recorder for Stoppable {
    fn claims(&mut self) -> PortResult<Claims> {
        self.stopping.check()?;
        self.inner.claims()
    }
    fn list(&mut self) -> PortResult<RawListing> {
        let listing = self.inner.list()?;
        self.meter.listed(&listing);
        Ok(listing)
    }
    fn clock(&mut self) -> PortResult<ClockOffset> {
        self.inner.clock()
    }
    fn open(&mut self, line: &RawLine) -> PortResult<Box<dyn Source>> {
        self.stopping.check()?;
        let inner = self.inner.open(line)?;
        Ok(Box::new(StoppableSource {
            inner,
            stopping: self.stopping.clone(),
            meter: Arc::clone(&self.meter),
        }))
    }
    fn look(&mut self, line: &RawLine) -> PortResult<Option<RawLine>> {
        self.inner.look(line)
    }
    fn make_cold(&mut self) -> PortResult<&'static str> {
        self.stopping.check()?;
        self.inner.make_cold()
    }
    fn delete(&mut self, permit: WipePermit) -> PortResult<()> {
        self.inner.delete(permit)
    }
    fn flush(&mut self) -> PortResult<()> {
        self.inner.flush()
    }
}

struct StoppableSource {
    inner: Box<dyn Source>,
    stopping: Stopping,
    meter: Arc<Meter>,
}

impl Source for StoppableSource {
    fn twin(&self) -> Option<Box<dyn Source>> {
        let (stopping, meter) = (self.stopping.clone(), Arc::clone(&self.meter));
        self.inner
            .twin()
            .map(|inner| Box::new(StoppableSource { inner, stopping, meter }) as Box<dyn Source>)
    }

    fn identity(&self) -> Option<sealdock_core::ports::FileIdentity> {
        self.inner.identity()
    }

    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        self.stopping.check()?;
        let filled = self.inner.read_at(offset, block)?;
        self.meter.read(filled);
        Ok(filled)
    }
    fn unchanged(&mut self) -> PortResult<bool> {
        self.inner.unchanged()
    }
    fn method(&self) -> &'static str {
        self.inner.method()
    }
}
