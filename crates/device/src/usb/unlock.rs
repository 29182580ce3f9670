//! Runs the unlock of a bound profile: the messages in their order, every reply judged by the profile.
//! There is one attempt. Whether it worked is not for a reply to say, but for what appears on the port.

/// SCSI.
mod scsi;
/// Control and bulk.
mod usbfs;

pub use scsi::ScsiDevice;
pub use usbfs::UsbDevice;

use sealdock_core::naming;
use sealdock_core::ports::PortResult;
use sealdock_profile::unlock::Via;
use sealdock_profile::unlock::{Fact, Op, Setup, Step, Wall, captures, render, shown};
use sealdock_profile::{Seen, Unlock};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// What can be said to a device. Lengths are those of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    SetConfiguration(u8),
    ControlOut(Setup, &'a [u8]),
    ControlIn(Setup, u16),
    BulkOut(u8, &'a [u8]),
    BulkIn(u8, u16),
    ScsiOut(&'a [u8], &'a [u8]),
    ScsiIn(&'a [u8], u16),
}

/// The way to one plugged device. When that device goes, so does the way: it never leads to the next.
pub trait Transport {
    /// The reply, as long as the device made it; empty for what has none.
    ///
    /// # Errors
    /// No reply that could be judged.
    fn say(&mut self, message: Message<'_>, patience: Duration) -> Result<Vec<u8>, Trouble>;
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    Silent,
    Stalled,
    /// It left the bus: unplugged, or on its way to the next state.
    Gone,
    Other(String),
}

/// How the one attempt ended.
#[derive(Debug)]
pub struct Attempt {
    /// What was sent and answered, without the secret.
    pub log: Vec<String>,
    /// What the replies taught; or the sentence for the operator.
    pub result: Result<BTreeMap<Fact, String>, String>,
}

/// The way to the device that the kernel calls `busid`, if it is still the one that was seen.
///
/// # Errors
/// It is gone, another device has its name, or it may not be opened.
pub fn open(
    sys: &Path,
    (busid, seen): (&str, &Seen),
    unlock: &Unlock,
) -> PortResult<Box<dyn Transport>> {
    if unlock.via == Via::Scsi {
        let device = ScsiDevice::open(sys, busid)?;
        // Looked at after it was opened: what is open can no longer be exchanged.
        usbfs::expect(sys, busid, seen)?;
        return Ok(Box::new(device));
    }
    let mut device = UsbDevice::open(sys, busid, seen)?;
    if unlock.steps.iter().any(|step| needs_interface(&step.op)) {
        device.claim(unlock.interface)?;
    }
    Ok(Box::new(device))
}

/// Messages to the device itself need none (USB 2.0 §9.3.1, recipient 0).
fn needs_interface(op: &Op) -> bool {
    match op {
        Op::BulkOut { .. } | Op::BulkIn { .. } => true,
        Op::ControlOut { setup, .. } | Op::ControlIn { setup, .. } => {
            setup.request_type & 0x1f != 0
        }
        Op::ControlPair { out, reply, .. } => (out.request_type | reply.request_type) & 0x1f != 0,
        Op::SetConfiguration { .. } | Op::ScsiOut { .. } | Op::ScsiIn { .. } => false,
    }
}

/// Everything that the messages are made of.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub unlock: &'a Unlock,
    pub secret: Option<&'a str>,
    /// Civil time as the recorder shall show it.
    pub now: Wall,
}

/// Every message is made before the first is sent: what cannot be said whole is not begun.
pub fn attempt(given: Given<'_>, transport: &mut dyn Transport) -> Attempt {
    let mut log = Vec::new();
    let result = messages(given).and_then(|made| {
        let mut talk = Talk {
            transport,
            log: &mut log,
            secret: given.secret,
            until: Instant::now() + given.unlock.timeout,
        };
        let mut facts = BTreeMap::new();
        let last = given.unlock.steps.len().saturating_sub(1);
        for (n, (step, data)) in given.unlock.steps.iter().zip(&made).enumerate() {
            match talk.step(step, data) {
                Ok(reply) => facts.extend(captures(step, &reply)),
                // It may leave for its next state before it answers the last message.
                Err(Ended::Trouble(Trouble::Gone)) if n == last => {}
                Err(ended) => return Err(ended.sentence(step)),
            }
        }
        Ok(facts)
    });
    Attempt { log, result }
}

fn messages(given: Given<'_>) -> Result<Vec<Vec<u8>>, String> {
    let render = |step: &Step| render(step.op.data(), given.secret, given.now);
    given.unlock.steps.iter().map(render).collect::<Result<_, _>>().map_err(|e| e.to_string())
}

enum Ended {
    Trouble(Trouble),
    Refused(String),
}

impl Ended {
    /// Chinese first, then English, with what to do.
    fn sentence(self, step: &Step) -> String {
        let (chinese, english) = match self {
            Ended::Refused(sentence) => return sentence,
            Ended::Trouble(Trouble::Silent) => {
                ("记录仪没有回答", "the recorder does not answer".into())
            }
            Ended::Trouble(Trouble::Stalled) => {
                ("记录仪不接受该命令", "the recorder does not take the message".into())
            }
            Ended::Trouble(Trouble::Gone) => {
                ("记录仪中途断开", "the recorder left in the middle".into())
            }
            Ended::Trouble(Trouble::Other(why)) => {
                ("无法与记录仪通信", format!("the recorder cannot be spoken to: {why}"))
            }
        };
        format!(
            "{chinese}，已停止；请重新插入 / {english}; nothing more is sent; plug it in again (step {:?})",
            step.name
        )
    }
}

struct Talk<'a> {
    transport: &'a mut dyn Transport,
    log: &'a mut Vec<String>,
    secret: Option<&'a str>,
    until: Instant,
}

impl Talk<'_> {
    fn step(&mut self, step: &Step, data: &[u8]) -> Result<Vec<u8>, Ended> {
        std::thread::sleep(step.wait);
        let text = shown(step.op.data());
        let reply = match &step.op {
            Op::SetConfiguration { value } => {
                self.say(step, Message::SetConfiguration(*value), &text)
            }
            Op::ControlOut { setup, .. } => {
                self.say(step, Message::ControlOut(*setup, data), &text)
            }
            Op::ControlIn { setup, length } => {
                self.say(step, Message::ControlIn(*setup, *length), &text)
            }
            Op::ControlPair { out, reply, length, .. } => self
                .say(step, Message::ControlOut(*out, data), &text)
                .and_then(|_| self.say(step, Message::ControlIn(*reply, *length), "")),
            Op::BulkOut { endpoint, .. } => {
                self.say(step, Message::BulkOut(*endpoint, data), &text)
            }
            Op::BulkIn { endpoint, length } => {
                self.say(step, Message::BulkIn(*endpoint, *length), &text)
            }
            Op::ScsiOut { cdb, .. } => self.say(step, Message::ScsiOut(cdb, data), &text),
            Op::ScsiIn { cdb, length } => self.say(step, Message::ScsiIn(cdb, *length), &text),
        }?;
        step.judge(&reply).map_err(|refusal| Ended::Refused(refusal.to_string()))?;
        Ok(reply)
    }

    fn say(&mut self, step: &Step, message: Message<'_>, text: &str) -> Result<Vec<u8>, Ended> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            self.log.push(format!("{}: no time is left", step.name));
            return Err(Ended::Trouble(Trouble::Silent));
        }
        let reply = self.transport.say(message, left);
        let answered = match &reply {
            Ok(reply) => self.blacked_out(reply),
            Err(trouble) => format!("{trouble:?}"),
        };
        self.log.push(format!("{}: {text} → {answered}", step.name));
        reply.map_err(Ended::Trouble)
    }

    /// A reply in hex; a recorder may send back what it was told.
    fn blacked_out(&self, reply: &[u8]) -> String {
        let Some(secret) = self.secret.map(str::as_bytes).filter(|secret| !secret.is_empty())
        else {
            return naming::hex(reply);
        };
        let (mut text, mut at) = (String::new(), 0);
        while at < reply.len() {
            if reply[at..].starts_with(secret) {
                text.push_str("[secret]");
                at += secret.len();
            } else {
                text.push_str(&naming::hex(&reply[at..=at]));
                at += 1;
            }
        }
        text
    }
}
