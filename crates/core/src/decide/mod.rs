//! Commands are decided here, in pure code, inside the ledger's transaction: the registers cannot
//! change between a decision and its entries.

mod assign;
mod binding;
mod dock;
mod keys;
mod people;
mod reassign;
/// Shifts, wipe orders and what stands aside, as `check` asks about them.
pub(crate) mod signed;
mod upkeep;
mod wipe;

pub use assign::objection as assign_objection;
pub use binding::{identity_conflict, told_conflict};
pub use keys::restored_as_said;
pub use reassign::objection as reassign_objection;
pub(crate) use upkeep::place_text;
pub use wipe::{GateQuestion, Standing, standing};

use crate::actor::{Actor, Role};
use crate::command::Command;
use crate::id::PersonId;
use crate::ports::{Context, Decision, PortResult, Refusal, Registers};
use crate::registry;
use crate::why::{Both, Why, Words, every, one_of};
use crate::{says, why};

/// Decided, or refused with a sentence; the outer error means the registers could not be read.
pub type Decided = PortResult<Result<Decision, Refusal>>;

/// Gets the value or returns the refusal from the enclosing rule.
macro_rules! ok {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(refusal) => return Ok(Err(refusal)),
        }
    };
}
pub(crate) use ok;

/// What every rule looks at.
pub(crate) struct Scene<'a> {
    pub actor: &'a Actor,
    pub registers: &'a dyn Registers,
    pub context: &'a Context,
}

/// Decides `command`, done by `actor`, as of `context`.
pub fn decide(
    actor: &Actor,
    command: Command,
    registers: &dyn Registers,
    context: &Context,
) -> Decided {
    let decision = ok!(decided(&Scene { actor, registers, context }, command)?);
    match crate::duty::refused_as_lent(registers, actor, &decision.events)? {
        Some(refusal) => Ok(Err(refusal)),
        None => Ok(Ok(decision)),
    }
}

fn decided(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::Duty(command) => crate::duty::decide(scene, command),
        Command::Access(command) => crate::access::decide(scene, command),
        Command::Keep(command) => crate::keep::decide(scene, command),
        Command::Matter(command) => crate::matter::decide(scene, command),
        Command::Desk(command) => crate::desk::decide(scene, command),
        Command::Import(command) => crate::import::decide(scene, command),
        Command::Found(founding) => upkeep::found(scene, *founding),
        Command::Start { software } => upkeep::start(scene, software),
        Command::Recover => dock::recover(scene),
        Command::AdoptPolicy { text } => upkeep::adopt_policy(scene, text),
        Command::NameMirror { place } => upkeep::name_mirror(scene, place),
        Command::AcceptSingleCopy => upkeep::accept_single_copy(scene),
        Command::RotateKey(rotation) => keys::rotate(scene, rotation),
        Command::ReplaceKey(replaced) => keys::replace(scene, replaced),
        Command::Restore(restoration) => keys::restore(scene, *restoration),
        Command::AddBay { id, kind, path } => upkeep::add_bay(scene, id, kind, path),
        Command::EnrolPerson { id, name, role, pin, department } => {
            people::enrol(scene, (id, name, role, department), pin)
        }
        Command::NotePinRefused { person } => crate::duty::note_refused(scene, person),
        Command::EnrolRecorder { id, device_id, model } => {
            people::enrol_recorder(scene, id, device_id, model)
        }
        Command::OpenShift => people::open_shift(scene),
        Command::CloseShift { shift } => people::close_shift(scene, shift),
        Command::AssignClips { clips, recorder, officer, reason } => {
            assign::assign(scene, &clips, recorder, officer, reason)
        }
        Command::ReassignClips { clips, recorder, officer, reason } => {
            reassign::reassign(scene, reassign::Wanted { clips, recorder, officer, reason })
        }
        Command::DecideAside { aside, decision, reason } => {
            people::decide_aside(scene, aside, decision, reason)
        }
        Command::GiveReason { clip, text, correcting } => {
            people::give_reason(scene, clip, &text, correcting)
        }
        Command::OrderWipe { session, reason } => wipe::order(scene, session, reason),
        Command::RefuseDock { bay, what, reason } => dock::refuse(scene, bay, what, reason),
        Command::OpenSession(opening) => binding::open(scene, *opening),
        Command::RecordTold { session, told } => dock::told(scene, session, told),
        Command::SignListing { session, object, listing, conflict } => {
            dock::sign_listing(scene, session, object, &listing, conflict)
        }
        Command::StoreClips { session, clips } => dock::store(scene, session, clips),
        Command::SetAside { asides } => dock::set_aside(scene, asides),
        Command::Describe { facts } => dock::describe(scene, facts),
        Command::RefuseWipes { refusals } => wipe::refuse(scene, refusals),
        Command::IntendWipes { intents } => wipe::intend(scene, intents),
        Command::SettleWipes { settled } => wipe::settle(scene, settled),
        Command::Certify(certificate) => wipe::certify(scene, certificate),
        Command::CloseSession(closed) => dock::close(scene, closed),
    }
}

/// A refusal in the shape every rule returns.
pub(crate) fn no(why: Why) -> Decided {
    Ok(Err(Refusal(why)))
}

pub(crate) fn yes(events: Vec<crate::event::Event>) -> Decided {
    Ok(Ok(events.into()))
}

impl Scene<'_> {
    /// Only the station itself may report what happened at a bay.
    pub fn system_only(&self) -> Result<(), Refusal> {
        match self.actor {
            Actor::System => Ok(()),
            other => Err(Refusal(why!(
                "S31",
                "{:#}不能报告号位上发生的事；只有采集站自己可以。",
                "{} may not report what happens at a bay; only the station itself does",
                other.record()
            ))),
        }
    }

    /// Setting up: the operator of the machine, or a person with their own PIN.
    pub fn operator_or_person(&self) -> Result<(), Refusal> {
        match self.actor {
            Actor::Operator { .. } | Actor::Person(_) => Ok(()),
            other => Err(Refusal(why!(
                "S32",
                "{:#}不能进行采集站设置。",
                "{} may not set up the station",
                other.record()
            ))),
        }
    }

    /// The person who acts, if their role is among `roles`.
    pub fn person_with(
        &self,
        roles: &[Role],
        what: impl Words,
    ) -> PortResult<Result<PersonId, Refusal>> {
        let names = one_of(roles);
        let Some(id) = self.actor.person() else {
            return Ok(Err(Refusal(why!(
                "S33",
                "{what:#}须由{names:#}凭本人口令进行。",
                "{what} is done by a person ({names}) with their own PIN; say --as ID and give the PIN"
            ))));
        };
        let Some(person) = registry::person(self.registers, id)? else {
            return Ok(Err(Refusal(why!(
                "S34",
                "人员 {id:#} 未登记；请核对人员编号。",
                "person {id} is not enrolled; `sealdock person add`"
            ))));
        };
        let held = crate::duty::duties(self.registers, id, self.context.at.wall)?;
        if held.iter().any(|held| roles.contains(&held.role)) {
            return Ok(Ok(person.id));
        }
        let held: Vec<Role> = held.iter().map(|held| held.role).collect();
        let held = if held.is_empty() {
            says!("无有效职务", "nothing in force")
        } else {
            every(&held)
        };
        Ok(Err(Refusal(why!(
            "S35",
            "{what:#}由{names:#}办理；{id:#} 的职务是：{held:#}。",
            "{what} is for a {names}; {id} is enrolled as {held}"
        ))))
    }
}

/// Words on one line, without anything that steers a terminal or turns what is read.
pub(crate) fn one_line(what: impl Words, text: &str) -> Result<String, Refusal> {
    crate::naming::one_line(text).map_err(|bad| {
        Refusal(why!("S36", "{what:#}中有看不见的字符 {bad:#}，可能隐藏或颠倒文字；请去掉后重新填写。", "{what} holds the character {bad}, which could hide or turn what is read; type it again without"))
    })
}

/// Words that a person gives as a reason: needed, short enough for a form, and on one line.
pub(crate) fn reason_text(text: &str) -> Result<String, Refusal> {
    let text = one_line(Both("理由", "the reason"), text)?;
    if !crate::naming::shows(&text) {
        return Err(Refusal(why!(
            "S37",
            "缺理由：请用一句话写明原因。",
            "a reason is needed: say in a sentence why"
        )));
    }
    if text.chars().count() > 2000 {
        return Err(Refusal(why!(
            "S38",
            "理由超过 2,000 字；请缩短。",
            "the reason is longer than 2,000 characters; shorten it"
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_cannot_steer_a_terminal() {
        assert_eq!(reason_text(" off-site\r\nuntil 21:00\t").unwrap(), "off-site  until 21:00");
        for (text, says) in [
            ("wiped\x1b[2K", "U+001B"),
            ("card \u{202e}degamad", "U+202E"),
            (" \n ", "a reason is needed"),
        ] {
            let refused = reason_text(text).unwrap_err().0;
            assert!(refused.contains(says), "{refused}");
        }
        let name =
            crate::duty::plain_text(Both("名称", "a name"), "张三\u{2066}", 100).unwrap_err().0;
        assert!(name.contains("U+2066"), "{name}");
    }
}
