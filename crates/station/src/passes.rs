//! A passkey in the place of a PIN. Whoever verified its signature notes it, and opens a pass for as long as the one form lasts
//! that was signed; `authenticate` takes the pass like a PIN, so that every deed asks the same door. `docs/design/passkeys.md`.

use crate::error::damaged;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::actor::{Actor, PersonProof};
use sealdock_core::command::Command;
use sealdock_core::duty::{self, Passkey, PasskeyUsed};
use sealdock_core::event::Event;
use sealdock_core::id::PersonId;
use sealdock_core::ports::Refusal;
use sealdock_core::registry;
use sealdock_core::why;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How the text of a pass begins; no PIN does.
pub const PASS: &str = "passkey.";

/// Passes that are open, by their SHA-256.
#[derive(Default)]
pub(crate) struct Passes(Mutex<HashMap<Digest, (PersonId, u64)>>);

impl Passes {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, (PersonId, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Open as long as it is kept.
pub struct OpenPass<'a>(&'a Passes, Digest);

impl Drop for OpenPass<'_> {
    fn drop(&mut self) {
        self.0.lock().remove(&self.1);
    }
}

/// May this be a PIN that somebody chooses?
pub(crate) fn choosable(pin: &str) -> Result<(), StationError> {
    match pin.starts_with(PASS) {
        true => Err(Refusal(why!(
            "P27",
            "口令不能以 {PASS} 开头；请另设一个。",
            "a PIN does not begin with {PASS:?}; choose another"
        ))
        .into()),
        false => Ok(()),
    }
}

impl Station {
    /// The passkey that an authenticator names, if it counts; held against the signed entry that added it, so that an edited
    /// register lends nobody another's name.
    ///
    /// # Errors
    /// The register is not what the chain says, or cannot be read.
    pub fn passkey(&self, party: &str, credential: &str) -> Result<Option<Passkey>, StationError> {
        let view = self.world().ledger.view()?;
        let Some(key) = duty::passkey(&*view, party, credential)? else { return Ok(None) };
        drop(view);
        match self.proven_event(key.seq)? {
            Event::Duty(duty::Event::PasskeyAdded(e))
                if e.person == key.person
                    && (&e.party, &e.credential, &e.key)
                        == (&key.party, &key.credential, &key.key)
                    && (e.synced, e.pin) == (key.synced, key.pin) =>
            {
                Ok(Some(key))
            }
            _ => Err(damaged(format!(
                "the register of passkeys of {} is not what the chain says; run `sealdock check`",
                key.person
            ))),
        }
    }

    /// Writes down that the signature of a passkey was verified. The counter is judged in the transaction that writes it.
    ///
    /// # Errors
    /// The person may not sign now, the passkey does not count any more, or its counter went back: that is an entry, and ends it.
    pub fn note_passkey(&self, seen: PasskeyUsed) -> Result<(), StationError> {
        self.able(&seen.person)?;
        self.as_the_pin_is(&seen.person)?;
        self.not_ended(seen.passkey)?;
        let (person, seq) = (seen.person.clone(), seen.passkey);
        self.note(Command::Duty(duty::Command::NotePasskey(Box::new(seen))))?;
        let counts = self.still_counts(&person, seq);
        let copied = duty::cloned(&*self.world().ledger.view()?)?;
        if !copied.iter().any(|(owner, ..)| *owner == person) {
            return counts;
        }
        counts.map_err(|_| {
            Refusal(why!(
                "P28",
                "通行密钥的计数倒退，可能被复制，已作废并记录在案；请用口令。",
                "the passkey counts backwards: somebody may hold a copy. It is void, and that is recorded; use your PIN"
            ))
            .into()
        })
    }

    /// The register says which PIN is in force; the hash that is at hand must be the one of that entry. So a register that was put
    /// back to an older PIN revives no passkey of that time.
    fn as_the_pin_is(&self, id: &PersonId) -> Result<(), StationError> {
        let commitment = self.able(id)?;
        let phc = self.world().ledger.secret(&format!("pin:{id}"))?;
        match phc.is_some_and(|phc| Digest::of(phc.as_bytes()).to_string() == commitment) {
            true => Ok(()),
            false => Err(damaged(format!(
                "the PIN of {id} at hand is not the one the register names; run `sealdock check`"
            ))),
        }
    }

    /// No entry since has taken it away: the register is not believed.
    fn not_ended(&self, passkey: u64) -> Result<(), StationError> {
        let mut ended = false;
        self.walk(passkey, |_, bytes| {
            let names = |kind: &[u8]| bytes.windows(kind.len()).any(|window| window == kind);
            if !names(b"\"passkey.removed\"") && !names(b"\"passkey.cloned\"") {
                return Ok(());
            }
            let entry: serde_json::Value = serde_json::from_slice(bytes)
                .map_err(|e| damaged(format!("an entry about a passkey cannot be read: {e}")))?;
            let event = &entry["event"];
            let ends = matches!(event["type"].as_str(), Some("passkey.removed" | "passkey.cloned"));
            ended |= ends && event["passkey"].as_u64() == Some(passkey);
            Ok(())
        })?;
        match ended {
            true => Err(damaged(format!(
                "the register has the passkey of entry {passkey}, and the chain has its end; run `sealdock check`"
            ))),
            false => Ok(()),
        }
    }

    fn still_counts(&self, person: &PersonId, seq: u64) -> Result<(), StationError> {
        let view = self.world().ledger.view()?;
        let allowed = registry::policy(&*view)?.passkeys;
        match allowed && duty::passkeys(&*view, person)?.iter().any(|key| key.seq == seq) {
            true => Ok(()),
            false => Err(Refusal(why!(
                "P29",
                "{person:#} 的通行密钥已无效；请用口令。",
                "the passkey of {person} does not count any more"
            ))
            .into()),
        }
    }

    /// Lets `text` stand for `person` until what comes back is dropped. `text` begins with [`PASS`], is random, and serves once;
    /// called by the edge that verified the signature and compared the form with the one that was signed.
    pub fn open_pass(&self, text: &str, person: PersonId, passkey: u64) -> OpenPass<'_> {
        let key = Digest::of(text.as_bytes());
        self.passes.lock().insert(key, (person, passkey));
        OpenPass(&self.passes, key)
    }

    pub(crate) fn by_pass(&self, id: &PersonId, text: &str) -> Result<Arc<Actor>, StationError> {
        let open = self.passes.lock().get(&Digest::of(text.as_bytes())).cloned();
        let Some((person, passkey)) = open else {
            return Err(Refusal(why!(
                "P30",
                "通行密钥的签名已失效，或表单已改动；请再来一次。",
                "what the passkey signed has lapsed, or is not what was sent; do it again"
            ))
            .into());
        };
        if person != *id {
            return Err(Refusal(why!(
                "P31",
                "这是 {person:#} 的通行密钥，不是 {id:#} 的。",
                "this passkey is {person}'s, not {id}'s"
            ))
            .into());
        }
        self.able(id)?;
        self.still_counts(id, passkey)?;
        Ok(Arc::new(Actor::Person(PersonProof::by_passkey(person, passkey))))
    }
}
