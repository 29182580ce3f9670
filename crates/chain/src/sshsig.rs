//! Detached clip signatures in the SSHSIG format (OpenSSH PROTOCOL.sshsig), so
//! that anybody with a stock `ssh-keygen` can check a clip without this program.

use crate::digest::Digest;
use crate::ed25519::{self, Ed25519Error};
use crate::note::{base64_bytes, base64_of};

/// The namespace of signatures over clips.
pub const CLIP_NAMESPACE: &str = "clip@sealdock";

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: [u8; 4] = 1u32.to_be_bytes();
const KEY_TYPE: &[u8] = b"ssh-ed25519";
const HASH: &[u8] = b"sha256";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
const COLUMNS: usize = 70;

/// Why an SSH signature, or a line for `allowed_signers`, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SshsigError {
    /// Not the one text that these contents have.
    #[error("the SSH signature is malformed: {0}; fetch the .sig file again")]
    Malformed(&'static str),
    /// Signed for another purpose.
    #[error(
        "the SSH signature is for the namespace {found:?}, not {expected:?}; it proves nothing here"
    )]
    Namespace {
        /// The namespace in the signature.
        found: String,
        /// The namespace asked for.
        expected: String,
    },
    /// Made by another key.
    #[error("the SSH signature is by another key; use the key the station had at that time")]
    OtherKey,
    /// Made over another digest algorithm.
    #[error("the SSH signature is over {0:?}, not sha256; sign with -O hashalg=sha256")]
    Hash(String),
    /// The key or the signature is refused.
    #[error(transparent)]
    Signature(#[from] Ed25519Error),
    /// A field that would break the `allowed_signers` line or widen its meaning.
    #[error("{0:?} cannot stand in an allowed_signers line; use letters, digits and . _ - @ / :")]
    Field(String),
    /// A time that ssh-keygen would not read.
    #[error("the time {0:?} is not YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with or without Z")]
    Time(String),
}

/// The key as `ssh-ed25519 AAAA… comment`. Control characters in `comment`
/// become spaces, so that it stays one line.
#[must_use]
pub fn public_line(public: &[u8; 32], comment: &str) -> String {
    let comment = comment.replace(char::is_control, " ");
    format!("ssh-ed25519 {} {comment}", base64_of(&typed(public)))
}

/// What the key signs for content with this SHA-256 digest.
#[must_use]
pub fn signed_bytes(namespace: &str, sha256: &Digest) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for field in [namespace.as_bytes(), b"", HASH, &sha256.0] {
        push_string(&mut out, field);
    }
    out
}

/// The `.sig` file: PEM-like, base64 in lines of 70 characters.
#[must_use]
pub fn armor(public: &[u8; 32], namespace: &str, signature: [u8; 64]) -> String {
    let mut blob = MAGIC.to_vec();
    blob.extend_from_slice(&VERSION);
    for field in [&typed(public), namespace.as_bytes(), b"", HASH, &typed(&signature)] {
        push_string(&mut blob, field);
    }
    let base64 = base64_of(&blob);
    let mut text = String::from(BEGIN);
    for (i, letter) in base64.chars().enumerate() {
        if i > 0 && i % COLUMNS == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push('\n');
    text.push_str(END);
    text
}

/// Verifies a `.sig` file over content with this SHA-256 digest.
///
/// # Errors
/// Anything but the exact text [`armor`] gives for `public`, `namespace` and a
/// sound signature over the digest.
pub fn verify(
    armored: &str,
    public: &[u8; 32],
    namespace: &str,
    sha256: &Digest,
) -> Result<(), SshsigError> {
    let signature = signature_in(armored, public, namespace)?;
    // One spelling only: no other line length, no white space, no text around.
    if armored != armor(public, namespace, signature) {
        return Err(SshsigError::Malformed("it is not written the way ssh-keygen writes it"));
    }
    Ok(ed25519::verify(public, &signed_bytes(namespace, sha256), &signature)?)
}

fn signature_in(
    armored: &str,
    public: &[u8; 32],
    namespace: &str,
) -> Result<[u8; 64], SshsigError> {
    let base64 = armored.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    let base64 = base64.ok_or(SshsigError::Malformed("its first or last line is wrong"))?;
    let blob = base64_bytes(&base64.replace('\n', ""))
        .ok_or(SshsigError::Malformed("its content is not base64"))?;
    let head = [MAGIC, &VERSION].concat();
    let fields = blob
        .strip_prefix(head.as_slice())
        .ok_or(SshsigError::Malformed("it does not begin with SSHSIG version 1"))?;
    read_fields(fields, public, namespace)
}

fn read_fields(
    mut rest: &[u8],
    public: &[u8; 32],
    namespace: &str,
) -> Result<[u8; 64], SshsigError> {
    let mut next = || take_string(&mut rest).ok_or(SshsigError::Malformed("it is cut off"));
    let (key, found, reserved, hash, signature) = (next()?, next()?, next()?, next()?, next()?);
    if key != typed(public) {
        return Err(SshsigError::OtherKey);
    }
    if found != namespace.as_bytes() {
        let found = String::from_utf8_lossy(found).into_owned();
        return Err(SshsigError::Namespace { found, expected: namespace.to_owned() });
    }
    if hash != HASH {
        return Err(SshsigError::Hash(String::from_utf8_lossy(hash).into_owned()));
    }
    if !reserved.is_empty() || !rest.is_empty() {
        return Err(SshsigError::Malformed("it has unknown content"));
    }
    signature
        .last_chunk::<64>()
        .filter(|raw| typed(raw.as_slice()) == signature)
        .copied()
        .ok_or(SshsigError::Malformed("its signature is not ssh-ed25519"))
}

/// A line for an `allowed_signers` file that lets this key sign for
/// `namespace` only, and only within the times given (`YYYYMMDDHHMMSSZ`).
///
/// # Errors
/// A field that would break the line or widen what it allows.
pub fn allowed_signers_line(
    principal: &str,
    namespace: &str,
    public: &[u8; 32],
    valid_after: Option<&str>,
    valid_before: Option<&str>,
) -> Result<String, SshsigError> {
    let mut line = format!("{} namespaces=\"{}\"", field(principal)?, field(namespace)?);
    for (option, time) in [("valid-after", valid_after), ("valid-before", valid_before)] {
        if let Some(time) = time {
            line.push_str(&format!(",{option}=\"{}\"", ssh_time(time)?));
        }
    }
    line.push_str(&format!(" ssh-ed25519 {}", base64_of(&typed(public))));
    Ok(line)
}

/// Wildcards, negation and lists (`*`, `?`, `!`, `,`) would widen the meaning.
fn field(text: &str) -> Result<&str, SshsigError> {
    let plain = |c: char| c.is_alphanumeric() || "._-@/:".contains(c);
    if text.is_empty() || !text.chars().all(plain) {
        return Err(SshsigError::Field(text.to_owned()));
    }
    Ok(text)
}

fn ssh_time(text: &str) -> Result<&str, SshsigError> {
    let digits = text.strip_suffix('Z').unwrap_or(text);
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SshsigError::Time(text.to_owned()));
    }
    Ok(text)
}

/// string("ssh-ed25519") ‖ string(content): the form of keys and of signatures.
fn typed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + KEY_TYPE.len() + content.len());
    push_string(&mut out, KEY_TYPE);
    push_string(&mut out, content);
    out
}

/// RFC 4251 §5 string. All fields here are far shorter than 4 GiB.
fn push_string(out: &mut Vec<u8>, content: &[u8]) {
    out.extend_from_slice(&(content.len() as u32).to_be_bytes());
    out.extend_from_slice(content);
}

fn take_string<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (content, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(content)
}

#[cfg(test)]
mod tests;
