//! Reads the kernel's binary `descriptors` attribute: the device descriptor and every configuration,
//! as the device sent them before anything was configured (USB 2.0 §9.6). The bytes come from a
//! stranger: a lie about a length ends the reading with a reason, and then nothing is admitted.

use crate::seen::{Interface, Seen};

const DEVICE: u8 = 1;
const CONFIGURATION: u8 = 2;
const INTERFACE: u8 = 4;
const DEVICE_BYTES: usize = 18;
const CONFIGURATION_BYTES: usize = 9;
const INTERFACE_BYTES: usize = 9;
/// The kernel keeps at most 8 configurations of at most 64 KiB each; no recorder comes near.
const BYTES_MAX: usize = 256 << 10;
const INTERFACES_MAX: usize = 256;

/// What the device descriptor says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceIds {
    pub vid: u16,
    pub pid: u16,
    pub release: u16,
    pub device_class: u8,
}

/// Descriptors that cannot be trusted: what is wrong and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the device's descriptors are malformed at byte {at}: {why}; it is not admitted")]
pub struct Malformed {
    pub at: usize,
    pub why: &'static str,
}

/// The ids of the device and every interface of every configuration and alternate setting.
///
/// # Errors
/// Anything cut short, out of order, longer than it says, or without an interface.
pub fn parse_descriptors(bytes: &[u8]) -> Result<(DeviceIds, Vec<Interface>), Malformed> {
    let bad = |at, why| Err(Malformed { at, why });
    if bytes.len() > BYTES_MAX {
        return bad(BYTES_MAX, "too long");
    }
    let Some(device) = bytes.first_chunk::<DEVICE_BYTES>() else {
        return bad(bytes.len(), "no whole device descriptor");
    };
    if device[0] as usize != DEVICE_BYTES || device[1] != DEVICE {
        return bad(0, "no device descriptor at the start");
    }
    let (mut at, mut interfaces) = (DEVICE_BYTES, Vec::new());
    while at < bytes.len() {
        at = configuration(bytes, at, &mut interfaces)?;
    }
    match interfaces.len() {
        0 => bad(at, "no interface"),
        _ => Ok((ids(device), interfaces)),
    }
}

fn ids(device: &[u8; DEVICE_BYTES]) -> DeviceIds {
    let word = |at: usize| u16::from_le_bytes([device[at], device[at + 1]]);
    DeviceIds { vid: word(8), pid: word(10), release: word(12), device_class: device[4] }
}

/// Reads one configuration with all it holds; returns where the next one begins.
fn configuration(
    bytes: &[u8],
    start: usize,
    interfaces: &mut Vec<Interface>,
) -> Result<usize, Malformed> {
    let bad = |at, why| Err(Malformed { at, why });
    let Some(head) = bytes.get(start..).and_then(|b| b.first_chunk::<CONFIGURATION_BYTES>()) else {
        return bad(start, "a configuration is cut short");
    };
    let end = start + usize::from(u16::from_le_bytes([head[2], head[3]]));
    if usize::from(head[0]) < CONFIGURATION_BYTES || head[1] != CONFIGURATION {
        return bad(start, "no configuration where one must be");
    }
    if end > bytes.len() || end < start + usize::from(head[0]) {
        return bad(start, "a configuration says a false length");
    }
    let mut at = start + usize::from(head[0]);
    while at < end {
        let (Some(length), Some(kind)) = (bytes.get(at), bytes.get(at + 1)) else {
            return bad(at, "a descriptor is cut short");
        };
        let length = usize::from(*length);
        if length < 2 || at + length > end {
            return bad(at, "a descriptor says a false length");
        }
        match *kind {
            INTERFACE if length < INTERFACE_BYTES => return bad(at, "an interface is too short"),
            INTERFACE if interfaces.len() == INTERFACES_MAX => {
                return bad(at, "too many interfaces");
            }
            INTERFACE => interfaces.push(Interface {
                class: bytes[at + 5],
                subclass: bytes[at + 6],
                protocol: bytes[at + 7],
            }),
            DEVICE | CONFIGURATION => return bad(at, "a descriptor where it must not be"),
            _ => {}
        }
        at += length;
    }
    Ok(end)
}

impl Seen {
    /// What the descriptors say; strings and port are added by whoever reads them.
    ///
    /// # Errors
    /// As [`parse_descriptors`].
    pub fn from_descriptors(bytes: &[u8]) -> Result<Seen, Malformed> {
        let (ids, interfaces) = parse_descriptors(bytes)?;
        let DeviceIds { vid, pid, release, device_class } = ids;
        Ok(Seen { vid, pid, release, device_class, interfaces, ..Seen::default() })
    }
}

#[cfg(test)]
mod tests;
