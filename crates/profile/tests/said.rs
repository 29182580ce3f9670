//! What logs and label say of a recorder, apart from the names of its files.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use sealdock_profile::{Evidence, Profile};

const TEXT: &str = r#"
schema = 1

[profile]
id = "acme.x1"
title = "ACME"
sources = ["me"]
confidence = "reported"

[[match]]
state = "storage"
weight = 40
usb.vid = 0x7777

[identity]
device = [
  { from = "filename" },
  { from = "file", glob = "LOG/*.txt", regex = '^ID=(?P<device>.*)$' },
  { from = "label", regex = '^CAM(?P<device>\d+)$' },
]
officer = [{ from = "file", glob = "LOG/*.txt", regex = '^OFFICER=(?P<officer>.*)$' }]
placeholders = ['^0+$']
"#;

/// Number and source of each, devices first.
fn said(logs: &[(&str, i64, &str)], label: Option<&str>) -> Vec<(String, String)> {
    let profile = Profile::parse(TEXT).unwrap();
    let logs = logs.iter().map(|(path, at, text)| ((*path).into(), *at, (*text).into())).collect();
    let told = profile.said(&Evidence { logs, label, ..Evidence::default() });
    let number = |told: sealdock_core::session::Told| {
        assert!(told.device.is_some() != told.officer.is_some(), "one number each: {told:?}");
        (told.device.or(told.officer).unwrap(), told.source)
    };
    told.into_iter().map(number).collect()
}

fn expected(numbers: &[(&str, &str)]) -> Vec<(String, String)> {
    numbers.iter().map(|(n, from)| ((*n).to_owned(), (*from).to_owned())).collect()
}

#[test]
fn each_place_that_says_a_number_is_heard_on_its_own() {
    let log = ("LOG/a.txt", 5, "ID=1\nID=42\nOFFICER=p7\n");
    let all = expected(&[("42", "file"), ("7", "label"), ("p7", "file")]);
    assert_eq!(said(&[log], Some("CAM7")), all, "the last line that fits");
    assert_eq!(said(&[], None), []);
    assert_eq!(said(&[("DCIM/a.txt", 5, "ID=1")], Some("NO NAME")), []);
}

#[test]
fn the_newest_log_counts_and_an_older_one_may_be_another_recorders() {
    let logs = [("LOG/old.txt", 1, "ID=1"), ("LOG/new.txt", 2, "ID=2")];
    assert_eq!(said(&logs, None), expected(&[("2", "file")]));
}

#[test]
fn what_is_no_number_or_was_never_set_is_left_out() {
    let long = format!("ID={}", "9".repeat(70_000));
    for text in ["ID=0000", "ID=", "ID=a b", "ID=\u{202e}42", "ID=../42", long.as_str()] {
        assert_eq!(said(&[("LOG/a.txt", 1, text)], Some("CAM00")), [], "{text:.20}");
    }
}

#[test]
fn logs_are_asked_for_only_where_a_number_stands_in_them() {
    let profile = Profile::parse(TEXT).unwrap();
    assert!(profile.has_telling_logs());
    assert!(profile.tells_number("LOG/a.txt") && !profile.tells_number("DCIM/a.mp4"));
    assert!(!Profile::generic().has_telling_logs());
}
