//! How a recorder is read: by the profile that its plug, its card and its port say, or by the one that was
//! named for a folder. Looked up from the same announcement by which the recorder itself is opened.

use crate::wire::Open;
use sealdock_core::block::Block;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::{PortResult, Recorder};
use sealdock_core::session::Told;
use sealdock_profile::{Content, ContentFile, Docks, Evidence, Place, Profile, Profiles, Seen};
use sealdock_station::dock::DockRequest;
use std::sync::Arc;

/// A log that a profile is known by.
const TEXT_BYTES_MAX: u64 = 1 << 20;
const TEXT_BLOCK_BYTES: usize = 64 << 10;

/// How a plugged recorder is read.
#[derive(Debug, Clone)]
pub struct Reading {
    pub profile: Arc<Profile>,
    /// What was announced of it; `None` for a folder.
    pub seen: Option<Seen>,
    /// What it said of itself in its logs, by its label and at last when it was unlocked, without numbers that
    /// nobody set.
    pub told: Vec<Told>,
    /// What the owner's profiles would keep on it is not known, or a log that may name it cannot be read.
    pub keeps_all: bool,
}

impl Reading {
    /// The request as it is carried out.
    pub fn asked(&self, request: &DockRequest) -> DockRequest {
        DockRequest {
            profile: Some(Arc::clone(&self.profile)),
            told: self.told.clone(),
            wipe_off: request.wipe_off || self.keeps_all,
            ..request.clone()
        }
    }

    /// A folder at a path: only a person can say what it is of.
    pub fn folder(named: Option<Arc<Profile>>) -> Reading {
        let profile = named.unwrap_or_else(|| Arc::new(Profile::generic()));
        Reading { profile, seen: None, told: Vec::new(), keeps_all: false }
    }

    /// What was announced, as far as its announcement tells.
    pub fn announced(open: &Open, seen: Seen) -> Reading {
        let known = open.usb.profiles();
        // Footage is stored all the same; what its port is bound to is not known then.
        let (docks, unread) = match open.usb.docks() {
            Ok(docks) => (docks, false),
            Err(_) => (Docks::default(), true),
        };
        let bound = bound(&docks, &seen);
        let missing = bound.is_some_and(|id| known.profiles.find(id).is_none());
        let profile = known.profiles.read_by(&seen, bound);
        let told = open.docks.told(&seen.port).map(|told| set(told, &profile));
        let told = told.into_iter().collect();
        Reading {
            profile: Arc::new(profile),
            told,
            keeps_all: known.fault.is_some() || missing || unread,
            seen: Some(seen),
        }
    }

    /// The same, with what stands on the card where only that can tell. The card is listed for it.
    pub fn with_content(self, open: &Open, recorder: &mut dyn Recorder) -> PortResult<Reading> {
        let profiles = open.usb.profiles().profiles;
        match self.seen {
            Some(seen) if seen.content.is_none() && profiles.wants_content(&seen) => {
                let content = Some(content(&profiles, &seen, recorder)?);
                Ok(Reading::announced(open, Seen { content, ..seen }))
            }
            _ => Ok(self),
        }
    }
}

impl Reading {
    /// The same, with the numbers that the profile reads from logs and label. The card is listed for them.
    pub fn with_numbers(mut self, recorder: &mut dyn Recorder) -> PortResult<Reading> {
        let logs = if self.profile.has_telling_logs() {
            logs(&self.profile, recorder)?
        } else {
            Some(Vec::new())
        };
        // What cannot be read might name another recorder.
        let keeps_all = self.keeps_all || logs.is_none();
        let logs = logs.unwrap_or_default();
        let volume = self.seen.as_ref().and_then(|seen| seen.volume.as_ref());
        let label = volume.and_then(|volume| volume.label.as_deref());
        let mut told = self.profile.said(&Evidence { logs, label, ..Evidence::default() });
        told.append(&mut self.told);
        Ok(Reading { told, keeps_all, ..self })
    }
}

/// Path, time of last change and text.
type Log = (String, i64, String);

/// The logs that say a number; `None` if one of them cannot be read.
fn logs(profile: &Profile, recorder: &mut dyn Recorder) -> PortResult<Option<Vec<Log>>> {
    let mut logs = Vec::new();
    for line in recorder.list()?.lines {
        let path = String::from_utf8_lossy(&line.raw_name).into_owned();
        if !profile.tells_number(&path) {
            continue;
        }
        // The last line that fits counts: of a long log its end is read.
        let from =
            line.size.saturating_sub(TEXT_BYTES_MAX).next_multiple_of(TEXT_BLOCK_BYTES as u64);
        let is_file = line.kind == LineKind::File;
        let Some(text) = is_file.then(|| text(recorder, &line, from)).flatten() else {
            tracing::warn!(
                path,
                "a log that may name the recorder cannot be read; nothing is wiped"
            );
            return Ok(None);
        };
        logs.push((path, line.mtime_ms.unwrap_or(i64::MIN), text));
    }
    Ok(Some(logs))
}

fn set(mut told: Told, profile: &Profile) -> Told {
    for number in [&mut told.device, &mut told.officer] {
        number.take_if(|number| profile.is_placeholder(number));
    }
    told
}

/// The profile that the port is bound to.
fn bound<'a>(docks: &'a Docks, seen: &Seen) -> Option<&'a str> {
    match docks.place(&seen.port) {
        Place::Dock(port) => port.profile.as_deref(),
        _ => None,
    }
}

fn content(profiles: &Profiles, seen: &Seen, recorder: &mut dyn Recorder) -> PortResult<Content> {
    let lines = recorder.list()?.lines;
    let mut content = Content::default();
    for line in lines.iter().filter(|line| line.kind == LineKind::File) {
        let path = String::from_utf8_lossy(&line.raw_name).into_owned();
        if line.size <= TEXT_BYTES_MAX
            && profiles.wants_text(seen, &path)
            && let Some(text) = text(recorder, line, 0)
        {
            content.texts.insert(path.clone(), text);
        }
        content.files.push(ContentFile { path, size: line.size });
    }
    Ok(content)
}

/// A text that cannot be read is as good as none: the session will say what is wrong with it.
fn text(recorder: &mut dyn Recorder, line: &RawLine, from: u64) -> Option<String> {
    let mut source = recorder.open(line).ok()?;
    let mut block = Block::new(TEXT_BLOCK_BYTES);
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < TEXT_BYTES_MAX {
        match source.read_at(from + bytes.len() as u64, &mut block).ok()? {
            0 => break,
            filled => bytes.extend_from_slice(&block.bytes()[..filled]),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
