//! Fifty walls: how long after a fact was written each shows it.

use crate::station::{Site, until};
use crate::web::{self, Asker};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const WATCHERS: usize = 50;

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later");
    i64::try_from(since.as_millis()).expect("it is not that late")
}

/// Milliseconds from the moment that the entry of a fact names, which is before it is durable, to its arrival at each
/// wall. The facts are bays that are added.
pub fn delays(site: &Site, at: SocketAddr, facts: usize) -> Vec<f64> {
    // By wall and bay: when it was first seen.
    let seen: Mutex<HashMap<(usize, usize), i64>> = Mutex::default();
    let (watching, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let watch = |wall: usize| {
        let mut known = 0;
        let mut counted = false;
        let heard = |line: &str| {
            if !counted && line.starts_with("data:") {
                counted = true;
                watching.fetch_add(1, Ordering::SeqCst);
            }
            while known < facts && line.contains(&named(known)) {
                let mut seen = seen.lock().expect("no wall panics");
                seen.entry((wall, known)).or_insert_with(now_ms);
                known += 1;
            }
            !over.load(Ordering::SeqCst)
        };
        let _ended = web::lines(at, "/live", &Asker::default(), heard);
    };
    let mut written = Vec::new();
    std::thread::scope(|scope| {
        for wall in 0..WATCHERS {
            scope.spawn(move || watch(wall));
        }
        until("the walls", || watching.load(Ordering::SeqCst) == WATCHERS);
        for fact in 0..facts {
            written.push(added(site, fact));
            std::thread::sleep(Duration::from_millis(1300));
        }
        let all = || seen.lock().expect("no wall panics").len() == facts * WATCHERS;
        until("every wall shows every bay", all);
        over.store(true, Ordering::SeqCst);
    });
    let seen = seen.into_inner().expect("no wall panics");
    seen.iter().map(|((_, fact), shown)| (*shown - written[*fact]) as f64).collect()
}

/// As it stands on the wall.
fn named(fact: usize) -> String {
    format!("wall{fact:03}")
}

/// Adds a bay; when its entry says that this was.
fn added(site: &Site, fact: usize) -> i64 {
    let folder = site.dir.join("walls").join(named(fact));
    std::fs::create_dir_all(&folder).expect("scratch is writable");
    let bay = named(fact);
    site.sealdock(&format!("bay add {bay} --folder walls/{bay} --as u1 --pin-file pin"));
    let shown = site.sealdock("log show --count 40 --json");
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("an answer");
    let entries = shown["entries"].as_array().expect("entries");
    let ours = |entry: &&serde_json::Value| entry.to_string().contains(&bay);
    let entry = entries.iter().find(ours).expect("its entry");
    let wall = entry["at"]["wall"].as_str().unwrap_or_else(|| panic!("no time: {entry}"));
    sealdock_core::time::WallMs::parse(wall).expect("a time").0
}
