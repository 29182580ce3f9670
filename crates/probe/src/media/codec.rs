//! One short name per codec, whatever each container calls it.

use crate::facts::is_codec_name;

/// Name for a picture code of four characters, as AVI and MP4 sample entries use them.
pub(super) fn picture(code: [u8; 4]) -> Option<String> {
    let name = match &code.map(|byte| byte.to_ascii_lowercase()) {
        b"avc1" | b"avc3" | b"h264" | b"x264" => "h264",
        b"hev1" | b"hevc" | b"hvc1" | b"h265" | b"x265" => "h265",
        b"div3" | b"div4" | b"mp43" => "msmpeg4v3",
        b"mp42" => "msmpeg4v2",
        b"divx" | b"dx50" | b"fmp4" | b"mp4v" | b"xvid" => "mpeg4",
        b"jpeg" | b"mjpa" | b"mjpb" | b"mjpg" => "mjpeg",
        b"av01" => "av1",
        b"vp08" | b"vp80" => "vp8",
        b"vp09" | b"vp90" => "vp9",
        b"h263" | b"s263" => "h263",
        _ => return by_code(code),
    };
    Some(name.into())
}

/// Name for a sound code of four characters, as MP4 sample entries use them.
pub(super) fn sound(code: [u8; 4]) -> Option<String> {
    let name = match &code.map(|byte| byte.to_ascii_lowercase()) {
        b"mp4a" => "aac",
        b".mp3" => "mp3",
        b"alaw" => "pcm-alaw",
        b"ulaw" => "pcm-mulaw",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b"samr" => "amr-nb",
        b"sawb" => "amr-wb",
        b"in24" | b"in32" | b"ipcm" | b"lpcm" | b"raw " | b"sowt" | b"twos" => "pcm",
        _ => return by_code(code),
    };
    Some(name.into())
}

/// Name for a `wFormatTag` of AVI and WAV (`mmreg.h`).
pub(super) fn sound_tag(tag: u64) -> Option<String> {
    let name = match tag {
        0x0001 | 0x0003 => "pcm",
        0x0002 => "adpcm-ms",
        0x0006 => "pcm-alaw",
        0x0007 => "pcm-mulaw",
        0x0011 => "adpcm-ima",
        0x0031 => "gsm",
        0x0045 => "g726",
        0x0050 => "mp2",
        0x0055 => "mp3",
        0x00FF | 0x1600 | 0x1610 => "aac",
        0x2000 => "ac3",
        _ => return Some(format!("tag-{tag:04x}")),
    };
    Some(name.into())
}

/// The code itself in small letters, if it is one.
fn by_code(code: [u8; 4]) -> Option<String> {
    let name = std::str::from_utf8(&code).ok()?.trim_end().to_ascii_lowercase();
    is_codec_name(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_not_words_give_no_name() {
        assert_eq!(picture(*b"MP43").as_deref(), Some("msmpeg4v3"));
        assert_eq!(picture(*b"Ab1 ").as_deref(), Some("ab1"));
        assert_eq!(picture([0, 1, 2, 3]), None);
        assert_eq!(sound(*b"\n\n\n\n"), None);
        assert_eq!(sound_tag(0xABCD).as_deref(), Some("tag-abcd"));
    }
}
