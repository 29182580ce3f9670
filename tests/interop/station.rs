//! A station with a log of more than one full tile, made by the product's own command line, and
//! the ways to damage what it exported.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const ORIGIN: &str = "test.example/s1";
const PIN: &str = "2580147\n";
/// Every clip is at least one entry, and a full tile is 256.
const CLIPS: usize = 260;
/// The bit of a byte that is flipped.
const FLIPPED: u8 = 1;

/// A log as a stranger gets it: a folder of tiles, and the key by another way.
pub struct Exported {
    /// `checkpoint` and `tile/…`.
    pub tiles: PathBuf,
    /// The log's verifier key.
    pub vkey: String,
    scratch: TempDir,
}

impl Exported {
    /// Founds a station, ingests clips, exports the log.
    pub fn by_a_station() -> Self {
        let scratch = tempfile::tempdir().expect("a folder for the station");
        let pin = scratch.path().join("pin");
        std::fs::write(&pin, PIN).expect("the PIN file");
        let station = Station { folder: scratch.path().join("station"), pin };
        station.found();
        station.ingest(&card(scratch.path()));
        let tiles = scratch.path().join("tiles");
        station.run(&["log", "export", "--tiles", text(&tiles)]);
        let vkey = station.run(&["log", "vkey"]).trim().to_owned();
        assert!(vkey.starts_with(ORIGIN), "{vkey:?} does not begin with the origin");
        Exported { tiles, vkey, scratch }
    }

    /// The origin that the checkpoint must name.
    pub fn origin(&self) -> &str {
        ORIGIN
    }

    /// The size that the checkpoint states.
    pub fn size(&self) -> u64 {
        let checkpoint = self.checkpoint();
        let size = checkpoint.lines().nth(1).and_then(|line| line.parse().ok());
        size.unwrap_or_else(|| panic!("no size in {checkpoint:?}"))
    }

    /// Where the first digit of the size stands in the checkpoint.
    pub fn size_at(&self) -> usize {
        ORIGIN.len() + 1
    }

    /// Where in the root of the checkpoint a flipped bit makes another root, and not what is no base64 at all:
    /// `z` with its last bit flipped is `{`.
    pub fn root_at(&self) -> usize {
        let root = self.size_at() + self.size().to_string().len() + 1;
        let checkpoint = self.checkpoint();
        let letters = checkpoint.as_bytes().iter().enumerate().skip(root);
        let mut stay = letters.filter(|(_, letter)| (*letter ^ FLIPPED).is_ascii_alphanumeric());
        stay.next().expect("a root is 43 letters and a sign of filling").0
    }

    /// A copy with one bit flipped in one byte of `file`.
    pub fn with_flipped(&self, file: &Path, at: usize) -> Self {
        let copy = self.copied();
        let path = copy.tiles.join(file);
        let mut bytes = std::fs::read(&path).expect("a file of the export");
        bytes[at] ^= FLIPPED;
        std::fs::write(&path, bytes).expect("the damaged file");
        copy
    }

    /// A copy that claims to be under the key of another log.
    pub fn under(&self, other: &Exported) -> Self {
        Exported { vkey: other.vkey.clone(), ..self.copied() }
    }

    fn copied(&self) -> Self {
        let scratch = tempfile::tempdir_in(self.scratch.path()).expect("a folder for the copy");
        let tiles = scratch.path().join("tiles");
        let status = Command::new("cp").arg("-r").arg(&self.tiles).arg(&tiles).status();
        assert!(status.is_ok_and(|status| status.success()), "cannot copy the export");
        Exported { tiles, vkey: self.vkey.clone(), scratch }
    }

    fn checkpoint(&self) -> String {
        std::fs::read_to_string(self.tiles.join("checkpoint")).expect("a checkpoint in the export")
    }
}

struct Station {
    folder: PathBuf,
    pin: PathBuf,
}

impl Station {
    fn found(&self) {
        self.run(&[
            "init",
            "--origin",
            ORIGIN,
            "--unit",
            "Test unit",
            "--accept-single-copy",
            "--docking",
            "officer-pin",
        ]);
        let pin = text(&self.pin);
        self.run(&["person", "add", "o1", "--name", "Li", "--role", "officer", "--pin-file", pin]);
        self.run(&["recorder", "add", "r1"]);
    }

    fn ingest(&self, card: &Path) {
        let pin = text(&self.pin);
        let officer = ["--officer", "o1", "--pin-file", pin];
        let way = ["ingest", text(card), "--recorder", "r1", "--wipe", "never"];
        self.run(&[&way[..], &officer].concat());
    }

    /// Runs the product; its standard output. Fails the test unless it ends with status 0.
    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealdock"));
        command.args(arguments).arg("--station").arg(&self.folder);
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?} ended with {}: {errors}", output.status);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// A card with many clips, each of other content; they need not play.
fn card(scratch: &Path) -> PathBuf {
    let card = scratch.join("card");
    let clips = card.join("DCIM/100MEDIA");
    std::fs::create_dir_all(&clips).expect("a folder for the clips");
    for number in 0..CLIPS {
        let content = format!("clip {number} ").repeat(1 + number % 7);
        std::fs::write(clips.join(format!("CLIP{number:04}.MP4")), content).expect("a clip");
    }
    card
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}
