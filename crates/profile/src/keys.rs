//! The TOML form of a profile, key by key as `docs/ref/profile-keys.md` says. Unknown keys are
//! refused: a misspelt rule must not be a rule that silently does nothing.

use serde::Deserialize;

/// `[unlock]` and its steps.
pub mod unlock;

/// The version of the file form that this program reads.
pub const SCHEMA: u32 = 1;

/// A profile file that cannot be used: which key, why, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the recorder profile {profile:?} is not usable: {why}")]
pub struct BadProfile {
    /// The profile's id, or empty where it could not be read.
    pub profile: String,
    pub why: String,
}

impl BadProfile {
    pub(crate) fn new(profile: &str, why: impl Into<String>) -> BadProfile {
        BadProfile { profile: profile.to_owned(), why: why.into() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFile {
    pub schema: u32,
    pub profile: Head,
    #[serde(default)]
    pub identity: Identity,
    #[serde(default)]
    pub wipe: Wipe,
    #[serde(default)]
    pub marked: Marked,
    #[serde(default)]
    pub media: Vec<Media>,
    #[serde(default)]
    pub name: Vec<Name>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub id: String,
    pub title: String,
    pub confidence: Confidence,
    pub sources: Vec<String>,
}

/// How sure somebody is of what the profile says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    Verified,
    Reported,
    Guessed,
}

impl Confidence {
    pub fn word(&self) -> &'static str {
        match self {
            Confidence::Verified => "verified",
            Confidence::Reported => "reported",
            Confidence::Guessed => "guessed",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    #[serde(default)]
    pub placeholders: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wipe {
    #[serde(default)]
    pub keep: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marked {
    #[serde(default)]
    pub folders: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    pub kind: MediaKind,
    pub glob: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediaKind {
    Video,
    Audio,
    Photo,
}

impl MediaKind {
    /// The word that listings carry.
    pub fn word(self) -> &'static str {
        match self {
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
            MediaKind::Photo => "photo",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub family: String,
    pub regex: String,
    pub ts: Option<String>,
    pub examples: Vec<Example>,
}

/// A name and everything that the whole profile must say about it; an absent key means "nothing".
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub path: String,
    pub media: String,
    pub device: Option<String>,
    pub officer: Option<String>,
    pub ts: Option<String>,
    #[serde(default)]
    pub marked: bool,
    pub stays: Option<String>,
}
