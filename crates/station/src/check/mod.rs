//! Is everything still what the chain says it is? Reads only; runs on ports that nobody writes to.
//!
//! The chain is the truth: registers are rebuilt from it and compared, files are held against it, and
//! a receipt from a drawer outside the station is held against its head.

/// What the chain claims about files and lines, folded from its entries.
mod account;
/// What was disposed of, and is being.
mod disposals;
/// Files in the vault and the mirror against that claim.
mod files;
/// A receipt against the log.
mod pin;
/// Did everybody who signed have the right to?
mod rules;

use crate::StationError;
use crate::view::Nodes;
use account::Account;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::tree;
use sealdock_core::ports::{Finding, Ledger, LedgerView, Vault};

pub(crate) use pin::outside_heads;
pub(crate) use pin::sizes_held;
pub use pin::{lost, notes_in};

/// What to look at.
pub struct CheckOptions {
    /// Re-hash every file cold, verify every signature.
    pub deep: bool,
    /// Text of a receipt (`log receipt`) or checkpoint to hold the log against.
    pub pin: Option<String>,
}

/// What was looked at and what was found.
#[derive(Debug, Clone)]
pub struct CheckReport {
    pub entries: u64,
    pub clips: u64,
    pub files: u64,
    pub bytes_hashed: u64,
    /// False without `deep`: presence and size only.
    pub content_checked: bool,
    pub head: SignedCheckpoint,
    /// Empty means clean.
    pub findings: Vec<Finding>,
    /// Worth knowing, wrong with nothing.
    pub notes: Vec<String>,
}

/// Where a check is: phase, done, of.
pub type Tick<'a> = &'a mut dyn FnMut(&'static str, u64, u64);

/// Entries per page while folding.
const PAGE: u32 = 1024;

/// Checks everything.
///
/// # Errors
/// Only if the station cannot be read at all; what is wrong with it comes as findings.
pub fn check(
    ledger: &dyn Ledger,
    vault: &dyn Vault,
    mirror: Option<&dyn Vault>,
    options: &CheckOptions,
    tick: Tick,
) -> Result<CheckReport, StationError> {
    let ledger_report = ledger.verify(options.deep, &mut |done, of| tick("chain", done, of))?;
    let view = ledger.view()?;
    let head = view.head()?;
    let mut findings = ledger_report.findings;
    let mut account = Account::default();
    let size = head.checkpoint().size;
    let mut seq = 0;
    while seq < size {
        let page = view.entries(seq, PAGE)?;
        if page.is_empty() {
            break;
        }
        for bytes in &page {
            account.fold(seq, bytes);
            seq += 1;
        }
        tick("account", seq, size);
    }
    findings.extend(account.contradictions());
    findings.extend(drawn_otherwise(&*view, &account));
    if let Some(text) = &options.pin {
        findings.extend(pin::held_against(&*view, text)?);
    }
    let mut look = files::Look {
        account: &account,
        deep: options.deep,
        tick,
        findings: Vec::new(),
        notes: Vec::new(),
        files: 0,
        bytes: 0,
    };
    look.vault(vault)?;
    look.listings(vault);
    if let Some(mirror) = mirror {
        look.mirror(mirror)?;
    }
    let (files, bytes_hashed) = (look.files, look.bytes);
    let mut notes = look.notes;
    findings.extend(look.findings);
    notes.extend(account.notes());
    notes.extend(pin::lost(&*view)?.iter().map(ToString::to_string));
    Ok(CheckReport {
        entries: size,
        clips: account.disposals.clips(),
        files,
        bytes_hashed,
        content_checked: options.deep,
        head,
        findings,
        notes,
    })
}

/// Spot checks whose seed is not the root that was announced.
fn drawn_otherwise(view: &dyn LedgerView, account: &Account) -> Vec<Finding> {
    let other = |(seq, size, root): &(u64, u64, sealdock_core::Digest)| {
        let again = tree::root_of(&Nodes(view), *size).ok();
        (again != Some(*root)).then(|| Finding {
            area: "chain",
            seq: Some(*seq),
            text: format!("entry {seq} draws with another root than that of {size} entries"),
        })
    };
    account.disposals.draws.iter().filter_map(other).collect()
}
