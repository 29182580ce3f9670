//! One entry of the record: a flat canonical JSON object that names the leaf
//! hash of the entry before it, so that the record is a chain even to a reader
//! who has nothing but `sha256sum` and `jq`.

use serde_json::{Map, Value};

use crate::canon::{CanonError, INTEGER_MAX, parse_canonical, write_decimal, write_value};
use crate::digest::Digest;

/// The longest entry in bytes: its length must fit the u16 of an entry bundle.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// The version this format writes and reads.
pub const ENTRY_VERSION: u64 = 1;

/// One entry of the record.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Position in the record, from 0.
    pub seq: u64,
    /// Leaf hash of entry `seq - 1`; [`Digest::ZERO`] for entry 0.
    pub prev: Digest,
    /// When the station wrote it: its clocks, opaque to this crate.
    pub at: Value,
    /// Who caused it, opaque to this crate.
    pub actor: Value,
    /// What happened, opaque to this crate.
    pub event: Value,
}

/// Why bytes are not an entry, or an entry cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The entry is not canonical JSON.
    #[error("the entry is refused: {0}")]
    Canon(#[from] CanonError),
    /// The entry is longer than [`ENTRY_BYTES_MAX`].
    #[error("the entry has {0} bytes, at most {ENTRY_BYTES_MAX} fit; split the event")]
    TooLong(usize),
    /// The JSON is not an object.
    #[error("the entry is not a JSON object; restore it from an intact copy")]
    NotAnObject,
    /// A key is missing.
    #[error("the entry has no {0:?}; restore it from an intact copy")]
    Missing(&'static str),
    /// There is a key that does not belong there.
    #[error("the entry has the unknown key {0:?}; read it with the release that wrote it")]
    UnknownKey(String),
    /// `v` is not a version this release reads.
    #[error("the entry has version {0}, this release reads {ENTRY_VERSION}; use a later release")]
    Version(String),
    /// `seq` is not a non-negative integer within 2^53 - 1.
    #[error(
        "the entry's seq is not a whole number from 0 to 2^53-1; restore it from an intact copy"
    )]
    Seq,
    /// `prev` is not a digest.
    #[error("the entry's prev is not 64 lowercase hex digits; restore it from an intact copy")]
    Prev,
    /// Entry 0 has a predecessor, or a later one has none.
    #[error("the prev of entry {0} does not fit: zeros belong to entry 0 and to no other")]
    PrevOfSeq(u64),
}

impl Entry {
    /// The canonical bytes of the entry, without a trailing newline.
    ///
    /// # Errors
    /// Content outside the canonical format, more than 65,535 bytes, or a zero
    /// `prev` anywhere but on entry 0.
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        self.check_link()?;
        if self.seq > INTEGER_MAX {
            return Err(EntryError::Seq);
        }
        // The six keys are in canonical order: actor, at, event, prev, seq, v.
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(b"{\"actor\":");
        write_value(&mut out, &self.actor, 1)?;
        out.extend_from_slice(b",\"at\":");
        write_value(&mut out, &self.at, 1)?;
        out.extend_from_slice(b",\"event\":");
        write_value(&mut out, &self.event, 1)?;
        out.extend_from_slice(b",\"prev\":\"");
        out.extend_from_slice(hex::encode(self.prev.0).as_bytes());
        out.extend_from_slice(b"\",\"seq\":");
        write_decimal(&mut out, self.seq);
        out.extend_from_slice(b",\"v\":");
        write_decimal(&mut out, ENTRY_VERSION);
        out.push(b'}');
        if out.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong(out.len()));
        }
        Ok(out)
    }

    /// Reads the exact bytes of an entry.
    ///
    /// # Errors
    /// Anything [`Entry::encode`] would not have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong(bytes.len()));
        }
        let Value::Object(mut members) = parse_canonical(bytes)? else {
            return Err(EntryError::NotAnObject);
        };
        let version = take(&mut members, "v")?;
        if version.as_u64() != Some(ENTRY_VERSION) {
            return Err(EntryError::Version(version.to_string()));
        }
        let prev = take(&mut members, "prev")?;
        let prev = prev.as_str().and_then(|hex| hex.parse().ok()).ok_or(EntryError::Prev)?;
        let entry = Self {
            seq: take(&mut members, "seq")?.as_u64().ok_or(EntryError::Seq)?,
            prev,
            at: take(&mut members, "at")?,
            actor: take(&mut members, "actor")?,
            event: take(&mut members, "event")?,
        };
        if let Some(key) = members.keys().next() {
            return Err(EntryError::UnknownKey(key.clone()));
        }
        entry.check_link()?;
        Ok(entry)
    }

    fn check_link(&self) -> Result<(), EntryError> {
        if (self.seq == 0) == (self.prev == Digest::ZERO) {
            Ok(())
        } else {
            Err(EntryError::PrevOfSeq(self.seq))
        }
    }
}

fn take(members: &mut Map<String, Value>, key: &'static str) -> Result<Value, EntryError> {
    members.remove(key).ok_or(EntryError::Missing(key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::canon::to_canonical;

    fn sample() -> Entry {
        Entry {
            seq: 1,
            prev: Digest::of(b"entry 0"),
            at: json!({"wall": "2026-03-01T08:00:00Z", "mono": 12}),
            actor: json!("station"),
            event: json!({"type": "dock", "slot": 3}),
        }
    }

    fn object() -> Value {
        serde_json::from_slice(&sample().encode().unwrap()).unwrap()
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let bytes = sample().encode().unwrap();
        assert_eq!(Entry::decode(&bytes).unwrap(), sample());
        assert_eq!(to_canonical(&object()).unwrap(), bytes);
        assert!(bytes.starts_with(b"{\"actor\":\"station\",\"at\":{\"mono\":12,"));
        assert!(bytes.ends_with(b",\"seq\":1,\"v\":1}"));
    }

    #[test]
    fn other_keys_versions_and_links_are_refused() {
        let cases: [(&str, Option<Value>, EntryError); 8] = [
            ("v", Some(json!(2)), EntryError::Version("2".into())),
            ("v", Some(json!("1")), EntryError::Version("\"1\"".into())),
            ("v", None, EntryError::Missing("v")),
            ("actor", None, EntryError::Missing("actor")),
            ("extra", Some(json!(null)), EntryError::UnknownKey("extra".into())),
            ("seq", Some(json!(-1)), EntryError::Seq),
            ("seq", Some(json!(0)), EntryError::PrevOfSeq(0)),
            ("prev", Some(json!("00")), EntryError::Prev),
        ];
        for (key, value, expected) in cases {
            let mut object = object();
            let members = object.as_object_mut().unwrap();
            match value {
                Some(value) => drop(members.insert(key.into(), value)),
                None => drop(members.remove(key)),
            }
            let bytes = to_canonical(&object).unwrap();
            assert_eq!(Entry::decode(&bytes), Err(expected), "{key}");
        }
        assert_eq!(Entry::decode(b"[]"), Err(EntryError::NotAnObject));
    }

    #[test]
    fn the_first_entry_and_only_it_has_no_predecessor() {
        let first = Entry { seq: 0, prev: Digest::ZERO, ..sample() };
        assert_eq!(Entry::decode(&first.encode().unwrap()).unwrap(), first);
        let orphan = Entry { prev: Digest::ZERO, ..sample() };
        assert_eq!(orphan.encode(), Err(EntryError::PrevOfSeq(1)));
        let heir = Entry { seq: 0, ..sample() };
        assert_eq!(heir.encode(), Err(EntryError::PrevOfSeq(0)));
    }

    #[test]
    fn spelling_counts() {
        let bytes = sample().encode().unwrap();
        let mut newline = bytes.clone();
        newline.push(b'\n');
        let spaced = [b" ", bytes.as_slice()].concat();
        for wrong in [&newline, &spaced] {
            assert!(matches!(
                Entry::decode(wrong),
                Err(EntryError::Canon(CanonError::NotCanonical(_)))
            ));
        }
    }

    #[test]
    fn an_entry_fits_the_bundle_or_is_refused() {
        let empty = Entry { event: json!(""), ..sample() }.encode().unwrap().len();
        let room = ENTRY_BYTES_MAX - empty;
        let full = Entry { event: json!("x".repeat(room)), ..sample() };
        let bytes = full.encode().unwrap();
        assert_eq!(bytes.len(), ENTRY_BYTES_MAX);
        assert_eq!(Entry::decode(&bytes).unwrap(), full);
        let over = Entry { event: json!("x".repeat(room + 1)), ..sample() };
        assert_eq!(over.encode(), Err(EntryError::TooLong(65_536)));
        assert_eq!(Entry::decode(&[b' '; 65_536]), Err(EntryError::TooLong(65_536)));
    }

    #[test]
    fn nesting_counts_from_the_entry_itself() {
        let nest = |levels: usize| (0..levels).fold(json!(0), |inner, _| json!([inner]));
        let deepest = Entry { event: nest(31), ..sample() };
        let bytes = deepest.encode().unwrap();
        assert_eq!(Entry::decode(&bytes).unwrap(), deepest);
        let deeper = Entry { event: nest(32), ..sample() };
        assert_eq!(deeper.encode(), Err(EntryError::Canon(CanonError::Depth)));
    }
}
