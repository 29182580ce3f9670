//! What waits for a head besides requests: long-term keeping, disposal, findings of spot checks. Only what whoever looks may
//! answer; what only others may is not counted against them.

use crate::exit::CliError;
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::duty::{self, Held};
use sealdock_core::event::Event;
use sealdock_core::id::{CheckId, ClipId, HoldId, PersonId, PlanId};
use sealdock_core::keep::{
    self, CheckCorrected, DISPOSAL_PLAN, HOLD, HoldAnswered, SPOTCHECK, SPOTCHECK_CLIP,
};
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::table::Query;
use sealdock_core::time::Stamp;

/// Of each kind; of what is beyond, the room where it stands is named.
const MOST: usize = 20;

/// Things that wait for one person.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// `true`: its release is asked for.
    pub holds: Vec<(HoldId, bool)>,
    pub plans: Vec<PlanId>,
    pub findings: Vec<(CheckId, ClipId, String)>,
    /// Rooms where still more waits for them.
    pub beyond: Vec<&'static str>,
}

impl Waits {
    /// So many are named here; where there is more beyond, at least one more.
    pub fn len(&self) -> usize {
        self.holds.len() + self.plans.len() + self.findings.len()
    }
}

/// What waits for `me`. Each list is made of all that they may answer, and only then cut: nothing of theirs hides behind what
/// is for others.
///
/// # Errors
/// The registers cannot be read.
pub fn waits(view: &dyn Registers, at: &Stamp, me: &PersonId) -> Result<Waits, CliError> {
    let held = duty::duties(view, me, at.wall)?;
    let asked = Asked { view, at, me };
    let has = |role: Role| held.iter().any(|one: &Held| one.role == role);
    let mut waits = Waits::default();
    if has(Role::DepartmentHead) {
        waits.holds = asked.holds()?;
        waits.findings = asked.findings()?;
    }
    if has(Role::UnitHead) {
        waits.plans = asked.plans()?;
    }
    let beyond = [
        (bounded(&mut waits.holds), "/holds"),
        (bounded(&mut waits.plans), "/disposal"),
        (bounded(&mut waits.findings), "/checks"),
    ];
    waits.beyond = beyond.into_iter().filter_map(|(more, room)| more.then_some(room)).collect();
    Ok(waits)
}

/// Cut to [`MOST`]; was there more?
fn bounded<T>(all: &mut Vec<T>) -> bool {
    let more = all.len() > MOST;
    all.truncate(MOST);
    more
}

struct Asked<'a> {
    view: &'a dyn Registers,
    at: &'a Stamp,
    me: &'a PersonId,
}

impl Asked<'_> {
    fn may(&self, event: keep::Event) -> Result<bool, CliError> {
        let actor = ActorRecord::Person { id: self.me.clone() };
        let event = Event::Keep(event);
        let Event::Keep(event) = &event else { return Ok(false) };
        Ok(keep::objection(self.view, self.at, &actor, event)?.is_none())
    }

    fn holds(&self) -> Result<Vec<(HoldId, bool)>, CliError> {
        let mut all = Vec::new();
        for (state, release) in [("requested", false), ("release-requested", true)] {
            let query = Query::all(&HOLD).with("state", state);
            for row in self.view.select(&query)? {
                let hold = HoldId(registry::seq(&row));
                let answer = HoldAnswered { hold, reason: "-".to_owned() };
                let event = match release {
                    true => keep::Event::HoldReleaseRefused(answer),
                    false => keep::Event::HoldRefused(answer),
                };
                // One more than is shown says that there is more.
                if all.len() <= MOST && self.may(event)? {
                    all.push((hold, release));
                }
            }
        }
        Ok(all)
    }

    /// A plan is approved by another unit head than who planned it; what else speaks against it its page says.
    fn plans(&self) -> Result<Vec<PlanId>, CliError> {
        let query = Query::all(&DISPOSAL_PLAN).with("state", "planned");
        let mine = format!("person {}", self.me);
        let rows = self.view.select(&query)?;
        let others = rows.iter().filter(|row| row.text("planned_by") != mine);
        Ok(others.map(|row| PlanId(registry::seq(row))).take(MOST + 1).collect())
    }

    fn findings(&self) -> Result<Vec<(CheckId, ClipId, String)>, CliError> {
        let mut all = Vec::new();
        for check in self.view.select(&Query::all(&SPOTCHECK).with("state", "drawn"))? {
            let check = CheckId(registry::seq(&check));
            let clips = Query::all(&SPOTCHECK_CLIP).with("spotcheck", check.0);
            for row in self.view.select(&clips)? {
                let Some(found) = row.text_opt("finding") else { continue };
                if row.int_opt("corrected_seq").is_some() {
                    continue;
                }
                let clip = ClipId(row.int("clip").unsigned_abs());
                let corrected = CheckCorrected { check, clip, text: "-".to_owned() };
                if all.len() <= MOST && self.may(keep::Event::CheckCorrected(corrected))? {
                    all.push((check, clip, found.to_owned()));
                }
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
