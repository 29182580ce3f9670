//! `run`: watches the bays, docks what appears, answers clients, tells systemd how it stands. One
//! thread per session and per client; what fails in one bay never touches another, what leaves the
//! state unknown stops everything so that start-up can recover.

/// What appears in the bays.
pub mod bays;
/// What is announced of the USB ports.
mod ports;
/// SIGTERM and SIGINT.
mod signals;
/// Clients.
mod socket;
/// What a plugged recorder is taken for.
mod taken;

use crate::console::{self, Console};
use crate::docking::{State, early};
use crate::exit::{CliError, Exit};
use crate::wire::{self, Access, Open};
use bays::Bays;
use ports::Ports;
use sd_notify::NotifyState;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::desk;
use sealdock_core::ports::Kind;
use sealdock_core::registry;
use sealdock_station::StationError;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After so long every recorder that stands in a bay was looked at.
const ALL_LOOKED_AT: Duration = Duration::from_secs(5);
/// How long one turn of the loop waits for something to happen in a bay.
const TURN: Duration = Duration::from_millis(100);
/// How often registers are looked at again: new bays, an opened shift.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often filing deadlines are looked at; they are counted in days.
const WATCH_FILINGS: Duration = Duration::from_secs(60);
/// How often recorders are looked at that may be overdue.
const NOTE_OVERDUE: Duration = Duration::from_secs(5);
/// How often the second copy's place is looked at: it may be connected, pulled, or named anew.
const WATCH_MIRROR: Duration = Duration::from_secs(2);
/// How long running sessions and requests may take to end after a signal. What is not done by then is
/// closed as interrupted at the next start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a browser is answered.
pub enum Browser {
    /// Where `station.toml` says; where that says nothing, nowhere.
    AsSet,
    At(SocketAddr),
    /// Somebody listens already.
    On(TcpListener),
}

/// Runs until a signal, or until the state is unknown.
pub fn run(dir: &Path, browser: Browser) -> Result<Exit, CliError> {
    let open = Arc::new(wire::open(dir, Access::Write)?);
    let swept = open.sweep()?;
    let start = Command::Start { software: wire::software() };
    open.station.apply(&Arc::new(Actor::System), start)?;
    open.station.carry_over();
    open.back_up()?;
    describe_left_over(&open);
    watch_mirror(&open);
    signals::watch(open.docks.stopping())?;
    let clients = socket::listen(&open)?;
    let mut bays = Bays::new(&open);
    // Makes the bays of `docks.toml` before they are watched.
    let mut ports = Ports::new(&open, bays.sender());
    publish_key(&open);
    bays.refresh()?;
    let listener = match browser {
        Browser::AsSet => open.settings.console.map(console::bind),
        Browser::At(address) => Some(console::bind(address)),
        Browser::On(listener) => Some(Ok(listener)),
    };
    let console = opened(&open, listener);
    tell(&[NotifyState::Ready]);
    tracing::info!(
        station = %open.home.dir.display(),
        origin = open.station.origin(),
        swept,
        "ready; bays are watched, clients answered"
    );
    let result = serve(&open, &mut bays, &mut ports);
    tell(&[NotifyState::Stopping]);
    open.docks.stopping().begin();
    wait_for_the_rest(&mut bays, || clients.busy() || console.as_ref().is_some_and(Console::busy));
    clients.close();
    result?;
    match open.docks.fatal() {
        None => Ok(Exit::Done),
        Some(why) => Err(CliError::new(
            Exit::Stopped,
            format!("the daemon stopped and writes nothing more: {why}"),
        )),
    }
}

/// A console that cannot be had is no reason to take no footage in: it is said, and the bays are watched.
fn opened(open: &Arc<Open>, listener: Option<Result<TcpListener, CliError>>) -> Option<Console> {
    let tls = open.settings.console_tls.as_ref();
    if listener.is_none() && tls.is_none() {
        return None;
    }
    let missing = |e: &CliError| {
        tracing::error!("there is no console: {e}");
        announce(&format!("控制台未启动 there is no console: {e}"));
    };
    let console = Console::new(open).inspect_err(missing).ok()?;
    if let Some(listener) = listener
        && let Ok(address) = listener.and_then(|l| console.plain(l)).inspect_err(missing)
    {
        announce(&format!("http://{address}/"));
        tracing::info!(%address, "the console answers a browser on this machine");
    }
    if let Some(tls) = tls
        && let Ok((address, fingerprint)) = console.tls(tls).inspect_err(missing)
    {
        announce(&format!("https://{address}/ 证书 certificate SHA-256 {fingerprint}"));
        tracing::info!(%address, fingerprint, "the console answers browsers of other machines");
    }
    Some(console)
}

/// Whoever started it may want to open it; that nobody reads it is no harm.
fn announce(line: &str) {
    let _unread = writeln!(std::io::stdout(), "{line}");
    let _unread = std::io::stdout().flush();
}

/// Facts that the last run did not come to read; nobody waits for them.
fn describe_left_over(open: &Arc<Open>) {
    let open = Arc::clone(open);
    std::thread::spawn(move || {
        if let Err(e) = open.station.describe_left_over() {
            tracing::warn!("clips of the last run stay undescribed: {e}");
        }
    });
}

/// In a thread of its own: a disk that is going away may keep whoever asks for it waiting.
fn watch_mirror(open: &Arc<Open>) {
    let open = Arc::clone(open);
    std::thread::spawn(move || {
        let stopping = open.docks.stopping();
        let mut looked = Instant::now();
        while !stopping.has_begun() {
            std::thread::sleep(TURN);
            if looked.elapsed() < WATCH_MIRROR {
                continue;
            }
            if let Err(e) = open.meet_mirror() {
                tracing::error!("the second copy could not be looked for: {e}");
                if matches!(e.kind, Kind::Unknown | Kind::Damaged) {
                    open.docks.fail(&e.message);
                }
            }
            looked = Instant::now();
        }
    });
}

fn serve(open: &Arc<Open>, bays: &mut Bays, ports: &mut Ports) -> Result<(), CliError> {
    let stopping = open.docks.stopping();
    let mut looked = Instant::now();
    let mut watched = Instant::now();
    let mut noted = None;
    let (begun, mut missed) = (Instant::now(), false);
    while !stopping.has_begun() {
        bays.turn(TURN);
        ports.turn();
        if watched.elapsed() >= WATCH_FILINGS {
            watched = Instant::now();
            watch_filings(open)?;
        }
        if looked.elapsed() >= LOOK_AGAIN {
            looked = Instant::now();
            publish_key(open);
            bays.refresh()?;
            bays.dock_under_shift()?;
            if !missed && begun.elapsed() >= ALL_LOOKED_AT {
                missed = true;
                miss(open);
            }
            if noted.is_none_or(|at: Instant| at.elapsed() >= NOTE_OVERDUE) {
                noted = Some(Instant::now());
                note_overdue(open);
            }
            let status = status(open);
            tell(&[NotifyState::Watchdog, NotifyState::Status(&status)]);
        }
    }
    Ok(())
}

/// Recorders that an earlier run did not take to the end, and that stand in no bay now.
fn miss(open: &Open) {
    let looked = open.station.world().ledger.view().map_err(CliError::from);
    match looked.and_then(|view| early::unfinished(&*view)) {
        Ok(unfinished) => open.docks.missed(unfinished),
        Err(e) => tracing::warn!("what was taken out too early before the start is not known: {e}"),
    }
}

/// Says once for each case that its filing is near or overdue.
fn watch_filings(open: &Open) -> Result<(), CliError> {
    match crate::execute::matter::watch(open) {
        Err(e) if e.exit == Exit::Stopped => Err(e),
        Err(e) => {
            tracing::warn!("filing deadlines were not looked at: {e}");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

/// Recorders that are due or overdue are said in the chain, each once. What cannot be written now is
/// written at the next look.
fn note_overdue(open: &Open) {
    if let Err(e) = overdue(open) {
        tracing::error!("what is overdue could not be noted: {e}");
        if e.is_fatal() {
            open.docks.fail(&e.to_string());
        }
    }
}

fn overdue(open: &Open) -> Result<(), StationError> {
    let world = open.station.world();
    let view = world.ledger.view()?;
    let policy = registry::policy(&*view)?;
    if !desk::overdue(&*view, &policy, &world.clock.now())?.is_empty() {
        drop(view);
        let note = Command::Desk(desk::Command::NoteOverdue);
        open.station.apply(&Arc::new(Actor::System), note)?;
    }
    Ok(())
}

/// The wiper must know whose signatures count, also after a rotation. Without it nothing is wiped, which
/// is no reason to stop taking footage.
fn publish_key(open: &Open) {
    let station = &open.station;
    if let Err(e) = open.usb.publish_key(station.origin(), &*station.world().signer) {
        tracing::warn!("{e}");
    }
}

fn wait_for_the_rest(bays: &mut Bays, asked: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while (bays.busy() || asked()) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn status(open: &Open) -> String {
    let docked = open.docks.all();
    let count = |state| docked.iter().filter(|d| d.state == state).count();
    format!("{} sessions running, {} recorders wait", count(State::Running), count(State::Waiting))
}

/// Where systemd does not listen this does nothing.
fn tell(state: &[NotifyState<'_>]) {
    if let Err(e) = sd_notify::notify(state) {
        tracing::warn!("systemd was not told: {e}");
    }
}
