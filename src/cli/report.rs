//! `report`: what an auditor asks.

use super::args::civil_day;
use super::verbs::plain;
use crate::execute::report::{Ask, Span};
use crate::exit::CliError;
use crate::request::{Order, Request};
use clap::{Args, Subcommand};
use sealdock_core::id::{ClipId, DepartmentId, PersonId, RecorderId};

#[derive(Debug, Subcommand)]
#[command(
    after_help = "Every report says up to which entry of the chain it holds. With --csv it comes as comma-separated values."
)]
pub enum Report {
    /// The life of one clip from approval to today, with what is missing
    Clip {
        clip: ClipId,
        /// Comma-separated values instead of a table
        #[arg(long)]
        csv: bool,
    },
    /// The life of one recorder, with what is missing
    Recorder {
        recorder: RecorderId,
        /// Comma-separated values instead of a table
        #[arg(long)]
        csv: bool,
    },
    /// Everything one person did
    Person {
        person: PersonId,
        /// Comma-separated values instead of a table
        #[arg(long)]
        csv: bool,
    },
    /// 中断: interruptions, with their explanations
    Interruptions {
        #[command(flatten)]
        which: Which,
    },
    /// 应录未录: which steps had to be recorded, and what there is
    Expected {
        #[command(flatten)]
        which: Which,
    },
    /// Recording hours and marked share by department, officer and month
    Hours {
        #[command(flatten)]
        which: Which,
    },
}

/// Which part of it.
#[derive(Debug, Args)]
pub struct Which {
    #[arg(long, value_name = "ID")]
    department: Option<DepartmentId>,
    #[arg(long, value_name = "ID")]
    officer: Option<PersonId>,
    /// First civil day, like 2026-03-01
    #[arg(long, value_name = "DAY", value_parser = civil_day)]
    from: Option<String>,
    /// Last civil day, like 2026-03-31
    #[arg(long, value_name = "DAY", value_parser = civil_day)]
    until: Option<String>,
    /// Comma-separated values instead of a table
    #[arg(long)]
    csv: bool,
}

impl Which {
    fn span(self) -> (Span, bool) {
        let Which { department, officer, from, until, csv } = self;
        (Span { department, officer, from, until }, csv)
    }
}

pub fn report(verb: Report) -> Result<Order, CliError> {
    let (ask, csv) = match verb {
        Report::Clip { clip, csv } => (Ask::Clip { clip }, csv),
        Report::Recorder { recorder, csv } => (Ask::Recorder { recorder }, csv),
        Report::Person { person, csv } => (Ask::Person { person }, csv),
        Report::Interruptions { which } => {
            let (span, csv) = which.span();
            (Ask::Interruptions(span), csv)
        }
        Report::Expected { which } => {
            let (span, csv) = which.span();
            (Ask::Expected(span), csv)
        }
        Report::Hours { which } => {
            let (span, csv) = which.span();
            (Ask::Hours(span), csv)
        }
    };
    plain(Request::Report { ask, csv })
}
