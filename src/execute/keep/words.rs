//! One sentence per entry about keeping, for people who read the chain.

use super::listed;
use crate::execute::entries::short;
use sealdock_core::keep::{Event, StationChecked};

pub fn sentence(event: &Event) -> String {
    match event {
        Event::ClipClassed(e) => match &e.replaces {
            Some(before) => {
                format!("clip {} classed {}, before {before}: {}", e.clip, e.class, e.reason)
            }
            None => format!("clip {} classed {}: {}", e.clip, e.class, e.reason),
        },
        Event::ClockTrusted(e) => format!("the clock is right: {}", e.reason),
        Event::HoldRequested(e) => {
            format!("hold asked for, {}: {}: {}", e.ground.as_str(), listed(&e.clips), e.reason)
        }
        Event::HoldApproved(e) => format!("hold {} approved", e.hold),
        Event::HoldRefused(e) => format!("hold {} refused: {}", e.hold, e.reason),
        Event::HoldReleaseRequested(e) => {
            format!("release of hold {} asked for: {}", e.hold, e.reason)
        }
        Event::HoldReleased(e) => format!("hold {} released", e.hold),
        Event::HoldReleaseRefused(e) => format!("release of hold {} refused: {}", e.hold, e.reason),
        Event::MediumBurnt(e) => {
            format!(
                "{} {} burnt, kept at {}: {}",
                e.kind.as_str(),
                e.label,
                e.place,
                listed(&e.clips)
            )
        }
        Event::MediumReadBack(e) => {
            let how = if e.equal { "equal" } else { "不一致 differs" };
            format!("medium {} read back at {}: {how}", e.medium, e.place)
        }
        Event::DrillBegun(_) | Event::DrillCompleted(_) | Event::DrillRemoved(_) => drill(event),
        Event::StationChecked(e) => checked(e),
        Event::CheckAnnounced(e) => format!(
            "{} check announced: {} clips of entries {} to {}, drawn by the root of {} entries",
            e.kind.as_str(),
            e.count,
            e.from,
            e.to,
            e.at_size
        ),
        Event::CheckDrawn(e) => {
            format!(
                "spot check {} drawn by {}: {}",
                e.check,
                short(&e.root.to_string()),
                listed(&e.clips)
            )
        }
        Event::CheckAnswered(e) => match &e.finding {
            Some(finding) => format!("spot check {}: clip {}: {finding}", e.check, e.clip),
            None => format!("spot check {}: clip {} in order", e.check, e.clip),
        },
        Event::CheckCorrected(e) => {
            format!("spot check {}: clip {} corrected: {}", e.check, e.clip, e.text)
        }
        Event::CheckClosed(e) => format!("spot check {} closed: {}", e.check, e.appraisal),
        other => disposal(other),
    }
}

fn disposal(event: &Event) -> String {
    match event {
        Event::DisposalPlanned(e) => format!(
            "disposal of {} clips ({} bytes) planned, {}",
            e.clips.len(),
            e.bytes,
            short(&e.object.to_string())
        ),
        Event::DisposalApproved(e) => {
            format!("plan {} approved; in quarantine from now on", e.plan)
        }
        Event::DisposalWithdrawn(e) => {
            let all: Vec<String> =
                e.clips.iter().map(|one| format!("{} ({})", one.clip, one.why)).collect();
            format!("plan {}: withdrawn: {}", e.plan, all.join(", "))
        }
        Event::DisposalBegun(e) => {
            format!("plan {} is carried out; {} clips may go today", e.plan, e.clips)
        }
        Event::DisposalIntended(e) => {
            format!("plan {}: {} to be removed", e.plan, listed(&e.clips))
        }
        Event::DisposalKept(e) => {
            format!("plan {}: {} kept: {}", e.plan, listed(&e.clips), e.reason)
        }
        Event::ClipDisposed(e) => format!(
            "{} disposed of by plan {}, gone from {}",
            listed(&e.clips),
            e.plan,
            e.gone_from.join(" and ")
        ),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

fn checked(e: &StationChecked) -> String {
    let how = if e.deep { "deep" } else { "by presence and size" };
    let StationChecked { entries, clips, files, findings, .. } = e;
    format!(
        "全面核对 full check, {how}: {entries} entries, {clips} clips, {files} files, {findings} findings"
    )
}

fn drill(event: &Event) -> String {
    match event {
        Event::DrillBegun(e) => {
            let what = if e.without_database { "clips, sidecars and tiles" } else { "all" };
            let keep = if e.keep { ", and is to stay there" } else { "" };
            let disk = e.disk.as_str();
            format!(
                "演练 drill begun: {what} of {} goes to {} ({}, {disk} disk){keep}",
                e.from, e.to, e.fs
            )
        }
        Event::DrillCompleted(e) => {
            let left = e.left.as_ref().map_or("the copy was removed".to_owned(), |left| {
                format!("资料副本仍在 a copy of all footage was left in {left}")
            });
            format!(
                "drill of entry {}: {}, {} entries, {} clips, {} findings; {left}",
                e.drill,
                e.outcome.as_str(),
                e.entries,
                e.clips,
                e.findings
            )
        }
        Event::DrillRemoved(e) => {
            format!("the copy of the drill of entry {} is gone: {}", e.drill, e.reason)
        }
        _ => String::new(),
    }
}
