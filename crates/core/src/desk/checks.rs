//! The check before a use (002/A6-§8) and the periodic one (002/A6-§7). What a docking has shown is taken
//! from the registers; the rest is what whoever checks sees. A check that finds something is an entry too.

use super::decide::{allowed, asset_named, policy, use_in};
use super::*;
use crate::decide::{Decided, Scene, no, ok};
use crate::duty::plain_text;
use crate::id::{RecorderId, SessionId, UseId};
use crate::ports::Refusal;
use crate::why;
use crate::why::{Both, spoken};

pub fn check(scene: &Scene, recorder: RecorderId, of: Option<UseId>, sheet: Sheet) -> Decided {
    let asset = ok!(asset_named(scene, &recorder)?);
    let sheet = ok!(tidy(sheet));
    if ["lost", "retired", "repair"].contains(&asset.state.as_str()) {
        return no(why!(
            "U20",
            "记录仪 {recorder:#} 现为“{:#}”，不能检查。",
            "recorder {recorder} is {}; it cannot be checked",
            spoken(&asset.state)
        ));
    }
    if let Some(of) = of {
        let way = Both(
            "使用前检查在批准之后、发出之前进行（002/A6-§8）",
            "a recorder is checked after the approval and before it is handed out (002/A6-§8)",
        );
        let usage = ok!(use_in(scene, of, ("approved", way))?);
        if usage.recorder != recorder {
            return no(why!(
                "U21",
                "{of:#} 领用的是记录仪 {:#}，不是 {recorder:#}。",
                "{of} is a use of recorder {}, not of {recorder}",
                usage.recorder
            ));
        }
    }
    let shown = leftover(scene.registers, &recorder)?;
    let policy = policy(scene)?.desk;
    let mut findings = seen(&sheet, &policy);
    let (emptied, offset_ms) = left(&asset, &sheet, shown, (&policy, &mut findings), of);
    let mut events = Vec::new();
    if !sheet.works && asset.fault.is_none() {
        let text = sheet.remark.clone().unwrap_or_else(|| FOUND_FAULTY.to_owned());
        let recorder = recorder.clone();
        events.push(Event::FaultReported(FaultReported { recorder, text }));
    }
    if asset.fault.is_some() && sheet.works {
        findings.push("it is reported faulty and the clerk has not put it right".to_owned());
    }
    let e = Checked { recorder, of, sheet, emptied, offset_ms, findings };
    events.insert(0, Event::Checked(Box::new(e)));
    allowed(scene, events)
}

/// Why a recorder is faulty, where whoever checked it wrote nothing down.
pub const FOUND_FAULTY: &str = "found faulty when checked";

fn tidy(sheet: Sheet) -> Result<Sheet, Refusal> {
    if sheet.battery_percent > 100 {
        return Err(Refusal(why!(
            "U22",
            "电量为 0 至 100 的百分数；请重新填写。",
            "a battery is charged 0 to 100 percent"
        )));
    }
    let remark =
        sheet.remark.map(|text| plain_text(Both("备注", "a remark"), &text, 500)).transpose()?;
    Ok(Sheet { remark, ..sheet })
}

/// What whoever checks sees and finds wrong.
fn seen(sheet: &Sheet, policy: &DeskPolicy) -> Vec<String> {
    let mut findings = Vec::new();
    if !sheet.works {
        findings.push("故障 it does not work".to_owned());
    }
    if sheet.battery_percent < policy.battery_min {
        findings.push(format!(
            "电量不足 battery at {} %, the policy asks for {} %",
            sheet.battery_percent, policy.battery_min
        ));
    }
    if sheet.free_mib < policy.free_mib_min {
        findings.push(format!(
            "空间不足 {} MiB free, the policy asks for {} MiB",
            sheet.free_mib, policy.free_mib_min
        ));
    }
    if sheet.clock == ClockSeen::Wrong {
        findings.push("时间不准 its clock is wrong".to_owned());
    }
    findings
}

/// What its last docking shows: is anything left on it, and how far was its clock off? A periodic check of
/// a recorder that is with its officer looks at neither.
fn left(
    asset: &Asset,
    sheet: &Sheet,
    shown: Leftover,
    (policy, findings): (&DeskPolicy, &mut Vec<String>),
    of: Option<UseId>,
) -> (Option<SessionId>, Option<i64>) {
    match shown {
        Leftover::Empty { session, offset_ms } => {
            let off = offset_ms.filter(|ms| ms.abs() > policy.clock_offset_ms_max);
            if let Some(ms) = off.filter(|_| sheet.clock == ClockSeen::Right) {
                findings.push(format!(
                    "时间不准 its clock was {} s off when it was docked ({session}) and was not set since",
                    ms / 1000
                ));
            }
            return (Some(session), offset_ms);
        }
        Leftover::NeverDocked if sheet.looks_empty => {}
        Leftover::NeverDocked => findings
            .push("未见清空 it was never docked and nobody looked whether it is empty".to_owned()),
        Leftover::Left { .. } if of.is_none() && asset.state == "issued" => {}
        Leftover::Left { why } => findings.push(format!(
            "尚有未入库资料 something may be on it that is not proven stored: {why}"
        )),
    }
    (None, None)
}
