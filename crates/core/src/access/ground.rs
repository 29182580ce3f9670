//! On what a viewing may rest, and why a ground does not carry it. One answer for the decision, for the
//! reader between two chunks, for `check`, and for whoever asks beforehand.

use super::approver::below_the_level;
use super::held::{Access, Footage, State, access, footage, viewings};
use super::{ACCESS_CLIP, Event, Footing, Ground, Purpose, Viewer, ViewingOpened, Who, clips_of};
use crate::actor::{ActorRecord, Role};
use crate::clock_state;
use crate::duty::{self, Held};
use crate::event::Event as Any;
use crate::id::{AccessId, ClipId, PersonId};
use crate::keep;
use crate::policy::Policy;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::table::Query;
use crate::time::{Stamp, WallMs};
use crate::why;
use crate::why::Why;

/// Duties with a standing right to query and view (002/A6-§20).
const SEEING: [Role; 3] = [Role::Viewer, Role::LegalHead, Role::PenaltyHead];

/// A ground that a person could name, and what speaks against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub ground: Ground,
    pub viewer: Viewer,
    /// Where a request says it.
    pub matter: Option<String>,
    pub objection: Option<Why>,
}

/// What every ground is asked about.
pub(super) struct Look<'a> {
    pub registers: &'a dyn Registers,
    pub policy: &'a Policy,
    pub at: &'a Stamp,
    pub person: &'a PersonId,
}

/// Every ground that comes into question, as whoever asks beforehand would find it: with a PIN that somebody
/// else gave, none of them opens anything.
///
/// # Errors
/// The registers cannot be read.
pub fn ways(
    registers: &dyn Registers,
    at: &Stamp,
    person: &PersonId,
    clip: ClipId,
) -> PortResult<Vec<Way>> {
    let mut ways = grounds(registers, at, person, clip)?;
    for way in ways.iter_mut().filter(|way| way.objection.is_none()) {
        way.objection = lent(registers, person, clip, way)?;
    }
    Ok(ways)
}

fn lent(
    registers: &dyn Registers,
    person: &PersonId,
    clip: ClipId,
    way: &Way,
) -> PortResult<Option<Why>> {
    let opened = ViewingOpened {
        clip,
        viewer: way.viewer.clone(),
        ground: way.ground.clone(),
        reason: String::new(),
        matter: way.matter.clone(),
    };
    let actor = ActorRecord::Person { id: person.clone() };
    duty::lent_pin(registers, &actor, &Any::from(Event::ViewingOpened(opened)))
}

/// Every ground that comes into question, in the order in which it is taken.
pub(super) fn grounds(
    registers: &dyn Registers,
    at: &Stamp,
    person: &PersonId,
    clip: ClipId,
) -> PortResult<Vec<Way>> {
    let policy = registry::policy(registers)?;
    let look = Look { registers, policy: &policy, at, person };
    let own = || Viewer::Person { id: person.clone() };
    let mut found = vec![(Ground::Own, own(), None)];
    for held in duty::duties(registers, person, at.wall)? {
        if SEEING.contains(&held.role) {
            found.push((Ground::Duty { duty: held.duty }, own(), None));
        }
    }
    for row in registers.select(&Query::all(&ACCESS_CLIP).with("clip", clip.0))? {
        let id = AccessId(row.int("access").unsigned_abs());
        if let Some(access) = access(registers, id)?
            && access.purpose == Purpose::View
        {
            let number = viewings(registers, id, clip)?.saturating_add(1);
            let viewer = viewer_of(&access);
            found.push((Ground::Approval { access: id, number }, viewer, Some(access.matter)));
        }
    }
    let way = |(ground, viewer, matter)| {
        let objection = look.opening(clip, &viewer, &ground)?;
        Ok(Way { ground, viewer, matter, objection })
    };
    found.into_iter().map(way).collect()
}

/// Before whose eyes an approval opens a clip.
fn viewer_of(access: &Access) -> Viewer {
    match (&access.who, &access.applicant.person) {
        (Who::Colleague, Some(person)) => Viewer::Person { id: person.clone() },
        _ => Viewer::Visitor {
            name: access.applicant.name.clone(),
            unit: access.applicant.unit.clone(),
        },
    }
}

/// Why a viewing that was opened may not go on: what was allowed may have ended, been revoked, or been
/// made secret since.
///
/// # Errors
/// The registers cannot be read.
pub fn still_objection(
    registers: &dyn Registers,
    at: &Stamp,
    person: &PersonId,
    clip: ClipId,
    (viewer, ground): (&Viewer, &Ground),
) -> PortResult<Option<Why>> {
    let policy = registry::policy(registers)?;
    Look { registers, policy: &policy, at, person }.standing(clip, viewer, ground)
}

/// Why a copy may not be begun, or go on, whatever was spent.
///
/// # Errors
/// The registers cannot be read.
pub fn copy_objection(
    registers: &dyn Registers,
    at: &Stamp,
    person: &PersonId,
    id: AccessId,
) -> PortResult<Option<Why>> {
    let policy = registry::policy(registers)?;
    Look { registers, policy: &policy, at, person }.copying(id)
}

/// How often the clip may still be looked at under this approval: none when it is over.
///
/// # Errors
/// The registers cannot be read.
pub fn views_left(
    registers: &dyn Registers,
    access: &Access,
    clip: ClipId,
    now: WallMs,
) -> PortResult<u32> {
    if access.expires.is_some_and(|until| now >= until) {
        return Ok(0);
    }
    Ok(access.times.saturating_sub(viewings(registers, access.id, clip)?))
}

impl Look<'_> {
    /// Why it may not be opened now: as [`Look::standing`], and the clip must be there, the approval not spent.
    pub fn opening(
        &self,
        clip: ClipId,
        viewer: &Viewer,
        ground: &Ground,
    ) -> PortResult<Option<Why>> {
        if let Some(why) = self.standing(clip, viewer, ground)? {
            return Ok(Some(why));
        }
        if let Some(why) = keep::state_of(self.registers, clip)? {
            return Ok(Some(why));
        }
        let Ground::Approval { access: id, number } = ground else { return Ok(None) };
        let (seen, access) = (viewings(self.registers, *id, clip)?, access(self.registers, *id)?);
        let times = access.map_or(0, |access| access.times);
        if seen >= times {
            return Ok(Some(why!(
                "V33",
                "{id:#} 允许查阅视频 {clip:#} {times:#} 次，已查阅 {seen:#} 次；需要再看请重新申请。",
                "{id} allows {times} viewings of clip {clip}, and {seen} were opened"
            )));
        }
        Ok((*number != seen + 1).then(|| {
            why!("V34", "{id:#} 下视频 {clip:#} 的下一次查阅应为第 {:#} 次，不是第 {number:#} 次；请重新打开页面。", "the next viewing of clip {clip} under {id} is number {}, not {number}",
                seen + 1)
        }))
    }

    /// Why the ground does not carry it, whatever was spent.
    fn standing(&self, clip: ClipId, viewer: &Viewer, ground: &Ground) -> PortResult<Option<Why>> {
        let Some(footage) = footage(self.registers, clip)? else {
            return Ok(Some(why!(
                "V35",
                "没有视频 {clip:#}；请在“视频”中核对编号。",
                "there is no clip {clip}; see `sealdock clip list`"
            )));
        };
        if let Some(why) = operates(self.registers, self.at, self.person)? {
            return Ok(Some(why));
        }
        match ground {
            Ground::Own => Ok(self.not_self(viewer).or_else(|| self.not_own(&footage))),
            Ground::Duty { duty } => {
                if let Some(why) = self.bad_clock()? {
                    return Ok(Some(why));
                }
                let held = duty::duties(self.registers, self.person, self.at.wall)?;
                let held = held.into_iter().find(|held| held.duty == *duty);
                Ok(self.not_self(viewer).or_else(|| self.not_by_duty(&footage, held)))
            }
            Ground::Approval { access: id, .. } => self.not_approved(&footage, viewer, *id),
        }
    }

    fn not_self(&self, viewer: &Viewer) -> Option<Why> {
        let own = *viewer == Viewer::Person { id: self.person.clone() };
        (!own).then(|| {
            why!("V36", "{:#} 只能以本人名义查阅。", "{} views in their own name", self.person)
        })
    }

    fn not_own(&self, footage: &Footage) -> Option<Why> {
        if footage.officer.as_ref() != Some(self.person) {
            return Some(why!(
                "V37",
                "视频 {:#} 不是 {:#} 本人的视频。",
                "clip {} is not {}'s own footage",
                footage.clip,
                self.person
            ));
        }
        self.hidden(footage, Footing::Own)
    }

    fn not_by_duty(&self, footage: &Footage, held: Option<Held>) -> Option<Why> {
        let Some(held) = held.filter(|held| SEEING.contains(&held.role)) else {
            return Some(why!(
                "V38",
                "{:#} 没有这样的、能据以查阅视频的有效职务。",
                "{} holds no such duty in force that gives a right to footage",
                self.person
            ));
        };
        if !held.covers(footage.department.as_ref()) {
            return Some(why!(
                "V39",
                "职务 {:#}（{:#}）不覆盖视频 {:#} 所属的部门。",
                "duty {} ({}) does not cover the department of clip {}",
                held.duty,
                held.role,
                footage.clip
            ));
        }
        self.hidden(footage, Footing::Duty)
    }

    fn not_approved(
        &self,
        footage: &Footage,
        viewer: &Viewer,
        id: AccessId,
    ) -> PortResult<Option<Why>> {
        let Some(access) = access(self.registers, id)? else {
            return Ok(Some(why!(
                "V40",
                "没有申请 {id:#}；请核对编号。",
                "there is no request {id}; see `sealdock access list`"
            )));
        };
        if access.purpose != Purpose::View {
            return Ok(Some(why!(
                "V41",
                "{id:#} 是复制申请，不能用于查阅。",
                "{id} is for a copy, not for viewing"
            )));
        }
        if !clips_of(self.registers, id)?.contains(&footage.clip) {
            return Ok(Some(why!(
                "V42",
                "{id:#} 不包含视频 {:#}。",
                "{id} does not name clip {}",
                footage.clip
            )));
        }
        if let Some(why) = self.bad_clock()?.or_else(|| not_in_force(&access, self.at.wall)) {
            return Ok(Some(why));
        }
        if *viewer != viewer_of(&access) {
            return Ok(Some(why!(
                "V43",
                "{id:#} 只对申请人本人有效。",
                "{id} opens nothing for anybody but its applicant"
            )));
        }
        if let Some(why) = self.not_the_one_who_opens(footage, &access)? {
            return Ok(Some(why));
        }
        if let Some(why) = self.hidden(footage, access.who.footing()) {
            return Ok(Some(why));
        }
        below_the_level(self.registers, &self.policy.access, (&access, footage))
    }

    /// A colleague looks for themself; before everybody else a clerk opens it (002/A6-§21).
    fn not_the_one_who_opens(&self, footage: &Footage, access: &Access) -> PortResult<Option<Why>> {
        if access.who == Who::Colleague {
            let own = access.applicant.person.as_ref() == Some(self.person);
            return Ok((!own).then(|| {
                why!("V44", "{:#} 批准的是另一人。", "{} was approved for somebody else", access.id)
            }));
        }
        self.no_clerk(footage)
    }

    /// What ends at a time is not served on a clock of which nobody can tell whether it has ended.
    fn bad_clock(&self) -> PortResult<Option<Why>> {
        clock_state::known_bad(self.registers, self.at)
    }

    fn copying(&self, id: AccessId) -> PortResult<Option<Why>> {
        let Some(access) = access(self.registers, id)? else {
            return Ok(Some(why!(
                "V45",
                "没有申请 {id:#}；请核对编号。",
                "there is no request {id}; see `sealdock access list`"
            )));
        };
        if access.purpose != Purpose::Copy {
            return Ok(Some(why!(
                "V46",
                "{id:#} 是查阅申请，不能用于复制。",
                "{id} is for viewing, not for a copy"
            )));
        }
        if let Some(why) = self.bad_clock()?.or_else(|| not_in_force(&access, self.at.wall)) {
            return Ok(Some(why));
        }
        for clip in clips_of(self.registers, id)? {
            let Some(footage) = footage(self.registers, clip)? else {
                return Ok(Some(why!(
                    "V47",
                    "没有视频 {clip:#}；请在“视频”中核对编号。",
                    "there is no clip {clip}; see `sealdock clip list`"
                )));
            };
            if let Some(why) = self.no_clerk(&footage)? {
                return Ok(Some(why));
            }
            let footing = access.who.footing();
            if let Some(why) = too_secret(self.policy, &footage, footing, Purpose::Copy) {
                return Ok(Some(why));
            }
            let about = (&access, &footage);
            if let Some(why) = below_the_level(self.registers, &self.policy.access, about)? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    fn no_clerk(&self, footage: &Footage) -> PortResult<Option<Why>> {
        let department = footage.department.as_ref();
        let held = duty::holds(self.registers, self.person, Role::Clerk, department, self.at.wall)?;
        Ok(held.is_none().then(|| {
            why!("V48", "批准给外部人员或机构的复制由管理员办理（002/A6-§21）；{:#} 不是视频 {:#} 的管理员。", "what an outsider or a body was approved is carried out by a clerk (管理员, 002/A6-§21); {} is none for clip {}",
                self.person, footage.clip)
        }))
    }

    fn hidden(&self, footage: &Footage, footing: Footing) -> Option<Why> {
        too_secret(self.policy, footage, footing, Purpose::View)
    }
}

/// The operator of the machine has no right to footage, not even to their own. While the clock cannot be
/// believed every such duty counts that nobody ended, whatever its hours: else who sets the clock opens.
pub(super) fn operates(
    registers: &dyn Registers,
    at: &Stamp,
    person: &PersonId,
) -> PortResult<Option<Why>> {
    let held = duty::duties(registers, person, at.wall)?;
    if let Some(held) = held.into_iter().find(|held| held.role == Role::Operator) {
        let duty = held.duty;
        return Ok(Some(why!(
            "V49",
            "{person:#} 负责运维本机（职务 {duty:#}），无权接触视频。",
            "{person} operates the machine (duty {duty}) and has no right to footage"
        )));
    }
    let Some(given) = duty::not_ended(registers, person, Role::Operator)? else { return Ok(None) };
    Ok(clock_state::doubt(registers, at)?.map(|doubt| {
        why!("V50", "{person:#} 曾受命运维本机（职务 {:#}），是否已结束无法判断：{doubt:#}", "{person} was given the machine to operate (duty {}), and nobody can tell whether that is over: {doubt}",
            given.duty)
    }))
}

/// A level narrows every right (002/A2-§19).
pub(super) fn too_secret(
    policy: &Policy,
    footage: &Footage,
    footing: Footing,
    purpose: Purpose,
) -> Option<Why> {
    let rule = policy.access.level(footage.level);
    (!rule.allows(footing, purpose)).then(|| {
        why!(
            "V51",
            "视频 {0:#} 的密级为{1:#}{2:.0}，不允许{4:#}{3:#}（{5:#}）。",
            "clip {} is {} ({}), which closes it to a {} by {} ({})",
            footage.clip,
            footage.level,
            footage.level.chinese(),
            purpose,
            footing,
            rule.cite
        )
    })
}

/// Why an approval does not count now.
fn not_in_force(access: &Access, at: WallMs) -> Option<Why> {
    let id = access.id;
    if access.state != State::Approved {
        return Some(why!(
            "V52",
            "{id:#} 未处于已批准状态：现为“{:#}”。",
            "{id} is not approved: it stands as {}",
            access.state
        ));
    }
    if access.decided.is_none_or(|decided| at < decided) {
        return Some(why!(
            "V53",
            "采集站时钟为 {at:#}，早于 {id:#} 的批准时间，不可能正确；请先校正时钟。",
            "the station's clock says {at}, which cannot be: {id} was approved later; set the clock"
        ));
    }
    if access.expires.is_none_or(|expires| at >= expires) {
        let expires = access.expires.map_or("never valid".to_owned(), WallMs::rfc3339);
        return Some(why!(
            "V54",
            "{id:#} 已过期（{expires:#}）；请重新申请。",
            "{id} has expired: {expires}"
        ));
    }
    None
}
