//! Who looks, when, and under which entry, burnt into every picture: drawn here, laid over by the program that makes the
//! picture. It stands twice, above and below, and wanders from piece to piece, so that no cropping takes it away and no
//! patch covers it.

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
/// How much of the picture's width the mark takes, in hundredths.
const SHARE: u32 = 42;
/// Behind the letters, and the letters: red, green, blue, opacity.
const GROUND: [u8; 4] = [0, 0, 0, 150];
const INK: [u8; 4] = [255, 255, 255, 225];
/// Whatever lies below, ink is brighter than this and ground is darker.
const BETWEEN: f64 = 160.0;
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

impl Mark {
    fn lines(&self) -> Vec<String> {
        let known = |c| if all().any(|one| one == c) { c } else { '+' };
        let line = |line: &String| line.chars().map(known).take(LETTERS_MAX).collect::<String>();
        self.lines.iter().map(line).collect()
    }

    /// Both places of it in a picture of that size.
    fn places(&self, (width, height): (u32, u32)) -> [Place; 2] {
        let letters = self.lines.iter().map(|l| l.chars().count().min(LETTERS_MAX)).max();
        let letters = u32::try_from(letters.unwrap_or(1).max(1)).unwrap_or(1);
        let rows = u32::try_from(self.lines.len().max(1)).unwrap_or(1);
        let (wide, high) = (letters * CELL_WIDTH + 2 * MARGIN, rows * CELL_HEIGHT + 2 * MARGIN);
        let scale = (width * SHARE / 100 / wide).min(height / 3 / high).max(1);
        let (free_x, free_y) =
            (width.saturating_sub(wide * scale), (height / 2).saturating_sub(high * scale));
        // Nine steps across and five down, so that two neighbours lie apart.
        let step = |turn: u64, of: u64, free: u32| {
            u32::try_from(u64::from(free) * (turn % of) / (of - 1).max(1)).unwrap_or(0)
        };
        let (x, y) = (step(self.turn * 4, 9, free_x), step(self.turn * 3, 5, free_y));
        [
            Place { left: x, top: y, scale },
            Place { left: free_x - x, top: height / 2 + (free_y - y), scale },
        ]
    }

    /// The mark on nothing, of the size of the picture that it is laid over.
    pub fn draw(&self, width: u32, height: u32) -> Drawn {
        let mut drawn =
            Drawn { width, height, bytes: vec![0; width as usize * height as usize * 4] };
        let lines = self.lines();
        for place in self.places((width, height)) {
            drawn.write(&lines, &place);
        }
        drawn
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
pub fn read_back(
    grey: &[u8],
    (width, height): (u32, u32),
    (mark, which): (&Mark, usize),
) -> Vec<String> {
    let place = &mark.places((width, height))[which];
    let bright = |(left, top): (u32, u32)| {
        let dots = (0..place.scale).flat_map(|y| (0..place.scale).map(move |x| (x, y)));
        let at = |(x, y): (u32, u32)| ((top + y) * width + left + x) as usize;
        let all: Vec<f64> =
            dots.filter_map(|dot| grey.get(at(dot))).map(|b| f64::from(*b)).collect();
        all.iter().sum::<f64>() / all.len().max(1) as f64
    };
    let read = |(row, line): (u32, &String)| {
        let letters = u32::try_from(line.chars().count()).unwrap_or(0);
        (0..letters).map(|column| likeliest(|dot| bright(place.dot((column, row), dot)))).collect()
    };
    (0..).zip(&mark.lines).map(read).collect()
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
        let blend = |dot: &[u8]| {
            let (ink, opacity) = (u32::from(dot[0]), u32::from(dot[3]));
            u8::try_from((ink * opacity + u32::from(ground) * (255 - opacity)) / 255).unwrap()
        };
        drawn.bytes.chunks(4).map(blend).collect()
    }

    #[test]
    fn what_was_drawn_is_read_back_on_black_grey_and_white_at_every_turn() {
        for size in [(640, 360), (1280, 720), (360, 640), (240, 136)] {
            for turn in (0..45).step_by(4) {
                let drawn = mark(turn).draw(size.0, size.1);
                for ground in [0, 128, 255] {
                    let grey = over(&drawn, ground);
                    for which in [0, 1] {
                        let read = read_back(&grey, size, (&mark(turn), which));
                        assert_eq!(read, mark(turn).lines, "{size:?} {turn} {ground} {which}");
                    }
                }
            }
        }
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
    fn it_wanders_and_stands_in_both_halves() {
        let places: Vec<(u32, u32)> = (0..4)
            .map(|turn| {
                let [above, below] = mark(turn).places((1280, 720));
                assert!(above.top < 360 && below.top >= 360, "{turn}");
                (above.left, above.top)
            })
            .collect();
        assert!(places.windows(2).all(|pair| pair[0] != pair[1]), "{places:?}");
    }
}
