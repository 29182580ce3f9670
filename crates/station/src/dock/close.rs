//! Step 15: the closing word. Whatever happened, a session that was opened is closed with the truth.

use super::{Dock, DockReport, Stop};
use crate::{Station, StationError};
use sealdock_core::command::Command;
use sealdock_core::event::{SessionClosed, Verdict};
use sealdock_core::id::SessionId;
use sealdock_core::ports::{Kind, PortError};
use sealdock_core::session::{Closing, LineEnd};

/// The recorder went before its listing was signed: nothing was copied.
pub(super) fn interrupted_early(
    station: &Station,
    session: SessionId,
    stop: Stop,
) -> Result<DockReport, StationError> {
    let why = match stop {
        Stop::Gone(why) => why,
        Stop::Station(error) if error.is_fatal() => return Err(error),
        Stop::Station(error) => error.to_string(),
    };
    let closed = SessionClosed {
        session,
        verdict: Verdict::Interrupted,
        summary: format!(
            "中断 interrupted before the list was read: {why}. Nothing was copied or wiped, dock it again"
        ),
        stored: 0,
        seen: 0,
        aside: 0,
        wiped: 0,
    };
    let report = DockReport {
        session,
        verdict: closed.verdict,
        summary: closed.summary.clone(),
        lines: 0,
        stored: 0,
        seen: 0,
        aside: 0,
        wiped: 0,
        clips: Vec::new(),
        held: Vec::new(),
    };
    write_down(station, closed)?;
    Ok(report)
}

/// A session that cannot be closed stays open in the chain and would refuse its recorder for as long
/// as this process lives. So the process ends: the next start closes it.
fn write_down(station: &Station, closed: SessionClosed) -> Result<(), StationError> {
    let session = closed.session;
    match station.note(Command::CloseSession(closed)) {
        Ok(_) => Ok(()),
        Err(error) if error.is_fatal() => Err(error),
        Err(error) => Err(StationError::Port(PortError::new(
            Kind::Unknown,
            format!(
                "session {session} could not be closed: {error}; restart the station, then dock again"
            ),
        ))),
    }
}

impl Dock<'_> {
    pub(super) fn close(&mut self, run: Result<(), Stop>) -> Result<DockReport, StationError> {
        let trouble = match run {
            Ok(()) => None,
            Err(Stop::Gone(why)) => Some(why),
            // Unknown or damaged: nothing more may be written; start-up recovers.
            Err(Stop::Station(error)) if error.is_fatal() => return Err(error),
            Err(Stop::Station(error)) => Some(error.to_string()),
        };
        let lines = self.listed.listing.lines.len() as u32;
        let ends: Vec<LineEnd> = (0..lines)
            .map(|line| self.ends.get(&line).cloned().unwrap_or(LineEnd::Unreached))
            .collect();
        let mut closing = Closing::of(&ends, self.appeared, trouble.is_none());
        if let Some(why) = trouble {
            closing.summary = format!("{} ({why})", closing.summary);
        }
        let closed = SessionClosed {
            session: self.session(),
            verdict: closing.verdict,
            summary: closing.summary.clone(),
            stored: self.stored,
            seen: self.seen,
            aside: closing.aside,
            wiped: closing.wiped,
        };
        write_down(self.station, closed)?;
        Ok(DockReport {
            session: self.session(),
            verdict: closing.verdict,
            summary: closing.summary,
            lines,
            stored: self.stored,
            seen: self.seen,
            aside: closing.aside,
            wiped: closing.wiped,
            clips: self.clips.clone(),
            held: self.held(&ends),
        })
    }

    fn held(&self, ends: &[LineEnd]) -> Vec<(String, String)> {
        ends.iter()
            .zip(&self.listed.listing.lines)
            .filter_map(|(end, line)| match end {
                LineEnd::Aside { why } | LineEnd::StoredHeld { why } => {
                    Some((line.name.clone(), why.clone()))
                }
                _ => None,
            })
            .collect()
    }
}
