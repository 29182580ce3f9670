//! `profile`: for whoever owns a recorder that no profile knows. Reads files and the kernel's lists;
//! sends nothing to any device.

use super::args::Profile;
use super::sysfs;
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::profiles;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_profile::{
    ContentFile, EXAMPLE, Evidence, Finding, Profiles, Seen, check_files, disagreement,
};
use serde_json::json;
use std::path::Path;

/// A description with the names of a full card.
const SEEN_BYTES_MAX: u64 = 64 << 20;

pub fn run(verb: Profile) -> Result<Answer, CliError> {
    match verb {
        Profile::Check { path } => check(path.as_deref()),
        Profile::Explain { busid, seen, bound, with, sysfs } => {
            let seen = match (seen, busid) {
                (Some(file), _) => seen_in(&file)?,
                (None, busid) => sysfs::seen(&sysfs, &busid.unwrap_or_default())?,
            };
            explain(&seen, bound.as_deref(), with.as_deref())
        }
        Profile::Capture { busid, mounted, mask_digits, sysfs } => {
            let mut seen = sysfs::seen(&sysfs, &busid)?;
            if let Some(card) = mounted {
                let mut content = sysfs::content(&card)?;
                if mask_digits {
                    content.files.iter_mut().for_each(|file| file.path = masked(&file.path));
                }
                seen.content = Some(content);
            }
            capture(&seen)
        }
        Profile::Example => Ok(Answer::new(json!({ "text": EXAMPLE })).exact(EXAMPLE)),
    }
}

fn check(path: Option<&Path>) -> Result<Answer, CliError> {
    let files = path.map(files_at).transpose()?.unwrap_or_default();
    let findings = check_files(&files);
    let rows: Vec<_> = findings.iter().map(|f| json!({ "file": f.file, "why": f.why })).collect();
    let facts = json!({ "files": files.len(), "built_in": Profiles::built_in().all().len(), "findings": rows });
    let mut answer = Answer::new(facts);
    for Finding { file, why } in &findings {
        answer = answer.line(format!("{file}: {why}"));
    }
    let n = files.len();
    Ok(match findings.is_empty() {
        false => answer.ending(Exit::Findings),
        true if path.is_none() => answer.line("the built-in profiles are in order"),
        true => answer.line(format!("{n} profile(s) and the built-in ones are in order")),
    })
}

fn explain(seen: &Seen, bound: Option<&str>, with: Option<&Path>) -> Result<Answer, CliError> {
    let files = with.map(files_at).transpose()?.unwrap_or_default();
    let all =
        Profiles::with(&files).map_err(|bad| CliError::new(Exit::Refused, bad.to_string()))?;
    let verdict = all.identify(seen, bound);
    let mut lines = all.explain(seen, bound);
    let fitting = verdict.profile().and_then(|id| all.find(id));
    let numbers = fitting.map(|profile| numbers(profile, seen)).unwrap_or_default();
    let verdict_at = lines.len().saturating_sub(1);
    lines.splice(verdict_at..verdict_at, numbers.iter().cloned());
    let facts = json!({
        "admitted": verdict.admits(),
        "state": verdict.state(),
        "profile": verdict.profile(),
        "reason": verdict.sentence(),
        "lines": lines,
        "numbers": numbers,
    });
    Ok(lines.into_iter().fold(Answer::new(facts), Answer::line))
}

/// What the profile reads of the recorder's and its holder's number, each with its source.
fn numbers(profile: &sealdock_profile::Profile, seen: &Seen) -> Vec<String> {
    let content = seen.content.clone().unwrap_or_default();
    let file = |file: &ContentFile| RawLine {
        raw_name: file.path.clone().into_bytes(),
        kind: LineKind::File,
        size: file.size,
        mtime_ms: None,
        file_id: 0,
        changed_ns: None,
        detail: None,
    };
    let lines: Vec<RawLine> = content.files.iter().map(file).collect();
    let label = seen.volume.as_ref().and_then(|volume| volume.label.as_deref());
    let logs = content.texts.into_iter().map(|(path, text)| (path, 0, text)).collect();
    let evidence = Evidence { lines: &lines, label, logs, ..Evidence::default() };
    let devices = profile.device_claims(&evidence);
    let mut said: Vec<String> =
        devices.iter().map(|c| format!("number {} ({})", c.number, c.from)).collect();
    let officers = profile.officer_claims(&evidence);
    said.extend(officers.iter().map(|c| format!("officer {} ({})", c.number, c.from)));
    for (path, _, _) in evidence.logs.iter().filter(|(path, _, _)| profile.tells_number(path)) {
        if !devices.iter().chain(&officers).any(|claim| claim.from == "file") {
            said.push(format!("{path}: no line says a number; look at identity … regex"));
        }
    }
    said.extend(disagreement(&devices));
    said
}

fn capture(seen: &Seen) -> Result<Answer, CliError> {
    let facts = serde_json::to_value(seen)
        .map_err(|e| CliError::new(Exit::Failed, format!("cannot write the description: {e}")))?;
    // For people too: it is made to be put into a file and shared.
    let mut text = serde_json::to_string_pretty(&facts).unwrap_or_default();
    text.push('\n');
    Ok(Answer::new(facts).exact(text))
}

/// A run of so many digits is a person's or a recorder's number, or a time; `mp4` and `100MEDIA` are not.
const NUMBER_DIGITS_MIN: usize = 5;

/// Patterns of `\d` fit the masked name as they fit the true one.
fn masked(path: &str) -> String {
    let mut out = String::new();
    for run in path.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
        let number = run[0].is_ascii_digit() && run.len() >= NUMBER_DIGITS_MIN;
        match number {
            true => out.extend(run.iter().map(|_| '0')),
            false => out.push_str(&String::from_utf8_lossy(run)),
        }
    }
    out
}

fn seen_in(file: &Path) -> Result<Seen, CliError> {
    let text = sysfs::read_text(file, SEEN_BYTES_MAX)?;
    serde_json::from_str(&text).map_err(|e| {
        let text = format!("{}: {e}; it must be what `profile capture` writes", file.display());
        CliError::new(Exit::Refused, text)
    })
}

/// A file, or every `*.toml` of a directory, by name.
fn files_at(path: &Path) -> Result<Vec<(String, String)>, CliError> {
    match path.is_dir() {
        true => profiles::read_all(path),
        false => Ok(vec![profiles::read(path)?]),
    }
}

#[cfg(test)]
mod tests;
