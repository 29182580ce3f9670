//! The wipe gate says no to every single missing or wrong proof, and says which.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use sealdock_core::custody::{
    ChunkHash, Copies, MirroredCopy, ReReadDigest, SecondReading, SourceDigest, StoredDigest,
    VerifiedCopy, WholeHash, WipePermit,
};
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::Recorder;
use sealdock_testkit::card::SimCard;
use sealdock_testkit::faults::Faults;
use sealdock_testkit::permit::{self, Earned};

const BYTES: &[u8] = b"what the recorder saw";

fn earned() -> Earned {
    let card = SimCard::new("J800000", &[(b"DCIM/a.mp4", BYTES)]);
    let mut recorder = card.dock(&Faults::none());
    let line = recorder.list().unwrap().lines.remove(0);
    permit::proofs(&mut recorder, &line).unwrap()
}

fn refusal(spoil: impl FnOnce(&mut Earned)) -> Vec<String> {
    let mut earned = earned();
    spoil(&mut earned);
    WipePermit::grant(earned.case, earned.standing).unwrap_err().reasons
}

fn readings(bytes: &[u8]) -> (sealdock_core::custody::Whole, sealdock_core::custody::Chunked) {
    let (mut whole, mut chunks) = (WholeHash::new(false), ChunkHash::new());
    whole.update(bytes);
    chunks.update(bytes);
    (whole.finish(), chunks.finish())
}

fn stored(bytes: &[u8]) -> StoredDigest {
    StoredDigest::earned(readings(bytes).0)
}

fn reread(bytes: &[u8]) -> ReReadDigest {
    let (whole, chunks) = readings(bytes);
    ReReadDigest::earned(whole, chunks)
}

fn source(bytes: &[u8]) -> SourceDigest {
    let (whole, chunks) = readings(bytes);
    SourceDigest::earned(whole, chunks)
}

fn only(reasons: Vec<String>, words: &str) {
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons[0].contains(words), "{reasons:?}");
}

#[test]
fn with_every_proof_a_permit_names_exactly_the_listed_file() {
    let Earned { case, standing } = earned();
    let listed = case.listed.clone();
    let permit = WipePermit::grant(case, standing).unwrap();
    assert_eq!(permit.file(), &listed);
    assert_eq!(permit.sha256(), sealdock_core::Digest::of(BYTES));
}

#[test]
fn a_copy_of_other_bytes_than_the_chain_records_is_refused() {
    let reasons = refusal(|e| {
        e.case.copy = VerifiedCopy::compare(source(b"x"), &stored(b"x")).unwrap();
        e.case.second = SecondReading::Read { digest: reread(b"x"), method: "m".into() };
        e.case.listed.size = 1;
        e.case.present = Some(e.case.listed.clone());
    });
    only(reasons, "the chain records other bytes");
}

#[test]
fn an_entry_about_another_line_or_session_is_refused() {
    only(refusal(|e| e.standing.line = 7), "another line");
    only(refusal(|e| e.standing.session = 7), "another line");
}

#[test]
fn one_copy_is_refused_until_the_unit_accepts_it_or_a_mirror_proves_a_second() {
    only(refusal(|e| e.case.copies = Copies::Single), "one copy only");
    let mut e = earned();
    let copy = VerifiedCopy::compare(source(BYTES), &stored(BYTES)).unwrap();
    e.case.copies = Copies::Mirrored(MirroredCopy::compare(&copy, &stored(BYTES)).unwrap());
    assert!(WipePermit::grant(e.case, e.standing).is_ok());
}

#[test]
fn a_mirror_of_another_clip_is_refused() {
    let reasons = refusal(|e| {
        let other = VerifiedCopy::compare(source(b"y"), &stored(b"y")).unwrap();
        e.case.copies = Copies::Mirrored(MirroredCopy::compare(&other, &stored(b"y")).unwrap());
    });
    only(reasons, "second copy holds other bytes");
}

/// S17: an original is never destroyed on the word of one reading.
#[test]
fn a_second_reading_that_differs_in_bytes_or_length_is_refused() {
    for other in [&b"what the recorder sax"[..], b"what the recorder saw!", b""] {
        let reasons = refusal(|e| {
            let digest = reread(other);
            e.case.second = SecondReading::Read { digest, method: "m".into() };
        });
        only(reasons, "second reading of the recorder differs");
    }
}

#[test]
fn a_file_that_changed_was_exchanged_or_went_is_refused() {
    type Change = fn(&mut RawLine);
    let changes: [Change; 5] = [
        |l| l.size += 1,
        |l| l.mtime_ms = l.mtime_ms.map(|t| t + 1).or(Some(1)),
        |l| l.file_id += 1,
        |l| l.changed_ns = l.changed_ns.map(|t| t + 1).or(Some(1)),
        |l| l.raw_name.push(b'x'),
    ];
    for change in changes {
        let reasons = refusal(|e| {
            let mut now = e.case.listed.clone();
            change(&mut now);
            e.case.present = Some(now);
        });
        only(reasons, "changed since it was listed");
    }
    only(refusal(|e| e.case.present = None), "no longer on the recorder");
}

#[test]
fn a_line_that_is_no_file_or_has_another_size_is_refused() {
    for kind in [LineKind::Symlink, LineKind::Fifo, LineKind::Device, LineKind::TooDeep] {
        let reasons = refusal(|e| {
            e.case.listed.kind = kind;
            e.case.present = Some(e.case.listed.clone());
        });
        only(reasons, "not the file that was copied");
    }
    let reasons = refusal(|e| {
        e.case.listed.size += 1;
        e.case.present = Some(e.case.listed.clone());
    });
    only(reasons, "not the file that was copied");
}

#[test]
fn proofs_of_another_plug_in_are_void() {
    only(refusal(|e| e.standing.epoch_now += 1), "unplugged in between");
}

#[test]
fn every_objection_of_the_rules_stands_in_the_refusal() {
    let reasons = refusal(|e| {
        e.standing.objections = vec!["unassigned".into(), "conflict".into()];
        e.case.copies = Copies::Single;
    });
    assert_eq!(reasons.len(), 3, "{reasons:?}");
}

#[test]
fn a_verified_copy_needs_equal_size_digest_and_chunks() {
    assert!(VerifiedCopy::compare(source(b"a"), &stored(b"a")).is_ok());
    for (a, b) in [(&b"a"[..], &b"b"[..]), (b"a", b"aa"), (b"", b"a")] {
        let mismatch = VerifiedCopy::compare(source(a), &stored(b)).unwrap_err();
        assert!(mismatch.to_string().contains("differs from what the recorder gave"));
    }
}

#[test]
fn a_second_reading_whose_chunk_tree_differs_is_refused() {
    let other = "what the recorder sax";
    assert_eq!(other.len(), BYTES.len(), "only the chunk tree tells them apart here");
    let reasons = refusal(|e| {
        let (whole, chunks) = (readings(BYTES).0, readings(other.as_bytes()).1);
        let digest = ReReadDigest::earned(whole, chunks);
        e.case.second = SecondReading::Read { digest, method: "m".into() };
    });
    only(reasons, "second reading of the recorder differs");
}
