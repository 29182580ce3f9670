//! Bays, the ports of this machine that are docks, what is plugged in now, and the recorders that are known. Which ports are
//! docks, and profiles of one's own, are files that root alone writes: the page says what to write, and makes the port a bay.

/// What is plugged in, and where.
mod plugged;

use super::{Shown, Wanted, page as shown};
use crate::console::Room;
use crate::console::desk::{list, text};
use crate::console::rooms::{scene, word_of};
use crate::console::signed::Office;
use crate::console::spoken::half;
use crate::request::Request;
use crate::wire::profiles::Known;
use axum::extract::Query;
use axum::response::Response;
use sealdock_console::Lang;
use sealdock_console::admin::{Act, Field, Kind, Row, Section, Table};
use sealdock_console::words::{Word, admin as a};
use sealdock_core::event::{BayAdded, Event};
use sealdock_core::naming;
use sealdock_profile::{DockPort, Docks, Place, Profiles, Seen, State, Verdict};
use std::collections::BTreeSet;
use std::path::Path;

/// What a bay can be.
const KINDS: [(&str, Word); 1] = [("folder", a::A_FOLDER)];

/// After `docks.toml` was written.
const TAKE_EFFECT: &str = "sudo udevadm control --reload
sudo udevadm trigger --action=add --subsystem-match=usb
sudo systemctl restart sealdock";

/// Before a profile is put into its folder.
const TRY_PROFILE: &str = "sealdock profile check FILE.toml
sealdock profile explain 1-2 --with FILE.toml";

/// Tables of the page, by their places.
const PLUGGED: usize = 2;
const PROFILES: usize = 3;

/// What the machine says of its docks, and what stands in them.
struct Machine {
    docks: Docks,
    /// Is it understood? If not, none is in use.
    in_order: bool,
    known: Known,
    seen: Vec<Seen>,
    /// Ids of the bays that were added.
    bays: BTreeSet<String>,
    lang: Lang,
}

/// What is there.
pub async fn page(Office(reader): Office, Query(wanted): Query<Wanted>) -> Response {
    let me = reader.me.as_ref().map(|(me, _)| me.clone());
    shown(reader, wanted.said, move |room, lang| {
        let json = room.read(Request::BayList)?.json;
        let bays: BTreeSet<String> =
            list(&json, "bays").iter().map(|row| text(row, "id")).collect();
        let row = |row: &serde_json::Value| {
            row_of([text(row, "id"), word_of(lang, &KINDS, &text(row, "kind")), text(row, "path")])
        };
        let table = Table {
            title: Some(a::BAYS),
            heads: vec![a::NUMBER, a::KIND, a::DIRECTORY],
            rows: list(&json, "bays").iter().map(row).collect(),
            empty: a::NO_BAYS_YET,
        };
        let machine = Machine::of(room, lang, bays);
        let may = match me {
            Some(me) => {
                let (id, path) = ("1".parse()?, "/".to_owned());
                let added = Event::BayAdded(BayAdded { id, kind: "folder".to_owned(), path });
                scene(room, lang, me, true)?.may(&added)?
            }
            None => false,
        };
        Ok(Shown {
            title: lang.t(a::PLACES).into(),
            here: "/places".into(),
            up: ("/admin", a::ADMIN),
            facts: Vec::new(),
            find: None,
            tables: vec![table, machine.ports(), machine.plugged(), machine.profiles()],
            acts: if may { machine.acts() } else { Vec::new() },
            sections: vec![
                machine.docks_file(&room.open.usb.docks_file),
                machine.profiles_folder(&room.open.usb.profiles_folder()),
            ],
        })
    })
    .await
}

fn row_of<const N: usize>(cells: [String; N]) -> Row {
    Row { href: None, cells: cells.into() }
}

/// Numbers and strings of a stranger, inert.
fn device(seen: &Seen) -> String {
    let strings = [&seen.manufacturer, &seen.product].into_iter().flatten();
    let strings: Vec<&str> = strings.map(String::as_str).collect();
    naming::inert(&format!("{} {:04x}:{:04x}", strings.join(" "), seen.vid, seen.pid))
}

impl Machine {
    fn of(room: &Room, lang: Lang, bays: BTreeSet<String>) -> Machine {
        let usb = &room.open.usb;
        let docks = usb.docks();
        let (in_order, docks) = (docks.is_ok(), docks.unwrap_or_default());
        let (known, seen) = (usb.profiles(), plugged::plugged(&usb.sys));
        Machine { docks, in_order, known, seen, bays, lang }
    }

    fn t(&self, word: Word) -> String {
        self.lang.t(word).to_owned()
    }

    fn dock(&self, seen: &Seen) -> Option<&DockPort> {
        match self.docks.place(&seen.port) {
            Place::Dock(port) => Some(port),
            _ => None,
        }
    }

    fn verdict(&self, seen: &Seen) -> Verdict {
        let bound = self.dock(seen).and_then(|port| port.profile.as_deref());
        self.known.profiles.identify(seen, bound)
    }

    /// What stands at a dock port, whatever it is; elsewhere what may be a recorder.
    fn recorders(&self) -> impl Iterator<Item = (&Seen, Verdict)> {
        let all = self.seen.iter().map(|seen| (seen, self.verdict(seen)));
        all.filter(|(seen, verdict)| self.dock(seen).is_some() || verdict.state().is_some())
    }

    fn at(&self, port: &DockPort) -> String {
        let here = self.seen.iter().filter(|seen| self.dock(seen) == Some(port)).map(device);
        here.collect::<Vec<_>>().join("、")
    }

    fn is_bay(&self, port: &DockPort) -> bool {
        self.bays.contains(port.bay.as_str())
    }

    fn ports(&self) -> Table {
        let row = |port: &DockPort| {
            let bay = if self.is_bay(port) { a::REGISTERED } else { a::NOT_REGISTERED };
            let profile = port.profile.clone().unwrap_or_default();
            row_of([port.bay.to_string(), port.path.clone(), profile, self.t(bay), self.at(port)])
        };
        Table {
            title: Some(a::PORTS),
            heads: vec![a::NUMBER, a::PORT, a::BOUND_TO, a::STANDS, a::STANDS_THERE],
            rows: self.docks.ports().iter().map(row).collect(),
            empty: a::NO_PORTS,
        }
    }

    fn plugged(&self) -> Table {
        let row = |(seen, verdict): (&Seen, Verdict)| {
            let bay =
                self.dock(seen).map_or_else(|| self.t(a::NO_DOCK_PORT), |p| p.bay.to_string());
            row_of([seen.port.clone(), device(seen), bay, self.taken_for(&verdict)])
        };
        Table {
            title: Some(a::PLUGGED),
            heads: vec![a::PORT, a::DEVICE, a::BAY, a::TAKEN_FOR],
            rows: self.recorders().map(row).collect(),
            empty: a::NOTHING_PLUGGED,
        }
    }

    fn taken_for(&self, verdict: &Verdict) -> String {
        let title = |id: &str| self.known.profiles.find(id).map(|one| one.title().to_owned());
        match verdict {
            Verdict::Known { profile, .. } => title(profile).unwrap_or_else(|| profile.clone()),
            Verdict::Generic { state: State::Mtp } => self.t(a::PLAIN_MTP),
            Verdict::Generic { .. } => self.t(a::PLAIN_DISK),
            other => {
                let said = self.known.profiles.sentence(other).unwrap_or_default();
                half(self.lang, &said).to_owned()
            }
        }
    }

    fn profiles(&self) -> Table {
        let built_in = Profiles::built_in();
        let row = |profile: &sealdock_profile::Profile| {
            let own = built_in.find(profile.id()).is_none();
            let whose = self.t(if own { a::OWN_PROFILE } else { a::BUILT_IN });
            row_of([profile.id().to_owned(), profile.title().to_owned(), whose])
        };
        Table {
            title: Some(a::PROFILES),
            heads: vec![a::NUMBER, a::MODEL, a::KIND],
            rows: self.known.profiles.all().iter().map(row).collect(),
            empty: a::NOTHING_ABOARD,
        }
    }

    /// A port that is named and no bay yet becomes one, by a choice; any other directory by its path.
    fn acts(&self) -> Vec<Act> {
        let mut acts = Vec::new();
        let free = self.docks.ports().iter().filter(|port| !self.is_bay(port));
        let free: Vec<(String, String)> = free
            .map(|port| {
                let said = format!("{} {} {}", port.bay, port.path, self.at(port));
                (port.bay.to_string(), said.trim_end().to_owned())
            })
            .collect();
        if !free.is_empty() {
            let field = Field::text("id", a::AT_PORT).of(Kind::OneOf(free));
            acts.push(Act::new("add-bay-at-port", a::ADD_BAY_AT_PORT, vec![field]).opened());
        }
        let fields = vec![Field::text("id", a::NUMBER), Field::text("path", a::DIRECTORY)];
        acts.push(Act::new("add-bay", a::ADD_BAY, fields));
        acts
    }

    /// The file, lines for what is plugged in and has no place in it, and what makes it count.
    fn docks_file(&self, file: &Path) -> Section {
        let mut said = Vec::new();
        said.extend((!self.in_order).then(|| (true, self.t(a::DOCKS_BAD))));
        said.push((false, format!("{} {}", self.lang.t(a::DOCKS_HOW), file.display())));
        said.push((false, self.t(a::BAY_STAYS)));
        let lines = Some((a::WRITE_SEEN, self.lines())).filter(|(_, lines)| !lines.is_empty());
        let then = (a::TYPE_THEN, TAKE_EFFECT.to_owned());
        let typed = lines.into_iter().chain([then]).collect();
        Section { title: a::DOCKS_FILE, below: PLUGGED, said, typed }
    }

    fn lines(&self) -> String {
        let named = self.docks.ports().iter().map(|port| port.bay.to_string());
        let taken: BTreeSet<String> = named.chain(self.bays.iter().cloned()).collect();
        let mut free = (1..).map(|n| format!("bay-{n}")).filter(|id| !taken.contains(id));
        let mut lines = String::new();
        for (seen, verdict) in self.recorders().filter(|(seen, _)| self.dock(seen).is_none()) {
            let bay = free.next().unwrap_or_default();
            let (what, path) = (device(seen), &seen.port);
            lines += &format!("# {what}\n[[port]]\nbay = \"{bay}\"\npath = \"{path}\"\n");
            // Only a port that is bound to its profile may unlock a recorder.
            if let Verdict::Ambiguous { candidates, .. } = &verdict {
                candidates.iter().for_each(|id| lines += &format!("# profile = \"{id}\"\n"));
            }
            lines.push('\n');
        }
        lines
    }

    fn profiles_folder(&self, folder: &Path) -> Section {
        let mut said = Vec::new();
        let fault = self.known.fault.as_ref();
        said.extend(fault.map(|why| (true, half(self.lang, why).to_owned())));
        said.push((false, format!("{} {}", self.lang.t(a::PROFILES_HOW), folder.display())));
        let typed = vec![(a::TYPE_BEFORE, TRY_PROFILE.to_owned())];
        Section { title: a::PROFILES_FILE, below: PROFILES, said, typed }
    }
}

#[cfg(test)]
mod tests {
    use super::plugged::tests::{descriptors, plug};
    use super::*;

    const DOCKS: &str = "[[port]]\nbay = 'bay-1'\npath = 'pci-0000:00:14.0-usb-0:1'\n\
                         [[port]]\nbay = 'bay-2'\npath = 'pci-0000:00:14.0-usb-0:4'\n";

    fn machine(lang: Lang, docks: &str, bays: &[&str]) -> Machine {
        let sys = tempfile::tempdir().unwrap();
        for (busid, product) in [("1-1", "Docked"), ("1-2.3", "On\u{202e}a\n[[port]]")] {
            plug(sys.path(), busid, product, &descriptors(0x7777, 0x0a01, 0));
        }
        let mut keyboard = descriptors(0x7777, 3, 0);
        keyboard[32] = 3;
        plug(sys.path(), "1-3", "Keys", &keyboard);
        let docks = Docks::parse(docks);
        Machine {
            in_order: docks.is_ok(),
            docks: docks.unwrap_or_default(),
            known: crate::wire::profiles::known(&sys.path().join("none")),
            seen: plugged::plugged(sys.path()),
            bays: bays.iter().map(|id| (*id).to_owned()).collect(),
            lang,
        }
    }

    fn cells(table: &Table) -> Vec<String> {
        table.rows.iter().map(|row| row.cells.join(" | ")).collect()
    }

    #[test]
    fn what_is_plugged_in_is_shown_at_its_port_and_offered_with_the_lines_that_make_it_a_dock() {
        let there = machine(Lang::En, DOCKS, &["bay-1", "bay-3"]);
        let disk = "an ordinary recorder (a disk)";
        assert_eq!(
            cells(&there.plugged()),
            [
                format!("pci-0000:00:14.0-usb-0:1 | Docked 7777:0a01 | bay-1 | {disk}"),
                format!(
                    "pci-0000:00:14.0-usb-0:2.3 | On\\u{{202e}}a\\u{{a}}[[port]] 7777:0a01 | no dock port | {disk}"
                ),
            ]
        );
        let ports = cells(&there.ports());
        assert!(ports[0].ends_with("| a bay | Docked 7777:0a01"), "{ports:?}");
        assert!(ports[1].ends_with("| no bay yet | "), "{ports:?}");
        // A keyboard is no recorder, what has a port needs no other, and the next free name is taken.
        let lines = there.lines();
        let wanted = "[[port]]\nbay = \"bay-4\"\npath = \"pci-0000:00:14.0-usb-0:2.3\"\n";
        assert!(lines.contains(wanted) && !lines.contains('\u{202e}'), "{lines}");
        // What a stranger's device calls itself is one line of remark.
        assert_eq!(Docks::parse(&lines).unwrap().ports().len(), 1, "{lines}");
        let section = there.docks_file(Path::new("/etc/sealdock/docks.toml"));
        let typed: Vec<&str> = section.typed.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(typed, [lines.as_str(), TAKE_EFFECT]);
        assert!(section.said.iter().all(|(calls, _)| !calls), "{section:?}");
        assert!(section.said[0].1.ends_with("/etc/sealdock/docks.toml"));
    }

    #[test]
    fn only_a_port_that_is_named_and_no_bay_yet_is_offered_as_one() {
        let offered = |bays: &[&str]| -> Vec<String> {
            let acts = machine(Lang::Zh, DOCKS, bays).acts();
            let port = acts.iter().find(|act| act.act == "add-bay-at-port");
            match port.map(|act| act.fields[0].kind.clone()) {
                Some(Kind::OneOf(all)) => all.into_iter().map(|(id, _)| id).collect(),
                _ => Vec::new(),
            }
        };
        assert_eq!(offered(&[]), ["bay-1", "bay-2"]);
        assert_eq!(offered(&["bay-1"]), ["bay-2"]);
        assert_eq!(offered(&["bay-1", "bay-2"]), [""; 0]);
    }

    #[test]
    fn a_file_that_is_not_understood_is_said_in_the_language_of_the_page() {
        for (lang, said) in [(Lang::Zh, a::DOCKS_BAD.0), (Lang::En, a::DOCKS_BAD.1)] {
            let there = machine(lang, "port = 3", &[]);
            assert_eq!(there.docks_file(Path::new("d")).said[0], (true, said.to_owned()));
            let fault = Some("自有型号文件有误 / acme.toml: colour is no key".to_owned());
            let there = Machine { known: Known { fault, ..there.known.clone() }, ..there };
            let said = there.profiles_folder(Path::new("profiles")).said;
            let half = if lang == Lang::Zh {
                "自有型号文件有误"
            } else {
                "acme.toml: colour is no key"
            };
            assert_eq!(said[0], (true, half.to_owned()));
        }
    }
}
