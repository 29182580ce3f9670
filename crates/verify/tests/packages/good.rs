//! Sound packages: the word follows what the reader brings, and the answers say what they rest on.

use crate::build::{Plan, Stage, package, package_hooked, usual};
use crate::{judge, pin, pinned, told, with_key};
use sealdock_verify::{Code, Options, PAGE, Report, Trust, Word, page, verify};

fn sentences(report: &Report, answer: &str) -> String {
    let json = report.to_json();
    let lines = json["answers"][answer].as_array().unwrap();
    lines.iter().map(|line| format!("{}\n", line["en"].as_str().unwrap())).collect()
}

#[test]
fn the_word_follows_what_the_reader_brings() {
    let package = package(&usual());
    let judged = |trust: &Trust| told(&judge(&package.folder, trust).unwrap());
    let (first, second) = package.sizes;
    assert_eq!(judged(&Trust::default()), (Word::Untrusted, vec![]));
    assert_eq!(judged(&with_key(package.key())), (Word::Unanchored, vec![]));
    assert_eq!(judged(&pinned(&package, first)), (Word::Anchored, vec![]));
    assert_eq!(judged(&pinned(&package, second)), (Word::Anchored, vec![]));
    // A head from before the clips came in says nothing about them.
    assert_eq!(judged(&pinned(&package, 3)), (Word::Unanchored, vec![]));
    // Nothing leads to these: one in between, one later.
    for size in [second - 1, second + 1] {
        assert_eq!(judged(&pinned(&package, size)), (Word::Unanchored, vec![Code::PinUnlinked]));
    }
    let mut pin_alone = pinned(&package, first);
    pin_alone.keys.clear();
    assert_eq!(judged(&pin_alone), (Word::Untrusted, vec![]));
}

#[test]
fn a_pin_anchors_only_if_every_clip_lies_below_it() {
    let clips = package(&usual()).seq_of("clip.stored");
    for (size, word) in [
        (clips, Word::Unanchored),
        (clips + 1, Word::Unanchored),
        (clips + 2, Word::Unanchored),
        (clips + 3, Word::Anchored),
    ] {
        let package = package(&Plan { anchors: vec![size], ..usual() });
        let report = judge(&package.folder, &pinned(&package, size)).unwrap();
        assert_eq!(told(&report), (word, vec![]), "{size}");
    }
}

#[test]
fn a_receipt_is_as_good_as_a_checkpoint() {
    let package = package(&usual());
    let note = package.station.head(package.sizes.0).note().to_owned();
    let mut trust = with_key(package.key());
    trust
        .pins
        .push(pin(&format!("回执\r\n\r\nKey x\r\n\r\n{}\r\n█▀█\r\n", note.replace('\n', "\r\n"))));
    assert_eq!(judge(&package.folder, &trust).unwrap().word, Word::Anchored);
}

#[test]
fn the_answers_say_what_was_seen_and_what_was_not() {
    let package = package(&usual());
    let report = judge(&package.folder, &pinned(&package, package.sizes.0)).unwrap();
    let integrity = sentences(&report, "integrity");
    assert!(integrity.contains("4195304 bytes, all 2 pieces of 4 MiB lead to the chunk root"));
    assert!(integrity.contains("not computed here") && integrity.contains("use --whole"));
    assert!(sentences(&report, "authenticity").contains("that the reader brought: test.example"));
    assert!(sentences(&report, "authenticity").contains("测试单位"));
    let completeness = sentences(&report, "completeness");
    assert!(completeness.contains("listing of 5 lines, 4 files, 3 of them in this package"));
    assert!(completeness.contains("1 files not in this package: DCIM/LEFT.MP4"));
    assert!(completeness.contains("There may be more entries"));
    assert!(sentences(&report, "time").contains("the station's clock claims 2026-11-21T08:15:"));
    assert!(sentences(&report, "time").contains("covers C4, C5, C6"));
    let custody = sentences(&report, "custody");
    assert!(custody.contains("copy.completed copy completed") && custody.contains("system"));
    assert_eq!(report.answers.custody.len() as u64, package.sizes.0);
    assert_eq!(report.answers.not_proven.len(), 6);
    let text = report.to_string();
    assert!(text.starts_with("结论 VERDICT ANCHORED\n"));
    assert!(!text.contains(['{', '}']), "a gap was left open:\n{text}");
    assert!(text.lines().count() < 80, "{text}");
}

/// What was not computed is never said to be.
#[test]
fn the_digest_of_the_whole_is_computed_only_when_asked_for() {
    let package = package(&usual());
    for workers in [0, 1, 2, 5] {
        let options = Options { workers, whole: true };
        let trust = with_key(package.key());
        let report = verify(&package.folder, &trust, options, &|_, _| {}).unwrap();
        assert_eq!(told(&report), (Word::Unanchored, vec![]));
        let integrity = sentences(&report, "integrity");
        assert_eq!(integrity.matches("SHA-256 computed").count(), 3, "{integrity}");
        assert!(!integrity.contains("not computed"));
    }
}

#[test]
fn progress_ends_at_the_size_of_all_clips() {
    let package = package(&usual());
    let last = std::sync::Mutex::new((0, 0));
    let progress = |done, total| {
        let mut last = last.lock().unwrap();
        *last = (last.0.max(done), total);
    };
    verify(&package.folder, &Trust::default(), Options::default(), &progress).unwrap();
    let (done, total) = *last.lock().unwrap();
    let size: usize = usual().clips.iter().map(Vec::len).sum();
    assert_eq!((done, total), (size as u64, size as u64));
}

#[test]
fn an_empty_clip_is_a_clip() {
    let package = package(&Plan { clips: vec![vec![], b"x".to_vec()], ..usual() });
    let report = judge(&package.folder, &pinned(&package, package.sizes.0)).unwrap();
    assert_eq!(told(&report), (Word::Anchored, vec![]));
}

/// Packages of earlier releases have no page, and the verdict rests on none.
#[test]
fn a_page_in_the_package_is_a_paper_like_others() {
    let mut package = package_hooked(&usual(), |_, stage| {
        if let Stage::Tags(files) = stage {
            files.insert(PAGE.into(), page().into_bytes());
        }
    });
    let trust = pinned(&package, package.sizes.0);
    assert_eq!(told(&judge(&package.folder, &trust).unwrap()), (Word::Anchored, vec![]));
    package.folder.files.get_mut(PAGE).unwrap().push(b' ');
    let report = judge(&package.folder, &trust).unwrap();
    assert_eq!(told(&report), (Word::Tampered, vec![Code::FileChanged]));
    package.folder.files.remove(PAGE);
    let report = judge(&package.folder, &trust).unwrap();
    assert_eq!(told(&report), (Word::Incomplete, vec![Code::FileMissing]));
}
