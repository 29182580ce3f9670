//! The matrix as a page of Markdown: one table per room, refusals as numbered sentences below it.

use crate::unit::Unit;
use crate::{Room, askers, cell};
use std::fmt::Write as _;

const HEAD: &str = "\
# Who may do what

Made by asking the rules themselves: every command, in every state of the thing it is about, by everybody
(`crates/core/tests/rights.rs`, which holds this page to them). ● is done; a number is a refusal, in the words
below the table, `…` standing for whoever asked. Commands in *italics* cannot be said by a message: the station
says them after it has seen what they report.

Everybody is of department d1, and so is the footage, unless it is said otherwise; duties are over the whole
unit unless a department is named. Everybody has shown their own PIN but the last three.

";

/// The whole page.
pub fn page(rooms: &[Room]) -> String {
    let mut text = HEAD.to_owned();
    text += "| Column | Who asks |\n|---|---|\n";
    for (name, what) in askers() {
        let _ = writeln!(text, "| {name} | {what} |");
    }
    for room in rooms {
        text += &section(room);
    }
    text
}

fn section((title, cases): &Room) -> String {
    let (unit, askers) = (Unit::new(), askers());
    let mut refusals: Vec<String> = Vec::new();
    let names: Vec<&str> = askers.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = format!("\n## {title}\n\n| Command | State | {} |\n", names.join(" | "));
    text += &format!("|---|---|{}\n", "---|".repeat(names.len()));
    for case in *cases {
        let mut row = format!("| {} | {} |", shown(case.command), case.state);
        for name in &names {
            let sign = match cell(&unit, case, name) {
                Ok(()) => "●".to_owned(),
                Err(why) => number(&mut refusals, &impersonal(&why, name)).to_string(),
            };
            row += &format!(" {sign} |");
        }
        text += &row;
        text.push('\n');
    }
    text.push('\n');
    for (at, refusal) in refusals.iter().enumerate() {
        let _ = writeln!(text, "{}. {refusal}", at + 1);
    }
    text
}

fn shown(command: &str) -> String {
    match crate::PROOF_CARRYING.contains(&command) {
        true => format!("*{command}*"),
        false => command.to_owned(),
    }
}

fn number(refusals: &mut Vec<String>, why: &str) -> usize {
    if let Some(at) = refusals.iter().position(|known| known == why) {
        return at + 1;
    }
    refusals.push(why.to_owned());
    refusals.len()
}

/// The same sentence for everybody to whom the same rule says no, whatever number the thing has.
fn impersonal(why: &str, asker: &str) -> String {
    let record = crate::actor(asker).record().to_string();
    let is_person = record.starts_with("person ");
    let why = why.replace(&record, "…");
    let mut out = String::new();
    let mut word = String::new();
    for c in why.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            word.push(c);
            continue;
        }
        out += &match (word == asker && is_person, numbered(&word)) {
            (true, _) => "…".to_owned(),
            (_, Some(letter)) => format!("{letter}…"),
            _ if word.len() == 64 => "…".to_owned(),
            _ => word.clone(),
        };
        word.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

/// The letter of an id like `C51`.
fn numbered(word: &str) -> Option<char> {
    let (letter, digits) = word.split_at_checked(1)?;
    let id = "ABCDHKPQSV".contains(letter) && !digits.is_empty();
    (id && digits.bytes().all(|b| b.is_ascii_digit())).then(|| letter.chars().next())?
}
