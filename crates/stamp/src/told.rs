//! TSTInfo, RFC 3161 §2.4.2: what the time-stamping authority signs.

use crate::StampError;
use crate::moment::Moment;
use crate::parts::{Parts, context, plain_algorithm};
use der::Tag;
use der::asn1::{AnyRef, ObjectIdentifier};

pub const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// What is signed.
#[derive(Debug, Clone)]
pub struct Told {
    pub imprint: [u8; 32],
    pub at: Moment,
    /// How far the time may be off, in microseconds, where the authority says so.
    pub accuracy_us: Option<u64>,
    /// The number of the request, as its bytes.
    pub nonce: Option<Vec<u8>>,
    pub serial: Vec<u8>,
}

impl Told {
    pub fn read(bytes: &[u8]) -> Result<Self, StampError> {
        let mut parts = Parts::of_der(bytes, Tag::Sequence)?;
        if parts.number()? != 1 {
            return Err(StampError::Malformed("it is of another version".to_owned()));
        }
        let _policy = parts.oid()?;
        let imprint = imprint(parts.next(Tag::Sequence)?)?;
        let serial = parts.next(Tag::Integer)?.value().to_vec();
        let time = parts.next(Tag::GeneralizedTime)?;
        let at = Moment::parse(std::str::from_utf8(time.value()).unwrap_or_default())?;
        let accuracy_us = parts.optional(Tag::Sequence).map(accuracy_us).transpose()?;
        let _ordering = parts.optional(Tag::Boolean);
        let nonce = parts.optional(Tag::Integer).map(|nonce| nonce.value().to_vec());
        // The name that counts is the certificate's.
        let _tsa = parts.optional(context(0));
        if let Some(extensions) = parts.optional(context(1)) {
            refuse_critical(extensions)?;
        }
        parts.end()?;
        Ok(Self { imprint, at, accuracy_us, nonce, serial })
    }
}

fn imprint(value: AnyRef<'_>) -> Result<[u8; 32], StampError> {
    let mut parts = Parts::of(value, Tag::Sequence)?;
    let algorithm = plain_algorithm(parts.next(Tag::Sequence)?)?;
    if algorithm != SHA256 {
        return Err(StampError::Algorithm(format!("an imprint by {algorithm}")));
    }
    let digest = parts.next(Tag::OctetString)?.value();
    parts.end()?;
    digest.try_into().map_err(|_| StampError::Malformed("its imprint has not 32 bytes".to_owned()))
}

/// Accuracy: seconds, `[0]` milliseconds, `[1]` microseconds, each optional.
fn accuracy_us(value: AnyRef<'_>) -> Result<u64, StampError> {
    let mut parts = Parts::of(value, Tag::Sequence)?;
    let mut sum = 0u64;
    let units = [(Tag::Integer, 1_000_000), (small(0), 1_000), (small(1), 1)];
    for (tag, factor) in units {
        if let Some(value) = parts.optional(tag) {
            let number: u64 = AnyRef::new(Tag::Integer, value.value())?.decode_as()?;
            sum =
                number.checked_mul(factor).and_then(|us| sum.checked_add(us)).ok_or_else(|| {
                    StampError::Malformed("its accuracy is beyond all measure".to_owned())
                })?;
        }
    }
    parts.end()?;
    Ok(sum)
}

/// `[number]` in place of a primitive tag.
fn small(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: der::TagNumber(number) }
}

/// An extension that nobody here knows and that must not be overlooked ends the reading.
fn refuse_critical(extensions: AnyRef<'_>) -> Result<(), StampError> {
    for extension in Parts::of(extensions, context(1))?.rest() {
        let mut parts = Parts::of(extension, Tag::Sequence)?;
        let oid = parts.oid()?;
        // DER leaves out what is FALSE, so a boolean here says that it is critical.
        if parts.optional(Tag::Boolean).is_some() {
            return Err(StampError::Algorithm(format!("the critical extension {oid}")));
        }
    }
    Ok(())
}
