//! TimeStampResp, RFC 3161 §2.4.2, checked as far as it can be without knowing whom to trust.

use crate::cms::Signed;
use crate::moment::Moment;
use crate::parts::Parts;
use crate::told::Told;
use crate::{ANSWER_BYTES_MAX, Certificate, Roots, StampError};
use der::asn1::AnyRef;
use der::{Tag, Tagged as _};

/// PKIStatus: granted, and granted with modifications, which the checks below see.
const GRANTED: [u64; 2] = [0, 1];

/// An answer that was granted, whose signature holds under the certificate in it, which may sign time-stamps and
/// was valid at the moment that it names. Whether that certificate is anybody's is what [`Stamp::leads_to`] asks.
#[derive(Debug, Clone)]
pub struct Stamp {
    told: Told,
    signer: Certificate,
    others: Vec<Certificate>,
}

impl Stamp {
    /// Reads and checks an answer.
    ///
    /// # Errors
    /// It was refused, is malformed, or something in it does not hold.
    pub fn read(bytes: &[u8]) -> Result<Self, StampError> {
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err(StampError::Malformed("it is larger than any answer".to_owned()));
        }
        let mut answer = Parts::of_der(bytes, Tag::Sequence)?;
        granted(answer.next(Tag::Sequence)?)?;
        let signed = Signed::read(answer.next(Tag::Sequence)?)?;
        answer.end()?;
        let told = Told::read(&signed.content)?;
        signed.signer.may_stamp()?;
        if !signed.signer.was_valid(told.at.since_1970()) {
            return Err(StampError::Expired("its certificate"));
        }
        Ok(Self { told, signer: signed.signer, others: signed.others })
    }

    /// SHA-256 of what was stamped.
    #[must_use]
    pub fn imprint(&self) -> &[u8; 32] {
        &self.told.imprint
    }

    /// The number of the request that it answers.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.told.nonce.as_deref()
    }

    /// By when it existed.
    #[must_use]
    pub fn at(&self) -> &Moment {
        &self.told.at
    }

    /// How far that may be off, in microseconds, where the authority says so.
    #[must_use]
    pub fn accuracy_us(&self) -> Option<u64> {
        self.told.accuracy_us
    }

    /// The authority's own number of the stamp, in hexadecimal.
    #[must_use]
    pub fn serial(&self) -> String {
        self.told.serial.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Who says so, as the certificate names them: any text.
    #[must_use]
    pub fn name(&self) -> String {
        self.signer.name()
    }

    /// Does the certificate lead to a root that the reader brought, all valid at the moment of the stamp?
    /// `between` are certificates that nobody need believe.
    ///
    /// # Errors
    /// It leads to none of them ([`StampError::OtherRoot`]), or to one of them by a chain that does not hold.
    pub fn leads_to(&self, roots: &Roots, between: &[Certificate]) -> Result<(), StampError> {
        let between: Vec<&Certificate> = between.iter().chain(&self.others).collect();
        roots.reached_from(&self.signer, &between, self.told.at.since_1970())
    }
}

/// PKIStatusInfo.
fn granted(value: AnyRef<'_>) -> Result<(), StampError> {
    let mut parts = Parts::of(value, Tag::Sequence)?;
    let status = parts.number()?;
    if GRANTED.contains(&status) {
        return Ok(());
    }
    let said = parts.optional(Tag::Sequence).map(|said| Parts::of(said, Tag::Sequence));
    let texts = said.transpose()?.into_iter().flat_map(Parts::rest);
    let texts = texts.filter(|text| text.tag() == Tag::Utf8String);
    let text = texts.map(|text| String::from_utf8_lossy(text.value()).into_owned());
    Err(StampError::Refused { status, text: text.collect::<Vec<_>>().join(" ") })
}
