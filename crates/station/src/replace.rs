//! A key that was lost or stolen is replaced; a record that was put back from a copy goes on under new keys
//! (`docs/design/keys.md`). The signer holds the new key already, durable, and it comes into force by the entry.

use crate::check::outside_heads;
use crate::error::damaged;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::actor::Actor;
use sealdock_core::command::{Command, Restoration};
use sealdock_core::event::{KeyKind, KeyReplaced, Lost, ReplaceCause, StationRestored};
use sealdock_core::naming;
use sealdock_core::ports::{Appended, Refusal, Signer};
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_core::time::WallMs;
use sealdock_core::why;
use sealdock_core::why::Both;
use std::sync::Arc;

/// Why a key ends without a rotation.
#[derive(Debug, Clone)]
pub struct Replacing {
    pub cause: ReplaceCause,
    /// From when on a stolen key was in other hands, as far as anybody knows.
    pub since: Option<WallMs>,
    pub reason: String,
}

/// What a record is put back from.
pub struct Restoring<'a> {
    /// The folder of the copy.
    pub from: String,
    /// Texts with heads that somebody outside held.
    pub receipts: &'a [String],
    pub reason: String,
    /// The keys of the record, where they are at hand: they vouch for the new ones.
    pub old: Option<&'a dyn Signer>,
    /// The copy held no hash of a PIN.
    pub pins_lost: bool,
}

impl Station {
    /// Puts the signer's key in the place of the one in force. The caller activates it afterwards.
    ///
    /// # Errors
    /// Refused; or the registers cannot be read.
    pub fn replace_key(
        &self,
        actor: &Arc<Actor>,
        key: KeyKind,
        why: Replacing,
    ) -> Result<Appended, StationError> {
        let replaced = self.replaced(key, why, None)?;
        self.apply(actor, Command::ReplaceKey(replaced))
    }

    /// Goes on from a record that was put back: both keys change, and the entry says what is known to be lost.
    ///
    /// # Errors
    /// Refused: a head that was brought contradicts the copy, or is none of this record. Or the chain cannot be
    /// read.
    pub fn restore(&self, actor: &Arc<Actor>, this: &Restoring) -> Result<Appended, StationError> {
        let view = self.world.ledger.view()?;
        let mut heads = Vec::new();
        for text in this.receipts {
            heads.extend(outside_heads(&*view, text)?);
        }
        heads.sort_by_key(|head| head.size);
        heads.dedup();
        if let Some(two) = heads.windows(2).find(|two| two[0].size == two[1].size) {
            return Err(Refusal(why!(
                "P26",
                "带来的两个外部凭证都写 {} 条却不相同：记录有两段历史，且都有签名。请保留两份回执；没有恢复任何内容。",
                "two of the heads that were brought cover {} entries and differ: the record has two histories, \
                 and both are signed. Keep both receipts; nothing was restored",
                two[0].size
            ))
            .into());
        }
        let head = view.head()?;
        let head = head.checkpoint();
        drop(view);
        let why = || Replacing {
            cause: ReplaceCause::Restored,
            since: None,
            reason: this.reason.clone(),
        };
        let keys = [
            self.replaced(KeyKind::Log, why(), this.old)?,
            self.replaced(KeyKind::Evidence, why(), this.old)?,
        ];
        let restored = StationRestored {
            size: head.size,
            root: head.root,
            from: this.from.clone(),
            lost: Lost::after(head.size, &heads),
            heads,
            pins_lost: this.pins_lost,
            reason: this.reason.clone(),
        };
        self.apply(actor, Command::Restore(Box::new(Restoration { keys, restored })))
    }

    fn replaced(
        &self,
        key: KeyKind,
        why: Replacing,
        old: Option<&dyn Signer>,
    ) -> Result<KeyReplaced, StationError> {
        let newest = Query::all(&s::KEY_EPOCH).with("kind", key.as_str()).newest_first().limit(1);
        let rows = self.rows(&newest)?;
        let row = rows.first().ok_or_else(|| damaged("the chain names no key of that kind"))?;
        let in_force: Digest =
            row.text("public").parse().map_err(|_| damaged("a key in the register is none"))?;
        let signer = &self.world.signer;
        let mut replaced = KeyReplaced {
            key,
            epoch: u32::try_from(row.int("epoch") + 1).unwrap_or(u32::MAX),
            old_public: in_force,
            new_public: Digest(signer.public(key)),
            cause: why.cause,
            since: why.since,
            reason: why.reason,
            old_signature: None,
            new_signature: String::new(),
        };
        let statement = replaced.statement(&self.origin);
        if let Some(old) = old {
            if old.public(key) != in_force.0 {
                let text = why!(
                    "P14",
                    "现有的{:#}不是在用的那一把",
                    "the {} key at hand is not the one in force",
                    Both(key.chinese(), key.as_str())
                );
                return Err(Refusal(text).into());
            }
            replaced.old_signature = Some(naming::hex(&old.sign(key, &statement)?));
        }
        replaced.new_signature = naming::hex(&signer.sign(key, &statement)?);
        Ok(replaced)
    }
}
