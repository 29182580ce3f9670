//! What a walk found, with a limit per area: the first contradiction is worth more than a million
//! that follow from it.

use sealdock_core::ports::Finding;

/// Findings that are kept per area.
const KEPT: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn add(&mut self, area: &'static str, seq: Option<u64>, text: impl Into<String>) {
        if self.0.iter().filter(|finding| finding.area == area).count() < KEPT {
            self.0.push(Finding { area, seq, text: text.into() });
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}
