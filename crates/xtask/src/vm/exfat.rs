//! As much of exFAT as a card needs: contiguous files in the root folder of a volume that
//! `mkfs.exfat` made. No program of the distribution copies into an exFAT image without mounting it.
//! Format: Microsoft's published exFAT specification, sections 3, 6 and 7.

use crate::vm::{card, noise};
use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const ENTRY: usize = 32;
const BITMAP: u8 = 0x81;
const FILE: u8 = 0x85;
const STREAM: u8 = 0xc0;
const NAME: u8 = 0xc1;
/// Allocation possible, and no chain in the FAT because the clusters follow one another.
const CONTIGUOUS: u8 = 3;
const ARCHIVE: u16 = 0x20;

struct Volume {
    file: File,
    heap: u64,
    cluster: u64,
    root: Vec<u8>,
    root_at: u64,
}

struct Found {
    first: u32,
    size: u64,
}

/// Adds a clip; gives its SHA-256.
///
/// # Errors
/// When it does not fit, or the volume is not as `mkfs.exfat` leaves it.
pub fn add(
    image: &Path,
    offset: u64,
    name: &str,
    seed: u64,
    size: u64,
    at_s: u64,
) -> Result<String> {
    let mut volume = Volume::open(image, offset)?;
    let first = volume.allocate(size.div_ceil(volume.cluster))?;
    let begin = volume.place(first);
    let mut hash = Sha256::new();
    noise::each(seed, size, |at, bytes| {
        hash.update(bytes);
        // What was never written reads as zeros already.
        if at < noise::NOISY {
            volume.file.write_all_at(bytes, begin + at)?
        }
        Ok(())
    })?;
    volume.enter(&entries(name, first, size, at_s)?)?;
    Ok(card::hex(&hash.finalize()))
}

/// The digest of a file in the root folder; `None` when it is not there.
///
/// # Errors
/// When the volume cannot be read.
pub fn digest(image: &Path, offset: u64, name: &str) -> Result<Option<String>> {
    let volume = Volume::open(image, offset)?;
    let Some(found) = volume.find(name) else { return Ok(None) };
    let begin = volume.place(found.first);
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 20];
    let mut at = 0;
    while at < found.size {
        let part = usize::try_from((found.size - at).min(1 << 20))?;
        volume.file.read_exact_at(&mut block[..part], begin + at)?;
        hash.update(&block[..part]);
        at += part as u64;
    }
    Ok(Some(card::hex(&hash.finalize())))
}

impl Volume {
    fn open(image: &Path, offset: u64) -> Result<Volume> {
        let file = OpenOptions::new().read(true).write(true).open(image)?;
        let mut boot = [0; 512];
        file.read_exact_at(&mut boot, offset)?;
        if &boot[3..11] != b"EXFAT   " {
            bail!("{} is not exFAT", image.display());
        }
        let sector = 1u64 << boot[108];
        let cluster = sector << boot[109];
        let heap = offset + u64::from(le32(&boot[88..])) * sector;
        let root_at = heap + u64::from(le32(&boot[96..]) - 2) * cluster;
        let mut root = vec![0; usize::try_from(cluster)?];
        file.read_exact_at(&mut root, root_at)?;
        Ok(Volume { file, heap, cluster, root, root_at })
    }

    fn place(&self, cluster: u32) -> u64 {
        self.heap + u64::from(cluster - 2) * self.cluster
    }

    /// Takes clusters behind the last one that is taken.
    fn allocate(&self, count: u64) -> Result<u32> {
        let entry = self.root.chunks(ENTRY).find(|entry| entry[0] == BITMAP);
        let entry = entry.context("no allocation bitmap")?;
        let (at, size) = (self.place(le32(&entry[20..])), le64(&entry[24..]));
        let mut bits = vec![0; usize::try_from(size)?];
        self.file.read_exact_at(&mut bits, at)?;
        let last = bits.iter().rposition(|byte| *byte != 0).context("an empty bitmap")?;
        let first = last as u64 * 8 + 8 - u64::from(bits[last].leading_zeros());
        for bit in first..first + count {
            let byte = bits.get_mut(usize::try_from(bit / 8)?).context("the card is too small")?;
            *byte |= 1 << (bit % 8);
        }
        self.file.write_all_at(&bits, at)?;
        Ok(u32::try_from(first)? + 2)
    }

    fn enter(&mut self, entries: &[u8]) -> Result<()> {
        let free = self.root.chunks(ENTRY).position(|entry| entry[0] == 0);
        let at = free.context("the root folder is full")? * ENTRY;
        if at + entries.len() > self.root.len() {
            bail!("the root folder is full");
        }
        self.root[at..at + entries.len()].copy_from_slice(entries);
        self.file.write_all_at(entries, self.root_at + at as u64)?;
        Ok(())
    }

    fn find(&self, name: &str) -> Option<Found> {
        let entries: Vec<&[u8]> = self.root.chunks(ENTRY).collect();
        let sets = entries.iter().enumerate().filter(|(_, entry)| entry[0] == FILE);
        sets.filter_map(|(at, head)| entries.get(at + 1..=at + usize::from(head[1]))).find_map(
            |set| {
                let (stream, names) = set.split_first()?;
                let units = names.iter().flat_map(|entry| entry[2..].chunks(2)).map(le16);
                let units: Vec<u16> = units.take(usize::from(stream[3])).collect();
                (stream[0] == STREAM && String::from_utf16_lossy(&units) == name)
                    .then(|| Found { first: le32(&stream[20..]), size: le64(&stream[24..]) })
            },
        )
    }
}

/// A file, its stream and its name, with their checksum.
fn entries(name: &str, first: u32, size: u64, at_s: u64) -> Result<Vec<u8>> {
    let units: Vec<u16> = name.encode_utf16().collect();
    let names = units.len().div_ceil(15);
    let mut set = vec![0; ENTRY * (2 + names)];
    set[0] = FILE;
    set[1] = u8::try_from(1 + names)?;
    set[4..6].copy_from_slice(&ARCHIVE.to_le_bytes());
    for at in [8, 12, 16] {
        set[at..at + 4].copy_from_slice(&stamp(at_s)?.to_le_bytes());
    }
    // Valid offsets from UTC, of nothing.
    set[22..25].fill(0x80);
    let stream = &mut set[ENTRY..2 * ENTRY];
    stream[0] = STREAM;
    stream[1] = CONTIGUOUS;
    stream[3] = u8::try_from(units.len())?;
    stream[4..6].copy_from_slice(&name_hash(name).to_le_bytes());
    stream[8..16].copy_from_slice(&size.to_le_bytes());
    stream[20..24].copy_from_slice(&first.to_le_bytes());
    stream[24..32].copy_from_slice(&size.to_le_bytes());
    for (number, part) in units.chunks(15).enumerate() {
        let entry = &mut set[ENTRY * (2 + number)..ENTRY * (3 + number)];
        entry[0] = NAME;
        let bytes: Vec<u8> = part.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        entry[2..2 + bytes.len()].copy_from_slice(&bytes);
    }
    let sum = set.iter().enumerate().filter(|(at, _)| *at != 2 && *at != 3);
    let sum = sum.fold(0u16, |sum, (_, byte)| sum.rotate_right(1).wrapping_add((*byte).into()));
    set[2..4].copy_from_slice(&sum.to_le_bytes());
    Ok(set)
}

/// Over the upper-case name; ours are ASCII.
fn name_hash(name: &str) -> u16 {
    let upper = name.to_ascii_uppercase();
    let bytes = upper.encode_utf16().flat_map(u16::to_le_bytes);
    bytes.fold(0, |hash: u16, byte| hash.rotate_right(1).wrapping_add(byte.into()))
}

/// DOS time in UTC: years from 1980, two seconds the smallest step.
fn stamp(at_s: u64) -> Result<u32> {
    let mut date = std::process::Command::new("date");
    date.args(["-u", "-d", &format!("@{at_s}"), "+%Y %-m %-d %-H %-M %-S"]);
    let said = crate::step::ask(&mut date).context("`date` does not tell a civil time")?;
    let parts: Vec<u32> = said.split(' ').map_while(|part| part.parse().ok()).collect();
    let [year, month, day, hour, minute, second] = parts[..] else { bail!("date says {said}") };
    Ok((year - 1980) << 25 | month << 21 | day << 16 | hour << 11 | minute << 5 | (second / 2))
}

fn le16(bytes: &[u8]) -> u16 {
    u16::from_le_bytes([bytes[0], bytes[1]])
}

fn le32(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn le64(bytes: &[u8]) -> u64 {
    u64::from(le32(bytes)) | u64::from(le32(&bytes[4..])) << 32
}
