//! Forged histories: chains that are hashed, linked and signed as they should be, and whose last entry
//! says something that no rule allowed. `check` names each, and accuses no lawful history.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::forged::{Forged, Past, open_shift, session};
use common::*;
use sealdock_core::actor::ActorRecord;
use sealdock_core::command::Command;
use sealdock_core::event::{
    AsideDecided, AsideDecision, Binding, ClipAssigned, Event, PolicyAdopted, ShiftClosed,
    ShiftOpened, Verdict, WipeOrdered,
};
use sealdock_core::id::ShiftId;
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_station::dock::DockRequest;

/// A rule, the past under which it is broken, the entry that breaks it, and what `check` says.
type Row = (&'static str, fn() -> Setup, fn(&Past) -> Forged, &'static str);

fn each_is_named(rows: &[Row]) {
    for (rule, setup, forged, says) in rows {
        let past = Past::new(setup());
        let forged = forged(&past);
        assert_eq!(past.findings(), [], "{rule}: the way there is lawful");
        let seq = past.forge(forged);
        // What is found is about rights and nothing else; who finds it, the walk or the station, is no matter.
        chain::rules_found(&past.bench, rule);
        match past.findings().as_slice() {
            [one] => {
                assert_eq!((one.area, one.seq), ("rules", Some(seq)), "{rule}: {one:?}");
                assert!(one.text.contains(says), "{rule}: {one:?}");
            }
            other => panic!("{rule}: {other:?}"),
        }
    }
}

const OPERATOR: ActorRecord = ActorRecord::Operator { uid: 1000 };
const NO_CLERK: &str = "who was no clerk with a PIN then";

fn by(id: &str) -> ActorRecord {
    ActorRecord::Person { id: person(id) }
}

fn shift_of(clerk: &str) -> Event {
    Event::ShiftOpened(ShiftOpened { clerk: person(clerk) })
}

fn assigned(past: &Past) -> Event {
    let (recorder, officer) = (recorder(RECORDER), person(OFFICER));
    let reason = "said so".to_owned();
    Event::ClipAssigned(ClipAssigned { clip: past.unowned(), recorder, officer, reason })
}

fn aside(past: &Past, decision: AsideDecision) -> Event {
    let reason = "said so".to_owned();
    Event::AsideDecided(AsideDecided { aside: past.aside(), decision, reason })
}

fn ordered(past: &Past) -> Event {
    let session = past.confirmed.session;
    let reason = "said so".to_owned();
    Event::WipeOrdered(WipeOrdered { session, recorder_claim: recorder(RECORDER), reason })
}

#[test]
fn a_decision_by_somebody_who_is_no_clerk_is_named() {
    each_is_named(&[
        ("shift, officer", Setup::single, |_| (by(OFFICER), shift_of(OFFICER)), NO_CLERK),
        (
            "shift, clerk without PIN",
            Setup::single,
            |_| (by("clerk-no-pin"), shift_of("clerk-no-pin")),
            NO_CLERK,
        ),
        ("shift, stranger", Setup::single, |_| (by("nobody"), shift_of("nobody")), NO_CLERK),
        (
            "shift, for another clerk",
            Setup::single,
            |_| (by("clerk-2"), shift_of(CLERK)),
            "the shift of clerk-1 was opened by person clerk-2",
        ),
        (
            "shift closed, operator",
            Setup::single,
            |p| (OPERATOR, Event::ShiftClosed(ShiftClosed { shift: p.open_shift })),
            NO_CLERK,
        ),
        ("assigned, officer", Setup::single, |p| (by(OFFICER), assigned(p)), NO_CLERK),
        ("assigned, operator", Setup::single, |p| (OPERATOR, assigned(p)), NO_CLERK),
        (
            "left, station",
            Setup::single,
            |p| (ActorRecord::System, aside(p, AsideDecision::Leave)),
            NO_CLERK,
        ),
        (
            "retried, officer",
            Setup::single,
            |p| (by(OFFICER), aside(p, AsideDecision::Retry)),
            NO_CLERK,
        ),
        ("ordered, officer", Setup::single, |p| (by(OFFICER), ordered(p)), NO_CLERK),
        (
            "ordered, shift",
            Setup::clerk_shift,
            |p| {
                let shift = ActorRecord::Shift { shift: p.open_shift, clerk: person(CLERK) };
                (shift, ordered(p))
            },
            NO_CLERK,
        ),
    ]);
}

fn under_pin(actor: ActorRecord, officer: &str) -> Forged {
    session(actor, officer, Binding::OfficerPin { officer: person(officer) })
}

fn under_shift(shift: ShiftId, clerk: &str) -> Forged {
    session(OPERATOR, OFFICER, Binding::ClerkShift { shift, clerk: person(clerk) })
}

#[test]
fn a_docking_under_an_authority_that_was_not_there_is_named() {
    const NOT_OPEN: &str = "which was not open";
    each_is_named(&[
        (
            "another's PIN",
            Setup::single,
            |_| under_pin(by("officer-2"), OFFICER),
            "docked under the PIN of officer-1, but by person officer-2",
        ),
        (
            "nobody's PIN",
            Setup::single,
            |_| under_pin(OPERATOR, OFFICER),
            "docked under the PIN of officer-1, but by operator uid 1000",
        ),
        (
            "no PIN",
            Setup::single,
            |_| under_pin(by("officer-no-pin"), "officer-no-pin"),
            "docked under the PIN of officer-no-pin",
        ),
        (
            "shift under officer-pin",
            Setup::single,
            |p| under_shift(p.open_shift, CLERK),
            "docked under a clerk's shift, which the policy did not allow then",
        ),
        ("closed shift", Setup::clerk_shift, |p| under_shift(p.closed_shift, CLERK), NOT_OPEN),
        ("no shift", Setup::clerk_shift, |_| under_shift(ShiftId(0), CLERK), NOT_OPEN),
        ("another's", Setup::clerk_shift, |p| under_shift(p.open_shift, "clerk-2"), NOT_OPEN),
    ]);
}

fn never() -> Setup {
    wipe_mode("never")
}

fn on_order() -> Setup {
    wipe_mode("operator")
}

fn wipe_mode(mode: &str) -> Setup {
    Setup::policy_with("mode = { value = \"auto\"", &format!("mode = {{ value = \"{mode}\""))
}

fn waived() -> Setup {
    Setup::policy_with("second_reading = { value = true", "second_reading = { value = false")
}

/// The clip of the officer, as a line of the session that the officer confirmed.
fn confirmed(past: &Past, order: &str, second: &str) -> Forged {
    past.intent(&past.confirmed, past.owned(), order, second)
}

fn adopt(past: &Past, text: &str) {
    let command = Command::AdoptPolicy { text: text.to_owned() };
    past.station.apply(&operator(), command).unwrap();
}

#[test]
fn a_wipe_that_no_rule_allowed_is_named() {
    const READ: &str = "simulated";
    const WAIVED: &str = "waived-by-policy";
    const UNORDERED: &str = "without the clerk's order the policy asked for";
    const UNANSWERED: &str = "which nobody answers for or whose numbers disagree";
    const UNREAD: &str = "without the second reading the policy asked for";
    each_is_named(&[
        (
            "intent of a person",
            Setup::single,
            |p| (by(CLERK), confirmed(p, "policy", READ).1),
            "what the station alone reports was written by person clerk-1",
        ),
        (
            "unassigned clip",
            Setup::single,
            |p| p.intent(&p.unconfirmed, p.unowned(), &p.order(p.unconfirmed.session), READ),
            "was intended while it was unassigned",
        ),
        (
            "unassigned session",
            Setup::single,
            |p| p.intent(&p.unconfirmed, p.owned(), "policy", READ),
            UNANSWERED,
        ),
        (
            "conflict of identity",
            Setup::single,
            |p| p.intent(&p.conflicting, p.owned(), "policy", READ),
            UNANSWERED,
        ),
        ("never", never, |p| confirmed(p, "policy", READ), "while the policy never wiped"),
        ("no order", on_order, |p| confirmed(p, "policy", READ), UNORDERED),
        (
            "an entry that is no order",
            on_order,
            |p| confirmed(p, &p.confirmed.session.0.to_string(), READ),
            UNORDERED,
        ),
        (
            "an order about another session",
            on_order,
            |p| confirmed(p, &p.order(p.empty_session()), READ),
            UNORDERED,
        ),
        ("no second reading", Setup::single, |p| confirmed(p, "policy", WAIVED), UNREAD),
        (
            "no second reading any more",
            waived,
            |p| {
                adopt(p, DEFAULT_POLICY);
                confirmed(p, "policy", WAIVED)
            },
            UNREAD,
        ),
    ]);
}

#[test]
fn a_policy_that_is_none_is_named_and_switches_no_rule_off() {
    let past = Past::new(never());
    let text = "anything goes".to_owned();
    let sha256 = sealdock_core::Digest::of(text.as_bytes());
    let policy = past.forge((OPERATOR, Event::PolicyAdopted(PolicyAdopted { sha256, text })));
    let intent = past.forge(confirmed(&past, "policy", "simulated"));
    let found: Vec<_> = past.findings().into_iter().map(|f| (f.area, f.seq, f.text)).collect();
    let says = [(policy, "cannot be read"), (intent, "while the policy never wiped")];
    assert_eq!(found.len(), says.len(), "{found:?}");
    for ((area, seq, text), (expected, words)) in found.into_iter().zip(says) {
        assert_eq!((area, seq), ("rules", Some(expected)), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

/// Orders, shifts, wipes, and what the station settles by itself; and no later policy makes them wrong.
#[test]
fn no_lawful_history_is_accused() {
    for setup in [Setup::single, Setup::clerk_shift, waived, on_order] {
        let past = Past::new(setup());
        let (bench, station) = (&past.bench, &past.station);
        past.assign_all();
        past.leave_what_stands_aside();
        past.order(past.conflicting.session);
        let nobodys =
            DockRequest { unconfirmed: true, actor: operator(), ..officers(station).unwrap() };
        let report = bench.dock_as(station, &nobodys).unwrap();
        assert_eq!((report.verdict, report.wiped), (Verdict::Done, 4), "{report:?}");

        let shift = open_shift(station);
        let mut request = officers(station).unwrap();
        if setup().policy == Setup::clerk_shift().policy {
            request.actor = operator();
        }
        bench.card.put(LONG, b"the next day");
        bench.card.bad_sector(LONG, 0, true);
        assert_eq!(bench.dock_as(station, &request).unwrap().aside, 1);
        bench.card.heal();
        let report = bench.dock_as(station, &request).unwrap();
        assert_eq!((report.verdict, report.stored), (Verdict::Done, 1), "{report:?}");
        assert_eq!(asides(bench), [], "the station settled it");
        station.apply(&clerk(station), Command::CloseShift { shift }).unwrap();
        adopt(&past, &never().policy);
        assert_eq!(past.findings(), []);
    }
}
