//! The wall's facts: what stands in the bays, how fast it goes, who is due, the head.

use super::outcome::{newest, said, told};
use crate::docking::{Docked, State, early};
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_console::wall::{Bay, Due, Said, Tile, Wall, Way};
use sealdock_console::words::{self as w, Word, dock as k};
use sealdock_core::desk::{self, Duty};
use sealdock_core::event::Verdict;
use sealdock_core::id::PersonId;
use sealdock_core::ports::LedgerView;
use sealdock_core::registry;
use sealdock_core::says;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_core::why::{Both, Why};
use sealdock_station::{Report, Step};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Names on the wall; the rest is on the desk.
const DUE_SHOWN: usize = 12;
/// A rate is measured over about so long.
const PACE_OVER: Duration = Duration::from_secs(4);

/// How far each recorder was, and when: its rate and its bar follow.
#[derive(Default)]
pub struct Paces(HashMap<(String, String), (Pace, Way)>);

struct Pace {
    step: Step,
    since: Instant,
    bytes: u64,
    /// Bytes a second, of the last whole stretch.
    rate: Option<u64>,
}

impl Paces {
    /// Puts the way so far and its rate into the tile of a session that runs.
    fn follow(&mut self, tile: &mut Tile, name: &str, report: &Report, now: Instant) {
        let key = (tile.bay.clone(), name.to_owned());
        let fresh = || (Pace::new(report, now), Way::default());
        let (pace, way) = self.0.entry(key).or_insert_with(fresh);
        tile.rate = pace.rate(report, now);
        way.follow(tile);
    }
}

impl Pace {
    fn new(report: &Report, now: Instant) -> Pace {
        Pace { step: report.step, since: now, bytes: report.bytes_done, rate: None }
    }

    /// Bytes a second; none within the first second of a step.
    fn rate(&mut self, report: &Report, now: Instant) -> Option<u64> {
        if self.step != report.step || report.bytes_done < self.bytes {
            *self = Pace::new(report, now);
        }
        let (past, done) = (now.duration_since(self.since), report.bytes_done - self.bytes);
        let rate = || {
            let ms = past.as_millis().max(1);
            u64::try_from(u128::from(done) * 1000 / ms).unwrap_or(u64::MAX)
        };
        if past >= PACE_OVER {
            *self = Pace { rate: Some(rate()), ..Pace::new(report, now) };
        }
        self.rate.or_else(|| (past >= Duration::from_secs(1)).then(rate))
    }
}

/// Everything on the wall, as it stands.
///
/// # Errors
/// The registers cannot be read.
pub fn look(open: &Open, paces: &mut Paces, now: Instant) -> Result<Wall, CliError> {
    let view = open.station.world().ledger.view()?;
    let head = view.head()?;
    let stopped = open.docks.fatal().map(|_| of_word(k::STATION_STOPPED));
    let fault = open.usb.profiles().fault.map(|_| of_word(k::PROFILES_FAULT));
    let alarms = stopped.into_iter().chain(fault).collect();
    let stamp = crate::execute::newest_anchor_age_s(open);
    Ok(Wall {
        tiles: tiles(open, &*view, paces, now)?,
        due: due(open, &*view)?,
        fingerprint: head.checkpoint().root.to_string()[..12].to_owned(),
        entries: head.checkpoint().size,
        anchor_age_s: stamp,
        alarms,
    })
}

fn tiles(
    open: &Open,
    view: &dyn LedgerView,
    paces: &mut Paces,
    now: Instant,
) -> Result<Vec<Tile>, CliError> {
    let (docked, alerts) = (open.docks.shown(), open.docks.alerts());
    let (missed, left) = (early::missed(open, view)?, open.docks.left(now));
    // Only of sessions that run: the next one begins anew.
    let runs = |d: &Docked| d.state == State::Running;
    paces.0.retain(|(bay, name), _| {
        docked.iter().any(|d| runs(d) && d.bay.as_str() == bay && d.name == *name)
    });
    let mut tiles = Vec::new();
    for row in view.select(&Query::all(&s::BAY))? {
        let bay = row.text("id");
        let before = tiles.len();
        for one in docked.iter().filter(|d| d.bay.as_str() == bay) {
            let report = open.hub.running(&one.bay, &one.recorder);
            let report = report.filter(|_| one.state == State::Running);
            let mut tile = tile(one, report.as_ref());
            tile.what = what(view, one)?.as_ref().map(both);
            if let Some(report) = &report {
                paces.follow(&mut tile, &one.name, report, now);
            }
            if tile.state == Bay::Done {
                tile.stored = stored(view, one)?;
            }
            let brought = Docked { officer: brought(view, one)?, ..one.clone() };
            name(view, &brought, &mut tile)?;
            tiles.push(tile);
        }
        for (_, what, text) in alerts.iter().filter(|(of, ..)| of == bay) {
            let recorder = Some(what.clone()).filter(|w| !w.is_empty());
            let what = Some(both(&told(text, w::PORT_FAULT)));
            tiles.push(Tile { state: Bay::NotOurs, recorder, what, ..Tile::empty(bay) });
        }
        for one in missed.iter().filter(|d| d.bay.as_str() == bay) {
            let recorder = Some(one.recorder.to_string());
            let mut tile = Tile { state: Bay::Early, recorder, ..Tile::empty(bay) };
            name(view, one, &mut tile)?;
            tiles.push(tile);
        }
        for one in left.iter().filter(|d| d.bay.as_str() == bay) {
            let recorder = Some(one.recorder.to_string());
            let what = Some(of_word(k::LEFT_UNCONFIRMED));
            tiles.push(Tile { state: Bay::Left, recorder, what, ..Tile::empty(bay) });
        }
        if tiles.len() == before {
            tiles.push(Tile::empty(bay));
        }
    }
    Ok(tiles)
}

pub fn tile(docked: &Docked, report: Option<&Report>) -> Tile {
    let mut tile = Tile {
        state: state(docked, report),
        recorder: Some(docked.recorder.to_string()),
        ..Tile::empty(docked.bay.as_str())
    };
    if let Some(report) = report {
        (tile.lines_done, tile.lines) = (report.lines_done, report.lines);
        (tile.bytes_done, tile.bytes) = (report.bytes_done, report.bytes);
        tile.marked_left = report.marked_left;
    }
    tile
}

/// Who brought it, once somebody said so; before that, whose its files are.
fn brought(view: &dyn LedgerView, docked: &Docked) -> Result<Option<PersonId>, CliError> {
    let session = match docked.state {
        State::Running | State::Closed => newest(view, docked.recorder.as_str())?,
        State::Waiting | State::Refused => None,
    };
    // Before its own session is open, the newest one is of an earlier docking.
    let own = session.filter(|row| docked.state == State::Closed || row.text("state") == "open");
    let officer = own.map(|row| early::officer(&row)).transpose()?.flatten();
    Ok(officer.or_else(|| docked.officer.clone()))
}

/// What whoever stands there has to know, where somebody has to come.
pub fn what(view: &dyn LedgerView, docked: &Docked) -> Result<Option<Why>, CliError> {
    Ok(match docked.state {
        State::Refused => Some(told(&docked.text, k::NO_RECORDER)),
        State::Closed if docked.others_unfinished => {
            let (name, both) = (&docked.name, Both(k::NOT_ALL.0, k::NOT_ALL.1));
            Some(says!("{both:#}：{name}", "{both}: {name}"))
        }
        State::Closed => {
            let session = newest(view, docked.recorder.as_str())?;
            session.map(|row| said(view, &row)).transpose()?
        }
        State::Waiting | State::Running => None,
    })
}

fn both(why: &Why) -> Said {
    Said { chinese: why.chinese().to_owned(), english: why.to_string() }
}

fn of_word(word: Word) -> Said {
    Said { chinese: word.0.to_owned(), english: word.1.to_owned() }
}

/// *Done* is the most expensive word: only where the verdict says so, and no other volume of the device is unfinished, which
/// `Docks::shown` says in the text.
fn state(docked: &Docked, report: Option<&Report>) -> Bay {
    match (docked.state, report.map(|report| report.step)) {
        (State::Waiting, _) => Bay::Confirm,
        (State::Refused, _) => Bay::Fault,
        (State::Running, Some(Step::Copying)) => Bay::Copying,
        (State::Running, Some(Step::Proving)) => Bay::Proving,
        // Its last report came a moment before its bay may say so.
        (State::Running, Some(Step::Wiping | Step::Closed)) => Bay::Wiping,
        (State::Running, _) => Bay::Listing,
        (State::Closed, _) => match docked.verdict {
            Some(Verdict::Done) if !docked.others_unfinished => Bay::Done,
            Some(Verdict::Done | Verdict::Held) | None => Bay::Decide,
            Some(Verdict::Interrupted) => Bay::Fault,
        },
    }
}

/// Clips, their bytes and the marked ones of the newest session of what stands there.
fn stored(view: &dyn LedgerView, docked: &Docked) -> Result<Option<(u64, u64, u64)>, CliError> {
    let session = newest(view, docked.recorder.as_str())?;
    let Some(session) = session.as_ref().map(registry::seq) else { return Ok(None) };
    let clips = Query::all(&s::CLIP).with("session", session).only(&["size", "marked"]);
    let clips = view.select(&clips)?;
    let bytes = clips.iter().map(|row| row.int("size").unsigned_abs()).sum();
    let marked = clips.iter().filter(|row| row.int("marked") == 1).count();
    Ok(Some((clips.len() as u64, bytes, marked as u64)))
}

/// Officer and department, by name.
fn name(view: &dyn LedgerView, docked: &Docked, tile: &mut Tile) -> Result<(), CliError> {
    let Some(id) = &docked.officer else { return Ok(()) };
    let rows = view.select(&Query::all(&s::PERSON).with("id", id.as_str()))?;
    tile.officer = Some(rows.first().map_or(id.to_string(), |row| row.text("name").to_owned()));
    let department = rows.first().and_then(|row| row.text_opt("department"));
    if let Some(department) = department {
        let query = Query::all(&sealdock_core::duty::DEPARTMENT).with("id", department);
        let rows = view.select(&query)?;
        tile.department = rows.first().map(|row| row.text("name").to_owned());
    }
    Ok(())
}

fn due(open: &Open, view: &dyn LedgerView) -> Result<Vec<Due>, CliError> {
    let (policy, now) = (registry::policy(view)?, open.station.world().clock.now());
    let mut due = Vec::new();
    for one in desk::due(view, &policy, &now)? {
        let name = registry::person(view, &one.usage.officer)?.map(|person| person.name);
        due.push(Due {
            officer: name.unwrap_or_else(|| one.usage.officer.to_string()),
            recorder: one.usage.recorder.to_string(),
            dock: one.what == Duty::Docking,
            left_s: (one.at.0 - now.wall.0).div_euclid(1000),
        });
    }
    due.sort_by_key(|due| due.left_s);
    due.truncate(DUE_SHOWN);
    Ok(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docked(state: State, verdict: Option<Verdict>) -> Docked {
        Docked {
            bay: "b1".parse().unwrap(),
            name: "J1".into(),
            path: "/bays/J1".into(),
            epoch: 1,
            recorder: "R1".parse().unwrap(),
            officer: None,
            state,
            text: String::new(),
            verdict,
            others_unfinished: false,
            is_volume: true,
        }
    }

    fn report(step: Step, bytes_done: u64) -> Report {
        Report {
            bay: "b1".parse().unwrap(),
            recorder: "R1".parse().unwrap(),
            session: None,
            step,
            lines_done: 1,
            lines: 2,
            bytes_done,
            bytes: 1000,
            marked_left: 0,
            verdict: None,
            text: String::new(),
        }
    }

    #[test]
    fn only_a_verdict_of_done_is_called_done() {
        let closed = |verdict| state(&docked(State::Closed, verdict), None);
        assert_eq!(closed(Some(Verdict::Done)), Bay::Done);
        assert_eq!(closed(Some(Verdict::Held)), Bay::Decide);
        assert_eq!(closed(Some(Verdict::Interrupted)), Bay::Fault);
        assert_eq!(closed(None), Bay::Decide);
        let other =
            Docked { others_unfinished: true, ..docked(State::Closed, Some(Verdict::Done)) };
        assert_eq!(state(&other, None), Bay::Decide);
        for step in
            [Step::Waiting, Step::Listing, Step::Copying, Step::Proving, Step::Wiping, Step::Closed]
        {
            let runs = docked(State::Running, Some(Verdict::Done));
            assert_ne!(
                state(&runs, Some(&report(step, 0))),
                Bay::Done,
                "{step:?}: an older verdict"
            );
        }
        assert_eq!(state(&docked(State::Waiting, Some(Verdict::Done)), None), Bay::Confirm);
        assert_eq!(state(&docked(State::Refused, None), None), Bay::Fault);
    }

    #[test]
    fn a_rate_needs_a_second_and_begins_anew_with_the_next_step() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut pace = Pace::new(&report(Step::Copying, 100), start);
        assert_eq!(pace.rate(&report(Step::Copying, 150), at(500)), None);
        assert_eq!(pace.rate(&report(Step::Copying, 300), at(2000)), Some(100));
        assert_eq!(pace.rate(&report(Step::Copying, 900), at(4000)), Some(200));
        assert_eq!(pace.rate(&report(Step::Proving, 0), at(4100)), None);
        assert_eq!(pace.rate(&report(Step::Proving, 700), at(6100)), Some(350));
    }
}
