//! The keys of `[unlock]` and of one step, as written; `unlock::read` makes sense of them.

use crate::seen::State;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlockKeys {
    pub kind: UnlockKind,
    pub policy: Option<String>,
    pub interface: Option<u8>,
    pub secret: Option<String>,
    pub attempts: Option<u32>,
    pub timeout_s: Option<u64>,
    pub next: Option<NextKeys>,
    #[serde(default)]
    pub step: Vec<StepKeys>,
    pub danger: Option<String>,
    /// What a person does, where no message is known.
    pub prompt: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnlockKind {
    None,
    /// A person does it on the recorder.
    Manual,
    /// The vendor's own program is needed; sealdock runs none.
    Vendor,
    Usb,
    Scsi,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextKeys {
    pub state: State,
    pub within_s: u64,
    #[serde(default = "port")]
    pub correlate: String,
}

fn port() -> String {
    "port".to_owned()
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepKeys {
    pub op: String,
    pub name: Option<String>,
    pub wait_ms: Option<u64>,
    pub value: Option<u8>,
    pub setup: Option<SetupKeys>,
    pub out: Option<TransferKeys>,
    #[serde(rename = "in")]
    pub reply: Option<TransferKeys>,
    pub endpoint: Option<u8>,
    pub cdb: Option<String>,
    pub data: Option<Vec<String>>,
    pub length: Option<u16>,
    #[serde(default)]
    pub expect: Vec<ExpectKeys>,
    #[serde(default)]
    pub capture: BTreeMap<String, CaptureKeys>,
}

impl StepKeys {
    /// The keys that belong to one op and not to another, as far as they were written.
    pub fn given(&self) -> impl Iterator<Item = &'static str> {
        let all = [
            ("value", self.value.is_some()),
            ("setup", self.setup.is_some()),
            ("out", self.out.is_some()),
            ("in", self.reply.is_some()),
            ("endpoint", self.endpoint.is_some()),
            ("cdb", self.cdb.is_some()),
            ("data", self.data.is_some()),
            ("length", self.length.is_some()),
        ];
        all.into_iter().filter(|(_, given)| *given).map(|(key, _)| key)
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupKeys {
    #[serde(rename = "type")]
    pub request_type: u8,
    pub request: u8,
    pub value: u16,
    pub index: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferKeys {
    #[serde(rename = "type")]
    pub request_type: u8,
    pub request: u8,
    pub value: u16,
    pub index: u16,
    pub data: Option<Vec<String>>,
    pub length: Option<u16>,
}

impl TransferKeys {
    pub fn setup(&self) -> SetupKeys {
        let TransferKeys { request_type, request, value, index, .. } = *self;
        SetupKeys { request_type, request, value, index }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectKeys {
    pub at: Option<usize>,
    pub eq: Option<String>,
    pub ne: Option<String>,
    pub contains: Option<String>,
    #[serde(rename = "else")]
    pub otherwise: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureKeys {
    pub at: usize,
    pub len: usize,
    pub encoding: Option<String>,
}
