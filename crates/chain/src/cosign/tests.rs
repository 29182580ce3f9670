use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::digest::Digest;
use crate::ed25519::Ed25519Error;
use crate::note::{Checkpoint, VerifierKey};

const TIME: u64 = 1_790_000_000;

fn log() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn secret() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

fn head(size: u64) -> SignedCheckpoint {
    let checkpoint = Checkpoint { origin: "pd.example/s1".into(), size, root: Digest::of(b"root") };
    let key = VerifierKey::new("pd.example/s1", log().verifying_key().to_bytes()).unwrap();
    let signature = log().sign(checkpoint.body().as_bytes()).to_bytes();
    SignedCheckpoint::assemble(checkpoint, &key, signature).unwrap()
}

fn witness() -> WitnessKey {
    WitnessKey::new("court.example/w1", secret().verifying_key().to_bytes()).unwrap()
}

fn signature(head: &SignedCheckpoint, time: u64) -> [u8; 64] {
    secret().sign(&cosigned_bytes(time, &head.checkpoint().body())).to_bytes()
}

fn cosigned(head: &SignedCheckpoint, time: u64) -> SignedCheckpoint {
    let line = witness().line(head, time, &signature(head, time)).unwrap();
    head.with_lines(&line).unwrap()
}

/// A line of the witness with these bytes after its key id, whatever they are.
fn raw(bytes: &[u8]) -> String {
    let typed = [witness().key_id().as_slice(), bytes].concat();
    format!("\u{2014} court.example/w1 {}\n", base64_of(&typed))
}

#[test]
fn a_cosignature_says_when_and_a_head_without_one_says_nothing() {
    assert_eq!(witness().cosigned(&head(7)), Ok(None));
    assert_eq!(witness().cosigned(&cosigned(&head(7), TIME)), Ok(Some(TIME)));
    assert_eq!(witness().cosigned(&cosigned(&head(7), TIME_MAX)), Ok(Some(TIME_MAX)));
}

/// The example of tlog-cosignature names the header, the time and the three lines.
#[test]
fn the_signed_bytes_are_those_of_the_specification() {
    let body =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
                    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(cosigned_bytes(1_679_315_147, body), expected.as_bytes());
}

#[test]
fn a_cosignature_of_another_head_time_or_key_is_refused_and_not_overlooked() {
    let other = cosigned(&head(8), TIME);
    let moved = other.note().lines().last().unwrap().to_owned();
    let elsewhere = head(7).with_lines(&format!("{moved}\n")).unwrap();
    let broken = Err(NoteError::Signature(Ed25519Error::Signature));
    assert_eq!(witness().cosigned(&elsewhere), broken);

    let sound = signature(&head(7), TIME);
    let later = raw(&[(TIME + 1).to_be_bytes().as_slice(), &sound].concat());
    assert_eq!(witness().cosigned(&head(7).with_lines(&later).unwrap()), broken);

    // The log's own signature over the same lines is no statement of a witness: the header keeps them apart.
    let plain = secret().sign(head(7).checkpoint().body().as_bytes()).to_bytes();
    let line = raw(&[TIME.to_be_bytes().as_slice(), &plain].concat());
    assert_eq!(witness().cosigned(&head(7).with_lines(&line).unwrap()), broken);
}

#[test]
fn what_is_no_time_and_signature_is_malformed() {
    let sound = signature(&head(7), TIME);
    let short = raw(&[TIME.to_be_bytes().as_slice(), &sound[..63]].concat());
    let long = raw(&[TIME.to_be_bytes().as_slice(), &sound, &[0]].concat());
    let timeless = raw(&[0u64.to_be_bytes().as_slice(), &signature(&head(7), 0)].concat());
    let late = TIME_MAX + 1;
    let beyond = raw(&[late.to_be_bytes().as_slice(), &signature(&head(7), late)].concat());
    for line in [short, long, timeless, beyond, raw(&[1, 2, 3])] {
        let noted = head(7).with_lines(&line).unwrap();
        let refused = Err(NoteError::Cosignature("court.example/w1".into()));
        assert_eq!(witness().cosigned(&noted), refused, "{line}");
    }
}

#[test]
fn any_flipped_bit_in_a_cosignature_is_refused() {
    let head = head(7);
    let sound = [TIME.to_be_bytes().as_slice(), &signature(&head, TIME)].concat();
    for bit in 0..sound.len() * 8 {
        let mut bytes = sound.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let noted = head.with_lines(&raw(&bytes)).unwrap();
        assert!(witness().cosigned(&noted).is_err(), "bit {bit}");
    }
}

#[test]
fn the_same_key_under_another_name_is_another_witness() {
    let noted = cosigned(&head(7), TIME);
    let twin = WitnessKey::new("court.example/w2", *witness().public()).unwrap();
    assert_eq!(twin.cosigned(&noted), Ok(None));
}

#[test]
fn a_line_is_made_only_of_a_signature_that_holds() {
    let refused = witness().line(&head(7), TIME, &signature(&head(8), TIME));
    assert_eq!(refused, Err(NoteError::Signature(Ed25519Error::Signature)));
    let timeless = witness().line(&head(7), 0, &signature(&head(7), 0));
    assert_eq!(timeless, Err(NoteError::Cosignature("court.example/w1".into())));
}

#[test]
fn answers_are_added_once_and_nothing_but_signature_lines() {
    let noted = cosigned(&head(7), TIME);
    let line = format!("{}\n", noted.note().lines().last().unwrap());
    assert_eq!(noted.with_lines(&line).unwrap(), noted);
    let again = witness().line(&noted, TIME + 1, &signature(&noted, TIME + 1)).unwrap();
    let twice = NoteError::DuplicateSignature("court.example/w1".into());
    assert_eq!(noted.with_lines(&again), Err(twice));
    assert!(matches!(head(7).with_lines(line.trim_end()), Err(NoteError::Shape(_))));
    for wrong in
        ["\n", "text\n", &format!("\n{line}"), &format!("{line}\n"), &format!("{line}text\n")]
    {
        assert!(matches!(head(7).with_lines(wrong), Err(NoteError::SignatureLine(_))), "{wrong:?}");
    }
    let many: String =
        (0..90).map(|n| format!("\u{2014} w{n} {}\n", base64_of(&[1; 200]))).collect();
    assert!(matches!(head(7).with_lines(&many), Err(NoteError::TooLong(_))));
}

#[test]
fn the_text_of_a_key_reads_back_and_has_one_spelling() {
    let text = witness().to_string();
    assert_eq!(text.parse::<WitnessKey>(), Ok(witness()));
    let as_log = VerifierKey::new("court.example/w1", *witness().public()).unwrap().to_string();
    let wrong_id = text.replace(&hex::encode(witness().key_id()), "00000000");
    let upper =
        text.replace(&hex::encode(witness().key_id()), &hex::encode_upper(witness().key_id()));
    assert_ne!(upper, text);
    // Another type, under the key id of a cosignature.
    let typed = base64_of(&[&[1u8], witness().public().as_slice()].concat());
    let other_type = format!("court.example/w1+{}+{typed}", hex::encode(witness().key_id()));
    let others = [as_log, wrong_id, upper, other_type];
    let spelled = [format!("{text}="), format!("{text} "), "a+b".into()];
    for wrong in others.into_iter().chain(spelled) {
        assert!(matches!(wrong.parse::<WitnessKey>(), Err(NoteError::WitnessKey(_))), "{wrong}");
    }
    // A witness of the future type, whose key is longer.
    let longer = base64_of(&[&[6u8], [1; 1312].as_slice()].concat());
    let unknown = format!("w+00000000+{longer}").parse::<WitnessKey>();
    assert!(matches!(unknown, Err(NoteError::WitnessKey(_))));
    let mut weak = [0; 32];
    weak[0] = 1;
    assert_eq!(WitnessKey::new("w", weak), Err(NoteError::Signature(Ed25519Error::Weak)));
}
