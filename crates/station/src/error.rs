//! Two classes: this request failed, or the state is unknown and the process must stop.

use sealdock_core::ports::{Kind, PortError, Refusal};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StationError {
    /// A rule said no; nothing changed.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Something at the edge failed; what it said.
    #[error("{0}")]
    Port(#[from] PortError),
}

impl StationError {
    /// May or may not have happened, or contradicts itself: stop and let start-up recover.
    pub fn is_fatal(&self) -> bool {
        matches!(self, StationError::Port(e) if matches!(e.kind, Kind::Unknown | Kind::Damaged))
    }

    pub fn kind(&self) -> Kind {
        match self {
            StationError::Refused(_) => Kind::Invalid,
            StationError::Port(e) => e.kind,
        }
    }
}

pub(crate) fn damaged(message: impl Into<String>) -> StationError {
    StationError::Port(PortError::new(Kind::Damaged, message))
}

pub(crate) fn failed(message: impl Into<String>) -> StationError {
    StationError::Port(PortError::new(Kind::Failed, message))
}
