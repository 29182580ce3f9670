//! The chain as it is handed out: entries, head, key, receipt, proofs, tiles.

/// The whole of it as static files.
mod tiles;

pub use tiles::export;

use super::{civil, entries, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_chain::entry::Entry;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::proof::TlogProof;
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::Event;
use sealdock_core::naming;
use sealdock_core::time::Zone;
use sealdock_report::{Code, Text};
use sealdock_station::view::inclusion;
use serde_json::{Value, json};

/// Most entries that one answer carries.
const ENTRIES_MAX: u32 = 10_000;

pub fn show(open: &Open, from: Option<u64>, count: u32) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let view = open.station.world().ledger.view()?;
    let size = view.head()?.checkpoint().size;
    let count = count.min(ENTRIES_MAX);
    let from = from.unwrap_or(size.saturating_sub(u64::from(count)));
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for bytes in view.entries(from, count)? {
        let entry = Entry::decode(&bytes).map_err(|e| stopped(&format!("an entry: {e}")))?;
        rows.push(row(zone, &entry));
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|e| stopped(&format!("entry {}: {e}", entry.seq)))?;
        list.push(value);
    }
    let json = json!({ "size": size, "entries": list });
    Ok(Answer::new(json).table(&["entry", "time", "by", "what"], rows, "no entry that far on"))
}

/// An entry for people. Entries of earlier releases may hold words that steer a terminal.
fn row(zone: Zone, entry: &Entry) -> Vec<String> {
    let actor = serde_json::from_value::<ActorRecord>(entry.actor.clone());
    let event = serde_json::from_value::<Event>(entry.event.clone());
    let by = actor.map_or_else(|_| entry.actor.to_string(), |a| a.to_string());
    let what = event.map_or_else(|_| entry.event.to_string(), |e| entries::sentence(&e));
    vec![
        entry.seq.to_string(),
        civil(zone, entry.at["wall"].as_str().unwrap_or_default()),
        naming::inert(&by),
        naming::inert(&what),
    ]
}

pub fn head(open: &Open) -> Result<Answer, CliError> {
    let head = open.station.world().ledger.view()?.head()?;
    Ok(Answer::new(head_json(&head)).exact(head.note()))
}

pub(super) fn head_json(head: &SignedCheckpoint) -> Value {
    let checkpoint = head.checkpoint();
    json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "note": head.note(),
    })
}

pub fn vkey(open: &Open) -> Result<Answer, CliError> {
    let size = open.station.world().ledger.view()?.head()?.checkpoint().size;
    let key = open.station.log_key(size)?.to_string();
    Ok(Answer::new(json!({ "vkey": key })).exact(format!("{key}\n")))
}

/// The unit's name, as it was founded.
pub fn unit(open: &Open) -> Result<String, CliError> {
    match open.station.event(0)? {
        Event::StationFounded(founded) => Ok(naming::inert(&founded.unit)),
        _ => Err(stopped("entry 0 does not found a station")),
    }
}

/// The head as a code on a paper: scanned, it is what `--pin` reads.
pub fn code(head: &SignedCheckpoint) -> Result<Code, CliError> {
    let drawn = fast_qr::QRBuilder::new(head.note())
        .build()
        .map_err(|e| CliError::new(Exit::Failed, format!("the head makes no QR code: {e:?}")))?;
    let row = |y: usize| {
        let dot = |x: usize| if drawn[y][x].value() { '#' } else { '.' };
        (0..drawn.size).map(dot).collect()
    };
    Ok(Code {
        title: "签名存证头（回执） signed head of the record, a receipt".into(),
        lines: head.note().lines().filter(|line| !line.is_empty()).map(Text::new).collect(),
        dots: (0..drawn.size).map(row).collect(),
    })
}

/// For a drawer outside the station: whoever rewrites the chain cannot rewrite the paper.
pub fn receipt(open: &Open) -> Result<Answer, CliError> {
    let head = open.station.world().ledger.view()?.head()?;
    let unit = unit(open)?;
    let zone = zone(open)?;
    let at = format!("{} {zone}", zone.civil(open.station.world().clock.now().wall));
    let key = open.station.log_key(head.checkpoint().size)?.to_string();
    let code = fast_qr::QRBuilder::new(head.note())
        .build()
        .map_err(|e| CliError::new(Exit::Failed, format!("the receipt has no QR code: {e:?}")))?;
    let page = sealdock_verify::page_digest();
    let software = concat!("sealdock ", env!("CARGO_PKG_VERSION"));
    let text = format!(
        "存证回执 RECEIPT OF THE CHAIN\n\
         \n\
         Unit      {unit}\n\
         Printed   {at}\n\
         Software  {software}\n\
         Key       {key}\n\
         Page      {page}\n\
         \n\
         Keep this outside the station. `sealdock check --pin FILE` with this text, or with\n\
         what the code below says, holds the chain against it. `verify.html` in a package\n\
         of evidence from this software has the SHA-256 in the line Page.\n\
         证据包里的 verify.html，其 SHA-256 须与上面 Page 一行相同。\n\
         \n\
         {note}\n{code}\n",
        note = head.note(),
        code = code.to_str(),
    );
    let mut json = head_json(&head);
    json["unit"] = json!(unit);
    json["vkey"] = json!(key);
    json["page"] = json!(page.to_string());
    Ok(Answer::new(json).exact(text))
}

pub fn prove(open: &Open, seq: u64) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let head = view.head()?;
    let size = head.checkpoint().size;
    if seq >= size {
        let text = format!("the chain has {size} entries, there is no entry {seq}");
        return Err(CliError::new(Exit::Missing, text));
    }
    let path = inclusion(&*view, seq, size)?;
    let proof = TlogProof::new(seq, path, head).to_string();
    Ok(Answer::new(json!({ "seq": seq, "size": size, "proof": proof })).exact(proof))
}

pub fn growth(open: &Open, size: u64) -> Result<Answer, CliError> {
    let (growth, head) = open.station.growth(size)?;
    let text = growth.to_string();
    Ok(Answer::new(json!({ "from": size, "size": head.size, "proof": text })).exact(text))
}

fn stopped(why: &str) -> CliError {
    CliError::new(Exit::Stopped, format!("{why}; run `sealdock check`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_old_entries_are_shown_inert() {
        let text = "sick\u{1b}[2K\r\nentry 9: \u{202e}dewiped";
        let entry = Entry {
            seq: 3,
            prev: sealdock_chain::Digest::ZERO,
            at: json!({ "wall": "2026-11-21T08:00:00Z" }),
            actor: json!({ "kind": "person", "id": "c1" }),
            event: json!({ "type": "reason.given", "clip": 1, "clocks": [], "text": text }),
        };
        for event in [entry.event.clone(), json!({ "type": "of a later release", "text": text })] {
            let row = row(Zone::parse("+08:00").unwrap(), &Entry { event, ..entry.clone() });
            assert_eq!(row[1], "2026-11-21 16:00:00");
            assert!(row.iter().flat_map(|s| s.chars()).all(|c| !c.is_control() && c != '\u{202e}'));
            assert!(row[3].contains("sick"), "{row:?}");
        }
    }
}
