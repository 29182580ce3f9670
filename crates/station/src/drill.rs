//! After a drill or a restore: what the record says came of it, and footage that no entry names.

use crate::error::damaged;
use crate::reading::read_stored;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_chain::sshsig;
use sealdock_core::command::Command;
use sealdock_core::keep::{self, DrillCompleted};
use sealdock_core::ports::{Appended, LedgerView, Place, Vault};
use sealdock_core::schema as s;
use sealdock_core::table::Query;

/// A stored clip that no entry of the record names: proven by what lies beside it, or by nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Its name.
    pub sha256: Digest,
    pub size: u64,
    /// Its bytes are those of its name.
    pub whole: bool,
    /// The epoch of the evidence key whose signature lies beside it, if one of the record's verifies.
    pub signed: Option<u32>,
}

/// Every stored clip that no entry names, read cold and hashed; smallest digest first.
///
/// # Errors
/// The vault or the registers cannot be read.
pub fn alone(view: &dyn LedgerView, vault: &dyn Vault) -> Result<Vec<Alone>, StationError> {
    let mut keys = Vec::new();
    for row in view.select(&Query::all(&s::KEY_EPOCH).with("kind", "evidence"))? {
        let public = row.text("public").parse::<Digest>();
        let public = public.map_err(|_| damaged("a key in the register is none"))?;
        keys.push((u32::try_from(row.int("epoch")).unwrap_or(u32::MAX), public.0));
    }
    let mut found = Vec::new();
    for stored in vault.inventory()? {
        let Place::Kept(sha256) = stored.place else { continue };
        let named = Query::all(&s::CLIP).with("sha256", sha256.to_string()).limit(1);
        if !view.select(&named)?.is_empty() {
            continue;
        }
        let read = vault.open(&Place::Kept(sha256));
        let read = read.and_then(|mut source| read_stored(&mut *source, false));
        let armoured = vault.read(&Place::Sidecar(sha256, "sshsig".to_owned()));
        let armoured = armoured.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let signed = armoured.and_then(|text| {
            let by = |public| sshsig::verify(&text, public, sshsig::CLIP_NAMESPACE, &sha256);
            keys.iter().find(|(_, public)| by(public).is_ok()).map(|(epoch, _)| *epoch)
        });
        let whole = read.is_ok_and(|whole| whole.sha256() == sha256);
        found.push(Alone { sha256, size: stored.size, whole, signed });
    }
    found.sort_by_key(|alone| alone.sha256);
    Ok(found)
}

impl Station {
    /// What came of a drill, as the station saw it.
    ///
    /// # Errors
    /// It did not begin, or is over; or the chain cannot be written.
    pub fn complete_drill(&self, completed: DrillCompleted) -> Result<Appended, StationError> {
        self.note(Command::Keep(keep::Command::CompleteDrill(completed)))
    }
}
