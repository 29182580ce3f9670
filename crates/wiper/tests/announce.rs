//! What becomes of the block devices of a made-up machine: mounted and announced, or announced with a
//! sentence that says why not.
#![allow(clippy::unwrap_used)]

mod common;

use common::{DISK, Machine, put};
use sealdock_profile::VolumeNotice;
use sealdock_wiper::mount::{self, Mounted};
use sealdock_wiper::volume::Volume;
use sealdock_wiper::{Keeper, Kind, WiperError, WiperResult};
use std::os::fd::OwnedFd;
use std::sync::Mutex;

/// Notes what it is asked for.
#[derive(Default)]
struct Noted {
    shown: Mutex<Vec<String>>,
    hidden: Mutex<Vec<String>>,
    fails: bool,
}

impl Keeper for Noted {
    fn show(&self, volume: &Volume) -> WiperResult<()> {
        self.shown.lock().unwrap().push(volume.name.clone());
        match self.fails {
            true => Err(WiperError::new(Kind::Failed, "planted")),
            false => Ok(()),
        }
    }
    fn hide(&self, volume: &Volume) -> WiperResult<()> {
        self.hidden.lock().unwrap().push(format!("{}/{}", volume.bay, volume.name));
        Ok(())
    }
    fn free(&self, _: &Volume) -> WiperResult<()> {
        unreachable!("announcing proves nothing")
    }
    fn writable(&self, _: &Volume) -> WiperResult<OwnedFd> {
        unreachable!("announcing writes nothing")
    }
}

fn notice(machine: &Machine, volume: &str) -> Option<VolumeNotice> {
    let file = machine.roots.station().join(format!("volumes/bay-1/{volume}.json"));
    Some(serde_json::from_slice(&std::fs::read(file).ok()?).unwrap())
}

#[test]
fn two_partitions_are_two_volumes_and_their_disk_is_none() {
    let (machine, keeper) = (Machine::new(), Noted::default());
    machine.disk("sdb", (8, 16), "");
    machine.disk("sdb/sdb1", (8, 17), "vfat");
    machine.disk("sdb/sdb2", (8, 18), "ext4");
    assert_eq!(mount::mount(&machine.roots, &keeper, "sdb").unwrap(), Mounted::Divided);
    for name in ["sdb1", "sdb2"] {
        mount::mount(&machine.roots, &keeper, name).unwrap();
        let notice = notice(&machine, name).unwrap();
        assert_eq!((notice.problem.as_deref(), notice.disk_sequence), (None, DISK));
        assert_eq!((notice.busid.as_str(), notice.bay.as_str()), ("1-1.2", "bay-1"));
        assert_eq!(notice.seen.serial.as_deref(), Some("J800001"));
        assert_eq!(notice.seen.scsi.unwrap().vendor, "Generic");
        assert_eq!(notice.seen.volume.unwrap().label.as_deref(), Some("A B"));
        assert!(machine.roots.point("bay-1", name).is_dir());
    }
    assert_eq!(*keeper.shown.lock().unwrap(), ["sdb1", "sdb2"]);
    assert_eq!(notice(&machine, "sdb"), None);
}

#[test]
fn a_disk_without_partition_table_is_a_volume() {
    let (machine, keeper) = (Machine::new(), Noted::default());
    machine.disk("sdb", (8, 16), "exfat");
    mount::mount(&machine.roots, &keeper, "sdb").unwrap();
    assert_eq!(notice(&machine, "sdb").unwrap().problem, None);
    assert_eq!(*keeper.shown.lock().unwrap(), ["sdb"]);
}

#[test]
fn what_is_not_mounted_says_why() {
    for (fs, size, says) in [
        ("", "0", "No medium in the reader"),
        ("", "2048", "No file system is recognised"),
        ("btrfs", "2048", "btrfs is not supported"),
        ("crypto_LUKS", "2048", "crypto_LUKS is not supported"),
    ] {
        let (machine, keeper) = (Machine::new(), Noted::default());
        machine.disk("sdb", (8, 16), fs);
        machine.attribute("sdb", "size", size);
        mount::mount(&machine.roots, &keeper, "sdb").unwrap();
        let problem = notice(&machine, "sdb").unwrap().problem.unwrap();
        assert!(problem.contains(says), "{problem}");
        assert!(keeper.shown.lock().unwrap().is_empty());
        assert!(!machine.roots.point("bay-1", "sdb").exists(), "no folder that looks like a card");
    }
}

#[test]
fn a_mount_that_fails_leaves_no_folder_and_a_sentence() {
    let machine = Machine::new();
    let keeper = Noted { fails: true, ..Noted::default() };
    machine.disk("sdb", (8, 16), "vfat");
    mount::mount(&machine.roots, &keeper, "sdb").unwrap();
    assert!(notice(&machine, "sdb").unwrap().problem.unwrap().contains("planted"));
    assert!(!machine.roots.point("bay-1", "sdb").exists());
}

#[test]
fn a_write_protected_card_is_announced_as_such() {
    let (machine, keeper) = (Machine::new(), Noted::default());
    machine.disk("sdb/sdb1", (8, 17), "vfat");
    machine.attribute("sdb", "ro", "1\n");
    mount::mount(&machine.roots, &keeper, "sdb1").unwrap();
    assert!(notice(&machine, "sdb1").unwrap().read_only);
}

#[test]
fn a_device_that_went_takes_announcement_mount_and_folder_with_it() {
    let (machine, keeper) = (Machine::new(), Noted::default());
    machine.disk("sdb", (8, 16), "vfat");
    mount::mount(&machine.roots, &keeper, "sdb").unwrap();
    std::fs::remove_file(machine.roots.sys.join("class/block/sdb")).unwrap();
    mount::unmount(&machine.roots, &keeper, "sdb").unwrap();
    assert_eq!(*keeper.hidden.lock().unwrap(), ["bay-1/sdb"]);
    assert_eq!(notice(&machine, "sdb"), None);
    assert!(!machine.roots.point("bay-1", "sdb").exists());
    mount::unmount(&machine.roots, &keeper, "sdb").unwrap();
    assert_eq!(keeper.hidden.lock().unwrap().len(), 1);
}

/// Pulled out between the mount and its announcement: the service manager ends `mount`, and stops.
#[test]
fn a_mount_that_was_ended_half_way_goes_although_nothing_was_announced() {
    let (machine, keeper) = (Machine::new(), Noted::default());
    machine.disk("sdb", (8, 16), "vfat");
    let plugged = format!("sdb:{DISK}");
    mount::mount(&machine.roots, &keeper, &plugged).unwrap();
    std::fs::remove_file(machine.roots.station().join("volumes/bay-1/sdb.json")).unwrap();
    let other = machine.roots.point("bay-1", "sdc");
    std::fs::create_dir_all(&other).unwrap();
    // As long as another disk has the name, it is that one's.
    mount::unmount(&machine.roots, &keeper, &format!("sdb:{}", DISK - 1)).unwrap();
    assert!(keeper.hidden.lock().unwrap().is_empty());
    std::fs::remove_file(machine.roots.sys.join("class/block/sdb")).unwrap();
    mount::unmount(&machine.roots, &keeper, &plugged).unwrap();
    assert_eq!(*keeper.hidden.lock().unwrap(), ["bay-1/sdb"]);
    assert!(!machine.roots.point("bay-1", "sdb").exists());
    assert!(other.exists());
}

#[test]
fn the_machines_own_disks_are_never_touched() {
    let (machine, keeper) = (Machine::new(), Noted::default());
    machine.disk("sda", (8, 0), "ext4");
    put(&machine.roots.run.join("udev/data/b8:0"), "E:ID_PATH=pci-0-ata-1\nE:ID_FS_TYPE=ext4\n");
    for name in ["sda", "../sda", "sdz"] {
        assert!(mount::mount(&machine.roots, &keeper, name).is_err());
    }
    assert!(keeper.shown.lock().unwrap().is_empty());
}

#[test]
fn the_end_of_one_plug_in_leaves_the_next_alone() {
    let (machine, keeper) = (Machine::new(), Noted::default());
    machine.disk("sdb", (8, 16), "vfat");
    let (now, before) = (format!("sdb:{DISK}"), format!("sdb:{}", DISK - 1));
    let refused = mount::mount(&machine.roots, &keeper, &before).unwrap_err();
    assert_eq!(refused.kind, Kind::Missing);
    assert!(keeper.shown.lock().unwrap().is_empty());
    mount::mount(&machine.roots, &keeper, &now).unwrap();
    mount::unmount(&machine.roots, &keeper, &before).unwrap();
    assert!(notice(&machine, "sdb").is_some() && keeper.hidden.lock().unwrap().is_empty());
    mount::unmount(&machine.roots, &keeper, &now).unwrap();
    assert!(notice(&machine, "sdb").is_none());
    for name in ["sdb:x", "sdb:", "../sdb:1", ":1"] {
        assert_eq!(mount::mount(&machine.roots, &keeper, name).unwrap_err().kind, Kind::Invalid);
    }
}

#[test]
fn every_bay_of_the_docks_has_its_directory() {
    let machine = Machine::new();
    mount::bays(&machine.roots).unwrap();
    assert!(machine.roots.station().join("bays/bay-1").is_dir());
}
