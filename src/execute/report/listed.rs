//! Interruptions, steps that had to be recorded, drills, viewings without a matter.

use super::{Drawn, Report, Span, drawn};
use crate::execute::access::form_json;
use crate::execute::matter::{kind_word, state_word};
use crate::execute::{civil, row_json};
use crate::exit::CliError;
use sealdock_core::id::DepartmentId;
use sealdock_core::keep;
use sealdock_core::matter::{self, Interruption, Matter};
use sealdock_core::naming;
use sealdock_core::registry;
use sealdock_core::report::{unanswered_by_department, viewed_without_matter};
use sealdock_core::table::{Query, Row};
use sealdock_report::reports;
use serde_json::json;

impl Drawn<'_> {
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

    pub fn interruptions(&self, span: &Span, unexplained: bool) -> Result<Report, CliError> {
        let matters = self.matters(span)?;
        let (mut rows, mut json, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        let mut open = 0;
        for one in matter::interruptions(self.view, None)? {
            let asked = matters.iter().any(|matter| matter.id == one.matter)
                && (one.unanswered() || !unexplained);
            if !asked || !self.within(span, one.id.0)? {
                continue;
            }
            open += u32::from(one.unanswered());
            let row = registry::by_seq(self.view, &matter::INTERRUPTION, one.id.0)?;
            rows.push(interruption(&one, row.as_ref()));
            json.extend(row.as_ref().map(row_json));
            ids.push(one.id);
        }
        let by_department = unanswered_by_department(self.view, |id| ids.contains(&id))?;
        let title = format!("中断报告 interruptions: {}, 未说明 not explained: {open}", rows.len());
        let head = self.asked(span);
        Ok(Report {
            sheet: drawn(reports::interruptions(&head, (&title, rows), &by_department))?,
            title,
            empty: "无中断 no interruption",
            json: json!({ "interruptions": json, "unanswered": open }),
        })
    }

    pub fn expected(&self, span: &Span) -> Result<Report, CliError> {
        let (mut rows, mut json) = (Vec::new(), Vec::new());
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
        let title = format!(
            "应录与实录：{0} 个环节，应录未录 {missing} 个 / expected and recorded: {0} steps, {missing} missing",
            rows.len()
        );
        Ok(Report {
            sheet: drawn(reports::expected(&self.asked(span), &title, rows))?,
            title,
            empty: "无环节 no step",
            json: json!({ "steps": json, "missing": missing }),
        })
    }

    pub fn drills(&self, span: &Span) -> Result<Report, CliError> {
        let (mut rows, mut json, mut left) = (Vec::new(), Vec::new(), 0);
        let open = keep::left_open(self.view)?;
        for row in self.view.select(&Query::all(&keep::DRILL))? {
            let seq = registry::seq(&row);
            if !self.within(span, seq)? {
                continue;
            }
            let stays = open.iter().any(|open| registry::seq(open) == seq);
            left += u32::from(stays);
            rows.push(drill(&row, civil(self.zone, row.text("begun")), stays));
            json.push(row_json(&row));
        }
        let title = format!("演练 drills: {}, 副本未删除 copies left: {left}", rows.len());
        Ok(Report {
            sheet: drawn(reports::drills(&self.asked(span), &title, rows))?,
            title,
            empty: "无演练 no drill",
            json: json!({ "drills": json, "left": left }),
        })
    }

    pub fn without_matter(&self, span: &Span) -> Result<Report, CliError> {
        let (head, period) = self.asked_in(span)?;
        let (rows, all) = viewed_without_matter(self.view, period)?;
        let title =
            format!("查阅未关联案件 viewed without a matter: {} of {all} viewings", rows.len());
        Ok(Report {
            sheet: drawn(reports::viewed_without_matter(&head, &rows, all))?,
            title,
            empty: "无 every viewing names its matter, or there was none",
            json: json!({ "viewings": rows.iter().map(form_json).collect::<Vec<_>>(), "all": all }),
        })
    }
}

fn interruption(one: &Interruption, row: Option<&Row>) -> Vec<String> {
    let said = |column| row.and_then(|row| row.text_opt(column)).unwrap_or("-");
    vec![
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
    ]
}

fn drill(row: &Row, begun: String, stays: bool) -> Vec<String> {
    let number = |column| row.int_opt(column).map_or("-".to_owned(), |n| n.to_string());
    let from =
        if row.int("without_database") == 1 { "无数据库 tiles" } else { "数据库 database" };
    let outcome = match row.text("state") {
        "begun" => "未结束 not over",
        "whole" => "通过 whole",
        "findings" => "有问题 findings",
        _ => "失败 failed",
    };
    let copy = match (stays, row.int_opt("removed_seq")) {
        (true, _) => "未删除 LEFT".to_owned(),
        (false, Some(seq)) => format!("已删除 removed, entry {seq}"),
        (false, None) => "已删除 removed".to_owned(),
    };
    vec![
        row.int("seq").to_string(),
        begun,
        row.text("begun_by").to_owned(),
        naming::inert(row.text("place")),
        from.to_owned(),
        outcome.to_owned(),
        number("clips"),
        number("findings"),
        copy,
    ]
}
