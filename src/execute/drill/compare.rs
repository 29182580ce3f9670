//! The station as it was before a drill began, and what came out of the second copy held against it.

use crate::execute::row_json;
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_chain::note::Checkpoint;
use sealdock_chain::{Digest, tree};
use sealdock_core::ports::{Ledger, LedgerView};
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Table};
use sealdock_station::view::Nodes;
use serde_json::{Value, json};

/// Rows of one register: how many, and a digest over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rows(usize, Digest);

/// Taken before the drill writes an entry, which the copy cannot hold yet.
pub struct Before {
    head: Checkpoint,
    tables: Vec<Rows>,
}

impl Before {
    /// # Errors
    /// The registers cannot be read.
    pub fn of(open: &Open) -> Result<Before, CliError> {
        let view = open.station.world().ledger.view()?;
        let tables = s::tables().map(|table| rows(&*view, table)).collect::<Result<_, _>>()?;
        Ok(Before { head: view.head()?.checkpoint().clone(), tables })
    }

    /// Is the copy the beginning of this record, and how much of it? `live` may have grown meanwhile.
    ///
    /// # Errors
    /// A head cannot be read.
    pub fn heads(
        &self,
        live: &dyn LedgerView,
        theirs: &dyn LedgerView,
    ) -> Result<Vec<String>, CliError> {
        let then = theirs.head()?;
        let then = then.checkpoint();
        let mut findings = Vec::new();
        if self.head.size > then.size {
            findings.push(format!(
                "entries {} to {} are not in the copy: they would be lost",
                then.size,
                self.head.size - 1
            ));
        }
        if tree::root_of(&Nodes(live), then.size).ok() != Some(then.root) {
            findings.push("the copy is of another history, or longer than this station".to_owned());
        }
        Ok(findings)
    }

    /// Every register, row by row; only where both have the same entries.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn registers(
        &self,
        theirs: &dyn LedgerView,
    ) -> Result<(Vec<Value>, Vec<String>), CliError> {
        let same = theirs.head()?.checkpoint() == &self.head;
        let (mut tables, mut unlike) = (Vec::new(), Vec::new());
        for (table, here) in s::tables().zip(&self.tables) {
            let there = rows(theirs, table)?;
            if same && there != *here {
                unlike.push(format!(
                    "register {}: {} rows here, {} in the copy, and they differ",
                    table.name, here.0, there.0
                ));
            }
            tables.push(json!({ "table": table.name, "rows": there.0, "equal": there == *here }));
        }
        Ok((tables, unlike))
    }
}

fn rows(view: &dyn LedgerView, table: &'static Table) -> Result<Rows, CliError> {
    let rows = view.select(&Query::all(table))?;
    let mut hash = <sha2::Sha256 as sha2::Digest>::new();
    for row in &rows {
        // A row is one line: JSON has no bare line feed.
        sha2::Digest::update(&mut hash, row_json(row).to_string());
        sha2::Digest::update(&mut hash, b"\n");
    }
    Ok(Rows(rows.len(), Digest(sha2::Digest::finalize(hash).into())))
}

/// Without its hash a PIN is gone, though its commitment is in the chain.
///
/// # Errors
/// The registers cannot be read.
pub fn pins(theirs: &dyn LedgerView, copy: &dyn Ledger) -> Result<Vec<String>, CliError> {
    let mut findings = Vec::new();
    for row in theirs.select(&Query::all(&s::PERSON))? {
        let id = row.text("id");
        let lost =
            sealdock_core::registry::pin_lost(theirs, &sealdock_core::registry::person_of(&row)?)?;
        let gone = !lost
            && row.text_opt("pin_commitment").is_some()
            && copy.secret(&format!("pin:{id}"))?.is_none();
        if gone {
            findings.push(format!("the PIN of {id} is not in the copy"));
        }
    }
    Ok(findings)
}
