//! What happened, as the chain keeps it. Names and fields are a published format: they are only ever
//! added to. `docs/ref/events.md` explains each for readers who do not have this code.

use crate::id::{BayId, ClipId, PersonId, RecorderId, SessionId};
use crate::time::{ClockOffset, WallMs};
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

/// Whose a clip is.
mod owner;
/// Keys that end; a record that was put back.
mod replaced;

pub use owner::{ClipAssigned, ClipReassigned};
pub use replaced::{KeyReplaced, KeyRotated, Lost, OutsideHead, ReplaceCause, StationRestored};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "station.founded")]
    StationFounded(StationFounded),
    #[serde(rename = "station.started")]
    StationStarted(StationStarted),
    #[serde(rename = "policy.adopted")]
    PolicyAdopted(PolicyAdopted),
    #[serde(rename = "copies.named")]
    CopiesNamed(CopiesNamed),
    #[serde(rename = "key.rotated")]
    KeyRotated(KeyRotated),
    #[serde(rename = "key.replaced")]
    KeyReplaced(KeyReplaced),
    #[serde(rename = "station.restored")]
    StationRestored(StationRestored),
    #[serde(rename = "person.enrolled")]
    PersonEnrolled(PersonEnrolled),
    #[serde(rename = "person.pin-refused")]
    PinRefused(PinRefused),
    #[serde(rename = "recorder.enrolled")]
    RecorderEnrolled(RecorderEnrolled),
    #[serde(rename = "bay.added")]
    BayAdded(BayAdded),
    #[serde(rename = "shift.opened")]
    ShiftOpened(ShiftOpened),
    #[serde(rename = "shift.closed")]
    ShiftClosed(ShiftClosed),
    #[serde(rename = "dock.refused")]
    DockRefused(DockRefused),
    #[serde(rename = "session.opened")]
    SessionOpened(SessionOpened),
    #[serde(rename = "recorder.told")]
    RecorderTold(RecorderTold),
    #[serde(rename = "listing.signed")]
    ListingSigned(ListingSigned),
    #[serde(rename = "clip.stored")]
    ClipStored(Box<ClipStored>),
    #[serde(rename = "clip.seen")]
    ClipSeen(ClipSeen),
    #[serde(rename = "clip.set-aside")]
    ClipSetAside(ClipSetAside),
    #[serde(rename = "clip.described")]
    ClipDescribed(ClipDescribed),
    #[serde(rename = "clip.assigned")]
    ClipAssigned(ClipAssigned),
    #[serde(rename = "clip.reassigned")]
    ClipReassigned(ClipReassigned),
    #[serde(rename = "aside.decided")]
    AsideDecided(AsideDecided),
    #[serde(rename = "deadline.missed")]
    DeadlineMissed(DeadlineMissed),
    #[serde(rename = "reason.given")]
    ReasonGiven(ReasonGiven),
    #[serde(rename = "wipe.ordered")]
    WipeOrdered(WipeOrdered),
    #[serde(rename = "wipe.refused")]
    WipeRefused(WipeRefused),
    #[serde(rename = "wipe.intended")]
    WipeIntended(WipeIntended),
    #[serde(rename = "wipe.settled")]
    WipeSettled(WipeSettled),
    #[serde(rename = "wipe.certified")]
    WipeCertified(WipeCertified),
    #[serde(rename = "session.closed")]
    SessionClosed(SessionClosed),
    /// `department.*`, `duty.*`, and of `person.*` what is not above.
    #[serde(untagged)]
    Duty(crate::duty::Event),
    /// `access.*`, `secrecy.*`, `viewing.*`, `copy.*`.
    #[serde(untagged)]
    Access(crate::access::Event),
    /// `hold.*`, `disposal.*`, `spotcheck.*`, `medium.*`, `clock.trusted`, `clip.classed`, `clip.disposed`.
    #[serde(untagged)]
    Keep(crate::keep::Event),
    /// `steps.*`, `matter.*`, `step.*`, `interruption.*`, and of `clip.*` what is not above.
    #[serde(untagged)]
    Matter(crate::matter::Event),
    /// `desk.*`, and of `recorder.*` what is not above.
    #[serde(untagged)]
    Desk(crate::desk::Event),
}

impl From<crate::matter::Event> for Event {
    fn from(event: crate::matter::Event) -> Event {
        Event::Matter(event)
    }
}

impl From<crate::keep::Event> for Event {
    fn from(event: crate::keep::Event) -> Event {
        Event::Keep(event)
    }
}

impl From<crate::duty::Event> for Event {
    fn from(event: crate::duty::Event) -> Event {
        Event::Duty(event)
    }
}

impl From<crate::desk::Event> for Event {
    fn from(event: crate::desk::Event) -> Event {
        Event::Desk(event)
    }
}

impl From<crate::access::Event> for Event {
    fn from(event: crate::access::Event) -> Event {
        Event::Access(event)
    }
}

/// Entry 0: which station this is, under which keys, by which software.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationFounded {
    pub origin: String,
    pub unit: String,
    /// C2SP verifier key of the log.
    pub log_vkey: String,
    /// OpenSSH public key line of the evidence key.
    pub evidence_key: String,
    pub software: Software,
    /// Raw Ed25519 public keys of epoch 1, hexadecimal: the log key and the evidence key.
    pub log_public: Digest,
    pub evidence_public: Digest,
    /// SHA-256 of the policy text that the next entry adopts.
    pub policy_sha256: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    pub name: String,
    pub version: String,
    /// SHA-256 of the running executable, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
}

/// The daemon started; a changed executable shows here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationStarted {
    pub software: Software,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyAdopted {
    pub sha256: Digest,
    /// The full text, so that what was in force can always be read.
    pub text: String,
}

/// Where the second copy goes, or that the unit accepts a single copy as its risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CopiesNamed {
    Mirror { place: String },
    SingleAccepted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    Log,
    Evidence,
}

impl KeyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            KeyKind::Log => "log",
            KeyKind::Evidence => "evidence",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            KeyKind::Log => "记录密钥",
            KeyKind::Evidence => "证据密钥",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonEnrolled {
    pub id: PersonId,
    pub name: String,
    pub role: crate::actor::Role,
    /// SHA-256 of the salted Argon2id string, which itself never enters the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_commitment: Option<Digest>,
}

/// A wrong PIN was shown for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinRefused {
    pub person: PersonId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecorderEnrolled {
    pub id: RecorderId,
    /// The number the recorder writes into its own file names, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BayAdded {
    pub id: BayId,
    /// `folder`
    pub kind: String,
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftOpened {
    pub clerk: PersonId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftClosed {
    pub shift: crate::id::ShiftId,
}

/// Something was docked that is not taken for a recorder; nothing was read from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockRefused {
    pub bay: BayId,
    pub what: String,
    pub reason: String,
}

/// Under which authority the footage leaves the recorder (S6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Binding {
    /// The officer's own PIN.
    OfficerPin { officer: PersonId },
    /// The clerk's open shift, under the adopted policy clerk-shift.
    ClerkShift { shift: crate::id::ShiftId, clerk: PersonId },
    /// Paperwork is missing: footage is saved, not wiped, until a clerk assigns it.
    Unassigned { why: String },
}

impl Binding {
    pub fn as_str(&self) -> &'static str {
        match self {
            Binding::OfficerPin { .. } => "officer-pin",
            Binding::ClerkShift { .. } => "clerk-shift",
            Binding::Unassigned { .. } => "unassigned",
        }
    }
}

/// A recorder was docked and its session opened, before anything was listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionOpened {
    pub bay: BayId,
    /// What the recorder is said to be.
    pub recorder_claim: RecorderId,
    /// The enrolled recorder, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorder: Option<RecorderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer_claim: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<PersonId>,
    pub binding: Binding,
    /// What the medium says of itself: file system, label, device numbers. Claims, not proofs.
    pub fingerprint: String,
    /// The profile the recorder was read by.
    pub profile: String,
}

/// What a recorder said of itself before anything on it was listed: claims, never proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecorderTold {
    pub session: SessionId,
    /// Its own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The number of the officer it is set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
    /// What it answered to: `unlock`.
    pub source: String,
}

/// The full listing, signed before any copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListingSigned {
    pub session: SessionId,
    /// The listing object.
    pub object: Digest,
    pub lines: u32,
    pub files: u32,
    pub bytes: u64,
    pub clock: ClockOffset,
    /// Two sources of identity disagree: the session is set aside, never wiped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
}

/// The moment of custody of one clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipStored {
    pub session: SessionId,
    pub line: u32,
    pub recorder_claim: RecorderId,
    /// Raw name, hexadecimal; and inert for reading.
    pub raw: String,
    pub name: String,
    pub size: u64,
    pub sha256: Digest,
    pub chunk: ChunkFacts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sm3: Option<Digest>,
    /// Recorder's own file time, milliseconds, uncorrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtime_ms: Option<i64>,
    /// Recorder's own time in the name, as written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_time: Option<String>,
    /// When the recording ended in station time, where the recorder's clock can be believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<WallMs>,
    /// Due times; a clock that cannot be computed is absent.
    pub due: Vec<Due>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorder: Option<RecorderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<PersonId>,
    pub media: String,
    pub marked: bool,
    /// Where it lies: `vault`, and `mirror` where a second copy was read back too.
    pub copies: Vec<String>,
    /// How the stored bytes were read back: `direct-io`, …
    pub read_back: String,
    pub binding: String,
    /// SSHSIG of the clip under the evidence key of this epoch, armoured.
    pub sshsig: String,
    pub evidence_epoch: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkFacts {
    /// 4 MiB
    pub size: u32,
    pub root: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    pub clock: crate::policy::Deadline,
    pub at: WallMs,
}

/// A line of this session holds bytes that are already in custody; nothing was stored twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipSeen {
    pub session: SessionId,
    pub line: u32,
    pub clip: ClipId,
    pub size: u64,
    pub sha256: Digest,
}

/// Why something stands aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AsideReason {
    /// Some bytes could not be read; what could is kept with its hole map.
    Partial,
    /// Changed while it was read: perhaps still recording.
    Growing,
    /// Shorter than listed.
    Truncated,
    /// The second reading differs from the first.
    Unstable,
    /// What lies on the disk differs from what was read, again and again.
    StoreMismatch,
    /// The station's stored copy of it has rotted; the recorder has the good one.
    StoredDamaged,
    /// A link, pipe, socket or device: never followed.
    NotAFile,
    /// Below the depth that is walked, or not readable at all.
    Unreadable,
    /// Vanished between listing and reading.
    Vanished,
    /// There is no room for it.
    NoSpace,
}

impl AsideReason {
    pub fn as_str(self) -> &'static str {
        match self {
            AsideReason::Partial => "partial",
            AsideReason::Growing => "growing",
            AsideReason::Truncated => "truncated",
            AsideReason::Unstable => "unstable",
            AsideReason::StoreMismatch => "store-mismatch",
            AsideReason::StoredDamaged => "stored-damaged",
            AsideReason::NotAFile => "not-a-file",
            AsideReason::Unreadable => "unreadable",
            AsideReason::Vanished => "vanished",
            AsideReason::NoSpace => "no-space",
        }
    }
}

/// Something odd: visible, never wiped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipSetAside {
    pub session: SessionId,
    /// The line, or the whole session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    pub recorder_claim: RecorderId,
    pub raw: String,
    pub name: String,
    pub size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtime_ms: Option<i64>,
    pub reason: AsideReason,
    /// What happened, in words.
    pub detail: String,
    /// What could be saved of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<AsideKept>,
}

/// A partial copy under `aside/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsideKept {
    pub sha256: Digest,
    /// `[offset, length]` pairs that could not be read and are zero in the copy; at most 256 are named.
    pub holes: Vec<(u64, u64)>,
    pub holes_total: u32,
    pub bytes_missing: u64,
}

/// Facts read from the clip after custody was sealed, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipDescribed {
    pub clip: ClipId,
    /// Facts as the probe gave them: integers and text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<serde_json::Value>,
    /// `undescribed`: the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undescribed: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AsideDecision {
    /// It stays on the recorder by this order, which names it.
    Leave,
    /// Try it again at the next dock.
    Retry,
    /// Said by the station: the thing is in custody now, by a later reading.
    Stored,
}

impl AsideDecision {
    pub fn as_str(self) -> &'static str {
        match self {
            AsideDecision::Leave => "leave",
            AsideDecision::Retry => "retry",
            AsideDecision::Stored => "stored",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsideDecided {
    pub aside: crate::id::AsideId,
    pub decision: AsideDecision,
    pub reason: String,
}

/// A clip came later than a clock allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineMissed {
    pub clip: ClipId,
    pub clock: crate::policy::Deadline,
    pub due: WallMs,
    pub stored: WallMs,
    /// The policy names this clock as the one that raises the alarm.
    pub alarm: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonGiven {
    pub clip: ClipId,
    /// The clocks this reason answers for.
    pub clocks: Vec<crate::policy::Deadline>,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<PutRight>,
}

/// An entry puts an earlier one right, which stays and is shown with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutRight {
    /// Sequence number of the earlier one.
    pub corrects: u64,
    pub reason: String,
}

/// A clerk orders: wipe what of this session is proven stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeOrdered {
    pub session: SessionId,
    pub recorder_claim: RecorderId,
    pub reason: String,
}

/// A line stays on the recorder, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeRefused {
    pub session: SessionId,
    pub line: u32,
    pub clip: ClipId,
    pub reasons: Vec<String>,
}

/// Written and durable before anything is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeIntended {
    pub session: SessionId,
    pub line: u32,
    pub clip: ClipId,
    pub recorder_claim: RecorderId,
    pub raw: String,
    pub size: u64,
    pub sha256: Digest,
    /// How the cold second reading of the recorder was done, or `waived-by-policy`.
    pub second_reading: String,
    /// The order it rests on: `policy` or the entry number of a clerk's order.
    pub order: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WipeOutcome {
    /// Gone from a fresh listing of the recorder.
    Wiped,
    /// Still there; the reason says why.
    Failed,
    /// The recorder went before it could be told; the next listing decides.
    Unknown,
}

impl WipeOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            WipeOutcome::Wiped => "wiped",
            WipeOutcome::Failed => "failed",
            WipeOutcome::Unknown => "unknown",
        }
    }
}

/// What became of an intent, decided by listing the recorder again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeSettled {
    /// The session and line of the intent.
    pub session: SessionId,
    pub line: u32,
    pub outcome: WipeOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The session whose listing shows it, where it is a later one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<SessionId>,
}

/// What went, what stayed and why, from a fresh listing after the wipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeCertified {
    pub session: SessionId,
    /// The listing object taken after the wipe.
    pub object: Digest,
    pub wiped: u32,
    pub wiped_bytes: u64,
    pub stayed: u32,
    /// Things that were not there when the recorder was listed first; untouched.
    pub appeared: u32,
    /// Stayed lines by reason: `["stored, policy never wipes", 3]`.
    pub why_stayed: Vec<(String, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every line of the listing is accounted for: done, may be taken.
    Done,
    /// Something needs a decision.
    Held,
    /// The recorder or the station went away; the next dock goes on.
    Interrupted,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Done => "done",
            Verdict::Held => "held",
            Verdict::Interrupted => "interrupted",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionClosed {
    pub session: SessionId,
    pub verdict: Verdict,
    /// One sentence for the person at the bay.
    pub summary: String,
    pub stored: u32,
    pub seen: u32,
    pub aside: u32,
    pub wiped: u32,
}
