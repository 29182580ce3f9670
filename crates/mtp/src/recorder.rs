//! A recorder that speaks MTP, docked. A line is held against what the recorder says of its object now
//! and of every folder above it; the listing is the only source of handles.

use crate::clock::ClockWay;
use crate::dataset::{About, Info};
use crate::link::{Answer, Link};
use crate::source::{METHOD, ObjectSource};
use crate::walk::{Walked, is_missing, line, walk};
use sealdock_core::custody::WipePermit;
use sealdock_core::listing::{LineKind, RawLine, RawListing};
use sealdock_core::naming;
use sealdock_core::ports::{Claims, Clock, Kind, PortError, PortResult, Recorder, Source};
use sealdock_core::time::{ClockOffset, Zone};
use sealdock_profile::Seen;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// What the station knows about the recorder before it is opened.
#[derive(Clone)]
pub struct MtpOptions {
    /// The plug-in of the bay this is.
    pub epoch: u64,
    /// What was announced of it.
    pub seen: Seen,
    /// In which the recorder means a time without a zone.
    pub zone: Zone,
    /// How its clock is read, where its profile says so.
    pub clock: Option<ClockWay>,
    /// The station's own clock, to compare with.
    pub station_clock: Arc<dyn Clock>,
}

impl fmt::Debug for MtpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtpOptions(plug-in {})", self.epoch)
    }
}

/// An opened recorder. Dropping it closes the session.
#[derive(Debug)]
pub struct MtpRecorder {
    pub(crate) link: Link,
    pub(crate) options: MtpOptions,
    about: About,
    /// The stores of the first listing: one that is missing later hides its files, it does not empty them.
    stores: Option<BTreeSet<u32>>,
    /// The last listing.
    walked: Walked,
    /// Lines of it by name and identity.
    handles: BTreeMap<(Vec<u8>, u64), u32>,
}

impl MtpRecorder {
    /// Takes over the conversation.
    pub fn new(link: Link, options: MtpOptions) -> MtpRecorder {
        let about = link.about();
        let (stores, walked, handles) = Default::default();
        MtpRecorder { link, options, about, stores, walked, handles }
    }

    /// Which recorder, in words for messages.
    pub(crate) fn named(&self) -> String {
        let model = naming::display(&self.about.model);
        if model.is_empty() { "the MTP recorder".to_owned() } else { model }
    }

    fn walk(&mut self) -> PortResult<()> {
        let walked = walk(&self.link, self.options.zone)?;
        let first = self.stores.get_or_insert_with(|| walked.stores.clone());
        if *first != walked.stores {
            let message = format!(
                "{} shows other stores than when it was listed first: nothing can be said of what they hold; dock it again",
                self.named()
            );
            return Err(PortError::new(Kind::Failed, message));
        }
        let files = walked.lines.iter().filter(|line| line.kind == LineKind::File);
        self.handles = files
            .map(|line| ((line.raw_name.clone(), line.file_id), line.file_id as u32))
            .collect();
        self.walked = walked;
        Ok(())
    }

    /// The object of a listed line.
    pub(crate) fn handle(&self, listed: &RawLine) -> Option<u32> {
        self.handles.get(&(listed.raw_name.clone(), listed.file_id)).copied()
    }

    /// The object as a line now, with what the recorder says of it; `None` if it, or a folder above it, is
    /// gone or another than in the last listing.
    pub(crate) fn now(&self, handle: u32) -> Answer<Option<(RawLine, Info)>> {
        let Some(node) = self.walked.nodes.get(&handle) else { return Ok(None) };
        let Some(info) = self.still(handle)? else { return Ok(None) };
        let same_place = (&info.name, info.parent, info.store)
            == (&node.info.name, node.info.parent, node.info.store);
        if !same_place || info.is_folder() {
            return Ok(None);
        }
        let mut at = self.walked.folder_of(handle);
        while let Some(folder) = at {
            let Some(now) = self.still(folder)? else { return Ok(None) };
            let listed = self.walked.nodes.get(&folder).map(|node| &node.info);
            let is_same = listed.is_some_and(|was| {
                (&was.name, was.parent, was.store) == (&now.name, now.parent, now.store)
                    && now.is_folder()
            });
            if !is_same {
                return Ok(None);
            }
            at = self.walked.folder_of(folder);
        }
        let name = self.walked.path(handle).unwrap_or_default();
        Ok(Some((line(name, handle, &info, self.options.zone), info)))
    }

    fn still(&self, handle: u32) -> Answer<Option<Info>> {
        match self.link.info(handle) {
            Ok(info) => Ok(Some(info)),
            Err(trouble) if is_missing(&trouble) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// Exactly the listed object, looked at again.
    ///
    /// # Errors
    /// It was never listed, is gone, or is another one now.
    pub(crate) fn exactly(&self, listed: &RawLine, doing: &str) -> PortResult<(u32, Info)> {
        let name = naming::display(&listed.raw_name);
        let refuse = |kind, why: &str| {
            let message = format!("cannot {doing} {name}: {why}; list the recorder again");
            Err(PortError::new(kind, message))
        };
        let Some(handle) = self.handle(listed) else {
            return refuse(Kind::Missing, "the recorder shows no such object");
        };
        match self.now(handle).map_err(|t| t.about(&format!("{doing} {name}")))? {
            Some((now, info)) if now == *listed => Ok((handle, info)),
            Some(_) => {
                refuse(Kind::Failed, "it is another object now than the one that was listed")
            }
            None => refuse(Kind::Missing, "it is gone, or lies elsewhere now"),
        }
    }

    /// A line by its name, and by its identity where several have that name.
    fn find(&self, like: &RawLine) -> Option<u32> {
        let first = (like.raw_name.clone(), 0)..=(like.raw_name.clone(), u64::MAX);
        let any = || self.handles.range(first).map(|(_, handle)| *handle).next();
        self.handle(like).or_else(any)
    }

    pub(crate) fn forget(&mut self, listed: &RawLine) {
        self.handles.remove(&(listed.raw_name.clone(), listed.file_id));
    }

    /// One line about what this is. The stores are its first word: what was to be deleted on a store that
    /// is not shown now was not deleted.
    fn fingerprint(&self, stores: &BTreeSet<u32>, bytes: u64) -> String {
        let ids: Vec<String> = stores.iter().map(|id| format!("{id:08x}")).collect();
        let seen = &self.options.seen;
        let own = |bytes: &[u8]| naming::display(bytes);
        format!(
            "mtp:{} {:04x}:{:04x} at {} {} {} serial {} {bytes} bytes",
            ids.join("+"),
            seen.vid,
            seen.pid,
            seen.port,
            own(&self.about.manufacturer),
            own(&self.about.model),
            own(&self.about.serial),
        )
    }
}

impl Recorder for MtpRecorder {
    fn claims(&mut self) -> PortResult<Claims> {
        let doing = format!("ask {} who it is", self.named());
        let about = self.link.ask_about().map_err(|t| t.about(&doing))?;
        let same = (&about.model, &about.serial) == (&self.about.model, &self.about.serial);
        if !same {
            let message = format!("cannot {doing}: it calls itself another one now; dock it again");
            return Err(PortError::new(Kind::Failed, message));
        }
        let stores = self.link.stores().map_err(|t| t.about(&doing))?;
        let stores: BTreeSet<u32> = stores.into_iter().collect();
        let facts: Vec<_> = stores.iter().filter_map(|id| self.link.store(*id).ok()).collect();
        let bytes = facts.iter().fold(0u64, |sum, store| sum.saturating_add(store.capacity));
        Ok(Claims {
            label: Some(naming::display(&about.model)).filter(|model| !model.is_empty()),
            fingerprint: self.fingerprint(&stores, bytes),
            epoch: self.options.epoch,
            read_only: !facts.is_empty() && facts.iter().all(|store| store.is_read_only),
        })
    }

    fn list(&mut self) -> PortResult<RawListing> {
        self.walk()?;
        Ok(RawListing { lines: self.walked.lines.clone() })
    }

    fn clock(&mut self) -> PortResult<ClockOffset> {
        self.measure_clock()
    }

    fn open(&mut self, line: &RawLine) -> PortResult<Box<dyn Source>> {
        let (handle, info) = self.exactly(line, "open")?;
        Ok(Box::new(ObjectSource { link: self.link.clone(), handle, info }))
    }

    fn look(&mut self, like: &RawLine) -> PortResult<Option<RawLine>> {
        let doing = format!("look at {}", naming::display(&like.raw_name));
        let mut found = None;
        if let Some(handle) = self.find(like) {
            found = self.now(handle).map_err(|t| t.about(&doing))?;
        }
        if found.is_none() {
            // Gone, or elsewhere: only a walk over everything can say.
            self.walk()?;
            let handle = self.find(like);
            let now = handle.map(|handle| self.now(handle)).transpose();
            found = now.map_err(|t| t.about(&doing))?.flatten();
        }
        Ok(found.map(|(line, _)| line))
    }

    /// There is nothing to drop here: every byte of every reading comes over the cable. Whether it comes
    /// from the recorder's medium or from its own memory, no question of MTP can tell.
    fn make_cold(&mut self) -> PortResult<&'static str> {
        self.claims()?;
        Ok(METHOD)
    }

    fn delete(&mut self, permit: WipePermit) -> PortResult<()> {
        self.delete_permitted(&permit)
    }

    /// MTP knows no such order; what counts is that it still answers, and then the fresh listing.
    fn flush(&mut self) -> PortResult<()> {
        self.claims().map(drop)
    }
}
