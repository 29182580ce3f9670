//! From the file form of an unlock to its types, refusing what must never be sent: standard USB
//! requests, SCSI commands that are not the vendor's own, more than one attempt.

use super::token::{Token, bytes};
use super::*;
use crate::keys::unlock::{CaptureKeys, ExpectKeys, SetupKeys, StepKeys, TransferKeys, UnlockKeys};

/// A dock bay that waits longer is a bay that looks dead.
const TIMEOUT_S_MAX: u64 = 120;
const WAIT_MS_MAX: u64 = 5_000;
const STEPS_MAX: usize = 32;
const REPLY_BYTES_MAX: u16 = 4096;
/// TEST UNIT READY, INQUIRY and START STOP UNIT; every other one must be the vendor's.
const SCSI_HARMLESS: [u8; 3] = [0x00, 0x12, 0x1b];
const SCSI_VENDOR_MIN: u8 = 0xc0;

/// Reads `[unlock]` of the kinds `usb` and `scsi`.
pub(crate) fn unlock(keys: &UnlockKeys, via: Via) -> Result<Unlock, String> {
    if keys.attempts.unwrap_or(1) != 1 {
        return Err("attempts must be 1: a recorder may lock itself after wrong passwords".into());
    }
    if keys.step.is_empty() || keys.step.len() > STEPS_MAX {
        return Err(format!("{} steps; write 1 to {STEPS_MAX}", keys.step.len()));
    }
    let next = keys.next.as_ref().ok_or("no `next`; say what appears after the unlock")?;
    if next.correlate != "port" {
        return Err(format!("correlate = {:?}; only \"port\" can be trusted", next.correlate));
    }
    let steps = keys.step.iter().enumerate().map(|(n, k)| step(k, n));
    let unlock = Unlock {
        policy: policy(keys.policy.as_deref().unwrap_or("bound"))?,
        via,
        interface: keys.interface.unwrap_or(0),
        secret: keys.secret.as_deref().map(secret_name).transpose()?,
        timeout: seconds("timeout_s", keys.timeout_s.unwrap_or(15))?,
        next: Next { state: next.state, within: seconds("within_s", next.within_s)? },
        steps: steps.collect::<Result<_, _>>()?,
        danger: keys.danger.clone(),
    };
    fits(&unlock)?;
    Ok(unlock)
}

/// The words of every `policy` key. `auto` would be an unlock without a binding.
pub(crate) fn policy(word: &str) -> Result<Policy, String> {
    match word {
        "never" => Ok(Policy::Never),
        "operator" => Ok(Policy::Operator),
        "bound" => Ok(Policy::Bound),
        "auto" => Err("policy \"auto\" is stronger than allowed; at most \"bound\"".into()),
        other => Err(format!("unknown policy {other:?}; write never, operator or bound")),
    }
}

fn fits(unlock: &Unlock) -> Result<(), String> {
    for step in &unlock.steps {
        let scsi = matches!(step.op, Op::ScsiIn { .. } | Op::ScsiOut { .. });
        if scsi != (unlock.via == Via::Scsi) {
            return Err(format!("step {:?}: kind \"scsi\" and scsi steps go together", step.name));
        }
    }
    let used = |t: &Token| matches!(t, Token::Secret { .. });
    let uses = unlock.steps.iter().any(|s| s.op.data().iter().any(used));
    match (uses, &unlock.secret) {
        (true, None) => Err("a step sends a secret, but `secret` names none".into()),
        (false, Some(name)) => Err(format!("secret {name:?} is named, but no step sends it")),
        _ => Ok(()),
    }
}

/// Secrets are named in profiles and kept elsewhere.
fn secret_name(name: &str) -> Result<String, String> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    match letters && name.len() >= 3 {
        true => Ok(name.to_owned()),
        false => Err(format!(
            "secret {name:?} is no name; a profile names a secret (small letters and -) and never holds it"
        )),
    }
}

fn seconds(key: &str, value: u64) -> Result<Duration, String> {
    match value {
        1..=TIMEOUT_S_MAX => Ok(Duration::from_secs(value)),
        _ => Err(format!("{key} = {value}; write 1 to {TIMEOUT_S_MAX}")),
    }
}

/// Reads one step; `clock.set` has one too.
pub(crate) fn step(keys: &StepKeys, number: usize) -> Result<Step, String> {
    let name = keys.name.clone().unwrap_or_else(|| format!("{}", number + 1));
    let bad = |why: String| format!("step {name:?}: {why}");
    let wait_ms = keys.wait_ms.unwrap_or(0);
    if wait_ms > WAIT_MS_MAX {
        return Err(bad(format!("wait_ms = {wait_ms}; at most {WAIT_MS_MAX}")));
    }
    let expect = keys.expect.iter().map(|k| expect(k).map_err(bad));
    let capture = keys.capture.iter().map(|(k, v)| capture(k, v).map_err(bad));
    let step = Step {
        wait: Duration::from_millis(wait_ms),
        op: op(keys).map_err(bad)?,
        expect: expect.collect::<Result<_, _>>()?,
        capture: capture.collect::<Result<_, _>>()?,
        name: name.clone(),
    };
    let asked = step.op.reply_length().unwrap_or(0);
    match step.reply_length_min() {
        needed if needed > asked => Err(bad(format!(
            "expect and capture reach byte {needed}, the reply has {asked}; raise `length`"
        ))),
        _ => Ok(step),
    }
}

fn op(keys: &StepKeys) -> Result<Op, String> {
    let allowed: &[&str] = match keys.op.as_str() {
        "set_configuration" => &["value"],
        "control_out" => &["setup", "data"],
        "control_in" => &["setup", "length"],
        "control_pair" => &["out", "in"],
        "bulk_out" => &["endpoint", "data"],
        "bulk_in" => &["endpoint", "length"],
        "scsi_out" => &["cdb", "data"],
        "scsi_in" => &["cdb", "length"],
        other => return Err(format!("unknown op {other:?}; docs/ref/profile-keys.md lists them")),
    };
    if let Some(stray) = keys.given().find(|key| !allowed.contains(key)) {
        return Err(format!("op {:?} has no key {stray:?}; it has {allowed:?}", keys.op));
    }
    Ok(match keys.op.as_str() {
        "set_configuration" => Op::SetConfiguration { value: needed("value", keys.value)? },
        "control_out" => Op::ControlOut {
            setup: setup(needed("setup", keys.setup)?, false)?,
            data: tokens(&keys.data)?,
        },
        "control_in" => Op::ControlIn {
            setup: setup(needed("setup", keys.setup)?, true)?,
            length: length(keys.length)?,
        },
        "control_pair" => pair(keys)?,
        "bulk_out" => {
            Op::BulkOut { endpoint: endpoint(keys.endpoint, false)?, data: tokens(&keys.data)? }
        }
        "bulk_in" => {
            Op::BulkIn { endpoint: endpoint(keys.endpoint, true)?, length: length(keys.length)? }
        }
        "scsi_out" => Op::ScsiOut { cdb: cdb(keys.cdb.as_deref())?, data: optional(&keys.data)? },
        _ => Op::ScsiIn { cdb: cdb(keys.cdb.as_deref())?, length: length(keys.length)? },
    })
}

fn pair(keys: &StepKeys) -> Result<Op, String> {
    let out: &TransferKeys = keys.out.as_ref().ok_or("`out` is missing")?;
    let reply: &TransferKeys = keys.reply.as_ref().ok_or("`in` is missing")?;
    if out.length.is_some() || reply.data.is_some() {
        return Err("`out` has data and `in` has length, not the other way round".into());
    }
    Ok(Op::ControlPair {
        out: setup(out.setup(), false)?,
        data: tokens(&out.data)?,
        reply: setup(reply.setup(), true)?,
        length: length(reply.length)?,
    })
}

fn needed<T>(key: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("`{key}` is missing"))
}

fn setup(keys: SetupKeys, inward: bool) -> Result<Setup, String> {
    let SetupKeys { request_type, request, value, index } = keys;
    if (request_type & 0x80 != 0) != inward {
        return Err(format!("type {request_type:#04x} points the other way; bit 7 is set for in"));
    }
    // Standard requests could re-address or reset the device (USB 2.0 §9.4).
    if request_type & 0x60 == 0 || request_type & 0x60 == 0x60 {
        return Err(format!("type {request_type:#04x} is no class or vendor request"));
    }
    Ok(Setup { request_type, request, value, index })
}

fn endpoint(value: Option<u8>, inward: bool) -> Result<u8, String> {
    let value = needed("endpoint", value)?;
    match value & 0x70 == 0 && value & 0x0f != 0 && (value & 0x80 != 0) == inward {
        true => Ok(value),
        false => Err(format!("endpoint {value:#04x} does not fit the op")),
    }
}

fn length(value: Option<u16>) -> Result<u16, String> {
    match needed("length", value)? {
        n @ 1..=REPLY_BYTES_MAX => Ok(n),
        n => Err(format!("length = {n}; write 1 to {REPLY_BYTES_MAX}")),
    }
}

fn cdb(text: Option<&str>) -> Result<Vec<u8>, String> {
    let text = needed("cdb", text)?;
    let cdb = bytes(text).ok_or_else(|| format!("cdb {text:?} is not hex"))?;
    if ![6, 10, 12, 16].contains(&cdb.len()) {
        return Err(format!("cdb has {} bytes; 6, 10, 12 or 16", cdb.len()));
    }
    match cdb[0] >= SCSI_VENDOR_MIN || SCSI_HARMLESS.contains(&cdb[0]) {
        true => Ok(cdb),
        false => Err(format!("SCSI opcode {:#04x} is not the vendor's own (0xc0 up)", cdb[0])),
    }
}

fn tokens(texts: &Option<Vec<String>>) -> Result<Vec<Token>, String> {
    let texts = texts.as_deref().filter(|t| !t.is_empty()).ok_or("`data` is missing")?;
    texts.iter().map(|t| Token::parse(t)).collect()
}

fn optional(texts: &Option<Vec<String>>) -> Result<Vec<Token>, String> {
    texts.iter().flatten().map(|t| Token::parse(t)).collect()
}

fn expect(keys: &ExpectKeys) -> Result<Expect, String> {
    let fixed = |text: &str| match Token::parse(text) {
        Ok(Token::Bytes(found)) => Ok(found),
        _ => bytes(text).ok_or_else(|| format!("expect {text:?} is not hex and not ascii:…")),
    };
    let rule = match (keys.at, &keys.eq, &keys.ne, &keys.contains) {
        (Some(at), Some(eq), None, None) => Rule::Equal { at, bytes: fixed(eq)? },
        (Some(at), None, Some(ne), None) => Rule::Other { at, bytes: fixed(ne)? },
        (None, None, None, Some(text)) => Rule::Contains { bytes: fixed(text)? },
        _ => return Err("expect needs `at` with `eq` or `ne`, or `contains` alone".into()),
    };
    let (Rule::Equal { at, bytes } | Rule::Other { at, bytes }) = &rule else {
        return Ok(Expect { rule, otherwise: why(keys)? });
    };
    if *at > usize::from(REPLY_BYTES_MAX) || bytes.is_empty() {
        return Err(format!("expect at {at} with {} bytes is beyond any reply", bytes.len()));
    }
    Ok(Expect { rule, otherwise: why(keys)? })
}

fn why(keys: &ExpectKeys) -> Result<Why, String> {
    let word = keys.otherwise.as_deref().unwrap_or("unexpected-reply");
    let found = Why::WORDS.iter().find(|(name, _)| *name == word);
    found.map(|(_, why)| *why).ok_or_else(|| {
        let words = Why::WORDS.map(|(name, _)| name);
        format!("unknown else {word:?}; write one of {words:?}")
    })
}

fn capture(name: &str, keys: &CaptureKeys) -> Result<(Fact, Capture), String> {
    let fact = Fact::ALL.into_iter().find(|f| f.word() == name).ok_or_else(|| {
        let words = Fact::ALL.map(Fact::word);
        format!("unknown capture {name:?}; write one of {words:?}")
    })?;
    let word = keys.encoding.as_deref().unwrap_or("ascii");
    let (encoding, fits) = match (word, Number::parse(word)) {
        ("ascii", _) => (Encoding::Ascii, (1..=64).contains(&keys.len)),
        ("hex", _) => (Encoding::Hex, (1..=64).contains(&keys.len)),
        (_, Some(number)) => (Encoding::Number(number), keys.len == number.length()),
        _ => return Err(format!("unknown encoding {word:?}; ascii, hex, u8, u16be or u16le")),
    };
    match fits && keys.at <= usize::from(REPLY_BYTES_MAX) {
        true => Ok((fact, Capture { at: keys.at, length: keys.len, encoding })),
        false => Err(format!("capture {name:?}: len = {} does not fit {word}", keys.len)),
    }
}
