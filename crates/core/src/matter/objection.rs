//! Did whoever signed have the right to, as of the entry? The same answer serves the decision, before an
//! entry is written, and `check`, which asks again over registers rebuilt from the chain.

use super::{
    BINDING, ClipBound, ClipUnbound, Event, InterruptionExplained, InterruptionNoted, Matter,
    MatterCorrected, MatterRecord, bindings_of_clip, ever_officers, interruption, matter, stands,
    step,
};
use crate::actor::{ActorRecord, Role};
use crate::duty::{
    Held, department_head_of, department_of, duties, head_for_itself, unit_head_rules,
};
use crate::id::{ClipId, DepartmentId, InterruptionId, MatterId, PersonId, StepId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema::CLIP;
use crate::table::Query;
use crate::time::WallMs;
use crate::why::{Both, Why, Words};
use crate::{says, why};

/// Why `actor` may not write this event about matters now; `None` if they may.
///
/// # Errors
/// The registers cannot be read.
pub fn objection(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    event: &Event,
) -> PortResult<Option<Why>> {
    match signed(registers, at, actor, event)? {
        None => stands::objection(registers, at, event),
        why => Ok(why),
    }
}

fn signed(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    event: &Event,
) -> PortResult<Option<Why>> {
    let asked = Asked { registers, at, actor };
    match event {
        Event::StepsAdopted(_) => asked.adopts(),
        Event::FilingWarned(e) => {
            asked.system(Both("提示归档期限", "warning of a filing deadline"), e.matter)
        }
        Event::FilingMissed(e) if at <= e.due => Ok(Some(why!(
            "M47",
            "{:#} 的归档期限还没有过。",
            "the filing deadline of {} had not passed",
            e.matter
        ))),
        Event::FilingMissed(e) => {
            asked.system(Both("说明归档逾期", "saying that a filing deadline was missed"), e.matter)
        }
        Event::MatterOpened(e) => asked.opens(&e.record),
        Event::MatterCorrected(e) => asked.corrects(e),
        Event::MatterClosed(e) => asked.closes(e.matter, e.ended, e.due),
        Event::MatterFiled(e) => asked.works_on(Both("案件归档", "filing a case"), e.matter),
        Event::StepDeclared(e) => asked.works_on(Both("申报环节", "declaring a step"), e.matter),
        Event::StepClosed(e) => asked.closes_step(e.step),
        Event::ClipBound(e) => asked.binds(e),
        Event::ClipUnbound(e) => asked.unbinds(e),
        Event::ClipMarked(e) => asked.marks(e.clip),
        Event::InterruptionFound(e) => {
            asked.works_on(Both("核对中断", "looking for interruptions"), e.matter)
        }
        Event::InterruptionFilled(e) => asked.fills(e.interruption),
        Event::InterruptionExplained(e) => asked.explains(e),
        Event::InterruptionNoted(e) => asked.notes(e),
    }
}

struct Asked<'a> {
    registers: &'a dyn Registers,
    at: WallMs,
    actor: &'a ActorRecord,
}

/// A person with their own PIN, and what they hold.
struct Who {
    id: PersonId,
    held: Vec<Held>,
}

impl Who {
    fn is(&self, role: Role) -> bool {
        self.held.iter().any(|held| held.role == role)
    }

    fn over(&self, role: Role, department: Option<&DepartmentId>) -> bool {
        self.held.iter().any(|held| held.role == role && held.covers(department))
    }

    /// The equipment administrator (管理员) of the department, whose registers these are too (002/A2-§17).
    fn keeps(&self, department: Option<&DepartmentId>) -> bool {
        self.over(Role::Clerk, department)
    }

    fn heads(&self, matter: &Matter) -> bool {
        self.over(Role::DepartmentHead, matter.department.as_ref())
    }

    /// The same, and not only as the deputy of one of these.
    fn heads_for_itself(&self, matter: &Matter, never: &[PersonId]) -> bool {
        self.held.iter().any(|held| {
            held.role == Role::DepartmentHead
                && held.covers(matter.department.as_ref())
                && !held.stands_in_for(never)
        })
    }

    fn officer_of(&self, officers: &[PersonId]) -> bool {
        self.is(Role::Officer) && officers.contains(&self.id)
    }
}

type Objection = PortResult<Option<Why>>;

impl Asked<'_> {
    /// The person who acts; whoever has no PIN never showed one.
    fn who(&self) -> PortResult<Option<Who>> {
        let ActorRecord::Person { id } = self.actor else { return Ok(None) };
        let person = registry::person(self.registers, id)?;
        if person.is_none_or(|person| person.pin_commitment.is_none()) {
            return Ok(None);
        }
        Ok(Some(Who { id: id.clone(), held: duties(self.registers, id, self.at)? }))
    }

    fn no(&self, what: impl Words, whose: impl Words) -> Objection {
        Ok(Some(why!(
            "M48",
            "{what:#}由{whose:#}凭本人口令办理；{:#}不是。",
            "{what} is for {whose} with their own PIN: say --as ID; {} is not",
            self.actor
        )))
    }

    fn system(&self, what: impl Words, matter: MatterId) -> Objection {
        Ok((*self.actor != ActorRecord::System).then(|| {
            why!(
                "M49",
                "{what:#}（{matter:#}）只由采集站办理，不能由{:#}办理。",
                "{what} ({matter}) is for the station alone, not for {}",
                self.actor
            )
        }))
    }

    /// Like a policy: the unit head, or whoever sets up while there is none.
    fn adopts(&self) -> Objection {
        let setting_up = !unit_head_rules(self.registers)?;
        let able = matches!(self.actor, ActorRecord::Person { .. } | ActorRecord::Operator { .. });
        let rules = self.who()?.is_some_and(|who| who.is(Role::UnitHead));
        if rules || (setting_up && able) {
            return Ok(None);
        }
        self.no(
            Both("施行事项清单", "adopting a list of what must be recorded"),
            Both("单位负责人", "the unit head (单位负责人)"),
        )
    }

    fn opens(&self, record: &MatterRecord) -> Objection {
        let department = record.department.as_ref();
        let may = self.who()?.is_some_and(|who| {
            who.officer_of(&record.officers)
                || who.over(Role::DepartmentHead, department)
                || who.keeps(department)
        });
        match may {
            true => Ok(None),
            false => self.no(
                Both("立案登记", "opening a matter"),
                Both(
                    "其执法人员、部门负责人或管理员",
                    "one of its officers, the department head or the clerk",
                ),
            ),
        }
    }

    fn works_on(&self, what: impl Words, id: MatterId) -> Objection {
        let Some(matter) = matter(self.registers, id)? else {
            return Ok(Some(why!(
                "M50",
                "{what:#}：没有案件 {id:#}。",
                "{what}: there is no matter {id}"
            )));
        };
        match self.who()? {
            Some(who)
                if who.officer_of(&matter.officers)
                    || who.heads(&matter)
                    || who.keeps(matter.department.as_ref()) =>
            {
                Ok(None)
            }
            _ => self.no(
                &says!("{what:#}（{id:#}）", "{what} ({id})"),
                Both(
                    "其执法人员、部门负责人或管理员",
                    "one of its officers, the department head or the clerk",
                ),
            ),
        }
    }

    /// The department says who heads the matter, so its officers do not choose it.
    fn corrects(&self, e: &MatterCorrected) -> Objection {
        let what = Both("更正案件", "correcting a matter");
        if let Some(why) = self.works_on(what, e.matter)? {
            return Ok(Some(why));
        }
        let Some((was, who)) = matter(self.registers, e.matter)?.zip(self.who()?) else {
            return self.no(what, Both("本单位人员", "a person"));
        };
        let own = ever_officers(self.registers, e.matter)?.contains(&who.id);
        Ok((own && e.record.department != was.department).then(|| {
            why!("M51", "{:#} 的部门决定由谁负责，而 {:#} 是或曾是该案执法人员；请由部门负责人或管理员更改。", "the department of {} says who heads it, and {} is or was one of its officers; the department head or the clerk changes it",
                e.matter, who.id)
        }))
    }

    fn closes(&self, id: MatterId, ended: WallMs, due: WallMs) -> Objection {
        let policy = registry::policy(self.registers)?;
        if due != policy.matter.filing_due(policy.zone, ended) {
            return Ok(Some(why!(
                "M52",
                "{id:#} 须在策略规定的天数内归档（002/A2-§16），不能是 {due:#}。",
                "{id} must be filed within the days of the policy (002/A2-§16), not by {due}"
            )));
        }
        self.works_on(Both("结案", "closing a matter"), id)
    }

    fn closes_step(&self, id: StepId) -> Objection {
        match step(self.registers, id)? {
            None => Ok(Some(why!("M53", "没有环节 {id:#}。", "there is no step {id}"))),
            Some(step) => self.works_on(Both("结束环节", "closing a step"), step.matter),
        }
    }

    /// An officer binds what officers of the matter recorded; a clerk or department head anything.
    fn binds(&self, e: &ClipBound) -> Objection {
        let what = Both("归入视频", "binding a clip");
        if let Some(why) = self.works_on(what, e.matter)? {
            return Ok(Some(why));
        }
        let Some((matter, who)) = matter(self.registers, e.matter)?.zip(self.who()?) else {
            return self.no(what, Both("本单位人员", "a person"));
        };
        if who.keeps(matter.department.as_ref()) || who.heads(&matter) {
            return Ok(None);
        }
        let owner = self.officer_of_clip(e.clip)?;
        Ok(owner.as_ref().is_none_or(|owner| !matter.officers.contains(owner)).then(|| {
            why!("M54", "视频 {:#} 不是 {:#} 的执法人员所记录；请由管理员或部门负责人归入。", "clip {} was not recorded by an officer of {}; the clerk or the department head binds it",
                e.clip, e.matter)
        }))
    }

    /// Who unbinds could lift what holds a clip: only the department head, whom it is not about. Who was ever an
    /// officer of the matter, and whose clip it is, it is about; nor does a deputy act for one of them.
    fn unbinds(&self, e: &ClipUnbound) -> Objection {
        let bound = bindings_of_clip(self.registers, e.clip)?;
        let Some(bound) = bound.into_iter().find(|bound| bound.binding == e.binding) else {
            return Ok(Some(why!(
                "M55",
                "视频 {:#} 不是由第 {:#} 条归入的。",
                "clip {} is not bound by entry {}",
                e.clip,
                e.binding
            )));
        };
        let what = says!("取消视频 {:#} 的归入", "ending the binding of clip {}", e.clip);
        let whose = Both(
            "不是本案执法人员的部门负责人",
            "the department head (部门负责人), who is no officer of the matter,",
        );
        let (Some(who), Some(matter)) = (self.who()?, matter(self.registers, bound.matter)?) else {
            return self.no(&what, whose);
        };
        if !who.heads(&matter) || matter.officers.contains(&who.id) {
            return self.no(&what, whose);
        }
        let mut about = ever_officers(self.registers, bound.matter)?;
        about.extend(self.officer_of_clip(e.clip)?);
        let concerned = about.contains(&who.id) || !who.heads_for_itself(&matter, &about);
        Ok(concerned.then(|| {
            why!("M56", "{what:#}须由 {:#} 以外的本部门负责人办理：其是本案执法人员、视频本人或代行其职务。", "{what} is for another head of the department than {}, who was an officer of the matter, whose clip it is, or who stands in for one of them",
                who.id)
        }))
    }

    /// Whose clip it is, their department head, or the clerk.
    fn marks(&self, clip: ClipId) -> Objection {
        let owner = self.officer_of_clip(clip)?;
        let department = match &owner {
            Some(owner) => department_of(self.registers, owner)?,
            None => None,
        };
        let may = match self.who()? {
            None => false,
            Some(who) if who.keeps(department.as_ref()) || owner.as_ref() == Some(&who.id) => true,
            Some(who) => match &owner {
                Some(owner) => {
                    department_head_of(self.registers, &who.id, owner, self.at)?.is_some()
                }
                None => false,
            },
        };
        match may {
            true => Ok(None),
            false => self.no(
                &says!("标记视频 {clip:#}", "marking clip {clip}"),
                Both(
                    "其本人、部门负责人或管理员",
                    "its officer, their department head or the clerk",
                ),
            ),
        }
    }

    /// Only a later change of the bindings can show that nothing was broken off.
    fn fills(&self, id: InterruptionId) -> Objection {
        let Some(interruption) = interruption(self.registers, id)? else {
            return Ok(Some(why!("M57", "没有中断 {id:#}。", "there is no interruption {id}")));
        };
        let rows =
            self.registers.select(&Query::all(&BINDING).with("step", interruption.step.0))?;
        let since = |row: &crate::table::Row| {
            let changed = row.int_opt("unbound_seq").unwrap_or_default().max(row.int("seq"));
            changed.unsigned_abs() > id.0
        };
        match rows.iter().any(since) {
            true => {
                self.works_on(Both("撤销中断", "taking back an interruption"), interruption.matter)
            }
            false => Ok(Some(why!(
                "M58",
                "{:#} 的归入自发现 {id:#} 以来没有变化：中断仍未了结。",
                "no binding of {} changed since {id} was found: it stays open",
                interruption.step
            ))),
        }
    }

    /// An officer of the step, to their own department head (002/A6-§14).
    fn explains(&self, e: &InterruptionExplained) -> Objection {
        let id = e.interruption;
        let what = says!("说明中断 {id:#}", "explaining interruption {id}");
        let Some(step) = self.step_of(id)? else {
            return Ok(Some(why!("M59", "没有中断 {id:#}。", "there is no interruption {id}")));
        };
        let Some(who) = self.who()?.filter(|who| who.officer_of(&step.officers)) else {
            return self.no(&what, Both("该环节的执法人员", "an officer of the step"));
        };
        let head = department_head_of(self.registers, &e.told, &who.id, self.at)?;
        if e.told == who.id || head.is_none() {
            return Ok(Some(why!(
                "M60",
                "{:#} 不是 {:#} 的部门负责人：中断须向执法人员的部门负责人报告（002/A6-§14）；请改填报告对象。",
                "{} is not the department head of {}: an interruption is reported to the officer's department head (002/A6-§14); say --told ID",
                e.told,
                who.id
            )));
        }
        let myself = std::slice::from_ref(&who.id);
        let itself = head_for_itself(self.registers, (&e.told, &who.id), myself, self.at)?;
        Ok((!itself).then(|| {
            why!("M61", "{:#} 只是代行 {:#} 的职务，不能向自己报告（002/A6-§14）；请填写本部门其他负责人。", "{} only stands in for {}, and nobody reports to themself (002/A6-§14); say --told with another head of the department",
                e.told, who.id)
        }))
    }

    /// The department head of whoever explained, who is no officer of the step, nor the deputy of one.
    fn notes(&self, e: &InterruptionNoted) -> Objection {
        let id = e.interruption;
        let (Some(interruption), Some(step)) =
            (interruption(self.registers, id)?, self.step_of(id)?)
        else {
            return Ok(Some(why!("M62", "没有中断 {id:#}。", "there is no interruption {id}")));
        };
        let Some(by) = interruption.explained_by else {
            return Ok(Some(why!(
                "M63",
                "中断 {id:#} 还没有说明。",
                "interruption {id} is not explained yet"
            )));
        };
        let who = self.who()?.filter(|who| who.id != by && !step.officers.contains(&who.id));
        let heads = match &who {
            Some(who) => department_head_of(self.registers, &who.id, &by, self.at)?.is_some(),
            None => false,
        };
        let (Some(who), true) = (who, heads) else {
            return self.no(
                &says!("知悉中断 {id:#}", "taking note of interruption {id}"),
                &says!(
                    "{by:#} 的部门中不是该环节执法人员的负责人",
                    "the department head of {by}, who is no officer of the step,"
                ),
            );
        };
        let mut about = step.officers.clone();
        about.push(by.clone());
        let itself = head_for_itself(self.registers, (&who.id, &by), &about, self.at)?;
        Ok((!itself).then(|| {
            why!("M64", "{:#} 只是代行该环节执法人员的职务；请由本部门其他负责人知悉中断 {id:#}。", "{} only stands in for an officer of the step; another head of the department takes note of interruption {id}",
                who.id)
        }))
    }

    fn step_of(&self, id: InterruptionId) -> PortResult<Option<super::Step>> {
        match interruption(self.registers, id)? {
            Some(interruption) => step(self.registers, interruption.step),
            None => Ok(None),
        }
    }

    fn officer_of_clip(&self, clip: ClipId) -> PortResult<Option<PersonId>> {
        let row = registry::by_seq(self.registers, &CLIP, clip.0)?;
        let officer = row.as_ref().and_then(|row| row.text_opt("officer"));
        officer
            .map(|text| {
                text.parse().map_err(|e: crate::id::BadId| registry::damaged(&e.to_string()))
            })
            .transpose()
    }
}
