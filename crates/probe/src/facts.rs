//! What is said about a clip. These values go into a canonical-JSON entry of the chain, so they
//! are integers and short plain words only, and are checked again by the parent: the child that
//! wrote them has been reading hostile bytes.

use serde::{Deserialize, Serialize};

/// Largest integer that every JSON reader keeps exactly (RFC 8785 rests on RFC 7493 §2.2).
const LARGEST_INTEGER: u64 = (1 << 53) - 1;
const LONGEST_CODEC_NAME: usize = 32;
const LONGEST_NOTE: usize = 200;
const MOST_NOTES: usize = 16;

/// Media facts of one clip, read from its bytes alone and never from its name.
/// Whatever could not be read is `None`; an absent fact is not an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// The kind of file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
    /// First picture stream: `h264`, `h265`, `mjpeg`, `msmpeg4v3`, …; else the file's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec_video: Option<String>,
    /// First sound stream: `aac`, `pcm`, `pcm-alaw`, …; else the file's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec_audio: Option<String>,
    /// Playing time in milliseconds as the headers promise it. For a file whose data stops short
    /// this can be more than what is there, except in fragmented files, where only whole
    /// fragments count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Coded picture width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_px: Option<u32>,
    /// Coded picture height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height_px: Option<u32>,
    /// Recording time by the recorder's own clock, in seconds since 1970 (MP4 `mvhd`, ISO
    /// 14496-12 §8.2.2). Recorders often write local time here; no zone is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_unix_s: Option<i64>,
    /// Whether an MP4 is written in fragments, so that a power loss costs only the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fragmented: Option<bool>,
    /// Whether the file is whole, by its own structure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Oddities, and where the second opinion disagrees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The kind of file, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// RIFF AVI.
    Avi,
    /// JPEG still.
    Jpeg,
    /// QuickTime.
    Mov,
    /// ISO base media.
    Mp4,
    /// MPEG transport stream, 188- or 192-byte packets.
    MpegTs,
    /// None of these.
    Unknown,
    /// RIFF WAVE.
    Wav,
}

/// Whether the file is whole, by its own structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Every part that the headers promise is there.
    Complete,
    /// A fragmented MP4 whose last fragment stops short.
    FragmentTruncated,
    /// An MP4 whose index is whole but whose data stops short.
    MdatTruncated,
    /// An MP4 without index: as a rule the power went while it was written.
    NoMoov,
    /// Any other kind of file that stops short.
    Truncated,
}

impl Facts {
    /// Facts that say no more than the kind of file.
    pub(crate) fn of(container: Container) -> Self {
        Self { container: Some(container), ..Self::default() }
    }

    /// Adds a note unless there are too many already.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(text.into());
        }
    }

    /// Whether these facts may stand in an entry: small exact integers, short plain words.
    pub(crate) fn may_be_recorded(&self) -> bool {
        let created = self.created_unix_s.is_none_or(|s| s.unsigned_abs() <= LARGEST_INTEGER);
        let duration = self.duration_ms.is_none_or(|ms| ms <= LARGEST_INTEGER);
        let codecs = [&self.codec_video, &self.codec_audio].into_iter().flatten();
        let notes = self.notes.len() <= MOST_NOTES
            && self.notes.iter().all(|note| note.len() <= LONGEST_NOTE && is_printable(note));
        created && duration && notes && codecs.into_iter().all(|name| is_codec_name(name))
    }
}

/// `numerator / denominator` of a second, in whole milliseconds; `None` if that is no duration.
pub(crate) fn milliseconds(numerator: u128, denominator: u128) -> Option<u64> {
    let ms = numerator.checked_mul(1000)?.checked_div(denominator)?;
    u64::try_from(ms).ok().filter(|&ms| ms > 0 && ms <= LARGEST_INTEGER)
}

pub(crate) fn is_codec_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_CODEC_NAME
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_facts_take_no_room_and_words_are_as_documented() {
        let mut facts = Facts::of(Container::MpegTs);
        facts.state = Some(State::MdatTruncated);
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(json, r#"{"container":"mpegts","state":"mdat-truncated"}"#);
    }

    #[test]
    fn values_that_would_spoil_an_entry_are_refused() {
        let good = Facts::of(Container::Mp4);
        assert!(good.may_be_recorded());
        let too_long = Facts { duration_ms: Some(1 << 53), ..good.clone() };
        let shouted = Facts { codec_video: Some("h264\n".into()), ..good.clone() };
        let coloured = Facts { notes: vec!["\u{1b}[31m".into()], ..good.clone() };
        let chatty = Facts { notes: vec![String::new(); 17], ..good };
        for facts in [too_long, shouted, coloured, chatty] {
            assert!(!facts.may_be_recorded(), "{facts:?}");
        }
    }

    #[test]
    fn impossible_durations_are_none() {
        assert_eq!(milliseconds(3, 2), Some(1500));
        assert_eq!(milliseconds(3, 0), None);
        assert_eq!(milliseconds(0, 5), None);
        assert_eq!(milliseconds(u128::MAX, 1), None);
    }
}
