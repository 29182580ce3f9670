//! How the programs are asked. No text of the clip or of a person is among it.

use super::{Piece, Shape};

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
    let entries = "format=format_name,duration:stream=codec_type,codec_name,width,height,avg_frame_rate,duration:stream_disposition=attached_pic:stream_side_data=rotation";
    let mut all = reading();
    all.extend(["-of", "json", "-show_entries", entries, "-i", CLIP].map(str::to_owned));
    all
}

/// For `ffmpeg`; the mark is read from the descriptor `mark`.
pub(super) fn of_piece(piece: &Piece, mark: i32) -> Vec<String> {
    let (width, height) = (piece.width, piece.height);
    let mut all = reading();
    let mut say = |words: &[&str]| all.extend(words.iter().map(|word| (*word).to_owned()));
    say(&["-nostdin", "-threads", THREADS, "-filter_complex_threads", THREADS]);
    if piece.from_ms > 0 {
        say(&["-ss", &seconds(piece.from_ms)]);
    }
    say(&["-i", CLIP]);
    say(&["-f", "rawvideo", "-pixel_format", "rgba", "-framerate", "25"]);
    say(&["-video_size", &format!("{width}x{height}"), "-i", &format!("pipe:{mark}")]);
    let scaled = format!("scale={width}:{height}:flags=bilinear,setsar=1");
    let picture = match piece.shape {
        Shape::Film { .. } | Shape::Picture => format!("[0:v:0]{scaled}"),
        Shape::Wave => format!(
            "[0:a:0]aformat=channel_layouts=mono,showwaves=size={width}x{height}:mode=cline:rate=12:colors=0x7FB2E5,setsar=1"
        ),
    };
    let laid = format!(
        "{picture},format=yuv420p[below];[below][1:v]overlay=0:0:format=yuv420,format=yuv420p[out]"
    );
    say(&["-filter_complex", &laid, "-map", "[out]"]);
    match piece.shape {
        Shape::Picture => {
            say(&["-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]);
            say(&["-f", "image2pipe"]);
        }
        Shape::Film { sound } => film(&mut say, piece.len_ms, sound),
        Shape::Wave => film(&mut say, piece.len_ms, true),
    }
    // Neither what the clip says of itself (place, maker) nor its chapters.
    say(&["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "pipe:1"]);
    all
}

fn film(say: &mut impl FnMut(&[&str]), len_ms: u64, sound: bool) {
    if sound {
        say(&["-map", "0:a:0", "-c:a", "libopus", "-b:a", "64k", "-ac", "2", "-ar", "48000"]);
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
