//! Keys that were lost or stolen, and records that were put back: nothing leads to a key that the one before does
//! not vouch for, and what is left in doubt is said.

use crate::build::*;
use crate::{judge, pin, told, with_key};
use sealdock_verify::{Code, Trust, Word};
use serde_json::{Value, json};

const LOST: Replace = Replace { key: "log", cause: "lost", since: None, old: false };
const STOLEN: Replace = Replace { key: "log", cause: "stolen", since: None, old: false };
const RESTORED: Replace = Replace { key: "log", cause: "restored", since: None, old: false };
const EVIDENCE: Replace = Replace { key: "evidence", ..STOLEN };

fn replaced(replace: Vec<Replace>) -> Plan {
    Plan { replace, ..small() }
}

fn said(report: &sealdock_verify::Report, fact: &str) -> Vec<Value> {
    let json = report.to_json();
    let answers = json["answers"].as_object().unwrap().values();
    let facts = answers.flat_map(|answer| answer.as_array().unwrap().iter());
    facts.filter(|line| line["fact"] == fact).map(|line| line["with"].clone()).collect()
}

#[test]
fn after_loss_and_theft_the_old_key_leads_nowhere_and_the_new_one_is_judged() {
    for (how, fact) in [(LOST, "key-lost"), (STOLEN, "key-stolen"), (RESTORED, "key-restored")] {
        let package = package(&replaced(vec![how]));
        let old = judge(&package.folder, &with_key(package.key())).unwrap();
        assert_eq!(told(&old), (Word::Untrusted, vec![]), "{fact}");
        let new = judge(&package.folder, &with_key(package.newest_key())).unwrap();
        assert_eq!(told(&new), (Word::Unanchored, vec![]), "{fact}");
        for report in [old, new] {
            let facts = said(&report, fact);
            assert_eq!(facts.len(), 1, "{fact}");
            let entry = package.station.seq_of("key.replaced");
            assert_eq!((&facts[0]["key"], &facts[0]["entry"]), (&json!("log"), &json!(entry)));
        }
        let stranger = judge(&package.folder, &with_key(Station::stranger_key())).unwrap();
        assert_eq!(stranger.word, Word::Tampered, "{fact}");
    }
}

#[test]
fn the_head_that_covers_a_replacement_is_already_the_new_keys() {
    let late = Plan { replace_late: Some(LOST), ..small() };
    let sound = package(&late);
    assert_eq!(sound.sizes.0, sound.station.seq_of("key.replaced") + 1);
    let report = judge(&sound.folder, &with_key(sound.newest_key())).unwrap();
    assert_eq!(told(&report), (Word::Unanchored, vec![]));
    let old = package_hooked(&late, |station, stage| {
        if let Stage::Tags(files) = stage {
            let head = station.head_by_first(station.len());
            files.insert("record/checkpoint".into(), head.note().into());
        }
    });
    let (word, codes) = told(&judge(&old.folder, &with_key(old.key())).unwrap());
    assert_eq!(word, Word::Tampered);
    assert!(codes.contains(&Code::KeyOther), "{codes:?}");
}

#[test]
fn after_a_restore_the_old_key_leads_on_where_it_signed() {
    let package = package(&replaced(vec![Replace { old: true, ..RESTORED }]));
    for key in [package.key(), package.newest_key()] {
        let report = judge(&package.folder, &with_key(key)).unwrap();
        assert_eq!(told(&report), (Word::Unanchored, vec![]));
        assert_eq!(said(&report, "key-restored-signed").len(), 1);
    }
}

/// A thief could sign it just as well.
#[test]
fn a_stolen_key_that_vouches_for_the_next_is_refused() {
    for how in [STOLEN, LOST] {
        let package = package(&replaced(vec![Replace { old: true, ..how }]));
        for key in [package.key(), package.newest_key()] {
            let report = judge(&package.folder, &with_key(key)).unwrap();
            let (word, codes) = told(&report);
            assert_eq!(word, Word::Tampered);
            assert!(codes.contains(&Code::KeyUnproven), "{codes:?}");
        }
    }
}

#[test]
fn a_replacement_counts_only_signed_by_the_new_key_and_in_order() {
    type Spoil = fn(&mut Value);
    let spoil: [(&str, Spoil); 6] = [
        ("new_signature", |e| e["new_signature"] = json!("0".repeat(128))),
        ("cause", |e| e["cause"] = json!("stolen")),
        ("since", |e| e["since"] = json!("2026-11-21T08:15:02.000Z")),
        ("epoch", |e| e["epoch"] = json!(3)),
        ("old_public", |e| e["old_public"] = e["new_public"].clone()),
        ("an old signature", |e| {
            e["cause"] = json!("restored");
            e["old_signature"] = e["new_signature"].clone();
        }),
    ];
    for (what, spoil) in spoil {
        let change = move |_: &Station, stage: Stage| {
            if let Stage::Entry(entry) = stage
                && entry.event["type"] == "key.replaced"
            {
                spoil(&mut entry.event);
            }
        };
        let package = package_hooked(&replaced(vec![LOST]), change);
        let report = judge(&package.folder, &with_key(package.newest_key())).unwrap();
        let (word, codes) = told(&report);
        assert_eq!(word, Word::Tampered, "{what}");
        assert!(codes.contains(&Code::KeyUnproven), "{what}: {codes:?}");
    }
}

#[test]
fn what_only_a_replacement_may_lack_is_asked_of_a_rotation() {
    let plan = Plan { rotate_log: true, ..small() };
    let package = package_hooked(&plan, |_, stage| {
        if let Stage::Entry(entry) = stage
            && entry.event["type"] == "key.rotated"
        {
            entry.event.as_object_mut().unwrap().remove("old_signature");
        }
    });
    let (word, codes) = told(&judge(&package.folder, &with_key(package.newest_key())).unwrap());
    assert_eq!(word, Word::Tampered);
    assert!(codes.contains(&Code::EntryRefused), "{codes:?}");
}

#[test]
fn clips_after_a_theft_are_named_and_those_before_are_not() {
    // The clips of the plan are entries 4 and on, at second 4 and on.
    let clip = |since| {
        let package = package(&Plan { replace: vec![Replace { since, ..EVIDENCE }], ..usual() });
        let report = judge(&package.folder, &with_key(package.key())).unwrap();
        assert_eq!(told(&report), (Word::Unanchored, vec![]), "{since:?}");
        let [stolen, unproven] = ["stolen-clips", "stolen-signatures"].map(|f| said(&report, f));
        let clips = |facts: &[Value]| facts.first().map(|fact| fact["clips"].clone());
        assert_eq!(clips(&stolen), clips(&unproven));
        clips(&stolen)
    };
    let all = clip(None).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(clip(Some("2026-11-21T08:15:05.000Z")), Some(json!([all[1], all[2]])));
    assert_eq!(clip(Some("2026-11-21T08:15:59.000Z")), None);
}

#[test]
fn keys_revoked_names_stolen_keys_and_no_other() {
    let revoked = |replace: Vec<Replace>, line: fn(&Station) -> String| {
        let change = move |station: &Station, stage: Stage| {
            if let Stage::Tags(files) = stage {
                files.insert("keys/revoked".into(), line(station).into_bytes());
            }
        };
        let package = package_hooked(&replaced(replace), change);
        told(&judge(&package.folder, &with_key(package.key())).unwrap())
    };
    let first = |station: &Station| {
        sealdock_chain::sshsig::public_line(&public(&station.evidence[0]).0, "epoch 1") + "\n"
    };
    assert_eq!(revoked(vec![EVIDENCE], first), (Word::Unanchored, vec![]));
    let refused = (Word::Tampered, vec![Code::KeyOther]);
    assert_eq!(revoked(vec![], first), refused, "it was not stolen");
    assert_eq!(revoked(vec![EVIDENCE], |_| String::new()), refused);
    assert_eq!(revoked(vec![EVIDENCE], |_| "ssh-ed25519 AAAA x\n".into()), refused);
}

#[test]
fn what_a_restore_lost_is_said_and_a_head_of_the_lost_tail_anchors_nothing() {
    let restored = |lost: Value| {
        let mut event = json!({ "type": "station.restored", "size": 2, "root": "", "from": "/x",
            "heads": [], "reason": "r" });
        if !lost.is_null() {
            event["lost"] = lost;
        }
        let key = Replace { old: true, ..RESTORED };
        package(&Plan { between: vec![event], ..replaced(vec![key]) })
    };
    let package = restored(json!({ "first": 2, "last": 9 }));
    let report = judge(&package.folder, &with_key(package.key())).unwrap();
    let facts = said(&report, "restored-lost");
    assert_eq!((&facts[0]["first"], &facts[0]["last"]), (&json!(2), &json!(9)));
    // A head over as many entries as the package's own, by the key before: of the lost entries.
    let mut trust: Trust = with_key(package.key());
    let lost = package.station.sign_by(0, package.sizes.0, sealdock_chain::Digest::of(b"lost"));
    trust.pins.push(pin(lost.note()));
    let report = judge(&package.folder, &trust).unwrap();
    assert_eq!(told(&report), (Word::Unanchored, vec![Code::PinUnlinked]));
    // By the key in force it would be another history.
    let other = package.station.sign(package.sizes.0, sealdock_chain::Digest::of(b"other"));
    trust.pins = vec![pin(other.note())];
    assert_eq!(judge(&package.folder, &trust).unwrap().word, Word::Tampered);
    assert_eq!(
        said(&judge(&restored(Value::Null).folder, &Trust::default()).unwrap(), "restored").len(),
        1
    );
}
