//! What is asked about time-stamps and witnesses.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum AnchorAsk {
    /// The head of now and a request over it, as files in this folder; requests to witnesses below its `outbox`.
    Request {
        out: PathBuf,
    },
    /// Whom to ask and to believe: the text of a policy.
    Witnesses {
        text: String,
    },
    /// Request bodies for the witnesses that have an address, to be carried by whoever asks: the station itself never
    /// waits for a network. With `only` for the witness of that label.
    Bodies {
        only: Option<String>,
    },
    /// Answers that came back.
    Take {
        answers: Vec<BroughtBack>,
    },
    List,
}

/// A file that came back. Its name is only said again; what it answers stands in it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct BroughtBack {
    pub name: String,
    pub bytes: Vec<u8>,
    /// From the inbox of a stick: the folder below it, named after the record. Answers for another one are passed over.
    #[serde(default)]
    pub record: Option<String>,
    /// The witness that was asked, where it was asked directly.
    #[serde(default)]
    pub witness: Option<String>,
}

impl AnchorAsk {
    /// Nothing of it changes the chain; what writes beside it waits for its turn all the same.
    pub(super) fn only_reads(&self) -> bool {
        matches!(self, AnchorAsk::List)
    }
}
