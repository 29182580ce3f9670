//! The one function that answers a request, whoever carries it: the same process under the station's
//! lock, or the daemon for a client on its socket.

/// Viewing and copying.
mod access;
pub use access::folder::sync_dir;
pub use check::BAY as CHECK_BAY;
pub use export::{copy_broken_off, is_being_packed, void_package};
/// Time-stamps by courier.
mod anchor;
/// Is everything still what the chain says?
mod check;
/// Clips: which, what became of one, whose they are.
mod clips;
/// The desk and the people.
mod desk;
/// The ports of this machine that are docks.
mod docks;
/// Would the second copy bring the station back?
mod drill;
/// Sentences for entries.
mod entries;
/// An approved copy as a package.
mod export;
/// The three forms.
pub mod form;
/// Sheets of people and recorders.
mod import;
/// A recorder at a path, from request to report.
mod ingest;
/// Holds, disposal, spot checks, media.
mod keep;
/// Keys that are replaced, records that are put back.
pub mod keys;
/// The chain as it is handed out.
mod log;
/// What tiles and sidecars prove beside a record that was made from them.
mod lost;
/// Matters, steps, interruptions.
pub mod matter;
/// People, recorders, bays, keys, shifts.
mod registers;
/// What an auditor asks.
pub mod report;
/// Lines that pages show, too.
mod sentence;
/// Sessions and what stands aside.
mod sessions;
/// One look at the whole station.
mod status;
/// Policy, copies, configuration.
mod upkeep;

pub use anchor::{
    in_words as anchors_in_words, newest_age_s as newest_anchor_age_s, private_address, utc,
};
pub use check::of_a_wreck;
pub use desk::{breaches, words as asset_words};
pub use entries::{handle as entry_handle, sentence as entry_in_words, with_corrected};
pub use import::planned;
pub use log::{code as head_code, unit};
pub use sessions::{Who, dock_again as dock_docked};
pub use status::overview;

use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::{Login, Order, Request};
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty;
use sealdock_core::policy::Policy;
use sealdock_core::policy::sign_in::Desk;
use sealdock_core::ports::Appended;
use sealdock_core::registry;
use sealdock_core::time::{WallMs, Zone};
use sealdock_station::Progress;
use serde_json::json;
use std::sync::Arc;

/// One asking: by whom, and who hears how it goes on.
pub struct Asked {
    /// The user of the machine; proves nothing about a person.
    pub uid: u32,
    pub progress: Arc<dyn Progress>,
}

/// Answers one request.
pub fn execute(open: &Open, asked: &Asked, order: Order) -> Result<Answer, CliError> {
    let Order { login, request } = order;
    match request {
        Request::Ingest(ingest) => ingest::ingest(open, asked, login, ingest),
        Request::SessionConfirm(this) => sessions::confirm(open, asked, login, this),
        Request::Check { deep, pin, enter: false } => check::check(open, asked, deep, pin),
        Request::Check { deep, pin, enter: true } => {
            check::entered(open, asked, &actor(open, asked, login)?, (deep, pin))
        }
        Request::Access(query) => access::answer(open, asked, &actor(open, asked, login)?, query),
        Request::Anchor(ask) => anchor::answer(open, ask),
        Request::Import(ask) => import::import(open, &actor(open, asked, login)?, ask),
        Request::Form(ask) => form::answer(open, &*actor(open, asked, login)?, &ask),
        other => {
            let actor = actor(open, asked, login)?;
            match other.only_reads() {
                true => read(open, other),
                false => change(open, asked, &actor, other),
            }
        }
    }
}

/// A person with their PIN, else only the operator.
fn actor(open: &Open, asked: &Asked, login: Option<Login>) -> Result<Arc<Actor>, CliError> {
    match login {
        Some(login) => Ok(open.station.authenticate(&login.person, &login.pin.0)?),
        None => Ok(Arc::new(Actor::Operator { uid: asked.uid })),
    }
}

fn read(open: &Open, request: Request) -> Result<Answer, CliError> {
    match request {
        Request::Status => status::status(open, true),
        Request::StatusInBrief => status::status(open, false),
        Request::LogShow { from, count } => log::show(open, from, count),
        Request::LogHead => log::head(open),
        Request::LogVkey => log::vkey(open),
        Request::LogReceipt => log::receipt(open),
        Request::LogProve { seq } => log::prove(open, seq),
        Request::LogGrowth { size } => log::growth(open, size),
        Request::LogExport { out } => log::export(open, &out),
        Request::ClipList(filter) => clips::list(open, &filter),
        Request::ClipShow { clip } => clips::show(open, clip),
        Request::SessionList { aside: false } => sessions::list(open),
        Request::SessionList { aside: true } => sessions::asides(open),
        Request::SessionShow { session } => sessions::show(open, session),
        Request::PersonList => registers::people(open),
        Request::RecorderList => registers::recorders(open),
        Request::BayList => registers::bays(open),
        Request::KeyList => registers::keys(open),
        Request::ShiftShow => registers::shifts(open),
        Request::Desk(ask) => desk::read(open, ask),
        Request::PolicyShow => upkeep::policy(open),
        Request::Matter(ask) => matter::answer(open, ask),
        Request::Report(ask) => report::answer(open, ask),
        Request::VerifyConfig => upkeep::verify(open),
        Request::Keep(request) => keep::read(open, request),
        other => Err(unknown(&format!("{other:?} does not only read"))),
    }
}

fn change(
    open: &Open,
    asked: &Asked,
    actor: &Arc<Actor>,
    request: Request,
) -> Result<Answer, CliError> {
    match request {
        Request::Apply { command } => {
            let command = parsed(command)?;
            recorded(open, &open.station.apply(actor, command)?)
        }
        Request::Keep(request) => keep::change(open, actor, request),
        Request::Drill(ask) => drill::drill(open, actor, &ask),
        Request::MatterWatch => matter::watch(open),
        Request::ClipAssign(assignment) => clips::assign(open, actor, assignment),
        Request::ClipReassign(assignment) => clips::reassign(open, actor, assignment),
        Request::ShiftClose { shift } => registers::close_shift(open, actor, shift),
        Request::DeskChange(change) => desk::change(open, actor, change),
        Request::KeyRotate { key, to } => keys::rotate(open, actor, (key, to)),
        Request::CopiesMirror { dir, same_disk } => upkeep::mirror(open, actor, &dir, same_disk),
        Request::CopiesLock => upkeep::lock(open),
        Request::SessionWipe { session, reason, path } => {
            sessions::wipe(open, asked, actor, sessions::Wipe { session, reason, path })
        }
        other => Err(unknown(&format!("{other:?} changes nothing"))),
    }
}

/// Commands with proofs cannot be read from a message; a new PIN is looked at before it is taken.
fn parsed(command: serde_json::Value) -> Result<Command, CliError> {
    let command: Command = serde_json::from_value(command).map_err(|e| unknown(&e.to_string()))?;
    let pin = match &command {
        Command::EnrolPerson { pin, .. } => pin.as_ref(),
        Command::Duty(duty::Command::SetPin { pin, .. }) => Some(pin),
        _ => None,
    };
    if let Some(Secret(pin)) = pin {
        sealdock_keys::pin_acceptable(pin).map_err(|why| CliError::of_rule(Exit::Refused, &why))?;
    }
    // What is no policy at all is refused by the rules, with their words.
    if let Command::AdoptPolicy { text } = &command
        && let Ok(policy) = Policy::parse(text)
    {
        fits_this_build(&policy, cfg!(feature = "passkeys"))?;
    }
    Ok(command)
}

/// A policy that demands passkeys where none can be added would keep everybody with a duty away from the desk.
///
/// # Errors
/// `passkeys`, whether this program was built with them, is not what the policy needs.
pub fn fits_this_build(policy: &Policy, passkeys: bool) -> Result<(), CliError> {
    match policy.sign_in.desk == Desk::Passkey && !passkeys {
        true => Err(CliError::both(
            Exit::Refused,
            "这份策略要求用通行密钥登录工作台（sign_in.desk），而本程序编译时没有包含通行密钥，有职务的人员都将无法登录；请安装软件包中的版本，或改为 pin",
            "this policy demands passkeys at the desk (sign_in.desk), and this program was built without them: nobody with a duty could sign in; use the program of the package, or say pin",
        )),
        false => Ok(()),
    }
}

fn unknown(why: &str) -> CliError {
    let text =
        format!("the request is not understood: {why}; are client and daemon of the same release?");
    CliError::new(Exit::Usage, text)
}

/// What was appended, entry by entry.
fn recorded(open: &Open, appended: &Appended) -> Result<Answer, CliError> {
    open.back_up_if_short()?;
    let mut answer = Answer::new(json!({}));
    let mut entries = Vec::new();
    for entry in &appended.entries {
        let event = open.station.event(entry.seq)?;
        let handle = entries::handle(entry.seq, &event).map(|handle| format!(" = {handle}"));
        let (handle, said) = (handle.unwrap_or_default(), entries::sentence(&event));
        answer = answer.line(format!("entry {}{handle}: {said}", entry.seq));
        entries.push(json!({ "seq": entry.seq, "event": event }));
    }
    answer.json = json!({ "entries": entries, "size": appended.head.checkpoint().size });
    Ok(answer)
}

/// The civil time of the unit.
pub fn zone(open: &Open) -> Result<Zone, CliError> {
    let view = open.station.world().ledger.view()?;
    Ok(registry::policy(&*view)?.zone)
}

/// A time of a register row as people write it.
fn civil(zone: Zone, text: &str) -> String {
    WallMs::parse(text).map_or_else(|| text.to_owned(), |at| zone.civil(at))
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

/// Letters of a name that a table shows; scripts get all of it.
const NAME_SHOWN: usize = 60;

/// A name that fits into a table: its beginning, and its end with the extension.
fn fitting(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= NAME_SHOWN {
        return name.to_owned();
    }
    let (begin, end) = (&letters[..NAME_SHOWN - 21], &letters[letters.len() - 20..]);
    begin.iter().chain(&['…']).chain(end).collect()
}

/// A register row as JSON: every column that was read, under its own name.
fn row_json(row: &sealdock_core::table::Row) -> serde_json::Value {
    use sealdock_core::table::Cell;
    row.named()
        .map(|(column, cell)| {
            let value = match cell {
                Cell::Null => serde_json::Value::Null,
                Cell::Int(n) => json!(n),
                Cell::Text(text) => json!(text),
            };
            (column.to_owned(), value)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}
