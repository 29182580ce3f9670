//! PINs at a screen. The lock after five wrong ones is the core's and stays as it is; here whoever types waits longer each time,
//! and is told how close the lock is and who ends it. Else one mischievous passer-by locks a person in five seconds.

use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_core::actor::{Actor, Role};
use sealdock_core::duty::{self, PinGiver, WrongPins};
use sealdock_core::id::PersonId;
use sealdock_core::ports::LedgerView;
use sealdock_core::registry;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names that a message gives.
const NAMED: usize = 3;

/// Whose PIN is being compared. One try of a person at a time: ten at once would all be let in by the pause that stood before
/// the first of them was counted.
#[derive(Default)]
pub struct Trying(Mutex<HashSet<PersonId>>);

/// Held while a PIN of one person is compared.
struct Alone<'a>(&'a Trying, PersonId);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.0.lock().remove(&self.1);
    }
}

impl Trying {
    fn lock(&self) -> MutexGuard<'_, HashSet<PersonId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alone(&self, person: &PersonId) -> Result<Alone<'_>, CliError> {
        if !self.lock().insert(person.clone()) {
            return Err(CliError::both(
                Exit::Busy,
                "正在核对此人的口令，请稍候再试；没有试这一次",
                "a PIN of this person is being compared: wait a moment; this one was not tried",
            ));
        }
        Ok(Alone(self, person.clone()))
    }

    #[cfg(test)]
    pub fn while_trying<T>(&self, person: &PersonId, work: impl FnOnce() -> T) -> T {
        let _alone = self.alone(person).unwrap();
        work()
    }

    /// Compares a PIN of `person` unless it is too soon, then does `work`; a refusal says how close the lock is. The next try may
    /// begin once this one is counted, not only when `work` has ended: a docking may last an hour.
    ///
    /// # Errors
    /// It is too soon, the PIN is wrong, or whatever `work` says.
    pub fn tried<T>(
        &self,
        open: &Open,
        (person, pin): (&PersonId, &str),
        work: impl FnOnce(Arc<Actor>) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        // A pass is no guess: nothing is counted, and wrong PINs of others make its owner wait for nothing.
        if pin.starts_with(sealdock_station::PASS) {
            return open.station.authenticate(person, pin).map_err(CliError::from).and_then(work);
        }
        let alone = self.alone(person)?;
        let before = wrong(open, person)?;
        if before.wait_ms > 0 {
            let s = (before.wait_ms + 999) / 1000;
            let wrong = before.count;
            return Err(CliError::both(
                Exit::Refused,
                format!("近来口令共错 {wrong} 次，请等 {s} 秒再试；没有试这一次"),
                format!("{wrong} wrong PINs: wait {s} seconds; this one was not tried"),
            ));
        }
        let proven = open.station.authenticate(person, pin);
        drop(alone);
        let done = proven.map_err(CliError::from).and_then(work);
        done.map_err(|e| explained(open, person, before, e))
    }
}

fn wrong(open: &Open, person: &PersonId) -> Result<WrongPins, CliError> {
    let view = open.station.world().ledger.view()?;
    Ok(duty::wrong_pins(&*view, person, open.station.world().clock.now().wall)?)
}

/// The same refusal, before it what it means for whoever stands there.
fn explained(open: &Open, person: &PersonId, before: WrongPins, e: CliError) -> CliError {
    let said = || -> Result<Option<(String, String)>, CliError> {
        let view = open.station.world().ledger.view()?;
        if duty::locked(&*view, person)?.is_some() {
            let whom = whom(open, &*view, person)?;
            return Ok(Some((
                format!("口令错误次数过多，{person} 已锁定。请找{whom}解除"),
                format!("{person} is locked: turn to {whom}"),
            )));
        }
        let after = wrong(open, person)?;
        let lent = matches!(duty::pin_giver(&*view, person)?, Some(PinGiver::Other(_)));
        if after.count == before.count && lent && e.exit == Exit::Refused {
            let chinese = "您的口令由他人设定：请先到工作台登录，点自己的姓名更改口令，再来办理";
            let english = "your PIN was given by another: sign in at the desk, touch your name and change it first";
            return Ok(Some((chinese.to_owned(), english.to_owned())));
        }
        Ok((after.count > before.count).then(|| {
            let left = after.left;
            (
                format!("口令不对，没有办理；再错 {left} 次将锁定（这次已记录）"),
                format!("wrong PIN, nothing was done; {left} more lock (this one is recorded)"),
            )
        }))
    };
    match said() {
        Ok(Some((chinese, english))) => CliError::both(e.exit, chinese, english),
        _ => e,
    }
}

/// Who ends a lock: clerks and unit heads, by name.
fn whom(open: &Open, view: &dyn LedgerView, locked: &PersonId) -> Result<String, CliError> {
    let now = open.station.world().clock.now().wall;
    let mut names = Vec::new();
    for (role, word) in [(Role::Clerk, "管理员"), (Role::UnitHead, "单位负责人")] {
        for held in duty::holders(view, role, now)? {
            let person = registry::person(view, &held.person)?;
            let able = person.filter(|p| p.pin_commitment.is_some() && p.id != *locked);
            names.extend(able.map(|p| format!("{word}{}", p.name)));
        }
    }
    names.dedup();
    names.truncate(NAMED);
    Ok(match names.is_empty() {
        true => "单位负责人 the unit head".to_owned(),
        false => names.join("、"),
    })
}
