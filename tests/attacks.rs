//! Somebody with a shell against the station: what they try, and what stops or shows it.

mod common_e2e;

use common_e2e::files::sha256;
use common_e2e::station::{DONE, IN_ORDER, Station, kept};
use rusqlite::Connection;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn scene() -> (tempfile::TempDir, Station) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch folder");
    let station = Station::found(folder.path(), "--accept-single-copy");
    (folder, station)
}

fn card(folder: &Path, name: &str, files: &[(&str, &[u8])]) -> String {
    let card = folder.join(name);
    std::fs::create_dir_all(&card).expect("a card");
    for (file, bytes) in files {
        std::fs::write(card.join(file), bytes).expect("a clip");
    }
    card.display().to_string()
}

/// One directory under another name, as long as this lives.
struct Bound(PathBuf);

impl Bound {
    fn new(what: &Path, at: &Path) -> Bound {
        std::fs::create_dir_all(at).expect("a mount point");
        let done = Command::new("mount").arg("--bind").arg(what).arg(at).status();
        assert!(done.is_ok_and(|status| status.success()), "this test needs root to bind mounts");
        Bound(at.to_owned())
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn the_stations_own_store_docked_as_a_recorder_loses_nothing() {
    let (folder, station) = scene();
    let path = card(folder.path(), "card", &[("FILE0001.MP4", b"one"), ("FILE0002.MP4", b"two")]);
    assert!(station.done(&Station::docking(&path)).contains(DONE));
    let vault = folder.path().join("station/vault");
    let before = kept(&vault);
    let first = sha256(b"one");
    let places = [
        (vault.clone(), 3, "own store"),
        (vault.join("kept"), 3, "own store"),
        (vault.join("kept").join(&first[..2]), 10, "own store"),
        (vault.join("kept").join(&first[..2]).join(&first[2..4]), 10, "own store"),
    ];
    for (n, (place, code, says)) in places.into_iter().enumerate() {
        let bound = Bound::new(&place, &folder.path().join(format!("bound{n}")));
        let line = Station::docking(&bound.0.display().to_string());
        let output = station.output(&line);
        let said = [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
        let said = said.join("");
        assert_eq!(output.status.code(), Some(code), "{}: {said}", place.display());
        assert!(said.contains(says), "{}: {said}", place.display());
        drop(bound);
        assert!(before.is_subset(&kept(&vault)), "{} lost something", place.display());
        assert!(vault.join("vault.id").exists());
    }
    assert!(station.done("check --deep").contains(IN_ORDER));
}

#[test]
fn a_hard_link_to_a_key_is_neither_stored_nor_removed() {
    let (folder, station) = scene();
    let path = card(folder.path(), "card", &[("FILE0001.MP4", b"one")]);
    let key = folder.path().join("station/keys/log.key");
    std::fs::hard_link(&key, folder.path().join("card/FILE0002.MP4")).expect("one disk");
    let said = station.ends(&Station::docking(&path), 10);
    assert!(said.contains("a file of the station itself"), "{said}");
    assert!(folder.path().join("card/FILE0002.MP4").exists());
    let secret = sha256(&std::fs::read(&key).expect("the key"));
    assert!(!kept(&folder.path().join("station/vault")).contains(&secret));
}

#[test]
fn an_edited_register_lends_nobody_another_persons_pin_or_role() {
    let (folder, station) = scene();
    let other = folder.path().join("other");
    std::fs::write(&other, "8520741\n").expect("a PIN file");
    std::fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("its mode");
    station.done("person add c1 --name Wang --role clerk --pin-file other");
    let database = || Connection::open(folder.path().join("station/chain.db")).expect("sqlite");
    let edit = |sql: &str| database().execute_batch(sql).expect("the edit is done");

    edit("UPDATE person SET role = 'clerk' WHERE id = 'o1'");
    let refused = station.output("shift open --as o1 --pin-file pin");
    assert_eq!(refused.status.code(), Some(70), "{refused:?}");
    edit("UPDATE person SET role = 'officer' WHERE id = 'o1'");

    edit("CREATE TEMP TABLE keep AS SELECT value FROM secret WHERE name = 'pin:c1';
          UPDATE secret SET value = (SELECT value FROM secret WHERE name = 'pin:o1') WHERE name = 'pin:c1';
          UPDATE person SET pin_commitment = (SELECT pin_commitment FROM person WHERE id = 'o1') WHERE id = 'c1'");
    let refused = station.output("shift open --as c1 --pin-file pin");
    assert_eq!(refused.status.code(), Some(70), "{refused:?}");
    assert!(station.json("shift show").to_string().matches("c1").count() == 0);
}

#[test]
fn an_edited_register_hands_out_no_footage() {
    let (folder, station) = scene();
    let files: &[(&str, &[u8])] = &[("FILE0001.MP4", b"one"), ("FILE0002.MP4", b"two")];
    let path = card(folder.path(), "card", files);
    station.done(&Station::docking(&path));
    station.done("person add c1 --name Wang --role clerk --pin-file pin");
    station.done("person add u1 --name Zheng --role unit-head --pin-file pin");
    let clips = station.clips();
    let (one, two) = (&clips[0]["seq"], &clips[1]["seq"]);
    let first = |line: &str| station.json(line)["entries"][0]["seq"].as_u64().expect("an entry");
    first(&format!("secrecy set C{one} --level private --reason r --as u1 --pin-file pin"));
    let asked = first(&format!(
        "access request --who authority --for copy --clip C{one} --name Zhao --unit court --phone 1 --matter m --reason r --as c1 --pin-file pin"
    ));
    first(&format!("access approve V{asked} --as u1 --pin-file pin"));
    let database = || Connection::open(folder.path().join("station/chain.db")).expect("sqlite");
    let edits = [
        ("UPDATE access SET expires = '2099-01-01T00:00:00.000Z'", "request V"),
        ("UPDATE access SET times = 20", "request V"),
        ("UPDATE access SET who = 'superior-body'", "request V"),
        ("UPDATE access SET name = 'Qian'", "request V"),
        ("UPDATE access SET decided_seq = seq", "request V"),
        ("UPDATE access SET decided_by = 'person c1'", "request V"),
        ("UPDATE access SET matter = 'another'", "request V"),
        ("UPDATE access_clip SET clip = {two}", "request V"),
        ("UPDATE secrecy SET level = 'public'", "secrecy of clip C"),
        ("UPDATE clip SET officer = 'c1'", "clip C"),
        ("UPDATE kept SET sha256 = hex(zeroblob(32))", "clip C"),
        ("UPDATE duty SET role = 'clerk' WHERE person = 'u1'", "duties of u1"),
    ];
    let whole = std::fs::read(folder.path().join("station/chain.db")).expect("the database");
    for (n, (edit, says)) in edits.into_iter().enumerate() {
        let edit = edit.replace("{two}", &two.to_string());
        assert!(database().execute(&edit, []).expect("the edit is done") > 0, "{edit}");
        let who = if says.contains("u1") { "u1" } else { "c1" };
        let refused = station
            .output(&format!("copy carry-out V{asked} --to out{n} --as {who} --pin-file pin"));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(70), "{edit}: {said}");
        assert!(said.contains(says), "{edit}: {said}");
        let out = folder.path().join(format!("out{n}"));
        assert!(!out.exists() || out.read_dir().expect("a folder").next().is_none(), "{edit}");
        std::fs::write(folder.path().join("station/chain.db"), &whole).expect("put back");
    }
    assert_eq!(station.events("copy.carried-out").len(), 0);
    station.done(&format!("copy carry-out V{asked} --to out --as c1 --pin-file pin"));
    assert_eq!(
        std::fs::read(folder.path().join(format!("out/C{one}.mp4"))).expect("a copy"),
        b"one"
    );
}

#[test]
fn an_edited_policy_takes_no_recorder_in() {
    let (folder, station) = scene();
    let path = card(folder.path(), "card", &[("FILE0001.MP4", b"one")]);
    let database = Connection::open(folder.path().join("station/chain.db")).expect("sqlite");
    let edit = "UPDATE policy SET body = replace(body, 'second_reading = { value = true', 'second_reading = { value = false')";
    assert_eq!(database.execute(edit, []).expect("the edit is done"), 1);
    drop(database);
    let refused = station.output(&Station::docking(&path));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(70), "{said}");
    assert!(said.contains("not the one the chain adopted"), "{said}");
    assert!(folder.path().join("card/FILE0001.MP4").exists());
}

#[test]
fn a_file_that_was_overwritten_in_place_and_dated_back_is_not_wiped() {
    let (folder, station) = scene();
    let path = card(folder.path(), "card", &[("FILE0001.MP4", b"first")]);
    let file = folder.path().join("card/FILE0001.MP4");
    station.done(&format!("{} --wipe never", Station::docking(&path)));
    let mtime = std::fs::metadata(&file).expect("there").mtime();
    std::fs::write(&file, b"other").expect("overwritten");
    let back = std::time::UNIX_EPOCH + std::time::Duration::from_secs(mtime.unsigned_abs());
    std::fs::File::options()
        .append(true)
        .open(&file)
        .expect("there")
        .set_modified(back)
        .expect("dated");
    // Same name, size and time: it is read, found to be other content, and stored as such.
    station.done(&Station::docking(&path));
    let stored = kept(&folder.path().join("station/vault"));
    assert!(stored.contains(&sha256(b"first")) && stored.contains(&sha256(b"other")));
    assert!(station.done("check --deep").contains(IN_ORDER));
}

#[test]
fn an_edited_sidecar_is_a_finding_and_a_missing_one_a_note() {
    let (folder, station) = scene();
    let path = card(folder.path(), "card", &[("FILE0001.MP4", b"one")]);
    station.done(&Station::docking(&path));
    let kept = station.kept_at(&sha256(b"one"));
    for name in ["chunks", "sshsig"] {
        let sidecar = kept.with_extension(name);
        let good = std::fs::read(&sidecar).expect("a sidecar");
        let mut bad = good.clone();
        bad[5] ^= 1;
        std::fs::remove_file(&sidecar).expect("ours");
        assert!(station.done("check --deep").contains("can be made again"));
        std::fs::write(&sidecar, &bad).expect("written");
        let said = station.ends("check --deep", 12);
        assert!(said.contains(&format!("its .{name} file is not what the chain says")), "{said}");
        std::fs::write(&sidecar, &good).expect("written");
        assert!(station.done("check --deep").contains(IN_ORDER));
    }
}

#[test]
fn a_rotten_copy_in_the_vault_does_not_lock_out_the_card_with_the_good_original() {
    let (folder, station) = scene();
    let path = card(folder.path(), "card", &[("FILE0001.MP4", b"one")]);
    station.done(&format!("{} --wipe never", Station::docking(&path)));
    let kept_file = station.kept_at(&sha256(b"one"));
    std::fs::set_permissions(&kept_file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("its mode");
    std::fs::write(&kept_file, b"0ne").expect("damaged");
    std::fs::write(folder.path().join("card/FILE0002.MP4"), b"two").expect("a clip");
    let said = station.ends(&Station::docking(&path), 10);
    assert!(said.contains("the stored copy of clip C"), "{said}");
    assert!(folder.path().join("card/FILE0001.MP4").exists(), "the good original stays");
    assert!(!folder.path().join("card/FILE0002.MP4").exists(), "the rest is stored and wiped");
    let stored = kept(&folder.path().join("station/vault"));
    assert!(stored.contains(&sha256(b"one")) && stored.contains(&sha256(b"two")));
    let status = station.done("status");
    assert!(status.contains("存储已损 damaged copy: A"), "{status}");
    let aside = sha256(b"0ne");
    let place = folder.path().join("station/vault/aside").join(&aside[..2]).join(&aside);
    assert_eq!(std::fs::read(place).expect("it is not deleted"), b"0ne");
    assert!(station.done("check --deep").contains(IN_ORDER));
    assert!(station.done(&Station::docking(&path)).contains(DONE));
    assert!(!station.done("status").contains("damaged copy"));
}

#[test]
fn the_folder_somebody_works_in_is_never_taken_for_a_recorder() {
    let (folder, station) = scene();
    let path = card(folder.path(), "card", &[("FILE0001.MP4", b"one")]);
    let above = folder.path().parent().expect("a folder").display().to_string();
    for (path, says) in [
        (".", "you stand in it"),
        ("..", "you stand in it"),
        (above.as_str(), "you stand in it"),
        ("/root", "home directory"),
    ] {
        let refused = station.output(&Station::docking(path));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(3), "{path}: {said}");
        assert!(said.contains(says) && said.contains("name the mount point"), "{said}");
    }
    std::fs::copy(folder.path().join("pin"), folder.path().join("card/pin")).expect("a PIN file");
    let refused =
        station.output(&format!("ingest {path} --recorder R1 --officer o1 --pin-file card/pin"));
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the PIN file lies in it"));
    assert!(folder.path().join("card/FILE0001.MP4").exists());
    assert_eq!(station.events("session.opened").len(), 0, "nothing was read");
}

#[test]
fn every_receipt_in_a_file_is_held_against_the_chain() {
    let (folder, station) = scene();
    let good = station.done("log receipt");
    station.done("recorder add R2");
    let newest = station.done("log receipt");
    let write = |text: &str| std::fs::write(folder.path().join("pins"), text).expect("a file");
    write(&format!("{good}\n{newest}"));
    assert!(station.done("check --pin pins").contains(IN_ORDER));
    let root = station.json("log head")["root"].as_str().expect("a root").to_owned();
    let note = station.json("log head")["note"].as_str().expect("a note").to_owned();
    let line = note.lines().nth(2).expect("the root");
    let other = if line.starts_with('A') { "B" } else { "A" };
    let forged = newest.replace(line, &format!("{other}{}", &line[1..]));
    assert_ne!(forged, newest, "{root}");
    write(&format!("{good}\n{forged}"));
    let said = station.ends("check --pin pins", 12);
    assert!(said.contains("receipt 2 of 2: the receipt is signed by no key"), "{said}");
    // The head of no entries is signed, too, and fits every chain.
    let database = Connection::open(folder.path().join("station/chain.db")).expect("sqlite");
    let sql = "SELECT note FROM head WHERE size = 0";
    let empty: String = database.query_row(sql, [], |row| row.get(0)).expect("the first head");
    drop(database);
    write(&empty);
    let said = station.ends("check --pin pins", 12);
    assert!(said.contains("it proves nothing"), "{said}");
}

#[test]
fn words_that_steer_a_terminal_or_turn_what_is_read_do_not_enter_the_chain() {
    let (_folder, station) = scene();
    for (line, bad) in [
        ("recorder add R2 --model a\u{202e}b", "U+202E"),
        ("person add o2 --name Wa\u{2067}ng --role officer --pin-file pin", "U+2067"),
        ("recorder add R2 --model a\u{1b}[2J", "control characters"),
    ] {
        let refused = station.output(line);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(3), "{said}");
        assert!(said.contains(bad), "{said}");
    }
}
