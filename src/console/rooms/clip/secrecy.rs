//! How secret a clip is: the level in force, what each level that may be set now leaves open, and the form that sets one.

use crate::console::rooms::{Fields, Scene, command, nothing, sign};
use crate::console::signed::Desk;
use crate::console::spoken::word;
use crate::exit::CliError;
use axum::Form as Sent;
use axum::extract::Path;
use axum::response::Response;
use sealdock_console::rooms::{Button, Field, Form};
use sealdock_console::words::rooms as r;
use sealdock_core::access::{
    self, ACCESS_CLIP, Access, Footing, Level, LevelRule, SECRECY, SecrecySet, State,
};
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::registry;
use sealdock_core::table::{Query, Row};
use serde_json::json;

/// What somebody set for this very clip, last.
fn set_last(scene: &Scene, clip: ClipId) -> Result<Option<Row>, CliError> {
    let query = Query::all(&SECRECY).with("clip", clip.0).newest_first().limit(1);
    Ok(scene.view.select(&query)?.into_iter().next())
}

/// The level in force, by whom, or that it comes from another clip with the same bytes.
///
/// # Errors
/// The registers cannot be read.
pub fn stands(scene: &Scene, clip: ClipId) -> Result<String, CliError> {
    let level = access::level_of(&*scene.view, clip)?;
    let mut said = word(scene.lang, level);
    match set_last(scene, clip)? {
        Some(row) if row.text("level") == level.as_str() => {
            let (by, at) = (scene.named(row.text("set_by"))?, scene.time(&row, "set_at"));
            said += &format!("{} {by} {at}", scene.t(r::LEVEL_SET_BY));
        }
        // Without a level of its own a clip is internal.
        None if level == Level::Internal => {}
        _ => said += scene.t(r::LEVEL_BY_TWIN),
    }
    Ok(said)
}

/// For whoever may set any other level now. Each that is offered says what it leaves open and which approvals it would end.
///
/// # Errors
/// The registers cannot be read.
pub fn form(scene: &Scene, clip: ClipId) -> Result<Option<Form>, CliError> {
    let mut offered = Vec::new();
    for level in Level::ALL {
        let reason = "-".to_owned();
        let set = access::Event::SecrecySet(SecrecySet { clip, level, reason });
        if scene.may(&Event::Access(set))? {
            offered.push(level);
        }
    }
    if offered.is_empty() {
        return Ok(None);
    }
    let policy = registry::policy(&*scene.view)?;
    let approved = approved(scene, clip)?;
    let now = access::level_of(&*scene.view, clip)?;
    let stands = format!("{}{}{}", scene.t(r::LEVEL_NOW), scene.t(r::COLON), word(scene.lang, now));
    let mut facts = vec![(stands, opens(scene, policy.access.level(now)))];
    for level in &offered {
        let rule = policy.access.level(*level);
        let ends = ends(scene, rule, &approved);
        facts.push((word(scene.lang, level), format!("{}{ends}", opens(scene, rule))));
    }
    let last = set_last(scene, clip)?;
    let choices = offered.iter().map(|level| (level.as_str().to_owned(), word(scene.lang, level)));
    let choices = std::iter::once((String::new(), scene.own(r::CHOOSE))).chain(choices).collect();
    let form = Form::new("secrecy", &format!("/clips/{clip}/secrecy"), scene.t(r::SECRECY_SET))
        .shut()
        .note(scene.t(r::SECRECY_NOTE))
        .showing(facts)
        .hidden("seen", last.map_or(0, |row| registry::seq(&row)))
        .field(Field::choice("level", scene.t(r::SECRECY), choices, "").needed())
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed());
    Ok(Some(form.button(Button::main(scene.t(r::SECRECY_SET)))))
}

/// To whom a level leaves it open.
fn opens(scene: &Scene, rule: &LevelRule) -> String {
    let list = |of: &[Footing]| match of {
        [] => scene.own(r::NOBODY),
        some => some.iter().map(|one| word(scene.lang, one)).collect::<Vec<_>>().join("、"),
    };
    let [view, copy, colon] = [r::MAY_VIEW, r::MAY_COPY, r::COLON].map(|word| scene.t(word));
    let head =
        if rule.unit_head { format!("；{}", scene.t(r::HEAD_ALONE)) } else { String::new() };
    format!("{view}{colon}{}；{copy}{colon}{}{head}", list(&rule.view), list(&rule.copy))
}

/// Approvals in force that name this clip.
fn approved(scene: &Scene, clip: ClipId) -> Result<Vec<Access>, CliError> {
    let mut all = Vec::new();
    for row in scene.view.select(&Query::all(&ACCESS_CLIP).with("clip", clip.0))? {
        let one = access::access(&*scene.view, AccessId(row.int("access").unsigned_abs()))?;
        all.extend(one.filter(|one| {
            one.state == State::Approved && one.expires.is_none_or(|at| scene.at.wall < at)
        }));
    }
    Ok(all)
}

/// Those that would count no more, whoever approved them.
fn ends(scene: &Scene, rule: &LevelRule, approved: &[Access]) -> String {
    let closed = approved.iter().filter(|one| !rule.allows(one.who.footing(), one.purpose));
    let closed: Vec<String> = closed.map(|one| one.id.to_string()).collect();
    match closed.is_empty() {
        true => String::new(),
        false => {
            format!("；{}{}{}", scene.t(r::WOULD_STOP), scene.t(r::COLON), closed.join(" "))
        }
    }
}

pub async fn set(
    Desk(reader): Desk,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(clip) = id.parse::<ClipId>() else { return nothing(&reader) };
    sign(reader, Fields(fields), format!("/clips/{clip}"), move |scene, fields| {
        scene.own_clips(&[clip])?;
        let last = set_last(scene, clip)?.map_or(0, |row| registry::seq(&row));
        if fields.text("seen") != last.to_string() {
            return Err(scene.meanwhile(&stands(scene, clip)?));
        }
        let set = json!({ "act": "set-secrecy", "clips": [clip], "level": fields.text("level"),
            "reason": fields.text("reason") });
        Ok(vec![command("access", set)])
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::hostile::{Bench, PIN, in_runtime};
    use sealdock_console::Lang;

    #[test]
    fn each_level_says_whom_it_leaves_the_clip_to_and_who_comes_second_changes_nothing() {
        in_runtime(async {
            let bench = Bench::new();
            let clip = bench.clip();
            let access = bench.approved(clip);
            let (page, to) = (format!("/clips/{clip}"), format!("/clips/{clip}/secrecy"));
            let head = bench.session("u1");
            for id in ["c1", "a1"] {
                let (held, _) = bench.session(id);
                assert!(
                    !bench.page((&held, Lang::En), &page).await.contains("id=\"secrecy\""),
                    "{id}"
                );
            }
            let seen = bench.page((&head.0, Lang::En), &page).await;
            let form = &seen[seen.find("id=\"secrecy\"").unwrap()..];
            let facts = |level: &str| {
                let (_, rest) = form.split_once(&format!("<dt>{level}</dt><dd>")).unwrap();
                rest.split_once("</dd>").unwrap().0.to_owned()
            };
            let ends = format!("{}: {access}", r::WOULD_STOP.1);
            assert!(facts("now: internal").contains("party") && !facts("private").contains(&ends));
            let secret = facts("state-secret");
            assert!(secret.contains("viewed by: nobody") && secret.contains(&ends), "{secret}");
            assert!(secret.contains(r::HEAD_ALONE.1));
            let wanted = |seen: &str, level: &str| {
                [("seen", seen), ("level", level), ("reason", "a child"), ("pin", PIN)]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
            };
            let send = async |session: &(String, String), of: [(String, String); 4]| {
                let fields: Vec<_> = of.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                bench.form((session, Lang::En), &to, &fields).await.1.unwrap()
            };
            assert!(!send(&bench.session("c1"), wanted("0", "private")).await.0, "not the clerk");
            assert!(send(&head, wanted("0", "private")).await.0);
            // Looked at before that: it says how it stands and lowers nothing.
            let (done, said) = send(&head, wanted("0", "public")).await;
            assert!(!done && said.contains("private"), "{said}");
            let view = bench.open.station.world().ledger.view().unwrap();
            assert_eq!(access::level_of(&*view, clip).unwrap(), Level::Private);
            let seen = bench.page((&head.0, Lang::Zh), &page).await;
            assert!(seen.contains("个人隐私，设定人 name of u1 u1 20"), "{seen}");
            assert!(!seen.contains("<option value=\"private\""), "what stands is not offered");
        });
    }
}
