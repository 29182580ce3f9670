//! Did whoever signed have the right to, and was it the time for it, as of the entry? The same answer serves
//! the decision, before an entry is written, and `check`, which asks again over registers rebuilt from the
//! chain.

/// Spot checks and burnt media.
mod checks;
/// Plans, approvals, runs, intents and what became of them.
pub(super) mod disposal;
/// Holds.
mod holds;

use super::against::{Look, not_there};
use super::event::{ClipClassed, Event};
use super::kept;
use super::rights::Rights;
use crate::actor::{ActorRecord, Role};
use crate::ports::{PortResult, Registers};
use crate::time::Stamp;
use crate::why;
use crate::why::{Both, Why};

pub use checks::misannounced;

pub(super) type Objection = PortResult<Option<Why>>;

/// Registers, moment and rights, as each rule looks at them.
pub(super) struct Asked<'a> {
    pub registers: &'a dyn Registers,
    pub at: &'a Stamp,
    pub rights: Rights<'a>,
}

/// Returns the objection from the enclosing rule, if there is one.
macro_rules! unless {
    ($objection:expr) => {
        if let Some(why) = $objection {
            return Ok(Some(why));
        }
    };
}
pub(super) use unless;

/// Why `actor` may not write this event about keeping; `None` if they may.
///
/// # Errors
/// The registers cannot be read.
pub fn objection(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    event: &Event,
) -> Objection {
    let asked = Asked { registers, at, rights: Rights::of(registers, at.wall, actor)? };
    match event {
        Event::ClipClassed(e) => classed(&asked, e),
        Event::ClockTrusted(_) => Ok(asked.rights.needs(
            &[(Role::UnitHead, "单位负责人")],
            Both("确认时钟正确", "saying that the clock is right"),
        )),
        Event::HoldRequested(_)
        | Event::HoldApproved(_)
        | Event::HoldRefused(_)
        | Event::HoldReleaseRequested(_)
        | Event::HoldReleased(_)
        | Event::HoldReleaseRefused(_) => holds::objection(&asked, event),
        Event::CheckAnnounced(_)
        | Event::CheckDrawn(_)
        | Event::CheckAnswered(_)
        | Event::CheckCorrected(_)
        | Event::CheckClosed(_)
        | Event::MediumBurnt(_)
        | Event::MediumReadBack(_) => checks::objection(&asked, event),
        Event::DrillBegun(_) | Event::DrillCompleted(_) | Event::DrillRemoved(_) => {
            super::drill::objection(&asked, event)
        }
        Event::StationChecked(e) => super::examined::objection(&asked, e),
        other => disposal::objection(&asked, other),
    }
}

/// S16: what a check falls on is not for the officer whose footage it is.
pub(super) fn not_its_officers(e: &ClipClassed) -> Why {
    why!(
        "K46",
        "{:#} 是办理人本人的视频，现为“{:#}”类：本人只能首次定类，不能更改；请由管理员或部门负责人办理。",
        "{} is footage of whoever acts, and has the class {}: its officer gives a first class and takes none away; the clerk or the department head does",
        e.clip,
        e.replaces.as_deref().unwrap_or_default()
    )
}

/// S14, S15: a class may be given by the clerk or the department head. What lets a clip go earlier than it
/// would have is never decided by its own officer, and a class that was given once is made shorter only by
/// the department head, and not by whoever gave it.
fn classed(asked: &Asked, e: &ClipClassed) -> Objection {
    let (registers, rights) = (asked.registers, &asked.rights);
    unless!(not_there(registers, &[e.clip])?);
    let Some(now) = kept::kept(registers, e.clip)? else { return Ok(None) };
    let periods = Look::new(registers, asked.at)?.periods;
    if periods.keeping().class(&e.class).is_none() {
        let known: Vec<&str> = periods.keeping().classes.iter().map(|c| c.id.as_str()).collect();
        return Ok(Some(why!(
            "K47",
            "现行策略没有类别 {:?}；可选：{:#}。",
            "the policy in force has no class {:?}; it has {}",
            e.class,
            known.join(", ")
        )));
    }
    if e.replaces != now.class {
        return Ok(Some(why!(
            "K48",
            "{:#} 的类别现在是“{:#}”；请重新打开页面再办。",
            "the class of {} is {} now; look again",
            e.clip,
            now.class.as_deref().unwrap_or("none")
        )));
    }
    let sooner = periods.due_as(&now, &e.class, u64::MAX)? < periods.due(&now)?;
    let (heads, owns) = (rights.heads(e.clip)?, rights.owns(e.clip)?);
    // As long as before, but under another name, it would fall on no check of the class that it had.
    let renamed = owns && now.class.as_ref().is_some_and(|class| *class != e.class);
    if renamed && periods.due_as(&now, &e.class, u64::MAX)? <= periods.due(&now)? {
        return Ok(Some(not_its_officers(e)));
    }
    if !sooner {
        let may = heads || owns || rights.holds(Role::Clerk) || rights.holds(Role::LegalHead);
        return Ok((!may).then(|| {
            why!("K49", "为 {:#} 定类由本人、管理员、法制部门负责人或部门负责人凭本人口令办理。", "classing {} is for its officer, the clerk (管理员), the legal head or the department head with their own PIN", e.clip)
        }));
    }
    if owns {
        return Ok(Some(why!(
            "K50",
            "{:#} 是办理人本人的视频；缩短保存须由他人决定。",
            "{} is footage of whoever acts; somebody else decides that it may go sooner",
            e.clip
        )));
    }
    if now.class.is_none() {
        return Ok((!heads && !rights.holds(Role::Clerk)).then(|| {
            why!("K51", "为 {:#} 定类由管理员或部门负责人凭本人口令办理。", "giving {} a class is for the clerk (管理员) or the department head (部门负责人) with their own PIN", e.clip)
        }));
    }
    if !heads {
        return Ok(Some(why!(
            "K52",
            "{:#} 按“{:#}”类保存更久；只有其部门负责人凭本人口令才能缩短。",
            "{} is kept longer as {}; only the department head (部门负责人) of its officer shortens that, with their own PIN",
            e.clip,
            now.class.as_deref().unwrap_or_default()
        )));
    }
    Ok(rights.is_named(now.classed_by.as_deref()).then(|| {
        why!(
            "K53",
            "给 {:#} 定类的人不能再缩短其保存；请由他人办理。",
            "whoever gave {} its class does not also shorten it; another does",
            e.clip
        )
    }))
}
