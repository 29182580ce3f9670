use ed25519_dalek::{Signer as _, SigningKey};

use super::*;

fn signing() -> SigningKey {
    SigningKey::from_bytes(&[8; 32])
}

fn public() -> [u8; 32] {
    signing().verifying_key().to_bytes()
}

fn sha256() -> Digest {
    Digest::of(b"clip")
}

fn sample() -> String {
    let signature = signing().sign(&signed_bytes(CLIP_NAMESPACE, &sha256())).to_bytes();
    armor(&public(), CLIP_NAMESPACE, signature)
}

#[test]
fn verifies_what_was_signed_and_nothing_else() {
    let other = SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
    let armored = sample();
    assert_eq!(verify(&armored, &public(), CLIP_NAMESPACE, &sha256()), Ok(()));
    assert_eq!(
        verify(&armored, &public(), CLIP_NAMESPACE, &Digest::of(b"clap")),
        Err(SshsigError::Signature(Ed25519Error::Signature))
    );
    assert_eq!(verify(&armored, &other, CLIP_NAMESPACE, &sha256()), Err(SshsigError::OtherKey));
    assert_eq!(
        verify(&armored, &public(), "file", &sha256()),
        Err(SshsigError::Namespace { found: CLIP_NAMESPACE.into(), expected: "file".into() })
    );
}

#[test]
fn lines_have_70_columns() {
    let armored = sample();
    let lines: Vec<&str> = armored.lines().collect();
    let [_, full @ .., last, _] = lines.as_slice() else { panic!("too short") };
    assert!(full.iter().all(|line| line.len() == 70));
    assert!((1..=70).contains(&last.len()));
    assert!(armored.ends_with("-----END SSH SIGNATURE-----\n"));
}

#[test]
fn any_flipped_bit_is_refused() {
    let armored = sample();
    for bit in 0..armored.len() * 8 {
        let mut bytes = armored.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(edited) = String::from_utf8(bytes) else { continue };
        assert!(verify(&edited, &public(), CLIP_NAMESPACE, &sha256()).is_err(), "{edited}");
    }
}

#[test]
fn other_spellings_are_refused() {
    let armored = sample();
    let (first, rest) = armored.split_once('\n').unwrap();
    let cases = [
        ("empty", String::new()),
        ("no final line feed", armored.trim_end().to_owned()),
        ("line feed more", format!("{armored}\n")),
        ("text in front", format!("x\n{armored}")),
        ("carriage returns", armored.replace('\n', "\r\n")),
        ("blank line", format!("{first}\n\n{rest}")),
        ("one long line", {
            let inner: String = armored.lines().filter(|l| !l.starts_with('-')).collect();
            format!("{BEGIN}{inner}\n{END}")
        }),
        ("nothing inside", format!("{BEGIN}{END}")),
    ];
    for (what, text) in cases {
        let result = verify(&text, &public(), CLIP_NAMESPACE, &sha256());
        assert!(matches!(result, Err(SshsigError::Malformed(_))), "{what}: {result:?}");
    }
}

/// Every field edited with its length kept right, and the text cut anywhere.
#[test]
fn edited_fields_are_refused() {
    let raw = [3u8; 64];
    let build = |version: u32, fields: [&[u8]; 5], tail: &[u8]| {
        let mut blob = [MAGIC, &version.to_be_bytes()].concat();
        fields.iter().for_each(|field| push_string(&mut blob, field));
        blob.extend_from_slice(tail);
        let base64 = base64_of(&blob);
        let lines: Vec<&str> = base64
            .as_bytes()
            .chunks(COLUMNS)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        format!("{BEGIN}{}\n{END}", lines.join("\n"))
    };
    let (pk, ns, sig) = (typed(&public()), CLIP_NAMESPACE.as_bytes(), typed(&raw));
    assert_eq!(build(1, [&pk, ns, b"", HASH, &sig], b""), armor(&public(), CLIP_NAMESPACE, raw));
    let check = |text: &str| verify(text, &public(), CLIP_NAMESPACE, &sha256());
    let hash512 = build(1, [&pk, ns, b"", b"sha512", &sig], b"");
    assert_eq!(check(&hash512), Err(SshsigError::Hash("sha512".into())));
    for malformed in [
        build(2, [&pk, ns, b"", HASH, &sig], b""),
        build(1, [&pk, ns, b"reserved", HASH, &sig], b""),
        build(1, [&pk, ns, b"", HASH, &sig], b"tail"),
        build(1, [&pk, ns, b"", HASH, &typed(&raw[1..])], b""),
        build(1, [&pk, ns, b"", HASH, &raw], b""),
        build(1, [&pk, ns, b"", HASH, &[&b"x"[..], &sig].concat()], b""),
    ] {
        assert!(matches!(check(&malformed), Err(SshsigError::Malformed(_))), "{malformed}");
    }
    let blob = [MAGIC, &VERSION].concat();
    for length in [0u32, 5, u32::MAX] {
        let short = [blob.as_slice(), &length.to_be_bytes()].concat();
        assert!(check(&format!("{BEGIN}{}\n{END}", base64_of(&short))).is_err());
    }
}

#[test]
fn the_public_line_stays_one_line() {
    let line = public_line(&public(), "station7\nevidence");
    assert_eq!(line, format!("ssh-ed25519 {} station7 evidence", base64_of(&typed(&public()))));
    assert!(line.starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"));
}

#[test]
fn allowed_signers_lines_allow_no_more_than_asked() {
    let line = |who: &str, after, before| {
        allowed_signers_line(who, CLIP_NAMESPACE, &public(), after, before)
    };
    let bare = format!(
        "station7 namespaces=\"clip@sealdock\" ssh-ed25519 {}",
        base64_of(&typed(&public()))
    );
    assert_eq!(line("station7", None, None).unwrap(), bare);
    let bounded = line("station7", Some("20260101"), Some("20270101000000Z")).unwrap();
    assert!(bounded.starts_with(
        "station7 namespaces=\"clip@sealdock\",valid-after=\"20260101\",\
         valid-before=\"20270101000000Z\" ssh-ed25519 "
    ));
    for who in ["", "*", "a,b", "!a", "a?", "a b", "a\nb", "a\"b", "#a"] {
        assert_eq!(line(who, None, None), Err(SshsigError::Field(who.into())));
    }
    for time in ["", "Z", "2026", "2026-01-01", "20260101000000+0800", "２０２６０１０１"] {
        assert_eq!(line("a", Some(time), None), Err(SshsigError::Time(time.into())));
        assert_eq!(line("a", None, Some(time)), Err(SshsigError::Time(time.into())));
    }
}
