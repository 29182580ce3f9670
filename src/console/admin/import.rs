//! A sheet of people or recorders: read here as the command line reads it, planned, shown; signed on another page.

use super::drafts::Draft;
use crate::console::Room;
use crate::console::desk::{list, number, text};
use crate::console::guard::page as drawn;
use crate::console::signed::{Office, Reader};
use crate::console::spoken::{half, in_lang, word};
use crate::exit::{CliError, Exit};
use crate::request::ImportAsk;
use axum::body::Bytes;
use axum::extract::{FromRef, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealdock_console::Lang;
use sealdock_console::admin::{self as view, Sheet};
use sealdock_console::words::{self as w, admin as a};
use sealdock_core::actor::ActorRecord;
use sealdock_core::import::{PEOPLE, RECORDERS, Subject, in_both};
use sealdock_core::why::Both;
use sealdock_report::reading::{self, FILE_BYTES_MAX};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One byte more than a sheet may have, so that it is the reader who says that it is too large.
pub const BYTES_MAX: usize = FILE_BYTES_MAX + 1;
/// Complaints on one page.
const SHOWN: usize = 500;

fn subject(name: &str) -> Option<(Subject, &'static str, w::Word)> {
    match name {
        "people" => Some((Subject::People, "people", a::IMPORT_PEOPLE)),
        "recorders" => Some((Subject::Recorders, "recorders", a::IMPORT_RECORDERS)),
        _ => None,
    }
}

/// The headings of a sheet in the language of the page; either is understood.
fn headings(lang: Lang, of: Subject) -> String {
    let columns = match of {
        Subject::People => PEOPLE,
        Subject::Recorders => RECORDERS,
    };
    let named = columns.iter().map(|column| {
        let name = if lang == Lang::Zh { column.chinese } else { column.name };
        format!("{name}{}", if column.needed { " *" } else { "" })
    });
    named.collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " })
}

/// How a file was read, as `CSV, UTF-8, 逗号 comma`, in the words of the page.
fn form(lang: Lang, form: &str) -> String {
    let words = [("工作表", "sheet"), ("分号", "semicolon"), ("制表符", "tab"), ("逗号", "comma")];
    words.into_iter().fold(form.to_owned(), |form, (chinese, english)| {
        let own = if lang == Lang::Zh { chinese } else { english };
        form.replacen(&format!("{chinese} {english}"), own, 1)
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    draft: String,
    said: String,
}

/// Whoever the core lets import a sheet; of others nobody's bytes are taken in.
pub struct Importer(Reader);

impl<S: Send + Sync> FromRequestParts<S> for Importer
where
    Arc<Room>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Importer, Response> {
        let Office(reader) = Office::from_request_parts(parts, state).await?;
        match may(&reader).await {
            Ok(None) => Ok(Importer(reader)),
            Ok(Some(why)) => Err(reader.said(StatusCode::FORBIDDEN, w::REFUSED, &why)),
            Err(e) => Err(reader.failed(&e)),
        }
    }
}

/// Why this reader may import nothing.
///
/// # Errors
/// The registers cannot be read.
pub async fn may(reader: &Reader) -> Result<Option<String>, CliError> {
    let Some((id, _)) = reader.me.clone() else {
        return Ok(Some(reader.lang.t(w::SIGNED_OUT).to_owned()));
    };
    let lang = reader.lang;
    let asked = reader.room.aside(move |room| {
        let at = room.open.station.world().clock.now().wall;
        let view = room.open.station.world().ledger.view()?;
        let why = sealdock_core::import::objection(&*view, at, &ActorRecord::Person { id })?;
        Ok(why.map(|why| in_lang(lang, &CliError::of_rule(Exit::Refused, &why))))
    });
    asked.await
}

/// The form; with a draft what it comes to.
pub async fn page(
    Importer(reader): Importer,
    Path(of): Path<String>,
    Query(Wanted { draft, said }): Query<Wanted>,
) -> Response {
    let Some((of, name, title)) = subject(&of) else {
        return reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404");
    };
    let said = reader.room.said.take(&said);
    let Some((me, _)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let kept = match reader.room.drafts.take(&me, &draft) {
        Some(Draft::Sheet(kept, form, table)) if kept == of => Some((form, table)),
        _ => None,
    };
    let expired = !draft.is_empty() && kept.is_none() && said.is_none();
    let sheet = match kept {
        None => None,
        Some((form, table)) => {
            let turn = reader.room.drafts.turn().await;
            let planned = reader.room.aside(move |room| {
                let _turn = turn;
                let ask = ImportAsk { subject: of, dry_run: true, form, table };
                crate::execute::planned(&room.open, &ask)
            });
            match planned.await {
                Ok(answer) => Some(shown(reader.lang, draft, &answer.json)),
                Err(e) => return reader.failed(&e),
            }
        }
    };
    let said = said.or_else(|| expired.then(|| (false, reader.lang.t(a::DRAFT_GONE).to_owned())));
    let (frame, headings) = (reader.frame(), headings(reader.lang, of));
    let page = view::Import { frame, said, title, subject: name, headings, sheet };
    drawn(StatusCode::OK, page.draw())
}

fn shown(lang: Lang, draft: String, json: &Value) -> Sheet {
    let complaints = list(json, "complaints");
    let lines: BTreeSet<u64> = complaints.iter().map(|one| number(one, "line")).collect();
    let one = |one: &Value| {
        let [line, column, value, what] =
            ["line", "column", "value", "what"].map(|key| text(one, key));
        [line, half(lang, &column).to_owned(), value, word(lang, in_both(&what))]
    };
    Sheet {
        draft,
        form: form(lang, &text(json, "form")),
        complaints: complaints.iter().take(SHOWN).map(one).collect(),
        wrong: (complaints.len(), lines.len()),
        enrolled: list(json, "enrolled").len(),
        described: list(json, "described").len(),
        same: list(json, "same").len(),
    }
}

/// A sheet with the headings and one row that shows what to write.
pub async fn template(Importer(reader): Importer, Path(of): Path<String>) -> Response {
    let Some((of, name, _)) = subject(&of) else {
        return reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404");
    };
    let csv = text(&crate::cli::sheet_to_fill_in(of).json, "csv");
    let kept_as = format!("attachment; filename=\"{name}.csv\"");
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    (head, csv).into_response()
}

/// Takes the bytes of a file; says where its preview is. Nothing is written.
pub async fn upload(
    Importer(reader): Importer,
    Path(of): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let token = headers.get("x-form-token").and_then(|value| value.to_str().ok());
    let Some((me, _)) = reader.me.clone().filter(|_| reader.wrote(token.unwrap_or_default()))
    else {
        return (StatusCode::FORBIDDEN, reader.lang.t(w::SIGNED_OUT)).into_response();
    };
    let Some((of, name, _)) = subject(&of) else {
        return (StatusCode::NOT_FOUND, "404").into_response();
    };
    let turn = reader.room.drafts.turn().await;
    let kept = reader.room.aside(move |room| {
        let _turn = turn;
        let reading = reading::read(&bytes).map_err(|why| {
            let why = why.to_string();
            let Both(chinese, english) = in_both(&why);
            CliError::both(Exit::Refused, format!("表格读不出：{chinese}"), english)
        })?;
        let form = reading.form.to_string();
        room.drafts.keep(&me, Draft::Sheet(of, form, reading.table))
    });
    match kept.await {
        Ok(draft) => format!("/import/{name}?draft={draft}").into_response(),
        Err(e) => (StatusCode::UNPROCESSABLE_ENTITY, in_lang(reader.lang, &e)).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_reader_says_comes_in_the_words_of_the_page() {
        let one = json!({ "line": 2, "column": "姓名 name", "value": "x", "what": "太长; too long; cut it" });
        let json = json!({ "complaints": [one], "form": "XLSX, 工作表 sheet \"人员\"" });
        let said = |lang| {
            let sheet = shown(lang, "d".into(), &json);
            let [_, column, _, what] = sheet.complaints[0].clone();
            [sheet.form, column, what]
        };
        assert_eq!(said(Lang::Zh), ["XLSX, 工作表 \"人员\"", "姓名", "太长"]);
        assert_eq!(said(Lang::En), ["XLSX, sheet \"人员\"", "name", "too long; cut it"]);
        let (zh, en) = (headings(Lang::Zh, Subject::People), headings(Lang::En, Subject::People));
        assert!(zh.starts_with("编号 *、姓名 *") && en.starts_with("id *, name *"), "{zh} {en}");
    }

    #[test]
    fn every_way_to_be_no_sheet_has_both_languages() {
        let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let wide = format!("a\n{}x\n", ",".repeat(100));
        for bytes in [&b"PK\x03\x04junk"[..], b"a\0b", b"\xff\xff", wide.as_bytes()] {
            let why = reading::read(bytes).unwrap_err().to_string();
            let Both(zh, en) = in_both(&why);
            assert!(zh.contains(chinese) && !en.contains(chinese), "{why}");
        }
    }

    #[test]
    fn all_complaints_are_counted_and_so_many_are_shown_as_fit() {
        let one =
            |line: usize| json!({ "line": line, "column": "姓名", "value": "x", "what": "?" });
        let complaints: Vec<Value> = (0..SHOWN + 37).map(|n| one(2 + n / 2)).collect();
        let sheet =
            shown(Lang::Zh, "d".into(), &json!({ "complaints": complaints, "form": "CSV" }));
        assert_eq!(sheet.complaints.len(), SHOWN);
        assert_eq!(sheet.wrong, (SHOWN + 37, (SHOWN + 37).div_ceil(2)));
        let fine = shown(
            Lang::Zh,
            "d".into(),
            &json!({ "enrolled": ["a", "b"], "described": [], "same": ["c"] }),
        );
        assert_eq!((fine.wrong.0, fine.enrolled, fine.same), (0, 2, 1));
    }
}
