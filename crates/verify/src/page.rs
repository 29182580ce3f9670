//! The page that a court opens where it may install nothing: the scripts of `web/` as one file, under a policy that
//! names the hashes of what stands in it and lets nothing else run. It stands in every package, and its SHA-256 on
//! the station's receipt. `web/tests/assemble.mjs` puts it together a second time, byte for byte.

use crate::lean;
use crate::words::WORDS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealdock_chain::Digest;

const FORM: &str = include_str!("../web/page.html");
const STYLE: &str = include_str!("../web/style.css");

/// The scripts of `web/` as one, shortened: `cargo xtask generate` makes it, and the tests make it again.
const SCRIPT: &str = include_str!("../web/short.js");

/// The page of this release, whole.
#[must_use]
pub fn page() -> String {
    let style = lean::style(STYLE);
    filled(&lean::moved_out(FORM), |blank| match blank {
        "style" => style.clone(),
        "style-hash" => hash(&style),
        "script-hash" => hash(SCRIPT),
        // No word may end the element that holds it.
        "words" => paired(&compact(WORDS)).replace('<', "\\u003c"),
        "script" => SCRIPT.to_owned(),
        other => unreachable!("page.html has a blank {other:?} that nothing fills"),
    })
}

/// The SHA-256 of [`page`], as a receipt says it.
#[must_use]
pub fn page_digest() -> Digest {
    Digest::of(page().as_bytes())
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

/// Each sentence as a pair, Chinese first, instead of an object with two keys; the page makes objects of them again.
fn paired(json: &str) -> String {
    json.replace("{\"zh\":", "[").replace(",\"en\":", ",").replace("\"}", "\"]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What the page does when it reads them.
    fn unpaired(value: &Value) -> Value {
        match value {
            Value::Array(pair) => serde_json::json!({ "zh": pair[0], "en": pair[1] }),
            Value::Object(group) => {
                group.iter().map(|(name, value)| (name.clone(), unpaired(value))).collect()
            }
            other => other.clone(),
        }
    }

    #[test]
    fn no_sentence_is_lost_in_the_page() {
        let table: Value = serde_json::from_str(WORDS).unwrap();
        let pairs: Value = serde_json::from_str(&paired(&compact(WORDS))).unwrap();
        assert_eq!(unpaired(&pairs), table);
    }

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
