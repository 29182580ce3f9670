//! `api`: tokens of other systems. A setting of this machine, made by whoever may write the station's folder.

use crate::answer::Answer;
use crate::console::tokens::{self, Right};
use crate::exit::{CliError, Exit};
use crate::home::Home;
use clap::Subcommand;
use serde_json::json;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug, Subcommand)]
pub enum Api {
    /// 令牌 tokens: who may read over HTTP, and what
    #[command(subcommand)]
    Token(Token),
    /// What can be asked, as OpenAPI 3.1
    Describe,
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make one; it is shown once
    #[command(
        after_help = "Example:\n  sealdock api token add bureau --may status --may registers"
    )]
    Add {
        /// Name of the system that will hold it
        name: String,
        /// What it may read; may be given several times
        #[arg(long, required = true, value_name = "RIGHT")]
        may: Vec<Right>,
    },
    /// Which there are; not what they are
    List,
    /// From now on it is refused
    Remove { name: String },
}

pub fn run(station: &Path, verb: Api) -> Result<Answer, CliError> {
    let home = Home::new(station);
    let Api::Token(verb) = verb else { return Ok(described()) };
    if !home.vault().is_dir() {
        let text = format!("{} is no station; name one with --station DIR", home.dir.display());
        return Err(CliError::new(Exit::Refused, text));
    }
    let folder = home.console();
    match verb {
        Token::Add { name, may } => {
            let now =
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let token = tokens::add(&folder, &name, &may, crate::execute::utc(now))?;
            let json = json!({ "name": name, "may": may, "token": token });
            Ok(Answer::new(json)
                .line(token)
                .line("仅显示这一次，请立即交给对方 shown this once: hand it over now"))
        }
        Token::List => {
            let all = tokens::all(&folder)?;
            let words = |token: &tokens::Token| {
                let may: Vec<&str> = token.may.iter().map(|right| right.word()).collect();
                vec![token.name.clone(), may.join(" "), token.made.clone()]
            };
            let rows = all.iter().map(words).collect();
            let facts: Vec<_> = all
                .iter()
                .map(|t| json!({ "name": t.name, "may": t.may, "made": t.made }))
                .collect();
            let answer = Answer::new(json!({ "tokens": facts }));
            Ok(answer.table(&["name", "may", "made"], rows, "没有令牌 no token"))
        }
        Token::Remove { name } => {
            tokens::remove(&folder, &name)?;
            Ok(Answer::new(json!({ "removed": name })).line(format!("已作废 removed {name}")))
        }
    }
}

/// What can be asked; needs no station.
pub fn described() -> Answer {
    let description = crate::console::openapi();
    let text = serde_json::to_string_pretty(&description).unwrap_or_default();
    Answer::new(description).exact(text + "\n")
}
