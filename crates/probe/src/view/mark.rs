//! Who looks, when, and under which entry, burnt into every picture: drawn here, laid over by the program that makes the
//! picture. It stands twice, in opposite corners: whoever keeps two fifths of the picture, cut off along one of its sides,
//! keeps a mark. It wanders from piece to piece. Nothing of the picture is left below it, so nothing can be computed back.

use super::letters::{COLUMNS, ROWS, all, dot, shape};
use serde::{Deserialize, Serialize};

/// Every sign that a mark can hold.
pub fn signs() -> String {
    all().collect()
}

/// Dots of a letter with the space behind and below it.
const CELL_WIDTH: u32 = COLUMNS + 1;
const CELL_HEIGHT: u32 = ROWS + 2;
/// Around the letters, in dots of theirs.
const MARGIN: u32 = 2;
/// Most that the mark takes of the picture's width and height, in hundredths, where its letters are larger than the least.
const SHARE_WIDE: u32 = 38;
const SHARE_HIGH: u32 = 30;
/// A part of a picture that is cut off along a side, in hundredths: within that of two sides stands each of the marks.
const PART: u32 = 40;
/// Behind the letters, and the letters: red, green, blue, opacity.
const GROUND: [u8; 4] = [0, 0, 0, 255];
const INK: [u8; 4] = [255, 255, 255, 255];
/// Ink is brighter than this and ground is darker, whatever a coder made of them.
const BETWEEN: f64 = 128.0;
/// Of so many letters of a line one may be lost to a coder.
const LETTERS_TO_ONE_LOST: usize = 8;
/// Longest line that is drawn.
const LETTERS_MAX: usize = 80;

/// What is burnt in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Lines, one below the other; what is no sign of ours is drawn as `+`.
    pub lines: Vec<String>,
    /// Which piece it is: the mark wanders.
    pub turn: u64,
}

/// A picture of four bytes a dot: red, green, blue, opacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// Where the mark lies in a picture and how large its dots are.
struct Place {
    left: u32,
    top: u32,
    scale: u32,
}

/// The part of a picture that a mark takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub left: u32,
    pub top: u32,
    pub wide: u32,
    pub high: u32,
}

impl Mark {
    fn lines(&self) -> Vec<String> {
        let known = |c| if all().any(|one| one == c) { c } else { '+' };
        let line = |line: &String| line.chars().map(known).take(LETTERS_MAX).collect::<String>();
        self.lines.iter().map(line).collect()
    }

    /// Width and height in dots of letters.
    fn extent(&self) -> (u32, u32) {
        let letters = self.lines.iter().map(|l| l.chars().count().min(LETTERS_MAX)).max();
        let letters = u32::try_from(letters.unwrap_or(1).max(1)).unwrap_or(1);
        let rows = u32::try_from(self.lines.len().clamp(1, LETTERS_MAX)).unwrap_or(1);
        (letters * CELL_WIDTH + 2 * MARGIN, rows * CELL_HEIGHT + 2 * MARGIN)
    }

    /// Both places of it in a picture of that size; `None` where they do not fit whole.
    fn places(&self, (width, height): (u32, u32)) -> Option<[Place; 2]> {
        let (wide, high) = self.extent();
        let scale = (width * SHARE_WIDE / 100 / wide).min(height * SHARE_HIGH / 100 / high).max(1);
        let (wide, high) = (wide * scale, high * scale);
        if wide > width || 2 * high > height {
            return None;
        }
        let free = |side: u32, taken: u32| (side * PART / 100).saturating_sub(taken);
        // Nine steps across and five down, so that two neighbours lie apart.
        let step = |turn: u64, of: u64, free: u32| {
            u32::try_from(u64::from(free) * (turn % of) / (of - 1).max(1)).unwrap_or(0)
        };
        let turn = self.turn % 90;
        let x = step(turn * 4, 9, free(width, wide));
        let y = step(turn * 3, 5, free(height, high));
        let (near, far) = (x, width - wide - x);
        let (above, below) = if turn.is_multiple_of(2) { (near, far) } else { (far, near) };
        let upper = Place { left: above, top: y, scale };
        Some([upper, Place { left: below, top: height - high - y, scale }])
    }

    /// What both take of a picture of that size; `None` where they do not fit whole.
    pub fn windows(&self, size: (u32, u32)) -> Option<[Window; 2]> {
        let (wide, high) = self.extent();
        let places = self.places(size)?;
        Some(places.map(|Place { left, top, scale }| Window {
            left,
            top,
            wide: wide * scale,
            high: high * scale,
        }))
    }

    /// The mark on nothing, of the size of the picture that it is laid over; `None` where it does not fit whole.
    pub fn draw(&self, width: u32, height: u32) -> Option<Drawn> {
        let places = self.places((width, height))?;
        let mut drawn =
            Drawn { width, height, bytes: vec![0; width as usize * height as usize * 4] };
        let lines = self.lines();
        for place in places {
            drawn.write(&lines, &place);
        }
        Some(drawn)
    }

    /// Does it stand in what was cut out of a picture of that size: both [windows](Mark::windows), the upper one first, a
    /// byte of brightness a dot?
    pub(super) fn stands_in(&self, cut: &[u8], size: (u32, u32)) -> bool {
        let (Some(places), Some([window, _])) = (self.places(size), self.windows(size)) else {
            return false;
        };
        let lines = self.lines();
        (0..).zip(places).all(|(n, Place { scale, .. })| {
            let place = Place { left: 0, top: n * window.high, scale };
            let read = read(cut, window.wide, &place, &lines);
            lines.iter().zip(&read).all(|(line, read)| {
                let lost = line.chars().zip(read.chars()).filter(|(one, other)| one != other);
                lost.count() <= line.chars().count() / LETTERS_TO_ONE_LOST
            })
        })
    }
}

impl Drawn {
    fn write(&mut self, lines: &[String], place: &Place) {
        let letters = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let wide = u32::try_from(letters).unwrap_or(0) * CELL_WIDTH + 2 * MARGIN;
        let high = u32::try_from(lines.len()).unwrap_or(0) * CELL_HEIGHT + 2 * MARGIN;
        self.fill((place.left, place.top), (wide * place.scale, high * place.scale), GROUND);
        for (row, line) in (0..).zip(lines) {
            for (column, letter) in (0..).zip(line.chars()) {
                self.letter(letter, (column, row), place);
            }
        }
    }

    fn letter(&mut self, letter: char, at: (u32, u32), place: &Place) {
        for column in 0..COLUMNS {
            for row in (0..ROWS).filter(|row| dot(letter, (column, *row))) {
                let corner = place.dot(at, (column, row));
                self.fill(corner, (place.scale, place.scale), INK);
            }
        }
    }

    fn fill(&mut self, (left, top): (u32, u32), (wide, high): (u32, u32), ink: [u8; 4]) {
        for y in top..(top + high).min(self.height) {
            for x in left..(left + wide).min(self.width) {
                let at = (y as usize * self.width as usize + x as usize) * 4;
                self.bytes[at..at + 4].copy_from_slice(&ink);
            }
        }
    }
}

impl Place {
    /// Left upper corner of a dot of a letter.
    fn dot(&self, (column, line): (u32, u32), (x, y): (u32, u32)) -> (u32, u32) {
        let left = MARGIN + column * CELL_WIDTH + x;
        let top = MARGIN + line * CELL_HEIGHT + y;
        (self.left + left * self.scale, self.top + top * self.scale)
    }
}

/// Reads a mark out of a picture of one byte of brightness a dot, as somebody who knows the letters would: each letter is
/// the one whose dots are the bright ones. `mark` says how long its lines are and where they stand,
/// not what they say. `which`: the upper or the lower one.
pub fn read_back(grey: &[u8], size: (u32, u32), (mark, which): (&Mark, usize)) -> Vec<String> {
    let places = mark.places(size);
    let place = places.as_ref().and_then(|both| both.get(which));
    place.map_or(Vec::new(), |place| read(grey, size.0, place, &mark.lines))
}

/// `lines` says how long they are.
fn read(grey: &[u8], width: u32, place: &Place, lines: &[String]) -> Vec<String> {
    let bright = |(left, top): (u32, u32)| {
        let dots = (0..place.scale).flat_map(|y| (0..place.scale).map(move |x| (x, y)));
        let at = |(x, y): (u32, u32)| ((top + y) * width + left + x) as usize;
        let all: Vec<f64> =
            dots.filter_map(|dot| grey.get(at(dot))).map(|b| f64::from(*b)).collect();
        all.iter().sum::<f64>() / all.len().max(1) as f64
    };
    let one = |(row, line): (u32, &String)| {
        let letters = u32::try_from(line.chars().count().min(LETTERS_MAX)).unwrap_or(0);
        (0..letters).map(|column| likeliest(|dot| bright(place.dot((column, row), dot)))).collect()
    };
    (0..).zip(lines).map(one).collect()
}

fn likeliest(bright: impl Fn((u32, u32)) -> f64) -> char {
    let dots = (0..COLUMNS).flat_map(|x| (0..ROWS).map(move |y| (x, y)));
    let seen = dots.fold(0, |bits, at| bits << 1 | u64::from(bright(at) > BETWEEN));
    all().min_by_key(|letter| (shape(*letter) ^ seen).count_ones()).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(turn: u64) -> Mark {
        let lines = ["000101 #1234", "2026-11-29 20:30:05 +08:00"];
        Mark { lines: lines.map(str::to_owned).to_vec(), turn }
    }

    /// As it looks over a picture of one grey.
    fn over(drawn: &Drawn, ground: u8) -> Vec<u8> {
        let blend = |dot: &[u8]| if dot[3] == 0 { ground } else { dot[0] };
        drawn.bytes.chunks(4).map(blend).collect()
    }

    fn cut(grey: &[u8], width: u32, windows: [Window; 2]) -> Vec<u8> {
        let rows = |w: Window| {
            let row =
                move |y: u32| (y * width + w.left) as usize..(y * width + w.left + w.wide) as usize;
            (w.top..w.top + w.high).flat_map(move |y| grey[row(y)].to_vec())
        };
        windows.into_iter().flat_map(rows).collect()
    }

    #[test]
    fn what_was_drawn_is_read_back_on_black_grey_and_white_at_every_turn() {
        for size in [(640, 360), (1280, 720), (360, 640), (256, 100), (640, 200)] {
            for turn in (0..45).step_by(4) {
                let (mark, other) = (mark(turn), Mark { lines: vec!["x".repeat(26); 2], turn });
                let drawn = mark.draw(size.0, size.1).unwrap();
                for ground in [0, 128, 255] {
                    let grey = over(&drawn, ground);
                    for which in [0, 1] {
                        let read = read_back(&grey, size, (&mark, which));
                        assert_eq!(read, mark.lines, "{size:?} {turn} {ground} {which}");
                    }
                    let mut cut = cut(&grey, size.0, mark.windows(size).unwrap());
                    assert!(mark.stands_in(&cut, size) && !other.stands_in(&cut, size), "{size:?}");
                    let half = cut.len() / 2;
                    cut[half..].fill(ground);
                    assert!(!mark.stands_in(&cut, size), "the lower one is gone");
                    assert!(!mark.stands_in(&cut[..half], size), "there is none");
                }
            }
        }
    }

    #[test]
    fn nothing_of_the_picture_is_left_below_it() {
        let drawn = mark(3).draw(640, 360).unwrap();
        assert!(drawn.bytes.chunks(4).all(|dot| matches!(dot[3], 0 | 255)));
        let [upper, lower] = mark(3).windows((640, 360)).unwrap();
        let taken = drawn.bytes.chunks(4).filter(|dot| dot[3] == 255).count() as u32;
        assert_eq!(taken, upper.wide * upper.high + lower.wide * lower.high);
    }

    #[test]
    fn a_picture_that_is_too_small_for_both_gets_none() {
        for size in [(150, 360), (640, 43), (12, 1280), (1280, 20)] {
            assert_eq!(mark(0).draw(size.0, size.1), None, "{size:?}");
        }
        assert!(mark(0).draw(160, 44).is_some());
    }

    #[test]
    fn a_picture_without_a_mark_gives_none() {
        let read = read_back(&[128; 640 * 360], (640, 360), (&mark(0), 0));
        assert_eq!(read[0].trim(), "");
    }

    #[test]
    fn no_two_letters_look_alike_and_one_that_is_none_of_ours_is_said_to_be_so() {
        let signs: Vec<char> = signs().chars().collect();
        for (n, one) in signs.iter().enumerate() {
            for other in &signs[n + 1..] {
                assert_ne!(shape(*one), shape(*other), "{one} {other}");
            }
        }
        let mark = Mark { lines: vec!["李1".to_owned()], turn: 0 };
        assert_eq!(mark.lines(), ["+1"]);
    }

    #[test]
    fn it_wanders_and_two_fifths_along_every_side_hold_one() {
        let short =
            |turn| Mark { lines: vec!["000101 #57".into(), "2026-11-29 20:30:05".into()], turn };
        for size in [(640, 360), (1280, 720), (640, 1138), (640, 200), (720, 1280)] {
            let all: Vec<[Window; 2]> = (0..90).map(|n| short(n).windows(size).unwrap()).collect();
            for both in &all {
                let any = |within: &dyn Fn(&Window) -> bool| both.iter().any(within);
                assert!(any(&|w| w.left + w.wide <= size.0 * 2 / 5), "left {size:?} {both:?}");
                assert!(any(&|w| w.left >= size.0 * 3 / 5), "right {size:?} {both:?}");
                assert!(any(&|w| w.top + w.high <= size.1 * 2 / 5), "upper {size:?} {both:?}");
                assert!(any(&|w| w.top >= size.1 * 3 / 5), "lower {size:?} {both:?}");
            }
            assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{size:?}");
        }
    }
}
