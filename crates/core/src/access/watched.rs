//! What of a clip was shown, from–to. A stretch is announced before any of it is, so that no crash makes less of what
//! was seen; the end says what was really handed out.

use super::ground::still_objection;
use super::objection::Verdict;
use super::rows::{VIEWING, VIEWING_PART};
use super::{Ground, Shown, Stretch, Viewer, ViewingEnded, ViewingServed};
use crate::actor::ActorRecord;
use crate::duty::plain_text;
use crate::id::{AccessId, ClipId, DutyId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::table::{Query, Row};
use crate::time::Stamp;
use crate::why;
use crate::why::{Both, Why};

/// Longest stretch that is announced at once: what a crash may make too much of, and no more.
pub const PLAYED_MS_MAX: u64 = 60_000;
/// Longest playing time that is believed: ten days.
const CLIP_MS_MAX: u64 = 10 * 86_400_000;
/// Stretches that one entry names; what lies closest together is joined before there are more.
const STRETCHES_MAX: usize = 200;

/// The station alone announces, of an open viewing, as long as its right stands.
pub(super) fn served(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    e: &ViewingServed,
) -> Verdict {
    let row = match open(registers, actor, e.viewing, e.clip)? {
        Ok(row) => row,
        Err(why) => return Ok(Err(why)),
    };
    let longest = match e.shown {
        Shown::Played => PLAYED_MS_MAX,
        Shown::Thumbnails => CLIP_MS_MAX,
    };
    if e.from_ms > e.to_ms || e.to_ms - e.from_ms > longest || e.to_ms > CLIP_MS_MAX {
        return Ok(Err(why!(
            "V88",
            "{0:#}的段落最长 {longest:#} 毫秒，且不晚于 {CLIP_MS_MAX:#} 毫秒；{1:#} 至 {2:#} 不符。",
            "a stretch that is {} is at most {longest} ms long and no later than {CLIP_MS_MAX} ms; {} to {} is not",
            e.shown,
            e.from_ms,
            e.to_ms
        )));
    }
    let (person, viewer, ground) = right(&row)?;
    let why = still_objection(registers, at, &person, e.clip, (&viewer, &ground))?;
    Ok(why.map_or(Ok(()), |why| Err(why!("V89", "查阅到此结束：{why:#}", "it ends here: {why}"))))
}

/// The station alone says that a viewing is over, once, whatever became of its right.
pub(super) fn ended(registers: &dyn Registers, actor: &ActorRecord, e: &ViewingEnded) -> Verdict {
    if let Err(why) = open(registers, actor, e.viewing, e.clip)? {
        return Ok(Err(why));
    }
    if let Err(why) = plain_text(Both("查阅结束原因", "what ended a viewing"), &e.why, 1000) {
        return Ok(Err(why.0));
    }
    let inside = |one: &Stretch| one.from_ms <= one.to_ms && one.to_ms <= CLIP_MS_MAX;
    let apart = e.played.windows(2).all(|pair| pair[0].to_ms < pair[1].from_ms);
    if e.played.len() > STRETCHES_MAX || !apart || !e.played.iter().all(inside) {
        return Ok(Err(why!(
            "V90",
            "播放的段落最多 {STRETCHES_MAX:#} 个，依次且不重叠。",
            "what was played is at most {STRETCHES_MAX} stretches, in order and apart"
        )));
    }
    let parts = Query::all(&VIEWING_PART).with("viewing", e.viewing).with("shown", "played");
    let parts = registers.select(&parts)?;
    let announced = |one: &Stretch| covered(*one, &parts);
    Ok(match e.played.iter().find(|one| !announced(one)) {
        None => Ok(()),
        Some(one) => Err(why!(
            "V91",
            "第 {:#} 条记录：{:#} 至 {:#} 毫秒在播放前没有声明。",
            "entry {}: {} to {} ms was not announced before it was played",
            e.viewing,
            one.from_ms,
            one.to_ms
        )),
    })
}

/// Does what was announced cover all of it?
fn covered(one: Stretch, parts: &[Row]) -> bool {
    let ends = |row: &Row| {
        let from = row.int_opt("from_ms").unwrap_or_default().unsigned_abs();
        (from, row.int_opt("to_ms").unwrap_or_default().unsigned_abs())
    };
    let mut announced: Vec<(u64, u64)> = parts.iter().map(ends).collect();
    announced.sort_unstable();
    let mut reached = None;
    for (from, to) in announced {
        let goes_on = from <= reached.unwrap_or(one.from_ms);
        if goes_on && to >= reached.unwrap_or(one.from_ms) {
            reached = Some(to);
        }
    }
    reached.is_some_and(|reached| reached >= one.to_ms)
}

/// The viewing, if it was opened for that clip and goes on.
fn open(
    registers: &dyn Registers,
    actor: &ActorRecord,
    viewing: u64,
    clip: ClipId,
) -> PortResult<Result<Row, Why>> {
    if *actor != ActorRecord::System {
        return Ok(Err(why!(
            "V92",
            "播放了什么只由采集站说明，不能由{actor:#}说明。",
            "what was shown is for the station alone to say, not for {actor}"
        )));
    }
    let row = registry::by_seq(registers, &VIEWING, viewing)?;
    let Some(row) = row.filter(|row| row.int("clip").unsigned_abs() == clip.0) else {
        return Ok(Err(why!(
            "V93",
            "第 {viewing:#} 条记录没有打开视频 {clip:#} 的查阅。",
            "entry {viewing} opened no viewing of clip {clip}"
        )));
    };
    let over = Query::all(&VIEWING_PART).with("viewing", viewing).with("shown", "ended");
    Ok(match registers.select(&over)?.first() {
        None => Ok(row),
        Some(end) => Err(why!(
            "V94",
            "第 {viewing:#} 条记录的查阅已在第 {:#} 条结束。",
            "the viewing of entry {viewing} ended in entry {}",
            registry::seq(end)
        )),
    })
}

/// Who opened it, before whose eyes, and on what ground.
fn right(row: &Row) -> PortResult<(PersonId, Viewer, Ground)> {
    let bad = |what: &str| damaged(&format!("viewing row: {what}"));
    let person = |text: &str| text.parse::<PersonId>().map_err(|_| bad("its person"));
    let opened_by = row.text("opened_by");
    let opener = person(opened_by.strip_prefix("person ").unwrap_or(opened_by))?;
    let viewer =
        match (row.text_opt("viewer"), row.text_opt("visitor"), row.text_opt("visitor_unit")) {
            (Some(id), None, None) => Viewer::Person { id: person(id)? },
            (None, Some(name), Some(unit)) => {
                Viewer::Visitor { name: name.to_owned(), unit: unit.to_owned() }
            }
            _ => return Err(bad("its viewer")),
        };
    let number = |column: &str| row.int_opt(column).map(i64::unsigned_abs);
    let ground = match (row.text("ground"), number("access"), number("number"), number("duty")) {
        ("own", ..) => Ground::Own,
        ("duty", _, _, Some(duty)) => Ground::Duty { duty: DutyId(duty) },
        ("approval", Some(access), Some(number), _) => Ground::Approval {
            access: AccessId(access),
            number: u32::try_from(number).map_err(|_| bad("its number"))?,
        },
        _ => return Err(bad("its ground")),
    };
    Ok((opener, viewer, ground))
}

/// In order, joined where they touch, and no more than an entry names: the smallest gaps are closed first, so that it
/// never says less than was shown.
pub fn merged(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut apart: Vec<Stretch> = Vec::new();
    for one in stretches {
        match apart.last_mut() {
            Some(last) if one.from_ms <= last.to_ms => last.to_ms = last.to_ms.max(one.to_ms),
            _ => apart.push(one),
        }
    }
    while apart.len() > STRETCHES_MAX {
        let gap = |n: &usize| apart[n + 1].from_ms - apart[*n].to_ms;
        let Some(at) = (0..apart.len() - 1).min_by_key(gap) else { break };
        apart[at].to_ms = apart.remove(at + 1).to_ms;
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from_ms: u64, to_ms: u64) -> Stretch {
        Stretch { from_ms, to_ms }
    }

    #[test]
    fn what_touches_is_one_and_what_does_not_is_apart() {
        let many = vec![stretch(4, 6), stretch(0, 2), stretch(2, 4), stretch(9, 9), stretch(0, 1)];
        assert_eq!(merged(many), [stretch(0, 6), stretch(9, 9)]);
        assert_eq!(merged(Vec::new()), []);
    }

    #[test]
    fn too_many_are_joined_and_nothing_that_was_shown_is_left_out() {
        let many: Vec<Stretch> = (0..900).map(|n| stretch(n * 10, n * 10 + 3)).collect();
        let few = merged(many.clone());
        assert_eq!(few.len(), STRETCHES_MAX);
        let within =
            |one: &Stretch| few.iter().any(|w| w.from_ms <= one.from_ms && one.to_ms <= w.to_ms);
        assert!(many.iter().all(within));
    }
}
