//! What a profile may not be although it can be read: one that holds a secret, or that claims the
//! devices of another with the same weight.

use crate::clock::ClockSet;
use crate::keys::BadProfile;
use crate::profile::{Opening, Profile};
use crate::profiles::Profiles;
use crate::rule::{Rule, Test};
use crate::seen::State;
use crate::unlock::Token;

/// A run of digits this long in a fixed message is somebody's password.
const DIGITS_MAX: usize = 3;

/// Something wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    pub why: String,
}

/// Checks files (name, text) as they would stand beside the built-in profiles.
pub fn check_files(files: &[(String, String)]) -> Vec<Finding> {
    let finding =
        |file: &str, bad: BadProfile| Finding { file: file.to_owned(), why: bad.to_string() };
    let (mut findings, mut readable) = (Vec::new(), Vec::new());
    for (name, text) in files {
        match Profile::parse(text) {
            Ok(profile) => readable.push((name, text, profile.id().to_owned())),
            Err(bad) => findings.push(finding(name, bad)),
        }
    }
    let mut taken: Vec<(String, String)> = Vec::new();
    for (name, text, _) in &readable {
        taken.push(((*name).clone(), (*text).clone()));
        if let Err(bad) = Profiles::with(&taken) {
            findings.push(finding(name, bad));
            taken.pop();
        }
    }
    if let Err(all) = Profiles::with(&taken).map_err(|bad| vec![bad]).and_then(|p| p.lint()) {
        for bad in all {
            let file = readable.iter().find(|(_, _, id)| *id == bad.profile);
            findings.push(finding(file.map_or("(built in)", |(name, ..)| name), bad));
        }
    }
    findings
}

impl Profiles {
    /// Compiles every pattern, runs every example of every profile and holds each against each other.
    ///
    /// # Errors
    /// Everything that is wrong, each with the profile to change.
    pub fn lint(&self) -> Result<(), Vec<BadProfile>> {
        let fault = |p: &Profile| p.ready().and_then(|()| p.check()).err();
        let mut bad: Vec<BadProfile> = self.all().iter().filter_map(fault).collect();
        for (number, one) in self.all().iter().enumerate() {
            bad.extend(self.all()[..number].iter().filter_map(|other| claims(one, other)));
        }
        if bad.is_empty() { Ok(()) } else { Err(bad) }
    }
}

fn claims(one: &Profile, other: &Profile) -> Option<BadProfile> {
    let pairs = one.rules().iter().flat_map(|a| other.rules().iter().map(move |b| (a, b)));
    let (rule, _) = { pairs }.find(|(a, b)| collide(a, b))?;
    let why = format!(
        "its match (state {}, weight {}) claims devices that {:?} claims with the same weight; change the \
         weight, match more closely, or set ambiguous or bind_only",
        rule.state.word(),
        rule.weight,
        other.id()
    );
    Some(BadProfile::new(one.id(), why))
}

/// Could one device fit both, with nothing to decide between them?
fn collide(a: &Rule, b: &Rule) -> bool {
    // Weight 0 is the fallback's alone, which is a fault of its own.
    let decided = a.weight != b.weight
        || a.weight == 0
        || a.bind_only
        || b.bind_only
        || (a.ambiguous && b.ambiguous)
        || a.state == State::Forbidden
        || b.state == State::Forbidden;
    !decided && !a.tests.iter().any(|x| b.tests.iter().any(|y| excludes(x, y)))
}

/// Two tests that no device passes both of. Patterns of different text are taken to differ: where they
/// do not, the tie is seen at the dock and sends nothing.
fn excludes(a: &Test, b: &Test) -> bool {
    match (a, b) {
        (Test::Vid(a), Test::Vid(b)) => a != b,
        (Test::Pid(a), Test::Pid(b)) => !a.iter().any(|pid| b.contains(pid)),
        (Test::Interfaces(a), Test::Interfaces(b)) => {
            !a.iter().any(|x| b.iter().any(|y| x.meets(*y)))
        }
        (Test::Product(_), Test::ProductAbsent) | (Test::ProductAbsent, Test::Product(_)) => true,
        (Test::Manufacturer(a), Test::Manufacturer(b))
        | (Test::Product(a), Test::Product(b))
        | (Test::ScsiVendor(a), Test::ScsiVendor(b))
        | (Test::ScsiProduct(a), Test::ScsiProduct(b))
        | (Test::Label(a), Test::Label(b))
        | (Test::AnyName(a), Test::AnyName(b)) => a.as_str() != b.as_str(),
        (Test::Exists(a), Test::Exists(b)) => a != b,
        _ => false,
    }
}

impl Profile {
    /// Rules that only the fallback may break, and secrets that only a keystore may hold.
    pub(crate) fn modest(&self) -> Result<(), String> {
        let free = |r: &&Rule| r.weight == 0 && !r.bind_only;
        if self.id() != "generic.ums" && self.rules().iter().any(|r| free(&r)) {
            return Err("weight 0 belongs to the generic profile; write 1 or more".into());
        }
        if self.id() != "generic.ums" && self.rules().iter().any(any_disk) {
            return Err(
                "a match of the state storage by usb.interfaces alone takes every disk; say what must hold \
                 besides, or set bind_only"
                    .into(),
            );
        }
        self.writes_no_footage()?;
        let Opening::Messages(unlock) = self.opening() else { return Ok(()) };
        let telling = |tokens: &[Token]| tokens.iter().any(is_secret);
        match unlock.steps.iter().find(|step| telling(step.op.data())) {
            Some(step) => Err(format!(
                "step {:?} holds what looks like a password; write `secret:ascii` and name the secret",
                step.name
            )),
            None => Ok(()),
        }
    }
}

/// Does it fit whatever is a disk?
fn any_disk(rule: &Rule) -> bool {
    let by_interfaces = rule.tests.iter().all(|test| matches!(test, Test::Interfaces(_)));
    rule.state == State::Storage && !rule.bind_only && by_interfaces
}

impl Profile {
    /// The file by which the clock is set is nothing that the profile itself takes for footage.
    fn writes_no_footage(&self) -> Result<(), String> {
        let Some((_, ClockSet::File { path, .. })) = self.clock().and_then(|c| c.set.as_ref())
        else {
            return Ok(());
        };
        let media = self.classify(path.as_bytes()).media;
        match media.as_str() {
            "other" => Ok(()),
            _ => Err(format!("clock.set: {path:?} is the name of {media}; write to another file")),
        }
    }
}

fn is_secret(token: &Token) -> bool {
    let Token::Bytes(bytes) = token else { return false };
    bytes.split(|b| !b.is_ascii_digit()).any(|run| run.len() > DIGITS_MAX)
}
