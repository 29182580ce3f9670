//! `image`: one ISO 9660 image of a finished package, for whoever burns the disc. `xorriso` writes it; what lies in
//! the image is then judged from its own bytes, as a court will.

/// A package inside an image, read where its extents lie.
mod extents;

use crate::answer::Answer;
use crate::exit::{CliError, Exit, file_error};
use extents::Image;
use sealdock_chain::digest::Digest;
use sealdock_verify::{Disk, Folder, Options, Report, Trust, Word, verify};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Bytes that are hashed at once.
const PIECE_BYTES: usize = 1 << 20;

/// More threads than this do not read faster from any disk.
const WORKERS_MAX: usize = 16;

/// Letters of a volume identifier (ISO 9660, 8.4.8).
const VOLUME_BYTES_MAX: usize = 32;

pub fn run(folder: &Path, to: &Path) -> Result<Answer, CliError> {
    let void = free(to)?;
    let package = Disk::new(folder).map_err(|e| file_error("read", folder, &e))?;
    let before = judge(&package, folder)?;
    sound(&before, folder)?;
    write(folder, &void)?;
    let image = seal(&void).and_then(|()| read_back(&void, package.called(), &before));
    let digest = image.map_err(|mut error| {
        error.message += &format!("; {} is void: delete it", void.display());
        error
    })?;
    name(&void, to)?;
    let bytes = to.metadata().map_err(|e| file_error("look up", to, &e))?.len();
    let json = json!({ "image": to, "bytes": bytes, "sha256": digest.to_string() });
    Ok(Answer::new(json)
        .line(format!("已制成光盘映像 image written and read back: {}", to.display()))
        .line(format!("sha256 {digest}, {bytes} bytes")))
}

/// The name under which the image is written. Nothing is ever replaced.
fn free(to: &Path) -> Result<PathBuf, CliError> {
    let mut void = to.as_os_str().to_owned();
    void.push(".void");
    let void = PathBuf::from(void);
    for path in [to, &void] {
        if path.symlink_metadata().is_ok() {
            let text =
                format!("{} is there already; name a file that is not there yet", path.display());
            return Err(CliError::new(Exit::Refused, text));
        }
    }
    Ok(void)
}

/// What the package says of itself: nobody brings a key here, so a sound one is UNTRUSTED.
fn judge(package: &dyn Folder, about: &Path) -> Result<Report, CliError> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX);
    let loud = std::io::stderr().is_terminal();
    let progress = |done: u64, total: u64| {
        if loud {
            let percent = u128::from(done) * 100 / u128::from(total.max(1));
            eprint!("\r{} {percent:3} %{}", about.display(), if done == total { "\n" } else { "" });
        }
    };
    verify(package, &Trust::default(), Options { workers, whole: false }, &progress)
        .map_err(|e| CliError::new(Exit::Failed, format!("{}: {e}", about.display())))
}

fn sound(report: &Report, folder: &Path) -> Result<(), CliError> {
    if report.word == Word::Untrusted {
        return Ok(());
    }
    let why =
        report.findings.first().map(|found| format!(" ({} {})", found.code.as_str(), found.about));
    let text = format!(
        "{} is no sound package: {}{}; no image is made of it. Look with `sealdock-verify`, and export again",
        folder.display(),
        report.word.as_str(),
        why.unwrap_or_default()
    );
    Err(CliError::new(Exit::Refused, text))
}

/// The folder as it is, readable for everybody: whoever puts the disc in is another user on another machine.
fn write(folder: &Path, void: &Path) -> Result<(), CliError> {
    let mut xorriso = xorriso();
    xorriso.arg("-outdev").arg(device(void)).args(["-volid", &volume(folder), "-padding", "0"]);
    xorriso
        .args(["-joliet", "on", "-compliance", "joliet_long_names", "-map"])
        .arg(folder)
        .arg("/");
    for [kind, mode] in [["f", "0444"], ["d", "0555"]] {
        xorriso.args(["-find", "/", "-type", kind, "-exec", "chmod", mode, "--"]);
    }
    for who in ["chown", "chgrp"] {
        xorriso.args(["-find", "/", "-exec", who, "0", "--"]);
    }
    xorriso.args(["-commit", "-end"]);
    let done = ran(xorriso)?;
    match done.status.success() {
        true => Ok(()),
        false => {
            let exit = match said(&done.stderr).contains("No space left") {
                true => Exit::NoSpace,
                false => Exit::Failed,
            };
            let text =
                format!("xorriso wrote no image: {}; {} is void", complaint(&done), void.display());
            Err(CliError::new(exit, text))
        }
    }
}

/// An empty start file of the user's must not change what is written.
fn xorriso() -> Command {
    let mut command = Command::new("xorriso");
    command.args(["-no_rc", "-abort_on", "WARNING"]).env("LC_ALL", "C");
    command
}

fn device(image: &Path) -> std::ffi::OsString {
    let mut name = std::ffi::OsString::from("stdio:");
    name.push(image);
    name
}

fn ran(mut command: Command) -> Result<Output, CliError> {
    command.output().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            let text = "xorriso is not installed, and it writes the image: `apt-get install xorriso`; \
                        or hand out the folder itself, which is the same evidence";
            CliError::new(Exit::Missing, text)
        }
        _ => CliError::new(Exit::Failed, format!("xorriso did not start: {e}")),
    })
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The first complaint among what it says.
fn complaint(done: &Output) -> String {
    let text = said(&done.stderr);
    let marks = ["FATAL", "FAILURE", "SORRY", "WARNING"];
    let line = text.lines().find(|line| marks.iter().any(|mark| line.contains(mark)));
    line.or(text.lines().last()).unwrap_or("it said nothing").trim().to_owned()
}

/// `SEALDOCK_` and the number of the request, in the letters that a volume may be called by.
fn volume(folder: &Path) -> String {
    let info = std::fs::read_to_string(folder.join("bag-info.txt")).unwrap_or_default();
    let request = info.lines().find_map(|line| line.strip_prefix("External-Identifier: "));
    let name = format!("SEALDOCK_{}", request.unwrap_or_default().to_uppercase());
    let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(letters).take(VOLUME_BYTES_MAX).collect()
}

/// The image is durable, and what is read next comes from the disk.
fn seal(void: &Path) -> Result<(), CliError> {
    let sealed = File::open(void).and_then(|file| {
        file.sync_all()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).map_err(Into::into)
    });
    sealed.map_err(|e| file_error("sync", void, &e))
}

/// Judges what lies in the image: word for word what was said of the folder. The digest is the image's own.
fn read_back(void: &Path, called: String, before: &Report) -> Result<Digest, CliError> {
    let mut list = xorriso();
    list.arg("-indev").arg(device(void)).args([
        "-find",
        "/",
        "-type",
        "f",
        "-exec",
        "report_lba",
        "--",
        "-end",
    ]);
    let listed = ran(list)?;
    let unread =
        |why: String| CliError::new(Exit::Failed, format!("the image cannot be read back: {why}"));
    if !listed.status.success() {
        return Err(unread(complaint(&listed)));
    }
    let image = Image::new(void, called, &said(&listed.stdout)).map_err(unread)?;
    let after = judge(&image, void)?;
    if after.to_json() != before.to_json() {
        let first =
            after.findings.first().map(|found| format!("{} {}", found.code.as_str(), found.about));
        return Err(unread(format!("it holds another package: {}", first.unwrap_or_default())));
    }
    digest(void).map_err(|e| file_error("read back", void, &e))
}

fn digest(path: &Path) -> std::io::Result<Digest> {
    let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), vec![0; PIECE_BYTES]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Digest(hash.finalize().into())),
            n => hash.update(&piece[..n]),
        }
    }
}

fn name(void: &Path, to: &Path) -> Result<(), CliError> {
    let named = rustix::fs::renameat_with(
        rustix::fs::CWD,
        void,
        rustix::fs::CWD,
        to,
        rustix::fs::RenameFlags::NOREPLACE,
    );
    named
        .map_err(std::io::Error::from)
        .and_then(|()| crate::execute::sync_dir(to.parent()))
        .map_err(|e| file_error("name", to, &e))
}
