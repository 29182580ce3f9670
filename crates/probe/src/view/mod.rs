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
pub use mark::{Drawn, Mark, Window, read_back, signs};
pub use seen::{Frame, Kind, Seen, Streams};
pub use tool::Tool;

use crate::child::UNCONFINED;
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
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
/// Most that is cut out of a piece to read its marks.
const CUT_BYTES_MAX: u64 = 128 << 20;
/// Our own reader goes on without Landlock; so large a program as that one does not.
const UNHELD: &str = "this kernel cannot hold the program back (Landlock and seccomp, Linux 5.13 or later); nothing is shown";
/// Of what the program says when it fails.
const SAID_BYTES_MAX: u64 = 4096;

/// What one child is to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Order {
    /// Facts of the clip; no picture.
    Facts,
    Make(Piece),
    /// What the marks take of every frame of a piece that was made.
    Check([Window; 2]),
}

/// A marked picture or piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    pub shape: Shape,
    /// Of playing time, milliseconds.
    pub from_ms: u64,
    pub len_ms: u64,
    pub frame: Frame,
    /// What is shown of the clip.
    pub streams: Streams,
    pub mark: Mark,
}

/// Why nothing is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// A sentence of ours.
    pub why: String,
    /// What the program said: it read a hostile file, so this is for the log alone. One line without control characters.
    pub said: String,
}

impl From<String> for Unseen {
    fn from(why: String) -> Unseen {
        Unseen { why, said: String::new() }
    }
}

impl From<&str> for Unseen {
    fn from(why: &str) -> Unseen {
        why.to_owned().into()
    }
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
/// Why nothing can be shown of it.
pub fn look(start: Start, tool: &Tool, clip: File) -> Result<Seen, Unseen> {
    let said = run(start, tool, (clip, &Order::Facts))?;
    Ok(seen::read(&said)?)
}

/// Makes one piece, and reads the mark back out of every frame of it. Blocks up to two times fifty seconds.
///
/// # Errors
/// Why there is none.
pub fn make(start: Start, tool: &Tool, (clip, piece): (File, Piece)) -> Result<Vec<u8>, Unseen> {
    let (mark, size) = (piece.mark.clone(), piece.frame.size());
    let Some(windows) = mark.windows(size) else {
        return Err("the picture is too small for its mark; it is not shown".into());
    };
    let made = run(start, tool, (clip, &Order::Make(piece)))?;
    if made.is_empty() {
        return Err("there is nothing to be seen at that place".into());
    }
    let memory = in_memory(&made).map_err(|e| format!("there is no memory for a check: {e}"))?;
    let cut = run(start, tool, (memory, &Order::Check(windows)))?;
    let frame = windows.iter().map(|w| w.wide as usize * w.high as usize).sum::<usize>().max(1);
    let mut frames = cut.chunks(frame);
    if frames.len() == 0 {
        return Err("there is nothing to be seen at that place".into());
    }
    match frames.all(|frame| mark.stands_in(frame, size)) {
        true => Ok(made),
        false => Err("a picture of it came without its mark; it is not shown".into()),
    }
}

fn in_memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("piece", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

fn run(start: Start, tool: &Tool, (input, order): (File, &Order)) -> Result<Vec<u8>, Unseen> {
    let (path, most) = match order {
        Order::Facts => (&tool.looks, PIECE_BYTES_MAX),
        Order::Make(_) => (&tool.makes, PIECE_BYTES_MAX),
        Order::Check(_) => (&tool.makes, CUT_BYTES_MAX),
    };
    let order = serde_json::to_string(order).map_err(|e| e.to_string())?;
    let mut child = Command::new(start.executable)
        .arg(start.verb)
        .arg(path)
        .env_clear()
        .env(VARIABLE, order)
        .current_dir("/")
        .process_group(0)
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("the program that reads clips could not be started: {e}"))?;
    let (made, said) = heard(&mut child, most)
        .map_err(|e| format!("the program that reads clips could not be listened to: {e}"))?;
    let ended = child.wait().map_err(|e| e.to_string())?;
    let why = match (ended.signal(), ended.code()) {
        _ if made.len() as u64 > most => "what was made is too large".to_owned(),
        _ if ended.success() => return Ok(made),
        (Some(signal), _) => format!("the program that reads clips was ended by signal {signal}"),
        (None, Some(UNCONFINED)) => UNHELD.to_owned(),
        (None, _) => "the program that reads clips could not do it".to_owned(),
    };
    Err(Unseen { why, said: plain(&said) })
}

/// What the child gives out, and what it complains of. It is gone afterwards, with all that it may have started.
fn heard(child: &mut Child, most: u64) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let pipes = (child.stdout.take(), child.stderr.take());
    let (Some(stdout), Some(mut stderr)) = pipes else {
        return Err(io::Error::other("no pipe"));
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
        let _ = io::copy(&mut stderr, &mut io::sink());
        read.map(|_| said)
    });
    let mut made = Vec::new();
    let read = stdout.take(most + 1).read_to_end(&mut made);
    // It was not waited for yet, so its number is still its own.
    if read.is_err() || made.len() as u64 > most {
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
