//! Brings the record to a folder of tiles, holds what is there against the chain, and mends it.

use super::files::{HEAD, Item, Nodes, Tiles, is_of};
use crate::error::damaged;
use crate::keys::{Epoch, Epochs, open_head};
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::tree::root_of;
use sealdock_core::event::Event;
use sealdock_core::ports::{Kind, LedgerView, PortError, PortResult};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use std::collections::BTreeSet;
use std::time::SystemTime;

/// Full files of before that are held against the chain each time; all of a record of 40,000 entries.
const LOOKED_AT: u64 = 512;

const HEADLESS: &str = "checkpoint is not there, though tiles are: it was taken away, or the first carrying was cut off";

/// What one carrying did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Entries of the head that lay there, and of the one that lies there now.
    pub before: u64,
    pub size: u64,
    pub files: u64,
    /// What was not as the chain says, one sentence each. It is as the chain says now.
    pub mended: Vec<String>,
}

/// What lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Entries of its head; 0 where there is none.
    pub size: u64,
    /// When that was put there, as the disk says.
    pub since: Option<SystemTime>,
    /// Files that were put aside there.
    pub aside: u64,
    /// Why it is not gone on with: it is newer than this record, or another.
    pub objection: Option<String>,
}

/// What the head that lies there is to the chain.
enum Found {
    Nothing,
    /// Tiles without a head.
    Headless,
    /// It is of its beginning.
    Ours(u64),
    /// Nothing that was ever a head of this record.
    Wrong(String),
    /// A head of before a restore, which the record itself calls lost.
    Lost(u64),
    /// Newer than this record or of another history, and signed by its key.
    Against(String),
    /// Newer than this record, under a key that it does not know.
    Unknown(String),
}

impl Tiles {
    /// Order: every file, each durable; then the head; then what the new ones made needless. `from` is where the
    /// looking over of older files goes on; the caller keeps it as long as the place stays.
    ///
    /// # Errors
    /// `Damaged`: what lies there is newer than this record or of another history; nothing was written. Else
    /// something cannot be read or written, and the same again goes on.
    pub fn carry(&self, view: &dyn LedgerView, from: &mut u64) -> PortResult<Carried> {
        let head = view.head()?;
        let mut carried = Carried { size: head.checkpoint().size, ..Carried::default() };
        match self.found(view)? {
            Found::Nothing => {}
            Found::Headless => carried.mended.push(HEADLESS.to_owned()),
            Found::Ours(size) => carried.before = size,
            Found::Wrong(why) => {
                if let Some(bytes) = self.read(HEAD)? {
                    self.put_aside(HEAD, &bytes)?;
                }
                carried.mended.push(format!("{HEAD}: {why}"));
            }
            Found::Lost(size) => {
                let to = self.retire(size)?;
                carried
                    .mended
                    .push(format!("the tiles of before the restore lie in {} now", to.display()));
            }
            Found::Against(why) => return Err(damaged(why)),
            Found::Unknown(why) => return Err(PortError::new(Kind::Failed, why)),
        }
        self.look_at_narrow(view, &mut carried)?;
        let met = self.files_of(view, from, &mut carried)?;
        let note = head.note().as_bytes();
        if self.read(HEAD)?.is_none_or(|there| there != note) {
            self.put(HEAD, note)?;
        }
        for path in met {
            self.tidy(&path);
        }
        Ok(carried)
    }

    /// Files that the head before promised and a wider one will replace: nobody looks at them after that.
    fn look_at_narrow(&self, view: &dyn LedgerView, carried: &mut Carried) -> PortResult<()> {
        if carried.before == carried.size {
            return Ok(());
        }
        for item in Item::all(carried.before).filter(|item| item.full_at().is_none()) {
            let path = item.path();
            match self.read(&path)? {
                Some(there) if there == item.bytes(view)? => {}
                Some(there) => {
                    self.put_aside(&path, &there)?;
                    carried.mended.push(format!("{path} was not what the chain says"));
                }
                None => {
                    self.note_gone(&path)?;
                    carried.mended.push(format!("{path} was gone"));
                }
            }
        }
        Ok(())
    }

    /// Files first that the head promises. Those that the head before promised are there already: some of them are
    /// looked at, the others only missed.
    fn files_of(
        &self,
        view: &dyn LedgerView,
        from: &mut u64,
        carried: &mut Carried,
    ) -> PortResult<Vec<String>> {
        let old = |item: Item| item.full_at().is_some_and(|end| end <= carried.before);
        let olds = Item::all(carried.size).filter(|item| old(*item)).count() as u64;
        let start = if *from < olds { *from } else { 0 };
        let (mut number, mut met, mut mended) = (0, Vec::new(), Vec::new());
        for item in Item::all(carried.size) {
            let path = item.path();
            if old(item) {
                let looked = (start..start + LOOKED_AT).contains(&number);
                number += 1;
                if !looked && self.is_there(&path) {
                    continue;
                }
            }
            let bytes = item.bytes(view)?;
            met.push(path.clone());
            // With the head before, this very file was promised; without it, it is new.
            let promised = old(item) || carried.before == carried.size;
            match self.read(&path)? {
                Some(there) if there == bytes => continue,
                Some(there) => {
                    self.put_aside(&path, &there)?;
                    mended.push(format!("{path} was not what the chain says"));
                }
                None if promised => {
                    self.note_gone(&path)?;
                    mended.push(format!("{path} was gone"));
                }
                None => {}
            }
            self.put(&path, &bytes)?;
            carried.files += 1;
        }
        *from = if start + LOOKED_AT < olds { start + LOOKED_AT } else { 0 };
        carried.mended.extend(mended);
        Ok(met)
    }

    /// What lies there, without reading more than its head.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn standing(&self, view: &dyn LedgerView) -> PortResult<Standing> {
        let since = self.dir().join(HEAD).metadata().and_then(|facts| facts.modified()).ok();
        let (size, objection) = match self.found(view)? {
            Found::Nothing | Found::Headless | Found::Wrong(_) | Found::Lost(_) => (0, None),
            Found::Ours(size) => (size, None),
            Found::Against(why) | Found::Unknown(why) => (0, Some(why)),
        };
        Ok(Standing { size, since, aside: self.standing_aside()?, objection })
    }

    /// What speaks against going on with this record: what lies there is newer, or of another history, and signed
    /// by its key.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn against(&self, view: &dyn LedgerView) -> PortResult<Option<String>> {
        Ok(match self.found(view)? {
            Found::Against(why) => Some(why),
            _ => None,
        })
    }

    /// Everything that lies there, held against the chain: what is gone, and with `deep` what differs.
    ///
    /// # Errors
    /// Something is there and cannot be read.
    pub fn examine(&self, view: &dyn LedgerView, deep: bool) -> PortResult<Vec<String>> {
        let size = match self.found(view)? {
            Found::Ours(size) => size,
            Found::Nothing | Found::Lost(_) => return Ok(Vec::new()),
            Found::Headless => return Ok(vec![HEADLESS.to_owned()]),
            Found::Wrong(why) | Found::Against(why) | Found::Unknown(why) => {
                return Ok(vec![format!("{HEAD}: {why}")]);
            }
        };
        let mut findings = Vec::new();
        for item in Item::all(size) {
            let path = item.path();
            if !self.is_there(&path) {
                findings.push(format!("{path} is gone"));
            } else if deep {
                let there = self.read(&path)?;
                // A partial file is of the tree of its time: its bytes follow from the same chain.
                if there != Some(item.bytes(view)?) {
                    findings.push(format!("{path} is not what the chain says"));
                }
            }
        }
        Ok(findings)
    }

    fn found(&self, view: &dyn LedgerView) -> PortResult<Found> {
        let (size, note) = match self.head()? {
            None if self.dir().join("tile").is_dir() => return Ok(Found::Headless),
            None => return Ok(Found::Nothing),
            Some(Err(why)) => return Ok(Found::Wrong(why)),
            Some(Ok(head)) => head,
        };
        let now = view.head()?;
        let now = now.checkpoint();
        let shown = self.dir().display();
        if let Some(lost) = lost_heads(view)?.into_iter().find(|(at, root)| {
            size == *at
                && note.lines().nth(2) == Some(line_of(now.origin.as_str(), *at, root).as_str())
        }) {
            return Ok(Found::Lost(lost.0));
        }
        let opened = open_head(&note, &now.origin, &epochs(view)?, None);
        let rest = "nothing was overwritten and nothing may be recorded before this is settled. Stop, keep both as they are, and restore the station from its mirror (docs/guide/operate.md, section 10)";
        Ok(match opened {
            Ok(_) if size > now.size => Found::Against(format!(
                "the tiles of the record in the mirror are newer: {shown} has {size} entries, this station {}: an old state of the station was put back; {rest}",
                now.size
            )),
            Ok(head) => match root_of(&Nodes(view), size) {
                Ok(root) if is_of(&head, size, &root) => Found::Ours(size),
                _ => Found::Against(format!(
                    "the tiles of the record in the mirror have another history: the first {size} entries of {shown} are not those of this station; {rest}"
                )),
            },
            Err(why) if size > now.size => Found::Unknown(format!(
                "{shown} holds a head of {size} entries, more than this station has, under no key that it knows ({why}); it was left as it is. If it is not of this station, move the folder elsewhere"
            )),
            Err(why) => Found::Wrong(why),
        })
    }
}

/// The third line of a head.
fn line_of(origin: &str, size: u64, root: &Digest) -> String {
    let body = sealdock_chain::note::Checkpoint { origin: origin.to_owned(), size, root: *root };
    body.body().lines().nth(2).unwrap_or_default().to_owned()
}

/// Heads that covered entries which a restore lost.
fn lost_heads(view: &dyn LedgerView) -> PortResult<BTreeSet<(u64, Digest)>> {
    let mut lost = BTreeSet::new();
    for row in view.select(&Query::all(&s::RESTORED))? {
        let seq = registry::seq(&row);
        let Some(bytes) = view.entry(seq)? else { continue };
        let event = Entry::decode(&bytes).ok().map(|entry| entry.event);
        let event = event.and_then(|event| serde_json::from_value::<Event>(event).ok());
        let Some(Event::StationRestored(e)) = event else { continue };
        let size = e.size;
        lost.extend(e.heads.iter().filter(|h| h.size > size).map(|h| (h.size, h.root)));
    }
    Ok(lost)
}

/// The epochs of the log key, as the registers of the view have them.
fn epochs(view: &dyn LedgerView) -> PortResult<Epochs> {
    let mut all = Vec::new();
    for row in view.select(&Query::all(&s::KEY_EPOCH).with("kind", "log"))? {
        let public = row.text("public").parse::<Digest>();
        let Digest(public) = public.map_err(|_| damaged("a key in the register is none"))?;
        all.push(Epoch {
            number: u32::try_from(row.int("epoch")).unwrap_or(u32::MAX),
            public,
            since_seq: row.int("since_seq").unsigned_abs(),
            replaced: row.text_opt("cause").is_some(),
        });
    }
    all.sort_by_key(|epoch| epoch.number);
    Ok(Epochs(all))
}
