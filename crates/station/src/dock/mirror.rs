//! The second copy, made from the kept file and read back itself. Without it nothing is wiped, unless
//! the unit accepted a single copy as its signed risk.

use super::copy::Verified;
use super::{Dock, Stop};
use crate::reading::{Wanted, read_stored, read_through};
use sealdock_core::custody::{Copies, MirroredCopy, StoredDigest, VerifiedCopy};
use sealdock_core::ports::{Kind, Place, PortError, PortResult, Vault};
use sealdock_core::registry::{self, CopyPlan};

impl Dock<'_> {
    pub(super) fn copies(&self, verified: &Verified) -> Result<Copies, Stop> {
        let copy = &verified.copy;
        let view = self.station.world.ledger.view()?;
        let plan = registry::copy_plan(&*view)?;
        drop(view);
        match (plan, self.station.world.mirror.now()) {
            (CopyPlan::SingleAccepted, _) => Ok(Copies::SingleAccepted),
            (CopyPlan::Undecided, _) | (CopyPlan::Mirror { .. }, None) => Ok(Copies::Single),
            (CopyPlan::Mirror { .. }, Some(mirror)) => {
                let durable = match verified.known {
                    Some(clip) => self.station.clip_row(clip)?.text("copies").contains("mirror"),
                    None => false,
                };
                match mirrored(&*self.station.world.vault, &*mirror, copy, durable) {
                    Ok(mirrored) => Ok(Copies::Mirrored(mirrored)),
                    Err(error) => {
                        tracing::warn!(%error, "no second copy");
                        Ok(Copies::Single)
                    }
                }
            }
        }
    }
}

/// Makes the second copy, reads it back cold and compares. Only one that the chain knows of
/// (`durable`) is not made again: a file that is merely there may be left by a failure between its
/// rename and the sync of its directory, and go with the next power cut. Keeping it again syncs.
fn mirrored(
    vault: &dyn Vault,
    mirror: &dyn Vault,
    copy: &VerifiedCopy,
    durable: bool,
) -> PortResult<MirroredCopy> {
    let place = Place::Kept(copy.sha256());
    if !durable || mirror.size(&place)? != Some(copy.size()) {
        let mut source = vault.open(&place)?;
        let mut incoming = mirror.begin(copy.size())?;
        let wanted = Wanted { sm3: false, chunks: false };
        if let Err(e) = read_through(&mut *source, Some(&mut *incoming), wanted, &|_| ()) {
            let _ = incoming.discard();
            return Err(PortError::new(Kind::Failed, format!("the second copy failed: {e:?}")));
        }
        incoming.seal()?;
        incoming.keep(&place)?;
    }
    let mut stored = mirror.open(&place)?;
    let whole = read_stored(&mut *stored, false)?;
    let held = StoredDigest::earned(whole).read_from(stored.identity());
    MirroredCopy::compare(copy, &held)
        .map_err(|mismatch| PortError::new(Kind::Damaged, mismatch.to_string()))
}
