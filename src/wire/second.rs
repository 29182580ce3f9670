//! What goes to the second copy's place beside clips, and when that place is looked for.

use super::mirror::tiles_in;
use super::{Mirror, Open, SHORT_CHAIN_BYTES};
use crate::exit::{CliError, file_error};
use sealdock_core::ports::{Kind, Ledger, PortError, PortResult};
use sealdock_core::registry;
use sealdock_store::anchors::Anchors;
use sealdock_vault::{DiskVault, VaultOptions};
use std::path::Path;
use std::sync::{Arc, PoisonError};

impl Open {
    /// The second copy as it was when it was last looked for.
    pub fn mirror(&self) -> Mirror {
        self.mirror.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The vault, and the second copy's where it is there, as the disks that they are.
    pub fn disks(&self) -> Vec<(&'static str, Arc<DiskVault>)> {
        let mut disks = vec![("vault", Arc::clone(&self.vault))];
        if let Mirror::Present { vault, .. } = self.mirror() {
            disks.push(("mirror", vault));
        }
        disks
    }

    /// Looks for the second copy anew where it is missing, went, came back as another mount, or the unit named
    /// another place: before each docking, and by the daemon's watch. `true`: it is there, and was not before.
    ///
    /// # Errors
    /// The copy of the chain that lies there is newer than this station or has another history: stop, as at a start.
    pub fn look_for_mirror(&self) -> PortResult<bool> {
        let _one = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.station.world().ledger.view()?;
        let plan = registry::copy_plan(&*view)?;
        let was = self.mirror();
        if was.stands(&plan) {
            return Ok(false);
        }
        let reserve_bytes = registry::policy(&*view)?.reserve_bytes;
        drop(view);
        let options = VaultOptions { reserve_bytes, ..self.options.clone() };
        let mut now =
            Mirror::open(&plan, (self.station.origin(), self.home.dir.as_path()), options);
        if let Some(folder) = now.folder() {
            match self.objection_in(&folder) {
                Ok(None) => {}
                Ok(Some(text)) => return Err(PortError::new(Kind::Damaged, text)),
                // Whether this station was put back cannot be told: not taken, and no reason to stop taking footage.
                Err(e) => now = now.refused(e.message),
            }
        }
        let came = now.vault().is_some();
        if came || was.vault().is_some() {
            tracing::warn!("{}", now.words().1);
        }
        self.station.world().mirror.is_now(now.vault());
        *self.mirror.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(came)
    }

    /// Before each docking: the second copy is looked for, because somebody may have connected its disk as they were
    /// told to, and the disks hear how much room the policy in force keeps free.
    ///
    /// # Errors
    /// As [`Open::look_for_mirror`].
    pub fn before_docking(&self) -> PortResult<()> {
        self.look_for_mirror()?;
        let policy = registry::policy(&*self.station.world().ledger.view()?)?;
        for (_, disk) in self.disks() {
            disk.keep_free(policy.reserve_bytes);
        }
        Ok(())
    }

    /// [`Open::look_for_mirror`], and what it lacks is brought there if it came.
    ///
    /// # Errors
    /// As there.
    pub fn meet_mirror(&self) -> PortResult<()> {
        match self.look_for_mirror()? {
            true => {
                self.station.carry_over();
                self.back_up()
            }
            false => Ok(()),
        }
    }

    /// What the copy of the chain in the mirror says against this station: that it is newer, or another.
    pub fn mirror_objects(&self) -> PortResult<Option<String>> {
        match self.mirror().folder() {
            Some(folder) => self.objection_in(&folder),
            None => Ok(None),
        }
    }

    /// What the database or the tiles in a station's folder of the second copy say against this station.
    fn objection_in(&self, folder: &Path) -> PortResult<Option<String>> {
        match self.store.against_backup(&folder.join("chain-backup.db"))? {
            None => tiles_in(folder).against(&*self.store.view()?),
            some => Ok(some),
        }
    }

    /// What a head that went out to be stamped or cosigned says against this station: that it covers more entries than there are.
    ///
    /// # Errors
    /// The folder of the stamps, or the register, cannot be read.
    pub fn anchors_object(&self) -> Result<Option<String>, CliError> {
        let folder = self.home.dir.join("anchors");
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(file_error("look into", &folder, &e)),
        };
        let size = self.station.world().ledger.view()?.head()?.checkpoint().size;
        let stamped = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            let size = entry.file_name().to_str()?.parse::<u64>().ok()?;
            entry.path().join("checkpoint.signed").is_file().then_some(size)
        });
        Ok(stamped.max().filter(|stamped| *stamped > size).map(|stamped| {
            format!(
                "a head of {stamped} entries was given out to be stamped or cosigned ({}), and this station has {size}: an old state of it was put back; nothing may be recorded before this is settled. Stop, keep everything as it is, and restore the station from its mirror (docs/guide/operate.md, section 10)",
                folder.join(stamped.to_string()).display()
            )
        }))
    }

    /// Carries what was recorded to the second copy's disk. Its loss costs a copy, not the record, so
    /// it is said and not raised.
    ///
    /// # Errors
    /// The copy that lies there is newer than this station or has another history: stop.
    pub fn back_up(&self) -> PortResult<()> {
        let Some(file) = self.mirror().backup_file() else { return Ok(()) };
        match self.store.backup_to(&file) {
            Err(e) if self.mirror_objects()?.is_some() => return Err(e),
            Err(e) => tracing::warn!("the second copy of the chain was not written: {e}"),
            Ok(()) => {
                let anchors = Anchors::new(&self.home.dir);
                if let Err(e) = anchors.carry_to(&file.with_file_name("anchors")) {
                    tracing::warn!(
                        "stamps and cosignatures were not brought to the second copy: {e}"
                    );
                }
            }
        }
        self.carry_tiles()
    }

    /// The record as static files, after the copy of the database and whether or not that could be written. One at a
    /// time; nothing of the station waits for it but whoever asked for the copy.
    fn carry_tiles(&self) -> PortResult<()> {
        let Some(tiles) = self.mirror().tiles() else { return Ok(()) };
        let mut from = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.store.view()?;
        match tiles.carry(&*view, &mut from) {
            Ok(carried) => {
                for what in carried.mended {
                    tracing::warn!(
                        "the tiles in the second copy were put right: {what}; somebody changed that folder, or its disk fails"
                    );
                }
                Ok(())
            }
            Err(e) if e.kind == Kind::Damaged && tiles.against(&*view)?.is_some() => Err(e),
            Err(e) => {
                tracing::warn!("the tiles in the second copy are behind: {e}");
                Ok(())
            }
        }
    }

    /// [`Open::back_up`] after what is no session: a copy of a long chain takes too long for a verb.
    ///
    /// # Errors
    /// As there.
    pub fn back_up_if_short(&self) -> PortResult<()> {
        let database = self.home.dir.join("chain.db");
        match database.metadata().is_ok_and(|facts| facts.len() < SHORT_CHAIN_BYTES) {
            true => self.back_up(),
            false => Ok(()),
        }
    }

    /// Removes copies that a run before this one left behind, in the mirror too. Only under the
    /// exclusive lock. What the mirror cannot do is said and not raised.
    pub fn sweep(&self) -> Result<usize, CliError> {
        let in_mirror = self.mirror().sweep().unwrap_or_else(|e| {
            tracing::warn!("unfinished second copies were not removed: {e}");
            0
        });
        Ok(self.vault.sweep_incoming()?.len() + in_mirror)
    }
}
