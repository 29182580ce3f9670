//! A made-up machine: kernel files, udev's notes and `docks.toml` below one directory, a key that signs,
//! and the conversation over a socket pair.

#![allow(clippy::unwrap_used, dead_code, reason = "each test program uses a part of it")]

use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::{ClockIntent, Digest, VerifierKey, WipeIntent};
use sealdock_wiper::act::Scene;
use sealdock_wiper::spent::Spent;
use sealdock_wiper::volume::Volume;
use sealdock_wiper::{Keeper, Kind, Roots, WiperError, WiperResult, serve};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub const NOW_MS: u64 = 1_700_000_000_000;
pub const ORIGIN: &str = "test.example/s1";
pub const DISK: u64 = 42;

/// Bulk-only storage.
pub const DESCRIPTORS: [u8; 36] = [
    18, 1, 0, 2, 0, 0, 0, 64, 0x55, 0x42, 1, 0, 0, 1, 1, 2, 3, 1, 9, 2, 18, 0, 1, 1, 0, 0x80, 50,
    9, 4, 0, 0, 0, 8, 6, 0x50, 0,
];

pub fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

pub struct Machine {
    pub roots: Roots,
    pub dir: tempfile::TempDir,
}

impl Machine {
    /// Port 1 is `bay-1`; a recorder hangs at 1.2.
    pub fn new() -> Machine {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots::below(dir.path());
        let docks = "[[port]]\nbay = 'bay-1'\npath = 'pci-0-usb-0:1'\n";
        put(&roots.etc.join("sealdock/docks.toml"), docks);
        let usb = roots.sys.join("devices/pci0/usb1/1-1/1-1.2");
        put(&usb.join("descriptors"), DESCRIPTORS);
        put(&usb.join("busnum"), "1\n");
        put(&usb.join("serial"), "J800001\n");
        std::fs::create_dir_all(roots.sys.join("class/block")).unwrap();
        std::fs::create_dir_all(roots.station()).unwrap();
        std::fs::create_dir_all(&roots.dev).unwrap();
        let key = VerifierKey::new(ORIGIN, signing().verifying_key().to_bytes()).unwrap();
        put(&roots.station().join("log.vkey"), format!("{key}\n"));
        Machine { roots, dir }
    }

    /// A disk, or a partition of one (`sdb/sdb1`), at that port.
    pub fn disk(&self, below: &str, device: (u32, u32), fs: &str) {
        let block = self.roots.sys.join("devices/pci0/usb1/1-1/1-1.2/host0/block");
        let (folder, name) = (block.join(below), below.rsplit('/').next().unwrap());
        let disk = block.join(below.split('/').next().unwrap());
        put(&disk.join("diskseq"), format!("{DISK}\n"));
        put(&disk.join("device/vendor"), "Generic \n");
        put(&disk.join("ro"), "0\n");
        if folder != disk {
            put(&folder.join("partition"), "1\n");
        }
        put(&folder.join("size"), "131072\n");
        put(&folder.join("dev"), format!("{}:{}\n", device.0, device.1));
        let link = self.roots.sys.join("class/block").join(name);
        let _again = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&folder, link).unwrap();
        let notes = self.roots.run.join(format!("udev/data/b{}:{}", device.0, device.1));
        let path = "pci-0-usb-0:1.2:1.0-scsi-0:0:0:0";
        put(&notes, format!("E:ID_PATH={path}\nE:ID_FS_TYPE={fs}\nE:ID_FS_LABEL_ENC=A\\x20B\n"));
    }

    pub fn attribute(&self, below: &str, name: &str, value: &str) {
        let block = self.roots.sys.join("devices/pci0/usb1/1-1/1-1.2/host0/block");
        put(&block.join(below).join(name), value);
    }

    pub fn scene(&self, keeper: Box<dyn Keeper>) -> Scene {
        let spent = Spent::open(self.roots.run.join("sealdock-wiper/spent")).unwrap();
        Scene::new(self.roots.clone(), keeper, spent, || NOW_MS)
    }
}

pub fn signing() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// Leave to delete `name` with these bytes from `volume`.
pub fn intent(volume: &str, name: &str, bytes: &[u8]) -> WipeIntent {
    WipeIntent {
        version: 1,
        station: ORIGIN.into(),
        bay: "bay-1".into(),
        volume: volume.into(),
        disk_sequence: DISK,
        session: 4,
        number: 0,
        clip: 7,
        name_hex: hex::encode(name),
        size: bytes.len() as u64,
        sha256: Digest::of(bytes),
        expires_ms: NOW_MS + 30_000,
    }
}

pub fn wipe(intent: &WipeIntent) -> Value {
    let signature = hex::encode(signing().sign(&intent.signing_bytes()).to_bytes());
    let intent = String::from_utf8(intent.bytes()).unwrap();
    json!({ "wipe": { "intent": intent, "signature": signature } })
}

/// The daemon's side of one conversation.
pub struct Daemon {
    stream: BufReader<UnixStream>,
}

impl Daemon {
    pub fn say(&mut self, line: &str) {
        let _gone = self.stream.get_mut().write_all(line.as_bytes());
    }

    /// The answer to one line; `Null` when the other side went away.
    pub fn ask(&mut self, question: &Value) -> Value {
        self.say(&format!("{question}\n"));
        self.hear()
    }

    pub fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or(Value::Null)
    }

    pub fn open(&mut self, volume: &str) -> Value {
        self.ask(&json!({ "open": { "bay": "bay-1", "volume": volume } }))
    }
}

/// One connection: what the daemon does with it, against the real conversation.
pub fn converse<T>(scene: &Scene, daemon: impl FnOnce(&mut Daemon) -> T) -> T {
    let (ours, theirs) = UnixStream::pair().unwrap();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            if let Err(error) = serve::converse(scene, &theirs) {
                let mut stream = &theirs;
                let _gone = writeln!(stream, "{}", json!({ "error": error }));
            }
        });
        let mut daemon_side = Daemon { stream: BufReader::new(ours) };
        daemon(&mut daemon_side)
    })
}

pub fn is_ok(answer: &Value) -> bool {
    answer.get("ok").is_some()
}

pub fn kind(answer: &Value) -> &str {
    answer["error"]["kind"].as_str().unwrap_or("no error")
}

pub fn message(answer: &Value) -> &str {
    answer["error"]["message"].as_str().unwrap_or_default()
}

/// A card as a directory; writes down what was done with it.
#[derive(Clone)]
pub struct Card {
    pub folder: PathBuf,
    pub acts: Arc<Mutex<Vec<&'static str>>>,
    pub refuses: Option<(&'static str, Kind)>,
}

impl Card {
    fn act(&self, name: &'static str) -> WiperResult<()> {
        self.acts.lock().unwrap().push(name);
        match self.refuses {
            Some((refused, kind)) if refused == name => Err(WiperError::new(kind, "planted")),
            _ => Ok(()),
        }
    }
}

impl Keeper for Card {
    fn show(&self, _: &Volume) -> WiperResult<()> {
        self.act("show")
    }
    fn hide(&self, _: &Volume) -> WiperResult<()> {
        self.act("hide")
    }
    fn free(&self, _: &Volume) -> WiperResult<()> {
        self.act("free")
    }
    fn writable(&self, _: &Volume) -> WiperResult<OwnedFd> {
        self.act("writable")?;
        Ok(std::fs::File::open(&self.folder).unwrap().into())
    }
}

pub struct Stage {
    pub machine: Machine,
    pub card: Card,
    pub scene: Scene,
}

pub const CLIP: &[u8] = b"frames of a scene";

pub fn stage() -> Stage {
    stage_that_refuses(None)
}

pub fn stage_that_refuses(refuses: Option<(&'static str, Kind)>) -> Stage {
    let machine = Machine::new();
    machine.disk("sdb/sdb1", (8, 17), "vfat");
    let folder = machine.dir.path().join("card");
    put(&folder.join("DCIM/a.mp4"), CLIP);
    put(&folder.join("DCIM/b.mp4"), b"other");
    let card = Card { folder, acts: Arc::default(), refuses };
    let scene = machine.scene(Box::new(card.clone()));
    Stage { machine, card, scene }
}

impl Stage {
    pub fn has(&self, name: &str) -> bool {
        self.card.folder.join(name).symlink_metadata().is_ok()
    }

    pub fn acts(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.card.acts.lock().unwrap())
    }

    /// Opens and sends one intent; then the connection is lost.
    pub fn wiped(&self, intent: &WipeIntent) -> serde_json::Value {
        converse(&self.scene, |daemon| {
            assert!(is_ok(&daemon.open("sdb1")));
            daemon.ask(&wipe(intent))
        })
    }
}

/// Leave to write `note` to `path` on `volume`.
pub fn clock_intent(volume: &str, path: &str, note: &[u8]) -> ClockIntent {
    ClockIntent {
        version: 1,
        station: ORIGIN.into(),
        bay: "bay-1".into(),
        volume: volume.into(),
        disk_sequence: DISK,
        session: 4,
        path_hex: hex::encode(path),
        content_hex: hex::encode(note),
        sha256: Digest::of(note),
        expires_ms: NOW_MS + 30_000,
    }
}

pub fn clock(intent: &ClockIntent) -> Value {
    let signature = hex::encode(signing().sign(&intent.signing_bytes()).to_bytes());
    let intent = String::from_utf8(intent.bytes()).unwrap();
    json!({ "clock": { "intent": intent, "signature": signature } })
}
