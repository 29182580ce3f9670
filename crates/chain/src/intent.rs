//! The one message that makes the privileged wiper delete a file: which file, on which disk, for which
//! clip in custody, until when. Canonical JSON, signed with the log key; worth one deletion. It crosses
//! from the daemon to a process that trusts nothing else of it, so everything about it is strict.

use crate::canon::{CanonError, parse_canonical, to_canonical};
use crate::digest::Digest;
use crate::ed25519::{self, Ed25519Error};
use serde::{Deserialize, Serialize};

/// What stands before the bytes that are signed, so that no other signature can pass for an intent.
const SEPARATOR: &[u8] = b"sealdock wipe intent v1\n";

/// The version that is written and read here.
pub const INTENT_VERSION: u32 = 1;

/// The longest life that an intent may have when it is spent, milliseconds.
pub const INTENT_LIFE_MS_MAX: u64 = 60_000;

/// Leave to delete exactly one file of one volume, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeIntent {
    /// [`INTENT_VERSION`].
    pub version: u32,
    /// Origin of the record that holds the clip.
    pub station: String,
    pub bay: String,
    /// The kernel's name of the volume: `sdb1`.
    pub volume: String,
    /// The kernel's number of this appearance of the disk.
    pub disk_sequence: u64,
    pub session: u64,
    /// Line of the signed listing.
    pub number: u32,
    /// Entry that took the file into custody.
    pub clip: u64,
    /// Raw name below the volume's root, in lowercase hexadecimal.
    pub name_hex: String,
    pub size: u64,
    pub sha256: Digest,
    /// Milliseconds since 1970 after which it is worth nothing.
    pub expires_ms: u64,
}

/// Why something is no intent, or is worth nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntentError {
    /// Not the one spelling.
    #[error("the intent is not canonical: {0}")]
    Canon(#[from] CanonError),
    /// A key is missing, unknown or of another type.
    #[error("the intent is not of the known form: {0}; ask for a new one")]
    Form(String),
    /// Made by another release.
    #[error(
        "the intent has version {0}, known is {INTENT_VERSION}; install both sides from one package"
    )]
    Version(u32),
    /// The name is no lowercase hexadecimal of at least one byte.
    #[error("the intent names its file by {0:?}, which is no lowercase hexadecimal")]
    Name(String),
    /// What would be written is no short line of text with a time in it, or has another digest.
    #[error("the intent would write {0:?}, which is no note of a time of this digest")]
    Content(String),
    /// Key and signature.
    #[error("the intent is not signed with the log key: {0}")]
    Signature(#[from] Ed25519Error),
    /// Its time is over.
    #[error("the intent expired {0} ms ago; ask for a new one")]
    Expired(u64),
    /// Nobody may keep leave to delete in a drawer.
    #[error(
        "the intent would live another {0} ms, at most {INTENT_LIFE_MS_MAX} are allowed; compare the clocks"
    )]
    TooLong(u64),
}

impl WipeIntent {
    /// The canonical bytes; they go over the wire as they are.
    ///
    /// # Panics
    /// A number does not fit into canonical JSON: none of a real file does that.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).expect("an intent is plain data");
        to_canonical(&value).expect("an intent holds small integers and text only")
    }

    /// What is signed.
    #[must_use]
    pub fn signing_bytes(&self) -> Vec<u8> {
        [SEPARATOR, &self.bytes()].concat()
    }

    /// Reads what [`WipeIntent::bytes`] wrote; proves nothing.
    ///
    /// # Errors
    /// Anything that is not canonical, has unknown keys or lacks one, is of another version or names
    /// its file wrongly.
    pub fn decode(bytes: &[u8]) -> Result<WipeIntent, IntentError> {
        let value = parse_canonical(bytes)?;
        let intent: WipeIntent =
            serde_json::from_value(value).map_err(|e| IntentError::Form(e.to_string()))?;
        if intent.version != INTENT_VERSION {
            return Err(IntentError::Version(intent.version));
        }
        intent.name()?;
        Ok(intent)
    }

    /// Reads an intent and believes it: signed by `public`, in force at `now_ms`.
    ///
    /// # Errors
    /// As [`WipeIntent::decode`]; another signature, expired, or too long a life.
    pub fn verify(
        bytes: &[u8],
        signature: &[u8; 64],
        public: &[u8; 32],
        now_ms: u64,
    ) -> Result<WipeIntent, IntentError> {
        let intent = WipeIntent::decode(bytes)?;
        ed25519::verify(public, &[SEPARATOR, bytes].concat(), signature)?;
        in_force(intent.expires_ms, now_ms)?;
        Ok(intent)
    }

    /// The raw name of the file.
    ///
    /// # Errors
    /// It is empty or not spelt in lowercase hexadecimal.
    pub fn name(&self) -> Result<Vec<u8>, IntentError> {
        let wrong = || IntentError::Name(self.name_hex.clone());
        let raw = hex::decode(&self.name_hex).map_err(|_| wrong())?;
        if raw.is_empty() || hex::encode(&raw) != self.name_hex {
            return Err(wrong());
        }
        Ok(raw)
    }
}

/// Not over, and not kept in a drawer either.
pub(crate) fn in_force(expires_ms: u64, now_ms: u64) -> Result<(), IntentError> {
    let Some(left) = expires_ms.checked_sub(now_ms).filter(|left| *left > 0) else {
        return Err(IntentError::Expired(now_ms - expires_ms));
    };
    match left <= INTENT_LIFE_MS_MAX {
        true => Ok(()),
        false => Err(IntentError::TooLong(left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    const NOW: u64 = 1_700_000_000_000;

    fn intent() -> WipeIntent {
        WipeIntent {
            version: INTENT_VERSION,
            station: "test.example/s1".into(),
            bay: "bay-1".into(),
            volume: "sdb1".into(),
            disk_sequence: 9,
            session: 4,
            number: 0,
            clip: 7,
            name_hex: "612e6d7034".into(),
            size: 3,
            sha256: Digest::of(b"abc"),
            expires_ms: NOW + 60_000,
        }
    }

    fn signed(intent: &WipeIntent) -> (Vec<u8>, [u8; 64], [u8; 32]) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = key.sign(&intent.signing_bytes()).to_bytes();
        (intent.bytes(), signature, key.verifying_key().to_bytes())
    }

    #[test]
    fn the_bytes_are_what_the_document_says() {
        let text = String::from_utf8(intent().bytes()).unwrap();
        let wanted = concat!(
            r#"{"bay":"bay-1","clip":7,"disk_sequence":9,"expires_ms":1700000060000,"#,
            r#""name_hex":"612e6d7034","number":0,"session":4,"#,
            r#""sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","#,
            r#""size":3,"station":"test.example/s1","version":1,"volume":"sdb1"}"#
        );
        assert_eq!(text, wanted);
        assert!(intent().signing_bytes().starts_with(b"sealdock wipe intent v1\n{\"bay\""));
        assert_eq!(WipeIntent::decode(&intent().bytes()).unwrap(), intent());
        assert_eq!(intent().name().unwrap(), b"a.mp4");
    }

    #[test]
    fn only_the_key_and_the_bytes_that_were_signed_pass() {
        let (bytes, signature, public) = signed(&intent());
        assert_eq!(WipeIntent::verify(&bytes, &signature, &public, NOW).unwrap(), intent());
        let other = WipeIntent { size: 4, ..intent() }.bytes();
        let why = WipeIntent::verify(&other, &signature, &public, NOW).unwrap_err();
        assert_eq!(why, IntentError::Signature(Ed25519Error::Signature));
        // Signed without the words before it, as anything else of the station might be.
        let bare = SigningKey::from_bytes(&[7; 32]).sign(&bytes).to_bytes();
        assert!(WipeIntent::verify(&bytes, &bare, &public, NOW).is_err());
        let stranger = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
        assert!(WipeIntent::verify(&bytes, &signature, &stranger, NOW).is_err());
    }

    #[test]
    fn it_lives_a_minute_and_no_longer() {
        let (bytes, signature, public) = signed(&intent());
        let at = |now| WipeIntent::verify(&bytes, &signature, &public, now);
        assert!(at(NOW + 59_999).is_ok());
        assert_eq!(at(NOW + 60_000), Err(IntentError::Expired(0)));
        assert_eq!(at(NOW + 60_005), Err(IntentError::Expired(5)));
        // The clock was set back: leave to delete must not come to life again.
        assert_eq!(at(NOW - 1), Err(IntentError::TooLong(60_001)));
        assert!(at(0).is_err() && at(u64::MAX).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_upset_the_reader(bytes: Vec<u8>) {
            proptest::prop_assert!(WipeIntent::decode(&bytes).is_err());
        }
    }
}
