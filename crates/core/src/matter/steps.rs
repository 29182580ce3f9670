//! The list of what must be recorded (音像记录事项清单, S24) as data, like the policy: every item carries the
//! citation it comes from, and adopting a list is an entry.

use super::STEP_LIST;
use crate::naming;
use crate::ports::{PortResult, Registers};
use crate::registry::damaged;
use crate::table::Query;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

/// The list that is in force until a unit adopts its own.
pub const DEFAULT_STEPS: &str = include_str!("steps.toml");

/// The text is no usable list; names the item and the way on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSteps {
    #[error("the list of steps is not valid: {0}; `sealdock steps show` prints the one in force")]
    Syntax(String),
    #[error("item {item:?} of the list of steps: {why}")]
    Item { item: String, why: String },
}

/// One kind of enforcement step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub id: String,
    pub name: String,
    pub english: String,
    /// A step of this kind without a clip is reported.
    pub must: bool,
    /// May not be recorded in parts.
    pub unbroken: bool,
    pub cite: String,
}

/// `steps.toml`, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepList {
    schema: u32,
    pub title: String,
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

impl StepList {
    /// # Errors
    /// Unknown keys, empty names or citations, an item that stands twice.
    pub fn parse(text: &str) -> Result<StepList, BadSteps> {
        let list: StepList = toml::from_str(text).map_err(|e| BadSteps::Syntax(e.to_string()))?;
        if list.schema != 1 {
            return Err(BadSteps::Syntax("this version reads schema 1".into()));
        }
        if list.items.is_empty() {
            return Err(BadSteps::Syntax("it has no item".into()));
        }
        for (at, item) in list.items.iter().enumerate() {
            let bad = |why: &str| Err(BadSteps::Item { item: item.id.clone(), why: why.into() });
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if item.id.is_empty() || item.id.len() > 40 || !item.id.chars().all(plain) {
                return bad("an id is 1 to 40 small letters, digits and '-'");
            }
            if list.items[..at].iter().any(|other| other.id == item.id) {
                return bad("stands twice");
            }
            if [&item.name, &item.english].iter().any(|name| !is_name(name)) {
                return bad("name and english are 1 to 100 characters without control characters");
            }
            if item.cite.trim().is_empty() {
                return bad("needs a citation: which rule or decision sets it");
            }
        }
        Ok(list)
    }

    /// What a unit may adopt from now on: a list that can be used, whose words steer no terminal and show.
    /// Lists of earlier releases were only asked the first.
    ///
    /// # Errors
    /// As [`StepList::parse`], and words that could hide or turn what is read, by their place.
    pub fn adoptable(text: &str) -> Result<StepList, BadSteps> {
        let list = StepList::parse(text)?;
        naming::legible("title", &list.title).map_err(BadSteps::Syntax)?;
        for item in &list.items {
            for (what, words) in
                [("name", &item.name), ("english", &item.english), ("cite", &item.cite)]
            {
                naming::legible(what, words)
                    .map_err(|why| BadSteps::Item { item: item.id.clone(), why })?;
            }
        }
        Ok(list)
    }

    /// As it is shown and copied into entries.
    fn inert(self) -> StepList {
        let inert = |text: &String| naming::inert(text);
        let items = self.items.iter().map(|item| Item {
            id: item.id.clone(),
            name: inert(&item.name),
            english: inert(&item.english),
            cite: inert(&item.cite),
            ..*item
        });
        StepList { title: inert(&self.title), items: items.collect(), ..self }
    }

    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 100 && !text.chars().any(char::is_control)
}

/// The list in force with its words inert, its digest and its text: the last one adopted, else the built-in one (`None` as entry).
#[derive(Debug, Clone)]
pub struct InForce {
    pub list: StepList,
    pub sha256: Digest,
    pub text: String,
    pub adopted_seq: Option<u64>,
}

pub fn steps_in_force(registers: &dyn Registers) -> PortResult<InForce> {
    let rows = registers.select(&Query::all(&STEP_LIST).newest_first().limit(1))?;
    let (text, adopted_seq) = match rows.first() {
        Some(row) => (row.text("body").to_owned(), Some(crate::registry::seq(row))),
        None => (DEFAULT_STEPS.to_owned(), None),
    };
    let list = StepList::parse(&text).map_err(|e| damaged(&format!("the adopted list: {e}")))?;
    let sha256 = Digest::of(text.as_bytes());
    Ok(InForce { list: list.inert(), sha256, text, adopted_seq })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_list_holds_what_003_25_and_002_a2_name_s24() {
        // What S30 asks to be recorded, 002/A6-§12(1)–(4), stands behind these items.
        let list = StepList::parse(DEFAULT_STEPS).unwrap();
        for id in [
            "inspection",
            "random-draw",
            "evidence-taking",
            "evidence-preserving",
            "hearing",
            "coercive-measure",
            "service",
        ] {
            assert!(list.item(id).unwrap().must, "{id}");
        }
        let unbroken: Vec<&str> =
            list.items.iter().filter(|i| i.unbroken).map(|i| i.id.as_str()).collect();
        assert_eq!(unbroken, ["service-leaving"], "002/A2-§13 ¶3");
        assert!(!list.item("licence-window").unwrap().must);
        assert!(list.item("nothing").is_none());
    }

    #[test]
    fn lists_that_cannot_be_used_are_refused_by_item() {
        let cases = [
            ("schema = 1", "schema = 2", "schema 1"),
            (
                "id = \"inspection\"",
                "id = \"hearing\"",
                "\"hearing\" of the list of steps: stands twice",
            ),
            ("id = \"inspection\"", "id = \"In spection\"", "small letters"),
            ("id = \"inspection\"", "id = \"\"", "small letters"),
            ("name = \"听证\"", "name = \" \"", "\"hearing\""),
            ("name = \"听证\"", "name = \"a\\nb\"", "control characters"),
            ("english = \"hearing\"", "english = \"\"", "control characters"),
            ("cite = \"002/A6-§12(5)\"", "cite = \"\"", "needs a citation"),
            ("must = true", "must = 1", "not valid"),
            ("unbroken = true", "unbroken = true\nextra = 1", "unknown field"),
        ];
        for (from, to, says) in cases {
            let text = DEFAULT_STEPS.replacen(from, to, 1);
            assert_ne!(text, DEFAULT_STEPS, "{from}");
            let err = StepList::parse(&text).unwrap_err().to_string();
            assert!(err.contains(says), "{from}: {err}");
        }
        let long = DEFAULT_STEPS.replacen("inspection", &"i".repeat(41), 1);
        assert!(StepList::parse(&long).is_err());
        assert!(StepList::parse("schema = 1\ntitle = \"x\"\nitem = []\n").is_err());
    }
}
