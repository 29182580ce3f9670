//! One recorder, from plug to "done, may be taken". The files are the steps of "the way of a clip" in
//! the order in which they run; recovery after a crash or a yank is the same run at the next dock.
//!
//! identify → bind → clock → list → copy → prove → mirror → record → (all lines) → second reading → permit →
//! intent → delete → certify → close

mod bind;
mod certify;
mod close;
mod copy;
mod damaged;
mod identify;
mod list;
mod mirror;
mod prove;
mod record;
mod salvage;
mod second;
mod wipe;

use crate::progress::{Report, Step};
use crate::{Station, StationError};
use sealdock_core::actor::Actor;
use sealdock_core::custody::{Copies, RecordedClip, VerifiedCopy};
use sealdock_core::event::Verdict;
use sealdock_core::id::{BayId, ClipId, PersonId, RecorderId, SessionId};
use sealdock_core::ports::{PortError, Recorder};
use sealdock_core::session::{LineEnd, Listed, Told};
use sealdock_profile::Profile;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Read once; its patterns are compiled by the first names.
static GENERIC: LazyLock<Profile> = LazyLock::new(Profile::generic);

/// Who docks what where.
#[derive(Debug, Clone)]
pub struct DockRequest {
    pub bay: BayId,
    pub recorder: RecorderId,
    pub officer: Option<PersonId>,
    pub actor: Arc<Actor>,
    /// `--wipe never` at this dock; a dock can only lower what the policy allows.
    pub wipe_off: bool,
    /// Save now although nobody confirmed; nothing is wiped.
    pub unconfirmed: bool,
    /// What says what its names mean and what stays on it; `None` is the generic profile.
    pub profile: Option<Arc<Profile>>,
    /// What the recorder said of itself when it was unlocked.
    pub told: Vec<Told>,
}

impl DockRequest {
    /// The profile by which the recorder is read.
    pub fn profile(&self) -> &Profile {
        self.profile.as_deref().unwrap_or(&GENERIC)
    }
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockReport {
    pub session: SessionId,
    pub verdict: Verdict,
    pub summary: String,
    pub lines: u32,
    pub stored: u32,
    pub seen: u32,
    pub aside: u32,
    pub wiped: u32,
    /// The clips of this session, new and seen again, by line.
    pub clips: Vec<(u32, ClipId)>,
    /// Lines that did not end well, by name, with the reason.
    pub held: Vec<(String, String)>,
}

/// Why a session cannot go on. Whatever it is, the recorder keeps what it has.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The recorder is gone or does not answer; the next dock goes on.
    Gone(String),
    /// The station itself failed.
    Station(StationError),
}

impl From<StationError> for Stop {
    fn from(e: StationError) -> Stop {
        Stop::Station(e)
    }
}

impl From<PortError> for Stop {
    fn from(e: PortError) -> Stop {
        Stop::Station(e.into())
    }
}

/// Proofs of one stored line, held until they are spent at the gate.
pub(crate) struct Proven {
    pub copy: VerifiedCopy,
    pub recorded: RecordedClip,
    pub copies: Copies,
}

/// A session that runs.
pub(crate) struct Dock<'a> {
    pub station: &'a Station,
    pub recorder: &'a mut dyn Recorder,
    pub request: &'a DockRequest,
    pub listed: Listed,
    /// Plug-in in which the proofs of this session are earned.
    pub epoch: u64,
    pub ends: BTreeMap<u32, LineEnd>,
    pub proven: BTreeMap<u32, Proven>,
    pub clips: Vec<(u32, ClipId)>,
    pub stored: u32,
    pub seen: u32,
    pub appeared: usize,
    pub bytes_done: AtomicU64,
    pub step: Cell<Step>,
    /// When progress was told last, and of which step.
    told: Cell<Option<(Step, Instant)>>,
}

/// Progress of one step is told at most this often: it counts all lines, and doing so for each line
/// would take most of the time of a card with very many.
const TOLD_EVERY: Duration = Duration::from_millis(100);

impl Station {
    /// Runs one docked recorder through a whole session.
    ///
    /// # Errors
    /// A refusal (nothing was read), or a failure of the station itself. A recorder that fails or
    /// vanishes is no error: the session is closed as interrupted and the report says so.
    pub fn dock(
        &self,
        request: &DockRequest,
        recorder: &mut dyn Recorder,
    ) -> Result<DockReport, StationError> {
        self.say(request, None, Step::Listing, "");
        let identified = identify::identify(self, request, recorder)?;
        let epoch = identified.claims.epoch;
        let bound = bind::bind(self, request, identified)?;
        let session = bound.session;
        let listed = match list::list(self, request, bound, recorder) {
            Ok(listed) => listed,
            Err(stop) => return close::interrupted_early(self, session, stop),
        };
        let mut dock = Dock::new(self, recorder, request, listed, epoch);
        let run = dock.run();
        let report = dock.close(run)?;
        self.say(request, Some(&report), Step::Closed, &report.summary);
        self.carry_over();
        self.describe_after(&report)?;
        Ok(report)
    }

    /// Seen clips, too: a crash may have come before their description. A session that is closed
    /// stays closed, whatever becomes of descriptions.
    fn describe_after(&self, report: &DockReport) -> Result<(), StationError> {
        let clips: Vec<ClipId> = report.clips.iter().map(|(_, clip)| *clip).collect();
        match self.describe(&clips) {
            Err(error) if !error.is_fatal() => {
                tracing::warn!(%error, session = %report.session, "clips stay undescribed for now");
                Ok(())
            }
            other => other,
        }
    }

    pub(crate) fn say(
        &self,
        request: &DockRequest,
        end: Option<&DockReport>,
        step: Step,
        text: &str,
    ) {
        self.world.progress.report(&Report {
            bay: request.bay.clone(),
            recorder: request.recorder.clone(),
            session: end.map(|e| e.session),
            step,
            lines_done: end.map_or(0, |e| e.lines),
            lines: end.map_or(0, |e| e.lines),
            bytes_done: 0,
            bytes: 0,
            marked_left: 0,
            verdict: end.map(|e| e.verdict),
            text: text.to_owned(),
        });
    }
}

impl<'a> Dock<'a> {
    fn new(
        station: &'a Station,
        recorder: &'a mut dyn Recorder,
        request: &'a DockRequest,
        listed: Listed,
        epoch: u64,
    ) -> Dock<'a> {
        Dock {
            station,
            recorder,
            request,
            listed,
            epoch,
            ends: BTreeMap::new(),
            proven: BTreeMap::new(),
            clips: Vec::new(),
            stored: 0,
            seen: 0,
            appeared: 0,
            bytes_done: AtomicU64::new(0),
            step: Cell::new(Step::Copying),
            told: Cell::new(None),
        }
    }

    /// Everything between the signed listing and the closing word.
    fn run(&mut self) -> Result<(), Stop> {
        self.set_aside_what_is_no_file()?;
        self.copy_all()?;
        let cases = self.second_reading()?;
        let permits = self.permits(cases)?;
        self.wipe_and_certify(permits)
    }

    pub(crate) fn session(&self) -> SessionId {
        self.listed.session()
    }

    pub(crate) fn report_progress(&self) {
        let step = self.step.get();
        if self.told.get().is_some_and(|(told, at)| told == step && at.elapsed() < TOLD_EVERY) {
            return;
        }
        self.told.set(Some((step, Instant::now())));
        let lines = &self.listed.listing.lines;
        let done = |line: &u32| self.ends.contains_key(line) || self.proven.contains_key(line);
        let marked_left = lines.iter().filter(|l| l.class.marked && !done(&l.line)).count() as u32;
        let proven = self.proven.keys().filter(|line| !self.ends.contains_key(line)).count();
        self.station.world.progress.report(&Report {
            bay: self.request.bay.clone(),
            recorder: self.request.recorder.clone(),
            session: Some(self.session()),
            step,
            lines_done: (self.ends.len() + proven) as u32,
            lines: lines.len() as u32,
            bytes_done: self.bytes_done.load(Ordering::Relaxed),
            bytes: self.listed.listing.bytes_total(),
            marked_left,
            verdict: None,
            text: String::new(),
        });
    }

    /// Does the recorder still answer?
    pub(crate) fn recorder_alive(&mut self) -> bool {
        self.recorder.claims().is_ok_and(|claims| claims.epoch == self.epoch)
    }
}
