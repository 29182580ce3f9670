//! Volumes shown to and hidden from everybody else. The service manager does both in the machine's own
//! mount namespace; this process never mounts anything where others could see it.

use crate::error::{Kind, WiperError, WiperResult};
use crate::kernel;
use crate::loops::{self, By};
use crate::options;
use crate::roots::Roots;
use crate::transfers;
use crate::volume::Volume;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The four things that are done with a volume. One real implementation; tests have their own.
pub trait Keeper: Send + Sync {
    /// Mounted read-only where the daemon looks.
    ///
    /// # Errors
    /// It stays unmounted.
    fn show(&self, volume: &Volume) -> WiperResult<()>;
    /// Unmounted there; asking twice is normal.
    ///
    /// # Errors
    /// It may still be mounted.
    fn hide(&self, volume: &Volume) -> WiperResult<()>;
    /// Nobody has it mounted, proven by the kernel, and nothing of it is cached.
    ///
    /// # Errors
    /// Somebody holds it.
    fn free(&self, volume: &Volume) -> WiperResult<()>;
    /// Its root, on a read-write mount that ends with the descriptor.
    ///
    /// # Errors
    /// Write-protected, damaged, or gone.
    fn writable(&self, volume: &Volume) -> WiperResult<OwnedFd>;
}

/// The service manager forgets a mount a moment after it stopped it; until then it says this.
const STILL_KNOWN: &str = "already loaded";
const NOT_KNOWN: &str = "not loaded";
/// Ten seconds: a volume that was pulled out is let go of when its last reader noticed.
const FORGET_TRIES: u32 = 200;
const FORGET_PAUSE: Duration = Duration::from_millis(50);

/// The real one.
#[derive(Debug)]
pub struct Systemd {
    roots: Roots,
}

impl Systemd {
    pub fn new(roots: Roots) -> Systemd {
        Systemd { roots }
    }

    /// Mounts what is over the volume where the daemon looks.
    fn mount(&self, volume: &Volume, fs: &str, guard: &Path) -> WiperResult<()> {
        let station = self.roots.station();
        let owner =
            std::fs::metadata(&station).map_err(|e| WiperError::file("look at", &station, &e))?;
        let point = self.roots.point(&volume.bay, &volume.name);
        let mut mount = Command::new("/usr/bin/systemd-mount");
        // No fsck: it would write to the recorder. Lazy, so that a yank cannot leave a mount behind.
        mount.args(["--no-ask-password", "--quiet", "--collect", "--fsck=no"]);
        mount.arg("--property=LazyUnmount=yes");
        mount.arg(format!("--type={fs}"));
        mount.arg(format!("--options={}", options::shown(fs, (owner.uid(), owner.gid()))));
        mount.arg(format!("--description=Recorder in {}", volume.bay));
        mount.arg("--").arg(guard).arg(point);
        for _ in 0..FORGET_TRIES {
            match run(&mut mount, "mount", volume) {
                Err(e) if e.message.contains(STILL_KNOWN) => std::thread::sleep(FORGET_PAUSE),
                other => return other,
            }
        }
        run(&mut mount, "mount", volume)
    }
}

impl Keeper for Systemd {
    fn show(&self, volume: &Volume) -> WiperResult<()> {
        let fs = mountable(volume)?;
        transfers::are_short(&self.roots.sys, &volume.node)?;
        let guard = loops::attach(By::Manager, &self.roots.sys, &volume.node)?;
        let shown = self.mount(volume, fs, &guard);
        // From here on the mount keeps it; where there is none, it goes.
        let ends = loops::end_with_last_use(By::Manager, &guard);
        shown?;
        ends.and_then(|()| loops::guards(&self.roots.sys, &volume.node)).inspect_err(|_| {
            if let Err(e) = self.hide(volume) {
                eprintln!("{e}");
            }
        })
    }

    fn hide(&self, volume: &Volume) -> WiperResult<()> {
        let unit = unit_name(&self.roots.point(&volume.bay, &volume.name));
        let mut stop = Command::new("/usr/bin/systemctl");
        let stop = stop.args(["--no-ask-password", "--quiet", "stop", "--"]).arg(unit);
        let stopped = match run(stop, "unmount", volume) {
            // It went with its disk.
            Err(e) if e.message.contains(NOT_KNOWN) => Ok(()),
            other => other,
        };
        // Of a mount that was ended before it came to this, the loop device is left. It may also be going this
        // moment, which is no failure: whoever must know asks `free`.
        if let Err(e) = loops::abandon(By::Manager, &self.roots.sys, &volume.node) {
            eprintln!("sealdock-wiper: {e}");
        }
        stopped
    }

    fn free(&self, volume: &Volume) -> WiperResult<()> {
        kernel::free(&self.roots.sys, volume)
    }

    fn writable(&self, volume: &Volume) -> WiperResult<OwnedFd> {
        kernel::writable(&self.roots.sys, volume)
    }
}

/// The file system to mount a volume with.
///
/// # Errors
/// None, or none that is ever mounted.
pub fn mountable(volume: &Volume) -> WiperResult<&'static str> {
    let fs = volume.fs.as_deref();
    fs.and_then(options::kernel_type).ok_or_else(|| {
        let message = format!(
            "{} holds {}, which is not mounted",
            volume.name,
            fs.unwrap_or("no file system that is known")
        );
        WiperError::new(Kind::Invalid, message)
    })
}

fn run(command: &mut Command, doing: &str, volume: &Volume) -> WiperResult<()> {
    let failed = |why: &str| {
        let message = format!("cannot {doing} {} in {}: {why}", volume.name, volume.bay);
        Err(WiperError::new(Kind::Failed, message))
    };
    match command.env_clear().stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(()),
        // Two programs say the same twice in different words: their last line is enough.
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            failed(said.lines().last().unwrap_or("the service manager says nothing"))
        }
        Err(e) => failed(&format!("the service manager does not answer: {e}")),
    }
}

/// systemd's name for the mount at a path (systemd.unit(5), "String escaping").
pub fn unit_name(point: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = point.as_os_str().as_bytes();
    let mut name = String::new();
    for (at, byte) in bytes.iter().skip_while(|b| **b == b'/').enumerate() {
        match byte {
            b'/' => name.push('-'),
            b'.' if at == 0 => name.push_str("\\x2e"),
            b if b.is_ascii_alphanumeric() || b":_.".contains(b) => name.push(char::from(*b)),
            b => write!(name, "\\x{b:02x}").expect("a string takes everything"),
        }
    }
    name + ".mount"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_mount_is_systemds() {
        for (path, wanted) in [
            ("/run/sealdock/bays/bay-1/sdb1", "run-sealdock-bays-bay\\x2d1-sdb1.mount"),
            ("/run/a_b.c", "run-a_b.c.mount"),
        ] {
            assert_eq!(unit_name(Path::new(path)), wanted);
            let theirs = Command::new("systemd-escape")
                .args(["--path", "--suffix=mount", path])
                .output()
                .expect("systemd-escape is installed");
            assert_eq!(String::from_utf8_lossy(&theirs.stdout).trim(), wanted);
        }
    }
}
