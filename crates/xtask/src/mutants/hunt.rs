//! Tests against mutants: first which test passes by which mutant, each on its own; then, for each mutant, the
//! tests that do, the quick ones first, until one fails.

use super::{Mutant, world::World};
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A fault may make a loop endless.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many times as long as without a fault.
const SLOWER: u32 = 10;
/// Most mutants are killed by any test that meets them.
const FIRST: usize = 6;
/// A test that takes longer runs only for a mutant that all quicker ones let live.
const QUICK: Duration = Duration::from_secs(1);

/// A mutant that no test kills.
pub struct Survivor {
    pub mutant: Mutant,
    /// Some test runs the place.
    pub reached: bool,
}

struct Test {
    program: PathBuf,
    name: String,
    took: Duration,
    meets: BTreeSet<u32>,
}

/// All survivors, in the order of the source.
///
/// # Errors
/// When a test fails although every fault is off.
pub fn hunt(world: &World) -> Result<Vec<Survivor>> {
    let mut tests = side_by_side(&listed(world)?, |(program, name)| met(world, program, name))?;
    tests.sort_by_key(|test| test.took);
    println!("{} tests", tests.len());
    let done = Mutex::new(0);
    let fates = side_by_side(&world.mutants, |mutant| {
        let alive = fate(world, &tests, mutant)?;
        if let Ok(mut done) = done.lock() {
            if alive.is_some() {
                println!("alive: {mutant}");
            }
            *done += 1;
            if *done % 200 == 0 {
                println!("{done} of {}", world.mutants.len());
            }
        }
        Ok(alive)
    })?;
    let mut alive: Vec<Survivor> = fates.into_iter().flatten().collect();
    alive.sort_by_key(|survivor| survivor.mutant.id);
    Ok(alive)
}

fn listed(world: &World) -> Result<Vec<(PathBuf, String)>> {
    let mut all = Vec::new();
    for program in &world.programs {
        let mut list = Command::new(program);
        let output = list.args(["--list", "--format", "terse"]).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names = text.lines().filter_map(|line| line.strip_suffix(": test"));
        all.extend(names.map(|name| (program.clone(), name.to_owned())));
    }
    Ok(all)
}

/// One test with all faults off, and what it passes by.
fn met(world: &World, program: &Path, name: &str) -> Result<Test> {
    let place = std::thread::current().id();
    let trace = world.scratch.join(format!("seen-{place:?}"));
    let begun = Instant::now();
    let mut command = prepared(world, program, &[name]);
    command.env("SEALDOCK_MUTANTS_SEEN", &trace);
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        bail!("{name} fails without any fault:\n{said}");
    }
    let took = begun.elapsed();
    let seen = std::fs::read_to_string(&trace).unwrap_or_default();
    let _none_was_met = std::fs::remove_file(&trace);
    let meets = seen.lines().map(|line| Ok(line.parse()?)).collect::<Result<_>>()?;
    Ok(Test { program: program.to_owned(), name: name.to_owned(), took, meets })
}

fn fate(world: &World, tests: &[Test], mutant: &Mutant) -> Result<Option<Survivor>> {
    let meeting: Vec<&Test> = tests.iter().filter(|test| test.meets.contains(&mutant.id)).collect();
    let quick = meeting.partition_point(|test| test.took <= QUICK);
    let first = quick.min(FIRST);
    let slow = meeting[quick..].chunks(1);
    for some in [&meeting[..first], &meeting[first..quick]].into_iter().chain(slow) {
        let mut by_program: BTreeMap<&Path, Vec<&Test>> = BTreeMap::new();
        for test in some {
            by_program.entry(&test.program).or_default().push(test);
        }
        for (program, some) in by_program {
            if kills(world, program, &some, mutant.id)? {
                return Ok(None);
            }
        }
    }
    Ok(Some(Survivor { mutant: mutant.clone(), reached: !meeting.is_empty() }))
}

/// A failure, or no end.
fn kills(world: &World, program: &Path, tests: &[&Test], id: u32) -> Result<bool> {
    let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
    let usual: Duration = tests.iter().map(|test| test.took).sum();
    let mut command = prepared(world, program, &names);
    command.env("SEALDOCK_MUTANT", id.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().context("cannot start a test")?;
    let deadline = Instant::now() + PATIENCE + usual * SLOWER;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(!status.success());
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// As cargo runs tests, one after the other.
fn prepared(world: &World, program: &Path, names: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.arg("--exact").args(names).args(["--test-threads", "1"]);
    command.current_dir(&world.folder).env("CARGO_MANIFEST_DIR", &world.folder);
    command.env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    command
}

/// In as many threads as there are processors; the answers in the order of the work.
fn side_by_side<W: Sync, A: Send>(
    work: &[W],
    act: impl Fn(&W) -> Result<A> + Sync,
) -> Result<Vec<A>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let queue = Mutex::new(work.iter().enumerate());
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().map_or(None, |mut queue| queue.next());
                    let Some((at, item)) = next else { break };
                    let answer = act(item);
                    if let Ok(mut answers) = answers.lock() {
                        answers.push((at, answer));
                    }
                }
            });
        }
    });
    let mut answers = answers.into_inner().unwrap_or_default();
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_work_and_one_failure_is_the_answer() {
        let work: Vec<u32> = (0..50).collect();
        assert_eq!(side_by_side(&work, |n| Ok(n * 2)).unwrap()[49], 98);
        let failed = side_by_side(&work, |n| if *n == 7 { bail!("seven") } else { Ok(()) });
        assert_eq!(failed.unwrap_err().to_string(), "seven");
    }
}
