//! Clips that are asked for, page by page, so that an archive of a million is looked through in
//! stretches. What the registers can narrow by, they do; every condition is asked again of each row.

use crate::id::{ClipId, DepartmentId, MatterId, PersonId, RecorderId, StepId};
use crate::keep;
use crate::matter::BINDING;
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema::{CLIP, DEADLINE, PERSON};
use crate::table::{Cell, Query, Row};
use crate::time::{DAY_MS, WallMs};
use std::collections::BTreeSet;

/// What is asked for. A clip must meet all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    pub officer: Option<PersonId>,
    /// As enrolled; of a clip that is not assigned, as it called itself.
    pub recorder: Option<RecorderId>,
    /// Taken from the first instant on and before the second, see [`taken`].
    pub taken: Option<(WallMs, WallMs)>,
    /// Marked by the device.
    pub marked: bool,
    /// Without recorder or without officer.
    pub unassigned: bool,
    /// Missed a deadline.
    pub late: bool,
    /// Of officers of this department, as they are assigned today.
    pub department: Option<DepartmentId>,
    /// Of this class now; empty: of none.
    pub class: Option<String>,
    /// Bound to this matter, by a binding that is in force.
    pub matter: Option<MatterId>,
    /// Bound to this step.
    pub step: Option<StepId>,
}

/// Which of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// Those that follow this clip in the order asked for.
    pub after: Option<ClipId>,
    pub newest_first: bool,
    /// All of them, where nothing is said.
    pub limit: Option<u32>,
    /// Clips to look at in the end; where nothing is said, as many as it takes.
    pub looks: Option<u32>,
}

/// Rows of the register of clips, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub rows: Vec<Row>,
    /// Others follow the last one.
    pub more: bool,
    /// Not everything was looked at: what follows this clip may fit as well.
    pub looked_to: Option<ClipId>,
}

/// A class that was given so often is not looked for by its register.
const CLASSED_MANY: u32 = 5000;

/// Rows that are read at once where most of them may turn out not to be asked for.
const STRETCH: u32 = 1000;

/// When a clip was recorded, or stored where that is not known.
///
/// # Errors
/// The row holds no time.
pub fn taken(clip: &Row) -> PortResult<WallMs> {
    let at = clip.text_opt("recorded").unwrap_or(clip.text("stored"));
    WallMs::parse(at).ok_or_else(|| damaged("clip row: a time"))
}

/// Without recorder or without officer.
pub fn is_unassigned(clip: &Row) -> bool {
    clip.text_opt("recorder").is_none() || clip.text_opt("officer").is_none()
}

/// Did it miss a deadline?
///
/// # Errors
/// The registers cannot be read.
pub fn is_late(registers: &dyn Registers, clip: ClipId) -> PortResult<bool> {
    let missed = Query::all(&DEADLINE).with("clip", clip.0).only(&["clip"]).limit(1);
    Ok(!registers.select(&missed)?.is_empty())
}

/// The same query of clips, only of those taken from `from` on and before `to`; no clip is in two of them.
pub fn taken_within(query: Query, from: Option<WallMs>, to: Option<WallMs>) -> Vec<Query> {
    if from.is_none() && to.is_none() {
        return vec![query];
    }
    let cell = |at: Option<WallMs>| at.map(Cell::from);
    let stored = query.clone().with("recorded", Cell::Null).within("stored", cell(from), cell(to));
    vec![query.within("recorded", cell(from), cell(to)), stored]
}

/// For so many days from `from` on: how many clips were taken, and how many of them are marked. They are counted, not read,
/// but for the marked ones and those of one officer or recorder.
///
/// # Errors
/// The registers cannot be read.
pub fn by_day(
    registers: &dyn Registers,
    search: &Search,
    (from, days): (WallMs, u32),
) -> PortResult<Vec<(u64, u64)>> {
    let begin = |n: u32| from.plus_ms(i64::from(n) * DAY_MS);
    let of_all = *search == Search::default();
    let mut by = vec![(0, 0); days as usize];
    for n in (0..days).filter(|_| of_all) {
        for query in taken_within(Query::all(&CLIP), Some(begin(n)), Some(begin(n + 1))) {
            by[n as usize].0 += registers.count(&query)?;
        }
    }
    let taken_at = Some((from, begin(days)));
    let search = Search { taken: taken_at, marked: of_all || search.marked, ..search.clone() };
    // The range: a month has fewer clips than the archive has marked ones.
    let marked = |query: Query| if of_all { query.with("marked", true).by_range() } else { query };
    let members = search.members(registers)?;
    let mut seen = BTreeSet::new();
    for query in search.sources() {
        registers.each(&marked(query.only(COUNTED)), &mut |row| {
            if !seen.insert(registry::seq(&row)) || !search.is_met_by(registers, &members, &row)? {
                return Ok(());
            }
            let day = (taken(&row)?.0 - from.0).div_euclid(DAY_MS);
            if let Some(day) = usize::try_from(day).ok().and_then(|day| by.get_mut(day)) {
                day.0 += u64::from(!of_all);
                day.1 += u64::from(row.int("marked") == 1);
            }
            Ok(())
        })?;
    }
    Ok(by)
}

/// What is read of a clip that is counted.
const COUNTED: &[&str] =
    &["seq", "officer", "recorder", "recorder_claim", "recorded", "stored", "marked"];

/// # Errors
/// The registers cannot be read.
pub fn find(registers: &dyn Registers, search: &Search, page: Page) -> PortResult<Found> {
    let mut found = Found { rows: Vec::new(), more: false, looked_to: None };
    let limit = page.limit.map_or(usize::MAX, |limit| limit as usize);
    let (mut looked, looks) = (0, page.looks.unwrap_or(u32::MAX));
    let members = search.members(registers)?;
    // Whether it is enough.
    let mut take = |row: Row| -> PortResult<bool> {
        looked += 1;
        let clip = ClipId(registry::seq(&row));
        if search.is_met_by(registers, &members, &row)? {
            found.more = found.rows.len() == limit;
            if !found.more {
                found.rows.push(row);
            }
        }
        found.looked_to = (looked >= looks && !found.more).then_some(clip);
        Ok(found.more || found.looked_to.is_some())
    };
    if let Some(clips) = search.named(registers, page)? {
        for clip in clips {
            let row = registry::by_seq(registers, &CLIP, clip)?;
            if row.map_or(Ok(false), &mut take)? {
                break;
            }
        }
        return Ok(found);
    }
    let sources = search.sources();
    let mut after = Some(page.after);
    while let Some(from) = after {
        let part = Page { after: from, limit: Some(search.stretch(page)), ..page };
        let (rows, rest) = stretch(registers, &sources, part)?;
        after = rest.map(Some);
        for row in rows {
            if take(row)? {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Clips that rows of another register name, in the order asked for: few beside the others.
fn clips_of(registers: &dyn Registers, query: &Query, page: Page) -> PortResult<Vec<u64>> {
    let rows = registers.select(query)?;
    let clips: BTreeSet<u64> = rows.iter().map(|row| row.int("clip").unsigned_abs()).collect();
    let mut clips: Vec<u64> = clips.into_iter().filter(|clip| page.reaches(*clip)).collect();
    if page.newest_first {
        clips.reverse();
    }
    Ok(clips)
}

/// Is the clip bound so, by a binding that nobody ended?
fn is_bound(registers: &dyn Registers, clip: u64, (column, id): (&str, u64)) -> PortResult<bool> {
    let rows = registers.select(&Query::all(&BINDING).with("clip", clip))?;
    let so = |row: &Row| {
        row.int_opt("unbound_seq").is_none()
            && row.int_opt(column).map(i64::unsigned_abs) == Some(id)
    };
    Ok(rows.iter().any(so))
}

/// So many rows of every source, merged, and the clip after which there may be more.
fn stretch(
    registers: &dyn Registers,
    sources: &[Query],
    page: Page,
) -> PortResult<(Vec<Row>, Option<ClipId>)> {
    let (mut rows, mut ends) = (Vec::new(), Vec::new());
    for source in sources {
        let query = Query { newest_first: page.newest_first, limit: page.limit, ..source.clone() };
        let query = match page.after {
            Some(after) => query.after(vec![after.0.into()]),
            None => query,
        };
        let some = registers.select(&query)?;
        let cut = page.limit.is_some_and(|limit| some.len() >= limit as usize);
        if let Some(last) = some.last().filter(|_| cut) {
            ends.push(registry::seq(last));
        }
        rows.extend(some);
    }
    // A source that was cut says nothing of what follows its last row.
    let end = if page.newest_first { ends.into_iter().max() } else { ends.into_iter().min() };
    let known = Page { after: end.map(ClipId), ..page };
    rows.retain(|row| end.is_none() || !known.reaches(registry::seq(row)));
    rows.sort_by_key(registry::seq);
    rows.dedup_by_key(|row| registry::seq(row));
    if page.newest_first {
        rows.reverse();
    }
    Ok((rows, known.after))
}

impl Page {
    /// Does a clip follow the one after which the page begins?
    fn reaches(self, clip: u64) -> bool {
        match self.after {
            Some(after) if self.newest_first => clip < after.0,
            Some(after) => clip > after.0,
            None => true,
        }
    }
}

impl Search {
    /// Rows to read at once: one more than wanted tells whether others follow; many, where most of what is
    /// read may turn out not to be asked for.
    fn stretch(&self, page: Page) -> u32 {
        let elsewhere = self.department.is_some() || self.class.is_some();
        let sure = !self.late
            && !elsewhere
            && !self.unassigned
            && (self.officer.is_none() || self.recorder.is_none())
            && (!self.marked
                || self.officer.is_none() && self.recorder.is_none() && self.taken.is_none());
        match page.limit {
            Some(limit) if sure => limit.saturating_add(1).min(STRETCH),
            // A fit in every few is found in a short stretch; what is rare takes some more of them.
            Some(_) if page.looks.is_some() => STRETCH / 4,
            _ => STRETCH,
        }
    }

    /// Queries that between them hold every clip that is asked for, and as few others as can be.
    fn sources(&self) -> Vec<Query> {
        let all = || Query::all(&CLIP);
        let narrow = match (&self.officer, &self.recorder) {
            (Some(officer), _) => vec![all().with("officer", officer.as_str())],
            (None, Some(recorder)) => vec![
                all().with("recorder", recorder.as_str()),
                all().with("recorder", Cell::Null).with("recorder_claim", recorder.as_str()),
            ],
            _ if self.unassigned => {
                vec![all().with("recorder", Cell::Null), all().with("officer", Cell::Null)]
            }
            _ if self.marked && self.taken.is_none() => vec![all().with("marked", true)],
            _ => vec![all()],
        };
        let (from, to) = self.taken.unzip();
        narrow.into_iter().flat_map(|query| taken_within(query, from, to)).collect()
    }

    /// Is the register of missed deadlines the narrowest way in?
    fn by_deadline(&self) -> bool {
        let others = (&self.officer, &self.recorder, &self.taken);
        self.late && matches!(others, (None, None, None)) && !self.unassigned
    }

    /// Clips that another register names, where that is the narrowest way in.
    fn named(&self, registers: &dyn Registers, page: Page) -> PortResult<Option<Vec<u64>>> {
        let bound = |column, id: u64| Query::all(&BINDING).with(column, id).only(&["clip"]);
        let query = match (&self.step, &self.matter, &self.class) {
            (Some(step), ..) => bound("step", step.0),
            (None, Some(matter), _) => bound("matter", matter.0),
            _ if self.by_deadline() => Query::all(&DEADLINE).only(&["clip"]),
            // Every class that was ever given; which is in force is asked of each. One that most clips have is soon found
            // among all of them.
            (None, None, Some(class)) if !class.is_empty() && self.taken.is_none() => {
                let given = Query::all(&keep::CLASSING).with("class", class.as_str());
                let many = given.clone().only(&["seq"]).limit(CLASSED_MANY);
                if page.limit.is_some() && registers.select(&many)?.len() as u32 == CLASSED_MANY {
                    return Ok(None);
                }
                given.only(&["clip"])
            }
            _ => return Ok(None),
        };
        clips_of(registers, &query, page).map(Some)
    }

    /// Who is of the department that is asked for, read once for all clips.
    fn members(&self, registers: &dyn Registers) -> PortResult<BTreeSet<String>> {
        let Some(department) = &self.department else { return Ok(BTreeSet::new()) };
        let mut members = BTreeSet::new();
        registers.each(&Query::all(&PERSON).only(&["id", "department"]), &mut |row| {
            if row.text_opt("department") == Some(department.as_str()) {
                members.insert(row.text("id").to_owned());
            }
            Ok(())
        })?;
        Ok(members)
    }

    /// What stands in other registers.
    fn is_met_elsewhere(
        &self,
        registers: &dyn Registers,
        members: &BTreeSet<String>,
        clip: &Row,
    ) -> PortResult<bool> {
        let id = registry::seq(clip);
        if self.department.is_some()
            && !clip.text_opt("officer").is_some_and(|officer| members.contains(officer))
        {
            return Ok(false);
        }
        if let Some(class) = &self.class {
            let now = keep::kept(registers, ClipId(id))?.and_then(|kept| kept.class);
            if now.unwrap_or_default() != *class {
                return Ok(false);
            }
        }
        let matter = self.matter.map(|matter| ("matter", matter.0));
        let step = self.step.map(|step| ("step", step.0));
        for asked in matter.into_iter().chain(step) {
            if !is_bound(registers, id, asked)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_met_by(
        &self,
        registers: &dyn Registers,
        members: &BTreeSet<String>,
        clip: &Row,
    ) -> PortResult<bool> {
        let officer = clip.text_opt("officer");
        let recorder = clip.text_opt("recorder").unwrap_or(clip.text("recorder_claim"));
        let plain = self.officer.as_ref().is_none_or(|id| officer == Some(id.as_str()))
            && self.recorder.as_ref().is_none_or(|id| recorder == id.as_str())
            && (!self.marked || clip.int("marked") == 1)
            && (!self.unassigned || is_unassigned(clip));
        if !plain {
            return Ok(false);
        }
        if let Some((from, to)) = self.taken {
            let at = taken(clip)?;
            if at < from || at >= to {
                return Ok(false);
            }
        }
        Ok((!self.late || is_late(registers, ClipId(registry::seq(clip)))?)
            && self.is_met_elsewhere(registers, members, clip)?)
    }
}
