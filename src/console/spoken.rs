//! What the station says to whoever stands at a page, in the language of that page: refusals, and what a form came to.

use super::Room;
use super::deeds::Teller;
use super::signed::Reader;
use crate::exit::{CliError, Exit};
use axum::response::Response;
use sealdock_console::Lang;
use sealdock_console::words::{self as w, Word};
use sealdock_core::event::Event;
use sealdock_core::ports::LedgerView;
use sealdock_core::why::{Both, Why, halves, is_chinese};
use serde_json::Value;

/// What went wrong, in the language of the page, with the code of the rule at its end.
pub fn in_lang(lang: Lang, e: &CliError) -> String {
    match lang {
        Lang::Zh => e.chinese(),
        Lang::En => e.english(),
    }
}

/// Something that has words in both languages.
pub fn word(lang: Lang, of: impl std::fmt::Display) -> String {
    match lang {
        Lang::Zh => format!("{of:#}"),
        Lang::En => of.to_string(),
    }
}

/// What a rule says, as a part of a page.
pub fn why_in(lang: Lang, why: &Why) -> String {
    in_lang(lang, &CliError::of_rule(Exit::Refused, why))
}

/// Of words that the record keeps in both languages, Chinese first, those of the page: `一般 ordinary`, `请取下 / take it off`.
/// What is not of this kind stays as it is.
pub fn half(lang: Lang, text: &str) -> &str {
    let by_slash = text.split_once(" / ").filter(|(left, right)| {
        left.contains(is_chinese) && !right.is_empty() && !right.contains(is_chinese)
    });
    let Both(left, right) =
        by_slash.map_or_else(|| halves(text), |(left, right)| Both(left, right));
    if lang == Lang::Zh { left } else { right }
}

/// The half of the page's language, or what is said in its place where the text has none, which is logged.
pub fn own_words(lang: Lang, text: &str, instead: Word) -> String {
    let own = half(lang, text);
    if own.contains(is_chinese) == (lang == Lang::Zh) {
        return own.to_owned();
    }
    tracing::info!("on a page in words of its own: {text}");
    lang.t(instead).to_owned()
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
        self.off_to(to, (false, self.words_of(e)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_words_in_both_languages_a_page_shows_its_own_and_nothing_else_is_cut() {
        let both = "完成，可取走 done, may be taken: all 3 lines accounted for";
        assert_eq!(half(Lang::Zh, both), "完成，可取走");
        assert_eq!(half(Lang::En, both), "done, may be taken: all 3 lines accounted for");
        let slash = "无法读取密码，未发送 / the secret \"x\" cannot be read: no such file";
        assert_eq!(half(Lang::Zh, slash), "无法读取密码，未发送");
        assert_eq!(half(Lang::En, slash), "the secret \"x\" cannot be read: no such file");
        for whole in ["一般", "ordinary", "J800001 在 3 号位", "张三 m1 到场", "", "记录 12 条"]
        {
            assert_eq!((half(Lang::Zh, whole), half(Lang::En, whole)), (whole, whole));
        }
    }

    #[test]
    fn a_text_without_words_of_the_page_is_not_shown_on_it() {
        let said = |lang, text| own_words(lang, text, w::PORT_FAULT);
        assert_eq!(said(Lang::Zh, "请取下 / take it off"), "请取下");
        assert_eq!(said(Lang::En, "请取下 / take it off"), "take it off");
        assert_eq!(said(Lang::Zh, "LIBMTP: no device"), w::PORT_FAULT.0);
        assert_eq!(said(Lang::En, "设备不明"), w::PORT_FAULT.1);
    }

    #[test]
    fn a_refusal_is_said_in_the_language_of_the_page_with_its_code_and_a_fault_with_what_to_do() {
        let why = sealdock_core::why!("T7", "不行", "no");
        let refused = CliError::of_rule(Exit::Refused, &why);
        assert_eq!(in_lang(Lang::Zh, &refused), "不行 〔T7〕");
        assert_eq!(
            (in_lang(Lang::En, &refused).as_str(), refused.message.as_str()),
            ("no 〔T7〕", "no")
        );
        for (exit, ..) in crate::exit::TABLE {
            let fault = in_lang(Lang::Zh, &CliError::new(exit, "EIO"));
            assert!(fault.starts_with(exit.chinese()) && fault.contains("EIO"), "{fault}");
        }
    }
}
