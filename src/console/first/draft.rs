//! What was answered so far, in memory alone; and the founding, by the function that `init` calls.

use super::{First, Place, lock};
use crate::console::receipt;
use crate::console::spoken::why_in;
use crate::execute::{Asked, execute};
use crate::exit::{CliError, Exit};
use crate::request::{Order, Request};
use crate::wire::{self, Access, OnToken, Open, Wanted, mirror};
use sealdock_console::{Lang, words as w, words::first as f};
use sealdock_core::actor::Role;
use sealdock_core::command::Secret;
use sealdock_core::id::{BadId, PersonId};
use sealdock_core::naming;
use sealdock_core::policy::Docking;
use sealdock_core::why::Why;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Enough to begin with; more come by import.
const PEOPLE_MAX: usize = 20;

/// Where the second copy goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Copies {
    #[default]
    Unsaid,
    Later,
    Single,
    At(PathBuf),
}

pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub role: Role,
    pin: Secret,
}

#[derive(Default)]
pub struct Draft {
    pub unit: String,
    pub origin: String,
    pub people: Vec<Person>,
    pub clerk_shift: bool,
    pub copies: Copies,
}

/// What came of the founding.
pub struct Outcome {
    pub unit: String,
    pub lacks: Option<CliError>,
    /// Its side, and the path of its dark dots.
    pub code: (usize, String),
    pub receipt: String,
}

/// A person as a form names them.
pub struct Typed<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub role: &'a str,
    pub pin: &'a str,
    pub again: &'a str,
}

impl Draft {
    pub fn name(&mut self, lang: Lang, unit: &str, origin: &str) -> Result<(), String> {
        let (unit, origin) = (unit.trim(), origin.trim());
        (self.unit, self.origin) = (unit.to_owned(), origin.to_owned());
        if naming::legible("the unit's name", unit).is_err() || unit.chars().count() > 200 {
            return Err(lang.t(f::UNIT_BAD).to_owned());
        }
        sealdock_chain::note::valid_origin(origin)
            .map_err(|_| format!("{}: {}", lang.t(f::ORIGIN), lang.t(f::ORIGIN_BAD)))
    }

    pub fn add(&mut self, lang: Lang, typed: &Typed) -> Result<(), String> {
        let id: PersonId = typed.id.trim().parse().map_err(|e: BadId| why_in(lang, &e.into()))?;
        let role = Role::parse(typed.role).ok_or_else(|| lang.t(f::CHOOSE_ONE).to_owned())?;
        let (name, said) = (typed.name.trim(), |word| Err(lang.t(word).to_owned()));
        if naming::legible("a name", name).is_err() || name.chars().count() > 100 {
            return said(f::NAME_BAD);
        }
        if self.people.iter().any(|person| person.id == id) {
            return said(f::TWICE);
        }
        if self.people.len() >= PEOPLE_MAX {
            return said(f::TOO_MANY);
        }
        if typed.pin != typed.again {
            return said(f::PINS_DIFFER);
        }
        sealdock_keys::pin_acceptable(typed.pin).map_err(|why| why_in(lang, &why))?;
        let pin = Secret(typed.pin.to_owned());
        self.people.push(Person { id, name: name.to_owned(), role, pin });
        Ok(())
    }

    /// What the next person had better be, and whether somebody is missing without whom the unit could not go on.
    pub fn lacks(&self) -> Option<(Role, w::Word)> {
        let there = |role| self.people.iter().any(|person| person.role == role);
        match (there(Role::UnitHead), there(Role::Clerk)) {
            (false, _) => Some((Role::UnitHead, f::NEED_HEAD)),
            (_, false) => Some((Role::Clerk, f::NEED_CLERK)),
            _ => None,
        }
    }

    pub fn docking(&self) -> Docking {
        if self.clerk_shift { Docking::ClerkShift } else { Docking::OfficerPin }
    }

    /// Is everything answered?
    pub fn is_whole(&self) -> bool {
        !self.unit.is_empty()
            && !self.origin.is_empty()
            && self.lacks().is_none()
            && self.copies != Copies::Unsaid
    }

    fn wanted(&self, place: &Place) -> Wanted {
        let mirror = match &self.copies {
            Copies::At(dir) => Some(dir.clone()),
            _ => None,
        };
        Wanted {
            dir: place.dir.clone(),
            origin: self.origin.clone(),
            unit: self.unit.clone(),
            docking: self.docking(),
            mirror,
            accept_single_copy: self.copies == Copies::Single,
            mirror_same_disk: place.mirror_same_disk,
            immutable: place.immutable,
            token: OnToken::default(),
            console: place.console,
        }
    }
}

/// Would the second copy go there? Looks, and makes nothing.
pub fn looked_at(place: &Place, dir: &Path, origin: &str) -> Result<Option<Why>, CliError> {
    if !dir.is_absolute() {
        return Err(CliError::both(
            Exit::Usage,
            "请写完整路径",
            "name the whole path, like /mnt/second",
        ));
    }
    let there = if place.dir.exists() { Some(place.dir.as_path()) } else { place.dir.parent() };
    let standing = there.filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let candidate = mirror::candidate(dir, standing, origin, place.mirror_same_disk)?;
    Ok(candidate.warning)
}

/// Places on other disks that are mounted; which of them fit is asked of each.
pub fn mounted() -> Vec<PathBuf> {
    let text = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut all: Vec<PathBuf> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (from, at) = (words.next()?, words.next()?);
            let options = words.nth(1)?;
            let own = ["/boot", "/snap", "/etc", "/usr", "/var/lib/docker"];
            let fits = from.starts_with("/dev/")
                && at != "/"
                && !own.iter().any(|own| at.starts_with(own))
                && options.split(',').any(|option| option == "rw");
            // Blanks in names are written as \040.
            fits.then(|| PathBuf::from(at.replace("\\040", " ")))
        })
        .collect();
    all.sort();
    all.dedup();
    all.truncate(12);
    all
}

impl First {
    /// Founds the station and enrols the first people; closed again at the end, so that the daemon can open it.
    ///
    /// # Errors
    /// Nothing was founded. What fails afterwards stands in the outcome.
    pub fn found(&self) -> Result<Outcome, CliError> {
        let (wanted, people) = {
            let mut draft = lock(&self.draft);
            if !draft.is_whole() {
                return Err(CliError::both(
                    Exit::Usage,
                    "一些问题还没有回答",
                    "some questions are not answered yet",
                ));
            }
            (draft.wanted(&self.place), std::mem::take(&mut draft.people))
        };
        if let Err(e) = wire::found(&wanted) {
            lock(&self.draft).people = people;
            return Err(e);
        }
        let settled =
            wire::open(&self.place.dir, Access::Write).and_then(|open| settled(&open, people));
        let (lacks, code, receipt) = match settled {
            Ok((lacks, code, receipt)) => (lacks, code, receipt),
            Err(e) => (Some(e), (0, String::new()), String::new()),
        };
        Ok(Outcome { unit: wanted.unit, lacks, code, receipt })
    }
}

type Settled = (Option<CliError>, (usize, String), String);

/// People, and the receipt over them.
fn settled(open: &Open, people: Vec<Person>) -> Result<Settled, CliError> {
    let lacks = enrolled(open, people).err();
    let (code, receipt) = receipt::drawn(open, || asked(open, Request::LogReceipt))?;
    Ok((lacks, code, receipt))
}

/// The unit head comes last: from then on the operator enrols nobody.
fn enrolled(open: &Open, mut people: Vec<Person>) -> Result<(), CliError> {
    people.sort_by_key(|person| person.role == Role::UnitHead);
    let heads = people.iter().filter(|person| person.role == Role::UnitHead).count();
    let first_head = people.len() - heads;
    for (n, person) in people.into_iter().enumerate() {
        // A second unit head is enrolled by the first.
        if n > first_head {
            let id = person.id;
            return Err(CliError::both(
                Exit::Refused,
                format!("{id} 须由第一位单位负责人登录后在“管理”中登记"),
                format!("{id} is enrolled by the first unit head: `sealdock person add`"),
            ));
        }
        let command = json!({
            "command": "enrol-person", "id": person.id, "name": person.name, "role": person.role,
            "pin": person.pin, "department": null,
        });
        asked(open, Request::Apply { command })?;
    }
    Ok(())
}

/// As the machine's operator, who sets a unit up.
fn asked(open: &Open, request: Request) -> Result<crate::answer::Answer, CliError> {
    let uid = rustix::process::geteuid().as_raw();
    let progress = Arc::new(sealdock_station::Unheard);
    execute(open, &Asked { uid, progress }, Order { login: None, request })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed<'a>(id: &'a str, role: &'a str) -> Typed<'a> {
        Typed { id, name: "甲", role, pin: "271828", again: "271828" }
    }

    #[test]
    fn nothing_is_founded_before_every_question_has_an_answer() {
        let mut draft = Draft::default();
        let zh = Lang::Zh;
        assert!(draft.name(zh, " ", "a.example/b").is_err());
        assert!(draft.name(zh, "单位\u{202e}", "a.example/b").is_err());
        assert!(draft.name(zh, "单位", "not an origin +").is_err());
        draft.name(zh, " 单位 ", " a.example/b ").unwrap();
        assert_eq!((draft.unit.as_str(), draft.origin.as_str()), ("单位", "a.example/b"));
        assert_eq!(draft.lacks().unwrap().0, Role::UnitHead);
        draft.add(zh, &typed("u1", "unit-head")).unwrap();
        assert_eq!(draft.lacks().unwrap().0, Role::Clerk);
        draft.add(zh, &typed("c1", "clerk")).unwrap();
        assert!(draft.lacks().is_none() && !draft.is_whole(), "a copy is not decided");
        draft.copies = Copies::Later;
        assert!(draft.is_whole());
    }

    #[test]
    fn nobody_is_taken_twice_without_a_name_or_with_a_bad_pin() {
        let mut draft = Draft::default();
        draft.add(Lang::En, &typed("u1", "unit-head")).unwrap();
        let bad = [
            typed("u1", "clerk"),
            typed("", "clerk"),
            typed("c 1", "clerk"),
            typed("c1", "chief"),
            Typed { name: " ", ..typed("c1", "clerk") },
            Typed { name: "<\u{7}>", ..typed("c1", "clerk") },
            Typed { again: "271829", ..typed("c1", "clerk") },
            Typed { pin: "1234", again: "1234", ..typed("c1", "clerk") },
        ];
        for bad in bad {
            assert!(draft.add(Lang::En, &bad).is_err(), "{} {}", bad.id, bad.name);
        }
        assert_eq!(draft.people.len(), 1);
    }
}
