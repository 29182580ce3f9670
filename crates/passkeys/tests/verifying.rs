//! What an answer must be to prove anything, asked with an authenticator in software.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod soft;

use sealdock_passkeys::{Answer, Known, Made, Owner, Party, Refused};
use soft::{Moment, Soft};

const ORIGIN: &str = "http://localhost:8420";

fn party() -> Party {
    Party::new("localhost", ORIGIN).unwrap()
}

fn here() -> Moment {
    Moment::at(ORIGIN, "localhost")
}

fn made(soft: &mut Soft, moment: &Moment) -> Result<Made, Refused> {
    let owner = Owner { handle: b"somebody", name: "Li o1" };
    let (asked, making) = party().make(&owner, &[]).unwrap();
    let answer = soft.make(&asked["publicKey"], moment);
    party().made(making, &answer.to_string())
}

fn shown(soft: &mut Soft, known: &Known, moment: &Moment) -> Result<u32, Refused> {
    let (asked, asking) = party().ask(std::slice::from_ref(known)).unwrap();
    let answer = soft.sign(&asked["publicKey"], moment);
    let answer = Answer::read(&answer.to_string()).unwrap();
    party().shown(asking, &answer, known).map(|shown| shown.counter)
}

#[test]
fn a_passkey_is_made_and_signs() {
    let mut soft = Soft::new(7);
    let made = made(&mut soft, &here()).unwrap();
    assert_eq!((made.counter, made.known.synced), (7, false));
    assert_eq!(shown(&mut soft, &made.known, &here()), Ok(8));
}

#[test]
fn what_is_asked_for_is_kept_in_the_authenticator_and_verifies_its_user() {
    let there = made(&mut Soft::new(0), &here()).unwrap().known;
    let owner = Owner { handle: b"somebody", name: "Li o1" };
    let (asked, _) = party().make(&owner, &[there]).unwrap();
    let asked = &asked["publicKey"];
    let wanted = &asked["authenticatorSelection"];
    assert_eq!(wanted["userVerification"], "required");
    assert_eq!(
        (&wanted["residentKey"], &wanted["requireResidentKey"]),
        (&"required".into(), &true.into())
    );
    assert_eq!((&asked["attestation"], &asked["rp"]["id"]), (&"none".into(), &"localhost".into()));
    assert_eq!(asked["excludeCredentials"].as_array().unwrap().len(), 1);
    let (asked, _) = party().ask(&[]).unwrap();
    assert_eq!(asked["publicKey"]["userVerification"], "required");
}

#[test]
fn a_user_who_was_not_verified_proves_nothing() {
    let blind = Moment { verified: false, ..here() };
    assert_eq!(made(&mut Soft::new(0), &blind), Err(Refused::NotVerified));
    let mut soft = Soft::new(0);
    let known = made(&mut soft, &here()).unwrap().known;
    assert_eq!(shown(&mut soft, &known, &blind), Err(Refused::NotVerified));
}

#[test]
fn another_page_or_another_place_proves_nothing() {
    let mut soft = Soft::new(0);
    let known = made(&mut soft, &here()).unwrap().known;
    for origin in [
        "http://localhost:8421",
        "https://localhost:8420",
        "http://evil.localhost:8420",
        "http://localhost:8420/",
        "http://LOCALHOST:8420",
        "http://127.0.0.1:8420",
        "null",
    ] {
        let there = Moment { origin: origin.into(), ..here() };
        assert_eq!(shown(&mut soft, &known, &there), Err(Refused::OtherOrigin), "{origin}");
        assert_eq!(made(&mut Soft::new(0), &there), Err(Refused::OtherOrigin), "{origin}");
    }
    let framed = Moment { framed: true, ..here() };
    assert_eq!(shown(&mut soft, &known, &framed), Err(Refused::OtherOrigin));
    let there = Moment { party: "evil.example".into(), ..here() };
    assert_eq!(shown(&mut soft, &known, &there), Err(Refused::OtherParty));
    assert_eq!(made(&mut Soft::new(0), &there), Err(Refused::OtherParty));
}

#[test]
fn an_answer_answers_its_own_question_and_with_its_own_key() {
    let (mut soft, mut other) = (Soft::new(0), Soft::new(0));
    let known = made(&mut soft, &here()).unwrap().known;
    let others = made(&mut other, &here()).unwrap().known;
    let (first, _) = party().ask(&[]).unwrap();
    let (_, second) = party().ask(&[]).unwrap();
    let read = |answer: serde_json::Value| Answer::read(&answer.to_string()).unwrap();
    let answer = read(soft.sign(&first["publicKey"], &here()));
    assert_eq!(party().shown(second, &answer, &known), Err(Refused::OtherChallenge));

    let (asked, asking) = party().ask(&[]).unwrap();
    let mut forged = other.sign(&asked["publicKey"], &here());
    assert_eq!(party().shown(asking, &read(forged.clone()), &known), Err(Refused::NotThisKey));
    // Signed by one key, and said to be of another.
    let (asked, asking) = party().ask(&[]).unwrap();
    forged = other.sign(&asked["publicKey"], &here());
    forged["rawId"] = known.credential.clone().into();
    assert_eq!(party().shown(asking, &read(forged), &known), Err(Refused::NotThisKey));
    assert_eq!(shown(&mut other, &others, &here()), Ok(0));
}

#[test]
fn what_is_no_answer_is_none() {
    for text in ["", "{}", "[]", "null", "{\"id\":\"x\"}", &"[".repeat(60_000)] {
        assert!(matches!(Answer::read(text), Err(Refused::NotAnAnswer(_))));
        let owner = Owner { handle: b"somebody", name: "Li o1" };
        let (_, making) = party().make(&owner, &[]).unwrap();
        assert!(matches!(party().made(making, text), Err(Refused::NotAnAnswer(_))));
    }
}

#[test]
fn a_browser_gives_passkeys_to_a_name_alone() {
    for (id, origin) in [
        ("127.0.0.1", "http://127.0.0.1:8420"),
        ("[::1]", "http://[::1]:8420"),
        ("10.0.0.5", "https://10.0.0.5:8443"),
        ("seal.lan", "http://seal.lan:8420"),
        ("seal.lan", "https://other.lan:8443"),
        ("localhost", "http://evil.localhost:8420"),
        ("", "http://:8420"),
    ] {
        assert!(Party::new(id, origin).is_none(), "{origin}");
    }
    assert!(Party::new("seal.lan", "https://seal.lan:8443").is_some());
    assert!(Party::new("seal.lan", "https://seal.lan").is_some());
}
