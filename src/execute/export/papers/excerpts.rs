//! What READ-ME says where clips are there in part only: what they are, and what stock tools can check of them and what
//! only our two verifiers can. Silent without.

use crate::execute::export::excerpts::pieces;
use sealdock_core::access::CopiedExcerpt;
use sealdock_station::viewing::Excerpt;

/// What goes into the blanks.
#[derive(Default)]
pub struct Said {
    pub chinese: String,
    pub english: String,
}

const CHINESE: &str = "\
截取片段（不是原件）

下列文件在 excerpts/ 里，是按固定规则 cut-1 从视频中不重新编码截取的派生件。同名的 .json 写明母本、所要求的时间范围、
规则和所依据的分块。data/ 里的 C*.pieces/ 是母本的原始分块，每块 4 MiB，整块给出，因此范围前后各最多 4 MiB（常为数秒）的
内容也能读出来。每个片段下面写明给出了视频的哪些分块；没有列出的分块不在本材料中。

";

const CHINESE_SAYS: &str = "\
第一条对每个分块显示 same，表示它的摘要就在 chunks 里；第二条对每个片段显示 OK，表示它就是复制记录（条目）所载的那一个。
片段是不是由这些分块按规则所得，chunks 是不是与条目中的树根相符，现成的工具不能核对，由 verify.html 和 sealdock-verify 核对：
它们把片段重新计算一遍，逐字节比较。

手里有整段视频的人，可以用 ffprobe 再比一次（bash；把两处名称换成实际的）；没有输出，就是片段的每个画面包都在整段视频里。
它不比较画面的次序、时间、是否缺少画面，也不比较声音；接收前就为欺骗播放器而制作的视频，其片段的显示可能与整段不同，
请同时播放比对：

";

const ENGLISH: &str = "\
Excerpts (no originals)

The files below lie in excerpts/. They were cut out of clips by the fixed rule cut-1, without re-encoding, and are derived.
The .json of the same name says the master, the range asked for, the rule, and the pieces that it rests on. C*.pieces/ in
data/ are raw pieces of the master, of 4 MiB each. They are given whole, so up to 4 MiB (often some seconds) before and
after the range can be read from them, too. Below each excerpt stands which pieces of its clip went out; no others did.

";

const ENGLISH_SAYS: &str = "\
The first says \"same\" of every piece: its digest stands in chunks. The second says OK of every excerpt: it is the one that
the entry of the copy names. That an excerpt is what the rule gives of these pieces, and that chunks lead to the root in
the entry, no stock tool can check; verify.html and sealdock-verify do: they compute the excerpt again and compare every byte.

Who has the whole clip may compare once more, with ffprobe (bash; put in both names). It prints nothing where every packet
of the picture is one of the clip's. It does not compare their order, their times, whether any is missing, nor sound.
A clip made to deceive players before it was docked may show something else in part than as a whole; look at both:

";

/// Word for word what `tests/script/excerpt.txt` runs.
const COMMANDS: &str = "    for p in data/*.pieces/*; do c=\"${p#data/}\"; c=\"${c%%.*}\"; a=\"$( (printf '\\0'; cat \"$p\") | sha256sum | cut -c1-64)\"; b=\"$(dd if=\"clips/$c/chunks\" bs=32 skip=\"${p##*/}\" count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \\n')\"; [ \"$a\" = \"$b\" ] && echo \"$p\" same || echo \"$p\" OTHER; done
    grep -oE '\"from_ms\":[0-9]+,\"name\":\"[^\"]*\",\"sha256\":\"[0-9a-f]*\"' handover/completed.json | sed -E 's|.*\"name\":\"(.*)\",\"sha256\":\"(.*)\"|\\2  excerpts/\\1|' | sha256sum -c

";

const COMPARE: &str = "    packets() { ffprobe -v error -ignore_editlist 1 -select_streams v -show_data_hash sha256 -show_entries packet=size,data_hash -of csv=p=0 \"$1\"; }; grep -vxFf <(packets 'WHOLE-CLIP') <(packets 'EXCERPT')

";

pub fn said(excerpts: &[CopiedExcerpt], made: &[Excerpt]) -> Said {
    if excerpts.is_empty() {
        return Said::default();
    }
    let named = |part: &CopiedExcerpt| {
        let pieces = pieces(part, made);
        format!(
            "    excerpts/{}  {}\n      data/{}.pieces/  分块 pieces: {pieces}\n",
            part.name,
            part.words(),
            part.clip
        )
    };
    let list: String = excerpts.iter().map(named).chain(["\n".to_owned()]).collect();
    let text = |what: &str, says: &str| format!("{what}{list}{COMMANDS}{says}{COMPARE}");
    Said { chinese: text(CHINESE, CHINESE_SAYS), english: text(ENGLISH, ENGLISH_SAYS) }
}

/// What is said of the commands, which are fewer where no clip is there whole: then there is none to hold a signature
/// against.
pub fn counted(is_whole: bool) -> [(&'static str, &'static str); 6] {
    let said = |whole, parts| if is_whole { whole } else { parts };
    [
        ("{count-zh}", said("五条", "四条")),
        ("{count-en}", said("five", "four")),
        (
            "{says-zh}",
            said(
                "第二、三条显示 Good；第四条是视频签名的公钥，应与 keys/allowed_signers 相同；\n第五条是",
                "第二条显示 Good；第三条是视频签名的公钥，应与 keys/allowed_signers 相同；\n第四条是",
            ),
        ),
        (
            "{says-en}",
            said(
                "the second and third say Good; the fourth is the key that signs\nclips, the same as in keys/allowed_signers; the fifth is",
                "the second says Good; the third is the key that signs\nclips, the same as in keys/allowed_signers; the fourth is",
            ),
        ),
        (
            "{windows-zh}",
            said(
                "第一条是 manifest-sha256.txt 里这段视频的摘要；后两条显示 Good。",
                "它显示 Good。",
            ),
        ),
        (
            "{windows-en}",
            said(
                "The first is the digest that manifest-sha256.txt says of this clip; the other two say Good.",
                "It says Good.",
            ),
        ),
    ]
}
