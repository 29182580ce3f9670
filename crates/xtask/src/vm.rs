//! `cargo xtask vm`: the station in a machine with real USB, kernel, udev and systemd, emulated by
//! QEMU so that it runs where there is neither USB nor KVM. `docs/design/guest.md` says how.

/// Card images.
mod card;
/// A little exFAT.
mod exfat;
/// The guest and its frozen states.
mod guest;
/// QEMU.
mod machine;
/// Made-up footage.
mod noise;
/// One scenario.
mod play;
/// What must be true afterwards.
mod promises;
/// QEMU's protocol.
mod qmp;
/// The language of scenarios.
mod scenario;
/// The command channel.
mod shell;

use crate::{dist, place::Places, step, tools};
use anyhow::{Context, Result, bail};
use scenario::Scenario;
use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

/// Which scenarios.
#[derive(Debug, Clone, PartialEq)]
pub enum Which {
    /// All of them.
    All,
    /// Those marked `#ci`.
    Few,
    /// By name.
    Named(Vec<String>),
}

/// Builds what is missing, then plays.
///
/// # Errors
/// When the guest cannot be built or a scenario fails.
pub fn run(which: &Which) -> Result<()> {
    let places = Places::find()?;
    step::step("programs of the emulator", tools::provide_emulator)?;
    play_all(&places, which)
}

/// The part of [`run`] that needs nothing built first.
///
/// # Errors
/// As [`run`].
pub fn play_all(places: &Places, which: &Which) -> Result<()> {
    let scenarios = chosen(places, which)?;
    let mut source = None;
    step::step("guest", || {
        let base = guest::base(places)?;
        let bundle = bundle(places)?;
        source = Some(guest::station(places, &base, &bundle)?);
        Ok(())
    })?;
    let source = source.context("the guest was just built")?;
    let words = std::fs::read_to_string(places.root.join("tests/vm/guest/words.sh"))?;
    let name = format!("{} scenarios", scenarios.len());
    step::step(&name, || side_by_side(places, &scenarios, &source, &words))
}

fn chosen(places: &Places, which: &Which) -> Result<Vec<Scenario>> {
    let folder = places.root.join("tests/vm/scenarios");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| format!("no {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    let mut all = paths.iter().map(|path| scenario::read(path)).collect::<Result<Vec<_>>>()?;
    if let Which::Named(names) = which {
        let known = |name: &&String| !all.iter().any(|scenario| scenario.name == **name);
        if let Some(unknown) = names.iter().find(known) {
            bail!("no scenario `{unknown}` in {}", folder.display());
        }
    }
    all.retain(|scenario| match which {
        Which::All => true,
        Which::Few => scenario.in_ci,
        Which::Named(names) => names.contains(&scenario.name),
    });
    // A long one that begins last would end alone.
    all.sort_by_key(|scenario| Reverse(scenario.patience_s()));
    Ok(all)
}

/// As many guests as there are processors, at most four: each takes 768 MiB.
fn side_by_side(
    places: &Places,
    scenarios: &[Scenario],
    source: &machine::Source,
    words: &str,
) -> Result<()> {
    let guests = std::thread::available_parallelism().map_or(1, |count| count.get().min(4));
    let queue = Mutex::new(scenarios.iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..guests {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().map_or(None, |mut queue| queue.next());
                    let Some(scenario) = next else { break };
                    if !one(&places.vm.join("runs"), scenario, source, words)
                        && let Ok(mut failed) = failed.lock()
                    {
                        failed.push(scenario.name.clone());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    if failed.is_empty() {
        return Ok(());
    }
    bail!("{} of {} failed: {}", failed.len(), scenarios.len(), failed.join(", "))
}

fn one(runs: &Path, scenario: &Scenario, source: &machine::Source, words: &str) -> bool {
    let begun = Instant::now();
    let folder = match play::fresh_folder(runs, &scenario.name) {
        Ok(folder) => folder,
        Err(error) => {
            println!("FAIL {}: {error:#}", scenario.name);
            return false;
        }
    };
    let result = play::play(scenario, source, words, &folder);
    let took = begun.elapsed().as_secs();
    match &result {
        Ok(()) => println!("ok   {:>4} s  {}: {}", took, scenario.name, scenario.claim),
        Err(error) => {
            println!("FAIL {took:>4} s  {}: {}\n{error:#}", scenario.name, scenario.claim);
            println!("what the guest said: {}", folder.join("guest.log").display());
        }
    }
    if result.is_ok() {
        let _room_again = std::fs::remove_dir_all(&folder);
    }
    result.is_ok()
}

/// A folder with packages to be tried as they are, for instance those of a release.
fn given() -> Option<PathBuf> {
    std::env::var_os("SEALDOCK_VM_BUNDLE").map(PathBuf::from)
}

/// The recorder that the guest plays itself.
const FAKE: &str = "fake-recorder.py";

/// What the guest is handed: the package, one that follows it, and what plays a recorder.
fn bundle(places: &Places) -> Result<PathBuf> {
    let folder = places.vm.join("bundle");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let fake = places.root.join("tests/vm/guest").join(FAKE);
    std::fs::copy(&fake, folder.join(FAKE)).with_context(|| format!("no {}", fake.display()))?;
    let package = match given() {
        Some(given) => given.join("sealdock.deb"),
        None => dist::deb(&dist::FEATURES)?,
    };
    std::fs::copy(&package, folder.join("sealdock.deb"))
        .with_context(|| format!("no {}", package.display()))?;
    follow_up(&package, &places.vm.join("next"), &folder.join("sealdock-next.deb"))?;
    Ok(folder)
}

/// The same package under the next version.
fn follow_up(package: &Path, unpacked: &Path, next: &Path) -> Result<()> {
    if unpacked.exists() {
        std::fs::remove_dir_all(unpacked)?;
    }
    step::run(Command::new("dpkg-deb").arg("-R").arg(package).arg(unpacked))?;
    for file in ["control", "preinst"] {
        let path = unpacked.join("DEBIAN").join(file);
        let text = std::fs::read_to_string(&path)?;
        let version = dist::version();
        std::fs::write(&path, text.replace(version, &format!("{version}+next")))?;
    }
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.args(["--root-owner-group", "-Zxz", "--build"]).arg(unpacked).arg(next);
    step::run(dpkg.env("SOURCE_DATE_EPOCH", "1767225600"))
}
