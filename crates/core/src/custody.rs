//! Proofs of custody. Each is a value that carries what was proved, cannot be copied or read from a
//! message, and is consumed where it is spent. After a restart every one is earned again.
//!
//! Three readings must agree and have three types, so that one reading can never stand for two:
//! [`SourceDigest`] (the recorder, once), [`StoredDigest`] (the medium it was written to, cold),
//! [`ReReadDigest`] (the recorder again, cold).

use crate::event::Event;
use crate::listing::{LineKind, RawLine};
use crate::ports::FileIdentity;
use sealdock_chain::chunk::{CHUNK_BYTES, ChunkTree, Chunks};
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::tree::Included;
use sha2::Digest as _;

/// Hashes one reading from first to last byte: SHA-256, and SM3 where the policy asks for it.
pub struct WholeHash {
    sha256: sha2::Sha256,
    sm3: Option<sm3::Sm3>,
    size: u64,
}

impl WholeHash {
    pub fn new(with_sm3: bool) -> WholeHash {
        WholeHash { sha256: sha2::Sha256::new(), sm3: with_sm3.then(sm3::Sm3::new), size: 0 }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(sm3) = &mut self.sm3 {
            sm3.update(bytes);
        }
        self.size += bytes.len() as u64;
    }

    pub fn finish(self) -> Whole {
        Whole {
            size: self.size,
            sha256: Digest(self.sha256.finalize().into()),
            sm3: self.sm3.map(|sm3| Digest(sm3.finalize().into())),
        }
    }
}

/// The digest of one complete reading. Not `Clone`: one reading is one proof.
#[derive(Debug)]
pub struct Whole {
    size: u64,
    sha256: Digest,
    sm3: Option<Digest>,
}

impl Whole {
    pub fn sha256(&self) -> Digest {
        self.sha256
    }
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// The 4 MiB chunk tree of one complete reading.
#[derive(Debug)]
pub struct Chunked {
    size: u64,
    chunks: Chunks,
}

impl Chunked {
    pub fn root(&self) -> Digest {
        self.chunks.root
    }
}

/// Accumulates a [`Chunked`].
pub struct ChunkHash {
    tree: ChunkTree,
    size: u64,
}

impl ChunkHash {
    #[allow(clippy::new_without_default)]
    pub fn new() -> ChunkHash {
        ChunkHash { tree: ChunkTree::new(), size: 0 }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.tree.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub fn finish(self) -> Chunked {
        Chunked { size: self.size, chunks: self.tree.finish() }
    }
}

/// Whole digest and chunk tree of the same reading.
#[derive(Debug)]
struct Reading {
    size: u64,
    sha256: Digest,
    sm3: Option<Digest>,
    chunks: Chunks,
    /// The file it was read from, where that can be told.
    file: Option<FileIdentity>,
}

impl Reading {
    fn join(whole: Whole, chunked: Chunked) -> Reading {
        // Both were fed by one loop; if they saw different amounts the loop is broken.
        assert_eq!(whole.size, chunked.size, "both hashes were fed the same reading");
        let expected = whole.size.div_ceil(CHUNK_BYTES as u64);
        assert_eq!(chunked.chunks.leaves.len() as u64, expected, "one leaf per started chunk");
        let Whole { size, sha256, sm3 } = whole;
        Reading { size, sha256, sm3, chunks: chunked.chunks, file: None }
    }
}

/// What the recorder gave on the reading that was stored.
#[derive(Debug)]
pub struct SourceDigest(Reading);

/// What the medium gave when the stored bytes were read back cold. SHA-256 (and SM3) over every byte
/// says whether it is the same file; the chunk tree, which says *where* two files differ, is repeated
/// by the second reading of the recorder and by `check --deep`.
#[derive(Debug)]
pub struct StoredDigest {
    whole: Whole,
    /// The file it was read from, where that can be told.
    file: Option<FileIdentity>,
}

/// What the recorder gave on the cold second reading, just before a wipe.
#[derive(Debug)]
pub struct ReReadDigest(Reading);

impl SourceDigest {
    pub fn earned(whole: Whole, chunked: Chunked) -> SourceDigest {
        SourceDigest(Reading::join(whole, chunked))
    }
    /// Says which file was read.
    pub fn read_from(mut self, file: Option<FileIdentity>) -> SourceDigest {
        self.0.file = file;
        self
    }
    pub fn sha256(&self) -> Digest {
        self.0.sha256
    }
    pub fn size(&self) -> u64 {
        self.0.size
    }
}

impl StoredDigest {
    pub fn earned(whole: Whole) -> StoredDigest {
        StoredDigest { whole, file: None }
    }
    /// Says which file was read.
    pub fn read_from(mut self, file: Option<FileIdentity>) -> StoredDigest {
        self.file = file;
        self
    }
    pub fn sha256(&self) -> Digest {
        self.whole.sha256
    }
    pub fn size(&self) -> u64 {
        self.whole.size
    }
}

impl ReReadDigest {
    pub fn earned(whole: Whole, chunked: Chunked) -> ReReadDigest {
        ReReadDigest(Reading::join(whole, chunked))
    }
    /// Are these the very bytes of the copy: size, SHA-256 and every chunk?
    pub fn agrees_with(&self, copy: &VerifiedCopy) -> bool {
        self.0.size == copy.size()
            && self.0.sha256 == copy.sha256()
            && self.0.chunks == copy.reading.chunks
    }
    pub fn sha256(&self) -> Digest {
        self.0.sha256
    }
    pub fn size(&self) -> u64 {
        self.0.size
    }
}

/// Two readings that must agree do not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: read {left_size} bytes {left}, then {right_size} bytes {right}")]
pub struct Mismatch {
    pub what: &'static str,
    pub left: Digest,
    pub left_size: u64,
    pub right: Digest,
    pub right_size: u64,
}

impl Mismatch {
    /// Both readings came from one file: what was docked is the station's own store.
    pub fn is_own_store(&self) -> bool {
        self.what == OWN_STORE
    }
}

const OWN_STORE: &str = "what was docked is the station's own store: a file cannot be its own copy";

/// The stored bytes are the recorder's bytes, read back from the medium.
#[derive(Debug)]
pub struct VerifiedCopy {
    reading: Reading,
}

impl VerifiedCopy {
    /// The only way to make one: source and stored reading agree in size, SHA-256 and SM3, and are not
    /// readings of one file.
    pub fn compare(source: SourceDigest, stored: &StoredDigest) -> Result<VerifiedCopy, Mismatch> {
        let (a, b) = (&source.0, &stored.whole);
        let same = a.size == b.size && a.sha256 == b.sha256 && a.sm3 == b.sm3;
        let one_file = a.file.is_some() && a.file == stored.file;
        if same && !one_file {
            return Ok(VerifiedCopy { reading: source.0 });
        }
        let what = if one_file {
            OWN_STORE
        } else {
            "the stored copy differs from what the recorder gave"
        };
        Err(Mismatch {
            what,
            left: a.sha256,
            left_size: a.size,
            right: b.sha256,
            right_size: b.size,
        })
    }

    /// Does `stored` hold the same bytes in another file than the one the recorder gave them from?
    pub fn is_held_by(&self, stored: &StoredDigest) -> bool {
        let a = &self.reading;
        a.size == stored.size()
            && a.sha256 == stored.sha256()
            && (a.file.is_none() || a.file != stored.file)
    }

    pub fn size(&self) -> u64 {
        self.reading.size
    }
    pub fn sha256(&self) -> Digest {
        self.reading.sha256
    }
    pub fn sm3(&self) -> Option<Digest> {
        self.reading.sm3
    }
    pub fn chunk_root(&self) -> Digest {
        self.reading.chunks.root
    }
    pub fn chunk_leaves(&self) -> &[Digest] {
        &self.reading.chunks.leaves
    }

    /// What a `clip.stored` or `clip.seen` entry may say about this copy. The proof itself stays
    /// with the caller, to be spent at the wipe gate.
    pub fn facts(&self) -> CopyFacts {
        CopyFacts {
            size: self.size(),
            sha256: self.sha256(),
            chunk_root: self.chunk_root(),
            sm3: self.sm3(),
        }
    }
}

/// A kept file was read cold and holds other bytes than its name says, while a fresh copy of the right
/// ones is proven. What lets a vault move the rotten file out of the way, once.
#[derive(Debug)]
pub struct DamagedKept {
    clip: Digest,
    found: Digest,
    file: Option<FileIdentity>,
}

impl DamagedKept {
    /// `None` where `kept` holds the bytes of `fresh`, or is the very file that the recorder gave.
    pub fn of(fresh: &VerifiedCopy, kept: &StoredDigest) -> Option<DamagedKept> {
        let own_store = kept.file.is_some() && kept.file == fresh.reading.file;
        let damaged = kept.sha256() != fresh.sha256() && !own_store;
        damaged.then(|| DamagedKept { clip: fresh.sha256(), found: kept.sha256(), file: kept.file })
    }

    /// The name under which it lies.
    pub fn clip(&self) -> Digest {
        self.clip
    }

    /// What its bytes are now.
    pub fn found(&self) -> Digest {
        self.found
    }

    /// The file that was read, where that can be told: another one of that name is left alone.
    pub fn file(&self) -> Option<FileIdentity> {
        self.file
    }
}

/// Facts of a verified copy. Made only by [`VerifiedCopy::facts`], so that no command can claim
/// custody of bytes that nobody verified.
#[derive(Debug)]
pub struct CopyFacts {
    size: u64,
    sha256: Digest,
    chunk_root: Digest,
    sm3: Option<Digest>,
}

impl CopyFacts {
    pub fn size(&self) -> u64 {
        self.size
    }
    pub fn sha256(&self) -> Digest {
        self.sha256
    }
    pub fn chunk_root(&self) -> Digest {
        self.chunk_root
    }
    pub fn sm3(&self) -> Option<Digest> {
        self.sm3
    }
}

/// A second copy, read back and equal to the first.
#[derive(Debug)]
pub struct MirroredCopy {
    sha256: Digest,
    size: u64,
}

impl MirroredCopy {
    pub fn compare(copy: &VerifiedCopy, mirrored: &StoredDigest) -> Result<MirroredCopy, Mismatch> {
        if copy.is_held_by(mirrored) {
            return Ok(MirroredCopy { sha256: mirrored.sha256(), size: mirrored.size() });
        }
        Err(Mismatch {
            what: "the second copy differs from the first",
            left: copy.sha256(),
            left_size: copy.size(),
            right: mirrored.sha256(),
            right_size: mirrored.size(),
        })
    }
}

/// The chain says, read back through another connection and proven under a signed head, that this
/// very content of this line is in custody.
#[derive(Debug)]
pub struct RecordedClip {
    session: u64,
    line: u32,
    clip: u64,
    size: u64,
    sha256: Digest,
}

impl RecordedClip {
    /// `entry` is what the ledger returned for the entry that `included` proves; `head` is the
    /// checkpoint it is proven under, whose signature was verified when it was opened.
    pub fn read_back(
        entry: &[u8],
        included: &Included,
        head: &SignedCheckpoint,
    ) -> Option<RecordedClip> {
        let signed = head.checkpoint();
        if sealdock_chain::tree::leaf_hash(entry) != included.leaf()
            || included.root() != signed.root
            || included.size() != signed.size
        {
            return None;
        }
        let decoded = Entry::decode(entry).ok()?;
        if decoded.seq != included.seq() {
            return None;
        }
        match serde_json::from_value(decoded.event).ok()? {
            Event::ClipStored(c) => Some(RecordedClip {
                session: c.session.0,
                line: c.line,
                clip: decoded.seq,
                size: c.size,
                sha256: c.sha256,
            }),
            Event::ClipSeen(c) => Some(RecordedClip {
                session: c.session.0,
                line: c.line,
                clip: c.clip.0,
                size: c.size,
                sha256: c.sha256,
            }),
            _ => None,
        }
    }

    pub fn clip(&self) -> u64 {
        self.clip
    }
}

/// How many proven copies there are, or that the unit signed for one.
#[derive(Debug)]
pub enum Copies {
    Mirrored(MirroredCopy),
    SingleAccepted,
    /// One copy and nobody accepted that.
    Single,
}

/// The second reading of the recorder, or that the policy in force waives it.
#[derive(Debug)]
pub enum SecondReading {
    Read { digest: ReReadDigest, method: String },
    WaivedByPolicy,
}

/// Everything the gate looks at besides the proofs themselves.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Reasons found by the rules: unassigned, set aside, policy, conflict. Empty means none.
    pub objections: Vec<String>,
    /// `policy` or the number of the clerk's order.
    pub order: String,
    pub session: u64,
    pub line: u32,
    /// The recorder's enumeration the proofs were earned in, and the one it is in now.
    pub epoch_then: u64,
    pub epoch_now: u64,
}

/// All proofs for one line, spent together.
#[derive(Debug)]
pub struct WipeCase {
    pub copy: VerifiedCopy,
    pub recorded: RecordedClip,
    pub copies: Copies,
    pub second: SecondReading,
    /// The line as it was listed, and as it is now.
    pub listed: RawLine,
    pub present: Option<RawLine>,
}

/// Leave to delete exactly one file of one recorder, once. Cannot be copied, stored or forged.
#[derive(Debug)]
pub struct WipePermit {
    line: RawLine,
    sha256: Digest,
    clip: u64,
    session: u64,
    number: u32,
    second_reading: String,
    order: String,
}

/// The gate said no: the clip and every reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WipeRefusal {
    pub clip: u64,
    pub reasons: Vec<String>,
}

impl WipePermit {
    /// The gate. Every precondition of `docs/design/custody.md` is looked at here, in one place, and
    /// every one that fails is named.
    pub fn grant(case: WipeCase, standing: Standing) -> Result<WipePermit, WipeRefusal> {
        let WipeCase { copy, recorded, copies, second, listed, present } = case;
        let mut reasons = standing.objections;
        let mut no = |reason: &str| reasons.push(reason.to_owned());
        if recorded.sha256 != copy.sha256() || recorded.size != copy.size() {
            no("the chain records other bytes than were verified");
        }
        if recorded.session != standing.session || recorded.line != standing.line {
            no("the chain entry is about another line");
        }
        match &copies {
            Copies::Mirrored(m) if m.sha256 == copy.sha256() && m.size == copy.size() => {}
            Copies::Mirrored(_) => no("the second copy holds other bytes"),
            Copies::SingleAccepted => {}
            Copies::Single => no(
                "there is one copy only: no second copy could be proven, and the unit has not accepted a single one as its risk",
            ),
        }
        let method = match second {
            SecondReading::Read { digest, method } if digest.agrees_with(&copy) => method,
            SecondReading::Read { .. } => {
                no("the second reading of the recorder differs");
                String::new()
            }
            SecondReading::WaivedByPolicy => SECOND_READING_WAIVED.to_owned(),
        };
        if listed.kind != LineKind::File || listed.size != copy.size() {
            no("the listed line is not the file that was copied");
        }
        match &present {
            Some(now) if now.same_thing(&listed) && now.file_id == listed.file_id => {}
            Some(_) => no("the file on the recorder changed since it was listed"),
            None => no("the file is no longer on the recorder"),
        }
        if standing.epoch_then != standing.epoch_now {
            no("the recorder was unplugged in between");
        }
        if !reasons.is_empty() {
            return Err(WipeRefusal { clip: recorded.clip, reasons });
        }
        Ok(WipePermit {
            line: listed,
            sha256: copy.sha256(),
            clip: recorded.clip,
            session: standing.session,
            number: standing.line,
            second_reading: method,
            order: standing.order,
        })
    }

    /// The entry that must be durable before the permit may be spent.
    pub fn intent(&self, recorder_claim: crate::id::RecorderId) -> WipeIntent {
        WipeIntent(crate::event::WipeIntended {
            session: crate::id::SessionId(self.session),
            line: self.number,
            clip: crate::id::ClipId(self.clip),
            recorder_claim,
            raw: crate::naming::hex(&self.line.raw_name),
            size: self.line.size,
            sha256: self.sha256,
            second_reading: self.second_reading.clone(),
            order: self.order.clone(),
        })
    }

    /// The one file this permit is for.
    pub fn file(&self) -> &RawLine {
        &self.line
    }
    pub fn sha256(&self) -> Digest {
        self.sha256
    }
    pub fn clip(&self) -> u64 {
        self.clip
    }
    pub fn session(&self) -> u64 {
        self.session
    }
    pub fn line(&self) -> u32 {
        self.number
    }
    pub fn second_reading(&self) -> &str {
        &self.second_reading
    }
    pub fn order(&self) -> &str {
        &self.order
    }
}

/// An intent to wipe, made only from a permit.
#[derive(Debug)]
pub struct WipeIntent(crate::event::WipeIntended);

impl WipeIntent {
    pub fn event(self) -> Event {
        Event::WipeIntended(self.0)
    }
    pub fn session(&self) -> u64 {
        self.0.session.0
    }
    pub fn clip(&self) -> u64 {
        self.0.clip.0
    }
    pub fn is_without_second_reading(&self) -> bool {
        self.0.second_reading == SECOND_READING_WAIVED
    }
}

/// What an intent says where the policy asked for no second reading.
pub const SECOND_READING_WAIVED: &str = "waived-by-policy";

/// A fresh listing after the wipe, held against what was permitted.
#[derive(Debug)]
pub struct Emptied {
    /// Index into the permitted lines: those that are gone.
    pub gone: Vec<usize>,
    /// Those that are still there.
    pub still: Vec<usize>,
    /// Things on the recorder that the first listing did not hold.
    pub appeared: Vec<RawLine>,
}

impl Emptied {
    pub fn compare(first: &[RawLine], permitted: &[RawLine], after: &[RawLine]) -> Emptied {
        let now: std::collections::HashSet<&[u8]> =
            after.iter().map(|l| l.raw_name.as_slice()).collect();
        let before: std::collections::HashSet<&[u8]> =
            first.iter().map(|l| l.raw_name.as_slice()).collect();
        let (still, gone) =
            (0..permitted.len()).partition(|i| now.contains(permitted[*i].raw_name.as_slice()));
        let appeared =
            after.iter().filter(|l| !before.contains(l.raw_name.as_slice())).cloned().collect();
        Emptied { gone, still, appeared }
    }
}
