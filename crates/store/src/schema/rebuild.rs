//! Fills every register from entry 0, by the projection that filled it the first time.

use crate::record::Record;
use crate::rows;
use rusqlite::{Connection, Error};
use sealdock_core::schema::tables;

/// Empties the registers and projects every entry again.
///
/// # Errors
/// An entry that cannot be read or does not fit: the database is not changed, because the caller's
/// transaction ends with this.
pub(super) fn registers(conn: &Connection) -> rusqlite::Result<()> {
    for table in tables() {
        conn.execute(&format!("DELETE FROM {}", table.name), [])?;
    }
    let mut log = conn.prepare("SELECT seq, bytes FROM entry ORDER BY seq")?;
    let mut entries = log.query([])?;
    while let Some(row) = entries.next()? {
        let (seq, bytes): (u64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let failed =
            |why: String| Error::ToSqlConversionFailure(format!("entry {seq}: {why}").into());
        let record = Record::read(&bytes).map_err(failed)?;
        for change in record.changes() {
            rows::apply(conn, &change).map_err(|error| failed(error.message))?;
        }
    }
    Ok(())
}
