//! The daemon beside a privileged part that a test plays: real volumes on loop devices, announced as
//! `docs/design/usb.md` says, and a wiper on a real socket that does what the signed lines say. Needs root,
//! loop devices and ext4.

#[path = "common_e2e/volume.rs"]
#[allow(dead_code)]
mod volume;

use sealdock_chain::{ClockIntent, VerifierKey, WipeIntent};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PATIENCE: Duration = Duration::from_secs(40);

/// A station with a running daemon, and `/run/sealdock` of its own.
struct Station {
    folder: tempfile::TempDir,
    daemon: Option<Child>,
}

impl Drop for Station {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _gone = daemon.kill();
            let _reaped = daemon.wait();
        }
    }
}

impl Station {
    fn founded() -> Station {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        std::fs::write(folder.path().join("pin"), "2580147\n").expect("the PIN file");
        for place in ["run/bays", "run/usb/bay-1", "run/volumes/bay-1"] {
            std::fs::create_dir_all(folder.path().join(place)).expect("a folder");
        }
        let docks = "[[port]]\nbay = 'bay-1'\npath = 'pci-0000:00:04.0-usb-0:1'\n";
        std::fs::write(folder.path().join("docks.toml"), docks).expect("docks.toml");
        let station = Station { folder, daemon: None };
        station.done(
            "init --origin test.example/s1 --unit U --accept-single-copy --no-immutable-flag",
        );
        station.done("person add o1 --name Li --role officer --pin-file pin");
        station.done("recorder add R1");
        station
    }

    fn run(&mut self) {
        let daemon = self.command("run").stderr(Stdio::null()).spawn().expect("a daemon");
        self.daemon = Some(daemon);
        self.wait("the daemon listens", || {
            UnixStream::connect(self.path().join("station/run/sock")).is_ok().then_some(())
        });
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn at(&self, place: &str) -> PathBuf {
        self.path().join(place)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealdock"));
        command
            .args(line.split(' '))
            .current_dir(self.path())
            .env("SEALDOCK_STATION", self.at("station"))
            .env("SEALDOCK_RUN", self.at("run"))
            .env("SEALDOCK_DOCKS", self.at("docks.toml"))
            .env("SEALDOCK_LOG", "error")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null());
        command
    }

    fn done(&self, line: &str) -> String {
        let output = self.command(line).output().expect("sealdock runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}{errors}");
        said
    }

    fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.done(&format!("{line} --json"))).expect("JSON")
    }

    fn refusals(&self) -> Vec<Value> {
        let log = self.json("log show --from 0 --count 10000");
        let entries = log["entries"].as_array().expect("entries").clone();
        let events = entries.into_iter().map(|entry| entry["event"].clone());
        events.filter(|event| event["type"] == "dock.refused").collect()
    }

    fn wait<T>(&self, what: &str, ready: impl Fn() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = ready() {
                return found;
            }
            assert!(Instant::now() < deadline, "never: {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn announce(&self, place: &str, notice: &Value) {
        let path = self.at("run").join(place);
        std::fs::write(path.with_extension("new"), notice.to_string()).expect("a notice");
        std::fs::rename(path.with_extension("new"), path).expect("a notice");
    }
}

fn seen() -> Value {
    json!({ "vid": 0x1234, "pid": 1, "product": "\u{1b}[2Jkeys", "port": "pci-0000:00:04.0-usb-0:1" })
}

/// A wiper that obeys what is signed, on one volume; gives back what it was told.
fn wiper(station: &Station, card: &Arc<volume::Volume>, sequence: u64) -> Arc<Mutex<Vec<String>>> {
    let listener = UnixListener::bind(station.at("run/wiper.sock")).expect("a socket");
    let key = station.at("run/log.vkey");
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    // The thread never ends, and must not keep the card mounted after its test.
    let card = Arc::downgrade(card);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Some(card) = card.upgrade() else { return };
            let mut stream = BufReader::new(stream.expect("a client"));
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|n| n > 0) {
                let question: Value = serde_json::from_str(&line).expect("a line of JSON");
                let verb = question.as_object().expect("an object").keys().next().expect("a verb");
                heard.lock().expect("heard").push(verb.clone());
                let ok = match verb.as_str() {
                    "open" => json!({ "disk_sequence": sequence }),
                    "wipe" => {
                        delete(&card, &key, &question["wipe"]);
                        json!({})
                    }
                    "clock" => {
                        note(&card, &key, &question["clock"]);
                        remounted(&card);
                        json!({ "was": "absent" })
                    }
                    _ => {
                        remounted(&card);
                        json!({ "method": "remounted" })
                    }
                };
                writeln!(stream.get_mut(), "{}", json!({ "ok": ok })).expect("an answer");
                line.clear();
            }
        }
    });
    told
}

fn remounted(card: &volume::Volume) {
    card.unmount();
    card.mount();
}

/// Text, signature, key and time of a signed line.
fn signed<'a>(key: &Path, line: &'a Value) -> (&'a [u8], [u8; 64], VerifierKey, u64) {
    let key = std::fs::read_to_string(key).expect("the log key was published");
    let key: VerifierKey = key.trim_end().parse().expect("a verifier key");
    let text = line["intent"].as_str().expect("text");
    let signature = hex(line["signature"].as_str().expect("hex"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64;
    (text.as_bytes(), signature.try_into().expect("64 bytes"), key, now)
}

/// Writes the note: the last thing that happens to the card.
fn note(card: &volume::Volume, key: &Path, clock: &Value) {
    let (text, signature, key, now) = signed(key, clock);
    let intent = ClockIntent::verify(text, &signature, key.public(), now);
    let intent = intent.expect("signed, in force");
    assert_eq!((intent.station.as_str(), intent.bay.as_str()), ("test.example/s1", "bay-1"));
    let path = String::from_utf8(intent.path().expect("a path")).expect("text");
    std::fs::write(card.point.join(path), intent.content().expect("a note")).expect("written");
}

fn delete(card: &volume::Volume, key: &Path, wipe: &Value) {
    let (text, signature, key, now) = signed(key, wipe);
    let intent = WipeIntent::verify(text, &signature, key.public(), now);
    let intent = intent.expect("signed, in force");
    assert_eq!((intent.station.as_str(), intent.bay.as_str()), ("test.example/s1", "bay-1"));
    let name = String::from_utf8(intent.name().expect("a name")).expect("text");
    let bytes = std::fs::read(card.point.join(&name)).expect("the file is there");
    assert_eq!(sealdock_chain::Digest::of(&bytes), intent.sha256);
    std::fs::remove_file(card.point.join(name)).expect("deleted");
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
    digits.chunks(2).map(|pair| byte(pair).expect("hex")).collect()
}

/// The kernel's number of the disk that is mounted there, and the disk, held: it outlasts an unmount.
fn sequence(point: &Path) -> (u64, std::fs::File) {
    use std::os::unix::fs::MetadataExt as _;
    let device = std::fs::metadata(point).expect("mounted").dev();
    let disk = format!("/sys/dev/block/{}:{}", device >> 8 & 0xfff, device & 0xff);
    let name = std::fs::canonicalize(&disk).expect("a block device");
    let name = name.file_name().expect("a name").to_str().expect("text").to_owned();
    let held = std::fs::File::open(format!("/dev/{name}")).expect("the loop device");
    let sequence = std::fs::read_to_string(format!("{disk}/diskseq")).expect("Linux 5.15");
    (sequence.trim().parse().expect("a number"), held)
}

#[test]
fn an_announced_volume_is_stored_and_emptied_by_the_wiper() {
    let mut station = Station::founded();
    station.run();
    let bay = station.at("run/bays/bay-1");
    station.wait("the bay is made", || bay.is_dir().then_some(()));
    station.done(&format!("bay add bay-1 --folder {}", bay.display()));
    let card = Arc::new(volume::Volume::mounted(&bay, "sdb1", 24));
    std::fs::write(card.point.join("a.mp4"), b"footage").expect("a clip");
    std::fs::write(card.point.join("notes.txt"), b"stays").expect("a note");
    let (sequence, _held) = sequence(&card.point);
    let told = wiper(&station, &card, sequence);
    let notice = json!({
        "bay": "bay-1", "volume": "sdb1", "busid": "1-2", "disk_sequence": sequence,
        "seen": { "port": "pci-0000:00:04.0-usb-0:1",
                  "volume": { "fs": "ext4", "label": "R1", "uuid": "u-1" } },
        "read_only": false, "problem": null,
    });
    station.announce("volumes/bay-1/sdb1.json", &notice);
    let waiting = station.wait("it waits for its person", || {
        let status = station.json("status");
        let docked = status["docked"].as_array()?.first()?.clone();
        (docked["state"] == "waiting").then_some(docked)
    });
    assert_eq!(waiting["recorder"], "R1", "by its label: {waiting}");
    station.done("session confirm bay-1 sdb1 --officer o1 --pin-file pin");
    assert!(!card.point.join("a.mp4").exists(), "wiped");
    assert!(card.point.join("notes.txt").exists(), "the profile keeps it");
    let verbs = told.lock().expect("told").join(" ");
    assert_eq!(verbs, "open cold open wipe end open cold");
    let docked = &station.json("status")["docked"][0];
    assert_eq!(docked["state"], "closed", "one session, one plug-in: {docked}");
    station.done("check --deep");
}

/// Profiles of the owner, what the session is read by, and whether the clip is still there.
fn read_by(own: &[(&str, &str)]) -> (String, bool) {
    let mut station = Station::founded();
    std::fs::create_dir(station.at("profiles")).expect("a folder");
    for (name, text) in own {
        std::fs::write(station.at("profiles").join(name), text).expect("a profile");
    }
    station.run();
    let bay = station.at("run/bays/bay-1");
    station.wait("the bay is made", || bay.is_dir().then_some(()));
    station.done(&format!("bay add bay-1 --folder {}", bay.display()));
    let card = Arc::new(volume::Volume::mounted(&bay, "sdb1", 24));
    std::fs::create_dir(card.point.join("ACME")).expect("a folder");
    std::fs::write(card.point.join("ACME/a.mp4"), b"footage").expect("a clip");
    let (sequence, _held) = sequence(&card.point);
    let _told = wiper(&station, &card, sequence);
    let notice = json!({
        "bay": "bay-1", "volume": "sdb1", "busid": "1-2", "disk_sequence": sequence,
        "seen": { "vid": 0x7777, "port": "pci-0000:00:04.0-usb-0:1:1.0-scsi-0:0:0:0",
                  "interfaces": [{ "class": 8, "subclass": 6, "protocol": 80 }],
                  "volume": { "fs": "ext4", "label": "R1", "uuid": "u-1" } },
        "read_only": false, "problem": null,
    });
    station.announce("volumes/bay-1/sdb1.json", &notice);
    station.wait("it waits for its person", || {
        let status = station.json("status");
        (status["docked"].as_array()?.first()?["state"] == "waiting").then_some(())
    });
    station.done("session confirm bay-1 sdb1 --officer o1 --pin-file pin");
    let log = station.json("log show --from 0 --count 10000");
    let events = log["entries"].as_array().expect("entries").iter().map(|entry| &entry["event"]);
    let opened = { events }.find(|event| event["type"] == "session.opened").expect("a session");
    let said = station.json("status")["ports"].to_string();
    assert_eq!(
        said.contains("bad.toml"),
        own.iter().any(|(name, _)| *name == "bad.toml"),
        "{said}"
    );
    // Faulty profiles are a finding, which is not what this is about.
    let _not_there = std::fs::remove_file(station.at("profiles/bad.toml"));
    station.done("check --deep");
    (opened["profile"].as_str().expect("text").to_owned(), card.point.join("ACME/a.mp4").exists())
}

#[test]
fn an_owners_profile_decides_what_stays_and_a_faulty_one_that_all_of_it_does() {
    let own = "schema = 1\n[profile]\nid = 'acme.x1'\ntitle = 'ACME'\nsources = ['me']\nconfidence = 'reported'\n\
               [[match]]\nstate = 'storage'\nweight = 40\nusb.vid = 0x7777\nprobe.exists = ['ACME']\n\
               [wipe]\nkeep = ['**']\n";
    assert_eq!(read_by(&[]), ("generic.ums".to_owned(), false));
    assert_eq!(read_by(&[("acme.toml", own)]), ("acme.x1".to_owned(), true));
    let faulty = [("acme.toml", own), ("bad.toml", "colour = 1")];
    assert_eq!(read_by(&faulty), ("generic.ums".to_owned(), true));
}

/// A profile with a note of the time; `rest` completes it.
const NOTED: &str = "schema = 1\n[profile]\nid = 'acme.x1'\ntitle = 'ACME'\nsources = ['me']\nconfidence = 'reported'\n\
                     [[match]]\nstate = 'storage'\nweight = 40\nusb.vid = 0x7777\n[clock]\nzone = 'utc'\n";

/// Docks a card at a port with this line in `docks.toml` under an owner's profile: the verbs that the wiper
/// heard, and the note on the card.
fn noted(port: &str, set: &str, spoil: impl Fn(&Path)) -> (String, Option<String>) {
    let mut station = Station::founded();
    let docks = format!("[[port]]\nbay = 'bay-1'\npath = 'pci-0000:00:04.0-usb-0:1'\n{port}\n");
    std::fs::write(station.at("docks.toml"), docks).expect("docks.toml");
    std::fs::create_dir(station.at("profiles")).expect("a folder");
    std::fs::write(station.at("profiles/acme.toml"), format!("{NOTED}{set}")).expect("a profile");
    station.run();
    let bay = station.at("run/bays/bay-1");
    station.wait("the bay is made", || bay.is_dir().then_some(()));
    station.done(&format!("bay add bay-1 --folder {}", bay.display()));
    let card = Arc::new(volume::Volume::mounted(&bay, "sdb1", 24));
    std::fs::write(card.point.join("a.mp4"), b"footage").expect("a clip");
    spoil(&card.point);
    let (sequence, _held) = sequence(&card.point);
    let told = wiper(&station, &card, sequence);
    let notice = json!({
        "bay": "bay-1", "volume": "sdb1", "busid": "1-2", "disk_sequence": sequence,
        "seen": { "vid": 0x7777, "port": "pci-0000:00:04.0-usb-0:1:1.0-scsi-0:0:0:0",
                  "interfaces": [{ "class": 8, "subclass": 6, "protocol": 80 }],
                  "volume": { "fs": "ext4", "label": "R1", "uuid": "u-1" } },
        "read_only": false, "problem": null,
    });
    station.announce("volumes/bay-1/sdb1.json", &notice);
    let docked = || station.json("status")["docked"].as_array()?.first().cloned();
    station.wait("it waits", || (docked()?["state"] == "waiting").then_some(()));
    let confirm = "session confirm bay-1 sdb1 --officer o1 --pin-file pin";
    let _held_or_done = station.command(confirm).output().expect("sealdock runs");
    let closed = station.wait("it ends", || docked().filter(|d| d["state"] == "closed"));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(docked(), Some(closed), "one plug-in before and after");
    let sessions = station.json("session list")["sessions"].as_array().map(Vec::len);
    assert_eq!(sessions, Some(1), "the note is no new recorder");
    station.done("check --deep");
    let verbs = told.lock().expect("told").join(" ");
    (verbs, std::fs::read_to_string(card.point.join("TIME.TXT")).ok())
}

/// How the profile sets the clock, under this policy.
fn by_file(policy: &str) -> String {
    format!(
        "set = {{ kind = 'file', policy = '{policy}', path = 'TIME.TXT', content = ['now:text:%Y-%m-%d %H:%M:%S'], \
         gone_when_accepted = true }}\n"
    )
}

#[test]
fn a_bound_recorder_gets_its_note_of_the_time_after_the_last_word() {
    let (verbs, note) = noted("profile = 'acme.x1'", &by_file("bound"), |_| ());
    assert_eq!(verbs, "open cold open wipe end open cold open clock");
    let note = note.expect("a note");
    let said: jiff::civil::DateTime = note.parse().expect("a time");
    let said = said.to_zoned(jiff::tz::TimeZone::UTC).expect("UTC").timestamp();
    let now = jiff::Timestamp::now();
    assert!((now.as_second() - said.as_second()).abs() < 60, "{note} is not {now}");
}

#[test]
fn no_note_without_a_binding_under_another_policy_or_on_a_card_that_is_held() {
    let without = "open cold open wipe end open cold";
    assert_eq!(noted("", &by_file("bound"), |_| ()), (without.into(), None));
    assert_eq!(noted("profile = 'acme.x1'", &by_file("operator"), |_| ()), (without.into(), None));
    assert_eq!(noted("profile = 'acme.x1'", &by_file("never"), |_| ()), (without.into(), None));
    let odd = |card: &Path| std::os::unix::fs::symlink("a.mp4", card.join("odd")).expect("a link");
    let (verbs, note) = noted("profile = 'acme.x1'", &by_file("bound"), odd);
    assert!(!verbs.contains("clock") && note.is_none(), "{verbs}");
}

#[test]
fn a_volume_that_is_announced_long_after_its_mount_is_taken_and_not_refused() {
    let mut station = Station::founded();
    station.run();
    let bay = station.at("run/bays/bay-1");
    station.wait("the bay is made", || bay.is_dir().then_some(()));
    station.done(&format!("bay add bay-1 --folder {}", bay.display()));
    let card = volume::Volume::mounted(&bay, "sdb1", 24);
    let (sequence, _held) = sequence(&card.point);
    // Far beyond the time in which it settles: the daemon has looked, and found no announcement.
    std::thread::sleep(Duration::from_secs(8));
    let notice = json!({
        "bay": "bay-1", "volume": "sdb1", "busid": "1-2", "disk_sequence": sequence,
        "seen": { "port": "pci-0000:00:04.0-usb-0:1",
                  "volume": { "fs": "ext4", "label": "R1", "uuid": "u-1" } },
        "read_only": false, "problem": null,
    });
    station.announce("volumes/bay-1/sdb1.json", &notice);
    station.wait("it waits for its person", || {
        let status = station.json("status");
        (status["docked"].as_array()?.first()?["state"] == "waiting").then_some(())
    });
    assert_eq!(station.refusals().len(), 0);
}

#[test]
fn what_is_refused_is_an_entry_once_and_a_sentence_as_long_as_it_is_there() {
    let mut station = Station::founded();
    let refused = json!({
        "bay": "bay-1", "busid": "1-2", "seen": seen(), "admitted": false, "state": null,
        "profile": null, "reason": "键盘 a keyboard; take it off",
    });
    station.announce("usb/bay-1/1-2.json", &refused);
    station.run();
    let ports = || {
        let ports = station.json("status")["ports"].as_array().cloned().unwrap_or_default();
        (!ports.is_empty()).then_some(ports)
    };
    let shown = station.wait("status says so", ports);
    assert_eq!(shown[0]["text"], "键盘 a keyboard; take it off");
    let problem = json!({
        "bay": "bay-1", "volume": "sdb1", "busid": "1-3", "disk_sequence": 9, "seen": seen(),
        "read_only": false, "problem": "没有文件系统 no file system",
    });
    station.announce("volumes/bay-1/sdb1.json", &problem);
    station.wait("both are shown", || (ports()?.len() == 2).then_some(()));
    // The same words once more are no news.
    station.announce("usb/bay-1/1-2.json", &refused);
    std::thread::sleep(Duration::from_millis(500));
    let entries = station.refusals();
    assert_eq!(entries.len(), 2, "{entries:?}");
    let what = entries[0]["what"].as_str().expect("text");
    assert!(what.starts_with("1-2 1234:0001") && !what.contains('\u{1b}'), "{what}");
    std::fs::remove_file(station.at("run/usb/bay-1/1-2.json")).expect("it goes");
    std::fs::remove_file(station.at("run/volumes/bay-1/sdb1.json")).expect("it goes");
    station.wait("calm again", || ports().is_none().then_some(()));
    station.announce("usb/bay-1/1-2.json", &refused);
    station.wait("another plug-in", || (station.refusals().len() == 3).then_some(()));
}

#[test]
fn the_log_key_stands_where_the_wiper_looks_also_after_a_rotation() {
    let mut station = Station::founded();
    station.run();
    let file = station.at("run/log.vkey");
    let key = || std::fs::read_to_string(&file).ok();
    let first = station.wait("the key is there", key);
    assert!(first.starts_with("test.example/s1+"), "{first}");
    station.done("key rotate log");
    let second = station.wait("the new key", || key().filter(|now| *now != first));
    // The entry that rotates is itself still under a head of the old key.
    station.done("recorder add R2");
    let of_chain = station.done("log vkey");
    assert!(of_chain.contains(second.trim_end()), "{of_chain} and {second}");
}

/// An announcement of a recorder that speaks MTP; the machine has no such device.
fn speaks_mtp(number: u32) -> Value {
    json!({
        "bay": "bay-1", "busid": "9-9", "number": number, "admitted": true, "state": "mtp",
        "seen": { "vid": 0x18d1, "pid": 0x4ee1, "port": "pci-0000:00:04.0-usb-0:1",
                  "interfaces": [{ "class": 6, "subclass": 1, "protocol": 1 }] },
        "profile": "android.mtp", "reason": null,
    })
}

#[test]
fn a_recorder_that_speaks_mtp_belongs_to_a_registered_bay_until_it_leaves() {
    let mut station = Station::founded();
    station.run();
    let bay = station.at("run/bays/bay-1");
    station.wait("the bay is made", || bay.is_dir().then_some(()));
    let said = |words: &'static str| {
        let ports = station.json("status")["ports"].clone();
        let text = |port: &Value| port["text"].as_str().is_some_and(|text| text.contains(words));
        ports.as_array().is_some_and(|ports| ports.iter().any(text)).then_some(())
    };
    station.announce("usb/bay-1/9-9.json", &speaks_mtp(7));
    station.wait("nobody knows the bay", || said("not registered"));
    std::fs::remove_file(station.at("run/usb/bay-1/9-9.json")).expect("it goes");
    station.done(&format!("bay add bay-1 --folder {}", bay.display()));
    station.announce("usb/bay-1/9-9.json", &speaks_mtp(8));
    if cfg!(feature = "mtp") {
        station.wait("it is looked for", || said("9-9 is gone"));
    } else {
        let refused = || station.refusals().pop();
        let entry = station.wait("this build knows no MTP", refused);
        assert!(entry["reason"].as_str().is_some_and(|r| r.contains("without MTP")), "{entry}");
    }
    let before = station.refusals().len();
    std::fs::remove_file(station.at("run/usb/bay-1/9-9.json")).expect("it goes");
    let empty = |key: &str| station.json("status")[key].as_array().is_some_and(Vec::is_empty);
    station.wait("calm again", || (empty("ports") && empty("docked")).then_some(()));
    // A look that was under way when it left ends now, and says nothing any more.
    std::thread::sleep(Duration::from_secs(4));
    assert!(empty("ports") && empty("docked"), "{}", station.done("status --json"));
    assert_eq!(station.refusals().len(), before, "what left was not refused");
}
