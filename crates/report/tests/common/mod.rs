//! The sheets of `fixtures/forms`: rows as JSON, made into a sheet as the station does it.

pub mod reports;

use sealdock_core::Digest;
use sealdock_core::time::{WallMs, Zone};
use sealdock_report::forms::{self, FormHead, RosterRow, UsageRow, ViewingRow};
use sealdock_report::{Foot, Sheet, Text};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Every fixture; the last is made of what strangers could type.
pub const NAMES: [&str; 4] = ["roster", "usage", "viewing", "hostile"];

#[derive(Deserialize)]
struct Fixture {
    form: String,
    unit: Text,
    filled_by: Text,
    foot: FootParts,
    rows: serde_json::Value,
}

#[derive(Deserialize)]
struct FootParts {
    origin: String,
    size: u64,
    root: Digest,
    first: u64,
    last: u64,
    drawn: WallMs,
    zone: String,
}

impl FootParts {
    fn foot(&self) -> Foot {
        let zone = Zone::parse(&self.zone).expect("a zone");
        let foot = Foot::under(&self.origin, (self.size, self.root), self.drawn, zone);
        foot.from_entries(self.first, self.last).expect("a range under the head")
    }
}

/// `fixtures/forms`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/forms")
}

/// `fixtures/reports`.
pub fn reports_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reports")
}

/// The sheet of one fixture.
pub fn sheet(name: &str) -> Sheet {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).expect("a fixture");
    let Fixture { form, unit, filled_by, foot, rows } =
        serde_json::from_str(&text).expect("the fixture is a form");
    let head = FormHead { unit, filled_by, foot: foot.foot() };
    match form.as_str() {
        "roster" => forms::roster(&head, &read::<RosterRow>(rows)),
        "usage" => forms::usage(&head, &read::<UsageRow>(rows)),
        "viewing" => forms::viewing(&head, &read::<ViewingRow>(rows)),
        other => panic!("{other} is no form"),
    }
}

fn read<Row: serde::de::DeserializeOwned>(rows: serde_json::Value) -> Vec<Row> {
    serde_json::from_value(rows).expect("the rows fit the form")
}
