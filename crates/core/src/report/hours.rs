//! Recording hours and the share of marked clips, by department, officer and month (S19).

use crate::id::{DepartmentId, PersonId};
use crate::matter::MARK;
use crate::ports::{Kind, PortError, PortResult, Registers};
use crate::registry;
use crate::schema::{CLIP, PERSON};
use crate::search::{taken, taken_within};
use crate::table::{Query, Row};
use crate::time::{DAY_MS, WallMs, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// What is counted. Days are civil days of the station, `2026-03-01`, both included.
#[derive(Debug, Clone, Default)]
pub struct HoursFilter {
    pub department: Option<DepartmentId>,
    pub officer: Option<PersonId>,
    pub from: Option<String>,
    pub until: Option<String>,
}

/// One line: an officer in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    /// Where the officer belongs now; empty: nowhere.
    pub department: String,
    /// Empty: clips that belong to nobody.
    pub officer: String,
    /// `2026-03`, by the recording, or by storing where the recording's time is not known.
    pub month: String,
    pub clips: u32,
    /// Sum of the known lengths.
    pub length_ms: i64,
    /// Clips that run in time and whose length is not known: not in `length_ms`.
    pub unknown: u32,
    pub marked_by_device: u32,
    pub marked_by_person: u32,
    /// Marked by either.
    pub marked: u32,
}

impl Hours {
    /// Marked clips in a hundred, rounded down.
    pub fn marked_percent(&self) -> u32 {
        (self.marked * 100).checked_div(self.clips).unwrap_or(0)
    }
}

/// Lines by department, officer and month.
///
/// # Errors
/// The registers cannot be read.
pub fn hours(registers: &dyn Registers, filter: &HoursFilter) -> PortResult<Vec<Hours>> {
    let zone = registry::policy(registers)?.zone;
    let departments = departments(registers)?;
    let by_person: BTreeSet<i64> =
        registers.select(&Query::all(&MARK))?.iter().map(|row| row.int("clip")).collect();
    let mut lines: BTreeMap<(String, String, String), Hours> = BTreeMap::new();
    each_asked(registers, filter, &departments, &mut |row, at| {
        let civil = zone.civil(at);
        let officer = row.text_opt("officer").unwrap_or_default().to_owned();
        let department = departments.get(&officer).cloned().unwrap_or_default();
        let month = civil.get(..7).unwrap_or_default().to_owned();
        let key = (department.clone(), officer.clone(), month.clone());
        let fresh = || Hours { department, officer, month, ..Hours::default() };
        let line = lines.entry(key).or_insert_with(fresh);
        count(line, row, by_person.contains(&row.int("seq")));
    })?;
    Ok(lines.into_values().collect())
}

/// Recording in one week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// Its Monday, `2026-11-23`.
    pub monday: String,
    /// Sum of the known lengths.
    pub length_ms: i64,
}

/// Every week from the first to the last with a clip, those without any among them.
///
/// # Errors
/// The registers cannot be read.
pub fn weeks(registers: &dyn Registers, filter: &HoursFilter) -> PortResult<Vec<Week>> {
    let zone = registry::policy(registers)?.zone;
    let mut by: BTreeMap<i64, i64> = BTreeMap::new();
    each_asked(registers, filter, &departments(registers)?, &mut |row, at| {
        *by.entry(week_of(zone, at)).or_default() += duration_ms(row).unwrap_or(0);
    })?;
    let (first, last) = (by.keys().next().copied(), by.keys().next_back().copied());
    let all = first.zip(last).map(|(first, last)| first..=last).into_iter().flatten();
    Ok(all
        .map(|week| Week { monday: monday(week), length_ms: by.get(&week).copied().unwrap_or(0) })
        .collect())
}

/// Weeks since the one in which 1970 began; 1 January 1970 was a Thursday.
fn week_of(zone: Zone, at: WallMs) -> i64 {
    let day = at.plus_ms(i64::from(zone.east_minutes) * 60_000).0.div_euclid(DAY_MS);
    (day + 3).div_euclid(7)
}

fn monday(week: i64) -> String {
    let utc = Zone { east_minutes: 0 };
    utc.civil(WallMs((week * 7 - 3) * DAY_MS)).get(..10).unwrap_or_default().to_owned()
}

/// What is read of a clip: a year of them is many.
const READ: &[&str] = &["seq", "officer", "recorded", "stored", "media", "marked", "described"];

/// The clips that are asked for, each with its time.
fn each_asked(
    registers: &dyn Registers,
    filter: &HoursFilter,
    departments: &BTreeMap<String, String>,
    each: &mut dyn FnMut(&Row, WallMs),
) -> PortResult<()> {
    let zone = registry::policy(registers)?.zone;
    let day = |text: &Option<String>| text.as_deref().map(|text| day_of(zone, text)).transpose();
    let from = day(&filter.from)?;
    let to = day(&filter.until)?.map(|until| until.plus_ms(DAY_MS));
    let queries = clips(filter, departments).into_iter();
    let mut queries = queries.flat_map(|query| taken_within(query.only(READ), from, to));
    let mut with_time = |row: Row| {
        each(&row, taken(&row)?);
        Ok(())
    };
    queries.try_for_each(|query| registers.each(&query, &mut with_time))
}

fn day_of(zone: Zone, text: &str) -> PortResult<WallMs> {
    let refused = || PortError::new(Kind::Invalid, format!("{text:?} is no day like 2026-03-01"));
    zone.day_begins(text).ok_or_else(refused)
}

fn count(line: &mut Hours, clip: &Row, by_person: bool) {
    let by_device = clip.int("marked") == 1;
    line.clips += 1;
    line.marked_by_device += u32::from(by_device);
    line.marked_by_person += u32::from(by_person);
    line.marked += u32::from(by_device || by_person);
    if !["video", "audio"].contains(&clip.text("media")) {
        return;
    }
    match duration_ms(clip) {
        Some(length) => line.length_ms += length,
        None => line.unknown += 1,
    }
}

/// The length of a clip by its media facts.
pub(super) fn duration_ms(clip: &Row) -> Option<i64> {
    let facts: serde_json::Value = serde_json::from_str(clip.text_opt("described")?).ok()?;
    facts.get("duration_ms")?.as_i64()
}

/// Department by person.
fn departments(registers: &dyn Registers) -> PortResult<BTreeMap<String, String>> {
    let rows = registers.select(&Query::all(&PERSON))?;
    let of = |row: &Row| {
        (row.text("id").to_owned(), row.text_opt("department").unwrap_or_default().to_owned())
    };
    Ok(rows.iter().map(of).collect())
}

/// Of one officer, of a department's officers, or all.
fn clips(filter: &HoursFilter, departments: &BTreeMap<String, String>) -> Vec<Query> {
    let of = |officer: &str| Query::all(&CLIP).with("officer", officer);
    match (&filter.officer, &filter.department) {
        (Some(officer), Some(department)) => {
            let there = departments.get(officer.as_str()).map(String::as_str);
            let is_there = there == Some(department.as_str());
            is_there.then(|| of(officer.as_str())).into_iter().collect()
        }
        (Some(officer), None) => vec![of(officer.as_str())],
        (None, Some(department)) => {
            let people = departments.iter().filter(|(_, d)| *d == department.as_str());
            people.map(|(officer, _)| of(officer)).collect()
        }
        (None, None) => vec![Query::all(&CLIP)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_in_the_units_time() {
        let zone = Zone::parse("+08:00").unwrap();
        let of = |text| monday(week_of(zone, WallMs::parse(text).unwrap()));
        // 2026-11-23 is a Monday; at 16:00 UTC the day before it begins in China.
        assert_eq!(of("2026-11-22T15:59:59Z"), "2026-11-16");
        assert_eq!(of("2026-11-22T16:00:00Z"), "2026-11-23");
        assert_eq!(of("1970-01-01T00:00:00Z"), "1969-12-29");
    }
}
