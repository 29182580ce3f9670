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

    /// Ended and begun again with more settings; the first line that it says.
    fn restarted(&mut self, settings: &str) -> String {
        let mut first = self.daemon.take().expect("it runs");
        let pid = rustix::process::Pid::from_child(&first);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it is there");
        first.wait().expect("it ends");
        let file = self.path().join("station/station.toml");
        let text = std::fs::read_to_string(&file).expect("settings") + settings;
        std::fs::write(&file, text).expect("settings are written");
        let mut command = self.command("run");
        let mut daemon =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a daemon");
        let said = daemon.stdout.take().expect("a pipe");
        self.daemon = Some(daemon);
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).expect("a line");
        line
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
    let settings = "\n[console_tls]\nlisten = \"127.0.0.1:0\"\nnames = [\"seal.lan\"]\n";
    let line = station.restarted(settings);
    let address = line.strip_prefix("https://").and_then(|l| l.split_once('/')).expect("where").0;
    let port = address.rsplit_once(':').expect("a port").1;
    let (dir, host) = (station.path().to_owned(), format!("Host: seal.lan:{port}"));
    let get = |path: &str, host: &str| {
        asked_by_tls(&dir, address, &[], &format!("GET {path} HTTP/1.1\r\n{host}"))
    };

    let page = get("/sign-in", &host);
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("</html>"), "{page}");
    assert!(
        page.contains("strict-transport-security: max-age=31536000; includeSubDomains"),
        "{page}"
    );
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
    for weak in ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "DES-CBC3-SHA"] {
        let weak = format!("{weak}:@SECLEVEL=0");
        assert_eq!(
            asked_by_tls(&dir, address, &["-tls1_2", "-cipher", &weak], &head),
            "",
            "{weak}"
        );
    }
    let good = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"];
    assert!(asked_by_tls(&dir, address, &good, &head).starts_with("HTTP/1.1 200"));
    assert_eq!(asked_by_tls(&dir, address, &["-verify_hostname", "evil.example"], &head), "");
    let mut plain = std::net::TcpStream::connect(address).expect("it listens");
    plain.write_all(format!("{head}\r\n\r\n").as_bytes()).expect("it takes bytes");
    let mut got = Vec::new();
    let _reset = std::io::Read::read_to_end(&mut plain, &mut got);
    assert!(!got.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&got));
}

/// Status and body of one answer.
fn asked(address: &str, path: &str, more: &str) -> (u16, String) {
    let mut to = std::net::TcpStream::connect(address).expect("it listens");
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}\r\n");
    to.write_all(head.as_bytes()).expect("it takes bytes");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut to, &mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}

#[test]
fn another_system_reads_what_its_token_says_and_nothing_else() {
    const RIGHTS: [&str; 4] = ["metrics", "status", "registers", "record"];
    let mut station = Station::running();
    let line = station.restarted("console = \"127.0.0.1:0\"\n");
    let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let token = |right: &str| {
        let said = station.done(&format!("api token add {right} --may {right}"));
        format!("Authorization: Bearer {}\r\n", said.lines().next().expect("a token"))
    };
    let tokens: Vec<(&str, String)> = RIGHTS.map(|right| (right, token(right))).into();
    let paths = [
        ("/metrics", "metrics"),
        ("/api/v1/status", "status"),
        ("/api/v1/head", "status"),
        ("/api/v1/entries?from=1&limit=2", "record"),
        ("/api/v1/clips", "registers"),
        ("/api/v1/sessions", "registers"),
        ("/api/v1/recorders", "registers"),
        ("/api/v1/people", "registers"),
    ];
    let described: serde_json::Value =
        serde_json::from_str(&station.done("api describe")).expect("JSON");
    let bare = |path: &str| path.split('?').next().expect("a path").to_owned();
    for path in described["paths"].as_object().expect("paths").keys() {
        let tried = paths.iter().any(|(own, _)| bare(own) == *path);
        assert!(tried || path.ends_with("{id}"), "{path} is not tried");
    }
    for (path, right) in paths {
        for (held, header) in &tokens {
            let (status, body) = asked(&address, path, header);
            assert_eq!(
                status,
                if *held == right { 200 } else { 403 },
                "{path} with {held}: {body}"
            );
            assert!(status == 200 || !body.contains("Li"), "{body}");
        }
        let session = "Cookie: __Host-sealdock=0000\r\n";
        let twice = format!("{}{}", tokens[0].1, tokens[1].1);
        for nobody in [
            "",
            "Authorization: Bearer sealdock_00\r\n",
            "Authorization: Basic eDp4\r\n",
            session,
            &twice,
        ] {
            let (status, body) = asked(&address, path, nobody);
            assert_eq!(
                (status, body.contains("a token is wanted")),
                (401, true),
                "{path} {nobody}"
            );
        }
    }
    let registers = &tokens[2].1;
    let read = |path: &str| asked(&address, path, registers);
    assert!(read("/api/v1/people").1.contains("\"o1\""));
    assert_eq!(asked(&address, "/api/v1/openapi.json", registers).1, described.to_string());
    assert_eq!(asked(&address, "/api/v1/openapi.json", "").0, 401);
    for (bad, code) in [
        ("/api/v1/clips?limit=0", 400),
        ("/api/v1/clips?limit=1001", 400),
        ("/api/v1/clips?oficer=o1", 400),
        ("/api/v1/clips?limit=1&limit=2", 400),
        ("/api/v1/clips?after=12", 400),
        ("/api/v1/clips/X1", 400),
        ("/api/v1/clips/C999", 404),
        ("/api/v1/sessions/S999", 404),
        ("/api/v2/clips", 404),
    ] {
        assert_eq!(read(bad).0, code, "{bad}: {}", read(bad).1);
    }
    let metrics = asked(&address, "/metrics", &tokens[0].1).1;
    assert!(metrics.contains("\nsealdock_clips 0\n") && metrics.contains("\nsealdock_entries "));
    station.done("api token remove registers");
    assert_eq!(read("/api/v1/people").0, 401, "a token that was removed");
    assert!(!station.done("api token list").contains("registers"));
}
