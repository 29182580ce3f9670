//! A block device on a dock port: announced, and mounted read-only if it is one of the few kinds that are
//! ever mounted. What cannot be mounted is announced with a sentence that says why.

use crate::error::{Kind, WiperError, WiperResult};
use crate::keeper::Keeper;
use crate::notice;
use crate::options;
use crate::roots::Roots;
use crate::sysfs;
use crate::volume::Volume;
use rustix::fs::AtFlags;
use sealdock_profile::VolumeNotice;
use std::path::Path;

const AREA: &str = "volumes";

/// What became of a block device.
#[derive(Debug, PartialEq, Eq)]
pub enum Mounted {
    /// Its partitions are the volumes.
    Divided,
    Announced(Box<VolumeNotice>),
}

/// Announces and mounts `name`, a kernel name, or one with a disk sequence number (`sdb1:17`). Order: mount point, mount, announcement; an announcement without problem means
/// that the volume is there.
///
/// # Errors
/// It is gone or on no dock port, or cannot be announced.
pub fn mount(roots: &Roots, keeper: &dyn Keeper, name: &str) -> WiperResult<Mounted> {
    let (name, sequence) = sysfs::plug_in(name)?;
    let volume = Volume::find(roots, name)?;
    if sequence.is_some_and(|sequence| sequence != volume.disk_sequence) {
        let message = format!("the disk that {name} was is gone; another one has its name now");
        return Err(WiperError::new(Kind::Missing, message));
    }
    if volume.divided {
        return Ok(Mounted::Divided);
    }
    let mut problem = problem(&volume);
    if problem.is_none() {
        notice::folder(roots, &["bays", &volume.bay, &volume.name])?;
        if let Err(e) = keeper.show(&volume) {
            remove_point(roots, &volume.bay, name);
            problem = Some(format!(
                "存储卷无法只读挂载，请重新插上；再次失败时请更换读卡器或送检。 The volume cannot be mounted: {e}; plug it in again."
            ));
        }
    }
    let notice = VolumeNotice {
        bay: volume.bay.clone(),
        volume: volume.name.clone(),
        busid: volume.busid.clone(),
        disk_sequence: volume.disk_sequence,
        seen: volume.seen,
        read_only: volume.read_only,
        problem,
    };
    notice::write(roots, &[AREA, &volume.bay], &volume.name, &notice)?;
    Ok(Mounted::Announced(Box::new(notice)))
}

/// The directories of all bays, which only root may make: whoever could put a link there could have a
/// card mounted anywhere.
///
/// # Errors
/// The docks cannot be read, or a directory cannot be made.
pub fn bays(roots: &Roots) -> WiperResult<()> {
    for port in roots.docks()?.ports() {
        notice::folder(roots, &["bays", port.bay.as_str()])?;
    }
    Ok(())
}

/// The device is gone or going: its announcement first, then its mount and mount point, also those of a
/// [`mount`] that was ended half-way and announced nothing.
///
/// # Errors
/// The service manager keeps the mount.
pub fn unmount(roots: &Roots, keeper: &dyn Keeper, name: &str) -> WiperResult<()> {
    let (name, sequence) = sysfs::plug_in(name)?;
    let now = Volume::find(roots, name).ok().map(|volume| volume.disk_sequence);
    if sequence.is_some() && now.is_some() && now != sequence {
        // The mount and the announcement are the next one's.
        return Ok(());
    }
    let mut result = Ok(());
    let mut bays = notice::remove(roots, AREA, name);
    for bay in pointed(roots, name) {
        if !bays.contains(&bay) {
            bays.push(bay);
        }
    }
    for bay in bays {
        result = result.and(keeper.hide(&gone(&bay, name)));
        remove_point(roots, &bay, name);
    }
    result
}

/// Bays with a mount point for a volume, whoever left it.
fn pointed(roots: &Roots, name: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(roots.station().join("bays")) else { return Vec::new() };
    let bays = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    // A dead mount cannot be looked into, but its name is there.
    bays.filter(|bay| roots.point(bay, name).symlink_metadata().is_ok()).collect()
}

/// Enough of a volume that is no longer there to find its mount.
fn gone(bay: &str, name: &str) -> Volume {
    Volume {
        name: name.to_owned(),
        bay: bay.to_owned(),
        busid: String::new(),
        node: Path::new("/dev").join(name),
        device: (0, 0),
        disk_sequence: 0,
        fs: None,
        sectors: 0,
        read_only: true,
        divided: false,
        seen: sealdock_profile::Seen::default(),
    }
}

/// Only an empty directory goes, so never one with a volume on it.
fn remove_point(roots: &Roots, bay: &str, name: &str) {
    if let Ok(folder) = notice::folder(roots, &["bays", bay]) {
        let _still_mounted = rustix::fs::unlinkat(&folder, name, AtFlags::REMOVEDIR);
    }
}

fn problem(volume: &Volume) -> Option<String> {
    if volume.sectors == 0 {
        return Some(
            "读卡器中没有存储卡，请插卡。 No medium in the reader; put a card in.".to_owned(),
        );
    }
    match volume.fs.as_deref() {
        Some(fs) if options::kernel_type(fs).is_some() => None,
        Some(fs) => Some(format!(
            "不支持的文件系统 {fs}，未挂载；请送检，不要格式化。 The file system {fs} is not supported and was not mounted; have the card examined, do not format it."
        )),
        None => Some(
            "存储卡上没有可识别的文件系统，未挂载；请送检，不要格式化。 No file system is recognised on the card; have it examined, do not format it."
                .to_owned(),
        ),
    }
}
