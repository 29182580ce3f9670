//! The keys of `[[match]]`, as written; `rule` makes sense of them.

use crate::seen::State;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchKeys {
    pub state: State,
    pub weight: u32,
    /// Other recorders look the same: counts only on a port that is bound to the profile.
    #[serde(default)]
    pub ambiguous: bool,
    /// Fits so much that it may count only on a bound port.
    #[serde(default)]
    pub bind_only: bool,
    #[serde(default)]
    pub usb: UsbKeys,
    #[serde(default)]
    pub scsi: ScsiKeys,
    #[serde(default)]
    pub volume: VolumeKeys,
    #[serde(default)]
    pub probe: ProbeKeys,
    pub medium: Option<Medium>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// No medium, or one too small for footage.
    AbsentOrTiny,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbKeys {
    pub vid: Option<u16>,
    pub pid: Option<Vec<u16>>,
    pub manufacturer: Option<String>,
    pub product: Option<String>,
    #[serde(default)]
    pub product_absent: bool,
    pub interfaces: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScsiKeys {
    pub vendor: Option<String>,
    pub product: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeKeys {
    pub label: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeKeys {
    #[serde(default)]
    pub exists: Vec<String>,
    pub any_name: Option<String>,
    pub text: Option<TextKeys>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextKeys {
    pub glob: String,
    pub regex: String,
}
