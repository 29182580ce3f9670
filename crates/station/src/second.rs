//! The second copy's place as it is at this moment, and what it lacks beside clips: listings, plans of disposal,
//! what stands aside. Clips have a way of their own (`dock/mirror.rs`), because wipes rest on them; nothing
//! rests on these, but a station that is restored without them is never whole again.
//!
//! Each is put there as soon as it is in the vault. What could not be is brought later: at the end of a docking
//! and at every start, by the entries that name it. Cut anywhere, the next time goes on. A name that a power cut takes
//! from there after all is missed by `check` and by the next start, and brought again.

use crate::reading::{ReadError, Wanted, read_stored, read_through};
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::event::Event;
use sealdock_core::keep;
use sealdock_core::ports::{Kind, Place, PortError, PortResult, Vault};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Entries per page of the walk.
const PAGE: u32 = 1024;

/// The place of the second copy: there, or not; it may come and go while the station is open.
#[derive(Clone, Default)]
pub struct Second(Arc<Inner>);

#[derive(Default)]
struct Inner {
    place: RwLock<Option<Arc<dyn Vault>>>,
    debt: Mutex<Debt>,
}

/// What this process does not know to be there.
#[derive(Default)]
struct Debt {
    /// Whatever entries before this one name is there, but for `unsure`.
    from: u64,
    /// Putting it failed, and may have left it there without its name being durable; or the vault did not give it.
    /// Tried again even where it seems to be there.
    unsure: BTreeSet<Place>,
}

impl From<Option<Arc<dyn Vault>>> for Second {
    fn from(place: Option<Arc<dyn Vault>>) -> Second {
        Second(Arc::new(Inner { place: RwLock::new(place), debt: Mutex::default() }))
    }
}

impl Second {
    /// As it is now; whoever holds it may go on with it.
    #[must_use]
    pub fn now(&self) -> Option<Arc<dyn Vault>> {
        self.0.place.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It came, went, or is another from now on. What it lacks is looked for from the first entry on.
    pub fn is_now(&self, place: Option<Arc<dyn Vault>>) {
        // Replaced first: who is carrying to a disk that went is then not waited for by dockings.
        *self.0.place.write().unwrap_or_else(PoisonError::into_inner) = place;
        *self.debt() = Debt::default();
    }

    fn debt(&self) -> MutexGuard<'_, Debt> {
        self.0.debt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Station {
    /// Puts an object into the vault, then into the second copy where that is there. The vault alone decides:
    /// the second copy is owed what it could not take.
    pub(crate) fn put_object(&self, bytes: &[u8]) -> PortResult<Digest> {
        let digest = self.world.vault.put_object(bytes)?;
        if let Some(mirror) = self.world.mirror.now()
            && let Err(error) = mirror.put_object(bytes)
        {
            tracing::warn!(%error, "an object could not be put into the second copy; it is brought there later");
            self.world.mirror.debt().unsure.insert(Place::Object(digest));
        }
        Ok(digest)
    }

    /// Brings to the second copy what lies in the vault, before an entry names it. A failure is made up for later.
    pub(crate) fn carry(&self, place: &Place) {
        let Some(mirror) = self.world.mirror.now() else { return };
        match carried(&*self.world.vault, &*mirror, place, false) {
            Ok(Carried::There | Carried::Brought) => return,
            Ok(Carried::NotGiven) => {}
            Err(error) => {
                tracing::warn!(%error, ?place, "not brought to the second copy; it is brought there later");
            }
        }
        self.world.mirror.debt().unsure.insert(place.clone());
    }

    /// Brings to the second copy whatever entries name and it lacks. Without a second copy it does nothing. What fails
    /// costs a copy, not the record: it is said, and the next call goes on.
    pub fn carry_over(&self) {
        match self.pay() {
            Ok(0) => {}
            Ok(brought) => tracing::info!(brought, "what the second copy lacked was brought there"),
            Err(error) => tracing::warn!(%error, "the second copy still lacks what is no clip"),
        }
    }

    /// How much was brought. What the vault itself lost or holds wrongly is left to `check`.
    fn pay(&self) -> Result<u64, StationError> {
        let mut debt = self.world.mirror.debt();
        let Some(mirror) = self.world.mirror.now() else { return Ok(0) };
        let (vault, mut brought) = (&*self.world.vault, 0);
        for place in debt.unsure.clone() {
            match carried(vault, &*mirror, &place, true)? {
                Carried::NotGiven => continue,
                Carried::There => {}
                Carried::Brought => brought += 1,
            }
            debt.unsure.remove(&place);
        }
        let view = self.world.ledger.view()?;
        let size = view.head()?.checkpoint().size;
        while debt.from < size {
            let page = view.entries(debt.from, PAGE)?;
            if page.is_empty() {
                break;
            }
            for bytes in page {
                if let Some(place) = named(&bytes) {
                    match carried(vault, &*mirror, &place, false) {
                        Ok(Carried::There) => {}
                        Ok(Carried::Brought) => brought += 1,
                        Ok(Carried::NotGiven) => {
                            debt.unsure.insert(place);
                        }
                        Err(error) => {
                            debt.unsure.insert(place);
                            return Err(error.into());
                        }
                    }
                }
                debt.from += 1;
            }
        }
        Ok(brought)
    }
}

#[derive(Deserialize)]
struct OfEntry {
    event: Event,
}

/// What lies in the vault beside clips because of this entry.
fn named(entry: &[u8]) -> Option<Place> {
    // An entry that does not decode is named by `check`.
    match serde_json::from_slice::<OfEntry>(entry).ok()?.event {
        Event::ListingSigned(e) => Some(Place::Object(e.object)),
        Event::WipeCertified(e) => Some(Place::Object(e.object)),
        Event::Keep(keep::Event::DisposalPlanned(e)) => Some(Place::Object(e.object)),
        Event::ClipSetAside(e) => e.kept.map(|kept| Place::Aside(kept.sha256)),
        _ => None,
    }
}

/// What became of bringing one thing.
enum Carried {
    There,
    Brought,
    /// The vault has it no more as its name says, or did not give it now: said, and named by `check`.
    NotGiven,
}

/// Makes one thing of the vault be in the second copy, too.
///
/// # Errors
/// Those of the second copy.
fn carried(
    vault: &dyn Vault,
    mirror: &dyn Vault,
    place: &Place,
    unsure: bool,
) -> PortResult<Carried> {
    let (Place::Object(name) | Place::Aside(name)) = place else { return Ok(Carried::There) };
    let there = mirror.size(place)?;
    let here = match vault.size(place) {
        Ok(Some(size)) => size,
        Ok(None) => return not_given(place, &"it is not in the vault"),
        Err(error) => return not_given(place, &error),
    };
    if !unsure && there == Some(here) {
        return Ok(Carried::There);
    }
    if let Place::Aside(_) = place {
        return copied(vault, mirror, (place, *name), here);
    }
    match vault.read(place) {
        Ok(bytes) if Digest::of(&bytes) == *name => match mirror.put_object(&bytes) {
            Ok(_) => Ok(Carried::Brought),
            // Other bytes lie there under that name: nothing is replaced.
            Err(error) if error.kind == Kind::Damaged => not_given(place, &error),
            Err(error) => Err(error),
        },
        Ok(_) => not_given(place, &OTHER_BYTES),
        Err(error) => not_given(place, &error),
    }
}

const OTHER_BYTES: &str = "the vault holds other bytes than its name says";

/// Written, synced, read back cold, compared, kept.
fn copied(
    vault: &dyn Vault,
    mirror: &dyn Vault,
    (place, name): (&Place, Digest),
    size: u64,
) -> PortResult<Carried> {
    let mut source = match vault.open(place) {
        Ok(source) => source,
        Err(error) => return not_given(place, &error),
    };
    let mut incoming = mirror.begin(size)?;
    let wanted = Wanted { sm3: false, chunks: false };
    let spoilt = match read_through(&mut *source, Some(&mut *incoming), wanted, &|_| ()) {
        Ok(read) if read.whole.sha256() == name => None,
        Ok(_) => Some(OTHER_BYTES.to_owned()),
        Err(ReadError::Source { error, .. }) => Some(error.message),
        Err(ReadError::Sink(error)) => {
            let _ = incoming.discard();
            return Err(error);
        }
    };
    if let Some(why) = spoilt {
        let _ = incoming.discard();
        return not_given(place, &why);
    }
    incoming.seal()?;
    let back = incoming.read_back().and_then(|mut back| read_stored(&mut *back, false))?;
    if back.sha256() != name {
        let _ = incoming.discard();
        let text = format!(
            "the second copy of {name} reads otherwise than it was written; see to its disk"
        );
        return Err(PortError::new(Kind::Failed, text));
    }
    incoming.keep(place)?;
    Ok(Carried::Brought)
}

fn not_given(place: &Place, why: &dyn std::fmt::Display) -> PortResult<Carried> {
    tracing::error!(
        ?place,
        "it cannot be brought to the second copy: {why}; run `sealdock check --deep`"
    );
    Ok(Carried::NotGiven)
}
