//! The walk over everything, from entry 0: the chain is the truth, and whatever contradicts it is
//! named. It changes nothing, and goes on after a finding where it can.

mod examine;
mod findings;
mod heads;
mod pipeline;
mod scratch;

use crate::connection::{self, Access};
use crate::error::{Doing, damaged};
use crate::files::Files;
use crate::gate::Gate;
use crate::keys::Epochs;
use crate::rows::Tables;
use crate::{recover, schema, tree, view};
use examine::{Examined, Examiner};
use findings::Findings;
use heads::Heads;
use rusqlite::Connection;
use scratch::Scratch;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::tree::Frontier;
use sealdock_core::event::KeyKind;
use sealdock_core::objection;
use sealdock_core::ports::{LedgerReport, PortResult};

/// The newest head as it lies on disk, held against the log.
pub(crate) fn standing_head(conn: &Connection, files: &Files) -> PortResult<SignedCheckpoint> {
    let note = recover::newest_note(files)?
        .ok_or_else(|| damaged("the file head holds no readable head; run `sealdock check`"))?;
    recover::agreed_head(conn, &recover::origin(conn)?, &note, None)
}

/// One walk.
pub(crate) struct Walk<'s> {
    pub(crate) files: &'s Files,
    pub(crate) gate: &'s Gate,
    pub(crate) deep: bool,
    /// Are the hashes of PINs expected?
    pub(crate) secrets: bool,
}

impl Walk<'_> {
    pub(crate) fn run(&self, progress: &mut dyn FnMut(u64, u64)) -> PortResult<LedgerReport> {
        let mut findings = Findings::default();
        let mut log = connection::open(&self.files.database(), Access::Read)?;
        let entered = self.gate.enter();
        let standing = (*entered).clone();
        let scratch = Scratch::open(&self.files.database())?;
        let total = view::begin_snapshot(&log)?;
        // Of the same moment as the snapshot: a newer head would speak of entries that it does not hold.
        let newest = recover::newest_note(self.files)?;
        drop(entered);
        compare_schema(&log, &mut findings)?;
        let examiner = Examiner {
            origin: recover::origin(&log)?,
            log: Epochs::read(&log, KeyKind::Log)?,
            evidence: Epochs::read(&log, KeyKind::Evidence)?,
            deep: self.deep,
        };
        let mut heads = Heads::read(&scratch.conn, newest, &examiner, self.deep)?;
        let mut chain = Chain { edge: Frontier::new(), prev: Digest::ZERO, scratch: &scratch };
        heads.meet(&chain.edge, &mut findings);
        let walked = pipeline::run(&mut log, &examiner, |chunk| {
            for examined in chunk {
                chain.follow(examined, &mut findings)?;
                heads.meet(&chain.edge, &mut findings);
            }
            progress(chain.edge.size(), total);
            Ok(())
        });
        if let Err(error) = walked {
            findings.add("chain", Some(chain.edge.size()), error.message);
        }
        chain.finish(&mut findings)?;
        heads.finish(&chain.edge, &mut findings);
        scratch.compare(&mut findings)?;
        if self.secrets {
            scratch.compare_pins(&mut findings)?;
        }
        // Every table was read by now. What is left are indexes and free pages, as long as the walk.
        if self.deep {
            integrity(&log, &mut findings)?;
        }
        // Last, because it says that something is wrong and rarely what.
        if let Err(error) = standing {
            findings.add("head", None, error.message);
        }
        Ok(LedgerReport { entries: chain.edge.size(), findings: findings.into_vec() })
    }
}

/// The chain as it is walked, in one thread.
struct Chain<'s> {
    edge: Frontier,
    /// Leaf of the entry before, recomputed.
    prev: Digest,
    scratch: &'s Scratch,
}

impl Chain<'_> {
    fn follow(&mut self, examined: &Examined, findings: &mut Findings) -> PortResult<()> {
        let seq = examined.seq;
        let expected = self.edge.size();
        if seq != expected {
            let text = format!("entry {expected} is missing: entry {seq} follows");
            findings.add("chain", Some(expected), text);
        }
        for (area, text) in &examined.problems {
            findings.add(area, Some(seq), text.clone());
        }
        if examined.prev.is_some_and(|prev| prev != self.prev) {
            let text = match seq.checked_sub(1) {
                Some(last) => format!(
                    "entry {seq} does not continue entry {last} as it is now: one of them was changed"
                ),
                None => "entry 0 names an entry before it".to_owned(),
            };
            findings.add("chain", Some(seq.saturating_sub(1)), text);
        }
        self.prev = examined.leaf;
        if let Some(signed) = &examined.signed {
            let (at, actor, event) = signed.as_ref();
            let registers = Tables(&self.scratch.conn);
            match objection::objection(&registers, at, actor, event) {
                Ok(None) => {}
                Ok(Some(why)) => findings.add("rules", Some(seq), format!("entry {seq}: {why}")),
                Err(error) => findings.add("rules", Some(seq), error.message),
            }
        }
        if let Err(error) = self.scratch.apply(&examined.changes) {
            findings.add("register", Some(seq), format!("entry {seq}: {}", error.message));
        }
        self.grow(examined.leaf, findings)
    }

    fn grow(&mut self, leaf: Digest, findings: &mut Findings) -> PortResult<()> {
        let mut kept = Vec::new();
        self.edge.push_with(leaf, |level, index, hash| {
            if tree::is_kept(level) {
                kept.push((level, index, hash));
            }
        });
        for (level, index, hash) in kept {
            if tree::kept_node(&self.scratch.conn, level, index)? != Some(hash) {
                let last = self.edge.size() - 1;
                let text = format!("tree node {index} of level {level} is not that of its entries");
                findings.add("chain", Some(last), text);
            }
        }
        Ok(())
    }

    fn finish(&self, findings: &mut Findings) -> PortResult<()> {
        let size = self.edge.size();
        match tree::frontier(&self.scratch.conn) {
            Ok(stored) if stored == self.edge => {}
            Ok(stored) if stored.size() != size => {
                let text = format!("the log has {size} entries, {} were recorded", stored.size());
                findings.add("chain", Some(size.min(stored.size())), text);
            }
            Ok(_) => {
                findings.add("chain", None, "the stored right edge is not that of the entries")
            }
            Err(error) => findings.add("chain", None, error.message),
        }
        let nodes: u64 = self
            .scratch
            .conn
            .query_row("SELECT count(*) FROM live.node", [], |row| row.get(0))
            .doing(|| "count the tree nodes".into())?;
        let expected: u64 = (1..8).map(|stride| size.checked_shr(stride * 8).unwrap_or(0)).sum();
        if nodes != expected {
            let text =
                format!("{nodes} tree nodes are stored, {expected} belong to {size} entries");
            findings.add("chain", None, text);
        }
        Ok(())
    }
}

fn compare_schema(conn: &Connection, findings: &mut Findings) -> PortResult<()> {
    let (found, fresh) = (schema::objects(conn)?, schema::fresh_objects()?);
    for ((kind, name), sql) in &fresh {
        match found.get(&(kind.clone(), name.clone())) {
            None => findings.add("schema", None, format!("the {kind} {name} is missing")),
            Some(other) if other != sql => {
                findings.add("schema", None, format!("the {kind} {name} was changed"));
            }
            Some(_) => {}
        }
    }
    for (kind, name) in found.keys().filter(|key| !fresh.contains_key(*key)) {
        findings.add("schema", None, format!("the {kind} {name} does not belong there"));
    }
    Ok(())
}

fn integrity(conn: &Connection, findings: &mut Findings) -> PortResult<()> {
    let checking = || "check the pages of the database".to_owned();
    let mut statement = conn.prepare("PRAGMA integrity_check(10)").doing(checking)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).doing(checking)?;
    for row in rows {
        let text = row.doing(checking)?;
        if text != "ok" {
            findings.add("schema", None, format!("the database file is damaged: {text}"));
        }
    }
    Ok(())
}
