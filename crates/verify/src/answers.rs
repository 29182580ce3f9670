//! The six answers, each from its own source only: integrity from the entries, authenticity from keys and
//! signatures, completeness from the listings, time from pins, custody from proven entries.

use crate::clip::{self, Bytes, Clip};
use crate::entries::Shown;
use crate::event::{Cause, KeyKind, Said};
use crate::excerpt::Excerpt;
use crate::keys::{Epoch, Epochs};
use crate::listing::recorders;
use crate::pins;
use crate::report::{Answers, Fact};
use crate::stamps::Stamped;
use crate::verdict::{Case, Options};
use crate::witnesses::{Cosigned, utc};
use sealdock_excerpt::{RULE, Range};
use serde_json::Value;

/// Names of left-out files beyond this number are counted only.
const NAMES_MAX: usize = 1000;

/// All six.
pub fn all(case: &Case, options: Options) -> Answers {
    Answers {
        integrity: case
            .clips
            .iter()
            .filter(|clip| !clip.parted)
            .flat_map(integrity)
            .chain(case.excerpts.iter().map(derived))
            .chain(digests(case, options))
            .collect(),
        authenticity: authenticity(case),
        completeness: completeness(case),
        time: time(case),
        custody: case.entries.values().chain(&case.handover.shown).map(custody).collect(),
        not_proven: not_proven(case),
    }
}

fn integrity(clip: &Clip) -> Vec<Fact> {
    let named = |fact| {
        let name = clip.name.as_deref().unwrap_or("–");
        Fact::new(fact).with("clip", format!("C{}", clip.number)).with("name", name)
    };
    let Some(stored) = &clip.stored else { return vec![named("clip-unheld")] };
    let sized = |fact| {
        named(fact)
            .with("bytes", stored.size)
            .with("pieces", stored.size.div_ceil(sealdock_chain::CHUNK_BYTES as u64))
            .with("entry", clip.number)
    };
    let digest = stored.sha256.to_string();
    match &clip.bytes {
        Bytes::Unheld => vec![named("clip-unheld")],
        Bytes::Whole(_) if !clip.proven => vec![sized("clip-whole-unproven")],
        Bytes::Whole(None) => {
            vec![sized("clip-whole"), digest_fact("clip-digest-said", clip, digest)]
        }
        Bytes::Whole(Some(computed)) if *computed == stored.sha256 => {
            vec![sized("clip-whole"), digest_fact("clip-digest-computed", clip, digest)]
        }
        Bytes::Whole(Some(computed)) => {
            vec![sized("clip-whole"), digest_fact("clip-digest-other", clip, computed.to_string())]
        }
        Bytes::Broken { pieces } if pieces.is_empty() => vec![sized("clip-broken")],
        Bytes::Broken { pieces } => {
            let places: Vec<Value> =
                clip::places(pieces, stored.size).into_iter().map(Value::String).collect();
            vec![sized("clip-damaged-at").with("damaged", places)]
        }
    }
}

/// What an excerpt is seen to be.
fn derived(excerpt: &Excerpt) -> Fact {
    let named = |fact| {
        Fact::new(fact)
            .with("name", excerpt.name.as_str())
            .with("clip", format!("C{}", excerpt.clip))
            .with("asked", seconds(excerpt.asked))
    };
    match &excerpt.shown {
        None => named("excerpt-unproven"),
        Some(shown) => named("excerpt")
            .with("shown", seconds(shown.range))
            .with("rule", RULE)
            .with("pieces", shown.pieces)
            .with("all", shown.all)
            .with("first", shown.ends[0])
            .with("last", shown.ends[1])
            .with("entry", excerpt.clip),
    }
}

/// `60.000–90.500`
fn seconds(Range { from_ms, to_ms }: Range) -> String {
    let text = |ms: u64| format!("{}.{:03}", ms / 1000, ms % 1000);
    format!("{}–{}", text(from_ms), text(to_ms))
}

fn digest_fact(fact: &'static str, clip: &Clip, sha256: String) -> Fact {
    Fact::new(fact).with("clip", format!("C{}", clip.number)).with("sha256", sha256)
}

/// Which digests were computed, said in words.
fn digests(case: &Case, options: Options) -> Option<Fact> {
    let is_any_whole = case.clips.iter().any(|clip| !clip.parted);
    (!options.whole && (is_any_whole || case.excerpts.is_empty()))
        .then(|| Fact::new("digests-not-computed"))
}

fn authenticity(case: &Case) -> Vec<Fact> {
    let Some(signed) = &case.head.signed else { return vec![Fact::new("no-head")] };
    let head = signed.note.checkpoint();
    let mut facts = vec![
        Fact::new("head")
            .with("origin", head.origin.as_str())
            .with("size", head.size)
            .with("root", head.root.to_string()),
    ];
    let whose = match (case.trusted, case.head.brought) {
        (true, true) => "key-brought",
        (true, false) => "key-rotated",
        (false, _) => "key-of-folder",
    };
    facts.push(Fact::new(whose).with("vkey", signed.key.to_string()));
    let Some(history) = &case.history else { return facts };
    facts.push(Fact::new("unit").with("unit", history.founded.unit.as_str()));
    facts.extend(history.log.ended().filter_map(|(_, next)| replaced(KeyKind::Log, next)));
    for epoch in history.evidence.iter() {
        let signed = |clip: &&Clip| history.evidence.for_entry(clip.number) == epoch;
        let clips: Vec<Value> = case.clips.iter().filter(signed).map(number).collect();
        facts.push(
            Fact::new("evidence-key")
                .with("epoch", epoch.number)
                .with("public", sealdock_chain::Digest(epoch.public).to_string())
                .with("clips", clips),
        );
    }
    facts
        .extend(history.evidence.ended().filter_map(|(_, next)| replaced(KeyKind::Evidence, next)));
    facts.extend(stolen(case).map(|(epoch, clips)| {
        Fact::new("stolen-clips").with("epoch", epoch.number).with("clips", clips)
    }));
    facts
}

/// That an epoch began without a rotation.
fn replaced(key: KeyKind, epoch: &Epoch) -> Option<Fact> {
    let fact = Fact::new(match (epoch.cause?, epoch.led) {
        (Cause::Lost, _) => "key-lost",
        (Cause::Stolen, _) => "key-stolen",
        (Cause::Restored, true) => "key-restored-signed",
        (Cause::Restored, false) => "key-restored",
    });
    let fact =
        fact.with("key", key.as_str()).with("entry", epoch.since).with("epoch", epoch.number);
    Some(match epoch.cause {
        Some(Cause::Stolen) => fact.with("since", epoch.stolen.as_deref().unwrap_or("–")),
        _ => fact,
    })
}

/// Clips whose signature may be somebody else's: by a key that was stolen, from then on, by the station's clock.
fn stolen(case: &Case) -> impl Iterator<Item = (&Epoch, Vec<Value>)> {
    let evidence = case.history.as_ref().map(|history| &history.evidence);
    let ended = evidence.into_iter().flat_map(Epochs::ended);
    let stolen = ended.filter(|(_, next)| next.cause == Some(Cause::Stolen));
    let named = stolen.map(move |(epoch, next)| {
        let since = next.stolen.as_deref().and_then(second);
        let after = |clip: &&Clip| {
            let of_it = evidence.is_some_and(|keys| keys.for_entry(clip.number) == epoch);
            let wall = case.entries.get(&clip.number).and_then(|shown| second(wall(shown)));
            of_it && since.is_none_or(|since| wall.is_none_or(|wall| wall >= since))
        };
        (epoch, case.clips.iter().filter(after).map(number).collect::<Vec<_>>())
    });
    named.filter(|(_, clips)| !clips.is_empty())
}

/// To the second: all times in entries are written alike, in UTC.
fn second(at: &str) -> Option<&str> {
    at.get(..19).filter(|at| at.is_ascii())
}

fn number(clip: &Clip) -> Value {
    Value::String(format!("C{}", clip.number))
}

fn completeness(case: &Case) -> Vec<Fact> {
    let size = |signed: &crate::entries::Signed| signed.note.checkpoint().size;
    let mut facts = vec![
        Fact::new("heads")
            .with("first", case.head.signed.as_ref().map(size))
            .with("later", case.handover.later.as_ref().map(size))
            .with("entries", case.entries.len()),
    ];
    let parted: Vec<Value> = case.clips.iter().filter(|clip| clip.parted).map(number).collect();
    if !parted.is_empty() {
        facts.push(Fact::new("excerpts-alone").with("clips", parted));
    }
    let recorders = recorders(&case.entries);
    for listed in &case.listings {
        let recorder = recorders.get(&listed.signed.session).copied().unwrap_or("–");
        let left = listed.left_out(&case.clips);
        let fact = |name| Fact::new(name).with("session", format!("S{}", listed.signed.session));
        facts.push(
            fact("listing")
                .with("recorder", recorder)
                .with("lines", listed.signed.lines)
                .with("files", listed.signed.files)
                .with("here", listed.signed.files.saturating_sub(left.len() as u64))
                .with("entry", listed.seq),
        );
        if listed.lines.is_none() {
            facts.push(fact("listing-unread"));
        } else if !left.is_empty() {
            let names: Vec<Value> =
                left.iter().take(NAMES_MAX).map(|name| Value::String(name.clone())).collect();
            facts.push(fact("listing-left").with("count", left.len()).with("names", names));
        }
    }
    facts.extend(not_closed(case));
    facts.extend(case.entries.values().flat_map(restored));
    facts.push(Fact::new("more-entries"));
    facts
}

/// What the record says it lost.
fn restored(shown: &Shown) -> Option<Fact> {
    let Said::Restored(restored) = &shown.said else { return None };
    let fact = |name| Fact::new(name).with("entry", shown.entry.seq).with("size", restored.size);
    Some(match restored.lost {
        None => fact("restored"),
        Some(lost) => fact("restored-lost").with("first", lost.first).with("last", lost.last),
    })
}

/// Sessions whose closing word is not shown: perhaps they went on.
fn not_closed(case: &Case) -> Vec<Fact> {
    let closed = |session: u64| {
        let says = |shown: &Shown| matches!(&shown.said, Said::SessionClosed(closed) if closed.session == session);
        case.entries.values().any(says)
    };
    let open = case.listings.iter().filter(|listed| !closed(listed.signed.session));
    open.map(|listed| {
        Fact::new("session-open").with("session", format!("S{}", listed.signed.session))
    })
    .collect()
}

fn time(case: &Case) -> Vec<Fact> {
    let mut facts = Vec::new();
    for clip in &case.clips {
        let Some(shown) = case.entries.get(&clip.number) else { continue };
        facts.push(
            Fact::new("clock-claim")
                .with("clip", format!("C{}", clip.number))
                .with("entry", clip.number)
                .with("at", wall(shown)),
        );
    }
    for pin in &case.pins {
        let covered = case.clips.iter().filter(|clip| clip.number < pin.head.size);
        let covered: Vec<Value> = covered.map(number).collect();
        let name = if pin.linked { "pin" } else { "pin-loose" };
        facts.push(
            Fact::new(name)
                .with("about", pin.about.as_str())
                .with("size", pin.head.size)
                .with("clips", covered),
        );
    }
    facts.extend(case.stamps.iter().flat_map(|stamped| stamp(case, stamped)));
    facts.extend(case.cosigned.iter().flat_map(|cosigned| witnessed(case, cosigned)));
    let stamped = case.stamps.iter().any(|stamped| stamped.shown.is_some());
    let witnessed = case.cosigned.iter().any(|cosigned| cosigned.shown.is_some());
    match pins::reach(&case.pins) {
        0 if stamped || witnessed => {}
        0 => facts.push(Fact::new("time-open")),
        reach => facts.push(Fact::new("time-anchored").with("size", reach)),
    }
    if stamped {
        facts.push(Fact::new("stamp-limits"));
    }
    if witnessed {
        facts.push(Fact::new("cosigned-limits"));
    }
    facts
}

/// What a time-stamp says, and which clocks it contradicts.
fn stamp(case: &Case, stamped: &Stamped) -> Vec<Fact> {
    let below = case.clips.iter().filter(|clip| clip.number < stamped.size);
    let clips: Vec<Value> = below.map(number).collect();
    let Some(shown) = &stamped.shown else {
        return vec![Fact::new("stamp-there").with("size", stamped.size).with("clips", clips)];
    };
    let fact = Fact::new("stamp")
        .with("size", stamped.size)
        .with("clips", clips)
        .with("at", shown.at.as_str())
        .with("accuracy", shown.accuracy.clone())
        .with("name", shown.name.as_str())
        .with("serial", shown.serial.as_str());
    std::iter::once(fact).chain(ahead(case, stamped.size, &shown.at)).collect()
}

/// What witnesses say of a head.
fn witnessed(case: &Case, cosigned: &Cosigned) -> Vec<Fact> {
    let below = case.clips.iter().filter(|clip| clip.number < cosigned.size);
    let clips: Vec<Value> = below.map(number).collect();
    let Some(shown) = &cosigned.shown else {
        return vec![Fact::new("cosigned-there").with("size", cosigned.size).with("clips", clips)];
    };
    let by = shown.by.iter().map(|(name, at)| Value::String(format!("{name} {}", utc(*at))));
    let fact = Fact::new("cosigned")
        .with("size", cosigned.size)
        .with("clips", clips)
        .with("at", utc(shown.at))
        .with("witnesses", by.collect::<Vec<Value>>());
    std::iter::once(fact).chain(ahead(case, cosigned.size, &utc(shown.at))).collect()
}

/// Clips that lie below a head of `size` entries, and whose clock claims a time after the one proven for it.
fn ahead(case: &Case, size: u64, proven: &str) -> Vec<Fact> {
    let Some(limit) = second(proven).filter(|_| proven.contains('T')) else { return Vec::new() };
    let below = case.clips.iter().filter(|clip| clip.number < size);
    let claims = below.filter_map(|clip| {
        let wall = wall(case.entries.get(&clip.number)?);
        (second(wall)? > limit).then(|| {
            Fact::new("clock-ahead")
                .with("clip", format!("C{}", clip.number))
                .with("at", wall)
                .with("stamp", proven)
        })
    });
    claims.collect()
}

fn custody(shown: &Shown) -> Fact {
    let kind = shown.entry.event.get("type").and_then(Value::as_str).unwrap_or("–");
    Fact::new(if shown.proven { "entry" } else { "entry-unproven" })
        .with("seq", shown.entry.seq)
        .with("at", wall(shown))
        .with("actor", actor(&shown.entry.actor))
        .with("type", kind)
}

/// What the station's wall clock said: a claim.
fn wall(shown: &Shown) -> &str {
    shown.entry.at.get("wall").and_then(Value::as_str).unwrap_or("–")
}

/// `person P12`, `shift H3 (clerk P4)`, `operator 1000`, `system`
fn actor(actor: &Value) -> String {
    let text = |key: &str| match actor.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "–".to_owned(),
    };
    match text("kind").as_str() {
        "person" => format!("person {}", text("id")),
        "shift" => format!("shift {} (clerk {})", text("shift"), text("clerk")),
        "operator" => format!("operator {}", text("uid")),
        other => other.to_owned(),
    }
}

fn not_proven(case: &Case) -> Vec<Fact> {
    let sentences =
        ["before-docking", "never-docked", "content", "other-viewings", "station-clock", "own-key"];
    let stolen = stolen(case).map(|(_, clips)| Fact::new("stolen-signatures").with("clips", clips));
    let derived = match case.excerpts.is_empty() {
        true => vec![],
        false => vec![Fact::new("excerpt-limits"), Fact::new("excerpt-master")],
    };
    sentences.into_iter().map(Fact::new).chain(derived).chain(stolen).collect()
}
