//! Cards of recorders as image files, made and read without mounting anything: FAT through mtools,
//! exFAT through `exfat.rs`. What was put on a card is remembered, so that afterwards it can be said
//! from outside the guest what became of it.

use crate::step;
use crate::vm::{exfat, noise};
use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

const SECTOR: u64 = 512;
const MIB: u64 = 1 << 20;

/// What a card is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Partition table and file systems.
    pub layout: Layout,
    /// The whole card.
    pub size: u64,
    /// How many clips, spread over the volumes.
    pub clips: u64,
    /// Bytes of each clip.
    pub clip_size: u64,
    /// Number of the recorder in the names of its clips.
    pub recorder: String,
    /// Number of the officer there.
    pub officer: String,
    /// The last clip takes all room that is left.
    pub full: bool,
    /// Not unmounted cleanly by the recorder.
    pub dirty: bool,
}

/// What the first sectors say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Layout {
    /// FAT32 without a partition table, as most recorders format.
    Fat32,
    /// FAT32 in the one partition of an MBR.
    Fat32Partition,
    /// FAT32 twice in an MBR.
    TwoPartitions,
    /// exFAT without a partition table.
    Exfat,
    /// Nothing but zeros.
    Blank,
    /// No disk at all: a folder that the recorder shows over MTP.
    Mtp,
}

/// One card.
pub struct Card {
    /// Where its bytes are.
    pub image: PathBuf,
    /// What was put on it.
    pub clips: Vec<Clip>,
    volumes: Vec<Volume>,
    digest: String,
}

/// One piece of footage as the recorder wrote it.
pub struct Clip {
    /// From the root of its volume.
    pub path: String,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    size: u64,
    volume: usize,
    seed: u64,
}

#[derive(Clone, Copy)]
struct Volume {
    offset: u64,
    size: u64,
    exfat: bool,
}

impl Card {
    /// Makes the card `name` in `folder`, its clips recorded two hours before `now_s`.
    ///
    /// # Errors
    /// When a program fails or the clips do not fit.
    pub fn make(folder: &Path, name: &str, plan: &Plan, now_s: u64) -> Result<Card> {
        if plan.layout == Layout::Mtp {
            return Self::make_folder(&folder.join(name), plan, now_s);
        }
        let image = folder.join(format!("{name}.img"));
        let file = File::create(&image).context("cannot make a card")?;
        file.set_len(plan.size)?;
        let volumes = volumes(plan);
        if volumes.first().is_some_and(|volume| volume.offset > 0) {
            write_partition_table(&file, &volumes)?;
        }
        let mut card = Card { image, clips: Vec::new(), volumes, digest: String::new() };
        for volume in card.volumes.clone() {
            card.format(&volume)?;
        }
        for number in 0..plan.clips {
            card.record(plan, number, now_s)?;
        }
        if plan.dirty {
            mark_dirty(&file, card.volumes.first().context("a blank card cannot be dirty")?)?;
        }
        file.sync_all()?;
        card.digest = digest_of(&card.image)?;
        Ok(card)
    }

    /// Bytes of footage that were put on it.
    pub fn footage(&self) -> u64 {
        self.clips.iter().map(|clip| clip.size).sum()
    }

    /// Whether not one byte of it has changed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn is_untouched(&self) -> Result<bool> {
        if self.image.is_dir() {
            let mut there = 0;
            for clip in &self.clips {
                there += usize::from(self.digest_now(clip)?.is_some_and(|now| now == clip.sha256));
            }
            return Ok(there == self.clips.len());
        }
        Ok(digest_of(&self.image)? == self.digest)
    }

    /// Whether it is shown as files and not as a disk.
    pub fn is_mtp(&self) -> bool {
        self.image.is_dir()
    }

    /// The digest of a clip as it lies on the card now; `None` when it is not there.
    ///
    /// # Errors
    /// When the card cannot be read.
    pub fn digest_now(&self, clip: &Clip) -> Result<Option<String>> {
        let Some(volume) = self.volumes.get(clip.volume).copied() else {
            let path = self.image.join(&clip.path);
            return if path.exists() { digest_of(&path).map(Some) } else { Ok(None) };
        };
        if volume.exfat {
            return exfat::digest(&self.image, volume.offset, &clip.path);
        }
        let mut command = self.mtool("mcopy", &volume);
        command.args(["-n", &format!("::{}", clip.path), "-"]);
        let output = command.output().context("cannot start mcopy")?;
        let gone = String::from_utf8_lossy(&output.stderr).contains("not found");
        match (output.status.success(), gone) {
            (true, _) => Ok(Some(hex(&Sha256::digest(&output.stdout)))),
            (false, true) => Ok(None),
            _ => bail!("cannot read the card: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// The first sector on the card that holds the middle of a clip.
    ///
    /// # Errors
    /// When the card does not hold it in one sector.
    pub fn sector_of(&self, number: usize) -> Result<u64> {
        let clip = self.clips.get(number).with_context(|| format!("no clip {number} on it"))?;
        let volume = self.volumes[clip.volume];
        let mut wanted = [0; SECTOR as usize];
        noise::fill(clip.seed, noise::PIECE, &mut wanted);
        let found = self.sectors(volume, |sector| *sector == wanted)?;
        found.first().copied().with_context(|| format!("{} is nowhere on the card", clip.path))
    }

    /// The first sector of the folder that holds the clips of a FAT32 card.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn sector_of_folder(&self) -> Result<u64> {
        let volume = *self.volumes.first().context("a blank card has no folders")?;
        // Every folder but the root begins with the entry of itself; DCIM was made before the one in it.
        let found = self.sectors(volume, |sector| sector.starts_with(b".          \x10"))?;
        found.get(1).copied().context("no folder below DCIM")
    }

    /// Sectors of the card on which a volume holds what is looked for.
    fn sectors(
        &self,
        volume: Volume,
        fits: impl Fn(&[u8; SECTOR as usize]) -> bool,
    ) -> Result<Vec<u64>> {
        let file = File::open(&self.image)?;
        let (mut sector, mut found) = ([0; SECTOR as usize], Vec::new());
        for at in (volume.offset..volume.offset + volume.size).step_by(SECTOR as usize) {
            file.read_exact_at(&mut sector, at)?;
            if fits(&sector) {
                found.push(at / SECTOR);
            }
        }
        Ok(found)
    }

    fn make_folder(folder: &Path, plan: &Plan, now_s: u64) -> Result<Card> {
        std::fs::create_dir_all(folder.join("DCIM"))?;
        let mut card = Card {
            image: folder.to_path_buf(),
            clips: Vec::new(),
            volumes: Vec::new(),
            digest: String::new(),
        };
        for number in 0..plan.clips {
            let path = format!("DCIM/{}", clip_name(plan, number, now_s - 7200 + number)?);
            let seed = noise::seed(&format!("{}-{path}", folder.display()));
            let sha256 = noise::write(&folder.join(&path), seed, plan.clip_size)?;
            card.clips.push(Clip { path, sha256, size: plan.clip_size, volume: 0, seed });
        }
        Ok(card)
    }

    fn format(&self, volume: &Volume) -> Result<()> {
        let mut command = if volume.exfat {
            let mut command = Command::new("mkfs.exfat");
            command.args(["-L", "BODYCAM"]);
            command
        } else {
            let mut command = Command::new("mkfs.vfat");
            let sectors = (volume.offset / SECTOR).to_string();
            command.args(["-F", "32", "-n", "BODYCAM", "-h", &sectors, "--offset", &sectors]);
            command
        };
        command.arg(&self.image);
        if !volume.exfat {
            command.arg((volume.size / 1024).to_string());
        }
        // It warns of a file system that does not reach the end of the card.
        let output = command.output().context("cannot start mkfs")?;
        if !output.status.success() {
            bail!("cannot format a card: {}", String::from_utf8_lossy(&output.stderr));
        }
        if !volume.exfat {
            let mut folders = self.mtool("mmd", volume);
            step::run(folders.args(["::DCIM", "::DCIM/100MEDIA"]))?;
        }
        Ok(())
    }

    fn record(&mut self, plan: &Plan, number: u64, now_s: u64) -> Result<()> {
        let which = usize::try_from(number)? % self.volumes.len().max(1);
        let volume = *self.volumes.get(which).context("a blank card holds no clips")?;
        let recorded_s = now_s - 7200 + number;
        let name = clip_name(plan, number, recorded_s)?;
        let seed = noise::seed(&format!("{}-{name}", self.image.display()));
        let last = number + 1 == plan.clips;
        let size = if plan.full && last { self.room(&volume)? } else { plan.clip_size };
        let path = if volume.exfat { name } else { format!("DCIM/100MEDIA/{name}") };
        let sha256 = if volume.exfat {
            exfat::add(&self.image, volume.offset, &path, seed, size, recorded_s)?
        } else {
            self.copy_in(&volume, &path, (seed, size), recorded_s)?
        };
        self.clips.push(Clip { path, sha256, size, volume: which, seed });
        Ok(())
    }

    fn copy_in(&self, volume: &Volume, path: &str, what: (u64, u64), at_s: u64) -> Result<String> {
        let loose = self.image.with_extension("clip");
        let digest = noise::write(&loose, what.0, what.1)?;
        OpenOptions::new()
            .append(true)
            .open(&loose)?
            .set_modified(UNIX_EPOCH + Duration::from_secs(at_s))?;
        let mut copy = self.mtool("mcopy", volume);
        copy.arg("-m").arg(&loose).arg(format!("::{path}"));
        step::run(copy.env("TZ", "UTC"))?;
        std::fs::remove_file(&loose)?;
        Ok(digest)
    }

    fn room(&self, volume: &Volume) -> Result<u64> {
        let said = step::ask(self.mtool("mdir", volume).arg("::")).context("mdir failed")?;
        let line = said.lines().rev().find(|line| line.contains("bytes free"));
        let digits: String =
            line.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        digits.parse().with_context(|| format!("mdir says {said}"))
    }

    fn mtool(&self, program: &str, volume: &Volume) -> Command {
        let mut command = Command::new(program);
        command.env("MTOOLS_SKIP_CHECK", "1");
        command.arg("-i").arg(format!("{}@@{}", self.image.display(), volume.offset));
        command
    }
}

/// `J800001_00010120261121081506_0001.MP4`: device, officer, civil time, running number.
fn clip_name(plan: &Plan, number: u64, at_s: u64) -> Result<String> {
    let mut date = Command::new("date");
    // Recorders write the wall clock of the province.
    date.env("TZ", "UTC-8").args(["-d", &format!("@{at_s}"), "+%Y%m%d%H%M%S"]);
    let civil = step::ask(&mut date).context("`date` does not tell a civil time")?;
    Ok(format!("{}_{}{civil}_{:04}.MP4", plan.recorder, plan.officer, number + 1))
}

fn volumes(plan: &Plan) -> Vec<Volume> {
    let half = plan.size / 2 / MIB * MIB;
    let volume = |offset, end| Volume { offset, size: end - offset, exfat: false };
    match plan.layout {
        Layout::Fat32 => vec![volume(0, plan.size)],
        Layout::Fat32Partition => vec![volume(MIB, plan.size)],
        Layout::TwoPartitions => vec![volume(MIB, half), volume(half, plan.size)],
        Layout::Exfat => vec![Volume { exfat: true, ..volume(0, plan.size) }],
        Layout::Blank | Layout::Mtp => Vec::new(),
    }
}

/// An MBR by hand: four entries of 16 bytes at 446, and its mark at the end.
fn write_partition_table(file: &File, volumes: &[Volume]) -> Result<()> {
    const FAT32_LBA: u8 = 0x0c;
    let mut sector = [0; SECTOR as usize];
    for (number, volume) in volumes.iter().enumerate() {
        let entry = &mut sector[446 + 16 * number..462 + 16 * number];
        entry[4] = FAT32_LBA;
        entry[8..12].copy_from_slice(&u32::try_from(volume.offset / SECTOR)?.to_le_bytes());
        entry[12..16].copy_from_slice(&u32::try_from(volume.size / SECTOR)?.to_le_bytes());
    }
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    file.write_all_at(&sector, 0).context("cannot write the partition table")
}

/// The bit in the boot sector that a clean unmount takes away again.
fn mark_dirty(file: &File, volume: &Volume) -> Result<()> {
    const STATE: u64 = 0x41;
    file.write_all_at(&[1], volume.offset + STATE).context("cannot mark the card dirty")
}

fn digest_of(path: &Path) -> Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&block[..count]),
        }
    }
}

/// Digits as `sha256sum` prints them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(layout: Layout) -> Plan {
        Plan {
            layout,
            size: 80 * MIB,
            clips: 4,
            clip_size: 100_000,
            recorder: "J800001".into(),
            officer: "000101".into(),
            full: false,
            dirty: false,
        }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn what_was_recorded_is_read_back_and_a_changed_byte_is_seen() {
        let folder = folder("card");
        for layout in [Layout::Fat32, Layout::Fat32Partition, Layout::TwoPartitions, Layout::Exfat]
        {
            let card = Card::make(&folder, "a", &plan(layout), 1_790_000_000).unwrap();
            assert!(card.is_untouched().unwrap());
            for clip in &card.clips {
                assert_eq!(card.digest_now(clip).unwrap().as_ref(), Some(&clip.sha256));
            }
            let at = card.sector_of(1).unwrap() * SECTOR;
            let file = OpenOptions::new().write(true).open(&card.image).unwrap();
            file.write_all_at(b"X", at).unwrap();
            assert!(!card.is_untouched().unwrap(), "{layout:?}");
            assert_ne!(
                card.digest_now(&card.clips[1]).unwrap().as_ref(),
                Some(&card.clips[1].sha256)
            );
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_exfat_card_is_what_its_checker_calls_clean() {
        let folder = folder("exfat");
        let card = Card::make(&folder, "a", &plan(Layout::Exfat), 1_790_000_000).unwrap();
        let output = Command::new("fsck.exfat").arg("-n").arg(&card.image).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains("clean") && said.contains("files 4"),
            "{said}"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }
}
