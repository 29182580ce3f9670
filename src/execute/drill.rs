//! `drill`: would the second copy alone bring the station back? It is put into a fresh place, everything there is
//! checked from the bytes, and held against the station as it was before. A whole copy of the footage lies there
//! meanwhile: the record says so before its first byte, and what became of it.

/// The station as it was, and the copy against it.
mod compare;

use crate::answer::Answer;
use crate::execute::lost;
use crate::exit::{CliError, Exit};
use crate::home::Home;
use crate::request::DrillAsk;
use crate::wire::{self, Mirror, Open};
use compare::Before;
use sealdock_chain::Digest;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::keep::{self, Disk, DrillBegun, DrillCompleted, Outcome};
use sealdock_core::ports::Ledger;
use sealdock_station::check::{CheckOptions, check as examine};
use sealdock_store::Store;
use sealdock_vault::{DiskVault, VaultOptions, qualify};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a restore does not put back, and what to do about it.
const NEVER: [&str; 3] = [
    "keys: `restore` makes new ones; --keys lets the old ones vouch for them, from where a copy is locked away",
    "station.toml and own profiles: settings of the machine; keep a copy of them with the keys",
    "anchors/: time-stamps and cosignatures lie beside the copy of the chain and are not put back; each head there is a --pin of `restore`",
];

/// And what the tiles do not hold.
const NO_PINS: &str = "PINs: their hashes lie in the database alone; after `restore --without-database` the operator gives one to a unit head, who gives the others";

/// What the place gave.
#[derive(Default)]
struct Looked {
    entries: u64,
    clips: u64,
    files: u64,
    bytes_hashed: u64,
    tables: Vec<Value>,
    findings: Vec<String>,
    /// Only where there was no database: what later tiles and sidecars prove.
    rest: Value,
    lines: Vec<String>,
}

/// Order: the entry that it begins, durable; then the first byte. Everything looked at; the copy removed, unless it is
/// to stay; then the entry that says what came of it. Cut anywhere after the first entry, `status` names the place.
///
/// # Errors
/// Refused; there is no second copy, the place is taken, or the copy cannot be read as a station at all.
pub fn drill(open: &Open, actor: &Arc<Actor>, ask: &DrillAsk) -> Result<Answer, CliError> {
    let Mirror::Present { folder, .. } = open.mirror() else {
        return Err(CliError::new(Exit::Refused, open.mirror().words().1));
    };
    let place = Home::new(&ask.to);
    wire::suitable(&place.dir)?;
    let before = Before::of(open)?;
    let begun = begun(open, &folder, &place, ask)?;
    let begun = open.station.apply(actor, Command::Keep(keep::Command::BeginDrill(begun)))?;
    let drill = begun.entries.first().map(|entry| entry.seq).unwrap_or_default();
    let looked = look(open, &before, (&folder, &place), ask);
    let left = match ask.keep {
        true => place.dir.exists().then(|| place.dir.clone()),
        // By whatever name DIR goes by now, the station and its second copy stay.
        false => match is_none_of(&place, &[&open.home.dir, &folder]) {
            true => clear(&place, remove),
            false => Some(place.dir.clone()),
        },
    };
    let completed = completed(drill, &looked, left.as_deref());
    let report = completed.report;
    open.station.complete_drill(completed)?;
    open.back_up_if_short()?;
    let looked = looked?;
    let answer = said(&looked, (drill, report), (&folder, &place), ask);
    finished(answer, &looked, left.as_deref(), &place)
}

fn begun(open: &Open, folder: &Path, place: &Home, ask: &DrillAsk) -> Result<DrillBegun, CliError> {
    let standing = match place.dir.is_dir() {
        true => place.dir.as_path(),
        false => place.dir.parent().unwrap_or(Path::new("/")),
    };
    let (there, here) = (qualify(standing)?, qualify(&open.home.dir)?);
    let disk = match there.shares_disk_with(&here) {
        Some(true) => Disk::Same,
        Some(false) => Disk::Other,
        None => Disk::Unknown,
    };
    Ok(DrillBegun {
        from: folder.display().to_string(),
        to: place.dir.display().to_string(),
        fs: there.fs_type,
        disk,
        without_database: ask.without_database,
        keep: ask.keep,
    })
}

fn look(
    open: &Open,
    before: &Before,
    (folder, place): (&Path, &Home),
    ask: &DrillAsk,
) -> Result<Looked, CliError> {
    let brought = wire::bring_fresh(folder, place, ask.without_database)?;
    let mut copy = Store::open_read_only(&place.dir)?;
    if ask.without_database {
        copy = copy.without_secrets();
    }
    let options = VaultOptions { immutable: false, ..VaultOptions::default() };
    let vault = DiskVault::open_with(&place.vault(), options)?;
    let deep = CheckOptions { deep: true, pin: None };
    let report = examine(&copy, &vault, None, &deep, &mut |_, _, _| ())?;
    let found = report.findings.iter().map(|found| format!("{}: {}", found.area, found.text));
    let mut looked = Looked {
        entries: report.entries,
        clips: report.clips,
        files: brought.files,
        bytes_hashed: report.bytes_hashed,
        findings: found.collect(),
        ..Looked::default()
    };
    let live = open.station.world().ledger.view()?;
    let theirs = copy.view()?;
    looked.findings.extend(before.heads(&*live, &*theirs)?);
    let (tables, unlike) = before.registers(&*theirs)?;
    looked.tables = tables;
    looked.findings.extend(unlike);
    match &brought.rebuilt {
        None => looked.findings.extend(compare::pins(&*theirs, &copy)?),
        Some(rebuilt) => {
            looked.findings.extend(rebuilt.faults.iter().cloned());
            (looked.rest, looked.lines) = lost::rest(rebuilt, &*theirs, &vault)?;
        }
    }
    Ok(looked)
}

fn completed(drill: u64, looked: &Result<Looked, CliError>, left: Option<&Path>) -> DrillCompleted {
    let left = left.map(|left| left.display().to_string());
    let failed = DrillCompleted {
        drill,
        outcome: Outcome::Failed,
        entries: 0,
        clips: 0,
        files: 0,
        findings: 0,
        report: None,
        left,
    };
    match looked {
        Err(_) => failed,
        Ok(looked) => DrillCompleted {
            outcome: match looked.findings.is_empty() {
                true => Outcome::Whole,
                false => Outcome::Findings,
            },
            entries: looked.entries,
            clips: looked.clips,
            files: looked.files,
            findings: looked.findings.len() as u64,
            report: (!looked.findings.is_empty())
                .then(|| Digest::of((looked.findings.join("\n") + "\n").as_bytes())),
            ..failed
        },
    }
}

/// Is what stands there a copy that a drill made? A station has keys and settings, a copy has neither; `others` are known by
/// what they are, so no link and no renaming leads a removal to them.
fn is_none_of(place: &Home, others: &[&Path]) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(here) = place.dir.symlink_metadata() else { return true };
    let same = |other: &&Path| {
        other.metadata().is_ok_and(|meta| (meta.dev(), meta.ino()) == (here.dev(), here.ino()))
    };
    let lacks = |path: PathBuf| path.symlink_metadata().is_err();
    here.is_dir() && !others.iter().any(same) && lacks(place.keys()) && lacks(place.settings())
}

/// What was made there goes, but for the report. What is still there after all is the answer: an error that came
/// after the removal removed it.
fn clear(place: &Home, remove: impl Fn(&Path) -> std::io::Result<()>) -> Option<PathBuf> {
    let names = ["vault", "chain.db", "chain.db-wal", "chain.db-shm", "head"];
    for path in names.map(|name| place.dir.join(name)) {
        if let Err(e) = remove(&path)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("{} was not removed after the drill: {e}", path.display());
        }
    }
    let synced = std::fs::File::open(&place.dir).and_then(|dir| dir.sync_all());
    let gone = |path: PathBuf| {
        path.symlink_metadata().is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
    };
    match names.into_iter().all(|name| gone(place.dir.join(name))) {
        // A removal that a power cut may undo is none.
        true if synced.is_ok() || gone(place.dir.clone()) => None,
        _ => Some(place.dir.clone()),
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match path.symlink_metadata()?.is_dir() {
        true => std::fs::remove_dir_all(path),
        false => std::fs::remove_file(path),
    }
}

fn said(
    looked: &Looked,
    (drill, report): (u64, Option<Digest>),
    (folder, place): (&Path, &Home),
    ask: &DrillAsk,
) -> Answer {
    let mut never: Vec<&str> = NEVER.to_vec();
    never.extend(ask.without_database.then_some(NO_PINS));
    let json = json!({
        "drill": drill, "to": place.dir, "from": folder, "without_database": ask.without_database,
        "entries": looked.entries, "clips": looked.clips, "files": looked.files,
        "bytes_hashed": looked.bytes_hashed, "tables": looked.tables,
        "findings": looked.findings, "report": report, "rest": looked.rest, "not_restored": never,
    });
    let lines = looked.findings.iter().chain(&looked.lines).cloned();
    let lines = lines.chain(never.iter().map(|never| format!("not put back: {never}")));
    lines.fold(Answer::new(json), Answer::line)
}

fn finished(
    mut answer: Answer,
    looked: &Looked,
    left: Option<&Path>,
    place: &Home,
) -> Result<Answer, CliError> {
    answer.json["left"] = json!(left);
    // Cleared or kept, the place is there; the report says nothing that the answer does not.
    wire::write_durable(&place.dir.join("drill.json"), &format!("{:#}\n", answer.json))?;
    let line = match left {
        Some(left) => format!(
            "资料仍在该目录，用毕删除并登记 it holds footage; remove it when this is read, then `sealdock drill --removed {} --reason TEXT --as ID`: {}",
            answer.json["drill"],
            left.display()
        ),
        None => format!(
            "副本已删除 the copy was removed again; the report is {}",
            place.dir.join("drill.json").display()
        ),
    };
    let answer = answer.line(line);
    let counts = format!(
        "{} entries, {} clips re-hashed, {} files in {}",
        looked.entries,
        looked.clips,
        looked.files,
        place.dir.display()
    );
    Ok(match looked.findings.is_empty() {
        true => answer.line(format!("演练通过 the second copy brings everything back: {counts}")),
        false => answer
            .line(format!("演练有问题 {} findings: {counts}", looked.findings.len()))
            .ending(Exit::Findings),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(&folder.path().join("drill"));
        std::fs::create_dir_all(home.vault().join("kept/aa")).unwrap();
        std::fs::write(home.vault().join("kept/aa/clip"), "footage").unwrap();
        for name in ["chain.db", "head"] {
            std::fs::write(home.dir.join(name), "x").unwrap();
        }
        (folder, home)
    }

    /// The removal fails, or it lands and its report is lost; then it is tried again.
    #[test]
    fn nothing_of_a_station_or_its_second_copy_goes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["copy/vault", "mirror/vault", "station/vault", "station/keys"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        let mirror = at("mirror");
        let others: [&Path; 1] = [&mirror];
        assert!(is_none_of(&Home::new(&at("copy")), &others));
        assert!(is_none_of(&Home::new(&at("absent")), &others));
        assert!(!is_none_of(&Home::new(&mirror), &others), "the second copy itself");
        assert!(!is_none_of(&Home::new(&at("station")), &others), "it has keys");
        std::fs::remove_dir_all(at("copy")).unwrap();
        std::os::unix::fs::symlink(&mirror, at("copy")).unwrap();
        assert!(!is_none_of(&Home::new(&at("copy")), &others), "a link");
    }

    #[test]
    fn a_copy_counts_as_removed_only_where_nothing_of_it_is_left() {
        let lost = |_: &Path| Err(std::io::Error::other("lost"));
        let landed = |path: &Path| {
            remove(path)?;
            Err(std::io::Error::other("landed"))
        };
        let (_folder, home) = place();
        assert_eq!(clear(&home, lost), Some(home.dir.clone()));
        assert!(home.vault().join("kept/aa/clip").exists());
        assert_eq!(clear(&home, landed), None);
        assert!(!home.vault().exists());
        assert_eq!(clear(&home, remove), None, "asked for again");
        let (_folder, home) = place();
        let but_one = |path: &Path| match path.ends_with("head") {
            true => lost(path),
            false => remove(path),
        };
        assert_eq!(clear(&home, but_one), Some(home.dir.clone()));
    }
}
