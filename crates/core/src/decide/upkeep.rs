//! Founding, policy, copies, keys, bays: what the station is before anything is docked.

use super::{Decided, Scene, no, ok, yes};
use crate::command::Founding;
use crate::event::{
    BayAdded, CopiesNamed, Event, PolicyAdopted, Software, StationFounded, StationStarted,
};
use crate::id::BayId;
use crate::policy::Policy;
use crate::registry::{self, CopyPlan};
use crate::schema as s;
use crate::table::Query;
use crate::why;
use crate::why::Both;
use sealdock_chain::digest::Digest;

/// Room for the largest event, so that no entry can exceed the format's 65,535 bytes.
const POLICY_BYTES_MAX: usize = 32 * 1024;

pub fn found(scene: &Scene, founding: Founding) -> Decided {
    if scene.context.seq != 0 {
        return no(why!(
            "S67",
            "本站已经设立；采集站只设立一次。",
            "this station is already founded; a station is founded once"
        ));
    }
    if let Err(e) = sealdock_chain::note::valid_origin(&founding.origin) {
        return no(why!(
            "S68",
            "站点标识 {:?} 不能用：{e:#}",
            "the origin {:?} is not usable: {e}",
            founding.origin
        ));
    }
    let unit =
        ok!(crate::duty::plain_text(Both("单位名称", "the unit's name"), &founding.unit, 200));
    if let Some(CopiesNamed::Mirror { place }) = &founding.copies {
        ok!(place_text(place));
    }
    let policy = ok!(adopted(founding.policy));
    let mut events = vec![
        Event::StationFounded(StationFounded {
            origin: founding.origin,
            unit,
            log_vkey: founding.log_vkey,
            evidence_key: founding.evidence_key,
            log_public: founding.log_public,
            evidence_public: founding.evidence_public,
            software: founding.software,
            policy_sha256: policy.sha256,
        }),
        Event::PolicyAdopted(policy),
    ];
    events.extend(founding.copies.map(Event::CopiesNamed));
    yes(events)
}

fn adopted(text: String) -> Result<PolicyAdopted, crate::ports::Refusal> {
    if text.len() > POLICY_BYTES_MAX {
        return Err(crate::ports::Refusal(why!(
            "S69",
            "策略文本超过 32 KiB；请缩短。",
            "the policy is longer than 32 KiB; shorten it"
        )));
    }
    Policy::adoptable(&text)
        .map_err(|e| e.in_words())
        .map_err(|why| crate::ports::Refusal(why!("S86", "策略文本不能施行：{why:#}", "{why}")))?;
    Ok(PolicyAdopted { sha256: Digest::of(text.as_bytes()), text })
}

pub fn start(scene: &Scene, software: Software) -> Decided {
    ok!(scene.system_only());
    yes(vec![Event::StationStarted(StationStarted { software })])
}

pub fn adopt_policy(scene: &Scene, text: String) -> Decided {
    ok!(scene.operator_or_person());
    let policy = ok!(adopted(text));
    let current = scene.registers.select(&Query::all(&s::POLICY).newest_first().limit(1))?;
    if current.first().is_some_and(|row| row.text("sha256") == policy.sha256.to_string()) {
        return no(why!(
            "S70",
            "这份策略已在施行；没有变化。",
            "this policy is already in force; nothing changed"
        ));
    }
    permitted(scene, Event::PolicyAdopted(policy))
}

/// Only if whoever acts may set up the station, or still may.
pub(super) fn permitted(scene: &Scene, event: Event) -> Decided {
    ok!(crate::duty::authority(scene, &event)?);
    yes(vec![event])
}

pub fn name_mirror(scene: &Scene, place: String) -> Decided {
    ok!(scene.operator_or_person());
    ok!(place_text(&place));
    if registry::copy_plan(scene.registers)? == (CopyPlan::Mirror { place: place.clone() }) {
        return no(why!(
            "S71",
            "第二副本已经在 {place:#}。",
            "{place} is already the place of the second copy"
        ));
    }
    permitted(scene, Event::CopiesNamed(CopiesNamed::Mirror { place }))
}

/// A path that goes into the chain for ever: absolute, and inert on a terminal.
pub(crate) fn place_text(path: &str) -> Result<(), crate::ports::Refusal> {
    if path.starts_with('/') && crate::naming::display(path.as_bytes()) == path {
        return Ok(());
    }
    let shown = crate::naming::display(path.as_bytes());
    Err(crate::ports::Refusal(why!(
        "S72",
        "{shown:#} 不能作为存放位置：请写完整路径，不含控制字符。",
        "{shown} is not usable as a place: name an absolute path without control characters"
    )))
}

pub fn accept_single_copy(scene: &Scene) -> Decided {
    ok!(scene.operator_or_person());
    match registry::copy_plan(scene.registers)? {
        CopyPlan::SingleAccepted => {
            no(why!("S73", "单位已同意只保存一份。", "the unit has already accepted a single copy"))
        }
        _ => permitted(scene, Event::CopiesNamed(CopiesNamed::SingleAccepted)),
    }
}

pub fn add_bay(scene: &Scene, id: BayId, kind: String, path: String) -> Decided {
    ok!(scene.operator_or_person());
    if kind != "folder" {
        return no(why!(
            "S74",
            "本版本不支持号位类型 {kind:?}；请用文件夹。",
            "bay kind {kind:?} is not known to this version; use folder"
        ));
    }
    ok!(place_text(&path));
    if !scene.registers.select(&Query::all(&s::BAY).with("id", id.as_str()))?.is_empty() {
        return no(why!(
            "S75",
            "号位 {id:#} 已存在；请换一个编号，或在“管理→号位与机型”查看。",
            "bay {id} exists already; see `sealdock bay list`"
        ));
    }
    permitted(scene, Event::BayAdded(BayAdded { id, kind, path }))
}
