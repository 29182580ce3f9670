//! Can the station's own clock be believed? The kernel's time since boot never jumps, so every boot has
//! one distance between it and the wall clock; a distance that changed was set by somebody. Every entry
//! stretches the register row of its boot, and what that row says is asked here.
//!
//! Two questions. *Known bad* (before any use of the station, or behind what the chain already holds): no
//! deadline is met or missed. *In doubt* (set while the machine ran, or far ahead of the last entry): that
//! is how a clock looks that was put forward, so nothing is disposed of until the unit head says that the
//! clock is right (`clock.trusted`).
//!
//! And how much time passed for certain ([`sure`])? What the machine ran; and what it was switched off only
//! where somebody said afterwards that the clock is right. Disposal counts nothing else.

use crate::cells;
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema::{int, table, text};
use crate::table::{Query, Row, RowChange, Table};
use crate::time::{DAY_MS, SECOND_MS, Stamp, WallMs, Zone};
use crate::why;
use crate::why::{Why, Words};
use std::collections::HashMap;

table!(
    /// One row per boot of the machine: its first entry and time, its latest time, and the smallest and
    /// largest distance (`lead`) of the wall clock from the time since boot, milliseconds.
    pub CLOCK = "clock" ["boot"] {
        text("boot"), int("first_seq"), int("first_wall"), int("wall_most"), int("lead_least"),
        int("lead_most"),
    }
);
table!(
    /// Who said when that the clock is right.
    pub CLOCK_TRUST = "clock_trust" ["seq"] {
        int("seq"), text("boot"), int("wall"), text("by"), text("reason"),
    }
);

pub static TABLES: &[&Table] = &[&CLOCK, &CLOCK_TRUST];

/// How far a clock may be corrected without anybody noticing, milliseconds. Technical: a time service
/// corrects seconds; an hour is a wrong zone.
pub const TOLERANCE_MS: i64 = 600 * SECOND_MS;

/// How long a station may be silent before a person has to say that the clock is right, milliseconds.
/// Technical: no unit docks nothing for a month, and a clock put forward looks just like that.
pub const SILENCE_MS: i64 = 31 * DAY_MS;

fn lead(at: &Stamp) -> i64 {
    at.wall.0.saturating_sub(i64::try_from(at.mono_ms).unwrap_or(i64::MAX))
}

/// What every entry does to the row of its boot.
pub(crate) fn stretched(seq: u64, at: &Stamp) -> RowChange {
    RowChange::Stretch {
        table: &CLOCK,
        first: cells! { boot: at.boot.clone(), first_seq: seq, first_wall: at.wall.0 },
        least: cells! { lead_least: lead(at) },
        most: cells! { wall_most: at.wall.0, lead_most: lead(at) },
    }
}

/// From this entry on the boot counts as it is now.
pub(crate) fn trusted(at: &Stamp) -> RowChange {
    RowChange::Update {
        table: &CLOCK,
        key: cells! { boot: at.boot.clone() },
        cells: cells! { wall_most: at.wall.0, lead_least: lead(at), lead_most: lead(at) },
    }
}

#[derive(Debug, Clone)]
struct Boot {
    id: String,
    first_seq: i64,
    first: i64,
    most: i64,
    spread: (i64, i64),
}

fn boot_of(row: &Row) -> Boot {
    Boot {
        id: row.text("boot").to_owned(),
        first_seq: row.int("first_seq"),
        first: row.int("first_wall"),
        most: row.int("wall_most"),
        spread: (row.int("lead_least"), row.int("lead_most")),
    }
}

/// What is known of the boots, oldest first, since the clock was last said to be right.
struct Known {
    boots: Vec<Boot>,
    /// The boot in which it was said, and the time then.
    trust: Option<(String, i64)>,
}

impl Known {
    fn read(registers: &dyn Registers) -> PortResult<Known> {
        let newest = Query::all(&CLOCK_TRUST).newest_first().limit(1);
        let trust = registers.select(&newest)?.first().map(|row| {
            let seq = i64::try_from(registry::seq(row)).unwrap_or(i64::MAX);
            (seq, row.text("boot").to_owned(), row.int("wall"))
        });
        let mut boots: Vec<Boot> =
            registers.select(&Query::all(&CLOCK))?.iter().map(boot_of).collect();
        boots.sort_by_key(|boot| boot.first_seq);
        if let Some((seq, within, wall)) = &trust {
            boots.retain(|boot| boot.first_seq > *seq || boot.id == *within);
            // What came before the word is not asked again.
            for boot in boots.iter_mut().filter(|boot| boot.id == *within) {
                boot.first = *wall;
            }
        }
        Ok(Known { boots, trust: trust.map(|(_, boot, wall)| (boot, wall)) })
    }

    /// With the moment that it is now.
    fn up_to(mut self, at: &Stamp) -> Known {
        match self.boots.iter_mut().find(|boot| boot.id == at.boot) {
            None => self.boots.push(Boot {
                id: at.boot.clone(),
                first_seq: i64::MAX,
                first: at.wall.0,
                most: at.wall.0,
                spread: (lead(at), lead(at)),
            }),
            Some(boot) => {
                boot.spread = (boot.spread.0.min(lead(at)), boot.spread.1.max(lead(at)));
            }
        }
        self
    }

    /// All the time that the machine did not run since the word, and by how much the clock was set: a
    /// boot began where its `lead` says, not at its first entry.
    fn unseen_ms(&self) -> i64 {
        let mut before = self.trust.as_ref().map(|(_, wall)| *wall);
        let mut unseen: i64 = 0;
        for boot in &self.boots {
            let (least, most) = boot.spread;
            let off = before.map_or(0, |before| least.saturating_sub(before).max(0));
            unseen = unseen.saturating_add(off).saturating_add(most.saturating_sub(least));
            before = Some(before.map_or(boot.most, |before| before.max(boot.most)));
        }
        unseen
    }

    /// The latest time that an entry holds.
    fn most(&self) -> Option<i64> {
        let said = self.trust.as_ref().map(|(_, wall)| *wall);
        self.boots.iter().map(|boot| boot.most).chain(said).max()
    }
}

fn words(ms: i64) -> String {
    Zone { east_minutes: 0 }.civil(WallMs(ms)) + " UTC"
}

/// All the time since the newest word about the clock in which the machine did not run, and by how much its clock was
/// set, milliseconds; without any word, since the first entry.
///
/// # Errors
/// The registers cannot be read.
pub fn unseen_ms(registers: &dyn Registers, at: &Stamp) -> PortResult<i64> {
    Ok(Known::read(registers)?.up_to(at).unseen_ms())
}

/// Somebody's word that the clock is right, and what came to pass since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The entry.
    pub seq: u64,
    /// Who said it, as the chain names them.
    pub by: String,
    /// It was said since the machine was started.
    pub in_this_boot: bool,
    /// How long the machine was off since, or its clock set, by what the clock says.
    pub unseen_ms: i64,
}

/// The newest word that the clock is right; `None`: nobody ever said so.
///
/// # Errors
/// The registers cannot be read.
pub fn word(registers: &dyn Registers, at: &Stamp) -> PortResult<Option<Word>> {
    let newest = Query::all(&CLOCK_TRUST).newest_first().limit(1);
    let Some(row) = registers.select(&newest)?.into_iter().next() else { return Ok(None) };
    let known = Known::read(registers)?.up_to(at);
    Ok(Some(Word {
        seq: registry::seq(&row),
        by: row.text("by").to_owned(),
        in_this_boot: row.text("boot") == at.boot,
        unseen_ms: known.unseen_ms(),
    }))
}

/// The time that it is for certain: what the clock says, less all the time since the newest word that the
/// machine did not run, as soon as that is more than [`TOLERANCE_MS`] in all. A new word brings it up to what the
/// clock says; without any word it is that too.
pub fn sure(word: Option<&Word>, at: &Stamp) -> WallMs {
    let unseen = word.map_or(0, |word| word.unseen_ms);
    at.wall.plus_ms(if unseen > TOLERANCE_MS { unseen.saturating_neg() } else { 0 })
}

/// Why the clock is known to be bad at `at`: before the policy's `clock.not_before`, or behind the newest
/// entry by more than [`TOLERANCE_MS`]. Then no deadline is met or missed.
///
/// # Errors
/// The registers cannot be read.
pub fn known_bad(registers: &dyn Registers, at: &Stamp) -> PortResult<Option<Why>> {
    let policy = registry::policy(registers)?;
    if at.wall < policy.not_before {
        return Ok(Some(why!(
            "C08",
            "时钟不可信：采集站时钟为 {:#}，早于本站设立时间；请校正时钟后再试。",
            "时钟不可信 the station's clock says {}, which is before the station existed; set it, then try again",
            words(at.wall.0)
        )));
    }
    Ok(Known::read(registers)?.most().and_then(|most| behind(at, most)))
}

fn behind(at: &Stamp, most: i64) -> Option<Why> {
    (at.wall.0.saturating_add(TOLERANCE_MS) < most).then(|| {
        why!("C09", "时钟不可信：采集站时钟为 {:#}，而记录链中已有 {:#} 的记录；请校正时钟，若时钟正确，请单位负责人在“处置”页确认。", "时钟不可信 the station's clock says {}, but an entry of {} is in the chain; set the clock, or, if it is right now, the unit head says so: `sealdock clock trust`",
            words(at.wall.0),
            words(most))
    })
}

/// Why nothing that needs time to have passed may be done at `at`: the clock is known bad, or was set
/// while the machine ran, or is more than [`SILENCE_MS`] ahead of the entry before. Lifted by
/// `clock.trusted`.
///
/// # Errors
/// The registers cannot be read.
pub fn doubt(registers: &dyn Registers, at: &Stamp) -> PortResult<Option<Why>> {
    if let Some(bad) = known_bad(registers, at)? {
        return Ok(Some(bad));
    }
    let known = Known::read(registers)?.up_to(at);
    let mut before = known.trust.as_ref().map(|(_, wall)| *wall);
    for boot in &known.boots {
        let (least, most) = boot.spread;
        if most.saturating_sub(least) > TOLERANCE_MS {
            return Ok(Some(asks(&why!(
                "C10",
                "机器运行期间被调了 {:#} 分钟",
                "it was set by {} minutes while the machine ran",
                most.saturating_sub(least) / (60 * SECOND_MS)
            ))));
        }
        if let Some(before) = before.filter(|b| boot.first.saturating_sub(*b) > SILENCE_MS) {
            return Ok(Some(asks(&why!(
                "C11",
                "两条记录之间从 {:#} 变到 {:#}",
                "it went from {} to {} between two entries",
                words(before),
                words(boot.first)
            ))));
        }
        before = Some(before.map_or(boot.most, |b| b.max(boot.most)));
    }
    Ok(None)
}

fn asks(what: impl Words) -> Why {
    why!(
        "C12",
        "时钟存疑：采集站时钟{what:#}；若现在正确，请单位负责人在“处置”页确认时钟。",
        "时钟存疑 the station's clock is in doubt: {what}; if it is right now, the unit head says so: `sealdock clock trust --reason TEXT --as ID`"
    )
}

/// The boots of the machine as the chain knows them, for the time from which retention runs.
pub struct Timeline {
    /// Latest time before each boot, and by how much the clock was set within it.
    boots: HashMap<String, (i64, i64)>,
    /// Boot, entry and time of each word that the clock is right.
    trusts: Vec<(String, u64, i64)>,
    not_before: WallMs,
}

impl Timeline {
    /// # Errors
    /// The registers cannot be read.
    pub fn read(registers: &dyn Registers) -> PortResult<Timeline> {
        let rows = registers.select(&Query::all(&CLOCK))?;
        let mut sorted: Vec<Boot> = rows.iter().map(boot_of).collect();
        sorted.sort_by_key(|boot| boot.first_seq);
        let (mut boots, mut latest) = (HashMap::new(), i64::MIN);
        for boot in sorted {
            let set = boot.spread.1.saturating_sub(boot.spread.0);
            boots.insert(boot.id, (latest, if set > TOLERANCE_MS { set } else { 0 }));
            latest = latest.max(boot.most);
        }
        let rows = registers.select(&Query::all(&CLOCK_TRUST))?;
        let trust = |r: &Row| (r.text("boot").to_owned(), registry::seq(r), r.int("wall"));
        let trusts = rows.iter().map(trust).collect();
        Ok(Timeline { boots, trusts, not_before: registry::policy(registers)?.not_before })
    }

    /// The time from which retention of something recorded in entry `seq`, at `wall` in `boot`, runs:
    /// what the clock said, and never earlier than what the chain already held. A clock that was set within
    /// that boot moves it on by as much as it was set, or to the first word in that boot that it is right: a
    /// time can only be moved towards later. `None`: the
    /// clock was older than any use of the station, so no time runs.
    ///
    /// # Errors
    /// The registers do not know the boot.
    pub fn custody_time(&self, seq: u64, boot: &str, wall: WallMs) -> PortResult<Option<WallMs>> {
        let (before, set) = self
            .boots
            .get(boot)
            .ok_or_else(|| damaged("the clock register lacks the boot of an entry"))?;
        let time = wall.0.max(*before);
        // What the word made the register forget about this boot is bounded by the time of the word.
        let word = self.trusts.iter().find(|(within, said, _)| within == boot && *said > seq);
        let time = match word {
            Some((_, _, right)) => time.max(*right),
            None => time.saturating_add(*set),
        };
        Ok((time >= self.not_before.0).then_some(WallMs(time)))
    }
}
