//! A raw name from a listing is taken apart before it reaches the kernel: only names that lead strictly
//! downwards pass. The kernel's own check (`RESOLVE_BENEATH`) is the second lock on the same door.

use sealdock_core::naming;
use sealdock_core::ports::{Kind, PortError, PortResult};

/// Longest path the kernel takes, bytes, without the closing zero.
const PATH_BYTES_MAX: usize = 4095;

/// Directory and file name of one listed thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beneath<'a> {
    /// Empty for the recorder's root.
    pub folder: &'a [u8],
    pub leaf: &'a [u8],
}

/// Takes a raw name apart.
///
/// # Errors
/// `Invalid` for an empty or absolute name, a part that is empty, `.` or `..`, a zero byte, or a name
/// longer than the kernel takes.
pub fn beneath(raw: &[u8]) -> PortResult<Beneath<'_>> {
    let bad = |why: &str| {
        let shown = naming::display(&raw[..raw.len().min(200)]);
        let message = format!("{shown:?} is no name on a recorder: {why}; list the recorder again");
        Err(PortError::new(Kind::Invalid, message))
    };
    if raw.len() > PATH_BYTES_MAX {
        return bad("it is longer than any path");
    }
    if raw.contains(&0) {
        return bad("it holds a zero byte");
    }
    for part in raw.split(|b| *b == b'/') {
        if part.is_empty() || part == b"." || part == b".." {
            return bad("a part of it is empty, \".\" or \"..\"");
        }
    }
    Ok(match raw.iter().rposition(|b| *b == b'/') {
        Some(slash) => Beneath { folder: &raw[..slash], leaf: &raw[slash + 1..] },
        None => Beneath { folder: b"", leaf: raw },
    })
}

/// `folder/leaf` in raw bytes.
pub fn join(folder: &[u8], leaf: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(folder.len() + 1 + leaf.len());
    if !folder.is_empty() {
        path.extend_from_slice(folder);
        path.push(b'/');
    }
    path.extend_from_slice(leaf);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let long = [b'a'; PATH_BYTES_MAX + 1];
        for bad in [
            &b""[..],
            b"/",
            b"/etc/passwd",
            b"..",
            b"../x",
            b"a/../b",
            b"a/..",
            b".",
            b"a/./b",
            b"a//b",
            b"a/",
            b"a\0b",
            &long,
        ] {
            let error = beneath(bad).unwrap_err();
            assert_eq!(error.kind, Kind::Invalid, "{error}");
        }
        assert_eq!(beneath(b"..a/b..").unwrap(), Beneath { folder: b"..a", leaf: b"b.." });
    }

    proptest::proptest! {
        #[test]
        fn whatever_passes_joins_back(raw: Vec<u8>) {
            if let Ok(parts) = beneath(&raw) {
                assert_eq!(join(parts.folder, parts.leaf), raw);
                assert!(!parts.leaf.contains(&b'/'));
            }
        }
    }
}
