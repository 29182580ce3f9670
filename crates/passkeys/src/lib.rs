//! Passkeys at the border to WebAuthn: what a browser is asked, and what its answer proves. The verifying is a library's,
//! `webauthn-rs-core`; here stands what this station asks of it: user verification always, one origin, one relying party, no
//! attestation, and the two kinds of keys that authenticators of today make. Who may use which key for what is decided elsewhere.

/// Public keys as COSE_Key, for the record.
mod cose;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;
use std::time::Duration;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationFormat, AuthenticationState, COSEAlgorithm, Credential, ParsedAttestation,
    PublicKeyCredential, RegisterPublicKeyCredential, RegisteredExtensions, RegistrationState,
    UserVerificationPolicy,
};

/// So long a browser waits for whoever touches the authenticator.
const PATIENCE: Duration = Duration::from_secs(110);

/// Why an answer proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is no answer to a question of this kind.
    NotAnAnswer(String),
    /// Asked by another page than one of ours.
    OtherOrigin,
    /// For another relying party.
    OtherParty,
    /// An answer to something else that was asked.
    OtherChallenge,
    /// The authenticator did not look who touches it.
    NotVerified,
    /// The signature, or the key that it was made with, is not the one that counts.
    NotThisKey,
    /// A key of a kind that cannot be kept.
    UnknownKind,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::NotAnAnswer(why) => {
                write!(f, "浏览器的回答无法识别 the browser's answer is none: {why}")
            }
            Refused::OtherOrigin => f.write_str("回答来自别的网页 another page asked for this answer"),
            Refused::OtherParty => f.write_str("这是别处的通行密钥 this passkey is for another place"),
            Refused::OtherChallenge => {
                f.write_str("回答与所问不符 this answers something else; try again")
            }
            Refused::NotVerified => f.write_str(
                "设备没有核验使用者（指纹、面容或设备口令） the device did not verify its user; set up a fingerprint, face or PIN on it",
            ),
            Refused::NotThisKey => {
                f.write_str("签名不对 the signature is not of the passkey that it names")
            }
            Refused::UnknownKind => {
                f.write_str("这种密钥无法使用 keys of this kind cannot be used; take another device")
            }
        }
    }
}

impl std::error::Error for Refused {}

fn refused(e: WebauthnError) -> Refused {
    match e {
        WebauthnError::MismatchedChallenge => Refused::OtherChallenge,
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => {
            Refused::OtherOrigin
        }
        WebauthnError::InvalidRPIDHash => Refused::OtherParty,
        WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => Refused::NotVerified,
        WebauthnError::AuthenticationFailure
        | WebauthnError::SignatureInvalid
        | WebauthnError::CredentialNotFound
        | WebauthnError::CredentialBackupEligibilityInconsistent => Refused::NotThisKey,
        WebauthnError::CredentialAlteredAlgFromRequest => Refused::UnknownKind,
        other => Refused::NotAnAnswer(other.to_string()),
    }
}

/// The station as a browser calls it at one door.
pub struct Party {
    core: WebauthnCore,
    origin: String,
}

/// Whose key is to be made.
pub struct Owner<'a> {
    /// Names them to the authenticator and to nobody else, at most 64 bytes.
    pub handle: &'a [u8],
    pub name: &'a str,
}

/// A key that counts, as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Base64url.
    pub credential: String,
    /// COSE_Key, base64url.
    pub key: String,
    pub synced: bool,
}

/// A key that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub known: Known,
    pub counter: u32,
}

/// A key is being made; spent by its answer.
pub struct Making(RegistrationState);

/// A signature was asked for; spent by its answer.
pub struct Asking(AuthenticationState);

/// An answer as a browser sends it: which key, and for whom its authenticator keeps it.
pub struct Answer(PublicKeyCredential);

/// A signature that was verified, with its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Signatures that the authenticator counts; the caller compares it with what was seen before.
    pub counter: u32,
}

#[derive(Deserialize)]
struct Collected {
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<String>,
}

impl Party {
    /// `id` is the name in `origin`. None where a browser gives no passkeys to such a page: an address of numbers is no name,
    /// and a page that came without TLS is trusted only as `localhost`.
    pub fn new(id: &str, origin: &str) -> Option<Party> {
        let parsed = url_of(origin)?;
        let named = id.parse::<std::net::IpAddr>().is_err() && !id.starts_with('[');
        let trusted = origin.starts_with("https://") || id == "localhost";
        let own = host_of(origin) == Some(id);
        if id.is_empty() || !named || !trusted || !own {
            return None;
        }
        let core = WebauthnCore::new_unsafe_experts_only(
            "sealdock",
            id,
            vec![parsed],
            PATIENCE,
            Some(false),
            Some(false),
        );
        Some(Party { core, origin: origin.to_owned() })
    }

    /// What a browser is asked to make, as JSON; keys that are there already are not made again.
    ///
    /// # Errors
    /// The owner has no name.
    pub fn make(
        &self,
        owner: &Owner,
        there: &[Known],
    ) -> Result<(serde_json::Value, Making), Refused> {
        let there = there.iter().map(|known| decoded(&known.credential));
        let there = there.collect::<Result<Vec<_>, _>>()?;
        let builder = self
            .core
            .new_challenge_register_builder(owner.handle, owner.name, owner.name)
            .map_err(refused)?
            .user_verification_policy(UserVerificationPolicy::Required)
            .require_resident_key(true)
            .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::RS256])
            .exclude_credentials(Some(there));
        let (asked, state) = self.core.generate_challenge_register(builder).map_err(refused)?;
        Ok((json(&asked)?, Making(state)))
    }

    /// The key that was made.
    ///
    /// # Errors
    /// It is no answer to this question, of this page, with its user verified.
    pub fn made(&self, asked: Making, answer: &str) -> Result<Made, Refused> {
        let answer: RegisterPublicKeyCredential = read(answer)?;
        self.ours(&answer.response.client_data_json)?;
        let made = self.core.register_credential(&answer, &asked.0, None).map_err(refused)?;
        if !made.user_verified {
            return Err(Refused::NotVerified);
        }
        let key = cose::written(&made.cred).ok_or(Refused::UnknownKind)?;
        let known = Known {
            credential: BASE64.encode(&made.cred_id),
            key: BASE64.encode(key),
            synced: made.backup_eligible,
        };
        Ok(Made { known, counter: made.counter })
    }

    /// What a browser is asked to sign with, as JSON; of nobody's keys in particular, whoever it is chooses.
    ///
    /// # Errors
    /// The record holds a key that is none.
    pub fn ask(&self, keys: &[Known]) -> Result<(serde_json::Value, Asking), Refused> {
        let keys = keys.iter().map(credential).collect::<Result<Vec<_>, _>>()?;
        let policy = Some(UserVerificationPolicy::Required);
        let builder =
            self.core.new_challenge_authenticate_builder(keys, policy).map_err(refused)?;
        let (asked, state) = self.core.generate_challenge_authenticate(builder).map_err(refused)?;
        Ok((json(&asked)?, Asking(state)))
    }

    /// Was it signed with this key, on a page of ours, by a user whom the authenticator verified? The counter is not judged here.
    ///
    /// # Errors
    /// It was not.
    pub fn shown(&self, asked: Asking, answer: &Answer, key: &Known) -> Result<Shown, Refused> {
        self.ours(&answer.0.response.client_data_json)?;
        let key = credential(key)?;
        let proven =
            self.core.authenticate_single_credential(&answer.0, &asked.0, &key).map_err(refused)?;
        if !proven.user_verified() {
            return Err(Refused::NotVerified);
        }
        Ok(Shown { counter: proven.counter() })
    }

    /// The library compares addresses; a browser writes an origin in one way only, and says when the page was in a frame of another.
    fn ours(&self, collected: &[u8]) -> Result<(), Refused> {
        let collected: Collected =
            serde_json::from_slice(collected).map_err(|e| Refused::NotAnAnswer(e.to_string()))?;
        let framed = collected.cross_origin || collected.top_origin.is_some();
        match collected.origin == self.origin && !framed {
            true => Ok(()),
            false => Err(Refused::OtherOrigin),
        }
    }
}

impl Answer {
    /// # Errors
    /// It is none.
    pub fn read(text: &str) -> Result<Answer, Refused> {
        read(text).map(Answer)
    }

    /// Base64url, as the record has it.
    pub fn credential(&self) -> String {
        BASE64.encode(&self.0.raw_id)
    }

    /// For whom the authenticator keeps the key; it need not say so where it was told which key.
    pub fn handle(&self) -> Option<&[u8]> {
        self.0.response.user_handle.as_deref()
    }
}

fn url_of(origin: &str) -> Option<url::Url> {
    url::Url::parse(origin).ok().filter(|url| url.host_str().is_some())
}

fn host_of(origin: &str) -> Option<&str> {
    let rest = origin.split_once("://")?.1;
    Some(rest.rsplit_once(':').map_or(rest, |(host, _)| host))
}

fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(|e| Refused::NotAnAnswer(e.to_string()))
}

fn json(asked: &impl serde::Serialize) -> Result<serde_json::Value, Refused> {
    serde_json::to_value(asked).map_err(|e| Refused::NotAnAnswer(e.to_string()))
}

fn decoded(text: &str) -> Result<Vec<u8>, Refused> {
    BASE64.decode(text).map_err(|e| Refused::NotAnAnswer(e.to_string()))
}

/// As the library wants it. Its counter is nought: going back is judged where the record is written.
fn credential(known: &Known) -> Result<Credential, Refused> {
    Ok(Credential {
        cred_id: decoded(&known.credential)?,
        cred: cose::read(&decoded(&known.key)?).ok_or(Refused::UnknownKind)?,
        counter: 0,
        transports: None,
        user_verified: true,
        backup_eligible: known.synced,
        backup_state: false,
        registration_policy: UserVerificationPolicy::Required,
        extensions: RegisteredExtensions::none(),
        attestation: ParsedAttestation::default(),
        attestation_format: AttestationFormat::None,
    })
}
