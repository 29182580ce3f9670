//! The one attempt to unlock a recorder: whether it may be made, the attempt on a thread of its own, and
//! the wait for what must appear on the same port. A device that comes back locked within that time is
//! the same plug-in, and gets no second attempt: some recorders count wrong passwords.

use crate::wire::{Open, wall};
use sealdock_core::naming;
use sealdock_core::session::Told;
use sealdock_device::usb::unlock::{Attempt, Given, attempt, open as way};
use sealdock_profile::unlock::{Fact, Next, Policy};
use sealdock_profile::{DeviceNotice, DockPort, Docks, Place, State, Unlock, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// The longest number or name of a version that a recorder is believed.
const FACT_CHARS_MAX: usize = 64;

/// An unlock that may be sent, with its secret.
pub struct Order {
    unlock: Unlock,
    secret: Option<String>,
}

/// May this device be unlocked now? `None`: there is nothing to unlock, or its port is not bound.
///
/// # Errors
/// The sentence for the operator: it should be, and cannot.
pub fn due(open: &Open, docks: &Docks, device: &DeviceNotice) -> Result<Option<Order>, String> {
    let Place::Dock(port) = docks.place(&device.seen.port) else { return Ok(None) };
    let Some(id) = port.profile.as_deref() else { return Ok(None) };
    let locked = device.admitted && device.state == Some(State::Locked);
    if !locked || port.bay.as_str() != device.bay || device.profile.as_deref() != Some(id) {
        return Ok(None);
    }
    // Judged here once more, by the same rules: nothing is sent on somebody's word.
    let profiles = open.usb.profiles().profiles;
    if profiles.identify(&device.seen, Some(id)).unlocks() != Some(id) {
        return Ok(None);
    }
    let Some(unlock) = profiles.find(id).and_then(|profile| profile.unlock()) else {
        return Ok(None);
    };
    if unlock.policy != Policy::Bound {
        return Err(format!(
            "型号 {id} 的解锁须由操作员执行，未发送 / the unlock of {id} is for an operator to start; nothing is sent; \
             open the recorder by hand"
        ));
    }
    let secret = unlock.secret.as_deref().map(|name| secret(port, name)).transpose()?;
    Ok(Some(Order { unlock: unlock.clone(), secret }))
}

fn secret(port: &DockPort, name: &str) -> Result<String, String> {
    let cannot = |why: &dyn std::fmt::Display| {
        format!(
            "无法读取解锁密码，未发送任何命令 / the secret {name:?} of the port cannot be read, nothing is sent: {why}; see \
             `sealdock verify-config`"
        )
    };
    let file = port.secrets.get(name).ok_or_else(|| cannot(&"docks.toml names no file"))?;
    let text = std::fs::read_to_string(file).map_err(|e| cannot(&e))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// One attempt and what follows.
pub struct Opening {
    port: String,
    next: Next,
    attempt: Receiver<Attempt>,
    phase: Phase,
    /// What it was to become stood on the port.
    appeared: bool,
    /// It left the port since.
    went: bool,
    /// What it said, until somebody took it.
    learnt: Option<BTreeMap<Fact, String>>,
}

enum Phase {
    Talking,
    /// Everything was said; the next state must come.
    Waiting(Instant),
    /// It failed; until then a device on this port is still the same one.
    Failed(Instant),
    Open,
}

impl Opening {
    pub fn begin(open: &Arc<Open>, order: Order, device: &DeviceNotice) -> Opening {
        let (sender, attempt) = channel();
        let (open, device) = (Arc::clone(open), device.clone());
        let (port, next) = (device.seen.port.clone(), order.unlock.next);
        let work = move || {
            tracing::info!(
                bay = device.bay,
                busid = device.busid,
                "the recorder is unlocked, once"
            );
            // Nobody listens any more: the daemon ends.
            let _ended = sender.send(once(&open, &order, &device));
        };
        // Without a thread the sender is dropped, which is heard as a failed attempt.
        if let Err(e) = std::thread::Builder::new().name("unlock".into()).spawn(work) {
            tracing::error!("no thread for an unlock: {e}");
        }
        Opening {
            port,
            next,
            attempt,
            phase: Phase::Talking,
            appeared: false,
            went: false,
            learnt: None,
        }
    }

    /// Something was announced: what was waited for, perhaps.
    pub fn saw(&mut self, device: &DeviceNotice) {
        if device.seen.port == self.port && device.state == Some(self.next.state) {
            self.appeared = true;
        }
    }

    pub fn left(&mut self) {
        self.went = true;
    }

    pub fn port(&self) -> &str {
        &self.port
    }

    /// Does what stands on the port now show what it was unlocked for?
    pub fn has_appeared(&self) -> bool {
        self.appeared
    }

    /// What the recorder said of itself, once.
    pub fn learnt(&mut self) -> Option<Told> {
        self.learnt.take().map(|facts| told(&facts)).filter(|told| !told.is_empty())
    }

    /// What stands there now is another plug-in than the one this attempt was for.
    pub fn is_over(&self) -> bool {
        self.went
            && match self.phase {
                Phase::Talking | Phase::Waiting(_) => false,
                Phase::Failed(until) => Instant::now() >= until,
                Phase::Open => true,
            }
    }

    pub fn has_failed(&self) -> bool {
        matches!(self.phase, Phase::Failed(_))
    }

    /// How it goes on; a sentence if it failed.
    pub fn news(&mut self) -> Option<String> {
        match self.phase {
            Phase::Talking => self.talked(),
            Phase::Waiting(_) if self.appeared => {
                self.phase = Phase::Open;
                None
            }
            Phase::Waiting(until) if Instant::now() >= until => {
                self.fail();
                Some(format!(
                    "记录仪未在 {s} 秒内显示为{state}，请重新插入 / the recorder did not show as {state} within {s} s after its \
                     unlock; plug it in again",
                    s = self.next.within.as_secs(),
                    state = self.next.state.word()
                ))
            }
            _ => None,
        }
    }

    fn talked(&mut self) -> Option<String> {
        let attempt = match self.attempt.try_recv() {
            Ok(attempt) => attempt,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Attempt {
                log: Vec::new(),
                result: Err(
                    "解锁中断，请重新插入 / the unlock was cut short; plug it in again".into()
                ),
            },
        };
        for line in &attempt.log {
            tracing::info!(port = self.port, "unlock: {line}");
        }
        match attempt.result {
            Ok(facts) => {
                tracing::info!(port = self.port, "unlock: everything was said; learnt {facts:?}");
                self.phase = Phase::Waiting(Instant::now() + self.next.within);
                self.learnt = Some(facts);
                None
            }
            Err(sentence) => {
                self.fail();
                Some(sentence)
            }
        }
    }

    fn fail(&mut self) {
        self.phase = Phase::Failed(Instant::now() + self.next.within.max(Duration::from_secs(5)));
    }
}

/// Facts as entries carry them: a stranger's words, inert and short.
fn told(facts: &BTreeMap<Fact, String>) -> Told {
    let text = |fact| {
        let shown = naming::display(facts.get(&fact)?.as_bytes());
        Some(shown.chars().take(FACT_CHARS_MAX).collect())
    };
    let battery = facts.get(&Fact::Battery).and_then(|text| text.parse().ok());
    Told {
        device: text(Fact::Device),
        officer: text(Fact::Officer),
        battery_percent: battery.filter(|percent| *percent <= 100),
        firmware: text(Fact::Firmware),
        source: "unlock".to_owned(),
    }
}

fn once(open: &Open, order: &Order, device: &DeviceNotice) -> Attempt {
    let failed = |why: String| Attempt {
        log: Vec::new(),
        result: Err(format!("无法解锁记录仪 / the recorder cannot be unlocked: {why}")),
    };
    let now = match wall::now(open, Zone::Station) {
        Ok(now) => now,
        Err(why) => return failed(why),
    };
    let device = (device.busid.as_str(), &device.seen);
    match way(&open.usb.sys, device, &order.unlock) {
        Ok(mut transport) => {
            let secret = order.secret.as_deref();
            attempt(Given { unlock: &order.unlock, secret, now }, &mut *transport)
        }
        Err(e) => failed(e.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_profile::Seen;
    use std::sync::mpsc::Sender;

    impl Opening {
        /// An attempt whose end the test says.
        pub fn under_way(port: &str, within: Duration) -> (Opening, Sender<Attempt>) {
            let (sender, attempt) = channel();
            let (port, phase) = (port.to_owned(), Phase::Talking);
            let next = Next { state: State::Storage, within };
            let (appeared, went, learnt) = (false, false, None);
            (Opening { port, next, attempt, phase, appeared, went, learnt }, sender)
        }
    }

    fn opening(within: Duration) -> (Opening, Sender<Attempt>) {
        Opening::under_way("pci-0-usb-0:1", within)
    }

    fn announced(state: State, port: &str) -> DeviceNotice {
        DeviceNotice {
            bay: "bay-1".into(),
            busid: "1-2".into(),
            number: None,
            seen: Seen { port: port.into(), ..Seen::default() },
            admitted: true,
            state: Some(state),
            profile: None,
            reason: None,
        }
    }

    fn said() -> Attempt {
        Attempt { log: Vec::new(), result: Ok(Default::default()) }
    }

    #[test]
    fn a_disk_on_the_same_port_ends_the_wait_and_the_next_plug_in_is_another() {
        let (mut opening, sender) = opening(Duration::from_secs(60));
        assert_eq!(opening.news(), None);
        sender.send(said()).unwrap();
        assert_eq!(opening.news(), None);
        opening.left();
        opening.saw(&announced(State::Storage, "pci-0-usb-0:2"));
        opening.saw(&announced(State::Locked, "pci-0-usb-0:1"));
        opening.news();
        assert!(!opening.is_over(), "another port, or locked again: it is still waited for");
        opening.saw(&announced(State::Storage, "pci-0-usb-0:1"));
        assert_eq!(opening.news(), None);
        assert!(opening.is_over());
    }

    #[test]
    fn what_it_said_is_taken_once_and_inert() {
        let (mut opening, sender) = opening(Duration::from_secs(60));
        let said = [
            (Fact::Device, "J\u{1b}7".to_owned()),
            (Fact::Battery, "101".to_owned()),
            (Fact::Firmware, "v".repeat(400)),
        ];
        assert_eq!(opening.learnt(), None);
        sender.send(Attempt { log: Vec::new(), result: Ok(said.into()) }).unwrap();
        assert_eq!(opening.news(), None);
        let told = opening.learnt().expect("it said something");
        assert!(
            told.device.is_some_and(|device| device.starts_with('J') && !device.contains('\u{1b}'))
        );
        assert_eq!((told.battery_percent, told.officer), (None, None));
        assert_eq!(told.firmware.map(|text| text.len()), Some(FACT_CHARS_MAX));
        assert_eq!(opening.learnt(), None);
    }

    #[test]
    fn what_does_not_come_in_time_is_said_once() {
        let (mut opening, sender) = opening(Duration::ZERO);
        sender.send(said()).unwrap();
        opening.news();
        let sentence = opening.news().expect("the time is over");
        assert!(sentence.contains("did not show as storage"), "{sentence}");
        assert_eq!(opening.news(), None);
        opening.left();
        assert!(!opening.is_over(), "a device that comes back at once is the same one");
    }

    #[test]
    fn an_attempt_that_failed_or_was_cut_short_is_said() {
        let (mut failed, sender) = opening(Duration::from_secs(60));
        sender.send(Attempt { log: Vec::new(), result: Err("密码 / no".into()) }).unwrap();
        assert_eq!(failed.news().as_deref(), Some("密码 / no"));
        failed.left();
        assert!(!failed.is_over(), "no second attempt while it may be the same plug-in");
        let (mut cut, sender) = opening(Duration::from_secs(60));
        drop(sender);
        assert!(cut.news().is_some_and(|sentence| sentence.contains("cut short")));
    }
}
