//! A `checkpoint.cosigned` before judges that nobody here wrote: the Go team's reader of notes over the log's own line,
//! `aics-tlog` over a quorum, OpenSSL over one cosignature. Each accepts it as it is and refuses it with one bit turned.
//!
//! `cargo xtask test` provides the programs.

use crate::build::{ORIGIN, Package, package, small};
use crate::cosigned::{line, vkey};
use sealdock_chain::tiles::{entries_path, entry_bundle, tile_path};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE: u64 = 8;
/// 2026-12-01T00:00:00Z
const TIME: u64 = 1_796_083_200;

/// The record's first entries as tiles, with the cosigned head as their checkpoint.
struct Log {
    place: tempfile::TempDir,
    key: String,
}

impl Log {
    fn new(change: impl Fn(String) -> String) -> Self {
        let place = tempfile::tempdir().unwrap();
        let package: Package = package(&small());
        let entries: Vec<&[u8]> = (0..SIZE).map(|seq| package.station.bytes(seq)).collect();
        let write = |name: &str, bytes: &[u8]| {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        write(&entries_path(0, SIZE), &entry_bundle(&entries).unwrap());
        let leaves: Vec<u8> = package.station.leaves(SIZE).iter().flat_map(|leaf| leaf.0).collect();
        write(&tile_path(0, 0, SIZE), &leaves);
        let note = package.station.head(SIZE).note().to_owned();
        let lines = line(1, TIME, &note) + &line(2, TIME + 60, &note);
        write("checkpoint", change(note + &lines).as_bytes());
        Log { key: package.key().to_string(), place }
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn go(&self) -> (bool, String) {
        said(Command::new(tool("checklog")).arg(self.path()).arg(&self.key))
    }

    fn aics(&self, witnesses: &[u8], quorum: usize) -> (bool, String) {
        let mut command = Command::new(tool("aics-tlog"));
        command.args(["verify-checkpoint", "--log-key", &self.key, "--origin", ORIGIN, "--tiles"]);
        command.arg(self.path()).args(["--quorum", &quorum.to_string()]);
        for witness in witnesses {
            command.args(["--witness-key", &vkey(*witness)]);
        }
        said(&mut command)
    }

    /// With coreutils and OpenSSL alone, from the text of the witness's key and the file.
    fn openssl(&self, witness: u8) -> (bool, String) {
        let script = r#"
            key=$1 name=${1%%+*}
            printf '%s' "${key#*+*+}" | base64 -d | tail -c 32 > public
            (printf '302a300506032b6570032100' | xxd -r -p; cat public) > key.der
            grep "^— $name " checkpoint | cut -d ' ' -f 3 | base64 -d > line
            test "$(head -c 4 line | xxd -p)" = "$(printf '%s' "$key" | cut -d + -f 2)"
            time=$((16#$(tail -c +5 line | head -c 8 | xxd -p)))
            tail -c 64 line > signature
            (printf 'cosignature/v1\ntime %s\n' "$time"; head -n 3 checkpoint) > signed
            openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -in signed -sigfile signature
        "#;
        let mut command = Command::new("bash");
        command.args(["-ec", script, "bash", &vkey(witness)]).current_dir(self.path());
        said(&mut command)
    }
}

fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// A verifier that `cargo xtask test` put in place.
fn tool(name: &str) -> PathBuf {
    let folder = std::env::var_os("SEALDOCK_TOOLS")
        .expect("SEALDOCK_TOOLS is not set: run this test through `cargo xtask test`");
    Path::new(&folder).join(name)
}

fn accepts((accepted, said): (bool, String), wanted: &str) {
    assert!(accepted && said.contains(wanted), "{said}");
}

fn refuses((accepted, said): (bool, String), wanted: &str) {
    assert!(!accepted && said.contains(wanted), "{said}");
}

#[test]
fn strangers_accept_a_cosigned_head_and_count_as_we_do() {
    let log = Log::new(|text| text);
    accepts(log.go(), "8 entries");
    accepts(log.aics(&[1], 1), r#""witnesses": ["w1.example"]"#);
    accepts(log.aics(&[1, 2, 3], 2), r#""cosignatures": 2"#);
    refuses(log.aics(&[1, 2, 3], 3), "quorum not met: 2 valid fresh cosignatures < 3");
    refuses(log.aics(&[3], 1), "quorum not met: 0");
    for witness in [1, 2] {
        accepts(log.openssl(witness), "Signature Verified Successfully");
    }
}

/// The last letters before the padding of a line are bits of its signature.
fn turned(text: String, line: usize) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let end = lines[line].trim_end_matches('=').len() - 10;
    let letter = if lines[line].as_bytes()[end] == b'A' { "B" } else { "A" };
    lines[line].replace_range(end..=end, letter);
    lines.join("\n") + "\n"
}

#[test]
fn strangers_refuse_a_turned_bit_in_the_line_that_they_read() {
    let log = Log::new(|text| turned(text, 4));
    refuses(log.go(), "invalid sig");
    refuses(log.aics(&[1, 2], 2), "failed verification");
    let cosignature = Log::new(|text| turned(text, 5));
    accepts(cosignature.go(), "8 entries");
    // As we do: a wrong line of a believed witness is not outvoted, and one of a stranger is nothing.
    refuses(cosignature.aics(&[1, 2], 1), "cosignature from w1.example failed verification");
    accepts(cosignature.aics(&[2], 1), r#""witnesses": ["w2.example"]"#);
    refuses(cosignature.openssl(1), "Signature Verification Failure");
    accepts(cosignature.openssl(2), "Signature Verified Successfully");
}
