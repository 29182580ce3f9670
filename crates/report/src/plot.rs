//! Plots for reports, made by hand: bars (lateness by department) and lines (hours by week). Every
//! value stands beside its mark as a number, so nothing is said by length or colour alone; of a long line only
//! as many as can be read, and the table above has them all. All
//! coordinates are whole numbers: the same values give the same bytes on every machine.

use crate::html::Escaped;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

/// One plot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plot {
    /// A bar for each label, from left to right, one below the other.
    Bars(Series),
    /// A line through values in the order of their labels, with a gap where one is missing.
    Line(Series),
}

/// What is plotted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// What is shown, with its unit.
    pub title: Text,
    /// Label and value; `None` where nothing is known, which is not zero.
    pub values: Vec<(Text, Option<u64>)>,
}

const WIDTH: u64 = 900;
const LABEL: u64 = 220;
const BAR: u64 = 560;
const STEP: u64 = 26;
const TOP: u64 = 34;
const HEIGHT: u64 = 200;
/// How near each other the numbers and the labels of a line may stand, and be read.
const BETWEEN_NUMBERS: u64 = 44;
const BETWEEN_LABELS: u64 = 96;
const INK: &str = "#111";
const ACCENT: &str = "#1f5fa8";

impl Plot {
    /// A self-contained `svg` element without script or style.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut out = String::new();
        let written = match self {
            Plot::Bars(series) => series.bars(&mut out),
            Plot::Line(series) => series.line(&mut out),
        };
        written.expect("memory does not fail");
        out
    }
}

impl Series {
    /// The largest value, at least 1.
    fn top(&self) -> u64 {
        self.values.iter().filter_map(|(_, value)| *value).max().unwrap_or(0).max(1)
    }

    /// `value` on a scale of `length` for the largest.
    fn scaled(&self, value: u64, length: u64) -> u64 {
        let scaled = u128::from(value) * u128::from(length) / u128::from(self.top());
        u64::try_from(scaled).unwrap_or(length)
    }

    fn open(&self, out: &mut String, height: u64) -> fmt::Result {
        let title = Escaped(self.title.as_str());
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{WIDTH}\" \
             height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" font-size=\"14\" fill=\"{INK}\">\n\
             <title>{title}</title>\n<text x=\"0\" y=\"18\" font-size=\"16\">{title}</text>"
        )
    }

    fn bars(&self, out: &mut String) -> fmt::Result {
        let rows = u64::try_from(self.values.len()).unwrap_or(u64::MAX);
        self.open(out, TOP + STEP.saturating_mul(rows) + 8)?;
        for (row, (label, value)) in (0u64..).zip(&self.values) {
            let top = TOP + STEP * row;
            let (base, edge) = (top + 17, LABEL - 10);
            let label = fitted(label.as_str(), edge);
            let label = Escaped(&label);
            writeln!(out, "<text x=\"{edge}\" y=\"{base}\" text-anchor=\"end\">{label}</text>")?;
            let Some(value) = value else {
                writeln!(out, "<text x=\"{LABEL}\" y=\"{base}\">无数据</text>")?;
                continue;
            };
            let width = self.scaled(*value, BAR);
            let (bar, beside) = (top + 4, LABEL + width + 8);
            writeln!(
                out,
                "<rect x=\"{LABEL}\" y=\"{bar}\" width=\"{width}\" height=\"18\" fill=\"{ACCENT}\"/>\n\
                 <text x=\"{beside}\" y=\"{base}\">{value}</text>"
            )?;
        }
        out.push_str("</svg>\n");
        Ok(())
    }

    fn line(&self, out: &mut String) -> fmt::Result {
        let (left, floor) = (40, TOP + 20 + HEIGHT);
        self.open(out, floor + 30)?;
        let right = WIDTH - left;
        writeln!(out, "<path d=\"M{left} {floor}H{right}\" stroke=\"{INK}\" fill=\"none\"/>")?;
        let gaps = u64::try_from(self.values.len().saturating_sub(1)).unwrap_or(u64::MAX).max(1);
        let places: Vec<u64> =
            (0u64..).zip(&self.values).map(|(at, _)| left + (right - left) * at / gaps).collect();
        let points: Vec<Option<(u64, u64)>> = places
            .iter()
            .zip(&self.values)
            .map(|(x, (_, value))| value.map(|value| (*x, floor - self.scaled(value, HEIGHT))))
            .collect();
        writeln!(
            out,
            "<path d=\"{}\" stroke=\"{ACCENT}\" stroke-width=\"2\" fill=\"none\"/>",
            path(&points)
        )?;
        let (each_number, each_label) = (
            every(BETWEEN_NUMBERS, (right - left) / gaps),
            every(BETWEEN_LABELS, (right - left) / gaps),
        );
        for (at, ((label, value), (x, point))) in
            self.values.iter().zip(places.iter().zip(&points)).enumerate()
        {
            let (label, below) = (Escaped(label.as_str()), floor + 20);
            if at % each_label == 0 {
                writeln!(
                    out,
                    "<text x=\"{x}\" y=\"{below}\" text-anchor=\"middle\">{label}</text>"
                )?;
            }
            if at % each_number != 0 {
                continue;
            }
            if let (Some(value), Some((x, y))) = (value, point) {
                let above = y - 8;
                writeln!(
                    out,
                    "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{ACCENT}\"/>\n\
                     <text x=\"{x}\" y=\"{above}\" text-anchor=\"middle\">{value}</text>"
                )?;
            }
        }
        out.push_str("</svg>\n");
        Ok(())
    }
}

/// Every how many-th mark is written on, where they stand `step` apart.
fn every(apart: u64, step: u64) -> usize {
    usize::try_from(apart.div_ceil(step.max(1))).unwrap_or(1).max(1)
}

/// A label that stays within `width`: what is too long loses its middle, because names differ at both ends.
fn fitted(label: &str, width: u64) -> String {
    let wide = |letter: &char| if u32::from(*letter) < 0x1100 { 8 } else { 14 };
    let letters: Vec<char> = label.chars().collect();
    if letters.iter().map(wide).sum::<u64>() <= width {
        return label.to_owned();
    }
    let half = |letters: &mut dyn Iterator<Item = &char>| {
        let mut left = width.saturating_sub(14) / 2;
        let fits = letters.take_while(|letter| {
            let fits = wide(letter) <= left;
            left = left.saturating_sub(wide(letter));
            fits
        });
        fits.copied().collect::<Vec<char>>()
    };
    let (begin, mut end) = (half(&mut letters.iter()), half(&mut letters.iter().rev()));
    end.reverse();
    begin.iter().chain(&['…']).chain(&end).collect()
}

/// Moves to the first point after a gap, and draws to each that follows.
fn path(points: &[Option<(u64, u64)>]) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    for point in points {
        if let Some((x, y)) = point {
            path.push_str(&format!("{}{x} {y}", if pen_down { 'L' } else { 'M' }));
        }
        pen_down = point.is_some();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[(&str, Option<u64>)]) -> Series {
        let values = values.iter().map(|(label, value)| (Text::new(label), *value)).collect();
        Series { title: "逾期(件)".into(), values }
    }

    #[test]
    fn the_largest_bar_takes_the_width_and_others_their_share() {
        let svg = Plot::Bars(series(&[("甲", Some(4)), ("乙", Some(1)), ("<丙>", None)])).svg();
        assert!(
            svg.contains("width=\"560\" height=\"18\"") && svg.contains("width=\"140\" height")
        );
        assert!(svg.contains("无数据") && svg.contains("&lt;丙&gt;"), "{svg}");
    }

    #[test]
    fn a_missing_value_is_a_gap_and_not_a_zero() {
        let svg =
            Plot::Line(series(&[("1", Some(2)), ("2", None), ("3", Some(1)), ("4", Some(2))]));
        assert!(svg.svg().contains("d=\"M40 54M586 154L860 54\""), "{}", svg.svg());
    }

    #[test]
    fn a_year_of_weeks_is_written_on_only_where_it_can_be_read() {
        let weeks: Vec<String> = (0..53).map(|week| format!("2026-W{week:02}")).collect();
        let values: Vec<_> = weeks.iter().map(|week| (week.as_str(), Some(7))).collect();
        let svg = Plot::Line(series(&values)).svg();
        assert_eq!(svg.matches("2026-W").count(), 8, "every seventh");
        assert_eq!(svg.matches(">7</text>").count(), 18, "every third");
        let few = Plot::Line(series(&values[..8])).svg();
        assert_eq!(few.matches("2026-W").count(), 8, "all");
    }

    #[test]
    fn a_long_label_keeps_both_ends_and_its_place() {
        assert_eq!(fitted("执法一科 d1", 210), "执法一科 d1");
        let long = fitted("某某市民政局综合行政执法大队第二中队 应配 needed", 210);
        assert!(long.starts_with("某某市民政局综…") && long.ends_with("应配 needed"), "{long}");
        assert!(fitted(&"A".repeat(300), 210).chars().count() < 27);
    }

    #[test]
    fn no_values_and_the_largest_values_draw_without_overflow() {
        for values in [&[][..], &[("a", Some(0))], &[("a", Some(u64::MAX)), ("b", Some(1))]] {
            assert!(Plot::Bars(series(values)).svg().ends_with("</svg>\n"));
            assert!(Plot::Line(series(values)).svg().ends_with("</svg>\n"));
        }
    }
}
