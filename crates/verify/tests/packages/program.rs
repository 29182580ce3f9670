//! The program: what it is given, what it prints, how it ends.

use crate::build::{Package, data_name, package, small};
use crate::cosigned::{cosigned_now, vkey};
use crate::forger::write;
use sealdock_verify::{page, page_digest};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sealdock-verify")).args(arguments).output().unwrap()
}

fn code(arguments: &[&str]) -> i32 {
    run(arguments).status.code().unwrap()
}

struct Given {
    _place: tempfile::TempDir,
    package: Package,
    root: PathBuf,
    pin: PathBuf,
    key: String,
}

fn given() -> Given {
    let place = tempfile::tempdir().unwrap();
    let package = package(&small());
    let root = write(&package.folder, place.path());
    let pin = place.path().join("receipt.txt");
    let note = package.station.head(package.sizes.0).note().to_owned();
    fs::write(&pin, format!("回执\n\n{note}")).unwrap();
    let key = package.key().to_string();
    Given { _place: place, package, root, pin, key }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_exit_code_is_the_word() {
    let given = given();
    let (root, pin) = (text(&given.root), text(&given.pin));
    assert_eq!(code(&[root]), 5);
    assert_eq!(code(&[root, "--key", &given.key]), 6);
    assert_eq!(code(&[root, "--key", &given.key, "--pin", pin]), 0);
    assert_eq!(code(&[root, "--key", &given.key, "--pin", pin, "--whole", "--json"]), 0);
    let clip = given.root.join(data_name(4));
    fs::write(&clip, "A clip of a few bytes").unwrap();
    assert_eq!(code(&[root, "--key", &given.key, "--pin", pin]), 3);
    fs::remove_file(&clip).unwrap();
    assert_eq!(code(&[root, "--key", &given.key, "--pin", pin]), 4);
    fs::write(given.root.join("keys/log.vkey"), "x").unwrap();
    assert_eq!(code(&[root, "--key", &given.key, "--pin", pin]), 2);
}

/// What the reader brought and mistyped is no fault of the package.
#[test]
fn a_file_that_is_not_there_is_said_to_be_that() {
    let given = given();
    let root = text(&given.root);
    let nowhere = given.root.join("nowhere");
    let empty = given.root.with_file_name("empty");
    fs::write(&empty, "nothing").unwrap();
    for (arguments, says) in [
        (["--pin", text(&nowhere)], "give the path of the file"),
        (["--anchor-ca", text(&nowhere)], "give the path of the file"),
        (["--key", text(&nowhere)], "no key, and no file that can be read"),
        (["--key", text(&empty)], "the file holds no verifier key"),
        (["--key", "a+1+b"], "it is no verifier key; copy it again"),
    ] {
        let output = run(&[&[root][..], &arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
}

#[test]
fn witnesses_are_given_by_key_by_file_or_by_policy() {
    let place = tempfile::tempdir().unwrap();
    let package = cosigned_now();
    let root = write(&package.folder, place.path());
    let (root, key) = (text(&root), package.key().to_string());
    let file = |name: &str, content: &str| {
        let path = place.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let one = file("one.vkey", &format!("{}\n", vkey(1)));
    let policy = format!("witness A {}\nwitness B {}\ngroup G any A B\n", vkey(1), vkey(2));
    let any = file("any", &format!("{policy}quorum G\n"));
    let nobody = file("nobody", &format!("{policy}quorum none\n"));
    let nowhere = place.path().join("nowhere");
    let (w1, w2) = (vkey(1), vkey(2));
    let judged = |more: &[&str]| run(&[&[root, "--key", &key], more].concat());
    for (more, exit) in [
        (&["--witness", &w1][..], 0),
        (&["--witness", text(&one)], 0),
        (&["--witness", &w1, "--witness", text(&one)], 0),
        (&["--witness", &w1, "--witness", &w2], 6),
        (&["--witness-policy", text(&any)], 0),
        (&[], 6),
    ] {
        assert_eq!(judged(more).status.code(), Some(exit), "{more:?}");
    }
    for (more, says) in [
        (&["--witness", &key][..], "it is no witness key; copy it again in full"),
        (&["--witness", text(&any)], "the file holds no witness key"),
        (&["--witness-policy", text(&nobody)], "its quorum is none, so it anchors nothing"),
        (&["--witness-policy", text(&nowhere)], "give the path of the file"),
        (&["--witness-policy", text(&one)], "line 1 of the witness policy"),
        (&["--witness", &w1, "--witness-policy", text(&any)], "cannot be used with"),
        (&["--witness-policy", text(&any), "--witness-policy", text(&any)], "multiple times"),
    ] {
        let output = judged(more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains(says), "{more:?}: {said}");
    }
}

/// Nothing judged is one code of its own; a wrong command line is never taken for TAMPERED.
#[test]
fn what_is_refused_judges_nothing() {
    let given = given();
    let (root, pin) = (text(&given.root), text(&given.pin));
    let key_file = given.root.join("keys/log.vkey");
    assert_eq!(code(&[root, "--key", text(&key_file)]), 6, "a file may hold the key");
    for bad in [
        &["/nowhere/at/all"][..],
        &[pin],
        &[root, "--key", "no key"],
        &[root, "--pin", "/nowhere"],
        &[root, "--pin", text(&key_file)],
        &[root, "--no-such-option"],
        &[],
    ] {
        assert_eq!(code(bad), 1, "{bad:?}");
    }
    let other = sealdock_chain::note::VerifierKey::new("o.example", *given.package.key().public());
    let other = other.unwrap().to_string();
    let foreign = given.pin.with_extension("other");
    let note = fs::read_to_string(&given.pin).unwrap();
    fs::write(&foreign, note.replace("test.example", "tost.example")).unwrap();
    let out = run(&[root, "--key", &given.key, "--pin", text(&foreign), "--json"]);
    assert_eq!(out.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&json["word"], &json["exit"]), (&Value::Null, &Value::from(1)));
    assert_eq!(json["refused"]["code"], "pin-refused");
    assert_eq!(code(&[root, "--key", &other]), 2);
    assert_eq!(code(&["--help"]), 0);
}

#[test]
fn the_json_has_the_keys_of_its_page() {
    let given = given();
    let out = run(&[text(&given.root), "--json"]);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        (&json["format"], &json["word"]),
        (&"sealdock-verify/1".into(), &"UNTRUSTED".into())
    );
    let page = include_str!("../../../../docs/ref/verify.md");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut all = keys(&json);
    all.extend(keys(&json["answers"]));
    all.extend(keys(&json["answers"]["custody"][0]));
    for key in all {
        assert!(page.contains(&format!("`{key}`")), "{key} is not on the page");
    }
    for option in ["--key", "--pin", "--witness", "--witness-policy", "--whole", "--json"] {
        assert!(page.contains(option) && run(&["--help"]).stdout.len() > 200);
    }
}

#[test]
fn the_text_says_the_word_in_both_languages() {
    let given = given();
    let out = run(&[text(&given.root), "--key", &given.key]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.starts_with("结论 VERDICT UNANCHORED\n  全部相符"));
    assert!(text.contains("All is sound, but nobody outside") && out.stderr.is_empty());
}

/// The packages that are judged here are such that tools by others accept them too.
#[test]
fn sha256sum_and_ssh_keygen_agree_about_a_sound_package() {
    let given = given();
    let shell = |line: &str| {
        let out = Command::new("sh").args(["-ec", line]).current_dir(&given.root).output().unwrap();
        assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    };
    shell("sha256sum --strict -c manifest-sha256.txt");
    shell("sha256sum --strict -c tagmanifest-sha256.txt");
    shell(
        "ssh-keygen -Y verify -f keys/allowed_signers -I station7 -n export@sealdock \
         -s handover/tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt",
    );
    shell(
        "ssh-keygen -Y verify -f keys/allowed_signers -I station7 -n clip@sealdock \
         -s clips/C4/clip.sig < data/C4_20261121_081506_J800001.mp4",
    );
}

/// A page from the program instead of from the disc; nothing is overwritten, and nothing is judged beside it.
#[test]
fn the_page_is_written_out_with_its_digest() {
    let given = given();
    let out = given.pin.with_file_name("page.html");
    let output = run(&["--page", text(&out)]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(fs::read_to_string(&out).unwrap(), page());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, format!("{}  {}\n", page_digest(), out.display()));
    let again = run(&["--page", text(&out)]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("name a file that is not there yet"));
    let other = given.pin.with_file_name("other.html");
    let root = text(&given.root);
    for beside in [&[root][..], &["--key", &given.key], &["--json"], &["--whole"]] {
        assert_eq!(code(&[&["--page", text(&other)], beside].concat()), 1, "{beside:?}");
        assert!(!other.exists());
    }
}
