//! What must be true after every scenario, looked at from outside the guest wherever that is
//! possible: no clip is absent from both card and vault, no card changed outside a permitted wipe,
//! and the station finds nothing wrong with itself.

use crate::vm::play::Stage;
use crate::vm::scenario::Fate;
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// All of them.
///
/// # Errors
/// Names every promise that was broken.
pub fn hold(stage: &mut Stage) -> Result<()> {
    let vault = vault(stage)?;
    let check = stage.run("settled; check_deep");
    stage.pull_everything()?;
    let mut broken = Vec::new();
    if let Err(error) = check {
        broken.push(format!("sealdock check --deep: {error:#}"));
    }
    for (name, (card, fate)) in &stage.cards {
        let untouched = card.is_untouched()?;
        if *fate == Fate::Untouched && !untouched {
            broken.push(format!("card {name} was to be left alone and has changed"));
        }
        for clip in &card.clips {
            let on_card =
                if untouched { Some(clip.sha256.clone()) } else { card.digest_now(clip)? };
            if on_card.as_ref().is_some_and(|digest| *digest != clip.sha256) {
                broken.push(format!("{} on card {name} has changed", clip.path));
            }
            if on_card.is_none() && !vault.contains(&clip.sha256) {
                broken.push(format!("{} of card {name} is neither on it nor stored", clip.path));
            }
            if on_card.is_some() && *fate == Fate::Wiped {
                broken.push(format!("{} is still on card {name}", clip.path));
            }
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    bail!("broken promises:\n  {}", broken.join("\n  "))
}

/// Digests of everything kept, of the bytes on the disk and not of what the station says.
fn vault(stage: &mut Stage) -> Result<BTreeSet<String>> {
    let said = stage.run("settled; kept_digests")?;
    Ok(said.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}
