//! The page's scripts on the very packages that the program judges: word, codes, and what each finding is about.

use crate::build::base64;
use crate::judge;
use sealdock_chain::Digest;
use sealdock_verify::{Kind, Memory, Trust};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// One long-lived node that is sent folders.
pub struct Page {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    sent: BTreeSet<Digest>,
}

impl Page {
    pub fn new() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/tests/folders.mjs");
        let mut command = Command::new("node");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node is installed; `cargo xtask test` brings it");
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().unwrap());
        Page { child, to, from, sent: BTreeSet::new() }
    }

    /// What the page says of a folder. Contents of `passing` files are not sent again, and so not kept.
    pub fn told(
        &mut self,
        folder: &Memory,
        (trust, notes): (&Trust, &[String]),
        passing: &[&str],
    ) -> Value {
        let mut contents = Map::new();
        let mut files = Map::new();
        let mut gone = Vec::new();
        for (name, bytes) in &folder.files {
            let digest = Digest::of(bytes);
            files.insert(name.clone(), json!(digest));
            if !self.sent.contains(&digest) {
                contents.insert(digest.to_string(), base64(bytes).into());
                match passing.contains(&name.as_str()) {
                    true => gone.push(digest),
                    false => drop(self.sent.insert(digest)),
                }
            }
        }
        let kind = |kind: &Kind| if *kind == Kind::Link { "link" } else { "other" };
        let others: Map<String, Value> =
            folder.others.iter().map(|(name, it)| (name.clone(), kind(it).into())).collect();
        let keys: Vec<String> = trust.keys.iter().map(ToString::to_string).collect();
        let asked = json!({ "called": folder.called, "files": files, "others": others,
            "contents": contents, "passing": gone, "keys": keys, "pins": notes });
        writeln!(self.to.as_ref().unwrap(), "{asked}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.to = None;
        let ended = self.child.wait();
        assert!(std::thread::panicking() || ended.is_ok_and(|status| status.success()));
    }
}

/// What the program says of it, as [`Page::told`] has it.
pub fn program_told(folder: &Memory, trust: &Trust) -> Value {
    match judge(folder, trust) {
        Err(refused) => json!({ "refused": refused.code().map(|code| code.as_str()) }),
        Ok(report) => {
            let findings: Vec<Value> =
                report.findings.iter().map(|it| json!([it.code.as_str(), it.about])).collect();
            json!({ "word": report.word.as_str(), "findings": findings })
        }
    }
}
