//! Clips as others write them, cut, and held against the clip by a reader that nobody here wrote: packet by packet.
#![allow(clippy::expect_used, reason = "a test ends where it cannot go on")]

use sealdock_excerpt::{Cut, Fault, Master, Range, Samples, cut};
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Whole(Vec<u8>);

impl Master for Whole {
    type Error = Infallible;

    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), Infallible> {
        let at = usize::try_from(at).expect("an offset");
        into.copy_from_slice(&self.0[at..at + into.len()]);
        Ok(())
    }
}

fn excerpt(master: &[u8], range: (u64, u64)) -> Result<(Cut, Vec<u8>), Fault<Infallible>> {
    let range = Range { from_ms: range.0, to_ms: range.1 };
    let made = cut(&mut Whole(master.to_vec()), range)?;
    let run = |run: &sealdock_excerpt::Run| &master[run.at as usize..(run.at + run.len) as usize];
    let bytes = made.runs.iter().fold(made.head.clone(), |file, it| [&file, run(it)].concat());
    assert_eq!(bytes.len() as u64, made.size());
    Ok((made, bytes))
}

fn said(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output().expect("ffmpeg is installed");
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    // Of pictures that stand between two whole ones and lean on the earlier, which is not here; they are not shown.
    let leaning =
        ["mmco: unref", "co located POCs", "Could not find ref", "reference picture missing"];
    let complaint: String =
        complaint.lines().filter(|line| !leaning.iter().any(|it| line.contains(it))).collect();
    assert!(done.status.success() && complaint.is_empty(), "{program} {arguments:?}: {complaint}");
    String::from_utf8(done.stdout).expect("text")
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Packet {
    shown: i64,
    decoded: i64,
    size: String,
    is_whole: bool,
    digest: String,
}

/// Packets of a stream (`v` or `a`); the edit list is passed over, since readers drop what it hides.
fn packets(file: &Path, stream: &str) -> Vec<Packet> {
    let shown = "packet=pts,dts,size,flags,data_hash";
    let text = said(
        "ffprobe",
        &[
            "-v",
            "error",
            "-ignore_editlist",
            "1",
            "-select_streams",
            &format!("{stream}:0"),
            "-show_data_hash",
            "sha256",
            "-show_entries",
            shown,
            "-of",
            "default=nk=0",
            file.to_str().expect("a path"),
        ],
    );
    let field = |packet: &str, name: &str| {
        let line = packet.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.unwrap_or_default().to_owned()
    };
    let packet = |text: &str| Packet {
        shown: field(text, "pts").parse().expect("pts"),
        decoded: field(text, "dts").parse().expect("dts"),
        size: field(text, "size"),
        is_whole: field(text, "flags").starts_with('K'),
        digest: field(text, "data_hash"),
    };
    text.split("[/PACKET]").filter(|text| text.contains("pts=")).map(packet).collect()
}

/// Pictures as they are decoded and shown: seconds, digest.
fn pictures(file: &Path) -> Vec<(f64, String)> {
    let text = said(
        "ffmpeg",
        &[
            "-nostdin",
            "-v",
            "error",
            "-i",
            file.to_str().expect("a path"),
            "-map",
            "0:v:0",
            "-fps_mode",
            "passthrough",
            "-copyts",
            "-enc_time_base",
            "1:90000",
            "-f",
            "framemd5",
            "-",
        ],
    );
    let line = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let ticks: f64 = fields[2].parse().expect("a time");
        (ticks / 90_000.0, fields[5].to_owned())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

/// Seconds of a stream's beginning, as a player has it.
fn begins(file: &Path, stream: &str) -> f64 {
    let text = said(
        "ffprobe",
        &[
            "-v",
            "error",
            "-select_streams",
            &format!("{stream}:0"),
            "-show_entries",
            "stream=start_time",
            "-of",
            "csv=p=0",
            file.to_str().expect("a path"),
        ],
    );
    text.trim().parse().expect("seconds")
}

fn same(clip: &[Packet], part: &[Packet], Samples { first, count }: Samples, about: &str) {
    let of = &clip[first as usize..(first + count) as usize];
    assert_eq!(part.len(), of.len(), "{about}");
    // Where pictures are shown before they are decoded a reader moves all times of decoding, by as much as the file needs.
    let since = |packet: &Packet, first: &Packet| Packet {
        shown: packet.shown - first.shown,
        decoded: packet.decoded - first.decoded,
        ..packet.clone()
    };
    for (mine, theirs) in part.iter().zip(of) {
        assert_eq!(since(mine, &part[0]), since(theirs, &of[0]), "{about}");
    }
}

/// Sound as it lies there: readers make packets of such samples as they like.
fn raw(file: &Path) -> Vec<u8> {
    let file = file.to_str().expect("a path");
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-ignore_editlist", "1", "-i", file, "-map", "0:a:0"]);
    let done = command.args(["-c", "copy", "-f", "data", "-"]).output().expect("ffmpeg");
    assert!(done.status.success());
    done.stdout
}

fn same_bytes(clip: &[u8], part: &[u8], Samples { first, count }: Samples, about: &str) {
    let width = part.len() / count as usize;
    let (from, to) = (first as usize * width, (first + count) as usize * width);
    assert!(width > 0 && part == &clip[from..to], "{about}");
}

struct Folder(PathBuf);

impl Folder {
    fn make(name: &str) -> Self {
        let dir =
            std::env::temp_dir().join(format!("sealdock-excerpt-{name}-{}", std::process::id()));
        let _gone = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a folder");
        Folder(dir)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

const PICTURE: &str = "-f lavfi -i testsrc2=size=192x108:rate=25:duration=8";
const SOUND: &str = "-f lavfi -i sine=frequency=440:duration=8";

/// Name, inputs, how they are written.
#[rustfmt::skip]
const CLIPS: [(&str, &str, &str); 14] = [
    ("bframes.mp4", "PS", "-c:v libx264 -preset fast -g 50 -bf 3 -pix_fmt yuv420p -c:a aac"),
    ("front.mp4", "PS", "-c:v libx264 -preset fast -g 25 -bf 2 -pix_fmt yuv420p -c:a aac -movflags faststart"),
    ("long.mp4", "PS", "-c:v libx264 -preset ultrafast -g 1000 -pix_fmt yuv420p -c:a aac"),
    ("short.mp4", "P", "-c:v libx264 -preset ultrafast -g 3 -pix_fmt yuv420p"),
    ("open.mp4", "PS", "-c:v libx264 -preset fast -g 25 -bf 3 -x264-params open-gop=1:bframes=3 -pix_fmt yuv420p -c:a aac"),
    ("hevc.mp4", "PS", "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=30:bframes=3:open-gop=0 -pix_fmt yuv420p -tag:v hvc1 -c:a aac"),
    ("hevc-open.mp4", "P", "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=30:bframes=4:open-gop=1 -pix_fmt yuv420p"),
    ("late.mp4", "PL", "-c:v libx264 -preset fast -g 25 -bf 2 -pix_fmt yuv420p -c:a aac"),
    ("mjpeg.mov", "PS", "-c:v mjpeg -q:v 8 -pix_fmt yuvj420p -c:a pcm_s16le"),
    ("alaw.mov", "PS", "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a pcm_alaw -ar 8000"),
    ("stereo.mov", "PS", "-c:v libx264 -preset fast -g 20 -pix_fmt yuv420p -c:a pcm_s16be -ac 2 -ar 48000"),
    ("aac.mov", "PS", "-c:v libx264 -preset fast -g 20 -bf 2 -pix_fmt yuv420p -c:a aac"),
    ("signed.mp4", "PS", "-c:v libx264 -preset fast -g 20 -bf 2 -pix_fmt yuv420p -c:a aac -movflags negative_cts_offsets"),
    ("ntsc.mp4", "NS", "-c:v libx264 -preset fast -g 20 -bf 2 -pix_fmt yuv420p -c:a libmp3lame"),
];

fn written(dir: &Path, (name, inputs, how): (&str, &str, &str)) -> PathBuf {
    let file = dir.join(name);
    let mut line = "-nostdin -v error -y".to_owned();
    for input in inputs.chars() {
        line += &match input {
            'P' => format!(" {PICTURE}"),
            'N' => " -f lavfi -i testsrc2=size=192x108:rate=30000/1001:duration=8".to_owned(),
            'L' => format!(" -itsoffset 1.3 {SOUND}"),
            _ => format!(" {SOUND}"),
        };
    }
    line += &format!(" {how} {}", file.to_str().expect("a path"));
    said("ffmpeg", &line.split(' ').collect::<Vec<_>>());
    file
}

#[test]
fn a_reader_nobody_here_wrote_finds_the_clips_own_packets_and_pictures_in_every_excerpt() {
    agree("first", &CLIPS[..7]);
}

#[test]
fn it_finds_them_where_sound_begins_late_is_plain_or_times_are_odd_too() {
    agree("second", &CLIPS[7..]);
}

fn agree(part: &str, clips: &[(&str, &str, &str)]) {
    let dir = Folder::make(part);
    for clip in clips.iter().copied() {
        let (name, inputs, how) = clip;
        let file = written(&dir.0, clip);
        let master = fs::read(&file).expect("the clip");
        let all = (packets(&file, "v"), pictures(&file));
        for range in [(0, 1500), (2000, 4000), (3300, 3340), (5210, 60_000), (1, 8000)] {
            let about = format!("{name} {range:?}");
            if name.ends_with("open.mp4") && range.0 > 1300 {
                // Its later pictures called whole are none: those behind them may lean on what lies before.
                let why = "the picture that the excerpt would begin with is not a whole one";
                assert_eq!(excerpt(&master, range), Err(Fault::Refused(why)), "{about}");
                continue;
            }
            let (made, bytes) = excerpt(&master, range).expect(&about);
            let part = dir.0.join(format!("part.{}", made.ending));
            fs::write(&part, &bytes).expect("written");
            same(&all.0, &packets(&part, "v"), made.picture, &about);
            if let Some(sound) = made.sound {
                let about = format!("{about} sound");
                match how.contains("pcm") {
                    true => same_bytes(&raw(&file), &raw(&part), sound, &about),
                    false => same(&packets(&file, "a"), &packets(&part, "a"), sound, &about),
                }
            }
            assert_eq!(
                made.sound.is_some(),
                inputs.len() > 1 && !(inputs == "PL" && range.1 <= 1300),
                "{about}"
            );
            shows(&all.1, &part, (&made, &about));
            said(
                "ffmpeg",
                &[
                    "-nostdin",
                    "-v",
                    "error",
                    "-xerror",
                    "-i",
                    part.to_str().expect("a path"),
                    "-f",
                    "null",
                    "-",
                ],
            );
        }
    }
}

/// What a player shows of the excerpt is what it shows of the clip from there on.
fn shows(clip: &[(f64, String)], part: &Path, (made, about): (&Cut, &str)) {
    let shown = pictures(part);
    let begin = clip.iter().position(|(_, digest)| *digest == shown[0].1);
    let begin = begin.unwrap_or_else(|| panic!("{about}: its first picture is not the clip's"));
    for ((at, digest), (there, of_clip)) in shown.iter().zip(&clip[begin..]) {
        assert_eq!(digest, of_clip, "{about} at {at}");
        assert!((at - shown[0].0 - (there - clip[begin].0)).abs() < 0.001, "{about} at {at}");
    }
    let millis = |seconds: f64| (seconds * 1000.0).round() as u64;
    assert!(
        millis(clip[begin].0).abs_diff(made.shown.from_ms) <= 1,
        "{about} {:?} {}",
        made.shown,
        clip[begin].0
    );
    let last = clip[begin + shown.len() - 1].0;
    assert!(millis(last) < made.shown.to_ms, "{about}: {last} {:?}", made.shown);
    let next = clip.get(begin + shown.len());
    assert!(
        next.is_none_or(|(at, _)| millis(*at) + 1 >= made.shown.to_ms),
        "{about} {next:?} {:?}",
        made.shown
    );
    assert!(begins(part, "v").abs() < 0.001, "{about}");
}
