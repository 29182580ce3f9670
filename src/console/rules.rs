//! A policy as a list of values, each with its source.

use super::spoken::{half, word};
use sealdock_console::Lang;
use sealdock_console::first::Rule;
use sealdock_console::words::{Word, first as f, rooms as r};
use sealdock_core::access::{Footing, Level};
use sealdock_core::why::is_chinese;
use toml::Value;

/// Every value of a text that was parsed as a policy before, in the reader's words; in the order of the text's sections.
pub fn rules(lang: Lang, text: &str) -> Vec<Rule> {
    let mut all = Vec::new();
    gather(&read(text), "", &|table, name, value| told(lang, table, name, value), &mut all);
    for rule in &mut all {
        rule.cite = source(lang, &rule.cite);
        if rule.value.is_empty() {
            rule.value = lang.t(f::NOBODY_MAY).to_owned();
        }
        if let Some(level) = rule.key.strip_prefix("access.secrecy.").and_then(level) {
            rule.value = format!("{}{}{}", word(lang, level), lang.t(r::COLON), rule.value);
        }
    }
    all
}

fn read(text: &str) -> Value {
    Value::Table(text.parse::<toml::Table>().unwrap_or_default())
}

type Say<'a> = &'a dyn Fn(&toml::Table, &str, &Value) -> Option<String>;

fn gather(value: &Value, key: &str, say: Say<'_>, all: &mut Vec<Rule>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Table(table) => match table.get("cite").and_then(Value::as_str) {
            Some(cite) => {
                let said =
                    table.iter().filter(|(name, _)| !["cite", "id"].contains(&name.as_str()));
                let said: Vec<String> =
                    said.filter_map(|(name, value)| say(table, name, value)).collect();
                let (key, value) = (key.to_owned(), said.join("; "));
                all.push(Rule { key, value, cite: cite.to_owned() });
            }
            None => table.iter().for_each(|(name, value)| gather(value, &below(name), say, all)),
        },
        Value::Array(rows) => {
            for row in rows {
                let id = row.get("id").and_then(Value::as_str).unwrap_or("?");
                gather(row, &below(id), say, all);
            }
        }
        // Name and version of the text itself have no source.
        _ => {}
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// As the text has it, name and value: what two texts are compared by.
fn literal(_: &toml::Table, name: &str, value: &Value) -> Option<String> {
    Some(format!("{name}: {}", plain(value)))
}

/// As a reader says it; what is not so has nothing to say.
fn told(lang: Lang, table: &toml::Table, name: &str, value: &Value) -> Option<String> {
    let shown = plain(value);
    let spaced = |unit: Word| format!("{shown} {}", lang.t(unit));
    match (name, value) {
        ("value", Value::Boolean(on)) => Some(lang.t(if *on { f::YES } else { f::NO }).to_owned()),
        ("value", _) => Some(shown),
        ("name", _) => Some(half(lang, &shown).to_owned()),
        ("hours", _) => Some(spaced(f::HOURS)),
        ("days", _) => Some(spaced(f::DAYS)),
        ("unit_head", Value::Boolean(needed)) => {
            // Where nothing is open there is nothing to approve.
            let none = |name| table.get(name).and_then(Value::as_array).is_some_and(Vec::is_empty);
            let closed = none("view") && none("copy");
            (*needed && !closed).then(|| lang.t(f::UNIT_HEAD_APPROVES).to_owned())
        }
        ("view" | "copy", Value::Array(all)) => {
            let who: Vec<String> = all.iter().map(|one| footing(lang, &plain(one))).collect();
            let what = lang.t(if name == "view" { f::MAY_VIEW } else { f::MAY_COPY });
            (!who.is_empty()).then(|| format!("{what}{}", who.join(lang.t(f::AND_ALSO))))
        }
        _ => Some(format!("{name}: {shown}")),
    }
}

fn level(text: &str) -> Option<Level> {
    serde_json::from_value(serde_json::Value::from(text)).ok()
}

/// On what footing somebody asks; what the program has no word for is shown as it is.
fn footing(lang: Lang, text: &str) -> String {
    let known = serde_json::from_value::<Footing>(serde_json::Value::from(text));
    known.map_or_else(|_| text.to_owned(), |known| word(lang, known))
}

/// Where a value comes from. The built-in text explains its sources in English: a Chinese page names the source alone.
fn source(lang: Lang, cite: &str) -> String {
    if lang == Lang::En {
        return cite.to_owned();
    }
    let parts: Vec<String> = cite.split("; ").filter_map(named_source).collect();
    if parts.is_empty() { cite.to_owned() } else { parts.join("；") }
}

fn named_source(part: &str) -> Option<String> {
    if part.starts_with("technical") {
        return Some("技术需要".to_owned());
    }
    if part.contains("unit decision") || part.contains("unit's decision") {
        return Some("单位自定".to_owned());
    }
    let english = |text: &str| !text.contains(is_chinese);
    let cut =
        |at: &str| part.split_once(at).filter(|(_, why)| english(why)).map(|(named, _)| named);
    let named = cut(": ").or_else(|| cut(" (")).unwrap_or(part);
    let named = named.split_once(" (").filter(|(_, why)| english(why)).map_or(named, |(n, _)| n);
    (!english(named) || named.contains('§')).then(|| named.to_owned())
}

/// What another text changes: the key, how it stands, how it would stand. A source counts, and what has no words counts.
pub fn differences(lang: Lang, now: &str, then: &str) -> Vec<(String, String, String)> {
    let literally = |text: &str| {
        let mut all = Vec::new();
        gather(&read(text), "", &literal, &mut all);
        all
    };
    let (old, new) = (literally(now), literally(then));
    let (now, then) = (rules(lang, now), rules(lang, then));
    let find = |all: &[Rule], key: &str| {
        all.iter().find(|rule| rule.key == key).map(|rule| (rule.value.clone(), rule.cite.clone()))
    };
    let mut keys: Vec<&str> = old.iter().chain(&new).map(|rule| rule.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let shown = |told: &[Rule], as_written: &[Rule], key: &str, alike: bool| {
        // Where the reader's words do not tell the two apart, the text itself does.
        let one = if alike { find(as_written, key) } else { find(told, key) };
        one.map_or_else(|| "–".to_owned(), |(value, cite)| format!("{value} ({cite})"))
    };
    let changed = keys.into_iter().filter(|key| find(&old, key) != find(&new, key));
    changed
        .map(|key| {
            let value = |all: &[Rule]| find(all, key).map(|(value, _)| value);
            let alike = value(&now) == value(&then);
            (key.to_owned(), shown(&now, &old, key, alike), shown(&then, &new, key, alike))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::policy::DEFAULT_POLICY;

    #[test]
    fn every_value_of_the_default_is_shown_with_its_source_and_explained() {
        let cited = DEFAULT_POLICY.lines().filter(|line| !line.starts_with('#'));
        let cited = cited.filter(|line| line.contains("cite = \"")).count();
        for lang in [Lang::Zh, Lang::En] {
            let all = rules(lang, DEFAULT_POLICY);
            assert_eq!(all.len(), cited);
            for rule in &all {
                assert!(!rule.value.is_empty() && !rule.cite.is_empty(), "{rule:?}");
                assert!(rule.meaning().is_some(), "{} has no words", rule.key);
            }
        }
    }

    #[test]
    fn a_value_is_said_in_the_words_of_its_reader() {
        let of = |lang, key: &str| {
            let all = rules(lang, DEFAULT_POLICY);
            let rule = all.into_iter().find(|rule| rule.key == key).unwrap();
            (rule.value, rule.cite)
        };
        assert_eq!(of(Lang::Zh, "deadlines.after_return").0, "24 小时");
        assert_eq!(of(Lang::En, "deadlines.after_return").0, "24 hours");
        assert_eq!(of(Lang::En, "desk.battery_min").0, "50");
        assert_eq!(of(Lang::Zh, "keeping.class.ordinary").0, "184 天; 一般");
        assert_eq!(of(Lang::En, "keeping.class.ordinary").0, "184 days; ordinary");
        let secret = of(Lang::Zh, "access.secrecy.private");
        assert!(secret.0.contains("可查阅：") && !secret.0.contains("internal-body"), "{secret:?}");
        assert_eq!(secret.1, "002/A2-§18, §19");
        assert_eq!(of(Lang::Zh, "desk.battery_min").1, "002/A6-§8；单位自定");
        assert_eq!(of(Lang::Zh, "deadlines.alarm").1, "002/A2-§16 ¶2");
        let state_secret = of(Lang::Zh, "access.secrecy.state-secret").0;
        assert_eq!(state_secret, "国家秘密：不开放", "and nobody is said to approve it");
        // What a unit wrote itself stays.
        assert_eq!(source(Lang::Zh, "局办〔2026〕3 号：另行规定"), "局办〔2026〕3 号：另行规定");
    }

    #[test]
    fn what_another_text_changes_is_shown_and_nothing_else() {
        let other =
            DEFAULT_POLICY.replace("battery_min = { value = 50", "battery_min = { value = 60");
        let changed = differences(Lang::En, DEFAULT_POLICY, &other);
        assert_eq!(changed.len(), 1);
        assert!(changed[0].1.starts_with("50 (") && changed[0].2.starts_with("60 ("));
        assert!(differences(Lang::Zh, DEFAULT_POLICY, DEFAULT_POLICY).is_empty());
        for lang in [Lang::Zh, Lang::En] {
            let cite = DEFAULT_POLICY.replace("002/A6-§26: originals", "002/A6-§26: nothing");
            let changed = differences(lang, DEFAULT_POLICY, &cite);
            assert_eq!(changed.len(), 1, "a source counts, also where a page names it alike");
            assert_ne!(changed[0].1, changed[0].2);
        }
    }
}
