//! Places that go into the chain for ever: absolute, and inert on every terminal that will ever show
//! them.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::*;
use sealdock_core::command::Command;
use sealdock_core::event::{CopiesNamed, Software};
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::schema as s;
use sealdock_station::{Founding, Station, Unheard, World};
use sealdock_testkit::world::ORIGIN;
use sealdock_testkit::{Faults, SimWorld};
use std::sync::Arc;

const BAD: [&str; 11] = [
    "",
    "bays/1",
    "./bays",
    "../bays",
    "~/bays",
    " /bays",
    "/bays\n/1",
    "/bays\0",
    "/bays/\u{1b}[2J",
    "/bays/\u{202e}1",
    "/bays/\u{200b}1",
];

const GOOD: [&str; 3] = ["/bays/1", "/srv/执法记录仪/1 号", "/bays/it's \"1\" $HOME"];

fn add_bay(place: &str) -> Command {
    Command::AddBay { id: bay("b1"), kind: "folder".to_owned(), path: place.to_owned() }
}

fn name_mirror(place: &str) -> Command {
    Command::NameMirror { place: place.to_owned() }
}

/// The message names the place inert, says what is wrong and what to name instead.
fn assert_clear(message: &str, place: &str) {
    assert!(message.contains("name an absolute path without control characters"), "{message}");
    assert!(message.contains("is not usable as a place"), "{message}");
    let inert = sealdock_core::naming::display(place.as_bytes());
    assert!(message.starts_with(&inert) && !message.contains(char::is_control), "{message:?}");
}

#[test]
fn a_bay_or_a_mirror_at_an_unusable_place_is_refused_and_not_recorded() {
    let bench = Bench::new(Setup::single(), &[]);
    let station = bench.open();
    let before = bench.story();
    for place in BAD {
        for command in [add_bay(place), name_mirror(place)] {
            let refused = station.apply(&operator(), command).unwrap_err();
            assert!(!refused.is_fatal(), "{refused}");
            assert_clear(&refused.to_string(), place);
        }
    }
    assert_eq!(bench.story(), before);
}

#[test]
fn a_usable_place_stands_in_the_register_as_it_was_given() {
    for place in GOOD {
        let bench = Bench::new(Setup::single(), &[]);
        let station = bench.open();
        station.apply(&operator(), add_bay(place)).unwrap();
        station.apply(&operator(), name_mirror(place)).unwrap();
        assert_eq!(bench.rows(&s::BAY)[0].text("path"), place);
        let copies = bench.rows(&s::COPIES);
        assert_eq!(copies.last().unwrap().text_opt("place"), Some(place));
    }
}

#[test]
fn a_mirror_that_is_named_at_the_founding_is_held_to_the_same_rule() {
    for (places, usable) in [(&BAD[..], false), (&GOOD[..], true)] {
        for place in places {
            let world = SimWorld::new();
            let founded = found(&world, place);
            assert_eq!(founded.is_ok(), usable, "{place:?}");
            assert_eq!(world.ledger.size() > 0, usable, "{place:?}");
            if let Err(message) = founded {
                assert_clear(&message, place);
            }
        }
    }
}

fn found(disks: &SimWorld, place: &str) -> Result<Station, String> {
    let ports = disks.start(&Faults::none()).unwrap();
    let world = World {
        ledger: ports.ledger,
        vault: ports.vault,
        mirror: None.into(),
        signer: ports.signer,
        pins: ports.pins,
        clock: ports.clock,
        probe: None,
        progress: Arc::new(Unheard),
    };
    let founding = Founding {
        origin: ORIGIN.to_owned(),
        unit: "某某市民政局".to_owned(),
        software: Software { name: "sealdock".into(), version: "0".into(), sha256: None },
        policy: DEFAULT_POLICY.to_owned(),
        copies: Some(CopiesNamed::Mirror { place: place.to_owned() }),
    };
    Station::found(world, founding).map_err(|e| e.to_string())
}
