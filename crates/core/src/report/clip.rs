//! The custody of one clip from the approved use of its recorder to today, with everything that a complete
//! custody would have and this one has not.

use super::{Custody, Gap, traces, uses, waits};
use crate::access::Wanted;
use crate::id::ClipId;
use crate::matter::{bindings_of_clip, interruptions, matter};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, by_seq};
use crate::says;
use crate::schema::{CLIP, DEADLINE, SESSION};
use crate::table::{Query, Row};
use crate::time::WallMs;
use crate::why::spoken;

/// Entries and gaps; `None` where there is no such clip.
///
/// # Errors
/// The registers cannot be read.
pub fn custody_of_clip(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<Custody>> {
    let Some(row) = by_seq(registers, &CLIP, clip.0)? else { return Ok(None) };
    let session = by_seq(registers, &SESSION, row.int("session").unsigned_abs())?
        .ok_or_else(|| registry::damaged("a clip's session has no row"))?;
    let mut entries = traces::entries(registers, traces::OF_CLIP, &clip.0.into())?;
    traces::linked_to_clip(registers, &clip.0.into(), &mut entries)?;
    let asked = |wanted: &Wanted| waits::asks_for(registers, wanted, clip);
    traces::requests(registers, asked, &mut entries)?;
    entries.extend([clip.0, registry::seq(&session)]);
    for column in ["described_seq", "assigned_seq"] {
        entries.extend(row.int_opt(column).map(i64::unsigned_abs));
    }
    entries.extend(session.int_opt("closed_seq").map(i64::unsigned_abs));
    let mut gaps = before_custody(registers, &row, &session)?;
    gaps.extend(since_custody(registers, &row, &session)?);
    gaps.extend(in_the_case(registers, clip, &mut entries)?);
    gaps.extend(waits::gaps(registers, clip)?);
    Ok(Some(Custody { entries: entries.into_iter().collect(), gaps }))
}

/// From approval to the moment of custody.
fn before_custody(registers: &dyn Registers, clip: &Row, session: &Row) -> PortResult<Vec<Gap>> {
    let mut gaps = Vec::new();
    let seq = Some(registry::seq(clip));
    let docked = Some(registry::seq(session));
    let recorder = clip.text_opt("recorder").unwrap_or(clip.text("recorder_claim"));
    let recorded = clip.text_opt("recorded");
    gaps.extend(uses::missing_use(registers, recorder, registry::seq(session))?);
    match recorded {
        None => gaps.push(Gap::said(
            seq,
            &says!(
                "录制时间无法判断：记录仪没有给出可信的时间",
                "when it was recorded cannot be told: the recorder gave no believable time"
            ),
        )),
        Some(at) => gaps.push(on_the_recorder(docked, at, session.text("opened"))),
    }
    if session.int_opt("clock_offset_ms").is_none() {
        let why = says!(
            "采集时没有测得记录仪的时钟偏差",
            "the recorder's clock was not measured when it was docked"
        );
        gaps.push(Gap::said(docked, &why));
    }
    if session.text("binding") == "unassigned" {
        let why =
            says!("采集时无人确认（002/A6-§18）", "nobody answered for the docking (002/A6-§18)");
        gaps.push(Gap::said(docked, &why));
    }
    if let Some(conflict) = session.text_opt("conflict") {
        let why = says!("编号相互矛盾：{conflict}", "identity conflict: {conflict}");
        gaps.push(Gap::said(docked, &why));
    }
    Ok(gaps)
}

/// Every clip was there, for as long as nobody docked it.
fn on_the_recorder(docked: Option<u64>, at: &str, opened: &str) -> Gap {
    let why = says!(
        "只在记录仪上，由佩戴人携带{at:.0}{opened:.0}",
        "from {at} to {opened} it was on the recorder only, in the hands of whoever wore it"
    );
    let between = WallMs::parse(at).zip(WallMs::parse(opened));
    Gap { between, usual: true, ..Gap::said(docked, &why) }
}

/// From the moment of custody to today.
fn since_custody(registers: &dyn Registers, clip: &Row, session: &Row) -> PortResult<Vec<Gap>> {
    let mut gaps = Vec::new();
    let seq = registry::seq(clip);
    if clip.text_opt("recorder").is_none() || clip.text_opt("officer").is_none() {
        let why = says!("没有归属的记录仪和执法人员", "it is assigned to no recorder and officer");
        gaps.push(Gap::said(Some(seq), &why));
    }
    if !clip.text("copies").contains("mirror") {
        gaps.push(Gap::said(Some(seq), &says!("只保存了一份", "one copy only was made")));
    }
    if session.text_opt("verdict") != Some("done") {
        let verdict = session.text_opt("verdict").unwrap_or("not closed");
        let chinese = spoken(verdict);
        let why = says!("采集没有完成：{chinese:#}", "the docking did not end well: {chinese}");
        gaps.push(Gap::said(Some(registry::seq(session)), &why));
    }
    for missed in registers.select(&Query::all(&DEADLINE).with("clip", seq))? {
        if missed.text_opt("reason").is_none() {
            let clock = missed.text("clock");
            let why = says!(
                "入库逾期，没有说明原因（002/A6-§19）{clock:.0}",
                "it came late ({clock}) and nobody gave the reason (002/A6-§19)"
            );
            gaps.push(Gap::said(Some(registry::seq(&missed)), &why));
        }
    }
    if clip.text_opt("described").is_none() {
        gaps.push(Gap::said(
            Some(seq),
            &says!("没有读出媒体信息", "its media facts were not read"),
        ));
    }
    Ok(gaps)
}

/// Where it belongs, and the entries of that case.
fn in_the_case(
    registers: &dyn Registers,
    clip: ClipId,
    entries: &mut std::collections::BTreeSet<u64>,
) -> PortResult<Vec<Gap>> {
    let mut gaps = Vec::new();
    let bound = bindings_of_clip(registers, clip)?;
    if bound.is_empty() {
        let why = says!("没有归入任何案件（002/A2-§16）", "it is bound to no matter (002/A2-§16)");
        gaps.push(Gap::said(None, &why));
    }
    for bound in bound {
        if let Some(matter) = matter(registers, bound.matter)? {
            entries.insert(matter.id.0);
            if matter.state != "filed" {
                let why = says!(
                    "案件 {} 尚未归档（002/A2-§16）",
                    "matter {} is not filed (002/A2-§16)",
                    matter.id
                );
                gaps.push(Gap::said(Some(matter.id.0), &why));
            }
        }
        let Some(step) = bound.step else { continue };
        entries.insert(step.0);
        for open in interruptions(registers, Some(step))?.iter().filter(|i| i.unanswered()) {
            let why = says!(
                "中断 {} 没有说明（002/A6-§14）{:.0}",
                "interruption {} ({}) is not explained (002/A6-§14)",
                open.id,
                open.kind.as_str()
            );
            gaps.push(Gap::said(Some(open.id.0), &why));
        }
    }
    Ok(gaps)
}
