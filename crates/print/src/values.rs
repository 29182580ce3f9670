//! The sheet as values for the template. Text is never spliced into source, so a name cannot
//! become markup. What no font has is spelt out here, and long words get places to break.

use crate::fonts::Fonts;
use sealdock_report::{Cell, Orientation, Sheet, Text};
use std::collections::BTreeSet;
use std::ops::Range;
use typst::foundations::{Array, Dict, IntoValue, Value};

/// A row of more lines may be split over pages; shorter ones surely fit and stay whole.
const WHOLE_LINES_MAX: usize = 16;
/// The width between the margins of upright A4, in points, and what a character of the table and
/// the edges of a cell take of it.
const WIDTH_PT: usize = 510;
const LETTER_PT: usize = 10;
const EDGES_PT: usize = 6;
/// Words without a place to break that are longer than this would run into the next column.
const WORD_MAX: usize = 12;
/// How far apart the places are that they get.
const WORD_PIECE: usize = 4;

/// Turns text into what the fonts can show.
pub struct Values<'a> {
    sheet: &'a Sheet,
    fonts: &'a Fonts,
}

impl<'a> Values<'a> {
    /// Values of `sheet` for these fonts.
    pub fn new(sheet: &'a Sheet, fonts: &'a Fonts) -> Self {
        Values { sheet, fonts }
    }

    /// Every character that will be set, the template's own words included.
    pub fn letters(&self) -> BTreeSet<char> {
        let sheet = self.sheet;
        let mut letters: BTreeSet<char> = "第页共说明：/0123456789u{}\\abcdef".chars().collect();
        let fields = sheet.head.iter().flat_map(|field| [&field.label, &field.value]);
        let names =
            sheet.columns.iter().flat_map(|column| [Some(&column.name), column.group.as_ref()]);
        let cells =
            sheet.rows.iter().chain(&sheet.totals).flatten().filter_map(|cell| match cell {
                Cell::Text(text) => Some(text),
                Cell::Count(_) => None,
            });
        let texts = fields.chain(names.flatten()).chain(cells).chain(&sheet.notes);
        letters.extend(texts.chain([&sheet.title]).flat_map(|text| text.as_str().chars()));
        let code = sheet.code.iter().flat_map(|code| code.lines.iter().chain([&code.title]));
        letters.extend(code.flat_map(|text| text.as_str().chars()));
        letters.extend(sheet.foot.line().chars().chain(sheet.end_mark().chars()));
        letters
    }

    /// The page numbers 1 to `pages`, one small page each.
    pub fn numbers(&self, pages: usize) -> Dict {
        dict([
            ("kind", "numbers".into_value()),
            ("families", self.families()),
            ("pages", pages.into_value()),
        ])
    }

    /// The rows of `range`; the last volume also has the sums, the notes and the plots.
    pub fn volume(&self, range: Range<usize>) -> Dict {
        let sheet = self.sheet;
        let last = range.end == sheet.rows.len();
        let mut rows: Array = range.map(|at| self.row(at, &sheet.rows[at], false)).collect();
        if let Some(totals) = sheet.totals.as_ref().filter(|_| last) {
            rows.push(self.row(sheet.rows.len(), totals, true));
        }
        let head = sheet.head.iter().map(|field| self.pair(&field.label, self.text(&field.value)));
        let spans = sheet.spans();
        let spans = spans
            .iter()
            .map(|span| self.pair(span.name, span.below.map_or(0, <[_]>::len).into_value()));
        let below = sheet.columns.iter().filter(|column| column.group.is_some());
        let columns = sheet.columns.iter().map(|column| column.weight.into_value());
        let foot = sheet.foot.lines();
        let foot = foot.iter().map(|(label, value)| format!("{label}：{value}").into_value());
        let notes = sheet.numbered_notes().into_iter().map(|note| self.shown(&note).into_value());
        dict([
            ("kind", "volume".into_value()),
            ("families", self.families()),
            ("title", self.text(&sheet.title)),
            ("landscape", (sheet.page == Orientation::Landscape).into_value()),
            ("head", array(head)),
            ("columns", array(columns)),
            ("grouped", sheet.has_groups().into_value()),
            ("spans", array(spans)),
            ("below", array(below.map(|column| self.text(&column.name)))),
            ("rows", rows.into_value()),
            ("last", last.into_value()),
            ("end-mark", sheet.end_mark().into_value()),
            ("notes", array(notes)),
            ("plots", array(self.pictures())),
            ("foot", array(foot)),
        ])
    }

    fn pictures(&self) -> impl Iterator<Item = Value> {
        let plots = self.sheet.plots.iter().map(|plot| plot.svg().into_value());
        plots.chain(self.sheet.code.iter().map(|code| code.svg().into_value()))
    }

    /// Whether a row surely stays on one page: reckoned as if every character were Chinese and the
    /// paper upright, so too many lines rather than too few.
    pub fn is_whole(&self, row: usize) -> bool {
        let columns = &self.sheet.columns;
        let weight = usize::try_from(self.sheet.weight()).unwrap_or(usize::MAX);
        let lines = |at: usize, cell: &Cell| {
            let width = WIDTH_PT * usize::from(columns[at].weight) / weight.max(1);
            let in_line = width.saturating_sub(EDGES_PT) / LETTER_PT;
            cell.shown().chars().count() / in_line.max(1)
        };
        let cells = self.sheet.rows.get(row).map_or(&[][..], Vec::as_slice);
        cells.iter().enumerate().all(|(at, cell)| lines(at, cell) < WHOLE_LINES_MAX)
    }

    fn families(&self) -> Value {
        array(self.fonts.families().into_iter().map(|family| family.into_value()))
    }

    fn row(&self, index: usize, cells: &[Cell], bold: bool) -> Value {
        let texts = cells.iter().map(|cell| match cell {
            Cell::Text(text) => self.text(text),
            Cell::Count(count) => count.to_string().into_value(),
        });
        let row = [
            ("index", index.into_value()),
            ("whole", self.is_whole(index).into_value()),
            ("bold", bold.into_value()),
            ("texts", array(texts)),
        ];
        dict(row).into_value()
    }

    fn pair(&self, label: &Text, value: Value) -> Value {
        array([self.text(label), value].into_iter())
    }

    fn text(&self, text: &Text) -> Value {
        self.shown(text.as_str()).into_value()
    }

    /// Spells out what no font has, and lets long words break.
    fn shown(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                // Selectors of a variant have no picture; the character before them has.
                '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => out.push(letter),
                letter if self.fonts.has(letter) => out.push(letter),
                letter => out.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
            }
        }
        breakable(&out)
    }
}

fn breakable(text: &str) -> String {
    // Between Chinese characters a line breaks by itself; these are the ones without such a place.
    let sticks = |letter: &char| !letter.is_whitespace() && u32::from(*letter) < 0x1100;
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for word in letters.chunk_by(|left, right| sticks(left) && sticks(right)) {
        for (at, letter) in word.iter().enumerate() {
            if word.len() > WORD_MAX && at > 0 && at % WORD_PIECE == 0 {
                out.push('\u{200b}');
            }
            out.push(*letter);
        }
    }
    out
}

fn array(values: impl Iterator<Item = Value>) -> Value {
    values.collect::<Array>().into_value()
}

fn dict<const N: usize>(entries: [(&str, Value); N]) -> Dict {
    entries.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_get_places_to_break_and_telephone_numbers_none() {
        assert_eq!(breakable("0734-5550110"), "0734-5550110");
        assert_eq!(breakable("执法记录仪执法记录仪执法记录仪"), "执法记录仪执法记录仪执法记录仪");
        let long = breakable(&"A".repeat(200));
        assert_eq!(long.replace('\u{200b}', ""), "A".repeat(200));
        assert!(long.split('\u{200b}').all(|piece| piece.len() <= WORD_PIECE));
    }
}
