//! Who reads which registers in the console.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "common/unit.rs"]
mod unit;

use sealdock_core::actor::Role;
use sealdock_core::reading::{Reading, reading};
use sealdock_core::time::DAY_MS;
use unit::Unit;

fn reads(unit: &Unit, who: &str) -> Reading {
    reading(&unit.tables, &who.parse().unwrap(), unit.at.wall).unwrap()
}

#[test]
fn an_officer_reads_their_own_and_whoever_looks_after_others_reads_all() {
    let unit = Unit::new();
    for own in ["o1", "o3", "nobody"] {
        assert_eq!(reads(&unit, own), Reading::Own, "{own}");
    }
    // `dh` is an officer, too.
    for all in ["c1", "lh", "uh", "a1", "op", "dh"] {
        assert_eq!(reads(&unit, all), Reading::All, "{all}");
    }
}

#[test]
fn a_duty_counts_while_it_is_in_force() {
    let mut unit = Unit::new();
    unit.appoint("o2", Role::Viewer, Some("d2"));
    assert_eq!(reads(&unit, "o2"), Reading::All);
    unit.deputise("o1", Role::DepartmentHead, (Some("d1"), "dh"));
    assert_eq!(reads(&unit, "o1"), Reading::All);
    unit.at.wall = unit.at.wall.plus_ms(3651 * DAY_MS);
    assert_eq!(reads(&unit, "o1"), Reading::Own, "a deputy's time is over");
}
