// A station in memory that makes packages exactly as the design has them, as `crates/verify/tests/packages/build.rs`
// does. A hook looks over its shoulder at every stage and changes what it is about to sign. Nothing here uses the code
// under test: digests and signatures are node's, JSON, tree and proofs are written a second time from the definitions.
import crypto from 'node:crypto';

export const ORIGIN = 'test.example/station7';
const PIECE = 4 * 1024 * 1024;

// ---- formats, from their definitions

const digests = new WeakMap();
/** SHA-256 as hex; large clips are hashed once. */
export const sha = (bytes) => {
  const known = typeof bytes === 'object' && digests.get(bytes);
  if (known) return known;
  const digest = crypto.createHash('sha256').update(bytes).digest('hex');
  if (typeof bytes === 'object') digests.set(bytes, digest);
  return digest;
};
const concat = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const node = (left, right) => sha(concat([1], Buffer.from(left, 'hex'), Buffer.from(right, 'hex')));
export const leafOf = (bytes) => sha(concat([0], bytes));
export const base64 = (hex) => Buffer.from(hex, 'hex').toString('base64');

/** RFC 6962 §2.1, by its recursion. */
const split = (count) => 2 ** Math.floor(Math.log2(count - 1));
export const treeHead = (leaves) => {
  if (leaves.length === 0) return sha('');
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return node(treeHead(leaves.slice(0, k)), treeHead(leaves.slice(k)));
};
const path = (index, leaves) => {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  if (index < k) return [...path(index, leaves.slice(0, k)), treeHead(leaves.slice(k))];
  return [...path(index - k, leaves.slice(k)), treeHead(leaves.slice(0, k))];
};
const growthPath = (old, leaves, whole = true) => {
  if (old === leaves.length) return whole ? [] : [treeHead(leaves)];
  const k = split(leaves.length);
  if (old <= k) return [...growthPath(old, leaves.slice(0, k), whole), treeHead(leaves.slice(k))];
  return [...growthPath(old - k, leaves.slice(k), false), treeHead(leaves.slice(0, k))];
};

export const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
};

const chunks = new WeakMap();
export const chunkLeaves = (content) => {
  const known = chunks.get(content);
  if (known) return known;
  const leaves = [];
  for (let at = 0; at < content.length; at += PIECE) leaves.push(leafOf(content.subarray(at, at + PIECE)));
  chunks.set(content, leaves);
  return leaves;
};

// ---- keys

const pairs = new Map();
export const signing = (seed, kind, epoch) => {
  const name = `${seed} ${kind} ${epoch}`;
  if (!pairs.has(name)) {
    const bytes = Buffer.alloc(32, 9);
    bytes.set([seed, kind, epoch]);
    const der = concat(Buffer.from('302e020100300506032b657004220420', 'hex'), bytes);
    const secret = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const spki = crypto.createPublicKey(secret).export({ format: 'der', type: 'spki' });
    pairs.set(name, { secret, public: spki.subarray(12).toString('hex') });
  }
  return pairs.get(name);
};
export const signed = (key, message) => crypto.sign(null, Buffer.from(message), key.secret);

/** With `type` 4 the key of a witness. */
export const vkey = (name, public_, type = 1) => {
  const typed = concat([type], Buffer.from(public_, 'hex'));
  return `${name}+${sha(concat(`${name}\n`, typed)).slice(0, 8)}+${typed.toString('base64')}`;
};

const str = (content) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.from(content).length);
  return concat(length, content);
};
const sshTyped = (content) => concat(str('ssh-ed25519'), str(content));
export const publicLine = (public_, comment) =>
  `ssh-ed25519 ${sshTyped(Buffer.from(public_, 'hex')).toString('base64')} ${comment}`;
export const signersLine = (namespace, public_) =>
  `station7 namespaces="${namespace}" ${publicLine(public_, '').trimEnd()}`;

export const sshBy = (key, namespace, digest) => {
  const fields = [str(namespace), str(''), str('sha256')];
  const message = concat('SSHSIG', ...fields, str(Buffer.from(digest, 'hex')));
  const publicBlob = sshTyped(Buffer.from(key.public, 'hex'));
  const blob = concat('SSHSIG', [0, 0, 0, 1], str(publicBlob), ...fields, str(sshTyped(signed(key, message))));
  const lines = blob.toString('base64').match(/.{1,70}/g).join('\n');
  return `-----BEGIN SSH SIGNATURE-----\n${lines}\n-----END SSH SIGNATURE-----\n`;
};
export const stranger = (namespace, digest) => sshBy(signing(77, 2, 1), namespace, digest);
export const strangerPublic = () => signing(77, 1, 1).public;
export const strangerKey = () => vkey(ORIGIN, strangerPublic());

/** The witness `name` with the key of number `n`: its vkey, and its line under a note at a time (tlog-cosignature). */
export const witness = (name, n) => {
  const key = signing(n, 3, 1);
  const text = vkey(name, key.public, 4);
  const id = Buffer.from(text.split('+')[1], 'hex');
  const line = (note, time, header = `cosignature/v1\ntime ${time}\n`) => {
    const stamp = Buffer.alloc(8);
    stamp.writeBigUInt64BE(BigInt(time));
    const signature = signed(key, `${header}${note.slice(0, note.indexOf('\n\n') + 1)}`);
    return `\u2014 ${name} ${concat(id, stamp, signature).toString('base64')}\n`;
  };
  return { name, key, text, line };
};

export const rotation = (kind, epoch, old, next) => {
  const statement =
    `sealdock key rotation v1\n${ORIGIN}\n${kind} ${epoch}\nold ${old.public}\nnew ${next.public}\n`;
  return {
    type: 'key.rotated', key: kind, epoch, old_public: old.public, new_public: next.public,
    old_signature: signed(old, statement).toString('hex'), new_signature: signed(next, statement).toString('hex'),
  };
};
/** A key that ends without a rotation: `{ key, cause, since, old }`; `old`: the old key signs, too. */
export const replacement = ({ key, cause, since, old: byOld }, epoch, [old, next]) => {
  const statement =
    `sealdock key replacement v1\n${ORIGIN}\n${key} ${epoch}\nold ${old.public}\nnew ${next.public}\n` +
    `cause ${cause}\nsince ${since || '-'}\n`;
  return {
    type: 'key.replaced', key, epoch, old_public: old.public, new_public: next.public, cause, reason: 'r',
    new_signature: signed(next, statement).toString('hex'), ...(since ? { since } : {}),
    ...(byOld ? { old_signature: signed(old, statement).toString('hex') } : {}),
  };
};
/** A rotation that this station never makes, signed as it would be. */
export const falseRotation = (seed, epoch) => rotation('evidence', epoch, signing(seed, 2, 1), signing(seed, 2, 99));

// ---- the station

const LARGE = Buffer.alloc(PIECE + 1000);
for (let at = 0; at < LARGE.length; at += 1) LARGE[at] = Math.floor(at / 3);
const [FIRST, THIRD, LITTLE] = ['first clip', 'third clip, marked', 'a clip of a few bytes'].map((t) => Buffer.from(t));

/** Three clips, one of them in two pieces. */
export const usual = (changes = {}) => ({
  seed: 1, clips: [FIRST, LARGE, THIRD], rotateLog: false, rotateEvidence: false, anchors: [3], between: [], replace: [],
  late: [], ...changes,
});
/** One clip of a few bytes, for sweeps over every byte. */
export const small = (changes = {}) => usual({ clips: [LITTLE], ...changes });

class Station {
  constructor(seed, hook) {
    const [log, evidence] = [signing(seed, 1, 1), signing(seed, 2, 1)];
    Object.assign(this, { seed, hook, log: [[log, 0]], evidence: [evidence], entries: [], leaves: [] });
    this.say({
      type: 'station.founded', origin: ORIGIN, unit: '测试单位', log_vkey: vkey(ORIGIN, log.public),
      evidence_key: publicLine(evidence.public, ORIGIN), software: { name: 'sealdock', version: '0' },
      log_public: log.public, evidence_public: evidence.public, policy_sha256: sha(''),
    });
    this.say({ type: 'policy.adopted', text: '', sha256: sha('') });
  }

  at(stage, value) {
    if (this.hook) this.hook(stage, value, this);
    return value;
  }

  say(event) {
    const seq = this.entries.length;
    const entry = this.at('entry', {
      seq, prev: this.leaves[seq - 1] || '0'.repeat(64), actor: { kind: 'system' }, event, v: 1,
      at: { boot: 'b', mono_ms: seq * 1000, wall: `2026-11-21T08:15:${String(seq % 60).padStart(2, '0')}.000Z` },
    });
    const { bytes } = this.at('bytes', { seq, bytes: Buffer.from(canonical(entry)) });
    this.leaves.push(leafOf(bytes));
    this.entries.push({ event: entry.event, bytes });
    return seq;
  }

  rotate(kind) {
    const keys = kind === 'log' ? this.log.map(([key]) => key) : this.evidence;
    const next = signing(this.seed, kind === 'log' ? 1 : 2, keys.length + 1);
    const seq = this.say(rotation(kind, keys.length + 1, keys[keys.length - 1], next));
    if (kind === 'log') this.log.push([next, seq]);
    else this.evidence.push(next);
  }

  replace(how) {
    const keys = how.key === 'log' ? this.log.map(([key]) => key) : this.evidence;
    const next = signing(this.seed, how.key === 'log' ? 1 : 2, keys.length + 1);
    const seq = this.say(replacement(how, keys.length + 1, [keys[keys.length - 1], next]));
    // Unlike after a rotation, the head that covers the entry is the new key's.
    if (how.key === 'log') this.log.push([next, seq - 1]);
    else this.evidence.push(next);
  }

  vkey(epoch) {
    return vkey(ORIGIN, this.log[epoch][0].public);
  }

  seqOf(kind) {
    return this.entries.findIndex(({ event }) => event.type === kind);
  }

  /** A head over any root, soundly signed. */
  sign(size, root) {
    return this.signBy(this.log.findLastIndex(([, since]) => since === 0 || since + 1 < size), size, root);
  }

  /** The same by the key of an epoch, from 0, in force or not. */
  signBy(epoch, size, root) {
    const [key] = this.log[epoch];
    const body = `${ORIGIN}\n${size}\n${base64(root)}\n`;
    const id = Buffer.from(vkey(ORIGIN, key.public).split('+')[1], 'hex');
    return `${body}\n\u2014 ${ORIGIN} ${concat(id, signed(key, body)).toString('base64')}\n`;
  }

  head(size) {
    return this.sign(size, treeHead(this.leaves.slice(0, size)));
  }

  proof(seq, size) {
    const hashes = path(seq, this.leaves.slice(0, size)).map((hash) => `${base64(hash)}\n`);
    return `c2sp.org/tlog-proof@v1\nindex ${seq}\n${hashes.join('')}\n${this.head(size)}`;
  }

  growth(old, size) {
    const hashes = old === 0 ? [] : growthPath(old, this.leaves.slice(0, size)).map((hash) => `${base64(hash)}\n`);
    return `old ${old}\n${hashes.join('')}\n${this.head(size)}`;
  }

  ssh(namespace, digest) {
    return sshBy(this.evidence[this.evidence.length - 1], namespace, digest);
  }
}

// ---- the package

export const dataName = (clip) => `data/C${clip}_20261121_081506_J800001.mp4`;
const sorted = (files) => [...files].sort(([one], [other]) => (one < other ? -1 : 1));
export const manifestOf = (files) => sorted(files).map(([name, bytes]) => `${sha(bytes)}  ${name}\n`).join('');

const listingOf = (contents) => {
  const line = (at, kind, name, size) =>
    ({ line: at, kind, raw: Buffer.from(name).toString('hex'), name, size, media: 'video', marked: false });
  const lines = contents.map((content, at) => line(at, 'file', `DCIM/${at}.MP4`, content.length));
  lines.push(line(contents.length, 'file', 'DCIM/LEFT.MP4', 9), line(contents.length + 1, 'symlink', 'DCIM/link', 0));
  const clock = { kind: 'unknown', reason: 'none' };
  return Buffer.from(canonical({ v: 1, at: '2026-11-21T08:15:02.000Z', clock, lines }));
};

/** A docking: session, listing of the clips and two lines more, custody, end. */
const dock = (station, contents) => {
  const opened = station.say({
    type: 'session.opened', bay: 'B1', recorder_claim: 'J800001', binding: { kind: 'unassigned', why: 'nobody' },
    fingerprint: 'vfat', profile: 'any',
  });
  const session = `S${opened}`;
  const listing = listingOf(contents);
  const bytes = contents.reduce((sum, content) => sum + content.length, 9);
  station.say({
    type: 'listing.signed', session, object: sha(listing), lines: contents.length + 2, files: contents.length + 1,
    bytes, clock: { kind: 'unknown', reason: 'none' },
  });
  const clips = contents.map((content, line) => station.say({
    type: 'clip.stored', session, line, recorder_claim: 'J800001',
    raw: Buffer.from(`DCIM/${line}.MP4`).toString('hex'), name: `DCIM/${line}.MP4`, size: content.length,
    sha256: sha(content), chunk: { size: PIECE, root: treeHead(chunkLeaves(content)) }, due: [], media: 'video',
    marked: false, copies: ['vault'], read_back: 'direct-io', binding: 'unassigned',
    sshsig: station.ssh('clip@sealdock', sha(content)), evidence_epoch: station.evidence.length,
  }));
  station.say({
    type: 'session.closed', session, verdict: 'done', summary: 'done', stored: contents.length, seen: 0, aside: 0,
    wiped: 0,
  });
  return { listing, clips };
};

const approve = (station, clips) => {
  const names = clips.map((clip) => `C${clip}`);
  const access = `V${station.say({
    type: 'access.requested', who: 'authority', purpose: 'copy', applicant: { name: '法院', unit: '法院' }, matter: 'm',
    reason: 'r', wanted: { kind: 'clips', clips: names },
  })}`;
  const expires = '2026-12-21T08:15:02.000Z';
  station.say({ type: 'access.approved', access, purpose: 'copy', clips: names, expires, times: 1 });
  return station.say({ type: 'copy.carried-out', access, number: 1, to: 'a disc' });
};

const tagFiles = (station, { listing, clips }, { plan, size }) => {
  const tags = new Map();
  const put = (name, content) => tags.set(name, Buffer.from(content));
  put('record/checkpoint', station.head(size));
  for (let seq = 0; seq < size; seq += 1) {
    if (seq === 1) continue;
    put(`record/entries/${seq}.json`, station.entries[seq].bytes);
    put(`record/entries/${seq}.tlog-proof`, station.proof(seq, size));
  }
  put(`record/listings/${sha(listing)}.json`, listing);
  for (const old of plan.anchors) put(`anchors/${old}.add-checkpoint`, station.growth(old, size));
  put('keys/log.vkey', `${station.vkey(station.log.length - 1)}\n`);
  const signers = station.evidence.flatMap((key) =>
    ['clip@sealdock', 'export@sealdock'].map((namespace) => `${signersLine(namespace, key.public)}\n`));
  put('keys/allowed_signers', signers.join(''));
  put('READ-ME-FIRST.txt', '先读\nread me\n');
  put('bag-info.txt', 'Source-Organization: 测试单位\nExternal-Identifier: V9\n');
  put('bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n');
  put('paper/register.html', '<p>register</p>\n');
  clips.forEach((clip, at) => {
    put(`clips/C${clip}/chunks`, Buffer.from(chunkLeaves(plan.clips[at]).join(''), 'hex'));
    put(`clips/C${clip}/clip.sig`, station.entries[clip].event.sshsig);
    put(`paper/C${clip}.html`, '<p>custody</p>\n');
  });
  return tags;
};

/** `handover/` and the size of the second head. */
const close = (station, { copy, size, tagmanifest, payload }) => {
  const files = sorted(payload).map(([name, bytes]) => {
    const label = name.slice('data/'.length);
    return { clip: label.split('_')[0], name: label, size: bytes.length, sha256: sha(bytes) };
  });
  // Something else happened while the bytes were copied.
  station.say({ type: 'station.started', software: { name: 's', version: '0' } });
  const package_ = sha(tagmanifest);
  const completed = station.say({ type: 'copy.completed', copy, files, package: package_ });
  const later = completed + 1;
  const handover = new Map([
    ['handover/completed.json', station.entries[completed].bytes],
    ['handover/completed.tlog-proof', Buffer.from(station.proof(completed, later))],
    ['handover/grown.add-checkpoint', Buffer.from(station.growth(size, later))],
    ['handover/tagmanifest-sha256.txt.sig', Buffer.from(station.ssh('export@sealdock', package_))],
  ]);
  station.at('handover', handover);
  // The record goes on, so that there are later heads to pin.
  station.say({ type: 'station.started', software: { name: 's', version: '1' } });
  return { handover, later };
};

/** A package: `{ called, files, station, copy, sizes, key }`; `hook(stage, value, station)` changes it on the way. */
export const makePackage = (plan, hook) => {
  const station = new Station(plan.seed, hook);
  if (plan.rotateLog) station.rotate('log');
  if (plan.rotateEvidence) station.rotate('evidence');
  const docked = dock(station, plan.clips);
  for (const event of plan.between) station.say(event);
  for (const how of plan.replace) station.replace(how);
  const copy = approve(station, docked.clips);
  for (const how of plan.late) station.replace(how);
  const size = station.entries.length;
  const tags = tagFiles(station, docked, { plan, size });
  const payload = new Map(docked.clips.map((clip, at) => [dataName(clip), plan.clips[at]]));
  station.at('tags', tags);
  station.at('payload', payload);
  const manifest = station.at('manifest', { text: manifestOf(payload) }).text;
  tags.set('manifest-sha256.txt', Buffer.from(manifest));
  const tagmanifest = station.at('tagmanifest', { text: manifestOf(tags) }).text;
  const { handover, later } = close(station, { copy, size, tagmanifest, payload });
  tags.set('tagmanifest-sha256.txt', Buffer.from(tagmanifest));
  const files = new Map(sorted([...tags, ...payload, ...handover]));
  return { called: 'V9-1', files, station, copy, sizes: [size, later], key: station.vkey(0) };
};

// ---- as a folder for the verifier

export const blob = (bytes) => ({
  size: bytes.length,
  slice: (from, to) => ({
    arrayBuffer: async () => {
      const part = bytes.subarray(from, to);
      return part.buffer.slice(part.byteOffset, part.byteOffset + part.length);
    },
  }),
});
export const blobs = (files) => new Map([...files].map(([name, held]) => [name, held.kind ? held : blob(held)]));
