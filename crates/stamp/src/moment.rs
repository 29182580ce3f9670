//! Times as ASN.1 writes them: GeneralizedTime of RFC 3161 §2.4.2, which may have a fraction of a second.

use crate::StampError;
use std::fmt;
use std::time::Duration;

/// A moment that a stamp names, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    seconds: u64,
    text: String,
}

impl Moment {
    /// `YYYYMMDDhhmmss[.s…]Z`; a fraction does not end with 0.
    pub(crate) fn parse(text: &str) -> Result<Self, StampError> {
        let malformed = || StampError::Malformed("its time is none".to_owned());
        let (whole, fraction) = split(text).ok_or_else(malformed)?;
        let part = |at: usize, len: usize| whole.get(at..at + len);
        let number = |at, len| part(at, len)?.parse::<u8>().ok();
        let civil = (|| {
            let year = part(0, 4)?.parse().ok()?;
            der::DateTime::new(
                year,
                number(4, 2)?,
                number(6, 2)?,
                number(8, 2)?,
                number(10, 2)?,
                number(12, 2)?,
            )
            .ok()
        })();
        let civil = civil.ok_or_else(malformed)?;
        let seconds = civil.unix_duration().as_secs();
        let plain = civil.to_string();
        let text = format!("{}{fraction}Z", plain.trim_end_matches('Z'));
        Ok(Self { seconds, text })
    }

    /// Since 1970, without the fraction.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    pub(crate) fn since_1970(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// The fourteen digits, and the fraction with its point.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_suffix('Z')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_at_checked(14)?;
    let sound = match fraction.strip_prefix('.') {
        Some(more) => digits(more) && !more.ends_with('0') && more.len() <= 9,
        None => fraction.is_empty(),
    };
    (digits(whole) && sound).then_some((whole, fraction))
}

impl fmt::Display for Moment {
    /// `2026-11-29T08:30:00.5Z`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_spelling() {
        let moment = Moment::parse("20261129083000.25Z").unwrap();
        assert_eq!(
            (moment.seconds(), moment.to_string().as_str()),
            (1_795_941_000, "2026-11-29T08:30:00.25Z")
        );
        assert_eq!(Moment::parse("19700101000000Z").unwrap().seconds(), 0);
        for bad in [
            "",
            "Z",
            "20261129083000",
            "202611290830Z",
            "20261129083000.Z",
            "20261129083000.50Z",
            "20261129083000,5Z",
            "20261129083000+0800",
            "20261329083000Z",
            "20260230083000Z",
            "20261129083060Z",
            "19691231235959Z",
            "２０26112908300Z",
            "+0261129083000Z",
        ] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
        }
    }
}
