//! A QR code on a sheet: the signed head that the sheet was drawn under, so that paper is a receipt of the record
//! (`check --pin`, `sealdock-verify --pin`). The dots come from whoever makes the sheet; here they are drawn.

use crate::html::Escaped;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

/// Width and height of a dot in the picture.
const DOT: usize = 4;
/// Empty dots around the code (ISO/IEC 18004, quiet zone).
const QUIET: usize = 4;
/// As wide as a plot, so that print sets both alike.
const WIDTH: usize = 900;
const LINE: usize = 18;
/// Letters of a line beside the code; longer ones are broken.
const LETTERS: usize = 64;

/// A QR code with what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// What it is for.
    pub title: Text,
    /// The lines of what a scan gives, to be read by people too.
    pub lines: Vec<Text>,
    /// Rows of dots from the top, `#` dark and `.` light.
    pub dots: Vec<String>,
}

impl Code {
    /// A self-contained `svg` element without script or style.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut out = String::new();
        self.draw(&mut out).expect("memory does not fail");
        out
    }

    fn draw(&self, out: &mut String) -> fmt::Result {
        let side = (self.dots.len() + 2 * QUIET) * DOT;
        let lines = self.broken();
        let height = side.max((lines.len() + 2) * LINE);
        let title = Escaped(self.title.as_str());
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" font-size=\"13\" fill=\"#000\">\n<title>{title}</title>\n\
             <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\n<path d=\"{}\"/>",
            self.path()
        )?;
        let beside = side + 12;
        writeln!(out, "<text x=\"{beside}\" y=\"{LINE}\" font-size=\"15\">{title}</text>")?;
        for (at, line) in lines.iter().enumerate() {
            let base = LINE * (at + 2);
            let line = Escaped(line);
            writeln!(
                out,
                "<text x=\"{beside}\" y=\"{base}\" font-family=\"monospace\">{line}</text>"
            )?;
        }
        out.push_str("</svg>\n");
        Ok(())
    }

    /// Each run of dark dots as one box.
    fn path(&self) -> String {
        let mut path = String::new();
        for (y, row) in self.dots.iter().enumerate() {
            let row = row.as_bytes();
            let mut x = 0;
            while x < row.len() {
                let run = row[x..].iter().take_while(|dot| **dot == b'#').count();
                if run > 0 {
                    let (left, top, width) = ((x + QUIET) * DOT, (y + QUIET) * DOT, run * DOT);
                    path.push_str(&format!("M{left} {top}h{width}v{DOT}h-{width}z"));
                }
                x += run.max(1);
            }
        }
        path
    }

    fn broken(&self) -> Vec<String> {
        let parts = |line: &Text| {
            let letters: Vec<char> = line.as_str().chars().collect();
            letters.chunks(LETTERS).map(|part| part.iter().collect()).collect::<Vec<String>>()
        };
        self.lines.iter().flat_map(parts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_drawn_where_they_stand_and_words_beside_them() {
        let code = Code {
            title: Text::new("存证 <head>"),
            lines: vec!["a/b".into(), Text::new(&"x".repeat(70))],
            dots: vec!["##.".into(), "...".into(), ".##".into()],
        };
        let svg = code.svg();
        assert!(svg.contains("<path d=\"M16 16h8v4h-8zM20 24h8v4h-8z\"/>"), "{svg}");
        assert!(svg.contains("存证 &lt;head&gt;"));
        assert!(
            svg.contains(&format!(">{}</text>", "x".repeat(64))) && svg.contains(">xxxxxx</text>")
        );
        assert!(
            svg.contains("width=\"44\" height=\"44\" fill=\"#fff\""),
            "with a quiet zone of four dots"
        );
    }
}
