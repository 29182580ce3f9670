//! Recorders that speak MTP, put behind the port. A build without the feature `mtp` says so at the bay.

#[cfg(feature = "mtp")]
pub use with::{opened, set_clock};
#[cfg(not(feature = "mtp"))]
pub use without::{opened, set_clock};

/// With the library.
#[cfg(feature = "mtp")]
mod with {
    use crate::docking::{Docking, Opened, Reading};
    use crate::wire::Open;
    use sealdock_core::ports::PortResult;
    use sealdock_core::registry;
    use sealdock_core::time::Zone;
    use sealdock_device::usb::notices;
    use sealdock_mtp::{ClockWay, MtpOptions, MtpRecorder};
    use sealdock_profile::unlock::Policy;
    use sealdock_profile::{ClockRead, ClockSet, DeviceNotice, Profile};
    use std::path::Path;
    use std::sync::Arc;

    /// Opens the device of the announcement at `path`.
    pub fn opened(open: &Open, path: &Path, epoch: u64) -> PortResult<Opened> {
        let notice = notices::device(path)?;
        let reading = Reading::announced(open, notice.seen.clone());
        Ok((Box::new(recorder(open, &notice, (&reading.profile, epoch))?), reading))
    }

    fn recorder(
        open: &Open,
        notice: &DeviceNotice,
        (profile, epoch): (&Profile, u64),
    ) -> PortResult<MtpRecorder> {
        let quirks = profile.mtp().map_or(&[][..], |mtp| mtp.quirks.as_slice());
        let options = MtpOptions {
            epoch,
            seen: notice.seen.clone(),
            zone: zone(open, profile)?,
            clock: read(profile),
            station_clock: Arc::clone(&open.station.world().clock),
        };
        sealdock_mtp::open(&open.usb.sys, notice, quirks, options)
    }

    fn read(profile: &Profile) -> Option<ClockWay> {
        profile.clock()?.read.iter().find_map(|way| match way {
            ClockRead::MtpProperty { code } => Some(ClockWay { code: *code }),
            _ => None,
        })
    }

    /// The zone in which the recorder means what it says without one.
    fn zone(open: &Open, profile: &Profile) -> PortResult<Zone> {
        if profile.clock().is_some_and(|c| c.zone == sealdock_profile::Zone::Utc) {
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
            let profile = Reading::announced(open, notice.seen.clone()).profile;
            if !may_set(open, &notice, &profile) {
                return Ok(false);
            }
            recorder(open, &notice, (&profile, docking.epoch))?.set_clock().map(|()| true)
        };
        match set() {
            Ok(false) => {}
            Ok(true) => tracing::info!(bay = %docking.request.bay, "the recorder's clock was set"),
            Err(e) => tracing::warn!(bay = %docking.request.bay, "{e}"),
        }
    }

    fn may_set(open: &Open, notice: &DeviceNotice, profile: &Profile) -> bool {
        let Some((Policy::Bound, ClockSet::MtpProperty { code })) =
            profile.clock().and_then(|clock| clock.set.as_ref())
        else {
            return false;
        };
        open.usb.is_bound(&notice.seen.port, profile.id())
            && read(profile) == Some(ClockWay { code: *code })
    }
}

/// Without it.
#[cfg(not(feature = "mtp"))]
mod without {
    use crate::docking::{Docking, Opened};
    use crate::wire::Open;
    use sealdock_core::ports::{Kind, PortError, PortResult};
    use std::path::Path;

    pub fn opened(_: &Open, _: &Path, _: u64) -> PortResult<Opened> {
        let message = "本程序不含 MTP，请安装正式软件包 / this sealdock was built without MTP; install the package";
        Err(PortError::new(Kind::Invalid, message))
    }

    pub fn set_clock(_: &Open, _: &Docking) {}
}
