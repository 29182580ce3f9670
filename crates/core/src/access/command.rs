//! Commands about viewing and copying. Those that precede bytes are the station's alone: written by
//! anybody else they would claim a viewing that never was.

use super::{
    Applicant, CopiedExcerpt, CopiedFile, CopyAsked, Level, Purpose, ViewingEnded, ViewingServed,
    Wanted, Who,
};
use crate::id::{AccessId, ClipId};
use crate::time::WallMs;
use sealdock_chain::digest::Digest;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Command {
    /// A colleague applies in their own name; for everybody else a clerk writes it down.
    Request(Box<Asking>),
    /// Freezes the clips. Without `clips` all that were asked for; without `expires` and `times` what the
    /// policy says.
    Approve {
        access: AccessId,
        clips: Option<Vec<ClipId>>,
        expires: Option<WallMs>,
        times: Option<u32>,
        reason: Option<String>,
    },
    Refuse {
        access: AccessId,
        reason: String,
    },
    Revoke {
        access: AccessId,
        reason: String,
    },
    SetSecrecy {
        clips: Vec<ClipId>,
        level: Level,
        reason: String,
    },
    /// Before the first byte of a clip is shown. Without `access` the first ground that holds.
    #[serde(skip)]
    OpenViewing {
        clip: ClipId,
        access: Option<AccessId>,
        reason: String,
        matter: Option<String>,
    },
    /// Before a stretch of an opened clip is shown.
    #[serde(skip)]
    ServeViewing(ViewingServed),
    /// Nothing more of it is shown.
    #[serde(skip)]
    EndViewing(ViewingEnded),
    /// Before the first byte is copied out.
    #[serde(skip)]
    CarryOut {
        access: AccessId,
        to: String,
        /// Of an export: what was asked for.
        asked: Option<CopyAsked>,
    },
    /// Every file is written, synced and read back.
    #[serde(skip)]
    CompleteCopy {
        copy: u64,
        files: Vec<CopiedFile>,
        /// Of an export: clips of which only a part went out.
        excerpts: Vec<CopiedExcerpt>,
        /// Of an export: SHA-256 of its `tagmanifest-sha256.txt`.
        package: Option<Digest>,
    },
}

/// An application (002/A6-§20: reason, matter, time and person).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    pub who: Who,
    pub purpose: Purpose,
    /// Absent for a colleague, who is whoever acts.
    pub applicant: Option<Applicant>,
    pub wanted: Wanted,
    pub matter: String,
    pub reason: String,
    /// Number of the letter that was shown.
    pub letter: Option<String>,
}
