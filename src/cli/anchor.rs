//! Time-stamps by courier: what goes out and what comes back.

use super::verbs::{absolute, plain};
use crate::exit::{CliError, Exit, file_error};
use crate::request::{AnchorAsk, BroughtBack, Order, Request};
use clap::Subcommand;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// No answer of a time-stamping authority is larger, by far.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

#[derive(Debug, Subcommand)]
pub enum Anchor {
    /// Write the head of now and a request for a time-stamp over it (RFC 3161) into a folder
    Request {
        /// Folder to write to, made if it is absent: a stick
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Check answers that came back, and keep them
    Take {
        /// Answers (.tsr), whatever they are called
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Every request and its answer, and how old the newest answer is
    List,
}

pub fn order(verb: Anchor) -> Result<Order, CliError> {
    plain(Request::Anchor(match verb {
        Anchor::Request { out } => AnchorAsk::Request { out: absolute(&out)? },
        Anchor::Take { files } => AnchorAsk::Take {
            answers: files.iter().map(|file| brought_back(file)).collect::<Result<_, _>>()?,
        },
        Anchor::List => AnchorAsk::List,
    }))
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
        let text = format!("{name} is larger than any answer of a time-stamping authority");
        return Err(CliError::new(Exit::Refused, text));
    }
    Ok(BroughtBack { name, bytes })
}
