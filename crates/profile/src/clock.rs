//! The recorder's clock: how it is measured, and how it is set afterwards, never before.

use crate::keys::clock::{ClockKeys, ReadKeys, SetKeys};
use crate::pattern::{Glob, Pattern};
use crate::unlock::{Op, Policy, Step, Token, Wall, read, render};

pub use crate::keys::clock::Zone;

/// What is known about a recorder's clock.
#[derive(Debug, Clone)]
pub struct Clock {
    pub zone: Zone,
    pub read: Vec<ClockRead>,
    /// With who must have agreed.
    pub set: Option<(Policy, ClockSet)>,
}

/// A way to learn what the recorder's clock says.
#[derive(Debug, Clone)]
pub enum ClockRead {
    /// The newest name: it was at least that late.
    NewestName,
    /// A line that the recorder wrote when it was plugged in.
    LogEvent {
        glob: Glob,
        regex: Pattern,
        format: String,
    },
    MtpProperty {
        code: u16,
    },
}

/// A way to set it.
#[derive(Debug, Clone)]
pub enum ClockSet {
    /// A message before the unlock's last step.
    Step(Step),
    /// A file on the card that the recorder reads at its next start.
    File {
        path: String,
        content: Vec<Token>,
        gone_when_accepted: bool,
    },
    MtpProperty {
        code: u16,
    },
}

impl ClockRead {
    /// Compiles its pattern now.
    ///
    /// # Errors
    /// It does not compile, or does not say which part is the time.
    pub(crate) fn ready(&self) -> Result<(), String> {
        match self {
            ClockRead::LogEvent { regex, .. } => regex.ready_with("ts", "clock.read"),
            ClockRead::NewestName | ClockRead::MtpProperty { .. } => Ok(()),
        }
    }

    /// The time that the last fitting line of a log says, as the recorder tells it.
    pub fn time_in(&self, text: &str) -> Option<jiff::civil::DateTime> {
        let ClockRead::LogEvent { regex, format, .. } = self else { return None };
        let found = text.lines().filter_map(|line| regex.captures(line)).next_back()?;
        jiff::civil::DateTime::strptime(format, found.name("ts")?.as_str()).ok()
    }
}

pub(crate) fn clock(keys: &ClockKeys) -> Result<Clock, String> {
    let ways = keys.read.iter().map(way);
    let set = keys.set.as_ref().map(set).transpose()?.flatten();
    Ok(Clock { zone: keys.zone, read: ways.collect::<Result<_, _>>()?, set })
}

fn way(keys: &ReadKeys) -> Result<ClockRead, String> {
    Ok(match keys {
        ReadKeys::NewestName {} => ClockRead::NewestName,
        ReadKeys::MtpProperty { code } => ClockRead::MtpProperty { code: *code },
        ReadKeys::LogEvent { glob: files, regex, format } => {
            let (glob, regex) = (Glob::read(files)?, Pattern::read(regex)?);
            ClockRead::LogEvent { glob, regex, format: format.clone() }
        }
    })
}

/// The longest note that the wiper writes, bytes (`sealdock_chain::CLOCK_NOTE_BYTES_MAX`, a test compares).
pub const NOTE_BYTES_MAX: usize = 64;

/// The wiper writes nothing but a short line of plain text with a time in it.
fn note(content: &[Token]) -> Result<(), String> {
    // The longest names of a month and a day, where a format spells them.
    let sample = Wall { year: 2026, month: 9, day: 23, hour: 23, minute: 59, second: 59 };
    let text = render(content, None, sample).map_err(|e| format!("clock.set: {e}"))?;
    let time = |t: &Token| matches!(t, Token::Now { .. } | Token::NowText(_));
    if !content.iter().any(time) || text.iter().filter(|b| b.is_ascii_digit()).count() < 6 {
        return Err("clock.set: the file holds no time; add now:text:… tokens".into());
    }
    let plain = |b: &u8| matches!(b, b' '..=b'~' | b'\r' | b'\n');
    match text.len() <= NOTE_BYTES_MAX && text.iter().all(plain) {
        true => Ok(()),
        false => Err(format!(
            "clock.set: the file would hold more than a short text; write plain ASCII, at most {NOTE_BYTES_MAX} bytes"
        )),
    }
}

fn set(keys: &SetKeys) -> Result<Option<(Policy, ClockSet)>, String> {
    let policy = |word: &Option<String>| {
        read::policy(word.as_deref().unwrap_or("operator")).map_err(|e| format!("clock.set: {e}"))
    };
    Ok(Some(match keys {
        SetKeys::None {} => return Ok(None),
        SetKeys::MtpProperty { policy: word, code } => {
            (policy(word)?, ClockSet::MtpProperty { code: *code })
        }
        SetKeys::UnlockStep { policy: word, step } => {
            let step = read::step(step, 0).map_err(|e| format!("clock.set: {e}"))?;
            let time = |t: &Token| matches!(t, Token::Now { .. } | Token::NowText(_));
            if matches!(step.op, Op::SetConfiguration { .. }) || !step.op.data().iter().any(time) {
                return Err("clock.set: the message holds no time; add now:… tokens".into());
            }
            (policy(word)?, ClockSet::Step(step))
        }
        SetKeys::File { policy: word, path, content, gone_when_accepted } => {
            if path.split('/').any(|part| ["", ".", ".."].contains(&part)) || path.contains('\0') {
                return Err(format!("clock.set: {path:?} is no path below the card's root"));
            }
            let content = content.iter().map(|t| Token::parse(t)).collect::<Result<Vec<_>, _>>()?;
            if content.iter().any(|t| matches!(t, Token::Secret { .. })) {
                return Err("clock.set: a secret is never written to a card".into());
            }
            note(&content)?;
            let gone_when_accepted = *gone_when_accepted;
            (policy(word)?, ClockSet::File { path: path.clone(), content, gone_when_accepted })
        }
    }))
}
