//! A unit that demands a passkey of whoever holds a duty: what a PIN alone opens then, and what it no longer does.

use super::sessions::held;
use super::*;
use crate::console::hostile::enrolled;
use crate::console::kiosk::who::COOKIE as KIOSK;
use crate::console::signed::{COOKIE, still};
use crate::execute::fits_this_build;
use sealdock_chain::Digest;
use sealdock_core::actor::Role;
use sealdock_core::policy::Policy;
use sealdock_core::reading::without_passkey;

#[allow(dead_code)]
#[path = "../../../../tests/bench/console/pages.rs"]
mod pages;

use pages::{PAGES, Who};

const DEMANDED: &str =
    "[sign_in]\ndesk = { value = \"passkey\", cite = \"unit decision: OWASP ASVS V6.3.3\" }\n";

/// With an officer o1, and that policy.
fn bench() -> Bench {
    let bench = Bench::new();
    let head = bench.open.station.authenticate(&person("u1"), PIN).unwrap();
    enrolled(&bench.open, &head, ("o1", Role::Officer, None));
    bench
}

fn adopt(bench: &Bench, section: &str) {
    let text = format!("{DEFAULT_POLICY}\n{section}");
    let actor = bench.open.station.authenticate(&person("u1"), PIN).unwrap();
    bench.open.station.apply(&actor, Command::AdoptPolicy { text }).unwrap();
}

/// Where a page leads, or that it is shown.
async fn led(bench: &Bench, held: &str, page: &str) -> String {
    let (status, to, _) =
        bench.send_as(&[("host", HOST)], (Method::GET, page), held, Body::empty()).await;
    match status {
        StatusCode::OK => "shown".to_owned(),
        StatusCode::SEE_OTHER => to.split('?').next().unwrap().to_owned(),
        other => other.as_u16().to_string(),
    }
}

/// What the form for signing in says, and the session that it began.
async fn signs_in(bench: &Bench, id: &str, pin: &str) -> (String, Option<String>) {
    let nobody = Seat::nobody(bench);
    let answer = nobody.sent("/sign-in", &[("person", id), ("to", "/clips")], pin).await;
    let to = answer.headers()["location"].to_str().unwrap().to_owned();
    let said = to.split_once("said=").map(|(_, name)| bench.room.said.take(name).unwrap().1);
    let begun = answer.headers().contains_key("set-cookie").then(|| held(&answer, COOKIE));
    (format!("{} {}", to.split('?').next().unwrap(), said.unwrap_or_default()), begun)
}

fn filled(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| format!("{all}1{}", part.split_once('}').unwrap().1))
}

/// Every page there is, as the benchmark of the console has them.
#[test]
fn a_pin_alone_opens_no_page_but_the_one_for_the_first_passkey() {
    in_runtime(async {
        let bench = bench();
        let before = bench.session("c1").0;
        assert_eq!(led(&bench, &before, "/clips").await, "shown");
        adopt(&bench, DEMANDED);
        let key = Digest::of(before.as_bytes());
        assert!(!still(&bench.room, &key, &person("c1")).unwrap(), "nor footage that is shown");
        let (said, begun) = signs_in(&bench, "c1", PIN).await;
        assert!(said.starts_with("/pin You hold a duty"), "{said}");
        for held in [before, begun.unwrap()] {
            let mut asked = 0;
            for page in PAGES.iter().filter(|page| page.route != "/pin") {
                let found = match page.who {
                    Who::Nobody | Who::AtKiosk | Who::System => continue,
                    _ => led(&bench, &held, &filled(page.path)).await,
                };
                assert!(["/pin", "403", "404"].contains(&&*found), "{}: {found}", page.path);
                asked += 1;
            }
            assert!(asked > 50, "{asked}");
            assert_eq!(led(&bench, &held, "/pin").await, "shown");
            assert_eq!(led(&bench, &held, "/sign-in").await, "/pin");
        }
        // Who reads only their own, and whoever stands at the kiosk, goes on by PIN.
        let (said, begun) = signs_in(&bench, "o1", PIN).await;
        assert_eq!((said.trim(), begun.is_some()), ("/clips", true));
        let errand = [("to", "mine"), ("person", "c1")];
        let stands = Seat::nobody(&bench).sent("/kiosk/who", &errand, PIN).await;
        assert!(!held(&stands, KIOSK).is_empty());
    });
}

#[test]
fn a_pin_alone_does_nothing_about_others() {
    in_runtime(async {
        let bench = bench();
        let seat = Seat::of(&bench, "u1");
        seat.add(&mut Soft::new(0), "k", PIN).await.unwrap();
        adopt(&bench, DEMANDED);
        let seat = Seat::of(&bench, "c1");
        let key = keys(&bench, "u1")[0].seq.to_string();
        let department = seat.department("d1");
        let acts: [&[(&str, &str)]; 3] = [
            &department[1..],
            &[("act", "remove-passkey"), ("passkey", &key), ("reason", "x")],
            &[("act", "set-pin"), ("id", "u1"), ("new_pin", "6049317"), ("again", "6049317")],
        ];
        for act in acts {
            let all = [&[("token", seat.token.as_str())], act].concat();
            let sent = seat.posted(ACT, &all, PIN).await;
            assert_eq!(sent.status(), StatusCode::NOT_FOUND, "{act:?}");
        }
        for form in ["/approvals", "/uses", "/view/C1", "/policy"] {
            let fields = [("token", seat.token.as_str()), ("text", DEFAULT_POLICY)];
            let sent = seat.posted(form, &fields, PIN).await;
            let to = sent.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
            assert!(to.is_some_and(|to| to.starts_with("/pin")), "{form}: {}", sent.status());
        }
        assert_eq!((keys(&bench, "u1").len(), departments(&bench)), (1, 0));
        assert!(bench.open.station.authenticate(&person("u1"), PIN).is_ok());
    });
}

/// The PIN adds the first passkey and never another: else it would be the only factor again.
#[test]
fn the_first_passkey_ends_what_the_pin_opens_until_somebody_removes_it() {
    in_runtime(async {
        let bench = bench();
        adopt(&bench, DEMANDED);
        let (seat, mut soft) = (Seat::of(&bench, "c1"), Soft::new(0));
        let to = seat.add(&mut soft, "k", PIN).await.unwrap();
        assert!(to.starts_with("/sign-in?said="), "{to}");
        assert_eq!(led(&bench, &seat.held, "/pin").await, "/sign-in", "it is over");

        let (said, begun) = signs_in(&bench, "c1", PIN).await;
        assert!(said.contains("press 'use a passkey'") && begun.is_none(), "{said}");
        // A session that somebody kept, or began by another way.
        let seat = Seat::of(&bench, "c1");
        let refused = seat.add(&mut Soft::new(0), "another", PIN).await.unwrap_err();
        assert!(refused.contains("signed out"), "{refused}");
        let seat = Seat::of(&bench, "c1");
        let own = [
            ("token", seat.token.as_str()),
            ("act", "own-pin"),
            ("new_pin", "6049317"),
            ("again", "6049317"),
        ];
        let (_, to) = seat.form(ACT, &own, PIN).await;
        assert!(to.starts_with("/sign-in"), "{to}");
        assert!(bench.open.station.authenticate(&person("c1"), PIN).is_ok(), "the PIN stands");
        assert_eq!(keys(&bench, "c1").len(), 1, "another PIN would have ended it");

        let nobody = Seat::nobody(&bench);
        let pass = nobody.pass(&mut soft, "/sign-in", &[("person", ""), ("to", "/clips")]).await;
        let (said, begun) = signs_in_as(&bench, &nobody, &pass.unwrap()).await;
        assert_eq!(said, "/clips");
        let key = Digest::of(begun.as_bytes());
        assert!(still(&bench.room, &key, &person("c1")).unwrap());
        assert_eq!(led(&bench, &begun, "/clips").await, "shown");

        let (passkey, reason) = (keys(&bench, "c1")[0].seq, Some("lost".to_owned()));
        apply(&bench, "u1", duty::Command::RemovePasskey { passkey, reason });
        assert!(signs_in(&bench, "c1", PIN).await.0.starts_with("/pin You hold a duty"));
    });
}

async fn signs_in_as(bench: &Bench, nobody: &Seat<'_>, pass: &str) -> (String, String) {
    let answer = nobody.sent("/sign-in", &[("person", "c1"), ("to", "/clips")], pass).await;
    let to = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(!to.contains("said="), "{to} {:?}", bench.room.said.take(&to));
    (to, held(&answer, COOKIE))
}

#[test]
fn the_preview_counts_who_must_add_one_first_and_a_build_without_passkeys_wants_no_such_policy() {
    in_runtime(async {
        let bench = bench();
        let without = |bench: &Bench| {
            let world = bench.open.station.world();
            without_passkey(&*world.ledger.view().unwrap(), world.clock.now().wall).unwrap()
        };
        assert_eq!(without(&bench), ["a1", "c1", "u1"].map(person), "the officer is none of them");
        Seat::of(&bench, "c1").add(&mut Soft::new(0), "k", PIN).await.unwrap();
        assert_eq!(without(&bench), ["a1", "u1"].map(person));
        let seat = Seat::of(&bench, "u1");
        let text = format!("{DEFAULT_POLICY}\n{DEMANDED}");
        let sent = seat.posted("/policy", &[("token", &seat.token), ("text", &text)], "").await;
        let draft = sent.headers()["location"].to_str().unwrap();
        let headers = [("host", HOST)];
        let shown = bench.send_as(&headers, (Method::GET, draft), &seat.held, Body::empty()).await;
        assert!(shown.2.contains("Who must add a passkey first: 2"), "{}", shown.2);
        assert!(shown.2.contains("sign_in.desk"));

        let policy = Policy::parse(&text).unwrap();
        assert!(fits_this_build(&policy, true).is_ok());
        let refused = fits_this_build(&policy, false).unwrap_err().message;
        assert!(refused.contains("nobody with a duty could sign in"), "{refused}");
        assert!(fits_this_build(&Policy::parse(DEFAULT_POLICY).unwrap(), false).is_ok());
    });
}
