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
/// Takes some seconds to copy and to read again.
const LONG_BYTES: usize = 192 << 20;

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
    /// Writes the card; recorded two hours ago, as the file times say. `long`: one more file, so large that something moves on
    /// the wall while somebody looks.
    pub fn write(&self, root: &Path, long: bool) -> std::io::Result<Vec<String>> {
        let recorded = SystemTime::now() - Duration::from_secs(2 * 3600);
        let mut lines = Vec::new();
        for file in self.files {
            let name = file.form.replace("{name}", &self.recorder_name(recorded));
            let folder = root.join(file.folder);
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join(&name), file.bytes)?;
            std::fs::File::options()
                .append(true)
                .open(folder.join(&name))?
                .set_modified(recorded)?;
            lines.push(format!(
                "{}/{name}  {} bytes, {}",
                file.folder,
                file.bytes.len(),
                file.what
            ));
        }
        if long {
            let name = format!("{}_0009.MP4", self.recorder_name(recorded));
            let file = std::fs::File::create(root.join(DAY).join(&name))?;
            let mut left = LONG_BYTES;
            let mut out = std::io::BufWriter::new(&file);
            while left > 0 {
                // No two pieces alike, as in footage.
                let piece = format!("{name} {left:>12} made up so that something moves\n");
                out.write_all(&piece.as_bytes()[..piece.len().min(left)])?;
                left -= piece.len().min(left);
            }
            out.flush()?;
            drop(out);
            file.set_modified(recorded)?;
            lines.push(format!("{DAY}/{name}  {LONG_BYTES} bytes, made up, no film"));
        }
        Ok(lines)
    }

    /// `J800001_00010120261121081506`: device, officer, civil time without signs.
    fn recorder_name(&self, at: SystemTime) -> String {
        let ms = at.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
        let civil = Zone { east_minutes: 480 }.civil(WallMs(i64::try_from(ms).unwrap_or(0)));
        let digits: String = civil.chars().filter(char::is_ascii_digit).collect();
        format!("{}_{}{digits}", self.recorder, self.officer)
    }
}
