//! Keeping: holds, plans, runs, spot checks and media, as the registers have them; and what the station does
//! itself: planning, approving, removing, drawing.

/// What is due, before anybody plans it.
mod due;
/// One sentence per entry about keeping.
mod words;

pub use words::sentence;

use super::{civil, entries::short, fitting, recorded, row_json, size, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::Keep;
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::{CheckId, ClipId, HoldId, MediumId, PlanId};
use sealdock_core::keep::{
    self, DISPOSAL_LINE, DISPOSAL_PLAN, HOLD, HOLD_CLIP, MEDIUM, MEDIUM_CLIP, SPOTCHECK,
    SPOTCHECK_CLIP,
};
use sealdock_core::registry;
use sealdock_core::report;
use sealdock_core::table::{Query, Row, Table};
use sealdock_core::time::Zone;
use serde_json::{Value, json};
use std::sync::Arc;

/// Entries from an announcement to the seed, where nobody says otherwise.
const AHEAD: u64 = 32;

pub fn read(open: &Open, request: Keep) -> Result<Answer, CliError> {
    match request {
        Keep::HoldList => holds(open),
        Keep::DisposeDue => due::due(open),
        Keep::DisposeList => plans(open),
        Keep::DisposeShow { plan } => plan_shown(open, plan),
        Keep::SpotcheckList { check: None } => checks(open),
        Keep::SpotcheckList { check: Some(check) } => check_shown(open, check),
        Keep::MediumList => media(open),
        other => Err(super::unknown(&format!("{other:?} does not only read"))),
    }
}

pub fn change(open: &Open, actor: &Arc<Actor>, request: Keep) -> Result<Answer, CliError> {
    let station = &open.station;
    let mut quiet = |_: u64, _: u64| {};
    match request {
        Keep::DisposePlan => {
            let appended = station.plan_disposal(actor, &mut quiet)?;
            let plan = appended.entries.first().map(|entry| PlanId(entry.seq));
            let answer = recorded(open, &appended)?;
            Ok(match plan {
                Some(plan) => answer.line(format!(
                    "请另一人批准 a second person reads it (`sealdock dispose show {plan}`) and approves that very digest"
                )),
                None => answer,
            })
        }
        Keep::DisposeApprove { plan, digest } => {
            recorded(open, &station.approve_disposal(actor, (plan, digest), &mut quiet)?)
        }
        Keep::DisposeRun { plan } => {
            let report = station.run_disposal(actor, plan, &mut quiet)?;
            open.back_up_if_short()?;
            Ok(ran(plan, &report))
        }
        Keep::SpotcheckDraw { check } => recorded(open, &station.draw_check(actor, check)?),
        Keep::SpotcheckAnnounce { kind, count, from, to, class, at_size } => {
            let now = station.world().ledger.view()?.head()?.checkpoint().size;
            let (to, at_size) = (to.unwrap_or(now), at_size.unwrap_or(now + 1 + AHEAD));
            let command = keep::Command::AnnounceCheck { kind, from, to, class, count, at_size };
            recorded(open, &station.apply(actor, Command::Keep(command))?)
        }
        other => Err(super::unknown(&format!("{other:?} changes nothing"))),
    }
}

/// What a run did, clip by clip; a clip that stayed asks for a look.
fn ran(plan: PlanId, report: &sealdock_station::RunReport) -> Answer {
    let with_why = |list: &[(ClipId, String)]| -> Vec<Value> {
        list.iter().map(|(clip, why)| json!({ "clip": clip, "why": why })).collect()
    };
    let mut answer = Answer::new(json!({
        "plan": plan, "run": report.run, "disposed": report.disposed, "bytes": report.bytes,
        "withdrawn": with_why(&report.withdrawn), "kept": with_why(&report.kept),
        "stopped": report.stopped,
    }));
    for clip in &report.disposed {
        answer = answer.line(format!("{clip} 已处置 disposed of, with its tombstone"));
    }
    for (clip, why) in &report.withdrawn {
        answer = answer.line(format!("{clip} 退出计划 left the plan: {why}"));
    }
    for (clip, why) in &report.kept {
        answer = answer.line(format!("{clip} 未动 kept: {why}"));
    }
    if let Some(why) = &report.stopped {
        answer = answer.line(format!("暂停 stopped: {why}"));
    }
    let said = format!(
        "plan {plan}: {} disposed of ({}), {} withdrawn, {} kept",
        report.disposed.len(),
        size(report.bytes),
        report.withdrawn.len(),
        report.kept.len()
    );
    let answer = answer.line(said);
    if report.kept.is_empty() { answer } else { answer.ending(Exit::Held) }
}

/// The class of a clip, and everything that speaks against disposing of it.
pub fn how_long(open: &Open, clip: ClipId) -> Result<(Value, Vec<String>), CliError> {
    let view = open.station.world().ledger.view()?;
    let at = open.station.world().clock.now();
    let class = keep::kept(&*view, clip)?.and_then(|kept| kept.class);
    let against = keep::objections(&*view, clip, &at)?;
    let mut against: Vec<String> = against.iter().map(|why| why.to_string()).collect();
    if against.is_empty() {
        against.push("可处置 its time is over, and nothing speaks against disposing of it".into());
    }
    Ok((json!(class), against))
}

fn number(row: &Row, column: &str) -> u64 {
    row.int_opt(column).map_or(0, i64::unsigned_abs)
}

fn or_dash(row: &Row, column: &str) -> String {
    row.text_opt(column).unwrap_or("-").to_owned()
}

fn time_or_dash(zone: Zone, row: &Row, column: &str) -> String {
    row.text_opt(column).map_or("-".into(), |at| civil(zone, at))
}

/// The clips that belong to a row, by a table between.
fn clips_of(
    open: &Open,
    between: &'static Table,
    (column, id): (&'static str, u64),
) -> Result<Vec<ClipId>, CliError> {
    let rows = open.station.rows(&Query::all(between).with(column, id))?;
    Ok(rows.iter().map(|row| ClipId(number(row, "clip"))).collect())
}

fn listed(clips: &[ClipId]) -> String {
    let all: Vec<String> = clips.iter().take(8).map(ClipId::to_string).collect();
    let more = clips.len().saturating_sub(8);
    if more == 0 { all.join(" ") } else { format!("{} … {more} more", all.join(" ")) }
}

fn with_clips(row: &Row, clips: &[ClipId]) -> Value {
    let mut value = row_json(row);
    value["clip_ids"] = json!(clips);
    value
}

fn holds(open: &Open) -> Result<Answer, CliError> {
    let (mut json, mut shown) = (Vec::new(), Vec::new());
    for row in open.station.rows(&Query::all(&HOLD))? {
        let seq = registry::seq(&row);
        let clips = clips_of(open, &HOLD_CLIP, ("hold", seq))?;
        shown.push(vec![
            HoldId(seq).to_string(),
            row.text("state").into(),
            row.text("ground").into(),
            listed(&clips),
            row.text("requested_by").into(),
            or_dash(&row, "approved_by"),
            fitting(row.text("reason")),
        ]);
        json.push(with_clips(&row, &clips));
    }
    let head = ["hold", "state", "ground", "clips", "asked by", "approved by", "reason"];
    Ok(Answer::new(json!({ "holds": json })).table(&head, shown, "no holds yet"))
}

fn plans(open: &Open) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let (mut json, mut shown) = (Vec::new(), Vec::new());
    for row in open.station.rows(&Query::all(&DISPOSAL_PLAN))? {
        let plan = PlanId(registry::seq(&row));
        let lines = open.station.rows(&Query::all(&DISPOSAL_LINE).with("plan", plan.0))?;
        let count = |state: &str| lines.iter().filter(|line| line.text("state") == state).count();
        let counts = [count("pending"), count("leaving"), count("disposed"), count("withdrawn")];
        shown.push(vec![
            plan.to_string(),
            row.text("state").into(),
            time_or_dash(zone, &row, "approved"),
            number(&row, "clips").to_string(),
            size(number(&row, "bytes")),
            format!("{} wait, {} gone, {} withdrawn", counts[0] + counts[1], counts[2], counts[3]),
            short(row.text("object")),
        ]);
        let mut value = row_json(&row);
        value["pending"] = json!(counts[0] + counts[1]);
        value["disposed"] = json!(counts[2]);
        value["withdrawn"] = json!(counts[3]);
        json.push(value);
    }
    let head = ["plan", "state", "approved", "clips", "size", "", "digest"];
    Ok(Answer::new(json!({ "plans": json })).table(&head, shown, "no plans yet"))
}

fn plan_shown(open: &Open, plan: PlanId) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let (row, sheet) = open.station.plan_sheet(plan)?;
    let states = open.station.rows(&Query::all(&DISPOSAL_LINE).with("plan", plan.0))?;
    let (mut json, mut shown) = (Vec::new(), Vec::new());
    for line in &sheet.lines {
        let state = states.iter().find(|row| number(row, "clip") == line.clip.0);
        let state = state.map_or("-".to_owned(), |row| match row.text_opt("why") {
            Some(why) => format!("{}: {why}", row.text("state")),
            None => row.text("state").to_owned(),
        });
        shown.push(vec![
            line.clip.to_string(),
            fitting(&line.name),
            size(line.size),
            line.officer.clone().unwrap_or("-".into()),
            line.class.clone(),
            civil(zone, &line.stored),
            civil(zone, &line.due),
            state.clone(),
        ]);
        let mut value = json!(line);
        value["state"] = json!(state);
        json.push(value);
    }
    let mut all = row_json(&row);
    all["lines"] = json!(json);
    let head = ["clip", "name", "size", "officer", "class", "in custody", "due", "state"];
    Ok(Answer::new(all)
        .line(format!("plan {plan}, {}, by {}", row.text("state"), row.text("planned_by")))
        .table(&head, shown, "no clips")
        .line(format!("{} clips, {}", sheet.lines.len(), size(sheet.bytes())))
        .line(format!("digest {}", row.text("object"))))
}

fn checks(open: &Open) -> Result<Answer, CliError> {
    let rows = open.station.rows(&Query::all(&SPOTCHECK))?;
    let view = |row: &Row| {
        vec![
            CheckId(registry::seq(row)).to_string(),
            row.text("kind").into(),
            row.text("state").into(),
            number(row, "wanted").to_string(),
            format!("entries {} to {}", number(row, "from_seq"), number(row, "to_seq")),
            or_dash(row, "class"),
            number(row, "at_size").to_string(),
            row.text("announced_by").into(),
        ]
    };
    let head = ["check", "kind", "state", "clips", "out of", "class", "drawn at", "by"];
    let json = json!({ "spotchecks": rows.iter().map(row_json).collect::<Vec<_>>() });
    Ok(Answer::new(json).table(&head, rows.iter().map(view).collect(), "no spot checks yet"))
}

fn check_shown(open: &Open, check: CheckId) -> Result<Answer, CliError> {
    let missing = || {
        let text = format!("there is no spot check {check}; see `sealdock spotcheck list`");
        CliError::new(Exit::Missing, text)
    };
    let rows = open.station.rows(&Query::all(&SPOTCHECK).with("seq", check.0))?;
    let row = rows.first().ok_or_else(missing)?;
    let mut clips = open.station.rows(&Query::all(&SPOTCHECK_CLIP).with("spotcheck", check.0))?;
    clips.sort_by_key(|row| number(row, "place"));
    let mut json = row_json(row);
    let registers = open.station.world().ledger.view()?;
    let (mut shown, mut lines) = (Vec::new(), Vec::new());
    for clip in &clips {
        let viewed = report::viewed(&*registers, row, clip)?;
        let mut line = row_json(clip);
        line["viewed"] = json!(viewed);
        lines.push(line);
        let answered = clip.int_opt("answered_seq").is_some();
        shown.push(vec![
            ClipId(number(clip, "clip")).to_string(),
            or_dash(clip, "answered_by"),
            match (answered, viewed) {
                (false, _) => "-".to_owned(),
                (true, true) => "是 yes".to_owned(),
                (true, false) => "否 no".to_owned(),
            },
            or_dash(clip, "finding"),
            or_dash(clip, "correction"),
        ]);
    }
    json["clip_rows"] = json!(lines);
    let head = ["clip", "answered by", "看过 viewed", "finding", "correction"];
    Ok(Answer::new(json)
        .line(format!("spot check {check}: {}", row.text("state")))
        .line(format!(
            "drawn by the root of {} entries: {}",
            number(row, "at_size"),
            or_dash(row, "root")
        ))
        .table(&head, shown, "not drawn yet")
        .line(format!("appraisal: {}", or_dash(row, "appraisal"))))
}

fn media(open: &Open) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let (mut json, mut shown) = (Vec::new(), Vec::new());
    for row in open.station.rows(&Query::all(&MEDIUM))? {
        let seq = registry::seq(&row);
        let clips = clips_of(open, &MEDIUM_CLIP, ("medium", seq))?;
        let read = match row.int_opt("read_equal") {
            None => "never".to_owned(),
            Some(1) => format!("{}, equal", time_or_dash(zone, &row, "read_back")),
            Some(_) => format!("{}, 不一致 differs", time_or_dash(zone, &row, "read_back")),
        };
        shown.push(vec![
            MediumId(seq).to_string(),
            row.text("label").into(),
            row.text("kind").into(),
            row.text("place").into(),
            listed(&clips),
            civil(zone, row.text("burnt")),
            read,
            short(row.text("digest")),
        ]);
        json.push(with_clips(&row, &clips));
    }
    let head = ["medium", "label", "kind", "place", "clips", "burnt", "last read back", "digest"];
    Ok(Answer::new(json!({ "media": json })).table(&head, shown, "no media yet"))
}
