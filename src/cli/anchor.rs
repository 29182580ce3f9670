//! Time-stamps and witnesses: what goes out and what comes back.

/// Over a network.
mod send;

use super::verbs::{absolute, plain};
use crate::exit::{CliError, Exit, file_error};
use crate::request::{AnchorAsk, BroughtBack, Order, Request};
use clap::Subcommand;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub use send::run as send;

/// No answer of a time-stamping authority or a witness is larger, by far.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// Answers taken from one stick at a time.
const ANSWERS_MAX: usize = 1000;

#[derive(Debug, Subcommand)]
pub enum Anchor {
    /// Write the head of now, a request for a time-stamp over it (RFC 3161), and requests to the witnesses into a folder
    Request {
        /// Folder to write to, made if it is absent: a stick
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Check answers that came back, and keep them
    Take {
        /// Answers (.tsr, .cosig, .409, .refused), whatever they are called; of a folder only its `inbox` is read
        #[arg(value_name = "PATH", required = true)]
        files: Vec<PathBuf>,
    },
    /// Put in force whose cosignatures are asked for and believed
    Witnesses {
        /// A policy (c2sp.org/tlog-policy): `witness NAME KEY [URL]`, `group`, `quorum`
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Ask the witnesses that have an address, now, over the network
    Send,
    /// Every request and its answer, who has cosigned, and how old the newest answers are
    List,
}

pub fn order(verb: Anchor) -> Result<Order, CliError> {
    plain(Request::Anchor(match verb {
        Anchor::Request { out } => AnchorAsk::Request { out: absolute(&out)? },
        Anchor::Take { files } => AnchorAsk::Take { answers: brought(&files)? },
        Anchor::Witnesses { file } => AnchorAsk::Witnesses { text: super::verbs::read(&file)? },
        // `send` was taken out before.
        Anchor::List | Anchor::Send => AnchorAsk::List,
    }))
}

fn brought(paths: &[PathBuf]) -> Result<Vec<BroughtBack>, CliError> {
    let mut brought = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => brought.extend(inbox(path)?),
            false => brought.push(brought_back(path)?),
        }
    }
    Ok(brought)
}

/// The answers below `inbox` of a stick, by the folder of their record. Nothing else on it is read.
fn inbox(stick: &Path) -> Result<Vec<BroughtBack>, CliError> {
    let inbox = stick.join("inbox");
    let mut found = Vec::new();
    for record in names(&inbox)? {
        let folder = inbox.join(&record);
        if record.parse::<sealdock_chain::Digest>().is_err() || !folder.is_dir() {
            continue;
        }
        for name in names(&folder)?.into_iter().filter(|name| is_answer(name)) {
            let read = brought_back(&folder.join(name))?;
            found.push(BroughtBack { record: Some(record.clone()), ..read });
        }
    }
    if found.is_empty() || found.len() > ANSWERS_MAX {
        let text = format!(
            "{} has {} answers: from 1 to {ANSWERS_MAX} can be taken at once; name the files",
            inbox.display(),
            found.len()
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    Ok(found)
}

fn is_answer(name: &str) -> bool {
    [".cosig", ".409", ".refused", ".tsr"].iter().any(|ending| name.ends_with(ending))
}

fn names(folder: &Path) -> Result<Vec<String>, CliError> {
    let entries = std::fs::read_dir(folder).map_err(|e| file_error("look into", folder, &e))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| file_error("look into", folder, &e))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Read here: the stick may be the user's and not the daemon's.
fn brought_back(file: &Path) -> Result<BroughtBack, CliError> {
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|e| file_error("read", file, &e))?;
    opened
        .take(ANSWER_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| file_error("read", file, &e))?;
    let name = file.display().to_string();
    if bytes.len() as u64 > ANSWER_BYTES_MAX {
        let text =
            format!("{name} is larger than any answer of a time-stamping authority or a witness");
        return Err(CliError::new(Exit::Refused, text));
    }
    Ok(BroughtBack { name, bytes, ..BroughtBack::default() })
}
