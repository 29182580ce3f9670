//! Verbs about matters, steps, bindings, marks and interruptions, and each as the one request it is.

use super::args::As;
use super::verbs::{by, plain, read};
use crate::execute::matter::Ask;
use crate::exit::CliError;
use crate::request::{Order, Request};
use clap::{Args, Subcommand, ValueEnum};
use sealdock_core::id::{ClipId, DepartmentId, InterruptionId, MatterId, PersonId, StepId};
use sealdock_core::matter::{Cause, MatterKind};
use sealdock_core::time::WallMs;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What a matter is about.
#[derive(Debug, Args)]
pub struct Record {
    /// In a few words
    #[arg(long, value_name = "TEXT")]
    pub title: String,
    /// penalty, licence, coercion, inspection or other
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: MatterKind,
    /// 当事人; may be given several times
    #[arg(long, value_name = "NAME")]
    pub party: Vec<String>,
    /// Officers of the matter; may be given several times
    #[arg(long, value_name = "ID", required = true)]
    pub officer: Vec<PersonId>,
    #[arg(long, value_name = "ID")]
    pub department: Option<DepartmentId>,
    /// 案号, where there is one yet
    #[arg(long, value_name = "NUMBER")]
    pub case_file: Option<String>,
}

impl Record {
    fn json(self) -> Value {
        let mut record = json!({
            "kind": self.kind, "title": self.title, "parties": self.party, "officers": self.officer,
        });
        if let Some(department) = self.department {
            record["department"] = json!(department);
        }
        if let Some(number) = self.case_file {
            record["case_file"] = json!(number);
        }
        record
    }
}

#[derive(Debug, Subcommand)]
pub enum Matter {
    /// A matter begins
    Open {
        #[command(flatten)]
        record: Record,
        #[command(flatten)]
        by: As,
    },
    /// The whole record as it is from now on; what stood before stays visible
    Correct {
        matter: MatterId,
        #[command(flatten)]
        record: Record,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// The enforcement act has ended; the filing deadline begins
    Close {
        matter: MatterId,
        /// When it ended, like 2026-03-02T10:00:00+08:00 [default: now]
        #[arg(long, value_name = "TIME", value_parser = moment)]
        ended: Option<WallMs>,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// 归档: the case file is in the archive
    File {
        matter: MatterId,
        /// 案号, if it was not known before
        #[arg(long, value_name = "NUMBER")]
        case_file: Option<String>,
        /// Where in the archive it stands
        #[arg(long, value_name = "PLACE")]
        archive: Option<String>,
        /// Why it is late, if it is
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// Record, steps, clips, interruptions and deadline of one matter
    Show { matter: MatterId },
    List {
        /// Only those that are not filed
        #[arg(long)]
        open: bool,
    },
    /// Writes down which filing deadlines are near or over; the daemon does so by itself
    Watch,
}

#[derive(Debug, Subcommand)]
pub enum Step {
    /// An enforcement step (环节) of a matter
    Declare {
        matter: MatterId,
        /// Its item on the list; see `steps show`
        #[arg(long, value_name = "ITEM")]
        item: String,
        #[arg(long, value_name = "TEXT")]
        place: String,
        /// Recorded in parts, at different places or times
        #[arg(long, requires = "reason")]
        in_parts: bool,
        /// Why in parts
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Officers of the step [default: those of the matter]
        #[arg(long, value_name = "ID")]
        officer: Vec<PersonId>,
        /// When it began, like 2026-03-02T10:00:00+08:00
        #[arg(long, value_name = "TIME", value_parser = moment)]
        began: Option<WallMs>,
        #[command(flatten)]
        by: As,
    },
    /// The step is over; its recordings are looked at. Again: they are looked at again
    Close {
        step: StepId,
        /// When it ended, like 2026-03-02T10:00:00+08:00
        #[arg(long, value_name = "TIME", value_parser = moment)]
        ended: Option<WallMs>,
        #[command(flatten)]
        by: As,
    },
    List {
        matter: MatterId,
    },
}

#[derive(Debug, Subcommand)]
pub enum Steps {
    /// The list of what must be recorded (音像记录事项清单) that is in force
    Show,
    /// Put another list in force
    Adopt {
        file: PathBuf,
        /// The unit head, once there is one with a PIN
        #[arg(long = "as", value_name = "ID")]
        person: Option<PersonId>,
        /// File whose first line is their PIN; without it the terminal asks
        #[arg(long, value_name = "F", requires = "person")]
        pin_file: Option<PathBuf>,
    },
}

/// Verbs under `clip` that belong to this room.
#[derive(Debug, Subcommand)]
pub enum OfClip {
    /// Clips belong to a step, or to a matter as a whole
    Bind {
        #[arg(required = true)]
        clips: Vec<ClipId>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        by: As,
    },
    /// The department head ends a wrong binding; the entry stays
    Unbind {
        clip: ClipId,
        #[command(flatten)]
        place: Place,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// 重点: a person's mark beside that of the device
    Mark {
        clip: ClipId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
}

/// Where clips belong.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Place {
    #[arg(long, value_name = "E")]
    step: Option<StepId>,
    #[arg(long, value_name = "M")]
    matter: Option<MatterId>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Verdict {
    Accepted,
    NotAccepted,
}

#[derive(Debug, Subcommand)]
pub enum Interruption {
    /// Those that are not explained, and those that the department head has not noted
    List {
        /// All of them
        #[arg(long)]
        all: bool,
    },
    /// An officer of the step says the objective cause, to their department head
    Explain {
        interruption: InterruptionId,
        /// fault, damage, weather, battery, space or other
        #[arg(long, value_name = "CAUSE", value_parser = cause)]
        cause: Cause,
        #[arg(long, value_name = "TEXT")]
        text: String,
        /// The clip in which the cause is said aloud
        #[arg(long, value_name = "CLIP", requires = "voice_second")]
        voice_clip: Option<ClipId>,
        /// Where in it, in seconds from its beginning
        #[arg(long, value_name = "S", requires = "voice_clip")]
        voice_second: Option<u32>,
        /// The department head it is reported to
        #[arg(long, value_name = "ID")]
        told: PersonId,
        #[command(flatten)]
        by: As,
    },
    /// The department head accepts an explanation, or does not
    Note {
        interruption: InterruptionId,
        #[arg(long, value_enum)]
        verdict: Verdict,
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        by: As,
    },
}

pub fn matter(verb: Matter) -> Result<Order, CliError> {
    let told = |act: &str, mut command: Value| {
        command["command"] = json!("matter");
        command["act"] = json!(act);
        Request::Apply { command }
    };
    match verb {
        Matter::Open { record, by: person } => {
            by(person, told("open-matter", json!({ "record": record.json() })))
        }
        Matter::Correct { matter, record, reason, by: person } => {
            let command = json!({ "matter": matter, "record": record.json(), "reason": reason });
            by(person, told("correct-matter", command))
        }
        Matter::Close { matter, ended, reason, by: person } => {
            let command = json!({ "matter": matter, "ended": ended, "reason": reason });
            by(person, told("close-matter", command))
        }
        Matter::File { matter, case_file, archive, reason, by: person } => {
            let command = json!({
                "matter": matter, "case_file": case_file, "archive": archive, "reason": reason,
            });
            by(person, told("file-matter", command))
        }
        Matter::Show { matter } => plain(Request::Matter(Ask::Show { matter })),
        Matter::List { open } => plain(Request::Matter(Ask::List { open })),
        Matter::Watch => plain(Request::MatterWatch),
    }
}

pub fn step(verb: Step) -> Result<Order, CliError> {
    match verb {
        Step::Declare { matter, item, place, in_parts, reason, officer, began, by: person } => {
            let manner = if in_parts { "in-parts" } else { "continuous" };
            let command = json!({
                "command": "matter", "act": "declare-step", "matter": matter, "item": item,
                "manner": manner, "place": place, "officers": officer, "began": began,
                "reason": reason,
            });
            by(person, Request::Apply { command })
        }
        Step::Close { step, ended, by: person } => {
            let command =
                json!({ "command": "matter", "act": "close-step", "step": step, "ended": ended });
            by(person, Request::Apply { command })
        }
        Step::List { matter } => plain(Request::Matter(Ask::Steps { matter })),
    }
}

pub fn steps(verb: Steps) -> Result<Order, CliError> {
    let Steps::Adopt { file, person, pin_file } = verb else {
        return plain(Request::Matter(Ask::ListInForce));
    };
    let command = json!({ "command": "matter", "act": "adopt-steps", "text": read(&file)? });
    match person {
        Some(person) => by(As { person, pin_file }, Request::Apply { command }),
        None => plain(Request::Apply { command }),
    }
}

pub fn of_clip(verb: OfClip) -> Result<Order, CliError> {
    let (person, command) = match verb {
        OfClip::Bind { clips, place: Place { step, matter }, by } => {
            (by, json!({ "act": "bind", "clips": clips, "matter": matter, "step": step }))
        }
        OfClip::Unbind { clip, place: Place { step, matter }, reason, by } => {
            let command = json!({
                "act": "unbind", "clip": clip, "matter": matter, "step": step, "reason": reason,
            });
            (by, command)
        }
        OfClip::Mark { clip, reason, by } => {
            (by, json!({ "act": "mark", "clip": clip, "reason": reason }))
        }
    };
    let mut command = command;
    command["command"] = json!("matter");
    by(person, Request::Apply { command })
}

pub fn interruption(verb: Interruption) -> Result<Order, CliError> {
    match verb {
        Interruption::List { all } => plain(Request::Matter(Ask::Interruptions { all })),
        Interruption::Explain {
            interruption,
            cause,
            text,
            voice_clip,
            voice_second,
            told,
            by: person,
        } => {
            let voice = voice_clip
                .zip(voice_second)
                .map(|(clip, second)| json!({ "clip": clip, "at_ms": u64::from(second) * 1000 }));
            let command = json!({
                "command": "matter", "act": "explain", "interruption": interruption,
                "cause": cause, "text": text, "voice": voice, "told": told,
            });
            by(person, Request::Apply { command })
        }
        Interruption::Note { interruption, verdict, text, by: person } => {
            let accepted = matches!(verdict, Verdict::Accepted);
            let command = json!({
                "command": "matter", "act": "note", "interruption": interruption,
                "accepted": accepted, "text": text,
            });
            by(person, Request::Apply { command })
        }
    }
}

fn kind(text: &str) -> Result<MatterKind, String> {
    let all = MatterKind::ALL.map(MatterKind::as_str).join(", ");
    MatterKind::parse(text).ok_or_else(|| format!("kinds are {all}"))
}

fn cause(text: &str) -> Result<Cause, String> {
    let all = Cause::ALL.map(Cause::as_str).join(", ");
    Cause::parse(text).ok_or_else(|| format!("causes are {all}"))
}

/// A moment with its distance from UTC, so that nobody guesses which clock was meant.
fn moment(text: &str) -> Result<WallMs, String> {
    WallMs::parse(text).ok_or_else(|| "write the time like 2026-03-02T10:00:00+08:00".to_owned())
}
