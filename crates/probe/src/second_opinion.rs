//! The `mp4` crate as a second reader of the same file. It hangs, panics or asks for gigabytes on
//! about one damaged file in thirty, so it speaks last, only on whole files, and is only compared.

use std::fs::File;
use std::io::{self, BufReader};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::facts::{Container, Facts, State};

/// How long the parent waits for it once the facts are there.
pub(crate) const WAIT: Duration = Duration::from_secs(2);
/// How it is called in notes.
pub(crate) const NAME: &str = "second opinion (mp4 0.14)";
/// The two readers round and count the last sample differently.
const SAME_DURATION_MS: u64 = 100;

/// What the second reader saw; nothing at all when it refused the file.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondOpinion {
    refused: bool,
    codec_video: Option<String>,
    width_px: Option<u32>,
    height_px: Option<u32>,
    duration_ms: Option<u64>,
}

/// Whether the second reader knows this kind of file. It refuses every damaged one.
pub(crate) fn is_worth_asking(facts: &Facts) -> bool {
    matches!(facts.container, Some(Container::Mp4 | Container::Mov))
        && facts.state == Some(State::Complete)
}

/// Asks the second reader. It may hang, panic or abort: nothing may depend on this returning.
pub(crate) fn ask(clip: File) -> io::Result<SecondOpinion> {
    let len = clip.metadata()?.len();
    let mut clip = BufReader::new(clip);
    io::Seek::rewind(&mut clip)?;
    let Ok(reader) = mp4::Mp4Reader::read_header(clip, len) else {
        return Ok(SecondOpinion { refused: true, ..SecondOpinion::default() });
    };
    // The crate gives duration 0 for fragmented files: that is silence, not an opinion.
    let duration_ms = u64::try_from(reader.duration().as_millis()).ok().filter(|&ms| ms > 0);
    let mut opinion = SecondOpinion { duration_ms, ..SecondOpinion::default() };
    let picture = reader
        .tracks()
        .values()
        .filter(|track| matches!(track.track_type(), Ok(mp4::TrackType::Video)))
        .min_by_key(|track| track.track_id());
    if let Some(track) = picture {
        opinion.codec_video = match track.media_type() {
            Ok(mp4::MediaType::H264) => Some("h264".into()),
            Ok(mp4::MediaType::H265) => Some("h265".into()),
            _ => None,
        };
        opinion.width_px = Some(track.width().into()).filter(|&px| px > 0);
        opinion.height_px = Some(track.height().into()).filter(|&px| px > 0);
    }
    Ok(opinion)
}

impl SecondOpinion {
    /// One note for each fact on which both readers spoke and differ.
    pub(crate) fn disagreements(&self, facts: &Facts) -> Vec<String> {
        if self.refused {
            return vec![format!("{NAME} could not read the file")];
        }
        let mut notes = Vec::new();
        let mut compare = |what: &str, theirs: Option<u64>, ours: Option<u64>, slack: u64| {
            if let (Some(theirs), Some(ours)) = (theirs, ours)
                && theirs.abs_diff(ours) > slack
            {
                notes.push(format!("{NAME} has {what} {theirs}, not {ours}"));
            }
        };
        compare("duration_ms", self.duration_ms, facts.duration_ms, SAME_DURATION_MS);
        compare("width_px", self.width_px.map(u64::from), facts.width_px.map(u64::from), 0);
        compare("height_px", self.height_px.map(u64::from), facts.height_px.map(u64::from), 0);
        if let (Some(theirs), Some(ours)) = (&self.codec_video, &facts.codec_video)
            && theirs != ours
            && crate::facts::is_codec_name(theirs)
        {
            notes.push(format!("{NAME} has codec_video {theirs}, not {ours}"));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_differences_are_noted() {
        let facts = Facts {
            duration_ms: Some(3000),
            width_px: Some(320),
            codec_video: Some("h265".into()),
            ..Facts::of(Container::Mp4)
        };
        let near = SecondOpinion { duration_ms: Some(3050), ..SecondOpinion::default() };
        assert_eq!(near.disagreements(&facts), Vec::<String>::new());
        let far = SecondOpinion {
            duration_ms: Some(9000),
            width_px: Some(640),
            codec_video: Some("h264".into()),
            ..SecondOpinion::default()
        };
        assert_eq!(
            far.disagreements(&facts),
            [
                "second opinion (mp4 0.14) has duration_ms 9000, not 3000",
                "second opinion (mp4 0.14) has width_px 640, not 320",
                "second opinion (mp4 0.14) has codec_video h264, not h265",
            ]
        );
    }
}
