//! What a docking means for the usage archive: a return, or a recorder in the wrong hands. Nothing here
//! keeps footage from being saved.

use super::uses::is_late;
use super::*;
use crate::id::{PersonId, RecorderId, SessionId, UseId};
use crate::policy::Policy;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::time::{Stamp, WallMs};

/// A session that is being opened.
pub(crate) struct Opened<'a> {
    pub session: SessionId,
    pub recorder: &'a RecorderId,
    /// Who answers for the docking, if anybody does.
    pub officer: Option<&'a PersonId>,
    pub at: &'a Stamp,
}

/// The entries that come with it. A dock by the officer who has the recorder is its return.
pub(crate) fn on_docking(registers: &dyn Registers, opened: &Opened) -> PortResult<Vec<Event>> {
    let Some(usage) = latest(registers, opened.recorder)? else { return Ok(Vec::new()) };
    let (of, session, recorder) = (usage.of, opened.session, opened.recorder.clone());
    let own = opened.officer == Some(&usage.officer);
    let another = || {
        let recorder = recorder.clone();
        let officer = opened.officer.cloned();
        Event::DockedByAnother(DockedByAnother { of, recorder, session, officer })
    };
    Ok(match usage.state.as_str() {
        // One that was lost is found by it.
        "issued" | "lost" if own && is_out(registers, &usage)? => {
            let late = is_late(registers, &usage, opened.at)?;
            let session = Some(session);
            vec![Event::Returned(Returned { of, recorder, session, late, reason: None })]
        }
        "issued" | "lost" if is_out(registers, &usage)? => vec![another()],
        "returned" => {
            let mut events =
                vec![Event::Docked(Docked { of, recorder: recorder.clone(), session })];
            events.extend((!own).then(another));
            events
        }
        _ => Vec::new(),
    })
}

/// The use under which the recorder was last handed out, or taken.
fn latest(registers: &dyn Registers, recorder: &RecorderId) -> PortResult<Option<Usage>> {
    latest_before(registers, recorder, u64::MAX)
}

fn latest_before(
    registers: &dyn Registers,
    recorder: &RecorderId,
    seq: u64,
) -> PortResult<Option<Usage>> {
    Ok(usages_of(registers, recorder)?
        .into_iter()
        .filter(|u| u.issued_seq.is_some_and(|issued| issued < seq))
        .max_by_key(|u| u.issued_seq))
}

/// Whose footage is on the recorder, as far as the archive knows: the officer of the last use, until a
/// docking since then accounted for every line.
pub(crate) fn last_user(
    registers: &dyn Registers,
    recorder: &RecorderId,
) -> PortResult<Option<(UseId, PersonId)>> {
    user_before(registers, recorder, u64::MAX)
}

/// The same, as it was before entry `seq`.
pub(crate) fn user_before(
    registers: &dyn Registers,
    recorder: &RecorderId,
    seq: u64,
) -> PortResult<Option<(UseId, PersonId)>> {
    let Some(usage) = latest_before(registers, recorder, seq)? else { return Ok(None) };
    let since = usage.issued_seq.unwrap_or_default();
    let query = Query::all(&s::SESSION).with("recorder", recorder.as_str()).newest_first();
    let sessions = registers.select(&query)?;
    let emptied = sessions
        .iter()
        .take_while(|row| registry::seq(row) > since)
        .filter(|row| registry::seq(row) < seq)
        .any(|row| row.text_opt("verdict") == Some("done"));
    Ok((!emptied).then_some((usage.of, usage.officer)))
}

/// When footage came back to the unit (002/A6-§19): its recorder may have been given back before it was
/// docked. A clip that was recorded after a return was not on it then; of one whose time nobody believes
/// the earlier return counts.
pub(crate) struct ReturnTimes(Vec<WallMs>);

impl ReturnTimes {
    pub fn of(
        registers: &dyn Registers,
        policy: &Policy,
        recorder: Option<&str>,
    ) -> PortResult<ReturnTimes> {
        let Some(recorder) = recorder else { return Ok(ReturnTimes(Vec::new())) };
        let uses = reading::all(registers, &Query::all(&USAGE).with("recorder", recorder))?;
        Ok(ReturnTimes(
            uses.iter().filter_map(|u| u.returned).filter(|at| *at >= policy.not_before).collect(),
        ))
    }

    pub fn returned(&self, recorded: Option<WallMs>, opened: WallMs) -> WallMs {
        let before = self.0.iter().copied().filter(|at| *at <= opened);
        match recorded {
            Some(recorded) => before.filter(|at| recorded <= *at).min().unwrap_or(opened),
            None => before.max().unwrap_or(opened),
        }
    }
}
