//! One recorder; uses that are not over; form 2; figures.

use super::super::{civil, entries, row_json, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_core::desk::{self, ASSET, ASSET_CHANGE, Lateness, Period, USAGE, Usage};
use sealdock_core::id::{RecorderId, SessionId};
use sealdock_core::registry;
use sealdock_core::schema::RECORDER;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::{WallMs, Zone};
use serde_json::{Value, json};

/// Events of a recorder that are shown; scripts get all of them.
const CHANGES_SHOWN: usize = 20;

pub fn recorder(open: &Open, recorder: &RecorderId) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let (policy, zone) = (registry::policy(&*view)?, zone(open)?);
    let Some(asset) = desk::asset(&*view, recorder)? else {
        let text = format!("recorder {recorder} is not enrolled; see `sealdock recorder list`");
        return Err(CliError::new(Exit::Missing, text));
    };
    let row = view.select(&Query::all(&ASSET).with("recorder", recorder.as_str()))?;
    let officers = designated(&*view, recorder)?;
    let uses = desk::usages_of(&*view, recorder)?;
    let changes = view.select(&Query::all(&ASSET_CHANGE).with("recorder", recorder.as_str()))?;
    let unbooked = desk::unbooked(&*view, &policy, recorder)?;
    let told = desk::told_last(&*view, recorder)?;
    let mut json = row.first().map(row_json).unwrap_or_default();
    let enrolled = view.select(&Query::all(&RECORDER).with("id", recorder.as_str()))?;
    let enrolled =
        |column: &str| enrolled.first().and_then(|row| row.text_opt(column)).map(str::to_owned);
    for column in ["device_id", "model"] {
        json[column] = json!(enrolled(column));
    }
    json["stands"] = json!(asset.shown());
    json["designated"] = json!(officers);
    json["uses"] = uses.iter().map(|u| row_json(&u.row)).collect::<Vec<_>>().into();
    json["changes"] = changes.iter().map(row_json).collect::<Vec<_>>().into();
    json["told"] = told.as_ref().map(row_json).into();
    json["unbooked_clips"] = unbooked.iter().map(|u| json!(u.clip)).collect::<Vec<_>>().into();
    let or = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let mut answer = Answer::new(json).line(format!(
        "recorder {recorder}: {}, with {}",
        words(asset.shown()),
        or(asset.holder.as_ref().map(|p| p.to_string()))
    ));
    answer = answer.line(format!(
        "device number {}, model {}",
        or(enrolled("device_id")),
        or(enrolled("model"))
    ));
    answer = answer.line(format!(
        "department {}, clerk {}, designated to {}",
        or(asset.department.map(|d| d.to_string())),
        or(asset.clerk.map(|p| p.to_string())),
        or((!officers.is_empty()).then(|| officers.join(", ")))
    ));
    answer =
        answer.line(format!("last periodic check {}", or(asset.checked.map(|at| zone.civil(at)))));
    if let Some(told) = told {
        let (session, at) = (SessionId(told.int("session").unsigned_abs()), told.text("at"));
        let (said, at) = (entries::told(&told), civil(zone, at));
        answer = answer.line(format!("自报 it said of itself at {at} in {session}: {said}"));
    }
    // Before the first use the archive says nothing about any footage.
    if !uses.is_empty() && !unbooked.is_empty() {
        answer = answer.line(format!(
            "未登记使用 {} clips were recorded while it was not handed out (002/A6-§5): {}, …",
            unbooked.len(),
            unbooked[0].clip
        ));
    }
    let shown = changes.iter().rev().take(CHANGES_SHOWN).rev().map(|row| change(zone, row));
    let head = ["entry", "time", "what", "by", "why"];
    Ok(answer.table(&head, shown.collect(), "nothing happened to it"))
}

fn designated(
    registers: &dyn sealdock_core::ports::Registers,
    recorder: &RecorderId,
) -> Result<Vec<String>, CliError> {
    let query = Query::all(&desk::DESIGNATION).with("recorder", recorder.as_str());
    let rows = registers.select(&query)?;
    let open = rows.iter().filter(|row| row.int_opt("ended_seq").is_none());
    Ok(open.map(|row| row.text("officer").to_owned()).collect())
}

fn change(zone: Zone, row: &Row) -> Vec<String> {
    vec![
        registry::seq(row).to_string(),
        civil(zone, row.text("at")),
        row.text("what").into(),
        row.text("actor").into(),
        row.text_opt("reason").unwrap_or_default().into(),
    ]
}

/// How a recorder or a use stands, for people.
pub fn words(state: &str) -> &str {
    match state {
        "acquired" => "已购置 acquired",
        "cabinet" => "在柜 cabinet",
        "issued" => "领用 issued",
        "returned" => "交回未采集 returned, not docked",
        "docked" => "已采集 docked",
        "repair" => "维修 repair",
        "faulty" => "故障 faulty",
        "lost" => "遗失 lost",
        "retired" => "报废 retired",
        "requested" => "待批准 requested",
        "approved" => "已批准 approved",
        "refused" => "未批准 refused",
        "withdrawn" => "撤回 withdrawn",
        other => other,
    }
}

pub fn list(open: &Open, all: bool) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let zone = zone(open)?;
    let mut uses = Vec::new();
    let states = ["requested", "approved", "issued", "returned"];
    let more = ["refused", "withdrawn", "docked", "lost"];
    for state in states.iter().chain(more.iter().filter(|_| all)) {
        uses.extend(desk::usages(&*view, state)?);
    }
    if !all {
        // What was lost is out until it is found.
        uses.extend(desk::out(&*view)?.into_iter().filter(|usage| usage.state == "lost"));
    }
    uses.sort_by_key(|usage| usage.of);
    let json = json!({ "uses": uses.iter().map(|u| row_json(&u.row)).collect::<Vec<_>>() });
    let shown = uses.iter().map(|usage| line(zone, usage)).collect();
    let head = ["use", "recorder", "user", "how it stands", "due back", "approver", ""];
    Ok(Answer::new(json).table(&head, shown, "no use is open"))
}

fn line(zone: Zone, usage: &Usage) -> Vec<String> {
    let mut said = Vec::new();
    let set = |column| usage.row.int_opt(column).is_some();
    said.extend(usage.breach.then_some("未经批准 without approval"));
    said.extend(usage.late.then_some("逾期 late"));
    let overdue = set("overdue_seq") && usage.returned.is_none();
    let undocked = set("dock_overdue_seq") && usage.docked.is_none();
    said.extend((overdue || undocked).then_some("逾期 overdue"));
    said.extend(set("other_session").then_some("他人插入 docked by another"));
    vec![
        usage.of.to_string(),
        usage.recorder.to_string(),
        usage.officer.to_string(),
        words(&usage.state).into(),
        zone.civil(usage.until),
        usage.approver.as_ref().map_or("-".into(), |p| p.to_string()),
        said.join(", "),
    ]
}

/// Form 2, column for column.
pub fn archive(open: &Open, period: Period) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let rows = desk::usage_archive(&*open.station.world().ledger.view()?, period)?;
    let json = json!({ "rows": rows.iter().map(|row| json!({
        "seq": row.seq, "department": row.department, "recorder": row.recorder,
        "user": row.user, "approver": row.approver, "issued": row.issued,
        "returned": row.returned, "remark": row.remark,
    })).collect::<Vec<_>>() });
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |at: Option<WallMs>| at.map(|at| zone.civil(at)).unwrap_or_default();
    let shown = rows.iter().enumerate().map(|(n, row)| {
        vec![
            (n + 1).to_string(),
            text(&row.department),
            row.recorder.to_string(),
            text(&row.user),
            text(&row.approver),
            time(row.issued),
            time(row.returned),
            row.remark.clone(),
        ]
    });
    let head = [
        "序号",
        "单位(部门)名称",
        "执法记录仪编号",
        "使用人",
        "批准人",
        "领用时间",
        "交回时间",
        "备注",
    ];
    Ok(Answer::new(json).table(&head, shown.collect(), "nothing was handed out or checked"))
}

pub fn figures(open: &Open, period: Period) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let (policy, now) = (registry::policy(&*view)?, open.station.world().clock.now());
    let figures = desk::figures(&*view, &policy, (period, &now))?;
    let by = desk::by_department(&figures.lateness);
    let json = json!({
        "officers": figures.officers, "recorders": figures.recorders, "needed": figures.needed,
        "enough": figures.enough(),
        "by_officer": figures.lateness.iter().map(late_json).collect::<Vec<_>>(),
        "by_department": by.iter().map(late_json).collect::<Vec<_>>(),
    });
    let enough = if figures.enough() { "足够 enough" } else { "不足 too few" };
    let mut answer = Answer::new(json).line(format!(
        "{} recorders in service for {} officers, {} are needed (002/M-二(二)3(1)): {enough}",
        figures.recorders, figures.officers, figures.needed
    ));
    let head = ["", "department", "uses", "without approval", "late back", "late clips", ""];
    let officers = figures.lateness.iter().map(late_line).collect();
    answer = answer.table(&head, officers, "nobody used a recorder");
    if !by.is_empty() {
        answer = answer.table(&head, by.iter().map(late_line).collect(), "");
    }
    Ok(answer)
}

fn late_json(line: &Lateness) -> Value {
    json!({
        "officer": line.officer, "department": line.department, "uses": line.uses,
        "breaches": line.breaches, "late_returns": line.late_returns,
        "late_clips": line.late_clips, "repeated": line.repeated(),
    })
}

fn late_line(line: &Lateness) -> Vec<String> {
    vec![
        line.officer.as_ref().map_or("合计 all".into(), |p| p.to_string()),
        line.department.as_ref().map_or("-".into(), |d| d.to_string()),
        line.uses.to_string(),
        line.breaches.to_string(),
        line.late_returns.to_string(),
        line.late_clips.to_string(),
        if line.repeated() { "屡次 repeatedly".into() } else { String::new() },
    ]
}

/// Rows of the archive that nobody has to look for: whatever is out under no approval.
pub fn breaches(open: &Open) -> Result<Vec<Row>, CliError> {
    let rows = open.station.rows(&Query::all(&USAGE).with("breach", true))?;
    Ok(rows.into_iter().filter(|row| row.int_opt("seen_seq").is_none()).collect())
}
