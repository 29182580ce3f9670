//! Checkpoints as C2SP signed notes (c2sp.org/signed-note, tlog-checkpoint):
//! the three lines that bind the station to everything it recorded so far.
//!
//! The reader is stricter than the specification where two readers could
//! disagree. Extension lines are refused: implementations differ in whether
//! the signature covers them.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::ed25519::{self, Ed25519Error};
use crate::tree::empty_root;

mod vkey;

pub use vkey::VerifierKey;
pub(crate) use vkey::key_id;

/// The longest note in bytes.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;

/// The most signature lines a note may have: Go readers stop there.
pub const SIGNATURES_MAX: usize = 100;

/// The longest origin (and key name) in bytes.
pub const ORIGIN_BYTES_MAX: usize = 255;

/// The largest tree size a note may state: Go readers hold it in an int64.
pub const SIZE_MAX: u64 = i64::MAX as u64;

/// Why a note, an origin or a verifier key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The origin is empty, too long, or has a space, a `+` or a control character.
    #[error(
        "the origin {0:?} is not usable: 1 to {ORIGIN_BYTES_MAX} bytes without spaces, '+' and \
         control characters"
    )]
    Origin(String),
    /// The note is longer than [`NOTE_BYTES_MAX`].
    #[error("the note has {0} bytes, more than {NOTE_BYTES_MAX}; it is no checkpoint")]
    TooLong(usize),
    /// A control character other than the line feed.
    #[error("the note has the control character {0:#04x}; fetch it again without conversion")]
    ControlCharacter(u8),
    /// Not three lines, a blank line and signature lines.
    #[error("the note is not a checkpoint: {0}; fetch the checkpoint again")]
    Shape(&'static str),
    /// Lines after the root.
    #[error("the checkpoint has extension lines, which readers disagree about; refuse it")]
    ExtensionLines,
    /// The size is not a plain decimal number within [`SIZE_MAX`].
    #[error("the size {0:?} is not a decimal number without sign and leading zeros up to 2^63-1")]
    Size(String),
    /// The root is not 32 bytes of canonical base64, or not that of no entries at size 0.
    #[error("the root {0:?} does not fit: 32 bytes of base64, SHA-256 of nothing at size 0")]
    Root(String),
    /// A signature line is not `— name base64`.
    #[error("the signature line {0:?} is malformed; fetch the checkpoint again")]
    SignatureLine(String),
    /// Two signature lines by the same key.
    #[error("{0} signed twice; refuse the checkpoint, one of the lines was added by hand")]
    DuplicateSignature(String),
    /// More than [`SIGNATURES_MAX`] signature lines.
    #[error("the note has more than {SIGNATURES_MAX} signature lines; take out those of others")]
    ManySignatures,
    /// No line by the key asked for.
    #[error("the note is not signed by {0}; check that the key belongs to this record")]
    NotSignedBy(String),
    /// The origin is not the name of the key.
    #[error("the checkpoint is of {origin:?}, the key is for {key:?}; use the key of that record")]
    OtherOrigin {
        /// First line of the checkpoint.
        origin: String,
        /// Name in the verifier key.
        key: String,
    },
    /// The verifier key text is malformed.
    #[error("the verifier key is malformed: {0}; copy it again in full")]
    VerifierKey(&'static str),
    /// The witness key text is malformed.
    #[error("the witness key is malformed: {0}; copy it again in full")]
    WitnessKey(&'static str),
    /// A line of a witness is no cosignature: not 8 bytes of time and 64 of signature, or of no time.
    #[error("the cosignature of {0} is malformed; fetch it again from the witness")]
    Cosignature(String),
    /// The key or the signature is refused.
    #[error(transparent)]
    Signature(#[from] Ed25519Error),
}

/// Checks that `origin` may name a record: it is the first line of every
/// checkpoint and the name of the key.
///
/// # Errors
/// It is empty, longer than 255 bytes, or has white space, `+` or a control
/// character in it.
pub fn valid_origin(origin: &str) -> Result<(), NoteError> {
    let unusable = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX || origin.contains(unusable) {
        return Err(NoteError::Origin(origin.to_owned()));
    }
    Ok(())
}

/// The state of the record at one moment, unsigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the record, for ever the same.
    pub origin: String,
    /// Entries in the record.
    pub size: u64,
    /// Tree head over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The signed bytes: origin, size and root, each ended by a line feed.
    #[must_use]
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64_of(&self.root.0))
    }

    /// Reads the signed bytes back.
    fn from_body(body: &str) -> Result<Self, NoteError> {
        let mut lines = body.split_terminator('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::Shape("it has fewer than three lines"));
        };
        if lines.next().is_some() {
            return Err(NoteError::ExtensionLines);
        }
        let bytes = base64_bytes(root).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: decimal(size).ok_or_else(|| NoteError::Size(size.to_owned()))?,
            root: Digest(bytes.ok_or_else(|| NoteError::Root(root.to_owned()))?),
        };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    fn check(&self) -> Result<(), NoteError> {
        valid_origin(&self.origin)?;
        if self.size > SIZE_MAX {
            return Err(NoteError::Size(self.size.to_string()));
        }
        if self.size == 0 && self.root != empty_root() {
            return Err(NoteError::Root(base64_of(&self.root.0)));
        }
        Ok(())
    }
}

/// A checkpoint together with the note whose signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: String,
}

impl SignedCheckpoint {
    /// Puts a checkpoint and its fresh signature together. A signature that
    /// does not verify is refused: releasing it would make the record
    /// unverifiable for ever.
    ///
    /// # Errors
    /// The checkpoint is malformed or of another origin than the key, or the
    /// signature does not fit.
    pub fn assemble(
        checkpoint: Checkpoint,
        key: &VerifierKey,
        signature: [u8; 64],
    ) -> Result<Self, NoteError> {
        checkpoint.check()?;
        expect_origin(&checkpoint, key)?;
        let body = checkpoint.body();
        ed25519::verify(key.public(), body.as_bytes(), &signature)?;
        let line = [key.key_id().as_slice(), &signature].concat();
        let note = format!("{body}\n{SIGNATURE_MARK}{} {}\n", key.name(), base64_of(&line));
        Ok(Self { checkpoint, note })
    }

    /// Reads a note and verifies the signature of `key` on it. Signatures of
    /// other keys (witnesses) must be well-formed and are otherwise ignored.
    ///
    /// # Errors
    /// The note is malformed, not of this key's record, or not signed by `key`.
    pub fn open(text: &str, key: &VerifierKey) -> Result<Self, NoteError> {
        check_characters(text)?;
        let (body, lines) = split_note(text)?;
        let checkpoint = Checkpoint::from_body(body)?;
        expect_origin(&checkpoint, key)?;
        let signature = own_signature(lines, key)?;
        ed25519::verify(key.public(), body.as_bytes(), &signature)?;
        Ok(Self { checkpoint, note: text.to_owned() })
    }

    /// The same head with further signature lines, as a witness answers them; one that stands there already is not
    /// taken twice. Whose they are is not asked here.
    ///
    /// # Errors
    /// A line is malformed, the note becomes too long, or a key signs a second time with other bytes.
    pub fn with_lines(&self, lines: &str) -> Result<Self, NoteError> {
        if !lines.ends_with('\n') {
            return Err(NoteError::Shape("the last line of the answer is cut off"));
        }
        // Each line by itself: an empty one among them would move where the text of the note ends.
        signature_lines(lines)?;
        let mut note = self.note.clone();
        for line in lines.split_terminator('\n') {
            if !note.split('\n').any(|there| there == line) {
                note.push_str(line);
                note.push('\n');
            }
        }
        check_characters(&note)?;
        signature_lines(split_note(&note)?.1)?;
        Ok(Self { checkpoint: self.checkpoint.clone(), note })
    }

    /// The same head with the line of `key` alone: what a witness keeps, whoever else signed.
    ///
    /// # Errors
    /// `key` did not sign it.
    pub fn bare(&self, key: &VerifierKey) -> Result<Self, NoteError> {
        let (body, lines) = split_note(&self.note)?;
        let own = |line: &&str| {
            signature_line(line)
                .is_some_and(|(name, id, _)| name == key.name() && id == *key.key_id())
        };
        let line = lines.split_terminator('\n').find(own);
        let line = line.ok_or_else(|| NoteError::NotSignedBy(key.to_string()))?;
        Self::open(&format!("{body}\n{line}\n"), key)
    }

    /// What was signed.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note as it was assembled or read, signatures of others included.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }
}

pub(crate) const SIGNATURE_MARK: &str = "\u{2014} ";

fn expect_origin(checkpoint: &Checkpoint, key: &VerifierKey) -> Result<(), NoteError> {
    if checkpoint.origin == key.name() {
        return Ok(());
    }
    Err(NoteError::OtherOrigin { origin: checkpoint.origin.clone(), key: key.name().to_owned() })
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    if text.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLong(text.len()));
    }
    match text.bytes().find(|byte| *byte < 0x20 && *byte != b'\n') {
        Some(byte) => Err(NoteError::ControlCharacter(byte)),
        None => Ok(()),
    }
}

/// Cuts a note into its text and its signature lines at the last blank line,
/// as the specification demands; a blank line inside the text is caught later
/// as a malformed checkpoint.
pub(crate) fn split_note(text: &str) -> Result<(&str, &str), NoteError> {
    let blank = text.rfind("\n\n").ok_or(NoteError::Shape("it has no signatures"))?;
    let (body, lines) = (&text[..=blank], &text[blank + 2..]);
    if lines.is_empty() {
        return Err(NoteError::Shape("it has no signatures"));
    }
    if !lines.ends_with('\n') {
        return Err(NoteError::Shape("its last line is cut off"));
    }
    Ok((body, lines))
}

/// The one signature of `key`; every line is checked for its form.
fn own_signature(lines: &str, key: &VerifierKey) -> Result<[u8; 64], NoteError> {
    let own = signature_lines(lines)?
        .into_iter()
        .find(|(name, id, _)| *name == key.name() && id == key.key_id());
    let (name, _, signature) = own.ok_or_else(|| NoteError::NotSignedBy(key.to_string()))?;
    <[u8; 64]>::try_from(signature).map_err(|_| NoteError::SignatureLine(name.to_owned()))
}

/// Name, key id and signature.
type SignatureLine<'n> = (&'n str, [u8; 4], Vec<u8>);

/// Every signature line; no two by the same key.
pub(crate) fn signature_lines(lines: &str) -> Result<Vec<SignatureLine<'_>>, NoteError> {
    let mut signers = BTreeSet::new();
    let mut all = Vec::new();
    for line in lines.split_terminator('\n') {
        let malformed = || NoteError::SignatureLine(line.to_owned());
        let (name, id, signature) = signature_line(line).ok_or_else(malformed)?;
        if signers.len() == SIGNATURES_MAX {
            return Err(NoteError::ManySignatures);
        }
        if !signers.insert((name, id)) {
            return Err(NoteError::DuplicateSignature(name.to_owned()));
        }
        all.push((name, id, signature));
    }
    Ok(all)
}

fn signature_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, base64) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
    valid_origin(name).ok()?;
    let bytes = base64_bytes(base64)?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    if signature.is_empty() {
        return None;
    }
    Some((name, *id, signature.to_vec()))
}

/// A plain decimal number: no sign, no leading zero, at most 2^64 − 1.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    if !plain || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

pub(crate) fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Padded standard base64 whose unused bits are zero: one text for one value.
pub(crate) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests;
