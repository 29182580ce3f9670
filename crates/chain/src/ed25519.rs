//! Ed25519 as this record accepts it (RFC 8032, narrowed): libraries disagree
//! about weak and oddly spelled keys and signatures, so those are refused, and
//! every verifier in court gives the same answer.

use ed25519_dalek::{Signature, VerifyingKey};

/// Why a key or a signature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ed25519Error {
    /// The bytes are not the one spelling of a curve point.
    #[error("the public key is not a canonical Ed25519 point; enrol another key")]
    NotAPoint,
    /// The point has small order: anybody could sign for it.
    #[error("the public key is weak, anybody could sign for it; enrol another key")]
    Weak,
    /// The signature does not belong to key and message.
    #[error(
        "the Ed25519 signature does not fit key and content; check that all three belong together"
    )]
    Signature,
}

/// Checks that `public` may be trusted as a key at all.
///
/// # Errors
/// The key is weak or not canonical.
pub fn check_key(public: &[u8; 32]) -> Result<(), Ed25519Error> {
    sound_key(public).map(drop)
}

/// Verifies `signature` over `message` strictly (`verify_strict`).
///
/// # Errors
/// The key is weak or not canonical, or the signature does not fit.
pub fn verify(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), Ed25519Error> {
    sound_key(public)?
        .verify_strict(message, &Signature::from_bytes(signature))
        .map_err(|_| Ed25519Error::Signature)
}

fn sound_key(public: &[u8; 32]) -> Result<VerifyingKey, Ed25519Error> {
    if !has_canonical_y(public) {
        return Err(Ed25519Error::NotAPoint);
    }
    let key = VerifyingKey::from_bytes(public).map_err(|_| Ed25519Error::NotAPoint)?;
    if key.is_weak() { Err(Ed25519Error::Weak) } else { Ok(key) }
}

/// RFC 8032 §5.1.3 step 1: y, without the sign bit, is below p = 2^255 − 19.
fn has_canonical_y(public: &[u8; 32]) -> bool {
    let top_is_full = public[31] & 0x7f == 0x7f;
    let middle_is_full = public[1..31].iter().all(|byte| *byte == 0xff);
    !(top_is_full && middle_is_full && public[0] >= 0xed)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    #[test]
    fn a_sound_signature_passes_and_any_flipped_bit_does_not() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key().to_bytes();
        let signature = key.sign(b"message").to_bytes();
        assert_eq!(verify(&public, b"message", &signature), Ok(()));
        assert_eq!(verify(&public, b"massage", &signature), Err(Ed25519Error::Signature));
        for bit in 0..512 {
            let mut flipped = signature;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(&public, b"message", &flipped), Err(Ed25519Error::Signature));
        }
    }

    #[test]
    fn weak_and_oddly_spelled_keys_are_refused() {
        let mut identity = [0u8; 32];
        identity[0] = 1;
        assert_eq!(check_key(&identity), Err(Ed25519Error::Weak));
        assert_eq!(check_key(&[0; 32]), Err(Ed25519Error::Weak));
        // y = p + 1 is another spelling of the identity, y = p + 3 of a full point.
        for low in [0xed, 0xee, 0xf0, 0xff] {
            for top in [0x7f, 0xff] {
                let mut key = [0xffu8; 32];
                (key[0], key[31]) = (low, top);
                assert_eq!(check_key(&key), Err(Ed25519Error::NotAPoint), "{low:x} {top:x}");
            }
        }
        let mut minus_one = [0xffu8; 32];
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        assert_eq!(check_key(&minus_one), Err(Ed25519Error::Weak));
    }

    #[test]
    fn half_of_all_bytes_are_no_point() {
        let mut off_curve = [0u8; 32];
        off_curve[0] = 2;
        assert_eq!(check_key(&off_curve), Err(Ed25519Error::NotAPoint));
    }
}
