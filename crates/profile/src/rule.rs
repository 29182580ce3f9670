//! One `[[match]]`: everything that must hold of a device, and what it is then. What is not known yet
//! (an INQUIRY, a label, the content) does not hold, and the explanation says so.

use crate::keys::rule::{MatchKeys, Medium, TextKeys};
use crate::pattern::{Glob, Pattern};
use crate::profile::leaf;
use crate::seen::{Interface, Seen, State};
use crate::shape::Shape;

/// What the kernel may write for a device that it did not ask for its strings.
const NOT_ASKED: &str = "n/a (unauthorized)";
/// Below this many sectors (64 MiB) no footage fits; a placeholder disk has a few.
const TINY_SECTORS: u64 = 131_072;
pub(crate) const WEIGHT_MAX: u32 = 99;

/// What must hold, all of it.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub state: State,
    pub weight: u32,
    pub ambiguous: bool,
    pub bind_only: bool,
    pub tests: Vec<Test>,
}

/// One thing that must hold.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Vid(u16),
    Pid(Vec<u16>),
    Manufacturer(Pattern),
    Product(Pattern),
    ProductAbsent,
    /// Every interface of the device is one of these.
    Interfaces(Vec<InterfacePattern>),
    ScsiVendor(Pattern),
    ScsiProduct(Pattern),
    Medium(Medium),
    Label(Pattern),
    Exists(Vec<String>),
    AnyName(Pattern),
    Text {
        glob: Glob,
        regex: Pattern,
    },
}

/// `ff/42/01`, or with `*` in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InterfacePattern([Option<u8>; 3]);

/// What became of a test, with the words for `explain`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes(String),
    No(String),
    Unknown(&'static str),
}

impl Rule {
    pub fn read(keys: MatchKeys) -> Result<Rule, String> {
        let state = keys.state;
        if keys.weight > WEIGHT_MAX {
            return Err(format!("weight = {}; at most {WEIGHT_MAX}", keys.weight));
        }
        let rule = Rule {
            state,
            weight: keys.weight,
            ambiguous: keys.ambiguous,
            bind_only: keys.bind_only,
            tests: tests(keys)?,
        };
        if rule.tests.is_empty() {
            return Err("a match without a key fits every device; say what must hold".into());
        }
        let precise = |t: &Test| matches!(t, Test::Interfaces(_) | Test::ScsiProduct(_));
        if state == State::Locked && !rule.tests.iter().any(precise) {
            return Err(
                "state locked by vid and pid alone; add usb.interfaces or scsi.product, because other \
                 devices share the pair"
                    .into(),
            );
        }
        Ok(rule)
    }

    /// Does it hold of the device? The words of the first test that does not, or of all that do.
    pub fn fits(&self, seen: &Seen) -> Fit {
        let shape = Shape::of(seen);
        if !shape.may_be(self.state) {
            return Fit::No(format!("a device of the shape {:?}", shape.word()));
        }
        let names_interfaces = self.tests.iter().any(|t| matches!(t, Test::Interfaces(_)));
        if matches!(shape, Shape::Mixed | Shape::Vendor)
            && !names_interfaces
            && self.state != State::Forbidden
        {
            return Fit::No("it has vendor interfaces that the match does not name".into());
        }
        let mut words = Vec::new();
        for test in &self.tests {
            match test.fits(seen) {
                Fit::Yes(word) => words.push(word),
                other => return other,
            }
        }
        Fit::Yes(words.join(", "))
    }
}

fn tests(keys: MatchKeys) -> Result<Vec<Test>, String> {
    let MatchKeys { usb, scsi, volume, probe, medium, .. } = keys;
    let mut tests = Vec::new();
    tests.extend(usb.vid.map(Test::Vid));
    tests.extend(usb.pid.map(Test::Pid));
    tests.extend(pattern(usb.manufacturer, Test::Manufacturer)?);
    tests.extend(pattern(usb.product, Test::Product)?);
    tests.extend(usb.product_absent.then_some(Test::ProductAbsent));
    if let Some(texts) = usb.interfaces {
        let all: Option<Vec<_>> = texts.iter().map(|t| InterfacePattern::parse(t)).collect();
        let all = all.filter(|a| !a.is_empty());
        tests.push(Test::Interfaces(all.ok_or_else(|| {
            format!("usb.interfaces {texts:?}; write each as \"08/06/50\", `*` for any")
        })?));
    }
    tests.extend(pattern(scsi.vendor, Test::ScsiVendor)?);
    tests.extend(pattern(scsi.product, Test::ScsiProduct)?);
    tests.extend(medium.map(Test::Medium));
    tests.extend(pattern(volume.label, Test::Label)?);
    if let Some(path) = probe.exists.iter().find(|path| path.split('/').any(|part| part == "..")) {
        return Err(format!("probe.exists {path:?}; name it from the card's root, without `..`"));
    }
    if !probe.exists.is_empty() {
        tests.push(Test::Exists(probe.exists));
    }
    tests.extend(pattern(probe.any_name, Test::AnyName)?);
    if let Some(TextKeys { glob: files, regex }) = probe.text {
        tests.push(Test::Text { glob: Glob::read(&files)?, regex: Pattern::read(&regex)? });
    }
    Ok(tests)
}

fn pattern(text: Option<String>, test: fn(Pattern) -> Test) -> Result<Option<Test>, String> {
    text.map(|text| Pattern::read(&text).map(test)).transpose()
}

impl Test {
    /// What is not known where nobody looked at the card.
    pub const CONTENT: &str = "probe";

    /// Compiles its pattern now.
    ///
    /// # Errors
    /// It does not compile.
    pub fn ready(&self) -> Result<(), String> {
        match self {
            Test::Manufacturer(p)
            | Test::Product(p)
            | Test::ScsiVendor(p)
            | Test::ScsiProduct(p)
            | Test::Label(p)
            | Test::AnyName(p)
            | Test::Text { regex: p, .. } => p.ready().map(drop),
            Test::Vid(_)
            | Test::Pid(_)
            | Test::ProductAbsent
            | Test::Interfaces(_)
            | Test::Medium(_)
            | Test::Exists(_) => Ok(()),
        }
    }

    fn fits(&self, seen: &Seen) -> Fit {
        let scsi = seen.scsi.as_ref();
        match self {
            Test::Vid(vid) => say("usb.vid", seen.vid == *vid, format!("{:04x}", seen.vid)),
            Test::Pid(pids) => {
                say("usb.pid", pids.contains(&seen.pid), format!("{:04x}", seen.pid))
            }
            Test::Manufacturer(p) => string("usb.manufacturer", p, seen.manufacturer.as_deref()),
            Test::Product(p) => string("usb.product", p, seen.product.as_deref()),
            Test::ProductAbsent => {
                let product = seen.product.as_deref().map(str::trim);
                let product = product.filter(|p| !p.is_empty() && *p != NOT_ASKED);
                let word = product.map_or("no product string".to_owned(), |p| format!("{p:?}"));
                say("usb.product_absent", product.is_none(), word)
            }
            Test::Interfaces(all) => {
                let stranger = seen.interfaces.iter().find(|i| !all.iter().any(|p| p.fits(**i)));
                let stray = stranger.copied().or(seen.interfaces.first().copied());
                let word = stray.map_or("none".to_owned(), |i| i.to_string());
                say("usb.interfaces", stranger.is_none() && !seen.interfaces.is_empty(), word)
            }
            Test::ScsiVendor(p) => match scsi {
                Some(scsi) => string("scsi.vendor", p, Some(scsi.vendor.trim())),
                None => Fit::Unknown("scsi.vendor"),
            },
            Test::ScsiProduct(p) => match scsi {
                Some(scsi) => string("scsi.product", p, Some(scsi.product.trim())),
                None => Fit::Unknown("scsi.product"),
            },
            Test::Medium(Medium::AbsentOrTiny) => match scsi {
                Some(scsi) => {
                    let word = format!("{} sectors", scsi.sectors);
                    say("medium", scsi.sectors < TINY_SECTORS, word)
                }
                None => Fit::Unknown("medium"),
            },
            Test::Label(p) => match &seen.volume {
                Some(volume) => string("volume.label", p, volume.label.as_deref()),
                None => Fit::Unknown("volume.label"),
            },
            Test::Exists(_) | Test::AnyName(_) | Test::Text { .. } => self.probe(seen),
        }
    }

    /// The tests of content. Their words name no file: an explanation is shown to strangers.
    fn probe(&self, seen: &Seen) -> Fit {
        let Some(content) = &seen.content else { return Fit::Unknown(Test::CONTENT) };
        let mut files = content.files.iter().map(|f| f.path.as_str());
        match self {
            Test::Exists(paths) => {
                let there = |path: &&String| {
                    let inside = |f: &str| {
                        f.strip_prefix(path.as_str())
                            .is_some_and(|r| r.is_empty() || r.starts_with('/'))
                    };
                    content.files.iter().any(|f| inside(&f.path))
                };
                let missing = paths.iter().find(|p| !there(p));
                say(
                    "probe.exists",
                    missing.is_none(),
                    format!("{:?}", missing.unwrap_or(&paths[0])),
                )
            }
            Test::AnyName(p) => {
                let found = files.any(|f| p.is_match(leaf(f)));
                say("probe.any_name", found, p.as_str().to_owned())
            }
            Test::Text { glob, regex } => {
                let mut texts =
                    content.texts.iter().filter(|(path, _)| glob.is_match(path.as_str()));
                let found = texts.any(|(_, text)| text.lines().any(|l| regex.is_match(l)));
                say("probe.text", found, glob.as_str().to_owned())
            }
            _ => Fit::Unknown(Test::CONTENT),
        }
    }
}

fn say(key: &str, fits: bool, found: String) -> Fit {
    let words = format!("{key}: {found}");
    if fits { Fit::Yes(words) } else { Fit::No(words) }
}

fn string(key: &str, pattern: &Pattern, found: Option<&str>) -> Fit {
    match found {
        Some(text) => say(key, pattern.is_match(text), format!("{text:?}")),
        None => Fit::No(format!("{key}: none")),
    }
}

impl InterfacePattern {
    fn parse(text: &str) -> Option<InterfacePattern> {
        let place = |text: &str| match text {
            "*" => Some(None),
            _ if text.len() == 2 => u8::from_str_radix(text, 16).ok().map(Some),
            _ => None,
        };
        let mut places = text.split('/').map(place);
        let all = [places.next()??, places.next()??, places.next()??];
        places.next().is_none().then_some(InterfacePattern(all))
    }

    pub fn fits(self, interface: Interface) -> bool {
        let has = [interface.class, interface.subclass, interface.protocol];
        self.0.iter().zip(has).all(|(wanted, has)| wanted.is_none_or(|w| w == has))
    }

    /// Is there an interface that both fit?
    pub fn meets(self, other: InterfacePattern) -> bool {
        self.0.iter().zip(other.0).all(|(a, b)| a.is_none() || b.is_none() || *a == b)
    }
}
