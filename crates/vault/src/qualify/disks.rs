//! From a device number down to whole disks, as sysfs shows the layers between.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// More layers than anybody stacks; a circle in a broken sysfs ends here.
const LAYERS_MAX: usize = 16;

/// What lies below a device.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Below {
    pub disks: BTreeSet<String>,
    pub encrypted: Option<bool>,
}

/// On which block device a file lies.
pub(super) type Lies<'a> = &'a dyn Fn(&Path) -> Option<(u32, u32)>;

/// Follows partition → disk, mapping and array → members, loop device → the disk its file lies on. Where
/// that file cannot be found, nothing is known of the disks.
pub(super) fn below(sys: &Path, (major, minor): (u32, u32), lies: Lies<'_>) -> Below {
    let start = sys.join(format!("dev/block/{major}:{minor}"));
    let Ok(node) = start.canonicalize() else { return Below::default() };
    let mut walk =
        Walk { sys, lies, disks: BTreeSet::new(), crypt: false, opaque: false, lost: false };
    walk.visit(&node, 0);
    let encrypted = match (walk.crypt, walk.opaque) {
        (true, _) => Some(true),
        (false, true) => None,
        (false, false) => Some(false),
    };
    Below { disks: if walk.lost { BTreeSet::new() } else { walk.disks }, encrypted }
}

struct Walk<'a> {
    sys: &'a Path,
    lies: Lies<'a>,
    disks: BTreeSet<String>,
    crypt: bool,
    /// A layer was met that hides what is below.
    opaque: bool,
    /// The file of a loop device could not be found: its disk is unknown.
    lost: bool,
}

impl Walk<'_> {
    fn visit(&mut self, node: &Path, layer: usize) {
        let node = match node.parent() {
            Some(disk) if node.join("partition").exists() => disk,
            _ => node,
        };
        let Some(name) = node.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            return;
        };
        let uuid = std::fs::read_to_string(node.join("dm/uuid")).unwrap_or_default();
        self.crypt |= uuid.starts_with("CRYPT-");
        if node.join("loop").exists() && layer < LAYERS_MAX {
            return self.visit_file_of(node, layer);
        }
        let members = members(node);
        if members.is_empty() || layer >= LAYERS_MAX {
            self.opaque |= layer >= LAYERS_MAX;
            self.disks.insert(name);
            return;
        }
        for member in members {
            self.visit(&member, layer + 1);
        }
    }

    /// A disk in a file is no disk of its own: it goes with the one that the file lies on.
    fn visit_file_of(&mut self, node: &Path, layer: usize) {
        let file = std::fs::read(node.join("loop/backing_file")).ok();
        let path =
            file.map(|text| PathBuf::from(OsString::from_vec(text.trim_ascii_end().to_vec())));
        let number = path.and_then(|path| (self.lies)(&path));
        let below = number.and_then(|(major, minor)| {
            self.sys.join(format!("dev/block/{major}:{minor}")).canonicalize().ok()
        });
        match below {
            Some(below) => self.visit(&below, layer + 1),
            None => (self.lost, self.opaque) = (true, true),
        }
    }
}

fn members(node: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(node.join("slaves")) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.path().canonicalize().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};
    use std::os::unix::fs::symlink;

    /// A sysfs with: a disk of two partitions; dm-crypt on the second; an array of that and of another
    /// disk; a loop device whose file lies on that array, one in that, and one whose file is gone.
    fn sysfs() -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        let block = sys.path().join("devices");
        for dir in [
            "sda/sda1",
            "sda/sda2",
            "nvme0n1",
            "dm-0/dm",
            "dm-0/slaves",
            "md0/slaves",
            "loop3/loop",
            "loop4/loop",
            "loop5/loop",
        ] {
            create_dir_all(block.join(dir)).unwrap();
        }
        for partition in ["sda/sda1", "sda/sda2"] {
            write(block.join(partition).join("partition"), "1").unwrap();
        }
        write(block.join("dm-0/dm/uuid"), "CRYPT-LUKS2-00-home\n").unwrap();
        symlink(block.join("sda/sda2"), block.join("dm-0/slaves/sda2")).unwrap();
        symlink(block.join("dm-0"), block.join("md0/slaves/dm-0")).unwrap();
        symlink(block.join("nvme0n1"), block.join("md0/slaves/nvme0n1")).unwrap();
        for (device, file) in [("loop3", "/images/a b.img\n"), ("loop4", "/in-loop3/b.img\n")] {
            write(block.join(device).join("loop/backing_file"), file).unwrap();
        }
        write(block.join("loop5/loop/backing_file"), "/images/c.img (deleted)\n").unwrap();
        let numbers = sys.path().join("dev/block");
        create_dir_all(&numbers).unwrap();
        for (number, node) in [
            ("8:1", "sda/sda1"),
            ("9:0", "md0"),
            ("7:3", "loop3"),
            ("7:4", "loop4"),
            ("7:5", "loop5"),
            ("259:0", "nvme0n1"),
        ] {
            symlink(block.join(node), numbers.join(number)).unwrap();
        }
        sys
    }

    fn lies(file: &Path) -> Option<(u32, u32)> {
        match file.to_str()? {
            "/images/a b.img" => Some((9, 0)),
            "/in-loop3/b.img" => Some((7, 3)),
            _ => None,
        }
    }

    fn found(disks: &[&str], encrypted: Option<bool>) -> Below {
        Below { disks: disks.iter().map(|disk| (*disk).to_owned()).collect(), encrypted }
    }

    #[test]
    fn every_layer_leads_to_whole_disks() {
        let sys = sysfs();
        assert_eq!(below(sys.path(), (8, 1), &lies), found(&["sda"], Some(false)));
        assert_eq!(below(sys.path(), (259, 0), &lies), found(&["nvme0n1"], Some(false)));
        assert_eq!(below(sys.path(), (9, 0), &lies), found(&["nvme0n1", "sda"], Some(true)));
        assert_eq!(below(sys.path(), (7, 3), &lies), found(&["nvme0n1", "sda"], Some(true)));
        assert_eq!(below(sys.path(), (7, 4), &lies), found(&["nvme0n1", "sda"], Some(true)));
        assert_eq!(below(sys.path(), (7, 5), &lies), found(&[], None));
        assert_eq!(below(sys.path(), (0, 44), &lies), found(&[], None));
    }

    #[test]
    fn a_circle_ends() {
        let sys = sysfs();
        let block = sys.path().join("devices");
        symlink(block.join("md0"), block.join("dm-0/slaves/md0")).unwrap();
        assert_eq!(below(sys.path(), (9, 0), &lies).encrypted, Some(true));
    }
}
