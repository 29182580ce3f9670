//! Films that an enemy who holds the station's keys made so that players show another film than the rule gives. Program and
//! page refuse each, and for the reason that it was made against.

use crate::cuts::{Scripts, told};
use crate::film::{self, Film, Track, beside, boxed, elst, table, words};
use sealdock_excerpt::Range;

const FRAGMENTED: &str = "it is in fragments, or has tables beside its moov";
const KNOWN: &str = "it has a box that the rule does not know";
const ASIDE: &str = "beside its moov is a box that the rule does not know, or a large one";
const MISPLACED: &str = "a table of the film stands where it should not";
const OTHER: &str = "a track that would be left out is of a kind that the rule does not know";
const ROW: &str = "a table has a row that the rule does not take";
const EDITED: &str = "it is edited: its tracks are not played from one place on";
const ORDER: &str = "its pictures are not shown in one order";
const LEANS: &str = "the picture that the excerpt would begin with is not a whole one";
const TICKS: &str = "it has no measure of time, or too fine a one";
const STSS: &str = "it does not say which of its pictures are whole";
const KIND: &str = "its picture is of a kind that the rule does not know";

const SOUND: &str = "its sound is of a kind that the rule does not know";
const BEHIND: &str = "a head stands behind what it is the head of";

/// What is changed, and why it is refused.
type Enemy = (&'static str, &'static str, fn(&mut Film));

/// Another film, whole, in the box.
fn moov_in(kind: &[u8; 4], film: &Film) -> Vec<u8> {
    boxed(kind, &[&film.moov()])
}

fn hdlr(kind: &[u8; 4]) -> Vec<u8> {
    boxed(b"hdlr", &[&[0; 8], kind, &[0; 13]])
}

/// The offsets of showing, one a picture.
fn shown(track: &mut Track, shift: impl Fn(u32) -> i32) {
    let rows: Vec<u32> = (0..140).flat_map(|at| [1, shift(at) as u32]).collect();
    track.ctts = table(b"ctts", 1, 2, &rows);
    track.edts = vec![];
}

fn jpeg(film: &mut Film) {
    film.tracks[0].stsd = film::pictures_of(b"jpeg", &[]);
    film::into_pictures(film, 0, &film::JPEG);
}

/// The first byte of the unit that the excerpt's first picture is.
const FIRST: usize = (film::BEGIN + 5 * 1120 + 4) as usize;

#[rustfmt::skip]
fn enemies() -> Vec<Enemy> {
    vec![
        ("a moov in udta at the top", ASIDE, |f| f.after = moov_in(b"udta", f)),
        ("a moov in dinf at the top", ASIDE, |f| f.after = moov_in(b"dinf", f)),
        ("a moov in meta at the top", ASIDE, |f| f.after = moov_in(b"meta", f)),
        ("a moov in free", MISPLACED, |f| f.after = moov_in(b"free", f)),
        ("a moov in uuid", MISPLACED, |f| f.after = moov_in(b"uuid", f)),
        ("a moov called hoov", FRAGMENTED, |f| f.after = boxed(b"hoov", &[&f.moov()[8..]])),
        ("a hoov in wide", MISPLACED, |f| f.after = boxed(b"wide", &[&boxed(b"hoov", &[&[0; 8]])])),
        ("a large box", ASIDE, |f| f.after = boxed(b"free", &[&vec![0; 65537]])),
        ("pictures called text", OTHER, |f| { let it = beside(&f.tracks[0], b"text", b"avc1"); f.tracks.insert(0, it) }),
        ("pictures called pictures of another kind", OTHER, |f| { let it = beside(&f.tracks[0], b"pict", b"tx3g"); f.tracks.push(it) }),
        ("text among whose descriptions is a picture", OTHER, |f| { let mut it = beside(&f.tracks[1], b"text", b"tx3g"); let more = film::pictures_of(b"avc1", &film::avcc()).split_off(16); it.stsd = boxed(b"stsd", &[&words(&[0, 2]), &it.stsd[16..], &more]); f.tracks.push(it) }),
        ("a decoder's box in a description of text", MISPLACED, |f| { let mut it = beside(&f.tracks[1], b"text", b"tx3g"); let body = [vec![0; 16], film::avcc()].concat(); it.stsd = boxed(b"stsd", &[&words(&[0, 1]), &boxed(b"tx3g", &[&body])]); f.tracks.push(it) }),
        ("a table in a track of text", KNOWN, |f| { let mut it = beside(&f.tracks[1], b"text", b"tx3g"); it.more[1] = film::avcc(); f.tracks.push(it) }),
        ("the picture as chapters of text", KNOWN, |f| { let mut it = beside(&f.tracks[1], b"text", b"tx3g"); it.more[3] = boxed(b"tref", &[&boxed(b"chap", &[&words(&[1])])]); f.tracks.push(it) }),
        ("chapters in the data of a user", MISPLACED, |f| f.more = boxed(b"udta", &[&boxed(b"chap", &[&words(&[1])])])),
        ("how to decode in minf", KNOWN, |f| f.tracks[0].more[1] = film::avcc()),
        ("how to decode in stbl", KNOWN, |f| f.tracks[0].more[0] = film::avcc()),
        ("how to decode in udta of a track", MISPLACED, |f| f.tracks[0].more[3] = boxed(b"udta", &[&film::avcc()])),
        ("how to decode in moov", KNOWN, |f| f.more = film::avcc()),
        ("sound, says a second handler", MISPLACED, |f| f.tracks[0].more[1] = hdlr(b"soun")),
        ("sound, says a handler in udta", MISPLACED, |f| f.more = boxed(b"udta", &[&hdlr(b"soun")])),
        ("a film of 2^31 ticks", TICKS, |f| f.mvhd[20..24].copy_from_slice(&words(&[0x8000_0000]))),
        ("a track of 10^8 ticks and one", TICKS, |f| f.tracks[0].mdhd[20..24].copy_from_slice(&words(&[100_000_001]))),
        ("a picture of 2^31 ticks", ROW, |f| f.tracks[0].stts = table(b"stts", 0, 2, &[139, 100, 1, 1 << 31])),
        ("a picture shown 2^28 ticks later", ROW, |f| f.tracks[0].ctts = table(b"ctts", 0, 2, &[139, 100, 1, 1 << 28])),
        ("a picture shown 2^28 ticks earlier", ROW, |f| shown(&mut f.tracks[0], |at| if at == 9 { -(1 << 28) } else { 0 })),
        ("a picture played longer than it lasts", EDITED, |f| f.tracks[0].edts = elst(&[8402, 100, 0x1_0000])),
        ("sound played longer than it lasts", EDITED, |f| f.tracks[1].edts = elst(&[8402, 0, 0x1_0000])),
        ("sound that begins after a day", EDITED, |f| f.tracks[1].edts = elst(&[86_400 * 600 + 1, u32::MAX, 0x1_0000, 8400, 0, 0x1_0000])),
        ("two pictures at one time", ORDER, |f| shown(&mut f.tracks[0], |at| if at == 77 { 100 } else { 0 })),
        ("a second film within the first", ORDER, |f| shown(&mut f.tracks[0], |at| if at < 70 { 0 } else { -6950 })),
        ("whole pictures in another order", ORDER, |f| shown(&mut f.tracks[0], |at| match at { 30 => 1050, 40 => -50, _ => 0 })),
        ("shown before the whole picture before", ORDER, |f| shown(&mut f.tracks[0], |at| if at == 25 { -1550 } else { 0 })),
        ("a picture from far off", ORDER, |f| { f.tracks[0].stss = table(b"stss", 0, 1, &[1, 51]); shown(&mut f.tracks[0], |at| if at == 60 { -3350 } else { 0 }) }),
        ("a picture that is not whole, says itself", LEANS, |f| f.data[FIRST - film::BEGIN as usize] = 0x41),
        ("a picture whole in part", LEANS, |f| { let at = FIRST - film::BEGIN as usize - 4; f.data[at..at + 4].copy_from_slice(&words(&[10])); f.data[at + 14..at + 19].copy_from_slice(&[0, 0, 0, 22, 0x41]) }),
        ("units that do not fill it", LEANS, |f| f.data[FIRST - film::BEGIN as usize - 1] = 37),
        ("no table of whole pictures", STSS, |f| f.tracks[0].stss.clear()),
        ("pictures that are not looked into", KIND, |f| f.tracks[0].stsd = film::pictures_of(b"mp4v", &[])),
        ("no word of how it is decoded", KIND, |f| f.tracks[0].stsd = film::pictures_of(b"avc1", &[])),
        ("H.264 by start codes", KIND, |f| { let mut own = film::avcc(); own[8] = 0; f.tracks[0].stsd = film::pictures_of(b"avc1", &own) }),
        ("H.265 by start codes", KIND, |f| { film::hevc(f, 19); let mut own = film::hvcc(); own[8] = 0; f.tracks[0].stsd = film::pictures_of(b"hvc1", &own) }),
        ("H.265 that begins with CRA", LEANS, |f| film::hevc(f, 21)),
        ("H.265 that begins with BLA", LEANS, |f| film::hevc(f, 16)),
        ("the form of sound in udta of a track", MISPLACED, |f| f.tracks[1].more[3] = boxed(b"udta", &[&boxed(b"wfex", &[&[0; 16]])])),
        ("DTS in udta", MISPLACED, |f| f.more = boxed(b"udta", &[&boxed(b"ddts", &[&[0; 20]])])),
        ("colours in free", MISPLACED, |f| f.after = boxed(b"free", &[&boxed(b"mdcv", &[&[0; 24]])])),
        ("another rate in skip", MISPLACED, |f| f.after = boxed(b"skip", &[&boxed(b"srat", &[&[0; 8]])])),
        ("fields in udta", MISPLACED, |f| f.more = boxed(b"udta", &[&boxed(b"APRG", &[&[0; 24]])])),
        ("light in udta", MISPLACED, |f| f.more = boxed(b"udta", &[&boxed(b"CoLL", &[&[0; 8]])])),
        ("sound all around in uuid", MISPLACED, |f| f.after = boxed(b"uuid", &[&boxed(b"SA3D", &[&[0; 20]])])),
        ("udta of a track with more than texts", KNOWN, |f| f.tracks[0].more[3] = boxed(b"udta", &[&boxed(b"kind", &[&[0; 8]])])),
        ("udta of a track with a long text", KNOWN, |f| f.tracks[0].more[3] = boxed(b"udta", &[&boxed(b"name", &[&[65; 4089]])])),
        ("meta in a track", KNOWN, |f| f.tracks[0].more[3] = boxed(b"meta", &[&[0; 4]])),
        ("mvhd behind the tracks", BEHIND, |f| f.more = std::mem::take(&mut f.mvhd)),
        ("tkhd behind mdia", BEHIND, |f| f.tracks[0].more[3] = std::mem::take(&mut f.tracks[0].tkhd)),
        ("mdhd behind minf", BEHIND, |f| f.tracks[1].more[2] = std::mem::take(&mut f.tracks[1].mdhd)),
        ("edts behind mdia", BEHIND, |f| f.tracks[0].more[3] = std::mem::take(&mut f.tracks[0].edts)),
        ("mdhd behind minf in a track of text", BEHIND, |f| { let mut it = beside(&f.tracks[1], b"text", b"tx3g"); it.more[2] = std::mem::take(&mut it.mdhd); f.tracks.push(it) }),
        ("Opus whose beginning is dropped", SOUND, |f| f.tracks[1].stsd = film::opus(3841)),
        ("JPEG without a table of quantities", LEANS, |f| { jpeg(f); let at = FIRST - film::BEGIN as usize - 4; f.data[at + 3] = 0xfe }),
        ("JPEG without a table of codes", LEANS, |f| { jpeg(f); let at = FIRST - film::BEGIN as usize - 4; f.data[at + 8] = 0xfe }),
        ("JPEG whose tables stand behind the scan", LEANS, |f| { jpeg(f); let at = FIRST - film::BEGIN as usize - 4; f.data[at..at + 16].rotate_left(4); f.data[at..at + 6].copy_from_slice(&[255, 0xd8, 255, 0xda, 0, 2]) }),
        ("no JPEG", LEANS, |f| { jpeg(f); let at = FIRST - film::BEGIN as usize - 4; f.data[at + 1] = 0xd9 }),
    ]
}

#[test]
fn program_and_page_refuse_every_film_of_an_enemy_for_its_reason() {
    let range = Range { from_ms: 5000, to_ms: 6500 };
    let films = enemies().into_iter().map(|(_, _, change)| {
        let mut film = film::film_of(40);
        change(&mut film);
        (film.bytes(), range)
    });
    let films: Vec<_> = films.collect();
    let page = Scripts::new().told(&films);
    let mut wrong = Vec::new();
    for (((what, why, _), (film, _)), page) in enemies().iter().zip(&films).zip(page) {
        let program = told(film, range);
        if program["refused"] != *why || page != program {
            wrong.push(format!("{what}: wanted {why:?}, the program {program}, the page {page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
