//! The page that packages carry, and the console, in two real browsers and without a network: `tests/browsers`. The driver comes from
//! npm, held to the digests of the lock file beside its tests.

use crate::dist::FEATURES;
use crate::{place::Places, step, tools};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const HERE: &str = "tests/browsers";
const LISTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Makes sure that browsers and driver are there.
///
/// # Errors
/// When one is missing and cannot be installed.
pub fn provide(places: &Places) -> Result<()> {
    tools::provide(tools::FOR_BROWSERS)?;
    let home = driver(places);
    let list = |name: &str| places.root.join(HERE).join(name);
    let wanted = fs::read_to_string(list(LISTS[1])).context("the driver has no lock file")?;
    // Written last: a folder without it is half made, one that differs is of another list.
    let stamp = home.join("made-from");
    if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == wanted) {
        println!("the driver of browsers is there");
        return Ok(());
    }
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    for name in LISTS {
        fs::copy(list(name), home.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    step::run(npm.current_dir(&home))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Made by esbuild, and kept in the repository so that nobody needs it to build.
const SHORT: &str = "crates/verify/web/short.js";

/// The scripts of the verifying page as one.
fn short(places: &Places) -> Result<String> {
    let mut node = Command::new("node");
    node.arg(places.root.join(HERE).join("short.mjs")).arg(driver(places));
    let made = node.output().context("cannot start node")?;
    ensure!(made.status.success(), "short.mjs: {}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).context("short.mjs printed no text")
}

/// Writes them.
///
/// # Errors
/// When the driver is missing and cannot be installed, or a script is none.
pub fn generate(places: &Places) -> Result<()> {
    provide(places)?;
    fs::write(places.root.join(SHORT), short(places)?)
        .with_context(|| format!("cannot write {SHORT}"))
}

/// The tests, on programs built as those of all other tests.
///
/// # Errors
/// When the programs cannot be built or a test fails.
pub fn test(places: &Places) -> Result<()> {
    // As tests, which bring the programs along: `build` leaves out what tests depend on and builds all else anew.
    let build = ["test", "--quiet", "--workspace", "--no-run", "--test=script", "--test=packages"];
    places.cargo(&[&build[..], &FEATURES].concat())?;
    let kept = fs::read_to_string(places.root.join(SHORT))
        .with_context(|| format!("cannot read {SHORT}"))?;
    ensure!(
        kept == short(places)?,
        "{SHORT} is not what its scripts give; type: cargo xtask generate"
    );
    node(places, "browsers.test.mjs", "debug")?;
    node(places, "demo.test.mjs", "debug")?;
    node(places, "console.test.mjs", "debug")?;
    node(places, "shift.test.mjs", "debug")?;
    node(places, "view.test.mjs", "debug")?;
    node(places, "rooms.test.mjs", "debug")?;
    node(places, "office.test.mjs", "debug")?;
    node(places, "kiosk.test.mjs", "debug")?;
    node(places, "passkey.test.mjs", "debug")
}

/// How fast the page reads a large clip.
///
/// # Errors
/// As [`test`].
pub fn bench() -> Result<()> {
    let places = Places::find()?;
    step::step("tools", || provide(&places))?;
    let build = ["build", "--quiet", "--release", "--workspace", "--bins"];
    places.cargo(&[&build[..], &FEATURES].concat())?;
    node(&places, "bench.mjs", "release")
}

/// Runs a script in a network namespace that has nothing but its own loopback, on which a browser is driven.
fn node(places: &Places, script: &str, profile: &str) -> Result<()> {
    let built = places.tools.parent().context("the build folder has no name")?;
    let scratch = built.join("browsers").join(script.split('.').next().unwrap_or(script));
    if scratch.exists() {
        fs::remove_dir_all(&scratch)
            .with_context(|| format!("cannot clear {}", scratch.display()))?;
    }
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
    let mut unshare = Command::new("unshare");
    unshare.args([
        "-rn",
        "sh",
        "-c",
        "ip link set lo up && exec node --test-reporter=spec \"$@\"",
        "sh",
    ]);
    unshare.arg(places.root.join(HERE).join(script));
    unshare.arg(built.join(profile)).arg(driver(places)).arg(&scratch);
    step::run(&mut unshare)?;
    println!("pictures are in {}", scratch.display());
    Ok(())
}

fn driver(places: &Places) -> PathBuf {
    places.tools.join("browsers")
}
