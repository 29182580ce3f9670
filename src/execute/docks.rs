//! Is `docks.toml` fit for use on this machine? Everything that would be found out at a dock, found out
//! before one.

use crate::wire::Usb;
use sealdock_profile::{DockPort, Profiles};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What is wrong, one sentence each.
pub fn findings(usb: &Usb) -> Vec<String> {
    let docks = match usb.docks() {
        Ok(docks) => docks,
        Err(e) => return vec![e.message],
    };
    let known = usb.profiles();
    let mut findings: Vec<String> = known.fault.iter().cloned().collect();
    for port in docks.ports() {
        let mut say = |why: String| findings.push(format!("docks.toml, port {}: {why}", port.path));
        if !exists(&usb.sys, &port.path) {
            say("this machine has no such port now; compare with `udevadm info`, or plug in its hub".into());
        }
        profile(&known.profiles, port, &mut say);
        for (name, file) in &port.secrets {
            if let Err(why) = secret(file) {
                say(format!("secret {name:?}: {}: {why}", file.display()));
            }
        }
    }
    findings
}

/// The bound profile exists, and has every secret that its unlock asks for.
fn profile(profiles: &Profiles, port: &DockPort, say: &mut impl FnMut(String)) {
    let Some(id) = &port.profile else { return };
    let Some(profile) = profiles.find(id) else {
        say(format!("there is no profile {id:?}; see `sealdock profile check`"));
        return;
    };
    let wanted = profile.unlock().and_then(|unlock| unlock.secret.as_ref());
    if let Some(name) = wanted
        && !port.secrets.contains_key(name)
    {
        say(format!(
            "the unlock of {id} needs the secret {name:?}; add secrets = {{ {name} = \"FILE\" }}"
        ));
    }
    for name in port.secrets.keys().filter(|name| Some(*name) != wanted) {
        say(format!("the profile {id} uses no secret {name:?}; remove it"));
    }
}

/// A file of one line that nobody else can read.
fn secret(file: &Path) -> Result<(), String> {
    let facts = file.metadata().map_err(|e| e.to_string())?;
    if facts.permissions().mode() & 0o077 != 0 {
        return Err("other users can read it; `chmod 600` it".into());
    }
    let text = std::fs::read_to_string(file).map_err(|e| e.to_string())?;
    match text.lines().count() {
        1 if !text.trim().is_empty() => Ok(()),
        _ => Err("it does not hold exactly one line".into()),
    }
}

/// Does the kernel know this port? `path` is an `ID_PATH` of controller and chain of ports.
fn exists(sys: &Path, path: &str) -> bool {
    let Some((controller, chain)) = path.split_once("-usb-0:") else { return false };
    let Some((bus, device)) = controller.split_once('-') else { return false };
    let controller = sys.join("bus").join(bus).join("devices").join(device);
    let chain: Vec<&str> = chain.split('.').collect();
    // A controller has one bus for each speed.
    std::fs::read_dir(controller).into_iter().flatten().flatten().any(|entry| {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("usb"));
        number.is_some_and(|number| has_port(&entry.path(), number, &chain))
    })
}

fn has_port(bus: &Path, number: &str, chain: &[&str]) -> bool {
    let Some((port, hubs)) = chain.split_last() else { return false };
    if hubs.is_empty() {
        return bus.join(format!("{number}-0:1.0/usb{number}-port{port}")).exists();
    }
    let mut dir = bus.to_owned();
    let mut hub = String::new();
    for depth in 1..=hubs.len() {
        hub = format!("{number}-{}", hubs[..depth].join("."));
        dir.push(&hub);
    }
    dir.join(format!("{hub}:1.0/{hub}-port{port}")).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new() -> Machine {
            let machine = Machine(tempfile::tempdir().unwrap());
            let bus = "sys/bus/pci/devices/0000:00:04.0/usb3";
            machine.dir(&format!("{bus}/3-0:1.0/usb3-port1"));
            machine.dir(&format!("{bus}/3-1/3-1.2/3-1.2:1.0/3-1.2-port4"));
            machine.put("secret", "888888\n", 0o600);
            machine
        }

        fn dir(&self, path: &str) {
            std::fs::create_dir_all(self.0.path().join(path)).unwrap();
        }

        fn put(&self, path: &str, text: &str, mode: u32) {
            let path = self.0.path().join(path);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }

        fn findings(&self, docks: &str) -> Vec<String> {
            let root = self.0.path();
            self.put("docks.toml", &docks.replace("HERE", root.to_str().unwrap()), 0o644);
            let usb = Usb {
                run: root.join("run"),
                docks_file: root.join("docks.toml"),
                sys: root.join("sys"),
            };
            findings(&usb)
        }
    }

    const PORT: &str = "[[port]]\nbay = 'bay-1'\npath = 'pci-0000:00:04.0-usb-0:1'\n";

    #[test]
    fn what_the_machine_has_is_in_order() {
        let machine = Machine::new();
        assert_eq!(machine.findings(""), [""; 0]);
        let own = "schema = 1\n[profile]\nid = 'acme.x1'\ntitle = 'ACME'\nsources = ['me']\nconfidence = 'reported'\n[[match]]\nstate = 'storage'\nweight = 40\nusb.vid = 0x7777\n";
        machine.dir("profiles");
        machine.put("profiles/acme.toml", own, 0o644);
        assert_eq!(machine.findings(&format!("{PORT}profile = 'acme.x1'\n")), [""; 0]);
        machine.put("profiles/bad.toml", "colour = 1", 0o644);
        let findings = machine.findings(&format!("{PORT}profile = 'acme.x1'\n"));
        assert!(findings[0].contains("bad.toml"), "{findings:?}");
        assert!(findings[1].contains("no profile \"acme.x1\""), "{findings:?}");
        std::fs::remove_file(machine.0.path().join("profiles/bad.toml")).unwrap();
        let deep = PORT.replace("usb-0:1'", "usb-0:1.2.4'");
        assert_eq!(machine.findings(&format!("{PORT}{deep}")), [""; 0]);
        let bound = "profile = 'cammpro.mc'\nsecrets = { recorder-admin = 'HERE/secret' }\n";
        assert_eq!(machine.findings(&format!("{PORT}{bound}")), [""; 0]);
    }

    #[test]
    fn each_mistake_is_named_before_anything_is_docked() {
        let machine = Machine::new();
        machine.put("open", "888888\n", 0o644);
        machine.put("two", "a\nb\n", 0o600);
        machine.put("empty", "\n", 0o600);
        let bound = |file: &str| {
            format!(
                "{PORT}profile = 'cammpro.mc'\nsecrets = {{ recorder-admin = 'HERE/{file}' }}\n"
            )
        };
        for (text, says) in [
            (format!("{PORT}colour = 1\n"), "colour"),
            (format!("{PORT}{PORT}"), "twice"),
            (PORT.replace("usb-0:1'", "usb-0:2'"), "no such port"),
            (PORT.replace("usb-0:1'", "usb-0:1.2.5'"), "no such port"),
            (PORT.replace("00:04.0", "00:05.0"), "no such port"),
            (format!("{PORT}profile = 'nobodys.model'\n"), "no profile \"nobodys.model\""),
            (format!("{PORT}profile = 'cammpro.mc'\n"), "needs the secret \"recorder-admin\""),
            (bound("nowhere"), "nowhere"),
            (bound("open"), "chmod 600"),
            (bound("two"), "exactly one line"),
            (bound("empty"), "exactly one line"),
            (bound("secret").replace("recorder-admin", "other"), "uses no secret \"other\""),
        ] {
            let findings = machine.findings(&text);
            assert!(findings.iter().any(|f| f.contains(says)), "{text}: {findings:?}");
        }
    }
}
