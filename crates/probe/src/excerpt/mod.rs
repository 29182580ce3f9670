//! Cuts a time range out of a clip without re-encoding, and says which bytes of the clip it is (`docs/design/excerpts.md`).
//! Two children see the hostile bytes, each confined: this program that becomes `ffmpeg`, and this program that reads
//! both files. Neither is believed: whoever calls compares every byte that is named here.

/// The two children.
mod child;
/// The samples of an excerpt in its master.
mod find;
/// Where samples lie in a file.
mod tables;
/// The program that cuts.
mod tool;

pub use child::{cut_main, find_main};
pub use find::Found;
pub use tool::Tool;

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::limits::{self, Limits};

/// Bytes of an excerpt; whoever verifies it holds it in memory.
pub const EXCERPT_BYTES_MAX: u64 = 256 << 20;
/// Seconds by the wall for each of the two children.
const WALL: Duration = Duration::from_secs(900);
/// What the finder may print: a run for each sample of the longest excerpt.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
const FIND_LIMITS: Limits = Limits {
    cpu_s: 600,
    wall_s: WALL.as_secs(),
    address_space_bytes: 2 << 30,
    output_bytes: 64 << 20,
};

/// Milliseconds of playing time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First.
    pub from_ms: u64,
    /// Behind the last.
    pub to_ms: u64,
}

/// How this program is started again as each of the children.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// This program.
    pub executable: &'a Path,
    /// Arguments that end up in [`cut_main`], and in [`find_main`].
    pub verbs: [&'a str; 2],
}

/// A finished cut.
#[derive(Debug)]
pub struct Cut {
    /// Arguments of the tool, in which the clip and the excerpt have no names.
    pub arguments: Vec<String>,
    /// The ending of its name: `mp4` or `mov`, as the clip is.
    pub ending: &'static str,
    /// Which bytes of the clip it is.
    pub found: Found,
}

/// Cuts `range` out of `clip`, opened for reading, into `excerpt`, an empty file opened for reading and writing.
///
/// # Errors
/// A sentence: why there is no excerpt. What is in `excerpt` is then worth nothing.
pub fn cut(
    start: Start,
    tool: &Tool,
    clip: &File,
    (range, excerpt): (Range, &File),
) -> Result<Cut, String> {
    let kind = kind(clip)?;
    let arguments = arguments(range, kind);
    let [verb, _] = start.verbs;
    let mut command = Command::new(start.executable);
    command.arg(verb).arg(&tool.path).args(&arguments);
    command.stdin(again(clip)?).stdout(again(excerpt)?).stderr(Stdio::piped());
    let (status, said) = run(&mut command)?;
    if !status.success() {
        return Err(format!("{} could not cut it: {}", tool.name, why(status, &said)));
    }
    match excerpt.metadata().map_err(|e| e.to_string())?.len() {
        0 => return Err(format!("{} cut nothing", tool.name)),
        size if size > EXCERPT_BYTES_MAX => return Err(too_large()),
        _ => {}
    }
    let found = found(start, clip, excerpt)?;
    // Where nothing is, the tool gives what is nearest.
    if found.to_ms <= range.from_ms || found.from_ms >= range.to_ms {
        return Err("the clip has nothing in that range".into());
    }
    Ok(Cut { arguments, ending: kind, found })
}

fn too_large() -> String {
    let most = EXCERPT_BYTES_MAX >> 20;
    format!("an excerpt has at most {most} MiB; ask for a shorter range, or for several")
}

/// As the tool calls the two containers that are taken; the clip's own one, since some sound fits into one alone.
fn kind(clip: &File) -> Result<&'static str, String> {
    let mut head = [0; 12];
    clip.read_exact_at(&mut head, 0).map_err(|_| "the clip is no MP4 or QuickTime file")?;
    match (&head[4..8], &head[8..]) {
        (b"ftyp", b"qt  ") => Ok("mov"),
        (b"ftyp", _) => Ok("mp4"),
        (b"moov" | b"mdat" | b"wide" | b"free" | b"skip", _) => Ok("mov"),
        _ => Err("the clip is no MP4 or QuickTime file; only of those excerpts are made".into()),
    }
}

/// Picture and sound alone, copied as they are; one demuxer, no other file, no network.
fn arguments(range: Range, kind: &str) -> Vec<String> {
    let seconds = |ms: u64| format!("{}.{:03}", ms / 1000, ms % 1000);
    let (from, long) = (seconds(range.from_ms), seconds(range.to_ms.saturating_sub(range.from_ms)));
    let text = format!(
        "-nostdin -hide_banner -loglevel error -protocol_whitelist file -f mov -ss {from} -i file:/dev/stdin \
         -t {long} -map 0:V? -map 0:a? -map_metadata -1 -map_chapters -1 -dn -sn -c copy \
         -avoid_negative_ts make_zero -fflags +bitexact -f {kind} -y file:/dev/stdout"
    );
    text.split(' ').map(str::to_owned).collect()
}

fn again(file: &File) -> Result<File, String> {
    file.try_clone().map_err(|e| format!("a file cannot be handed on: {e}"))
}

fn found(start: Start, clip: &File, excerpt: &File) -> Result<Found, String> {
    let [_, verb] = start.verbs;
    let mut command = Command::new(start.executable);
    command.arg(verb).env_clear().env(limits::VARIABLE, FIND_LIMITS.to_variable());
    // The second file comes in where errors would go out: the child prints none.
    command.stdin(again(clip)?).stderr(again(excerpt)?).stdout(Stdio::piped());
    let (status, said) = run(&mut command)?;
    if !status.success() {
        return Err(format!("the reader of the excerpt ended early: {}", why(status, b"")));
    }
    let answer: Result<Found, String> = serde_json::from_slice(&said)
        .map_err(|_| "the reader of the excerpt said nothing that can be understood")?;
    // Its words may be shaped by the clip.
    answer.map_err(|why| plain(why.as_bytes()))
}

fn why(status: ExitStatus, said: &[u8]) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    /// The file grew beyond what it may have.
    const SIGXFSZ: i32 = 25;
    match status.signal() {
        Some(SIGXFSZ) => too_large(),
        Some(signal) => format!("it ended with signal {signal}"),
        None if said.is_empty() => format!("{status}"),
        None => plain(said),
    }
}

/// Text of a stranger on one line, printable and short.
fn plain(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let letters =
        text.trim().chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { ' ' });
    letters.take(300).collect()
}

/// Runs a child to its end, or ends it with all that it started when its time is over. What it says on its one pipe
/// is read as far as an answer may go.
fn run(command: &mut Command) -> Result<(ExitStatus, Vec<u8>), String> {
    let broke = |e: io::Error| format!("the child that cuts could not be run: {e}");
    command.current_dir("/").process_group(0);
    let mut child = command.spawn().map_err(broke)?;
    let pipe = (child.stdout.take(), child.stderr.take());
    let hears = thread::spawn(move || heard(pipe));
    let deadline = Instant::now() + WALL;
    let status = loop {
        match child.try_wait().map_err(broke)? {
            Some(status) => break Some(status),
            None if Instant::now() >= deadline => break None,
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let ended = child.wait().map_err(broke)?;
    let said = hears.join().unwrap_or_default();
    status.map(|_| (ended, said)).ok_or_else(|| "its time was over".to_owned())
}

fn heard(pipe: (Option<ChildStdout>, Option<ChildStderr>)) -> Vec<u8> {
    let mut said = Vec::new();
    let mut hear = |pipe: &mut dyn Read| {
        let _ = pipe.take(ANSWER_BYTES_MAX).read_to_end(&mut said);
        // Beyond that nothing is kept, and nobody waits for a reader.
        let _ = io::copy(pipe, &mut io::sink());
    };
    match pipe {
        (Some(mut out), _) => hear(&mut out),
        (None, Some(mut err)) => hear(&mut err),
        (None, None) => {}
    }
    said
}
