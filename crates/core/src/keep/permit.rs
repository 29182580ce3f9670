//! Proofs of disposal. Neither can be copied, read from a message or made elsewhere.

use super::event::Event;
use crate::event::Event as Any;
use crate::ports::LedgerReport;
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::tree::{Included, leaf_hash};

/// The whole chain was walked, every register was rebuilt and compared, and nothing was found.
#[derive(Debug)]
pub struct Audited {
    entries: u64,
}

impl Audited {
    /// The only way to one: a walk without a finding.
    pub fn of(report: &LedgerReport) -> Option<Audited> {
        report.findings.is_empty().then_some(Audited { entries: report.entries })
    }

    pub fn entries(&self) -> u64 {
        self.entries
    }
}

/// Leave to remove the file of one content, and its sidecars, from one place, once. Made only from an
/// intent that stands in the chain under a signed head; taken by value by [`crate::ports::Vault::remove`].
#[derive(Debug)]
pub struct DisposalPermit {
    intent: u64,
    sha256: Digest,
    size: u64,
}

impl DisposalPermit {
    /// `entry` is what the ledger returned for the entry that `included` proves; `head` is the checkpoint
    /// it is proven under, whose signature was verified when it was opened. `None`: it is no intent to
    /// dispose of anything, or is not proven.
    pub fn read_back(
        entry: &[u8],
        included: &Included,
        head: &SignedCheckpoint,
    ) -> Option<DisposalPermit> {
        let signed = head.checkpoint();
        if leaf_hash(entry) != included.leaf()
            || included.root() != signed.root
            || included.size() != signed.size
        {
            return None;
        }
        let decoded = Entry::decode(entry).ok()?;
        if decoded.seq != included.seq() {
            return None;
        }
        match serde_json::from_value(decoded.event).ok()? {
            Any::Keep(Event::DisposalIntended(e)) => {
                Some(DisposalPermit { intent: decoded.seq, sha256: e.sha256, size: e.size })
            }
            _ => None,
        }
    }

    /// The entry of the intent.
    pub fn intent(&self) -> u64 {
        self.intent
    }
    /// The one content that may go.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }
    pub fn size(&self) -> u64 {
        self.size
    }
}
