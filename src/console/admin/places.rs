//! Bays, the ports of this machine that are docks, and the recorders that are known.

use super::{Shown, Wanted, page as shown};
use crate::console::desk::{list, text};
use crate::console::rooms::word_of;
use crate::console::signed::Office;
use crate::request::Request;
use axum::extract::Query;
use axum::response::Response;
use sealdock_console::admin::{Act, Field, Row, Table};
use sealdock_console::words::{Word, admin as a};
use sealdock_profile::Profiles;
use serde_json::Value;

/// What a bay can be.
const KINDS: [(&str, Word); 1] = [("folder", a::A_FOLDER)];

/// What is there.
pub async fn page(Office(reader): Office, Query(wanted): Query<Wanted>) -> Response {
    shown(reader, wanted.said, |room, lang| {
        let bays = room.read(Request::BayList)?.json;
        let row = |row: &Value| Row {
            href: None,
            cells: vec![
                text(row, "id"),
                word_of(lang, &KINDS, &text(row, "kind")),
                text(row, "path"),
            ],
        };
        let bays = Table {
            title: Some(a::BAYS),
            heads: vec![a::NUMBER, a::KIND, a::DIRECTORY],
            rows: list(&bays, "bays").iter().map(row).collect(),
            empty: a::NO_BAYS_YET,
        };
        let docks = room.open.usb.docks()?;
        let port = |port: &sealdock_profile::DockPort| Row {
            href: None,
            cells: vec![port.bay.to_string(), port.path.clone()],
        };
        let ports = Table {
            title: Some(a::PORTS),
            heads: vec![a::NUMBER, a::DIRECTORY],
            rows: docks.ports().iter().map(port).collect(),
            empty: a::NO_PORTS,
        };
        let (known, built_in) = (room.open.usb.profiles(), Profiles::built_in());
        let profile = |profile: &sealdock_profile::Profile| {
            let own = built_in.find(profile.id()).is_none();
            let whose = lang.t(if own { a::OWN_PROFILE } else { a::BUILT_IN });
            let cells = vec![profile.id().to_owned(), profile.title().to_owned(), whose.to_owned()];
            Row { href: None, cells }
        };
        let profiles = Table {
            title: Some(a::PROFILES),
            heads: vec![a::NUMBER, a::MODEL, a::KIND],
            rows: known.profiles.all().iter().map(profile).collect(),
            empty: a::NOTHING_ABOARD,
        };
        let fields = vec![Field::text("id", a::NUMBER), Field::text("path", a::DIRECTORY)];
        Ok(Shown {
            title: lang.t(a::PLACES).into(),
            here: "/places".into(),
            up: ("/admin", a::ADMIN),
            facts: Vec::new(),
            find: None,
            tables: vec![bays, ports, profiles],
            acts: vec![Act::new("add-bay", a::ADD_BAY, fields)],
        })
    })
    .await
}
