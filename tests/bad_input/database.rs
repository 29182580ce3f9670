//! A chain that is newer, torn, edited, or older than the head that was handed out. The ledger's own
//! tests (`crates/store/tests/opening.rs`, `edits.rs`) have every table and page; here it is what the
//! user reads, and that no card is wiped on the word of a damaged station.

use super::scene::{SOUND, Scene, names};
use rusqlite::Connection;
use sealdock_store::SCHEMA_VERSION;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

const CLIP: &[u8] = b"in custody before the damage";
const NEXT: &[u8] = b"on the card at the damage";
const STOP: &str = "nothing was changed; restore from the second copy or the last backup, and keep this directory as it is";

/// A station with one clip in custody, and a card with the next one.
struct Damage {
    scene: Scene,
    whole: PathBuf,
}

impl Damage {
    fn new() -> Damage {
        let scene = Scene::new();
        scene.card("card", &[("A.MP4", CLIP)]);
        scene.ingest("card").with(0, &["1 wiped"]);
        scene.card("card", &[("B.MP4", NEXT)]);
        let whole = scene.copy_station("whole");
        Damage { scene, whole }
    }

    fn connection(&self) -> Connection {
        Connection::open(self.scene.in_station("chain.db")).unwrap()
    }

    /// What somebody does who has the disk and every trick, past all triggers.
    fn edit(&self, sql: &str) {
        let conn = self.connection();
        let triggers: Vec<(String, String)> = conn
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (name, _) in &triggers {
            conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        assert!(conn.execute(sql, []).unwrap() > 0, "{sql} changes nothing");
        for (_, create) in &triggers {
            conn.execute_batch(create).unwrap();
        }
    }

    /// `check` finds it, and the station takes nothing.
    #[track_caller]
    fn stops(&self, code: i32, said: &str) {
        self.scene.run("check").with(12, &[said, STOP]);
        self.scene.run("status").with(70, &[]);
        self.scene.ingest("card").with(code, &[]);
        self.intact();
    }

    #[track_caller]
    fn intact(&self) {
        assert_eq!(std::fs::read(self.scene.path("card/B.MP4")).unwrap(), NEXT);
        assert!(self.scene.kept(CLIP));
    }

    /// With the whole station put back everything goes on.
    fn recovers(&self) {
        self.scene.restore(&self.whole);
        self.scene.ingest("card").with(0, &["1 stored", "1 wiped"]);
        assert!(self.scene.kept(CLIP) && self.scene.kept(NEXT));
        self.scene.sound();
    }
}

#[test]
fn a_newer_schema_is_left_to_the_release_that_made_it() {
    let damage = Damage::new();
    damage.connection().pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    let newer = format!(
        "the database has schema {}, this release knows {SCHEMA_VERSION}; it was written by a later release, run that one",
        SCHEMA_VERSION + 1
    );
    let newer = newer.as_str();
    for line in ["status", "check", "log head", "recorder add R2"] {
        damage.scene.run(line).with(3, &[newer]);
    }
    damage.scene.ingest("card").with(3, &[newer]);
    damage.intact();
    damage.connection().pragma_update(None, "user_version", SCHEMA_VERSION).unwrap();
    damage.scene.sound();
    damage.recovers();
}

#[test]
fn a_torn_database_stops_the_station_and_loses_no_clip() {
    let damage = Damage::new();
    // Everything is in the one file after the last process ended.
    let bytes = std::fs::metadata(damage.scene.in_station("chain.db")).unwrap().len();
    for left in [bytes - 4096, bytes / 2, 4096, 100] {
        let file = std::fs::File::options().write(true).open(damage.scene.in_station("chain.db"));
        file.unwrap().set_len(left).unwrap();
        damage.stops(70, "stop, keep the files as they are and run `sealdock check`");
        damage.scene.restore(&damage.whole);
    }
    std::fs::write(damage.scene.in_station("chain.db"), b"").unwrap();
    for line in ["status", "check"] {
        damage.scene.run(line).with(
            4,
            &["its chain.db is empty; if it was one, restore chain.db from the second copy"],
        );
    }
    damage.intact();
    damage.recovers();
}

#[test]
fn pages_of_garbage_are_findings_and_no_reason_to_wipe() {
    let damage = Damage::new();
    let pages = std::fs::metadata(damage.scene.in_station("chain.db")).unwrap().len() / 4096;
    for page in (1..pages).step_by(7) {
        let file = std::fs::File::options().write(true).open(damage.scene.in_station("chain.db"));
        file.unwrap().write_all_at(&[0xa5; 4096], page * 4096).unwrap();
        let check = damage.scene.run("check --deep");
        assert_eq!(check.code, 12, "page {page}: {check:?}");
        let ingest = damage.scene.ingest("card");
        // A page that no verb reads harms no verb; what is said to be wiped must be in custody.
        match ingest.code {
            0 => assert!(damage.scene.kept(NEXT)),
            _ => damage.intact(),
        }
        damage.scene.restore(&damage.whole);
        damage.scene.card("card", &[("B.MP4", NEXT)]);
    }
    damage.recovers();
}

#[test]
fn an_edited_entry_is_named() {
    let damage = Damage::new();
    let entry = "UPDATE entry SET bytes = cast(replace(cast(bytes AS TEXT), 'A.MP4', 'Z.MP4') AS BLOB) WHERE seq = 7";
    damage.edit(entry);
    damage.scene.run("check").with(12, &["chain: entry 7: "]);
    damage.intact();
    damage.scene.restore(&damage.whole);
    // One bit in the middle of the blob.
    damage.edit("UPDATE entry SET bytes = cast(substr(bytes, 1, 99) || x'20' || substr(bytes, 101) AS BLOB) WHERE seq = 3");
    damage.scene.run("check").with(12, &["chain: entry 3: "]);
    damage.scene.restore(&damage.whole);
    damage.edit("DELETE FROM entry WHERE seq = 12");
    damage.stops(70, "head: tree node 12 of level 0 is not stored");
    damage.recovers();
}

#[test]
fn an_edited_register_row_is_named() {
    let damage = Damage::new();
    for (sql, said) in [
        (
            "UPDATE clip SET officer = 'o9'",
            "register: entry 7: clip 7: the row differs from what the chain says",
        ),
        ("DELETE FROM clip", "register: entry 7: clip 7: is in the chain, the row is missing"),
        ("UPDATE person SET role = 'clerk' WHERE id = 'o1'", "register: entry 3: person o1"),
        ("UPDATE recorder SET device_id = 'X'", "register: entry 4: recorder R1"),
    ] {
        damage.edit(sql);
        damage.scene.run("check").with(12, &[said]);
        damage.intact();
        damage.scene.restore(&damage.whole);
    }
    damage.connection().execute_batch("DROP TRIGGER entry_no_update").unwrap();
    damage.scene.run("check").with(12, &["schema: the trigger entry_no_update is missing"]);
    damage.recovers();
}

/// A crash leaves entries in the WAL; without it the database is older than its head.
#[test]
fn a_removed_wal_is_a_rollback_and_is_said_to_be_one() {
    let damage = Damage::new();
    // A reader that stays keeps the verb's last process from carrying the WAL over.
    let reader = damage.connection();
    let open = reader.unchecked_transaction().unwrap();
    let entries: i64 = open.query_row("SELECT count(*) FROM entry", [], |row| row.get(0)).unwrap();
    damage.scene.run("recorder add R2").with(0, &[]);
    let crashed = damage.scene.copy_station("crashed");
    drop(open);
    drop(reader);
    assert!(names(&crashed).contains(&"chain.db-wal".to_owned()), "the WAL was carried over");
    damage.scene.restore(&crashed);
    damage.scene.run("check").with(0, &[SOUND]);
    damage.scene.restore(&crashed);
    for file in ["chain.db-wal", "chain.db-shm"] {
        std::fs::remove_file(damage.scene.in_station(file)).unwrap();
    }
    let said = format!(
        "the database is older than the head that was handed out: it has {entries} entries"
    );
    damage.stops(70, &said);
    damage.recovers();
}

#[test]
fn a_database_put_back_from_before_is_refused() {
    let damage = Damage::new();
    let older = std::fs::read(damage.scene.in_station("chain.db")).unwrap();
    damage.scene.run("recorder add R2").with(0, &[]);
    std::fs::write(damage.scene.in_station("chain.db"), older).unwrap();
    damage.stops(
        70,
        "a restored backup or a rollback; do not go on with it, restore the newer database from the mirror",
    );
    damage.recovers();
}

#[test]
fn a_head_that_is_garbage_or_from_before_is_refused() {
    let damage = Damage::new();
    let head = damage.scene.in_station("head");
    std::fs::write(&head, [0x5a; 8192]).unwrap();
    damage.stops(70, "the file head holds no readable head");
    std::fs::write(&head, b"x").unwrap();
    damage.stops(70, "it is not the head file of a station; restore it from the mirror");
    damage.scene.restore(&damage.whole);
    let older = std::fs::read(&head).unwrap();
    damage.scene.run("recorder add R2").with(0, &[]);
    std::fs::write(&head, older).unwrap();
    damage.stops(70, "the file head is older than the database");
    damage.recovers();
}

#[test]
fn a_clip_that_is_missing_cut_or_changed_in_the_vault_is_named() {
    let damage = Damage::new();
    let kept = damage.scene.kept_path(CLIP);
    let wrong = |bytes: Option<&[u8]>| {
        std::fs::remove_file(&kept).unwrap();
        if let Some(bytes) = bytes {
            std::fs::write(&kept, bytes).unwrap();
        }
    };
    let mut flipped = CLIP.to_vec();
    flipped[3] ^= 1;
    for (bytes, verb, said) in [
        (None, "check", "vault: entry 7: clip C7 has no file"),
        (Some(&CLIP[1..]), "check", "has 27 bytes, the chain says 28"),
        (Some(&flipped[..]), "check --deep", "its bytes changed on the disk"),
    ] {
        wrong(bytes);
        damage.scene.run(verb).with(12, &[said]);
        // The same clip docked again is not wiped on the word of that copy.
        let card = damage.scene.card("again", &[("A.MP4", CLIP)]);
        let said = damage.scene.ingest("again");
        assert!(names(&card) == ["A.MP4"] || damage.scene.kept(CLIP), "{said:?}");
        damage.scene.restore(&damage.whole);
    }
    damage.recovers();
}
