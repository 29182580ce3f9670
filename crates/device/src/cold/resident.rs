//! Asks the kernel which pages of a file it keeps in memory (mincore(2)). Unsafe only for that
//! question: the mapping is never read, it is only what `mincore` wants to be asked about.

use rustix::io::Errno;
use std::os::fd::{AsFd, AsRawFd};

/// Bytes asked about at once.
const WINDOW: u64 = 256 << 20;
const PAGE: usize = 4096;

/// `true` if the kernel holds no page of the first `size` bytes. Where the kernel will not tell (a file
/// that is not ours), it answers "all", which fails safe.
pub fn none_resident(file: &impl AsFd, size: u64) -> Result<bool, Errno> {
    let mut offset = 0;
    while offset < size {
        let length = WINDOW.min(size - offset);
        if any_resident(file, offset, length as usize)? {
            return Ok(false);
        }
        offset += length;
    }
    Ok(true)
}

/// `offset` is a multiple of [`WINDOW`], so it is a multiple of every page size.
#[allow(unsafe_code)]
fn any_resident(file: &impl AsFd, offset: u64, length: usize) -> Result<bool, Errno> {
    let mut pages = vec![0u8; length.div_ceil(PAGE)];
    let offset = offset.try_into().map_err(|_| Errno::OVERFLOW)?;
    // SAFETY: a fresh private read-only mapping that nothing else knows of; it is neither read nor
    // written, so a file that shrinks meanwhile cannot raise SIGBUS. `pages` has one byte for every page
    // of the mapping (pages are 4096 bytes or larger), and the mapping is removed before it is left.
    let answer = unsafe {
        let null = std::ptr::null_mut();
        let fd = file.as_fd().as_raw_fd();
        let map = libc::mmap(null, length, libc::PROT_READ, libc::MAP_PRIVATE, fd, offset);
        if map == libc::MAP_FAILED {
            return Err(last_error());
        }
        let answer = match libc::mincore(map, length, pages.as_mut_ptr()) {
            0 => Ok(()),
            _ => Err(last_error()),
        };
        libc::munmap(map, length);
        answer
    };
    answer.map(|()| pages.iter().any(|page| page & 1 == 1))
}

fn last_error() -> Errno {
    std::io::Error::last_os_error().raw_os_error().map_or(Errno::IO, Errno::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_just_written_is_resident_and_an_empty_one_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(none_resident(file.as_file(), 0).unwrap());
        std::fs::write(file.path(), vec![1; 10_000]).unwrap();
        assert!(!none_resident(file.as_file(), 10_000).unwrap());
    }
}
