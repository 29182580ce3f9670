//! Commands about matters, steps, interruptions and marks.

use super::{Cause, Manner, MatterRecord, Voice};
use crate::id::{ClipId, InterruptionId, MatterId, PersonId, StepId};
use crate::time::WallMs;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Command {
    /// Puts another list of what must be recorded in force (音像记录事项清单, S24).
    AdoptSteps {
        text: String,
    },
    OpenMatter {
        record: MatterRecord,
    },
    /// The whole record as it is from now on; what stood before stays in the chain.
    CorrectMatter {
        matter: MatterId,
        record: MatterRecord,
        reason: String,
    },
    /// The enforcement act has ended (执法行为终结). Without `ended`: now.
    CloseMatter {
        matter: MatterId,
        ended: Option<WallMs>,
        reason: String,
    },
    /// The case file is in the archive (归档, S9). Late filing needs its reason.
    FileMatter {
        matter: MatterId,
        case_file: Option<String>,
        archive: Option<String>,
        reason: Option<String>,
    },
    /// `officers` empty: those of the matter. In parts only at different places or times, which `reason`
    /// says (002/A6-§13).
    DeclareStep {
        matter: MatterId,
        item: String,
        manner: Manner,
        place: String,
        officers: Vec<PersonId>,
        began: Option<WallMs>,
        reason: Option<String>,
    },
    /// The step is over; its recordings are looked at. Asked again, they are looked at again.
    CloseStep {
        step: StepId,
        ended: Option<WallMs>,
    },
    /// Clips belong to a step, or to a matter as a whole.
    Bind {
        clips: Vec<ClipId>,
        matter: Option<MatterId>,
        step: Option<StepId>,
    },
    /// Ends a wrong binding; the entry stays.
    Unbind {
        clip: ClipId,
        matter: Option<MatterId>,
        step: Option<StepId>,
        reason: String,
    },
    /// A person's mark (重点), beside that of the device.
    Mark {
        clip: ClipId,
        reason: String,
    },
    /// The objective cause of an interruption (002/A6-§14), told to the department head `told`.
    Explain {
        interruption: InterruptionId,
        cause: Cause,
        text: String,
        voice: Option<Voice>,
        told: PersonId,
    },
    /// The department head takes note of an explanation, or does not accept it.
    Note {
        interruption: InterruptionId,
        accepted: bool,
        text: String,
    },
    /// Which cases are due or overdue? Asked by the station itself.
    #[serde(skip)]
    WatchFilings,
}
