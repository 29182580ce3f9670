//! Where two answers meet: one more clip, one millisecond, the very same bytes.

use super::unit::{Unit, asking, by, person, viewing};
use super::{refuses, say, with, with_clip};
use sealdock_core::Digest;
use sealdock_core::access::{
    self, Absence, Act, Command as Do, Event as Noted, Level, Purpose, Sight, Wanted, Who,
};
use sealdock_core::actor::ActorRecord;
use sealdock_core::clock_state::TOLERANCE_MS;
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::keep::KEPT;
use sealdock_core::table::RowChange;
use sealdock_core::time::{DAY_MS, Stamp, WallMs};

fn colleague_asks(clips: &[ClipId]) -> Do {
    asking(Who::Colleague, Purpose::View, clips)
}

#[test]
fn a_clip_named_twice_is_asked_for_once_and_in_order() {
    let (mut unit, one) = with_clip();
    let two = unit.clip(Some("o1"));
    let events = unit.ask(&person("o2"), say(colleague_asks(&[two, one, two]))).unwrap();
    let Event::Access(Noted::Requested(asked)) = &events[0] else { panic!("{events:?}") };
    assert_eq!(asked.wanted, Wanted::Clips { clips: vec![one, two] });
}

#[test]
fn a_level_is_set_once_for_each_clip_in_order() {
    let (mut unit, one) = with_clip();
    let two = unit.clip(Some("o1"));
    let (clips, reason) = (vec![two, one, two], "privacy".to_owned());
    let set = Do::SetSecrecy { clips, level: Level::Private, reason };
    let events = unit.ask(&person("l1"), say(set)).unwrap();
    let set: Vec<ClipId> = events
        .iter()
        .map(|event| match event {
            Event::Access(Noted::SecrecySet(e)) => e.clip,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(set, [one, two]);
}

#[test]
fn as_many_clips_as_the_policy_says_are_asked_for_and_no_more() {
    let (mut unit, one) = with_clip();
    let two = unit.clip(Some("o1"));
    unit.adopt(&with("clips_max = { value = 200", "clips_max = { value = 1"));
    assert!(unit.ask(&person("o2"), say(colleague_asks(&[one]))).is_ok());
    refuses(&unit, "o2", colleague_asks(&[one, two]), "a request names 1 to 1 clips");
}

/// Footage that is not there yet is of no department, and still not for everybody to decide on.
#[test]
fn a_request_that_fits_no_clip_yet_is_refused_by_who_decides_and_nobody_else() {
    let mut unit = Unit::new();
    let until = unit.now.plus_ms(DAY_MS);
    let Do::Request(mut asked) = colleague_asks(&[]) else { unreachable!() };
    let officer = Some("o1".parse().unwrap());
    asked.wanted = Wanted::Query { officer, recorder: None, from: unit.now, until };
    let id = AccessId(unit.acts("o2", Do::Request(asked)).unwrap());
    let refuse = || Do::Refuse { access: id, reason: "nothing there".to_owned() };
    for who in ["o1", "c1", "h1", "v1"] {
        refuses(&unit, who, refuse(), "is decided by the penalty-leader");
    }
    let narrow = unit.appoint("n1", sealdock_core::actor::Role::PenaltyLeader, Some("d1"), None);
    assert!(narrow > 0);
    refuses(&unit, "n1", refuse(), "is decided by the penalty-leader");
    assert!(unit.ask(&person("p1"), say(refuse())).is_ok());
}

#[test]
fn what_is_asked_for_is_said_in_words() {
    let clips = Wanted::Clips { clips: vec![ClipId(3), ClipId(7)] };
    assert_eq!(clips.words(), "C3 C7");
    let (from, until) = (WallMs(0), WallMs(1000));
    let (officer, recorder) = (Some("o1".parse().unwrap()), Some("R1".parse().unwrap()));
    let query = Wanted::Query { officer, recorder, from, until };
    assert_eq!(query.words(), format!("officer o1, recorder R1, {from} – {until}"));
    let asks = |who: Who| who.chinese();
    assert_eq!(
        Who::ALL.map(asks),
        ["本单位人员", "单位内部机构", "上级民政机关", "公安、法院等职能单位", "当事人"]
    );
}

#[test]
fn form_3_is_in_the_order_of_the_chain_and_names_what_kind_of_footage_it_was() {
    let (mut unit, clip) = with_clip();
    let media = ["audio", "photo", "other"];
    let mut others = Vec::new();
    for kind in media {
        let stored = unit.stored(Some("o1"), Digest::of(kind.as_bytes()));
        let Event::ClipStored(mut stored) = stored else { unreachable!() };
        stored.media = kind.to_owned();
        others.push(ClipId(unit.write(ActorRecord::System, Event::ClipStored(stored))));
    }
    let copy = unit.approved(Who::Party, Purpose::Copy, &[clip]);
    unit.acts("c1", Do::CarryOut { access: copy, to: "disc".into(), asked: None }).unwrap();
    for clip in &others {
        unit.acts("o1", viewing(*clip, None)).unwrap();
    }
    let rows = access::form(&unit.tables, (None, None)).unwrap();
    let acts: Vec<Act> = rows.iter().map(|row| row.act).collect();
    assert_eq!(acts, [Act::VoidCopy, Act::Viewing, Act::Viewing, Act::Viewing]);
    for (row, kind) in rows.iter().zip(["视频", "音频", "照片", "文件"]) {
        assert!(row.brief.contains(&format!(" {kind} C")), "{}", row.brief);
    }
}

/// When in doubt it is not served.
#[test]
fn what_is_being_removed_right_now_is_shown_no_more() {
    let (mut unit, clip) = with_clip();
    let (key, cells) = (vec![("seq", clip.0.into())], vec![("state", "leaving".into())]);
    unit.tables.apply(RowChange::Update { table: &KEPT, key, cells }).unwrap();
    refuses(&unit, "o1", viewing(clip, None), "is being disposed of right now");
}

fn sight(at: i64, latest: i64) -> Sight {
    Sight {
        seq: 5,
        clip: ClipId(1),
        at: WallMs(at),
        latest: (WallMs(latest), 6),
        actor: by("o1"),
        what: "viewing",
    }
}

#[test]
fn a_sight_is_contradicted_beyond_what_a_time_service_corrects_or_where_the_answer_turns() {
    assert!(!sight(TOLERANCE_MS, 0).is_contradicted(None));
    assert!(sight(TOLERANCE_MS + 1, 0).is_contradicted(None));
    let near = sight(1000, 400);
    assert!(
        near.is_contradicted(Some(WallMs(1000))),
        "its own time is not before it, the other is"
    );
    assert!(!near.is_contradicted(Some(WallMs(1001))));
}

fn stamp(wall: i64) -> Stamp {
    Stamp { boot: "b".to_owned(), mono_ms: 0, wall: WallMs(wall) }
}

fn seen(clip: ClipId) -> Event {
    let viewed = access::ViewingOpened {
        clip,
        ground: access::Ground::Own,
        viewer: access::Viewer::Person { id: "o1".parse().unwrap() },
        reason: "x".to_owned(),
        matter: None,
    };
    Noted::ViewingOpened(viewed).into()
}

/// A sight is an entry as any other: what it says of the time bounds the sights before it.
#[test]
fn a_later_sight_bounds_an_earlier_one_and_bytes_of_others_are_nobodys_sight() {
    let unit = Unit::new();
    let it = unit.stored(Some("o1"), Digest::of(b"it"));
    let other = unit.stored(Some("o1"), Digest::of(b"other"));
    let mut absence = Absence::of(Digest::of(b"it"));
    assert!(!absence.wants_times());
    absence.fold(1, &stamp(10), &ActorRecord::System, &it);
    absence.fold(2, &stamp(20), &ActorRecord::System, &other);
    assert_eq!(absence.clips().collect::<Vec<_>>(), [ClipId(1)]);
    assert!(!absence.wants_times(), "nothing was seen yet");
    absence.fold(3, &stamp(90), &by("o1"), &seen(ClipId(1)));
    absence.fold(4, &stamp(50), &by("o1"), &seen(ClipId(1)));
    absence.fold(5, &stamp(60), &by("o1"), &seen(ClipId(2)));
    assert!(absence.wants_times());
    let latest: Vec<_> = absence.sights.iter().map(|sight| sight.latest).collect();
    assert_eq!(latest, [(WallMs(50), 4), (WallMs(50), 4)]);
}

/// Reading every entry of five million would take minutes.
#[test]
fn only_entries_that_could_be_about_a_sight_are_read() {
    let absence = Absence::of(Digest::of(b"it"));
    let stored =
        |bytes: &[u8]| format!(r#"{{"type":"clip.stored","sha256":"{}"}}"#, Digest::of(bytes));
    for (entry, concerns) in [
        (stored(b"it"), true),
        (stored(b"other"), false),
        (format!(r#"{{"type":"clip.seen","sha256":"{}"}}"#, Digest::of(b"it")), false),
        (r#"{"type":"viewing.opened"}"#.to_owned(), true),
        (r#"{"type":"copy.carried-out"}"#.to_owned(), true),
        (r#"{"type":"access.approved"}"#.to_owned(), true),
        (r#"{"type":"medium.burnt"}"#.to_owned(), true),
        (r#"{"type":"access.refused"}"#.to_owned(), false),
        (String::new(), false),
    ] {
        assert_eq!(absence.concerns(entry.as_bytes()), concerns, "{entry}");
    }
}
