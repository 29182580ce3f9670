//! Matters, steps, interruptions: what the registers say, and sentences for their entries.

use super::{civil, row_json, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::{ClipId, InterruptionId, MatterId, PersonId, StepId};
use sealdock_core::matter::{self, Event, INTERRUPTION, Interruption, MARK, MATTER, Manner, STEP};
use sealdock_core::ports::LedgerView;
use sealdock_core::registry;
use sealdock_core::table::Query;
use sealdock_core::time::Zone;
use sealdock_station::StationError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// What can be asked about matters.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    List {
        open: bool,
    },
    Show {
        matter: MatterId,
    },
    Steps {
        matter: MatterId,
    },
    /// The list of what must be recorded.
    ListInForce,
    Interruptions {
        all: bool,
    },
}

pub fn answer(open: &Open, ask: Ask) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let zone = zone(open)?;
    match ask {
        Ask::List { open } => list(&*view, zone, open),
        Ask::Show { matter } => show(&*view, zone, matter),
        Ask::Steps { matter } => {
            known(&*view, matter)?;
            steps(Answer::new(json!({})), &*view, matter)
        }
        Ask::ListInForce => list_in_force(&*view),
        Ask::Interruptions { all } => {
            let rows = matter::interruptions(&*view, None)?;
            let wanted = |i: &Interruption| all || i.unanswered() || i.state == "explained";
            let rows: Vec<Interruption> = rows.into_iter().filter(wanted).collect();
            interruptions(Answer::new(json!({})), &*view, &rows)
        }
    }
}

fn known(view: &dyn LedgerView, id: MatterId) -> Result<matter::Matter, CliError> {
    matter::matter(view, id)?.ok_or_else(|| {
        let text = format!("there is no matter {id}; see `sealdock matter list`");
        CliError::new(Exit::Missing, text)
    })
}

/// How a matter stands, with the word for it.
fn state(row: &matter::Matter, zone: Zone) -> String {
    match (row.state.as_str(), row.due, row.missed) {
        ("open", ..) => "办理中 open".into(),
        ("closed", Some(due), true) => {
            format!("逾期未归档 overdue since {}", zone.civil(due))
        }
        ("closed", Some(due), false) => format!("待归档 to be filed by {}", zone.civil(due)),
        ("filed", ..) if row.late == Some(true) => "已归档（逾期） filed, late".into(),
        ("filed", ..) => "已归档 filed".into(),
        (other, ..) => other.into(),
    }
}

fn list(view: &dyn LedgerView, zone: Zone, only_open: bool) -> Result<Answer, CliError> {
    let mut rows = matter::matters(view)?;
    rows.retain(|row| !only_open || row.state != "filed");
    let json: Vec<Value> =
        view.select(&Query::all(&MATTER))?.iter().map(row_json).collect::<Vec<_>>();
    let shown = rows.iter().map(|row| {
        vec![
            row.id.to_string(),
            row.kind.as_str().into(),
            row.title.clone(),
            row.case_file.clone().unwrap_or_else(|| "-".into()),
            people(&row.officers),
            state(row, zone),
        ]
    });
    let kept = |value: &Value| !only_open || value["state"] != "filed";
    let json: Vec<Value> = json.into_iter().filter(kept).collect();
    let head =
        ["事项 matter", "类别 kind", "名称 title", "案号 case", "执法人员 officers", "状态 state"];
    Ok(Answer::new(json!({ "matters": json })).table(&head, shown.collect(), "no matter yet"))
}

fn people(ids: &[PersonId]) -> String {
    ids.iter().map(PersonId::as_str).collect::<Vec<_>>().join(" ")
}

fn show(view: &dyn LedgerView, zone: Zone, id: MatterId) -> Result<Answer, CliError> {
    let row = known(view, id)?;
    let raw = registry::by_seq(view, &MATTER, id.0)?.map(|row| row_json(&row));
    let parties = if row.parties.is_empty() { "-".into() } else { row.parties.join("、") };
    let answer = Answer::new(json!({ "matter": raw }))
        .line(format!("事项 matter {id}: {} ({})", row.title, row.kind.as_str()))
        .line(format!("当事人 parties: {parties}"))
        .line(format!(
            "执法人员 officers: {}; 案号 case file: {}",
            people(&row.officers),
            row.case_file.as_deref().unwrap_or("-")
        ))
        .line(state(&row, zone));
    let answer = steps(answer, view, id)?;
    let answer = clips(answer, view, zone, id)?;
    let mine: Vec<Interruption> =
        matter::interruptions(view, None)?.into_iter().filter(|i| i.matter == id).collect();
    interruptions(answer, view, &mine)
}

fn steps(mut answer: Answer, view: &dyn LedgerView, id: MatterId) -> Result<Answer, CliError> {
    let expected = matter::expectations(view, id)?;
    let rows = view.select(&Query::all(&STEP).with("matter", id.0))?;
    answer.json["steps"] = rows.iter().map(row_json).collect();
    let shown = expected.iter().map(|e| {
        let how = match e.manner {
            Manner::Continuous => "连续 unbroken",
            Manner::InParts => "断续 in parts",
        };
        let stands = match (e.missing(), e.closed) {
            (true, _) => "应录未录 not recorded",
            (false, true) => "已结束 closed",
            (false, false) => "进行中 open",
        };
        let must = if e.must { "应录 must" } else { "可录 may" };
        vec![
            e.step.to_string(),
            format!("{} ({})", e.name, e.item),
            must.into(),
            how.into(),
            e.clips.to_string(),
            stands.into(),
        ]
    });
    let head = ["环节 step", "名称 item", "要求", "方式 manner", "视频 clips", "状态 state"];
    Ok(answer.table(&head, shown.collect(), "无环节 no step declared yet"))
}

fn clips(
    mut answer: Answer,
    view: &dyn LedgerView,
    zone: Zone,
    id: MatterId,
) -> Result<Answer, CliError> {
    let rows = view.select(&Query::all(&matter::BINDING).with("matter", id.0))?;
    answer.json["bindings"] = rows.iter().map(row_json).collect();
    let mut shown = Vec::new();
    for row in rows.iter().filter(|row| row.int_opt("unbound_seq").is_none()) {
        let clip = row.int("clip").unsigned_abs();
        let Some(clip_row) = registry::by_seq(view, &sealdock_core::schema::CLIP, clip)? else {
            continue;
        };
        let marks = view.select(&Query::all(&MARK).with("clip", clip))?;
        let mut marked = Vec::new();
        if clip_row.int("marked") == 1 {
            marked.push("设备标记 by the device".to_owned());
        }
        marked.extend(marks.iter().map(|m| format!("人工标记 by {}", m.text("marked_by"))));
        let step = row.int_opt("step").map(|s| StepId(s.unsigned_abs()).to_string());
        let at = clip_row.text_opt("recorded").unwrap_or(clip_row.text("stored"));
        shown.push(vec![
            ClipId(clip).to_string(),
            step.unwrap_or_else(|| "-".into()),
            civil(zone, at),
            super::fitting(clip_row.text("name")),
            marked.join(", "),
        ]);
    }
    let head = ["视频 clip", "环节 step", "录制 recorded", "文件 name", "重点 marked"];
    Ok(answer.table(&head, shown, "无视频 no clip is bound to it"))
}

fn list_in_force(view: &dyn LedgerView) -> Result<Answer, CliError> {
    let in_force = matter::steps_in_force(view)?;
    let whose = match in_force.adopted_seq {
        Some(seq) => format!("{}, adopted with entry {seq}", in_force.list.title),
        None => {
            format!("{}, built in; `sealdock steps adopt FILE` adopts another", in_force.list.title)
        }
    };
    let shown = in_force.list.items.iter().map(|item| {
        let must = if item.must { "应录 must" } else { "可录 may" };
        let unbroken = if item.unbroken { "不间断 unbroken" } else { "" };
        vec![
            item.id.clone(),
            format!("{} {}", item.name, item.english),
            must.into(),
            unbroken.into(),
            item.cite.clone(),
        ]
    });
    let json = json!({
        "title": in_force.list.title, "sha256": in_force.sha256, "adopted_entry": in_force.adopted_seq,
        "items": in_force.list.items, "text": in_force.text,
    });
    let head = ["item", "名称 name", "要求", "", "依据 rule"];
    Ok(Answer::new(json).line(whose).table(&head, shown.collect(), "no item"))
}

fn interruptions(
    mut answer: Answer,
    view: &dyn LedgerView,
    rows: &[Interruption],
) -> Result<Answer, CliError> {
    let all = view.select(&Query::all(&INTERRUPTION))?;
    let wanted = |seq: i64| rows.iter().any(|row| row.id.0 == seq.unsigned_abs());
    answer.json["interruptions"] =
        all.iter().filter(|row| wanted(row.int("seq"))).map(row_json).collect();
    let shown = rows.iter().map(|row| {
        vec![
            row.id.to_string(),
            row.matter.to_string(),
            row.step.to_string(),
            kind_word(row.kind.as_str()).into(),
            state_word(&row.state).into(),
            row.detail.clone(),
        ]
    });
    let head =
        ["中断 no.", "事项 matter", "环节 step", "种类 kind", "状态 state", "所见 what shows it"];
    Ok(answer.table(
        &head,
        shown.collect(),
        "无未说明的中断 no interruption waits for an explanation",
    ))
}

/// A kind of interruption in both languages.
pub fn kind_word(kind: &str) -> &str {
    match kind {
        "unrecorded" => "应录未录 unrecorded",
        "gap" => "间断 gap",
        "missing-number" => "缺号 missing-number",
        "left-out" => "未关联 left-out",
        "cut-short" => "截断 cut-short",
        "clock-jump" => "时钟跳变 clock-jump",
        "untimed" => "无时间 untimed",
        "ended-early" => "提前结束 ended-early",
        other => other,
    }
}

/// How far the explanation is, in both languages.
pub fn state_word(state: &str) -> &str {
    match state {
        "open" => "未说明 open",
        "explained" => "已说明 explained",
        "accepted" => "已认可 accepted",
        "not-accepted" => "未认可 not-accepted",
        "filled" => "已补齐 filled",
        other => other,
    }
}

/// Writes down which filing deadlines are near or over. That nothing is, is no error.
pub fn watch(open: &Open) -> Result<Answer, CliError> {
    let command = Command::Matter(matter::Command::WatchFilings);
    match open.station.apply(&Arc::new(Actor::System), command) {
        Ok(appended) => super::recorded(open, &appended),
        Err(StationError::Refused(nothing)) => {
            Ok(Answer::new(json!({ "entries": [] })).line(nothing.to_string()))
        }
        Err(other) => Err(other.into()),
    }
}

/// What happened, short.
pub fn sentence(event: &Event) -> String {
    match event {
        Event::StepsAdopted(e) => {
            format!(
                "采用清单 list of steps adopted, {}",
                super::entries::short(&e.sha256.to_string())
            )
        }
        Event::MatterOpened(e) => {
            format!("事项开立 matter opened: {} ({})", e.record.title, e.record.kind.as_str())
        }
        Event::MatterCorrected(e) => format!(
            "事项更正 {} corrected, entry {} stands beside it: {}",
            e.matter, e.corrects, e.reason
        ),
        Event::MatterClosed(e) => {
            format!("执法终结 {} ended at {}, to be filed by {}", e.matter, e.ended, e.due)
        }
        Event::FilingWarned(e) => format!("归档将到期 {} must be filed by {}", e.matter, e.due),
        Event::FilingMissed(e) => format!("逾期未归档 {} was due {}", e.matter, e.due),
        Event::MatterFiled(e) => filed(e),
        Event::StepDeclared(e) => {
            format!(
                "环节 step of {} declared: {} ({}), {}",
                e.matter,
                e.name,
                e.item,
                e.manner.as_str()
            )
        }
        Event::StepClosed(e) => format!("环节结束 step {} closed", e.step),
        Event::ClipBound(e) => match e.step {
            Some(step) => format!("关联 clip {} belongs to {} of {}", e.clip, step, e.matter),
            None => format!("关联 clip {} belongs to {}", e.clip, e.matter),
        },
        Event::ClipUnbound(e) => {
            format!("解除关联 clip {} no longer bound by entry {}: {}", e.clip, e.binding, e.reason)
        }
        Event::ClipMarked(e) => format!("重点 clip {} marked: {}", e.clip, e.reason),
        Event::InterruptionFound(e) => format!(
            "中断 interruption of {}: {}: {}",
            e.step,
            kind_word(e.found.kind.as_str()),
            e.found.detail
        ),
        Event::InterruptionFilled(e) => {
            format!("中断已补齐 {} is no longer shown by the clips", e.interruption)
        }
        Event::InterruptionExplained(e) => {
            let how = if e.voice.is_some() { "语音 by voice" } else { "书面 in writing" };
            let told = format!("told to {}", e.told);
            format!(
                "说明 {} explained {how}, {}, {told}: {}",
                e.interruption,
                e.cause.as_str(),
                e.text
            )
        }
        Event::InterruptionNoted(e) => noted(e.interruption, e.accepted, &e.text),
    }
}

fn filed(e: &matter::MatterFiled) -> String {
    let late = match (e.late, &e.reason) {
        (Some(true), Some(reason)) => format!(", 逾期 late: {reason}"),
        (Some(_), _) => String::new(),
        (None, _) => ", the station's clock was wrong: no deadline met or missed".into(),
    };
    let open = match e.open_interruptions {
        0 => String::new(),
        n => format!(", {n} interruptions not explained"),
    };
    format!("归档 {} filed as {} with {} clips{late}{open}", e.matter, e.case_file, e.clips)
}

fn noted(id: InterruptionId, accepted: bool, text: &str) -> String {
    match accepted {
        true => format!("认可 explanation of {id} accepted: {text}"),
        false => format!("不认可 explanation of {id} not accepted, it is open again: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_interruption_has_its_chinese_word() {
        for kind in matter::BreakKind::ALL {
            assert!(!kind_word(kind.as_str()).is_ascii(), "{}", kind.as_str());
        }
        for state in ["open", "explained", "accepted", "not-accepted", "filled"] {
            assert!(!state_word(state).is_ascii(), "{state}");
        }
    }
}
