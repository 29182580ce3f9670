//! Mount options by file system, for the reading everybody sees and for the seconds of a wipe. Names must
//! come out the same in both, because an intent names a file by its bytes.

/// One option of a file system, with its value where it has one.
pub type Setting = (&'static str, Option<String>);

/// The kernel's name of a file system that may be mounted; nothing else ever is.
pub fn kernel_type(id_fs_type: &str) -> Option<&'static str> {
    match id_fs_type {
        "vfat" => Some("vfat"),
        "exfat" => Some("exfat"),
        "ext4" => Some("ext4"),
        "ntfs" | "ntfs3" => Some("ntfs3"),
        _ => None,
    }
}

/// Options of the mount that everybody sees. `owner` is the daemon's user.
pub fn shown(kernel_type: &str, (uid, gid): (u32, u32)) -> String {
    let mut words: Vec<String> =
        ["ro", "nodev", "nosuid", "noexec", "nosymfollow", "noatime"].map(str::to_owned).into();
    if kernel_type == "ext4" {
        words.push("noload".to_owned());
    } else {
        words.push(format!("uid={uid},gid={gid},fmask=0377,dmask=0277"));
    }
    words.extend(names(kernel_type).into_iter().map(|(key, value)| joined(key, value)));
    words.join(",")
}

/// Options of the detached read-write mount, which only this process ever sees.
pub fn writable(kernel_type: &str) -> Vec<Setting> {
    let mut settings = names(kernel_type);
    if kernel_type == "ext4" {
        settings.push(("errors", Some("remount-ro".to_owned())));
    } else {
        let owned = [("uid", "0"), ("gid", "0"), ("fmask", "0177"), ("dmask", "0077")];
        settings.extend(owned.map(|(key, value)| (key, Some(value.to_owned()))));
    }
    settings
}

/// What decides how names and times are read.
fn names(kernel_type: &str) -> Vec<Setting> {
    let value = |text: &str| Some(text.to_owned());
    match kernel_type {
        "vfat" => vec![("tz", value("UTC")), ("utf8", value("1"))],
        "exfat" | "ntfs3" => vec![("iocharset", value("utf8"))],
        _ => Vec::new(),
    }
}

fn joined(key: &str, value: Option<String>) -> String {
    value.map_or_else(|| key.to_owned(), |value| format!("{key}={value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_sees_is_read_only_and_inert() {
        for fs in ["vfat", "exfat", "ext4", "ntfs3"] {
            let options = shown(fs, (990, 991));
            assert!(options.starts_with("ro,nodev,nosuid,noexec,nosymfollow,"), "{options}");
            assert!(!options.split(',').any(|word| word == "rw"), "{options}");
        }
        assert!(shown("ext4", (1, 1)).ends_with(",noload"));
        assert!(shown("vfat", (990, 991)).contains("uid=990,gid=991,fmask=0377"));
        assert!(shown("vfat", (1, 1)).contains(",tz=UTC,utf8=1"));
    }

    #[test]
    fn names_read_the_same_while_wiping() {
        for fs in ["vfat", "exfat", "ext4", "ntfs3"] {
            let shown = shown(fs, (1, 1));
            for (key, value) in names(fs) {
                assert!(shown.contains(&joined(key, value.clone())), "{fs} {key}");
                assert!(writable(fs).contains(&(key, value)), "{fs} {key}");
            }
        }
    }

    #[test]
    fn only_four_file_systems_are_ever_mounted() {
        for fs in ["vfat", "exfat", "ext4", "ntfs", "ntfs3"] {
            assert!(kernel_type(fs).is_some());
        }
        for fs in ["ext3", "ext2", "btrfs", "xfs", "iso9660", "udf", "crypto_LUKS", "", "vfat,x"] {
            assert_eq!(kernel_type(fs), None, "{fs}");
        }
    }
}
