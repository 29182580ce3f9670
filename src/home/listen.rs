//! Where the console answers browsers of other machines.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// `[console_tls]` of `station.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// Address and port, for example `10.0.0.5:8443`; `0.0.0.0` is every address of the machine.
    pub listen: SocketAddr,
    /// Names by which browsers call this machine: the certificate is made for them, and no other name is answered.
    #[serde(default)]
    pub names: Vec<String>,
}

/// Longest name of a machine (RFC 1035 section 2.3.4), bytes.
const NAME_BYTES_MAX: usize = 253;
/// More names than one machine has.
const NAMES_MAX: usize = 16;

impl TlsSettings {
    /// What a browser may call us: the names, and the address where it is a single one.
    ///
    /// # Errors
    /// Nothing is left, or a name is none.
    pub fn hosts(&self) -> Result<Vec<String>, String> {
        if self.names.len() > NAMES_MAX {
            return Err(format!("[console_tls] has more than {NAMES_MAX} names"));
        }
        if let Some(bad) = self.names.iter().find(|name| !is_host_name(name)) {
            return Err(format!(
                "[console_tls] names: {bad:?} is no name of a machine; write small letters, digits, dots and hyphens"
            ));
        }
        let ip = self.listen.ip();
        let own = (!ip.is_unspecified()).then(|| ip.to_string());
        let hosts: Vec<String> = own.into_iter().chain(self.names.iter().cloned()).collect();
        match hosts.is_empty() {
            true => Err(format!(
                "[console_tls] listen = \"{}\" is every address; say by which `names` browsers call this machine",
                self.listen
            )),
            false => Ok(hosts),
        }
    }

    /// As it stands in `station.toml`.
    pub fn text(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| format!("{name:?}")).collect();
        format!("\n[console_tls]\nlisten = \"{}\"\nnames = [{}]\n", self.listen, names.join(", "))
    }
}

/// Labels of letters, digits and inner hyphens, as in a certificate.
fn is_host_name(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(letter)
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    name.len() <= NAME_BYTES_MAX && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str, names: &[&str]) -> Result<Vec<String>, String> {
        let names = names.iter().map(|n| n.to_string()).collect();
        TlsSettings { listen: listen.parse().unwrap(), names }.hosts()
    }

    #[test]
    fn a_browser_calls_by_the_address_or_by_a_name_and_never_by_every_address() {
        assert_eq!(hosts("10.0.0.5:8443", &[]).unwrap(), ["10.0.0.5"]);
        assert_eq!(hosts("10.0.0.5:8443", &["seal.lan"]).unwrap(), ["10.0.0.5", "seal.lan"]);
        assert_eq!(hosts("0.0.0.0:8443", &["seal"]).unwrap(), ["seal"]);
        assert!(hosts("0.0.0.0:8443", &[]).unwrap_err().contains("names"));
        assert!(hosts("[::]:8443", &[]).unwrap_err().contains("names"));
        let long = "a".repeat(64);
        for bad in ["", "Seal", "seal lan", "seal..lan", "-seal", "seal-", "采集站", "a/b", &long]
        {
            assert!(hosts("10.0.0.5:8443", &[bad]).unwrap_err().contains("no name"), "{bad}");
        }
        assert!(hosts("10.0.0.5:1", &["a"; 17]).unwrap_err().contains("more than"));
    }
}
