//! Who is asked, and how: ours in this process, the other two as one long-lived program each, a line for a question
//! and a line for its answer.

use crate::mutate::{Case, Kind};
use crate::record::base64;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::{Digest, Growth, TlogProof};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a reader made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It read this in it.
    Accept(String),
    /// It refused it for this reason.
    Refuse(String),
}

impl Answer {
    /// Both refuse, or both accept and read the same in it.
    pub fn agrees(&self, other: &Answer) -> bool {
        match (self, other) {
            (Answer::Accept(one), Answer::Accept(other)) => one == other,
            (Answer::Refuse(_), Answer::Refuse(_)) => true,
            _ => false,
        }
    }
}

/// Our own readers.
pub fn ours(case: &Case) -> Answer {
    match read(case) {
        Ok(said) => Answer::Accept(said),
        Err(why) => Answer::Refuse(why),
    }
}

fn read(case: &Case) -> Result<String, String> {
    let text = |at: usize| str::from_utf8(&case.fields[at]).map_err(|error| error.to_string());
    let key: VerifierKey = text(0)?.parse().map_err(why)?;
    match case.kind {
        Kind::Key => Ok(format!("{} {}", hex(key.name().as_bytes()), hex(key.key_id()))),
        Kind::Note => SignedCheckpoint::open(text(1)?, &key).map(|it| told(&it)).map_err(why),
        Kind::Proof => {
            let proof = TlogProof::parse(text(2)?, &key).map_err(why)?;
            proof.check(&case.fields[1]).map_err(why)?;
            Ok(format!("{} {}", proof.index(), told(proof.signed())))
        }
        Kind::Growth => {
            let size: u64 = text(1)?.parse().map_err(why)?;
            let root = Digest(case.fields[2].as_slice().try_into().map_err(why)?);
            let growth = Growth::parse(text(3)?).map_err(why)?;
            let later = SignedCheckpoint::open(growth.note(), &key).map_err(why)?;
            let old = Checkpoint { origin: key.name().to_owned(), size, root };
            if growth.old() != size {
                return Err("it grows from another size".to_owned());
            }
            growth.check(&old, later.checkpoint()).map_err(why)?;
            Ok(format!("{size} {}", told(&later)))
        }
    }
}

fn why(error: impl ToString) -> String {
    error.to_string()
}

fn told(signed: &SignedCheckpoint) -> String {
    let head = signed.checkpoint();
    format!("{} {}", head.size, head.root)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The Go team's code.
pub fn go(cases: &[Case]) -> Vec<Answer> {
    let folder = std::env::var_os("SEALDOCK_TOOLS")
        .expect("SEALDOCK_TOOLS is not set: run this test through `cargo xtask test`");
    let mut command = Command::new(PathBuf::from(folder).join("checklog"));
    command.arg("-stream");
    asked(command, &lines(cases))
}

/// The scripts of the page.
pub fn page(cases: &[Case]) -> Vec<Answer> {
    page_asked(&lines(cases))
}

pub fn page_asked(lines: &[String]) -> Vec<Answer> {
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("web/tests/stream.mjs"));
    asked(command, lines)
}

fn lines(cases: &[Case]) -> Vec<String> {
    cases.iter().map(|case| question(case.kind.word(), &case.fields)).collect()
}

pub fn question<T: AsRef<[u8]>>(what: &str, fields: &[T]) -> String {
    let fields: String =
        fields.iter().map(|field| format!(" {}", base64(field.as_ref()))).collect();
    format!("{what}{fields}")
}

/// Writes all questions and reads as many answers.
fn asked(mut command: Command, lines: &[String]) -> Vec<Answer> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    let from = BufReader::new(child.stdout.take().unwrap());
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in lines {
                to.write_all(format!("{line}\n").as_bytes()).unwrap();
            }
        });
        from.lines().map(|line| answer(&line.unwrap())).collect()
    });
    assert!(child.wait().unwrap().success(), "{command:?}");
    assert_eq!(answers.len(), lines.len(), "{command:?}");
    answers
}

fn answer(line: &str) -> Answer {
    match line.split_once(' ') {
        Some(("accept", said)) => Answer::Accept(said.to_owned()),
        Some(("refuse", why)) => Answer::Refuse(why.to_owned()),
        _ => panic!("no answer: {line}"),
    }
}
