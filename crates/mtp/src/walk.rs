//! The walk over everything that a recorder shows. Handles are its own numbers and mean nothing beyond
//! this conversation; a line is named by its store and the names of its folders. What gives no answer
//! becomes a line that says so, under the folder that it may hide.

use crate::dataset::Info;
use crate::link::{Answer, Link, OBJECTS_MAX, Trouble};
use mtp_rs::ptp::{DateTime, ResponseCode, UtcOffset};
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_core::time::Zone;
use std::collections::{BTreeMap, BTreeSet};

/// Folders below a store that are named; what lies deeper is visible and not taken.
pub const DEPTH_MAX: usize = 12;
/// Asked for: what lies in no folder (PIMA 15740 §10.4.7). A handle that says "all" to a deletion, too.
const ROOT: u32 = u32::MAX;
/// Asked for in the same sense by those who know no better.
const OLD_ROOT: u32 = 0;

/// May this number stand for one object? 0 and all ones stand for all of them.
pub fn is_one_object(handle: u32) -> bool {
    handle != ROOT && handle != OLD_ROOT
}

/// One object and the folder in which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub info: Info,
    /// `None`: the store itself.
    pub folder: Option<u32>,
}

/// Everything that was found, and the lines made of it.
#[derive(Debug, Default)]
pub struct Walked {
    pub stores: BTreeSet<u32>,
    pub nodes: BTreeMap<u32, Node>,
    /// Sorted by name, then by identity.
    pub lines: Vec<RawLine>,
}

/// Walks every store.
///
/// # Errors
/// The recorder is gone, shows no store, or shows more than any recorder does.
pub fn walk(link: &Link, zone: Zone) -> PortResult<Walked> {
    let stores = link.stores().map_err(|t| t.about("list the stores of the recorder"))?;
    let silent = BTreeMap::new();
    let mut walk = Walk { link, zone, walked: Walked::default(), silent };
    walk.walked.stores = stores.into_iter().collect();
    if walk.walked.stores.is_empty() {
        return Err(PortError::new(Kind::Missing, CLOSED));
    }
    for store in walk.walked.stores.clone() {
        walk.store(store).map_err(|trouble| trouble.about("list the recorder"))?;
    }
    walk.name_all();
    Ok(walk.walked)
}

const CLOSED: &str = "记录仪未开放存储，请在记录仪上解锁屏幕并选择“文件传输” / the recorder shows no storage; unlock its screen \
                      and choose \"File transfer\" on it";

/// How a store is called in names of lines: by its number, because its own words change with the
/// recorder's language.
pub fn store_name(store: u32) -> Vec<u8> {
    format!("storage-{store:08x}").into_bytes()
}

/// Identity of a line: store and handle.
pub fn file_id(store: u32, handle: u32) -> u64 {
    u64::from(store) << 32 | u64::from(handle)
}

struct Walk<'a> {
    link: &'a Link,
    zone: Zone,
    walked: Walked,
    /// Numbers of which the recorder tells nothing, with the folder that holds them and why.
    silent: BTreeMap<u32, (u32, Option<u32>, String)>,
}

impl Walk<'_> {
    fn store(&mut self, store: u32) -> Answer<()> {
        let mut ahead: Vec<Option<u32>> = vec![None];
        while let Some(folder) = ahead.pop() {
            let found = match self.children(store, folder) {
                Ok(found) => found,
                Err(Trouble::Refused(code)) => {
                    self.hidden(store, folder, &format!("it cannot be listed ({code:?})"));
                    continue;
                }
                Err(trouble) => return Err(trouble),
            };
            for handle in found {
                if self.meet(store, folder, handle)? {
                    ahead.push(Some(handle));
                }
            }
        }
        Ok(())
    }

    fn children(&self, store: u32, folder: Option<u32>) -> Answer<Vec<u32>> {
        match self.link.children(store, folder.unwrap_or(ROOT)) {
            Err(Trouble::Refused(_)) if folder.is_none() => self.link.children(store, OLD_ROOT),
            answer => answer,
        }
    }

    /// Notes one object; says whether it is a folder that was not met before.
    fn meet(&mut self, store: u32, folder: Option<u32>, handle: u32) -> Answer<bool> {
        if self.walked.nodes.contains_key(&handle) {
            return Ok(false);
        }
        if self.walked.nodes.len() + self.silent.len() >= OBJECTS_MAX {
            let why = format!(
                "the recorder holds more than {OBJECTS_MAX} things, which no recorder does; look at it on another machine"
            );
            return Err(Trouble::Gone(why));
        }
        if !is_one_object(handle) {
            let why = "something in it has a number that stands for everything".to_owned();
            self.keep_silent(handle, (store, folder, why));
            return Ok(false);
        }
        match self.link.info(handle) {
            Ok(info) => {
                let is_folder = info.is_folder();
                self.walked.nodes.insert(handle, Node { info, folder });
                Ok(is_folder)
            }
            Err(Trouble::Refused(code)) => {
                let why =
                    format!("the recorder tells nothing of object {handle:08x} in it ({code:?})");
                self.keep_silent(handle, (store, folder, why));
                Ok(false)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// A recorder that lists everything at once names it again in its own folder, which says more.
    fn keep_silent(&mut self, handle: u32, (store, folder, why): (u32, Option<u32>, String)) {
        if folder.is_some() || !self.silent.contains_key(&handle) {
            self.silent.insert(handle, (store, folder, why));
        }
    }

    /// Something in this folder cannot be seen: what is missing there was not deleted.
    fn hidden(&mut self, store: u32, folder: Option<u32>, why: &str) {
        let name = match folder {
            None => Some(store_name(store)),
            // A folder that lies too deep has its own line.
            Some(folder) => self.walked.path(folder).ok(),
        };
        self.walked.lines.extend(name.map(|name| odd(name, LineKind::Unreadable, why.to_owned())));
    }

    /// Names are made when all folders are known: some recorders list everything at once.
    fn name_all(&mut self) {
        for (store, folder, why) in std::mem::take(&mut self.silent).into_values() {
            self.hidden(store, folder, &why);
        }
        let handles: Vec<u32> = self.walked.nodes.keys().copied().collect();
        for handle in handles {
            let Some(node) = self.walked.nodes.get(&handle) else { continue };
            let line = match self.walked.path(handle) {
                Ok(name) if node.info.is_folder() => {
                    let deep = name.iter().filter(|b| **b == b'/').count() > DEPTH_MAX;
                    if !deep {
                        continue;
                    }
                    odd(name, LineKind::TooDeep, too_deep())
                }
                Ok(name) => line(name, handle, &node.info, self.zone),
                Err(above) => odd(above, LineKind::TooDeep, too_deep()),
            };
            self.walked.lines.push(line);
        }
        self.walked.lines.sort_by(|a, b| (&a.raw_name, a.file_id).cmp(&(&b.raw_name, b.file_id)));
    }
}

impl Walked {
    /// The folder an object lies in: the one that it names itself, if that is one, else the one in which
    /// it was found.
    pub fn folder_of(&self, handle: u32) -> Option<u32> {
        let node = self.nodes.get(&handle)?;
        let own = node.info.parent;
        let is_folder =
            |h: &u32| *h != handle && self.nodes.get(h).is_some_and(|n| n.info.is_folder());
        Some(own).filter(is_folder).or(node.folder)
    }

    /// Store and names from the top; `Err` with as much as may be named where that is too deep, or a ring.
    pub fn path(&self, handle: u32) -> Result<Vec<u8>, Vec<u8>> {
        let mut names = Vec::new();
        let mut at = Some(handle);
        let mut store = 0;
        while let Some(node) = at.and_then(|h| self.nodes.get(&h)) {
            names.push(node.info.name.as_slice());
            store = node.info.store;
            if names.len() > DEPTH_MAX + 1 {
                return Err(store_name(store));
            }
            at = at.and_then(|h| self.folder_of(h));
        }
        names.push(&[]);
        let top = store_name(store);
        let last = names.len() - 1;
        names[last] = &top;
        names.reverse();
        Ok(names.join(&b'/'))
    }
}

fn too_deep() -> String {
    format!("it lies more than {DEPTH_MAX} folders deep; copy it by hand")
}

fn odd(raw_name: Vec<u8>, kind: LineKind, detail: String) -> RawLine {
    let detail = Some(detail);
    RawLine { raw_name, kind, size: 0, mtime_ms: None, file_id: 0, changed_ns: None, detail }
}

/// The line of an object that is no folder.
pub fn line(raw_name: Vec<u8>, handle: u32, info: &Info, zone: Zone) -> RawLine {
    if info.is_too_big() {
        let why = "it has 4 GiB or more, and the recorder does not tell how much; copy it by hand";
        return odd(raw_name, LineKind::Unreadable, why.to_owned());
    }
    RawLine {
        raw_name,
        kind: LineKind::File,
        size: info.size,
        mtime_ms: instant(&info.modified, zone).or_else(|| instant(&info.created, zone)),
        file_id: file_id(info.store, handle),
        changed_ns: None,
        detail: None,
    }
}

/// `YYYYMMDDThhmmss` with or without a zone; without one it is civil time in `zone`. Milliseconds.
pub fn instant(text: &[u8], zone: Zone) -> Option<i64> {
    let read = DateTime::parse(std::str::from_utf8(text).ok()?)?;
    let zone = UtcOffset::from_minutes(i16::try_from(zone.east_minutes).ok()?)?;
    read.to_unix_seconds_with_fallback(zone)?.checked_mul(1000)
}

/// Is this what a recorder says of something that is not there?
pub fn is_missing(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused(ResponseCode::InvalidObjectHandle))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(parent: u32, folder: Option<u32>, name: &str, is_folder: bool) -> Node {
        let info = Info {
            store: 0x10001,
            format: if is_folder { 0x3001 } else { 0x3000 },
            protection: 0,
            size: 1,
            parent,
            association: 0,
            name: name.as_bytes().to_vec(),
            created: Vec::new(),
            modified: Vec::new(),
        };
        Node { info, folder }
    }

    fn path(nodes: &[(u32, Node)], of: u32) -> Result<String, String> {
        let walked = Walked { nodes: nodes.iter().cloned().collect(), ..Walked::default() };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        walked.path(of).map(text).map_err(text)
    }

    #[test]
    fn the_folder_that_an_object_names_goes_before_the_one_it_was_found_in() {
        let nodes = [
            (7, node(1, None, "DCIM", true)),
            (8, node(7, None, "a.mp4", false)),
            (9, node(99, Some(7), "b.mp4", false)),
        ];
        assert_eq!(path(&nodes, 8).unwrap(), "storage-00010001/DCIM/a.mp4");
        assert_eq!(path(&nodes, 9).unwrap(), "storage-00010001/DCIM/b.mp4");
    }

    #[test]
    fn folders_in_a_ring_and_without_end_are_named_only_so_far() {
        let ring = [(7, node(8, None, "a", true)), (8, node(7, Some(7), "b", true))];
        assert_eq!(path(&ring, 8), Err("storage-00010001".into()));
        let deep: Vec<(u32, Node)> =
            (1..40).map(|n| (n, node(n - 1, (n > 1).then(|| n - 1), "d", true))).collect();
        assert!(path(&deep, 12).is_ok() && path(&deep, 30).is_err());
    }

    #[test]
    fn times_are_civil_unless_they_name_a_zone() {
        let shanghai = Zone::parse("+08:00").unwrap();
        let at = |text: &str| instant(text.as_bytes(), shanghai);
        assert_eq!(at("20261128T080000"), at("20261128T000000Z"));
        assert_eq!(at("20261128T080000.5"), at("20261128T090000+0900"));
        assert_eq!(at("20261128T080000").unwrap() % 1000, 0);
        for bad in ["", "20261328T080000", "2026-11-28", "ÿ"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
