//! The page of the command line says what the program takes.

use super::*;
use clap::CommandFactory as _;

/// Every verb with its flags, as typed.
fn verbs(command: &clap::Command, typed: &str, found: &mut Vec<(String, Vec<String>)>) {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        let typed = format!("{typed} {}", verb.get_name());
        if verb.has_subcommands() {
            verbs(verb, &typed, found);
            continue;
        }
        let flags = verb.get_arguments().filter(|arg| !arg.is_hide_set());
        let flags = flags.filter_map(|arg| arg.get_long()).map(|long| format!("--{long}"));
        found.push((typed, flags.collect()));
    }
}

#[test]
fn the_page_names_every_verb_and_flag_and_no_other_verb() {
    let page = include_str!("../../../docs/ref/cli.md");
    let command = Cli::command();
    command.clone().debug_assert();
    let mut found = Vec::new();
    verbs(&command, "sealdock", &mut found);
    assert!(found.len() > 30, "{} verbs", found.len());
    for (verb, flags) in &found {
        assert!(page.contains(verb.as_str()), "docs/ref/cli.md does not name `{verb}`");
        for flag in flags {
            assert!(
                page.contains(flag.as_str()),
                "docs/ref/cli.md does not name {flag} of `{verb}`"
            );
        }
    }
    for typed in page.split("| `sealdock ").skip(1) {
        let known =
            found.iter().any(|(verb, _)| format!("sealdock {typed}").starts_with(verb.as_str()));
        assert!(known, "there is no verb `{}`", typed.split('|').next().unwrap_or_default());
    }
}
