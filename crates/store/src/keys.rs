//! Which key signs a head of which size. A rotation at entry r is itself still covered by a head of
//! the old key (size r + 1); every larger head is under the new one. A key that was *replaced* at entry r signs
//! no head that covers r: there the new one begins at r + 1.

use crate::error::{Doing, damaged};
use rusqlite::Connection;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{NoteError, SignedCheckpoint, VerifierKey};
use sealdock_core::event::KeyKind;
use sealdock_core::ports::PortResult;

/// One epoch of a key, from the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch {
    pub(crate) number: u32,
    pub(crate) public: [u8; 32],
    pub(crate) since_seq: u64,
    /// It began without a rotation.
    pub(crate) replaced: bool,
}

impl Epoch {
    /// The smallest head that its log key signs.
    fn first_size(&self) -> u64 {
        let after = if self.replaced { 1 } else { 2 };
        self.since_seq.saturating_add(after)
    }
}

/// The epochs of one key, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Epochs(pub(crate) Vec<Epoch>);

impl Epochs {
    pub(crate) fn read(conn: &Connection, kind: KeyKind) -> PortResult<Epochs> {
        let reading = || format!("read the epochs of the {} key", kind.as_str());
        let mut statement = conn
            .prepare_cached(&format!(
                "SELECT epoch, public, since_seq, {} FROM key_epoch WHERE kind = ?1 ORDER BY epoch",
                if knows_causes(conn)? { "cause IS NOT NULL" } else { "0" }
            ))
            .doing(reading)?;
        let rows = statement
            .query_map([kind.as_str()], |r| {
                Ok((r.get(0)?, r.get::<_, String>(1)?, r.get(2)?, r.get(3)?))
            })
            .doing(reading)?;
        let mut epochs = Vec::new();
        for row in rows {
            let (number, public, since_seq, replaced) = row.doing(reading)?;
            let Digest(public) = public.parse().map_err(|_| {
                damaged(format!("the {} key of epoch {number} is no key", kind.as_str()))
            })?;
            epochs.push(Epoch { number, public, since_seq, replaced });
        }
        Ok(Epochs(epochs))
    }

    /// The key that signs a head of this size; `None` before the founding.
    pub(crate) fn for_size(&self, size: u64) -> Option<&Epoch> {
        let later = self.0.iter().rev().find(|epoch| epoch.first_size() <= size);
        later.or_else(|| self.0.first())
    }

    /// The key under which something said by entry `seq` was signed.
    pub(crate) fn for_entry(&self, seq: u64) -> Option<&Epoch> {
        self.for_size(seq + 1)
    }

    /// The epoch that entry `seq` ends, if it begins one.
    pub(crate) fn before(&self, seq: u64) -> Option<&Epoch> {
        self.0.iter().rev().find(|epoch| epoch.since_seq < seq).or_else(|| self.0.first())
    }
}

/// A database of an earlier release is read before it is brought up; it holds no replaced key.
fn knows_causes(conn: &Connection) -> PortResult<bool> {
    conn.prepare_cached("SELECT 1 FROM pragma_table_info('key_epoch') WHERE name = 'cause'")
        .and_then(|mut statement| statement.exists([]))
        .doing(|| "look at the register of keys".into())
}

/// Reads a head and verifies it under the key its size calls for; `founding` serves before entry 0.
pub(crate) fn open_head(
    note: &str,
    origin: &str,
    epochs: &Epochs,
    founding: Option<[u8; 32]>,
) -> Result<SignedCheckpoint, String> {
    let size = note.lines().nth(1).and_then(|line| line.parse().ok());
    let size = size.ok_or("the head states no size")?;
    let public = epochs.for_size(size).map(|epoch| epoch.public).or(founding);
    let public = public.ok_or("no key is known for the head: the station is not founded yet")?;
    let open = || -> Result<SignedCheckpoint, NoteError> {
        SignedCheckpoint::open(note, &VerifierKey::new(origin, public)?)
    };
    open().map_err(|error| format!("the head of {size} entries is refused: {error}"))
}
