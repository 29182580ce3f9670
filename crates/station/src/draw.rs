//! The draw of a spot check: the station computes the root that the announcement named; which clips that
//! falls on is decided by the rules, and anybody can compute it again.

use crate::error::damaged;
use crate::view::Nodes;
use crate::{Station, StationError};
use sealdock_chain::tree;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::CheckId;
use sealdock_core::keep::{self, SPOTCHECK};
use sealdock_core::ports::{Appended, Refusal};
use sealdock_core::registry;
use sealdock_core::why;
use std::sync::Arc;

impl Station {
    /// Draws an announced spot check.
    ///
    /// # Errors
    /// Refused while the chain is not long enough, or where `actor` is no auditor.
    pub fn draw_check(&self, actor: &Arc<Actor>, check: CheckId) -> Result<Appended, StationError> {
        let view = self.world.ledger.view()?;
        let row = registry::by_seq(&*view, &SPOTCHECK, check.0)?;
        let row = row.ok_or_else(|| {
            Refusal(why!(
                "P12",
                "没有抽查 {check:#}；请在“抽查”中核对编号。",
                "there is no spot check {check}; see `sealdock spotcheck list`"
            ))
        })?;
        let at_size = row.int("at_size").unsigned_abs();
        let size = view.head()?.checkpoint().size;
        if size < at_size {
            return Err(Refusal(why!("P13", "记录链现有 {size:#} 条；抽查 {check:#} 要用第 {at_size:#} 条处的链头抽取，请稍后再抽。", "the chain has {size} entries; spot check {check} is drawn by the root of {at_size}"))
            .into());
        }
        let root = tree::root_of(&Nodes(&*view), at_size)
            .map_err(|e| damaged(format!("the root of {at_size} entries: {e}")))?;
        drop(view);
        self.apply(actor, Command::Keep(keep::Command::DrawCheck { check, root }))
    }
}
