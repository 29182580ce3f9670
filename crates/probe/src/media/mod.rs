//! Our own readers: each looks at headers only, at capped places, and says what is there.
//! They run in the confined child; the daemon itself never calls them.

mod avi;
mod codec;
mod excerpt;
mod jpeg;
mod moov;
mod mp4;
mod mpegts;
#[cfg(test)]
mod mutants;
mod riff;
mod wav;

use std::io::{self, Read, Seek};

use crate::clip::Clip;
use crate::facts::{Container, Facts};

/// Enough for four transport-stream packets of the longer kind.
const OPENING_BYTES: u64 = 1024;

/// Reads the facts of a clip from its bytes. What cannot be made out is left `None`: no input
/// is an error. For the confined child and for tests; a daemon goes through [`crate::describe`].
///
/// # Errors
/// The clip itself could not be read or searched.
pub fn read_facts(source: impl Read + Seek) -> io::Result<Facts> {
    let mut clip = Clip::open(source)?;
    let opening = clip.bytes_at(0, OPENING_BYTES)?;
    if mp4::begins(&opening) {
        mp4::read(&mut clip)
    } else if riff::begins(&opening, b"AVI ") {
        avi::read(&mut clip)
    } else if riff::begins(&opening, b"WAVE") {
        wav::read(&mut clip)
    } else if jpeg::begins(&opening) {
        jpeg::read(&mut clip)
    } else if let Some(packets) = mpegts::Packets::found_in(&opening) {
        mpegts::read(&mut clip, packets)
    } else {
        let mut facts = Facts::of(Container::Unknown);
        if clip.len() == 0 {
            facts.note("empty file");
        }
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn files_of_no_known_kind_are_described_as_unknown() {
        for (bytes, notes) in [(&b""[..], 1), (b"\0", 0), (b"hello, world", 0), (&[0x47; 100], 0)] {
            let facts = read_facts(Cursor::new(bytes)).unwrap();
            assert_eq!(facts.container, Some(Container::Unknown), "{bytes:?}");
            assert_eq!(facts.notes.len(), notes, "{bytes:?}");
        }
    }
}
