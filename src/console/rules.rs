//! A policy as a list of values, each with its source.

use sealdock_console::first::Rule;
use toml::Value;

/// Every value of a text that was parsed as a policy before; in the order of the text's sections.
pub fn rules(text: &str) -> Vec<Rule> {
    let mut all = Vec::new();
    if let Ok(table) = text.parse::<toml::Table>() {
        gather(&Value::Table(table), "", &mut all);
    }
    all
}

fn gather(value: &Value, key: &str, all: &mut Vec<Rule>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Table(table) => match table.get("cite").and_then(Value::as_str) {
            Some(cite) => {
                let said =
                    table.iter().filter(|(name, _)| !["cite", "id"].contains(&name.as_str()));
                let said = said.map(|(name, value)| said_so(name, value)).collect::<Vec<_>>();
                let (key, value) = (key.to_owned(), said.join("; "));
                all.push(Rule { key, value, cite: cite.to_owned() });
            }
            None => table.iter().for_each(|(name, value)| gather(value, &below(name), all)),
        },
        Value::Array(rows) => {
            for row in rows {
                let id = row.get("id").and_then(Value::as_str).unwrap_or("?");
                gather(row, &below(id), all);
            }
        }
        // Name and version of the text itself have no source.
        _ => {}
    }
}

fn said_so(name: &str, value: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let shown = match value {
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => plain(other),
    };
    match name {
        "value" | "name" => shown,
        "hours" => format!("{shown} h"),
        "days" => format!("{shown} d"),
        other => format!("{other}: {shown}"),
    }
}

/// What another text changes: the key, how it stands, how it would stand.
pub fn differences(now: &[Rule], then: &[Rule]) -> Vec<(String, String, String)> {
    let find = |all: &[Rule], key: &str| {
        all.iter().find(|rule| rule.key == key).map(|rule| (rule.value.clone(), rule.cite.clone()))
    };
    let mut keys: Vec<&str> = now.iter().chain(then).map(|rule| rule.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let shown = |one: Option<(String, String)>| {
        one.map_or_else(|| "–".to_owned(), |(value, cite)| format!("{value} ({cite})"))
    };
    keys.into_iter()
        .map(|key| (key, find(now, key), find(then, key)))
        .filter(|(_, now, then)| now != then)
        .map(|(key, now, then)| (key.to_owned(), shown(now), shown(then)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::policy::DEFAULT_POLICY;

    #[test]
    fn every_value_of_the_default_is_shown_with_its_source_and_explained() {
        let all = rules(DEFAULT_POLICY);
        let cited = DEFAULT_POLICY.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(all.len(), cited.filter(|line| line.contains("cite = \"")).count());
        for rule in &all {
            assert!(!rule.value.is_empty() && !rule.cite.is_empty(), "{rule:?}");
            assert!(rule.meaning().is_some(), "{} has no words", rule.key);
        }
        let of = |key: &str| all.iter().find(|rule| rule.key == key).unwrap().value.clone();
        assert_eq!(of("deadlines.after_return"), "24 h");
        assert_eq!(of("desk.battery_min"), "50");
        assert_eq!(of("keeping.class.ordinary"), "184 d; 一般 ordinary");
    }

    #[test]
    fn what_another_text_changes_is_shown_and_nothing_else() {
        let other =
            DEFAULT_POLICY.replace("battery_min = { value = 50", "battery_min = { value = 60");
        let changed = differences(&rules(DEFAULT_POLICY), &rules(&other));
        assert_eq!(changed.len(), 1);
        assert!(changed[0].1.starts_with("50 (") && changed[0].2.starts_with("60 ("));
        assert!(differences(&rules(DEFAULT_POLICY), &rules(DEFAULT_POLICY)).is_empty());
        let cite = DEFAULT_POLICY.replace("002/A6-§26: originals", "order 9: originals");
        assert_eq!(differences(&rules(DEFAULT_POLICY), &rules(&cite)).len(), 1, "a source counts");
    }
}
