//! The device that was announced, and no other: opened through the kernel's own device file and looked at
//! again once it is open, for what is open can no longer be exchanged. Other devices are not even looked at.

use crate::link::{Link, LinkOptions};
use crate::recorder::{MtpOptions, MtpRecorder};
use mtp_rs::transport::NusbTransport;
use nusb::MaybeFuture as _;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_profile::{DeviceNotice, MtpQuirk, Seen, State};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// With the quirk `long-timeout`.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// Opens the announced device; `sys` is the kernel's tree of devices.
///
/// # Errors
/// `Invalid`: it was not admitted, or speaks no MTP. `Missing`: it is gone, or another one is there.
/// `Failed`: it cannot be opened, or does not answer.
pub fn open(
    sys: &Path,
    notice: &DeviceNotice,
    quirks: &[MtpQuirk],
    options: MtpOptions,
) -> PortResult<MtpRecorder> {
    if !notice.admitted || notice.state != Some(State::Mtp) {
        let message = format!("the device {} is none that speaks MTP in a dock", notice.busid);
        return Err(PortError::new(Kind::Invalid, message));
    }
    let patience = match quirks.contains(&MtpQuirk::LongTimeout) {
        true => LONG_PATIENCE,
        false => PATIENCE,
    };
    let failed = |e: &dyn std::fmt::Display| {
        let message = format!(
            "the recorder at {} cannot be spoken to: {e}; plug it in again",
            notice.seen.port
        );
        PortError::new(Kind::Failed, message)
    };
    let node = node(sys, notice)?;
    let device = nusb::Device::from_fd(node).wait().map_err(|e| failed(&e))?;
    let opened = futures_executor::block_on(NusbTransport::open_with_timeout(device, patience));
    let transport = Arc::new(opened.map_err(|e| failed(&e))?);
    let no_partial64 = quirks.contains(&MtpQuirk::NoPartial64);
    let link = Link::open(transport, LinkOptions { no_partial64 })?;
    Ok(MtpRecorder::new(link, options))
}

/// The open device file of this very plug-in.
fn node(sys: &Path, notice: &DeviceNotice) -> PortResult<OwnedFd> {
    let dir = sys.join("bus/usb/devices").join(&notice.busid);
    let (bus, device) = (number(&dir, "busnum", 10)?, number(&dir, "devnum", 10)?);
    let node = PathBuf::from(format!("/dev/bus/usb/{bus:03}/{device:03}"));
    let file = File::options().read(true).write(true).open(&node).map_err(|e| {
        let kind = match e.kind() {
            std::io::ErrorKind::NotFound => Kind::Missing,
            _ => Kind::Failed,
        };
        PortError::new(kind, format!("{} cannot be opened: {e}; plug it in again", node.display()))
    })?;
    let announced = notice.number.is_none_or(|number| number == u64::from(device));
    if !announced || number(&dir, "devnum", 10)? != device || !is(&dir, &notice.seen)? {
        return Err(gone(&dir, &"another device is there now"));
    }
    Ok(file.into())
}

fn is(dir: &Path, seen: &Seen) -> PortResult<bool> {
    let ids = (number(dir, "idVendor", 16)?, number(dir, "idProduct", 16)?);
    Ok(ids == (seen.vid.into(), seen.pid.into()))
}

fn number(dir: &Path, name: &str, radix: u32) -> PortResult<u32> {
    let text = std::fs::read_to_string(dir.join(name)).map_err(|e| gone(dir, &e))?;
    u32::from_str_radix(text.trim(), radix).map_err(|e| gone(dir, &e))
}

fn gone(dir: &Path, why: &dyn std::fmt::Display) -> PortError {
    let message = format!("the device {} is gone: {why}; plug it in again", dir.display());
    PortError::new(Kind::Missing, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(admitted: bool, state: State) -> DeviceNotice {
        DeviceNotice {
            bay: "bay-1".into(),
            busid: "1-2".into(),
            number: Some(7),
            seen: Seen { vid: 0x18d1, pid: 0x4ee1, ..Seen::default() },
            admitted,
            state: Some(state),
            profile: None,
            reason: None,
        }
    }

    #[test]
    fn a_device_that_is_not_there_is_missing() {
        let sys = tempfile::tempdir().unwrap();
        let error = node(sys.path(), &notice(true, State::Mtp)).unwrap_err();
        assert_eq!(error.kind, Kind::Missing, "{error}");
    }
}
