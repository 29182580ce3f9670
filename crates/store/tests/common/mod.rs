//! A station's keys and clock without a disk, and events as a real station appends them.
#![allow(dead_code, clippy::unwrap_used)]

use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::digest::Digest;
use sealdock_chain::note::VerifierKey;
use sealdock_chain::sshsig;
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::event::*;
use sealdock_core::id::{ClipId, SessionId};
use sealdock_core::ports::{
    Appended, Clock, Decide, Decision, KeyPlace, Kind, Ledger, PortError, PortResult, Refusal,
    Signer,
};
use sealdock_core::time::{ClockOffset, Stamp, WallMs};
use sealdock_store::{Outside, Store};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

pub const ORIGIN: &str = "pd.example/station7";

/// Keys from fixed seeds: the one in force and the one that waits.
pub struct Keys {
    log: Mutex<[SigningKey; 2]>,
    evidence: Mutex<[SigningKey; 2]>,
}

fn seeded(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

impl Keys {
    pub fn new() -> Arc<Keys> {
        let pair = |seed| Mutex::new([seeded(seed), seeded(seed + 1)]);
        Arc::new(Keys { log: pair(1), evidence: pair(101) })
    }

    fn pair(&self, key: KeyKind, ahead: usize) -> SigningKey {
        let pair = match key {
            KeyKind::Log => &self.log,
            KeyKind::Evidence => &self.evidence,
        };
        pair.lock().unwrap()[ahead].clone()
    }
}

impl Signer for Keys {
    fn public(&self, key: KeyKind) -> [u8; 32] {
        self.pair(key, 0).verifying_key().to_bytes()
    }
    fn sign(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        Ok(self.pair(key, 0).sign(bytes).to_bytes())
    }
    fn prepare_next(&self, key: KeyKind, _to: Option<KeyPlace>) -> PortResult<[u8; 32]> {
        Ok(self.pair(key, 1).verifying_key().to_bytes())
    }
    fn sign_next(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        Ok(self.pair(key, 1).sign(bytes).to_bytes())
    }
    fn activate(&self, key: KeyKind, public: [u8; 32]) -> PortResult<()> {
        if self.prepare_next(key, None)? == public {
            let pair = match key {
                KeyKind::Log => &self.log,
                KeyKind::Evidence => &self.evidence,
            };
            pair.lock().unwrap().rotate_left(1);
            return Ok(());
        }
        Err(PortError::new(Kind::Invalid, "no such key is waiting"))
    }
}

/// One second further at every look.
#[derive(Default)]
pub struct Ticks(AtomicU64);

impl Clock for Ticks {
    fn now(&self) -> Stamp {
        let mono_ms = self.0.fetch_add(1000, Ordering::Relaxed);
        let wall = WallMs(1_795_000_000_000 + mono_ms as i64);
        Stamp { boot: "0f8fad5b-d9cb-469f-a165-70867728950e".into(), mono_ms, wall }
    }
}

pub fn outside(keys: &Arc<Keys>) -> Outside {
    Outside::new(Arc::clone(keys) as Arc<dyn Signer>, Arc::new(Ticks::default()))
}

pub fn create(dir: &Path, keys: &Arc<Keys>) -> Store {
    Store::create_with(dir, ORIGIN, outside(keys)).unwrap()
}

pub fn open(dir: &Path, keys: &Arc<Keys>) -> PortResult<Store> {
    Store::open_with(dir, outside(keys))
}

/// A station that is founded and has `people` enrolled, each with a PIN.
pub fn founded(dir: &Path, keys: &Arc<Keys>, people: u32) -> Store {
    let store = create(dir, keys);
    append(&store, vec![founding(keys)]).unwrap();
    for n in 0..people {
        enrol(&store, n).unwrap();
    }
    store
}

pub fn transact(
    store: &Store,
    decide: impl FnOnce(u64) -> Decision + Send + 'static,
) -> PortResult<Result<Appended, Refusal>> {
    let decide: Decide = Box::new(move |_, context| Ok(Ok(decide(context.seq))));
    store.transact(&ActorRecord::Operator { uid: 1000 }, decide)
}

pub fn append(store: &Store, events: Vec<Event>) -> PortResult<Appended> {
    Ok(transact(store, |_| events.into())?.unwrap())
}

pub fn enrol(store: &Store, n: u32) -> PortResult<Appended> {
    let (person, phc) = person(n);
    let secrets = vec![(format!("pin:P{n}"), phc)];
    Ok(transact(store, |_| Decision { events: vec![person], secrets })?.unwrap())
}

pub fn founding(keys: &Keys) -> Event {
    let log_public = keys.public(KeyKind::Log);
    let evidence = keys.public(KeyKind::Evidence);
    Event::StationFounded(StationFounded {
        origin: ORIGIN.into(),
        unit: "县公安局".into(),
        log_vkey: VerifierKey::new(ORIGIN, log_public).unwrap().to_string(),
        evidence_key: sshsig::public_line(&evidence, ORIGIN),
        software: Software { name: "sealdock".into(), version: "0.1.0".into(), sha256: None },
        log_public: Digest(log_public),
        evidence_public: Digest(evidence),
        policy_sha256: Digest::of(b"policy"),
    })
}

/// A person and the secret hash of their PIN.
pub fn person(n: u32) -> (Event, String) {
    let phc = format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$hash-of-{n}");
    let event = Event::PersonEnrolled(PersonEnrolled {
        id: format!("P{n}").parse().unwrap(),
        name: format!("officer {n}"),
        role: Role::Officer,
        pin_commitment: Some(Digest::of(phc.as_bytes())),
    });
    (event, phc)
}

pub fn rotation(keys: &Keys, key: KeyKind, epoch: u32) -> Event {
    let old = Digest(keys.public(key));
    let new = Digest(keys.prepare_next(key, None).unwrap());
    let said = KeyRotated::statement(ORIGIN, key, epoch, &old, &new);
    let hex = |bytes: [u8; 64]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    Event::KeyRotated(KeyRotated {
        key,
        epoch,
        old_public: old,
        new_public: new,
        old_signature: hex(keys.sign(key, &said).unwrap()),
        new_signature: hex(keys.sign_next(key, &said).unwrap()),
    })
}

pub fn session() -> Event {
    Event::SessionOpened(SessionOpened {
        bay: "bay-1".parse().unwrap(),
        recorder_claim: "J800123".parse().unwrap(),
        recorder: Some("J800123".parse().unwrap()),
        officer_claim: Some("P0".parse().unwrap()),
        officer: Some("P0".parse().unwrap()),
        binding: Binding::OfficerPin { officer: "P0".parse().unwrap() },
        fingerprint: "vfat label=DSJ serial=1A2B-3C4D size=31914983424".into(),
        profile: "generic-dsj".into(),
    })
}

pub fn listing(session: u64, lines: u32) -> Event {
    Event::ListingSigned(ListingSigned {
        session: SessionId(session),
        object: Digest::of(&session.to_be_bytes()),
        lines,
        files: lines,
        bytes: u64::from(lines) << 28,
        clock: ClockOffset::Measured { offset_ms: -1500, source: "fat-mtime".into() },
        conflict: None,
    })
}

/// A clip, its signature made by `keys` if there are any.
pub fn clip(session: u64, line: u32, keys: Option<&Keys>) -> Event {
    let sha256 = Digest::of(format!("{session}/{line}").as_bytes());
    let signature = keys.map_or([7; 64], |keys| {
        let said = sshsig::signed_bytes(sshsig::CLIP_NAMESPACE, &sha256);
        keys.sign(KeyKind::Evidence, &said).unwrap()
    });
    let public = keys.map_or([9; 32], |keys| keys.public(KeyKind::Evidence));
    Event::ClipStored(Box::new(ClipStored {
        session: SessionId(session),
        line,
        recorder_claim: "J800123".parse().unwrap(),
        raw: format!("{:0>64}", line),
        name: format!("DCIM/J800123_P0_20261121081506_{line:04}.MP4"),
        size: 268_435_456,
        sha256,
        chunk: ChunkFacts { size: 4_194_304, root: Digest::of(&sha256.0) },
        sm3: None,
        mtime_ms: Some(1_795_000_000_000),
        named_time: Some("20261121081506".into()),
        recorded: Some(WallMs(1_795_000_000_000)),
        due: Vec::new(),
        recorder: Some("J800123".parse().unwrap()),
        officer: Some("P0".parse().unwrap()),
        media: "video".into(),
        marked: line.is_multiple_of(16),
        copies: vec!["vault".into(), "mirror".into()],
        read_back: "direct-io".into(),
        binding: "officer-pin".into(),
        sshsig: sshsig::armor(&public, sshsig::CLIP_NAMESPACE, signature),
        evidence_epoch: 1,
    }))
}

/// What follows a stored clip: facts, intent, settlement.
pub fn aftermath(session: u64, line: u32, clip: u64) -> Vec<Event> {
    let sha256 = Digest::of(format!("{session}/{line}").as_bytes());
    vec![
        Event::ClipDescribed(ClipDescribed {
            clip: ClipId(clip),
            facts: Some(serde_json::json!({"codec": "h264", "container": "mp4", "width": 1920,
                "height": 1080, "duration_ms": 300_000, "created": "2026-11-21T08:15:06Z"})),
            undescribed: None,
        }),
        Event::WipeIntended(WipeIntended {
            session: SessionId(session),
            line,
            clip: ClipId(clip),
            recorder_claim: "J800123".parse().unwrap(),
            raw: format!("{:0>64}", line),
            size: 268_435_456,
            sha256,
            second_reading: "direct-io after remount".into(),
            order: "policy".into(),
        }),
        Event::WipeSettled(WipeSettled {
            session: SessionId(session),
            line,
            outcome: WipeOutcome::Wiped,
            reason: None,
            shown_by: None,
        }),
    ]
}
