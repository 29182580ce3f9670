//! SCSI messages through the kernel's generic SCSI file (`/dev/sgN`), for recorders that show an empty
//! disk until they are unlocked.

use super::{Message, Transport, Trouble};
use rustix::io::Errno;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::Duration;

/// scsi/sg.h.
const SG_IO: libc::c_ulong = 0x2285;
const NOTHING: i32 = -1;
const TO_DEVICE: i32 = -2;
const FROM_DEVICE: i32 = -3;
/// `host_status`: linux/scsi_status.h.
const NO_CONNECT: u16 = 1;
const TIME_OUT: u16 = 3;

/// Directories between a USB device and its generic SCSI file.
const DEPTH_MAX: u32 = 6;

/// One SCSI unit, open.
#[derive(Debug)]
pub struct ScsiDevice {
    file: File,
}

/// `struct sg_io_hdr`.
#[repr(C)]
struct Header {
    interface: i32,
    direction: i32,
    command_length: u8,
    sense_length_max: u8,
    iovecs: u16,
    length: u32,
    bytes: *mut u8,
    command: *const u8,
    sense: *mut u8,
    timeout_ms: u32,
    flags: u32,
    pack: i32,
    user: *mut u8,
    status: u8,
    masked_status: u8,
    message_status: u8,
    sense_length: u8,
    host_status: u16,
    driver_status: u16,
    left: i32,
    duration_ms: u32,
    info: u32,
}

impl ScsiDevice {
    /// Opens the first unit of the USB device that the kernel calls `busid`.
    ///
    /// # Errors
    /// `Missing`: it has none, or is gone.
    pub fn open(sys: &Path, busid: &str) -> PortResult<ScsiDevice> {
        let missing = |why: String| {
            let message =
                format!("the disk of device {busid} cannot be opened: {why}; plug it in again");
            PortError::new(Kind::Missing, message)
        };
        let dir = sys.join("bus/usb/devices").join(busid);
        let name = generic(&dir, DEPTH_MAX).ok_or_else(|| missing("it has none".into()))?;
        let node = Path::new("/dev").join(name);
        let file = File::options().read(true).write(true).open(&node);
        Ok(ScsiDevice { file: file.map_err(|e| missing(format!("{}: {e}", node.display())))? })
    }

    #[allow(unsafe_code)]
    fn ioctl(&self, header: &mut Header) -> Result<(), Errno> {
        // SAFETY: the header is a whole `sg_io_hdr`; command, bytes and sense that it points to have the
        // lengths that it says, and outlive the call in `say`.
        let done = unsafe { libc::ioctl(self.file.as_raw_fd(), SG_IO as _, header) };
        if done == 0 {
            return Ok(());
        }
        Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO))
    }
}

/// The name of the first generic SCSI file below a device.
fn generic(dir: &Path, depth: u32) -> Option<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(dir).ok()?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if !entry.file_type().is_ok_and(|t| t.is_dir()) {
            continue;
        }
        if entry.file_name() == "scsi_generic" {
            let unit = std::fs::read_dir(entry.path()).ok()?.flatten().next()?;
            return Some(PathBuf::from(unit.file_name()));
        }
        if depth > 0
            && let Some(found) = generic(&entry.path(), depth - 1)
        {
            return Some(found);
        }
    }
    None
}

impl Transport for ScsiDevice {
    fn say(&mut self, message: Message<'_>, patience: Duration) -> Result<Vec<u8>, Trouble> {
        let (command, mut bytes, direction) = match message {
            Message::ScsiOut(command, []) => (command, Vec::new(), NOTHING),
            Message::ScsiOut(command, data) => (command, data.to_vec(), TO_DEVICE),
            Message::ScsiIn(command, length) => (command, vec![0; length.into()], FROM_DEVICE),
            _ => return Err(Trouble::Other("this way carries SCSI only".into())),
        };
        let mut sense = [0u8; 32];
        let mut header = Header {
            interface: i32::from(b'S'),
            direction,
            command_length: u8::try_from(command.len())
                .map_err(|_| Trouble::Other("the command is too long".into()))?,
            sense_length_max: 32,
            iovecs: 0,
            length: bytes.len() as u32,
            bytes: bytes.as_mut_ptr(),
            command: command.as_ptr(),
            sense: sense.as_mut_ptr(),
            timeout_ms: u32::try_from(patience.as_millis()).unwrap_or(u32::MAX).max(1),
            flags: 0,
            pack: 0,
            user: ptr::null_mut(),
            status: 0,
            masked_status: 0,
            message_status: 0,
            sense_length: 0,
            host_status: 0,
            driver_status: 0,
            left: 0,
            duration_ms: 0,
            info: 0,
        };
        self.ioctl(&mut header).map_err(|errno| match errno {
            Errno::NODEV | Errno::NXIO => Trouble::Gone,
            other => Trouble::Other(other.to_string()),
        })?;
        judge(&header)?;
        if direction != FROM_DEVICE {
            return Ok(Vec::new());
        }
        let left = usize::try_from(header.left).unwrap_or(0);
        bytes.truncate(bytes.len().saturating_sub(left));
        Ok(bytes)
    }
}

fn judge(header: &Header) -> Result<(), Trouble> {
    match (header.host_status, header.status) {
        (0, 0) => Ok(()),
        (NO_CONNECT, _) => Err(Trouble::Gone),
        (TIME_OUT, _) => Err(Trouble::Silent),
        (0, _) => Err(Trouble::Stalled),
        (host, _) => Err(Trouble::Other(format!("the bus says {host}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_header_has_the_kernels_size() {
        assert_eq!(size_of::<Header>(), 88);
    }

    #[test]
    fn the_generic_file_of_a_device_is_found_and_links_are_not_followed() {
        let sys = tempfile::tempdir().unwrap();
        let device = sys.path().join("bus/usb/devices/1-2");
        let unit = device.join("1-2:1.0/host7/target7:0:0/7:0:0:0/scsi_generic/sg3");
        std::fs::create_dir_all(&unit).unwrap();
        std::os::unix::fs::symlink(&device, device.join("0-loop")).unwrap();
        assert_eq!(generic(&device, DEPTH_MAX), Some("sg3".into()));
        std::fs::remove_dir(unit).unwrap();
        assert_eq!(generic(&device, DEPTH_MAX), None);
        assert_eq!(ScsiDevice::open(sys.path(), "1-2").unwrap_err().kind, Kind::Missing);
    }
}
