//! What the rooms of the console are about: a case for every 200 clips, a request for every 1000, and so on.

use super::{
    CLIPS_PER_SESSION, DEPARTMENTS, Put, RECORDERS, clip, department, person, recorder, row,
};
use rusqlite::Connection;
use sealdock_core::access::{ACCESS, ACCESS_CLIP};
use sealdock_core::desk::{ASSET, DESIGNATION, USAGE};
use sealdock_core::keep::{HOLD, HOLD_CLIP, SPOTCHECK, SPOTCHECK_CLIP};
use sealdock_core::matter::{BINDING, MATTER, MATTER_OFFICER, STEP};
use sealdock_core::table::Cell;
use sealdock_core::time::WallMs;

type At<'a> = &'a dyn Fn(u64) -> WallMs;

/// Clips of one case.
const OF_A_CASE: u64 = 20;
/// Numbers that no entry of a clip has.
const OTHERS: u64 = 1 << 40;

pub fn fill(conn: &Connection, clips: u64, at: At) {
    cases(conn, clips, at);
    requests(conn, clips, at);
    keeping(conn, clips, at);
    desk(conn, clips, at);
}

/// All but the newest fifty are filed. No interruption: its register reads the entry of each, and the log is short.
fn cases(conn: &Connection, clips: u64, at: At) {
    let (mut cases, mut theirs) = (Put::new(conn, &MATTER), Put::new(conn, &MATTER_OFFICER));
    let (mut steps, mut bindings) = (Put::new(conn, &STEP), Put::new(conn, &BINDING));
    for n in 0..clips / 200 {
        let (seq, first) = (OTHERS + n * 100, n * 200);
        let (officer, open) = (person(first / CLIPS_PER_SESSION), n + 50 >= clips / 200);
        row!(cases, {
            seq: seq, kind: "penalty", title: format!("占道经营案{n}"), parties: "某当事人",
            officers: officer.as_str(), department: department(first / CLIPS_PER_SESSION),
            opened: at(first), opened_by: format!("person {officer}"), record_seq: seq,
            state: if open { "open" } else { "filed" }, filed: (!open).then(|| at(first)),
        });
        row!(theirs, { seq: seq, officer: officer.as_str(), matter: seq });
        row!(steps, {
            seq: seq + 1, matter: seq, item: "inspection", name: "现场检查", must: true, cite: "-",
            manner: "continuous", place: "某路", officers: officer.as_str(), declared: at(first),
        });
        for k in 0..OF_A_CASE {
            row!(bindings, {
                seq: seq + 2 + k, clip: clip(first + k), matter: seq, step: seq + 1,
                bound_by: format!("person {officer}"),
            });
        }
    }
}

/// Copies for others; the newest twenty wait. None is carried out: a page reads the entry of such a copy, and the log is short.
fn requests(conn: &Connection, clips: u64, at: At) {
    let (mut requests, mut named) = (Put::new(conn, &ACCESS), Put::new(conn, &ACCESS_CLIP));
    for n in 0..clips / 1000 {
        let (seq, of) = (OTHERS * 2 + n * 10, clip(n * 1000));
        let waits = n + 20 >= clips / 1000;
        row!(requests, {
            seq: seq, who: "authority", purpose: "copy", name: "王某", unit: "某法院",
            wanted: format!(r#"{{"clips":["C{of}"],"kind":"clips"}}"#), matter: "(2026) 12",
            reason: "审理", asked_by: "person c1", asked: at(n * 1000),
            state: if waits { "asked" } else { "approved" },
            decided: (!waits).then(|| at(n * 1000)), times: (!waits).then_some(1u64),
        });
        if !waits {
            row!(named, { access: seq, clip: of, seq: seq + 1 });
        }
    }
}

fn keeping(conn: &Connection, clips: u64, at: At) {
    let (mut holds, mut held) = (Put::new(conn, &HOLD), Put::new(conn, &HOLD_CLIP));
    for n in 0..clips / 5000 {
        let seq = OTHERS * 3 + n;
        row!(holds, {
            seq: seq, ground: "objection", reason: "当事人异议", state: "approved",
            requested_by: "person c1", requested: at(n * 5000), approved_by: "person h1",
        });
        (0..3).for_each(|k| row!(held, { hold: seq, clip: clip(n * 5000 + k) }));
    }
    let (mut checks, mut drawn) = (Put::new(conn, &SPOTCHECK), Put::new(conn, &SPOTCHECK_CLIP));
    for n in 0..(clips / 25_000).max(1) {
        let seq = OTHERS * 4 + n;
        row!(checks, {
            seq: seq, kind: "spot", to_seq: 1u64, wanted: 20u64, at_size: 1u64,
            announced: at(n * 25_000), announced_by: "person a1", state: "closed",
            root: "0".repeat(64), appraisal: "合格",
        });
        for k in 0..20u64 {
            row!(drawn, {
                spotcheck: seq, clip: clip(n * 25_000 + k), place: k, answers: "{}",
                answered_by: "person a1", answered_seq: seq,
            });
        }
    }
}

/// Every recorder is somebody's; a hundred are out, and twenty asked for.
fn desk(conn: &Connection, clips: u64, at: At) {
    let (mut assets, mut given) = (Put::new(conn, &ASSET), Put::new(conn, &DESIGNATION));
    let mut uses = Put::new(conn, &USAGE);
    for n in 0..RECORDERS {
        let (out, asked) = (n < 100, (100..120).contains(&n));
        let seq = OTHERS * 5 + n * 2;
        row!(assets, {
            recorder: recorder(n), state: if out { "issued" } else { "docked" },
            holder: out.then(|| person(n)), use_seq: out.then_some(seq),
            department: department(n % DEPARTMENTS),
        });
        row!(given, { seq: seq + 1, recorder: recorder(n), officer: person(n) });
        if out || asked {
            row!(uses, {
                seq: seq, recorder: recorder(n), officer: person(n), department: department(n),
                purpose: "巡查", until: at(clips - 1).plus_ms(3_600_000_000), breach: false,
                state: if out { "issued" } else { "requested" },
                issued: out.then(|| at(clips - 1)), issued_seq: out.then_some(seq),
            });
        }
    }
}
