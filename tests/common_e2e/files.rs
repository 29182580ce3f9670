//! Files and their digests, computed here and not by the product.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// SHA-256 in hexadecimal, as `sha256sum` prints it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every regular file below a folder, by its path from there.
pub fn below(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        // What disappears under our eyes is not there: the product works meanwhile.
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            match kind {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() => {
                    let name = path.strip_prefix(folder).expect("it lies below");
                    found.insert(name.to_str().expect("plain names").to_owned(), path);
                }
                _ => {}
            }
        }
    }
    found
}

/// Every regular file below a folder with the digest of what it holds.
pub fn digests(folder: &Path) -> BTreeMap<String, String> {
    let digest = |path: PathBuf| sha256(&std::fs::read(path).expect("a readable file"));
    below(folder).into_iter().map(|(name, path)| (name, digest(path))).collect()
}
