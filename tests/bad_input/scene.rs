//! A station of its own for every test, driven as a user drives it: the built program, on real
//! directories.

use sealdock_chain::Digest;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const INGEST: &str = "--recorder R1 --officer o1 --pin-file pin";
const FOUND: &str =
    "init --origin test.example/s1 --unit U --accept-single-copy --no-immutable-flag";
/// Another station, in `other`.
pub const FOUND_OTHER: &str = "init --station other --origin test.example/s2 --unit V --accept-single-copy --no-immutable-flag";
pub const SOUND: &str = "everything is as the chain says";

pub struct Scene {
    folder: tempfile::TempDir,
    pub station: PathBuf,
}

/// What a verb printed, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub text: String,
    line: String,
}

impl Said {
    /// Fails unless the verb ended with `code` and said every one of `parts`.
    #[track_caller]
    pub fn with(self, code: i32, parts: &[&str]) -> String {
        let Said { code: was, text, line } = self;
        assert_eq!(was, code, "{line}\n{text}");
        for part in parts {
            assert!(text.contains(part), "{line}: does not say `{part}`:\n{text}");
        }
        text
    }
}

impl Scene {
    /// A station with officer o1 and recorder R1.
    pub fn new() -> Scene {
        Scene::with_station_in(scratch(), "station")
    }

    /// A station somewhere below `folder`.
    pub fn with_station_in(folder: tempfile::TempDir, station: &str) -> Scene {
        std::fs::write(folder.path().join("pin"), "2580147\n").unwrap();
        let station = folder.path().join(station);
        let scene = Scene { folder, station };
        scene.run(FOUND).with(0, &["founded"]);
        scene.run("person add o1 --name Li --role officer --pin-file pin").with(0, &[]);
        scene.run("recorder add R1").with(0, &[]);
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn in_station(&self, name: &str) -> PathBuf {
        self.station.join(name)
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealdock"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("SEALDOCK_STATION", &self.station)
            .env("SEALDOCK_LOG", "error")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null());
        command
    }

    /// Runs a verb whose words are parted by single blanks.
    pub fn run(&self, line: &str) -> Said {
        let output = self.command(line.split(' ')).output().expect("sealdock runs");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("nothing but UTF-8 is ever printed");
        let code = output.status.code().expect("no signal ended it");
        assert!(!text.contains("panicked"), "{line}: {text}");
        Said { code, text, line: line.to_owned() }
    }

    pub fn ingest(&self, card: &str) -> Said {
        self.run(&format!("ingest {card} {INGEST}"))
    }

    /// What `--json` says.
    pub fn json(&self, line: &str) -> serde_json::Value {
        let output = self.command(format!("{line} --json").split(' ')).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{line}: {e}"))
    }

    /// Makes a card out of names and contents.
    pub fn card(&self, card: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let card = self.path(card);
        put(&card, files);
        card
    }

    /// Is exactly this content kept, under the name of its digest?
    pub fn kept(&self, bytes: &[u8]) -> bool {
        std::fs::read(self.kept_path(bytes)).is_ok_and(|stored| stored == bytes)
    }

    pub fn kept_path(&self, bytes: &[u8]) -> PathBuf {
        let hex = Digest::of(bytes).to_string();
        self.in_station("vault/kept").join(&hex[..2]).join(&hex[2..4]).join(&hex)
    }

    /// Everything is as the chain says, every byte read again, and every file is where files of a
    /// station may be.
    #[track_caller]
    pub fn sound(&self) {
        self.run("check --deep").with(0, &[SOUND]);
        let mut files = Vec::new();
        walk(&self.station, "", &mut files);
        let strange: Vec<&String> = files.iter().filter(|file| !is_ours(file)).collect();
        assert!(strange.is_empty(), "no station makes these: {strange:?}");
    }

    /// A copy of the whole station, as `cp -a` makes it.
    pub fn copy_station(&self, to: &str) -> PathBuf {
        let to = self.path(to);
        copy(&self.station, &to);
        to
    }

    /// Puts a copy back in place of the station.
    pub fn restore(&self, from: &Path) {
        std::fs::remove_dir_all(&self.station).unwrap();
        copy(from, &self.station);
    }
}

/// Not the system's folder for temporary files: a vault refuses to live in memory.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

pub fn put(card: &Path, files: &[(&str, &[u8])]) {
    std::fs::create_dir_all(card).unwrap();
    for (name, bytes) in files {
        let path = card.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

pub fn copy(from: &Path, to: &Path) {
    shell("cp", &["-a", from.to_str().unwrap(), to.to_str().unwrap()]);
}

/// Runs a program of the system; fails loudly, naming what these tests need.
pub fn shell(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|e| panic!("these tests need {program}: {e}"));
    assert!(
        output.status.success(),
        "these tests need root, loop devices and ext4; `{program} {args:?}` says: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn walk(root: &Path, below: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().expect("a station's names are ASCII");
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        match entry.file_type().unwrap().is_dir() {
            true => walk(root, &path, files),
            false => files.push(path),
        }
    }
}

/// Only digests, counters and fixed words make names in a station.
fn is_ours(file: &str) -> bool {
    const FIXED: [&str; 10] = [
        "chain.db",
        "chain.db-wal",
        "chain.db-shm",
        "head",
        "lock",
        "station.toml",
        "keys/log.key",
        "keys/evidence.key",
        "run/sock",
        "vault/vault.id",
    ];
    let parts: Vec<&str> = file.split('/').collect();
    FIXED.contains(&file)
        || match parts[..] {
            ["vault", "kept", a, b, name] => {
                let digest = name.trim_end_matches(".chunks").trim_end_matches(".sshsig");
                is_digest(digest) && digest.starts_with(&format!("{a}{b}"))
            }
            ["vault", "objects" | "aside", a, name] => is_digest(name) && name.starts_with(a),
            _ => false,
        }
}

fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
