//! A receipt from a drawer outside the station: what it shows, and what it shows itself to be. Where it
//! holds, the answer is "everything is as the chain says".

use super::scene::{FOUND_OTHER, SOUND, Scene};

/// A station with a clip, and the receipt printed after it. `before` is the station before the clip.
fn printed() -> (Scene, std::path::PathBuf) {
    let scene = Scene::new();
    let before = scene.copy_station("before");
    scene.card("card", &[("A.MP4", b"footage")]);
    scene.ingest("card").with(0, &["1 wiped"]);
    std::fs::write(scene.path("receipt"), receipt(&scene, "")).unwrap();
    (scene, before)
}

fn receipt(scene: &Scene, of: &str) -> String {
    scene.run(&format!("log receipt{of}")).with(0, &["RECEIPT OF THE CHAIN"])
}

#[test]
fn an_intact_receipt_holds_and_goes_on_holding_as_the_chain_grows() {
    let (scene, _) = printed();
    scene.run("check --pin receipt").with(0, &[SOUND]);
    scene.run("recorder add R2").with(0, &[]);
    scene.run("check --deep --pin receipt").with(0, &[SOUND]);
}

#[test]
fn a_station_that_was_rolled_back_whole_is_shown_by_the_receipt_alone() {
    let (scene, before) = printed();
    let now = scene.copy_station("now");
    // Database and head together agree with each other: only the drawer knows better.
    for file in ["chain.db", "head"] {
        std::fs::copy(before.join(file), scene.in_station(file)).unwrap();
    }
    scene.run("check").with(0, &[SOUND, "1 files in the vault await adoption"]);
    scene.run("check --pin receipt").with(
        12,
        &["pin: the receipt knows 13 entries, the chain holds 5: its end was cut off or an old copy was put back"],
    );
    // As long as before, with another history.
    for n in 0..8 {
        scene.run(&format!("recorder add X{n}")).with(0, &[]);
    }
    scene.run("check --pin receipt").with(12, &["pin: history was rewritten: at entry 13"]);
    assert!(scene.kept(b"footage"), "nothing is ever removed from a vault");
    scene.restore(&now);
    scene.run("check --deep --pin receipt").with(0, &[SOUND]);
}

#[test]
fn a_receipt_of_another_station_or_none_at_all_is_said_to_be_that() {
    let (scene, _) = printed();
    scene.run(FOUND_OTHER).with(0, &[]);
    std::fs::write(scene.path("foreign"), receipt(&scene, " --station other")).unwrap();
    let none = "pin: the file holds no signed checkpoint of test.example/s1; is it another station's receipt?";
    scene.run("check --pin foreign").with(12, &[none]);
    std::fs::write(scene.path("none"), "a shopping list\n").unwrap();
    scene.run("check --pin none").with(12, &[none]);
    std::fs::write(scene.path("binary"), [0xff, 0, 0xfe]).unwrap();
    scene.run("check --pin binary").with(1, &["cannot read", "valid UTF-8"]);
    // Another station that took the same name.
    std::fs::rename(scene.path("other"), scene.path("first")).unwrap();
    let twin = FOUND_OTHER.replace("/s2", "/s1");
    scene.run(&twin).with(0, &[]);
    std::fs::write(scene.path("twin"), receipt(&scene, " --station other")).unwrap();
    scene.run("check --pin twin").with(
        12,
        &[
            "pin: the receipt is signed by no key that this chain knows",
            "or the receipt was altered",
        ],
    );
    scene.sound();
}

#[test]
fn a_receipt_with_a_flipped_character_never_holds() {
    let (scene, _) = printed();
    let receipt = std::fs::read_to_string(scene.path("receipt")).unwrap();
    let note = receipt.find("\ntest.example/s1\n").unwrap() + 1;
    let end = note + receipt[note..].find("\n\n▄").unwrap();
    let mut flipped = 0;
    // Every seventh character of the signed note, from the name to the end of the signature.
    for (at, letter) in receipt[note..end].char_indices().step_by(7) {
        let other = if letter == 'A' { 'B' } else { 'A' };
        let mut changed = receipt.clone();
        changed.replace_range(note + at..note + at + letter.len_utf8(), &other.to_string());
        std::fs::write(scene.path("flipped"), changed).unwrap();
        scene.run("check --pin flipped").with(12, &["pin: "]);
        flipped += 1;
    }
    assert!(flipped > 20, "{flipped} places");
    scene.run("check --pin receipt").with(0, &[SOUND]);
}
