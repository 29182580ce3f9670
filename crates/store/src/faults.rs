//! Named points at which tests make the writer die or lie. In the product nothing ever happens here.

use std::fmt::Debug;

/// The durable steps of one batch, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    BeforeCommit,
    AfterCommit,
    BeforeSign,
    AfterSign,
    /// The head is not written: what a crash before the write leaves.
    HeadLost,
    /// The head is written, nobody was told: what a crash after the write leaves.
    HeadLanded,
}

impl Step {
    pub const ALL: [Step; 6] = [
        Step::BeforeCommit,
        Step::AfterCommit,
        Step::BeforeSign,
        Step::AfterSign,
        Step::HeadLost,
        Step::HeadLanded,
    ];
}

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Goes,
    /// As if the process were killed here.
    Dies,
}

/// Decides the fate of steps. Every method has a default that does nothing.
pub trait Faults: Send + Sync + Debug {
    fn at(&self, step: Step) -> Fate {
        let _ = step;
        Fate::Goes
    }

    /// May change what is read back before a head is signed: a bit flipped in memory or on the way.
    fn reread(&self, seq: u64, bytes: &mut Vec<u8>) {
        let _ = (seq, bytes);
    }
}

/// No fault, ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Faults for NoFaults {}
