//! Text of strangers, made safe to show: nothing in a package may steer the terminal of whoever reads the
//! verdict, or turn its words around.

/// At most so many characters of anything a package says are repeated; the longest key has 309.
const SHOWN_CHARS_MAX: usize = 400;

/// `text` with everything that steers, hides or turns shown as `\u{…}`, cut after 400 characters.
pub fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(SHOWN_CHARS_MAX));
    let mut letters = text.chars();
    for c in letters.by_ref().take(SHOWN_CHARS_MAX) {
        match steers(c) {
            true => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            false => out.push(c),
        }
    }
    if letters.next().is_some() {
        out.push('…');
    }
    out
}

/// The same for bytes; those that are no UTF-8 are shown as `\x..`.
pub fn inert_bytes(raw: &[u8]) -> String {
    let mut out = String::new();
    for chunk in raw.utf8_chunks() {
        out.push_str(&inert(chunk.valid()));
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c as u32,
            0x00ad | 0x061c | 0x115f | 0x1160 | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e
            | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff9..=0xfffb
            | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shown_steers_the_terminal_or_turns_the_words() {
        assert_eq!(inert("a\x1b[2J\nb\u{202e}c 录像"), "a\\u{1b}[2J\\u{a}b\\u{202e}c 录像");
        assert_eq!(inert_bytes(b"a\xffb"), "a\\xffb");
        assert_eq!(inert(&"x".repeat(401)), format!("{}…", "x".repeat(400)));
    }
}
