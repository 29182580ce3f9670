//! Clips page by page are those that a plain look at every clip finds, whatever is asked for.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use sealdock_core::cells;
use sealdock_core::id::ClipId;
use sealdock_core::schema::{CLIP, DEADLINE};
use sealdock_core::search::{Page, Search, find};
use sealdock_core::table::{Cell, RowChange, Table};
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
                let page = Page { after: None, newest_first, limit };
                assert_eq!(turned(&tables, &search, page), expected, "{search:?} {page:?}");
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
            let page = Page { after: None, newest_first, limit: None };
            assert_eq!(turned(&tables, &search, page), expected, "{search:?} {page:?}");
            expected.reverse();
        }
    }
}
