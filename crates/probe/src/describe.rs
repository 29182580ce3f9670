//! The parent's side: start the child with nothing but the open clip, listen to it within the
//! limits, and make sure it is gone afterwards.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use crate::limits::{self, Limits};
use crate::second_opinion;
use crate::verdict::{Ending, Outcome, Transcript};

/// Reads media facts of `clip` (opened for reading only) in a child process: `executable args…`,
/// which must end up in [`crate::child_main`]. Blocks for at most `limits.wall_s`, and never
/// fails: what goes wrong is the reason in [`Outcome::Undescribed`].
pub fn describe(executable: &Path, args: &[&str], clip: File, limits: &Limits) -> Outcome {
    let mut child = match start(executable, args, clip, limits) {
        Ok(child) => child,
        Err(error) => return Outcome::undescribed(&format!("could not be started: {error}")),
    };
    let heard = listen(&mut child, limits);
    // Its whole group, in case a hostile clip taught it to fork; usually it is gone already.
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    match (heard, child.wait()) {
        (Ok(transcript), Ok(status)) => transcript.with_status(status).outcome(limits),
        (Err(error), _) | (_, Err(error)) => {
            Outcome::undescribed(&format!("could not be listened to: {error}"))
        }
    }
}

fn start(executable: &Path, args: &[&str], clip: File, limits: &Limits) -> io::Result<Child> {
    Command::new(executable)
        .args(args)
        .env_clear()
        .env(limits::VARIABLE, limits.to_variable())
        .current_dir("/")
        .process_group(0)
        .stdin(clip)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// Collects what the child prints until it ends, prints too much, or its time is over.
fn listen(child: &mut Child, limits: &Limits) -> io::Result<Transcript> {
    let mut stdout = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    rustix::io::ioctl_fionbio(&stdout, true)?;
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let mut deadline = Instant::now() + limits.wall();
    let mut said = Vec::new();
    let mut open = true;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Transcript::new(said, Ending::TimedOut));
        }
        let (speaks, ended) = wait_for(open.then_some(&stdout), &pidfd, left)?;
        if speaks || ended {
            let had_facts = said.contains(&b'\n');
            open = hear(&mut stdout, &mut said, limits.output_bytes)?;
            if said.len() > limits.output_bytes {
                return Ok(Transcript::new(said, Ending::Flooded));
            }
            if !had_facts && said.contains(&b'\n') {
                deadline = deadline.min(Instant::now() + second_opinion::WAIT);
            }
        }
        if ended {
            return Ok(Transcript::new(said, Ending::OnItsOwn));
        }
    }
}

/// Waits until the child prints (or closes its pipe) or ends: `(speaks, ended)`.
fn wait_for(
    stdout: Option<&ChildStdout>,
    pidfd: &impl std::os::fd::AsFd,
    left: Duration,
) -> io::Result<(bool, bool)> {
    let mut fds = vec![PollFd::new(pidfd, PollFlags::IN)];
    fds.extend(stdout.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    let timeout = Timespec {
        tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    };
    match poll(&mut fds, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let speaks = fds.get(1).is_some_and(|fd| !fd.revents().is_empty());
    Ok((speaks, !fds[0].revents().is_empty()))
}

/// Takes what is in the pipe, one byte past `cap` at most; `false` once the pipe is closed.
fn hear(stdout: &mut ChildStdout, said: &mut Vec<u8>, cap: usize) -> io::Result<bool> {
    let room = (cap + 1).saturating_sub(said.len()) as u64;
    let before = said.len();
    match stdout.by_ref().take(room).read_to_end(said) {
        // Less than there was room for: the end of the pipe, not of the room.
        Ok(_) => Ok((said.len() - before) as u64 == room),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
        Err(error) => Err(error),
    }
}
