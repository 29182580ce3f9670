//! What is counted: hours, lateness, recorders against officers, use, checks.

use super::{Drawn, Report, Span, drawn};
use crate::execute::desk::words;
use crate::exit::CliError;
use sealdock_core::report::{
    CheckLine, Finding, Hours, HoursFilter, LateLine, Named, Names, Ratio, RecorderUse, Unreturned,
    checks, findings, hours, lateness, ratios, recorder_use, unreturned, weeks,
};
use sealdock_report::reports;
use serde_json::{Value, json};

impl Drawn<'_> {
    pub fn hours(&self, span: &Span) -> Result<Report, CliError> {
        let filter = HoursFilter::from(span);
        let (lines, weeks) = (hours(self.view, &filter)?, weeks(self.view, &filter)?);
        let names = Names::of(self.view)?;
        let total: i64 = lines.iter().map(|line| line.length_ms).sum();
        let department = |id: &str| names.department(id);
        Ok(Report {
            title: format!("录制时长 recording hours: {}", reports::duration(total)),
            sheet: drawn(reports::hours(&self.asked(span), (&lines, &weeks), department))?,
            empty: "无 no clip",
            json: match self.facts {
                true => json!({
                    "hours": lines.iter().map(hours_json).collect::<Vec<_>>(),
                    "weeks": weeks.iter().map(|week| {
                        json!({ "monday": week.monday, "length_ms": week.length_ms })
                    }).collect::<Vec<_>>(),
                }),
                false => Value::Null,
            },
        })
    }

    pub fn lateness(&self, span: &Span) -> Result<Report, CliError> {
        let (head, period) = self.asked_in(span)?;
        let is = |named: &Option<Named>, id: &str| named.as_ref().is_some_and(|n| n.id == id);
        let asked = |line: &LateLine| {
            span.department.as_ref().is_none_or(|id| is(&line.department, id.as_str()))
                && span.officer.as_ref().is_none_or(|id| is(&line.officer, id.as_str()))
        };
        let late = lateness(self.view, (period, &self.at), asked)?;
        let again: u32 = late.by_department.iter().map(|line| line.repeated).sum();
        Ok(Report {
            title: format!("逾期统计 lateness: 屡次逾期 repeatedly {again}"),
            sheet: drawn(reports::lateness(&head, &late))?,
            empty: "无 nobody used a recorder or was late",
            json: json!({
                "by_officer": late.by_officer.iter().map(late_json).collect::<Vec<_>>(),
                "by_department": late.by_department.iter().map(late_json).collect::<Vec<_>>(),
            }),
        })
    }

    pub fn ratio(&self) -> Result<Report, CliError> {
        let all = ratios(self.view, self.at.wall)?;
        let enough = if all.unit.enough() { "足够 enough" } else { "不足 too few" };
        Ok(Report {
            title: format!("执法记录仪配备 recorders and officers: {enough}"),
            sheet: drawn(reports::ratios(&self.head, &all))?,
            empty: "",
            json: json!({
                "unit": ratio_json(&all.unit),
                "by_department": all.by_department.iter().map(ratio_json).collect::<Vec<_>>(),
            }),
        })
    }

    pub fn recorder_use(&self, span: &Span) -> Result<Report, CliError> {
        let (head, period) = self.asked_in(span)?;
        let mut lines = recorder_use(self.view, (period, &self.at))?;
        lines.retain(|line| of_department(span, line.department.as_ref()));
        let unused = lines.iter().filter(|line| line.uses == 0 && line.clips == 0).count();
        Ok(Report {
            title: format!(
                "执法记录仪使用情况 use by recorder: {}, 未使用 not used {unused}",
                lines.len()
            ),
            sheet: drawn(reports::recorder_use(&head, &lines, |state| words(state).to_owned()))?,
            empty: "无 no recorder",
            json: json!({ "recorders": lines.iter().map(use_json).collect::<Vec<_>>() }),
        })
    }

    pub fn unreturned(&self) -> Result<Report, CliError> {
        let lines = unreturned(self.view, &self.at)?;
        let overdue = lines.iter().filter(|line| line.overdue == Some(true)).count();
        Ok(Report {
            title: format!(
                "未交回、未采集 not back or not docked: {}, 逾期 overdue {overdue}",
                lines.len()
            ),
            sheet: drawn(reports::unreturned(&self.head, &lines))?,
            empty: "无 every recorder is back and docked",
            json: json!({ "uses": lines.iter().map(unreturned_json).collect::<Vec<_>>() }),
        })
    }

    pub fn checks(&self, span: &Span) -> Result<Report, CliError> {
        let (head, period) = self.asked_in(span)?;
        let size = self.view.head()?.checkpoint().size;
        let lines = checks(self.view, period, (size, self.at.wall))?;
        let open: u32 = lines.iter().map(CheckLine::uncorrected).sum();
        let overdue = lines.iter().filter(|line| line.overdue_days.is_some()).count();
        let also = match overdue {
            0 => String::new(),
            overdue => format!(", 逾期未抽取 overdue to be drawn {overdue}"),
        };
        Ok(Report {
            title: format!(
                "抽查与回放检查 checks: {}, 未整改 uncorrected {open}{also}",
                lines.len()
            ),
            sheet: drawn(reports::checks(&head, &lines))?,
            empty: "无 no check was announced",
            json: json!({ "checks": lines.iter().map(check_json).collect::<Vec<_>>() }),
        })
    }

    pub fn findings(&self, span: &Span) -> Result<Report, CliError> {
        let (head, period) = self.asked_in(span)?;
        let mut found = findings(self.view, period)?;
        found.retain(|one| {
            let theirs = |id: &str| one.officer.as_ref().is_some_and(|named| named.id == id);
            of_department(span, one.department.as_ref())
                && span.officer.as_ref().is_none_or(|id| theirs(id.as_str()))
        });
        Ok(Report {
            title: format!("抽查发现的问题 findings of checks: {}", found.len()),
            sheet: drawn(reports::findings(&head, &found))?,
            empty: "无 nothing was found",
            json: json!({ "findings": found.iter().map(finding_json).collect::<Vec<_>>() }),
        })
    }
}

fn of_department(span: &Span, named: Option<&Named>) -> bool {
    let here = |id: &str| named.is_some_and(|named| named.id == id);
    span.department.as_ref().is_none_or(|id| here(id.as_str()))
}

fn id(named: Option<&Named>) -> Option<&str> {
    named.map(|named| named.id.as_str())
}

fn hours_json(line: &Hours) -> Value {
    json!({
        "department": line.department, "officer": line.officer, "month": line.month,
        "clips": line.clips, "length_ms": line.length_ms, "length_unknown": line.unknown,
        "marked_by_device": line.marked_by_device, "marked_by_person": line.marked_by_person,
        "marked": line.marked, "marked_percent": line.marked_percent(),
    })
}

fn late_json(line: &LateLine) -> Value {
    json!({
        "officer": id(line.officer.as_ref()), "department": id(line.department.as_ref()),
        "uses": line.uses, "breaches": line.breaches, "late_returns": line.late_returns,
        "late_clips": line.late_clips, "repeated": line.repeated,
    })
}

fn ratio_json(ratio: &Ratio) -> Value {
    json!({
        "department": id(ratio.department.as_ref()), "officers": ratio.officers,
        "recorders": ratio.recorders, "needed": ratio.needed, "enough": ratio.enough(),
    })
}

fn use_json(line: &RecorderUse) -> Value {
    json!({
        "recorder": line.recorder, "department": id(line.department.as_ref()),
        "state": line.state, "uses": line.uses, "breaches": line.breaches,
        "out_ms": line.out_ms, "clips": line.clips, "length_ms": line.length_ms,
    })
}

fn unreturned_json(line: &Unreturned) -> Value {
    json!({
        "use": line.of, "recorder": line.recorder, "officer": line.officer.id,
        "department": id(line.department.as_ref()), "issued": line.issued, "due": line.due,
        "back_by_hand": line.by_hand, "out_ms": line.out_ms, "overdue": line.overdue,
    })
}

fn check_json(line: &CheckLine) -> Value {
    json!({
        "check": line.id, "kind": line.kind, "announced": line.announced, "by": line.by.id,
        "state": line.state, "overdue_days": line.overdue_days, "drawn": line.drawn,
        "answered": line.answered, "viewed": line.viewed,
        "findings": line.findings, "corrected": line.corrected, "appraisal": line.appraisal,
    })
}

fn finding_json(one: &Finding) -> Value {
    let (correction, by) = one
        .correction
        .as_ref()
        .map_or((None, None), |(text, by)| (Some(text.as_str()), Some(by.id.as_str())));
    json!({
        "check": one.check, "clip": one.clip, "officer": id(one.officer.as_ref()),
        "department": id(one.department.as_ref()), "finding": one.finding, "by": one.by.id,
        "viewed": one.viewed,
        "correction": correction, "corrected_by": by,
    })
}
