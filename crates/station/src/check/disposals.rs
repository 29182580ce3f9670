//! What the chain says about disposal: which contents are gone by a tombstone, which are on their way, and
//! whether the counts that the brake rests on are true. A pure fold over entries.

use super::account::Account;
use sealdock_chain::digest::Digest;
use sealdock_core::id::ClipId;
use sealdock_core::keep::{Event, misannounced};
use sealdock_core::ports::Finding;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A plan as its entry has it.
#[derive(Debug)]
pub struct Planned {
    pub object: Digest,
    pub clips: Vec<ClipId>,
    pub bytes: u64,
}

#[derive(Debug, Default)]
pub struct Disposals {
    /// Clips in custody, by content.
    live: HashMap<Digest, HashSet<u64>>,
    live_clips: u64,
    live_bytes: u64,
    /// Contents that are gone, and the tombstone.
    pub gone: HashMap<Digest, u64>,
    /// Intents that are not settled.
    pub leaving: HashMap<Digest, u64>,
    /// Clips with a tombstone.
    pub disposed: HashSet<u64>,
    /// Objects that hold plans, by the entry that names each.
    pub plans: BTreeMap<u64, Planned>,
    /// Announced size and the root that was drawn with, by the entry of the draw.
    pub draws: Vec<(u64, u64, Digest)>,
    announced: HashMap<u64, u64>,
}

impl Disposals {
    pub fn stored(&mut self, seq: u64, sha256: Digest, size: u64) {
        self.live.entry(sha256).or_default().insert(seq);
        self.live_clips += 1;
        self.live_bytes += size;
        self.gone.remove(&sha256);
    }

    pub fn clips(&self) -> u64 {
        self.live_clips
    }
}

impl Account {
    pub(super) fn keep(&mut self, seq: u64, event: &Event) {
        match event {
            Event::DisposalPlanned(e) => {
                let (object, clips, bytes) = (e.object, e.clips.clone(), e.bytes);
                self.disposals.plans.insert(seq, Planned { object, clips, bytes });
            }
            Event::DisposalBegun(e) => {
                let there = (self.disposals.live_clips, self.disposals.live_bytes);
                if (e.archive_clips, e.archive_bytes) != there {
                    self.wrong(seq, format!(
                        "entry {seq} says that {} clips ({} bytes) are in custody, but {} ({}) are: the brake rests on that",
                        e.archive_clips, e.archive_bytes, there.0, there.1
                    ));
                }
            }
            Event::DisposalIntended(e) => {
                self.disposals.leaving.insert(e.sha256, seq);
                self.all_of(seq, &e.clips, (e.sha256, e.size));
            }
            Event::DisposalKept(e) => {
                self.disposals.leaving.remove(&e.sha256);
                if let Some(claim) = self.kept.get_mut(&e.sha256) {
                    claim.mirrored &= e.left.iter().any(|place| place == "mirror");
                }
            }
            Event::ClipDisposed(e) => {
                self.all_of(seq, &e.clips, (e.sha256, e.size));
                let there = &mut self.disposals;
                if there.leaving.remove(&e.sha256) != Some(e.intent) {
                    let text =
                        format!("entry {seq} is a tombstone of what nobody intended to remove");
                    return self.wrong(seq, text);
                }
                let clips = there.live.remove(&e.sha256).unwrap_or_default();
                there.live_clips = there.live_clips.saturating_sub(clips.len() as u64);
                there.live_bytes =
                    there.live_bytes.saturating_sub(e.size.saturating_mul(clips.len() as u64));
                there.disposed.extend(clips);
                there.gone.insert(e.sha256, seq);
                self.kept.remove(&e.sha256);
            }
            Event::CheckAnnounced(e) => {
                if let Some(why) = misannounced(seq, (e.to, e.at_size)) {
                    self.wrong(seq, format!("entry {seq} announces no spot check: {why}"));
                }
                self.disposals.announced.insert(seq, e.at_size);
            }
            Event::CheckDrawn(e) => match self.disposals.announced.get(&e.check.0) {
                Some(size) => self.disposals.draws.push((seq, *size, e.root)),
                None => self.wrong(seq, format!("entry {seq} draws a check that nobody announced")),
            },
            _ => {}
        }
    }

    /// Custody invariant 3: a tombstone names every clip that has these bytes, and no other.
    fn all_of(&mut self, seq: u64, clips: &[ClipId], (sha256, size): (Digest, u64)) {
        let named: HashSet<u64> = clips.iter().map(|clip| clip.0).collect();
        let same = self.disposals.live.get(&sha256) == Some(&named)
            && clips.iter().all(|clip| self.clips.get(&clip.0) == Some(&(sha256, size)));
        if !same {
            self.wrong(seq, format!(
                "entry {seq} disposes of {sha256}, but does not name exactly the clips that have these bytes"
            ));
        }
    }

    fn wrong(&mut self, seq: u64, text: String) {
        self.findings.push(Finding { area: "chain", seq: Some(seq), text });
    }
}
