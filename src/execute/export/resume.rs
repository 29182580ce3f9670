//! Going on with a copy that broke off: which one it is, what it was begun with, and that nobody else is at it.

use crate::exit::{CliError, Exit};
use crate::request::Asked;
use crate::wire::Open;
use sealdock_chain::Digest;
use sealdock_core::access::{COPY_OUT, CopyAsked};
use sealdock_core::id::AccessId;
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::table::{Query, Row};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held as long as a package is written into a folder.
pub struct Alone<'a>(&'a Mutex<BTreeSet<PathBuf>>, PathBuf);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        lock(self.0).remove(&self.1);
    }
}

fn lock(packing: &Mutex<BTreeSet<PathBuf>>) -> MutexGuard<'_, BTreeSet<PathBuf>> {
    packing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One at a time into a folder: whoever goes on with a copy removes what it has no use for, and a copy that still runs has not
/// broken off. Only one process has the station open for writing, so this one knows of all.
///
/// # Errors
/// Somebody is at it.
pub fn alone<'a>(open: &'a Open, void: &Path) -> Result<Alone<'a>, CliError> {
    if !lock(&open.packing).insert(void.to_owned()) {
        return Err(CliError::both(
            Exit::Busy,
            format!("正在向 {} 写入，还没有中断；请等它结束", void.display()),
            format!(
                "a package is being written into {}: it has not broken off; wait for its end",
                void.display()
            ),
        ));
    }
    Ok(Alone(&open.packing, void.to_owned()))
}

/// Is a package being written into this folder now?
pub fn is_being_packed(open: &Open, void: &Path) -> bool {
    lock(&open.packing).contains(void)
}

/// The copy that is gone on with, where one is, and what the package is to hold: with a copy that broke off what its entry says.
///
/// # Errors
/// No copy of this approval to this place broke off, or it was begun with something else.
pub fn begins(
    open: &Open,
    (access, place): (AccessId, &str),
    resume: bool,
    (excerpts, receipts): (&[Asked], Option<&str>),
) -> Result<(Option<u64>, CopyAsked), CliError> {
    let receipts = receipts.map(|text| Digest::of(text.as_bytes()));
    let given = CopyAsked { excerpts: excerpts.to_vec(), receipts };
    if !resume {
        return Ok((None, given));
    }
    let view = open.station.world().ledger.view()?;
    let copy = copy_broken_off(&*view, access, place)?.ok_or_else(|| {
        CliError::both(
            Exit::Refused,
            format!("{access} 没有向 {place} 开始而未完成的复制"),
            format!("no copy of {access} to {place} broke off; export without `--resume`"),
        )
    })?;
    drop(view);
    Ok((Some(copy), open.station.asked_again(copy, given)?))
}

/// The newest copy of this approval to this place, if it was not completed.
///
/// # Errors
/// The registers cannot be read.
pub fn copy_broken_off(
    registers: &dyn Registers,
    access: AccessId,
    place: &str,
) -> Result<Option<u64>, CliError> {
    let copies = registers.select(&Query::all(&COPY_OUT).with("access", access.0))?;
    let newest = copies.iter().rev().find(|row: &&Row| row.text("place") == place);
    Ok(newest.filter(|row| row.int_opt("completed_seq").is_none()).map(registry::seq))
}
