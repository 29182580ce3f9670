//! Reading from a clip at given places, with a budget: a file that sends its reader in circles
//! runs out of budget, not the machine out of time.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that may be read of one clip in all. A `moov` of the largest size taken, read twice.
const READ_BUDGET: u64 = 128 << 20;

/// A clip that is read here and there.
pub(crate) struct Clip<R> {
    source: R,
    len: u64,
    budget: u64,
}

impl<R: Read + Seek> Clip<R> {
    pub(crate) fn open(mut source: R) -> io::Result<Self> {
        let len = source.seek(SeekFrom::End(0))?;
        Ok(Self { source, len, budget: READ_BUDGET })
    }

    /// Length of the clip in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Up to `wanted` bytes from `offset`; fewer at the end of the clip or of the budget.
    /// Memory grows with what is really there, never with what a header claims.
    pub(crate) fn bytes_at(&mut self, offset: u64, wanted: u64) -> io::Result<Vec<u8>> {
        let there = self.len.saturating_sub(offset).min(wanted).min(self.budget);
        let mut bytes = Vec::new();
        if there > 0 {
            self.source.seek(SeekFrom::Start(offset))?;
            self.source.by_ref().take(there).read_to_end(&mut bytes)?;
            self.budget -= there;
        }
        Ok(bytes)
    }
}

/// Big-endian number of the `N`-byte field at `offset`, if it is there.
pub(crate) fn be<const N: usize>(bytes: &[u8], offset: usize) -> Option<u64> {
    let field = bytes.get(offset..offset.checked_add(N)?)?;
    Some(field.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

/// Little-endian number of the `N`-byte field at `offset`, if it is there.
pub(crate) fn le<const N: usize>(bytes: &[u8], offset: usize) -> Option<u64> {
    let field = bytes.get(offset..offset.checked_add(N)?)?;
    Some(field.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn reads_stop_at_the_end_and_at_the_budget() {
        let mut clip = Clip::open(Cursor::new(b"0123456789".to_vec())).unwrap();
        assert_eq!(clip.bytes_at(8, u64::MAX).unwrap(), b"89");
        assert_eq!(clip.bytes_at(u64::MAX, 4).unwrap(), b"");
        clip.budget = 3;
        assert_eq!(clip.bytes_at(0, 10).unwrap(), b"012");
        assert_eq!(clip.bytes_at(0, 10).unwrap(), b"");
    }

    #[test]
    fn fields_outside_are_none() {
        assert_eq!(be::<2>(&[1, 2], 0), Some(0x0102));
        assert_eq!(le::<2>(&[1, 2], 0), Some(0x0201));
        assert_eq!(be::<4>(&[1, 2], 0), None);
        assert_eq!(le::<4>(&[1, 2], usize::MAX), None);
    }
}
