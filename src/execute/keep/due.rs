//! What a plan made now would hold, and what stays and why: the same look as the plan's, with nothing coming of it.

use super::super::{civil, fitting, size, zone};
use crate::answer::Answer;
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::keep::{Kept, Why};
use sealdock_station::{Amount, Survey};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn due(open: &Open) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let found = open.station.survey_disposal()?;
    let bytes = bytes(&found);
    let shown = found.lines.iter().map(|line| {
        vec![
            line.clip.to_string(),
            fitting(&line.name),
            size(line.size),
            line.officer.clone().unwrap_or("-".into()),
            line.class.clone(),
            civil(zone, &line.due),
        ]
    });
    let head = ["clip", "name", "size", "officer", "class", "due"];
    let mut answer = Answer::new(json(&found, bytes))
        .table(&head, shown.collect(), "没有可处置的 nothing is due that nothing speaks against")
        .line(format!("{} clips, {}", found.lines.len(), size(bytes)));
    for (why, amount) in by_kind(&found.held) {
        let said = format!("到期但保留 due, kept ({}): {}", why.as_str(), said(amount));
        answer = answer.line(said);
    }
    let others = [
        ("已在计划中 in a plan already", found.planned),
        ("未定类 without a class", found.unclassed),
        ("永久 permanent", found.permanent),
        ("未到期 due later", found.later),
    ];
    for (word, amount) in others.into_iter().filter(|(_, amount)| amount.clips > 0) {
        answer = answer.line(format!("{word}: {}", said(amount)));
    }
    Ok(match &found.doubt {
        Some(why) => answer.line(why.to_string()),
        None => answer,
    })
}

fn said(amount: Amount) -> String {
    format!("{} clips, {}", amount.clips, size(amount.bytes))
}

/// Of distinct contents, as the plan counts them.
fn bytes(found: &Survey) -> u64 {
    let contents: BTreeMap<_, _> =
        found.lines.iter().map(|line| (line.sha256, line.size)).collect();
    contents.values().sum()
}

/// A clip that two things speak against is counted with both.
fn by_kind(held: &[(Kept, BTreeSet<Why>)]) -> BTreeMap<Why, Amount> {
    let mut by: BTreeMap<Why, Amount> = BTreeMap::new();
    for (kept, kinds) in held {
        for why in kinds {
            let amount = by.entry(*why).or_default();
            amount.clips += 1;
            amount.bytes += kept.size;
        }
    }
    by
}

fn json(found: &Survey, bytes: u64) -> Value {
    let amount = |amount: Amount| json!({ "clips": amount.clips, "bytes": amount.bytes });
    let held = |(kept, kinds): &(Kept, BTreeSet<Why>)| {
        let why: Vec<&str> = kinds.iter().map(|why| why.as_str()).collect();
        json!({ "clip": kept.clip, "bytes": kept.size, "why": why })
    };
    let kinds: serde_json::Map<String, Value> = by_kind(&found.held)
        .into_iter()
        .map(|(why, of)| (why.as_str().to_owned(), amount(of)))
        .collect();
    json!({
        "lines": found.lines, "bytes": bytes, "more": found.more, "doubt": found.doubt,
        "held": found.held.iter().map(held).collect::<Vec<_>>(), "held_by_kind": kinds,
        "planned": amount(found.planned), "unclassed": amount(found.unclassed),
        "permanent": amount(found.permanent), "later": amount(found.later),
    })
}
