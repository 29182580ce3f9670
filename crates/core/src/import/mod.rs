//! Import: a sheet of people or of recorders is taken into the registers, whole or not at all.
//! `docs/design/import.md` has the rules.

/// Which cell of a row is which field.
mod columns;
/// A plan without complaints becomes entries.
mod decide;
/// Rows of people.
mod people;
/// What a sheet comes to.
mod plan;
/// Rows of recorders.
mod recorders;
/// One row under its columns, and what is wrong with it.
mod row;
/// A sheet as it was read.
mod table;

pub use columns::{Column, PEOPLE, RECORDERS};
pub(crate) use decide::decide;
pub use decide::objection;
pub use plan::{Change, Complaint, Plan, Subject, in_both, plan};
pub use table::{CELL_CHARS_MAX, Cell, Line, ROWS_MAX, Table};

use serde::Deserialize;

/// Commands about whole sheets.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Command {
    /// Enrols the people of a sheet, without PINs.
    People { table: Table },
    /// Enrols the recorders of a sheet.
    Recorders { table: Table },
}
