//! The life of a clip as its page tells it: every hand by name, in words and the station's time; what lies between two hands
//! with its length. And when it was recorded, with the source of each time.

use super::rooms::Scene;
use crate::execute::with_corrected;
use crate::exit::{CliError, Exit};
use sealdock_console::desk::{Fact, Moment};
use sealdock_console::{Lang, show, words as w};
use sealdock_core::actor::ActorRecord;
use sealdock_core::id::ClipId;
use sealdock_core::matter;
use sealdock_core::registry;
use sealdock_core::report::{Gap, custody_of_clip};
use sealdock_core::schema as s;
use sealdock_core::time::WallMs;

/// Name, file time and length of one clip may disagree so far before a page says so; as much as the default policy grants
/// (`matter.clock_step_s`).
const DIFFER_MS: i64 = 60_000;

/// Every entry about the clip, and what is missing.
///
/// # Errors
/// There is no such clip; the record cannot be read.
pub fn moments(scene: &Scene, clip: ClipId) -> Result<Vec<Moment>, CliError> {
    let custody = custody_of_clip(&*scene.view, clip)?
        .ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))?;
    let station = &scene.room.open.station;
    let all = with_corrected(custody.entries.iter().copied(), |seq| station.event(seq))?;
    let mut life = Vec::new();
    for seq in all {
        life.push(hand(scene, seq)?);
    }
    for gap in &custody.gaps {
        // It stands where its entry is; one without an entry is still open and stands at the end.
        let after =
            life.iter().rposition(|m: &Moment| !m.gap && gap.seq.is_some() && m.entry == gap.seq);
        // What lies before a docking is told before it.
        let place = after.map_or(life.len(), |place| place + usize::from(gap.between.is_none()));
        life.insert(place, missing(scene, gap));
    }
    if let Some((at, moment)) = recorded(scene, clip)? {
        let later = |m: &Moment| m.usual || WallMs::parse(&m.utc).is_some_and(|then| then > at);
        let place = life.iter().position(later).unwrap_or(life.len());
        life.insert(place, moment);
    }
    Ok(life)
}

/// When it was recorded, which no entry says by itself; between approval and docking.
fn recorded(scene: &Scene, clip: ClipId) -> Result<Option<(WallMs, Moment)>, CliError> {
    let Some(recording) = recording_of(scene, clip)? else { return Ok(None) };
    let begun = recording.start();
    let Some(end) = recording.end().or(begun) else { return Ok(None) };
    let lasted = begun.map(|begun| show::duration(seconds((begun, end)), scene.lang));
    let moment = Moment {
        entry: None,
        at: scene.zone.civil(begun.unwrap_or(end)),
        utc: String::new(),
        by: recording.recorder.to_string(),
        what: scene.own(w::WAS_RECORDED),
        gap: false,
        length: lasted.unwrap_or_default(),
        usual: false,
    };
    Ok(Some((end, moment)))
}

fn recording_of(scene: &Scene, clip: ClipId) -> Result<Option<matter::Recording>, CliError> {
    let row = registry::by_seq(&*scene.view, &s::CLIP, clip.0)?;
    let read = matter::as_recordings(&*scene.view, scene.zone, row.as_slice())?;
    Ok(read.into_iter().next())
}

fn seconds((from, to): (WallMs, WallMs)) -> u64 {
    u64::try_from((to.0 - from.0) / 1000).unwrap_or_default()
}

fn hand(scene: &Scene, seq: u64) -> Result<Moment, CliError> {
    let station = &scene.room.open.station;
    let entry = station.entry(seq)?;
    let teller = scene.teller();
    let utc = entry.at["wall"].as_str().unwrap_or_default().to_owned();
    let actor: Option<ActorRecord> = serde_json::from_value(entry.actor).ok();
    let by = match actor {
        Some(ActorRecord::Person { id }) => teller.name(&id),
        Some(ActorRecord::Shift { clerk, .. }) => teller.name(&clerk),
        Some(ActorRecord::Operator { .. }) => scene.own(w::BY_OPERATOR),
        Some(ActorRecord::System) | None => scene.own(w::BY_STATION),
    };
    Ok(Moment {
        entry: Some(seq),
        at: scene.civil(&utc),
        utc,
        by,
        what: teller.says(&station.event(seq)?),
        gap: false,
        length: String::new(),
        usual: false,
    })
}

fn missing(scene: &Scene, gap: &Gap) -> Moment {
    let lasted = |between| show::duration(seconds(between), scene.lang);
    Moment {
        entry: gap.seq,
        at: gap.between.map(|(from, _)| scene.zone.civil(from)).unwrap_or_default(),
        utc: String::new(),
        by: String::new(),
        what: match scene.lang {
            Lang::Zh => gap.chinese.clone(),
            Lang::En => scene.teller().in_the_zone(&gap.text),
        },
        gap: true,
        length: gap.between.map(lasted).unwrap_or_default(),
        usual: gap.usual,
    }
}

/// When it was recorded, and by what that is known. The end by the recorder's file time is what counts
/// (`docs/design/custody.md`).
///
/// # Errors
/// The registers cannot be read.
pub fn times(scene: &Scene, clip: ClipId) -> Result<Vec<Fact>, CliError> {
    let Some(row) = registry::by_seq(&*scene.view, &s::CLIP, clip.0)? else {
        return Ok(Vec::new());
    };
    let session = registry::by_seq(&*scene.view, &s::SESSION, row.int("session").unsigned_abs())?;
    let measured = session.is_some_and(|session| session.int_opt("clock_offset_ms").is_some());
    let Some(recording) = recording_of(scene, clip)? else { return Ok(Vec::new()) };
    let told = |at: WallMs, source| format!("{}{}", scene.zone.civil(at), scene.t(source));
    let begin = match (recording.named, recording.start()) {
        (Some(at), _) => told(at, w::FROM_NAME),
        (None, Some(at)) => told(at, w::FROM_LENGTH),
        (None, None) => scene.own(w::NOT_TOLD),
    };
    let source = if measured { w::FROM_FILE_TIME } else { w::FROM_RAW_TIME };
    let end = recording.recorded.map_or_else(|| scene.own(w::NOT_TOLD), |at| told(at, source));
    let mut facts = vec![(w::RECORDED_BEGIN, begin), (w::RECORDED_END, end)];
    if let (Some(ended), Some(by_file)) = (recording.end(), recording.recorded)
        && (ended.0 - by_file.0).abs() >= DIFFER_MS
    {
        let apart = (ended.0 - by_file.0).unsigned_abs() / 1000;
        let apart = show::duration(apart, scene.lang);
        facts.push((w::TIMES_DIFFER, format!("{} {apart}", scene.t(w::TIMES_DIFFER_WHY))));
    }
    Ok(facts)
}
