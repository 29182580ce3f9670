//! Witnesses of this station (`docs/design/witness.md`): what they are asked, and what they have cosigned. Whom to ask and to
//! believe is the policy that the unit put there.

use super::{age_s, human, shelf};
use crate::answer::Answer;
use crate::execute::sentence::{Sentence, length};
use crate::execute::{civil, zone};
use crate::exit::{CliError, Exit};
use crate::request::BroughtBack;
use crate::wire::Open;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::policy::{Witness, WitnessPolicy};
use sealdock_core::naming;
use sealdock_core::says;
use sealdock_core::why::Why;
use sealdock_store::anchors::{Anchored, Anchors};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where the policy lies in the station.
pub const POLICY: &str = "anchors/witness-policy";

/// Sizes that were said and that a witness is asked from, beside what it cosigned last.
const HEARD_MAX: usize = 2;

/// A head with the cosignatures on it that the policy believes.
pub struct Cosigned {
    pub head: SignedCheckpoint,
    /// Labels of the policy, and when each cosigned, in seconds since 1970 by its own clock.
    pub by: BTreeMap<String, u64>,
}

impl Cosigned {
    pub fn size(&self) -> u64 {
        self.head.checkpoint().size
    }

    /// By when a quorum had cosigned it, if one has: the earliest such time.
    pub fn quorum_at(&self, policy: &WitnessPolicy) -> Option<u64> {
        if policy.asks_nobody() {
            return None;
        }
        let mut times: Vec<u64> = self.by.values().copied().collect();
        times.sort_unstable();
        times.into_iter().find(|at| {
            let until = self.by.iter().filter(|(_, time)| *time <= at);
            policy.met(&until.map(|(label, _)| label.as_str()).collect())
        })
    }
}

/// A request to one witness.
pub struct Asking {
    pub witness: Witness,
    pub growth: Growth,
}

/// The policy in force; none where the unit has put none there.
pub fn policy(shelf: &Anchors) -> Result<Option<WitnessPolicy>, CliError> {
    let Some(bytes) = shelf.policy()? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    WitnessPolicy::parse(&text).map(Some).map_err(|e| {
        let text = format!("{POLICY} of the station is not usable: {e}; put one there with `sealdock anchor witnesses FILE`");
        CliError::new(Exit::Stopped, text)
    })
}

/// May a witness be asked at this address? By TLS, or on this very machine: what is sent is signed and no secret, but whoever sits
/// on the way would read which record grows and when, and could keep the answer back.
///
/// # Errors
/// Why not, and what to write instead.
pub fn private_address(url: &str) -> Result<(), &'static str> {
    const TLS: &str = "what leaves this machine goes by TLS: write an address that begins with https:// (http:// only for 127.0.0.1, [::1] or localhost)";
    // As the client that asks reads it.
    let Ok(read) = url.parse::<axum::http::Uri>() else {
        return Err("it is no address of a witness: write one like https://witness.example/");
    };
    let host = read.host().unwrap_or_default();
    match read.scheme_str() {
        Some("https") if !host.is_empty() => Ok(()),
        Some("http") if is_loopback(host) => Ok(()),
        Some("http") => Err(TLS),
        _ => Err("it is no address of a witness: write one like https://witness.example/"),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback())
}

/// Puts a policy there after it was read.
pub fn adopt(open: &Open, text: &str) -> Result<Answer, CliError> {
    let policy =
        WitnessPolicy::parse(text).map_err(|e| CliError::new(Exit::Refused, e.to_string()))?;
    let own = open.station.log_key(u64::MAX)?;
    let logs = policy.logs();
    if !logs.is_empty() && !logs.contains(&own) {
        let text = format!(
            "the policy names the keys of its records, and this one's is not among them: add the line `log {own}`, or leave out \
             the `log` lines"
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    if policy.witnesses().iter().any(|witness| witness.key.public() == own.public()) {
        let text = "the policy names this station's own key as a witness: nobody is a witness of themselves";
        return Err(CliError::new(Exit::Refused, text));
    }
    for witness in policy.witnesses() {
        let Some(url) = &witness.url else { continue };
        private_address(url).map_err(|why| {
            let (label, url) = (naming::inert(&witness.label), naming::inert(url));
            CliError::new(Exit::Refused, format!("witness {label} is not asked at {url}: {why}"))
        })?;
    }
    let changed = shelf(open).put_policy(text.as_bytes())?;
    let rows = policy.witnesses().iter().map(|witness| {
        let url = witness.url.clone().unwrap_or_else(|| "信使 by courier".into());
        vec![naming::inert(&witness.label), witness.key.to_string(), naming::inert(&url)]
    });
    let names = policy.witnesses().iter();
    let names =
        names.map(|w| json!({ "witness": w.label, "vkey": w.key.to_string(), "url": w.url }));
    let json = json!({
        "witnesses": names.collect::<Vec<_>>(), "asks_nobody": policy.asks_nobody(), "changed": changed,
    });
    let how = if changed { "见证人 witnesses put in force" } else { "已有 already so" };
    let answer = Answer::new(json).line(how);
    let answer = match policy.asks_nobody() {
        true => {
            answer.line("quorum none: cosignatures are kept, and none of them anchors anything")
        }
        false => answer,
    };
    Ok(answer.table(&["witness", "key", "asked"], rows.collect(), "no witness"))
}

/// Every head of which witnesses of the policy have cosigned, by size.
pub fn cosigned(
    open: &Open,
    policy: &WitnessPolicy,
    all: &[Anchored],
) -> Result<Vec<Cosigned>, CliError> {
    let mut found = Vec::new();
    for anchored in all {
        let Some(note) = &anchored.cosigned else { continue };
        let spoiled = |why: String| {
            let text = format!(
                "anchors/{}/checkpoint.cosigned of the station is not what was taken: {why}; restore it from a backup, \
                 or remove it and ask the witnesses again",
                anchored.size
            );
            CliError::new(Exit::Stopped, text)
        };
        let head = opened(open, anchored.size, note).map_err(spoiled)?;
        let mut by = BTreeMap::new();
        for witness in policy.witnesses() {
            let time = witness.key.cosigned(&head).map_err(|e| spoiled(e.to_string()))?;
            by.extend(time.map(|time| (witness.label.clone(), time)));
        }
        if !by.is_empty() {
            found.push(Cosigned { head, by });
        }
    }
    Ok(found)
}

/// A note of this record under its key of that time.
fn opened(open: &Open, size: u64, note: &[u8]) -> Result<SignedCheckpoint, String> {
    let text = std::str::from_utf8(note).map_err(|_| "it is no text".to_owned())?;
    let key = open.station.log_key(size).map_err(|e| e.to_string())?;
    let head = SignedCheckpoint::open(text, &key).map_err(|e| e.to_string())?;
    match head.checkpoint().size == size {
        true => Ok(head),
        false => Err(format!("it is of {} entries", head.checkpoint().size)),
    }
}

/// The largest head that each witness has cosigned.
pub fn reached(cosigned: &[Cosigned]) -> BTreeMap<String, u64> {
    let mut reached = BTreeMap::new();
    for one in cosigned {
        for label in one.by.keys() {
            let size = reached.entry(label.clone()).or_insert(0);
            *size = one.size().max(*size);
        }
    }
    reached
}

/// What each witness is to be asked about the head of now: from what it cosigned last, and from each size that it said
/// since, for an answer of it may have been lost. None for one that has cosigned this very head.
pub fn askings(open: &Open, only: Option<&str>) -> Result<Vec<Asking>, CliError> {
    let shelf = shelf(open);
    let Some(policy) = policy(&shelf)? else { return Ok(Vec::new()) };
    let cosigned = cosigned(open, &policy, &shelf.all()?)?;
    let reached = reached(&cosigned);
    let size = open.station.world().ledger.view()?.head()?.checkpoint().size;
    if let Some(most) = reached.values().max().filter(|most| **most > size) {
        return Err(CliError::new(Exit::Stopped, super::said::shrunk(*most, size).to_string()));
    }
    let heard = super::said::heard(&shelf)?;
    let mut wanted: Vec<(&Witness, u64)> = Vec::new();
    for witness in policy.witnesses() {
        let last = reached.get(&witness.label).copied().unwrap_or(0);
        if last == size || only.is_some_and(|only| only != witness.label) {
            continue;
        }
        let of =
            |said: &&super::said::Said| said.witness.as_ref().is_none_or(|w| *w == witness.label);
        let sizes = heard.iter().filter(of).filter_map(|said| said.size);
        let mut from: BTreeSet<u64> = sizes.filter(|said| *said > last && *said <= size).collect();
        // The newest are the likeliest, and one that never answers is not asked from every size that others had.
        while from.len() > HEARD_MAX {
            from.pop_first();
        }
        from.insert(last);
        wanted.extend(from.into_iter().map(|old| (witness, old)));
    }
    let from: Vec<u64> = wanted.iter().map(|(_, old)| *old).collect();
    let growths = open.station.growths(&from)?;
    let with = wanted.into_iter().zip(growths);
    Ok(with.map(|((witness, _), growth)| Asking { witness: witness.clone(), growth }).collect())
}

/// The head that askings are about is durable before any of them goes out.
pub fn keep_head(shelf: &Anchors, askings: &[Asking]) -> Result<(), CliError> {
    for asking in askings {
        let (_, size) = sizes(&asking.growth);
        shelf.keep_head(size, asking.growth.note().as_bytes())?;
    }
    Ok(())
}

/// A cosignature that came back.
pub struct Taken {
    pub size: u64,
    pub label: String,
    pub at: u64,
    pub changed: bool,
}

/// Signature lines against every head that was asked for. What the policy does not know is passed over.
///
/// # Errors
/// A sentence that says why nothing of it can be kept.
pub fn take_lines(
    open: &Open,
    policy: &WitnessPolicy,
    lines: &str,
) -> Result<Vec<Taken>, Result<String, CliError>> {
    let shelf = shelf(open);
    let mut taken = Vec::new();
    let mut bad = None;
    for line in lines.split_terminator('\n') {
        let all = shelf.all().map_err(|e| Err(e.into()))?;
        let mut heads = Vec::new();
        for anchored in &all {
            // One that is no head of this record is found by `check` and by `export`; here it takes no cosignature.
            heads.extend(opened(open, anchored.size, &anchored.head).map(|head| (anchored, head)));
        }
        match found(policy, line, &heads) {
            Ok(Some((anchored, label, at))) => {
                let changed = keep(open, policy, (anchored, &label), line)?;
                taken.push(Taken { size: anchored.size, label, at, changed });
            }
            Ok(None) => {}
            Err(why) => bad = Some(why),
        }
    }
    match (taken.is_empty(), bad) {
        (false, _) => Ok(taken),
        (true, Some(why)) => Err(Ok(why)),
        (true, None) => Err(Ok(format!("no line of it is by a witness in {POLICY}"))),
    }
}

type Found<'a> = (&'a Anchored, String, u64);

/// Which witness signed which head, the newest first.
fn found<'a>(
    policy: &WitnessPolicy,
    line: &str,
    heads: &[(&'a Anchored, SignedCheckpoint)],
) -> Result<Option<Found<'a>>, String> {
    let mut bad = None;
    for (anchored, head) in heads.iter().rev() {
        let with = head.with_lines(&format!("{line}\n")).map_err(|e| e.to_string())?;
        for witness in policy.witnesses() {
            match witness.key.cosigned(&with) {
                Ok(Some(at)) => return Ok(Some((*anchored, witness.label.clone(), at))),
                Ok(None) => {}
                Err(_) => {
                    bad = Some(format!(
                        "the line of {} is no cosignature of a head that this station asked about",
                        naming::inert(witness.key.name())
                    ));
                }
            }
        }
    }
    bad.map_or(Ok(None), Err)
}

/// `false`: that witness has cosigned that head already, and the earlier time is the better one.
fn keep(
    open: &Open,
    policy: &WitnessPolicy,
    (anchored, label): (&Anchored, &str),
    line: &str,
) -> Result<bool, Result<String, CliError>> {
    let note = anchored.cosigned.as_ref().unwrap_or(&anchored.head);
    let failed = |why: String| Ok(format!("anchors/{}: {why}", anchored.size));
    let head = opened(open, anchored.size, note).map_err(failed)?;
    let key = policy.witnesses().iter().find(|witness| witness.label == label);
    if key.is_some_and(|witness| matches!(witness.key.cosigned(&head), Ok(Some(_)))) {
        return Ok(false);
    }
    let with = head.with_lines(&format!("{line}\n")).map_err(|e| failed(e.to_string()))?;
    let kept = shelf(open).keep_cosigned(anchored.size, with.note().as_bytes());
    kept.map(|()| true).map_err(|e| Err(e.into()))
}

/// Rows and facts of every cosigned head, and the newest quorum.
pub fn listed(open: &Open, all: &[Anchored]) -> Result<(Vec<Vec<String>>, Value, Value), CliError> {
    let Some(policy) = policy(&shelf(open))? else {
        return Ok((Vec::new(), json!([]), Value::Null));
    };
    let cosigned = cosigned(open, &policy, all)?;
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for one in &cosigned {
        let quorum = one.quorum_at(&policy);
        for (label, at) in &one.by {
            let word = if quorum.is_some() { "见证数已足 quorum" } else { "" };
            rows.push(vec![
                one.size().to_string(),
                naming::inert(label),
                moment(open, *at)?,
                word.to_owned(),
            ]);
        }
        let by = one.by.iter().map(|(label, at)| json!({ "witness": label, "at": utc(*at) }));
        let by: Vec<Value> = by.collect();
        list.push(json!({ "size": one.size(), "by": by, "quorum": quorum.is_some() }));
    }
    let newest = newest(&policy, &cosigned);
    let age = newest.map_or(Value::Null, |(_, at)| json!(age_s(open, at)));
    Ok((rows, json!(list), age))
}

/// Size and time of the largest head with a quorum.
pub fn newest(policy: &WitnessPolicy, cosigned: &[Cosigned]) -> Option<(u64, u64)> {
    let quorums = cosigned.iter().rev();
    quorums.filter_map(|one| Some((one.size(), one.quorum_at(policy)?))).next()
}

/// When the newest quorum had cosigned, whatever its size.
pub fn newest_at(open: &Open, all: &[Anchored]) -> Result<Option<u64>, CliError> {
    let Some(policy) = policy(&shelf(open))? else { return Ok(None) };
    let cosigned = cosigned(open, &policy, all)?;
    Ok(cosigned.iter().filter_map(|one| one.quorum_at(&policy)).max())
}

/// How the witnesses stand.
#[derive(Default)]
pub struct Brief {
    /// What they have cosigned; nothing where the unit asks no witness.
    pub newest: Option<Sentence>,
    /// What speaks against this station.
    pub alarms: Vec<Why>,
    /// For scripts.
    pub facts: Value,
}

impl Brief {
    /// As `status` says it.
    pub fn lines(self) -> Vec<String> {
        let newest = self.newest.map(|newest| newest.to_string());
        let alarms = self.alarms.iter().map(|alarm| format!("报警 alarm: {alarm}"));
        newest.into_iter().chain(alarms).collect()
    }
}

/// For `status` and for pages. What cannot be read does not keep the rest from being shown.
pub fn in_brief(open: &Open) -> Brief {
    briefly(open).unwrap_or_else(|e| Brief {
        newest: Some(Sentence::from(says!(
            "见证记录读不出；请在本机运行 sealdock anchor list 查看原因",
            "witnesses: {e}"
        ))),
        alarms: Vec::new(),
        facts: json!({ "error": e.message }),
    })
}

fn briefly(open: &Open) -> Result<Brief, CliError> {
    let shelf = shelf(open);
    let Some(policy) = policy(&shelf)? else { return Ok(Brief::default()) };
    let cosigned = cosigned(open, &policy, &shelf.all()?)?;
    let size = open.station.world().ledger.view()?.head()?.checkpoint().size;
    let alarms = super::said::alarms(&shelf, (&policy, &cosigned), size)?;
    let (newest, mut facts) = match newest(&policy, &cosigned) {
        _ if policy.asks_nobody() => (None, json!({})),
        None => (
            Some(says!("见证人：签名的还不足所需数", "witnesses: no quorum has cosigned yet")),
            json!({}),
        ),
        Some((size, at)) => {
            let age = age_s(open, at);
            let (chinese, english) = (length(age), human(age));
            let text = says!(
                "见证人：已足数见证前 {size} 条记录，{chinese}前",
                "witnesses: a quorum has cosigned the first {size} entries, {english} ago"
            );
            (Some(text), json!({ "size": size, "at": utc(at), "age_s": age }))
        }
    };
    facts["alarms"] = json!(alarms);
    let newest = newest.map(|newest| Sentence::marked("见证", newest));
    Ok(Brief { newest, alarms, facts })
}

pub fn moment(open: &Open, at: u64) -> Result<String, CliError> {
    Ok(civil(zone(open)?, &utc(at)))
}

/// RFC 3339; a time no calendar has as the number that it is.
pub fn utc(at: u64) -> String {
    let second = i64::try_from(at).ok().and_then(|at| jiff::Timestamp::from_second(at).ok());
    second.map_or_else(|| at.to_string(), |at| at.to_string())
}

/// What one thing that came back is, by what stands in it.
pub enum Brought<'a> {
    Lines(&'a str),
    Size(u64),
    Refused { code: u16, why: String },
    Stamp,
}

impl<'a> Brought<'a> {
    pub fn of(brought: &'a BroughtBack) -> Brought<'a> {
        let Ok(text) = std::str::from_utf8(&brought.bytes) else { return Brought::Stamp };
        if text.starts_with('\u{2014}') {
            return Brought::Lines(text);
        }
        if let Some(size) = text.strip_suffix('\n').and_then(size) {
            return Brought::Size(size);
        }
        match text.split_once(' ').and_then(|(code, why)| Some((code.parse().ok()?, why))) {
            Some((code @ 400..600, why)) => {
                Brought::Refused { code, why: naming::inert(why.trim_end()) }
            }
            _ => Brought::Stamp,
        }
    }
}

fn size(text: &str) -> Option<u64> {
    let size: u64 = text.parse().ok()?;
    (size.to_string() == text).then_some(size)
}

/// What a request is about, for its name on a stick: the size that it grew from, and that of its head.
pub fn sizes(growth: &Growth) -> (u64, u64) {
    let new = growth.note().split('\n').nth(1).and_then(|size| size.parse().ok());
    (growth.old(), new.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, bytes: &[u8]) -> String {
        let brought =
            BroughtBack { name: name.into(), bytes: bytes.into(), ..BroughtBack::default() };
        match Brought::of(&brought) {
            Brought::Lines(_) => "lines".into(),
            Brought::Size(size) => format!("size {size}"),
            Brought::Refused { code, why } => format!("refused {code} {why}"),
            Brought::Stamp => "stamp".into(),
        }
    }

    #[test]
    fn what_came_back_is_told_by_its_content_and_not_by_its_name() {
        assert_eq!(of("x.tsr", "\u{2014} w AAAA\n".as_bytes()), "lines");
        assert_eq!(of("x.cosig", b"700\n"), "size 700");
        for bytes in [&b"0700\n"[..], b"+7\n", b"700", b"7 \n", b"99999999999999999999\n", b""] {
            assert_eq!(of("x.409", bytes), "stamp", "{bytes:?}");
        }
        assert_eq!(
            of("x.tsr", b"422 w1: history was\x1b[2K rewritten\n").split(' ').next(),
            Some("refused")
        );
        assert!(!of("x.tsr", b"422 w1: was\x1b[2K rewritten\n").contains('\u{1b}'));
        assert_eq!(of("x.refused", b"200 w1: fine\n"), "stamp");
        assert_eq!(of("x.cosig", &[0x30, 0x82, 0xff]), "stamp");
    }

    /// Three witnesses, two of whom are the quorum.
    #[test]
    fn a_quorum_is_as_old_as_the_witness_that_made_it_one() {
        use sealdock_chain::note::{Checkpoint, VerifierKey};
        let secret = |seed| ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let public = |seed| secret(seed).verifying_key().to_bytes();
        let mut text = String::new();
        for seed in 1..=3 {
            let key =
                sealdock_chain::WitnessKey::new(format!("w.example/{seed}"), public(seed)).unwrap();
            text += &format!("witness w{seed} {key}\n");
        }
        let policy = |quorum: &str| WitnessPolicy::parse(&format!("{text}{quorum}\n")).unwrap();
        let root = sealdock_chain::Digest::ZERO;
        let head = Checkpoint { origin: "s.example/s".into(), size: 7, root };
        use ed25519_dalek::Signer as _;
        let signature = secret(9).sign(head.body().as_bytes()).to_bytes();
        let key = VerifierKey::new("s.example/s", public(9)).unwrap();
        let head = SignedCheckpoint::assemble(head, &key, signature).unwrap();
        let by = |times: &[(&str, u64)]| Cosigned {
            head: head.clone(),
            by: times.iter().map(|(label, at)| ((*label).to_owned(), *at)).collect(),
        };
        let two = policy("group q 2 w1 w2 w3\nquorum q");
        assert_eq!(by(&[("w1", 30)]).quorum_at(&two), None);
        assert_eq!(by(&[("w1", 30), ("w2", 10), ("w3", 20)]).quorum_at(&two), Some(20));
        assert_eq!(by(&[("w2", 10)]).quorum_at(&policy("quorum w2")), Some(10));
        assert_eq!(by(&[("w1", 30), ("w2", 10)]).quorum_at(&policy("quorum none")), None);
    }
}
