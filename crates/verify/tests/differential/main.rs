//! Three readers of keys, notes, proofs and growths must agree on every mutant: ours, the page's, and the Go team's
//! (`tests/interop/go/stream.go`). The mutants are made from a fixed seed, so a difference is found again by whoever
//! runs this again.
//!
//! The page agrees with ours word for word. What Go accepts and we refuse is a class of [`classes`], and whatever is in
//! a class we refuse; what Go refuses and we accept must not be.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod classes;
mod judges;
mod mutate;
mod notes;
mod random;
mod record;
mod vectors;

use classes::Class;
use judges::{Answer, ours};
use mutate::{Case, Kind};
use random::Random;
use record::Record;
use std::collections::BTreeMap;

/// How many mutants of each kind.
const MUTANTS: [(Kind, usize); 4] =
    [(Kind::Key, 2000), (Kind::Note, 3500), (Kind::Proof, 2750), (Kind::Growth, 2750)];

/// Another seed is another set of mutants, with the same claims.
const SEED: u64 = 0x5ea1_d0c4;

fn cases() -> Vec<Case> {
    let record = Record::new();
    let mut random = Random::new(SEED);
    let kinds = MUTANTS.iter().flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count));
    kinds.map(|kind| Case::mutant(kind, &record, &mut random)).collect()
}

#[test]
fn go_and_the_page_answer_every_mutant_as_we_do() {
    let cases = cases();
    assert!(cases.len() >= 10_000);
    let (go, page) = std::thread::scope(|scope| {
        let page = scope.spawn(|| judges::page(&cases));
        (judges::go(&cases), page.join().unwrap())
    });
    let mut wrong = Vec::new();
    let mut stricter: BTreeMap<Class, usize> = BTreeMap::new();
    let mut accepted: BTreeMap<Kind, usize> = BTreeMap::new();
    for ((case, go), page) in cases.iter().zip(&go).zip(&page) {
        let ours = ours(case);
        let classes = classes::of(case);
        let mut differ = |what: &str| {
            wrong.push(format!("{what}\n  {case}\n  ours {ours:?}\n  Go {go:?}\n  page {page:?}"));
        };
        if !ours.agrees(page) {
            differ("the page answers otherwise");
        }
        match (&ours, go) {
            (Answer::Accept(_), _) if !classes.is_empty() => {
                differ("we accept what is in a class of ours");
            }
            (Answer::Accept(_), _) if !ours.agrees(go) => differ("we accept, Go does not"),
            (Answer::Refuse(_), Answer::Accept(_)) if classes.is_empty() => {
                differ("Go accepts what is in no class");
            }
            (Answer::Refuse(_), Answer::Accept(_)) => {
                classes.iter().for_each(|class| *stricter.entry(*class).or_default() += 1);
            }
            _ => {}
        }
        *accepted.entry(case.kind).or_default() += usize::from(matches!(ours, Answer::Accept(_)));
    }
    println!("accepted of {MUTANTS:?}: {accepted:?}\nstricter than Go: {stricter:#?}");
    let first: String = wrong.iter().take(10).map(|one| format!("{one}\n")).collect();
    assert!(wrong.is_empty(), "{} differences, among them:\n{first}", wrong.len());
    // A run in which nothing is accepted, or nothing refused, compares nothing.
    for (kind, count) in MUTANTS {
        let share = accepted[&kind] * 100 / count;
        assert!((4..=96).contains(&share), "{share} of 100 accepted of {kind:?}");
    }
    for class in Class::ALL {
        assert!(stricter.contains_key(&class), "no mutant shows {class:?}");
    }
}

/// What stays in a class is what the documents say of it, example by example.
#[test]
fn each_class_has_an_example_that_go_accepts_and_we_do_not() {
    let record = Record::new();
    let examples: Vec<(Class, Case)> =
        Class::ALL.into_iter().map(|class| (class, class.example(&record))).collect();
    let cases: Vec<Case> = examples.iter().map(|(_, case)| case.clone()).collect();
    let (go, page) = (judges::go(&cases), judges::page(&cases));
    for (((class, case), go), page) in examples.iter().zip(&go).zip(&page) {
        assert_eq!(classes::of(case), [*class], "{case}");
        assert!(matches!(go, Answer::Accept(_)), "{class:?}: {go:?}\n{case}");
        assert!(matches!(ours(case), Answer::Refuse(_)), "{class:?}\n{case}");
        assert!(matches!(page, Answer::Refuse(_)), "{class:?}\n{case}");
    }
}

/// What is sound is in no class and accepted by all.
#[test]
fn all_three_accept_what_a_station_writes() {
    let record = Record::new();
    let cases = Case::sound(&record);
    assert!(cases.len() > 200);
    let (go, page) = (judges::go(&cases), judges::page(&cases));
    for ((case, go), page) in cases.iter().zip(&go).zip(&page) {
        assert!(classes::of(case).is_empty(), "{case}");
        let ours = ours(case);
        assert!(matches!(ours, Answer::Accept(_)), "{ours:?}\n{case}");
        assert!(ours.agrees(go) && ours.agrees(page), "{ours:?} {go:?} {page:?}\n{case}");
    }
}
