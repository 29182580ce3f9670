//! What is plugged into this machine now, and at which of its ports: read from the kernel's lists, nothing is sent to any
//! device. `docks.toml` names a port by the path that stands here.

use crate::cli::sysfs;
use sealdock_profile::Seen;
use std::path::Path;

/// Class of a hub (USB 2.0 §11.23.1).
const HUB: u8 = 9;
/// Names in the kernel's list that are looked at.
const NAMES_MAX: usize = 1024;

/// Devices that are no hubs, in the order of their ports. One that is gone before it is read is left out.
pub fn plugged(sys: &Path) -> Vec<Seen> {
    let devices = sys.join("bus/usb/devices");
    let names = std::fs::read_dir(&devices).into_iter().flatten().flatten().take(NAMES_MAX);
    let seen = names.filter_map(|entry| {
        let name = entry.file_name();
        // A bus, `usb1`, has no port, and an interface, `1-2:1.0`, no descriptors of its own.
        let busid = name.to_str()?;
        let port = id_path(&entry.path(), busid)?;
        let seen = sysfs::seen(&devices, busid).ok()?;
        (seen.device_class != HUB).then_some(Seen { port, ..seen })
    });
    let mut all: Vec<Seen> = seen.collect();
    all.sort_by(|a, b| a.port.cmp(&b.port));
    all
}

/// udev's `ID_PATH` of a device: its controller, and the chain of ports that its kernel name says.
fn id_path(device: &Path, busid: &str) -> Option<String> {
    let (_, chain) = busid.split_once('-')?;
    let real = std::fs::canonicalize(device).ok()?;
    let is_bus = |dir: &&Path| {
        let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_prefix("usb").unwrap_or_default();
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    };
    let controller = real.ancestors().find(is_bus)?.parent()?;
    let subsystem = std::fs::canonicalize(controller.join("subsystem")).ok()?;
    let [subsystem, controller] = [&subsystem, controller].map(|path| path.file_name()?.to_str());
    Some(format!("{}-{}-usb-0:{chain}", subsystem?, controller?))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A disk of one interface, as its descriptors say it; or a hub.
    pub fn descriptors(vid: u16, pid: u16, class: u8) -> Vec<u8> {
        let [[v0, v1], [p0, p1]] = [vid.to_le_bytes(), pid.to_le_bytes()];
        let mut bytes = vec![18, 1, 0, 2, class, 0, 0, 64, v0, v1, p0, p1, 0, 1, 1, 2, 0, 1];
        bytes.extend([9, 2, 32, 0, 1, 1, 0, 0x80, 50]);
        bytes.extend([9, 4, 0, 0, 2, if class == HUB { HUB } else { 8 }, 6, 0x50, 0]);
        bytes.extend([7, 5, 0x81, 2, 0, 2, 0, 7, 5, 2, 2, 0, 2, 0]);
        bytes
    }

    /// Puts a device where the kernel would, on the bus `usb1` of a PCI controller.
    pub fn plug(sys: &Path, busid: &str, product: &str, descriptors: &[u8]) {
        let controller = sys.join("devices/pci0000:00/0000:00:14.0");
        let pci = sys.join("bus/pci");
        let device = controller.join("usb1").join(busid);
        let devices = sys.join("bus/usb/devices");
        for dir in [&device, &devices, &pci] {
            std::fs::create_dir_all(dir).unwrap();
        }
        let _there_already = symlink(&pci, controller.join("subsystem"));
        std::fs::write(device.join("descriptors"), descriptors).unwrap();
        std::fs::write(device.join("product"), format!("{product}\n")).unwrap();
        symlink(&device, devices.join(busid)).unwrap();
    }

    #[test]
    fn each_device_is_seen_at_the_port_that_udev_would_name_and_hubs_and_interfaces_are_none() {
        let sys = tempfile::tempdir().unwrap();
        assert!(plugged(sys.path()).is_empty(), "a machine without USB");
        plug(sys.path(), "1-2", "a hub", &descriptors(1, 2, HUB));
        plug(sys.path(), "1-2.10", "the second", &descriptors(0x7777, 2, 0));
        plug(sys.path(), "1-1", "the first", &descriptors(0x7777, 1, 0));
        plug(sys.path(), "1-1:1.0", "an interface", &descriptors(0x7777, 1, 0));
        plug(sys.path(), "1-3", "broken", b"x");
        let seen = plugged(sys.path());
        let said: Vec<_> = seen.iter().map(|s| (s.port.as_str(), s.product.as_deref())).collect();
        assert_eq!(
            said,
            [
                ("pci-0000:00:14.0-usb-0:1", Some("the first")),
                ("pci-0000:00:14.0-usb-0:2.10", Some("the second")),
            ]
        );
    }
}
