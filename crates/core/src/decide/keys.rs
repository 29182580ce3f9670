//! Keys that change their epoch: by plan, by loss or theft, and after a restore.

use super::upkeep::permitted;
use super::{Decided, Scene, no, ok, yes};
use crate::command::Restoration;
use crate::event::{Event, KeyReplaced, KeyRotated, Lost, ReplaceCause, StationRestored};
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::why;
use crate::why::{Both, Why};
use sealdock_chain::digest::Digest;

/// Letters of a reason.
const REASON_MAX: usize = 500;
/// Outside heads that one entry names: with more, the largest and the smallest say as much.
const HEADS_MAX: usize = 200;

pub fn rotate(scene: &Scene, rotation: KeyRotated) -> Decided {
    ok!(scene.operator_or_person());
    let (key, keys) = (rotation.key.as_str(), (&rotation.old_public, &rotation.new_public));
    ok!(follows(scene, (key, rotation.epoch), keys)?);
    permitted(scene, Event::KeyRotated(rotation))
}

pub fn replace(scene: &Scene, mut replaced: KeyReplaced) -> Decided {
    ok!(scene.operator_or_person());
    if replaced.cause == ReplaceCause::Restored {
        return no(why!(
            "S19",
            "恢复之后只能用恢复程序更换密钥。",
            "a key is replaced after a restore by `sealdock restore` alone"
        ));
    }
    if replaced.since.is_some() && replaced.cause != ReplaceCause::Stolen {
        return no(why!(
            "S20",
            "只有被盗的密钥才填写被盗时间。",
            "only a stolen key has a time from which on it was stolen"
        ));
    }
    if replaced.since.is_some_and(|since| since > scene.context.at.wall) {
        return no(why!(
            "S21",
            "被盗时间不能在将来；请填写实际时间。",
            "the key cannot have been stolen in the future; give --since as it was"
        ));
    }
    replaced.reason = ok!(reason(&replaced.reason));
    ok!(replaces(scene, &replaced)?);
    permitted(scene, Event::KeyReplaced(replaced))
}

/// Both keys change, and the entry after them says what was put back. They come first, so that no head
/// over these entries is of an old key.
pub fn restore(scene: &Scene, restoration: Restoration) -> Decided {
    ok!(scene.operator_or_person());
    let Restoration { keys, mut restored } = restoration;
    if restored.size != scene.context.seq || restored.size == 0 {
        return no(why!(
            "S22",
            "放回之后记录又增加了；请重新恢复。",
            "the record grew since it was put back; begin the restore again"
        ));
    }
    restored.reason = ok!(reason(&restored.reason));
    ok!(super::upkeep::place_text(&restored.from));
    if restored.heads.len() > HEADS_MAX {
        return no(why!(
            "S23",
            "外部凭证超过 {HEADS_MAX:#} 个；请只带最新和最早的。",
            "more than {HEADS_MAX} outside heads; bring the newest and the oldest"
        ));
    }
    if restored.lost != Lost::after(restored.size, &restored.heads) {
        return no(why!(
            "S24",
            "遗失的条目与带来的外部凭证对不上。",
            "what is lost does not follow from the heads that were brought"
        ));
    }
    let mut events = Vec::new();
    for mut replaced in keys {
        let expected = (replaced.cause, replaced.since) == (ReplaceCause::Restored, None);
        if !expected {
            return no(why!(
                "S25",
                "恢复之后只能以“恢复”为由更换密钥。",
                "after a restore a key is replaced for no other cause"
            ));
        }
        replaced.reason.clone_from(&restored.reason);
        ok!(replaces(scene, &replaced)?);
        events.push(Event::KeyReplaced(replaced));
    }
    events.push(Event::StationRestored(restored));
    for event in &events {
        ok!(crate::duty::authority(scene, event)?);
    }
    yes(events)
}

/// Does `event` say what can be in a record where it is entry `seq`? `check` asks the same.
///
/// # Errors
/// Why not.
pub fn restored_as_said(seq: u64, event: &StationRestored) -> Result<(), Why> {
    // Both keys were replaced just before.
    if event.size.checked_add(2) != Some(seq) {
        return Err(why!(
            "S26",
            "放回的记录有 {:#} 条，而这里是第 {seq:#} 条。",
            "a record of {} entries was put back, and this is {seq}",
            event.size
        ));
    }
    if event.lost != Lost::after(event.size, &event.heads) {
        return Err(why!(
            "S27",
            "所称遗失的条目与所列凭证对不上。",
            "what it calls lost does not follow from the heads that it names"
        ));
    }
    Ok(())
}

fn replaces(scene: &Scene, replaced: &KeyReplaced) -> PortResult<Result<(), Refusal>> {
    let keys = (&replaced.old_public, &replaced.new_public);
    follows(scene, (replaced.key.as_str(), replaced.epoch), keys)
}

/// The epoch after the newest, under a key that this record never had.
fn follows(
    scene: &Scene,
    (kind, epoch): (&str, u32),
    (old, new): (&Digest, &Digest),
) -> PortResult<Result<(), Refusal>> {
    let query = Query::all(&s::KEY_EPOCH).with("kind", kind).newest_first().limit(1);
    let rows = scene.registers.select(&query)?;
    let Some(current) = rows.first() else {
        return Err(registry::damaged("the chain names no key of that kind"));
    };
    if current.text("public") != old.to_string() || current.int("epoch") + 1 != i64::from(epoch) {
        let text = why!(
            "S28",
            "密钥在此期间已更换；请查看“证据室”后再试。",
            "the key was rotated in between; look with `sealdock key list` and try again"
        );
        return Ok(Err(Refusal(text.to_owned())));
    }
    if new == old {
        return Ok(Err(Refusal(why!("S29", "新密钥与旧密钥相同。", "the new key is the old one"))));
    }
    let all = scene.registers.select(&Query::all(&s::KEY_EPOCH))?;
    Ok(match all.iter().any(|row| row.text("public") == new.to_string()) {
        true => Err(Refusal(why!(
            "S30",
            "新密钥是本记录用过的。",
            "the new key is one that this record already had"
        ))),
        false => Ok(()),
    })
}

fn reason(text: &str) -> Result<String, Refusal> {
    crate::duty::plain_text(Both("理由", "the reason"), text, REASON_MAX)
}
