//! Who makes marked pictures: `ffmpeg` in a confined child; in the tests of the matrix something quicker.

use sealdock_probe::view::{Piece, Seen, Start, Tool, Unseen, look, make};
use sealdock_station::viewing::Announced;
use std::fs::File;
use std::path::Path;

/// The hidden verb; handled before anything else in `main`.
pub const VERB: &str = "view-child";
/// The link itself, not its target: an upgrade may have replaced the file.
const SELF: &str = "/proc/self/exe";

/// Makes pictures of a clip. It is given the file, never its name.
pub trait Maker: Send + Sync {
    /// What can be shown.
    ///
    /// # Errors
    /// A sentence: nothing can be.
    fn look(&self, clip: File) -> Result<Seen, String>;

    /// One piece with its mark in it. Takes the proof that it was announced.
    ///
    /// # Errors
    /// A sentence: why there is none.
    fn make(&self, clip: File, announced: Announced, piece: Piece) -> Result<Vec<u8>, String>;
}

/// The real one.
pub struct Ffmpeg(Tool);

impl Ffmpeg {
    /// Found and asked for its version.
    ///
    /// # Errors
    /// A sentence: it is missing, too old or lacks a coder, and what to do.
    pub fn find() -> Result<Ffmpeg, String> {
        Tool::find(&std::env::var_os("PATH").unwrap_or_default()).map(Ffmpeg)
    }

    pub fn version(&self) -> &str {
        &self.0.version
    }
}

fn start() -> Start<'static> {
    Start { executable: Path::new(SELF), verb: VERB }
}

/// Our own words go on, into the record, too; those of a program that read a hostile file go into the log alone.
fn ours(unseen: Unseen) -> String {
    if !unseen.said.is_empty() {
        tracing::warn!(said = unseen.said, "the program that reads clips failed");
    }
    unseen.why
}

impl Maker for Ffmpeg {
    fn look(&self, clip: File) -> Result<Seen, String> {
        look(start(), &self.0, clip).map_err(ours)
    }

    fn make(&self, clip: File, announced: Announced, piece: Piece) -> Result<Vec<u8>, String> {
        let stretch = announced.stretch();
        if piece.from_ms != stretch.from_ms
            || piece.from_ms + piece.len_ms > stretch.to_ms.max(stretch.from_ms + 1)
        {
            return Err("another stretch was announced than is made; nothing is shown".to_owned());
        }
        make(start(), &self.0, (clip, piece)).map_err(ours)
    }
}
