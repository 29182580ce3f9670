//! How a locked recorder is asked to show its disk, as a profile describes it: messages in a fixed
//! order and what each reply must say. Nothing here sends anything; `crates/device` does, and only
//! on a port that is bound to the profile. Any doubt in a reply ends the one attempt there is.

use crate::seen::State;
use std::collections::BTreeMap;
use std::time::Duration;

/// From the file form to these types.
pub(crate) mod read;
/// Pieces of a message.
mod token;

pub use token::{Number, Part, Token, Wall, render, shown};

/// One way from locked to the next state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlock {
    pub policy: Policy,
    pub via: Via,
    /// The USB interface to claim; control messages to the device need none.
    pub interface: u8,
    /// Name of the secret that the dock's settings hold; never its value.
    pub secret: Option<String>,
    /// For all steps together.
    pub timeout: Duration,
    pub next: Next,
    pub steps: Vec<Step>,
    /// Why a wrong message would do damage, for people.
    pub danger: Option<String>,
}

/// Who must have agreed before the first message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    Never,
    /// An operator starts it each time, on a bound port.
    Operator,
    /// The port is bound to the profile.
    Bound,
}

/// The road of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Usb,
    Scsi,
}

/// What must appear on the same hub port afterwards; a serial number says nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub state: State,
    pub within: Duration,
}

/// One message, its reply, and what is learnt from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    /// Time to let pass before the message.
    pub wait: Duration,
    pub op: Op,
    pub expect: Vec<Expect>,
    pub capture: BTreeMap<Fact, Capture>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    SetConfiguration {
        value: u8,
    },
    ControlOut {
        setup: Setup,
        data: Vec<Token>,
    },
    ControlIn {
        setup: Setup,
        length: u16,
    },
    /// A message and at once its reply.
    ControlPair {
        out: Setup,
        data: Vec<Token>,
        reply: Setup,
        length: u16,
    },
    BulkOut {
        endpoint: u8,
        data: Vec<Token>,
    },
    BulkIn {
        endpoint: u8,
        length: u16,
    },
    ScsiOut {
        cdb: Vec<u8>,
        data: Vec<Token>,
    },
    ScsiIn {
        cdb: Vec<u8>,
        length: u16,
    },
}

/// The setup packet without its length (USB 2.0 §9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    pub request_type: u8,
    pub request: u8,
    pub value: u16,
    pub index: u16,
}

/// What a reply must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    pub rule: Rule,
    pub otherwise: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// These bytes stand at this offset.
    Equal { at: usize, bytes: Vec<u8> },
    /// Other bytes than these stand at this offset.
    Other { at: usize, bytes: Vec<u8> },
    /// These bytes stand somewhere.
    Contains { bytes: Vec<u8> },
}

/// Where a fact stands in a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    pub at: usize,
    pub length: usize,
    pub encoding: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Printable ASCII up to the first NUL; anything else is no fact.
    Ascii,
    Number(Number),
    Hex,
}

/// What a reply may teach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    Device,
    Officer,
    Battery,
    Firmware,
}

impl Fact {
    pub const ALL: [Fact; 4] = [Fact::Device, Fact::Officer, Fact::Battery, Fact::Firmware];

    pub fn word(self) -> &'static str {
        match self {
            Fact::Device => "device",
            Fact::Officer => "officer",
            Fact::Battery => "battery",
            Fact::Firmware => "firmware",
        }
    }
}

/// Why an unlock ends before its last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    BadPassword,
    NoCard,
    Busy,
    LowBattery,
    Unexpected,
    Short,
    NoSecret,
    BadSecret,
    TooLong,
}

/// An unlock that ends here, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} ({detail})", .why.sentence())]
pub struct Refusal {
    pub why: Why,
    /// The fact behind it, without any secret.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(why: Why, detail: impl Into<String>) -> Refusal {
        Refusal { why, detail: detail.into() }
    }
}

impl Why {
    /// Words that a profile may use after `else`.
    pub(crate) const WORDS: [(&str, Why); 5] = [
        ("bad-password", Why::BadPassword),
        ("no-card", Why::NoCard),
        ("busy", Why::Busy),
        ("low-battery", Why::LowBattery),
        ("unexpected-reply", Why::Unexpected),
    ];

    /// Chinese first, then English, with what to do.
    pub fn sentence(self) -> &'static str {
        match self {
            Why::BadPassword => {
                "记录仪拒绝密码，不再尝试；请核对密码文件后重新插入 / the recorder refused the password and is not \
                 asked again; correct the secret file and plug it in again"
            }
            Why::NoCard => {
                "记录仪报告没有存储卡；请检查存储卡 / the recorder reports no card; check its card"
            }
            Why::Busy => {
                "记录仪正忙；请停止录像后重新插入 / the recorder is busy; stop its recording and plug it in again"
            }
            Why::LowBattery => {
                "记录仪电量过低；请充电后重新插入 / the recorder's battery is low; charge it and plug it in again"
            }
            Why::Unexpected => {
                "记录仪的回答与型号不符，已停止；请核对端口绑定的型号 / the recorder's reply does not fit the profile; \
                 nothing more is sent; check which profile the port is bound to"
            }
            Why::Short => {
                "记录仪的回答不完整，已停止；请重新插入 / the recorder's reply is incomplete; nothing more is sent; plug \
                 it in again"
            }
            Why::NoSecret => {
                "没有解锁密码，未发送任何命令；请在坞站配置中填写 / no secret for the unlock, nothing is sent; name its \
                 file in docks.toml"
            }
            Why::BadSecret => {
                "解锁密码格式不对，未发送；请核对密码文件 / the secret does not have the form that this recorder takes; \
                 it is not sent; correct the secret file"
            }
            Why::TooLong => {
                "解锁消息超出长度，未发送；请核对型号文件 / the message does not fit its length; it is not sent; correct \
                 the profile"
            }
        }
    }
}

impl Op {
    /// What is sent with it; empty where nothing is.
    pub fn data(&self) -> &[Token] {
        match self {
            Op::ControlOut { data, .. }
            | Op::ControlPair { data, .. }
            | Op::BulkOut { data, .. }
            | Op::ScsiOut { data, .. } => data,
            _ => &[],
        }
    }

    /// How many bytes are asked for, where a reply is.
    pub fn reply_length(&self) -> Option<usize> {
        match self {
            Op::ControlIn { length, .. }
            | Op::ControlPair { length, .. }
            | Op::BulkIn { length, .. }
            | Op::ScsiIn { length, .. } => Some(usize::from(*length)),
            _ => None,
        }
    }
}

impl Step {
    /// The shortest reply that can be judged and read.
    pub fn reply_length_min(&self) -> usize {
        let expected = self.expect.iter().map(|e| match &e.rule {
            Rule::Equal { at, bytes } | Rule::Other { at, bytes } => at + bytes.len(),
            Rule::Contains { bytes } => bytes.len(),
        });
        let captured = self.capture.values().map(|c| c.at + c.length);
        // A reply that is asked for and does not come is no reply.
        let any = usize::from(self.op.reply_length().is_some());
        expected.chain(captured).max().unwrap_or(0).max(any)
    }

    /// Is the reply whole, and does it say what it must? Call this for every reply, an empty one too.
    ///
    /// # Errors
    /// Why the unlock ends here.
    pub fn judge(&self, reply: &[u8]) -> Result<(), Refusal> {
        let least = self.reply_length_min();
        if reply.len() < least {
            let detail = format!("step {:?}: {} of {least} bytes", self.name, reply.len());
            return Err(Refusal::new(Why::Short, detail));
        }
        judge(&self.expect, reply)
            .map_err(|r| Refusal::new(r.why, format!("step {:?}: {}", self.name, r.detail)))
    }
}

/// Holds a reply against what it must say.
///
/// # Errors
/// The first thing that it does not say.
pub fn judge(expect: &[Expect], reply: &[u8]) -> Result<(), Refusal> {
    expect.iter().try_for_each(|one| one.judge(reply))
}

/// What a reply teaches; call it after [`Step::judge`]. Bytes that are no text of the kind are no fact.
pub fn captures(step: &Step, reply: &[u8]) -> BTreeMap<Fact, String> {
    let found = step.capture.iter().filter_map(|(fact, capture)| {
        let bytes = reply.get(capture.at..capture.at.checked_add(capture.length)?)?;
        Some((*fact, capture.encoding.text(bytes)?))
    });
    found.collect()
}

impl Expect {
    fn judge(&self, reply: &[u8]) -> Result<(), Refusal> {
        let stands = |at: usize, length: usize| {
            at.checked_add(length).and_then(|end| reply.get(at..end)).ok_or_else(|| {
                Refusal::new(Why::Short, format!("{} bytes, none at {at}", reply.len()))
            })
        };
        let refuse = |detail: String| Err(Refusal::new(self.otherwise, detail));
        match &self.rule {
            Rule::Equal { at, bytes } => match stands(*at, bytes.len())? {
                found if found == bytes => Ok(()),
                found => refuse(format!("byte {at} on: {} for {}", hex(found), hex(bytes))),
            },
            Rule::Other { at, bytes } => match stands(*at, bytes.len())? {
                found if found == bytes => refuse(format!("byte {at} on: {}", hex(found))),
                _ => Ok(()),
            },
            Rule::Contains { bytes } if bytes.is_empty() => Ok(()),
            Rule::Contains { bytes } => match reply.windows(bytes.len()).any(|w| w == bytes) {
                true => Ok(()),
                false => refuse(format!("{} is not in the reply", hex(bytes))),
            },
        }
    }
}

impl Encoding {
    fn text(self, bytes: &[u8]) -> Option<String> {
        match self {
            Encoding::Ascii => {
                let text = bytes.split(|b| *b == 0).next().unwrap_or_default().trim_ascii();
                let printable = !text.is_empty() && text.iter().all(|b| (0x20..0x7f).contains(b));
                printable.then(|| String::from_utf8_lossy(text).into_owned())
            }
            Encoding::Number(number) => number.read(bytes).map(|n| n.to_string()),
            Encoding::Hex => Some(hex(bytes)),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests;
