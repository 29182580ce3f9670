//! Figures of the desk: are there enough recorders, who is late again and again, which footage was taken
//! while its recorder was not handed out.

use super::{Period, assets, is_out, reading, usages_of};
use crate::actor::Role;
use crate::clock_state::known_bad;
use crate::duty;
use crate::id::{ClipId, DepartmentId, PersonId, RecorderId};
use crate::policy::Policy;
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::Query;
use crate::time::{Stamp, WallMs};
use std::collections::{BTreeMap, BTreeSet};

/// Recorders against officers (002/M-二(二)3(1)), and what came late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub officers: u32,
    /// In service: neither lost nor retired.
    pub recorders: u32,
    /// What the policy asks for.
    pub needed: u32,
    /// By officer, those with any use or late clip in the period.
    pub lateness: Vec<Lateness>,
}

impl Figures {
    pub fn enough(&self) -> bool {
        self.recorders >= self.needed
    }
}

/// One officer in the period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lateness {
    pub officer: Option<PersonId>,
    pub department: Option<DepartmentId>,
    pub uses: u32,
    /// Taken without approval.
    pub breaches: u32,
    /// Recorders back late, or not back although overdue.
    pub late_returns: u32,
    /// Clips that missed the deadline that raises the alarm.
    pub late_clips: u32,
}

impl Lateness {
    /// Late more than once.
    pub fn repeated(&self) -> bool {
        self.late_returns + self.late_clips > 1
    }

    fn add(&mut self, other: &Lateness) {
        self.uses += other.uses;
        self.breaches += other.breaches;
        self.late_returns += other.late_returns;
        self.late_clips += other.late_clips;
    }
}

pub fn figures(
    registers: &dyn Registers,
    policy: &Policy,
    (period, at): (Period, &Stamp),
) -> PortResult<Figures> {
    let officers: BTreeSet<PersonId> =
        duty::holders(registers, Role::Officer, at.wall)?.into_iter().map(|h| h.person).collect();
    let officers = u32::try_from(officers.len()).unwrap_or(u32::MAX);
    let recorders = assets(registers)?.iter().filter(|a| a.in_service()).count();
    Ok(Figures {
        officers,
        recorders: u32::try_from(recorders).unwrap_or(u32::MAX),
        needed: officers.div_ceil(policy.desk.officers_per_recorder),
        lateness: lateness(registers, (period, at))?,
    })
}

fn lateness(
    registers: &dyn Registers,
    (period, at): (Period, &Stamp),
) -> PortResult<Vec<Lateness>> {
    let mut by: BTreeMap<PersonId, Lateness> = BTreeMap::new();
    let believed = known_bad(registers, at)?.is_none();
    reading::each_issued(registers, period, &mut |usage| {
        let out = believed && is_out(registers, &usage)?;
        let said = usage.row.int_opt("overdue_seq").is_some();
        let late = usage.late || said || (out && at.wall > usage.until);
        let line = by.entry(usage.officer).or_default();
        line.uses += 1;
        line.breaches += u32::from(usage.breach);
        line.late_returns += u32::from(late);
        Ok(())
    })?;
    for row in registers.select(&Query::all(&s::DEADLINE).with("alarm", true))? {
        let stored = WallMs::parse(row.text("stored")).ok_or_else(|| damaged("deadline row"))?;
        if !period.holds(stored) {
            continue;
        }
        let clip = u64::try_from(row.int("clip")).map_err(|_| damaged("deadline row: clip"))?;
        let clip = registry::by_seq(registers, &s::CLIP, clip)?;
        let officer = clip.as_ref().and_then(|clip| clip.text_opt("officer"));
        let Some(officer) = officer else { continue };
        let officer = officer.parse().map_err(|_| damaged("clip row: officer"))?;
        by.entry(officer).or_default().late_clips += 1;
    }
    let mut lines = Vec::new();
    for (officer, line) in by {
        let department = duty::department_of(registers, &officer)?;
        lines.push(Lateness { officer: Some(officer), department, ..line });
    }
    Ok(lines)
}

/// The same by department.
pub fn by_department(lines: &[Lateness]) -> Vec<Lateness> {
    let mut by: BTreeMap<Option<DepartmentId>, Lateness> = BTreeMap::new();
    for line in lines {
        by.entry(line.department.clone()).or_default().add(line);
    }
    by.into_iter().map(|(department, line)| Lateness { department, ..line }).collect()
}

/// A clip that was recorded while nobody had its recorder by the archive (against 002/A6-§5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbooked {
    pub clip: ClipId,
    pub recorded: WallMs,
    pub officer: Option<PersonId>,
}

/// Such clips of one recorder. A clip whose time nobody believes is not among them.
pub fn unbooked(
    registers: &dyn Registers,
    policy: &Policy,
    recorder: &RecorderId,
) -> PortResult<Vec<Unbooked>> {
    let slack = policy.desk.clock_offset_ms_max;
    let uses = usages_of(registers, recorder)?;
    let booked = |at: WallMs| {
        uses.iter().any(|u| {
            u.issued.is_some_and(|issued| at.plus_ms(slack) >= issued)
                && u.returned.is_none_or(|returned| at <= returned.plus_ms(slack))
        })
    };
    let mut found = Vec::new();
    let clips = Query::all(&s::CLIP).with("recorder", recorder.as_str());
    for row in registers.select(&clips)? {
        let Some(recorded) = row.text_opt("recorded").and_then(WallMs::parse) else { continue };
        if booked(recorded) {
            continue;
        }
        let officer = row.text_opt("officer").map(str::parse).transpose();
        found.push(Unbooked {
            clip: ClipId(registry::seq(&row)),
            recorded,
            officer: officer.map_err(|_| damaged("clip row: officer"))?,
        });
    }
    Ok(found)
}
