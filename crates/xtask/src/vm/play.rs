//! Plays one scenario on a guest of its own, then looks from outside whether the promises were kept.

use crate::vm::card::Card;
use crate::vm::machine::{Machine, Source};
use crate::vm::scenario::{After, Fate, Scenario, Step};
use crate::vm::{guest, promises};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A command that should end at once, emulated, on a busy host.
const COMMAND: Duration = Duration::from_secs(300);
/// Until something was read from or written to a card.
const TRAFFIC: Duration = Duration::from_secs(240);

/// The stage: a guest that may be off, and what belongs to it.
pub struct Stage<'run> {
    /// Where this scenario's files are.
    pub folder: &'run Path,
    /// What may be written on top of every script.
    pub words: &'run str,
    /// The cards made so far.
    pub cards: BTreeMap<String, (Card, Fate)>,
    source: &'run Source,
    guest: Option<Machine>,
    faults: BTreeMap<String, Value>,
    plugged: Vec<String>,
    /// Of those, the ones that a recorder inside the guest has.
    inside: BTreeSet<String>,
}

/// Plays a scenario in `folder`.
///
/// # Errors
/// Names the step that failed, or the promise that was broken.
pub fn play(scenario: &Scenario, source: &Source, words: &str, folder: &Path) -> Result<()> {
    let mut stage = Stage {
        folder,
        words,
        source,
        cards: BTreeMap::new(),
        guest: Some(Machine::start(folder, source)?),
        faults: BTreeMap::new(),
        plugged: Vec::new(),
        inside: BTreeSet::new(),
    };
    let result = stage.all(scenario);
    if result.is_err() {
        stage.keep_what_the_guest_says();
    }
    result
}

impl Stage<'_> {
    fn all(&mut self, scenario: &Scenario) -> Result<()> {
        for (line, step) in &scenario.steps {
            self.step(step).with_context(|| format!("step `{line}`"))?;
        }
        if self.guest.is_none() {
            self.boot()?;
        }
        promises::hold(self)
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Card(name, plan) => {
                let now = self.run("date +%s")?.trim().parse()?;
                let card = Card::make(self.folder, name, plan, now)?;
                self.cards.insert(name.clone(), (card, Fate::Untouched));
            }
            Step::Fault { card, clip, once } => self.plan_fault(card, *clip, *once)?,
            Step::Plug { card, port, serial, readonly } => {
                self.plug(card, port, serial.as_deref(), *readonly)?;
            }
            Step::Device { name, driver, port, options } => {
                self.device(name, driver, port, options)?;
            }
            Step::Inside(card) => self.inside(card)?,
            Step::Yank { name, after } => self.yank(name, *after)?,
            Step::Await { name, after } => self.await_traffic(name, *after)?,
            Step::Unchanged(name) => {
                let (card, _) = self.cards.get(name).with_context(|| format!("no card {name}"))?;
                if !card.is_untouched()? {
                    bail!("the card {name} has changed");
                }
            }
            Step::Guest { script, succeeds: true } => {
                self.run(script)?;
            }
            Step::Guest { script, succeeds: false } => {
                if let Ok(text) = self.run(script) {
                    bail!("it succeeds and should not:\n{text}");
                }
            }
            Step::Until { script, within_s } => self.until(script, *within_s)?,
            Step::Stays { script, for_s } => {
                let end = Instant::now() + Duration::from_secs(*for_s);
                while Instant::now() < end {
                    self.run(script)?;
                    std::thread::sleep(Duration::from_millis(500));
                }
            }
            Step::Fate(card, fate) => {
                self.cards.get_mut(card).with_context(|| format!("no card {card}"))?.1 = *fate;
            }
            Step::Kill => {
                self.guest = None;
                self.plugged.clear();
                self.inside.clear();
            }
            Step::Boot => self.boot()?,
            Step::Bundle => {
                let disk = &self.source.disk.0;
                let image = disk.parent().context("a disk lies in a folder")?.join("bundle.img");
                guest::show_bundle(self.guest()?, &image)?;
            }
        }
        Ok(())
    }

    /// Runs a script in the guest with the common words before it.
    ///
    /// # Errors
    /// When it does not end with 0.
    pub fn run(&mut self, script: &str) -> Result<String> {
        let whole = format!("{}\n{script}", self.words);
        // Whatever reads all footage there is, reads at least a megabyte a second.
        let footage: u64 = self.cards.values().map(|(card, _)| card.footage()).sum();
        let within = COMMAND + Duration::from_secs(footage >> 20);
        let answer =
            self.guest()?.shell.run(&whole, within).map_err(|error| error.root_cause().to_string());
        match answer {
            Ok(answer) if answer.status == 0 => Ok(answer.text),
            Ok(answer) => bail!("`{script}` ended with {}:\n{}", answer.status, answer.text),
            Err(error) => bail!("`{script}`: {error}"),
        }
    }

    fn guest(&mut self) -> Result<&mut Machine> {
        self.guest.as_mut().context("the guest has no power: `boot` first")
    }

    fn boot(&mut self) -> Result<()> {
        self.guest = Some(Machine::boot_again(self.folder, &self.source.base)?);
        Ok(())
    }

    fn until(&mut self, script: &str, within_s: u64) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(within_s);
        loop {
            match self.run(script) {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error.context(format!("not within {within_s} s")));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(300)),
            }
        }
    }

    fn plan_fault(&mut self, card: &str, clip: Option<usize>, once: bool) -> Result<()> {
        let (made, _) = self.cards.get(card).with_context(|| format!("no card {card}"))?;
        let sector = clip.map_or_else(|| made.sector_of_folder(), |clip| made.sector_of(clip))?;
        let rule = json!({"event": "read_aio", "errno": 5, "sector": sector, "once": once,
            "immediately": false});
        self.faults.insert(card.to_owned(), rule);
        Ok(())
    }

    fn plug(&mut self, name: &str, port: &str, serial: Option<&str>, ro: bool) -> Result<()> {
        let (card, _) = self.cards.get(name).with_context(|| format!("no card {name}"))?;
        if card.is_mtp() {
            let device = json!({"driver": "usb-mtp", "id": name, "bus": "xhci.0", "port": port,
                "rootdir": card.image, "readonly": ro});
            self.guest()?.qmp.run("device_add", &device)?;
            return Ok(());
        }
        let mut file = json!({"driver": "file", "filename": card.image, "read-only": ro,
            "locking": "off"});
        if let Some(rule) = self.faults.get(name) {
            file = json!({"driver": "blkdebug", "image": file, "inject-error": [rule],
                "read-only": ro});
        }
        let node = json!({"driver": "raw", "node-name": name, "read-only": ro, "file": file});
        let device = json!({"driver": "usb-storage", "drive": name, "id": name,
            "bus": "xhci.0", "port": port, "removable": true,
            "serial": serial.unwrap_or(name)});
        let guest = self.guest()?;
        guest.qmp.run("blockdev-add", &node)?;
        guest.qmp.run("device_add", &device)?;
        self.plugged.push(name.to_owned());
        Ok(())
    }

    /// A disk of the guest's own, `/dev/disk/by-id/virtio-NAME`, for the recorder that it plays itself.
    fn inside(&mut self, name: &str) -> Result<()> {
        let (card, _) = self.cards.get(name).with_context(|| format!("no card {name}"))?;
        let file = json!({"driver": "file", "filename": card.image, "locking": "off"});
        let node = json!({"driver": "raw", "node-name": name, "file": file});
        let device = json!({"driver": "virtio-blk-pci", "drive": name, "id": name, "serial": name});
        let guest = self.guest()?;
        guest.qmp.run("blockdev-add", &node)?;
        guest.qmp.run("device_add", &device)?;
        self.plugged.push(name.to_owned());
        self.inside.insert(name.to_owned());
        let there = format!(
            "for n in $(seq 100); do [ -e {0} ] && exit; sleep 0.1; done; ls {0}",
            disk(name)
        );
        self.run(&there).map(drop)
    }

    fn device(
        &mut self,
        name: &str,
        driver: &str,
        port: &str,
        options: &[(String, String)],
    ) -> Result<()> {
        let mut device = json!({"driver": driver, "id": name, "bus": "xhci.0", "port": port});
        for (key, value) in options {
            // Numbers and truth values are such in QEMU's eyes.
            device[key] = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        }
        if driver == "usb-storage" {
            self.empty_drive(&mut device)?;
        }
        self.guest()?.qmp.run("device_add", &device)?;
        Ok(())
    }

    /// A reader without a card: the old monitor alone can make a drive with nothing in it.
    fn empty_drive(&mut self, device: &mut Value) -> Result<()> {
        let line = json!({"command-line": "drive_add 0 if=none,id=nothing"});
        self.guest()?.qmp.run("human-monitor-command", &line)?;
        device["drive"] = json!("nothing");
        device["removable"] = json!(true);
        Ok(())
    }

    fn yank(&mut self, name: &str, after: After) -> Result<()> {
        self.await_traffic(name, after)?;
        if self.inside.remove(name) {
            // What the recorder was told to write is on its disk before that goes.
            self.run(&format!("fake_stop && blockdev --flushbufs {}", disk(name)))?;
        }
        let guest = self.guest()?;
        guest.qmp.run("device_del", &json!({"id": name}))?;
        guest.qmp.event("DEVICE_DELETED", "device", name, COMMAND)?;
        if let Some(at) = self.plugged.iter().position(|plugged| plugged == name) {
            self.plugged.remove(at);
            self.release(name)?;
        }
        Ok(())
    }

    /// The device's last reference to its medium may go a moment after the device.
    fn release(&mut self, node: &str) -> Result<()> {
        let deadline = Instant::now() + COMMAND;
        loop {
            match self.guest()?.qmp.run("blockdev-del", &json!({"node-name": node})) {
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
                Ok(_) => return Ok(()),
            }
        }
    }

    fn await_traffic(&mut self, name: &str, after: After) -> Result<()> {
        let footage = self.cards.get(name).map_or(0, |(card, _)| card.footage());
        let deadline = Instant::now() + TRAFFIC;
        loop {
            let (read, written) = match after {
                After::Now => return Ok(()),
                _ => self.guest()?.traffic(name)?,
            };
            match after {
                After::Percent(percent) if read * 100 >= percent * footage => return Ok(()),
                After::Write if written > 0 => return Ok(()),
                _ if Instant::now() > deadline => {
                    bail!("only {read} bytes were read of {footage} and {written} written");
                }
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    fn keep_what_the_guest_says(&mut self) {
        let words = self.words.to_owned();
        let Some(guest) = &mut self.guest else { return };
        let script = format!("{words}\ntell_everything");
        if let Ok(answer) = guest.shell.run(&script, Duration::from_secs(60)) {
            let _kept = std::fs::write(self.folder.join("guest.log"), answer.text);
        }
    }

    /// Every card that is still plugged in is pulled out, so that its image holds everything.
    ///
    /// # Errors
    /// When QEMU refuses.
    pub fn pull_everything(&mut self) -> Result<()> {
        for name in self.plugged.clone() {
            self.yank(&name, After::Now)?;
        }
        Ok(())
    }
}

/// Where the guest finds a disk that [`Stage::inside`] gave it.
fn disk(name: &str) -> String {
    format!("/dev/disk/by-id/virtio-{name}")
}

/// A folder for one scenario, empty.
///
/// # Errors
/// When it cannot be made.
pub fn fresh_folder(runs: &Path, name: &str) -> Result<PathBuf> {
    let folder = runs.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
