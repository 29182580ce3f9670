//! The steps, in order. Each looks at what it can and says what is wrong; none stops the others, so that one
//! fault does not hide the next.

use crate::anchors;
use crate::answers;
use crate::clip::{self, Clip};
use crate::code::Word;
use crate::entries::{self, Entries};
use crate::excerpt::{self, Excerpt};
use crate::folder::Folder;
use crate::handover::{self, Handover};
use crate::head::{self, Head};
use crate::keys::History;
use crate::listing;
use crate::pins::{self, Held};
use crate::report::{Findings, Report};
use crate::stamps::{self, Stamped};
use crate::tags::Tags;
use crate::trust::{Refused, Trust};
use crate::witnesses::{self, Cosigned};
use crate::{bag, listing::Listed};
use sealdock_chain::note::VerifierKey;
use std::sync::atomic::{AtomicU64, Ordering};

/// How to look, without influence on the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Threads that hash; 0 counts as 1.
    pub workers: usize,
    /// Compute the SHA-256 of every whole clip besides its chunk tree.
    pub whole: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { workers: 1, whole: false }
    }
}

/// All that was read, for the answers.
pub(crate) struct Case {
    pub head: Head,
    pub history: Option<History>,
    pub entries: Entries,
    pub handover: Handover,
    pub listings: Vec<Listed>,
    pub clips: Vec<Clip>,
    pub excerpts: Vec<Excerpt>,
    pub pins: Vec<Held>,
    pub stamps: Vec<Stamped>,
    pub cosigned: Vec<Cosigned>,
    pub trusted: bool,
}

/// Judges a folder. `progress` is told the bytes of clips that were hashed, and of how many.
///
/// # Errors
/// The folder cannot be read, or a pin is no head of this record; then nothing is judged.
pub fn verify(
    folder: &dyn Folder,
    trust: &Trust,
    options: Options,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, Refused> {
    let mut found = Findings::default();
    let tags = Tags::load(folder, &mut found)?;
    let bag = bag::read(&tags, &folder.called(), &mut found);
    let head = head::open(&tags, trust, &mut found);
    let entries = entries::read(&tags, head.signed.as_ref(), &mut found);
    let history = History::read(&tags, &entries, &mut found);
    if let Some(history) = &history {
        history.signers(&tags, &mut found);
    }
    let trusted = head.trusted(trust, history.as_ref(), &mut found);
    let around =
        handover::Around { tags: &tags, head: &head, history: history.as_ref(), entries: &entries };
    let handover = handover::read(&around, &mut found);
    entries::links(entries.values().chain(&handover.shown), &mut found);
    pins::anchors(&tags, head.signed.as_ref(), &mut found);
    let heads = pins::Heads {
        tags: &tags,
        first: head.signed.as_ref(),
        handover: &handover,
        history: history.as_ref(),
    };
    stamps::require_heads(&tags, &mut found);
    let around = anchors::Around { head: &head, history: history.as_ref(), heads: &heads, trust };
    let stamps = stamps::read(&around, &mut found);
    let cosigned = witnesses::read(&around, &mut found);
    let (keys, sure) = pin_keys(trust, (&head, trusted), history.as_ref());
    let pins = pins::hold(&trust.pins, (keys.as_slice(), sure), &heads, &mut found)?;
    let around = clip::Around {
        folder,
        tags: &tags,
        bag: &bag,
        entries: &entries,
        handover: &handover,
        history: history.as_ref(),
    };
    let mut clips = clip::all(&around, &mut found);
    let stored = clips.iter().filter(|clip| clip.stored.is_some()).map(|clip| clip.number);
    bag::require_for_clips(&tags, &stored.collect(), &mut found);
    let listings = listing::read(&tags, &entries, &mut found);
    listing::docking(&clips, (&tags, &entries), &listings, &mut found);
    read_bytes(&mut clips, (&around, options), progress, &mut found);
    let excerpts = excerpt::all(&around, &clips, &mut found);
    let case = Case {
        head,
        history,
        entries,
        handover,
        listings,
        clips,
        excerpts,
        pins,
        stamps,
        cosigned,
        trusted,
    };
    let word = word(&case, &found);
    let answers = answers::all(&case, options);
    Ok(Report { word, findings: found.sorted(), answers })
}

fn read_bytes(
    clips: &mut [Clip],
    (around, options): (&clip::Around, Options),
    progress: &(dyn Fn(u64, u64) + Sync),
    found: &mut Findings,
) {
    let total = clips.iter().filter(|clip| !clip.parted).filter_map(|clip| clip.stored.as_ref());
    let total = total.fold(0u64, |sum, stored| sum.saturating_add(stored.size));
    let done = AtomicU64::new(0);
    let tick =
        |bytes| progress(done.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes), total);
    let workers = options.workers.max(1);
    let reading = clip::Reading { workers, whole: options.whole, tick: &tick };
    clip::bytes(clips, around, reading, found);
}

/// Keys that a pin may be signed by, and whether these are all: the reader's own, and every epoch of the
/// record once its head is the station's. Without a key of the reader's, those that the folder claims.
fn pin_keys(
    trust: &Trust,
    (head, trusted): (&Head, bool),
    history: Option<&History>,
) -> (Vec<VerifierKey>, bool) {
    let mut keys = trust.keys.clone();
    if keys.is_empty() {
        keys = handover::folder_keys(head);
    }
    // A folder of another key is TAMPERED already; that must not become a complaint about the pin.
    let believed = trusted || trust.keys.is_empty();
    let sound = history.filter(|history| history.sound && believed);
    if let Some(history) = sound {
        keys.extend(history.log.iter().filter_map(|epoch| history.verifier(epoch)));
    }
    let sure = !keys.is_empty() && sound.is_some();
    (keys, sure)
}

/// The worst that is true.
fn word(case: &Case, found: &Findings) -> Word {
    let reach = pins::reach(&case.pins).max(witnesses::reach(&case.cosigned));
    let anchored = case.clips.iter().all(|clip| clip.number < reach);
    let best = match (case.shown(), case.trusted, anchored) {
        (false, ..) => Word::Incomplete,
        (true, false, _) => Word::Untrusted,
        (true, true, false) => Word::Unanchored,
        (true, true, true) => Word::Anchored,
    };
    found.worst().map_or(best, |worst| worst.min(best))
}

impl Case {
    /// Everything that a good word rests on was seen to hold. Each has a code of its own where it does not;
    /// a good word never rests on the absence of findings alone.
    fn shown(&self) -> bool {
        // Of a clip that is there in part, every part that the copy names; that one is named makes it one.
        let clip = |clip: &Clip| {
            clip.proven && (clip.parted || matches!(clip.bytes, clip::Bytes::Whole(_)))
        };
        self.head.signed.is_some()
            && self.history.as_ref().is_some_and(|history| history.sound)
            && self.entries.values().all(|shown| shown.proven)
            && self.handover.grown
            && self.handover.shown.as_ref().is_some_and(|shown| shown.proven)
            && self.handover.copy().is_some()
            && !self.clips.is_empty()
            && self.clips.iter().all(clip)
            && self.excerpts.iter().all(|excerpt| excerpt.shown.is_some())
            && self.listings.iter().all(|listed| listed.lines.is_some())
    }
}
