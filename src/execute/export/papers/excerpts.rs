//! What READ-ME says where clips are there in part only: what they are, and how stock tools check them. Silent without.

use sealdock_core::access::CopiedExcerpt;

/// What goes into the blanks.
#[derive(Default)]
pub struct Said {
    pub chinese: String,
    pub english: String,
}

const CHINESE: &str = "\
截取片段（不是原件）

下列文件在 excerpts/ 里，是从视频中不重新编码截取的派生件。同名的 .json 写明母本、要求的和实际的时间范围、工具，以及
片段的每个字节取自母本的哪个字节；data/ 里的 C*.pieces/ 是母本相应的 4 MiB 原始分块。分块是整块给出的，
因此范围前后各最多 4 MiB（约数秒）的内容也在其中。没有证明的：片段的封装（播放顺序以外的设置）、时间，以及范围之外的内容。
只有片段而没有整段视频时，没有文件可核对视频签名，上面的命令少了这一条。

";

const ENGLISH: &str = "\
Excerpts (no originals)

The files below lie in excerpts/. They were cut out of clips without re-encoding and are derived. The .json of the same
name says the master, the range asked for and the one cut, the tool, and which byte of the master each byte of the
excerpt is; C*.pieces/ in data/ are the raw pieces of 4 MiB of the master that it rests on. Pieces are whole, so up
to 4 MiB (some seconds) before and after the range are in them, too. Not proven: the container (settings of the player),
the seconds, and what lies outside of the range. Where a clip is there in part only, nothing can be held against its
signature, and the command for it is left out above.

";

/// `{…}` is filled in.
const COMMANDS: &str = "    for p in data/{clip}.pieces/*; do (printf '\\0'; cat $p) | sha256sum | cut -c1-64; dd if=clips/{clip}/chunks bs=32 skip=${p##*/} count=1 status=none | xxd -p -c 32; dd if=$p of=/tmp/{clip} bs=4194304 seek=${p##*/} conv=notrunc status=none; done | uniq -c
    jq -r '.runs[] | @tsv' excerpts/{stem}.json | while read at len; do dd if=/tmp/{clip} iflag=skip_bytes,count_bytes skip=$at count=$len bs=1M status=none; done > /tmp/{stem}
    tail -c +$(($(jq .at excerpts/{stem}.json) + 1)) excerpts/{name} | head -c $(stat -c %s /tmp/{stem}) | cmp - /tmp/{stem}

";

const CHINESE_SAYS: &str = "\
第一条：每行开头都是 2，表示每个分块的摘要都在 chunks 里（chunks 与条目中树根的关系由核验程序核对）；
第二条把片段的字节从母本分块中取出，第三条没有输出就是与片段逐字节相同。

";

const ENGLISH_SAYS: &str = "\
The first: every line begins with 2, so the digest of each piece stands in chunks (that these lead to the root in the
entry is checked by the program and the page). The second takes the bytes out of the pieces; the third prints nothing
where they are those of the excerpt.

";

pub fn said(excerpts: &[CopiedExcerpt]) -> Said {
    let Some(first) = excerpts.first() else { return Said::default() };
    let named = |part: &CopiedExcerpt| format!("    excerpts/{}  {}\n", part.name, part.words());
    let list: String = excerpts.iter().map(named).chain(["\n".to_owned()]).collect();
    let stem = first.name.rsplit_once('.').map_or(first.name.as_str(), |(stem, _)| stem);
    let commands = COMMANDS
        .replace("{clip}", &first.clip.to_string())
        .replace("{stem}", stem)
        .replace("{name}", &first.name);
    Said {
        chinese: format!("{CHINESE}{list}{commands}{CHINESE_SAYS}"),
        english: format!("{ENGLISH}{list}{commands}{ENGLISH_SAYS}"),
    }
}
