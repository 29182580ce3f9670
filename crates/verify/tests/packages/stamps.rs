//! Time-stamps under the roots that a reader brings, made by OpenSSL: what they say, what is refused, and that none
//! of them lifts a word.

use crate::build::*;
use crate::{judge, pin, told, with_key};
use sealdock_chain::Digest;
use sealdock_testkit::tsa::{AT, Tsa};
use sealdock_verify::{Code, Report, Trust, Word};
use serde_json::{Value, json};

/// The entries of the package claim a day in 2026; the stamps are made before and after it.
const FOUNDED: (&str, &str) = (AT, "2026-01-01 00:00:00");
const AFTER: (&str, &str) = (AT, "2027-03-10 12:00:00");
const BEFORE: (&str, &str) = (AT, "2026-02-01 12:00:00");

/// Entries of the stamped head: the clip is entry 4.
const SIZE: u64 = 8;

fn request(stamped: &[u8]) -> Vec<u8> {
    sealdock_stamp::Request::new(Digest::of(stamped).0, [5; 16]).to_der()
}

/// A package with this answer over the head of `SIZE` entries, closed by the station itself.
fn with_answer(answer: Vec<u8>, chain: Option<Vec<u8>>) -> Package {
    package_hooked(&small(), move |station, stage| {
        let Stage::Tags(files) = stage else { return };
        let first = station.seq_of("copy.carried-out") + 1;
        let growth = station.growth(SIZE, first).into_bytes();
        files.insert(format!("anchors/{SIZE}.add-checkpoint"), growth);
        let head = station.head(SIZE).note().as_bytes().to_vec();
        files.insert(format!("anchors/{SIZE}/checkpoint.signed"), head);
        files.insert(format!("anchors/{SIZE}/1.tsr"), answer.clone());
        if let Some(chain) = &chain {
            files.insert("anchors/tsa-chain.pem".into(), chain.clone());
        }
    })
}

fn head(size: u64) -> Vec<u8> {
    package(&small()).station.head(size).note().as_bytes().to_vec()
}

fn trust(package: &Package, tsa: &Tsa) -> Trust {
    let roots = sealdock_stamp::Roots::from_pem(&tsa.pem("root.pem")).unwrap();
    Trust { roots: Some(roots), ..with_key(package.key()) }
}

fn facts<'r>(report: &'r Report, name: &str) -> Vec<&'r sealdock_verify::Fact> {
    report.answers.time.iter().filter(|fact| fact.fact == name).collect()
}

#[test]
fn a_stamp_says_by_when_and_by_whom_and_anchors_nothing() {
    for key in ["ec", "rsa"] {
        let tsa = Tsa::found(&[FOUNDED, ("KEY", key)]);
        let package = with_answer(tsa.answer(&request(&head(SIZE)), &[AFTER]), None);
        let mut trust = trust(&package, &tsa);
        let report = judge(&package.folder, &trust).unwrap();
        assert_eq!(told(&report), (Word::Unanchored, vec![]), "{key}");
        let stamp = facts(&report, "stamp")[0];
        assert_eq!(stamp.with["at"], json!("2027-03-10T12:00:00Z"));
        assert_eq!(stamp.with["name"], json!("CN=tsa,O=Test"));
        assert_eq!(stamp.with["accuracy"], json!("1.5"));
        assert_eq!(stamp.with["clips"], json!(["C4"]));
        assert_eq!(facts(&report, "time-open").len(), 0);
        assert_eq!(facts(&report, "stamp-limits").len(), 1);
        assert_eq!(facts(&report, "clock-ahead").len(), 0);
        // What anchors is what somebody kept: the very head that was stamped, brought by another way.
        trust.pins.push(pin(package.station.head(SIZE).note()));
        let report = judge(&package.folder, &trust).unwrap();
        assert_eq!(told(&report), (Word::Anchored, vec![]));
        assert_eq!(facts(&report, "stamp").len(), 1);
        // Without roots it is there, and says nothing.
        let report = judge(&package.folder, &with_key(package.key())).unwrap();
        assert_eq!(told(&report), (Word::Unanchored, vec![Code::StampUnchecked]));
        assert_eq!((facts(&report, "stamp").len(), facts(&report, "stamp-there").len()), (0, 1));
        assert_eq!(facts(&report, "time-open").len(), 1);
    }
}

#[test]
fn what_is_between_may_lie_in_the_package_and_is_believed_for_nothing() {
    let tsa = Tsa::found(&[FOUNDED, ("BETWEEN", "yes")]);
    let answer = tsa.answer(&request(&head(SIZE)), &[AFTER]);
    let package = with_answer(answer.clone(), Some(tsa.pem("chain.pem")));
    let report = judge(&package.folder, &trust(&package, &tsa)).unwrap();
    assert_eq!(told(&report), (Word::Unanchored, vec![]));
    assert_eq!(facts(&report, "stamp").len(), 1);
    // The root in the package is not the reader's.
    let other = Tsa::found(&[("NAME", "Other")]);
    let report = judge(&package.folder, &trust(&package, &other)).unwrap();
    assert_eq!(told(&report), (Word::Unanchored, vec![Code::StampUnchecked]));
    assert_eq!(facts(&report, "stamp").len(), 0);
    let package = with_answer(answer.clone(), None);
    let report = judge(&package.folder, &trust(&package, &tsa)).unwrap();
    assert_eq!(told(&report), (Word::Unanchored, vec![Code::StampUnchecked]));
    let package = with_answer(answer, Some(b"no certificate".to_vec()));
    let report = judge(&package.folder, &trust(&package, &tsa)).unwrap();
    let told = told(&report);
    assert_eq!(told, (Word::Tampered, vec![Code::StampRefused, Code::StampUnchecked]));
}

/// Each with the word that leads from it; every one of them is closed by the station itself.
#[test]
fn a_stamp_that_does_not_hold_is_refused() {
    let tsa = Tsa::found(&[FOUNDED, ("DAYS", "600")]);
    let sound = tsa.answer(&request(&head(SIZE)), &[AFTER]);
    let content = tsa.content(&sound);
    let mut turned = sound.clone();
    let last = turned.len() - 1;
    turned[last] ^= 1;
    let mut later = sound.clone();
    let time = later.windows(4).position(|four| four == b"2027").unwrap();
    later[time + 3] = b'6';
    let cases = [
        ("of another head", tsa.answer(&request(&head(SIZE - 1)), &[AFTER])),
        ("of the file beside it", tsa.answer(&request(b"something else"), &[AFTER])),
        (
            "by a certificate that had ended",
            tsa.answer(&request(&head(SIZE)), &[(AT, "2028-01-01 00:00:00")]),
        ),
        (
            "by a certificate that had not begun",
            tsa.answer(&request(&head(SIZE)), &[(AT, "2025-01-01 00:00:00")]),
        ),
        (
            "by a certificate for servers",
            tsa.signed(&content, &[FOUNDED, ("USAGE", "critical,serverAuth")]),
        ),
        ("with a turned bit in the signature", turned),
        ("with another year", later),
        ("cut off", sound[..sound.len() - 1].to_vec()),
        ("no answer at all", b"an answer".to_vec()),
        ("empty", vec![]),
    ];
    for (what, answer) in cases {
        let package = with_answer(answer, None);
        let report = judge(&package.folder, &trust(&package, &tsa)).unwrap();
        assert_eq!(told(&report), (Word::Tampered, vec![Code::StampRefused]), "{what}");
        assert_eq!(facts(&report, "stamp").len(), 0, "{what}");
    }
    // The same key under a certificate of the right purpose: the cases above fail for what they say.
    let package = with_answer(tsa.signed(&content, &[FOUNDED, ("DAYS", "600")]), None);
    let report = judge(&package.folder, &trust(&package, &tsa)).unwrap();
    assert_eq!(told(&report), (Word::Unanchored, vec![]));
}

/// A root of the same name that another made is not the one given.
#[test]
fn a_forger_with_a_root_of_the_same_name_is_refused() {
    let [tsa, forger] = [(), ()].map(|()| Tsa::found(&[FOUNDED]));
    let package = with_answer(forger.answer(&request(&head(SIZE)), &[AFTER]), None);
    let report = judge(&package.folder, &trust(&package, &tsa)).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::StampRefused]));
}

/// A stolen key signs a second history and has it stamped: it verifies, with its own late time, and is no anchor.
#[test]
fn a_second_history_that_was_stamped_is_not_anchored() {
    let tsa = Tsa::found(&[FOUNDED]);
    let forged = Plan { clips: vec![b"another clip".to_vec()], ..small() };
    let stamped = package(&forged).station.head(SIZE).note().as_bytes().to_vec();
    let answer = tsa.answer(&request(&stamped), &[AFTER]);
    let second = package_hooked(&forged, move |station, stage| {
        let Stage::Tags(files) = stage else { return };
        let first = station.seq_of("copy.carried-out") + 1;
        files.insert(
            format!("anchors/{SIZE}.add-checkpoint"),
            station.growth(SIZE, first).into_bytes(),
        );
        let head = station.head(SIZE).note().as_bytes().to_vec();
        files.insert(format!("anchors/{SIZE}/checkpoint.signed"), head);
        files.insert(format!("anchors/{SIZE}/1.tsr"), answer.clone());
    });
    let mut trust = trust(&second, &tsa);
    assert_eq!(told(&judge(&second.folder, &trust).unwrap()), (Word::Unanchored, vec![]));
    trust.pins.push(pin(package(&small()).station.head(SIZE).note()));
    let report = judge(&second.folder, &trust).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::PinParts]));
}

#[test]
fn a_clock_that_claims_a_time_after_the_stamp_was_ahead() {
    let tsa = Tsa::found(&[FOUNDED]);
    let package = with_answer(tsa.answer(&request(&head(SIZE)), &[BEFORE]), None);
    let report = judge(&package.folder, &trust(&package, &tsa)).unwrap();
    assert_eq!(told(&report), (Word::Unanchored, vec![]));
    let ahead = facts(&report, "clock-ahead");
    assert_eq!(ahead.len(), 1);
    assert_eq!(ahead[0].with["stamp"], json!("2026-02-01T12:00:00Z"));
    assert!(ahead[0].with["at"].as_str().is_some_and(|at| at > "2026-02-01"), "{ahead:?}");
    let text = report.to_string();
    assert!(text.contains("that clock was ahead") && text.contains("该时钟当时偏快"), "{text}");
}

/// Every byte of what is stamped and of the answer counts, or changes nothing that is said.
#[test]
fn no_turned_bit_of_a_stamp_makes_it_say_something_else() {
    let tsa = Tsa::found(&[FOUNDED]);
    let answer = tsa.answer(&request(&head(SIZE)), &[AFTER]);
    let sound = with_answer(answer.clone(), None);
    let trust = trust(&sound, &tsa);
    let said = |report: &Report| -> Vec<Value> {
        facts(report, "stamp").iter().map(|fact| json!(fact.with)).collect()
    };
    let expected = said(&judge(&sound.folder, &trust).unwrap());
    // A prime step: every kind of byte, in a package that is closed anew each time.
    for at in (0..answer.len()).step_by(7) {
        let mut turned = answer.clone();
        turned[at] ^= 1 << (at % 8);
        let package = with_answer(turned, None);
        let report = judge(&package.folder, &trust).unwrap();
        let good = report.word == Word::Unanchored;
        assert!(!good || said(&report).is_empty() || said(&report) == expected, "{at}");
    }
}
