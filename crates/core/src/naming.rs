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

    proptest::proptest! {
        #[test]
        fn nothing_shown_can_steer(raw: Vec<u8>) {
            let shown = display(&raw);
            assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'));
            assert_eq!(unhex(&hex(&raw)), Some(raw));
        }
    }
}
