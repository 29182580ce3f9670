//! Unlocking, against recorders that know one conversation each: nothing is sent after the first doubt,
//! nothing twice, and no secret is written down.
#![allow(clippy::unwrap_used)]

mod common;

use common::replay::Replay;
use sealdock_device::usb::unlock::{Attempt, Given, attempt};
use sealdock_profile::Profiles;
use sealdock_profile::unlock::{Fact, Wall};

const SECRET: &str = "246810";

fn unlock(transcript: &str, secret: Option<&str>) -> (Attempt, Replay) {
    let profiles = Profiles::built_in();
    let unlock = profiles.find("cammpro.mc").unwrap().unlock().unwrap();
    let now = Wall { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5 };
    let mut replay = Replay::new(transcript);
    let attempt = attempt(Given { unlock, secret, now }, &mut replay);
    let log = attempt.log.join("\n");
    let hex = sealdock_core::naming::hex(SECRET.as_bytes());
    assert!(!log.contains(SECRET) && !log.contains(&hex), "the secret is in the log: {log}");
    (attempt, replay)
}

macro_rules! transcript {
    ($case:literal) => {
        include_str!(concat!("../../../fixtures/recorders/cammpro-mc/", $case, ".json"))
    };
}

#[test]
fn the_right_password_opens_it_and_its_replies_teach() {
    for text in [transcript!("right"), transcript!("leaves")] {
        let (attempt, replay) = unlock(text, Some(SECRET));
        let facts = attempt.result.unwrap();
        assert_eq!(facts[&Fact::Device], "J800001");
        assert_eq!(facts[&Fact::Officer], "O000815");
        assert_eq!(facts[&Fact::Battery], "87");
        assert_eq!(replay.left(), 0, "every message was sent, once");
        assert!(attempt.log.iter().any(|line| line.contains("[secret]")), "{:?}", attempt.log);
    }
}

#[test]
fn the_first_doubt_ends_it_with_a_sentence() {
    for (text, says) in [
        (transcript!("wrong-password"), "密码"),
        (transcript!("silence"), "没有回答"),
        (transcript!("late"), "没有回答"),
        (transcript!("short"), "不完整"),
        (transcript!("stale"), "不完整"),
        (transcript!("stall"), "不接受"),
        (transcript!("boot-rom"), "不符"),
    ] {
        let (attempt, replay) = unlock(text, Some(SECRET));
        let sentence = attempt.result.unwrap_err();
        assert!(sentence.contains(says), "{sentence}");
        assert!(sentence.contains(" / "), "Chinese and English: {sentence}");
        assert_eq!(replay.left(), 0, "up to the doubt: {sentence}");
    }
}

#[test]
fn what_cannot_be_said_whole_is_not_begun() {
    for secret in [None, Some("12345"), Some("12345\n")] {
        let (attempt, replay) = unlock(transcript!("right"), secret);
        assert!(attempt.result.is_err(), "{secret:?}");
        assert_eq!(replay.heard(), 0, "nothing was sent: {secret:?}");
    }
}
