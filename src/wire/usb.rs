//! Where the daemon and the privileged part meet: `/run/sealdock`, `docks.toml`, and what makes a
//! volume that was announced there one that the wiper keeps. See `docs/design/usb.md`.

use super::profiles::{self, Known};
use crate::exit::{CliError, Exit};
use sealdock_chain::{INTENT_LIFE_MS_MAX, INTENT_VERSION, VerifierKey, WipeIntent};
use sealdock_core::custody::WipePermit;
use sealdock_core::event::KeyKind;
use sealdock_core::naming;
use sealdock_core::ports::{Clock, Kind, PortError, PortResult, Signer};
use sealdock_device::keeper::{Kept, Sign, SignedIntent, SocketKeeper};
use sealdock_device::usb::notices;
use sealdock_profile::{Docks, Place, VolumeNotice};
use sealdock_station::Station;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const RUN: &str = "/run/sealdock";
const DOCKS: &str = "/etc/sealdock/docks.toml";

/// The wiper compares clocks to the millisecond; what is asked for is a little less than it allows.
const LIFE_MS: u64 = INTENT_LIFE_MS_MAX - 2_000;

/// The meeting place of this machine.
#[derive(Debug, Clone)]
pub struct Usb {
    pub run: PathBuf,
    pub docks_file: PathBuf,
    /// The kernel's tree of devices.
    pub sys: PathBuf,
}

impl Usb {
    /// As packaged; tests and odd machines say otherwise in the environment.
    pub fn here() -> Usb {
        let place = |name: &str, usual: &str| {
            std::env::var_os(name).map_or_else(|| PathBuf::from(usual), PathBuf::from)
        };
        Usb {
            run: place("SEALDOCK_RUN", RUN),
            docks_file: place("SEALDOCK_DOCKS", DOCKS),
            sys: place("SEALDOCK_SYS", "/sys"),
        }
    }

    /// Everything that is known about recorders, the owner's own profiles among it as they are now.
    pub fn profiles(&self) -> Known {
        profiles::known(&self.profiles_folder())
    }

    /// Where an owner's own profiles are: beside `docks.toml`.
    pub fn profiles_folder(&self) -> PathBuf {
        self.docks_file.with_file_name("profiles")
    }

    /// The dock ports; a machine without the file has none.
    pub fn docks(&self) -> Result<Docks, CliError> {
        let refused = |why: &dyn std::fmt::Display| {
            CliError::new(Exit::Refused, format!("{}: {why}", self.docks_file.display()))
        };
        match std::fs::read_to_string(&self.docks_file) {
            Ok(text) => Docks::parse(&text).map_err(|e| refused(&e)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Docks::default()),
            Err(e) => Err(refused(&e)),
        }
    }

    /// Is the dock port at or before `path`, an `ID_PATH`, bound to that profile? Not if nobody can say.
    pub fn is_bound(&self, path: &str, profile: &str) -> bool {
        let docks = self.docks().unwrap_or_default();
        matches!(docks.place(path), Place::Dock(port) if port.profile.as_deref() == Some(profile))
    }

    /// Where the privileged part mounts.
    pub fn bays(&self) -> PathBuf {
        self.run.join("bays")
    }

    /// Is this a bay in which only the privileged part mounts?
    pub fn holds(&self, bay: &Path) -> bool {
        let bays = self.bays();
        let real = std::fs::canonicalize(&bays).unwrap_or_else(|_| bays.clone());
        bay.parent().is_some_and(|parent| parent == bays || parent == real)
    }

    /// The announcement of the volume that is mounted there, and its way to the wiper. `None` for what
    /// lies anywhere else.
    ///
    /// # Errors
    /// It should be announced, and is not: then it is no recorder, or gone.
    pub fn kept(&self, station: &Station, path: &Path) -> PortResult<Option<Kept>> {
        let Some(notice) = self.notice(path) else { return Ok(None) };
        let announced = notices::volume(&notice)?;
        let keeper = Arc::new(SocketKeeper::new(&self.run.join("wiper.sock")));
        let sign = self.signing(station, &announced);
        Ok(Some(Kept { keeper, announced, notice, sign }))
    }

    /// The announcement of a device: a recorder without a volume stands at this place.
    pub fn is_device(&self, path: &Path) -> bool {
        notices::is_device_path(&self.run, path)
    }

    fn notice(&self, path: &Path) -> Option<PathBuf> {
        let bay_dir = path.parent().filter(|dir| self.holds(dir))?;
        let (bay, volume) = (bay_dir.file_name()?.to_str()?, path.file_name()?.to_str()?);
        Some(notices::volume_path(&self.run, bay, volume))
    }

    /// What turns a permit into the message that the wiper obeys.
    fn signing(&self, station: &Station, announced: &VolumeNotice) -> Sign {
        let world = station.world();
        let (signer, clock) = (Arc::clone(&world.signer), Arc::clone(&world.clock));
        let (usb, origin, announced) =
            (self.clone(), station.origin().to_owned(), announced.clone());
        Arc::new(move |permit| {
            // A rotation may have come since the daemon looked last.
            usb.publish_key(&origin, &*signer)?;
            let intent = intent(permit, &origin, &announced, &*clock)?;
            Ok(SignedIntent {
                signature: signer.sign(KeyKind::Log, &intent.signing_bytes())?,
                bytes: intent.bytes(),
                file_bytes: intent.size,
            })
        })
    }

    /// An intent of another kind than a permit's, as the wiper takes it: canonical bytes, and what is signed.
    ///
    /// # Errors
    /// The key cannot be told to the wiper, or does not sign.
    pub fn signed(
        &self,
        station: &Station,
        (bytes, signing_bytes): (Vec<u8>, &[u8]),
    ) -> PortResult<SignedIntent> {
        let signer = &*station.world().signer;
        self.publish_key(station.origin(), signer)?;
        let signature = signer.sign(KeyKind::Log, signing_bytes)?;
        Ok(SignedIntent { bytes, signature, file_bytes: 0 })
    }

    /// Tells the wiper whose signatures count: `log.vkey`, written beside and renamed. Does nothing where
    /// the meeting place is missing or not ours, and where the key stands there already.
    pub fn publish_key(&self, origin: &str, signer: &dyn Signer) -> PortResult<()> {
        let ours = std::fs::symlink_metadata(&self.run)
            .is_ok_and(|facts| facts.is_dir() && facts.uid() == rustix::process::getuid().as_raw());
        if !ours {
            return Ok(());
        }
        let file = self.run.join("log.vkey");
        let because = |e: &dyn std::fmt::Display| {
            let message = format!(
                "cannot write the log key to {}: {e}; the wiper deletes nothing until it has it",
                file.display()
            );
            PortError::new(Kind::Failed, message)
        };
        let key = VerifierKey::new(origin, signer.public(KeyKind::Log)).map_err(|e| because(&e))?;
        let text = format!("{key}\n");
        if std::fs::read_to_string(&file).is_ok_and(|there| there == text) {
            return Ok(());
        }
        write_beside(&file, &text).map_err(|e| because(&e))
    }
}

fn write_beside(file: &Path, text: &str) -> std::io::Result<()> {
    let beside = file.with_extension("new");
    let _left_over = std::fs::remove_file(&beside);
    let mut made = std::fs::File::create_new(&beside)?;
    // For everybody: the wiper may be root without the right to read what is private.
    made.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    made.write_all(text.as_bytes())?;
    std::fs::rename(beside, file)
}

fn intent(
    permit: &WipePermit,
    origin: &str,
    announced: &VolumeNotice,
    clock: &dyn Clock,
) -> PortResult<WipeIntent> {
    Ok(WipeIntent {
        version: INTENT_VERSION,
        station: origin.to_owned(),
        bay: announced.bay.clone(),
        volume: announced.volume.clone(),
        disk_sequence: announced.disk_sequence,
        session: permit.session(),
        number: permit.line(),
        clip: permit.clip(),
        name_hex: naming::hex(&permit.file().raw_name),
        size: permit.file().size,
        sha256: permit.sha256(),
        expires_ms: expires_ms(clock)?,
    })
}

/// When an intent that is made now is worth nothing any more, milliseconds since 1970.
///
/// # Errors
/// The station's clock stands before 1970.
pub fn expires_ms(clock: &dyn Clock) -> PortResult<u64> {
    let now_ms = u64::try_from(clock.now().wall.0).map_err(|_| {
        let message = "the station's clock stands before 1970; set it, then dock again";
        PortError::new(Kind::Failed, message)
    })?;
    Ok(now_ms + LIFE_MS)
}
