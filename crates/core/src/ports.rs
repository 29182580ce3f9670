//! The world, as small traits. Each has a real and a simulated implementation and one shared suite
//! (`crates/testkit`) that runs on both. Nothing here decides anything.

use crate::actor::ActorRecord;
use crate::block::Block;
use crate::custody::{DamagedKept, WipePermit};
use crate::event::{Event, KeyKind};
use crate::keep::DisposalPermit;
use crate::listing::{RawLine, RawListing};
use crate::table::{Query, Row};
use crate::time::{ClockOffset, Stamp};
use crate::why::Why;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::SignedCheckpoint;
use serde::{Deserialize, Serialize};

/// How bad it is. Two classes only: this request failed, or the state is unknown and the process
/// must stop and let start-up recover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The caller asked for something that cannot be.
    Invalid,
    /// It is not there.
    Missing,
    /// No room: bytes or inodes.
    NoSpace,
    /// A device or file system refused or vanished; other requests may go on.
    Failed,
    /// The medium is read-only.
    ReadOnly,
    /// What is stored contradicts itself or the chain: never carry on.
    Damaged,
    /// A durable step may or may not have happened: stop, start-up recovers.
    Unknown,
}

/// What went wrong at a port: what could not be done, to what, why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PortError {
    pub kind: Kind,
    pub message: String,
}

impl PortError {
    pub fn new(kind: Kind, message: impl Into<String>) -> PortError {
        PortError { kind, message: message.into() }
    }
}

pub type PortResult<T> = Result<T, PortError>;

/// The station's clocks.
pub trait Clock: Send + Sync {
    fn now(&self) -> Stamp;
}

/// Where a private key lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPlace {
    /// A file of the station.
    File,
    /// A PKCS#11 token that it never leaves.
    Token,
}

impl KeyPlace {
    pub fn as_str(self) -> &'static str {
        match self {
            KeyPlace::File => "file",
            KeyPlace::Token => "token",
        }
    }
    /// In both languages, for people.
    pub fn words(self) -> &'static str {
        match self {
            KeyPlace::File => "文件 file",
            KeyPlace::Token => "令牌 token",
        }
    }
}

/// Signs with the two keys of the station, which are never the same key.
pub trait Signer: Send + Sync {
    /// Raw Ed25519 public key of the current epoch.
    fn public(&self, key: KeyKind) -> [u8; 32];
    fn sign(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]>;
    /// Makes (or finds, if one is waiting) the next key; durable before it returns. Without `to` it lies where the
    /// current one does.
    fn prepare_next(&self, key: KeyKind, to: Option<KeyPlace>) -> PortResult<[u8; 32]>;
    /// Signs with the waiting key.
    fn sign_next(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]>;
    /// The waiting key becomes the current one, the old secret is destroyed. Asking twice is normal.
    fn activate(&self, key: KeyKind, public: [u8; 32]) -> PortResult<()>;
}

/// Turns a PIN into a salted, slow hash (Argon2id, PHC string) and compares one.
pub trait Pins: Send + Sync {
    fn hash(&self, pin: &str) -> PortResult<String>;
    fn matches(&self, phc: &str, pin: &str) -> PortResult<bool>;
}

/// Device and inode number of an open file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    pub device: u64,
    pub inode: u64,
}

/// Reads a file at offsets, in big aligned blocks. A short read happens only at the end.
pub trait Source: Send {
    /// Fills `block` from `offset`; the filled length is 0 only at or past the end.
    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize>;
    /// Is the file still what it was when it was listed or opened (size, times, identity)?
    fn unchanged(&mut self) -> PortResult<bool>;
    /// Which file this is, where that can be told: what is read from a recorder must never be the
    /// very file that lies in a vault.
    fn identity(&self) -> Option<FileIdentity>;
    /// A second reader of the same open file, where there can be one: direct reads are then under way
    /// two at a time, which is what the kernel's read-ahead does for buffered ones.
    fn twin(&self) -> Option<Box<dyn Source>> {
        None
    }
    /// How the bytes come from the medium: `direct-io`, `page-cache-dropped`, `buffered`, …
    fn method(&self) -> &'static str;
}

/// What a medium says of itself. Claims, never proofs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// Volume label or folder name.
    pub label: Option<String>,
    /// One line: file system, device numbers, size.
    pub fingerprint: String,
    /// Counts plug-ins of this bay: anything earned in another epoch is void.
    pub epoch: u64,
    pub read_only: bool,
}

/// One docked recorder.
pub trait Recorder: Send {
    fn claims(&mut self) -> PortResult<Claims>;
    /// A full walk; sorted by raw name; never follows anything.
    fn list(&mut self) -> PortResult<RawListing>;
    fn clock(&mut self) -> PortResult<ClockOffset>;
    /// Opens exactly the listed file, or fails if it is another one now.
    fn open(&mut self, line: &RawLine) -> PortResult<Box<dyn Source>>;
    /// Looks at one file again, without reading it; `None` if it is gone.
    fn look(&mut self, line: &RawLine) -> PortResult<Option<RawLine>>;
    /// Everything read from now on comes from the medium: remounts or drops what the kernel holds.
    /// Returns how. Must fail rather than pretend.
    fn make_cold(&mut self) -> PortResult<&'static str>;
    /// Deletes the one file the permit names, if it is still that file. The permit is spent either way.
    fn delete(&mut self, permit: WipePermit) -> PortResult<()>;
    /// All deletions are on the medium when this returns.
    fn flush(&mut self) -> PortResult<()>;
}

/// Where something lies in a vault.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A clip in custody, by SHA-256.
    Kept(Digest),
    /// A listing or other large fact, by SHA-256.
    Object(Digest),
    /// A partial or odd copy, by SHA-256 of what was saved.
    Aside(Digest),
    /// A copy under way or left by a crash; never trusted.
    Incoming(String),
    /// Derived sidecar of a kept clip: `chunks` or `sshsig`. Can be made again from chain and clip.
    Sidecar(Digest, String),
    /// Not ours; the path below the vault.
    Foreign(String),
}

/// A copy being written.
pub trait Incoming: Send {
    /// Appends the block's bytes.
    fn write(&mut self, block: &mut Block) -> PortResult<()>;
    /// Everything is on the medium: fsync of the file. After a failure the copy is dead for good.
    fn seal(&mut self) -> PortResult<()>;
    /// Reads back from the medium, past the page cache. Only after [`Incoming::seal`].
    fn read_back(&mut self) -> PortResult<Box<dyn Source>>;
    /// Renames without replacing and syncs the directory. `false`: that content was already there,
    /// and the incoming copy is removed.
    fn keep(self: Box<Self>, place: &Place) -> PortResult<bool>;
    /// Removes it.
    fn discard(self: Box<Self>) -> PortResult<()>;
}

/// Room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub bytes: u64,
    pub inodes: u64,
}

/// One file found in a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub place: Place,
    pub size: u64,
}

/// Clips on disk.
pub trait Vault: Send + Sync {
    /// Opens a temporary file with the whole size allocated, so that a full disk shows before data.
    fn begin(&self, size: u64) -> PortResult<Box<dyn Incoming>>;
    /// Opens a stored thing for a cold reading.
    fn open(&self, place: &Place) -> PortResult<Box<dyn Source>>;
    /// Size if it is there.
    fn size(&self, place: &Place) -> PortResult<Option<u64>>;
    /// Durable and content-addressed; asking twice is normal.
    fn put_object(&self, bytes: &[u8]) -> PortResult<Digest>;
    /// Reads a small thing whole (objects, sidecars); at most 64 MiB.
    fn read(&self, place: &Place) -> PortResult<Vec<u8>>;
    /// Writes a derived sidecar; not synced, because it can be made again.
    fn put_sidecar(&self, clip: Digest, name: &str, bytes: &[u8]) -> PortResult<()>;
    /// Everything in it, in no order.
    fn inventory(&self) -> PortResult<Vec<Found>>;
    fn room(&self) -> PortResult<Room>;
    /// Removes the kept clip that the permit names, and its sidecars; nothing else. When this returns, they
    /// are gone and that is on the medium. Asking for what is gone already is normal: it is made durable. A
    /// file of another size than the permit says is left alone: [`Kind::Damaged`]. After a failure that
    /// leaves open whether it is gone, [`Kind::Unknown`]. The permit is spent either way.
    fn remove(&self, permit: DisposalPermit) -> PortResult<()>;
    /// Moves a kept file that holds other bytes than its name says to [`Place::Aside`] under what it holds,
    /// replacing nothing; durable when this returns. Never deletes. Only the very file that was read is
    /// moved; a refusal ([`Kind::Failed`]) leaves everything as it was.
    fn displace(&self, damaged: DamagedKept) -> PortResult<()>;
}

/// Register tables, as a decision sees them: at one moment, inside the transaction that may follow.
pub trait Registers {
    fn select(&self, query: &Query) -> PortResult<Vec<Row>>;

    /// Every row that [`Registers::select`] would give, in whatever order; a store never has all of them in memory.
    ///
    /// # Errors
    /// The registers cannot be read, or what `each` came to.
    fn each(&self, query: &Query, each: &mut dyn FnMut(Row) -> PortResult<()>) -> PortResult<()> {
        self.select(query)?.into_iter().try_for_each(each)
    }

    /// How many rows [`Registers::select`] would give; a store counts without reading them.
    fn count(&self, query: &Query) -> PortResult<u64> {
        Ok(self.select(query)?.len() as u64)
    }
}

/// Where in the chain and when a decision is taken.
#[derive(Debug, Clone)]
pub struct Context {
    /// The sequence number of the first event that is decided.
    pub seq: u64,
    pub at: Stamp,
}

/// What was decided: events for the chain, secrets that live beside it.
#[derive(Debug, Default)]
pub struct Decision {
    pub events: Vec<Event>,
    /// `(name, value)`; stored in the same transaction, never exported.
    pub secrets: Vec<(String, String)>,
}

impl From<Vec<Event>> for Decision {
    fn from(events: Vec<Event>) -> Decision {
        Decision { events, secrets: Vec::new() }
    }
}

/// A rule said no: what, to what, which rule, and the way on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub Why);

pub type Decide =
    Box<dyn FnOnce(&dyn Registers, &Context) -> PortResult<Result<Decision, Refusal>> + Send>;

/// One entry as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub seq: u64,
    pub leaf: Digest,
}

/// Entries that are in custody: their head is signed and persisted.
#[derive(Debug, Clone)]
pub struct Appended {
    pub entries: Vec<Recorded>,
    pub head: SignedCheckpoint,
}

/// A problem that `check` found, worst first by `Kind`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `chain`, `head`, `register`, `schema`, `vault`, `listing`, `pin`, `mirror`
    pub area: &'static str,
    /// The entry number it is about, where there is one.
    pub seq: Option<u64>,
    pub text: String,
}

/// What a walk over the whole ledger found.
#[derive(Debug, Clone, Default)]
pub struct LedgerReport {
    pub entries: u64,
    pub findings: Vec<Finding>,
}

/// The append-only chain and its register tables.
pub trait Ledger: Send + Sync {
    /// Decides inside the writer, appends, projects, commits, reads back on another connection,
    /// recomputes the root, signs, persists the head; only then returns.
    /// A refusal changes nothing.
    fn transact(
        &self,
        actor: &ActorRecord,
        decide: Decide,
    ) -> PortResult<Result<Appended, Refusal>>;
    /// A consistent view of what is committed and has a head.
    fn view(&self) -> PortResult<Box<dyn LedgerView>>;
    /// A secret stored by a [`Decision`].
    fn secret(&self, name: &str) -> PortResult<Option<String>>;
    /// Walks everything from entry 0: bytes, links, tree, heads, keys, schema; rebuilds every register
    /// table and compares. `deep` adds every signature.
    fn verify(&self, deep: bool, progress: &mut dyn FnMut(u64, u64)) -> PortResult<LedgerReport>;
    /// A consistent copy of the database for the mirror, and the head that belongs to it beside it. A copy
    /// that is longer than this record, or of another history, is not replaced: [`Kind::Damaged`].
    fn backup_to(&self, file: &std::path::Path) -> PortResult<()>;
}

/// A snapshot of the ledger.
pub trait LedgerView: Registers {
    fn head(&self) -> PortResult<SignedCheckpoint>;
    fn entry(&self, seq: u64) -> PortResult<Option<Vec<u8>>>;
    /// Entries from `first`, at most `count`.
    fn entries(&self, first: u64, count: u32) -> PortResult<Vec<Vec<u8>>>;
    /// Hash of the perfect subtree of 2^level leaves at `index`; `None` outside the tree.
    fn node(&self, level: u32, index: u64) -> PortResult<Option<Digest>>;
    /// Every head that was persisted, oldest first, from `size` on, at most `count`.
    fn heads(&self, size: u64, count: u32) -> PortResult<Vec<SignedCheckpoint>>;
}

/// Reads facts from a clip in a confined process, after custody is sealed.
pub trait Probe: Send + Sync {
    /// Facts as canonical-JSON-able value, or the reason why there are none.
    fn describe(&self, vault: &dyn Vault, clip: Digest) -> Result<serde_json::Value, String>;
}
