//! Answers and progress for people: tables that know how wide Chinese letters are, bars on a
//! terminal, plain lines in a pipe.

use crate::answer::{Answer, Block};
use crate::request::Heard;
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sealdock_report::Cell;
use sealdock_station::{Carried, Progress, Report};
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

/// Columns of a terminal on which tables are fitted.
const WIDTH_MIN: u16 = 60;

/// To standard output; a reader that has gone away is no error of ours.
pub fn answer(answer: &Answer, json: bool) {
    let mut text = String::new();
    match json {
        true => {
            text = serde_json::to_string_pretty(&answer.json).unwrap_or_default();
            text.push('\n');
        }
        false => answer.blocks.iter().for_each(|block| lay_out(block, &mut text)),
    }
    let _gone = std::io::stdout().lock().write_all(text.as_bytes());
}

fn lay_out(block: &Block, out: &mut String) {
    match block {
        Block::Line(line) => {
            out.push_str(line);
            out.push('\n');
        }
        Block::Exact(text) => out.push_str(text),
        Block::Sheet { sheet, empty } if sheet.rows.is_empty() => {
            out.push_str(empty);
            out.push('\n');
        }
        Block::Sheet { sheet, .. } => {
            let head = sheet.columns.iter().map(|column| column.name.to_string()).collect();
            let rows = sheet.rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
            lay_out(&Block::Table { head, rows }, out);
        }
        Block::Table { head, rows } => {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_header(head).add_rows(rows);
            // Narrower than this, wrapped words are read by nobody.
            if std::io::stdout().is_terminal() && table.width().is_some_and(|w| w >= WIDTH_MIN) {
                table.set_content_arrangement(ContentArrangement::Dynamic);
            }
            for line in table.lines() {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
    }
}

/// Shows how a session goes on, on standard error.
pub struct Watch {
    state: Mutex<Shown>,
    terminal: bool,
}

#[derive(Default)]
struct Shown {
    step: String,
    bar: Option<ProgressBar>,
}

impl Watch {
    pub fn new() -> Watch {
        Watch { state: Mutex::new(Shown::default()), terminal: std::io::stderr().is_terminal() }
    }

    pub fn show(&self, heard: &Heard) {
        let mut shown = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let new_step = shown.step != heard.step;
        if new_step {
            shown.step.clone_from(&heard.step);
        }
        if self.terminal {
            let bar = shown.bar.get_or_insert_with(bar);
            if new_step {
                bar.set_style(style(if heard.bytes > 0 { KNOWN } else { UNKNOWN }));
                bar.reset();
            }
            bar.set_length(heard.bytes);
            let of = if heard.recorder.is_empty() { &heard.bay } else { &heard.recorder };
            bar.set_message(format!("{of} {}", heard.step));
            bar.set_position(heard.bytes_done);
        } else if new_step && !heard.recorder.is_empty() && heard.bay != crate::execute::CHECK_BAY {
            // A copy or a check has one step: into a pipe its result says enough.
            eprintln!("{} {}: {}", heard.bay, heard.recorder, heard.step);
        }
    }

    pub fn end(&self) {
        if let Some(bar) = self.state.lock().unwrap_or_else(PoisonError::into_inner).bar.take() {
            bar.finish_and_clear();
        }
    }
}

const KNOWN: &str = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
const UNKNOWN: &str = "{msg}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn bar() -> ProgressBar {
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style(UNKNOWN))
}

impl Progress for Watch {
    fn report(&self, report: &Report) {
        self.show(&Heard::from(report));
    }

    fn carried(&self, carried: &Carried) {
        self.show(&Heard::from(carried));
    }
}
