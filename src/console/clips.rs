//! Clips that fit, and one clip's life from recording to today.

use super::Room;
use super::desk::{civil, list as all, number, text};
use super::guard::page as drawn;
use super::rooms::{Scene, classes, departments, known, scene};
use super::signed::{Desk, Reader, escaped};
use crate::console::spoken::in_lang;
use crate::exit::{CliError, Exit};
use crate::request::{ClipFilter, ClipPage, Request};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_chain::note::VerifierKey;
use sealdock_chain::proof::TlogProof;
use sealdock_console::desk::{self as view, ClipRow, Fact, Filter, Moment};
use sealdock_console::words::{self as w, rooms as r};
use sealdock_console::{Lang, show};
use sealdock_core::id::{ClipId, PersonId};
use sealdock_core::ports::Registers;
use sealdock_core::says;
use sealdock_core::time::Zone;
use serde::Deserialize;
use serde_json::Value;

/// Clips on one page.
const SHOWN: u32 = 50;
/// Clips that are looked at for one page: where hardly any fits, the page says how far it looked.
const LOOKS: u32 = 2000;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    day: String,
    officer: String,
    recorder: String,
    marked: String,
    late: String,
    unassigned: String,
    department: String,
    class: String,
    /// Number of a case, and of a step of one.
    case: String,
    step: String,
    after: String,
}

/// Of no class: a value that no class of a policy can have.
const UNCLASSED: &str = "~";

impl Wanted {
    fn filter(&self) -> Filter {
        Filter {
            day: self.day.clone(),
            officer: self.officer.clone(),
            recorder: self.recorder.clone(),
            marked: !self.marked.is_empty(),
            late: !self.late.is_empty(),
            unassigned: !self.unassigned.is_empty(),
            department: self.department.clone(),
            class: self.class.clone(),
            case: self.case.clone(),
            step: self.step.clone(),
            ..Filter::default()
        }
    }

    /// As the registers are asked. `own`: whoever may see nothing else.
    fn asked(&self, own: Option<&PersonId>) -> Result<ClipFilter, CliError> {
        fn some<T: std::str::FromStr>(text: &str) -> Result<Option<T>, CliError>
        where
            CliError: From<T::Err>,
        {
            let text = text.trim();
            if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
        }
        let flags = self.filter();
        let after = some(&self.after)?;
        let page = ClipPage { limit: Some(SHOWN), after, newest_first: true, looks: Some(LOOKS) };
        Ok(ClipFilter {
            page,
            officer: own.cloned().map_or_else(|| some(&self.officer), |own| Ok(Some(own)))?,
            recorder: some(&self.recorder)?,
            day: Some(self.day.clone()).filter(|day| !day.is_empty()),
            marked: flags.marked,
            late: flags.late,
            unassigned: flags.unassigned,
            department: some(&self.department)?,
            class: match self.class.trim() {
                "" => None,
                UNCLASSED => Some(String::new()),
                class => Some(class.to_owned()),
            },
            matter: some(&self.case)?,
            step: some(&self.step)?,
        })
    }

    /// Address of the clips that follow `last`.
    fn next(&self, last: &str) -> String {
        let fields = [
            ("day", &self.day),
            ("officer", &self.officer),
            ("recorder", &self.recorder),
            ("marked", &self.marked),
            ("late", &self.late),
            ("unassigned", &self.unassigned),
            ("department", &self.department),
            ("class", &self.class),
            ("case", &self.case),
            ("step", &self.step),
        ];
        let set = fields.iter().filter(|(_, value)| !value.is_empty());
        let mut to = format!("/clips?after={}", escaped(last));
        set.for_each(|(name, value)| to += &format!("&{name}={}", escaped(value)));
        to
    }
}

/// The person whose clips alone may be seen, if there is such a limit.
fn only(reader: &Reader) -> Option<PersonId> {
    reader.me.as_ref().filter(|(_, me)| !me.reads_all).map(|(id, _)| id.clone())
}

fn row(
    registers: &dyn Registers,
    (lang, zone): (Lang, Zone),
    json: &Value,
) -> Result<ClipRow, CliError> {
    let or = |one: &str, other: &str| {
        if json[one].is_null() { text(json, other) } else { text(json, one) }
    };
    Ok(ClipRow {
        clip: ClipId(number(json, "seq")).to_string(),
        recorded: match json["recorded"].is_null() {
            true => format!("{} {}", civil(zone, json, "stored"), lang.t(w::STORED_AT)),
            false => civil(zone, json, "recorded"),
        },
        name: text(json, "name"),
        size: show::bytes(number(json, "size")),
        recorder: or("recorder", "recorder_claim"),
        officer: known(registers, &text(json, "officer"))?,
        marked: number(json, "marked") == 1,
        unassigned: json["officer"].is_null() || json["recorder"].is_null(),
    })
}

/// Where it lies.
fn copies(lang: Lang, json: &Value) -> String {
    let mirrored = text(json, "copies").contains("mirror");
    lang.t(if mirrored { w::IN_BOTH } else { w::IN_VAULT }).to_owned()
}

/// Clips that fit, newest first.
pub async fn list(Desk(reader): Desk, Query(wanted): Query<Wanted>) -> Response {
    let Some((me, _)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let (filter, own) = (wanted.filter(), only(&reader));
    let asked = wanted.asked(own.as_ref());
    let lang = reader.lang;
    let choices = reader.room.aside(move |room| {
        let scene = scene(room, lang, me, own.is_none())?;
        let mut classes = classes(&scene)?;
        classes.push((UNCLASSED.to_owned(), scene.own(r::NO_CLASS)));
        Ok((departments(&scene)?, classes))
    });
    let (departments, classes) = match choices.await {
        Ok(choices) => choices,
        Err(e) => return reader.failed(&e),
    };
    let filter = Filter { departments, classes, ..filter };
    let found = reader.room.aside(move |room| {
        let zone = crate::execute::zone(&room.open)?;
        let json = room.read(Request::ClipList(asked?))?.json;
        let view = room.open.station.world().ledger.view()?;
        let rows = all(&json, "clips").iter().map(|json| row(&*view, (lang, zone), json));
        let rows = rows.collect::<Result<Vec<_>, CliError>>()?;
        let looked_to = json["looked_to"].as_str().map(str::to_owned);
        Ok((rows, json["next"].as_str().map(|last| wanted.next(last)), looked_to))
    });
    let (status, rows, next, said) = match found.await {
        Ok((rows, next, looked_to)) => {
            let said = looked_to.map(|clip| format!("{} {clip}", lang.t(r::LOOKED_TO)));
            (StatusCode::OK, rows, next, said)
        }
        Err(e) if matches!(e.exit, Exit::Usage | Exit::Refused) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), None, Some(in_lang(reader.lang, &e)))
        }
        Err(e) => return reader.failed(&e),
    };
    drawn(status, view::Clips { frame: reader.frame(), filter, rows, next, said }.draw())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Prove {
    prove: String,
    said: String,
}

/// One clip; somebody else's is not there for who reads only their own.
pub async fn show(
    Desk(reader): Desk,
    Path(id): Path<String>,
    Query(Prove { prove, said }): Query<Prove>,
) -> Response {
    let nothing = || reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404");
    let Ok(clip) = id.parse::<ClipId>() else { return nothing() };
    let (lang, own) = (reader.lang, only(&reader));
    let Some((me, _)) = reader.me.clone() else { return nothing() };
    let found = reader.room.aside(move |room| {
        let scene = scene(room, lang, me, own.is_none())?;
        // Before anything is read or proven of it.
        scene.own_clips(&[clip])?;
        let life = life(&scene, clip, !prove.is_empty())?;
        Ok((life, super::rooms::clip::blocks(&scene, clip)?))
    });
    match found.await {
        Ok((Life { facts, moments, zone, proof }, blocks)) => {
            let gaps = moments.iter().filter(|moment| moment.gap && !moment.usual).count();
            let proof = proof.map(|result| match result {
                Ok(()) => (true, reader.lang.t(w::PROVEN).to_owned()),
                Err(e) => (false, reader.words_of(&e)),
            });
            let page = view::Clip {
                frame: reader.frame(),
                clip: clip.to_string(),
                facts,
                life: moments,
                zone: zone.to_string(),
                gaps,
                proof,
                blocks,
                said: reader.room.said.take(&said),
            };
            drawn(StatusCode::OK, page.draw())
        }
        Err(e) if e.exit == Exit::Missing => nothing(),
        Err(e) => reader.failed(&e),
    }
}

struct Life {
    facts: Vec<Fact>,
    moments: Vec<Moment>,
    zone: Zone,
    proof: Option<Result<(), CliError>>,
}

fn life(scene: &Scene, clip: ClipId, prove: bool) -> Result<Life, CliError> {
    let (room, zone) = (scene.room, scene.zone);
    let json = room.read(Request::ClipShow { clip })?.json;
    let row = row(&*scene.view, (scene.lang, zone), &json)?;
    let mut facts = vec![(w::NAME, row.name)];
    facts.extend(super::life::times(scene, clip)?);
    facts.extend([
        (w::RECORDER, row.recorder),
        (w::OFFICER, row.officer),
        (w::SIZE, row.size),
        (w::COPIES, copies(scene.lang, &json)),
        (w::DIGEST, text(&json, "sha256")),
    ]);
    let moments = super::life::moments(scene, clip)?;
    let proof = prove.then(|| proven(room, clip));
    Ok(Life { facts, moments, zone, proof })
}

/// The entry of the clip under the head, read back from the text of the proof as a court would.
fn proven(room: &Room, clip: ClipId) -> Result<(), CliError> {
    let proof = text(&room.read(Request::LogProve { seq: clip.0 })?.json, "proof");
    let key = text(&room.read(Request::LogVkey)?.json, "vkey");
    let key: VerifierKey = key.parse().map_err(|e| not_proven(&e))?;
    let proof = TlogProof::parse(&proof, &key).map_err(|e| not_proven(&e))?;
    let view = room.open.station.world().ledger.view()?;
    let bytes = view.entries(clip.0, 1)?;
    let bytes = bytes.first().ok_or_else(|| not_proven(&"the entry is gone"))?;
    if proof.index() != clip.0 {
        return Err(not_proven(&format!("the proof is of entry {}", proof.index())));
    }
    proof.check(bytes).map(drop).map_err(|e| not_proven(&e))
}

/// The gravest thing that this page can say.
fn not_proven(e: &dyn std::fmt::Display) -> CliError {
    let why = says!(
        "没有证明：此视频的记录与链头不符；不要再采集，请联系系统操作员运行 sealdock check --deep",
        "not proven: {e}; dock nothing more, and have the operator run `sealdock check --deep`"
    );
    tracing::error!("{why}");
    // It names nothing of the station: whoever asked is told.
    CliError::of_rule(Exit::Refused, &why)
}
