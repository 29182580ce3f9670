//! Had whoever signed the right to? One answer for the decision, before an entry is written, and for
//! `check`, over registers rebuilt from the chain.

use super::applicant::{no_colleague, not_there, unfit};
use super::approver::{impartial, not_approver, not_decider};
use super::event::*;
use super::ground::{Look, copy_objection, operates, too_secret};
use super::held::{Access, Footage, State, access, clips_of, copies, footage, set_level, twins};
use super::{COPY_OUT, Level, Purpose, Who, watched};
use crate::actor::{ActorRecord, Role};
use crate::clock_state;
use crate::duty;
use crate::id::{AccessId, ClipId, PersonId};
use crate::policy::Policy;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::time::{DAY_MS, Stamp};
use crate::why;
use crate::why::{Both, Why, Words};
use std::collections::BTreeSet;

/// Why `actor` may not write this event; `None` if they may.
///
/// # Errors
/// The registers cannot be read.
pub fn objection(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    event: &Event,
) -> PortResult<Option<Why>> {
    let policy = registry::policy(registers)?;
    let asked = Asked { registers, policy: &policy, at, actor };
    let verdict = match event {
        Event::Requested(e) => asked.requested(e)?,
        Event::Approved(e) => asked.approved(e)?,
        Event::Refused(e) => asked.refused(e)?,
        Event::Revoked(e) => asked.revoked(e)?,
        Event::SecrecySet(e) => asked.secrecy(e)?,
        Event::ViewingOpened(e) => asked.viewing(e)?,
        Event::ViewingServed(e) => watched::served(registers, at, actor, e)?,
        Event::ViewingEnded(e) => watched::ended(registers, actor, e)?,
        Event::CopyCarriedOut(e) => asked.carried_out(e)?,
        Event::CopyCompleted(e) => asked.completed(e)?,
    };
    Ok(verdict.err())
}

/// Allowed, or why not.
pub(super) type Verdict = PortResult<Result<(), Why>>;

/// Returns the sentence from the enclosing rule, if there is one.
macro_rules! unless {
    ($objection:expr) => {
        if let Some(why) = $objection {
            return Ok(Err(why));
        }
    };
}

/// Gets the value or returns the sentence from the enclosing rule.
macro_rules! get {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(why) => return Ok(Err(why)),
        }
    };
}

struct Asked<'a> {
    registers: &'a dyn Registers,
    policy: &'a Policy,
    at: &'a Stamp,
    actor: &'a ActorRecord,
}

impl Asked<'_> {
    fn person(&self, what: impl Words) -> Result<&PersonId, Why> {
        match self.actor {
            ActorRecord::Person { id } => Ok(id),
            other => Err(why!(
                "V57",
                "{what:#}须由人员凭本人口令进行；{other:#}不行。",
                "{what} is done by a person with their own PIN: say --as ID; {other} is none"
            )),
        }
    }

    fn holds(&self, person: &PersonId, role: Role, footage: Option<&Footage>) -> PortResult<bool> {
        let department = footage.and_then(|footage| footage.department.as_ref());
        Ok(duty::holds(self.registers, person, role, department, self.at.wall)?.is_some())
    }

    fn holds_any(&self, person: &PersonId, role: Role) -> PortResult<bool> {
        Ok(duty::duties(self.registers, person, self.at.wall)?.iter().any(|held| held.role == role))
    }

    fn access(&self, id: AccessId) -> PortResult<Result<Access, Why>> {
        let missing = || {
            why!(
                "V58",
                "没有申请 {id:#}；请在“审批”中核对编号。",
                "there is no request {id}; see `sealdock access list`"
            )
        };
        Ok(access(self.registers, id)?.ok_or_else(missing))
    }

    fn footage(&self, clip: ClipId) -> PortResult<Result<Footage, Why>> {
        let missing = || {
            why!(
                "V59",
                "没有视频 {clip:#}；请在“视频”中核对编号。",
                "there is no clip {clip}; see `sealdock clip list`"
            )
        };
        Ok(footage(self.registers, clip)?.ok_or_else(missing))
    }

    /// S10 to S12: a colleague for themself, a clerk for everybody else.
    fn requested(&self, e: &Requested) -> Verdict {
        let person = get!(self.person(Both("申请", "applying")));
        if e.who != Who::Colleague {
            if !self.holds_any(person, Role::Clerk)? {
                return Ok(Err(why!(
                    "V60",
                    "{:#}的申请由管理员登记（002/A6-§21）；{person:#} 不是管理员。",
                    "an application by {} is written down by a clerk (管理员, 002/A6-§21); {person} is none",
                    e.who
                )));
            }
            unless!(unfit(self.registers, self.at, e)?);
        } else {
            unless!(self.not_as_colleague(person, e)?);
        }
        unless!(not_there(self.registers, self.policy, &e.wanted)?);
        Ok(Ok(()))
    }

    fn not_as_colleague(&self, person: &PersonId, e: &Requested) -> PortResult<Option<Why>> {
        if e.applicant.person.as_ref() != Some(person) {
            return Ok(Some(why!(
                "V61",
                "本单位人员以本人名义申请（002/A6-§20）。",
                "a colleague applies in their own name (002/A6-§20)"
            )));
        }
        if e.purpose == Purpose::Copy {
            return Ok(Some(why!(
                "V62",
                "本单位人员可以查阅，不能复制（002/A6-§20、§26）；复制件交给机构：请管理员按内部机构登记申请。",
                "a colleague may view, not copy (002/A6-§20, §26); a copy is handed to a body: let a clerk write down the application of the internal-body"
            )));
        }
        if operates(self.registers, self.at, person)?.is_some() {
            return Ok(Some(why!(
                "V63",
                "{person:#} 负责运维本机，无权接触视频。",
                "{person} operates the machine and has no right to footage"
            )));
        }
        no_colleague(self.registers, self.at, person, &e.applicant)
    }

    fn approved(&self, e: &Approved) -> Verdict {
        let access = get!(self.access(e.access)?);
        let person = get!(impartial(self.registers, self.actor, &access)?);
        unless!(not_open(&access));
        if e.purpose != access.purpose {
            return Ok(Err(why!(
                "V64",
                "{:#} 申请的是{:#}，不能按别的用途批准。",
                "{} is for a {}",
                access.id,
                access.purpose
            )));
        }
        unless!(clock_state::known_bad(self.registers, self.at)?);
        unless!(self.bad_bounds(e));
        let mut clips: Vec<Footage> = Vec::new();
        for clip in &e.clips {
            let footage = get!(self.footage(*clip)?);
            if clips.iter().any(|other| other.clip == *clip) {
                return Ok(Err(why!(
                    "V65",
                    "视频 {clip:#} 写了两次；请删去一个。",
                    "clip {clip} is named twice"
                )));
            }
            if !footage.is_wanted(&access.wanted)? {
                return Ok(Err(why!(
                    "V66",
                    "视频 {clip:#} 不在 {:#} 的申请范围内。",
                    "clip {clip} is not among what {} asks for",
                    access.id
                )));
            }
            unless!(too_secret(self.policy, &footage, access.who.footing(), access.purpose));
            clips.push(footage);
        }
        let about = (&access, &self.policy.access);
        unless!(not_approver(self.registers, self.at.wall, &person, about, &clips)?);
        Ok(Ok(()))
    }

    fn bad_bounds(&self, e: &Approved) -> Option<Why> {
        let limits = &self.policy.access;
        if e.clips.is_empty() || e.clips.len() > limits.clips_max as usize {
            return Some(why!(
                "V67",
                "一次批准 1 至 {:#} 段视频，本次为 {:#} 段；请分批申请。",
                "an approval names 1 to {} clips, this one {}; let it be asked for in parts",
                limits.clips_max,
                e.clips.len()
            ));
        }
        let last = self.at.wall.plus_ms(i64::from(limits.expiry_days_max) * DAY_MS);
        if e.expires <= self.at.wall || e.expires > last {
            return Some(why!(
                "V68",
                "批准的有效期须晚于现在，且按策略最长 {:#} 天；不能到 {:#}。",
                "an approval expires after now and at most {} days on, by the policy; not at {}",
                limits.expiry_days_max,
                e.expires
            ));
        }
        (!(1..=limits.times_max).contains(&e.times)).then(|| {
            why!(
                "V69",
                "按策略，批准次数为 1 至 {:#} 次。",
                "an approval is for 1 to {} times, by the policy",
                limits.times_max
            )
        })
    }

    fn refused(&self, e: &Refused) -> Verdict {
        let access = get!(self.access(e.access)?);
        let person = get!(impartial(self.registers, self.actor, &access)?);
        unless!(not_open(&access));
        unless!(not_decider(self.registers, self.at.wall, &person, &access, None)?);
        Ok(Ok(()))
    }

    fn revoked(&self, e: &Revoked) -> Verdict {
        let access = get!(self.access(e.access)?);
        let person = get!(impartial(self.registers, self.actor, &access)?);
        if access.state != State::Approved {
            return Ok(Err(why!(
                "V70",
                "只有已批准的才能撤销；{:#} 现为“{:#}”。",
                "only an approval is revoked; {} stands as {}",
                access.id,
                access.state
            )));
        }
        let clips = clips_of(self.registers, e.access)?;
        unless!(not_decider(self.registers, self.at.wall, &person, &access, Some(clips))?);
        Ok(Ok(()))
    }

    /// S27: made stricter by those who answer for the footage or for the law, opened by the unit head only.
    fn secrecy(&self, e: &SecrecySet) -> Verdict {
        let person = get!(self.person(Both("设定密级", "setting a secrecy level")));
        let footage = get!(self.footage(e.clip)?);
        let set = set_level(self.registers, e.clip)?;
        if set == Some(e.level) {
            return Ok(Err(why!(
                "V71",
                "视频 {:#} 已经是{:#}。",
                "clip {} is {} already",
                e.clip,
                e.level
            )));
        }
        let opens = e.level < set.unwrap_or(Level::Internal);
        let able: &[Role] = match opens {
            true => &[Role::UnitHead],
            false => &[Role::DepartmentHead, Role::LegalHead, Role::UnitHead],
        };
        for role in able {
            if self.holds(person, *role, Some(&footage))? {
                return Ok(self.own_to_hide(person, &footage)?.map_or(Ok(()), Err));
            }
        }
        let able = able.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ");
        let what = if opens { "opened" } else { "made stricter" };
        Ok(Err(why!(
            "V72",
            "视频 {0:#}（{1:#}）的密级由其部门的{able:#}{what:#}（002/A2-§19）；{person:#} 不是。",
            "clip {} ({}) is {what} by a {able} over its department (002/A2-§19); {person} is none",
            e.clip,
            footage.level
        )))
    }

    /// A level closes footage to whoever reviews it, so nobody sets that of their own, nor of a clip whose bytes
    /// they have too.
    fn own_to_hide(&self, person: &PersonId, of: &Footage) -> PortResult<Option<Why>> {
        let mut own = of.officer.as_ref() == Some(person);
        for twin in twins(self.registers, of.clip)? {
            let twin = footage(self.registers, twin)?;
            own |= twin.is_some_and(|twin| twin.officer.as_ref() == Some(person));
        }
        Ok(own.then(|| {
            why!("V73", "视频 {:#} 是 {person:#} 本人的视频，任何人不得设定自己视频的密级（002/A2-§19）；请由其他部门负责人、法制部门负责人或单位负责人办理。", "clip {} is {person}'s own footage, and nobody sets the secrecy level of their own (002/A2-§19); let another department-head, legal-head or unit-head do it",
                of.clip)
        }))
    }

    fn viewing(&self, e: &ViewingOpened) -> Verdict {
        let person = get!(self.person(Both("查阅", "viewing")));
        let look = Look { registers: self.registers, policy: self.policy, at: self.at, person };
        unless!(look.opening(e.clip, &e.viewer, &e.ground)?);
        let Ground::Approval { access: id, .. } = e.ground else { return Ok(Ok(())) };
        let approved = get!(self.access(id)?);
        Ok(match e.matter.as_ref() == Some(&approved.matter) {
            true => Ok(()),
            false => Err(why!(
                "V74",
                "按 {id:#} 查阅须写明批准时的事项：{:#}。",
                "a viewing under {id} names the matter that it was approved for: {}",
                approved.matter
            )),
        })
    }

    /// S11: after approval a clerk carries it out, and every start spends one.
    fn carried_out(&self, e: &CopyCarriedOut) -> Verdict {
        let person = get!(self.person(Both("复制", "copying")));
        let access = get!(self.access(e.access)?);
        unless!(copy_objection(self.registers, self.at, person, e.access)?);
        let begun = copies(self.registers, e.access)?;
        if begun >= access.times {
            return Ok(Err(why!(
                "V75",
                "{:#} 批准复制 {:#} 次，已开始 {begun:#} 次（不论是否完成）；请重新审批。",
                "{} allows {} copies, and {begun} were begun, finished or not; let it be approved anew",
                access.id,
                access.times
            )));
        }
        if e.number != begun + 1 {
            let next = begun + 1;
            return Ok(Err(why!(
                "V76",
                "{:#} 的下一次复制应为第 {next:#} 次；请重新打开页面。",
                "the next copy under {} is number {next}",
                access.id
            )));
        }
        let Some(asked) = &e.asked else { return Ok(Ok(())) };
        let clips = clips_of(self.registers, e.access)?;
        Ok(asked.objection(e.access, &clips).map_or(Ok(()), Err))
    }

    /// Only the station says that a copy is whole, and only if every file is the clip it is named for.
    fn completed(&self, e: &CopyCompleted) -> Verdict {
        if *self.actor != ActorRecord::System {
            return Ok(Err(why!(
                "V77",
                "复制是否完整只由采集站自己说明，不能由{:#}说明。",
                "that a copy is complete is for the station alone to say, not for {}",
                self.actor
            )));
        }
        let Some(row) = registry::by_seq(self.registers, &COPY_OUT, e.copy)? else {
            return Ok(Err(why!(
                "V78",
                "第 {:#} 条记录没有开始任何复制。",
                "no copy was begun in entry {}",
                e.copy
            )));
        };
        if row.int_opt("completed_seq").is_some() {
            return Ok(Err(why!(
                "V79",
                "第 {:#} 条记录的复制已经完成。",
                "the copy of entry {} is complete already",
                e.copy
            )));
        }
        let clips = clips_of(self.registers, AccessId(row.int("access").unsigned_abs()))?;
        if !holds(e, clips) {
            return Ok(Err(why!(
                "V80",
                "第 {:#} 条记录的复制内容与批准的视频不一致。",
                "the copy of entry {} does not hold its clips",
                e.copy
            )));
        }
        for file in &e.files {
            let row = registry::by_seq(self.registers, &s::CLIP, file.clip.0)?;
            let same = row.is_some_and(|row| {
                row.text("sha256") == file.sha256.to_string()
                    && row.int("size").unsigned_abs() == file.size
            });
            if !same {
                return Ok(Err(why!(
                    "V81",
                    "视频 {:#} 的复制件内容不同。",
                    "the copy of clip {} holds other bytes",
                    file.clip
                )));
            }
        }
        Ok(excerpts_fit(e))
    }
}

/// Does a copy hold exactly these clips? Without excerpts they are named in the order of the approval; with some,
/// each is there whole or in part, and not both.
fn holds(e: &CopyCompleted, mut clips: Vec<ClipId>) -> bool {
    let whole = e.files.iter().map(|file| file.clip);
    if e.excerpts.is_empty() {
        return whole.eq(clips);
    }
    let parts: BTreeSet<ClipId> = e.excerpts.iter().map(|part| part.clip).collect();
    let mut named: Vec<ClipId> = whole.chain(parts).collect();
    named.sort_unstable();
    clips.sort_unstable();
    named == clips
}

/// Only a package shows what an excerpt was cut from, and a range has a length.
fn excerpts_fit(e: &CopyCompleted) -> Result<(), Why> {
    let Some(first) = e.excerpts.first() else { return Ok(()) };
    if e.package.is_none() {
        return Err(why!(
            "V82",
            "视频 {:#} 的截取片段没有放在出证包内。",
            "an excerpt of clip {} was given without a package",
            first.clip
        ));
    }
    if e.excerpts.len() > EXCERPTS_MAX {
        return Err(why!(
            "V83",
            "一次复制最多 {EXCERPTS_MAX:#} 个截取片段；请分次办理。",
            "a copy holds more than {EXCERPTS_MAX} excerpts"
        ));
    }
    let mut names = BTreeSet::new();
    for part in &e.excerpts {
        if part.from_ms >= part.to_ms || part.size == 0 {
            return Err(why!(
                "V84",
                "视频 {:#} 的截取片段是空的；请核对起止时间。",
                "the excerpt of clip {} holds nothing",
                part.clip
            ));
        }
        let stem = part.name.rsplit_once('.').map(|(stem, _)| stem);
        if stem != Some(&format!("{}_{}-{}", part.clip, part.from_ms, part.to_ms)) {
            return Err(why!(
                "V85",
                "截取片段 {:#} 的名称与视频和时间范围不符。",
                "the excerpt {} is not named by its clip and range",
                part.name
            ));
        }
        // By clip and range, so that the same film does not go out under two endings either.
        if !names.insert(stem) {
            return Err(why!(
                "V86",
                "截取片段 {:#} 给了两次。",
                "the excerpt {} is given twice",
                part.name
            ));
        }
    }
    Ok(())
}

fn not_open(access: &Access) -> Option<Why> {
    (access.state != State::Asked).then(|| {
        let by = access.decided_by.as_deref().unwrap_or("nobody");
        why!(
            "V87",
            "{:#} 已有答复：{:#}，由 {by:#} 办理。",
            "{} was decided already: {} by {by}",
            access.id,
            access.state
        )
    })
}
