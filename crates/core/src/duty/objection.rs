//! Did whoever signed have the right to, as of the entry? The same answer serves the decision, before an
//! entry is written, and `check`, which asks again over registers rebuilt from the chain.

use super::held::unit_heads_ever;
use super::succession::{may_propose, may_second};
use super::{
    DUTY, Event, Held, PersonDescribed, department_of, duties, holders, locked, passkey, rules,
    unit_head_rules,
};
use crate::actor::{ActorRecord, Role};
use crate::event::{Event as Any, ReplaceCause};
use crate::id::{DepartmentId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema::PERSON;
use crate::table::Query;
use crate::time::{Stamp, WallMs};
use crate::why::{Both, Why, Words};
use crate::{says, why};

/// Why `actor` may not write this event about people, duties or the station itself; `None` if they may.
pub fn objection(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    event: &Any,
) -> PortResult<Option<Why>> {
    let rights = Rights::of(registers, at.wall, actor)?;
    Ok(match event {
        Any::PersonEnrolled(e) if e.role == Role::Officer => {
            rights.administers(Both("登记执法人员", "enrolling an officer"))
        }
        Any::PersonEnrolled(e) => rights.rules(&says!("登记{:#}", "enrolling a {}", e.role)),
        Any::RecorderEnrolled(_) => rights.administers(Both("登记记录仪", "enrolling a recorder")),
        // A bay names a place whose files are emptied.
        Any::BayAdded(_) => rights.administers(Both("增加号位", "adding a bay")),
        Any::PolicyAdopted(_) => rights.rules(Both("施行策略", "adopting a policy")),
        // A second place receives all footage from then on; a single copy is the unit's own risk.
        Any::CopiesNamed(_) => rights.rules(Both("决定第二副本", "deciding about the second copy")),
        Any::KeyRotated(_) => rights.rules(Both("轮换密钥", "rotating a key")),
        // Nobody has a PIN to show before the entry that says so: see `station.restored`.
        Any::KeyReplaced(e) if e.cause == ReplaceCause::Restored && rights.is_operator() => None,
        Any::KeyReplaced(_) => rights.rules(Both("更换密钥", "replacing a key")),
        // No PIN came back with the record, so there is no person who could show theirs.
        Any::StationRestored(e) if e.pins_lost && rights.is_operator() => None,
        Any::StationRestored(_) => rights.rules(Both("恢复采集站", "restoring the station")),
        Any::Duty(Event::HeadProposed(e)) => may_propose(registers, at, actor, e)?,
        Any::Duty(Event::HeadSeconded(e)) => may_second(registers, at, actor, e)?,
        Any::Duty(event) => about_duty(&rights, registers, event)?,
        _ => None,
    })
}

fn about_duty(
    rights: &Rights,
    registers: &dyn Registers,
    event: &Event,
) -> PortResult<Option<Why>> {
    if let Some(why) = signed(rights, registers, event)? {
        return Ok(Some(why));
    }
    let at = rights.at;
    match event {
        Event::DutyAppointed(e) => match rules::not_here(registers, &e.person)? {
            None => rules::unfit(registers, at, e),
            why => Ok(why),
        },
        Event::DutyEnded(e) => rules::cannot_end(registers, at, e.duty),
        Event::PersonRetired(e) => match rules::not_here(registers, &e.person)? {
            None => rules::cannot_retire(registers, at, &e.person),
            why => Ok(why),
        },
        Event::PersonReleased(e) => {
            Ok((locked(registers, &e.person)? != Some(e.locked)).then(|| {
                why!("D16", "{:#} 不是由那一条锁定的。", "{} is not locked by that entry", e.person)
            }))
        }
        event => passkey::objection(registers, event),
    }
}

/// Who may write it.
fn signed(rights: &Rights, registers: &dyn Registers, event: &Event) -> PortResult<Option<Why>> {
    Ok(match event {
        Event::DepartmentAdded(_) => rights.rules(Both("增加部门", "adding a department")),
        Event::DepartmentRenamed(_) => rights.rules(Both("部门改名", "renaming a department")),
        Event::DutyAppointed(e) => rights.rules(Both("授予职务", "giving a duty")).or_else(|| {
            (!rights.setting_up && rights.is(&e.person)).then(|| {
                why!("D17", "{:#} 不能任命自己。", "{} may not appoint themself", e.person)
            })
        }),
        Event::DutyEnded(_) => rights.rules(Both("结束职务", "ending a duty")),
        Event::PersonRetired(_) => rights.rules(Both("停用人员", "retiring a person")),
        Event::PersonDescribed(e) => rights.describes(registers, e)?,
        Event::PersonLocked(_) => rights.system(Both("锁定人员", "locking a person")),
        Event::PersonReleased(e) if rights.is(&e.person) => Some(why!(
            "D18",
            "{:#} 不能解除自己的锁定；请由管理员或单位负责人解除。",
            "{} may not release their own lock",
            e.person
        )),
        Event::PersonReleased(e) => rights.releases(registers, &e.person)?,
        Event::PinSet(e) if rights.is(&e.person) => None,
        Event::PinSet(e) if rights.is_operator() && rights.after_loss(registers, &e.person)? => {
            None
        }
        Event::PinSet(e) => {
            let what = says!("为 {:#} 设定口令", "giving a PIN to {}", e.person);
            rights.gives_pin(registers, &e.person, &what)?
        }
        Event::PasskeyAdded(e) => {
            rights.themself(Both("添加通行密钥", "adding a passkey"), &e.person)
        }
        Event::PasskeyNamed(e) => {
            rights.themself(Both("为通行密钥起名", "naming a passkey"), &e.person)
        }
        Event::PasskeyRemoved(e) if rights.is(&e.person) => None,
        // Whoever may give somebody another PIN ends their passkeys with it, so they may end one.
        Event::PasskeyRemoved(e) => {
            let what = says!("删除 {:#} 的通行密钥", "removing a passkey of {}", e.person);
            rights.gives_pin(registers, &e.person, &what)?
        }
        Event::PasskeyUsed(_) | Event::PasskeyCloned(_) => {
            rights.system(Both("登记通行密钥的使用", "noting a passkey"))
        }
        // Asked where the whole stamp is known.
        Event::HeadProposed(_) | Event::HeadSeconded(_) => None,
    })
}

/// Why `actor` may not do what the clerk, the unit head or whoever sets up does; `None` if they may.
pub(crate) fn may_administer(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    what: impl Words,
) -> PortResult<Option<Why>> {
    Ok(Rights::of(registers, at, actor)?.administers(what))
}

/// What an actor may do about people.
struct Rights {
    actor: ActorRecord,
    held: Vec<Held>,
    /// Nobody has headed the unit yet.
    setting_up: bool,
    at: WallMs,
}

impl Rights {
    fn of(registers: &dyn Registers, at: WallMs, actor: &ActorRecord) -> PortResult<Rights> {
        let held = match actor {
            ActorRecord::Person { id } => match registry::person(registers, id)? {
                Some(person) if person.pin_commitment.is_some() => duties(registers, id, at)?,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let setting_up = !unit_head_rules(registers)?;
        Ok(Rights { actor: actor.clone(), held, setting_up, at })
    }

    fn is(&self, person: &PersonId) -> bool {
        matches!(&self.actor, ActorRecord::Person { id } if id == person)
    }

    fn holds(&self, role: Role) -> bool {
        self.held.iter().any(|h| h.role == role)
    }

    /// While the unit is being set up: whoever is logged in, or a person.
    fn sets_up(&self) -> bool {
        let able = matches!(self.actor, ActorRecord::Person { .. } | ActorRecord::Operator { .. });
        let founding = self.actor == ActorRecord::System;
        self.setting_up && (able || founding)
    }

    /// The unit head, or whoever sets up.
    fn rules(&self, what: impl Words) -> Option<Why> {
        (!self.sets_up() && !self.holds(Role::UnitHead)).then(|| {
            why!("D19", "{what:#}由单位负责人凭本人口令办理；{:#}不是。", "{what} is for the unit head (单位负责人) with their own PIN: say --as ID; {} is not",
                self.actor)
        })
    }

    /// The equipment administrator or the unit head, or whoever sets up.
    fn administers(&self, what: impl Words) -> Option<Why> {
        if self.sets_up() || self.holds(Role::Clerk) || self.holds(Role::UnitHead) {
            return None;
        }
        Some(why!(
            "D20",
            "{what:#}由管理员或单位负责人凭本人口令办理；{:#}都不是。",
            "{what} is for the clerk (管理员) or the unit head with their own PIN: say --as ID; {} is neither",
            self.actor
        ))
    }

    fn system(&self, what: impl Words) -> Option<Why> {
        (self.actor != ActorRecord::System).then(|| {
            why!(
                "D21",
                "{what:#}只由采集站办理，不能由{:#}办理。",
                "{what} is for the station alone, not for {}",
                self.actor
            )
        })
    }

    fn themself(&self, what: impl Words, person: &PersonId) -> Option<Why> {
        (!self.is(person)).then(|| {
            why!(
                "D52",
                "{what:#}由 {person:#} 本人凭口令办理，不能由{:#}办理。",
                "{what} is for {person} with their own PIN, not for {}",
                self.actor
            )
        })
    }

    /// Who gives a PIN can act as that person. So an officer's is given by the clerk or the unit head,
    /// everybody else's by a unit head only.
    fn gives_pin(
        &self,
        registers: &dyn Registers,
        person: &PersonId,
        what: &Why,
    ) -> PortResult<Option<Why>> {
        let more = duties(registers, person, self.at)?.into_iter().any(|h| h.role != Role::Officer);
        Ok(if more { self.rules(what) } else { self.administers(what) })
    }

    fn is_operator(&self) -> bool {
        matches!(self.actor, ActorRecord::Operator { .. })
    }

    /// Where every PIN was lost by a restore, the operator gives one to a unit head, and to nobody else; from then on
    /// that person gives the others.
    fn after_loss(&self, registers: &dyn Registers, person: &PersonId) -> PortResult<bool> {
        let mut theirs = false;
        for held in holders(registers, Role::UnitHead, self.at)? {
            let Some(known) = registry::person(registers, &held.person)? else { continue };
            if known.pin_commitment.is_none() {
                continue;
            }
            if !registry::pin_lost(registers, &known)? {
                return Ok(false);
            }
            theirs |= held.person == *person;
        }
        Ok(theirs)
    }

    /// A person's first department is written down like the rest. Another one moves every right that goes by
    /// department, so it is the unit head's.
    fn describes(&self, registers: &dyn Registers, e: &PersonDescribed) -> PortResult<Option<Why>> {
        let was: Option<DepartmentId> = department_of(registers, &e.person)?;
        if was.is_none() || was == e.record.department {
            let why = self.administers(Both("登记人员资料", "writing down a person's particulars"));
            let given_with_it = why.is_some() && self.comes_with_enrolment(registers, e)?;
            return Ok(why.filter(|_| !given_with_it));
        }
        let what = Both("调整人员所在部门", "moving a person to another department");
        Ok(self.rules(what).or_else(|| {
            e.reason.is_none().then(|| {
                why!("D22", "{what:#}须写理由。", "{what} needs its reason; give --reason TEXT")
            })
        }))
    }

    /// The first unit head's enrolment ends the setting up; the particulars that were given with it, by the
    /// same hand, still belong to it.
    fn comes_with_enrolment(
        &self,
        registers: &dyn Registers,
        e: &PersonDescribed,
    ) -> PortResult<bool> {
        let rows = registers.select(&Query::all(&PERSON).with("id", e.person.as_str()))?;
        let Some(row) = rows.first().filter(|row| row.int_opt("described_seq").is_none()) else {
            return Ok(false);
        };
        let enrolled = row.int("enrolled_seq").unsigned_abs();
        let given = registry::by_seq(registers, &DUTY, enrolled)?.is_some_and(|duty| {
            duty.text("role") == Role::UnitHead.as_str()
                && duty.text("given_by") == self.actor.to_string()
        });
        let first = unit_heads_ever(registers)?.iter().all(|head| *head == e.person);
        Ok(e.corrects == enrolled && given && first)
    }

    /// Like other particulars. Where everybody who could is locked, the operator of the machine lets one of
    /// them in again, who releases the others: else ten wrong PINs would end a station.
    fn releases(&self, registers: &dyn Registers, person: &PersonId) -> PortResult<Option<Why>> {
        let Some(why) = self.administers(Both("解除锁定", "releasing a lock")) else {
            return Ok(None);
        };
        if !matches!(self.actor, ActorRecord::Operator { .. }) {
            return Ok(Some(why));
        }
        let mut among = false;
        for role in [Role::Clerk, Role::UnitHead] {
            for held in holders(registers, role, self.at)? {
                let known = registry::person(registers, &held.person)?;
                if known.is_none_or(|p| p.pin_commitment.is_none()) {
                    continue;
                }
                if locked(registers, &held.person)?.is_none() {
                    return Ok(Some(why!(
                        "D23",
                        "{why:#}（系统操作员只在所有管理员和单位负责人都被锁定时才能代办，现在还有一人没有被锁定。）",
                        "{why}; the operator of the machine does it only while every clerk and unit head is locked, and one of them is not"
                    )));
                }
                among |= held.person == *person;
            }
        }
        Ok((!among).then(|| {
            why!("D24", "{why:#}（系统操作员先解除一名管理员或单位负责人的锁定，其余由其解除。）", "{why}; the operator of the machine releases a clerk or unit head first, who releases the others")
        }))
    }
}
