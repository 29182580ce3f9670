//! `check`: the station's judgement of itself, and the receipt it is held against.

use super::{Asked, anchor, log, size};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_chain::Digest;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::{BayId, RecorderId};
use sealdock_core::keep::{self, StationChecked};
use sealdock_core::ports::Finding;
use sealdock_station::check::{CheckOptions, check as examine};
use sealdock_station::{Report, Step};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Its progress is told as of this bay.
pub const BAY: &str = "check";
/// Who waits for a long check wants to see it move.
const TICK_EVERY: Duration = Duration::from_millis(200);

pub fn check(
    open: &Open,
    asked: &Asked,
    deep: bool,
    pin: Option<String>,
) -> Result<Answer, CliError> {
    let world = open.station.world();
    // A stamped head is as good as a receipt to hold the chain against, and lies here already.
    let (pin, unread) = match anchor::receipts(open, pin.as_deref()) {
        Ok(all) => (all, None),
        Err(error) => (pin, Some(error.message)),
    };
    let options = CheckOptions { deep, pin };
    let mut ticking = Ticking::new(asked)?;
    let mut tick = |phase: &'static str, done, of| ticking.tick(phase, done, of);
    let mirror = world.mirror.now();
    let mut report =
        examine(&*world.ledger, &*world.vault, mirror.as_deref(), &options, &mut tick)?;
    report.findings.extend(open.mirror_objects()?.map(|text| Finding {
        area: "mirror",
        seq: None,
        text,
    }));
    if let Some(tiles) = open.mirror().tiles() {
        let wrong = tiles.examine(&*world.ledger.view()?, deep)?;
        let finding = |text: String| Finding { area: "tiles", seq: None, text };
        report.findings.extend(wrong.into_iter().map(finding));
        let (held, size) = (tiles.standing(&*world.ledger.view()?)?.size, report.entries);
        if held < size {
            report.notes.push(format!(
                "the tiles in the second copy hold {held} of {size} entries; the next docking, or start of the daemon, brings the others"
            ));
        }
    }
    report.findings.extend(unread.map(|text| Finding { area: "anchors", seq: None, text }));
    // Not of the record, but as long as it is so nothing is wiped at the dock ports.
    let fault = open.usb.profiles().fault;
    report.findings.extend(fault.map(|text| Finding { area: "profiles", seq: None, text }));
    report.notes.extend(flags(open)?);
    let json = json!({
        "entries": report.entries,
        "clips": report.clips,
        "files": report.files,
        "bytes_hashed": report.bytes_hashed,
        "content_checked": report.content_checked,
        "head": log::head_json(&report.head),
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "notes": report.notes,
    });
    let mut answer = with_findings(Answer::new(json), &report.findings);
    for note in &report.notes {
        answer = answer.line(format!("note: {note}"));
    }
    let content = match report.content_checked {
        true => format!("{} re-hashed cold", size(report.bytes_hashed)),
        false => "presence and size only; `--deep` re-hashes every file".to_owned(),
    };
    let looked = format!(
        "{} entries, {} clips, {} files; {content}",
        report.entries, report.clips, report.files
    );
    Ok(match report.findings.is_empty() {
        true => answer.line(format!("正常 everything is as the chain says: {looked}")),
        false => answer.line(format!("异常 {} findings: {looked}", report.findings.len())),
    })
}

/// The same, and what comes of it is an entry. Whoever may not enter one is told before the walk.
///
/// # Errors
/// Refused; the check cannot be made at all, or what it found cannot be written.
pub fn entered(
    open: &Open,
    asked: &Asked,
    actor: &Arc<Actor>,
    (deep, pin): (bool, Option<String>),
) -> Result<Answer, CliError> {
    let world = open.station.world();
    let none = StationChecked {
        deep,
        entries: 0,
        clips: 0,
        files: 0,
        bytes: 0,
        findings: 0,
        report: None,
    };
    let (at, by) = (world.clock.now(), actor.record());
    let event = keep::Event::StationChecked(none);
    if let Some(why) = keep::objection(&*world.ledger.view()?, &at, &by, &event)? {
        return Err(CliError::of_rule(Exit::Refused, &why));
    }
    let mut answer = check(open, asked, deep, pin)?;
    let checked = as_entry(deep, &answer.json);
    let command = Command::Keep(keep::Command::EnterCheck(checked));
    let seq = open.station.apply(actor, command)?.entries.first().map(|entry| entry.seq);
    answer.json["entered"] = json!(seq);
    Ok(answer.line(format!("已记入 entered as {}", seq.unwrap_or_default())))
}

fn as_entry(deep: bool, json: &Value) -> StationChecked {
    let count = |name: &str| json[name].as_u64().unwrap_or_default();
    let findings = json["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let line = |finding: &Value| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        let entry = finding["entry"].as_u64().map_or(String::new(), |seq| format!(" entry {seq}:"));
        format!("{}:{entry} {}\n", text("area"), text("text"))
    };
    let report: String = findings.iter().map(line).collect();
    StationChecked {
        deep,
        entries: count("entries"),
        clips: count("clips"),
        files: count("files"),
        bytes: count("bytes_hashed"),
        findings: findings.len() as u64,
        report: (!findings.is_empty()).then(|| Digest::of(report.as_bytes())),
    }
}

/// Files that lost their immutable flag, where the station was founded with it: a copied vault has none. Only
/// against accidents, so a note.
fn flags(open: &Open) -> Result<Vec<String>, CliError> {
    let mut notes = Vec::new();
    for (area, vault) in open.disks() {
        let flags = vault.flags()?;
        if open.settings.immutable && flags.lacking > 0 {
            notes.push(format!(
                "{} of {} stored files in the {area} lack the immutable flag, as after a restore; `sealdock copies lock` sets it again",
                flags.lacking, flags.files
            ));
        }
    }
    Ok(notes)
}

/// What a walk over a ledger found that cannot be opened as a station any more.
pub fn of_a_wreck(why: &CliError, findings: &[Finding]) -> Answer {
    let list: Vec<Value> = findings.iter().map(finding_json).collect();
    let json = json!({ "error": why.message, "findings": list });
    with_findings(Answer::new(json), findings)
        .line(why.message.clone())
        .line("nothing was changed; restore from the second copy or the last backup, and keep this directory as it is")
        .ending(Exit::Findings)
}

fn with_findings(mut answer: Answer, findings: &[Finding]) -> Answer {
    for finding in findings {
        let seq = finding.seq.map_or(String::new(), |seq| format!(" entry {seq}:"));
        answer = answer.line(format!("{}:{seq} {}", finding.area, finding.text));
    }
    match findings.is_empty() {
        true => answer,
        false => answer.ending(Exit::Findings),
    }
}

fn finding_json(finding: &Finding) -> Value {
    json!({ "area": finding.area, "entry": finding.seq, "text": finding.text })
}

/// Turns ticks into the reports that every listener knows.
struct Ticking<'a> {
    asked: &'a Asked,
    report: Report,
    last: Instant,
}

impl Ticking<'_> {
    fn new(asked: &Asked) -> Result<Ticking<'_>, CliError> {
        let (bay, recorder): (BayId, RecorderId) = (BAY.parse()?, "station".parse()?);
        let report = Report {
            bay,
            recorder,
            session: None,
            step: Step::Proving,
            lines_done: 0,
            lines: 0,
            bytes_done: 0,
            bytes: 0,
            marked_left: 0,
            verdict: None,
            text: String::new(),
        };
        Ok(Ticking { asked, report, last: Instant::now() })
    }

    fn tick(&mut self, phase: &'static str, done: u64, of: u64) {
        if self.last.elapsed() < TICK_EVERY {
            return;
        }
        self.last = Instant::now();
        phase.clone_into(&mut self.report.text);
        (self.report.bytes_done, self.report.bytes) = (done, of);
        self.asked.progress.report(&self.report);
    }
}
