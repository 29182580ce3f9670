//! A keeper for the tests: it really unmounts, mounts and deletes, as the privileged part does, on a
//! loop device, and can be told to lose or land any verb.

use super::{Volume, run};
use sealdock_core::custody::{WholeHash, WipePermit};
use sealdock_core::naming;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_device::FolderOptions;
use sealdock_device::keeper::{Held, Keeper, Kept, NoteBefore, SignedIntent};
use sealdock_device::usb::notices::volume_path;
use sealdock_profile::{Seen, VolumeNotice};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What becomes of one verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not happen.
    Lost,
    /// It happens, and the answer is lost.
    Landed,
}

#[derive(Debug)]
struct Ground {
    device: String,
    point: PathBuf,
    private: PathBuf,
    sequence: Mutex<u64>,
    fault: Mutex<Option<(&'static str, Fault)>>,
    verbs: Mutex<Vec<String>>,
}

/// A kept volume: the loop device, its notice, its keeper.
pub struct KeptCard {
    pub volume: Volume,
    pub point: PathBuf,
    pub notice: PathBuf,
    pub announced: VolumeNotice,
    pub keeper: TestKeeper,
    _run: tempfile::TempDir,
}

#[derive(Debug, Clone)]
pub struct TestKeeper(Arc<Ground>);

impl KeptCard {
    pub fn new() -> KeptCard {
        let mut volume = Volume::new();
        let (point, private) = (volume.point("sdb1"), volume.point(".private"));
        volume.mount(&point, "ro");
        // Whatever is left mounted after a fault goes with the volume.
        volume.unmount_later(&private);
        let device = volume.device.clone();
        let name = device.rsplit('/').next().unwrap().to_owned();
        let sequence = std::fs::read_to_string(format!("/sys/block/{name}/diskseq")).unwrap();
        let announced = VolumeNotice {
            bay: "bay-1".into(),
            volume: "sdb1".into(),
            busid: "1-2".into(),
            disk_sequence: sequence.trim().parse().unwrap(),
            seen: Seen::default(),
            read_only: false,
            problem: None,
        };
        let run = tempfile::tempdir().unwrap();
        let notice = volume_path(run.path(), "bay-1", "sdb1");
        let site = Ground {
            device,
            point: point.clone(),
            private,
            sequence: Mutex::new(announced.disk_sequence),
            fault: Mutex::new(None),
            verbs: Mutex::default(),
        };
        let keeper = TestKeeper(Arc::new(site));
        let made = KeptCard { volume, point, notice, announced, keeper, _run: run };
        made.announce(&made.announced);
        made
    }

    pub fn announce(&self, notice: &VolumeNotice) {
        std::fs::create_dir_all(self.notice.parent().unwrap()).unwrap();
        std::fs::write(&self.notice, serde_json::to_vec(notice).unwrap()).unwrap();
    }

    /// Puts files onto the card, which is mounted read-only for everybody else.
    pub fn put(&self, files: &[(&[u8], &[u8])]) {
        self.keeper.0.writable(|root| {
            for (name, bytes) in files {
                let path = root.join(OsString::from_vec(name.to_vec()));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
            }
        });
    }

    pub fn options(&self) -> FolderOptions {
        let kept_by = Kept {
            keeper: Arc::new(self.keeper.clone()),
            announced: self.announced.clone(),
            notice: self.notice.clone(),
            sign: Arc::new(sign),
        };
        FolderOptions { kept_by: Some(kept_by), ..super::options() }
    }
}

/// The test keeper believes everything: name and digest, in plain words.
fn sign(permit: &WipePermit) -> PortResult<SignedIntent> {
    let text = format!("{} {}", naming::hex(&permit.file().raw_name), permit.sha256());
    Ok(SignedIntent {
        bytes: text.into_bytes(),
        signature: [1; 64],
        file_bytes: permit.file().size,
    })
}

impl TestKeeper {
    pub fn fail(&self, verb: &'static str, fault: Fault) {
        *self.0.fault.lock().unwrap() = Some((verb, fault));
    }

    /// Another disk stands there from now on.
    pub fn exchange(&self) {
        *self.0.sequence.lock().unwrap() += 1;
    }

    pub fn verbs(&self) -> Vec<String> {
        self.0.verbs.lock().unwrap().clone()
    }
}

impl Ground {
    fn mount(&self, point: &Path, options: &str) {
        run("mount", &["-t", "ext4", "-o", options, &self.device, point.to_str().unwrap()]);
    }

    fn unmount(&self, point: &Path) -> PortResult<()> {
        let out = std::process::Command::new("umount").arg(point).output().unwrap();
        let message = String::from_utf8_lossy(&out.stderr).into_owned();
        if out.status.success() { Ok(()) } else { Err(PortError::new(Kind::Failed, message)) }
    }

    fn writable(&self, act: impl FnOnce(&Path)) {
        self.unmount(&self.point).unwrap();
        self.mount(&self.private, "rw");
        act(&self.private);
        self.unmount(&self.private).unwrap();
        self.mount(&self.point, "ro");
    }

    fn call<T>(
        &self,
        verb: &str,
        landed: Kind,
        effect: impl FnOnce() -> PortResult<T>,
    ) -> PortResult<T> {
        self.verbs.lock().unwrap().push(verb.to_owned());
        let mut fault = self.fault.lock().unwrap();
        match fault.take_if(|(at, _)| *at == verb) {
            None => effect(),
            Some((_, Fault::Lost)) => {
                Err(PortError::new(Kind::Failed, format!("{verb} was lost; try again")))
            }
            Some((_, Fault::Landed)) => effect().and_then(|_| {
                Err(PortError::new(landed, format!("the answer to {verb} was lost; try again")))
            }),
        }
    }

    fn wipe(&self, intent: &SignedIntent) -> PortResult<()> {
        if !is_mounted(&self.private) {
            self.unmount(&self.point)?;
            self.mount(&self.private, "rw");
        }
        let text = String::from_utf8(intent.bytes.clone()).unwrap();
        let (name, sha256) = text.split_once(' ').unwrap();
        let path = self.private.join(OsString::from_vec(naming::unhex(name).unwrap()));
        let bytes =
            std::fs::read(&path).map_err(|e| PortError::new(Kind::Missing, e.to_string()))?;
        if digest(&bytes) != sha256 {
            return Err(PortError::new(Kind::Failed, "it is another file"));
        }
        std::fs::remove_file(path).map_err(|e| PortError::new(Kind::Failed, e.to_string()))
    }

    /// As the privileged part does: writable for this one file only.
    fn clock(&self, intent: &SignedIntent) -> PortResult<NoteBefore> {
        let (name, text) = std::str::from_utf8(&intent.bytes).unwrap().split_once(' ').unwrap();
        let mut before = NoteBefore::Absent;
        self.writable(|root| {
            if root.join(name).exists() {
                before = NoteBefore::Earlier;
            }
            std::fs::write(root.join(name), text).unwrap();
        });
        Ok(before)
    }

    fn end(&self) -> PortResult<()> {
        if is_mounted(&self.private) {
            self.unmount(&self.private)?;
            self.mount(&self.point, "ro");
        }
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> String {
    let mut hash = WholeHash::new(false);
    hash.update(bytes);
    hash.finish().sha256().to_string()
}

fn is_mounted(point: &Path) -> bool {
    std::process::Command::new("mountpoint").arg("-q").arg(point).status().unwrap().success()
}

impl Keeper for TestKeeper {
    fn open(&self, bay: &str, volume: &str) -> PortResult<Box<dyn Held>> {
        assert_eq!((bay, volume), ("bay-1", "sdb1"));
        self.0.call("open", Kind::Failed, || {
            let sequence = *self.0.sequence.lock().unwrap();
            Ok(Box::new(TestHeld { site: self.0.clone(), sequence }) as Box<dyn Held>)
        })
    }
}

struct TestHeld {
    site: Arc<Ground>,
    sequence: u64,
}

impl Drop for TestHeld {
    fn drop(&mut self) {
        // The connection is gone: the keeper ends by itself.
        self.site.end().unwrap();
    }
}

impl Held for TestHeld {
    fn disk_sequence(&self) -> u64 {
        self.sequence
    }
    fn cold(&mut self) -> PortResult<&'static str> {
        self.site.call("cold", Kind::Failed, || {
            self.site.unmount(&self.site.point)?;
            self.site.mount(&self.site.point, "ro");
            Ok("remounted")
        })
    }
    fn wipe(&mut self, intent: &SignedIntent) -> PortResult<()> {
        self.site.call("wipe", Kind::Unknown, || self.site.wipe(intent))
    }
    fn clock(&mut self, intent: &SignedIntent) -> PortResult<NoteBefore> {
        self.site.call("clock", Kind::Unknown, || self.site.clock(intent))
    }
    fn end(self: Box<Self>) -> PortResult<()> {
        self.site.call("end", Kind::Failed, || self.site.end())
    }
}
