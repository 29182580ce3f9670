//! Matters, steps, interruptions and marks, on values: who may do what, what is refused with which sentence,
//! what the clips of a step show, when a case must be filed, and what speaks against disposing of a clip.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "matter/bindings.rs"]
mod bindings;
#[path = "matter/cases.rs"]
mod cases;
#[path = "matter/concerned.rs"]
mod concerned;
#[path = "matter/interruptions.rs"]
mod interruptions;
#[path = "matter/reports.rs"]
mod reports;
#[path = "matter/rights.rs"]
mod rights;
#[path = "matter/unit.rs"]
mod unit;
