//! A run is a list of steps. Each prints a heading and its duration; the first that fails ends
//! the run with a message that names the step and the command.

use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs `work` under a heading and prints how long it took.
///
/// # Errors
/// Whatever `work` returns, with the step's name before it.
pub fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("── {name}");
    let begun = Instant::now();
    work().with_context(|| format!("step `{name}` failed after {}", shown(begun.elapsed())))?;
    println!("── {name}: {}\n", shown(begun.elapsed()));
    Ok(())
}

/// Runs a command, its output going where ours goes.
///
/// # Errors
/// When it cannot be started or does not end with status 0.
pub fn run(command: &mut Command) -> Result<()> {
    let line = command_line(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs a command and keeps what it prints. `None` when it cannot be started or fails: for asking
/// whether a program is there.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn shown(duration: Duration) -> String {
    let tenths = duration.as_millis() / 100;
    match tenths / 600 {
        0 => format!("{}.{} s", tenths / 10, tenths % 10),
        minutes => format!("{minutes} min {:02} s", tenths % 600 / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_in_seconds_and_then_in_minutes() {
        assert_eq!(shown(Duration::from_millis(340)), "0.3 s");
        assert_eq!(shown(Duration::from_millis(59_990)), "59.9 s");
        assert_eq!(shown(Duration::from_secs(61)), "1 min 01 s");
    }

    #[test]
    fn a_failing_command_is_named_with_its_arguments() {
        let error = run(Command::new("false").arg("--quiet")).unwrap_err().to_string();
        assert!(error.starts_with("`false --quiet` ended with"), "{error}");
    }

    #[test]
    fn a_failing_step_is_named() {
        let error = step("doomed", || bail!("no card")).unwrap_err();
        assert!(format!("{error:#}").starts_with("step `doomed` failed after 0.0 s: no card"));
    }

    #[test]
    fn asking_a_program_that_is_not_there_gives_nothing() {
        assert_eq!(ask(&mut Command::new("no-such-program-here")), None);
        assert_eq!(ask(Command::new("echo").arg("yes")), Some("yes".into()));
    }
}
