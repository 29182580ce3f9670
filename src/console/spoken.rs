//! What the station says to whoever stands at a page, in the language of that page: refusals, and what a form came to.

use super::Room;
use super::deeds::Teller;
use super::signed::Reader;
use crate::exit::{CliError, Exit};
use axum::response::Response;
use sealdock_console::{Lang, words as w};
use sealdock_core::event::Event;
use sealdock_core::ports::LedgerView;
use sealdock_core::why::Why;
use serde_json::Value;

/// What went wrong, in the language of the page, with the code of the rule at its end.
pub fn in_lang(lang: Lang, e: &CliError) -> String {
    match lang {
        Lang::Zh => e.chinese(),
        Lang::En => e.english(),
    }
}

/// What a rule says, as a part of a page.
pub fn why_in(lang: Lang, why: &Why) -> String {
    in_lang(lang, &CliError::of_rule(Exit::Refused, why))
}

/// What a request came to, from the entries of its answer.
///
/// # Errors
/// The registers cannot be read.
pub fn came_to(room: &Room, lang: Lang, entries: &Value) -> Result<String, CliError> {
    let of = |entry: &Value| {
        let event = serde_json::from_value(entry["event"].clone()).ok()?;
        Some((entry["seq"].as_u64()?, event))
    };
    let told: Vec<(u64, Event)> = entries.as_array().into_iter().flatten().filter_map(of).collect();
    if told.is_empty() {
        return Ok(lang.t(w::NOTHING_NEW).to_owned());
    }
    let (registers, zone) = (view(room)?, crate::execute::zone(&room.open)?);
    Ok(Teller { registers: &*registers, zone, lang }.came_to(&told))
}

fn view(room: &Room) -> Result<Box<dyn LedgerView>, CliError> {
    Ok(room.open.station.world().ledger.view()?)
}

impl Reader {
    /// Away from a form that came to nothing.
    pub fn off_with(&self, to: &str, e: &CliError) -> Response {
        self.off_to(to, (false, in_lang(self.lang, e)))
    }
}
