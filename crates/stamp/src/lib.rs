//! Time-stamps of RFC 3161, as files: a request goes out, an answer comes back, and [`Stamp`] says what the answer
//! proves. No network, no clock, no files: what is judged is judged at the moment that the stamp itself names.
//! What a stamp is good for, and what it leaves open, is in `docs/design/anchors.md`.

/// The parts of a certificate that a time-stamp rests on.
mod certificate;
/// Signed data of CMS, as far as a time-stamp uses it.
mod cms;
/// Why something is no sound stamp.
mod error;
/// Times as ASN.1 writes them.
mod moment;
/// Values of ASN.1, one after the other.
mod parts;
/// What goes out.
mod request;
/// From the certificate of a stamp to one that the reader trusts.
mod roots;
/// What came back.
mod stamp;
/// What a stamp says.
mod told;

pub use certificate::Certificate;
pub use error::StampError;
pub use moment::Moment;
pub use request::{NONCE_BYTES, Request};
pub use roots::{Roots, certificates};
pub use stamp::Stamp;

/// More bytes than any answer has; a long chain of large keys has a fifth of it.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
