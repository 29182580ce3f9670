//! What appears in the bays: taken for a recorder, bound to an officer where its files name one, and
//! docked at once where a clerk's shift covers it. Everything else waits for its person.

use super::taken;
use crate::docking::{self, Docked, State};
use crate::execute::{Asked, Who, dock_docked};
use crate::exit::CliError;
use crate::wire::{Open, Usb};
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::{BayId, PersonId, RecorderId, ShiftId};
use sealdock_core::policy::Docking as DockingPolicy;
use sealdock_core::ports::{Kind, PortError, PortResult, Registers};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_device::bays::{BayEvent, FolderBay};
use sealdock_profile::IdentityClaims;
use sealdock_station::Unheard;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// From the mount of a volume to its announcement, at most: the unit that does both is ended then.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(300);
/// What is announced and cannot be opened all the same.
const OPENED_WITHIN: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How long somebody may take to unlock a recorder and choose what it shows.
const AGREE_WITHIN: Duration = Duration::from_secs(120);
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// All watched bays and the threads that work for them.
pub struct Bays {
    open: Arc<Open>,
    watches: BTreeMap<BayId, FolderBay>,
    /// Bays that could not be watched; said once each.
    unwatched: BTreeSet<BayId>,
    /// Docked under a shift already: one try per plug-in.
    tried: BTreeSet<(BayId, String, u64)>,
    events: Receiver<BayEvent>,
    sender: Sender<BayEvent>,
    threads: Vec<JoinHandle<()>>,
}

impl Bays {
    pub fn new(open: &Arc<Open>) -> Bays {
        let (sender, events) = channel();
        Bays {
            open: Arc::clone(open),
            watches: BTreeMap::new(),
            unwatched: BTreeSet::new(),
            tried: BTreeSet::new(),
            events,
            sender,
            threads: Vec::new(),
        }
    }

    /// Where whatever else sees recorders come and go tells of them.
    pub fn sender(&self) -> Sender<BayEvent> {
        self.sender.clone()
    }

    /// Watches bays that were added since; a directory that is missing may be mounted later.
    pub fn refresh(&mut self) -> Result<(), CliError> {
        let view = self.open.station.world().ledger.view()?;
        let settle = Duration::from_secs(u64::from(registry::policy(&*view)?.settle_s));
        for row in view.select(&Query::all(&s::BAY))? {
            let bay: BayId = row.text("id").parse()?;
            if self.watches.contains_key(&bay) {
                continue;
            }
            let path = Path::new(row.text("path"));
            match watch(&self.open.usb, (bay.clone(), path), settle, self.sender.clone()) {
                Ok(watch) => {
                    tracing::info!(%bay, path = %path.display(), "bay is watched");
                    self.unwatched.remove(&bay);
                    self.watches.insert(bay, watch);
                }
                Err(e) if self.unwatched.insert(bay.clone()) => {
                    tracing::warn!(%bay, "bay is not watched: {e}");
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Takes what happened in a bay, or waits a moment for it.
    pub fn turn(&mut self, wait: Duration) {
        self.threads.retain(|thread| !thread.is_finished());
        match self.events.recv_timeout(wait) {
            Ok(BayEvent::Unplugged { bay, name }) => {
                tracing::info!(%bay, recorder = name, "unplugged");
                self.open.docks.unplugged(&bay, &name);
            }
            Ok(BayEvent::Plugged { bay, name, path, epoch }) => {
                let open = Arc::clone(&self.open);
                open.docks.arrived(&bay, &name, epoch);
                self.spawn(move || {
                    tracing::info!(%bay, recorder = name, "plugged");
                    let Some(docked) = docked(&open, bay, (name, &path), epoch) else { return };
                    tracing::info!(bay = %docked.bay, recorder = %docked.recorder, "{}", docked.text);
                    open.docks.put(docked);
                });
            }
            // Nothing happened; the sender lives as long as we do.
            Err(_) => {}
        }
    }

    /// Under an open shift, what waits is docked without further asking.
    pub fn dock_under_shift(&mut self) -> Result<(), CliError> {
        let all = self.open.docks.all();
        // Two volumes of one recorder, and two recorders with one number, are docked one after the other.
        let mut under_way: BTreeSet<RecorderId> =
            all.iter().filter(|d| d.state == State::Running).map(|d| d.recorder.clone()).collect();
        let waiting: Vec<Docked> = all.into_iter().filter(|d| d.state == State::Waiting).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let Some((shift, clerk)) = self.shift()? else { return Ok(()) };
        for docked in waiting {
            let key = (docked.bay.clone(), docked.name.clone(), docked.epoch);
            let recorder = docked.recorder.clone();
            if under_way.contains(&recorder) || !self.tried.insert(key) {
                continue;
            }
            under_way.insert(recorder);
            // Somebody may have confirmed it a moment ago; then it is not ours.
            let Ok(taken) = self.open.docks.take(&docked.bay, &docked.name) else { continue };
            let actor = Arc::new(Actor::Shift { shift, clerk: clerk.clone() });
            let who = Who { actor, officer: taken.officer.clone(), unconfirmed: false };
            let open = Arc::clone(&self.open);
            self.spawn(move || dock(&open, &taken, who));
        }
        Ok(())
    }

    fn shift(&self) -> PortResult<Option<(ShiftId, PersonId)>> {
        let world = self.open.station.world();
        let view = world.ledger.view()?;
        let policy = registry::policy(&*view)?;
        match policy.docking {
            DockingPolicy::OfficerPin => Ok(None),
            DockingPolicy::ClerkShift => {
                registry::open_shift(&*view, &policy, world.clock.now().wall)
            }
        }
    }

    /// Does any session still run?
    pub fn busy(&mut self) -> bool {
        self.threads.retain(|thread| !thread.is_finished());
        !self.threads.is_empty()
    }

    fn spawn(&mut self, work: impl FnOnce() + Send + 'static) {
        match std::thread::Builder::new().name("dock".into()).spawn(work) {
            Ok(thread) => self.threads.push(thread),
            Err(e) => tracing::error!("no thread for a recorder: {e}; plug it in again"),
        }
    }
}

/// A bay of USB volumes is made where it is missing, and a folder in it is no recorder.
fn watch(
    usb: &Usb,
    (bay, path): (BayId, &Path),
    settle: Duration,
    events: Sender<BayEvent>,
) -> PortResult<FolderBay> {
    if !usb.holds(path) {
        return FolderBay::watch(bay, path, settle, events);
    }
    if let Err(e) = std::fs::create_dir(path)
        && e.kind() != std::io::ErrorKind::AlreadyExists
    {
        tracing::warn!(%bay, "cannot make the bay directory {}: {e}", path.display());
    }
    FolderBay::watch_volumes(bay, path, settle, events)
}

fn dock(open: &Open, taken: &Docked, who: Who) {
    let uid = rustix::process::getuid().as_raw();
    let asked = Asked { uid, progress: Arc::new(Unheard) };
    match dock_docked(open, &asked, taken, who) {
        Ok(_) => tracing::info!(bay = %taken.bay, recorder = %taken.recorder, "session ended"),
        Err(e) => tracing::error!(bay = %taken.bay, recorder = %taken.recorder, "{e}"),
    }
}

/// What it is taken for, and the one person whose number its files carry.
type Taken = (RecorderId, Option<PersonId>);

/// Looks at what was plugged in: what is it taken for, and whose may it be? `None`: it is gone again.
fn docked(open: &Open, bay: BayId, (name, path): (String, &Path), epoch: u64) -> Option<Docked> {
    let is_volume = path.parent().is_some_and(|bay| open.usb.holds(bay));
    let stands = || open.docks.stands(&bay, &name, epoch);
    let looked = match (open.usb.is_device(path), is_volume) {
        (true, _) => agreed(open, (&bay, &name), &stands, || look(open, (&name, path), epoch)),
        // A volume is mounted first and announced then; on a busy machine that may take a while.
        (_, true) => {
            let (begun, pause) = (Instant::now(), || std::thread::sleep(LOOK_AGAIN));
            announced(&stands, || look(open, (&name, path), epoch), || begun.elapsed(), pause)
        }
        _ => look(open, (&name, path), epoch),
    };
    if !stands() {
        tracing::info!(%bay, recorder = name, "pulled out while it was looked at");
        return None;
    }
    let (recorder, officer, state, text) = match looked {
        Ok((recorder, officer)) => {
            let text = format!("sealdock session confirm {bay} {} --officer ID", typed(&name));
            (recorder, officer, State::Waiting, text)
        }
        Err(e) => {
            refuse(open, &bay, &name, &e);
            (taken::unnamed(&name), None, State::Refused, e.message)
        }
    };
    Some(Docked {
        bay,
        name,
        path: path.to_owned(),
        epoch,
        recorder,
        officer,
        state,
        text,
        verdict: None,
        others_unfinished: false,
        is_volume,
    })
}

fn look(open: &Open, (name, path): (&str, &Path), epoch: u64) -> PortResult<Taken> {
    let (mut recorder, reading) = docking::opened(open, (path, epoch), None)?;
    let lines = recorder.list()?.lines;
    let mut claims = reading.profile.identity(&lines);
    claims.officers.extend(reading.told.iter().filter_map(|told| told.officer.clone()));
    let view = open.station.world().ledger.view()?;
    let taken = match &reading.seen {
        Some(seen) => taken::plugged(&*view, seen, (&reading.profile, &lines), &reading.told)?,
        None => taken::folder(&*view, name, &claims)?,
    };
    Ok((taken, officer(&*view, &claims)?))
}

/// Looks until the volume is announced and can be opened, or for long enough.
fn announced<T>(
    stands: &impl Fn() -> bool,
    look: impl Fn() -> PortResult<T>,
    waited: impl Fn() -> Duration,
    pause: impl Fn(),
) -> PortResult<T> {
    loop {
        let looked = look();
        let patience = match &looked {
            Ok(_) => return looked,
            Err(e) if e.kind == Kind::Missing => ANNOUNCED_WITHIN,
            Err(_) => OPENED_WITHIN,
        };
        if !stands() || waited() >= patience {
            return looked;
        }
        pause();
    }
}

/// A recorder that speaks MTP shows nothing before somebody agreed on its screen: it is asked again for
/// a while, and until then the bay says what it waits for.
fn agreed(
    open: &Open,
    (bay, name): (&BayId, &str),
    stands: &impl Fn() -> bool,
    look: impl Fn() -> PortResult<Taken>,
) -> PortResult<Taken> {
    let until = Instant::now() + AGREE_WITHIN;
    loop {
        let looked = look();
        let worth_waiting =
            matches!(&looked, Err(e) if matches!(e.kind, Kind::Missing | Kind::Failed));
        let over = Instant::now() >= until || open.docks.stopping().has_begun() || !stands();
        match looked {
            Err(e) if worth_waiting && !over => open.docks.alert(bay.as_str(), name, &e.message),
            other => {
                open.docks.calm(bay.as_str(), name);
                return other;
            }
        }
        std::thread::sleep(ASK_AGAIN);
    }
}

fn refuse(open: &Open, bay: &BayId, name: &str, why: &PortError) {
    let (bay, what, reason) = (bay.clone(), name.to_owned(), why.message.clone());
    let refuse = Command::RefuseDock { bay: bay.clone(), what, reason };
    if let Err(e) = open.station.apply(&Arc::new(Actor::System), refuse) {
        tracing::error!(%bay, "a refusal could not be recorded: {e}");
        if e.is_fatal() {
            open.docks.fail(&e.to_string());
        }
    }
}

/// A name as a shell takes it.
fn typed(name: &str) -> String {
    match name.parse::<RecorderId>() {
        Ok(_) => name.to_owned(),
        Err(_) => format!("'{}'", name.replace('\'', "'\\''")),
    }
}

/// The one enrolled person whose number the files carry.
fn officer(registers: &dyn Registers, claims: &IdentityClaims) -> PortResult<Option<PersonId>> {
    let mut enrolled = Vec::new();
    for number in &claims.officers {
        if let Ok(id) = number.parse::<PersonId>()
            && !enrolled.contains(&id)
            && registry::person(registers, &id)?.is_some()
        {
            enrolled.push(id);
        }
    }
    Ok(if enrolled.len() == 1 { enrolled.pop() } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Asked every second; good after `good_after` seconds, pulled out after `there_for`.
    fn outcome(kind: Kind, good_after: u64, there_for: u64) -> (u64, bool) {
        let seconds = Cell::new(0);
        let look = || match seconds.get() >= good_after {
            true => Ok(()),
            false => Err(PortError::new(kind, "not yet")),
        };
        let stands = || seconds.get() < there_for;
        let waited = || Duration::from_secs(seconds.get());
        let answer = announced(&stands, look, waited, || seconds.set(seconds.get() + 1));
        (seconds.get(), answer.is_ok())
    }

    #[test]
    fn a_volume_is_waited_for_as_long_as_the_unit_that_announces_it_may_take() {
        assert_eq!(outcome(Kind::Missing, 0, 999), (0, true));
        assert_eq!(outcome(Kind::Missing, 299, 999), (299, true));
        assert_eq!(outcome(Kind::Missing, 999, 999), (300, false));
        assert_eq!(outcome(Kind::Failed, 19, 999), (19, true));
        assert_eq!(outcome(Kind::Failed, 999, 999), (20, false));
        assert_eq!(outcome(Kind::Missing, 999, 5), (5, false), "nobody waits for what is gone");
        let units = include_str!("../../systemd/sealdock-mount@.service");
        assert!(units.contains(&format!("TimeoutSec={}\n", ANNOUNCED_WITHIN.as_secs())));
        // A start that was ended half-way is undone by nothing else.
        assert!(units.contains("\nExecStopPost=/usr/libexec/sealdock/sealdock-wiper unmount %i\n"));
    }
}
