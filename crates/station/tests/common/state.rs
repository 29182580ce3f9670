//! What a test compares: custody, card, wipes; and the one sentence that must hold at every moment.

use super::Bench;
use sealdock_chain::digest::Digest;
use sealdock_core::schema as s;
use sealdock_testkit::{SimCard, VaultDisk};
use std::collections::{BTreeMap, BTreeSet};

/// Raw name → bytes of everything that was ever on a card.
pub type Originals = BTreeMap<Vec<u8>, Vec<u8>>;

pub fn originals(card: &SimCard) -> Originals {
    card.files().into_iter().map(|(name, file)| (name, file.bytes)).collect()
}

/// Where a station came to rest, as far as it may not depend on how it got there.
#[derive(Debug, PartialEq, Eq)]
pub struct Rest {
    /// Recorder claim, raw name, size, SHA-256 of every clip in custody; a clip taken twice shows twice.
    pub clips: Vec<(String, String, i64, String)>,
    /// What is on the card.
    pub card: Originals,
    /// Raw names that a settled wipe says are gone.
    pub wiped: BTreeSet<String>,
    /// Wipes that nobody saw the end of.
    pub unsettled: usize,
    /// Clips that no line of any listing accounts for.
    pub unsighted: Vec<i64>,
    /// Digests in vault and mirror whose bytes are what their name says.
    pub vault: BTreeSet<Digest>,
    pub mirror: BTreeSet<Digest>,
    pub open_sessions: usize,
    pub open_asides: usize,
}

pub fn rest(bench: &Bench) -> Rest {
    let (clips, sightings) = (bench.rows(&s::CLIP), bench.rows(&s::SIGHTING));
    let wipes = bench.rows(&s::WIPE);
    let sighted: BTreeSet<i64> = sightings.iter().map(|row| row.int("clip")).collect();
    let open = |table| bench.rows(table).iter().filter(|r| r.text("state") == "open").count();
    let mut rows: Vec<_> = clips
        .iter()
        .map(|r| {
            let text = |column| r.text(column).to_owned();
            (text("recorder_claim"), text("raw"), r.int("size"), text("sha256"))
        })
        .collect();
    rows.sort();
    Rest {
        clips: rows,
        card: originals(&bench.card),
        wiped: wipes
            .iter()
            .filter(|r| r.text("state") == "wiped")
            .map(|r| r.text("raw").to_owned())
            .collect(),
        unsettled: wipes
            .iter()
            .filter(|r| matches!(r.text("state"), "intended" | "unknown"))
            .count(),
        unsighted: clips
            .iter()
            .map(|r| r.int("seq"))
            .filter(|seq| !sighted.contains(seq))
            .collect(),
        vault: sound(&bench.world.vault),
        mirror: sound(&bench.world.mirror),
        open_sessions: open(&s::SESSION),
        open_asides: open(&s::ASIDE),
    }
}

/// Kept files whose bytes on the medium are what their name says.
pub fn sound(disk: &VaultDisk) -> BTreeSet<Digest> {
    disk.kept().into_iter().filter(|(d, bytes)| Digest::of(bytes) == *d).map(|(d, _)| d).collect()
}

/// Nothing that ever was on the card is absent from both card and vault; compared byte for byte.
pub fn assert_nothing_lost(bench: &Bench, originals: &Originals, when: &str) {
    let kept = bench.world.vault.kept();
    for (name, bytes) in originals {
        let on_card = bench.card.bytes(name).as_ref() == Some(bytes);
        let in_vault = kept.get(&Digest::of(bytes)) == Some(bytes);
        let name = String::from_utf8_lossy(name);
        assert!(on_card || in_vault, "{when}: {name} is neither on the card nor in the vault");
    }
}

/// What left the card is in the chain: a custody entry with its very bytes, and an intent to wipe it
/// that came after that entry (I1, I2).
pub fn assert_wipes_were_earned(bench: &Bench, originals: &Originals, when: &str) {
    let events = bench.world.ledger.events();
    for (name, bytes) in originals {
        if bench.card.bytes(name).as_ref() == Some(bytes) {
            continue;
        }
        let (raw, sha) = (sealdock_core::naming::hex(name), Digest::of(bytes));
        let at =
            |found: &dyn Fn(&sealdock_core::event::Event) -> bool| events.iter().position(found);
        use sealdock_core::event::Event::{ClipStored, WipeIntended};
        let stored = at(&|e| matches!(e, ClipStored(c) if c.raw == raw && c.sha256 == sha));
        let intent = at(&|e| matches!(e, WipeIntended(w) if w.raw == raw && w.sha256 == sha));
        let name = String::from_utf8_lossy(name);
        assert!(stored.is_some(), "{when}: {name} left the card without a custody entry");
        assert!(intent > stored, "{when}: {name} left the card without an intent after custody");
    }
}
