//! The head that the package rests on. The reader's keys are tried first; the key in the folder only says
//! under which name to look, and is believed when a key of the reader's leads to it.

use crate::code::Code;
use crate::entries::Signed;
use crate::keys::History;
use crate::names;
use crate::report::Findings;
use crate::tags::Tags;
use crate::trust::Trust;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};

/// What could be opened, and with what.
#[derive(Debug, Default)]
pub struct Head {
    /// `record/checkpoint` under the key that signed it.
    pub signed: Option<Signed>,
    /// That key is one of the reader's own.
    pub brought: bool,
    /// What `keys/log.vkey` says.
    pub folder_key: Option<VerifierKey>,
}

/// Opens `record/checkpoint` under a key of the reader's, else under the folder's own.
pub fn open(tags: &Tags, trust: &Trust, found: &mut Findings) -> Head {
    let head = Head { folder_key: folder_key(tags, found), ..Head::default() };
    let Some(text) = tags.text(names::CHECKPOINT) else { return head };
    let mut refusal = "no key is known to check it by".to_owned();
    let mut opened = None;
    for (key, brought) in candidates(trust, head.folder_key.as_ref()) {
        match SignedCheckpoint::open(text, key) {
            Ok(note) => {
                opened = Some((Signed { note, key: key.clone() }, brought));
                break;
            }
            Err(error) => refusal = error.to_string(),
        }
    }
    match opened {
        Some((signed, brought)) => Head { signed: Some(signed), brought, ..head },
        None => {
            found.add(Code::HeadRefused, names::CHECKPOINT, refusal);
            head
        }
    }
}

/// Keys in the order they are tried, with: is it the reader's own?
fn candidates<'k>(
    trust: &'k Trust,
    folder_key: Option<&'k VerifierKey>,
) -> impl Iterator<Item = (&'k VerifierKey, bool)> {
    let brought = trust.keys.iter().map(|key| (key, true));
    brought.chain(folder_key.map(|key| (key, false)))
}

fn folder_key(tags: &Tags, found: &mut Findings) -> Option<VerifierKey> {
    let text = tags.text(names::LOG_KEY)?;
    let key = text.strip_suffix('\n').and_then(|line| line.parse().ok());
    if key.is_none() {
        found.add(Code::KeyOther, names::LOG_KEY, "it is no verifier key on a line of its own");
    }
    key
}

impl Head {
    /// Holds the key of the head against the folder's, the record's and the reader's. The answer: do we know
    /// from the reader that it is the station's?
    pub fn trusted(&self, trust: &Trust, history: Option<&History>, found: &mut Findings) -> bool {
        let Some(signed) = &self.signed else { return false };
        let about = names::LOG_KEY;
        if self.folder_key.as_ref().is_some_and(|key| *key != signed.key) {
            found.add(Code::KeyOther, about, "it is another key than the one that signed the head");
        }
        if let Some(history) = history {
            said_by_record(signed, history, found);
        }
        if trust.keys.is_empty() {
            return false;
        }
        let led = history.is_some_and(|history| history.leads(&trust.keys, &signed.key));
        // A key that was lost or stolen leads nowhere: that is no forgery, and no reason to believe either.
        let severed = history.is_some_and(|history| history.severed(&trust.keys, &signed.key));
        if !self.brought && !led && !severed {
            let detail = "no key that the reader brought leads to it; where the log key was rotated \
                          since, bring the key of that time";
            found.add(Code::KeyOther, about, detail);
        }
        self.brought || led
    }
}

/// The record must name the key that signed its own head.
fn said_by_record(signed: &Signed, history: &History, found: &mut Findings) {
    let size = signed.note.checkpoint().size;
    let about = names::entry_name(0);
    if history.founded.origin != signed.key.name() {
        found.add(Code::KeyOther, &about, "it founds another record than the head is of");
    } else if history.log.for_size(size).public != *signed.key.public() {
        let detail = "entry 0 and the rotations lead to another log key than the head's";
        found.add(Code::KeyOther, &about, detail);
    }
}
