//! Time-stamps by courier (`docs/design/anchors.md`): a head and a request go out as files, an answer comes back as
//! one. They lie beside the chain; nothing waits for them.

/// Answered heads in a package.
mod package;

pub use package::{receipts, stamped};

use super::{civil, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit, file_error};
use crate::request::{AnchorAsk, BroughtBack};
use crate::wire::Open;
use sealdock_chain::digest::Digest;
use sealdock_core::naming;
use sealdock_stamp::{NONCE_BYTES, Request, Roots, Stamp, StampError};
use sealdock_store::anchors::{Anchored, Anchors, Asked};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

/// Where a unit puts the certificates of its authority; the store has the name too.
const CHAIN: &str = "anchors/tsa-chain.pem";

pub fn answer(open: &Open, ask: AnchorAsk) -> Result<Answer, CliError> {
    match ask {
        AnchorAsk::Request { out } => request(open, &out),
        AnchorAsk::Take { answers } => take(open, &answers),
        AnchorAsk::List => list(open),
    }
}

fn shelf(open: &Open) -> Anchors {
    Anchors::new(&open.home.dir)
}

/// Kept durably before anything goes out: an answer to a request that was forgotten could not be taken.
fn request(open: &Open, out: &Path) -> Result<Answer, CliError> {
    let head = open.station.world().ledger.view()?.head()?;
    let (size, note) = (head.checkpoint().size, head.note().as_bytes());
    let shelf = shelf(open);
    let asked = shelf.all()?.into_iter().find(|anchored| anchored.size == size);
    let asked = asked.map(|anchored| anchored.asked).unwrap_or_default();
    let (number, bytes) = match asked.last() {
        // Not answered yet: the same question again, so that two sticks do not cross.
        Some(last) if last.answer.is_none() => (last.number, last.request.clone()),
        last => (last.map_or(0, |last| last.number) + 1, drawn(note)?),
    };
    shelf.keep_head(size, note)?;
    shelf.keep_request(size, number, &bytes)?;
    match std::fs::create_dir(out) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(file_error("make", out, &e)),
        _ => {}
    }
    let files = [format!("{size}.checkpoint.signed"), format!("{size}-{number}.tsq")];
    write_out(&out.join(&files[0]), note)?;
    write_out(&out.join(&files[1]), &bytes)?;
    let json = json!({ "size": size, "number": number, "out": out, "files": files });
    Ok(Answer::new(json)
        .line(format!("时间戳申请 request {number} over the first {size} entries in {}", out.display()))
        .line(format!(
            "have {} answered by a time-stamping authority, and bring the answer back: `sealdock anchor take FILE`",
            files[1]
        )))
}

fn drawn(note: &[u8]) -> Result<Vec<u8>, CliError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|e| {
        let text = format!("the kernel gives no randomness for a request: {e}; try again");
        CliError::new(Exit::Failed, text)
    })?;
    Ok(Request::new(Digest::of(note).0, nonce).to_der())
}

/// On a stick, which may hold the same from before, and is never written over. fsync of the file and its folder.
fn write_out(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut how = std::fs::OpenOptions::new();
    let made = match how.write(true).create_new(true).open(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return same_as(path, bytes),
        made => made,
    };
    let written = made.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| super::access::folder::sync_dir(path.parent()))
        .map_err(|e| file_error("write", path, &e))
}

fn same_as(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut there = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| file_error("read", path, &e))?;
    let most = bytes.len() as u64 + 1;
    file.take(most).read_to_end(&mut there).map_err(|e| file_error("read", path, &e))?;
    match there == bytes {
        true => Ok(()),
        false => {
            let text = format!(
                "{} is there and is something else; move it away, or name another folder",
                path.display()
            );
            Err(CliError::new(Exit::Refused, text))
        }
    }
}

/// What is taken stays taken, also where a later one of them is refused.
fn take(open: &Open, answers: &[BroughtBack]) -> Result<Answer, CliError> {
    let shelf = shelf(open);
    let roots = roots(&shelf)?;
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for brought in answers {
        let refused = |why: String| {
            let name = naming::inert(&brought.name);
            let text =
                format!("{name} is refused: {}; nothing of it was kept", naming::inert(&why));
            CliError::new(Exit::Refused, text)
        };
        let stamp = Stamp::read(&brought.bytes).map_err(|e| refused(e.to_string()))?;
        let all = shelf.all()?;
        let (anchored, asked) = found(&all, &stamp).map_err(|why| refused(why.to_owned()))?;
        if let Some(roots) = &roots {
            leads(&stamp, roots).map_err(refused)?;
        }
        let changed = match &asked.answer {
            Some(there) if *there == brought.bytes => false,
            Some(_) => {
                return Err(refused("that request has its answer already; ask for another".into()));
            }
            None => true,
        };
        shelf.keep_answer(anchored.size, asked.number, &brought.bytes)?;
        let how = if changed { "收下 taken" } else { "已有 already so" };
        let mut row = row(open, anchored.size, asked.number, &stamp)?;
        row.push(how.to_owned());
        rows.push(row);
        let mut facts = facts(anchored.size, asked.number, &stamp);
        facts["changed"] = json!(changed);
        list.push(facts);
    }
    let json = json!({ "taken": list, "checked": roots.is_some() });
    let head = ["entries", "request", "not after", "says", ""];
    let answer = Answer::new(json).table(&head, rows, "no answer");
    Ok(match roots {
        Some(_) => answer,
        None => answer.line(format!(
            "whose certificate that is was not checked: put the authority's root into {CHAIN} of the station"
        )),
    })
}

fn leads(stamp: &Stamp, roots: &Roots) -> Result<(), String> {
    stamp.leads_to(roots, &[]).map_err(|error| match error {
        StampError::OtherRoot => {
            format!(
                "its certificate does not lead to a root in {CHAIN}; it is of another authority"
            )
        }
        other => other.to_string(),
    })
}

fn roots(shelf: &Anchors) -> Result<Option<Roots>, CliError> {
    let Some(pem) = shelf.chain()? else { return Ok(None) };
    let roots = Roots::from_pem(&pem).map_err(|e| {
        CliError::new(Exit::Refused, format!("{CHAIN} of the station is not usable: {e}"))
    })?;
    Ok(Some(roots))
}

/// The request that a stamp answers: by what was stamped, then by the number that was drawn for it.
fn found<'a>(
    all: &'a [Anchored],
    stamp: &Stamp,
) -> Result<(&'a Anchored, &'a Asked), &'static str> {
    let anchored = all.iter().find(|anchored| Digest::of(&anchored.head).0 == *stamp.imprint());
    let anchored = anchored
        .ok_or("it is a time-stamp over something else: this station never asked for that")?;
    let ours = |asked: &&Asked| {
        Request::read(&asked.request).is_some_and(|request| Some(request.nonce()) == stamp.nonce())
    };
    let asked = anchored.asked.iter().find(ours);
    Ok((anchored, asked.ok_or("it answers a request that this station did not make")?))
}

fn list(open: &Open) -> Result<Answer, CliError> {
    let all = shelf(open).all()?;
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for anchored in &all {
        for asked in &anchored.asked {
            let (size, number) = (anchored.size, asked.number);
            match asked.answer.as_deref().map(Stamp::read) {
                Some(Ok(stamp)) => {
                    rows.push(row(open, size, number, &stamp)?);
                    list.push(facts(size, number, &stamp));
                }
                Some(Err(error)) => return Err(spoiled(size, number, &error)),
                None => {
                    let waiting = "未答复 not answered yet".to_owned();
                    rows.push(vec![size.to_string(), number.to_string(), waiting, String::new()]);
                    list.push(json!({ "size": size, "number": number, "at": null }));
                }
            }
        }
    }
    let newest = newest_of(&all)?;
    let age_s = newest.as_ref().map(|(_, stamp)| age_s(open, stamp));
    let json = json!({ "stamps": list, "newest_age_s": age_s });
    let head = ["entries", "request", "not after", "says"];
    let answer = Answer::new(json).table(&head, rows, "no time-stamp was asked for yet");
    Ok(match age_s {
        Some(age) => answer.line(format!("newest answer: {} ago", human(age))),
        None => answer,
    })
}

fn spoiled(size: u64, number: u32, error: &StampError) -> CliError {
    let text = format!(
        "anchors/{size}/{number}.tsr of the station is not what was taken: {error}; restore it from a backup, \
         or remove it and take the answer again"
    );
    CliError::new(Exit::Stopped, text)
}

/// The answer with the latest time, with the size of its head.
fn newest_of(all: &[Anchored]) -> Result<Option<(u64, Stamp)>, CliError> {
    let mut newest: Option<(u64, Stamp)> = None;
    for anchored in all {
        for asked in &anchored.asked {
            let Some(answer) = &asked.answer else { continue };
            let stamp =
                Stamp::read(answer).map_err(|e| spoiled(anchored.size, asked.number, &e))?;
            let later =
                newest.as_ref().is_none_or(|(_, n)| n.at().seconds() <= stamp.at().seconds());
            if later {
                newest = Some((anchored.size, stamp));
            }
        }
    }
    Ok(newest)
}

/// A line for `status` and its JSON; nothing to say where no stamp was ever asked for. What cannot be read does not
/// keep the rest from being shown.
pub fn in_brief(open: &Open) -> (Option<String>, Value) {
    let read = shelf(open).all().map_err(CliError::from);
    let newest = read.and_then(|all| Ok((all.is_empty(), newest_of(&all)?)));
    match newest {
        Ok((true, _)) => (None, Value::Null),
        Ok((false, None)) => (Some("time-stamp: none has come back yet".into()), Value::Null),
        Ok((false, Some((size, stamp)))) => {
            let age = age_s(open, &stamp);
            let text = format!("time-stamp: over the first {size} entries, {} ago", human(age));
            (Some(text), json!({ "size": size, "at": stamp.at().to_string(), "age_s": age }))
        }
        Err(error) => (Some(format!("time-stamps: {error}")), json!({ "error": error.message })),
    }
}

/// By the station's own clock, which is why it may be nothing at all.
fn age_s(open: &Open, stamp: &Stamp) -> u64 {
    let now = open.station.world().clock.now().wall.0.max(0).unsigned_abs() / 1000;
    now.saturating_sub(stamp.at().seconds())
}

fn human(seconds: u64) -> String {
    indicatif::HumanDuration(std::time::Duration::from_secs(seconds)).to_string()
}

fn row(open: &Open, size: u64, number: u32, stamp: &Stamp) -> Result<Vec<String>, CliError> {
    let at = civil(zone(open)?, &stamp.at().to_string());
    Ok(vec![size.to_string(), number.to_string(), at, naming::inert(&stamp.name())])
}

fn facts(size: u64, number: u32, stamp: &Stamp) -> Value {
    json!({
        "size": size, "number": number, "at": stamp.at().to_string(),
        "name": stamp.name(), "serial": stamp.serial(),
    })
}
