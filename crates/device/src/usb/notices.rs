//! What the privileged part says about the dock's ports: one small file for each device and each volume,
//! there as long as the thing is. Changes of the folders wake the look; a look without any follows every
//! two seconds. Start, wake and passing time run the same function.

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use rustix::fs::{Mode, OFlags};
use sealdock_core::naming;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_profile::{DeviceNotice, VolumeNotice};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Heals a lost wake.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Many changes come at once; one look answers them all.
const GATHER: Duration = Duration::from_millis(20);
/// A notice is far smaller; nothing larger is read.
const NOTICE_BYTES_MAX: u64 = 64 * 1024;

const DEVICES: &str = "usb";
const VOLUMES: &str = "volumes";

/// What changed on the ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// New, or other words about the same device.
    Device(DeviceNotice),
    DeviceGone {
        bay: String,
        busid: String,
    },
    Volume(VolumeNotice),
    VolumeGone {
        bay: String,
        volume: String,
    },
    /// A file that is no notice.
    Unreadable {
        file: String,
        why: String,
    },
}

/// Where the notice of a volume lies.
pub fn volume_path(root: &Path, bay: &str, volume: &str) -> PathBuf {
    root.join(VOLUMES).join(bay).join(format!("{volume}.json"))
}

/// Where the notice of a device lies.
pub fn device_path(root: &Path, bay: &str, busid: &str) -> PathBuf {
    root.join(DEVICES).join(bay).join(format!("{busid}.json"))
}

/// Is this a place where the notice of a device lies?
pub fn is_device_path(root: &Path, path: &Path) -> bool {
    path.parent().and_then(Path::parent) == Some(&root.join(DEVICES))
}

/// The notice of one volume, as it is now.
///
/// # Errors
/// `Missing` if there is none: the volume is gone. `Invalid` if it is no notice or about another volume.
pub fn volume(path: &Path) -> PortResult<VolumeNotice> {
    match one(VOLUMES, path)? {
        Notice::Volume(notice) => Ok(notice),
        _ => Err(unreadable(path, Kind::Invalid, &"it is not about a volume")),
    }
}

/// The notice of one device, as it is now.
///
/// # Errors
/// As [`volume`].
pub fn device(path: &Path) -> PortResult<DeviceNotice> {
    match one(DEVICES, path)? {
        Notice::Device(notice) => Ok(notice),
        _ => Err(unreadable(path, Kind::Invalid, &"it is not about a device")),
    }
}

fn one(kind: &str, path: &Path) -> PortResult<Notice> {
    let bytes = bytes(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            unreadable(path, Kind::Missing, &"it is gone, and the recorder with it")
        }
        _ => unreadable(path, Kind::Failed, &e),
    })?;
    parse(kind, path, &bytes).map_err(|why| unreadable(path, Kind::Invalid, &why))
}

fn unreadable(path: &Path, kind: Kind, why: &dyn std::fmt::Display) -> PortError {
    let shown = naming::display(path.as_os_str().as_bytes());
    let message =
        format!("the announcement {shown} cannot be read: {why}; dock the recorder again");
    PortError::new(kind, message)
}

/// The ports being watched; dropping it ends the watch.
#[derive(Debug)]
pub struct Notices {
    wake: Sender<Woken>,
    thread: Option<JoinHandle<()>>,
}

enum Woken {
    Changed,
    Stop,
}

impl Notices {
    /// Watches `usb` and `volumes` below `root`. What is there at the start is told like what comes
    /// later. Folders that are missing are looked for again.
    ///
    /// # Errors
    /// No watch or no thread can be had.
    pub fn watch(root: &Path, events: Sender<Notice>) -> PortResult<Notices> {
        let because = |e: &dyn std::fmt::Display| {
            let message = format!("cannot watch the USB announcements in {}: {e}", root.display());
            PortError::new(Kind::Failed, message)
        };
        let (wake, woken) = channel();
        let mut watch = Watch::new(root, wake.clone()).map_err(|e| because(&e))?;
        let thread = std::thread::Builder::new()
            .name("usb notices".into())
            .spawn(move || watch.run(&woken, &events))
            .map_err(|e| because(&e))?;
        Ok(Notices { wake, thread: Some(thread) })
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        // Fails only if the thread has ended already.
        let _ended = self.wake.send(Woken::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Watch {
    root: PathBuf,
    watcher: RecommendedWatcher,
    watched: BTreeMap<&'static str, bool>,
    known: Known,
}

impl Watch {
    fn new(root: &Path, wake: Sender<Woken>) -> notify::Result<Watch> {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Our own look opens the files; a wake for that would never be still.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                let _ended = wake.send(Woken::Changed);
            }
        })?;
        let watched = BTreeMap::from([(DEVICES, false), (VOLUMES, false)]);
        Ok(Watch { root: root.to_owned(), watcher, watched, known: Known::default() })
    }

    fn run(&mut self, woken: &Receiver<Woken>, events: &Sender<Notice>) {
        loop {
            self.watch_folders();
            for notice in self.known.look(&self.root) {
                if events.send(notice).is_err() {
                    return;
                }
            }
            match woken.recv_timeout(LOOK_AGAIN) {
                Ok(Woken::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Woken::Changed) => std::thread::sleep(GATHER),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if woken.try_iter().any(|w| matches!(w, Woken::Stop)) {
                return;
            }
        }
    }

    fn watch_folders(&mut self) {
        for (name, watched) in &mut self.watched {
            let folder = self.root.join(name);
            if !folder.is_dir() {
                *watched = false;
            } else if !*watched {
                *watched = self.watcher.watch(&folder, RecursiveMode::Recursive).is_ok();
            }
        }
    }
}

/// Folder, bay, file name.
type Key = (&'static str, OsString, OsString);

/// What was told last, so that only changes are told.
#[derive(Debug, Default)]
struct Known(BTreeMap<Key, Vec<u8>>);

impl Known {
    fn look(&mut self, root: &Path) -> Vec<Notice> {
        let mut now = BTreeMap::new();
        let mut told = Vec::new();
        for kind in [DEVICES, VOLUMES] {
            for (key, path) in files(root, kind) {
                // Gone again between the two looks: the next look says so.
                let Ok(bytes) = bytes(&path) else { continue };
                if self.0.get(&key) != Some(&bytes) {
                    told.push(parse(kind, &path, &bytes).unwrap_or_else(|why| {
                        Notice::Unreadable {
                            file: naming::display(path.as_os_str().as_bytes()),
                            why,
                        }
                    }));
                }
                now.insert(key, bytes);
            }
        }
        let gone = self.0.keys().filter(|key| !now.contains_key(*key)).map(gone);
        // Whoever follows them must see what went before what came in its place.
        let told = gone.chain(told).collect();
        self.0 = now;
        told
    }
}

fn gone((kind, bay, file): &Key) -> Notice {
    let text = |name: &OsString| naming::display(name.as_bytes());
    let (bay, name) = (text(bay), text(file).trim_end_matches(".json").to_owned());
    match *kind {
        DEVICES => Notice::DeviceGone { bay, busid: name },
        _ => Notice::VolumeGone { bay, volume: name },
    }
}

fn files(root: &Path, kind: &'static str) -> Vec<(Key, PathBuf)> {
    let entries = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for bay in entries(&root.join(kind)) {
        for file in entries(&bay.path()) {
            // Written beside and renamed: what is not finished has another ending.
            if file.path().extension().is_some_and(|e| e == "json") {
                found.push(((kind, bay.file_name(), file.file_name()), file.path()));
            }
        }
    }
    found.sort();
    found
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = std::fs::File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    file.take(NOTICE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a notice, which must be about the thing that its path names.
fn parse(kind: &str, path: &Path, bytes: &[u8]) -> Result<Notice, String> {
    if bytes.len() as u64 > NOTICE_BYTES_MAX {
        return Err(format!("it has more than {NOTICE_BYTES_MAX} bytes"));
    }
    let (notice, bay, name) = match kind {
        DEVICES => {
            let notice: DeviceNotice = json(bytes)?;
            let (bay, name) = (notice.bay.clone(), notice.busid.clone());
            (Notice::Device(notice), bay, name)
        }
        _ => {
            let notice: VolumeNotice = json(bytes)?;
            let (bay, name) = (notice.bay.clone(), notice.volume.clone());
            (Notice::Volume(notice), bay, name)
        }
    };
    let folder = path.parent().and_then(Path::file_name);
    if folder != Some(bay.as_ref()) || path.file_stem() != Some(name.as_ref()) {
        return Err(format!("it is about {bay}/{name}, and lies elsewhere"));
    }
    Ok(notice)
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests;
