//! Wipe permits for tests. There is one way to a permit: read the recorder, store, read back, put it
//! into a chain, read the recorder again. So that is what is done here, with the chain of one entry.

use crate::source::read_whole;
use ed25519_dalek::{Signer, SigningKey};
use sealdock_chain::chunk::CHUNK_BYTES;
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::{Frontier, Included, leaf_hash};
use sealdock_core::custody::{
    ChunkHash, Chunked, Copies, DamagedKept, ReReadDigest, RecordedClip, SecondReading,
    SourceDigest, Standing, StoredDigest, VerifiedCopy, Whole, WholeHash, WipeCase, WipePermit,
};
use sealdock_core::event::{ClipSeen, Event};
use sealdock_core::id::{ClipId, PlanId, SessionId};
use sealdock_core::keep::{self, DisposalPermit};
use sealdock_core::listing::RawLine;
use sealdock_core::ports::{FileIdentity, PortResult, Recorder};

/// Proofs of one line, ready for the gate. A test may spoil any of them before it spends them.
pub struct Earned {
    pub case: WipeCase,
    pub standing: Standing,
}

/// Reads the file of `line` twice and earns every proof that its bytes are in custody. The claim of
/// presence is `line` itself: whether that is still true is for [`Recorder::delete`] to see.
///
/// # Errors
/// The recorder's.
pub fn proofs(recorder: &mut dyn Recorder, line: &RawLine) -> PortResult<Earned> {
    let bytes = read_whole(&mut *recorder.open(line)?)?;
    let second = read_whole(&mut *recorder.open(line)?)?;
    let epoch = recorder.claims()?.epoch;
    Ok(proofs_of(line, [&bytes, &second], epoch))
}

/// A permit to delete the file of `line`.
///
/// # Errors
/// The recorder's.
///
/// # Panics
/// The gate refuses: the two readings differ or the line is no file.
pub fn earn(recorder: &mut dyn Recorder, line: &RawLine) -> PortResult<WipePermit> {
    let Earned { case, standing } = proofs(recorder, line)?;
    Ok(WipePermit::grant(case, standing).expect("every proof was earned"))
}

/// [`earn`] from bytes that somebody else read: for lines that a recorder would not open.
///
/// # Panics
/// The gate refuses: `line` does not fit `bytes`.
pub fn earn_for(line: &RawLine, bytes: &[u8]) -> WipePermit {
    let Earned { case, standing } = proofs_of(line, [bytes, bytes], 1);
    WipePermit::grant(case, standing).expect("every proof was earned")
}

fn proofs_of(line: &RawLine, [first, second]: [&[u8]; 2], epoch: u64) -> Earned {
    let copy = verified(first);
    let recorded = recorded(&copy);
    let (whole, chunked) = read(second);
    let digest = ReReadDigest::earned(whole, chunked);
    let second = SecondReading::Read { digest, method: "simulated".to_owned() };
    let case = WipeCase {
        copy,
        recorded,
        copies: Copies::SingleAccepted,
        second,
        listed: line.clone(),
        present: Some(line.clone()),
    };
    let standing = Standing {
        order: "policy".to_owned(),
        epoch_then: epoch,
        epoch_now: epoch,
        ..Standing::default()
    };
    Earned { case, standing }
}

fn read(bytes: &[u8]) -> (Whole, Chunked) {
    let (mut whole, mut chunked) = (WholeHash::new(false), ChunkHash::new());
    for part in bytes.chunks(CHUNK_BYTES) {
        whole.update(part);
        chunked.update(part);
    }
    (whole.finish(), chunked.finish())
}

fn verified(bytes: &[u8]) -> VerifiedCopy {
    let (whole, chunked) = read(bytes);
    let stored = StoredDigest::earned(read(bytes).0);
    VerifiedCopy::compare(SourceDigest::earned(whole, chunked), &stored)
        .expect("the same bytes twice")
}

/// The proof that the kept file of `right` holds `found`, which was read from `file`.
///
/// # Panics
/// They are the same bytes.
pub fn damaged_kept(right: &[u8], found: &[u8], file: Option<FileIdentity>) -> DamagedKept {
    let kept = StoredDigest::earned(read(found).0).read_from(file);
    DamagedKept::of(&verified(right), &kept).expect("other bytes than the name says")
}

/// The chain of one entry that says the copy is in custody as line 0 of session 0.
fn recorded(copy: &VerifiedCopy) -> RecordedClip {
    let event = Event::ClipSeen(ClipSeen {
        session: SessionId(0),
        line: 0,
        clip: ClipId(0),
        size: copy.size(),
        sha256: copy.sha256(),
    });
    let (bytes, included, head) = only_entry(event);
    RecordedClip::read_back(&bytes, &included, &head).expect("the entry is about a clip")
}

/// The chain of one entry, and the proof of it.
fn only_entry(event: Event) -> (Vec<u8>, Included, SignedCheckpoint) {
    let entry = Entry {
        seq: 0,
        prev: Digest::ZERO,
        at: serde_json::Value::Null,
        actor: serde_json::Value::Null,
        event: serde_json::to_value(event).expect("an event is plain data"),
    };
    let bytes = entry.encode().expect("the entry is small and plain");
    let mut tree = Frontier::new();
    tree.push(leaf_hash(&bytes));
    let head = Checkpoint { origin: "permit.test".to_owned(), size: 1, root: tree.root() };
    let included = Included::check(&bytes, 0, &[], &head).expect("the only leaf is the root");
    (bytes, included, signed(head))
}

/// The second entry of a chain of two, which says of itself that it is number `said`, and its proof.
///
/// # Panics
/// Never: the entry is small and plain.
pub fn second_of_two(said: u64, event: Event) -> (Vec<u8>, Included, SignedCheckpoint) {
    let entry = Entry {
        seq: said,
        prev: leaf_hash(b"the first"),
        at: serde_json::Value::Null,
        actor: serde_json::Value::Null,
        event: serde_json::to_value(event).expect("an event is plain data"),
    };
    let bytes = entry.encode().expect("the entry is small and plain");
    let (first, mut tree) = (leaf_hash(b"the first"), Frontier::new());
    tree.push(first);
    tree.push(leaf_hash(&bytes));
    let head = Checkpoint { origin: "permit.test".to_owned(), size: 2, root: tree.root() };
    let included = Included::check(&bytes, 1, &[first], &head).expect("two leaves make the root");
    (bytes, included, signed(head))
}

/// A head signed by the key of this kit.
///
/// # Panics
/// Never: the origin is plain.
pub fn signed(head: Checkpoint) -> SignedCheckpoint {
    let key = SigningKey::from_bytes(&[7; 32]);
    let verifier = VerifierKey::new(head.origin.clone(), key.verifying_key().to_bytes())
        .expect("the origin is usable");
    let signature = key.sign(head.body().as_bytes()).to_bytes();
    SignedCheckpoint::assemble(head, &verifier, signature).expect("signed a line above")
}

/// A permit to dispose of content of this digest and size. There is one way to one: an intent in a chain
/// under a signed head, so that is what is made here.
///
/// # Panics
/// Never: the entry is small and plain.
pub fn to_dispose(sha256: Digest, size: u64) -> DisposalPermit {
    let event = Event::from(keep::Event::DisposalIntended(keep::DisposalIntended {
        clock: None,
        plan: PlanId(0),
        run: 0,
        clips: vec![ClipId(0)],
        sha256,
        size,
        copies: vec!["vault".to_owned()],
        run_clips: 1,
        run_bytes: size,
    }));
    let (bytes, included, head) = only_entry(event);
    DisposalPermit::read_back(&bytes, &included, &head).expect("the entry is an intent")
}
