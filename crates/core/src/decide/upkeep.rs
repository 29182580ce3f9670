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
use sealdock_chain::digest::Digest;

/// Room for the largest event, so that no entry can exceed the format's 65,535 bytes.
const POLICY_BYTES_MAX: usize = 32 * 1024;

pub fn found(scene: &Scene, founding: Founding) -> Decided {
    if scene.context.seq != 0 {
        return no("this station is already founded; a station is founded once");
    }
    if let Err(e) = sealdock_chain::note::valid_origin(&founding.origin) {
        return no(format!("the origin {:?} is not usable: {e}", founding.origin));
    }
    let unit = ok!(crate::duty::plain_text("the unit's name", &founding.unit, 200));
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
        return Err(crate::ports::Refusal("the policy is longer than 32 KiB; shorten it".into()));
    }
    Policy::adoptable(&text).map_err(|e| crate::ports::Refusal(e.to_string()))?;
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
        return no("this policy is already in force; nothing changed");
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
        return no(format!("{place} is already the place of the second copy"));
    }
    permitted(scene, Event::CopiesNamed(CopiesNamed::Mirror { place }))
}

/// A path that goes into the chain for ever: absolute, and inert on a terminal.
pub(crate) fn place_text(path: &str) -> Result<(), crate::ports::Refusal> {
    if path.starts_with('/') && crate::naming::display(path.as_bytes()) == path {
        return Ok(());
    }
    let shown = crate::naming::display(path.as_bytes());
    Err(crate::ports::Refusal(format!(
        "{shown} is not usable as a place: name an absolute path without control characters"
    )))
}

pub fn accept_single_copy(scene: &Scene) -> Decided {
    ok!(scene.operator_or_person());
    match registry::copy_plan(scene.registers)? {
        CopyPlan::SingleAccepted => no("the unit has already accepted a single copy"),
        _ => permitted(scene, Event::CopiesNamed(CopiesNamed::SingleAccepted)),
    }
}

pub fn add_bay(scene: &Scene, id: BayId, kind: String, path: String) -> Decided {
    ok!(scene.operator_or_person());
    if kind != "folder" {
        return no(format!("bay kind {kind:?} is not known to this version; use folder"));
    }
    ok!(place_text(&path));
    if !scene.registers.select(&Query::all(&s::BAY).with("id", id.as_str()))?.is_empty() {
        return no(format!("bay {id} exists already; see `sealdock bay list`"));
    }
    permitted(scene, Event::BayAdded(BayAdded { id, kind, path }))
}
