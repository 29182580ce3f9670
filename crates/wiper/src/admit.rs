//! A device on a dock port. It waits unauthorised; here its descriptors are read as the kernel keeps them,
//! it is let in or not, and either way announced to the daemon.

use crate::error::{Kind, WiperError, WiperResult};
use crate::notice;
use crate::roots::Roots;
use crate::sysfs;
use sealdock_profile::{DeviceNotice, Place, Seen, State};
use std::path::{Path, PathBuf};

const AREA: &str = "usb";

/// Judges the device at `device`: a kernel name (`1-2.3`) or its path in sysfs, or a name with the
/// device number of one plug-in (`1-2.3:17`).
/// Order: the judgement is written to the kernel, then announced.
///
/// # Errors
/// It is gone, it is not on a dock port, or the kernel takes no answer.
pub fn admit(roots: &Roots, device: &str) -> WiperResult<DeviceNotice> {
    let (busid, number) = sysfs::plug_in(device)?;
    let folder = sysfs::folder(&roots.sys.join("bus/usb/devices").join(busid))?;
    if number.is_some_and(|number| sysfs::number(&folder, "devnum") != Some(number)) {
        let message = format!("{device} is gone; another device is {busid} now");
        return Err(WiperError::new(Kind::Missing, message));
    }
    let notes = sysfs::udev(&roots.run, 'c', &folder);
    let path = notes.get("ID_PATH").cloned().unwrap_or_default();
    let docks = roots.docks()?;
    let Place::Dock(port) = docks.place(&path) else {
        let message = format!("{busid} at {path:?} is on no dock port; it is left as it is");
        return Err(WiperError::new(Kind::Invalid, message));
    };
    let bay = port.bay.to_string();
    let mut notice = DeviceNotice {
        bay: bay.clone(),
        busid: busid.to_owned(),
        number: sysfs::number(&folder, "devnum"),
        seen: Seen { port: path.clone(), ..Seen::default() },
        admitted: false,
        state: Some(State::Forbidden),
        profile: None,
        reason: Some(NONSENSE.to_owned()),
    };
    if let Some(seen) = seen(&folder, &path) {
        let profiles = roots.profiles();
        let verdict = profiles.identify(&seen, port.profile.as_deref());
        notice.admitted = verdict.admits();
        notice.state = verdict.state();
        notice.profile = verdict.profile().map(str::to_owned);
        notice.reason = profiles.sentence(&verdict);
        notice.seen = seen;
    }
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
    let (busid, number) = sysfs::plug_in(device)?;
    let now = sysfs::number(&roots.sys.join("bus/usb/devices").join(busid), "devnum");
    if number.is_some() && now.is_some() && now != number {
        // What is announced there is, or will be, the next one.
        return Ok(Vec::new());
    }
    Ok(notice::remove(roots, AREA, busid))
}

const NONSENSE: &str = "已拒绝接入：设备描述不合规，请拔下。 / Not admitted: its descriptors do not add up; unplug it.";

/// What the kernel knows of a USB device; `None` where its descriptors do not add up.
pub fn seen(folder: &Path, port: &str) -> Option<Seen> {
    let seen = Seen::from_descriptors(&sysfs::raw_attribute(folder, "descriptors")?).ok()?;
    let text = |name| sysfs::attribute(folder, name);
    Some(Seen {
        manufacturer: text("manufacturer"),
        product: text("product"),
        serial: text("serial"),
        port: port.to_owned(),
        ..seen
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

    /// A device of class 0 with one configuration of these interfaces.
    fn device(vid: u16, pid: u16, interfaces: &[[u8; 3]]) -> Vec<u8> {
        let mut bytes = vec![18, 1, 0, 2, 0, 0, 0, 64];
        bytes.extend_from_slice(&vid.to_le_bytes());
        bytes.extend_from_slice(&pid.to_le_bytes());
        bytes.extend_from_slice(&[0, 1, 1, 2, 3, 1]);
        let total = (9 + interfaces.len() * 16) as u16;
        bytes.extend_from_slice(&[9, 2]);
        bytes.extend_from_slice(&total.to_le_bytes());
        bytes.extend_from_slice(&[interfaces.len() as u8, 1, 0, 0x80, 50]);
        for (n, [class, subclass, protocol]) in interfaces.iter().enumerate() {
            bytes.extend_from_slice(&[9, 4, n as u8, 0, 1, *class, *subclass, *protocol, 0]);
            bytes.extend_from_slice(&[7, 5, 0x81, 2, 0, 2, 0]);
        }
        bytes
    }

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
            assert!(machine.announced().reason.is_some());
        }
    }

    #[test]
    fn a_vendors_class_is_let_in_where_its_profile_is_bound_and_a_boot_rom_never() {
        for (product, profile, admitted) in [
            ("Amba", "profile = 'cammpro.mc'\n", true),
            ("Amba", "", false),
            ("", "profile = 'cammpro.mc'\n", false),
        ] {
            let machine = machine(&device(0x4255, 1, &[[0xff, 0, 0]]), profile);
            std::fs::write(machine.folder.join("product"), product).unwrap();
            let notice = admit(&machine.roots, "1-1.2").unwrap();
            assert_eq!(notice.admitted, admitted, "{product:?} {profile:?} {notice:?}");
            assert_eq!(machine.authorized(), if admitted { "1" } else { "0" });
        }
    }

    const OWN: &str = "schema = 1
[profile]
id = 'acme.x1'
title = 'ACME'
sources = ['me']
confidence = 'reported'
[[match]]
state = 'locked'
weight = 40
usb.vid = 0x7777
usb.interfaces = ['ff/00/00']
[unlock]
kind = 'manual'
prompt = 'menu'
";

    #[test]
    fn an_owners_profile_lets_in_on_its_port_and_a_faulty_one_beside_it_nothing() {
        for (second, admitted) in [(None, true), (Some("colour = 1"), false)] {
            let machine = machine(&device(0x7777, 1, &[[0xff, 0, 0]]), "profile = 'acme.x1'\n");
            let folder = machine.roots.etc.join("sealdock/profiles");
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("acme.toml"), OWN).unwrap();
            std::fs::write(folder.join("notes.txt"), "no profile").unwrap();
            if let Some(text) = second {
                std::fs::write(folder.join("bad.toml"), text).unwrap();
            }
            let notice = admit(&machine.roots, "1-1.2").unwrap();
            assert_eq!(notice.admitted, admitted, "{notice:?}");
            assert_eq!(notice.profile.is_some(), admitted);
        }
    }

    #[test]
    fn a_faulty_profile_of_an_owner_leaves_disks_and_built_in_ones_alone() {
        for (bytes, bound) in [
            (device(0x4255, 1, &[[0xff, 0, 0]]), "profile = 'cammpro.mc'\n"),
            (device(1, 2, &[[8, 6, 0x50]]), ""),
        ] {
            let machine = machine(&bytes, bound);
            std::fs::write(machine.folder.join("product"), "Amba").unwrap();
            let folder = machine.roots.etc.join("sealdock/profiles");
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("bad.toml"), [0xff, 0xfe]).unwrap();
            assert!(admit(&machine.roots, "1-1.2").unwrap().admitted, "{bound}");
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
    fn the_end_of_one_plug_in_leaves_the_next_alone() {
        let machine = machine(&device(1, 2, &[[8, 6, 0x50]]), "");
        std::fs::write(machine.folder.join("devnum"), "18\n").unwrap();
        assert_eq!(admit(&machine.roots, "1-1.2:017").unwrap_err().kind, Kind::Missing);
        assert_eq!(machine.authorized(), "?");
        admit(&machine.roots, "1-1.2:018").unwrap();
        assert!(forget(&machine.roots, "1-1.2:17").unwrap().is_empty());
        assert_eq!(forget(&machine.roots, "1-1.2:018").unwrap(), ["bay-1"]);
    }

    #[test]
    fn a_kernel_that_takes_no_answer_is_announced_as_not_admitted() {
        let machine = machine(&device(1, 2, &[[8, 6, 0x50]]), "");
        std::fs::remove_file(machine.folder.join("authorized")).unwrap();
        assert!(admit(&machine.roots, "1-1.2").is_err());
        assert!(!machine.announced().admitted);
    }
}
