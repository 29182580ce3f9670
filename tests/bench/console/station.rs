//! The station that is asked: founded and filled, its daemon the shipped program, its people signed in.

use crate::disk::run;
use crate::load::Target;
use crate::pages::{PAGES, Page, Who};
use crate::rows;
use crate::web::{self, Asker};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SEALDOCK: &str = env!("CARGO_BIN_EXE_sealdock");
pub const PIN: &str = "2580147";
/// Bays, each with an officer and a recorder of their own; the last officer's clip is looked at.
pub const BAYS: usize = 16;

/// The daemon, ended when it is let go of.
pub struct Daemon {
    child: Child,
    pub at: SocketAddr,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Asked to end as a system does it; a station that was killed would be settled at its next start.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _asked = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ended = self.child.wait();
    }
}

impl Daemon {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Most memory that it ever had, MiB.
    pub fn peak_mib(&self) -> f64 {
        crate::memory_mib(&format!("/proc/{}/status", self.pid()), "VmHWM:")
    }
}

pub struct Site {
    pub dir: PathBuf,
    pub home: PathBuf,
}

pub fn officer(n: usize) -> String {
    format!("{:06}", 101 + n)
}

pub fn recorder(n: usize) -> String {
    format!("J8{n:05}")
}

/// As that recorder names its files: itself, its officer, the time, a number.
pub fn filed(n: usize, number: usize) -> String {
    format!("{}_{}20261128080000_{number:04}.MP4", recorder(n), officer(n))
}

impl Site {
    pub fn sealdock(&self, words: &str) -> String {
        let mut command = Command::new(SEALDOCK);
        command.args(words.split_whitespace()).arg("--station").arg(&self.home);
        let output = command.current_dir(&self.dir).output().expect("it can be started");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "sealdock {words}: {said}");
        String::from_utf8(output.stdout).expect("it writes text")
    }

    /// Founds it, with people for every room.
    pub fn found(dir: &Path) -> Site {
        let site = Site { dir: dir.to_owned(), home: dir.join("station") };
        std::fs::create_dir_all(dir).expect("scratch is writable");
        std::fs::write(dir.join("pin"), format!("{PIN}\n")).expect("scratch is writable");
        run(Command::new("chmod").arg("600").arg(dir.join("pin")));
        site.sealdock("init --origin bench.example/console --unit bench --accept-single-copy --docking clerk-shift --no-immutable-flag");
        for n in 0..=BAYS {
            let (officer, recorder) = (officer(n), recorder(n));
            site.sealdock(&format!(
                "person add {officer} --name {officer} --role officer --pin-file pin"
            ));
            site.sealdock(&format!("recorder add {recorder}"));
            let bay = dir.join(format!("bay{n}"));
            // Each bay is the file system of its recorder, so that one rename plugs it in.
            std::fs::create_dir_all(bay.join("in")).expect("scratch is writable");
        }
        for (id, role) in
            [("c1", "clerk"), ("a1", "auditor"), ("p1", "penalty-leader"), ("m1", "operator")]
        {
            site.sealdock(&format!("person add {id} --name {id} --role {role} --pin-file pin"));
        }
        site.sealdock("person add u1 --name u1 --role unit-head --pin-file pin");
        site
    }

    /// What it was given before it was filled, so that the log says of all of it.
    pub fn bays(&self) {
        for n in 0..=BAYS {
            self.sealdock(&format!("bay add b{n} --folder bay{n}/in --as u1 --pin-file pin"));
        }
        self.sealdock("shift open --as c1 --pin-file pin");
    }

    pub fn fill(&self, clips: u64) {
        rows::fill(&self.home.join("chain.db"), clips);
    }

    pub fn start(&self) -> Daemon {
        let log = std::fs::File::create(self.dir.join("daemon.log")).expect("scratch is writable");
        let mut child = Command::new(SEALDOCK)
            .args(["run", "--console", "127.0.0.1:0", "--station"])
            .arg(&self.home)
            .env("SEALDOCK_LOG", "warn")
            .envs(unit_environment())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the daemon starts");
        let out = child.stdout.take().expect("it was asked for");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("it says where it listens");
        let at = line.trim().trim_start_matches("http://").trim_end_matches('/');
        let at = at.parse().unwrap_or_else(|_| panic!("no address: {line:?}"));
        Daemon { child, at }
    }
}

/// What the package's unit starts the daemon with.
fn unit_environment() -> Vec<(String, String)> {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/sealdock.service");
    let unit = std::fs::read_to_string(unit).expect("the unit");
    let lines = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
    lines.filter_map(|line| line.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect()
}

/// Somebody at the desk, by their PIN.
pub fn signed_in(at: SocketAddr, person: &str) -> Asker {
    let form = format!("person={person}&pin={PIN}&to=/desk");
    held(at, "/sign-in", &form)
}

fn held(at: SocketAddr, path: &str, form: &str) -> Asker {
    let answer = web::post(at, path, &Asker::default(), form).expect("it answers");
    let cookie = answer.header("set-cookie").unwrap_or_else(|| panic!("{path}: {}", answer.text()));
    Asker::cookie(cookie.split(';').next().unwrap_or_default())
}

/// What stands in the addresses of pages.
pub struct Names {
    pub clip: String,
    pub session: String,
    pub clips: u64,
}

impl Names {
    fn path(&self, page: &Page) -> String {
        let other = 1u64 << 40;
        let day = &rows::start().plus_ms(1030 * 86_400_000).rfc3339()[..10];
        let middle = format!("C{}", rows::clip(self.clips / 2));
        let of = [
            ("{clip}", self.clip.as_str()),
            ("{session}", &self.session),
            ("{middle}", &middle),
            ("{day}", day),
            ("{month}", &day[..7]),
            ("{case}", &format!("M{other}")),
            ("{access}", &format!("V{}", other * 2)),
            ("{hold}", &format!("K{}", other * 3)),
            ("{check}", &format!("Q{}", other * 4)),
        ];
        of.iter().fold(page.path.to_owned(), |path, (name, value)| path.replace(name, value))
    }

    /// Every page with its asker.
    pub fn targets(&self, site: &Site, at: SocketAddr) -> Vec<Target> {
        let last = officer(BAYS);
        let made = site.sealdock(
            "api token add bench --may metrics --may status --may registers --may record --json",
        );
        let token: serde_json::Value = serde_json::from_str(&made).expect("an answer");
        let people = [
            (Who::Officer, last.as_str()),
            (Who::Clerk, "c1"),
            (Who::Approver, "p1"),
            (Who::Auditor, "a1"),
            (Who::UnitHead, "u1"),
            (Who::Operator, "m1"),
        ];
        let mut askers: Vec<(Who, Asker)> = people.map(|(who, id)| (who, signed_in(at, id))).into();
        let kiosk = format!("person={last}&pin={PIN}&to=mine");
        askers.push((Who::AtKiosk, held(at, "/kiosk/who", &kiosk)));
        askers.push((Who::System, Asker::token(token["token"].as_str().expect("a token"))));
        askers.push((Who::Nobody, Asker::default()));
        let target = |page: &Page| {
            let asker = askers.iter().find(|(who, _)| *who == page.who).map(|(_, asker)| asker);
            let name = format!("{} {:?}", page.path, page.who);
            let asker = asker.cloned().expect("everybody was signed in");
            Target { name, path: self.path(page), asker }
        };
        PAGES.iter().map(target).collect()
    }
}

/// Until a condition holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what}: waited in vain");
}
