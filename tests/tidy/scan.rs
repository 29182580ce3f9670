//! A reader of Rust source that is just clever enough for the checks: it blanks out comments,
//! strings and test modules, keeping every line where it was.

use crate::tree::File;

/// A source file without what is not code.
pub struct Code<'file> {
    /// Where it came from.
    pub path: &'file str,
    /// Code with comments and literals blanked out.
    pub whole: String,
    /// The same without items under `#[cfg(test)]`.
    pub product: String,
    /// Lines that are not in such items.
    pub product_lines: usize,
}

/// The Rust files that ship: `src` and `crates/*/src`, without files that hold only tests.
pub fn shipped(files: &[File]) -> impl Iterator<Item = Code<'_>> {
    files
        .iter()
        .filter(|file| file.path.starts_with("src/") || in_crate_source(&file.path))
        .filter(|file| !file.path.ends_with("/tests.rs") && !file.path.contains("/tests/"))
        .filter_map(code)
}

/// Every Rust file, tests and benchmarks too.
pub fn all(files: &[File]) -> impl Iterator<Item = Code<'_>> {
    files.iter().filter_map(code)
}

fn code(file: &File) -> Option<Code<'_>> {
    file.is("rs").then(|| {
        let whole = blank(&file.text);
        let (product, test_lines) = without_tests(&whole);
        let product_lines = file.text.lines().count() - test_lines;
        Code { path: &file.path, whole, product, product_lines }
    })
}

fn in_crate_source(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some("crates") && parts.nth(1) == Some("src")
}

/// Where `word` stands in `code` as a whole word.
pub fn words(code: &str, word: &str) -> Vec<usize> {
    let joins = |letter: Option<char>| letter.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|&at| !joins(code[..at].chars().next_back()))
        .filter(|&at| !joins(code[at + word.len()..].chars().next()) || word.ends_with('!'))
        .collect()
}

/// The line number of a position, from 1.
pub fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The position after the bracket that closes the one at `open`; the end if none does.
pub fn after_closing(code: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The first `{` or `;` from `from` on that is in no round or square bracket.
pub fn body_or_end(code: &str, from: usize) -> Option<(usize, u8)> {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' | b';' if depth == 0 => return Some((at, byte)),
            _ => {}
        }
    }
    None
}

/// Blanks items under `#[cfg(test)]`; says how many lines they take.
fn without_tests(code: &str) -> (String, usize) {
    const MARK: &str = "#[cfg(test)]";
    let mut bytes = code.as_bytes().to_vec();
    let mut lines = 0;
    let mut from = 0;
    while let Some(found) = code[from..].find(MARK) {
        let begin = from + found;
        let end = match body_or_end(code, begin + MARK.len()) {
            Some((at, b'{')) => after_closing(code, at),
            Some((at, _)) => at + 1,
            None => code.len(),
        };
        lines += code[begin..end].matches('\n').count() + 1;
        clear(&mut bytes[begin..end]);
        from = end;
    }
    (String::from_utf8_lossy(&bytes).into_owned(), lines)
}

fn clear(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

/// Blanks comments and the literals of strings and characters; lines and positions stay.
fn blank(source: &str) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        match literal_or_comment(source, at) {
            Some(end) => {
                clear(&mut bytes[at..end]);
                at = end;
            }
            None => at += 1,
        }
    }
    // Only what cannot be code may lie outside ASCII, and a letter is cleared whole or not at all.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The end of the comment or literal that begins at `at`, if one does.
fn literal_or_comment(source: &str, at: usize) -> Option<usize> {
    let rest = &source.as_bytes()[at..];
    let end = match rest {
        [b'/', b'/', ..] => source[at..].find('\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'\'', ..] => character(source, at)?,
        [b'r', ..] => raw_string(source, at)?,
        _ => return None,
    };
    Some(at + end)
}

/// Block comments nest.
fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn character(source: &str, at: usize) -> Option<usize> {
    let mut letters = source[at + 1..].chars();
    let first = letters.next()?;
    if first == '\\' {
        return Some(quoted(&source.as_bytes()[at..], b'\''));
    }
    (letters.next() == Some('\'')).then(|| 2 + first.len_utf8())
}

/// `r"…"` and `r#"…"#`, also after `b` and `c`; `r#type` is a name.
fn raw_string(source: &str, at: usize) -> Option<usize> {
    let before = source[..at].trim_end_matches(['b', 'c']).chars().next_back();
    if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
        return None;
    }
    let rest = &source[at + 1..];
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let text = rest[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = text.find(&close).map_or(text.len(), |end| end + close.len());
    Some(1 + hashes + 1 + end)
}

mod checks {
    use super::*;

    fn same_length(source: &str) -> String {
        let blanked = blank(source);
        assert_eq!(blanked.len(), source.len());
        assert_eq!(blanked.matches('\n').count(), source.matches('\n').count());
        blanked.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_literals_are_blanked_and_nothing_else() {
        assert_eq!(same_length("a // { b\nc"), "a c");
        assert_eq!(same_length("a /* { /* } */ { */ b"), "a b");
        assert_eq!(same_length(r#"f("{ \" {", b"{", '{', '\'', b'{') g"#), "f( , b , , , b ) g");
        assert_eq!(
            same_length(r##"f(r"\", r#"{" "#, br"{") for r#type"##),
            "f( , , b ) for r#type"
        );
        assert_eq!(same_length("fn f<'a>(x: &'a str) -> &'a str { '文' }"), {
            "fn f<'a>(x: &'a str) -> &'a str { }"
        });
        assert_eq!(same_length("let 记录 = \"文\";"), "let 记录 = ;");
    }

    #[test]
    fn items_under_cfg_test_are_no_product() {
        let (product, lines) = without_tests("a\n#[cfg(test)]\nmod tests {\n{x}\n}\nb\n");
        assert_eq!(product.split_whitespace().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(lines, 4);
        let (product, _) = without_tests("#[cfg(test)]\n#[path = 1]\nmod tests;\nfn b() {}");
        assert_eq!(product.trim(), "fn b() {}");
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(words("unsafe_code unsafe {", "unsafe"), [12]);
        assert_eq!(words("println!(x)", "print!"), Vec::<usize>::new());
        assert_eq!(words("print!(x)", "print!"), [0]);
    }
}
