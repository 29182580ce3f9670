//! Passkeys: who has which, as long as which PIN. Signatures are verified at the edge; here stands what a verified one
//! counts for. `docs/design/passkeys.md`.

use super::decide::{allowed, plain_text, row_of};
use super::{Event, PASSKEY};
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::id::PersonId;
use crate::ports::{PortResult, Refusal, Registers};
use crate::registry::{self, damaged};
use crate::table::{Query, Row};
use crate::why;
use crate::why::{Both, Why};
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

/// Of one person at once.
pub const PASSKEYS_MAX: usize = 5;
/// Characters of a label.
const LABEL_MAX: usize = 40;
/// Characters of what is kept of a key; an RSA key of 4096 bits has some 700.
const KEY_MAX: usize = 1500;
/// Characters of an address of a form.
const FORM_MAX: usize = 200;

/// A passkey is a person's from now on, as long as they keep the PIN that they gave for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyAdded {
    pub person: PersonId,
    /// What the person calls it.
    pub label: String,
    /// Relying party: the name by which the browser calls the station.
    pub party: String,
    /// Credential id, base64url without padding.
    pub credential: String,
    /// Public key as COSE_Key (RFC 9052), base64url without padding.
    pub key: String,
    /// Who vouches for the authenticator: `none`, nobody is asked.
    pub attestation: String,
    /// The key may be copied to other devices by whoever made the authenticator.
    pub synced: bool,
    /// Signatures that it counts so far.
    pub counter: u32,
    /// The entry of the PIN that was given for it.
    pub pin: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyNamed {
    /// The entry that added it.
    pub passkey: u64,
    pub person: PersonId,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyRemoved {
    /// The entry that added it.
    pub passkey: u64,
    pub person: PersonId,
    /// Set when somebody else took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A passkey was shown instead of a PIN, and its user verified by it. What was asked for so is in the entries that follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyUsed {
    /// The entry that added it.
    pub passkey: u64,
    pub person: PersonId,
    /// Address of the form that it stood under.
    pub form: String,
    /// SHA-256 of that form, as it was shown to the station before it was signed.
    pub deed: Digest,
    pub counter: u32,
}

/// A passkey counted fewer signatures than were seen of it: somebody may hold a copy. It is void from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyCloned {
    /// The entry that added it.
    pub passkey: u64,
    pub person: PersonId,
    pub counter: u32,
    /// The count that was known.
    pub known: u32,
}

/// One passkey that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The entry that added it.
    pub seq: u64,
    pub person: PersonId,
    pub label: String,
    pub party: String,
    pub credential: String,
    pub key: String,
    pub synced: bool,
    pub counter: u32,
    /// The entry of the PIN that it counts with.
    pub pin: u64,
    /// When it was last shown.
    pub used: Option<String>,
    pub added: String,
}

fn of_row(row: &Row) -> PortResult<Passkey> {
    let person = row.text("person").parse();
    Ok(Passkey {
        seq: registry::seq(row),
        person: person.map_err(|e| damaged(&format!("passkey row: {e}")))?,
        label: row.text("label").to_owned(),
        party: row.text("party").to_owned(),
        credential: row.text("credential").to_owned(),
        key: row.text("public").to_owned(),
        synced: row.int("synced") == 1,
        counter: u32::try_from(row.int("counter")).unwrap_or(u32::MAX),
        pin: row.int("pin_seq").unsigned_abs(),
        used: row.text_opt("used").map(str::to_owned),
        added: row.text("added").to_owned(),
    })
}

/// Does it count? Not removed, no copy of it seen, and its owner is in the unit with the PIN that they gave for it: another PIN,
/// whoever chose it, ends every passkey of before.
fn counts(registers: &dyn Registers, row: &Row) -> PortResult<bool> {
    if row.int_opt("ended_seq").is_some() {
        return Ok(false);
    }
    let key = of_row(row)?;
    let person = registry::person(registers, &key.person)?.filter(|p| !p.retired);
    Ok(person.is_some_and(|p| pin_entry(&p) == row.int("pin_seq").unsigned_abs()))
}

fn pin_entry(person: &registry::Person) -> u64 {
    person.pin_seq.unwrap_or(person.enrolled_seq)
}

/// The passkeys of a person that count, oldest first.
///
/// # Errors
/// The registers cannot be read.
pub fn passkeys(registers: &dyn Registers, person: &PersonId) -> PortResult<Vec<Passkey>> {
    let mut all = Vec::new();
    for row in registers.select(&Query::all(&PASSKEY).with("person", person.as_str()))? {
        if counts(registers, &row)? {
            all.push(of_row(&row)?);
        }
    }
    Ok(all)
}

/// The passkey that an authenticator names, if it counts.
///
/// # Errors
/// The registers cannot be read.
pub fn passkey(
    registers: &dyn Registers,
    party: &str,
    credential: &str,
) -> PortResult<Option<Passkey>> {
    for row in registers.select(&Query::all(&PASSKEY).with("credential", credential))? {
        if row.text("party") == party && counts(registers, &row)? {
            return of_row(&row).map(Some);
        }
    }
    Ok(None)
}

/// Passkeys of which a copy was seen, and that nobody has replaced since: person, label, entry that says so.
///
/// # Errors
/// The registers cannot be read.
pub fn cloned(registers: &dyn Registers) -> PortResult<Vec<(PersonId, String, u64)>> {
    let mut all = Vec::new();
    for row in registers.select(&Query::all(&PASSKEY).with("cloned", 1i64))? {
        let key = of_row(&row)?;
        let person = registry::person(registers, &key.person)?.filter(|p| !p.retired);
        if person.is_some_and(|p| pin_entry(&p) == row.int("pin_seq").unsigned_abs()) {
            let seq = row.int_opt("ended_seq").unwrap_or_default().unsigned_abs();
            all.push((key.person, key.label, seq));
        }
    }
    Ok(all)
}

fn row_that_counts(
    registers: &dyn Registers,
    passkey: u64,
    person: &PersonId,
) -> PortResult<Option<Row>> {
    let row = registry::by_seq(registers, &PASSKEY, passkey)?;
    match row.filter(|row| row.text("person") == person.as_str()) {
        Some(row) if counts(registers, &row)? => Ok(Some(row)),
        _ => Ok(None),
    }
}

/// Does the passkey of this entry still count for its owner, and does the unit want any? A session that was begun with it lasts
/// no longer.
///
/// # Errors
/// The registers cannot be read.
pub fn passkey_stands(
    registers: &dyn Registers,
    passkey: u64,
    person: &PersonId,
) -> PortResult<bool> {
    let wanted = allowed_here(registers)?.is_none();
    Ok(wanted && row_that_counts(registers, passkey, person)?.is_some())
}

fn allowed_here(registers: &dyn Registers) -> PortResult<Option<Why>> {
    Ok((!registry::policy(registers)?.passkeys).then(|| {
        why!(
            "D53",
            "本单位的政策不许用通行密钥；请用口令。",
            "the unit's policy allows no passkeys (passkeys.allowed); use the PIN"
        )
    }))
}

/// What stands against it beside who writes it; the same answer serves the decision and `check`.
pub(super) fn objection(registers: &dyn Registers, event: &Event) -> PortResult<Option<Why>> {
    match event {
        Event::PasskeyAdded(e) => added(registers, e),
        Event::PasskeyNamed(e) => Ok(gone(registers, e.passkey, &e.person)?),
        Event::PasskeyRemoved(e) => {
            let row = registry::by_seq(registers, &PASSKEY, e.passkey)?;
            let there = row.is_some_and(|row| {
                row.text("person") == e.person.as_str() && row.int_opt("ended_seq").is_none()
            });
            Ok((!there).then(|| none(e.passkey, &e.person)))
        }
        Event::PasskeyUsed(e) => used(registers, e),
        Event::PasskeyCloned(e) => Ok(gone(registers, e.passkey, &e.person)?),
        _ => Ok(None),
    }
}

fn none(passkey: u64, person: &PersonId) -> Why {
    why!(
        "D54",
        "{person:#} 的通行密钥（第 {passkey:#} 条）已无效；请用口令，或重新添加。",
        "entry {passkey} is no passkey of {person} that counts; see `sealdock person passkey list {person}`"
    )
}

fn gone(registers: &dyn Registers, passkey: u64, person: &PersonId) -> PortResult<Option<Why>> {
    let there = row_that_counts(registers, passkey, person)?.is_some();
    Ok((!there).then(|| none(passkey, person)))
}

fn added(registers: &dyn Registers, e: &PasskeyAdded) -> PortResult<Option<Why>> {
    if let Some(why) = allowed_here(registers)? {
        return Ok(Some(why));
    }
    let Some(person) = registry::person(registers, &e.person)?.filter(|p| !p.retired) else {
        return Ok(Some(why!(
            "D55",
            "{:#} 不是本单位在岗人员。",
            "{} is nobody of the unit",
            e.person
        )));
    };
    if person.pin_commitment.is_none() || pin_entry(&person) != e.pin {
        return Ok(Some(why!(
            "D56",
            "{:#} 的口令已更换；请用新口令重新添加通行密钥。",
            "{} has another PIN than the one that was given for it",
            e.person
        )));
    }
    if passkeys(registers, &e.person)?.len() >= PASSKEYS_MAX {
        return Ok(Some(why!(
            "D57",
            "{:#} 已有 {PASSKEYS_MAX} 个通行密钥；请先删去一个。",
            "{} has {PASSKEYS_MAX} passkeys; remove one first",
            e.person
        )));
    }
    let known =
        registers.select(&Query::all(&PASSKEY).with("credential", e.credential.as_str()))?;
    // One that was removed may still lie in its authenticator and is added anew with another id.
    Ok(known.iter().any(|row| row.text("party") == e.party).then(|| {
        why!(
            "D58",
            "这个通行密钥登记过；一个通行密钥只属于一个人，请另建一个。",
            "this passkey was added before, and one passkey is one person's; make another"
        )
    }))
}

/// A counter that stands still at nought counts nothing: authenticators that copy their keys keep none.
fn went_back(known: u32, now: u32) -> bool {
    (known > 0 || now > 0) && now <= known
}

fn used(registers: &dyn Registers, e: &PasskeyUsed) -> PortResult<Option<Why>> {
    if let Some(why) = allowed_here(registers)? {
        return Ok(Some(why));
    }
    let Some(row) = row_that_counts(registers, e.passkey, &e.person)? else {
        return Ok(Some(none(e.passkey, &e.person)));
    };
    let known = of_row(&row)?.counter;
    Ok(went_back(known, e.counter).then(|| {
        why!(
            "D59",
            "第 {} 条的通行密钥计数为 {}，而此前已见到 {known:#}；可能被复制。",
            "the passkey of entry {} counts {}, and {known} were seen",
            e.passkey,
            e.counter
        )
    }))
}

/// `key` was made by an authenticator for this person, and its user verified; whoever acts has just given their PIN.
pub(super) fn add(scene: &Scene, key: PasskeyAdded) -> Decided {
    if scene.actor.passkey().is_some() {
        return no(why!(
            "D60",
            "添加通行密钥要用口令，不能用另一个通行密钥。",
            "a passkey is added with the PIN, not with another passkey"
        ));
    }
    ok!(row_of(scene, &key.person)?);
    let label = ok!(label(&key.label));
    ok!(bounded(&key));
    allowed(scene, Event::PasskeyAdded(PasskeyAdded { label, ..key }))
}

fn label(text: &str) -> Result<String, Refusal> {
    plain_text(Both("通行密钥的名称", "a passkey's name"), text, LABEL_MAX)
}

fn bounded(key: &PasskeyAdded) -> Result<(), Refusal> {
    let letters = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let texts = [&key.party, &key.credential, &key.key];
    let fine = texts.iter().all(|text| text.len() <= KEY_MAX && letters(text));
    (fine && key.attestation == "none").then_some(()).ok_or_else(|| {
        Refusal(why!(
            "D61",
            "这种设备的通行密钥无法保存；请换一个设备。",
            "this authenticator makes keys that cannot be kept here; use another"
        ))
    })
}

fn not_one(passkey: u64) -> Why {
    why!("D62", "第 {passkey:#} 条没有添加通行密钥。", "entry {passkey} adds no passkey")
}

pub(super) fn name(scene: &Scene, passkey: u64, text: &str) -> Decided {
    let label = ok!(label(text));
    let Some(row) = registry::by_seq(scene.registers, &PASSKEY, passkey)? else {
        return no(not_one(passkey));
    };
    let person = of_row(&row)?.person;
    allowed(scene, Event::PasskeyNamed(PasskeyNamed { passkey, person, label }))
}

pub(super) fn remove(scene: &Scene, passkey: u64, reason: Option<String>) -> Decided {
    let Some(row) = registry::by_seq(scene.registers, &PASSKEY, passkey)? else {
        return no(not_one(passkey));
    };
    let person = of_row(&row)?.person;
    let own = scene.actor.person() == Some(&person);
    let reason = ok!(reason.as_deref().map(reason_text).transpose());
    if !own && reason.is_none() {
        return no(why!(
            "D63",
            "删除 {person:#} 的通行密钥须写明理由。",
            "taking away a passkey of {person} needs its reason"
        ));
    }
    let reason = if own { None } else { reason };
    allowed(scene, Event::PasskeyRemoved(PasskeyRemoved { passkey, person, reason }))
}

/// What the station saw of a passkey whose signature was verified: that it was used, or, where its counter went back, that there
/// may be a copy of it.
pub(super) fn note(scene: &Scene, seen: PasskeyUsed) -> Decided {
    ok!(scene.system_only());
    let Some(row) = row_that_counts(scene.registers, seen.passkey, &seen.person)? else {
        return no(none(seen.passkey, &seen.person));
    };
    if let Some(why) = allowed_here(scene.registers)? {
        return no(why);
    }
    let PasskeyUsed { passkey, person, counter, form, .. } = &seen;
    let known = of_row(&row)?.counter;
    if went_back(known, *counter) {
        let (passkey, person, counter) = (*passkey, person.clone(), *counter);
        let cloned = PasskeyCloned { passkey, person, counter, known };
        return allowed(scene, Event::PasskeyCloned(cloned));
    }
    if form.len() > FORM_MAX || !form.bytes().all(|b| b.is_ascii_graphic()) {
        return no(why!(
            "D64",
            "这不是本站任何表单的地址。",
            "this is the address of no form of the station"
        ));
    }
    allowed(scene, Event::PasskeyUsed(seen))
}
