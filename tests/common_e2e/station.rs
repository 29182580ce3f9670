//! A station with one officer `o1` and one recorder `R1`, driven as a user drives it.

use super::files;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What the product says when a recorder may go.
pub const DONE: &str = "完成，可取走 done, may be taken";
/// What `check` says when it finds nothing.
pub const IN_ORDER: &str = "正常 everything is as the chain says";

/// The folder that holds `station/` and `pin`; every command runs there.
pub struct Station {
    pub folder: PathBuf,
}

impl Station {
    /// Founds it in `folder`; `copies` is what `init` is told about the second copy.
    pub fn found(folder: &Path, copies: &str) -> Station {
        let station = Station { folder: folder.to_path_buf() };
        let pin = folder.join("pin");
        std::fs::write(&pin, "2580147\n").expect("the PIN file");
        std::fs::set_permissions(&pin, PermissionsExt::from_mode(0o600)).expect("its mode");
        let init = "init --origin test.example/s1 --unit U --no-immutable-flag";
        station.done(&format!("{init} {copies}"));
        station.done("person add o1 --name Li --role officer --pin-file pin");
        station.done("recorder add R1");
        station
    }

    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealdock"));
        command.args(line.split(' '));
        self.prepare(&mut command);
        command
    }

    /// Gives any program the folder and the variables under which the product runs here.
    pub fn prepare(&self, command: &mut Command) {
        command
            .current_dir(&self.folder)
            .env("SEALDOCK_STATION", self.folder.join("station"))
            .env("SEALDOCK_LOG", "error")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null());
    }

    pub fn output(&self, line: &str) -> Output {
        self.command(line).output().expect("sealdock runs")
    }

    /// Its standard output; fails unless it ends with 0.
    pub fn done(&self, line: &str) -> String {
        self.ends(line, 0)
    }

    /// Its standard output; fails unless it ends with that code.
    pub fn ends(&self, line: &str, code: i32) -> String {
        let output = self.output(line);
        let errors = String::from_utf8_lossy(&output.stderr);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{line}: {said}{errors}");
        said
    }

    /// What a verb says in JSON; fails unless it ends with 0.
    pub fn json(&self, line: &str) -> Value {
        parsed(&self.done(&format!("{line} --json")))
    }

    /// Whatever `ingest` of a recorder needs; `card` is a path without blanks.
    pub fn docking(card: &str) -> String {
        format!("ingest {card} --recorder R1 --officer o1 --pin-file pin")
    }

    /// The events of one type, in the order of the chain.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        self.all_events().into_iter().filter(|event| event["type"] == kind).collect()
    }

    fn all_events(&self) -> Vec<Value> {
        let log = self.json("log show --from 0 --count 100000");
        let entries = log["entries"].as_array().expect("entries");
        assert_eq!(log["size"].as_u64(), Some(entries.len() as u64), "the whole chain is shown");
        entries.iter().map(|entry| entry["event"].clone()).collect()
    }

    /// Every clip of the register.
    pub fn clips(&self) -> Vec<Value> {
        self.json("clip list")["clips"].as_array().expect("clips").clone()
    }

    /// Where the vault keeps what has that digest.
    pub fn kept_at(&self, digest: &str) -> PathBuf {
        let place = self.folder.join("station/vault/kept");
        place.join(&digest[..2]).join(&digest[2..4]).join(digest)
    }

    /// An object of the vault, after its name was compared with its content.
    pub fn object(&self, digest: &str) -> Value {
        let path = self.folder.join("station/vault/objects").join(&digest[..2]).join(digest);
        let bytes = std::fs::read(&path).expect("the object lies in the vault");
        assert_eq!(files::sha256(&bytes), digest, "{}", path.display());
        parsed(std::str::from_utf8(&bytes).expect("JSON"))
    }

    /// What was wiped: the recorder's raw names with the digests under which they were stored.
    pub fn wiped(&self) -> BTreeSet<(String, String)> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let key = |event: &Value| (text(&event["session"]), event["line"].as_u64());
        let (mut intents, mut wiped) = (BTreeMap::new(), BTreeSet::new());
        for event in self.all_events() {
            if event["type"] == "wipe.intended" {
                intents.insert(key(&event), (text(&event["raw"]), text(&event["sha256"])));
            }
            if event["type"] == "wipe.settled" && event["outcome"] == "wiped" {
                let intent = intents.remove(&key(&event)).expect("settled once, after its intent");
                assert!(wiped.insert(intent), "wiped twice: {event}");
            }
        }
        wiped
    }
}

/// The digests of what a vault's `kept/` really holds; names are not believed. Sidecars are left out.
pub fn kept(vault: &Path) -> BTreeSet<String> {
    let all = files::below(&vault.join("kept"));
    let clips = all.into_iter().filter(|(name, _)| !name.contains('.'));
    clips.map(|(_, path)| files::sha256(&std::fs::read(path).expect("a kept file"))).collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
