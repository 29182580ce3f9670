//! Asks the kernel which pages of a file it holds. A file of which it holds nothing can only be read
//! from the medium. `mincore(2)` has no safe wrapper, hence the only `unsafe` of this crate.
#![allow(unsafe_code)]

use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::os::fd::BorrowedFd;

/// Bytes mapped at a time, so that a huge clip needs neither a huge mapping nor a huge answer.
const WINDOW: u64 = 1 << 30;
/// The smallest page of any Linux; larger pages only need fewer of the bytes kept for the answer.
const PAGE: u64 = 4096;

/// How many pages of the first `size` bytes the page cache holds. The kernel counts every page as
/// held for a process that neither owns nor may write the file, so a wrong answer errs to "warm".
pub(crate) fn resident_pages(file: BorrowedFd<'_>, size: u64) -> Result<u64, Errno> {
    let mut held = 0;
    let mut start = 0;
    while start < size {
        let length = WINDOW.min(size - start);
        held += resident_in(file, start, length as usize)?;
        start += length;
    }
    Ok(held)
}

fn resident_in(file: BorrowedFd<'_>, start: u64, length: usize) -> Result<u64, Errno> {
    let mut pages = vec![0u8; length.div_ceil(PAGE as usize)];
    // SAFETY: a fresh mapping at an address of the kernel's choice. It is never read through, so it
    // cannot fault even if the file shrinks, and it is unmapped below.
    let at = unsafe {
        mmap(std::ptr::null_mut(), length, ProtFlags::READ, MapFlags::SHARED, file, start)
    }?;
    // SAFETY: `at..at + length` is the mapping made above; `pages` has one byte for every page.
    let answer = unsafe { libc::mincore(at, length, pages.as_mut_ptr()) };
    let errno = std::io::Error::last_os_error();
    // SAFETY: exactly the mapping made above, to which nothing points any more.
    unsafe { munmap(at, length) }?;
    if answer != 0 {
        return Err(errno.raw_os_error().map_or(Errno::IO, Errno::from_raw_os_error));
    }
    Ok(pages.iter().filter(|page| **page & 1 == 1).count() as u64)
}

/// Holds the pages of a file in memory, as any other process could; for tests.
#[cfg(test)]
pub(crate) fn pin(file: BorrowedFd<'_>, length: usize) -> impl Drop {
    struct Pinned(*mut std::ffi::c_void, usize);
    impl Drop for Pinned {
        fn drop(&mut self) {
            // SAFETY: exactly the mapping made below.
            unsafe { munmap(self.0, self.1) }.unwrap();
        }
    }
    let flags = MapFlags::SHARED | MapFlags::POPULATE;
    // SAFETY: a fresh mapping that is never read through.
    let at = unsafe { mmap(std::ptr::null_mut(), length, ProtFlags::READ, flags, file, 0) };
    Pinned(at.unwrap(), length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{Advice, fadvise};
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileExt;

    #[test]
    fn counts_what_is_held_beyond_the_first_window_too() {
        let file = tempfile::tempfile_in("/var/tmp").unwrap();
        let size = 2 * WINDOW + 10_000;
        file.set_len(size).unwrap();
        file.sync_all().unwrap();
        fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        assert_eq!(resident_pages(file.as_fd(), size), Ok(0));
        fadvise(&file, 0, None, Advice::Random).unwrap();
        let mut byte = [0];
        for at in [0, WINDOW + 1, size - 1] {
            file.read_exact_at(&mut byte, at).unwrap();
        }
        assert_eq!(resident_pages(file.as_fd(), size), Ok(3));
        assert_eq!(resident_pages(file.as_fd(), 0), Ok(0));
    }
}
