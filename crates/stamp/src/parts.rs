//! Values of ASN.1 in DER, one after the other. RFC 3161 and CMS leave so much optional that reading field by field
//! is plainer than types for all of it.

use crate::StampError;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use std::iter::Peekable;
use std::vec::IntoIter;

/// `[number]` around other values.
pub const fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// The values of a sequence or set, which are taken in order.
pub struct Parts<'a> {
    values: Peekable<IntoIter<AnyRef<'a>>>,
}

impl<'a> Parts<'a> {
    /// The parts of one value that fills `bytes` and has this tag.
    pub fn of_der(bytes: &'a [u8], tag: Tag) -> Result<Self, StampError> {
        Self::of(AnyRef::from_der(bytes)?, tag)
    }

    /// The parts of a value with this tag.
    pub fn of(value: AnyRef<'a>, tag: Tag) -> Result<Self, StampError> {
        expect(value, tag)?;
        Ok(Self { values: all(value.value())?.into_iter().peekable() })
    }

    /// The next value, which must have this tag.
    pub fn next(&mut self, tag: Tag) -> Result<AnyRef<'a>, StampError> {
        let ended = || StampError::Malformed("a part is missing".to_owned());
        expect(self.values.next().ok_or_else(ended)?, tag)
    }

    /// The next value, if it has this tag.
    pub fn optional(&mut self, tag: Tag) -> Option<AnyRef<'a>> {
        self.values.next_if(|value| der::Tagged::tag(value) == tag)
    }

    /// An object identifier.
    pub fn oid(&mut self) -> Result<ObjectIdentifier, StampError> {
        Ok(self.next(Tag::ObjectIdentifier)?.decode_as()?)
    }

    /// A small number that is not negative.
    pub fn number(&mut self) -> Result<u64, StampError> {
        Ok(self.next(Tag::Integer)?.decode_as()?)
    }

    /// All that is left.
    pub fn rest(self) -> impl Iterator<Item = AnyRef<'a>> {
        self.values
    }

    /// Nothing may be left.
    pub fn end(mut self) -> Result<(), StampError> {
        match self.values.next() {
            None => Ok(()),
            Some(_) => Err(StampError::Malformed("it has more parts than it may".to_owned())),
        }
    }
}

fn expect(value: AnyRef<'_>, tag: Tag) -> Result<AnyRef<'_>, StampError> {
    let found = der::Tagged::tag(&value);
    match found == tag {
        true => Ok(value),
        false => Err(StampError::Malformed(format!("it has {found} where {tag} belongs"))),
    }
}

fn all(bytes: &[u8]) -> Result<Vec<AnyRef<'_>>, StampError> {
    let mut reader = SliceReader::new(bytes)?;
    let mut values = Vec::new();
    while !reader.is_finished() {
        values.push(AnyRef::decode(&mut reader)?);
    }
    Ok(values)
}

/// The object identifier of an AlgorithmIdentifier; its parameters are absent or NULL.
pub fn plain_algorithm(value: AnyRef<'_>) -> Result<ObjectIdentifier, StampError> {
    let mut parts = Parts::of(value, Tag::Sequence)?;
    let oid = parts.oid()?;
    if parts.optional(Tag::Null).is_some_and(|null| !null.is_null()) {
        return Err(StampError::Malformed("a NULL that is not empty".to_owned()));
    }
    parts.end()?;
    Ok(oid)
}
