use ed25519_dalek::{Signer as _, SigningKey};

use super::*;

const ORIGIN: &str = "pd.example/station7/bodycam/2026";

fn signing() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn key() -> VerifierKey {
    VerifierKey::new(ORIGIN, signing().verifying_key().to_bytes()).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.into(), size: 7, root: Digest::of(b"root") }
}

fn line(name: &str, id: [u8; 4], signature: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", base64_of(&[id.as_slice(), signature].concat()))
}

/// A note over any text, soundly signed.
fn signed(body: &str) -> String {
    let signature = signing().sign(body.as_bytes()).to_bytes();
    format!("{body}\n{}", line(ORIGIN, *key().key_id(), &signature))
}

/// The last base64 of `text` with an unused bit set: the same bytes to a lax reader.
fn loosened(text: &str) -> String {
    let at = text.rfind('=').unwrap() - 1;
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] += 1;
    String::from_utf8(bytes).unwrap()
}

fn sample() -> SignedCheckpoint {
    let signature = signing().sign(checkpoint().body().as_bytes()).to_bytes();
    SignedCheckpoint::assemble(checkpoint(), &key(), signature).unwrap()
}

#[test]
fn a_note_comes_back_as_it_was_assembled() {
    let signed = sample();
    assert_eq!(signed.note(), super::tests::signed(&checkpoint().body()));
    assert_eq!(SignedCheckpoint::open(signed.note(), &key()).unwrap(), signed);
    assert_eq!(*signed.checkpoint(), checkpoint());
    assert_eq!(
        checkpoint().body(),
        format!("{ORIGIN}\n7\n{}\n", base64_of(&Digest::of(b"root").0))
    );
}

#[test]
fn a_signature_that_does_not_fit_is_not_released() {
    let signature = signing().sign(checkpoint().body().as_bytes()).to_bytes();
    let other = Checkpoint { size: 8, ..checkpoint() };
    assert_eq!(
        SignedCheckpoint::assemble(other, &key(), signature),
        Err(NoteError::Signature(Ed25519Error::Signature))
    );
    let stranger = VerifierKey::new("other.example/log", *key().public()).unwrap();
    assert!(matches!(
        SignedCheckpoint::assemble(checkpoint(), &stranger, signature),
        Err(NoteError::OtherOrigin { .. })
    ));
    let newline = Checkpoint { origin: "a\nb".into(), ..checkpoint() };
    assert!(matches!(
        SignedCheckpoint::assemble(newline, &key(), signature),
        Err(NoteError::Origin(_))
    ));
}

#[test]
fn any_flipped_bit_of_a_note_is_refused() {
    let note = sample().note().to_owned();
    for bit in 0..note.len() * 8 {
        let mut bytes = note.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(edited) = String::from_utf8(bytes) else { continue };
        assert!(SignedCheckpoint::open(&edited, &key()).is_err(), "{edited}");
    }
}

#[test]
fn witnesses_are_ignored_but_must_be_well_formed() {
    let note = sample().note().to_owned();
    let witness = line("witness.example/w1", [1, 2, 3, 4], &[9; 72]);
    let newer_type = line("witness.example/w1", [1, 2, 3, 5], &[9; 2428]);
    let same_name = line(ORIGIN, [0; 4], &[9; 64]);
    for extra in [&witness, &newer_type, &same_name] {
        let opened = SignedCheckpoint::open(&format!("{note}{extra}"), &key()).unwrap();
        assert_eq!(*opened.checkpoint(), checkpoint());
        assert!(opened.note().ends_with(extra.as_str()));
    }
    let all = format!("{note}{witness}{newer_type}{same_name}");
    assert!(SignedCheckpoint::open(&all, &key()).is_ok());
    assert_eq!(
        SignedCheckpoint::open(&format!("{note}{witness}{witness}"), &key()),
        Err(NoteError::DuplicateSignature("witness.example/w1".into()))
    );
}

#[test]
fn a_bare_head_has_the_line_of_one_key_and_is_the_same_head() {
    let head = sample();
    let more = head.with_lines(&line("w.example/x", [1; 4], &[2; 72])).unwrap();
    assert_ne!(more, head);
    assert_eq!(more.bare(&key()), Ok(head.clone()));
    assert_eq!(head.bare(&key()), Ok(head.clone()));
    let other = SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
    let other = VerifierKey::new(key().name(), other).unwrap();
    assert!(matches!(more.bare(&other), Err(NoteError::NotSignedBy(_))));
}

/// Attack 19: texts that another reader might take for something else.
#[test]
fn malformed_checkpoints_are_refused_each_for_its_reason() {
    let note = sample().note().to_owned();
    let own = note.lines().last().unwrap().to_owned();
    let root = base64_of(&Digest::of(b"root").0);
    let body = checkpoint().body();
    refused(vec![
        ("empty", String::new(), "Shape"),
        ("no signature", body.clone(), "Shape"),
        ("no signature after the blank line", format!("{body}\n"), "Shape"),
        ("no final line feed", note.trim_end().to_owned(), "Shape"),
        ("two lines", signed(&format!("{ORIGIN}\n7\n")), "Shape"),
        ("line feed in front", format!("\n{note}"), "ExtensionLines"),
        ("extension line", signed(&format!("{body}extension\n")), "ExtensionLines"),
        ("empty extension line", signed(&format!("{body}\n")), "ExtensionLines"),
        ("fake blank line", signed(&format!("{body}\n{own}\n")), "ExtensionLines"),
        (
            "fake blank line after the origin",
            signed(&format!("{ORIGIN}\n\n7\n{root}\n")),
            "ExtensionLines",
        ),
        ("carriage returns", note.replace('\n', "\r\n"), "ControlCharacter"),
        ("tab", signed(&body.replace('7', "7\t")), "ControlCharacter"),
        ("NUL", format!("{note}\0"), "ControlCharacter"),
        ("other origin", signed(&body.replace("pd.", "xx.")), "OtherOrigin"),
        ("origin with a space", signed(&body.replace("pd.", "p d")), "Origin"),
        ("origin with a plus", signed(&body.replace("pd.", "p+d")), "Origin"),
        ("size with leading zero", signed(&format!("{ORIGIN}\n07\n{root}\n")), "Size"),
        ("size with plus", signed(&format!("{ORIGIN}\n+7\n{root}\n")), "Size"),
        ("negative size", signed(&format!("{ORIGIN}\n-7\n{root}\n")), "Size"),
        ("size with space", signed(&format!("{ORIGIN}\n7 \n{root}\n")), "Size"),
        ("full-width size", signed(&format!("{ORIGIN}\n７\n{root}\n")), "Size"),
        ("size 2^63", signed(&format!("{ORIGIN}\n9223372036854775808\n{root}\n")), "Size"),
        ("size 2^64", signed(&format!("{ORIGIN}\n18446744073709551616\n{root}\n")), "Size"),
        ("size empty", signed(&format!("{ORIGIN}\n\n{root}\n")), "Size"),
        ("root of 31 bytes", signed(&format!("{ORIGIN}\n7\n{}\n", base64_of(&[1; 31]))), "Root"),
        ("root of 33 bytes", signed(&format!("{ORIGIN}\n7\n{}\n", base64_of(&[1; 33]))), "Root"),
        ("root without padding", signed(&body.replace('=', "")), "Root"),
        ("root with loose bits", signed(&loosened(&body)), "Root"),
        ("root at size 0", signed(&format!("{ORIGIN}\n0\n{root}\n")), "Root"),
    ]);
}

/// Attack 19: signature lines that another reader might skip or take.
#[test]
fn malformed_signature_lines_are_refused_each_for_its_reason() {
    let note = sample().note().to_owned();
    let own = note.lines().last().unwrap().to_owned();
    let (body, id) = (checkpoint().body(), *key().key_id());
    refused(vec![
        (
            "signature without padding",
            note.trim_end().replace(&own, own.trim_end_matches('=')) + "\n",
            "SignatureLine",
        ),
        ("signature with loose bits", note.replace(&own, &loosened(&own)), "SignatureLine"),
        ("hyphen for dash", note.replace('\u{2014}', "-"), "SignatureLine"),
        ("en dash for em dash", note.replace('\u{2014}', "\u{2013}"), "SignatureLine"),
        ("two spaces", note.replace("\u{2014} ", "\u{2014}  "), "SignatureLine"),
        ("space at the end", note.replace(&own, &format!("{own} ")), "SignatureLine"),
        ("short signature", format!("{body}\n{}", line(ORIGIN, id, &[1; 63])), "SignatureLine"),
        ("long signature", format!("{body}\n{}", line(ORIGIN, id, &[1; 65])), "SignatureLine"),
        ("nothing but a key id", format!("{note}{}", line("w", [1; 4], b"")), "SignatureLine"),
        ("blank line among signatures", format!("{note}\n{own}\n"), "ExtensionLines"),
        ("text after the signatures", format!("{note}post scriptum\n"), "SignatureLine"),
        ("name with a plus", format!("{note}{}", line("a+b", [1; 4], &[1])), "SignatureLine"),
        ("signed twice", format!("{note}{own}\n"), "DuplicateSignature"),
        ("another key id", format!("{body}\n{}", line(ORIGIN, [0; 4], &[1; 64])), "NotSignedBy"),
        ("another name", format!("{body}\n{}", line("a", id, &[1; 64])), "NotSignedBy"),
    ]);
}

/// Each text is refused, with the error variant of that name.
fn refused(cases: Vec<(&str, String, &str)>) {
    for (what, text, variant) in cases {
        let refusal = SignedCheckpoint::open(&text, &key()).expect_err(what);
        let reason = format!("{refusal:?}");
        assert!(reason.starts_with(variant), "{what}: {reason}");
    }
}

#[test]
fn a_note_of_more_than_16_kib_is_refused() {
    let note = sample().note().to_owned();
    let room = NOTE_BYTES_MAX - note.len();
    let witness = |bytes: usize| {
        let name = "w".repeat(bytes % 4 + 4);
        let frame = line(&name, [1; 4], b"").len();
        line(&name, [1; 4], &vec![1; (bytes - frame) / 4 * 3])
    };
    let fits = format!("{note}{}", witness(room));
    assert!(fits.len() > NOTE_BYTES_MAX - 8 && fits.len() <= NOTE_BYTES_MAX);
    assert!(SignedCheckpoint::open(&fits, &key()).is_ok());
    let over = format!("{note}{}", witness(room + 8));
    assert_eq!(SignedCheckpoint::open(&over, &key()), Err(NoteError::TooLong(over.len())));
}

#[test]
fn a_note_has_at_most_as_many_signatures_as_go_reads() {
    let note = sample().note().to_owned();
    let others =
        |count: usize| (0..count).map(|n| line(&format!("w{n}"), [1; 4], &[7])).collect::<String>();
    let fits = format!("{note}{}", others(SIGNATURES_MAX - 1));
    assert!(SignedCheckpoint::open(&fits, &key()).is_ok());
    let over = format!("{note}{}", others(SIGNATURES_MAX));
    assert_eq!(SignedCheckpoint::open(&over, &key()), Err(NoteError::ManySignatures));
}

#[test]
fn origins() {
    let longest = "o".repeat(ORIGIN_BYTES_MAX);
    for good in ["a", ORIGIN, "站点/7", &longest] {
        assert_eq!(valid_origin(good), Ok(()), "{good}");
    }
    let too_long = "o".repeat(ORIGIN_BYTES_MAX + 1);
    for bad in ["", " ", "a b", "a\u{a0}b", "a+b", "a\nb", "a\tb", "a\u{7f}", "a\u{85}", &too_long]
    {
        assert_eq!(valid_origin(bad), Err(NoteError::Origin(bad.into())), "{bad:?}");
    }
}

#[test]
fn a_verifier_key_reads_back_and_nothing_else_does() {
    let text = key().to_string();
    assert_eq!(text.parse(), Ok(key()));
    let [name, id, typed]: [&str; 3] = text.splitn(3, '+').collect::<Vec<_>>().try_into().unwrap();
    let spelled = |bytes: &[u8]| format!("{name}+{id}+{}", base64_of(bytes));
    let bytes = base64_bytes(typed).unwrap();
    let cases = [
        ("no key", format!("{name}+{id}")),
        ("other key id", format!("{name}+00000000+{typed}")),
        ("uppercase key id", format!("{name}+{}+{typed}", id.to_uppercase())),
        ("short key id", format!("{name}+{}+{typed}", &id[1..])),
        ("padding too much", format!("{text}=")),
        ("line feed", format!("{text}\n")),
        ("other name", format!("x{text}")),
        ("no name", format!("+{id}+{typed}")),
        ("other type", spelled(&[&[4], &bytes[1..]].concat())),
        ("short key", spelled(&bytes[..32])),
        ("long key", spelled(&[bytes.as_slice(), &[0]].concat())),
        ("nothing", spelled(b"")),
    ];
    for (what, text) in cases {
        assert!(text.parse::<VerifierKey>().is_err(), "{what}: {text}");
    }
}

/// Base64 has '+' in its alphabet: a reader that splits on all of them, or on
/// the last two, fails on one key in two.
#[test]
fn a_plus_inside_the_key_does_not_split_it() {
    let plus = (0..=255u8)
        .map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
        .map(|public| VerifierKey::new(ORIGIN, public).unwrap())
        .find(|key| key.to_string().matches('+').count() >= 3)
        .unwrap();
    assert_eq!(plus.to_string().parse(), Ok(plus));
}

#[test]
fn weak_keys_are_not_enrolled() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(VerifierKey::new(ORIGIN, identity), Err(NoteError::Signature(Ed25519Error::Weak)));
}
