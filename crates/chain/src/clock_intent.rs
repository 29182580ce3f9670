//! The one message that makes the privileged wiper write: a note with the time, for recorders that read such
//! a file at their next start. As strict as [`crate::intent`]: one volume of one plug-in, one path, the very
//! bytes, a minute, once; and what is no short line of text with a time in it is no note.

use crate::canon::{parse_canonical, to_canonical};
use crate::digest::Digest;
use crate::ed25519;
use crate::intent::{INTENT_VERSION, IntentError, in_force};
use serde::{Deserialize, Serialize};

/// What stands before the bytes that are signed, so that leave to delete never passes for leave to write.
const SEPARATOR: &[u8] = b"sealdock clock intent v1\n";

/// The longest note, bytes: a date, a time and the end of a line.
pub const CLOCK_NOTE_BYTES_MAX: usize = 64;

/// A time has at least hours, minutes and seconds.
const DIGITS_MIN: usize = 6;

/// Leave to write exactly one note onto one volume, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockIntent {
    /// [`INTENT_VERSION`].
    pub version: u32,
    /// Origin of the record.
    pub station: String,
    pub bay: String,
    /// The kernel's name of the volume: `sdb1`.
    pub volume: String,
    /// The kernel's number of this appearance of the disk.
    pub disk_sequence: u64,
    /// The docking after whose last word it is written.
    pub session: u64,
    /// Raw name below the volume's root, in lowercase hexadecimal.
    pub path_hex: String,
    /// The whole file, in lowercase hexadecimal.
    pub content_hex: String,
    /// Of the content.
    pub sha256: Digest,
    /// Milliseconds since 1970 after which it is worth nothing.
    pub expires_ms: u64,
}

impl ClockIntent {
    /// The canonical bytes; they go over the wire as they are.
    ///
    /// # Panics
    /// A number does not fit into canonical JSON: none of a real disk does that.
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

    /// Reads what [`ClockIntent::bytes`] wrote; proves nothing.
    ///
    /// # Errors
    /// Anything that is not canonical, has unknown keys or lacks one, is of another version, names its file
    /// wrongly, or holds what is no note.
    pub fn decode(bytes: &[u8]) -> Result<ClockIntent, IntentError> {
        let intent: ClockIntent = serde_json::from_value(parse_canonical(bytes)?)
            .map_err(|e| IntentError::Form(e.to_string()))?;
        if intent.version != INTENT_VERSION {
            return Err(IntentError::Version(intent.version));
        }
        intent.path()?;
        intent.content()?;
        Ok(intent)
    }

    /// Reads an intent and believes it: signed by `public`, in force at `now_ms`.
    ///
    /// # Errors
    /// As [`ClockIntent::decode`]; another signature, expired, or too long a life.
    pub fn verify(
        bytes: &[u8],
        signature: &[u8; 64],
        public: &[u8; 32],
        now_ms: u64,
    ) -> Result<ClockIntent, IntentError> {
        let intent = ClockIntent::decode(bytes)?;
        ed25519::verify(public, &[SEPARATOR, bytes].concat(), signature)?;
        in_force(intent.expires_ms, now_ms)?;
        Ok(intent)
    }

    /// The raw name of the file.
    ///
    /// # Errors
    /// It is empty or not spelt in lowercase hexadecimal.
    pub fn path(&self) -> Result<Vec<u8>, IntentError> {
        lowercase(&self.path_hex).ok_or_else(|| IntentError::Name(self.path_hex.clone()))
    }

    /// What the file shall hold.
    ///
    /// # Errors
    /// It is not spelt in lowercase hexadecimal, has another digest, or is no note.
    pub fn content(&self) -> Result<Vec<u8>, IntentError> {
        let wrong = || IntentError::Content(self.content_hex.clone());
        let content = lowercase(&self.content_hex).filter(|text| is_clock_note(text));
        content.filter(|text| Digest::of(text) == self.sha256).ok_or_else(wrong)
    }
}

fn lowercase(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok().filter(|raw| !raw.is_empty() && hex::encode(raw) == text)
}

/// A short line of plain text with a time in it. Nothing else is ever written to a recorder.
#[must_use]
pub fn is_clock_note(text: &[u8]) -> bool {
    let plain = |b: &u8| matches!(b, b' '..=b'~' | b'\r' | b'\n');
    text.len() <= CLOCK_NOTE_BYTES_MAX
        && text.iter().all(plain)
        && text.iter().filter(|b| b.is_ascii_digit()).count() >= DIGITS_MIN
}

/// Is `old` such a note of another time? It has the same form and differs in digits alone, which no footage
/// does: only then it may be written over.
#[must_use]
pub fn is_earlier_note(old: &[u8], new: &[u8]) -> bool {
    let same = |(a, b): (&u8, &u8)| a == b || (a.is_ascii_digit() && b.is_ascii_digit());
    is_clock_note(new) && old.len() == new.len() && old.iter().zip(new).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::WipeIntent;
    use ed25519_dalek::{Signer as _, SigningKey};

    const NOW: u64 = 1_700_000_000_000;
    const NOTE: &[u8] = b"2026-11-28 15:30:00\r\n";

    fn intent(content: &[u8]) -> ClockIntent {
        ClockIntent {
            version: INTENT_VERSION,
            station: "test.example/s1".into(),
            bay: "bay-1".into(),
            volume: "sdb1".into(),
            disk_sequence: 9,
            session: 4,
            path_hex: hex::encode("TIMESET.TXT"),
            content_hex: hex::encode(content),
            sha256: Digest::of(content),
            expires_ms: NOW + 60_000,
        }
    }

    fn signed(intent: &ClockIntent) -> (Vec<u8>, [u8; 64], [u8; 32]) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = key.sign(&intent.signing_bytes()).to_bytes();
        (intent.bytes(), signature, key.verifying_key().to_bytes())
    }

    #[test]
    fn the_bytes_are_what_the_document_says() {
        let text = String::from_utf8(intent(NOTE).bytes()).unwrap();
        let wanted = concat!(
            r#"{"bay":"bay-1","content_hex":"323032362d31312d32382031353a33303a30300d0a","#,
            r#""disk_sequence":9,"expires_ms":1700000060000,"path_hex":"54494d455345542e545854","#,
            r#""session":4,"sha256":"SHA","station":"test.example/s1","version":1,"volume":"sdb1"}"#
        );
        assert_eq!(text, wanted.replace("SHA", &Digest::of(NOTE).to_string()));
        assert!(intent(NOTE).signing_bytes().starts_with(b"sealdock clock intent v1\n{\"bay\""));
        let decoded = ClockIntent::decode(text.as_bytes()).unwrap();
        assert_eq!(
            (decoded.path().unwrap(), decoded.content().unwrap()),
            (b"TIMESET.TXT".to_vec(), NOTE.to_vec())
        );
    }

    #[test]
    fn only_the_key_the_bytes_and_the_purpose_that_were_signed_pass() {
        let (bytes, signature, public) = signed(&intent(NOTE));
        assert_eq!(ClockIntent::verify(&bytes, &signature, &public, NOW).unwrap(), intent(NOTE));
        let other = ClockIntent { session: 5, ..intent(NOTE) }.bytes();
        assert!(ClockIntent::verify(&other, &signature, &public, NOW).is_err());
        let key = SigningKey::from_bytes(&[7; 32]);
        let as_a_wipe = key.sign(&[b"sealdock wipe intent v1\n", &bytes[..]].concat()).to_bytes();
        assert!(ClockIntent::verify(&bytes, &as_a_wipe, &public, NOW).is_err());
        assert!(WipeIntent::verify(&bytes, &signature, &public, NOW).is_err());
        let at = |now| ClockIntent::verify(&bytes, &signature, &public, now);
        assert_eq!(at(NOW + 60_000), Err(IntentError::Expired(0)));
        assert_eq!(at(NOW - 1), Err(IntentError::TooLong(60_001)));
    }

    #[test]
    fn what_is_no_note_or_not_of_its_digest_is_no_intent() {
        let long = [b"2026-11-28 15:30:00".to_vec(), vec![b' '; 64]].concat();
        for content in
            [b"".as_slice(), b"on", b"12:30", b"2026\x00153000", "15:30:00 上午".as_bytes(), &long]
        {
            let found = ClockIntent::decode(&intent(content).bytes());
            assert!(matches!(found, Err(IntentError::Content(_))), "{content:?}: {found:?}");
        }
        let other = ClockIntent { sha256: Digest::of(b"153000"), ..intent(NOTE) };
        assert!(matches!(ClockIntent::decode(&other.bytes()), Err(IntentError::Content(_))));
        let nameless = ClockIntent { path_hex: String::new(), ..intent(NOTE) };
        assert!(matches!(ClockIntent::decode(&nameless.bytes()), Err(IntentError::Name(_))));
    }

    #[test]
    fn an_earlier_note_differs_in_digits_alone() {
        assert!(is_earlier_note(b"2026-11-27 09:00:01\r\n", NOTE) && is_earlier_note(NOTE, NOTE));
        for old in
            [b"2026-11-27 09:00:01\n".as_slice(), b"2026/11/27 09:00:01\r\n", b"", b"footage"]
        {
            assert!(!is_earlier_note(old, NOTE), "{old:?}");
        }
        assert!(!is_earlier_note(b"1", b"2"), "that is no note");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_upset_the_reader(bytes: Vec<u8>) {
            proptest::prop_assert!(ClockIntent::decode(&bytes).is_err());
        }
    }
}
