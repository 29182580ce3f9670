//! What stands in the daemon's bays right now: memory only, because the chain knows what was done and
//! the bays themselves are looked at again at every start.

use super::Stopping;
use crate::exit::{CliError, Exit};
use sealdock_core::event::Verdict;
use sealdock_core::id::{BayId, PersonId, RecorderId};
use sealdock_core::session::Told;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Where a recorder in a bay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 请本人确认: nobody has confirmed that it is theirs.
    Waiting,
    Running,
    /// The last session said its word; the recorder still stands there.
    Closed,
    /// It could not be opened as a recorder.
    Refused,
}

impl State {
    pub fn words(self) -> &'static str {
        match self {
            State::Waiting => "请本人确认 confirm it is yours",
            State::Running => "运行 running",
            State::Closed => "结束 closed",
            State::Refused => "拒绝 refused",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Running => "running",
            State::Closed => "closed",
            State::Refused => "refused",
        }
    }
}

/// A recorder that stands in a bay.
#[derive(Debug, Clone)]
pub struct Docked {
    pub bay: BayId,
    /// Name of its directory, inert.
    pub name: String,
    pub path: PathBuf,
    pub epoch: u64,
    /// What it is taken for.
    pub recorder: RecorderId,
    /// The one enrolled officer its file names carry.
    pub officer: Option<PersonId>,
    pub state: State,
    /// What a person at the bay should read.
    pub text: String,
    /// How the last session ended, while it stands closed.
    pub verdict: Option<Verdict>,
    /// Another volume of the same device has no end yet; said by [`Docks::shown`].
    pub others_unfinished: bool,
    /// A volume: whatever else is in its bay is of the same device.
    pub is_volume: bool,
}

/// Said instead of the verdict while something else of the same device has no end yet.
const NOT_ALL_OF_IT: &str = "还不能取走：同一设备上另有存储卷未完成 do not take it yet: another volume of this device is not finished";

/// A recorder that was taken away unconfirmed is told of so long.
const TOLD_FOR: Duration = Duration::from_secs(600);

/// All bays of the daemon, and what must end it.
#[derive(Debug, Default)]
pub struct Docks {
    /// Which plug-in stands at each place, also before anybody knows what it is.
    standing: Mutex<BTreeMap<(BayId, String), u64>>,
    slots: Mutex<BTreeMap<(BayId, String), Docked>>,
    /// Recorders that went before their session was over, until all of them is taken.
    early: Mutex<BTreeMap<RecorderId, Docked>>,
    /// Recorders that were taken away before anybody said whose they are, and when; the last one of each bay.
    left: Mutex<BTreeMap<BayId, (Docked, Instant)>>,
    /// Places whose recorder was confirmed at least once in this plug-in.
    tried: Mutex<BTreeSet<(BayId, String)>>,
    /// Sentences about what is plugged and is no docked recorder, by bay and kernel name.
    alerts: Mutex<BTreeMap<(String, String), String>>,
    /// What recorders said when they were unlocked, by the port they stand on.
    told: Mutex<BTreeMap<String, Told>>,
    stopping: Stopping,
    /// Why the process must stop and let start-up recover.
    fatal: OnceLock<String>,
}

impl Docks {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(BayId, String), Docked>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn stopping(&self) -> Stopping {
        self.stopping.clone()
    }

    /// State unknown or damaged: everything stops, the reason is kept.
    pub fn fail(&self, why: &str) {
        self.fatal.get_or_init(|| why.to_owned());
        self.stopping.begin();
    }

    pub fn fatal(&self) -> Option<&str> {
        self.fatal.get().map(String::as_str)
    }

    pub fn all(&self) -> Vec<Docked> {
        self.lock().values().cloned().collect()
    }

    /// As people read it: a device of which one volume is unfinished is not called done.
    pub fn shown(&self) -> Vec<Docked> {
        let mut all = self.all();
        let alerts = self.alerts();
        let unfinished: BTreeSet<BayId> = all
            .iter()
            .filter(|d| d.is_volume)
            .filter(|d| {
                d.state != State::Closed || alerts.iter().any(|(bay, ..)| bay == d.bay.as_str())
            })
            .map(|d| d.bay.clone())
            .collect();
        for docked in &mut all {
            if docked.is_volume && docked.state == State::Closed && unfinished.contains(&docked.bay)
            {
                docked.text = format!("{NOT_ALL_OF_IT}. {}", docked.name);
                docked.others_unfinished = true;
            }
        }
        all
    }

    /// Says something about a device or volume until it goes.
    pub fn alert(&self, bay: &str, what: &str, text: &str) {
        self.lock_alerts().insert((bay.to_owned(), what.to_owned()), text.to_owned());
    }

    pub fn calm(&self, bay: &str, what: &str) {
        self.lock_alerts().remove(&(bay.to_owned(), what.to_owned()));
    }

    /// Bay, kernel name, sentence.
    pub fn alerts(&self) -> Vec<(String, String, String)> {
        let alerts = self.lock_alerts();
        let all =
            alerts.iter().map(|((bay, what), text)| (bay.clone(), what.clone(), text.clone()));
        all.collect()
    }

    fn lock_alerts(&self) -> MutexGuard<'_, BTreeMap<(String, String), String>> {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recorder on `port` said this of itself.
    pub fn learnt(&self, port: &str, told: Told) {
        self.lock_told().insert(port.to_owned(), told);
    }

    /// Another recorder stands on that port by now, or none.
    pub fn forget(&self, port: &str) {
        self.lock_told().remove(port);
    }

    /// What the recorder said whose device or volume is on `path`, an `ID_PATH` at or behind its port.
    pub fn told(&self, path: &str) -> Option<Told> {
        let told = self.lock_told();
        let of = |port: &str| {
            path.strip_prefix(port).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        told.iter().find(|(port, _)| of(port)).map(|(_, told)| told.clone())
    }

    fn lock_told(&self) -> MutexGuard<'_, BTreeMap<String, Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was plugged in; it will be looked at.
    pub fn arrived(&self, bay: &BayId, name: &str, epoch: u64) {
        self.lock_left().remove(bay);
        self.lock_standing().insert((bay.clone(), name.to_owned()), epoch);
    }

    /// Is this plug-in still the one that stands there?
    pub fn stands(&self, bay: &BayId, name: &str, epoch: u64) -> bool {
        self.lock_standing().get(&(bay.clone(), name.to_owned())) == Some(&epoch)
    }

    fn lock_standing(&self) -> MutexGuard<'_, BTreeMap<(BayId, String), u64>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what was looked at, unless it was pulled out meanwhile.
    pub fn put(&self, docked: Docked) {
        let key = (docked.bay.clone(), docked.name.clone());
        let standing = self.lock_standing();
        if standing.get(&key) == Some(&docked.epoch) {
            self.lock_left().retain(|_, (left, _)| left.recorder != docked.recorder);
            self.lock().insert(key, docked);
        }
    }

    pub fn unplugged(&self, bay: &BayId, name: &str) {
        let key = (bay.clone(), name.to_owned());
        let mut standing = self.lock_standing();
        standing.remove(&key);
        // The lock is held until both are done: an end that comes meanwhile finds one or the other.
        let mut slots = self.lock();
        let tried = self.lock_tried().remove(&key);
        let Some(gone) = slots.remove(&key) else { return };
        if gone.state == State::Running || gone.verdict == Some(Verdict::Interrupted) {
            self.lock_early().insert(gone.recorder.clone(), gone);
        } else if gone.state == State::Waiting
            && !tried
            && !self.lock_early().contains_key(&gone.recorder)
        {
            self.lock_left().insert(bay.clone(), (gone, Instant::now()));
        }
    }

    /// Recorders that went before their session was over, and are not back. One that comes back and goes unconfirmed is missed
    /// as before.
    pub fn early(&self) -> Vec<Docked> {
        let slots = self.lock();
        let back = |one: &&Docked| slots.values().any(|docked| docked.recorder == one.recorder);
        self.lock_early().values().filter(|one| !back(one)).cloned().collect()
    }

    /// What the registers say was not taken to its end, after a restart.
    pub fn missed(&self, unfinished: Vec<Docked>) {
        let mut early = self.lock_early();
        for one in unfinished {
            early.entry(one.recorder.clone()).or_insert(one);
        }
    }

    /// All of it was taken, in no bay.
    pub fn taken_elsewhere(&self, recorder: &RecorderId) {
        self.lock_early().remove(recorder);
    }

    /// Recorders that were taken away unconfirmed: nothing of them was copied. Until somebody docks there, or for ten minutes.
    pub fn left(&self, now: Instant) -> Vec<Docked> {
        let mut left = self.lock_left();
        left.retain(|_, (_, at)| now.saturating_duration_since(*at) < TOLD_FOR);
        left.values().map(|(docked, _)| docked.clone()).collect()
    }

    fn lock_left(&self) -> MutexGuard<'_, BTreeMap<BayId, (Docked, Instant)>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_tried(&self) -> MutexGuard<'_, BTreeSet<(BayId, String)>> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_early(&self) -> MutexGuard<'_, BTreeMap<RecorderId, Docked>> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By the name of its directory or by the number it is taken for.
    pub fn find(&self, bay: Option<&BayId>, recorder: &str) -> Option<Docked> {
        let mine = |d: &&Docked| {
            bay.is_none_or(|bay| *bay == d.bay)
                && (d.name == recorder || d.recorder.as_str() == recorder)
        };
        self.lock().values().find(mine).cloned()
    }

    /// Takes it for a session: from now on nobody else can.
    pub fn take(&self, bay: &BayId, name: &str) -> Result<Docked, CliError> {
        let mut slots = self.lock();
        let slot = slots.get_mut(&(bay.clone(), name.to_owned())).ok_or_else(|| {
            let text = format!("no recorder {name} stands in bay {bay}; see `sealdock status`");
            CliError::new(Exit::Missing, text)
        })?;
        if slot.state == State::Running {
            let text = format!("recorder {name} in bay {bay} is being read already; wait for it");
            return Err(CliError::new(Exit::Refused, text));
        }
        self.lock_tried().insert((bay.clone(), name.to_owned()));
        slot.state = State::Running;
        slot.verdict = None;
        // It asked for what was just done.
        slot.text.clear();
        Ok(slot.clone())
    }

    /// Ends a session at the same plug-in; another one that stands there by now is not touched.
    pub fn closed(&self, was: &Docked, verdict: Verdict, text: &str) {
        self.ended(was, State::Closed, (Some(verdict), text));
    }

    /// No session came of it: it waits again, and says why.
    pub fn waits_again(&self, was: &Docked, text: &str) {
        self.ended(was, State::Waiting, (None, text));
    }

    fn ended(&self, was: &Docked, state: State, (verdict, text): (Option<Verdict>, &str)) {
        let mut slots = self.lock();
        // All of it was taken: it stands there, or went at the very end.
        if !matches!(verdict, None | Some(Verdict::Interrupted)) {
            let stands = slots
                .get(&(was.bay.clone(), was.name.clone()))
                .is_some_and(|slot| slot.epoch == was.epoch);
            let mut early = self.lock_early();
            let gone = early.get(&was.recorder);
            if stands || gone.is_some_and(|one| one.epoch == was.epoch && one.bay == was.bay) {
                early.remove(&was.recorder);
            }
        }
        if let Some(slot) = slots.get_mut(&(was.bay.clone(), was.name.clone()))
            && slot.epoch == was.epoch
        {
            slot.state = state;
            slot.verdict = verdict;
            slot.text = text.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docked(epoch: u64) -> Docked {
        Docked {
            bay: "b1".parse().unwrap(),
            name: "J1".into(),
            path: "/bays/J1".into(),
            epoch,
            recorder: "R1".parse().unwrap(),
            officer: None,
            state: State::Waiting,
            text: "sealdock session confirm b1 J1 --officer ID".into(),
            verdict: None,
            others_unfinished: false,
            is_volume: true,
        }
    }

    fn put(docks: &Docks, docked: Docked) {
        docks.arrived(&docked.bay, &docked.name, docked.epoch);
        docks.put(docked);
    }

    #[test]
    fn what_was_pulled_out_while_it_was_looked_at_is_not_shown() {
        let docks = Docks::default();
        docks.arrived(&docked(1).bay, "J1", 1);
        assert!(docks.stands(&docked(1).bay, "J1", 1) && !docks.stands(&docked(1).bay, "J1", 2));
        docks.unplugged(&docked(1).bay, "J1");
        docks.put(docked(1));
        assert!(docks.all().is_empty());
        docks.arrived(&docked(2).bay, "J1", 2);
        docks.put(docked(1));
        assert!(docks.all().is_empty(), "another plug-in stands there by now");
        docks.put(docked(2));
        assert_eq!(docks.all().len(), 1);
    }

    #[test]
    fn what_went_before_its_end_is_missed_until_it_is_back_or_turns_out_to_be_done() {
        let docks = Docks::default();
        let missed = || docks.early().iter().map(|d| d.epoch).collect::<Vec<_>>();
        let gone = |epoch| {
            put(&docks, docked(epoch));
            let was = docks.take(&docked(epoch).bay, "J1").unwrap();
            docks.unplugged(&was.bay, "J1");
            was
        };
        put(&docks, docked(1));
        docks.unplugged(&docked(1).bay, "J1");
        assert!(missed().is_empty(), "nobody had confirmed it");
        let all = [docked(0), Docked { recorder: "R2".parse().unwrap(), ..docked(0) }];
        put(&docks, docked(1));
        docks.missed(all.to_vec());
        assert_eq!(missed(), [0], "what stands in a bay is not missed");
        docks.taken_elsewhere(&all[1].recorder);
        assert!(missed().is_empty());
        docks.unplugged(&docked(1).bay, "J1");
        assert_eq!(missed(), [0], "it was there, and nothing was taken");
        assert!(docks.left(Instant::now()).is_empty(), "which is said once");
        put(&docks, docked(1));
        docks.take(&docked(1).bay, "J1").unwrap();
        docks.closed(&docked(1), Verdict::Done, "done");
        docks.unplugged(&docked(1).bay, "J1");
        assert!(missed().is_empty(), "all of it was taken");
        docks.closed(&gone(2), Verdict::Interrupted, "gone");
        assert_eq!(missed(), [2]);
        put(&docks, Docked { bay: "b2".parse().unwrap(), ..docked(3) });
        assert!(missed().is_empty(), "it is back, in another bay");
        docks.unplugged(&"b2".parse().unwrap(), "J1");
        assert_eq!(missed(), [2], "and goes unconfirmed");
        for verdict in [Verdict::Done, Verdict::Held] {
            docks.closed(&gone(4), verdict, "done");
            assert!(missed().is_empty(), "{verdict:?}");
        }
        let old = gone(5);
        gone(6);
        docks.closed(&old, Verdict::Done, "done");
        assert_eq!(missed(), [6], "the end of another plug-in");
        put(&docks, docked(7));
        docks.take(&docked(7).bay, "J1").unwrap();
        docks.closed(&docked(7), Verdict::Interrupted, "unplug it");
        docks.unplugged(&docked(7).bay, "J1");
        assert_eq!(missed(), [7], "asked to be plugged in again, and was not");
        docks.closed(&gone(8), Verdict::Interrupted, "gone");
        docks.waits_again(&docked(8), "no session");
        assert_eq!(missed(), [8]);
    }

    #[test]
    fn who_takes_it_away_unconfirmed_is_told_so_until_somebody_docks_there_or_it_is_back() {
        let docks = Docks::default();
        let now = Instant::now();
        let left = |at| docks.left(at).iter().map(|d| d.recorder.to_string()).collect::<Vec<_>>();
        let go = || {
            put(&docks, docked(1));
            docks.unplugged(&docked(1).bay, "J1");
        };
        go();
        assert_eq!(left(now), ["R1"]);
        docks.arrived(&docked(1).bay, "J9", 2);
        assert!(left(now).is_empty(), "another is docked there");
        go();
        put(&docks, Docked { bay: "b2".parse().unwrap(), ..docked(3) });
        assert!(left(now).is_empty(), "it is back, in another bay");
        docks.unplugged(&"b2".parse().unwrap(), "J1");
        assert_eq!(left(now), ["R1"]);
        assert!(left(now + TOLD_FOR + TOLD_FOR).is_empty(), "an hour later nobody asks");
        put(&docks, docked(4));
        let was = docks.take(&docked(4).bay, "J1").unwrap();
        docks.waits_again(&was, "no session");
        docks.unplugged(&was.bay, "J1");
        assert!(left(now).is_empty(), "it was confirmed: that nothing was copied is not known");
    }

    #[test]
    fn a_device_is_not_done_while_another_volume_of_it_is_not() {
        let docks = Docks::default();
        let other = Docked { name: "J2".into(), recorder: "R2".parse().unwrap(), ..docked(1) };
        put(&docks, docked(1));
        put(&docks, other.clone());
        let text = |name: &str| {
            docks.shown().into_iter().find(|d| d.name == name).expect("it stands there").text
        };
        docks.closed(&docked(1), Verdict::Done, "done");
        assert!(text("J1").contains("do not take it yet"));
        docks.closed(&other, Verdict::Done, "done");
        assert_eq!((text("J1"), text("J2")), ("done".into(), "done".into()));
        docks.alert("b1", "sda3", "unreadable");
        assert!(text("J2").contains("do not take it yet"));
        put(
            &docks,
            Docked { is_volume: false, state: State::Closed, text: "done".into(), ..other },
        );
        assert_eq!(text("J2"), "done", "folders of a bay are recorders of their own");
    }

    #[test]
    fn what_was_learnt_is_of_the_port_and_what_is_behind_it() {
        let docks = Docks::default();
        let told = Told { device: Some("J1".into()), ..Told::default() };
        docks.learnt("pci-0-usb-0:1.1", told.clone());
        assert_eq!(docks.told("pci-0-usb-0:1.1"), Some(told.clone()));
        assert_eq!(docks.told("pci-0-usb-0:1.1:1.0-scsi-0:0:0:0"), Some(told));
        for other in ["pci-0-usb-0:1.2", "pci-0-usb-0:1.11", "pci-0-usb-0:1.1.4", "pci-0-usb-0:1"] {
            assert_eq!(docks.told(other), None, "{other}");
        }
        docks.forget("pci-0-usb-0:1.1");
        assert_eq!(docks.told("pci-0-usb-0:1.1"), None);
    }

    #[test]
    fn a_recorder_is_taken_once_and_an_old_session_does_not_end_a_new_plug_in() {
        let docks = Docks::default();
        put(&docks, docked(1));
        let first = docks.take(&docked(1).bay, "J1").unwrap();
        let shown = docks.find(None, "R1").unwrap();
        assert_eq!(
            (shown.state, shown.text.as_str()),
            (State::Running, ""),
            "nobody is asked again"
        );
        assert_eq!(docks.take(&docked(1).bay, "J1").unwrap_err().exit, Exit::Refused);
        docks.unplugged(&first.bay, "J1");
        put(&docks, docked(2));
        docks.closed(&first, Verdict::Done, "done");
        assert_eq!(docks.find(None, "R1").unwrap().state, State::Waiting);
        assert_eq!(docks.take(&first.bay, "J9").unwrap_err().exit, Exit::Missing);
        docks.put(docked(1));
        assert_eq!(docks.find(None, "R1").unwrap().epoch, 2, "what came later stays");
    }
}
