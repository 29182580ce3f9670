//! What a case was opened with is put right in two steps: a form writes nothing and leads to a page that shows what stands now
//! and what it would be; that page is signed. What was looked at goes with it, so whoever comes second changes nothing.

use super::{KINDS, known, lines, record};
use crate::console::Room;
use crate::console::admin::Draft;
use crate::console::rooms::{
    Asks, Fields, Head, Scene, command, nothing, scene, shown, sign, word_of,
};
use crate::console::signed::Desk;
use crate::console::spoken::why_in;
use crate::exit::{CliError, Exit};
use axum::extract::{Path, Query as Address};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Input, Table};
use sealdock_console::words::{self as w, Word, admin as a, rooms as r};
use sealdock_core::event::Event;
use sealdock_core::id::{MatterId, PersonId};
use sealdock_core::matter::{self, Matter, MatterCorrected, MatterRecord};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/cases/{matter}/correct", get(preview).post(propose))
        .route("/cases/{matter}/correct/sign", post(correct))
}

fn record_of(one: &Matter) -> MatterRecord {
    MatterRecord {
        kind: one.kind,
        title: one.title.clone(),
        parties: one.parties.clone(),
        officers: one.officers.clone(),
        department: one.department.clone(),
        case_file: one.case_file.clone(),
    }
}

fn event(one: &Matter, record: MatterRecord) -> Event {
    let (matter, corrects, reason) = (one.id, one.record_seq, "-".to_owned());
    Event::Matter(matter::Event::MatterCorrected(MatterCorrected {
        matter,
        record,
        corrects,
        reason,
    }))
}

/// Filled with what stands; for whoever may correct this case at all.
pub fn form(scene: &Scene, one: &Matter) -> Result<Option<Form>, CliError> {
    if !scene.may(&event(one, record_of(one)))? {
        return Ok(None);
    }
    let line = |name, word, stands: &str, most| {
        let input = Input::Line(stands.to_owned(), most);
        Field::line(name, scene.t(word), most).with(input)
    };
    let department = one.department.as_ref().map(ToString::to_string).unwrap_or_default();
    let kinds = scene.options(&KINDS);
    let to = format!("/cases/{}/correct", one.id);
    let mut form = Form::new("correct", &to, scene.t(r::CORRECT_CASE))
        .shut()
        .previewing()
        .note(scene.t(r::CORRECT_NOTE))
        .field(line("title", r::TITLE, &one.title, 200).needed())
        .field(Field::choice("kind", scene.t(r::KIND), kinds, one.kind.as_str()).needed())
        .field(line("officers", r::OFFICERS, &numbers(&one.officers), 200).needed());
    // The number of a filed case stays.
    if one.state != "filed" {
        let number = one.case_file.as_deref().unwrap_or_default();
        form = form.field(line("case_file", r::CASE_FILE, number, 60));
    }
    let parties = Field::line("parties", scene.t(r::PARTIES), 500);
    let form = form
        .field(line("department", r::DEPARTMENT, &department, 64))
        .field(parties.with(lines(&one.parties.join("\n"))));
    Ok(Some(form.button(Button::main(scene.t(r::CORRECT_PREVIEW)))))
}

fn numbers(of: &[PersonId]) -> String {
    of.iter().map(PersonId::as_str).collect::<Vec<_>>().join(" ")
}

/// Keeps what was filled in for its preview; nothing is written.
async fn propose(
    Desk(reader): Desk,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(matter) = id.parse::<MatterId>() else { return nothing(&reader) };
    let fields = Fields(fields);
    let Some((me, of)) = reader.me.clone().filter(|_| reader.wrote(fields.text("token"))) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let lang = reader.lang;
    let kept = reader.room.aside(move |room| {
        let scene = scene(room, lang, me, of.reads_all)?;
        let one = known(&scene, matter)?;
        if let Some(why) = scene.against(&event(&one, record_of(&one)))? {
            return Err(CliError::of_rule(Exit::Refused, &why));
        }
        let mut record = record(&scene, &fields)?;
        if one.state == "filed" {
            record.case_file = one.case_file.clone();
        }
        room.drafts.keep(&scene.me, Draft::Case(matter, one.record_seq, record))
    });
    match kept.await {
        Ok(draft) => {
            Redirect::to(&format!("/cases/{matter}/correct?draft={draft}")).into_response()
        }
        Err(e) => reader.off_with(&format!("/cases/{matter}"), &e),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wanted {
    draft: String,
    said: String,
}

async fn preview(
    Desk(reader): Desk,
    Path(id): Path<String>,
    Address(Wanted { draft, said }): Address<Wanted>,
) -> Response {
    let Ok(matter) = id.parse::<MatterId>() else { return nothing(&reader) };
    let title = format!("{} {matter}", reader.lang.t(r::CORRECT_CASE));
    let head = Head { told: said, ..Head::new(title, &Default::default()) };
    shown(reader, head, move |scene| {
        let one = known(scene, matter)?;
        let mut blocks = match drafted(scene, &one, &draft) {
            Ok(record) => differs(scene, &one, &record, &draft)?,
            Err(e) => vec![Block::Notice(false, crate::console::spoken::in_lang(scene.lang, &e))],
        };
        let back = (format!("/cases/{matter}"), scene.own(r::BACK_TO_CASE));
        blocks.push(Block::Links(vec![back]));
        Ok(blocks)
    })
    .await
}

/// What this person filled in for this case, if it speaks of the record that stands.
fn drafted(scene: &Scene, one: &Matter, draft: &str) -> Result<MatterRecord, CliError> {
    match scene.room.drafts.take(&scene.me, draft) {
        Some(Draft::Case(of, corrects, record)) if of == one.id => {
            match corrects == one.record_seq {
                true => Ok(record),
                false => Err(CliError::said(Exit::Refused, scene.t(r::BY_NOW_RECORD))),
            }
        }
        _ => Err(CliError::said(Exit::Missing, scene.t(a::DRAFT_GONE))),
    }
}

/// What stands, what would, whom that reaches; and the form that signs it, where it differs and nothing speaks against it.
fn differs(
    scene: &Scene,
    one: &Matter,
    then: &MatterRecord,
    draft: &str,
) -> Result<Vec<Block>, CliError> {
    let now = record_of(one);
    let (was, is) = (said(scene, &now)?, said(scene, then)?);
    let rows = was.into_iter().zip(is).map(|((word, was), (_, is))| {
        let stays = was == is;
        let state = if stays { r::UNCHANGED } else { r::CHANGES };
        let tag = Cell::Tag(!stays, scene.own(state));
        vec![Cell::Text(scene.own(word)), Cell::Text(was), Cell::Text(is), tag]
    });
    let head = [r::WHAT, r::STANDS_NOW, r::WOULD_BE, r::STATE];
    let table = Table::new(scene.lang, &head, r::NONE_YET).rows(rows.collect());
    let mut blocks = vec![Block::Table(table)];
    if now == *then {
        blocks.push(Block::Notice(false, scene.own(r::NO_CHANGE)));
        return Ok(blocks);
    }
    for (word, of, from) in [(r::LOSE_CASE, &now, then), (r::GAIN_CASE, then, &now)] {
        let gone = of.officers.iter().filter(|id| !from.officers.contains(id));
        let names = gone.map(|id| scene.named(id.as_str())).collect::<Result<Vec<_>, _>>()?;
        if !names.is_empty() {
            blocks.push(Block::Notice(false, format!("{} {}", scene.t(word), names.join("、"))));
        }
    }
    blocks.push(Block::Note(scene.own(r::CORRECT_STAYS)));
    match scene.against(&event(one, then.clone()))? {
        Some(why) => blocks.push(Block::Notice(false, why_in(scene.lang, &why))),
        None => {
            let to = format!("/cases/{}/correct/sign", one.id);
            let form = Form::new("sign", &to, scene.t(r::CORRECT_SIGN)).hidden("draft", draft);
            let form = form.field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed());
            blocks.push(Block::Form(form.button(Button::main(scene.t(r::CORRECT_SIGN)))));
        }
    }
    Ok(blocks)
}

/// Every part of a record, in the same order.
fn said(scene: &Scene, of: &MatterRecord) -> Result<[(Word, String); 6], CliError> {
    let department = of.department.as_ref().map(ToString::to_string).unwrap_or_default();
    let officers = of.officers.iter().map(|id| scene.named(id.as_str()));
    Ok([
        (r::TITLE, of.title.clone()),
        (r::KIND, word_of(scene.lang, &KINDS, of.kind.as_str())),
        (r::PARTY, of.parties.join("、")),
        (w::OFFICER, officers.collect::<Result<Vec<_>, _>>()?.join("、")),
        (r::CASE_FILE, of.case_file.clone().unwrap_or_default()),
        (r::DEPARTMENT, department),
    ])
}

async fn correct(
    Desk(reader): Desk,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(matter) = id.parse::<MatterId>() else { return nothing(&reader) };
    let fields = Fields(fields);
    sign(reader, fields, format!("/cases/{matter}"), move |scene, fields| {
        asks(scene, fields, matter)
    })
    .await
}

fn asks(scene: &Scene, fields: &Fields, matter: MatterId) -> Asks {
    let one = known(scene, matter)?;
    let record = drafted(scene, &one, fields.text("draft"))?;
    let correct = json!({ "act": "correct-matter", "matter": matter, "record": record,
        "reason": fields.text("reason") });
    Ok(vec![command("matter", correct)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::hostile::{Bench, PIN, enrolled, in_runtime, person};
    use sealdock_console::Lang;
    use sealdock_core::actor::Role;
    use sealdock_core::command::Command;
    use sealdock_core::matter::{Command as Do, MatterKind};

    /// A station with a case of officer o1.
    fn opened() -> (Bench, MatterId, MatterRecord) {
        let bench = Bench::new();
        let head = Arc::new(bench.open.station.authenticate(&person("u1"), PIN).unwrap());
        for id in ["o1", "o2"] {
            enrolled(&bench.open, &head, (id, Role::Officer, None));
        }
        let record = MatterRecord {
            kind: MatterKind::Inspection,
            title: "old title".into(),
            parties: vec!["Sun".into(), "Zhou".into()],
            officers: vec![person("o1")],
            department: None,
            case_file: None,
        };
        let open = Do::OpenMatter { record: record.clone() };
        let matter = MatterId(bench.apply("c1", Command::Matter(open)));
        (bench, matter, record)
    }

    const FIELDS: [(&str, &str); 6] = [
        ("title", "new <b>"),
        ("kind", "penalty"),
        ("officers", "o2"),
        ("parties", "Sun\r\n\r\n Zhou"),
        ("case_file", "(2026) 9"),
        ("department", ""),
    ];

    fn stands(bench: &Bench, id: MatterId) -> Matter {
        let view = bench.open.station.world().ledger.view().unwrap();
        matter::matter(&*view, id).unwrap().unwrap()
    }

    #[test]
    fn a_correction_is_shown_before_it_counts_and_writes_nothing_until_it_is_signed() {
        in_runtime(async {
            let (bench, matter, record) = opened();
            let (case, at) = (format!("/cases/{matter}"), format!("/cases/{matter}/correct"));
            let clerk = bench.session("c1");
            let auditor = bench.session("a1");
            let page = bench.page((&clerk.0, Lang::En), &case).await;
            assert!(
                page.contains("value=\"old title\"") && page.contains(">\nSun\nZhou</textarea>")
            );
            assert!(!bench.page((&auditor.0, Lang::En), &case).await.contains("id=\"correct\""));
            let size = bench.size();
            let (to, said) = bench.form((&auditor, Lang::En), &at, &FIELDS).await;
            assert!(!to.contains("draft=") && said.is_some_and(|(done, _)| !done), "{to}");
            let (to, _) = bench.form((&clerk, Lang::En), &at, &FIELDS).await;
            assert!(to.starts_with(&format!("{at}?draft=")), "{to}");
            let page = bench.page((&clerk.0, Lang::En), &to).await;
            for shown in ["old title", "new &#60;b&#62;", "name of o1", "name of o2", "(2026) 9"] {
                assert!(page.contains(shown), "{shown}");
            }
            let row = format!(
                "<td>Sun、Zhou</td><td>Sun、Zhou</td><td><span class=\"tag\">{}",
                r::UNCHANGED.1
            );
            assert!(page.contains(&row), "{page}");
            let other = bench.page((&bench.session("u1").0, Lang::En), &to).await;
            assert!(other.contains(a::DRAFT_GONE.1) && !other.contains("old title"), "one's own");
            assert_eq!(bench.size(), size, "looking writes nothing");
            let another = MatterId(bench.apply("c1", Command::Matter(Do::OpenMatter { record })));
            let of_another = to.replace(&matter.to_string(), &another.to_string());
            let page = bench.page((&clerk.0, Lang::En), &of_another).await;
            assert!(page.contains(a::DRAFT_GONE.1) && !page.contains("id=\"sign\""));
            let (_, draft) = to.split_once("draft=").unwrap();
            let sign = format!("{at}/sign");
            let signed = [("draft", draft), ("reason", "typing error"), ("pin", PIN)];
            let (_, said) = bench.form((&auditor, Lang::En), &sign, &signed).await;
            assert!(!said.unwrap().0, "not by somebody else");
            let (to, said) = bench.form((&clerk, Lang::En), &sign, &signed).await;
            assert!(
                to.starts_with(&format!("{case}?said=")) && said.clone().unwrap().0,
                "{said:?}"
            );
            let one = stands(&bench, matter);
            assert_eq!((one.title.as_str(), one.officers), ("new <b>", vec![person("o2")]));
            let (_, said) = bench.form((&clerk, Lang::En), &sign, &signed).await;
            assert_eq!(said.unwrap(), (false, r::BY_NOW_RECORD.1.to_owned()), "once");
        });
    }

    #[test]
    fn what_differs_in_nothing_was_overtaken_or_is_against_the_rules_is_not_offered_to_be_signed() {
        in_runtime(async {
            let (bench, matter, record) = opened();
            let at = format!("/cases/{matter}/correct");
            let officer = bench.session("o1");
            let seen = async |fields: &[(&str, &str)]| {
                let (to, _) = bench.form((&officer, Lang::Zh), &at, fields).await;
                (bench.page((&officer.0, Lang::Zh), &to).await, to)
            };
            let same = [
                ("title", "old title"),
                ("kind", "inspection"),
                ("officers", "o1"),
                ("parties", "Sun\nZhou"),
            ];
            let (page, _) = seen(&same).await;
            assert!(page.contains(r::NO_CHANGE.0) && !page.contains("id=\"sign\""));
            // Whoever is an officer of the case does not choose its department.
            let add = sealdock_core::duty::Command::AddDepartment {
                id: "d1".parse().unwrap(),
                name: "one".into(),
            };
            bench.apply("u1", Command::Duty(add));
            let (page, _) = seen(&[&same[..], &[("department", "d1")]].concat()).await;
            assert!(page.contains("〔M51〕") && !page.contains("id=\"sign\""), "{page}");
            let (page, to) = seen(&[&[("title", "by the officer")], &same[1..]].concat()).await;
            assert!(page.contains("id=\"sign\"") && !page.contains(r::LOSE_CASE.0));
            let correct = Do::CorrectMatter {
                matter,
                record: MatterRecord { title: "by the clerk".into(), ..record },
                reason: "x".into(),
            };
            bench.apply("c1", Command::Matter(correct));
            let (_, draft) = to.split_once("draft=").unwrap();
            let late = bench.page((&officer.0, Lang::Zh), &format!("{at}?draft={draft}")).await;
            assert!(late.contains(r::BY_NOW_RECORD.0) && !late.contains("id=\"sign\""));
            let signed = [("draft", draft), ("reason", "x"), ("pin", PIN)];
            let (_, said) = bench.form((&officer, Lang::Zh), &format!("{at}/sign"), &signed).await;
            assert_eq!(said.unwrap(), (false, r::BY_NOW_RECORD.0.to_owned()));
            assert_eq!(stands(&bench, matter).title, "by the clerk");
            for (lang, bad) in [(Lang::Zh, "编号“x y!”不能用"), (Lang::En, "x!")] {
                let fields = [&same[..2], &[("officers", "x!")]].concat();
                let (to, said) = bench.form((&officer, lang), &at, &fields).await;
                assert!(!to.contains("draft=") && !said.clone().unwrap().0, "{bad} {said:?}");
            }
        });
    }
}
