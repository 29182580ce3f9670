//! A note before it is signed: what is changed here is signed soundly afterwards, so that the readers come to look at
//! it and do not stop at the signature.

use crate::mutate::{number, respelled, twin};
use crate::random::Random;
use crate::record::{ENTRIES, Record, base64};

/// `— `, as signature lines begin.
pub const MARK: &str = "\u{2014} ";

pub struct Draft {
    /// Whose record it is, as a place in [`Record::signers`].
    pub signer: usize,
    pub origin: String,
    pub size: String,
    pub root: String,
    /// Signed lines after the root, each with its line feed.
    pub more: String,
    /// How our own line begins.
    mark: String,
    /// What is changed in its bytes and their spelling.
    own: Own,
    /// Whole lines of others, and after how many of them our own stands.
    pub others: Vec<String>,
    at: usize,
}

enum Own {
    Sound,
    Flipped(usize),
    Resized(usize),
    AddedOrder,
    Spelled,
    Twice,
    Missing,
}

impl Draft {
    pub fn sound(record: &Record, signer: usize, size: u64) -> Self {
        Draft {
            signer,
            origin: record.signers[signer].name.clone(),
            size: size.to_string(),
            root: base64(&record.root(size).0),
            more: String::new(),
            mark: MARK.to_owned(),
            own: Own::Sound,
            others: vec![],
            at: 0,
        }
    }

    /// Signs and writes it.
    pub fn text(&self, record: &Record) -> String {
        let signer = &record.signers[self.signer];
        let body = format!("{}\n{}\n{}\n{}", self.origin, self.size, self.root, self.more);
        let mut bytes = signer.sign(&body);
        match self.own {
            Own::Flipped(bit) => bytes[bit / 8] ^= 1 << (bit % 8),
            Own::Resized(length) => bytes.resize(length, 0),
            Own::AddedOrder => add_order(&mut bytes[36..]),
            _ => {}
        }
        let mut spelled = base64(&bytes);
        if matches!(self.own, Own::Spelled) {
            spelled = loosened(&spelled);
        }
        let own = format!("{}{} {spelled}", self.mark, signer.name);
        let mut lines = self.others.clone();
        let copies = match self.own {
            Own::Missing => 0,
            Own::Twice => 2,
            _ => 1,
        };
        for _ in 0..copies {
            lines.insert(self.at.min(lines.len()), own.clone());
        }
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        format!("{body}\n{lines}")
    }

    /// Nothing, one or two changes.
    pub fn change(&mut self, record: &Record, random: &mut Random) {
        for _ in 0..random.below(3) {
            match random.below(10) {
                0..3 => self.change_head(record, random),
                3 => self.change_more(random),
                4 => self.change_own(random),
                _ => self.change_others(record, random),
            }
        }
    }

    fn change_head(&mut self, record: &Record, random: &mut Random) {
        match random.below(9) {
            0 => self.size = number(&self.size, random),
            1 => self.size = (random.below(ENTRIES as usize + 20)).to_string(),
            2 => self.root = base64(&record.root(random.below(ENTRIES as usize) as u64).0),
            3 => self.root = respelled(&self.root, random),
            4 => self.root = base64(&random.bytes(32)),
            5 => self.origin = twin(&self.origin, random),
            6 => self.origin = random.of(&record.signers).name.clone(),
            // The record before its first entry, with the root of that and with another.
            7 => self.size = "0".to_owned(),
            _ => {
                self.size = "0".to_owned();
                self.root = base64(&record.root(0).0);
            }
        }
    }

    fn change_more(&mut self, random: &mut Random) {
        let line = format!("{MARK}{} {}\n", self.origin, base64(&random.bytes(68)));
        self.more = match random.below(6) {
            0 => "\n".to_owned(),
            1 => "more\n".to_owned(),
            2 => format!("\n{line}"),
            3 => line,
            4 => format!("{}\n", self.root),
            _ => " \n".to_owned(),
        };
    }

    fn change_own(&mut self, random: &mut Random) {
        let marks = [
            "\u{2013} ",
            "\u{2015} ",
            "- ",
            "-- ",
            "\u{2014}",
            "\u{2014}  ",
            "\u{2014}\u{a0}",
            " \u{2014} ",
            "\u{2014}\t",
            "\u{2e3a} ",
            "\u{fe58} ",
        ];
        match random.below(8) {
            0 => self.mark = (*random.of(&marks)).to_owned(),
            1 => self.own = Own::Spelled,
            2 => self.own = Own::Twice,
            3 => self.own = Own::Missing,
            4 => self.own = Own::Flipped(random.below(68 * 8)),
            5 => self.own = Own::Resized(random.below(70)),
            // The same S, spelled as S + L.
            6 => self.own = Own::AddedOrder,
            _ => self.at = random.below(4),
        }
    }

    fn change_others(&mut self, record: &Record, random: &mut Random) {
        let body = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        let other = random.of(&record.signers);
        let sound = format!("{MARK}{} {}", other.name, base64(&other.sign(&body)));
        let line = |name: &str, bytes: &[u8]| format!("{MARK}{name} {}", base64(bytes));
        let bytes = random.bytes(76);
        match random.below(12) {
            // A witness, well-formed, believed by nobody here.
            0..3 => self.others.push(line("witness.example/w", &bytes)),
            // Another key of the same name.
            3 => self.others.push(line(&self.origin, &bytes)),
            4 => self.others.push(sound),
            5 => {
                self.others.push(line("w", &bytes));
                let again = if random.chance(50) { bytes } else { [&bytes[..4], &[1; 9]].concat() };
                self.others.push(line(if random.chance(70) { "w" } else { "v" }, &again));
            }
            6 => self.others.push(line(&twin("witness", random), &bytes)),
            7 => self.others.push(respelled(&line("witness", &bytes), random)),
            8 => self.others.push(line("w", &bytes[..random.below(8)])),
            9 => {
                let count = *random.of(&[1, 16, 98, 99, 100, 101, 150]);
                self.others.extend((0..count).map(|at| line(&format!("w{at}"), &bytes[..5])));
            }
            // About as long as a note may be, and about as long as a name may be.
            10 => {
                let spare = 16 * 1024 - self.text_length(record) - 8;
                let letters = spare + 4 - random.below(12);
                let filling = "A".repeat((letters & !3).max(8));
                self.others.push(format!("{MARK}{} {filling}", &"long"[..1 + letters % 4]));
            }
            _ => self.others.push(line(&"n".repeat(random.below(8) + 250), &bytes)),
        }
    }

    fn text_length(&self, record: &Record) -> usize {
        self.text(record).len().min(16_000)
    }
}

/// The same bytes in base64 whose unused bits are not zero; only where there are such bits.
pub fn loosened(spelled: &str) -> String {
    let letters = spelled.trim_end_matches('=');
    match letters.bytes().last() {
        Some(letter @ (b'A'..=b'Y' | b'a'..=b'y' | b'0'..=b'8')) => {
            let (before, filling) = (&letters[..letters.len() - 1], &spelled[letters.len()..]);
            format!("{before}{}{filling}", char::from(letter + 1))
        }
        _ => spelled.to_owned(),
    }
}

fn add_order(s: &mut [u8]) {
    let mut order = [0u8; 32];
    order[..16]
        .copy_from_slice(&27_742_317_777_372_353_535_851_937_790_883_648_493u128.to_le_bytes());
    order[31] = 0x10;
    let mut carry = 0;
    for (byte, add) in s.iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
}
