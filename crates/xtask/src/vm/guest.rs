//! The guest, built once and kept below the build folder, keyed by what it is made of: a Debian 12
//! (`debian-…`), the same booted and frozen (`booted-…`), and with our package installed by
//! `station.sh`, frozen again (`station-…`). Scenarios wake up from the last.

use crate::vm::card::hex;
use crate::vm::machine::{HARDWARE, Machine, Source};
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
    let debian = debian(places)?;
    let mut key = Key::new("booted");
    key.add(debian.as_os_str().as_encoded_bytes());
    // Another machine or emulator would not understand the frozen state.
    key.add(HARDWARE.as_bytes());
    let version = step::ask(Command::new("qemu-system-x86_64").arg("--version"));
    key.add(version.unwrap_or_default().as_bytes());
    let folder = key.folder(places);
    make_once(&folder, || {
        let root = (debian.join("root.img"), "raw");
        let source = Source { base: debian.clone(), disk: root, state: None };
        let mut guest = Machine::start(&folder, &source)?;
        guest.must("systemctl is-system-running --wait", SLOW)?;
        guest.freeze(&folder.join("state"))?;
        Ok(())
    })?;
    Ok(frozen(&debian, &folder))
}

fn frozen(debian: &Path, folder: &Path) -> Source {
    Source {
        base: debian.to_path_buf(),
        disk: (folder.join("disk.qcow2"), "qcow2"),
        state: Some(folder.join("state")),
    }
}

/// A folder is named after a digest of everything it is made of.
struct Key(&'static str, Sha256);

impl Key {
    fn new(kind: &'static str) -> Key {
        Key(kind, Sha256::new())
    }

    fn add(&mut self, bytes: &[u8]) {
        self.1.update(bytes.len().to_le_bytes());
        self.1.update(bytes);
    }

    fn folder(self, places: &Places) -> PathBuf {
        places.vm.join(format!("{}-{}", self.0, &hex(&self.1.finalize())[..16]))
    }
}

/// The station as an operator would set it up, with the package and programs in `bundle`.
///
/// # Errors
/// When `station.sh` fails in the guest.
pub fn station(places: &Places, base: &Source, bundle: &Path) -> Result<Source> {
    let script = std::fs::read_to_string(places.root.join("tests/vm/guest/station.sh"))?;
    let mut key = Key::new("station");
    key.add(base.disk.0.as_os_str().as_encoded_bytes());
    key.add(script.as_bytes());
    for file in sorted(bundle)? {
        key.add(file.file_name().unwrap_or_default().as_encoded_bytes());
        key.add(&std::fs::read(&file)?);
    }
    let folder = key.folder(places);
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
    Ok(frozen(&base.base, &folder))
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

/// Kernel, initial file system and root disk.
fn debian(places: &Places) -> Result<PathBuf> {
    let inputs = places.root.join("tests/vm/guest");
    let mut key = Key::new("debian");
    for file in ["packages.txt", "prepare.sh", "vm-shell", "vm-shell.service"] {
        let path = inputs.join(file);
        key.add(&std::fs::read(&path).with_context(|| format!("no {}", path.display()))?);
    }
    let folder = key.folder(places);
    make_once(&folder, || {
        let root = folder.join("rootfs");
        bootstrap(&inputs, &folder, &root)?;
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
    })?;
    Ok(folder)
}

fn bootstrap(inputs: &Path, folder: &Path, root: &Path) -> Result<()> {
    let list = std::fs::read_to_string(inputs.join("packages.txt"))?;
    let packages: Vec<&str> =
        list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let mut bootstrap = Command::new("debootstrap");
    bootstrap.arg("--variant=minbase").arg(format!("--include={}", packages.join(",")));
    quietly(bootstrap.arg(SUITE).arg(root).arg(MIRROR), &folder.join("debootstrap.log"))?;
    let mut prepare = Command::new("bash");
    prepare.arg(inputs.join("prepare.sh")).arg(root).arg(inputs);
    quietly(&mut prepare, &folder.join("prepare.log"))
}

/// Thousands of lines that nobody reads unless it fails.
fn quietly(command: &mut Command, log: &Path) -> Result<()> {
    let file = std::fs::File::create(log)?;
    command.stdout(file.try_clone()?).stderr(file);
    step::run(command).with_context(|| format!("see {}", log.display()))
}
