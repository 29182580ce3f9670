//! A path typed by hand that cannot be meant as a recorder: what is proven stored is deleted there, so a
//! slip of the hand must not empty somebody's folder.

use crate::exit::{CliError, Exit};
use std::path::{Path, PathBuf};

/// Refuses the directory somebody stands in, a home directory, whatever holds one of these, and the folder
/// that holds the PIN file in use. Paths are compared as the kernel resolves them.
///
/// # Errors
/// `Refused`, with what to name instead. A path that cannot be resolved, and the root of the machine, are
/// left to whoever opens them: both are refused there with a sentence of their own.
pub fn refuse_what_is_lived_in(path: &Path, pin_file: Option<&Path>) -> Result<(), CliError> {
    let Ok(path) = path.canonicalize() else { return Ok(()) };
    if path == Path::new("/") {
        return Ok(());
    }
    let mut lived_in = Vec::new();
    if let Ok(here) = std::env::current_dir() {
        lived_in.push((here, "you stand in it"));
    }
    if let Some(file) = pin_file {
        lived_in.push((file.to_owned(), "the PIN file lies in it"));
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    lived_in.extend(homes(&users).map(|home| (home, "it is, or holds, somebody's home directory")));
    match refusal(&path, lived_in) {
        Some(text) => Err(CliError::new(Exit::Refused, text)),
        None => Ok(()),
    }
}

/// The sixth field of each line of passwd(5).
fn homes(users: &str) -> impl Iterator<Item = PathBuf> {
    let home = |line: &str| line.split(':').nth(5).map(PathBuf::from);
    users.lines().filter_map(home).filter(|home| home.is_absolute())
}

fn refusal(path: &Path, lived_in: Vec<(PathBuf, &str)>) -> Option<String> {
    let inside = |place: &Path| place.canonicalize().is_ok_and(|place| place.starts_with(path));
    let (_, why) = lived_in.into_iter().find(|(place, _)| inside(place))?;
    Some(format!(
        "{} is not a recorder: {why}, and what is stored from a recorder is deleted there; name the mount point of its card, or a folder that holds nothing but copies of one",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_lives_in_is_no_recorder_and_a_card_below_it_is() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        for folder in ["home/li/card", "media/card"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        std::fs::write(root.join("media/pin"), "1").unwrap();
        std::os::unix::fs::symlink(root.join("home"), root.join("alias")).unwrap();
        let users = format!(
            "root:x:0:0:root:{r}/home/root:/bin/sh\nli:x:1:1::{r}/alias/li:/bin/sh\nodd\nnone:x:2:2:::\n",
            r = root.display()
        );
        let places = || {
            let mut places: Vec<_> = homes(&users).map(|home| (home, "home")).collect();
            places.push((root.join("media/pin"), "pin"));
            places
        };
        for (folder, why) in [("home/li", "home"), ("home", "home"), ("media", "pin"), ("", "home")]
        {
            let said = refusal(&root.join(folder).canonicalize().unwrap(), places());
            assert!(said.is_some_and(|said| said.contains(why)), "{folder}");
        }
        for card in ["home/li/card", "media/card"] {
            assert_eq!(refusal(&root.join(card), places()), None, "{card}");
        }
    }
}
