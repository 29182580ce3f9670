//! A recorder taken without approval: no lawful path (002/A6-§5 knows no urgent exception), but a fact that
//! is written down with its reason and alarms the department head at once, or the unit head.

use super::decide::{allowed, asset_named, policy, use_named};
use super::*;
use crate::actor::Role;
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::duty;
use crate::id::{PersonId, RecorderId, UseId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::time::WallMs;
use crate::why;

pub fn record(scene: &Scene, recorder: RecorderId, officer: PersonId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let asset = ok!(asset_named(scene, &recorder)?);
    if registry::person(scene.registers, &officer)?.is_none() {
        return no(why!(
            "U15",
            "人员 {officer:#} 未登记；请先在“管理→人员”登记。",
            "person {officer} is not enrolled; `sealdock person add {officer} …`"
        ));
    }
    if let (Some(holder), Some(of)) = (&asset.holder, asset.of) {
        return no(why!(
            "U16",
            "记录仪 {recorder:#} 登记在 {holder:#} 手中（{of:#}）；请先登记它是怎样交回的并写明原因。",
            "recorder {recorder} stands as with {holder} ({of}); write down how it came back first: `sealdock recorder return {recorder} --reason TEXT`"
        ));
    }
    for usage in usages_of(scene.registers, &recorder)? {
        if is_out(scene.registers, &usage)? {
            return no(why!(
                "U17",
                "记录仪 {recorder:#} 由 {:#} 报失（{:#}），记录中尚未找回；请先登记找回：由本人采集，或管理员登记入柜。",
                "recorder {recorder} was lost by {} ({}) and is not found by the record; find it first: its officer docks it, or the clerk says so with `sealdock recorder store`",
                usage.officer,
                usage.of
            ));
        }
    }
    let at = scene.context.at.wall;
    let department = duty::department_of(scene.registers, &officer)?;
    let alarms = alarmed(scene.registers, &officer, at)?;
    let until = policy(scene)?.zone.end_of_day(at);
    let e = Breach { recorder, officer, department, until, reason, alarms };
    allowed(scene, vec![Event::Breach(e)])
}

/// Whom a breach of this officer alarms: the heads of the department, and where there is none but the officer,
/// or who only stands in for the officer, the unit heads.
pub(super) fn alarmed(
    registers: &dyn Registers,
    officer: &PersonId,
    at: WallMs,
) -> PortResult<Vec<PersonId>> {
    let department = duty::department_of(registers, officer)?;
    let impartial = |role| -> PortResult<Vec<PersonId>> {
        let held = duty::holders(registers, role, at)?;
        let over = duty::impartial(&held, officer).filter(|h| h.covers(department.as_ref()));
        Ok(over.map(|h| h.person.clone()).collect())
    };
    let heads = impartial(Role::DepartmentHead)?;
    if heads.is_empty() { impartial(Role::UnitHead) } else { Ok(heads) }
}

pub fn see(scene: &Scene, of: UseId, text: &str) -> Decided {
    let text = ok!(reason_text(text));
    let usage = ok!(use_named(scene, of)?);
    if !usage.breach {
        return no(why!("U18", "{of:#} 不是未经批准领用。", "{of} is no breach"));
    }
    if let Some(by) = usage.row.text_opt("seen_by") {
        return no(why!(
            "U19",
            "未经批准领用 {of:#} 已由 {by:#} 处理。",
            "the breach {of} was answered already by {by}"
        ));
    }
    let recorder = usage.recorder;
    allowed(scene, vec![Event::BreachSeen(BreachSeen { of, recorder, text })])
}
