//! Clips of a step as recordings on one scale of time. A recorder tells when a recording began (the name),
//! when it ended (the file time) and how long it is (media facts); each is a claim, each may be missing, and
//! they need not agree.

use super::{Bound, Step, bound_to};
use crate::id::{ClipId, RecorderId, StepId};
use crate::policy::Policy;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema::{CLIP, SESSION};
use crate::table::{Query, Row};
use crate::time::{HOUR_MS, WallMs, Zone};
use std::collections::BTreeMap;

/// What is known about one clip that matters for gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    pub clip: ClipId,
    /// The recorder it is said to come from.
    pub recorder: RecorderId,
    /// File name, without folders.
    pub name: String,
    /// `video`, `audio`, `photo`, `other`.
    pub media: String,
    /// Begin by the name, corrected by the measured offset.
    pub named: Option<WallMs>,
    /// End by the file time, corrected and believable.
    pub recorded: Option<WallMs>,
    pub length_ms: Option<i64>,
    /// Media facts were read, or it is known that they cannot be.
    pub described: bool,
    /// Why the file is not whole: the state of its media facts.
    pub cut: Option<String>,
}

impl Recording {
    /// Runs in time: has a beginning and an end.
    pub fn runs(&self) -> bool {
        self.media == "video" || self.media == "audio"
    }

    pub fn start(&self) -> Option<WallMs> {
        let back = |end: WallMs| self.length_ms.map(|length| end.plus_ms(-length));
        self.named.or_else(|| self.recorded.and_then(back))
    }

    pub fn end(&self) -> Option<WallMs> {
        let forth = |start: WallMs| self.length_ms.map(|length| start.plus_ms(length));
        self.named.and_then(forth).or(self.recorded)
    }
}

/// The recordings of a step, and those of the same recorders that are not bound to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recordings {
    pub bound: Vec<Recording>,
    /// In custody, made between the first and the last of `bound`, and not bound to this step.
    pub left_out: Vec<Recording>,
}

/// The recordings of a step: its bindings in force, and `more` that are about to be bound.
///
/// # Errors
/// The registers cannot be read.
pub fn recordings(
    registers: &dyn Registers,
    policy: &Policy,
    step: StepId,
    change: &Change,
) -> PortResult<Recordings> {
    let mut clips: Vec<ClipId> = bound_to(registers, step)?
        .iter()
        .map(|Bound { clip, .. }| *clip)
        .filter(|clip| Some(*clip) != change.less)
        .collect();
    clips.extend(&change.more);
    clips.sort_unstable();
    clips.dedup();
    let mut bound = Vec::new();
    for clip in &clips {
        let row = registry::by_seq(registers, &CLIP, clip.0)?
            .ok_or_else(|| registry::damaged("a bound clip has no row"))?;
        bound.push(recording(policy.zone, &row, offset(registers, &row)?)?);
    }
    on_one_scale(&mut bound);
    let left_out = left_out(registers, policy.zone, &bound)?;
    Ok(Recordings { bound, left_out })
}

/// What is about to change in the bindings of a step.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub more: Vec<ClipId>,
    pub less: Option<ClipId>,
}

/// These clips as recordings on one scale of time, in their order.
///
/// # Errors
/// The registers cannot be read, or a row is none of a clip.
pub fn as_recordings(
    registers: &dyn Registers,
    zone: Zone,
    clips: &[Row],
) -> PortResult<Vec<Recording>> {
    let mut all = Vec::new();
    // Hundreds of clips come from one docking.
    let mut offsets: BTreeMap<i64, i64> = BTreeMap::new();
    for row in clips {
        let session = row.int("session");
        let known = offsets.get(&session).copied();
        let offset_ms = known.map_or_else(|| offset(registers, row), Ok)?;
        offsets.insert(session, offset_ms);
        all.push(recording(zone, row, offset_ms)?);
    }
    on_one_scale(&mut all);
    Ok(all)
}

/// By how much the recorder's clock was off when it was docked, milliseconds; nothing where that is not known.
fn offset(registers: &dyn Registers, clip: &Row) -> PortResult<i64> {
    let session = registry::by_seq(registers, &SESSION, clip.int("session").unsigned_abs())?;
    Ok(session.and_then(|row| row.int_opt("clock_offset_ms")).unwrap_or_default())
}

fn recording(zone: Zone, row: &Row, offset: i64) -> PortResult<Recording> {
    let recorder = row.text_opt("recorder").unwrap_or(row.text("recorder_claim"));
    let facts: Option<serde_json::Value> =
        row.text_opt("described").and_then(|text| serde_json::from_str(text).ok());
    let fact = |key: &str| facts.as_ref().and_then(|facts| facts.get(key));
    let cut = match (fact("undescribed"), fact("state").and_then(|s| s.as_str())) {
        (Some(why), _) => Some(format!("undescribed: {}", why.as_str().unwrap_or("no reason"))),
        (None, Some("complete") | None) => None,
        (None, Some(state)) => Some(state.to_owned()),
    };
    let name = row.text("name");
    Ok(Recording {
        clip: ClipId(registry::seq(row)),
        recorder: recorder
            .parse()
            .map_err(|e: crate::id::BadId| registry::damaged(&format!("clip row: {e}")))?,
        name: name.rsplit('/').next().unwrap_or(name).to_owned(),
        media: row.text("media").to_owned(),
        named: row.text_opt("named_time").and_then(|text| civil(text, zone, offset)),
        recorded: row.text_opt("recorded").and_then(WallMs::parse),
        length_ms: fact("duration_ms").and_then(serde_json::Value::as_i64),
        described: facts.is_some(),
        cut,
    })
}

/// Civil time of a recorder in station time.
fn civil(text: &str, zone: Zone, offset_ms: i64) -> Option<WallMs> {
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let utc = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let east = i64::from(zone.east_minutes) * 60_000;
    Some(WallMs(utc.timestamp().as_millisecond()).plus_ms(-east).plus_ms(-offset_ms))
}

const QUARTER_MS: i64 = HOUR_MS / 4;

/// Some recorders name files by another zone than the station's. Where name, length and file time of one
/// recorder disagree by whole quarters of an hour, the name is moved; what is left is a real difference.
fn on_one_scale(recordings: &mut [Recording]) {
    let mut shifts: BTreeMap<RecorderId, i64> = BTreeMap::new();
    for one in recordings.iter() {
        if let (Some(named), Some(length), Some(recorded)) =
            (one.named, one.length_ms, one.recorded)
        {
            let differs = recorded.0 - length - named.0;
            let shift = (differs + QUARTER_MS / 2).div_euclid(QUARTER_MS) * QUARTER_MS;
            shifts.entry(one.recorder.clone()).or_insert(shift);
        }
    }
    for one in recordings {
        let shift = shifts.get(&one.recorder).copied().unwrap_or_default();
        one.named = one.named.map(|named| named.plus_ms(shift));
    }
}

/// Other recordings of the same recorders, made while this step was recorded.
fn left_out(
    registers: &dyn Registers,
    zone: Zone,
    bound: &[Recording],
) -> PortResult<Vec<Recording>> {
    let mut spans: BTreeMap<&RecorderId, (WallMs, WallMs)> = BTreeMap::new();
    for one in bound.iter().filter(|one| one.runs()) {
        let (Some(start), Some(end)) = (one.start(), one.end()) else { continue };
        let span = spans.entry(&one.recorder).or_insert((start, end));
        *span = (span.0.min(start), span.1.max(end));
    }
    let mut others = Vec::new();
    for (recorder, (first, last)) in spans {
        for row in registers.select(&Query::all(&CLIP).with("recorder", recorder.as_str()))? {
            let clip = ClipId(registry::seq(&row));
            let recorded = row.text_opt("recorded").and_then(WallMs::parse);
            let within = recorded.is_some_and(|at| at >= first && at <= last);
            if within && !bound.iter().any(|one| one.clip == clip) {
                others.push(recording(zone, &row, offset(registers, &row)?)?);
            }
        }
    }
    Ok(others)
}

impl Step {
    /// Clips that run in time and whose facts are not read yet: nothing can be said about gaps before.
    pub fn not_described(recordings: &Recordings) -> Option<ClipId> {
        recordings.bound.iter().find(|one| one.runs() && !one.described).map(|one| one.clip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(named: Option<&str>, recorded: Option<&str>, length_ms: Option<i64>) -> Recording {
        let at = |text: &str| WallMs::parse(text).unwrap();
        Recording {
            clip: ClipId(1),
            recorder: "R1".parse().unwrap(),
            name: "a.mp4".into(),
            media: "video".into(),
            named: named.map(at),
            recorded: recorded.map(at),
            length_ms,
            described: true,
            cut: None,
        }
    }

    #[test]
    fn begin_and_end_come_from_what_is_known() {
        let start = |r: &Recording| r.start().map(WallMs::rfc3339);
        let end = |r: &Recording| r.end().map(WallMs::rfc3339);
        let (eight, nine) = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z");
        let known = |text: &str| Some(text.replace('Z', ".000Z"));
        let both = one(Some(eight), Some(nine), Some(600_000));
        assert_eq!((start(&both), end(&both)), (known(eight), known("2026-03-02T08:10:00Z")));
        let only_end = one(None, Some(nine), Some(600_000));
        assert_eq!(
            (start(&only_end), end(&only_end)),
            (known("2026-03-02T08:50:00Z"), known(nine))
        );
        let no_length = one(Some(eight), Some(nine), None);
        assert_eq!((start(&no_length), end(&no_length)), (known(eight), known(nine)));
        let nothing = one(None, Some(nine), None);
        assert_eq!((start(&nothing), end(&nothing)), (None, known(nine)));
    }

    #[test]
    fn a_name_in_another_zone_is_moved_by_quarters_and_no_further() {
        let mut clips = vec![
            one(Some("2026-03-02T00:00:00Z"), Some("2026-03-02T08:10:03Z"), Some(600_000)),
            one(Some("2026-03-02T00:20:00Z"), None, Some(600_000)),
        ];
        on_one_scale(&mut clips);
        let named: Vec<String> = clips.iter().map(|c| c.named.unwrap().rfc3339()).collect();
        assert_eq!(named, ["2026-03-02T08:00:00.000Z", "2026-03-02T08:20:00.000Z"]);
        let mut near =
            vec![one(Some("2026-03-02T08:00:00Z"), Some("2026-03-02T08:15:00Z"), Some(600_000))];
        on_one_scale(&mut near);
        assert_eq!(
            near[0].named.unwrap().rfc3339(),
            "2026-03-02T08:00:00.000Z",
            "five minutes are real"
        );
    }

    #[test]
    fn civil_names_become_station_time() {
        let zone = Zone::parse("+08:00").unwrap();
        let at = civil("2017-07-30T10:09:47", zone, 5_000).unwrap();
        assert_eq!(at.rfc3339(), "2017-07-30T02:09:42.000Z", "five seconds ahead");
        assert_eq!(civil("2017-13-30T10:09:47", zone, 0), None);
    }
}
