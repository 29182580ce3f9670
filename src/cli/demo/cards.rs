//! Three cards with small real clips, named as recorders name them, recorded a few hours ago.

use sealdock_core::time::{WallMs, Zone};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One recorder and what is on it.
pub struct Card {
    pub bay: &'static str,
    pub recorder: &'static str,
    pub officer: &'static str,
    pub name: &'static str,
    files: &'static [File],
}

struct File {
    folder: &'static str,
    /// `{name}` becomes the recorder's own kind of name.
    form: &'static str,
    what: &'static str,
    bytes: &'static [u8],
}

macro_rules! clip {
    ($file:literal) => {
        include_bytes!(concat!("../../../fixtures/clips/", $file))
    };
}

const DAY: &str = "DCIM/100MEDIA";
/// What fills a film up to the size of some seconds of footage, in a box that no player shows.
const FILM_BYTES: usize = 3 << 20;
/// Beyond the numbers of the files above.
const FIRST_FILM: usize = 101;

pub static CARDS: [Card; 3] = [
    Card {
        bay: "1",
        recorder: "J800001",
        officer: "000101",
        name: "李明",
        files: &[
            File {
                folder: DAY,
                form: "{name}_0001.MP4",
                what: "H.264 + AAC",
                bytes: clip!("h264-aac.mp4"),
            },
            File {
                folder: DAY,
                form: "{name}_0002_IMP.MP4",
                what: "H.264, fragmented, 重点 marked",
                bytes: clip!("h264-fragmented.mp4"),
            },
            File {
                folder: DAY,
                form: "{name}_0003.JPG",
                what: "photograph",
                bytes: clip!("still.jpg"),
            },
        ],
    },
    Card {
        bay: "2",
        recorder: "J800002",
        officer: "000102",
        name: "王芳",
        files: &[
            File {
                folder: DAY,
                form: "{name}_0001.MP4",
                what: "H.265",
                bytes: clip!("h265-hvc1.mp4"),
            },
            File {
                folder: DAY,
                form: "{name}_0002.WAV",
                what: "voice note",
                bytes: clip!("voice-note.wav"),
            },
            File {
                folder: "LOG",
                form: "20261121.txt",
                what: "the recorder's own log: stored, and stays",
                bytes: b"2026/11/21-08:15:06 #ID:J800002 power on\n",
            },
        ],
    },
    Card {
        bay: "3",
        recorder: "J800003",
        officer: "000103",
        name: "张伟",
        files: &[
            File {
                folder: DAY,
                form: "{name}_0001.AVI",
                what: "MPEG-4 in AVI",
                bytes: clip!("mpeg4-mp2.avi"),
            },
            File {
                folder: DAY,
                form: "{name}_0002.MP4",
                what: "cut off when the battery died: no index",
                bytes: clip!("no-moov.mp4"),
            },
        ],
    },
];

impl Card {
    /// Writes the card; recorded two hours ago, as the file times say.
    pub fn write(&self, root: &Path) -> std::io::Result<Vec<String>> {
        let recorded = hours_ago();
        let mut lines = Vec::new();
        for file in self.files {
            let name = file.form.replace("{name}", &self.recorder_name(recorded));
            let folder = root.join(file.folder);
            std::fs::create_dir_all(&folder)?;
            let file_on_card = std::fs::File::create(folder.join(&name))?;
            (&file_on_card).write_all(file.bytes)?;
            file_on_card.set_modified(recorded)?;
            lines.push(format!(
                "{}/{name}  {} bytes, {}",
                file.folder,
                file.bytes.len(),
                file.what
            ));
        }
        Ok(lines)
    }

    /// Records `count` films more, no two alike, so that there is something to copy while somebody looks.
    pub fn film(&self, root: &Path, count: usize) -> std::io::Result<String> {
        let recorded = hours_ago();
        let folder = root.join(DAY);
        std::fs::create_dir_all(&folder)?;
        for number in FIRST_FILM..FIRST_FILM + count {
            let name = format!("{}_{number:04}.MP4", self.recorder_name(recorded));
            let file = std::fs::File::create(folder.join(&name))?;
            let mut out = std::io::BufWriter::new(&file);
            out.write_all(clip!("h264-aac.mp4"))?;
            fill(&mut out, &name)?;
            out.flush()?;
            drop(out);
            file.set_modified(recorded)?;
        }
        Ok(format!("{DAY}: {count} films of {} MiB, H.264 + AAC", FILM_BYTES >> 20))
    }

    /// What its officer says with their own PIN.
    pub fn confirmed<'a>(&'a self, pin_file: &'a str) -> [&'a str; 8] {
        let [bay, recorder, officer] = [self.bay, self.recorder, self.officer];
        ["session", "confirm", bay, recorder, "--officer", officer, "--pin-file", pin_file]
    }

    /// `J800001_00010120261121081506`: device, officer, civil time without signs.
    fn recorder_name(&self, at: SystemTime) -> String {
        let ms = at.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
        let civil = Zone { east_minutes: 480 }.civil(WallMs(i64::try_from(ms).unwrap_or(0)));
        let digits: String = civil.chars().filter(char::is_ascii_digit).collect();
        format!("{}_{}{digits}", self.recorder, self.officer)
    }
}

/// When a card was recorded.
fn hours_ago() -> SystemTime {
    SystemTime::now() - Duration::from_secs(2 * 3600)
}

/// A `free` box, which players step over (ISO/IEC 14496-12, 8.1.2), with lines that no other film has.
fn fill(out: &mut impl std::io::Write, name: &str) -> std::io::Result<()> {
    let length = u32::try_from(FILM_BYTES).unwrap_or(u32::MAX);
    out.write_all(&length.to_be_bytes())?;
    out.write_all(b"free")?;
    let mut left = FILM_BYTES - 8;
    while left > 0 {
        let line = format!("{name} {left:>12} so that a film has its size\n");
        let take = line.len().min(left);
        out.write_all(&line.as_bytes()[..take])?;
        left -= take;
    }
    Ok(())
}
