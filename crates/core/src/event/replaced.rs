//! Keys that end, by a rotation or without one, and a record that was put back from a copy (`docs/design/keys.md`).

use super::KeyKind;
use crate::time::WallMs;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

/// The next epoch of a key. Both keys sign [`KeyRotated::statement`]; from the next entry on only the
/// new one is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    pub key: KeyKind,
    pub epoch: u32,
    /// Raw Ed25519 public keys, hexadecimal.
    pub old_public: Digest,
    pub new_public: Digest,
    /// Ed25519 signatures over the statement, hexadecimal.
    pub old_signature: String,
    pub new_signature: String,
}

impl KeyRotated {
    /// The bytes that both keys sign.
    pub fn statement(
        origin: &str,
        key: KeyKind,
        epoch: u32,
        old: &Digest,
        new: &Digest,
    ) -> Vec<u8> {
        format!(
            "sealdock key rotation v1\n{origin}\n{} {epoch}\nold {old}\nnew {new}\n",
            key.as_str()
        )
        .into_bytes()
    }
}

/// Why a key ended without a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplaceCause {
    /// Nobody can use it any more.
    Lost,
    /// Somebody else can.
    Stolen,
    /// The record was put back from a copy.
    Restored,
}

impl ReplaceCause {
    /// As entries write it.
    pub fn as_str(self) -> &'static str {
        match self {
            ReplaceCause::Lost => "lost",
            ReplaceCause::Stolen => "stolen",
            ReplaceCause::Restored => "restored",
        }
    }
}

/// The next epoch of a key whose old one does not vouch for it. The new key signs
/// [`KeyReplaced::statement`]; the head that covers this entry is already under the new log key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyReplaced {
    pub key: KeyKind,
    pub epoch: u32,
    /// Raw Ed25519 public keys, hexadecimal.
    pub old_public: Digest,
    pub new_public: Digest,
    pub cause: ReplaceCause,
    /// From when on somebody else could use a stolen key; absent: nobody knows, or it was not stolen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<WallMs>,
    pub reason: String,
    /// Ed25519 signature over the statement, hexadecimal; only where the record was put back and the old
    /// key was at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_signature: Option<String>,
    /// Ed25519 signature over the statement, hexadecimal.
    pub new_signature: String,
}

impl KeyReplaced {
    /// The bytes that are signed.
    pub fn statement(&self, origin: &str) -> Vec<u8> {
        let since = self.since.map_or_else(|| "-".to_owned(), WallMs::rfc3339);
        format!(
            "sealdock key replacement v1\n{origin}\n{} {}\nold {}\nnew {}\ncause {}\nsince {since}\n",
            self.key.as_str(),
            self.epoch,
            self.old_public,
            self.new_public,
            self.cause.as_str()
        )
        .into_bytes()
    }
}

/// The record goes on from a copy of its first entries, under keys of new epochs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationRestored {
    /// Entries of the copy.
    pub size: u64,
    /// Their root.
    pub root: Digest,
    /// The folder that the copy lay in.
    pub from: String,
    /// Heads that somebody outside held and that were brought, smallest first.
    pub heads: Vec<OutsideHead>,
    /// Entries that a larger one of these covers and the copy does not hold; absent: none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
    /// There was no database, so no hash of a PIN: every PIN of before is void, and each person gets a new one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pins_lost: bool,
    pub reason: String,
}

/// A head that somebody outside held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideHead {
    pub size: u64,
    pub root: Digest,
}

/// The first and the last entry that is known to be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    pub first: u64,
    pub last: u64,
}

impl Lost {
    /// What the heads that were brought say is missing after `size` entries.
    pub fn after(size: u64, heads: &[OutsideHead]) -> Option<Lost> {
        let largest = heads.iter().map(|head| head.size).max()?;
        (largest > size).then(|| Lost { first: size, last: largest - 1 })
    }
}
