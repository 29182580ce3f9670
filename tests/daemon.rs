//! What text cases cannot show of the daemon: clients that misbehave, and an end in the middle of a
//! session.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
/// Enough for a signal to arrive in the middle.
const CLIPS: usize = 100;

/// A station with an officer, a recorder and a running daemon.
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
    fn running() -> Station {
        Station::told_to("")
    }

    /// With systemd's socket, which the daemon is told of.
    fn told_to(notify: &str) -> Station {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        std::fs::write(folder.path().join("pin"), "2580147\n").expect("the PIN file");
        let mut station = Station { folder, daemon: None };
        station.done(
            "init --origin test.example/s1 --unit U --accept-single-copy --no-immutable-flag",
        );
        station.done("person add o1 --name Li --role officer --pin-file pin");
        station.done("recorder add R1");
        let mut command = station.command("run");
        if !notify.is_empty() {
            command.env("NOTIFY_SOCKET", notify);
        }
        let daemon = command.stderr(Stdio::null()).spawn().expect("a daemon");
        station.daemon = Some(daemon);
        let deadline = Instant::now() + PATIENCE;
        while UnixStream::connect(station.socket()).is_err() {
            assert!(Instant::now() < deadline, "the daemon never listens");
            std::thread::sleep(Duration::from_millis(20));
        }
        station
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn socket(&self) -> PathBuf {
        self.path().join("station/run/sock")
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealdock"));
        command
            .args(line.split(' '))
            .current_dir(self.path())
            .env("SEALDOCK_STATION", self.path().join("station"))
            .env("SEALDOCK_LOG", "error")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null());
        command
    }

    fn output(&self, line: &str) -> Output {
        self.command(line).output().expect("sealdock runs")
    }

    /// Its standard output; fails unless it ends well.
    fn done(&self, line: &str) -> String {
        let output = self.output(line);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {}: {errors}", output.status);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Says something to the daemon and hears one line.
    fn says(&self, bytes: &[u8]) -> String {
        let mut stream = UnixStream::connect(self.socket()).expect("the daemon listens");
        // The daemon may hang up before it has heard everything.
        let _told = stream.write_all(bytes);
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).expect("an answer");
        line
    }

    fn terminate(&mut self) -> i32 {
        let mut daemon = self.daemon.take().expect("a daemon");
        let told = Command::new("kill").arg(daemon.id().to_string()).status();
        assert!(told.is_ok_and(|status| status.success()), "the daemon was gone before");
        daemon.wait().expect("its end").code().expect("no signal ended it")
    }
}

#[test]
fn clients_that_misbehave_are_answered_and_hold_up_nobody() {
    let mut station = Station::running();
    let silent: Vec<UnixStream> = (0..8)
        .map(|_| UnixStream::connect(station.socket()).expect("the daemon listens"))
        .collect();
    for (said, heard) in [
        (b"garbage\n".to_vec(), "not understood"),
        (b"{\"login\":null,\"request\":{\"do\":\"nonsense\"}}\n".to_vec(), "not understood"),
        (b"\xff\xfe\n".to_vec(), "not understood"),
        (vec![b'x'; 9 << 20], "longer than 8 MiB"),
        (
            b"{\"login\":null,\"request\":{\"do\":\"apply\",\"command\":{\"command\":\"recover\"}}}\n"
                .to_vec(),
            "not understood",
        ),
    ] {
        let answer = station.says(&said);
        assert!(answer.contains(heard) && answer.starts_with("{\"error\""), "{answer}");
    }
    let begun = Instant::now();
    assert!(station.done("status").contains("test.example/s1"));
    assert_eq!(station.terminate(), 0);
    assert!(begun.elapsed() < Duration::from_secs(5), "silent clients held up others");
    drop(silent);
    assert!(station.done("check").contains("everything is as the chain says"));
}

#[test]
fn systemd_is_told_when_it_is_ready_how_it_stands_and_that_it_stops() {
    let folder = tempfile::tempdir().expect("a folder for the socket");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let hear = || {
        let mut bytes = [0; 4096];
        let n = socket.recv(&mut bytes).expect("a message");
        String::from_utf8_lossy(&bytes[..n]).into_owned()
    };
    let mut station = Station::told_to(path.to_str().expect("a plain name"));
    assert!(hear().contains("READY=1"));
    let state = hear();
    assert!(state.contains("WATCHDOG=1") && state.contains("STATUS=0 sessions running"), "{state}");
    assert_eq!(station.terminate(), 0);
    while !hear().contains("STOPPING=1") {}
}

#[test]
fn told_to_stop_in_a_session_the_daemon_closes_it_and_nothing_is_lost() {
    let mut station = Station::running();
    let card = station.path().join("card");
    std::fs::create_dir(&card).expect("a card");
    for number in 0..CLIPS {
        let clip = vec![number as u8; 50_000 + number];
        std::fs::write(card.join(format!("CLIP{number:04}.MP4")), clip).expect("a clip");
    }
    let line = "ingest card --recorder R1 --officer o1 --pin-file pin";
    let mut ingest = station.command(line);
    let ingest = ingest.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("an ingest");
    let deadline = Instant::now() + PATIENCE;
    while !station.done("log show --count 3").contains("stored") {
        assert!(Instant::now() < deadline, "nothing is ever stored");
    }
    assert_eq!(station.terminate(), 0, "how the daemon ended");
    let output = ingest.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(11), "{said}");
    assert!(said.contains("中断 interrupted"), "{said}");
    assert_eq!(std::fs::read_dir(&card).expect("the card").count(), CLIPS, "nothing was wiped");
    assert!(station.done("check --deep").contains("everything is as the chain says"));
    // Without a daemon the same verb goes on where it ended.
    let said = station.done(line);
    assert!(said.contains("完成，可取走 done, may be taken"), "{said}");
    assert_eq!(std::fs::read_dir(&card).expect("the card").count(), 0, "all of it is wiped");
    assert!(station.done("check --deep").contains(&format!("{CLIPS} clips")));
}

/// What one line of `openssl s_client` gets for a request; empty where hands were not shaken.
fn asked_by_tls(at: &Path, address: &str, options: &[&str], head: &str) -> String {
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-connect", address])
        .args(["-CAfile", "station/console/certificate.pem", "-verify_hostname", "seal.lan"])
        .args(options)
        .current_dir(at)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl starts");
    let mut to = client.stdin.take().expect("a pipe");
    // Refused hands close the pipe, which is an answer too.
    let _refused = to.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes());
    let output = client.wait_with_output().expect("openssl ends");
    drop(to);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn other_machines_are_answered_over_tls_alone_by_a_certificate_that_openssl_accepts() {
    let mut station = Station::running();
    let mut first = station.daemon.take().expect("it runs");
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&first),
        rustix::process::Signal::TERM,
    )
    .expect("it is there");
    first.wait().expect("it ends");
    let settings = station.path().join("station/station.toml");
    let mut text = std::fs::read_to_string(&settings).expect("settings");
    text += "\n[console_tls]\nlisten = \"127.0.0.1:0\"\nnames = [\"seal.lan\"]\n";
    std::fs::write(&settings, text).expect("settings are written");
    let mut command = station.command("run");
    let mut daemon =
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a daemon");
    let said = daemon.stdout.take().expect("a pipe");
    station.daemon = Some(daemon);
    let mut line = String::new();
    BufReader::new(said).read_line(&mut line).expect("a line");
    let address = line.strip_prefix("https://").and_then(|l| l.split_once('/')).expect("where").0;
    let port = address.rsplit_once(':').expect("a port").1;
    let (dir, host) = (station.path().to_owned(), format!("Host: seal.lan:{port}"));
    let get = |path: &str, host: &str| {
        asked_by_tls(&dir, address, &[], &format!("GET {path} HTTP/1.1\r\n{host}"))
    };

    let page = get("/sign-in", &host);
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("</html>"), "{page}");
    assert!(page.contains("strict-transport-security: max-age=31536000"), "{page}");
    assert!(get("/", &host).contains("location: /desk"));
    for hidden in ["/kiosk", "/live", "/kiosk/confirm"] {
        assert!(get(hidden, &host).starts_with("HTTP/1.1 404"), "{hidden}");
    }
    assert!(get("/sign-in", "Host: evil.example").starts_with("HTTP/1.1 403"));
    let post = |origin: &str| {
        let head = format!(
            "POST /sign-in HTTP/1.1\r\n{host}\r\nOrigin: {origin}://seal.lan:{port}\r\nContent-Length: 0"
        );
        asked_by_tls(&dir, address, &[], &head)
    };
    assert!(post("http").starts_with("HTTP/1.1 403"));
    assert!(!post("https").starts_with("HTTP/1.1 403"));

    let print = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(dir.join("station/console/certificate.pem"))
        .output()
        .expect("openssl runs");
    let print = String::from_utf8_lossy(&print.stdout).replace(':', "").to_lowercase();
    let shown = line.trim().rsplit(' ').next().expect("a fingerprint");
    assert!(print.trim().ends_with(shown), "{print} {line}");

    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    let head = format!("GET /sign-in HTTP/1.1\r\n{host}");
    assert_eq!(asked_by_tls(&dir, address, &old, &head), "", "TLS 1.1");
    assert_eq!(asked_by_tls(&dir, address, &["-verify_hostname", "evil.example"], &head), "");
    let mut plain = std::net::TcpStream::connect(address).expect("it listens");
    plain.write_all(format!("{head}\r\n\r\n").as_bytes()).expect("it takes bytes");
    let mut got = Vec::new();
    let _reset = std::io::Read::read_to_end(&mut plain, &mut got);
    assert!(!got.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&got));
}
