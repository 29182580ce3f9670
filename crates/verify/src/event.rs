//! What entries say, as far as a verdict rests on it. Strict in what is used, and blind to the rest: kinds
//! and fields are only ever added (`docs/ref/events.md`).

use crate::names::decimal;
use sealdock_chain::Digest;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// An event of a kind that a verdict rests on, or another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type")]
pub enum Said {
    #[serde(rename = "station.founded")]
    Founded(Founded),
    #[serde(rename = "key.rotated")]
    Rotated(Rotated),
    #[serde(rename = "key.replaced")]
    Replaced(Replaced),
    #[serde(rename = "station.restored")]
    Restored(Restored),
    #[serde(rename = "session.opened")]
    SessionOpened(SessionOpened),
    #[serde(rename = "listing.signed")]
    ListingSigned(ListingSigned),
    #[serde(rename = "clip.stored")]
    ClipStored(Box<ClipStored>),
    #[serde(rename = "session.closed")]
    SessionClosed(SessionClosed),
    #[serde(rename = "wipe.certified")]
    Certified(Certified),
    #[serde(rename = "copy.carried-out")]
    CarriedOut,
    #[serde(rename = "copy.completed")]
    Completed(Completed),
    #[serde(other)]
    Other,
}

impl Said {
    /// Reads an event.
    ///
    /// # Errors
    /// It has no kind, or lacks what its kind must have.
    pub fn read(event: &Value) -> Result<Self, String> {
        Self::deserialize(event).map_err(|error| error.to_string())
    }
}

/// Entry 0.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Founded {
    pub origin: String,
    pub unit: String,
    pub log_vkey: String,
    pub evidence_key: String,
    pub log_public: Digest,
    pub evidence_public: Digest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    Log,
    Evidence,
}

impl KeyKind {
    /// As entries write it.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyKind::Log => "log",
            KeyKind::Evidence => "evidence",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rotated {
    pub key: KeyKind,
    pub epoch: u64,
    pub old_public: Digest,
    pub new_public: Digest,
    pub old_signature: String,
    pub new_signature: String,
}

impl Rotated {
    /// The bytes that both keys sign.
    pub fn statement(&self, origin: &str) -> String {
        let key = self.key.as_str();
        let (epoch, old, new) = (self.epoch, self.old_public, self.new_public);
        format!("sealdock key rotation v1\n{origin}\n{key} {epoch}\nold {old}\nnew {new}\n")
    }
}

/// Why a key ended without a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    Lost,
    Stolen,
    Restored,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Replaced {
    pub key: KeyKind,
    pub epoch: u64,
    pub old_public: Digest,
    pub new_public: Digest,
    pub cause: Cause,
    /// As the entry spells it.
    pub since: Option<String>,
    pub old_signature: Option<String>,
    pub new_signature: String,
}

impl Replaced {
    /// The bytes that are signed.
    pub fn statement(&self, origin: &str) -> String {
        let cause = match self.cause {
            Cause::Lost => "lost",
            Cause::Stolen => "stolen",
            Cause::Restored => "restored",
        };
        let (epoch, old, new) = (self.epoch, self.old_public, self.new_public);
        let since = self.since.as_deref().unwrap_or("-");
        format!(
            "sealdock key replacement v1\n{origin}\n{} {epoch}\nold {old}\nnew {new}\ncause {cause}\nsince {since}\n",
            self.key.as_str()
        )
    }
}

/// The record was put back from a copy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Restored {
    pub size: u64,
    pub lost: Option<Lost>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Lost {
    pub first: u64,
    pub last: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SessionOpened {
    pub recorder_claim: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListingSigned {
    #[serde(deserialize_with = "session")]
    pub session: u64,
    pub object: Digest,
    pub lines: u64,
    pub files: u64,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ClipStored {
    #[serde(deserialize_with = "session")]
    pub session: u64,
    pub line: u64,
    pub raw: String,
    pub size: u64,
    pub sha256: Digest,
    pub chunk: ChunkFacts,
    pub sshsig: String,
    pub evidence_epoch: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChunkFacts {
    pub size: u64,
    pub root: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SessionClosed {
    #[serde(deserialize_with = "session")]
    pub session: u64,
}

/// A listing taken after a wipe.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Certified {
    pub object: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Completed {
    pub copy: u64,
    pub files: Vec<CopiedFile>,
    /// Clips of which only a part was given.
    #[serde(default)]
    pub excerpts: Vec<CopiedExcerpt>,
    /// SHA-256 of `tagmanifest-sha256.txt`; absent: the copy was no package.
    pub package: Option<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CopiedFile {
    #[serde(deserialize_with = "clip")]
    pub clip: u64,
    pub name: String,
    pub size: u64,
    pub sha256: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CopiedExcerpt {
    #[serde(deserialize_with = "clip")]
    pub clip: u64,
    pub name: String,
    pub size: u64,
    pub sha256: Digest,
    pub from_ms: u64,
    pub to_ms: u64,
}

fn session<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    numbered(deserializer, 'S')
}

pub fn clip<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    numbered(deserializer, 'C')
}

/// `S41`: a letter and the number of the entry that began it.
fn numbered<'de, D: Deserializer<'de>>(deserializer: D, letter: char) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.strip_prefix(letter).and_then(decimal);
    number.ok_or_else(|| de::Error::custom(format!("{text:?} is not {letter} and a number")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_used_is_strict_and_the_rest_may_grow() {
        let closed = json!({"type": "session.closed", "session": "S4", "later": [1]});
        let expected = Said::SessionClosed(SessionClosed { session: 4 });
        assert_eq!(Said::read(&closed), Ok(expected));
        assert_eq!(Said::read(&json!({"type": "of.tomorrow", "x": 1})), Ok(Said::Other));
        for bad in [
            json!({"type": "session.closed", "session": "S04"}),
            json!({"type": "session.closed", "session": 4}),
            json!({"type": "session.closed"}),
            json!({"type": 7}),
            json!({}),
            json!([]),
            json!("session.closed"),
        ] {
            assert!(Said::read(&bad).is_err(), "{bad}");
        }
    }
}
