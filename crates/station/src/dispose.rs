//! Disposal: planned, approved, carried out. Every step begins with a walk over the whole chain that finds
//! nothing, and asks everything that could speak against it anew.
//!
//! Durable effects of one removal, in order: the intent (head persisted, read back) · the second copy gone
//! and synced · the first copy gone and synced · the tombstone. A cut before the first copy is gone ends as
//! *kept*, and the next run asks everything again; a cut after it ends with its tombstone.

/// One content, from intent to tombstone.
mod removal;

use crate::error::damaged;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, PlanId};
use sealdock_core::keep::{
    self, Audited, CLIPS_MOST, DISPOSAL_LINE, DISPOSAL_PLAN, Due, Kept, KeptState, Line, Look,
    PlanSheet, Why as Kind,
};
use sealdock_core::ports::{Appended, LedgerView, Place, Refusal, Registers};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::WallMs;
use sealdock_core::why;
use sealdock_core::why::Why;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where a walk over the chain is: entries done, of how many.
pub type Walked<'a> = &'a mut dyn FnMut(u64, u64);

/// What a run did.
#[derive(Debug, Default)]
pub struct RunReport {
    /// The entry that began it.
    pub run: u64,
    pub disposed: Vec<ClipId>,
    pub bytes: u64,
    /// Left the plan for good, and why.
    pub withdrawn: Vec<(ClipId, String)>,
    /// Still in the plan, and why nothing was removed.
    pub kept: Vec<(ClipId, String)>,
    /// Why it ended before the plan did.
    pub stopped: Option<Why>,
}

impl Station {
    /// Nothing is planned, approved or removed while anything is wrong with the chain.
    fn audited(&self, walked: Walked) -> Result<Audited, StationError> {
        let report = self.world.ledger.verify(false, walked)?;
        Audited::of(&report).ok_or_else(|| {
            let first = report.findings.first().map_or("", |finding| finding.text.as_str());
            StationError::Refused(Refusal(why!("P09", "检查发现 {:#} 项问题，查清之前不处置任何视频：{first:#}", "检查发现问题 nothing is disposed of while `sealdock check` finds something ({} findings): {first}",
                report.findings.len())))
        })
    }

    /// Plans the disposal of everything that is due and that nothing speaks against, oldest first, up to the
    /// size of one plan.
    ///
    /// # Errors
    /// Refused where nothing is due, something is wrong with the chain or the clock, or `actor` may not.
    pub fn plan_disposal(
        &self,
        actor: &Arc<Actor>,
        walked: Walked,
    ) -> Result<Appended, StationError> {
        let audited = self.audited(walked)?;
        let view = self.world.ledger.view()?;
        let at = self.world.clock.now();
        let look = Look::new(&*view, &at)?;
        if let Some(doubt) = look.doubt {
            return Err(Refusal(doubt).into());
        }
        let lines = survey(&*view, &look, look.sure)?.lines;
        if lines.is_empty() {
            return Err(Refusal(nothing_due(&*view, &look)?).into());
        }
        drop(look);
        let sheet = PlanSheet::new(self.origin(), lines);
        let object = self.put_object(&sheet.encode())?;
        let sheet = Box::new(sheet);
        self.apply(actor, Command::Keep(keep::Command::Plan { audited, object, sheet }))
    }

    /// What [`Station::plan_disposal`] would plan now, and what stays. Reads only; what is planned is asked anew.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn survey_disposal(&self) -> Result<Survey, StationError> {
        let view = self.world.ledger.view()?;
        let at = self.world.clock.now();
        let look = Look::new(&*view, &at)?;
        let doubt = look.unanswered();
        let found = survey(&*view, &look, look.sure)?;
        let unsure = match (found.lines.is_empty(), &doubt) {
            (true, None) => {
                let by_the_clock = survey(&*view, &look, look.at.wall)?.lines;
                by_the_clock.first().map(|line| look.not_sure(line.clip)).transpose()?.flatten()
            }
            _ => None,
        };
        Ok(Survey { doubt: doubt.or(unsure), ..found })
    }

    /// The plan as it lies in the vault, held against its digest and against the signed entry.
    ///
    /// # Errors
    /// There is none, or what lies there is not what the chain says.
    pub fn plan_sheet(&self, plan: PlanId) -> Result<(Row, PlanSheet), StationError> {
        let row = registry::by_seq(&*self.world.ledger.view()?, &DISPOSAL_PLAN, plan.0)?;
        let row = row.ok_or_else(|| {
            Refusal(why!(
                "P10",
                "没有计划 {plan:#}；请在“处置”中核对编号。",
                "there is no plan {plan}; see `sealdock dispose list`"
            ))
        })?;
        let Event::Keep(keep::Event::DisposalPlanned(e)) = self.proven_event(plan.0)? else {
            return Err(damaged(format!("entry {} is no plan; run `sealdock check`", plan.0)));
        };
        let bytes = self.world.vault.read(&Place::Object(e.object))?;
        let sheet = PlanSheet::decode(&bytes).filter(|_| Digest::of(&bytes) == e.object);
        match sheet {
            Some(sheet) if sheet.clips() == e.clips && sheet.bytes() == e.bytes => Ok((row, sheet)),
            _ => Err(damaged(format!(
                "plan {plan} in the vault is not what the chain says; run `sealdock check`"
            ))),
        }
    }

    /// A second person approves the plan whose digest they read. The quarantine begins.
    ///
    /// # Errors
    /// As [`Station::plan_disposal`]; or the digest is another.
    pub fn approve_disposal(
        &self,
        actor: &Arc<Actor>,
        (plan, object): (PlanId, Digest),
        walked: Walked,
    ) -> Result<Appended, StationError> {
        let audited = self.audited(walked)?;
        self.plan_sheet(plan)?;
        self.apply(actor, Command::Keep(keep::Command::Approve { audited, plan, object }))
    }

    /// Carries out an approved plan, as far as quarantine and brake let it. What an earlier run left open
    /// is settled first. Interrupted anywhere, it is simply run again.
    ///
    /// # Errors
    /// Refused before anything is removed; or a place failed in a way that leaves open what happened.
    pub fn run_disposal(
        &self,
        actor: &Arc<Actor>,
        plan: PlanId,
        walked: Walked,
    ) -> Result<RunReport, StationError> {
        self.settle_open_removals()?;
        let audited = self.audited(walked)?;
        self.plan_sheet(plan)?;
        let begin = Command::Keep(keep::Command::Begin { audited, plan });
        let begun = self.apply(actor, begin)?;
        let run = begun.entries.first().map(|entry| entry.seq);
        let run = run.ok_or_else(|| damaged("a run was begun and has no entry"))?;
        let mut report = RunReport { run, ..RunReport::default() };
        let pending = Query::all(&DISPOSAL_LINE).with("plan", plan.0).with("state", "pending");
        let mut done = BTreeSet::new();
        for row in self.rows(&pending)? {
            let clip = ClipId(u64::try_from(row.int("clip")).unwrap_or_default());
            // Its bytes may have gone, or stayed, with those of another.
            if done.contains(&clip) {
                continue;
            }
            done.extend(self.dispose_of(clip, &mut report)?);
            if report.stopped.is_some() {
                break;
            }
        }
        Ok(report)
    }
}

/// Clips and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    pub clips: u64,
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, kept: &Kept) {
        self.clips += 1;
        self.bytes += kept.size;
    }
}

/// What a plan made now would hold, and what stays and why. Nothing comes of looking.
#[derive(Debug, Default)]
pub struct Survey {
    /// The plan, oldest first, each clip with all others of the same bytes.
    pub lines: Vec<Line>,
    /// There are more than one plan takes.
    pub more: bool,
    /// Its time is over, and these kinds of things speak against it.
    pub held: Vec<(Kept, BTreeSet<Kind>)>,
    /// Due, and in a plan that waits.
    pub planned: Amount,
    /// No class was given: kept until one is.
    pub unclassed: Amount,
    /// Of a class that is kept for ever, or whose time does not run.
    pub permanent: Amount,
    /// Due later.
    pub later: Amount,
    /// Why nothing may be planned whatever the clip: the clock.
    pub doubt: Option<Why>,
}

/// Why nothing can be planned: nothing is due, or only by a clock for which nobody has answered.
fn nothing_due(view: &dyn LedgerView, look: &Look) -> Result<Why, StationError> {
    let by_the_clock = survey(view, look, look.at.wall)?.lines;
    let unsure = by_the_clock.first().map(|line| look.not_sure(line.clip)).transpose()?;
    if let Some(why) = unsure.flatten() {
        return Ok(why);
    }
    Ok(why!(
        "P11",
        "没有到期可处置的视频，或每一段都有须保留的理由；请查看“处置”页。",
        "no clip is due for disposal, or something speaks against each; see `sealdock clip list` and `sealdock hold list`"
    ))
}

/// Clips that may go by this time, each with all others of the same bytes, in the order of custody; and the others.
fn survey(view: &dyn LedgerView, look: &Look, by: WallMs) -> Result<Survey, StationError> {
    let mut found = Survey::default();
    let mut due = Vec::new();
    let size = view.head()?.checkpoint().size;
    keep::pages(view, (0, size), &mut |kept| {
        match (kept.state, look.periods.due(&kept)?) {
            (KeptState::Kept, Due::At(at)) if at <= by => due.push(kept),
            (KeptState::Kept, _) if kept.class.is_none() => found.unclassed.add(&kept),
            (KeptState::Kept, Due::Never) => found.permanent.add(&kept),
            (KeptState::Kept, Due::At(_)) => found.later.add(&kept),
            (KeptState::Leaving | KeptState::Disposed, _) => {}
        }
        Ok(())
    })?;
    let mut taken = BTreeSet::new();
    for kept in due {
        if taken.contains(&kept.clip) {
            continue;
        }
        if !look.objections(kept.clip)?.is_empty() {
            let kinds = look.kinds(&kept)?;
            found.held.push((kept, kinds));
            continue;
        }
        let twins = keep::with_bytes(view, &kept.sha256)?;
        if planned_already(view, &twins)? {
            found.planned.add(&kept);
            continue;
        }
        found.more |= found.lines.len() + twins.len() > CLIPS_MOST;
        if found.more {
            break;
        }
        for twin in twins {
            taken.insert(twin.clip);
            found.lines.push(line(view, look, &twin)?);
        }
    }
    Ok(found)
}

fn planned_already(view: &dyn Registers, twins: &[Kept]) -> Result<bool, StationError> {
    for twin in twins {
        let query = Query::all(&DISPOSAL_LINE).with("clip", twin.clip.0).with("state", "pending");
        if !view.select(&query)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn line(view: &dyn Registers, look: &Look, kept: &Kept) -> Result<Line, StationError> {
    let row = registry::by_seq(view, &s::CLIP, kept.clip.0)?
        .ok_or_else(|| damaged("a kept clip has no custody row; run `sealdock check`"))?;
    let since = look.periods.start(kept)?;
    let due = match look.periods.due(kept)? {
        Due::At(at) => at,
        Due::Never => return Err(damaged("a clip that never goes was planned")),
    };
    Ok(Line {
        clip: kept.clip,
        sha256: kept.sha256,
        size: kept.size,
        name: row.text("name").to_owned(),
        officer: row.text_opt("officer").map(str::to_owned),
        recorder: row.text_opt("recorder").map(str::to_owned),
        stored: kept.stored.rfc3339(),
        since: since.unwrap_or(kept.stored).rfc3339(),
        class: kept.class.clone().unwrap_or_default(),
        due: due.rfc3339(),
    })
}
