//! A sheet of paper outlives the screen it came from. Its foot says which head of which station's
//! chain it was drawn under and which entries it rests on. The root is in hexadecimal, as
//! `sealdock log head` shows it.

use crate::text::Text;
use sealdock_chain::digest::Digest;
use sealdock_core::time::{WallMs, Zone};
use serde::{Deserialize, Serialize};

/// Where a sheet comes from. The fields cannot contradict each other, not as a message either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Foot {
    origin: Text,
    size: u64,
    root: Digest,
    entries: Option<(u64, u64)>,
    drawn: WallMs,
    zone: Zone,
    scope: Option<Text>,
}

/// A foot in a message.
#[derive(Serialize, Deserialize)]
struct Parts {
    origin: Text,
    size: u64,
    root: Digest,
    entries: Option<(u64, u64)>,
    drawn: WallMs,
    zone: String,
    scope: Option<Text>,
}

/// Why a foot would not be true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FootError {
    /// The range ends before it begins.
    #[error("a sheet cannot be drawn from entries {first} to {last}; give the lower number first")]
    Backwards { first: u64, last: u64 },
    /// The range names entries that the head does not cover.
    #[error(
        "entry {last} is not under a head of {size} entries; draw the sheet under a later head"
    )]
    BeyondHead { last: u64, size: u64 },
    /// The civil time is none.
    #[error("{zone:?} is no distance from UTC like +08:00; nothing is drawn")]
    Zone { zone: String },
}

impl TryFrom<Parts> for Foot {
    type Error = FootError;

    fn try_from(parts: Parts) -> Result<Foot, FootError> {
        let Parts { origin, size, root, entries, drawn, zone, scope } = parts;
        let zone = Zone::parse(&zone).ok_or(FootError::Zone { zone })?;
        let whole = Foot { origin, size, root, entries: None, drawn, zone, scope };
        match entries {
            Some((first, last)) => whole.from_entries(first, last),
            None => Ok(whole),
        }
    }
}

impl From<Foot> for Parts {
    fn from(foot: Foot) -> Parts {
        let Foot { origin, size, root, entries, drawn, zone, scope } = foot;
        Parts { origin, size, root, entries, drawn, zone: zone.to_string(), scope }
    }
}

impl Foot {
    /// A sheet drawn at `drawn` under the head (`size`, `root`) of the chain `origin`. Without
    /// [`Foot::from_entries`] it rests on the whole record.
    #[must_use]
    pub fn under(origin: &str, (size, root): (u64, Digest), drawn: WallMs, zone: Zone) -> Foot {
        let entries = size.checked_sub(1).map(|last| (0, last));
        Foot { origin: Text::new(origin), size, root, entries, drawn, zone, scope: None }
    }

    /// Says which part of the record the rows are: period, department. The originals of the forms have no
    /// place for it, and a month must not be taken for the whole book.
    #[must_use]
    pub fn of_scope(self, scope: impl Into<Text>) -> Foot {
        Foot { scope: Some(scope.into()), ..self }
    }

    /// Narrows the sheet to the entries `first` to `last`, both included.
    ///
    /// # Errors
    /// When the range is backwards or the head does not cover it.
    pub fn from_entries(mut self, first: u64, last: u64) -> Result<Foot, FootError> {
        if first > last {
            return Err(FootError::Backwards { first, last });
        }
        if last >= self.size {
            return Err(FootError::BeyondHead { last, size: self.size });
        }
        self.entries = Some((first, last));
        Ok(self)
    }

    /// When the sheet was drawn.
    #[must_use]
    pub fn drawn(&self) -> WallMs {
        self.drawn
    }

    /// The civil time of the station in which the sheet shows every time.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// Label and value of each part, in the order in which every writer shows them.
    #[must_use]
    pub fn lines(&self) -> Vec<(&'static str, Text)> {
        let entries = match self.entries {
            Some((first, last)) => format!("{first} – {last}"),
            None => "无".to_owned(),
        };
        let mut lines = vec![
            ("记录链", self.origin.clone()),
            ("链头条目数", Text::from(self.size.to_string())),
            ("链头根哈希", Text::from(self.root.to_string())),
            ("取自条目", Text::from(entries)),
            ("制表时间", Text::from(self.zone.civil(self.drawn))),
        ];
        lines.extend(self.scope.clone().map(|scope| ("范围", scope)));
        lines
    }

    /// The same as one line for print.
    #[must_use]
    pub fn line(&self) -> String {
        let lines = self.lines();
        let said: Vec<_> = lines.iter().map(|(label, value)| format!("{label}：{value}")).collect();
        said.join("　")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foot(size: u64) -> Foot {
        let zone = Zone::parse("+08:00").unwrap();
        Foot::under("station.example/7", (size, Digest::of(b"x")), WallMs(0), zone)
    }

    #[test]
    fn a_foot_names_the_head_in_full_and_the_range() {
        let line = foot(9).from_entries(3, 8).unwrap().line();
        for part in ["station.example/7", "：9　", &Digest::of(b"x").to_string(), "3 – 8"] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(line.ends_with("制表时间：1970-01-01 08:00:00"), "{line}");
    }

    #[test]
    fn without_a_range_it_is_the_whole_record() {
        assert!(foot(9).line().contains("取自条目：0 – 8"));
        assert!(foot(0).line().contains("取自条目：无"));
    }

    #[test]
    fn a_part_of_the_record_is_called_one() {
        let line = foot(9).of_scope("2026-11-01 至 2026-11-30").line();
        assert!(line.ends_with("　范围：2026-11-01 至 2026-11-30"), "{line}");
    }

    #[test]
    fn a_message_carries_a_foot_and_no_contradiction() {
        let foot = foot(9).from_entries(3, 8).unwrap().of_scope("x");
        let message = serde_json::to_string(&foot).unwrap();
        assert_eq!(serde_json::from_str::<Foot>(&message).unwrap(), foot);
        for (good, bad) in [("[3,8]", "[3,9]"), ("[3,8]", "[8,3]"), ("+08:00", "08")] {
            let bad = message.replace(good, bad);
            assert_ne!(bad, message);
            assert!(serde_json::from_str::<Foot>(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_range_that_the_head_does_not_cover_is_refused() {
        assert_eq!(foot(9).from_entries(3, 9), Err(FootError::BeyondHead { last: 9, size: 9 }));
        assert_eq!(foot(9).from_entries(4, 3), Err(FootError::Backwards { first: 4, last: 3 }));
        assert!(foot(0).from_entries(0, 0).is_err());
    }
}
