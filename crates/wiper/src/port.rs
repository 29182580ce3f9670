//! What udev asks at every USB and block device: is this port a dock, is this bus one with docks? The
//! answer is a few `KEY=value` lines (`IMPORT{program}`).

use crate::error::WiperResult;
use crate::roots::Roots;
use sealdock_profile::Place;

/// The lines for one `ID_PATH`.
///
/// # Errors
/// `docks.toml` cannot be used; then no line is printed and nothing is a dock.
pub fn lines(roots: &Roots, id_path: &str) -> WiperResult<String> {
    let docks = roots.docks()?;
    Ok(match docks.place(id_path) {
        Place::Dock(port) => format!("SEALDOCK_PORT=dock\nSEALDOCK_BAY={}\n", port.bay),
        Place::Bus => "SEALDOCK_PORT=bus\n".to_owned(),
        Place::Elsewhere => "SEALDOCK_PORT=elsewhere\n".to_owned(),
        Place::Foreign => "SEALDOCK_PORT=none\n".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_the_file_has_no_docks_and_a_broken_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots::below(dir.path());
        assert_eq!(lines(&roots, "pci-0-usb-0:1").unwrap(), "SEALDOCK_PORT=none\n");
        std::fs::create_dir_all(roots.etc.join("sealdock")).unwrap();
        let file = roots.etc.join("sealdock/docks.toml");
        std::fs::write(&file, "[[port]]\nbay = 'bay-1'\npath = 'pci-0-usb-0:1'\n").unwrap();
        for (path, wanted) in [
            ("pci-0-usb-0:1.2", "SEALDOCK_PORT=dock\nSEALDOCK_BAY=bay-1\n"),
            ("pci-0", "SEALDOCK_PORT=bus\n"),
            ("pci-0-usb-0:2", "SEALDOCK_PORT=elsewhere\n"),
            ("pci-1-usb-0:1", "SEALDOCK_PORT=none\n"),
        ] {
            assert_eq!(lines(&roots, path).unwrap(), wanted, "{path}");
        }
        std::fs::write(&file, "port = 1").unwrap();
        assert!(lines(&roots, "pci-0").unwrap_err().message.contains("docks.toml is not usable"));
    }
}
