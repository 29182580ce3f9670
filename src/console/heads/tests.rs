//! Lists of what waits are cut after it was asked whose each thing is, and what is beyond is named with where it stands.

use super::*;
use crate::console::hostile::{Bench, PIN, enrolled, in_runtime, person};
use crate::request::{Ingest, Login, Order, Request};
use sealdock_console::{Lang, words as w};
use sealdock_core::actor::Actor;
use sealdock_core::command::{Command, Secret};
use sealdock_core::schema::CLIP;
use std::sync::Arc;

/// So many more than fit.
const OVER: usize = 5;

fn acts(bench: &Bench, id: &str) -> Arc<Actor> {
    bench.open.station.authenticate(&person(id), PIN).unwrap()
}

fn apply(bench: &Bench, actor: &Arc<Actor>, command: Command) -> u64 {
    bench.open.station.apply(actor, command).unwrap().entries[0].seq
}

fn docked(bench: &Bench, officer: &str, recorder: &str) -> ClipId {
    let card = bench.scratch(recorder);
    std::fs::write(card.join("1.mp4"), format!("footage of {officer}")).unwrap();
    let ingest = Ingest {
        path: card,
        bay: "1".parse().unwrap(),
        recorder: recorder.parse().unwrap(),
        officer: person(officer),
        wipe_off: false,
        unconfirmed: false,
        profile: None,
    };
    let login = Some(Login { person: person(officer), pin: Secret(PIN.into()) });
    bench.room.ask(Order { login, request: Request::Ingest(ingest) }).unwrap();
    let view = bench.open.station.world().ledger.view().unwrap();
    let newest = view.select(&Query::all(&CLIP).newest_first().limit(1)).unwrap();
    ClipId(registry::seq(&newest[0]))
}

/// A clip of o2, and one of o1, whose department alone h1 heads.
fn founded() -> (Bench, [ClipId; 2]) {
    let bench = Bench::new();
    let head = acts(&bench, "u1");
    for id in ["d1", "d2"] {
        let (id, name) = (id.parse().unwrap(), id.to_owned());
        apply(&bench, &head, Command::Duty(duty::Command::AddDepartment { id, name }));
    }
    for (id, department) in [("o1", "d1"), ("o2", "d2"), ("h1", "d1")] {
        enrolled(&bench.open, &head, (id, Role::Officer, Some(department.parse().unwrap())));
    }
    let appoint = duty::Command::Appoint {
        person: person("h1"),
        role: Role::DepartmentHead,
        department: Some("d1".parse().unwrap()),
        since: None,
        until: None,
        acting_for: None,
        reason: "x".into(),
    };
    apply(&bench, &head, Command::Duty(appoint));
    let clerk = acts(&bench, "c1");
    let clips = [("o2", "R2"), ("o1", "R1")].map(|(officer, recorder)| {
        let (id, device_id, model) = (recorder.parse().unwrap(), None, None);
        apply(&bench, &clerk, Command::EnrolRecorder { id, device_id, model });
        docked(&bench, officer, recorder)
    });
    (bench, clips)
}

fn waits_for_h1(bench: &Bench) -> Waits {
    let world = bench.open.station.world();
    waits(&*world.ledger.view().unwrap(), &world.clock.now(), &person("h1")).unwrap()
}

#[test]
fn of_more_than_fits_the_rest_is_named_and_what_is_for_others_hides_none_of_it() {
    in_runtime(async {
        let (bench, clips) = founded();
        let officer = acts(&bench, "o1");
        // First as many that another head answers.
        let asked = clips.map(|clip| {
            let hold = |_| {
                let (clips, ground) = (vec![clip], keep::Ground::Objection);
                let ask = keep::Command::RequestHold { clips, ground, reason: "x".into() };
                HoldId(apply(&bench, &officer, Command::Keep(ask)))
            };
            (0..MOST + OVER).map(hold).collect::<Vec<_>>()
        });
        let found = waits_for_h1(&bench);
        let named: Vec<HoldId> = found.holds.iter().map(|(hold, _)| *hold).collect();
        assert_eq!(named, asked[1][..MOST], "the first of their own, none of another's");
        assert_eq!(found.beyond, ["/holds"]);

        let (held, _) = bench.session("h1");
        for lang in Lang::ALL {
            let page = bench.page((&held, lang), "/approvals").await;
            assert_eq!(page.matches("href=\"/holds/").count(), MOST);
            let more = format!("<a href=\"/holds\">{}", lang.t(w::MORE_WAITS));
            assert!(page.contains(&more), "{page}");
            let overview = bench.page((&held, lang), "/desk").await;
            assert!(overview.contains(&format!("<b>{MOST}+</b> {}", lang.t(w::WAITING_FOR_YOU))));
        }
        let all = bench.page((&held, Lang::Zh), "/holds").await;
        for hold in &asked[1] {
            assert!(all.contains(&format!("/holds/{hold}\"")), "{hold} is nowhere");
        }

        // When so many are answered that the rest fits, the rest is there.
        let head = acts(&bench, "h1");
        for hold in &asked[1][..OVER] {
            let refuse = keep::Command::RefuseHold { hold: *hold, reason: "x".into() };
            apply(&bench, &head, Command::Keep(refuse));
        }
        let left = waits_for_h1(&bench);
        let named: Vec<HoldId> = left.holds.iter().map(|(hold, _)| *hold).collect();
        assert_eq!((named.as_slice(), left.beyond.len()), (&asked[1][OVER..], 0));
        let page = bench.page((&held, Lang::Zh), "/approvals").await;
        assert!(!page.contains(w::MORE_WAITS.0));
    });
}
