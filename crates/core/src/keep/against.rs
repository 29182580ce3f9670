//! Everything that speaks against disposing of a clip, asked anew at every step: when it is planned, when
//! the plan is approved, and just before the removal. One word against it is enough.
//!
//! Other rooms add what they know to [`AGAINST`]: a case that is not closed, a request to view that is open.

use super::event::{DisposalWithdrawn, Event, Withdrawn};
use super::kept::{self, Kept, gone, kept as kept_clip, with_bytes};
use super::periods::{Due, Periods};
use super::rows::{DISPOSAL_LINE, HOLD, HOLD_CLIP, SPOTCHECK, SPOTCHECK_CLIP};
use crate::clock_state;
use crate::id::{CheckId, ClipId, HoldId, PlanId, SessionId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::time::{HOUR_MS, Stamp, WallMs};
use crate::why;
use crate::why::{Both, Words, spoken};
use std::collections::BTreeSet;

/// One reason to keep it, if there is one.
pub type Against = fn(&Look, &Kept) -> PortResult<Option<why::Why>>;

/// Of what kind a reason is: for whoever counts reasons, or says them in other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    Gone,
    NoOwner,
    NotDue,
    Held,
    Wiping,
    InBay,
    InCheck,
    InCase,
    AskedFor,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Gone => "gone",
            Why::NoOwner => "no-owner",
            Why::NotDue => "not-due",
            Why::Held => "held",
            Why::Wiping => "wiping",
            Why::InBay => "in-bay",
            Why::InCheck => "in-check",
            Why::InCase => "in-case",
            Why::AskedFor => "asked-for",
        }
    }
}

/// What is asked, in order. Each answers for itself; none can lift what another says.
pub static AGAINST: &[(Why, Against)] = &[
    (Why::Gone, was_disposed),
    (Why::NoOwner, has_no_owner),
    (Why::NotDue, is_not_due),
    (Why::Held, is_held),
    (Why::Wiping, is_being_wiped),
    (Why::InBay, is_in_a_bay),
    (Why::InCheck, is_in_a_check),
    (Why::InCase, belongs_to_a_case),
    (Why::AskedFor, is_asked_for),
];

/// The registers at one moment.
pub struct Look<'a> {
    pub registers: &'a dyn Registers,
    pub at: &'a Stamp,
    pub periods: Periods,
    /// Why the clock cannot be believed.
    pub doubt: Option<why::Why>,
    /// The newest word that it can be.
    pub word: Option<clock_state::Word>,
    /// The time that it is for certain; what is due by then may be disposed of.
    pub sure: WallMs,
}

impl<'a> Look<'a> {
    /// # Errors
    /// The registers cannot be read.
    pub fn new(registers: &'a dyn Registers, at: &'a Stamp) -> PortResult<Look<'a>> {
        let doubt = clock_state::doubt(registers, at)?;
        let word = clock_state::word(registers, at)?;
        let sure = clock_state::sure(word.as_ref(), at);
        Ok(Look { registers, at, periods: Periods::read(registers)?, doubt, word, sure })
    }

    /// Why nothing may be disposed of now whatever the clip: the clock is in doubt, or nobody ever answered for
    /// it.
    pub fn unanswered(&self) -> Option<why::Why> {
        let nobody = || {
            self.word.is_none().then(|| vouch(Both("还没有人确认过采集站时钟正确，而视频保存了多久只能由时钟说明", "nobody has said yet that the station's clock is right, and only a clock says how long footage was kept")))
        };
        self.doubt.clone().or_else(nobody)
    }

    /// Why it is not certain that the time of this clip is over: the machine was off in between, and nobody
    /// said since that the clock is right. No reason to leave a plan, so it is asked apart.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn not_sure(&self, clip: ClipId) -> PortResult<Option<why::Why>> {
        let Some(kept) = kept_clip(self.registers, clip)? else { return Ok(None) };
        Ok(match self.periods.due(&kept)? {
            Due::At(due) if due > self.sure => {
                Some(self.off_since(&why!("K01", "{clip:#} 到期", "{clip} is due")))
            }
            _ => None,
        })
    }

    /// What rests on time in which the machine was off, and nobody has answered for that time.
    pub(super) fn off_since(&self, what: impl Words) -> why::Why {
        let off = self.at.wall.0.saturating_sub(self.sure.0);
        let hours = off.saturating_add(HOUR_MS - 1) / HOUR_MS;
        vouch(&why!(
            "K02",
            "{what:#}只有时钟为凭：自上次有人确认时钟正确以来，采集站停机 {hours:#} 小时",
            "{what} by the clock alone: since somebody last said that it is right, the station was off for {hours} hours"
        ))
    }

    /// Everything that speaks against disposing of `clip` now. Empty means: nothing does. What speaks for
    /// another clip with the very same bytes speaks for this one.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn objections(&self, clip: ClipId) -> PortResult<Vec<why::Why>> {
        let Some(kept) = kept_clip(self.registers, clip)? else {
            return Ok(vec![why!("K03", "没有视频 {clip:#}", "there is no clip {clip}")]);
        };
        let mut all: Vec<why::Why> = self.doubt.iter().cloned().collect();
        all.extend(self.own(&kept)?);
        for twin in with_bytes(self.registers, &kept.sha256)? {
            if twin.clip != clip {
                let theirs = self.own(&twin)?;
                all.extend(theirs.into_iter().map(|why| {
                    why!("K04", "与 {:#} 内容相同：{why:#}", "same bytes as {}: {why}", twin.clip)
                }));
            }
        }
        Ok(all)
    }

    /// The kinds of what speaks against it, of its twins too. Empty exactly where [`Look::objections`] is, but for a clock
    /// in doubt, which is no matter of a clip.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn kinds(&self, kept: &Kept) -> PortResult<BTreeSet<Why>> {
        let mut all = BTreeSet::new();
        for twin in with_bytes(self.registers, &kept.sha256)? {
            for (why, ask) in AGAINST {
                if ask(self, &twin)?.is_some() {
                    all.insert(*why);
                }
            }
        }
        Ok(all)
    }

    fn own(&self, kept: &Kept) -> PortResult<Vec<why::Why>> {
        let mut all = Vec::new();
        for (_, ask) in AGAINST {
            all.extend(ask(self, kept)?);
        }
        Ok(all)
    }
}

/// What is missing, and who says it.
pub(super) fn vouch(why: impl Words) -> why::Why {
    why!(
        "K05",
        "时钟须确认：{why:#}；请单位负责人核对后在“处置”页确认时钟。",
        "时钟须确认 {why}; the unit head compares it and says so: `sealdock clock trust --reason TEXT --as ID`"
    )
}

/// Everything that speaks against disposing of `clip` at `at`.
///
/// # Errors
/// The registers cannot be read.
pub fn objections(
    registers: &dyn Registers,
    clip: ClipId,
    at: &Stamp,
) -> PortResult<Vec<why::Why>> {
    Look::new(registers, at)?.objections(clip)
}

fn was_disposed(_: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    Ok(gone(kept))
}

/// An unassigned clip may be anybody's evidence.
fn has_no_owner(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    let row = registry::by_seq(look.registers, &s::CLIP, kept.clip.0)?;
    let owned = row
        .is_some_and(|row| row.text_opt("recorder").is_some() && row.text_opt("officer").is_some());
    Ok((!owned).then(|| {
        why!(
            "K06",
            "尚未归属；先由管理员确认归属",
            "it is unassigned; a clerk assigns it with `sealdock clip assign`"
        )
    }))
}

fn is_not_due(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    let Some(class) = &kept.class else {
        return Ok(Some(why!(
            "K07",
            "尚未定类，定类前一直保留",
            "it has no class, and is kept until it has one"
        )));
    };
    if look.periods.start(kept)?.is_none() {
        return Ok(Some(why!(
            "K08",
            "入库时采集站时钟不可信，保存期限不起算",
            "the station's clock was not believable when it was stored, so its time does not run"
        )));
    }
    Ok(match look.periods.due(kept)? {
        Due::Never => {
            Some(why!("K09", "类别“{class:#}”永久保存", "its class {class} is kept permanently"))
        }
        Due::At(at) if at > look.at.wall => Some(why!(
            "K10",
            "类别“{class:#}”须保存到 {:#}",
            "its class {class} is kept until {}",
            at.rfc3339()
        )),
        Due::At(_) => None,
    })
}

/// Asked for, approved, or asked to be released: only a refusal or an approved release ends a hold (S15).
fn is_held(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    for row in look.registers.select(&Query::all(&HOLD_CLIP).with("clip", kept.clip.0))? {
        let hold = u64::try_from(row.int("hold")).unwrap_or_default();
        let state = registry::by_seq(look.registers, &HOLD, hold)?
            .ok_or_else(|| registry::damaged("a held clip names no hold"))?;
        if !matches!(state.text("state"), "refused" | "released") {
            return Ok(Some(why!(
                "K11",
                "长期保存 {:#}（{:#}，002/A6-§24）现为“{:#}”",
                "hold {} ({}, 002/A6-§24) is {}",
                HoldId(hold),
                spoken(state.text("ground")),
                spoken(state.text("state"))
            )));
        }
    }
    Ok(None)
}

/// Whether the recorder still has it is not known; the next listing tells.
fn is_being_wiped(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    let wipes = look.registers.select(&Query::all(&s::WIPE).with("clip", kept.clip.0))?;
    let open = wipes.iter().any(|row| matches!(row.text("state"), "intended" | "unknown"));
    Ok(open.then(|| {
        why!(
            "K12",
            "记录仪上对它的擦除还没有结果；请采集那台记录仪",
            "a wipe of it on a recorder is not settled; dock that recorder"
        )
    }))
}

/// A docking that is under way may rest a wipe on this very copy.
fn is_in_a_bay(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    for row in look.registers.select(&Query::all(&s::SESSION).with("state", "open"))? {
        let session = registry::seq(&row);
        let seen = Query::all(&s::SIGHTING).with("session", session);
        let clip = i64::try_from(kept.clip.0).unwrap_or(i64::MAX);
        if look.registers.select(&seen)?.iter().any(|row| row.int("clip") == clip) {
            let session = SessionId(session);
            return Ok(Some(why!(
                "K13",
                "未结束的采集 {session:#} 在记录仪上见到了它",
                "session {session}, which is open, found it on a recorder"
            )));
        }
    }
    Ok(None)
}

/// An open case holds its footage, and so does an interruption that nobody explained (002/A2-§16, A6-§14).
fn belongs_to_a_case(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    crate::matter::speaks_against_disposal(look.registers, kept.clip)
}

/// A check that is announced may fall on it; one that fell on it needs it until the check is closed (S16).
fn is_in_a_check(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    let clip = kept.clip.0;
    for row in look.registers.select(&Query::all(&SPOTCHECK).with("state", "announced"))? {
        let number = |column| u64::try_from(row.int(column)).unwrap_or_default();
        if (number("from_seq")..number("to_seq")).contains(&clip) {
            let check = CheckId(registry::seq(&row));
            return Ok(Some(why!(
                "K14",
                "抽查 {check:#} 已公告，可能抽到它",
                "spot check {check} is announced and may fall on it"
            )));
        }
    }
    for row in look.registers.select(&Query::all(&SPOTCHECK_CLIP).with("clip", clip))? {
        let check = u64::try_from(row.int("spotcheck")).unwrap_or_default();
        let state = registry::by_seq(look.registers, &SPOTCHECK, check)?;
        if state.is_none_or(|row| row.text("state") != "closed") {
            return Ok(Some(why!(
                "K15",
                "抽查 {:#} 抽到了它，尚未结束",
                "spot check {} fell on it and is open",
                CheckId(check)
            )));
        }
    }
    Ok(None)
}

/// A request to view or copy without an answer, or an approval that has not expired (S10, S11).
fn is_asked_for(look: &Look, kept: &Kept) -> PortResult<Option<why::Why>> {
    crate::access::speaks_against_disposal(look.registers, kept.clip, look.at.wall)
}

/// Something new concerns these clips: they leave every plan that is waiting. For the rooms that make such
/// entries; they put these beside their own.
///
/// # Errors
/// The registers cannot be read.
pub fn withdrawals(
    registers: &dyn Registers,
    clips: &[ClipId],
    why: &str,
) -> PortResult<Vec<Event>> {
    let mut events = Vec::new();
    for clip in clips {
        let lines = Query::all(&DISPOSAL_LINE).with("clip", clip.0).with("state", "pending");
        for row in registers.select(&lines)? {
            let plan = PlanId(u64::try_from(row.int("plan")).unwrap_or_default());
            let clips = vec![Withdrawn { clip: *clip, why: why.to_owned() }];
            events.push(Event::DisposalWithdrawn(DisposalWithdrawn { plan, clips }));
        }
    }
    Ok(events)
}

/// Why these clips cannot be acted on any more: one is gone or going.
pub(super) fn not_there(
    registers: &dyn Registers,
    clips: &[ClipId],
) -> PortResult<Option<why::Why>> {
    for clip in clips {
        if let Some(why) = kept::state_of(registers, *clip)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}
