//! May this line be acted upon? Everything about an intent is looked at before anything about the volume is
//! touched, and the intent is spent before anything is.

use super::Act;
use crate::error::{Kind, WiperError, WiperResult};
use sealdock_chain::{ClockIntent, IntentError, VerifierKey, WipeIntent};
use serde::Deserialize;

/// An intent and who vouches for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The canonical text, as it was signed.
    pub intent: String,
    /// 64 bytes in lowercase hexadecimal.
    pub signature: String,
}

impl Signed {
    fn signature(&self) -> WiperResult<[u8; 64]> {
        hex::decode(&self.signature)
            .ok()
            .filter(|raw| hex::encode(raw) == self.signature)
            .and_then(|raw| raw.try_into().ok())
            .ok_or_else(|| {
                let message = "the signature is no 64 bytes in lowercase hexadecimal";
                WiperError::new(Kind::Invalid, message)
            })
    }
}

impl Act<'_> {
    /// The intent of a line, if it may be acted upon; it is spent then.
    pub(super) fn wipe_permitted(&self, signed: &Signed) -> WiperResult<WipeIntent> {
        let (key, signature, bytes) = (self.key()?, signed.signature()?, signed.intent.as_bytes());
        let intent = WipeIntent::verify(bytes, &signature, key.public(), (self.scene.now_ms)())
            .map_err(|e| invalid(&e))?;
        let named = [&intent.station, &intent.bay, &intent.volume].map(String::as_str);
        self.spend(&key, (named, intent.disk_sequence), (bytes, intent.expires_ms))?;
        Ok(intent)
    }

    /// The same for a note.
    pub(super) fn clock_permitted(&self, signed: &Signed) -> WiperResult<ClockIntent> {
        let (key, signature, bytes) = (self.key()?, signed.signature()?, signed.intent.as_bytes());
        let intent = ClockIntent::verify(bytes, &signature, key.public(), (self.scene.now_ms)())
            .map_err(|e| invalid(&e))?;
        let named = [&intent.station, &intent.bay, &intent.volume].map(String::as_str);
        self.spend(&key, (named, intent.disk_sequence), (bytes, intent.expires_ms))?;
        Ok(intent)
    }

    /// Order: station, bay, volume, disk as the intent names them; the disk as it is now; spent.
    fn spend(
        &self,
        key: &VerifierKey,
        ([station, bay, volume], disk_sequence): ([&str; 3], u64),
        (bytes, expires_ms): (&[u8], u64),
    ) -> WiperResult<()> {
        for (what, said, is) in [
            ("station", station, key.name()),
            ("bay", bay, self.volume.bay.as_str()),
            ("volume", volume, self.volume.name.as_str()),
        ] {
            if said != is {
                let message = format!("the intent is for the {what} {said:?}, this is {is:?}");
                return Err(WiperError::new(Kind::Invalid, message));
            }
        }
        if disk_sequence != self.volume.disk_sequence {
            let message = format!(
                "the intent is for disk {disk_sequence}, in the port is disk {}; dock the recorder again",
                self.volume.disk_sequence
            );
            return Err(WiperError::new(Kind::Invalid, message));
        }
        self.still_the_same()?;
        self.scene.spent.spend(bytes, expires_ms)
    }

    fn key(&self) -> WiperResult<VerifierKey> {
        let path = self.scene.roots.station().join("log.vkey");
        let text =
            std::fs::read_to_string(&path).map_err(|e| WiperError::file("read", &path, &e))?;
        text.trim_end_matches('\n').parse().map_err(|e| {
            WiperError::new(Kind::Invalid, format!("{} is no key: {e}", path.display()))
        })
    }
}

/// The words of the form, and that nothing happened.
pub(super) fn invalid(error: &IntentError) -> WiperError {
    WiperError::new(Kind::Invalid, format!("{error}; nothing was changed"))
}
