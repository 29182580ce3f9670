//! What is asked about time-stamps.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum AnchorAsk {
    /// The head of now and a request over it, as files in this folder.
    Request {
        out: PathBuf,
    },
    /// Answers that came back.
    Take {
        answers: Vec<BroughtBack>,
    },
    List,
}

/// A file that came back. Its name is only said again; what it answers stands in it.
#[derive(Debug, Serialize, Deserialize)]
pub struct BroughtBack {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl AnchorAsk {
    /// Nothing of it changes the chain; what writes beside it waits for its turn all the same.
    pub(super) fn only_reads(&self) -> bool {
        matches!(self, AnchorAsk::List)
    }
}
