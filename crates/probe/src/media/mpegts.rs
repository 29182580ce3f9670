//! MPEG transport stream (ISO 13818-1): codecs from the program tables at the front, playing
//! time from the presentation times at both ends. The middle is never read.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

use crate::clip::{Clip, be};
use crate::facts::{Container, Facts, State, milliseconds};

/// Bytes looked at from each end.
const WINDOW_BYTES: u64 = 1 << 20;
const PACKET_BYTES: usize = 188;
const SYNC: u8 = 0x47;
/// Presentation times tick at 90 kHz and have 33 bits (§2.4.3.7).
const TICKS_PER_S: u128 = 90_000;
const CLOCK_BITS: u32 = 33;

/// How packets lie in the file: 188 bytes each, or 192 with a time code before each.
#[derive(Clone, Copy)]
pub(super) struct Packets {
    lead: usize,
    stride: usize,
}

impl Packets {
    /// Recognised by four sync bytes in a row.
    pub(super) fn found_in(opening: &[u8]) -> Option<Self> {
        [(0, 188), (4, 192)]
            .into_iter()
            .map(|(lead, stride)| Self { lead, stride })
            .find(|p| (0..4).all(|packet| opening.get(p.lead + packet * p.stride) == Some(&SYNC)))
    }

    fn split<'a>(self, window: &'a [u8]) -> impl Iterator<Item = Packet<'a>> {
        window.chunks_exact(self.stride).filter_map(move |raw| Packet::parse(&raw[self.lead..]))
    }
}

pub(super) fn read<R: Read + Seek>(clip: &mut Clip<R>, packets: Packets) -> io::Result<Facts> {
    let mut facts = Facts::of(Container::MpegTs);
    let stride = packets.stride as u64;
    let whole = clip.len().is_multiple_of(stride);
    facts.state = Some(if whole { State::Complete } else { State::Truncated });

    let head = clip.bytes_at(0, WINDOW_BYTES)?;
    let streams = streams(&head, packets);
    let named = |video: bool| streams.iter().find(|s| s.is_video == video);
    facts.codec_video = named(true).map(|stream| stream.codec.into());
    facts.codec_audio = named(false).map(|stream| stream.codec.into());

    if let Some(stream) = named(true).or(named(false)) {
        let tail_start = clip.len().saturating_sub(WINDOW_BYTES) / stride * stride;
        let tail = clip.bytes_at(tail_start, WINDOW_BYTES + stride)?;
        let first = presentation_times(&head, packets, stream.pid);
        let last = presentation_times(&tail, packets, stream.pid);
        facts.duration_ms = duration_ms(&first, &last);
    }
    Ok(facts)
}

/// One elementary stream of the program map.
struct Stream {
    pid: u64,
    codec: &'static str,
    is_video: bool,
}

/// One packet's identity and payload.
struct Packet<'a> {
    pid: u64,
    starts_unit: bool,
    payload: &'a [u8],
}

impl<'a> Packet<'a> {
    fn parse(raw: &'a [u8]) -> Option<Self> {
        let raw = raw.get(..PACKET_BYTES).filter(|raw| raw[0] == SYNC)?;
        let pid = be::<2>(raw, 1)? & 0x1FFF;
        let adaptation = if raw[3] & 0x20 == 0 { 0 } else { 1 + usize::from(raw[4]) };
        let payload = if raw[3] & 0x10 == 0 { &[] } else { raw.get(4 + adaptation..)? };
        Some(Self { pid, starts_unit: raw[1] & 0x40 != 0, payload })
    }

    /// The table section that begins in this packet, without its checksum, as far as it is here.
    fn section(&self, table_id: u64) -> Option<&'a [u8]> {
        let begin = 1 + usize::try_from(be::<1>(self.payload, 0)?).ok()?;
        let section = self.payload.get(begin..).filter(|_| self.starts_unit)?;
        let size = usize::try_from(be::<2>(section, 1)? & 0x0FFF).ok()?;
        let end = (3 + size).checked_sub(4)?.min(section.len());
        (be::<1>(section, 0)? == table_id).then_some(&section[..end])
    }

    /// Presentation time of the unit that begins in this packet.
    fn presentation_time(&self) -> Option<u64> {
        let pes = self.payload.strip_prefix(&[0, 0, 1]).filter(|_| self.starts_unit)?;
        if be::<1>(pes, 4)? & 0x80 == 0 {
            return None;
        }
        let high = (be::<1>(pes, 6)? >> 1) & 0x07;
        Some(high << 30 | (be::<2>(pes, 7)? >> 1) << 15 | be::<2>(pes, 9)? >> 1)
    }
}

/// Streams of the first program (§2.4.4.3 association table, §2.4.4.8 program map).
fn streams(head: &[u8], packets: Packets) -> Vec<Stream> {
    let map_pid = packets.split(head).filter(|packet| packet.pid == 0).find_map(|packet| {
        let programs = packet.section(0x00)?.get(8..)?;
        let real = programs.chunks_exact(4).find(|entry| entry[..2] != [0, 0])?;
        Some(be::<2>(real, 2)? & 0x1FFF)
    });
    let Some(map_pid) = map_pid else { return Vec::new() };
    let map = packets.split(head).filter(|packet| packet.pid == map_pid);
    map.filter_map(|packet| packet.section(0x02)).next().map(streams_of_map).unwrap_or_default()
}

fn streams_of_map(section: &[u8]) -> Vec<Stream> {
    let mut streams = Vec::new();
    let info = be::<2>(section, 10).unwrap_or(0) & 0x0FFF;
    let mut rest = section.get(12 + info as usize..).unwrap_or_default();
    while let (Some(kind), Some(pid), Some(info)) =
        (be::<1>(rest, 0), be::<2>(rest, 1), be::<2>(rest, 3))
    {
        if let Some((codec, is_video)) = codec_of_type(kind) {
            streams.push(Stream { pid: pid & 0x1FFF, codec, is_video });
        }
        rest = rest.get(5 + (info & 0x0FFF) as usize..).unwrap_or_default();
    }
    streams
}

/// Stream types of ISO 13818-1 table 2-34, and those in common private use.
fn codec_of_type(kind: u64) -> Option<(&'static str, bool)> {
    Some(match kind {
        0x01 => ("mpeg1video", true),
        0x02 => ("mpeg2video", true),
        0x10 => ("mpeg4", true),
        0x1B => ("h264", true),
        0x24 => ("h265", true),
        0x03 | 0x04 => ("mpeg-audio", false),
        0x0F | 0x11 => ("aac", false),
        0x81 => ("ac3", false),
        0x90 => ("pcm-alaw", false),
        _ => return None,
    })
}

fn presentation_times(window: &[u8], packets: Packets, pid: u64) -> Vec<u64> {
    let of_stream = packets.split(window).filter(|packet| packet.pid == pid);
    of_stream.filter_map(|packet| packet.presentation_time()).collect()
}

/// From the earliest time at the front to the latest at the end, plus one unit: the last one
/// plays too. Times are taken relative to the first, since the 33-bit clock may wrap.
fn duration_ms(first: &[u64], last: &[u64]) -> Option<u64> {
    let origin = *first.first()?;
    let relative = |time: &u64| {
        let ahead = time.wrapping_sub(origin) & ((1 << CLOCK_BITS) - 1);
        // More than half the clock ahead means a little behind: reordered pictures.
        if ahead >> (CLOCK_BITS - 1) == 0 { ahead as i64 } else { ahead as i64 - (1 << CLOCK_BITS) }
    };
    let front: BTreeMap<i64, ()> = first.iter().map(|time| (relative(time), ())).collect();
    let earliest = *front.keys().next()?;
    let latest = last.iter().map(relative).max()?;
    let steps = front.keys().zip(front.keys().skip(1)).map(|(a, b)| b - a);
    let ticks = latest - earliest + steps.min().unwrap_or(0);
    milliseconds(u128::try_from(ticks).ok()?, TICKS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_may_wrap_and_pictures_may_be_reordered() {
        let top = (1 << CLOCK_BITS) - 45_000;
        assert_eq!(duration_ms(&[top, top - 3000, top + 3000], &[42_000]), Some(1033));
        assert_eq!(duration_ms(&[], &[1]), None);
        assert_eq!(duration_ms(&[5], &[5]), None);
    }
}
