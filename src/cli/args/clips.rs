//! Clips: which, one of them, whose.

use super::{As, Belonging, civil_day};
use clap::Subcommand;
use sealdock_core::id::{ClipId, PersonId, RecorderId, SessionId};

#[derive(Debug, Subcommand)]
pub enum Clip {
    List {
        #[arg(long, value_name = "ID")]
        officer: Option<PersonId>,
        #[arg(long, value_name = "ID")]
        recorder: Option<RecorderId>,
        /// Civil day, like 2026-11-21
        #[arg(long, value_name = "DAY", value_parser = civil_day)]
        day: Option<String>,
        /// 重点 only
        #[arg(long)]
        marked: bool,
        /// Only those that missed a deadline
        #[arg(long)]
        late: bool,
        /// Only those that a clerk must assign
        #[arg(long)]
        unassigned: bool,
        #[command(flatten)]
        belonging: Belonging,
        #[command(flatten)]
        page: PageOfClips,
    },
    /// Digest, signature and life of one clip
    Show { clip: ClipId },
    /// Gives clips a class, which says how long they are kept
    Class {
        #[arg(required = true)]
        clips: Vec<ClipId>,
        /// Of the policy: ordinary, evidence, obstruction, major-incident
        #[arg(long, value_name = "CLASS")]
        class: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// A clerk says whose footage unassigned clips are
    Assign {
        clips: Vec<ClipId>,
        /// All unassigned clips of this session
        #[arg(long, value_name = "S")]
        session: Option<SessionId>,
        #[command(flatten)]
        owner: Owner,
    },
    /// A department head puts right whose clips are; both entries stay
    Reassign {
        #[arg(required = true)]
        clips: Vec<ClipId>,
        #[command(flatten)]
        owner: Owner,
    },
    #[command(flatten)]
    Matter(crate::cli::matter::OfClip),
}

/// Whose clips are, and who says so.
#[derive(Debug, clap::Args)]
pub struct Owner {
    #[arg(long, value_name = "ID")]
    pub recorder: RecorderId,
    #[arg(long, value_name = "ID")]
    pub officer: PersonId,
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub by: As,
}

/// Without any of these every clip is listed, oldest first.
#[derive(Debug, clap::Args)]
pub struct PageOfClips {
    /// So many at most; what follows is said below them, and is "next" for scripts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Those that come after this one in the list
    #[arg(long, value_name = "CLIP")]
    pub after: Option<ClipId>,
    /// The newest first
    #[arg(long)]
    pub newest: bool,
}
