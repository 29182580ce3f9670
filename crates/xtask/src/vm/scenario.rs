//! Scenarios are text: one file is one story, a line is a step. The words are in
//! `docs/design/guest.md`; what is not understood is refused before anything starts.

use crate::vm::card::{Layout, Plan};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// How long `until` waits when it does not say.
const PATIENCE_S: u64 = 180;

/// One story.
#[derive(Debug)]
pub struct Scenario {
    /// The file's name without its ending.
    pub name: String,
    /// Its first line: what it shows.
    pub claim: String,
    /// Whether `cargo xtask test` plays it.
    pub in_ci: bool,
    /// Its lines, loops written out.
    pub steps: Vec<(String, Step)>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Makes a card.
    Card(String, Plan),
    /// A sector in the middle of a clip, or of the clips' folder, cannot be read.
    Fault { card: String, clip: Option<usize>, once: bool },
    /// A card reader with a card goes into a port.
    Plug { card: String, port: String, serial: Option<String>, readonly: bool },
    /// Some other USB device goes into a port.
    Device { name: String, driver: String, port: String, options: Vec<(String, String)> },
    /// The card becomes a disk inside the guest, for a recorder that the guest plays itself.
    Inside(String),
    /// It is pulled out.
    Yank { name: String, after: After },
    /// That moment is waited for.
    Await { name: String, after: After },
    /// Up to here not one byte of the card has changed.
    Unchanged(String),
    /// A script in the guest must end so.
    Guest { script: String, succeeds: bool },
    /// A script in the guest must succeed in time.
    Until { script: String, within_s: u64 },
    /// A script in the guest must succeed all the time.
    Stays { script: String, for_s: u64 },
    /// What may have become of a card at the end.
    Fate(String, Fate),
    /// The guest loses its power.
    Kill,
    /// It gets it back.
    Boot,
    /// The packages appear at `/run/bundle`.
    Bundle,
}

/// When to pull.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum After {
    /// At once.
    Now,
    /// When so many percent of the footage on it were read.
    Percent(u64),
    /// When something was written to it.
    Write,
}

/// What may have become of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Not one byte of it has changed. Said of every card of which nothing else is said.
    Untouched,
    /// None of its clips are left.
    Wiped,
    /// Each of its clips is whole or gone.
    Touched,
}

impl Scenario {
    /// How long it may wait in all, in seconds: the nearest thing to how long it takes that a file says.
    pub fn patience_s(&self) -> u64 {
        let waits = self.steps.iter().map(|(_, step)| match step {
            Step::Until { within_s: wait_s, .. } | Step::Stays { for_s: wait_s, .. } => *wait_s,
            _ => 0,
        });
        waits.sum()
    }
}

/// Reads a scenario file.
///
/// # Errors
/// With file and line of what is not understood.
pub fn read(path: &Path) -> Result<Scenario> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    parse(&name, &text).with_context(|| format!("{} is not a scenario", path.display()))
}

fn parse(name: &str, text: &str) -> Result<Scenario> {
    let claim = text.lines().next().and_then(|line| line.strip_prefix("# "));
    let claim = claim.context("the first line is not `# ` and what the scenario shows")?;
    let mut scenario = Scenario {
        name: name.to_owned(),
        claim: claim.to_owned(),
        in_ci: text.lines().any(|line| line == "#ci"),
        steps: Vec::new(),
    };
    let mut looped: Option<(u64, Vec<(usize, &str)>)> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match (line.split_once(' '), &mut looped) {
            (Some(("repeat", times)), None) => {
                looped = Some((times.parse().context("repeat how often?")?, Vec::new()));
            }
            (None, Some((times, body))) if line == "end" => {
                let rounds = rounds(*times, body)?;
                scenario.steps.extend(rounds);
                looped = None;
            }
            (_, Some((_, body))) => body.push((number + 1, line)),
            (_, None) => {
                let step = step(line).with_context(|| at(number + 1, line))?;
                scenario.steps.push((line.to_owned(), step));
            }
        }
    }
    if looped.is_some() {
        bail!("`repeat` without `end`");
    }
    Ok(scenario)
}

fn at(number: usize, line: &str) -> String {
    format!("line {number}: {line}")
}

/// Writes a loop out: `{n}` is the round, `any%` another percentage in each, the same ones in each run.
fn rounds(times: u64, body: &[(usize, &str)]) -> Result<Vec<(String, Step)>> {
    let mut steps = Vec::new();
    for round in 1..=times {
        for (number, line) in body {
            let any = crate::vm::noise::seed(&format!("{line}-{round}")) % 100;
            let written =
                line.replace("{n}", &round.to_string()).replace("any%", &format!("{any}%"));
            let step = step(&written).with_context(|| at(*number, line))?;
            steps.push((format!("{written} (round {round})"), step));
        }
    }
    Ok(steps)
}

fn step(line: &str) -> Result<Step> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let words: Vec<&str> = rest.split_whitespace().collect();
    let script = rest.to_owned();
    Ok(match (verb, &words[..]) {
        ("card", [name, layout, options @ ..]) => {
            Step::Card(name.to_string(), plan(layout, options)?)
        }
        ("fault", [card, clip, "once"]) => fault(card, clip, true)?,
        ("fault", [card, clip, "sticky"]) => fault(card, clip, false)?,
        ("plug", [card, port, options @ ..]) => plug(card, port, options)?,
        ("device", [name, driver, port, options @ ..]) => Step::Device {
            name: name.to_string(),
            driver: driver.to_string(),
            port: port.to_string(),
            options: options.iter().map(|option| pair(option)).collect::<Result<_>>()?,
        },
        ("yank", [name]) => Step::Yank { name: name.to_string(), after: After::Now },
        ("yank", [name, "after", moment]) => {
            Step::Yank { name: name.to_string(), after: after(moment)? }
        }
        ("await", [name, moment]) => Step::Await { name: name.to_string(), after: after(moment)? },
        ("inside", [card]) => Step::Inside(card.to_string()),
        ("unchanged", [card]) => Step::Unchanged(card.to_string()),
        ("guest", [_, ..]) => Step::Guest { script, succeeds: true },
        ("fails", [_, ..]) => Step::Guest { script, succeeds: false },
        ("until", [_, ..]) => match timed(rest) {
            Some((within_s, script)) => Step::Until { script, within_s },
            None => Step::Until { script, within_s: PATIENCE_S },
        },
        ("stays", [_, _, ..]) => {
            let (for_s, script) = timed(rest).context("stays SECONDS SCRIPT")?;
            Step::Stays { script, for_s }
        }
        ("untouched", [card]) => Step::Fate(card.to_string(), Fate::Untouched),
        ("wiped", [card]) => Step::Fate(card.to_string(), Fate::Wiped),
        ("touched", [card]) => Step::Fate(card.to_string(), Fate::Touched),
        ("kill", []) => Step::Kill,
        ("boot", []) => Step::Boot,
        ("bundle", []) => Step::Bundle,
        _ => bail!("no such step; see docs/design/guest.md"),
    })
}

fn timed(rest: &str) -> Option<(u64, String)> {
    let (seconds, script) = rest.split_once(' ')?;
    Some((seconds.parse().ok()?, script.to_owned()))
}

fn pair(option: &str) -> Result<(String, String)> {
    let (key, value) = option.split_once('=').with_context(|| format!("`{option}` has no ="))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn fault(card: &str, clip: &str, once: bool) -> Result<Step> {
    let clip = if clip == "folder" { None } else { Some(clip.parse()?) };
    Ok(Step::Fault { card: card.to_owned(), clip, once })
}

fn plug(card: &str, port: &str, options: &[&str]) -> Result<Step> {
    let (mut serial, mut readonly) = (None, false);
    for option in options {
        match option.split_once('=') {
            Some(("serial", value)) => serial = Some(value.to_owned()),
            None if *option == "readonly" => readonly = true,
            _ => bail!("no such option: {option}"),
        }
    }
    Ok(Step::Plug { card: card.to_owned(), port: port.to_owned(), serial, readonly })
}

fn after(moment: &str) -> Result<After> {
    Ok(match (moment, moment.strip_suffix('%')) {
        ("write", _) => After::Write,
        (_, Some(percent)) => After::Percent(percent.parse()?),
        _ => bail!("after what? `40%`, `write`, or `any%` in a loop"),
    })
}

fn plan(layout: &str, options: &[&str]) -> Result<Plan> {
    let mut plan = Plan {
        layout: match layout {
            "fat32" => Layout::Fat32,
            "mbr" => Layout::Fat32Partition,
            "two" => Layout::TwoPartitions,
            "exfat" => Layout::Exfat,
            "blank" => Layout::Blank,
            "mtp" => Layout::Mtp,
            _ => bail!("no such layout: {layout}"),
        },
        size: 96 << 20,
        clips: if layout == "blank" { 0 } else { 3 },
        clip_size: 300 << 10,
        recorder: "J800001".into(),
        officer: "000101".into(),
        full: false,
        dirty: false,
    };
    for option in options {
        match (*option, option.split_once('=')) {
            ("full", _) => plan.full = true,
            ("dirty", _) => plan.dirty = true,
            (_, Some(("size", value))) => plan.size = size(value)?,
            (_, Some(("clip", value))) => plan.clip_size = size(value)?,
            (_, Some(("clips", value))) => plan.clips = value.parse()?,
            (_, Some(("recorder", value))) => plan.recorder = value.to_owned(),
            (_, Some(("officer", value))) => plan.officer = value.to_owned(),
            _ => bail!("no such option: {option}"),
        }
    }
    Ok(plan)
}

/// `300K`, `96M`, `5G`, or bytes; `4G+1` is one byte more than fits into FAT32.
fn size(text: &str) -> Result<u64> {
    let (text, more) = text.split_once('+').unwrap_or((text, "0"));
    let split = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[split..] {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        other => bail!("no such unit: {other}"),
    };
    Ok(text[..split].parse::<u64>()? * unit + more.parse::<u64>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_of_the_repository_is_understood() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vm/scenarios");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let scenario = read(&entry.unwrap().path()).unwrap();
            assert!(!scenario.steps.is_empty(), "{} does nothing", scenario.name);
            seen += 1;
        }
        assert!(seen > 0);
    }

    #[test]
    fn a_slip_of_the_pen_is_refused_with_its_line() {
        for (text, says) in [
            ("card a fat32", "first line"),
            ("# x\ncrad a fat32", "line 2: crad"),
            ("# x\ncard a fat99", "fat99"),
            ("# x\ncard a fat32 sise=3M", "sise"),
            ("# x\nyank a after lunch", "after what"),
            ("# x\nrepeat 3\nyank a", "without `end`"),
            ("# x\nrepeat 3\nyonk a\nend", "line 3: yonk"),
            ("# x\nfault a 0 sometimes", "no such step"),
        ] {
            let error = format!("{:#}", parse("x", text).unwrap_err());
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_loop_is_written_out_with_other_offsets_in_each_round_and_the_same_in_each_run() {
        let text = "# x\nrepeat 5\nyank a{n} after any%\nend\nkill";
        let first = parse("x", text).unwrap();
        assert_eq!(first.steps.len(), 6);
        let percents: std::collections::BTreeSet<_> =
            first.steps.iter().map(|(_, step)| format!("{step:?}")).collect();
        assert!(percents.len() > 3, "{percents:?}");
        assert!(format!("{:?}", first.steps[4]).contains("\"a5\""), "{:?}", first.steps);
        assert_eq!(format!("{:?}", parse("x", text).unwrap().steps), format!("{:?}", first.steps));
    }

    #[test]
    fn patience_is_that_of_all_waits_in_every_round() {
        let text = "# x\nrepeat 2\nuntil 7 true\nend\nuntil true\nstays 30 true\nguest true\n";
        assert_eq!(parse("x", text).unwrap().patience_s(), 2 * 7 + PATIENCE_S + 30);
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("300K").unwrap(), 307_200);
        assert_eq!(size("4G+1").unwrap(), (4 << 30) + 1);
        assert!(size("3X").is_err() && size("K").is_err());
    }
}
