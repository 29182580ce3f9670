//! The shape of the source is a test: who may depend on whom, what the pure crates may not touch,
//! how long a file and a function may be, which words may not stay behind, that every fixture is
//! used and every link leads somewhere. `docs/style.md` says why.
//!
//! Each check is a function from files to findings. It runs on this repository, and on a planted
//! fault that it must find.

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/asvs.rs"]
mod asvs;
#[path = "tidy/attacks.rs"]
mod attacks;
#[allow(dead_code)]
#[path = "bench/console/pages.rs"]
mod pages;
#[path = "tidy/papers.rs"]
mod papers;
#[path = "tidy/refusals.rs"]
mod refusals;
#[path = "tidy/routes.rs"]
mod routes;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/scan.rs"]
mod scan;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/tree.rs"]
mod tree;

use tree::File;

/// Reads the repository, runs one check on it and fails with everything it found.
fn holds(check: impl Fn(&[File]) -> Vec<String>) {
    let findings = check(&tree::repository());
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Runs one check on files made up here and demands exactly one finding that says `what`.
fn finds(check: impl Fn(&[File]) -> Vec<String>, files: &[(&str, &str)], what: &str) {
    let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
    let findings = check(&files);
    assert!(
        findings.len() == 1 && findings[0].contains(what),
        "wanted one finding with {what:?}, got {findings:#?}"
    );
}

/// Runs one check on files made up here and demands that it is content.
fn accepts(check: impl Fn(&[File]) -> Vec<String>, files: &[(&str, &str)]) {
    let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
    assert_eq!(check(&files), Vec::<String>::new());
}
