//! The receipt of the head, on a page: its words and its code, for the drawer, the court or the next shift.

use super::guard::page;
use super::signed::Office;
use crate::answer::{Answer, Block};
use crate::execute::head_code;
use crate::exit::{CliError, Exit};
use crate::request::Request;
use crate::wire::Open;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::{desk as view, show};

/// A code as a picture: dots along a side, and the path that draws them.
pub type Code = (usize, String);

/// How often it is looked again while entries come in.
const LOOKS: u32 = 20;

/// What `ask` gets for `LogReceipt`, as words; and the same head as a code, which the answer has in letters at its end. An entry
/// may come in between the two looks: a paper whose words and code name two heads would accuse the station.
///
/// # Errors
/// The head cannot be read or is too long for a code, or is another one at each look.
pub fn drawn(
    open: &Open,
    ask: impl Fn() -> Result<Answer, CliError>,
) -> Result<(Code, String), CliError> {
    for _ in 0..LOOKS {
        let answer = ask()?;
        let text = answer.blocks.iter().find_map(|block| match block {
            Block::Exact(text) => Some(text.as_str()),
            _ => None,
        });
        let (text, head) = (text.unwrap_or_default(), open.station.world().ledger.view()?.head()?);
        if text.contains(head.note()) {
            return Ok((show::code(&head_code(&head)?.dots), words(text)));
        }
    }
    Err(CliError::both(
        Exit::Busy,
        "正在写入新的记录；请稍后再打印回执",
        "entries are coming in; print the receipt in a moment",
    ))
}

/// Up to the first line of the code.
fn words(text: &str) -> String {
    let block = |c: char| ('\u{2580}'..='\u{259f}').contains(&c);
    let words: Vec<&str> = text.lines().take_while(|line| !line.contains(block)).collect();
    words.join("\n").trim_end().to_owned()
}

/// `/evidence/receipt`.
pub async fn show(Office(reader): Office) -> Response {
    let made = reader.room.aside(|room| drawn(&room.open, || room.read(Request::LogReceipt))).await;
    match made {
        Ok((code, receipt)) => {
            page(StatusCode::OK, view::HeadReceipt { frame: reader.frame(), code, receipt }.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_words_end_where_the_code_begins() {
        assert_eq!(super::words("a\nb\n\n██▀▀\n▄\n"), "a\nb");
        assert_eq!(super::words("a"), "a");
    }
}
