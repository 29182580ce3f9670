//! A station with a mirror and a card, which can be put back to where it was before the docking, and
//! what must be the same in the end however it got there.

use crate::calls::Place;
use crate::common_e2e::files;
use crate::common_e2e::station::{DONE, IN_ORDER, Station, kept};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is docked; the last stays on the card by rule.
const CARD: [(&str, usize, u8); 3] =
    [("DCIM/clip1.mp4", 9000, 3), ("DCIM/IMP/clip2.mp4", 700, 5), ("device.txt", 40, 7)];

/// The chain names its places by their paths, so a site is restored where it was founded.
pub struct Site {
    now: PathBuf,
    before: PathBuf,
    pub station: Station,
}

/// Where a docking ends.
#[derive(Debug, PartialEq)]
pub struct End {
    card: BTreeMap<String, String>,
    clips: BTreeSet<(String, u64, String)>,
    wiped: BTreeSet<(String, String)>,
    vault: BTreeSet<String>,
    mirror: BTreeSet<String>,
    unfinished: usize,
}

impl Site {
    /// Everything up to the moment of docking.
    pub fn founded(folder: &Path) -> Site {
        let (now, before) = (folder.join("now"), folder.join("before"));
        std::fs::create_dir_all(now.join("mirror")).expect("a folder");
        let station = Station::found(&now, "--mirror mirror --mirror-same-disk-for-tests");
        for (name, size, seed) in CARD {
            let path = now.join("card").join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            let content: Vec<u8> = (0..size).map(|at| (at as u8).wrapping_mul(seed)).collect();
            std::fs::write(path, content).expect("a clip");
        }
        copy(&now, &before);
        Site { now, before, station }
    }

    /// Puts everything back to the moment before the docking.
    pub fn restore(&self) {
        std::fs::remove_dir_all(&self.now).expect("the used site");
        copy(&self.before, &self.now);
    }

    /// No file of the card as it was may be absent from both card and vault. What lies in `incoming/`
    /// does not count.
    pub fn nothing_is_absent(&self, place: &Place) {
        let card: BTreeSet<String> = files::digests(&self.now.join("card")).into_values().collect();
        let vault = kept(&self.now.join("station/vault"));
        for (name, digest) in files::digests(&self.before.join("card")) {
            let there = card.contains(&digest) || vault.contains(&digest);
            assert!(there, "{name} is absent from both card and vault after {place:?}");
        }
    }

    /// Docks again, once more if it must.
    pub fn dock_until_done(&self) {
        let line = Station::docking("card");
        let first = self.station.output(&line);
        if first.status.code() == Some(0) {
            let said = String::from_utf8_lossy(&first.stdout);
            return assert!(said.contains(DONE), "{said}");
        }
        let said = self.station.done(&line);
        assert!(said.contains(DONE), "{said} after {first:?}");
    }

    /// How it stands now, after a check that reads every byte.
    pub fn end(&self) -> End {
        let said = self.station.done("check --deep");
        assert!(said.contains(IN_ORDER), "{said}");
        let clips = self.station.clips().into_iter().map(|clip| {
            let text = |key: &str| clip[key].as_str().expect(key).to_owned();
            (text("name"), clip["size"].as_u64().expect("a size"), text("sha256"))
        });
        let vault = self.now.join("station/vault");
        let mirror = self.mirror();
        let unfinished = [&vault, &mirror].map(|vault| files::below(&vault.join("incoming")).len());
        End {
            card: files::digests(&self.now.join("card")),
            clips: clips.collect(),
            wiped: self.station.wiped(),
            vault: kept(&vault),
            mirror: kept(&mirror),
            unfinished: unfinished.iter().sum(),
        }
    }

    fn mirror(&self) -> PathBuf {
        let marker = files::below(&self.now.join("mirror"));
        let marker = marker.into_values().find(|path| path.ends_with("vault/vault.id"));
        marker.expect("a vault on the mirror").parent().expect("its folder").to_owned()
    }
}

impl End {
    /// The undisturbed end is what it should be; or all others would be compared with nonsense.
    pub fn is_the_whole_way(&self) -> bool {
        let left: Vec<&str> = self.card.keys().map(String::as_str).collect();
        left == ["device.txt"]
            && (self.clips.len(), self.wiped.len()) == (CARD.len(), CARD.len() - 1)
            && self.vault.len() == CARD.len()
            && self.vault == self.mirror
            && self.unfinished == 0
    }
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(status.is_ok_and(|status| status.success()), "cannot copy {}", from.display());
}
