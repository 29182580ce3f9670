//! A browser's side: one connection for each request, and as much HTTP as the console speaks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Whoever is not answered in this time is told so.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who asks: cookie or token, as a line of the head; empty for nobody.
#[derive(Debug, Clone, Default)]
pub struct Asker(pub String);

impl Asker {
    pub fn cookie(set: &str) -> Asker {
        Asker(format!("cookie: {set}\r\n"))
    }

    pub fn token(token: &str) -> Asker {
        Asker(format!("authorization: Bearer {token}\r\n"))
    }
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| {
            line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name))
        };
        let line = self.head.lines().find(named)?;
        line.split_once(':').map(|(_, value)| value.trim())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn request(at: SocketAddr, method: &str, path: &str, asker: &Asker, form: &str) -> String {
    let kind =
        if method == "POST" { "content-type: application/x-www-form-urlencoded\r\n" } else { "" };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {at}\r\norigin: http://{at}\r\nsec-fetch-site: same-origin\r\n\
         sec-fetch-dest: empty\r\nsec-fetch-mode: cors\r\nconnection: close\r\n{}{kind}content-length: {}\r\n\r\n{form}",
        asker.0,
        form.len()
    )
}

fn sent(at: SocketAddr, request: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

fn ask(at: SocketAddr, request: &str) -> std::io::Result<Answer> {
    let mut all = Vec::new();
    sent(at, request)?.read_to_end(&mut all)?;
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").map_or(all.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok(Answer { status, head, body: all.split_off(end) })
}

/// # Errors
/// Nobody answers.
pub fn get(at: SocketAddr, path: &str, asker: &Asker) -> std::io::Result<Answer> {
    ask(at, &request(at, "GET", path, asker, ""))
}

/// # Errors
/// Nobody answers.
pub fn post(at: SocketAddr, path: &str, asker: &Asker, form: &str) -> std::io::Result<Answer> {
    ask(at, &request(at, "POST", path, asker, form))
}

/// Lines of a stream, until `take` wants no more or it ends.
///
/// # Errors
/// Nobody answers, or nothing comes for a minute.
pub fn lines(
    at: SocketAddr,
    path: &str,
    asker: &Asker,
    mut take: impl FnMut(&str) -> bool,
) -> std::io::Result<()> {
    let stream = sent(at, &request(at, "GET", path, asker, ""))?;
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream);
    while reader.read_until(b'\n', &mut line)? > 0 {
        if !take(&String::from_utf8_lossy(&line)) {
            return Ok(());
        }
        line.clear();
    }
    Ok(())
}

/// A server that gives the same few bytes to everybody, from memory: what connections and this client alone take.
pub fn floor(body: usize) -> std::io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let at = listener.local_addr()?;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {body}\r\n\r\n{}", "x".repeat(body));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut head = [0u8; 4096];
                let _read = stream.read(&mut head);
                let _sent = stream.write_all(answer.as_bytes());
            });
        }
    });
    Ok(at)
}
