//! A clip that is there in part: what a sound excerpt is, and every way in which whoever holds the station's keys may lie
//! with one. Program and page judge the very same packages.

use crate::build::*;
use crate::film::{self, BEGIN, Film, boxed, elst, picture_entry, sound_entry, table, words};
use crate::page::{Page, program_told};
use crate::{is_good, judge, pin, pinned, told, with_key};
use Code::*;
use sealdock_chain::{ChunkTree, Digest, to_canonical};
use sealdock_excerpt::{Cut, Master, Range, cut};
use sealdock_verify::{Code, Memory, Of, Report, Trust, Word, excerpt_map};
use serde_json::{Value, json};
use std::convert::Infallible;

/// The clip that is given in part; it has four pieces.
pub const CLIP: u64 = 5;
const NAME: &str = "excerpts/C5_5000-6500.mp4";
const MAP: &str = "excerpts/C5_5000-6500.json";
const PIECE: usize = 4 << 20;
const RANGE: Range = Range { from_ms: 5000, to_ms: 6500 };

pub struct Whole<'b>(pub &'b [u8]);

impl Master for Whole<'_> {
    type Error = Infallible;

    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), Infallible> {
        into.copy_from_slice(&self.0[at as usize..at as usize + into.len()]);
        Ok(())
    }
}

/// What the rule gives.
pub fn excerpt(master: &[u8], range: Range) -> (Cut, Vec<u8>) {
    let cut = cut(&mut Whole(master), range).unwrap();
    let run = |run: &sealdock_excerpt::Run| &master[run.at as usize..(run.at + run.len) as usize];
    let bytes = cut.runs.iter().fold(cut.head.clone(), |file, it| [&file, run(it)].concat());
    (cut, bytes)
}

/// What is to be made of the clip.
#[derive(Clone)]
struct Draft {
    film: Film,
    /// The film that the excerpt is cut from, where it is another.
    other: Option<Film>,
    range: Range,
    /// Changes of the excerpt, and of its map, before both are named everywhere.
    excerpt: fn(&mut Vec<u8>),
    map: fn(&mut Value),
    /// Changes of everything that a manifest will name.
    tags: fn(&mut Files),
    payload: fn(&mut Files),
    /// Changes of the entry that completes the copy.
    completed: fn(&mut Value),
}

fn draft() -> Draft {
    Draft {
        film: film::film(),
        other: None,
        range: RANGE,
        excerpt: |_| (),
        map: |_| (),
        tags: |_| (),
        payload: |_| (),
        completed: |_| (),
    }
}

/// A package that holds an excerpt in place of the clip.
fn made(change: fn(&mut Draft)) -> Package {
    let mut draft = draft();
    change(&mut draft);
    let master = draft.film.bytes();
    // A film that the rule does not take is given the excerpt of one that it takes.
    let taken = cut(&mut Whole(&master), draft.range).is_ok();
    let source = match &draft.other {
        Some(other) => other.bytes(),
        None if taken => master.clone(),
        None => film::film().bytes(),
    };
    let (cut, mut file) = excerpt(&source, draft.range);
    (draft.excerpt)(&mut file);
    let mut tree = ChunkTree::new();
    tree.update(&master);
    let chunks = tree.finish();
    let of = Of {
        clip: CLIP,
        master: (master.len() as u64, Digest::of(&master), chunks.root),
        range: draft.range,
        sha256: Digest::of(&file),
    };
    let mut map: Value = serde_json::from_slice(&excerpt_map(&of, &cut)).unwrap();
    map["size"] = json!(file.len());
    (draft.map)(&mut map);
    let map = to_canonical(&map).unwrap();
    let mut plan = usual();
    plan.clips[1] = master.clone();
    let pieces = match taken {
        true => cut.pieces(PIECE as u64),
        false => (0..master.len().div_ceil(PIECE) as u64).collect(),
    };
    package_hooked(&plan, move |_, stage| match stage {
        Stage::Tags(files) => {
            files.insert(NAME.into(), file.clone());
            files.insert(MAP.into(), map.clone());
            (draft.tags)(files);
        }
        Stage::Payload(files) => {
            files.remove(&data_name(CLIP)).unwrap();
            for (number, piece) in (0..).zip(master.chunks(PIECE)) {
                if pieces.contains(&number) {
                    files.insert(format!("data/C5.pieces/{number}"), piece.to_vec());
                }
            }
            (draft.payload)(files);
        }
        Stage::Entry(entry) if entry.event["type"] == "copy.completed" => {
            let is_whole = |file: &&Value| {
                let clip = file["clip"].as_str().unwrap();
                !clip.starts_with("C5") && !clip.contains(".pieces")
            };
            let whole = entry.event["files"].as_array().unwrap().iter();
            let whole: Vec<Value> = whole.filter(is_whole).cloned().collect();
            entry.event["files"] = json!(whole);
            entry.event["excerpts"] = json!([{ "clip": "C5", "name": &NAME[9..], "size": file.len(),
                "sha256": Digest::of(&file), "from_ms": draft.range.from_ms, "to_ms": draft.range.to_ms }]);
            (draft.completed)(&mut entry.event);
        }
        _ => {}
    })
}

fn report(package: &Package) -> Report {
    judge(&package.folder, &pinned(package, package.sizes.0)).unwrap()
}

fn sentences(report: &Report, answer: &str) -> String {
    let json = report.to_json();
    let facts = json["answers"][answer].as_array().unwrap().clone();
    facts.iter().map(|fact| fact["en"].as_str().unwrap().to_owned() + "\n").collect()
}

#[test]
fn a_sound_excerpt_is_anchored_and_never_called_an_original() {
    let package = made(|_| ());
    let report = report(&package);
    assert_eq!(told(&report), (Word::Anchored, vec![]), "{report}");
    let integrity = sentences(&report, "integrity");
    let proven = "excerpts/C5_5000-6500.mp4: an excerpt, derived and no original: of C5, seconds 5.000–6.500 asked for, \
                  5.000–6.500 shown; computed again by the rule cut-1 from 3 of the 4 pieces of the clip (number 0 to 3), byte for byte, which lead to the \
                  root in entry 5.";
    assert!(integrity.contains(proven), "{integrity}");
    assert!(!integrity.contains("C5 (data/") && integrity.contains("C4 (data/"), "{integrity}");
    assert!(sentences(&report, "not_proven").contains("Of an excerpt: what lies before and after"));
    assert!(
        sentences(&report, "not_proven").contains("its SHA-256 and its signature were not checked")
    );
    assert!(integrity.contains("Of clips that are here whole every piece"), "{integrity}");
    let rest =
        "Clips of which only excerpts are in this package, with the pieces that they rest on: C5";
    assert!(sentences(&report, "completeness").contains(rest));
    let pieces = package.folder.files.keys().filter(|name| name.contains(".pieces/"));
    assert_eq!(pieces.count(), 3, "of four");
}

#[test]
fn a_package_of_excerpts_alone_is_a_package() {
    let alone = made(|draft| {
        draft.payload = |files| files.retain(|name, _| name.starts_with("data/C5"));
        draft.completed = |event| event["files"] = json!([]);
    });
    let report = judge(&alone.folder, &pinned(&alone, alone.sizes.0)).unwrap();
    assert_eq!(report.word, Word::Anchored, "{report}");
    // No clip is here whole, so nothing is said of such.
    assert!(!sentences(&report, "integrity").contains("every piece and its root"), "{report}");
}

/// What is changed before everything is signed, or afterwards.
#[derive(Clone, Copy)]
enum Change {
    Before(fn(&mut Draft)),
    After(fn(&mut Memory)),
}
use Change::{After, Before};

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|it| it == what).unwrap()
}

/// Puts a box at the end of the first box of that kind, whose size and those around it grow.
fn put_into(file: &mut Vec<u8>, way: &[&[u8; 4]], more: &[u8]) {
    let (mut from, mut heads) = (0, vec![]);
    for kind in way {
        let at = from + find(&file[from..], *kind) - 4;
        heads.push(at);
        from = at + 8;
    }
    let size = |file: &[u8], at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    let last = *heads.last().unwrap();
    let end = last + size(file, last) as usize;
    for at in heads {
        let grown = size(file, at) + more.len() as u32;
        file[at..at + 4].copy_from_slice(&grown.to_be_bytes());
    }
    file.splice(end..end, more.iter().copied());
}

/// A table of chunks that leads elsewhere.
fn stco(at: u32) -> Vec<u8> {
    table(b"stco", 0, 1, &[at])
}

/// Boxes in which a player may look for more.
fn hidden() -> Vec<u8> {
    boxed(b"udta", &[&boxed(b"free", &[&stco(40)])])
}

fn track(draft: &mut Draft, number: usize) -> &mut film::Track {
    &mut draft.film.tracks[number]
}

fn double(map: &mut Value) {
    let again = map["excerpts"][0].clone();
    map["excerpts"].as_array_mut().unwrap().push(again);
}

/// Attacks on the excerpt itself, on its map, and on what it rests on.
#[rustfmt::skip]
fn cases() -> Vec<(&'static str, Change, Word, &'static [Code])> {
    use Word::{Damaged, Incomplete, Tampered};
    vec![
        // The file is another than the rule gives, and everybody says its digest.
        ("a sample of other bytes", Before(|d| d.excerpt = |f| { let at = f.len() - 9; f[at] ^= 1 }), Tampered, &[ExcerptParts]),
        ("a sample of other bytes of the master", Before(|d| d.excerpt = |f| { let at = f.len() - 100_000; f.copy_within(at - 500_000..at - 400_000, at) }), Tampered, &[ExcerptParts]),
        ("two pictures exchanged", Before(|d| d.excerpt = |f| { let at = f.len() - 300_000; let one = f[at..at + 100_000].to_vec(); f.copy_within(at + 100_000..at + 200_000, at); f[at + 100_000..at + 200_000].copy_from_slice(&one) }), Tampered, &[ExcerptParts]),
        ("the sound of another clip", Before(|d| { let mut other = film::film(); for byte in &mut other.data[(5 * film::second(100_000) + 1_000_000) as usize..][..720] { *byte ^= 7 } d.other = Some(other) }), Tampered, &[ExcerptParts]),
        ("C1: a table of chunks in udta of a track", Before(|d| d.excerpt = |f| put_into(f, &[b"moov", b"trak"], &hidden())), Tampered, &[ExcerptRefused]),
        ("C1: a table of chunks in free, in a description", Before(|d| d.excerpt = |f| put_into(f, &[b"moov", b"stsd"], &stco(40))), Tampered, &[ExcerptRefused]),
        ("C1: a second moov behind it", Before(|d| d.excerpt = |f| { let at = find(f, b"moov") - 4; let end = find(f, b"mdat") - 4; let again = f[at..end].to_vec(); f.extend(again) }), Tampered, &[ExcerptRefused]),
        ("C1: a fragment behind it", Before(|d| d.excerpt = |f| f.extend(boxed(b"moof", &[]))), Tampered, &[ExcerptRefused]),
        ("C1: a box that goes over the end", Before(|d| d.excerpt = |f| f.extend([0, 1, 0, 0, b'u', b'u', b'i', b'd'])), Tampered, &[ExcerptRefused]),
        ("a table changed in its place", Before(|d| d.excerpt = |f| { let at = find(f, b"co64"); f[at + 19] ^= 1 }), Tampered, &[ExcerptParts]),
        ("M4: a second edit", Before(|d| d.excerpt = |f| { let at = find(f, b"elst"); f[at + 11] = 2 }), Tampered, &[ExcerptParts]),
        ("M4: a track that is not enabled", Before(|d| d.excerpt = |f| { let at = find(f, b"tkhd"); f[at + 7] = 2 }), Tampered, &[ExcerptParts]),
        ("M4: a picture that lasts no time", Before(|d| d.excerpt = |f| { let at = find(f, b"stts"); f[at + 19] = 0 }), Tampered, &[ExcerptParts]),
        ("speed", Before(|d| d.excerpt = |f| { let at = find(f, b"mdhd"); f[at + 26] = 9 }), Tampered, &[ExcerptParts]),
        ("turned upside down", Before(|d| d.excerpt = |f| { let at = find(f, b"tkhd"); f[at + 48] ^= 1 }), Tampered, &[ExcerptParts]),
        ("another brand", Before(|d| d.excerpt = |f| f[8] = b'q'), Tampered, &[ExcerptParts]),
        ("C2: a film of single bytes of the master", Before(|d| d.excerpt = |f| { let at = find(f, b"mdat") + 4; for byte in (at..f.len()).step_by(2) { f[byte] = b'x' } }), Tampered, &[ExcerptParts]),
        ("an excerpt of nothing", Before(|d| d.excerpt = |f| f.clear()), Tampered, &[ExcerptRefused]),
        ("the whole clip in place of it", Before(|d| d.excerpt = |f| *f = film::film().bytes()), Tampered, &[ExcerptRefused]),
        // The clip is one that the rule does not take.
        ("M3: a huge table of chunks", Before(|d| track(d, 0).stco = table(b"stco", 0, 1, &vec![40; 3_000_000])), Tampered, &[ExcerptRefused]),
        ("M3: a moov of more than 16 MiB", Before(|d| d.film.more = boxed(b"udta", &[&vec![1; 17 << 20]])), Tampered, &[ExcerptRefused]),
        ("M3: a table that says it has more than it has", Before(|d| { let s = &mut track(d, 0).stsz; s[16] = 0x40 }), Tampered, &[ExcerptRefused]),
        ("no moov", Before(|d| d.film.last = |f| { let at = find(f, b"moov"); f[at] = b'f' }), Tampered, &[ExcerptRefused]),
        ("two moovs", Before(|d| d.film.after = d.film.moov()), Tampered, &[ExcerptRefused]),
        ("a moov in udta before the other", Before(|d| d.film.before = boxed(b"moof", &[])), Tampered, &[ExcerptRefused]),
        ("bytes behind its boxes", Before(|d| d.film.after = vec![0; 3]), Tampered, &[ExcerptRefused]),
        ("C1: a table of chunks in moov", Before(|d| d.film.more = boxed(b"udta", &[&stco(40)])), Tampered, &[ExcerptRefused]),
        ("C1: a table of chunks in a track", Before(|d| track(d, 0).more[3] = hidden()), Tampered, &[ExcerptRefused]),
        ("C1: a table of chunks in mdia", Before(|d| track(d, 0).more[2] = stco(40)), Tampered, &[ExcerptRefused]),
        ("C1: a table of chunks in minf", Before(|d| track(d, 0).more[1] = stco(40)), Tampered, &[ExcerptRefused]),
        ("C1: two tables of chunks", Before(|d| track(d, 0).more[0] = stco(40)), Tampered, &[ExcerptRefused]),
        ("C1: a table of chunks in a description", Before(|d| track(d, 0).stsd = picture_entry(&stco(40))), Tampered, &[ExcerptRefused]),
        ("C1: a box that no list has in a description", Before(|d| track(d, 1).stsd = sound_entry(b"mp4a", 16, &hidden())), Tampered, &[ExcerptRefused]),
        ("C1: two descriptions", Before(|d| { let entry = track(d, 0).stsd[16..].to_vec(); let both = boxed(b"stsd", &[&words(&[0, 2]), &entry, &entry]); track(d, 0).stsd = both }), Tampered, &[ExcerptRefused]),
        ("M4: two edits", Before(|d| track(d, 0).edts = elst(&[600, 100, 0x1_0000, 600, 900, 0x1_0000])), Tampered, &[ExcerptRefused]),
        ("M4: an edit at another speed", Before(|d| track(d, 0).edts = elst(&[8400, 100, 0x2_0000])), Tampered, &[ExcerptRefused]),
        ("M4: an edit that hides the beginning", Before(|d| track(d, 0).edts = elst(&[8400, 5000, 0x1_0000])), Tampered, &[ExcerptRefused]),
        ("M4: a track that is not enabled, in the clip", Before(|d| track(d, 0).tkhd[11] = 6), Tampered, &[ExcerptRefused]),
        ("M4: two tracks of pictures", Before(|d| { let again = d.film.tracks[0].clone(); d.film.tracks.push(again) }), Tampered, &[ExcerptRefused]),
        ("M4: a picture that lasts no time, in the clip", Before(|d| track(d, 0).stts = table(b"stts", 0, 2, &[139, 100, 1, 0])), Tampered, &[ExcerptRefused]),
        ("samples in another file", Before(|d| { let at = find(&track(d, 0).minf, b"url "); track(d, 0).minf[at + 7] = 0 }), Tampered, &[ExcerptRefused]),
        ("C2: samples that are the same bytes", Before(|d| { let s = &mut track(d, 0).stco; let at = s.len() - 36; let one = s[at..at + 4].to_vec(); s[at + 4..at + 8].copy_from_slice(&one) }), Tampered, &[ExcerptRefused]),
        ("a sample outside of the file", Before(|d| { let s = &mut track(d, 0).stco; let at = s.len() - 4; s[at] = 9 }), Tampered, &[ExcerptRefused]),
        ("a sample in moov", Before(|d| { let s = &mut track(d, 0).stco; s[36..40].copy_from_slice(&words(&[BEGIN - 8])) }), Tampered, &[ExcerptRefused]),
        ("no picture", Before(|d| drop(d.film.tracks.remove(0))), Tampered, &[ExcerptRefused]),
        ("a range that ends before it begins", Before(|d| d.completed = |e| { e["excerpts"][0]["to_ms"] = json!(5000) }), Tampered, &[ExcerptRefused]),
        ("a range behind the end", Before(|d| d.completed = |e| { e["excerpts"][0]["from_ms"] = json!(60_000); e["excerpts"][0]["to_ms"] = json!(70_000) }), Tampered, &[ExcerptRefused]),
        ("a range of more than a day", Before(|d| d.completed = |e| { e["excerpts"][0]["to_ms"] = json!(90_000_000) }), Tampered, &[ExcerptRefused]),
        // The range, the name, the map.
        ("L7: another range in the copy", Before(|d| d.completed = |e| e["excerpts"][0]["to_ms"] = json!(6400)), Tampered, &[ExcerptRefused]),
        ("L7: the cut of another range", Before(|d| { d.range = Range { from_ms: 5000, to_ms: 7500 }; d.completed = |e| e["excerpts"][0]["to_ms"] = json!(6500) }), Tampered, &[ExcerptRefused]),
        ("more excerpts than a copy may hold", Before(|d| d.completed = |e| { let one = e["excerpts"][0].clone(); for to in 0..20 { let mut more = one.clone(); more["to_ms"] = json!(6600 + to); more["name"] = json!(format!("C5_5000-{}.mp4", 6600 + to)); e["excerpts"].as_array_mut().unwrap().push(more) } }), Tampered, &[ExcerptRefused]),
        ("L7: named twice", Before(|d| d.completed = double), Tampered, &[ExcerptRefused]),
        ("L7: another name for the same range", Before(|d| { d.completed = |e| e["excerpts"][0]["name"] = json!("C5_5000-06500.mp4"); d.tags = |f| for ending in ["mp4", "json"] { let it = f.remove(&format!("excerpts/C5_5000-6500.{ending}")).unwrap(); f.insert(format!("excerpts/C5_5000-06500.{ending}"), it); } }), Tampered, &[ExcerptRefused]),
        ("a map of another range", Before(|d| d.map = |m| m["asked"]["to_ms"] = json!(9000)), Tampered, &[ExcerptRefused]),
        ("a map that shows more", Before(|d| d.map = |m| m["shown"]["to_ms"] = json!(9000)), Tampered, &[ExcerptRefused]),
        ("a map by another rule", Before(|d| d.map = |m| m["rule"] = json!("cut-2")), Tampered, &[ExcerptRefused]),
        ("a map of later", Before(|d| d.map = |m| m["v"] = json!(2)), Tampered, &[ExcerptRefused]),
        ("a map of another clip", Before(|d| d.map = |m| m["clip"] = json!("C4")), Tampered, &[ExcerptRefused]),
        ("a map of another master", Before(|d| d.map = |m| m["master"]["sha256"] = json!(Digest::of(b""))), Tampered, &[ExcerptRefused]),
        ("a map of another tree", Before(|d| d.map = |m| m["master"]["chunk_root"] = json!(Digest::of(b""))), Tampered, &[ExcerptRefused]),
        ("a map of other pictures", Before(|d| d.map = |m| m["picture"][0] = json!(0)), Tampered, &[ExcerptRefused]),
        ("a map of other sound", Before(|d| d.map = |m| drop(m.as_object_mut().unwrap().remove("sound"))), Tampered, &[ExcerptRefused]),
        ("a map of other pieces", Before(|d| d.map = |m| m["pieces"] = json!([1])), Tampered, &[ExcerptRefused]),
        ("a map that says more", Before(|d| d.map = |m| m["original"] = json!(true)), Tampered, &[ExcerptRefused]),
        ("a map that is not canonical", Before(|d| d.tags = |f| f.get_mut(MAP).unwrap().push(b'\n')), Tampered, &[ExcerptRefused]),
        ("a map that is no JSON", Before(|d| d.tags = |f| *f.get_mut(MAP).unwrap() = vec![0xff; 40]), Tampered, &[ExcerptRefused]),
        ("no map", Before(|d| d.tags = |f| drop(f.remove(MAP))), Incomplete, &[FileMissing]),
        ("no excerpt", Before(|d| d.tags = |f| drop(f.remove(NAME))), Incomplete, &[FileMissing]),
        // The copy, and what lies there beside.
        ("a copy of another file", Before(|d| d.completed = |e| e["excerpts"][0]["sha256"] = json!(Digest::of(b""))), Tampered, &[ExcerptRefused]),
        ("a copy of another size", Before(|d| d.completed = |e| e["excerpts"][0]["size"] = json!(7)), Tampered, &[ExcerptRefused]),
        ("a copy of another clip", Before(|d| d.completed = |e| e["excerpts"][0]["clip"] = json!("C6")), Tampered, &[FileMissing, ExcerptRefused, HandoverRefused]),
        ("a copy of the clip whole and in part", Before(|d| d.completed = |e| { let file = json!({"clip": "C5", "name": "C5.mp4", "size": 9, "sha256": Digest::of(b"")}); e["files"].as_array_mut().unwrap().push(file) }), Tampered, &[FileMissing, ClipMisnamed, HandoverRefused]),
        ("the excerpt called an original in the copy", Before(|d| d.completed = |e| { let mut part = e["excerpts"][0].clone(); for key in ["from_ms", "to_ms"] { part.as_object_mut().unwrap().remove(key); } part["name"] = json!("C5_5000-6500.mp4"); e["files"].as_array_mut().unwrap().push(part); e.as_object_mut().unwrap().remove("excerpts"); }), Tampered, &[FileMissing, ClipMisnamed, ExcerptRefused]),
        ("a copy that leads out of the folder", Before(|d| d.completed = |e| e["excerpts"][0]["name"] = json!("../data/C5.mp4")), Tampered, &[FileMissing, ExcerptRefused]),
        ("an excerpt that the copy does not name", Before(|d| d.completed = |e| drop(e.as_object_mut().unwrap().remove("excerpts"))), Tampered, &[ExcerptRefused]),
        ("excerpts that are none", Before(|d| d.completed = |e| e["excerpts"] = Value::Null), Tampered, &[EntryRefused]),
        ("a second excerpt beside it", Before(|d| d.tags = |f| { let (file, map) = (f[NAME].clone(), f[MAP].clone()); f.insert("excerpts/C5_5000-7000.mp4".into(), file); f.insert("excerpts/C5_5000-7000.json".into(), map); }), Tampered, &[ExcerptRefused]),
        ("the same as another kind of film", Before(|d| d.tags = |f| { let file = f[NAME].clone(); f.insert("excerpts/C5_5000-6500.mov".into(), file); }), Tampered, &[ExcerptRefused]),
        ("a piece more than it rests on", Before(|d| d.payload = |f| drop(f.insert("data/C5.pieces/2".into(), film::film().bytes()[2 * PIECE..3 * PIECE].to_vec()))), Tampered, &[ExcerptRefused]),
        ("a piece of a clip that is there whole", Before(|d| d.payload = |f| drop(f.insert("data/C4.pieces/0".into(), b"first clip".to_vec()))), Tampered, &[ExcerptRefused]),
        ("a piece behind the end of the clip", Before(|d| d.payload = |f| drop(f.insert("data/C5.pieces/9".into(), vec![0; 9]))), Tampered, &[ExcerptRefused]),
        ("the excerpt among the originals", Before(|d| d.payload = |f| drop(f.insert("data/C5_cut.mp4".into(), b"x".to_vec()))), Tampered, &[ClipUnknown, ClipDamaged]),
        ("the excerpt named with the payload", After(|f| { let line = format!("{}  {NAME}\n", Digest::of(&f.files[NAME])); f.files.get_mut("manifest-sha256.txt").unwrap().extend(line.into_bytes()) }), Tampered, &[BagMalformed, FileChanged]),
        // The pieces.
        ("a piece missing", Before(|d| d.payload = |f| drop(f.remove("data/C5.pieces/1"))), Incomplete, &[FileMissing]),
        ("the piece with its moov missing", Before(|d| d.payload = |f| drop(f.remove("data/C5.pieces/3"))), Incomplete, &[FileMissing]),
        ("pieces exchanged", Before(|d| d.payload = |f| { let (a, b) = (f["data/C5.pieces/0"].clone(), f["data/C5.pieces/1"].clone()); f.insert("data/C5.pieces/0".into(), b); f.insert("data/C5.pieces/1".into(), a); }), Damaged, &[ExcerptDamaged]),
        ("a piece of another clip", Before(|d| d.payload = |f| drop(f.insert("data/C5.pieces/1".into(), b"first clip".to_vec()))), Damaged, &[ExcerptDamaged]),
        ("a piece that is empty", Before(|d| d.payload = |f| drop(f.insert("data/C5.pieces/1".into(), vec![]))), Damaged, &[ExcerptDamaged]),
        ("a piece that the manifest has otherwise", After(|f| { let text = String::from_utf8(f.files["manifest-sha256.txt"].clone()).unwrap(); let other = text.replace(&Digest::of(&f.files["data/C5.pieces/1"]).to_string(), &Digest::of(b"").to_string()); f.files.insert("manifest-sha256.txt".into(), other.into_bytes()); }), Tampered, &[FileChanged, ClipMisnamed]),
        ("a bit of a piece turned", After(|f| f.files.get_mut("data/C5.pieces/1").unwrap()[7] ^= 1), Damaged, &[ExcerptDamaged]),
        ("a piece that goes on", After(|f| f.files.get_mut("data/C5.pieces/3").unwrap().push(0)), Damaged, &[ExcerptDamaged]),
        ("other leaves", After(|f| f.files.get_mut("clips/C5/chunks").unwrap()[7] ^= 1), Tampered, &[FileChanged, ChunksRefused]),
        // Accidents.
        ("a bit of the excerpt turned", After(|f| { let it = f.files.get_mut(NAME).unwrap(); let at = it.len() - 40; it[at] ^= 1 }), Damaged, &[ExcerptDamaged]),
        ("a bit of its head turned", After(|f| f.files.get_mut(NAME).unwrap()[110] ^= 1), Damaged, &[ExcerptDamaged]),
        ("an excerpt that ends early", After(|f| f.files.get_mut(NAME).unwrap().truncate(900_000)), Damaged, &[ExcerptDamaged]),
        ("an excerpt that goes on", After(|f| f.files.get_mut(NAME).unwrap().push(0)), Damaged, &[ExcerptDamaged]),
        ("a bit of its map turned", After(|f| f.files.get_mut(MAP).unwrap()[20] ^= 1), Tampered, &[FileChanged, ExcerptRefused]),
        ("its excerpt missing", After(|f| drop(f.files.remove(NAME))), Incomplete, &[FileMissing]),
    ]
}

fn changed(change: Change) -> Package {
    match change {
        Before(change) => made(change),
        After(change) => {
            let mut package = made(|_| ());
            change(&mut package.folder);
            package
        }
    }
}

#[test]
fn every_change_of_an_excerpt_gives_its_word_and_its_code() {
    let key = made(|_| ()).key();
    let mut page = Page::new();
    let mut wrong = Vec::new();
    for (what, change, word, codes) in cases() {
        let package = changed(change);
        let note = package.station.head(package.sizes.0).note().to_owned();
        let trust = Trust { pins: vec![pin(&note)], ..with_key(key.clone()) };
        let judged = judge(&package.folder, &trust).unwrap();
        if told(&judged) != (word, codes.to_vec()) {
            let found: Vec<String> = judged
                .findings
                .iter()
                .map(|f| format!("{} {} ({})", f.code.as_str(), f.about, f.detail))
                .collect();
            wrong.push(format!(
                "{what}: wanted {word:?} {codes:?}, got {:?}\n  {found:#?}",
                told(&judged)
            ));
        }
        let passing: Vec<&str> = package.folder.files.keys().map(String::as_str).collect();
        let passing: Vec<&str> =
            passing.into_iter().filter(|name| name.starts_with("excerpts/")).collect();
        let (program, page) = (
            program_told(&package.folder, &trust),
            page.told(&package.folder, (&trust, &[note]), &passing),
        );
        if program != page {
            wrong.push(format!("{what}: the program {program}, the page {page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever reads on behind the end would miss the piece, and give another word.
#[test]
fn both_stop_where_a_file_ends() {
    let long = made(|draft| {
        draft.range = Range { from_ms: 5000, to_ms: 9500 };
        draft.completed = |event| event["excerpts"][0]["name"] = json!("C5_5000-9500.mp4");
        draft.tags = |files| {
            for ending in ["mp4", "json"] {
                let file = files.remove(&format!("excerpts/C5_5000-6500.{ending}")).unwrap();
                files.insert(format!("excerpts/C5_5000-9500.{ending}"), file);
            }
        };
    });
    assert_eq!(told(&report(&long)), (Word::Anchored, vec![]), "{}", report(&long));
    let (mut folder, trust) = (long.folder.clone(), pinned(&long, long.sizes.0));
    folder.files.get_mut("excerpts/C5_5000-9500.mp4").unwrap().truncate(90);
    drop(folder.files.remove("data/C5.pieces/2"));
    let judged = judge(&folder, &trust).unwrap();
    assert_eq!(told(&judged), (Word::Damaged, vec![FileMissing, ExcerptDamaged]), "{judged}");
    let note = long.station.head(long.sizes.0).note().to_owned();
    let page = Page::new().told(&folder, (&trust, &[note]), &["excerpts/C5_5000-9500.mp4"]);
    assert_eq!(program_told(&folder, &trust), page);
}

/// Every file that belongs to an excerpt taken out.
#[test]
fn nothing_that_an_excerpt_rests_on_may_be_missing() {
    let sound = made(|_| ());
    let trust = pinned(&sound, sound.sizes.0);
    for name in sound.folder.files.keys().filter(|name| name.contains("C5")) {
        let mut folder = sound.folder.clone();
        folder.files.remove(name);
        let report = judge(&folder, &trust).unwrap();
        assert!(!is_good(report.word), "{name}: {report}");
    }
}
