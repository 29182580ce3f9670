//! `init`: founds a station and says what comes next, and what it may not do yet.

use super::args::{Docking, Init};
use super::print;
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::{Founded, Wanted, found};
use sealdock_core::event::KeyKind;
use sealdock_core::policy::Docking as DockingPolicy;
use serde_json::json;
use std::path::Path;

pub fn run(station: &Path, args: Init, as_json: bool) -> Result<Exit, CliError> {
    let wanted = Wanted {
        dir: station.to_owned(),
        origin: args.origin,
        unit: args.unit,
        docking: match args.docking {
            Docking::OfficerPin => DockingPolicy::OfficerPin,
            Docking::ClerkShift => DockingPolicy::ClerkShift,
        },
        mirror: args.mirror,
        accept_single_copy: args.accept_single_copy,
        mirror_same_disk: args.mirror_same_disk_for_tests,
        immutable: !args.no_immutable_flag,
        token: args.token.on_token()?,
        console: None,
    };
    let founded = found(&wanted)?;
    print::answer(&answer(&wanted, &founded), as_json);
    Ok(Exit::Done)
}

fn answer(wanted: &Wanted, founded: &Founded) -> Answer {
    let encrypted = match founded.encrypted {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let dir = wanted.dir.display();
    let [log, evidence] = [KeyKind::Log, KeyKind::Evidence].map(|kind| wanted.token.place(kind));
    let json = json!({
        "keys": { "log": log, "evidence": evidence },
        "station": wanted.dir, "origin": founded.origin, "vkey": founded.vkey,
        "volume_encrypted": encrypted, "mirror": founded.mirror,
        "single_copy_accepted": wanted.accept_single_copy, "warnings": founded.warnings,
    });
    let mut answer = Answer::new(json)
        .line(format!("founded {} for {} in {dir}", founded.origin, wanted.unit))
        .line(format!("verifier key: {}", founded.vkey))
        .line(format!("volume encrypted: {encrypted}"));
    if wanted.token.token.is_some() {
        answer = answer.line(format!("keys: log {}, evidence {}", log.words(), evidence.words()));
    }
    answer = match (&founded.mirror, wanted.accept_single_copy) {
        (Some(place), _) => answer.line(format!("second copy: {place}")),
        (None, true) => answer.line("one copy only, accepted by the unit as its risk"),
        (None, false) => answer
            .line(
                "WARNING: one copy only. Automatic wiping is refused until a second copy is named",
            )
            .line(format!(
                "  (`sealdock copies mirror DIR --station {dir}`) or the unit accepts a single copy"
            ))
            .line(format!("  (`sealdock copies accept-single --station {dir}`).")),
    };
    for warning in &founded.warnings {
        answer = answer.line(format!("warning: {warning}"));
    }
    answer
        .line("next:")
        .line(format!(
            "  sealdock log receipt --station {dir}     print it, keep it outside the station"
        ))
        .line(format!(
            "  sealdock person add ID --name NAME --role officer --pin-file F --station {dir}"
        ))
        .line(format!("  sealdock recorder add ID --station {dir}"))
        .line(format!("  sealdock run --station {dir}"))
}
