//! What is left out of the page's scripts and style: who reads them has the repository, and who checks the page its
//! digest. Names, texts and the order of lines stay, so that a reader of the page finds what stands in the repository.

/// What the scripts say so that node can run them one by one; in the page they stand one after the other.
const FOR_NODE: &str = "if (typeof module ===";
/// Each says it of itself; once is enough for all.
const STRICT: &str = "'use strict';";
const REQUIRED: &str = "typeof require === 'function' ? require('";

/// Without empty lines and those that are a comment, what is for node alone, what lines are moved in by, line ends before
/// what only closes, and spaces that part no words. No text goes over the end of a line, no pattern has a quote or a space in it; a test looks.
pub fn script(script: &str) -> String {
    let said = |line: &&str| {
        let comment = line.starts_with("//") || line.starts_with("/**") && line.ends_with("*/");
        !comment && !line.is_empty() && !line.starts_with(FOR_NODE) && *line != STRICT
    };
    let lines = script.split('\n').map(|line| line.trim_start_matches(' ')).filter(said);
    let lines = lines.map(|line| tight(alone(line)));
    lines.fold(STRICT.to_owned(), |text, line| match closes(&line) {
        true => text + &line,
        false => text + "\n" + &line,
    })
}

/// What only closes goes to the end of the line before it.
fn closes(line: &str) -> bool {
    line.chars().all(|letter| ")]};,".contains(letter))
}

/// Without what lines are moved in by.
pub fn moved_out(text: &str) -> String {
    text.split('\n').map(|line| line.trim_start_matches(' ')).collect::<Vec<_>>().join("\n")
}

/// The style, without spaces that part no words either.
pub fn style(style: &str) -> String {
    let spaces = [": ", " {", "{ ", "; ", " }"];
    spaces.iter().fold(moved_out(style), |text, it| text.replace(it, it.trim()))
}

/// The name of a script that node would have to ask for.
fn alone(line: &str) -> &str {
    let other = line.strip_prefix(REQUIRED).and_then(|rest| rest.split_once(" : "));
    other.map_or(line, |(_, name)| name)
}

/// Where a letter stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// A text, up to this quote.
    Text(char),
    /// The gap of a template, with so many braces open.
    Gap(u32),
}

/// Without spaces that part no words, outside of texts. A gap of a template is code again.
fn tight(line: &str) -> String {
    let mut inside: Vec<Inside> = Vec::new();
    let mut letters = line.chars().peekable();
    let mut out = String::new();
    while let Some(letter) = letters.next() {
        let last = out.chars().last();
        if letter == ' ' && !matches!(inside.last(), Some(Inside::Text(_))) {
            if parts(last, letters.peek().copied()) {
                out.push(letter);
            }
            continue;
        }
        out.push(letter);
        match (inside.last_mut(), letter) {
            (Some(Inside::Text(_)), '\\') => out.extend(letters.next()),
            (Some(Inside::Text(open)), _) if *open == letter => drop(inside.pop()),
            (Some(Inside::Text('`')), '$') if letters.peek() == Some(&'{') => {
                out.extend(letters.next());
                inside.push(Inside::Gap(0));
            }
            (Some(Inside::Text(_)), _) => {}
            (_, '\'' | '"' | '`') => inside.push(Inside::Text(letter)),
            (Some(Inside::Gap(0)), '}') => drop(inside.pop()),
            (Some(Inside::Gap(open)), '}') => *open -= 1,
            (Some(Inside::Gap(open)), '{') => *open += 1,
            _ => {}
        }
    }
    out
}

/// Does a space between these two part what would be read otherwise without it?
fn parts(before: Option<char>, after: Option<char>) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "_$".contains(c));
    let sign = |c: Option<char>| matches!(c, Some('+' | '-'));
    let slash = |c: Option<char>| c == Some('/');
    word(before) && word(after) || sign(before) && sign(after) || slash(before) || slash(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spaces_that_part_no_words_are_left_out() {
        for (line, left) in [
            ("a = `c ${d ? 'e : f' : { g: h }} i = j`; k", "a=`c ${d?'e : f':{g:h}} i = j`;k"),
            ("a + +b - -c === 'd \\' = e' + \"f, g\"", "a+ +b- -c==='d \\' = e'+\"f, g\""),
            ("const [a, b] of c) typeof b in e / f", "const[a,b]of c)typeof b in e / f"),
        ] {
            assert_eq!(tight(line), left);
        }
    }

    #[test]
    fn what_is_for_node_alone_is_left_out() {
        let text = "'use strict';\n// said\n\n  /** said */\nconst A = (b)(\n  typeof require === 'function' ? \
                    require('./b.js') : B,\n);\nif (typeof module === 'object') module.exports = A;";
        assert_eq!(script(text), "'use strict';\nconst A=(b)(\nB,);");
    }
}
