//! Administration: lists, one thing with what can be done to it, a sheet before it is imported, a policy before it is adopted.

use crate::first::Rule;
use crate::words::{self as w, Word, admin as a, first as f};
use crate::{Drawn, Frame};
use askama::Template;

macro_rules! page {
    ($(#[$doc:meta])* $name:ident, $path:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Template)]
        #[template(path = $path)]
        pub struct $name {
            pub frame: Frame,
            /// Was it done, and in which words.
            pub said: Option<(bool, String)>,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl $name {
            /// The whole page.
            ///
            /// # Errors
            /// Never but for a fault in a template.
            pub fn draw(&self) -> Drawn {
                self.render()
            }
        }
    };
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Text,
    Day,
    /// Never shown, never sent back.
    Pin,
    /// Value and word, the first one chosen.
    OneOf(Vec<(String, String)>),
    Tick,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: &'static str,
    pub label: Word,
    pub kind: Kind,
    pub value: String,
    pub needed: bool,
}

impl Field {
    /// An empty line of text that must be filled.
    pub fn text(name: &'static str, label: Word) -> Field {
        Field { name, label, kind: Kind::Text, value: String::new(), needed: true }
    }

    pub fn of(self, kind: Kind) -> Field {
        Field { kind, ..self }
    }

    pub fn with(self, value: impl Into<String>) -> Field {
        Field { value: value.into(), ..self }
    }

    pub fn maybe(self) -> Field {
        Field { needed: false, ..self }
    }
}

/// Something that can be done; always with a PIN.
#[derive(Debug, Clone)]
pub struct Act {
    pub act: &'static str,
    pub title: Word,
    /// What it would do, counted, where it cannot be undone.
    pub before: Option<String>,
    pub hidden: Vec<(&'static str, String)>,
    pub fields: Vec<Field>,
    pub open: bool,
    /// Heading of the group that begins with it.
    pub group: Option<Word>,
}

impl Act {
    pub fn new(act: &'static str, title: Word, fields: Vec<Field>) -> Act {
        Act { act, title, before: None, hidden: Vec::new(), fields, open: false, group: None }
    }

    /// About this person or thing.
    pub fn about(mut self, name: &'static str, value: &str) -> Act {
        self.hidden.push((name, value.to_owned()));
        self
    }

    pub fn saying(self, before: String) -> Act {
        Act { before: Some(before), ..self }
    }

    /// Begins a group of this name.
    pub fn under(self, group: Word) -> Act {
        Act { group: Some(group), ..self }
    }

    pub fn opened(self) -> Act {
        Act { open: true, ..self }
    }
}

#[derive(Debug, Clone)]
pub struct Row {
    pub href: Option<String>,
    pub cells: Vec<String>,
}

page! {
    /// Where to go.
    Hub, "admin_hub.html" {
        rooms: Vec<(&'static str, Word, Word)>,
    }
}

page! {
    /// A list, or one thing with its facts; below what can be done.
    Desk, "admin_desk.html" {
        title: String,
        /// Address that the forms come back to.
        here: String,
        /// The page above.
        up: (&'static str, Word),
        facts: Vec<(Word, String)>,
        /// What was looked for, where the list can be searched.
        find: Option<String>,
        tables: Vec<Table>,
        acts: Vec<Act>,
        sections: Vec<Section>,
    }
}

/// What is done elsewhere than on the page, and how.
#[derive(Debug, Clone)]
pub struct Section {
    pub title: Word,
    /// It stands below this table.
    pub below: usize,
    /// Must it be seen, and in which words.
    pub said: Vec<(bool, String)>,
    /// What for, and what is typed or written into a file.
    pub typed: Vec<(Word, String)>,
}

impl Section {
    fn is_below(&self, table: &usize) -> bool {
        self.below == *table
    }
}

#[derive(Debug, Clone)]
pub struct Table {
    pub title: Option<Word>,
    pub heads: Vec<Word>,
    pub rows: Vec<Row>,
    pub empty: Word,
}

page! {
    /// The policy: in force, proposed, and what the proposal changes.
    Policy, "admin_policy.html" {
        rules: Vec<Rule>,
        entry: String,
        text: String,
        /// Name of the draft; key, now, then; effects in words.
        preview: Option<Preview>,
    }
}

#[derive(Debug, Clone)]
pub struct Preview {
    pub draft: String,
    pub changes: Vec<(String, Option<Word>, String, String)>,
    pub effects: Vec<String>,
}

/// A sheet that was read.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub draft: String,
    pub form: String,
    /// Line, column, value, what to do.
    pub complaints: Vec<[String; 4]>,
    /// How many there are in all, and on how many rows.
    pub wrong: (usize, usize),
    pub enrolled: usize,
    pub described: usize,
    pub same: usize,
}

page! {
    /// A sheet to be taken into the registers.
    Import, "admin_import.html" {
        title: Word,
        subject: &'static str,
        headings: String,
        sheet: Option<Sheet>,
    }
}

page! {
    /// A check before a use in which something was not ticked.
    Unticked, "admin_unticked.html" {
        missing: Vec<Word>,
        hidden: Vec<(&'static str, String)>,
    }
}

#[cfg(test)]
mod tests;
