//! All profiles together: which one a device is of. Descriptors first, then INQUIRY, label and content,
//! as far as they are known; the heaviest match wins, a tie is nobody's.

use crate::keys::BadProfile;
use crate::lint::Finding;
use crate::profile::{Opening, Profile};
use crate::rule::{Fit, Rule};
use crate::seen::{Seen, State};
use crate::shape::{Shape, Surprise};
use crate::verdict::Verdict;

/// The built-in profiles by file name; each is tested.
const BUILT_IN: &[(&str, &str)] = &[
    ("ambarella-a9.toml", include_str!("../data/ambarella-a9.toml")),
    ("ambarella-simple.toml", include_str!("../data/ambarella-simple.toml")),
    ("android-mtp.toml", include_str!("../data/android-mtp.toml")),
    ("axis.toml", include_str!("../data/axis.toml")),
    ("axon.toml", include_str!("../data/axon.toml")),
    ("bestcam-a11.toml", include_str!("../data/bestcam-a11.toml")),
    ("boblov.toml", include_str!("../data/boblov.toml")),
    ("bodycam-bc300.toml", include_str!("../data/bodycam-bc300.toml")),
    ("boot-rom.toml", include_str!("../data/boot-rom.toml")),
    ("cammpro-mc.toml", include_str!("../data/cammpro-mc.toml")),
    ("date-txt.toml", include_str!("../data/date-txt.toml")),
    ("easystorage-bc.toml", include_str!("../data/easystorage-bc.toml")),
    ("edgevis.toml", include_str!("../data/edgevis.toml")),
    ("eylog-h22.toml", include_str!("../data/eylog-h22.toml")),
    ("generic.toml", include_str!("../data/generic.toml")),
    ("hengan.toml", include_str!("../data/hengan.toml")),
    ("hikvision-dahua.toml", include_str!("../data/hikvision-dahua.toml")),
    ("hp-f.toml", include_str!("../data/hp-f.toml")),
    ("jieli-dv16.toml", include_str!("../data/jieli-dv16.toml")),
    ("motorola.toml", include_str!("../data/motorola.toml")),
    ("novatek.toml", include_str!("../data/novatek.toml")),
    ("tecsar.toml", include_str!("../data/tecsar.toml")),
    ("timeset-txt.toml", include_str!("../data/timeset-txt.toml")),
    ("transcend-body70.toml", include_str!("../data/transcend-body70.toml")),
];

/// A profile with every key explained, to be copied.
pub const EXAMPLE: &str = include_str!("../data/example.toml");

/// Every profile of a station.
#[derive(Debug)]
pub struct Profiles {
    all: Vec<Profile>,
}

/// A rule that fits, with whose it is and why.
struct Hit<'a> {
    profile: &'a Profile,
    rule: &'a Rule,
}

impl Profiles {
    pub fn built_in() -> Profiles {
        Profiles::with(&[]).expect("the built-in profiles are well-formed, a test reads them")
    }

    /// The built-in profiles and the given files (name, text) beside them.
    ///
    /// # Errors
    /// A file that is no profile, or an id that is there already: what is built in is never replaced,
    /// its prohibitions least of all.
    pub fn with(files: &[(String, String)]) -> Result<Profiles, BadProfile> {
        let mut profiles = Profiles { all: Vec::new() };
        for (_, text) in BUILT_IN {
            profiles.add(Profile::built_in(text)?)?;
        }
        for (_, text) in files {
            profiles.add(Profile::parse(text)?)?;
        }
        Ok(profiles)
    }

    /// As [`Profiles::with`], for use at a dock: every file must also hold by its own examples.
    ///
    /// # Errors
    /// The first file that is faulty, by name. None of the files is to be used then: which of them an owner
    /// meant to rest on the others is not known.
    pub fn beside(files: &[(String, String)]) -> Result<Profiles, Finding> {
        let mut profiles = Profiles::built_in();
        for (file, text) in files {
            let own = Profile::parse(text).and_then(|own| own.check().map(|()| own));
            own.and_then(|own| profiles.add(own))
                .map_err(|bad| Finding { file: file.clone(), why: bad.to_string() })?;
        }
        Ok(profiles)
    }

    fn add(&mut self, profile: Profile) -> Result<(), BadProfile> {
        if self.find(profile.id()).is_some() {
            let why = "its id is taken by another profile; choose another `profile.id`";
            return Err(BadProfile::new(profile.id(), why));
        }
        self.all.push(profile);
        Ok(())
    }

    pub fn all(&self) -> &[Profile] {
        &self.all
    }

    pub fn find(&self, id: &str) -> Option<&Profile> {
        self.all.iter().find(|profile| profile.id() == id)
    }

    /// What the device is. `bound` is the profile that the dock's settings name for its port.
    pub fn identify(&self, seen: &Seen, bound: Option<&str>) -> Verdict {
        let refused = |why| Verdict::Refused { why };
        if let Some(hit) = self.hits(seen).find(|hit| hit.rule.state == State::Forbidden) {
            let profile = hit.profile.id().to_owned();
            return Verdict::Forbidden { profile, why: hit.profile.title().to_owned() };
        }
        let shape = Shape::of(seen);
        if let Shape::Hostile(why) = shape {
            return refused(why);
        }
        if let Some(bound) = bound {
            if self.find(bound).is_none() {
                return refused(Surprise::UnknownBinding);
            }
            let own = self.hits(seen).filter(|hit| hit.profile.id() == bound);
            if let Some(hit) = own.max_by_key(|hit| hit.rule.weight) {
                return Verdict::Known { profile: bound.to_owned(), state: hit.rule.state };
            }
        }
        self.unbound(seen, shape)
    }

    /// What it is without a binding: never something to unlock.
    fn unbound(&self, seen: &Seen, shape: Shape) -> Verdict {
        let hits: Vec<Hit> = self.hits(seen).filter(|hit| !hit.rule.bind_only).collect();
        let locked = hits.iter().any(|hit| hit.rule.state == State::Locked);
        match shape {
            Shape::Storage | Shape::Mtp => {}
            _ if locked => {}
            Shape::Vendor => return Verdict::Refused { why: Surprise::UnknownVendor },
            _ => return Verdict::Refused { why: Surprise::Composite },
        }
        let top = hits.iter().map(|hit| hit.rule.weight).max().unwrap_or(0);
        // Of devices with vendor interfaces every way to unlock them is named, whatever its weight.
        let asks = |hit: &Hit| {
            locked
                && !matches!(shape, Shape::Storage | Shape::Mtp)
                && hit.rule.state == State::Locked
        };
        let clear = |hit: &&Hit| hit.rule.weight == top || asks(hit);
        let best: Vec<&Hit> = hits.iter().filter(clear).collect();
        let plain = if shape == Shape::Mtp { State::Mtp } else { State::Storage };
        let state = if best.iter().any(|hit| hit.rule.state == State::Locked) {
            State::Locked
        } else {
            plain
        };
        let mut candidates: Vec<String> = Vec::new();
        for hit in &best {
            if !candidates.iter().any(|id| id == hit.profile.id()) {
                candidates.push(hit.profile.id().to_owned());
            }
        }
        let doubt = state == State::Locked || best.iter().any(|hit| hit.rule.ambiguous);
        match &candidates[..] {
            _ if top == 0 && state != State::Locked => Verdict::Generic { state },
            [profile] if !doubt => Verdict::Known { profile: profile.clone(), state },
            _ => Verdict::Ambiguous { candidates, state },
        }
    }

    fn hits<'a>(&'a self, seen: &'a Seen) -> impl Iterator<Item = Hit<'a>> {
        let rules = self.all.iter().flat_map(|p| p.rules().iter().map(move |rule| (p, rule)));
        rules
            .filter(|(_, rule)| matches!(rule.fits(seen), Fit::Yes(_)))
            .map(|(profile, rule)| Hit { profile, rule })
    }

    /// Which profile fits and why, which not and why; the last line is the verdict.
    pub fn explain(&self, seen: &Seen, bound: Option<&str>) -> Vec<String> {
        let mut lines = vec![about(seen, bound)];
        for profile in &self.all {
            for rule in profile.rules() {
                let here = bound == Some(profile.id());
                let (word, why) = match rule.fits(seen) {
                    Fit::Yes(why) if rule.bind_only && !here => {
                        ("could", format!("{why}; only on a port bound to it"))
                    }
                    Fit::Yes(why) if rule.ambiguous && !here => {
                        ("could", format!("{why}; others look the same, bind the port"))
                    }
                    Fit::Yes(why) => ("fits", why),
                    Fit::No(why) => ("no", why),
                    Fit::Unknown(key) => ("open", format!("{key} is not known yet")),
                };
                let (id, state) = (profile.id(), rule.state.word());
                lines.push(format!("{word:<5} {id} ({state}, weight {}): {why}", rule.weight));
            }
        }
        lines.push(self.conclusion(seen, bound));
        lines
    }

    /// What an operator must know or do: Chinese, then English. `None` where nothing is.
    pub fn sentence(&self, verdict: &Verdict) -> Option<String> {
        let profile = verdict.unlocks().and_then(|id| self.find(id));
        match profile.map(Profile::opening) {
            Some(Opening::Manual { prompt } | Opening::Vendor { prompt }) => Some(prompt.clone()),
            _ => verdict.sentence(),
        }
    }

    fn conclusion(&self, seen: &Seen, bound: Option<&str>) -> String {
        let verdict = self.identify(seen, bound);
        let sentence = self.sentence(&verdict).unwrap_or_default();
        match &verdict {
            Verdict::Known { profile, state: State::Locked } => {
                let sends = self.find(profile).is_some_and(|p| p.unlock().is_some());
                let then = if sends { "its unlock may be sent" } else { &sentence };
                format!("verdict: {profile}, locked; {then}")
            }
            Verdict::Known { profile, state } => format!("verdict: {profile}, {}", state.word()),
            Verdict::Generic { state } => match self.undecided(seen, bound) {
                open if open.is_empty() => {
                    format!("verdict: an ordinary recorder, {}", state.word())
                }
                open => format!(
                    "verdict: undecided, {}: {} may fit once what the lines \"open\" name is known; until then an \
                     ordinary recorder",
                    state.word(),
                    open.join(", ")
                ),
            },
            Verdict::Ambiguous { .. } => format!("verdict: ambiguous: {sentence}"),
            Verdict::Forbidden { profile, .. } => {
                format!("verdict: forbidden by {profile}: {sentence}")
            }
            Verdict::Refused { .. } => format!("verdict: refused: {sentence}"),
        }
    }

    /// Profiles that would go before the generic one if what is not known yet fitted them.
    fn undecided(&self, seen: &Seen, bound: Option<&str>) -> Vec<&str> {
        let open = |profile: &&Profile| {
            profile.rules().iter().any(|rule| {
                rule.weight > 0
                    && (!rule.bind_only || bound == Some(profile.id()))
                    && matches!(rule.fits(seen), Fit::Unknown(_))
            })
        };
        self.all.iter().filter(open).map(Profile::id).collect()
    }
}

fn about(seen: &Seen, bound: Option<&str>) -> String {
    let interfaces: Vec<String> = seen.interfaces.iter().map(ToString::to_string).collect();
    let bound = bound.map_or("port not bound".to_owned(), |id| format!("port bound to {id}"));
    format!(
        "device {:04x}:{:04x}, product {:?}, interfaces {}, {bound}",
        seen.vid,
        seen.pid,
        seen.product.as_deref().unwrap_or("none"),
        interfaces.join(" ")
    )
}
