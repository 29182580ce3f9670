//! `cargo xtask windows`: `sealdock-verify` for Windows, built here and held to the program for Linux under Wine: the frozen
//! packages, whole and with every file changed or missing, and the same words and exit codes for each. It is no Windows: what it shows is
//! that the program starts there and that its paths, links and line ends lead to no other word.

use crate::{dist, place::Places, step, step::step, tools};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Wine 8 lacks the one library that Rust takes random numbers from; Windows has it since version 7.
const LIBRARY: &str = "#include <windows.h>\n#include <ntsecapi.h>\n__declspec(dllexport) BOOL WINAPI \
    ProcessPrng(PBYTE to, SIZE_T size) { return RtlGenRandom(to, (ULONG)size); }\n";

/// Both programs, and how the one for Windows is started.
struct Both {
    linux: PathBuf,
    windows: PathBuf,
    home: PathBuf,
}

/// Builds both programs and compares what they say.
///
/// # Errors
/// When something is missing, does not build, or the two differ.
pub fn compare() -> Result<()> {
    let places = Places::find()?;
    step("tools", || {
        tools::provide(tools::FOR_WINDOWS)?;
        let mut rustup = Command::new("rustup");
        step::run(rustup.args(["target", "add", TARGET]))
            .context("the standard library for Windows is missing, and rustup cannot bring it")
    })?;
    let built = places.tools.parent().context("the build folder has no name")?.to_path_buf();
    step("programs", || {
        places.cargo(&[
            "build",
            "--quiet",
            "--release",
            "-p",
            "sealdock-verify",
            "--target",
            TARGET,
        ])?;
        dist::verifier(&places)
    })?;
    let home = built.join("windows");
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| format!("cannot clear {}", home.display()))?;
    }
    fs::create_dir_all(&home)?;
    let windows = home.join("sealdock-verify.exe");
    fs::copy(built.join(TARGET).join("release/sealdock-verify.exe"), &windows)?;
    library(&home)?;
    let both = Both { linux: built.join("release/sealdock-verify"), windows, home };
    step("the same words under Wine", || both.compare(&places.root.join("fixtures/exports")))
}

fn library(home: &Path) -> Result<()> {
    let source = home.join("random.c");
    fs::write(&source, LIBRARY)?;
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
    compiler.args(["-shared", "-O1", "-o"]).arg(home.join("bcryptprimitives.dll"));
    step::run(compiler.arg(&source).arg("-ladvapi32"))
}

impl Both {
    fn compare(&self, fixtures: &Path) -> Result<()> {
        let mut compared = 0;
        let mut words = std::collections::BTreeMap::<i32, usize>::new();
        for format in ["format-1", "format-2"] {
            let folder = self.home.join(format);
            fs::create_dir(&folder)?;
            let archive = fixtures.join(format!("{format}.tar"));
            step::run(Command::new("tar").arg("-C").arg(&folder).arg("-xf").arg(&archive))?;
            let package = folder.join("package");
            let trust = [
                "--key".into(),
                fixtures.join(format!("{format}.vkey")).display().to_string(),
                "--pin".into(),
                fixtures.join(format!("{format}.receipt")).display().to_string(),
            ];
            let mut judge = |what: &str, trust: &[String]| -> Result<()> {
                let code = self.same(&package, what, trust)?;
                *words.entry(code).or_default() += 1;
                compared += 1;
                Ok(())
            };
            for trust in [&trust[..0], &trust[..2], &trust] {
                judge("as it is", trust)?;
            }
            for file in files(&package)? {
                let what = file.strip_prefix(&package)?.display().to_string();
                let whole = fs::read(&file)?;
                let mut changed = whole.clone();
                let middle = changed.len() / 2;
                *changed.get_mut(middle).with_context(|| format!("{what} is empty"))? ^= 1;
                fs::write(&file, &changed)?;
                judge(&format!("{what} changed"), &trust)?;
                fs::remove_file(&file)?;
                judge(&format!("{what} missing"), &trust)?;
                fs::write(&file, &whole)?;
            }
        }
        ensure!(words.len() >= 4, "that is no trial: all ended with one of {words:?}");
        println!("{compared} judged by both, the same words each time; exit codes: {words:?}");
        Ok(())
    }

    /// Exit code that both end with, having said the same.
    fn same(&self, package: &Path, what: &str, trust: &[String]) -> Result<i32> {
        let arguments = |mut command: Command| -> Result<Output> {
            command
                .arg(package)
                .args(trust)
                .output()
                .with_context(|| format!("cannot start {command:?}"))
        };
        let linux = arguments(Command::new(&self.linux))?;
        let mut wine = Command::new("wine");
        wine.arg(&self.windows)
            .env("WINEDEBUG", "-all")
            .env("WINEPREFIX", self.home.join("prefix"));
        let windows = arguments(wine)?;
        let said = |output: &Output| {
            (output.status.code(), String::from_utf8_lossy(&output.stdout).replace('\r', ""))
        };
        let ((code, linux), (other, windows)) = (said(&linux), said(&windows));
        if code != other || linux != windows {
            bail!(
                "{} with {what}: Linux ends with {code:?} and says\n{linux}\nWindows with {other:?}\n{windows}",
                package.display()
            );
        }
        code.with_context(|| format!("{what}: no exit code"))
    }
}

/// Every file beneath, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}
