//! Every head that was persisted, met in order while the tree grows: its root must be the root of
//! that many entries, its signature that of the key of its epoch.

use super::examine::Examiner;
use super::findings::Findings;
use crate::error::Doing;
use crate::keys::{self, Epochs};
use rusqlite::Connection;
use sealdock_chain::note::Checkpoint;
use sealdock_chain::tree::Frontier;
use sealdock_core::ports::PortResult;
use std::iter::Peekable;
use std::vec::IntoIter;

/// Heads that are held at once.
const PAGE: usize = 4096;

/// Heads not yet met, oldest first.
pub(crate) struct Heads<'s> {
    conn: &'s Connection,
    page: Peekable<IntoIter<(u64, String)>>,
    /// The smallest size that was not read yet; `None`: all were.
    next: Option<u64>,
    /// The newest head, which may be in the file only.
    newest: Option<(u64, String)>,
    origin: &'s str,
    epochs: &'s Epochs,
    deep: bool,
    /// One changed entry breaks every later root: only the first is named.
    root_broken: bool,
    met: u64,
}

impl<'s> Heads<'s> {
    pub(crate) fn read(
        conn: &'s Connection,
        newest: Option<String>,
        examiner: &'s Examiner,
        deep: bool,
    ) -> PortResult<Heads<'s>> {
        let newest = newest.and_then(|note| Some((stated_size(&note)?, note)));
        let mut heads = Heads {
            conn,
            page: Vec::new().into_iter().peekable(),
            next: Some(0),
            newest,
            origin: &examiner.origin,
            epochs: &examiner.log,
            deep,
            root_broken: false,
            met: 0,
        };
        heads.turn_page()?;
        Ok(heads)
    }

    fn turn_page(&mut self) -> PortResult<()> {
        let Some(from) = self.next else { return Ok(()) };
        let reading = || "read the heads".to_owned();
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT size, note FROM live.head WHERE size >= ?1 ORDER BY size LIMIT ?2",
            )
            .doing(reading)?;
        let rows = statement
            .query_map((from, PAGE), |row| Ok((row.get(0)?, row.get(1)?)))
            .doing(reading)?;
        let mut page: Vec<(u64, String)> = rows.collect::<rusqlite::Result<_>>().doing(reading)?;
        self.next = match page.last() {
            Some((last, _)) if page.len() == PAGE => Some(*last + 1),
            _ => None,
        };
        if self.next.is_none()
            && let Some(newest) = self.newest.take()
            && page.last().is_none_or(|(size, _)| *size < newest.0)
        {
            page.push(newest);
        }
        self.page = page.into_iter().peekable();
        Ok(())
    }

    /// The tree has grown to `edge`: holds the heads of that size against it.
    pub(crate) fn meet(&mut self, edge: &Frontier, findings: &mut Findings) {
        while let Some((size, note)) = self.page.next_if(|(size, _)| *size <= edge.size()) {
            self.check(size, &note, edge, findings);
            self.met = size;
            if self.page.peek().is_none()
                && let Err(error) = self.turn_page()
            {
                findings.add("head", None, error.message);
            }
        }
    }

    fn check(&mut self, size: u64, note: &str, edge: &Frontier, findings: &mut Findings) {
        let seq = size.checked_sub(1);
        let body = Checkpoint { origin: self.origin.to_owned(), size, root: edge.root() }.body();
        let rest = note.strip_prefix(body.as_str());
        if !rest.is_some_and(|rest| rest.starts_with("\n\u{2014} ")) && !self.root_broken {
            self.root_broken = true;
            let text = format!(
                "the head of {size} entries is not the head of these entries: an entry up to there \
                 or the head was changed"
            );
            findings.add("head", seq, text);
        }
        if (self.deep || self.is_last_of_epoch(size))
            && let Err(why) = keys::open_head(note, self.origin, self.epochs, None)
        {
            findings.add("head", seq, why);
        }
    }

    /// The newest head of each key covers all before it, so its signature is always verified.
    fn is_last_of_epoch(&mut self, size: u64) -> bool {
        let next = match self.page.peek() {
            Some((next, _)) => *next,
            None if self.next.is_none() => return true,
            // Between two pages: one signature too many does no harm.
            None => return true,
        };
        let key = |size| self.epochs.for_size(size).map(|epoch| epoch.number);
        key(size) != key(next)
    }

    /// Entries without a head, and heads without entries.
    pub(crate) fn finish(&mut self, edge: &Frontier, findings: &mut Findings) {
        let size = edge.size();
        if let Some((larger, _)) = self.page.peek() {
            let text = format!(
                "a head of {larger} entries was handed out, and the log has {size}: its end is \
                 missing, by a restored backup or a rollback"
            );
            findings.add("head", Some(size), text);
        } else if self.met < size {
            let text = format!(
                "entries {} to {size} have no head: the last run stopped before it was signed; \
                 the next start makes it",
                self.met
            );
            findings.add("head", Some(self.met), text);
        }
    }
}

fn stated_size(note: &str) -> Option<u64> {
    note.lines().nth(1)?.parse().ok()
}
