//! A profile ready for use: classifies names that come from a stranger, byte by byte, without ever
//! failing on one.

use crate::identity::IdentityClaims;
use crate::keys::{BadProfile, Example, MediaKind, ProfileFile, SCHEMA};
use crate::name::{Found, NameForm, anchored};
use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;
use sealdock_core::listing::{Classified, LineKind, RawLine};

const GENERIC: &str = include_str!("../data/generic.toml");

/// What is known about one model of recorder.
#[derive(Debug)]
pub struct Profile {
    id: String,
    title: String,
    confidence: &'static str,
    placeholders: Vec<Regex>,
    keep: Vec<(String, GlobMatcher)>,
    marked_folders: Vec<String>,
    media: Vec<(MediaKind, GlobMatcher)>,
    names: Vec<NameForm>,
}

impl Profile {
    /// The built-in profile that fits any recorder whose card is an ordinary file system.
    pub fn generic() -> Profile {
        Profile::parse(GENERIC).expect("the built-in profile is well-formed, a test reads it")
    }

    /// Reads a profile file. Its examples are not run; see [`Profile::check`].
    ///
    /// # Errors
    /// Unknown keys, another schema, a pattern that is not anchored or does not compile.
    pub fn parse(text: &str) -> Result<Profile, BadProfile> {
        let file: ProfileFile =
            toml::from_str(text).map_err(|e| BadProfile::new("", e.to_string().trim_end()))?;
        let id = file.profile.id;
        let bad = |why: String| BadProfile::new(&id, why);
        if file.schema != SCHEMA {
            return Err(bad(format!("schema {} is unknown; write schema = {SCHEMA}", file.schema)));
        }
        if file.profile.sources.is_empty() {
            return Err(bad("it names no source; say in `sources` who knows this".into()));
        }
        let mut media = Vec::new();
        for rule in file.media {
            for pattern in &rule.glob {
                media.push((rule.kind, glob(pattern).map_err(bad)?));
            }
        }
        let keep = file.wipe.keep.into_iter().map(|p| Ok((p.clone(), glob(&p).map_err(bad)?)));
        let names = file.name.into_iter().map(|n| NameForm::compile(&id, n));
        let placeholders = file.identity.placeholders.iter().map(|p| anchored(p).map_err(bad));
        Ok(Profile {
            title: file.profile.title,
            confidence: file.profile.confidence.word(),
            placeholders: placeholders.collect::<Result<_, _>>()?,
            keep: keep.collect::<Result<_, BadProfile>>()?,
            marked_folders: file.marked.folders,
            media,
            names: names.collect::<Result<_, _>>()?,
            id,
        })
    }

    /// Runs every example of the file: each must be matched by the form it stands under, and the whole
    /// profile must say of it exactly what the example says.
    ///
    /// # Errors
    /// The first example that does not hold, with what was found instead.
    pub fn check(&self) -> Result<(), BadProfile> {
        for form in &self.names {
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
        Ok(())
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    /// `verified`, `reported` or `guessed`: how sure the author is.
    pub fn confidence(&self) -> &'static str {
        self.confidence
    }

    /// What a line of the listing is for. `raw_name` may be any bytes; patterns see it as lossy UTF-8
    /// and globs ignore case. Never decides whether the line is stored.
    pub fn classify(&self, raw_name: &[u8]) -> Classified {
        let path = String::from_utf8_lossy(raw_name);
        let found = self.names.iter().find_map(|f| f.find(leaf(&path))).unwrap_or_default();
        let Found { device, officer, time, important } = found;
        let media = self.media.iter().find(|(_, glob)| glob.is_match(&*path));
        let keep = self.keep.iter().find(|(_, glob)| glob.is_match(&*path));
        Classified {
            media: media.map_or("other", |(kind, _)| kind.word()).to_owned(),
            marked: important || self.in_marked_folder(&path),
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

    fn is_placeholder(&self, number: &str) -> bool {
        self.placeholders.iter().any(|p| p.is_match(number))
    }

    fn in_marked_folder(&self, path: &str) -> bool {
        let Some((folders, _)) = path.rsplit_once('/') else { return false };
        folders.split('/').any(|f| self.marked_folders.iter().any(|m| m.eq_ignore_ascii_case(f)))
    }
}

/// The file name of a path on the recorder.
fn leaf(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, leaf)| leaf)
}

fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .case_insensitive(true)
        .literal_separator(true)
        .build()
        .map(|g| g.compile_matcher())
        .map_err(|e| format!("{pattern:?} is no glob: {e}"))
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
