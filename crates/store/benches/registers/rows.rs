//! Rows of a large archive: three years, officers in departments, clips with their sightings, wipes and classes,
//! uses, viewings, the entries of each person, cases, requests, checks. For `bench registers` and `bench console`.

/// Cases, requests, keeping, checks, the desk.
mod rooms;

use rusqlite::{Connection, params_from_iter, types::Value};
use sealdock_core::access::VIEWING;
use sealdock_core::clock_state::CLOCK;
use sealdock_core::desk::USAGE;
use sealdock_core::duty::DEPARTMENT;
use sealdock_core::keep::{CLASSING, KEPT};
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::report::ACT;
use sealdock_core::schema::{CLIP, DEADLINE, PERSON, POLICY, RECORDER, SESSION, SIGHTING, WIPE};
use sealdock_core::table::{Cell, ColumnKind, Table};
use sealdock_core::time::{DAY_MS, WallMs};
use std::path::Path;

pub const PEOPLE: u64 = 2000;
pub const RECORDERS: u64 = 1000;
pub const DEPARTMENTS: u64 = 40;
const DAYS: u64 = 3 * 365;
/// Entries that a clip brings: stored, described, to be wiped, wiped and the like.
const ENTRIES_PER_CLIP: u64 = 5;
/// Clips that a recorder brings back at once.
const CLIPS_PER_SESSION: u64 = 8;
/// The boot in which all of it was stored.
const BOOT: &str = "bench";

pub fn start() -> WallMs {
    WallMs::parse("2024-01-01T00:00:00.000Z").unwrap()
}

pub fn person(n: u64) -> String {
    format!("o{}", n % PEOPLE)
}

pub fn recorder(n: u64) -> String {
    format!("R{}", n % RECORDERS)
}

pub fn department(n: u64) -> String {
    format!("d{}", n % DEPARTMENTS)
}

/// The entry of the n-th clip.
pub fn clip(n: u64) -> u64 {
    100_000 + n * ENTRIES_PER_CLIP
}

type Cells = Vec<(&'static str, Cell)>;

/// One statement for a table; columns that are not named get nothing, or an empty value.
struct Put<'c> {
    table: &'static Table,
    statement: rusqlite::Statement<'c>,
}

impl<'c> Put<'c> {
    fn new(conn: &'c Connection, table: &'static Table) -> Put<'c> {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, names.join(", "));
        Put { table, statement: conn.prepare(&sql).unwrap() }
    }

    fn put(&mut self, cells: Cells) {
        let value = |column: &sealdock_core::table::Column| {
            let given = cells.iter().find(|(name, _)| *name == column.name);
            match (given.map(|(_, cell)| cell), column.kind) {
                (Some(Cell::Int(n)), _) => Value::Integer(*n),
                (Some(Cell::Text(text)), _) => Value::Text(text.clone()),
                (Some(Cell::Null), _) => Value::Null,
                (None, ColumnKind::Int) => Value::Integer(0),
                (None, ColumnKind::Text) => Value::Text(String::new()),
                (None, _) => Value::Null,
            }
        };
        let values = self.table.columns.iter().map(value);
        self.statement.execute(params_from_iter(values)).unwrap();
    }
}

macro_rules! row {
    ($put:expr, { $($name:ident : $value:expr),* $(,)? }) => {
        $put.put(vec![$((stringify!($name), Cell::from($value))),*])
    };
}

use row;

/// The policy that is in force, where nothing was founded that had adopted one.
pub fn adopt(database: &Path) {
    let conn = Connection::open(database).unwrap();
    row!(Put::new(&conn, &POLICY), { seq: 1u64, body: DEFAULT_POLICY });
}

/// Puts it beside what is there; nobody else may have the database open.
pub fn fill(database: &Path, clips: u64) {
    let conn = Connection::open(database).unwrap();
    conn.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; BEGIN").unwrap();
    people(&conn);
    let days =
        |n: u64| start().plus_ms((n * DAYS / clips) as i64 * DAY_MS + (n % 86_000) as i64 * 1000);
    footage(&conn, clips, &days);
    uses(&conn, clips, &days);
    rooms::fill(&conn, clips, &days);
    conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

fn people(conn: &Connection) {
    row!(Put::new(conn, &CLOCK), {
        boot: BOOT, first_seq: 0u64, first_wall: start().0, wall_most: start().0,
    });
    let (mut departments, mut people) = (Put::new(conn, &DEPARTMENT), Put::new(conn, &PERSON));
    for n in 0..DEPARTMENTS {
        row!(departments, { id: department(n), name: format!("第{n}队") });
    }
    row!(departments, { id: "empty", name: "无人队" });
    for n in 0..PEOPLE {
        row!(people, {
            id: person(n), name: format!("执法员{n}"), role: "officer", department: department(n),
        });
    }
    let mut recorders = Put::new(conn, &RECORDER);
    (0..RECORDERS).for_each(|n| row!(recorders, { id: recorder(n), model: "generic" }));
}

fn footage(conn: &Connection, clips: u64, at: &dyn Fn(u64) -> WallMs) {
    let mut sessions = Put::new(conn, &SESSION);
    let (mut footage, mut sightings) = (Put::new(conn, &CLIP), Put::new(conn, &SIGHTING));
    let (mut wipes, mut deadlines) = (Put::new(conn, &WIPE), Put::new(conn, &DEADLINE));
    let (mut acts, mut kept) = (Put::new(conn, &ACT), Put::new(conn, &KEPT));
    let mut classes = Put::new(conn, &CLASSING);
    // As long as those of a real clip.
    let (signature, facts) = (
        "s".repeat(330),
        r#"{"container":"mp4","duration_ms":300000,"width":1920,"height":1080,"video":"h264","audio":"aac"}"#,
    );
    for n in 0..clips {
        if n % 100_000 == 99_999 {
            // Or the log of one transaction would take as much room again as the database.
            conn.execute_batch("COMMIT; BEGIN").unwrap();
        }
        let seq = clip(n);
        let session = clip(n - n % CLIPS_PER_SESSION) - 3;
        let (officer, of) = (person(n / CLIPS_PER_SESSION), recorder(n / CLIPS_PER_SESSION));
        if n % CLIPS_PER_SESSION == 0 {
            row!(sessions, {
                seq: session, bay: "bay1", recorder_claim: of.as_str(), recorder: of.as_str(),
                officer: officer.as_str(), binding: "officer-pin", opened: at(n), state: "closed",
                verdict: "done",
            });
        }
        let assigned = n % 1000 != 7;
        let class = (n % 3 != 0).then_some("ordinary");
        row!(kept, {
            seq: seq, page: seq / 1000, boot: BOOT, stored: at(n), sha256: format!("{n:064x}"),
            size: 200_000_000u64, class: class, class_seq: class.map(|_| seq + 2), state: "kept",
        });
        if let Some(class) = class {
            row!(classes, { seq: seq + 2, clip: seq, class: class, given_by: "person c1", reason: "-" });
        }
        row!(footage, {
            seq: seq, session: session, line: n % CLIPS_PER_SESSION, raw: format!("{n:060x}"),
            name: format!("J800000_{n:08}.MP4"), size: 200_000_000u64, sha256: format!("{n:064x}"),
            chunk_root: format!("{n:064x}"), recorded: (n % 50 != 3).then(|| at(n)),
            recorder: assigned.then_some(of.as_str()), officer: assigned.then_some(officer.as_str()),
            recorder_claim: of.as_str(), media: "video", marked: n % 20 == 1, copies: "vault,mirror",
            stored: at(n).plus_ms(3_600_000), sshsig: signature.as_str(), evidence_epoch: 1u64,
            described: facts, described_seq: seq + 1,
        });
        row!(sightings, { session: session, line: n % CLIPS_PER_SESSION, clip: seq, seq: seq });
        row!(wipes, {
            session: session, line: n % CLIPS_PER_SESSION, clip: seq, raw: format!("{n:060x}"),
            recorder_claim: of.as_str(), state: "wiped", intended_seq: seq + 2, result_seq: seq + 3,
        });
        if n % 50 == 9 {
            row!(deadlines, {
                clip: seq, clock: "after-recording", due: at(n), stored: at(n), alarm: true, seq: seq + 4,
                reason: (n % 100 == 9).then_some("路远"),
            });
        }
        for entry in 0..ENTRIES_PER_CLIP {
            row!(acts, { seq: seq + entry, person: officer.as_str(), how: "person" });
        }
    }
}

/// One use for each session, a viewing for every twentieth clip.
fn uses(conn: &Connection, clips: u64, at: &dyn Fn(u64) -> WallMs) {
    let (mut uses, mut viewings) = (Put::new(conn, &USAGE), Put::new(conn, &VIEWING));
    for n in (0..clips).step_by(CLIPS_PER_SESSION as usize) {
        let session = clip(n) - 3;
        row!(uses, {
            seq: session - 1, recorder: recorder(n / CLIPS_PER_SESSION), officer: person(n / CLIPS_PER_SESSION),
            department: department(n / CLIPS_PER_SESSION), purpose: "巡查", until: at(n), state: "docked",
            breach: false, approver: "h1", issued: at(n).plus_ms(-30_000_000), returned: at(n),
            docked_session: session,
        });
    }
    for n in (0..clips).step_by(20) {
        row!(viewings, {
            seq: clip(n) + 4, clip: clip(n), ground: "own", viewer: person(n / CLIPS_PER_SESSION),
            opened_by: format!("person {}", person(n / CLIPS_PER_SESSION)), reason: "核对",
            opened: at(n).plus_ms(7_200_000),
        });
    }
}
