//! Very many files, very deep. `tests/campaign_big.rs` does the same with 20,000 of them; listing so
//! many is in `crates/device/tests/listing.rs`.

use super::scene::{Scene, put};

/// As deep as folders are walked.
const DEPTH: usize = 12;
/// More than a page of entries and several batches, and still seconds.
const FILES: usize = 600;

#[test]
fn many_files_at_depth_12_are_stored_and_what_lies_deeper_stays_and_is_said() {
    let scene = Scene::new();
    let deepest = (1..=DEPTH).map(|n| format!("d{n:02}")).collect::<Vec<_>>().join("/");
    let name = |n: usize| format!("{deepest}/F{n:05}.BIN");
    let card = scene.path("card");
    for n in 0..FILES {
        put(&card, &[(name(n).as_str(), n.to_string().as_bytes())]);
    }
    let deeper = format!("{deepest}/d13/HIDDEN.MP4");
    put(&card, &[(deeper.as_str(), b"too deep")]);
    scene.ingest("card").with(
        10,
        &[
            "600 stored, 0 seen again, 1 set aside, 600 wiped",
            "… and 541 more lines; see `sealdock session show S",
            "folders below depth 12 are not walked; copy it by hand (unreadable)",
        ],
    );
    assert_eq!(std::fs::read(card.join(&deeper)).unwrap(), b"too deep");
    assert_eq!(super::scene::names(&card.join(&deepest)), ["d13"]);
    for n in 0..FILES {
        assert!(scene.kept(n.to_string().as_bytes()), "{}", name(n));
    }
    scene.sound();
}
