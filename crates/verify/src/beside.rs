//! What the program does beside the verdict: `compare` and `equivocation`.

use crate::follow::Follow;
use crate::{Failed, keys_of, not_given, refused, text_of};
use clap::Subcommand;
use sealdock_chain::Equivocation;
use sealdock_chain::note::{Checkpoint, VerifierKey};
use sealdock_verify::{Disk, Folder, History, Link, Outcome, compare};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// They contradict: as bad as TAMPERED.
const FORK: u8 = 2;

/// Nothing is shown, neither the one nor the other.
const UNKNOWN: u8 = 7;

#[derive(Debug, Subcommand)]
pub enum Beside {
    /// Do two holders of one record hold one history? Exit codes: 0 SAME, 2 FORK, 7 UNKNOWN; 1: nothing was judged
    Compare(Compare),
    /// Does the file prove that a log key signed two histories? Exit codes: 0 PROVEN, 7 NOT-PROVEN; 1: nothing was judged
    Equivocation(Check),
    /// Watch a record from outside: each new state has to grow from what was seen. Exit codes: 0 GREW or SAME, 2 FORKED or
    /// ROTTEN, 4 TORN or UNREAD, 5 STRANGE, 6 OLDER; 1: nothing was judged
    Follow(Follow),
}

#[derive(Debug, clap::Args)]
pub struct Compare {
    /// A package, a folder of tiles, a checkpoint, a receipt, or a growth with its checkpoint
    one: PathBuf,
    /// Another
    other: PathBuf,
    /// Verifier key of the record, from paper or letter; or a file that holds it
    #[arg(long = "key", value_name = "VKEY", required = true)]
    keys: Vec<String>,
    /// Where to write the proof, if they contradict: a file that is not there yet
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Check {
    /// The file that `compare` wrote
    file: PathBuf,
    /// Verifier key of the record, from paper or letter; or a file that holds it
    #[arg(long = "key", value_name = "VKEY", required = true)]
    keys: Vec<String>,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

impl Beside {
    pub fn json(&self) -> bool {
        match self {
            Beside::Compare(args) => args.json,
            Beside::Equivocation(args) => args.json,
            Beside::Follow(args) => args.json(),
        }
    }

    pub fn run(&self) -> Result<(String, u8), Failed> {
        match self {
            Beside::Compare(args) => args.run(),
            Beside::Equivocation(args) => args.run(),
            Beside::Follow(args) => args.run(),
        }
    }
}

impl Compare {
    fn run(&self) -> Result<(String, u8), Failed> {
        let keys = keys_of(&self.keys)?;
        let folders = [self.folder(&self.one)?, self.folder(&self.other)?];
        let [one, other] = &folders;
        let one = side(&self.one, one.as_ref(), &keys)?;
        let other = side(&self.other, other.as_ref(), &keys)?;
        let outcome = compare(&one, &other, &keys);
        if let (Outcome::Fork(proof), Some(to)) = (&outcome, &self.out) {
            keep(to, &proof.to_string())?;
        }
        Ok(told(outcome, &[&one, &other], self))
    }

    fn folder(&self, path: &Path) -> Result<Option<Disk>, Failed> {
        match path.is_dir() {
            true => Disk::new(path).map(Some).map_err(|cause| not_given(path, &cause)),
            false => Ok(None),
        }
    }
}

fn side<'f>(
    path: &Path,
    folder: Option<&'f Disk>,
    keys: &[VerifierKey],
) -> Result<History<'f>, Failed> {
    let about = path.display().to_string();
    if let Some(folder) = folder {
        return Ok(History::from_folder(&about, folder as &dyn Folder, keys)?);
    }
    let text = text_of(path).map_err(|cause| not_given(path, &cause))?;
    Ok(History::from_text(&about, &text, keys)?)
}

/// What lies there already is somebody's and stays.
fn keep(to: &Path, text: &str) -> Result<(), Failed> {
    let write = || {
        let mut file = File::create_new(to)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|cause| {
        refused(format!(
            "they contradict (FORK), and the proof cannot be written to {}: {cause}; name a file that is not \
             there yet",
            to.display()
        ))
    })
}

/// Word, exit code, sentences in both languages, and what else JSON has.
struct Answer {
    word: &'static str,
    exit: u8,
    zh: String,
    en: String,
    more: Value,
}

fn told(outcome: Outcome, sides: &[&History], args: &Compare) -> (String, u8) {
    let mut answer = match outcome {
        Outcome::Same(link) => same(link),
        Outcome::Fork(proof) => fork(&proof, args.out.as_deref()),
        Outcome::Unknown { size, unfit } => unknown(size, unfit),
    };
    let heads = |side: &&History| {
        let heads: Vec<Value> = side.heads.iter().map(|it| head_json(it.checkpoint())).collect();
        json!({ "about": side.about, "heads": heads })
    };
    answer.more["sides"] = sides.iter().map(heads).collect();
    let lines: Vec<String> = sides
        .iter()
        .flat_map(|side| side.heads.iter().map(move |it| (side, it.checkpoint())))
        .map(|(side, head)| format!("  {}: {}", side.about, named(head)))
        .collect();
    answer.print(&lines, args.json)
}

impl Answer {
    fn print(mut self, lines: &[String], as_json: bool) -> (String, u8) {
        if as_json {
            let all = [
                ("format", json!("sealdock-verify/1")),
                ("word", json!(self.word)),
                ("exit", json!(self.exit)),
                ("zh", json!(self.zh)),
                ("en", json!(self.en)),
            ];
            for (key, value) in all {
                self.more[key] = value;
            }
            return (format!("{:#}\n", self.more), self.exit);
        }
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let Answer { word, zh, en, exit, .. } = self;
        (format!("结论 VERDICT {word}\n  {zh}\n  {en}\n\n{lines}"), exit)
    }
}

fn same(Link { old, new }: Link) -> Answer {
    let (zh, en) = if old == new {
        (
            format!("同一历史：两份记录在 {old} 条处根值相同。"),
            format!("One history: both have the same root at {old} entries."),
        )
    } else {
        let more = new - old;
        (
            format!(
                "同一历史：增长证明表明，{old} 条的记录是 {new} 条的记录的开头。出示 {old} 条者，其后 {more} 条未出示。"
            ),
            format!(
                "One history: a proof of growth shows that the record of {old} entries is the beginning of the \
                 record of {new}. Whoever shows {old} does not show the {more} after them."
            ),
        )
    };
    Answer { word: "SAME", exit: 0, zh, en, more: json!({ "link": { "old": old, "new": new } }) }
}

fn fork(proof: &Equivocation, out: Option<&Path>) -> Answer {
    let size = proof.first().checkpoint().size;
    let mut zh = format!(
        "历史分叉：同一日志密钥签署了两种历史，在 {size} 条处根值不同。这不说明哪一种属实；密钥被盗也会如此。"
    );
    let mut en = format!(
        "Two histories: the log key signed two that differ at {size} entries. That does not say which is true, \
         and a stolen key can do it, too."
    );
    match out {
        Some(to) => {
            zh += &format!("证据已写入 {}。", to.display());
            en += &format!(" The proof is in {}.", to.display());
        }
        None => {
            zh += "用 --out FILE 可把证据写成文件。";
            en += " --out FILE writes the proof to a file.";
        }
    }
    Answer { word: "FORK", exit: FORK, zh, en, more: json!({ "proof": proof.to_string() }) }
}

fn unknown(size: u64, unfit: bool) -> Answer {
    let (zh, en) = match unfit {
        true => (
            "现有的增长证明与两个链头不符，但不足以证明分叉。",
            "The growth at hand does not lead from the \
                 one head to the other, and proves no second history by itself. ",
        ),
        false => ("现有材料不能把两者联系起来。", "Nothing at hand leads from one to the other. "),
    };
    Answer {
        word: "UNKNOWN",
        exit: UNKNOWN,
        zh: format!(
            "{zh}请在采集站运行 sealdock log growth {size}，或取得全部记录（sealdock log export --tiles），\
                     再比较一次。"
        ),
        en: format!(
            "{en}At the station, ask for `sealdock log growth {size}` or for the whole record (`sealdock \
                     log export --tiles`), and compare with that."
        ),
        more: json!({ "fetch": size }),
    }
}

impl Check {
    fn run(&self) -> Result<(String, u8), Failed> {
        let keys = keys_of(&self.keys)?;
        let text = text_of(&self.file).map_err(|cause| not_given(&self.file, &cause))?;
        let (answer, lines) = match Equivocation::parse(&text, &keys) {
            Ok(proof) => proven(&proof),
            Err(error) => (not_proven(&error.to_string()), vec![]),
        };
        Ok(answer.print(&lines, self.json))
    }
}

fn proven(proof: &Equivocation) -> (Answer, Vec<String>) {
    let (first, later) = (proof.first().checkpoint(), proof.later().checkpoint());
    let other = Checkpoint { root: proof.root(), ..first.clone() };
    let answer = Answer {
        word: "PROVEN",
        exit: 0,
        zh: format!(
            "已证明：持有 {} 的日志密钥者签署了两种历史，在 {} 条处根值不同。不证明哪一种属实，也不证明是谁所为。",
            first.origin, first.size
        ),
        en: format!(
            "Proven: whoever held the log key of {} signed two histories, which differ at {} entries. Not \
             proven: which one is true, and who it was.",
            first.origin, first.size
        ),
        more: json!({
            "first": head_json(first), "other_root": proof.root(), "later": head_json(later),
        }),
    };
    let lines = vec![
        format!("  A: {}", named(first)),
        format!("  B: {}", named(&other)),
        format!("  B: {}", named(later)),
    ];
    (answer, lines)
}

fn not_proven(why: &str) -> Answer {
    Answer {
        word: "NOT-PROVEN",
        exit: UNKNOWN,
        zh: format!("此文件不证明任何事：{why}"),
        en: format!("The file proves nothing: {why}"),
        more: json!({ "detail": why }),
    }
}

fn head_json(head: &Checkpoint) -> Value {
    json!({ "size": head.size, "root": head.root })
}

fn named(head: &Checkpoint) -> String {
    format!("{} {}", head.size, head.root)
}
