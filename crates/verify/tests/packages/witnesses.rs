//! Heads that witnesses cosigned: what they prove to a reader who says whom to believe, and what is refused.

use crate::build::*;
use crate::cosigned::*;
use crate::told;
use sealdock_chain::cosign::{WitnessKey, cosigned_bytes};
use sealdock_chain::note::VerifierKey;
use sealdock_chain::{Digest, tree::leaf_hash};
use sealdock_verify::{Code, Word};
use serde_json::{Value, json};

#[test]
fn one_believed_witness_that_cosigned_makes_anchored_and_says_by_when() {
    let cases = Cases::default();
    let package = cosigned(&[(1, T)]);
    let report = cases.report("one of one", &package, &Reader::every(&[1]));
    expect(told(&report), GOOD, "one of one");
    let fact = facts(&report, "cosigned")[0];
    assert_eq!(fact.with["at"], json!("2026-12-01T00:00:00Z"));
    assert_eq!(fact.with["witnesses"], json!(["w1.example 2026-12-01T00:00:00Z"]));
    assert_eq!((&fact.with["size"], &fact.with["clips"]), (&json!(SIZE), &json!(["C4"])));
    assert_eq!(facts(&report, "cosigned-limits").len(), 1);
    for other in ["time-open", "time-anchored", "cosigned-there", "clock-ahead"] {
        assert_eq!(facts(&report, other).len(), 0, "{other}");
    }
    // Nobody said whom to believe: it is there, and says nothing.
    let report = cases.report("unchecked", &package, &Reader::new());
    expect(told(&report), (Word::Unanchored, &[Code::WitnessUnchecked]), "unchecked");
    assert_eq!((facts(&report, "cosigned").len(), facts(&report, "cosigned-there").len()), (0, 1));
    assert_eq!(facts(&report, "time-open").len(), 1);
    // Whose key the record is under is another question, and witnesses do not answer it.
    let keyless = Reader { keys: vec![], ..Reader::every(&[1]) };
    expect(cases.told("no key", &package, &keyless), (Word::Untrusted, &[]), "no key");
}

#[test]
fn a_quorum_is_what_the_policy_says() {
    let cases = Cases::default();
    let two = "group G 2 A B C\nquorum G\n";
    let groups = "group X any A B\ngroup Y all X C\nquorum Y\n";
    type Case = (&'static str, &'static [(u8, u64)], &'static str, Told);
    let by: [Case; 11] = [
        ("A and C of three", &[(1, T), (3, T)], two, GOOD),
        ("all of three", &[(1, T), (2, T), (3, T)], two, GOOD),
        ("A of three", &[(1, T)], two, SHORT),
        ("A and a stranger of three", &[(1, T), (4, T)], two, SHORT),
        ("a stranger", &[(9, T)], two, SHORT),
        ("groups, met by B and C", &[(2, T), (3, T)], groups, GOOD),
        ("groups, not met by A and B", &[(1, T), (2, T)], groups, SHORT),
        ("groups, not met by C", &[(3, T)], groups, SHORT),
        ("any", &[(3, T)], "group G any A B C\nquorum G\n", GOOD),
        ("the one that is asked", &[(2, T)], "quorum B\n", GOOD),
        ("another than the one that is asked", &[(1, T)], "quorum B\n", SHORT),
    ];
    for (what, by, policy, wanted) in by {
        let told = cases.told(what, &cosigned(by), &Reader::policy(policy));
        expect(told, wanted, what);
    }
    for (what, by, wanted) in [
        ("both that were named", &[(1, T), (2, T)][..], GOOD),
        ("one of both that were named", &[(2, T)], SHORT),
    ] {
        let package = with(&small(), move |station, files| {
            put(station, files, SIZE, |note| by.iter().map(|(n, t)| line(*n, *t, note)).collect());
        });
        expect(cases.told(what, &package, &Reader::every(&[1, 2])), wanted, what);
    }
}

/// One head must have them all: two that are short do not add up.
#[test]
fn cosignatures_under_two_heads_are_not_added_up() {
    let cases = Cases::default();
    let package = with(&small(), |station, files| {
        put(station, files, SIZE, |note| line(1, T, note));
        put(station, files, SIZE - 1, |note| line(2, T, note));
    });
    let report = cases.report("two heads", &package, &Reader::every(&[1, 2]));
    expect(told(&report), SHORT, "two heads");
    let details: Vec<&str> = report.findings.iter().map(|f| f.detail.as_str()).collect();
    let wanted =
        ["cosigned by w2.example; not by w1.example", "cosigned by w1.example; not by w2.example"];
    assert_eq!(details, wanted);
}

/// Before the second of two had signed there was no quorum, and the one who had may have lied.
#[test]
fn the_time_is_that_at_which_the_quorum_was_full() {
    let cases = Cases::default();
    let package = cosigned(&[(1, T + 300), (2, T + 100), (3, T + 200)]);
    let at = |what, policy| {
        let report = cases.report(what, &package, &Reader::policy(policy));
        expect(told(&report), GOOD, what);
        let fact = facts(&report, "cosigned")[0];
        (fact.with["at"].clone(), fact.with["witnesses"].clone())
    };
    let minute = |at: &str| format!("2026-12-01T00:{at}Z");
    let all = json!([
        format!("w2.example {}", minute("01:40")),
        format!("w3.example {}", minute("03:20")),
        format!("w1.example {}", minute("05:00")),
    ]);
    for (what, policy, when) in [
        ("any", "group G any A B C\nquorum G\n", "01:40"),
        ("two", "group G 2 A B C\nquorum G\n", "03:20"),
        ("all", "group G all A B C\nquorum G\n", "05:00"),
        ("groups", "group X any A B\ngroup Y all X C\nquorum Y\n", "03:20"),
        ("other groups", "group X any B C\ngroup Y all X A\nquorum Y\n", "05:00"),
    ] {
        assert_eq!(at(what, policy), (json!(minute(when)), all.clone()), "{what}");
    }
    // Who cannot fill the quorum is not named as if it had.
    let (when, names) = at("A alone", "quorum A\n");
    assert_eq!(when, json!(minute("05:00")));
    assert_eq!(names, json!([format!("w1.example {}", minute("05:00"))]));
}

#[test]
fn a_time_that_no_calendar_has_is_told_as_it_stands() {
    let cases = Cases::default();
    let report = cases.report("late", &cosigned(&[(1, i64::MAX as u64)]), &Reader::every(&[1]));
    expect(told(&report), GOOD, "late");
    let fact = facts(&report, "cosigned")[0];
    assert_eq!(fact.with["at"], json!("9223372036854775807 s since 1970"));
    assert_eq!(facts(&report, "clock-ahead").len(), 0);
}

#[test]
fn a_clock_that_claims_a_time_after_the_witnesses_was_ahead() {
    let cases = Cases::default();
    // 2026-02-01T00:00:00Z; the entries claim a day in November.
    let report = cases.report("ahead", &cosigned(&[(1, 1_769_904_000)]), &Reader::every(&[1]));
    expect(told(&report), GOOD, "ahead");
    let ahead = facts(&report, "clock-ahead");
    assert_eq!(ahead.len(), 1);
    assert_eq!(ahead[0].with["stamp"], json!("2026-02-01T00:00:00Z"));
    assert!(report.to_string().contains("that clock was ahead"));
}

#[test]
fn a_cosignature_that_is_not_over_this_head_is_refused() {
    let cases = Cases::default();
    let id = *named(1, &name(1)).key_id();
    type Text = Box<dyn Fn(&Station, &str) -> String + Send + Sync>;
    let texts: [(&str, Text); 8] = [
        (
            "moved from another head",
            Box::new(|station, note| note.to_owned() + &line(1, T, station.head(SIZE - 1).note())),
        ),
        (
            "of another time",
            Box::new(move |_, note| {
                let bytes = signed(1, T, &cosigned_bytes(T, body(note)));
                let later = [(T + 1).to_be_bytes().as_slice(), &bytes[8..]].concat();
                note.to_owned() + &raw(&name(1), &id, &later)
            }),
        ),
        (
            "without the header",
            Box::new(move |_, note| {
                note.to_owned() + &raw(&name(1), &id, &signed(1, T, body(note).as_bytes()))
            }),
        ),
        (
            "by another key under the same id",
            Box::new(move |_, note| {
                let bytes = signed(2, T, &cosigned_bytes(T, body(note)));
                note.to_owned() + &raw(&name(1), &id, &bytes)
            }),
        ),
        ("of time 0", Box::new(|_, note| note.to_owned() + &line(1, 0, note))),
        (
            "of a time beyond all times",
            Box::new(|_, note| note.to_owned() + &line(1, 1 << 63, note)),
        ),
        (
            "cut off",
            Box::new(move |_, note| {
                let bytes = signed(1, T, &cosigned_bytes(T, body(note)));
                note.to_owned() + &raw(&name(1), &id, &bytes[..71])
            }),
        ),
        (
            "too long",
            Box::new(move |_, note| {
                let mut bytes = signed(1, T, &cosigned_bytes(T, body(note)));
                bytes.push(0);
                note.to_owned() + &raw(&name(1), &id, &bytes)
            }),
        ),
    ];
    for (what, text) in texts {
        // Another who is believed cosigned well: that does not make good what is wrong.
        let package = spelled(move |station, note| text(station, note) + &line(2, T, note));
        let any = "group G any A B\nquorum G\n";
        expect(cases.told(what, &package, &Reader::policy(any)), REFUSED, what);
        // To a reader who does not know this witness it is a line of a stranger.
        expect(cases.told(what, &package, &Reader::every(&[2])), GOOD, what);
    }
    // A witness that stands in the policy is known, asked for or not.
    let package = spelled(|_, note| note.to_owned() + &line(2, T, note) + &line(4, 0, note));
    expect(cases.told("D, not asked", &package, &Reader::policy("quorum B\n")), REFUSED, "D");
}

#[test]
fn a_file_that_is_not_of_the_form_is_refused_whoever_is_believed() {
    let cases = Cases::default();
    type Text = fn(&Station, &str) -> String;
    let texts: [(&str, Text); 17] = [
        ("an empty line at the end", |_, note| note.to_owned() + &line(1, T, note) + "\n"),
        ("an empty line before the witness", |_, note| note.to_owned() + "\n" + &line(1, T, note)),
        ("an empty line in the text", |_, note| note.replacen('\n', "\n\n", 1) + &line(1, T, note)),
        ("a line twice", |_, note| note.to_owned() + &line(1, T, note).repeat(2)),
        ("a witness twice", |_, note| note.to_owned() + &line(1, T, note) + &line(1, T + 1, note)),
        ("the log's line twice", |_, note| {
            let own = note.split_inclusive('\n').nth(4).unwrap();
            note.to_owned() + own + &line(1, T, note)
        }),
        ("the log's line last", |_, note| {
            let (body, own) = note.split_once("\n\n").unwrap();
            format!("{body}\n\n{}{own}", line(1, T, note))
        }),
        ("no line of the log", |_, note| body(note).to_owned() + "\n" + &line(1, T, note)),
        ("nobody cosigned", |_, note| note.to_owned()),
        ("a line of a stranger that is none", |_, note| {
            note.to_owned() + &line(1, T, note) + "\u{2014} x.example AAAAA\n"
        }),
        ("a line without a key id", |_, note| {
            note.to_owned() + &line(1, T, note) + "\u{2014} x.example AAAA\n"
        }),
        ("text after the lines", |_, note| note.to_owned() + &line(1, T, note) + "more\n"),
        ("no line feed at the end", |_, note| {
            note.to_owned() + line(1, T, note).trim_end_matches('\n')
        }),
        ("carriage returns", |_, note| (note.to_owned() + &line(1, T, note)).replace('\n', "\r\n")),
        ("loose base64", |_, note| {
            let text = note.to_owned() + &line(1, T, note);
            let at = text.rfind('=').unwrap() - 1;
            let mut bytes = text.into_bytes();
            bytes[at] += 1;
            String::from_utf8(bytes).unwrap()
        }),
        ("an extension line", |_, note| note.replacen("\n\n", "\nmore\n\n", 1) + &line(1, T, note)),
        ("longer than 16 KiB", |_, note| {
            let many = (0..160).map(|n| raw(&format!("x{n}"), &[0; 4], &[1; 72]));
            note.to_owned() + &line(1, T, note) + &many.collect::<String>()
        }),
    ];
    for (what, text) in texts {
        let package = spelled(text);
        for reader in [Reader::every(&[1]), Reader::new()] {
            expect(cases.told(what, &package, &reader), REFUSED, what);
        }
    }
    let many = spelled(|_, note| {
        let many = (0..90).map(|n| raw(&format!("x{n}"), &[0; 4], &[1; 72]));
        note.to_owned() + &line(1, T, note) + &many.collect::<String>()
    });
    expect(cases.told("many strangers", &many, &Reader::every(&[1])), GOOD, "many strangers");
}

#[test]
fn lines_of_strangers_are_ignored_and_those_of_kinds_to_come_too() {
    let cases = Cases::default();
    let package = spelled(|_, note| {
        let dilithium = [T.to_be_bytes().as_slice(), &[7; 2420]].concat();
        note.to_owned()
            + &line(9, T, note)
            + &raw("w1.example", &[6, 6, 6, 6], &dilithium)
            + &raw("x.example", &[0; 4], &[1])
            + &line(1, T, note)
    });
    expect(cases.told("strangers", &package, &Reader::every(&[1])), GOOD, "strangers");
    // The same name with another key is another witness.
    let other = Reader { witnesses: vec![named(2, &name(1)).to_string()], ..Reader::new() };
    expect(cases.told("another key", &cosigned(&[(1, T)]), &other), SHORT, "another key");
    let renamed = Reader { witnesses: vec![named(1, &name(2)).to_string()], ..Reader::new() };
    expect(cases.told("another name", &cosigned(&[(1, T)]), &renamed), SHORT, "another name");
}

#[test]
fn a_head_that_is_not_this_record_s_is_refused() {
    let cases = Cases::default();
    let sign = |note: &str| note.to_owned() + &line(1, T, note);
    let other_station = package(&Plan { seed: 2, ..small() }).station.head(SIZE).note().to_owned();
    let renamed = |note: &str| note.replace("test.example", "tost.example");
    type Text = Box<dyn Fn(&Station) -> String + Send + Sync>;
    let texts: [(&str, u64, Text); 8] = [
        ("of another station", SIZE, Box::new(move |_| sign(&other_station))),
        ("of another origin", SIZE, Box::new(move |s| sign(&renamed(s.head(SIZE).note())))),
        ("of another size than its folder", SIZE, Box::new(move |s| sign(s.head(7).note()))),
        (
            "of another history",
            SIZE,
            Box::new(move |s| sign(s.sign(SIZE, Digest::of(b"x")).note())),
        ),
        (
            "of another history at the package's size",
            FIRST,
            Box::new(move |s| sign(s.sign(FIRST, Digest::of(b"x")).note())),
        ),
        (
            "larger than the package's",
            80,
            Box::new(move |s| sign(s.sign(80, Digest::of(b"x")).note())),
        ),
        ("of nothing", 0, Box::new(move |s| sign(s.head(0).note()))),
        ("by nobody", SIZE, Box::new(move |s| sign(&s.head(7).note().replace("\n7\n", "\n8\n")))),
    ];
    for (what, size, text) in texts {
        let package = with(&small(), move |station, files| {
            put_note(station, files, size, &text(station));
        });
        expect(cases.told(what, &package, &Reader::every(&[1])), REFUSED, what);
        // Whoever is believed: the head is looked at first.
        let (word, codes) = cases.told(what, &package, &Reader::new());
        assert_eq!((word, codes[0]), (Word::Tampered, Code::WitnessRefused), "{what}");
    }
}

/// Two histories, each with the witnesses' own signatures: that both are here is the proof.
#[test]
fn two_cosigned_histories_in_one_package_are_tampered() {
    let cases = Cases::default();
    let package = with(&small(), |station, files| {
        put(station, files, SIZE, |note| line(1, T, note));
        let other = station.sign(7, Digest::of(b"another history")).note().to_owned();
        put_note(station, files, 7, &(other.clone() + &line(1, T, &other)));
    });
    let report = cases.report("two histories", &package, &Reader::every(&[1]));
    expect(told(&report), REFUSED, "two histories");
    assert_eq!(report.findings[0].about, "anchors/7/checkpoint.cosigned");
    // A pin that contradicts is not outvoted by witnesses.
    let sound = cosigned(&[(1, T)]);
    let pin = sound.station.sign(3, Digest::of(b"x")).note().to_owned();
    let reader = Reader { pins: vec![pin], ..Reader::every(&[1]) };
    let told = cases.told("a pin against it", &sound, &reader);
    expect(told, (Word::Tampered, &[Code::PinParts]), "a pin against it");
}

#[test]
fn a_cosigned_head_counts_by_its_growth_to_the_package() {
    let cases = Cases::default();
    const GROWTH: &str = "anchors/8.add-checkpoint";
    type Change = fn(&Station, &mut Files);
    let changes: [(&str, Change, Told); 5] = [
        (
            "no growth",
            |_, files| drop(files.remove(GROWTH)),
            (Word::Incomplete, &[Code::FileMissing]),
        ),
        (
            "a growth that does not hold",
            |_, files| {
                let text = String::from_utf8(files[GROWTH].clone()).unwrap();
                let hash = text.lines().nth(1).unwrap().to_owned();
                let other = text.replace(&hash, &base64(&leaf_hash(b"x").0));
                files.insert(GROWTH.into(), other.into_bytes());
            },
            REFUSED,
        ),
        (
            "a growth from another size",
            |station, files| {
                drop(files.insert(GROWTH.into(), station.growth(7, FIRST).into_bytes()));
            },
            (Word::Tampered, &[Code::ProofRefused, Code::WitnessRefused]),
        ),
        (
            "a growth that is none",
            |_, files| {
                drop(files.insert(GROWTH.into(), b"old 8\n".to_vec()));
            },
            (Word::Tampered, &[Code::ProofRefused]),
        ),
        (
            "a stamp over the same head",
            |station, files| {
                let note = station.head(SIZE).note().as_bytes().to_vec();
                files.insert(format!("anchors/{SIZE}/checkpoint.signed"), note);
                files.insert(format!("anchors/{SIZE}/1.tsr"), b"an answer".to_vec());
            },
            (Word::Anchored, &[Code::StampUnchecked]),
        ),
    ];
    for (what, change, wanted) in changes {
        let package = with(&small(), move |station, files| {
            put(station, files, SIZE, |note| line(1, T, note));
            change(station, files);
        });
        let report = cases.report(what, &package, &Reader::every(&[1]));
        expect(told(&report), wanted, what);
        let shown = if wanted.0 == Word::Anchored { 1 } else { 0 };
        assert_eq!(facts(&report, "cosigned").len(), shown, "{what}");
    }
    // At the package's own head nothing has to lead there.
    let at_first =
        with(&small(), |station, files| put(station, files, FIRST, |note| line(1, T, note)));
    assert!(!at_first.folder.files.contains_key("anchors/9.add-checkpoint"));
    expect(cases.told("the package's head", &at_first, &Reader::every(&[1])), GOOD, "own head");
    // A head from before the clip came in says nothing about it.
    let early = with(&small(), |station, files| put(station, files, 4, |note| line(1, T, note)));
    let report = cases.report("an early head", &early, &Reader::every(&[1]));
    expect(told(&report), NOTHING, "an early head");
    assert_eq!(facts(&report, "cosigned")[0].with["clips"], json!([]));
}

#[test]
fn the_log_key_of_that_time_must_have_signed_it() {
    let cases = Cases::default();
    let rotated = Plan { rotate_log: true, ..small() };
    let first = package(&rotated).sizes.0;
    let under = move |size: u64, by_first: bool| {
        with(&rotated, move |station, files| {
            let head = if by_first { station.head_by_first(size) } else { station.head(size) };
            let note = head.note().to_owned();
            let text = note.clone() + &line(1, T, &note);
            files.insert(format!("anchors/{size}/checkpoint.cosigned"), text.into_bytes());
            let growth = station.growth(size, first).into_bytes();
            files.insert(format!("anchors/{size}.add-checkpoint"), growth);
        })
    };
    let reader = Reader::every(&[1]);
    expect(cases.told("by the new key", &under(8, false), &reader), GOOD, "by the new key");
    expect(cases.told("by the old key", &under(8, true), &reader), REFUSED, "by the old key");
    // The head that the old key signed in its time; it lies before the clip.
    let report = cases.report("in its time", &under(3, true), &reader);
    expect(told(&report), NOTHING, "in its time");
    assert_eq!(facts(&report, "cosigned").len(), 1);
    // The old key is in force for the package's own head, where the last entry rotates.
    let late = Plan { rotate_late: true, ..small() };
    let last = package(&late).sizes.0;
    let package = with(&late, move |station, files| {
        let note = station.head(last).note().to_owned();
        let text = note.clone() + &line(1, T, &note);
        files.insert(format!("anchors/{last}/checkpoint.cosigned"), text.into_bytes());
    });
    expect(cases.told("rotated late", &package, &reader), GOOD, "rotated late");
}

#[test]
fn whoever_has_a_key_of_the_station_is_no_witness() {
    let cases = Cases::default();
    let package = cosigned(&[(1, T)]);
    let own = WitnessKey::new("w5.example", *package.key().public()).unwrap();
    let policy = |lines: &str| Reader {
        policy: Some(format!("{lines}witness W {own}\nquorum W\n")),
        ..Reader::new()
    };
    let log = format!("log {}\n", package.key());
    let why = cases.refused("beside its log line", &package, &policy(&log));
    assert!(
        why.contains("line 2 of the witness policy: this key stands in an earlier line"),
        "{why}"
    );
    let why = cases.refused("the reader's key", &package, &policy(""));
    assert!(why.contains("w5.example has the key of the log itself"), "{why}");
    // Where only the folder says which key is the station's, and for keys that only the record names.
    let keyless = Reader { keys: vec![], ..policy("") };
    let report = cases.report("the folder's key", &package, &keyless);
    expect(told(&report), (Word::Untrusted, &[Code::WitnessShort]), "the folder's key");
    let wanted = "cosigned by nobody; not by nobody; not counted, since the key is the station's own: w5.example";
    assert_eq!(report.findings[0].detail, wanted);
    let evidence: Value =
        serde_json::from_slice(&package.folder.files["record/entries/0.json"]).unwrap();
    let evidence: Digest = evidence["event"]["evidence_public"].as_str().unwrap().parse().unwrap();
    let evidence = WitnessKey::new("w6.example", evidence.0).unwrap();
    let lines = format!("witness E {evidence}\ngroup G 2 A E\nquorum G\n");
    let report = cases.report("the evidence key", &package, &Reader::policy(&lines));
    expect(told(&report), SHORT, "the evidence key");
}

#[test]
fn what_the_reader_gives_must_be_a_policy_that_asks_somebody() {
    let cases = Cases::default();
    let package = cosigned(&[(1, T)]);
    let other = Station::stranger_key();
    let twin = named(1, "twin.example");
    for (what, policy, says) in [
        (
            "nobody is asked",
            "quorum none\n".to_owned(),
            "its quorum is none, so it anchors nothing",
        ),
        ("no quorum", "\n".to_owned(), "the witness policy has no `quorum` line"),
        (
            "two quorums",
            "quorum A\nquorum B\n".to_owned(),
            "line 6 of the witness policy: there is",
        ),
        (
            "an unknown name",
            "quorum E\n".to_owned(),
            "no earlier line names a witness or group \"E\"",
        ),
        ("a member twice", "group G any A A\nquorum G\n".to_owned(), "\"A\" is a member already"),
        ("too many asked", "group G 3 A B\nquorum G\n".to_owned(), "the threshold is `any`, `all`"),
        ("a name taken", format!("witness A {}\nquorum A\n", vkey(7)), "the name \"A\" is taken"),
        ("another word", "mirror x\nquorum A\n".to_owned(), "it is no `log`, `witness`"),
        ("one key twice", format!("witness E {twin}\nquorum A\n"), "this key stands in an earlier"),
        ("no key", "witness E x\nquorum A\n".to_owned(), "it has no three parts separated by '+'"),
        ("a key of a log", format!("witness E {other}\nquorum A\n"), "cosignature type (0x04)"),
        ("a control character", "quorum A\u{7f}\n".to_owned(), "without control characters"),
        ("another log", format!("log {other}\nquorum A\n"), "is none of them"),
    ] {
        let why = cases.refused(what, &package, &Reader::policy(&policy));
        assert!(
            why.starts_with("the witnesses in policy are refused: ") && why.contains(says),
            "{why}"
        );
    }
    let both = Reader { witnesses: vec![vkey(1), twin.to_string()], ..Reader::new() };
    let why = cases.refused("one key under two names", &package, &both);
    assert!(why.starts_with("the witnesses in --witness are refused: "), "{why}");
}

#[test]
fn the_logs_of_a_policy_stand_for_the_key_that_was_not_brought() {
    let cases = Cases::default();
    let package = cosigned(&[(1, T)]);
    let logs =
        |key: &VerifierKey| format!("log {}\nlog {key}\nquorum A\n", Station::stranger_key());
    let sound = Reader::policy(&logs(&package.key()));
    expect(cases.told("among the logs", &package, &sound), GOOD, "among the logs");
    let keyless = Reader { keys: vec![], ..sound };
    let report = cases.report("for the key", &package, &keyless);
    expect(told(&report), GOOD, "for the key");
    assert!(report.answers.authenticity.iter().any(|fact| fact.fact == "key-brought"));
    let elsewhere = Reader::policy(&format!("log {}\nquorum A\n", Station::stranger_key()));
    let told = cases.told("of others", &package, &Reader { keys: vec![], ..elsewhere });
    expect(told, (Word::Tampered, &[Code::KeyOther]), "of others");
    // Windows ends its lines so, and a comment is a comment.
    let windows = Reader::policy("# whom we believe\n\n\tquorum  A ");
    let windows =
        Reader { policy: windows.policy.map(|text| text.replace('\n', "\r\n")), ..Reader::new() };
    expect(cases.told("Windows", &package, &windows), GOOD, "Windows");
}

/// The station says whom it asked; the reader is not moved by it.
#[test]
fn the_policy_in_the_package_is_believed_for_nothing() {
    let cases = Cases::default();
    for text in ["witness A x\nquorum A\n", "quorum none\n", "", "\u{0}"] {
        let package = with(&small(), move |station, files| {
            put(station, files, SIZE, |note| line(1, T, note));
            files.insert("anchors/witness-policy".into(), text.as_bytes().to_vec());
        });
        expect(cases.told(text, &package, &Reader::every(&[1])), GOOD, text);
        let told = cases.told(text, &package, &Reader::new());
        expect(told, (Word::Unanchored, &[Code::WitnessUnchecked]), text);
    }
    let mut unnamed = cosigned(&[(1, T)]);
    unnamed.folder.files.insert("anchors/witness-policy".into(), vec![]);
    let told = cases.told("unnamed", &unnamed, &Reader::every(&[1]));
    expect(told, (Word::Tampered, &[Code::NameUnknown]), "unnamed");
}

/// Every byte of the file is the log's, the witness's, or fixes the form.
#[test]
fn no_turned_bit_of_a_cosigned_head_leaves_it_good() {
    let package = cosigned(&[(1, T)]);
    let length = package.folder.files["anchors/8/checkpoint.cosigned"].len();
    let mut survived = Vec::new();
    for at in 0..length {
        let package = with(&small(), move |station, files| {
            put(station, files, SIZE, |note| line(1, T, note));
            files.get_mut("anchors/8/checkpoint.cosigned").unwrap()[at] ^= 1 << (at % 8);
        });
        if told(&judge(&package.folder, &Reader::every(&[1])).unwrap()).0 == Word::Anchored {
            survived.push(at);
        }
    }
    assert_eq!(survived, Vec::<usize>::new());
}
