//! Anything may be done to a package: nothing panics, and nothing makes it good.

use crate::build::{Package, package, small};
use crate::{is_good, judge, pinned};
use proptest::prelude::*;
use sealdock_verify::{Kind, Memory, Trust};
use std::sync::LazyLock;

static SOUND: LazyLock<Sound> = LazyLock::new(|| Sound::new(package(&small())));

/// What is needed of a package by several threads.
struct Sound {
    folder: Memory,
    trust: Trust,
}

impl Sound {
    fn new(package: Package) -> Self {
        let trust = pinned(&package, package.sizes.0);
        Sound { folder: package.folder, trust }
    }
}

#[derive(Debug, Clone)]
enum Deed {
    Overwrite(usize, usize, Vec<u8>),
    Insert(usize, usize, Vec<u8>),
    Cut(usize, usize),
    Replace(usize, Vec<u8>),
    Copy(usize, usize),
    Rename(usize, String),
    Remove(usize),
    Other(String, bool),
}

fn deed() -> impl Strategy<Value = Deed> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..40);
    let at = any::<usize>;
    prop_oneof![
        (at(), at(), bytes()).prop_map(|(f, p, b)| Deed::Overwrite(f, p, b)),
        (at(), at(), bytes()).prop_map(|(f, p, b)| Deed::Insert(f, p, b)),
        (at(), at()).prop_map(|(f, p)| Deed::Cut(f, p)),
        (at(), bytes()).prop_map(|(f, b)| Deed::Replace(f, b)),
        (at(), at()).prop_map(|(f, g)| Deed::Copy(f, g)),
        (at(), "[a-zC]{1,7}/?[C0-9.\\PC]{0,12}").prop_map(|(f, n)| Deed::Rename(f, n)),
        at().prop_map(Deed::Remove),
        ("\\PC{1,12}", any::<bool>()).prop_map(|(n, l)| Deed::Other(n, l)),
    ]
}

fn act(folder: &mut Memory, deed: &Deed) {
    if folder.files.is_empty() {
        return;
    }
    let names: Vec<String> = folder.files.keys().cloned().collect();
    let name = |index: &usize| names[index % names.len()].clone();
    match deed {
        Deed::Overwrite(file, at, bytes) => {
            let file = folder.files.get_mut(&name(file)).unwrap();
            let at = at % (file.len() + 1);
            let end = (at + bytes.len()).min(file.len());
            file.splice(at..end, bytes.iter().copied());
        }
        Deed::Insert(file, at, bytes) => {
            let file = folder.files.get_mut(&name(file)).unwrap();
            let at = at % (file.len() + 1);
            file.splice(at..at, bytes.iter().copied());
        }
        Deed::Cut(file, at) => {
            let file = folder.files.get_mut(&name(file)).unwrap();
            file.truncate(at % (file.len() + 1));
        }
        Deed::Replace(file, bytes) => drop(folder.files.insert(name(file), bytes.clone())),
        Deed::Copy(from, to) => {
            let bytes = folder.files[&name(from)].clone();
            folder.files.insert(name(to), bytes);
        }
        Deed::Rename(file, to) => {
            let bytes = folder.files.remove(&name(file)).unwrap();
            folder.files.insert(to.clone(), bytes);
        }
        Deed::Remove(file) => drop(folder.files.remove(&name(file))),
        Deed::Other(name, link) => {
            let kind = if *link { Kind::Link } else { Kind::Other };
            folder.others.insert(name.clone(), kind);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn nothing_done_at_random_panics_or_is_good(deeds in prop::collection::vec(deed(), 1..4)) {
        let sound = &*SOUND;
        let mut folder = sound.folder.clone();
        for deed in &deeds {
            act(&mut folder, deed);
        }
        let same = folder.files == sound.folder.files && folder.others.is_empty();
        for trust in [&sound.trust, &Trust::default()] {
            if let Ok(report) = judge(&folder, trust) {
                prop_assert_eq!(is_good(report.word), same, "{:?}", report.findings);
                prop_assert!(!report.to_string().is_empty() && report.to_json().is_object());
            }
        }
    }
}
