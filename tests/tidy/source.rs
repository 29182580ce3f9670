//! Checks on the source itself: purity, sizes, `unsafe`, words that may not stay behind, and the
//! sentence at the top of every module.

use crate::scan::{self, Code, after_closing, body_or_end, line_of, words};
use crate::tree::File;

/// And the part of a crate that only decides.
const PURE: [&str; 8] = [
    "crates/chain/",
    "crates/console/",
    "crates/core/",
    "crates/excerpt/",
    "crates/profile/",
    "crates/report/",
    "crates/stamp/",
    "crates/witness/src/decide",
];

/// Modules of the standard library that reach the world.
const WORLD: [&str; 6] = ["fs", "net", "process", "thread", "env", "io::stdin"];

/// Names that reach the world by other ways: clocks, randomness, the terminal.
const WORLD_NAMES: [&str; 13] = [
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Timestamp::try_from_system",
    "TimeZone::system",
    "getrandom",
    "OsRng",
    "Uuid::now_v7",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
];

/// The pure crates hold every decision and touch nothing, so that each can be tested on values.
pub fn purity(files: &[File]) -> Vec<String> {
    let pure = |code: &Code| PURE.iter().any(|folder| code.path.starts_with(folder));
    scan::shipped(files).filter(pure).flat_map(|code| worldly(&code)).collect()
}

fn worldly(code: &Code) -> Vec<String> {
    let finding = |at, name: &str| {
        format!("{}:{}: `{name}` in a pure crate", code.path, line_of(&code.product, at))
    };
    let mut findings = Vec::new();
    for name in WORLD_NAMES {
        findings.extend(words(&code.product, name).into_iter().map(|at| finding(at, name)));
    }
    for module in WORLD {
        let path = format!("std::{module}");
        findings.extend(words(&code.product, &path).into_iter().map(|at| finding(at, &path)));
    }
    for (at, group) in groups(&code.product) {
        for module in WORLD.iter().filter(|module| !words(group, module).is_empty()) {
            findings.push(finding(at, &format!("std::{{{module}}}")));
        }
    }
    findings
}

/// The insides of `std::{…}`.
fn groups(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.match_indices("std::{").map(|(at, mark)| {
        let open = at + mark.len() - 1;
        (at, &code[open..after_closing(code, open)])
    })
}

const FILE_LINES_MAX: usize = 700;

/// A longer file holds two subjects.
pub fn file_lengths(files: &[File]) -> Vec<String> {
    scan::shipped(files)
        .filter(|code| code.product_lines > FILE_LINES_MAX)
        .map(|code| {
            format!("{}: {} lines, at most {FILE_LINES_MAX}", code.path, code.product_lines)
        })
        .collect()
}

const FUNCTION_LINES_MAX: usize = 70;

/// A longer function does not fit on a screen, nor in a head.
pub fn function_lengths(files: &[File]) -> Vec<String> {
    scan::shipped(files).flat_map(|code| long_functions(&code)).collect()
}

fn long_functions(code: &Code) -> Vec<String> {
    let product = &code.product;
    let mut findings = Vec::new();
    for at in words(product, "fn") {
        let name: String = product[at + 2..].trim_start().chars().take_while(is_name).collect();
        // `fn(u8)` is a type, `fn name();` has no body.
        let (false, Some((open, b'{'))) = (name.is_empty(), body_or_end(product, at)) else {
            continue;
        };
        let lines = product[at..after_closing(product, open)].matches('\n').count() + 1;
        if lines > FUNCTION_LINES_MAX {
            let line = line_of(product, at);
            let path = code.path;
            findings.push(format!(
                "{path}:{line}: `{name}` has {lines} lines, at most {FUNCTION_LINES_MAX}"
            ));
        }
    }
    findings
}

fn is_name(letter: &char) -> bool {
    letter.is_alphanumeric() || *letter == '_'
}

const MAY_BE_UNSAFE: [&str; 2] = ["crates/device/", "crates/vault/"];

/// Only the crates that talk to the kernel, and nobody's tests.
pub fn unsafety(files: &[File]) -> Vec<String> {
    let safe = |code: &Code| !MAY_BE_UNSAFE.iter().any(|folder| code.path.starts_with(folder));
    scan::all(files)
        .filter(safe)
        .filter_map(|code| {
            let at = *words(&code.whole, "unsafe").first()?;
            Some(format!(
                "{}:{}: `unsafe` outside device and vault",
                code.path,
                line_of(&code.whole, at)
            ))
        })
        .collect()
}

/// Left-behind marks, searched in everything; spelt in two parts so that this file is clean.
const MARKS: [&str; 3] = [concat!("FIX", "ME"), concat!("TO", "DO"), concat!("XX", "X")];

/// Code that promises to be written later.
const LATER: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];

/// Nothing unfinished is left in the source, and no test is skipped outside the campaigns.
pub fn left_behind(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path != "Cargo.lock") {
        for mark in MARKS {
            let found = words(&file.text, mark);
            let lines = found.into_iter().map(|at| line_of(&file.text, at));
            findings.extend(lines.map(|line| format!("{}:{line}: {mark}", file.path)));
        }
    }
    for code in scan::all(files) {
        let banned = |word: &str, at| format!("{}:{}: {word}", code.path, line_of(&code.whole, at));
        for word in LATER {
            findings.extend(words(&code.whole, word).into_iter().map(|at| banned(word, at)));
        }
        if !code.path.starts_with("tests/campaign") {
            let ignored = code.whole.match_indices("#[ignore");
            findings.extend(ignored.map(|(at, _)| banned("a skipped test", at)));
        }
    }
    findings
}

/// Every module says on top why it exists; `tests.rs` beside a module needs no reason.
pub fn module_docs(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.is("rs") && file.name() != "tests.rs")
        .filter(|file| {
            let first = file.text.lines().next().unwrap_or_default();
            let words = first.strip_prefix("//!").unwrap_or_default().split_whitespace().count();
            words < 2
        })
        .map(|file| format!("{}:1: no `//!` sentence that says why it exists", file.path))
        .collect()
}

mod checks {
    use super::*;
    use crate::{accepts, finds, holds};

    #[test]
    fn the_pure_crates_touch_nothing() {
        holds(purity);
        let planted = |code: &str| format!("//! x\nuse std::fmt;\n{code}\n");
        for code in [
            "use std::fs::File;",
            "use std::{\n    fmt,\n    fs::{self},\n};",
            "let now = std::time::Instant::now();",
            "fn f() { println!(\"\") }",
            "fn f() { getrandom::fill(x) }",
        ] {
            finds(purity, &[("crates/core/src/a.rs", &planted(code))], "crates/core/src/a.rs:3");
        }
        accepts(
            purity,
            &[
                ("crates/vault/src/a.rs", "use std::fs;"),
                ("crates/core/src/a.rs", "// std::fs\n#[cfg(test)]\nmod tests { use std::fs; }"),
                ("crates/core/src/a.rs", "use std::fmt; let text = \"std::fs\";"),
                ("crates/chain/src/tree/tests.rs", "use std::fs;"),
            ],
        );
    }

    #[test]
    fn no_file_is_too_long() {
        holds(file_lengths);
        let long = "//! x\n".repeat(FILE_LINES_MAX + 1);
        finds(file_lengths, &[("src/main.rs", &long)], "701 lines");
        let tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        accepts(file_lengths, &[("src/main.rs", &tests), ("tests/faults.rs", &long)]);
    }

    #[test]
    fn no_function_is_too_long() {
        holds(function_lengths);
        let of =
            |lines: usize| format!("fn long(x: [u8; 3]) {{\n{}}}\n", "x();\n".repeat(lines - 2));
        finds(function_lengths, &[("src/main.rs", &of(71))], "src/main.rs:1: `long` has 71 lines");
        accepts(function_lengths, &[("src/main.rs", &of(70))]);
        let tricky = "let open = '{'; let text = \"{\"; // {\n".repeat(40);
        let two = format!("fn a() {{\n{tricky}}}\nfn b() {{\n{tricky}}}\n");
        accepts(function_lengths, &[("src/main.rs", &two)]);
    }

    #[test]
    fn unsafe_stays_where_the_kernel_is() {
        holds(unsafety);
        let block = format!("fn f() {{ {} {{ g() }} }}", "unsafe");
        finds(unsafety, &[("crates/store/src/a.rs", &block)], "crates/store/src/a.rs:1");
        accepts(unsafety, &[("crates/device/src/a.rs", &block)]);
        accepts(unsafety, &[("src/a.rs", "#![forbid(unsafe_code)] // unsafe")]);
    }

    #[test]
    fn nothing_unfinished_is_left_behind() {
        holds(left_behind);
        let mark = format!("# {}: later", MARKS[0]);
        finds(left_behind, &[("docs/a.md", &mark)], "docs/a.md:1");
        for word in LATER {
            finds(left_behind, &[("src/a.rs", &format!("fn f() {{ {word}() }}"))], word);
        }
        let skipped = "\n#[ignore]\nfn f() {}";
        finds(left_behind, &[("tests/a.rs", skipped)], "tests/a.rs:2: a skipped test");
        accepts(left_behind, &[("tests/campaign_power.rs", skipped)]);
        accepts(left_behind, &[("src/a.rs", "let text = \"todo!\";")]);
    }

    #[test]
    fn every_module_says_why_it_exists() {
        holds(module_docs);
        finds(module_docs, &[("src/a.rs", "use std::fmt;\n//! Late.")], "src/a.rs:1");
        finds(module_docs, &[("src/a.rs", "//! placeholder\n")], "src/a.rs:1");
        accepts(module_docs, &[("src/a.rs", "//! Why it exists.\n"), ("docs/a.md", "x")]);
    }
}
