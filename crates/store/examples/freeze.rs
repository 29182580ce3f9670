//! Makes the frozen database of this schema, once per release: `cargo run -p sealdock-store
//! --example freeze -- DIR`. Keys and clock are fixed, so the same code makes the same entries.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::*;
use std::path::PathBuf;

fn main() {
    let dir = PathBuf::from(std::env::args().nth(1).expect("a directory that is empty"));
    std::fs::create_dir_all(&dir).expect("the directory can be made");
    let keys = Keys::new();
    let store = founded(&dir, &keys, 2);
    let opened = append(&store, vec![session(), listing(3, 1)]).expect("appended").entries[0].seq;
    let stored = append(&store, vec![clip(opened, 0, Some(&keys))]).expect("appended");
    append(&store, aftermath(opened, 0, stored.entries[0].seq)).expect("appended");
}
