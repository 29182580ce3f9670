//! From the file form to a profile: every part is read, the parts must fit together, and what is extended
//! is added. Patterns are not compiled here.

use super::{EXTENDABLE, Mtp, Opening, Profile, Sidecar};
use crate::identity::Source;
use crate::keys::unlock::{UnlockKeys, UnlockKind};
use crate::keys::{Fs, MtpKeys, ProfileFile, SCHEMA, SidecarKeys, SourceKeys};
use crate::name::NameForm;
use crate::pattern::{Glob, Pattern};
use crate::rule::Rule;
use crate::seen::State;
use crate::unlock::{self, Via};
use std::time::Duration;

/// The profile as its file says it, and what it extends.
pub(super) fn build(file: ProfileFile) -> Result<(Profile, Option<Profile>), String> {
    if file.schema != SCHEMA {
        return Err(format!("schema {} is unknown; write schema = {SCHEMA}", file.schema));
    }
    let head = file.profile;
    if !head.sources.iter().any(|s| !s.trim().is_empty()) {
        return Err("it names no source; say in `sources` who knows this".into());
    }
    let parent = match head.extends.as_deref() {
        None => None,
        Some(EXTENDABLE) => Some(Profile::generic()),
        Some(other) => {
            return Err(format!("extends {other:?}; only {EXTENDABLE:?} can be extended"));
        }
    };
    let mut media = Vec::new();
    for rule in file.media {
        for pattern in &rule.glob {
            media.push((rule.kind, Glob::read(pattern)?));
        }
    }
    let keep = file.wipe.keep.into_iter().map(|p| Ok((p.clone(), Glob::read(&p)?)));
    let names = file.name.into_iter().map(NameForm::read).collect::<Result<Vec<_>, _>>()?;
    let sources =
        |keys: &[SourceKeys]| keys.iter().map(Source::read).collect::<Result<Vec<_>, _>>();
    let own = Profile {
        rules: file.matches.into_iter().map(Rule::read).collect::<Result<_, _>>()?,
        opening: file.unlock.as_ref().map_or(Ok(Opening::Open), opening)?,
        mtp: file.mtp.map(mtp).transpose()?,
        fs: file.mount.map(|m| m.fs.into_iter().map(Fs::word).collect()).unwrap_or_default(),
        quiet: quiet(file.settle.map(|s| s.quiet_s))?,
        clock: file.clock.as_ref().map(crate::clock::clock).transpose()?,
        device: sources(&file.identity.device)?,
        officer: sources(&file.identity.officer)?,
        placeholders: file
            .identity
            .placeholders
            .iter()
            .map(|p| Pattern::read(p))
            .collect::<Result<_, _>>()?,
        keep: keep.collect::<Result<_, String>>()?,
        marked_folders: file.marked.folders,
        media,
        own_names: names.len(),
        names,
        sidecars: file.sidecar.into_iter().map(sidecar).collect::<Result<_, _>>()?,
        confidence: head.confidence.word(),
        id: head.id,
        title: head.title,
        sources: head.sources,
        unsupported: head.unsupported,
        note: head.note,
    };
    own.whole()?;
    Ok((own, parent))
}

impl Profile {
    /// Do the parts fit together?
    fn whole(&self) -> Result<(), String> {
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
        if self.id.is_empty() || !self.id.bytes().all(letters) {
            return Err("profile.id is made of small letters, digits, `.` and `-`".into());
        }
        if self.unsupported.is_some() && !self.rules.is_empty() {
            return Err("an unsupported recorder has no [[match]]".into());
        }
        let locked = self.rules.iter().any(|r| r.state == State::Locked);
        match (&self.opening, locked) {
            (Opening::Messages(_), false) => {
                Err("it has an unlock, but no [[match]] of the state \"locked\"".into())
            }
            (Opening::Open, true) => {
                Err("it has a [[match]] of the state \"locked\", but no [unlock]".into())
            }
            _ => Ok(()),
        }
    }

    /// Adds what the parent says to lists, and takes its word where this profile is silent. How a
    /// device is matched and opened is never inherited.
    pub(super) fn under(mut self, parent: Profile) -> Profile {
        self.names.extend(parent.names);
        self.media.extend(parent.media);
        self.keep.extend(parent.keep);
        self.marked_folders.extend(parent.marked_folders);
        self.placeholders.extend(parent.placeholders);
        self.sidecars.extend(parent.sidecars);
        if self.fs.is_empty() {
            self.fs = parent.fs;
        }
        if self.device.is_empty() {
            self.device = parent.device;
        }
        if self.officer.is_empty() {
            self.officer = parent.officer;
        }
        self.quiet = self.quiet.max(parent.quiet);
        self.clock = self.clock.or(parent.clock);
        self
    }
}

fn opening(keys: &UnlockKeys) -> Result<Opening, String> {
    let prompt = || {
        let words = keys.prompt.clone().filter(|p| !p.trim().is_empty());
        words.ok_or("unlock: `prompt` is missing; say what a person does".to_owned())
    };
    let unlock = |via| unlock::read::unlock(keys, via).map(Opening::Messages);
    let messages = match keys.kind {
        UnlockKind::None => return Ok(Opening::Open),
        UnlockKind::Manual => return Ok(Opening::Manual { prompt: prompt()? }),
        UnlockKind::Vendor => return Ok(Opening::Vendor { prompt: prompt()? }),
        UnlockKind::Usb => unlock(Via::Usb),
        UnlockKind::Scsi => unlock(Via::Scsi),
    };
    messages.map_err(|e| format!("unlock: {e}"))
}

fn mtp(keys: MtpKeys) -> Result<Mtp, String> {
    for root in &keys.roots {
        Glob::read(root)?;
    }
    Ok(Mtp { quirks: keys.quirks, roots: keys.roots })
}

fn quiet(seconds: Option<u64>) -> Result<Duration, String> {
    match seconds.unwrap_or(3) {
        n @ 1..=600 => Ok(Duration::from_secs(n)),
        n => Err(format!("settle.quiet_s = {n}; write 1 to 600")),
    }
}

fn sidecar(keys: SidecarKeys) -> Result<Sidecar, String> {
    if keys.ext.is_empty() && keys.glob.is_empty() && keys.track.is_none() {
        return Err("a [[sidecar]] needs ext, glob or track".into());
    }
    let glob = keys.glob.iter().map(|g| Glob::read(g)).collect::<Result<_, _>>()?;
    Ok(Sidecar { role: keys.role, ext: keys.ext, glob, track: keys.track })
}
