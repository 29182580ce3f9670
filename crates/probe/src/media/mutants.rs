//! Thousands of damaged files through our own readers, in process: no panic, no long look, and
//! nothing said that could not stand in an entry. The seeds are fixed, so a failure repeats.

use std::io::Cursor;
use std::time::{Duration, Instant};

use super::read_facts;

const CLIPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clips");
/// Generous on a busy machine; a reader going in circles takes far longer.
const LONGEST_LOOK: Duration = Duration::from_secs(2);
/// Values that parsers trip over when they stand where a size or a count is expected.
const TRAPS: [u32; 10] = [0, 1, 2, 7, 8, 9, 0x0001_0000, 0x7FFF_FFFF, 0xFFFF_FFF8, 0xFFFF_FFFF];

/// xorshift64: enough randomness for damage.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// One to four injuries, most of them where the headers are.
fn injure(original: &[u8], header: std::ops::Range<usize>, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=dice.below(4) {
        let at = (header.start + dice.below(header.len())).min(bytes.len().saturating_sub(1));
        match dice.below(6) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = dice.below(256) as u8,
            2 | 3 => {
                let trap = TRAPS[dice.below(TRAPS.len())].to_be_bytes();
                let room = (bytes.len() - at).min(4);
                bytes[at..at + room].copy_from_slice(&trap[..room]);
            }
            4 => {
                let end = (at + 1 + dice.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let end = (at + 1 + dice.below(200)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
        if bytes.is_empty() || dice.below(40) == 0 {
            bytes.truncate(at.max(1));
        }
    }
    bytes
}

fn look_at_mutants(file: &str, header: impl Fn(&[u8]) -> std::ops::Range<usize>, count: u64) {
    let original = std::fs::read(format!("{CLIPS}/{file}")).unwrap();
    let header = header(&original);
    for seed in 1..=count {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mutant = injure(&original, header.clone(), &mut dice);
        let started = Instant::now();
        let facts = read_facts(Cursor::new(&mutant)).unwrap();
        assert!(started.elapsed() < LONGEST_LOOK, "{file} seed {seed} takes too long");
        assert!(facts.may_be_recorded(), "{file} seed {seed}: {facts:?}");
    }
}

fn front(bytes: usize) -> impl Fn(&[u8]) -> std::ops::Range<usize> {
    move |_| 0..bytes
}

/// From the last `moov` to the end.
fn index(file: &[u8]) -> std::ops::Range<usize> {
    file.windows(4).rposition(|word| word == b"moov").unwrap() - 4..file.len()
}

#[test]
fn mp4_with_the_index_in_front() {
    look_at_mutants("h264-faststart.mp4", front(3000), 1500);
}

#[test]
fn mp4_with_the_index_at_the_end() {
    look_at_mutants("h265-hvc1.mp4", index, 1000);
}

#[test]
fn mp4_in_fragments() {
    look_at_mutants("h264-fragmented.mp4", front(2600), 1500);
}

#[test]
fn quicktime() {
    look_at_mutants("h264-alaw.mov", index, 1000);
}

#[test]
fn avi() {
    look_at_mutants("mjpeg-pcm.avi", front(600), 1000);
    look_at_mutants("mpeg4-mp2.avi", front(600), 1000);
}

#[test]
fn transport_stream() {
    look_at_mutants("h264-aac.ts", front(4000), 1000);
}

#[test]
fn still_and_voice_note() {
    look_at_mutants("still.jpg", front(700), 1000);
    look_at_mutants("voice-note.wav", front(80), 1000);
}
