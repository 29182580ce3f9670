//! `report`: what an auditor asks.

use super::args::civil_day;
use super::form::{Format, Paper};
use super::verbs::plain;
use crate::execute::report::{Ask, Span};
use crate::exit::CliError;
use crate::request::{Order, Request};
use clap::{Args, Subcommand};
use sealdock_core::id::{ClipId, DepartmentId, PersonId, RecorderId, SessionId};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[command(
    after_help = "Every report says up to which entry of the chain it holds. As HTML and PDF it has plots.\n\n\
    Example:\n  sealdock report lateness --from 2026-11-01 --until 2026-11-30 --out lateness.html"
)]
pub enum Report {
    /// The life of one clip from approval to today, with what is missing
    Clip {
        clip: ClipId,
        #[command(flatten)]
        sheet: As,
    },
    /// The life of one recorder, with what is missing
    Recorder {
        recorder: RecorderId,
        #[command(flatten)]
        sheet: As,
    },
    /// Everything one person did
    Person {
        person: PersonId,
        /// And what others wrote about them, with what they still owe
        #[arg(long)]
        about: bool,
        #[command(flatten)]
        sheet: As,
    },
    /// 入库回执: what became of every file of one docking, with its digest, under the signed head as a QR code
    Receipt {
        session: SessionId,
        #[command(flatten)]
        sheet: As,
    },
    /// 中断: interruptions, with their explanations
    Interruptions {
        /// Only those that wait for an explanation
        #[arg(long)]
        unexplained: bool,
        #[command(flatten)]
        which: Which,
    },
    /// 应录未录: which steps had to be recorded, and what there is
    Expected {
        #[command(flatten)]
        which: Which,
    },
    /// Recording hours and marked share by department, officer and month; by week as a plot
    Hours {
        #[command(flatten)]
        which: Which,
    },
    /// 逾期: recorders back late and clips stored late by officer and department, and who repeatedly
    Lateness {
        #[command(flatten)]
        which: Which,
    },
    /// At least one recorder for five officers (002/M-二(二)3(1)), now
    Ratio {
        #[command(flatten)]
        sheet: As,
    },
    /// How much each recorder was used
    Use {
        #[command(flatten)]
        which: WhichDepartment,
    },
    /// 未交回: recorders that are out, or back by hand and not docked, now
    Unreturned {
        #[command(flatten)]
        sheet: As,
    },
    /// 抽查: what was drawn, answered, found and corrected, check by check
    Checks {
        #[command(flatten)]
        which: WhichDays,
    },
    /// What the checks found, clip by clip, and what was done about it
    Findings {
        #[command(flatten)]
        which: Which,
    },
    /// 演练: drills of the second copy, what came of each, whether its copy of the footage is gone
    Drills {
        #[command(flatten)]
        which: WhichDays,
    },
    /// 查阅未关联案件: viewings that name no matter
    WithoutMatter {
        #[command(flatten)]
        which: WhichDays,
    },
}

/// A table on screen, or a file.
#[derive(Debug, Args)]
pub struct As {
    /// The same as --format csv
    #[arg(long, conflicts_with = "format")]
    csv: bool,
    #[command(flatten)]
    paper: Paper,
}

/// Which part of it.
#[derive(Debug, Args)]
pub struct Which {
    #[arg(long, value_name = "ID")]
    officer: Option<PersonId>,
    #[command(flatten)]
    rest: WhichDepartment,
}

/// Which department's part of it.
#[derive(Debug, Args)]
pub struct WhichDepartment {
    #[arg(long, value_name = "ID")]
    department: Option<DepartmentId>,
    #[command(flatten)]
    rest: WhichDays,
}

/// Which days of it.
#[derive(Debug, Args)]
pub struct WhichDays {
    /// First civil day, like 2026-03-01
    #[arg(long, value_name = "DAY", value_parser = civil_day)]
    from: Option<String>,
    /// Last civil day, like 2026-03-31
    #[arg(long, value_name = "DAY", value_parser = civil_day)]
    until: Option<String>,
    #[command(flatten)]
    sheet: As,
}

impl From<WhichDays> for Span {
    fn from(which: WhichDays) -> Span {
        Span { from: which.from, until: which.until, ..Span::default() }
    }
}

impl From<WhichDepartment> for Span {
    fn from(which: WhichDepartment) -> Span {
        Span { department: which.department, ..which.rest.into() }
    }
}

impl From<Which> for Span {
    fn from(which: Which) -> Span {
        Span { officer: which.officer, ..which.rest.into() }
    }
}

impl Report {
    pub fn paper(&self) -> Paper {
        use Report::*;
        let sheet = match self {
            Clip { sheet, .. } | Recorder { sheet, .. } | Person { sheet, .. } => sheet,
            Receipt { sheet, .. } => sheet,
            Ratio { sheet } | Unreturned { sheet } => sheet,
            Interruptions { which, .. } => &which.rest.rest.sheet,
            Expected { which } | Hours { which } | Lateness { which } | Findings { which } => {
                &which.rest.rest.sheet
            }
            Use { which } => &which.rest.sheet,
            Checks { which } | WithoutMatter { which } | Drills { which } => &which.sheet,
        };
        let out: Option<PathBuf> = sheet.paper.out.clone();
        Paper { format: sheet.csv.then_some(Format::Csv).or(sheet.paper.format), out }
    }
}

pub fn report(verb: Report) -> Result<Order, CliError> {
    plain(Request::Report(match verb {
        Report::Clip { clip, .. } => Ask::Clip { clip },
        Report::Recorder { recorder, .. } => Ask::Recorder { recorder },
        Report::Person { person, about, .. } => Ask::Person { person, about },
        Report::Receipt { session, .. } => Ask::Receipt { session },
        Report::Interruptions { unexplained, which } => {
            Ask::Interruptions { span: which.into(), unexplained }
        }
        Report::Expected { which } => Ask::Expected(which.into()),
        Report::Hours { which } => Ask::Hours(which.into()),
        Report::Lateness { which } => Ask::Lateness(which.into()),
        Report::Ratio { .. } => Ask::Ratio,
        Report::Use { which } => Ask::Use(which.into()),
        Report::Unreturned { .. } => Ask::Unreturned,
        Report::Checks { which } => Ask::Checks(which.into()),
        Report::Findings { which } => Ask::Findings(which.into()),
        Report::Drills { which } => Ask::Drills(which.into()),
        Report::WithoutMatter { which } => Ask::WithoutMatter(which.into()),
    }))
}
