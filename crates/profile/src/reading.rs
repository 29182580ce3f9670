//! By which profile a plugged recorder is read: its names, its marks, its numbers, and what stays on it.
//! In doubt it is the generic one, and then everything stays that any profile in question would keep.

use crate::profile::Profile;
use crate::profiles::Profiles;
use crate::rule::{Fit, Rule, Test};
use crate::seen::{Seen, State};
use crate::verdict::Verdict;

impl Profiles {
    /// The profile to read by. `bound` is the profile that the dock's settings name for the port. A bound
    /// profile that says nothing of the disk or objects after its unlock is believed by its port alone.
    pub fn read_by(&self, seen: &Seen, bound: Option<&str>) -> Profile {
        let verdict = self.identify(seen, bound);
        if let Some(known) = verdict.profile().and_then(|id| self.find(id)) {
            return known.clone();
        }
        let bound = bound.and_then(|id| self.find(id));
        if let Some(bound) = bound
            && !bound.rules().iter().any(|rule| shows(rule.state))
        {
            return bound.clone();
        }
        let candidates = match &verdict {
            Verdict::Ambiguous { candidates, .. } => candidates.as_slice(),
            _ => &[],
        };
        let in_question = candidates.iter().filter_map(|id| self.find(id)).chain(bound);
        Profile::generic().keeping_also(in_question)
    }

    /// Can only the names on the card tell which profile it is?
    pub fn wants_content(&self, seen: &Seen) -> bool {
        self.open_by_content(seen).next().is_some()
    }

    /// Is this a text that a match of such a profile looks into?
    pub fn wants_text(&self, seen: &Seen, path: &str) -> bool {
        let mut tests = self.open_by_content(seen).flat_map(|rule| &rule.tests);
        tests.any(|test| matches!(test, Test::Text { glob, .. } if glob.is_match(path)))
    }

    fn open_by_content<'a>(&'a self, seen: &'a Seen) -> impl Iterator<Item = &'a Rule> {
        let rules = self.all().iter().flat_map(Profile::rules);
        rules.filter(move |rule| matches!(rule.fits(seen), Fit::Unknown(Test::CONTENT)))
    }
}

fn shows(state: State) -> bool {
    matches!(state, State::Storage | State::Mtp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::{Content, ContentFile, Interface, Scsi, Volume};

    const OWN: &str = "schema = 1\n[profile]\nid = 'acme.x1'\ntitle = 'ACME'\nsources = ['me']\nconfidence = 'reported'\n";

    fn profiles(rest: &str) -> Profiles {
        Profiles::beside(&[("acme.toml".into(), format!("{OWN}{rest}"))]).unwrap()
    }

    fn card(file: Option<&str>) -> Seen {
        let content = file.map(|path| Content {
            files: vec![ContentFile { path: path.into(), size: 1 }],
            ..Content::default()
        });
        Seen {
            vid: 0x7777,
            interfaces: vec![Interface { class: 8, subclass: 6, protocol: 0x50 }],
            scsi: Some(Scsi { sectors: 1 << 24, ..Scsi::default() }),
            volume: Some(Volume { fs: "vfat".into(), ..Volume::default() }),
            content,
            ..Seen::default()
        }
    }

    fn stays(profile: &Profile) -> Option<String> {
        profile.classify(b"ACME/1.mp4").stays
    }

    const KEEP: &str = "[wipe]\nkeep = ['**']\n";

    #[test]
    fn what_only_the_content_tells_is_asked_for_and_decides() {
        let all = profiles(&format!(
            "[[match]]\nstate = 'storage'\nweight = 40\nprobe.exists = ['ACME']\n{KEEP}"
        ));
        assert!(all.wants_content(&card(None)));
        let known = all.read_by(&card(Some("ACME/1.mp4")), None);
        assert_eq!((known.id(), stays(&known)), ("acme.x1", Some("profile keeps **".into())));
        let other = all.read_by(&card(Some("DCIM/1.mp4")), None);
        assert_eq!((other.id(), stays(&other)), ("generic.ums", None));
        assert!(!all.wants_content(&card(Some("x"))), "it is known by then");
    }

    #[test]
    fn a_plug_in_compiles_no_form_of_names_and_a_name_does() {
        let all = Profiles::built_in();
        let compiled = || all.all().iter().map(Profile::forms_compiled).sum::<usize>();
        assert!(all.read_by(&card(None), None).id() == "generic.ums" && all.all().len() > 20);
        assert_eq!(compiled(), 0);
        let _class = all.find("bestcam.a11").unwrap().classify(b"DCIM/a.mp4");
        assert!(compiled() > 0);
    }

    #[test]
    fn a_text_is_wanted_by_the_match_that_looks_into_it() {
        let all = profiles(
            "[[match]]\nstate = 'storage'\nweight = 40\nusb.vid = 0x7777\nprobe.text = { glob = 'x1.log', regex = '^X1$' }\n",
        );
        assert!(all.wants_text(&card(None), "x1.log"));
        assert!(!all.wants_text(&card(None), "x2.log"));
        assert!(!all.wants_text(&Seen { vid: 1, ..card(None) }, "x1.log"), "another make");
    }

    #[test]
    fn in_doubt_everything_stays_that_a_profile_in_question_keeps() {
        let doubt =
            "[[match]]\nstate = 'storage'\nweight = 40\nambiguous = true\nusb.vid = 0x7777\n";
        let all = profiles(&format!("{doubt}{KEEP}"));
        let read = all.read_by(&card(None), None);
        assert_eq!((read.id(), stays(&read)), ("generic.ums", Some("profile keeps **".into())));
        assert_eq!(all.read_by(&card(None), Some("acme.x1")).id(), "acme.x1");
        let other = all.read_by(&Seen { vid: 1, ..card(None) }, None);
        assert_eq!(stays(&other), None);
        let bound = all.read_by(&Seen { vid: 1, ..card(None) }, Some("acme.x1"));
        assert_eq!((bound.id(), stays(&bound)), ("generic.ums", Some("profile keeps **".into())));
    }

    #[test]
    fn a_profile_that_only_unlocks_is_believed_on_its_port() {
        let all = profiles(
            "[[match]]\nstate = 'locked'\nweight = 40\nusb.vid = 0x7777\nusb.interfaces = ['ff/*/*']\n\
             [unlock]\nkind = 'manual'\nprompt = 'x'\n",
        );
        assert_eq!(all.read_by(&card(None), Some("acme.x1")).id(), "acme.x1");
        assert_eq!(all.read_by(&card(None), None).id(), "generic.ums");
    }

    #[test]
    fn a_faulty_file_is_named() {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let good = format!("{OWN}[[match]]\nstate = 'storage'\nweight = 4\nusb.vid = 1\n");
        let idle = file("idle.toml", OWN);
        for (second, says) in [
            (file("bad.toml", "colour = 1"), "colour"),
            (file("twin.toml", &good), "its id is taken"),
            (file("idle.toml", &idle.1.replace("acme.x1", "acme.x2")), "no [[match]]"),
        ] {
            let name = second.0.clone();
            let fault = Profiles::beside(&[file("good.toml", &good), second]).unwrap_err();
            assert_eq!(fault.file, name);
            assert!(fault.why.contains(says), "{}", fault.why);
        }
    }
}
