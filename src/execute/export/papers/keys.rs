//! Where a key of the package has ended: what to add to the printed lines, and why. Silent where the evidence
//! key was never changed.

use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::id::ClipId;
use sealdock_core::time::WallMs;
use sealdock_station::signers::{SigningEpoch, ssh_time};
use sealdock_station::viewing::Drafted;

/// What goes into the blanks.
#[derive(Default)]
pub struct Said {
    /// ` -r keys\\revoked`, where a key was declared stolen.
    pub revoked: String,
    /// ` -Overify-time=…` for the clip in the printed line, where its key has ended.
    pub then: String,
    pub chinese: String,
    pub english: String,
}

/// # Errors
/// An entry cannot be read.
pub fn said(open: &Open, drafted: &Drafted, shown: Option<ClipId>) -> Result<Said, CliError> {
    let signers = drafted.signers;
    if signers.epochs().len() == 1 {
        return Ok(Said::default());
    }
    let mut said =
        Said { chinese: CHINESE.to_owned(), english: ENGLISH.to_owned(), ..Said::default() };
    if signers.revoked().is_some() {
        said.revoked = " -r keys\\revoked".to_owned();
        said.chinese += REVOKED.0;
        said.english += REVOKED.1;
    }
    for clip in super::clips(drafted) {
        let epoch = signers.of_entry(clip.0);
        let then = then(open, epoch, clip)?;
        said.chinese +=
            &line(epoch, clip, &then, ("已被宣告失窃", |number| format!("第 {number} 期")));
        said.english +=
            &line(epoch, clip, &then, ("declared stolen", |number| format!("epoch {number}")));
        if Some(clip) == shown {
            said.then = then;
        }
    }
    said.chinese.push('\n');
    said.english.push('\n');
    Ok(said)
}

/// ` -Overify-time=…` with the time of the clip's entry; empty while its key is in force.
fn then(open: &Open, epoch: &SigningEpoch, clip: ClipId) -> Result<String, CliError> {
    if epoch.before.is_none() {
        return Ok(String::new());
    }
    let wall = open.station.entry(clip.0)?.at["wall"].as_str().and_then(WallMs::parse);
    Ok(wall.map(|wall| format!(" -Overify-time={}", ssh_time(wall))).unwrap_or_default())
}

fn line(
    epoch: &SigningEpoch,
    clip: ClipId,
    then: &str,
    (stolen, epochs): (&str, fn(u32) -> String),
) -> String {
    let mark = if epoch.stolen { format!(" ({stolen})") } else { String::new() };
    let (number, entry) = (epochs(epoch.number), epoch.since_seq);
    format!("    {clip}: {number}, record/entries/{entry}.json{mark}{then}\n")
}

const CHINESE: &str = "\
本站的证据密钥更换过。SSH 签名本身不带时间，所以 keys/allowed_signers 写明每把密钥何时有效，需要 OpenSSH 9.1 或更新的版本
（ssh -V）。密钥已经停用的视频，第三条命令要写上它入库的时间（-Overify-time）；下面逐段列出密钥期、起始记录和要写的时间。
第 2 期以后的公钥在起始记录的 event.new_public 里。

";

const ENGLISH: &str = "\
The evidence key of this station was changed. An SSH signature carries no time, so keys/allowed_signers says when each
key was valid; reading that takes OpenSSH 9.1 or newer (ssh -V). For a clip whose key has ended, the third command names
the time of its entry (-Overify-time). Here for each clip: the epoch of its key, the entry that began it, and what to
add. From epoch 2 on the public key is event.new_public of that entry.

";

/// Chinese, English.
const REVOKED: (&str, &str) = (
    "\
keys/revoked 列出已被宣告失窃的密钥。由它签名的视频，第三条命令会拒绝，不论签于失窃之前还是之后：签名本身分不出先后。
这些视频以第一条命令、入库记录里的摘要（第五条命令）和失窃之前由外部持有的回执为准。

",
    "\
keys/revoked lists keys that were declared stolen. The third command refuses clips signed by them, whenever they were
signed: a signature cannot tell before from after. Such clips rest on the first command, the digest in their entry (the
fifth command), and a receipt that somebody outside held before the theft.

",
);
