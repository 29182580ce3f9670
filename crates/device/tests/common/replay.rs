//! A recorder that only knows one conversation by heart: `fixtures/recorders/MODEL/CASE.json`. Anything
//! that is not the next thing it expects ends the test.

use sealdock_core::naming::unhex;
use sealdock_device::usb::unlock::{Message, Transport, Trouble};
use serde::Deserialize;
use std::time::Duration;

/// One message and what comes back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// `out` or `in`.
    dir: String,
    /// `control`, `bulk` or `scsi`.
    kind: String,
    /// Control: type, request, value, index in hexadecimal. Bulk: the endpoint. SCSI: the command.
    setup: String,
    /// What must be sent, in hexadecimal.
    #[serde(default)]
    data: String,
    /// In hexadecimal, or `silence`, `stall`, `gone`.
    #[serde(default)]
    reply: String,
    #[serde(default)]
    delay_ms: u64,
}

pub struct Replay {
    turns: Vec<Turn>,
    next: usize,
}

impl Replay {
    pub fn new(text: &str) -> Replay {
        Replay { turns: serde_json::from_str(text).unwrap(), next: 0 }
    }

    /// Messages that were never sent.
    pub fn left(&self) -> usize {
        self.turns.len() - self.next
    }

    pub fn heard(&self) -> usize {
        self.next
    }
}

impl Transport for Replay {
    fn say(&mut self, message: Message<'_>, patience: Duration) -> Result<Vec<u8>, Trouble> {
        let turn = self.turns.get(self.next).unwrap_or_else(|| panic!("not expected: {message:?}"));
        self.next += 1;
        let hex = sealdock_core::naming::hex;
        let (dir, kind, setup, data) = match message {
            Message::ControlOut(s, data) => ("out", "control", setup(s), data),
            Message::ControlIn(s, _) => ("in", "control", setup(s), &[][..]),
            Message::BulkOut(endpoint, data) => ("out", "bulk", format!("{endpoint:02x}"), data),
            Message::BulkIn(endpoint, _) => ("in", "bulk", format!("{endpoint:02x}"), &[][..]),
            Message::ScsiOut(cdb, data) => ("out", "scsi", hex(cdb), data),
            Message::ScsiIn(cdb, _) => ("in", "scsi", hex(cdb), &[][..]),
            Message::SetConfiguration(value) => {
                ("out", "configuration", format!("{value:02x}"), &[][..])
            }
        };
        let expected = [&turn.dir, &turn.kind, &turn.setup, &turn.data].map(String::as_str);
        assert_eq!([dir, kind, &setup, &hex(data)], expected, "message {}", self.next);
        if Duration::from_millis(turn.delay_ms) > patience {
            return Err(Trouble::Silent);
        }
        match turn.reply.as_str() {
            "silence" => Err(Trouble::Silent),
            "stall" => Err(Trouble::Stalled),
            "gone" => Err(Trouble::Gone),
            reply => Ok(unhex(reply).expect("a reply is hexadecimal")),
        }
    }
}

fn setup(s: sealdock_profile::unlock::Setup) -> String {
    format!("{:02x} {:02x} {:04x} {:04x}", s.request_type, s.request, s.value, s.index)
}
