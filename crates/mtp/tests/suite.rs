//! The contract that every recorder keeps, over MTP, in each of the three ways to read an object.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BELOW, Device};
use mtp_rs::virtual_device::VirtualDeviceConfig;
use sealdock_core::ports::Recorder;
use sealdock_testkit::suite::{Names, recorder_named};
use std::sync::Mutex;

fn keeps_the_contract(change: impl Fn(&mut VirtualDeviceConfig)) {
    let devices = Mutex::new(Vec::new());
    recorder_named(Names { below: BELOW, are_bytes: false }, |files| {
        let device = Device::new(1, &change);
        for (name, bytes) in files {
            let name = std::str::from_utf8(name).unwrap().strip_prefix(BELOW).unwrap();
            device.put(name, bytes);
        }
        let recorder: Box<dyn Recorder> = Box::new(device.dock());
        devices.lock().unwrap().push(device);
        recorder
    });
}

#[test]
fn a_recorder_that_reads_at_64_bit_offsets_keeps_the_contract() {
    keeps_the_contract(|_| ());
}

#[test]
fn a_recorder_that_reads_at_32_bit_offsets_keeps_the_contract() {
    keeps_the_contract(|config| config.supports_partial_object_64 = false);
}

#[test]
fn a_recorder_that_sends_only_whole_objects_keeps_the_contract() {
    keeps_the_contract(|config| {
        config.supports_partial_object_64 = false;
        config.supports_partial_object = false;
    });
}
