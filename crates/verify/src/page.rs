//! The page that a court opens where it may install nothing: the scripts of `web/` as one file, under a policy that
//! names the hashes of what stands in it and lets nothing else run. It stands in every package, and its SHA-256 on
//! the station's receipt. `web/tests/assemble.mjs` puts it together a second time, byte for byte.

use crate::words::WORDS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealdock_chain::Digest;

const FORM: &str = include_str!("../web/page.html");
const STYLE: &str = include_str!("../web/style.css");

/// Each needs those before it.
const SCRIPTS: [&str; 7] = [
    include_str!("../web/curve.js"),
    include_str!("../web/chain.js"),
    include_str!("../web/folder.js"),
    include_str!("../web/record.js"),
    include_str!("../web/anchors.js"),
    include_str!("../web/verify.js"),
    include_str!("../web/page.js"),
];

/// The page of this release, whole.
#[must_use]
pub fn page() -> String {
    let script = lean(&SCRIPTS.concat());
    filled(FORM, |blank| match blank {
        "style" => STYLE.to_owned(),
        "style-hash" => hash(STYLE),
        "script-hash" => hash(&script),
        // No word may end the element that holds it.
        "words" => compact(WORDS).replace('<', "\\u003c"),
        "script" => script.clone(),
        other => unreachable!("page.html has a blank {other:?} that nothing fills"),
    })
}

/// The SHA-256 of [`page`], as a receipt says it.
#[must_use]
pub fn page_digest() -> Digest {
    Digest::of(page().as_bytes())
}

/// Operators that stand without the spaces around them in the page. No text of the scripts has one of them in it.
const TIGHT: [&str; 5] = [" => ", " === ", " !== ", " && ", " || "];

/// Without empty lines and those that are a comment, what lines are moved in by, and the spaces around some operators: who
/// reads them has the repository, and who checks the page its digest. No text of the scripts goes over the end of a line
/// or has such an operator in it; a test looks.
fn lean(script: &str) -> String {
    let said = |line: &&str| {
        let comment = line.starts_with("//") || line.starts_with("/**") && line.ends_with("*/");
        !comment && !line.is_empty()
    };
    let lines = script.split('\n').map(|line| line.trim_start_matches(' '));
    let script = lines.filter(said).collect::<Vec<_>>().join("\n");
    TIGHT.iter().fold(script, |script, operator| script.replace(operator, operator.trim()))
}

/// As a content security policy writes it.
fn hash(text: &str) -> String {
    STANDARD.encode(Digest::of(text.as_bytes()).0)
}

/// Fills every `{{blank}}` of the form; what is filled in is not looked through again.
fn filled(form: &str, with: impl Fn(&str) -> String) -> String {
    let mut parts = form.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (blank, rest) = part.split_once("}}").expect("every blank of page.html is closed");
        page += &with(blank);
        page += rest;
    }
    page
}

/// JSON without the spaces between its words.
fn compact(json: &str) -> String {
    let (mut text, mut escaped) = (false, false);
    let keep = |letter: &char| {
        let kept = text || !letter.is_ascii_whitespace();
        text ^= *letter == '"' && !escaped;
        escaped = text && *letter == '\\' && !escaped;
        kept
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spaces_between_words_are_left_out() {
        let json = "{ \"a b\" : [ \"c \\\" d\\\\\" , \" e\" ] }\n";
        assert_eq!(compact(json), "{\"a b\":[\"c \\\" d\\\\\",\" e\"]}");
    }

    #[test]
    fn what_is_filled_in_is_not_looked_through_again() {
        assert_eq!(filled("<{{a}}>{{b}}", |blank| format!("{{{{{blank}")), "<{{a>{{b");
    }

    #[test]
    fn the_policy_names_what_stands_in_the_page_and_nothing_else() {
        let page = page();
        let between = |from: &str, to: &str| {
            let rest = page.split_once(from).unwrap().1;
            rest.split_once(to).unwrap().0
        };
        let script = between("<script>", "</script>");
        let style = between("<style>", "</style>");
        let policy = between("Content-Security-Policy\" content=\"", "\"");
        let wanted = format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash(script),
            hash(style)
        );
        assert_eq!(policy, wanted);
    }
}
