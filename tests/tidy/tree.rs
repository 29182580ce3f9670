//! Reads the repository, and checks what needs no parsing: what lies at the top, how big files
//! are, and that none of them remembers the machine it was written on.

use std::path::Path;

/// One file of the repository.
pub struct File {
    /// Its path from the root, with `/`.
    pub path: String,
    /// Its text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// Its length in bytes.
    pub bytes: usize,
}

impl File {
    /// A file that exists only in a test.
    pub fn new(path: &str, text: &str) -> Self {
        File { path: path.to_owned(), text: text.to_owned(), bytes: text.len() }
    }

    /// Whether the path ends in this extension (without a dot).
    pub fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// Build products and git's own files: not part of the source.
const NOT_SOURCE: [&str; 3] = ["target", ".git", ".cache"];

/// Every file of the repository.
pub fn repository() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    read_folder(root, "", &mut files);
    assert!(files.len() > 20, "the repository at {} is nearly empty", root.display());
    files
}

fn read_folder(root: &Path, folder: &str, files: &mut Vec<File>) {
    let listing = std::fs::read_dir(root.join(folder)).expect("the folder was just listed");
    for entry in listing.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if NOT_SOURCE.contains(&path.as_str()) || path.ends_with(".tmp") {
            continue;
        }
        if entry.path().is_dir() {
            read_folder(root, &path, files);
        // A file that a neighbour's editor removed meanwhile is no finding.
        } else if let Ok(bytes) = std::fs::read(entry.path()) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.push(File { path, text, bytes: bytes.len() });
        }
    }
}

const AT_THE_TOP: [&str; 14] = [
    "Cargo.toml",
    "Cargo.lock",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
    "rust-toolchain.toml",
    "README.md",
    "src",
    "crates",
    "udev",
    "systemd",
    "fixtures",
    "tests",
    "docs",
];

/// The top level is the map of the project: nothing is dropped there in passing.
pub fn top_level(files: &[File]) -> Vec<String> {
    let mut tops: Vec<&str> = files.iter().filter_map(|file| file.path.split('/').next()).collect();
    tops.sort_unstable();
    tops.dedup();
    let known =
        |top: &&str| AT_THE_TOP.contains(top) || top.starts_with("LICENSE") || top.starts_with('.');
    tops.into_iter()
        .filter(|top| !known(top))
        .map(|top| format!("{top}: does not belong at the top level"))
        .collect()
}

const FILE_BYTES_MAX: usize = 1 << 20;

/// Big files belong into packages that are fetched, not into the history.
pub fn big_files(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.bytes > FILE_BYTES_MAX)
        .map(|file| format!("{}: {} bytes, at most {FILE_BYTES_MAX}", file.path, file.bytes))
        .collect()
}

/// Folders of the people and machines that write this, spelt so that this line is not found.
const MACHINE_FOLDERS: [&str; 4] = ["work", "root", "home", "Users"];

/// A path of somebody's machine is wrong everywhere else.
pub fn machine_paths(files: &[File]) -> Vec<String> {
    let marks: Vec<String> = MACHINE_FOLDERS.iter().map(|folder| format!("/{folder}/")).collect();
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| begins_a_path(line, mark)) {
                findings.push(format!("{}:{}: names {mark}", file.path, number + 1));
            }
        }
    }
    findings
}

/// `a/work/b` is a relative path, and so is `./work/b`.
fn begins_a_path(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "._-*}>)".contains(letter))
    })
}

mod checks {
    use super::*;
    use crate::{accepts, finds, holds};

    #[test]
    fn nothing_is_dropped_at_the_top() {
        holds(top_level);
        finds(top_level, &[("notes.txt", ""), ("src/main.rs", "")], "notes.txt");
        accepts(top_level, &[("LICENSE-MIT", ""), (".ci/run", ""), ("docs/style.md", "")]);
    }

    #[test]
    fn no_file_is_big() {
        holds(big_files);
        finds(big_files, &[("fixtures/x.mp4", &"x".repeat(FILE_BYTES_MAX + 1))], "fixtures/x.mp4");
    }

    #[test]
    fn no_file_names_somebody_s_machine() {
        holds(machine_paths);
        let planted = format!("ok\nsee /{}/main/x", "work");
        finds(machine_paths, &[("docs/a.md", &planted)], "docs/a.md:2");
        accepts(machine_paths, &[("docs/a.md", &format!("a/{}/b", "work"))]);
    }
}
