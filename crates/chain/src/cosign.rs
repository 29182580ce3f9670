//! Cosignatures of witnesses under a checkpoint (c2sp.org/tlog-cosignature, the Ed25519 form): somebody outside the
//! station says that, at a time by their clock, this was the largest head of the record they had seen, and that it
//! had only grown.

use std::fmt;
use std::str::FromStr;

use crate::ed25519;
use crate::note::{
    NoteError, SIGNATURE_MARK, SignedCheckpoint, base64_bytes, base64_of, key_id, signature_lines,
    split_note, valid_origin,
};

/// The signature type of an Ed25519 cosignature.
const COSIGNATURE: u8 = 0x04;

/// The latest time a cosignature may name, in seconds since 1970 (tlog-cosignature, "Format").
pub const TIME_MAX: u64 = i64::MAX as u64;

/// The key of a witness, in its text form a "vkey" of type 0x04. Like the verifier key of a record it has to come
/// from somewhere else than the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    key_id: [u8; 4],
    public: [u8; 32],
}

impl WitnessKey {
    /// The key `public` of the witness `name`.
    ///
    /// # Errors
    /// The name cannot stand in a signature line, or the key is weak or not canonical.
    pub fn new(name: impl Into<String>, public: [u8; 32]) -> Result<Self, NoteError> {
        let name = name.into();
        valid_origin(&name)?;
        ed25519::check_key(&public)?;
        let key_id = key_id(&name, COSIGNATURE, &public);
        Ok(Self { name, key_id, public })
    }

    /// Name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of H(name ‖ 0x0A ‖ 0x04 ‖ public).
    #[must_use]
    pub fn key_id(&self) -> &[u8; 4] {
        &self.key_id
    }

    /// The Ed25519 public key.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// When this witness cosigned the head, in seconds since 1970 by the witness's clock; none if it did not.
    ///
    /// # Errors
    /// A line bears its name and key id, and is not its signature.
    pub fn cosigned(&self, head: &SignedCheckpoint) -> Result<Option<u64>, NoteError> {
        let (body, lines) = split_note(head.note())?;
        for (name, id, bytes) in signature_lines(lines)? {
            if name == self.name && id == self.key_id {
                return self.time_of(body, name, &bytes).map(Some);
            }
        }
        Ok(None)
    }

    fn time_of(&self, body: &str, name: &str, bytes: &[u8]) -> Result<u64, NoteError> {
        let malformed = || NoteError::Cosignature(name.to_owned());
        let (time, signature) = bytes.split_first_chunk::<8>().ok_or_else(malformed)?;
        let signature = <[u8; 64]>::try_from(signature).map_err(|_| malformed())?;
        let time = u64::from_be_bytes(*time);
        // A cosignature of no time is one of ML-DSA over part of a tree, and no statement about a head.
        if time == 0 || time > TIME_MAX {
            return Err(malformed());
        }
        ed25519::verify(&self.public, &cosigned_bytes(time, body), &signature)?;
        Ok(time)
    }

    /// The signature line for a fresh cosignature over `head`. One that does not verify is refused.
    ///
    /// # Errors
    /// The signature does not fit, or the time is none.
    pub fn line(
        &self,
        head: &SignedCheckpoint,
        time: u64,
        signature: &[u8; 64],
    ) -> Result<String, NoteError> {
        let bytes = [time.to_be_bytes().as_slice(), signature].concat();
        self.time_of(&head.checkpoint().body(), &self.name, &bytes)?;
        let typed = [self.key_id.as_slice(), &bytes].concat();
        Ok(format!("{SIGNATURE_MARK}{} {}\n", self.name, base64_of(&typed)))
    }
}

/// What a witness signs: a header for domain separation, the time, and the three lines of the checkpoint.
#[must_use]
pub fn cosigned_bytes(time: u64, body: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{body}").into_bytes()
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[COSIGNATURE], self.public.as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.key_id), base64_of(&typed))
    }
}

impl FromStr for WitnessKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        // Base64 may contain '+': only the first two of them separate.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(typed)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::WitnessKey("it has no three parts separated by '+'"));
        };
        let typed = base64_bytes(typed).ok_or(NoteError::WitnessKey("its key is not base64"))?;
        let Some((&COSIGNATURE, public)) = typed.split_first() else {
            return Err(NoteError::WitnessKey("it is not of the Ed25519 cosignature type (0x04)"));
        };
        let public = <[u8; 32]>::try_from(public)
            .map_err(|_| NoteError::WitnessKey("its key does not have 32 bytes"))?;
        let key = Self::new(name, public)?;
        if id != hex::encode(key.key_id) {
            return Err(NoteError::WitnessKey("its key id does not fit name and key"));
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests;
