//! A day as lanes, one for each recorder: what was recorded as bars, what lies between as gaps of their length.

use crate::Lang;
use crate::show;

/// Seconds of a day.
const DAY_S: u32 = 86_400;
/// Of the drawing, in its own units.
const WIDTH: u32 = 960;
const LEFT: u32 = 120;
/// The last hour is written around its line.
const RIGHT: u32 = 30;
const LANE: u32 = 44;
const TOP: u32 = 30;
/// A gap that is shorter is a pause between two files of one recording.
const GAP_S: u32 = 60;

/// One clip, in seconds of the day; what began the day before or ends the day after is cut at midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub from_s: u32,
    pub to_s: u32,
    pub clip: String,
    pub marked: bool,
}

/// What one recorder recorded.
#[derive(Debug, Clone)]
pub struct Lane {
    pub recorder: String,
    pub officer: String,
    pub spans: Vec<Span>,
    /// Clips of that day whose time is not known to the second.
    pub untimed: u64,
}

#[derive(Debug, Clone)]
pub struct Timeline {
    pub day: String,
    pub lanes: Vec<Lane>,
    /// Said where there is none.
    pub empty: String,
    /// First and last hour that are drawn.
    hours: (u32, u32),
}

/// Between two recordings of one recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub from_s: u32,
    pub to_s: u32,
}

impl Gap {
    pub fn length(&self, lang: &Lang) -> String {
        show::duration(u64::from(self.to_s - self.from_s), *lang)
    }
    pub fn when(&self) -> String {
        format!("{}–{}", clock(&self.from_s), clock(&self.to_s))
    }
}

/// `08:15:06`
pub fn clock(s: &u32) -> String {
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

impl Lane {
    /// What lies between two recordings, longer than a pause; recordings may overlap.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut spans: Vec<&Span> = self.spans.iter().collect();
        spans.sort_by_key(|span| (span.from_s, span.to_s));
        let mut gaps = Vec::new();
        let mut end = None;
        for span in spans {
            if let Some(end) = end
                && span.from_s > end
                && span.from_s - end >= GAP_S
            {
                gaps.push(Gap { from_s: end, to_s: span.from_s });
            }
            end = Some(end.unwrap_or(0).max(span.to_s));
        }
        gaps
    }
}

impl Timeline {
    /// Draws whole hours around everything.
    pub fn new(day: String, lanes: Vec<Lane>, empty: String) -> Timeline {
        let spans = || lanes.iter().flat_map(|lane| &lane.spans);
        let first = spans().map(|span| span.from_s / 3600).min().unwrap_or(0).min(23);
        let last = spans().map(|span| span.to_s.div_ceil(3600)).max().unwrap_or(24);
        Timeline { hours: (first, last.clamp(first + 1, 24)), day, lanes, empty }
    }

    pub fn height(&self) -> u32 {
        TOP + LANE * u32::try_from(self.lanes.len()).unwrap_or(u32::MAX / LANE / 2) + 6
    }

    pub fn width(&self) -> u32 {
        WIDTH
    }

    /// Where a second stands.
    pub fn x(&self, s: &u32) -> u32 {
        let (first, last) = self.hours;
        let (from, to) = (first * 3600, last * 3600);
        let s = (*s).min(DAY_S).clamp(from, to);
        LEFT + (s - from) * (WIDTH - LEFT - RIGHT) / (to - from)
    }

    /// How wide a bar is; what is shorter than can be seen is drawn as wide as can be.
    pub fn wide(&self, from: &u32, to: &u32) -> u32 {
        (self.x(to) - self.x(from)).max(2)
    }

    /// Whole hours to write, at most thirteen.
    pub fn marks(&self) -> Vec<(u32, String)> {
        let (first, last) = self.hours;
        let step = (last - first).div_ceil(12).max(1);
        let hours = (first..=last).step_by(step as usize);
        hours.map(|hour| (self.x(&(hour * 3600)), format!("{hour:02}:00"))).collect()
    }

    pub fn top(&self, lane: &usize) -> u32 {
        TOP + LANE * u32::try_from(*lane).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_s: u32, to_s: u32) -> Span {
        Span { from_s, to_s, clip: "C1".into(), marked: false }
    }

    fn lane(spans: Vec<Span>) -> Lane {
        Lane { recorder: "R1".into(), officer: String::new(), spans, untimed: 0 }
    }

    #[test]
    fn a_gap_is_what_nothing_covers_and_a_pause_is_none() {
        let h = 3600;
        let lane = lane(vec![
            span(9 * h, 10 * h),
            span(8 * h, 8 * h + 600),
            // Within the first, and ends before it: covers nothing more.
            span(9 * h + 60, 9 * h + 120),
            span(10 * h + 59, 11 * h),
            span(11 * h + 60, 11 * h + 90),
        ]);
        let gaps: Vec<_> = lane.gaps().iter().map(|gap| (gap.from_s, gap.to_s)).collect();
        assert_eq!(gaps, [(8 * h + 600, 9 * h), (11 * h, 11 * h + 60)]);
        assert_eq!(lane.gaps()[0].when(), "08:10:00–09:00:00");
        assert_eq!(lane.gaps()[0].length(&Lang::Zh), "50 分");
    }

    #[test]
    fn whatever_is_drawn_stays_within_the_drawing() {
        let odd = [span(0, DAY_S), span(DAY_S, DAY_S), span(86_399, 200_000), span(0, 0)];
        for one in odd {
            let line = Timeline::new(String::new(), vec![lane(vec![one.clone()])], String::new());
            let (x, wide) = (line.x(&one.from_s), line.wide(&one.from_s, &one.to_s));
            assert!(x >= LEFT && x + wide <= WIDTH, "{one:?}: {x} {wide}");
            assert!(line.marks().len() <= 13 && !line.marks().is_empty());
        }
        let none = Timeline::new(String::new(), vec![], String::new());
        assert_eq!(none.marks().len(), 13);
    }
}
