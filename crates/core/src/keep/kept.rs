//! Clips as the register of keeping has them. Reading only.

use super::rows::{DISPOSAL, KEPT};
use crate::id::{ClipId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;
use crate::why;
use crate::why::Why;
use sealdock_chain::digest::Digest;

/// Entries per page.
const PAGE: u64 = 1000;

pub fn page_of(seq: u64) -> u64 {
    seq / PAGE
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptState {
    Kept,
    /// An intent to remove it stands and is not settled.
    Leaving,
    /// There is a tombstone.
    Disposed,
}

/// A clip in custody, or what was one.
#[derive(Debug, Clone)]
pub struct Kept {
    pub clip: ClipId,
    pub boot: String,
    /// What the clock said when custody was proven.
    pub stored: WallMs,
    pub sha256: Digest,
    pub size: u64,
    pub class: Option<String>,
    pub class_seq: Option<u64>,
    pub classed_by: Option<String>,
    pub state: KeptState,
    pub disposed_seq: Option<u64>,
}

fn of(row: &Row) -> PortResult<Kept> {
    let number = |column| row.int_opt(column).and_then(|n| u64::try_from(n).ok());
    Ok(Kept {
        clip: ClipId(registry::seq(row)),
        boot: row.text("boot").to_owned(),
        stored: WallMs::parse(row.text("stored")).ok_or_else(|| damaged("kept row: stored"))?,
        sha256: row.text("sha256").parse().map_err(|_| damaged("kept row: sha256"))?,
        size: u64::try_from(row.int("size")).map_err(|_| damaged("kept row: size"))?,
        class: row.text_opt("class").map(str::to_owned),
        class_seq: number("class_seq"),
        classed_by: row.text_opt("classed_by").map(str::to_owned),
        state: match row.text("state") {
            "kept" => KeptState::Kept,
            "leaving" => KeptState::Leaving,
            "disposed" => KeptState::Disposed,
            _ => return Err(damaged("kept row: state")),
        },
        disposed_seq: number("disposed_seq"),
    })
}

/// The clip, if there ever was one of that number.
pub fn kept(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<Kept>> {
    registry::by_seq(registers, &KEPT, clip.0)?.as_ref().map(of).transpose()
}

/// Clips with these bytes that were not disposed of, in order.
pub fn with_bytes(registers: &dyn Registers, sha256: &Digest) -> PortResult<Vec<Kept>> {
    let rows = registers.select(&Query::all(&KEPT).with("sha256", sha256.to_string()))?;
    let all: Vec<Kept> = rows.iter().map(of).collect::<PortResult<_>>()?;
    Ok(all.into_iter().filter(|kept| kept.state != KeptState::Disposed).collect())
}

/// Every clip of the entries `from <= n < to`, page by page, so that the archive never has to be in
/// memory at once.
///
/// # Errors
/// The registers', or those of `each`.
pub fn pages(
    registers: &dyn Registers,
    (from, to): (u64, u64),
    each: &mut dyn FnMut(Kept) -> PortResult<()>,
) -> PortResult<()> {
    for page in page_of(from)..=page_of(to.saturating_sub(1)) {
        for row in registers.select(&Query::all(&KEPT).with("page", page))? {
            let seq = registry::seq(&row);
            if (from..to).contains(&seq) {
                each(of(&row)?)?;
            }
        }
    }
    Ok(())
}

/// What became of a clip, in words; `None`: it is kept.
pub fn state_of(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<Why>> {
    Ok(match kept(registers, clip)? {
        None => Some(why!(
            "K43",
            "没有视频 {clip:#}；请在“视频”中核对编号。",
            "there is no clip {clip}; see `sealdock clip list`"
        )),
        Some(kept) => gone(&kept),
    })
}

pub(super) fn gone(kept: &Kept) -> Option<Why> {
    match kept.state {
        KeptState::Kept => None,
        KeptState::Leaving => Some(why!(
            "K44",
            "视频 {:#} 正在处置；请在“处置”页继续执行以了结。",
            "clip {} is being disposed of right now; `sealdock dispose run` settles it",
            kept.clip
        )),
        KeptState::Disposed => Some(why!(
            "K45",
            "视频 {:#} 已处置，处置记录是第 {:#} 条。",
            "clip {} was disposed of; its tombstone is entry {}",
            kept.clip,
            kept.disposed_seq.unwrap_or_default()
        )),
    }
}

/// Is there an intent to remove these bytes that is not settled?
pub fn is_leaving(registers: &dyn Registers, sha256: &Digest) -> PortResult<bool> {
    let query = Query::all(&DISPOSAL).with("sha256", sha256.to_string()).with("state", "intended");
    Ok(!registers.select(&query)?.is_empty())
}

/// Were these bytes removed, or are they being removed, since entry `seq`? Then a copy of them that was
/// read back since is no proof any more.
pub fn left_since(registers: &dyn Registers, sha256: &Digest, seq: u64) -> PortResult<bool> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let rows = registers.select(&Query::all(&DISPOSAL).with("sha256", sha256.to_string()))?;
    Ok(rows.iter().any(|row| row.int_opt("settled_seq").is_none_or(|settled| settled > seq)))
}

/// Whose footage it is.
pub(super) fn officer_of(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<PersonId>> {
    let row = registry::by_seq(registers, &s::CLIP, clip.0)?
        .ok_or_else(|| damaged("a kept clip has no custody row"))?;
    row.text_opt("officer")
        .map(|id| id.parse().map_err(|e| damaged(&format!("clip row: {e}"))))
        .transpose()
}
