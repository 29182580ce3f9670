//! MP4 and QuickTime: a walk over the top-level box headers, which alone tells whether the file
//! is whole. Only `moov` and `moof` bodies are decoded, each within a cap.

use std::io::{self, Read, Seek};

use super::moov::{Fragments, Index};
use crate::clip::{Clip, be};
use crate::facts::{Container, Facts, State};

/// Top-level boxes looked at.
const MOST_BOXES: usize = 4096;
const MOST_MOOV_BYTES: u64 = 64 << 20;
const MOST_MOOF_BYTES: u64 = 8 << 20;

/// Box kinds a file may begin with. Old QuickTime and cut-off files have no `ftyp`.
const OPENERS: [&[u8; 4]; 12] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"sidx",
    b"emsg", b"uuid",
];

pub(super) fn begins(opening: &[u8]) -> bool {
    let kind = opening.get(4..8);
    let size_is_possible = be::<4>(opening, 0).is_some_and(|size| !(2..8).contains(&size));
    size_is_possible && OPENERS.iter().any(|opener| kind == Some(&opener[..]))
}

pub(super) fn read<R: Read + Seek>(clip: &mut Clip<R>) -> io::Result<Facts> {
    let mut walk = Walk::default();
    let stop = walk.over(clip)?;
    Ok(walk.into_facts(stop))
}

/// Why the walk came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    EndOfFile,
    /// A header that no box can have; what follows cannot be found.
    Nonsense {
        at: u64,
    },
    /// More boxes or more header bytes than are read.
    TooMuch,
}

/// One top-level box header (ISO 14496-12 §4.2).
struct Header {
    kind: [u8; 4],
    body: u64,
    /// Where the box ends by its own claim; the end of the file for size 0.
    end: u64,
}

impl Header {
    /// The header at `offset`; `None` if no box can look like this.
    fn parse(bytes: &[u8], offset: u64, len: u64) -> Option<Self> {
        let kind = bytes.get(4..8)?.try_into().ok()?;
        let (head, size) = match be::<4>(bytes, 0)? {
            0 => (8, len - offset),
            1 => (16, be::<8>(bytes, 8)?),
            size => (8, size),
        };
        (size >= head).then(|| Self { kind, body: offset + head, end: offset.saturating_add(size) })
    }
}

/// What the walk has met so far.
#[derive(Default)]
struct Walk {
    is_quicktime: bool,
    has_brand: bool,
    index: Option<Index>,
    fragments: Fragments,
    /// A box that reaches past the end of the file.
    cut: Option<[u8; 4]>,
    notes: Vec<String>,
}

impl Walk {
    fn over<R: Read + Seek>(&mut self, clip: &mut Clip<R>) -> io::Result<Stop> {
        let mut offset = 0;
        for _ in 0..MOST_BOXES {
            let bytes = clip.bytes_at(offset, 16)?;
            if bytes.len() < 8 {
                if offset + 8 <= clip.len() {
                    return Ok(Stop::TooMuch);
                }
                if !bytes.is_empty() {
                    self.note(format!("{} stray bytes at the end", bytes.len()));
                }
                return Ok(Stop::EndOfFile);
            }
            if bytes[..8] == [0; 8] {
                self.note(format!("zero padding from byte {offset}"));
                return Ok(Stop::EndOfFile);
            }
            let Some(header) = Header::parse(&bytes, offset, clip.len()) else {
                return Ok(Stop::Nonsense { at: offset });
            };
            self.visit(clip, &header)?;
            if header.end >= clip.len() {
                return Ok(Stop::EndOfFile);
            }
            offset = header.end;
        }
        Ok(Stop::TooMuch)
    }

    fn visit<R: Read + Seek>(&mut self, clip: &mut Clip<R>, header: &Header) -> io::Result<()> {
        if header.end > clip.len() {
            self.cut = Some(header.kind);
            return Ok(());
        }
        let size = header.end - header.body;
        match &header.kind {
            b"ftyp" => {
                self.has_brand = true;
                self.is_quicktime = clip.bytes_at(header.body, 4)? == b"qt  ";
            }
            b"moov" if self.index.is_some() => self.note("more than one moov; the first counts"),
            b"moov" if size > MOST_MOOV_BYTES => self.note_too_large("moov", size),
            b"moov" => self.index = Some(Index::decode(&clip.bytes_at(header.body, size)?)),
            b"moof" if size > MOST_MOOF_BYTES => self.note_too_large("moof", size),
            b"moof" => self.fragments.begin(&clip.bytes_at(header.body, size)?),
            b"mdat" => self.fragments.data_is_whole(),
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    fn note_too_large(&mut self, what: &str, size: u64) {
        self.note(format!("{what} of {size} bytes is larger than is read"));
        if what == "moov" {
            self.index = Some(Index::Unread);
        } else {
            self.fragments.begin(&[]);
        }
    }

    fn state(&self, stop: Stop) -> Option<State> {
        match (&self.index, self.cut, stop) {
            (_, _, Stop::TooMuch) => None,
            (None, _, _) => Some(State::NoMoov),
            (Some(_), Some(_), _) if self.fragments.any() => Some(State::FragmentTruncated),
            (Some(index), Some(_), _) if index.expects_fragments() => {
                Some(State::FragmentTruncated)
            }
            (Some(_), Some(kind), _) if &kind == b"mdat" => Some(State::MdatTruncated),
            // Some other box is cut: neither picture nor sound is missing.
            (Some(_), Some(_), _) => Some(State::Complete),
            (Some(_), None, _) if self.fragments.waits_for_data() => Some(State::FragmentTruncated),
            (Some(_), None, Stop::Nonsense { .. }) => None,
            (Some(_), None, Stop::EndOfFile) => Some(State::Complete),
        }
    }

    fn into_facts(self, stop: Stop) -> Facts {
        // Files without a brand are older than `ftyp`, unless they are pieces of a fragmented one.
        let is_quicktime = self.is_quicktime || !(self.has_brand || self.fragments.any());
        let mut facts = Facts::of(if is_quicktime { Container::Mov } else { Container::Mp4 });
        facts.state = self.state(stop);
        match stop {
            Stop::TooMuch => facts.note("more boxes than are read: wholeness is not known"),
            Stop::Nonsense { at } => facts.note(format!("no box can begin at byte {at}")),
            Stop::EndOfFile => {}
        }
        if let Some(kind) = self.cut.filter(|kind| kind != b"mdat") {
            let name = String::from_utf8_lossy(&kind).replace(|c: char| !c.is_ascii_graphic(), "?");
            facts.note(format!("the file ends inside box {name}"));
        }
        for note in self.notes {
            facts.note(note);
        }
        let index = self.index.as_ref();
        facts.fragmented = index.map(|index| index.expects_fragments() || self.fragments.any());
        if let Some(index) = index {
            index.tell(&self.fragments, &mut facts);
        }
        if stop == Stop::TooMuch && facts.fragmented == Some(true) {
            facts.duration_ms = None;
        }
        facts
    }
}
