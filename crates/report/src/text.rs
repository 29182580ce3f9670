//! Names, reasons and remarks are typed by people and read from devices. A [`Text`] is the only
//! thing a sheet holds, and it can only be made by taking the teeth out: no line ends, no control
//! characters, nothing that turns the direction of what stands beside it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Text on one line, of visible characters. What is not visible has been spelt out as `\\u{202e}`,
/// as `sealdock_core::naming` does, so that a reader sees that something odd was typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Text(String);

impl Text {
    /// Cleans `raw`. Never fails; cleaning twice changes nothing.
    #[must_use]
    pub fn new(raw: &str) -> Text {
        let mut clean = String::with_capacity(raw.len());
        for letter in raw.chars() {
            match kind(letter) {
                Kind::Visible => clean.push(letter),
                Kind::Space if clean.is_empty() || clean.ends_with(' ') => {}
                Kind::Space => clean.push(' '),
                Kind::Hidden => clean.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
            }
        }
        clean.truncate(clean.trim_end_matches(' ').len());
        Text(clean)
    }

    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

enum Kind {
    Visible,
    Space,
    Hidden,
}

fn kind(letter: char) -> Kind {
    match letter {
        // Line ends and tabs would break a row of CSV or a cell on paper; U+3000 stays, forms use it.
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | ' ' => {
            Kind::Space
        }
        letter if letter.is_control() => Kind::Hidden,
        // Direction marks, embeddings, overrides and isolates (UAX #9), and the deprecated ones.
        '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => Kind::Hidden,
        // Nothing to see: zero width, soft hyphen, fillers, annotations, tags.
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Kind::Hidden,
        letter if is_noncharacter(letter) => Kind::Hidden,
        _ => Kind::Visible,
    }
}

fn is_noncharacter(letter: char) -> bool {
    let code = u32::from(letter);
    (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

impl From<&str> for Text {
    fn from(raw: &str) -> Text {
        Text::new(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Text {
        Text::new(&raw)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        text.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clean(raw: &str) -> String {
        Text::new(raw).to_string()
    }

    #[test]
    fn ordinary_and_rare_characters_stay() {
        for text in
            ["张三", "𠮷田㛃", "José", "محمد", "葛\u{e0100}", "甲　乙", "=cmd|' /C calc'!A0"]
        {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn line_ends_and_tabs_become_one_space_and_none_at_the_edges() {
        assert_eq!(clean("\r\n一\r\n二\t\t三\u{2028}四\n"), "一 二 三 四");
        assert_eq!(clean(" \n "), "");
    }

    #[test]
    fn what_cannot_be_seen_is_spelt_out() {
        assert_eq!(clean("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(clean("\0\u{1b}[31m\u{7f}\u{9b}"), "\\u{0}\\u{1b}[31m\\u{7f}\\u{9b}");
        assert_eq!(clean("\u{feff}\u{200b}\u{2066}\u{ffff}\u{e0041}"), {
            "\\u{feff}\\u{200b}\\u{2066}\\u{ffff}\\u{e0041}"
        });
    }

    #[test]
    fn text_from_a_message_is_cleaned_too() {
        let text: Text = serde_json::from_str("\"a\\u202eb\\n\"").unwrap();
        assert_eq!(text.as_str(), "a\\u{202e}b");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>()) {
            let once = Text::new(&raw);
            prop_assert_eq!(&Text::new(once.as_str()), &once);
            prop_assert!(!once.as_str().chars().any(char::is_control));
        }
    }
}
