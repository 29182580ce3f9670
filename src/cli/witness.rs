//! `witness`: being one for somebody else's station. It needs no station of its own.

/// Over a network.
mod serve;

use crate::answer::Answer;
use crate::execute::utc;
use crate::exit::{CliError, Exit};
use clap::Subcommand;
use sealdock_chain::VerifierKey;
use sealdock_core::naming;
use sealdock_witness::courier::{self, Answered};
use sealdock_witness::{Kind, Says, Witness as Me, WitnessError};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

pub use serve::run as serve;

#[derive(Debug, Subcommand)]
pub enum Witness {
    /// Make a witness in an absent or empty folder
    #[command(
        after_help = "A witness is never restored from a copy: one that has forgotten would sign a second history. \
        Retire it, and make a new one with another name."
    )]
    Init {
        /// Its folder
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Name that stands in its cosignatures, like court.example/w1
        #[arg(long)]
        name: String,
    },
    /// Know a record from now on, or the next key of one
    AddLog {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Verifier key of the record (`sealdock log vkey`), got by another way than the stick
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// The key for policies (c2sp.org/tlog-policy)
    Key {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Answer requests that came on a stick
    Answer {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Requests (.add-checkpoint); of a folder only its `outbox` is read
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Folder below whose `inbox` the answers go [default: the folder named, or that of the file]
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
    /// Answer requests over the network, until it is told to end
    Serve {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Where to listen, like 127.0.0.1:7380; port 0 takes a free one. The address is the one line it prints
        #[arg(long, value_name = "ADDRESS")]
        listen: SocketAddr,
        /// Listen on an address that others reach, too
        #[arg(long)]
        everywhere: bool,
    },
    /// Records that it knows, and what it cosigned last of each
    List {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Contradictions that it kept
    Evidence {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

impl From<WitnessError> for CliError {
    fn from(e: WitnessError) -> CliError {
        let exit = match e.kind {
            Kind::Refused => Exit::Refused,
            Kind::Missing => Exit::Missing,
            Kind::Busy => Exit::Busy,
            Kind::Failed => Exit::Failed,
            Kind::Damaged => Exit::Stopped,
        };
        CliError::new(exit, e.message)
    }
}

pub fn run(verb: Witness) -> Result<Answer, CliError> {
    match verb {
        Witness::Init { dir, name } => Ok(keyed(&Me::make(&dir, &name)?)),
        Witness::AddLog { dir, key } => add_log(&dir, &key),
        Witness::Key { dir } => Ok(keyed(&Me::open(&dir)?)),
        Witness::Answer { dir, paths, into } => answer(&dir, &paths, into.as_deref()),
        // `serve` gives no answer of its own and was taken out before.
        Witness::List { dir } | Witness::Serve { dir, .. } => list(&dir),
        Witness::Evidence { dir } => evidence(&dir),
    }
}

fn keyed(me: &Me) -> Answer {
    let key = me.key().to_string();
    Answer::new(json!({ "name": me.key().name(), "vkey": key })).line(key)
}

fn add_log(dir: &Path, key: &str) -> Result<Answer, CliError> {
    let key: VerifierKey = key.trim().parse().map_err(|e: sealdock_chain::NoteError| {
        CliError::new(Exit::Refused, format!("{}: {e}", naming::inert(key.trim())))
    })?;
    let changed = Me::open(dir)?.add_log(&key)?;
    let how = if changed { "收下 known from now on" } else { "已有 already so" };
    let json = json!({ "origin": key.name(), "changed": changed });
    Ok(Answer::new(json).line(format!("{}: {how}", key.name())))
}

/// Seconds since 1970; a clock before that signs nothing.
pub fn now() -> Result<u64, CliError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map(|now| now.as_secs()).map_err(|_| {
        CliError::new(Exit::Failed, "the clock of this machine is before 1970; set it")
    })
}

fn answer(dir: &Path, paths: &[PathBuf], into: Option<&Path>) -> Result<Answer, CliError> {
    let me = Me::open(dir)?;
    let (mut rows, mut list, mut evidence) = (Vec::new(), Vec::new(), false);
    for path in paths {
        let (requests, beside) = match path.is_dir() {
            true => (courier::requests(path)?, path.as_path()),
            false => (vec![path.clone()], path.parent().unwrap_or(Path::new("."))),
        };
        for request in requests {
            let done = courier::answer(&me, &request, (into.unwrap_or(beside), now()?))?;
            evidence |=
                done.answer.as_ref().is_some_and(|a| a.status == 422 || a.says == Says::OtherRoot);
            let (row, facts) = told(&done);
            rows.push(row);
            list.push(facts);
        }
    }
    let head = ["request", "status", "answer"];
    let answer =
        Answer::new(json!({ "answered": list })).table(&head, rows, "no request in the outbox");
    Ok(match evidence {
        true => answer
            .line(format!(
                "报警 a record contradicts itself: `sealdock witness evidence {}`",
                dir.display()
            ))
            .ending(Exit::Findings),
        false => answer,
    })
}

fn told(done: &Answered) -> (Vec<String>, serde_json::Value) {
    let name = done.request.file_name().unwrap_or_default().to_string_lossy();
    let (status, word) = match &done.answer {
        None => (200, "已有 already so".to_owned()),
        Some(answer) => match answer.says {
            Says::Lines => (200, "见证签名 cosigned".to_owned()),
            Says::Size => {
                (answer.status, format!("cosigned last: {} entries", answer.body.trim_end()))
            }
            Says::OtherRoot => {
                (answer.status, "拒绝 refused: another head of this size was cosigned".into())
            }
            Says::Why => {
                (answer.status, format!("拒绝 refused: {}", naming::inert(answer.body.trim_end())))
            }
        },
    };
    let facts = json!({
        "request": done.request, "status": status, "written": done.written, "changed": done.answer.is_some(),
    });
    (vec![naming::inert(&name), status.to_string(), word], facts)
}

fn list(dir: &Path) -> Result<Answer, CliError> {
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for known in Me::open(dir)?.known()? {
        let (size, at) = known
            .last
            .map_or((String::new(), "未见证签名 never cosigned".into()), |(size, at)| {
                (size.to_string(), utc(at))
            });
        rows.push(vec![known.origin.clone(), size, at]);
        let keys: Vec<String> = known.keys.iter().map(ToString::to_string).collect();
        list.push(json!({
            "origin": known.origin, "keys": keys, "size": known.last.map(|last| last.0),
            "at": known.last.map(|last| utc(last.1)),
        }));
    }
    Ok(Answer::new(json!({ "logs": list })).table(
        &["record", "entries", "cosigned"],
        rows,
        "no record is known",
    ))
}

fn evidence(dir: &Path) -> Result<Answer, CliError> {
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for kept in Me::open(dir)?.evidence()? {
        let why = naming::inert(kept.why.lines().next().unwrap_or_default());
        rows.push(vec![kept.origin.clone(), why, kept.folder.display().to_string()]);
        list.push(json!({ "origin": kept.origin, "folder": kept.folder, "why": kept.why }));
    }
    let empty = rows.is_empty();
    let answer = Answer::new(json!({ "evidence": list }));
    let answer = answer.table(&["record", "shows", "folder"], rows, "no contradiction was seen");
    Ok(if empty { answer } else { answer.ending(Exit::Findings) })
}
