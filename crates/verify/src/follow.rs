//! `follow`: a record watched from outside, once or for ever (`docs/design/monitor.md`).

use crate::{Failed, keys_of, refused};
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::{Equivocation, Growth};
use sealdock_verify::monitor::{Fork, Memory, MemoryError, Round, Tiles};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Follow {
    /// A folder of tiles, as `sealdock log export` writes them
    tiles: PathBuf,
    /// Verifier key of the record, from paper or letter; or a file that holds it
    #[arg(long = "key", value_name = "VKEY", required = true)]
    keys: Vec<String>,
    /// What this monitor remembers: a folder of its own, made where it is not there
    #[arg(long, value_name = "DIR")]
    keep: PathBuf,
    /// Look again every so many seconds until interrupted; without it, once
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// The answer as JSON, one line for each that differs from the one before
    #[arg(long)]
    json: bool,
}

/// Word, exit code, and the sentence in both languages.
struct Told {
    word: &'static str,
    exit: u8,
    zh: String,
    en: String,
    more: Value,
}

impl Follow {
    pub fn json(&self) -> bool {
        self.json
    }

    pub fn run(&self) -> Result<(String, u8), Failed> {
        let keys = keys_of(&self.keys)?;
        let memory = Memory::open(&self.keep).map_err(failed)?;
        let Some(seconds) = self.every else {
            let told = self.look(&memory, &keys)?;
            return Ok((self.line(&told), told.exit));
        };
        let mut before = String::new();
        loop {
            let line = self.line(&self.look(&memory, &keys)?);
            if line != before {
                let mut out = std::io::stdout().lock();
                let said = out.write_all(line.as_bytes()).and_then(|()| out.flush());
                said.map_err(|e| refused(format!("nobody reads what the monitor says: {e}")))?;
                before = line;
            }
            std::thread::sleep(Duration::from_secs(seconds));
        }
    }

    fn look(&self, memory: &Memory, keys: &[VerifierKey]) -> Result<Told, Failed> {
        let mut record = memory.recall().map_err(failed)?;
        let from = record.size();
        let round = record.round(&Tiles::new(&self.tiles), keys);
        if matches!(round, Round::Grew(..)) {
            memory.keep(&record, from).map_err(failed)?;
        }
        told(memory, round)
    }

    fn line(&self, told: &Told) -> String {
        let Told { word, exit, zh, en, more } = told;
        if !self.json {
            return format!("{word} {zh}\n  {en}\n");
        }
        let mut all = json!({ "format": "sealdock-verify/1", "word": word, "exit": exit, "zh": zh, "en": en });
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more.clone());
        }
        format!("{all}\n")
    }
}

fn failed(e: MemoryError) -> Failed {
    refused(e.to_string())
}

/// The proof goes into the memory first; then it is told.
fn forked(memory: &Memory, fork: &Fork) -> Result<Told, Failed> {
    let broken = |e: &dyn std::fmt::Display| {
        refused(format!(
            "the heads contradict, and the proof does not hold: {e}; keep both folders"
        ))
    };
    let first = SignedCheckpoint::open(&fork.smaller, &fork.keys[0]).map_err(|e| broken(&e))?;
    let size = first.checkpoint().size;
    let growth = Growth::new(size, fork.hashes.clone(), fork.larger.clone());
    let proof =
        Equivocation::new(first, (fork.root, growth), &fork.keys).map_err(|e| broken(&e))?;
    let text = proof.to_string();
    let digest = sealdock_chain::Digest::of(text.as_bytes()).to_string();
    let kept = memory.keep_evidence(&format!("{size}-{}", &digest[..16]), &text).map_err(failed)?;
    let path = kept.display();
    Ok(Told {
        word: "FORKED",
        exit: 2,
        zh: format!("同一密钥签署了两种历史，前 {size} 条已不相同。证据：{path}"),
        en: format!(
            "one key signed two histories that differ within the first {size} entries; the proof: {path}"
        ),
        more: json!({ "evidence": kept, "size": size }),
    })
}

fn told(memory: &Memory, round: Round) -> Result<Told, Failed> {
    let grew = memory.grew_at();
    let hours = grew.and_then(|at| at.elapsed().ok()).map_or(0, |age| age.as_secs() / 3600);
    let (word, exit, zh, en, more) = match round {
        Round::Same(size) => (
            "SAME",
            0,
            format!("与上次相同，{size} 条；已 {hours} 小时没有新记录。"),
            format!("as before, {size} entries; nothing new for {hours} hours."),
            json!({ "size": size, "hours": hours }),
        ),
        Round::Grew(from, to) => (
            "GREW",
            0,
            format!("只增不改：从 {from} 条到 {to} 条。"),
            format!("it only grew, from {from} entries to {to}."),
            json!({ "from": from, "size": to }),
        ),
        Round::Older { kept, shown } => (
            "OLDER",
            6,
            format!(
                "公布的是较早的 {shown} 条，以前见过 {kept} 条：镜像没有更新，或恢复了旧备份。"
            ),
            format!(
                "an older head, {shown} entries where {kept} were seen: a mirror that stood still, or an old copy put back."
            ),
            json!({ "size": shown, "kept": kept }),
        ),
        Round::Rotten(seq, why) => (
            "ROTTEN",
            2,
            format!("第 {seq} 条不是合格的记录，却已签名：{why}"),
            format!("entry {seq} is signed and is none: {why}"),
            json!({ "entry": seq, "detail": why }),
        ),
        Round::Torn(why) => (
            "TORN",
            4,
            format!("镜像不完整或损坏，不构成指控，请稍后再看：{why}"),
            format!(
                "the mirror is unfinished or broken, which accuses nobody; look again later: {why}"
            ),
            json!({ "detail": why }),
        ),
        Round::Strange(why) => (
            "STRANGE",
            5,
            format!("不是您的密钥所能认可的记录：{why}"),
            format!("no head that your key leads to: {why}"),
            json!({ "detail": why }),
        ),
        Round::Unread(why) => (
            "UNREAD",
            4,
            format!("无法读取镜像：{why}"),
            format!("the mirror cannot be read: {why}"),
            json!({ "detail": why }),
        ),
        Round::Forked(fork) => return forked(memory, &fork),
    };
    Ok(Told { word, exit, zh, en, more })
}
