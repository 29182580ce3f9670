//! Bytes, counts and durations as people read them.

use crate::Lang;

/// `12.4 MB`; decimal units, as the makers of cards count.
pub fn bytes(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
        format!("{}.{}", grouped((tenths / 10) as u64), tenths % 10)
    };
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// In words, with at most two units: `2 小时 5 分`.
pub fn duration(seconds: u64, lang: Lang) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let parts = match (days, hours, minutes) {
        (0, 0, 0) => [(rest, "秒", "s"), (0, "", "")],
        (0, 0, _) => [(minutes, "分", "min"), (0, "", "")],
        (0, ..) => [(hours, "小时", "h"), (minutes, "分", "min")],
        _ => [(days, "天", "d"), (hours, "小时", "h")],
    };
    let shown = parts.iter().enumerate().filter(|(place, part)| *place == 0 || part.0 > 0);
    let shown = shown.map(|(_, (n, zh, en))| match lang {
        Lang::Zh => format!("{n} {zh}"),
        Lang::En => format!("{n} {en}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// 64 hexadecimal digits.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Dots of a code, row by row from the top, `#` dark: side of its square with the quiet zone, and the path that fills the
/// dark ones.
pub fn code(dots: &[String]) -> (usize, String) {
    const QUIET: usize = 4;
    let mut path = String::new();
    for (y, row) in dots.iter().enumerate() {
        for (x, _) in row.bytes().enumerate().filter(|(_, dot)| *dot == b'#') {
            path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    (dots.len() + 2 * QUIET, path)
}

/// A sentence, and the code of the rule that said it where one stands at its end, without its brackets.
pub fn parted(text: &str) -> (&str, &str) {
    let code = text.strip_suffix('〕').and_then(|text| text.rsplit_once(" 〔"));
    code.unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_one_decimal_and_counts_have_commas() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(12_449_999), "12.4 MB");
        assert_eq!(bytes(12_450_000), "12.5 MB");
        assert_eq!(bytes(1_999_960_000_000), "2,000.0 GB");
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,234,567".into())
        );
        assert_eq!(bytes(u64::MAX), "18,446,744,073.7 GB");
    }

    #[test]
    fn a_code_is_its_dark_dots_with_a_quiet_zone_around() {
        let (side, path) = code(&["#.".to_owned(), ".#".to_owned()]);
        assert_eq!((side, path.as_str()), (10, "M4 4h1v1h-1zM5 5h1v1h-1z"));
    }

    #[test]
    fn durations_are_words() {
        let said = |s| (duration(s, Lang::Zh), duration(s, Lang::En));
        assert_eq!(said(0), ("0 秒".into(), "0 s".into()));
        assert_eq!(said(125), ("2 分".into(), "2 min".into()));
        assert_eq!(said(7_500), ("2 小时 5 分".into(), "2 h 5 min".into()));
        assert_eq!(said(90_000), ("1 天 1 小时".into(), "1 d 1 h".into()));
        assert_eq!(said(86_400).1, "1 d");
    }
}
