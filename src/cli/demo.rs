//! `demo`: a throw-away station and three recorders with real clips, told through the ordinary verbs.
//! Nothing is simulated but the cards, which are folders that appear in folder bays; every line that
//! begins with `$` can be typed again.

/// The clips of the cards.
mod cards;
/// A copy for a court.
mod court;
/// What goes on at the wall while somebody looks.
mod shift;

use crate::exit::{CliError, Exit, file_error};
use cards::{CARDS, Card};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// PIN of everybody in the demo; written into files as `--pin-file` wants it.
const PIN: &str = "271828";
/// Longer than any settling and docking of a few small clips.
const PATIENCE: Duration = Duration::from_secs(60);
/// A browser is open by then, and shows the wall before the first recorder comes.
const BROWSER_STARTS: Duration = Duration::from_secs(4);
/// So long the recorders wait for their officers, as the wall says.
const SEEN_WAITING: Duration = Duration::from_secs(2);
/// Films on each card, unless the story is told to nobody: some seconds of copying, reading again and wiping.
const FILMS: usize = 120;
/// So many clips are enough to see what a list says.
const LISTED: &str = "12";

/// Tells the whole story. `once`: a short one, for scripts; nobody looks at the wall, nobody is waited for at the end.
pub fn run(dir: Option<&Path>, once: bool) -> Result<Exit, CliError> {
    let stage = Stage::make(dir)?;
    stage.found()?;
    let watched = !once && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let daemon = stage.daemon(watched)?;
    stage.plug(if once { 0 } else { FILMS })?;
    if !once {
        std::thread::sleep(SEEN_WAITING);
    }
    let docked = stage.confirm();
    stage.look()?;
    let verdict = stage.judge()?;
    stage.what_is_left()?;
    let package = stage.court()?;
    if watched {
        stage.hints(&package);
        say(
            "\n换班还在继续，请看采集墙；按回车键结束 the shift goes on at the bay wall; try the commands above in another window; press Enter to end",
        );
        stage.shift_until(|| drop(std::io::stdin().read_line(&mut String::new())));
    }
    drop(daemon);
    docked?;
    stage.hints(&package);
    Ok(verdict)
}

/// Where the demo plays.
struct Stage {
    dir: PathBuf,
    program: PathBuf,
}

/// Ends when it is dropped, the way a service manager ends it.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.0.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that has gone away is no error of ours.
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

impl Stage {
    fn make(dir: Option<&Path>) -> Result<Stage, CliError> {
        let program = std::env::current_exe()
            .map_err(|e| CliError::new(Exit::Failed, format!("cannot find this program: {e}")))?;
        let dir = match dir {
            Some(dir) => std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
            None => free_name(),
        };
        for sub in ["", "bays", "cards", "pins"] {
            let path = dir.join(sub);
            std::fs::create_dir_all(&path).map_err(|e| file_error("make", &path, &e))?;
        }
        if dir.join("station").exists() {
            let text =
                format!("{} holds a demo already; remove it or name another --dir", dir.display());
            return Err(CliError::new(Exit::Refused, text));
        }
        say(&format!("一次完整的演示 the whole story, in {}\n", dir.display()));
        Ok(Stage { dir, program })
    }

    fn station(&self) -> String {
        self.dir.join("station").display().to_string()
    }

    fn pin_file(&self, person: &str) -> Result<String, CliError> {
        let path = self.dir.join("pins").join(person);
        std::fs::write(&path, format!("{PIN}\n")).map_err(|e| file_error("write", &path, &e))?;
        Ok(path.display().to_string())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).args(["--station", &self.station()]).env("SEALDOCK_LOG", "error");
        command.stdin(Stdio::null());
        command
    }

    /// Runs one verb and shows it with what it prints.
    fn verb(&self, words: &[&str]) -> Result<(), CliError> {
        let shown: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        say(&format!(
            "$ sealdock {}",
            shown.join(" ").replace(&self.dir.display().to_string(), "…")
        ));
        let output = self.quietly(words)?;
        say(String::from_utf8_lossy(&output).trim_end());
        Ok(())
    }

    /// What one verb prints.
    fn quietly(&self, words: &[&str]) -> Result<Vec<u8>, CliError> {
        let output =
            self.command(words).output().map_err(|e| file_error("run", &self.program, &e))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
            return Err(CliError::new(Exit::Failed, format!("`{}` said: {said}", words.join(" "))));
        }
        Ok(output.stdout)
    }

    fn found(&self) -> Result<(), CliError> {
        say("1. 建站 a station is founded: keys, chain, vault\n");
        say("$ export SEALDOCK_STATION=…/station");
        let unit = "示范单位 Demo unit";
        self.verb(&[
            "init",
            "--origin",
            "demo.example/station1",
            "--unit",
            unit,
            "--accept-single-copy",
            "--no-immutable-flag",
        ])?;
        say("\n2. 人员与设备 people, recorders, bays\n");
        for card in &CARDS {
            let pin = self.pin_file(card.officer)?;
            self.verb(&[
                "person",
                "add",
                card.officer,
                "--name",
                card.name,
                "--role",
                "officer",
                "--pin-file",
                &pin,
            ])?;
            self.verb(&["recorder", "add", card.recorder])?;
            let bay = self.bay(card);
            std::fs::create_dir_all(&bay).map_err(|e| file_error("make", &bay, &e))?;
            self.verb(&["bay", "add", card.bay, "--folder", &bay.display().to_string()])?;
        }
        self.staff()
    }

    fn bay(&self, card: &Card) -> PathBuf {
        self.dir.join("bays").join(card.bay)
    }

    /// The daemon as a service manager would start it; its log goes to a file. `open`: shows the bay wall where there is a
    /// screen to show it on.
    fn daemon(&self, open: bool) -> Result<Daemon, CliError> {
        let console = "127.0.0.1:0";
        say(&format!(
            "\n3. 守护进程 the daemon watches the bays\n\n$ sealdock run --console {console} &"
        ));
        let log = self.dir.join("daemon.log");
        let file = std::fs::File::create(&log).map_err(|e| file_error("write", &log, &e))?;
        let child = self
            .command(&["run", "--console", console])
            .env("SEALDOCK_LOG", "info")
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .map_err(|e| file_error("run", &self.program, &e))?;
        let mut daemon = Daemon(child);
        self.wall(&mut daemon, open)?;
        let socket = self.dir.join("station/run/sock");
        wait_for("the daemon", || socket.exists())?;
        Ok(daemon)
    }

    /// The address that the daemon prints first, and a browser on it.
    fn wall(&self, daemon: &mut Daemon, open: bool) -> Result<(), CliError> {
        let mut address = String::new();
        let printed = daemon.0.stdout.take();
        let read = printed.map(|out| std::io::BufReader::new(out).read_line(&mut address));
        if !matches!(read, Some(Ok(1..))) {
            let text = format!(
                "the daemon did not start; {} says why",
                self.dir.join("daemon.log").display()
            );
            return Err(CliError::new(Exit::Failed, text));
        }
        let address = address.trim();
        say(&format!("\n   采集墙 the bay wall: {address}"));
        let screen =
            ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
        if open && screen {
            let browser = Command::new("xdg-open")
                .arg(address)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            match browser {
                Ok(_runs_on) => std::thread::sleep(BROWSER_STARTS),
                Err(_none) => say("   在浏览器中打开上面的地址 open it in a browser"),
            }
        }
        Ok(())
    }

    /// A recorder is plugged in: its volume appears in the bay, all at once. Beside its own clips it has so many `films`.
    fn plug(&self, films: usize) -> Result<(), CliError> {
        say("\n4. 插入三台记录仪 three recorders are plugged in");
        for card in &CARDS {
            let made = self.dir.join("cards").join(card.recorder);
            let mut lines = card.write(&made).map_err(|e| file_error("write", &made, &e))?;
            if films > 0 {
                lines.push(card.film(&made, films).map_err(|e| file_error("write", &made, &e))?);
            }
            let bay = self.bay(card).join(card.recorder);
            std::fs::rename(&made, &bay).map_err(|e| file_error("plug", &bay, &e))?;
            say(&format!(
                "\n   {}号位 bay {}: {} ({})",
                card.bay, card.bay, card.recorder, card.name
            ));
            lines.iter().for_each(|line| say(&format!("      {line}")));
        }
        wait_for("the recorders in their bays", || CARDS.iter().all(|card| self.waits(card)))
    }

    /// Whether the recorder waits in its bay for its officer.
    fn waits(&self, card: &Card) -> bool {
        let output = self.command(&["status"]).output();
        let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
        text.is_ok_and(|text| {
            text.lines().any(|line| line.contains(card.recorder) && line.contains("请本人确认"))
        })
    }

    /// Every officer confirms with their own PIN; the three sessions run side by side.
    fn confirm(&self) -> Result<(), CliError> {
        say(
            "\n5. 本人确认 each officer confirms with their own PIN: list, copy, prove, sign, read again, wipe\n",
        );
        let runs: Vec<Result<(), CliError>> = std::thread::scope(|scope| {
            let run = |card: &'static Card| {
                let pin = self.dir.join("pins").join(card.officer).display().to_string();
                self.verb(&card.confirmed(&pin)).map(drop)
            };
            let threads: Vec<_> = CARDS.iter().map(|card| scope.spawn(move || run(card))).collect();
            threads
                .into_iter()
                .map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        runs.into_iter().collect()
    }

    fn look(&self) -> Result<(), CliError> {
        say("\n6. 登记 what the registers say now\n");
        self.verb(&["clip", "list", "--limit", LISTED])?;
        say("");
        self.verb(&["status"])?;
        Ok(())
    }

    /// The chain's verdict: every signature, every register rebuilt, every file read again.
    fn judge(&self) -> Result<Exit, CliError> {
        say("\n7. 核对 the verdict: chain, signatures, registers, every file read again\n");
        self.verb(&["check", "--deep"])?;
        Ok(Exit::Done)
    }

    fn what_is_left(&self) -> Result<(), CliError> {
        say("\n8. 记录仪上还有什么 what is left on the recorders");
        for card in &CARDS {
            let root = self.bay(card).join(card.recorder);
            let mut left = Vec::new();
            files(&root, &root, &mut left);
            let left = if left.is_empty() { "空 empty".to_owned() } else { left.join(", ") };
            say(&format!("   {}: {left}", card.recorder));
        }
        Ok(())
    }

    fn hints(&self, package: &Path) {
        let station = self.station();
        say(&format!(
            "\n给法院的文件夹 the folder for the court: {0}\n   \
             按 READ-ME-FIRST.txt 的五条命令核对，不需要本软件 check it with the five commands there, without us; or\n   \
             cargo run --release -p sealdock-verify -- {0} --key \"$(cat {1}/station.vkey)\" --pin {1}/receipt",
            package.display(),
            self.dir.display()
        ));
        say(&format!(
            "\n采集站留在 the station stays in {station} for inspection:\n   \
             sealdock log show --station {station}\n   \
             sealdock log receipt --station {station}\n   \
             sealdock clip show C… --station {station}\n   \
             rm -r {}   # when you have seen enough",
            self.dir.display()
        ));
    }
}

/// As a shell wants it.
fn quoted(word: &str) -> String {
    match word.contains(' ') {
        true => format!("'{word}'"),
        false => word.to_owned(),
    }
}

/// On a disk, not in memory: the vault insists.
fn free_name() -> PathBuf {
    let place = [Path::new("/var/tmp")].into_iter().find(|p| p.is_dir());
    let place = place.map_or_else(std::env::temp_dir, Path::to_path_buf);
    let name = |n: u32| place.join(format!("sealdock-demo-{}-{n}", std::process::id()));
    (1..).map(name).find(|dir| !dir.exists()).expect("some number is free")
}

fn wait_for(what: &str, ready: impl Fn() -> bool) -> Result<(), CliError> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if ready() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(CliError::new(Exit::Failed, format!("waited {} s for {what} in vain", PATIENCE.as_secs())))
}

fn files(root: &Path, dir: &Path, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        match path.is_dir() {
            true => files(root, &path, found),
            false => found.push(path.strip_prefix(root).unwrap_or(&path).display().to_string()),
        }
    }
}
