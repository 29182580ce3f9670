//! The kiosk: which bay, who, begun. Gloves, a queue, one question a screen.

use crate::words as w;
use crate::{Drawn, Lang};
use askama::Template;

/// A recorder that waits for its person.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub bay: String,
    /// Name of its directory or volume; names it together with the bay.
    pub name: String,
    pub recorder: String,
    /// Whoever its file names speak of.
    pub officer: Option<String>,
}

#[derive(Template)]
#[template(path = "kiosk.html")]
struct Choose<'a> {
    lang: Lang,
    unit: &'a str,
    waiting: &'a [Waiting],
}

#[derive(Template)]
#[template(path = "kiosk_confirm.html")]
struct Confirm<'a> {
    lang: Lang,
    unit: &'a str,
    one: &'a Waiting,
    person: &'a str,
    said: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "kiosk_begun.html")]
struct Begun<'a> {
    lang: Lang,
    unit: &'a str,
    bay: &'a str,
    recorder: &'a str,
}

/// Every recorder that waits, as a button.
///
/// # Errors
/// Never but for a fault in a template.
pub fn choose(lang: Lang, unit: &str, waiting: &[Waiting]) -> Drawn {
    Choose { lang, unit, waiting }.render()
}

/// Whose is it? `said`: why the last try did not work. `person` is never taken from a PIN field.
///
/// # Errors
/// Never but for a fault in a template.
pub fn confirm(
    lang: Lang,
    unit: &str,
    one: &Waiting,
    person: Option<&str>,
    said: Option<&str>,
) -> Drawn {
    let person = person.or(one.officer.as_deref()).unwrap_or_default();
    Confirm { lang, unit, one, person, said }.render()
}

/// It runs; the person may go.
///
/// # Errors
/// Never but for a fault in a template.
pub fn begun(lang: Lang, unit: &str, bay: &str, recorder: &str) -> Drawn {
    Begun { lang, unit, bay, recorder }.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Waiting {
        Waiting {
            bay: "b2".into(),
            name: "J1 &x".into(),
            recorder: "J1".into(),
            officer: Some("p1".into()),
        }
    }

    #[test]
    fn a_recorder_is_a_button_that_names_its_bay_and_nothing_secret() {
        let html = choose(Lang::Zh, "示范单位", &[one()]).unwrap();
        assert!(html.contains("/kiosk/confirm?bay=b2&#38;recorder=J1%20%26x"), "{html}");
        assert!(choose(Lang::En, "u", &[]).unwrap().contains(w::NONE_WAITS.1));
    }

    #[test]
    fn whose_it_seems_to_be_is_proposed_and_a_failed_try_keeps_the_person_and_no_pin() {
        assert!(confirm(Lang::Zh, "u", &one(), None, None).unwrap().contains("value=\"p1\""));
        let again = confirm(Lang::Zh, "u", &one(), Some("p9"), Some("<b>wrong</b>")).unwrap();
        assert!(again.contains("value=\"p9\"") && again.contains("&#60;b&#62;wrong"));
        let pin = again.split("name=\"pin\"").nth(1).unwrap();
        assert!(!pin.split('>').next().unwrap().contains("value"));
    }
}
