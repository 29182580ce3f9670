//! One bit in every byte of every file of a small package: no byte is nobody's.

use crate::build::{Files, Package, Plan, Stage, package, package_hooked, small};
use crate::page::{Page, program_told};
use crate::{is_good, judge, pinned};
use sealdock_verify::{Memory, Trust};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Every byte of the files that are asked for.
fn places(package: &Package, only: impl Fn(&str) -> bool) -> Vec<(&str, usize)> {
    let files = package.folder.files.iter().filter(|(name, _)| only(name));
    let places = files.flat_map(|(name, bytes)| (0..bytes.len()).map(|at| (name.as_str(), at)));
    places.collect()
}

/// Bytes whose change the verdict does not notice, as `name:offset`. A pin that cannot be checked any more
/// judges nothing, which is no good word either.
fn survivors(
    places: &[(&str, usize)],
    trust: &Trust,
    changed: impl Fn(&str, usize) -> Memory + Sync,
) -> Vec<String> {
    assert!(!places.is_empty());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut survived = Vec::new();
        while let Some((name, at)) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            if judge(&changed(name, *at), trust).is_ok_and(|report| is_good(report.word)) {
                survived.push(format!("{name}:{at}"));
            }
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

/// One bit of the byte, another one at each place.
fn flip(files: &mut Files, name: &str, at: usize) {
    files.get_mut(name).unwrap()[at] ^= 1 << (at % 8);
}

fn flipped(package: &Package) -> impl Fn(&str, usize) -> Memory + Sync {
    |name, at| {
        let mut folder = package.folder.clone();
        flip(&mut folder.files, name, at);
        folder
    }
}

#[test]
fn every_byte_is_vouched_for() {
    let package = package(&small());
    let trust = pinned(&package, package.sizes.0);
    let survived = survivors(&places(&package, |_| true), &trust, flipped(&package));
    assert_eq!(survived, Vec::<String>::new());
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
    let survived = survivors(&places(&package, own), &Trust::default(), flipped(&package));
    assert_eq!(survived, Vec::<String>::new());
}

/// The station itself closes a package with one bit wrong, manifest and signature made over it: what proves
/// itself is still refused, and only what nobody believes is free.
#[test]
fn what_proves_itself_needs_no_manifest() {
    let sound = package(&small());
    let trust = pinned(&sound, sound.sizes.0);
    let proving = |name: &str| {
        ["record/", "clips/", "keys/", "bagit.txt"].iter().any(|prefix| name.starts_with(prefix))
    };
    let closed = |name: &str, at: usize| {
        let name = name.to_owned();
        let wrong = package_hooked(&small(), move |_, stage| {
            if let Stage::Tags(files) = stage {
                flip(files, &name, at);
            }
        });
        wrong.folder
    };
    let survived = survivors(&places(&sound, proving), &trust, closed);
    // What stands before the key on a line of `allowed_signers` is for ssh-keygen, and believed by nobody here.
    let line = |name: &str| String::from_utf8(sound.folder.files[name].clone()).unwrap();
    let free: usize =
        line("keys/allowed_signers").lines().map(|line| line.find(" ssh-ed25519").unwrap()).sum();
    let elsewhere: Vec<&String> =
        survived.iter().filter(|place| !place.starts_with("keys/allowed_signers:")).collect();
    assert_eq!(elsewhere, Vec::<&String>::new());
    assert!(survived.len() <= free, "{survived:?}");
}

/// The page, too, on every byte of the same package, and it says of each what the program says.
#[test]
fn every_byte_is_vouched_for_by_both_verifiers_alike() {
    let package = package(&small());
    let trust = pinned(&package, package.sizes.0);
    let note = package.station.head(package.sizes.0).note().to_owned();
    let places = places(&package, |_| true);
    let flipped = flipped(&package);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut page = Page::new();
        let mut wrong = Vec::new();
        while let Some((name, at)) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            let folder = flipped(name, *at);
            let program = program_told(&folder, &trust);
            let page = page.told(&folder, (&trust, std::slice::from_ref(&note)), &[name]);
            let good = ["UNTRUSTED", "UNANCHORED", "ANCHORED"].iter().any(|it| page["word"] == *it);
            if program != page || good {
                wrong.push(format!("{name}:{at}: the program {program}, the page {page}"));
            }
        }
        wrong
    };
    let wrong = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut wrong = work();
        wrong.extend(other.join().unwrap());
        wrong
    });
    println!("{} bytes", places.len());
    let few: Vec<&String> = wrong.iter().take(10).collect();
    assert!(wrong.is_empty(), "{} differ, among them {few:#?}", wrong.len());
}
