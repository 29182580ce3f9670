//! File names from a recorder are bytes from a stranger: kept raw, shown inert, never used as a path.

/// Lower-case hexadecimal of the raw bytes: the form that entries carry.
pub fn hex(raw: &[u8]) -> String {
    hex::encode(raw)
}

/// Reads [`hex`] back.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}

/// A form for people: valid UTF-8 as it is, everything that could steer a terminal, hide or turn
/// text shown as `\u{…}`, bytes that are no UTF-8 as `\x..`. Two names may look alike; never compare by it.
pub fn display(raw: &[u8]) -> String {
    let mut out = String::with_capacity(raw.len());
    for chunk in raw.utf8_chunks() {
        for c in chunk.valid().chars() {
            if harmless(c) {
                out.push(c);
            } else {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Text as it was written, except that what could steer a terminal or turn what is read is shown as
/// `\u{…}`. For sentences; entries of earlier releases may hold anything.
pub fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match steers(c) {
            true => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            false => out.push(c),
        }
    }
    out
}

/// Words that go into the chain for ever, on one line: line breaks and tabs become blanks.
///
/// # Errors
/// The first character that steers a terminal, or hides or turns text, as `U+202E`.
pub fn one_line(text: &str) -> Result<String, String> {
    let blank = |c: char| match c {
        '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        other => other,
    };
    let text: String = text.trim().chars().map(blank).collect();
    match text.chars().find(|c| steers(*c)) {
        Some(bad) => Err(format!("U+{:04X}", bad as u32)),
        None => Ok(text),
    }
}

/// Words of a list or policy that go into the chain for ever: on one line, and something of them shows.
///
/// # Errors
/// What `what` holds instead.
pub fn legible(what: &str, text: &str) -> Result<(), String> {
    if !shows(text) {
        return Err(format!("{what} holds nothing that shows"));
    }
    match one_line(text) {
        Ok(plain) if plain == text.trim() => Ok(()),
        Ok(_) => Err(format!("{what} is more than one line, or holds a tab")),
        Err(bad) => Err(format!(
            "{what} holds the character {bad}, which could hide or turn what is read; type it again without"
        )),
    }
}

/// Does anything of this show? Blanks and letters without a shape are nothing to call somebody by.
pub fn shows(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !c.is_control() && !shapeless(c))
}

/// Characters that stand in a text and show nothing by themselves.
fn shapeless(c: char) -> bool {
    matches!(c as u32,
        0x00ad | 0x034f | 0x061c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164
        | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x1bca0..=0x1bca3
        | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Controls, turned and hidden text. Joiners, variation selectors and private characters are left: names
/// are written with them.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c as u32,
            0x061c | 0x180e | 0xfeff | 0x200b | 0x200e | 0x200f | 0x2028..=0x202e
            | 0x2060..=0x206f | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

fn harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c as u32,
            0x00ad | 0x061c | 0x180e | 0xfeff | 0x115f | 0x1160 | 0x3164 | 0xffa0
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
            | 0xfe00..=0xfe0f | 0xfff9..=0xfffb | 0xe0000..=0xe0fff | 0xe000..=0xf8ff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_shown_inert() {
        assert_eq!(display("录像\u{202e}gpj.mp4".as_bytes()), "录像\\u{202e}gpj.mp4");
        assert_eq!(display(b"a\x1b[31m\n.mp4"), "a\\u{1b}[31m\\u{a}.mp4");
        assert_eq!(display(&[0xc2, 0xbc, 0xd6, 0xc6]), "¼\\xd6\\xc6");
        assert_eq!(display("𠮷.mp4".as_bytes()), "𠮷.mp4");
    }

    #[test]
    fn sentences_keep_their_words_and_lose_what_steers() {
        assert_eq!(one_line(" a\r\nb\tc\u{2028}d "), Ok("a  b c d".to_owned()));
        for (text, bad) in
            [("a\x1b[2Jb", "U+001B"), ("a\u{202e}b", "U+202E"), ("a\u{2067}", "U+2067")]
        {
            assert_eq!(one_line(text), Err(bad.to_owned()));
        }
        let name = "葛\u{e0100}\u{e823}👩\u{200d}✈\u{fe0f}";
        assert_eq!((one_line(name), inert(name)), (Ok(name.to_owned()), name.to_owned()));
        assert_eq!(inert("a\nb\x1b[0m\u{202e}c"), "a\\u{a}b\\u{1b}[0m\\u{202e}c");
    }

    #[test]
    fn letters_without_a_shape_are_no_name() {
        for nothing in
            ["", " \u{3000}", "\u{3164}", "\u{115f}\u{1160}", "\u{ad}", "\u{200d}\u{fe0f}"]
        {
            assert!(!shows(nothing), "{nothing:?}");
        }
        for name in ["张三", "a\u{ad}b", "👩\u{200d}✈\u{fe0f}"] {
            assert!(shows(name), "{name:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_shown_can_steer(raw: Vec<u8>) {
            let shown = display(&raw);
            assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'));
            assert_eq!(unhex(&hex(&raw)), Some(raw));
        }
    }
}
