//! A daemon with a folder bay, and a recorder of 60 MB that takes long enough to be interrupted.

use crate::common_e2e::files;
use crate::common_e2e::station::{Station, kept};
use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const CLIPS: usize = 60;
const CLIP: usize = 1_000_000;

pub struct Scene {
    folder: tempfile::TempDir,
    pub station: Station,
    originals: BTreeSet<String>,
    daemon: Option<Child>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Scene {
    /// A station whose bay does not wait for a recorder to settle; the recorder is not in it yet.
    pub fn new() -> Scene {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let station = Station::found(folder.path(), "--accept-single-copy");
        let policy = station.done("policy show");
        let quick = policy.replace("settle_s = { value = 3,", "settle_s = { value = 0,");
        assert_ne!(policy, quick, "the policy has no settling time any more");
        std::fs::write(folder.path().join("p.toml"), quick).expect("a policy");
        station.done("policy adopt p.toml");
        let (stock, bay) = (folder.path().join("stock/R1"), folder.path().join("bay"));
        std::fs::create_dir_all(&stock).expect("a recorder");
        std::fs::create_dir(bay).expect("a bay");
        station.done("bay add b1 --folder bay");
        for number in 0..CLIPS {
            let clip: Vec<u8> = (0..CLIP).map(|at| (at / 7 * (number + 1)) as u8).collect();
            std::fs::write(stock.join(format!("CLIP{number:02}.MP4")), clip).expect("a clip");
        }
        let originals: BTreeSet<String> = files::digests(&stock).into_values().collect();
        assert_eq!(originals.len(), CLIPS, "every clip is another");
        Scene { folder, station, originals, daemon: None }
    }

    pub fn plug(&self) {
        std::fs::rename(self.stock(), self.card()).expect("into the bay");
    }

    pub fn yank(&self) {
        std::fs::rename(self.card(), self.stock()).expect("out of the bay");
    }

    /// The recorder in the bay.
    pub fn card(&self) -> PathBuf {
        self.folder.path().join("bay/R1")
    }

    /// The recorder out of the bay.
    pub fn stock(&self) -> PathBuf {
        self.folder.path().join("stock/R1")
    }

    pub fn start(&mut self) {
        let daemon = self.station.command("run").stderr(Stdio::null()).spawn();
        self.daemon = Some(daemon.expect("a daemon"));
        let socket = self.folder.path().join("station/run/sock");
        until("the daemon listens", || UnixStream::connect(&socket).is_ok());
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _gone = daemon.kill();
            let _reaped = daemon.wait();
        }
    }

    /// Waits until the recorder waits for its officer, and confirms it; the client goes on by itself.
    pub fn confirm(&self) -> Child {
        until("the recorder waits", || {
            let status = self.station.json("status");
            status["docked"].as_array().expect("docked").iter().any(|at| at["state"] == "waiting")
        });
        let line = "session confirm b1 R1 --officer o1 --pin-file pin";
        let mut client = self.station.command(line);
        client.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a client")
    }

    /// Waits until at least this many clips are in the vault or on their way into it.
    pub fn until_under_way(&self, clips: usize) {
        let vault = self.vault();
        until("the copy is under way", || {
            let coming = files::below(&vault.join("incoming")).len();
            let kept = files::below(&vault.join("kept"));
            coming + kept.keys().filter(|name| !name.contains('.')).count() >= clips
        });
    }

    /// How many clips are not kept yet; fails if one is absent from both recorder and vault.
    pub fn not_kept_yet(&self, recorder: &Path) -> usize {
        let kept = kept(&self.vault());
        let there: BTreeSet<String> = files::digests(recorder).into_values().collect();
        let lost =
            self.originals.iter().filter(|one| !kept.contains(*one) && !there.contains(*one));
        assert_eq!(lost.count(), 0, "clips are absent from both recorder and vault");
        self.originals.difference(&kept).count()
    }

    /// Nothing is left on the recorder, everything is in the vault and nothing else, by every byte.
    pub fn is_finished(&self) {
        assert_eq!(files::below(&self.card()).len(), 0, "the recorder is empty");
        assert_eq!(kept(&self.vault()), self.originals);
        assert_eq!(files::below(&self.vault().join("incoming")).len(), 0, "nothing unfinished");
        assert_eq!(self.station.clips().len(), CLIPS);
        assert_eq!(self.station.wiped().len(), CLIPS);
        let said = self.station.done("check --deep");
        assert!(said.contains(crate::common_e2e::station::IN_ORDER), "{said}");
    }

    fn vault(&self) -> PathBuf {
        self.folder.path().join("station/vault")
    }
}

/// What a client said, and how it ended.
pub fn heard(client: Child) -> (String, Option<i32>) {
    let output = client.wait_with_output().expect("the client ends");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
