//! What a copy was asked to hold. The entry that begins it says so, and a copy that broke off is gone on with as it was begun, or
//! not at all: what was approved once must not become another package on the way.

use super::event::EXCERPTS_MAX;
use super::playing_time;
use crate::id::{AccessId, ClipId};
use crate::why;
use crate::why::Why;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was asked for beside the clips of the approval. Empty: all of them whole, and no receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyAsked {
    /// Given instead of the whole clips that they name, in the order that they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excerpts: Vec<AskedExcerpt>,
    /// SHA-256 of the text of the receipts that were given, one behind the other with a line feed between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Digest>,
}

/// A time range of a clip, in milliseconds of its playing time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedExcerpt {
    pub clip: ClipId,
    pub from_ms: u64,
    pub to_ms: u64,
}

impl AskedExcerpt {
    /// `C7 0:01:00.000–0:01:30.000`, as people read it.
    pub fn words(&self) -> String {
        format!("{} {}–{}", self.clip, playing_time(self.from_ms), playing_time(self.to_ms))
    }
}

impl CopyAsked {
    /// The excerpts in words; nothing where clips go out whole.
    pub fn words(&self) -> Option<String> {
        let words: Vec<String> = self.excerpts.iter().map(AskedExcerpt::words).collect();
        (!words.is_empty()).then(|| words.join("；"))
    }

    /// May a copy of these clips be begun so?
    pub(super) fn objection(&self, access: AccessId, clips: &[ClipId]) -> Option<Why> {
        let parts: BTreeSet<&AskedExcerpt> = self.excerpts.iter().collect();
        let fine = |part: &AskedExcerpt| clips.contains(&part.clip) && part.from_ms < part.to_ms;
        let good = parts.len() == self.excerpts.len()
            && parts.len() <= EXCERPTS_MAX
            && self.excerpts.iter().all(fine);
        (!good).then(|| {
            why!(
                "V96",
                "要求的截取片段须属于 {access:#} 批准的视频，止晚于起，不重复，最多 {EXCERPTS_MAX:#} 个。",
                "excerpts that are asked for are of clips that {access} approves, end after they begin, stand once, and are {EXCERPTS_MAX} at most"
            )
        })
    }

    /// The copy that entry `copy` began with this is to be gone on with, and `given` is asked for now: excerpts in any order, and
    /// the same receipts.
    ///
    /// # Errors
    /// It is something else.
    pub fn again(&self, copy: u64, given: &CopyAsked) -> Result<(), Why> {
        let sorted = |asked: &CopyAsked| {
            let mut parts = asked.excerpts.clone();
            parts.sort();
            parts
        };
        if sorted(self) != sorted(given) {
            let [zh, en] = ["整段视频", "whole clips"]
                .map(|whole| self.words().unwrap_or_else(|| whole.to_owned()));
            return Err(why!(
                "V97",
                "第 {copy:#} 条的复制开始时要的是：{zh}，现在给的不同；不写截取片段即照原样接着做，要别的请另做一份。",
                "the copy of entry {copy} was begun with {en}, and this is something else; give no excerpts to go on as it was begun, or export anew"
            ));
        }
        match (self.receipts, given.receipts) {
            (begun, now) if begun == now => Ok(()),
            (Some(digest), _) => Err(why!(
                "V98",
                "第 {copy:#} 条的复制开始时给了回执（摘要 {digest}）；接着做须在命令行再给同样的回执，次序相同。",
                "the copy of entry {copy} was begun with receipts (SHA-256 {digest}); to go on give the same ones again, in the same order, with --receipt"
            )),
            (None, _) => Err(why!(
                "V99",
                "第 {copy:#} 条的复制开始时没有给回执；请不带回执接着做，或另做一份。",
                "the copy of entry {copy} was begun without receipts; go on without, or export anew"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(parts: &[(u64, u64)], receipts: Option<&str>) -> CopyAsked {
        let part =
            |&(from_ms, to_ms): &(u64, u64)| AskedExcerpt { clip: ClipId(7), from_ms, to_ms };
        let receipts = receipts.map(|text| Digest::of(text.as_bytes()));
        CopyAsked { excerpts: parts.iter().map(part).collect(), receipts }
    }

    #[test]
    fn a_copy_is_gone_on_with_as_it_was_begun_or_not_at_all() {
        let begun = asked(&[(1, 2), (3, 4)], Some("r"));
        assert_eq!(begun.again(9, &begun), Ok(()));
        assert_eq!(begun.again(9, &asked(&[(3, 4), (1, 2)], Some("r"))), Ok(()), "in any order");
        assert_eq!(asked(&[], None).again(9, &asked(&[], None)), Ok(()));
        let why = |begun: &CopyAsked, now: &CopyAsked| {
            let why = begun.again(9, now).unwrap_err();
            (why.code(), format!("{why:#} {why}"))
        };
        for other in [&[(1, 2)][..], &[], &[(1, 2), (3, 5)], &[(1, 2), (3, 4), (5, 6)]] {
            let (code, said) = why(&begun, &asked(other, Some("r")));
            assert_eq!(code, "V97", "{other:?}");
            assert!(said.contains("C7 0:00:00.001–0:00:00.002；C7 0:00:00.003"), "{said}");
        }
        let (code, said) = why(&asked(&[], None), &asked(&[(1, 2)], None));
        assert!(
            code == "V97" && said.contains("整段视频") && said.contains("whole clips"),
            "{said}"
        );
        for other in [None, Some("s")] {
            let (code, said) = why(&begun, &asked(&[(1, 2), (3, 4)], other));
            assert!(code == "V98" && said.contains(&Digest::of(b"r").to_string()), "{said}");
        }
        assert_eq!(why(&asked(&[], None), &asked(&[], Some("r"))).0, "V99");
    }
}
