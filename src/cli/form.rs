//! `form`: the three statutory forms (002, end of annex 6), on screen or as a file.

/// How a sheet leaves: format and file.
mod paper;

pub use paper::{Format, Paper};

use super::people::MaybeAs;
use super::verbs::{maybe_by, plain};
use crate::execute::form::{Ask, Days};
use crate::exit::{CliError, Exit};
use crate::request::{Order, Request};
use clap::{Args, Subcommand};
use sealdock_core::id::DepartmentId;

#[derive(Debug, Subcommand)]
#[command(after_help = "At the end of the month:\n  \
    sealdock form archive --month 2026-11 --as 0801 --out archive-2026-11.html\n  \
    sealdock form viewings --month 2026-11 --out viewings-2026-11.xlsx\n\n\
    HTML prints from any browser on A4 landscape. Nothing is written into the chain by drawing a form.")]
pub enum Form {
    /// 1, 执法记录仪管理员名册: the clerks in office now
    Roster {
        /// Only clerks of this department
        #[arg(long, value_name = "ID")]
        department: Option<DepartmentId>,
        #[command(flatten)]
        paper: Paper,
    },
    /// 2, 执法记录仪使用档案: every issue, breach and periodic check
    Archive {
        #[command(flatten)]
        period: Period,
        /// Only this department
        #[arg(long, value_name = "ID")]
        department: Option<DepartmentId>,
        /// 填报人: the clerk who fills it, with their own PIN; without it the place stays blank
        #[command(flatten)]
        by: MaybeAs,
        #[command(flatten)]
        paper: Paper,
    },
    /// 3, 调阅、复制视音频资料登记表: every viewing and every copy
    Viewings {
        #[command(flatten)]
        period: Period,
        #[command(flatten)]
        paper: Paper,
    },
}

/// A month, a year, or from day to day; without any the present year until today.
#[derive(Debug, Args)]
pub struct Period {
    /// Like 2026-11
    #[arg(long, value_name = "MONTH", value_parser = month, conflicts_with_all = ["year", "from", "until"])]
    month: Option<Days>,
    /// Like 2026
    #[arg(long, value_name = "YEAR", value_parser = year, conflicts_with_all = ["from", "until"])]
    year: Option<Days>,
    /// First civil day, like 2026-11-01
    #[arg(long, value_name = "DAY", value_parser = super::args::civil_day)]
    from: Option<String>,
    /// Last civil day, like 2026-11-30
    #[arg(long, value_name = "DAY", value_parser = super::args::civil_day)]
    until: Option<String>,
}

impl Period {
    pub fn days(self) -> Days {
        let Period { month, year, from, until } = self;
        month.or(year).unwrap_or(Days { from, until })
    }
}

impl Form {
    pub fn paper(&self) -> &Paper {
        match self {
            Form::Roster { paper, .. }
            | Form::Archive { paper, .. }
            | Form::Viewings { paper, .. } => paper,
        }
    }
}

pub fn order(verb: Form) -> Result<Order, CliError> {
    match verb {
        Form::Roster { department, paper: _ } => plain(Request::Form(Ask::Roster { department })),
        Form::Archive { period, department, by, paper: _ } => {
            maybe_by(by, Request::Form(Ask::Archive { days: period.days(), department }))
        }
        Form::Viewings { period, paper: _ } => {
            plain(Request::Form(Ask::Viewings { days: period.days() }))
        }
    }
}

fn month(text: &str) -> Result<Days, String> {
    let first = format!("{text}-01").parse::<jiff::civil::Date>().ok();
    let first = first.filter(|day| day.to_string() == format!("{text}-01"));
    let first = first.ok_or_else(|| "write the month as 2026-11".to_owned())?;
    Ok(Days { from: Some(first.to_string()), until: Some(first.last_of_month().to_string()) })
}

fn year(text: &str) -> Result<Days, String> {
    let first = format!("{text}-01-01").parse::<jiff::civil::Date>().ok();
    let first = first.filter(|day| day.to_string() == format!("{text}-01-01"));
    let first = first.ok_or_else(|| "write the year as 2026".to_owned())?;
    Ok(Days { from: Some(first.to_string()), until: Some(first.last_of_year().to_string()) })
}

/// A command line that cannot be meant.
fn usage(text: impl Into<String>) -> CliError {
    CliError::new(Exit::Usage, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_and_a_year_end_on_their_last_day() {
        let days = |from: &str, until: &str| {
            Ok(Days { from: Some(from.to_owned()), until: Some(until.to_owned()) })
        };
        assert_eq!(month("2028-02"), days("2028-02-01", "2028-02-29"));
        assert_eq!(year("2026"), days("2026-01-01", "2026-12-31"));
        for wrong in ["2026-13", "2026-1", "26-01", "", "2026-01-01"] {
            assert!(month(wrong).is_err(), "{wrong}");
            assert!(year(wrong).is_err(), "{wrong}");
        }
    }
}
