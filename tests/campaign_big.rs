//! A card with as many files as no officer records, and as deep as folders are walked. Minutes:
//! `cargo xtask campaign big`.
#![allow(clippy::unwrap_used)]

#[path = "bad_input/scene.rs"]
#[allow(dead_code)]
mod scene;

use scene::{INGEST, Scene, put};

const FILES: usize = 20_000;

#[test]
#[ignore = "minutes; run by `cargo xtask campaign big`"]
fn twenty_thousand_files_at_depth_12_are_stored_and_wiped() {
    let scene = Scene::new();
    let card = scene.path("card");
    let deepest = (1..=12).map(|n| format!("d{n:02}")).collect::<Vec<_>>().join("/");
    for n in 0..FILES {
        put(&card, &[(format!("{deepest}/F{n:05}.MP4").as_str(), n.to_string().as_bytes())]);
    }
    let begun = std::time::Instant::now();
    scene
        .run(&format!("ingest card {INGEST}"))
        .with(0, &["20000 stored, 0 seen again, 0 set aside, 20000 wiped"]);
    println!("{FILES} files in {} s", begun.elapsed().as_secs());
    assert!(scene::names(&card.join(&deepest)).is_empty());
    assert!((0..FILES).all(|n| scene.kept(n.to_string().as_bytes())));
    scene.sound();
}
