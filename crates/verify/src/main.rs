//! The program: reads what the reader gives it, prints the verdict, and ends with its exit code.

/// What it does beside the verdict.
mod beside;
/// A record watched from outside.
mod follow;

use beside::Beside;
use clap::Parser;
use sealdock_chain::{VerifierKey, WitnessKey};
use sealdock_stamp::Roots;
use sealdock_verify::{Disk, Options, Pin, Refused, Trust, page, page_digest, refusal, verify};
use serde_json::json;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// The folder could not be read, or what the reader gave is refused: nothing was judged.
const NOTHING_JUDGED: u8 = 1;

/// A receipt is a page; nothing larger is one.
const PIN_BYTES_MAX: u64 = 1024 * 1024;

/// More threads than this do not read faster from any disc.
const WORKERS_MAX: usize = 16;

/// Tells what a package of evidence proves, offline.
///
/// Exit codes: 0 ANCHORED, 2 TAMPERED, 3 DAMAGED, 4 INCOMPLETE, 5 UNTRUSTED, 6 UNANCHORED;
/// 1: nothing was judged.
#[derive(Debug, Parser)]
#[command(
    name = "sealdock-verify",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
struct Args {
    #[command(subcommand)]
    beside: Option<Beside>,
    /// The package: a folder
    #[arg(required_unless_present = "page")]
    folder: Option<PathBuf>,
    /// Verifier key of the record, from paper or letter and never from the folder; or a file that holds it
    #[arg(long = "key", value_name = "VKEY")]
    keys: Vec<String>,
    /// A checkpoint or receipt that somebody outside the station kept
    #[arg(long = "pin", value_name = "FILE")]
    pins: Vec<PathBuf>,
    /// Certificates (PEM) of the root of a time-stamping authority, from it and never from the folder
    #[arg(long = "anchor-ca", value_name = "FILE")]
    roots: Vec<PathBuf>,
    /// Key of a witness that is believed, from it and never from the folder; or a file that holds it. Every one given
    /// must have cosigned
    #[arg(long = "witness", value_name = "VKEY", conflicts_with = "policy")]
    witnesses: Vec<String>,
    /// Which witnesses are believed, and how many of them it takes (C2SP tlog-policy); never from the folder
    #[arg(long = "witness-policy", value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Also compute the SHA-256 of every whole clip
    #[arg(long)]
    whole: bool,
    /// The report as JSON
    #[arg(long)]
    json: bool,
    /// Write the page that packages of this release carry, and judge nothing: to use it, or to hold one against it
    #[arg(long, value_name = "FILE", exclusive = true)]
    page: Option<PathBuf>,
}

fn main() -> ExitCode {
    // Clap's own exit code for a wrong command line is that of TAMPERED, which it must never be taken for.
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { NOTHING_JUDGED } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let outcome = match (&args.beside, &args.page) {
        (Some(beside), _) => beside.run(),
        (None, Some(to)) => write_page(to),
        (None, None) => run(&args),
    };
    let as_json = args.json || args.beside.as_ref().is_some_and(Beside::json);
    let (printed, code) = match outcome {
        Ok((text, code)) => (print(&text), code),
        Err(Failed { json: Some(json), .. }) if as_json => (print(&json), NOTHING_JUDGED),
        Err(failed) => {
            eprintln!("sealdock-verify: {}", failed.text);
            (Ok(()), NOTHING_JUDGED)
        }
    };
    // A report that nobody could read is no verdict.
    ExitCode::from(if printed.is_ok() { code } else { NOTHING_JUDGED })
}

/// Why nothing was judged.
struct Failed {
    text: String,
    json: Option<String>,
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        let detail = refused.to_string();
        let code = refused.code().map(|code| code.as_str());
        let json = json!({
            "format": "sealdock-verify/1",
            "word": null,
            "exit": NOTHING_JUDGED,
            "refused": { "code": code, "detail": detail },
        });
        Self { text: refusal(refused.code(), &detail), json: Some(format!("{json:#}\n")) }
    }
}

fn run(args: &Args) -> Result<(String, u8), Failed> {
    let unreadable =
        |about: &Path, cause| Refused::Unreadable { about: about.display().to_string(), cause };
    let mut trust = Trust { keys: keys_of(&args.keys)?, ..Trust::default() };
    believe_witnesses(args, &mut trust)?;
    for path in &args.pins {
        let text = text_of(path).map_err(|cause| not_given(path, &cause))?;
        trust.pins.push(Pin::find(&path.display().to_string(), &text)?);
    }
    trust.roots = roots(&args.roots)?;
    let folder = args.folder.as_deref().expect("a folder is asked for where no page is");
    let folder = Disk::new(folder).map_err(|cause| unreadable(folder, cause))?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX);
    let options = Options { workers, whole: args.whole };
    let percent = AtomicU64::new(0);
    let loud = io::stderr().is_terminal();
    let report = verify(&folder, &trust, options, &|done, total| {
        if loud {
            show(&percent, done, total);
        }
    })?;
    let text = match args.json {
        true => format!("{:#}\n", report.to_json()),
        false => report.to_string(),
    };
    Ok((text, report.word.exit()))
}

/// The page with its SHA-256, as `sha256sum` prints one. What lies there already is somebody's and stays.
fn write_page(to: &Path) -> Result<(String, u8), Failed> {
    let write = || File::create_new(to)?.write_all(page().as_bytes());
    write().map_err(|cause| Failed {
        text: format!(
            "the page cannot be written to {}: {cause}; name a file that is not there yet",
            to.display()
        ),
        json: None,
    })?;
    Ok((format!("{}  {}\n", page_digest(), to.display()), 0))
}

/// All roots of all files; each file must have one.
fn roots(files: &[PathBuf]) -> Result<Option<Roots>, Failed> {
    let mut all = String::new();
    for path in files {
        let about = path.display().to_string();
        let text = text_of(path).map_err(|cause| not_given(path, &cause))?;
        Roots::from_pem(text.as_bytes())
            .map_err(|why| Refused::Roots { about, why: why.to_string() })?;
        all += &text;
        all.push('\n');
    }
    // Each was read above.
    Ok((!all.is_empty()).then(|| Roots::from_pem(all.as_bytes()).ok()).flatten())
}

/// Every key that was given.
fn keys_of(given: &[String]) -> Result<Vec<VerifierKey>, Failed> {
    given.iter().map(|given| key(given, "verifier key")).collect()
}

/// After the keys, which it may be held against.
fn believe_witnesses(args: &Args, trust: &mut Trust) -> Result<(), Failed> {
    let mut witnesses: Vec<WitnessKey> = Vec::new();
    for given in &args.witnesses {
        let witness = key(given, "witness key")?;
        if !witnesses.contains(&witness) {
            witnesses.push(witness);
        }
    }
    if !witnesses.is_empty() {
        trust.believe_all(&witnesses)?;
    }
    if let Some(path) = &args.policy {
        let text = text_of(path).map_err(|cause| not_given(path, &cause))?;
        trust.believe_policy(&path.display().to_string(), &text)?;
    }
    Ok(())
}

/// A key as it is written on paper, or a file that holds it on one line.
fn key<K: FromStr>(given: &str, called: &str) -> Result<K, Failed> {
    if let Ok(key) = given.trim().parse() {
        return Ok(key);
    }
    let why = match text_of(Path::new(given)) {
        Ok(text) => match text.trim().parse() {
            Ok(key) => return Ok(key),
            Err(_) => format!("the file holds no {called}; copy it again in full"),
        },
        // What is written on paper has a `+`, and no file name that people give has one.
        Err(cause) if !given.contains('+') => {
            format!("it is no key, and no file that can be read: {cause}")
        }
        Err(_) => format!("it is no {called}; copy it again in full"),
    };
    Err(refused(format!("the key {given:?} is refused: {why}")))
}

/// A file of the reader's own that cannot be read: no fault of the package.
fn not_given(path: &Path, cause: &io::Error) -> Failed {
    refused(format!("{} cannot be read: {cause}; give the path of the file", path.display()))
}

/// What the reader gave is none, and no code says so.
fn refused(text: String) -> Failed {
    let json = json!({
        "format": "sealdock-verify/1",
        "word": null,
        "exit": NOTHING_JUDGED,
        "refused": { "code": null, "detail": text },
    });
    Failed { text, json: Some(format!("{json:#}\n")) }
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(PIN_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > PIN_BYTES_MAX {
        return Err(io::Error::other("it is larger than any key or receipt"));
    }
    Ok(text)
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A line that overwrites itself, at each whole percent.
fn show(percent: &AtomicU64, done: u64, total: u64) {
    let now = u64::try_from(u128::from(done) * 100 / u128::from(total.max(1))).unwrap_or(100);
    if percent.fetch_max(now, Ordering::Relaxed) < now {
        let end = if now >= 100 { "\n" } else { "" };
        eprint!("\r{now:3} %{end}");
    }
}
