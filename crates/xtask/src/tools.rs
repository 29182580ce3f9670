//! Programs that the tests call and that the distribution packages.
//!
//! Root gets what is missing from `apt-get`; anybody else gets the line to type.

use crate::step;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Something that must be there, and the Debian package that brings it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tool {
    /// A program's name, or the absolute path of a file.
    pub what: &'static str,
    /// The Debian package.
    pub package: &'static str,
}

const fn tool(what: &'static str, package: &'static str) -> Tool {
    Tool { what, package }
}

/// What `cargo xtask test` needs.
pub const FOR_TESTS: &[Tool] = &[
    tool("ffmpeg", "ffmpeg"),
    tool("ffprobe", "ffmpeg"),
    tool("jq", "jq"),
    tool("curl", "curl"),
    tool("node", "nodejs"),
    tool("xxd", "xxd"),
    tool("ssh-keygen", "openssh-client"),
    tool("openssl", "openssl"),
    tool("mkfs.ext4", "e2fsprogs"),
    tool("mount", "mount"),
    tool("umount", "mount"),
    tool("losetup", "mount"),
    tool("strace", "strace"),
    tool("xorriso", "xorriso"),
    tool("systemd-analyze", "systemd"),
    tool("systemd-escape", "systemd"),
    tool("dpkg", "dpkg"),
    tool("python3", "python3"),
    // Tests play a month in a minute.
    tool("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "libfaketime"),
    tool("go", "golang-go"),
    tool("/usr/share/gocode/src/golang.org/x/mod/sumdb/note/note.go", "golang-golang-x-mod-dev"),
    // A token without hardware, and a second program that speaks to it.
    tool("/usr/lib/softhsm/libsofthsm2.so", "softhsm2"),
    tool("softhsm2-util", "softhsm2"),
    tool("pkcs11-tool", "opensc"),
    tool("pdftotext", "poppler-utils"),
    tool("pdftoppm", "poppler-utils"),
    tool("zbarimg", "zbar-tools"),
    tool("qpdf", "qpdf"),
    tool("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", "fonts-noto-cjk"),
    tool("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", "fonts-hanazono"),
];

/// What the page is opened in, and what drives and encloses it. The font is what the page is drawn with on a machine
/// that has no other Chinese one.
pub const FOR_BROWSERS: &[Tool] = &[
    tool("/usr/bin/chromium", "chromium"),
    tool("/usr/bin/firefox-esr", "firefox-esr"),
    tool("npm", "npm"),
    tool("ffmpeg", "ffmpeg"),
    tool("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "libfaketime"),
    tool("unshare", "util-linux"),
    tool("ip", "iproute2"),
    tool("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", "fonts-noto-cjk"),
];

/// What benchmarks compare with.
pub const FOR_BENCHES: &[Tool] =
    &[tool("rclone", "rclone"), tool("dc3dd", "dc3dd"), tool("losetup", "mount")];

/// What `cargo xtask bench print` needs.
pub const FOR_PRINT: &[Tool] = &[
    tool("zbarimg", "zbar-tools"),
    tool("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", "fonts-noto-cjk"),
    tool("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", "fonts-hanazono"),
];

/// What `cargo xtask windows` needs, besides the standard library.
pub const FOR_WINDOWS: &[Tool] = &[
    tool("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64-win32"),
    tool("wine", "wine"),
    tool("/usr/lib/wine/wine64", "wine64"),
    tool("tar", "tar"),
];

/// What the emulated machine needs, besides the emulator itself.
const FOR_MACHINE: &[Tool] = &[
    tool("debootstrap", "debootstrap"),
    tool("mkfs.vfat", "dosfstools"),
    tool("mkfs.exfat", "exfatprogs"),
    tool("mcopy", "mtools"),
    tool("mke2fs", "e2fsprogs"),
    tool("strip", "binutils"),
];

/// Programs for `cargo xtask vm`. An image with a newer `qemu-utils` from the backports keeps
/// apt from installing the emulator, so both are asked for in the emulator's own version.
///
/// # Errors
/// As [`provide`].
pub fn provide_emulator() -> Result<()> {
    provide(FOR_MACHINE)?;
    if is_there("qemu-system-x86_64") && is_there("qemu-img") {
        println!("the emulator is there");
        return Ok(());
    }
    if !is_root() {
        bail!("the emulator is missing; type: sudo apt-get install qemu-system-x86 qemu-utils");
    }
    apt_get(&["update"])?;
    let policy = step::ask(Command::new("apt-cache").args(["policy", "qemu-system-x86"]));
    let policy = policy.context("apt-cache does not know qemu-system-x86")?;
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "));
    let utils = format!("qemu-utils={}", version.context("no version of qemu-system-x86")?);
    let how = ["install", "--yes", "--no-install-recommends", "--allow-downgrades"];
    apt_get(&[&how[..], &["qemu-system-x86", &utils]].concat())
}

/// Makes sure that all `tools` are there.
///
/// # Errors
/// When one is missing and cannot be installed; the message names the packages.
pub fn provide(tools: &[Tool]) -> Result<()> {
    let missing = packages(tools, |tool| !is_there(tool.what));
    if missing.is_empty() {
        println!("all {} programs are there", tools.len());
        return Ok(());
    }
    install(&missing)?;
    let still = packages(tools, |tool| !is_there(tool.what));
    if !still.is_empty() {
        bail!("installed, yet what these packages should bring is missing: {}", still.join(", "));
    }
    Ok(())
}

/// Installs distribution packages when that is allowed.
///
/// # Errors
/// When we are not root, with the line to type; or when `apt-get` fails.
pub fn install(packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if !is_root() {
        bail!("programs are missing and only root may install them; type: sudo {by_hand}");
    }
    println!("installing {}", packages.join(", "));
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"][..], packages].concat())
        .with_context(|| format!("install them by hand: {by_hand}"))
}

/// The packages of the tools that `wanted` picks, each once, in order.
fn packages(tools: &[Tool], wanted: impl Fn(&Tool) -> bool) -> Vec<&'static str> {
    let mut packages = Vec::new();
    for tool in tools.iter().filter(|tool| wanted(tool)) {
        if !packages.contains(&tool.package) {
            packages.push(tool.package);
        }
    }
    packages
}

/// Root's tools are looked for in the system folders too: a plain user's PATH leaves them out.
fn is_there(what: &str) -> bool {
    if what.starts_with('/') {
        return Path::new(what).exists();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.into_iter().any(|folder| folder.join(what).is_file())
}

fn is_root() -> bool {
    step::ask(Command::new("id").arg("-u")).as_deref() == Some("0")
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.arg("-qq").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    step::run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_brings_two_missing_programs_is_asked_for_once() {
        let tools = [tool("mount", "mount"), tool("jq", "jq"), tool("losetup", "mount")];
        assert_eq!(packages(&tools, |_| true), ["mount", "jq"]);
        assert_eq!(packages(&tools, |tool| tool.what == "losetup"), ["mount"]);
    }

    /// What every Debian has, or a machine with Rust and a C compiler.
    const EVERYWHERE: &[&str] = &[
        "bash",
        "cargo",
        "chmod",
        "cp",
        "date",
        "dpkg-deb",
        "du",
        "kill",
        "mountpoint",
        "readelf",
        "setpriv",
        "sh",
        "sha256sum",
        "sync",
        "tar",
    ];

    fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten() {
            let path = entry.expect("a name").path();
            if path.is_dir() && !path.ends_with("bench") {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }

    /// A machine that once had something by chance hides that nobody asks for it.
    #[test]
    fn every_program_that_tests_call_is_asked_for() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files = Vec::new();
        sources(&root.join("tests"), &mut files);
        sources(&root.join("crates/testkit"), &mut files);
        for of_crate in std::fs::read_dir(root.join("crates")).expect("crates") {
            sources(&of_crate.expect("a crate").path().join("tests"), &mut files);
        }
        let asked = |name: &str| FOR_TESTS.iter().chain(FOR_BROWSERS).any(|tool| tool.what == name);
        let (mut calls, mut lacking) = (0, Vec::new());
        for file in &files {
            let text = std::fs::read_to_string(file).expect("a source");
            for name in
                text.split("Command::new(\"").skip(1).filter_map(|rest| rest.split('"').next())
            {
                calls += 1;
                if !asked(name) && !EVERYWHERE.contains(&name) {
                    lacking.push(format!("{name} in {}", file.display()));
                }
            }
        }
        assert!(calls > 30, "only {calls} calls were found");
        assert!(lacking.is_empty(), "add to FOR_TESTS: {lacking:#?}");
    }

    #[test]
    fn a_program_is_found_by_name_and_a_file_by_its_path() {
        assert!(is_there("sh"));
        assert!(is_there("/bin/sh"));
        assert!(!is_there("no-such-program-here"));
        assert!(!is_there("/no/such/file"));
    }
}
