//! Answers of people: why a recording was broken off, what the department head says to it, and marks.

use super::super::{
    Bound, ClipMarked, Event, InterruptionExplained, InterruptionNoted, bound_to, interruption,
};
use super::{allowed, clip_named};
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::id::{ClipId, InterruptionId};
use crate::why;
use crate::why::spoken;

/// The objective cause (002/A6-§14). Said aloud in a clip of the step, or in writing only.
pub fn explain(scene: &Scene, e: InterruptionExplained) -> Decided {
    let id = e.interruption;
    let Some(row) = interruption(scene.registers, id)? else {
        return no(why!(
            "M01",
            "没有中断 {id:#}；请在案件页核对编号。",
            "there is no interruption {id}; see `sealdock interruption list`"
        ));
    };
    if !row.unanswered() {
        return no(why!(
            "M02",
            "中断 {id:#} 已是“{:#}”。",
            "interruption {id} is {} already",
            spoken(&row.state)
        ));
    }
    if let Some(voice) = e.voice {
        let bound = bound_to(scene.registers, row.step)?;
        if !bound.iter().any(|Bound { clip, .. }| *clip == voice.clip) {
            return no(why!(
                "M03",
                "视频 {:#} 没有归入环节 {:#}；请写明说出原因的那段视频。",
                "clip {} is not bound to step {}; name the clip in which the cause is said",
                voice.clip,
                row.step
            ));
        }
        let clip = ok!(clip_named(scene, voice.clip)?);
        if let Some(length) = length_ms(&clip)
            && voice.at_ms > length
        {
            return no(why!(
                "M04",
                "视频 {:#} 只有 {length:#} 毫秒。",
                "clip {} is only {length} ms long",
                voice.clip
            ));
        }
    }
    allowed(scene, vec![Event::InterruptionExplained(e)])
}

fn length_ms(clip: &crate::table::Row) -> Option<u64> {
    let facts: serde_json::Value = serde_json::from_str(clip.text_opt("described")?).ok()?;
    facts.get("duration_ms")?.as_u64()
}

/// The department head accepts the explanation, or it is open again.
pub fn note(scene: &Scene, id: InterruptionId, accepted: bool, text: &str) -> Decided {
    let text = ok!(reason_text(text));
    let Some(row) = interruption(scene.registers, id)? else {
        return no(why!(
            "M05",
            "没有中断 {id:#}；请在案件页核对编号。",
            "there is no interruption {id}; see `sealdock interruption list`"
        ));
    };
    if row.state != "explained" {
        return no(why!(
            "M06",
            "中断 {id:#} 现为“{:#}”，没有需要知悉的内容。",
            "interruption {id} is {}: there is nothing to take note of",
            spoken(&row.state)
        ));
    }
    let e = InterruptionNoted { interruption: id, accepted, text };
    allowed(scene, vec![Event::InterruptionNoted(e)])
}

/// A person's mark (重点); the device's stays as it was recorded.
pub fn mark(scene: &Scene, clip: ClipId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    ok!(clip_named(scene, clip)?);
    allowed(scene, vec![Event::ClipMarked(ClipMarked { clip, reason })])
}
