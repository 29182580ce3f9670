//! Time-stamps (`docs/design/anchors.md`) and witnesses (`docs/design/witness.md`): a head and requests go out, answers
//! come back. They lie beside the chain; nothing waits for them.

/// Answered heads in a package.
mod package;
/// What speaks against this station.
mod said;
/// What came back.
mod take;
/// Who cosigns its heads.
mod witness;

pub use package::{cosigned_heads, receipts, stamped};
pub use witness::{in_brief as witnesses_in_brief, private_address, utc};

use super::sentence::{Sentence, length};
use super::{civil, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit, file_error};
use crate::request::AnchorAsk;
use crate::wire::Open;
use sealdock_chain::digest::Digest;
use sealdock_core::naming;
use sealdock_core::registry;
use sealdock_core::says;
use sealdock_core::time::WallMs;
use sealdock_core::why::Why;
use sealdock_stamp::{NONCE_BYTES, Request, Stamp, StampError};
use sealdock_store::anchors::{Anchored, Anchors};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

/// Where a unit puts the certificates of its authority; the store has the name too.
const CHAIN: &str = "anchors/tsa-chain.pem";

pub fn answer(open: &Open, ask: AnchorAsk) -> Result<Answer, CliError> {
    let done = match ask {
        AnchorAsk::List => return list(open),
        AnchorAsk::Request { out } => request(open, &out),
        AnchorAsk::Witnesses { text } => witness::adopt(open, &text),
        AnchorAsk::Bodies { only } => bodies(open, only.as_deref()),
        AnchorAsk::Take { answers } => take::take(open, &answers),
    };
    // What was kept before one was refused is carried to the second copy, too.
    open.back_up_if_short()?;
    done
}

fn shelf(open: &Open) -> Anchors {
    Anchors::new(&open.home.dir)
}

/// Kept durably before anything goes out: an answer to a request that was forgotten could not be taken.
fn request(open: &Open, out: &Path) -> Result<Answer, CliError> {
    let askings = witness::askings(open, None)?;
    let head = open.station.world().ledger.view()?.head()?;
    let (size, note) = (head.checkpoint().size, head.note().as_bytes());
    let shelf = shelf(open);
    witness::keep_head(&shelf, &askings)?;
    let asked = shelf.all()?.into_iter().find(|anchored| anchored.size == size);
    let asked = asked.map(|anchored| anchored.asked).unwrap_or_default();
    let (number, bytes) = match asked.last() {
        // Not answered yet: the same question again, so that two sticks do not cross.
        Some(last) if last.answer.is_none() => (last.number, last.request.clone()),
        last => (last.map_or(0, |last| last.number) + 1, drawn(note)?),
    };
    shelf.keep_head(size, note)?;
    shelf.keep_request(size, number, &bytes)?;
    make_folder(out)?;
    let asked_of = write_askings(open, out, &askings)?;
    let files = [format!("{size}.checkpoint.signed"), format!("{size}-{number}.tsq")];
    write_out(&out.join(&files[0]), note)?;
    write_out(&out.join(&files[1]), &bytes)?;
    let json = json!({
        "size": size, "number": number, "out": out, "files": files, "witnesses": asked_of.0,
    });
    let answer = asked_of.1.into_iter().fold(Answer::new(json), Answer::line);
    Ok(answer
        .line(format!("时间戳申请 request {number} over the first {size} entries in {}", out.display()))
        .line(format!(
            "have {} answered by a time-stamping authority, and bring the answer back: `sealdock anchor take FILE`",
            files[1]
        )))
}

/// Requests to witnesses, one file for all that are asked from the same size: facts, and a line for each.
fn write_askings(
    open: &Open,
    out: &Path,
    askings: &[witness::Asking],
) -> Result<(Vec<Value>, Vec<String>), CliError> {
    if askings.is_empty() {
        return Ok(Default::default());
    }
    let record = Digest::of(open.station.origin().as_bytes()).to_string();
    let folder = out.join("outbox").join(record);
    make_folder(&out.join("outbox"))?;
    make_folder(&folder)?;
    let (mut facts, mut lines) = (Vec::new(), Vec::new());
    for witness::Asking { witness, growth } in askings {
        let (old, new) = witness::sizes(growth);
        let file = format!("{old}-{new}.add-checkpoint");
        write_out(&folder.join(&file), growth.to_string().as_bytes())?;
        facts.push(json!({ "witness": witness.label, "old": old, "new": new, "file": file }));
        let label = naming::inert(&witness.label);
        lines.push(format!(
            "见证申请 for {label}: growth from {old} to {new} entries, outbox/…/{file}"
        ));
    }
    Ok((facts, lines))
}

fn make_folder(folder: &Path) -> Result<(), CliError> {
    match std::fs::create_dir(folder) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made
            .and_then(|()| super::access::folder::sync_dir(folder.parent()))
            .map_err(|e| file_error("make", folder, &e)),
    }
}

/// For whoever carries them over a network.
fn bodies(open: &Open, only: Option<&str>) -> Result<Answer, CliError> {
    let mut askings = witness::askings(open, only)?;
    askings.retain(|asking| asking.witness.url.is_some());
    witness::keep_head(&shelf(open), &askings)?;
    let list = askings.iter().map(|witness::Asking { witness, growth }| {
        let (old, new) = witness::sizes(growth);
        let body = growth.to_string();
        json!({ "witness": witness.label, "url": witness.url, "old": old, "new": new, "body": body })
    });
    Ok(Answer::new(json!({ "requests": list.collect::<Vec<_>>() })))
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
    let age = newest.as_ref().map(|(_, stamp)| age_s(open, stamp.at().seconds()));
    let (cosigned, facts, quorum_age) = witness::listed(open, &all)?;
    let json = json!({
        "stamps": list, "newest_age_s": age, "cosigned": facts, "quorum_age_s": quorum_age,
    });
    let head = ["entries", "request", "not after", "says"];
    let mut answer = Answer::new(json).table(&head, rows, "no time-stamp was asked for yet");
    if let Some(age) = age {
        answer = answer.line(format!("newest answer: {} ago", human(age)));
    }
    if !cosigned.is_empty() {
        answer = answer.table(&["entries", "witness", "cosigned", ""], cosigned, "");
    }
    Ok(match quorum_age.as_u64() {
        Some(age) => answer.line(format!("newest quorum of witnesses: {} ago", human(age))),
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
pub fn in_brief(open: &Open) -> (Option<Why>, Value) {
    let read = shelf(open).all().map_err(CliError::from);
    let read = read.map(|all| all.into_iter().filter(|one| !one.asked.is_empty()).collect());
    let newest = read.and_then(|all: Vec<_>| Ok((all.is_empty(), newest_of(&all)?)));
    match newest {
        Ok((true, _)) => (None, Value::Null),
        Ok((false, None)) => {
            let none = says!("时间戳：已申请，尚无答复", "time-stamp: none has come back yet");
            (Some(none), Value::Null)
        }
        Ok((false, Some((size, stamp)))) => {
            let age = age_s(open, stamp.at().seconds());
            let (chinese, english) = (length(age), human(age));
            let text = says!(
                "时间戳：覆盖前 {size} 条记录，{chinese}前",
                "time-stamp: over the first {size} entries, {english} ago"
            );
            (Some(text), json!({ "size": size, "at": stamp.at().to_string(), "age_s": age }))
        }
        Err(error) => {
            let text = says!(
                "时间戳读不出；请在本机运行 sealdock anchor list 查看原因",
                "time-stamps: {error}"
            );
            (Some(text), json!({ "error": error.message }))
        }
    }
}

/// The alarm by policy: the newest time-stamp or quorum is too old, or there was none since the founding. Age and limit
/// in seconds.
pub fn overdue(open: &Open) -> Result<Option<(u64, u64)>, CliError> {
    let view = open.station.world().ledger.view()?;
    let Some(most) = registry::policy(&*view)?.anchor_age_ms_max else { return Ok(None) };
    drop(view);
    let all = shelf(open).all()?;
    let stamp = newest_of(&all)?.map(|(_, stamp)| stamp.at().seconds());
    let founded = open.station.entry(0)?.at["wall"].as_str().and_then(WallMs::parse);
    let founded = founded.map_or(0, |at| at.0.max(0).unsigned_abs() / 1000);
    let newest = stamp.into_iter().chain(witness::newest_at(open, &all)?).max().unwrap_or(founded);
    let (age, most) = (age_s(open, newest), most.unsigned_abs() / 1000);
    Ok((age > most).then_some((age, most)))
}

/// Seconds since the newest time-stamp or quorum of witnesses; `None` where there is none, or none that can be read.
pub fn newest_age_s(open: &Open) -> Option<u64> {
    let all = shelf(open).all().ok()?;
    let stamp = newest_of(&all).ok()?.map(|(_, stamp)| stamp.at().seconds());
    let quorum = witness::newest_at(open, &all).ok()?;
    stamp.into_iter().chain(quorum).max().map(|at| age_s(open, at))
}

/// How both stand, and what witnesses said against this station.
pub fn in_words(open: &Open) -> Vec<Why> {
    let (stamp, _) = in_brief(open);
    let witness::Brief { newest, alarms, .. } = witnesses_in_brief(open);
    stamp.into_iter().chain(newest.map(Sentence::plain)).chain(alarms).collect()
}

/// That the newest of both is too old.
pub fn is_overdue((age, most): (u64, u64)) -> Why {
    let (chinese, english) = ([age, most].map(length), [age, most].map(human));
    let ([old, allowed], [is, may]) = (&chinese, &english);
    says!(
        "最近一次时间戳或足数见证已过去 {old}，策略最多允许 {allowed}",
        "the newest time-stamp or quorum of witnesses is {is} old, the policy allows {may}"
    )
}

/// By the station's own clock, which is why it may be nothing at all.
fn age_s(open: &Open, at: u64) -> u64 {
    let now = open.station.world().clock.now().wall.0.max(0).unsigned_abs() / 1000;
    now.saturating_sub(at)
}

pub fn human(seconds: u64) -> String {
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
