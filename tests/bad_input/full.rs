//! The station's disk is full, of bytes or of inodes, and it strikes at every step in turn: less and
//! less room is left, so that the first refusal comes earlier and earlier. Whatever happens, each
//! clip is on the card or in custody, the message says what to do, and once there is room the next
//! dock finishes. Single steps are in `crates/vault/tests/full.rs` and `crates/store/tests/full_disk.rs`.

use super::scene::{Scene, put, scratch};
use super::volume::Volume;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A station on a disk of its own, with nothing kept in reserve: the ledger, too, may find no room.
struct Tight {
    disk: Volume,
    scene: Scene,
    whole: PathBuf,
    clips: Vec<(String, Vec<u8>)>,
}

impl Tight {
    fn new(inodes: u32) -> Tight {
        let disk = Volume::ext4(48, inodes);
        let scene =
            Scene::with_station_in(scratch(), disk.point().join("station").to_str().unwrap());
        let policy = scene.run("policy show").with(0, &[]);
        let policy = policy.replace("reserve_mib = { value = 512", "reserve_mib = { value = 0");
        std::fs::write(scene.path("policy"), policy).unwrap();
        scene.run("policy adopt policy").with(0, &[]);
        let whole = scene.copy_station("whole");
        // The last one needs more than all the others: it may be the only one without room.
        let sizes = [90_000, 90_000, 90_000, 1_500_000];
        let clips = (0..4u8).zip(sizes);
        let clips = clips.map(|(n, size)| (format!("CLIP{n}.MP4"), vec![n; size])).collect();
        Tight { disk, scene, whole, clips }
    }

    /// Docks with little room, looks that nothing is lost, makes room and docks again. Returns how
    /// the first dock ended.
    fn dock(&self, take_room: impl Fn(&Volume)) -> (i32, String) {
        self.disk.relieve();
        self.scene.restore(&self.whole);
        let card = self.scene.path("card");
        for (name, bytes) in &self.clips {
            put(&card, &[(name.as_str(), bytes)]);
        }
        take_room(&self.disk);
        let said = self.scene.ingest("card");
        for (name, bytes) in &self.clips {
            let there = std::fs::read(card.join(name)).is_ok_and(|now| now == *bytes);
            assert!(there || self.scene.kept(bytes), "{name} is lost: {said:?}");
        }
        self.disk.relieve();
        self.scene.ingest("card").with(0, &["done, may be taken"]);
        assert!(self.clips.iter().all(|(_, bytes)| self.scene.kept(bytes)));
        assert!(super::scene::names(&card).is_empty());
        self.scene.sound();
        (said.code, said.text)
    }

    /// Every ending seen while room shrinks; each that is none of "done" says what to do.
    fn sweep(&self, rooms: &[u64], take: impl Fn(&Volume, u64)) -> BTreeSet<i32> {
        let mut seen = BTreeSet::new();
        for room in rooms {
            let (code, text) = self.dock(|disk| take(disk, *room));
            let advised = ["make room on the disk", "free space or", "its inodes"];
            assert!(
                code == 0 || advised.iter().any(|advice| text.contains(advice)),
                "{room} left, code {code}: no advice in\n{text}"
            );
            assert!([0, 1, 5, 10, 11, 70].contains(&code), "{room} left, code {code}:\n{text}");
            println!("{room} left: code {code}: {text}");
            seen.insert(code);
        }
        seen
    }
}

const KIB: u64 = 1024;

#[test]
fn a_full_disk_loses_nothing_at_whatever_step_it_strikes() {
    let tight = Tight::new(0);
    let rooms = [0, 8, 48, 64, 80, 110, 160, 240, 320, 500, 1300, 6000];
    let rooms = rooms.map(|kib| kib * KIB);
    let seen = tight.sweep(&rooms, |disk, left| disk.fill(left));
    assert!(seen.contains(&0) && seen.contains(&5) && seen.contains(&10), "{seen:?}");
}

#[test]
fn full_inodes_lose_nothing_at_whatever_step_they_strike() {
    let tight = Tight::new(256);
    let seen = tight.sweep(&[0, 2, 4, 6, 10, 14, 16, 20, 40], Volume::fill_inodes);
    assert!(seen.contains(&0) && seen.contains(&11), "{seen:?}");
}

/// With the reserve of the policy the record itself always has room.
#[test]
fn with_its_reserve_a_station_on_a_full_disk_still_records_that_it_is_full() {
    let disk = Volume::ext4(48, 0);
    let scene = Scene::with_station_in(scratch(), disk.point().join("station").to_str().unwrap());
    let card = scene.card("card", &[("A.MP4", b"footage")]);
    scene.run("status").with(0, &["disk: 0 B free beside the reserve"]);
    scene.ingest("card").with(
        10,
        &[
            "0 stored, 0 seen again, 1 set aside, 0 wiped",
            "are kept in reserve; free space or put the vault on a larger disk",
            "dock again. The recorder keeps it (no-space)",
        ],
    );
    assert_eq!(std::fs::read(card.join("A.MP4")).unwrap(), b"footage");
    scene.run("session list --aside").with(0, &["no-space"]);
    scene.sound();
}
