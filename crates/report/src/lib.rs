//! What leaves the station as a sheet: the three statutory forms (002, end of annex 6) and the
//! reports of auditors. Rows come in typed, a [`Sheet`] stands in the middle, HTML, CSV and XLSX
//! go out as bytes; PDF is made from the same sheet by `sealdock-print`. And the other way round: a sheet
//! that a unit brings becomes cells.
//!
//! Pure: it reads no file and no clock. Whoever calls says when the sheet was drawn and from
//! which entries, and every writer puts that into the foot, so that paper can be compared with
//! the chain.

/// A QR code on a sheet.
pub mod code;
/// Comma-separated values for programs and for spreadsheets.
pub mod csv;
/// From which head and which entries a sheet was drawn.
pub mod foot;
/// The three statutory forms, field for field.
pub mod forms;
/// One file for the screen and for printing from a browser.
pub mod html;
/// Bars and lines as SVG.
pub mod plot;
/// Sheets by others become cells.
pub mod reading;
/// What auditors ask, each with its columns, sums and plots.
pub mod reports;
/// The sheet that all writers take.
pub mod sheet;
/// Reports of auditors: any table with filters, totals and plots.
pub mod table;
/// Text by strangers, made harmless once.
pub mod text;
/// Office Open XML for spreadsheets.
pub mod xlsx;

pub use code::Code;
pub use foot::{Foot, FootError};
pub use sheet::{Cell, Column, Field, Orientation, Sheet};
pub use table::Table;
pub use text::Text;
