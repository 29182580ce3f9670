//! What was seen of a plugged device, before anybody believes it: the facts that profiles are matched
//! against. Filled by whoever can look (kernel files, a capture, a test); empty where nothing was seen.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One device or one volume of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seen {
    pub vid: u16,
    pub pid: u16,
    /// `bcdDevice`, as the device says it.
    pub release: u16,
    /// Class of the device itself; 0 where each interface says its own.
    pub device_class: u8,
    /// The three strings; `None` where the device has none.
    pub manufacturer: Option<String>,
    pub product: Option<String>,
    pub serial: Option<String>,
    /// Every interface of every configuration and alternate setting.
    pub interfaces: Vec<Interface>,
    /// udev's `ID_PATH` of the device.
    pub port: String,
    pub scsi: Option<Scsi>,
    pub volume: Option<Volume>,
    /// What stands on it, once it was mounted; never footage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// Class, subclass and protocol of one interface (USB 2.0 §9.6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interface {
    pub class: u8,
    pub subclass: u8,
    pub protocol: u8,
}

impl fmt::Display for Interface {
    /// As people and profiles write it: `08/06/50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}/{:02x}/{:02x}", self.class, self.subclass, self.protocol)
    }
}

/// Standard INQUIRY of the first unit (SPC-4 §6.6), trailing blanks cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scsi {
    pub vendor: String,
    pub product: String,
    /// 512-byte sectors; 0 is no medium.
    pub sectors: u64,
}

/// One file system on the device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Volume {
    pub fs: String,
    pub label: Option<String>,
    pub uuid: Option<String>,
}

/// Names and sizes on a volume, and the small texts that profiles ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    pub files: Vec<ContentFile>,
    /// Path and text of logs.
    pub texts: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContentFile {
    /// Path from the root of the volume, with `/`.
    pub path: String,
    pub size: u64,
}

/// What stands a device has, as a profile's `[[match]]` calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Shows no footage until it was unlocked.
    Locked,
    /// A disk.
    Storage,
    /// Objects over MTP or PTP.
    Mtp,
    /// A boot ROM or another thing that must receive nothing.
    Forbidden,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            State::Locked => "locked",
            State::Storage => "storage",
            State::Mtp => "mtp",
            State::Forbidden => "forbidden",
        }
    }
}

/// Written by the privileged part about every device on a dock port: `/run/sealdock/usb/BAY/BUSID.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceNotice {
    pub bay: String,
    /// The kernel's name of the device, `1-2.3`.
    pub busid: String,
    /// The kernel's number of this very plug-in (`devnum`): the next one at the same place has another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    pub seen: Seen,
    pub admitted: bool,
    pub state: Option<State>,
    /// The profile that matched.
    pub profile: Option<String>,
    /// Why it was not admitted, or what an operator must do: one sentence, Chinese then English.
    pub reason: Option<String>,
}

/// Written about every block device on a dock port: `/run/sealdock/volumes/BAY/NAME.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeNotice {
    pub bay: String,
    /// The kernel's name, `sdb1`; also the name of its mount point in the bay.
    pub volume: String,
    pub busid: String,
    /// The kernel's number of this very appearance of the disk; never used twice since boot.
    pub disk_sequence: u64,
    pub seen: Seen,
    pub read_only: bool,
    /// Why it is not mounted: one sentence, Chinese then English.
    pub problem: Option<String>,
}
