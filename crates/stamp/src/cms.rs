//! Signed data of CMS (RFC 5652), as far as a time-stamp uses it: one signer, its certificate beside it, and signed
//! attributes that name the content and the certificate (RFC 3161 §2.4.2, RFC 5035 §5, RFC 5816).

use crate::StampError;
use crate::certificate::Certificate;
use crate::parts::{Parts, context, plain_algorithm};
use crate::told::SHA256;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Encode as _, Tag, Tagged as _};
use ring::digest::{self, Algorithm};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::EndEntityCert;
use webpki::ring as algs;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");

/// Signed data whose signature by its own certificate holds.
pub struct Signed {
    /// The signed bytes: a TSTInfo.
    pub content: Vec<u8>,
    pub signer: Certificate,
    /// What else lay beside it; perhaps issuers.
    pub others: Vec<Certificate>,
}

impl Signed {
    /// Reads a TimeStampToken and checks digest, attributes and signature. Whose the certificate is, is another
    /// question.
    pub fn read(token: AnyRef<'_>) -> Result<Self, StampError> {
        let mut info = Parts::of(token, Tag::Sequence)?;
        if info.oid()? != SIGNED_DATA {
            return Err(StampError::Malformed("it is not signed data".to_owned()));
        }
        let mut wrapped = Parts::of(info.next(context(0))?, context(0))?;
        info.end()?;
        let mut data = Parts::of(wrapped.next(Tag::Sequence)?, Tag::Sequence)?;
        wrapped.end()?;
        let _version = data.number()?;
        let _digests = data.next(Tag::Set)?;
        let content = content(data.next(Tag::Sequence)?)?;
        let certificates = certificates(data.optional(context(0)))?;
        let _revocations = data.optional(context(1));
        let signers = data.next(Tag::Set)?;
        data.end()?;
        let mut signers = Parts::of(signers, Tag::Set)?;
        let signer = Signer::read(signers.next(Tag::Sequence)?)?;
        signers.end()?;
        let (own, others): (Vec<_>, Vec<_>) =
            certificates.into_iter().partition(|certificate| signer.is(certificate));
        let own = own.into_iter().next().ok_or(StampError::NoCertificate)?;
        signer.check(content, &own)?;
        Ok(Self { content: content.to_vec(), signer: own, others })
    }
}

fn content(value: AnyRef<'_>) -> Result<&[u8], StampError> {
    let mut parts = Parts::of(value, Tag::Sequence)?;
    if parts.oid()? != TST_INFO {
        return Err(StampError::Malformed("it does not sign a time".to_owned()));
    }
    let mut wrapped = Parts::of(parts.next(context(0))?, context(0))?;
    let content = wrapped.next(Tag::OctetString)?.value();
    wrapped.end()?;
    parts.end()?;
    Ok(content)
}

/// In any order: OpenSSL does not sort them.
fn certificates(value: Option<AnyRef<'_>>) -> Result<Vec<Certificate>, StampError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let all = Parts::of(value, context(0))?.rest();
    // Certificates of other kinds are tagged, and none of ours.
    let plain = all.filter(|one| one.tag() == Tag::Sequence);
    plain.map(|one| Certificate::read(&one.to_der()?)).collect()
}

/// SignerInfo.
struct Signer<'a> {
    id: AnyRef<'a>,
    digest: &'static Algorithm,
    attributes: AnyRef<'a>,
    algorithm: AnyRef<'a>,
    signature: &'a [u8],
}

impl<'a> Signer<'a> {
    fn read(value: AnyRef<'a>) -> Result<Self, StampError> {
        let mut parts = Parts::of(value, Tag::Sequence)?;
        let _version = parts.number()?;
        let key_id = Tag::ContextSpecific { constructed: false, number: der::TagNumber(0) };
        let id = match parts.optional(key_id) {
            Some(id) => id,
            None => parts.next(Tag::Sequence)?,
        };
        let digest = digest_algorithm(plain_algorithm(parts.next(Tag::Sequence)?)?)?;
        // A content that is not plain data is signed by way of attributes, always.
        let attributes = parts.next(context(0))?;
        let algorithm = parts.next(Tag::Sequence)?;
        let signature = parts.next(Tag::OctetString)?.value();
        let _unsigned = parts.optional(context(1));
        parts.end()?;
        Ok(Self { id, digest, attributes, algorithm, signature })
    }

    fn is(&self, certificate: &Certificate) -> bool {
        if self.id.tag() != Tag::Sequence {
            return certificate.has_key_id(self.id.value());
        }
        let named = (|| {
            let mut parts = Parts::of(self.id, Tag::Sequence).ok()?;
            let issuer = parts.next(Tag::Sequence).ok()?.to_der().ok()?;
            let serial = parts.next(Tag::Integer).ok()?.to_der().ok()?;
            parts.end().ok()?;
            Some(certificate.is_named(&issuer, &serial))
        })();
        named.unwrap_or(false)
    }

    fn check(&self, content: &[u8], own: &Certificate) -> Result<(), StampError> {
        let attributes = Attributes::read(self.attributes)?;
        let kind = attributes.one(CONTENT_TYPE)?;
        if kind.is_none_or(|kind| kind.decode_as().ok() != Some(TST_INFO)) {
            return Err(StampError::Broken("its signature is not over a time-stamp"));
        }
        let said = attributes.one(MESSAGE_DIGEST)?;
        let computed = digest::digest(self.digest, content);
        let same =
            |said: AnyRef<'_>| said.tag() == Tag::OctetString && said.value() == computed.as_ref();
        if !said.is_some_and(same) {
            return Err(StampError::Broken("its signature is over another time than it shows"));
        }
        attributes.name(own)?;
        // The signature is over the attributes as a set of their own (RFC 5652 §5.4).
        let signed = AnyRef::new(Tag::Set, self.attributes.value())?.to_der()?;
        self.verify(&signed, own)
    }

    fn verify(&self, signed: &[u8], own: &Certificate) -> Result<(), StampError> {
        let der = CertificateDer::from(own.der.as_slice());
        let certificate = EndEntityCert::try_from(&der)
            .map_err(|error| StampError::Malformed(format!("its certificate: {error}")))?;
        let fits = self.algorithms()?;
        let holds = |alg: &&&dyn SignatureVerificationAlgorithm| {
            certificate.verify_signature(**alg, signed, self.signature).is_ok()
        };
        match fits.iter().find(holds) {
            Some(_) => Ok(()),
            None => Err(StampError::Broken("its signature does not hold")),
        }
    }

    /// Those that the signer's algorithm may mean, whatever the key.
    fn algorithms(&self) -> Result<Vec<&'static dyn SignatureVerificationAlgorithm>, StampError> {
        let named = Parts::of(self.algorithm, Tag::Sequence)?.oid()?;
        if named == RSA {
            // PKCS #7 names the key here and leaves the digest to its own field.
            return Ok(vec![rsa(self.digest)]);
        }
        let bytes = self.algorithm.value();
        let digest = if named == RSA_PSS { None } else { Some(self.digest) };
        let fits: Vec<_> = ACCEPTED
            .iter()
            .filter(|(with, alg)| {
                digest.is_none_or(|digest| digest == *with)
                    && alg.signature_alg_id().as_ref() == bytes
            })
            .map(|(_, alg)| **alg)
            .collect();
        match fits.is_empty() {
            true => Err(StampError::Algorithm(format!("the signature {named}"))),
            false => Ok(fits),
        }
    }
}

/// What a signature over a stamp may be made with, and the digest that belongs to it.
static ACCEPTED: [(&Algorithm, &&dyn SignatureVerificationAlgorithm); 10] = [
    (&digest::SHA256, &algs::ECDSA_P256_SHA256),
    (&digest::SHA384, &algs::ECDSA_P256_SHA384),
    (&digest::SHA256, &algs::ECDSA_P384_SHA256),
    (&digest::SHA384, &algs::ECDSA_P384_SHA384),
    (&digest::SHA256, &algs::RSA_PKCS1_2048_8192_SHA256),
    (&digest::SHA384, &algs::RSA_PKCS1_2048_8192_SHA384),
    (&digest::SHA512, &algs::RSA_PKCS1_2048_8192_SHA512),
    (&digest::SHA256, &algs::RSA_PSS_2048_8192_SHA256_LEGACY_KEY),
    (&digest::SHA384, &algs::RSA_PSS_2048_8192_SHA384_LEGACY_KEY),
    (&digest::SHA512, &algs::RSA_PSS_2048_8192_SHA512_LEGACY_KEY),
];

fn rsa(digest: &'static Algorithm) -> &'static dyn SignatureVerificationAlgorithm {
    if *digest == digest::SHA256 {
        algs::RSA_PKCS1_2048_8192_SHA256
    } else if *digest == digest::SHA384 {
        algs::RSA_PKCS1_2048_8192_SHA384
    } else {
        algs::RSA_PKCS1_2048_8192_SHA512
    }
}

fn digest_algorithm(oid: ObjectIdentifier) -> Result<&'static Algorithm, StampError> {
    match oid {
        SHA256 => Ok(&digest::SHA256),
        SHA384 => Ok(&digest::SHA384),
        SHA512 => Ok(&digest::SHA512),
        other => Err(StampError::Algorithm(format!("the digest {other}"))),
    }
}

/// The signed attributes.
struct Attributes<'a>(Vec<(ObjectIdentifier, AnyRef<'a>)>);

impl<'a> Attributes<'a> {
    fn read(value: AnyRef<'a>) -> Result<Self, StampError> {
        let mut all = Vec::new();
        for attribute in Parts::of(value, context(0))?.rest() {
            let mut parts = Parts::of(attribute, Tag::Sequence)?;
            all.push((parts.oid()?, parts.next(Tag::Set)?));
            parts.end()?;
        }
        Ok(Self(all))
    }

    /// The one value of an attribute that may stand here once.
    fn one(&self, oid: ObjectIdentifier) -> Result<Option<AnyRef<'a>>, StampError> {
        let mut named = self.0.iter().filter(|(named, _)| *named == oid);
        let Some((_, values)) = named.next() else { return Ok(None) };
        if named.next().is_some() {
            return Err(StampError::Broken("a signed attribute stands in it twice"));
        }
        let mut values = Parts::of(*values, Tag::Set)?.rest();
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(Some(value)),
            _ => Err(StampError::Broken("a signed attribute has not one value")),
        }
    }

    /// The certificate must be the very one that is signed for, by every attribute that names it.
    fn name(&self, own: &Certificate) -> Result<(), StampError> {
        let old = self.one(SIGNING_CERTIFICATE)?;
        let new = self.one(SIGNING_CERTIFICATE_V2)?;
        if old.is_none() && new.is_none() {
            return Err(StampError::Broken("it does not say which certificate signed it"));
        }
        for (value, has_algorithm) in
            old.map(|v| (v, false)).into_iter().chain(new.map(|v| (v, true)))
        {
            if !names(value, has_algorithm, own)? {
                return Err(StampError::Broken("it names another certificate than the one in it"));
            }
        }
        Ok(())
    }
}

/// SigningCertificate (SHA-1) or SigningCertificateV2: does its first certificate have this digest?
fn names(value: AnyRef<'_>, has_algorithm: bool, own: &Certificate) -> Result<bool, StampError> {
    let list = Parts::of(value, Tag::Sequence)?.next(Tag::Sequence)?;
    let first = Parts::of(list, Tag::Sequence)?.next(Tag::Sequence)?;
    let mut parts = Parts::of(first, Tag::Sequence)?;
    let algorithm = match has_algorithm {
        // Not for its strength: the signature covers the attribute, and another certificate of the same
        // SHA-1 would have to be found for one that is given.
        false => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        true => match parts.optional(Tag::Sequence) {
            Some(said) => digest_algorithm(plain_algorithm(said)?)?,
            None => &digest::SHA256,
        },
    };
    Ok(parts.next(Tag::OctetString)?.value() == own.digest(algorithm))
}
