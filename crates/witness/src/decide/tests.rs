use super::*;
use crate::testing::{ORIGIN, key, record};
use sealdock_chain::Digest;

/// What a witness says that has cosigned `last`.
fn asked(body: &str, last: Option<Checkpoint>) -> Outcome {
    let log = Log { keys: vec![key(1)], head: last };
    decide(body.as_bytes(), |origin| (origin == ORIGIN).then_some(log))
}

fn refused(body: &str, last: Option<Checkpoint>) -> Refusal {
    match asked(body, last) {
        Outcome::Refuse(refusal) => *refusal,
        Outcome::Cosign(_) => panic!("cosigned: {body}"),
    }
}

#[test]
fn what_grew_from_the_last_cosigned_head_is_cosigned_whatever_the_sizes() {
    let record = record("a", 0);
    for old in 0..=20 {
        let last = (old > 0).then(|| record.head(old));
        for new in old..=20 {
            let outcome = asked(&record.request(old, new).to_string(), last.clone());
            assert_eq!(outcome, Outcome::Cosign(record.signed(new, 1)), "{old} to {new}");
        }
    }
}

#[test]
fn what_does_not_begin_at_the_last_cosigned_head_is_told_its_size() {
    let record = record("a", 0);
    let last = Some(record.head(12));
    for old in (0..=20).filter(|old| *old != 12) {
        let refusal = refused(&record.request(old, 20).to_string(), last.clone());
        let (status, size) = (refusal.status, refusal.size);
        assert_eq!((status, size, refusal.against), (Status::Conflict, Some(12), None), "{old}");
    }
    let first = refused(&record.request(3, 9).to_string(), None);
    assert_eq!((first.status, first.size), (Status::Conflict, Some(0)));
    // Smaller than what was cosigned: an old copy that was put back.
    let back = refused(&record.request(3, 9).to_string(), last);
    assert_eq!((back.status, back.size), (Status::Conflict, Some(12)));
}

#[test]
fn another_history_is_refused_and_is_evidence_wherever_it_branches_off() {
    let ours = record("a", 0);
    for common in 0..12 {
        let other = record("b", common);
        let mine = record("a", common);
        let grown = refused(&other.request(12, 20).to_string(), Some(mine.head(12)));
        assert_eq!(grown.status, Status::NotGrown, "{common}");
        let (head, what) = grown.against.expect("evidence");
        assert_eq!((head, what), (other.signed(20, 1), Against::NotGrown));
        // Of the same size: a proof that needs nobody's word, whatever old size comes with it.
        for old in [0, 5, 12] {
            let same = refused(&other.request(old, 12).to_string(), Some(mine.head(12)));
            assert_eq!((same.status, same.size), (Status::Conflict, Some(12)));
            assert_eq!(same.against, Some((other.signed(12, 1), Against::OtherRoot)));
        }
    }
    // Behind what was cosigned it is an answer with a size and no evidence: it may be an old one of this history.
    let behind = refused(&record("b", 0).request(3, 9).to_string(), Some(ours.head(12)));
    assert_eq!((behind.status, behind.against), (Status::Conflict, None));
}

#[test]
fn a_proof_from_nothing_and_one_beside_the_same_head_are_refused() {
    let record = record("a", 0);
    let some = vec![Digest::of(b"x")];
    let note = record.signed(12, 1).note().to_owned();
    let from_nothing = Growth::new(0, some.clone(), note.clone()).to_string();
    let refusal = refused(&from_nothing, None);
    assert_eq!((refusal.status, refusal.against), (Status::NotGrown, None));
    let same = Growth::new(12, some, note).to_string();
    assert_eq!(refused(&same, Some(record.head(12))).status, Status::NotGrown);
}

#[test]
fn only_a_key_that_is_known_for_the_record_counts() {
    let record = record("a", 0);
    let stranger = Growth::new(0, Vec::new(), record.signed(12, 2).note().to_owned()).to_string();
    assert_eq!(refused(&stranger, None).status, Status::NotSigned);
    let log = Log { keys: vec![key(1), key(2)], head: None };
    let outcome = decide(stranger.as_bytes(), |_| Some(log));
    assert_eq!(outcome, Outcome::Cosign(record.signed(12, 2)), "the key after a rotation");
    let broken = record.request(0, 12).to_string().replacen("\n12\n", "\n13\n", 1);
    assert_eq!(refused(&broken, None).status, Status::NotSigned);
    let unknown = decide(record.request(0, 12).to_string().as_bytes(), |_| None);
    assert!(matches!(unknown, Outcome::Refuse(r) if r.status == Status::UnknownLog));
}

#[test]
fn of_a_note_with_the_lines_of_others_only_that_of_the_record_is_cosigned() {
    let record = record("a", 0);
    let head = record.signed(12, 1);
    let more = head.with_lines("\u{2014} w.example/x AAAAAAAAAAAAAAAA\n").unwrap();
    let body = Growth::new(0, Vec::new(), more.note().to_owned()).to_string();
    assert_eq!(asked(&body, None), Outcome::Cosign(head));
}

#[test]
fn what_is_no_request_is_refused_and_never_panics() {
    let record = record("a", 0);
    let good = record.request(5, 12).to_string();
    let last = || Some(record.head(5));
    let shrunk = Growth::new(13, Vec::new(), record.signed(12, 1).note().to_owned()).to_string();
    let long = format!("{good}{}", "\u{2014} w.example/x AAAAAAAAAAAAAAAA\n".repeat(1000));
    let cases = [
        String::new(),
        "old".into(),
        good.replacen("old 5", "old 05", 1),
        good.replacen("old 5", "old +5", 1),
        good.replacen("old 5", "old 5 ", 1),
        good.replacen("old 5\n", "old 5\r\n", 1),
        good.replacen("\n12\n", "\n12\nextension\n", 1),
        good.trim_end().to_owned(),
        good.replacen("\n12\n", "\n12\n\n", 1),
        long,
        shrunk,
    ];
    for body in &cases {
        assert_eq!(refused(body, last()).status, Status::Malformed, "{body:?}");
    }
    assert!(
        matches!(decide(&[0xff], |_| None), Outcome::Refuse(r) if r.status == Status::Malformed)
    );
    // Cut anywhere, or with any byte changed, it is never cosigned.
    for at in 0..good.len() {
        assert!(matches!(decide(&good.as_bytes()[..at], |_| None), Outcome::Refuse(_)));
        let mut changed = good.clone().into_bytes();
        changed[at] ^= 1;
        let log = Log { keys: vec![key(1)], head: last() };
        assert!(matches!(decide(&changed, |_| Some(log)), Outcome::Refuse(_)), "byte {at}");
    }
}
