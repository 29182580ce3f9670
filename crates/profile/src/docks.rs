//! `docks.toml`: which ports of this machine are docks, and what is bound to them. Only the kernel's
//! path of a port counts; what stands here is compared with it and with nothing that a device says.

use sealdock_core::id::BayId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Between the controller and the chain of ports in udev's `ID_PATH`.
const USB: &str = "-usb-0:";

/// All dock ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Docks {
    ports: Vec<DockPort>,
}

/// One dock port: it and everything behind it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockPort {
    pub bay: BayId,
    /// udev's `ID_PATH` of the hub port: `pci-0000:00:04.0-usb-0:1.3`.
    pub path: String,
    /// Binds the port to a profile and allows its unlock.
    pub profile: Option<String>,
    /// Files of secrets, by the names that the profile uses.
    #[serde(default)]
    pub secrets: BTreeMap<String, PathBuf>,
}

/// Why the file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("docks.toml is not usable: {0}; see docs/design/usb.md")]
pub struct BadDocks(String);

/// Where something is plugged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// On a dock port or behind it.
    Dock(&'a DockPort),
    /// It is the root of a bus that has dock ports.
    Bus,
    /// On such a bus, but on no dock port.
    Elsewhere,
    /// Nothing of ours.
    Foreign,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    port: Vec<DockPort>,
}

impl Docks {
    /// Reads the file's text.
    ///
    /// # Errors
    /// Not TOML, an unknown key, a bay that cannot be one, a path that is none of a USB port, a path
    /// twice, secrets where no profile is bound.
    pub fn parse(text: &str) -> Result<Docks, BadDocks> {
        let file: File = toml::from_str(text).map_err(|e| BadDocks(e.to_string()))?;
        for (n, port) in file.port.iter().enumerate() {
            let bad = |why: &str| Err(BadDocks(format!("the port {:?} {why}", port.path)));
            if !is_port(&port.path) {
                return bad("is no path of a USB port, like \"pci-0000:00:14.0-usb-0:1.3\"");
            }
            if file.port[..n].iter().any(|earlier| earlier.path == port.path) {
                return bad("stands there twice");
            }
            if port.profile.is_none() && !port.secrets.is_empty() {
                return bad("has secrets, but no profile that would use them");
            }
            if let Some((name, _)) = port.secrets.iter().find(|(_, file)| !file.is_absolute()) {
                return bad(&format!("has a secret {name:?} whose file is no absolute path"));
            }
        }
        Ok(Docks { ports: file.port })
    }

    pub fn ports(&self) -> &[DockPort] {
        &self.ports
    }

    /// Where the device or volume with this `ID_PATH` is. The longest port wins.
    pub fn place(&self, id_path: &str) -> Place<'_> {
        let longest =
            self.ports.iter().filter(|p| covers(&p.path, id_path)).max_by_key(|p| p.path.len());
        if let Some(port) = longest {
            return Place::Dock(port);
        }
        let controller = id_path.split(USB).next().unwrap_or_default();
        let ours = self.ports.iter().any(|p| p.path.split(USB).next() == Some(controller));
        match (ours, id_path.contains(USB)) {
            (false, _) => Place::Foreign,
            (true, false) => Place::Bus,
            (true, true) => Place::Elsewhere,
        }
    }
}

/// A controller and a chain of port numbers.
fn is_port(path: &str) -> bool {
    let number = |n: &str| !n.is_empty() && n.len() <= 3 && n.bytes().all(|b| b.is_ascii_digit());
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    match path.split_once(USB) {
        Some((controller, ports)) => {
            plain && !controller.is_empty() && ports.split('.').all(number)
        }
        None => false,
    }
}

/// `…:1` covers itself, `…:1.3` and `…:1:1.0-scsi-…`, never `…:12`.
fn covers(port: &str, id_path: &str) -> bool {
    match id_path.strip_prefix(port) {
        Some(rest) => rest.is_empty() || rest.starts_with(['.', ':']),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docks() -> Docks {
        Docks::parse(
            "[[port]]\nbay = 'bay-1'\npath = 'pci-0000:00:04.0-usb-0:1'\n\
             [[port]]\nbay = 'bay-2'\npath = 'pci-0000:00:04.0-usb-0:2.1'\nprofile = 'cammpro.mc'\n\
             secrets = { admin = '/etc/sealdock/secrets/c' }\n\
             [[port]]\nbay = 'bay-3'\npath = 'pci-0000:00:04.0-usb-0:1.4'\n",
        )
        .unwrap()
    }

    fn bay(id_path: &str) -> Option<String> {
        match docks().place(id_path) {
            Place::Dock(port) => Some(port.bay.to_string()),
            _ => None,
        }
    }

    #[test]
    fn a_port_covers_what_hangs_behind_it_and_the_longest_wins() {
        for (path, wanted) in [
            ("pci-0000:00:04.0-usb-0:1", "bay-1"),
            ("pci-0000:00:04.0-usb-0:1.3", "bay-1"),
            ("pci-0000:00:04.0-usb-0:1:1.0-scsi-0:0:0:0", "bay-1"),
            ("pci-0000:00:04.0-usb-0:1.4:1.0-scsi-0:0:0:0", "bay-3"),
            ("pci-0000:00:04.0-usb-0:2.1", "bay-2"),
        ] {
            assert_eq!(bay(path).as_deref(), Some(wanted), "{path}");
        }
        for path in ["pci-0000:00:04.0-usb-0:12", "pci-0000:00:04.0-usb-0:2", "usb-0:1", ""] {
            assert_eq!(bay(path), None, "{path}");
        }
    }

    #[test]
    fn a_bus_with_a_dock_port_is_known_and_so_is_what_hangs_elsewhere_on_it() {
        let docks = docks();
        assert_eq!(docks.place("pci-0000:00:04.0"), Place::Bus);
        assert_eq!(docks.place("pci-0000:00:04.0-usb-0:2"), Place::Elsewhere);
        assert_eq!(docks.place("pci-0000:00:05.0"), Place::Foreign);
        assert_eq!(docks.place("pci-0000:00:05.0-usb-0:1"), Place::Foreign);
        assert_eq!(Docks::default().place("pci-0000:00:04.0"), Place::Foreign);
        assert_eq!(docks.place(""), Place::Foreign);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let port = |more: &str| format!("[[port]]\nbay = 'bay-1'\n{more}\n");
        let good = "path = 'pci-0000:00:04.0-usb-0:1'";
        let twice = port(good) + &port(good).replace("bay-1", "bay-2");
        for (text, says) in [
            ("[[port]]\nbay = 'b'".to_owned(), "path"),
            (port("path = 'sdb1'"), "no path of a USB port"),
            (port("path = 'pci-0-usb-0:1:1.0'"), "no path of a USB port"),
            (port("path = 'pci-0-usb-0:'"), "no path of a USB port"),
            (port("path = 'pci-0-usb-0:1 '"), "no path of a USB port"),
            (port(&format!("{good}\ncolour = 1")), "colour"),
            ("colour = 1".to_owned(), "colour"),
            (port(good).replace("bay-1", "../x"), "bay"),
            (twice, "twice"),
            (port(&format!("{good}\nsecrets = {{ a = '/x' }}")), "no profile"),
            (port(&format!("{good}\nprofile = 'p'\nsecrets = {{ a = 'x' }}")), "absolute"),
            ("[[port".to_owned(), "docks.toml"),
        ] {
            let error = Docks::parse(&text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert_eq!(Docks::parse("").unwrap(), Docks::default());
    }
}
