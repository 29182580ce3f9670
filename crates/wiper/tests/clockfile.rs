//! The note that sets a recorder's clock: what may be written, where, and that whatever else is on the card
//! stays as it is and the volume read-only.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    CLIP, DISK, NOW_MS, Stage, clock, clock_intent, converse, intent, is_ok, kind, message, put,
};
use common::{signing, stage, stage_that_refuses, wipe};
use ed25519_dalek::Signer as _;
use sealdock_chain::ClockIntent;
use sealdock_wiper::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOTE: &[u8] = b"2026-11-28 15:30:00\r\n";
const EARLIER: &[u8] = b"2025-01-02 03:04:05\r\n";

fn note(path: &str) -> ClockIntent {
    clock_intent("sdb1", path, NOTE)
}

/// Opens and sends one line; then the connection is lost.
fn said(stage: &Stage, line: &Value) -> Value {
    converse(&stage.scene, |daemon| {
        assert!(is_ok(&daemon.open("sdb1")));
        daemon.ask(line)
    })
}

/// Every name on the card and what is under it.
fn everything(stage: &Stage) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![stage.card.folder.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            let bytes = match kind.is_file() {
                true => std::fs::read(entry.path()).unwrap(),
                false => Vec::new(),
            };
            found.insert(entry.path().display().to_string(), bytes);
            folders.extend(kind.is_dir().then(|| entry.path()));
        }
    }
    found
}

#[test]
fn the_note_is_written_once_and_the_volume_is_read_only_before_the_answer() {
    let stage = stage();
    put(&stage.card.folder.join("SYS/x"), b"");
    for path in ["TIMESET.TXT", "SYS/TIME.TXT"] {
        converse(&stage.scene, |daemon| {
            daemon.open("sdb1");
            assert_eq!(daemon.ask(&clock(&note(path))), json!({ "ok": { "was": "absent" } }));
            assert_eq!(stage.acts(), ["hide", "free", "writable", "free", "show"]);
            assert!(is_ok(&daemon.ask(&json!({ "end": {} }))));
            stage.acts();
        });
        assert_eq!(std::fs::read(stage.card.folder.join(path)).unwrap(), NOTE);
        let again = said(&stage, &clock(&note(path)));
        assert!(message(&again).contains("spent before"), "{again}");
        assert!(stage.acts().is_empty(), "a spent intent touches no mount");
    }
}

#[test]
fn an_earlier_note_is_written_over_in_place() {
    let stage = stage();
    put(&stage.card.folder.join("DATE.txt"), EARLIER);
    assert_eq!(said(&stage, &clock(&note("DATE.txt"))), json!({ "ok": { "was": "earlier" } }));
    assert_eq!(std::fs::read(stage.card.folder.join("DATE.txt")).unwrap(), NOTE);
}

#[test]
fn every_wrong_intent_writes_nothing_and_touches_no_mount() {
    let stage = stage();
    let before = everything(&stage);
    let good = || note("TIMESET.TXT");
    for (says, intent) in [
        ("expired", ClockIntent { expires_ms: NOW_MS, ..good() }),
        ("would live", ClockIntent { expires_ms: NOW_MS + 60_001, ..good() }),
        ("is for disk 41", ClockIntent { disk_sequence: DISK - 1, ..good() }),
        ("is for the station", ClockIntent { station: "other.example/s1".into(), ..good() }),
        ("is for the bay", ClockIntent { bay: "bay-2".into(), ..good() }),
        ("is for the volume", ClockIntent { volume: "sdc1".into(), ..good() }),
        ("version 2", ClockIntent { version: 2, ..good() }),
        ("hexadecimal", ClockIntent { path_hex: "4A".into(), ..good() }),
        ("no note", ClockIntent { content_hex: hex::encode(EARLIER), ..good() }),
        ("no note", clock_intent("sdb1", "autorun.inf", b"[autorun]\nopen=x.exe\n123456\0")),
    ] {
        let answer = said(&stage, &clock(&intent));
        assert_eq!(kind(&answer), "invalid", "{says}: {answer}");
        assert!(message(&answer).contains(says), "{says}: {answer}");
    }
    assert!(stage.acts().is_empty());
    assert_eq!(everything(&stage), before);
}

#[test]
fn a_wrong_signature_or_purpose_is_refused() {
    let stage = stage();
    let before = everything(&stage);
    let good = note("TIMESET.TXT");
    let text = String::from_utf8(good.bytes()).unwrap();
    let sign = |bytes: &[u8]| hex::encode(signing().sign(bytes).to_bytes());
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let by_a_stranger = hex::encode(stranger.sign(&good.signing_bytes()).to_bytes());
    let as_a_wipe = sign(&[b"sealdock wipe intent v1\n", text.as_bytes()].concat());
    let right = sign(&good.signing_bytes());
    let as_a_clock = clock(&good)["clock"].clone();
    let leave_to_wipe = wipe(&intent("sdb1", "DCIM/a.mp4", CLIP))["wipe"].clone();
    for line in [
        json!({ "clock": { "intent": text, "signature": sign(text.as_bytes()) } }),
        json!({ "clock": { "intent": text, "signature": by_a_stranger } }),
        json!({ "clock": { "intent": text, "signature": as_a_wipe } }),
        json!({ "clock": { "intent": text, "signature": right.to_uppercase() } }),
        json!({ "clock": { "intent": text.replace("3000", "3001"), "signature": right } }),
        json!({ "wipe": as_a_clock }),
        json!({ "clock": leave_to_wipe }),
    ] {
        let answer = said(&stage, &line);
        assert_eq!(kind(&answer), "invalid", "{line}: {answer}");
    }
    assert!(stage.acts().is_empty());
    assert_eq!(everything(&stage), before);
}

#[test]
fn whatever_else_stands_there_stays_as_it_is() {
    let stage = stage();
    let at = |name: &str| stage.card.folder.join(name);
    put(&at("notes.txt"), b"a person's own");
    put(&at("empty.txt"), b"");
    put(&at("other.txt"), b"2025/01/02 03:04:05\r\n");
    put(&at("twice.txt"), EARLIER);
    std::fs::hard_link(at("twice.txt"), at("second name")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, 0o644.into(), 0)
        .unwrap();
    let before = everything(&stage);
    for name in ["DCIM/a.mp4", "notes.txt", "empty.txt", "other.txt", "twice.txt", "pipe"] {
        let answer = said(&stage, &clock(&note(name)));
        assert_eq!(kind(&answer), "damaged", "{name}: {answer}");
        assert_eq!(stage.acts(), ["hide", "free", "writable", "free", "show"], "{name}");
    }
    assert_eq!(everything(&stage), before);
}

#[test]
fn paths_that_lead_elsewhere_reach_nothing() {
    let stage = stage();
    let outside = stage.machine.dir.path().join("outside.txt");
    put(&outside, EARLIER);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, stage.card.folder.join(name)).unwrap();
    };
    link("DCIM", "linked");
    link("..", "up");
    link("../outside.txt", "TIME.TXT");
    link("../none.txt", "dangling.txt");
    let before = everything(&stage);
    let outside_text = outside.to_str().unwrap();
    for path in [
        "../outside.txt",
        "DCIM/../../outside.txt",
        outside_text,
        "up/outside.txt",
        "up/new.txt",
        "linked/new.txt",
        "TIME.TXT",
        "dangling.txt",
        "DCIM//new.txt",
        "./new.txt",
        "DCIM/",
        "DCIM",
        "new\0",
        "/",
    ] {
        let answer = said(&stage, &clock(&note(path)));
        assert!(["invalid", "damaged", "failed"].contains(&kind(&answer)), "{path:?}: {answer}");
    }
    assert_eq!(kind(&said(&stage, &clock(&note("none/new.txt")))), "missing", "no folder is made");
    assert_eq!(everything(&stage), before);
    assert_eq!(std::fs::read(&outside).unwrap(), EARLIER);
}

#[test]
fn another_disk_or_hardware_that_refuses_ends_without_a_note() {
    let changed = stage();
    let answer = converse(&changed.scene, |daemon| {
        daemon.open("sdb1");
        changed.machine.attribute("sdb", "diskseq", "43\n");
        daemon.ask(&clock(&note("TIMESET.TXT")))
    });
    assert_eq!(kind(&answer), "missing", "{answer}");
    for (refuses, wanted) in [
        (("hide", Kind::Failed), "failed"),
        (("free", Kind::Failed), "failed"),
        (("writable", Kind::ReadOnly), "read-only"),
    ] {
        let stage = stage_that_refuses(Some(refuses));
        let answer = said(&stage, &clock(&note("TIMESET.TXT")));
        assert_eq!(kind(&answer), wanted, "{answer}");
        assert!(!stage.has("TIMESET.TXT"));
        assert_eq!(stage.acts().last(), Some(&"show"));
    }
}

#[test]
fn nothing_is_written_while_files_are_deleted() {
    let stage = stage();
    converse(&stage.scene, |daemon| {
        daemon.open("sdb1");
        assert!(is_ok(&daemon.ask(&wipe(&intent("sdb1", "DCIM/a.mp4", CLIP)))));
        assert_eq!(kind(&daemon.ask(&clock(&note("TIMESET.TXT")))), "invalid");
    });
    assert!(!stage.has("TIMESET.TXT"));
}

#[test]
fn what_a_profile_may_ask_for_is_what_the_wiper_writes() {
    assert_eq!(sealdock_profile::NOTE_BYTES_MAX, sealdock_chain::CLOCK_NOTE_BYTES_MAX);
}
