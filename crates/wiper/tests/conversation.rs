//! What the wiper says to whom, on a made-up machine whose volume is a plain directory: every way in which
//! an intent can be wrong leaves the file where it is and the volume read-only.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    CLIP, DISK, NOW_MS, converse, intent, is_ok, kind, message, put, signing, stage,
    stage_that_refuses, wipe,
};
use ed25519_dalek::Signer as _;
use sealdock_chain::WipeIntent;
use sealdock_wiper::Kind;
use serde_json::json;

fn a_mp4() -> WipeIntent {
    intent("sdb1", "DCIM/a.mp4", CLIP)
}

#[test]
fn exactly_the_permitted_file_goes() {
    let stage = stage();
    converse(&stage.scene, |daemon| {
        assert_eq!(daemon.open("sdb1"), json!({ "ok": { "disk_sequence": DISK } }));
        assert_eq!(daemon.ask(&json!({ "cold": {} })), json!({ "ok": { "method": "remounted" } }));
        assert_eq!(daemon.ask(&wipe(&a_mp4())), json!({ "ok": {} }));
        assert!(!stage.has("DCIM/a.mp4") && stage.has("DCIM/b.mp4"));
        assert!(is_ok(&daemon.ask(&wipe(&intent("sdb1", "DCIM/b.mp4", b"other")))));
        assert_eq!(kind(&daemon.ask(&json!({ "cold": {} }))), "invalid");
        assert_eq!(daemon.ask(&json!({ "end": {} })), json!({ "ok": { "method": "remounted" } }));
        assert_eq!(daemon.hear(), serde_json::Value::Null, "the conversation is over");
    });
    assert!(!stage.has("DCIM/b.mp4") && stage.has("DCIM"));
    let wanted = ["hide", "free", "show", "hide", "free", "writable", "free", "show"];
    assert_eq!(stage.acts(), wanted);
}

#[test]
fn every_wrong_intent_leaves_the_file_and_touches_no_mount() {
    let stage = stage();
    let good = a_mp4;
    let wrong: [(&str, WipeIntent); 9] = [
        ("expired", WipeIntent { expires_ms: NOW_MS, ..good() }),
        ("would live", WipeIntent { expires_ms: NOW_MS + 60_001, ..good() }),
        ("is for disk 41", WipeIntent { disk_sequence: DISK - 1, ..good() }),
        ("is for the station", WipeIntent { station: "other.example/s1".into(), ..good() }),
        ("is for the bay", WipeIntent { bay: "bay-2".into(), ..good() }),
        ("is for the volume", WipeIntent { volume: "sdc1".into(), ..good() }),
        ("version 2", WipeIntent { version: 2, ..good() }),
        ("hexadecimal", WipeIntent { name_hex: String::new(), ..good() }),
        ("hexadecimal", WipeIntent { name_hex: "4A".into(), ..good() }),
    ];
    for (says, intent) in wrong {
        let answer = stage.wiped(&intent);
        assert_eq!(kind(&answer), "invalid", "{says}: {answer}");
        assert!(message(&answer).contains(says), "{says}: {answer}");
    }
    assert_eq!(stage.acts(), [""; 0]);
    assert!(stage.has("DCIM/a.mp4"));
}

#[test]
fn a_wrong_signature_or_spelling_is_refused() {
    let stage = stage();
    let text = String::from_utf8(a_mp4().bytes()).unwrap();
    let sign = |bytes: &[u8]| hex::encode(signing().sign(bytes).to_bytes());
    let right = sign(&a_mp4().signing_bytes());
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let spaced = text.replace(",\"", ", \"");
    let spaced_right = sign(format!("sealdock wipe intent v1\n{spaced}").as_bytes());
    let lines = [
        json!({ "wipe": { "intent": text, "signature": sign(text.as_bytes()) } }),
        json!({ "wipe": { "intent": text, "signature": hex::encode(stranger.sign(&a_mp4().signing_bytes()).to_bytes()) } }),
        json!({ "wipe": { "intent": text, "signature": right.to_uppercase() } }),
        json!({ "wipe": { "intent": text, "signature": &right[2..] } }),
        json!({ "wipe": { "intent": text.replace("\"size\":17", "\"size\":18"), "signature": right } }),
        json!({ "wipe": { "intent": spaced, "signature": spaced_right } }),
        json!({ "wipe": { "intent": text, "signature": right, "force": true } }),
        json!({ "wipe": { "intent": serde_json::from_str::<serde_json::Value>(&text).unwrap(), "signature": right } }),
    ];
    for line in lines {
        let answer = converse(&stage.scene, |daemon| {
            daemon.open("sdb1");
            daemon.ask(&line)
        });
        assert_eq!(kind(&answer), "invalid", "{line}: {answer}");
    }
    assert!(stage.has("DCIM/a.mp4") && stage.acts().is_empty());
}

#[test]
fn an_intent_is_spent_once_also_if_it_failed() {
    let stage = stage();
    put(&stage.card.folder.join("DCIM/a.mp4"), b"not what was stored");
    assert_eq!(kind(&stage.wiped(&a_mp4())), "damaged");
    put(&stage.card.folder.join("DCIM/a.mp4"), CLIP);
    let again = stage.wiped(&a_mp4());
    assert!(message(&again).contains("spent before"), "{again}");
    assert!(stage.has("DCIM/a.mp4"));
    let renewed = WipeIntent { expires_ms: NOW_MS + 30_001, ..a_mp4() };
    assert!(is_ok(&stage.wiped(&renewed)));
    put(&stage.card.folder.join("DCIM/a.mp4"), CLIP);
    assert!(message(&stage.wiped(&renewed)).contains("spent before"));
    assert!(stage.has("DCIM/a.mp4"));
}

#[test]
fn another_file_under_the_name_stays_and_the_volume_is_read_only_at_once() {
    let stage = stage();
    let other_bytes = intent("sdb1", "DCIM/a.mp4", b"FRAMES OF A SCENE");
    let shorter = intent("sdb1", "DCIM/a.mp4", b"short");
    for wrong in [other_bytes, shorter] {
        converse(&stage.scene, |daemon| {
            daemon.open("sdb1");
            assert_eq!(kind(&daemon.ask(&wipe(&wrong))), "damaged");
            assert_eq!(stage.acts(), ["hide", "free", "writable", "free", "show"]);
        });
    }
    assert!(stage.has("DCIM/a.mp4"));
}

#[test]
fn names_that_lead_elsewhere_reach_nothing() {
    let stage = stage();
    let outside = stage.machine.dir.path().join("outside.mp4");
    put(&outside, CLIP);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, stage.card.folder.join(name)).unwrap();
    };
    link("DCIM", "linked");
    link("DCIM/a.mp4", "link.mp4");
    link("..", "up");
    let outside_text = outside.to_str().unwrap();
    for name in [
        "../outside.mp4",
        "DCIM/../../outside.mp4",
        outside_text,
        "up/outside.mp4",
        "linked/a.mp4",
        "link.mp4",
        "DCIM//a.mp4",
        "./DCIM/a.mp4",
        "DCIM/.",
        "DCIM/a.mp4/",
        "DCIM/a.mp4\0",
        "DCIM",
        "/",
        ".",
    ] {
        let answer = stage.wiped(&intent("sdb1", name, CLIP));
        assert!(["invalid", "damaged"].contains(&kind(&answer)), "{name:?}: {answer}");
    }
    assert_eq!(kind(&stage.wiped(&intent("sdb1", "DCIM/none.mp4", CLIP))), "missing");
    assert!(outside.exists() && stage.has("DCIM/a.mp4") && stage.has("link.mp4"));
}

#[test]
fn a_card_that_was_exchanged_is_not_wiped() {
    let stage = stage();
    let answer = converse(&stage.scene, |daemon| {
        daemon.open("sdb1");
        stage.machine.attribute("sdb", "diskseq", "43\n");
        daemon.ask(&wipe(&a_mp4()))
    });
    assert_eq!(kind(&answer), "missing", "{answer}");
    assert!(stage.has("DCIM/a.mp4") && stage.acts().is_empty());
}

#[test]
fn whatever_the_hardware_refuses_ends_without_a_writable_volume() {
    for (refuses, kind_wanted, acts) in [
        (("hide", Kind::Failed), "failed", vec!["hide", "show"]),
        (("free", Kind::Failed), "failed", vec!["hide", "free", "show"]),
        (("writable", Kind::ReadOnly), "read-only", vec!["hide", "free", "writable", "show"]),
    ] {
        let stage = stage_that_refuses(Some(refuses));
        let answer = stage.wiped(&a_mp4());
        assert_eq!(kind(&answer), kind_wanted, "{answer}");
        assert_eq!(stage.acts(), acts);
        assert!(stage.has("DCIM/a.mp4"));
    }
}

#[test]
fn what_is_not_on_a_dock_port_cannot_be_opened() {
    let stage = stage();
    let open = |bay: &str, volume: &str| {
        converse(&stage.scene, |daemon| {
            let answer = daemon.ask(&json!({ "open": { "bay": bay, "volume": volume } }));
            (kind(&answer).to_owned(), message(&answer).to_owned())
        })
    };
    assert_eq!(open("bay-2", "sdb1").0, "invalid");
    assert_eq!(open("bay-1", "../sdb1").0, "invalid");
    assert_eq!(open("bay-1", "sdz1").0, "missing");
    let notes = stage.machine.roots.run.join("udev/data/b8:17");
    put(&notes, "E:ID_PATH=pci-0-usb-0:10:1.0-scsi\nE:ID_FS_TYPE=vfat\n");
    assert!(open("bay-1", "sdb1").1.contains("on no dock port"));
    put(&notes, "E:ID_PATH=pci-0-usb-0:1.2:1.0-scsi\nE:ID_FS_TYPE=btrfs\n");
    assert!(open("bay-1", "sdb1").1.contains("holds btrfs"));
}

#[test]
fn one_volume_is_worked_on_by_one_connection() {
    let stage = stage();
    converse(&stage.scene, |first| {
        assert!(is_ok(&first.open("sdb1")));
        let second = converse(&stage.scene, |second| second.open("sdb1"));
        assert!(message(&second).contains("worked on already"), "{second}");
    });
    assert!(is_ok(&converse(&stage.scene, |third| third.open("sdb1"))));
}

#[test]
fn lines_that_are_no_questions_end_the_conversation() {
    let stage = stage();
    for line in
        ["{}\n", "[]\n", "wipe\n", "{\"cold\":{}}\n", "{\"open\":{\"bay\":\"bay-1\"}}\n", "\n"]
    {
        let answer = converse(&stage.scene, |daemon| {
            daemon.say(line);
            daemon.hear()
        });
        assert_eq!(kind(&answer), "invalid", "{line:?}: {answer}");
    }
    let long = format!("{{\"open\":{{\"bay\":\"{}\"", "x".repeat(70_000));
    let answer = converse(&stage.scene, |daemon| {
        daemon.say(&long);
        daemon.hear()
    });
    assert!(message(&answer).contains("64 KiB"), "{answer}");
    // A question that was cut off is not acted upon.
    converse(&stage.scene, |daemon| {
        daemon.open("sdb1");
        daemon.say(&wipe(&a_mp4()).to_string());
    });
    assert!(stage.has("DCIM/a.mp4") && stage.acts().is_empty());
}

#[test]
fn without_the_stations_key_nothing_is_deleted() {
    let stage = stage();
    let key = stage.machine.roots.station().join("log.vkey");
    put(&key, "no key\n");
    assert_eq!(kind(&stage.wiped(&a_mp4())), "invalid");
    std::fs::remove_file(&key).unwrap();
    assert_eq!(kind(&stage.wiped(&a_mp4())), "missing");
    assert!(stage.has("DCIM/a.mp4") && stage.acts().is_empty());
}
