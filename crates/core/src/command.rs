//! The only way to change anything. A command is decided by [`crate::decide::decide`] into events.
//!
//! Commands that carry proofs cannot be read from a message: their variants are skipped by serde.

use crate::actor::Role;
use crate::custody::{CopyFacts, WipeIntent};
use crate::event::{
    AsideDecision, ClipDescribed, ClipSetAside, KeyReplaced, KeyRotated, SessionClosed, Software,
    WipeCertified, WipeRefused, WipeSettled,
};
use crate::id::{AsideId, BayId, ClipId, DepartmentId, PersonId, RecorderId, SessionId, ShiftId};
use crate::listing::Listing;
use sealdock_chain::digest::Digest;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Departments, people, duties, PINs.
    Duty(crate::duty::Command),
    /// Viewing, copying, secrecy.
    Access(crate::access::Command),
    /// Classes, holds, disposal, spot checks, burnt media.
    Keep(crate::keep::Command),
    /// Matters, steps, interruptions, marks.
    Matter(crate::matter::Command),
    /// Recorders and their use.
    Desk(crate::desk::Command),
    /// Whole sheets of people or recorders.
    Import(crate::import::Command),
    AdoptPolicy {
        text: String,
    },
    EnrolPerson {
        id: PersonId,
        name: String,
        role: Role,
        pin: Option<Secret>,
        /// Where they belong; `person describe` says it later.
        #[serde(default)]
        department: Option<DepartmentId>,
    },
    EnrolRecorder {
        id: RecorderId,
        device_id: Option<String>,
        model: Option<String>,
    },
    AddBay {
        id: BayId,
        kind: String,
        path: String,
    },
    OpenShift,
    CloseShift {
        shift: ShiftId,
    },
    AssignClips {
        clips: Vec<ClipId>,
        recorder: RecorderId,
        officer: PersonId,
        reason: String,
    },
    /// Puts right whose clips are.
    ReassignClips {
        clips: Vec<ClipId>,
        recorder: RecorderId,
        officer: PersonId,
        reason: String,
    },
    DecideAside {
        aside: AsideId,
        decision: AsideDecision,
        reason: String,
    },
    GiveReason {
        clip: ClipId,
        text: String,
        /// Why the reason that stands is wrong.
        #[serde(default)]
        correcting: Option<String>,
    },
    OrderWipe {
        session: SessionId,
        reason: String,
    },
    /// The caller has looked at the place.
    #[serde(skip)]
    NameMirror {
        place: String,
    },
    AcceptSingleCopy,
    #[serde(skip)]
    Found(Box<Founding>),
    #[serde(skip)]
    Start {
        software: Software,
    },
    /// Closes what the last run left open.
    #[serde(skip)]
    Recover,
    #[serde(skip)]
    RotateKey(KeyRotated),
    /// The new key is durable, and its signature was made.
    #[serde(skip)]
    ReplaceKey(KeyReplaced),
    /// The caller has put the copy in place and held every outside head against it.
    #[serde(skip)]
    Restore(Box<Restoration>),
    #[serde(skip)]
    NotePinRefused {
        person: PersonId,
    },
    #[serde(skip)]
    RefuseDock {
        bay: BayId,
        what: String,
        reason: String,
    },
    #[serde(skip)]
    OpenSession(Box<Opening>),
    #[serde(skip)]
    RecordTold {
        session: SessionId,
        told: crate::session::Told,
    },
    #[serde(skip)]
    SignListing {
        session: SessionId,
        object: Digest,
        listing: Box<Listing>,
        conflict: Option<String>,
    },
    #[serde(skip)]
    StoreClips {
        session: SessionId,
        clips: Vec<ToStore>,
    },
    #[serde(skip)]
    SetAside {
        asides: Vec<ClipSetAside>,
    },
    #[serde(skip)]
    Describe {
        facts: Vec<ClipDescribed>,
    },
    #[serde(skip)]
    RefuseWipes {
        refusals: Vec<WipeRefused>,
    },
    #[serde(skip)]
    IntendWipes {
        intents: Vec<WipeIntent>,
    },
    #[serde(skip)]
    SettleWipes {
        settled: Vec<WipeSettled>,
    },
    #[serde(skip)]
    Certify(WipeCertified),
    #[serde(skip)]
    CloseSession(SessionClosed),
}

/// A PIN on its way to the hash; never printed.
#[derive(Clone, Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// What entry 0 and the two after it are made from.
#[derive(Debug)]
pub struct Founding {
    pub origin: String,
    pub unit: String,
    pub log_vkey: String,
    pub evidence_key: String,
    pub log_public: Digest,
    pub evidence_public: Digest,
    pub software: Software,
    pub policy: String,
    pub copies: Option<crate::event::CopiesNamed>,
}

/// What the three entries after a restore are made from.
#[derive(Debug)]
pub struct Restoration {
    /// The log key, then the evidence key.
    pub keys: [KeyReplaced; 2],
    pub restored: crate::event::StationRestored,
}

/// Who brings what to which bay.
#[derive(Debug)]
pub struct Opening {
    pub bay: BayId,
    pub recorder_claim: RecorderId,
    pub officer_claim: Option<PersonId>,
    pub fingerprint: String,
    pub profile: String,
    /// The operator asks to save the footage now although nobody confirmed it.
    pub unconfirmed: bool,
}

/// One verified line on its way into custody.
#[derive(Debug)]
pub struct ToStore {
    pub line: crate::listing::ListedLine,
    pub copy: CopyFacts,
    pub clock: crate::time::ClockOffset,
    /// Where it lies: `vault`, `mirror`.
    pub copies: Vec<String>,
    pub read_back: String,
    pub sshsig: String,
    /// The clip it is already in custody as, if those very bytes of this recorder are.
    pub known: Option<ClipId>,
}
