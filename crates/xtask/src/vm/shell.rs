//! The driver's side of `tests/vm/guest/vm-shell`: a command in, its status and output back.

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use std::io::{BufReader, ErrorKind, Read, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// A root shell in the guest.
pub struct Shell {
    stream: UnixStream,
    answers: BufReader<UnixStream>,
}

/// What a command came to.
#[derive(Debug)]
pub struct Answer {
    /// Exit status.
    pub status: i32,
    /// Both outputs, as they came.
    pub text: String,
}

impl Shell {
    /// Connects, and waits until the other side answers.
    ///
    /// # Errors
    /// When the guest does not answer in time.
    pub fn connect(socket: &Path, within: Duration) -> Result<Shell> {
        let stream = UnixStream::connect(socket)
            .with_context(|| format!("cannot connect to {}", socket.display()))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        let answers = BufReader::new(stream.try_clone()?);
        let mut shell = Shell { stream, answers };
        // A word of our own: older answers and the greeting at boot are passed over.
        shell.send("echo channel-is-open")?;
        let deadline = Instant::now() + within;
        let mut heard = Vec::new();
        while !String::from_utf8_lossy(&heard).contains("channel-is-open\n") {
            read_some(&mut shell.answers, &mut heard, deadline)
                .context("the guest's command channel does not open")?;
        }
        Ok(shell)
    }

    /// Runs one script with bash.
    ///
    /// # Errors
    /// When no answer comes in time: the guest hangs or is gone.
    pub fn run(&mut self, script: &str, within: Duration) -> Result<Answer> {
        self.send(script)?;
        let deadline = Instant::now() + within;
        self.answer(deadline).with_context(|| format!("in the guest: {script}"))
    }

    fn send(&mut self, script: &str) -> Result<()> {
        let line = base64::engine::general_purpose::STANDARD.encode(script) + "\n";
        self.stream.write_all(line.as_bytes()).context("the guest is gone")
    }

    fn answer(&mut self, deadline: Instant) -> Result<Answer> {
        let mut head = Vec::new();
        while head.last() != Some(&b'\n') {
            read_line(&mut self.answers, &mut head, deadline)?;
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut numbers = head.split_whitespace().map(str::parse::<i32>);
        let (Some(Ok(status)), Some(Ok(size))) = (numbers.next(), numbers.next()) else {
            bail!("the command channel says {head:?}");
        };
        let mut text = Vec::new();
        while text.len() < usize::try_from(size)? {
            read_some(&mut self.answers, &mut text, deadline)?;
        }
        Ok(Answer { status, text: String::from_utf8_lossy(&text).into_owned() })
    }
}

fn read_line(from: &mut impl std::io::BufRead, to: &mut Vec<u8>, deadline: Instant) -> Result<()> {
    patiently(from.read_until(b'\n', to), deadline)
}

fn read_some(from: &mut impl Read, to: &mut Vec<u8>, deadline: Instant) -> Result<()> {
    let mut piece = [0; 4096];
    let read = from.read(&mut piece);
    if let Ok(count) = read {
        to.extend_from_slice(&piece[..count]);
    }
    patiently(read, deadline)
}

fn patiently(read: std::io::Result<usize>, deadline: Instant) -> Result<()> {
    match read {
        Ok(0) => bail!("the guest is gone"),
        Ok(_) => Ok(()),
        Err(error) if !passing(&error) => Err(error).context("cannot hear the guest"),
        Err(_) if Instant::now() < deadline => Ok(()),
        Err(_) => bail!("no answer in time"),
    }
}

/// Nothing was said yet, or a signal came in between.
pub fn passing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
