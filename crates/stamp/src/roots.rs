//! From the certificate of a stamp to a root that the reader brought. The path is built and checked by `webpki`;
//! here it is only said at which moment, for which purpose, and by what kind of signatures.

use crate::StampError;
use crate::certificate::Certificate;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use std::time::Duration;
use webpki::ring as algs;
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

/// id-kp-timeStamping, the value of the object identifier alone.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// More certificates than any chain file has.
const CERTIFICATES_MAX: usize = 64;

/// What a certificate may be signed with.
static ACCEPTED: [&dyn SignatureVerificationAlgorithm; 10] = [
    algs::ECDSA_P256_SHA256,
    algs::ECDSA_P256_SHA384,
    algs::ECDSA_P384_SHA256,
    algs::ECDSA_P384_SHA384,
    algs::RSA_PKCS1_2048_8192_SHA256,
    algs::RSA_PKCS1_2048_8192_SHA384,
    algs::RSA_PKCS1_2048_8192_SHA512,
    algs::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    algs::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    algs::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
];

/// Certificates that the reader believes. Only those that sign themselves are roots; others that stand beside
/// them help to get there, as OpenSSL has it.
#[derive(Debug, Clone)]
pub struct Roots {
    roots: Vec<Certificate>,
    between: Vec<Certificate>,
}

impl Roots {
    /// Reads a PEM file.
    ///
    /// # Errors
    /// There is no root in it, or something in it is no certificate.
    pub fn from_pem(pem: &[u8]) -> Result<Self, StampError> {
        let (roots, between): (Vec<_>, Vec<_>) =
            certificates(pem)?.into_iter().partition(Certificate::is_root);
        if roots.is_empty() {
            let why = "none of its certificates signs itself; get that of the authority's root";
            return Err(StampError::Roots(why.to_owned()));
        }
        for root in &roots {
            let der = CertificateDer::from(root.der.as_slice());
            anchor_from_trusted_cert(&der).map_err(|error| StampError::Roots(error.to_string()))?;
        }
        Ok(Self { roots, between })
    }

    pub(crate) fn reached_from(
        &self,
        signer: &Certificate,
        between: &[&Certificate],
        at: Duration,
    ) -> Result<(), StampError> {
        let beside = between.iter().copied().chain(&self.between);
        let beside: Vec<CertificateDer<'_>> =
            beside.map(|one| CertificateDer::from(one.der.as_slice())).collect();
        let mut refused = StampError::OtherRoot;
        for root in &self.roots {
            match reaches(root, signer, &beside, at) {
                Ok(()) => return Ok(()),
                Err(StampError::OtherRoot) => {}
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}

fn reaches(
    root: &Certificate,
    signer: &Certificate,
    beside: &[CertificateDer<'_>],
    at: Duration,
) -> Result<(), StampError> {
    let refused = |error: Error| match error {
        Error::UnknownIssuer => StampError::OtherRoot,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
            StampError::Expired("a certificate of its chain")
        }
        other => StampError::Chain(format!("{other:?}")),
    };
    let root_der = CertificateDer::from(root.der.as_slice());
    let anchor = [anchor_from_trusted_cert(&root_der).map_err(refused)?];
    let signer_der = CertificateDer::from(signer.der.as_slice());
    let leaf = EndEntityCert::try_from(&signer_der).map_err(refused)?;
    // The stamp's own certificate must have it, alone and critical: `Certificate::may_stamp`. Issuers may have none.
    let usage = KeyUsage::required_if_present(TIME_STAMPING);
    let moment = UnixTime::since_unix_epoch(at);
    leaf.verify_for_usage(&ACCEPTED, &anchor, beside, moment, usage, None, None)
        .map_err(refused)?;
    // To `webpki` a root is a name and a key; that it had not ended yet is asked as OpenSSL asks it.
    match root.was_valid(at) {
        true => Ok(()),
        false => Err(StampError::Expired("the root")),
    }
}

/// Every certificate of a PEM file.
///
/// # Errors
/// There is none in it, too many, or something that is no certificate.
pub fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, StampError> {
    let refused = |why: &str| StampError::Roots(why.to_owned());
    let mut all = Vec::new();
    for one in CertificateDer::pem_slice_iter(pem) {
        let der = one.map_err(|error| refused(&format!("it is no PEM: {error:?}")))?;
        all.push(Certificate::read(&der).map_err(|error| refused(&error.to_string()))?);
        if all.len() > CERTIFICATES_MAX {
            return Err(refused("it has more certificates than any chain"));
        }
    }
    match all.is_empty() {
        true => Err(refused("there is no certificate in it; it must be PEM")),
        false => Ok(all),
    }
}
