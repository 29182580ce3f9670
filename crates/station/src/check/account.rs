//! What the chain claims: which bytes are kept, which lines are accounted for, what was wiped after
//! what. A pure fold over entries.

use super::disposals::Disposals;
use super::rules::Rules;
use sealdock_chain::digest::Digest;
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::{Event, Verdict, WipeOutcome};
use sealdock_core::listing::ListedLine;
use sealdock_core::ports::Finding;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A kept content: what its files must be.
#[derive(Debug, Clone)]
pub struct KeptClaim {
    pub seq: u64,
    pub size: u64,
    pub chunk_root: Digest,
    pub mirrored: bool,
    /// SHA-256 of every signature that an entry gives for this content.
    pub signatures: Vec<Digest>,
}

/// A session as far as its lines go.
#[derive(Debug, Default)]
pub struct SessionClaim {
    pub recorder_claim: String,
    pub listing: Option<Digest>,
    pub lines: u32,
    pub verdict: Option<Verdict>,
}

/// Recorder claim, raw name, size, time: what an order names.
type Thing = (String, String, u64, Option<i64>);

#[derive(Debug, Default)]
pub struct Account {
    /// Who may do what, folded beside.
    pub rules: Rules,
    /// Every custody entry: its content and size.
    pub clips: HashMap<u64, (Digest, u64)>,
    pub kept: HashMap<Digest, KeptClaim>,
    pub objects: HashSet<Digest>,
    pub aside: HashMap<Digest, u64>,
    pub sessions: BTreeMap<u64, SessionClaim>,
    /// Lines with a stored clip or an aside.
    pub accounted: HashSet<(u64, u32)>,
    /// Things that a signed order leaves on the recorder.
    left: HashSet<Thing>,
    aside_things: HashMap<u64, Thing>,
    intents: HashMap<(u64, u32), u64>,
    unsettled: u64,
    pub disposals: Disposals,
    pub(super) findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct ActAndEvent {
    actor: ActorRecord,
    event: Event,
}

impl Account {
    /// Takes in one entry. Entries that do not decode are named by the ledger's own walk.
    pub fn fold(&mut self, seq: u64, bytes: &[u8]) {
        let Ok(ActAndEvent { actor, event }) = serde_json::from_slice(bytes) else { return };
        self.rules.fold(seq, &actor, &event);
        match event {
            Event::SessionOpened(e) => {
                let claim = SessionClaim {
                    recorder_claim: e.recorder_claim.to_string(),
                    ..SessionClaim::default()
                };
                self.sessions.insert(seq, claim);
            }
            Event::ListingSigned(e) => {
                self.objects.insert(e.object);
                if let Some(session) = self.sessions.get_mut(&e.session.0) {
                    session.listing = Some(e.object);
                    session.lines = e.lines;
                }
            }
            Event::ClipStored(e) => self.stored(seq, &e),
            Event::ClipSeen(e) => self.seen(seq, &e),
            Event::ClipSetAside(e) => {
                if let Some(line) = e.line {
                    self.accounted.insert((e.session.0, line));
                }
                if let Some(kept) = &e.kept {
                    self.aside.insert(kept.sha256, seq);
                }
                let thing = (e.recorder_claim.to_string(), e.raw, e.size, e.mtime_ms);
                self.aside_things.insert(seq, thing);
            }
            Event::AsideDecided(e) if e.decision == sealdock_core::event::AsideDecision::Leave => {
                self.left.extend(self.aside_things.get(&e.aside.0).cloned());
            }
            Event::WipeIntended(e) => self.intended(seq, &e),
            Event::WipeSettled(e) => self.settled(seq, &e),
            Event::WipeCertified(e) => {
                self.objects.insert(e.object);
            }
            Event::SessionClosed(e) => {
                if let Some(session) = self.sessions.get_mut(&e.session.0) {
                    session.verdict = Some(e.verdict);
                }
            }
            Event::Keep(e) => self.keep(seq, &e),
            _ => {}
        }
    }

    fn stored(&mut self, seq: u64, e: &sealdock_core::event::ClipStored) {
        self.accounted.insert((e.session.0, e.line));
        self.clips.insert(seq, (e.sha256, e.size));
        self.disposals.stored(seq, e.sha256, e.size);
        let mirrored = e.copies.iter().any(|copy| copy == "mirror");
        let claim = self.kept.entry(e.sha256).or_insert(KeptClaim {
            seq,
            size: e.size,
            chunk_root: e.chunk.root,
            mirrored,
            signatures: Vec::new(),
        });
        claim.signatures.push(Digest::of(e.sshsig.as_bytes()));
        claim.mirrored |= mirrored;
        if claim.size != e.size || claim.chunk_root != e.chunk.root {
            self.findings.push(Finding {
                area: "chain",
                seq: Some(seq),
                text: format!(
                    "clip C{seq} claims the digest of C{} with another size or chunk root",
                    claim.seq
                ),
            });
        }
    }

    fn seen(&mut self, seq: u64, e: &sealdock_core::event::ClipSeen) {
        self.accounted.insert((e.session.0, e.line));
        if !self.holds(e.clip.0, (e.sha256, e.size)) {
            self.findings.push(Finding {
                area: "chain",
                seq: Some(seq),
                text: format!("entry {seq} says {} was seen again, but no custody entry before it holds those bytes", e.clip),
            });
        }
    }

    /// Are these bytes in custody as that clip, and neither gone nor going?
    fn holds(&self, clip: u64, bytes: (Digest, u64)) -> bool {
        self.clips.get(&clip) == Some(&bytes)
            && !self.disposals.disposed.contains(&clip)
            && !self.disposals.leaving.contains_key(&bytes.0)
    }

    /// Invariants I1 and I2: nothing is intended for wiping that is not in custody before it.
    fn intended(&mut self, seq: u64, e: &sealdock_core::event::WipeIntended) {
        if !self.holds(e.clip.0, (e.sha256, e.size)) {
            self.findings.push(Finding {
                area: "chain",
                seq: Some(seq),
                text: format!(
                    "entry {seq} intends to wipe bytes that no custody entry before it holds ({})",
                    e.clip
                ),
            });
        }
        self.intents.insert((e.session.0, e.line), seq);
        self.unsettled += 1;
    }

    fn settled(&mut self, seq: u64, e: &sealdock_core::event::WipeSettled) {
        match self.intents.get(&(e.session.0, e.line)) {
            None => self.findings.push(Finding {
                area: "chain",
                seq: Some(seq),
                text: format!("entry {seq} says what became of a wipe that nobody intended"),
            }),
            Some(_) if e.outcome != WipeOutcome::Unknown => {
                self.unsettled = self.unsettled.saturating_sub(1);
            }
            Some(_) => {}
        }
    }

    /// Is this line of this session accounted for: stored, set aside, or left by an order?
    pub fn line_is_accounted(&self, session: u64, line: &ListedLine, claim: &str) -> bool {
        let thing = (claim.to_owned(), line.raw.clone(), line.size, line.mtime_ms);
        self.accounted.contains(&(session, line.line)) || self.left.contains(&thing)
    }

    pub fn contradictions(&mut self) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut self.findings);
        findings.append(&mut self.rules.findings);
        findings
    }

    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let open = self.sessions.values().filter(|s| s.verdict.is_none()).count();
        if open > 0 {
            notes.push(format!("{open} sessions are open"));
        }
        if !self.disposals.leaving.is_empty() {
            notes.push(format!(
                "{} removals were intended and are not settled; `sealdock dispose run` settles them",
                self.disposals.leaving.len()
            ));
        }
        if self.unsettled > 0 {
            notes.push(format!(
                "{} wipes were intended and not yet settled; the next dock of the recorder settles them",
                self.unsettled
            ));
        }
        notes
    }
}
