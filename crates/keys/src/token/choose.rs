//! Which of the tokens in the slots is meant, and whether its PIN may be tried. Decides on values alone.

use super::TokenAt;
use super::device::{PinState, Seen};
use sealdock_core::ports::{Kind, PortError, PortResult};

pub(super) fn named(at: &TokenAt) -> String {
    match (&at.label, &at.serial) {
        (Some(label), Some(serial)) => {
            format!("the token with the label {label:?} and the serial {serial:?}")
        }
        (Some(label), None) => format!("the token with the label {label:?}"),
        (None, Some(serial)) => format!("the token with the serial {serial:?}"),
        (None, None) => "the only token".to_owned(),
    }
}

/// The one that fits. Two are none: the other may be a stranger's that was given our label.
pub(super) fn one(at: &TokenAt, tokens: &[Seen]) -> PortResult<Seen> {
    let fitting: Vec<&Seen> = tokens.iter().filter(|seen| fits(at, seen)).collect();
    match fitting[..] {
        [one] => Ok(one.clone()),
        [] => {
            let message = format!(
                "{} is not there ({}); plug it in, or correct [token] in station.toml",
                named(at),
                there(tokens)
            );
            Err(PortError::new(Kind::Missing, message))
        }
        _ => {
            let serials: Vec<&str> = fitting.iter().map(|seen| seen.serial.as_str()).collect();
            let message = format!(
                "{} tokens fit {} (serials {}); take the others out, or name one by `serial` in station.toml",
                fitting.len(),
                named(at),
                serials.join(", ")
            );
            Err(PortError::new(Kind::Invalid, message))
        }
    }
}

pub(super) fn is_away(at: &TokenAt, tokens: &[Seen]) -> bool {
    !tokens.iter().any(|seen| fits(at, seen))
}

fn fits(at: &TokenAt, seen: &Seen) -> bool {
    at.label.as_ref().is_none_or(|label| *label == seen.label)
        && at.serial.as_ref().is_none_or(|serial| *serial == seen.serial)
}

fn there(tokens: &[Seen]) -> String {
    if tokens.is_empty() {
        return "its module sees no token at all".to_owned();
    }
    let shown: Vec<String> =
        tokens.iter().map(|seen| format!("{:?}, serial {:?}", seen.label, seen.serial)).collect();
    format!("its module sees {}", shown.join("; "))
}

/// May the PIN be tried? The last try is never ours: a person can still be told, a locked token cannot.
pub(super) fn may_try(at: &TokenAt, chosen: &Seen) -> PortResult<()> {
    let refused = |text: String| Err(PortError::new(Kind::Invalid, text));
    let token = named(at);
    match chosen.pin {
        PinState::Usable => Ok(()),
        PinState::Locked => Err(locked(at)),
        PinState::FinalTry => refused(format!(
            "{token} has one try left for its PIN, and sealdock does not use it up: log in with the token's own \
             program, which gives the tries back, correct the PIN in {}, then start again",
            at.pin
        )),
        PinState::Unset => refused(format!(
            "{token} has no PIN yet; set one with the token's own program and write it to {}",
            at.pin
        )),
        PinState::Keypad => refused(format!(
            "{token} wants its PIN typed on its own keys, and a station signs without anybody; use another token"
        )),
    }
}

pub(super) fn locked(at: &TokenAt) -> PortError {
    let message = format!(
        "{} is locked after too many wrong PINs; unlock it with its security officer's PIN (SO PIN). Where nobody can, \
         its keys are lost: `sealdock key replace log --cause lost --to file`, and the same with `evidence`",
        named(at)
    );
    PortError::new(Kind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::super::PinAt;
    use super::*;

    fn at(label: Option<&str>, serial: Option<&str>) -> TokenAt {
        TokenAt {
            module: "/usr/lib/m.so".into(),
            label: label.map(str::to_owned),
            serial: serial.map(str::to_owned),
            pin: PinAt::File("/etc/sealdock/token.pin".into()),
        }
    }

    fn seen(slot: u64, label: &str, serial: &str) -> Seen {
        Seen { slot, label: label.into(), serial: serial.into(), pin: PinState::Usable }
    }

    #[test]
    fn a_token_is_chosen_by_what_was_named_and_by_nothing_else() {
        let tokens = [seen(0, "unit 7", "A1"), seen(1, "unit 8", "A2"), seen(2, "unit 8", "A3")];
        assert_eq!(one(&at(Some("unit 7"), None), &tokens).unwrap().slot, 0);
        assert_eq!(one(&at(None, Some("A2")), &tokens).unwrap().slot, 1);
        assert_eq!(one(&at(Some("unit 8"), Some("A3")), &tokens).unwrap().slot, 2);
        let two = one(&at(Some("unit 8"), None), &tokens).unwrap_err();
        assert!(two.message.contains("2 tokens fit") && two.message.contains("A2, A3"), "{two}");
        let none = one(&at(Some("unit 7"), Some("A2")), &tokens).unwrap_err();
        assert_eq!(none.kind, Kind::Missing);
        assert!(none.message.contains("is not there (its module sees \"unit 7\""), "{none}");
        let empty = one(&at(Some("x"), None), &[]).unwrap_err();
        assert!(empty.message.contains("sees no token at all"), "{empty}");
    }

    #[test]
    fn the_last_try_of_a_pin_is_not_used() {
        let token = |pin| Seen { pin, ..seen(0, "unit 7", "A1") };
        let at = at(Some("unit 7"), None);
        may_try(&at, &token(PinState::Usable)).unwrap();
        for (pin, says) in [
            (PinState::FinalTry, "one try left"),
            (PinState::Locked, "is locked after too many wrong PINs"),
            (PinState::Unset, "has no PIN yet"),
            (PinState::Keypad, "typed on its own keys"),
        ] {
            let refused = may_try(&at, &token(pin)).unwrap_err();
            assert_eq!(refused.kind, Kind::Invalid);
            assert!(refused.message.contains(says), "{refused}");
        }
    }
}
