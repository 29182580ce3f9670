//! `cargo xtask dist`: the Debian package, laid out by one table and packed by `dpkg-deb`. What is in it
//! is tested by `tests/shipped.rs` without building it.

use crate::{place::Places, step, step::step};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the usual package can do; the tests are built with the same.
pub const FEATURES: [&str; 2] = ["--features", "sealdock/mtp,sealdock/passkeys"];

/// And forms as PDF. Another package, because it takes several times as long to build.
pub const WITH_PDF: [&str; 2] = ["--features", "sealdock/mtp,sealdock/passkeys,sealdock/print"];

/// From the repository into the package. The hwdb is there when profiles were made into one.
const FILES: &[(&str, &str)] = &[
    ("systemd/sealdock.service", "usr/lib/systemd/system"),
    ("systemd/sealdock-usb@.service", "usr/lib/systemd/system"),
    ("systemd/sealdock-mount@.service", "usr/lib/systemd/system"),
    ("systemd/sealdock-wiper.service", "usr/lib/systemd/system"),
    ("systemd/sealdock-wiper.socket", "usr/lib/systemd/system"),
    ("udev/70-sealdock.rules", "usr/lib/udev/rules.d"),
    ("systemd/deb/docks.toml", "etc/sealdock"),
    ("docs/guide/operate.zh.md", "usr/share/doc/sealdock"),
    ("docs/guide/operate.md", "usr/share/doc/sealdock"),
    ("docs/guide/install.md", "usr/share/doc/sealdock"),
    ("docs/changelog.md", "usr/share/doc/sealdock"),
];

/// The same, under another name.
const RENAMED: &[(&str, &str)] = &[
    ("systemd/sysusers.conf", "usr/lib/sysusers.d/sealdock.conf"),
    ("systemd/tmpfiles.conf", "usr/lib/tmpfiles.d/sealdock.conf"),
];

const HWDB: (&str, &str) = ("udev/70-sealdock.hwdb", "usr/lib/udev/hwdb.d");

/// Programs, from the release build.
const PROGRAMS: &[(&str, &str)] = &[
    ("sealdock", "usr/bin"),
    ("sealdock-verify", "usr/bin"),
    ("sealdock-wiper", "usr/libexec/sealdock"),
];

/// What the papers program writes.
const PAPERS: &[(&str, &str)] = &[
    ("sealdock.bash", "usr/share/bash-completion/completions/sealdock"),
    ("_sealdock", "usr/share/zsh/vendor-completions/_sealdock"),
    ("sealdock.fish", "usr/share/fish/vendor_completions.d/sealdock.fish"),
];

const SCRIPTS: [&str; 4] = ["preinst", "postinst", "prerm", "postrm"];

/// Builds the package with `features`; prints and says where it lies.
///
/// # Errors
/// When a program or file is missing, or packing fails.
pub fn deb(features: &[&str]) -> Result<PathBuf> {
    let places = Places::find()?;
    let built = places.tools.parent().context("the build folder has no name")?.to_path_buf();
    step("release build", || programs(&places, features))?;
    step("verifier in one piece", || verifier(&places))?;
    let papers = built.join("dist/papers");
    step("man page and completions", || {
        let program = ["-p", "sealdock", "--example", "papers", "--", &papers.to_string_lossy()];
        places.cargo(&[&["run", "--quiet", "--release"], features, &program].concat())
    })?;
    let folder = if features == FEATURES { "dist" } else { "dist/with-pdf" };
    fs::create_dir_all(built.join(folder))?;
    let name = format!("sealdock_{}_{}.deb", version(), architecture()?);
    let package = built.join(folder).join(name);
    step("package", || pack(&places, &built, &papers, &package))?;
    Ok(package)
}

/// The programs of the package, optimised. Named together, always the same ones: cargo decides by what is built at once
/// which parts of other people's code are needed, and builds all of it anew where that differs.
///
/// # Errors
/// When they do not compile.
pub fn programs(places: &Places, features: &[&str]) -> Result<()> {
    let packages = ["-p", "sealdock", "-p", "sealdock-verify", "-p", "sealdock-wiper"];
    places.cargo(&[&["build", "--quiet", "--release"], features, &packages].concat())
}

/// The verifier once more, without a library of the machine: a court's Linux may have another C library than ours.
///
/// # Errors
/// When it does not compile.
pub fn verifier(places: &Places) -> Result<()> {
    let alone = ["--quiet", "--release", "-p", "sealdock-verify", "--bin", "sealdock-verify"];
    places.cargo(&[&["rustc"], &alone[..], &["--", "-C", "target-feature=+crt-static"]].concat())
}

/// A program that asks for a loader or a library of the machine is not one static binary.
fn stands_alone(program: &Path) -> Result<()> {
    let read =
        step::ask(Command::new("readelf").args(["--wide", "--segments", "--dynamic"]).arg(program));
    let read = read.with_context(|| format!("readelf cannot read {}", program.display()))?;
    match read.contains("INTERP") || read.contains("(NEEDED)") {
        true => bail!(
            "{} needs libraries of the machine; it must be one static binary",
            program.display()
        ),
        false => Ok(()),
    }
}

fn pack(places: &Places, built: &Path, papers: &Path, package: &Path) -> Result<()> {
    let root = built.join("dist/root");
    if root.exists() {
        fs::remove_dir_all(&root).with_context(|| format!("cannot clear {}", root.display()))?;
    }
    for (program, folder) in PROGRAMS {
        let to = root.join(folder).join(program);
        put(&built.join("release").join(program), &to, 0o755)?;
        step::run(Command::new("strip").arg("--strip-debug").arg(&to))?;
    }
    stands_alone(&root.join("usr/bin/sealdock-verify"))?;
    let hwdb = places.root.join(HWDB.0).exists().then_some(&HWDB);
    for (file, folder) in FILES.iter().chain(hwdb) {
        let name = Path::new(file).file_name().context("a file has a name")?;
        put(&places.root.join(file), &root.join(folder).join(name), 0o644)?;
    }
    for (file, to) in RENAMED {
        put(&places.root.join(file), &root.join(to), 0o644)?;
    }
    for (file, to) in PAPERS {
        put(&papers.join(file), &root.join(to), 0o644)?;
    }
    for page in man_pages(papers)? {
        let name = page.file_name().context("a file has a name")?;
        put(&page, &root.join("usr/share/man/man1").join(name), 0o644)?;
    }
    let copyright = "usr/share/doc/sealdock/copyright";
    put(&places.root.join("LICENSE-MIT"), &root.join(copyright), 0o644)?;
    control(places, &root)?;
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.args(["--root-owner-group", "-Zxz", "--build"]).arg(&root).arg(package);
    // The same files make the same package, whenever they were built.
    step::run(dpkg.env("SOURCE_DATE_EPOCH", "1767225600"))?;
    println!("{}", package.display());
    Ok(())
}

/// Control file, list of configuration files, maintainer scripts.
fn control(places: &Places, root: &Path) -> Result<()> {
    let kilobytes = step::ask(Command::new("du").args(["-sk", "--apparent-size"]).arg(root))
        .and_then(|line| line.split_whitespace().next().map(str::to_owned))
        .context("du does not say how big the package is")?;
    let filled = |name: &str| -> Result<String> {
        let path = places.root.join("systemd/deb").join(name);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text
            .replace("@VERSION@", version())
            .replace("@ARCHITECTURE@", &architecture()?)
            .replace("@SIZE@", &kilobytes))
    };
    let folder = root.join("DEBIAN");
    write(&folder.join("control"), &filled("control")?, 0o644)?;
    write(&folder.join("conffiles"), "/etc/sealdock/docks.toml\n", 0o644)?;
    for script in SCRIPTS {
        write(&folder.join(script), &filled(script)?, 0o755)?;
    }
    Ok(())
}

/// The version in the package.
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn architecture() -> Result<String> {
    step::ask(Command::new("dpkg").arg("--print-architecture"))
        .context("dpkg is missing; packages are built on Debian")
}

fn man_pages(papers: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(papers).with_context(|| format!("no {}", papers.display()))?;
    let pages: Vec<PathBuf> = listing
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "1"))
        // `sealdock help …` says what the other pages say.
        .filter(|path| !path.to_string_lossy().contains("-help"))
        .collect();
    if pages.is_empty() {
        bail!("{} holds no man page", papers.display());
    }
    Ok(pages)
}

fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    write(to, bytes, mode)
}

/// Folders are made readable for all, whatever the umask is: they are shared with other packages.
fn write(to: &Path, bytes: impl AsRef<[u8]>, mode: u32) -> Result<()> {
    let folder = to.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for above in folder.ancestors().take_while(|above| !above.ends_with("dist")) {
        fs::set_permissions(above, fs::Permissions::from_mode(0o755))?;
    }
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))
        .with_context(|| format!("cannot set the mode of {}", to.display()))
}
