//! Rooms whose pages are made of the same few pieces: tables, facts, forms, drawings. What stands in them is found by
//! `src/console/rooms`; here it becomes HTML, every text of it escaped, and no form that writes without its token and a PIN.

use crate::words::rooms as r;
use crate::words::{self as w};
use crate::{Drawn, Frame, Lang};
use askama::Template;

/// A month with counts.
mod month;
/// A day as lanes with gaps.
pub mod timeline;

pub use month::{Day, Month};
pub use timeline::{Lane, Span, Timeline};

/// One page.
#[derive(Debug, Clone, Template)]
#[template(path = "room.html")]
pub struct Room {
    pub frame: Frame,
    pub title: String,
    /// Pages beside this one: address, name.
    pub beside: Vec<(String, String)>,
    /// What the last form came to: was it done, and in which words.
    pub said: Option<(bool, String)>,
    pub blocks: Vec<Block>,
}

impl Room {
    /// The whole page.
    ///
    /// # Errors
    /// Never but for a fault in a template.
    pub fn draw(&self) -> Drawn {
        self.render()
    }
}

/// A part of a page, already in the reader's language.
#[derive(Debug, Clone)]
pub enum Block {
    Heading(String),
    Note(String),
    /// Something that must be seen: good or not.
    Notice(bool, String),
    Facts(Vec<(String, String)>),
    Figures(Vec<Tally>),
    Table(Table),
    Form(Form),
    Links(Vec<(String, String)>),
    /// Pages as cards: address, name.
    Hubs(Vec<(String, String)>),
    /// Something that goes on; the page looks again.
    Running(String),
    /// Markup of our own drawing, in which every text is escaped already.
    Drawing(Drawing),
    Month(Month),
    Timeline(Timeline),
}

/// An `svg` element that the report's own plots drew.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub(crate) svg: String,
    /// Said below it.
    pub caption: String,
}

impl Drawing {
    /// Takes nothing but one element without script, style and foreign parts: what else comes here is a fault of ours, and
    /// nothing is drawn.
    pub fn new(svg: &str, caption: impl Into<String>) -> Option<Drawing> {
        let one = svg.trim();
        let plain = one.starts_with("<svg ") && one.ends_with("</svg>");
        let low = one.to_ascii_lowercase();
        let odd = ["<script", "<style", " style=", "<foreignobject", "<image", "href=", " on"];
        let fine = plain && odd.iter().all(|part| !low.replace('\n', " ").contains(part));
        fine.then(|| Drawing { svg: one.to_owned(), caption: caption.into() })
    }
}

/// A figure.
#[derive(Debug, Clone)]
pub struct Tally {
    pub value: String,
    pub name: String,
    /// Said small, below.
    pub also: String,
    pub href: Option<String>,
    /// Wants attention.
    pub calls: bool,
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// For who hears it.
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// A last row that sums up.
    pub totals: Option<Vec<Cell>>,
    /// Said where there is no row.
    pub empty: String,
}

#[derive(Debug, Clone)]
pub enum Cell {
    Text(String),
    /// A name that a recorder or a person gave: it may be broken anywhere.
    Name(String),
    /// Stands to the right.
    Number(String),
    /// Does not break.
    Time(String),
    /// To an address of ours.
    Link(String, String),
    /// A word about a state; `true`: it wants attention.
    Tag(bool, String),
}

/// What is filled in.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pub id: String,
    /// Address of ours.
    pub to: String,
    pub title: String,
    /// What comes of it, said before.
    pub note: String,
    /// Shut until it is asked for.
    pub shut: bool,
    /// Changes nothing: a filter. It carries neither token nor PIN.
    pub reads: bool,
    /// Writes nothing either: the page that follows shows what would be signed. It carries the token and no PIN.
    pub previews: bool,
    /// What stands now, or what each choice would do: name, words.
    pub facts: Vec<(String, String)>,
    pub hidden: Vec<(&'static str, String)>,
    pub fields: Vec<Field>,
    pub buttons: Vec<Button>,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: &'static str,
    pub label: String,
    pub input: Input,
    pub required: bool,
}

#[derive(Debug, Clone)]
pub enum Input {
    /// With what stands in it and the most letters.
    Line(String, u32),
    /// Several lines, with what stands in them and the most letters.
    Lines(String, u32),
    /// With what stands in it, the least, the most.
    Number(String, u64, u64),
    Day(String),
    Month(String),
    /// Value and name; the one that is chosen.
    Choice(Vec<(String, String)>, String),
    /// Value and name; all that are ticked.
    Ticks(Vec<(String, String)>, Vec<String>),
}

#[derive(Debug, Clone)]
pub struct Button {
    /// Name and value that it sends.
    pub sends: Option<(&'static str, &'static str)>,
    pub label: String,
    pub main: bool,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }
    pub fn number(n: impl ToString) -> Cell {
        Cell::Number(n.to_string())
    }
}

impl Field {
    pub fn line(name: &'static str, label: &str, most: u32) -> Field {
        Field {
            name,
            label: label.to_owned(),
            input: Input::Line(String::new(), most),
            required: false,
        }
    }
    pub fn choice(name: &'static str, label: &str, of: Vec<(String, String)>, is: &str) -> Field {
        let input = Input::Choice(of, is.to_owned());
        Field { name, label: label.to_owned(), input, required: false }
    }
    #[must_use]
    pub fn with(self, input: Input) -> Field {
        Field { input, ..self }
    }
    #[must_use]
    pub fn needed(self) -> Field {
        Field { required: true, ..self }
    }
}

impl Button {
    pub fn main(label: &str) -> Button {
        Button { sends: None, label: label.to_owned(), main: true }
    }
    pub fn sending(name: &'static str, value: &'static str, label: &str, main: bool) -> Button {
        Button { sends: Some((name, value)), label: label.to_owned(), main }
    }
}

impl Form {
    /// A form without a button cannot be sent, so each has one; what it changes is signed with a PIN.
    pub fn new(id: &str, to: &str, title: &str) -> Form {
        Form { id: id.to_owned(), to: to.to_owned(), title: title.to_owned(), ..Form::default() }
    }
    #[must_use]
    pub fn note(mut self, note: &str) -> Form {
        self.note = note.to_owned();
        self
    }
    #[must_use]
    pub fn shut(mut self) -> Form {
        self.shut = true;
        self
    }
    #[must_use]
    pub fn previewing(mut self) -> Form {
        self.previews = true;
        self
    }
    #[must_use]
    pub fn showing(mut self, facts: Vec<(String, String)>) -> Form {
        self.facts = facts;
        self
    }
    #[must_use]
    pub fn hidden(mut self, name: &'static str, value: impl ToString) -> Form {
        self.hidden.push((name, value.to_string()));
        self
    }
    #[must_use]
    pub fn field(mut self, field: Field) -> Form {
        self.fields.push(field);
        self
    }
    #[must_use]
    pub fn button(mut self, button: Button) -> Form {
        self.buttons.push(button);
        self
    }
}

impl Table {
    pub fn new(lang: Lang, head: &[w::Word], empty: w::Word) -> Table {
        let head = head.iter().map(|word| lang.t(*word).to_owned()).collect();
        Table { head, empty: lang.t(empty).to_owned(), ..Table::default() }
    }
    #[must_use]
    pub fn rows(mut self, rows: Vec<Vec<Cell>>) -> Table {
        self.rows = rows;
        self
    }
    /// Does the column hold numbers, so that its name stands above them?
    pub fn counts(&self, column: &usize) -> bool {
        let number = |row: &Vec<Cell>| matches!(row.get(*column), Some(Cell::Number(_)));
        !self.rows.is_empty() && self.rows.iter().all(number)
    }
    #[must_use]
    pub fn called(mut self, caption: &str) -> Table {
        self.caption = caption.to_owned();
        self
    }
}

#[cfg(test)]
mod tests;
