//! One error for everything that is no sound stamp.

/// Why it is refused. The sentence says what to do where there is something to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// It is not what its kind looks like.
    #[error("it is no answer of a time-stamping authority (RFC 3161, in DER): {0}")]
    Malformed(String),
    /// The authority did not grant it.
    #[error("the time-stamping authority refused: status {status} {text}")]
    Refused {
        /// PKIStatus, RFC 3161 §2.4.2.
        status: u64,
        /// What it said, in its own words.
        text: String,
    },
    /// The answer has not the certificate that it is checked with.
    #[error("the certificate that signed it is not in it; ask again with certReq")]
    NoCertificate,
    /// A digest or signature in it does not hold.
    #[error("{0}")]
    Broken(&'static str),
    /// An algorithm that is not accepted.
    #[error("it uses {0}, which is not accepted here")]
    Algorithm(String),
    /// The certificate is not one for time-stamps.
    #[error("its certificate may not sign time-stamps: {0}")]
    Purpose(&'static str),
    /// The certificate was not valid when the stamp was made.
    #[error("{0} was not valid at the time that the stamp names")]
    Expired(&'static str),
    /// It leads to another root than those given.
    #[error("its certificate does not lead to a root that was given")]
    OtherRoot,
    /// The chain to the root is broken.
    #[error("its certificate does not lead to the root: {0}")]
    Chain(String),
    /// What was given as certificates is none.
    #[error("it holds no usable certificate of a root: {0}")]
    Roots(String),
}

impl From<der::Error> for StampError {
    fn from(error: der::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
