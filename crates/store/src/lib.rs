//! The ledger in SQLite: the append-only chain and the register tables that follow from it. One
//! writer, many readers; custody is the persisted head. `docs/design/store.md` has the invariants,
//! the steps and what a crash leaves after each.

/// What was time-stamped, and the answers.
pub mod anchors;
mod backup;
mod batch;
mod connection;
mod draft;
mod error;
/// Points at which tests make the writer die.
pub mod faults;
mod files;
mod gate;
mod keys;
/// One station, one daemon.
pub mod lock;
mod record;
mod recover;
mod rows;
mod schema;
mod seal;
mod slots;
/// The record as static files in the second copy.
pub mod tiles;
mod tree;
mod verify;
mod view;
mod writer;

use crate::batch::Wish;
use crate::connection::Access;
use crate::error::Doing;
use crate::faults::{Faults, NoFaults};
use crate::files::Files;
use crate::gate::Gate;
use crate::slots::HeadFile;
use crate::view::{Readers, View};
use crate::writer::Desk;
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{
    Appended, Clock, Decide, Kind, Ledger, LedgerReport, LedgerView, PortError, PortResult,
    Refusal, Signer,
};
use std::path::Path;
use std::sync::Arc;

pub use schema::VERSION as SCHEMA_VERSION;

/// What the store needs of the world.
#[derive(Clone)]
pub struct Outside {
    pub signer: Arc<dyn Signer>,
    pub clock: Arc<dyn Clock>,
    pub faults: Arc<dyn Faults>,
}

impl Outside {
    /// The world of the product, in which no test makes anything fail.
    pub fn new(signer: Arc<dyn Signer>, clock: Arc<dyn Clock>) -> Outside {
        Outside { signer, clock, faults: Arc::new(NoFaults) }
    }
}

/// One epoch of a key: `(key, epoch, raw public key, the entry that made it)`.
pub type KeyEpoch = (KeyKind, u32, [u8; 32], u64);

/// The ledger of one station. Take [`lock::StationLock`] first and hold it as long.
pub struct Store {
    files: Files,
    readers: Arc<Readers>,
    gate: Arc<Gate>,
    /// Absent where the store was opened for reading.
    desk: Option<Desk>,
    /// Does it hold what lies beside the chain? What was made from tiles does not.
    secrets: bool,
}

impl Store {
    /// Makes the ledger of a new station, empty and with its head of no entries.
    ///
    /// # Errors
    /// There is one already, the origin is no origin, or the directory is not writable.
    pub fn create(
        dir: &Path,
        origin: &str,
        signer: Arc<dyn Signer>,
        clock: Arc<dyn Clock>,
    ) -> PortResult<Store> {
        Store::create_with(dir, origin, Outside::new(signer, clock))
    }

    /// [`Store::create`] in a world where steps may fail.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub fn create_with(dir: &Path, origin: &str, outside: Outside) -> PortResult<Store> {
        sealdock_chain::note::valid_origin(origin)
            .map_err(|error| PortError::new(Kind::Invalid, error.to_string()))?;
        let files = Files::new(dir);
        if files.database().symlink_metadata().is_ok() {
            return Err(PortError::new(
                Kind::Invalid,
                format!(
                    "{} is a station already: it has a chain.db; open it, or make the new station \
                     in another directory",
                    dir.display()
                ),
            ));
        }
        HeadFile::make(&files.head())?;
        drop(Files::make_private(&files.database())?);
        let mut conn = connection::open(&files.database(), Access::Write)?;
        schema::bring_up(&mut conn)?;
        conn.execute("INSERT INTO station (id, origin) VALUES (1, ?1)", [origin])
            .doing(|| "write the origin of the record".into())?;
        drop(conn);
        Files::sync_dir(dir)?;
        Store::open_with(dir, outside)
    }

    /// Opens the ledger for the one process that writes.
    ///
    /// # Errors
    /// `Missing`: not a station. `Invalid`: made by a later release. `Damaged`: the log and the head
    /// that was handed out do not agree.
    pub fn open(dir: &Path, signer: Arc<dyn Signer>, clock: Arc<dyn Clock>) -> PortResult<Store> {
        Store::open_with(dir, Outside::new(signer, clock))
    }

    /// [`Store::open`] in a world where steps may fail.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(dir: &Path, outside: Outside) -> PortResult<Store> {
        let files = Files::new(dir);
        Store::opened(files, &outside, false)
    }

    /// [`Store::open_with`] where the signer holds a log key that is not in force yet: the one thing that can
    /// be appended is the entry that replaces the old one by it.
    ///
    /// # Errors
    /// As [`Store::open`]; or entries have no head, which the new key may not sign.
    pub fn open_replacing(dir: &Path, outside: Outside) -> PortResult<Store> {
        Store::opened(Files::new(dir), &outside, true)
    }

    fn opened(files: Files, outside: &Outside, replacing: bool) -> PortResult<Store> {
        let writer = recover::writer(&files, outside, replacing)?;
        Ok(Store {
            readers: Arc::new(Readers::new(files.clone())),
            files,
            gate: Arc::clone(&writer.gate),
            desk: Some(Desk::open(writer)?),
            secrets: true,
        })
    }

    /// Opens the ledger for reading while no daemon runs. What contradicts its head is refused to
    /// views, but can still be walked by [`Ledger::verify`].
    ///
    /// # Errors
    /// Not a station, made by a later release, or not a database at all.
    pub fn open_read_only(dir: &Path) -> PortResult<Store> {
        let files = Files::new(dir);
        files.expect_station()?;
        let conn = connection::open(&files.database(), Access::Read)?;
        let version = schema::usable_version(&conn)?;
        if version < SCHEMA_VERSION {
            return Err(PortError::new(
                Kind::Invalid,
                format!(
                    "the database has schema {version}, this release reads {SCHEMA_VERSION}; \
                     start `sealdock run` once, it brings the database up to date"
                ),
            ));
        }
        let standing = verify::standing_head(&conn, &files).map(Arc::new);
        let readers = Arc::new(Readers::new(files.clone()));
        readers.give_back(conn);
        Ok(Store { files, readers, gate: Arc::new(Gate::new(standing)), desk: None, secrets: true })
    }

    /// What was made from tiles holds no hash of a PIN, and [`Ledger::verify`] misses none.
    #[must_use]
    pub fn without_secrets(mut self) -> Store {
        self.secrets = false;
        self
    }

    /// All epochs of both keys; works before the station is opened.
    ///
    /// # Errors
    /// Not a station, or a register that cannot be read.
    pub fn key_epochs(dir: &Path) -> PortResult<Vec<KeyEpoch>> {
        let conn = open_looking(dir)?;
        let mut all = Vec::new();
        for kind in [KeyKind::Log, KeyKind::Evidence] {
            let epochs = keys::Epochs::read(&conn, kind)?;
            all.extend(epochs.0.iter().map(|e| (kind, e.number, e.public, e.since_seq)));
        }
        Ok(all)
    }

    /// The log key that a start needs first: the newest, but where the last run stopped before it signed the
    /// head of what it had appended, the one that signs that head.
    ///
    /// # Errors
    /// As [`Store::key_epochs`]; `None`: the founding was cut short.
    pub fn log_key_to_start(dir: &Path) -> PortResult<Option<[u8; 32]>> {
        let conn = open_looking(dir)?;
        let epochs = keys::Epochs::read(&conn, KeyKind::Log)?;
        let size = tree::frontier(&conn)?.size();
        let note = recover::newest_note(&Files::new(dir))?;
        let covered = note.and_then(|note| note.lines().nth(1)?.parse::<u64>().ok());
        let unsigned = covered.is_some_and(|covered| covered < size);
        let epoch = if unsigned { epochs.for_size(size) } else { epochs.0.last() };
        Ok(epoch.map(|epoch| epoch.public))
    }

    /// What speaks against `file`, a copy of this record that [`Ledger::backup_to`] made: it is longer
    /// than this one or has another history. `None` also where it is not there or no record at all.
    ///
    /// # Errors
    /// This record cannot be read.
    pub fn against_backup(&self, file: &Path) -> PortResult<Option<String>> {
        let conn = self.readers.take()?;
        let objection = backup::objection(&conn, file)?;
        self.readers.give_back(conn);
        Ok(objection)
    }

    /// The origin of the record kept in `dir`.
    ///
    /// # Errors
    /// Not a station.
    pub fn origin(dir: &Path) -> PortResult<String> {
        recover::origin(&open_looking(dir)?)
    }
}

fn open_looking(dir: &Path) -> PortResult<rusqlite::Connection> {
    let files = Files::new(dir);
    files.expect_station()?;
    let conn = connection::open(&files.database(), Access::Read)?;
    schema::usable_version(&conn)?;
    Ok(conn)
}

impl Ledger for Store {
    fn transact(
        &self,
        actor: &ActorRecord,
        decide: Decide,
    ) -> PortResult<Result<Appended, Refusal>> {
        let Some(desk) = &self.desk else {
            let text = "the station was opened for reading; open it with its keys to append";
            return Err(PortError::new(Kind::ReadOnly, text));
        };
        let actor = serde_json::to_value(actor)
            .map_err(|error| PortError::new(Kind::Invalid, format!("the actor: {error}")))?;
        desk.decide(Wish { actor, decide })
    }

    fn view(&self) -> PortResult<Box<dyn LedgerView>> {
        Ok(Box::new(View::begin(&self.readers, &self.gate)?))
    }

    fn secret(&self, name: &str) -> PortResult<Option<String>> {
        use rusqlite::OptionalExtension as _;
        self.gate.standing()?;
        let conn = self.readers.take()?;
        let value = conn
            .query_row("SELECT value FROM secret WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .doing(|| format!("read the secret {name}"))?;
        self.readers.give_back(conn);
        Ok(value)
    }

    fn verify(&self, deep: bool, progress: &mut dyn FnMut(u64, u64)) -> PortResult<LedgerReport> {
        verify::Walk { files: &self.files, gate: &self.gate, deep, secrets: self.secrets }
            .run(progress)
    }

    fn backup_to(&self, file: &Path) -> PortResult<()> {
        if let Some(desk) = &self.desk {
            desk.settle()?;
        }
        let conn = self.readers.take()?;
        if let Some(text) = backup::objection(&conn, file)? {
            return Err(PortError::new(Kind::Damaged, text));
        }
        backup::copy(&conn, file)?;
        backup::put_head(file)?;
        self.readers.give_back(conn);
        Ok(())
    }
}
