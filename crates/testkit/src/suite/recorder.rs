//! The contract of `ports::Recorder`.

use crate::clips;
use crate::permit;
use crate::source::{read_in_blocks, read_whole};
use sealdock_core::block::Block;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::{Kind, Recorder};

/// Raw names and bytes of one card.
type Files<'a> = &'a [(&'a [u8], &'a [u8])];

/// What names a recorder can have at all.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// What stands before every name (a store of several); whoever makes the recorder takes it off again.
    pub below: &'static str,
    /// Any bytes, up to 255; else Unicode of at most 254 units.
    pub are_bytes: bool,
}

/// Runs the whole contract; `make` docks a writable recorder that holds exactly these files (raw
/// name with `/` between parts, bytes).
///
/// # Panics
/// A claim does not hold.
pub fn recorder(make: impl Fn(Files) -> Box<dyn Recorder>) {
    recorder_named(Names { below: "", are_bytes: true }, make);
}

/// [`recorder`] for one that cannot have all names.
///
/// # Panics
/// A claim does not hold.
pub fn recorder_named(names: Names, make: impl Fn(Files) -> Box<dyn Recorder>) {
    an_empty_recorder_lists_nothing(&mut *make(&[]));
    let contents = clips::EDGE_SIZES.map(|size| clips::bytes(size as u64, size));
    let at = clips::EDGE_SIZES.map(|size| names.at(format!("DCIM/{size}.mp4").as_bytes()));
    let files: Vec<(&[u8], &[u8])> =
        at.iter().copied().zip(contents.iter().map(Vec::as_slice)).collect();
    every_byte_is_read(&mut *make(&files), &files);
    the_list_is_sorted_and_stable(names, &make);
    names_are_raw(names, &make);
    claims_and_clock_are_told(&mut *make(&[(names.at(b"a"), b"1")]));
    only_the_listed_file_is_opened(names, &make);
    looking_tells_what_is_there(names, &make);
    a_cold_reading_is_equal_or_refused(&mut *make(&files), &files);
    only_the_permitted_file_goes(names, &make);
    a_permit_for_another_file_deletes_nothing(names, &make);
}

impl Names {
    /// A name as this recorder has it. Kept for the rest of the test's life: there are a few dozen.
    fn at(&self, name: &[u8]) -> &'static [u8] {
        [self.below.as_bytes(), name].concat().leak()
    }

    /// Only what it can have.
    fn odd(&self) -> Vec<(&'static [u8], &'static [u8])> {
        let long = if self.are_bytes { [b'x'; 255].as_slice() } else { &[b'x'; 254] };
        let mut odd: Vec<(&'static [u8], &'static [u8])> = vec![
            (self.at(b"a\nb\x1b[2J.mp4"), b"control"),
            (self.at("\u{202e}4pm.exe".as_bytes()), b"right to left"),
            (self.at("\u{8b66}\u{1f600}.mp4".as_bytes()), b"beyond the first plane"),
            (self.at(b"..mp4"), b"dots"),
            (self.at(b"-rf ~ $(id) %s"), b"shell"),
            (self.at(long), b"long"),
        ];
        if self.are_bytes {
            odd.push((self.at(b"\xca\xd3\xc6\xb5.mp4"), b"GBK"));
        }
        odd
    }
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

fn the_list_is_sorted_and_stable(n: Names, make: impl Fn(Files) -> Box<dyn Recorder>) {
    let mut recorder = make(&[
        (n.at(b"z.mp4"), b"1"),
        (n.at(b"DCIM/b/2.mp4"), b"22"),
        (n.at(b"DCIM/a.mp4"), b"333"),
        (n.at(b"DCIM/b.mp4"), b"4444"),
        (n.at(b"DCIM/B.mp4"), b"case twin"),
    ]);
    let first = lines(&mut *recorder);
    let expected: [&[u8]; 5] =
        [b"DCIM/B.mp4", b"DCIM/a.mp4", b"DCIM/b.mp4", b"DCIM/b/2.mp4", b"z.mp4"];
    let expected = expected.map(|name| n.at(name));
    assert_eq!(names(&first), expected, "sorted by raw name, directories are no lines");
    assert_eq!(lines(&mut *recorder), first, "listing changes nothing");
    let mut ids: Vec<u64> = first.iter().map(|line| line.file_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5, "each file has its own identity");
}

fn names_are_raw(n: Names, make: impl Fn(Files) -> Box<dyn Recorder>) {
    let made = n.odd();
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

fn only_the_listed_file_is_opened(n: Names, make: impl Fn(Files) -> Box<dyn Recorder>) {
    let a = n.at(b"a.mp4");
    let mut recorder = make(&[(a, b"listed"), (n.at(b"DCIM/b.mp4"), b"other")]);
    let line = files(&mut *recorder).into_iter().find(|l| l.raw_name == a).expect("listed");
    let others = [
        RawLine { size: line.size + 1, ..line.clone() },
        RawLine { mtime_ms: Some(line.mtime_ms.unwrap_or(0) + 60_000), ..line.clone() },
        RawLine { file_id: line.file_id ^ 1, ..line.clone() },
        RawLine { changed_ns: later(&line), ..line.clone() },
        RawLine { raw_name: n.at(b"gone.mp4").to_vec(), ..line.clone() },
        RawLine { raw_name: n.at(b"DCIM/../a.mp4").to_vec(), ..line.clone() },
        RawLine { raw_name: n.at(b"./a.mp4").to_vec(), ..line.clone() },
        RawLine { raw_name: b"/etc/hostname".to_vec(), ..line.clone() },
        RawLine { raw_name: b"".to_vec(), ..line.clone() },
        RawLine { raw_name: n.at(b"a.mp4\0").to_vec(), ..line.clone() },
        RawLine { raw_name: n.at(b"DCIM").to_vec(), ..line.clone() },
    ];
    for other in others {
        assert!(recorder.open(&other).is_err(), "not what was listed: {other:?}");
    }
    assert_eq!(read(&mut *recorder, &line), b"listed");
}

fn looking_tells_what_is_there(n: Names, make: impl Fn(Files) -> Box<dyn Recorder>) {
    let mut recorder = make(&[(n.at(b"a.mp4"), b"listed")]);
    let line = files(&mut *recorder).remove(0);
    assert_eq!(recorder.look(&line), Ok(Some(line.clone())));
    // What is claimed does not change what is found.
    let claimed = RawLine { size: 1, mtime_ms: None, file_id: 0, ..line.clone() };
    assert_eq!(recorder.look(&claimed), Ok(Some(line.clone())));
    let gone = RawLine { raw_name: n.at(b"gone.mp4").to_vec(), ..line };
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

fn only_the_permitted_file_goes(n: Names, make: impl Fn(Files) -> Box<dyn Recorder>) {
    let kept: [(&[u8], &[u8]); 4] =
        [(b"a", b"same"), (b"a.mp4.bak", b"same"), (b"d/a.mp4", b"same"), (b"z", b"")];
    let kept = kept.map(|(name, bytes)| (n.at(name) as &[u8], bytes));
    let a = n.at(b"a.mp4");
    let mut recorder = make(&[&kept[..], &[(a, b"same")]].concat());
    let line = files(&mut *recorder).into_iter().find(|l| l.raw_name == a).expect("listed");
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

fn a_permit_for_another_file_deletes_nothing(n: Names, make: impl Fn(Files) -> Box<dyn Recorder>) {
    let a = n.at(b"a.mp4");
    let mut recorder = make(&[(a, b"bytes"), (n.at(b"d/b.mp4"), b"bytes")]);
    let before = lines(&mut *recorder);
    let line = before.iter().find(|l| l.raw_name == a).expect("listed").clone();
    let others = [
        (RawLine { size: 6, ..line.clone() }, &b"bytes!"[..]),
        (RawLine { file_id: line.file_id ^ 1, ..line.clone() }, b"bytes"),
        (RawLine { changed_ns: later(&line), ..line.clone() }, b"bytes"),
        (RawLine { mtime_ms: Some(line.mtime_ms.unwrap_or(0) + 60_000), ..line.clone() }, b"bytes"),
        (RawLine { raw_name: n.at(b"d/../a.mp4").to_vec(), ..line.clone() }, b"bytes"),
        (RawLine { raw_name: n.at(b"d").to_vec(), ..line.clone() }, b"bytes"),
        (RawLine { raw_name: n.at(b"gone").to_vec(), ..line }, b"bytes"),
    ];
    for (other, bytes) in others {
        let refused = recorder.delete(permit::earn_for(&other, bytes));
        assert!(refused.is_err(), "the permit is for another file: {other:?}");
    }
    recorder.flush().expect("there is nothing to flush");
    assert_eq!(lines(&mut *recorder), before, "everything is still there");
}
