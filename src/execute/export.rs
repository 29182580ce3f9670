//! An approved copy as a package that a court checks without us (`docs/design/export.md`).

/// Parts of clips in their place.
mod excerpts;
/// What stands in the package for reading.
mod papers;
/// The same on paper.
mod print;
/// Going on with one that broke off.
mod resume;

use super::access::folder::{Folder, sync_dir};
use super::access::meter::Meter;
use super::anchor;
use crate::answer::Answer;
use crate::exit::{CliError, Exit, file_error};
use crate::request::Asked;
use crate::wire::Open;
pub use resume::{copy_broken_off, is_being_packed};
use sealdock_core::access::{CopiedFile, clips_of};
use sealdock_core::actor::Actor;
use sealdock_core::id::AccessId;
use sealdock_station::Progress;
use sealdock_station::viewing::{Drafted, Excerpt, With};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is not finished bears this behind its name.
const VOID: &str = ".void";

/// What is asked for beside the approval.
pub struct Asks<'a> {
    pub to: &'a Path,
    pub receipts: Option<&'a str>,
    pub excerpts: &'a [Asked],
    pub progress: &'a dyn Progress,
    /// Goes on with a copy of this approval to this place that broke off.
    pub resume: bool,
}

pub fn export(
    open: &Open,
    actor: &Arc<Actor>,
    access: AccessId,
    Asks { to, receipts, excerpts, progress, resume }: Asks,
) -> Result<Answer, CliError> {
    let void = void_name(to, resume)?;
    let _alone = resume::alone(open, &void)?;
    let place = to.display().to_string();
    let (broke_off, asked) = resume::begins(open, (access, &place), resume, (excerpts, receipts))?;
    let receipts = anchor::receipts(open, receipts)?;
    // Before anything is begun: what cannot be cut spends nothing.
    let cuts = excerpts::computed(open, actor, access, &asked.excerpts)?;
    let meter = Meter::new(progress, access, footage(open, access, &cuts)?);
    let mut folder = match broke_off {
        Some(_) => Folder::go_on(&void, meter)?,
        None => Folder::make(&void, meter)?,
    };
    let print = print::Print::found();
    let papers = |drafted: &Drafted<'_>| papers::papers(open, drafted, (&print, &cuts));
    let (receipts, given) = (receipts.as_deref(), asked.receipts);
    let with = With { papers: &papers, receipts, given, excerpts: &cuts, broke_off };
    let done = open.station.export(actor, (access, &place), &mut folder, &with);
    let carried = open.back_up_if_short();
    let (report, package) = done.map_err(|e| {
        folder.undo();
        let mut error = CliError::from(e);
        if folder.begun() {
            error.message += &format!(
                "; 未完成（作废） the package in {} is unfinished and void: go on with it (`--resume`), or destroy it",
                void.display()
            );
        }
        error
    })?;
    folder.sweep()?;
    name_it(&void, to)?;
    folder.lies_at(to)?;
    carried?;
    let line =
        |file: &CopiedFile| vec![file.name.clone(), file.size.to_string(), file.sha256.to_string()];
    let shown: Vec<Vec<String>> =
        report.files.iter().map(line).chain(excerpts::lines(&report)).collect();
    let mut json = json!({ "request": access, "copy": report.copy, "completed": report.completed,
        "to": to, "package": package.to_string(), "files": report.files });
    if !report.excerpts.is_empty() {
        json["excerpts"] = json!(report.excerpts);
    }
    let mut answer = Answer::new(json);
    if let Some(why) = print.lacking() {
        answer = answer.line(format!("未附 PDF its papers are HTML alone: {why}"));
    }
    for part in &report.excerpts {
        answer = answer.line(excerpts::told(part, &cuts));
    }
    Ok(answer
        .line(format!(
            "已导出 {access} exported to {}: entries {} and {}",
            to.display(),
            report.copy,
            report.completed
        ))
        .line(format!("证据包 package {package}"))
        .table(&["file", "bytes", "sha256"], shown, "no file"))
}

/// Bytes that go out: of clips whole, and of the parts of others.
fn footage(open: &Open, access: AccessId, cuts: &[Excerpt]) -> Result<u64, CliError> {
    let mut whole = clips_of(&*open.station.world().ledger.view()?, access)?;
    whole.retain(|clip| cuts.iter().all(|cut| cut.copied.clip != *clip));
    let parts = cuts.iter().map(|cut| cut.copied.size);
    Ok(parts.fold(super::access::footage(open, &whole)?, u64::saturating_add))
}

/// What a package is called until everything in it was read back.
///
/// # Errors
/// It is to have no name.
pub fn void_package(to: &Path) -> Result<PathBuf, CliError> {
    let Some(name) = to.file_name().and_then(|name| name.to_str()) else {
        let text = format!("{} names no folder; say which one is to be made", to.display());
        return Err(CliError::new(Exit::Usage, text));
    };
    Ok(to.with_file_name(format!("{name}{VOID}")))
}

/// `NAME.void` beside `NAME`, neither of which may be there; but for the first where a copy is gone on with.
fn void_name(to: &Path, resume: bool) -> Result<PathBuf, CliError> {
    let void = void_package(to)?;
    for (path, there) in [(to, false), (&*void, resume)] {
        if !there && path.symlink_metadata().is_ok() {
            let text =
                format!("{} is there already; a package needs a name of its own", path.display());
            return Err(CliError::new(Exit::Refused, text));
        }
    }
    Ok(void)
}

/// Everything in it was read back: it gets its name.
fn name_it(void: &Path, to: &Path) -> Result<(), CliError> {
    let named = std::fs::rename(void, to).and_then(|()| sync_dir(to.parent()));
    named.map_err(|e| {
        let mut error = file_error("name", to, &e);
        error.message += &format!(
            "; the package is whole and was read back, but is still called {}: rename it by hand",
            void.display()
        );
        error
    })
}
