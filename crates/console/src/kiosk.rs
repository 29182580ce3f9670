//! The kiosk. Gloves, a queue, one question a screen, never more than fits on it.

use crate::words::{self as w, Word, dock as d, kiosk as k};
use crate::{Drawn, Lang};
use askama::Template;

macro_rules! screen {
    ($(#[$doc:meta])* $name:ident, $path:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Template)]
        #[template(path = $path)]
        pub struct $name {
            pub lang: Lang,
            pub unit: String,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl $name {
            /// The whole screen.
            ///
            /// # Errors
            /// Never but for a fault in a template.
            pub fn draw(&self) -> Drawn {
                self.render()
            }
        }
    };
}

/// A recorder that waits for its person.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub bay: String,
    /// Name of its directory or volume; names it together with the bay.
    pub name: String,
    pub recorder: String,
    /// Whoever its file names speak of.
    pub officer: Option<String>,
}

screen! {
    /// The four errands. Whoever stood here before is forgotten.
    Start, "kiosk_start.html" {
        /// Recorders that wait to be confirmed.
        waiting: usize,
    }
}

screen! {
    /// Every recorder that waits, as a button.
    Choose, "kiosk.html" {
        waiting: Vec<Waiting>,
    }
}

screen! {
    /// Whose is it?
    Confirm, "kiosk_confirm.html" {
        one: Waiting,
        /// Never taken from a PIN field.
        person: String,
        /// Whose its files are, by name.
        carried: Option<String>,
        /// To whom it was handed out.
        issued: Option<String>,
        /// Asked of whoever is somebody else, once more.
        doubt: Option<String>,
        /// It stands there no more.
        gone: Option<String>,
        /// Why the last try did not work.
        said: Option<String>,
    }
}

screen! {
    /// It runs; the person may go, and sees how it goes on while they stand there.
    Begun, "kiosk_begun.html" {
        bay: String,
        recorder: String,
        follows: Follows,
    }
}

/// How a docking goes on.
#[derive(Debug, Clone)]
pub struct Follows {
    /// How it ended; nothing while it runs.
    pub good: Option<bool>,
    pub text: String,
}

screen! {
    /// Number and PIN.
    Who, "kiosk_who.html" {
        /// Where to go then: one of the errands.
        to: &'static str,
        said: Option<String>,
    }
}

/// Something to touch: where it leads, what it is, and a line below.
#[derive(Debug, Clone)]
pub struct Choice {
    pub href: String,
    pub title: String,
    pub line: String,
}

screen! {
    /// One of several, or none.
    Pick, "kiosk_pick.html" {
        title: Word,
        choices: Vec<Choice>,
        /// Where there is none.
        none: Word,
        /// Further lines that are no choice.
        notes: Vec<String>,
        said: Option<String>,
    }
}

/// One of the four things to look at before a use (002/A6-§8).
#[derive(Debug, Clone)]
pub struct Tick {
    /// Name of its field.
    pub name: &'static str,
    pub word: Word,
    /// The number that goes with it.
    pub number: String,
    /// What the station knows of it: is it in order, and whence.
    pub known: Option<(bool, String)>,
}

impl Tick {
    /// Shown as ticked already.
    fn is_known_good(&self) -> bool {
        matches!(self.known, Some((true, _)))
    }
}

/// A person who may be chosen; their PIN follows.
#[derive(Debug, Clone)]
pub struct Hand {
    pub person: String,
    pub name: String,
}

screen! {
    /// The check before a use, and who hands it out.
    Take, "kiosk_take.html" {
        token: String,
        id: String,
        recorder: String,
        facts: Vec<(Word, String)>,
        ticks: Vec<Tick>,
        /// Why it cannot be taken, whatever is ticked.
        barred: Option<String>,
        clerks: Vec<Hand>,
        said: Option<String>,
    }
}

screen! {
    /// Something was not ticked: is it really not in order?
    NotInOrder, "kiosk_not_in_order.html" {
        id: String,
        recorder: String,
        /// What each is, with its number.
        missing: Vec<(Word, String)>,
        advice: Vec<Word>,
        /// It does not work: a fault can be reported.
        broken: bool,
    }
}

/// A reason to touch: what is sent, what is shown.
#[derive(Debug, Clone)]
pub struct Reason {
    pub value: String,
    pub shown: String,
}

screen! {
    /// A PIN, and reasons of which touching one sends it.
    Why, "kiosk_why.html" {
        title: Word,
        action: &'static str,
        token: String,
        /// Hidden fields.
        hidden: Vec<(&'static str, String)>,
        /// What it is about.
        about: String,
        reasons: Vec<Reason>,
        /// Name of the field for another reason in words, if there may be one.
        other: bool,
        /// Whoever signs, where it is not whoever stands here.
        signers: Vec<Hand>,
        pin_word: Word,
        said: Option<String>,
    }
}

/// A line of a list: what, when, a note.
#[derive(Debug, Clone)]
pub struct Line {
    pub href: Option<String>,
    pub what: String,
    pub at: String,
    pub note: String,
}

screen! {
    /// My clips or my receipts.
    Mine, "kiosk_mine.html" {
        /// Receipts, not clips.
        receipts: bool,
        lines: Vec<Line>,
        newer: Option<String>,
        older: Option<String>,
    }
}

screen! {
    /// What became of one docking, with the signed head as a code.
    Receipt, "kiosk_receipt.html" {
        session: String,
        facts: Vec<(Word, String)>,
        /// Name, size, what became of it, SHA-256.
        files: Vec<[String; 4]>,
        /// The signed head as a code: its side, and the path of its dark dots.
        code: (usize, String),
        head: Vec<String>,
        back: &'static str,
    }
}

screen! {
    /// What came of it; the person is forgotten.
    Done, "kiosk_done.html" {
        good: bool,
        text: String,
    }
}

#[cfg(test)]
mod tests;
