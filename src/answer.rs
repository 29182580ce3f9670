//! What comes back: the facts for scripts, the same facts laid out for people, and how it ended.
//! Whoever asked decides which of the two is shown.

use crate::exit::Exit;
use sealdock_report::Sheet;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    pub exit: Exit,
    pub blocks: Vec<Block>,
    /// What `--json` prints; shapes in `docs/ref/cli.md`.
    pub json: Value,
}

/// One piece of an answer for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    Line(String),
    /// Printed as it is, to the byte.
    Exact(String),
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A table on screen; as a file whatever format whoever asks makes of it.
    Sheet {
        sheet: Box<Sheet>,
        /// Said on screen where there is no row.
        empty: String,
    },
}

impl Answer {
    pub fn new(json: Value) -> Answer {
        Answer { exit: Exit::Done, blocks: Vec::new(), json }
    }

    pub fn line(mut self, text: impl Into<String>) -> Answer {
        self.blocks.push(Block::Line(text.into()));
        self
    }

    pub fn exact(mut self, text: impl Into<String>) -> Answer {
        self.blocks.push(Block::Exact(text.into()));
        self
    }

    /// A table, or one line that says that it is empty.
    pub fn table(mut self, head: &[&str], rows: Vec<Vec<String>>, empty: &str) -> Answer {
        self.blocks.push(match rows.is_empty() {
            true => Block::Line(empty.to_owned()),
            false => Block::Table { head: head.iter().map(|h| (*h).to_owned()).collect(), rows },
        });
        self
    }

    pub fn sheet(mut self, sheet: Sheet, empty: &str) -> Answer {
        self.blocks.push(Block::Sheet { sheet: Box::new(sheet), empty: empty.to_owned() });
        self
    }

    pub fn ending(mut self, exit: Exit) -> Answer {
        self.exit = exit;
        self
    }
}
