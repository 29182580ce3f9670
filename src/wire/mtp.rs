//! Recorders that speak MTP, put behind the port. A build without the feature `mtp` says so at the bay.

#[cfg(feature = "mtp")]
pub use with::{recorder, set_clock};
#[cfg(not(feature = "mtp"))]
pub use without::{recorder, set_clock};

/// With the library.
#[cfg(feature = "mtp")]
mod with {
    use crate::docking::Docking;
    use crate::wire::Open;
    use sealdock_core::ports::{PortResult, Recorder};
    use sealdock_core::registry;
    use sealdock_core::time::Zone;
    use sealdock_device::usb::notices;
    use sealdock_mtp::{ClockWay, MtpOptions, MtpRecorder};
    use sealdock_profile::unlock::Policy;
    use sealdock_profile::{ClockRead, ClockSet, DeviceNotice, Place, Profile};
    use std::path::Path;
    use std::sync::Arc;

    /// Opens the device of the announcement at `path`.
    pub fn recorder(open: &Open, path: &Path, epoch: u64) -> PortResult<Box<dyn Recorder>> {
        let notice = notices::device(path)?;
        Ok(Box::new(opened(open, &notice, epoch)?))
    }

    fn opened(open: &Open, notice: &DeviceNotice, epoch: u64) -> PortResult<MtpRecorder> {
        let profile = profile(open, notice);
        let quirks = profile.and_then(Profile::mtp).map_or(&[][..], |mtp| mtp.quirks.as_slice());
        let options = MtpOptions {
            profile: profile.map_or_else(|| open.station.profile().id(), Profile::id).to_owned(),
            epoch,
            seen: notice.seen.clone(),
            zone: zone(open, profile)?,
            clock: profile.and_then(read),
            station_clock: Arc::clone(&open.station.world().clock),
        };
        sealdock_mtp::open(&open.usb.sys, notice, quirks, options)
    }

    fn profile(open: &Open, notice: &DeviceNotice) -> Option<&'static Profile> {
        notice.profile.as_deref().and_then(|id| open.usb.profiles().find(id))
    }

    fn read(profile: &Profile) -> Option<ClockWay> {
        profile.clock()?.read.iter().find_map(|way| match way {
            ClockRead::MtpProperty { code } => Some(ClockWay { code: *code }),
            _ => None,
        })
    }

    /// The zone in which the recorder means what it says without one.
    fn zone(open: &Open, profile: Option<&Profile>) -> PortResult<Zone> {
        if profile.and_then(Profile::clock).is_some_and(|c| c.zone == sealdock_profile::Zone::Utc) {
            return Ok(Zone { east_minutes: 0 });
        }
        let view = open.station.world().ledger.view()?;
        Ok(registry::policy(&*view)?.zone)
    }

    /// Sets the clock after the session's last word, where the profile says how, its policy is `bound`, and
    /// the port is bound to it. Whether it worked is in the log; the next dock measures it.
    pub fn set_clock(open: &Open, docking: &Docking) {
        let set = || -> PortResult<bool> {
            let notice = notices::device(&docking.path)?;
            if !may_set(open, &notice) {
                return Ok(false);
            }
            opened(open, &notice, docking.epoch)?.set_clock().map(|()| true)
        };
        match set() {
            Ok(false) => {}
            Ok(true) => tracing::info!(bay = %docking.request.bay, "the recorder's clock was set"),
            Err(e) => tracing::warn!(bay = %docking.request.bay, "{e}"),
        }
    }

    fn may_set(open: &Open, notice: &DeviceNotice) -> bool {
        let Some(profile) = profile(open, notice) else { return false };
        let Some((Policy::Bound, ClockSet::MtpProperty { code })) =
            profile.clock().and_then(|clock| clock.set.as_ref())
        else {
            return false;
        };
        let Ok(docks) = open.usb.docks() else { return false };
        let bound = matches!(docks.place(&notice.seen.port), Place::Dock(port)
            if port.profile.as_deref() == Some(profile.id()));
        bound && read(profile) == Some(ClockWay { code: *code })
    }
}

/// Without it.
#[cfg(not(feature = "mtp"))]
mod without {
    use crate::docking::Docking;
    use crate::wire::Open;
    use sealdock_core::ports::{Kind, PortError, PortResult, Recorder};
    use std::path::Path;

    pub fn recorder(_: &Open, _: &Path, _: u64) -> PortResult<Box<dyn Recorder>> {
        let message = "本程序不含 MTP，请安装正式软件包 / this sealdock was built without MTP; install the package";
        Err(PortError::new(Kind::Invalid, message))
    }

    pub fn set_clock(_: &Open, _: &Docking) {}
}
