//! Reports of an auditor, as text, as JSON and as the sheet in comma-separated values. Each says up to which entry of the
//! chain it holds.

use super::matter::{kind_word, state_word};
use super::{civil, entries, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_core::id::{ClipId, DepartmentId, PersonId, RecorderId};
use sealdock_core::matter::{self, Matter};
use sealdock_core::ports::LedgerView;
use sealdock_core::report::{
    Custody, Hours, HoursFilter, acts_of, custody_of_clip, custody_of_recorder, hours,
};
use sealdock_core::time::{WallMs, Zone};
use sealdock_report::{Cell, Column, Field, Foot, Orientation, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What can be asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "kebab-case")]
pub enum Ask {
    Clip { clip: ClipId },
    Recorder { recorder: RecorderId },
    Person { person: PersonId },
    Interruptions(Span),
    Expected(Span),
    Hours(Span),
}

/// Whose, and from which civil day to which, both included.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Span {
    pub department: Option<DepartmentId>,
    pub officer: Option<PersonId>,
    pub from: Option<String>,
    pub until: Option<String>,
}

/// A report before it is laid out: every row has as many cells as the head.
struct Report {
    title: String,
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    empty: &'static str,
    json: Value,
}

pub fn answer(open: &Open, ask: Ask, csv: bool) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let head = view.head()?;
    let size = head.checkpoint().size;
    let zone = zone(open)?;
    let drawn_at = open.station.world().clock.now().wall;
    let under = (size, head.checkpoint().root);
    let foot = Foot::under(open.station.origin(), under, drawn_at, zone);
    let filters = ask.filters();
    let drawn = Drawn { open, view: &*view, zone };
    let report = match ask {
        Ask::Clip { clip } => drawn.clip(clip)?,
        Ask::Recorder { recorder } => drawn.recorder(&recorder)?,
        Ask::Person { person } => drawn.person(&person)?,
        Ask::Interruptions(span) => drawn.interruptions(&span)?,
        Ask::Expected(span) => drawn.expected(&span)?,
        Ask::Hours(span) => drawn.hours(span)?,
    };
    let mut json = report.json;
    json["holds_up_to_entry"] = json!(size - 1);
    let answer = Answer::new(json);
    if csv {
        return Ok(answer.exact(comma_separated(
            report.title,
            filters,
            (report.head, report.rows),
            foot,
        )?));
    }
    Ok(answer.line(report.title).table(&report.head, report.rows, report.empty).line(format!(
        "截至第 {} 号记录 holds up to entry {}",
        size - 1,
        size - 1
    )))
}

/// The sheet of a report as comma-separated values, with the head it was drawn under.
fn comma_separated(
    title: String,
    filters: Vec<Field>,
    (head, rows): (Vec<&str>, Vec<Vec<String>>),
    foot: Foot,
) -> Result<String, CliError> {
    let cells = |row: Vec<String>| row.into_iter().map(|text| Cell::Text(text.into())).collect();
    let table = Table {
        title: title.into(),
        filters,
        columns: head.into_iter().map(|name| Column::new(name, 1)).collect(),
        rows: rows.into_iter().map(cells).collect(),
        totals: None,
        plots: Vec::new(),
        foot,
        page: Orientation::Landscape,
    };
    let failed = |e: &dyn std::fmt::Display| CliError::new(Exit::Failed, e.to_string());
    let sheet = table.sheet().map_err(|e| failed(&e))?;
    String::from_utf8(sealdock_report::csv::csv(&sheet)).map_err(|e| failed(&e))
}

impl Ask {
    /// What was asked, so that nobody takes a part for the whole.
    fn filters(&self) -> Vec<Field> {
        let (Ask::Interruptions(span) | Ask::Expected(span) | Ask::Hours(span)) = self else {
            return Vec::new();
        };
        let fields = [
            ("部门 department", span.department.as_ref().map(ToString::to_string)),
            ("人员 officer", span.officer.as_ref().map(ToString::to_string)),
            ("自 from", span.from.clone()),
            ("至 until", span.until.clone()),
        ];
        let asked = fields.into_iter().filter_map(|(label, value)| Some((label, value?)));
        asked.map(|(label, value)| Field::new(label, value)).collect()
    }
}

/// The one view that a report is drawn from.
struct Drawn<'a> {
    open: &'a Open,
    view: &'a dyn LedgerView,
    zone: Zone,
}

impl Drawn<'_> {
    fn clip(&self, clip: ClipId) -> Result<Report, CliError> {
        let custody = custody_of_clip(self.view, clip)?.ok_or_else(|| {
            let text = format!("there is no clip {clip}; see `sealdock clip list`");
            CliError::new(Exit::Missing, text)
        })?;
        self.life(format!("视频保管链 custody of clip {clip}"), &custody)
    }

    fn recorder(&self, recorder: &RecorderId) -> Result<Report, CliError> {
        let custody = custody_of_recorder(self.view, recorder)?;
        self.life(format!("记录仪保管链 custody of recorder {recorder}"), &custody)
    }

    /// Entries in order, then what is missing.
    fn life(&self, title: String, custody: &Custody) -> Result<Report, CliError> {
        let mut rows = Vec::new();
        let mut entries = Vec::new();
        for seq in &custody.entries {
            let (at, by, what) = self.said(*seq)?;
            entries.push(json!({ "entry": seq, "at": at, "by": by, "what": what }));
            rows.push(vec![seq.to_string(), at, by, what]);
        }
        for gap in &custody.gaps {
            let seq = gap.seq.map_or_else(|| "-".into(), |seq| seq.to_string());
            rows.push(vec![seq, "缺口 GAP".into(), String::new(), gap.text.clone()]);
        }
        let gaps: Vec<Value> = custody
            .gaps
            .iter()
            .map(|gap| json!({ "entry": gap.seq, "missing": gap.text }))
            .collect();
        Ok(Report {
            title: format!("{title}: {} entries, {} gaps", custody.entries.len(), gaps.len()),
            head: vec!["记录 entry", "时间 time", "何人 by", "内容 what"],
            rows,
            empty: "the chain says nothing about it",
            json: json!({ "entries": entries, "gaps": gaps }),
        })
    }

    /// Civil time, actor and sentence of an entry.
    fn said(&self, seq: u64) -> Result<(String, String, String), CliError> {
        let entry = self.open.station.entry(seq)?;
        let at = civil(self.zone, entry.at["wall"].as_str().unwrap_or_default());
        let actor: Option<sealdock_core::actor::ActorRecord> =
            serde_json::from_value(entry.actor).ok();
        let by = actor.map_or_else(|| "?".into(), |actor| actor.to_string());
        Ok((at, by, entries::sentence(&self.open.station.event(seq)?)))
    }

    fn person(&self, person: &PersonId) -> Result<Report, CliError> {
        let mut rows = Vec::new();
        let mut json = Vec::new();
        for (seq, how) in acts_of(self.view, person)? {
            let (at, by, what) = self.said(seq)?;
            json.push(json!({ "entry": seq, "at": at, "how": how, "by": by, "what": what }));
            rows.push(vec![seq.to_string(), at, by, what]);
        }
        Ok(Report {
            title: format!("{person} 所作所为 everything {person} did: {} entries", rows.len()),
            head: vec!["记录 entry", "时间 time", "何人 by", "内容 what"],
            rows,
            empty: "无 no entry of the chain is theirs",
            json: json!({ "person": person, "entries": json }),
        })
    }

    /// Matters of a department and officer.
    fn matters(&self, span: &Span) -> Result<Vec<Matter>, CliError> {
        let mut matters = matter::matters(self.view)?;
        matters.retain(|matter| {
            let here = |id: &DepartmentId| matter.department.as_ref() == Some(id);
            span.department.as_ref().is_none_or(here)
                && span.officer.as_ref().is_none_or(|id| matter.officers.contains(id))
        });
        Ok(matters)
    }

    /// Does the entry lie within the asked days, by the station's clock?
    fn within(&self, span: &Span, seq: u64) -> Result<bool, CliError> {
        let entry = self.open.station.entry(seq)?;
        let at = entry.at["wall"].as_str().and_then(WallMs::parse).unwrap_or_default();
        let civil = self.zone.civil(at);
        let day = civil.get(..10).unwrap_or_default();
        Ok(span.from.as_deref().is_none_or(|from| day >= from)
            && span.until.as_deref().is_none_or(|until| day <= until))
    }

    fn interruptions(&self, span: &Span) -> Result<Report, CliError> {
        let matters = self.matters(span)?;
        let mut rows = Vec::new();
        let mut json = Vec::new();
        let mut open = 0;
        for one in matter::interruptions(self.view, None)? {
            let asked = matters.iter().any(|matter| matter.id == one.matter);
            if !asked || !self.within(span, one.id.0)? {
                continue;
            }
            open += u32::from(one.unanswered());
            let row = sealdock_core::registry::by_seq(self.view, &matter::INTERRUPTION, one.id.0)?;
            let said = |column| row.as_ref().and_then(|r| r.text_opt(column)).unwrap_or("-");
            rows.push(vec![
                one.id.to_string(),
                one.matter.to_string(),
                one.step.to_string(),
                kind_word(one.kind.as_str()).into(),
                state_word(&one.state).into(),
                one.detail.clone(),
                said("cause").into(),
                said("explanation").into(),
                said("explained_by").into(),
                said("told").into(),
            ]);
            json.extend(row.as_ref().map(super::row_json));
        }
        Ok(Report {
            title: format!("中断报告 interruptions: {}, 未说明 not explained: {open}", rows.len()),
            head: vec![
                "中断 no.",
                "事项 matter",
                "环节 step",
                "种类 kind",
                "状态 state",
                "所见 what",
                "原因 cause",
                "说明 explanation",
                "说明人 by",
                "报告 told",
            ],
            rows,
            empty: "无中断 no interruption",
            json: json!({ "interruptions": json, "unanswered": open }),
        })
    }

    fn expected(&self, span: &Span) -> Result<Report, CliError> {
        let mut rows = Vec::new();
        let mut json = Vec::new();
        let mut missing = 0;
        for matter in self.matters(span)? {
            for e in matter::expectations(self.view, matter.id)? {
                if !self.within(span, e.step.0)? {
                    continue;
                }
                missing += u32::from(e.missing());
                let must = if e.must { "应录 must" } else { "可录 may" };
                let stands = match (e.missing(), e.clips) {
                    (true, _) => "应录未录 NOT RECORDED",
                    (false, 0) => "未录 not recorded",
                    (false, _) => "已录 recorded",
                };
                json.push(json!({
                    "matter": matter.id, "step": e.step, "item": e.item, "must": e.must,
                    "clips": e.clips, "missing": e.missing(),
                }));
                rows.push(vec![
                    matter.id.to_string(),
                    matter.title.clone(),
                    e.step.to_string(),
                    format!("{} ({})", e.name, e.item),
                    must.into(),
                    e.clips.to_string(),
                    stands.into(),
                ]);
            }
        }
        Ok(Report {
            title: format!(
                "应录与实录 expected and recorded: {} steps, 应录未录 missing: {missing}",
                rows.len()
            ),
            head: vec![
                "事项 matter",
                "名称 title",
                "环节 step",
                "事项清单 item",
                "要求",
                "视频 clips",
                "状态 state",
            ],
            rows,
            empty: "无环节 no step",
            json: json!({ "steps": json, "missing": missing }),
        })
    }

    fn hours(&self, span: Span) -> Result<Report, CliError> {
        let Span { department, officer, from, until } = span;
        let lines = hours(self.view, &HoursFilter { department, officer, from, until })?;
        let row = |line: &Hours| {
            let or_dash = |text: &str| if text.is_empty() { "-".into() } else { text.to_owned() };
            vec![
                or_dash(&line.department),
                or_dash(&line.officer),
                line.month.clone(),
                line.clips.to_string(),
                duration(line.length_ms),
                line.unknown.to_string(),
                line.marked_by_device.to_string(),
                line.marked_by_person.to_string(),
                format!("{}%", line.marked_percent()),
            ]
        };
        let json: Vec<Value> = lines.iter().map(line_json).collect();
        let total: i64 = lines.iter().map(|line| line.length_ms).sum();
        Ok(Report {
            title: format!("录制时长 recording hours: {}", duration(total)),
            head: vec![
                "部门 department",
                "人员 officer",
                "月 month",
                "视频 clips",
                "时长 h:mm:ss",
                "时长不明 unknown",
                "设备标记 by device",
                "人工标记 by person",
                "标记率 marked",
            ],
            rows: lines.iter().map(row).collect(),
            empty: "无 no clip",
            json: json!({ "hours": json }),
        })
    }
}

fn duration(ms: i64) -> String {
    let s = ms / 1000;
    format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

fn line_json(line: &Hours) -> Value {
    json!({
        "department": line.department, "officer": line.officer, "month": line.month,
        "clips": line.clips, "length_ms": line.length_ms, "length_unknown": line.unknown,
        "marked_by_device": line.marked_by_device, "marked_by_person": line.marked_by_person,
        "marked": line.marked, "marked_percent": line.marked_percent(),
    })
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn hours_are_written_with_minutes_and_seconds() {
        assert_eq!(duration(3_723_999), "1:02:03");
        assert_eq!(duration(36_000_000), "10:00:00");
    }
}
