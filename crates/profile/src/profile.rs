//! A profile ready for use: classifies names that come from a stranger, byte by byte, without ever
//! failing on one.

use crate::clock::{Clock, ClockRead};
use crate::identity::{Claim, Evidence, IdentityClaims, Source};
use crate::keys::{BadProfile, Example, MediaKind, MtpQuirk, ProfileFile, Role};
use crate::name::{Found, NameForm};
use crate::pattern::{Glob, Pattern};
use crate::rule::{Rule, Test};
use crate::unlock::{Policy, Unlock};
use sealdock_core::id::RecorderId;
use sealdock_core::listing::{Classified, LineKind, RawLine};
use sealdock_core::session::Told;
use std::sync::LazyLock;
use std::time::Duration;

/// From the file form to a profile.
mod build;

/// The one profile that others may extend.
const EXTENDABLE: &str = "generic.ums";
/// Read once, and each of its patterns compiled once.
static GENERIC: LazyLock<Profile> = LazyLock::new(|| {
    let text = include_str!("../data/generic.toml");
    Profile::built_in(text).expect("the built-in profile is well-formed, a test reads it")
});

/// What is known about one model of recorder.
#[derive(Debug, Clone)]
pub struct Profile {
    id: String,
    title: String,
    confidence: &'static str,
    sources: Vec<String>,
    unsupported: Option<String>,
    note: Option<String>,
    rules: Vec<Rule>,
    opening: Opening,
    mtp: Option<Mtp>,
    fs: Vec<&'static str>,
    quiet: Duration,
    clock: Option<Clock>,
    device: Vec<Source>,
    officer: Vec<Source>,
    placeholders: Vec<Pattern>,
    keep: Vec<(String, Glob)>,
    marked_folders: Vec<String>,
    media: Vec<(MediaKind, Glob)>,
    names: Vec<NameForm>,
    /// The first of the name forms are the profile's own; the rest is inherited and tested elsewhere.
    own_names: usize,
    sidecars: Vec<Sidecar>,
}

/// How a recorder comes to show its footage.
#[derive(Debug, Clone)]
pub enum Opening {
    /// It does so by itself.
    Open,
    /// A person chooses it on the recorder.
    Manual {
        prompt: String,
    },
    /// Only the vendor's program can; sealdock runs none.
    Vendor {
        prompt: String,
    },
    Messages(Unlock),
}

/// What a recorder's MTP needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mtp {
    pub quirks: Vec<MtpQuirk>,
    /// Folders of footage, as globs; empty is everything.
    pub roots: Vec<String>,
}

/// Files that tell something about a clip.
#[derive(Debug, Clone)]
pub struct Sidecar {
    pub role: Role,
    /// Beside the clip, with its name and one of these extensions.
    pub ext: Vec<String>,
    pub glob: Vec<Glob>,
    /// Inside the clip.
    pub track: Option<String>,
}

impl Profile {
    /// The built-in profile that fits any recorder whose card is an ordinary file system.
    pub fn generic() -> Profile {
        GENERIC.clone()
    }

    /// Reads a profile file. Its examples are not run; see [`Profile::check`].
    ///
    /// # Errors
    /// Unknown keys, another schema, a pattern that is not anchored or does not compile.
    pub fn parse(text: &str) -> Result<Profile, BadProfile> {
        Profile::read(text, Profile::ready)
    }

    /// Reads a file that is tested with this program: its patterns are compiled when they are used.
    pub(crate) fn built_in(text: &str) -> Result<Profile, BadProfile> {
        Profile::read(text, |_| Ok(()))
    }

    /// What is inherited was looked at where it stands.
    fn read(
        text: &str,
        look: fn(&Profile) -> Result<(), BadProfile>,
    ) -> Result<Profile, BadProfile> {
        let file: ProfileFile =
            toml::from_str(text).map_err(|e| BadProfile::new("", e.to_string().trim_end()))?;
        let id = file.profile.id.clone();
        let (own, parent) = build::build(file).map_err(|why| BadProfile::new(&id, why))?;
        look(&own)?;
        Ok(match parent {
            Some(parent) => own.under(parent),
            None => own,
        })
    }

    /// Compiles every pattern now.
    ///
    /// # Errors
    /// The first that does not compile, or has a group too many or too few.
    pub(crate) fn ready(&self) -> Result<(), BadProfile> {
        let names = self.names.iter().map(NameForm::ready);
        let tests = self.rules.iter().flat_map(|rule| &rule.tests).map(Test::ready);
        let device = self.device.iter().map(|source| source.ready("device"));
        let officer = self.officer.iter().map(|source| source.ready("officer"));
        let clock = self.clock.iter().flat_map(|clock| &clock.read).map(ClockRead::ready);
        let placeholders = self.placeholders.iter().map(|p| p.ready().map(drop));
        let all = names.chain(tests).chain(device).chain(officer).chain(clock).chain(placeholders);
        all.collect::<Result<(), String>>().map_err(|why| BadProfile::new(&self.id, why))
    }

    /// Runs every example of the file: each must be matched by the form it stands under, and the whole
    /// profile must say of it exactly what the example says.
    ///
    /// # Errors
    /// The first example that does not hold, with what was found instead.
    pub fn check(&self) -> Result<(), BadProfile> {
        self.modest().map_err(|why| BadProfile::new(&self.id, why))?;
        for form in &self.names[..self.own_names] {
            for example in &form.examples {
                let winner = self.names.iter().find(|f| f.find(leaf(&example.path)).is_some());
                let winner = winner.map_or("no form at all", |f| f.family.as_str());
                if winner != form.family {
                    let why = format!(
                        "the example {:?} of the name form {:?} is matched by {winner:?}; change the pattern or the order",
                        example.path, form.family
                    );
                    return Err(BadProfile::new(&self.id, why));
                }
                let (said, found) = (expected(example), self.classify(example.path.as_bytes()));
                if said != found {
                    let why = format!(
                        "the example {:?} says {said:?} but the profile finds {found:?}",
                        example.path
                    );
                    return Err(BadProfile::new(&self.id, why));
                }
            }
        }
        if self.rules.is_empty() && self.unsupported.is_none() {
            let why = "it has no [[match]], so no device is ever of it; add one";
            return Err(BadProfile::new(&self.id, why));
        }
        Ok(())
    }

    /// How many of its forms of names are compiled.
    #[cfg(test)]
    pub(crate) fn forms_compiled(&self) -> usize {
        self.names.iter().filter(|form| form.is_compiled()).count()
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    /// `verified`, `reported`, `inferred` or `guessed`: how sure the author is.
    pub fn confidence(&self) -> &'static str {
        self.confidence
    }

    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Why recorders of this make cannot be taken in over USB.
    pub fn unsupported(&self) -> Option<&str> {
        self.unsupported.as_deref()
    }

    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// Where its number is read, in order.
    pub(crate) fn number_sources(&self) -> Vec<&'static str> {
        self.device.iter().map(Source::word).collect()
    }

    /// The messages that open it, where they are known and allowed.
    pub fn unlock(&self) -> Option<&Unlock> {
        match &self.opening {
            Opening::Messages(unlock) if unlock.policy != Policy::Never => Some(unlock),
            _ => None,
        }
    }

    pub fn mtp(&self) -> Option<&Mtp> {
        self.mtp.as_ref()
    }

    /// The file systems that its cards have, as `mount` calls them.
    pub fn file_systems(&self) -> &[&'static str] {
        &self.fs
    }

    /// How long nothing must change before a card is read.
    pub fn quiet(&self) -> Duration {
        self.quiet
    }

    pub fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }

    pub fn sidecars(&self) -> &[Sidecar] {
        &self.sidecars
    }

    /// Is this a log that [`Profile::device_claims`], a match or the clock would read?
    pub fn wants_text(&self, path: &str) -> bool {
        let sources = self.device.iter().chain(&self.officer);
        let identity = sources.filter_map(|s| match s {
            Source::File { glob, .. } => Some(glob),
            _ => None,
        });
        let rules = self.rules.iter().flat_map(|r| &r.tests).filter_map(|t| match t {
            Test::Text { glob, .. } => Some(glob),
            _ => None,
        });
        let clock = self.clock.iter().flat_map(|c| &c.read).filter_map(|r| match r {
            ClockRead::LogEvent { glob, .. } => Some(glob),
            _ => None,
        });
        identity.chain(rules).chain(clock).any(|glob| glob.is_match(path))
    }

    /// The recorder's number by every source of the profile, in its order; numbers that nobody set are
    /// left out. [`crate::disagreement`] says whether they can be believed.
    pub fn device_claims(&self, evidence: &Evidence) -> Vec<Claim> {
        self.claims(&self.device, evidence, "device")
    }

    /// Who holds the recorder now, by logs and replies; the officer of a clip stands in its name.
    pub fn officer_claims(&self, evidence: &Evidence) -> Vec<Claim> {
        self.claims(&self.officer, evidence, "officer")
    }

    /// Is this a log that says a number of the recorder?
    pub fn tells_number(&self, path: &str) -> bool {
        let sources = self.device.iter().chain(&self.officer);
        sources.filter_map(Source::log).any(|glob| glob.is_match(path))
    }

    /// Has it logs that say a number of the recorder?
    pub fn has_telling_logs(&self) -> bool {
        self.device.iter().chain(&self.officer).any(|source| source.log().is_some())
    }

    /// What logs and label say of the recorder, each on its own, so that two that differ are seen; numbers
    /// that nobody set are left out, and what no number can be: a log may hold anything.
    pub fn said(&self, evidence: &Evidence) -> Vec<Told> {
        let by = |source: &Source, group| {
            let number = source.number(evidence, group).filter(|n| !self.is_placeholder(n))?;
            let number = number.parse::<RecorderId>().ok()?;
            Some((number.to_string(), source.word().to_owned()))
        };
        let beside_unlock = |source: &&Source| !matches!(source, Source::Vendor);
        let devices = self.device.iter().filter(beside_unlock).filter_map(|s| by(s, "device"));
        let officers = self.officer.iter().filter(beside_unlock).filter_map(|s| by(s, "officer"));
        let device = |(number, source)| Told { device: Some(number), source, ..Told::default() };
        let officer = |(number, source)| Told { officer: Some(number), source, ..Told::default() };
        devices.map(device).chain(officers.map(officer)).collect()
    }

    fn claims(&self, sources: &[Source], evidence: &Evidence, group: &str) -> Vec<Claim> {
        let mut claims = Vec::new();
        for source in sources {
            let numbers = match source {
                Source::Filename if group == "device" => self.identity(evidence.lines).devices,
                Source::Filename => Vec::new(),
                other => other.number(evidence, group).into_iter().collect(),
            };
            let set = numbers.into_iter().filter(|n| !self.is_placeholder(n));
            claims.extend(set.map(|number| Claim { number, from: source.word() }));
        }
        claims
    }

    /// What a line of the listing is for. `raw_name` may be any bytes; patterns see it as lossy UTF-8
    /// and globs ignore case. Never decides whether the line is stored.
    pub fn classify(&self, raw_name: &[u8]) -> Classified {
        let path = String::from_utf8_lossy(raw_name);
        let path = in_store(&path);
        let found = self.names.iter().find_map(|f| f.find(leaf(path))).unwrap_or_default();
        let Found { device, officer, time, important } = found;
        let media = self.media.iter().find(|(_, glob)| glob.is_match(path));
        let keep = self.keep.iter().find(|(_, glob)| glob.is_match(path));
        Classified {
            media: media.map_or("other", |(kind, _)| kind.word()).to_owned(),
            marked: important || self.in_marked_folder(path),
            device: device.filter(|d| !self.is_placeholder(d)),
            officer: officer.filter(|o| !self.is_placeholder(o)),
            named_time: time,
            stays: keep.map(|(pattern, _)| format!("profile keeps {pattern}")),
        }
    }

    /// Every device and officer number that the files of a card claim, so that two devices on one card
    /// (a card that was moved) can be seen.
    pub fn identity(&self, lines: &[RawLine]) -> IdentityClaims {
        let mut claims = IdentityClaims::default();
        for line in lines.iter().filter(|l| l.kind == LineKind::File) {
            let class = self.classify(&line.raw_name);
            claims.add(class.device, class.officer);
        }
        claims
    }

    /// This profile, which also keeps on the recorder what others keep.
    pub(crate) fn keeping_also<'a>(mut self, others: impl Iterator<Item = &'a Profile>) -> Profile {
        self.keep.extend(others.flat_map(|other| other.keep.iter().cloned()));
        self
    }

    /// Does this number look as if nobody ever set it?
    pub fn is_placeholder(&self, number: &str) -> bool {
        self.placeholders.iter().any(|p| p.is_match(number))
    }

    fn in_marked_folder(&self, path: &str) -> bool {
        let Some((folders, _)) = path.rsplit_once('/') else { return false };
        folders.split('/').any(|f| self.marked_folders.iter().any(|m| m.eq_ignore_ascii_case(f)))
    }
}

/// What lies in a store of a recorder that speaks MTP is named after the store, `storage-00010001/DCIM/…`;
/// profiles speak of what lies in it.
fn in_store(path: &str) -> &str {
    let inside = path.strip_prefix("storage-").and_then(|rest| rest.split_once('/'));
    match inside {
        Some((number, inside))
            if number.len() == 8 && number.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            inside
        }
        _ => path,
    }
}

/// The file name of a path on the recorder.
pub(crate) fn leaf(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, leaf)| leaf)
}

fn expected(example: &Example) -> Classified {
    Classified {
        media: example.media.clone(),
        marked: example.marked,
        device: example.device.clone(),
        officer: example.officer.clone(),
        named_time: example.ts.clone(),
        stays: example.stays.as_ref().map(|p| format!("profile keeps {p}")),
    }
}
