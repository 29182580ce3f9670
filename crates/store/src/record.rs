//! Entries as bytes in the log: written from a decision, read back strictly. What is projected is
//! always what was read from the very bytes that are stored.

use crate::error::Doing;
use rusqlite::{Connection, OptionalExtension as _};
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::Event;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_core::project::project;
use sealdock_core::table::RowChange;
use sealdock_core::time::Stamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An entry, read.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) seq: u64,
    pub(crate) prev: Digest,
    pub(crate) at: Stamp,
    pub(crate) actor: ActorRecord,
    pub(crate) event: Event,
}

impl Record {
    /// The row changes that follow from it.
    pub(crate) fn changes(&self) -> Vec<RowChange> {
        project(self.seq, &self.at, &self.actor, &self.event)
    }

    /// Reads the exact bytes of an entry, refusing all but the canonical spelling.
    pub(crate) fn read(bytes: &[u8]) -> Result<Record, String> {
        let entry = Entry::decode(bytes).map_err(|error| error.to_string())?;
        Ok(Record {
            seq: entry.seq,
            prev: entry.prev,
            at: part("at", entry.at)?,
            actor: part("actor", entry.actor)?,
            event: part("event", entry.event)?,
        })
    }
}

fn part<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("its {name} cannot be read: {error}"))
}

/// Where an entry stands: its number and the leaf before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) seq: u64,
    pub(crate) prev: Digest,
}

/// The canonical bytes of an event, and the record as any reader will find it in them.
pub(crate) fn write(
    link: Link,
    at: &Stamp,
    actor: &Value,
    event: &Event,
) -> PortResult<(Vec<u8>, Record)> {
    let refused = |why: String| {
        let text = format!("entry {} cannot be written: {why}", link.seq);
        PortError::new(Kind::Invalid, text)
    };
    let value = |v: serde_json::Result<Value>| v.map_err(|error| refused(error.to_string()));
    let entry = Entry {
        seq: link.seq,
        prev: link.prev,
        at: value(serde_json::to_value(at))?,
        actor: actor.clone(),
        event: value(serde_json::to_value(event))?,
    };
    let bytes = entry.encode().map_err(|error| refused(error.to_string()))?;
    let record = Record::read(&bytes).map_err(refused)?;
    if record.event != *event || record.at != *at {
        return Err(refused("it does not read back as what was meant".into()));
    }
    Ok((bytes, record))
}

pub(crate) fn store(conn: &Connection, seq: u64, bytes: &[u8], leaf: Digest) -> PortResult<()> {
    conn.prepare_cached("INSERT INTO entry (seq, leaf, bytes) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute((seq, leaf.0, bytes)))
        .doing(|| format!("store entry {seq}"))?;
    Ok(())
}

/// Bytes and stored leaf of one entry.
pub(crate) fn load(conn: &Connection, seq: u64) -> PortResult<Option<(Vec<u8>, Digest)>> {
    conn.prepare_cached("SELECT bytes, leaf FROM entry WHERE seq = ?1")
        .and_then(|mut statement| {
            statement.query_row([seq], |r| Ok((r.get(0)?, Digest(r.get(1)?)))).optional()
        })
        .doing(|| format!("read entry {seq}"))
}

/// Bytes of the entries from `first` up to, not including, `past`.
pub(crate) fn load_range(conn: &Connection, first: u64, past: u64) -> PortResult<Vec<Vec<u8>>> {
    let reading = || format!("read entries {first} to {past}");
    let mut statement = conn
        .prepare_cached("SELECT bytes FROM entry WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")
        .doing(reading)?;
    let rows = statement.query_map((first, past), |r| r.get(0)).doing(reading)?;
    rows.collect::<rusqlite::Result<Vec<Vec<u8>>>>().doing(reading)
}
