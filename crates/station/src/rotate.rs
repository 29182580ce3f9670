//! Rotating a key: the next key is made durable, both keys sign, the chain records it, and only then
//! does the new key become the current one and the old secret is destroyed.

use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::event::{KeyKind, KeyRotated};
use sealdock_core::ports::{Appended, KeyPlace};
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use std::sync::Arc;

impl Station {
    /// The next key lies where `to` says, without it where the current one lies.
    pub fn rotate_key(
        &self,
        actor: &Arc<Actor>,
        key: KeyKind,
        to: Option<KeyPlace>,
    ) -> Result<Appended, StationError> {
        let view = self.world.ledger.view()?;
        let newest = Query::all(&s::KEY_EPOCH).with("kind", key.as_str()).newest_first().limit(1);
        let epoch = view.select(&newest)?.first().map_or(1, |row| row.int("epoch")) + 1;
        drop(view);
        let epoch = u32::try_from(epoch).unwrap_or(u32::MAX);
        let signer = &self.world.signer;
        let old = Digest(signer.public(key));
        let new = Digest(signer.prepare_next(key, to)?);
        let statement = KeyRotated::statement(&self.origin, key, epoch, &old, &new);
        let hex = |signature: [u8; 64]| sealdock_core::naming::hex(&signature);
        let rotation = KeyRotated {
            key,
            epoch,
            old_public: old,
            new_public: new,
            old_signature: hex(signer.sign(key, &statement)?),
            new_signature: hex(signer.sign_next(key, &statement)?),
        };
        let appended = self.apply(actor, Command::RotateKey(rotation))?;
        signer.activate(key, new.0)?;
        Ok(appended)
    }
}
