//! Sessions: what became of each line, what stands aside, and the decisions on it.

use super::{Asked, civil, entries, fitting, ingest, recorded, row_json, size, zone};
use crate::answer::Answer;
use crate::docking::{Docked, Docking, State};
use crate::exit::{CliError, Exit};
use crate::request::{Confirmation, Login};
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::desk;
use sealdock_core::id::{AsideId, BayId, ClipId, PersonId, RecorderId, SessionId};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Row};
use sealdock_station::dock::DockRequest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Sessions that a list shows; older ones by `session show`.
const SESSIONS_SHOWN: u32 = 50;

pub fn list(open: &Open) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let rows = open.station.rows(&Query::all(&s::SESSION).newest_first().limit(SESSIONS_SHOWN))?;
    let shown = rows
        .iter()
        .map(|row| {
            vec![
                SessionId(registry::seq(row)).to_string(),
                civil(zone, row.text("opened")),
                row.text("bay").into(),
                row.text("recorder_claim").into(),
                row.text_opt("officer").unwrap_or("-").into(),
                row.text("binding").into(),
                row.text_opt("summary").unwrap_or("运行 running").into(),
            ]
        })
        .collect();
    let head = ["session", "opened", "bay", "recorder", "officer", "binding", "how it stands"];
    let json = json!({ "sessions": rows.iter().map(row_json).collect::<Vec<_>>() });
    Ok(Answer::new(json).table(&head, shown, "no session yet"))
}

pub fn asides(open: &Open) -> Result<Answer, CliError> {
    let rows = open.station.rows(&Query::all(&s::ASIDE).with("state", "open"))?;
    let shown = rows
        .iter()
        .map(|row| {
            vec![
                AsideId(registry::seq(row)).to_string(),
                format!("S{}", row.int("session")),
                row.text("recorder_claim").into(),
                fitting(row.text("name")),
                row.text("reason").into(),
                row.text("detail").into(),
            ]
        })
        .collect();
    let head = ["aside", "session", "recorder", "name", "reason", "what happened"];
    let json = json!({ "asides": rows.iter().map(row_json).collect::<Vec<_>>() });
    Ok(Answer::new(json).table(&head, shown, "nothing stands aside"))
}

pub fn row(open: &Open, session: SessionId) -> Result<Row, CliError> {
    let view = open.station.world().ledger.view()?;
    registry::by_seq(&*view, &s::SESSION, session.0)?.ok_or_else(|| {
        let text = format!("there is no session {session}; see `sealdock session list`");
        CliError::new(Exit::Missing, text)
    })
}

pub fn show(open: &Open, session: SessionId) -> Result<Answer, CliError> {
    let row = row(open, session)?;
    let lines = lines(open, session)?;
    let mut json = row_json(&row);
    json["by_line"] = lines.iter().map(LineFate::json).collect::<Vec<_>>().into();
    let told = desk::told_in(&*open.station.world().ledger.view()?, session)?;
    json["told"] = told.last().map(row_json).into();
    let opened = civil(zone(open)?, row.text("opened"));
    let (bay, recorder) = (row.text("bay"), row.text("recorder_claim"));
    let officer = row.text_opt("officer").unwrap_or("nobody");
    let mut answer = Answer::new(json)
        .line(format!("session {session}, opened {opened} at bay {bay}"))
        .line(format!("recorder {recorder}, officer {officer}, binding {}", row.text("binding")))
        .line(format!("medium: {}", row.text("fingerprint")));
    if let Some(told) = told.last() {
        answer = answer.line(format!("自报 it said of itself: {}", entries::told(told)));
    }
    if let Some(conflict) = row.text_opt("conflict") {
        answer = answer.line(format!("identity conflict: {conflict}"));
    }
    let rows = lines.iter().map(|line| line.row().to_vec()).collect();
    let answer = answer.table(&LINE_HEAD, rows, "no listing, or an empty one");
    Ok(answer.line(row.text_opt("summary").unwrap_or("运行 running").to_owned()))
}

/// What became of one line of a listing.
pub struct LineFate {
    pub line: u32,
    pub name: String,
    pub size: u64,
    pub clip: Option<ClipId>,
    /// `stored`, `seen`, `aside`, `left` or `open`.
    pub fate: &'static str,
    /// `wiped`, `stays` or another word of the wipe, where there is one.
    pub wipe: Option<String>,
    pub why: Option<String>,
}

pub const LINE_HEAD: [&str; 6] = ["line", "name", "size", "clip", "how it stands", "why"];

impl LineFate {
    pub fn json(&self) -> Value {
        json!({
            "line": self.line, "name": self.name, "size": self.size, "clip": self.clip,
            "fate": self.fate, "wipe": self.wipe, "why": self.why,
        })
    }

    pub fn row(&self) -> [String; 6] {
        let fate = match self.fate {
            "stored" => "已存 stored",
            "seen" => "已有 seen again",
            "aside" => "搁置 set aside",
            "left" => "留下 left by order",
            _ => "未处理 not reached",
        };
        let wipe = self.wipe.as_ref().map_or(String::new(), |wipe| format!(", {wipe}"));
        [
            self.line.to_string(),
            fitting(&self.name),
            size(self.size),
            self.clip.map_or("-".into(), |clip| clip.to_string()),
            format!("{fate}{wipe}"),
            self.why.clone().unwrap_or_default(),
        ]
    }
}

/// Every line of the signed listing of a session; empty where none was signed.
pub fn lines(open: &Open, session: SessionId) -> Result<Vec<LineFate>, CliError> {
    let session_row = row(open, session)?;
    let Some(object) = session_row.text_opt("listing").and_then(|o| o.parse().ok()) else {
        return Ok(Vec::new());
    };
    let by_line = |table| -> Result<BTreeMap<u32, Row>, CliError> {
        let rows = open.station.rows(&Query::all(table).with("session", session.0))?;
        let numbered = |row: Row| Some((u32::try_from(row.int_opt("line")?).ok()?, row));
        Ok(rows.into_iter().filter_map(numbered).collect())
    };
    let (seen, aside) = (by_line(&s::SIGHTING)?, by_line(&s::ASIDE)?);
    let (wipes, refusals) = (by_line(&s::WIPE)?, by_line(&s::WIPE_REFUSAL)?);
    let left = left_by_order(open, session_row.text("recorder_claim"))?;
    let listing = open.station.listing(object)?;
    Ok(listing
        .lines
        .into_iter()
        .map(|line| {
            let n = line.line;
            let sighting = seen.get(&n);
            let order = || left.iter().find(|row| row.text("raw") == line.raw);
            let aside = aside.get(&n).or_else(order);
            let wipe = wipes.get(&n);
            let refusal = refusals.get(&n);
            LineFate {
                line: n,
                name: line.name,
                size: line.size,
                clip: sighting.map(|row| ClipId(row.int("clip").unsigned_abs())),
                fate: fate(sighting, aside),
                wipe: wipe
                    .map(|row| row.text("state").to_owned())
                    .or_else(|| refusal.map(|_| "stays".to_owned())),
                why: why(aside, wipe, refusal),
            }
        })
        .collect())
}

fn fate(sighting: Option<&Row>, aside: Option<&Row>) -> &'static str {
    match (sighting, aside) {
        // A clip is named after the entry that stored it.
        (Some(row), _) if row.int("seq") == row.int("clip") => "stored",
        (Some(_), _) => "seen",
        (None, Some(row)) if is_left(row) => "left",
        (None, Some(_)) => "aside",
        (None, None) => "open",
    }
}

/// Orders of a clerk that let something stay on this recorder.
fn left_by_order(open: &Open, claim: &str) -> Result<Vec<Row>, CliError> {
    let mut rows = open.station.rows(&Query::all(&s::ASIDE).with("recorder_claim", claim))?;
    rows.retain(is_left);
    Ok(rows)
}

fn is_left(row: &Row) -> bool {
    row.text_opt("decision") == Some("leave")
}

fn why(aside: Option<&Row>, wipe: Option<&Row>, refusal: Option<&Row>) -> Option<String> {
    let aside = aside
        .map(|row| format!("A{}: {}: {}", row.int("seq"), row.text("reason"), row.text("detail")));
    aside
        .or_else(|| wipe.and_then(|row| row.text_opt("reason").map(str::to_owned)))
        .or_else(|| refusal.map(|row| reasons(row.text("reasons"))))
}

/// The register keeps several reasons as a JSON list.
fn reasons(text: &str) -> String {
    serde_json::from_str::<Vec<String>>(text)
        .map_or_else(|_| text.to_owned(), |list| list.join("; "))
}

pub fn confirm(
    open: &Open,
    asked: &Asked,
    login: Option<Login>,
    this: Confirmation,
) -> Result<Answer, CliError> {
    let Some(found) = open.docks.find(Some(&this.bay), &this.recorder) else {
        let text = format!(
            "no recorder {} stands in bay {} of a running daemon; see `sealdock status`",
            this.recorder, this.bay
        );
        return Err(CliError::new(Exit::Missing, text));
    };
    let unconfirmed = this.officer.is_none();
    let actor = ingest::docker(open, asked, login, this.officer.as_ref())?;
    let docked = open.docks.take(&found.bay, &found.name)?;
    let officer = this.officer.or_else(|| docked.officer.clone());
    dock_again(open, asked, &docked, Who { actor, officer, unconfirmed })
}

/// Under whose name a recorder in a bay is docked.
pub struct Who {
    pub actor: Arc<Actor>,
    pub officer: Option<PersonId>,
    pub unconfirmed: bool,
}

/// A session with a recorder that was taken from its bay's list.
pub fn dock_again(
    open: &Open,
    asked: &Asked,
    docked: &Docked,
    who: Who,
) -> Result<Answer, CliError> {
    let request = DockRequest {
        bay: docked.bay.clone(),
        recorder: docked.recorder.clone(),
        officer: who.officer,
        actor: who.actor,
        wipe_off: false,
        unconfirmed: who.unconfirmed,
        profile: None,
        told: Vec::new(),
    };
    let docking = Docking { path: docked.path.clone(), epoch: docked.epoch, request };
    match ingest::run(open, asked, &docking) {
        Ok(report) => {
            open.docks.closed(docked, report.verdict, &report.summary);
            ingest::answer(open, &report)
        }
        Err(e) => {
            open.docks.waits_again(docked, &e.message);
            Err(e)
        }
    }
}

/// A clerk's order, and where the recorder may lie now.
pub struct Wipe {
    pub session: SessionId,
    pub reason: String,
    pub path: Option<PathBuf>,
}

/// Records the order; carries it out where the recorder can be reached.
pub fn wipe(
    open: &Open,
    asked: &Asked,
    actor: &Arc<Actor>,
    wipe: Wipe,
) -> Result<Answer, CliError> {
    let session = row(open, wipe.session)?;
    let claim: RecorderId = session.text("recorder_claim").parse()?;
    let runs = |docked: Docked| docked.state == State::Running;
    // Before anything is recorded: what runs is another session, and the order would reach into it.
    if wipe.path.is_none() && open.docks.find(None, claim.as_str()).is_some_and(runs) {
        return Err(CliError::both(
            Exit::Busy,
            format!("记录仪 {claim} 正在采集；没有下令，请等它结束再看"),
            format!(
                "recorder {claim} is being read; nothing was ordered, look again when it is done"
            ),
        ));
    }
    let order = Command::OrderWipe { session: wipe.session, reason: wipe.reason };
    let ordered = recorded(open, &open.station.apply(actor, order)?)?;
    let docked = match (wipe.path, open.docks.find(None, claim.as_str())) {
        (Some(path), _) => by_path(claim, path)?,
        (None, Some(found)) => open.docks.take(&found.bay, &found.name).map_err(|e| stands(&e))?,
        (None, None) => {
            return Ok(ordered.line(
                "the recorder is not here; the order is carried out when it is docked next",
            ));
        }
    };
    // The officer answered for it when it was docked; this session only carries the order out.
    let officer = session.text_opt("officer").map(str::parse).transpose()?;
    let who = Who { actor: Arc::new(Actor::System), officer, unconfirmed: true };
    let mut done = dock_again(open, asked, &docked, who).map_err(|e| stands(&e))?;
    done.json["order"] = ordered.json;
    done.blocks.splice(0..0, ordered.blocks);
    Ok(done)
}

/// The order is in the record, whatever came of carrying it out now.
fn stands(e: &CliError) -> CliError {
    let page = e.page.as_ref();
    let [chinese, english] = [
        page.map_or(e.exit.chinese(), |page| page.chinese.as_str()),
        page.map_or(e.message.as_str(), |page| page.english.as_str()),
    ];
    CliError::both(
        e.exit,
        format!("擦除已下令并记录，下次采集时执行；这一次没有执行完：{chinese}"),
        format!(
            "the wipe is ordered and on record, and is carried out at the next docking; this time not to its end: {english}"
        ),
    )
}

/// A recorder at a path and in no bay.
fn by_path(recorder: RecorderId, path: PathBuf) -> Result<Docked, CliError> {
    let bay: BayId = crate::cli::DIRECT_BAY.parse()?;
    Ok(Docked {
        bay,
        name: recorder.to_string(),
        path,
        epoch: 1,
        recorder,
        officer: None,
        state: State::Running,
        text: String::new(),
        verdict: None,
        others_unfinished: false,
        is_volume: false,
    })
}
