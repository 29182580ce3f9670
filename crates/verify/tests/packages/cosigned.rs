//! Witnesses, readers who believe some of them, packages with cosigned heads; and cases that are judged by the program
//! and by the page, which must say the same, word for word.

use crate::build::*;
use crate::told;
use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::cosign::{WitnessKey, cosigned_bytes};
use sealdock_verify::{Code, Memory, Pin, Refused, Report, Trust, Word};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Entries of the cosigned head: the clip is entry 4, and the package's own head has 9 entries.
pub const SIZE: u64 = 8;
pub const FIRST: u64 = 9;

/// 2026-12-01T00:00:00Z, after everything that the entries claim.
pub const T: u64 = 1_796_083_200;

/// Witnesses have keys of their own: `w1.example`, `w2.example` …
pub fn secret(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[100 + n; 32])
}

pub fn vkey(n: u8) -> String {
    named(n, &name(n)).to_string()
}

pub fn name(n: u8) -> String {
    format!("w{n}.example")
}

pub fn named(n: u8, name: &str) -> WitnessKey {
    WitnessKey::new(name, secret(n).verifying_key().to_bytes()).unwrap()
}

/// The three lines of a note.
pub fn body(note: &str) -> &str {
    &note[..=note.find("\n\n").unwrap()]
}

pub fn raw(name: &str, id: &[u8], bytes: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", base64(&[id, bytes].concat()))
}

pub fn signed(n: u8, time: u64, message: &[u8]) -> Vec<u8> {
    [time.to_be_bytes().as_slice(), &secret(n).sign(message).to_bytes()].concat()
}

/// The line of witness `n` under a note.
pub fn line(n: u8, time: u64, note: &str) -> String {
    let bytes = signed(n, time, &cosigned_bytes(time, body(note)));
    raw(&name(n), named(n, &name(n)).key_id(), &bytes)
}

/// What a reader brings.
#[derive(Clone, Default)]
pub struct Reader {
    pub keys: Vec<String>,
    pub pins: Vec<String>,
    pub witnesses: Vec<String>,
    pub policy: Option<String>,
}

impl Reader {
    /// With the station's key of the first epoch.
    pub fn new() -> Self {
        Reader { keys: vec![package(&small()).key().to_string()], ..Reader::default() }
    }

    /// Who believes these, each of whom must have cosigned.
    pub fn every(witnesses: &[u8]) -> Self {
        Reader { witnesses: witnesses.iter().map(|n| vkey(*n)).collect(), ..Reader::new() }
    }

    /// Witnesses A to D, and a quorum.
    pub fn policy(lines: &str) -> Self {
        let witnesses = [("A", 1), ("B", 2), ("C", 3), ("D", 4)];
        let all = witnesses.map(|(label, n)| format!("witness {label} {}\n", vkey(n))).concat();
        Reader { policy: Some(all + lines), ..Reader::new() }
    }

    pub fn trust(&self) -> Result<Trust, Refused> {
        let keys = self.keys.iter().map(|key| key.parse().unwrap()).collect();
        let mut trust = Trust { keys, ..Trust::default() };
        for note in &self.pins {
            trust.pins.push(Pin::find("receipt", note)?);
        }
        if !self.witnesses.is_empty() {
            let keys: Vec<WitnessKey> =
                self.witnesses.iter().map(|key| key.parse().unwrap()).collect();
            trust.believe_all(&keys)?;
        }
        if let Some(text) = &self.policy {
            trust.believe_policy("policy", text)?;
        }
        Ok(trust)
    }

    pub fn to_json(&self) -> Value {
        let pins: Vec<Value> =
            self.pins.iter().map(|text| json!({"about": "receipt", "text": text})).collect();
        let policy = self.policy.as_ref().map(|text| json!({"about": "policy", "text": text}));
        json!({"keys": self.keys, "pins": pins, "witnesses": self.witnesses, "policy": policy})
    }
}

/// A package with files put into it before it is closed.
pub fn with(plan: &Plan, put: impl Fn(&Station, &mut Files) + Send + Sync + 'static) -> Package {
    package_hooked(plan, move |station, stage| {
        if let Stage::Tags(files) = stage {
            put(station, files);
        }
    })
}

/// The head of that size with lines under it, and the growth from it.
pub fn put(station: &Station, files: &mut Files, size: u64, lines: impl Fn(&str) -> String) {
    let note = station.head(size).note().to_owned();
    put_note(station, files, size, &(note.clone() + &lines(&note)));
}

pub fn put_note(station: &Station, files: &mut Files, size: u64, text: &str) {
    files.insert(format!("anchors/{size}/checkpoint.cosigned"), text.as_bytes().to_vec());
    if size > 0 && size < FIRST {
        let growth = station.growth(size, FIRST).into_bytes();
        files.insert(format!("anchors/{size}.add-checkpoint"), growth);
    }
}

/// The head of `SIZE`, cosigned by these at these times.
pub fn cosigned(by: &'static [(u8, u64)]) -> Package {
    with(&small(), |station, files| {
        put(station, files, SIZE, |note| {
            by.iter().map(|(n, time)| line(*n, *time, note)).collect()
        });
    })
}

/// A package with a head that witness 1 cosigned.
pub fn cosigned_now() -> Package {
    cosigned(&[(1, T)])
}

/// A package whose cosigned head of `SIZE` is made by hand: the head's note in, the whole file out.
pub fn spelled(text: impl Fn(&Station, &str) -> String + Send + Sync + 'static) -> Package {
    with(&small(), move |station, files| {
        let note = station.head(SIZE).note().to_owned();
        put_note(station, files, SIZE, &text(station, &note));
    })
}

/// What the page says of folders, for readers.
pub fn page_says(cases: &[(Memory, Reader)]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/tests/batch.mjs");
    let all = cases.iter().map(|(folder, reader)| {
        let files: serde_json::Map<String, Value> =
            folder.files.iter().map(|(name, bytes)| (name.clone(), json!(base64(bytes)))).collect();
        json!({"called": folder.called, "files": files, "trust": reader.to_json()})
    });
    let all = Value::Array(all.collect()).to_string();
    let mut node = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed; `cargo xtask test` brings it");
    node.stdin.take().unwrap().write_all(all.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn judge(folder: &Memory, reader: &Reader) -> Result<Report, Refused> {
    crate::judge(folder, &reader.trust()?)
}

/// What the program says, as the page would say it.
pub fn program_says(folder: &Memory, reader: &Reader) -> Value {
    match judge(folder, reader) {
        Ok(report) => report.to_json(),
        Err(refused) => {
            let code = refused.code().map(Code::as_str);
            json!({"format": "sealdock-verify/1", "word": null, "exit": 1,
                "refused": {"code": code, "detail": refused.to_string()}})
        }
    }
}

/// Cases of one test; held against the page when all are there.
#[derive(Default)]
pub struct Cases(Mutex<Vec<(String, Memory, Reader)>>);

impl Cases {
    /// Judges by the program, for the assertions of the test.
    pub fn told(&self, what: &str, package: &Package, reader: &Reader) -> (Word, Vec<Code>) {
        told(&self.report(what, package, reader))
    }

    pub fn report(&self, what: &str, package: &Package, reader: &Reader) -> Report {
        self.keep(what, package, reader);
        judge(&package.folder, reader).unwrap_or_else(|refused| panic!("{what}: {refused}"))
    }

    /// What was given is refused; why.
    pub fn refused(&self, what: &str, package: &Package, reader: &Reader) -> String {
        self.keep(what, package, reader);
        match judge(&package.folder, reader) {
            Ok(report) => panic!("{what}: {report}"),
            Err(refused) => refused.to_string(),
        }
    }

    pub fn keep(&self, what: &str, package: &Package, reader: &Reader) {
        let case = (what.to_owned(), package.folder.clone(), reader.clone());
        self.0.lock().unwrap().push(case);
    }
}

impl Drop for Cases {
    /// Word for word: sentences, details and all.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let cases = self.0.lock().unwrap();
        let given: Vec<(Memory, Reader)> =
            cases.iter().map(|(_, folder, reader)| (folder.clone(), reader.clone())).collect();
        let said = page_says(&given);
        assert_eq!(said.len(), cases.len());
        assert!(!said.is_empty());
        for ((what, folder, reader), page) in cases.iter().zip(&said) {
            assert_eq!(&program_says(folder, reader), page, "{what}: program, page");
        }
    }
}

pub fn facts<'r>(report: &'r Report, name: &str) -> Vec<&'r sealdock_verify::Fact> {
    report.answers.time.iter().filter(|fact| fact.fact == name).collect()
}

/// What is expected.
pub type Told = (Word, &'static [Code]);

pub const REFUSED: Told = (Word::Tampered, &[Code::WitnessRefused]);
pub const SHORT: Told = (Word::Unanchored, &[Code::WitnessShort]);
pub const GOOD: Told = (Word::Anchored, &[]);
pub const NOTHING: Told = (Word::Unanchored, &[]);

pub fn expect(told: (Word, Vec<Code>), wanted: (Word, &[Code]), what: &str) {
    assert_eq!(told, (wanted.0, wanted.1.to_vec()), "{what}");
}
