//! Carries an order to the running daemon, or opens the station here where none runs.

use super::print::Watch;
use crate::answer::Answer;
use crate::execute::{Asked, execute, of_a_wreck};
use crate::exit::{CliError, Exit};
use crate::home::Home;
use crate::request::{Order, Reply, Request};
use crate::wire::{self, Access};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

/// The answer, wherever it comes from.
pub fn ask(station: &Path, order: Order) -> Result<Answer, CliError> {
    let watch = Arc::new(Watch::new());
    match connect(&Home::new(station)) {
        Some(stream) => over_socket(stream, &order, &watch),
        None => directly(station, order, watch),
    }
}

/// `None` where no daemon listens; a socket that a crash left behind refuses.
fn connect(home: &Home) -> Option<UnixStream> {
    let (_folder, path) = home.socket().ok()?;
    UnixStream::connect(path).ok()
}

fn over_socket(stream: UnixStream, order: &Order, watch: &Watch) -> Result<Answer, CliError> {
    let lost = |e: std::io::Error| {
        let text = format!("the daemon was lost: {e}; see `sealdock status` for what was done");
        CliError::new(Exit::Failed, text)
    };
    let mut line = serde_json::to_vec(order)
        .map_err(|e| CliError::new(Exit::Failed, format!("the request: {e}")))?;
    line.push(b'\n');
    (&stream).write_all(&line).map_err(lost)?;
    for line in BufReader::new(&stream).lines() {
        let reply = serde_json::from_str(&line.map_err(lost)?).map_err(|e| {
            let text =
                format!("the daemon's answer is not understood: {e}; is it of this release?");
            CliError::new(Exit::Failed, text)
        })?;
        match reply {
            Reply::Progress(heard) => watch.show(&heard),
            Reply::Answer(answer) => {
                watch.end();
                return Ok(answer);
            }
            Reply::Error(e) => return Err(e),
        }
    }
    let text = "the daemon went away without an answer; see its log, then `sealdock status`";
    Err(CliError::new(Exit::Failed, text))
}

fn directly(station: &Path, order: Order, watch: Arc<Watch>) -> Result<Answer, CliError> {
    // A person who acts may show a wrong PIN, and that is an entry.
    let reads = order.request.only_reads() && order.login.is_none();
    let access = if reads { Access::Read } else { Access::Write };
    let open = match (wire::open(station, access), &order.request) {
        (Ok(open), _) => open,
        (Err(why), Request::Check { deep, .. }) if why.exit == Exit::Stopped => {
            // What cannot even be walked has no findings beside the one that is said.
            let findings = wire::walk(station, *deep).unwrap_or_default();
            return Ok(of_a_wreck(&why, &findings));
        }
        (Err(why), _) => return Err(why),
    };
    if !reads {
        open.sweep()?;
    }
    let uid = rustix::process::getuid().as_raw();
    let asked = Asked { uid, progress: Arc::clone(&watch) as Arc<dyn sealdock_station::Progress> };
    let checks = matches!(order.request, Request::Check { .. });
    let answer = match execute(&open, &asked, order) {
        // Damage on which the walk itself stops is what the check found.
        Err(why) if checks && why.exit == Exit::Stopped => of_a_wreck(&why, &[]),
        other => other?,
    };
    watch.end();
    Ok(answer)
}
