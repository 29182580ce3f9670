//! Verifiers that nobody here wrote, put side by side in the tool folder: `checklog` around the
//! Go team's note and tlog packages, and `aics-tlog` and `aics-witness` from the Python packages of those names.

use crate::{place::Places, step, tools};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::{fs, os::unix::fs::symlink, process::Command};

/// Where Debian keeps the sources of Go packages.
const GOPATH: &str = "/usr/share/gocode";
/// The Python that `aics-tlog` asks for, as (major, minor).
const ASKED_FOR: (u32, u32) = (3, 12);
/// The oldest on which it was seen to work all the same (Debian 12).
const SEEN_TO_WORK: (u32, u32) = (3, 11);

/// The interpreter of the private environment in the tool folder.
pub struct Python(PathBuf);

impl Python {
    /// A call of this interpreter.
    pub fn command(&self) -> Command {
        Command::new(&self.0)
    }
}

/// Builds or fetches every verifier.
///
/// # Errors
/// When a build fails or a package cannot be fetched.
pub fn provide(places: &Places) -> Result<Python> {
    build_checklog(places)?;
    provide_aics_tlog(places)
}

/// Go's own cache makes this a no-op when nothing changed, so it is simply done each time.
fn build_checklog(places: &Places) -> Result<()> {
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(places.tools.join("checklog")).arg(".");
    go.current_dir(places.root.join("tests/interop/go"));
    go.env("GO111MODULE", "off").env("GOPATH", GOPATH).env("GOFLAGS", "");
    go.env("GOCACHE", places.tools.join("go-cache"));
    step::run(&mut go)?;
    println!("checklog is built");
    Ok(())
}

fn provide_aics_tlog(places: &Places) -> Result<Python> {
    let list = places.root.join("tests/interop/requirements.txt");
    let wanted =
        fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let home = places.tools.join("python");
    let python = Python(home.join("bin/python"));
    // Written last: an environment without it is half made, one that differs is of another list.
    let stamp = home.join("made-from");
    if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == wanted) {
        println!("aics-tlog is there");
        return Ok(python);
    }
    let (base, version) = interpreter()?;
    println!("making a Python {}.{} environment for aics-tlog", version.0, version.1);
    step::run(Command::new(&base).args(["-m", "venv", "--clear"]).arg(&home))?;
    let mut pip = python.command();
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&list);
    if version < ASKED_FOR {
        pip.arg("--ignore-requires-python");
    }
    step::run(&mut pip)?;
    let link = places.tools.join("aics-tlog");
    let _ = fs::remove_file(&link);
    symlink(home.join("bin/aics-tlog"), &link)
        .with_context(|| format!("cannot link {}", link.display()))?;
    step::run(Command::new(&link).arg("--version"))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

/// The first interpreter that is new enough and can make an environment.
fn interpreter() -> Result<(PathBuf, (u32, u32))> {
    let found: Vec<_> = candidates().into_iter().filter_map(|path| version_of(&path)).collect();
    let Some((path, version)) = best(&found) else {
        bail!("no Python 3.11 or newer is here; type: sudo apt-get install python3");
    };
    if step::ask(Command::new(&path).args(["-c", "import ensurepip"])).is_none() {
        tools::install(&["python3-venv"])?;
    }
    Ok((path, version))
}

/// Interpreters on PATH, then those that pyenv keeps off it.
fn candidates() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        ["python3.12", "python3.13", "python3.14", "python3"].map(PathBuf::from).to_vec();
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".pyenv")));
    let versions = pyenv.and_then(|root| fs::read_dir(root.join("versions")).ok());
    for version in versions.into_iter().flatten().flatten() {
        paths.push(version.path().join("bin/python3"));
    }
    paths
}

fn version_of(path: &Path) -> Option<(PathBuf, (u32, u32))> {
    let text = step::ask(Command::new(path).arg("--version"))?;
    Some((path.to_path_buf(), version(&text)?))
}

/// Reads `Python 3.12.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("Python ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// One that is as new as asked for, else one on which the package was seen to work.
fn best(found: &[(PathBuf, (u32, u32))]) -> Option<(PathBuf, (u32, u32))> {
    let at_least = |least| found.iter().find(move |(_, version)| *version >= least);
    at_least(ASKED_FOR).or_else(|| at_least(SEEN_TO_WORK)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_versions_are_read() {
        assert_eq!(version("Python 3.12.1"), Some((3, 12)));
        assert_eq!(version("Python 3.13.0rc1"), Some((3, 13)));
        assert_eq!(version("pyenv: python3.12: command not found"), None);
    }

    #[test]
    fn a_python_that_is_new_enough_is_preferred_and_an_old_one_refused() {
        let of = |minor| (PathBuf::from(format!("python3.{minor}")), (3, minor));
        assert_eq!(best(&[of(9), of(11), of(13)]), Some(of(13)));
        assert_eq!(best(&[of(9), of(11)]), Some(of(11)));
        assert_eq!(best(&[of(9), of(10)]), None);
    }
}
