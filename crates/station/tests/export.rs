//! An approved copy as a package: what lies in it holds under the station's key, its files are all named, and
//! whatever breaks leaves a folder without `bagit.txt`.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::*;
use sealdock_chain::chunk::root_of_leaves;
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::proof::TlogProof;
use sealdock_chain::sshsig;
use sealdock_core::access::{
    self, AskedExcerpt, Asking, Command as Do, CopiedExcerpt, CopyAsked, Purpose, Wanted, Who,
};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::Command;
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_station::viewing::{
    CopyTarget, Drafted, EXPORT_NAMESPACE, Excerpt, Paper, Papers, With,
};
use sealdock_station::{Station, StationError};
use sealdock_testkit::clips;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the default policy lets an approval allow.
const TIMES_MAX: u32 = 20;

type Files = BTreeMap<String, Vec<u8>>;

/// Files in memory. One call, counted over all three, fails; with `landed` only after it was done.
#[derive(Default)]
struct Disc {
    files: Files,
    open: String,
    calls: u32,
    fails_at: Option<u32>,
    landed: bool,
    /// The file that reads back as something else.
    lies_about: Option<String>,
    /// Files that were found whole.
    kept: Vec<String>,
    /// What the copy that broke off left, and this one has not touched yet.
    left: BTreeSet<String>,
}

impl Disc {
    fn call(&mut self, act: impl FnOnce(&mut Disc)) -> PortResult<()> {
        self.calls += 1;
        let fails = self.fails_at == Some(self.calls);
        if !fails || self.landed {
            act(self);
        }
        if fails { Err(PortError::new(Kind::NoSpace, "the disc is full")) } else { Ok(()) }
    }
}

impl CopyTarget for Disc {
    fn begin(&mut self, name: &str) -> PortResult<()> {
        let again = self.left.remove(name);
        assert!(again || !self.files.contains_key(name), "{name} is written twice");
        self.call(|disc| {
            disc.open = name.to_owned();
            disc.files.insert(name.to_owned(), Vec::new());
        })
    }
    fn write(&mut self, bytes: &[u8]) -> PortResult<()> {
        self.call(|disc| {
            let open = disc.open.clone();
            disc.files.entry(open).or_default().extend_from_slice(bytes);
        })
    }
    fn finish(&mut self) -> PortResult<Digest> {
        let there = self.files.get(&self.open).cloned().unwrap_or_default();
        self.call(|_| {})?;
        let lies = self.lies_about.as_deref() == Some(self.open.as_str());
        Ok(Digest::of(if lies { b"other" } else { &there }))
    }
    fn lies_whole(&mut self, name: &str, size: u64, sha256: Digest) -> PortResult<bool> {
        let Some(there) = self.files.get(name).filter(|_| self.left.contains(name)) else {
            return Ok(false);
        };
        let whole = (there.len() as u64, Digest::of(there)) == (size, sha256);
        if whole {
            self.left.remove(name);
            self.kept.push(name.to_owned());
        }
        Ok(whole)
    }
}

/// Nine MiB: three chunks.
fn footage() -> Vec<u8> {
    clips::bytes(7, 9 << 20)
}

/// A copy for a court of the one clip is approved, as often as `times` says.
fn bench(times: u32) -> (Bench, ClipId, AccessId) {
    let bench = Bench::new(Setup::single(), &[(LONG, &footage())]);
    let report = bench.visit().unwrap();
    let station = bench.open();
    enrol(&station, "clerk-2", Role::Clerk);
    enrol(&station, "head", Role::UnitHead);
    let clip = clips_of(&report)[0];
    let access = approved(&station, clip, times);
    (bench, clip, access)
}

fn approved(station: &Station, clip: ClipId, times: u32) -> AccessId {
    let access = AccessId(ask(station, CLERK, asking(clip)));
    let approve =
        Do::Approve { access, clips: None, expires: None, times: Some(times), reason: None };
    ask(station, "head", approve);
    access
}

fn asking(clip: ClipId) -> Do {
    Do::Request(Box::new(Asking {
        who: Who::Authority,
        purpose: Purpose::Copy,
        applicant: Some(access::Applicant {
            person: None,
            name: "Zhao".to_owned(),
            unit: "District court".to_owned(),
            phone: Some("0734-119".to_owned()),
        }),
        wanted: Wanted::Clips { clips: vec![clip] },
        matter: "(2026) 12".to_owned(),
        reason: "hearing".to_owned(),
        letter: None,
    }))
}

fn who(station: &Station, id: &str) -> Arc<Actor> {
    station.authenticate(&person(id), PIN).unwrap()
}

fn ask(station: &Station, id: &str, command: Do) -> u64 {
    station.apply(&who(station, id), Command::Access(command)).unwrap().entries[0].seq
}

fn papers(_: &Drafted) -> Result<Vec<Paper>, StationError> {
    Ok(vec![("READ-ME-FIRST.txt".to_owned(), b"read me".to_vec())])
}

fn export(bench: &Bench, access: AccessId, disc: &mut Disc) -> Result<Digest, StationError> {
    let station = bench.open();
    let clerk = who(&station, CLERK);
    Ok(station.export(&clerk, (access, "disc 7"), disc, &with(&papers, None))?.1)
}

fn with<'a>(papers: &'a Papers<'a>, receipts: Option<&'a str>) -> With<'a> {
    With {
        papers,
        receipts,
        given: receipts.map(|text| Digest::of(text.as_bytes())),
        excerpts: &[],
        broke_off: None,
    }
}

fn text<'f>(files: &'f Files, name: &str) -> &'f str {
    std::str::from_utf8(files.get(name).unwrap_or_else(|| panic!("no {name}"))).unwrap()
}

/// Lines of a manifest: name to digest.
fn manifest(files: &Files, name: &str) -> BTreeMap<String, String> {
    let lines = text(files, name).lines().map(|line| line.split_once("  ").unwrap());
    lines.map(|(digest, name)| (name.to_owned(), digest.to_owned())).collect()
}

#[test]
fn every_file_is_named_by_its_digest_and_the_entry_names_them_all() {
    let (bench, clip, access) = bench(1);
    let mut disc = Disc::default();
    let package = export(&bench, access, &mut disc).unwrap();
    let files = &disc.files;
    let tags = manifest(files, "tagmanifest-sha256.txt");
    let payload = manifest(files, "manifest-sha256.txt");
    for (name, bytes) in files {
        let digest = Digest::of(bytes).to_string();
        let named = tags.get(name).or(payload.get(name));
        let beside = name == "tagmanifest-sha256.txt" || name.starts_with("handover/");
        assert_eq!(named, (!beside).then_some(&digest), "{name}");
    }
    assert_eq!(tags.len() + payload.len() + 5, files.len(), "no line names what is not there");
    let held: Vec<&String> = payload.keys().collect();
    assert!(
        held[0].starts_with(&format!("data/{clip}_20")) && held[0].ends_with(".mp4"),
        "{held:?}"
    );
    assert_eq!(files[held[0]], footage());
    assert_eq!(Digest::of(&files["tagmanifest-sha256.txt"]), package);
    let row = &bench.rows(&access::COPY_OUT)[0];
    let completed = row.int("completed_seq").unsigned_abs();
    let entry = Entry::decode(&files["handover/completed.json"]).unwrap();
    assert_eq!(entry.seq, completed);
    let Event::Access(access::Event::CopyCompleted(e)) =
        serde_json::from_value(entry.event).unwrap()
    else {
        panic!("no copy was completed")
    };
    assert_eq!((e.copy, e.package), (row.int("seq").unsigned_abs(), Some(package)));
    assert_eq!(format!("data/{}", e.files[0].name), *held[0]);
    assert!(text(files, "bag-info.txt").contains(&format!("Payload-Oxum: {}.1\n", 9 << 20)));
    chain::assert_holds(&bench, "after an export");
}

#[test]
fn entries_hold_under_the_key_and_the_record_only_grew() {
    let (bench, clip, access) = bench(1);
    let mut disc = Disc::default();
    let package = export(&bench, access, &mut disc).unwrap();
    let files = &disc.files;
    let station = bench.open();
    let size = bench.world.ledger.size();
    let key: VerifierKey = station.log_key(size).unwrap();
    assert_eq!(text(files, "keys/log.vkey"), format!("{key}\n"));
    let head = SignedCheckpoint::open(text(files, "record/checkpoint"), &key).unwrap();
    let mut kinds = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("record/entries/")) {
        let Some(stem) = name.strip_suffix(".json") else { continue };
        let proof = TlogProof::parse(text(files, &format!("{stem}.tlog-proof")), &key).unwrap();
        assert_eq!(proof.signed(), &head, "{name}");
        let seq = proof.check(bytes).unwrap().seq();
        assert_eq!(format!("record/entries/{seq}.json"), *name);
        let entry = Entry::decode(bytes).unwrap();
        kinds.push(entry.event["type"].as_str().unwrap().to_owned());
        if entry.event["type"] == "listing.signed" {
            let object = entry.event["object"].as_str().unwrap();
            let listing = &files[&format!("record/listings/{object}.json")];
            assert_eq!(Digest::of(listing).to_string(), object);
        }
    }
    for kind in [
        "station.founded",
        "session.opened",
        "listing.signed",
        "clip.stored",
        "session.closed",
        "access.requested",
        "access.approved",
        "copy.carried-out",
    ] {
        assert!(kinds.iter().any(|known| known == kind), "{kind} is not in {kinds:?}");
    }
    let growth = Growth::parse(text(files, "handover/grown.add-checkpoint")).unwrap();
    let later = SignedCheckpoint::open(growth.note(), &key).unwrap();
    assert_eq!(growth.old(), head.checkpoint().size);
    growth.check(head.checkpoint(), later.checkpoint()).unwrap();
    let completed = TlogProof::parse(text(files, "handover/completed.tlog-proof"), &key).unwrap();
    assert_eq!(completed.signed(), &later);
    completed.check(&files["handover/completed.json"]).unwrap();
    // The clip's own: leaves under the signed root, signatures under the evidence key.
    let stored = Entry::decode(&files[&format!("record/entries/{}.json", clip.0)]).unwrap();
    let (leaves, rest) = files[&format!("clips/{clip}/chunks")].as_chunks::<32>();
    let leaves: Vec<Digest> = leaves.iter().map(|leaf| Digest(*leaf)).collect();
    assert!(rest.is_empty() && leaves.len() == 3);
    assert_eq!(root_of_leaves(&leaves).to_string(), stored.event["chunk"]["root"]);
    let public = station.world().signer.public(sealdock_core::event::KeyKind::Evidence);
    let signature = text(files, &format!("clips/{clip}/clip.sig"));
    let whole = Digest::of(&footage());
    sshsig::verify(signature, &public, sshsig::CLIP_NAMESPACE, &whole).unwrap();
    let signature = text(files, "handover/tagmanifest-sha256.txt.sig");
    sshsig::verify(signature, &public, EXPORT_NAMESPACE, &package).unwrap();
}

/// Every call of the disc fails once, lost and landed: never a `bagit.txt` without an entry that names the very
/// package, never an entry that says complete before every file of the bag was read back.
#[test]
fn whatever_breaks_leaves_no_bag() {
    let mut whole = Disc::default();
    let (bench_whole, _, access) = bench(1);
    export(&bench_whole, access, &mut whole).unwrap();
    let calls = whole.calls;
    assert!(calls > 60, "{calls}");
    let (bench, clip, mut access) = bench(TIMES_MAX);
    for at in 1..=calls {
        if 2 * at % TIMES_MAX == 0 {
            access = approved(&bench.open(), clip, TIMES_MAX);
        }
        for landed in [false, true] {
            let mut disc = Disc { fails_at: Some(at), landed, ..Disc::default() };
            let what = format!("call {at}, landed {landed}");
            let why = export(&bench, access, &mut disc).unwrap_err();
            assert_eq!(why.kind(), Kind::NoSpace, "{what}: {why}");
            let named = disc.files.contains_key("bagit.txt");
            // The last three calls write `bagit.txt` itself: it may lie there, of a bag that is whole.
            assert!(!named || at + 2 >= calls, "{what}");
            let completed = bench
                .rows(&access::COPY_OUT)
                .last()
                .is_some_and(|row| row.int_opt("completed_seq").is_some());
            let handed = disc.files.keys().any(|name| name.starts_with("handover/"));
            assert!(!handed || completed, "{what}: handed over without an entry");
        }
    }
    let mut disc = Disc::default();
    export(&bench, access, &mut disc).unwrap();
    chain::assert_holds(&bench, "after all that");
}

#[test]
fn a_file_that_reads_back_wrong_ends_it() {
    let (bench, clip, access) = bench(20);
    for name in [
        format!("clips/{clip}/chunks"),
        "record/checkpoint".to_owned(),
        "READ-ME-FIRST.txt".to_owned(),
        "manifest-sha256.txt".to_owned(),
        "tagmanifest-sha256.txt".to_owned(),
    ] {
        let mut disc = Disc { lies_about: Some(name.clone()), ..Disc::default() };
        let why = export(&bench, access, &mut disc).unwrap_err().to_string();
        assert!(why.contains(&name) && why.contains("the copy is void"), "{why}");
        let completed = bench.rows(&access::COPY_OUT);
        assert!(completed.iter().all(|row| row.int_opt("completed_seq").is_none()), "{name}");
        assert!(!disc.files.contains_key("bagit.txt"));
    }
}

#[test]
fn papers_that_cannot_be_drawn_end_it_before_its_entry() {
    let (bench, _, access) = bench(1);
    let station = bench.open();
    let mut disc = Disc::default();
    let none = |_: &Drafted| -> Result<Vec<Paper>, StationError> {
        Err(StationError::Port(PortError::new(Kind::Failed, "no ink")))
    };
    let clerk = who(&station, CLERK);
    let why = station.export(&clerk, (access, "disc"), &mut disc, &with(&none, None)).unwrap_err();
    assert_eq!(why.to_string(), "no ink");
    assert!(bench.rows(&access::COPY_OUT)[0].int_opt("completed_seq").is_none());
    assert!(!disc.files.contains_key("bagit.txt"));
}

/// Growth from a head that somebody holds on paper; a receipt that the chain contradicts spends nothing.
#[test]
fn a_receipt_is_linked_and_one_of_another_history_refused() {
    let (bench, clip, access) = bench(1);
    let station = bench.open();
    let receipt = station.world().ledger.view().unwrap().head().unwrap().note().to_owned();
    let size = bench.world.ledger.size();
    // The record goes on.
    ask(&station, CLERK, asking(clip));
    let clerk = who(&station, CLERK);
    let mut disc = Disc::default();
    let forged = receipt.replacen(&format!("\n{size}\n"), "\n3\n", 1);
    for text in ["", "no receipt", &forged] {
        let why = station.export(&clerk, (access, "x"), &mut disc, &with(&papers, Some(text)));
        assert!(matches!(why, Err(StationError::Refused(_))), "{why:?}");
    }
    assert!(disc.files.is_empty() && bench.rows(&access::COPY_OUT).is_empty());
    let text = format!("RECEIPT\n\n{receipt}\nand more");
    station.export(&clerk, (access, "x"), &mut disc, &with(&papers, Some(&text))).unwrap();
    let key = station.log_key(bench.world.ledger.size()).unwrap();
    let held = SignedCheckpoint::open(&receipt, &key).unwrap();
    let name = format!("anchors/{size}.add-checkpoint");
    let growth = Growth::parse(self::text(&disc.files, &name)).unwrap();
    let head = SignedCheckpoint::open(growth.note(), &key).unwrap();
    growth.check(held.checkpoint(), head.checkpoint()).unwrap();
    assert_eq!(growth.note(), self::text(&disc.files, "record/checkpoint"));
}

/// S11, 002/A6-§21.
#[test]
fn nobody_exports_but_a_clerk_and_nothing_without_approval() {
    let (bench, _, access) = bench(1);
    let station = bench.open();
    let mut disc = Disc::default();
    for id in [OFFICER, "head"] {
        let actor = who(&station, id);
        let why =
            station.export(&actor, (access, "x"), &mut disc, &with(&papers, None)).unwrap_err();
        assert!(why.to_string().contains("carried out by a clerk"), "{id}: {why}");
    }
    let clerk = who(&station, CLERK);
    let why =
        station.export(&clerk, (AccessId(0), "x"), &mut disc, &with(&papers, None)).unwrap_err();
    assert!(why.to_string().contains("is not approved"), "{why}");
    assert!(station.export(&operator(), (access, "x"), &mut disc, &with(&papers, None)).is_err());
    assert_eq!(disc.files.len(), 0);
}

/// An excerpt of the clip as nobody here believes it: its head, then `runs` of the clip, of which it is said to have `bytes`.
fn made(clip: ClipId, runs: &[(u64, u64)], bytes: &[u8]) -> Excerpt {
    let copied = CopiedExcerpt {
        clip,
        name: format!("{clip}_1000-2000.mp4"),
        size: bytes.len() as u64,
        sha256: Digest::of(bytes),
        from_ms: 1000,
        to_ms: 2000,
    };
    let (runs, pieces) = (runs.to_vec(), [0, 1].into());
    Excerpt { copied, map: b"{}".to_vec(), head: b"head".to_vec(), runs, pieces }
}

/// What the station is told of an excerpt is put together from the clip, as it hands the pieces out.
#[test]
fn an_excerpt_goes_out_in_place_of_the_clip_and_only_with_the_clips_own_bytes() {
    const PIECE: u64 = 4 << 20;
    let runs = [(17, 5), (PIECE - 3, 10)];
    let footage = footage();
    let taken = |(from, len): &(u64, u64)| footage[*from as usize..(from + len) as usize].to_vec();
    let right: Vec<u8> = b"head".iter().copied().chain(runs.iter().flat_map(taken)).collect();
    let go = |runs: &[(u64, u64)], bytes: &[u8]| {
        let (bench, clip, access) = bench(1);
        let mut disc = Disc::default();
        let station = bench.open();
        let made = [made(clip, runs, bytes)];
        let with =
            With { papers: &papers, receipts: None, given: None, excerpts: &made, broke_off: None };
        let clerk = who(&station, CLERK);
        let done = station.export(&clerk, (access, "disc"), &mut disc, &with);
        (done.map(|(report, _)| report), disc.files, clip)
    };
    let (report, files, clip) = go(&runs, &right);
    let report = report.unwrap();
    assert_eq!((report.files.len(), report.excerpts.len()), (0, 1));
    assert_eq!(files[&format!("excerpts/{clip}_1000-2000.mp4")], right);
    let payload = manifest(&files, "manifest-sha256.txt");
    let names: Vec<&String> = payload.keys().collect();
    assert_eq!(names, [&format!("data/{clip}.pieces/0"), &format!("data/{clip}.pieces/1")]);
    for (number, name) in names.into_iter().enumerate() {
        assert_eq!(files[name], footage[number * PIECE as usize..(number + 1) * PIECE as usize]);
    }
    for at in (0..right.len()).step_by(4) {
        let mut other = right.clone();
        other[at] ^= 1;
        let (report, files, _) = go(&runs, &other);
        let why = report.unwrap_err().to_string();
        assert!(why.contains("is not what was computed of clip"), "{at}: {why}");
        assert!(!files.contains_key("bagit.txt"), "void");
    }
    // No bytes of the clip, none that lie in no piece that goes out, and others than were said.
    for runs in [&[(u64::MAX, 2)][..], &[(9 << 20, 1)], &[(0, 0)], &[(2 * PIECE, 15)], &[(0, 9)]] {
        let (report, files, _) = go(runs, &right);
        assert!(report.is_err() && !files.contains_key("bagit.txt"), "{runs:?}");
    }
}

/// Two parts that together take every piece hand out the clip: nothing is begun, nothing is spent.
#[test]
fn parts_that_take_every_piece_of_a_clip_are_refused_before_anything_is_written() {
    let (bench, clip, access) = bench(1);
    let station = bench.open();
    let clerk = who(&station, CLERK);
    let all = footage().len().div_ceil(4 << 20) as u64;
    let mut two = [made(clip, &[(17, 5)], b"x"), made(clip, &[(17, 5)], b"x")];
    two[0].pieces = (0..all - 1).collect();
    two[1].pieces = [all - 1].into();
    let mut disc = Disc::default();
    let with =
        With { papers: &papers, receipts: None, given: None, excerpts: &two, broke_off: None };
    let why = station.export(&clerk, (access, "x"), &mut disc, &with).unwrap_err();
    assert!(why.to_string().contains("all of its pieces would go out"), "{why}");
    assert!(disc.files.is_empty() && bench.rows(&access::COPY_OUT).is_empty());
    two[1].pieces = [0].into();
    let with =
        With { papers: &papers, receipts: None, given: None, excerpts: &two, broke_off: None };
    let why = station.export(&clerk, (access, "x"), &mut disc, &with).unwrap_err();
    assert!(!why.to_string().contains("all of its pieces"), "{why}");
}

/// Wherever it breaks off, and whether or not the last step landed: it is gone on with under its own entry, spends nothing more,
/// writes no whole clip a second time, and is the package that it would have been.
#[test]
fn a_copy_that_broke_off_is_gone_on_with_and_spends_nothing_more() {
    let (bench, _, access) = bench(1);
    let mut disc = Disc::default();
    export(&bench, access, &mut disc).unwrap();
    let calls = disc.calls;
    let (mut resumed, mut kept) = (0, 0);
    for (at, landed) in (1..=calls).map(|at| (at, at % 2 == 0)) {
        let (bench, clip, access) = self::bench(1);
        let station = bench.open();
        let clerk = who(&station, CLERK);
        let mut disc = Disc { fails_at: Some(at), landed, ..Disc::default() };
        station.export(&clerk, (access, "disc"), &mut disc, &with(&papers, None)).unwrap_err();
        let row = bench.rows(&access::COPY_OUT).remove(0);
        let copy = row.int("seq").unsigned_abs();
        disc.fails_at = None;
        disc.left = disc.files.keys().cloned().collect();
        let go_on = With { broke_off: Some(copy), ..with(&papers, None) };
        let done = station.export(&clerk, (access, "disc"), &mut disc, &go_on);
        if row.int_opt("completed_seq").is_some() {
            let why = done.unwrap_err().to_string();
            assert!(why.contains("did not complete"), "{at}: {why}");
            continue;
        }
        let (report, package) = done.unwrap();
        assert_eq!(report.copy, copy, "{at}");
        assert_eq!(bench.rows(&access::COPY_OUT).len(), 1, "{at}: nothing more was begun");
        let tags = text(&disc.files, "tagmanifest-sha256.txt");
        assert_eq!(package, Digest::of(tags.as_bytes()), "{at}");
        for list in ["tagmanifest-sha256.txt", "manifest-sha256.txt"] {
            for (name, digest) in manifest(&disc.files, list) {
                if name != "bagit.txt" {
                    assert_eq!(Digest::of(&disc.files[&name]).to_string(), digest, "{at}: {name}");
                }
            }
        }
        let data = disc.files.keys().find(|name| name.starts_with("data/")).unwrap();
        assert_eq!(disc.files[data], footage(), "{at}: {clip}");
        (resumed, kept) = (resumed + 1, kept + disc.kept.len());
        let again = station.export(&clerk, (access, "disc"), &mut disc, &go_on).unwrap_err();
        assert!(again.to_string().contains("did not complete"), "{at}: {again}");
    }
    assert!(resumed > 20 && kept > 10, "{resumed} {kept} of {calls}");
}

/// What lies there is read back and not believed; and nobody goes on with what is not theirs, or not allowed any more.
#[test]
fn going_on_believes_nothing_and_asks_for_the_right_again() {
    let (bench, clip, access) = bench(1);
    let station = bench.open();
    let clerk = who(&station, CLERK);
    let mut disc = Disc { fails_at: Some(9), ..Disc::default() };
    station.export(&clerk, (access, "disc"), &mut disc, &with(&papers, None)).unwrap_err();
    let copy = bench.rows(&access::COPY_OUT)[0].int("seq").unsigned_abs();
    disc.fails_at = None;
    let data = disc.files.keys().find(|name| name.starts_with("data/")).unwrap().clone();
    let go_on = With { broke_off: Some(copy), ..with(&papers, None) };
    let other = who(&station, "clerk-2");
    for (who, to) in [(&other, "disc"), (&clerk, "another")] {
        let why = station.export(who, (access, to), &mut disc, &go_on).unwrap_err();
        assert!(why.to_string().contains("did not complete"), "{to}: {why}");
    }
    let odd = With { broke_off: Some(clip.0), ..go_on };
    assert!(station.export(&clerk, (access, "disc"), &mut disc, &odd).is_err(), "no copy at all");
    // Somebody changed a byte of the clip on the disc meanwhile.
    let mut changed = footage();
    changed[5] ^= 1;
    disc.files.insert(data.clone(), changed);
    disc.left = disc.files.keys().cloned().collect();
    station.export(&clerk, (access, "disc"), &mut disc, &go_on).unwrap();
    assert_eq!((disc.files[&data] == footage(), disc.kept.len()), (true, 0));

    let (bench, _, access) = self::bench(1);
    let station = bench.open();
    let clerk = who(&station, CLERK);
    let mut disc = Disc { fails_at: Some(9), ..Disc::default() };
    station.export(&clerk, (access, "disc"), &mut disc, &with(&papers, None)).unwrap_err();
    let copy = bench.rows(&access::COPY_OUT)[0].int("seq").unsigned_abs();
    ask(&station, "head", Do::Revoke { access, reason: "withdrawn by the court".to_owned() });
    disc.fails_at = None;
    let before = disc.files.clone();
    let go_on = With { broke_off: Some(copy), ..with(&papers, None) };
    assert!(station.export(&clerk, (access, "disc"), &mut disc, &go_on).is_err());
    assert!(disc.files == before, "revoked: not a byte more");
}

/// One approval, one package: what the entry says was asked for, whoever goes on with it and however it broke off.
#[test]
fn a_copy_that_broke_off_is_gone_on_with_as_its_entry_says_and_in_no_other_way() {
    let (bench, clip, access) = bench(3);
    let station = bench.open();
    let clerk = who(&station, CLERK);
    let footage = footage();
    let part = made(clip, &[(17, 5)], &[&b"head"[..], &footage[17..22]].concat());
    let excerpts = [part.clone()];
    let given = Some(Digest::of(b"receipt"));
    let with = With { given, excerpts: &excerpts, ..with(&papers, None) };
    let mut disc = Disc { fails_at: Some(9), ..Disc::default() };
    station.export(&clerk, (access, "disc"), &mut disc, &with).unwrap_err();
    let copy = bench.rows(&access::COPY_OUT)[0].int("seq").unsigned_abs();
    let asked = AskedExcerpt { clip, from_ms: 1000, to_ms: 2000 };
    let begun = CopyAsked { excerpts: vec![asked.clone()], receipts: given };
    assert_eq!(station.copy_asked(copy).unwrap(), Some(begun.clone()));
    // Asked before anything is computed: no excerpts are those of the entry.
    let again = |excerpts: &[AskedExcerpt], receipts| {
        station.asked_again(copy, CopyAsked { excerpts: excerpts.to_vec(), receipts })
    };
    let says = |done: Result<CopyAsked, StationError>, what: &str| {
        let why = done.unwrap_err().to_string();
        assert!(why.contains(what), "{why}");
    };
    assert_eq!(again(&[], given).unwrap(), begun);
    assert_eq!(again(std::slice::from_ref(&asked), given).unwrap(), begun);
    says(again(&[], None), "was begun with receipts");
    says(again(&[], Some(Digest::of(b"another"))), "was begun with receipts");
    says(again(&[AskedExcerpt { to_ms: 1500, ..asked }], given), "this is something else");
    // And when it is done: whole clips, another range, no receipt.
    disc.fails_at = None;
    let before = disc.files.clone();
    let mut other = part;
    (other.copied.from_ms, other.copied.name) = (900, format!("{clip}_900-2000.mp4"));
    let other = [other];
    let go_on = With { broke_off: Some(copy), ..with };
    for (odd, what) in [
        (With { excerpts: &[], ..go_on }, "this is something else"),
        (With { excerpts: &other, ..go_on }, "this is something else"),
        (With { given: None, ..go_on }, "was begun with receipts"),
    ] {
        let why = station.export(&clerk, (access, "disc"), &mut disc, &odd).unwrap_err();
        assert!(why.to_string().contains(what) && disc.files == before, "{why}");
    }
    disc.left = disc.files.keys().cloned().collect();
    let (report, _) = station.export(&clerk, (access, "disc"), &mut disc, &go_on).unwrap();
    assert_eq!((report.copy, report.files.len(), report.excerpts.len()), (copy, 0, 1));
    assert_eq!(bench.rows(&access::COPY_OUT).len(), 1);

    // Begun without a receipt; and a copy whose entry does not say, of which whoever goes on says it again.
    let mut disc = Disc { fails_at: Some(9), ..Disc::default() };
    let plain = self::with(&papers, None);
    station.export(&clerk, (access, "disc 2"), &mut disc, &plain).unwrap_err();
    let copy = bench.rows(&access::COPY_OUT)[1].int("seq").unsigned_abs();
    says(station.asked_again(copy, begun.clone()), "this is something else");
    let receipt = CopyAsked { receipts: given, ..CopyAsked::default() };
    says(station.asked_again(copy, receipt), "was begun without receipts");
    let mut disc = Disc { fails_at: Some(2), ..Disc::default() };
    station.carry_out(&clerk, (access, "disc 3"), &mut disc).unwrap_err();
    let copy = bench.rows(&access::COPY_OUT)[2].int("seq").unsigned_abs();
    assert_eq!(station.copy_asked(copy).unwrap(), None);
    assert_eq!(station.asked_again(copy, begun.clone()).unwrap(), begun);
}

/// Before anything is cut: the same questions as before a chunk is copied.
#[test]
fn nothing_is_cut_for_who_may_not_copy() {
    let (bench, clip, access) = bench(1);
    let station = bench.open();
    let clips = station.copyable(&who(&station, CLERK), access).unwrap();
    assert_eq!(clips.iter().map(|(clip, _)| *clip).collect::<Vec<_>>(), [clip]);
    assert!(station.copyable(&who(&station, OFFICER), access).is_err(), "an officer");
    assert!(station.copyable(&operator(), access).is_err(), "nobody");
    assert!(station.copyable(&who(&station, CLERK), AccessId(0)).is_err(), "no approval");
}
