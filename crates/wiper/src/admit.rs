//! A device on a dock port. It waits unauthorised; here its descriptors are read as the kernel keeps them,
//! it is let in or not, and either way announced to the daemon.

use crate::descriptors::{self, Described};
use crate::error::{Kind, WiperError, WiperResult};
use crate::judge::{Verdict, judge};
use crate::notice;
use crate::roots::Roots;
use crate::sysfs;
use sealdock_profile::{DeviceNotice, Place, Seen, State};
use std::path::{Path, PathBuf};

const AREA: &str = "usb";

/// Judges the device at `device`, a kernel name (`1-2.3`) or its path in sysfs.
/// Order: the judgement is written to the kernel, then announced.
///
/// # Errors
/// It is gone, it is not on a dock port, or the kernel takes no answer.
pub fn admit(roots: &Roots, device: &str) -> WiperResult<DeviceNotice> {
    let busid = busid(device)?;
    let folder = sysfs::folder(&roots.sys.join("bus/usb/devices").join(busid))?;
    let notes = sysfs::udev(&roots.run, 'c', &folder);
    let path = notes.get("ID_PATH").cloned().unwrap_or_default();
    let docks = roots.docks()?;
    let Place::Dock(port) = docks.place(&path) else {
        let message = format!("{busid} at {path:?} is on no dock port; it is left as it is");
        return Err(WiperError::new(Kind::Invalid, message));
    };
    let (seen, verdict) = match seen(&folder, &path) {
        Some(seen) => {
            let verdict = judge(&seen, port.profile.as_deref());
            (seen, verdict)
        }
        None => (Seen { port: path.clone(), ..Seen::default() }, nonsense()),
    };
    let bay = port.bay.to_string();
    let mut notice = DeviceNotice {
        bay: bay.clone(),
        busid: busid.to_owned(),
        seen,
        admitted: verdict.admitted,
        state: verdict.state,
        profile: verdict.profile,
        reason: verdict.reason,
    };
    let told = authorize(&folder, notice.admitted);
    if let Err(e) = &told {
        notice.admitted = false;
        notice.reason = Some(format!("无法接入，请重新插上。 {e}; plug it in again"));
    }
    // The daemon can watch the bay from the first plug on.
    notice::folder(roots, &["bays", &bay])?;
    notice::write(roots, &[AREA, &bay], busid, &notice)?;
    told.map(|()| notice)
}

/// The device is gone: so is its announcement.
///
/// # Errors
/// It has no name that a device can have.
pub fn forget(roots: &Roots, device: &str) -> WiperResult<Vec<String>> {
    Ok(notice::remove(roots, AREA, busid(device)?))
}

fn busid(device: &str) -> WiperResult<&str> {
    let name = device.rsplit('/').next().unwrap_or_default();
    if sysfs::is_plain(name) {
        return Ok(name);
    }
    Err(WiperError::new(Kind::Invalid, format!("{device:?} is no name of a USB device")))
}

fn nonsense() -> Verdict {
    let reason = "已拒绝接入：设备描述不合规，请拔下。 Not admitted: its descriptors do not add up; unplug it.";
    Verdict {
        admitted: false,
        state: Some(State::Forbidden),
        profile: None,
        reason: Some(reason.to_owned()),
    }
}

/// What the kernel knows of a USB device; `None` where its descriptors do not add up.
pub fn seen(folder: &Path, port: &str) -> Option<Seen> {
    let described = descriptors::parse(&sysfs::raw_attribute(folder, "descriptors")?)?;
    let Described { vid, pid, release, device_class, interfaces } = described;
    let text = |name| sysfs::attribute(folder, name);
    Some(Seen {
        vid,
        pid,
        release,
        device_class,
        interfaces,
        manufacturer: text("manufacturer"),
        product: text("product"),
        serial: text("serial"),
        port: port.to_owned(),
        scsi: None,
        volume: None,
        content: None,
    })
}

fn authorize(folder: &Path, admitted: bool) -> WiperResult<()> {
    let file: PathBuf = folder.join("authorized");
    let word: &[u8] = if admitted { b"1" } else { b"0" };
    let write = || {
        use std::io::Write as _;
        std::fs::File::options().write(true).open(&file)?.write_all(word)
    };
    write().map_err(|e| WiperError::file("write", &file, &e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors::tests::device;

    struct Machine {
        _dir: tempfile::TempDir,
        roots: Roots,
        folder: PathBuf,
    }

    /// A device at port 1.2, port 1 being a dock.
    fn machine(descriptors: &[u8], profile: &str) -> Machine {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots::below(dir.path());
        let folder = roots.sys.join("devices/pci0/usb1/1-1/1-1.2");
        let links = roots.sys.join("bus/usb/devices");
        for made in [&folder, &links, &roots.run.join("udev/data"), &roots.etc.join("sealdock")] {
            std::fs::create_dir_all(made).unwrap();
        }
        std::os::unix::fs::symlink(&folder, links.join("1-1.2")).unwrap();
        std::fs::write(folder.join("descriptors"), descriptors).unwrap();
        std::fs::write(folder.join("product"), "警用\x1b[31m\n").unwrap();
        std::fs::write(folder.join("authorized"), "?").unwrap();
        std::fs::write(folder.join("dev"), "189:3\n").unwrap();
        std::fs::write(roots.run.join("udev/data/c189:3"), "E:ID_PATH=pci-0-usb-0:1.2\n").unwrap();
        let docks = format!("[[port]]\nbay = 'bay-1'\npath = 'pci-0-usb-0:1'\n{profile}");
        std::fs::write(roots.etc.join("sealdock/docks.toml"), docks).unwrap();
        Machine { _dir: dir, roots, folder }
    }

    impl Machine {
        fn authorized(&self) -> String {
            std::fs::read_to_string(self.folder.join("authorized")).unwrap()
        }

        fn announced(&self) -> DeviceNotice {
            let file = self.roots.station().join("usb/bay-1/1-1.2.json");
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
        }
    }

    #[test]
    fn a_disk_is_let_in_and_announced() {
        let machine = machine(&device(0x4255, 1, &[[8, 6, 0x50]]), "");
        let notice = admit(&machine.roots, "/sys/devices/pci0/usb1/1-1/1-1.2").unwrap();
        assert_eq!(machine.authorized(), "1");
        assert_eq!(machine.announced(), notice);
        assert!(notice.admitted && notice.seen.vid == 0x4255);
        assert_eq!(notice.seen.product.as_deref(), Some("警用\x1b[31m"));
        assert_eq!(forget(&machine.roots, "1-1.2").unwrap(), ["bay-1"]);
    }

    #[test]
    fn a_keyboard_beside_a_disk_and_nonsense_stay_out_with_a_reason() {
        for bytes in [device(1, 2, &[[8, 6, 0x50], [3, 1, 1]]), b"nonsense".to_vec()] {
            let machine = machine(&bytes, "profile = 'x.y'\n");
            assert!(!admit(&machine.roots, "1-1.2").unwrap().admitted);
            assert_eq!(machine.authorized(), "0");
            assert!(machine.announced().reason.unwrap().contains("Not admitted"));
        }
    }

    #[test]
    fn what_is_on_no_dock_port_is_left_alone() {
        let machine = machine(&device(1, 2, &[[8, 6, 0x50]]), "");
        std::fs::write(machine.roots.run.join("udev/data/c189:3"), "E:ID_PATH=pci-0-usb-0:10\n")
            .unwrap();
        assert_eq!(admit(&machine.roots, "1-1.2").unwrap_err().kind, Kind::Invalid);
        assert_eq!(machine.authorized(), "?");
        assert_eq!(admit(&machine.roots, "1-9").unwrap_err().kind, Kind::Missing);
        assert_eq!(admit(&machine.roots, "../..").unwrap_err().kind, Kind::Invalid);
    }

    #[test]
    fn a_kernel_that_takes_no_answer_is_announced_as_not_admitted() {
        let machine = machine(&device(1, 2, &[[8, 6, 0x50]]), "");
        std::fs::remove_file(machine.folder.join("authorized")).unwrap();
        assert!(admit(&machine.roots, "1-1.2").is_err());
        assert!(!machine.announced().admitted);
    }
}
