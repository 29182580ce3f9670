//! The guest, built once and kept below the build folder, keyed by what it is made of: a Debian 12
//! (`base-…`), the same booted and frozen, and with our package installed by `station.sh`
//! (`station-…`), frozen again. Scenarios wake up from the last.

use crate::vm::card::hex;
use crate::vm::machine::{Machine, Source};
use crate::{place::Places, step};
use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const MIRROR: &str = "http://deb.debian.org/debian";
const SUITE: &str = "bookworm";
/// Room on the station's disk; sparse.
const DISK: &str = "12G";
/// Installing a package and hashing PINs, emulated.
const SLOW: Duration = Duration::from_secs(600);

/// Debian as it comes, frozen after it booted.
///
/// # Errors
/// When a package cannot be fetched or the guest does not boot.
pub fn base(places: &Places) -> Result<Source> {
    let inputs = places.root.join("tests/vm/guest");
    let files = ["packages.txt", "prepare.sh", "vm-shell", "vm-shell.service"];
    let mut hash = Sha256::new();
    for file in files {
        let path = inputs.join(file);
        hash.update(std::fs::read(&path).with_context(|| format!("no {}", path.display()))?);
    }
    // Another emulator may not understand the frozen state.
    hash.update(step::ask(Command::new("qemu-system-x86_64").arg("--version")).unwrap_or_default());
    let folder = places.vm.join(format!("base-{}", &hex(&hash.finalize())[..16]));
    let source = Source {
        disk: (folder.join("disk.qcow2"), "qcow2"),
        state: Some(folder.join("state")),
        base: folder.clone(),
    };
    make_once(&folder, || {
        debian(&inputs, &folder)?;
        let raw =
            Source { base: folder.clone(), disk: (folder.join("root.img"), "raw"), state: None };
        let mut guest = Machine::start(&folder, &raw)?;
        guest.must("systemctl is-system-running --wait", SLOW)?;
        guest.freeze(&folder.join("state"))?;
        Ok(())
    })?;
    Ok(source)
}

/// The station as an operator would set it up, with the package and programs in `bundle`.
///
/// # Errors
/// When `station.sh` fails in the guest.
pub fn station(places: &Places, base: &Source, bundle: &Path) -> Result<Source> {
    let script = std::fs::read_to_string(places.root.join("tests/vm/guest/station.sh"))?;
    let mut hash = Sha256::new();
    hash.update(base.base.as_os_str().as_encoded_bytes());
    hash.update(&script);
    for file in sorted(bundle)? {
        hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(std::fs::read(&file)?);
    }
    let folder = places.vm.join(format!("station-{}", &hex(&hash.finalize())[..16]));
    let source = Source {
        base: base.base.clone(),
        disk: (folder.join("disk.qcow2"), "qcow2"),
        state: Some(folder.join("state")),
    };
    make_once(&folder, || {
        let mut guest = Machine::start(&folder, base)?;
        pack(bundle, &folder.join("bundle.img"))?;
        show_bundle(&mut guest, &folder.join("bundle.img"))?;
        let said = guest.must(&script, SLOW)?;
        std::fs::write(folder.join("station.log"), said)?;
        hide_bundle(&mut guest)?;
        guest.freeze(&folder.join("state"))?;
        Ok(())
    })?;
    Ok(source)
}

/// Plugs the bundle into the guest as a disk and mounts it at `/run/bundle`.
///
/// # Errors
/// When the guest does not see it.
pub fn show_bundle(guest: &mut Machine, image: &Path) -> Result<()> {
    let file = json!({"driver": "file", "filename": image, "read-only": true});
    let node = json!({"driver": "raw", "node-name": "bundle", "read-only": true, "file": file});
    guest.qmp.run("blockdev-add", &node)?;
    let device = json!({"driver": "virtio-blk-pci", "drive": "bundle", "id": "bundle-disk",
        "serial": "bundle", "addr": "9"});
    guest.qmp.run("device_add", &device)?;
    guest.must(
        "for n in $(seq 200); do [ -e /dev/disk/by-id/virtio-bundle ] && break; sleep 0.1; done
        mkdir -p /run/bundle && mount -o ro /dev/disk/by-id/virtio-bundle /run/bundle",
        SLOW,
    )?;
    Ok(())
}

fn hide_bundle(guest: &mut Machine) -> Result<()> {
    guest.must("umount /run/bundle", SLOW)?;
    guest.qmp.run("device_del", &json!({"id": "bundle-disk"}))?;
    guest.qmp.event("DEVICE_DELETED", "device", "bundle-disk", SLOW)?;
    guest.qmp.run("blockdev-del", &json!({"node-name": "bundle"}))?;
    Ok(())
}

/// A folder becomes a read-only disk.
fn pack(folder: &Path, image: &Path) -> Result<()> {
    let bytes: u64 =
        sorted(folder)?.iter().map_while(|file| Some(file.metadata().ok()?.len())).sum();
    let room = format!("{}M", (bytes >> 20) + (bytes >> 24) + 32);
    let mut make = Command::new("mke2fs");
    make.args(["-q", "-F", "-t", "ext4", "-m", "0", "-d"]);
    step::run(make.arg(folder).arg(image).arg(room))
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    Ok(files)
}

/// `complete` is written last: a folder without it is half made.
fn make_once(folder: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = folder.join("complete");
    if stamp.exists() {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    println!("building {}", folder.display());
    make()?;
    std::fs::write(&stamp, "").context("cannot finish the guest")
}

fn debian(inputs: &Path, folder: &Path) -> Result<()> {
    let root = folder.join("rootfs");
    let list = std::fs::read_to_string(inputs.join("packages.txt"))?;
    let packages: Vec<&str> =
        list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let mut bootstrap = Command::new("debootstrap");
    bootstrap.arg("--variant=minbase").arg(format!("--include={}", packages.join(",")));
    quietly(bootstrap.arg(SUITE).arg(&root).arg(MIRROR), &folder.join("debootstrap.log"))?;
    let mut prepare = Command::new("bash");
    prepare.arg(inputs.join("prepare.sh")).arg(&root).arg(inputs);
    quietly(&mut prepare, &folder.join("prepare.log"))?;
    for file in sorted(&root.join("boot"))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (prefix, to) in [("vmlinuz-", "vmlinuz"), ("initrd.img-", "initrd")] {
            if name.starts_with(prefix) {
                std::fs::copy(&file, folder.join(to))?;
            }
        }
    }
    let mut make = Command::new("mkfs.ext4");
    make.args(["-q", "-F", "-E", "lazy_itable_init=1,lazy_journal_init=1", "-d"]);
    step::run(make.arg(&root).arg(folder.join("root.img")).arg(DISK))?;
    std::fs::remove_dir_all(&root).context("cannot clear the tree of the guest")
}

/// Thousands of lines that nobody reads unless it fails.
fn quietly(command: &mut Command, log: &Path) -> Result<()> {
    let file = std::fs::File::create(log)?;
    command.stdout(file.try_clone()?).stderr(file);
    step::run(command).with_context(|| format!("see {}", log.display()))
}
