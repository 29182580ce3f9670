//! The words that udev and systemd use. None of them is for people; see `docs/ref/wiper.md`.

use sealdock_wiper::act::Scene;
use sealdock_wiper::keeper::Systemd;
use sealdock_wiper::spent::Spent;
use sealdock_wiper::{Kind, Roots, WiperError, WiperResult, admit, limit, mount, port, serve};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixListener;
use std::process::ExitCode;
use std::sync::Arc;

const USAGE: &str = "sealdock-wiper port ID_PATH | admit DEVICE | forget DEVICE | mount VOLUME | unmount VOLUME | bays | serve";

fn main() -> ExitCode {
    // Announcements are for the daemon to read; nothing of value is written here.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("sealdock-wiper: {e}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> WiperResult<()> {
    let roots = Roots::machine();
    match words {
        ["port", id_path] => print!("{}", port::lines(&roots, id_path)?),
        ["admit", device] => {
            let _watch = limit::watch(&format!("looking at {device}"));
            println!("{}", said(admit::admit(&roots, device)?.reason, "admitted"));
        }
        ["forget", device] => {
            admit::forget(&roots, device)?;
        }
        ["mount", name] => {
            let _watch = limit::watch(&format!("showing the volume {name}"));
            let keeper = Systemd::new(roots.clone());
            match mount::mount(&roots, &keeper, name)? {
                mount::Mounted::Divided => println!("its partitions are the volumes"),
                mount::Mounted::Announced(notice) => {
                    println!("{}", said(notice.problem, "mounted"))
                }
            }
        }
        ["unmount", name] => {
            let keeper = Systemd::new(roots.clone());
            mount::unmount(&roots, &keeper, name)?;
        }
        ["bays"] => mount::bays(&roots)?,
        ["serve"] => listen(roots)?,
        _ => return Err(WiperError::new(Kind::Invalid, USAGE)),
    }
    Ok(())
}

fn said(trouble: Option<String>, well: &str) -> String {
    trouble.unwrap_or_else(|| well.to_owned())
}

/// systemd hands the listening socket over as standard input.
fn listen(roots: Roots) -> WiperResult<()> {
    let failed = |e: std::io::Error| {
        let message =
            format!("standard input is no listening socket: {e}; start sealdock-wiper.socket");
        WiperError::new(Kind::Invalid, message)
    };
    let listener =
        UnixListener::from(std::io::stdin().as_fd().try_clone_to_owned().map_err(failed)?);
    listener.local_addr().map_err(failed)?;
    let spent = Spent::open(roots.run.join("sealdock-wiper/spent"))?;
    let keeper = Box::new(Systemd::new(roots.clone()));
    serve::serve(&listener, &Arc::new(Scene::new(roots, keeper, spent, now_ms)))
}

fn now_ms() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 makes every intent live too long, so nothing is deleted.
    now.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
