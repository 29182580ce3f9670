//! Expected against recorded (S24): which steps of a matter had to be recorded, and what there is.

use super::{Manner, bound_to, steps_of};
use crate::id::{MatterId, StepId};
use crate::ports::{PortResult, Registers};

/// One step and how many clips it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    pub step: StepId,
    pub item: String,
    pub name: String,
    pub must: bool,
    pub manner: Manner,
    pub closed: bool,
    pub clips: u32,
}

impl Expectation {
    /// It had to be recorded and was not.
    pub fn missing(&self) -> bool {
        self.must && self.clips == 0
    }
}

/// Every step of a matter, in the order in which they were declared.
///
/// # Errors
/// The registers cannot be read.
pub fn expectations(registers: &dyn Registers, matter: MatterId) -> PortResult<Vec<Expectation>> {
    let steps = steps_of(registers, matter)?;
    steps
        .into_iter()
        .map(|step| {
            let clips = bound_to(registers, step.id)?.len();
            Ok(Expectation {
                step: step.id,
                item: step.item,
                name: step.name,
                must: step.must,
                manner: if step.continuous { Manner::Continuous } else { Manner::InParts },
                closed: step.closed,
                clips: u32::try_from(clips).unwrap_or(u32::MAX),
            })
        })
        .collect()
}
