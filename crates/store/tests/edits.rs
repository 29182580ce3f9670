//! The log refuses to be edited; whoever edits it all the same is found by the walk.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use rusqlite::Connection;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Finding, Ledger, Signer};
use sealdock_store::Store;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

/// 300 entries, each with its head: enough for one stored tree node. Entry 2 opens the session,
/// clips follow. Made once, copied for each test.
fn station() -> TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::new();
        let store = founded(dir.path(), &keys, 1);
        append(&store, vec![session()]).unwrap();
        for line in 0..297 {
            append(&store, vec![clip(2, line, Some(&keys))]).unwrap();
        }
        dir
    });
    let dir = tempfile::tempdir().unwrap();
    for file in ["chain.db", "head"] {
        std::fs::copy(made.path().join(file), dir.path().join(file)).unwrap();
    }
    dir
}

/// What somebody does who has the disk and every trick, past all triggers.
fn edit(dir: &Path, sql: &str) {
    let conn = Connection::open(dir.join("chain.db")).unwrap();
    let triggers: Vec<(String, String)> = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (name, _) in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute_batch(sql).unwrap();
    for (_, create) in &triggers {
        conn.execute_batch(create).unwrap();
    }
}

fn findings(dir: &Path, deep: bool) -> Vec<Finding> {
    Store::open_read_only(dir).unwrap().verify(deep, &mut |_, _| {}).unwrap().findings
}

/// S20: a record that can be neither deleted nor altered.
#[test]
fn the_log_refuses_update_delete_and_replace() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    drop(founded(dir.path(), &keys, 2));
    let conn = Connection::open(dir.path().join("chain.db")).unwrap();
    conn.execute_batch("PRAGMA recursive_triggers = OFF").unwrap();
    let leaf = "zeroblob(32)";
    for (sql, why) in [
        ("UPDATE entry SET bytes = x'00' WHERE seq = 1".to_owned(), "append-only"),
        ("DELETE FROM entry WHERE seq = 2".to_owned(), "append-only"),
        (format!("INSERT OR REPLACE INTO entry VALUES (1, {leaf}, x'00')"), "no gaps"),
        (format!("REPLACE INTO entry VALUES (2, {leaf}, x'00')"), "no gaps"),
        (format!("INSERT INTO entry VALUES (9, {leaf}, x'00')"), "no gaps"),
        (format!("INSERT INTO entry VALUES (NULL, {leaf}, x'00'), (9, {leaf}, x'')"), "no gaps"),
        ("UPDATE head SET note = 'x'".to_owned(), "never changes"),
        ("DELETE FROM head".to_owned(), "never changes"),
        ("REPLACE INTO head VALUES (1, 'x')".to_owned(), "heads only grow"),
        ("UPDATE frontier SET size = 1".to_owned(), "never shrinks"),
        ("DELETE FROM frontier".to_owned(), "never shrinks"),
        ("UPDATE station SET origin = 'x'".to_owned(), "never changes"),
        ("DELETE FROM station".to_owned(), "never changes"),
    ] {
        let refused = conn.execute_batch(&sql).unwrap_err().to_string();
        assert!(refused.contains(why), "{sql}: {refused}");
    }
    conn.execute_batch(&format!("INSERT INTO node VALUES (8, 0, {leaf})")).unwrap();
    for (sql, why) in [
        ("UPDATE node SET idx = 1".to_owned(), "never changes"),
        ("DELETE FROM node".to_owned(), "never changes"),
        (format!("REPLACE INTO node VALUES (8, 0, {leaf})"), "never changes"),
    ] {
        let refused = conn.execute_batch(&sql).unwrap_err().to_string();
        assert!(refused.contains(why), "{sql}: {refused}");
    }
    let count: i64 = conn.query_row("SELECT count(*) FROM entry", [], |r| r.get(0)).unwrap();
    assert_eq!(count, 3);
}

#[test]
fn an_untouched_station_has_no_findings() {
    let dir = station();
    assert_eq!(findings(dir.path(), false), []);
    assert_eq!(findings(dir.path(), true), []);
}

/// `(area, entry, part of the text)` that a walk must name after the edit.
type Named = (&'static str, Option<u64>, &'static str);

#[test]
fn every_edited_row_is_named() {
    let cases: [(&str, Named); 17] = [
        (
            "UPDATE entry SET bytes = cast(replace(bytes, 'direct', 'indire') AS BLOB) WHERE seq = 7",
            ("chain", Some(7), "do not give the leaf hash"),
        ),
        (
            "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 9",
            ("chain", Some(9), "do not give the leaf hash"),
        ),
        ("DELETE FROM entry WHERE seq = 20", ("chain", Some(20), "entry 20 is missing")),
        (
            "UPDATE entry SET bytes = x'7b7d' WHERE seq = 12",
            ("chain", Some(12), "entry 12 cannot be read"),
        ),
        (
            "DELETE FROM entry WHERE seq = 299",
            ("head", Some(299), "a head of 300 entries was handed out"),
        ),
        ("UPDATE node SET hash = zeroblob(32)", ("chain", Some(255), "tree node 0 of level 8")),
        ("DELETE FROM node", ("chain", Some(255), "tree node 0 of level 8")),
        (
            "INSERT INTO node VALUES (16, 0, zeroblob(32))",
            ("chain", None, "2 tree nodes are stored, 1 belong"),
        ),
        (
            "UPDATE frontier SET nodes = zeroblob(length(nodes))",
            ("chain", None, "right edge is not that of the entries"),
        ),
        (
            "UPDATE head SET note = replace(note, char(10) || '50' || char(10), \
             char(10) || '51' || char(10)) WHERE size = 50",
            ("head", Some(49), "the head of 50 entries is not"),
        ),
        ("DELETE FROM person", ("register", Some(1), "person P0: is in the chain")),
        (
            "UPDATE clip SET size = size - 1 WHERE seq = 31",
            ("register", Some(31), "clip 31: the row differs"),
        ),
        (
            "INSERT INTO bay VALUES ('back-door', 'folder', '/tmp', 4)",
            ("register", Some(4), "is not in the chain"),
        ),
        (
            "UPDATE secret SET value = 'x' WHERE name = 'pin:P0'",
            ("register", Some(1), "the stored PIN of P0 is not the one"),
        ),
        ("DELETE FROM secret", ("register", Some(1), "the stored PIN of P0 is missing")),
        (
            "UPDATE key_epoch SET public = replace(public, '1', '2') WHERE kind = 'log'",
            ("register", Some(0), "key_epoch log 1"),
        ),
        ("CREATE TABLE extra (a)", ("schema", None, "the table extra does not belong")),
    ];
    for (sql, (area, seq, text)) in cases {
        let dir = station();
        edit(dir.path(), sql);
        let found = findings(dir.path(), false);
        let named = found.iter().any(|f| f.area == area && f.seq == seq && f.text.contains(text));
        assert!(named, "{sql}\n{found:#?}");
        // The first entry that is named in its area is the one that was touched.
        let first = found.iter().find(|f| f.area == area).unwrap();
        assert_eq!(first.seq, seq, "{sql}\n{found:#?}");
    }
}

/// Changes the entry and the leaf beside it, so that they agree.
fn forge(dir: &Path, seq: u64) {
    let conn = Connection::open(dir.join("chain.db")).unwrap();
    let bytes: Vec<u8> =
        conn.query_row("SELECT bytes FROM entry WHERE seq = ?1", [seq], |r| r.get(0)).unwrap();
    drop(conn);
    let forged = String::from_utf8(bytes).unwrap().replace("\"marked\":false", "\"marked\":true");
    let leaf = sealdock_chain::tree::leaf_hash(forged.as_bytes());
    let hex: String = forged.bytes().map(|b| format!("{b:02x}")).collect();
    edit(dir, &format!("UPDATE entry SET bytes = x'{hex}', leaf = x'{leaf}' WHERE seq = {seq}"));
}

/// S20, S26: what was deleted or altered shows.
#[test]
fn an_entry_that_is_rewritten_with_its_leaf_breaks_the_link_and_every_later_head() {
    let dir = station();
    forge(dir.path(), 100);
    let found = findings(dir.path(), false);
    let chain = found.iter().find(|f| f.area == "chain").unwrap();
    assert_eq!(chain.seq, Some(100), "{found:#?}");
    assert!(chain.text.contains("entry 101 does not continue entry 100"), "{found:#?}");
    let head = found.iter().find(|f| f.area == "head").unwrap();
    assert_eq!(head.seq, Some(100), "the first head over it: {found:#?}");
}

#[test]
fn a_station_does_not_start_on_an_end_that_was_rewritten() {
    let dir = station();
    forge(dir.path(), 280);
    let refused = open(dir.path(), &Keys::new()).err().unwrap();
    assert!(refused.message.contains("the log is not the one"), "{refused}");
    let reader = Store::open_read_only(dir.path()).unwrap();
    assert!(reader.view().err().unwrap().message.contains("the log is not the one"));
}

#[test]
fn deep_verifies_every_signature_and_the_shallow_walk_the_newest() {
    let dir = station();
    let note = "UPDATE head SET note = substr(note, 1, length(note) - 12) || 'AAAAAAAAAA=' || \
                char(10) WHERE size = ";
    edit(dir.path(), &format!("{note} 60"));
    assert_eq!(findings(dir.path(), false), []);
    let deep = findings(dir.path(), true);
    assert_eq!(deep.len(), 1, "{deep:#?}");
    assert_eq!((deep[0].area, deep[0].seq), ("head", Some(59)));
}

#[test]
fn a_clip_signature_by_another_key_is_named_by_deep() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 1);
    append(&store, vec![session(), clip(2, 0, Some(&keys)), clip(2, 1, None)]).unwrap();
    assert!(store.verify(false, &mut |_, _| {}).unwrap().findings.is_empty());
    let deep = store.verify(true, &mut |_, _| {}).unwrap().findings;
    assert_eq!(deep.len(), 1, "{deep:#?}");
    assert_eq!((deep[0].area, deep[0].seq), ("chain", Some(4)));
    // A clip that names an epoch which is over is refused as well.
    append(&store, vec![rotation(&keys, KeyKind::Evidence, 2)]).unwrap();
    keys.activate(KeyKind::Evidence, keys.prepare_next(KeyKind::Evidence, None).unwrap()).unwrap();
    append(&store, vec![clip(2, 2, Some(&keys))]).unwrap();
    let deep = store.verify(true, &mut |_, _| {}).unwrap().findings;
    assert!(deep[1].text.contains("epoch 2 is in force"), "{deep:#?}");
}

#[test]
fn a_rotation_that_the_old_key_did_not_sign_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 1);
    let sealdock_core::event::Event::KeyRotated(mut event) = rotation(&keys, KeyKind::Evidence, 2)
    else {
        panic!("a rotation is one");
    };
    event.old_signature = event.new_signature.clone();
    append(&store, vec![sealdock_core::event::Event::KeyRotated(event)]).unwrap();
    let found = store.verify(false, &mut |_, _| {}).unwrap().findings;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].text.contains("the signature of the old key"), "{found:#?}");
}
