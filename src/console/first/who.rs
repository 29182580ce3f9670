//! Who may answer the first questions: one browser, of whoever read the code on the terminal.

use super::{First, announce, lock};
use crate::console::signed::{LANGUAGE, cookie, random};
use crate::exit::{CliError, Exit};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_chain::Digest;
use sealdock_console::Lang;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const COOKIE: &str = "__Host-sealdock-first";

/// Without what looks like something else on a bad screen.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Five random bits each, so 140: more than whoever can try them all day will ever guess.
const CODE_LETTERS: usize = 28;
/// What the eye holds between terminal and keyboard.
const GROUP: usize = 4;
/// Wrong codes until there is another one.
const TRIES: u32 = 5;
/// Left alone so long, the answers are forgotten, PINs among them.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// The way in.
pub struct Entry {
    /// Counts once; 140 random bits.
    pub code: String,
    wrong: u32,
    held: Option<Holder>,
    /// What was wrong with the last form of whoever is in.
    pub said: Option<String>,
}

struct Holder {
    key: Digest,
    token: String,
    last: Instant,
}

/// What trying a code came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Tried {
    /// What the browser is to hold.
    In(String),
    Wrong,
    /// Wrong once too often, or whoever was in is gone: there is another code on the terminal.
    Anew,
    /// Somebody is in already.
    Spent,
}

impl Entry {
    /// # Errors
    /// The kernel gives no randomness.
    pub fn new() -> Result<Entry, CliError> {
        Ok(Entry { code: code()?, wrong: 0, held: None, said: None })
    }

    pub fn tried(&mut self, text: &str, now: Instant) -> Result<Tried, CliError> {
        if self.held.as_ref().is_some_and(|held| now.duration_since(held.last) <= IDLE) {
            return Ok(Tried::Spent);
        }
        if self.held.is_some() {
            *self = Entry::new()?;
            return Ok(Tried::Anew);
        }
        if Digest::of(bare(text).as_bytes()) != Digest::of(bare(&self.code).as_bytes()) {
            self.wrong += 1;
            if self.wrong < TRIES {
                return Ok(Tried::Wrong);
            }
            *self = Entry::new()?;
            return Ok(Tried::Anew);
        }
        let (held, token) = (random()?, random()?);
        let key = Digest::of(held.as_bytes());
        // Spent: whoever comes after has no use for it.
        *self = Entry { held: Some(Holder { key, token, last: now }), ..Entry::new()? };
        Ok(Tried::In(held))
    }

    /// The token of the forms, if this browser is in.
    fn token_of(&mut self, held: &str, now: Instant) -> Option<String> {
        let key = Digest::of(held.as_bytes());
        let holder = self.held.as_mut().filter(|holder| holder.key == key)?;
        if now.duration_since(holder.last) > IDLE {
            return None;
        }
        holder.last = now;
        Some(holder.token.clone())
    }
}

/// What was typed, as the code is made: signs between its groups, small letters and the wide ones of a Chinese keyboard say nothing.
fn bare(text: &str) -> String {
    let narrow = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        _ => letter,
    };
    let letters = text.chars().map(narrow).filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

fn code() -> Result<String, CliError> {
    let mut bytes = [0u8; CODE_LETTERS];
    getrandom::fill(&mut bytes).map_err(|e| {
        CliError::new(Exit::Failed, format!("the kernel gives no randomness: {e}; start it again"))
    })?;
    let group = |bytes: &[u8]| -> String {
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
    };
    Ok(bytes.chunks(GROUP).map(group).collect::<Vec<_>>().join("-"))
}

/// Whoever asks for a page.
pub struct Visitor {
    pub first: Arc<First>,
    pub lang: Lang,
    /// In every form, if this browser is in.
    pub token: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor
where
    Arc<First>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Visitor, Response> {
        let first = Arc::<First>::from_ref(state);
        let lang = Lang::parse(&cookie(parts, LANGUAGE).unwrap_or_default());
        let held = cookie(parts, COOKIE).unwrap_or_default();
        let token = lock(&first.entry).token_of(&held, Instant::now());
        Ok(Visitor { first, lang, token })
    }
}

/// Whoever is in; others are led to the code.
pub struct Insider {
    pub first: Arc<First>,
    pub lang: Lang,
    pub token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Insider
where
    Arc<First>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Insider, Response> {
        let Visitor { first, lang, token } = Visitor::from_request_parts(parts, state).await?;
        match token {
            Some(token) => Ok(Insider { first, lang, token }),
            None => Err(Redirect::to("/").into_response()),
        }
    }
}

impl First {
    /// A code is tried; another one is said on the terminal alone.
    pub fn try_code(&self, text: &str) -> Result<Tried, CliError> {
        let mut entry = lock(&self.entry);
        let tried = entry.tried(text, Instant::now())?;
        if tried == Tried::Anew {
            announce(self.address, &entry.code);
            // Answers of whoever was in before are nobody's.
            *lock(&self.draft) = super::Draft::default();
        }
        Ok(tried)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_counts_once_and_only_for_the_browser_that_showed_it() {
        let (mut entry, now) = (Entry::new().unwrap(), Instant::now());
        let code = entry.code.clone();
        assert_eq!(entry.tried("", now).unwrap(), Tried::Wrong);
        let typed = code.to_lowercase().replace('-', " ");
        let Tried::In(held) = entry.tried(&typed, now).unwrap() else {
            panic!("the code is right")
        };
        assert!(entry.token_of(&held, now).is_some() && entry.token_of("x", now).is_none());
        assert_eq!(entry.tried(&code, now).unwrap(), Tried::Spent);
        let later = now + IDLE + Duration::from_secs(1);
        assert!(entry.token_of(&held, later).is_none(), "left alone");
        assert_eq!(entry.tried(&code, later).unwrap(), Tried::Anew, "another one on the terminal");
        assert_eq!(entry.tried(&code, later).unwrap(), Tried::Wrong, "spent for ever");
        let anew = entry.code.clone();
        assert!(matches!(entry.tried(&anew, later).unwrap(), Tried::In(_)));
    }

    #[test]
    fn a_code_has_more_than_128_bits_and_is_read_as_it_is_typed() {
        let codes: Vec<String> = (0..200).map(|_| Entry::new().unwrap().code).collect();
        let mut seen = [const { BTreeSet::new() }; CODE_LETTERS];
        for code in &codes {
            let letters = code.replace('-', "").into_bytes();
            assert!(letters.len() * 5 >= 128 && letters.iter().all(|one| LETTERS.contains(one)));
            assert!(code.split('-').all(|group| group.len() == GROUP), "{code}");
            for (place, letter) in seen.iter_mut().zip(letters) {
                place.insert(letter);
            }
        }
        // No place of it says the same each time: 200 codes leave out few of 32 letters in any.
        assert!(seen.iter().all(|place| place.len() > 20));
        assert_eq!(BTreeSet::from(*LETTERS).len(), 32);

        let (code, now) = (&codes[0], Instant::now());
        let wide = |letter: char| match letter {
            '-' => '　',
            _ => char::from_u32(u32::from(letter) + 0xfee0).unwrap(),
        };
        for typed in [
            code.clone(),
            format!("  {} \n", code.to_lowercase()),
            code.replace('-', ""),
            code.replace('-', " – "),
            code.chars().map(wide).collect(),
        ] {
            let mut entry = Entry { code: code.clone(), wrong: 0, held: None, said: None };
            assert!(matches!(entry.tried(&typed, now).unwrap(), Tried::In(_)), "{typed}");
        }
        for wrong in [&code[..code.len() - 1], &format!("{code}2"), &code[5..]] {
            let mut entry = Entry { code: code.clone(), wrong: 0, held: None, said: None };
            assert_eq!(entry.tried(wrong, now).unwrap(), Tried::Wrong, "{wrong}");
        }
    }

    #[test]
    fn whoever_guesses_gets_another_code_to_guess() {
        let (mut entry, now) = (Entry::new().unwrap(), Instant::now());
        let code = entry.code.clone();
        for _ in 1..TRIES {
            assert_eq!(entry.tried("AAAA-AAAA", now).unwrap(), Tried::Wrong);
        }
        assert_eq!(entry.tried("AAAA-AAAA", now).unwrap(), Tried::Anew);
        assert!(entry.code != code);
        assert_eq!(entry.tried(&code, now).unwrap(), Tried::Wrong);
    }
}
