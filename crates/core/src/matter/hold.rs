//! Why a clip may not be disposed of as far as matters go: its case is not filed, or an interruption that it
//! is evidence of is not answered.

use super::{bindings_of_clip, interruptions, matter};
use crate::id::ClipId;
use crate::ports::{PortResult, Registers};
use crate::why;
use crate::why::Why;

/// The sentence that speaks against disposing of this clip, if there is one. An open case holds its footage
/// (002/A2-§16: it belongs into the case file first); so does a question about it that nobody answered
/// (002/A6-§14).
///
/// # Errors
/// The registers cannot be read: then nothing may be disposed of either.
pub fn speaks_against_disposal(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<Why>> {
    for bound in bindings_of_clip(registers, clip)? {
        let Some(matter) = matter(registers, bound.matter)? else {
            return Ok(Some(why!(
                "M44",
                "视频 {clip:#} 归入 {:#}，而后者没有登记",
                "clip {clip} is bound to {}, which has no row",
                bound.matter
            )));
        };
        if matter.state != "filed" {
            let id = matter.id;
            return Ok(Some(why!(
                "M45",
                "视频 {clip:#} 属于案件 {id:#}（{:#}），尚未归档（002/A2-§16）；请先归档",
                "clip {clip} belongs to matter {id} ({}), which is not filed yet (002/A2-§16); `sealdock matter file {id}` comes first",
                matter.title
            )));
        }
        let Some(step) = bound.step else { continue };
        let mine = interruptions(registers, Some(step))?.into_iter().find(|i| i.unanswered());
        if let Some(open) = mine {
            return Ok(Some(why!(
                "M46",
                "视频 {clip:#} 属于环节 {step:#}，其中断 {0:#} 没有说明（002/A6-§14）{1:.0}；请先说明",
                "clip {clip} belongs to step {step}, whose interruption {} is not explained (002/A6-§14); `sealdock interruption explain {}` comes first",
                open.id,
                open.id
            )));
        }
    }
    Ok(None)
}
