//! A recorder at which something happens just before its n-th call of a kind, as when somebody else
//! has a hand on the card.

use sealdock_core::block::Block;
use sealdock_core::custody::WipePermit;
use sealdock_core::listing::{LineKind, RawLine, RawListing};
use sealdock_core::ports::{Claims, PortResult, Recorder, Source};
use sealdock_core::time::ClockOffset;
use sealdock_testkit::SimRecorder;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Act = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Plan {
    calls: BTreeMap<&'static str, usize>,
    acts: Vec<(&'static str, usize, Act)>,
    opened: Vec<Vec<u8>>,
    claimed_size: Option<(Vec<u8>, u64)>,
    unreadable_folder: Option<(usize, Vec<u8>)>,
    fingerprint: Option<String>,
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Plan>>);

impl Shared {
    fn before(&self, call: &'static str) {
        let mut plan = self.0.lock().unwrap();
        let n = plan.calls.entry(call).or_default();
        let now = *n;
        *n += 1;
        let due = plan.acts.iter().position(|(at, nth, _)| *at == call && *nth == now);
        let act = due.map(|at| plan.acts.remove(at).2);
        drop(plan);
        if let Some(act) = act {
            act();
        }
    }
}

pub struct Meddled {
    inner: SimRecorder,
    shared: Shared,
}

impl Meddled {
    pub fn new(inner: SimRecorder) -> Meddled {
        Meddled { inner, shared: Shared::default() }
    }

    /// `act` happens just before the call number `nth`, from 0, of this kind.
    pub fn before(
        self,
        call: &'static str,
        nth: usize,
        act: impl FnOnce() + Send + 'static,
    ) -> Meddled {
        self.shared.0.lock().unwrap().acts.push((call, nth, Box::new(act)));
        self
    }

    /// Listings say that this file is so large.
    pub fn claims_size(self, raw_name: &[u8], size: u64) -> Meddled {
        self.shared.0.lock().unwrap().claimed_size = Some((raw_name.to_vec(), size));
        self
    }

    /// The medium says this of itself.
    pub fn says_it_is(self, fingerprint: &str) -> Meddled {
        self.shared.0.lock().unwrap().fingerprint = Some(fingerprint.to_owned());
        self
    }

    /// From the listing number `nth` on, this folder cannot be read.
    pub fn folder_fails(self, nth: usize, folder: &[u8]) -> Meddled {
        self.shared.0.lock().unwrap().unreadable_folder = Some((nth, folder.to_vec()));
        self
    }

    /// Raw names in the order in which they were opened.
    pub fn opened(&self) -> Vec<Vec<u8>> {
        self.shared.0.lock().unwrap().opened.clone()
    }

    /// Panics if something that was planned never came to pass: the test would prove nothing.
    pub fn assert_all_happened(&self) {
        let plan = self.shared.0.lock().unwrap();
        let left: Vec<_> = plan.acts.iter().map(|(call, nth, _)| (call, nth)).collect();
        assert!(left.is_empty(), "never came to pass: {left:?} of {:?}", plan.calls);
    }
}

struct MeddledSource(Box<dyn Source>, Shared);

impl Source for MeddledSource {
    fn identity(&self) -> Option<sealdock_core::ports::FileIdentity> {
        self.0.identity()
    }

    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        self.1.before("read-at");
        self.0.read_at(offset, block)
    }
    fn unchanged(&mut self) -> PortResult<bool> {
        self.1.before("unchanged");
        self.0.unchanged()
    }
    fn method(&self) -> &'static str {
        self.0.method()
    }
}

impl Recorder for Meddled {
    fn claims(&mut self) -> PortResult<Claims> {
        let mut claims = self.inner.claims()?;
        let said = self.shared.0.lock().unwrap().fingerprint.clone();
        claims.fingerprint = said.unwrap_or(claims.fingerprint);
        Ok(claims)
    }
    fn list(&mut self) -> PortResult<RawListing> {
        self.shared.before("list");
        let mut listing = self.inner.list()?;
        let plan = self.shared.0.lock().unwrap();
        if let Some((nth, folder)) = &plan.unreadable_folder
            && plan.calls["list"] > *nth
        {
            listing.lines.retain(|line| !line.raw_name.starts_with(folder));
            listing.lines.push(RawLine {
                raw_name: folder.clone(),
                kind: LineKind::Unreadable,
                size: 0,
                mtime_ms: None,
                file_id: 0,
                changed_ns: None,
                detail: Some("input/output error".to_owned()),
            });
        }
        if let Some((raw_name, size)) = &plan.claimed_size {
            let claimed = listing.lines.iter_mut().filter(|line| line.raw_name == *raw_name);
            claimed.for_each(|line| line.size = *size);
        }
        Ok(listing)
    }
    fn clock(&mut self) -> PortResult<ClockOffset> {
        self.inner.clock()
    }
    fn open(&mut self, line: &RawLine) -> PortResult<Box<dyn Source>> {
        self.shared.before("open");
        self.shared.0.lock().unwrap().opened.push(line.raw_name.clone());
        Ok(Box::new(MeddledSource(self.inner.open(line)?, self.shared.clone())))
    }
    fn look(&mut self, line: &RawLine) -> PortResult<Option<RawLine>> {
        self.shared.before("look");
        self.inner.look(line)
    }
    fn make_cold(&mut self) -> PortResult<&'static str> {
        self.shared.before("make-cold");
        self.inner.make_cold()
    }
    fn delete(&mut self, permit: WipePermit) -> PortResult<()> {
        self.shared.before("delete");
        self.inner.delete(permit)
    }
    fn flush(&mut self) -> PortResult<()> {
        self.shared.before("flush");
        self.inner.flush()
    }
}
