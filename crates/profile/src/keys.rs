//! The TOML form of a profile, key by key as `docs/ref/profile-keys.md` says. Unknown keys are
//! refused: a misspelt rule must not be a rule that silently does nothing.

use serde::Deserialize;

/// `[clock]`.
pub mod clock;
/// `[[match]]`.
pub mod rule;
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
    #[serde(default, rename = "match")]
    pub matches: Vec<rule::MatchKeys>,
    pub unlock: Option<unlock::UnlockKeys>,
    pub mtp: Option<MtpKeys>,
    pub mount: Option<MountKeys>,
    #[serde(default)]
    pub identity: Identity,
    pub clock: Option<clock::ClockKeys>,
    pub settle: Option<SettleKeys>,
    #[serde(default)]
    pub sidecar: Vec<SidecarKeys>,
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
    pub extends: Option<String>,
    pub confidence: Confidence,
    pub sources: Vec<String>,
    /// Why a recorder of this make cannot be taken in over USB.
    pub unsupported: Option<String>,
    /// What the table of recorders says besides.
    pub note: Option<String>,
}

/// How sure somebody is of what the profile says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    Verified,
    Reported,
    Inferred,
    Guessed,
}

impl Confidence {
    pub fn word(&self) -> &'static str {
        match self {
            Confidence::Verified => "verified",
            Confidence::Reported => "reported",
            Confidence::Inferred => "inferred",
            Confidence::Guessed => "guessed",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    #[serde(default)]
    pub device: Vec<SourceKeys>,
    #[serde(default)]
    pub officer: Vec<SourceKeys>,
    #[serde(default)]
    pub placeholders: Vec<String>,
}

/// Where a number is read, as `{ from = … }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SourceKeys {
    /// What a reply of the unlock said.
    Vendor {},
    /// A line of the newest of these files; the last that matches.
    File {
        glob: String,
        regex: String,
    },
    /// The group of the name forms.
    Filename {},
    Label {
        regex: String,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MtpKeys {
    #[serde(default)]
    pub quirks: Vec<MtpQuirk>,
    #[serde(default)]
    pub roots: Vec<String>,
}

/// Ways in which a recorder's MTP deviates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MtpQuirk {
    BrokenProplist,
    LongTimeout,
    ResetOnClose,
    NoPartial64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MountKeys {
    pub fs: Vec<Fs>,
}

/// The file systems that are mounted at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fs {
    Vfat,
    Exfat,
    Ext4,
    Ntfs3,
}

impl Fs {
    /// As `mount` and udev call it.
    pub fn word(self) -> &'static str {
        match self {
            Fs::Vfat => "vfat",
            Fs::Exfat => "exfat",
            Fs::Ext4 => "ext4",
            Fs::Ntfs3 => "ntfs3",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleKeys {
    pub quiet_s: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SidecarKeys {
    pub role: Role,
    #[serde(default)]
    pub ext: Vec<String>,
    #[serde(default)]
    pub glob: Vec<String>,
    pub track: Option<String>,
}

/// What a file beside a clip tells about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Gps,
    Thumbnail,
    Index,
    DeviceLog,
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
