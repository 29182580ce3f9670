//! The first run: a few questions, and then a station.

use crate::words::{self as w, Word, first as f, policy as rules};
use crate::{Drawn, Lang};
use askama::Template;

/// The questions, in order.
pub const STEPS: [(&str, Word); 6] = [
    ("unit", f::S_UNIT),
    ("people", f::S_PEOPLE),
    ("policy", f::S_POLICY),
    ("keys", f::S_KEY),
    ("copies", f::S_COPIES),
    ("found", f::S_FOUND),
];

macro_rules! question {
    ($(#[$doc:meta])* $name:ident, $path:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Template)]
        #[template(path = $path)]
        pub struct $name {
            pub lang: Lang,
            /// Which question it is; none before and after them.
            pub step: &'static str,
            /// What every form carries.
            pub token: String,
            /// Why the last try did not work.
            pub said: Option<String>,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl $name {
            /// The whole page.
            ///
            /// # Errors
            /// Never but for a fault in a template.
            pub fn draw(&self) -> Drawn {
                self.render()
            }

            fn steps(&self) -> impl Iterator<Item = (usize, &'static str, Word, bool)> {
                let here = self.step;
                STEPS.into_iter().enumerate().map(move |(n, (to, word))| (n + 1, to, word, to == here))
            }
        }
    };
}

question! {
    /// Whoever stands at the machine knows the code.
    Code, "first_code.html" {}
}

question! {
    /// Name and origin.
    Unit, "first_unit.html" {
        unit: String,
        origin: String,
    }
}

/// Somebody who will be enrolled. No PIN ever comes back to a page.
#[derive(Debug, Clone)]
pub struct First {
    pub id: String,
    pub name: String,
    pub role: Word,
}

question! {
    /// The first people.
    People, "first_people.html" {
        people: Vec<First>,
        /// Proposed for the next one.
        role: &'static str,
    }
}

/// One value of a policy with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub key: String,
    pub value: String,
    pub cite: String,
}

impl Rule {
    pub fn meaning(&self) -> Option<Word> {
        rules::meaning(&self.key)
    }
}

question! {
    /// The default policy with its sources, and the one choice in it.
    Rules, "first_rules.html" {
        clerk_shift: bool,
        rules: Vec<Rule>,
    }
}

question! {
    /// Where the keys lie.
    Keys, "first_keys.html" {}
}

/// Somewhere for the second copy.
#[derive(Debug, Clone)]
pub struct Place {
    pub path: String,
    pub note: String,
}

question! {
    /// Where the second copy goes.
    Copies, "first_copies.html" {
        places: Vec<Place>,
        /// What was chosen: a path, `later`, `single`, or nothing yet.
        chosen: String,
    }
}

impl Copies {
    /// A directory that was typed.
    fn is_elsewhere(&self) -> bool {
        self.chosen.starts_with('/') && self.places.iter().all(|place| place.path != self.chosen)
    }
}

question! {
    /// Everything once more.
    Confirm, "first_confirm.html" {
        facts: Vec<(Word, String)>,
        warning: Option<Word>,
    }
}

question! {
    /// It is there; the first receipt.
    Done, "first_done.html" {
        unit: String,
        /// A step after the founding that failed.
        lacks: Option<String>,
        /// The signed head as a code: its side, and the path of its dark dots.
        code: (usize, String),
        /// The receipt without its code.
        receipt: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_it_stands_and_what_is_typed_is_inert() {
        let (lang, said) = (Lang::Zh, Some("<b>".to_owned()));
        let (unit, origin) = ("\"><script>".into(), String::new());
        let page = Unit { lang, step: "unit", token: "t".into(), said, unit, origin };
        let html = page.draw().unwrap();
        assert!(html.contains("aria-current=\"step\"") && html.contains("&#60;b&#62;"));
        assert!(!html.contains("<script>") && html.contains("value=\"t\""));
    }

    #[test]
    fn no_pin_comes_back_and_every_duty_can_be_chosen() {
        let people = vec![First { id: "u1".into(), name: "甲".into(), role: f::ROLE_UNIT_HEAD }];
        let (step, token) = ("people", "t".to_owned());
        let page = People { lang: Lang::En, step, token, said: None, people, role: "clerk" };
        let html = page.draw().unwrap();
        for pin in html.split("type=\"password\"").skip(1) {
            assert!(!pin.split('>').next().unwrap().contains("value"));
        }
        for (role, _) in f::ROLES {
            assert!(html.contains(&format!("value=\"{role}\"")), "{role}");
        }
        assert!(html.contains("value=\"clerk\" selected"));
    }
}
