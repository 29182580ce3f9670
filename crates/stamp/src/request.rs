//! TimeStampReq, RFC 3161 §2.4.1, in the one shape that this program writes: version 1, SHA-256, a nonce, and the
//! wish to have the certificate in the answer.

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 16;

/// SEQUENCE of 75 bytes, version 1, the imprint's two sequences with sha256 and NULL, and the head of 32 bytes.
const BEFORE_IMPRINT: [u8; 24] = [
    0x30, 0x4b, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];
/// The head of an INTEGER of 16 bytes.
const BEFORE_NONCE: [u8; 2] = [0x02, NONCE_BYTES as u8];
/// certReq TRUE.
const AFTER: [u8; 3] = [0x01, 0x01, 0xff];

/// What is asked: a stamp over these 32 bytes, in an answer to this very question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    imprint: [u8; 32],
    nonce: [u8; NONCE_BYTES],
}

impl Request {
    /// `drawn` are random bytes; their first is made such that they are a positive number of just this length.
    #[must_use]
    pub fn new(imprint: [u8; 32], drawn: [u8; NONCE_BYTES]) -> Self {
        let mut nonce = drawn;
        nonce[0] = nonce[0] & 0x3f | 0x40;
        Self { imprint, nonce }
    }

    /// Reads one that [`Request::to_der`] wrote; nothing else is one of ours.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&BEFORE_IMPRINT)?;
        let (imprint, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.strip_prefix(&BEFORE_NONCE)?.split_first_chunk()?;
        let request = Self::new(*imprint, *nonce);
        (rest == AFTER && request.nonce == *nonce).then_some(request)
    }

    /// The bytes that go to the time-stamping authority.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        [&BEFORE_IMPRINT[..], &self.imprint, &BEFORE_NONCE, &self.nonce, &AFTER].concat()
    }

    /// SHA-256 of what is to be stamped.
    #[must_use]
    pub fn imprint(&self) -> &[u8; 32] {
        &self.imprint
    }

    /// The bytes of the number that the answer repeats.
    #[must_use]
    pub fn nonce(&self) -> &[u8] {
        &self.nonce
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_back_and_nothing_else_does() {
        for drawn in [[0u8; 16], [0xff; 16], [0x80; 16]] {
            let request = Request::new([7; 32], drawn);
            let bytes = request.to_der();
            assert_eq!(bytes.len(), 77);
            assert_eq!(Request::read(&bytes), Some(request));
            for at in 0..bytes.len() {
                assert_eq!(Request::read(&bytes[..at]), None);
            }
            assert_eq!(Request::read(&[&bytes[..], &[0]].concat()), None);
        }
        let mut other = Request::new([7; 32], [1; 16]).to_der();
        other[3] ^= 1;
        assert_eq!(Request::read(&other), None);
    }
}
