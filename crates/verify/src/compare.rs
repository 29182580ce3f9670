//! Two holders of one record: do they hold one history? Only heads and what leads from one to another are looked at;
//! what a package proves beyond that is for [`crate::verify`].

use crate::history::History;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::{Digest, Equivocation, Growth, ProofError};

/// How two holdings stand to each other.
#[derive(Debug)]
pub enum Outcome {
    /// Equal, or one is the beginning of the other.
    Same(Link),
    /// They contradict, and this proves it.
    Fork(Box<Equivocation>),
    /// Nothing at hand leads from one to the other.
    Unknown {
        /// The size whose growth would.
        size: u64,
        /// A growth is there and does not lead from the one head to the other, without proving more.
        unfit: bool,
    },
}

/// Two heads of one history. The one that reaches further says more, and is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Entries of the earlier head.
    pub old: u64,
    /// Entries of the later head; the same where they are equal.
    pub new: u64,
}

/// Holds all heads of one side against all of the other.
#[must_use]
pub fn compare(one: &History, other: &History, keys: &[VerifierKey]) -> Outcome {
    let mut same = None;
    let mut unfit = false;
    for (a, b) in pairs(one, other) {
        match relate((a, one), (b, other), keys) {
            Related::Fork(proof) => return Outcome::Fork(proof),
            Related::Same(link) => same = same.max(covers((a, one), (b, other)).then_some(link)),
            Related::Unfit => unfit = true,
            Related::Nothing => {}
        }
    }
    let smaller = [one, other].into_iter().filter_map(History::newest).map(|head| head.size).min();
    match same {
        Some(link) => Outcome::Same(link),
        None => Outcome::Unknown { size: smaller.unwrap_or(0), unfit },
    }
}

fn pairs<'h>(
    one: &'h History,
    other: &'h History,
) -> impl Iterator<Item = (&'h SignedCheckpoint, &'h SignedCheckpoint)> {
    one.heads.iter().flat_map(|a| other.heads.iter().map(move |b| (a, b)))
}

/// Is all of the shorter side covered, when these two heads are of one history?
fn covers(
    (a, one): (&SignedCheckpoint, &History),
    (b, other): (&SignedCheckpoint, &History),
) -> bool {
    let (a, b) = (a.checkpoint(), b.checkpoint());
    (one.newest() == Some(a) && b.size >= a.size) || (other.newest() == Some(b) && a.size >= b.size)
}

enum Related {
    Same(Link),
    Fork(Box<Equivocation>),
    Unfit,
    Nothing,
}

fn relate(
    (a, one): (&SignedCheckpoint, &History),
    (b, other): (&SignedCheckpoint, &History),
    keys: &[VerifierKey],
) -> Related {
    let earlier_first = a.checkpoint().size <= b.checkpoint().size;
    let ((old, _), (new, holder)) =
        if earlier_first { ((a, one), (b, other)) } else { ((b, other), (a, one)) };
    let (head, later) = (old.checkpoint(), new.checkpoint());
    let link = Link { old: head.size, new: later.size };
    if head.size == later.size {
        if head.root == later.root {
            return Related::Same(link);
        }
        let growth = Growth::new(head.size, Vec::new(), new.note().to_owned());
        return forked(old, (later.root, growth), keys);
    }
    let mut related = Related::Nothing;
    let all = one.growths(head.size, new).into_iter().chain(other.growths(head.size, new));
    for growth in all {
        let root = match growth.check(head, later) {
            Ok(()) => return Related::Same(link),
            Err(error) => root_of_other(&error).or_else(|| holder.root(head.size)),
        };
        // A growth that does not fit is no proof of anything unless it holds for another root.
        related = match root {
            Some(root) => forked(old, (root, Growth::clone(&growth)), keys),
            None => Related::Unfit,
        };
        if matches!(related, Related::Fork(_)) {
            return related;
        }
    }
    related
}

/// The old root that a growth itself leads to: it names one unless the old tree is a single perfect subtree.
fn root_of_other(error: &ProofError) -> Option<Digest> {
    match error {
        ProofError::OldRoot { computed, .. } => Some(*computed),
        _ => None,
    }
}

fn forked(
    old: &SignedCheckpoint,
    (root, growth): (Digest, Growth),
    keys: &[VerifierKey],
) -> Related {
    match Equivocation::new(old.clone(), (root, growth), keys) {
        Ok(proof) => Related::Fork(Box::new(proof)),
        Err(_) => Related::Unfit,
    }
}
