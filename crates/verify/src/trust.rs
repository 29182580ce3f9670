//! What the reader brings apart from the folder, and what is refused of it. A refusal judges nothing: the
//! fault lies with what was given, not with the package.

use crate::code::Code;
use sealdock_chain::note::{NOTE_BYTES_MAX, VerifierKey, valid_origin};
use sealdock_chain::policy::{PolicyError, Witness};
use sealdock_chain::{WitnessKey, WitnessPolicy};
use sealdock_stamp::Roots;
use std::io;

/// Keys and heads that came to the reader by another way than the folder.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Verifier keys of the record, from paper or letter.
    pub keys: Vec<VerifierKey>,
    /// Heads of the record that somebody outside held.
    pub pins: Vec<Pin>,
    /// Roots of the authorities whose time-stamps are believed; without them no stamp is looked at.
    pub roots: Option<Roots>,
    /// Whose cosignatures are believed; without it none is looked at.
    pub witnesses: Option<WitnessPolicy>,
}

impl Trust {
    /// Believes the witnesses of a policy file. Logs that it names are the logs: where no key was brought they stand
    /// for it, so bring the keys first.
    ///
    /// # Errors
    /// It is no policy, asks nobody, names other logs than the keys that were brought, or a witness has such a key.
    pub fn believe_policy(&mut self, about: &str, text: &str) -> Result<(), Refused> {
        // Line ends of other systems, as in receipts.
        let policy = WitnessPolicy::parse(&text.replace("\r\n", "\n"));
        self.believe(about, policy)
    }

    /// Believes these witnesses, of whom every one must have cosigned.
    ///
    /// # Errors
    /// Two have one key, or one has the key of the log.
    pub fn believe_all(&mut self, keys: &[WitnessKey]) -> Result<(), Refused> {
        let lines = keys.iter().enumerate().map(|(n, key)| format!("witness w{n} {key}\n"));
        let labels: String = (0..keys.len()).map(|n| format!(" w{n}")).collect();
        let text = lines.collect::<String>() + &format!("group every all{labels}\nquorum every\n");
        self.believe("--witness", WitnessPolicy::parse(&text))
    }

    fn believe(
        &mut self,
        about: &str,
        policy: Result<WitnessPolicy, PolicyError>,
    ) -> Result<(), Refused> {
        let refused = |why: String| Refused::Witnesses { about: about.to_owned(), why };
        let policy = policy.map_err(|error| refused(error.to_string()))?;
        if policy.asks_nobody() {
            let why =
                "its quorum is none, so it anchors nothing; name the witnesses that you believe";
            return Err(refused(why.to_owned()));
        }
        if self.keys.is_empty() {
            self.keys = policy.logs().to_vec();
        }
        let named = |key: &&VerifierKey| policy.logs().is_empty() || policy.logs().contains(key);
        if let Some(key) = self.keys.iter().find(|key| !named(key)) {
            return Err(refused(format!("it names logs, and the key {key} is none of them")));
        }
        let own =
            |witness: &&Witness| self.keys.iter().any(|key| key.public() == witness.key.public());
        if let Some(witness) = policy.witnesses().iter().find(own) {
            let why = "has the key of the log itself, which is nobody outside";
            return Err(refused(format!("the witness {} {why}", witness.key.name())));
        }
        self.witnesses = Some(policy);
        Ok(())
    }
}

/// A head that the reader holds: a checkpoint, or a text in which exactly one stands, such as a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// What the reader calls it, for the report.
    pub about: String,
    pub(crate) note: String,
}

impl Pin {
    /// Finds the one checkpoint in `text`. Its signature is checked later, under the keys of the record.
    ///
    /// # Errors
    /// There is none in it, or more than one.
    pub fn find(about: &str, text: &str) -> Result<Self, Refused> {
        let refused = |why: &str| Refused::Pin { about: about.to_owned(), why: why.to_owned() };
        let mut notes = notes_in(text);
        let Some(note) = notes.pop() else {
            return Err(refused("it holds no checkpoint; give a receipt or a checkpoint file"));
        };
        if !notes.is_empty() {
            return Err(refused("it holds more than one checkpoint; give one at a time"));
        }
        Ok(Self { about: about.to_owned(), note })
    }
}

/// Nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The folder, or a small file in it, cannot be read.
    #[error("{about} cannot be read: {cause}; copy the package again or try another drive")]
    Unreadable {
        /// The folder or the file.
        about: String,
        /// What the system said.
        cause: io::Error,
    },
    /// What was given as a pin is no head of this record's key.
    #[error("the pin {about} is refused: {why}")]
    Pin {
        /// What the reader calls it.
        about: String,
        /// Why it is none.
        why: String,
    },
    /// What was given to compare is no record under the reader's keys.
    #[error("{about} cannot be compared: {why}")]
    History {
        /// What the reader calls it.
        about: String,
        /// Why not.
        why: String,
    },
    /// What was given as witnesses is none.
    #[error("the witnesses in {about} are refused: {why}")]
    Witnesses {
        /// What the reader calls it.
        about: String,
        /// Why there are none.
        why: String,
    },
    /// What was given as roots of time-stamps is none.
    #[error("the roots for time-stamps in {about} are refused: {why}")]
    Roots {
        /// What the reader calls it.
        about: String,
        /// Why there are none.
        why: String,
    },
}

impl Refused {
    /// The code of the table, where there is one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Refused::Unreadable { .. }
            | Refused::Roots { .. }
            | Refused::History { .. }
            | Refused::Witnesses { .. } => None,
            Refused::Pin { .. } => Some(Code::PinRefused),
        }
    }
}

/// Every checkpoint in a text: origin, size, root, an empty line and the signature lines that follow.
/// Line ends of other systems are taken for line feeds, since receipts travel through mail.
fn notes_in(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    (0..lines.len()).filter_map(|start| note_at(&lines[start..])).collect()
}

fn note_at(lines: &[&str]) -> Option<String> {
    let [origin, size, root, "", rest @ ..] = lines else { return None };
    valid_origin(origin).ok()?;
    let number = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
    if !number || root.len() != 44 || !root.ends_with('=') {
        return None;
    }
    let mut note = format!("{origin}\n{size}\n{root}\n\n");
    for line in rest.iter().take_while(|line| line.starts_with("\u{2014} ")) {
        note.push_str(line);
        note.push('\n');
        if note.len() > NOTE_BYTES_MAX {
            break;
        }
    }
    Some(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn the_one_checkpoint_in_a_receipt_is_found() {
        let note = format!("a.example/s\n12\n{ROOT}\n\n\u{2014} a.example/s BBBB\n");
        let receipt = format!("回执 RECEIPT\n\nPrinted  today\n\n{note}\n█▀▀█\n");
        assert_eq!(Pin::find("r", &note).unwrap().note, note);
        assert_eq!(Pin::find("r", &receipt).unwrap().note, note);
        assert_eq!(Pin::find("r", &receipt.replace('\n', "\r\n")).unwrap().note, note);
        for bad in ["", "nothing", &receipt.repeat(2), &note.replace("12", "-1")] {
            assert!(matches!(Pin::find("r", bad), Err(Refused::Pin { .. })), "{bad}");
        }
    }
}
