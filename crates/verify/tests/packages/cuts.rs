//! Films as strangers make them: whatever is turned in one, program and page cut it alike or refuse it with the same words,
//! and neither fails.

use crate::build::base64;
use crate::excerpts::Whole;
use crate::film::{self, Film, boxed, elst, sound_entry, table};
use sealdock_chain::Digest;
use sealdock_excerpt::{Fault, Range, Samples, cut};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

pub struct Scripts(Child);

impl Scripts {
    pub fn new() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/tests/cuts.mjs");
        let mut node = Command::new("node");
        node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        Scripts(node.spawn().expect("node is installed; `cargo xtask test` brings it"))
    }

    pub fn told(&mut self, films: &[(Vec<u8>, Range)]) -> Vec<Value> {
        let mut to = self.0.stdin.take().unwrap();
        let from = BufReader::new(self.0.stdout.take().unwrap());
        let asked: Vec<Value> = films
            .iter()
            .map(|(film, range)| json!({ "film": base64(film), "from_ms": range.from_ms, "to_ms": range.to_ms }))
            .collect();
        let sending = std::thread::spawn(move || {
            for ask in asked {
                writeln!(to, "{ask}").unwrap();
            }
        });
        let told = from.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        sending.join().unwrap();
        assert!(self.0.wait().unwrap().success());
        told
    }
}

pub fn told(film: &[u8], range: Range) -> Value {
    let samples = |samples: Samples| json!([samples.first, samples.count]);
    match cut(&mut Whole(film), range) {
        Ok(cut) => json!({
            "head": Digest::of(&cut.head),
            "size": cut.size(),
            "shown": [cut.shown.from_ms, cut.shown.to_ms],
            "pieces": cut.pieces(4 << 20),
            "runs": cut.runs.iter().map(|run| (run.at, run.len)).collect::<Vec<_>>(),
            "picture": samples(cut.picture),
            "sound": cut.sound.map(samples),
        }),
        Err(Fault::Refused(why)) => json!({ "refused": why }),
    }
}

/// Films of other kinds than the usual one; all of them are taken.
fn kinds() -> Vec<Film> {
    let usual = film::film_of(40);
    let change = |change: fn(&mut Film)| {
        let mut film = usual.clone();
        change(&mut film);
        film
    };
    vec![
        usual.clone(),
        change(|f| drop(f.tracks.pop())),
        change(|f| {
            f.tracks[0].stss.clear();
            f.tracks[0].ctts.clear();
            f.tracks[0].edts.clear();
            f.tracks[0].stsd = film::pictures_of(b"jpeg", &[]);
            film::into_pictures(f, 0, &film::JPEG);
        }),
        change(|f| film::hevc(f, 19)),
        change(|f| {
            f.tracks[1].stsd = film::opus(3840);
            f.tracks[1].more[3] = boxed(b"udta", &[&boxed(b"name", &[b"sound"])]);
        }),
        change(|f| {
            f.before = [boxed(b"free", &[]), boxed(b"uuid", &[&[9; 30]])].concat();
            let shift = f.before.len() as u32;
            for track in &mut f.tracks {
                for place in track.stco[16..].chunks_exact_mut(4) {
                    let at = u32::from_be_bytes(place.try_into().unwrap()) + shift;
                    place.copy_from_slice(&at.to_be_bytes());
                }
            }
            let text = film::beside(&f.tracks[1], b"text", b"tx3g");
            f.tracks.insert(0, text);
            f.tracks[1].more[3] = boxed(b"tref", &[&boxed(b"tmcd", &[&[0, 0, 0, 3]])]);
            f.more = boxed(b"udta", &[&boxed(b"hdlr", &[&[0; 8], b"mdir", &[0; 13]])]);
        }),
        change(|f| f.tracks[0].edts.clear()),
        change(|f| {
            let earlier = (-10i32) as u32;
            f.tracks[0].edts.clear();
            f.tracks[0].ctts = table(b"ctts", 1, 2, &[1, 0, 1, earlier].repeat(70));
        }),
        change(|f| f.tracks[1].edts = elst(&[8000, 300, 0x1_0000])),
        change(|f| f.after = boxed(b"free", &[&[0; 40]])),
        change(|f| {
            f.tracks[0].stsd = film::pictures_of(
                b"avc1",
                &[boxed(b"pasp", &[&[0; 8]]), film::avcc(), vec![0; 4]].concat(),
            )
        }),
        change(|f| {
            let count = 8000 * film::SECONDS;
            let sound = &mut f.tracks[1];
            sound.stsd = sound_entry(b"alaw", 16, &[]);
            sound.stts = table(b"stts", 0, 2, &[count, 1]);
            sound.stsc = table(b"stsc", 0, 3, &[1, count / 8, 1]);
            sound.stsz = boxed(b"stsz", &[&film::words(&[0, 1, count])]);
            f.data.extend(vec![7; count as usize]);
            let behind = film::BEGIN + film::second(40) * film::SECONDS;
            let places: Vec<u32> = (0..8).map(|at| behind + at * count / 8).collect();
            f.tracks[1].stco = table(b"stco", 0, 1, &places);
        }),
    ]
}

/// One to three changes, most of them where the film says how it is played.
fn mutant(film: &[u8], random: &mut Random) -> Vec<u8> {
    let mut film = film.to_vec();
    let moov = film.windows(4).position(|it| it == b"moov").unwrap() - 4;
    for _ in 0..random.below(3) + 1 {
        let from = if random.below(8) == 0 { 0 } else { moov.min(film.len() - 1) };
        let at = from + random.below(film.len() - from);
        match random.below(5) {
            0 => film[at] ^= 1 << random.below(8),
            1 => film[at] = random.below(256) as u8,
            2 => {
                let at = at.min(film.len() - 4) / 4 * 4;
                let odd = [
                    0,
                    1,
                    2,
                    0x7fff_ffff,
                    0x8000_0000,
                    u32::MAX,
                    0x1_0000,
                    random.below(300) as u32,
                ];
                film[at..at + 4].copy_from_slice(&odd[random.below(odd.len())].to_be_bytes());
            }
            3 => {
                let other = from + random.below(film.len() - from);
                let len = random.below(16).min(film.len() - at.max(other));
                film.copy_within(other..other + len, at);
            }
            _ => film.truncate(at.max(40)),
        }
    }
    film
}

#[test]
fn program_and_page_cut_the_same_films_alike_and_refuse_the_same() {
    let mut random = Random(20_261_129);
    let ranges =
        [(0, 1000), (5000, 6500), (3333, 3334), (9100, 60_000), (0, 86_400_000), (1, 13_999)];
    let ranges = ranges.map(|(from_ms, to_ms)| Range { from_ms, to_ms });
    let mut films: Vec<(Vec<u8>, Range)> = Vec::new();
    let kinds: Vec<Vec<u8>> = kinds().iter().map(Film::bytes).collect();
    for film in &kinds {
        films.extend(ranges.iter().map(|range| (film.clone(), *range)));
    }
    let sound = films.len();
    for number in 0..4000 {
        let film = mutant(&kinds[number % kinds.len()], &mut random);
        films.push((film, ranges[random.below(ranges.len())]));
    }
    let page = Scripts::new().told(&films);
    assert_eq!(page.len(), films.len());
    let (mut taken, mut refused) = (0, 0);
    for (number, ((film, range), page)) in films.iter().zip(page).enumerate() {
        let program = told(film, *range);
        assert_eq!(program, page, "film {number} {range:?}");
        assert!(number >= sound || program["refused"].is_null(), "{number} {range:?}: {program}");
        match program["refused"].is_null() {
            true => taken += 1,
            false => refused += 1,
        }
    }
    assert!(taken > 400 && refused > 1500, "{taken} taken, {refused} refused");
    // Many more for the program alone: it takes or refuses, and never fails.
    for number in 0..60_000 {
        told(&mutant(&kinds[number % 10], &mut random), ranges[number % ranges.len()]);
    }
}
