//! A film written by hand, box by box: a clip that can be cut, with pictures that are shown in another order than they are
//! decoded, and sound. It has four pieces, so that an excerpt rests on some of it.

/// Body of a box by its kind.
pub fn boxed(kind: &[u8; 4], bodies: &[&[u8]]) -> Vec<u8> {
    let body = bodies.concat();
    let size = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&size[..], kind, &body].concat()
}

pub fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// A box of version and flags, a count, and rows of that many numbers.
pub fn table(kind: &[u8; 4], version: u32, width: usize, rows: &[u32]) -> Vec<u8> {
    boxed(kind, &[&words(&[version << 24, (rows.len() / width) as u32]), &words(rows)])
}

/// What a track is made of; each part may be changed.
#[derive(Clone)]
pub struct Track {
    pub tkhd: Vec<u8>,
    pub edts: Vec<u8>,
    pub mdhd: Vec<u8>,
    pub hdlr: Vec<u8>,
    /// Beside `stbl`.
    pub minf: Vec<u8>,
    pub stsd: Vec<u8>,
    pub stts: Vec<u8>,
    pub ctts: Vec<u8>,
    pub stss: Vec<u8>,
    pub stsc: Vec<u8>,
    pub stsz: Vec<u8>,
    pub stco: Vec<u8>,
    /// Boxes more, in `stbl`, in `minf`, in `mdia` and in `trak`.
    pub more: [Vec<u8>; 4],
}

#[derive(Clone)]
pub struct Film {
    pub ftyp: Vec<u8>,
    /// Between `ftyp` and `mdat`.
    pub before: Vec<u8>,
    pub data: Vec<u8>,
    pub mvhd: Vec<u8>,
    pub tracks: Vec<Track>,
    /// Boxes more, in `moov` and behind it.
    pub more: Vec<u8>,
    pub after: Vec<u8>,
    /// Bytes of the finished film.
    pub last: fn(&mut Vec<u8>),
}

/// Where the samples begin.
pub const BEGIN: u32 = 24 + 8;
/// Bytes of a sound. A chunk is a second of either, ten pictures or eight sounds.
const SOUND: u32 = 90;
pub const SECONDS: u32 = 14;
/// Pictures and sounds in a second.
const PICTURES: u32 = 10;
const SOUNDS: u32 = 8;
/// Ticks in a second.
const PICTURE_SCALE: u32 = 1000;
const SOUND_SCALE: u32 = 8000;
const FILM_SCALE: u32 = 600;

/// Bytes of a second.
pub fn second(picture: u32) -> u32 {
    picture * PICTURES + SOUND * SOUNDS
}

fn zeros(count: usize) -> Vec<u8> {
    vec![0; count]
}

fn matrix() -> Vec<u8> {
    words(&[0, 0x1_0000, 0, (-0x1_0000i32) as u32, 0, 0, 108 << 16, 0, 0x4000_0000])
}

fn tkhd(number: u32, volume: u32) -> Vec<u8> {
    let head = words(&[7, 1, 1, number, 0, FILM_SCALE * SECONDS, 0, 0, 0, volume << 16]);
    boxed(b"tkhd", &[&head, &matrix(), &words(&[192 << 16, 108 << 16])])
}

pub fn elst(rows: &[u32]) -> Vec<u8> {
    boxed(b"edts", &[&table(b"elst", 0, 3, rows)])
}

fn track(number: u32, kind: &[u8; 4], scale: u32) -> Track {
    let own = boxed(b"dref", &[&words(&[0, 1]), &boxed(b"url ", &[&words(&[1])])]);
    let head = if kind == b"vide" {
        boxed(b"vmhd", &[&words(&[1, 0, 0])])
    } else {
        boxed(b"smhd", &[&zeros(8)])
    };
    Track {
        tkhd: tkhd(number, u32::from(kind == b"soun") * 0x100),
        edts: vec![],
        mdhd: boxed(b"mdhd", &[&words(&[0, 1, 1, scale, scale * SECONDS, 0x55c4_0000])]),
        hdlr: boxed(b"hdlr", &[&zeros(8), kind, &zeros(12), b"by hand\0"]),
        minf: [head, boxed(b"dinf", &[&own])].concat(),
        stsd: vec![],
        stts: vec![],
        ctts: vec![],
        stss: vec![],
        stsc: vec![],
        stsz: vec![],
        stco: vec![],
        more: Default::default(),
    }
}

/// An `stsd` of pictures, with these boxes in its description.
pub fn picture_entry(boxes: &[u8]) -> Vec<u8> {
    pictures_of(b"avc1", &[boxes, &avcc()].concat())
}

/// Of another kind than the usual one.
pub fn pictures_of(kind: &[u8; 4], boxes: &[u8]) -> Vec<u8> {
    let fixed = [
        zeros(6),
        vec![0, 1],
        zeros(16),
        words(&[192 << 16 | 108]),
        zeros(46),
        vec![0, 24, 255, 255],
    ];
    let entry = boxed(kind, &[&fixed.concat(), boxes]);
    boxed(b"stsd", &[&words(&[0, 1]), &entry])
}

pub fn sound_entry(kind: &[u8; 4], bits: u8, boxes: &[u8]) -> Vec<u8> {
    let fixed = [
        zeros(6),
        vec![0, 1],
        zeros(8),
        vec![0, 1, 0, bits],
        zeros(4),
        words(&[SOUND_SCALE << 16]),
    ];
    boxed(b"stsd", &[&words(&[0, 1]), &boxed(kind, &[&fixed.concat(), boxes])])
}

pub fn avcc() -> Vec<u8> {
    boxed(b"avcC", &[&[1, 66, 0, 10, 255, 224, 0]])
}

/// A decoder's box of H.265, with lengths of four bytes.
pub fn hvcc() -> Vec<u8> {
    let mut body = [0; 23];
    (body[0], body[21]) = (1, 3);
    boxed(b"hvcC", &[&body])
}

/// The beginning of a picture of JPEG: both tables, a scan.
pub const JPEG: [u8; 16] = [255, 0xd8, 255, 0xdb, 0, 3, 0, 255, 0xc4, 0, 3, 0, 255, 0xda, 0, 2];

/// Writes these bytes into every picture of a film with pictures of 40 bytes.
pub fn into_pictures(film: &mut Film, from: usize, bytes: &[u8]) {
    for at in 0..(PICTURES * SECONDS) as usize {
        let begin = at / 10 * second(40) as usize + at % 10 * 40 + from;
        film.data[begin..begin + bytes.len()].copy_from_slice(bytes);
    }
}

/// H.265, every picture of that type.
pub fn hevc(film: &mut Film, kind: u8) {
    film.tracks[0].stsd = pictures_of(b"hvc1", &hvcc());
    into_pictures(film, 4, &[kind << 1]);
}

pub fn opus(skipped: u16) -> Vec<u8> {
    let [high, low] = skipped.to_be_bytes();
    sound_entry(b"Opus", 16, &boxed(b"dOps", &[&[0, 1, high, low, 0, 0, 187, 128, 0, 0, 0]]))
}

/// A track whose samples are those of another, of this handler and this description.
pub fn beside(of: &Track, handler: &[u8; 4], kind: &[u8; 4]) -> Track {
    let mut track = of.clone();
    track.tkhd[23] = 3;
    track.hdlr = boxed(b"hdlr", &[&zeros(8), handler, &zeros(13)]);
    let entry = boxed(kind, &[&zeros(6), &[0, 1], &zeros(8)]);
    track.stsd = boxed(b"stsd", &[&words(&[0, 1]), &entry]);
    track
}

/// A film of four pieces.
pub fn film() -> Film {
    film_of(100_000)
}

/// A film with pictures of that many bytes each.
pub fn film_of(picture_bytes: u32) -> Film {
    let second = second(picture_bytes);
    let mut data: Vec<u8> = Vec::new();
    for byte in 0..second * SECONDS {
        data.push((byte.wrapping_mul(2_654_435_761) >> 24) as u8 ^ (byte >> 16) as u8);
    }
    // A unit of a picture each: whole at the beginning of a second.
    for at in 0..PICTURES * SECONDS {
        let begin = (at / PICTURES * second + at % PICTURES * picture_bytes) as usize;
        data[begin..begin + 4].copy_from_slice(&(picture_bytes - 4).to_be_bytes());
        data[begin + 4] = if at % PICTURES == 0 { 0x65 } else { 0x41 };
    }
    let mut picture = track(1, b"vide", PICTURE_SCALE);
    let count = PICTURES * SECONDS;
    picture.edts = elst(&[FILM_SCALE * SECONDS, 100, 0x1_0000]);
    picture.stsd = picture_entry(&[]);
    picture.stts = table(b"stts", 0, 2, &[count, 100]);
    // Shown in the order 0, 2, 1, 4, 3 …
    let shifts = (0..count).flat_map(|at| {
        [
            1,
            if at % PICTURES == 0 || at % PICTURES == 9 {
                100
            } else if at % 2 == 1 {
                200
            } else {
                0
            },
        ]
    });
    picture.ctts = table(b"ctts", 0, 2, &shifts.collect::<Vec<_>>());
    picture.stss =
        table(b"stss", 0, 1, &(0..SECONDS).map(|at| at * PICTURES + 1).collect::<Vec<_>>());
    picture.stsc = table(b"stsc", 0, 3, &[1, PICTURES, 1]);
    picture.stsz =
        boxed(b"stsz", &[&words(&[0, 0, count]), &words(&vec![picture_bytes; count as usize])]);
    picture.stco =
        table(b"stco", 0, 1, &(0..SECONDS).map(|at| BEGIN + at * second).collect::<Vec<_>>());
    let mut sound = track(2, b"soun", SOUND_SCALE);
    let count = SOUNDS * SECONDS;
    sound.edts = elst(&[60, u32::MAX, 0x1_0000, FILM_SCALE * SECONDS, 0, 0x1_0000]);
    sound.stsd = sound_entry(b"mp4a", 16, &boxed(b"esds", &[&zeros(20)]));
    sound.stts = table(b"stts", 0, 2, &[count, SOUND_SCALE / SOUNDS]);
    sound.stsc = table(b"stsc", 0, 3, &[1, SOUNDS, 1]);
    sound.stsz = boxed(b"stsz", &[&words(&[0, SOUND, count])]);
    let places = (0..SECONDS).map(|at| BEGIN + at * second + picture_bytes * PICTURES);
    sound.stco = table(b"stco", 0, 1, &places.collect::<Vec<_>>());
    let mvhd = boxed(
        b"mvhd",
        &[
            &words(&[0, 1, 1, FILM_SCALE, FILM_SCALE * SECONDS, 0x1_0000, 0x100_0000, 0, 0]),
            &matrix(),
            &zeros(24),
            &words(&[3]),
        ],
    );
    Film {
        ftyp: boxed(b"ftyp", &[b"isom\0\0\x02\0isomavc1"]),
        before: vec![],
        data,
        mvhd,
        tracks: vec![picture, sound],
        more: boxed(b"udta", &[b"made by hand"]),
        after: vec![],
        last: |_| (),
    }
}

impl Track {
    fn boxed(&self) -> Vec<u8> {
        let [in_stbl, in_minf, in_mdia, in_trak] = &self.more;
        let stbl = boxed(
            b"stbl",
            &[
                &self.stsd, &self.stts, &self.ctts, &self.stss, &self.stsc, &self.stsz, &self.stco,
                in_stbl,
            ],
        );
        let minf = boxed(b"minf", &[&self.minf, &stbl, in_minf]);
        let mdia = boxed(b"mdia", &[&self.mdhd, &self.hdlr, &minf, in_mdia]);
        boxed(b"trak", &[&self.tkhd, &self.edts, &mdia, in_trak])
    }
}

impl Film {
    pub fn moov(&self) -> Vec<u8> {
        let tracks: Vec<u8> = self.tracks.iter().flat_map(Track::boxed).collect();
        boxed(b"moov", &[&self.mvhd, &tracks, &self.more])
    }

    pub fn bytes(&self) -> Vec<u8> {
        let parts = [
            self.ftyp.clone(),
            self.before.clone(),
            boxed(b"mdat", &[&self.data]),
            self.moov(),
            self.after.clone(),
        ];
        let mut file = parts.concat();
        (self.last)(&mut file);
        file
    }
}
