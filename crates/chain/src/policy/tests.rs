use super::*;

fn public(n: u8) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(&[n; 32]).verifying_key().to_bytes()
}

fn log(n: u8) -> String {
    VerifierKey::new(format!("pd.example/s{n}"), public(n)).unwrap().to_string()
}

fn witness(n: u8) -> String {
    WitnessKey::new(format!("court.example/w{n}"), public(n)).unwrap().to_string()
}

/// Witnesses A, B and C.
fn three() -> String {
    format!(
        "witness A {}\nwitness B {} https://b.example/w\nwitness C {}\n",
        witness(1),
        witness(2),
        witness(3)
    )
}

fn met(policy: &str, cosigned: &[&str]) -> bool {
    let policy = WitnessPolicy::parse(&format!("{}{policy}", three())).unwrap();
    policy.met(&cosigned.iter().copied().collect())
}

fn refused(lines: &str) -> usize {
    match WitnessPolicy::parse(&format!("{}{lines}", three())) {
        Err(PolicyError::Line(at, _) | PolicyError::Key(at, _)) => at,
        other => panic!("{lines}: {other:?}"),
    }
}

#[test]
fn two_of_three_are_any_two_of_them() {
    let policy = "group G 2 A B C\nquorum G\n";
    for cosigned in [["A", "B"], ["A", "C"], ["B", "C"]] {
        assert!(met(policy, &cosigned));
    }
    assert!(met(policy, &["A", "B", "C"]));
    for cosigned in [vec![], vec!["A"], vec!["C"], vec!["A", "D"], vec!["A", "G"]] {
        assert!(!met(policy, &cosigned), "{cosigned:?}");
    }
}

#[test]
fn one_all_and_any_mean_what_they_say() {
    assert!(met("quorum B\n", &["B"]));
    assert!(!met("quorum B\n", &["A", "C"]));
    assert!(met("group G any A B\nquorum G\n", &["B"]));
    assert!(!met("group G any A B\nquorum G\n", &["C"]));
    assert!(met("group G all A B\nquorum G\n", &["A", "B"]));
    assert!(!met("group G all A B\nquorum G\n", &["A", "C"]));
}

#[test]
fn groups_of_groups_count_each_as_one() {
    let policy = "group X any A B\ngroup Y all X C\nquorum Y\n";
    assert!(met(policy, &["A", "C"]));
    assert!(met(policy, &["B", "C"]));
    assert!(!met(policy, &["A", "B"]));
    assert!(!met(policy, &["C"]));
}

/// A witness may stand in the file and be no part of the quorum.
#[test]
fn who_cannot_fill_the_quorum_does_not_count() {
    let text = format!("{}group X any A B\ngroup Y all X\nquorum Y\n", three());
    let policy = WitnessPolicy::parse(&text).unwrap();
    assert_eq!(policy.counting(), BTreeSet::from(["A", "B"]));
    let nobody = WitnessPolicy::parse(&format!("{}quorum none\n", three())).unwrap();
    assert!(nobody.counting().is_empty());
}

/// The stack of whoever reads it must not be as deep as the file is long.
#[test]
fn groups_of_groups_may_be_as_many_as_the_file_has_room_for() {
    let chain: String = (1..10_000).map(|n| format!("group g{n} any g{}\n", n - 1)).collect();
    let text = format!("witness g0 {}\n{chain}quorum g9999\n", witness(1));
    let policy = WitnessPolicy::parse(&text).unwrap();
    assert!(policy.met(&BTreeSet::from(["g0"])) && !policy.met(&BTreeSet::new()));
    assert_eq!(policy.counting(), BTreeSet::from(["g0"]));
}

#[test]
fn a_policy_that_asks_nobody_says_so() {
    let policy = WitnessPolicy::parse("quorum none\n").unwrap();
    assert!(policy.asks_nobody() && policy.met(&BTreeSet::new()));
    assert!(policy.logs().is_empty() && policy.witnesses().is_empty());
    assert!(!WitnessPolicy::parse(&format!("{}quorum A", three())).unwrap().asks_nobody());
}

#[test]
fn keys_addresses_and_comments_are_read_as_the_specification_says() {
    let text = format!(
        "# who is believed\n\n \t# and why\n\tlog  {}\tfile:///srv \nlog {}\n{}quorum\tA",
        log(8),
        log(9),
        three()
    );
    let policy = WitnessPolicy::parse(&text).unwrap();
    let logs: Vec<String> = policy.logs().iter().map(ToString::to_string).collect();
    assert_eq!(logs, [log(8), log(9)]);
    let all: Vec<_> =
        policy.witnesses().iter().map(|w| (w.label.as_str(), w.key.to_string())).collect();
    assert_eq!(all, [("A", witness(1)), ("B", witness(2)), ("C", witness(3))]);
    assert_eq!(policy.witnesses()[1].url.as_deref(), Some("https://b.example/w"));
    assert_eq!(policy.witnesses()[0].url, None);
}

#[test]
fn names_are_bytes_and_not_letters() {
    let kelvin = format!("witness \u{212a} {}\nwitness K {}\nquorum K\n", witness(1), witness(2));
    let policy = WitnessPolicy::parse(&kelvin).unwrap();
    assert!(policy.met(&BTreeSet::from(["K"])));
    assert!(!policy.met(&BTreeSet::from(["\u{212a}"])));
}

#[test]
fn what_is_wrong_in_one_line_makes_the_whole_policy_none() {
    assert_eq!(WitnessPolicy::parse(&three()), Err(PolicyError::NoQuorum));
    for (lines, at) in [
        ("quorum D\n", 4),
        ("quorum G\ngroup G any A\n", 4),
        ("quorum A\nquorum A\n", 5),
        ("quorum none\nquorum A\n", 5),
        ("group G 0 A B\nquorum G\n", 4),
        ("group G 3 A B\nquorum G\n", 4),
        ("group G 02 A B\nquorum G\n", 4),
        ("group G +1 A B\nquorum G\n", 4),
        ("group G two A B\nquorum G\n", 4),
        ("group G any\nquorum G\n", 4),
        ("group G 2 A A\nquorum G\n", 4),
        ("group G any A\ngroup H any A B\nquorum H\n", 5),
        ("group G any A\ngroup H all G G\nquorum H\n", 5),
        ("group G any G\nquorum G\n", 4),
        ("group G any none\nquorum G\n", 4),
        ("group none any A\nquorum none\n", 4),
        ("group A any B\nquorum A\n", 4),
        ("witness\nquorum A\n", 4),
        ("quorum A B\n", 4),
        ("Quorum A\n", 4),
        ("mirror A\nquorum A\n", 4),
    ] {
        assert_eq!(refused(lines), at, "{lines}");
    }
}

/// One person with two names must not be a quorum, and a log is no witness of its own.
#[test]
fn no_key_stands_there_twice() {
    let twin = WitnessKey::new("other.example/w", public(1)).unwrap();
    assert_eq!(refused(&format!("witness D {twin}\nquorum A\n")), 4);
    assert_eq!(refused(&format!("witness A {}\nquorum A\n", witness(4))), 4);
    let own = VerifierKey::new("pd.example/s1", public(1)).unwrap();
    assert_eq!(refused(&format!("log {own}\nquorum A\n")), 4);
    assert_eq!(refused(&format!("log {}\nlog {}\nquorum A\n", log(8), log(8))), 5);
    assert_eq!(refused(&format!("witness D {}\nquorum A\n", log(8))), 4);
    assert_eq!(refused(&format!("log {}\nquorum A\n", witness(8))), 4);
}

#[test]
fn control_characters_and_endless_files_are_no_policy() {
    for wrong in ["quorum none\r\n", "quorum none\0", "quorum\u{b}none\n", "quorum none\n\u{7f}"] {
        assert_eq!(WitnessPolicy::parse(wrong), Err(PolicyError::Characters), "{wrong:?}");
    }
    let long = format!("quorum none\n{}", "#".repeat(POLICY_BYTES_MAX));
    assert_eq!(WitnessPolicy::parse(&long), Err(PolicyError::Characters));
}
