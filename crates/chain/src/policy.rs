//! Which witnesses are believed, and how many of them it takes (c2sp.org/tlog-policy): the file that the reader of
//! evidence brings, and the one by which a station asks.
//!
//! Narrower than the specification: the file is UTF-8, and ML-DSA keys are refused, since nothing here verifies them.

use std::collections::BTreeSet;

use crate::cosign::WitnessKey;
use crate::note::{NoteError, VerifierKey};

/// The longest policy in bytes.
pub const POLICY_BYTES_MAX: usize = 256 * 1024;

/// The name that stands for no quorum at all.
const NONE: &str = "none";

/// Why a policy is refused; lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The file is too long, or has a character that may not stand in it.
    #[error(
        "the witness policy is no text of at most {POLICY_BYTES_MAX} bytes without control characters"
    )]
    Characters,
    /// A line is of none of the four forms.
    #[error("line {0} of the witness policy: {1}")]
    Line(usize, String),
    /// A key in it is refused.
    #[error("line {0} of the witness policy: {1}")]
    Key(usize, NoteError),
    /// There is no quorum line.
    #[error("the witness policy has no `quorum` line; add `quorum NAME`, a witness or group of it")]
    NoQuorum,
}

/// A witness of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What the policy calls it; means nothing outside.
    pub label: String,
    /// Its key, with the name that stands in signature lines.
    pub key: WitnessKey,
    /// Where it takes requests (tlog-witness, "submission prefix").
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<String>,
}

/// A policy that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessPolicy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    /// In the order of the file: each refers to those before it.
    groups: Vec<Group>,
    quorum: Option<String>,
}

impl WitnessPolicy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// It is not of the form that the specification demands. Nothing of a policy that is wrong in one line is used.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let unusable = |c: char| c.is_ascii_control() && c != '\t' && c != '\n';
        if text.len() > POLICY_BYTES_MAX || text.contains(unusable) {
            return Err(PolicyError::Characters);
        }
        let mut read = Reading::default();
        for (at, line) in text.split('\n').enumerate() {
            let items: Vec<&str> =
                line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
            read.line(at + 1, &items)?;
        }
        let quorum = read.quorum.ok_or(PolicyError::NoQuorum)?;
        let quorum = (quorum != NONE).then_some(quorum);
        Ok(Self { logs: read.logs, witnesses: read.witnesses, groups: read.groups, quorum })
    }

    /// Logs that the policy names; none means that they are known from elsewhere.
    #[must_use]
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// Every witness, in the order of the file.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether nobody's cosignature is asked for. Such a policy anchors nothing.
    #[must_use]
    pub fn asks_nobody(&self) -> bool {
        self.quorum.is_none()
    }

    /// Whether the witnesses with these labels are the quorum.
    #[must_use]
    pub fn met(&self, cosigned: &BTreeSet<&str>) -> bool {
        let Some(quorum) = self.quorum.as_deref() else { return true };
        let labels = self.witnesses.iter().map(|witness| witness.label.as_str());
        let mut met: BTreeSet<&str> = labels.filter(|label| cosigned.contains(label)).collect();
        // A group refers to earlier names only, so one pass decides all of them, however deep they lie.
        for group in &self.groups {
            let those = group.members.iter().filter(|member| met.contains(member.as_str()));
            if those.count() >= group.threshold {
                met.insert(&group.name);
            }
        }
        met.contains(quorum)
    }

    /// Labels of the witnesses whose cosignature can help to fill the quorum at all.
    #[must_use]
    pub fn counting(&self) -> BTreeSet<&str> {
        let mut asked: BTreeSet<&str> = self.quorum.as_deref().into_iter().collect();
        for group in self.groups.iter().rev() {
            if asked.contains(group.name.as_str()) {
                asked.extend(group.members.iter().map(String::as_str));
            }
        }
        let labels = self.witnesses.iter().map(|witness| witness.label.as_str());
        labels.filter(|label| asked.contains(label)).collect()
    }
}

#[derive(Default)]
struct Reading {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// Of witnesses and groups.
    names: BTreeSet<String>,
    /// Names that are a member of some group already: each counts in one way only.
    members: BTreeSet<String>,
    quorum: Option<String>,
}

impl Reading {
    fn line(&mut self, at: usize, items: &[&str]) -> Result<(), PolicyError> {
        match *items {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => self.log(at, key),
            ["witness", label, key] => self.witness(at, label, key, None),
            ["witness", label, key, url] => self.witness(at, label, key, Some(url)),
            ["group", name, threshold, ref members @ ..] if !members.is_empty() => {
                self.group(at, name, threshold, members)
            }
            ["quorum", name] => self.quorum(at, name),
            _ => refuse(at, "it is no `log`, `witness`, `group` or `quorum` line of a policy"),
        }
    }

    fn log(&mut self, at: usize, key: &str) -> Result<(), PolicyError> {
        let key: VerifierKey = key.parse().map_err(|e| PolicyError::Key(at, e))?;
        self.fresh(at, key.public())?;
        self.logs.push(key);
        Ok(())
    }

    fn witness(
        &mut self,
        at: usize,
        label: &str,
        key: &str,
        url: Option<&str>,
    ) -> Result<(), PolicyError> {
        let key: WitnessKey = key.parse().map_err(|e| PolicyError::Key(at, e))?;
        self.fresh(at, key.public())?;
        self.free(at, label)?;
        self.names.insert(label.to_owned());
        let url = url.map(str::to_owned);
        self.witnesses.push(Witness { label: label.to_owned(), key, url });
        Ok(())
    }

    fn group(
        &mut self,
        at: usize,
        name: &str,
        threshold: &str,
        members: &[&str],
    ) -> Result<(), PolicyError> {
        self.free(at, name)?;
        let threshold = match threshold {
            "any" => 1,
            "all" => members.len(),
            text => usize::try_from(crate::note::decimal(text).unwrap_or(0)).unwrap_or(0),
        };
        if threshold == 0 || threshold > members.len() {
            return refuse(
                at,
                "the threshold is `any`, `all` or a number from 1 to that of the members",
            );
        }
        for member in members {
            self.known(at, member)?;
            if !self.members.insert((*member).to_owned()) {
                return refuse(
                    at,
                    &format!("{member:?} is a member already, and may count once only"),
                );
            }
        }
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        self.names.insert(name.to_owned());
        self.groups.push(Group { name: name.to_owned(), threshold, members });
        Ok(())
    }

    fn quorum(&mut self, at: usize, name: &str) -> Result<(), PolicyError> {
        if self.quorum.is_some() {
            return refuse(at, "there is a `quorum` line already");
        }
        if name != NONE {
            self.known(at, name)?;
        }
        self.quorum = Some(name.to_owned());
        Ok(())
    }

    /// No two of all keys are one: a log that cosigns for itself is nobody outside.
    fn fresh(&self, at: usize, public: &[u8; 32]) -> Result<(), PolicyError> {
        let logs = self.logs.iter().map(VerifierKey::public);
        let witnesses = self.witnesses.iter().map(|witness| witness.key.public());
        match logs.chain(witnesses).any(|known| known == public) {
            true => refuse(at, "this key stands in an earlier line"),
            false => Ok(()),
        }
    }

    fn known(&self, at: usize, name: &str) -> Result<(), PolicyError> {
        match self.names.contains(name) {
            true => Ok(()),
            false => refuse(at, &format!("no earlier line names a witness or group {name:?}")),
        }
    }

    fn free(&self, at: usize, name: &str) -> Result<(), PolicyError> {
        match name == NONE || self.names.contains(name) {
            true => refuse(at, &format!("the name {name:?} is taken")),
            false => Ok(()),
        }
    }
}

fn refuse(at: usize, why: &str) -> Result<(), PolicyError> {
    Err(PolicyError::Line(at, why.to_owned()))
}

#[cfg(test)]
mod tests;
