//! Requests to view or copy, the register of both, secrecy, and carrying out a copy.

/// Reading back what is still being written.
mod behind;
/// Writing to a medium that others can reach, and removing from it.
mod beneath;
/// A directory as the place a copy goes to.
pub(super) mod folder;
/// How far it has come.
pub(super) mod meter;

use super::{Asked, civil, log, row_json, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::AccessQuery;
use crate::wire::Open;
use folder::Folder;
use meter::Meter;
use sealdock_core::access::{self, Act, Event, FormRow, Ground, Viewer, Way};
use sealdock_core::actor::Actor;
use sealdock_core::event::Event as Any;
use sealdock_core::id::{AccessId, ClipId, PersonId};
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::{WallMs, Zone};
use sealdock_report::reports::{self, ReportHead};
use sealdock_report::{Foot, Text};
use sealdock_station::Progress;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

pub fn answer(
    open: &Open,
    asked: &Asked,
    actor: &Arc<Actor>,
    query: AccessQuery,
) -> Result<Answer, CliError> {
    let progress = &*asked.progress;
    match query {
        AccessQuery::List { open: waiting } => list(open, waiting),
        AccessQuery::Show { access } => show(open, access),
        AccessQuery::Form { from, until } => form(open, (from, until)),
        AccessQuery::Viewings { clip, person, without_matter } => {
            viewings(open, clip, person.as_ref(), without_matter)
        }
        AccessQuery::Sights { clip, before } => sights(open, clip, before),
        AccessQuery::Secrecy { clip } => secrecy(open, clip),
        AccessQuery::Check { clip } => check(open, actor, clip),
        AccessQuery::CarryOut { access, to } => carry_out(open, progress, actor, (access, &to)),
        AccessQuery::Export { access, to, receipts, excerpts, resume } => {
            let receipts = receipts.as_deref();
            let asks =
                super::export::Asks { to: &to, receipts, excerpts: &excerpts, progress, resume };
            super::export::export(open, actor, access, asks)
        }
    }
}

fn list(open: &Open, waiting: bool) -> Result<Answer, CliError> {
    let mut query = Query::all(&access::ACCESS);
    if waiting {
        query = query.with("state", "asked");
    }
    let (rows, now, zone) = (open.station.rows(&query)?, now(open), zone(open)?);
    let line = |row: &Row| {
        vec![
            AccessId(registry::seq(row)).to_string(),
            civil(zone, row.text("asked")),
            row.text("who").into(),
            row.text("purpose").into(),
            applicant(row.text("name"), row.text("unit")),
            row.text("matter").into(),
            state(row, now),
        ]
    };
    let shown = rows.iter().map(line).collect();
    let json = json!({ "requests": rows.iter().map(row_json).collect::<Vec<_>>() });
    let head = ["request", "time", "who", "for", "applicant", "matter", "state"];
    Ok(Answer::new(json).table(&head, shown, "没有申请 no request"))
}

fn now(open: &Open) -> WallMs {
    open.station.world().clock.now().wall
}

/// A colleague without a department has no unit to name.
fn applicant(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

/// As it stands on the station's clock.
fn state(row: &Row, now: WallMs) -> String {
    let expired = row.text_opt("expires").and_then(WallMs::parse).is_some_and(|at| now >= at);
    match row.text("state") {
        "asked" => "待批 waiting",
        "approved" if expired => "过期 expired",
        "approved" => "已批 approved",
        "refused" => "不批 refused",
        _ => "撤销 revoked",
    }
    .into()
}

fn show(open: &Open, id: AccessId) -> Result<Answer, CliError> {
    let rows = open.station.rows(&Query::all(&access::ACCESS).with("seq", id.0))?;
    let Some(row) = rows.first() else {
        let text = format!("there is no request {id}; see `sealdock access list`");
        return Err(CliError::new(Exit::Missing, text));
    };
    let view = open.station.world().ledger.view()?;
    let wanted = access::access(&*view, id)?.map(|access| access.wanted.words());
    let clips = access::clips_of(&*view, id)?;
    let (zone, or_dash) = (zone(open)?, |column| row.text_opt(column).unwrap_or("-"));
    let mut json = row_json(row);
    json["request"] = json!(id);
    json["clips"] = json!(clips);
    let named: Vec<String> = clips.iter().map(ClipId::to_string).collect();
    let mut answer = Answer::new(json)
        .line(format!("{id} {}: {}", state(row, now(open)), row.text("matter")))
        .line(format!(
            "申请人 {} {}, {}, for {}",
            row.text("who"),
            applicant(row.text("name"), row.text("unit")),
            or_dash("phone"),
            row.text("purpose")
        ))
        .line(format!("事由 reason: {}", row.text("reason")))
        .line(format!("所需 asked for: {}", wanted.unwrap_or_default()))
        .line(format!("登记 written down by {}", row.text("asked_by")));
    if let Some(by) = row.text_opt("decided_by") {
        let why = or_dash("decision_reason");
        let what = if row.text_opt("expires").is_some() { "approved" } else { "refused" };
        answer = answer.line(format!("审批 {what} by {by}: {why}"));
    }
    if let Some(expires) = row.text_opt("expires") {
        let times = row.int_opt("times").unwrap_or_default();
        let expires = civil(zone, expires);
        answer = answer.line(format!("范围 {}, {times}×, until {expires}", named.join(" ")));
    }
    if let Some(by) = row.text_opt("revoked_by") {
        answer = answer.line(format!("撤销 revoked by {by}: {}", or_dash("revoked_reason")));
    }
    Ok(answer)
}

/// Form 3, as its columns stand on paper.
fn form(open: &Open, period: (Option<WallMs>, Option<WallMs>)) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let (rows, zone) = (form_rows(open, &*view, period)?, zone(open)?);
    let line = |(number, row): (usize, &FormRow)| {
        vec![
            (number + 1).to_string(),
            zone.civil(row.at),
            row.name.clone(),
            row.unit.clone(),
            row.phone.clone(),
            row.approver.clone(),
            row.clerk.clone(),
            format!("{}{}", act(row.act), row.brief),
            row.reason.clone(),
        ]
    };
    let shown = rows.iter().enumerate().map(line).collect();
    let head = [
        "序号",
        "时间",
        "姓名",
        "单位",
        "联系电话",
        "审批人",
        "管理员",
        "调阅、复制内容简要",
        "事由",
    ];
    let json = json!({ "rows": rows.iter().map(form_json).collect::<Vec<_>>() });
    Ok(Answer::new(json).table(&head, shown, "没有调阅、复制 nothing was viewed or copied"))
}

fn act(act: Act) -> &'static str {
    match act {
        Act::Viewing => "查阅 ",
        Act::Copy => "复制 ",
        Act::VoidCopy => "复制未完成（作废） ",
    }
}

/// Excerpts as people read them: clip and range.
pub fn parts(excerpts: &[access::CopiedExcerpt]) -> String {
    excerpts.iter().map(access::CopiedExcerpt::words).collect::<Vec<_>>().join("；")
}

/// The rows of form 3. That of a copy says which clips went out in part only, from the entry that completed it: the
/// register has no column for it.
pub fn form_rows(
    open: &Open,
    registers: &dyn Registers,
    period: (Option<WallMs>, Option<WallMs>),
) -> Result<Vec<FormRow>, CliError> {
    let mut rows = access::form(registers, period)?;
    for row in &mut rows {
        let Some(completed) = row.completed else { continue };
        match open.station.proven_event(completed)? {
            Any::Access(Event::CopyCompleted(e)) if !e.excerpts.is_empty() => {
                row.brief += &format!("；{}", parted(&e.excerpts));
            }
            _ => {}
        }
    }
    Ok(rows)
}

/// `仅截取片段 excerpts only: C7 0:01:00.000–0:01:30.000`
pub fn parted(excerpts: &[access::CopiedExcerpt]) -> String {
    format!("仅截取片段 excerpts only: {}", parts(excerpts))
}

/// A row of form 3 as facts.
pub fn form_json(row: &FormRow) -> Value {
    let act = match row.act {
        Act::Viewing => "viewing",
        Act::Copy => "copy",
        Act::VoidCopy => "void-copy",
    };
    json!({ "entry": row.seq, "act": act, "at": row.at, "name": row.name, "unit": row.unit,
        "phone": row.phone, "approver": row.approver, "clerk": row.clerk, "brief": row.brief,
        "reason": row.reason, "matter": row.matter })
}

fn viewings(
    open: &Open,
    clip: Option<ClipId>,
    person: Option<&PersonId>,
    without_matter: bool,
) -> Result<Answer, CliError> {
    let mut query = Query::all(&access::VIEWING);
    if let Some(clip) = clip {
        query = query.with("clip", clip.0);
    }
    if let Some(person) = person {
        query = query.with("viewer", person.as_str());
    }
    let mut rows = open.station.rows(&query)?;
    rows.retain(|row| !without_matter || row.text_opt("matter").is_none());
    let zone = zone(open)?;
    let line = |row: &Row| {
        let who = row.text_opt("viewer").or(row.text_opt("visitor")).unwrap_or("-");
        vec![
            row.int("seq").to_string(),
            civil(zone, row.text("opened")),
            ClipId(row.int("clip").unsigned_abs()).to_string(),
            who.into(),
            row.text("ground").into(),
            row.text_opt("matter").unwrap_or("-").into(),
            row.text("reason").into(),
        ]
    };
    let shown = rows.iter().map(line).collect();
    let json = json!({ "viewings": rows.iter().map(row_json).collect::<Vec<_>>() });
    let head = ["entry", "time", "clip", "who", "ground", "matter", "reason"];
    Ok(Answer::new(json).table(&head, shown, "没有查阅 no viewing"))
}

/// A statement: who saw the clip, or that nobody did, up to an entry.
fn sights(open: &Open, clip: ClipId, before: Option<WallMs>) -> Result<Answer, CliError> {
    let statement = open.station.sights(clip, before)?;
    let zone = zone(open)?;
    let what = |sight: &access::Sight| match sight.clip == clip {
        true => sight.what.to_owned(),
        false => format!("{} ({}, the same bytes)", sight.what, sight.clip),
    };
    let line = |sight: &access::Sight| {
        vec![sight.seq.to_string(), zone.civil(sight.at), what(sight), sight.actor.to_string()]
    };
    let shown: Vec<Vec<String>> = statement.sights.iter().map(line).collect();
    let sights: Vec<Value> = statement
        .sights
        .iter()
        .map(|s| {
            json!({ "entry": s.seq, "clip": s.clip, "at": s.at, "latest": s.latest.0,
                "latest_entry": s.latest.1, "what": s.what, "by": s.actor })
        })
        .collect();
    let when = before.map_or(String::new(), |at| format!(" before {}", zone.civil(at)));
    let verdict = match shown.is_empty() {
        true => format!("无人查阅、复制 nobody viewed or copied {clip}{when}"),
        false => format!("{clip}{when}: {} 次 times", shown.len()),
    };
    let json = json!({ "clip": clip, "twins": statement.twins, "before": before, "sights": sights,
        "size": statement.size, "root": statement.root.to_string() });
    let under = (statement.size, statement.root);
    let foot = Foot::under(open.station.origin(), under, now(open), zone);
    let head = ReportHead { unit: Text::from(log::unit(open)?), filters: Vec::new(), foot };
    let sheet = reports::sights(&head, &verdict, shown);
    let sheet = sheet.map_err(|e| CliError::new(Exit::Failed, e.to_string()))?;
    let mut answer = Answer::new(json).sheet(sheet, &verdict);
    if !statement.twins.is_empty() {
        let twins: Vec<String> = statement.twins.iter().map(ClipId::to_string).collect();
        answer = answer.line(format!("同一内容 the same bytes: {}", twins.join(" ")));
    }
    for sight in statement.sights.iter().filter(|sight| sight.is_contradicted(before)) {
        answer = answer.line(contradicted(zone, sight));
    }
    Ok(answer.line(format!(
        "as the chain says up to entry {}, root {}",
        statement.size.saturating_sub(1),
        statement.root
    )))
}

/// Where the clock was set back: what lies behind an entry was not before it.
fn contradicted(zone: Zone, sight: &access::Sight) -> String {
    let (latest, entry) = sight.latest;
    format!(
        "时钟不一致 the clock disagrees: entry {} says {}, but entry {entry} behind it says {}; it counts as no later than that",
        sight.seq,
        zone.civil(sight.at),
        zone.civil(latest)
    )
}

fn secrecy(open: &Open, clip: ClipId) -> Result<Answer, CliError> {
    open.station.clip_row(clip)?;
    let view = open.station.world().ledger.view()?;
    let level = access::level_of(&*view, clip)?;
    let query = Query::all(&access::SECRECY).with("clip", clip.0);
    let (rows, zone) = (view.select(&query)?, zone(open)?);
    let line = |row: &Row| {
        let text = |column| row.text(column).to_owned();
        vec![civil(zone, row.text("set_at")), text("level"), text("set_by"), text("reason")]
    };
    let shown = rows.iter().map(line).collect();
    let twins = access::twins(&*view, clip)?;
    let json = json!({ "clip": clip, "level": level, "twins": twins,
        "set": rows.iter().map(row_json).collect::<Vec<_>>() });
    let mut answer =
        Answer::new(json).line(format!("{clip}: {} {}", level.chinese(), level.as_str()));
    if !twins.is_empty() {
        let twins: Vec<String> = twins.iter().map(ClipId::to_string).collect();
        answer = answer.line(format!(
            "同一内容 the strictest level of all clips with the same bytes: also {}",
            twins.join(" ")
        ));
    }
    Ok(answer.table(&["time", "level", "by", "reason"], shown, "未定密级 nobody set a level"))
}

fn check(open: &Open, actor: &Arc<Actor>, clip: ClipId) -> Result<Answer, CliError> {
    let Some(person) = actor.person() else {
        return Err(CliError::new(Exit::Refused, "who? say --as ID and give the PIN"));
    };
    let view = open.station.world().ledger.view()?;
    let ways = access::ways(&*view, &open.station.world().clock.now(), person, clip)?;
    let able = ways.iter().any(|way| way.objection.is_none());
    let line = |way: &Way| {
        let verdict = if way.objection.is_none() { "可 yes" } else { "否 no" };
        let why = way.objection.as_ref().map(|why| why.to_string()).unwrap_or_default();
        vec![ground(&way.ground), viewer(&way.viewer), verdict.to_owned(), why]
    };
    let shown = ways.iter().map(line).collect();
    let facts: Vec<Value> = ways
        .iter()
        .map(|w| json!({ "ground": w.ground, "viewer": w.viewer, "objection": w.objection }))
        .collect();
    let verdict = match able {
        true => format!("可以查阅 {person} may view {clip}"),
        false => format!("不可查阅 {person} may not view {clip} (002/A6-§20)"),
    };
    let answer = Answer::new(json!({ "clip": clip, "person": person, "may": able, "ways": facts }))
        .line(verdict)
        .table(&["ground", "viewer", "holds", "why not"], shown, "no ground");
    Ok(answer.ending(if able { Exit::Done } else { Exit::Refused }))
}

fn ground(ground: &Ground) -> String {
    match ground {
        Ground::Own => "本人 own".to_owned(),
        Ground::Duty { duty } => format!("职务 duty {duty}"),
        Ground::Approval { access, number } => format!("审批 {access}, viewing {number}"),
    }
}

fn viewer(viewer: &Viewer) -> String {
    match viewer {
        Viewer::Person { id } => id.to_string(),
        Viewer::Visitor { name, unit } => format!("{name}, {unit}"),
    }
}

fn carry_out(
    open: &Open,
    progress: &dyn Progress,
    actor: &Arc<Actor>,
    (access, to): (AccessId, &Path),
) -> Result<Answer, CliError> {
    let clips = access::clips_of(&*open.station.world().ledger.view()?, access)?;
    let mut folder = Folder::make(to, Meter::new(progress, access, footage(open, &clips)?))?;
    let place = to.display().to_string();
    let done = open.station.carry_out(actor, (access, &place), &mut folder);
    let carried = open.back_up_if_short();
    let report = done.map_err(|e| {
        folder.undo();
        let mut error = CliError::from(e);
        if folder.begun() {
            error.message += &format!(
                "; 复制未完成（作废） the copy in {} is unfinished and void: destroy it",
                to.display()
            );
        }
        error
    })?;
    carried?;
    let line = |file: &access::CopiedFile| {
        vec![file.name.clone(), file.size.to_string(), file.sha256.to_string()]
    };
    let shown = report.files.iter().map(line).collect();
    let json = json!({ "request": access, "copy": report.copy, "completed": report.completed,
        "to": to, "files": report.files });
    Ok(Answer::new(json)
        .line(format!("复制完成 {access} copied: entries {} and {}", report.copy, report.completed))
        .table(&["file", "bytes", "sha256"], shown, "no file"))
}

/// Bytes of these clips.
pub fn footage(open: &Open, clips: &[ClipId]) -> Result<u64, CliError> {
    let view = open.station.world().ledger.view()?;
    let mut bytes = 0_u64;
    for clip in clips {
        let row = registry::by_seq(&*view, &sealdock_core::schema::CLIP, clip.0)?;
        bytes = bytes.saturating_add(row.map_or(0, |row| row.int("size").unsigned_abs()));
    }
    Ok(bytes)
}

/// One sentence per entry.
pub fn sentence(event: &Event) -> String {
    match event {
        Event::Requested(e) => format!(
            "{} {} asks to {}: {}",
            e.who.as_str(),
            applicant(&e.applicant.name, &e.applicant.unit),
            e.purpose.as_str(),
            e.wanted.words()
        ),
        Event::Approved(e) => format!(
            "{} approved: {} clips, {}×, until {}",
            e.access,
            e.clips.len(),
            e.times,
            e.expires
        ),
        Event::Refused(e) => format!("{} refused: {}", e.access, e.reason),
        Event::Revoked(e) => format!("{} revoked: {}", e.access, e.reason),
        Event::SecrecySet(e) => format!("clip {} is {}: {}", e.clip, e.level.as_str(), e.reason),
        Event::ViewingOpened(e) => {
            format!("clip {} opened for {} ({})", e.clip, viewer(&e.viewer), ground(&e.ground))
        }
        Event::ViewingServed(e) => {
            let what = match e.shown {
                access::Shown::Played => "shown",
                access::Shown::Thumbnails => "shown as small pictures",
            };
            let (from, to) = (playing(e.from_ms), playing(e.to_ms));
            format!("clip {}: {from}–{to} is about to be {what} (viewing {})", e.clip, e.viewing)
        }
        Event::ViewingEnded(e) => {
            let one = |s: &access::Stretch| format!("{}–{}", playing(s.from_ms), playing(s.to_ms));
            let played: Vec<String> = e.played.iter().map(one).collect();
            let played = if played.is_empty() { "nothing".into() } else { played.join(", ") };
            format!("viewing {} of clip {} ended ({}); played: {played}", e.viewing, e.clip, e.why)
        }
        Event::CopyCarriedOut(e) => {
            let asked = e.asked.as_ref();
            let parts = asked.and_then(access::CopyAsked::words);
            let parts = parts.map(|parts| format!(", excerpts only (截取片段) of {parts}"));
            let receipts = asked.and_then(|asked| asked.receipts);
            let receipts = receipts.map(|of| format!(", with receipts (SHA-256 {of})"));
            let [parts, receipts] = [parts, receipts].map(Option::unwrap_or_default);
            format!("{} is being copied to {}{parts}{receipts}", e.access, e.to)
        }
        Event::CopyCompleted(e) if !e.excerpts.is_empty() => format!(
            "the copy of entry {} is complete: {} files, and excerpts only (截取片段) of {}",
            e.copy,
            e.files.len(),
            parts(&e.excerpts)
        ),
        Event::CopyCompleted(e) => {
            format!("the copy of entry {} is complete: {} files", e.copy, e.files.len())
        }
    }
}

/// Playing time as players show it, with tenths.
fn playing(ms: u64) -> String {
    format!("{}:{:02}.{}", ms / 60_000, ms / 1000 % 60, ms % 1000 / 100)
}
