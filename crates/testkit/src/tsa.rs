//! A time-stamping authority by OpenSSL alone (`tests/interop/tsa.sh`), so that nothing of ours makes what ours
//! must judge.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/tsa.sh");
/// Of the Debian package `libfaketime`; `cargo xtask test` brings it.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
/// Sets the clock, as `("AT", "2020-01-02 03:04:05")` in UTC; all others go to the script.
pub const AT: &str = "AT";

/// An authority with its keys.
pub struct Tsa {
    dir: TempDir,
}

impl Tsa {
    /// Founds one: `how` says what the script lets be said.
    ///
    /// # Panics
    /// OpenSSL fails.
    #[must_use]
    pub fn found(how: &[(&str, &str)]) -> Tsa {
        let dir = tempfile::tempdir().expect("a folder");
        run(&["found", &text(dir.path())], how);
        Tsa { dir }
    }

    /// Answers a request.
    ///
    /// # Panics
    /// OpenSSL fails.
    #[must_use]
    pub fn answer(&self, request: &[u8], how: &[(&str, &str)]) -> Vec<u8> {
        self.made("answer", request, how)
    }

    /// What an answer signs.
    ///
    /// # Panics
    /// OpenSSL fails.
    #[must_use]
    pub fn content(&self, answer: &[u8]) -> Vec<u8> {
        self.made("content", answer, &[])
    }

    /// An answer with any content, by a certificate with any `USAGE`.
    ///
    /// # Panics
    /// OpenSSL fails.
    #[must_use]
    pub fn signed(&self, content: &[u8], how: &[(&str, &str)]) -> Vec<u8> {
        let token = self.made("sign", content, how);
        let granted = [0x30, 0x03, 0x02, 0x01, 0x00];
        let length = u16::try_from(granted.len() + token.len()).expect("a short token");
        [&[0x30, 0x82][..], &length.to_be_bytes(), &granted, &token].concat()
    }

    fn made(&self, verb: &str, bytes: &[u8], how: &[(&str, &str)]) -> Vec<u8> {
        let [input, output] = ["input", "output"].map(|name| self.path(name));
        std::fs::write(&input, bytes).expect("a file");
        run(&[verb, &text(self.dir.path()), &text(&input), &text(&output)], how);
        std::fs::read(output).expect("what was made")
    }

    /// A file of it: `root.pem`, `tsa.pem`, `chain.pem`.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn pem(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a certificate")
    }

    /// Where a file of it lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn run(args: &[&str], how: &[(&str, &str)]) {
    let mut command = Command::new("sh");
    command.arg(SCRIPT).args(args).env("TZ", "UTC");
    for (name, value) in how {
        match *name {
            AT => command.env("LD_PRELOAD", FAKETIME).env("FAKETIME", format!("@{value}")),
            name => command.env(name, value),
        };
    }
    let output = command.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tsa.sh {args:?}: {said}");
}
