//! QEMU's machine protocol: one JSON value a line, answers in order, events in between.

use crate::vm::shell::passing;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longer than the slowest command (writing the machine's memory to disk) takes on a busy host.
const PATIENCE: Duration = Duration::from_secs(120);

/// One connection, past its greeting.
pub struct Qmp {
    stream: UnixStream,
    lines: BufReader<UnixStream>,
    /// What a timeout cut off in the middle.
    begun: String,
    events: VecDeque<Value>,
}

impl Qmp {
    /// Connects and leaves the negotiation behind.
    ///
    /// # Errors
    /// When nobody listens or the greeting is not QEMU's.
    pub fn connect(socket: &Path) -> Result<Qmp> {
        let stream = UnixStream::connect(socket)
            .with_context(|| format!("cannot connect to {}", socket.display()))?;
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        let lines = BufReader::new(stream.try_clone()?);
        let mut qmp = Qmp { stream, lines, begun: String::new(), events: VecDeque::new() };
        qmp.line(Instant::now() + PATIENCE)?.context("QEMU does not greet")?;
        qmp.run("qmp_capabilities", &json!({}))?;
        Ok(qmp)
    }

    /// One command and what it returns.
    ///
    /// # Errors
    /// QEMU's own words when it refuses; or that it did not answer.
    pub fn run(&mut self, command: &str, arguments: &Value) -> Result<Value> {
        let line = json!({"execute": command, "arguments": arguments}).to_string();
        self.stream
            .write_all(format!("{line}\n").as_bytes())
            .with_context(|| format!("QEMU is gone; `{command}` was not sent"))?;
        let deadline = Instant::now() + PATIENCE;
        while let Some(value) = self.line(deadline)? {
            if let Some(answer) = value.get("return") {
                return Ok(answer.clone());
            }
            if let Some(error) = value.get("error") {
                bail!("QEMU refuses {line}: {}", error["desc"].as_str().unwrap_or("?"));
            }
            self.events.push_back(value);
        }
        Err(anyhow!("QEMU does not answer `{command}`"))
    }

    /// Waits for an event with this name whose data has `key` = `value`.
    ///
    /// # Errors
    /// When it does not come in time.
    pub fn event(&mut self, name: &str, key: &str, value: &str, within: Duration) -> Result<()> {
        let wanted = |event: &Value| event["event"] == name && event["data"][key] == value;
        let deadline = Instant::now() + within;
        loop {
            while let Some(event) = self.events.pop_front() {
                if wanted(&event) {
                    return Ok(());
                }
            }
            match self.line(deadline)? {
                Some(event) => self.events.push_back(event),
                None => bail!("QEMU does not say {name} of {value} within {within:?}"),
            }
        }
    }

    /// The next value; `None` at the deadline.
    fn line(&mut self, deadline: Instant) -> Result<Option<Value>> {
        loop {
            match self.lines.read_line(&mut self.begun) {
                Ok(0) => bail!("QEMU hung up"),
                Ok(_) if self.begun.ends_with('\n') => {
                    let value = serde_json::from_str(&self.begun)
                        .with_context(|| format!("not JSON from QEMU: {}", self.begun));
                    self.begun.clear();
                    return value.map(Some);
                }
                Ok(_) => {}
                Err(error) if passing(&error) => {}
                Err(error) => return Err(error).context("cannot hear QEMU"),
            }
            if Instant::now() > deadline {
                return Ok(None);
            }
        }
    }
}
