//! The table: for every code a package that is wrong in one thing, with the word and the codes it must give.

use crate::build::*;
use crate::cosigned::line;
use crate::page::{Page, program_told};
use crate::{judge, pin, pinned, told, with_key};
use Code::*;
use sealdock_chain::note::VerifierKey;
use sealdock_chain::{Digest, sshsig};
use sealdock_verify::{Code, Folder, Item, Kind, Memory, Refused, Trust, Word};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io;

/// A case: what is changed on the way or afterwards.
enum Change {
    OnTheWay(fn(&Station, Stage)),
    Afterwards(fn(&mut Memory)),
}

use Change::{Afterwards, OnTheWay};

/// Changes the event of a kind before it is signed.
fn event(stage: Stage, kind: &str, change: impl FnOnce(&mut Value)) {
    if let Stage::Entry(entry) = stage
        && entry.event["type"] == kind
    {
        change(&mut entry.event);
    }
}

fn tags(stage: Stage, change: impl FnOnce(&mut Files)) {
    if let Stage::Tags(files) = stage {
        change(files);
    }
}

fn handover(stage: Stage, change: impl FnOnce(&mut Files)) {
    if let Stage::Handover(files) = stage {
        change(files);
    }
}

fn text(files: &mut Files, name: &str, change: impl FnOnce(String) -> String) {
    let before = String::from_utf8(files[name].clone()).unwrap();
    let after = change(before.clone());
    assert_ne!(before, after, "the change of {name} changes nothing");
    files.insert(name.into(), after.into_bytes());
}

fn flip(files: &mut Files, name: &str, at: usize) {
    files.get_mut(name).unwrap()[at] ^= 1;
}

/// A stamped head, an answer, and the growth to the package's head.
fn stamp(station: &Station, files: &mut Files, size: u64, change: impl FnOnce(String) -> String) {
    let first = station.seq_of("copy.carried-out") + 1;
    let known = size <= first;
    let note = if known { station.head(size).note().to_owned() } else { String::new() };
    files.insert(format!("anchors/{size}/checkpoint.signed"), change(note).into_bytes());
    files.insert(format!("anchors/{size}/1.tsr"), b"an answer".to_vec());
    if known {
        let growth = station.growth(size, first).into_bytes();
        files.insert(format!("anchors/{size}.add-checkpoint"), growth);
    }
}

/// A head that a witness cosigned, and the growth to the package's head.
fn cosigned(station: &Station, files: &mut Files, change: impl FnOnce(String, &str) -> String) {
    let note = station.head(8).note().to_owned();
    let text = change(note.clone() + &line(1, 1_796_083_200, &note), &note);
    files.insert("anchors/8/checkpoint.cosigned".into(), text.into_bytes());
    let growth = station.growth(8, station.seq_of("copy.carried-out") + 1);
    files.insert("anchors/8.add-checkpoint".into(), growth.into_bytes());
}

/// Shows all but one entry.
fn hide(files: &mut Files, seq: u64) {
    files.remove(&format!("record/entries/{seq}.json")).unwrap();
    files.remove(&format!("record/entries/{seq}.tlog-proof")).unwrap();
}

const SIG: &str = "handover/tagmanifest-sha256.txt.sig";
const GROWN: &str = "handover/grown.add-checkpoint";
const CHECKPOINT: &str = "record/checkpoint";

/// The last base64 with an unused bit set: the same bytes to a lax reader.
fn loosened(text: String) -> String {
    let at = text.rfind('=').unwrap() - 1;
    let mut bytes = text.into_bytes();
    bytes[at] += 1;
    String::from_utf8(bytes).unwrap()
}

fn unsorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    lines.join("\n") + "\n"
}

fn twice(text: &str) -> String {
    format!("{}\n{text}", text.lines().next().unwrap())
}

#[rustfmt::skip]
fn cases() -> Vec<(&'static str, Change, Word, &'static [Code])> {
    use Word::{Anchored, Damaged, Incomplete, Tampered};
    vec![
        ("a space in a name", Afterwards(|f| drop(f.files.insert("data/C4 .mp4".into(), vec![]))), Tampered, &[NameRefused]),
        ("a Cyrillic letter", Afterwards(|f| drop(f.files.insert("d\u{430}ta/C4.mp4".into(), vec![]))), Tampered, &[NameRefused]),
        ("a combining accent", Afterwards(|f| drop(f.files.insert("data/C4e\u{301}.mp4".into(), vec![]))), Tampered, &[NameRefused]),
        ("a backslash", Afterwards(|f| drop(f.files.insert("..\\x".into(), vec![]))), Tampered, &[NameRefused]),
        ("a name that leaves the folder", Afterwards(|f| drop(f.files.insert("data/../../x".into(), vec![]))), Tampered, &[NameRefused]),
        ("a link", Afterwards(|f| f.others.extend([("data/C4_link.mp4".into(), Kind::Link)])), Tampered, &[NameRefused]),
        ("a device", Afterwards(|f| f.others.extend([("paper/tty".into(), Kind::Other)])), Tampered, &[NameRefused]),
        ("a twin but for case", Afterwards(|f| drop(f.files.insert("Read-Me-First.txt".into(), vec![]))), Tampered, &[NameRefused, NameUnknown]),
        ("a manifest that leaves the folder", OnTheWay(|_, s| if let Stage::Manifest(m) = s { m.insert_str(0, &format!("{}  ../x\n", Digest::of(b""))) }), Tampered, &[NameRefused]),
        ("an absolute name in a manifest", OnTheWay(|_, s| if let Stage::Tagmanifest(m) = s { m.insert_str(0, &format!("{}  /etc/passwd\n", Digest::of(b""))) }), Tampered, &[NameRefused]),
        ("a signed file that no package has", OnTheWay(|_, s| tags(s, |f| drop(f.insert("paper/extra.html".into(), vec![])))), Tampered, &[NameRefused]),
        ("a file that nobody names", Afterwards(|f| drop(f.files.insert("notes.txt".into(), vec![]))), Tampered, &[NameUnknown]),
        ("a clip that nobody names", Afterwards(|f| drop(f.files.insert("data/C99_x.mp4".into(), vec![]))), Tampered, &[NameUnknown, ClipUnknown]),
        ("a paper that nobody names", Afterwards(|f| drop(f.files.insert("paper/C99.html".into(), vec![]))), Tampered, &[NameUnknown]),
        ("a page that nobody names", Afterwards(|f| drop(f.files.insert("verify.html".into(), vec![]))), Tampered, &[NameUnknown]),
        ("more in the handover", Afterwards(|f| drop(f.files.insert("handover/more".into(), vec![]))), Tampered, &[NameUnknown]),
        ("no bagit.txt", Afterwards(|f| drop(f.files.remove("bagit.txt"))), Incomplete, &[BagVoid, FileMissing]),
        ("still called void", Afterwards(|f| f.called = "V9-1.void".into()), Incomplete, &[BagVoid]),
        ("another version of bag", OnTheWay(|_, s| tags(s, |f| text(f, "bagit.txt", |t| t.replace("1.0", "0.97")))), Tampered, &[BagMalformed]),
        ("a manifest with carriage returns", OnTheWay(|_, s| if let Stage::Manifest(m) = s { *m = m.replace('\n', "\r\n") }), Tampered, &[BagMalformed]),
        ("a tag manifest with carriage returns", OnTheWay(|_, s| if let Stage::Tagmanifest(m) = s { *m = m.replace('\n', "\r\n") }), Tampered, &[BagMalformed]),
        ("a line twice", OnTheWay(|_, s| if let Stage::Tagmanifest(m) = s { *m = twice(m) }), Tampered, &[BagMalformed]),
        ("a manifest not sorted", OnTheWay(|_, s| if let Stage::Manifest(m) = s { *m = unsorted(m) }), Tampered, &[BagMalformed]),
        ("a digest in capitals", OnTheWay(|_, s| if let Stage::Manifest(m) = s { *m = m.replace('a', "A") }), Tampered, &[BagMalformed]),
        ("a line after the last", OnTheWay(|_, s| if let Stage::Tagmanifest(m) = s { m.push('\n') }), Tampered, &[BagMalformed]),
        ("a manifest that is no text", OnTheWay(|_, s| if let Stage::Tagmanifest(m) = s { m.push('\u{0}') }), Tampered, &[BagMalformed]),
        ("a clip in the tag manifest", OnTheWay(|_, s| if let Stage::Tagmanifest(m) = s {
            let lines: BTreeSet<String> = m.lines().map(|line| line[66..].to_owned() + &line[..64]).chain([data_name(4) + &Digest::of(b"first clip").to_string()]).collect();
            *m = lines.iter().map(|line| { let (name, hex) = line.split_at(line.len() - 64); format!("{hex}  {name}\n") }).collect();
        }), Tampered, &[BagMalformed]),
        ("no register", Afterwards(|f| drop(f.files.remove("paper/register.html"))), Incomplete, &[FileMissing]),
        ("no chunk list, and no line for it", OnTheWay(|_, s| tags(s, |f| drop(f.remove("clips/C4/chunks")))), Incomplete, &[FileMissing]),
        ("no signature of a clip, and no line for it", OnTheWay(|_, s| tags(s, |f| drop(f.remove("clips/C4/clip.sig")))), Incomplete, &[FileMissing]),
        ("no proof, and no line for it", OnTheWay(|_, s| tags(s, |f| drop(f.remove("record/entries/4.tlog-proof")))), Incomplete, &[FileMissing]),
        ("no listing, and no line for it", OnTheWay(|_, s| tags(s, |f| f.retain(|n, _| !n.starts_with("record/listings/")))), Incomplete, &[FileMissing]),
        ("no log key, and no line for it", OnTheWay(|_, s| tags(s, |f| drop(f.remove("keys/log.vkey")))), Incomplete, &[FileMissing]),
        ("a clip is gone", Afterwards(|f| drop(f.files.remove(&data_name(4)))), Incomplete, &[FileMissing]),
        ("another paper", Afterwards(|f| flip(&mut f.files, "paper/C4.html", 3)), Tampered, &[FileChanged]),
        ("a head by nobody", OnTheWay(|_, s| tags(s, |f| text(f, CHECKPOINT, |t| t.replace("\n1", "\n2")))), Tampered, &[HeadRefused, PinUnlinked]),
        ("a head with loose base64", OnTheWay(|_, s| tags(s, |f| text(f, CHECKPOINT, loosened))), Tampered, &[HeadRefused, PinUnlinked]),
        ("a head with carriage returns", OnTheWay(|_, s| tags(s, |f| text(f, CHECKPOINT, |t| t.replace('\n', "\r\n")))), Tampered, &[HeadRefused, PinUnlinked]),
        ("a head with a forged blank line", OnTheWay(|_, s| tags(s, |f| text(f, CHECKPOINT, |t| t.replacen('\n', "\n\n", 1)))), Tampered, &[HeadRefused, PinUnlinked]),
        ("bytes after the head", OnTheWay(|_, s| tags(s, |f| text(f, CHECKPOINT, |t| t + "\n"))), Tampered, &[HeadRefused, PinUnlinked]),
        ("another origin", OnTheWay(|_, s| tags(s, |f| text(f, CHECKPOINT, |t| t.replace("test.example", "tost.example")))), Tampered, &[HeadRefused, PinUnlinked]),
        ("a head that is too long", OnTheWay(|_, s| tags(s, |f| drop(f.insert(CHECKPOINT.into(), vec![b'x'; 70_000])))), Tampered, &[HeadRefused, PinUnlinked]),
        ("a later head by nobody", OnTheWay(|_, s| handover(s, |f| text(f, GROWN, loosened))), Tampered, &[HeadRefused]),
        ("a growth that does not hold", OnTheWay(|_, s| handover(s, |f| text(f, GROWN, |t| {
            let line = t.lines().nth(1).unwrap().to_owned();
            t.replace(&line, &base64(&[7; 32]))
        }))), Tampered, &[HeadsPart]),
        ("a growth from another size", OnTheWay(|_, s| handover(s, |f| text(f, GROWN, |t| t.replacen("old 1", "old 2", 1)))), Tampered, &[HeadsPart]),
        ("a growth with bytes in front", OnTheWay(|_, s| handover(s, |f| text(f, GROWN, |t| format!(" {t}")))), Tampered, &[HeadsPart]),
        ("a second head that is the first", OnTheWay(|station, s| handover(s, |f| {
            let size = station.seq_of("copy.carried-out") + 1;
            f.insert(GROWN.into(), station.growth(size, size).into_bytes());
        })), Tampered, &[HeadsPart, ProofRefused]),
        ("proofs of two entries swapped", OnTheWay(|_, s| tags(s, |f| {
            let [a, b] = [4, 5].map(|n| f[&format!("record/entries/{n}.tlog-proof")].clone());
            f.insert("record/entries/4.tlog-proof".into(), b);
            f.insert("record/entries/5.tlog-proof".into(), a);
        })), Tampered, &[ProofRefused]),
        ("an entry edited", OnTheWay(|_, s| tags(s, |f| text(f, "record/entries/0.json", |t| t.replace("测试单位", "别的单位")))), Tampered, &[ProofRefused]),
        ("an entry edited between others", OnTheWay(|_, s| tags(s, |f| text(f, "record/entries/8.json", |t| t.replace("法院", "公安")))), Tampered, &[ProofRefused, LinkBroken]),
        ("the closing entry edited", OnTheWay(|_, s| handover(s, |f| text(f, "handover/completed.json", |t| t.replace("system", "systom")))), Tampered, &[ProofRefused]),
        ("a proof under an older head", OnTheWay(|station, s| tags(s, |f| drop(f.insert("record/entries/4.tlog-proof".into(), station.proof(4, 8).into_bytes())))), Tampered, &[ProofRefused]),
        ("a proof with an extra line", OnTheWay(|_, s| tags(s, |f| text(f, "record/entries/4.tlog-proof", |t| t.replace("index", "extra AAAA\nindex")))), Tampered, &[ProofRefused]),
        ("a proof that is too long", OnTheWay(|_, s| tags(s, |f| drop(f.insert("record/entries/4.tlog-proof".into(), vec![b'x'; 70_000])))), Tampered, &[ProofRefused]),
        ("a growth in anchors that is none", OnTheWay(|_, s| tags(s, |f| text(f, "anchors/3.add-checkpoint", |t| t.replacen("old 3", "old 2", 1)))), Tampered, &[ProofRefused]),
        ("a stamp that nobody checked", OnTheWay(|station, s| tags(s, |f| stamp(station, f, 8, |t| t))), Anchored, &[StampUnchecked]),
        ("a stamped head by nobody", OnTheWay(|station, s| tags(s, |f| stamp(station, f, 8, |t| t.replace("\n8\n", "\n9\n")))), Tampered, &[StampRefused, StampUnchecked]),
        ("a stamped head of another size than its folder", OnTheWay(|station, s| tags(s, |f| stamp(station, f, 8, |_| station.head(7).note().into()))), Tampered, &[StampRefused, StampUnchecked]),
        ("a stamped head of another history", OnTheWay(|station, s| tags(s, |f| stamp(station, f, 8, |_| station.sign(8, Digest::of(b"x")).note().into()))), Tampered, &[StampRefused, StampUnchecked]),
        ("a stamped head with a second signature", OnTheWay(|station, s| tags(s, |f| stamp(station, f, 8, |t| format!("{t}\u{2014} w.example {}\n", base64(&[1; 72]))))), Tampered, &[StampRefused, StampUnchecked]),
        ("a stamped head that is larger than the package's", OnTheWay(|station, s| tags(s, |f| stamp(station, f, 80, |_| station.sign(80, Digest::of(b"x")).note().into()))), Tampered, &[StampRefused, StampUnchecked]),
        ("no growth from a stamped head", OnTheWay(|station, s| tags(s, |f| { stamp(station, f, 8, |t| t); f.remove("anchors/8.add-checkpoint"); })), Incomplete, &[FileMissing, StampUnchecked]),
        ("a stamp without its head", OnTheWay(|station, s| tags(s, |f| { stamp(station, f, 8, |t| t); f.remove("anchors/8/checkpoint.signed"); })), Incomplete, &[FileMissing, StampUnchecked]),
        ("a stamp that is too long", OnTheWay(|station, s| tags(s, |f| { stamp(station, f, 8, |t| t); f.insert("anchors/8/1.tsr".into(), vec![0; 70_000]); })), Tampered, &[StampRefused, StampUnchecked]),
        ("a request among the stamps", OnTheWay(|_, s| tags(s, |f| drop(f.insert("anchors/8/1.tsq".into(), b"x".to_vec())))), Tampered, &[NameRefused]),
        ("a cosigned head, and nobody is believed", OnTheWay(|station, s| tags(s, |f| cosigned(station, f, |t, _| t))), Anchored, &[WitnessUnchecked]),
        ("a cosigned head with an empty line", OnTheWay(|station, s| tags(s, |f| cosigned(station, f, |t, _| t + "\n"))), Tampered, &[WitnessRefused]),
        ("a cosigned head that nobody cosigned", OnTheWay(|station, s| tags(s, |f| cosigned(station, f, |_, note| note.to_owned()))), Tampered, &[WitnessRefused]),
        ("no growth from a cosigned head", OnTheWay(|station, s| tags(s, |f| { cosigned(station, f, |t, _| t); f.remove("anchors/8.add-checkpoint"); })), Incomplete, &[FileMissing, WitnessUnchecked]),
        ("a policy among the anchors", OnTheWay(|_, s| tags(s, |f| drop(f.insert("anchors/witness-policy".into(), b"x".to_vec())))), Anchored, &[]),
        ("the last proof is another's", OnTheWay(|_, s| handover(s, |f| text(f, "handover/completed.tlog-proof", |t| t.replacen("index 1", "index 2", 1)))), Tampered, &[ProofRefused]),
        ("an entry that is not canonical", OnTheWay(|_, s| if let Stage::EntryBytes(8, bytes) = s { bytes.push(b'\n') }), Tampered, &[EntryRefused]),
        ("an entry that is too long", OnTheWay(|_, s| if let Stage::EntryBytes(8, bytes) = s { bytes.extend(vec![b' '; 70_000]) }), Tampered, &[EntryRefused]),
        ("an entry of endless depth", OnTheWay(|_, s| if let Stage::EntryBytes(8, bytes) = s { *bytes = vec![b'['; 60_000] }), Tampered, &[EntryRefused]),
        ("an entry under another number", OnTheWay(|_, s| tags(s, |f| for ending in ["json", "tlog-proof"] {
            let moved = f.remove(&format!("record/entries/8.{ending}")).unwrap();
            f.insert(format!("record/entries/80.{ending}"), moved);
        })), Tampered, &[EntryRefused]),
        ("an entry without what its kind must have", OnTheWay(|_, s| event(s, "session.closed", |e| drop(e.as_object_mut().unwrap().remove("session")))), Tampered, &[EntryRefused]),
        ("an entry that names another before it", OnTheWay(|_, s| if let Stage::Entry(entry) = s && entry.seq == 9 { entry.prev = Digest::of(b"x") }), Tampered, &[LinkBroken]),
        ("entry 0 is not shown", OnTheWay(|_, s| tags(s, |f| hide(f, 0))), Incomplete, &[EntryMissing]),
        ("the entry of the session is not shown", OnTheWay(|_, s| tags(s, |f| hide(f, 2))), Incomplete, &[EntryMissing]),
        ("the entry of a clip is not shown", OnTheWay(|_, s| tags(s, |f| hide(f, 4))), Incomplete, &[EntryMissing]),
        ("the entry of the listing is not shown, nor the listing", OnTheWay(|_, s| tags(s, |f| { hide(f, 3); f.retain(|n, _| !n.starts_with("record/listings/")) })), Incomplete, &[EntryMissing]),
        ("the entry that began the copy is not shown", OnTheWay(|station, s| tags(s, |f| hide(f, station.seq_of("copy.carried-out")))), Incomplete, &[EntryMissing]),
        ("keys/log.vkey is another's", OnTheWay(|_, s| tags(s, |f| drop(f.insert("keys/log.vkey".into(), format!("{}\n", Station::stranger_key()).into_bytes())))), Tampered, &[KeyOther]),
        ("keys/log.vkey is no key", OnTheWay(|_, s| tags(s, |f| text(f, "keys/log.vkey", |t| t + "\n"))), Tampered, &[KeyOther]),
        ("allowed_signers allows another", OnTheWay(|_, s| tags(s, |f| {
            let key = Station::stranger_key();
            text(f, "keys/allowed_signers", |t| t + &sshsig::allowed_signers_line("x", "clip@sealdock", key.public(), None, None).unwrap() + "\n");
        })), Tampered, &[KeyOther]),
        ("entry 0 spells another evidence key", OnTheWay(|_, s| event(s, "station.founded", |e| e["evidence_key"] = json!(sshsig::public_line(Station::stranger_key().public(), ORIGIN)))), Tampered, &[KeyOther]),
        ("entry 0 names another log key", OnTheWay(|_, s| event(s, "station.founded", |e| {
            let key = Station::stranger_key();
            e["log_public"] = json!(Digest(*key.public()));
            e["log_vkey"] = json!(key.to_string());
        })), Tampered, &[KeyOther]),
        ("entry 0 founds another record", OnTheWay(|_, s| event(s, "station.founded", |e| {
            let key = Digest::deserialize_from(&e["log_public"]);
            e["origin"] = json!("other.example/x");
            e["log_vkey"] = json!(VerifierKey::new("other.example/x", key.0).unwrap().to_string());
        })), Tampered, &[KeyOther]),
        ("clip.sig is another's", OnTheWay(|_, s| tags(s, |f| drop(f.insert("clips/C4/clip.sig".into(), Station::stranger("clip@sealdock", &Digest::of(b"first clip")).into_bytes())))), Tampered, &[ClipSignature]),
        ("clip.sig has carriage returns", OnTheWay(|_, s| tags(s, |f| text(f, "clips/C4/clip.sig", |t| t.replace('\n', "\r\n")))), Tampered, &[ClipSignature]),
        ("a signature in the entry by a stranger", OnTheWay(|_, s| event(s, "clip.stored", |e| {
            let digest = Digest::deserialize_from(&e["sha256"]);
            e["sshsig"] = json!(Station::stranger("clip@sealdock", &digest));
        })), Tampered, &[ClipSignature]),
        ("a clip of an epoch to come", OnTheWay(|_, s| event(s, "clip.stored", |e| e["evidence_epoch"] = json!(2))), Tampered, &[ClipSignature]),
        ("another chunk list", OnTheWay(|_, s| tags(s, |f| flip(f, "clips/C5/chunks", 40))), Tampered, &[ChunksRefused]),
        ("a chunk list with bytes after it", OnTheWay(|_, s| tags(s, |f| f.get_mut("clips/C5/chunks").unwrap().push(0))), Tampered, &[ChunksRefused]),
        ("a clip whose entry took custody of none", OnTheWay(|_, s| match s {
            Stage::Payload(files) => drop(files.insert("data/C8_x.mp4".into(), b"x".to_vec())),
            other => event(other, "copy.completed", |e| drop(e["files"].as_array_mut().unwrap().pop())),
        }), Tampered, &[ClipUnknown]),
        ("a second file for a clip", OnTheWay(|_, s| match s {
            Stage::Payload(files) => drop(files.insert("data/C6_z.mp4".into(), b"x".to_vec())),
            other => event(other, "copy.completed", |e| drop(e["files"].as_array_mut().unwrap().pop())),
        }), Tampered, &[ClipUnknown]),
        ("the manifest has another digest", OnTheWay(|_, s| if let Stage::Manifest(m) = s { *m = m.replacen(&Digest::of(b"first clip").to_string(), &Digest::of(b"").to_string(), 1) }), Tampered, &[ClipMisnamed]),
        ("the copy has another size", OnTheWay(|_, s| event(s, "copy.completed", |e| e["files"][0]["size"] = json!(7))), Tampered, &[ClipMisnamed]),
        ("the copy has another name", OnTheWay(|_, s| event(s, "copy.completed", |e| e["files"][0]["name"] = json!("C4_other.mp4"))), Tampered, &[ClipMisnamed]),
        ("a bit of the second piece is turned", Afterwards(|f| flip(&mut f.files, &data_name(5), 4_194_304)), Damaged, &[ClipDamaged]),
        ("a clip is cut off", Afterwards(|f| f.files.get_mut(&data_name(5)).unwrap().truncate(4_194_304)), Damaged, &[ClipDamaged]),
        ("a clip goes on", Afterwards(|f| f.files.get_mut(&data_name(4)).unwrap().push(0)), Damaged, &[ClipDamaged]),
        ("a listing of more lines", OnTheWay(|_, s| event(s, "listing.signed", |e| e["lines"] = json!(6))), Tampered, &[ListingRefused]),
        ("a listing under another's name", OnTheWay(|_, s| tags(s, |f| {
            let name = f.keys().find(|n| n.starts_with("record/listings/")).unwrap().clone();
            text(f, &name, |t| t.replace("LEFT", "RIGHT"));
        })), Tampered, &[ListingRefused]),
        ("a listing that no entry names", OnTheWay(|_, s| tags(s, |f| drop(f.insert(format!("record/listings/{}.json", Digest::of(b"[]")), b"[]".to_vec())))), Tampered, &[ListingRefused]),
        ("a clip that is another line", OnTheWay(|_, s| event(s, "clip.stored", |e| e["line"] = json!(3))), Tampered, &[ListingRefused]),
        ("another package completed", OnTheWay(|_, s| event(s, "copy.completed", |e| e["package"] = json!(Digest::of(b"")))), Tampered, &[HandoverRefused]),
        ("no package completed", OnTheWay(|_, s| event(s, "copy.completed", |e| drop(e.as_object_mut().unwrap().remove("package")))), Tampered, &[HandoverRefused]),
        ("another copy completed", OnTheWay(|_, s| event(s, "copy.completed", |e| e["copy"] = json!(8))), Tampered, &[HandoverRefused]),
        ("a clip completed twice", OnTheWay(|_, s| event(s, "copy.completed", |e| { let one = e["files"][0].clone(); e["files"].as_array_mut().unwrap().push(one) })), Tampered, &[HandoverRefused]),
        ("a manifest signed by a stranger", OnTheWay(|_, s| handover(s, |f| drop(f.insert(SIG.into(), Station::stranger("export@sealdock", &Digest::of(b"")).into_bytes())))), Tampered, &[BagSignature]),
        ("a manifest signed for clips", OnTheWay(|station, s| handover(s, |f| drop(f.insert(SIG.into(), station.ssh("clip@sealdock", &Digest::of(b"")).into_bytes())))), Tampered, &[BagSignature]),
    ]
}

trait FromJson {
    fn deserialize_from(value: &Value) -> Digest;
}

impl FromJson for Digest {
    fn deserialize_from(value: &Value) -> Digest {
        value.as_str().unwrap().parse().unwrap()
    }
}

#[test]
fn every_change_gives_its_word_and_its_code() {
    let sound = package(&usual());
    let mut wrong = Vec::new();
    for (what, change, word, codes) in cases() {
        let package = match change {
            OnTheWay(hook) => package_hooked(&usual(), hook),
            Afterwards(change) => {
                let mut package = package(&usual());
                change(&mut package.folder);
                package
            }
        };
        // The reader has the key and an anchor: nothing but the change keeps the word from being the best.
        let mut trust = with_key(sound.key());
        trust.pins.push(pin(package.station.head(package.sizes.0).note()));
        let judged = judge(&package.folder, &trust);
        let told = judged.as_ref().map(told).map_err(ToString::to_string);
        if told != Ok((word, codes.to_vec())) {
            let details: Vec<String> = judged
                .iter()
                .flat_map(|report| &report.findings)
                .map(|f| format!("{} {} ({})", f.code.as_str(), f.about, f.detail))
                .collect();
            wrong.push(format!("{what}: wanted {word:?} {codes:?}, got {told:?}\n  {details:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same packages, byte for byte, by the page: the same word, the same codes about the same things.
#[test]
fn the_page_says_of_every_change_what_the_program_says() {
    let key = package(&usual()).key();
    let mut page = Page::new();
    let mut wrong = Vec::new();
    for (what, change, word, _) in cases() {
        let mut package = match change {
            OnTheWay(hook) => package_hooked(&usual(), hook),
            Afterwards(_) => package(&usual()),
        };
        if let Afterwards(change) = change {
            change(&mut package.folder);
        }
        let note = package.station.head(package.sizes.0).note().to_owned();
        let trust = Trust { pins: vec![pin(&note)], ..with_key(key.clone()) };
        let program = program_told(&package.folder, &trust);
        let page = page.told(&package.folder, (&trust, &[note]), &[]);
        if program != page || program["word"] != word.as_str() {
            wrong.push(format!("{what}: the program {program}, the page {page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing is read beyond what such a file can have.
#[test]
fn a_small_file_that_is_huge_is_refused_with_the_code_of_its_kind() {
    let sound = package(&usual());
    let listing = sound.folder.files.keys().find(|name| name.starts_with("record/listings/"));
    const MIB: usize = 1024 * 1024;
    for (name, bytes, codes) in [
        ("record/entries/8.json", 65_536, vec![EntryRefused]),
        ("handover/completed.json", 65_536, vec![HandoverRefused]),
        (GROWN, 65_537, vec![HandoverRefused]),
        ("anchors/3.add-checkpoint", 65_537, vec![ProofRefused]),
        ("anchors/3/checkpoint.signed", 65_537, vec![NameUnknown, StampRefused]),
        ("anchors/3/checkpoint.cosigned", 16_385, vec![NameUnknown, WitnessRefused]),
        ("clips/C4/clip.sig", 16_385, vec![ClipSignature]),
        ("keys/log.vkey", MIB + 1, vec![KeyOther]),
        ("manifest-sha256.txt", 64 * MIB + 1, vec![BagMalformed]),
        ("clips/C4/chunks", 64 * MIB + 1, vec![ChunksRefused]),
        ("paper/C4.html", 64 * MIB + 1, vec![FileChanged]),
        (listing.unwrap(), 64 * MIB + 1, vec![ListingRefused]),
    ] {
        let mut folder = sound.folder.clone();
        folder.files.insert(name.to_owned(), vec![b' '; bytes]);
        let report = judge(&folder, &with_key(sound.key())).unwrap();
        assert_eq!(told(&report), (Word::Tampered, codes), "{name}");
    }
}

/// A folder of which some files cannot be read, as on a scratched disc.
struct Scratched<'f>(&'f Memory, fn(&str) -> bool);

impl Folder for Scratched<'_> {
    fn called(&self) -> String {
        self.0.called()
    }

    fn items(&self) -> io::Result<Vec<Item>> {
        self.0.items()
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn io::Read + Send + '_>> {
        if !(self.1)(name) {
            return self.0.open(name);
        }
        let some = self.0.files[name].get(..9).unwrap_or_default();
        Ok(Box::new(io::Read::chain(some, Unreadable)))
    }
}

struct Unreadable;

impl io::Read for Unreadable {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("a scratch"))
    }
}

/// A clip that cannot be read is damaged, and the rest is judged; without a small file nothing is.
#[test]
fn a_scratch_in_a_clip_is_damage_and_in_a_small_file_the_end() {
    let sound = package(&usual());
    let trust = with_key(sound.key());
    let disc = Scratched(&sound.folder, |name| name.starts_with("data/C5"));
    let report = judge(&disc, &trust).unwrap();
    assert_eq!(told(&report), (Word::Damaged, vec![ClipDamaged]));
    assert!(report.findings[0].detail.starts_with("from byte 9 on it cannot be read: a scratch"));
    let disc = Scratched(&sound.folder, |name| name == "paper/register.html");
    assert!(matches!(judge(&disc, &trust), Err(Refused::Unreadable { .. })));
}

/// The table has every code; rotations, pins, witnesses and excerpts have tests of their own.
#[test]
fn every_code_is_in_the_corpus() {
    let mut seen: BTreeSet<Code> = cases().iter().flat_map(|case| case.3).copied().collect();
    seen.extend([KeyUnproven, PinParts, PinRefused, PinUnlinked, WitnessShort]);
    seen.extend([ExcerptRefused, ExcerptParts, ExcerptDamaged]);
    let all: BTreeSet<Code> = Code::ALL.iter().copied().collect();
    assert_eq!(seen, all);
}

#[test]
fn damage_is_located_by_piece_and_by_share_of_the_length() {
    let mut package = package(&usual());
    flip(&mut package.folder.files, &data_name(5), 4_194_304);
    let report = judge(&package.folder, &with_key(package.key())).unwrap();
    assert_eq!(report.findings[0].detail, "damaged: 2/2 (50–100 %)");
    let json = report.to_json();
    let facts = json["answers"]["integrity"].as_array().unwrap();
    let damaged = facts.iter().find(|fact| fact["fact"] == "clip-damaged-at").unwrap();
    assert_eq!(damaged["with"]["damaged"], json!(["2/2 (50–100 %)"]));
}

#[test]
fn a_pin_of_another_history_is_a_contradiction() {
    let package = package(&usual());
    let station = &package.station;
    let (first, second) = package.sizes;
    for size in [3, first, second] {
        let mut trust = with_key(package.key());
        trust.pins.push(pin(station.sign(size, Digest::of(b"another history")).note()));
        let report = judge(&package.folder, &trust).unwrap();
        assert_eq!(told(&report), (Word::Tampered, vec![PinParts]), "{size}");
    }
    // Two pins that contradict each other, though the package can be held against neither.
    let mut trust = pinned(&package, second + 1);
    trust.pins.push(pin(station.sign(second + 1, Digest::of(b"x")).note()));
    let report = judge(&package.folder, &trust).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![PinParts, PinUnlinked]));
}

#[test]
fn what_is_no_head_of_the_record_judges_nothing() {
    let sound = package(&usual());
    let other = package(&Plan { seed: 2, ..usual() });
    let note = sound.station.head(5).note().to_owned();
    let strange = note.replace("test.example", "tost.example");
    for bad in [strange.as_str(), &note.replace("\n5\n", "\n6\n"), other.station.head(5).note()] {
        let mut trust = with_key(sound.key());
        trust.pins.push(pin(bad));
        let refused = judge(&sound.folder, &trust).unwrap_err();
        assert_eq!(refused.code(), Some(PinRefused), "{bad}");
        assert!(matches!(refused, Refused::Pin { .. }));
    }
    let empty = sound.station.head(0).note().to_owned();
    let mut trust = with_key(sound.key());
    trust.pins.push(pin(&empty));
    assert!(judge(&sound.folder, &trust).is_err(), "every record begins with nothing");
}

/// The station's entry says one digest and its chunk tree another: only the whole file shows it.
#[test]
fn an_entry_that_contradicts_itself_is_seen_by_hashing_the_whole() {
    let package = package_hooked(&usual(), |station, stage| match stage {
        Stage::Entry(entry) if entry.seq == 4 => {
            entry.event["sha256"] = json!(Digest::of(b"other"));
            entry.event["sshsig"] = json!(station.ssh("clip@sealdock", &Digest::of(b"other")));
        }
        Stage::Entry(entry) if entry.event["type"] == "copy.completed" => {
            entry.event["files"][0]["sha256"] = json!(Digest::of(b"other"));
        }
        Stage::Manifest(manifest) => {
            let [real, said] =
                [b"first clip".as_slice(), b"other"].map(|b| Digest::of(b).to_string());
            *manifest = manifest.replace(&real, &said);
        }
        _ => {}
    });
    let trust = with_key(package.key());
    let options = sealdock_verify::Options { workers: 2, whole: true };
    let report = sealdock_verify::verify(&package.folder, &trust, options, &|_, _| {}).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![ClipMisnamed]));
    let quick = judge(&package.folder, &trust).unwrap();
    assert_eq!(quick.word, Word::Unanchored);
    assert!(quick.to_string().contains("not computed here"));
    assert!(judge(&package.folder, &Trust::default()).is_ok());
}
