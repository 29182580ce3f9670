//! A PIN from a file or from a terminal; never from the command line, where others could read it.

use crate::exit::{CliError, Exit, file_error};
use sealdock_core::command::Secret;
use std::io::{IsTerminal as _, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Longer first lines are no PINs.
const FILE_BYTES_MAX: u64 = 4096;

/// Can somebody be asked?
pub fn terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// From the file, else from the terminal.
pub fn of(person: &str, file: Option<&Path>) -> Result<Secret, CliError> {
    match file {
        Some(file) => from_file(file),
        None if terminal() => typed(&format!("PIN of {person}")),
        None => {
            let text = format!(
                "the PIN of {person} is needed: give it with --pin-file F, or run this on a terminal"
            );
            Err(CliError::new(Exit::PinWanted, text))
        }
    }
}

/// The first line of a file, which should be its owner's alone.
pub fn from_file(path: &Path) -> Result<Secret, CliError> {
    let failed = |e: std::io::Error| file_error("read the PIN file", path, &e);
    let file = std::fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        let shown = path.display();
        tracing::warn!("the PIN file {shown} is open to other users; `chmod 600 {shown}`");
    }
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret(line.to_owned())),
        _ => {
            let text = format!("the PIN file {} has no PIN in its first line", path.display());
            Err(CliError::new(Exit::Refused, text))
        }
    }
}

pub fn typed(prompt: &str) -> Result<Secret, CliError> {
    rpassword::prompt_password(format!("{prompt}: "))
        .map(Secret)
        .map_err(|e| CliError::new(Exit::Failed, format!("no PIN could be typed: {e}")))
}

/// A new PIN, typed twice; nothing typed means none.
pub fn chosen(person: &str) -> Result<Option<Secret>, CliError> {
    let first = typed(&format!("new PIN of {person} (empty for none)"))?;
    if first.0.is_empty() {
        return Ok(None);
    }
    match typed("once more")?.0 == first.0 {
        true => Ok(Some(first)),
        false => {
            Err(CliError::new(Exit::Refused, "the two PINs differ; nobody was enrolled, try again"))
        }
    }
}
