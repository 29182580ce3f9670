//! 入库回执: what became of every line of one docking, under a signed head that whoever has the paper holds from then on.

use super::{Drawn, Report, drawn};
use crate::execute::sessions::{self, LineFate};
use crate::execute::{civil, log};
use crate::exit::CliError;
use sealdock_core::id::SessionId;
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_report::Field;
use sealdock_report::reports::{self, ReportHead};
use serde_json::json;

impl Drawn<'_> {
    pub fn receipt(&self, session: SessionId) -> Result<Report, CliError> {
        let row = sessions::row(self.open, session)?;
        let lines = sessions::lines(self.open, session)?;
        let (mut rows, mut facts, mut stored) = (Vec::new(), Vec::new(), 0);
        for line in &lines {
            let digest = self.digest(line)?;
            let mut fact = line.json();
            fact["sha256"] = json!(digest);
            facts.push(fact);
            stored += u32::from(line.clip.is_some());
            let [number, name, _, clip, fate, _] = line.row();
            let digest = digest.unwrap_or_default();
            rows.push(vec![number, name, line.size.to_string(), fate, clip, digest]);
        }
        let (recorder, officer) = (row.text("recorder_claim"), row.text_opt("officer"));
        let fields = [
            ("记录仪 recorder", recorder.to_owned()),
            ("使用人 officer", officer.unwrap_or("-").to_owned()),
            ("接入 docked", civil(self.zone, row.text("opened"))),
            ("结果 result", row.text_opt("summary").unwrap_or("运行 running").to_owned()),
        ];
        let filters = fields.into_iter().map(|(label, value)| Field::new(label, value)).collect();
        let head = ReportHead { filters, ..self.head.clone() };
        let title = format!(
            "入库回执 receipt of docking {session}: {} files, {stored} stored",
            lines.len()
        );
        let mut sheet = drawn(reports::receipt(&head, &title, rows))?;
        let signed = self.view.head()?;
        sheet.code = Some(log::code(&signed)?);
        Ok(Report {
            sheet,
            title,
            empty: "无 no file was on the recorder",
            json: json!({
                "session": session, "recorder": recorder, "officer": officer, "lines": facts,
                "head": signed.note(),
            }),
        })
    }

    /// Of the clip that a line was stored as, or was already.
    fn digest(&self, line: &LineFate) -> Result<Option<String>, CliError> {
        let Some(clip) = line.clip else { return Ok(None) };
        let row = registry::by_seq(self.view, &s::CLIP, clip.0)?;
        Ok(row.map(|row| row.text("sha256").to_owned()))
    }
}
