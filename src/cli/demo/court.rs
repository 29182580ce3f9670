//! A court asks for a clip and gets it as a folder that it can check without the station.

use super::{Stage, say};
use crate::exit::{CliError, Exit, file_error};
use serde_json::Value;
use std::path::PathBuf;

/// Who carries a copy out, and who approves one for a court (002/A6-§21).
pub const STAFF: [(&str, &str, &str); 2] =
    [("000201", "陈静", "clerk"), ("000301", "郑安", "unit-head")];

impl Stage {
    /// The clerk, and last the unit head, with whom the setting up ends.
    pub fn staff(&self) -> Result<(), CliError> {
        for (id, name, role) in STAFF {
            let pin = self.pin_file(id)?;
            self.verb(&["person", "add", id, "--name", name, "--role", role, "--pin-file", &pin])?;
        }
        Ok(())
    }

    /// Asked for, approved, carried out; the folder.
    pub fn court(&self) -> Result<PathBuf, CliError> {
        say(
            "\n9. 给法院 a court asks for a clip: application, approval, a folder it can check without us\n",
        );
        let [(clerk, ..), (head, ..)] = STAFF;
        let clip = format!("C{}", self.first("clip list", "clips", |row| row["media"] == "video")?);
        let (clerk_pin, head_pin) = (self.pin_of(clerk), self.pin_of(head));
        self.verb(&[
            "access",
            "request",
            "--who",
            "authority",
            "--for",
            "copy",
            "--clip",
            &clip,
            "--name",
            "赵法官",
            "--unit",
            "示范区人民法院",
            "--phone",
            "0000-110",
            "--matter",
            "(2026)示1号",
            "--reason",
            "开庭举证",
            "--as",
            clerk,
            "--pin-file",
            &clerk_pin,
        ])?;
        let asked = format!("V{}", self.first("access list", "requests", |_| true)?);
        self.verb(&["access", "approve", &asked, "--as", head, "--pin-file", &head_pin])?;
        say(
            "\n   法院事先另行收到一份回执 the court holds a receipt, which reached it before and by another way:",
        );
        let receipt = self.kept("receipt", &["log", "receipt"])?;
        self.kept("station.vkey", &["log", "vkey"])?;
        let place = self.dir.join("court").join(&clip);
        std::fs::create_dir_all(self.dir.join("court"))
            .map_err(|e| file_error("make", &place, &e))?;
        say("");
        self.verb(&[
            "export",
            &asked,
            "--to",
            &place.display().to_string(),
            "--receipt",
            &receipt.display().to_string(),
            "--as",
            clerk,
            "--pin-file",
            &clerk_pin,
        ])?;
        Ok(place)
    }

    fn pin_of(&self, person: &str) -> String {
        self.dir.join("pins").join(person).display().to_string()
    }

    /// What a verb prints, into a file.
    fn kept(&self, name: &str, words: &[&str]) -> Result<PathBuf, CliError> {
        let path = self.dir.join(name);
        say(&format!("$ sealdock {} > …/{name}", words.join(" ")));
        let output = self.quietly(words)?;
        std::fs::write(&path, output).map_err(|e| file_error("write", &path, &e))?;
        Ok(path)
    }

    /// The number of the first row of a list that fits.
    fn first(
        &self,
        verb: &str,
        list: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<u64, CliError> {
        let mut words: Vec<&str> = verb.split(' ').collect();
        words.push("--json");
        let said: Value = serde_json::from_slice(&self.quietly(&words)?)
            .map_err(|e| CliError::new(Exit::Failed, format!("`{verb}` is no JSON: {e}")))?;
        let rows = said[list].as_array().map(Vec::as_slice).unwrap_or_default();
        let row = rows.iter().find(|row| fits(row)).and_then(|row| row["seq"].as_u64());
        row.ok_or_else(|| CliError::new(Exit::Failed, format!("`{verb}` names none that fits")))
    }
}
