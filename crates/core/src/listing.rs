//! What a recorder holds, line by line: taken before anything is copied, signed, and held against the end.

use crate::naming;
use crate::time::{ClockOffset, WallMs};
use serde::{Deserialize, Serialize};

/// What kind of thing a directory line is. Only files are copied; the rest is visible and set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    File,
    Symlink,
    Fifo,
    Socket,
    Device,
    /// A directory below the depth that is walked.
    TooDeep,
    /// A directory or name that could not be read; the detail says why.
    Unreadable,
}

/// One thing on the recorder, as the device edge reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// Path below the recorder's root, raw bytes, `/` between parts. Never used to build a path of ours.
    pub raw_name: Vec<u8>,
    pub kind: LineKind,
    /// Bytes.
    pub size: u64,
    /// Modification time as the recorder claims it, milliseconds since 1970.
    pub mtime_ms: Option<i64>,
    /// Inode or first cluster: tells a replaced file from the same one.
    pub file_id: u64,
    /// Inode change time, nanoseconds, where the file system has one: unlike the modification time it
    /// cannot be set back.
    pub changed_ns: Option<i128>,
    /// Why it could not be read, where it could not.
    pub detail: Option<String>,
}

impl RawLine {
    /// Is the thing found later still the thing that was listed?
    pub fn same_thing(&self, other: &RawLine) -> bool {
        self.raw_name == other.raw_name
            && self.kind == other.kind
            && self.size == other.size
            && self.mtime_ms == other.mtime_ms
            && self.changed_ns == other.changed_ns
    }
}

/// A full walk of a recorder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawListing {
    pub lines: Vec<RawLine>,
}

/// What a line is for, decided by the recorder's profile; never decides whether it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classified {
    /// `video`, `audio`, `photo` or `other`.
    pub media: String,
    /// Marked on the device (重点, `_IMP`): goes first.
    pub marked: bool,
    /// Device number in the file name, if it carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Officer number in the file name, if it carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// Recorder's own civil time in the file name (`2017-07-30T10:09:47`), raw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_time: Option<String>,
    /// Stays on the recorder after storing (logs, settings): the profile's rule that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stays: Option<String>,
}

/// One line of the signed listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedLine {
    /// Number of the line, from 0; entries name lines by it.
    pub line: u32,
    pub kind: LineKind,
    /// Raw name in hexadecimal.
    pub raw: String,
    /// Raw name made inert, for reading.
    pub name: String,
    pub size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtime_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(flatten)]
    pub class: Classified,
}

/// The signed listing: a content-addressed object, named by digest in its entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// 1
    pub v: u32,
    pub at: WallMs,
    pub clock: ClockOffset,
    pub lines: Vec<ListedLine>,
}

impl Listing {
    pub fn bytes_total(&self) -> u64 {
        self.lines.iter().filter(|l| l.kind == LineKind::File).map(|l| l.size).sum()
    }

    /// The object's bytes: canonical JSON, so that a digest names one listing.
    pub fn encode(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).expect("a listing is plain data");
        sealdock_chain::canon::to_canonical(&value).expect("a listing holds integers and text only")
    }

    pub fn decode(bytes: &[u8]) -> Option<Listing> {
        serde_json::from_value(sealdock_chain::canon::parse_canonical(bytes).ok()?).ok()
    }
}

impl ListedLine {
    pub fn new(line: u32, raw: &RawLine, class: Classified) -> ListedLine {
        ListedLine {
            line,
            kind: raw.kind,
            raw: naming::hex(&raw.raw_name),
            name: naming::display(&raw.raw_name),
            size: raw.size,
            mtime_ms: raw.mtime_ms,
            detail: raw.detail.clone(),
            class,
        }
    }
}
