//! Spot checks and playback checks (S16, S29–S31) and burnt media (S15), on values.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "common/unit.rs"]
mod unit;

use sealdock_chain::digest::Digest;
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::Command as Any;
use sealdock_core::desk::Period;
use sealdock_core::event::Event as AnyEvent;
use sealdock_core::id::{CheckId, ClipId, HoldId, MediumId};
use sealdock_core::keep::{
    Answer, CheckAnnounced, CheckKind, Command, Event, Ground, Item, KEPT, MEDIUM, MEDIUM_CLIP,
    MediumKind, SPOTCHECK, SPOTCHECK_CLIP, misannounced, page_of, pages, score,
};
use sealdock_core::report;
use sealdock_core::table::RowChange;
use sealdock_core::time::WallMs;
use std::collections::{BTreeMap, BTreeSet};
use unit::{Unit, audited};

fn clips(unit: &mut Unit, n: usize) -> Vec<ClipId> {
    (0..n).map(|i| unit.clip(Some("o1"), &format!("clip {i}"))).collect()
}

fn announce(unit: &Unit, count: u32) -> Command {
    Command::AnnounceCheck {
        kind: CheckKind::Spot,
        from: 0,
        to: unit.seq,
        class: None,
        count,
        at_size: unit.seq + 17,
    }
}

/// Announced, and the chain is as long as it must be.
fn announced(unit: &mut Unit, command: Command) -> CheckId {
    let check = CheckId(unit.seq);
    unit.by("a1", command).unwrap();
    for i in 0..16 {
        unit.clip(Some("o2"), &format!("later {} {i}", check.0));
    }
    check
}

fn root() -> Digest {
    Digest::of(b"a root that nobody chose")
}

fn fell_on(unit: &Unit, check: CheckId) -> Vec<ClipId> {
    let mut rows = unit.tables.rows(&SPOTCHECK_CLIP);
    rows.retain(|row| row.int("spotcheck").unsigned_abs() == check.0);
    rows.sort_by_key(|row| row.int("place"));
    rows.iter().map(|row| ClipId(row.int("clip").unsigned_abs())).collect()
}

fn all(answer: Answer) -> BTreeMap<Item, Answer> {
    Item::ALL.into_iter().map(|item| (item, answer)).collect()
}

fn answer(check: CheckId, clip: ClipId, answer: Answer, finding: Option<&str>) -> Command {
    let finding = finding.map(str::to_owned);
    Command::AnswerCheck { check, clip, answers: all(answer), finding }
}

/// S16: 002/A6-§25.
#[test]
fn only_the_auditor_announces_and_only_a_seed_to_come() {
    let mut unit = Unit::new();
    let there = clips(&mut unit, 5);
    for id in ["c1", "uh", "dh", "o1", "op", "np"] {
        assert!(unit.refused(id, announce(&unit, 2)).contains("auditor (政策法规科)"), "{id}");
    }
    let now = unit.seq;
    let check = |from, to, count, at_size| Command::AnnounceCheck {
        kind: CheckKind::Spot,
        from,
        to,
        class: None,
        count,
        at_size,
    };
    assert!(
        unit.refused("a1", check(0, now + 1, 2, now + 17)).contains("only clips that are there")
    );
    assert!(unit.refused("a1", check(0, now, 2, now + 16)).contains("must not be known yet"));
    assert!(unit.refused("a1", check(5, 5, 2, now + 17)).contains("no clips to draw from"));
    assert!(unit.refused("a1", check(0, now, 0, now + 17)).contains("1 to 500"));
    assert!(unit.refused("a1", check(0, now, 501, now + 17)).contains("1 to 500"));
    let playback = Command::AnnounceCheck {
        kind: CheckKind::Playback,
        from: 0,
        to: now,
        class: None,
        count: 1,
        at_size: now + 17,
    };
    assert!(unit.refused("a1", playback).contains("footage used as evidence"));
    unit.clone().by("a1", check(0, now, 500, now + 17)).unwrap();
    // The farthest seed that may be named still has to be drawn before another check is announced.
    let mut far = unit.clone();
    assert!(far.refused("a1", check(0, now, 2, now + 10_001)).contains("foreseeable future"));
    far.by("a1", check(0, now, 2, now + 10_000)).unwrap();
    let next = announce(&far, 2);
    assert!(far.refused("a1", next).contains("is announced and not drawn"));
    let command = announce(&unit, 2);
    let check = announced(&mut unit, command);
    // Until it is drawn, nothing of it is disposed of.
    let why = format!("spot check {check} is announced and may fall on it");
    assert!(unit.against(there[0]).contains(&why));
    let later = ClipId(unit.seq - 1);
    assert!(!unit.against(later).contains(&why), "it came after");
}

#[test]
fn the_lowest_scores_are_drawn_and_nobody_else_draws() {
    let mut unit = Unit::new();
    let there = clips(&mut unit, 40);
    let command = announce(&unit, 5);
    let check = CheckId(unit.seq);
    unit.by("a1", command).unwrap();
    let draw = || Command::DrawCheck { check, root: root() };
    assert!(unit.refused("a1", draw()).contains("is drawn by the root of"));
    for i in 0..16 {
        unit.clip(Some("o2"), &format!("later {i}"));
    }
    assert!(unit.refused("c1", draw()).contains("auditor"));
    assert!(
        unit.refused("a1", Command::DrawCheck { check: CheckId(1), root: root() })
            .contains("there is no")
    );
    unit.by("a1", draw()).unwrap();
    let mut scores: Vec<_> = there.iter().map(|clip| (score(&root(), *clip).0, *clip)).collect();
    scores.sort_unstable();
    let lowest: Vec<ClipId> = scores.iter().take(5).map(|(_, clip)| *clip).collect();
    assert_eq!(fell_on(&unit, check), lowest);
    assert!(unit.refused("a1", draw()).contains("is drawn, not announced"));
    // The published score: three lines.
    let text = format!("sealdock spot check v1\n{}\n{}\n", root(), there[0].0);
    assert_eq!(score(&root(), there[0]), Digest::of(text.as_bytes()));
}

#[test]
fn a_draw_of_other_clips_is_found() {
    let mut unit = Unit::new();
    clips(&mut unit, 40);
    let command = announce(&unit, 3);
    let check = announced(&mut unit, command);
    let mut drawn = unit.clone();
    let events = drawn.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
    let AnyEvent::Keep(Event::CheckDrawn(good)) = &events[0] else { panic!("{events:?}") };
    let found = |e| unit.found(&unit::record("a1"), Event::CheckDrawn(e));
    assert_eq!(found(good.clone()), None);
    let mut other = good.clone();
    other.clips.reverse();
    assert!(found(other).unwrap().contains("does not fall on these clips"));
    let mut other = good.clone();
    other.clips.pop();
    assert!(found(other).is_some());
}

#[test]
fn a_class_counts_as_it_was_when_the_check_was_announced() {
    let mut unit = Unit::new();
    let there = clips(&mut unit, 6);
    for clip in &there[..4] {
        unit.class("c1", *clip, "evidence").unwrap();
    }
    // Was evidence, and is something else by the time of the announcement.
    unit.class("dh", there[0], "ordinary").unwrap();
    let playback = Command::AnnounceCheck {
        kind: CheckKind::Playback,
        from: 0,
        to: unit.seq,
        class: Some("evidence".into()),
        count: 10,
        at_size: unit.seq + 17,
    };
    let check = announced(&mut unit, playback);
    // Given and taken by somebody who may know the seed.
    unit.class("dh", there[1], "ordinary").unwrap();
    unit.class("c1", there[5], "evidence").unwrap();
    unit.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
    let on: BTreeSet<ClipId> = fell_on(&unit, check).into_iter().collect();
    assert_eq!(on, there[1..4].iter().copied().collect());
    // Only entries of the announced range.
    let mut narrow = Unit::new();
    let there = clips(&mut narrow, 6);
    let command = Command::AnnounceCheck {
        kind: CheckKind::Spot,
        from: there[2].0,
        to: there[4].0,
        class: None,
        count: 10,
        at_size: narrow.seq + 17,
    };
    let check = announced(&mut narrow, command);
    narrow.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
    let on: BTreeSet<ClipId> = fell_on(&narrow, check).into_iter().collect();
    assert_eq!(on, there[2..4].iter().copied().collect());
}

/// Else it would keep every other from being announced.
#[test]
fn a_check_on_nothing_is_drawn_and_closed() {
    let mut unit = Unit::new();
    let command = announce(&unit, 3);
    let check = announced(&mut unit, command);
    unit.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
    assert_eq!(fell_on(&unit, check), []);
    unit.by("a1", Command::CloseCheck { check, appraisal: "there was nothing".into() }).unwrap();
    let next = announce(&unit, 3);
    unit.by("a1", next).unwrap();
    let _ = audited();
}

/// An auditor announces several and draws the one whose seed they like.
#[test]
fn none_is_announced_while_another_waits_to_be_drawn() {
    let mut unit = Unit::new();
    clips(&mut unit, 5);
    let first = announce(&unit, 2);
    let check = announced(&mut unit, first);
    let again = announce(&unit, 2);
    let why = unit.refused("a2", again);
    assert!(why.contains(&format!("spot check {check} is announced and not drawn")), "{why}");
    let event = |unit: &Unit, to: u64, at_size: u64| {
        let kind = CheckKind::Spot;
        let e = CheckAnnounced { kind, from: 0, to, class: None, count: 1, at_size };
        (unit.seq, Event::CheckAnnounced(e))
    };
    let (now, behind) = event(&unit, unit.seq, unit.seq + 17);
    assert!(
        unit.found(&unit::record("a1"), behind).unwrap().contains("is announced and not drawn")
    );
    // Overdue from the moment that it could be drawn, whoever announced it.
    let ever = Period { from: WallMs(0), to: WallMs(i64::MAX) };
    let said = |unit: &Unit, size| {
        let lines = report::checks(&unit.tables, ever, (size, unit.at.wall)).unwrap();
        lines[0].overdue_days
    };
    assert_eq!(said(&unit, now - 1), None);
    assert_eq!(said(&unit, now), Some(0));
    unit.days(3);
    assert_eq!(said(&unit, now), Some(3));
    let later = Period { from: unit.at.wall, to: WallMs(i64::MAX) };
    let lines = report::checks(&unit.tables, later, (now, unit.at.wall)).unwrap();
    assert_eq!(lines.len(), 1, "it is not forgotten with its period");
    unit.by("a2", Command::DrawCheck { check, root: root() }).unwrap();
    assert_eq!(said(&unit, now), None);
    let command = announce(&unit, 2);
    unit.clone().by("a1", command).unwrap();
    // One of an older release that is too far off to be drawn holds nothing up.
    let (_, far) = event(&unit, unit.seq, u64::from(u32::MAX));
    unit.write(&unit::record("a1"), far.into());
    let command = announce(&unit, 2);
    unit.by("a1", command).unwrap();
}

#[test]
fn an_announcement_is_of_clips_before_it_and_is_drawn_in_the_foreseeable_future() {
    let mut unit = Unit::new();
    clips(&mut unit, 5);
    let now = unit.seq;
    assert_eq!(misannounced(now, (now, now + 17)), None);
    assert_eq!(misannounced(now, (now, now + 10_000)), None);
    assert!(misannounced(now, (now, now + 10_001)).unwrap().contains("is at most"));
    assert!(misannounced(now, (now, now + 16)).unwrap().contains("must not be known yet"));
    assert!(misannounced(now, (now + 1, now + 17)).unwrap().contains("that are there"));
    let check = |at_size| Command::AnnounceCheck {
        kind: CheckKind::Spot,
        from: 0,
        to: now,
        class: None,
        count: 1,
        at_size,
    };
    assert!(unit.refused("a1", check(now + 10_001)).contains("is at most"));
    // Written behind the rules, it is no check that could be drawn.
    let e = CheckAnnounced {
        kind: CheckKind::Spot,
        from: 0,
        to: now,
        class: None,
        count: 1,
        at_size: now,
    };
    let check = CheckId(unit.write(&unit::record("a1"), Event::CheckAnnounced(e).into()));
    let why = unit.refused("a1", Command::DrawCheck { check, root: root() });
    assert!(why.contains("was not announced by the rules"), "{why}");
}

/// A fact for whoever reads the report, no refusal.
#[test]
fn the_report_says_whether_who_answered_had_looked() {
    use sealdock_core::access::{Event as Access, Ground as On, Viewer, ViewingOpened};
    let mut unit = Unit::new();
    let there = clips(&mut unit, 3);
    let command = announce(&unit, 3);
    let check = announced(&mut unit, command);
    let view = |unit: &mut Unit, who: &str, clip| {
        let opened = ViewingOpened {
            clip,
            viewer: Viewer::Person { id: who.parse().unwrap() },
            ground: On::Own,
            reason: "r".into(),
            matter: None,
        };
        unit.write(&unit::record(who), Access::ViewingOpened(opened).into());
    };
    view(&mut unit, "a1", there[0]);
    unit.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
    view(&mut unit, "a2", there[1]);
    view(&mut unit, "a1", there[2]);
    for clip in &there {
        unit.by("a1", answer(check, *clip, Answer::No, Some("f"))).unwrap();
    }
    view(&mut unit, "a1", there[1]);
    let ever = Period { from: WallMs(0), to: WallMs(i64::MAX) };
    let line = report::checks(&unit.tables, ever, (unit.seq, unit.at.wall)).unwrap().remove(0);
    assert_eq!(
        (line.answered, line.viewed),
        (3, 1),
        "before the draw, by another, after the answer"
    );
    let found = report::findings(&unit.tables, ever).unwrap();
    let seen: BTreeMap<ClipId, bool> = found.iter().map(|f| (f.clip, f.viewed)).collect();
    assert!(seen[&there[2]]);
    assert_eq!((seen[&there[0]], seen[&there[1]]), (false, false));
}

/// Neither the head whose footage it is, nor who only stands in for them, nor an auditor in the picture.
#[test]
fn nobody_corrects_or_closes_what_was_found_on_their_own_footage() {
    let mut unit = Unit::new();
    let own = unit.clip(Some("dh"), "of the head");
    let command = announce(&unit, 1);
    let check = announced(&mut unit, command);
    unit.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
    unit.by("a1", answer(check, own, Answer::No, Some("worn below the belt"))).unwrap();
    let correct = || Command::CorrectCheck { check, clip: own, text: "instructed".into() };
    unit.deputise("o2", Role::DepartmentHead, (Some("d1"), "dh"));
    for id in ["dh", "o2"] {
        let why = unit.refused(id, correct());
        assert!(why.contains("another department head answers the finding"), "{id}: {why}");
    }
    unit.appoint("lh", Role::DepartmentHead, None);
    unit.by("lh", correct()).unwrap();
    let close = || Command::CloseCheck { check, appraisal: "r".into() };
    unit.appoint("dh", Role::Auditor, None);
    assert!(unit.refused("dh", close()).contains("another auditor closes"));
    unit.by("a1", close()).unwrap();
}

/// S16, S19, and of conduct in the field S29, S30, S31.
#[test]
fn the_sheet_has_six_items_and_a_no_needs_a_finding_that_is_corrected() {
    let mut unit = Unit::new();
    let there = clips(&mut unit, 2);
    let command = announce(&unit, 2);
    let check = announced(&mut unit, command);
    let yes = |clip| answer(check, clip, Answer::Yes, None);
    assert!(unit.refused("a1", yes(there[0])).contains("is announced, not drawn"));
    unit.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
    assert!(unit.against(there[0]).contains(&format!("spot check {check} fell on it and is open")));
    for id in ["c1", "dh", "o1", "uh"] {
        assert!(unit.refused(id, yes(there[0])).contains("auditor"), "{id}");
    }
    for item in Item::ALL {
        let mut answers = all(Answer::Yes);
        answers.remove(&item);
        let short = Command::AnswerCheck { check, clip: there[0], answers, finding: None };
        assert!(unit.refused("a1", short).contains(&format!("{} is not answered", item.as_str())));
    }
    assert!(
        unit.refused("a1", answer(check, there[0], Answer::No, None)).contains("what was found")
    );
    assert!(unit.refused("a1", yes(ClipId(1))).contains("did not fall on C1"));
    // Nobody checks footage of themself.
    let mut own = unit.clone();
    own.appoint("o1", Role::Auditor, None);
    assert!(own.refused("o1", yes(there[0])).contains("footage of whoever acts"));
    let close = || Command::CloseCheck { check, appraisal: "two clips, one finding".into() };
    assert!(unit.refused("a1", close()).contains("is not answered yet"));
    unit.by("a2", answer(check, there[0], Answer::No, Some("worn below the belt"))).unwrap();
    assert!(unit.refused("a1", yes(there[0])).contains("is answered already"));
    unit.by("a1", answer(check, there[1], Answer::Unclear, None)).unwrap();
    assert!(unit.refused("a1", close()).contains("is not corrected yet"));
    let correct = |clip| Command::CorrectCheck { check, clip, text: "instructed".into() };
    for id in ["a1", "c1", "o1", "dh2"] {
        assert!(unit.refused(id, correct(there[0])).contains("department head"), "{id}");
    }
    assert!(unit.refused("dh", correct(there[1])).contains("nothing was found"));
    let reported = |unit: &Unit| {
        let ever = Period { from: WallMs(0), to: WallMs(i64::MAX) };
        let line = report::checks(&unit.tables, ever, (unit.seq, unit.at.wall)).unwrap().remove(0);
        let found = report::findings(&unit.tables, ever).unwrap().remove(0);
        ((line.drawn, line.answered, line.findings, line.corrected), line.state, found)
    };
    let (counts, state, found) = reported(&unit);
    assert_eq!((counts, state.as_str()), ((2, 2, 1, 0), "drawn"));
    assert_eq!((found.clip, found.finding.as_str()), (there[0], "worn below the belt"));
    assert_eq!((found.by.id.as_str(), found.correction), ("a2", None));
    unit.by("dh", correct(there[0])).unwrap();
    let (counts, _, found) = reported(&unit);
    assert_eq!(counts, (2, 2, 1, 1));
    assert_eq!(
        found.correction.map(|(text, by)| (text, by.id)),
        Some(("instructed".into(), "dh".into()))
    );
    let before = Period { from: WallMs(0), to: WallMs(1) };
    assert_eq!(report::checks(&unit.tables, before, (unit.seq, unit.at.wall)).unwrap(), []);
    assert!(unit.refused("dh", correct(there[0])).contains("in the record already"));
    assert!(unit.refused("c1", close()).contains("auditor"));
    unit.by("a1", close()).unwrap();
    assert!(unit.refused("a1", close()).contains("is closed, not drawn"));
    assert_eq!(unit.tables.rows(&SPOTCHECK)[0].text("appraisal"), "two clips, one finding");
    assert!(!unit.against(there[0]).join(";").contains("spot check"));
}

/// S15: 002/A6-§24.
#[test]
fn burnt_media_are_entered_by_the_clerk_and_read_back() {
    let mut unit = Unit::new();
    let there = clips(&mut unit, 2);
    let image = Digest::of(b"an image");
    let burn = |clips: &[ClipId], hold: Option<u64>| Command::BurnMedium {
        label: "2026-001".into(),
        kind: MediumKind::Disc,
        place: "cabinet 3".into(),
        digest: image,
        clips: clips.to_vec(),
        hold: hold.map(HoldId),
    };
    for id in ["o1", "uh", "dh", "a1"] {
        assert!(unit.refused(id, burn(&there, None)).contains("clerk (管理员)"), "{id}");
    }
    assert!(unit.refused("c1", burn(&[], None)).contains("no clip is named"));
    assert!(unit.refused("c1", burn(&[ClipId(1)], None)).contains("there is no clip"));
    assert!(unit.refused("c1", burn(&there, Some(1))).contains("is not approved"));
    let reason = "r".to_owned();
    let hold = Command::RequestHold { clips: there.clone(), ground: Ground::Proceedings, reason };
    let k = unit.seq;
    unit.by("o1", hold).unwrap();
    assert!(unit.refused("c1", burn(&there, Some(k))).contains("is not approved"), "002/A6-§24");
    unit.by("dh", Command::ApproveHold { hold: HoldId(k) }).unwrap();
    assert!(unit.refused("c1", burn(&there, None)).contains("give --hold"));
    let more = [&there[..], &[unit.clip(Some("o1"), "not held")]].concat();
    let why = unit.refused("c1", burn(&more, Some(k)));
    assert!(why.contains(&format!("does not name {}", more[2])), "{why}");
    let mut released = unit.clone();
    released.by("o1", Command::RequestRelease { hold: HoldId(k), reason: "r".into() }).unwrap();
    released.clone().by("c1", burn(&there, Some(k))).expect("it still holds");
    released.by("dh", Command::ApproveHold { hold: HoldId(k) }).unwrap();
    assert!(released.refused("c1", burn(&there, Some(k))).contains("was released"));
    let medium = MediumId(unit.seq);
    let events = unit.by("c1", burn(&[there[1], there[0]], Some(k))).unwrap();
    let AnyEvent::Keep(Event::MediumBurnt(burnt)) = &events[0] else { panic!("{events:?}") };
    assert_eq!(burnt.clips, there, "in order");
    let lists = unit.tables.rows(&MEDIUM_CLIP);
    let on_it: Vec<(i64, i64)> = lists.iter().map(|r| (r.int("medium"), r.int("clip"))).collect();
    let listed = there.iter().map(|clip| (medium.0.cast_signed(), clip.0.cast_signed()));
    assert_eq!(on_it, listed.collect::<Vec<_>>());
    let read = |digest, place: Option<&str>| Command::ReadBackMedium {
        medium,
        digest,
        place: place.map(str::to_owned),
    };
    assert!(unit.refused("a1", read(image, None)).contains("clerk"));
    let none = Command::ReadBackMedium { medium: MediumId(1), digest: image, place: None };
    assert!(unit.refused("c1", none).contains("there is no medium B1"));
    unit.by("c1", read(image, None)).unwrap();
    let row = |unit: &Unit| unit.tables.rows(&MEDIUM).remove(0);
    assert_eq!((row(&unit).int("read_equal"), row(&unit).text("place")), (1, "cabinet 3"));
    unit.by("c2", read(Digest::of(b"rotten"), Some("cabinet 4"))).unwrap();
    assert_eq!((row(&unit).int("read_equal"), row(&unit).text("place")), (0, "cabinet 4"));
    let lie = sealdock_core::keep::MediumReadBack {
        medium,
        digest: Digest::of(b"rotten"),
        equal: true,
        place: "p".into(),
    };
    let why = unit.found(&unit::record("c1"), Event::MediumReadBack(lie)).unwrap();
    assert!(why.contains("equal where the digests differ"));
    let bad = Command::BurnMedium {
        label: "a\nb".into(),
        kind: MediumKind::Removable,
        place: "p".into(),
        digest: image,
        clips: there,
        hold: None,
    };
    assert!(unit.does(&Actor::System, Any::Keep(bad)).unwrap_err().contains("a label is 1 to 60"));
}

/// A stranger who draws again later has the same list.
#[test]
fn what_was_disposed_of_since_the_announcement_is_still_drawn_from_and_what_was_before_is_not() {
    for class in [None, Some("ordinary".to_owned())] {
        let mut unit = Unit::new();
        let there = clips(&mut unit, 3);
        for clip in &there {
            unit.class("c1", *clip, "ordinary").unwrap();
        }
        let gone = |unit: &mut Unit, clip: ClipId| {
            let (key, seq) = (vec![("seq", clip.0.into())], unit.seq);
            let cells = vec![("state", "disposed".into()), ("disposed_seq", seq.into())];
            unit.tables.apply(RowChange::Update { table: &KEPT, key, cells }).unwrap();
        };
        gone(&mut unit, there[0]);
        unit.clip(Some("o2"), "between");
        let (to, at_size) = (there[2].0 + 1, unit.seq + 17);
        let (kind, from, count) = (CheckKind::Spot, 0, 3);
        let announce = Command::AnnounceCheck { kind, from, to, class, count, at_size };
        let check = announced(&mut unit, announce);
        gone(&mut unit, there[1]);
        unit.by("a1", Command::DrawCheck { check, root: root() }).unwrap();
        let mut drawn = fell_on(&unit, check);
        drawn.sort_unstable();
        assert_eq!(drawn, there[1..]);
    }
}

#[test]
fn registers_name_items_and_media_in_words() {
    let items = Item::ALL.map(Item::as_str);
    assert_eq!(items, ["worn", "told", "manners", "recorded", "signed", "announced"]);
    let media = [MediumKind::Disc, MediumKind::Removable].map(MediumKind::as_str);
    assert_eq!(media, ["disc", "removable"]);
    let kinds = [CheckKind::Spot, CheckKind::Playback].map(CheckKind::as_str);
    assert_eq!(kinds, ["spot", "playback"]);
}

/// So that an archive of a million clips is never in memory at once.
#[test]
fn the_archive_is_read_in_pages_of_a_thousand_entries() {
    assert_eq!([0, 999, 1000, 2001].map(page_of), [0, 0, 1, 2]);
    let mut unit = Unit::new();
    let first = unit.clip(Some("o1"), "first");
    unit.seq = 1000;
    let second = unit.clip(Some("o1"), "second");
    let read = |from, to| {
        let mut seen = Vec::new();
        let mut each = |kept: sealdock_core::keep::Kept| {
            seen.push(kept.clip);
            Ok(())
        };
        pages(&unit.tables, (from, to), &mut each).unwrap();
        seen
    };
    assert_eq!(read(0, 1001), [first, second]);
    assert_eq!(read(0, 1000), [first]);
    assert_eq!(read(first.0 + 1, 1001), [second]);
    assert_eq!((read(0, 0), read(1000, 1000), read(1001, 7)), (vec![], vec![], vec![]));
}
