//! Drills (演练): what lies in the second copy is put into another place and held against the station. A whole copy of
//! the footage lies there for as long, so the unit head says so before the first byte is written, and the record says
//! what became of it. `docs/design/keys.md` says why.

use super::event::Event;
use super::objection::{Asked, Objection};
use super::rows::DRILL;
use crate::actor::Role;
use crate::cells;
use crate::decide::{Decided, Scene, no, ok, place_text, reason_text, yes};
use crate::event::Event as Any;
use crate::ports::{PortResult, Registers};
use crate::project::{insert, update};
use crate::registry;
use crate::table::{Cell, Query, Row, RowChange};
use crate::why;
use crate::why::Both;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

/// Findings that one entry counts at most: a number that no honest drill reaches.
const COUNT_MOST: u64 = i64::MAX as u64;

/// A copy of all footage is about to be made. Written before its first byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillBegun {
    /// The folder of the second copy.
    pub from: String,
    /// Where it is put.
    pub to: String,
    /// The file system there, as the kernel names it, and whether it is on the station's own disk.
    pub fs: String,
    pub disk: Disk,
    /// From clips, sidecars and tiles alone.
    pub without_database: bool,
    /// What is put there is to stay.
    pub keep: bool,
}

/// Whether the place shares a disk with the station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disk {
    Same,
    Other,
    Unknown,
}

impl Disk {
    /// As entries write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Disk::Same => "same",
            Disk::Other => "other",
            Disk::Unknown => "unknown",
        }
    }
}

/// How a drill ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The second copy brings everything back.
    Whole,
    /// Something would be lost or changed.
    Findings,
    /// It could not be carried through.
    Failed,
}

impl Outcome {
    /// As entries write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Whole => "whole",
            Outcome::Findings => "findings",
            Outcome::Failed => "failed",
        }
    }
}

/// What came of a drill, and whether its copy of the footage is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillCompleted {
    /// The entry that began it.
    pub drill: u64,
    pub outcome: Outcome,
    /// Entries, clips and files that the second copy gave.
    pub entries: u64,
    pub clips: u64,
    pub files: u64,
    pub findings: u64,
    /// SHA-256 of the report, one finding a line; absent: there was none to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Digest>,
    /// Where a copy of the footage was left; absent: it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
}

/// The copy that a drill left is gone, says a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillRemoved {
    pub drill: u64,
    pub reason: String,
}

pub(super) fn begin(scene: &Scene, e: DrillBegun) -> Decided {
    ok!(place_text(&e.from));
    ok!(place_text(&e.to));
    super::decide::allowed(scene, vec![Event::DrillBegun(e)])
}

/// Only the station itself says what came of it.
pub(super) fn complete(scene: &Scene, e: DrillCompleted) -> Decided {
    ok!(scene.system_only());
    if let Some(left) = &e.left {
        ok!(place_text(left));
    }
    let most = [e.entries, e.clips, e.files, e.findings].into_iter().max().unwrap_or_default();
    if most > COUNT_MOST {
        return no(why!("K40", "演练的数量超出可能。", "a drill that counts more than can be"));
    }
    super::decide::allowed(scene, vec![Event::DrillCompleted(e)])
}

pub(super) fn remove(scene: &Scene, drill: u64, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let event = Event::DrillRemoved(DrillRemoved { drill, reason });
    let any = ok!(super::decide::authority(scene, &event)?.map(|()| Any::from(event)));
    yes(vec![any])
}

pub(super) fn objection(asked: &Asked, event: &Event) -> Objection {
    let head = |what: Both| asked.rights.needs(&[(Role::UnitHead, "单位负责人")], what);
    match event {
        Event::DrillBegun(_) => Ok(head(Both(
            "把全部视频复制到另一处的演练",
            "a drill, which copies all footage to another place,",
        ))),
        Event::DrillCompleted(e) => {
            if let Some(why) =
                asked.rights.system(Both("说明演练结果", "saying what came of a drill"))
            {
                return Ok(Some(why));
            }
            let row = registry::by_seq(asked.registers, &DRILL, e.drill)?;
            Ok(row.is_none_or(|row| row.text("state") != "begun").then(|| {
                why!(
                    "K41",
                    "第 {:#} 条没有开始的演练。",
                    "no drill runs that began in entry {}",
                    e.drill
                )
            }))
        }
        Event::DrillRemoved(e) => {
            if let Some(why) =
                head(Both("说明演练副本已清除", "saying that the copy of a drill is gone"))
            {
                return Ok(Some(why));
            }
            let open = left_open(asked.registers)?;
            let there = open.iter().any(|row| registry::seq(row) == e.drill);
            Ok((!there).then(|| {
                why!(
                    "K42",
                    "第 {:#} 条没有开始演练，或其副本已说明清除。",
                    "entry {} began no drill whose copy is still said to be there",
                    e.drill
                )
            }))
        }
        _ => Ok(None),
    }
}

/// Drills whose copy of the footage is, or may be, still there: kept, not removable, or cut off.
///
/// # Errors
/// The register cannot be read.
pub fn left_open(registers: &dyn Registers) -> PortResult<Vec<Row>> {
    let mut rows = registers.select(&Query::all(&DRILL).with("removed_seq", Cell::Null))?;
    rows.retain(|row| row.text("state") == "begun" || row.text_opt("place_left").is_some());
    Ok(rows)
}

pub(super) fn project(seq: u64, (by, wall): (String, String), event: &Event) -> Vec<RowChange> {
    match event {
        Event::DrillBegun(e) => insert(
            &DRILL,
            cells! { seq: seq, begun: wall, begun_by: by, place: e.to.clone(), fs: e.fs.clone(),
            disk: e.disk.as_str(), without_database: e.without_database, keep: e.keep,
            state: "begun", entries: Cell::Null, clips: Cell::Null, findings: Cell::Null,
            place_left: Cell::Null, completed_seq: Cell::Null, removed_by: Cell::Null,
            removed_seq: Cell::Null },
        ),
        Event::DrillCompleted(e) => update(
            &DRILL,
            cells! { seq: e.drill },
            cells! { state: e.outcome.as_str(), entries: number(e.entries), clips: number(e.clips),
            findings: number(e.findings), place_left: e.left.clone(), completed_seq: seq },
        ),
        Event::DrillRemoved(e) => {
            update(&DRILL, cells! { seq: e.drill }, cells! { removed_by: by, removed_seq: seq })
        }
        _ => Vec::new(),
    }
}

/// A count that no honest station writes must not break the projection.
fn number(count: u64) -> u64 {
    count.min(COUNT_MOST)
}
