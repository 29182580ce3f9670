//! HTML for the screen, and for stations without PDF: the print style puts it on A4 with the
//! heading, the column names and the foot on every page.
//!
//! One file, nothing fetched, no script. It can be served under a content security policy that
//! names [`style_source`] and forbids everything else; that is why no element has a `style`.

use crate::sheet::{Cell, Orientation, Sheet, Span};
use base64::Engine as _;
use sealdock_chain::digest::Digest;
use std::fmt::{self, Display, Write as _};

const STYLE: &str = include_str!("html.css");

/// The source expression that lets the sheet's style through: `'sha256-…'`.
#[must_use]
pub fn style_source(page: Orientation) -> String {
    let digest = Digest::of(style(page).as_bytes());
    let base64 = base64::engine::general_purpose::STANDARD.encode(digest.as_bytes());
    format!("'sha256-{base64}'")
}

fn style(page: Orientation) -> String {
    let lies = match page {
        Orientation::Landscape => "landscape",
        Orientation::Portrait => "portrait",
    };
    STYLE.replace("ORIENTATION", lies)
}

/// Writes the sheet.
#[must_use]
pub fn html(sheet: &Sheet) -> String {
    let mut out = String::new();
    write_page(&mut out, sheet).expect("memory does not fail");
    out
}

fn write_page(out: &mut String, sheet: &Sheet) -> fmt::Result {
    let title = Escaped(sheet.title.as_str());
    let (style, policy) = (style(sheet.page), style_source(sheet.page));
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<table>\n"
    )?;
    write_widths(out, sheet)?;
    write_header(out, sheet)?;
    write_body(out, sheet)?;
    write_foot(out, sheet)?;
    out.push_str("</table>\n");
    write_notes(out, sheet)?;
    for plot in &sheet.plots {
        writeln!(out, "<figure>\n{}</figure>", plot.svg())?;
    }
    if let Some(code) = &sheet.code {
        writeln!(out, "<figure>\n{}</figure>", code.svg())?;
    }
    out.push_str("</body>\n</html>\n");
    Ok(())
}

fn write_widths(out: &mut String, sheet: &Sheet) -> fmt::Result {
    out.push_str("<colgroup>");
    for column in &sheet.columns {
        // Tenths of a percent, rounded by whole numbers: the same bytes on every machine.
        let tenths = u32::from(column.weight) * 1_000 / sheet.weight().max(1);
        write!(out, "<col width=\"{}.{}%\">", tenths / 10, tenths % 10)?;
    }
    out.push_str("</colgroup>\n");
    Ok(())
}

/// Browsers repeat `thead` on every page, therefore the heading stands in it too.
fn write_header(out: &mut String, sheet: &Sheet) -> fmt::Result {
    let width = sheet.columns.len();
    write!(out, "<thead>\n<tr class=\"title\"><th colspan=\"{width}\">")?;
    write!(out, "<h1>{}</h1>", Escaped(sheet.title.as_str()))?;
    if !sheet.head.is_empty() {
        out.push_str("<p class=\"head\">");
        for field in &sheet.head {
            let (label, value) = (Escaped(field.label.as_str()), Escaped(field.value.as_str()));
            write!(out, "<span>{label}：<bdi>{value}</bdi></span>")?;
        }
        out.push_str("</p>");
    }
    out.push_str("</th></tr>\n<tr>");
    for span in sheet.spans() {
        write_span(out, &span, sheet.has_groups())?;
    }
    out.push_str("</tr>\n");
    if sheet.has_groups() {
        out.push_str("<tr>");
        for column in sheet.columns.iter().filter(|column| column.group.is_some()) {
            write!(out, "<th scope=\"col\">{}</th>", Escaped(column.name.as_str()))?;
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</thead>\n");
    Ok(())
}

fn write_span(out: &mut String, span: &Span<'_>, two_rows: bool) -> fmt::Result {
    let name = Escaped(span.name.as_str());
    match span.below {
        Some(below) => {
            write!(out, "<th scope=\"colgroup\" colspan=\"{}\">{name}</th>", below.len())
        }
        None if two_rows => write!(out, "<th scope=\"col\" rowspan=\"2\">{name}</th>"),
        None => write!(out, "<th scope=\"col\">{name}</th>"),
    }
}

fn write_body(out: &mut String, sheet: &Sheet) -> fmt::Result {
    out.push_str("<tbody>\n");
    for row in &sheet.rows {
        write_row(out, row, "")?;
    }
    if let Some(totals) = &sheet.totals {
        write_row(out, totals, " class=\"totals\"")?;
    }
    let (width, mark) = (sheet.columns.len(), sheet.end_mark());
    writeln!(out, "<tr class=\"end\"><td colspan=\"{width}\">{mark}</td></tr>\n</tbody>")
}

/// `bdi` keeps a name written from right to left from turning its neighbours.
fn write_row(out: &mut String, row: &[Cell], class: &str) -> fmt::Result {
    write!(out, "<tr{class}>")?;
    for cell in row {
        match cell {
            Cell::Text(text) => write!(out, "<td><bdi>{}</bdi></td>", Escaped(text.as_str()))?,
            Cell::Count(count) => write!(out, "<td class=\"count\">{count}</td>")?,
        }
    }
    out.push_str("</tr>\n");
    Ok(())
}

fn write_foot(out: &mut String, sheet: &Sheet) -> fmt::Result {
    write!(out, "<tfoot>\n<tr><td colspan=\"{}\">", sheet.columns.len())?;
    for (label, value) in sheet.foot.lines() {
        write!(out, "<span>{label}：<bdi>{}</bdi></span>", Escaped(value.as_str()))?;
    }
    out.push_str("</td></tr>\n</tfoot>\n");
    Ok(())
}

fn write_notes(out: &mut String, sheet: &Sheet) -> fmt::Result {
    if sheet.notes.is_empty() {
        return Ok(());
    }
    out.push_str("<section>\n<p>说明：</p>\n<ol>\n");
    for note in &sheet.notes {
        writeln!(out, "<li>{}</li>", Escaped(note.as_str()))?;
    }
    out.push_str("</ol>\n</section>\n");
    Ok(())
}

/// Text that stands in markup or in a quoted attribute as itself.
pub(crate) struct Escaped<'text>(pub &'text str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_shown_as_it_was_typed() {
        let shown = Escaped("<img src=x onerror=\"a('&')\">").to_string();
        assert_eq!(shown, "&lt;img src=x onerror=&quot;a(&#39;&amp;&#39;)&quot;&gt;");
    }

    #[test]
    fn the_style_has_a_source_for_each_orientation() {
        let [wide, high] = [Orientation::Landscape, Orientation::Portrait].map(style_source);
        assert_ne!(wide, high);
        assert!(wide.starts_with("'sha256-") && wide.len() == 53, "{wide}");
    }
}
