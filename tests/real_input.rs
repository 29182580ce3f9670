//! Real footage through the real program on real disks: from an ext4 card on a loop device, from a
//! plain folder, and with a second copy. What leaves the card is in the vault, byte for byte; what
//! stays is what the certificate says.
//!
//! Needs root, loop devices and ffmpeg; `cargo xtask test` provides the footage.

mod common_e2e;
#[path = "real_input/footage.rs"]
mod footage;
#[path = "real_input/judge.rs"]
mod judge;

use common_e2e::files;
use common_e2e::station::{DONE, IN_ORDER, Station, kept};
use common_e2e::volume::Volume;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where a recorder puts its clips.
const CLIPS: &str = "DCIM/100MEDIA";

#[test]
fn everything_on_an_ext4_card_is_kept_proven_by_a_remount_and_wiped() {
    let scene = Scene::with_everything();
    let card = Volume::mounted(scene.path(), "card", 96);
    scene.fill(&card.point);
    scene.ingest_all(&card.point, &["remounted"]);
    scene.clips_are_described();
    let first = std::fs::metadata(card.point.join("lost+found"));
    assert!(first.is_ok(), "the card is mounted where it was before");
}

#[test]
fn everything_in_a_plain_folder_is_kept_proven_cold_and_wiped() {
    let scene = Scene::with_everything();
    let card = scene.path().join("card");
    scene.fill(&card);
    scene.ingest_all(&card, &["direct-io", "page-cache-dropped"]);
    scene.clips_are_described();
}

#[test]
fn with_a_mirror_nothing_is_wiped_until_both_copies_are_proven() {
    let scratch = scratch();
    let mirror = Volume::mounted(scratch.path(), "mirror", 2048);
    let scene = Scene::within(scratch, "--mirror mirror --mirror-same-disk-for-tests");
    let card = Volume::mounted(scene.path(), "card", 96);
    scene.fill(&card.point);
    scene.ingest_all(&card.point, &["remounted"]);
    let vaults = files::below(&mirror.point);
    let second = vaults.iter().find(|(name, _)| name.ends_with("vault/vault.id"));
    let second = second.expect("a vault on the mirror").1.parent().expect("its folder").to_owned();
    assert_eq!(kept(&second), kept(&scene.vault()), "the second copies are the same bytes");

    // The second disk is away: footage is stored all the same, and stays on the card.
    mirror.unmount();
    let clip = card.point.join("later.mp4");
    std::fs::copy(scene.originals().join("bikes.mp4"), &clip).expect("a later clip");
    let mut bytes = std::fs::read(&clip).expect("the later clip");
    bytes.push(0);
    std::fs::write(&clip, &bytes).expect("one that is not stored yet");
    let said = scene.station.ends(&Station::docking("card"), 10);
    assert!(said.contains("needs a decision, not wiped: there is one copy only"), "{said}");
    assert_eq!(std::fs::read(&clip).expect("it is still on the card"), bytes);
    assert!(kept(&scene.vault()).contains(&files::sha256(&bytes)), "and it is stored");
    let status = scene.station.done("status");
    assert!(status.contains("second copy missing") && status.contains("mirror"), "{status}");

    // Back again: the next docking makes up for it.
    mirror.mount();
    let said = scene.station.done(&Station::docking("card"));
    assert!(said.contains(DONE) && !clip.exists(), "{said}");
    assert!(kept(&second).contains(&files::sha256(&bytes)), "the second copy was made first");
    assert!(scene.station.done("check --deep").contains(IN_ORDER));
}

#[test]
fn stock_ssh_keygen_accepts_a_kept_clip_and_refuses_one_flipped_byte() {
    let scene = Scene::within(scratch(), "--accept-single-copy");
    let card = scene.path().join("card");
    std::fs::create_dir(&card).expect("a card");
    std::fs::copy(scene.originals().join("carphone_pristine.mp4"), card.join("a.mp4"))
        .expect("a clip");
    scene.station.done(&Station::docking("card"));
    let row = scene.station.clips().pop().expect("a clip");
    let clip = scene.station.json(&format!("clip show C{}", row["seq"]));
    let text = |key: &str| clip[key].as_str().unwrap_or_else(|| panic!("{key}: {clip}")).to_owned();
    std::fs::write(scene.path().join("clip.sig"), text("sshsig")).expect("the signature");
    std::fs::write(scene.path().join("signers"), text("allowed_signers")).expect("the signers");
    let kept = scene.station.kept_at(&text("sha256"));
    let verdict = |file: &Path| {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args([
            "-Y",
            "verify",
            "-f",
            "signers",
            "-n",
            "clip@sealdock",
            "-s",
            "clip.sig",
            "-I",
        ]);
        keygen.arg(text("principal")).current_dir(scene.path()).stderr(Stdio::null());
        let clip = std::fs::File::open(file).expect("a clip");
        let output = keygen.stdin(clip).output().expect("ssh-keygen: run through cargo xtask test");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (accepted, said) = verdict(&kept);
    assert!(accepted && said.starts_with("Good \"clip@sealdock\" signature"), "{said}");
    let mut bytes = std::fs::read(&kept).expect("the kept clip");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let flipped = scene.path().join("flipped");
    std::fs::write(&flipped, bytes).expect("a damaged clip");
    assert!(!verdict(&flipped).0, "one flipped byte passed");
}

/// A station, and the footage as it was before anything touched it.
struct Scene {
    scratch: tempfile::TempDir,
    station: Station,
}

fn scratch() -> tempfile::TempDir {
    // Not the system's folder for temporary files: a vault refuses to live in memory.
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

impl Scene {
    /// One copy, and all the footage there is.
    fn with_everything() -> Scene {
        let scene = Scene::within(scratch(), "--accept-single-copy");
        footage::fixtures(&scene.originals());
        footage::made(&scene.originals());
        scene
    }

    /// With the footage of real cameras only.
    fn within(scratch: tempfile::TempDir, copies: &str) -> Scene {
        let originals = scratch.path().join("originals");
        std::fs::create_dir(&originals).expect("a folder");
        footage::real(&originals);
        let station = Station::found(scratch.path(), copies);
        Scene { scratch, station }
    }

    fn path(&self) -> &Path {
        self.scratch.path()
    }

    fn originals(&self) -> std::path::PathBuf {
        self.path().join("originals")
    }

    fn vault(&self) -> std::path::PathBuf {
        self.path().join("station/vault")
    }

    /// All footage onto a card, with a log and a setting that a wipe leaves alone.
    fn fill(&self, card: &Path) {
        let clips = card.join(CLIPS);
        std::fs::create_dir_all(&clips).expect("a folder of clips");
        for (name, path) in files::below(&self.originals()) {
            std::fs::copy(path, clips.join(name)).expect("a clip on the card");
        }
        std::fs::create_dir(card.join("LOG")).expect("a folder of logs");
        std::fs::write(card.join("LOG/device.log"), "powered on\n").expect("a log");
        std::fs::write(card.join("device.txt"), "id=J800001\n").expect("a setting");
    }

    /// One docking, and everything that must be true after it.
    fn ingest_all(&self, card: &Path, ways: &[&str]) {
        let before = files::digests(card);
        let report = self.station.json(&Station::docking("card"));
        assert_eq!(report["verdict"], "done", "{report}");
        self.every_byte_is_kept(&before);
        self.every_original_is_listed(&before);
        self.the_card_holds_what_the_certificate_says(card, &before);
        for intent in self.station.events("wipe.intended") {
            let way = intent["second_reading"].as_str().expect("how it was read again");
            assert!(ways.contains(&way), "{way} is not one of {ways:?}");
        }
        let said = self.station.done("check --deep");
        assert!(
            said.contains(IN_ORDER) && said.contains(&format!("{} clips", before.len())),
            "{said}"
        );
    }

    fn every_byte_is_kept(&self, before: &BTreeMap<String, String>) {
        let registered: BTreeMap<String, String> = self
            .station
            .clips()
            .iter()
            .map(|clip| (text(&clip["name"]), text(&clip["sha256"])))
            .collect();
        assert_eq!(&registered, before, "the register names other digests than sha256 of the card");
        for (name, digest) in before {
            let kept = std::fs::read(self.station.kept_at(digest)).expect("a kept file");
            let Some(original) = name.strip_prefix(CLIPS) else { continue };
            let original = self.originals().join(original.trim_start_matches('/'));
            assert!(kept == std::fs::read(&original).expect("an original"), "{name} differs");
        }
        let contents: BTreeSet<String> = before.values().cloned().collect();
        assert_eq!(kept(&self.vault()), contents, "the vault keeps this and nothing else");
    }

    fn every_original_is_listed(&self, before: &BTreeMap<String, String>) {
        let signed = self.station.events("listing.signed").remove(0);
        let listing = self.station.object(&text(&signed["object"]));
        let listed: BTreeSet<String> = names(&listing);
        assert_eq!(listed, before.keys().cloned().collect(), "the signed listing");
        assert_eq!(signed["files"].as_u64(), Some(before.len() as u64));
    }

    fn the_card_holds_what_the_certificate_says(
        &self,
        card: &Path,
        before: &BTreeMap<String, String>,
    ) {
        let certificate = self.station.events("wipe.certified").remove(0);
        let stayed = names(&self.station.object(&text(&certificate["object"])));
        let there = files::digests(card);
        assert_eq!(there.keys().cloned().collect::<BTreeSet<_>>(), stayed, "the certificate");
        assert_eq!(stayed, ["LOG/device.log", "device.txt"].map(str::to_owned).into());
        assert!(
            there.iter().all(|(name, digest)| before[name] == *digest),
            "what stays is untouched"
        );
        assert_eq!(certificate["wiped"].as_u64(), Some((before.len() - stayed.len()) as u64));
        assert_eq!(certificate["stayed"].as_u64(), Some(stayed.len() as u64));
    }

    fn clips_are_described(&self) {
        let cuts = footage::CUTS.map(|(_, name, state)| (name, state));
        let cut: BTreeMap<&str, &str> = cuts.into_iter().chain(footage::CUT_FIXTURES).collect();
        let (mut whole, mut short) = (0, 0);
        for clip in self.station.clips() {
            let name = text(&clip["name"]);
            let Some(name) = name.strip_prefix(CLIPS).map(|name| &name[1..]) else { continue };
            let facts: Value = serde_json::from_str(&text(&clip["described"])).expect("facts");
            if footage::NOT_MEDIA.contains(&name) {
                assert_eq!(facts["container"], "unknown", "{name}");
            } else if let Some(state) = cut.get(name) {
                assert_eq!(facts["state"], *state, "{name}: {facts}");
                short += 1;
            } else {
                judge::agrees(&facts, &self.originals().join(name));
                whole += 1;
            }
        }
        assert_eq!((whole, short), (22, cut.len()), "whole clips and truncated ones");
    }
}

fn names(listing: &Value) -> BTreeSet<String> {
    let lines = listing["lines"].as_array().expect("lines");
    lines.iter().map(|line| text(&line["name"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
