//! Where a recording was broken off (002/A6-§14), found from the recorder's own names and times. A pure
//! function over the recordings of one step: every finding names the clips that show it.

use super::recording::{Recording, Recordings};
use super::{Limits, Step};
use crate::id::{ClipId, RecorderId};
use crate::time::WallMs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakKind {
    /// A step that must be recorded has no clip (S24).
    Unrecorded,
    /// Nothing was recorded between two clips.
    Gap,
    /// Numbers in the names are missing, and nothing in custody has them.
    MissingNumber,
    /// A recording made meanwhile is in custody and not bound to the step.
    LeftOut,
    /// The file is not whole.
    CutShort,
    /// The recorder's clock jumped: its times contradict each other.
    ClockJump,
    /// The clip has no believable time: whether there was a break cannot be told.
    Untimed,
    /// The recording ends before the step did.
    EndedEarly,
}

impl BreakKind {
    pub const ALL: [BreakKind; 8] = [
        BreakKind::Unrecorded,
        BreakKind::Gap,
        BreakKind::MissingNumber,
        BreakKind::LeftOut,
        BreakKind::CutShort,
        BreakKind::ClockJump,
        BreakKind::Untimed,
        BreakKind::EndedEarly,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            BreakKind::Unrecorded => "unrecorded",
            BreakKind::Gap => "gap",
            BreakKind::MissingNumber => "missing-number",
            BreakKind::LeftOut => "left-out",
            BreakKind::CutShort => "cut-short",
            BreakKind::ClockJump => "clock-jump",
            BreakKind::Untimed => "untimed",
            BreakKind::EndedEarly => "ended-early",
        }
    }

    pub fn parse(text: &str) -> Option<BreakKind> {
        BreakKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One finding with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    pub kind: BreakKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorder: Option<RecorderId>,
    /// The clip before the break, or the clip it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<ClipId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<ClipId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<WallMs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<WallMs>,
    /// Missing numbers, the first 50 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<u32>,
    pub detail: String,
}

impl Break {
    fn new(kind: BreakKind, recorder: Option<&RecorderId>, detail: String) -> Break {
        Break {
            kind,
            recorder: recorder.cloned(),
            before: None,
            after: None,
            since: None,
            until: None,
            numbers: Vec::new(),
            detail,
        }
    }

    fn at(kind: BreakKind, one: &Recording, detail: String) -> Break {
        let found = Break::new(kind, Some(&one.recorder), detail);
        Break { before: Some(one.clip), ..found }
    }

    fn between(kind: BreakKind, (one, next): (&Recording, &Recording), detail: String) -> Break {
        Break { after: Some(next.clip), ..Break::at(kind, one, detail) }
    }
}

/// Numbers that one finding names.
const NAMED: usize = 50;

/// What the recordings of a step show. In parts (002/A6-§13), only whether there is any.
pub fn breaks(step: &Step, recordings: &Recordings, limits: &Limits) -> Vec<Break> {
    let mut found = Vec::new();
    if step.must && recordings.bound.is_empty() {
        let detail = format!("{} must be recorded and has no clip", step.name);
        found.push(Break::new(BreakKind::Unrecorded, None, detail));
    }
    if !step.continuous {
        return found;
    }
    let mut by_recorder: BTreeMap<&RecorderId, Vec<&Recording>> = BTreeMap::new();
    for one in recordings.bound.iter().filter(|one| one.runs()) {
        found.extend(of_one(one, limits));
        by_recorder.entry(&one.recorder).or_default().push(one);
    }
    for run in by_recorder.into_values() {
        found.extend(of_a_run(run, &recordings.left_out, limits));
    }
    found.extend(recordings.left_out.iter().filter(|one| one.runs()).map(|one| {
        let detail = format!("{} was recorded meanwhile and is not bound to the step", one.name);
        Break::at(BreakKind::LeftOut, one, detail)
    }));
    found.extend(ended_early(step, recordings, limits));
    found
}

/// What one clip shows by itself.
fn of_one(one: &Recording, limits: &Limits) -> Vec<Break> {
    let mut found = Vec::new();
    if let Some(state) = &one.cut {
        found.push(Break::at(BreakKind::CutShort, one, format!("{} is {state}", one.name)));
    }
    if one.start().is_none() || one.end().is_none() {
        let detail = format!(
            "when {} was recorded cannot be told: by its name, its file time and its length",
            one.name
        );
        found.push(Break::at(BreakKind::Untimed, one, detail));
    }
    if let (Some(by_name), Some(by_file)) =
        (one.named.zip(one.length_ms).map(|(at, length)| at.plus_ms(length)), one.recorded)
    {
        let differ = by_file.0 - by_name.0;
        // A file that was cut short ends before its promised length.
        if differ.abs() > limits.clock_step_ms && one.cut.is_none() {
            let detail = format!(
                "{}: name and length say it ended {} from what its file time says",
                one.name,
                seconds(differ)
            );
            let found_here = Break::at(BreakKind::ClockJump, one, detail);
            found.push(Break { since: Some(by_name), until: Some(by_file), ..found_here });
        }
    }
    found
}

/// What the clips of one recorder show, one after the other.
fn of_a_run(mut run: Vec<&Recording>, others: &[Recording], limits: &Limits) -> Vec<Break> {
    run.retain(|one| one.start().is_some() && one.end().is_some());
    run.sort_by_key(|one| (one.start(), one.end(), one.clip));
    let mut found = Vec::new();
    // The clip that reaches furthest so far: a short one inside a long one breaks nothing.
    let Some(mut last) = run.first().copied() else { return found };
    for (one, next) in run.iter().zip(run.iter().skip(1)) {
        found.extend(silence(last, next, limits));
        found.extend(overlap(last, next, limits));
        found.extend(numbers(one, next, others));
        if next.end() > last.end() {
            last = next;
        }
    }
    found
}

fn silence(last: &Recording, next: &Recording, limits: &Limits) -> Option<Break> {
    let (end, start) = (last.end()?, next.start()?);
    let gap = start.0 - end.0;
    (gap > limits.gap_ms).then(|| {
        let detail = format!(
            "nothing was recorded for {} between {} and {}",
            seconds(gap),
            last.name,
            next.name
        );
        let found = Break::between(BreakKind::Gap, (last, next), detail);
        Break { since: Some(end), until: Some(start), ..found }
    })
}

/// One recorder cannot record the same kind of thing twice at once.
fn overlap(last: &Recording, next: &Recording, limits: &Limits) -> Option<Break> {
    let (end, start) = (last.end()?, next.start()?);
    let over = end.0 - start.0;
    (last.media == next.media && over > limits.clock_step_ms).then(|| {
        let detail = format!(
            "{} begins {} before {} ends: the recorder's clock was set back",
            next.name,
            seconds(over),
            last.name
        );
        let found = Break::between(BreakKind::ClockJump, (last, next), detail);
        Break { since: Some(start), until: Some(end), ..found }
    })
}

/// Numbers in names run on by one; what has a missing number may be in custody as a photo, or left out.
fn numbers(one: &Recording, next: &Recording, others: &[Recording]) -> Option<Break> {
    let ((shape, a), (same, b)) = (numbered(&one.name)?, numbered(&next.name)?);
    if shape != same || a == b {
        return None;
    }
    if b < a {
        // A counter begins again at 0 or 1; anything else is out of order.
        return (b > 1).then(|| {
            let detail =
                format!("{} comes after {} by time and before it by number", next.name, one.name);
            Break::between(BreakKind::ClockJump, (one, next), detail)
        });
    }
    let has = |n: u32| {
        let is_it =
            |name: &str| numbered(name).is_some_and(|(s, number)| s == shape && number == n);
        others.iter().any(|other| other.recorder == one.recorder && is_it(&other.name))
    };
    let missing = || (a + 1..b).filter(|n| !has(*n));
    let count = missing().count();
    (count > 0).then(|| {
        let (numbers, them) =
            if count == 1 { ("number is", "it") } else { ("numbers are", "them") };
        let detail = format!(
            "{count} {numbers} missing between {} and {}; nothing in custody has {them}",
            one.name, next.name
        );
        let found = Break::between(BreakKind::MissingNumber, (one, next), detail);
        Break { numbers: missing().take(NAMED).collect(), ..found }
    })
}

/// The running number in a file name: its last group of digits, if that has one to five; with the name's
/// shape, in which all digits are alike. Longer groups are dates, times and numbers of devices.
fn numbered(name: &str) -> Option<(String, u32)> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = stem.strip_suffix("_IMP").unwrap_or(stem);
    let end = stem.rfind(|c: char| c.is_ascii_digit())? + 1;
    let digits = stem[..end].bytes().rev().take_while(u8::is_ascii_digit).count();
    let number = stem[end - digits..end].parse().ok().filter(|_| digits <= 5)?;
    let shape = stem.chars().map(|c| if c.is_ascii_digit() { '0' } else { c });
    Some((shape.collect(), number))
}

/// The last picture is older than the declared end of the step by more than a clock may be wrong.
fn ended_early(step: &Step, recordings: &Recordings, limits: &Limits) -> Option<Break> {
    let ended = step.ended?;
    let timed = recordings.bound.iter().filter(|one| one.runs() && one.end().is_some());
    let last = timed.max_by_key(|one| one.end())?;
    let short = ended.0 - last.end()?.0;
    (short > limits.clock_step_ms).then(|| {
        let detail =
            format!("the recording ends with {}, {} before the step", last.name, seconds(short));
        let found = Break::at(BreakKind::EndedEarly, last, detail);
        Break { since: last.end(), until: Some(ended), ..found }
    })
}

fn seconds(ms: i64) -> String {
    format!("{} s", ms / 1000)
}

#[cfg(test)]
mod tests;
