//! A clip that is there in part: what a sound excerpt is, and every way in which one may lie. Program and page judge
//! the very same packages.

use crate::build::*;
use crate::page::{Page, program_told};
use crate::{is_good, judge, pin, pinned, told, with_key};
use Code::*;
use sealdock_chain::{Digest, to_canonical};
use sealdock_verify::{Code, Memory, Report, Trust, Word, excerpt_holds};
use serde_json::{Value, json};

/// The clip that is given in part; it has two pieces.
const CLIP: u64 = 5;
const NAME: &str = "excerpts/C5_1000-2000.mp4";
const MAP: &str = "excerpts/C5_1000-2000.json";
const PIECE: usize = 4 << 20;
/// Where `mdat` begins to hold samples.
const AT: u64 = 32;

/// What is to be made of the clip.
#[derive(Clone)]
struct Draft {
    /// Of the master.
    runs: Vec<(u64, u64)>,
    /// Chunks of each track: offset in the excerpt, lengths of samples.
    tracks: Vec<Vec<(u64, Vec<u32>)>>,
    mdat: Vec<u8>,
    /// Boxes behind `moov`.
    more: Vec<u8>,
    /// Changes of the finished container and of the finished map.
    container: fn(&mut Vec<u8>),
    map: fn(&mut Value),
    /// Changes of everything that a manifest will name.
    tags: fn(&mut Files),
    payload: fn(&mut Files),
    /// Changes of the entry that completes the copy.
    completed: fn(&mut Value),
}

/// Picture from both pieces, and sound from between.
fn draft(master: &[u8]) -> Draft {
    let runs = vec![(4_194_200, 10), (100, 5), (4_194_300, 40)];
    let part = |(from, len): &(u64, u64)| master[*from as usize..(from + len) as usize].to_vec();
    Draft {
        mdat: runs.iter().flat_map(part).collect(),
        runs,
        tracks: vec![vec![(AT, vec![4, 6]), (AT + 15, vec![40])], vec![(AT + 10, vec![5])]],
        more: vec![],
        container: |_| (),
        map: |_| (),
        tags: |_| (),
        payload: |_| (),
        completed: |_| (),
    }
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&size[..], kind, body].concat()
}

/// Version and flags of zero, the count, and the numbers.
fn table(kind: &[u8; 4], count: usize, numbers: &[u32]) -> Vec<u8> {
    let all = [0, count as u32].into_iter().chain(numbers.iter().copied());
    boxed(kind, &all.flat_map(u32::to_be_bytes).collect::<Vec<u8>>())
}

fn trak(chunks: &[(u64, Vec<u32>)]) -> Vec<u8> {
    let lens: Vec<u32> = chunks.iter().flat_map(|(_, lens)| lens.clone()).collect();
    let steps: Vec<u32> =
        (1..).zip(chunks).flat_map(|(n, (_, lens))| [n, lens.len() as u32, 1]).collect();
    let places: Vec<u32> = chunks.iter().map(|(at, _)| *at as u32).collect();
    let sizes: Vec<u32> = [lens.len() as u32].into_iter().chain(lens).collect();
    let stbl = boxed(
        b"stbl",
        &[
            table(b"stsz", 0, &sizes),
            table(b"stsc", chunks.len(), &steps),
            table(b"stco", places.len(), &places),
        ]
        .concat(),
    );
    let url = boxed(b"url ", &[0, 0, 0, 1]);
    let dref = boxed(b"dref", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &url].concat());
    boxed(b"trak", &boxed(b"mdia", &boxed(b"minf", &[boxed(b"dinf", &dref), stbl].concat())))
}

fn container(draft: &Draft) -> Vec<u8> {
    let traks: Vec<u8> = draft.tracks.iter().flat_map(|chunks| trak(chunks)).collect();
    let moov = boxed(b"moov", &[boxed(b"mvhd", &[0; 4]), traks].concat());
    let parts = [
        boxed(b"ftyp", b"isomxxxx"),
        boxed(b"free", b""),
        boxed(b"mdat", &draft.mdat),
        moov,
        draft.more.clone(),
    ];
    let mut file = parts.concat();
    (draft.container)(&mut file);
    file
}

fn map_of(draft: &Draft, master: &[u8], file: &[u8]) -> Value {
    let mut tree = sealdock_chain::ChunkTree::new();
    tree.update(master);
    let mut map = json!({
        "v": 1, "clip": "C5",
        "master": { "size": master.len(), "sha256": Digest::of(master), "chunk_root": tree.finish().root },
        "asked": { "from_ms": 1000, "to_ms": 2000 }, "cut": { "from_ms": 960, "to_ms": 2040 },
        "tool": { "name": "ffmpeg", "version": "5.1", "arguments": ["-c", "copy"] },
        "size": file.len(), "sha256": Digest::of(file), "at": AT, "runs": draft.runs,
    });
    (draft.map)(&mut map);
    map
}

/// A package that holds the excerpt in place of the clip.
fn made(change: fn(&mut Draft)) -> Package {
    let master = usual().clips[1].clone();
    let mut draft = draft(&master);
    change(&mut draft);
    let file = container(&draft);
    let map = to_canonical(&map_of(&draft, &master, &file)).unwrap();
    package_hooked(&usual(), move |_, stage| match stage {
        Stage::Tags(files) => {
            files.insert(NAME.into(), file.clone());
            files.insert(MAP.into(), map.clone());
            (draft.tags)(files);
        }
        Stage::Payload(files) => {
            files.remove(&data_name(CLIP)).unwrap();
            for (number, piece) in master.chunks(PIECE).enumerate() {
                files.insert(format!("data/C5.pieces/{number}"), piece.to_vec());
            }
            (draft.payload)(files);
        }
        Stage::Entry(entry) if entry.event["type"] == "copy.completed" => {
            let whole = entry.event["files"].as_array().unwrap().iter();
            let whole: Vec<Value> = whole
                .filter(|file| {
                    let clip = file["clip"].as_str().unwrap();
                    !clip.starts_with("C5") && !clip.contains(".pieces")
                })
                .cloned()
                .collect();
            entry.event["files"] = json!(whole);
            entry.event["excerpts"] = json!([{ "clip": "C5", "name": &NAME[9..], "size": file.len(),
                "sha256": Digest::of(&file), "from_ms": 1000, "to_ms": 2000 }]);
            (draft.completed)(&mut entry.event);
        }
        _ => {}
    })
}

fn report(package: &Package) -> Report {
    judge(&package.folder, &pinned(package, package.sizes.0)).unwrap()
}

fn replace(file: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let at = file.windows(from.len()).position(|it| it == from).unwrap();
    file.splice(at..at + from.len(), to.iter().copied());
}

fn sentences(report: &Report, answer: &str) -> String {
    let json = report.to_json();
    let facts = json["answers"][answer].as_array().unwrap().clone();
    facts.iter().map(|fact| fact["en"].as_str().unwrap().to_owned() + "\n").collect()
}

#[test]
fn a_sound_excerpt_is_anchored_and_called_derived() {
    let report = report(&made(|_| ()));
    assert_eq!(told(&report), (Word::Anchored, vec![]), "{report}");
    let integrity = sentences(&report, "integrity");
    let proven = "excerpts/C5_1000-2000.mp4: an excerpt, derived and no original: its 55 bytes of picture and sound \
                  are, byte for byte, from bytes 100–4194339 of C5 (4194185 between left out); 2 pieces lead to \
                  the root in entry 5.";
    assert!(integrity.contains(proven), "{integrity}");
    let said = "the station says: seconds 1.000–2.000 asked for, 0.960–2.040 cut, by ffmpeg 5.1.";
    assert!(integrity.contains(said), "{integrity}");
    assert!(
        !integrity.contains("C5 (data/") && integrity.contains("C4 (data/"),
        "only C5 is no clip here"
    );
    assert!(sentences(&report, "not_proven").contains("Of an excerpt: its container"));
    assert!(sentences(&report, "completeness").contains("2 of them in this package"));
}

#[test]
fn a_package_of_excerpts_alone_is_a_package() {
    let master = usual().clips[1].clone();
    let alone = made(|draft| {
        draft.payload = |files| files.retain(|name, _| name.starts_with("data/C5"));
        draft.completed = |event| event["files"] = json!([]);
    });
    let report = judge(&alone.folder, &pinned(&alone, alone.sizes.0)).unwrap();
    assert_eq!(report.word, Word::Anchored, "{report}");
    assert!(!alone.folder.files.values().any(|bytes| *bytes == master));
}

/// What is changed before everything is signed, or afterwards.
#[derive(Clone, Copy)]
enum Change {
    Before(fn(&mut Draft)),
    After(fn(&mut Memory)),
}
use Change::{After, Before};

#[rustfmt::skip]
fn cases() -> Vec<(&'static str, Change, Word, &'static [Code])> {
    use Word::{Damaged, Incomplete, Tampered};
    vec![
        ("a run from elsewhere in the master", Before(|d| d.runs[1].0 = 200), Tampered, &[ExcerptParts]),
        ("a sample that is not the master's", Before(|d| d.mdat[12] ^= 1), Tampered, &[ExcerptParts]),
        ("a sample that is not the master's, in the second piece", Before(|d| d.mdat[54] ^= 1), Tampered, &[ExcerptParts]),
        ("samples put in, and the map silent of them", Before(|d| { d.mdat.extend([7; 9]); d.tracks[1].push((AT + 55, vec![9])) }), Tampered, &[ExcerptRefused]),
        ("samples put in, and called the master's", Before(|d| { d.mdat.extend([7; 9]); d.tracks[1].push((AT + 55, vec![9])); d.runs.push((300, 9)) }), Tampered, &[ExcerptParts]),
        ("bytes in mdat that no sample has", Before(|d| d.mdat.extend([7; 9])), Tampered, &[ExcerptRefused]),
        ("bytes in mdat that no sample has, but a run", Before(|d| { d.mdat.extend([100; 3]); d.runs.push((300, 3)) }), Tampered, &[ExcerptRefused]),
        ("a sample outside of mdat", Before(|d| { d.more = boxed(b"free", &[7; 9]); d.tracks[1].push((9, vec![3])) }), Tampered, &[ExcerptRefused]),
        ("a sample that is played twice", Before(|d| d.tracks[1].push((AT, vec![4]))), Tampered, &[ExcerptRefused]),
        ("bytes of the master used twice", Before(|d| { d.runs = vec![(4_194_200, 10), (4_194_205, 5), (4_194_300, 40)]; let again = d.mdat[5..10].to_vec(); d.mdat.splice(10..15, again); }), Tampered, &[ExcerptRefused]),
        ("a track in another order than the master", Before(|d| { d.runs.swap(0, 2); let m = d.mdat.clone(); d.mdat = [&m[15..], &m[10..15], &m[..10]].concat(); d.tracks = vec![vec![(AT, vec![40]), (AT + 45, vec![10])], vec![(AT + 40, vec![5])]] }), Tampered, &[ExcerptRefused]),
        ("a second source of samples", Before(|d| d.container = |f| replace(f, b"\0\0\0\x0curl \0\0\0\x01", b"\0\0\0\x0curl \0\0\0\0")), Tampered, &[ExcerptRefused]),
        ("a fragment behind it", Before(|d| d.more = boxed(b"moof", b"")), Tampered, &[ExcerptRefused]),
        ("a second mdat behind it", Before(|d| d.more = boxed(b"mdat", b"xyz")), Tampered, &[ExcerptRefused]),
        ("a box of one's own behind it", Before(|d| d.more = boxed(b"uuid", &[1; 40])), Tampered, &[ExcerptRefused]),
        ("bytes behind it", Before(|d| d.more = vec![0, 0, 0]), Tampered, &[ExcerptRefused]),
        ("a pad with something in it", Before(|d| d.more = boxed(b"free", b"x")), Tampered, &[ExcerptRefused]),
        ("two tables of lengths", Before(|d| d.container = |f| { let at = f.windows(4).position(|w| w == b"stsc").unwrap(); f[at + 3] = b'z' }), Tampered, &[ExcerptRefused]),
        ("a table that is longer than it says", Before(|d| d.container = |f| { let at = f.windows(4).position(|w| w == b"stco").unwrap(); f[at + 11] = 1 }), Tampered, &[ExcerptRefused]),
        ("a table that goes back", Before(|d| d.container = |f| { let at = f.windows(4).position(|w| w == b"stsc").unwrap(); f[at + 15] = 2 }), Tampered, &[ExcerptRefused]),
        ("a picture among the names", Before(|d| d.container = |f| { let at = f.windows(4).position(|w| w == b"mvhd").unwrap(); f.splice(at - 4..at - 4, boxed(b"udta", &[7; 101])); let size = (f.len() - at + 12) as u32; f[at - 12..at - 8].copy_from_slice(&size.to_be_bytes()) }), Tampered, &[ExcerptRefused]),
        ("a run beyond the master", Before(|d| d.runs[2].0 = 4_195_300), Tampered, &[ExcerptRefused]),
        ("a run of nothing", Before(|d| d.runs.push((0, 0))), Tampered, &[ExcerptRefused]),
        ("a map without runs", Before(|d| d.runs.clear()), Tampered, &[ExcerptRefused]),
        ("a map that begins elsewhere", Before(|d| d.map = |m| m["at"] = json!(AT + 1)), Tampered, &[ExcerptRefused]),
        ("a map of later", Before(|d| d.map = |m| m["v"] = json!(2)), Tampered, &[ExcerptRefused]),
        ("a map of another range than the copy", Before(|d| d.map = |m| m["asked"]["to_ms"] = json!(9000)), Tampered, &[ExcerptRefused]),
        ("a map of another clip", Before(|d| d.map = |m| m["clip"] = json!("C4")), Tampered, &[ExcerptRefused]),
        ("a map of another master", Before(|d| d.map = |m| m["master"]["sha256"] = json!(Digest::of(b""))), Tampered, &[ExcerptRefused]),
        ("a map of another tree", Before(|d| d.map = |m| m["master"]["chunk_root"] = json!(Digest::of(b""))), Tampered, &[ExcerptRefused]),
        ("a map of another file", Before(|d| d.map = |m| m["sha256"] = json!(Digest::of(b""))), Tampered, &[ExcerptRefused]),
        ("a map without a tool", Before(|d| d.map = |m| drop(m.as_object_mut().unwrap().remove("tool"))), Tampered, &[ExcerptRefused]),
        ("a map that is not canonical", Before(|d| d.tags = |f| f.get_mut(MAP).unwrap().push(b'\n')), Tampered, &[ExcerptRefused]),
        ("a copy of another file", Before(|d| d.completed = |e| e["excerpts"][0]["sha256"] = json!(Digest::of(b""))), Tampered, &[ExcerptRefused]),
        ("a copy of another clip", Before(|d| d.completed = |e| e["excerpts"][0]["clip"] = json!("C6")), Tampered, &[ExcerptRefused, HandoverRefused]),
        ("a copy of the clip whole and in part", Before(|d| d.completed = |e| { let file = json!({"clip": "C5", "name": "C5.mp4", "size": 9, "sha256": Digest::of(b"")}); e["files"].as_array_mut().unwrap().push(file) }), Tampered, &[FileMissing, ClipMisnamed, HandoverRefused]),
        ("a copy that leads out of the folder", Before(|d| d.completed = |e| e["excerpts"][0]["name"] = json!("../data/C5.mp4")), Tampered, &[ExcerptRefused]),
        ("an excerpt that the copy does not name", Before(|d| d.completed = |e| drop(e.as_object_mut().unwrap().remove("excerpts"))), Tampered, &[ExcerptRefused]),
        ("excerpts that are none", Before(|d| d.completed = |e| e["excerpts"] = Value::Null), Tampered, &[EntryRefused]),
        ("a second excerpt beside it", After(|f| { let bytes = f.files[NAME].clone(); f.files.insert("excerpts/C5_9.mp4".into(), bytes); }), Tampered, &[NameUnknown, FileMissing, ExcerptRefused]),
        ("the excerpt among the originals", Before(|d| d.payload = |f| drop(f.insert("data/C5_cut.mp4".into(), b"x".to_vec()))), Tampered, &[ClipUnknown, ClipDamaged]),
        ("the excerpt named with the payload", After(|f| { let line = format!("{}  {NAME}\n", Digest::of(&f.files[NAME])); f.files.get_mut("manifest-sha256.txt").unwrap().extend(line.into_bytes()) }), Tampered, &[BagMalformed, FileChanged]),
        ("a piece named with the tags", Before(|d| { d.payload = |f| drop(f.remove("data/C5.pieces/0")); d.tags = |f| drop(f.insert("data/C5.pieces/0".into(), usual().clips[1][..PIECE].to_vec())) }), Tampered, &[NameUnknown, BagMalformed]),
        ("pieces swapped", Before(|d| d.payload = |f| { let (a, b) = (f["data/C5.pieces/0"].clone(), f["data/C5.pieces/1"].clone()); f.insert("data/C5.pieces/0".into(), b); f.insert("data/C5.pieces/1".into(), a); }), Damaged, &[ExcerptDamaged]),
        ("a piece of another clip", Before(|d| d.payload = |f| drop(f.insert("data/C5.pieces/1".into(), b"first clip".to_vec()))), Damaged, &[ExcerptDamaged]),
        ("a piece that the manifest has otherwise", After(|f| { let text = String::from_utf8(f.files["manifest-sha256.txt"].clone()).unwrap(); let other = text.replace(&Digest::of(&f.files["data/C5.pieces/1"]).to_string(), &Digest::of(b"").to_string()); f.files.insert("manifest-sha256.txt".into(), other.into_bytes()); }), Tampered, &[FileChanged, ClipMisnamed]),
        ("a bit of a piece turned", After(|f| f.files.get_mut("data/C5.pieces/0").unwrap()[7] ^= 1), Damaged, &[ExcerptDamaged]),
        ("a piece that goes on", After(|f| f.files.get_mut("data/C5.pieces/0").unwrap().push(0)), Damaged, &[ExcerptDamaged]),
        ("a bit of the excerpt turned", After(|f| f.files.get_mut(NAME).unwrap()[40] ^= 1), Damaged, &[ExcerptDamaged]),
        ("a bit of the container turned", After(|f| f.files.get_mut(NAME).unwrap()[110] ^= 1), Damaged, &[ExcerptDamaged]),
        ("an excerpt that goes on", After(|f| f.files.get_mut(NAME).unwrap().push(0)), Damaged, &[ExcerptDamaged]),
        ("a bit of the map turned", After(|f| f.files.get_mut(MAP).unwrap()[9] ^= 1), Tampered, &[FileChanged, ExcerptRefused]),
        ("no piece", After(|f| drop(f.files.remove("data/C5.pieces/1"))), Incomplete, &[FileMissing]),
        ("no excerpt", After(|f| drop(f.files.remove(NAME))), Incomplete, &[FileMissing]),
        ("no map", After(|f| drop(f.files.remove(MAP))), Incomplete, &[FileMissing]),
        ("no chunks", After(|f| drop(f.files.remove("clips/C5/chunks"))), Incomplete, &[FileMissing]),
        ("chunks of another clip", Before(|d| d.tags = |f| { let other = f["clips/C4/chunks"].clone(); f.insert("clips/C5/chunks".into(), other); }), Tampered, &[ChunksRefused]),
        ("a piece that nothing rests on", Before(|d| d.payload = |f| drop(f.insert("data/C4.pieces/0".into(), b"first clip".to_vec()))), Tampered, &[ExcerptRefused]),
        ("an excerpt of what is no clip", Before(|d| { d.tags = |f| { for name in [NAME, MAP] { let bytes = f.remove(name).unwrap(); f.insert(name.replace("C5", "C8"), bytes); } }; d.completed = |e| { e["excerpts"][0]["clip"] = json!("C8"); e["excerpts"][0]["name"] = json!("C8_1000-2000.mp4") } }), Tampered, &[ClipUnknown]),
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
        let (program, page) = (
            program_told(&package.folder, &trust),
            page.told(&package.folder, (&trust, &[note]), &[]),
        );
        if program != page {
            wrong.push(format!("{what}: the program {program}, the page {page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One bit in every byte of excerpt and map, and every file that belongs to them taken out.
#[test]
fn no_byte_of_an_excerpt_or_its_map_is_nobodys() {
    let sound = made(|_| ());
    let trust = pinned(&sound, sound.sizes.0);
    let note = sound.station.head(sound.sizes.0).note().to_owned();
    let mut page = Page::new();
    let mut folder = sound.folder.clone();
    for name in [NAME, MAP] {
        for at in 0..sound.folder.files[name].len() {
            folder.files.get_mut(name).unwrap()[at] ^= 1;
            let program = program_told(&folder, &trust);
            assert!(
                !["ANCHORED", "UNANCHORED", "UNTRUSTED"]
                    .contains(&program["word"].as_str().unwrap()),
                "{name} {at}"
            );
            assert_eq!(
                page.told(&folder, (&trust, std::slice::from_ref(&note)), &[name]),
                program,
                "{name} {at}"
            );
            folder.files.get_mut(name).unwrap()[at] ^= 1;
        }
    }
    for name in sound.folder.files.keys().filter(|name| name.contains("C5")) {
        let mut folder = sound.folder.clone();
        folder.files.remove(name);
        let report = judge(&folder, &trust).unwrap();
        assert!(!is_good(report.word), "{name}: {report}");
    }
}

/// Containers as strangers make them: whatever bit is turned, both readers take or refuse it alike, and neither fails.
#[test]
fn both_readers_take_and_refuse_the_same_containers() {
    let sound = made(|_| ());
    let trust = pinned(&sound, sound.sizes.0);
    let note = sound.station.head(sound.sizes.0).note().to_owned();
    let mut page = Page::new();
    let master = usual().clips[1].clone();
    // Without what names the excerpt by its digest, any container gets as far as to be read.
    let mut folder = sound.folder.clone();
    for name in ["handover/completed.json", "tagmanifest-sha256.txt"] {
        folder.files.remove(name).unwrap();
    }
    folder.files.insert(data_name(CLIP), master.clone());
    let file = sound.folder.files[NAME].clone();
    let (mut taken, mut refused) = (0, 0);
    for at in (0..file.len()).filter(|at| !(AT as usize..AT as usize + 55).contains(at)) {
        let mut bytes = file.clone();
        bytes[at] ^= 1 << (at % 8);
        let map = to_canonical(&map_of(&draft(&master), &master, &bytes)).unwrap();
        let holds = excerpt_holds(&map, &bytes);
        folder.files.insert(NAME.into(), bytes);
        folder.files.insert(MAP.into(), map);
        let program = program_told(&folder, &trust);
        let says =
            program["findings"].as_array().unwrap().contains(&json!(["excerpt-refused", NAME]));
        assert_eq!(says, holds.is_err(), "{at}: {holds:?}");
        assert_eq!(
            page.told(&folder, (&trust, std::slice::from_ref(&note)), &[NAME, MAP]),
            program,
            "{at}"
        );
        match holds {
            Ok(()) => taken += 1,
            Err(_) => refused += 1,
        }
    }
    // What is taken is what no sample depends on: brands, versions, numbers of descriptions.
    assert!(taken > 20 && refused > 150, "{taken} taken, {refused} refused");
}
