//! What stands in a key file: the secret itself, or on which token it lies. One line of text either way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use sealdock_chain::digest::Digest;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::KeyPlace;
use zeroize::Zeroizing;

const SECRET: &str = "sealdock-key-v1";
const TOKEN: &str = "sealdock-token-v1";

/// A key as its file has it.
pub(crate) enum Line {
    Secret(SigningKey),
    Token(Reference),
}

/// A key that never leaves its token. It is found there by its public key; the rest is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) public: [u8; 32],
    /// `CKA_ID`, in hexadecimal.
    pub(crate) id: String,
    /// Of the token that it was made on.
    pub(crate) serial: String,
}

impl Line {
    pub(crate) fn public(&self) -> [u8; 32] {
        match self {
            Line::Secret(key) => key.verifying_key().to_bytes(),
            Line::Token(reference) => reference.public,
        }
    }

    pub(crate) fn place(&self) -> KeyPlace {
        match self {
            Line::Secret(_) => KeyPlace::File,
            Line::Token(_) => KeyPlace::Token,
        }
    }

    pub(crate) fn text(&self, role: KeyKind) -> Zeroizing<String> {
        let (role, public) = (role.as_str(), Digest(self.public()));
        Zeroizing::new(match self {
            Line::Secret(key) => {
                let seed = Zeroizing::new(STANDARD.encode(key.as_bytes()));
                format!("{SECRET} {role} {} {public}\n", seed.as_str())
            }
            Line::Token(Reference { id, serial, .. }) => {
                format!("{TOKEN} {role} {public} {id} {serial}\n")
            }
        })
    }

    pub(crate) fn parse(bytes: &[u8], role: KeyKind) -> Result<Line, &'static str> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not text")?;
        let text = text.strip_suffix('\n').ok_or("it does not end in one line feed")?;
        if let Some(rest) = text.strip_prefix(TOKEN) {
            return reference(rest, role).map(Line::Token);
        }
        let parts: Vec<&str> = text.split(' ').collect();
        let [SECRET, kind, seed, public] = parts[..] else {
            return Err("it is not the line `sealdock-key-v1 ROLE SEED PUBLIC`");
        };
        of_role(kind, role)?;
        let seed = Zeroizing::new(STANDARD.decode(seed).map_err(|_| "its seed is not base64")?);
        let seed: &[u8; 32] =
            seed.as_slice().try_into().map_err(|_| "its seed does not have 32 bytes")?;
        let key = SigningKey::from_bytes(seed);
        if hexadecimal(public)? != key.verifying_key().to_bytes() {
            return Err("its public key does not belong to its seed");
        }
        Ok(Line::Secret(key))
    }
}

/// The serial comes last because the makers of tokens put spaces into it.
fn reference(rest: &str, role: KeyKind) -> Result<Reference, &'static str> {
    let parts: Vec<&str> = rest.splitn(5, ' ').collect();
    let ["", kind, public, id, serial] = parts[..] else {
        return Err("it is not the line `sealdock-token-v1 ROLE PUBLIC ID SERIAL`");
    };
    of_role(kind, role)?;
    if serial.contains(char::is_control) {
        return Err("its serial holds what cannot be printed");
    }
    Ok(Reference { public: hexadecimal(public)?, id: id.to_owned(), serial: serial.to_owned() })
}

fn of_role(kind: &str, role: KeyKind) -> Result<(), &'static str> {
    if kind != role.as_str() {
        return Err("it holds the key of the other role");
    }
    Ok(())
}

fn hexadecimal(public: &str) -> Result<[u8; 32], &'static str> {
    let said: Digest = public.parse().map_err(|_| "its public key is not hexadecimal")?;
    Ok(said.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> Line {
        Line::Secret(SigningKey::from_bytes(&[byte; 32]))
    }

    fn refused(bytes: &[u8]) -> &'static str {
        Line::parse(bytes, KeyKind::Log).err().expect("a refusal")
    }

    #[test]
    fn a_line_comes_back_as_its_key() {
        let text = secret(7).text(KeyKind::Log);
        assert!(text.starts_with("sealdock-key-v1 log BwcH") && text.ends_with('\n'));
        let Ok(Line::Secret(key)) = Line::parse(text.as_bytes(), KeyKind::Log) else {
            panic!("a secret")
        };
        assert_eq!(key.as_bytes(), &[7; 32]);
    }

    #[test]
    fn a_reference_comes_back_with_the_spaces_of_its_serial() {
        let reference = Reference { public: [9; 32], id: "0a0b".into(), serial: "SN 12  3".into() };
        let text = Line::Token(reference.clone()).text(KeyKind::Evidence);
        let Ok(Line::Token(read)) = Line::parse(text.as_bytes(), KeyKind::Evidence) else {
            panic!("a reference")
        };
        assert_eq!(read, reference);
        assert!(refused(text.as_bytes()).contains("other role"));
        for (from, to, why) in [
            ("0909", "09zz", "hexadecimal"),
            (" 0a0b SN 12  3", "", "is not the line"),
            ("token-v1", "token-v12", "is not the line"),
            ("SN", "S\tN", "cannot be printed"),
        ] {
            let text = text.replacen("evidence", "log", 1).replacen(from, to, 1);
            assert!(refused(text.as_bytes()).contains(why), "{text}");
        }
    }

    #[test]
    fn every_damage_is_named() {
        let good = secret(7).text(KeyKind::Log).to_string();
        let other = Digest(secret(8).public()).to_string();
        let own = &good[good.len() - 65..good.len() - 1];
        let cases = [
            (String::new(), "line feed"),
            ("\0".repeat(130) + "\n", "is not the line"),
            (good.trim_end().to_owned(), "line feed"),
            (format!("{good}\n"), "hexadecimal"),
            (good.replace("key-v1", "key-v2"), "is not the line"),
            (good.replace(" log ", " evidence "), "other role"),
            (good.replace("BwcH", "Bwc!"), "not base64"),
            (good.replace("BwcH", ""), "32 bytes"),
            (good.replace("BwcH", "AwcH"), "does not belong"),
            (good.replace(own, &other), "does not belong"),
            (good.replace(own, &own.to_uppercase()), "hexadecimal"),
        ];
        for (text, why) in cases {
            let said = refused(text.as_bytes());
            assert!(said.contains(why), "{text:?}: {said}");
        }
        assert_eq!(refused(&[0xff, b'\n']), "it is not text");
    }
}
