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

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::time::{WallMs, Zone};
    use sealdock_report::{Column, Foot, Orientation, Sheet};
    use serde_json::json;

    /// 使用档案 of 20,000 rows, a year of a large unit.
    fn year() -> Sheet {
        let cells =
            ["执法一科", "R07", "𠮷田", "孙科", "2026-11-01 08:00:00", "2026-11-01 18:00:00"];
        let under = (1, sealdock_chain::Digest::ZERO);
        Sheet {
            title: "x".into(),
            head: Vec::new(),
            columns: cells.map(|cell| Column::new(cell, 1)).into(),
            rows: vec![cells.map(Into::into).into(); 20_000],
            totals: None,
            plots: Vec::new(),
            code: None,
            notes: Vec::new(),
            foot: Foot::under("o", under, WallMs(0), Zone { east_minutes: 480 }),
            page: Orientation::Landscape,
        }
    }

    #[test]
    fn a_register_of_a_year_comes_over_the_socket_whole() {
        let (here, there) = UnixStream::pair().unwrap();
        let daemon = std::thread::spawn(move || {
            let mut asked = String::new();
            BufReader::new(&there).read_line(&mut asked).unwrap();
            let answer = Answer::new(json!({})).sheet(year(), "");
            let mut line = serde_json::to_vec(&Reply::Answer(answer)).unwrap();
            line.push(b'\n');
            (&there).write_all(&line).unwrap();
            asked
        });
        let order = Order { login: None, request: Request::Status };
        let answer = over_socket(here, &order, &Watch::new()).unwrap();
        let crate::answer::Block::Sheet { sheet, .. } = &answer.blocks[0] else {
            panic!("no sheet")
        };
        assert_eq!(**sheet, year());
        assert!(daemon.join().unwrap().contains("status"));
    }
}
