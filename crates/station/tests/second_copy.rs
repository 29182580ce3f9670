//! What the station puts into its vault beside clips lies in the second copy, too: listings, plans of disposal,
//! what stands aside. Else a station that is restored from its second copy is never whole again.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::*;
use sealdock_chain::digest::Digest;
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::Command;
use sealdock_core::keep;
use sealdock_core::ports::{Place, Vault};
use sealdock_core::time::DAY_MS;
use sealdock_station::Station;
use sealdock_station::check::{CheckOptions, check};
use sealdock_testkit::{Faults, Mode, faults};
use std::sync::Arc;

const HEAD: &str = "head-1";

/// A card with a clip that is whole and one that cannot be read everywhere.
fn bench(mirror_there: bool) -> Bench {
    let setup = Setup { mirror_there, ..Setup::mirrored() };
    let bench = Bench::new(setup, &[(MARKED, b"!"), (LONG, &[7; 9_000])]);
    bench.card.bad_sector(LONG, 5_000, true);
    bench
}

fn by(station: &Station, id: &str) -> Arc<Actor> {
    station.authenticate(&person(id), PIN).unwrap()
}

/// Docked, and half a year later the disposal of what is due is planned.
fn docked_and_planned(bench: &Bench) {
    let station = bench.open();
    enrol(&station, HEAD, Role::UnitHead);
    let clips = clips_of(&bench.dock(&station).unwrap());
    let class = keep::Command::Class { clips, class: "ordinary".into(), reason: "a patrol".into() };
    station.apply(&by(&station, CLERK), Command::Keep(class)).unwrap();
    let said = keep::Command::TrustClock { reason: "compared".into() };
    station.apply(&by(&station, HEAD), Command::Keep(said)).unwrap();
    bench.world.clock.advance_ms(184 * DAY_MS as u64);
    station.plan_disposal(&by(&station, CLERK), &mut |_, _| {}).unwrap();
}

/// What a deep check finds where the vault is this one.
fn findings(bench: &Bench, of: impl Fn(&sealdock_testkit::world::SimPorts) -> Two) -> Vec<String> {
    let ports = bench.world.start(&Faults::none()).unwrap();
    let (vault, mirror) = of(&ports);
    let options = CheckOptions { deep: true, pin: None };
    let report =
        check(&*ports.ledger, &*vault, mirror.as_deref(), &options, &mut |_, _, _| {}).unwrap();
    report.findings.into_iter().map(|f| format!("{}: {}", f.area, f.text)).collect()
}

type Two = (Arc<dyn Vault>, Option<Arc<dyn Vault>>);

/// The station as it is.
fn now(bench: &Bench) -> Vec<String> {
    findings(bench, |ports| (Arc::clone(&ports.vault), Some(Arc::clone(&ports.mirror))))
}

/// The station that somebody would restore from its second copy.
fn restored(bench: &Bench) -> Vec<String> {
    findings(bench, |ports| (Arc::clone(&ports.mirror), None))
}

fn assert_all_there(bench: &Bench, when: &str) {
    let (vault, mirror) = (&bench.world.vault, &bench.world.mirror);
    assert_eq!(mirror.objects(), vault.objects(), "{when}");
    assert_eq!(mirror.aside(), vault.aside(), "{when}");
}

#[test]
fn a_station_restored_from_its_second_copy_is_whole() {
    let bench = bench(true);
    docked_and_planned(&bench);
    bench.world.power_cut();
    assert!(bench.world.vault.objects().len() >= 3, "listing, certificate and plan");
    assert_eq!(bench.world.vault.aside().len(), 1);
    assert_all_there(&bench, "nothing failed");
    assert_eq!(restored(&bench), Vec::<String>::new());
    assert_eq!(now(&bench), Vec::<String>::new());
}

#[test]
fn what_is_missing_or_rotten_in_the_second_copy_is_found() {
    let bench = bench(true);
    docked_and_planned(&bench);
    for place in bench.world.vault.places() {
        let digest = match &place {
            Place::Object(digest) | Place::Aside(digest) => *digest,
            _ => continue,
        };
        let bytes = bench.world.vault.objects().remove(&digest);
        let bytes = bytes.unwrap_or_else(|| bench.world.vault.aside()[&digest].clone());
        bench.world.mirror.lose(&place);
        let found = now(&bench);
        assert!(found.len() == 1 && found[0].starts_with("mirror: "), "{place:?}: {found:?}");
        assert!(found[0].contains("is not there"), "{found:?}");
        bench.world.mirror.plant(place.clone(), &bytes);
        bench.world.mirror.rot(&place);
        let found = now(&bench);
        assert!(found.len() == 1 && found[0].contains("other bytes"), "{place:?}: {found:?}");
        bench.world.mirror.lose(&place);
        bench.world.mirror.plant(place, &bytes);
    }
    assert_eq!(now(&bench), Vec::<String>::new());
}

/// The second disk was away, or the station was one of an earlier release: the next docking makes up for it,
/// whatever fails on the way.
#[test]
fn what_the_second_copy_lacks_is_brought_there_whatever_fails_on_the_way() {
    let owing = || {
        let mut bench = bench(false);
        docked_and_planned(&bench);
        assert!(bench.world.mirror.objects().is_empty());
        bench.setup.mirror_there = true;
        bench
    };
    let calls = {
        let (bench, faults) = (owing(), Faults::none());
        let station = bench.start(&faults).unwrap();
        bench.dock(&station).unwrap();
        bench.world.power_cut();
        assert_all_there(&bench, "nothing failed");
        assert_eq!(restored(&bench), Vec::<String>::new());
        faults.count()
    };
    for (call, mode) in (0..calls).flat_map(|call| Mode::ALL.map(|mode| (call, mode))) {
        let (bench, faults) = (owing(), Faults::at(call, mode));
        let _cut = faults::run(|| {
            if let Ok(station) = bench.start(&faults) {
                let _failed = bench.dock(&station);
            }
        });
        let when = format!("{call} {mode:?} {:?}", faults.fired());
        bench.world.power_cut();
        bench.dock(&bench.open()).unwrap();
        bench.world.power_cut();
        // An object that no entry came to name is nobody's, here or there.
        assert_eq!(restored(&bench), Vec::<String>::new(), "{when}");
        let digests = bench.world.mirror.objects().into_iter().chain(bench.world.mirror.aside());
        assert!(digests.into_iter().all(|(name, bytes)| name == Digest::of(&bytes)), "{when}");
    }
}

/// Rotten bytes are not spread: what the vault holds under a wrong name stays where it is.
#[test]
fn what_rotted_in_the_vault_is_not_carried_to_the_second_copy() {
    let mut bench = bench(false);
    docked_and_planned(&bench);
    let aside = *bench.world.vault.aside().keys().next().unwrap();
    let object = *bench.world.vault.objects().keys().next().unwrap();
    bench.world.vault.rot(&Place::Aside(aside));
    bench.world.vault.rot(&Place::Object(object));
    bench.setup.mirror_there = true;
    bench.dock(&bench.open()).unwrap();
    let (objects, asides) = (bench.world.mirror.objects(), bench.world.mirror.aside());
    assert!(!asides.contains_key(&aside) && !objects.contains_key(&object));
    assert!(objects.len() >= 2, "the others are");
}
