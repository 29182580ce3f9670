//! Control and bulk messages through the kernel's own device file (`/dev/bus/usb`). An open file belongs
//! to one appearance of one device: after a yank it answers nothing, whatever is plugged in next.

use super::{Message, Transport, Trouble};
use rustix::io::Errno;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_profile::Seen;
use sealdock_profile::unlock::Setup;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A device that fails is given this long to be gone.
const GONE_PAUSE: Duration = Duration::from_millis(300);

/// `USBDEVFS_*` of linux/usbdevice_fs.h.
const CONTROL: u8 = 0;
const BULK: u8 = 2;
const SET_CONFIGURATION: u8 = 5;
const CLAIM_INTERFACE: u8 = 15;

/// One device, open.
#[derive(Debug)]
pub struct UsbDevice {
    file: File,
    node: PathBuf,
}

#[repr(C)]
struct ControlTransfer {
    request_type: u8,
    request: u8,
    value: u16,
    index: u16,
    length: u16,
    timeout_ms: u32,
    bytes: *mut u8,
}

#[repr(C)]
struct BulkTransfer {
    endpoint: u32,
    length: u32,
    timeout_ms: u32,
    bytes: *mut u8,
}

impl UsbDevice {
    /// Opens the device that the kernel calls `busid`, if it is still the one that was seen.
    ///
    /// # Errors
    /// `Missing`: gone, or another device has its name.
    pub fn open(sys: &Path, busid: &str, seen: &Seen) -> PortResult<UsbDevice> {
        let dir = sys.join("bus/usb/devices").join(busid);
        let (bus, device) = (number(&dir, "busnum", 10)?, number(&dir, "devnum", 10)?);
        let node = PathBuf::from(format!("/dev/bus/usb/{bus:03}/{device:03}"));
        let file = File::options().read(true).write(true).open(&node);
        let file = file.map_err(|e| gone(&dir, &e))?;
        // Looked at after it was opened: what is open can no longer be exchanged.
        expect(sys, busid, seen)?;
        match number(&dir, "devnum", 10)? == device {
            true => Ok(UsbDevice { file, node }),
            false => Err(gone(&dir, &"another device is there now")),
        }
    }

    /// Takes an interface for this process; never one that a driver of the kernel holds.
    ///
    /// # Errors
    /// `Failed`: somebody has it.
    pub fn claim(&mut self, interface: u8) -> PortResult<()> {
        self.ioctl(iow_read(CLAIM_INTERFACE, 4), &mut u32::from(interface)).map(drop).map_err(|e| {
            let message = format!(
                "the interface {interface} of the device cannot be used: {e}; plug it in again"
            );
            PortError::new(Kind::Failed, message)
        })
    }

    fn control(&self, setup: Setup, bytes: &mut [u8], patience: Duration) -> Result<usize, Errno> {
        let mut transfer = ControlTransfer {
            request_type: setup.request_type,
            request: setup.request,
            value: setup.value,
            index: setup.index,
            length: u16::try_from(bytes.len()).map_err(|_| Errno::MSGSIZE)?,
            timeout_ms: ms(patience),
            bytes: bytes.as_mut_ptr(),
        };
        self.ioctl(iowr(CONTROL, size_of::<ControlTransfer>()), &mut transfer)
    }

    fn bulk(&self, endpoint: u8, bytes: &mut [u8], patience: Duration) -> Result<usize, Errno> {
        let mut transfer = BulkTransfer {
            endpoint: u32::from(endpoint),
            length: u32::try_from(bytes.len()).map_err(|_| Errno::MSGSIZE)?,
            timeout_ms: ms(patience),
            bytes: bytes.as_mut_ptr(),
        };
        self.ioctl(iowr(BULK, size_of::<BulkTransfer>()), &mut transfer)
    }

    #[allow(unsafe_code)]
    fn ioctl<T>(&self, request: libc::c_ulong, argument: &mut T) -> Result<usize, Errno> {
        // SAFETY: `argument` is the structure that `request` is for, and what it points to outlives the
        // call: both are made in the one function that calls this.
        let done = unsafe { libc::ioctl(self.file.as_raw_fd(), request as _, argument) };
        usize::try_from(done).map_err(|_| {
            let error = std::io::Error::last_os_error();
            Errno::from_io_error(&error).unwrap_or(Errno::IO)
        })
    }

    fn trouble(&self, errno: Errno) -> Trouble {
        match errno {
            Errno::TIMEDOUT => Trouble::Silent,
            Errno::PIPE => Trouble::Stalled,
            Errno::NODEV | Errno::SHUTDOWN => Trouble::Gone,
            other => {
                // A plug that is pulled shows as a broken transfer first.
                std::thread::sleep(GONE_PAUSE);
                match self.node.exists() {
                    true => Trouble::Other(other.to_string()),
                    false => Trouble::Gone,
                }
            }
        }
    }
}

/// Is the device with this kernel name still the one that was seen?
///
/// # Errors
/// `Missing`.
pub fn expect(sys: &Path, busid: &str, seen: &Seen) -> PortResult<()> {
    let dir = sys.join("bus/usb/devices").join(busid);
    match (number(&dir, "idVendor", 16)?, number(&dir, "idProduct", 16)?) == (seen.vid, seen.pid) {
        true => Ok(()),
        false => Err(gone(&dir, &"another device is there now")),
    }
}

fn number(dir: &Path, name: &str, radix: u32) -> PortResult<u16> {
    let text = std::fs::read_to_string(dir.join(name)).map_err(|e| gone(dir, &e))?;
    u16::from_str_radix(text.trim(), radix).map_err(|e| gone(dir, &e))
}

fn gone(dir: &Path, why: &dyn std::fmt::Display) -> PortError {
    let message = format!("the device {} cannot be opened: {why}; plug it in again", dir.display());
    PortError::new(Kind::Missing, message)
}

impl Transport for UsbDevice {
    fn say(&mut self, message: Message<'_>, patience: Duration) -> Result<Vec<u8>, Trouble> {
        let mut bytes = match message {
            Message::ControlOut(_, data) | Message::BulkOut(_, data) => data.to_vec(),
            Message::ControlIn(_, length) | Message::BulkIn(_, length) => vec![0; length.into()],
            Message::SetConfiguration(_) => Vec::new(),
            Message::ScsiOut(..) | Message::ScsiIn(..) => {
                return Err(Trouble::Other("this way carries no SCSI".into()));
            }
        };
        let whole = bytes.len();
        let done = match message {
            Message::ControlOut(setup, _) | Message::ControlIn(setup, _) => {
                self.control(setup, &mut bytes, patience)
            }
            Message::BulkOut(endpoint, _) | Message::BulkIn(endpoint, _) => {
                self.bulk(endpoint, &mut bytes, patience)
            }
            Message::SetConfiguration(value) => {
                self.ioctl(iow_read(SET_CONFIGURATION, 4), &mut u32::from(value))
            }
            Message::ScsiOut(..) | Message::ScsiIn(..) => Err(Errno::NOSYS),
        };
        let done = done.map_err(|errno| self.trouble(errno))?;
        match message {
            Message::ControlIn(..) | Message::BulkIn(..) => {
                bytes.truncate(done);
                Ok(bytes)
            }
            Message::ControlOut(..) | Message::BulkOut(..) if done != whole => {
                Err(Trouble::Other(format!("it took {done} of {whole} bytes")))
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn ms(patience: Duration) -> u32 {
    // 0 would be for ever.
    u32::try_from(patience.as_millis()).unwrap_or(u32::MAX).max(1)
}

/// `_IOWR('U', nr, size)` of asm-generic/ioctl.h.
const fn iowr(nr: u8, size: usize) -> libc::c_ulong {
    (3 << 30) | ((size as libc::c_ulong) << 16) | (0x55 << 8) | nr as libc::c_ulong
}

/// `_IOR('U', nr, size)`.
const fn iow_read(nr: u8, size: usize) -> libc::c_ulong {
    (2 << 30) | ((size as libc::c_ulong) << 16) | (0x55 << 8) | nr as libc::c_ulong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_numbers_are_the_kernels() {
        assert_eq!(iowr(CONTROL, size_of::<ControlTransfer>()), 0xc018_5500);
        assert_eq!(iowr(BULK, size_of::<BulkTransfer>()), 0xc018_5502);
        assert_eq!(iow_read(SET_CONFIGURATION, 4), 0x8004_5505);
        assert_eq!(iow_read(CLAIM_INTERFACE, 4), 0x8004_550f);
    }

    #[test]
    fn a_device_that_is_not_there_is_missing() {
        let sys = tempfile::tempdir().unwrap();
        let error = UsbDevice::open(sys.path(), "1-2", &Seen::default()).unwrap_err();
        assert_eq!(error.kind, Kind::Missing, "{error}");
    }
}
