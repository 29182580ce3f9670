//! Who is signed in. In memory: a restart signs everybody out. What the browser holds is worth nothing to whoever reads this
//! process's memory later, because only its SHA-256 is kept.

use super::Room;
use crate::exit::{CliError, Exit};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_chain::Digest;
use sealdock_console::{Frame, Lang, Me, words as w};
use sealdock_core::duty;
use sealdock_core::id::PersonId;
use sealdock_core::ports::{PortResult, Registers};
use sealdock_core::reading::{ByPin, Reading, by_pin, reading};
use sealdock_core::registry;
use sealdock_core::time::WallMs;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The browser's side. `__Host-` holds it to this origin; browsers take it over plain HTTP from loopback alone.
pub const COOKIE: &str = "__Host-sealdock";
/// The language that was chosen.
pub const LANGUAGE: &str = "__Host-sealdock-language";

/// A session ends so long after the last page.
const IDLE: Duration = Duration::from_secs(600);
/// And so long after it began, whatever happens: one shift.
const WHOLE: Duration = Duration::from_secs(8 * 3600);
/// Sessions at once; the oldest gives way.
const SESSIONS_MAX: usize = 200;
/// Of one person: nobody signs the others out by signing in.
const SESSIONS_OF_ONE_MAX: usize = 4;

/// What a session began with. It lasts no longer than that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    /// Entry that set the PIN of that time.
    pub pin_seq: Option<u64>,
    /// Entry that added the passkey that was shown; none: the PIN was.
    pub passkey: Option<u64>,
}

impl By {
    #[cfg(test)]
    pub fn pin(pin_seq: Option<u64>) -> By {
        By { pin_seq, passkey: None }
    }

    /// Does it count for this person, as they stand in the registers now? Whoever has left, or has another PIN, or of whom the
    /// passkey is gone, is not signed in.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn counts(self, registers: &dyn Registers, person: &PersonId) -> PortResult<bool> {
        let now = registry::person(registers, person)?;
        if now.is_none_or(|now| now.retired || now.pin_seq != self.pin_seq) {
            return Ok(false);
        }
        self.passkey.map_or(Ok(true), |key| duty::passkey_stands(registers, key, person))
    }

    /// How far it opens the desk: a passkey wholly, a PIN as far as the unit's policy lets it.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn opens(
        self,
        registers: &dyn Registers,
        person: &PersonId,
        at: WallMs,
    ) -> PortResult<ByPin> {
        match self.passkey {
            Some(_) => Ok(ByPin::Open),
            None => Ok(in_this_build(by_pin(registers, person, at)?, cfg!(feature = "passkeys"))),
        }
    }
}

/// Where no passkey can be added, nobody is let in to add one.
fn in_this_build(opens: ByPin, passkeys: bool) -> ByPin {
    match opens {
        ByPin::FirstPasskey if !passkeys => ByPin::Closed,
        other => other,
    }
}

struct Session {
    person: PersonId,
    by: By,
    /// In every form of it.
    token: String,
    begun: Instant,
    last: Instant,
}

/// What forms came to, each told once: a page that answers a form itself would send it, PIN and all, again when it is loaded
/// again.
#[derive(Default)]
pub struct Sayings(Mutex<VecDeque<Saying>>);

struct Saying {
    name: String,
    whose: String,
    said: (bool, String),
}

/// Untold ones at once; the oldest gives way.
const SAYINGS_MAX: usize = 1000;
/// Of one person, or of all at one form who are not signed in: nobody drives out what others have not read yet.
const SAYINGS_OF_ONE_MAX: usize = 100;

impl Sayings {
    /// Keeps it for the page at `to`, and says where that page is. Whoever is not `me` shares with others like them; those at
    /// the kiosk do not share with those at the form for signing in, which other machines reach.
    ///
    /// # Errors
    /// The kernel gives no randomness.
    pub fn at(
        &self,
        to: &str,
        me: Option<&PersonId>,
        said: (bool, String),
    ) -> Result<String, CliError> {
        let name = random()?;
        let form = || format!("/{}", to.split(['/', '?']).nth(1).unwrap_or_default());
        let whose = me.map_or_else(form, PersonId::to_string);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |saying: &Saying| saying.whose == whose;
        if all.iter().filter(|saying| own(saying)).count() >= SAYINGS_OF_ONE_MAX
            && let Some(oldest) = all.iter().position(own)
        {
            all.remove(oldest);
        }
        if all.len() >= SAYINGS_MAX {
            all.pop_front();
        }
        all.push_back(Saying { name: name.clone(), whose, said });
        Ok(format!("{to}{}said={name}", if to.contains('?') { '&' } else { '?' }))
    }

    pub fn take(&self, name: &str) -> Option<(bool, String)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|saying| saying.name == name)?;
        all.remove(at).map(|saying| saying.said)
    }
}

/// Names one saying in an address.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct Told {
    pub said: String,
}

/// All sessions, by the SHA-256 of what the browser holds.
pub struct SignedIn {
    /// Desk or kiosk, for the log.
    place: &'static str,
    all: Mutex<HashMap<Digest, Session>>,
    idle: Duration,
    whole: Duration,
}

/// At the desk.
impl Default for SignedIn {
    fn default() -> SignedIn {
        SignedIn::lasting("desk", IDLE, WHOLE)
    }
}

/// 32 random bytes as text.
///
/// # Errors
/// The kernel gives no randomness.
pub fn random() -> Result<String, CliError> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|e| CliError::new(Exit::Failed, format!("the kernel gives no randomness: {e}")))?;
    Ok(Digest(bytes).to_string())
}

impl SignedIn {
    /// Sessions that end `idle` after the last page, and `whole` after they began.
    pub fn lasting(place: &'static str, idle: Duration, whole: Duration) -> SignedIn {
        SignedIn { place, all: Mutex::default(), idle, whole }
    }

    /// Into the daemon's log; a wrong PIN is an entry.
    fn note(&self, person: &PersonId, what: &str) {
        tracing::info!(%person, place = self.place, "{what}");
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Session>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, session: &Session, now: Instant) -> bool {
        now.duration_since(session.last) > self.idle
            || now.duration_since(session.begun) > self.whole
    }

    /// What the browser is to hold.
    ///
    /// # Errors
    /// The kernel gives no randomness.
    pub fn begin(&self, person: PersonId, by: By, now: Instant) -> Result<String, CliError> {
        let (held, token) = (random()?, random()?);
        let mut all = self.lock();
        all.retain(|_, session| {
            let over = self.is_over(session, now);
            if over {
                self.note(&session.person, "a session ended by itself");
            }
            !over
        });
        let own = |s: &Session| s.person == person;
        if all.values().filter(|s| own(s)).count() >= SESSIONS_OF_ONE_MAX
            && let Some(oldest) =
                all.iter().filter(|(_, s)| own(s)).min_by_key(|(_, s)| s.last).map(|(key, _)| *key)
        {
            all.remove(&oldest);
            self.note(&person, "the oldest session gave way to another of the same person");
        }
        if all.len() >= SESSIONS_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, s)| s.last).map(|(key, _)| *key)
        {
            all.remove(&oldest);
        }
        self.note(&person, "signed in");
        all.insert(
            Digest::of(held.as_bytes()),
            Session { person, by, token, begun: now, last: now },
        );
        Ok(held)
    }

    pub fn end(&self, held: &str) {
        if let Some(session) = self.lock().remove(&Digest::of(held.as_bytes())) {
            self.note(&session.person, "a session was ended");
        }
    }

    /// Those of one person: how long ago each began, and its last page.
    pub fn of_person(&self, person: &PersonId, now: Instant) -> Vec<(Duration, Duration)> {
        let all = self.lock();
        let own = all.values().filter(|s| s.person == *person && !self.is_over(s, now));
        let mut times: Vec<_> =
            own.map(|s| (now.duration_since(s.begun), now.duration_since(s.last))).collect();
        times.sort();
        times
    }

    /// Ends all of them.
    pub fn end_of_person(&self, person: &PersonId) {
        let before = self.lock().len();
        self.lock().retain(|_, session| session.person != *person);
        if self.lock().len() < before {
            self.note(person, "all sessions of a person were ended");
        }
    }

    /// A page of the desk counts as use; the wall and the kiosk, which look again by themselves, do not.
    pub fn used(&self, held: &str, now: Instant) {
        if let Some(session) = self.lock().get_mut(&Digest::of(held.as_bytes())) {
            session.last = now;
        }
    }

    /// Person, what it began with, and form token, if the session still runs.
    pub fn of(&self, held: &str, now: Instant) -> Option<(PersonId, By, String)> {
        self.of_key(&Digest::of(held.as_bytes()), now)
    }

    fn of_key(&self, key: &Digest, now: Instant) -> Option<(PersonId, By, String)> {
        let mut all = self.lock();
        if self.is_over(all.get(key)?, now) {
            if let Some(session) = all.remove(key) {
                self.note(&session.person, "a session ended by itself");
            }
            return None;
        }
        let session = all.get(key)?;
        Some((session.person.clone(), session.by, session.token.clone()))
    }
}

/// Whoever asks for a page, signed in or not.
pub struct Reader {
    pub room: Arc<Room>,
    pub lang: Lang,
    /// Path and query of this page, for coming back.
    pub here: String,
    /// What the browser holds.
    pub held: Option<String>,
    pub me: Option<(PersonId, Me)>,
    /// Whoever came by a PIN alone where the unit demands a passkey of them, and has none yet. Nobody, to every page but those
    /// that [`Oneself`] asks for.
    pub bare: Option<(PersonId, Me)>,
}

impl Reader {
    /// Whoever this is, also by a PIN alone: for what is about their own PIN and passkeys, and nothing else.
    pub fn oneself(&self) -> Option<&(PersonId, Me)> {
        self.me.as_ref().or(self.bare.as_ref())
    }

    pub fn frame(&self) -> Frame {
        Frame {
            lang: self.lang,
            here: self.here.clone(),
            unit: self.room.unit.clone(),
            me: self.me.as_ref().map(|(_, me)| me.clone()),
        }
    }

    /// Does a form carry the token of this very session?
    pub fn wrote(&self, token: &str) -> bool {
        // Both are ours and random; how long a comparison takes tells nothing that could be tried out.
        self.oneself().is_some_and(|(_, me)| !token.is_empty() && me.token == token)
    }
}

pub fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let lines = parts.headers.get_all(header::COOKIE).iter();
    let pairs = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let mut values = pairs.filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    });
    let first = values.next()?;
    // Two of one name are somebody's trick.
    values.next().is_none().then_some(first)
}

/// The session as it stands in the registers now, and how far it opens the desk.
fn me(room: &Room, held: &str) -> Result<Option<(PersonId, Me, ByPin)>, CliError> {
    let Some((id, by, token)) = room.signed.of(held, Instant::now()) else { return Ok(None) };
    let view = room.open.station.world().ledger.view()?;
    let at = room.open.station.world().clock.now();
    let counts = by.counts(&*view, &id)?;
    let opens = by.opens(&*view, &id, at.wall)?;
    let person = registry::person(&*view, &id)?;
    let Some(person) = person.filter(|_| counts && opens != ByPin::Closed) else {
        room.signed.end(held);
        return Ok(None);
    };
    let reads_all = opens == ByPin::Open && reading(&*view, &id, at.wall)? == Reading::All;
    let waiting = match reads_all {
        true => {
            super::approvals::waiting(&*view, &at, &id)?
                + super::heads::waits(&*view, &at, &id)?.len()
        }
        false => 0,
    };
    let me = Me { person: person.id.to_string(), name: person.name, token, reads_all, waiting };
    Ok(Some((id, me, opens)))
}

/// Does the session whose key this is still run, for that person, does what it began with still count, and is that enough?
///
/// # Errors
/// The registers cannot be read.
pub fn still(room: &Room, key: &Digest, person: &PersonId) -> Result<bool, CliError> {
    let Some((id, by, _)) = room.signed.of_key(key, Instant::now()) else { return Ok(false) };
    let view = room.open.station.world().ledger.view()?;
    let now = room.open.station.world().clock.now().wall;
    let stands = id == *person && by.counts(&*view, &id)?;
    Ok(stands && by.opens(&*view, &id, now)? == ByPin::Open)
}

impl<S: Send + Sync> FromRequestParts<S> for Reader
where
    Arc<Room>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Reader, Response> {
        let room = Arc::<Room>::from_ref(state);
        let lang = Lang::parse(&cookie(parts, LANGUAGE).unwrap_or_default());
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let held = cookie(parts, COOKIE);
        let signed = match held.clone() {
            Some(held) => room.aside(move |room| me(room, &held)).await,
            None => Ok(None),
        };
        let nobody = Reader { room, lang, here, held, me: None, bare: None };
        match signed {
            Ok(Some((id, me, ByPin::Open))) => Ok(Reader { me: Some((id, me)), ..nobody }),
            Ok(Some((id, me, ByPin::FirstPasskey))) => {
                Ok(Reader { bare: Some((id, me)), ..nobody })
            }
            Ok(Some((_, _, ByPin::Closed)) | None) => Ok(nobody),
            Err(e) => Err(nobody.failed(&e)),
        }
    }
}

/// Whoever is signed in; else they are asked to.
pub struct Desk(pub Reader);

impl<S: Send + Sync> FromRequestParts<S> for Desk
where
    Arc<Room>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Desk, Response> {
        at_desk(Reader::from_request_parts(parts, state).await?, parts).map(Desk)
    }
}

#[allow(clippy::result_large_err, reason = "an answer is what the error is")]
fn at_desk(reader: Reader, parts: &Parts) -> Result<Reader, Response> {
    let Some((person, _)) = &reader.me else {
        return Err(match &reader.bare {
            // Nothing but the first passkey, whatever was asked for.
            Some(_) => reader.off_to("/pin", (false, reader.lang.t(w::passkey::FIRST).to_owned())),
            None => Redirect::to(&format!("/sign-in?to={}", escaped(&reader.here))).into_response(),
        });
    };
    if let Some(held) = &reader.held {
        reader.room.signed.used(held, Instant::now());
    }
    // Who read which page; what was looked for is in the query and stays out.
    let (method, page) = (&parts.method, parts.uri.path());
    tracing::info!(%person, %method, page, "a page of the desk");
    Ok(reader)
}

/// Whoever is signed in, also by a PIN alone where the unit demands a passkey: for one's own PIN, passkeys and sessions.
pub struct Oneself {
    pub reader: Reader,
    /// By the PIN alone: nothing beside them is done.
    pub bare: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Oneself
where
    Arc<Room>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Oneself, Response> {
        let mut reader = Reader::from_request_parts(parts, state).await?;
        let bare = reader.bare.take();
        let is_bare = bare.is_some();
        reader.me = reader.me.or(bare);
        Ok(Oneself { reader: at_desk(reader, parts)?, bare: is_bare })
    }
}

/// Whoever reads every register; others get no such page.
pub struct Office(pub Reader);

impl<S: Send + Sync> FromRequestParts<S> for Office
where
    Arc<Room>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Office, Response> {
        let Desk(reader) = Desk::from_request_parts(parts, state).await?;
        match reader.me.as_ref().is_some_and(|(_, me)| me.reads_all) {
            true => Ok(Office(reader)),
            false => {
                if let Some((person, _)) = &reader.me {
                    tracing::warn!(%person, page = parts.uri.path(), "a page was refused: no duty that reads it");
                }
                Err(reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404"))
            }
        }
    }
}

/// For the value of a query.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// An address of ours that came back from a browser, else the wall: nobody is led elsewhere.
pub fn local(to: &str) -> &str {
    let plain = to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if plain && to.starts_with('/') && !to.starts_with("//") { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> PersonId {
        "p1".parse().unwrap()
    }

    #[test]
    fn a_session_ends_idle_after_a_shift_and_when_it_is_ended() {
        let (all, start) = (SignedIn::default(), Instant::now());
        let by = By { pin_seq: Some(4), passkey: Some(9) };
        let held = all.begin(person(), by, start).unwrap();
        assert_eq!(all.of(&held, start).map(|(who, by, _)| (who, by)), Some((person(), by)));
        assert!(all.of("another", start).is_none() && all.of("", start).is_none());
        let idle = start + IDLE + Duration::from_secs(1);
        assert!(all.of(&held, idle).is_none(), "nobody was there");
        assert!(all.of(&held, start).is_none(), "what is over stays over");

        let held = all.begin(person(), By::pin(None), start).unwrap();
        let mut now = start;
        while now < start + WHOLE {
            assert!(all.of(&held, now).is_some());
            all.used(&held, now);
            now += IDLE / 2;
        }
        assert!(all.of(&held, now + Duration::from_secs(1)).is_none(), "a shift is over");

        let held = all.begin(person(), By::pin(None), start).unwrap();
        assert!(all.of(&held, start + IDLE / 2).is_some());
        assert!(all.of(&held, idle).is_none(), "looking is no use");

        let held = all.begin(person(), By::pin(None), start).unwrap();
        all.end(&held);
        assert!(all.of(&held, start).is_none());
    }

    #[test]
    fn what_is_kept_is_not_what_the_browser_holds_and_no_two_are_alike() {
        let (all, now) = (SignedIn::default(), Instant::now());
        let one = all.begin(person(), By::pin(None), now).unwrap();
        let two = all.begin(person(), By::pin(None), now).unwrap();
        assert!(one.len() == 64 && one != two);
        let (token_one, token_two) = (all.of(&one, now).unwrap().2, all.of(&two, now).unwrap().2);
        assert!(token_one != token_two && token_one != one);
        assert!(all.lock().keys().all(|key| key.to_string() != one));
    }

    #[test]
    fn the_number_of_sessions_is_bounded_and_the_oldest_gives_way() {
        let (all, start) = (SignedIn::default(), Instant::now());
        let first = all.begin(person(), By::pin(None), start).unwrap();
        let later = |n: usize| start + Duration::from_millis(1 + n as u64);
        for n in 0..SESSIONS_OF_ONE_MAX {
            all.begin("p2".parse().unwrap(), By::pin(None), later(n)).unwrap();
            all.begin("p2".parse().unwrap(), By::pin(None), later(n)).unwrap();
        }
        assert_eq!(all.lock().len(), 1 + SESSIONS_OF_ONE_MAX, "nobody signs others out");
        assert!(all.of(&first, start).is_some());
        for n in 0..SESSIONS_MAX {
            all.begin(format!("q{n}").parse().unwrap(), By::pin(None), later(n)).unwrap();
        }
        assert_eq!(all.lock().len(), SESSIONS_MAX);
        assert!(all.of(&first, start).is_none());
    }

    #[test]
    fn where_no_passkey_can_be_added_nobody_is_let_in_to_add_one() {
        for (found, with, without) in [
            (ByPin::Open, ByPin::Open, ByPin::Open),
            (ByPin::FirstPasskey, ByPin::FirstPasskey, ByPin::Closed),
            (ByPin::Closed, ByPin::Closed, ByPin::Closed),
        ] {
            assert_eq!((in_this_build(found, true), in_this_build(found, false)), (with, without));
        }
    }

    #[test]
    fn a_saying_is_told_once() {
        let all = Sayings::default();
        let to = all.at("/uses", None, (true, "entry 7".into())).unwrap();
        let name = to.strip_prefix("/uses?said=").unwrap();
        assert_eq!(all.take(name), Some((true, "entry 7".into())));
        assert_eq!(all.take(name), None);
        let to = all.at("/a?b=c", None, (true, String::new())).unwrap();
        assert!(to.starts_with("/a?b=c&said="));
    }

    #[test]
    fn whoever_makes_many_sayings_drives_out_their_own_oldest_and_nobody_elses() {
        let all = Sayings::default();
        let keep = |to: &str, me: Option<&PersonId>, what: usize| {
            let to = all.at(to, me, (true, what.to_string())).unwrap();
            to.split_once("said=").unwrap().1.to_owned()
        };
        let (mine, kiosk) =
            (keep("/uses", Some(&person()), 1), keep("/kiosk/who?to=take", None, 2));
        let strangers: Vec<String> =
            (0..SAYINGS_MAX * 3).map(|n| keep(&format!("/sign-in?to={n}"), None, n)).collect();
        assert_eq!(all.0.lock().unwrap().len(), SAYINGS_OF_ONE_MAX + 2);
        assert_eq!(all.take(&mine), Some((true, "1".into())));
        assert_eq!(all.take(&kiosk), Some((true, "2".into())));
        let last = strangers.len() - SAYINGS_OF_ONE_MAX;
        assert!(strangers[..last].iter().all(|name| all.take(name).is_none()));
        assert!(strangers[last..].iter().all(|name| all.take(name).is_some()));

        for n in 0..SAYINGS_MAX + 5 {
            keep("/uses", Some(&format!("p{}", n % 20).parse().unwrap()), n);
        }
        let kept = all.0.lock().unwrap();
        assert_eq!((kept.len(), kept[0].said.1.as_str()), (SAYINGS_MAX, "5"), "the oldest goes");
    }

    #[test]
    fn nobody_is_led_elsewhere() {
        for own in ["/", "/clips?day=2026-11-21&marked=1", "/clips/C12"] {
            assert_eq!(local(own), own);
        }
        for evil in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
            "/a\r\nSet-Cookie:x",
        ] {
            assert_eq!(local(evil), "/", "{evil}");
        }
        assert_eq!(escaped("/clips?a=b&c"), "%2Fclips%3Fa%3Db%26c");
    }
}
