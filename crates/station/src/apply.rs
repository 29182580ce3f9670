//! The one way to change anything, and the one place where a PIN becomes a person.

use crate::error::damaged;
use crate::passes::{PASS, choosable};
use crate::{Station, StationError, World};
use sealdock_chain::digest::Digest;
use sealdock_chain::{note, sshsig};
use sealdock_core::actor::{Actor, PersonProof, Role};
use sealdock_core::command::{Command, Secret};
use sealdock_core::decide::decide;
use sealdock_core::duty;
use sealdock_core::event::{CopiesNamed, Event, KeyKind, Software};
use sealdock_core::id::PersonId;
use sealdock_core::ports::{Appended, Refusal};
use sealdock_core::reading::{Reading, reading};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Row};
use sealdock_core::why;
use sealdock_core::why::Both;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What `init` decides.
#[derive(Debug, Clone)]
pub struct Founding {
    pub origin: String,
    pub unit: String,
    pub software: Software,
    pub policy: String,
    pub copies: Option<CopiesNamed>,
}

impl Station {
    /// Writes entry 0 and the policy, and opens the station.
    pub fn found(world: World, founding: Founding) -> Result<Station, StationError> {
        let log_public = world.signer.public(KeyKind::Log);
        let evidence_public = world.signer.public(KeyKind::Evidence);
        let vkey = note::VerifierKey::new(founding.origin.clone(), log_public).map_err(|e| {
            Refusal(why!(
                "P01",
                "站点标识 {:?} 不能用：{e:#}",
                "the origin {:?} is not usable: {e}",
                founding.origin
            ))
        })?;
        let command = Command::Found(Box::new(sealdock_core::command::Founding {
            origin: founding.origin.clone(),
            unit: founding.unit,
            log_vkey: vkey.to_string(),
            evidence_key: sshsig::public_line(&evidence_public, &founding.origin),
            log_public: Digest(log_public),
            evidence_public: Digest(evidence_public),
            software: founding.software,
            policy: founding.policy,
            copies: founding.copies,
        }));
        transact(&world, &Arc::new(Actor::System), command)?;
        Station::open(world, founding.origin)
    }

    /// Decides `command` as done by `actor` and records it. When this returns, the head that covers
    /// it is signed and persisted.
    pub fn apply(&self, actor: &Arc<Actor>, command: Command) -> Result<Appended, StationError> {
        let command = match command {
            Command::EnrolPerson { id, name, role, pin: Some(pin), department } => {
                choosable(&pin.0)?;
                self.long_enough(&pin.0, role != Role::Officer)?;
                let pin = Some(Secret(self.world.pins.hash(&pin.0)?));
                Command::EnrolPerson { id, name, role, pin, department }
            }
            Command::Duty(duty::Command::SetPin { person, pin, reason }) => {
                choosable(&pin.0)?;
                self.long_enough(&pin.0, self.holds_a_duty(&person)?)?;
                self.another_pin(actor, &person, &pin.0)?;
                let pin = Secret(self.world.pins.hash(&pin.0)?);
                Command::Duty(duty::Command::SetPin { person, pin, reason })
            }
            other => other,
        };
        transact(&self.world, actor, command)
    }

    /// Whoever changes their own PIN takes another: the old one may be known to whoever gave it. Asked of
    /// nobody else, because the answer would tell them.
    fn another_pin(&self, actor: &Actor, person: &PersonId, pin: &str) -> Result<(), StationError> {
        if actor.person() != Some(person) {
            return Ok(());
        }
        let old = self.world.ledger.secret(&format!("pin:{person}"))?;
        match old.map(|phc| self.world.pins.matches(&phc, pin)).transpose()? {
            Some(true) => Err(Refusal(why!(
                "P02",
                "新口令与现用口令相同；请另设一个别人不知道的口令。",
                "the new PIN is the one that stands; choose another that nobody else knows"
            ))
            .into()),
            _ => Ok(()),
        }
    }

    /// As many characters as the unit's policy asks of a PIN that is chosen now: of whoever holds a duty, or of an officer. A
    /// PIN of before stays.
    fn long_enough(&self, pin: &str, duty: bool) -> Result<(), StationError> {
        let view = self.world.ledger.view()?;
        let asked = registry::policy(&*view)?.sign_in;
        let least = if duty { asked.duty_pin_chars_min } else { asked.pin_chars_min };
        match pin.chars().count() >= least as usize {
            true => Ok(()),
            false => Err(Refusal(why!(
                "P34",
                "按本单位策略，这个口令至少 {least} 个字符；请另设一个更长的。",
                "by the unit's policy this PIN has {least} characters at least; choose a longer one"
            ))
            .into()),
        }
    }

    fn holds_a_duty(&self, person: &PersonId) -> Result<bool, StationError> {
        let now = self.world.clock.now().wall;
        Ok(reading(&*self.world.ledger.view()?, person, now)? == Reading::All)
    }

    /// What only the station itself reports.
    pub(crate) fn note(&self, command: Command) -> Result<Appended, StationError> {
        transact(&self.world, &Arc::new(Actor::System), command)
    }

    /// Closes sessions that the last run left open. Does nothing where there are none.
    pub(crate) fn recover(&self) -> Result<(), StationError> {
        let view = self.world.ledger.view()?;
        let open = sealdock_core::table::Query::all(&sealdock_core::schema::SESSION)
            .with("state", "open")
            .limit(1);
        if !view.select(&open)?.is_empty() {
            self.note(Command::Recover)?;
        }
        Ok(())
    }

    /// Compares a PIN with the hash that the person was enrolled with. A wrong one is an entry. An open pass is taken
    /// like a PIN.
    pub fn authenticate(&self, id: &PersonId, pin: &str) -> Result<Arc<Actor>, StationError> {
        if pin.starts_with(PASS) {
            return self.by_pass(id, pin);
        }
        let commitment = self.able(id)?;
        let phc = self.world.ledger.secret(&format!("pin:{id}"))?.ok_or_else(|| {
            damaged(format!("the PIN hash of {id} is gone; run `sealdock check`"))
        })?;
        if Digest::of(phc.as_bytes()).to_string() != commitment {
            return Err(damaged(format!(
                "the PIN hash of {id} was exchanged: it is not the one the chain commits to"
            )));
        }
        if self.world.pins.matches(&phc, pin)? {
            return Ok(Arc::new(Actor::Person(PersonProof::assertion(id.clone()))));
        }
        if !self.replacing {
            self.note(Command::NotePinRefused { person: id.clone() })?;
        }
        // One at a time and slowly: a PIN is short enough to be tried out.
        let _turn = WRONG_PIN.lock().unwrap_or_else(PoisonError::into_inner);
        std::thread::sleep(WRONG_PIN_PAUSE);
        // No entry can be written while no key in force is at hand; nor can anything else be done with a PIN.
        let noted = match self.replacing {
            true => Both("", ""),
            false => Both("，已记录在案", " (the attempt is recorded)"),
        };
        Err(Refusal(why!(
            "P08",
            "{id:#} 的口令不对，没有办理{noted:#}。",
            "wrong PIN for {id}; nothing was done{noted}"
        ))
        .into())
    }

    /// The commitment to the PIN of somebody who may sign now: enrolled, not locked, with a PIN that was not lost.
    pub(crate) fn able(&self, id: &PersonId) -> Result<String, StationError> {
        let view = self.world.ledger.view()?;
        let Some(person) = registry::person(&*view, id)? else {
            return Err(Refusal(why!(
                "P03",
                "人员编号 {id:#} 未登记；请核对编号。",
                "person {id} is not enrolled; `sealdock person add {id} …`"
            ))
            .into());
        };
        if person.retired {
            return Err(Refusal(why!(
                "P04",
                "{id:#} 已离职停用，不能签署。",
                "person {id} has retired from the unit"
            ))
            .into());
        }
        if duty::locked(&*view, id)?.is_some() {
            return Err(Refusal(why!("P05", "{id:#} 因多次输错口令被锁定；请管理员或单位负责人在“管理→人员”解除锁定。", "{id} is locked after wrong PINs; a clerk or the unit head releases it: `sealdock person release {id} --reason TEXT --as ID`"))
            .into());
        }
        drop(view);
        self.as_enrolled(&person)?;
        self.as_appointed(id)?;
        let Some(commitment) = person.pin_commitment.clone() else {
            return Err(
                Refusal(why!("P06", "{id:#} 登记时没有设口令，不能签署；请单位负责人或管理员在“管理→人员”为其设定口令。", "person {id} was enrolled without a PIN and cannot sign; give them one with `sealdock person pin {id}`")).into()
            );
        };
        if registry::pin_lost(&*self.world.ledger.view()?, &person)? {
            return Err(Refusal(why!("P07", "恢复记录时 {id:#} 的口令遗失；由单位负责人重新设定（单位负责人的口令由系统操作员设定）。", "the PIN of {id} was lost when the record was put back without its database; a new one is given by the unit head, or to a unit head by the operator: `sealdock person pin {id} --reason TEXT`"))
            .into());
        }
        Ok(commitment)
    }
}

impl Station {
    /// The register row of a person, held against the signed entry that enrolled them: an edited row
    /// lends nobody another's name or role.
    fn as_enrolled(&self, person: &registry::Person) -> Result<(), StationError> {
        let damaged = || {
            damaged(format!(
                "the register of person {} is not what the chain says; run `sealdock check`",
                person.id
            ))
        };
        let Event::PersonEnrolled(enrolled) = self.proven_event(person.enrolled_seq)? else {
            return Err(damaged());
        };
        let mut commitment = enrolled.pin_commitment;
        if let Some(seq) = person.pin_seq.filter(|seq| *seq != person.enrolled_seq) {
            commitment = match self.proven_event(seq)? {
                Event::Duty(duty::Event::PinSet(set)) if set.person == person.id => {
                    Some(set.pin_commitment)
                }
                _ => return Err(damaged()),
            };
        }
        let same = enrolled.id == person.id
            && enrolled.role == person.role
            && commitment.map(|d| d.to_string()) == person.pin_commitment;
        if same { Ok(()) } else { Err(damaged()) }
    }

    /// Every duty that the register gives a person, held against the signed entry that gave it.
    pub(crate) fn as_appointed(&self, id: &PersonId) -> Result<(), StationError> {
        for row in self.rows(&Query::all(&duty::DUTY).with("person", id.as_str()))? {
            let given = match self.proven_event(registry::seq(&row))? {
                Event::PersonEnrolled(e) => {
                    e.id == *id && e.role.as_str() == row.text("role") && is_plain(&row)
                }
                Event::Duty(duty::Event::DutyAppointed(e)) => duty::is_row_of(&row, &e),
                _ => false,
            };
            if !given {
                return Err(damaged(format!(
                    "the register of duties of {id} is not what the chain says; run `sealdock check`"
                )));
            }
        }
        Ok(())
    }

    /// The policy in the register, held against the signed entry that adopted it.
    pub(crate) fn policy_as_adopted(&self) -> Result<(), StationError> {
        let newest = Query::all(&s::POLICY).newest_first().limit(1);
        let rows = self.rows(&newest)?;
        let row = rows.first().ok_or_else(|| damaged("the chain holds no policy"))?;
        match self.proven_event(registry::seq(row))? {
            Event::PolicyAdopted(adopted) if adopted.text == row.text("body") => Ok(()),
            _ => Err(damaged(
                "the policy in the register is not the one the chain adopted; run `sealdock check`",
            )),
        }
    }
}

/// The duty of an enrolment: over the whole unit, in one's own right, without an end.
fn is_plain(row: &Row) -> bool {
    ["department", "since", "until", "acting_for"].iter().all(|c| row.text_opt(c).is_none())
}

/// How long a wrong PIN takes, for all who try.
const WRONG_PIN_PAUSE: Duration = Duration::from_secs(1);
static WRONG_PIN: Mutex<()> = Mutex::new(());

/// The actor is shared with the writer thread that decides.
fn transact(world: &World, actor: &Arc<Actor>, command: Command) -> Result<Appended, StationError> {
    let record = actor.record();
    let actor = Arc::clone(actor);
    let decide = Box::new(
        move |registers: &dyn sealdock_core::ports::Registers,
              context: &sealdock_core::ports::Context| {
            decide(&actor, command, registers, context)
        },
    );
    Ok(world.ledger.transact(&record, decide)??)
}
