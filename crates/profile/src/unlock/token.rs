//! Pieces of a message: fixed bytes, the secret, the time, filling. A list, not a language: nothing
//! computes, so nothing can surprise.

use super::{Refusal, Why, hex};

/// A message is never longer; the largest known one has 109 bytes.
const MESSAGE_BYTES_MAX: usize = 1024;
/// A password typed on a recorder is never longer.
const SECRET_BYTES_MAX: usize = 64;

/// One piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    Bytes(Vec<u8>),
    /// The secret as it stands; with a length, only a secret of exactly that length.
    Secret {
        length: Option<usize>,
    },
    Now {
        number: Number,
        part: Part,
    },
    /// The time as text (`strftime`).
    NowText(String),
    /// Fills the message up to a length.
    Pad {
        to: usize,
        with: u8,
    },
}

/// A number in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    U8,
    U16Be,
    U16Le,
}

/// A part of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// Civil time as the recorder shall show it; whoever asks has applied the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wall {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl Token {
    /// Reads `hex:…`, `ascii:…`, `secret:ascii[:len]`, `now:KIND:PART`, `now:text:FORMAT`, `pad:N:XX`.
    pub(crate) fn parse(text: &str) -> Result<Token, String> {
        let unknown = || {
            format!(
                "unknown token {text:?}; write hex:…, ascii:…, secret:ascii[:len], now:u8:day, \
                 now:text:%Y%m%d or pad:N:XX"
            )
        };
        let (kind, rest) = text.split_once(':').ok_or_else(unknown)?;
        match kind {
            "hex" => bytes(rest).map(Token::Bytes).ok_or_else(|| format!("{text:?} is not hex")),
            "ascii" if rest.is_ascii() => Ok(Token::Bytes(rest.as_bytes().to_vec())),
            "secret" => secret(rest).ok_or_else(unknown),
            "now" => now(rest).ok_or_else(unknown),
            "pad" => pad(rest).ok_or_else(unknown),
            _ => Err(unknown()),
        }
    }
}

/// Hexadecimal digits in pairs; blanks between them are allowed.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
    let digit = |b: u8| char::from(b).to_digit(16);
    let pair = |p: &[u8]| Some((digit(*p.first()?)? << 4 | digit(*p.get(1)?)?) as u8);
    digits.chunks(2).map(pair).collect()
}

fn secret(rest: &str) -> Option<Token> {
    match rest.split_once(':') {
        None if rest == "ascii" => Some(Token::Secret { length: None }),
        Some(("ascii", length)) => {
            let length = length.parse().ok().filter(|n| (1..=SECRET_BYTES_MAX).contains(n))?;
            Some(Token::Secret { length: Some(length) })
        }
        _ => None,
    }
}

fn now(rest: &str) -> Option<Token> {
    let (kind, what) = rest.split_once(':')?;
    if kind == "text" {
        let sample = Wall { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5 };
        sample.text(what)?;
        return Some(Token::NowText(what.to_owned()));
    }
    let number = Number::parse(kind)?;
    let part = match what {
        "year" => Part::Year,
        "month" => Part::Month,
        "day" => Part::Day,
        "hour" => Part::Hour,
        "minute" => Part::Minute,
        "second" => Part::Second,
        _ => return None,
    };
    // A year does not fit in one byte, and a byte of it would be a lie.
    (part != Part::Year || number != Number::U8).then_some(Token::Now { number, part })
}

fn pad(rest: &str) -> Option<Token> {
    let (to, with) = rest.split_once(':')?;
    let to = to.parse().ok().filter(|n| (1..=MESSAGE_BYTES_MAX).contains(n))?;
    match bytes(with)?[..] {
        [with] => Some(Token::Pad { to, with }),
        _ => None,
    }
}

impl Number {
    pub(crate) fn parse(word: &str) -> Option<Number> {
        Some(match word {
            "u8" => Number::U8,
            "u16be" => Number::U16Be,
            "u16le" => Number::U16Le,
            _ => return None,
        })
    }

    pub(crate) fn length(self) -> usize {
        if self == Number::U8 { 1 } else { 2 }
    }

    fn write(self, value: u16) -> Vec<u8> {
        match self {
            Number::U8 => value.to_be_bytes()[1..].to_vec(),
            Number::U16Be => value.to_be_bytes().to_vec(),
            Number::U16Le => value.to_le_bytes().to_vec(),
        }
    }

    pub(crate) fn read(self, bytes: &[u8]) -> Option<u16> {
        match (self, bytes) {
            (Number::U8, [a]) => Some(u16::from(*a)),
            (Number::U16Be, [a, b]) => Some(u16::from_be_bytes([*a, *b])),
            (Number::U16Le, [a, b]) => Some(u16::from_le_bytes([*a, *b])),
            _ => None,
        }
    }
}

impl Wall {
    fn part(self, part: Part) -> u16 {
        match part {
            Part::Year => self.year,
            Part::Month => self.month.into(),
            Part::Day => self.day.into(),
            Part::Hour => self.hour.into(),
            Part::Minute => self.minute.into(),
            Part::Second => self.second.into(),
        }
    }

    /// The time as text, if the format is one and the time is one.
    pub fn text(self, format: &str) -> Option<String> {
        let small = |n: u8| i8::try_from(n).ok();
        let time = jiff::civil::DateTime::new(
            i16::try_from(self.year).ok()?,
            small(self.month)?,
            small(self.day)?,
            small(self.hour)?,
            small(self.minute)?,
            small(self.second)?,
            0,
        );
        jiff::fmt::strtime::format(format, time.ok()?).ok()
    }
}

/// The message that a list of tokens is. It holds the secret: never log it, log [`shown`].
///
/// # Errors
/// No secret where one is needed, one of another form, a message longer than its `pad`.
pub fn render(tokens: &[Token], secret: Option<&str>, now: Wall) -> Result<Vec<u8>, Refusal> {
    let mut message = Vec::new();
    for token in tokens {
        match token {
            Token::Bytes(bytes) => message.extend_from_slice(bytes),
            Token::Secret { length } => message.extend(checked(secret, *length)?.bytes()),
            Token::Now { number, part } => message.extend(number.write(now.part(*part))),
            Token::NowText(format) => message.extend(
                now.text(format)
                    .ok_or_else(|| Refusal::new(Why::TooLong, format!("no time {now:?}")))?
                    .bytes(),
            ),
            Token::Pad { to, with } => {
                if message.len() > *to {
                    let detail = format!("{} bytes before pad:{to}", message.len());
                    return Err(Refusal::new(Why::TooLong, detail));
                }
                message.resize(*to, *with);
            }
        }
    }
    match message.len() {
        0..=MESSAGE_BYTES_MAX => Ok(message),
        n => Err(Refusal::new(Why::TooLong, format!("{n} bytes, at most {MESSAGE_BYTES_MAX}"))),
    }
}

/// The secret, if it has the form; its value never stands in a refusal.
fn checked(secret: Option<&str>, length: Option<usize>) -> Result<&str, Refusal> {
    let secret = secret.ok_or_else(|| Refusal::new(Why::NoSecret, "no secret was given"))?;
    let bad = |detail: String| Err(Refusal::new(Why::BadSecret, detail));
    if !secret.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return bad("it is not printable ASCII".into());
    }
    match (secret.len(), length) {
        (n, Some(wanted)) if n != wanted => bad(format!("{n} characters, {wanted} are needed")),
        (n, None) if !(1..=SECRET_BYTES_MAX).contains(&n) => bad(format!("{n} characters")),
        _ => Ok(secret),
    }
}

/// A message for the log: fixed bytes in hex, everything else as the profile calls it.
pub fn shown(tokens: &[Token]) -> String {
    let piece = |token: &Token| match token {
        Token::Bytes(bytes) => hex(bytes),
        Token::Secret { .. } => "[secret]".to_owned(),
        Token::Now { .. } | Token::NowText(_) => "[time]".to_owned(),
        Token::Pad { to, .. } => format!("[to {to}]"),
    };
    tokens.iter().map(piece).collect::<Vec<_>>().join(" ")
}
