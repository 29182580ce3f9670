//! What is shown of a clip: its time range as pictures with a mark burnt in. `ffmpeg` makes them, as an external program, in
//! a child that has confined itself first and that draws the mark itself: there is no way to start it without one.
//! `docs/design/viewing.md`.

/// The child's life.
mod child;
/// How the program is asked.
mod command;
/// Letters of the mark, dot by dot.
mod letters;
/// The mark.
mod mark;
/// What the other program says of a clip.
mod seen;
/// The programs, found and asked for their version.
mod tool;

pub use child::view_main;
pub use mark::{Drawn, Mark, read_back, signs};
pub use seen::{Kind, Seen};
pub use tool::Tool;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Carries what is wanted to the child; not an argument, which other users of the machine could read.
const VARIABLE: &str = "SEALDOCK_VIEW";
/// Longest that one picture or piece may take.
const PATIENCE: Duration = Duration::from_secs(50);
/// Largest piece, bytes.
const PIECE_BYTES_MAX: u64 = 24 << 20;
/// Of what the program says when it fails.
const SAID_BYTES_MAX: u64 = 4096;

/// What one child is to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Order {
    /// Facts of the clip; no picture.
    Facts,
    Make(Piece),
}

/// A marked picture or piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    pub shape: Shape,
    /// Of playing time, milliseconds.
    pub from_ms: u64,
    pub len_ms: u64,
    /// Of the picture that is made, dots; even.
    pub width: u32,
    pub height: u32,
    pub mark: Mark,
}

/// As what it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// WebM: VP8 and, where the clip has sound, Opus.
    Film { sound: bool },
    /// The same, with a picture of the sound.
    Wave,
    /// One JPEG.
    Picture,
}

/// How this very program is started again as the child.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    pub executable: &'a Path,
    pub verb: &'a str,
}

/// Looks at a clip, which is open for reading alone. Blocks up to fifty seconds.
///
/// # Errors
/// A sentence: why nothing can be shown of it.
pub fn look(start: Start, tool: &Tool, clip: File) -> Result<Seen, String> {
    let said = run(start, tool, (clip, &Order::Facts))?;
    seen::read(&said)
}

/// Makes one piece. Blocks up to fifty seconds.
///
/// # Errors
/// A sentence: why there is none.
pub fn make(start: Start, tool: &Tool, (clip, piece): (File, Piece)) -> Result<Vec<u8>, String> {
    let made = run(start, tool, (clip, &Order::Make(piece)))?;
    match made.is_empty() {
        true => Err("there is nothing to be seen at that place".to_owned()),
        false => Ok(made),
    }
}

fn run(start: Start, tool: &Tool, (clip, order): (File, &Order)) -> Result<Vec<u8>, String> {
    let path = match order {
        Order::Facts => &tool.looks,
        Order::Make(_) => &tool.makes,
    };
    let order = serde_json::to_string(order).map_err(|e| e.to_string())?;
    let mut child = Command::new(start.executable)
        .arg(start.verb)
        .arg(path)
        .env_clear()
        .env(VARIABLE, order)
        .current_dir("/")
        .process_group(0)
        .stdin(clip)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{} could not be started: {e}", path.display()))?;
    let (made, said) = heard(&mut child).map_err(|e| e.to_string())?;
    let ended = child.wait().map_err(|e| e.to_string())?;
    if made.len() as u64 > PIECE_BYTES_MAX {
        return Err("what was made is too large".to_owned());
    }
    match ended.signal() {
        _ if ended.success() => Ok(made),
        Some(signal) => Err(format!("{} was ended by signal {signal}", path.display())),
        None => Err(format!("{} could not do it: {}", path.display(), plain(&said))),
    }
}

/// What the child gives out, and what it complains of. It is gone afterwards, with all that it may have started.
fn heard(child: &mut Child) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let pipes = (child.stdout.take(), child.stderr.take());
    let (Some(stdout), Some(mut stderr)) = pipes else {
        return Err(std::io::Error::other("no pipe"));
    };
    let group = Pid::from_child(child);
    let (done, waits) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if waits.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    });
    let complains = std::thread::spawn(move || {
        let mut said = Vec::new();
        let read = stderr.by_ref().take(SAID_BYTES_MAX).read_to_end(&mut said);
        // What is more is let go, so that it does not wait for a reader.
        let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        read.map(|_| said)
    });
    let mut made = Vec::new();
    let read = stdout.take(PIECE_BYTES_MAX + 1).read_to_end(&mut made);
    // It was not waited for yet, so its number is still its own.
    if read.is_err() || made.len() as u64 > PIECE_BYTES_MAX {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let said = complains.join().unwrap_or_else(|_| Ok(Vec::new()));
    let _ = kill_process_group(group, Signal::KILL);
    drop(done);
    let _ = watch.join();
    read?;
    Ok((made, said?))
}

/// One line that a terminal can take.
fn plain(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let line = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it did not say why");
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
