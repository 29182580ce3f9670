//! Pages that show footage. None of them holds a picture: their script asks for pieces, each anew.

use crate::desk::page;
use crate::words::{self as w, Word};
use crate::{Drawn, Frame};
use askama::Template;

/// Approved, in force or not.
#[derive(Debug, Clone)]
pub struct Granted {
    pub access: String,
    pub matter: String,
    pub until: String,
    /// Each clip, and how often it may still be looked at.
    pub clips: Vec<(String, u32)>,
}

page! {
    /// What was approved for the reader.
    Mine, "view_mine.html" {
        rows: Vec<Granted>,
        /// Newer ones stand on a page before.
        further: bool,
        /// Address of older ones.
        next: Option<String>,
        /// Why nothing can be shown on this machine.
        missing: Option<String>,
    }
}

/// On what a viewing would rest.
#[derive(Debug, Clone)]
pub struct Way {
    /// The approval; empty for a right of one's own.
    pub access: String,
    pub word: Word,
    pub about: String,
}

page! {
    /// Before a viewing: ground, reason, PIN.
    Ask, "view_ask.html" {
        clip: String,
        ways: Vec<Way>,
        /// What speaks against every other ground.
        against: Vec<String>,
        missing: Option<String>,
        said: Option<String>,
    }
}

page! {
    /// The viewing itself.
    Watch, "view.html" {
        /// Address below which the pieces are.
        base: String,
        clip: String,
        entry: u64,
        /// As it stands in the picture.
        mark: String,
        piece_ms: u64,
        thumbnails: u64,
        ended: Option<String>,
    }
}
