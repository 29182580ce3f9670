//! Policy, copies, and whether what lies on this machine is as it should be.

use super::recorded;
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::mirror::candidate;
use crate::wire::{Mirror, Open};
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_profile::Profiles;
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

pub fn policy(open: &Open) -> Result<Answer, CliError> {
    let rows = open.station.rows(&Query::all(&s::POLICY).newest_first().limit(1))?;
    let row = rows.first().ok_or_else(|| {
        CliError::new(Exit::Stopped, "the chain holds no policy; run `sealdock check`")
    })?;
    let json = json!({
        "sha256": row.text("sha256"), "adopted": row.text("adopted"),
        "entry": row.int("seq"), "text": row.text("body"),
    });
    Ok(Answer::new(json).exact(row.text("body")))
}

/// Names the second copy's place after `init`.
pub fn mirror(
    open: &Open,
    actor: &Arc<Actor>,
    dir: &Path,
    same_disk: bool,
) -> Result<Answer, CliError> {
    let candidate = candidate(dir, &open.home.dir, open.station.origin(), same_disk)?;
    candidate.make(open.settings.immutable)?;
    let command = Command::NameMirror { place: candidate.place };
    let mut answer = recorded(open, &open.station.apply(actor, command)?)?;
    open.meet_mirror()?;
    if let Some(warning) = candidate.warning {
        answer = answer.line(format!("warning: {warning}"));
    }
    Ok(answer.line(match open.mirror() {
        Mirror::Present { .. } => "second copies are made from now on".to_owned(),
        other => other.words().1,
    }))
}

/// Sets the immutable flag again on what is stored: a vault that was copied, as by a restore, has none.
pub fn lock(open: &Open) -> Result<Answer, CliError> {
    if !open.settings.immutable {
        let text =
            "this station sets no immutable flags (`immutable` in station.toml); nothing was done";
        return Err(CliError::new(Exit::Refused, text));
    }
    let (mut answer, mut places, mut left) = (Answer::new(json!({})), Vec::new(), 0);
    for (area, vault) in open.disks() {
        let before = vault.flags()?;
        let after = vault.set_flags()?;
        let set = before.lacking.saturating_sub(after.lacking);
        left += after.lacking;
        places.push(json!({
            "place": area, "files": after.files, "set": set, "lacking": after.lacking,
        }));
        answer = answer.line(format!(
            "{area}: {} stored files, the immutable flag was set on {set}, {} lack it",
            after.files, after.lacking
        ));
    }
    answer.json = json!({ "places": places });
    Ok(match left {
        0 => answer,
        _ => answer
            .line("it can be set by root or the station's service (CAP_LINUX_IMMUTABLE), on ext4, xfs or btrfs")
            .ending(Exit::Findings),
    })
}

/// Everything outside the chain that the station rests on.
pub fn verify(open: &Open) -> Result<Answer, CliError> {
    let mut findings = Vec::new();
    let private = [open.home.dir.clone(), open.home.keys(), open.home.vault(), open.home.run()];
    for dir in &private {
        private_dir(dir, &mut findings);
    }
    if let Some(e) = crate::wire::keys_in_order(open).err() {
        findings.push(e.message);
    }
    for bay in open.station.rows(&Query::all(&s::BAY))? {
        let path = Path::new(bay.text("path"));
        if !path.is_dir() {
            findings.push(format!(
                "bay {}: {} is not a directory; make it, or mount what belongs there",
                bay.text("id"),
                path.display()
            ));
        }
    }
    findings.extend(super::docks::findings(&open.usb));
    let mirror = open.mirror();
    if let Mirror::Missing { .. } | Mirror::Undecided = mirror {
        findings.push(mirror.words().1);
    }
    let own = own_profiles(open);
    let mut answer = Answer::new(json!({ "findings": findings, "own_profiles": own }));
    for finding in &findings {
        answer = answer.line(finding.clone());
    }
    if !own.is_empty() {
        answer = answer.line(format!("own profiles in force: {}", own.join(", ")));
    }
    match findings.is_empty() {
        true => {
            Ok(answer.line("settings, policy, keys, directories, bays and copies are in order"))
        }
        false => Ok(answer.ending(Exit::Findings)),
    }
}

/// Profiles that are not built in.
fn own_profiles(open: &Open) -> Vec<String> {
    let (known, built_in) = (open.usb.profiles().profiles, Profiles::built_in());
    let is_own = |id: &&str| built_in.find(id).is_none();
    known.all().iter().map(|profile| profile.id()).filter(is_own).map(str::to_owned).collect()
}

fn private_dir(dir: &Path, findings: &mut Vec<String>) {
    match dir.metadata() {
        Err(e) => findings.push(format!("{}: {e}", dir.display())),
        Ok(facts) if facts.permissions().mode() & 0o077 != 0 => {
            let shown = dir.display();
            findings.push(format!("{shown} is open to other users; `chmod 700 {shown}`"));
        }
        Ok(_) => {}
    }
}
