//! Heads that lie in `anchors/`, stamped or cosigned: each must be this record's, under the log key of its time, and
//! one with the package's head.

use crate::code::Code;
use crate::head::Head;
use crate::keys::History;
use crate::pins::{Heads, Linked, anchor_name, link};
use crate::report::Findings;
use crate::trust::Trust;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};

/// Everything around them.
pub struct Around<'a> {
    pub head: &'a Head,
    pub history: Option<&'a History>,
    pub heads: &'a Heads<'a>,
    pub trust: &'a Trust,
}

/// Such a file: its name, the size that its folder says, how a detail calls it, and the code of what is wrong with it.
#[derive(Clone, Copy)]
pub struct File<'n> {
    pub name: &'n str,
    pub size: u64,
    pub called: &'static str,
    pub code: Code,
}

/// What else a file demands of a head that its log key signed.
pub type Form = fn(&SignedCheckpoint, &VerifierKey) -> Result<(), &'static str>;

/// A head of this record, and whether it is one with the package's.
pub struct Read {
    pub note: SignedCheckpoint,
    pub linked: bool,
}

/// Reads the head in a file and holds it against the package's. Without any key the head of the package is refused
/// already, and nothing is said of this one.
pub fn read(file: File, form: Form, around: &Around, found: &mut Findings) -> Option<Read> {
    let text = around.heads.tags.text(file.name)?;
    match opened(text, form, around)? {
        Ok(note) if note.checkpoint().size != file.size || file.size == 0 => {
            found.add(file.code, file.name, "it is of another size than its folder says");
            None
        }
        Ok(note) => Some(Read { linked: hold(&note, file, around, found), note }),
        Err(detail) => {
            found.add(file.code, file.name, detail);
            None
        }
    }
}

/// The head under a key of the record; nothing where no key is known.
fn opened(text: &str, form: Form, around: &Around) -> Option<Result<SignedCheckpoint, String>> {
    let own = around.head.signed.as_ref().map(|signed| signed.key.clone());
    let own = own.or_else(|| around.head.folder_key.clone());
    let epochs = around
        .history
        .into_iter()
        .flat_map(|history| history.log.iter().filter_map(|epoch| history.verifier(epoch)));
    let keys: Vec<VerifierKey> = own.into_iter().chain(epochs).collect();
    let mut refusal = None;
    for key in &keys {
        match SignedCheckpoint::open(text, key) {
            Ok(note) => {
                let formed = form(&note, key).and_then(|()| in_force(&note, key, around.history));
                return Some(formed.map(|()| note).map_err(str::to_owned));
            }
            Err(error) => refusal = Some(Err(error.to_string())),
        }
    }
    refusal
}

fn in_force(
    note: &SignedCheckpoint,
    key: &VerifierKey,
    history: Option<&History>,
) -> Result<(), &'static str> {
    let size = note.checkpoint().size;
    match history.is_none_or(|history| history.log.for_size(size).public == *key.public()) {
        true => Ok(()),
        false => Err("it is signed by a log key that was not in force"),
    }
}

/// One with the head of the package, by the growth that lies beside it?
fn hold(note: &SignedCheckpoint, file: File, around: &Around, found: &mut Findings) -> bool {
    let head = note.checkpoint();
    let growth = anchor_name(head.size);
    let first = around.heads.first.map(|first| first.note.checkpoint().size);
    match link(head, around.heads) {
        Linked::Fits => return true,
        Linked::Parts(detail) => found.add(file.code, file.name, detail),
        Linked::Not(detail) if first.is_some_and(|first| first < head.size) => {
            found.add(file.code, file.name, detail);
        }
        Linked::Not(_) if !around.heads.tags.has(&growth) && first.is_some() => {
            let detail = format!("it leads from a {} head to the package's", file.called);
            found.add(Code::FileMissing, &growth, detail);
        }
        // No head to hold it against, or a growth that is no growth: each has its own code.
        Linked::Not(_) => {}
    }
    false
}
