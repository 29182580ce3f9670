use super::*;
use crate::id::{MatterId, StepId};
use crate::matter::MatterText;

const MINUTE: i64 = 60_000;

fn limits() -> Limits {
    MatterText::default().check().unwrap()
}

fn step() -> Step {
    Step {
        id: StepId(2),
        matter: MatterId(1),
        item: "inspection".into(),
        name: "现场检查".into(),
        must: true,
        continuous: true,
        place: "x".into(),
        officers: Vec::new(),
        began: None,
        ended: None,
        closed: false,
    }
}

/// A whole video of ten minutes that begins `minute` minutes after eight.
fn clip(seq: u64, name: &str, minute: i64) -> Recording {
    let start = WallMs(8 * 60 * MINUTE + minute * MINUTE);
    Recording {
        clip: ClipId(seq),
        recorder: "R1".parse().unwrap(),
        name: name.into(),
        media: "video".into(),
        named: Some(start),
        recorded: Some(start.plus_ms(10 * MINUTE)),
        length_ms: Some(10 * MINUTE),
        described: true,
        cut: None,
    }
}

fn found(
    bound: Vec<Recording>,
    left_out: Vec<Recording>,
) -> Vec<(BreakKind, Option<u64>, Option<u64>)> {
    let found = breaks(&step(), &Recordings { bound, left_out }, &limits());
    found.into_iter().map(|b| (b.kind, b.before.map(|c| c.0), b.after.map(|c| c.0))).collect()
}

#[test]
fn a_recording_in_files_one_after_the_other_is_unbroken_a6_14() {
    let run = vec![clip(2, "A_0002.mp4", 10), clip(1, "A_0001.mp4", 0), clip(3, "A_0003.mp4", 20)];
    assert_eq!(found(run, vec![]), []);
}

#[test]
fn silence_between_two_clips_is_a_gap_from_the_first_millisecond_over_the_limit() {
    let later = |ms| {
        let mut next = clip(2, "b.mp4", 10);
        next.named = next.named.map(|at| at.plus_ms(ms));
        next.recorded = next.recorded.map(|at| at.plus_ms(ms));
        found(vec![clip(1, "a.mp4", 0), next], vec![])
    };
    assert_eq!(later(5_000), []);
    assert_eq!(later(5_001), [(BreakKind::Gap, Some(1), Some(2))]);
    let whole = breaks(
        &step(),
        &Recordings { bound: vec![clip(1, "a.mp4", 0), clip(2, "b.mp4", 30)], left_out: vec![] },
        &limits(),
    );
    let [gap] = whole.as_slice() else { panic!("{whole:?}") };
    assert_eq!(gap.until.unwrap().0 - gap.since.unwrap().0, 20 * MINUTE);
    assert!(gap.detail.contains("1200 s between a.mp4 and b.mp4"), "{}", gap.detail);
}

#[test]
fn a_short_clip_inside_a_long_one_breaks_nothing() {
    let mut sound = clip(2, "b.m4a", 2);
    (sound.media, sound.length_ms) = ("audio".into(), Some(MINUTE));
    sound.recorded = sound.named.map(|at| at.plus_ms(MINUTE));
    assert_eq!(found(vec![clip(1, "a.mp4", 0), sound, clip(3, "c.mp4", 10)], vec![]), []);
}

#[test]
fn missing_numbers_are_found_unless_something_in_custody_has_them() {
    let run = || vec![clip(1, "A_0001.mp4", 0), clip(4, "A_0004.mp4", 10)];
    let recordings = Recordings { bound: run(), left_out: vec![] };
    let all = breaks(&step(), &recordings, &limits());
    assert_eq!((all[0].kind, all[0].numbers.as_slice()), (BreakKind::MissingNumber, &[2, 3][..]));
    let mut photo = clip(2, "A_0002.jpg", 5);
    photo.media = "photo".into();
    let some =
        breaks(&step(), &Recordings { bound: run(), left_out: vec![photo.clone()] }, &limits());
    assert_eq!(some[0].numbers, [3]);
    let film = clip(3, "A_0003.mp4", 5);
    assert_eq!(found(run(), vec![photo.clone(), film]), [(BreakKind::LeftOut, Some(3), None)]);
    // What another recorder numbered so is something else.
    photo.recorder = "R2".parse().unwrap();
    assert_eq!(found(run(), vec![photo]), [(BreakKind::MissingNumber, Some(1), Some(4))]);
}

#[test]
fn at_most_fifty_numbers_are_named_and_all_are_counted() {
    let run = vec![clip(1, "A_0001.mp4", 0), clip(4, "A_0101.mp4", 10)];
    let all = breaks(&step(), &Recordings { bound: run, left_out: vec![] }, &limits());
    assert_eq!((all[0].numbers.len(), all[0].detail.starts_with("99 numbers")), (50, true));
}

#[test]
fn a_counter_may_begin_again_and_must_not_run_backwards() {
    let pair = |second: &str| found(vec![clip(1, "A_0007.mp4", 0), clip(2, second, 10)], vec![]);
    assert_eq!(pair("A_0000.mp4"), []);
    assert_eq!(pair("A_0001.mp4"), []);
    assert_eq!(pair("A_0007.mp4"), []);
    assert_eq!(pair("A_0002.mp4"), [(BreakKind::ClockJump, Some(1), Some(2))]);
    assert_eq!(pair("B_0009.mp4"), [], "another kind of name");
}

#[test]
fn running_numbers_are_told_from_dates_and_devices() {
    let number = |name: &str| numbered(name).map(|(_, n)| n);
    assert_eq!(number("A11_2222222_222222_20260902180118_0001.mp4"), Some(1));
    assert_eq!(number("J800001_12345620170730100947_0017_IMP.MP4"), Some(17));
    assert_eq!(number("8176162_20180513043852_00011.MP4"), Some(11));
    assert_eq!(number("FILE0001.MP4"), Some(1));
    assert_eq!(number("J800000_123456_20170730100947.MP4"), None);
    assert_eq!(number("FILE170101-012105F.MOV"), None);
    assert_eq!(number("录像.mp4"), None);
    assert_eq!(number("0012"), Some(12));
    let shape = |name: &str| numbered(name).map(|(s, _)| s);
    assert_eq!(shape("J1_0017_IMP.MP4"), shape("J2_0018.MP4"), "a mark is no other name");
}

#[test]
fn a_file_that_is_not_whole_was_cut_short() {
    let mut cut = clip(1, "a.mp4", 0);
    (cut.cut, cut.length_ms) = (Some("no-moov".into()), None);
    assert_eq!(found(vec![cut], vec![]), [(BreakKind::CutShort, Some(1), None)]);
    let mut promised = clip(1, "a.mp4", 0);
    promised.cut = Some("mdat-truncated".into());
    promised.recorded = promised.recorded.map(|at| at.plus_ms(-5 * MINUTE));
    assert_eq!(
        found(vec![promised], vec![]),
        [(BreakKind::CutShort, Some(1), None)],
        "and no clock is blamed"
    );
}

#[test]
fn a_clock_that_was_set_while_or_between_recordings_shows() {
    let mut set = clip(1, "a.mp4", 0);
    set.recorded = set.recorded.map(|at| at.plus_ms(MINUTE));
    assert_eq!(found(vec![set.clone()], vec![]), [], "a minute may be rounding");
    set.recorded = set.recorded.map(|at| at.plus_ms(1));
    assert_eq!(found(vec![set.clone()], vec![]), [(BreakKind::ClockJump, Some(1), None)]);
    set.recorded = set.recorded.map(|at| at.plus_ms(-2 * MINUTE - 1));
    assert_eq!(found(vec![set.clone()], vec![]), []);
    set.recorded = set.recorded.map(|at| at.plus_ms(-1));
    assert_eq!(found(vec![set], vec![]), [(BreakKind::ClockJump, Some(1), None)]);
    let over = |minute| found(vec![clip(1, "a.mp4", 0), clip(2, "b.mp4", minute)], vec![]);
    assert_eq!(over(9), []);
    assert_eq!(over(8), [(BreakKind::ClockJump, Some(1), Some(2))]);
}

#[test]
fn two_recorders_are_looked_at_apart() {
    let mut other = clip(2, "A_0009.mp4", 3);
    other.recorder = "R2".parse().unwrap();
    assert_eq!(found(vec![clip(1, "A_0001.mp4", 0), other], vec![]), []);
}

#[test]
fn a_clip_without_time_is_said_and_not_passed_over() {
    let mut untimed = clip(1, "a.mp4", 0);
    (untimed.named, untimed.recorded) = (None, None);
    assert_eq!(found(vec![untimed], vec![]), [(BreakKind::Untimed, Some(1), None)]);
    let mut no_end = clip(1, "a.mp4", 0);
    (no_end.length_ms, no_end.recorded) = (None, None);
    assert_eq!(found(vec![no_end], vec![]), [(BreakKind::Untimed, Some(1), None)]);
}

#[test]
fn a_step_that_must_be_recorded_and_has_no_clip_is_reported_s24() {
    assert_eq!(found(vec![], vec![]), [(BreakKind::Unrecorded, None, None)]);
    let may = Step { must: false, ..step() };
    assert_eq!(breaks(&may, &Recordings::default(), &limits()), []);
    let parts = Step { continuous: false, ..step() };
    assert_eq!(breaks(&parts, &Recordings::default(), &limits())[0].kind, BreakKind::Unrecorded);
    let mut photo = clip(1, "a.jpg", 0);
    photo.media = "photo".into();
    assert_eq!(found(vec![photo], vec![]), [], "a picture is a record, and has no gaps");
}

#[test]
fn in_parts_is_not_looked_at_for_gaps_a6_13() {
    let parts = Step { continuous: false, ..step() };
    let bound = vec![clip(1, "A_0001.mp4", 0), clip(2, "A_0009.mp4", 60)];
    assert_eq!(breaks(&parts, &Recordings { bound, left_out: vec![] }, &limits()), []);
}

#[test]
fn a_recording_that_ends_before_its_step_is_found() {
    let at = |ms| {
        let ended = WallMs((8 * 60 + 10) * MINUTE + ms);
        let step = Step { ended: Some(ended), ..step() };
        let recordings = Recordings { bound: vec![clip(1, "a.mp4", 0)], left_out: vec![] };
        breaks(&step, &recordings, &limits()).iter().map(|b| b.kind).collect::<Vec<_>>()
    };
    assert_eq!(at(MINUTE), []);
    assert_eq!(at(MINUTE + 1), [BreakKind::EndedEarly]);
    let none = Step { ended: Some(WallMs(0)), must: false, ..step() };
    assert_eq!(breaks(&none, &Recordings::default(), &limits()), []);
}

#[test]
fn kinds_read_back() {
    for kind in BreakKind::ALL {
        assert_eq!(BreakKind::parse(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}
