//! A receipt from outside the station against the log: the one thing that a rewritten history cannot
//! have changed.

use crate::StationError;
use crate::view::Nodes;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tree;
use sealdock_core::Digest;
use sealdock_core::event::OutsideHead;
use sealdock_core::ports::{Finding, LedgerView, Refusal};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_core::why::Why;
use sealdock_core::{says, why};

/// Every note of `origin` inside a receipt or checkpoint file: three lines, an empty line, and every
/// signature line that follows. A file may hold many; one that is not signed is among them, to be refused.
pub fn notes_in(text: &str, origin: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    let note = |start: usize| {
        let body = lines.get(start..start + 4)?;
        if body[0] != origin || body[1].parse::<u64>().is_err() || !body[3].is_empty() {
            return None;
        }
        let signatures: Vec<&str> =
            lines[start + 4..].iter().copied().take_while(|line| line.starts_with('—')).collect();
        Some(format!("{}\n{}\n{}\n\n{}\n", body[0], body[1], body[2], signatures.join("\n")))
    };
    (0..lines.len()).filter_map(note).collect()
}

pub fn held_against(view: &dyn LedgerView, text: &str) -> Result<Vec<Finding>, StationError> {
    let head = view.head()?;
    let origin = head.checkpoint().origin.clone();
    let notes = notes_in(text, &origin);
    if notes.is_empty() {
        return Ok(vec![finding(format!(
            "the file holds no signed checkpoint of {origin}; is it another station's receipt?"
        ))]);
    }
    let mut findings = Vec::new();
    for (n, note) in notes.iter().enumerate() {
        if let Some(text) = against(view, &head, note)? {
            let which = match notes.len() {
                1 => String::new(),
                many => format!("receipt {} of {many}: ", n + 1),
            };
            findings.push(finding(format!("{which}{text}")));
        }
    }
    Ok(findings)
}

/// The sizes that the notes in a receipt state, each of which the chain holds as the note says.
///
/// # Errors
/// A refusal: there is none in it, or the chain is not what one says.
pub fn sizes_held(view: &dyn LedgerView, text: &str) -> Result<Vec<u64>, StationError> {
    if let Some(finding) = held_against(view, text)?.into_iter().next() {
        return Err(Refusal(why!("P24", "回执与记录链不符：{}", "{}", finding.text)).into());
    }
    let origin = view.head()?.checkpoint().origin.clone();
    let sizes = notes_in(text, &origin);
    Ok(sizes.iter().filter_map(|note| note.lines().nth(1)?.parse().ok()).collect())
}

/// Every head in a receipt, held against a record that may be the beginning of what the receipt is of.
///
/// # Errors
/// A refusal: there is none in it, one is not signed by a key of this record, or one contradicts it.
pub fn outside_heads(view: &dyn LedgerView, text: &str) -> Result<Vec<OutsideHead>, StationError> {
    let now = view.head()?;
    let now = now.checkpoint();
    let notes = notes_in(text, &now.origin);
    if notes.is_empty() {
        return Err(Refusal(why!(
            "P25",
            "回执中没有 {} 的签名链头；请核对是不是另一站的回执。",
            "a receipt holds no signed checkpoint of {}",
            now.origin
        ))
        .into());
    }
    let mut heads = Vec::new();
    for note in &notes {
        let Some((signed, _)) = opened(view, &now.origin, note)? else {
            let text = why!(
                "P15",
                "回执不是由本副本所知的密钥签署：它属于另一记录、被改动过，或记录密钥在遗失的条目中更换过。没有恢复任何内容。",
                "a receipt is signed by no key that the copy knows: it is of another record, was altered, \
                        or the log key was changed in the entries that are lost. Nothing was restored"
            );
            return Err(Refusal(text).into());
        };
        let pinned = signed.checkpoint();
        if pinned.size <= now.size
            && tree::root_of(&Nodes(view), pinned.size).ok() != Some(pinned.root)
        {
            return Err(Refusal(why!("P16", "{:#} 条的回执与副本（{:#} 条）矛盾：其中一个被改写。请两份都保留；没有恢复任何内容。", "a receipt of {} entries contradicts the copy, which has {}: one of them was rewritten. Keep both; \
                 nothing was restored",
                pinned.size, now.size))
            .into());
        }
        heads.push(OutsideHead { size: pinned.size, root: pinned.root });
    }
    Ok(heads)
}

/// What a restore is known to have lost; nothing: the record was not restored, or lost nothing that is
/// known.
///
/// # Errors
/// The register cannot be read.
pub fn lost(view: &dyn LedgerView) -> Result<Vec<Why>, StationError> {
    let rows = view.select(&Query::all(&s::RESTORED))?;
    let text = |row: &sealdock_core::table::Row| {
        let (first, last) = (row.int_opt("lost_first")?, row.int_opt("lost_last")?);
        let (at, seq) = (row.text("at"), row.int("seq"));
        Some(says!(
            "{at} 以前的第 {first} 至 {last} 条记录已遗失：记录曾由副本恢复（第 {seq} 条）",
            "entries {first} to {last} of before {at} are LOST: the record was put back from a copy (entry {seq})"
        ))
    };
    Ok(rows.iter().filter_map(text).collect())
}

fn finding(text: String) -> Finding {
    Finding { area: "pin", seq: None, text }
}

/// What one note shows against the chain.
fn against(
    view: &dyn LedgerView,
    head: &SignedCheckpoint,
    note: &str,
) -> Result<Option<String>, StationError> {
    let now = head.checkpoint();
    let Some((pinned, epoch)) = opened(view, &now.origin, note)? else {
        return Ok(Some("the receipt is signed by no key that this chain knows: the chain is not the one the receipt was printed from, or the receipt was altered".into()));
    };
    let pinned = pinned.checkpoint();
    if pinned.size == 0 {
        return Ok(Some(
            "the receipt is of a record without entries, which every record begins with: it proves nothing; use a later one".into(),
        ));
    }
    if let Some(text) = of_the_lost_tail(view, epoch, pinned.size)? {
        return Ok(Some(text));
    }
    if pinned.size > now.size {
        return Ok(Some(format!(
            "the receipt knows {} entries, the chain holds {}: its end was cut off or an old copy was put back",
            pinned.size, now.size
        )));
    }
    Ok(match tree::root_of(&Nodes(view), pinned.size) {
        Ok(root) if root == pinned.root => None,
        Ok(root) => Some(format!(
            "history was rewritten: at entry {} the receipt says {}, the chain says {root}",
            pinned.size, pinned.root
        )),
        Err(e) => Some(format!("the tree at size {} cannot be computed: {e}", pinned.size)),
    })
}

/// A head that an earlier log key signed, over more entries than it was in force for.
fn of_the_lost_tail(
    view: &dyn LedgerView,
    epoch: i64,
    size: u64,
) -> Result<Option<String>, StationError> {
    let rows = view.select(&Query::all(&s::KEY_EPOCH).with("kind", "log"))?;
    let next = rows.iter().find(|row| row.int("epoch") == epoch + 1);
    let Some(next) = next.filter(|row| registry::first_size(row) <= size) else { return Ok(None) };
    let by = next.int("since_seq");
    Ok(Some(match next.text_opt("cause") {
        Some("restored") => format!(
            "the receipt covers {size} entries of before the restore in entry {by}: those from {by} on are lost, \
             and this receipt is what is left of them"
        ),
        _ => format!(
            "the receipt covers {size} entries, and the key that signed it ended in entry {by}: somebody signed \
             with it afterwards. Keep the receipt; it shows a second history"
        ),
    }))
}

/// Opens the note with any log key the chain ever named; also: of which epoch.
fn opened(
    view: &dyn LedgerView,
    origin: &str,
    note: &str,
) -> Result<Option<(SignedCheckpoint, i64)>, StationError> {
    for row in view.select(&Query::all(&s::KEY_EPOCH).with("kind", "log"))? {
        let key = row.text("public").parse::<Digest>().ok();
        let key = key.and_then(|public| VerifierKey::new(origin, public.0).ok());
        if let Some(signed) = key.and_then(|key| SignedCheckpoint::open(note, &key).ok()) {
            return Ok(Some((signed, row.int("epoch"))));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_is_found_inside_a_file_of_receipts() {
        let receipt =
            "回执 receipt\r\n\r\nx.example/s\n12\nAAAA\n\n— x.example/s BBBB\n\nQR below\n";
        let first = "x.example/s\n12\nAAAA\n\n— x.example/s BBBB\n";
        assert_eq!(notes_in(receipt, "x.example/s"), [first]);
        let two = format!("{receipt}x.example/s\n15\nCCCC\n\nno signature\n");
        assert_eq!(notes_in(&two, "x.example/s"), [first, "x.example/s\n15\nCCCC\n\n\n"]);
        assert!(notes_in(receipt, "x.example/other").is_empty());
        assert!(notes_in("x.example/s\n12\n", "x.example/s").is_empty());
    }
}
