//! COSE_Key (RFC 9052, RFC 9053, RFC 8230) of the two kinds that are kept: ES256 on P-256, and RS256. Written in the one order and
//! length that CTAP2 prescribes, so that a key has one form.

use webauthn_rs_core::proto::{
    COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, COSERSAKey, ECDSACurve,
};

/// kty EC2, alg ES256, crv P-256, then x and y of 32 bytes each.
const EC2: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const EC2_Y: &[u8] = &[0x22, 0x58, 0x20];
/// kty RSA, alg RS256, then n with two bytes of length, and e of three bytes.
const RSA: &[u8] = &[0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59];
const RSA_E: &[u8] = &[0x21, 0x43];
/// Of an RSA key, bytes: 2048 to 4096 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;

/// The bytes of a key; none of one that is not kept.
pub fn written(key: &COSEKey) -> Option<Vec<u8>> {
    match (&key.key, key.type_) {
        (COSEKeyType::EC_EC2(ec), COSEAlgorithm::ES256)
            if ec.curve == ECDSACurve::SECP256R1 && ec.x.len() == 32 && ec.y.len() == 32 =>
        {
            Some([EC2, &ec.x, EC2_Y, &ec.y].concat())
        }
        (COSEKeyType::RSA(rsa), COSEAlgorithm::RS256) if MODULUS.contains(&rsa.n.len()) => {
            let length = u16::try_from(rsa.n.len()).ok()?.to_be_bytes();
            Some([RSA, &length, &rsa.n, RSA_E, &rsa.e].concat())
        }
        _ => None,
    }
}

/// The key of such bytes.
pub fn read(bytes: &[u8]) -> Option<COSEKey> {
    if let Some(rest) = bytes.strip_prefix(EC2) {
        let (x, rest) = rest.split_at_checked(32)?;
        let y = rest.strip_prefix(EC2_Y).filter(|y| y.len() == 32)?;
        let ec = COSEEC2Key { curve: ECDSACurve::SECP256R1, x: x.to_vec(), y: y.to_vec() };
        return Some(COSEKey { type_: COSEAlgorithm::ES256, key: COSEKeyType::EC_EC2(ec) });
    }
    let (length, rest) = bytes.strip_prefix(RSA)?.split_first_chunk::<2>()?;
    let (n, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    let e: [u8; 3] = rest.strip_prefix(RSA_E)?.try_into().ok()?;
    let rsa = MODULUS.contains(&n.len()).then(|| COSERSAKey { n: n.to_vec(), e })?;
    Some(COSEKey { type_: COSEAlgorithm::RS256, key: COSEKeyType::RSA(rsa) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]
    use super::*;

    #[test]
    fn a_key_has_one_form_and_comes_back_from_it() {
        let ec = COSEEC2Key { curve: ECDSACurve::SECP256R1, x: vec![7; 32], y: vec![9; 32] };
        let ec = COSEKey { type_: COSEAlgorithm::ES256, key: COSEKeyType::EC_EC2(ec) };
        let rsa = COSERSAKey { n: vec![0xc1; 256], e: [1, 0, 1] };
        let rsa = COSEKey { type_: COSEAlgorithm::RS256, key: COSEKeyType::RSA(rsa) };
        for key in [ec, rsa] {
            let bytes = written(&key).unwrap();
            assert_eq!(read(&bytes).unwrap(), key);
            assert!(read(&bytes[..bytes.len() - 1]).is_none(), "cut short");
            assert!(read(&[&bytes[..], b"x"].concat()).is_none(), "something behind it");
        }
    }

    #[test]
    fn keys_of_other_kinds_are_not_kept() {
        let short = COSERSAKey { n: vec![0xc1; 128], e: [1, 0, 1] };
        let key = COSEKey { type_: COSEAlgorithm::RS256, key: COSEKeyType::RSA(short) };
        assert!(written(&key).is_none(), "1024 bits");
        let ec = COSEEC2Key { curve: ECDSACurve::SECP384R1, x: vec![7; 48], y: vec![9; 48] };
        let key = COSEKey { type_: COSEAlgorithm::ES384, key: COSEKeyType::EC_EC2(ec) };
        assert!(written(&key).is_none());
        assert!(read(b"").is_none() && read(&[0xa5]).is_none());
    }
}
