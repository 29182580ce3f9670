//! Spot checks: announced, drawn, answered, corrected, closed. Burnt media: entered and read back.

use super::allowed;
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::duty::plain_text;
use crate::id::{CheckId, ClipId};
use crate::keep::command::Command;
use crate::keep::draw::drawn;
use crate::keep::event::*;
use crate::keep::objection::misannounced;
use crate::keep::rows::{MEDIUM, SPOTCHECK};
use crate::ports::{PortResult, Refusal, Registers};
use crate::registry;
use crate::table::Row;
use crate::why;
use crate::why::Both;
use sealdock_chain::digest::Digest;

pub(super) fn decide(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::AnnounceCheck { kind, from, to, class, count, at_size } => {
            let e = CheckAnnounced { kind, from, to, class, count, at_size };
            announce(scene, e)
        }
        Command::DrawCheck { check, root } => draw(scene, check, root),
        Command::AnswerCheck { check, clip, answers, finding } => {
            let finding = ok!(finding.as_deref().map(reason_text).transpose());
            let e = CheckAnswered { check, clip, answers, finding };
            allowed(scene, vec![Event::CheckAnswered(e)])
        }
        Command::CorrectCheck { check, clip, text } => {
            let text = ok!(reason_text(&text));
            allowed(scene, vec![Event::CheckCorrected(CheckCorrected { check, clip, text })])
        }
        Command::CloseCheck { check, appraisal } => {
            let appraisal = ok!(reason_text(&appraisal));
            allowed(scene, vec![Event::CheckClosed(CheckClosed { check, appraisal })])
        }
        Command::BurnMedium { label, kind, place, digest, mut clips, hold } => {
            let label = ok!(plain_text(Both("标签", "a label"), &label, 60));
            let place =
                ok!(plain_text(Both("存放地点", "the place where it is kept"), &place, 200));
            clips.sort_unstable();
            let e = MediumBurnt { label, kind, place, digest, clips, hold };
            let burnt = ok!(allowed(scene, vec![Event::MediumBurnt(e)])?);
            match hold {
                Some(_) => Ok(Ok(burnt)),
                None => no(why!(
                    "K23",
                    "光盘或介质只能按部门负责人批准的、包含其中每段视频的长期保存制作（002/A6-§24）；请写明长期保存编号。",
                    "a medium is burnt for a hold that the department head approved and that names every clip on it (002/A6-§24): give --hold; see `sealdock hold list`"
                )),
            }
        }
        Command::ReadBackMedium { medium, digest, place } => {
            let Some(row) = registry::by_seq(scene.registers, &MEDIUM, medium.0)? else {
                return no(why!(
                    "K24",
                    "没有介质 {medium:#}；请核对编号。",
                    "there is no medium {medium}; see `sealdock medium list`"
                ));
            };
            let place = match place {
                Some(place) => {
                    ok!(plain_text(Both("存放地点", "the place where it is kept"), &place, 200))
                }
                None => row.text("place").to_owned(),
            };
            let equal = row.text("digest") == digest.to_string();
            let e = MediumReadBack { medium, digest, equal, place };
            allowed(scene, vec![Event::MediumReadBack(e)])
        }
        _ => no(why!(
            "K25",
            "这不是抽查或介质的办理事项。",
            "that is no command about spot checks or media"
        )),
    }
}

/// Clips of before, drawn by entries to come.
fn announce(scene: &Scene, e: CheckAnnounced) -> Decided {
    let wrong = misannounced(scene.context.seq, (e.to, e.at_size));
    ok!(wrong.map_or(Ok(()), |why| Err(Refusal(why))));
    allowed(scene, vec![Event::CheckAnnounced(e)])
}

/// What an announcement falls on under a root, from its register row.
pub(crate) fn draw_again(
    registers: &dyn Registers,
    check: CheckId,
    row: &Row,
    root: &Digest,
) -> PortResult<Vec<ClipId>> {
    let number = |column| u64::try_from(row.int(column)).unwrap_or_default();
    let e = CheckAnnounced {
        kind: match row.text("kind") {
            "playback" => CheckKind::Playback,
            _ => CheckKind::Spot,
        },
        from: number("from_seq"),
        to: number("to_seq"),
        class: row.text_opt("class").map(str::to_owned),
        count: u32::try_from(row.int("wanted")).unwrap_or_default(),
        at_size: number("at_size"),
    };
    drawn(registers, (check.0, &e), root)
}

fn draw(scene: &Scene, check: CheckId, root: Digest) -> Decided {
    let Some(row) = registry::by_seq(scene.registers, &SPOTCHECK, check.0)? else {
        return no(why!(
            "K26",
            "没有抽查 {check:#}；请在“抽查”中核对编号。",
            "there is no spot check {check}; see `sealdock spotcheck list`"
        ));
    };
    let at_size = u64::try_from(row.int("at_size")).unwrap_or(u64::MAX);
    if scene.context.seq < at_size {
        return no(why!(
            "K27",
            "记录链现有 {:#} 条；抽查 {check:#} 要用第 {at_size:#} 条处的链头抽取，请稍后再抽。",
            "the chain has {} entries; spot check {check} is drawn by the root of {at_size}",
            scene.context.seq
        ));
    }
    // It may fall on nothing. It is drawn and closed all the same: no other is announced before.
    let clips = draw_again(scene.registers, check, &row, &root)?;
    allowed(scene, vec![Event::CheckDrawn(CheckDrawn { check, root, clips })])
}
