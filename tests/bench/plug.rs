//! From a recorder that appears in a folder bay of the daemon to its first byte in the vault.

use crate::disk::run;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const SEALDOCK: &str = env!("CARGO_BIN_EXE_sealdock");
/// A daemon that does not come to it in this time is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// A whole folder appears by one rename, under an open shift of the clerk. The time for which a folder must
/// be quiet is the policy's and not the program's: it is set to nothing.
pub fn first_byte(dir: &Path, round: usize) -> Duration {
    let home = dir.join(format!("plug{round}"));
    let scene = Scene { home: home.clone(), station: home.join("station") };
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(home.join("bay")).expect("scratch is writable");
    scene.found();
    let card = home.join("R1");
    std::fs::create_dir_all(card.join("DCIM")).expect("scratch is writable");
    crate::disk::random_file(&card.join("DCIM/000101_FILE0001.MP4"), 64 << 20, 7);
    let daemon = scene.daemon();
    let start = Instant::now();
    std::fs::rename(&card, home.join("bay/R1")).expect("same disk");
    let took = loop {
        if scene.has_bytes() {
            break start.elapsed();
        }
        assert!(start.elapsed() < PATIENCE, "nothing was copied");
        std::thread::sleep(Duration::from_millis(1));
    };
    drop(daemon);
    took
}

struct Scene {
    home: PathBuf,
    station: PathBuf,
}

/// Ended when it is let go of.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Scene {
    fn sealdock(&self, words: &str) {
        let mut command = Command::new(SEALDOCK);
        command.args(words.split_whitespace()).arg("--station").arg(&self.station);
        run(command.current_dir(&self.home));
    }

    fn found(&self) {
        let pin = self.home.join("pin");
        std::fs::write(&pin, "271828\n").expect("scratch is writable");
        std::fs::set_permissions(&pin, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .expect("own file");
        self.sealdock("init --origin bench.example/p --unit bench --accept-single-copy --docking clerk-shift --no-immutable-flag");
        let shown = Command::new(SEALDOCK)
            .args(["policy", "show", "--station"])
            .arg(&self.station)
            .output()
            .expect("runs");
        let text = String::from_utf8(shown.stdout).expect("text");
        let changed = text.replace("settle_s = { value = 3", "settle_s = { value = 0");
        assert_ne!(text, changed, "the settling time stands in the policy");
        std::fs::write(self.home.join("policy.toml"), changed).expect("scratch is writable");
        self.sealdock("policy adopt policy.toml");
        self.sealdock("person add 000101 --name o --role officer --pin-file pin");
        self.sealdock("person add c1 --name c --role clerk --pin-file pin");
        self.sealdock("recorder add R1");
        self.sealdock("bay add b1 --folder bay");
        self.sealdock("shift open --as c1 --pin-file pin");
    }

    fn daemon(&self) -> Daemon {
        let child = Command::new(SEALDOCK)
            .args(["run", "--station"])
            .arg(&self.station)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the daemon starts");
        let daemon = Daemon(child);
        let start = Instant::now();
        while std::os::unix::net::UnixStream::connect(self.station.join("run/sock")).is_err() {
            assert!(start.elapsed() < PATIENCE, "the daemon does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        daemon
    }

    /// Anything of the clip in the vault, begun or kept.
    fn has_bytes(&self) -> bool {
        ["incoming", "kept"].iter().any(|part| holds_bytes(&self.station.join("vault").join(part)))
    }
}

/// Room is allocated before the first byte: only bytes of the clip, which are random, count.
fn holds_bytes(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds_bytes(&path);
        }
        let mut first = [0u8; 512];
        let read = File::open(&path).and_then(|mut file| file.read(&mut first));
        read.is_ok_and(|n| first[..n].iter().any(|byte| *byte != 0))
    })
}
