//! Where we are stricter than the Go code, on purpose. Each class is decided from the bytes of a case and not from
//! what any reader said of it; whatever is in one, we refuse. `docs/design/chain-format.md` says why of each.

use crate::mutate::{Case, Kind, Lead, UNSOUND, fitting};
use crate::notes::{Draft, MARK, loosened};
use crate::record::{Record, base64};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sealdock_chain::ed25519::check_key;
use sealdock_chain::note::{NOTE_BYTES_MAX, ORIGIN_BYTES_MAX};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// More than three lines are signed.
    ExtensionLines,
    /// A note of more than 16 KiB.
    Long,
    /// Base64 whose unused bits are not zero.
    UnusedBits,
    /// A line break within base64, which Go's decoder skips.
    BrokenBase64,
    /// Two signature lines of one name and key id.
    Twice,
    /// A name with U+007F to U+009F in it.
    ControlInName,
    /// A name of more than 255 bytes.
    LongName,
    /// No entries, and a root that is not that of no entries.
    RootOfNothing,
    /// A key of small order, off the curve, or not in its one spelling.
    UnsoundKey,
    /// A key id in capitals.
    CapitalId,
    /// An `extra` line, which nothing signs.
    Extra,
    /// A position or an old size with a sign or a leading zero.
    Number,
}

/// Every class that a case is in.
pub fn of(case: &Case) -> Vec<Class> {
    let texts: Option<Vec<&str>> = [&case.fields[0], case.fields.last().unwrap()]
        .map(|it| str::from_utf8(it).ok())
        .into_iter()
        .collect();
    let Some(texts) = texts else { return vec![] };
    let mut found = BTreeSet::new();
    key(texts[0], &mut found);
    match case.kind {
        Kind::Key => {}
        Kind::Note => note(texts[1], &mut found),
        Kind::Proof => {
            lead(texts[1].split_once('\n').map_or("", |(_, rest)| rest), "index ", &mut found)
        }
        Kind::Growth => lead(texts[1], "old ", &mut found),
    }
    found.into_iter().collect()
}

type Found = BTreeSet<Class>;

fn key(vkey: &str, found: &mut Found) {
    let parts: Vec<&str> = vkey.splitn(3, '+').collect();
    let [signer, id, typed] = parts[..] else { return };
    name(signer, found);
    if id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        found.insert(Class::CapitalId);
    }
    let bytes = spelled(typed, found);
    if let Some([1, public @ ..]) = bytes.as_deref()
        && let Ok(public) = public.try_into()
        && check_key(public).is_err()
    {
        found.insert(Class::UnsoundKey);
    }
}

fn name(text: &str, found: &mut Found) {
    if text.chars().any(|c| ('\u{7f}'..='\u{9f}').contains(&c)) {
        found.insert(Class::ControlInName);
    }
    if text.len() > ORIGIN_BYTES_MAX {
        found.insert(Class::LongName);
    }
}

/// Decodes as loosely as Go does.
fn spelled(text: &str, found: &mut Found) -> Option<Vec<u8>> {
    let joined = text.replace(['\r', '\n'], "");
    let loose = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
    let bytes = GeneralPurpose::new(&STANDARD, loose).decode(&joined).ok()?;
    if joined != text {
        found.insert(Class::BrokenBase64);
    }
    if base64(&bytes) != joined {
        found.insert(Class::UnusedBits);
    }
    Some(bytes)
}

fn note(text: &str, found: &mut Found) {
    if text.len() > NOTE_BYTES_MAX {
        found.insert(Class::Long);
    }
    let Some(blank) = text.rfind("\n\n") else { return };
    let body: Vec<&str> = text[..=blank].split_terminator('\n').collect();
    if body.len() > 3 {
        found.insert(Class::ExtensionLines);
    }
    if let [_, size, root, ..] = body[..] {
        let root = spelled(root, found);
        let nothing = sealdock_chain::Digest::of(b"");
        if size == "0" && root.is_some_and(|root| root != nothing.0) {
            found.insert(Class::RootOfNothing);
        }
    }
    let mut signers = BTreeSet::new();
    for line in text[blank + 2..].split_terminator('\n') {
        let Some((signer, base64)) = line.strip_prefix(MARK).and_then(|it| it.split_once(' '))
        else {
            continue;
        };
        name(signer, found);
        let bytes = spelled(base64, found).unwrap_or_default();
        if let Some(id) = bytes.first_chunk::<4>()
            && !signers.insert((signer, *id))
        {
            found.insert(Class::Twice);
        }
    }
}

/// The lines before a checkpoint, and the checkpoint.
fn lead(text: &str, word: &str, found: &mut Found) {
    let text = match text.split_once('\n') {
        Some((line, rest)) if word == "index " && line.starts_with("extra ") => {
            found.insert(Class::Extra);
            rest
        }
        _ => text,
    };
    let Some((head, checkpoint)) = text.split_once("\n\n") else { return };
    let mut lines = head.split('\n');
    if let Some(number) = lines.next().and_then(|line| line.strip_prefix(word))
        && number.parse::<i64>().is_ok_and(|value| value.to_string() != number)
    {
        found.insert(Class::Number);
    }
    lines.for_each(|line| drop(spelled(line, found)));
    note(checkpoint, found);
}

impl Class {
    pub const ALL: [Class; 12] = [
        Class::ExtensionLines,
        Class::Long,
        Class::UnusedBits,
        Class::BrokenBase64,
        Class::Twice,
        Class::ControlInName,
        Class::LongName,
        Class::RootOfNothing,
        Class::UnsoundKey,
        Class::CapitalId,
        Class::Extra,
        Class::Number,
    ];

    /// A case that is in this class and in no other.
    pub fn example(self, record: &Record) -> Case {
        let mut draft = Draft::sound(record, 0, 9);
        let key = |change: &dyn Fn(&str, &str, &str) -> String| {
            let vkey = record.signers[0].vkey();
            let parts: Vec<&str> = vkey.splitn(3, '+').collect();
            Case::key(&change(parts[0], parts[1], parts[2]))
        };
        let lead = |lead: Lead, draft: &Draft| Case::proof(record, (4, 9), lead, draft);
        let witness = |name: &str| format!("{MARK}{name} {}", base64(&[7; 9]));
        match self {
            Class::ExtensionLines => draft.more = "more\n".to_owned(),
            Class::Long => draft.others.push(format!("{MARK}w {}", "A".repeat(16 * 1024))),
            Class::UnusedBits => draft.root = loosened(&draft.root),
            Class::BrokenBase64 => {
                return key(&|name, id, typed| {
                    format!("{name}+{id}+{}\n{}", &typed[..4], &typed[4..])
                });
            }
            Class::Twice => draft.others = vec![witness("w"), witness("w")],
            Class::ControlInName => draft.others.push(witness("w\u{7f}")),
            Class::LongName => draft.others.push(witness(&"w".repeat(256))),
            Class::RootOfNothing => draft.size = "0".to_owned(),
            Class::UnsoundKey => {
                return key(&|name, _, _| fitting(name, &[&[1], UNSOUND[0].as_slice()].concat()));
            }
            Class::CapitalId => {
                return key(&|name, id, typed| format!("{name}+{}+{typed}", id.to_uppercase()));
            }
            Class::Extra => {
                return lead(Lead { extra: "extra AAAA\n".to_owned(), ..Lead::default() }, &draft);
            }
            Class::Number => {
                return lead(Lead { number: Some("04".to_owned()), ..Lead::default() }, &draft);
            }
        }
        Case::note(record, &draft)
    }
}
