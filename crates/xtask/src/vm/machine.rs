//! One QEMU process: an emulated PC (no KVM asked for) with a USB 3 controller whose ports are the
//! station's docks, a disk that is thrown away, and two sockets.

use crate::vm::{qmp::Qmp, shell::Shell};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A cold start under emulation, on a host that does other things too.
const BOOT: Duration = Duration::from_secs(300);
/// From a snapshot.
const WAKE: Duration = Duration::from_secs(60);

/// What a machine is started from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The folder with `vmlinuz` and `initrd`.
    pub base: PathBuf,
    /// The disk to put a fresh overlay on, with its format.
    pub disk: (PathBuf, &'static str),
    /// Memory and devices as they were; without it the guest boots.
    pub state: Option<PathBuf>,
}

/// A running guest. Dropping it is pulling its plug.
pub struct Machine {
    qemu: Child,
    folder: PathBuf,
    /// QEMU's side.
    pub qmp: Qmp,
    /// The guest's side.
    pub shell: Shell,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _gone = self.qemu.kill();
        let _reaped = self.qemu.wait();
    }
}

impl Machine {
    /// Starts on a fresh overlay in `folder`.
    ///
    /// # Errors
    /// When QEMU does not start or the guest does not answer.
    pub fn start(folder: &Path, source: &Source) -> Result<Machine> {
        let overlay = folder.join("disk.qcow2");
        let mut create = Command::new("qemu-img");
        create.args(["create", "-q", "-f", "qcow2", "-F", source.disk.1, "-b"]);
        crate::step::run(create.arg(&source.disk.0).arg(&overlay))?;
        Self::power_on(folder, &source.base, source.state.as_deref())
    }

    /// Boots again on the disk as the last machine in `folder` left it.
    ///
    /// # Errors
    /// As [`Machine::start`].
    pub fn boot_again(folder: &Path, base: &Path) -> Result<Machine> {
        Self::power_on(folder, base, None)
    }

    fn power_on(folder: &Path, base: &Path, state: Option<&Path>) -> Result<Machine> {
        for socket in ["qmp", "shell"] {
            let _gone = std::fs::remove_file(folder.join(socket));
        }
        // A driver that is killed takes its guest with it.
        let mut qemu = Command::new("setpriv");
        qemu.args(["--pdeathsig", "KILL", "qemu-system-x86_64"]);
        qemu.args(hardware(base)).current_dir(folder).stdin(Stdio::null());
        let log = File::create(folder.join("qemu.log")).context("cannot write the log of QEMU")?;
        qemu.stdout(log.try_clone()?).stderr(log);
        if let Some(state) = state {
            qemu.arg("-incoming").arg(format!("exec:cat '{}'", state.display()));
        }
        let qemu = qemu.spawn().context("cannot start qemu-system-x86_64")?;
        let mut guard = Started(Some(qemu));
        let qmp = guard.await_socket(folder)?;
        let within = if state.is_some() { WAKE } else { BOOT };
        let shell = Shell::connect(&folder.join("shell"), within)
            .with_context(|| format!("see {}", folder.join("console.log").display()))?;
        let qemu = guard.0.take().context("QEMU was just here")?;
        Ok(Machine { qemu, folder: folder.to_path_buf(), qmp, shell })
    }

    /// Writes memory and devices to `state`, then ends; the disk is left as it was at that moment.
    ///
    /// # Errors
    /// When QEMU cannot write it.
    pub fn freeze(mut self, state: &Path) -> Result<PathBuf> {
        // Running, not stopped: the state remembers it, and a stopped guest would stay stopped.
        let speed = json!({"max-bandwidth": 1u64 << 34});
        self.qmp.run("migrate-set-parameters", &speed)?;
        let uri = format!("exec:cat > '{}'", state.display());
        self.qmp.run("migrate", &json!({"uri": uri}))?;
        let deadline = Instant::now() + BOOT;
        loop {
            let status = self.qmp.run("query-migrate", &json!({}))?;
            match status["status"].as_str() {
                Some("completed") => break,
                Some("failed" | "cancelled") => bail!("QEMU cannot write its state: {status}"),
                _ if Instant::now() > deadline => bail!("QEMU does not finish: {status}"),
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        self.qmp.run("quit", &json!({}))?;
        self.qemu.wait().context("cannot wait for QEMU")?;
        Ok(self.folder.join("disk.qcow2"))
    }

    /// Runs a script that must end with 0; gives its output.
    ///
    /// # Errors
    /// With its output, when it does not.
    pub fn must(&mut self, script: &str, within: Duration) -> Result<String> {
        let answer = self.shell.run(script, within)?;
        if answer.status != 0 {
            bail!("in the guest `{script}` ended with {}:\n{}", answer.status, answer.text);
        }
        Ok(answer.text)
    }

    /// How often and how much the guest has read from and written to a card.
    ///
    /// # Errors
    /// When QEMU does not know.
    pub fn traffic(&mut self, device: &str) -> Result<(u64, u64)> {
        let all = self.qmp.run("query-blockstats", &json!({}))?;
        let of_device = |entry: &&Value| {
            entry["qdev"].as_str().is_some_and(|path| path.split('/').any(|part| part == device))
        };
        let entry = all.as_array().and_then(|all| all.iter().find(of_device));
        let stats = &entry.with_context(|| format!("QEMU counts nothing for {device}"))?["stats"];
        Ok((stats["rd_bytes"].as_u64().unwrap_or(0), stats["wr_bytes"].as_u64().unwrap_or(0)))
    }
}

/// Until the machine is whole, its process must not outlive an error.
struct Started(Option<Child>);

impl Started {
    fn await_socket(&mut self, folder: &Path) -> Result<Qmp> {
        let deadline = Instant::now() + WAKE;
        loop {
            match Qmp::connect(&folder.join("qmp")) {
                Ok(qmp) => return Ok(qmp),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
            let ended = self.0.as_mut().map(Child::try_wait).transpose()?.flatten();
            if let Some(status) = ended {
                let log = std::fs::read_to_string(folder.join("qemu.log")).unwrap_or_default();
                bail!("QEMU ended with {status}: {log}");
            }
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(mut qemu) = self.0.take() {
            let _gone = qemu.kill();
            let _reaped = qemu.wait();
        }
    }
}

/// Slots are fixed: the ports' names in `docks.toml` come from them.
pub const HARDWARE: &str = "-nodefaults -machine pc -accel tcg -cpu max -m 768 -display none -net none \
    -qmp unix:qmp,server=on,wait=off -serial file:console.log \
    -device qemu-xhci,id=xhci,p2=10,p3=10,addr=4 \
    -drive file=disk.qcow2,format=qcow2,if=none,id=root,cache=unsafe \
    -device virtio-blk-pci,drive=root,addr=5 -device virtio-serial-pci,addr=6 \
    -chardev socket,id=shell,path=shell,server=on,wait=off \
    -device virtserialport,chardev=shell,name=sealdock.shell";

fn hardware(base: &Path) -> Vec<String> {
    let mut words: Vec<String> = HARDWARE.split_whitespace().map(str::to_owned).collect();
    for (flag, file) in [("-kernel", "vmlinuz"), ("-initrd", "initrd")] {
        words.extend([flag.to_owned(), base.join(file).display().to_string()]);
    }
    words.extend(["-append".to_owned(), "root=/dev/vda rw console=ttyS0 quiet".to_owned()]);
    words
}
