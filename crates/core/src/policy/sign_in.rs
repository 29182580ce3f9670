//! What signs in at the desk, and how long a new PIN is. A unit that says nothing goes by the PIN, of four characters at least:
//! it is typed at a kiosk, in a queue.

use super::{BadPolicy, Cited, bad, no_citation};
use crate::says;
use serde::{Deserialize, Serialize};

/// Shortest PIN that any policy allows, and the longest that one can ask for; characters.
const PIN_CHARS: std::ops::RangeInclusive<u32> = 4..=64;

/// What the desk demands of whoever holds a duty other than officer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Desk {
    /// Their PIN, or a passkey.
    #[default]
    Pin,
    /// A passkey: two factors. The PIN alone opens nothing but the page on which the first one is added.
    Passkey,
}

/// The section as written; what it leaves out is as if there were no section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin_at_least: Option<Cited<u32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty_pin_at_least: Option<Cited<u32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Cited<Desk>>,
}

/// The section, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// Characters of a new PIN, whoever's.
    pub pin_chars_min: u32,
    /// Of whoever holds a duty other than officer; never fewer.
    pub duty_pin_chars_min: u32,
    pub desk: Desk,
}

impl Default for SignIn {
    fn default() -> SignIn {
        let least = *PIN_CHARS.start();
        SignIn { pin_chars_min: least, duty_pin_chars_min: least, desk: Desk::Pin }
    }
}

impl SignInText {
    /// # Errors
    /// No citation, a number beyond its bounds, or a passkey that the same policy forbids.
    pub fn check(&self, passkeys: bool) -> Result<SignIn, BadPolicy> {
        let pin = chars("sign_in.pin_at_least", self.pin_at_least.as_ref())?;
        let duty = chars("sign_in.duty_pin_at_least", self.duty_pin_at_least.as_ref())?;
        let desk = self.desk.as_ref();
        if desk.is_some_and(|desk| desk.cite.trim().is_empty()) {
            return bad("sign_in.desk", no_citation());
        }
        let desk = desk.map(|desk| desk.value).unwrap_or_default();
        if desk == Desk::Passkey && !passkeys {
            return bad(
                "sign_in.desk",
                says!(
                    "要求通行密钥，而 passkeys.allowed 不许用；请改其中一项",
                    "asks for a passkey, and passkeys.allowed forbids them; change one of the two"
                ),
            );
        }
        Ok(SignIn { pin_chars_min: pin, duty_pin_chars_min: duty.max(pin), desk })
    }
}

fn chars(key: &'static str, written: Option<&Cited<u32>>) -> Result<u32, BadPolicy> {
    let Some(Cited { value, cite }) = written else { return Ok(*PIN_CHARS.start()) };
    if cite.trim().is_empty() {
        return bad(key, no_citation());
    }
    match PIN_CHARS.contains(value) {
        true => Ok(*value),
        false => bad(key, says!("是 {value}；允许 4 至 64", "is {value}; allowed are 4 to 64")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{DEFAULT_POLICY, Policy};

    fn with(section: &str) -> Result<SignIn, String> {
        let text = format!("{DEFAULT_POLICY}\n{section}\n");
        Policy::parse(&text).map(|policy| policy.sign_in).map_err(|e| e.to_string())
    }

    #[test]
    fn a_unit_that_says_nothing_signs_in_by_a_pin_of_four() {
        let nothing = SignIn { pin_chars_min: 4, duty_pin_chars_min: 4, desk: Desk::Pin };
        assert_eq!(with(""), Ok(nothing));
        assert_eq!(with("[sign_in]"), Ok(nothing));
    }

    #[test]
    fn what_a_unit_says_counts_and_no_duty_has_a_shorter_pin_than_officers() {
        let pin = |n: u32| format!("pin_at_least = {{ value = {n}, cite = \"x\" }}");
        let desk = "desk = { value = \"passkey\", cite = \"x\" }";
        let all = with(&format!("[sign_in]\n{}\nduty_{}\n{desk}", pin(6), pin(8))).unwrap();
        let said = SignIn { pin_chars_min: 6, duty_pin_chars_min: 8, desk: Desk::Passkey };
        assert_eq!(all, said);
        let one = with(&format!("[sign_in]\n{}", pin(9))).unwrap();
        assert_eq!((one.pin_chars_min, one.duty_pin_chars_min), (9, 9));
        let one = with(&format!("[sign_in]\nduty_{}", pin(8))).unwrap();
        assert_eq!((one.pin_chars_min, one.duty_pin_chars_min), (4, 8));
    }

    #[test]
    fn nonsense_is_refused_and_so_is_a_passkey_that_the_same_policy_forbids() {
        let cited = |key: &str, value: &str, cite: &str| {
            with(&format!("[sign_in]\n{key} = {{ value = {value}, cite = \"{cite}\" }}"))
        };
        for (key, value, cite, says) in [
            ("pin_at_least", "3", "x", "sign_in.pin_at_least: is 3; allowed are 4 to 64"),
            ("duty_pin_at_least", "65", "x", "sign_in.duty_pin_at_least: is 65"),
            ("pin_at_least", "8", " ", "sign_in.pin_at_least: needs a citation"),
            ("duty_pin_at_least", "8", " ", "sign_in.duty_pin_at_least: needs a citation"),
            ("desk", "\"passkey\"", "", "sign_in.desk: needs a citation"),
            ("desk", "\"card\"", "x", "unknown variant"),
            ("kiosk", "\"pin\"", "x", "unknown field"),
        ] {
            let error = cited(key, value, cite).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        let error = with(
            "[passkeys]\nallowed = { value = false, cite = \"x\" }\n[sign_in]\ndesk = { value = \"passkey\", cite = \"x\" }",
        );
        assert!(error.unwrap_err().contains("passkeys.allowed forbids them"));
    }
}
