//! Plans, approvals, runs, intents. Each is decided inside the one writer's transaction, so nothing can come
//! between what was asked and what is written.

use super::{allowed, authority};
use crate::clock_state;
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::event::Event as Any;
use crate::id::{ClipId, PlanId};
use crate::keep::against::Look;
use crate::keep::brake;
use crate::keep::command::{Command, Part};
use crate::keep::event::*;
use crate::keep::kept::{kept, with_bytes};
use crate::keep::objection::disposal::{copies_of, lines};
use crate::keep::permit::Audited;
use crate::keep::plan::PlanSheet;
use crate::keep::rows::{DISPOSAL, DISPOSAL_LINE, DISPOSAL_RUN};
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::table::{Query, Row};
use crate::why;
use sealdock_chain::digest::Digest;
use std::collections::BTreeSet;

/// Withdrawals in one entry, which stays below the format's limit.
const AT_ONCE: usize = 50;

pub(super) fn decide(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::Plan { audited, object, sheet } => plan(scene, &audited, object, &sheet),
        Command::Approve { audited, plan, object } => approve(scene, &audited, plan, object),
        Command::Withdraw { plan, clips, reason } => withdraw(scene, plan, clips, &reason),
        Command::Begin { audited, plan } => begin(scene, &audited, plan),
        Command::Intend { run, clip } => intend(scene, run, clip),
        Command::Settle { intent, part } => settle(scene, intent, part),
        _ => no(why!("K28", "这不是处置的办理事项。", "that is no command about disposal")),
    }
}

/// The sheet says of every clip what the registers say; the object is the sheet.
fn plan(scene: &Scene, audited: &Audited, object: Digest, sheet: &PlanSheet) -> Decided {
    let clock = word(scene)?;
    if Digest::of(&sheet.encode()) != object {
        return no(why!(
            "K29",
            "清单与计划不符；请重新列计划。",
            "the object is not the plan; make it again"
        ));
    }
    for line in &sheet.lines {
        let Some(kept) = kept(scene.registers, line.clip)? else {
            return no(why!("K30", "没有视频 {:#}。", "there is no clip {}", line.clip));
        };
        if (kept.sha256, kept.size) != (line.sha256, line.size)
            || kept.class.as_deref() != Some(line.class.as_str())
        {
            return no(why!(
                "K31",
                "视频 {:#} 与计划所写不符；请重新列计划。",
                "clip {} is not what the plan says; make it again",
                line.clip
            ));
        }
    }
    let e = DisposalPlanned {
        object,
        clips: sheet.clips(),
        bytes: sheet.bytes(),
        verified: audited.entries(),
        clock,
    };
    answered_for(scene, Event::DisposalPlanned(e), clock)
}

/// The newest word that the clock is right. Each step names it, and the rules judge it; where there is none at
/// all there is nothing to name.
fn word(scene: &Scene) -> PortResult<Option<u64>> {
    Ok(clock_state::word(scene.registers, &scene.context.at)?.map(|word| word.seq))
}

/// Who may is said first; then, that nobody ever answered for the clock.
fn answered_for(scene: &Scene, event: Event, clock: Option<u64>) -> Decided {
    ok!(authority(scene, &event)?);
    if let (None, Some(why)) = (clock, Look::new(scene.registers, &scene.context.at)?.unanswered())
    {
        return no(why);
    }
    yes(vec![event.into()])
}

/// What something speaks against by now leaves the plan; the rest is approved.
fn approve(scene: &Scene, audited: &Audited, plan: PlanId, object: Digest) -> Decided {
    let (verified, clock) = (audited.entries(), word(scene)?);
    let approved = Event::DisposalApproved(DisposalApproved { plan, object, verified, clock });
    ok!(answered_for(scene, approved.clone(), clock)?);
    let look = Look::new(scene.registers, &scene.context.at)?;
    let mut out = Vec::new();
    let mut stays = false;
    for clip in lines(scene.registers, plan, "pending")? {
        match look.objections(clip)?.into_iter().next() {
            Some(why) => out.push(Withdrawn { clip, why: why.to_string() }),
            None => stays = true,
        }
    }
    if !stays {
        return no(why!(
            "K32",
            "计划 {plan:#} 已无可处置的视频：每一段都有须保留的理由。",
            "nothing is left of plan {plan}: something speaks against every clip of it"
        ));
    }
    let mut events = withdrawn(plan, out);
    events.push(approved);
    yes(events.into_iter().map(Any::from).collect())
}

fn withdrawn(plan: PlanId, out: Vec<Withdrawn>) -> Vec<Event> {
    let event = |clips: &[Withdrawn]| {
        Event::DisposalWithdrawn(DisposalWithdrawn { plan, clips: clips.to_vec() })
    };
    out.chunks(AT_ONCE).map(event).collect()
}

fn withdraw(scene: &Scene, plan: PlanId, clips: Vec<ClipId>, reason: &str) -> Decided {
    let why = ok!(reason_text(reason));
    let clips = match clips.is_empty() {
        true => lines(scene.registers, plan, "pending")?,
        false => clips.into_iter().collect::<BTreeSet<_>>().into_iter().collect(),
    };
    if clips.is_empty() {
        return no(why!(
            "K33",
            "计划 {plan:#} 中没有等待处置的视频；请在“处置”中查看。",
            "no clip waits in plan {plan}; see `sealdock dispose list`"
        ));
    }
    // A reason may be as long as a form: one entry per clip then stays short enough.
    let out =
        clips.into_iter().map(|clip| Withdrawn { clip, why: why.to_string() }).collect::<Vec<_>>();
    let events = out
        .chunks(8)
        .map(|clips| Event::DisposalWithdrawn(DisposalWithdrawn { plan, clips: clips.to_vec() }));
    allowed(scene, events.collect())
}

fn begin(scene: &Scene, audited: &Audited, plan: PlanId) -> Decided {
    if lines(scene.registers, plan, "pending")?.is_empty() {
        return no(why!(
            "K34",
            "计划 {plan:#} 中没有等待处置的视频；请在“处置”中查看。",
            "no clip waits in plan {plan}; see `sealdock dispose show {plan}`"
        ));
    }
    let (archive_clips, archive_bytes) = brake::archive(scene.registers, scene.context.seq)?;
    let used = brake::used(scene.registers, scene.context.at.wall)?;
    let per_mille = registry::policy(scene.registers)?.keeping.brake_per_mille;
    let (clips, bytes) = brake::allowance(per_mille, (archive_clips, archive_bytes), used);
    let clock = word(scene)?;
    let e = DisposalBegun {
        plan,
        archive_clips,
        archive_bytes,
        used_clips: used.0,
        used_bytes: used.1,
        clips,
        bytes,
        verified: audited.entries(),
        clock,
    };
    answered_for(scene, Event::DisposalBegun(e), clock)
}

/// Everything is asked once more. If something speaks against one of the clips that have these bytes, all
/// of them leave the plan; else the intent stands, and nothing may come between it and the removal.
fn intend(scene: &Scene, run: u64, clip: ClipId) -> Decided {
    let Some(row) = registry::by_seq(scene.registers, &DISPOSAL_RUN, run)? else {
        return no(why!("K35", "没有执行记录 {run:#}。", "there is no run {run}"));
    };
    let plan = PlanId(u64::try_from(row.int("plan")).unwrap_or_default());
    let Some(kept) = kept(scene.registers, clip)? else {
        return no(why!("K36", "没有视频 {clip:#}。", "there is no clip {clip}"));
    };
    let twins = with_bytes(scene.registers, &kept.sha256)?;
    let clips: Vec<ClipId> = twins.iter().map(|twin| twin.clip).collect();
    let waiting = |clip: &ClipId| -> PortResult<bool> {
        let line = Query::all(&DISPOSAL_LINE).with("plan", plan.0).with("clip", clip.0);
        let rows = scene.registers.select(&line.with("state", "pending"))?;
        Ok(!rows.is_empty())
    };
    let look = Look::new(scene.registers, &scene.context.at)?;
    if let Some(unanswered) = look.unanswered() {
        return no(unanswered);
    }
    let mut why = look.objections(clip)?.into_iter().next();
    let mut pending = Vec::new();
    for twin in &clips {
        match waiting(twin)? {
            true => pending.push(*twin),
            false => {
                why = why.or_else(|| {
                    Some(why!(
                        "K37",
                        "{twin:#} 内容相同，却不在其中",
                        "{twin} has the same bytes and is not in it"
                    ))
                });
            }
        }
    }
    if let Some(why) = why {
        if pending.is_empty() {
            return no(why!(
                "K38",
                "{clip:#} 在计划 {plan:#} 中不等待处置：{why:#}",
                "{clip} does not wait in plan {plan}: {why}"
            ));
        }
        let out =
            pending.into_iter().map(|clip| Withdrawn { clip, why: why.to_string() }).collect();
        return allowed(scene, withdrawn(plan, out));
    }
    let (run_clips, run_bytes) = brake::before(scene.registers, run)?;
    let intent = DisposalIntended {
        plan,
        run,
        copies: copies_of(scene.registers, &clips)?,
        run_clips: run_clips + clips.len() as u64,
        run_bytes: run_bytes + kept.size,
        clips,
        sha256: kept.sha256,
        size: kept.size,
        clock: word(scene)?,
    };
    allowed(scene, vec![Event::DisposalIntended(intent)])
}

fn settle(scene: &Scene, intent: u64, part: Part) -> Decided {
    let Some(row) = registry::by_seq(scene.registers, &DISPOSAL, intent)? else {
        return no(why!(
            "K39",
            "第 {intent:#} 条没有移除意向。",
            "entry {intent} intended no removal"
        ));
    };
    let plan = PlanId(u64::try_from(row.int("plan")).unwrap_or_default());
    let sha256: Digest = ok!(row.text("sha256").parse().map_err(|_| Refusal(why!(
        "K116",
        "处置登记的摘要读不出；请系统操作员检查采集站。",
        "disposal row: sha256"
    ))));
    let size = u64::try_from(row.int("size")).unwrap_or_default();
    let lines = Query::all(&DISPOSAL_LINE).with("plan", plan.0).with("state", "leaving");
    let mine =
        |row: &Row| row.int_opt("result_seq").and_then(|s| u64::try_from(s).ok()) == Some(intent);
    let rows = scene.registers.select(&lines)?;
    let clips: Vec<ClipId> = rows
        .iter()
        .filter(|row| mine(row))
        .map(|row| ClipId(u64::try_from(row.int("clip")).unwrap_or_default()))
        .collect();
    let event = match part {
        Part::Gone { from } => {
            Event::ClipDisposed(ClipDisposed { intent, plan, clips, sha256, size, gone_from: from })
        }
        Part::Left { places, reason } => {
            Event::DisposalKept(DisposalKept { intent, plan, clips, sha256, left: places, reason })
        }
    };
    allowed(scene, vec![event])
}
