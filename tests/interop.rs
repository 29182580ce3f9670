//! What a station hands out is judged by programs that nobody here wrote: the Go team's log code,
//! `aics-tlog`, coreutils with jq, and stock `ssh-keygen`. Each must accept it as it is and refuse
//! it after one flipped byte.
//!
//! `cargo xtask test` provides the programs.

#[path = "interop/clip.rs"]
mod clip;
#[path = "interop/judges.rs"]
mod judges;
#[path = "interop/station.rs"]
mod station;

use clip::Signed;
use judges::{Judge, Verdict};
use station::Exported;
use std::path::Path;

#[test]
fn strangers_accept_an_exported_log() {
    let log = Exported::by_a_station();
    assert!(log.size() > 256, "{} entries do not fill a tile, ingest more clips", log.size());
    let said = format!("{} entries", log.size());
    for judge in Judge::ALL {
        // The first entry, both sides of the tile's edge, the last.
        for index in [0, 255, 256, log.size() - 1] {
            let verdict = judge.of(&log, index);
            assert!(verdict.accepted, "{judge:?} on entry {index}: {}", verdict.said);
            if judge != Judge::AicsTlog {
                assert!(
                    verdict.said.contains(&said),
                    "{judge:?} saw another log: {}",
                    verdict.said
                );
                break;
            }
        }
    }
}

/// The walk with coreutils hashes the entries itself and never opens a tile.
const NOT_READ: &str = "not read by this judge";

#[test]
fn strangers_refuse_a_log_with_one_flipped_byte() {
    let log = Exported::by_a_station();
    // Byte 60 of a bundle lies in the text of its first entry, byte 5 of a tile in its first hash.
    for (fault, file, at, words) in [
        (
            "entry",
            "tile/entries/000",
            60,
            ["entry 0", "tile/entries/000 does not", "walk: refused"],
        ),
        ("tile", "tile/0/000", 5, ["entry 0", "tile/0/000 does not", NOT_READ]),
        ("size", "checkpoint", log.size_at(), ["invalid sig", "failed verif", "walk: refused"]),
        ("root", "checkpoint", log.root_at(), ["invalid sig", "failed verif", "entries fold to"]),
    ] {
        let damaged = log.with_flipped(Path::new(file), at);
        for (judge, wanted) in Judge::ALL.into_iter().zip(words) {
            if wanted == NOT_READ {
                continue;
            }
            let Verdict { accepted, said } = judge.of(&damaged, 0);
            assert!(!accepted, "{judge:?} accepted a log with a flipped {fault}: {said}");
            assert!(
                said.contains(wanted),
                "{judge:?} refused the {fault} for another reason: {said}"
            );
        }
    }
}

#[test]
fn strangers_refuse_a_log_under_another_station_s_key() {
    let log = Exported::by_a_station();
    let other = Exported::by_a_station();
    let swapped = log.under(&other);
    for judge in [Judge::Go, Judge::AicsTlog] {
        let verdict = judge.of(&swapped, 0);
        assert!(!verdict.accepted, "{judge:?} did not look at the key: {}", verdict.said);
    }
}

#[test]
fn ssh_keygen_verifies_the_signature_of_a_clip_and_of_no_other() {
    let signed = Signed::clip("bikes.mp4");
    let verdict = signed.judged("20260615");
    assert!(
        verdict.accepted && verdict.said.contains("Good \"clip@sealdock\""),
        "{}",
        verdict.said
    );

    let mut other = signed.clone();
    other.content[1000] ^= 1;
    let refusals = [
        ("a flipped byte", other.judged("20260615")),
        ("a time after the key", signed.judged("20270615")),
        ("another namespace", signed.clone().allowed_for("file").judged("20260615")),
    ];
    for (fault, verdict) in refusals {
        assert!(!verdict.accepted, "ssh-keygen accepted {fault}: {}", verdict.said);
    }
}
