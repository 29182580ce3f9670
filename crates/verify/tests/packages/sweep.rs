//! One bit in every byte of every file of a small package: no byte is nobody's.

use crate::build::{Package, Plan, package, small};
use crate::{is_good, judge, pinned};
use sealdock_verify::{Memory, Trust};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes whose change the verdict does not notice, as `name:offset`.
fn survivors(package: &Package, trust: &Trust, only: impl Fn(&str) -> bool) -> Vec<String> {
    let places: Vec<(&String, usize)> = package
        .folder
        .files
        .iter()
        .filter(|(name, _)| only(name))
        .flat_map(|(name, bytes)| (0..bytes.len()).map(move |at| (name, at)))
        .collect();
    assert!(!places.is_empty());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut folder = package.folder.clone();
        let mut survived = Vec::new();
        while let Some((name, at)) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bit = 1 << (at % 8);
            flip(&mut folder, name, *at, bit);
            // A pin that cannot be checked any more judges nothing, which is no good word either.
            if judge(&folder, trust).is_ok_and(|report| is_good(report.word)) {
                survived.push(format!("{name}:{at}"));
            }
            flip(&mut folder, name, *at, bit);
        }
        survived
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut survived = work();
        survived.extend(other.join().unwrap());
        survived
    })
}

fn flip(folder: &mut Memory, name: &str, at: usize, bit: u8) {
    folder.files.get_mut(name).unwrap()[at] ^= bit;
}

#[test]
fn every_byte_is_vouched_for() {
    let package = package(&small());
    let trust = pinned(&package, package.sizes.0);
    assert_eq!(survivors(&package, &trust, |_| true), Vec::<String>::new());
}

/// Without a key of the reader's the folder is held against itself, and still no byte is free.
#[test]
fn every_byte_that_a_verdict_without_key_rests_on_is_vouched_for() {
    let package = package(&Plan { rotate_log: true, ..small() });
    let own = |name: &str| {
        ["keys/", "handover/", "record/checkpoint", "record/entries/0", "record/entries/2", "tagm"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    assert_eq!(survivors(&package, &Trust::default(), own), Vec::<String>::new());
}
