//! The brake: no more than a hundredth of the archive in any 24 hours, so that no mistake, and nobody in a
//! hurry, takes more than that before somebody notices. The first content of a day may always go: else
//! nothing could ever go from a small archive.

use super::event::{DisposalBegun, DisposalIntended};
use super::kept::{KeptState, pages};
use super::rows::{DISPOSAL, DISPOSAL_RUN};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::table::{Query, Row};
use crate::time::{DAY_MS, WallMs};
use crate::why;
use crate::why::Why;

/// What is in custody, and how many bytes that are.
///
/// # Errors
/// The registers cannot be read.
pub fn archive(registers: &dyn Registers, to: u64) -> PortResult<(u64, u64)> {
    let (mut clips, mut bytes) = (0u64, 0u64);
    pages(registers, (0, to), &mut |kept| {
        if kept.state != KeptState::Disposed {
            clips += 1;
            bytes += kept.size;
        }
        Ok(())
    })?;
    Ok((clips, bytes))
}

/// What was removed, or may have been, in the 24 hours before `now`.
///
/// # Errors
/// The registers cannot be read.
pub fn used(registers: &dyn Registers, now: WallMs) -> PortResult<(u64, u64)> {
    let (mut clips, mut bytes) = (0, 0);
    for run in registers.select(&Query::all(&DISPOSAL_RUN).newest_first())? {
        // A run is good for one day, so older ones hold nothing of the last.
        if time(&run, "begun")?.0 <= now.0 - 2 * DAY_MS {
            break;
        }
        for row in registers.select(&Query::all(&DISPOSAL).with("run", registry::seq(&run)))? {
            if row.text("state") != "kept" && time(&row, "intended")?.0 > now.0 - DAY_MS {
                clips += number(&row, "clips");
                bytes += number(&row, "size");
            }
        }
    }
    Ok((clips, bytes))
}

/// What is left of the day's allowance.
pub fn allowance(per_mille: u64, archive: (u64, u64), used: (u64, u64)) -> (u64, u64) {
    let part = |whole: u64| whole / 1000 * per_mille + whole % 1000 * per_mille / 1000;
    (part(archive.0).saturating_sub(used.0), part(archive.1).saturating_sub(used.1))
}

/// Why nothing may go in a run that is begun with these numbers.
pub fn spent(begun: &DisposalBegun) -> Option<Why> {
    let nothing_left = begun.clips == 0 || begun.bytes == 0;
    (nothing_left && begun.used_clips > 0).then(|| {
        why!("K16", "限速：最近 24 小时已处置 {:#} 段（{:#} 字节），在管 {:#} 段；明天继续。", "the brake: {} clips ({} bytes) went in the last 24 hours, of {} in custody; go on tomorrow",
            begun.used_clips, begun.used_bytes, begun.archive_clips)
    })
}

/// Does this intent stay below what its run allows?
///
/// # Errors
/// The registers contradict themselves.
pub fn fits(
    registers: &dyn Registers,
    run: &Row,
    intent: &DisposalIntended,
) -> PortResult<Option<Why>> {
    let (before_clips, before_bytes) = before(registers, registry::seq(run))?;
    let adds_up = intent.run_clips == before_clips + intent.clips.len() as u64
        && intent.run_bytes == before_bytes + intent.size;
    if !adds_up {
        return Ok(Some(why!(
            "K17",
            "累计数与之前的处置意向对不上。",
            "its running totals do not follow from the intents before it"
        )));
    }
    let first = before_clips == 0 && number(run, "used_clips") == 0;
    let below =
        intent.run_clips <= number(run, "clips") && intent.run_bytes <= number(run, "bytes");
    Ok((!first && !below).then(|| {
        why!("K18", "限速：本次今天最多处置 {:#} 段、{:#} 字节；明天在“处置”页继续执行。", "the brake: this run may dispose of {} clips and {} bytes today; go on tomorrow with `sealdock dispose run`",
            number(run, "clips"),
            number(run, "bytes"))
    }))
}

/// Running totals of a run: everything that was intended, whatever became of it.
///
/// # Errors
/// The registers cannot be read.
pub fn before(registers: &dyn Registers, run: u64) -> PortResult<(u64, u64)> {
    let newest = Query::all(&DISPOSAL).with("run", run).newest_first().limit(1);
    let rows = registers.select(&newest)?;
    Ok(rows.first().map_or((0, 0), |row| (number(row, "run_clips"), number(row, "run_bytes"))))
}

/// Is the run still good at `now`?
///
/// # Errors
/// The registers contradict themselves.
pub fn is_of_today(run: &Row, now: WallMs) -> PortResult<bool> {
    Ok((0..DAY_MS).contains(&(now.0 - time(run, "begun")?.0)))
}

fn time(row: &Row, column: &str) -> PortResult<WallMs> {
    WallMs::parse(row.text(column)).ok_or_else(|| damaged(&format!("{}: {column}", row.table.name)))
}

fn number(row: &Row, column: &str) -> u64 {
    u64::try_from(row.int(column)).unwrap_or_default()
}
