//! Each verb as the one request that it is. Paths are made absolute here: the daemon works elsewhere.

use super::args::*;
use super::people::MaybeAs;
use super::{client, desk, form, init, keep, people, pin, print};
use crate::answer::Answer;
use crate::daemon::Browser;
use crate::exit::{CliError, Exit, file_error};
use crate::request::{Assignment, ClipFilter, ClipPage, Confirmation, Login, Order, Request};
use sealdock_core::import::Subject;
use sealdock_core::policy::Policy as PolicyRules;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What came back, on the screen.
fn shown(answer: &Answer, json: bool) -> Exit {
    print::answer(answer, json);
    answer.exit
}

/// Runs the verb and shows what comes back.
pub fn run(cli: Cli) -> Result<Exit, CliError> {
    if let Verb::Policy(Policy::Check { file: Some(file) }) = &cli.verb {
        return check_policy(file, cli.json);
    }
    if let Verb::Demo { once, dir } = &cli.verb {
        return super::demo::run(dir.as_deref(), *once);
    }
    if let Verb::Image { folder, to } = &cli.verb {
        return Ok(shown(&super::image::run(&absolute(folder)?, &absolute(to)?)?, cli.json));
    }
    if let Verb::Profile(verb) = cli.verb {
        return Ok(shown(&super::profile::run(verb)?, cli.json));
    }
    if let Verb::Witness(super::witness::Witness::Serve { dir, listen, everywhere }) = &cli.verb {
        super::witness::serve(dir, *listen, *everywhere)?;
        return Ok(Exit::Done);
    }
    if let Verb::Api(super::api::Api::Describe) = &cli.verb {
        print::answer(&super::api::described(), cli.json);
        return Ok(Exit::Done);
    }
    if let Verb::Witness(verb) = cli.verb {
        return Ok(shown(&super::witness::run(verb)?, cli.json));
    }
    if let Some(subject) = templated(&cli.verb) {
        print::answer(&super::import::template(subject), cli.json);
        return Ok(Exit::Done);
    }
    let station = cli.station.ok_or_else(|| {
        CliError::new(Exit::Usage, "which station? give --station DIR or set SEALDOCK_STATION")
    })?;
    match cli.verb {
        Verb::Init(wanted) => init::run(&station, wanted, cli.json),
        Verb::Restore(args) => super::lost::restore(&station, args, cli.json),
        Verb::Key(Key::Replace { key, cause, since, reason, to, by }) => {
            let why = super::lost::why(cause, since.as_deref(), reason)?;
            super::lost::replace(&station, (key, to, why), by, cli.json)
        }
        Verb::Run { console } => {
            let browser = console.map_or(Browser::AsSet, Browser::At);
            crate::daemon::run(&station, browser)
        }
        Verb::FirstRun(args) => super::first::run(&station, &args),
        Verb::Api(verb) => Ok(shown(&super::api::run(&station, verb)?, cli.json)),
        Verb::Anchor(super::anchor::Anchor::Send) => {
            Ok(shown(&super::anchor::send(&station)?, cli.json))
        }
        Verb::Ingest(ingest) => Ok(shown(&ask_with_pin(&station, ingest)?, cli.json)),
        other => {
            let paper = paper(&other).map(|paper| paper.settled(cli.json)).transpose()?.flatten();
            let answer = client::ask(&station, order(other)?)?;
            match paper {
                Some(paper) => paper.put(answer, cli.json),
                None => {
                    print::answer(&answer, cli.json);
                    Ok(answer.exit)
                }
            }
        }
    }
}

/// The verbs whose answer is a sheet to fill in; they need no station.
fn templated(verb: &Verb) -> Option<Subject> {
    match verb {
        Verb::Person(people::Person::Template) => Some(Subject::People),
        Verb::Recorder(desk::Recorder::Template) => Some(Subject::Recorders),
        _ => None,
    }
}

/// The verbs whose answer is a sheet.
fn paper(verb: &Verb) -> Option<form::Paper> {
    match verb {
        Verb::Form(verb) => Some(verb.paper().clone()),
        Verb::Report(verb) => Some(verb.paper()),
        Verb::View(access::View::Sights { paper, .. }) => Some(paper.clone()),
        _ => None,
    }
}

/// Whether a PIN is needed is the policy's to say; only then a terminal is asked for it.
fn ask_with_pin(station: &Path, args: Ingest) -> Result<crate::answer::Answer, CliError> {
    let path = absolute(&args.path)?;
    let request = || {
        Request::Ingest(crate::request::Ingest {
            path: path.clone(),
            bay: args.bay.clone(),
            recorder: args.recorder.clone(),
            officer: args.officer.clone(),
            wipe_off: args.wipe == Wipe::Never,
            unconfirmed: args.unconfirmed,
            profile: args.profile.clone(),
        })
    };
    super::card::refuse_what_is_lived_in(&path, args.pin_file.as_deref())?;
    let login = |pin| Login { person: args.officer.clone(), pin };
    let given = args.pin_file.as_deref().map(pin::from_file).transpose()?;
    let first = client::ask(station, Order { login: given.map(login), request: request() });
    match first {
        Err(e) if e.exit == Exit::PinWanted && pin::terminal() => {
            let pin = pin::typed(&format!("PIN of {}", args.officer))?;
            client::ask(station, Order { login: Some(login(pin)), request: request() })
        }
        other => other,
    }
}

pub(super) fn plain(request: Request) -> Result<Order, CliError> {
    Ok(Order { login: None, request })
}

/// The person, else the operator.
pub(super) fn maybe_by(who: MaybeAs, request: Request) -> Result<Order, CliError> {
    match who.person {
        Some(person) => by(As { person, pin_file: who.pin_file }, request),
        None => plain(request),
    }
}

pub(super) fn by(person: As, request: Request) -> Result<Order, CliError> {
    let pin = pin::of(&person.person.to_string(), person.pin_file.as_deref())?;
    Ok(Order { login: Some(Login { person: person.person, pin }), request })
}

fn order(verb: Verb) -> Result<Order, CliError> {
    match verb {
        Verb::Status => plain(Request::Status),
        Verb::Drill(drill) => super::lost::drill_order(drill),
        Verb::VerifyConfig | Verb::Policy(Policy::Check { .. }) => plain(Request::VerifyConfig),
        Verb::Check { deep, pin, person, pin_file } => {
            let pin = pin.map(|file| read(&file)).transpose()?;
            let request = Request::Check { deep, pin, enter: person.is_some() };
            match person {
                Some(person) => by(As { person, pin_file }, request),
                None => plain(request),
            }
        }
        Verb::Log(log) => plain(log_request(log)?),
        Verb::Anchor(verb) => super::anchor::order(verb),
        Verb::Clip(clip) => clip_order(clip),
        Verb::Session(session) => session_order(session),
        Verb::Reason(Reason::Add { clip, text, correcting, by: person }) => {
            let command = json!({ "command": "give-reason", "clip": clip, "text": text,
                "correcting": correcting });
            by(person, Request::Apply { command })
        }
        Verb::Department(verb) => people::department_order(verb),
        Verb::Person(verb) => people::person_order(verb),
        Verb::Duty(verb) => people::duty_order(verb),
        Verb::Recorder(verb) => desk::recorder_order(verb),
        Verb::Use(verb) => desk::use_order(verb),
        Verb::Matter(verb) => super::matter::matter(verb),
        Verb::Step(verb) => super::matter::step(verb),
        Verb::Steps(verb) => super::matter::steps(verb),
        Verb::Interruption(verb) => super::matter::interruption(verb),
        Verb::Report(verb) => super::report::report(verb),
        Verb::Form(verb) => form::order(verb),
        Verb::Hold(verb) => keep::hold(verb),
        Verb::Dispose(verb) => keep::dispose(verb),
        Verb::Spotcheck(verb) => keep::spotcheck(verb),
        Verb::Medium(verb) => keep::medium(verb),
        Verb::Clock(verb) => keep::clock(verb),
        Verb::Shift(shift) => shift_order(shift),
        Verb::Access(verb) => super::access::access_order(verb),
        Verb::Secrecy(verb) => super::access::secrecy_order(verb),
        Verb::View(verb) => super::access::view_order(verb),
        Verb::Copy(verb) => super::access::copy_order(verb),
        Verb::Export(verb) => super::access::export_order(verb),
        other => upkeep_order(other),
    }
}

fn upkeep_order(verb: Verb) -> Result<Order, CliError> {
    match verb {
        Verb::Bay(Bay::List) => plain(Request::BayList),
        Verb::Bay(Bay::Add { id, folder, by }) => {
            let folder = existing(&folder)?;
            let command =
                json!({ "command": "add-bay", "id": id, "kind": "folder", "path": folder });
            maybe_by(by, Request::Apply { command })
        }
        Verb::Key(Key::List) => plain(Request::KeyList),
        Verb::Key(Key::Rotate { key, to, by }) => {
            let to = to.map(super::args::Place::place);
            maybe_by(by, Request::KeyRotate { key: key.kind(), to })
        }
        Verb::Policy(Policy::Adopt { file, by }) => {
            let command = json!({ "command": "adopt-policy", "text": read(&file)? });
            maybe_by(by, Request::Apply { command })
        }
        Verb::Copies(Copies::Mirror { dir, same_disk_for_tests: same_disk, by }) => {
            maybe_by(by, Request::CopiesMirror { dir: existing(&dir)?, same_disk })
        }
        Verb::Copies(Copies::AcceptSingle { by }) => {
            maybe_by(by, Request::Apply { command: json!({ "command": "accept-single-copy" }) })
        }
        Verb::Copies(Copies::Lock) => plain(Request::CopiesLock),
        // The others were taken out before; this one is left.
        _ => plain(Request::PolicyShow),
    }
}

fn log_request(log: Log) -> Result<Request, CliError> {
    Ok(match log {
        Log::Show { from, count } => Request::LogShow { from, count },
        Log::Head => Request::LogHead,
        Log::Vkey => Request::LogVkey,
        Log::Receipt => Request::LogReceipt,
        Log::Prove { seq } => Request::LogProve { seq },
        Log::Growth { size } => Request::LogGrowth { size },
        Log::Export { tiles } => Request::LogExport { out: absolute(&tiles)? },
    })
}

fn clip_order(clip: Clip) -> Result<Order, CliError> {
    match clip {
        Clip::List { officer, recorder, day, marked, late, unassigned, belonging, page } => {
            let page = ClipPage {
                limit: page.limit,
                after: page.after,
                newest_first: page.newest,
                looks: None,
            };
            let Belonging { department, class, matter, step } = belonging;
            let filter = ClipFilter {
                page,
                officer,
                recorder,
                day,
                marked,
                late,
                unassigned,
                department,
                class,
                matter,
                step,
            };
            plain(Request::ClipList(filter))
        }
        Clip::Show { clip } => plain(Request::ClipShow { clip }),
        Clip::Class { clips, class, reason, by: person } => {
            keep::class(clips, class, (reason, person))
        }
        Clip::Assign { clips, session, owner } => {
            let Owner { recorder, officer, reason, by: person } = owner;
            let this = Assignment { clips, session, recorder, officer, reason };
            by(person, Request::ClipAssign(this))
        }
        Clip::Reassign { clips, owner } => {
            let Owner { recorder, officer, reason, by: person } = owner;
            let this = Assignment { clips, session: None, recorder, officer, reason };
            by(person, Request::ClipReassign(this))
        }
        Clip::Matter(verb) => super::matter::of_clip(verb),
    }
}

fn session_order(session: Session) -> Result<Order, CliError> {
    match session {
        Session::List { aside } => plain(Request::SessionList { aside }),
        Session::Show { session } => plain(Request::SessionShow { session }),
        Session::Resolve { aside, decision, reason, by: person } => {
            let decision = match decision {
                Decision::Leave => "leave",
                Decision::Retry => "retry",
            };
            let command = json!({
                "command": "decide-aside", "aside": aside, "decision": decision, "reason": reason,
            });
            by(person, Request::Apply { command })
        }
        Session::Wipe { session, reason, path, by: person } => {
            let path = path.map(|path| existing(&path)).transpose()?;
            by(person, Request::SessionWipe { session, reason, path })
        }
        Session::Confirm { bay, recorder, officer, pin_file, unassigned: _ } => {
            let login = match (&officer, pin_file) {
                (Some(person), file) => {
                    let pin = pin::of(person.as_str(), file.as_deref())?;
                    Some(Login { person: person.clone(), pin })
                }
                (None, _) => None,
            };
            let request = Request::SessionConfirm(Confirmation { bay, recorder, officer });
            Ok(Order { login, request })
        }
    }
}

fn shift_order(shift: Shift) -> Result<Order, CliError> {
    match shift {
        Shift::Open { by: person } => {
            by(person, Request::Apply { command: json!({ "command": "open-shift" }) })
        }
        Shift::Close { shift, by: person } => by(person, Request::ShiftClose { shift }),
        Shift::Show => plain(Request::ShiftShow),
    }
}

fn check_policy(file: &Path, json: bool) -> Result<Exit, CliError> {
    let text = read(file)?;
    let policy =
        PolicyRules::parse(&text).map_err(|e| CliError::new(Exit::Refused, e.to_string()))?;
    crate::execute::fits_this_build(&policy, cfg!(feature = "passkeys"))?;
    let sha256 = sealdock_chain::Digest::of(text.as_bytes()).to_string();
    let line = format!("{} is a usable policy, sha256 {sha256}", file.display());
    print::answer(&crate::answer::Answer::new(json!({ "sha256": sha256 })).line(line), json);
    Ok(Exit::Done)
}

pub(super) fn read(file: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(file).map_err(|e| file_error("read", file, &e))
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path).map_err(|e| file_error("find", path, &e))
}

/// A directory that must be there.
fn existing(path: &Path) -> Result<PathBuf, CliError> {
    std::fs::canonicalize(path).map_err(|e| file_error("find", path, &e))
}
