//! Files made from the profiles: udev's hardware database and the table of recorders. What is checked in
//! is tested equal; `cargo xtask generate` writes it anew.

use crate::clock::ClockSet;
use crate::profile::{Opening, Profile};
use crate::profiles::Profiles;
use crate::rule::{Rule, Test};
use crate::seen::State;
use crate::unlock::Policy;
use std::collections::BTreeMap;

const HWDB_HEAD: &str = "\
# Made from crates/profile/data by `cargo xtask generate`; do not edit.
# Tags for people (`udevadm info`) and for rules. Nothing is admitted because of a tag: that is
# `sealdock-wiper admit`, which reads the descriptors.
";

impl Profiles {
    /// `70-sealdock.hwdb`: every pair that a profile names without a binding.
    pub fn hwdb(&self) -> String {
        let mut pairs: BTreeMap<String, (Vec<&str>, bool)> = BTreeMap::new();
        for profile in self.all() {
            for rule in profile.rules().iter().filter(|rule| !rule.bind_only) {
                for glob in modaliases(rule) {
                    let (ids, forbidden) = pairs.entry(glob).or_default();
                    *forbidden |= rule.state == State::Forbidden;
                    if !ids.contains(&profile.id()) {
                        ids.push(profile.id());
                    }
                }
            }
        }
        let mut text = HWDB_HEAD.to_owned();
        for (glob, (ids, forbidden)) in &pairs {
            text.push_str(&format!("\n{glob}\n ID_SEALDOCK_PROFILE={}\n", ids.join(" ")));
            if *forbidden {
                text.push_str(" ID_SEALDOCK_BOOT_ROM=maybe\n");
            }
        }
        text
    }

    /// `docs/ref/recorders.md`.
    pub fn support_table(&self) -> String {
        let mut text = TABLE_HEAD.to_owned();
        let shown = |p: &&Profile| !p.rules().iter().any(|r| r.state == State::Forbidden);
        let (no, yes): (Vec<&Profile>, Vec<&Profile>) =
            self.all().iter().filter(shown).partition(|p| p.unsupported().is_some());
        let mut yes = yes;
        yes.sort_by_key(|p| (p.rules().iter().all(|r| r.weight == 0), p.title().to_lowercase()));
        for profile in yes {
            text.push_str(&row(profile));
        }
        text.push_str(
            "\n## Not supported\n\n| Recorder | Why | Confidence | Sources |\n|---|---|---|---|\n",
        );
        for profile in no {
            let why = profile.unsupported().unwrap_or_default();
            let cells = [profile.title(), why, profile.confidence(), &profile.sources().join("; ")];
            text.push_str(&cells_of(&cells));
        }
        text.push_str(
            "\n## Never touched\n\nBoot ROMs, which receive nothing whatever a port is bound to: ",
        );
        let roms =
            self.all().iter().flat_map(Profile::rules).filter(|r| r.state == State::Forbidden);
        let pairs: Vec<String> = roms.map(by).collect();
        text.push_str(&format!("{}.\n", pairs.join("; ")));
        text
    }
}

const TABLE_HEAD: &str = "\
# Recorders

Made from `crates/profile/data` by `cargo xtask generate`; do not edit. What the columns rest on:
[profile keys](profile-keys.md). A recorder that is not here and shows itself as a disk works with the
generic profile; [another one](../guide/add-a-recorder.md) takes an hour.

**Confidence** says who knows it: *verified* its author saw it on hardware, *reported* it ran on hardware
elsewhere, *inferred* it follows from several sources or from a vendor's program, *guessed* nobody showed
it. This project has held none of these makes in its hands yet.

| Recorder | Profile | Taken in | Known by | Number from | Clock | Confidence | Sources | Notes |
|---|---|---|---|---|---|---|---|---|
";

fn row(p: &Profile) -> String {
    let rules: Vec<String> = p.rules().iter().filter(|r| !r.bind_only).map(by).collect();
    let known = if rules.is_empty() { "binding of the port".to_owned() } else { rules.join("; ") };
    let cells = [
        p.title(),
        &format!("`{}`", p.id()),
        &taken(p),
        &known,
        &p.number_sources().join(", "),
        clock(p),
        p.confidence(),
        &p.sources().join("; "),
        p.note().unwrap_or_default(),
    ];
    cells_of(&cells)
}

fn cells_of(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn taken(p: &Profile) -> String {
    let mtp = p.rules().iter().any(|r| r.state == State::Mtp);
    let kind = if mtp { "as MTP device" } else { "as disk" };
    match p.opening() {
        Opening::Open => kind.to_owned(),
        Opening::Manual { .. } => format!("{kind}, after a choice on the recorder"),
        Opening::Vendor { .. } => format!("{kind}, once the vendor's program or a key opened it"),
        Opening::Messages(unlock) if unlock.policy == Policy::Never => {
            format!("{kind}; its unlock is known and not sent")
        }
        Opening::Messages(_) => format!("{kind}, unlocked on a bound port"),
    }
}

fn clock(p: &Profile) -> &'static str {
    match p.clock().and_then(|c| c.set.as_ref()) {
        None | Some((Policy::Never, _)) => "measured only",
        Some((_, ClockSet::Step(_))) => "set by message",
        Some((_, ClockSet::File { .. })) => "set by file",
        Some((_, ClockSet::MtpProperty { .. })) => "set over MTP",
    }
}

/// What a rule looks at, short.
fn by(rule: &Rule) -> String {
    let vid = rule.tests.iter().find_map(|t| match t {
        Test::Vid(vid) => Some(*vid),
        _ => None,
    });
    let pids = rule.tests.iter().find_map(|t| match t {
        Test::Pid(pids) => {
            Some(pids.iter().map(|p| format!("{p:04x}")).collect::<Vec<_>>().join("/"))
        }
        _ => None,
    });
    let mut words: Vec<String> = Vec::new();
    words.extend(vid.map(|vid| format!("`{vid:04x}:{}`", pids.as_deref().unwrap_or("*"))));
    for test in &rule.tests {
        let word = match test {
            Test::Vid(_) | Test::Pid(_) => continue,
            Test::Interfaces(_) => "interfaces",
            Test::Manufacturer(_) | Test::Product(_) => "strings",
            Test::ProductAbsent => "no product string",
            Test::ScsiVendor(_) | Test::ScsiProduct(_) => "INQUIRY",
            Test::Medium(_) => "no medium",
            Test::Label(_) => "label",
            Test::Exists(_) => "folders",
            Test::AnyName(_) => "file names",
            Test::Text { .. } => "log",
        };
        if !words.iter().any(|w| w == word) {
            words.push(word.to_owned());
        }
    }
    let more = if rule.ambiguous { " (needs a binding)" } else { "" };
    format!("{}{more}", words.join(", "))
}

fn modaliases(rule: &Rule) -> Vec<String> {
    let vid = rule.tests.iter().find_map(|t| match t {
        Test::Vid(vid) => Some(*vid),
        _ => None,
    });
    let Some(vid) = vid else { return Vec::new() };
    let pids = rule.tests.iter().find_map(|t| match t {
        Test::Pid(pids) => Some(pids),
        _ => None,
    });
    match pids {
        Some(pids) => pids.iter().map(|pid| format!("usb:v{vid:04X}p{pid:04X}*")).collect(),
        None => vec![format!("usb:v{vid:04X}p*")],
    }
}
