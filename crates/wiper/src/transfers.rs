//! How much of a disk the kernel may ask for at once. Linux's driver for USB 3 hosts (xHCI) puts the pieces of
//! one transfer on a ring with links in it. Where a piece before a link is no whole packet of 1024 bytes, it
//! lets the device write to a buffer of its own and copies from there, and it remembers one such buffer for
//! each transfer (`xhci_queue_bulk_tx` in drivers/usb/host/xhci-ring.c: "assuming TD won't span 2 segs"). A
//! transfer of more pieces than lie between two links crosses both, the first buffer is forgotten, and 1024
//! bytes of what was read are zeros, without an error. FAT reads its table in pieces of one sector, so that is
//! what happens to it. `docs/design/usb.md`, "Short transfers".

use crate::error::{Kind, WiperError, WiperResult};
use crate::sysfs;
use std::path::Path;

/// Pieces between two links (`TRBS_PER_SEGMENT` less the link, drivers/usb/host/xhci.h).
const PIECES_BETWEEN_LINKS: u64 = 255;
/// The smallest piece: a sector.
const PIECE_BYTES: u64 = 512;
/// In KiB, as udev's rule sets it: the limit that Linux has for USB 2 disks.
pub const LIMIT_KIB: u64 = 120;
const _: () = assert!(LIMIT_KIB * 1024 / PIECE_BYTES < PIECES_BETWEEN_LINKS);

/// The disk of a volume is asked for little enough at once; `sys` is where sysfs is.
///
/// # Errors
/// It is not, or nobody knows: what is read from it could be wrong.
pub fn are_short(sys: &Path, node: &Path) -> WiperResult<()> {
    let name = node.file_name().unwrap_or_default();
    let device = sysfs::folder(&sys.join("class/block").join(name))?;
    // A partition has no queue of its own; it lies in the folder of its disk.
    let whole = device.parent().filter(|_| device.join("partition").exists());
    let limit = sysfs::number(&whole.unwrap_or(&device).join("queue"), "max_sectors_kb");
    if limit.is_some_and(|limit| limit <= LIMIT_KIB) {
        return Ok(());
    }
    let message = format!(
        "{} may be asked for {} at once and not for {LIMIT_KIB} KiB at most, so Linux could read wrong bytes over USB 3; \
         see that /usr/lib/udev/rules.d/70-sealdock.rules is in force, then plug the recorder in again",
        node.display(),
        limit.map_or("nobody knows how much".to_owned(), |limit| format!("{limit} KiB")),
    );
    Err(WiperError::new(Kind::Failed, message))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A disk with one partition.
    fn sys(limit: Option<&str>) -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        let disk = sys.path().join("devices/usb/block/sdb");
        std::fs::create_dir_all(disk.join("sdb1")).unwrap();
        std::fs::create_dir_all(disk.join("queue")).unwrap();
        std::fs::write(disk.join("sdb1/partition"), "1\n").unwrap();
        if let Some(limit) = limit {
            std::fs::write(disk.join("queue/max_sectors_kb"), limit).unwrap();
        }
        let class = sys.path().join("class/block");
        std::fs::create_dir_all(&class).unwrap();
        std::os::unix::fs::symlink(&disk, class.join("sdb")).unwrap();
        std::os::unix::fs::symlink(disk.join("sdb1"), class.join("sdb1")).unwrap();
        sys
    }

    #[test]
    fn a_disk_that_is_asked_for_too_much_at_once_or_nobody_knows_is_not_read() {
        for (short, limit) in [
            (true, Some("120\n")),
            (true, Some("32\n")),
            (false, Some("121\n")),
            (false, Some("1024\n")),
            (false, Some("")),
            (false, None),
        ] {
            let sys = sys(limit);
            for node in ["/dev/sdb", "/dev/sdb1"] {
                let answer = are_short(sys.path(), Path::new(node));
                assert_eq!(answer.is_ok(), short, "{node} {limit:?}: {answer:?}");
            }
        }
        assert!(are_short(sys(Some("120\n")).path(), Path::new("/dev/sdc")).is_err());
    }
}
