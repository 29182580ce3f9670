//! The contract of `ports::Recorder`.

use crate::clips;
use crate::permit;
use crate::source::{read_in_blocks, read_whole};
use sealdock_core::block::Block;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::{Kind, Recorder};

/// Raw names and bytes of one card.
type Files<'a> = &'a [(&'a [u8], &'a [u8])];

/// Runs the whole contract; `make` docks a writable recorder that holds exactly these files (raw
/// name with `/` between parts, bytes).
///
/// # Panics
/// A claim does not hold.
pub fn recorder(make: impl Fn(Files) -> Box<dyn Recorder>) {
    an_empty_recorder_lists_nothing(&mut *make(&[]));
    let contents = clips::EDGE_SIZES.map(|size| clips::bytes(size as u64, size));
    let names = clips::EDGE_SIZES.map(|size| format!("DCIM/{size}.mp4").into_bytes());
    let files: Vec<(&[u8], &[u8])> =
        names.iter().map(Vec::as_slice).zip(contents.iter().map(Vec::as_slice)).collect();
    every_byte_is_read(&mut *make(&files), &files);
    the_list_is_sorted_and_stable(&make);
    names_are_raw(&make);
    claims_and_clock_are_told(&mut *make(&[(b"a", b"1")]));
    only_the_listed_file_is_opened(&make);
    looking_tells_what_is_there(&make);
    a_cold_reading_is_equal_or_refused(&mut *make(&files), &files);
    only_the_permitted_file_goes(&make);
    a_permit_for_another_file_deletes_nothing(&make);
}

fn lines(recorder: &mut dyn Recorder) -> Vec<RawLine> {
    recorder.list().expect("a docked recorder can be listed").lines
}

fn files(recorder: &mut dyn Recorder) -> Vec<RawLine> {
    lines(recorder).into_iter().filter(|line| line.kind == LineKind::File).collect()
}

/// The change time of a line whose file was written to since, and dated back.
fn later(line: &RawLine) -> Option<i128> {
    Some(line.changed_ns.unwrap_or(0) + 1)
}

fn read(recorder: &mut dyn Recorder, line: &RawLine) -> Vec<u8> {
    read_whole(&mut *recorder.open(line).expect("a listed file opens")).expect("and can be read")
}

fn names(lines: &[RawLine]) -> Vec<&[u8]> {
    lines.iter().map(|line| line.raw_name.as_slice()).collect()
}

fn an_empty_recorder_lists_nothing(recorder: &mut dyn Recorder) {
    assert_eq!(lines(recorder), []);
}

fn every_byte_is_read(recorder: &mut dyn Recorder, files_made: Files) {
    let listed = files(recorder);
    assert_eq!(listed.len(), files_made.len());
    for line in &listed {
        let made = files_made.iter().find(|(name, _)| *name == line.raw_name);
        let (_, bytes) = made.expect("only what was put there is listed");
        assert_eq!(line.size, bytes.len() as u64, "the size is in bytes");
        for block_bytes in [4096, 1 << 20] {
            let mut source = recorder.open(line).expect("a listed file opens");
            let back = read_in_blocks(&mut *source, block_bytes).expect("and can be read");
            assert!(back == *bytes, "{} bytes equal in blocks of {block_bytes}", bytes.len());
            assert!(source.unchanged().expect("it can be looked at"), "nobody changed it");
            let mut block = Block::new(4096);
            let past = line.size.next_multiple_of(4096) + 4096;
            assert_eq!(source.read_at(past, &mut block), Ok(0), "nothing is past the end");
            assert_eq!(block.bytes(), b"");
            assert!(!source.method().is_empty(), "the way of reading has a name");
        }
    }
}

fn the_list_is_sorted_and_stable(make: impl Fn(Files) -> Box<dyn Recorder>) {
    let mut recorder = make(&[
        (b"z.mp4", b"1"),
        (b"DCIM/b/2.mp4", b"22"),
        (b"DCIM/a.mp4", b"333"),
        (b"DCIM/b.mp4", b"4444"),
        (b"DCIM/B.mp4", b"case twin"),
    ]);
    let first = lines(&mut *recorder);
    let expected: [&[u8]; 5] =
        [b"DCIM/B.mp4", b"DCIM/a.mp4", b"DCIM/b.mp4", b"DCIM/b/2.mp4", b"z.mp4"];
    assert_eq!(names(&first), expected, "sorted by raw name, directories are no lines");
    assert_eq!(lines(&mut *recorder), first, "listing changes nothing");
    let mut ids: Vec<u64> = first.iter().map(|line| line.file_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5, "each file has its own identity");
}

fn names_are_raw(make: impl Fn(Files) -> Box<dyn Recorder>) {
    let long = [b'x'; 255];
    let made: [(&[u8], &[u8]); 6] = [
        (b"\xca\xd3\xc6\xb5.mp4", b"GBK"),
        (b"a\nb\x1b[2J.mp4", b"control"),
        ("\u{202e}4pm.exe".as_bytes(), b"right to left"),
        (b"..mp4", b"dots"),
        (b"-rf ~ $(id) %s", b"shell"),
        (&long, b"long"),
    ];
    let mut recorder = make(&made);
    let listed = files(&mut *recorder);
    assert_eq!(listed.len(), made.len());
    for line in &listed {
        let (_, bytes) = made.iter().find(|(name, _)| *name == line.raw_name).expect("raw name");
        assert_eq!(read(&mut *recorder, line), *bytes, "{:?}", line.raw_name);
    }
}

fn claims_and_clock_are_told(recorder: &mut dyn Recorder) {
    let claims = recorder.claims().expect("a docked recorder says what it is");
    assert!(!claims.fingerprint.is_empty() && !claims.read_only, "{claims:?}");
    assert!(!claims.fingerprint.contains('\n'), "the fingerprint is one line");
    recorder.clock().expect("the clock is measured or said to be unknown");
    assert_eq!(recorder.claims().map(|c| c.epoch), Ok(claims.epoch), "still the same docking");
}

fn only_the_listed_file_is_opened(make: impl Fn(Files) -> Box<dyn Recorder>) {
    let mut recorder = make(&[(b"a.mp4", b"listed"), (b"DCIM/b.mp4", b"other")]);
    let line = files(&mut *recorder).into_iter().find(|l| l.raw_name == b"a.mp4").expect("listed");
    let others = [
        RawLine { size: line.size + 1, ..line.clone() },
        RawLine { mtime_ms: Some(line.mtime_ms.unwrap_or(0) + 60_000), ..line.clone() },
        RawLine { file_id: line.file_id ^ 1, ..line.clone() },
        RawLine { changed_ns: later(&line), ..line.clone() },
        RawLine { raw_name: b"gone.mp4".to_vec(), ..line.clone() },
        RawLine { raw_name: b"DCIM/../a.mp4".to_vec(), ..line.clone() },
        RawLine { raw_name: b"./a.mp4".to_vec(), ..line.clone() },
        RawLine { raw_name: b"/etc/hostname".to_vec(), ..line.clone() },
        RawLine { raw_name: b"".to_vec(), ..line.clone() },
        RawLine { raw_name: b"a.mp4\0".to_vec(), ..line.clone() },
        RawLine { raw_name: b"DCIM".to_vec(), ..line.clone() },
    ];
    for other in others {
        assert!(recorder.open(&other).is_err(), "not what was listed: {other:?}");
    }
    assert_eq!(read(&mut *recorder, &line), b"listed");
}

fn looking_tells_what_is_there(make: impl Fn(Files) -> Box<dyn Recorder>) {
    let mut recorder = make(&[(b"a.mp4", b"listed")]);
    let line = files(&mut *recorder).remove(0);
    assert_eq!(recorder.look(&line), Ok(Some(line.clone())));
    // What is claimed does not change what is found.
    let claimed = RawLine { size: 1, mtime_ms: None, file_id: 0, ..line.clone() };
    assert_eq!(recorder.look(&claimed), Ok(Some(line.clone())));
    let gone = RawLine { raw_name: b"gone.mp4".to_vec(), ..line };
    assert_eq!(recorder.look(&gone), Ok(None));
}

fn a_cold_reading_is_equal_or_refused(recorder: &mut dyn Recorder, files_made: Files) {
    let before = files(recorder);
    match recorder.make_cold() {
        Ok(method) => assert!(!method.is_empty(), "the way has a name"),
        Err(e) => assert!(e.kind == Kind::Failed && !e.message.is_empty(), "{e:?}"),
    }
    for line in &before {
        let (_, bytes) =
            files_made.iter().find(|(name, _)| *name == line.raw_name).expect("was put there");
        assert_eq!(recorder.look(line), Ok(Some(line.clone())), "still the same file");
        assert!(read(recorder, line) == *bytes, "and the same bytes");
    }
    assert_eq!(files(recorder), before);
}

fn only_the_permitted_file_goes(make: impl Fn(Files) -> Box<dyn Recorder>) {
    let kept: [(&[u8], &[u8]); 4] =
        [(b"a", b"same"), (b"a.mp4.bak", b"same"), (b"d/a.mp4", b"same"), (b"z", b"")];
    let mut recorder = make(&[&kept[..], &[(b"a.mp4", b"same")]].concat());
    let line = files(&mut *recorder).into_iter().find(|l| l.raw_name == b"a.mp4").expect("listed");
    let [first, second] = [(); 2].map(|()| permit::earn(&mut *recorder, &line).expect("earned"));
    recorder.delete(first).expect("the permitted file is deleted");
    recorder.flush().expect("and that reaches the medium");
    assert_eq!(recorder.look(&line), Ok(None));
    let left = files(&mut *recorder);
    assert_eq!(names(&left), kept.map(|(name, _)| name), "nothing else went");
    for (line, (_, bytes)) in left.iter().zip(kept) {
        assert_eq!(read(&mut *recorder, line), bytes);
    }
    assert!(recorder.delete(second).is_err(), "what is gone cannot be deleted again");
    assert_eq!(files(&mut *recorder), left);
}

fn a_permit_for_another_file_deletes_nothing(make: impl Fn(Files) -> Box<dyn Recorder>) {
    let mut recorder = make(&[(b"a.mp4", b"bytes"), (b"d/b.mp4", b"bytes")]);
    let before = lines(&mut *recorder);
    let line = before.iter().find(|l| l.raw_name == b"a.mp4").expect("listed").clone();
    let others = [
        (RawLine { size: 6, ..line.clone() }, &b"bytes!"[..]),
        (RawLine { file_id: line.file_id ^ 1, ..line.clone() }, b"bytes"),
        (RawLine { changed_ns: later(&line), ..line.clone() }, b"bytes"),
        (RawLine { mtime_ms: Some(line.mtime_ms.unwrap_or(0) + 60_000), ..line.clone() }, b"bytes"),
        (RawLine { raw_name: b"d/../a.mp4".to_vec(), ..line.clone() }, b"bytes"),
        (RawLine { raw_name: b"d".to_vec(), ..line.clone() }, b"bytes"),
        (RawLine { raw_name: b"gone".to_vec(), ..line }, b"bytes"),
    ];
    for (other, bytes) in others {
        let refused = recorder.delete(permit::earn_for(&other, bytes));
        assert!(refused.is_err(), "the permit is for another file: {other:?}");
    }
    recorder.flush().expect("there is nothing to flush");
    assert_eq!(lines(&mut *recorder), before, "everything is still there");
}
