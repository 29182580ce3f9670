//! A receipt from outside the station against the log: the one thing that a rewritten history cannot
//! have changed.

use crate::StationError;
use crate::view::Nodes;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tree;
use sealdock_core::Digest;
use sealdock_core::ports::{Finding, LedgerView};
use sealdock_core::schema as s;
use sealdock_core::table::Query;

/// Finds the signed note of `origin` inside a receipt or checkpoint file: three lines, an empty
/// line, and every signature line that follows.
pub fn note_in(text: &str, origin: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    (0..lines.len()).find_map(|start| {
        let body = lines.get(start..start + 4)?;
        if body[0] != origin || body[1].parse::<u64>().is_err() || !body[3].is_empty() {
            return None;
        }
        let signatures: Vec<&str> =
            lines[start + 4..].iter().copied().take_while(|line| line.starts_with('—')).collect();
        if signatures.is_empty() {
            return None;
        }
        Some(format!("{}\n{}\n{}\n\n{}\n", body[0], body[1], body[2], signatures.join("\n")))
    })
}

pub fn held_against(view: &dyn LedgerView, text: &str) -> Result<Vec<Finding>, StationError> {
    let head = view.head()?;
    let origin = head.checkpoint().origin.clone();
    let finding = |text: String| Ok(vec![Finding { area: "pin", seq: None, text }]);
    let Some(note) = note_in(text, &origin) else {
        return finding(format!(
            "the file holds no signed checkpoint of {origin}; is it another station's receipt?"
        ));
    };
    let Some(pinned) = opened(view, &origin, &note)? else {
        return finding("the receipt is signed by no key that this chain knows: the chain is not the one the receipt was printed from, or the receipt was altered".into());
    };
    let (pinned, now) = (pinned.checkpoint(), head.checkpoint());
    if pinned.size > now.size {
        return finding(format!(
            "the receipt knows {} entries, the chain holds {}: its end was cut off or an old copy was put back",
            pinned.size, now.size
        ));
    }
    match tree::root_of(&Nodes(view), pinned.size) {
        Ok(root) if root == pinned.root => Ok(Vec::new()),
        Ok(root) => finding(format!(
            "history was rewritten: at entry {} the receipt says {}, the chain says {root}",
            pinned.size, pinned.root
        )),
        Err(e) => finding(format!("the tree at size {} cannot be computed: {e}", pinned.size)),
    }
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
    fn a_note_is_found_inside_a_receipt() {
        let receipt =
            "回执 receipt\r\n\r\nx.example/s\n12\nAAAA\n\n— x.example/s BBBB\n\nQR below\n";
        assert_eq!(
            note_in(receipt, "x.example/s").unwrap(),
            "x.example/s\n12\nAAAA\n\n— x.example/s BBBB\n"
        );
        assert_eq!(note_in(receipt, "x.example/other"), None);
        assert_eq!(note_in("x.example/s\n12\n", "x.example/s"), None);
    }
}
