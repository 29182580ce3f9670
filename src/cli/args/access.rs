//! `access`, `secrecy`, `view`, `copy` as they are typed.

use super::As;
use crate::cli::form::Paper;
use crate::request::Asked;
use clap::{Args, Subcommand};
use sealdock_core::access::{Level, Purpose, Who};
use sealdock_core::id::{AccessId, ClipId, PersonId, RecorderId};
use sealdock_core::time::WallMs;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Access {
    /// Apply to view or copy: a colleague for themself, a clerk for everybody else
    #[command(
        after_help = "Who asks: colleague, internal-body, superior-body, authority (police, court and the like), party.\n\
        Footage: --clip C7 --clip C8, or --officer and --recorder with --from and --until.\n\n\
        Example:\n  sealdock access request --who authority --for copy --clip C7 --name 'Zhao' --unit 'District court'\n    \
        --phone 0734-110 --matter '(2026) 12' --reason 'letter of 21 November' --as 0801 --pin-file pin"
    )]
    Request(Box<Asking>),
    /// Approve: the clips are frozen, each may be viewed (or the copy carried out) so many times until it expires
    Approve {
        access: AccessId,
        /// Only these of the clips that were asked for
        #[arg(long = "clip", value_name = "C")]
        clips: Vec<ClipId>,
        /// Without it as many days as the policy says
        #[arg(long, value_name = "TIME", value_parser = instant)]
        expires: Option<WallMs>,
        /// Without it as often as the policy says
        #[arg(long, value_name = "N")]
        times: Option<u32>,
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        by: As,
    },
    Refuse {
        access: AccessId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// Take an approval back; a viewing that runs ends at its next piece
    Revoke {
        access: AccessId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    List {
        /// Only those that wait for a decision
        #[arg(long)]
        open: bool,
    },
    Show {
        access: AccessId,
    },
    /// 调阅、复制视音频资料登记表, row by row
    Register {
        #[arg(long, value_name = "TIME", value_parser = instant)]
        from: Option<WallMs>,
        #[arg(long, value_name = "TIME", value_parser = instant)]
        until: Option<WallMs>,
    },
}

#[derive(Debug, Args)]
pub struct Asking {
    /// Who asks; the approver follows from it
    #[arg(long, value_name = "WHO", value_parser = who)]
    pub who: Who,
    /// view or copy
    #[arg(long = "for", value_name = "WHAT", value_parser = purpose)]
    pub purpose: Purpose,
    #[arg(long = "clip", value_name = "C", conflicts_with_all = ["officer", "recorder"])]
    pub clips: Vec<ClipId>,
    /// Whose footage
    #[arg(long, value_name = "ID", requires = "from")]
    pub officer: Option<PersonId>,
    #[arg(long, value_name = "ID", requires = "from")]
    pub recorder: Option<RecorderId>,
    /// Recorded at or after, like 2026-11-21T08:00:00+08:00
    #[arg(long, value_name = "TIME", value_parser = instant, requires = "until")]
    pub from: Option<WallMs>,
    /// Recorded before
    #[arg(long, value_name = "TIME", value_parser = instant, requires = "from")]
    pub until: Option<WallMs>,
    /// 事项
    #[arg(long, value_name = "TEXT")]
    pub matter: String,
    /// 事由
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Number of the letter that was shown
    #[arg(long, value_name = "NUMBER")]
    pub letter: Option<String>,
    /// Who comes, where it is no colleague
    #[arg(long, value_name = "NAME", requires = "unit")]
    pub name: Option<String>,
    #[arg(long, value_name = "NAME", requires = "name")]
    pub unit: Option<String>,
    #[arg(long, value_name = "NUMBER", requires = "name")]
    pub phone: Option<String>,
    /// The person of the unit who comes for an internal body
    #[arg(id = "comes", long = "person", value_name = "ID", requires = "name")]
    pub comes: Option<PersonId>,
    #[command(flatten)]
    pub by: As,
}

#[derive(Debug, Subcommand)]
pub enum Secrecy {
    /// public, internal, private, trade-secret, state-secret; without one a clip is internal
    Set {
        #[arg(required = true)]
        clips: Vec<ClipId>,
        #[arg(long, value_name = "LEVEL", value_parser = level)]
        level: Level,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// The level of a clip, and who set it when and why
    Show { clip: ClipId },
}

#[derive(Debug, Subcommand)]
pub enum View {
    /// Would it be allowed, on what ground, and what speaks against the others? Shows nothing
    Check {
        clip: ClipId,
        #[command(flatten)]
        by: As,
    },
    /// Viewings that were opened
    List {
        #[arg(long, value_name = "C")]
        clip: Option<ClipId>,
        #[arg(long, value_name = "ID")]
        person: Option<PersonId>,
        /// Only those that name no matter
        #[arg(long)]
        without_matter: bool,
    },
    /// Who saw a clip, from the entries of the chain; nobody is an answer too
    Sights {
        clip: ClipId,
        #[arg(long, value_name = "TIME", value_parser = instant)]
        before: Option<WallMs>,
        #[command(flatten)]
        paper: Paper,
    },
}

#[derive(Debug, Subcommand)]
pub enum Copy {
    /// Carry out an approved copy into an absent or empty directory; every start spends one
    CarryOut {
        access: AccessId,
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        #[command(flatten)]
        by: As,
    },
}

#[derive(Debug, clap::Args)]
pub struct Export {
    pub access: AccessId,
    /// The folder to make; until all of it was read back it is called NAME.void
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// A receipt or checkpoint that somebody outside holds: that the record only grew since goes with it
    #[arg(long, value_name = "FILE")]
    pub receipt: Vec<PathBuf>,
    /// Of this clip only the time range, in seconds or h:mm:ss of its playing time, cut without re-encoding; the pieces
    /// of 4 MiB that it rests on go with it
    #[arg(long, value_name = "CLIP=FROM..TO", value_parser = excerpt)]
    pub excerpt: Vec<Asked>,
    /// Go on with the copy into this folder that broke off, as it was begun: what lies there whole is read back and stays, the
    /// excerpts are those of its entry, its receipts are given again; spends nothing more
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub by: As,
}

/// `C7=1:02..90.5`: from 62 to 90.5 seconds.
/// `C7=1:00..1:30`.
///
/// # Errors
/// It is none, and how one is written.
pub fn excerpt(text: &str) -> Result<Asked, String> {
    let wrong = || format!("{text} is no excerpt; write it like C7=60..90 or C7=0:01:00..0:01:30");
    let (clip, range) = text.split_once('=').ok_or_else(wrong)?;
    let (from, to) = range.split_once("..").ok_or_else(wrong)?;
    let clip = clip.parse().map_err(|_| wrong())?;
    let (from_ms, to_ms) = (playing_ms(from).ok_or_else(wrong)?, playing_ms(to).ok_or_else(wrong)?);
    match from_ms < to_ms {
        true => Ok(Asked { clip, from_ms, to_ms }),
        false => Err(format!("{text} ends before it begins")),
    }
}

/// `90`, `90.5`, `1:30`, `0:01:30.250` in milliseconds; below a day.
fn playing_ms(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| {
        let plain =
            !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<u64>().ok()).flatten()
    };
    let ms = digits(part, 3)? * 10u64.pow(3 - u32::try_from(part.len()).ok()?);
    let fields: Vec<u64> = whole.split(':').map(|text| digits(text, 5)).collect::<Option<_>>()?;
    let seconds = match fields[..] {
        [seconds] => seconds,
        [minutes, seconds] if seconds < 60 => minutes * 60 + seconds,
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 => {
            hours * 3600 + minutes * 60 + seconds
        }
        _ => return None,
    };
    (seconds < 86_400).then_some(seconds * 1000 + ms)
}

fn instant(text: &str) -> Result<WallMs, String> {
    WallMs::parse(text).ok_or_else(|| "write the time as 2026-11-21T08:00:00+08:00".to_owned())
}

fn who(text: &str) -> Result<Who, String> {
    let all = Who::ALL.map(Who::as_str).join(", ");
    Who::parse(text).ok_or_else(|| format!("who asks is one of {all}"))
}

fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::parse(text).ok_or_else(|| "it is for view or copy".to_owned())
}

fn level(text: &str) -> Result<Level, String> {
    let all = Level::ALL.map(Level::as_str).join(", ");
    Level::parse(text).ok_or_else(|| format!("levels are {all}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_written_in_seconds_or_as_a_clock() {
        let read = |text| excerpt(text).map(|it| (it.from_ms, it.to_ms));
        assert_eq!(read("C7=60..90.5"), Ok((60_000, 90_500)));
        assert_eq!(read("C7=1:02..0:01:30.25"), Ok((62_000, 90_250)));
        let bad =
            ["C7=9..9", "C7=1", "7=1..2", "C7=1:60..200", "C7=-1..2", "C7=1..2.0001", "C7=..2"];
        for bad in [&bad[..], &["C7=1e3..2000", "C7=0..86400", "C7=1:1:1:1..9", ""]].concat() {
            assert!(excerpt(bad).is_err(), "{bad}");
        }
    }
}
