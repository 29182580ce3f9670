//! A station from a copy of its record. Everything is made under another name beside the place, and renamed when
//! the entry that says so is there: what is cut short is never a station.

use super::found::{OnToken, private, suitable, write_private};
use super::mirror::tiles_in;
use super::replacing::{actor, replacing};
use super::{Keys, Open, Parts};
use crate::exit::{CliError, Exit, file_error};
use crate::home::{Home, Settings};
use crate::request::Login;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Appended, Clock, Ledger as _, Signer};
use sealdock_keys::{KeyHome, Keyring, SystemClock};
use sealdock_station::Restoring as Reasons;
use sealdock_store::lock::StationLock;
use sealdock_store::tiles::{Rebuilt, rebuild};
use sealdock_store::{Outside, Store};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to make a station from.
pub struct Wanted {
    /// An absent or empty directory.
    pub dir: PathBuf,
    /// The station's folder in the second copy: `chain-backup.db`, `chain-backup.head`, `vault/`.
    pub from: PathBuf,
    /// Where the keys of the record were kept, if they are at hand.
    pub keys: Option<PathBuf>,
    /// Texts of receipts.
    pub receipts: Vec<String>,
    pub reason: String,
    pub immutable: bool,
    /// From clips, sidecars and tiles, though a database may lie there too.
    pub without_database: bool,
    /// Where the new keys are made.
    pub token: OnToken,
}

/// What came of it.
pub struct Restored {
    pub origin: String,
    pub vkey: String,
    pub appended: Appended,
    /// Files of the vault that were brought.
    pub files: u64,
    /// What the tiles gave, where there was no database.
    pub rebuilt: Option<Rebuilt>,
}

/// What lay in the second copy.
pub struct Brought {
    /// Files of the vault.
    pub files: u64,
    /// What the tiles gave, where there was no database.
    pub rebuilt: Option<Rebuilt>,
}

/// # Errors
/// The place is taken, the copy is none or damaged, a receipt contradicts it, or whoever asks may not.
pub fn restore(wanted: &Wanted, who: (Option<Login>, u32)) -> Result<Restored, CliError> {
    let home = Home::new(&wanted.dir);
    suitable(&home.dir)?;
    let part = part_of(&home.dir);
    if part.symlink_metadata().is_ok() {
        let text = format!(
            "{} is there: an earlier restore was cut short. Nothing of it was ever in force; remove it and restore again",
            part.display()
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    let made = Home::new(&part);
    let mut keys = None;
    match make(wanted, (&made, &mut keys), who) {
        Ok(restored) => {
            in_place(&part, &home.dir)?;
            Ok(restored)
        }
        Err(e) => {
            if let Some(keys) = keys {
                keys.discard_made();
            }
            // It was made here and is nothing yet; what cannot be removed is said at the next try.
            let _left = std::fs::remove_dir_all(&part);
            Err(e)
        }
    }
}

/// Where it is made: beside the place, on the same file system.
fn part_of(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    dir.with_file_name(name)
}

fn make(
    wanted: &Wanted,
    (home, made): (&Home, &mut Option<Arc<Keyring>>),
    who: (Option<Login>, u32),
) -> Result<Restored, CliError> {
    private(&home.dir)?;
    let lock = StationLock::make(&home.dir)?;
    private(&home.run())?;
    let token = wanted.token.token.clone();
    let keys = home.key_home(token.as_ref())?;
    let settings = Settings { token, ..Settings::new(wanted.immutable) };
    write_private(&home.settings(), &settings.text())?;
    let brought = bring(&wanted.from, home, wanted.without_database)?;
    let old = wanted.keys.as_deref().map(|folder| old_keys(home, (folder, &keys))).transpose()?;
    let ring = Arc::new(Keyring::create_at(keys.clone(), |kind| wanted.token.place(kind))?);
    *made = Some(Arc::clone(&ring));
    let keys = Keys { home: keys, ring: Some(Arc::clone(&ring)) };
    let signer: Arc<dyn Signer> = ring;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new()?);
    let outside = Outside::new(Arc::clone(&signer), Arc::clone(&clock));
    let mut store = Store::open_replacing(&home.dir, outside)?;
    if wanted.without_database {
        store = store.without_secrets();
    }
    sound(&store, &wanted.from)?;
    newest(&store, wanted)?;
    let origin = Store::origin(&home.dir)?;
    let parts = Parts { home: home.clone(), lock, origin: origin.clone(), keys, signer, clock };
    let open = parts.open(Arc::new(store), replacing)?;
    let mut receipts = wanted.receipts.clone();
    // The newest head among the tiles: with it the entry says what they lost.
    let lost = brought.rebuilt.as_ref().and_then(|rebuilt| rebuilt.newest.as_ref());
    receipts.extend(lost.map(|(_, note)| note.clone()));
    let appended = entered(&open, (wanted, &receipts), old.as_ref(), who)?;
    let size = appended.head.checkpoint().size;
    let vkey = open.station.log_key(size)?.to_string();
    let Brought { files, rebuilt } = brought;
    Ok(Restored { origin, vkey, appended, files, rebuilt })
}

fn entered(
    open: &Open,
    (wanted, receipts): (&Wanted, &[String]),
    old: Option<&Keyring>,
    (login, uid): (Option<Login>, u32),
) -> Result<Appended, CliError> {
    let actor = actor(open, login, uid)?;
    let from = std::fs::canonicalize(&wanted.from)
        .map_err(|e| file_error("find", &wanted.from, &e))?
        .to_string_lossy()
        .into_owned();
    let reasons = Reasons {
        from,
        receipts,
        reason: wanted.reason.clone(),
        old: old.map(|keys| keys as &dyn Signer),
        pins_lost: wanted.without_database,
    };
    Ok(open.station.restore(&actor, &reasons)?)
}

/// Chain, head and vault of the copy into a place.
fn bring(from: &Path, home: &Home, without_database: bool) -> Result<Brought, CliError> {
    let rebuilt = match without_database {
        true => Some(rebuild(&home.dir, &tiles_in(from))?),
        false => {
            copy_file(&from.join("chain-backup.db"), &home.dir.join("chain.db"))?;
            copy_file(&from.join("chain-backup.head"), &home.dir.join("head"))?;
            None
        }
    };
    Ok(Brought { files: copy_tree(&from.join("vault"), &home.vault())?, rebuilt })
}

/// Database and tiles of one copy must not know more than what was taken: the other of them is then the way.
fn newest(store: &Store, wanted: &Wanted) -> Result<(), CliError> {
    let (other, way) = match wanted.without_database {
        true => (
            store.against_backup(&wanted.from.join("chain-backup.db"))?,
            "restore without --without-database, or move that database elsewhere if it is not to be believed",
        ),
        false => (
            tiles_in(&wanted.from).against(&*store.view()?)?,
            "restore with --without-database, or move the tiles elsewhere if they are not to be believed",
        ),
    };
    match other {
        None => Ok(()),
        Some(text) => {
            let text = format!("{text}. Nothing was restored; {way}");
            Err(CliError::new(Exit::Refused, text))
        }
    }
}

/// The same into an absent or empty directory, without keys: it can be read and never signs.
///
/// # Errors
/// The place is taken, or something cannot be copied; what is there then may be removed.
pub fn bring_fresh(from: &Path, home: &Home, without_database: bool) -> Result<Brought, CliError> {
    suitable(&home.dir)?;
    private(&home.dir)?;
    let brought = bring(from, home, without_database)?;
    sync_dir(&home.dir)?;
    Ok(brought)
}

/// Writes a file that must not be there yet, durable when this returns.
///
/// # Errors
/// It is there, or the disk refuses.
pub fn write_durable(path: &Path, text: &str) -> Result<(), CliError> {
    write_private(path, text)?;
    sync_dir(path.parent().unwrap_or(Path::new("/")))
}

/// The keys that the copy says are in force, from where they were kept: a folder, and the same token as the new ones.
fn old_keys(home: &Home, (folder, keys): (&Path, &KeyHome)) -> Result<Keyring, CliError> {
    let log = super::newest(home, KeyKind::Log)?;
    let evidence = super::newest(home, KeyKind::Evidence)?;
    let kept = KeyHome::new(folder, keys.token().cloned());
    Keyring::open(kept, log, evidence).map_err(|e| {
        let e = CliError::from(e);
        let text = format!(
            "{}; without --keys both keys are replaced as new ones that no old one vouches for",
            e.message
        );
        CliError::new(e.exit, text)
    })
}

/// Is the copy what its own head says?
fn sound(store: &Store, from: &Path) -> Result<(), CliError> {
    let report = store.verify(false, &mut |_, _| ())?;
    match report.findings.first() {
        None => Ok(()),
        Some(first) => {
            let text = format!(
                "the copy in {} is not sound ({} findings, the first: {}); nothing was restored, keep it as it is",
                from.display(),
                report.findings.len(),
                first.text
            );
            Err(CliError::new(Exit::Stopped, text))
        }
    }
}

/// Copies one file, durable when this returns.
fn copy_file(from: &Path, to: &Path) -> Result<(), CliError> {
    let source = from.symlink_metadata().map_err(|e| file_error("find", from, &e))?;
    if !source.is_file() {
        let text = format!("{} is no plain file; a restore copies nothing else", from.display());
        return Err(CliError::new(Exit::Refused, text));
    }
    std::fs::copy(from, to).map_err(|e| file_error("copy", from, &e))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|e| file_error("sync", to, &e))
}

/// Copies a folder with all below it; says how many files.
fn copy_tree(from: &Path, to: &Path) -> Result<u64, CliError> {
    private(to)?;
    let mut files = 0;
    let entries = std::fs::read_dir(from).map_err(|e| file_error("look into", from, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| file_error("look into", from, &e))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(|e| file_error("look at", &source, &e))?;
        if kind.is_dir() {
            files += copy_tree(&source, &target)?;
        } else {
            copy_file(&source, &target)?;
            files += 1;
        }
    }
    sync_dir(to)?;
    Ok(files)
}

fn sync_dir(dir: &Path) -> Result<(), CliError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| file_error("sync", dir, &e))
}

/// From here on it is a station.
fn in_place(part: &Path, dir: &Path) -> Result<(), CliError> {
    sync_dir(part)?;
    // An empty directory gives way to a rename; one that was filled meanwhile does not.
    std::fs::rename(part, dir).map_err(|e| file_error("put in place", part, &e))?;
    sync_dir(dir.parent().unwrap_or(Path::new("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Renaming fails, or lands and its report is lost: either nothing is there yet and the made place is whole,
    /// or the station is there and a second try is refused by `suitable`.
    #[test]
    fn a_place_that_was_filled_meanwhile_is_not_replaced_and_what_was_made_stays_whole() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("station");
        let part = part_of(&dir);
        assert_eq!(part, folder.path().join("station.restoring"));
        for place in [&dir, &part] {
            std::fs::create_dir(place).unwrap();
        }
        std::fs::write(part.join("chain.db"), "made").unwrap();
        std::fs::write(dir.join("theirs"), "x").unwrap();
        in_place(&part, &dir).unwrap_err();
        assert_eq!(std::fs::read_to_string(part.join("chain.db")).unwrap(), "made");
        assert_eq!(std::fs::read_to_string(dir.join("theirs")).unwrap(), "x");
        std::fs::remove_file(dir.join("theirs")).unwrap();
        in_place(&part, &dir).unwrap();
        assert!(!part.exists());
        let landed = suitable(&dir).unwrap_err();
        assert!(landed.message.contains("is a station already"), "{landed}");
    }

    #[test]
    fn nothing_but_plain_files_and_folders_is_brought() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::create_dir_all(from.join("kept/ab")).unwrap();
        std::fs::write(from.join("kept/ab/abcd"), "clip").unwrap();
        assert_eq!(copy_tree(&from, &to).unwrap(), 1);
        assert_eq!(std::fs::read_to_string(to.join("kept/ab/abcd")).unwrap(), "clip");
        std::os::unix::fs::symlink("/etc/passwd", from.join("kept/link")).unwrap();
        let refused = copy_tree(&from, &folder.path().join("other")).unwrap_err();
        assert!(refused.message.contains("is no plain file"), "{refused}");
    }
}
