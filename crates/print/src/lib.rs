//! A [`Sheet`](sealdock_report::Sheet) as PDF/A-2b, typeset by typst. The same sheet and the same
//! fonts give the same bytes, so that the digest of a sheet can stand in the chain.
//!
//! Everything is behind the feature `typst`, because typst alone builds longer than all the rest.
//! A station without it prints the HTML of `sealdock-report` from a browser.

/// Fonts of the system, found and never shipped.
#[cfg(feature = "typst")]
mod fonts;
/// Pages, laid out in volumes so that memory stays small.
#[cfg(feature = "typst")]
mod pages;
/// The sheet as values that the template reads.
#[cfg(feature = "typst")]
mod values;
/// What typst may see of the world: one template, one sheet, some fonts.
#[cfg(feature = "typst")]
mod world;

#[cfg(feature = "typst")]
pub use fonts::Fonts;
#[cfg(feature = "typst")]
pub use write::{PrintError, pdf};

/// From pages to bytes.
#[cfg(feature = "typst")]
mod write;
