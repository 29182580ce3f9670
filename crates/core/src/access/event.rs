//! What happened to requests, secrecy, viewings and copies. A published format: only ever added to.

use super::{CopyAsked, Level, Purpose, Who};
use crate::id::{AccessId, ClipId, DutyId, PersonId, RecorderId};
use crate::time::WallMs;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "access.requested")]
    Requested(Box<Requested>),
    #[serde(rename = "access.approved")]
    Approved(Approved),
    #[serde(rename = "access.refused")]
    Refused(Refused),
    #[serde(rename = "access.revoked")]
    Revoked(Revoked),
    #[serde(rename = "secrecy.set")]
    SecrecySet(SecrecySet),
    #[serde(rename = "viewing.opened")]
    ViewingOpened(ViewingOpened),
    #[serde(rename = "viewing.served")]
    ViewingServed(ViewingServed),
    #[serde(rename = "viewing.ended")]
    ViewingEnded(ViewingEnded),
    #[serde(rename = "copy.carried-out")]
    CopyCarriedOut(CopyCarriedOut),
    #[serde(rename = "copy.completed")]
    CopyCompleted(CopyCompleted),
}

/// An application to view or copy; its number is this entry's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requested {
    pub who: Who,
    pub purpose: Purpose,
    pub applicant: Applicant,
    pub wanted: Wanted,
    /// 事项
    pub matter: String,
    /// 事由
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
}

/// 调阅、复制人, as form 3 asks for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// A person of the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    pub name: String,
    /// 单位
    pub unit: String,
    /// 联系电话
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Which footage is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Wanted {
    Clips {
        clips: Vec<ClipId>,
    },
    /// Of this officer, of this recorder, or both; recorded (stored, where that is not known) at or after
    /// `from` and before `until`.
    Query {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recorder: Option<RecorderId>,
        from: WallMs,
        until: WallMs,
    },
}

impl Wanted {
    /// In words, for people.
    pub fn words(&self) -> String {
        match self {
            Wanted::Clips { clips } => {
                clips.iter().map(ClipId::to_string).collect::<Vec<_>>().join(" ")
            }
            Wanted::Query { officer, recorder, from, until } => {
                let of = |what, id: Option<&str>| id.map(|id| format!("{what} {id}, "));
                format!(
                    "{}{}{from} – {until}",
                    of("officer", officer.as_ref().map(|p| p.as_str())).unwrap_or_default(),
                    of("recorder", recorder.as_ref().map(|r| r.as_str())).unwrap_or_default()
                )
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    pub access: AccessId,
    pub purpose: Purpose,
    /// The clips, frozen: a clip that comes later is not among them.
    pub clips: Vec<ClipId>,
    /// From this instant on nothing is served.
    pub expires: WallMs,
    /// How often each clip may be viewed, or how often the copy may be carried out.
    pub times: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    pub access: AccessId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    pub access: AccessId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecrecySet {
    pub clip: ClipId,
    pub level: Level,
    pub reason: String,
}

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Viewer {
    /// A person of the unit, who acts with their own PIN.
    Person { id: PersonId },
    /// Somebody from outside, or of an internal body, before whom a clerk opens it.
    Visitor { name: String, unit: String },
}

/// What the right to view rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ground {
    Own,
    Duty {
        duty: DutyId,
    },
    /// `number`: which viewing of this clip under the approval it is, counted from 1.
    Approval {
        access: AccessId,
        number: u32,
    },
}

/// A clip is about to be shown; no byte before this entry is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewingOpened {
    pub clip: ClipId,
    pub viewer: Viewer,
    pub ground: Ground,
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter: Option<String>,
}

/// A stretch of an opened clip is about to be shown; none of its pictures and no sound of it before this entry is
/// durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewingServed {
    /// The entry that opened the viewing.
    pub viewing: u64,
    pub clip: ClipId,
    pub shown: Shown,
    /// Milliseconds of playing time from the first picture of the clip; equal for a photograph.
    pub from_ms: u64,
    pub to_ms: u64,
}

/// As what a stretch is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// As it plays.
    Played,
    /// A few small pictures out of it.
    Thumbnails,
}

impl Shown {
    pub fn as_str(self) -> &'static str {
        match self {
            Shown::Played => "played",
            Shown::Thumbnails => "thumbnails",
        }
    }
}

/// A viewing is over, and what was really handed out of it. One that a crash ended has no such entry: then every
/// stretch that was announced counts as seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewingEnded {
    pub viewing: u64,
    pub clip: ClipId,
    /// What was played, from–to in milliseconds, in order and without overlap.
    pub played: Vec<Stretch>,
    /// What ended it, in words.
    pub why: String,
}

/// From–to, in milliseconds of playing time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    pub from_ms: u64,
    pub to_ms: u64,
}

/// The copying of an approval's clips begins; its number is this entry's. Without a
/// [`CopyCompleted`] that names it, it is void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyCarriedOut {
    pub access: AccessId,
    /// Which copy under the approval it is, counted from 1.
    pub number: u32,
    /// Where it goes, in words.
    pub to: String,
    /// What was asked for. None of a bare copy, and in entries of before it was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<CopyAsked>,
}

/// So many excerpts may a copy hold: whoever verifies it computes each again.
pub const EXCERPTS_MAX: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyCompleted {
    /// The entry that began it.
    pub copy: u64,
    pub files: Vec<CopiedFile>,
    /// Clips of which only a part was given. Entries before there were excerpts have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excerpts: Vec<CopiedExcerpt>,
    /// Of an export: SHA-256 of its `tagmanifest-sha256.txt`, through which every file of it is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Digest>,
}

/// One file as it was read back from where it was copied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedFile {
    pub clip: ClipId,
    pub name: String,
    pub size: u64,
    pub sha256: Digest,
}

/// A time range of a clip, cut without re-encoding: a derived thing, never the clip. Times are milliseconds of the
/// clip's own playing time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedExcerpt {
    /// The clip that it was cut from.
    pub clip: ClipId,
    /// As it is called below `excerpts/`.
    pub name: String,
    pub size: u64,
    pub sha256: Digest,
    /// What was asked for; the cut lies on key frames.
    pub from_ms: u64,
    pub to_ms: u64,
}

impl CopiedExcerpt {
    /// `C7 0:01:00.000–0:01:30.000`, as people read it.
    pub fn words(&self) -> String {
        format!("{} {}–{}", self.clip, playing_time(self.from_ms), playing_time(self.to_ms))
    }
}

/// `1:02:03.004` for milliseconds of playing time.
pub fn playing_time(ms: u64) -> String {
    let (seconds, ms) = (ms / 1000, ms % 1000);
    format!("{}:{:02}:{:02}.{ms:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
