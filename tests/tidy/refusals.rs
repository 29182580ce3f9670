//! Every sentence of a rule that says no: a code of its own, both languages, and its line in `docs/ref/refusals.md`.

use crate::tree::File;

const LIST: &str = "docs/ref/refusals.md";
/// English that stands in a Chinese sentence because people read it there too: units, names of settings, forms of a date.
const ALLOWED: [&str; 6] = ["KiB", "MiB", "desk", "use_hours_max", "TOML", "PIN"];

struct Sentence {
    code: String,
    chinese: String,
    english: String,
}

/// Every `why!` of the sources, tests apart.
fn sentences(files: &[File]) -> (Vec<Sentence>, Vec<String>) {
    let (mut all, mut findings) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.path.ends_with(".rs") && is_source(&file.path)) {
        let product = file.text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in product.match_indices("why!(") {
            // `says!` writes a part of a sentence, and the macro itself no sentence.
            let mut rest = &product[at + "why!(".len()..];
            if product[..at].ends_with("$crate::") || !rest.trim_start().starts_with('"') {
                continue;
            }
            match (literal(&mut rest), literal(&mut rest), literal(&mut rest)) {
                (Some(code), Some(chinese), Some(english)) => {
                    all.push(Sentence { code, chinese, english });
                }
                _ => findings
                    .push(format!("{}: a `why!` without code, Chinese and English", file.path)),
            }
        }
    }
    (all, findings)
}

fn is_source(path: &str) -> bool {
    path.starts_with("crates/core/src/") || path.starts_with("crates/station/src/")
}

/// The next text literal, if nothing but a comma and blanks stands before it. A line that goes on by `\\` is joined.
fn literal(rest: &mut &str) -> Option<String> {
    let text = rest.trim_start_matches([',', ' ', '\n']).strip_prefix('"')?;
    let (mut out, mut escaped, mut joining) = (String::new(), false, false);
    for (at, letter) in text.char_indices() {
        if joining && letter.is_whitespace() {
            continue;
        }
        joining = false;
        match (escaped, letter) {
            (true, '\n') => joining = true,
            (true, 'n') => out.push(' '),
            (true, other) => out.push(other),
            (false, '\\') => {
                escaped = true;
                continue;
            }
            (false, '"') => {
                *rest = &text[at + 1..];
                return Some(out);
            }
            (false, other) => out.push(other),
        }
        escaped = false;
    }
    None
}

/// Without what is filled in.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in text.chars() {
        match letter {
            '{' => {
                out.push('…');
                inside = true;
            }
            '}' => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    out.trim_end_matches('…').to_owned()
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// English words of a Chinese sentence; codes of rules and dates have none of three small letters.
fn english_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphabetic() && c != '_');
    let small = |word: &&str| word.chars().filter(char::is_ascii_lowercase).count() >= 2;
    words.filter(small).filter(|word| !ALLOWED.contains(word)).map(str::to_owned).collect()
}

fn line(one: &Sentence) -> String {
    let cell = |text: &str| plain(text).replace('|', "/");
    format!("| {} | {} | {} |", one.code, cell(&one.chinese), cell(&one.english))
}

pub fn refusals(files: &[File]) -> Vec<String> {
    let (all, mut findings) = sentences(files);
    let list = files.iter().find(|file| file.path == LIST).map(|file| file.text.as_str());
    let listed: Vec<&str> = list.unwrap_or_default().lines().collect();
    let mut codes = std::collections::BTreeSet::new();
    for one in &all {
        let code = &one.code;
        if code.is_empty() || !codes.insert(code.clone()) {
            findings.push(format!("{code:?}: a code of its own, please ({})", one.english));
        }
        if !one.chinese.chars().any(is_chinese) || one.english.is_empty() {
            findings.push(format!("{code}: lacks a language"));
        }
        for word in english_words(&plain(&one.chinese)) {
            findings.push(format!("{code}: {word:?} in a Chinese sentence"));
        }
        if one.english.chars().any(is_chinese) && one.english.starts_with(one.chinese.as_str()) {
            findings.push(format!("{code}: the English is Chinese"));
        }
        let wanted = line(one);
        if !listed.contains(&wanted.as_str()) {
            findings.push(format!("{LIST} lacks: {wanted}"));
        }
    }
    for line in listed.iter().filter(|line| line.starts_with("| ") && !line.starts_with("| Code")) {
        let code = line.split(' ').nth(1).unwrap_or_default();
        if !codes.contains(code) {
            findings.push(format!("{LIST}: no rule says {code}"));
        }
    }
    findings
}

#[test]
fn every_refusal_has_a_code_both_languages_and_its_line() {
    crate::holds(refusals);
}

#[test]
fn a_sentence_without_a_language_or_a_line_is_found() {
    let source = "crates/core/src/a.rs";
    let good = "why!(\"A1\", \"没有 {id:#}\", \"there is no {id}\")";
    let list = "| A1 | 没有  | there is no  |\n";
    crate::accepts(refusals, &[(source, good), (LIST, list)]);
    crate::finds(refusals, &[(source, good)], "lacks: | A1 | 没有  | there is no  |");
    let other = "| A1 | none here | there is no |\n";
    let english = "why!(\"A1\", \"none {id:#} here\", \"there is no {id}\")";
    let two = crate::tree::File::new(source, english);
    let found = refusals(&[two, crate::tree::File::new(LIST, other)]).join("\n");
    assert!(
        found.contains("lacks a language") && found.contains("in a Chinese sentence"),
        "{found}"
    );
    let half = "why!(\"A1\", \"没有\")";
    crate::finds(refusals, &[(source, half)], "without code, Chinese and English");
    let twice = format!("{good}; {good}");
    crate::finds(refusals, &[(source, twice.as_str()), (LIST, list)], "a code of its own");
}
