//! A station in memory that makes packages exactly as the design has them. A test may look over its shoulder at
//! every stage and change what it is about to sign, which is how a package comes about that is wrong in one
//! thing and sound in all others.

use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tiles::{TILE_WIDTH, TileKind, TilePlan, entry_bundle, tile_bytes};
use sealdock_chain::tree::{
    NodeSource, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of,
};
use sealdock_chain::{ChunkTree, Digest, Entry, TlogProof, sshsig, to_canonical};
use sealdock_verify::Memory;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub const ORIGIN: &str = "test.example/station7";
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a test may change before it is signed or counted.
pub enum Stage<'a> {
    Entry(&'a mut Entry),
    /// Number, canonical bytes.
    EntryBytes(u64, &'a mut Vec<u8>),
    /// Everything that the tag manifest will name.
    Tags(&'a mut Files),
    Payload(&'a mut Files),
    Manifest(&'a mut String),
    Tagmanifest(&'a mut String),
    Handover(&'a mut Files),
}

pub type Hook = Box<dyn Fn(&Station, Stage) + Send + Sync>;

/// What is to be made.
#[derive(Clone)]
pub struct Plan {
    /// First bytes of the seeds of all keys: another number is another station.
    pub seed: u8,
    pub clips: Vec<Vec<u8>>,
    pub rotate_log: bool,
    pub rotate_evidence: bool,
    /// The log key is rotated by the last entry under the first head.
    pub rotate_late: bool,
    /// Sizes of heads that were given out before.
    pub anchors: Vec<u64>,
    /// Events put in between docking and copy, and shown.
    pub between: Vec<Value>,
    /// Keys that end without a rotation, between docking and copy.
    pub replace: Vec<Replace>,
    /// The same by the last entry under the first head.
    pub replace_late: Option<Replace>,
}

/// A key that ends without a rotation.
#[derive(Clone, Copy)]
pub struct Replace {
    pub key: &'static str,
    pub cause: &'static str,
    pub since: Option<&'static str>,
    /// The old key signs, too.
    pub old: bool,
}

/// Three clips, one of them in two pieces.
pub fn usual() -> Plan {
    let large = (0..4 * 1024 * 1024 + 1000u32).map(|i| (i / 3) as u8).collect();
    let clips = vec![b"first clip".to_vec(), large, b"third clip, marked".to_vec()];
    Plan { clips, ..small() }
}

/// One clip of a few bytes, for sweeps over every byte.
pub fn small() -> Plan {
    Plan {
        seed: 1,
        clips: vec![b"a clip of a few bytes".to_vec()],
        rotate_log: false,
        rotate_evidence: false,
        rotate_late: false,
        anchors: vec![3],
        between: vec![],
        replace: vec![],
        replace_late: None,
    }
}

pub struct Package {
    pub folder: Memory,
    pub station: Station,
    /// The copy's own entry.
    pub copy: u64,
    /// Entries under the first head and under the second.
    pub sizes: (u64, u64),
}

impl Package {
    /// The verifier key of epoch 1, as it stands on paper.
    pub fn key(&self) -> VerifierKey {
        self.station.vkey(0)
    }

    pub fn newest_key(&self) -> VerifierKey {
        self.station.vkey(self.station.log.len() - 1)
    }

    pub fn seq_of(&self, kind: &str) -> u64 {
        self.station.seq_of(kind)
    }
}

struct Nodes<'l>(&'l [Digest]);

impl NodeSource for Nodes<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        if level == 0 {
            return self.0.get(usize::try_from(index).ok()?).copied();
        }
        Some(node_hash(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

pub struct Station {
    log: Vec<(SigningKey, u64)>,
    pub evidence: Vec<SigningKey>,
    seed: u8,
    entries: Vec<(Value, Vec<u8>)>,
    leaves: Vec<Digest>,
    hook: Option<Hook>,
}

fn signing(seed: u8, kind: u8, epoch: u8) -> SigningKey {
    let mut bytes = [9; 32];
    bytes[..3].copy_from_slice(&[seed, kind, epoch]);
    SigningKey::from_bytes(&bytes)
}

pub fn public(key: &SigningKey) -> Digest {
    Digest(key.verifying_key().to_bytes())
}

impl Station {
    fn found(seed: u8, hook: Option<Hook>) -> Self {
        let (log, evidence) = (signing(seed, 1, 1), signing(seed, 2, 1));
        let vkey = VerifierKey::new(ORIGIN, public(&log).0).unwrap().to_string();
        let founded = json!({
            "type": "station.founded", "origin": ORIGIN, "unit": "测试单位", "log_vkey": vkey,
            "evidence_key": sshsig::public_line(&public(&evidence).0, ORIGIN),
            "software": {"name": "sealdock", "version": "0"},
            "log_public": public(&log), "evidence_public": public(&evidence),
            "policy_sha256": Digest::of(b""),
        });
        let mut station = Station {
            log: vec![(log, 0)],
            evidence: vec![evidence],
            seed,
            entries: vec![],
            leaves: vec![],
            hook,
        };
        station.say(founded);
        let policy = json!({"type": "policy.adopted", "text": "", "sha256": Digest::of(b"")});
        station.say(policy);
        station
    }

    fn at(&self, stage: Stage) {
        if let Some(hook) = &self.hook {
            hook(self, stage);
        }
    }

    pub fn say(&mut self, event: Value) -> u64 {
        let seq = self.entries.len() as u64;
        let mut entry = Entry {
            seq,
            prev: self.leaves.last().copied().unwrap_or(Digest::ZERO),
            at: json!({"boot": "b", "mono_ms": seq * 1000,
                "wall": format!("2026-11-21T08:15:{:02}.000Z", seq % 60)}),
            actor: json!({"kind": "system"}),
            event,
        };
        self.at(Stage::Entry(&mut entry));
        let mut bytes = entry.encode().unwrap();
        self.at(Stage::EntryBytes(seq, &mut bytes));
        self.leaves.push(leaf_hash(&bytes));
        self.entries.push((entry.event, bytes));
        seq
    }

    pub fn rotate(&mut self, kind: &str) {
        let (old, number) = match kind {
            "log" => (self.log.last().unwrap().0.clone(), self.log.len() + 1),
            _ => (self.evidence.last().unwrap().clone(), self.evidence.len() + 1),
        };
        let new = signing(self.seed, if kind == "log" { 1 } else { 2 }, number as u8);
        let event = rotation(kind, number as u64, &old, &new);
        let seq = self.say(event);
        match kind {
            "log" => self.log.push((new, seq)),
            _ => self.evidence.push(new),
        }
    }

    pub fn replace(&mut self, how: Replace) {
        let (old, number) = match how.key {
            "log" => (self.log.last().unwrap().0.clone(), self.log.len() + 1),
            _ => (self.evidence.last().unwrap().clone(), self.evidence.len() + 1),
        };
        let new = signing(self.seed, if how.key == "log" { 1 } else { 2 }, number as u8);
        let seq = self.say(replacement(how, number as u64, &old, &new));
        match how.key {
            // Unlike after a rotation, the head that covers the entry is the new key's.
            "log" => self.log.push((new, seq - 1)),
            _ => self.evidence.push(new),
        }
    }

    /// A rotation that this station never makes: from its own key where `seed` is the station's, else from
    /// a stranger's, and signed by both keys in it.
    pub fn false_rotation(seed: u8, epoch: u64) -> Value {
        rotation("evidence", epoch, &signing(seed, 2, 1), &signing(seed, 2, 99))
    }

    pub fn vkey(&self, epoch: usize) -> VerifierKey {
        VerifierKey::new(ORIGIN, public(&self.log[epoch].0).0).unwrap()
    }

    /// Entries so far.
    pub fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    pub fn bytes(&self, seq: u64) -> &[u8] {
        &self.entries[seq as usize].1
    }

    /// Leaf hashes of the first entries.
    pub fn leaves(&self, size: u64) -> &[Digest] {
        &self.leaves[..size as usize]
    }

    pub fn seq_of(&self, kind: &str) -> u64 {
        let at = |(event, _): &(Value, Vec<u8>)| event["type"] == kind;
        self.entries.iter().position(at).unwrap() as u64
    }

    fn log_key(&self, size: u64) -> &SigningKey {
        let later = self.log.iter().rev().find(|(_, since)| *since > 0 && since + 1 < size);
        &later.unwrap_or(&self.log[0]).0
    }

    /// A head over any root, soundly signed.
    pub fn sign(&self, size: u64, root: Digest) -> SignedCheckpoint {
        sign_by(self.log_key(size), size, root)
    }

    /// A head over any root by the key of an epoch, from 0, in force or not.
    pub fn sign_by(&self, epoch: usize, size: u64, root: Digest) -> SignedCheckpoint {
        sign_by(&self.log[epoch].0, size, root)
    }

    /// The head of that size by the key of the first epoch, in force or not.
    pub fn head_by_first(&self, size: u64) -> SignedCheckpoint {
        sign_by(&self.log[0].0, size, root_of(&Nodes(&self.leaves), size).unwrap())
    }

    pub fn head(&self, size: u64) -> SignedCheckpoint {
        self.sign(size, root_of(&Nodes(&self.leaves), size).unwrap())
    }

    pub fn proof(&self, seq: u64, size: u64) -> String {
        let path = inclusion_proof(&Nodes(&self.leaves), seq, size).unwrap();
        TlogProof::new(seq, path, self.head(size)).to_string()
    }

    pub fn growth(&self, old: u64, new: u64) -> String {
        let path = consistency_proof(&Nodes(&self.leaves), old, new).unwrap();
        let hashes: String = path.iter().map(|hash| base64(&hash.0) + "\n").collect();
        format!("old {old}\n{hashes}\n{}", self.head(new).note())
    }

    /// The record up to that size as a folder of tiles, as `sealdock log export` writes one.
    pub fn tiles(&self, size: u64) -> Files {
        let mut files = Files::from([("checkpoint".into(), self.head(size).note().into())]);
        for (path, kind) in TilePlan::new(size) {
            let bytes = match kind {
                TileKind::Hashes { level, index, width } => {
                    tile_bytes(&Nodes(&self.leaves), level, index, width).unwrap()
                }
                TileKind::Entries { index, width } => {
                    let first = (index * TILE_WIDTH) as usize;
                    let entries = &self.entries[first..first + width as usize];
                    let bytes: Vec<&[u8]> = entries.iter().map(|(_, it)| it.as_slice()).collect();
                    entry_bundle(&bytes).unwrap()
                }
            };
            files.insert(path, bytes);
        }
        files
    }

    pub fn ssh(&self, namespace: &str, digest: &Digest) -> String {
        ssh_by(self.evidence.last().unwrap(), namespace, digest)
    }

    /// A signature by a key that is not the station's.
    pub fn stranger(namespace: &str, digest: &Digest) -> String {
        ssh_by(&signing(77, 2, 1), namespace, digest)
    }

    pub fn stranger_key() -> VerifierKey {
        VerifierKey::new(ORIGIN, public(&signing(77, 1, 1)).0).unwrap()
    }
}

fn sign_by(key: &SigningKey, size: u64, root: Digest) -> SignedCheckpoint {
    let head = Checkpoint { origin: ORIGIN.into(), size, root };
    let signature = key.sign(head.body().as_bytes()).to_bytes();
    let vkey = VerifierKey::new(ORIGIN, public(key).0).unwrap();
    SignedCheckpoint::assemble(head, &vkey, signature).unwrap()
}

fn ssh_by(key: &SigningKey, namespace: &str, digest: &Digest) -> String {
    let signature = key.sign(&sshsig::signed_bytes(namespace, digest)).to_bytes();
    sshsig::armor(&public(key).0, namespace, signature)
}

fn rotation(kind: &str, epoch: u64, old: &SigningKey, new: &SigningKey) -> Value {
    let (old_public, new_public) = (public(old), public(new));
    let statement = format!(
        "sealdock key rotation v1\n{ORIGIN}\n{kind} {epoch}\nold {old_public}\nnew {new_public}\n"
    );
    let signed = |key: &SigningKey| hex(&key.sign(statement.as_bytes()).to_bytes());
    json!({
        "type": "key.rotated", "key": kind, "epoch": epoch, "old_public": old_public,
        "new_public": new_public, "old_signature": signed(old), "new_signature": signed(new),
    })
}

fn replacement(how: Replace, epoch: u64, old: &SigningKey, new: &SigningKey) -> Value {
    let (old_public, new_public) = (public(old), public(new));
    let Replace { key: kind, cause, since, old: by_old } = how;
    let statement = format!(
        "sealdock key replacement v1\n{ORIGIN}\n{kind} {epoch}\nold {old_public}\nnew {new_public}\n\
         cause {cause}\nsince {}\n",
        since.unwrap_or("-")
    );
    let signed = |key: &SigningKey| hex(&key.sign(statement.as_bytes()).to_bytes());
    let mut event = json!({
        "type": "key.replaced", "key": kind, "epoch": epoch, "old_public": old_public,
        "new_public": new_public, "cause": cause, "reason": "r", "new_signature": signed(new),
    });
    if let Some(since) = since {
        event["since"] = json!(since);
    }
    if by_old {
        event["old_signature"] = json!(signed(old));
    }
    event
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A sound package.
pub fn package(plan: &Plan) -> Package {
    package_with(plan, None)
}

/// A package with something changed on the way.
pub fn package_hooked(
    plan: &Plan,
    hook: impl Fn(&Station, Stage) + Send + Sync + 'static,
) -> Package {
    package_with(plan, Some(Box::new(hook)))
}

fn package_with(plan: &Plan, hook: Option<Hook>) -> Package {
    let mut station = Station::found(plan.seed, hook);
    if plan.rotate_log {
        station.rotate("log");
    }
    if plan.rotate_evidence {
        station.rotate("evidence");
    }
    let (listing, clips) = dock(&mut station, &plan.clips);
    for event in &plan.between {
        station.say(event.clone());
    }
    for how in &plan.replace {
        station.replace(*how);
    }
    let copy = approve(&mut station, &clips);
    if plan.rotate_late {
        station.rotate("log");
    }
    if let Some(how) = plan.replace_late {
        station.replace(how);
    }
    let size = station.len();
    let mut tags = record(&station, size);
    tags.insert(format!("record/listings/{}.json", Digest::of(&listing)), listing);
    for old in &plan.anchors {
        let growth = station.growth(*old, size).into_bytes();
        tags.insert(format!("anchors/{old}.add-checkpoint"), growth);
    }
    keys_and_papers((&station, size), &mut tags);
    let mut payload = Files::new();
    for (clip, content) in clips.iter().zip(&plan.clips) {
        payload.insert(data_name(*clip), content.clone());
        of_clip((*clip, content), &station, &mut tags);
    }
    station.at(Stage::Tags(&mut tags));
    station.at(Stage::Payload(&mut payload));
    let mut manifest = manifest_of(&payload);
    station.at(Stage::Manifest(&mut manifest));
    tags.insert("manifest-sha256.txt".into(), manifest.into_bytes());
    let mut tagmanifest = manifest_of(&tags);
    station.at(Stage::Tagmanifest(&mut tagmanifest));
    let (handover, later) = close((copy, size, &tagmanifest), &mut station, &payload);
    tags.insert("tagmanifest-sha256.txt".into(), tagmanifest.into_bytes());
    tags.extend(payload);
    tags.extend(handover);
    let folder = Memory { called: "V9-1".into(), files: tags, others: BTreeMap::new() };
    Package { folder, station, copy, sizes: (size, later) }
}

pub fn data_name(clip: u64) -> String {
    format!("data/C{clip}_20261121_081506_J800001.mp4")
}

/// A docking: session, listing of the clips and two lines more, custody, end. Listing and clip numbers.
fn dock(station: &mut Station, contents: &[Vec<u8>]) -> (Vec<u8>, Vec<u64>) {
    let session = station.say(json!({
        "type": "session.opened", "bay": "B1", "recorder_claim": "J800001",
        "binding": {"kind": "unassigned", "why": "nobody"}, "fingerprint": "vfat", "profile": "any",
    }));
    let session = format!("S{session}");
    let listing = listing(contents);
    let sizes: usize = contents.iter().map(Vec::len).sum();
    station.say(json!({
        "type": "listing.signed", "session": session, "object": Digest::of(&listing),
        "lines": contents.len() + 2, "files": contents.len() + 1, "bytes": sizes + 9,
        "clock": {"kind": "unknown", "reason": "none"},
    }));
    let mut clips = Vec::new();
    for (line, content) in contents.iter().enumerate() {
        let sha256 = Digest::of(content);
        let mut tree = ChunkTree::new();
        tree.update(content);
        clips.push(station.say(json!({
            "type": "clip.stored", "session": session, "line": line, "recorder_claim": "J800001",
            "raw": hex(format!("DCIM/{line}.MP4").as_bytes()), "name": format!("DCIM/{line}.MP4"),
            "size": content.len(), "sha256": sha256,
            "chunk": {"size": 4_194_304, "root": tree.finish().root},
            "due": [], "media": "video", "marked": false, "copies": ["vault"],
            "read_back": "direct-io", "binding": "unassigned",
            "sshsig": station.ssh("clip@sealdock", &sha256),
            "evidence_epoch": station.evidence.len(),
        })));
    }
    station.say(json!({
        "type": "session.closed", "session": session, "verdict": "done", "summary": "done",
        "stored": contents.len(), "seen": 0, "aside": 0, "wiped": 0,
    }));
    (listing, clips)
}

fn listing(contents: &[Vec<u8>]) -> Vec<u8> {
    let line = |line: usize, kind: &str, name: &str, size: usize| {
        json!({"line": line, "kind": kind, "raw": hex(name.as_bytes()), "name": name, "size": size,
            "media": "video", "marked": false})
    };
    let mut lines: Vec<Value> = contents
        .iter()
        .enumerate()
        .map(|(n, content)| line(n, "file", &format!("DCIM/{n}.MP4"), content.len()))
        .collect();
    lines.push(line(contents.len(), "file", "DCIM/LEFT.MP4", 9));
    lines.push(line(contents.len() + 1, "symlink", "DCIM/link", 0));
    let listing = json!({"v": 1, "at": "2026-11-21T08:15:02.000Z",
        "clock": {"kind": "unknown", "reason": "none"}, "lines": lines});
    to_canonical(&listing).unwrap()
}

/// Request, approval, and the entry that begins the copy.
fn approve(station: &mut Station, clips: &[u64]) -> u64 {
    let names: Vec<String> = clips.iter().map(|clip| format!("C{clip}")).collect();
    let access = station.say(json!({
        "type": "access.requested", "who": "authority", "purpose": "copy",
        "applicant": {"name": "法院", "unit": "法院"}, "matter": "m", "reason": "r",
        "wanted": {"kind": "clips", "clips": names},
    }));
    let access = format!("V{access}");
    station.say(json!({
        "type": "access.approved", "access": access, "purpose": "copy", "clips": names,
        "expires": "2026-12-21T08:15:02.000Z", "times": 1,
    }));
    station.say(json!({
        "type": "copy.carried-out", "access": access, "number": 1, "to": "a disc",
    }))
}

/// `record/` but for listings: every entry of the first head except the policy, which no custody names.
fn record(station: &Station, size: u64) -> Files {
    let mut tags = Files::new();
    tags.insert("record/checkpoint".into(), station.head(size).note().as_bytes().to_vec());
    let shown: BTreeSet<u64> = (0..size).filter(|seq| *seq != 1).collect();
    for seq in shown {
        let bytes = station.entries[seq as usize].1.clone();
        tags.insert(format!("record/entries/{seq}.json"), bytes);
        let proof = station.proof(seq, size).into_bytes();
        tags.insert(format!("record/entries/{seq}.tlog-proof"), proof);
    }
    tags
}

fn keys_and_papers((station, size): (&Station, u64), tags: &mut Files) {
    let mut put = |name: &str, text: String| drop(tags.insert(name.into(), text.into_bytes()));
    let signed = VerifierKey::new(ORIGIN, public(station.log_key(size)).0).unwrap();
    put("keys/log.vkey", format!("{signed}\n"));
    let signers = station.evidence.iter().map(|key| {
        let line = |namespace| {
            sshsig::allowed_signers_line("station7", namespace, &public(key).0, None, None).unwrap()
        };
        format!("{}\n{}\n", line("clip@sealdock"), line("export@sealdock"))
    });
    put("keys/allowed_signers", signers.collect());
    put("READ-ME-FIRST.txt", "先读\nread me\n".into());
    put("bag-info.txt", "Source-Organization: 测试单位\nExternal-Identifier: V9\n".into());
    let bagit = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
    put("bagit.txt", bagit.into());
    put("paper/register.html", "<p>register</p>\n".into());
}

fn of_clip((clip, content): (u64, &[u8]), station: &Station, tags: &mut Files) {
    let mut tree = ChunkTree::new();
    tree.update(content);
    let leaves = tree.finish().leaves.iter().flat_map(|leaf| leaf.0).collect();
    tags.insert(format!("clips/C{clip}/chunks"), leaves);
    let signature = station.entries[clip as usize].0["sshsig"].as_str().unwrap();
    tags.insert(format!("clips/C{clip}/clip.sig"), signature.as_bytes().to_vec());
    tags.insert(format!("paper/C{clip}.html"), b"<p>custody</p>\n".to_vec());
}

pub fn manifest_of(files: &Files) -> String {
    files.iter().map(|(name, bytes)| format!("{}  {name}\n", Digest::of(bytes))).collect()
}

/// `handover/` and the size of the second head.
fn close(
    (copy, first, tagmanifest): (u64, u64, &str),
    station: &mut Station,
    payload: &Files,
) -> (Files, u64) {
    let package = Digest::of(tagmanifest.as_bytes());
    let file = |(name, bytes): (&String, &Vec<u8>)| {
        let name = name.strip_prefix("data/").unwrap();
        let clip = name.split('_').next().unwrap();
        json!({"clip": clip, "name": name, "size": bytes.len(), "sha256": Digest::of(bytes)})
    };
    let files: Vec<Value> = payload.iter().map(file).collect();
    // Something else happened while the bytes were copied.
    station.say(json!({"type": "station.started", "software": {"name": "s", "version": "0"}}));
    let completed = station
        .say(json!({"type": "copy.completed", "copy": copy, "files": files, "package": package}));
    let size = completed + 1;
    let mut handover = Files::new();
    let mut put =
        |name: &str, bytes: Vec<u8>| drop(handover.insert(format!("handover/{name}"), bytes));
    put("completed.json", station.entries[completed as usize].1.clone());
    put("completed.tlog-proof", station.proof(completed, size).into_bytes());
    put("grown.add-checkpoint", station.growth(first, size).into_bytes());
    let signature = station.ssh("export@sealdock", &package);
    put("tagmanifest-sha256.txt.sig", signature.into_bytes());
    station.at(Stage::Handover(&mut handover));
    // The record goes on, so that there are later heads to pin.
    station.say(json!({"type": "station.started", "software": {"name": "s", "version": "1"}}));
    (handover, size)
}
