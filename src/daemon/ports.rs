//! What is announced of the dock's USB ports: refusals become entries and sentences in `status`, a
//! locked recorder on a bound port is unlocked once, one that speaks MTP is told to its bay. Volumes come
//! in through their bays.

/// The one attempt to unlock.
mod opening;

use crate::wire::Open;
use opening::{Opening, due};
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::BayId;
use sealdock_core::naming;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_device::bays::BayEvent;
use sealdock_device::usb::notices::{self, Notice, Notices};
use sealdock_profile::{DeviceNotice, Docks, Seen, State, VolumeNotice};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// The longest sentence that goes into an entry.
const TEXT_BYTES_MAX: usize = 600;

/// The announced ports, and what was said of them.
pub struct Ports {
    open: Arc<Open>,
    docks: Docks,
    /// `None` if they cannot be watched; said once.
    _watch: Option<Notices>,
    notices: Receiver<Notice>,
    /// Refused in this plug-in, by bay and kernel name: the reason.
    refused: BTreeMap<(String, String), String>,
    /// The last unlock at each place, under way or over.
    openings: BTreeMap<(String, String), Opening>,
    /// Where recorders are told that have no volume.
    bays: Sender<BayEvent>,
    /// Those that stand there, with the kernel's number of their plug-in.
    told: BTreeMap<(String, String), Option<u64>>,
    /// Plug-ins told so far.
    plugs: u64,
}

impl Ports {
    /// Watches; what cannot be read of `docks.toml` is said, and then no port is bound to anything.
    pub fn new(open: &Arc<Open>, bays: Sender<BayEvent>) -> Ports {
        let docks = open.usb.docks().unwrap_or_else(|e| {
            tracing::error!("no port is bound to a profile: {e}");
            open.docks.alert("docks.toml", "", &format!("坞站配置有误 {e}"));
            Docks::default()
        });
        for port in docks.ports() {
            make_bay(open, &port.bay);
        }
        let (sender, notices) = channel();
        let watch = Notices::watch(&open.usb.run, sender);
        if let Err(e) = &watch {
            tracing::error!("{e}");
        }
        Ports {
            open: Arc::clone(open),
            docks,
            _watch: watch.ok(),
            notices,
            refused: BTreeMap::new(),
            openings: BTreeMap::new(),
            bays,
            told: BTreeMap::new(),
            plugs: 0,
        }
    }

    /// Takes what was announced since.
    pub fn turn(&mut self) {
        while let Ok(notice) = self.notices.try_recv() {
            match notice {
                Notice::Device(device) => self.device(&device),
                Notice::Volume(volume) => self.volume(&volume),
                Notice::DeviceGone { bay, busid } => self.gone(bay, busid),
                Notice::VolumeGone { bay, volume } => self.gone(bay, volume),
                Notice::Unreadable { file, why } => {
                    tracing::error!(file, "an announcement cannot be read: {why}");
                }
            }
        }
        for ((bay, busid), opening) in &mut self.openings {
            let news = opening.news();
            if let Some(told) = opening.learnt() {
                self.open.docks.learnt(opening.port(), told);
            }
            if let Some(sentence) = news {
                self.open.docks.forget(opening.port());
                tracing::warn!(bay, busid, "{sentence}");
                self.open.docks.alert(bay, busid, &sentence);
            }
        }
    }

    fn device(&mut self, device: &DeviceNotice) {
        tracing::info!(
            bay = device.bay,
            busid = device.busid,
            admitted = device.admitted,
            "a device is announced"
        );
        let (bay, busid) = (device.bay.clone(), device.busid.clone());
        let reason = device.reason.as_deref().map(inert);
        match (device.admitted, reason) {
            (true, None) => self.open.docks.calm(&bay, &busid),
            (true, Some(reason)) => self.open.docks.alert(&bay, &busid, &reason),
            (false, reason) => {
                let reason = reason.unwrap_or_else(|| {
                    "端口上的设备未被允许 the device on this port was not let in; take it off"
                        .into()
                });
                self.refuse((bay, busid), &device.seen, reason);
                return;
            }
        }
        for opening in self.openings.values_mut() {
            opening.saw(device);
        }
        if device.state == Some(State::Mtp) {
            self.tell(device);
        }
        self.unlock(device);
    }

    /// A recorder that speaks MTP stands in its bay as long as it is announced.
    fn tell(&mut self, device: &DeviceNotice) {
        let key = (device.bay.clone(), device.busid.clone());
        if self.told.get(&key) == Some(&device.number) {
            return;
        }
        self.untell(&key);
        let bay = match self.registered(&device.bay) {
            Ok(bay) => bay,
            Err(sentence) => {
                tracing::warn!(bay = device.bay, busid = device.busid, "{sentence}");
                self.open.docks.alert(&key.0, &key.1, &sentence);
                return;
            }
        };
        self.plugs += 1;
        let path = notices::device_path(&self.open.usb.run, &device.bay, &device.busid);
        let (name, epoch) = (device.busid.clone(), self.plugs);
        self.told.insert(key, device.number);
        // Nobody receives: the daemon ends.
        let _ended = self.bays.send(BayEvent::Plugged { bay, name, path, epoch });
    }

    fn untell(&mut self, key: &(String, String)) {
        if self.told.remove(key).is_some()
            && let Ok(bay) = key.0.parse()
        {
            let _ended = self.bays.send(BayEvent::Unplugged { bay, name: key.1.clone() });
        }
    }

    /// A bay that the station knows.
    fn registered(&self, bay: &str) -> Result<BayId, String> {
        let id: BayId = bay.parse().map_err(|e| format!("{bay}: {e}"))?;
        let view = self.open.station.world().ledger.view().map_err(|e| e.message)?;
        let rows = view.select(&Query::all(&s::BAY).with("id", id.as_str()));
        match rows.map_err(|e| e.message)?.is_empty() {
            false => Ok(id),
            true => Err(format!(
                "采集口未登记 / the bay {bay} is not registered; `sealdock bay add`, then plug the recorder in again"
            )),
        }
    }

    /// Once for each plug-in; `due` says whether at all.
    fn unlock(&mut self, device: &DeviceNotice) {
        let key = (device.bay.clone(), device.busid.clone());
        if let Some(opening) = self.openings.get(&key)
            && !opening.is_over()
        {
            if opening.has_failed() {
                let sentence = "本次插入已尝试解锁一次，不再尝试；请等半分钟后重新插入 / it was unlocked once in this plug-in \
                                and is not again; wait half a minute and plug it in again";
                self.open.docks.alert(&key.0, &key.1, sentence);
            }
            return;
        }
        match due(&self.open, &self.docks, device) {
            Ok(None) => {}
            Ok(Some(order)) => {
                self.open.docks.forget(&device.seen.port);
                self.openings.insert(key, Opening::begin(&self.open, order, device));
            }
            Err(sentence) => self.open.docks.alert(&key.0, &key.1, &sentence),
        }
    }

    fn volume(&mut self, volume: &VolumeNotice) {
        let (bay, name) = (volume.bay.clone(), volume.volume.clone());
        match volume.problem.as_deref().map(inert) {
            None => self.open.docks.calm(&bay, &name),
            Some(problem) => self.refuse((bay, name), &volume.seen, problem),
        }
    }

    fn gone(&mut self, bay: String, what: String) {
        tracing::info!(bay, what, "gone from its port");
        self.open.docks.calm(&bay, &what);
        let key = (bay, what);
        self.untell(&key);
        if let Some(opening) = self.openings.get_mut(&key) {
            // What left is the recorder as it was before its unlock, or that very recorder.
            if opening.has_appeared() {
                self.open.docks.forget(opening.port());
            }
            opening.left();
        }
        self.refused.remove(&key);
    }

    /// An entry, once for each plug-in and reason, and a sentence as long as it is there.
    fn refuse(&mut self, key: (String, String), seen: &Seen, reason: String) {
        self.open.docks.alert(&key.0, &key.1, &reason);
        if self.refused.get(&key) == Some(&reason) {
            return;
        }
        let (name, what) = key.clone();
        self.refused.insert(key, reason.clone());
        let bay: BayId = match name.parse() {
            Ok(bay) => bay,
            Err(e) => {
                tracing::error!(bay = name, "announced for a bay that cannot be one: {e}");
                return;
            }
        };
        let refuse = Command::RefuseDock { bay, what: described(&what, seen), reason };
        if let Err(e) = self.open.station.apply(&Arc::new(Actor::System), refuse) {
            tracing::error!(bay = name, "a refusal could not be recorded: {e}");
            if e.is_fatal() {
                self.open.docks.fail(&e.to_string());
            }
        }
    }
}

fn make_bay(open: &Open, bay: &BayId) {
    let dir = open.usb.bays().join(bay.as_str());
    if open.usb.bays().is_dir()
        && let Err(e) = std::fs::create_dir(&dir)
        && e.kind() != std::io::ErrorKind::AlreadyExists
    {
        tracing::warn!(%bay, "cannot make the bay directory {}: {e}", dir.display());
    }
}

/// Kernel name, numbers and strings of a device, for an entry.
fn described(what: &str, seen: &Seen) -> String {
    let strings = [&seen.manufacturer, &seen.product].into_iter().flatten();
    let strings: Vec<&str> = strings.map(String::as_str).collect();
    inert(&format!("{what} {:04x}:{:04x} {}", seen.vid, seen.pid, strings.join(" ")))
        .trim_end()
        .to_owned()
}

/// Strings of a stranger stand in it: nothing that steers a terminal, and not too long.
fn inert(text: &str) -> String {
    let mut shown = naming::display(text.as_bytes());
    if shown.len() > TEXT_BYTES_MAX {
        let end = (0..=TEXT_BYTES_MAX).rev().find(|at| shown.is_char_boundary(*at)).unwrap_or(0);
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
