//! Did whoever signed have the right to, as of the entry? The same answer serves the decision, before an
//! entry is written, and `check`, which asks again over registers rebuilt from the chain.

use super::breach::alarmed;
use super::uses::is_late;
use super::{
    AssetRecord, Checked, Event, Returned, Usage, Withdrawn, asset, hand_out, is_out, usage,
};
use crate::actor::{ActorRecord, Role};
use crate::duty::{self, Held};
use crate::id::{DepartmentId, PersonId, RecorderId, SessionId, UseId};
use crate::ports::{PortResult, Registers};
use crate::put_right::misplaced;
use crate::registry;
use crate::schema as s;
use crate::time::{Stamp, WallMs};
use crate::why;
use crate::why::{Both, Why, Words, spoken};

/// Why `actor` may not write this event about recorders and their use; `None` if they may.
pub fn objection(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    event: &Event,
) -> PortResult<Option<Why>> {
    let rights = Rights::of(registers, at.wall, actor)?;
    match event {
        Event::RecorderDescribed(e) => rights.takes_charge(&e.recorder, &e.record),
        Event::RecorderCorrected(_) => duty::may_administer(
            registers,
            at.wall,
            actor,
            Both("更正记录仪登记", "correcting a recorder's enrolment"),
        ),
        Event::Designated(e) => {
            rights.keeps(Both("指定记录仪", "designating a recorder"), &e.recorder)
        }
        Event::DesignationEnded(e) => {
            rights.keeps(Both("取消指定", "ending a designation"), &e.recorder)
        }
        Event::FaultReported(_) => Ok(rights.works_here(Both("报告故障", "reporting a fault"))),
        Event::Moved(e) if e.place == super::Place::Lost => rights.loses(&e.recorder),
        Event::Moved(e) => rights.keeps(Both("变更记录仪存放", "moving a recorder"), &e.recorder),
        Event::Requested(e) => Ok(rights.asks(&e.officer)),
        Event::Approved(e) => match rights.approves(Both("批准领用", "approving a use"), e.of)?
        {
            None => stands(registers, (e.of, &e.recorder), &["requested"]),
            why => Ok(why),
        },
        // An approval can be taken back until the recorder is handed out.
        Event::Refused(e) => match rights.approves(Both("不批准领用", "refusing a use"), e.of)?
        {
            None => stands(registers, (e.of, &e.recorder), &["requested", "approved"]),
            why => Ok(why),
        },
        Event::Withdrawn(e) => rights.withdraws(e),
        Event::Checked(e) => rights.checks(e),
        Event::Issued(e) => {
            match rights.keeps(Both("发出记录仪", "handing out a recorder"), &e.recorder)? {
                None => rights.of_use(e.of, |usage| hand_out::objection(registers, at, (usage, e))),
                why => Ok(why),
            }
        }
        Event::Returned(e) => match rights.takes_back(e)? {
            None => rights.of_use(e.of, |usage| returned(registers, at, (usage, e))),
            why => Ok(why),
        },
        Event::Docked(e) => docking(registers, (e.session, &e.recorder), None),
        Event::DockedByAnother(e) => docking(registers, (e.session, &e.recorder), None),
        Event::Breach(e) => rights.records_breach(&e.recorder, &e.officer),
        Event::BreachSeen(e) => rights.answers_breach(at.wall, e.of),
        Event::LateExplained(e) => rights.of_use(e.of, |usage| {
            let stands = usage.row.int_opt("late_reason_seq");
            Ok(match rights.explains(usage)? {
                None => misplaced(&e.of.to_string(), stands, e.correction.as_ref()),
                why => why,
            })
        }),
        Event::OverdueWarned(_) | Event::Overdue(_) => Ok(not_the_station(actor)),
    }
}

fn not_the_station(actor: &ActorRecord) -> Option<Why> {
    (*actor != ActorRecord::System).then(|| {
        why!(
            "U44",
            "逾期只由采集站记录，不能由{actor:#}记录。",
            "what is overdue is noted by the station alone, not by {actor}"
        )
    })
}

/// Does the use, of this recorder, stand as it must before it is decided?
fn stands(
    registers: &dyn Registers,
    (of, recorder): (UseId, &RecorderId),
    states: &[&str],
) -> PortResult<Option<Why>> {
    let Some(usage) = usage(registers, of)? else {
        return Ok(Some(why!(
            "U45",
            "没有领用 {of:#}；请在“领用与交回”中核对。",
            "there is no use {of}"
        )));
    };
    if usage.recorder != *recorder {
        return Ok(Some(why!(
            "U46",
            "{of:#} 领用的是记录仪 {:#}，不是 {recorder:#}。",
            "{of} is a use of recorder {}, not of {recorder}",
            usage.recorder
        )));
    }
    Ok((!states.contains(&usage.state.as_str())).then(|| {
        why!(
            "U47",
            "{of:#} 现为“{:#}”，没有可办理的了。",
            "{of} is {}; nothing is left to decide",
            spoken(&usage.state)
        )
    }))
}

/// The recorder was out, or lost and is found now, and the entry says rightly whether it is late.
fn returned(
    registers: &dyn Registers,
    at: &Stamp,
    (usage, e): (&Usage, &Returned),
) -> PortResult<Option<Why>> {
    if usage.recorder != e.recorder {
        let text = why!(
            "U48",
            "{:#} 领用的是记录仪 {:#}，不是 {:#}。",
            "{} is a use of recorder {}, not of {}",
            e.of,
            usage.recorder,
            e.recorder
        );
        return Ok(Some(text));
    }
    if !is_out(registers, usage)? {
        let text = why!(
            "U49",
            "{:#} 现为“{:#}”，记录仪不是从这次领用交回的。",
            "{} is {}; its recorder does not come back from it",
            e.of,
            spoken(&usage.state)
        );
        return Ok(Some(text));
    }
    Ok((is_late(registers, usage, at)? != e.late).then(|| {
        why!(
            "U50",
            "{:#} 是否逾期与记录不符：应在 {:#} 前交回；请重新打开页面。",
            "whether {} is late is not as the entry says: it was to be back by {}",
            e.of,
            usage.until
        )
    }))
}

/// Is this docking under way, of this recorder, and by this officer if one is asked for?
fn docking(
    registers: &dyn Registers,
    (session, recorder): (SessionId, &RecorderId),
    officer: Option<&PersonId>,
) -> PortResult<Option<Why>> {
    let row = registry::by_seq(registers, &s::SESSION, session.0)?;
    let fits = row.is_some_and(|row| {
        row.text("state") == "open"
            && row.text_opt("recorder") == Some(recorder.as_str())
            && officer.is_none_or(|officer| row.text_opt("officer") == Some(officer.as_str()))
    });
    Ok((!fits).then(|| {
        why!(
            "U51",
            "{session:#} 不是记录仪 {recorder:#} 正在进行的采集。",
            "{session} is no such docking of recorder {recorder}"
        )
    }))
}

/// What an actor may do at the desk.
struct Rights<'a> {
    registers: &'a dyn Registers,
    actor: &'a ActorRecord,
    held: Vec<Held>,
}

impl Rights<'_> {
    fn of<'a>(
        registers: &'a dyn Registers,
        at: WallMs,
        actor: &'a ActorRecord,
    ) -> PortResult<Rights<'a>> {
        let held = match actor {
            ActorRecord::Person { id } => match registry::person(registers, id)? {
                Some(person) if person.pin_commitment.is_some() => duty::duties(registers, id, at)?,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        Ok(Rights { registers, actor, held })
    }

    fn is(&self, person: &PersonId) -> bool {
        matches!(self.actor, ActorRecord::Person { id } if id == person)
    }

    fn holds(&self, role: Role) -> bool {
        self.held.iter().any(|held| held.role == role)
    }

    fn is_clerk_over(&self, department: Option<&DepartmentId>) -> bool {
        self.held.iter().any(|h| h.role == Role::Clerk && h.covers(department))
    }

    /// The clerk in whose charge it is; of one that is new and of no department yet, the clerk of the
    /// department that it goes to.
    fn takes_charge(&self, recorder: &RecorderId, record: &AssetRecord) -> PortResult<Option<Why>> {
        let now = asset(self.registers, recorder)?.and_then(|a| a.department);
        match now.is_none() && self.is_clerk_over(record.department.as_ref()) {
            true => Ok(None),
            false => self.keeps(Both("登记记录仪资料", "writing down a recorder"), recorder),
        }
    }

    /// The clerk in whose charge the recorder is (002/A6-§6).
    fn keeps(&self, what: impl Words, recorder: &RecorderId) -> PortResult<Option<Why>> {
        let department = asset(self.registers, recorder)?.and_then(|a| a.department);
        if self.is_clerk_over(department.as_ref()) {
            return Ok(None);
        }
        Ok(Some(why!(
            "U52",
            "{what:#}由负责记录仪 {recorder:#} 的管理员凭本人口令办理（002/A6-§6）；{:#}不是。",
            "{what} is for the clerk (管理员) in charge of recorder {recorder}, with their own PIN (002/A6-§6): say --as ID; {} is not",
            self.actor
        )))
    }

    fn works_here(&self, what: impl Words) -> Option<Why> {
        (!self.holds(Role::Officer) && !self.holds(Role::Clerk)).then(|| {
            why!("U53", "{what:#}由执法人员或管理员凭本人口令办理（002/A6-§8、§17）；{:#}都不是。", "{what} is for an officer or a clerk with their own PIN (002/A6-§8, §17): say --as ID; {} is neither",
                self.actor)
        })
    }

    fn loses(&self, recorder: &RecorderId) -> PortResult<Option<Why>> {
        let holder = asset(self.registers, recorder)?.and_then(|a| a.holder);
        match holder.is_some_and(|holder| self.is(&holder)) {
            true => Ok(None),
            false => self.keeps(
                Both("代持有人报失", "reporting a loss, where its holder does not,"),
                recorder,
            ),
        }
    }

    fn asks(&self, officer: &PersonId) -> Option<Why> {
        if !self.is(officer) {
            return Some(why!(
                "U54",
                "领用由佩戴记录仪的执法人员 {officer:#} 凭本人口令申请（002/A6-§6）；{:#}不是本人。",
                "a recorder is asked for by the officer who will wear it, with their own PIN (002/A6-§6): say --as {officer}; {} is not",
                self.actor
            ));
        }
        (!self.holds(Role::Officer)).then(|| {
            why!("U55", "记录仪只供执法人员使用，不得外借（002/A6-§4）；{officer:#} 没有执法人员职务。", "recorders are for enforcement officers only and are never lent out (002/A6-§4); {officer} holds no duty as an officer")
        })
    }

    fn of_use(
        &self,
        of: UseId,
        judge: impl FnOnce(&Usage) -> PortResult<Option<Why>>,
    ) -> PortResult<Option<Why>> {
        match usage(self.registers, of)? {
            Some(usage) => judge(&usage),
            None => Ok(Some(why!(
                "U56",
                "没有领用 {of:#}；请在“领用与交回”中核对。",
                "there is no use {of}"
            ))),
        }
    }

    fn withdraws(&self, e: &Withdrawn) -> PortResult<Option<Why>> {
        self.of_use(e.of, |usage| match self.is(&usage.officer) {
            true => stands(self.registers, (e.of, &e.recorder), &["requested", "approved"]),
            false => Ok(Some(why!(
                "U43",
                "{:#} 只能由申请人 {:#} 本人撤回。",
                "{} is withdrawn by {}, who asked for it",
                e.of,
                usage.officer
            ))),
        })
    }

    fn checks(&self, e: &Checked) -> PortResult<Option<Why>> {
        let Some(of) = e.of else {
            return self.keeps(Both("定期核查", "a periodic check"), &e.recorder);
        };
        self.of_use(of, |usage| match self.is(&usage.officer) {
            true => Ok(None),
            false => self.keeps(Both("使用前检查", "the check before a use"), &e.recorder),
        })
    }

    /// The officer's department head; never the officer, nor who stands in for the officer.
    fn approves(&self, what: impl Words, of: UseId) -> PortResult<Option<Why>> {
        self.of_use(of, |usage| self.heads(what, &usage.officer))
    }

    fn heads(&self, what: impl Words, officer: &PersonId) -> PortResult<Option<Why>> {
        if self.is(officer) {
            return Ok(Some(why!(
                "U57",
                "{what:#}不能由申请人自己办理：{officer:#} 就是申请人（002/A6-§5）。",
                "{what} is never for the applicant: {officer} is the one who asks (002/A6-§5)"
            )));
        }
        let department = duty::department_of(self.registers, officer)?;
        let head = |h: &Held| h.role == Role::DepartmentHead && h.covers(department.as_ref());
        if !self.held.iter().any(head) {
            return Ok(Some(why!(
                "U58",
                "{what:#}由 {officer:#} 的部门负责人凭本人口令办理（002/A6-§5）；{:#}不是。",
                "{what} is for the head of {officer}'s department (部门负责人) with their own PIN (002/A6-§5): say --as ID; {} is not",
                self.actor
            )));
        }
        let mut impartial = duty::impartial(&self.held, officer);
        Ok((!impartial.any(head)).then(|| {
            why!(
                "U59",
                "{what:#}不能由申请人自己办理：{:#}只是代行 {officer:#} 的职务（002/A6-§5）。",
                "{what} is never for the applicant: {} only stands in for {officer} (002/A6-§5)",
                self.actor
            )
        }))
    }

    /// By hand the clerk; by docking its officer.
    fn takes_back(&self, e: &Returned) -> PortResult<Option<Why>> {
        match e.session {
            None => self.keeps(Both("收回记录仪", "taking a recorder back"), &e.recorder),
            Some(session) => self.of_use(e.of, |usage| {
                docking(self.registers, (session, &e.recorder), Some(&usage.officer))
            }),
        }
    }

    /// Whom a breach alarms answers it: the officer's department head; where there is none but the officer,
    /// the unit head.
    fn answers_breach(&self, at: WallMs, of: UseId) -> PortResult<Option<Why>> {
        self.of_use(of, |usage| {
            let why = self.heads(Both("处理未经批准领用", "answering a breach"), &usage.officer)?;
            let alarmed = alarmed(self.registers, &usage.officer, at)?;
            Ok(why.filter(|_| !alarmed.iter().any(|person| self.is(person))))
        })
    }

    fn records_breach(&self, recorder: &RecorderId, officer: &PersonId) -> PortResult<Option<Why>> {
        if asset(self.registers, recorder)?.is_some_and(|asset| asset.state == "retired") {
            return Ok(Some(why!(
                "U60",
                "记录仪 {recorder:#} 已永久停用，不会发给任何人；请先登记实际领走的那台，再登记此事。",
                "recorder {recorder} is out of service for good and goes to nobody; enrol the one that was taken, then record the breach"
            )));
        }
        if self.is(officer) || self.heads(Both("", ""), officer)?.is_none() {
            return Ok(None);
        }
        self.keeps(
            Both(
                "代本人或其负责人登记未经批准领用",
                "recording a breach, where its officer or their head does not,",
            ),
            recorder,
        )
    }

    fn explains(&self, usage: &Usage) -> PortResult<Option<Why>> {
        if self.is(&usage.officer) || self.heads(Both("", ""), &usage.officer)?.is_none() {
            return Ok(None);
        }
        self.keeps(
            Both(
                "代本人或其负责人说明迟交原因",
                "explaining a late return, where its officer or their head does not,",
            ),
            &usage.recorder,
        )
    }
}
