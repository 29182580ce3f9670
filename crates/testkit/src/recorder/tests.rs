//! The simulated recorder keeps the contract, and its card gets wrong what it is told to.

use super::*;
use crate::clips;
use crate::faults::Mode;
use crate::permit;
use crate::source::read_whole;

const A: &[u8] = b"DCIM/a.mp4";

fn docked(bytes: &[u8]) -> (SimCard, SimRecorder, RawLine) {
    let card = SimCard::new("J800000", &[(A, bytes)]);
    let mut recorder = card.dock(&Faults::none());
    let line = recorder.list().unwrap().lines.remove(0);
    (card, recorder, line)
}

fn read(recorder: &mut SimRecorder, line: &RawLine) -> PortResult<Vec<u8>> {
    read_whole(&mut *recorder.open(line)?)
}

#[test]
fn it_keeps_the_contract() {
    crate::suite::recorder(|files| Box::new(SimCard::new("J800000", files).dock(&Faults::none())));
}

fn suite_on(spoil: fn(&SimCard)) {
    crate::suite::recorder(|files| {
        let card = SimCard::new("J800000", files);
        spoil(&card);
        Box::new(card.dock(&Faults::none()))
    });
}

#[test]
#[should_panic(expected = "the permitted file is deleted")]
fn the_suite_finds_a_recorder_that_refuses_to_delete() {
    suite_on(SimCard::read_only_at_delete);
}

#[test]
#[should_panic(expected = "`left == right`")]
fn the_suite_finds_a_recorder_that_only_pretends_to_delete() {
    suite_on(|card| card.stuck(b"a.mp4"));
}

#[test]
#[should_panic(expected = "and the same bytes")]
fn the_suite_finds_a_recorder_whose_cold_reading_differs() {
    suite_on(|card| card.unstable(b"DCIM/4096.mp4"));
}

#[test]
fn the_second_reading_of_an_unstable_file_differs() {
    let (card, mut recorder, line) = docked(b"footage");
    card.unstable(A);
    assert_eq!(read(&mut recorder, &line).unwrap(), b"footage");
    recorder.make_cold().unwrap();
    assert_ne!(read(&mut recorder, &line).unwrap(), b"footage");
}

#[test]
fn bad_sectors_hit_only_what_lies_on_them() {
    let bytes = clips::bytes(1, 20_000);
    let (card, mut recorder, line) = docked(&bytes);
    card.bad_sector(A, 9_000, true);
    read(&mut recorder, &line).unwrap_err();
    let mut source = recorder.open(&line).unwrap();
    let mut block = Block::new(4096);
    let readable = |source: &mut dyn Source, block: &mut Block| -> Vec<bool> {
        (0..5).map(|sector| source.read_at(sector * 4096, block).is_ok()).collect()
    };
    assert_eq!(readable(&mut *source, &mut block), [true, true, false, true, true]);
    card.heal();
    card.bad_sector(A, 0, false);
    read(&mut recorder, &line).unwrap_err();
    assert_eq!(read(&mut recorder, &line).unwrap(), bytes, "it failed once only");
}

#[test]
fn a_growing_file_shows_that_it_grew() {
    let (card, mut recorder, line) = docked(b"still recording");
    card.growing(A);
    let mut source = recorder.open(&line).unwrap();
    let mut block = Block::new(1);
    source.read_at(0, &mut block).unwrap();
    assert_eq!(source.unchanged(), Ok(false));
    assert!(recorder.open(&line).is_err());
    assert!(recorder.look(&line).unwrap().unwrap().size > line.size);
}

#[test]
fn files_come_and_go_between_listings() {
    let (card, mut recorder, line) = docked(b"a");
    card.vanishes_after_list(A);
    card.appears_after_list(b"new.mp4", b"new");
    assert_eq!(recorder.list().unwrap().lines, std::slice::from_ref(&line));
    assert_eq!(recorder.open(&line).err().map(|e| e.kind), Some(Kind::Missing));
    assert_eq!(recorder.list().unwrap().lines[0].raw_name, b"new.mp4");
}

#[test]
fn a_card_that_was_taken_out_answers_nobody() {
    let (card, mut recorder, line) = docked(b"a");
    card.yank_at_call(1);
    recorder.look(&line).unwrap();
    recorder.look(&line).unwrap_err();
    recorder.list().unwrap_err();
    let mut again = card.dock(&Faults::none());
    assert_eq!(again.list().unwrap().lines, std::slice::from_ref(&line), "the same file");
    assert_eq!(again.claims().unwrap().epoch, 2);
    recorder.look(&line).unwrap_err();
}

#[test]
fn an_unflushed_deletion_is_undone_by_a_yank() {
    for flushed in [false, true] {
        let (card, mut recorder, line) = docked(b"a");
        let permit = permit::earn(&mut recorder, &line).unwrap();
        recorder.delete(permit).unwrap();
        if flushed {
            recorder.flush().unwrap();
        }
        card.yank();
        assert_eq!(card.bytes(A).is_none(), flushed);
    }
}

#[test]
fn a_deletion_can_be_refused_or_faked() {
    let spoil: [(fn(&SimCard), _); 3] = [
        (|card| card.set_read_only(true), Err(Kind::ReadOnly)),
        (SimCard::read_only_at_delete, Err(Kind::ReadOnly)),
        (|card| card.stuck(A), Ok(())),
    ];
    for (spoil, outcome) in spoil {
        let (card, mut recorder, line) = docked(b"a");
        let permit = permit::earn(&mut recorder, &line).unwrap();
        spoil(&card);
        assert_eq!(recorder.delete(permit).map_err(|e| e.kind), outcome);
        recorder.flush().unwrap();
        assert_eq!(recorder.look(&line), Ok(Some(line)), "it is still there");
    }
}

#[test]
fn a_deletion_is_lost_or_landed() {
    for (mode, kind, there) in
        [(Mode::Lost, Kind::Failed, true), (Mode::Landed, Kind::Unknown, false)]
    {
        let card = SimCard::new("J800000", &[(A, b"a")]);
        let faults = Faults::none();
        let mut recorder = card.dock(&faults);
        let line = recorder.list().unwrap().lines.remove(0);
        let permit = permit::earn(&mut recorder, &line).unwrap();
        faults.next(mode);
        assert_eq!(recorder.delete(permit).unwrap_err().kind, kind);
        assert_eq!(card.bytes(A).is_some(), there, "{mode:?}");
    }
}

#[test]
fn odd_things_are_listed_and_never_opened() {
    let (card, mut recorder, _) = docked(b"a");
    card.put_odd(b"link", LineKind::Symlink);
    card.set_mtime(A, None);
    card.set_clock_offset(None);
    card.never_cold();
    let lines = recorder.list().unwrap().lines;
    assert_eq!((lines[0].mtime_ms, lines[1].kind), (None, LineKind::Symlink));
    assert_eq!(recorder.open(&lines[1]).err().map(|e| e.kind), Some(Kind::Invalid));
    assert!(matches!(recorder.clock(), Ok(ClockOffset::Unknown { .. })));
    assert_eq!(recorder.make_cold().unwrap_err().kind, Kind::Failed);
}
