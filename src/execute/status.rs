//! One look at the whole station: bays, sessions, deadlines, disk, copies, head of the chain.

/// When everything was looked at last.
pub(in crate::execute) mod checked;
/// The record as tiles, and copies that drills left.
mod copies;

use super::sentence::Sentence;
use super::{anchor, civil, desk, entries::short, log, row_json, size, zone};
use crate::answer::Answer;
use crate::docking::{Docked, State};
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::id::{ClipId, SessionId};
use sealdock_core::keep;
use sealdock_core::naming;
use sealdock_core::ports::{LedgerView, Room};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::{Cell, Query, Row};
use sealdock_core::time::{HOUR_MS, WallMs};
use sealdock_core::why::Why;
use sealdock_station::{Report, Step};
use serde_json::{Value, json};
use std::sync::PoisonError;

/// What stands aside is due soon this long before its deadline.
const SOON_MS: i64 = 6 * HOUR_MS;
const SESSIONS_SHOWN: u32 = 5;
/// Late clips that are listed one by one; how many there are is always said.
const LATE_SHOWN: u32 = 100;

/// `whole`: with the first clips that are late and unexplained, of which there may be thousands after years.
pub fn status(open: &Open, whole: bool) -> Result<Answer, CliError> {
    Ok(looked(open, whole)?.0)
}

/// For a page: the facts in brief, and what has to be seen at once, of one look: anchors that are overdue, what witnesses said
/// against this station, entries that a restore lost, and what the desk says.
///
/// # Errors
/// The registers cannot be read.
pub fn overview(open: &Open) -> Result<(Value, Vec<Why>), CliError> {
    let (answer, alarms) = looked(open, false)?;
    Ok((answer.json, alarms))
}

fn looked(open: &Open, whole: bool) -> Result<(Answer, Vec<Why>), CliError> {
    let now = open.station.world().clock.now().wall;
    let head = open.station.world().ledger.view()?.head()?;
    let size_now = head.checkpoint().size;
    let last = open.station.entry(size_now.saturating_sub(1))?;
    let written = last.at["wall"].as_str().and_then(WallMs::parse);
    let age_s = written.map(|at| (now.0 - at.0).max(0) / 1000);
    let room = open.station.world().vault.room()?;
    let (mirror, mirror_text) = open.mirror().words();
    let counts = Counts::of(open)?;
    let unexplained = Late::of(open, whole)?;
    let due = due_soon(open, now)?;
    let mut json = json!({
        "origin": open.station.origin(),
        "head": log::head_json(&head),
        "head_age_s": age_s,
        "copies": mirror,
        "copies_text": mirror_text,
        "disk": { "bytes_free": room.bytes, "inodes_free": room.inodes },
        "clips": counts.clips,
        "unassigned_clips": counts.unassigned,
        "open_asides": counts.asides,
        "missed_unexplained_count": unexplained.count,
        "due_soon": due.iter().map(|(session, at)| json!({ "session": session, "due": at })).collect::<Vec<_>>(),
    });
    let mut answer = Answer::new(Value::Null).line(format!(
        "{}: {size_now} entries, root {}, last entry {} ago",
        open.station.origin(),
        short(&head.checkpoint().root.to_string()),
        age_s.map_or("?".into(), |s| indicatif::HumanDuration(seconds(s)).to_string())
    ));
    answer = answer.line(format!("copies: {mirror_text}")).line(disk(open, room)?);
    answer = keys(open, answer, &mut json)?;
    if let Some(text) = open.mirror_objects()? {
        answer = answer.line(text);
    }
    answer = copied(open, answer, now, &mut json)?;
    let mut alarms = Vec::new();
    answer = anchors(open, answer, (&mut json, &mut alarms));
    answer = answer.line(counts.sentence());
    let lost = sealdock_station::check::lost(&*open.station.world().ledger.view()?)?;
    json["lost"] = json!(lost);
    answer = lost.iter().fold(answer, |answer, text| answer.line(format!("记录遗失 {text}")));
    alarms.extend(lost);
    let (lines, cloned) = desk::cloned_passkeys(open)?;
    json["passkeys_cloned"] = cloned;
    answer = lines.into_iter().fold(answer, Answer::line);
    answer = damaged(open, answer, &mut json)?;
    if whole {
        json["missed_unexplained"] = unexplained.first.iter().map(row_json).collect();
        answer = missed(open, answer, &unexplained)?;
    }
    for (session, at) in &due {
        answer = answer.line(format!("due soon: what stands aside of {session}, until {at}"));
    }
    let (lines, desk) = desk::alarms(open)?;
    json["desk"] = desk;
    answer = lines.iter().fold(answer, |answer, one| answer.line(one.to_string()));
    alarms.extend(lines.into_iter().map(Sentence::plain));
    answer = bays(open, answer, &mut json)?;
    answer = sessions(open, answer, &mut json)?;
    answer.json = json;
    Ok((answer, alarms))
}

/// The record as tiles, the newest full check, what drills left.
fn copied(
    open: &Open,
    mut answer: Answer,
    now: WallMs,
    json: &mut Value,
) -> Result<Answer, CliError> {
    let (line, facts) = copies::tiles(open, now)?;
    json["tiles"] = facts;
    answer = line.into_iter().fold(answer, Answer::line);
    let (line, facts) = checked::newest(open, now)?;
    json["full_check"] = facts;
    answer = line.into_iter().fold(answer, Answer::line);
    let (lines, facts) = copies::drills(open)?;
    json["drills_left"] = facts;
    answer = lines.into_iter().fold(answer, Answer::line);
    Ok(answer)
}

fn seconds(s: i64) -> std::time::Duration {
    std::time::Duration::from_secs(s.unsigned_abs())
}

fn disk(open: &Open, room: Room) -> Result<String, CliError> {
    let reserve = registry::policy(&*open.station.world().ledger.view()?)?.reserve_bytes;
    let free = size(room.bytes.saturating_sub(reserve));
    Ok(format!("disk: {free} free beside the reserve, {} inodes", room.inodes))
}

/// Clips that missed a deadline without a reason.
struct Late {
    count: u64,
    /// The oldest of them, where they are wanted one by one.
    first: Vec<Row>,
}

impl Late {
    fn of(open: &Open, whole: bool) -> Result<Late, CliError> {
        let unexplained = Query::all(&s::DEADLINE).with("reason", Cell::Null);
        let count = open.station.world().ledger.view()?.count(&unexplained)?;
        let first = match whole {
            true => open.station.rows(&unexplained.limit(LATE_SHOWN))?,
            false => Vec::new(),
        };
        Ok(Late { count, first })
    }
}

struct Counts {
    clips: u64,
    unassigned: u64,
    asides: u64,
}

impl Counts {
    fn of(open: &Open) -> Result<Counts, CliError> {
        let view = open.station.world().ledger.view()?;
        let all = || Query::all(&s::CLIP);
        let no_recorder = all().with("recorder", Cell::Null);
        let no_officer = all().with("officer", Cell::Null);
        let neither = no_recorder.clone().with("officer", Cell::Null);
        let either = view.count(&no_recorder)? + view.count(&no_officer)?;
        Ok(Counts {
            // What was disposed of is in nobody's custody any more.
            clips: stored(open, &*view)? - disposed(open, &*view)?,
            unassigned: either - view.count(&neither)?,
            asides: view.count(&Query::all(&s::ASIDE).with("state", "open"))?,
        })
    }

    fn sentence(&self) -> String {
        format!(
            "{} clips in custody, {} unassigned, {} asides open",
            self.clips, self.unassigned, self.asides
        )
    }
}

/// Clips that ever came into custody. No row of theirs is ever taken away and each new one has a higher number, so that only
/// those are counted that came since.
fn stored(open: &Open, view: &dyn LedgerView) -> Result<u64, CliError> {
    let newest = Query::all(&s::CLIP).only(&["seq"]).newest_first().limit(1);
    let newest = view.select(&newest)?.first().map_or(0, registry::seq);
    let mut known = open.stored.lock().unwrap_or_else(PoisonError::into_inner);
    if known.0 < newest {
        let since = Query::all(&s::CLIP).after(vec![known.0.into()]);
        *known = (newest, known.1 + view.count(&since)?);
    }
    Ok(known.1)
}

/// Clips that were disposed of. Their register has no way in by its state, so that the number is kept with that of the
/// removals it was counted at: none is disposed of without one more of these, which an index counts.
fn disposed(open: &Open, view: &dyn LedgerView) -> Result<u64, CliError> {
    let removed = view.count(&Query::all(&keep::DISPOSAL).with("state", "disposed"))?;
    let mut known = open.disposed.lock().unwrap_or_else(PoisonError::into_inner);
    if known.0 != removed {
        *known = (removed, view.count(&Query::all(&keep::KEPT).with("state", "disposed"))?);
    }
    Ok(known.1)
}

/// Where the two keys lie.
fn keys(open: &Open, answer: Answer, json: &mut Value) -> Result<Answer, CliError> {
    let places = super::keys::places(open)?;
    for (kind, _, place) in &places {
        json["keys"][kind.as_str()] = json!(place);
    }
    let words: Vec<String> = places
        .iter()
        .map(|(kind, _, place)| format!("{} {}", kind.as_str(), super::keys::words(*place)))
        .collect();
    Ok(answer.line(format!("keys: {}", words.join(", "))))
}

/// Stored copies that were found damaged and not proven anew since.
fn damaged(open: &Open, mut answer: Answer, json: &mut Value) -> Result<Answer, CliError> {
    let query = Query::all(&s::ASIDE).with("state", "open").with("reason", "stored-damaged");
    let rows = open.station.rows(&query)?;
    json["damaged_copies"] = rows.iter().map(row_json).collect::<Vec<_>>().into();
    for row in &rows {
        answer = answer.line(format!(
            "存储已损 damaged copy: A{} {} of {}: {}",
            registry::seq(row),
            naming::inert(row.text("name")),
            row.text("recorder_claim"),
            naming::inert(row.text("detail"))
        ));
    }
    Ok(answer)
}

/// What cannot be read was said in the lines before.
fn anchors(open: &Open, mut answer: Answer, (json, alarms): (&mut Value, &mut Vec<Why>)) -> Answer {
    let (stamp, facts) = anchor::in_brief(open);
    json["stamp"] = facts;
    answer = stamp.into_iter().fold(answer, |answer, text| answer.line(text.to_string()));
    let overdue = anchor::overdue(open).unwrap_or_default();
    alarms.extend(overdue.map(anchor::is_overdue));
    let mut witnesses = anchor::witnesses_in_brief(open);
    json["witness"] = witnesses.facts.take();
    alarms.extend(witnesses.alarms.iter().cloned());
    answer = witnesses.lines().into_iter().fold(answer, Answer::line);
    json["anchor_overdue"] =
        overdue.map_or(Value::Null, |(age, most)| json!({ "age_s": age, "age_s_max": most }));
    match overdue {
        Some(ages) => answer.line(format!("报警 alarm: {}", anchor::is_overdue(ages))),
        None => answer,
    }
}

fn missed(open: &Open, answer: Answer, late: &Late) -> Result<Answer, CliError> {
    if late.count == 0 {
        return Ok(answer.line("deadlines: none missed without a reason"));
    }
    let zone = zone(open)?;
    let shown: Vec<Vec<String>> = late
        .first
        .iter()
        .map(|row| {
            vec![
                ClipId(row.int("clip").unsigned_abs()).to_string(),
                row.text("clock").into(),
                civil(zone, row.text("due")),
                if row.int("alarm") == 1 { "报警 alarm".into() } else { String::new() },
            ]
        })
        .collect();
    let head = ["late clip", "deadline", "was due", ""];
    let beyond = late.count.saturating_sub(shown.len() as u64);
    let mut answer = answer.table(&head, shown, "");
    if beyond > 0 {
        answer = answer.line(format!("and {beyond} more: `sealdock clip list --late`"));
    }
    Ok(answer.line("give the reason with `sealdock reason add CLIP --text … --as ID`"))
}

/// What stands aside is still only on its recorder, and the clock after return runs.
fn due_soon(open: &Open, now: WallMs) -> Result<Vec<(SessionId, String)>, CliError> {
    let view = open.station.world().ledger.view()?;
    let policy = registry::policy(&*view)?;
    let mut due = std::collections::BTreeMap::new();
    for aside in view.select(&Query::all(&s::ASIDE).with("state", "open"))? {
        let session = aside.int("session").unsigned_abs();
        let opened = registry::by_seq(&*view, &s::SESSION, session)?
            .and_then(|row| WallMs::parse(row.text("opened")));
        let at = opened.map(|at| at.plus_ms(policy.after_return_ms));
        if let Some(at) = at.filter(|at| at.0 - now.0 < SOON_MS) {
            due.insert(SessionId(session), policy.zone.civil(at));
        }
    }
    Ok(due.into_iter().collect())
}

fn bays(open: &Open, answer: Answer, json: &mut Value) -> Result<Answer, CliError> {
    let bays = open.station.rows(&Query::all(&s::BAY))?;
    let docked = open.docks.shown();
    let mut rows = Vec::new();
    for bay in &bays {
        let mine: Vec<_> = docked.iter().filter(|d| d.bay.as_str() == bay.text("id")).collect();
        if mine.is_empty() {
            rows.push(vec![bay.text("id").into(), "-".into(), "空 empty".into(), String::new()]);
        }
        rows.extend(mine.iter().map(|d| {
            let (state, text) = standing(d, open.hub.running(&d.bay, &d.recorder).as_ref());
            vec![d.bay.to_string(), format!("{} ({})", d.name, d.recorder), state, text]
        }));
    }
    json["bays"] = bays.iter().map(row_json).collect::<Vec<_>>().into();
    json["docked"] = docked
        .iter()
        .map(|d| {
            json!({
                "bay": d.bay, "name": d.name, "recorder": d.recorder, "officer": d.officer,
                "state": d.state.word(), "text": d.text,
                "step": step(d, open.hub.running(&d.bay, &d.recorder).as_ref()).map(Step::words).map(|w| w.1),
            })
        })
        .collect::<Vec<_>>()
        .into();
    let mut answer = answer.table(&["bay", "recorder", "how it stands", ""], rows, "no bay yet");
    let mut alerts = open.docks.alerts();
    let fault = open.usb.profiles().fault;
    alerts.extend(fault.map(|text| ("profiles".to_owned(), String::new(), text)));
    for (bay, what, text) in &alerts {
        answer = answer.line(format!("{bay} {what}: {text}"));
    }
    json["ports"] = alerts
        .iter()
        .map(|(bay, what, text)| json!({ "bay": bay, "what": what, "text": text }))
        .collect::<Vec<_>>()
        .into();
    Ok(answer)
}

/// Where a session is that runs. It has said its last word a moment before its bay may say so.
fn step(docked: &Docked, report: Option<&Report>) -> Option<Step> {
    let step = report.filter(|_| docked.state == State::Running).map(|report| report.step);
    step.filter(|step| *step != Step::Closed)
}

/// How a recorder stands in its bay, in the words of the guide, and what a person should read beside it.
fn standing(docked: &Docked, report: Option<&Report>) -> (String, String) {
    let (Some(step), Some(report)) = (step(docked, report), report) else {
        return (docked.state.words().into(), docked.text.clone());
    };
    let (chinese, english) = step.words();
    let text = match step {
        Step::Copying | Step::Proving | Step::Wiping if report.bytes > 0 => {
            format!("{} / {}", size(report.bytes_done), size(report.bytes))
        }
        _ => docked.text.clone(),
    };
    (format!("{chinese} {english}"), text)
}

fn sessions(open: &Open, answer: Answer, json: &mut Value) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let rows = open.station.rows(&Query::all(&s::SESSION).newest_first().limit(SESSIONS_SHOWN))?;
    json["sessions"] = rows.iter().map(row_json).collect::<Vec<_>>().into();
    let shown = rows
        .iter()
        .map(|row| {
            vec![
                SessionId(registry::seq(row)).to_string(),
                civil(zone, row.text("opened")),
                row.text("recorder_claim").into(),
                row.text_opt("summary").unwrap_or("运行 running").into(),
            ]
        })
        .collect();
    let head = ["last sessions", "opened", "recorder", "how it stands"];
    Ok(answer.table(&head, shown, "no session yet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docked(state: State, text: &str) -> Docked {
        Docked {
            bay: "b1".parse().unwrap(),
            name: "R07".into(),
            path: "/bays/R07".into(),
            epoch: 1,
            recorder: "R07".parse().unwrap(),
            officer: None,
            state,
            text: text.into(),
            verdict: None,
            others_unfinished: false,
            is_volume: false,
        }
    }

    fn report(step: Step) -> Report {
        Report {
            bay: "b1".parse().unwrap(),
            recorder: "R07".parse().unwrap(),
            session: None,
            step,
            lines_done: 1,
            lines: 2,
            bytes_done: 1 << 20,
            bytes: 4 << 20,
            marked_left: 0,
            verdict: None,
            text: String::new(),
        }
    }

    #[test]
    fn a_bay_that_runs_says_at_which_step_it_is_and_asks_for_nothing() {
        let running = docked(State::Running, "");
        let words = |step| standing(&running, Some(&report(step)));
        assert_eq!(words(Step::Listing), ("读取清单 reading the list".into(), String::new()));
        assert_eq!(words(Step::Copying), ("复制 copying".into(), "1.00 MiB / 4.00 MiB".into()));
        assert_eq!(words(Step::Wiping).0, "擦除 wiping");
        assert_eq!(standing(&running, None).0, "运行 running", "nothing was said yet");
        assert_eq!(words(Step::Closed).0, "运行 running", "not before it is really over");
        // What an earlier session said is not how it stands.
        let waits = docked(State::Waiting, "sealdock session confirm b1 R07 --officer ID");
        let shown = standing(&waits, Some(&report(Step::Copying)));
        assert_eq!(shown, ("请本人确认 confirm it is yours".into(), waits.text.clone()));
    }
}
