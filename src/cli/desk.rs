//! `recorder` and `use`: recorders as fixed assets, and the archive of their use.

use super::args::As;
use super::import::Import;
use super::people::MaybeAs;
use super::verbs::{by, maybe_by, plain};
use crate::exit::CliError;
use crate::request::{AssetFields, DeskAsk, DeskChange, Order, Request};
use clap::{Args, Subcommand, ValueEnum};
use sealdock_core::id::{PersonId, RecorderId, UseId};
use sealdock_core::import::Subject;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Clock {
    /// It shows the right date and time
    Right,
    /// It was wrong and has been set to now
    Set,
    Wrong,
}

/// Why a recorder goes where it goes, and who says so.
#[derive(Debug, Args)]
pub struct Why {
    pub id: RecorderId,
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub by: As,
}

/// What is written down about a fixed asset.
#[derive(Debug, Args)]
pub struct Asset {
    #[arg(long, value_name = "NUMBER")]
    pub asset_number: Option<String>,
    /// Like 2024-03-01
    #[arg(long, value_name = "DAY")]
    pub acquired: Option<String>,
    #[arg(long, value_name = "ID")]
    pub department: Option<String>,
    /// The named clerk who keeps it
    #[arg(long, value_name = "ID")]
    pub clerk: Option<String>,
    /// Where it is kept
    #[arg(long, value_name = "TEXT")]
    pub cabinet: Option<String>,
}

impl From<Asset> for AssetFields {
    fn from(asset: Asset) -> AssetFields {
        let Asset { asset_number, acquired, department, clerk, cabinet } = asset;
        AssetFields { asset_number, acquired, department, clerk, cabinet }
    }
}

#[derive(Debug, Subcommand)]
pub enum Recorder {
    /// Enrol a recorder
    Add {
        id: RecorderId,
        /// Number that the recorder writes into its own file names
        #[arg(long, value_name = "NUMBER")]
        device_id: Option<String>,
        #[arg(long, value_name = "NAME")]
        model: Option<String>,
        #[command(flatten)]
        by: MaybeAs,
    },
    List,
    /// One recorder: where it is, whose it is, its uses, everything that happened to it
    Show {
        id: RecorderId,
    },
    /// As a fixed asset; what is not named stays, '' takes it away
    Describe {
        id: RecorderId,
        #[command(flatten)]
        asset: Asset,
        /// Needed for a correction
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// Puts right what stands wrong about it; what is not named stays, '' takes it away
    Correct {
        id: RecorderId,
        /// Number that the recorder writes into its own file names
        #[arg(long, value_name = "NUMBER")]
        device_id: Option<String>,
        #[arg(long, value_name = "NAME")]
        model: Option<String>,
        #[command(flatten)]
        asset: Asset,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: MaybeAs,
    },
    /// Enrols the recorders of a sheet, all or none
    Import(Import),
    /// A sheet to fill in, as CSV
    Template,
    /// From now on this officer may be issued it
    Designate {
        #[arg(long, value_name = "ID")]
        officer: PersonId,
        #[command(flatten)]
        why: Why,
    },
    Undesignate {
        #[arg(long, value_name = "ID")]
        officer: PersonId,
        #[command(flatten)]
        why: Why,
    },
    /// The check before a use, or without --use the periodic one
    Check {
        id: RecorderId,
        #[arg(long = "use", value_name = "USE")]
        of: Option<UseId>,
        /// Percent
        #[arg(long, value_name = "PERCENT")]
        battery: u8,
        #[arg(long, value_name = "MIB")]
        free_mib: u32,
        #[arg(long, value_enum)]
        clock: Clock,
        /// It does not work; this reports the fault, too
        #[arg(long)]
        faulty: bool,
        /// I looked: its memory is empty. Counts for a recorder that was never docked
        #[arg(long)]
        looks_empty: bool,
        #[arg(long, value_name = "TEXT")]
        remark: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// 领用: the clerk hands it out for an approved use
    Issue {
        #[arg(value_name = "USE")]
        of: UseId,
        #[command(flatten)]
        by: As,
    },
    /// 交回 by hand; docking it is the usual return
    Return(Why),
    /// It was taken without approval
    Breach {
        #[arg(long, value_name = "ID")]
        officer: PersonId,
        #[command(flatten)]
        why: Why,
    },
    /// It does not work
    Fault {
        id: RecorderId,
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        by: As,
    },
    /// Into the cabinet
    Store {
        /// It works again: an open fault is settled
        #[arg(long)]
        in_order: bool,
        #[command(flatten)]
        why: Why,
    },
    Repair {
        /// It may hold footage and leaves all the same
        #[arg(long)]
        footage_aboard: bool,
        #[command(flatten)]
        why: Why,
    },
    Lost(Why),
    /// Out of service for good
    Retire {
        /// It may hold footage and leaves all the same
        #[arg(long)]
        footage_aboard: bool,
        #[command(flatten)]
        why: Why,
    },
}

#[derive(Debug, Subcommand)]
pub enum Use {
    /// An officer asks for a recorder
    Request {
        recorder: RecorderId,
        #[arg(long, value_name = "TEXT")]
        purpose: String,
        /// To be back by: a day (its end) or '2026-12-01 18:00' [default: the end of today]
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// The officer's department head approves
    Approve {
        #[arg(value_name = "USE")]
        of: UseId,
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// Or says no; also takes an approval back until the recorder is handed out
    Refuse {
        #[arg(value_name = "USE")]
        of: UseId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    Withdraw {
        #[arg(value_name = "USE")]
        of: UseId,
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// The department head answers a breach
    Answer {
        #[arg(value_name = "USE")]
        of: UseId,
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        by: As,
    },
    /// Why a recorder came late
    Reason {
        #[arg(value_name = "USE")]
        of: UseId,
        #[arg(long, value_name = "TEXT")]
        text: String,
        /// Why the reason that stands in the record is wrong; both stay
        #[arg(long, value_name = "TEXT")]
        correcting: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// Uses that are not over; with --all every one
    List {
        #[arg(long)]
        all: bool,
    },
    /// Form 2, 执法记录仪使用档案
    Archive(Days),
    /// Recorders against officers, lateness by officer and department
    Figures(Days),
}

/// From one day to another, both included.
#[derive(Debug, Args)]
pub struct Days {
    /// First day [default: the first of this year]
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Last day [default: today]
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
}

pub fn recorder_order(verb: Recorder) -> Result<Order, CliError> {
    match verb {
        Recorder::List => plain(Request::RecorderList),
        Recorder::Show { id } => plain(Request::Desk(DeskAsk::Recorder { recorder: id })),
        Recorder::Add { id, device_id, model, by } => {
            let command = json!({
                "command": "enrol-recorder", "id": id, "device_id": device_id, "model": model,
            });
            maybe_by(by, Request::Apply { command })
        }
        Recorder::Describe { id, asset, reason, by: who } => {
            let fields = asset.into();
            let change = DeskChange::DescribeRecorder { recorder: id, fields, reason };
            by(who, Request::DeskChange(change))
        }
        Recorder::Correct { id, device_id, model, asset, reason, by } => {
            let (recorder, fields) = (id, asset.into());
            let change = DeskChange::CorrectRecorder { recorder, device_id, model, fields, reason };
            maybe_by(by, Request::DeskChange(change))
        }
        Recorder::Import(wanted) => super::import::order(Subject::Recorders, wanted),
        Recorder::Designate { officer, why } => {
            said(why, "designate", json!({ "officer": officer }))
        }
        Recorder::Undesignate { officer, why } => {
            said(why, "end-designation", json!({ "officer": officer }))
        }
        Recorder::Breach { officer, why } => said(why, "breach", json!({ "officer": officer })),
        Recorder::Return(Why { id, reason, by: who }) => {
            by(who, Request::DeskChange(DeskChange::Return { recorder: id, reason }))
        }
        Recorder::Issue { of, by: who } => by(who, desk(json!({ "act": "issue", "use": of }))),
        Recorder::Fault { id, text, by: who } => {
            by(who, desk(json!({ "act": "report-fault", "recorder": id, "text": text })))
        }
        Recorder::Check {
            id,
            of,
            battery,
            free_mib,
            clock,
            faulty,
            looks_empty,
            remark,
            by: who,
        } => {
            let sheet = json!({
                "works": !faulty, "battery_percent": battery, "free_mib": free_mib,
                "clock": match clock { Clock::Right => "right", Clock::Set => "set", Clock::Wrong => "wrong" },
                "looks_empty": looks_empty, "remark": remark,
            });
            by(who, desk(json!({ "act": "check", "recorder": id, "use": of, "sheet": sheet })))
        }
        other => moved(other),
    }
}

fn moved(verb: Recorder) -> Result<Order, CliError> {
    match verb {
        Recorder::Store { in_order, why } => {
            said(why, "move", json!({ "place": "cabinet", "in_order": in_order }))
        }
        Recorder::Repair { footage_aboard, why } => {
            said(why, "move", json!({ "place": "repair", "footage_aboard": footage_aboard }))
        }
        Recorder::Retire { footage_aboard, why } => {
            said(why, "move", json!({ "place": "retired", "footage_aboard": footage_aboard }))
        }
        Recorder::Lost(why) => said(why, "move", json!({ "place": "lost" })),
        // The others were taken out before; this one is left.
        _ => plain(Request::RecorderList),
    }
}

pub fn use_order(verb: Use) -> Result<Order, CliError> {
    match verb {
        Use::Request { recorder, purpose, until, by: who } => {
            by(who, Request::DeskChange(DeskChange::Request { recorder, purpose, until }))
        }
        Use::Approve { of, note, by: who } => {
            by(who, desk(json!({ "act": "approve", "use": of, "note": note })))
        }
        Use::Refuse { of, reason, by: who } => {
            by(who, desk(json!({ "act": "refuse", "use": of, "reason": reason })))
        }
        Use::Withdraw { of, reason, by: who } => {
            by(who, desk(json!({ "act": "withdraw", "use": of, "reason": reason })))
        }
        Use::Answer { of, text, by: who } => {
            by(who, desk(json!({ "act": "see-breach", "use": of, "text": text })))
        }
        Use::Reason { of, text, correcting, by: who } => {
            let act = json!({ "act": "explain-late", "use": of, "text": text,
                "correcting": correcting });
            by(who, desk(act))
        }
        Use::List { all } => plain(Request::Desk(DeskAsk::Uses { all })),
        Use::Archive(Days { from, to }) => plain(Request::Desk(DeskAsk::Archive { from, to })),
        Use::Figures(Days { from, to }) => plain(Request::Desk(DeskAsk::Figures { from, to })),
    }
}

fn said(why: Why, act: &str, mut command: Value) -> Result<Order, CliError> {
    command["act"] = json!(act);
    command["recorder"] = json!(why.id);
    command["reason"] = json!(why.reason);
    by(why.by, desk(command))
}

fn desk(mut command: Value) -> Request {
    command["command"] = json!("desk");
    Request::Apply { command }
}
