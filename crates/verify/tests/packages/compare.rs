//! Two holders of one record, by the program: attacks 2 to 5 of `docs/design/attacks.md`, and what is no attack.

use crate::build::{Files, Package, Plan, Stage, Station, package, package_hooked, small};
use crate::forger::write;
use sealdock_verify::Memory;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SAME: i32 = 0;
const FORK: i32 = 2;
const UNKNOWN: i32 = 7;

struct Place {
    folder: tempfile::TempDir,
    key: String,
}

/// What the other history is made from: another clip, and so another listing and what follows.
fn other_plan() -> Plan {
    Plan { clips: vec![b"another clip".to_vec()], ..small() }
}

impl Place {
    fn new(package: &Package) -> Self {
        Place { folder: tempfile::tempdir().unwrap(), key: package.key().to_string() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn pin(&self, name: &str, station: &Station, size: u64) -> PathBuf {
        self.file(name, &format!("回执\n\n{}\n", station.head(size).note()))
    }

    fn growth(&self, name: &str, station: &Station, (old, new): (u64, u64)) -> PathBuf {
        self.file(name, &station.growth(old, new))
    }

    fn folder(&self, name: &str, files: Files) -> PathBuf {
        write(&Memory { called: name.to_owned(), files, ..Memory::default() }, self.folder.path())
    }

    fn tiles(&self, name: &str, station: &Station, size: u64) -> PathBuf {
        self.folder(name, station.tiles(size))
    }

    fn package(&self, name: &str, package: &Package) -> PathBuf {
        self.folder(name, package.folder.files.clone())
    }

    fn compared(&self, one: &Path, other: &Path) -> (i32, String) {
        let both = [(one, other), (other, one)].map(|(one, other)| {
            said(&run(&["compare".as_ref(), one, other, "--key".as_ref(), self.key.as_ref()]))
        });
        // Whoever is named first changes nothing.
        assert_eq!(both[0].0, both[1].0, "{both:?}");
        both[0].clone()
    }

    fn comes_to(&self, code: i32, one: &Path, other: &Path) {
        let (found, said) = self.compared(one, other);
        assert_eq!(found, code, "{said}");
    }

    /// It contradicts, and a stranger is convinced by the file: our program and the Go team's code.
    fn forks(&self, one: &Path, other: &Path) {
        let out = self.path("proof");
        let _ = fs::remove_file(&out);
        let (key, arguments) = (self.key.as_str(), ["compare".as_ref(), one, other]);
        let more = ["--key".as_ref(), key.as_ref(), "--out".as_ref(), out.as_path()];
        let (code, text) = said(&run(&[&arguments[..], &more].concat()));
        assert_eq!(code, FORK, "{text}");
        assert_eq!(said(&equivocation(&out, key)).0, 0);
        assert!(go(&out, key).status.success(), "{:?}", go(&out, key));
        self.comes_to(FORK, one, other);
    }
}

fn run(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sealdock-verify")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> (i32, String) {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn equivocation(file: &Path, key: &str) -> Output {
    run(&["equivocation".as_ref(), file, "--key".as_ref(), key.as_ref()])
}

fn go(file: &Path, key: &str) -> Output {
    let folder = std::env::var_os("SEALDOCK_TOOLS")
        .expect("SEALDOCK_TOOLS is not set: run this test through `cargo xtask test`");
    let mut command = Command::new(Path::new(&folder).join("checklog"));
    command.arg("-equivocation").arg(file).arg(key).output().unwrap()
}

/// A history in which something was put right after it was told: attack 2. The station signs it anew, and whoever kept
/// a head of the first has it in writing.
#[test]
fn attack_2_history_signed_anew_forks_from_every_head_that_somebody_kept() {
    let (told, anew) = (package(&small()), package(&other_plan()));
    let place = Place::new(&told);
    let tiles = place.tiles("anew", &anew.station, anew.sizes.1);
    // Up to the entry that was changed both are one: the listing, since the clip is another.
    let parted = anew.seq_of("listing.signed");
    for size in 1..=told.sizes.1 {
        let kept = place.pin("receipt", &told.station, size);
        match size <= parted {
            true => place.comes_to(SAME, &kept, &tiles),
            false => place.forks(&kept, &tiles),
        }
    }
    let package = place.package("package", &anew);
    let size = anew.sizes.0;
    place.forks(&place.pin("receipt", &told.station, size), &package);
}

/// The tail is cut off: attack 3. What is left contradicts nothing, so it is one history, and the answer says how many
/// entries are not shown. As soon as something else is written in their place it is a fork.
#[test]
fn attack_3_a_cut_tail_is_the_same_history_until_something_else_is_written() {
    let whole = package(&small());
    let place = Place::new(&whole);
    let (first, second) = whole.sizes;
    let cut = place.tiles("cut", &whole.station, 6);
    let kept = place.pin("receipt", &whole.station, second);
    let (code, text) = place.compared(&cut, &kept);
    assert_eq!(code, UNKNOWN, "{text}");
    assert!(text.contains("sealdock log growth 6"), "{text}");
    let growth = place.growth("growth", &whole.station, (6, second));
    let (code, text) = place.compared(&cut, &growth);
    assert_eq!(code, SAME, "{text}");
    assert!(text.contains(&format!("does not show the {} after them", second - 6)), "{text}");
    // The same head by the package that it was written for.
    let given = place.package("given", &whole);
    place.comes_to(SAME, &place.tiles("record", &whole.station, first), &given);
    place.comes_to(SAME, &place.tiles("more", &whole.station, second + 1), &given);
    let plan = Plan {
        between: vec![serde_json::json!({"type": "station.started",
        "software": {"name": "s", "version": "2"}})],
        ..small()
    };
    let went_on = package(&plan);
    let tiles = place.tiles("went on", &went_on.station, went_on.sizes.1);
    place.forks(&kept, &tiles);
}

/// Everything deleted and begun afresh under the old name and key: attack 4. The first head that was printed is enough.
#[test]
fn attack_4_a_record_begun_afresh_forks_from_the_first_receipt() {
    let real = package(&small());
    let afresh = package_hooked(&small(), |_, stage| {
        if let Stage::Entry(entry) = stage {
            entry.at["boot"] = "another".into();
        }
    });
    let place = Place::new(&real);
    let tiles = place.tiles("afresh", &afresh.station, afresh.sizes.1);
    for size in 1..=real.sizes.1 {
        place.forks(&place.pin("receipt", &real.station, size), &tiles);
    }
    // A package has growth from the heads that were given out, and from no other.
    let given = place.package("given", &afresh);
    place.forks(&place.pin("receipt", &real.station, 3), &given);
    let (code, text) = place.compared(&place.pin("receipt", &real.station, 2), &given);
    assert!(code == UNKNOWN && text.contains("log growth 2"), "{text}");
    // With another key it is another record: nothing is compared.
    let other = package(&Plan { seed: 2, ..small() });
    let foreign = place.tiles("foreign", &other.station, 9);
    place.comes_to(1, &place.pin("receipt", &real.station, 3), &foreign);
}

/// The court is shown one history and the defence another: attack 5.
#[test]
fn attack_5_two_readers_with_two_histories_prove_it_to_a_third() {
    let (court, defence) = (package(&small()), package(&other_plan()));
    let place = Place::new(&court);
    let [one, other] =
        [("court", &court), ("defence", &defence)].map(|(name, it)| place.package(name, it));
    // Packages of one size.
    assert_eq!(court.sizes, defence.sizes);
    place.forks(&one, &other);
    place.forks(
        &place.tiles("all", &court.station, 9),
        &place.tiles("also all", &defence.station, 9),
    );
    // Of two sizes nothing links them but the record, or growth that the station gives out.
    let plan = Plan {
        between: vec![
            serde_json::json!({"type": "policy.adopted", "text": "",
        "sha256": sealdock_chain::Digest::of(b"")});
            4
        ],
        ..other_plan()
    };
    let longer = package(&plan);
    let third = place.package("longer", &longer);
    let (code, text) = place.compared(&one, &third);
    assert!(code == UNKNOWN && text.contains("log growth"), "{text}");
    let (old, new) = (court.sizes.1, longer.sizes.1);
    assert!(!old.is_power_of_two() && new > old);
    place.forks(&one, &place.growth("growth", &longer.station, (old, new)));
    place.forks(&one, &place.tiles("longer tiles", &longer.station, new));
    // The same reader twice, and two readers of one history.
    place.comes_to(SAME, &one, &place.package("again", &court));
    place.comes_to(SAME, &one, &place.pin("receipt", &court.station, court.sizes.1));
    place.comes_to(SAME, &one, &place.pin("receipt", &court.station, court.sizes.0));
}

/// Two packages begin alike and end with heads that nothing links: the common beginning is no answer.
#[test]
fn a_common_beginning_is_not_the_same_history() {
    let told = package(&small());
    let (first, second) = told.sizes;
    let parted = package_hooked(&small(), move |_, stage| {
        if let Stage::Entry(entry) = stage
            && entry.seq >= first
        {
            entry.at["boot"] = "another".into();
        }
    });
    let place = Place::new(&told);
    let one = place.package("one", &told);
    let mut files = told.folder.files.clone();
    let grown = parted.station.growth(first, second + 1);
    files.insert("handover/grown.add-checkpoint".into(), grown.into_bytes());
    let other = place.folder("other", files);
    place.comes_to(UNKNOWN, &one, &other);
    place.forks(&one, &place.tiles("all", &parted.station, second + 1));
    // A later head that did not grow from the first is no head of that package's record.
    let mut files = told.folder.files.clone();
    let foreign = package(&other_plan()).station.growth(first, second);
    files.insert("handover/grown.add-checkpoint".into(), foreign.into_bytes());
    place.comes_to(SAME, &one, &place.folder("foreign", files));
}

/// Growth that does not fit accuses nobody: it may be damaged, or of the other history.
#[test]
fn a_growth_that_only_does_not_fit_is_no_proof() {
    let (told, anew) = (package(&small()), package(&other_plan()));
    let place = Place::new(&told);
    // From a perfect subtree: the growth does not name the old root.
    let growth = place.growth("growth", &anew.station, (8, 9));
    let (code, text) = place.compared(&place.pin("receipt", &told.station, 8), &growth);
    assert!(code == UNKNOWN && text.contains("proves no second history"), "{text}");
    let sound = told.station.growth(6, 9);
    let line = sound.lines().nth(1).unwrap().to_owned();
    let damaged =
        place.file("damaged", &sound.replacen(&line, &line.replacen(&line[..1], "/", 1), 1));
    let kept = place.pin("receipt", &told.station, 6);
    place.comes_to(UNKNOWN, &kept, &damaged);
    place.comes_to(SAME, &kept, &place.file("sound", &sound));
}

/// No turned bit of the file is accepted by either judge, and nobody's key but the station's.
#[test]
fn the_proof_is_worth_nothing_changed_or_under_another_key() {
    let (told, anew) = (package(&small()), package(&other_plan()));
    let place = Place::new(&told);
    let proof = place.path("proof");
    place.forks(&place.pin("receipt", &told.station, 6), &place.tiles("anew", &anew.station, 9));
    let text = fs::read(&proof).unwrap();
    let stranger = Station::stranger_key().to_string();
    assert_eq!(said(&equivocation(&proof, &stranger)).0, UNKNOWN);
    assert!(!go(&proof, &stranger).status.success());
    let changed = place.path("changed");
    for at in (0..text.len()).step_by(41) {
        let mut bytes = text.clone();
        bytes[at] ^= 1;
        fs::write(&changed, bytes).unwrap();
        let (code, said) = said(&equivocation(&changed, &place.key));
        assert!(code == UNKNOWN && said.contains("NOT-PROVEN"), "{at}: {said}");
        assert!(!go(&changed, &place.key).status.success(), "{at}");
    }
    // Two heads of one history, put together as if they proved something.
    let same = told.station.head(6);
    let root = same.note().lines().nth(2).unwrap();
    let lie = format!(
        "sealdock/equivocation/v1\nroot {root}\n\n{}\n{}",
        same.note(),
        told.station.growth(6, 9)
    );
    let lie = place.file("lie", &lie);
    assert_eq!(said(&equivocation(&lie, &place.key)).0, UNKNOWN);
    assert!(!go(&lie, &place.key).status.success());
}

#[test]
fn what_cannot_be_compared_judges_nothing() {
    let given = package(&small());
    let place = Place::new(&given);
    let pin = place.pin("receipt", &given.station, 6);
    let key = place.key.as_str();
    let mut broken = given.station.tiles(9);
    broken.get_mut("tile/0/000.p/9").unwrap()[40] ^= 1;
    let broken = place.folder("broken", broken);
    let nothing = place.folder("nothing", Files::from([("x".into(), vec![])]));
    let text = place.file("text", "no checkpoint");
    for (bad, says) in [
        (&broken, "its tiles do not lead to its checkpoint"),
        (&nothing, "neither record/checkpoint nor checkpoint"),
        (&text, "holds no checkpoint"),
        (&place.path("nowhere"), "give the path of the file"),
    ] {
        let (code, text) = place.compared(&pin, bad);
        assert!(code == 1 && text.contains(says), "{text}");
    }
    for bad in [
        &["compare".as_ref(), pin.as_path()][..],
        &["compare".as_ref(), &pin, &pin],
        &["equivocation".as_ref(), &pin],
        &["equivocation".as_ref(), &place.path("nowhere"), "--key".as_ref(), key.as_ref()],
    ] {
        assert_eq!(run(bad).status.code(), Some(1), "{bad:?}");
    }
    // A proof is never written over something else.
    let fork = place.pin("fork", &package(&other_plan()).station, 6);
    let more = ["--key".as_ref(), key.as_ref(), "--out".as_ref(), text.as_path()];
    let (code, said) =
        said(&run(&[&["compare".as_ref(), pin.as_path(), &fork][..], &more].concat()));
    assert!(code == 1 && said.contains("that is not there yet"), "{said}");
    assert_eq!(fs::read_to_string(&text).unwrap(), "no checkpoint");
}

#[test]
fn the_answers_as_json_have_the_keys_of_their_page() {
    let (told, anew) = (package(&small()), package(&other_plan()));
    let place = Place::new(&told);
    let json = |arguments: &[&Path]| -> Value {
        let more = ["--key".as_ref(), place.key.as_ref(), "--json".as_ref()];
        serde_json::from_slice(&run(&[arguments, &more].concat()).stdout).unwrap()
    };
    let pin = place.pin("receipt", &told.station, 6);
    let page = include_str!("../../../../docs/ref/verify.md");
    let tiles = place.tiles("anew", &anew.station, 9);
    let proof = place.path("proof");
    place.forks(&pin, &tiles);
    for (word, exit, answer) in [
        ("FORK", FORK, json(&["compare".as_ref(), &pin, &tiles])),
        ("SAME", SAME, json(&["compare".as_ref(), &pin, &pin])),
        ("UNKNOWN", UNKNOWN, json(&["compare".as_ref(), &pin, &place.pin("r", &told.station, 7)])),
        ("PROVEN", 0, json(&["equivocation".as_ref(), &proof])),
        ("NOT-PROVEN", UNKNOWN, json(&["equivocation".as_ref(), &pin])),
    ] {
        assert_eq!((&answer["word"], &answer["exit"]), (&word.into(), &exit.into()), "{answer}");
        for key in answer.as_object().unwrap().keys() {
            assert!(page.contains(&format!("`{key}`")), "{key} is not on the page");
        }
        assert!(page.contains(&format!("`{word}`")), "{word} is not on the page");
    }
}
