//! Large blocks go to the disk past the page cache, small and crooked ones through it; the bytes come out
//! the same, and a file system that takes the flag and refuses the deed still takes the copy.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use common::{bytes, dir, options, read_all, with};
use sealdock_core::block::Block;
use sealdock_core::ports::{Incoming, Kind, Vault};
use sealdock_vault::{DiskVault, Errno, Faults, Outcome, Step};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const MIB: usize = 1 << 20;
/// `O_DIRECT` on x86-64 and on ARM64, which number it differently; octal, as fdinfo writes it.
const O_DIRECT: [u32; 2] = [0o40000, 0o200_000];

/// Writes `parts` of `content`, each in a block of its own.
fn write(copy: &mut dyn Incoming, content: &[u8], parts: &[usize]) -> Result<(), Kind> {
    let mut rest = content;
    for part in parts {
        let (now, later) = rest.split_at(*part);
        let mut block = Block::new(*part);
        block.room()[..*part].copy_from_slice(now);
        block.set_filled(*part);
        copy.write(&mut block).map_err(|e| e.kind)?;
        rest = later;
    }
    assert!(rest.is_empty());
    Ok(())
}

/// Is the copy below `vault` that is being written set to direct I/O? Asked of the kernel.
fn is_direct(vault: &Path) -> bool {
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let copies = open.filter(|fd| {
        std::fs::read_link(fd.path()).is_ok_and(|file| {
            file.starts_with(vault.join("incoming")) && file != vault.join("incoming")
        })
    });
    let mut flags = copies.map(|fd| {
        let info = Path::new("/proc/self/fdinfo").join(fd.file_name());
        let text = std::fs::read_to_string(info).unwrap();
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
        u32::from_str_radix(flags, 8).unwrap()
    });
    let flags = flags.next().unwrap();
    let wanted = if cfg!(target_arch = "aarch64") { O_DIRECT[1] } else { O_DIRECT[0] };
    flags & wanted != 0
}

#[test]
fn large_blocks_go_past_the_cache_and_all_bytes_arrive() {
    let dir = dir();
    let at = dir.path().canonicalize().unwrap().join("vault");
    let vault = DiskVault::create_with(&at, options()).unwrap();
    for parts in [
        vec![MIB / 4, 2 * MIB, 2 * MIB, 12_345],
        vec![2 * MIB, MIB + 4096],
        // After a crooked part everything is crooked.
        vec![5, 2 * MIB, MIB],
        vec![2 * MIB, 7, 2 * MIB],
        vec![MIB + 1],
    ] {
        let content = bytes(3, parts.iter().sum());
        let mut copy = vault.begin(content.len() as u64).unwrap();
        write(&mut *copy, &content, &parts).unwrap();
        copy.seal().unwrap();
        assert!(read_all(&mut *copy.read_back().unwrap()).unwrap() == content, "{parts:?}");
        copy.discard().unwrap();
    }
    let content = bytes(4, 4 * MIB);
    for (parts, direct) in
        [(vec![MIB / 4, 2 * MIB], true), (vec![2 * MIB, MIB / 4], false), (vec![1, 2 * MIB], false)]
    {
        let content = &content[..parts.iter().sum()];
        let mut copy = vault.begin(content.len() as u64).unwrap();
        write(&mut *copy, content, &parts).unwrap();
        assert_eq!(is_direct(&at), direct, "{parts:?}");
        copy.discard().unwrap();
    }
}

/// Every `nth` write from the first answers `errno` and does nothing.
fn refusing(nth: usize, errno: Errno) -> Faults {
    let seen = AtomicUsize::new(0);
    Faults::scripted(move |step| match step {
        Step::Write if seen.fetch_add(1, Ordering::SeqCst) == nth => Outcome::Lost(errno),
        _ => Outcome::Happens,
    })
}

#[test]
fn a_file_system_that_refuses_direct_writes_gets_them_through_the_cache() {
    let dir = dir();
    let at = dir.path().canonicalize().unwrap().join("vault");
    let content = bytes(5, 4 * MIB);
    drop(DiskVault::create_with(&at, options()).unwrap());
    let vault = DiskVault::open_with(&at, with(refusing(0, Errno::INVAL))).unwrap();
    let mut copy = vault.begin(content.len() as u64).unwrap();
    write(&mut *copy, &content, &[2 * MIB, 2 * MIB]).unwrap();
    assert!(!is_direct(&at), "asked once and not again");
    copy.seal().unwrap();
    assert!(read_all(&mut *copy.read_back().unwrap()).unwrap() == content);
}

#[test]
fn a_crooked_block_is_not_even_tried_past_the_cache() {
    let dir = dir();
    let at = dir.path().canonicalize().unwrap().join("vault");
    drop(DiskVault::create_with(&at, options()).unwrap());
    let writes = std::sync::Arc::new(AtomicUsize::new(0));
    let seen = writes.clone();
    let counting = Faults::scripted(move |step| {
        seen.fetch_add(usize::from(step == Step::Write), Ordering::SeqCst);
        Outcome::Happens
    });
    let vault = DiskVault::open_with(&at, with(counting)).unwrap();
    let content = bytes(7, 2 * MIB + 1);
    let mut copy = vault.begin(content.len() as u64).unwrap();
    write(&mut *copy, &content, &[1, 2 * MIB]).unwrap();
    assert_eq!(writes.load(Ordering::SeqCst), 2, "one for each block, none refused");
    copy.discard().unwrap();
}

#[test]
fn a_direct_write_that_fails_kills_the_copy_like_any_other() {
    let dir = dir();
    let at = dir.path().canonicalize().unwrap().join("vault");
    drop(DiskVault::create_with(&at, options()).unwrap());
    for (errno, kind) in [(Errno::IO, Kind::Failed), (Errno::NOSPC, Kind::NoSpace)] {
        let vault = DiskVault::open_with(&at, with(refusing(1, errno))).unwrap();
        let content = bytes(6, 4 * MIB);
        let mut copy = vault.begin(content.len() as u64).unwrap();
        assert_eq!(write(&mut *copy, &content, &[2 * MIB, 2 * MIB]), Err(kind));
        let again = copy.seal().unwrap_err();
        assert!(again.message.contains("copy the file again"), "{again}");
        copy.discard().unwrap();
    }
    // A crooked block that is refused so has no other way.
    let vault = DiskVault::open_with(&at, with(refusing(0, Errno::INVAL))).unwrap();
    let mut copy = vault.begin(5).unwrap();
    assert!(write(&mut *copy, b"crook", &[5]).is_err());
    copy.discard().unwrap();
}
