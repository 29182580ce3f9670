//! The life of a clip, a recorder or a person, entry by entry, and what is missing in it.

use super::{Drawn, Report, drawn};
use crate::execute::{civil, entries};
use crate::exit::{CliError, Exit};
use sealdock_core::id::{ClipId, PersonId, RecorderId};
use sealdock_core::report::{
    Custody, Gap, about_person, acts_of, custody_of_clip, custody_of_recorder,
};
use sealdock_report::reports;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Drawn<'_> {
    /// `copy`: one that is under way, which is no gap.
    pub fn clip(&self, clip: ClipId, copy: Option<u64>) -> Result<Report, CliError> {
        let mut custody = custody_of_clip(self.view, clip)?.ok_or_else(|| {
            let text = format!("there is no clip {clip}; see `sealdock clip list`");
            CliError::new(Exit::Missing, text)
        })?;
        custody.gaps.retain(|gap| copy.is_none() || gap.seq != copy);
        self.life(format!("视频保管链 custody of clip {clip}"), &custody)
    }

    pub fn recorder(&self, recorder: &RecorderId) -> Result<Report, CliError> {
        let custody = custody_of_recorder(self.view, recorder)?;
        self.life(format!("记录仪保管链 custody of recorder {recorder}"), &custody)
    }

    /// Entries in order, then what is missing.
    fn life(&self, title: String, custody: &Custody) -> Result<Report, CliError> {
        let (mut rows, mut facts) = (Vec::new(), Vec::new());
        let all = custody.entries.iter().copied();
        let all = entries::with_corrected(all, |seq| self.open.station.event(seq))?;
        for seq in &all {
            let (at, by, what) = self.said(*seq)?;
            facts.push(json!({ "entry": seq, "at": at, "by": by, "what": what }));
            rows.push(vec![seq.to_string(), at, by, what]);
        }
        let gaps = missing(&custody.gaps, &mut rows);
        let title = format!("{title}: {} entries, {} gaps", all.len(), gaps.len());
        Ok(Report {
            sheet: drawn(reports::life(&self.head, &title, rows))?,
            title,
            empty: "the chain says nothing about it",
            json: json!({ "entries": facts, "gaps": gaps }),
        })
    }

    /// What they did; with `about` also what others wrote about them, and what they owe.
    pub fn person(&self, person: &PersonId, about: bool) -> Result<Report, CliError> {
        let mut how: BTreeMap<u64, String> = acts_of(self.view, person)?.into_iter().collect();
        let mut gaps = Vec::new();
        if about {
            let custody = about_person(self.view, person)?.ok_or_else(|| {
                let text = format!("there is no person {person}; see `sealdock person list`");
                CliError::new(Exit::Missing, text)
            })?;
            for seq in custody.entries {
                how.entry(seq).or_insert_with(|| "about".to_owned());
            }
            gaps = custody.gaps;
        }
        let (mut rows, mut json) = (Vec::new(), Vec::new());
        for (seq, how) in &how {
            let (at, by, what) = self.said(*seq)?;
            json.push(json!({ "entry": seq, "at": at, "how": how, "by": by, "what": what }));
            rows.push(vec![seq.to_string(), at, by, what]);
        }
        let (entries, gaps) = (rows.len(), missing(&gaps, &mut rows));
        let title = match about {
            false => format!("{person} 所作所为 everything {person} did: {entries} entries"),
            true => format!(
                "{person} 全部记录 everything {person} did and about them: {entries} entries, {} gaps",
                gaps.len()
            ),
        };
        let mut facts = json!({ "person": person, "entries": json });
        if about {
            facts["gaps"] = json!(gaps);
        }
        Ok(Report {
            sheet: drawn(reports::life(&self.head, &title, rows))?,
            title,
            empty: "无 no entry of the chain is theirs",
            json: facts,
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
}

/// Gaps as the last rows, and as facts.
fn missing(gaps: &[Gap], rows: &mut Vec<Vec<String>>) -> Vec<Value> {
    rows.extend(gaps.iter().map(|gap| {
        let seq = gap.seq.map_or_else(|| "-".into(), |seq| seq.to_string());
        vec![seq, "缺口 GAP".into(), String::new(), gap.text.clone()]
    }));
    gaps.iter().map(|gap| json!({ "entry": gap.seq, "missing": gap.text })).collect()
}
