//! What the command line and the pages say alike: one sentence in both languages, which the command line marks.

use sealdock_core::why::Why;
use std::fmt;

/// A sentence. Reads as the command line has it: a mark in Chinese, then English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    line: String,
    why: Why,
}

impl Sentence {
    pub fn marked(mark: &str, why: Why) -> Sentence {
        Sentence { line: format!("{mark} {why}"), why }
    }

    /// For the command line in words of its own.
    pub fn worded(line: String, why: Why) -> Sentence {
        Sentence { line, why }
    }

    /// As a page has it, without marks.
    pub fn plain(self) -> Why {
        self.why
    }
}

impl From<Why> for Sentence {
    fn from(why: Why) -> Sentence {
        Sentence { line: why.to_string(), why }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

/// The largest unit of a length of time, in Chinese; English is what `HumanDuration` says.
pub fn length(seconds: u64) -> String {
    let (unit, word) = match seconds {
        0..60 => (1, "秒"),
        60..3_600 => (60, "分钟"),
        3_600..86_400 => (3_600, "小时"),
        _ => (86_400, "天"),
    };
    format!("{} {word}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_marks_a_sentence_and_a_page_does_not() {
        let why = || sealdock_core::says!("三台", "three");
        let marked = Sentence::marked("报警", why());
        assert_eq!(marked.to_string(), "报警 three");
        assert_eq!(format!("{:#} {0}", marked.plain()), "三台 three");
        assert_eq!(Sentence::from(why()).to_string(), "three");
    }

    #[test]
    fn a_length_of_time_is_told_in_its_largest_unit() {
        let said = [59, 60, 3_599, 7_200, 86_400, 864_000].map(length);
        assert_eq!(said, ["59 秒", "1 分钟", "59 分钟", "2 小时", "1 天", "10 天"]);
    }
}
