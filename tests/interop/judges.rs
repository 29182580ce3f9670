//! The judges: how each is called, and what it said.

use crate::station::Exported;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that reads an exported log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judge {
    /// `checklog` in `tests/interop/go`: golang.org/x/mod/sumdb, all entries and all older trees.
    Go,
    /// `aics-tlog verify-inclusion`: checkpoint, tiles and one entry.
    AicsTlog,
    /// `walk.sh`: sha256sum, jq and xxd; all links and the root, no signature.
    Coreutils,
}

/// What a judge said.
pub struct Verdict {
    /// Whether it accepted. A judge that can neither accept nor refuse fails the test.
    pub accepted: bool,
    /// Both outputs.
    pub said: String,
}

impl Judge {
    /// In the order that tables of expected words use.
    pub const ALL: [Judge; 3] = [Judge::Go, Judge::AicsTlog, Judge::Coreutils];

    /// Asks this judge about a log; `index` is the entry that is looked at when it looks at one.
    pub fn of(self, log: &Exported, index: u64) -> Verdict {
        verdict(match self {
            Judge::Go => {
                let mut command = Command::new(tool("checklog"));
                command.arg(&log.tiles).arg(&log.vkey);
                command
            }
            Judge::AicsTlog => {
                let mut command = Command::new(tool("aics-tlog"));
                command.args(["verify-inclusion", "--index", &index.to_string(), "--tiles"]);
                command.arg(&log.tiles).args(["--log-key", &log.vkey, "--origin", log.origin()]);
                command
            }
            Judge::Coreutils => {
                let mut command = Command::new("bash");
                command.arg(in_repository("tests/interop/walk.sh")).arg(&log.tiles);
                command
            }
        })
    }
}

fn verdict(mut command: Command) -> Verdict {
    let output =
        command.output().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    match output.status.code() {
        Some(code @ (0 | 1)) => Verdict { accepted: code == 0, said },
        code => panic!("{command:?} gave no verdict but status {code:?}: {said}"),
    }
}

/// A verifier that `cargo xtask test` put in place.
fn tool(name: &str) -> PathBuf {
    let folder = std::env::var_os("SEALDOCK_TOOLS")
        .expect("SEALDOCK_TOOLS is not set: run this test through `cargo xtask test`");
    Path::new(&folder).join(name)
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
