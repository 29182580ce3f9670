//! The key of a witness: one line with name, secret and public key, readable by its owner alone.

use crate::disk::{self, Faults};
use crate::error::{Doing, Kind, WitnessError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::WitnessKey;
use sealdock_chain::cosign::cosigned_bytes;
use sealdock_chain::note::SignedCheckpoint;
use std::fmt;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use zeroize::Zeroizing;

const MAGIC: &str = "sealdock-witness-key-v1";
const FILE_BYTES_MAX: usize = 1024;

/// Signs as one witness. The secret is wiped from memory on drop.
pub(crate) struct Secret {
    key: SigningKey,
    public: WitnessKey,
}

impl Secret {
    pub(crate) fn public(&self) -> &WitnessKey {
        &self.public
    }

    /// The signature line over `head`; verified before it is given out.
    pub(crate) fn cosign(
        &self,
        head: &SignedCheckpoint,
        time: u64,
    ) -> Result<String, WitnessError> {
        let bytes = cosigned_bytes(time, &head.checkpoint().body());
        let signature = self.key.sign(&bytes).to_bytes();
        self.public.line(head, time, &signature).map_err(|e| {
            WitnessError::new(Kind::Failed, format!("the witness's key signs wrong: {e}"))
        })
    }
}

impl fmt::Debug for Secret {
    /// The public half only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Fresh randomness from the kernel as the key of `name`, durable when this returns.
pub(crate) fn make(faults: &dyn Faults, path: &Path, name: &str) -> Result<Secret, WitnessError> {
    let mut seed = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut seed[..]).map_err(|e| {
        WitnessError::new(Kind::Failed, format!("the kernel gives no randomness for a key: {e}"))
    })?;
    let key = SigningKey::from_bytes(&seed);
    let public = WitnessKey::new(name, key.verifying_key().to_bytes())
        .map_err(|e| WitnessError::refused(e.to_string()))?;
    let shown = Zeroizing::new(STANDARD.encode(&seed[..]));
    let line = Zeroizing::new(format!(
        "{MAGIC} {name} {} {}\n",
        shown.as_str(),
        hex::encode(public.public())
    ));
    disk::put(faults, path, line.as_bytes())?;
    Ok(Secret { key, public })
}

/// The key in the file; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Secret>, WitnessError> {
    let Some(bytes) = disk::read(path, FILE_BYTES_MAX)?.map(Zeroizing::new) else {
        return Ok(None);
    };
    let meta = std::fs::symlink_metadata(path).doing("look at", path)?;
    let us = rustix::process::geteuid().as_raw();
    if meta.permissions().mode() & 0o077 != 0 || (meta.uid() != us && meta.uid() != 0) {
        let text = format!(
            "{} is open to other users; whoever could read it can sign as this witness: retire it, or if nobody \
             else has been on this machine, chmod 600 it",
            path.display()
        );
        return Err(WitnessError::refused(text));
    }
    let parsed = parse(&bytes);
    parsed.map(Some).map_err(|why| {
        WitnessError::lost(&format!("{} is not a usable key: {why}", path.display()))
    })
}

fn parse(bytes: &[u8]) -> Result<Secret, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text")?;
    let text = text.strip_suffix('\n').ok_or("it does not end in a line feed")?;
    let parts: Vec<&str> = text.split(' ').collect();
    let [MAGIC, name, seed, public] = parts[..] else {
        return Err("it is not the line `sealdock-witness-key-v1 NAME SEED PUBLIC`");
    };
    let seed = Zeroizing::new(STANDARD.decode(seed).map_err(|_| "its seed is not base64")?);
    let seed: &[u8; 32] =
        seed.as_slice().try_into().map_err(|_| "its seed does not have 32 bytes")?;
    let key = SigningKey::from_bytes(seed);
    let half = key.verifying_key().to_bytes();
    if hex::encode(half) != public {
        return Err("its public key does not belong to its seed");
    }
    let public = WitnessKey::new(name, half).map_err(|_| "its name cannot stand in a signature")?;
    Ok(Secret { key, public })
}
