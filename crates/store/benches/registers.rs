//! Register pages, searches and reports of an archive of 1,000,000 clips and 2,000 people: `cargo xtask bench
//! registers`. Prints the slowest of several askings beside the line it must meet.
//!
//! The rows are put into the tables directly and the log stays short, since nothing here reads the log; how fast
//! tables are made from it is `bench ledger`'s.
#![allow(clippy::unwrap_used, dead_code)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "registers/rows.rs"]
mod rows;

use common::*;
use sealdock_core::access;
use sealdock_core::desk::{Period, usage_archive};
use sealdock_core::id::{ClipId, DepartmentId, PersonId, RecorderId};
use sealdock_core::ports::{Ledger as _, LedgerView};
use sealdock_core::report::{HoursFilter, acts_of, custody_of_clip, hours, recorder_use};
use sealdock_core::schema::CLIP;
use sealdock_core::search::{Page, Search, find};
use sealdock_core::table::{Cell, Query};
use sealdock_core::time::{DAY_MS, WallMs};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Askings of each kind, about different people and days; the slowest counts.
const ASKED: u64 = 12;
const PAGE_MS: u64 = 50;
const REPORT_MS: u64 = 1000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let clips: u64 = arguments.next().map_or(1_000_000, |n| n.parse().expect("a number"));
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-registers");
    let _absent = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("the directory can be made");
    let keys = Keys::new();
    drop(founded(&dir, &keys, 1));
    let begun = Instant::now();
    rows::adopt(&dir.join("chain.db"));
    rows::fill(&dir.join("chain.db"), clips);
    println!("{clips} clips of {} people, made in {:.0?}", rows::PEOPLE, begun.elapsed());
    let store = open(&dir, &keys).unwrap();
    let view = store.view().unwrap();
    let archive = Archive { view: &*view, clips };
    archive.pages();
    archive.registers();
    archive.reports();
    drop(view);
    drop(store);
    std::fs::remove_dir_all(&dir).expect("what was made can be removed");
}

struct Archive<'v> {
    view: &'v dyn LedgerView,
    clips: u64,
}

/// The slowest asking, and how many rows the fullest answer had.
fn slowest(what: &str, limit_ms: Option<u64>, mut ask: impl FnMut(u64) -> usize) {
    let (mut worst, mut most) = (Duration::ZERO, 0);
    for n in 0..ASKED {
        let begun = Instant::now();
        let rows = ask(n);
        worst = worst.max(begun.elapsed());
        most = most.max(rows);
    }
    let line = match limit_ms {
        Some(ms) if worst <= Duration::from_millis(ms) => format!("(≤ {ms} ms) met"),
        Some(ms) => format!("(≤ {ms} ms) NOT met"),
        None => String::new(),
    };
    println!("{what:<58} {:>9.1} ms {most:>8} rows  {line}", worst.as_secs_f64() * 1000.0);
}

fn person(n: u64) -> PersonId {
    rows::person(n * 131).parse().unwrap()
}

fn day(n: u64) -> (WallMs, WallMs) {
    let from = rows::start().plus_ms((n as i64 * 83 + 5) * DAY_MS);
    (from, from.plus_ms(DAY_MS))
}

fn year() -> Period {
    let from = rows::start().plus_ms(365 * DAY_MS);
    Period { from, to: from.plus_ms(365 * DAY_MS) }
}

impl Archive<'_> {
    fn found(&self, search: &Search, page: Page) -> usize {
        find(self.view, search, page).unwrap().rows.len()
    }

    fn pages(&self) {
        let newest = Page { newest_first: true, limit: Some(50), ..Page::default() };
        let page = |what: &str, search: &dyn Fn(u64) -> Search| {
            slowest(what, Some(PAGE_MS), |n| self.found(&search(n), newest));
        };
        page("newest 50 clips", &|_| Search::default());
        page("of an officer", &|n| Search { officer: Some(person(n)), ..Search::default() });
        page("of a recorder", &|n| {
            let recorder: RecorderId = rows::recorder(n * 71).parse().unwrap();
            Search { recorder: Some(recorder), ..Search::default() }
        });
        page("of a day", &|n| Search { taken: Some(day(n)), ..Search::default() });
        page("of an officer on a day", &|n| Search {
            officer: Some(person(n)),
            taken: Some(day(n)),
            ..Search::default()
        });
        page("marked", &|_| Search { marked: true, ..Search::default() });
        page("marked, of a day", &|n| Search {
            marked: true,
            taken: Some(day(n)),
            ..Search::default()
        });
        page("unassigned", &|_| Search { unassigned: true, ..Search::default() });
        page("late", &|_| Search { late: true, ..Search::default() });
        page("late, of an officer", &|n| Search {
            late: true,
            officer: Some(person(n)),
            ..Search::default()
        });
        slowest("50 clips in the middle", Some(PAGE_MS), |n| {
            let after = Some(ClipId(rows::clip(self.clips / 2 + n * 97)));
            self.found(&Search::default(), Page { after, limit: Some(50), ..Page::default() })
        });
    }

    fn registers(&self) {
        let view = self.view;
        slowest("how many clips, how many unassigned", Some(PAGE_MS), |_| {
            let count = |query: Query| view.count(&query).unwrap() as usize;
            let unassigned = Query::all(&CLIP).with("recorder", Cell::Null);
            count(Query::all(&CLIP)) + count(unassigned)
        });
        slowest("custody of a clip", Some(PAGE_MS), |n| {
            let clip = ClipId(rows::clip(n * (self.clips / ASKED)));
            custody_of_clip(view, clip).unwrap().unwrap().entries.len()
        });
        slowest("entries of a person", Some(PAGE_MS), |n| acts_of(view, &person(n)).unwrap().len());
        let month = |n: u64| (day(n).0, day(n).0.plus_ms(30 * DAY_MS));
        slowest("viewings of a month (form 3)", Some(PAGE_MS), |n| {
            let (from, to) = month(n);
            access::form(view, (Some(from), Some(to))).unwrap().len()
        });
        slowest("usage archive of a day (form 2)", Some(PAGE_MS), |n| {
            let (from, to) = day(n);
            usage_archive(view, Period { from, to }).unwrap().len()
        });
        slowest("usage archive of a month (form 2)", None, |n| {
            let (from, to) = month(n);
            usage_archive(view, Period { from, to }).unwrap().len()
        });
    }

    fn reports(&self) {
        let civil = |at: WallMs| at.rfc3339()[..10].to_owned();
        let filter = |department: Option<DepartmentId>| HoursFilter {
            department,
            officer: None,
            from: Some(civil(year().from)),
            until: Some(civil(year().to.plus_ms(-DAY_MS))),
        };
        slowest("a department's year: hours and marks", Some(REPORT_MS), |n| {
            let department = rows::department(n * 3).parse().unwrap();
            hours(self.view, &filter(Some(department))).unwrap().len()
        });
        slowest("the unit's year: hours and marks", None, |n| match n {
            0 => hours(self.view, &filter(None)).unwrap().len(),
            _ => 0,
        });
        slowest("the unit's year: use of every recorder", None, |n| match n {
            0 => {
                let at =
                    sealdock_core::time::Stamp { boot: "b".into(), mono_ms: 0, wall: year().to };
                recorder_use(self.view, (year(), &at)).unwrap().len()
            }
            _ => 0,
        });
    }
}
