//! The clock of a recorder over MTP: measured, set where it may be, and never guessed.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_core::ports::Recorder;
use sealdock_core::time::{ClockOffset, WallMs};

/// A string as a property carries it.
fn told(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
    let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
    std::iter::once(units.len() as u8).chain(bytes).collect()
}

fn offset_ms(device: &Device) -> i64 {
    match device.dock().clock().unwrap() {
        ClockOffset::Measured { offset_ms, source } => {
            assert!(source.contains("0x5011"), "{source}");
            offset_ms
        }
        ClockOffset::Unknown { reason } => panic!("{reason}"),
    }
}

#[test]
fn a_clock_is_measured_in_the_zone_it_is_told_in() {
    let device = Device::one();
    device.clock.set_wall(WallMs::parse("2026-11-28T08:00:00.500Z").unwrap());
    for (text, ahead_ms) in [
        ("20261128T160000", 0),
        ("20261128T160100", 60_000),
        ("20261128T080000Z", 0),
        ("20261128T170000.0+0900", 0),
        ("20261127T160000", -86_400_000),
    ] {
        device.plan(|plan| plan.clock = Some(told(text)));
        let off = offset_ms(&device) - ahead_ms;
        assert!(off.abs() < 100, "{text}: {off}");
    }
}

#[test]
fn a_clock_that_is_not_told_or_is_nonsense_is_unknown() {
    let device = Device::one();
    let reason = |device: &Device| match device.dock().clock().unwrap() {
        ClockOffset::Unknown { reason } => reason,
        measured => panic!("{measured:?}"),
    };
    assert!(reason(&device).contains("does not tell its clock"));
    for text in ["", "noon", "20261399T000000"] {
        device.plan(|plan| plan.clock = Some(told(text)));
        assert!(reason(&device).contains("no time"), "{text}");
    }
    device.plan(|plan| plan.is_gone = false);
}

#[test]
fn a_clock_is_set_to_the_stations_and_read_back() {
    let device = Device::one();
    device.clock.set_wall(WallMs::parse("2026-11-28T08:00:00.500Z").unwrap());
    device.plan(|plan| plan.clock = Some(told("20200101T000000")));
    let mut recorder = device.dock();
    recorder.set_clock().unwrap();
    device.plan(|plan| assert_eq!(plan.clock, Some(told("20261128T160000"))));
    device.plan(|plan| plan.instead = vec![(GET_PROPERTY, told("20200101T000000"))]);
    let error = recorder.set_clock().unwrap_err();
    assert!(error.message.contains("ms off"), "acknowledged and not done: {error}");
    device.plan(|plan| plan.refuse = vec![(SET_PROPERTY, 0x200a)]);
    assert!(recorder.set_clock().unwrap_err().message.contains("refuses"));
}
