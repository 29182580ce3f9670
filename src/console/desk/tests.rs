//! Alarms, in the words of the page.

use crate::console::hostile::{Bench, PIN, enrolled, in_runtime, person};
use crate::request::{Ingest, Login, Order, Request};
use axum::http::Method;
use sealdock_chain::WitnessKey;
use sealdock_console::Lang;
use sealdock_core::actor::Role;
use sealdock_core::command::{Command, Secret};
use sealdock_core::event::KeyKind;
use sealdock_core::id::SessionId;
use sealdock_core::schema::CLIP;
use sealdock_core::table::{Query, Row};

/// What a witness said against this station, as it is kept.
const SAID: &str =
    r#"{"code":409,"size":999,"witness":"court","head":5,"why":"","at":"2026-11-30T04:00:00Z"}"#;

/// The alarms of a page, without markup around them.
fn alarms(page: &str) -> String {
    let (_, rest) = page.split_once("<ul class=\"alarms\">").expect("there are alarms");
    rest.split_once("</ul>").unwrap().0.to_owned()
}

#[test]
fn what_a_witness_said_against_the_station_stands_on_the_overview_in_the_language_of_the_page() {
    in_runtime(async {
        let bench = Bench::new();
        let key = bench.open.station.world().signer.public(KeyKind::Evidence);
        let key = WitnessKey::new("court.example/w1".to_owned(), key).unwrap();
        let folder = bench.open.home.dir.join("anchors/said");
        std::fs::create_dir_all(&folder).unwrap();
        let policy = format!("witness court {key}\nquorum court\n");
        std::fs::write(folder.with_file_name("witness-policy"), policy).unwrap();
        std::fs::write(folder.join("x.json"), SAID).unwrap();
        let (held, _) = bench.session("a1");
        let chinese = alarms(&bench.page((&held, Lang::Zh), "/desk").await);
        assert!(
            chinese.contains("999 条曾获见证") && !chinese.contains("dock nothing"),
            "{chinese}"
        );
        let english = alarms(&bench.page((&held, Lang::En), "/desk").await);
        assert!(english.contains("999 entries of this record are cosigned"), "{english}");
        assert!(!english.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{english}");
        // So does the evidence room.
        let evidence = bench.page((&held, Lang::En), "/evidence").await;
        assert!(evidence.contains("999 entries of this record are cosigned"), "{evidence}");
    });
}

/// One brings back a recorder whose file carries the number of another.
fn held(bench: &Bench) -> u64 {
    let head = bench.open.station.authenticate(&person("u1"), PIN).unwrap();
    for id in ["000102", "000103"] {
        enrolled(&bench.open, &head, (id, Role::Officer, None));
    }
    let recorder = "J800002".parse().unwrap();
    let enrol = Command::EnrolRecorder { id: recorder, device_id: None, model: None };
    bench.open.station.apply(&head, enrol).unwrap();
    let card = bench.scratch("card");
    std::fs::write(card.join("J800002_00010320261130080000_0001.MP4"), "footage").unwrap();
    let ingest = Ingest {
        path: card,
        bay: "1".parse().unwrap(),
        recorder: "J800002".parse().unwrap(),
        officer: person("000102"),
        wipe_off: false,
        unconfirmed: false,
        profile: None,
    };
    let login = Some(Login { person: person("000102"), pin: Secret(PIN.into()) });
    let json = bench.room.ask(Order { login, request: Request::Ingest(ingest) }).unwrap().json;
    assert_eq!(json["verdict"], "held", "{json}");
    let session: SessionId = json["session"].as_str().unwrap().parse().unwrap();
    session.0
}

#[test]
fn a_session_that_waits_for_a_decision_is_told_in_the_language_of_the_page_without_commands() {
    in_runtime(async {
        let bench = Bench::new();
        let session = held(&bench);
        let (auditor, clerk) = (bench.session("a1").0, bench.session("c1").0);
        for (lang, word) in [
            (Lang::Zh, "文件属于其他人员（000103 name of 000103）；清单所列均已入库，未擦除"),
            (
                Lang::En,
                "its files carry the number of somebody else (000103 name of 000103); all that was listed is stored",
            ),
        ] {
            for path in ["/desk", "/sessions", &format!("/sessions/S{session}")] {
                let page = bench.page((&clerk, lang), path).await;
                assert!(page.contains(word), "{path}: {page}");
                assert!(!page.contains("sealdock session") && !page.contains('`'), "{path}");
            }
        }
        // Who may not decide is offered nothing.
        let page = format!("/sessions/S{session}");
        let read = bench.page((&auditor, Lang::Zh), &page).await;
        assert!(!read.contains("id=\"assign\"") && !read.contains("id=\"wipe\""), "{read}");
        let offered = bench.page((&clerk, Lang::Zh), &page).await;
        assert!(offered.contains("id=\"assign\"") && !offered.contains("id=\"wipe\""));
    });
}

#[test]
fn a_wipe_is_ordered_by_a_clerk_who_typed_what_it_takes_and_by_nobody_else() {
    in_runtime(async {
        let bench = Bench::new();
        let session = held(&bench);
        let to = format!("/sessions/S{session}");
        let orders = || {
            let open = Query::all(&sealdock_core::schema::WIPE_ORDER).with("session", session);
            bench.open.station.rows(&open).unwrap().len()
        };
        let clips = bench.open.station.rows(&Query::all(&CLIP)).unwrap();
        let send = async |id: &str, form: String| {
            let (held, token) = bench.session(id);
            let headers = [("content-type", "application/x-www-form-urlencoded")];
            let body = format!("token={token}&reason=r&pin={PIN}&{form}");
            bench.send((Method::POST, &to), &held, &headers, body.into()).await
        };
        let wipe = |aboard: &str, count: &str| format!("act=wipe&aboard={aboard}&count={count}");
        let assign = format!(
            "act=assign&recorder=J800002&officer=000103&clip=C{}",
            sealdock_core::registry::seq(&clips[0])
        );
        send("c1", wipe("1:7", "1")).await;
        send("c1", wipe("0%3A0", "0")).await;
        assert_eq!(
            orders(),
            0,
            "nobody's clips are not wiped, by no form that was made by hand either"
        );
        send("a1", assign.clone()).await;
        send("c1", assign.replace("officer=000103&clip=C", "officer=000103&clip=C9")).await;
        let free = |row: &Row| sealdock_core::search::is_unassigned(row);
        assert!(bench.open.station.rows(&Query::all(&CLIP)).unwrap().iter().all(free));
        send("c1", assign).await;
        assert!(!bench.open.station.rows(&Query::all(&CLIP)).unwrap().iter().any(free));
        for (id, aboard, count) in [("a1", "1:7", "1"), ("c1", "2:7", "1"), ("c1", "1:7", "2")] {
            send(id, wipe(aboard, count)).await;
            assert_eq!(orders(), 0, "{id} {aboard} {count}");
        }
        send("c1", wipe("1%3A7", "1")).await;
        assert_eq!(orders(), 1);
    });
}
