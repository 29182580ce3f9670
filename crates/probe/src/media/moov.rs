//! What `moov` and the `moof` boxes say: codecs, picture size, times. `mp4-atom` decodes them,
//! from an excerpt that leaves out everything else.
//! A fragment's playing time counts only once its data is known to be whole.

use std::collections::BTreeMap;

use mp4_atom::{Atom, Moof, Moov, Trak, Trun, TrunSamples};

use super::codec;
use super::excerpt::{Excerpt, SampleEntry};
use crate::facts::{Facts, milliseconds};

/// Seconds from 1904-01-01 to 1970-01-01 (ISO 14496-12 §8.2.2.3).
const UNIX_EPOCH_IN_1904: u64 = 2_082_844_800;

/// The file's `moov`.
pub(super) enum Index {
    Decoded(Box<Moov>, Excerpt),
    /// There, but its content could not be made out.
    Undecodable,
    /// There, but larger than is read.
    Unread,
}

impl Index {
    pub(super) fn decode(body: &[u8]) -> Self {
        let mut excerpt = Excerpt::of(body);
        match Moov::decode_body(&mut std::mem::take(&mut excerpt.bytes).as_slice()) {
            Ok(moov) => Self::Decoded(Box::new(moov), excerpt),
            Err(_) => Self::Undecodable,
        }
    }

    pub(super) fn expects_fragments(&self) -> bool {
        matches!(self, Self::Decoded(moov, _) if moov.mvex.is_some())
    }

    pub(super) fn tell(&self, fragments: &Fragments, facts: &mut Facts) {
        let (moov, excerpt) = match self {
            Self::Decoded(moov, excerpt) => (moov, excerpt),
            Self::Undecodable => return facts.note("moov could not be decoded"),
            Self::Unread => return,
        };
        for (track, &entry) in moov.trak.iter().zip(&excerpt.entries) {
            tell_track(track, entry, facts);
        }
        if excerpt.is_damaged {
            facts.note("moov is damaged in places");
        }
        if fragments.undecodable > 0 {
            facts.note(format!("{} moof boxes could not be decoded", fragments.undecodable));
        }
        facts.duration_ms = if fragments.any() {
            fragmented_duration_ms(moov, fragments)
        } else {
            index_duration_ms(moov)
        };
        match moov.mvhd.creation_time {
            // Both zeros say that the recorder had no clock.
            0 | UNIX_EPOCH_IN_1904 => {}
            time => match time.checked_sub(UNIX_EPOCH_IN_1904) {
                Some(unix_s) => facts.created_unix_s = i64::try_from(unix_s).ok(),
                None => facts.note(format!("mvhd time {time} lies before 1970 and is not used")),
            },
        }
        if !facts.may_be_recorded() {
            facts.created_unix_s = None;
            facts.note("mvhd time is out of range and is not used");
        }
    }
}

/// Playing time that the `moof` boxes promise, in ticks per track.
#[derive(Default)]
pub(super) struct Fragments {
    met: u64,
    undecodable: u64,
    /// Of fragments whose data is whole.
    whole: Vec<Run>,
    /// Of the last fragment, until its data has been seen.
    waiting: Option<Vec<Run>>,
}

/// Samples of one track in one fragment; those without a duration take the track's default.
struct Run {
    track: u32,
    ticks: u128,
    samples_by_default: u128,
    default_ticks: Option<u32>,
}

impl Fragments {
    /// A `moof` was met.
    pub(super) fn begin(&mut self, body: &[u8]) {
        self.met += 1;
        let excerpt = Excerpt::of(body);
        let runs = match Moof::decode_body(&mut excerpt.bytes.as_slice()) {
            Ok(moof) => runs_of(&moof),
            Err(_) => {
                self.undecodable += 1;
                Vec::new()
            }
        };
        self.waiting = Some(runs);
    }

    /// An `mdat` was met that does not reach past the end of the file.
    pub(super) fn data_is_whole(&mut self) {
        self.whole.extend(self.waiting.take().unwrap_or_default());
    }

    pub(super) fn any(&self) -> bool {
        self.met > 0
    }

    pub(super) fn waits_for_data(&self) -> bool {
        self.waiting.is_some()
    }
}

fn runs_of(moof: &Moof) -> Vec<Run> {
    let runs = moof.traf.iter().flat_map(|traf| {
        traf.trun.iter().map(|trun| {
            let (ticks, samples_by_default) = ticks_of(trun);
            Run {
                track: traf.tfhd.track_id,
                ticks,
                samples_by_default,
                default_ticks: traf.tfhd.default_sample_duration,
            }
        })
    });
    runs.collect()
}

/// Ticks said outright, and the number of samples that leave it to a default.
fn ticks_of(trun: &Trun) -> (u128, u128) {
    match &trun.samples {
        TrunSamples::Inherited { count, .. } => (0, u128::from(*count)),
        TrunSamples::Explicit(samples) => {
            samples.iter().fold((0, 0), |(ticks, defaults), sample| match sample.duration {
                Some(duration) => (ticks + u128::from(duration), defaults),
                None => (ticks, defaults + 1),
            })
        }
    }
}

fn index_duration_ms(moov: &Moov) -> Option<u64> {
    let unknown = [u64::from(u32::MAX), u64::MAX];
    let ticks = Some(moov.mvhd.duration).filter(|ticks| !unknown.contains(ticks))?;
    milliseconds(ticks.into(), moov.mvhd.timescale.into())
}

/// The longest track: what `moov` itself indexes plus every whole fragment.
fn fragmented_duration_ms(moov: &Moov, fragments: &Fragments) -> Option<u64> {
    let defaults = moov.mvex.iter().flat_map(|mvex| &mvex.trex);
    let defaults: BTreeMap<u32, u32> =
        defaults.map(|trex| (trex.track_id, trex.default_sample_duration)).collect();
    let mut ticks: BTreeMap<u32, u128> = BTreeMap::new();
    for run in &fragments.whole {
        let default = run.default_ticks.or(defaults.get(&run.track).copied()).unwrap_or(0);
        *ticks.entry(run.track).or_default() +=
            run.ticks + run.samples_by_default * u128::from(default);
    }
    let durations = moov.trak.iter().filter_map(|track| {
        let indexed = track.mdia.minf.stbl.stts.entries.iter();
        let indexed: u128 = indexed
            .map(|entry| u128::from(entry.sample_count) * u128::from(entry.sample_delta))
            .sum();
        let in_fragments = ticks.get(&track.tkhd.track_id).copied().unwrap_or(0);
        milliseconds(indexed + in_fragments, track.mdia.mdhd.timescale.into())
    });
    durations.max()
}

/// Fills in what the first picture track and the first sound track say.
fn tell_track(track: &Trak, entry: SampleEntry, facts: &mut Facts) {
    match &<[u8; 4]>::from(track.mdia.hdlr.handler) {
        b"vide" if facts.codec_video.is_none() => {
            facts.codec_video = codec::picture(entry.code);
            facts.width_px = Some(entry.width_px).filter(|&px| px > 0);
            facts.height_px = Some(entry.height_px).filter(|&px| px > 0);
        }
        b"soun" if facts.codec_audio.is_none() => {
            facts.codec_audio = codec::sound(entry.code);
        }
        _ => {}
    }
}
