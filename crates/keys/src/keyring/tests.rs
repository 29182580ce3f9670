//! What a keyring refuses, and where a rotation may be cut short.

use super::*;
use base64::Engine as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

struct Home {
    _root: tempfile::TempDir,
    keys: PathBuf,
}

impl Home {
    fn new() -> Home {
        let root = tempfile::tempdir().unwrap();
        let keys = root.path().join("keys");
        Home { _root: root, keys }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.keys.join(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.keys)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn refusal(&self, log: [u8; 32], evidence: [u8; 32]) -> PortError {
        Keyring::open(&self.keys, log, evidence).unwrap_err()
    }
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn publics(ring: &Keyring) -> ([u8; 32], [u8; 32]) {
    (Signer::public(ring, KeyKind::Log), Signer::public(ring, KeyKind::Evidence))
}

#[test]
fn new_keys_are_private_differ_and_sign_after_reopening() {
    let home = Home::new();
    let made = Keyring::create(&home.keys).unwrap();
    let (log, evidence) = publics(&made);
    assert_ne!(log, evidence);
    assert_eq!(home.names(), ["evidence.key", "log.key"]);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.keys), 0o700);
    assert_eq!(mode(&home.file("log.key")), 0o600);
    let open = Keyring::open(&home.keys, log, evidence).unwrap();
    for role in [KeyKind::Log, KeyKind::Evidence] {
        let signature = open.sign(role, b"bytes").unwrap();
        sealdock_chain::ed25519::verify(&open.public(role), b"bytes", &signature).unwrap();
        assert_eq!(made.sign(role, b"bytes").unwrap(), signature);
    }
}

#[test]
fn debug_shows_no_secret() {
    let home = Home::new();
    let ring = Keyring::create(&home.keys).unwrap();
    let text = std::fs::read_to_string(home.file("log.key")).unwrap();
    let seed = text.split(' ').nth(2).unwrap();
    let shown = format!("{ring:?}");
    assert!(shown.contains(&Digest(publics(&ring).0).to_string()));
    assert!(!shown.contains(seed), "{shown}");
    let seed = base64::engine::general_purpose::STANDARD.decode(seed).unwrap();
    let seed_hex = sealdock_core::naming::hex(&seed);
    assert!(!shown.contains(&seed_hex), "{shown}");
}

#[test]
fn creating_twice_is_refused_and_leaves_the_keys() {
    let home = Home::new();
    let (log, evidence) = publics(&Keyring::create(&home.keys).unwrap());
    let again = Keyring::create(&home.keys).unwrap_err();
    assert!(again.message.contains("log.key is there already"), "{again}");
    std::fs::remove_file(home.file("log.key")).unwrap();
    let half = Keyring::create(&home.keys).unwrap_err();
    assert!(half.message.contains("evidence.key is there already"), "{half}");
    assert_eq!(home.names(), ["evidence.key"]);
    assert_eq!(home.refusal(log, evidence).kind, Kind::Missing);
}

#[test]
fn a_leftover_of_a_crash_is_no_obstacle() {
    let home = Home::new();
    std::fs::create_dir(&home.keys).unwrap();
    chmod(&home.keys, 0o700);
    std::fs::write(home.file("log.tmp"), "half a key").unwrap();
    Keyring::create(&home.keys).unwrap();
    assert_eq!(home.names(), ["evidence.key", "log.key"]);
}

#[test]
fn a_directory_open_to_others_gets_no_keys() {
    let home = Home::new();
    std::fs::create_dir(&home.keys).unwrap();
    chmod(&home.keys, 0o755);
    let refused = Keyring::create(&home.keys).unwrap_err();
    assert!(refused.message.contains("(mode 755); chmod 700 "), "{refused}");
    assert_eq!(home.names(), Vec::<String>::new());
}

#[test]
fn a_missing_file_is_named() {
    let home = Home::new();
    let (log, evidence) = publics(&Keyring::create(&home.keys).unwrap());
    std::fs::remove_file(home.file("evidence.key")).unwrap();
    let refused = home.refusal(log, evidence);
    assert_eq!(refused.kind, Kind::Missing);
    assert!(refused.message.contains("evidence.key is missing; restore it"), "{refused}");
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let home = Home::new();
    let (log, evidence) = publics(&Keyring::create(&home.keys).unwrap());
    for mode in [0o640, 0o604, 0o666] {
        chmod(&home.file("log.key"), mode);
        let refused = home.refusal(log, evidence);
        assert_eq!(refused.kind, Kind::Invalid);
        assert!(refused.message.contains("chmod 600 "), "{refused}");
    }
}

#[test]
fn what_is_no_key_file_is_refused() {
    let home = Home::new();
    let (log, evidence) = publics(&Keyring::create(&home.keys).unwrap());
    let path = home.file("log.key");
    let whole = std::fs::read(&path).unwrap();
    for bytes in [Vec::new(), whole[..60].to_vec(), vec![b'x'; 5000], whole.repeat(2)] {
        std::fs::write(&path, bytes).unwrap();
        let refused = home.refusal(log, evidence);
        assert_eq!(refused.kind, Kind::Damaged);
        assert!(refused.message.contains("log.key is not a usable key file"), "{refused}");
    }
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    chmod(&path, 0o700);
    assert!(home.refusal(log, evidence).message.contains("not a plain file"));
    std::fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink(home.file("evidence.key"), &path).unwrap();
    assert!(home.refusal(log, evidence).message.contains("cannot open the key file"));
}

#[test]
fn the_key_of_another_station_is_told_apart() {
    let (ours, theirs) = (Home::new(), Home::new());
    let (log, evidence) = publics(&Keyring::create(&ours.keys).unwrap());
    let (other, _) = publics(&Keyring::create(&theirs.keys).unwrap());
    std::fs::copy(theirs.file("log.key"), ours.file("log.key")).unwrap();
    let refused = ours.refusal(log, evidence);
    let expected = format!(
        "log.key is of another station: chain expects {}, file holds {}",
        Digest(log),
        Digest(other)
    );
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(refused.message.contains(&expected), "{refused}");
}

#[test]
fn one_key_for_both_roles_is_refused() {
    let home = Home::new();
    let (log, evidence) = publics(&Keyring::create(&home.keys).unwrap());
    assert!(home.refusal(log, log).message.contains("they must differ"));
    std::fs::copy(home.file("log.key"), home.file("evidence.key")).unwrap();
    let refused = home.refusal(log, evidence);
    assert!(refused.message.contains("the key of the other role"), "{refused}");
}

#[test]
fn a_rotation_changes_one_key_and_destroys_the_old_secret() {
    let home = Home::new();
    let ring = Keyring::create(&home.keys).unwrap();
    let (log, evidence) = publics(&ring);
    assert_eq!(ring.sign_next(KeyKind::Log, b"x").unwrap_err().kind, Kind::Missing);
    let old_inode = std::fs::File::open(home.file("log.key")).unwrap();
    let next = ring.prepare_next(KeyKind::Log, None).unwrap();
    assert_eq!(ring.prepare_next(KeyKind::Log, None).unwrap(), next, "the waiting key is kept");
    assert_eq!(publics(&ring), (log, evidence), "not in force yet");
    let signature = ring.sign_next(KeyKind::Log, b"statement").unwrap();
    sealdock_chain::ed25519::verify(&next, b"statement", &signature).unwrap();
    ring.activate(KeyKind::Log, next).unwrap();
    ring.activate(KeyKind::Log, next).unwrap();
    assert_eq!(publics(&ring), (next, evidence));
    assert_eq!(home.names(), ["evidence.key", "log.key"]);
    let mut left = Vec::new();
    std::io::Read::read_to_end(&mut &old_inode, &mut left).unwrap();
    assert!(left.iter().all(|byte| *byte == 0), "the old secret is overwritten");
    assert!(home.refusal(log, evidence).message.contains("another station"));
    Keyring::open(&home.keys, next, evidence).unwrap();
}

#[test]
fn a_key_that_is_not_waiting_cannot_be_activated() {
    let home = Home::new();
    let ring = Keyring::create(&home.keys).unwrap();
    assert_eq!(ring.activate(KeyKind::Log, [9; 32]).unwrap_err().kind, Kind::Missing);
    ring.prepare_next(KeyKind::Log, None).unwrap();
    let before = publics(&ring);
    assert_eq!(ring.activate(KeyKind::Log, [9; 32]).unwrap_err().kind, Kind::Damaged);
    assert_eq!(publics(&ring), before);
}

/// Stops a rotation of the evidence key after `prepare_next`; gives the old and the new publics.
fn cut_short(home: &Home) -> ([u8; 32], [u8; 32], [u8; 32]) {
    let ring = Keyring::create(&home.keys).unwrap();
    let next = ring.prepare_next(KeyKind::Evidence, None).unwrap();
    let (log, old) = publics(&ring);
    (log, old, next)
}

#[test]
fn a_rotation_lost_before_the_chain_leaves_the_old_key_in_force() {
    let home = Home::new();
    let (log, old, next) = cut_short(&home);
    let ring = Keyring::open(&home.keys, log, old).unwrap();
    assert_eq!(publics(&ring), (log, old));
    ring.activate(KeyKind::Evidence, old).unwrap();
    assert_eq!(ring.prepare_next(KeyKind::Evidence, None).unwrap(), next, "the next try uses it");
}

#[test]
fn a_rotation_that_landed_in_the_chain_is_finished_after_the_crash() {
    let home = Home::new();
    let (log, old, next) = cut_short(&home);
    let ring = Keyring::open(&home.keys, log, next).unwrap();
    assert_eq!(publics(&ring), (log, next));
    assert_eq!(
        home.names(),
        ["evidence.key", "evidence.next.key", "log.key"],
        "opening only looks"
    );
    assert_eq!(ring.sign_next(KeyKind::Evidence, b"x").unwrap_err().kind, Kind::Missing);
    ring.activate(KeyKind::Evidence, next).unwrap();
    assert_eq!(home.names(), ["evidence.key", "log.key"]);
    Keyring::open(&home.keys, log, next).unwrap();
    home.refusal(log, old);
}

#[test]
fn a_crash_between_zeroing_and_renaming_is_survived() {
    let home = Home::new();
    let (log, _, next) = cut_short(&home);
    let length = home.file("evidence.key").metadata().unwrap().len() as usize;
    std::fs::write(home.file("evidence.key"), vec![0; length]).unwrap();
    let ring = Keyring::open(&home.keys, log, next).unwrap();
    let third = ring.prepare_next(KeyKind::Evidence, None).unwrap();
    assert_ne!(third, next, "the cut-short rotation is finished before the next begins");
    assert_eq!(home.names(), ["evidence.key", "evidence.next.key", "log.key"]);
    Keyring::open(&home.keys, log, next).unwrap();
}

#[test]
fn a_landed_rotation_with_a_damaged_new_file_says_so() {
    let home = Home::new();
    let (log, _, next) = cut_short(&home);
    std::fs::write(home.file("evidence.next.key"), "garbage\n").unwrap();
    let refused = home.refusal(log, next);
    assert!(refused.message.contains("evidence.next.key is not a usable key file"), "{refused}");
}

#[test]
fn a_replacing_keyring_signs_with_a_fresh_key_and_needs_the_old_one_for_nothing() {
    let home = Home::new();
    let ring = Keyring::create(&home.keys).unwrap();
    let (log, evidence) = publics(&ring);
    // A next key that waited when somebody read the folder is not taken.
    let waited = ring.prepare_next(KeyKind::Log, None).unwrap();
    std::fs::remove_file(home.file("log.key")).unwrap();
    let expected = |kind| if kind == KeyKind::Log { log } else { evidence };
    let ring = Keyring::open_replacing(&home.keys, (KeyKind::Log, None), expected).unwrap();
    let (next, other) = publics(&ring);
    assert_eq!(other, evidence);
    assert!(next != log && next != waited);
    assert_eq!(home.names(), ["evidence.key", "log.next.key"], "nothing is in force yet");
    // Cut short here, the next try makes another one.
    let again = Keyring::open_replacing(&home.keys, (KeyKind::Log, None), expected).unwrap();
    let next = again.public(KeyKind::Log);
    again.activate(KeyKind::Log, next).unwrap();
    assert_eq!(home.names(), ["evidence.key", "log.key"]);
    Keyring::open(&home.keys, next, evidence).unwrap();
}

#[test]
fn a_replacement_that_landed_in_the_chain_is_never_destroyed_by_another() {
    let home = Home::new();
    let (log, evidence) = publics(&Keyring::create(&home.keys).unwrap());
    let expected = |kind| if kind == KeyKind::Log { log } else { evidence };
    let ring = Keyring::open_replacing(&home.keys, (KeyKind::Log, None), expected).unwrap();
    let next = ring.public(KeyKind::Log);
    let landed = |kind| if kind == KeyKind::Log { next } else { evidence };
    let refused = Keyring::open_replacing(&home.keys, (KeyKind::Log, None), landed).unwrap_err();
    assert!(refused.message.contains("in force, after a change that was cut short"), "{refused}");
    let ring = Keyring::open(&home.keys, next, evidence).unwrap();
    ring.activate(KeyKind::Log, next).unwrap();
    assert_eq!(home.names(), ["evidence.key", "log.key"]);
}

#[test]
fn the_evidence_key_is_replaced_only_while_the_log_key_is_there() {
    let home = Home::new();
    let (log, evidence) = publics(&Keyring::create(&home.keys).unwrap());
    for name in ["log.key", "evidence.key"] {
        std::fs::remove_file(home.file(name)).unwrap();
    }
    let expected = |kind| if kind == KeyKind::Log { log } else { evidence };
    let refused =
        Keyring::open_replacing(&home.keys, (KeyKind::Evidence, None), expected).unwrap_err();
    assert_eq!(refused.kind, Kind::Missing);
    assert_eq!(Keyring::holds(&home.keys, KeyKind::Log, log), Ok(false));
    let ring = Keyring::open_replacing(&home.keys, (KeyKind::Log, None), expected).unwrap();
    let next = ring.public(KeyKind::Log);
    ring.activate(KeyKind::Log, next).unwrap();
    let expected = |kind| if kind == KeyKind::Log { next } else { evidence };
    Keyring::open_replacing(&home.keys, (KeyKind::Evidence, None), expected).unwrap();
}
