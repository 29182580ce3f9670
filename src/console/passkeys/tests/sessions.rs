//! A session that a passkey began lasts as long as that passkey counts, at the desk and at the kiosk; what a PIN began goes on.

use super::*;
use crate::console::kiosk::who::COOKIE as KIOSK;
use crate::console::signed::{COOKIE, still};
use sealdock_chain::Digest;

/// What the browser is told to hold.
pub fn held(answer: &Response, name: &str) -> String {
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    let held = cookie.split_once(';').unwrap().0.strip_prefix(name).unwrap();
    held.strip_prefix('=').unwrap().to_owned()
}

struct Sessions<'a> {
    bench: &'a Bench,
    desk: String,
    kiosk: String,
    by_pin: String,
}

impl<'a> Sessions<'a> {
    /// Of a1: two that a passkey began, and one that a PIN did.
    async fn of(bench: &'a Bench, soft: &mut Soft) -> Sessions<'a> {
        Seat::of(bench, "a1").add(soft, "k", PIN).await.unwrap();
        let nobody = Seat::nobody(bench);
        let pass = nobody.pass(soft, "/sign-in", &[("person", "")]).await.unwrap();
        let desk = held(&nobody.sent("/sign-in", &[("person", "a1")], &pass).await, COOKIE);
        let errand = |person| [("to", "mine"), ("person", person)];
        let pass = nobody.pass(soft, "/kiosk/who", &errand("")).await.unwrap();
        let kiosk = held(&nobody.sent("/kiosk/who", &errand("a1"), &pass).await, KIOSK);
        Sessions { bench, desk, kiosk, by_pin: bench.session("a1").0 }
    }

    async fn gets(&self, page: &str, held: &str) -> bool {
        let headers = [("host", HOST)];
        let sent = self.bench.send_as(&headers, (Method::GET, page), held, Body::empty());
        sent.await.0 == StatusCode::OK
    }

    /// At the desk and for what is shown, at the kiosk, and what the PIN began.
    async fn run(&self) -> [bool; 4] {
        let kiosk = format!("none; {KIOSK}={}", self.kiosk);
        let key = Digest::of(self.desk.as_bytes());
        [
            still(&self.bench.room, &key, &person("a1")).unwrap(),
            self.gets("/pin", &self.desk).await,
            self.gets("/kiosk/mine", &kiosk).await,
            self.gets("/pin", &self.by_pin).await,
        ]
    }
}

#[test]
fn a_session_that_a_passkey_began_ends_with_it_at_once_and_one_by_pin_goes_on() {
    in_runtime(async {
        let reason = || Some("by decision".to_owned());
        for case in
            ["its owner", "a head", "the counter", "the policy", "another PIN", "a given PIN"]
        {
            let bench = Bench::new();
            let mut soft = Soft::new(5);
            let sessions = Sessions::of(&bench, &mut soft).await;
            assert_eq!(sessions.run().await, [true; 4], "{case}");
            let passkey = keys(&bench, "a1")[0].seq;
            let remove = |reason| duty::Command::RemovePasskey { passkey, reason };
            let (a1, pin) = (person("a1"), Secret("4718293".into()));
            match case {
                "its owner" => apply(&bench, "a1", remove(None)),
                "a head" => apply(&bench, "u1", remove(reason())),
                "the counter" => {
                    soft.counter = 1;
                    let nobody = Seat::nobody(&bench);
                    nobody.pass(&mut soft, "/sign-in", &[("person", "")]).await.unwrap_err();
                }
                "the policy" => {
                    let text = format!("{DEFAULT_POLICY}\n{NO_PASSKEYS}");
                    let actor = bench.open.station.authenticate(&person("u1"), PIN).unwrap();
                    bench.open.station.apply(&actor, Command::AdoptPolicy { text }).unwrap();
                }
                "another PIN" => {
                    let own = duty::Command::SetPin { person: a1, pin, reason: None };
                    apply(&bench, "a1", own);
                }
                _ => {
                    let given = duty::Command::SetPin { person: a1, pin, reason: reason() };
                    apply(&bench, "u1", given);
                }
            }
            let by_pin = !case.ends_with("PIN");
            assert_eq!(sessions.run().await, [false, false, false, by_pin], "{case}");
        }
    });
}

/// One of two is gone: what the other began goes on.
#[test]
fn a_session_ends_with_its_own_passkey_and_with_no_other() {
    in_runtime(async {
        let bench = Bench::new();
        let sessions = Sessions::of(&bench, &mut Soft::new(0)).await;
        Seat::of(&bench, "a1").add(&mut Soft::new(0), "k2", PIN).await.unwrap();
        let passkey = keys(&bench, "a1")[1].seq;
        apply(&bench, "a1", duty::Command::RemovePasskey { passkey, reason: None });
        assert_eq!(sessions.run().await, [true; 4]);
    });
}
