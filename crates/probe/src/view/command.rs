//! How the programs are asked. No text of the clip or of a person is among it.

use super::{Frame, Piece, Shape, Window};

/// The clip, by way of the descriptor that is there already. Opened anew, so that the program can go to and fro in it.
const CLIP: &str = "/proc/self/fd/0";
/// What a recorder writes. Playlists and other formats that name further files are not among it.
const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,mpegts,mpeg,avi,asf,matroska,webm,flv,h264,hevc,wav,mp3,aac,amr,flac,ogg,image2,jpeg_pipe,jpegls_pipe,png_pipe,bmp_pipe,webp_pipe,tiff_pipe,mjpeg";
/// Sounds are this long for nobody: what is asked of the decoder stays bounded.
const THREADS: &str = "2";

fn reading() -> Vec<String> {
    let all = [
        "-hide_banner",
        "-loglevel",
        "error",
        "-protocol_whitelist",
        "file,pipe",
        "-format_whitelist",
        FORMATS,
    ];
    all.map(str::to_owned).to_vec()
}

/// For `ffprobe`.
pub(super) fn of_facts() -> Vec<String> {
    let entries = "format=format_name,duration:stream=index,codec_type,codec_name,width,height,avg_frame_rate,duration:stream_disposition=attached_pic:stream_side_data=rotation";
    let mut all = reading();
    all.extend(["-of", "json", "-show_entries", entries, "-i", CLIP].map(str::to_owned));
    all
}

/// For `ffmpeg`; the mark is read from the descriptor `mark`, which is memory.
///
/// A clip may change its size, its dots or its sound on the way. The program would then build its filters anew, and a mark
/// that was read to its end would be no part of the new ones. So: they are never built anew (what cannot go on as it is
/// fails); the mark never ends (it is read again and again, a frame for every second, from ten seconds before the
/// beginning); and where it ended all the same, so would the picture (`shortest`).
pub(super) fn of_piece(piece: &Piece, mark: i32) -> Vec<String> {
    let Frame { width, height, .. } = piece.frame;
    let mut all = reading();
    let mut say = |words: &[&str]| all.extend(words.iter().map(|word| (*word).to_owned()));
    say(&["-nostdin", "-threads", THREADS, "-filter_complex_threads", THREADS]);
    if piece.from_ms > 0 {
        say(&["-ss", &seconds(piece.from_ms)]);
    }
    // The sound of a film has filters of its own, and those may be built anew.
    let kept = if piece.shape == Shape::Wave { "-reinit_filter" } else { "-reinit_filter:v" };
    say(&[kept, "0", "-i", CLIP]);
    say(&["-stream_loop", "-1", "-f", "rawvideo", "-pixel_format", "rgba", "-framerate", "1"]);
    say(&["-video_size", &format!("{width}x{height}"), "-i", &format!("/proc/self/fd/{mark}")]);
    let below = below(piece);
    let laid = format!(
        "{below}[below];[1:v]setpts=PTS-10/TB[mark];[below][mark]overlay=0:0:format=yuv420:shortest=1,format=yuv420p[out]"
    );
    say(&["-filter_complex", &laid, "-map", "[out]"]);
    let sound = format!("0:{}", piece.streams.sound);
    match piece.shape {
        Shape::Picture => {
            say(&["-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]);
            say(&["-f", "image2pipe"]);
        }
        Shape::Film { sound: true } => film(&mut say, piece.len_ms, Some(&sound)),
        Shape::Film { sound: false } => film(&mut say, piece.len_ms, None),
        Shape::Wave => film(&mut say, piece.len_ms, Some(&sound)),
    }
    // Neither what the clip says of itself (place, maker) nor its chapters.
    say(&["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "pipe:1"]);
    all
}

/// What the mark is laid over, in one size from the first frame to the last. A film that ends before its sound goes on black.
fn below(piece: &Piece) -> String {
    let Frame { width, height, clip: (wide, high) } = piece.frame;
    let even = |free: u32| free / 4 * 2;
    let (left, top) = (even(width.saturating_sub(wide)), even(height.saturating_sub(high)));
    let stream = piece.streams.picture;
    let fitted = format!(
        "[0:{stream}]scale={wide}:{high}:flags=bilinear,setsar=1,format=yuv420p,pad={width}:{height}:{left}:{top}"
    );
    match piece.shape {
        Shape::Film { .. } => format!("{fitted},tpad=stop=-1:stop_mode=add"),
        Shape::Picture => fitted,
        Shape::Wave => format!(
            "[0:{}]aformat=channel_layouts=mono,showwaves=size={width}x{height}:mode=cline:rate=12:colors=0x7FB2E5,setsar=1,format=yuv420p",
            piece.streams.sound
        ),
    }
}

/// For `ffmpeg`, which reads a piece that was made: of every frame what the mark takes, the upper one above the lower one, a
/// byte of brightness a dot.
pub(super) fn of_check([upper, lower]: [Window; 2]) -> Vec<String> {
    let mut all = reading();
    let cut = |Window { left, top, wide, high }| format!("crop={wide}:{high}:{left}:{top}");
    // Every frame gets a time of its own, so that none is left out and none comes twice.
    let laid = format!(
        "[0:v:0]format=gray,split[one][two];[one]{}[upper];[two]{}[lower];[upper][lower]vstack,settb=1/25,setpts=N[out]",
        cut(upper),
        cut(lower)
    );
    let words = ["-nostdin", "-threads", THREADS, "-reinit_filter", "0", "-i", "pipe:0"];
    all.extend(words.map(str::to_owned));
    all.extend(["-filter_complex", &laid, "-map", "[out]", "-r", "25"].map(str::to_owned));
    all.extend(["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"].map(str::to_owned));
    all
}

fn film(say: &mut impl FnMut(&[&str]), len_ms: u64, sound: Option<&str>) {
    if let Some(sound) = sound {
        say(&["-map", sound, "-c:a", "libopus", "-b:a", "64k", "-ac", "2", "-ar", "48000"]);
    }
    say(&["-t", &seconds(len_ms), "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"]);
    say(&["-b:v", "2500k", "-qmin", "4", "-qmax", "48", "-g", "600", "-auto-alt-ref", "0"]);
    // One cluster: Firefox takes a piece of several for one with gaps.
    say(&["-cluster_size_limit", "30000000", "-cluster_time_limit", "30000"]);
    say(&["-lag-in-frames", "0", "-f", "webm"]);
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}
