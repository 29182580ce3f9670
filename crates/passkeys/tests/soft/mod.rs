//! An authenticator in software, for tests: it answers as one does, and lies where it is told to.
#![allow(dead_code, reason = "every test binary uses its own part")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What browser and authenticator say of the moment.
#[derive(Clone)]
pub struct Moment {
    pub origin: String,
    pub party: String,
    pub verified: bool,
    pub framed: bool,
}

impl Moment {
    /// An honest one.
    pub fn at(origin: &str, party: &str) -> Moment {
        let (origin, party) = (origin.to_owned(), party.to_owned());
        Moment { origin, party, verified: true, framed: false }
    }

    fn collected(&self, kind: &str, challenge: &str) -> Vec<u8> {
        let said = json!({ "type": kind, "challenge": challenge, "origin": self.origin,
            "crossOrigin": self.framed });
        said.to_string().into_bytes()
    }

    fn data(&self, flags: u8, counter: u32) -> Vec<u8> {
        let mut data = Sha256::digest(self.party.as_bytes()).to_vec();
        data.push(flags | 0x01 | if self.verified { 0x04 } else { 0 });
        data.extend(counter.to_be_bytes());
        data
    }
}

/// One key in it.
pub struct Soft {
    document: Vec<u8>,
    pub id: Vec<u8>,
    pub handle: Option<Vec<u8>>,
    /// Nought stays nought, as of keys that are copied.
    pub counter: u32,
}

fn text(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

impl Soft {
    pub fn new(counter: u32) -> Soft {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        let document = document.unwrap().as_ref().to_vec();
        let id = Sha256::digest(&document).to_vec();
        Soft { document, id, handle: None, counter }
    }

    fn pair(&self) -> EcdsaKeyPair {
        let random = SystemRandom::new();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.document, &random).unwrap()
    }

    /// Makes the key that is asked for.
    pub fn make(&mut self, asked: &Value, moment: &Moment) -> Value {
        self.handle = Some(BASE64.decode(asked["user"]["id"].as_str().unwrap()).unwrap());
        let pair = self.pair();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let head: &[u8] = &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20];
        let mut data = moment.data(0x40, self.counter);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend([&self.id[..], head, x, &[0x22, 0x58, 0x20], y].concat());
        let length = u8::try_from(data.len()).unwrap();
        let object = [
            &[0xa3, 0x63][..],
            b"fmt",
            &[0x64],
            b"none",
            &[0x67],
            b"attStmt",
            &[0xa0, 0x68],
            b"authData",
            &[0x58, length],
            &data,
        ];
        let collected = moment.collected("webauthn.create", asked["challenge"].as_str().unwrap());
        json!({ "id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "extensions": {},
            "response": { "attestationObject": text(&object.concat()),
                "clientDataJSON": text(&collected) } })
    }

    /// Signs what is asked.
    pub fn sign(&mut self, asked: &Value, moment: &Moment) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = moment.data(0, self.counter);
        let collected = moment.collected("webauthn.get", asked["challenge"].as_str().unwrap());
        let signed = [&data[..], &Sha256::digest(&collected)].concat();
        let signature = self.pair().sign(&SystemRandom::new(), &signed).unwrap();
        json!({ "id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "extensions": {},
            "response": { "authenticatorData": text(&data), "signature": text(signature.as_ref()),
                "clientDataJSON": text(&collected),
                "userHandle": self.handle.as_ref().map(|handle| text(handle)) } })
    }
}
