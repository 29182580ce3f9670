//! The answers of a recorder as values (PIMA 15740 §5, MTP 1.1 §5). Names are kept as they came: what is
//! no Unicode becomes bytes that are no UTF-8, so that two names never become one.

/// An answer that does not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonsense;

/// A folder, as the recorder calls it.
const ASSOCIATION: u16 = 0x3001;
/// Said for every size from here on; the real one is a property of the object.
const SIZE_TOO_BIG: u32 = u32::MAX;

type Read<T> = Result<T, Nonsense>;

/// Takes values from the front of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>().ok_or(Nonsense)?;
        self.0 = rest;
        Ok(*first)
    }

    pub fn u16(&mut self) -> Read<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Read<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Read<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// A counted string of UTF-16; what follows the first zero is padding.
    pub fn text(&mut self) -> Read<Vec<u8>> {
        let [count] = self.take()?;
        let (units, rest) = self.0.split_at_checked(usize::from(count) * 2).ok_or(Nonsense)?;
        self.0 = rest;
        let units = units.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        Ok(bytes(units.take_while(|unit| *unit != 0)))
    }

    pub fn u16s(&mut self) -> Read<Vec<u16>> {
        let bytes = self.counted(2)?;
        Ok(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
    }

    pub fn u32s(&mut self) -> Read<Vec<u32>> {
        let bytes = self.counted(4)?;
        Ok(bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    fn counted(&mut self, each: usize) -> Read<&'a [u8]> {
        let count = usize::try_from(self.u32()?).map_err(|_| Nonsense)?;
        let length = count.checked_mul(each).ok_or(Nonsense)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Nonsense)?;
        self.0 = rest;
        Ok(bytes)
    }
}

/// UTF-8; a surrogate without its other half in the three bytes that UTF-8 leaves unused for it.
fn bytes(units: impl Iterator<Item = u16>) -> Vec<u8> {
    let mut out = Vec::new();
    for read in char::decode_utf16(units) {
        match read {
            Ok(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(alone) => {
                let unit = alone.unpaired_surrogate();
                let low = |bits: u16| 0x80 | (bits & 0x3f) as u8;
                out.extend_from_slice(&[0xed, low(unit >> 6), low(unit)]);
            }
        }
    }
    out
}

/// The longest text as it goes out, with its closing zero.
pub fn packed(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().take(254).chain([0]).collect();
    let count = u8::try_from(units.len()).unwrap_or(u8::MAX);
    let units = units.into_iter().flat_map(u16::to_le_bytes);
    std::iter::once(count).chain(units).collect()
}

/// What the recorder says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    pub operations: Vec<u16>,
    pub properties: Vec<u16>,
    pub manufacturer: Vec<u8>,
    pub model: Vec<u8>,
    pub serial: Vec<u8>,
}

impl About {
    pub fn parse(bytes: &[u8]) -> Read<About> {
        let mut reader = Reader(bytes);
        let (_standard, _vendor, _version) = (reader.u16()?, reader.u32()?, reader.u16()?);
        reader.text()?;
        reader.u16()?;
        let operations = reader.u16s()?;
        reader.u16s()?;
        let properties = reader.u16s()?;
        reader.u16s()?;
        reader.u16s()?;
        let (manufacturer, model) = (reader.text()?, reader.text()?);
        reader.text()?;
        Ok(About { operations, properties, manufacturer, model, serial: reader.text()? })
    }
}

/// One store of a recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Neither written to nor deleted from.
    pub is_read_only: bool,
    /// Bytes.
    pub capacity: u64,
    pub description: Vec<u8>,
}

impl Store {
    pub fn parse(bytes: &[u8]) -> Read<Store> {
        /// Read-only without deletion.
        const READ_ONLY: u16 = 1;
        let mut reader = Reader(bytes);
        let (_kind, _file_system) = (reader.u16()?, reader.u16()?);
        let is_read_only = reader.u16()? == READ_ONLY;
        let capacity = reader.u64()?;
        let (_free, _free_objects) = (reader.u64()?, reader.u32()?);
        Ok(Store { is_read_only, capacity, description: reader.text()? })
    }
}

/// What a recorder says of one object. Two that are equal are taken for the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    pub store: u32,
    pub format: u16,
    /// Not 0: the recorder refuses to delete it.
    pub protection: u16,
    /// Bytes; not yet known where [`Info::is_too_big`].
    pub size: u64,
    pub parent: u32,
    /// Not 0 for folders, whatever their format is.
    pub association: u16,
    pub name: Vec<u8>,
    pub created: Vec<u8>,
    pub modified: Vec<u8>,
}

impl Info {
    pub fn parse(bytes: &[u8]) -> Read<Info> {
        let mut reader = Reader(bytes);
        let store = reader.u32()?;
        let (format, protection) = (reader.u16()?, reader.u16()?);
        let size = u64::from(reader.u32()?);
        // Six facts about pictures.
        reader.u16()?;
        for _ in 0..6 {
            reader.u32()?;
        }
        let (parent, association) = (reader.u32()?, reader.u16()?);
        let (_description, _sequence) = (reader.u32()?, reader.u32()?);
        let (name, created, modified) = (reader.text()?, reader.text()?, reader.text()?);
        Ok(Info { store, format, protection, size, parent, association, name, created, modified })
    }

    pub fn is_folder(&self) -> bool {
        self.format == ASSOCIATION
    }

    /// Larger than the answer can say: 4 GiB or more.
    pub fn is_too_big(&self) -> bool {
        self.size == u64::from(SIZE_TOO_BIG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(units: &[u16]) -> Vec<u8> {
        let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
        std::iter::once(units.len() as u8).chain(bytes).collect()
    }

    #[test]
    fn names_are_kept_as_they_came() {
        let read = |units: &[u16]| Reader(&text(units)).text().unwrap();
        assert_eq!(read(&[0x8b66, 0x61, 0]), "警a".as_bytes());
        assert_eq!(read(&[0x61, 0, 0x62]), b"a");
        assert_eq!(read(&[0xd83d, 0xde00, 0]), "😀".as_bytes());
        let alone: Vec<Vec<u8>> = [0xd83d, 0xd83e, 0xdc00].map(|unit| read(&[unit, 0])).to_vec();
        assert!(alone.iter().all(|name| std::str::from_utf8(name).is_err()), "{alone:?}");
        assert_eq!(alone.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
        assert_eq!(Reader(&packed("20261128T101112")).text().unwrap(), b"20261128T101112");
    }

    proptest::proptest! {
        #[test]
        fn no_answer_breaks_the_reader(bytes: Vec<u8>) {
            let _ = About::parse(&bytes);
            let _ = Store::parse(&bytes);
            let _ = Info::parse(&bytes);
            let _ = Reader(&bytes).u32s();
        }

        #[test]
        fn different_names_stay_different(a: Vec<u16>, b: Vec<u16>) {
            let clean = |units: Vec<u16>| -> Vec<u16> { units.into_iter().filter(|u| *u != 0).collect() };
            let (a, b) = (clean(a), clean(b));
            proptest::prop_assert_eq!(a == b, bytes(a.into_iter()) == bytes(b.into_iter()));
        }
    }
}
