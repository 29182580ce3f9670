//! A receipt from outside the station against the log: the one thing that a rewritten history cannot
//! have changed.

use crate::StationError;
use crate::view::Nodes;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tree;
use sealdock_core::Digest;
use sealdock_core::ports::{Finding, LedgerView, Refusal};
use sealdock_core::schema as s;
use sealdock_core::table::Query;

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
        return Err(Refusal(finding.text).into());
    }
    let origin = view.head()?.checkpoint().origin.clone();
    let sizes = notes_in(text, &origin);
    Ok(sizes.iter().filter_map(|note| note.lines().nth(1)?.parse().ok()).collect())
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
    let Some(pinned) = opened(view, &now.origin, note)? else {
        return Ok(Some("the receipt is signed by no key that this chain knows: the chain is not the one the receipt was printed from, or the receipt was altered".into()));
    };
    let pinned = pinned.checkpoint();
    if pinned.size == 0 {
        return Ok(Some(
            "the receipt is of a record without entries, which every record begins with: it proves nothing; use a later one".into(),
        ));
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

/// Opens the note with any log key the chain ever named.
fn opened(
    view: &dyn LedgerView,
    origin: &str,
    note: &str,
) -> Result<Option<SignedCheckpoint>, StationError> {
    for row in view.select(&Query::all(&s::KEY_EPOCH).with("kind", "log"))? {
        let key = row.text("public").parse::<Digest>().ok();
        let key = key.and_then(|public| VerifierKey::new(origin, public.0).ok());
        if let Some(signed) = key.and_then(|key| SignedCheckpoint::open(note, &key).ok()) {
            return Ok(Some(signed));
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
