//! What `ffprobe` says of a clip, as far as showing it needs. It is an external program that read a hostile file: what it
//! says is held within bounds, and none of its text is passed on.

use serde::Deserialize;

/// Dots of a side that are believed.
const SIDE_MAX: u32 = 16_384;
/// Longest playing time that is believed: ten days.
const LEN_MS_MAX: f64 = 10.0 * 86_400_000.0;
/// Of the picture that is shown.
const WIDTH_MIN: u32 = 640;
const WIDTH_MAX: u32 = 1280;
const HEIGHT_MAX: u32 = 1280;
/// Width of a small picture: the mark can still be read in it.
const SMALL_WIDTH: u32 = 256;
const FRAME_RATE: f64 = 25.0;

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
    let said: Said =
        serde_json::from_slice(said).map_err(|e| format!("what was said of it is unclear: {e}"))?;
    let of = |kind: &str| {
        said.streams.iter().find(|s| s.codec_type == kind && s.disposition.attached_pic == 0)
    };
    let (picture, sound) = (of("video"), of("audio"));
    let still = said.format.format_name.ends_with("_pipe") || said.format.format_name == "image2";
    let len_ms = said.length();
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
    Ok(Seen { kind, len_ms, frame_rate, width, height })
}

impl Said {
    /// Milliseconds.
    fn length(&self) -> u64 {
        let all = self.streams.iter().map(|stream| &stream.duration).chain([&self.format.duration]);
        let seconds = all.flatten().filter_map(|text| text.parse::<f64>().ok());
        let longest = seconds.filter(|s| s.is_finite()).fold(0.0, f64::max);
        (longest * 1000.0).clamp(0.0, LEN_MS_MAX).ceil() as u64
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
    pub fn shown(&self) -> (u32, u32) {
        self.within(self.width.clamp(WIDTH_MIN, WIDTH_MAX))
    }

    /// The same, of a small one.
    pub fn small(&self) -> (u32, u32) {
        self.within(SMALL_WIDTH)
    }

    fn within(&self, width: u32) -> (u32, u32) {
        let scale = f64::from(width) / f64::from(self.width);
        let scale = scale.min(f64::from(HEIGHT_MAX) / f64::from(self.height));
        let even = |side: u32| ((f64::from(side) * scale / 2.0).round() as u32 * 2).max(2);
        (even(self.width), even(self.height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lying_picture_is_stood_up_and_sizes_are_even_and_bounded() {
        let said = br#"{"streams":[{"codec_type":"video","width":1920,"height":1080,"avg_frame_rate":"30000/1001",
            "side_data_list":[{"rotation":-90}]},{"codec_type":"audio","avg_frame_rate":"0/0"}],
            "format":{"format_name":"mov,mp4","duration":"61.0004"}}"#;
        let seen = read(said).unwrap();
        assert_eq!(seen.kind, Kind::Film { sound: true });
        assert_eq!((seen.width, seen.height, seen.len_ms), (1080, 1920, 61_001));
        assert_eq!(seen.shown(), (720, 1280));
        assert!((seen.frame_rate - 29.97).abs() < 0.01);
        let small = Seen { width: 176, height: 144, ..seen };
        assert_eq!((small.shown(), small.small()), ((640, 524), (256, 210)));
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
