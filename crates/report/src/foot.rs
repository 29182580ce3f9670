//! A sheet of paper outlives the screen it came from. Its foot says which head of which station's
//! chain it was drawn under and which entries it rests on. The root is in hexadecimal, as
//! `sealdock log head` shows it.

use crate::text::Text;
use sealdock_chain::digest::Digest;
use sealdock_core::time::{WallMs, Zone};

/// Where a sheet comes from. The fields cannot contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foot {
    origin: Text,
    size: u64,
    root: Digest,
    entries: Option<(u64, u64)>,
    drawn: WallMs,
    zone: Zone,
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
}

impl Foot {
    /// A sheet drawn at `drawn` under the head (`size`, `root`) of the chain `origin`. Without
    /// [`Foot::from_entries`] it rests on the whole record.
    #[must_use]
    pub fn under(origin: &str, (size, root): (u64, Digest), drawn: WallMs, zone: Zone) -> Foot {
        let entries = size.checked_sub(1).map(|last| (0, last));
        Foot { origin: Text::new(origin), size, root, entries, drawn, zone }
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
    pub fn lines(&self) -> [(&'static str, Text); 5] {
        let entries = match self.entries {
            Some((first, last)) => format!("{first} – {last}"),
            None => "无".to_owned(),
        };
        [
            ("记录链", self.origin.clone()),
            ("链头条目数", Text::from(self.size.to_string())),
            ("链头根哈希", Text::from(self.root.to_string())),
            ("取自条目", Text::from(entries)),
            ("制表时间", Text::from(self.zone.civil(self.drawn))),
        ]
    }

    /// The same as one line for print.
    #[must_use]
    pub fn line(&self) -> String {
        self.lines().map(|(label, value)| format!("{label}：{value}")).join("　")
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
    fn a_range_that_the_head_does_not_cover_is_refused() {
        assert_eq!(foot(9).from_entries(3, 9), Err(FootError::BeyondHead { last: 9, size: 9 }));
        assert_eq!(foot(9).from_entries(4, 3), Err(FootError::Backwards { first: 4, last: 3 }));
        assert!(foot(0).from_entries(0, 0).is_err());
    }
}
