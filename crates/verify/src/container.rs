//! Where the coded samples of an excerpt lie, by the tables of its own container (ISO 14496-12). Nothing is taken that
//! a player could read from elsewhere: another box, another file, a second table.

/// Why a container is refused: a sentence for an expert.
pub type Refusal = &'static str;

/// A part of the file: its first byte and its length.
pub type Extent = (u64, u64);

/// The body of `mdat`, and for each track its chunks in the order of playing.
#[derive(Debug)]
pub struct Container {
    pub data: Extent,
    pub tracks: Vec<Vec<Extent>>,
}

const UDTA_BYTES_MAX: usize = 100;

/// Reads a whole file.
///
/// # Errors
/// It has another form than the station writes, or samples that do not fill `mdat` from end to end, each byte once.
pub fn read(file: &[u8]) -> Result<Container, Refusal> {
    let mut filled = boxes(file)?;
    // Both pads are empty, and stand where a longer size would.
    filled.retain(|(kind, _, body)| !body.is_empty() || !matches!(*kind, b"free" | b"wide"));
    let [(b"ftyp", ..), (b"mdat", at, mdat), (b"moov", _, moov)] = filled[..] else {
        return Err("it has other boxes than ftyp, mdat and moov");
    };
    let data = (at, mdat.len() as u64);
    let mut tracks = Vec::new();
    for (kind, _, body) in boxes(moov)? {
        match kind {
            b"mvhd" => {}
            // Names of tools and the like; too short for a picture.
            b"udta" if body.len() <= UDTA_BYTES_MAX => {}
            b"trak" => tracks.push(track(body, data.1)?),
            _ => return Err("moov has other boxes than mvhd, trak and a short udta"),
        }
    }
    let mut extents: Vec<Extent> = tracks.iter().flatten().copied().collect();
    extents.sort_unstable();
    let filled =
        extents.iter().try_fold(data.0, |next, (at, len)| (*at == next).then(|| next + len));
    match filled {
        Some(end) if end == data.0 + data.1 => Ok(Container { data, tracks }),
        _ => Err("its samples do not fill mdat from end to end"),
    }
}

/// Kind, where the body begins, body.
type Box<'b> = (&'b [u8; 4], u64, &'b [u8]);

fn boxes(bytes: &[u8]) -> Result<Vec<Box<'_>>, Refusal> {
    const CUT: Refusal = "a box is cut off";
    let (mut at, mut all) = (0, Vec::new());
    while at < bytes.len() {
        let (head, body) = match number(bytes, at) {
            1 => (16, number(bytes, at + 8) << 32 | number(bytes, at + 12)),
            size => (8, size),
        };
        let end = usize::try_from(body)
            .ok()
            .filter(|size| *size >= head)
            .and_then(|size| at.checked_add(size));
        let body = end.and_then(|end| bytes.get(at + head..end)).ok_or(CUT)?;
        let kind = bytes.get(at + 4..at + 8).and_then(|kind| kind.try_into().ok()).ok_or(CUT)?;
        all.push((kind, (at + head) as u64, body));
        at += head + body.len();
    }
    Ok(all)
}

/// Four bytes; what is not there counts as zero, and no box has that size.
fn number(bytes: &[u8], at: usize) -> u64 {
    let four = at.checked_add(4).and_then(|end| bytes.get(at..end)).unwrap_or_default();
    four.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// The box of these kinds that there must be once.
fn one<'b>(bytes: &'b [u8], kinds: &[&[u8; 4]]) -> Result<Box<'b>, Refusal> {
    let mut all = boxes(bytes)?;
    all.retain(|(kind, ..)| kinds.contains(kind));
    match all[..] {
        [only] => Ok(only),
        _ => Err("a box is not there once"),
    }
}

/// From box to box inwards.
fn inside<'b>(bytes: &'b [u8], kinds: &[&[u8; 4]]) -> Result<&'b [u8], Refusal> {
    kinds.iter().try_fold(bytes, |body, kind| Ok(one(body, &[kind])?.2))
}

/// The chunks of a track, `most` bytes together at most.
fn track(body: &[u8], most: u64) -> Result<Vec<Extent>, Refusal> {
    let minf = inside(body, &[b"mdia", b"minf"])?;
    let dref = inside(minf, &[b"dinf", b"dref"])?;
    // The one source: the file itself.
    if dref.len() != 20 || number(dref, 4) != 1 || number(dref, 16) != 1 {
        return Err("a track takes its data from elsewhere");
    }
    let stbl = inside(minf, &[b"stbl"])?;
    let lens = Lens::read(inside(stbl, &[b"stsz"])?)?;
    let steps = rows(inside(stbl, &[b"stsc"])?, 12)?;
    // Readers differ where these go back or begin late.
    let firsts: Vec<u64> = steps.iter().map(|row| number(row, 0)).collect();
    if !firsts.is_sorted_by(|one, other| one < other) || firsts.first().is_some_and(|it| *it != 1) {
        return Err("a table is not in order");
    }
    let (kind, _, table) = one(stbl, &[b"stco", b"co64"])?;
    let wide = kind == b"co64";
    let places = rows(table, if wide { 8 } else { 4 })?;
    let (mut step, mut sample, mut extents) = (0, 0, Vec::new());
    for (chunk, place) in (1u64..).zip(places) {
        let next = |step: usize| steps.get(step + 1).is_some_and(|next| number(next, 0) <= chunk);
        while next(step) {
            step += 1;
        }
        let many = steps.get(step).map_or(0, |row| number(row, 4));
        let len = lens.sum((sample, many), most)?;
        sample += many;
        let at = if wide { number(place, 0) << 32 | number(place, 4) } else { number(place, 0) };
        if len > 0 {
            extents.push((at, len));
        }
    }
    match sample == lens.count {
        true => Ok(extents),
        false => Err("a track has more or fewer samples than lengths"),
    }
}

/// Rows of equal width that fill a body behind version, flags and their count.
fn rows(body: &[u8], width: usize) -> Result<Vec<&[u8]>, Refusal> {
    let rows: Vec<&[u8]> = body.get(8..).unwrap_or_default().chunks(width).collect();
    let whole = rows.last().is_none_or(|row| row.len() == width);
    match whole && rows.len() as u64 == number(body, 4) && body.len() >= 8 {
        true => Ok(rows),
        false => Err("a table has another length than it says"),
    }
}

/// Lengths of samples.
struct Lens<'b> {
    count: u64,
    /// The one that all have; 0: each has its own.
    each: u64,
    own: &'b [u8],
}

impl Lens<'_> {
    fn read(stsz: &[u8]) -> Result<Lens<'_>, Refusal> {
        let (each, count) = (number(stsz, 4), number(stsz, 8));
        let own = stsz.get(12..).ok_or("a table has another length than it says")?;
        match own.len() as u64 == if each == 0 { count * 4 } else { 0 } {
            true => Ok(Lens { count, each, own }),
            false => Err("a table has another length than it says"),
        }
    }

    /// Bytes of `many` samples from `first` on.
    fn sum(&self, (first, many): (u64, u64), most: u64) -> Result<u64, Refusal> {
        const SHORT: Refusal = "a track has more or fewer samples than lengths";
        let end = first.checked_add(many).filter(|end| *end <= self.count).ok_or(SHORT)?;
        let sum = match self.each {
            0 => {
                let place = |sample: u64| usize::try_from(sample * 4).map_err(|_| SHORT);
                let own = self.own.get(place(first)?..place(end)?).ok_or(SHORT)?;
                own.chunks(4).map(|len| number(len, 0)).sum()
            }
            each => many * each,
        };
        Some(sum).filter(|sum| *sum <= most).ok_or("its samples do not fill mdat from end to end")
    }
}
