//! End-to-end cases as text: what a user types, what they read, how it ends. Each file below
//! `tests/script/` is one test with a folder of its own; its station is `./station`.
//!
//! `$ command` runs in a shell, `~ command` is tried again until it succeeds, `& command` starts a
//! daemon and waits until it listens, `! stop` ends it and
//! `! kill` does so without asking. `@ 2026-11-02 08:30` sets the clock (UTC+8) of all that follows; it goes
//! on from there as the real one does. The lines after a command are what it prints;
//! `? N` is its exit code where that is not 0. `...` stands for any lines; within a line `<n>`, `<hex>`,
//! `<time>` and `<any>` stand for numbers, digests, civil times and the rest.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
/// Of the Debian package `libfaketime`; `cargo xtask test` brings it.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

macro_rules! scripts {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            run(include_str!(concat!("script/", stringify!($name), ".txt")));
        })*

        /// A case that no test runs would rot unseen.
        #[test]
        fn every_script_is_run() {
            let named = [$(stringify!($name)),*];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/script");
            for entry in std::fs::read_dir(folder).expect("the folder of scripts") {
                let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
                let stem = name.strip_suffix(".txt").expect("scripts end in .txt");
                assert!(named.contains(&stem), "{name} is not run by tests/script.rs");
            }
        }
    };
}

scripts!(
    story, paperwork, aside, checked, resume, refusals, damage, daemon, shift, copies, orders,
    late, shapes, hostile, fatal, profile, access, desk, keep, disposal, matter, restore, month,
    forms, import, export, excerpt, demo, anchor, head, compare, witness, network, keys, token,
    drill
);

/// One command and what is expected of it.
struct Case {
    line: usize,
    mark: char,
    command: String,
    expected: Vec<String>,
    code: i32,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut letters = line.chars();
        let (mark, rest) = (letters.next(), line.get(2..).unwrap_or_default());
        match mark {
            Some('#') => {}
            Some(mark @ ('$' | '~' | '&' | '!' | '@')) => cases.push(Case {
                line: number + 1,
                mark,
                command: rest.to_owned(),
                expected: Vec::new(),
                code: 0,
            }),
            Some('?') => cases.last_mut().expect("a command").code = rest.parse().expect("a code"),
            _ => cases.last_mut().expect("a command").expected.push(line.to_owned()),
        }
    }
    for case in &mut cases {
        while case.expected.last().is_some_and(|line| line.trim().is_empty()) {
            case.expected.pop();
        }
    }
    cases
}

/// From the real clock to this civil time at UTC+8.
fn seconds_away(civil: &str) -> i64 {
    let civil: jiff::civil::DateTime = civil.parse().expect("a time like 2026-11-02 08:30");
    let wanted = jiff::tz::Offset::constant(8).to_timestamp(civil).expect("a time of our age");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("a clock after 1970").as_secs();
    wanted.as_second() - i64::try_from(now).expect("a clock of our age")
}

/// Where a script runs, and its daemon.
struct Scene {
    folder: tempfile::TempDir,
    daemon: Option<Child>,
    /// How far the clock is from the real one, where the script sets it: seconds.
    clock: Option<i64>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _gone = daemon.kill();
            let _reaped = daemon.wait();
        }
    }
}

fn run(text: &str) {
    // Not the system's folder for temporary files: a vault refuses to live in memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut scene = Scene { folder, daemon: None, clock: None };
    scene.shell("umask 077; echo 2580147 > o1.pin; echo 8202714 > o2.pin; echo 5820741 > c1.pin");
    for case in cases(text) {
        match case.mark {
            '&' => scene.start(&case),
            '!' => scene.stop(&case),
            '~' => scene.until(&case),
            '@' => scene.clock = Some(seconds_away(&case.command)),
            _ => {
                let (output, code) = scene.shell(&case.command);
                compared(&case, &output, code);
            }
        }
    }
}

impl Scene {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, line: &str) -> Command {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_sealdock"));
        let programs = program.parent().expect("a folder of programs").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .current_dir(self.path())
            .env("PATH", format!("{programs}:{path}"))
            .env("CLIPS", Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/clips"))
            .env("SCREEN", program.with_file_name("examples").join("screen"))
            .env("SEALDOCK_STATION", self.path().join("station"))
            .env("SOFTHSM2_CONF", self.path().join("softhsm2.conf"))
            .env("SEALDOCK_LOG", "error")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null());
        if let Some(clock) = &self.clock {
            command
                .env("LD_PRELOAD", FAKETIME)
                .env("FAKETIME", format!("{clock:+}"))
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("NO_FAKE_STAT", "1")
                .env("TZ", "CST-8");
        }
        command
    }

    /// What it printed, on both ways, and its exit code.
    fn shell(&self, line: &str) -> (String, i32) {
        let output = self.command(&format!("{{ {line}\n}} 2>&1")).output().expect("a shell");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let here = self.path().display().to_string();
        (text.replace(&here, "."), output.status.code().unwrap_or(-1))
    }

    fn until(&self, case: &Case) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (output, code) = self.shell(&case.command);
            if code == 0 {
                return compared(case, &output, code);
            }
            assert!(Instant::now() < deadline, "line {}: never: {}", case.line, case.command);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn start(&mut self, case: &Case) {
        assert!(self.daemon.is_none(), "line {}: a daemon runs already", case.line);
        let log = std::fs::File::create(self.path().join("daemon.log")).expect("a log");
        let mut command = self.command(&format!("exec {}", case.command));
        let daemon = command.stderr(log).stdout(Stdio::null()).spawn().expect("a daemon");
        self.daemon = Some(daemon);
        let socket = self.path().join("station/run/sock");
        let deadline = Instant::now() + PATIENCE;
        while UnixStream::connect(&socket).is_err() {
            assert!(Instant::now() < deadline, "line {}: the daemon never listens", case.line);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self, case: &Case) {
        let mut daemon = self.daemon.take().expect("a daemon");
        let signal = if case.command == "kill" { "KILL" } else { "TERM" };
        let (_, told) = self.shell(&format!("kill -{signal} {}", daemon.id()));
        assert_eq!(told, 0, "line {}: the daemon was gone before", case.line);
        let status = daemon.wait().expect("its end");
        if signal == "KILL" {
            return;
        }
        assert_eq!(status.code(), Some(case.code), "line {}: how the daemon ended", case.line);
    }
}

fn compared(case: &Case, output: &str, code: i32) {
    let lines: Vec<&str> = output.lines().collect();
    let expected: Vec<&str> = case.expected.iter().map(String::as_str).collect();
    assert!(
        code == case.code && all_match(&expected, &lines),
        "line {}: {}\n--- expected, with code {}\n{}\n--- printed, with code {code}\n{output}---",
        case.line,
        case.command,
        case.code,
        expected.join("\n"),
    );
}

/// Lines against lines; `...` takes any number of them.
fn all_match(expected: &[&str], lines: &[&str]) -> bool {
    match (expected, lines) {
        ([], []) => true,
        (["...", rest @ ..], _) => (0..=lines.len()).any(|n| all_match(rest, &lines[n..])),
        ([first, rest @ ..], [line, others @ ..]) => {
            matches(first, line) && all_match(rest, others)
        }
        _ => false,
    }
}

/// How far a placeholder may reach.
fn taken(placeholder: &str, text: &str) -> Option<Vec<usize>> {
    let count = |allowed: fn(char) -> bool| text.chars().take_while(|c| allowed(*c)).count();
    Some(match placeholder {
        "<n>" => (1..=count(|c| c.is_ascii_digit())).collect(),
        "<hex>" => vec![count(|c| c.is_ascii_hexdigit())].into_iter().filter(|n| *n >= 8).collect(),
        "<time>" if text.len() >= 19 && text.as_bytes()[10] == b' ' => vec![19],
        "<any>" => text.char_indices().map(|(at, c)| at + c.len_utf8()).collect(),
        _ => return None,
    })
}

fn matches(pattern: &str, text: &str) -> bool {
    if let Some(end) = pattern.strip_prefix('<').and_then(|_| pattern.find('>')) {
        let (placeholder, rest) = pattern.split_at(end + 1);
        if let Some(reaches) = taken(placeholder, text) {
            return reaches.into_iter().any(|n| matches(rest, &text[n..]));
        }
    }
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        // Columns are as wide as what they hold: blanks only have to be there.
        (Some(' '), Some(' ')) => matches(pattern.trim_start(), text.trim_start()),
        (Some(a), Some(b)) if a == b => matches(&pattern[a.len_utf8()..], &text[b.len_utf8()..]),
        _ => false,
    }
}

#[test]
fn the_matcher_sees_a_difference() {
    assert!(matches("entry <n>: <any>", "entry 12: what"));
    assert!(matches("at <time> <hex>.", "at 2026-11-22 08:00:00 0123456789abcdef."));
    assert!(!matches("entry <n>", "entry x") && !matches("<hex>", "1234") && !matches("a", "ab"));
    assert!(all_match(&["a", "...", "c"], &["a", "b", "b", "c"]));
    assert!(!all_match(&["a", "...", "c"], &["a", "b"]) && !all_match(&[], &["a"]));
    let parsed = cases("# x\n$ cmd\nout\n\n? 3\n! stop\n");
    assert_eq!(
        (parsed.len(), parsed[0].code, parsed[0].expected.as_slice()),
        (2, 3, &["out".to_owned()][..])
    );
}
