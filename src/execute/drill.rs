//! `drill`: would the second copy alone bring the station back? It is put into a fresh place, everything there is
//! checked from the bytes, and held against the station as it is now. Nothing of the station changes.

use super::row_json;
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::home::Home;
use crate::wire::{self, Mirror, Open};
use sealdock_chain::tree;
use sealdock_core::ports::{Ledger, LedgerView};
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Table};
use sealdock_station::check::{CheckOptions, check as examine};
use sealdock_station::view::Nodes;
use sealdock_store::Store;
use sealdock_vault::{DiskVault, VaultOptions};
use serde_json::{Value, json};
use std::path::Path;

/// What a restore does not put back, and what to do about it.
const NEVER: [&str; 3] = [
    "keys: `restore` makes new ones; --keys lets the old ones vouch for them, from where a copy is locked away",
    "station.toml and own profiles: settings of the machine; keep a copy of them with the keys",
    "anchors/: time-stamps and cosignatures lie beside the copy of the chain and are not put back; each head there is a --pin of `restore`",
];

/// # Errors
/// There is no second copy, the place is taken, or the copy cannot be read as a station at all.
pub fn drill(open: &Open, to: &Path) -> Result<Answer, CliError> {
    let Mirror::Present { folder, .. } = open.mirror() else {
        return Err(CliError::new(Exit::Refused, open.mirror().words().1));
    };
    let place = Home::new(to);
    let files = wire::bring_fresh(&folder, &place)?;
    let copy = Store::open_read_only(&place.dir)?;
    let options = VaultOptions { immutable: false, ..VaultOptions::default() };
    let vault = DiskVault::open_with(&place.vault(), options)?;
    let deep = CheckOptions { deep: true, pin: None };
    let report = examine(&copy, &vault, None, &deep, &mut |_, _, _| ())?;
    let mut findings: Vec<String> =
        report.findings.iter().map(|found| format!("{}: {}", found.area, found.text)).collect();
    let (live, theirs) = (open.station.world().ledger.view()?, copy.view()?);
    findings.extend(heads(&*live, &*theirs)?);
    let (tables, unlike) = registers(&*live, &*theirs)?;
    findings.extend(unlike);
    findings.extend(pins(&*theirs, &copy)?);
    let json = json!({
        "to": place.dir, "from": folder, "entries": report.entries, "clips": report.clips, "files": files,
        "bytes_hashed": report.bytes_hashed, "tables": tables, "findings": findings, "not_restored": NEVER,
    });
    wire::write_durable(&place.dir.join("drill.json"), &format!("{json:#}\n"))?;
    let mut answer = Answer::new(json);
    for finding in &findings {
        answer = answer.line(finding.clone());
    }
    for never in NEVER {
        answer = answer.line(format!("not put back: {never}"));
    }
    answer = answer.line(format!(
        "核对后请删除该目录，里面有资料 it holds footage, remove it when this is read: {}",
        place.dir.display()
    ));
    let looked = format!(
        "{} entries, {} clips re-hashed, {files} files in {}",
        report.entries,
        report.clips,
        place.dir.display()
    );
    Ok(match findings.is_empty() {
        true => answer.line(format!("演练通过 the second copy brings everything back: {looked}")),
        false => answer
            .line(format!("演练有问题 {} findings: {looked}", findings.len()))
            .ending(Exit::Findings),
    })
}

/// Is the copy the beginning of this record, and how much of it?
fn heads(live: &dyn LedgerView, theirs: &dyn LedgerView) -> Result<Vec<String>, CliError> {
    let (now, then) = (live.head()?, theirs.head()?);
    let (now, then) = (now.checkpoint(), then.checkpoint());
    let mut findings = Vec::new();
    if now.size > then.size {
        findings.push(format!(
            "entries {} to {} are not in the copy: they would be lost",
            then.size,
            now.size - 1
        ));
    }
    if then.size > now.size || tree::root_of(&Nodes(live), then.size).ok() != Some(then.root) {
        findings.push("the copy is of another history, or longer than this station".to_owned());
    }
    Ok(findings)
}

/// Every register, row by row; only where both have the same entries.
fn registers(
    live: &dyn LedgerView,
    theirs: &dyn LedgerView,
) -> Result<(Vec<Value>, Vec<String>), CliError> {
    let same_size = live.head()?.checkpoint().size == theirs.head()?.checkpoint().size;
    let (mut tables, mut unlike) = (Vec::new(), Vec::new());
    for table in s::tables() {
        let (here, there) = (rows(live, table)?, rows(theirs, table)?);
        if same_size && here != there {
            let text = format!(
                "register {}: {} rows here, {} in the copy",
                table.name,
                here.len(),
                there.len()
            );
            unlike.push(text + ", and they differ");
        }
        tables.push(json!({ "table": table.name, "rows": there.len(), "equal": here == there }));
    }
    Ok((tables, unlike))
}

fn rows(view: &dyn LedgerView, table: &'static Table) -> Result<Vec<Value>, CliError> {
    Ok(view.select(&Query::all(table))?.iter().map(row_json).collect())
}

/// Without its hash a PIN is gone, though its commitment is in the chain.
fn pins(theirs: &dyn LedgerView, copy: &dyn Ledger) -> Result<Vec<String>, CliError> {
    let mut findings = Vec::new();
    for row in theirs.select(&Query::all(&s::PERSON))? {
        let id = row.text("id");
        if row.text_opt("pin_commitment").is_some() && copy.secret(&format!("pin:{id}"))?.is_none()
        {
            findings.push(format!("the PIN of {id} is not in the copy"));
        }
    }
    Ok(findings)
}
