//! Names are bytes from a stranger: kept raw, shown inert, never part of a path of the station.

use super::scene::{INGEST, Scene, names};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

/// Raw name, and how it is shown.
const HOSTILE: [(&[u8], &str); 20] = [
    (b"\xc2\xbc\xd6\xc6.mp4", r"¼\xd6\xc6.mp4"),
    (b"\xff\xfe", r"\xff\xfe"),
    (b"a\x1b[31m\x07.mp4", r"a\u{1b}[31m\u{7}.mp4"),
    (b"two\nlines\r.mp4", r"two\u{a}lines\u{d}.mp4"),
    ("x\u{202e}4pm.exe".as_bytes(), r"x\u{202e}4pm.exe"),
    ("zero\u{200b}width\u{feff}.mp4".as_bytes(), r"zero\u{200b}width\u{feff}.mp4"),
    (b"-rf", "-rf"),
    (b"--station=elsewhere", "--station=elsewhere"),
    (b"\"quotes'`$(reboot);&|.mp4", "\"quotes'`$(reboot);&|.mp4"),
    (b"=cmd()|' C'!A1.csv", "=cmd()|' C'!A1.csv"),
    (b"VIDEO.MP4", "VIDEO.MP4"),
    (b"video.mp4", "video.mp4"),
    (b"..\\..\\etc\\passwd", r"..\..\etc\passwd"),
    (b"...", "..."),
    (b"%s%n%00", "%s%n%00"),
    (b"CON", "CON"),
    (b".hidden", ".hidden"),
    ("é.mp4".as_bytes(), "é.mp4"),
    ("e\u{301}.mp4".as_bytes(), "e\u{301}.mp4"),
    (b"C7", "C7"),
];

#[test]
fn hostile_names_are_stored_shown_inert_and_wiped_like_any_other() {
    let scene = Scene::new();
    let card = scene.card("card", &[]);
    let content = |n: usize| format!("content {n}").into_bytes();
    let bytes_255 = "b".repeat(251) + ".mp4";
    let letters_255 = "长".repeat(85);
    let long = [(bytes_255.as_bytes(), bytes_255.as_str()), (letters_255.as_bytes(), &letters_255)];
    let all: Vec<(&[u8], &str)> = HOSTILE.into_iter().chain(long).collect();
    for (n, (raw, _)) in all.iter().enumerate() {
        std::fs::write(card.join(OsStr::from_bytes(raw)), content(n)).unwrap();
    }
    assert_eq!(names(&card).len(), all.len(), "the card holds every name, twins too");
    let said = scene.ingest("card").with(0, &["22 stored, 0 seen again, 0 set aside, 22 wiped"]);
    let clips = scene.json("clip list");
    let clips = clips["clips"].as_array().unwrap();
    for (n, (raw, shown)) in all.iter().enumerate() {
        assert!(scene.kept(&content(n)), "{shown}");
        // A table has a middle part of what is long; the JSON has all of it.
        assert!(shown.len() > 60 || said.contains(shown), "{shown} in\n{said}");
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        let clip = clips.iter().find(|clip| clip["raw"] == hex.as_str());
        assert_eq!(clip.unwrap_or_else(|| panic!("no clip {hex}"))["name"], *shown);
    }
    let harmless =
        |text: &str| !text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
    for line in ["clip list", "session list", "log show", "session show S5"] {
        assert!(harmless(&scene.run(line).with(0, &[])), "{line} steers the terminal");
    }
    assert!(harmless(&said), "{said:?}");
    scene.sound();
}

/// A `../` cannot be in a name: the kernel knows no such file. Folders and links that would lead out
/// lead nowhere, and every file of the station has a name of digits (`Scene::sound` looks at all).
#[test]
fn no_name_leads_out_of_the_card_or_into_the_station() {
    let scene = Scene::new();
    std::fs::write(scene.path("outside"), "not on the card").unwrap();
    let card = scene.card("card", &[("..x/...y/A.MP4", b"inside"), ("vault/kept/head", b"a twin")]);
    std::os::unix::fs::symlink("..", card.join("up")).unwrap();
    assert!(std::fs::File::create(card.join("a/../../b")).is_err());
    scene.ingest("card").with(10, &["2 stored, 0 seen again, 1 set aside, 2 wiped"]);
    assert!(scene.kept(b"inside") && scene.kept(b"a twin") && !scene.kept(b"not on the card"));
    assert_eq!(std::fs::read(scene.path("outside")).unwrap(), b"not on the card");
    assert_eq!(names(&card.join("vault/kept")), [""; 0], "folders stay, files of ours went");
    scene.sound();
}

#[test]
fn a_card_whose_own_path_is_hostile_is_named_inert() {
    let scene = Scene::new();
    let name = OsStr::from_bytes(b"\xd6\xc6\x1b[2J\n");
    let card = scene.path("x").with_file_name(name);
    std::fs::create_dir(&card).unwrap();
    std::fs::write(card.join("A.MP4"), b"footage").unwrap();
    let args = ["ingest".as_ref(), name].into_iter().chain(INGEST.split(' ').map(OsStr::new));
    let output = scene.command(args).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!said.contains('\x1b'), "{said:?}");
    assert!(scene.kept(b"footage"));
    // Another one that is not there: the message carries its name.
    let args = ["ingest".as_ref(), OsStr::from_bytes(b"\xd6\x1b[2J")];
    let output = scene.command(args.into_iter().chain(INGEST.split(' ').map(OsStr::new))).output();
    let said = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(said.contains(r"\xd6\u{1b}[2J") && !said.contains('\x1b'), "{said:?}");
    scene.sound();
}
