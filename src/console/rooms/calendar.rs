//! A month of clips with their numbers, and a day as a timeline with its gaps.

use super::figures::Look;
use super::{Head, Scene, shown};
use crate::console::Room;
use crate::console::signed::{Desk, Told, escaped};
use crate::console::spoken::in_lang;
use crate::exit::{CliError, Exit};
use axum::Router;
use axum::extract::Query as Address;
use axum::response::Response;
use axum::routing::get;
use sealdock_console::rooms::{
    Block, Button, Day, Field, Form, Input, Lane, Month, Span, Timeline,
};
use sealdock_console::words::{self as w, rooms as r};
use sealdock_core::id::{PersonId, RecorderId};
use sealdock_core::matter::{self, Recording};
use sealdock_core::registry;
use sealdock_core::search::{self, Page, Search};
use sealdock_core::table::Row;
use sealdock_core::time::{DAY_MS, WallMs};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Recorders of one day that are drawn; nobody compares more.
const LANES: usize = 60;

pub fn routes() -> Router<Arc<Room>> {
    Router::new().route("/calendar", get(page))
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Wanted {
    month: String,
    day: String,
    officer: String,
    recorder: String,
    said: String,
}

async fn page(Desk(reader): Desk, Address(wanted): Address<Wanted>) -> Response {
    let told = Told { said: wanted.said.clone() };
    let head = Head::new(reader.lang.t(r::CALENDAR), &told);
    shown(reader, head, move |scene| blocks(scene, &wanted)).await
}

fn blocks(scene: &Scene, wanted: &Wanted) -> Result<Vec<Block>, CliError> {
    let today = scene.zone.civil(scene.at.wall);
    // A day says its month, if none is named.
    let named = [wanted.month.trim(), wanted.day.trim().get(..7).unwrap_or_default()];
    let month = named.into_iter().find(|text| !text.is_empty());
    let month = month.or(today.get(..7)).unwrap_or_default();
    let mut blocks = vec![Block::Form(form(scene, wanted, month))];
    let search = match asked(scene, wanted) {
        Ok(search) => search,
        Err(e) => {
            blocks.push(Block::Notice(false, in_lang(scene.lang, &e)));
            return Ok(blocks);
        }
    };
    let Some((year, number)) = parsed(month) else {
        let text = format!("{}{}{month:?}", scene.t(r::MONTH), scene.t(r::COLON));
        blocks.push(Block::Notice(false, text));
        return Ok(blocks);
    };
    blocks.push(Block::Note(scene.own(r::TAP_DAY)));
    blocks.extend(counted(scene, wanted, (year, number), &search)?);
    if !wanted.day.trim().is_empty() {
        blocks.push(Block::Heading(format!("{} {}", scene.t(r::TIMELINE), wanted.day.trim())));
        blocks.extend(timeline(scene, wanted.day.trim(), search)?);
    }
    Ok(blocks)
}

fn form(scene: &Scene, wanted: &Wanted, month: &str) -> Form {
    let mut form = Form { reads: true, ..Form::new("which", "/calendar", "") };
    form =
        form.field(Field::line("month", scene.t(r::MONTH), 7).with(Input::Month(month.to_owned())));
    if scene.all {
        for (name, word, value) in
            [("officer", w::OFFICER, &wanted.officer), ("recorder", w::RECORDER, &wanted.recorder)]
        {
            let value = Input::Line(value.trim().to_owned(), 64);
            form = form.field(Field::line(name, scene.t(word), 64).with(value));
        }
    }
    form.button(Button::main(scene.t(w::FIND)))
}

/// Whose clips; whoever reads only their own asks for no others.
fn asked(scene: &Scene, wanted: &Wanted) -> Result<Search, CliError> {
    let (officer, recorder) = (wanted.officer.trim(), wanted.recorder.trim());
    let officer: Option<PersonId> = match (scene.all, officer.is_empty()) {
        (false, _) => Some(scene.me.clone()),
        (true, true) => None,
        (true, false) => Some(officer.parse()?),
    };
    let recorder: Option<RecorderId> =
        if recorder.is_empty() { None } else { Some(recorder.parse()?) };
    Ok(Search { officer, recorder, ..Search::default() })
}

/// `2026-11`, within years that a calendar has.
fn parsed(month: &str) -> Option<(i32, u32)> {
    let (year, number) = month.split_once('-')?;
    let digits = |text: &str, n| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(number, 2) {
        return None;
    }
    let (year, number) = (year.parse().ok()?, number.parse().ok()?);
    ((1970..=9998).contains(&year) && (1..=12).contains(&number)).then_some((year, number))
}

fn days_of((year, month): (i32, u32)) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

fn beside((year, month): (i32, u32), by: i32) -> String {
    let months = year * 12 + i32::try_from(month).unwrap_or(1) - 1 + by;
    format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
}

/// Clips of a stretch of days.
fn within(scene: &Scene, search: &Search, (from, days): (&str, i64)) -> Result<Vec<Row>, CliError> {
    let from = begin_of(scene, from)?;
    let taken = Some((from, from.plus_ms(days * DAY_MS)));
    let search = Search { taken, ..search.clone() };
    Ok(search::find(&*scene.view, &search, Page::default())?.rows)
}

fn begin_of(scene: &Scene, day: &str) -> Result<WallMs, CliError> {
    let refused = || {
        CliError::both(
            Exit::Usage,
            format!("{day:?} 不是日期，请写成 2026-11-21 的样子"),
            format!("{day:?} is no day like 2026-11-21"),
        )
    };
    scene.zone.day_begins(day).ok_or_else(refused)
}

fn counted(
    scene: &Scene,
    wanted: &Wanted,
    (year, number): (i32, u32),
    search: &Search,
) -> Result<Vec<Block>, CliError> {
    let name = format!("{year:04}-{number:02}");
    let first = format!("{name}-01");
    let days = days_of((year, number));
    let from = begin_of(scene, &first)?;
    let (by_day, said) = match by_day(scene, search, (&name, from, days))? {
        Some(found) => found,
        None => return Ok(vec![scene.being_counted()]),
    };
    let kept: String = [("officer", &wanted.officer), ("recorder", &wanted.recorder)]
        .iter()
        .filter(|(_, value)| scene.all && !value.trim().is_empty())
        .map(|(name, value)| format!("&{name}={}", escaped(value.trim())))
        .collect();
    let day = |n: u32| {
        let date = format!("{name}-{n:02}");
        let (clips, marked) = by_day.get(n as usize - 1).copied().unwrap_or_default();
        let href = (clips > 0).then(|| format!("/calendar?day={date}{kept}"));
        Day { number: n, href, clips, marked }
    };
    let begins = scene.zone.day_begins(&first).map_or(0, |at| weekday(scene, at));
    let month = Month {
        begins,
        days: (1..=days).map(day).collect(),
        weekdays: [r::D_MON, r::D_TUE, r::D_WED, r::D_THU, r::D_FRI, r::D_SAT, r::D_SUN]
            .map(|word| scene.own(word)),
        unit: scene.own(w::CLIPS),
        before: format!("/calendar?month={}{kept}", beside((year, number), -1)),
        after: format!("/calendar?month={}{kept}", beside((year, number), 1)),
        before_name: scene.own(r::EARLIER),
        after_name: scene.own(r::LATER),
        name,
    };
    Ok(said.into_iter().chain([Block::Month(month)]).collect())
}

type ByDay = (Vec<(u64, u64)>, Option<Block>);

/// Clips of each day, and what has to be said of their age: those of all people are many, and are counted aside.
fn by_day(
    scene: &Scene,
    search: &Search,
    (name, from, days): (&str, WallMs, u32),
) -> Result<Option<ByDay>, CliError> {
    if *search != Search::default() {
        return Ok(Some((search::by_day(&*scene.view, search, (from, days))?, None)));
    }
    let (wanted, room) = (scene.wanted()?, Arc::clone(scene.room));
    let count = move || {
        let view = room.open.station.world().ledger.view()?;
        Ok(search::by_day(&*view, &Search::default(), (from, days))?)
    };
    Ok(match scene.room.months.look(name, wanted, count)? {
        Look::Counting => None,
        Look::Counted(counted) => Some((counted.value.clone(), scene.counted(&counted, wanted))),
    })
}

/// Monday is 0; 1 January 1970 was a Thursday.
fn weekday(scene: &Scene, at: WallMs) -> u32 {
    let local = at.0 + i64::from(scene.zone.east_minutes) * 60_000;
    u32::try_from((local.div_euclid(DAY_MS) + 3).rem_euclid(7)).unwrap_or(0)
}

fn timeline(scene: &Scene, day: &str, search: Search) -> Result<Vec<Block>, CliError> {
    // What began the day before may end on this one.
    let Some(begin) = scene.zone.day_begins(day) else {
        let text = format!("{}{}{day:?}", scene.t(w::DAY), scene.t(r::COLON));
        return Ok(vec![Block::Notice(false, text)]);
    };
    let of_day = |row: &Row| search::taken(row).is_ok_and(|at| at.0 < begin.0 + DAY_MS);
    let (rows, beyond) = of_the_first(within(scene, &search, (day, 2))?);
    let recordings = matter::as_recordings(&*scene.view, scene.zone, &rows)?;
    let mut lanes: BTreeMap<String, Lane> = BTreeMap::new();
    let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (row, recording) in rows.iter().zip(&recordings) {
        let span =
            span(recording, begin).map(|span| Span { marked: row.int("marked") == 1, ..span });
        if span.is_none() && !of_day(row) {
            continue;
        }
        let fresh = || Lane {
            recorder: recording.recorder.to_string(),
            officer: String::new(),
            spans: Vec::new(),
            untimed: 0,
        };
        let lane = lanes.entry(recording.recorder.to_string()).or_insert_with(fresh);
        let officer = match row.text_opt("officer") {
            None => None,
            Some(id) => Some(match names.get(id) {
                Some(name) => name.clone(),
                None => names.entry(id.to_owned()).or_insert(officer(scene, row)?).clone(),
            }),
        };
        lane.officer = officer.flatten().unwrap_or_else(|| lane.officer.clone());
        match span {
            Some(span) => lane.spans.push(span),
            None => lane.untimed += 1,
        }
    }
    let mut lanes: Vec<Lane> = lanes.into_values().collect();
    lanes.iter_mut().for_each(|lane| lane.spans.sort_by_key(|span| span.from_s));
    let empty = scene.own(r::NOTHING_THAT_DAY);
    let more = (beyond > 0).then(|| format!("{beyond} {}", scene.t(r::LANES_MORE)));
    let line = Block::Timeline(Timeline::new(day.to_owned(), lanes, empty));
    Ok(more.map(Block::Note).into_iter().chain([line]).collect())
}

/// Clips of the first recorders by number, and how many recorders are left.
fn of_the_first(mut rows: Vec<Row>) -> (Vec<Row>, usize) {
    let recorder =
        |row: &Row| row.text_opt("recorder").unwrap_or(row.text("recorder_claim")).to_owned();
    let all: BTreeSet<String> = rows.iter().map(recorder).collect();
    let beyond = all.len().saturating_sub(LANES);
    if let Some(first_left) = all.into_iter().nth(LANES) {
        rows.retain(|row| recorder(row) < first_left);
    }
    (rows, beyond)
}

/// The part of a recording that lies on the day; none where its beginning or its end is not known.
fn span(recording: &Recording, begin: WallMs) -> Option<Span> {
    let second = |at: WallMs| (at.0 - begin.0).clamp(0, DAY_MS) / 1000;
    let (start, end) = (recording.start()?, recording.end()?);
    if !recording.runs() || end < start || end.0 < begin.0 || start.0 >= begin.0 + DAY_MS {
        return None;
    }
    Some(Span {
        from_s: u32::try_from(second(start)).ok()?,
        to_s: u32::try_from(second(end)).ok()?,
        clip: recording.clip.to_string(),
        marked: false,
    })
}

fn officer(scene: &Scene, row: &Row) -> Result<Option<String>, CliError> {
    let Some(id) = row.text_opt("officer").and_then(|id| id.parse::<PersonId>().ok()) else {
        return Ok(None);
    };
    let known = registry::person(&*scene.view, &id)?;
    Ok(Some(known.map_or_else(|| id.to_string(), |known| known.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::schema::CLIP;
    use sealdock_core::table::Cell;

    #[test]
    fn of_a_day_with_many_recorders_the_first_are_drawn_and_the_others_counted() {
        let clip = |n: usize, claimed: bool| {
            let (told, claim) = (format!("R{n:03}"), "R000".to_owned());
            let recorder = if claimed { Cell::Null } else { Cell::from(told.clone()) };
            let claim = if claimed { told } else { claim };
            let only = Some(&["recorder", "recorder_claim"][..]);
            Row { table: &CLIP, only, cells: vec![recorder, Cell::from(claim)] }
        };
        let day: Vec<Row> =
            (0..LANES + 3).flat_map(|n| [clip(n, n % 2 == 0), clip(n, false)]).collect();
        let (rows, beyond) = of_the_first(day.clone());
        assert_eq!((rows.len(), beyond), (2 * LANES, 3));
        let (rows, beyond) = of_the_first(day[..2 * LANES].to_vec());
        assert_eq!((rows.len(), beyond), (2 * LANES, 0));
    }

    #[test]
    fn months_are_of_a_calendar_and_lead_to_their_neighbours() {
        assert_eq!(parsed("2026-11"), Some((2026, 11)));
        for bad in ["", "2026-13", "2026-00", "26-11", "2026-1", "0000-01", "+026-11", "2026-11-01"]
        {
            assert_eq!(parsed(bad), None, "{bad}");
        }
        assert_eq!(beside((2026, 1), -1), "2025-12");
        assert_eq!(beside((2026, 12), 1), "2027-01");
        assert_eq!([days_of((2028, 2)), days_of((2100, 2)), days_of((2026, 4))], [29, 28, 30]);
    }
}
