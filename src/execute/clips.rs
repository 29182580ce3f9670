//! Clips: which, what became of one, and whose they are. Facts and signatures only; no verb of this
//! part hands out footage.

use super::{civil, entries, fitting, recorded, row_json, size, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::{Assignment, ClipFilter, ClipPage};
use crate::wire::Open;
use sealdock_chain::sshsig::{CLIP_NAMESPACE, public_line};
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::ClipId;
use sealdock_core::keep::{self, KeptState};
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::search::{self, Found, Search};
use sealdock_core::table::{Query, Row, Table};
use sealdock_core::time::{DAY_MS, WallMs, Zone};
use sealdock_station::signers::{SigningEpoch, ssh_time};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

pub fn list(open: &Open, filter: &ClipFilter) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let ClipPage { after, newest_first, limit, looks } = filter.page;
    let view = open.station.world().ledger.view()?;
    let page = search::Page { after, newest_first, limit, looks };
    let Found { rows, more, looked_to } = search::find(&*view, &asked(filter, zone)?, page)?;
    let mut shown = Vec::new();
    for row in &rows {
        let late = search::is_late(&*view, id_of(row))?;
        shown.push(line(zone, row, (late, state(&*view, id_of(row))?)));
    }
    let head = ["clip", "recorded", "name", "size", "recorder", "officer", ""];
    let next = looked_to.or(rows.last().filter(|_| more).map(id_of));
    let mut json = json!({ "clips": rows.iter().map(row_json).collect::<Vec<_>>(), "next": next });
    if let Some(clip) = looked_to {
        json["looked_to"] = json!(clip);
    }
    let answer = Answer::new(json).table(&head, shown, "no such clip");
    Ok(match next {
        Some(last) => answer.line(format!("还有更多 there are more: --after {last}")),
        None => answer,
    })
}

fn asked(filter: &ClipFilter, zone: Zone) -> Result<Search, CliError> {
    let day = |text: &String| {
        let refused = || CliError::new(Exit::Usage, format!("{text:?} is no day like 2026-11-21"));
        let from = zone.day_begins(text).ok_or_else(refused)?;
        Ok::<_, CliError>((from, from.plus_ms(DAY_MS)))
    };
    Ok(Search {
        officer: filter.officer.clone(),
        recorder: filter.recorder.clone(),
        taken: filter.day.as_ref().map(day).transpose()?,
        marked: filter.marked,
        unassigned: filter.unassigned,
        late: filter.late,
        department: filter.department.clone(),
        class: filter.class.clone(),
        matter: filter.matter,
        step: filter.step,
    })
}

fn id_of(row: &Row) -> ClipId {
    ClipId(registry::seq(row))
}

fn when(zone: Zone, row: &Row) -> String {
    civil(zone, row.text_opt("recorded").unwrap_or(row.text("stored")))
}

/// Is it still there?
fn state(view: &dyn Registers, clip: ClipId) -> Result<KeptState, CliError> {
    Ok(keep::kept(view, clip)?.map_or(KeptState::Kept, |kept| kept.state))
}

fn line(zone: Zone, row: &Row, (late, state): (bool, KeptState)) -> Vec<String> {
    let mut marks = Vec::new();
    if row.int("marked") == 1 {
        marks.push("重点 marked");
    }
    if search::is_unassigned(row) {
        marks.push("unassigned");
    }
    if late {
        marks.push("late");
    }
    match state {
        KeptState::Kept => {}
        KeptState::Leaving => marks.push("正在处置 being disposed of"),
        KeptState::Disposed => marks.push("已处置 disposed of"),
    }
    let bytes = row.int("size").unsigned_abs();
    vec![
        ClipId(registry::seq(row)).to_string(),
        when(zone, row),
        fitting(row.text("name")),
        size(bytes),
        row.text_opt("recorder").unwrap_or(row.text("recorder_claim")).into(),
        row.text_opt("officer").unwrap_or("-").into(),
        marks.join(", "),
    ]
}

pub fn show(open: &Open, clip: ClipId) -> Result<Answer, CliError> {
    let row = open.station.clip_row(clip).map_err(|e| {
        let exit = if e.is_fatal() { Exit::Stopped } else { Exit::Missing };
        CliError { exit, ..CliError::from(e) }
    })?;
    let zone = zone(open)?;
    let origin = open.station.origin();
    let signed = signed(open, clip, row.int("evidence_epoch"))?;
    let ssh_key = public_line(&signed.epoch.public, origin);
    let life = life(open, zone, &row)?;
    let mut json = row_json(&row);
    json["clip"] = json!(clip);
    json["namespace"] = json!(CLIP_NAMESPACE);
    json["principal"] = json!(origin);
    json["allowed_signers"] = json!(signed.line);
    json["verify_time"] = json!(signed.then);
    json["key_stolen"] = json!(signed.epoch.stolen);
    json["ssh_public_key"] = json!(ssh_key);
    json["life"] = life
        .iter()
        .map(|(seq, at, text)| json!({ "entry": seq, "at": at, "what": text }))
        .collect();
    if let Some(facts) = row.text_opt("described") {
        json["facts"] = serde_json::from_str(facts).unwrap_or_else(|_| json!(facts));
    }
    let facts = row.text_opt("described").unwrap_or("not described yet");
    let rows = life.into_iter().map(|(seq, at, text)| vec![seq.to_string(), at, text]).collect();
    let kept = super::keep::how_long(open, clip)?;
    json["class"] = kept.0;
    json["against_disposal"] = json!(kept.1);
    Ok(Answer::new(json)
        .line(format!("clip {clip}: {}, {} bytes", row.text("name"), row.int("size")))
        .line(format!("sha256 {}", row.text("sha256")))
        .line(format!(
            "recorder {}, officer {}, copies {}",
            row.text_opt("recorder").unwrap_or("unassigned"),
            row.text_opt("officer").unwrap_or("unassigned"),
            row.text("copies")
        ))
        .line(format!("media {}, facts {facts}", row.text("media")))
        .line(format!("kept: {}", kept.1.join("; ")))
        .table(&["entry", "time", "its life"], rows, "no entry")
        .line(format!("signed by {ssh_key}")))
}

/// By which evidence key a clip was signed.
struct Signed {
    epoch: SigningEpoch,
    /// For `allowed_signers`.
    line: String,
    /// What `-Overify-time=` takes, where the key has ended.
    then: Option<String>,
}

fn signed(open: &Open, clip: ClipId, number: i64) -> Result<Signed, CliError> {
    let mut signers = open.station.signers()?;
    let wall = open.station.entry(clip.0)?.at["wall"].as_str().and_then(WallMs::parse);
    if let Some(wall) = wall {
        signers.reaches(clip.0, wall);
    }
    let epoch = signers.of_entry(clip.0).clone();
    if i64::from(epoch.number) != number {
        let text = format!(
            "clip {clip} names evidence key {number}, and {} was in force; run `sealdock check`",
            epoch.number
        );
        return Err(CliError::new(Exit::Stopped, text));
    }
    let line = signers.line(&epoch, CLIP_NAMESPACE, &[])?;
    Ok(Signed { line, then: epoch.before.and(wall).map(ssh_time), epoch })
}

type Moment = (u64, String, String);

/// Every entry that the registers know about this clip, in order.
fn life(open: &Open, zone: Zone, clip: &Row) -> Result<Vec<Moment>, CliError> {
    let id = registry::seq(clip);
    let mut seqs = BTreeSet::from([id, clip.int("session").unsigned_abs()]);
    seqs.extend(clip.int_opt("described_seq").map(i64::unsigned_abs));
    let sources: [(&'static Table, &[&str]); 10] = [
        (&s::ASSIGNMENT, &["seq"]),
        (&keep::CLASSING, &["seq"]),
        (&keep::HOLD_CLIP, &["hold"]),
        (&keep::DISPOSAL_LINE, &["plan", "result_seq"]),
        (&keep::SPOTCHECK_CLIP, &["answered_seq", "corrected_seq"]),
        (&keep::MEDIUM_CLIP, &["medium"]),
        (&s::SIGHTING, &["seq"]),
        (&s::WIPE, &["intended_seq", "result_seq"]),
        (&s::WIPE_REFUSAL, &["seq"]),
        (&s::DEADLINE, &["seq", "reason_seq"]),
    ];
    for (table, columns) in sources {
        for row in open.station.rows(&Query::all(table).with("clip", id))? {
            let named = columns.iter().filter_map(|column| row.int_opt(column));
            seqs.extend(named.map(i64::unsigned_abs));
        }
    }
    let mut life = Vec::new();
    for seq in entries::with_corrected(seqs, |seq| open.station.event(seq))? {
        let at = open.station.entry(seq)?.at["wall"].as_str().unwrap_or_default().to_owned();
        life.push((seq, civil(zone, &at), entries::sentence(&open.station.event(seq)?)));
    }
    Ok(life)
}

/// Puts right whose the named clips are.
pub fn reassign(open: &Open, actor: &Arc<Actor>, this: Assignment) -> Result<Answer, CliError> {
    let Assignment { clips, recorder, officer, reason, .. } = this;
    let command = Command::ReassignClips { clips, recorder, officer, reason };
    recorded(open, &open.station.apply(actor, command)?)
}

/// The named clips, or all that a session left unassigned.
pub fn assign(open: &Open, actor: &Arc<Actor>, this: Assignment) -> Result<Answer, CliError> {
    let mut clips = this.clips;
    if let Some(session) = this.session {
        let rows = open.station.rows(&Query::all(&s::CLIP).with("session", session.0))?;
        let free = rows.iter().filter(|row| search::is_unassigned(row));
        clips.extend(free.map(|row| ClipId(registry::seq(row))));
    }
    let command = Command::AssignClips {
        clips,
        recorder: this.recorder,
        officer: this.officer,
        reason: this.reason,
    };
    recorded(open, &open.station.apply(actor, command)?)
}
