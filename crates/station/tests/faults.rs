//! Every call to every port fails once: lost, landed, or as the last act of the process. Whatever
//! happens, a restart and at most three docks lead to the state that no fault would have led to, and
//! at no moment is a file absent from both card and vault.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::state::{
    Originals, Rest, assert_nothing_lost, assert_wipes_were_earned, originals, rest,
};
use common::*;
use sealdock_core::event::Verdict;
use sealdock_station::dock::DockReport;
use sealdock_station::{Station, StationError};
use sealdock_testkit::{Faults, Mode, clips, faults};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One block: most of the sweep is about the order of calls, not about their number.
const SHORT_BYTES: usize = 9_000;
/// More than two blocks and long enough to be proven beside the copying: all threads take part.
const LONG_BYTES: usize = (6 << 20) + 12_345;
const DOCKS_MAX: usize = 3;

fn bench(setup: &Setup) -> Bench {
    let long = clips::bytes(7, SHORT_BYTES);
    Bench::new(setup.clone(), &[(EMPTY, b""), (MARKED, b"!"), (LONG, &long)])
}

/// How a process went on after its fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// The same process docks again.
    Stays,
    /// Another process starts; the page cache survived.
    Restarts,
    /// The machine lost power: everything that was not synced is gone.
    PowerCut,
}

const EVERY_AFTER: [After; 3] = [After::Stays, After::Restarts, After::PowerCut];

/// One process, from its start to the end of one dock.
fn attempt(bench: &Bench, faults: &Faults) -> (Option<Station>, Result<DockReport, Trouble>) {
    let mut station = None;
    let run = catch_unwind(AssertUnwindSafe(|| {
        faults::run(|| {
            let station = station.insert(bench.start(faults)?);
            let request = officers(station)?;
            station.dock(&request, &mut bench.card.dock(faults))
        })
    }));
    let report = match run {
        Ok(Ok(Ok(report))) => Ok(report),
        Ok(Ok(Err(error))) => Err(Trouble::Error(error)),
        Ok(Err(_)) => Err(Trouble::Killed),
        Err(panic) => std::panic::resume_unwind(panic),
    };
    (station, report)
}

#[derive(Debug)]
enum Trouble {
    Error(StationError),
    Killed,
}

impl Trouble {
    /// May the process go on?
    fn ends_the_process(&self) -> bool {
        match self {
            Trouble::Killed => true,
            Trouble::Error(error) => error.is_fatal(),
        }
    }
}

/// Goes on after a fault until the recorder may be taken.
fn settle(bench: &Bench, before: &Originals, station: Option<Station>, after: After, when: &str) {
    let mut same = station.filter(|_| after == After::Stays);
    if after == After::PowerCut {
        bench.world.power_cut();
        bench.card.yank();
        assert_nothing_lost(bench, before, &format!("{when}, power cut"));
    }
    for dock in 0..DOCKS_MAX {
        let station = match same.take() {
            Some(station) => station,
            None => bench.open(),
        };
        // A second fault may still wait for the process that stayed.
        let report = faults::run(|| bench.dock(&station));
        let when = format!("{when}, dock {dock} after it");
        assert_nothing_lost(bench, before, &when);
        assert_wipes_were_earned(bench, before, &when);
        match report {
            Ok(Ok(report)) if report.verdict == Verdict::Done => return,
            Ok(Err(error)) if error.is_fatal() => {}
            Ok(_) => same = Some(station),
            Err(_) => {}
        }
    }
    panic!("{when}: not done after {DOCKS_MAX} docks");
}

/// Where a station comes to rest when nothing fails, and the calls it made on the way.
fn undisturbed(setup: &Setup) -> (Rest, Vec<String>) {
    let (bench, faults) = (bench(setup), Faults::none());
    let (_, report) = attempt(&bench, &faults);
    assert_eq!(report.unwrap().verdict, Verdict::Done);
    bench.world.power_cut();
    (rest(&bench), faults.log())
}

fn assert_at_rest(bench: &Bench, expected: &Rest, when: &str) {
    bench.world.power_cut();
    assert_eq!(&rest(bench), expected, "{when}");
    chain::assert_holds(bench, when);
}

/// After a fault at these calls it matters most what comes next; after the others it takes turns.
const DURABLE: [&str; 8] = [
    "ledger.commit",
    "ledger.head",
    "recorder.delete",
    "recorder.flush",
    "vault.keep",
    "vault.keep-sync",
    "vault.put-object",
    "vault.seal",
];

/// Nothing is sampled; takes an hour.
fn exhaustive() -> bool {
    std::env::var_os("SEALDOCK_ALL_FAULTS").is_some()
}

/// One fault and what can follow it.
fn one_fault(
    setup: &Setup,
    (n, call): (usize, &str),
    mode: Mode,
    expected: &Rest,
) -> Option<String> {
    let mut met = None;
    let durable = DURABLE.contains(&call) || exhaustive();
    let turn = std::slice::from_ref(&EVERY_AFTER[(n + mode as usize) % 3]);
    let afters = if durable { &EVERY_AFTER[..] } else { turn };
    for &after in afters {
        let (bench, faults) = (bench(setup), Faults::at(n, mode));
        let before = originals(&bench.card);
        let (station, report) = attempt(&bench, &faults);
        let fired = faults.fired();
        met = fired.first().map(|(call, _)| call.clone());
        let when = format!("call {n} {met:?} {mode:?}, then {after:?}");
        let ends = matches!(&report, Err(trouble) if trouble.ends_the_process());
        if after == After::Stays && (ends || station.is_none()) {
            continue;
        }
        assert_nothing_lost(&bench, &before, &when);
        assert_wipes_were_earned(&bench, &before, &when);
        if !matches!(&report, Ok(report) if report.verdict == Verdict::Done) {
            settle(&bench, &before, station, after, &when);
        } else if after == After::PowerCut {
            bench.world.power_cut();
        }
        assert_at_rest(&bench, expected, &when);
    }
    met
}

/// Runs every case, and says at the end which ones did not hold, the first of them in full.
fn all_hold<C: Copy + std::fmt::Debug>(cases: &[C], case: impl Fn(C)) {
    let fails = |c: &C| catch_unwind(AssertUnwindSafe(|| case(*c))).err().map(|p| (*c, p));
    let mut bad: Vec<_> = cases.iter().filter_map(fails).collect();
    if bad.is_empty() {
        return;
    }
    let all: Vec<&C> = bad.iter().map(|(c, _)| c).collect();
    eprintln!("{} of {} cases do not hold: {all:?}", bad.len(), cases.len());
    std::panic::resume_unwind(bad.remove(0).1);
}

fn every_fault_of(setup: &Setup, name: &str) {
    let (expected, log) = undisturbed(setup);
    let reached: RefCell<BTreeMap<String, BTreeSet<(usize, &str)>>> = RefCell::default();
    let cases: Vec<(usize, Mode)> =
        (0..log.len()).flat_map(|n| Mode::ALL.map(|mode| (n, mode))).collect();
    all_hold(&cases, |(n, mode)| {
        let call = one_fault(setup, (n, &log[n]), mode, &expected).expect("the fault was met");
        reached.borrow_mut().entry(call).or_default().insert((n, word(mode)));
    });
    let reached = reached.into_inner();
    let points: usize = reached.values().map(BTreeSet::len).sum();
    println!("{name}: {points} of {} fault points reached", cases.len());
    for (call, points) in &reached {
        println!("  {call}: {}", points.len());
    }
    assert_eq!(points, cases.len(), "every call failed in every mode");
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Lost => "lost",
        Mode::Landed => "landed",
        Mode::Kill => "kill",
    }
}

#[test]
fn any_single_fault_ends_in_the_state_of_no_fault_with_one_copy() {
    every_fault_of(&Setup::single(), "one copy");
}

#[test]
fn any_single_fault_ends_in_the_state_of_no_fault_with_a_mirror() {
    every_fault_of(&Setup::mirrored(), "with a mirror");
}

/// A token that is pulled: from one signature on none comes any more, until it is plugged in again.
#[test]
fn a_signer_that_goes_away_at_any_signature_wipes_nothing_that_is_not_proven() {
    let setup = Setup::single();
    let (expected, log) = undisturbed(&setup);
    let signatures = log.iter().filter(|call| *call == "signer.sign").count();
    assert!(signatures > 5, "{log:?}");
    for good in 0..signatures {
        let (bench, faults) = (bench(&setup), Faults::none());
        faults.gone_after("signer.sign", good);
        let before = originals(&bench.card);
        let (station, report) = attempt(&bench, &faults);
        let when = format!("no signature after {good}");
        assert!(!faults.fired().is_empty(), "{when}: it was asked for");
        assert!(!matches!(&report, Ok(report) if report.verdict == Verdict::Done), "{when}");
        assert_nothing_lost(&bench, &before, &when);
        assert_wipes_were_earned(&bench, &before, &when);
        drop(station);
        // Docked again while it is away, the card keeps what it has.
        let (card, away) = (originals(&bench.card), Faults::none());
        away.gone_after("signer.sign", 0);
        let (station, report) = attempt(&bench, &away);
        assert!(!matches!(&report, Ok(report) if report.verdict == Verdict::Done), "{when}");
        assert_eq!(originals(&bench.card), card, "{when}");
        drop(station);
        settle(&bench, &before, None, After::Restarts, &when);
        assert_at_rest(&bench, &expected, &when);
    }
}

/// Calls from the second reading on: where something can be destroyed.
fn wipe_path(log: &[String]) -> std::ops::Range<usize> {
    let start = log.iter().position(|call| call == "recorder.make-cold").unwrap();
    start..log.len()
}

/// Every so-many-th case, or all of them.
fn sampled<C>(cases: Vec<C>, every: usize) -> Vec<C> {
    let every = if exhaustive() { 1 } else { every };
    println!("{} pairs of faults, every {every}. is tried", cases.len());
    cases.into_iter().step_by(every).collect()
}

#[test]
fn two_faults_in_one_run_on_the_way_to_the_wipe_end_in_the_state_of_no_fault() {
    let setup = Setup::mirrored();
    let (expected, log) = undisturbed(&setup);
    let mut pairs = Vec::new();
    for n in wipe_path(&log) {
        // After a fault a run takes other ways and may be longer.
        for m in n + 1..log.len() + 4 {
            for first in [Mode::Lost, Mode::Landed] {
                pairs.extend(Mode::ALL.map(|second| ((n, first), (m, second))));
            }
        }
    }
    all_hold(&sampled(pairs, 53), |((n, first), (m, second))| {
        let (bench, faults) = (bench(&setup), Faults::at(n, first));
        faults.also_at(m, second);
        let before = originals(&bench.card);
        let (station, report) = attempt(&bench, &faults);
        let when = format!("call {n} {first:?} and call {m} {second:?}: {:?}", faults.fired());
        assert_nothing_lost(&bench, &before, &when);
        assert_wipes_were_earned(&bench, &before, &when);
        let ends = matches!(&report, Err(trouble) if trouble.ends_the_process());
        let after = EVERY_AFTER[if ends { 1 + n % 2 } else { n % 3 }];
        settle(&bench, &before, station, after, &when);
        assert_at_rest(&bench, &expected, &when);
    });
}

#[test]
fn a_second_fault_while_recovering_from_the_first_ends_in_the_state_of_no_fault() {
    let setup = Setup::mirrored();
    let (expected, log) = undisturbed(&setup);
    let mut pairs = Vec::new();
    for n in wipe_path(&log) {
        for first in Mode::ALL {
            for m in 0..log.len() {
                pairs.extend(Mode::ALL.map(|second| ((n, first), (m, second))));
            }
        }
    }
    all_hold(&sampled(pairs, 307), |((n, first), (m, second))| {
        let bench = bench(&setup);
        let before = originals(&bench.card);
        let (faults, again) = (Faults::at(n, first), Faults::at(m, second));
        drop(attempt(&bench, &faults));
        if (n + m) % 2 == 0 {
            bench.world.power_cut();
        }
        let (_, report) = attempt(&bench, &again);
        let when = format!("{:?}, then {:?} in the next run", faults.fired(), again.fired());
        assert_nothing_lost(&bench, &before, &when);
        assert_wipes_were_earned(&bench, &before, &when);
        drop(report);
        settle(&bench, &before, None, EVERY_AFTER[1 + m % 2], &when);
        assert_at_rest(&bench, &expected, &when);
    });
}

#[test]
fn a_recorder_taken_out_at_any_of_its_calls_loses_nothing_and_is_finished_at_the_next_dock() {
    let setup = Setup::single();
    let (expected, _) = undisturbed(&setup);
    let calls = {
        let bench = bench(&setup);
        bench.visit().unwrap();
        bench.card.calls()
    };
    assert!(calls > 20, "{calls}");
    let cases: Vec<u64> = (0..calls).collect();
    all_hold(&cases, |n| {
        let bench = bench(&setup);
        let before = originals(&bench.card);
        let station = bench.open();
        bench.card.yank_at_call(n);
        let report = bench.dock(&station);
        let when = format!("yanked at call {n}");
        let done = matches!(&report, Ok(report) if report.verdict == Verdict::Done);
        assert!(!done, "{when}: a recorder that was taken out was never done");
        assert!(!matches!(&report, Err(e) if e.is_fatal()), "{when}: {report:?}");
        assert_nothing_lost(&bench, &before, &when);
        settle(&bench, &before, Some(station), After::Stays, &when);
        assert_at_rest(&bench, &expected, &when);
    });
}

/// A card with an unreadable place comes to rest as held, however it got there: the rest of it is in
/// custody and wiped, what could be read of it is kept, and the file stays.
#[test]
fn a_fault_while_saving_a_partial_clip_loses_neither_it_nor_the_others() {
    let saved = clips::bytes(7, SHORT_BYTES);
    let fresh = || {
        let bench = bench(&Setup::single());
        bench.card.bad_sector(LONG, 5_000, true);
        bench
    };
    let mut with_hole = saved.clone();
    with_hole[4_096..8_192].fill(0);
    let (mut expected, calls) = {
        let (bench, faults) = (fresh(), Faults::none());
        assert_eq!(attempt(&bench, &faults).1.unwrap().verdict, Verdict::Held);
        (rest(&bench), faults.count())
    };
    // Each dock of it is one more record of the same trouble.
    expected.open_asides = 0;
    let cases: Vec<(usize, Mode)> =
        (0..calls).flat_map(|n| Mode::ALL.map(|mode| (n, mode))).step_by(5).collect();
    all_hold(&cases, |(n, mode)| {
        let (bench, faults) = (fresh(), Faults::at(n, mode));
        let before = originals(&bench.card);
        drop(attempt(&bench, &faults));
        let when = format!("{:?}", faults.fired());
        assert_nothing_lost(&bench, &before, &when);
        bench.world.power_cut();
        for _ in 0..2 {
            assert_eq!(bench.visit().unwrap().verdict, Verdict::Held, "{when}");
            assert_nothing_lost(&bench, &before, &when);
            assert_wipes_were_earned(&bench, &before, &when);
        }
        bench.world.power_cut();
        let now = Rest { open_asides: 0, ..rest(&bench) };
        assert_eq!(now, expected, "{when}");
        assert!(bench.world.vault.aside().values().any(|bytes| *bytes == with_hole), "{when}");
        assert_eq!(bench.card.bytes(LONG).as_ref(), Some(&saved), "{when}");
        chain::assert_holds(&bench, &when);
    });
}

/// Long clips are read by threads, and proven by another while the next one is read. Which call is
/// the n-th is then a matter of chance; that every one is met is not claimed.
#[test]
fn a_fault_among_threads_over_long_clips_ends_in_the_state_of_no_fault() {
    let (one, other) = (clips::bytes(7, LONG_BYTES), clips::bytes(8, LONG_BYTES + 1));
    let fresh = || Bench::new(Setup::single(), &[(LONG, &one), (EMPTY, &other)]);
    let (expected, log) = {
        let (bench, faults) = (fresh(), Faults::none());
        attempt(&bench, &faults).1.unwrap();
        bench.world.power_cut();
        (rest(&bench), faults.log())
    };
    let inner = |call: &String| call.starts_with("vault.") || call.starts_with("recorder.");
    let at: Vec<usize> = (0..log.len()).filter(|n| inner(&log[*n])).collect();
    assert!(at.len() > 60, "{log:?}");
    let cases: Vec<(usize, Mode)> =
        at.iter().step_by(4).zip(Mode::ALL.into_iter().cycle()).map(|(n, m)| (*n, m)).collect();
    all_hold(&cases, |(n, mode)| {
        let (bench, faults) = (fresh(), Faults::at(n, mode));
        let before = originals(&bench.card);
        let (station, report) = attempt(&bench, &faults);
        let when = format!("{:?}", faults.fired());
        assert_nothing_lost(&bench, &before, &when);
        assert_wipes_were_earned(&bench, &before, &when);
        if !matches!(&report, Ok(report) if report.verdict == Verdict::Done) {
            settle(&bench, &before, station, After::PowerCut, &when);
        }
        assert_at_rest(&bench, &expected, &when);
    });
}
