//! Clips page by page are those that a plain look at every clip finds, whatever is asked for.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use sealdock_core::cells;
use sealdock_core::id::{ClipId, MatterId, StepId};
use sealdock_core::keep::{CLASSING, KEPT};
use sealdock_core::matter::BINDING;
use sealdock_core::ports::{PortResult, Registers};
use sealdock_core::schema::{CLIP, DEADLINE, PERSON};
use sealdock_core::search::{Page, Search, find};
use sealdock_core::table::{Cell, Query, Row, RowChange, Table};
use sealdock_core::time::{DAY_MS, HOUR_MS, WallMs};
use sealdock_testkit::tables::MemTables;

/// What a clip of the test has, known without any register.
struct Made {
    seq: u64,
    officer: Option<&'static str>,
    recorder: Option<&'static str>,
    claim: &'static str,
    taken: WallMs,
    marked: bool,
    late: bool,
}

fn start() -> WallMs {
    WallMs::parse("2026-03-01T16:00:00.000Z").unwrap()
}

/// Every combination comes up, and neighbours differ.
fn make(clips: u64) -> (MemTables, Vec<Made>) {
    let mut tables = MemTables::default();
    let mut made = Vec::new();
    for n in 0..clips {
        let pick = |of: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) / 7 % of;
        let clip = Made {
            seq: 10 + 3 * n,
            officer: [Some("o1"), Some("o2"), None][pick(3) as usize],
            recorder: [Some("R1"), Some("R2"), None][pick(5).min(2) as usize],
            claim: ["R1", "R2"][pick(2) as usize],
            taken: start().plus_ms(pick(96) as i64 * HOUR_MS - DAY_MS),
            marked: pick(11) < 4,
            late: pick(13) < 3,
        };
        put(&mut tables, &clip, n % 4 != 0);
        made.push(clip);
    }
    (tables, made)
}

/// One that has no time of recording was stored at the time at which it counts as taken.
fn put(tables: &mut MemTables, clip: &Made, known: bool) {
    let stored = if known { clip.taken.plus_ms(40 * DAY_MS) } else { clip.taken };
    let cells = cells! {
        seq: clip.seq, session: 1u64, line: clip.seq, raw: "00", name: "a.mp4", size: 7u64,
        sha256: "00", chunk_root: "00", recorded: known.then_some(clip.taken),
        recorder: clip.recorder, officer: clip.officer, recorder_claim: clip.claim,
        media: "video", marked: clip.marked, copies: "vault", stored: stored, sshsig: "sig",
        evidence_epoch: 1u64,
    };
    insert(tables, &CLIP, cells);
    let clocks: &[&str] = if clip.late { &["after-recording", "end-of-day"] } else { &[] };
    for clock in clocks {
        let cells = cells! {
            clip: clip.seq, clock: *clock, due: clip.taken, stored: stored, alarm: true,
            seq: clip.seq + 1,
        };
        insert(tables, &DEADLINE, cells);
    }
}

fn insert(tables: &mut MemTables, table: &'static Table, cells: Vec<(&'static str, Cell)>) {
    tables.apply(RowChange::Insert { table, cells }).unwrap();
}

/// Every combination of what can be asked for.
fn searches() -> Vec<Search> {
    (0..64u32)
        .map(|bits| {
            let asked = |bit: u32| bits >> bit & 1 == 1;
            Search {
                officer: asked(0).then(|| "o1".parse().unwrap()),
                recorder: asked(1).then(|| "R2".parse().unwrap()),
                taken: asked(2).then(|| (start(), start().plus_ms(DAY_MS))),
                marked: asked(3),
                unassigned: asked(4),
                late: asked(5),
                ..Search::default()
            }
        })
        .collect()
}

fn plain_look(made: &[Made], search: &Search) -> Vec<u64> {
    let meets = |clip: &&Made| {
        let recorder = clip.recorder.unwrap_or(clip.claim);
        search.officer.as_ref().is_none_or(|id| clip.officer == Some(id.as_str()))
            && search.recorder.as_ref().is_none_or(|id| recorder == id.as_str())
            && search.taken.is_none_or(|(from, to)| from <= clip.taken && clip.taken < to)
            && (!search.marked || clip.marked)
            && (!search.unassigned || clip.officer.is_none() || clip.recorder.is_none())
            && (!search.late || clip.late)
    };
    made.iter().filter(meets).map(|clip| clip.seq).collect()
}

/// All pages, one after the other.
fn turned(tables: &MemTables, search: &Search, mut page: Page) -> Vec<u64> {
    let mut all: Vec<u64> = Vec::new();
    loop {
        let found = find(tables, search, page).unwrap();
        assert!(page.limit.is_none_or(|limit| found.rows.len() <= limit as usize));
        all.extend(found.rows.iter().map(|row| row.int("seq").unsigned_abs()));
        if let Some(clip) = found.looked_to {
            assert!(page.looks.is_some() && !found.more);
            assert!(
                all.last()
                    .is_none_or(|last| page.newest_first == (clip.0 < *last) || clip.0 == *last)
            );
            page.after = Some(clip);
            continue;
        }
        if !found.more {
            return all;
        }
        assert_eq!(page.limit.map(|limit| limit as usize), Some(found.rows.len()), "a full page");
        page.after = all.last().copied().map(ClipId);
    }
}

#[test]
fn pages_of_any_size_and_order_hold_what_a_plain_look_finds() {
    let (tables, made) = make(150);
    let mut seen = 0;
    for search in searches() {
        let mut expected = plain_look(&made, &search);
        seen += usize::from(!expected.is_empty());
        for newest_first in [false, true] {
            for limit in [Some(1), Some(7), Some(expected.len().max(1) as u32), None] {
                for looks in [None, Some(1), Some(13)] {
                    let page = Page { newest_first, limit, looks, ..Page::default() };
                    assert_eq!(turned(&tables, &search, page), expected, "{search:?} {page:?}");
                }
            }
            expected.reverse();
        }
    }
    assert!(seen > 48, "{seen} of 64 searches find something");
}

#[test]
fn stretches_that_end_within_a_search_leave_nothing_out() {
    // Six in ten have no recorder: more than are read at once, beside a third without an officer.
    let (tables, made) = make(1800);
    for search in searches().into_iter().filter(|search| search.unassigned) {
        let mut expected = plain_look(&made, &search);
        for newest_first in [false, true] {
            let page = Page { newest_first, ..Page::default() };
            assert_eq!(turned(&tables, &search, page), expected, "{search:?} {page:?}");
            expected.reverse();
        }
    }
}

/// Counts the rows that are read.
struct Read<'a>(&'a MemTables, std::cell::Cell<usize>);

impl Registers for Read<'_> {
    fn select(&self, query: &Query) -> PortResult<Vec<Row>> {
        let rows = self.0.select(query)?;
        self.1.set(self.1.get() + rows.len());
        Ok(rows)
    }
}

#[test]
fn a_page_reads_no_more_than_it_was_given_to_look_at_whatever_is_asked_for() {
    let (mut tables, made) = make(8000);
    belonging(&mut tables, &made);
    let searches = [
        // Nobody is in it.
        Search { department: Some("d9".parse().unwrap()), ..Search::default() },
        Search {
            class: Some(String::new()),
            department: Some("d9".parse().unwrap()),
            ..Search::default()
        },
        // Most clips have it, so that it is not looked for by its own register.
        Search { class: Some("ordinary".into()), ..Search::default() },
        Search { unassigned: true, marked: true, late: true, ..Search::default() },
    ];
    for search in searches {
        let read = Read(&tables, std::cell::Cell::new(0));
        let page = Page { newest_first: true, limit: Some(50), looks: Some(300), after: None };
        let found = find(&read, &search, page).unwrap();
        assert_eq!(found.more, found.looked_to.is_none(), "{search:?}");
        // Two rows of other registers for each that is looked at, two stretches that were begun, what is many.
        let (most, was) = (300 * 3 + 2 * 2 * 250 + 5000, read.1.get());
        assert!(was <= most, "{was} rows for {search:?}");
    }
}

/// What stands about a clip in other registers.
struct Belongs {
    class: Option<&'static str>,
    /// Matter and step that it was bound to, and whether that was ended.
    bound: Option<(u64, Option<u64>, bool)>,
}

/// o1 is of department d1, o2 of d2; classes were given and taken back, bindings ended.
fn belonging(tables: &mut MemTables, made: &[Made]) -> Vec<Belongs> {
    for (officer, department) in [("o1", "d1"), ("o2", "d2")] {
        let cells = cells! {
            id: officer, name: officer, role: "officer", pin_commitment: Cell::Null, enrolled_seq: 1u64,
            pin_seq: Cell::Null, department: department, certificate: Cell::Null, phone: Cell::Null,
            joined: Cell::Null, described_seq: Cell::Null, retired_seq: Cell::Null,
        };
        insert(tables, &PERSON, cells);
    }
    let mut all = Vec::new();
    for (n, clip) in (0u64..).zip(made) {
        let class = [Some("ordinary"), Some("evidence"), None][(n % 7).min(2) as usize];
        let cells = cells! {
            seq: clip.seq, page: 0u64, boot: "b", stored: clip.taken, sha256: "00".repeat(32),
            size: 7u64, class: class, class_seq: Cell::Null, classed_by: Cell::Null, state: "kept",
            disposed_seq: Cell::Null,
        };
        insert(tables, &KEPT, cells);
        // Every third had another class before.
        let before = (n % 3 == 0).then_some("evidence");
        for (k, given) in (0u64..).zip(before.into_iter().chain(class)) {
            let cells = cells! {
                seq: 100_000 + 2 * n + k, clip: clip.seq, class: given, given_by: "person c1",
                reason: "r",
            };
            insert(tables, &CLASSING, cells);
        }
        let bound = (n % 4 < 3).then_some((5, (n % 4 == 1).then_some(6), n % 5 == 0));
        if let Some((matter, step, ended)) = bound {
            let cells = cells! {
                seq: 200_000 + n, clip: clip.seq, matter: matter, step: step, bound_by: "person o1",
                unbound_seq: ended.then_some(300_000u64),
            };
            insert(tables, &BINDING, cells);
        }
        all.push(Belongs { class, bound });
    }
    all
}

#[test]
fn clips_are_found_by_department_class_case_and_step_as_they_stand_now() {
    let (mut tables, made) = make(60);
    let belongs = belonging(&mut tables, &made);
    let mut seen = 0;
    for bits in 0..256u32 {
        let asked = |bit: u32| bits >> bit & 1 == 1;
        let class = [None, Some("evidence"), Some(""), Some("ordinary")][(bits & 3) as usize];
        let search = Search {
            class: class.map(str::to_owned),
            department: asked(2).then(|| "d1".parse().unwrap()),
            matter: asked(3).then_some(MatterId(5)),
            step: asked(4).then_some(StepId(6)),
            taken: asked(5).then(|| (start(), start().plus_ms(DAY_MS))),
            late: asked(6),
            officer: asked(7).then(|| "o1".parse().unwrap()),
            ..Search::default()
        };
        let meets = |clip: &Made, of: &Belongs| {
            let bound = of.bound.filter(|(.., ended)| !ended);
            class.is_none_or(|class| of.class.unwrap_or_default() == class)
                && (!asked(2) || clip.officer == Some("o1"))
                && (!asked(3) || bound.is_some())
                && (!asked(4) || bound.is_some_and(|(_, step, _)| step == Some(6)))
        };
        let mut expected = plain_look(&made, &search);
        expected.retain(|seq| {
            made.iter().zip(&belongs).any(|(clip, of)| clip.seq == *seq && meets(clip, of))
        });
        seen += usize::from(!expected.is_empty());
        for newest_first in [false, true] {
            for (limit, looks) in [(Some(7), None), (None, None), (Some(7), Some(5))] {
                let page = Page { newest_first, limit, looks, ..Page::default() };
                assert_eq!(turned(&tables, &search, page), expected, "{search:?} {page:?}");
            }
            expected.reverse();
        }
    }
    assert!(seen > 60, "{seen} of 256 searches find something");
}
