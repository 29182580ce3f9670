//! Where a place lies below the vault's directory, and back. Pure. No name from a recorder ever
//! becomes part of a path: only digests, our own counters and two fixed suffixes do.

use crate::Digest;
use crate::errors::invalid;
use sealdock_core::ports::{Place, PortResult};
use std::fmt;

/// The file that says: this directory is a vault, and its disk is mounted.
pub(crate) const MARKER: &str = "vault.id";

/// Sidecars that a clip may have.
pub(crate) const SIDECARS: [&str; 2] = ["chunks", "sshsig"];

/// One of the four directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Area {
    Incoming,
    Kept,
    Objects,
    Aside,
}

impl Area {
    pub(crate) const ALL: [Area; 4] = [Area::Incoming, Area::Kept, Area::Objects, Area::Aside];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Area::Incoming => "incoming",
            Area::Kept => "kept",
            Area::Objects => "objects",
            Area::Aside => "aside",
        }
    }

    /// How many levels of two-digit directories: clips number in the millions.
    fn levels(self) -> usize {
        match self {
            Area::Incoming => 0,
            Area::Kept => 2,
            Area::Objects | Area::Aside => 1,
        }
    }
}

/// A file of ours: area, two-digit directories, name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    pub area: Area,
    pub shards: Vec<String>,
    pub name: String,
}

impl Spot {
    /// Where `place` lies, if it is a place of ours with a proper name.
    pub(crate) fn of(place: &Place) -> PortResult<Spot> {
        match place {
            Place::Kept(digest) => Ok(Spot::addressed(Area::Kept, digest, "")),
            Place::Object(digest) => Ok(Spot::addressed(Area::Objects, digest, "")),
            Place::Aside(digest) => Ok(Spot::addressed(Area::Aside, digest, "")),
            Place::Sidecar(digest, kind) if SIDECARS.contains(&kind.as_str()) => {
                Ok(Spot::addressed(Area::Kept, digest, &format!(".{kind}")))
            }
            Place::Sidecar(_, kind) => Err(invalid(format!(
                "a clip has no sidecar {kind:?}; ask for one of {}",
                SIDECARS.join(", ")
            ))),
            Place::Incoming(name) if is_incoming(name) => {
                Ok(Spot { area: Area::Incoming, shards: Vec::new(), name: name.clone() })
            }
            Place::Incoming(name) => Err(invalid(format!(
                "{name:?} is not the name of a copy under way; list the vault first"
            ))),
            Place::Foreign(path) => Err(invalid(format!(
                "{path:?} in the vault is not sealdock's and is never opened; move it elsewhere by hand"
            ))),
        }
    }

    fn addressed(area: Area, digest: &Digest, suffix: &str) -> Spot {
        let hex = digest.to_string();
        let shards =
            (0..area.levels()).map(|level| hex[level * 2..level * 2 + 2].to_owned()).collect();
        Spot { area, shards, name: format!("{hex}{suffix}") }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.area.name())?;
        for shard in &self.shards {
            write!(f, "{shard}/")?;
        }
        f.write_str(&self.name)
    }
}

/// Which place a regular file at `path` (components below the vault) is; `Foreign` for all that
/// sealdock would not have put exactly there.
pub(crate) fn classify(path: &[String]) -> Place {
    let candidate = match path {
        [area, .., name] if area == "kept" => {
            sidecar(name).or_else(|| digest(name).map(Place::Kept))
        }
        [area, .., name] if area == "objects" => digest(name).map(Place::Object),
        [area, .., name] if area == "aside" => digest(name).map(Place::Aside),
        [area, name] if area == "incoming" => Some(Place::Incoming(name.clone())),
        _ => None,
    };
    let joined = path.join("/");
    candidate
        .filter(|place| Spot::of(place).is_ok_and(|spot| spot.to_string() == joined))
        .unwrap_or(Place::Foreign(joined))
}

fn sidecar(name: &str) -> Option<Place> {
    let (clip, kind) = name.split_once('.')?;
    Some(Place::Sidecar(digest(clip)?, kind.to_owned()))
}

fn digest(text: &str) -> Option<Digest> {
    text.parse().ok()
}

/// The name of the `count`th copy of a run of the station.
pub(crate) fn incoming_name(run: u64, count: u64) -> String {
    format!("{run:016x}-{count:08x}")
}

/// Was the copy begun by this run?
pub(crate) fn is_of_run(name: &str, run: u64) -> bool {
    name.starts_with(&format!("{run:016x}-"))
}

fn is_incoming(name: &str) -> bool {
    let hex = |part: &str, digits: usize| {
        part.len() >= digits && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    name.len() <= 40
        && name.split_once('-').is_some_and(|(run, count)| hex(run, 16) && hex(count, 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn every_place_is_found_where_it_is_put() {
        let digest = Digest::of(b"clip");
        let places = [
            Place::Kept(digest),
            Place::Object(digest),
            Place::Aside(digest),
            Place::Sidecar(digest, "chunks".into()),
            Place::Sidecar(digest, "sshsig".into()),
            Place::Incoming(incoming_name(7, 9)),
        ];
        for place in places {
            assert_eq!(classify(&path(&Spot::of(&place).unwrap().to_string())), place);
        }
    }

    #[test]
    fn strangers_are_foreign_and_never_become_paths() {
        let hex = Digest::of(b"clip").to_string();
        for stranger in [
            format!("kept/00/00/{hex}"),
            format!("kept/{}/{hex}", &hex[..2]),
            format!("kept/{}/{}/{hex}.exe", &hex[..2], &hex[2..4]),
            format!("objects/{}/{}", &hex[..2], hex.to_uppercase()),
            "incoming/notes.txt".to_owned(),
            "README".to_owned(),
        ] {
            assert_eq!(classify(&path(&stranger)), Place::Foreign(stranger));
        }
        for hostile in ["../../etc/passwd", "", "a/b", "0000000000000000-../x"] {
            assert!(Spot::of(&Place::Incoming(hostile.into())).is_err());
            assert!(Spot::of(&Place::Sidecar(Digest::of(b""), hostile.into())).is_err());
        }
    }
}
