//! A station that dies between the closing word and the description.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::{Bench, Setup};
use sealdock_core::schema as s;
use sealdock_station::{Station, World};

#[test]
fn clips_that_a_crash_left_undescribed_are_described_at_the_next_start() {
    let bench = Bench::new(Setup::single(), &[(b"DCIM/FILE0001.MP4", b"footage")]);
    let described = || bench.rows(&s::CLIP)[0].text_opt("described").map(str::to_owned);
    bench.dock(&bench.open()).unwrap();
    let facts = described();
    assert!(facts.is_some(), "a run that is not disturbed describes");

    let bench = Bench::new(Setup::single(), &[(b"DCIM/FILE0001.MP4", b"footage")]);
    let described = || bench.rows(&s::CLIP)[0].text_opt("described").map(str::to_owned);
    // Without a probe, a session ends where the crash would have ended it.
    let whole = bench.open();
    let world = World { probe: None, ..whole.world().clone() };
    let dying = Station::open(world, whole.origin()).unwrap();
    bench.dock(&dying).unwrap();
    assert_eq!(described(), None);
    drop((dying, whole));
    bench.open().describe_left_over().unwrap();
    assert_eq!(described(), facts);
    let entries = bench.story().len();
    bench.open().describe_left_over().unwrap();
    assert_eq!(bench.story().len(), entries, "once is enough");
}
