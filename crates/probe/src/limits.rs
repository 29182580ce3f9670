//! How much one look at a clip may cost. The parent passes the child's share in one environment
//! variable, because the child's arguments belong to the program that hosts it.

use std::time::Duration;

/// The only variable in the child's environment.
pub(crate) const VARIABLE: &str = "SEALDOCK_PROBE_LIMITS";

/// What one look at a clip may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Processor seconds of the child (`RLIMIT_CPU`).
    pub cpu_s: u64,
    /// Seconds by the wall, from start to the last byte of facts.
    pub wall_s: u64,
    /// Bytes of address space of the child (`RLIMIT_AS`).
    pub address_space_bytes: u64,
    /// Bytes the child may print before it is stopped.
    pub output_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { cpu_s: 5, wall_s: 10, address_space_bytes: 512 << 20, output_bytes: 64 << 10 }
    }
}

impl Limits {
    pub(crate) fn wall(&self) -> Duration {
        Duration::from_secs(self.wall_s)
    }

    /// The child's share as text for [`VARIABLE`].
    pub(crate) fn to_variable(self) -> String {
        format!("{} {}", self.cpu_s, self.address_space_bytes)
    }

    /// The child's share as its parent set it; the defaults when that is missing or garbled,
    /// so that a child started by hand is confined too.
    pub(crate) fn from_environment() -> Self {
        std::env::var(VARIABLE).ok().and_then(|text| Self::parse(&text)).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        let (cpu_s, address_space_bytes) = text.split_once(' ')?;
        Some(Self {
            cpu_s: cpu_s.parse().ok()?,
            address_space_bytes: address_space_bytes.parse().ok()?,
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_childs_share_survives_the_way_through_the_environment() {
        let limits = Limits { cpu_s: 2, address_space_bytes: 77, ..Limits::default() };
        assert_eq!(Limits::parse(&limits.to_variable()), Some(limits));
        assert_eq!(Limits::parse("two 77"), None);
        assert_eq!(Limits::parse(""), None);
    }
}
