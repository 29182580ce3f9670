//! The verifier key of a record in its C2SP text form ("vkey"): what a court
//! needs to hold, obtained apart from the evidence, to check everything else.

use std::fmt;
use std::str::FromStr;

use super::{NoteError, base64_bytes, base64_of, valid_origin};
use crate::digest::Digest;
use crate::ed25519;

/// The signature type of a plain Ed25519 note signature.
const ED25519: u8 = 0x01;

/// An Ed25519 key together with the name of the record it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_id: [u8; 4],
    public: [u8; 32],
}

impl VerifierKey {
    /// The key `public` of the record `name`.
    ///
    /// # Errors
    /// The name is no valid origin, or the key is weak or not canonical.
    pub fn new(name: impl Into<String>, public: [u8; 32]) -> Result<Self, NoteError> {
        let name = name.into();
        valid_origin(&name)?;
        ed25519::check_key(&public)?;
        let key_id = key_id(&name, ED25519, &public);
        Ok(Self { name, key_id, public })
    }

    /// Name of the record.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of H(name ‖ 0x0A ‖ 0x01 ‖ public).
    #[must_use]
    pub fn key_id(&self) -> &[u8; 4] {
        &self.key_id
    }

    /// The Ed25519 public key.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }
}

/// The first four bytes of H(name ‖ 0x0A ‖ type ‖ public).
pub(crate) fn key_id(name: &str, kind: u8, public: &[u8; 32]) -> [u8; 4] {
    let Digest([a, b, c, d, ..]) = Digest::of_parts(&[name.as_bytes(), b"\n", &[kind], public]);
    [a, b, c, d]
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[ED25519], self.public.as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.key_id), base64_of(&typed))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        // Base64 may contain '+': only the first two of them separate.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(typed)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::VerifierKey("it has no three parts separated by '+'"));
        };
        let typed = base64_bytes(typed).ok_or(NoteError::VerifierKey("its key is not base64"))?;
        let Some((&ED25519, public)) = typed.split_first() else {
            return Err(NoteError::VerifierKey("it is not of the Ed25519 note type"));
        };
        let public = <[u8; 32]>::try_from(public)
            .map_err(|_| NoteError::VerifierKey("its key does not have 32 bytes"))?;
        let key = Self::new(name, public)?;
        if id != hex::encode(key.key_id) {
            return Err(NoteError::VerifierKey("its key id does not fit name and key"));
        }
        Ok(key)
    }
}
