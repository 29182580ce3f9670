//! The formats of cells. Every cell names one by number, so all are read before any cell.

use super::Unreadable;
use super::number::Format;
use super::parts::{Element, Package, elements};
use std::collections::HashMap;

/// Most formats of a file's own, and most styles that cells name. Spreadsheets write some tens.
pub const STYLES_MAX: usize = 4096;
/// Longest code of a format, letters; what is longer is shown in no way that this reader knows. Spreadsheets allow 255.
const CODE_CHARS_MAX: usize = 255;

/// The format of each style of cell.
pub fn formats(package: &mut Package) -> Result<Vec<Format>, Unreadable> {
    let mut formats = Vec::new();
    let Some(part) = package.part("xl/styles.xml")? else { return Ok(formats) };
    let mut own: HashMap<u32, Format> = HashMap::new();
    let mut of_cells = false;
    elements(&part, |element| {
        let number = || element.attribute("numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
        match &element {
            Element::Begin { name: "numFmt", .. } => {
                let code = element.attribute("formatCode").unwrap_or_default();
                // Of two with one number the first counts.
                own.entry(number()).or_insert_with(|| of_code(&code));
            }
            Element::Begin { name: "cellXfs", .. } => of_cells = true,
            Element::End("cellXfs") => of_cells = false,
            Element::Begin { name: "xf", .. } if of_cells => {
                let id = number();
                formats.push(own.get(&id).cloned().unwrap_or_else(|| Format::of(id, None)));
            }
            _ => {}
        }
        match own.len().max(formats.len()) > STYLES_MAX {
            true => Err(Unreadable::NoSheet),
            false => Ok(()),
        }
    })?;
    Ok(formats)
}

fn of_code(code: &str) -> Format {
    match code.chars().nth(CODE_CHARS_MAX) {
        Some(_) => Format::Other,
        None => Format::of(0, Some(code)),
    }
}
