//! Which key was in force when: entry 0 and the rotations say it, and every step is signed by the key it
//! leaves and the key it comes to.

use crate::code::Code;
use crate::entries::Entries;
use crate::event::{Founded, KeyKind, Rotated, Said};
use crate::names;
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::note::VerifierKey;
use sealdock_chain::{Digest, ed25519, sshsig};

/// One epoch of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    /// From 1.
    pub number: u64,
    /// Raw Ed25519 public key.
    pub public: [u8; 32],
    /// The entry that began it, which is itself still under the key before.
    pub since: u64,
}

/// The epochs of one key, oldest first; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epochs {
    first: Epoch,
    later: Vec<Epoch>,
}

impl Epochs {
    fn new(public: Digest) -> Self {
        Self { first: Epoch { number: 1, public: public.0, since: 0 }, later: Vec::new() }
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Epoch> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The newest.
    pub fn last(&self) -> &Epoch {
        self.later.last().unwrap_or(&self.first)
    }

    /// The key that signs a head of `size` entries: the head whose last entry rotates is the old key's.
    pub fn for_size(&self, size: u64) -> &Epoch {
        let begun = |epoch: &&Epoch| epoch.since.saturating_add(1) < size;
        self.later.iter().rev().find(begun).unwrap_or(&self.first)
    }

    /// The key under which something that entry `seq` says was signed.
    pub fn for_entry(&self, seq: u64) -> &Epoch {
        self.for_size(seq.saturating_add(1))
    }

    /// Can `to` be reached from `from` by going forward?
    fn leads(&self, from: &[u8; 32], to: &[u8; 32]) -> bool {
        let mut from_there = self.iter().skip_while(|epoch| epoch.public != *from);
        from_there.any(|epoch| epoch.public == *to)
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
            let Said::Rotated(rotated) = &shown.said else { continue };
            history.sound &= shown.proven;
            if let Err(detail) = history.rotate(*seq, rotated) {
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

    /// The next epoch, which entry `seq` begins.
    ///
    /// # Errors
    /// It does not follow the epoch before, or is not signed by both keys.
    pub fn rotate(&mut self, seq: u64, rotated: &Rotated) -> Result<(), String> {
        let epochs = match rotated.key {
            KeyKind::Log => &mut self.log,
            KeyKind::Evidence => &mut self.evidence,
        };
        let before = *epochs.last();
        if before.public != rotated.old_public.0
            || before.number.checked_add(1) != Some(rotated.epoch)
        {
            return Err(format!("it does not follow epoch {}", before.number));
        }
        if rotated.old_public == rotated.new_public {
            return Err("the new key is the old one".to_owned());
        }
        let statement = rotated.statement(&self.founded.origin);
        for (which, public, signature) in [
            ("old", rotated.old_public, &rotated.old_signature),
            ("new", rotated.new_public, &rotated.new_signature),
        ] {
            let signature = signature_of(signature)
                .ok_or_else(|| format!("the signature of the {which} key is malformed"))?;
            ed25519::verify(&public.0, statement.as_bytes(), &signature)
                .map_err(|error| format!("the {which} key: {error}"))?;
        }
        let epoch = Epoch { number: rotated.epoch, public: rotated.new_public.0, since: seq };
        epochs.later.push(epoch);
        Ok(())
    }

    /// The verifier key of an epoch.
    pub fn verifier(&self, epoch: &Epoch) -> Option<VerifierKey> {
        VerifierKey::new(self.founded.origin.as_str(), epoch.public).ok()
    }

    /// Does a key that the reader brought lead to `key` by rotations that hold?
    pub fn leads(&self, brought: &[VerifierKey], key: &VerifierKey) -> bool {
        self.sound
            && brought.iter().any(|from| {
                from.name() == key.name() && self.log.leads(from.public(), key.public())
            })
    }

    /// `keys/allowed_signers` may name evidence keys of this record and no other.
    pub fn signers(&self, tags: &Tags, found: &mut Findings) {
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
