//! Footage is bytes, whatever number they bear; and the clock is no witness against the chain.

use super::unit::{Unit, approve, asking, by, person, pid, viewing};
use super::{finding, refuses, say, with_clip};
use sealdock_core::Digest;
use sealdock_core::access::{
    self, Absence, Command as Do, Event as Noted, Level, Purpose, SecrecySet, Who,
};
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::duty;
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::keep;
use sealdock_core::time::{DAY_MS, Stamp, WallMs};

/// One file that was docked twice, by o1 and by the officer named.
fn docked_twice(by: &str) -> (Unit, ClipId, ClipId) {
    let mut unit = Unit::new();
    let mut dock = |officer| {
        let stored = unit.stored(Some(officer), Digest::of(b"one file"));
        ClipId(unit.write(ActorRecord::System, stored))
    };
    let (one, two) = (dock("o1"), dock(by));
    (unit, one, two)
}

fn set(clip: ClipId, level: Level) -> Do {
    Do::SetSecrecy { clips: vec![clip], level, reason: "privacy".to_owned() }
}

/// S27.
#[test]
fn a_level_lies_on_the_bytes_not_on_the_number_a2_19() {
    let (mut unit, one, two) = docked_twice("o2");
    let unlike = unit.clip(Some("o1"));
    let open =
        |unit: &Unit, who: &str, clip| unit.ask(&person(who), say(viewing(clip, None))).is_ok();
    assert!(open(&unit, "o2", two));
    unit.acts("l1", set(one, Level::TradeSecret)).unwrap();
    for clip in [one, two] {
        assert_eq!(access::level_of(&unit.tables, clip).unwrap(), Level::TradeSecret);
    }
    assert_eq!(access::level_of(&unit.tables, unlike).unwrap(), Level::Internal);
    assert!(!open(&unit, "o1", one) && !open(&unit, "o2", two) && open(&unit, "o1", unlike));
    let view = unit.asked(Who::SuperiorBody, Purpose::View, &[two]);
    refuses(&unit, "p1", approve(view), "of level trade-secret is approved by the unit-head");
    // The strictest of them is in force, whichever was set last.
    unit.acts("l1", set(two, Level::Private)).unwrap();
    assert_eq!(access::level_of(&unit.tables, two).unwrap(), Level::TradeSecret);
    unit.acts("u1", set(one, Level::Public)).unwrap();
    assert_eq!(access::level_of(&unit.tables, one).unwrap(), Level::Private);
    // What is gone from custody closes nothing any more.
    unit.dispose(two);
    assert_eq!(access::level_of(&unit.tables, one).unwrap(), Level::Public);
}

/// A level hides footage from whoever reviews it.
#[test]
fn nobody_sets_the_level_of_their_own_footage_a2_19() {
    let (mut unit, one, two) = docked_twice("h1");
    let says = "is h1's own footage, and nobody sets the secrecy level of their own";
    for clip in [one, two] {
        refuses(&unit, "h1", set(clip, Level::StateSecret), says);
        let forged = SecrecySet { clip, level: Level::StateSecret, reason: "x".to_owned() };
        let why = finding(&unit, &by("h1"), Noted::SecrecySet(forged)).unwrap();
        assert!(why.contains(says), "{why}");
    }
    assert!(unit.acts("l1", set(two, Level::Private)).is_ok());
    let heads = unit.clip(Some("u1"));
    refuses(&unit, "u1", set(heads, Level::Public), "is u1's own footage");
}

/// What was written down, as the chain keeps it.
struct Log(Unit, Vec<(u64, Stamp, ActorRecord, Event)>);

impl Log {
    fn write(&mut self, actor: ActorRecord, event: Event) -> u64 {
        let at = Stamp { boot: "b".to_owned(), mono_ms: 0, wall: self.0.now };
        let seq = self.0.write(actor.clone(), event.clone());
        self.1.push((seq, at, actor, event));
        seq
    }

    fn does(&mut self, who: &str, command: Do) -> u64 {
        let actor = person(who);
        let events = self.0.ask(&actor, say(command)).unwrap();
        let seqs: Vec<u64> =
            events.into_iter().map(|event| self.write(actor.record(), event)).collect();
        seqs[0]
    }

    fn dock(&mut self, bytes: &[u8]) -> ClipId {
        let stored = self.0.stored(Some("o1"), Digest::of(bytes));
        ClipId(self.write(ActorRecord::System, stored))
    }

    fn at(&mut self, wall: WallMs) {
        self.0.now = wall;
    }

    /// Read as the station reads it: from bytes, and only what concerns it.
    fn told(&self, bytes: &[u8]) -> Absence {
        let mut absence = Absence::of(Digest::of(bytes));
        for (seq, at, actor, event) in &self.1 {
            let entry = serde_json::json!({ "actor": actor, "at": at, "event": event, "seq": seq });
            let entry = serde_json::to_vec(&entry).unwrap();
            assert_eq!(Absence::time_of(&entry).unwrap(), at.wall);
            if absence.concerns(&entry) {
                absence.fold(*seq, at, actor, event);
            } else if absence.wants_times() {
                absence.pass(*seq, at.wall);
            }
        }
        absence
    }
}

fn seen(absence: &Absence, before: Option<WallMs>) -> Vec<(u64, ClipId, &'static str)> {
    absence.before(before).into_iter().map(|s| (s.seq, s.clip, s.what)).collect()
}

#[test]
fn nobody_saw_it_before_is_read_from_the_entries() {
    let mut log = Log(Unit::new(), Vec::new());
    let (clip, other) = (log.dock(b"it"), log.dock(b"other"));
    let first = log.0.now;
    log.does("o1", viewing(other, None));
    let copy = AccessId(log.does("c1", asking(Who::Party, Purpose::Copy, &[clip])));
    log.does("u1", approve(copy));
    assert!(seen(&log.told(b"it"), None).is_empty(), "an approval is no sight");
    log.at(first.plus_ms(5));
    let viewed = log.does("o1", viewing(clip, None));
    log.at(first.plus_ms(9));
    let copied = log.does("c1", Do::CarryOut { access: copy, to: "disc".to_owned(), asked: None });
    let absence = log.told(b"it");
    let all = [(viewed, clip, "viewing"), (copied, clip, "copy")];
    assert_eq!(seen(&absence, None), all);
    assert!(seen(&absence, Some(first.plus_ms(5))).is_empty());
    assert_eq!(seen(&absence, Some(first.plus_ms(6))), all[..1]);
    assert!(absence.sights.iter().all(|sight| !sight.is_contradicted(Some(first))));
}

#[test]
fn who_saw_the_same_bytes_under_another_number_saw_it() {
    let mut log = Log(Unit::new(), Vec::new());
    let (one, other) = (log.dock(b"it"), log.dock(b"other"));
    let copy = AccessId(log.does("c1", asking(Who::Party, Purpose::Copy, &[one, other])));
    log.does("u1", approve(copy));
    let copied = log.does("c1", Do::CarryOut { access: copy, to: "disc".to_owned(), asked: None });
    let again = log.dock(b"it");
    let viewed = log.does("o1", viewing(again, None));
    let burnt = keep::MediumBurnt {
        label: "D1".to_owned(),
        kind: keep::MediumKind::Disc,
        place: "cabinet".to_owned(),
        digest: Digest::of(b"image"),
        clips: vec![other, again],
        hold: None,
    };
    let burnt = log.write(by("c1"), keep::Event::MediumBurnt(burnt).into());
    let absence = log.told(b"it");
    assert_eq!(absence.clips().collect::<Vec<_>>(), [one, again]);
    let all =
        [(copied, one, "copy"), (viewed, again, "viewing"), (burnt, again, "burnt to a medium")];
    assert_eq!(seen(&absence, None), all);
}

/// The clock ran two days ahead while it was copied, and was put right afterwards.
#[test]
fn a_clock_that_ran_ahead_hides_no_sight() {
    let mut log = Log(Unit::new(), Vec::new());
    let clip = log.dock(b"it");
    let right = log.0.now;
    let day = |n: i64| right.plus_ms(n * DAY_MS);
    log.at(day(1));
    let first = log.does("o1", viewing(clip, None));
    log.at(day(3));
    let ahead = log.does("o1", viewing(clip, None));
    log.at(day(2));
    let back = log.dock(b"other").0;
    let last = log.does("o1", viewing(clip, None));
    log.at(day(4));
    log.dock(b"more");
    let absence = log.told(b"it");
    let seqs = |before| seen(&absence, Some(before)).iter().map(|s| s.0).collect::<Vec<_>>();
    assert_eq!(seqs(day(1)), Vec::<u64>::new());
    assert_eq!(seqs(day(2)), [first], "at that very time is not before it");
    assert_eq!(seqs(day(2).plus_ms(1)), [first, ahead, last]);
    assert_eq!(seqs(day(3)), [first, ahead, last]);
    let latest: Vec<(WallMs, u64)> = absence.sights.iter().map(|sight| sight.latest).collect();
    assert_eq!(latest, [(day(1), first), (day(2), back), (day(2), last)]);
    let contradicted: Vec<bool> =
        absence.sights.iter().map(|sight| sight.is_contradicted(None)).collect();
    assert_eq!(contradicted, [false, true, false]);
}

#[test]
fn a_step_back_that_a_time_service_makes_is_said_only_where_it_changes_the_answer() {
    let mut log = Log(Unit::new(), Vec::new());
    let clip = log.dock(b"it");
    let start = log.0.now;
    log.at(start.plus_ms(1000));
    log.does("o1", viewing(clip, None));
    log.at(start.plus_ms(400));
    log.dock(b"other");
    let absence = log.told(b"it");
    let sight = &absence.sights[0];
    assert!(!sight.is_contradicted(None));
    assert!(!sight.is_contradicted(Some(start.plus_ms(400))), "left out either way");
    assert!(sight.is_contradicted(Some(start.plus_ms(401))));
    assert!(!sight.is_contradicted(Some(start.plus_ms(1001))), "among them either way");
}

fn operator(unit: &mut Unit, since: Option<WallMs>, until: Option<WallMs>) -> u64 {
    let e = duty::DutyAppointed {
        person: pid("o1"),
        role: Role::Operator,
        department: None,
        since,
        until,
        acting_for: None,
        reason: "for the week".to_owned(),
    };
    unit.write(by("u1"), duty::Event::DutyAppointed(e).into())
}

/// Whoever operates the machine can set its clock.
#[test]
fn a_clock_that_was_set_does_not_make_an_operator_somebody_else() {
    let (mut unit, clip) = with_clip();
    let start = unit.now;
    let given = operator(&mut unit, Some(start), None);
    refuses(&unit, "o1", viewing(clip, None), "o1 operates the machine");
    unit.now = start.plus_ms(-2 * DAY_MS);
    let says = format!("o1 was given the machine to operate (duty D{given})");
    refuses(&unit, "o1", viewing(clip, None), &says);
    let ask = asking(Who::Colleague, Purpose::View, &[clip]);
    refuses(&unit, "o1", ask, "o1 operates the machine and has no right to footage");
    let forged = |unit: &Unit| {
        let ways = access::ways(&unit.tables, &unit.stamp(), &pid("o1"), clip).unwrap();
        ways[0].objection.clone()
    };
    assert!(forged(&unit).unwrap().contains(&says), "asked beforehand");
    unit.end(given);
    assert_eq!(forged(&unit), None, "ended is ended");
}

#[test]
fn hours_of_an_operator_count_on_a_clock_that_is_right() {
    let (mut unit, clip) = with_clip();
    let start = unit.now;
    let day = |n: i64| Some(start.plus_ms(n * DAY_MS));
    operator(&mut unit, day(5), day(9));
    let may = |unit: &Unit| unit.ask(&person("o1"), say(viewing(clip, None))).is_ok();
    assert!(may(&unit), "not yet");
    unit.pass(6);
    assert!(!may(&unit));
    unit.pass(4);
    assert!(may(&unit), "no more");
    // Put ahead by hand, the hours would seem to be over.
    let mut ahead = Unit::new();
    let clip = ahead.clip(Some("o1"));
    operator(&mut ahead, None, day(9));
    ahead.now = start.plus_ms(10 * DAY_MS);
    refuses(&ahead, "o1", viewing(clip, None), "nobody can tell whether that is over: 时钟存疑");
}

#[test]
fn asked_beforehand_a_pin_that_another_gave_opens_nothing() {
    let (mut unit, clip) = with_clip();
    let able = |unit: &Unit, who: &str| {
        let ways = access::ways(&unit.tables, &unit.stamp(), &pid(who), clip).unwrap();
        ways.iter().any(|way| way.objection.is_none())
    };
    assert!(able(&unit, "o1") && able(&unit, "v1"));
    unit.lend_pins();
    assert!(!able(&unit, "o1") && !able(&unit, "v1"));
    refuses(&unit, "o1", viewing(clip, None), "口令由他人设定");
    let ways = access::ways(&unit.tables, &unit.stamp(), &pid("o1"), clip).unwrap();
    assert!(ways[0].objection.as_ref().unwrap().contains("口令由他人设定"), "{ways:?}");
}
