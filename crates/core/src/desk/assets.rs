//! Recorders as fixed assets: what is written about them, to whom they are designated, where they are.

use super::decide::{allowed, asset_named};
use super::uses::is_late;
use super::*;
use crate::actor::Role;
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::duty::{self, civil_day, plain_text};
use crate::id::{PersonId, RecorderId, UseId};
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::table::Query;
use crate::why;
use crate::why::{Both, Why};

pub fn describe(
    scene: &Scene,
    recorder: RecorderId,
    record: AssetRecord,
    reason: Option<String>,
) -> Decided {
    let asset = ok!(asset_named(scene, &recorder)?);
    let record = ok!(tidy_record(record));
    let reason = ok!(reason.as_deref().map(reason_text).transpose());
    let event = ok!(described(scene, &asset, record, reason)?);
    allowed(scene, vec![event])
}

/// The entry of particulars as they are from now on.
pub(super) fn described(
    scene: &Scene,
    asset: &Asset,
    record: AssetRecord,
    reason: Option<String>,
) -> PortResult<Result<Event, Refusal>> {
    ok!(named_things_exist(scene, &record)?);
    let recorder = asset.recorder.clone();
    if let (Some(before), None) = (asset.described, &reason) {
        return Ok(Err(Refusal(why!(
            "U01",
            "记录仪 {recorder:#} 的资料记在第 {before:#} 条；更正须写理由。",
            "the particulars of recorder {recorder} stand in entry {before}; a correction needs its reason"
        ))));
    }
    let corrects = match asset.described {
        Some(before) => before,
        None => enrolled(scene, &recorder)?,
    };
    Ok(Ok(Event::RecorderDescribed(RecorderDescribed { recorder, record, corrects, reason })))
}

fn enrolled(scene: &Scene, recorder: &RecorderId) -> PortResult<u64> {
    let query = Query::all(&crate::schema::RECORDER).with("id", recorder.as_str());
    let rows = scene.registers.select(&query)?;
    let row = rows.first().ok_or_else(|| registry::damaged("an asset without its recorder"))?;
    u64::try_from(row.int("enrolled_seq")).map_err(|_| registry::damaged("recorder row"))
}

pub(super) fn tidy_record(record: AssetRecord) -> Result<AssetRecord, Refusal> {
    let short =
        |what, text: Option<String>| text.map(|text| plain_text(what, &text, 100)).transpose();
    if let Some(acquired) = &record.acquired {
        civil_day(acquired)?;
    }
    Ok(AssetRecord {
        asset_number: short(Both("资产编号", "an asset number"), record.asset_number)?,
        cabinet: short(Both("柜号", "a cabinet"), record.cabinet)?,
        ..record
    })
}

/// The department is one of the unit, the clerk is one (002/A6-§6).
fn named_things_exist(scene: &Scene, record: &AssetRecord) -> PortResult<Result<(), Refusal>> {
    if let Some(department) = &record.department {
        let query = Query::all(&duty::DEPARTMENT).with("id", department.as_str());
        if scene.registers.select(&query)?.is_empty() {
            return Ok(Err(Refusal(why!(
                "U02",
                "没有部门 {department:#}；请先在“管理→部门”增加。",
                "there is no department {department}; `sealdock department add {department} --name NAME`"
            ))));
        }
    }
    let Some(clerk) = &record.clerk else { return Ok(Ok(())) };
    let at = scene.context.at.wall;
    let held = duty::holds(scene.registers, clerk, Role::Clerk, record.department.as_ref(), at)?;
    Ok(match held {
        Some(_) => Ok(()),
        None => Err(Refusal(why!(
            "U03",
            "{clerk:#} 不是它的管理员；记录仪由指定的管理员保管（002/A6-§6）：请先任命其为管理员。",
            "{clerk} is no clerk for it; a recorder is kept by a named clerk (002/A6-§6): `sealdock duty appoint {clerk} --role clerk …`"
        ))),
    })
}

pub fn designate(scene: &Scene, recorder: RecorderId, officer: PersonId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let asset = ok!(asset_named(scene, &recorder)?);
    if asset.state == "retired" {
        return no(why!(
            "U04",
            "记录仪 {recorder:#} 已停用；请指定另一台。",
            "recorder {recorder} is out of service; designate another"
        ));
    }
    let at = scene.context.at.wall;
    let duties = duty::duties(scene.registers, &officer, at)?;
    if !duties.iter().any(|held| held.role == Role::Officer) {
        return no(why!(
            "U05",
            "{officer:#} 没有执法人员职务；记录仪不得外借（002/A6-§4、§18）。",
            "{officer} holds no duty as an officer; recorders are never lent out (002/A6-§4, §18)"
        ));
    }
    if designation(scene.registers, &recorder, &officer)?.is_some() {
        return no(why!(
            "U06",
            "记录仪 {recorder:#} 已指定给 {officer:#}。",
            "recorder {recorder} is designated to {officer} already"
        ));
    }
    allowed(scene, vec![Event::Designated(Designated { recorder, officer, reason })])
}

pub fn end_designation(
    scene: &Scene,
    recorder: RecorderId,
    officer: PersonId,
    reason: &str,
) -> Decided {
    let reason = ok!(reason_text(reason));
    let Some(designation) = designation(scene.registers, &recorder, &officer)? else {
        return no(why!(
            "U07",
            "记录仪 {recorder:#} 没有指定给 {officer:#}。",
            "recorder {recorder} is not designated to {officer}"
        ));
    };
    let e = DesignationEnded { recorder, officer, designation, reason };
    allowed(scene, vec![Event::DesignationEnded(e)])
}

pub fn report_fault(scene: &Scene, recorder: RecorderId, text: &str) -> Decided {
    let text = ok!(reason_text(text));
    let asset = ok!(asset_named(scene, &recorder)?);
    if let Some(fault) = asset.fault {
        return no(why!(
            "U08",
            "记录仪 {recorder:#} 已报故障（第 {fault:#} 条）；由管理员送修（002/A6-§17）。",
            "recorder {recorder} is reported faulty already (entry {fault}); the clerk has it repaired (002/A6-§17)"
        ));
    }
    if asset.state == "retired" {
        return no(why!(
            "U09",
            "记录仪 {recorder:#} 已停用。",
            "recorder {recorder} is out of service"
        ));
    }
    allowed(scene, vec![Event::FaultReported(FaultReported { recorder, text })])
}

/// A move as asked for.
pub struct Wanted {
    pub recorder: RecorderId,
    pub place: Place,
    pub footage_aboard: bool,
    pub in_order: bool,
}

pub fn put(scene: &Scene, wanted: Wanted, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let Wanted { recorder, place, footage_aboard, in_order } = wanted;
    let asset = ok!(asset_named(scene, &recorder)?);
    ok!(may_go(&asset, place));
    let aboard = aboard(scene, &recorder)?;
    let leaves = matches!(place, Place::Repair | Place::Retired);
    if let Some(why) = aboard.as_ref().filter(|_| leaves && !footage_aboard) {
        return no(why!(
            "U10",
            "记录仪 {recorder:#} 里可能还有视频：{why:#}。请先采集；确实不能采集的，勾选“里面有未入库资料”（002/A6-§26）。",
            "recorder {recorder} would leave with footage: {why}. Dock it first; if it cannot be docked, say --footage-aboard (002/A6-§26)"
        ));
    }
    let was = asset.shown().to_owned();
    let of: Option<UseId> = if place == Place::Lost { asset.of } else { None };
    let footage_aboard = aboard.map(|why| why.to_string()).filter(|_| place != Place::Cabinet);
    let in_order = in_order && place == Place::Cabinet;
    let mut events = found(scene, &asset, (place, &reason))?;
    let e = Moved { recorder, place, was, of, footage_aboard, in_order, reason };
    events.push(Event::Moved(e));
    allowed(scene, events)
}

/// One that was lost and is put somewhere again was found: that ends the use in which it was lost, as a return by
/// hand does. What is on it has still to be docked.
fn found(scene: &Scene, asset: &Asset, (place, reason): (Place, &str)) -> PortResult<Vec<Event>> {
    if asset.state != "lost" || !matches!(place, Place::Cabinet | Place::Repair) {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    for usage in usages_of(scene.registers, &asset.recorder)? {
        if is_out(scene.registers, &usage)? {
            let late = is_late(scene.registers, &usage, &scene.context.at)?;
            let (of, recorder, reason) = (usage.of, usage.recorder, Some(reason.to_owned()));
            events.push(Event::Returned(Returned { of, recorder, session: None, late, reason }));
        }
    }
    Ok(events)
}

/// What is, or may be, on it; `None` where a docking shows that nothing is.
fn aboard(scene: &Scene, recorder: &RecorderId) -> PortResult<Option<Why>> {
    Ok(match leftover(scene.registers, recorder)? {
        Leftover::Empty { .. } | Leftover::NeverDocked => None,
        Leftover::Left { why } => Some(why),
    })
}

/// Which move is one, from where a recorder is.
fn may_go(asset: &Asset, place: Place) -> Result<(), Refusal> {
    let Asset { recorder, state, .. } = asset;
    let holder = asset.holder.as_ref().map(|p| p.to_string()).unwrap_or_default();
    match (state.as_str(), place) {
        (from, to) if from == to.as_str() => Err(Refusal(why!(
            "U11",
            "记录仪 {recorder:#} 已经是“{from:#}”；没有变化。",
            "recorder {recorder} is {from} already; nothing changed"
        ))),
        ("retired", _) => Err(Refusal(why!(
            "U12",
            "记录仪 {recorder:#} 已永久停用；请登记另一台。",
            "recorder {recorder} is out of service for good; enrol another"
        ))),
        ("issued", Place::Cabinet | Place::Repair | Place::Retired) => Err(Refusal(why!(
            "U13",
            "记录仪 {recorder:#} 在 {holder:#} 手中；须先交回：采集，或由管理员登记交回并写明原因。",
            "recorder {recorder} is with {holder}; it comes back first: dock it, or `sealdock recorder return {recorder} --reason TEXT`"
        ))),
        ("returned", Place::Cabinet) => Err(Refusal(why!(
            "U14",
            "记录仪 {recorder:#} 已交回但没有采集，视频还在里面；请先采集（002/A6-§19）。",
            "recorder {recorder} was returned and not docked: its footage is still on it; dock it first (002/A6-§19)"
        ))),
        _ => Ok(()),
    }
}
