//! Which key was in force when: entry 0 and the rotations say it, and every step is signed by the key it
//! leaves and the key it comes to. A key that is replaced after loss or theft is vouched for by the new one alone:
//! nothing leads a reader from the one to the other.

use crate::code::Code;
use crate::entries::Entries;
use crate::event::{Cause, Founded, KeyKind, Replaced, Rotated, Said};
use crate::names;
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::note::VerifierKey;
use sealdock_chain::{Digest, ed25519, sshsig};

/// One epoch of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// From 1.
    pub number: u64,
    /// Raw Ed25519 public key.
    pub public: [u8; 32],
    /// The entry that began it.
    pub since: u64,
    /// The smallest head it signs: one whose last entry rotates is still the old key's, one whose last entry
    /// replaces is the new key's.
    pub from: u64,
    /// Why it began, if not by a rotation.
    pub cause: Option<Cause>,
    /// From when on the key before was in other hands, as the entry spells it.
    pub stolen: Option<String>,
    /// The key before vouches for it.
    pub led: bool,
}

impl Epoch {
    fn new(number: u64, public: Digest, since: u64) -> Self {
        let from = since.saturating_add(2);
        Self { number, public: public.0, since, from, cause: None, stolen: None, led: true }
    }
}

/// The epochs of one key, oldest first; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epochs {
    first: Epoch,
    later: Vec<Epoch>,
}

impl Epochs {
    fn new(public: Digest) -> Self {
        Self { first: Epoch::new(1, public, 0), later: Vec::new() }
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Epoch> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The newest.
    pub fn last(&self) -> &Epoch {
        self.later.last().unwrap_or(&self.first)
    }

    /// The key that signs a head of `size` entries.
    pub fn for_size(&self, size: u64) -> &Epoch {
        self.later.iter().rev().find(|epoch| epoch.from <= size).unwrap_or(&self.first)
    }

    /// Each epoch with the one that ended it.
    pub fn ended(&self) -> impl Iterator<Item = (&Epoch, &Epoch)> {
        self.iter().zip(&self.later)
    }

    /// The key under which something that entry `seq` says was signed.
    pub fn for_entry(&self, seq: u64) -> &Epoch {
        self.for_size(seq.saturating_add(1))
    }

    /// The epochs from that of `from` to that of `to`, going forward; `None` where there is no such way.
    fn way(&self, from: &[u8; 32], to: &[u8; 32]) -> Option<Vec<&Epoch>> {
        let mut way: Vec<&Epoch> = self.iter().skip_while(|epoch| epoch.public != *from).collect();
        let last = way.iter().position(|epoch| epoch.public == *to)?;
        way.truncate(last + 1);
        Some(way)
    }
}

/// What the record says of its keys.
#[derive(Debug, Clone)]
pub struct History {
    pub founded: Founded,
    pub log: Epochs,
    pub evidence: Epochs,
    /// Every entry it rests on is proven, and every rotation holds.
    pub sound: bool,
}

impl History {
    /// Reads entry 0 and the rotations; `None` where there is no usable entry 0.
    pub fn read(tags: &Tags, entries: &Entries, found: &mut Findings) -> Option<Self> {
        let name = names::entry_name(0);
        let Some(first) = entries.get(&0) else {
            if !tags.has(&name) {
                found.add(Code::EntryMissing, "entry 0", "it says which station this is");
            }
            return None;
        };
        let Said::Founded(founded) = &first.said else {
            found.add(Code::EntryRefused, &name, "it founds no station");
            return None;
        };
        if let Err(detail) = keys_agree(founded) {
            found.add(Code::KeyOther, &name, detail);
        }
        let mut history = Self {
            founded: founded.clone(),
            log: Epochs::new(founded.log_public),
            evidence: Epochs::new(founded.evidence_public),
            sound: first.proven,
        };
        for (seq, shown) in entries {
            let changed = match &shown.said {
                Said::Rotated(rotated) => history.rotate(*seq, rotated),
                Said::Replaced(replaced) => history.replace(*seq, replaced),
                _ => continue,
            };
            history.sound &= shown.proven;
            if let Err(detail) = changed {
                history.sound = false;
                found.add(Code::KeyUnproven, &names::entry_name(*seq), detail);
            }
        }
        Some(history)
    }

    /// The history that begins with entry 0, which whoever calls has proven.
    ///
    /// # Errors
    /// Its two spellings of a key differ.
    pub fn begin(founded: Founded) -> Result<Self, String> {
        keys_agree(&founded)?;
        let (log, evidence) =
            (Epochs::new(founded.log_public), Epochs::new(founded.evidence_public));
        Ok(Self { founded, log, evidence, sound: true })
    }

    fn epochs(&mut self, key: KeyKind) -> &mut Epochs {
        match key {
            KeyKind::Log => &mut self.log,
            KeyKind::Evidence => &mut self.evidence,
        }
    }

    /// The next epoch, which entry `seq` begins.
    ///
    /// # Errors
    /// It does not follow the epoch before, or is not signed by both keys.
    pub fn rotate(&mut self, seq: u64, rotated: &Rotated) -> Result<(), String> {
        let statement = rotated.statement(&self.founded.origin);
        let epochs = self.epochs(rotated.key);
        epochs.follows(rotated.epoch, (&rotated.old_public, &rotated.new_public))?;
        signed(&statement, "old", &rotated.old_public, &rotated.old_signature)?;
        signed(&statement, "new", &rotated.new_public, &rotated.new_signature)?;
        epochs.later.push(Epoch::new(rotated.epoch, rotated.new_public, seq));
        Ok(())
    }

    /// The next epoch, which entry `seq` begins without a rotation.
    ///
    /// # Errors
    /// It does not follow the epoch before, or is not signed as its cause asks for.
    pub fn replace(&mut self, seq: u64, replaced: &Replaced) -> Result<(), String> {
        let statement = replaced.statement(&self.founded.origin);
        let epochs = self.epochs(replaced.key);
        epochs.follows(replaced.epoch, (&replaced.old_public, &replaced.new_public))?;
        if epochs.iter().any(|epoch| epoch.public == replaced.new_public.0) {
            return Err("the new key is one that the record had before".to_owned());
        }
        if let Some(old) = &replaced.old_signature {
            if replaced.cause != Cause::Restored {
                return Err("a key that was lost or stolen vouches for the next".to_owned());
            }
            signed(&statement, "old", &replaced.old_public, old)?;
        }
        signed(&statement, "new", &replaced.new_public, &replaced.new_signature)?;
        epochs.later.push(Epoch {
            from: seq.saturating_add(1),
            cause: Some(replaced.cause),
            stolen: replaced.since.clone(),
            led: replaced.old_signature.is_some(),
            ..Epoch::new(replaced.epoch, replaced.new_public, seq)
        });
        Ok(())
    }

    /// The verifier key of an epoch.
    pub fn verifier(&self, epoch: &Epoch) -> Option<VerifierKey> {
        VerifierKey::new(self.founded.origin.as_str(), epoch.public).ok()
    }

    /// Does a key that the reader brought lead to `key` by rotations that hold?
    pub fn leads(&self, brought: &[VerifierKey], key: &VerifierKey) -> bool {
        self.ways(brought, key).any(|way| way.iter().skip(1).all(|epoch| epoch.led))
    }

    /// Was a key that the reader brought replaced on the way to `key` by one that it does not vouch for?
    pub fn severed(&self, brought: &[VerifierKey], key: &VerifierKey) -> bool {
        self.ways(brought, key).any(|way| way.iter().skip(1).any(|epoch| !epoch.led))
    }

    fn ways(
        &self,
        brought: &[VerifierKey],
        key: &VerifierKey,
    ) -> impl Iterator<Item = Vec<&Epoch>> {
        let named = brought.iter().filter(|from| self.sound && from.name() == key.name());
        named.filter_map(|from| self.log.way(from.public(), key.public()))
    }

    /// `keys/allowed_signers` may name evidence keys of this record and no other, `keys/revoked` those that were
    /// declared stolen.
    pub fn signers(&self, tags: &Tags, found: &mut Findings) {
        self.revoked(tags, found);
        let Some(text) = tags.text(names::SIGNERS) else { return };
        let known = |line: &str| {
            self.evidence.iter().any(|epoch| {
                let key = sshsig::public_line(&epoch.public, "");
                line.strip_suffix(key.trim_end()).is_some_and(|before| before.ends_with(' '))
            })
        };
        if text.is_empty() || !text.split_terminator('\n').all(known) {
            found.add(Code::KeyOther, names::SIGNERS, "it names a key that the record does not");
        }
    }
}

impl History {
    fn revoked(&self, tags: &Tags, found: &mut Findings) {
        let Some(text) = tags.text(names::REVOKED) else { return };
        let stolen = |line: &str| {
            let stolen =
                self.evidence.ended().filter(|(_, next)| next.cause == Some(Cause::Stolen));
            stolen
                .into_iter()
                .any(|(epoch, _)| line.starts_with(&sshsig::public_line(&epoch.public, "")))
        };
        if text.is_empty() || !text.split_terminator('\n').all(stolen) {
            let detail = "it names a key that the record does not call stolen";
            found.add(Code::KeyOther, names::REVOKED, detail);
        }
    }
}

impl Epochs {
    /// The next epoch after the newest, under another key.
    fn follows(&self, epoch: u64, (old, new): (&Digest, &Digest)) -> Result<(), String> {
        let before = self.last();
        if before.public != old.0 || before.number.checked_add(1) != Some(epoch) {
            return Err(format!("it does not follow epoch {}", before.number));
        }
        match old == new {
            true => Err("the new key is the old one".to_owned()),
            false => Ok(()),
        }
    }
}

fn signed(statement: &str, which: &str, public: &Digest, signature: &str) -> Result<(), String> {
    let signature = signature_of(signature)
        .ok_or_else(|| format!("the signature of the {which} key is malformed"))?;
    ed25519::verify(&public.0, statement.as_bytes(), &signature)
        .map_err(|error| format!("the {which} key: {error}"))
}

/// Entry 0 spells each key twice.
fn keys_agree(founded: &Founded) -> Result<(), String> {
    let log = VerifierKey::new(founded.origin.as_str(), founded.log_public.0)
        .map_err(|error| error.to_string())?;
    if log.to_string() != founded.log_vkey {
        return Err("its two spellings of the log key differ".to_owned());
    }
    ed25519::check_key(&founded.evidence_public.0).map_err(|error| error.to_string())?;
    let line = sshsig::public_line(&founded.evidence_public.0, "");
    if !founded.evidence_key.starts_with(&line) {
        return Err("its two spellings of the evidence key differ".to_owned());
    }
    Ok(())
}

/// 128 lowercase hexadecimal digits.
fn signature_of(text: &str) -> Option<[u8; 64]> {
    let (first, second) = text.split_at_checked(64)?;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&first.parse::<Digest>().ok()?.0);
    signature[32..].copy_from_slice(&second.parse::<Digest>().ok()?.0);
    Some(signature)
}
