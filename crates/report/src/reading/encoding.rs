//! Bytes become text: a byte order mark decides, then UTF-8, then GB18030, which is what spreadsheets on
//! Chinese machines write where nobody chose.

use super::Unreadable;
use encoding_rs::{Encoding as Codec, GB18030};
use std::borrow::Cow;

/// How the bytes were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    Gb18030,
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16 => "UTF-16",
            Encoding::Gb18030 => "GB18030",
        })
    }
}

/// The text without its byte order mark.
pub fn text(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), Unreadable> {
    let (text, encoding) = decoded(bytes)?;
    // Text has no NUL; spreadsheets of old and pictures do.
    if text.contains('\0') {
        return Err(Unreadable::NoText);
    }
    Ok((text, encoding))
}

fn decoded(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), Unreadable> {
    if let Some((codec, mark)) = Codec::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        let text = codec.decode_without_bom_handling_and_without_replacement(rest);
        let encoding = match codec == encoding_rs::UTF_8 {
            true => Encoding::Utf8,
            false => Encoding::Utf16,
        };
        return text.map(|text| (text, encoding)).ok_or(Unreadable::NoEncoding);
    }
    let chinese = || GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if is_doubtful(text) && chinese().is_some() => Err(Unreadable::Ambiguous),
        Ok(text) => Ok((Cow::Borrowed(text), Encoding::Utf8)),
        Err(_) => chinese().map(|text| (text, Encoding::Gb18030)).ok_or(Unreadable::NoEncoding),
    }
}

/// Pairs of bytes that are letters in both encodings are Latin, Greek or Arabic as UTF-8, never Chinese. A
/// sheet that holds such letters and nothing Chinese may be the other one.
fn is_doubtful(text: &str) -> bool {
    !text.is_ascii() && text.chars().all(|c| c < '\u{800}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gb(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn what_a_spreadsheet_writes_is_read_and_said() {
        let chinese = "编号,姓名\nA1,张𠮷";
        let mut marked = b"\xef\xbb\xbf".to_vec();
        marked.extend(chinese.as_bytes());
        let mut wide = b"\xff\xfe".to_vec();
        wide.extend(chinese.encode_utf16().flat_map(u16::to_le_bytes));
        for (bytes, encoding) in [
            (chinese.as_bytes().to_vec(), Encoding::Utf8),
            (marked, Encoding::Utf8),
            (wide, Encoding::Utf16),
            (gb(chinese), Encoding::Gb18030),
            (b"id,name".to_vec(), Encoding::Utf8),
        ] {
            let (text, read) = text(&bytes).unwrap();
            assert_eq!(read, encoding);
            assert!(text == chinese || text == "id,name", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_text_or_could_be_two_is_refused() {
        // 巍 and its like: two bytes that are one Latin letter in UTF-8.
        let two = [b"id,name\nA1,".as_slice(), &[0xce, 0xa1]].concat();
        assert_eq!(text(&two), Err(Unreadable::Ambiguous));
        assert_eq!(text(b"id,name\nA1,\xff\xff\n"), Err(Unreadable::NoEncoding));
        assert_eq!(text(b"id,na\0me"), Err(Unreadable::NoText));
        assert_eq!(text(b"\xff\xfea"), Err(Unreadable::NoEncoding));
    }
}
