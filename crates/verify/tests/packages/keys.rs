//! Keys that were rotated: what leads from the reader's key to the head, and what does not.

use crate::build::*;
use crate::{judge, pin, pinned, told, with_key};
use sealdock_chain::note::VerifierKey;
use sealdock_verify::{Code, Trust, Word};
use serde_json::json;

fn rotated() -> Plan {
    Plan { rotate_log: true, rotate_evidence: true, anchors: vec![2], ..small() }
}

#[test]
fn a_reader_with_the_first_key_is_led_to_the_key_of_today() {
    let package = package(&rotated());
    assert_ne!(package.key(), package.newest_key());
    for key in [package.key(), package.newest_key()] {
        let report = judge(&package.folder, &with_key(key)).unwrap();
        assert_eq!(told(&report), (Word::Unanchored, vec![]));
    }
    let report = judge(&package.folder, &Trust::default()).unwrap();
    assert_eq!(told(&report), (Word::Untrusted, vec![]));
    let report = judge(&package.folder, &pinned(&package, package.sizes.0)).unwrap();
    assert_eq!(told(&report), (Word::Anchored, vec![]));
    let both = Trust { keys: vec![Station::stranger_key(), package.key()], ..Trust::default() };
    assert_eq!(told(&judge(&package.folder, &both).unwrap()), (Word::Unanchored, vec![]));
}

/// A head from before the rotation is still one of this record.
#[test]
fn a_pin_of_an_earlier_epoch_is_held_against_the_record() {
    let package = package(&rotated());
    let early = package.station.head(2);
    for key in [package.key(), package.newest_key()] {
        let mut trust = with_key(key);
        trust.pins.push(pin(early.note()));
        let report = judge(&package.folder, &trust).unwrap();
        assert_eq!(told(&report), (Word::Unanchored, vec![]));
        assert!(report.to_string().contains("one with this record"));
        trust.pins.push(pin(package.station.sign(2, sealdock_chain::Digest::of(b"x")).note()));
        assert_eq!(judge(&package.folder, &trust).unwrap().word, Word::Tampered);
    }
}

/// Everything that keeps one key from leading to the next.
#[test]
fn a_rotation_counts_only_signed_by_both_and_in_order() {
    type Spoil = fn(&mut serde_json::Value);
    let spoil: [(&str, Spoil); 6] = [
        ("old_signature", |e| e["old_signature"] = e["new_signature"].clone()),
        ("new_signature", |e| e["new_signature"] = e["old_signature"].clone()),
        ("no signature", |e| e["old_signature"] = json!("00")),
        ("epoch", |e| e["epoch"] = json!(3)),
        ("old_public", |e| e["old_public"] = e["new_public"].clone()),
        ("another key", |e| {
            e["new_public"] = json!(sealdock_chain::Digest(*Station::stranger_key().public()));
        }),
    ];
    for (what, spoil) in spoil {
        let change = move |_: &Station, stage: Stage| {
            if let Stage::Entry(entry) = stage
                && entry.event["type"] == "key.rotated"
                && entry.event["key"] == "log"
            {
                spoil(&mut entry.event);
            }
        };
        let plan = Plan { rotate_evidence: false, ..rotated() };
        let package = package_hooked(&plan, change);
        for key in [package.key(), package.newest_key()] {
            let report = judge(&package.folder, &with_key(key)).unwrap();
            let (word, codes) = told(&report);
            assert_eq!(word, Word::Tampered, "{what}");
            assert!(codes.contains(&Code::KeyUnproven), "{what}: {codes:?}");
        }
    }
}

/// Soundly signed by both keys in it, and still none of this record: out of order, or from a stranger's key.
#[test]
fn a_rotation_must_follow_the_key_in_force() {
    for (seed, epoch) in [(1, 0), (1, 1), (1, 3), (1, (1 << 53) - 1), (2, 2)] {
        let event = Station::false_rotation(seed, epoch);
        let package = package(&Plan { between: vec![event], ..small() });
        let report = judge(&package.folder, &with_key(package.key())).unwrap();
        let expected = (Word::Tampered, vec![Code::KeyUnproven]);
        assert_eq!(told(&report), expected, "{seed} {epoch}");
    }
}

/// The head whose last entry rotates is the old key's, the next one the new key's.
#[test]
fn the_key_may_change_between_the_two_heads_if_the_first_shows_it() {
    let late = Plan { rotate_late: true, ..small() };
    let sound = package(&late);
    let report = judge(&sound.folder, &pinned(&sound, sound.sizes.0)).unwrap();
    assert_eq!(told(&report), (Word::Anchored, vec![]));
    let retired = package_hooked(&late, |station, stage| {
        let Stage::Handover(files) = stage else { return };
        let size = station.len();
        let (right, wrong) = (station.head(size), station.head_by_first(size));
        for name in ["handover/grown.add-checkpoint", "handover/completed.tlog-proof"] {
            let text = String::from_utf8(files[name].clone()).unwrap();
            let changed = text.replace(right.note(), wrong.note());
            assert_ne!(text, changed);
            files.insert(name.into(), changed.into_bytes());
        }
    });
    let report = judge(&retired.folder, &with_key(retired.key())).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::HeadRefused, Code::ProofRefused]));
}

/// The evidence key of another epoch than the one in force signs nothing.
#[test]
fn a_clip_is_signed_by_the_key_that_was_in_force() {
    let package = package_hooked(&rotated(), |_, stage| {
        if let Stage::Entry(entry) = stage
            && entry.event["type"] == "clip.stored"
        {
            entry.event["evidence_epoch"] = json!(1);
        }
    });
    let report = judge(&package.folder, &with_key(package.key())).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::ClipSignature]));
}

/// A key that was retired signs no head, though it is the reader's own.
#[test]
fn a_head_by_a_retired_key_is_refused() {
    // The station says that it rotated, and goes on with the old key.
    let other = package(&rotated());
    let event = other.folder.files["record/entries/2.json"].clone();
    let event: serde_json::Value = serde_json::from_slice(&event).unwrap();
    assert_eq!(event["event"]["key"], "log");
    let package = package(&Plan { between: vec![event["event"].clone()], ..small() });
    let report = judge(&package.folder, &with_key(package.key())).unwrap();
    let (word, codes) = told(&report);
    assert_eq!(word, Word::Tampered);
    assert!(codes.contains(&Code::KeyOther), "{codes:?}");
}

#[test]
fn a_key_of_the_same_bytes_under_another_name_leads_nowhere() {
    let package = package(&small());
    let renamed = VerifierKey::new("other.example/x", *package.key().public()).unwrap();
    let report = judge(&package.folder, &with_key(renamed)).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::KeyOther]));
}

#[test]
fn without_a_rotation_that_is_shown_nothing_leads_to_the_key_of_today() {
    let package = package_hooked(&rotated(), |_, stage| {
        if let Stage::Tags(files) = stage {
            files.remove("record/entries/2.json").unwrap();
            files.remove("record/entries/2.tlog-proof").unwrap();
        }
    });
    let report = judge(&package.folder, &with_key(package.key())).unwrap();
    assert!(told(&report).1.contains(&Code::KeyOther));
    assert_eq!(report.word, Word::Tampered);
}
