//! What `ffprobe` says of a clip, as far as showing it needs. It is an external program that read a hostile file: what it
//! says is held within bounds, and none of its text is passed on.

use serde::{Deserialize, Serialize};

/// Dots of a side that are believed.
const SIDE_MAX: u32 = 16_384;
/// Longest playing time that is believed, and shown: a day. Each minute of it may become an entry.
const LEN_MS_MAX: f64 = 86_400_000.0;
/// Of the picture that is shown.
const WIDTH_MIN: u32 = 640;
const WIDTH_MAX: u32 = 1280;
const HEIGHT_MAX: u32 = 1280;
/// Width of a small picture: the mark can still be read in it.
const SMALL_WIDTH: u32 = 256;
/// Least height of both: what is flatter gets black above and below.
const HEIGHT_MIN: u32 = 200;
const SMALL_HEIGHT_MIN: u32 = 100;
const FRAME_RATE: f64 = 25.0;
/// A sound that goes on for less than this after the picture rings out: coders fill up their last block.
const RINGS_OUT_S: f64 = 0.3;

/// What can be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub kind: Kind,
    /// Milliseconds of playing time; 0 for a photograph.
    pub len_ms: u64,
    /// Pictures in a second.
    pub frame_rate: f64,
    /// Dots of the picture as it is seen, upright.
    pub width: u32,
    pub height: u32,
    pub streams: Streams,
}

/// Which of the clip's streams are meant, by their numbers in it; 0 where there is none of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Streams {
    pub picture: u32,
    pub sound: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Film { sound: bool },
    Sound,
    Photograph,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    format: Format,
    streams: Vec<Stream>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Format {
    format_name: String,
    duration: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Stream {
    index: u32,
    codec_type: String,
    width: u32,
    height: u32,
    avg_frame_rate: String,
    duration: Option<String>,
    disposition: Disposition,
    side_data_list: Vec<Side>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Disposition {
    attached_pic: u8,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Side {
    rotation: Option<f64>,
}

/// # Errors
/// A sentence: nothing that could be shown.
pub(super) fn read(said: &[u8]) -> Result<Seen, String> {
    // What the reader of that text says of it would quote it.
    let said: Said =
        serde_json::from_slice(said).map_err(|_| "what was said of it is unclear".to_owned())?;
    let of = |kind: &str| {
        said.streams.iter().find(|s| s.codec_type == kind && s.disposition.attached_pic == 0)
    };
    let (picture, sound) = (of("video"), of("audio"));
    let still = said.format.format_name.ends_with("_pipe") || said.format.format_name == "image2";
    let len_ms = said.length(picture);
    let kind = match (picture, sound) {
        (None, None) => return Err("it holds no picture and no sound that could be shown".into()),
        (Some(_), _) if still => Kind::Photograph,
        (Some(_), sound) => Kind::Film { sound: sound.is_some() },
        (None, Some(_)) => Kind::Sound,
    };
    if kind != Kind::Photograph && len_ms == 0 {
        return Err("it does not say how long it is, so it cannot be shown piece by piece".into());
    }
    let (width, height) = picture.map_or(Ok((640, 360)), Stream::upright)?;
    let frame_rate = picture.map_or(FRAME_RATE, Stream::rate);
    let len_ms = if kind == Kind::Photograph { 0 } else { len_ms };
    let index = |stream: Option<&Stream>| stream.map_or(0, |stream| stream.index);
    let streams = Streams { picture: index(picture), sound: index(sound) };
    Ok(Seen { kind, len_ms, frame_rate, width, height, streams })
}

impl Said {
    /// Milliseconds: the longest that is said; but a sound that merely rings out has no piece after the last picture.
    fn length(&self, picture: Option<&Stream>) -> u64 {
        let seconds = |said: &Option<String>| {
            let seconds = said.as_deref()?.parse::<f64>().ok()?;
            seconds.is_finite().then_some(seconds)
        };
        let all = self.streams.iter().map(|stream| &stream.duration).chain([&self.format.duration]);
        let longest = all.filter_map(seconds).fold(0.0, f64::max);
        let own = picture.and_then(|picture| seconds(&picture.duration));
        let length = own.filter(|own| longest - own < RINGS_OUT_S).unwrap_or(longest);
        (length * 1000.0).clamp(0.0, LEN_MS_MAX).ceil() as u64
    }
}

impl Stream {
    fn upright(&self) -> Result<(u32, u32), String> {
        let sides = 1..=SIDE_MAX;
        if !sides.contains(&self.width) || !sides.contains(&self.height) {
            return Err("its picture has no size that could be shown".into());
        }
        let turned = self.side_data_list.iter().find_map(|side| side.rotation);
        let lies = turned.is_some_and(|degrees| {
            (degrees.abs() - 90.0).abs() < 1.0 || (degrees.abs() - 270.0).abs() < 1.0
        });
        Ok(if lies { (self.height, self.width) } else { (self.width, self.height) })
    }

    fn rate(&self) -> f64 {
        let parts = self.avg_frame_rate.split_once('/');
        let rate = parts.and_then(|(n, d)| Some(n.parse::<f64>().ok()? / d.parse::<f64>().ok()?));
        rate.filter(|rate| (0.5..=240.0).contains(rate)).unwrap_or(FRAME_RATE)
    }
}

impl Seen {
    /// Of the picture that is made: large enough for the mark, no larger than a page shows, even.
    pub fn shown(&self) -> Frame {
        self.within(self.width.clamp(WIDTH_MIN, WIDTH_MAX), (WIDTH_MIN, HEIGHT_MIN))
    }

    /// The same, of a small one.
    pub fn small(&self) -> Frame {
        self.within(SMALL_WIDTH, (SMALL_WIDTH, SMALL_HEIGHT_MIN))
    }

    fn within(&self, width: u32, least: (u32, u32)) -> Frame {
        let scale = f64::from(width) / f64::from(self.width);
        let scale = scale.min(f64::from(HEIGHT_MAX) / f64::from(self.height));
        let even = |side: u32| ((f64::from(side) * scale / 2.0).round() as u32 * 2).max(2);
        let clip = (even(self.width), even(self.height));
        Frame { width: clip.0.max(least.0), height: clip.1.max(least.1), clip }
    }
}

/// Of a picture that is made, dots; even.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    /// What the clip's own picture takes of it, in the middle; black around it.
    pub clip: (u32, u32),
}

impl Frame {
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lying_picture_is_stood_up_and_sizes_are_even_and_bounded() {
        let said = br#"{"streams":[{"codec_type":"video","disposition":{"attached_pic":1}},
            {"index":1,"codec_type":"video","width":1920,"height":1080,"avg_frame_rate":"30000/1001",
            "side_data_list":[{"rotation":-90}]},{"index":3,"codec_type":"audio","avg_frame_rate":"0/0"}],
            "format":{"format_name":"mov,mp4","duration":"61.0004"}}"#;
        let seen = read(said).unwrap();
        assert_eq!(seen.kind, Kind::Film { sound: true });
        assert_eq!((seen.width, seen.height, seen.len_ms), (1080, 1920, 61_001));
        assert_eq!(seen.shown().size(), (720, 1280));
        assert_eq!(seen.streams, Streams { picture: 1, sound: 3 });
        assert!((seen.frame_rate - 29.97).abs() < 0.01);
        let small = Seen { width: 176, height: 144, ..seen.clone() };
        assert_eq!((small.shown().size(), small.small().size()), ((640, 524), (256, 210)));
        for (size, shown, small) in
            [((40, 4000), (640, 1280), (256, 1280)), ((4000, 64), (1280, 200), (256, 100))]
        {
            let narrow = Seen { width: size.0, height: size.1, ..seen.clone() };
            assert_eq!((narrow.shown().size(), narrow.small().size()), (shown, small));
            let (wide, high) = narrow.shown().clip;
            assert!(wide <= shown.0 && high <= shown.1 && wide.min(high) >= 2);
        }
        let long = br#"{"streams":[{"codec_type":"audio"}],"format":{"duration":"9e9"}}"#;
        assert_eq!(read(long).unwrap().len_ms, 86_400_000);
    }

    #[test]
    fn what_cannot_be_shown_is_said() {
        for (said, why) in [
            ("{}", "no picture and no sound"),
            (
                r#"{"streams":[{"codec_type":"video","width":0,"height":9}],"format":{"duration":"1"}}"#,
                "no size",
            ),
            (
                r#"{"streams":[{"codec_type":"video","width":9,"height":9}],"format":{}}"#,
                "how long",
            ),
            ("x", "unclear"),
        ] {
            assert!(read(said.as_bytes()).unwrap_err().contains(why), "{said}");
        }
    }
}
