//! Numbers for Prometheus (text format 0.0.4), out of the facts of `status`. No name of a person or clip among them.

use super::tokens::Right;
use super::{Room, allowed, read};
use crate::request::Request;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::sync::Semaphore;

const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One number: name, what it means, where it stands in the facts. A list counts as its length.
const GAUGES: &[(&str, &str, &str)] = &[
    ("sealdock_entries", "Entries of the chain", "/head/size"),
    ("sealdock_last_entry_age_seconds", "Seconds since the last entry", "/head_age_s"),
    ("sealdock_clips", "Clips in custody", "/clips"),
    ("sealdock_clips_unassigned", "Clips without officer or recorder", "/unassigned_clips"),
    ("sealdock_asides_open", "Files that stand aside and wait for a decision", "/open_asides"),
    ("sealdock_disk_free_bytes", "Free bytes of the disk of the clips", "/disk/bytes_free"),
    ("sealdock_disk_free_inodes", "Free inodes of the disk of the clips", "/disk/inodes_free"),
    (
        "sealdock_deadlines_missed_unexplained",
        "Missed deadlines without a reason",
        "/missed_unexplained_count",
    ),
    ("sealdock_deadlines_due_soon", "Deadlines that end soon", "/due_soon"),
    ("sealdock_lost_entries", "Stretches of the record that are known to be lost", "/lost"),
];

pub async fn metrics(
    State(room): State<Arc<Room>>,
    headers: HeaderMap,
    slots: Arc<Semaphore>,
) -> Response {
    if let Err(refused) = allowed(&room, &headers, Some(Right::Metrics)).await {
        return refused;
    }
    match read(&room, Request::StatusInBrief, &slots).await {
        Ok(facts) => (StatusCode::OK, [(header::CONTENT_TYPE, KIND)], text(&facts)).into_response(),
        Err(refused) => refused,
    }
}

/// What is not known has no line: a zero would be a claim.
fn text(facts: &Value) -> String {
    let mut text = String::new();
    for (name, what, at) in GAUGES {
        let value = facts.pointer(at).and_then(|value| match value {
            Value::Array(list) => Some(list.len().to_string()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        if let Some(value) = value {
            let _infallible =
                write!(text, "# HELP {name} {what}\n# TYPE {name} gauge\n{name} {value}\n");
        }
    }
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for recorder in facts["docked"].as_array().into_iter().flatten() {
        *states.entry(recorder["state"].as_str().unwrap_or("unknown")).or_default() += 1;
    }
    if !states.is_empty() {
        text += "# HELP sealdock_docked Recorders in bays by how they stand\n# TYPE sealdock_docked gauge\n";
        for (state, count) in states {
            let plain: String =
                state.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            let _infallible = writeln!(text, "sealdock_docked{{state=\"{plain}\"}} {count}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_has_no_line_and_a_state_ends_no_label() {
        let facts = json!({ "head": { "size": 7 }, "head_age_s": null, "missed_unexplained_count": 2,
            "docked": [{ "state": "copying" }, { "state": "copying" }, { "state": "a\"} 1\n" }] });
        let text = text(&facts);
        assert!(text.contains("\nsealdock_entries 7\n"), "{text}");
        assert!(text.contains("\nsealdock_deadlines_missed_unexplained 2\n"), "{text}");
        assert!(text.contains("sealdock_docked{state=\"copying\"} 2\n"), "{text}");
        assert!(text.contains("sealdock_docked{state=\"a1\"} 1\n"), "{text}");
        assert!(!text.contains("age_seconds"), "{text}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
